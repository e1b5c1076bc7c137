//! `/files`, `/domains`, `/ips`: facts for a preview, and where something was seen.

use std::net::IpAddr;

use serde_json::json;

use super::{Cx, Fault, alerts, list, machines};
use crate::queue::{self, Origin};
use crate::response::facts::{Facts, FileFact, Seen};
use crate::wire::answer::Answer;
use crate::world::obj;

/// Hours that can be looked back, at most.
const LOOK_BACK: u64 = 720;

fn facts<'a>(cx: &'a Cx<'_>) -> &'a Facts {
    let facts = &cx.tenant.response.facts;
    facts.get_or_init(|| Facts::gather(cx.world))
}

fn file<'a>(cx: &'a Cx<'_>, hash: &str, sha1: bool) -> Result<&'a FileFact, Fault> {
    let long = hash.len() == 40 || (!sha1 && hash.len() == 64);
    if !long || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
        let text = format!("'{hash}' is not a valid hash here.");
        return Err(Fault::new(400, "InvalidHashValue", text));
    }
    facts(cx)
        .file(hash)
        .ok_or_else(|| Fault::none("File", hash))
}

/// Machines that hold a file: what comes with the system is on all Windows machines.
fn holders(cx: &Cx<'_>, file: &FileFact) -> Vec<usize> {
    if !file.is_common() {
        return file.seen.machines.iter().copied().collect();
    }
    let windows = |i: &usize| {
        let row = cx.world.machine_row(*i);
        row.onboarding == "Onboarded" && row.os_platform.starts_with("Windows")
    };
    (0..cx.world.machine_count()).filter(windows).collect()
}

fn looked_back(cx: &Cx<'_>) -> Result<(), Fault> {
    match cx.options.plain("lookBackHours") {
        None => Ok(()),
        Some(text)
            if text
                .parse::<u64>()
                .is_ok_and(|h| (1..=LOOK_BACK).contains(&h)) =>
        {
            Ok(())
        }
        Some(text) => Err(Fault::new(
            400,
            "InvalidInput",
            format!("lookBackHours '{text}' must be between 1 and {LOOK_BACK}."),
        )),
    }
}

/// `GET /files/{sha1|sha256}`
pub(super) fn get(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let file = file(cx, &path[1], false)?;
    Ok(list::entity(cx, "Files/$entity", file.entity()))
}

/// `GET /files/{hash}/stats`
pub(super) fn stats(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    looked_back(cx)?;
    let file = file(cx, &path[1], false)?;
    let context = "microsoft.windowsDefenderATP.api.InOrgFileStats";
    Ok(list::entity(
        cx,
        context,
        file.stats(holders(cx, file).len()),
    ))
}

/// `GET /files/{sha1}/machines`
pub(super) fn file_machines(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let file = file(cx, &path[1], true)?;
    machines::answer(cx, &holders(cx, file))
}

/// `GET /files/{hash}/alerts`
pub(super) fn file_alerts(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    raised(cx, &file(cx, &path[1], false)?.seen)
}

fn raised(cx: &Cx<'_>, seen: &Seen) -> Result<Answer, Fault> {
    let queue = queue::read(cx.tenant);
    let all: Vec<Origin> = seen.alerts.iter().copied().map(Origin::World).collect();
    alerts::answer(cx, &queue, &all)
}

fn address(text: &str) -> Result<String, Fault> {
    let ip: IpAddr = text.parse().map_err(|_| {
        Fault::new(
            400,
            "InvalidIpAddress",
            format!("'{text}' is not a valid IP address."),
        )
    })?;
    Ok(ip.to_string())
}

/// `GET /ips/{ip}/stats`: one that was never seen has none (assumed)
pub(super) fn ip_stats(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    looked_back(cx)?;
    let ip = address(&path[1])?;
    let seen = facts(cx).address(&ip).cloned().unwrap_or_default();
    let stats = obj(json!({
        "ipAddress": ip,
        "organizationPrevalence": seen.machines.len().to_string(),
        "orgFirstSeen": seen.first.map(|at| at.to_string()),
        "orgLastSeen": seen.last.map(|at| at.to_string()),
    }));
    Ok(list::entity(
        cx,
        "microsoft.windowsDefenderATP.api.InOrgIPStats",
        stats,
    ))
}

/// `GET /ips/{ip}/alerts`
pub(super) fn ip_alerts(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let ip = address(&path[1])?;
    let seen = facts(cx).address(&ip).cloned().unwrap_or_default();
    raised(cx, &seen)
}

/// Where a domain was seen; one's own is on every machine.
fn domain(cx: &Cx<'_>, name: &str) -> Result<Seen, Fault> {
    if !name.contains('.') || name.contains(['/', ':', ' ']) {
        let text = format!("'{name}' is not a valid domain name.");
        return Err(Fault::new(400, "InvalidDomainName", text));
    }
    let own = cx
        .tenant
        .domains()
        .iter()
        .any(|d| d.eq_ignore_ascii_case(name));
    let seen = facts(cx).domain(name);
    if own {
        return Ok(Seen {
            machines: (0..cx.world.machine_count()).collect(),
            ..seen.unwrap_or_default()
        });
    }
    seen.ok_or_else(|| Fault::none("Domain", name))
}

/// `GET /domains/{domain}/stats`
pub(super) fn domain_stats(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    looked_back(cx)?;
    let seen = domain(cx, &path[1])?;
    let stats = obj(json!({
        "host": path[1],
        "organizationPrevalence": seen.machines.len().to_string(),
        "orgFirstSeen": seen.first.map(|at| at.to_string()),
        "orgLastSeen": seen.last.map(|at| at.to_string()),
    }));
    Ok(list::entity(
        cx,
        "microsoft.windowsDefenderATP.api.InOrgDomainStats",
        stats,
    ))
}

/// `GET /domains/{domain}/machines`
pub(super) fn domain_machines(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let machines: Vec<usize> = domain(cx, &path[1])?.machines.into_iter().collect();
    machines::answer(cx, &machines)
}

/// `GET /domains/{domain}/alerts`
pub(super) fn domain_alerts(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    raised(cx, &domain(cx, &path[1])?)
}
