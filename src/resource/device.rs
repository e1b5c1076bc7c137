//! Devices: the machines of Defender for Endpoint, `api/defender.md` 4. The whole inventory, not only what has alerts.

use super::words::{self, CERTAINTY, COMBINED, EXPOSURE, HEALTH, ONBOARDING, RISK, VALUE};
use super::*;
use super::{profile, risk};
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};
use std::collections::BTreeSet;

pub static SPEC: Spec = Spec {
    digit: '3',
    title: "Devices",
    one: "device",
    sort: &[
        ("combinedRisk", Direction::Down),
        ("riskPoints", Direction::Down),
        ("computerDnsName", Direction::Up),
    ],
    sections: detail::device::SECTIONS,
    refs: detail::links::device_refs,
    portal: detail::links::device_portal,
    summary: detail::links::device_summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::Device, COLUMNS, decode, LISTING)
};

// rows carry no instant of change: the inventory is read whole, at least hourly (S2-4)
const LISTING: Listing = Listing::of(list, get).searched(search);

pub const NEEDS: &[&str] = &[
    "Machine.Read.All",
    "Machine.ReadWrite.All",
    "Machine.Read",
    "Machine.ReadWrite",
];

/// Rows a page. The service gives 10,000, which may be more than the 16 MiB that an answer may have, and comes late.
const PAGE: u32 = 2_000;

const BY_RISK: &[(&str, Direction)] = &[
    ("combinedRisk", Direction::Down),
    ("riskPoints", Direction::Down),
];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("high risk", "combined>=high", BY_RISK),
    View::new("inactive", "health:inactive,impair,nodata,silent", &[("lastSeen", Direction::Up)]),
    View::new("servers", "server:yes", BY_RISK),
    View::new("in a cloud", "cloud:any", BY_RISK),
    View::new("exposed", "exp>=high", BY_RISK),
    View::new("not onboarded", "!onb:onboarded", &[("lastSeen", Direction::Down)]),
    View::new("unknown OS", "profile=\"unknown OS\"", &[("lastSeen", Direction::Down)]),
    View::new("all", "", &[("computerDnsName", Direction::Up)]),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "Defender's id of the machine").wide(8, 40),
    Column::new("computerDnsName", "name", Shape::Text(Meaning::Host), "name of the device").also(&["name", "host", "device", "dev"]).wide(14, 36).grow(9).drop(0),
    Column::new("combinedRisk", "comb", Shape::Ranked(COMBINED), "one level out of risk, exposure, value and health: combined>=high").also(&["combined", "comb"]).wide(4, 4).drop(0),
    Column::new("riskScore", "risk", Shape::Ranked(RISK), "Defender's risk level: risk>=med").also(&["risk"]).wide(4, 4).drop(2),
    Column::new("exposureLevel", "exp", Shape::Ranked(EXPOSURE), "exposure level: exp:high").also(&["exp", "exposure"]).wide(4, 4).drop(3),
    Column::new("profile", "system", Shape::Text(Meaning::Plain), "group by system and version: profile:\"Windows 11\"").also(&["system", "group"]).wide(14, 20).drop(2),
    Column::new("healthStatus", "health", Shape::Ranked(HEALTH), "state of the sensor").also(&["health"]).wide(6, 6).drop(3),
    Column::new("lastSeen", "seen", Shape::Time, "last full report: seen<24h, seen>30d").also(&["seen"]).wide(4, 4).drop(1),
    Column::new("osPlatform", "os", Shape::Text(Meaning::Word), "Defender's platform: os:server").also(&["os"]).wide(9, 17).drop(7),
    Column::new("version", "version", Shape::Text(Meaning::Word), "version of the system").also(&["ver"]).wide(7, 8),
    Column::new("profileSource", "certain", Shape::Ranked(CERTAINTY), "whether the group comes from Defender or was inferred here: certain:inferred").also(&["certain", "certainty"]).wide(7, 7),
    Column::new("riskPoints", "pts", Shape::Int, "points of the combined risk, 0 to 100").also(&["pts", "points"]).wide(3, 3),
    Column::new("deviceValue", "value", Shape::Ranked(VALUE), "value set for the device").also(&["value"]).wide(5, 5).drop(7),
    Column::new("onboardingStatus", "onb", Shape::Ranked(ONBOARDING), "onboarding: onb:can, !onb:onboarded").also(&["onb", "onboarding"]).wide(6, 6).drop(6),
    Column::new("rbacGroupName", "dev group", Shape::Text(Meaning::Plain), "device group").also(&["rbac", "devgroup"]).wide(9, 14).drop(7),
    Column::new("machineTags", "tags", Shape::Words(Meaning::Tag), "tags: tag:vip, !tag:test").also(&["tag", "tags"]).wide(8, 16).drop(5),
    Column::new("ips", "ip", Shape::Words(Meaning::Address), "addresses: ip:10.0.0.4").also(&["ip"]).wide(13, 15).drop(4),
    Column::new("isServer", "server", Shape::Bool, "a server: server:yes").also(&["server"]).wide(6, 6),
    Column::new("cloudResourceId", "cloud resource", Shape::Text(Meaning::Plain), "resource of the virtual machine: cloud:any").also(&["cloud"]).wide(14, 30),
    Column::new("cloudProvider", "provider", Shape::Text(Meaning::Word), "cloud it runs in").also(&["provider"]).wide(8, 8),
    Column::new("aadDeviceId", "Entra id", Shape::Text(Meaning::Id), "Entra's id of the device").also(&["aad", "entra"]).wide(8, 36),
    Column::new("firstSeen", "first", Shape::Time, "first report: first<7d").also(&["first"]).wide(5, 5),
    Column::new("managedBy", "managed by", Shape::Text(Meaning::Word), "what manages it").also(&["mgr", "managed"]).wide(10, 16),
    Column::new("isExcluded", "excl", Shape::Bool, "excluded from vulnerability management").also(&["excluded"]).wide(4, 4),
    Column::new("mergedIntoMachineId", "merged into", Shape::Text(Meaning::Id), "the record it was folded into: merged:any").also(&["merged"]).wide(11, 40),
];

fn list(_since: Option<Ticks>) -> Call {
    Call::get(Service::Defender, Path::new("/machines"))
        .pages(Pages::Skip {
            top: PAGE,
            at_most: 1_000_000,
        })
        .needs(NEEDS)
        .none_is_404()
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new("/machines").id(key.id.txt())?;
    Ok(Call::get(Service::Defender, path).needs(NEEDS))
}

/// Machines whose name begins so; values are compared by case, and names are written small.
fn search(words: &str) -> Call {
    let name = words.trim().to_lowercase();
    let literal = table::Txt::new(&name).odata_literal();
    Call::get(Service::Defender, Path::new("/machines"))
        .query("$filter", format!("startswith(computerDnsName,{literal})"))
        .query("$top", "100")
        .needs(NEEDS)
        .none_is_404()
}

/// Machines whose last address this was.
pub(super) fn by_last_ip(ip: table::Txt<'_>) -> Call {
    Call::get(Service::Defender, Path::new("/machines"))
        .query(
            "$filter",
            format!("lastIpAddress eq {}", ip.odata_literal()),
        )
        .query("$top", "100")
        .needs(NEEDS)
        .none_is_404()
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "a machine")?;
    to.ranked(row, "riskScore", RISK);
    to.ranked(row, "exposureLevel", EXPOSURE);
    to.ranked(row, "healthStatus", HEALTH);
    to.ranked(row, "onboardingStatus", ONBOARDING);
    to.ranked(row, "deviceValue", VALUE);
    to.texts(
        row,
        &[
            "computerDnsName",
            "osPlatform",
            "version",
            "rbacGroupName",
            "aadDeviceId",
            "managedBy",
            "mergedIntoMachineId",
        ],
    );
    to.times(row, &["lastSeen", "firstSeen"]);
    to.lists(row, &["machineTags"]);
    to.bool("isExcluded", row.bool("isExcluded"));
    let vm = row.at("vmMetadata");
    to.text("cloudResourceId", vm.str("resourceId"));
    to.text("cloudProvider", vm.str("cloudProvider"));
    to.bool("isServer", profile::is_server(row));
    to.some_words("ips", &addresses(row));

    let group = profile::profile(row);
    to.text("profile", Some(&group.name));
    to.text("profileSource", Some(group.certainty));
    let level = risk::combined(inputs(row));
    to.text(
        "combinedRisk",
        Some(words::canonical(COMBINED, level.level)),
    );
    to.int("riskPoints", Some(i64::from(level.points)));
    Ok(())
}

/// What the combined level is made from, without the vulnerabilities that the list does not have.
pub fn inputs(machine: Json<'_>) -> risk::Inputs<'_> {
    risk::Inputs {
        risk: machine.str("riskScore"),
        exposure: machine.str("exposureLevel"),
        value: machine.str("deviceValue"),
        health: machine.str("healthStatus"),
        weakness: None,
    }
}

/// Every address of a machine once, the last used first.
fn addresses(machine: Json<'_>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let named = [
        machine.str("lastIpAddress"),
        machine.str("lastExternalIpAddress"),
    ];
    let listed = machine
        .list("ipAddresses")
        .filter_map(|i| i.str("ipAddress").or_else(|| i.as_str()));
    named
        .into_iter()
        .flatten()
        .chain(listed)
        .filter(|ip| seen.insert(*ip))
        .map(str::to_owned)
        .collect()
}
