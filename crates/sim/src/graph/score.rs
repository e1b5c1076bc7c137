//! `/security/secureScores` and `/security/secureScoreControlProfiles`.
//!
//! What a client decides about a control comes back as an appended entry of `controlStateUpdates`, never as a property of its own.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page::{self, Paging};
use crate::clock::iso;
use crate::odata::check::{EQ, Kind, ORDER, Over, Rules, check, field};
use crate::odata::eval::{Case, Lazy};
use crate::tenant::{Tenant, locked};
use crate::wire::answer::Answer;
use crate::world::Obj;
use crate::world::score::CONTROLS;
use crate::world::stamp::{DAY, Stamp};

const SCORES: Rules = Rules {
    kind: "microsoft.graph.secureScore",
    filter: &[
        field("id", Kind::Text, EQ),
        field("createdDateTime", Kind::Time, EQ | ORDER),
        field("azureTenantId", Kind::Text, EQ),
        field("currentScore", Kind::Int, EQ | ORDER),
    ],
    select: &[
        "id",
        "activeUserCount",
        "averageComparativeScores",
        "azureTenantId",
        "controlScores",
        "createdDateTime",
        "currentScore",
        "enabledServices",
        "licensedUserCount",
        "maxScore",
        "vendorInformation",
    ],
    orderby: &[],
    expand: &[],
    // a month on a page (assumed)
    top: (30, 1000),
    over: Over::Clamped,
    skip: true,
    count: true,
    search: false,
    advanced: false,
    case: Case::Folded,
};

const PROFILES: Rules = Rules {
    kind: "microsoft.graph.secureScoreControlProfile",
    filter: &[
        field("id", Kind::Text, EQ),
        field("controlCategory", Kind::Text, EQ),
        field("service", Kind::Text, EQ),
        field("tier", Kind::Text, EQ),
        field("deprecated", Kind::Bool, EQ),
        field("implementationCost", Kind::Text, EQ),
        field("userImpact", Kind::Text, EQ),
    ],
    select: &[
        "id",
        "actionType",
        "actionUrl",
        "azureTenantId",
        "complianceInformation",
        "controlCategory",
        "controlStateUpdates",
        "deprecated",
        "implementationCost",
        "lastModifiedDateTime",
        "maxScore",
        "rank",
        "remediation",
        "remediationImpact",
        "service",
        "threats",
        "tier",
        "title",
        "userImpact",
        "vendorInformation",
    ],
    // all on a few pages (assumed)
    top: (20, 1000),
    ..SCORES
};

/// States that can be set.
const STATES: [&str; 4] = ["Default", "Ignored", "ThirdParty", "Reviewed"];

/// What clients decided about controls, by id, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Decisions(HashMap<String, Vec<Decision>>);

#[derive(Clone, Debug)]
struct Decision {
    at: Timestamp,
    by: String,
    set: Map<String, Value>,
}

fn licensed(tenant: &Tenant) -> Result<(), Fault> {
    if tenant.settings().lacks("secure-score") {
        return Err(Fault::new(
            403,
            "Forbidden",
            "The tenant does not have a license that includes this feature.",
        ));
    }
    Ok(())
}

/// Days with a score, newest first.
fn days(cx: &Cx<'_>) -> Vec<i64> {
    let now = Stamp::from(cx.tenant.clock.told());
    cx.world.score_days(now, cx.tenant.settings().score_missing)
}

/// The score of a day: a control that was settled elsewhere counts in full from the day after the decision.
fn score(cx: &Cx<'_>, day: i64) -> Obj {
    let decisions = locked(&cx.tenant.decisions);
    cx.world.secure_score(day, |id, day| {
        let last = decisions.0.get(id).and_then(|all| all.last());
        last.is_some_and(|d| {
            matches!(d.set["state"].as_str(), Some("ThirdParty" | "Reviewed"))
                && Stamp::from(d.at).0.div_euclid(DAY) < day
        })
    })
}

/// `GET /security/secureScores`, newest first
pub(super) fn scores(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    licensed(cx.tenant)?;
    check(&cx.options, &SCORES, false).map_err(|r| Family::Security.refuse(r))?;
    let days = days(cx);
    let row = |p: usize| {
        let day = days[p];
        Lazy::new(|_: &str| None, move || score(cx, day))
    };
    let context = "security/secureScores";
    page::list(
        cx,
        context,
        &SCORES,
        Paging::Skip,
        0..days.len(),
        row,
        |p| score(cx, days[p]),
    )
}

/// `GET /security/secureScores/{id}`
pub(super) fn one(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    licensed(cx.tenant)?;
    let found = days(cx)
        .into_iter()
        .map(|day| score(cx, day))
        .find(|s| s["id"].as_str() == Some(path[2].as_str()));
    let row = found.ok_or_else(|| Fault::no_entity(&format!("Secure score {}", path[2])))?;
    Ok(page::entity(cx, "security/secureScores/$entity", row))
}

/// A profile with what was decided about it.
fn profile(cx: &Cx<'_>, n: usize) -> Obj {
    let mut row = cx.world.control_profile(n);
    let decisions = locked(&cx.tenant.decisions);
    let mut updates = Vec::new();
    for decision in decisions.0.get(CONTROLS[n].id).into_iter().flatten() {
        updates.push(json!({
            "assignedTo": decision.set.get("assignedTo").cloned().unwrap_or_default(),
            "comment": decision.set.get("comment").cloned().unwrap_or_default(),
            "state": decision.set.get("state").cloned().unwrap_or_default(),
            "updatedBy": decision.by,
            "updatedDateTime": iso(decision.at),
        }));
    }
    row.insert("controlStateUpdates".into(), Value::Array(updates));
    row
}

fn listed(cx: &Cx<'_>) -> Vec<usize> {
    let gone = cx.tenant.settings().vanished_controls;
    let there = |n: &usize| !gone.iter().any(|g| g == CONTROLS[*n].id);
    cx.world.control_profiles().filter(there).collect()
}

/// `GET /security/secureScoreControlProfiles`
pub(super) fn profiles(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    licensed(cx.tenant)?;
    check(&cx.options, &PROFILES, false).map_err(|r| Family::Security.refuse(r))?;
    let rows: Vec<Obj> = listed(cx).into_iter().map(|n| profile(cx, n)).collect();
    let context = "security/secureScoreControlProfiles";
    page::list(
        cx,
        context,
        &PROFILES,
        Paging::Skip,
        0..rows.len(),
        |p| &rows[p],
        |p| rows[p].clone(),
    )
}

fn find(cx: &Cx<'_>, id: &str) -> Result<usize, Fault> {
    listed(cx)
        .into_iter()
        .find(|n| CONTROLS[*n].id == id)
        .ok_or_else(|| Fault::no_entity(&format!("Secure score control profile {id}")))
}

/// `GET /security/secureScoreControlProfiles/{id}`
pub(super) fn one_profile(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    licensed(cx.tenant)?;
    let row = profile(cx, find(cx, &path[2])?);
    let context = "security/secureScoreControlProfiles/$entity";
    Ok(page::entity(cx, context, row))
}

/// `PATCH /security/secureScoreControlProfiles/{id}`: 204, or the entity where that is preferred
pub(super) fn patch(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    licensed(cx.tenant)?;
    let n = find(cx, &path[2])?;
    let Ok(Value::Object(body)) = serde_json::from_slice(&cx.ask.body) else {
        return Err(Fault::bad("The request body is not valid JSON."));
    };
    let vendor = &body.get("vendorInformation").cloned().unwrap_or_default();
    if vendor["provider"].as_str().is_none_or(str::is_empty)
        || vendor["vendor"].as_str().is_none_or(str::is_empty)
    {
        return Err(Fault::bad(
            "vendorInformation with provider and vendor is required.",
        ));
    }
    let mut set = Map::new();
    for (key, value) in body {
        match key.as_str() {
            "vendorInformation" => {}
            "state" if value.as_str().is_some_and(|s| STATES.contains(&s)) => {
                set.insert(key, value);
            }
            "assignedTo" | "comment" if value.is_string() || value.is_null() => {
                set.insert(key, value);
            }
            key if key.starts_with("@odata.") => {}
            "state" | "assignedTo" | "comment" => {
                return Err(Fault::bad(format!("The value of '{key}' is not valid.")));
            }
            _ => {
                return Err(Fault::bad(format!(
                    "The property '{key}' cannot be changed."
                )));
            }
        }
    }
    let decision = Decision {
        at: cx.tenant.clock.now(),
        by: cx.caller.name.clone(),
        set,
    };
    locked(&cx.tenant.decisions)
        .0
        .entry(CONTROLS[n].id.to_owned())
        .or_default()
        .push(decision);
    if !cx.ask.prefers("return=representation") {
        return Ok(Answer::empty(204));
    }
    let context = "security/secureScoreControlProfiles/$entity";
    Ok(page::entity(cx, context, profile(cx, n)))
}
