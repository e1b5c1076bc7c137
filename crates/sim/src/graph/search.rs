//! `/security/auditLog/queries`: searches of the audit log. They run for minutes; the records come when they have succeeded.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page::{self, Paging};
use crate::clock::iso;
use crate::odata::check::{Over, Rules, check};
use crate::odata::eval::Case;
use crate::tenant::{Tenant, guid, locked};
use crate::wire::answer::Answer;
use crate::world::activity::{Entry, Fact};
use crate::world::stamp::Stamp;
use crate::world::{Obj, World, obj};

/// Searches that run at the same time (assumed; ten are commonly cited).
const AT_ONCE: usize = 10;
/// Records that one search finds, at most (assumed).
const MOST: usize = 50_000;

const QUERIES: Rules = Rules {
    kind: "microsoft.graph.security.auditLogQuery",
    filter: &[],
    select: &[],
    orderby: &[],
    expand: &[],
    top: (150, 150),
    over: Over::Clamped,
    skip: false,
    count: false,
    search: false,
    advanced: false,
    case: Case::Folded,
};

/// 150 records on a page (assumed).
const RECORDS: Rules = Rules {
    kind: "microsoft.graph.security.auditLogRecord",
    ..QUERIES
};

/// Numbers of record types and their names in the search.
const NAMES: [(u16, &str); 22] = [
    (1, "ExchangeAdmin"),
    (2, "ExchangeItem"),
    (3, "ExchangeItemGroup"),
    (4, "SharePoint"),
    (6, "SharePointFileOperation"),
    (8, "AzureActiveDirectory"),
    (11, "ComplianceDLPSharePoint"),
    (13, "ComplianceDLPExchange"),
    (14, "SharePointSharingOperation"),
    (15, "AzureActiveDirectoryStsLogon"),
    (20, "PowerBIAudit"),
    (25, "MicrosoftTeams"),
    (30, "MicrosoftFlow"),
    (40, "SecurityComplianceAlerts"),
    (50, "ExchangeItemAggregated"),
    (63, "DLPEndpoint"),
    (65, "Quarantine"),
    (83, "SensitivityLabelAction"),
    (98, "MCASAlerts"),
    (235, "MicrosoftDefenderForIdentityAudit"),
    (261, "CopilotInteraction"),
    (4711, "unknownFutureValue"),
];

const USER_TYPES: [&str; 11] = [
    "Regular",
    "Reserved",
    "Admin",
    "DcAdmin",
    "System",
    "Application",
    "ServicePrincipal",
    "CustomPolicy",
    "SystemPolicy",
    "PartnerTechnician",
    "Guest",
];

fn type_name(record: u16) -> &'static str {
    NAMES
        .iter()
        .find(|(n, _)| *n == record)
        .map_or("unknownFutureValue", |(_, name)| name)
}

/// One search.
#[derive(Debug)]
pub(crate) struct Search {
    id: String,
    body: Obj,
    made: Timestamp,
    fails: bool,
    found: Option<Arc<Vec<Entry>>>,
}

/// All of them, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Searches(Vec<Search>);

fn status(tenant: &Tenant, search: &Search) -> &'static str {
    let lag = tenant.settings().search_lag();
    let ran = tenant.clock.told().duration_since(search.made);
    match (ran >= lag, search.fails) {
        (true, true) => "failed",
        (true, false) => "succeeded",
        (false, _) if ran < lag / 3 => "notStarted",
        (false, _) => "running",
    }
}

fn shown(tenant: &Tenant, search: &Search) -> Obj {
    let mut row = search.body.clone();
    row.insert("status".into(), json!(status(tenant, search)));
    row
}

fn allowed(cx: &Cx<'_>) -> Result<(), Fault> {
    let settings = cx.tenant.settings();
    if settings.lacks("audit-search") || !settings.auditing {
        return Err(Fault::new(
            403,
            "Forbidden",
            "The tenant is not enabled for audit search.",
        ));
    }
    Ok(())
}

/// `GET /security/auditLog/queries`
pub(super) fn list(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    allowed(cx)?;
    check(&cx.options, &QUERIES, false).map_err(|r| Family::Security.refuse(r))?;
    let rows: Vec<Obj> = {
        let all = locked(&cx.tenant.searches);
        all.0.iter().rev().map(|s| shown(cx.tenant, s)).collect()
    };
    page::objects(cx, "security/auditLog/queries", &QUERIES, &rows)
}

/// `POST /security/auditLog/queries`: 201, and it has not started yet
pub(super) fn create(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    allowed(cx)?;
    let Ok(Value::Object(asked)) = serde_json::from_slice(&cx.ask.body) else {
        return Err(Fault::bad("The request body is not valid JSON."));
    };
    let mut all = locked(&cx.tenant.searches);
    let busy = |s: &&Search| matches!(status(cx.tenant, s), "notStarted" | "running");
    if all.0.iter().filter(busy).count() >= AT_ONCE {
        return Err(Fault::new(
            429,
            "TooManyRequests",
            "Too many audit log queries are running.",
        ));
    }
    let n = all.0.len();
    let id = guid(cx.tenant.flags.seed, 0xa0d1_0000 + n as u64);
    let body = read(&id, asked)?;
    let search = Search {
        id,
        body,
        made: cx.tenant.clock.told(),
        fails: (n as u64) < cx.tenant.settings().search_fails,
        found: None,
    };
    let row = shown(cx.tenant, &search);
    all.0.push(search);
    drop(all);
    let mut answer = page::entity(cx, "security/auditLog/queries/$entity", row);
    answer.status = 201;
    Ok(answer)
}

/// The body as the query shows it; refuses what is not of its type.
fn read(id: &str, asked: Obj) -> Result<Obj, Fault> {
    let mut body = obj(json!({
        "id": id,
        "displayName": null,
        "filterStartDateTime": null,
        "filterEndDateTime": null,
        "recordTypeFilters": [],
        "keywordFilter": null,
        "serviceFilters": [],
        "operationFilters": [],
        "userPrincipalNameFilters": [],
        "ipAddressFilters": [],
        "objectIdFilters": [],
        "administrativeUnitIdFilters": [],
    }));
    for (key, value) in asked {
        let bad = || Fault::bad(format!("Invalid value for property '{key}'."));
        let kept = match key.as_str() {
            key if key.starts_with("@odata.") => continue,
            // the page says so, the metadata has the plural
            "serviceFilter" => {
                let list = match value {
                    Value::String(one) => json!([one]),
                    other => other,
                };
                body.insert("serviceFilters".into(), list);
                continue;
            }
            "displayName" | "keywordFilter" => value.is_string() || value.is_null(),
            "filterStartDateTime" | "filterEndDateTime" => instant(&value).is_some(),
            "recordTypeFilters" => {
                let names = value.as_array().ok_or_else(bad)?;
                let mut known = Vec::new();
                for name in names {
                    let name = name.as_str().filter(|n| !n.is_empty()).ok_or_else(bad)?;
                    let found = NAMES.iter().find(|(_, n)| n.eq_ignore_ascii_case(name));
                    known.push(found.map_or(name, |(_, n)| n).to_owned());
                }
                body.insert(key.clone(), json!(known));
                continue;
            }
            _ if body.contains_key(&key) && key != "id" => {
                let texts = |list: &Vec<Value>| list.iter().all(Value::is_string);
                value.as_array().is_some_and(texts)
            }
            _ => {
                return Err(Fault::bad(format!(
                    "The property '{key}' does not exist on type 'microsoft.graph.security.auditLogQuery'."
                )));
            }
        };
        if !kept {
            return Err(bad());
        }
        body.insert(key.clone(), value);
    }
    let (from, to) = (
        instant(&body["filterStartDateTime"]),
        instant(&body["filterEndDateTime"]),
    );
    match (from, to) {
        (Some(from), Some(to)) if from < to => Ok(body),
        _ => Err(Fault::bad(
            "filterStartDateTime must be given and before filterEndDateTime.",
        )),
    }
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn find<T>(cx: &Cx<'_>, id: &str, with: impl FnOnce(&mut Search) -> T) -> Result<T, Fault> {
    let mut all = locked(&cx.tenant.searches);
    let found = all.0.iter_mut().find(|s| s.id == id);
    let search = found.ok_or_else(|| Fault::no_entity(&format!("Audit log query {id}")))?;
    Ok(with(search))
}

/// `GET /security/auditLog/queries/{id}`
pub(super) fn get(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    allowed(cx)?;
    let row = find(cx, &path[3], |s| shown(cx.tenant, s))?;
    Ok(page::entity(cx, "security/auditLog/queries/$entity", row))
}

/// `GET /security/auditLog/queries/{id}/records`: none until it has succeeded (assumed)
pub(super) fn records(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    allowed(cx)?;
    check(&cx.options, &RECORDS, false).map_err(|r| Family::Security.refuse(r))?;
    let found = find(cx, &path[3], |search| {
        if status(cx.tenant, search) != "succeeded" {
            return Arc::default();
        }
        let now = Stamp::from(search.made);
        let search_body = &search.body;
        let found = search
            .found
            .get_or_insert_with(|| Arc::new(matching(cx.world, search_body, now)));
        Arc::clone(found)
    })?;
    let row = |_: usize| Value::Null;
    let context = format!("security/auditLog/queries('{}')/records", path[3]);
    page::list(
        cx,
        &context,
        &RECORDS,
        Paging::Token,
        0..found.len(),
        row,
        |p| record(cx.world, found[p]),
    )
}

/// What a search finds, newest first.
fn matching(world: &World, body: &Obj, now: Stamp) -> Vec<Entry> {
    let list = |key: &str| -> Vec<String> {
        let texts = body[key].as_array().into_iter().flatten();
        texts
            .filter_map(Value::as_str)
            .map(str::to_lowercase)
            .collect()
    };
    let at = |key: &str| instant(&body[key]).map(Stamp::from).unwrap_or(now);
    let (types, operations, services, people, addresses, objects) = (
        list("recordTypeFilters"),
        list("operationFilters"),
        list("serviceFilters"),
        list("userPrincipalNameFilters"),
        list("ipAddressFilters"),
        list("objectIdFilters"),
    );
    let keyword = body["keywordFilter"].as_str().map(str::to_lowercase);
    let any = |list: &[String], text: &str| list.is_empty() || list.contains(&text.to_lowercase());
    let fits = |fact: &Fact<'_>| {
        any(&types, type_name(fact.record))
            && any(&operations, &fact.operation)
            && any(&services, fact.workload)
            && any(&people, fact.user.map_or("", |u| world.user_row(u).upn))
            && any(
                &addresses,
                &fact.ip.map(|ip| ip.to_string()).unwrap_or_default(),
            )
            && (objects.is_empty() && keyword.is_none() || {
                let json = world.activity_json(fact);
                any(
                    &objects,
                    json.get("ObjectId")
                        .and_then(Value::as_str)
                        .unwrap_or_default(),
                ) && keyword.as_ref().is_none_or(|k| {
                    serde_json::to_string(&json).is_ok_and(|t| t.to_lowercase().contains(k))
                })
            })
    };
    let from = at("filterStartDateTime");
    let to = at("filterEndDateTime").min(now);
    let mut found: Vec<(Stamp, Entry)> = world
        .audit_log(from, to, now)
        .into_iter()
        .filter_map(|entry| {
            let fact = world.fact(entry);
            fits(&fact).then_some((fact.at, entry))
        })
        .collect();
    found.sort_unstable_by_key(|(at, entry)| (std::cmp::Reverse(*at), *entry));
    found.truncate(MOST);
    found.into_iter().map(|(_, entry)| entry).collect()
}

fn record(world: &World, entry: Entry) -> Obj {
    let fact = world.fact(entry);
    let data = world.activity_json(&fact);
    let user_type = data["UserType"]
        .as_u64()
        .and_then(|n| USER_TYPES.get(n as usize));
    let mut audit = obj(json!({"@odata.type": "#microsoft.graph.security.defaultAuditData"}));
    let row = obj(json!({
        "id": fact.id.to_string(),
        "createdDateTime": iso(fact.at.whole_second().timestamp()),
        "auditLogRecordType": type_name(fact.record),
        "operation": fact.operation,
        "organizationId": data["OrganizationId"],
        "userType": user_type,
        "userId": data["UserKey"],
        "userPrincipalName": data["UserId"],
        "service": fact.workload,
        "objectId": data.get("ObjectId").cloned().unwrap_or_default(),
        "clientIp": data.get("ClientIP").cloned().unwrap_or_default(),
        "administrativeUnits": [""],
    }));
    audit.extend(data);
    let mut row = row;
    row.insert("auditData".into(), Value::Object(audit));
    row
}
