//! `/indicators`: listed, created or written over by value, imported, deleted.

use std::net::IpAddr;
use std::sync::MutexGuard;

use serde_json::{Value, json};
use url::Url;

use super::body::{Body, too_many};
use super::machines::{self, TEXT, WHEN};
use super::{Cx, Fault, list};
use crate::clock::iso;
use crate::odata::check::{EQ, IN, Kind, NE, NOT, Rules, field};
use crate::response::indicators::{Indicators, LIMIT};
use crate::tenant::locked;
use crate::wire::answer::Answer;
use crate::world::indicators::DEVICE_GROUPS;
use crate::world::{Obj, obj};

const RULES: Rules = Rules {
    kind: "microsoft.windowsDefenderATP.api.Indicator",
    filter: &[
        field("application", Kind::Text, TEXT),
        field("createdByDisplayName", Kind::Text, TEXT),
        field("expirationTime", Kind::Time, WHEN),
        field("generateAlert", Kind::Bool, EQ | NE | NOT),
        field("title", Kind::Text, TEXT),
        field("rbacGroupNames", Kind::List(&[""]), NOT),
        field("rbacGroupIds", Kind::List(&[""]), NOT),
        field("indicatorValue", Kind::Text, TEXT),
        field("indicatorType", Kind::Text, TEXT),
        field("creationTimeDateTimeUtc", Kind::Time, WHEN),
        field("createdBy", Kind::Text, EQ | NE | IN | NOT),
        field("action", Kind::Text, TEXT),
        field("severity", Kind::Text, TEXT),
    ],
    orderby: &["creationTimeDateTimeUtc", "indicatorValue"],
    ..machines::RULES
};

const KINDS: &[&str] = &[
    "FileSha1",
    "FileSha256",
    "FileMd5",
    "CertificateThumbprint",
    "IpAddress",
    "DomainName",
    "Url",
];
const ACTIONS: &[&str] = &[
    "Warn",
    "Block",
    "Audit",
    "Alert",
    "AlertAndBlock",
    "BlockAndRemediate",
    "Allowed",
];
const SEVERITIES: &[&str] = &["Informational", "Low", "Medium", "High"];
const KNOWN: &[&str] = &[
    "indicatorValue",
    "indicatorType",
    "action",
    "application",
    "title",
    "description",
    "severity",
    "expirationTime",
    "recommendedActions",
    "rbacGroupNames",
    "generateAlert",
    "educateUrl",
    "externalId",
    "externalID",
    "mitreTechniques",
    "category",
    "historicalDetection",
];
/// Rows of a batch, at most.
const MANY: usize = 500;

fn opened<'a>(cx: &'a Cx<'_>) -> MutexGuard<'a, Indicators> {
    let mut all = locked(&cx.tenant.response.indicators);
    all.at(cx.tenant.clock.told(), || cx.world.indicators());
    all
}

/// Does the caller see rows of others? An application needs `.All` for that; a person's scope has it always.
fn sees_all(cx: &Cx<'_>) -> bool {
    cx.caller.user.is_some() || cx.caller.may(&[&["Ti.ReadWrite.All"]])
}

fn seen(cx: &Cx<'_>, row: &Obj) -> bool {
    sees_all(cx) || row.get("createdBy").and_then(Value::as_str) == Some(cx.caller.name.as_str())
}

/// `GET /indicators`: active ones only
pub(super) fn all(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let rows: Vec<Obj> = opened(cx)
        .rows()
        .filter(|row| seen(cx, row))
        .cloned()
        .collect();
    list::objects(cx, "Indicators", &RULES, &rows)
}

/// `POST /indicators`
pub(super) fn submit(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let row = checked(cx, &Body::read(cx, KNOWN)?)?;
    let put = opened(cx).put(row).ok_or_else(full)?;
    Ok(list::entity(cx, "Indicators/$entity", put))
}

fn full() -> Fault {
    Fault::new(
        400,
        "BadRequest",
        format!("The tenant has reached the limit of {LIMIT} indicators."),
    )
}

/// `POST /indicators/import`: each row by itself, some may fail
pub(super) fn import(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let body = Body::read(cx, &["Indicators"])?;
    let rows = match body.0.get("Indicators") {
        Some(Value::Array(rows)) if !rows.is_empty() => rows,
        None | Some(Value::Null | Value::Array(_)) => {
            return Err(Fault::new(
                400,
                "MissingRequiredParameter",
                "Indicators is required.",
            ));
        }
        Some(_) => {
            return Err(Fault::new(
                400,
                "InvalidRequestBody",
                "Indicators must be a list.",
            ));
        }
    };
    too_many(rows.len(), MANY)?;
    let mut results = Vec::new();
    let mut all = opened(cx);
    for row in rows {
        let done = match row {
            Value::Object(map) => {
                checked(cx, &Body(map.clone())).and_then(|row| all.put(row).ok_or_else(full))
            }
            _ => Err(Fault::new(400, "InvalidRequestBody", "Not an object.")),
        };
        let value = row["indicatorValue"].clone();
        results.push(match done {
            Ok(put) => json!({"id": put.get("id"), "indicator": value, "isFailed": false, "failureReason": null}),
            Err(fault) => json!({"id": null, "indicator": value, "isFailed": true, "failureReason": fault.message}),
        });
    }
    let rows = results.into_iter().map(obj);
    let context = "Collection(microsoft.windowsDefenderATP.api.ImportIndicatorResult)";
    Ok(list::write(cx, context, None, rows))
}

/// `DELETE /indicators/{id}`
pub(super) fn delete(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    remove(cx, &[&path[1]])
}

/// `POST /indicators/BatchDelete`: all or none (assumed)
pub(super) fn delete_many(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let body = Body::read(cx, &["IndicatorIds"])?;
    remove(cx, &body.texts("IndicatorIds", MANY)?)
}

fn remove(cx: &Cx<'_>, ids: &[&str]) -> Result<Answer, Fault> {
    let mut all = opened(cx);
    for id in ids {
        if !all.get(id).is_some_and(|row| seen(cx, row)) {
            return Err(Fault::none("Indicator", id));
        }
    }
    all.delete(ids, cx.tenant.clock.told());
    Ok(Answer::empty(204))
}

/// A row from a body, as it would be stored without an id.
fn checked(cx: &Cx<'_>, body: &Body) -> Result<Obj, Fault> {
    let invalid = |text: String| Fault::new(400, "InvalidInput", text);
    let value = body.need("indicatorValue")?;
    let kind = body.member("indicatorType", KINDS)?;
    let action = body.member("action", ACTIONS)?;
    let (title, description) = (body.need("title")?, body.need("description")?);
    fits(kind, value)?;
    let severity = match body.text("severity")? {
        None => "Informational",
        Some(_) => body.member("severity", SEVERITIES)?,
    };
    let now = cx.tenant.clock.told();
    let until = match body.text("expirationTime")? {
        None => Value::Null,
        Some(text) => {
            let at = crate::odata::filter::time(text)
                .filter(|at| *at > now)
                .ok_or_else(|| {
                    invalid(format!(
                        "expirationTime '{text}' is not an instant to come."
                    ))
                })?;
            json!(iso(at))
        }
    };
    let alert = match body.0.get("generateAlert") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(on)) => *on,
        Some(_) => {
            return Err(Fault::new(
                400,
                "InvalidRequestBody",
                "generateAlert must be a boolean.",
            ));
        }
    };
    if action == "Audit" && !alert {
        return Err(invalid("Audit needs generateAlert.".into()));
    }
    let educate = body.text("educateUrl")?;
    if educate.is_some() && kind != "Url" {
        return Err(invalid("educateUrl is for URLs only.".into()));
    }
    if educate.is_some() && !matches!(action, "Warn" | "Block") {
        return Err(invalid("educateUrl goes with Warn or Block only.".into()));
    }
    let groups = groups(body)?;
    let (by, name, source) = match cx.caller.user {
        Some(user) => {
            let row = cx.world.user_row(user);
            (row.upn.to_owned(), row.display.to_owned(), "User")
        }
        None => (cx.caller.name.clone(), "Watchfloor".to_owned(), "AadApp"),
    };
    let external = match body.text("externalId")? {
        None => body.text("externalID")?,
        id => id,
    };
    Ok(obj(json!({
        "id": "",
        "indicatorValue": value,
        "indicatorType": kind,
        "action": action,
        "createdBy": by,
        "severity": severity,
        "category": 1,
        "application": body.text("application")?,
        "educateUrl": educate,
        "bypassDurationHours": null,
        "title": title,
        "description": description,
        "recommendedActions": body.text("recommendedActions")?,
        "creationTimeDateTimeUtc": iso(now),
        "expirationTime": until,
        "lastUpdateTime": iso(now),
        "lastUpdatedBy": name,
        "createdByDisplayName": name,
        "createdBySource": if source == "User" { "User" } else { "PublicApi" },
        "source": name,
        "sourceType": source,
        "rbacGroupNames": groups.iter().map(|g| g.1).collect::<Vec<_>>(),
        "rbacGroupIds": groups.iter().map(|g| g.0.to_string()).collect::<Vec<_>>(),
        "generateAlert": alert,
        "externalId": external,
        "mitreTechniques": [],
        "historicalDetection": false,
    })))
}

/// Device groups named in a body: a list, or one text with commas, as the page has it both ways. None of them is every device.
fn groups(body: &Body) -> Result<Vec<(u32, &'static str)>, Fault> {
    let names: Vec<String> = match body.0.get("rbacGroupNames") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => text
            .split(',')
            .map(|n| n.trim().to_owned())
            .filter(|n| !n.is_empty())
            .collect(),
        Some(Value::Array(list)) => list
            .iter()
            .map(|v| v.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| {
                Fault::new(
                    400,
                    "InvalidRequestBody",
                    "rbacGroupNames must hold strings.",
                )
            })?,
        Some(_) => {
            return Err(Fault::new(
                400,
                "InvalidRequestBody",
                "rbacGroupNames must be a list.",
            ));
        }
    };
    names
        .iter()
        .map(|name| {
            let known = DEVICE_GROUPS.iter().find(|(_, n)| n == name).copied();
            known.ok_or_else(|| {
                Fault::new(
                    400,
                    "InvalidInput",
                    format!("The device group '{name}' does not exist."),
                )
            })
        })
        .collect()
}

/// Is the value one of its kind?
fn fits(kind: &str, value: &str) -> Result<(), Fault> {
    let hex = |length: usize| value.len() == length && value.bytes().all(|b| b.is_ascii_hexdigit());
    let refused = |code, what: &str| {
        Err(Fault::new(
            400,
            code,
            format!("'{value}' is not a valid {what}."),
        ))
    };
    match kind {
        "FileSha1" if !hex(40) => refused("InvalidHashValue", "SHA1"),
        "FileSha256" if !hex(64) => refused("InvalidHashValue", "SHA256"),
        "FileMd5" if !hex(32) => refused("InvalidHashValue", "MD5"),
        "CertificateThumbprint" if !hex(40) => refused("InvalidHashValue", "thumbprint"),
        // single addresses only, no ranges
        "IpAddress" if value.parse::<IpAddr>().is_err() => {
            refused("InvalidIpAddress", "IP address")
        }
        "DomainName" if !domain(value) => refused("InvalidDomainName", "domain name"),
        "Url" if !address(value) => refused("InvalidUrl", "URL"),
        _ => Ok(()),
    }
}

fn domain(value: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    value.len() <= 253
        && value.contains('.')
        && value.parse::<IpAddr>().is_err()
        && value.split('.').all(label)
}

fn address(value: &str) -> bool {
    Url::parse(value).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host())
}
