//! The directory's audit: who changed an account. A line carries the id of the request that caused it, which is our run's;
//! where it does not, account and time have to do.

use super::{Part, Verdict, below, here, young};
use crate::backend::ports::Past;
use crate::model::time::MINUTE;
use crate::model::{Call, Json, Pages, Path, Service, Stand, Ticks};
use serde_json::Value;
use std::time::Duration;

pub const NAME: &str = "directory audits";

/// The audit is written minutes later, seldom an hour.
const LAG: Duration = Duration::from_secs(3600);
/// A line is about a deed on the same account when it is of this time around it.
const NEAR: i64 = 10 * MINUTE;

/// Whether a deed must be in the audit.
pub fn leaves(p: &Past) -> bool {
    below(p, "/users/")
}

/// Everything of an app's in the time; of a person only what is about accounts of ours, since a person works elsewhere too.
pub fn calls(past: &[Past], from: Ticks, app: Option<&str>) -> Vec<Call> {
    let listing = |filter: String| {
        Call::get(Service::Graph, Path::new("/auditLogs/directoryAudits"))
            .query("$filter", filter)
            .pages(Pages::Links { at_most: 20_000 })
            .needs(&["AuditLog.Read.All"])
    };
    let since = format!("activityDateTime ge {}", from.literal());
    if let Some(app) = app {
        let app = table::Txt::new(app).odata_literal();
        return vec![listing(format!(
            "{since} and initiatedBy/app/appId eq {app}"
        ))];
    }
    let mut users: Vec<_> = past
        .iter()
        .filter(|p| leaves(p))
        .map(|p| &p.deed.key.id)
        .collect();
    users.sort();
    users.dedup();
    let about = |id: &table::Text| {
        let id = id.txt().odata_literal();
        listing(format!("{since} and targetResources/any(t: t/id eq {id})"))
    };
    users.into_iter().map(about).collect()
}

pub fn compare(past: &[Past], lines: &[Value], now: Ticks, app: Option<&str>) -> Part {
    let mut out = Part::new(NAME);
    out.looked = lines.len();
    let mut traced: Vec<&str> = Vec::new();
    let lines = || lines.iter().map(Json);
    let named: Vec<&str> = lines()
        .filter_map(|line| Some(by_id(past, line)?.deed.run.as_str()))
        .collect();
    for line in lines() {
        match deed(past, &named, line) {
            Some(p) if p.deed.stand == Stand::NotSent => {
                out.find(
                    Verdict::SentAfterAll,
                    format!("{} · {}", there(line), here(p)),
                );
                traced.push(&p.deed.run);
            }
            Some(p) => {
                // one deed may leave several lines
                out.agree += usize::from(!traced.contains(&p.deed.run.as_str()));
                traced.push(&p.deed.run);
            }
            None if app.is_some() => out.find(Verdict::NoIntent, there(line)),
            None => {}
        }
    }
    for p in past.iter().filter(|p| p.intent && leaves(p)) {
        let told = matches!(p.deed.stand, Stand::Succeeded | Stand::Accepted);
        if !told || traced.contains(&p.deed.run.as_str()) {
            continue;
        }
        match young(p, now, LAG) {
            true => out.find(Verdict::Young, here(p)),
            false => out.find(Verdict::NoTrace, here(p)),
        }
    }
    out
}

/// The deed whose request a line names.
fn by_id<'a>(past: &'a [Past], line: Json<'_>) -> Option<&'a Past> {
    let run = line.str("correlationId")?;
    past.iter()
        .find(|p| p.intent && p.deed.run.eq_ignore_ascii_case(run))
}

/// The deed that a line is about. One that some line names by its id is found by nothing else.
fn deed<'a>(past: &'a [Past], named: &[&str], line: Json<'_>) -> Option<&'a Past> {
    if let Some(p) = by_id(past, line) {
        return Some(p);
    }
    let at = line.time("activityDateTime")?;
    let targets: Vec<&str> = line
        .list("targetResources")
        .filter_map(|t| t.str("id"))
        .collect();
    let on = |p: &&Past| {
        let id = p.deed.key.id.txt().exact();
        targets.iter().any(|t| t.eq_ignore_ascii_case(id))
    };
    past.iter()
        .filter(|p| p.intent && !named.contains(&p.deed.run.as_str()))
        .filter(|p| !matches!(p.deed.stand, Stand::NotSent | Stand::Failed))
        .filter(on)
        .filter(|p| (at.0 - p.deed.at.0).abs() < NEAR)
        .min_by_key(|p| (at.0 - p.deed.at.0).abs())
}

fn there(line: Json<'_>) -> String {
    let shown = |t: Option<&str>| table::Txt::new(t.unwrap_or("?")).shown().into_owned();
    let target = line.list("targetResources").next();
    let name = target.and_then(|t| {
        t.str("userPrincipalName")
            .or_else(|| t.str("displayName"))
            .or_else(|| t.str("id"))
    });
    let by = line.at("initiatedBy");
    let who = by
        .at("app")
        .str("displayName")
        .or_else(|| by.at("user").str("userPrincipalName"));
    let at = line.time("activityDateTime");
    format!(
        "{} {} on {} by {} (audit {})",
        at.map_or_else(String::new, Ticks::literal),
        shown(line.str("activityDisplayName")),
        shown(name),
        shown(who),
        shown(line.str("id"))
    )
}
