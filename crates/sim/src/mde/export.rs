//! The bulk exports: every machine with its software, weaknesses and configurations. The only lists of Defender with next links; the
//! `…Export` forms answer with links to files instead, which take no token.

use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Cx, Fault};
use crate::clock::iso;
use crate::tenant::Tenant;
use crate::wire::answer::{Answer, Pieces, Tail};
use crate::world::settings::{SETTINGS, blank};
use crate::world::stamp::{DAY, HOUR};
use crate::world::{Obj, World, obj};

/// Rows on a page without `pageSize` (assumed), and at most.
const PAGE: (usize, usize) = (50_000, 200_000);
/// Machines written at a time.
const BLOCK: usize = 8;

/// Which export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Vulnerabilities,
    Software,
    Settings,
}

impl What {
    fn context(self) -> &'static str {
        match self {
            What::Vulnerabilities => {
                "Collection(microsoft.windowsDefenderATP.api.AssetVulnerability)"
            }
            What::Software => "Collection(microsoft.windowsDefenderATP.api.AssetSoftware)",
            What::Settings => "Collection(microsoft.windowsDefenderATP.api.AssetConfiguration)",
        }
    }

    fn name(self) -> &'static str {
        match self {
            What::Vulnerabilities => "va",
            What::Software => "inventory",
            What::Settings => "sca",
        }
    }

    /// Rows of one machine.
    fn rows(self, world: &World, machine: usize) -> Vec<Obj> {
        match self {
            What::Vulnerabilities => vulnerabilities(world, machine),
            What::Software => inventory(world, machine),
            What::Settings => (0..SETTINGS.len())
                .filter_map(|n| world.setting_json(machine, n))
                .collect(),
        }
    }
}

fn common(world: &World, machine: usize) -> Obj {
    let row = world.machine_row(machine);
    obj(json!({
        "deviceId": row.id,
        "deviceName": row.dns_name,
        "rbacGroupId": row.rbac_group_id,
        "rbacGroupName": row.rbac_group.unwrap_or("Unassigned"),
        "osPlatform": row.os_platform,
        "osVersion": row.version,
        "osArchitecture": "x64",
    }))
}

fn vulnerabilities(world: &World, machine: usize) -> Vec<Obj> {
    let weak = world.exposed_on(machine);
    let dice = world.now();
    let mut rows = Vec::new();
    for (product, name, version) in world.machine_software_names(machine) {
        let mut base = common(world, machine);
        base.insert("softwareVendor".into(), json!(product));
        base.insert("softwareName".into(), json!(name));
        base.insert("softwareVersion".into(), json!(version));
        let own: Vec<_> = weak
            .iter()
            .filter(|r| {
                let words = world.exposed_words(**r);
                words.2 == product && words.3 == name
            })
            .collect();
        let first = blank(dice.plus(-(20 + machine as i64 % 90) * DAY));
        let last = blank(dice.plus(-(machine as i64 % 20) * HOUR).whole_second());
        let mut push = |cve: Option<&Obj>| {
            let mut row = obj(json!({
                "id": format!("{}_{product}_{name}_{version}_{}", world.machine_row(machine).id, cve.map_or("", |c| c["id"].as_str().unwrap_or_default())),
            }));
            row.extend(base.clone());
            let kit = |key: &str| cve.is_some_and(|c| c[key] == true);
            let level = match (
                kit("exploitInKit"),
                kit("exploitVerified"),
                kit("publicExploit"),
            ) {
                (true, ..) => "ExploitIsInKit",
                (_, true, _) => "ExploitIsVerified",
                (_, _, true) => "ExploitIsPublic",
                _ => "NoExploit",
            };
            let of = |key: &str| cve.map_or(Value::Null, |c| c[key].clone());
            let kb = name.starts_with("windows").then_some("5046616");
            row.extend(obj(json!({
                "cveId": of("id"),
                "vulnerabilitySeverityLevel": of("severity"),
                "cvssScore": of("cvssV3"),
                "exploitabilityLevel": if cve.is_some() { json!(level) } else { Value::Null },
                "recommendedSecurityUpdate": kb.map(|_| "November 2024 Security Updates"),
                "recommendedSecurityUpdateId": kb,
                "recommendedSecurityUpdateUrl": kb.map(|k| format!("https://catalog.update.microsoft.com/v7/site/Search.aspx?q=KB{k}")),
                "securityUpdateAvailable": cve.is_some(),
                "diskPaths": [format!("C:\\Program Files\\{name}")],
                "registryPaths": [],
                "firstSeenTimestamp": first,
                "lastSeenTimestamp": last,
                "recommendationReference": format!("va-_-{product}-_-{name}"),
            })));
            rows.push(row);
        };
        // installed, and nothing known against it: a row without a CVE
        if own.is_empty() {
            push(None);
        }
        for row in own {
            push(Some(&world.vulnerability_json(usize::from(row.weakness))));
        }
    }
    rows
}

fn inventory(world: &World, machine: usize) -> Vec<Obj> {
    let weak = world.exposed_on(machine);
    let all = world.machine_software_names(machine).into_iter();
    all.map(|(vendor, name, version)| {
        let count = weak
            .iter()
            .filter(|r| {
                let words = world.exposed_words(**r);
                words.2 == vendor && words.3 == name
            })
            .count();
        let id = world.software_by_id(&format!("{vendor}-_-{name}"));
        let ended = id.is_some_and(|n| {
            (0..3).any(|v| world.software_version(n, v) == (version, true))
        });
        let mut row = common(world, machine);
        row.extend(obj(json!({
            "softwareVendor": vendor,
            "softwareName": name,
            "softwareVersion": version,
            "numberOfWeaknesses": count,
            "diskPaths": [format!("C:\\Program Files\\{name}")],
            "registryPaths": [],
            "softwareFirstSeenTimestamp": blank(world.now().plus(-(30 + machine as i64 % 200) * DAY).whole_second()),
            "endOfSupportStatus": if ended { json!("EOS Version") } else { Value::Null },
            "endOfSupportDate": if ended { json!(blank(world.support_ended())) } else { Value::Null },
        })));
        row
    })
    .collect()
}

/// Rows from one on, as a body that is written while it is sent.
struct Export {
    world: Arc<World>,
    what: What,
    /// Machine to begin at, rows of it to leave out, rows to write.
    machine: usize,
    skip: usize,
    count: usize,
    /// Rows written before each block.
    before: Vec<usize>,
    end: Vec<u8>,
}

impl Pieces for Export {
    fn piece(&self, n: usize) -> Option<Vec<u8>> {
        let blocks = self.before.len() - 1;
        if n >= blocks {
            return (n == blocks).then(|| self.end.clone());
        }
        let from = self.machine + n * BLOCK;
        let rows = (from..(from + BLOCK).min(self.world.machine_count()))
            .flat_map(|m| self.what.rows(&self.world, m));
        let skip = if n == 0 { self.skip } else { 0 };
        let mut out = Vec::new();
        let room = self.count.saturating_sub(self.before[n]);
        for (k, row) in rows.skip(skip).take(room).enumerate() {
            if k > 0 || self.before[n] > 0 {
                out.push(b',');
            }
            let _ = serde_json::to_writer(&mut out, &row);
        }
        Some(crate::world::wire_bytes(out))
    }
}

fn page(cx: &Cx<'_>, what: What) -> Result<Answer, Fault> {
    let world = Arc::clone(cx.tenant.world());
    let number = |text: &str| text.parse::<usize>().ok();
    let size = match cx.options.plain("pageSize") {
        None => PAGE.0,
        Some(text) => number(text)
            .filter(|n| (1..=PAGE.1).contains(n))
            .ok_or_else(|| {
                Fault::new(
                    400,
                    "BadRequest",
                    format!("pageSize must be between 1 and {}.", PAGE.1),
                )
            })?,
    };
    let (machine, skip) = match cx.options.skiptoken.as_deref() {
        None => (0, 0),
        Some(token) => token
            .split_once('-')
            .and_then(|(m, s)| Some((number(m)?, number(s)?)))
            .filter(|(m, _)| *m < world.machine_count())
            .ok_or_else(|| Fault::new(400, "BadRequest", "The skiptoken is not valid."))?,
    };
    let count = match cx.options.top {
        Some(top) => size.min(usize::try_from(top).unwrap_or(usize::MAX)),
        None => size,
    };
    // how many rows each block brings, until the page is full
    let mut before = vec![0];
    let (mut sum, mut at, mut left_in) = (0, machine, None);
    let mut to_skip = skip;
    while at < world.machine_count() && left_in.is_none() {
        for m in at..(at + BLOCK).min(world.machine_count()) {
            let own = what.rows(&world, m).len();
            let taken = own.saturating_sub(to_skip).min(count - sum);
            sum += taken;
            if left_in.is_none() && sum == count {
                let done = to_skip + taken;
                left_in = Some(if done < own { (m, done) } else { (m + 1, 0) });
            }
            to_skip = 0;
            if left_in.is_some() {
                break;
            }
        }
        before.push(sum);
        at += BLOCK;
    }
    let next = left_in.filter(|(m, _)| *m < world.machine_count() && cx.options.top.is_none());
    let mut end = b"]".to_vec();
    if let Some((m, done)) = next {
        let link = format!(
            "{}{}{}?pageSize={size}&$skiptoken={m}-{done}",
            cx.ask.origin,
            cx.ask.service.root(),
            cx.ask.path
        );
        end.extend_from_slice(b",\"@odata.nextLink\":");
        let _ = serde_json::to_writer(&mut end, &link);
    }
    end.push(b'}');
    let mut head = b"{\"@odata.context\":".to_vec();
    let _ = serde_json::to_writer(&mut head, &cx.context(what.context()));
    head.extend_from_slice(b",\"value\":[");
    let mut answer = Answer::bytes(200, "application/json; odata.metadata=minimal", head);
    answer.tail = Some(Tail(Arc::new(Export {
        world,
        what,
        machine,
        skip,
        count,
        before,
        end,
    })));
    Ok(answer)
}

/// `GET /machines/SoftwareVulnerabilitiesByMachine`
pub(super) fn by_machine(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    page(cx, What::Vulnerabilities)
}

/// `GET /machines/SoftwareInventoryByMachine`
pub(super) fn software(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    page(cx, What::Software)
}

/// `GET /machines/SecureConfigurationsAssessmentByMachine`
pub(super) fn settings(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    page(cx, What::Settings)
}

/// `GET /machines/SoftwareVulnerabilityChangesByMachine?sinceTime=`: what was found or fixed since, at most 14 days back.
pub(super) fn changes(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let bad = |text: &str| Fault::new(400, "BadRequest", text);
    let since = cx
        .options
        .plain("sinceTime")
        .and_then(crate::odata::filter::time)
        .ok_or_else(|| bad("sinceTime is missing or malformed."))?;
    let now = cx.tenant.clock.told();
    if now.duration_since(since) > SignedDuration::from_hours(14 * 24) {
        return Err(bad("sinceTime must be within the past 14 days."));
    }
    let days = now.duration_since(since).as_hours() / 24;
    let world = cx.world;
    let mut rows = Vec::new();
    for machine in (0..world.machine_count())
        .filter(|m| (m % 15) as i64 <= days)
        .step_by(3)
    {
        for mut row in vulnerabilities(world, machine).into_iter().take(1) {
            let status = ["New", "Fixed", "Updated"][machine % 3];
            row.insert("status".into(), json!(status));
            row.insert(
                "eventTimestamp".into(),
                json!(blank(
                    world
                        .now()
                        .plus(-((machine % 15) as i64) * DAY)
                        .whole_second()
                )),
            );
            rows.push(row);
        }
    }
    Ok(super::list::write(
        cx,
        What::Vulnerabilities.context(),
        None,
        rows.into_iter(),
    ))
}

/// The same as files: `GET /machines/…Export`
pub(super) fn files(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let what = match path.last().map(|p| p.to_ascii_lowercase()).as_deref() {
        Some("softwareinventoryexport") => What::Software,
        Some("secureconfigurationsassessmentexport") => What::Settings,
        _ => What::Vulnerabilities,
    };
    let now = cx.tenant.clock.told();
    let until = now.as_second() + 3_600;
    let link = |n: usize| {
        format!(
            "{}/tvmexport/{}/{n}.json.gz?se={until}&sig={}",
            cx.tenant.info.files,
            what.name(),
            signature(cx.tenant, what, n, until)
        )
    };
    let body = json!({
        "@odata.context": cx.context("microsoft.windowsDefenderATP.api.ExportFilesResponse"),
        "exportFiles": [link(0), link(1)],
        "generatedTime": iso(now),
    });
    Ok(Answer::json(200, &body))
}

fn signature(tenant: &Tenant, what: What, n: usize, until: i64) -> String {
    let number = until as u64 ^ (n as u64) << 50 ^ (what as u64) << 56;
    crate::tenant::guid(tenant.flags.seed, number).replace('-', "")
}

/// A file of an export: gzip of JSON lines; one of two has every second machine. None where the path is no such file.
pub(super) fn file(tenant: &Tenant, path: &str, options: &[(String, String)]) -> Option<Answer> {
    let (kind, name) = path.strip_prefix("/tvmexport/")?.split_once('/')?;
    let what = [What::Vulnerabilities, What::Software, What::Settings]
        .into_iter()
        .find(|w| w.name() == kind)?;
    let n: usize = name.strip_suffix(".json.gz")?.parse().ok()?;
    let option = |key: &str| {
        options
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    };
    let until: i64 = option("se")?.parse().ok()?;
    if option("sig") != Some(signature(tenant, what, n, until).as_str())
        || until <= tenant.clock.told().as_second()
    {
        return Some(Answer::bytes(
            403,
            "text/plain",
            "The link is not valid, or no longer.",
        ));
    }
    let world = tenant.world();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    for machine in (n..world.machine_count()).step_by(2) {
        for row in what.rows(world, machine) {
            let mut line = serde_json::to_vec(&row).unwrap_or_default();
            line.push(b'\n');
            let written = packed.write_all(&line);
            debug_assert!(written.is_ok(), "a vector takes what it is given");
        }
    }
    Some(Answer::bytes(
        200,
        "application/octet-stream",
        packed.finish().unwrap_or_default(),
    ))
}
