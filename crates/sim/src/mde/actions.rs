//! `/machineactions`: what was done to machines before the simulator started, so that isolation can be derived from it.

use serde_json::{Value, json};

use super::list;
use super::machines::{self, TEXT, WHEN};
use super::{Cx, Fault};
use crate::odata::check::{Kind, Rules, field};
use crate::tenant::guid;
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

/// One action in the past: which machine (every so many), what, how it ended, how long ago, why.
struct Past {
    machine: usize,
    kind: &'static str,
    scope: Option<&'static str>,
    status: &'static str,
    ago: i64,
    comment: &'static str,
}

const PAST: &[Past] = &[
    Past {
        machine: 2,
        kind: "Isolate",
        scope: Some("Full"),
        status: "Pending",
        ago: 25 * MINUTE,
        comment: "Beaconing, machine is offline",
    },
    Past {
        machine: 0,
        kind: "RunAntiVirusScan",
        scope: Some("Quick"),
        status: "InProgress",
        ago: 40 * MINUTE,
        comment: "After quarantine",
    },
    Past {
        machine: 0,
        kind: "Isolate",
        scope: Some("Selective"),
        status: "Succeeded",
        ago: 2 * HOUR,
        comment: "Credential dumping",
    },
    Past {
        machine: 1,
        kind: "Unisolate",
        scope: None,
        status: "Succeeded",
        ago: 20 * HOUR,
        comment: "Cleaned, back to its owner",
    },
    Past {
        machine: 3,
        kind: "CollectInvestigationPackage",
        scope: None,
        status: "Succeeded",
        ago: 26 * HOUR,
        comment: "For the case",
    },
    Past {
        machine: 1,
        kind: "Isolate",
        scope: Some("Full"),
        status: "Succeeded",
        ago: 2 * DAY,
        comment: "Loader found in Downloads",
    },
    Past {
        machine: 4,
        kind: "StopAndQuarantineFile",
        scope: None,
        status: "Failed",
        ago: 3 * DAY,
        comment: "Unsigned driver",
    },
    Past {
        machine: 5,
        kind: "Isolate",
        scope: Some("Full"),
        status: "TimeOut",
        ago: 6 * DAY,
        comment: "Lost laptop",
    },
    Past {
        machine: 6,
        kind: "RestrictCodeExecution",
        scope: None,
        status: "Cancelled",
        ago: 8 * DAY,
        comment: "Wrong machine",
    },
    Past {
        machine: 3,
        kind: "RunAntiVirusScan",
        scope: Some("Full"),
        status: "Succeeded",
        ago: 11 * DAY,
        comment: "Scheduled check",
    },
];

/// All actions, newest first.
fn all(cx: &Cx<'_>) -> Vec<Obj> {
    let count = cx.world.machine_count();
    let mut list = Vec::new();
    for (n, past) in PAST.iter().enumerate() {
        // spread over the inventory, the same machines for the same tenant
        let machine = (7 + past.machine * 17) % count.max(1);
        if machine >= count {
            continue;
        }
        list.push(render(cx, n, past, machine));
    }
    list
}

fn render(cx: &Cx<'_>, n: usize, past: &Past, machine: usize) -> Obj {
    let row = cx.world.machine_row(machine);
    let made = Stamp::from(cx.tenant.started).plus(-past.ago);
    let ended = match past.status {
        "TimeOut" => made.plus(72 * HOUR),
        "Pending" => made,
        _ => made.plus(3 * MINUTE),
    };
    let analysts = cx.world.analysts();
    let by = analysts
        .get(n % analysts.len().max(1))
        .map(|u| cx.world.user_row(*u).upn.to_owned())
        .unwrap_or_default();
    let cancelled = past.status == "Cancelled";
    let error = match past.status {
        "TimeOut" => -2_145_844_840_i64,
        "Cancelled" => -2_147_467_260,
        "Failed" => -2_147_024_894,
        _ => 0,
    };
    let file = (past.kind == "StopAndQuarantineFile")
        .then(|| json!({"fileIdentifier": "4388963aaa83afe2042a46a3c017ad50bdcdafb3", "fileIdentifierType": "Sha1"}));
    let mut out = obj(json!({
        "id": guid(cx.tenant.flags.seed, 4_000 + n as u64),
        "type": past.kind,
        "title": null,
        "requestor": by,
        "requestorComment": past.comment,
        "status": past.status,
        "machineId": row.id,
        "computerDnsName": row.dns_name,
        "creationDateTimeUtc": made.to_string(),
        "lastUpdateDateTimeUtc": ended.to_string(),
        "cancellationRequestor": cancelled.then_some(&by),
        "cancellationComment": cancelled.then_some("Mixed up two names"),
        "cancellationDateTimeUtc": cancelled.then(|| ended.to_string()),
        "errorHResult": error,
        "scope": past.scope,
        "externalId": null,
        "requestSource": if n.is_multiple_of(3) { "PublicApi" } else { "Portal" },
        "relatedFileInfo": file,
        "commands": [],
        "troubleshootInfo": null,
    }));
    // some answers name the field differently
    if past.status == "Failed"
        && let Some(value) = out.remove("lastUpdateDateTimeUtc")
    {
        out.insert("lastUpdateTimeUtc".into(), value);
    }
    out
}

/// `GET /machineactions`: an empty list is 200 (assumed; only `/machines` is said to answer 404)
pub(super) fn list(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    list::objects(cx, "MachineActions", &RULES, &all(cx))
}

/// `GET /machineactions/{id}`
pub(super) fn get(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let id = &path[1];
    let found = all(cx).into_iter().find(|a| {
        a.get("id")
            .and_then(Value::as_str)
            .is_some_and(|i| i.eq_ignore_ascii_case(id))
    });
    found
        .map(|a| list::entity(cx, "MachineActions/$entity", a))
        .ok_or_else(|| Fault::none("Machine action", id))
}
