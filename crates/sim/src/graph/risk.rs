//! `/identityProtection`: risky users, their history, detections.

use serde_json::{Value, json};

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page::{self, Paging};
use super::triage;
use super::user_writes;
use crate::clock::iso;
use crate::odata::check::{EQ, Kind, NE, ORDER, Over, Rules, check, field};
use crate::odata::eval::{Case, Cell, Lazy};
use crate::response::accounts::{self, Line, Said, Word};
use crate::tenant::locked;
use crate::wire::answer::Answer;
use crate::world::{Obj, obj};

const LEVEL: &[&str] = &[
    "low",
    "medium",
    "high",
    "hidden",
    "none",
    "unknownFutureValue",
];
const STATE: &[&str] = &[
    "none",
    "confirmedSafe",
    "remediated",
    "dismissed",
    "atRisk",
    "confirmedCompromised",
    "unknownFutureValue",
];

const USERS: Rules = Rules {
    kind: "microsoft.graph.riskyUser",
    filter: &[
        field("id", Kind::Text, EQ),
        field("riskLevel", Kind::Enum(LEVEL), EQ | NE),
        field("riskState", Kind::Enum(STATE), EQ | NE),
        field("riskDetail", Kind::Text, EQ | NE),
        field("userPrincipalName", Kind::Text, EQ),
        field("riskLastUpdatedDateTime", Kind::Time, EQ | ORDER),
    ],
    select: &[
        "id",
        "isDeleted",
        "isProcessing",
        "riskDetail",
        "riskLastUpdatedDateTime",
        "riskLevel",
        "riskState",
        "userDisplayName",
        "userPrincipalName",
    ],
    orderby: &["riskLastUpdatedDateTime"],
    expand: &["history"],
    top: (20, 500),
    over: Over::Refused,
    skip: true,
    count: true,
    search: false,
    advanced: false,
    case: Case::Folded,
};

const DETECTIONS: Rules = Rules {
    kind: "microsoft.graph.riskDetection",
    filter: &[
        field("id", Kind::Text, EQ),
        field("userId", Kind::Text, EQ),
        field("userPrincipalName", Kind::Text, EQ),
        field("riskLevel", Kind::Enum(LEVEL), EQ),
        field("riskState", Kind::Enum(STATE), EQ),
        field("riskEventType", Kind::Text, EQ),
        field("riskDetail", Kind::Text, EQ),
        field("ipAddress", Kind::Text, EQ),
        field("requestId", Kind::Text, EQ),
        field("correlationId", Kind::Text, EQ),
        field("activityDateTime", Kind::Time, EQ | ORDER),
        field("detectedDateTime", Kind::Time, EQ | ORDER),
        field("lastUpdatedDateTime", Kind::Time, EQ | ORDER),
    ],
    select: &[
        "id",
        "activity",
        "activityDateTime",
        "additionalInfo",
        "correlationId",
        "detectedDateTime",
        "detectionTimingType",
        "ipAddress",
        "lastUpdatedDateTime",
        "location",
        "requestId",
        "riskDetail",
        "riskEventType",
        "riskLevel",
        "riskState",
        "source",
        "tokenIssuerType",
        "userDisplayName",
        "userId",
        "userPrincipalName",
    ],
    orderby: &[],
    expand: &[],
    skip: false,
    count: false,
    ..USERS
};

fn one(cx: &Cx<'_>, rules: &Rules) -> Result<(), Fault> {
    let rules = Rules {
        filter: &[],
        orderby: &[],
        skip: false,
        count: false,
        ..*rules
    };
    check(&cx.options, &rules, false).map_err(|r| Family::Risk.refuse(r))
}

/// Users with a record of risk: those whom only an administrator's word made risky first, then the world's. Positions count through both.
struct Risky<'a> {
    cx: &'a Cx<'a>,
    /// Not in the world's list.
    added: Vec<usize>,
    /// Said something about by a client.
    judged: Vec<usize>,
}

impl<'a> Risky<'a> {
    fn of(cx: &'a Cx<'a>) -> Self {
        let judged = accounts::judged(cx.tenant);
        let compromised = |user: &usize| {
            let (words, _) = accounts::risk(cx.tenant, *user);
            words.iter().any(|w| w.word == Word::Compromised)
        };
        let added = judged
            .iter()
            .copied()
            .filter(|user| cx.world.risky_of_user(*user).is_none())
            .filter(compromised)
            .rev()
            .collect();
        Self { cx, added, judged }
    }

    fn count(&self) -> usize {
        self.added.len() + self.cx.world.risky_count()
    }

    fn user(&self, p: usize) -> usize {
        match self.added.get(p) {
            Some(user) => *user,
            None => self.cx.world.risky_row(p - self.added.len()).user,
        }
    }

    /// The position of a user's record.
    fn find(&self, id: &str) -> Result<usize, Fault> {
        let none = || Fault::no_entity(&format!("Risky user {id}"));
        let user = self.cx.world.user_by_id(id).ok_or_else(none)?;
        let added = self.added.iter().position(|u| *u == user);
        let older = || {
            let i = self.cx.world.risky_of_user(user)?;
            Some(i + self.added.len())
        };
        added.or_else(older).ok_or_else(none)
    }

    fn json(&self, p: usize) -> Obj {
        let user = self.user(p);
        let mut entity = match p.checked_sub(self.added.len()) {
            Some(i) => self.cx.world.risky_json(i),
            None => {
                let row = self.cx.world.user_row(user);
                obj(json!({
                    "id": row.id.to_string(), "isDeleted": false, "isProcessing": false, "riskLevel": "none", "riskState": "none",
                    "riskDetail": "none", "riskLastUpdatedDateTime": null, "userDisplayName": row.display, "userPrincipalName": row.upn,
                }))
            }
        };
        if self.judged.contains(&user) {
            let (words, working) = accounts::risk(self.cx.tenant, user);
            entity.insert("isProcessing".into(), json!(working));
            if let Some(last) = words.last() {
                let (level, state, detail) = last.word.effect();
                entity.insert("riskLevel".into(), json!(level));
                entity.insert("riskState".into(), json!(state));
                entity.insert("riskDetail".into(), json!(detail));
                entity.insert("riskLastUpdatedDateTime".into(), json!(iso(last.at)));
            }
        }
        entity
    }

    /// What was said and what was seen, newest first.
    fn history(&self, p: usize) -> Vec<Obj> {
        let user = self.user(p);
        let id = self.cx.world.user_row(user).id.to_string();
        let (words, _) = accounts::risk(self.cx.tenant, user);
        let base = self.json(p);
        let mut all: Vec<Obj> = words
            .iter()
            .enumerate()
            .rev()
            .map(|(n, said)| {
                let (level, state, detail) = said.word.effect();
                let mut item = base.clone();
                item.extend(obj(json!({
                    "id": format!("{id}{}{n}", said.at.as_second()), "isProcessing": false, "riskLevel": level, "riskState": state,
                    "riskDetail": detail, "riskLastUpdatedDateTime": iso(said.at), "userId": id, "initiatedBy": said.by,
                    "activity": {"detail": detail, "riskEventTypes": []},
                })));
                item
            })
            .collect();
        if let Some(i) = p.checked_sub(self.added.len()) {
            all.extend(self.cx.world.risky_history(i));
        }
        all
    }
}

/// `GET /identityProtection/riskyUsers`
pub(super) fn users(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &USERS, false).map_err(|r| Family::Risk.refuse(r))?;
    let risky = &Risky::of(cx);
    let row = |p: usize| {
        let row = p
            .checked_sub(risky.added.len())
            .map(|i| cx.world.risky_row(i))
            .filter(|row| !risky.judged.contains(&row.user));
        let quick = move |name: &str| {
            let row = row?;
            Some(match name {
                "riskLevel" => Cell::from(row.level),
                "riskState" => Cell::from(row.state),
                "riskDetail" => Cell::from(row.detail),
                "riskLastUpdatedDateTime" => Cell::Time(row.updated.timestamp()),
                _ => return None,
            })
        };
        Lazy::new(quick, move || risky.json(p))
    };
    let render = |p: usize| {
        let mut entity = risky.json(p);
        if !cx.options.expand.is_empty() {
            let history = risky.history(p).into_iter().map(Value::Object).collect();
            entity.insert("history".into(), Value::Array(history));
        }
        entity
    };
    page::list(
        cx,
        "identityProtection/riskyUsers",
        &USERS,
        Paging::Skip,
        0..risky.count(),
        row,
        render,
    )
}

/// `GET /identityProtection/riskyUsers/{id}`
pub(super) fn user(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    one(cx, &USERS)?;
    let risky = Risky::of(cx);
    let p = risky.find(&path[2])?;
    Ok(page::entity(
        cx,
        "identityProtection/riskyUsers/$entity",
        risky.json(p),
    ))
}

/// `GET /identityProtection/riskyUsers/{id}/history`
pub(super) fn history(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let risky = Risky::of(cx);
    let p = risky.find(&path[2])?;
    let context = format!("identityProtection/riskyUsers('{}')/history", path[2]);
    let items = risky.history(p);
    Ok(page::write(cx, &context, None, None, items.into_iter()))
}

/// `POST /identityProtection/riskyUsers/confirmCompromised`
pub(super) fn confirm_compromised(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    judge(cx, Word::Compromised, "ConfirmAccountCompromised")
}

/// `POST /identityProtection/riskyUsers/confirmSafe`
pub(super) fn confirm_safe(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    judge(cx, Word::Safe, "ConfirmAccountSafe")
}

/// `POST /identityProtection/riskyUsers/dismiss`
pub(super) fn dismiss(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    judge(cx, Word::Dismissed, "DismissUser")
}

/// 204 whatever becomes of the single ids: those of nobody, and risk that is not there to be dismissed, pass without a word (assumed).
fn judge(cx: &Cx<'_>, word: Word, activity: &str) -> Result<Answer, Fault> {
    let body = triage::body(cx)?;
    let ids: Option<Vec<&str>> = match body.get("userIds") {
        Some(Value::Array(list)) if !list.is_empty() && body.len() == 1 => {
            list.iter().map(Value::as_str).collect()
        }
        _ => None,
    };
    let ids = ids.ok_or_else(|| Fault::bad("userIds must be a list of ids."))?;
    let users: Vec<usize> = ids
        .into_iter()
        .filter_map(|id| cx.world.user_by_id(id))
        .filter(|user| {
            word == Word::Compromised
                || cx.world.risky_of_user(*user).is_some()
                || !accounts::risk(cx.tenant, *user).0.is_empty()
        })
        .collect();
    for user in users {
        let said = Said {
            at: cx.tenant.clock.told(),
            word,
            by: cx.caller.name.clone(),
        };
        locked(&cx.tenant.response.accounts)
            .edits
            .entry(user)
            .or_default()
            .risk
            .push(said);
        user_writes::note(
            cx,
            user,
            &Line {
                activity,
                category: "UserManagement",
                service: "Identity Protection",
                change: None,
            },
        );
    }
    Ok(Answer::empty(204))
}

/// A detection, with what was said about its user since.
fn detected(cx: &Cx<'_>, i: usize) -> Obj {
    let row = cx.world.detection_row(i);
    let mut entity = cx.world.detection_json(i);
    let (words, _) = accounts::risk(cx.tenant, row.user);
    if let Some(last) = words.last() {
        let (_, state, detail) = last.word.effect();
        entity.insert("riskState".into(), json!(state));
        entity.insert("riskDetail".into(), json!(detail));
        entity.insert("lastUpdatedDateTime".into(), json!(iso(last.at)));
    }
    entity
}

/// `GET /identityProtection/riskDetections`
pub(super) fn detections(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &DETECTIONS, false).map_err(|r| Family::Risk.refuse(r))?;
    let row = |i: usize| {
        let row = cx.world.detection_row(i);
        let judged = accounts::touched(cx.tenant, row.user);
        let quick = move |name: &str| {
            Some(match name {
                "riskState" if judged => return None,
                "riskLevel" => Cell::from(row.level),
                "riskState" => Cell::from(row.state),
                "riskEventType" => Cell::from(row.kind),
                "userPrincipalName" => Cell::from(cx.world.user_row(row.user).upn),
                _ => return None,
            })
        };
        Lazy::new(quick, move || detected(cx, i))
    };
    let positions = 0..cx.world.detection_count();
    page::list(
        cx,
        "identityProtection/riskDetections",
        &DETECTIONS,
        Paging::Token,
        positions,
        row,
        |i| detected(cx, i),
    )
}

/// `GET /identityProtection/riskDetections/{id}`
pub(super) fn detection(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    one(cx, &DETECTIONS)?;
    let id = &path[2];
    let i = cx
        .world
        .detection_by_id(id)
        .ok_or_else(|| Fault::no_entity(&format!("Risk detection {id}")))?;
    Ok(page::entity(
        cx,
        "identityProtection/riskDetections/$entity",
        detected(cx, i),
    ))
}
