//! Which device has which software and vulnerability, row by row: up to hundreds of thousands, `api/defender.md` 9. A row
//! without a CVE is installed software against which nothing is known.
//!
//! A row is about its device: verbs, links and the detail are the device's. Only the columns are kept, not the texts.

use super::words::{EXPLOIT, WEAKNESS, canonical};
use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};
use table::Txt;

pub static SPEC: Spec = Spec {
    digit: '7',
    title: "Exposed",
    one: "exposure",
    sort: WORST,
    views: VIEWS,
    needs: vulnerability::NEEDS,
    ..Spec::of(Kind::Exposed, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get).every(21_600);

/// Rows of a page: about a kilobyte each, and an answer may have sixteen megabytes.
const PAGE: &str = "10000";

const WORST: &[(&str, Direction)] = &[
    ("vulnerabilitySeverityLevel", Direction::Down),
    ("exploitabilityLevel", Direction::Down),
];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("vulnerable", "cve:*", WORST),
    View::new("exploited", "exploit>=public", WORST),
    View::new("without a fix", "cve:* fix:no", WORST),
    View::new("all", "", WORST),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "the service's id of the row").wide(8, 40),
    Column::new("deviceName", "device", Shape::Text(Meaning::Host), "name of the device").also(&["device", "name", "host"]).wide(14, 22).grow(9).drop(0),
    Column::new("cveId", "CVE", Shape::Text(Meaning::Title), "the vulnerability; empty where none is known: cve:CVE-2021-44228").also(&["cve"]).wide(14, 16).drop(0),
    Column::new("vulnerabilitySeverityLevel", "sev", Shape::Ranked(WEAKNESS), "severity: sev>=high").also(&["sev", "severity"]).wide(4, 4).drop(1),
    Column::new("exploitabilityLevel", "exploit", Shape::Ranked(EXPLOIT), "what is known to exploit it: exploit>=public").also(&["exploit"]).wide(7, 8).drop(2),
    Column::new("softwareName", "software", Shape::Text(Meaning::Plain), "software it is in: sw:chrome").also(&["software", "sw"]).wide(12, 20).drop(1),
    Column::new("softwareVersion", "version", Shape::Text(Meaning::Plain), "installed version: ver:131").also(&["version", "ver"]).wide(8, 14).drop(2),
    Column::new("cvssScore", "CVSS", Shape::Real, "score 0 to 10").also(&["cvss"]).wide(4, 4).drop(4),
    Column::new("securityUpdateAvailable", "fix", Shape::Bool, "an update mends it: fix:no").also(&["fix"]).wide(3, 3).drop(5),
    Column::new("recommendedSecurityUpdate", "update", Shape::Text(Meaning::Plain), "the update that mends it").also(&["update", "kb"]).wide(6, 20),
    Column::new("lastSeenTimestamp", "seen", Shape::Time, "when it was last seen: seen<7d").also(&["seen"]).wide(4, 4).drop(3),
    Column::new("firstSeenTimestamp", "first", Shape::Time, "when it was first seen").also(&["first"]).wide(5, 5),
    Column::new("softwareVendor", "vendor", Shape::Text(Meaning::Plain), "who makes the software").also(&["vendor"]).wide(8, 14).drop(6),
    Column::new("osPlatform", "os", Shape::Text(Meaning::Word), "system of the device").also(&["os"]).wide(9, 14).drop(7),
    Column::new("rbacGroupName", "group", Shape::Text(Meaning::Plain), "device group").also(&["group", "rbac"]).wide(5, 14),
    Column::new("deviceId", "device id", Shape::Text(Meaning::Id), "Defender's id of the device").wide(9, 40),
];

fn list(_since: Option<Ticks>) -> Call {
    Call::get(
        Service::Defender,
        Path::new("/machines/SoftwareVulnerabilitiesByMachine"),
    )
    .query("pageSize", PAGE)
    .needs(vulnerability::NEEDS)
    .none_is_404()
    .pages(Pages::Links { at_most: 1_000_000 })
}

/// There is no call for one row; what can be read is its device, with which the id begins.
fn get(key: &Key) -> Result<Call, BadPath> {
    let id = key.id.txt().exact();
    let machine = id.split('_').next().unwrap_or(id);
    let path = Path::new("/machines").id(Txt::new(machine))?;
    Ok(Call::get(Service::Defender, path).needs(device::NEEDS))
}

/// An instant with a blank for the `T` and without a zone, which is UTC.
fn instant(row: Json<'_>, name: &str) -> Option<Ticks> {
    let text = row.str(name)?;
    Ticks::parse(text).or_else(|| Ticks::parse(&format!("{}Z", text.replacen(' ', "T", 1))))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "a row of software and device")?;
    to.texts(
        row,
        &[
            "deviceName",
            "cveId",
            "softwareName",
            "softwareVersion",
            "softwareVendor",
            "recommendedSecurityUpdate",
            "osPlatform",
            "deviceId",
        ],
    );
    // the service's words for "none"
    let group = row.str("rbacGroupName");
    to.text(
        "rbacGroupName",
        group.filter(|g| !matches!(*g, "None" | "Unassigned")),
    );
    let level = "vulnerabilitySeverityLevel";
    to.text(level, row.str(level).map(|w| canonical(WEAKNESS, w)));
    to.ranked(row, "exploitabilityLevel", EXPLOIT);
    to.real("cvssScore", row.real("cvssScore").filter(|n| *n > 0.0));
    let fix = row.bool("securityUpdateAvailable");
    to.bool("securityUpdateAvailable", fix);
    for name in ["firstSeenTimestamp", "lastSeenTimestamp"] {
        to.time(name, instant(row, name));
    }
    Ok(())
}
