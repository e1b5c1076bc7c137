//! `/auditLogs`: sign-ins and directory audits, newest first.

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page::{self, Paging};
use super::user_writes;
use crate::odata::check::{EQ, Kind, ORDER, Ops, Over, Rules, STARTS, check, field};
use crate::odata::eval::{Case, Cell, Lazy};
use crate::tenant::Tenant;
use crate::wire::answer::Answer;
use crate::world::stamp::{DAY, Stamp};

const ES: Ops = EQ | STARTS;

const SIGN_INS: Rules = Rules {
    kind: "microsoft.graph.signIn",
    filter: &[
        field("id", Kind::Text, EQ),
        field("correlationId", Kind::Text, EQ),
        field("appId", Kind::Text, EQ),
        field("userId", Kind::Text, EQ),
        field("clientAppUsed", Kind::Text, EQ),
        field("conditionalAccessStatus", Kind::Text, EQ),
        field("resourceDisplayName", Kind::Text, EQ),
        field("resourceId", Kind::Text, EQ),
        field("riskDetail", Kind::Text, EQ),
        field("riskLevelAggregated", Kind::Text, EQ),
        field("riskLevelDuringSignIn", Kind::Text, EQ),
        field("riskState", Kind::Text, EQ),
        field("riskEventTypes", Kind::List(&[""]), 0),
        field("riskEventTypes_v2", Kind::List(&[""]), 0),
        field("status/errorCode", Kind::Int, EQ),
        field("appDisplayName", Kind::Text, ES),
        field("ipAddress", Kind::Text, ES),
        field("userDisplayName", Kind::Text, ES),
        field("userPrincipalName", Kind::Text, ES),
        field("location/city", Kind::Text, ES),
        field("location/state", Kind::Text, ES),
        field("location/countryOrRegion", Kind::Text, ES),
        field("deviceDetail/browser", Kind::Text, ES),
        field("deviceDetail/operatingSystem", Kind::Text, ES),
        field("createdDateTime", Kind::Time, EQ | ORDER),
    ],
    select: &[
        "id",
        "appDisplayName",
        "appId",
        "appliedConditionalAccessPolicies",
        "authenticationAppDeviceDetails",
        "clientAppUsed",
        "conditionalAccessStatus",
        "correlationId",
        "createdDateTime",
        "deviceDetail",
        "homeTenantId",
        "ipAddress",
        "isInteractive",
        "location",
        "resourceDisplayName",
        "resourceId",
        "resourceTenantId",
        "riskDetail",
        "riskEventTypes",
        "riskEventTypes_v2",
        "riskLevelAggregated",
        "riskLevelDuringSignIn",
        "riskState",
        "servicePrincipalId",
        "servicePrincipalName",
        "status",
        "userAgent",
        "userDisplayName",
        "userId",
        "userPrincipalName",
    ],
    orderby: &[],
    expand: &[],
    top: (1000, 1000),
    over: Over::Clamped,
    skip: false,
    count: false,
    search: false,
    advanced: false,
    // names are stored in lower case and compared as they are
    case: Case::Exact,
};

const AUDITS: Rules = Rules {
    kind: "microsoft.graph.directoryAudit",
    filter: &[
        field("id", Kind::Text, EQ),
        field("correlationId", Kind::Text, EQ),
        field("loggedByService", Kind::Text, EQ),
        field("activityDateTime", Kind::Time, EQ | ORDER),
        field("activityDisplayName", Kind::Text, ES),
        field("initiatedBy/user/id", Kind::Text, EQ),
        field("initiatedBy/user/displayName", Kind::Text, EQ),
        field("initiatedBy/user/userPrincipalName", Kind::Text, ES),
        field("initiatedBy/app/appId", Kind::Text, EQ),
        field("initiatedBy/app/displayName", Kind::Text, EQ),
        field("targetResources", Kind::List(&["id", "displayName"]), 0),
    ],
    select: &[
        "id",
        "activityDateTime",
        "activityDisplayName",
        "additionalDetails",
        "category",
        "correlationId",
        "initiatedBy",
        "loggedByService",
        "operationType",
        "result",
        "resultReason",
        "targetResources",
    ],
    orderby: &["activityDateTime"],
    case: Case::Folded,
    ..SIGN_INS
};

fn one(cx: &Cx<'_>, rules: &Rules) -> Result<(), Fault> {
    let rules = Rules {
        filter: &[],
        orderby: &[],
        ..*rules
    };
    check(&cx.options, &rules, false).map_err(|r| Family::Reports.refuse(r))
}

/// Days that audits are kept without Entra ID P1.
const KEPT_FREE: i64 = 7;

/// Without Entra ID P1 there are no sign-ins to be read.
fn premium(cx: &Cx<'_>) -> Result<(), Fault> {
    if !cx.tenant.settings().lacks("entra-p1") {
        return Ok(());
    }
    Err(Fault::new(
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    ))
}

/// `GET /auditLogs/signIns`
pub(super) fn sign_ins(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    premium(cx)?;
    check(&cx.options, &SIGN_INS, false).map_err(|r| Family::Reports.refuse(r))?;
    let world = cx.world;
    let demanded = |name: &str| cx.options.filter.as_ref().and_then(|f| f.demands(name));
    let user = match (demanded("userId"), demanded("userPrincipalName")) {
        (Some(id), _) => Some(world.user_by_id(id)),
        (None, Some(upn)) => Some(world.user_by_upn(upn)),
        _ => None,
    };
    let of_user = user.map(|user| user.map(|u| world.user_sign_ins(u)).unwrap_or_default());
    let keys = of_user.as_deref().unwrap_or_else(|| world.sign_ins());
    let row = |p: usize| {
        let key = keys[p];
        let row = world.sign_in_row(key);
        let quick = move |name: &str| {
            Some(match name {
                "createdDateTime" => Cell::Time(row.at.timestamp()),
                "status/errorCode" => Cell::Int(i64::from(row.error)),
                "appDisplayName" => Cell::from(row.app),
                _ => return None,
            })
        };
        Lazy::new(quick, move || world.sign_in_json(key))
    };
    page::list(
        cx,
        "auditLogs/signIns",
        &SIGN_INS,
        Paging::Token,
        0..keys.len(),
        row,
        |p| world.sign_in_json(keys[p]),
    )
}

/// `GET /auditLogs/signIns/{id}`
pub(super) fn sign_in(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    premium(cx)?;
    one(cx, &SIGN_INS)?;
    let id = &path[2];
    let key = cx
        .world
        .sign_in_by_id(id)
        .ok_or_else(|| Fault::no_entity(&format!("Sign-in {id}")))?;
    Ok(page::entity(
        cx,
        "auditLogs/signIns/$entity",
        cx.world.sign_in_json(key),
    ))
}

/// `GET /auditLogs/directoryAudits`
pub(super) fn audits(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &AUDITS, false).map_err(|r| Family::Reports.refuse(r))?;
    let world = cx.world;
    let target = cx
        .options
        .filter
        .as_ref()
        .and_then(|f| f.demands_item("targetResources", "id"));
    // what clients did comes first, then the world's: all of it is older
    let notes = user_writes::notes(cx);
    let count = notes.len();
    let mut older: Vec<usize> = match target.map(|id| world.user_by_id(id)) {
        Some(Some(user)) => world.user_audits(user),
        _ => (0..world.audit_count()).collect(),
    };
    if cx.tenant.settings().lacks("entra-p1") {
        let oldest = Stamp::from(cx.tenant.clock.told()).plus(-KEPT_FREE * DAY);
        older.retain(|i| world.audit_row(*i).at >= oldest);
    }
    let mut positions: Vec<usize> = (0..count)
        .chain(older.into_iter().map(|i| i + count))
        .collect();
    let notes = &notes;
    // the only order there is besides the usual one is its reverse
    if cx
        .options
        .orderby
        .first()
        .is_some_and(|(_, descending)| !descending)
    {
        positions.reverse();
    }
    let line = move |p: usize| match p.checked_sub(count) {
        None => notes[p].clone(),
        Some(i) => world.audit_json(i),
    };
    let row = |p: usize| {
        let row = p.checked_sub(count).map(|i| world.audit_row(i));
        let quick = move |name: &str| {
            let row = row?;
            Some(match name {
                "activityDateTime" => Cell::Time(row.at.timestamp()),
                "activityDisplayName" => Cell::from(row.activity),
                _ => return None,
            })
        };
        Lazy::new(quick, move || line(p))
    };
    let context = "auditLogs/directoryAudits";
    page::sorted(
        cx,
        context,
        &AUDITS,
        Paging::Token,
        &[],
        positions.into_iter(),
        row,
        line,
    )
}

/// `GET /auditLogs/directoryAudits/{id}`
pub(super) fn audit(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    one(cx, &AUDITS)?;
    let id = &path[2];
    let ours = user_writes::notes(cx);
    if let Some(line) = ours
        .into_iter()
        .find(|l| l.get("id").and_then(serde_json::Value::as_str) == Some(id))
    {
        return Ok(page::entity(cx, "auditLogs/directoryAudits/$entity", line));
    }
    let i = cx
        .world
        .audit_by_id(id)
        .ok_or_else(|| Fault::no_entity(&format!("Directory audit {id}")))?;
    Ok(page::entity(
        cx,
        "auditLogs/directoryAudits/$entity",
        cx.world.audit_json(i),
    ))
}

/// How many sign-ins and directory audits of the last days there are.
pub(crate) fn truth(tenant: &Tenant, days: i64) -> (usize, usize) {
    let world = tenant.world();
    let now = Stamp::from(tenant.clock.told());
    let span = now.plus(-days * DAY)..=now;
    let sign_ins = world.sign_ins().iter();
    let sign_ins = sign_ins.filter(|key| span.contains(&world.sign_in_row(**key).at));
    let audits = (0..world.audit_count()).filter(|i| span.contains(&world.audit_row(*i).at));
    (sign_ins.count(), audits.count())
}
