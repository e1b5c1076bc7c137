//! `/security/collaboration/analyzedEmails`: messages that alerts are about, and putting them elsewhere. A remediation is accepted and
//! nothing more; a later read of the message, or of the alert's evidence, shows what became of it.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page::{self, Paging};
use super::triage;
use crate::odata::check::{EQ, Kind, Over, Rules, check, field};
use crate::odata::eval::Case;
use crate::odata::filter::time;
use crate::queue::{self, Moved, Origin, Queue};
use crate::wire::answer::Answer;
use crate::world::{Obj, obj};

const RULES: Rules = Rules {
    kind: "microsoft.graph.security.analyzedEmail",
    filter: &[
        field("networkMessageId", Kind::Text, EQ),
        field("recipientEmailAddress", Kind::Text, EQ),
    ],
    select: &[],
    orderby: &[],
    expand: &[],
    top: (100, 1000),
    over: Over::Clamped,
    skip: false,
    count: true,
    search: false,
    advanced: false,
    case: Case::Folded,
};

const SOURCE: &str = "microsoftDefenderForOffice365";
const MESSAGE: &str = "#microsoft.graph.security.analyzedMessageEvidence";

/// What can be asked for, and where the message is then (the last one is the service's to do, not yet ours to ask).
const ACTIONS: &[(&str, Option<&str>)] = &[
    ("moveToJunk", Some("junkFolder")),
    ("moveToInbox", Some("inbox_folder")),
    ("hardDelete", Some("dropped")),
    ("softDelete", Some("deletedFolder")),
    ("moveToDeletedItems", Some("deletedFolder")),
    ("moveToQuarantine", None),
];

fn member(word: &str, members: &[&'static str], other: &'static str) -> &'static str {
    members
        .iter()
        .find(|m| **m == word)
        .copied()
        .unwrap_or(other)
}

fn location(word: &str) -> &'static str {
    let members = [
        "inbox_folder",
        "junkFolder",
        "deletedFolder",
        "quarantine",
        "failed",
        "dropped",
    ];
    member(word, &members, "others")
}

fn action(word: &str) -> &'static str {
    match word {
        "deliveredAsSpam" => "deliveredToJunk",
        other => member(
            other,
            &["deliveredToJunk", "delivered", "blocked", "replaced"],
            "unknown",
        ),
    }
}

/// A message from the evidence of an alert.
fn message(evidence: &Value, moved: Option<&'static str>, alert: &str) -> Obj {
    let text = |key: &str| evidence[key].as_str().unwrap_or_default();
    let (network, recipient) = (text("networkMessageId"), text("recipientEmailAddress"));
    let sender = &evidence["p1Sender"];
    let (address, domain) = (&sender["emailAddress"], &sender["domainName"]);
    let threats = &evidence["threats"];
    let phish = threats.as_array().is_some_and(|t| !t.is_empty());
    let threat = threats
        .as_array()
        .and_then(|t| t.first())
        .cloned()
        .unwrap_or_default();
    let kinds = if phish {
        json!(["phish"])
    } else {
        json!(["none"])
    };
    let (done, place) = (
        action(text("deliveryAction")),
        location(text("deliveryLocation")),
    );
    let urls: Vec<Value> = evidence["urls"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|url| json!({"url": url, "threatType": if phish { "phish" } else { "none" }, "detectionMethod": null, "detonationDetails": null, "tenantAllowBlockListDetailInfo": null}))
        .collect();
    obj(json!({
        "id": format!("{network}-{}", crate::tenant::guid(hash(recipient), 1)),
        "loggedDateTime": evidence["receivedDateTime"],
        "networkMessageId": network,
        "internetMessageId": evidence["internetMessageId"],
        "subject": evidence["subject"],
        "recipientEmailAddress": recipient,
        "returnPath": address,
        "senderDetail": {
            "fromAddress": address, "displayName": sender["displayName"], "domainName": domain, "mailFromAddress": address,
            "mailFromDomainName": domain, "ipv4": evidence["senderIp"], "location": null, "domainOwner": null, "domainCreationDateTime": null,
        },
        "recipientDetail": {"ccRecipients": [], "domainName": recipient.rsplit('@').next()},
        "directionality": member(text("antiSpamDirection"), &["inbound", "outbound", "intraOrg"], "unknown"),
        "originalDelivery": {"action": done, "location": place, "originalThreats": threat, "latestThreats": threat},
        "latestDelivery": {"action": done, "location": moved.unwrap_or(place), "originalThreats": threat, "latestThreats": threat},
        "detectionMethods": evidence["threatDetectionMethods"],
        "threatTypes": kinds,
        "alertIds": [alert],
        "attachments": [],
        "urls": urls,
        "language": evidence["language"],
        "authenticationDetails": {"senderPolicyFramework": "fail", "dkim": "none", "dmarc": "fail", "compositeAuthentication": "fail"},
        "bulkComplaintLevel": null,
        "clientType": null,
        "contexts": [],
        "distributionList": null,
        "dlpRules": [],
        "emailClusterId": null,
        "exchangeTransportRules": [],
        "forwardingDetail": null,
        "inboundConnectorFormattedName": null,
        "overrideSources": [],
        "phishConfidenceLevel": if phish { json!("Normal") } else { Value::Null },
        "policy": null,
        "policyAction": null,
        "policyType": null,
        "primaryOverrideSource": null,
        "sizeInBytes": 48_213,
        "spamConfidenceLevel": null,
        "threatDetectionDetails": [],
        "timelineEvents": [],
    }))
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Messages of these alerts, each recipient's once, newest first.
fn messages(queue: &Queue<'_>, alerts: impl Iterator<Item = Origin>) -> Vec<Obj> {
    let mut all: Vec<Obj> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for at in alerts.filter(|at| queue.alert_row(*at).service_source == SOURCE) {
        let alert = queue.alert_made(at);
        let id = queue.alert_id(at).into_owned();
        let evidence = alert.get("evidence").and_then(Value::as_array);
        for item in evidence.into_iter().flatten() {
            if item["@odata.type"] != MESSAGE {
                continue;
            }
            let one = message(item, queue.mail_now(item), &id);
            let key = one
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            match places.get(&key).and_then(|p| all.get_mut(*p)) {
                None => {
                    places.insert(key, all.len());
                    all.push(one);
                }
                Some(known) => {
                    let ids = known.get_mut("alertIds").and_then(Value::as_array_mut);
                    if let Some(ids) = ids.filter(|ids| !ids.contains(&json!(id))) {
                        ids.push(json!(id));
                    }
                }
            }
        }
    }
    all.sort_by_cached_key(|m| {
        let at = m.get("loggedDateTime").and_then(Value::as_str);
        std::cmp::Reverse(at.and_then(|t| t.parse::<Timestamp>().ok()))
    });
    all
}

fn everywhere<'a>(queue: &'a Queue<'_>) -> impl Iterator<Item = Origin> + 'a {
    (0..queue.alert_count()).map(|p| queue.alert_at(p))
}

/// `GET /security/collaboration/analyzedEmails`
pub(super) fn list(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &RULES, false).map_err(|r| Family::Security.refuse(r))?;
    let bound = |name: &str| match cx.options.plain(name) {
        None => Ok(None),
        Some(text) => instant(text)
            .map(Some)
            .ok_or_else(|| Fault::bad(format!("{name} is neither a date nor an instant."))),
    };
    let (from, until) = (bound("startTime")?, bound("endTime")?);
    let queue = queue::read(cx.tenant);
    let demanded = |name: &str| cx.options.filter.as_ref().and_then(|f| f.demands(name));
    // a recipient's alerts are at hand; without one all are looked through
    let user = demanded("recipientEmailAddress").and_then(|m| cx.world.user_by_upn(m));
    let mut rows = match user {
        Some(user) => {
            let own = cx.world.user_alerts(user).into_iter().map(Origin::World);
            messages(&queue, own.chain(queue.arrived()))
        }
        None => messages(&queue, everywhere(&queue)),
    };
    rows.retain(|m| {
        let at = m.get("loggedDateTime").and_then(Value::as_str);
        at.and_then(|t| t.parse::<Timestamp>().ok())
            .is_none_or(|at| {
                from.is_none_or(|from| at >= from) && until.is_none_or(|until| at <= until)
            })
    });
    page::list(
        cx,
        "security/collaboration/analyzedEmails",
        &RULES,
        Paging::Token,
        0..rows.len(),
        |p| &rows[p],
        |p| rows[p].clone(),
    )
}

/// A date, or an instant.
fn instant(text: &str) -> Option<Timestamp> {
    time(text).or_else(|| time(&format!("{text}T00:00:00Z")))
}

/// `GET /security/collaboration/analyzedEmails/{id}`
pub(super) fn get(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let queue = queue::read(cx.tenant);
    let found = messages(&queue, everywhere(&queue))
        .into_iter()
        .find(|m| m.get("id").and_then(Value::as_str) == Some(path[3].as_str()));
    let found = found.ok_or_else(|| Fault::no_entity("Message"))?;
    Ok(page::entity(
        cx,
        "security/collaboration/analyzedEmails/$entity",
        found,
    ))
}

/// `POST /security/collaboration/analyzedEmails/remediate`: accepted, whatever the messages are (assumed)
pub(super) fn remediate(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let body = triage::body(cx)?;
    let known = [
        "displayName",
        "description",
        "severity",
        "action",
        "remediateSendersCopy",
        "analyzedEmails",
    ];
    if let Some(stranger) = body.keys().find(|k| !known.contains(&k.as_str())) {
        return Err(Fault::bad(format!("Invalid property '{stranger}'.")));
    }
    let text = |key: &str| {
        body.get(key)
            .and_then(Value::as_str)
            .filter(|t| !t.trim().is_empty())
            .ok_or_else(|| Fault::bad(format!("{key} is required.")))
    };
    text("displayName")?;
    let severity = text("severity")?;
    if !["low", "medium", "high"]
        .iter()
        .any(|s| s.eq_ignore_ascii_case(severity))
    {
        return Err(Fault::bad(format!("'{severity}' is not a severity.")));
    }
    let word = text("action")?;
    let place = ACTIONS
        .iter()
        .find(|(a, _)| a.eq_ignore_ascii_case(word))
        .and_then(|(_, place)| *place)
        .ok_or_else(|| Fault::bad(format!("The action '{word}' is not supported.")))?;
    match body.get("remediateSendersCopy") {
        None | Some(Value::Null | Value::Bool(_)) => {}
        // the sample of the page sends a string
        Some(Value::String(flag)) if flag == "true" || flag == "false" => {}
        Some(_) => return Err(Fault::bad("remediateSendersCopy must be a boolean.")),
    }
    let one = |item: &Value| {
        let map = item.as_object().filter(|m| m.len() == 2)?;
        let text = |key: &str| map.get(key)?.as_str().filter(|t| !t.is_empty());
        Some(queue::mail_key(
            text("networkMessageId")?,
            text("recipientEmailAddress")?,
        ))
    };
    let messages: Option<Vec<_>> = match body.get("analyzedEmails") {
        Some(Value::Array(list)) if !list.is_empty() => list.iter().map(one).collect(),
        _ => None,
    };
    let messages = messages.ok_or_else(|| {
        Fault::bad("analyzedEmails must be a list of networkMessageId and recipientEmailAddress.")
    })?;
    let at = cx.tenant.clock.told();
    let mut state = queue::write(cx.tenant);
    for key in messages {
        state
            .mails
            .entry(key)
            .or_default()
            .push(Moved { at, place });
    }
    drop(state);
    let bulk = uuid::Uuid::new_v4();
    let center = format!("https://security.microsoft.com/action-center/history?bulkId={bulk}");
    Ok(Answer::empty(202).with("location", center))
}
