//! `/machineactions`: everything done to machines, what was done before the simulator started included.

use std::sync::MutexGuard;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::list;
use super::machines::{self, TEXT, WHEN};
use super::{Cx, Fault};
use crate::clock::iso;
use crate::odata::check::{Kind, Rules, field};
use crate::response::course::{End, PATIENCE, Verb};
use crate::response::gates;
use crate::response::machines::{Action, Book, Cancel, over};
use crate::scenario::Settings;
use crate::tenant::{Tenant, guid, locked};
use crate::wire::answer::Answer;
use crate::world::stamp::{DAY, HOUR, MINUTE, Stamp};
use crate::world::{Obj, obj};

const RULES: Rules = Rules {
    kind: "microsoft.windowsDefenderATP.api.MachineAction",
    filter: &[
        field("id", Kind::Text, TEXT),
        field("status", Kind::Text, TEXT),
        field("machineId", Kind::Text, TEXT),
        field("type", Kind::Text, TEXT),
        field("requestor", Kind::Text, TEXT),
        field("creationDateTimeUtc", Kind::Time, WHEN),
        field("lastUpdateDateTimeUtc", Kind::Time, WHEN),
    ],
    orderby: &["creationDateTimeUtc", "lastUpdateDateTimeUtc"],
    ..machines::RULES
};

/// One action in the past: which of the machines it is for, what, how it ended (or not), how long ago, why.
struct Past {
    machine: usize,
    verb: Verb,
    scope: Option<&'static str>,
    end: Option<End>,
    ago: i64,
    comment: &'static str,
}

const fn past(
    machine: usize,
    verb: Verb,
    scope: Option<&'static str>,
    end: Option<End>,
    ago: i64,
    comment: &'static str,
) -> Past {
    Past {
        machine,
        verb,
        scope,
        end,
        ago,
        comment,
    }
}

/// Newest first. Without an end: still waiting for a machine that cannot be reached, or running.
const PAST: &[Past] = &[
    past(
        0,
        Verb::Isolate,
        Some("Full"),
        None,
        25 * MINUTE,
        "Beaconing, machine is offline",
    ),
    past(
        2,
        Verb::Scan,
        Some("Full"),
        None,
        20 * MINUTE,
        "After quarantine",
    ),
    past(
        2,
        Verb::Isolate,
        Some("Selective"),
        Some(End::Succeeded),
        2 * HOUR,
        "Credential dumping",
    ),
    past(
        1,
        Verb::Unisolate,
        None,
        Some(End::Succeeded),
        20 * HOUR,
        "Cleaned, back to its owner",
    ),
    past(
        3,
        Verb::Collect,
        None,
        Some(End::Succeeded),
        26 * HOUR,
        "For the case",
    ),
    past(
        1,
        Verb::Isolate,
        Some("Full"),
        Some(End::Succeeded),
        2 * DAY,
        "Loader found in Downloads",
    ),
    past(
        4,
        Verb::Quarantine,
        None,
        Some(End::Failed),
        3 * DAY,
        "Unsigned driver",
    ),
    past(
        5,
        Verb::Isolate,
        Some("Full"),
        Some(End::TimeOut),
        6 * DAY,
        "Lost laptop",
    ),
    past(
        6,
        Verb::Restrict,
        None,
        Some(End::Cancelled),
        8 * DAY,
        "Wrong machine",
    ),
    past(
        3,
        Verb::Scan,
        Some("Full"),
        Some(End::Succeeded),
        11 * DAY,
        "Scheduled check",
    ),
];

/// The book of actions, with the past entered.
pub(crate) fn book(tenant: &Tenant) -> MutexGuard<'_, Book> {
    let mut book = locked(&tenant.response.machines);
    if !book.opened {
        book.opened = true;
        book.actions = history(tenant);
    }
    book
}

/// The past, oldest first, on machines that fit: onboarded, of a platform the action is for, in reach or not as the story wants it.
fn history(tenant: &Tenant) -> Vec<Action> {
    let world = tenant.world();
    let settings = Settings::default();
    let fitting = |past: &Past| -> Vec<usize> {
        (0..world.machine_count())
            .filter(|i| {
                let row = world.machine_row(*i);
                let lost =
                    past.verb == Verb::Isolate && matches!(past.end, None | Some(End::TimeOut));
                row.onboarding == "Onboarded"
                    && row.os_platform.starts_with("Windows1")
                    && gates::admits(past.verb, past.scope, row.os_platform, row.version, true)
                        .is_ok()
                    && machines::reachable(&row, &settings) != lost
            })
            .take(200)
            .collect()
    };
    let analysts = world.analysts();
    let mut all = Vec::new();
    for (n, past) in PAST.iter().enumerate() {
        let fit = fitting(past);
        // spread over the inventory, the same machines for the same tenant
        let Some(machine) = fit.get((3 + past.machine * 17) % fit.len().max(1)) else {
            continue;
        };
        let by = analysts
            .get(n % analysts.len().max(1))
            .map(|u| world.user_row(*u).upn.to_owned())
            .unwrap_or_default();
        let created = Stamp::from(tenant.started).plus(-past.ago).timestamp();
        let took = if past.verb == Verb::Scan {
            40 * 60_000
        } else {
            3 * 60_000
        };
        let (course, cancel) = match past.end {
            Some(End::Cancelled) => (
                over(End::Succeeded, PATIENCE),
                Some(Cancel {
                    by: by.clone(),
                    comment: "Mixed up two names".to_owned(),
                    at: created
                        .saturating_add(SignedDuration::from_mins(3))
                        .unwrap_or(created),
                    in_time: true,
                }),
            ),
            Some(end) => (over(end, took), None),
            None if past.verb == Verb::Scan => (over(End::Succeeded, took), None),
            None => (over(End::TimeOut, PATIENCE), None),
        };
        all.push(Action {
            id: guid(tenant.flags.seed, 4_000 + n as u64),
            verb: past.verb,
            machine: *machine,
            requestor: by,
            source: if n.is_multiple_of(3) {
                "PublicApi"
            } else {
                "Portal"
            },
            comment: past.comment.to_owned(),
            external: None,
            scope: past.scope.map(str::to_owned),
            sha1: (past.verb == Verb::Quarantine)
                .then(|| "4388963aaa83afe2042a46a3c017ad50bdcdafb3".to_owned()),
            created,
            course,
            cancel,
            odd: past.end == Some(End::Failed),
        });
    }
    all.sort_by_key(|a| a.created);
    all
}

/// An action as it stands.
pub(super) fn render(cx: &Cx<'_>, action: &Action, at: Timestamp) -> Obj {
    let row = cx.world.machine_row(action.machine);
    let now = action.at(at);
    let cancel = action.cancel.as_ref();
    let file = action
        .sha1
        .as_ref()
        .map(|sha1| json!({"fileIdentifier": sha1, "fileIdentifierType": "Sha1"}));
    let changed = if action.odd {
        "lastUpdateTimeUtc"
    } else {
        "lastUpdateDateTimeUtc"
    };
    obj(json!({
        "id": action.id,
        "type": action.verb.name(),
        "title": null,
        "requestor": action.requestor,
        "requestorComment": action.comment,
        "status": now.status,
        "machineId": row.id,
        "computerDnsName": row.dns_name,
        "creationDateTimeUtc": iso(action.created),
        (changed): iso(now.changed),
        "cancellationRequestor": cancel.map(|c| &c.by),
        "cancellationComment": cancel.map(|c| &c.comment),
        "cancellationDateTimeUtc": cancel.map(|c| iso(c.at)),
        "errorHResult": now.error,
        "scope": action.scope,
        "externalId": action.external,
        "requestSource": action.source,
        "relatedFileInfo": file,
        "commands": [],
        "troubleshootInfo": null,
    }))
}

/// The answer to a request that started an action.
pub(super) fn made(cx: &Cx<'_>, status: u16, entity: Obj) -> Answer {
    Answer {
        status,
        ..list::entity(cx, "MachineActions/$entity", entity)
    }
}

/// `GET /machineactions`: newest first; an empty list is 200 (assumed; only `/machines` is said to answer 404)
pub(super) fn list(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let now = cx.tenant.clock.told();
    let delay = cx.tenant.settings().action_list_delay;
    let rows: Vec<Obj> = {
        let book = book(cx.tenant);
        let seen = book
            .actions
            .iter()
            .rev()
            .filter(|a| now.duration_since(a.created) >= delay);
        seen.map(|a| render(cx, a, now)).collect()
    };
    list::objects(cx, "MachineActions", &RULES, &rows)
}

/// `GET /machineactions/{id}`
pub(super) fn get(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let now = cx.tenant.clock.told();
    let found = book(cx.tenant).find(&path[1]).map(|a| render(cx, a, now));
    found
        .map(|a| list::entity(cx, "MachineActions/$entity", a))
        .ok_or_else(|| Fault::none("Machine action", &path[1]))
}
