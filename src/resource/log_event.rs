//! One act of the logs in one shape, whatever source told it: a record of the activity feed, a sign-in, a directory audit, a
//! record that an audit search found. Columns, details and timelines read these fields; who wants more reads the row itself.
//!
//! Sign-ins get the words that the feed has for the same act (`UserLoggedIn`, `UserLoginFailed`), so that one filter finds both.

use super::record::{self, CONTENT};
use crate::model::feed::Source;
use crate::model::{Json, Ticks};
use std::borrow::Cow;
use table::Text;

/// What somebody did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogEvent<'a> {
    pub source: Source,
    /// The service's own id, without any mark of ours.
    pub id: Option<&'a str>,
    /// UTC.
    pub at: Option<Ticks>,
    pub operation: Option<&'a str>,
    /// Sign-in name; of an application its name, else an id.
    pub user: Option<&'a str>,
    /// Id of who did it in the directory, where it is told.
    pub user_id: Option<&'a str>,
    /// `record::about`.
    pub about: Option<&'static str>,
    pub object: Option<Cow<'a, str>>,
    /// Without a port.
    pub ip: Option<&'a str>,
    pub result: Option<&'a str>,
    pub workload: Option<&'a str>,
    /// The person it was done to.
    pub target: Option<Text>,
    /// Names of what was set; of sign-ins `error:50126`, `risk:high`, `access:failure`.
    pub changes: Vec<String>,
    pub kind: Option<Cow<'a, str>>,
    /// Everyone it names with a sign-in name, who did it first.
    pub people: Vec<String>,
    /// Name and directory id of the device it was done from, where that is told.
    pub device: Option<&'a str>,
    pub device_id: Option<&'a str>,
}

/// Which source a row came from: by our own mark where it has one, else by the fields that only one source has.
pub fn source(row: Json<'_>) -> Source {
    let has = |name: &str| !row.at(name).is_null();
    match row.str(CONTENT) {
        Some(name) => Source::named(name),
        None if has("auditLogRecordType") && has("createdDateTime") => Source::Search,
        None if has("activityDateTime") => Source::Audits,
        None if has("createdDateTime") && !has("CreationTime") => Source::SignIns,
        None => Source::Feed,
    }
}

impl<'a> LogEvent<'a> {
    /// Reads a row of any source.
    pub fn of(row: Json<'a>) -> Self {
        let mut event = match source(row) {
            Source::Feed => feed(row),
            Source::SignIns => sign_in(row),
            Source::Audits => audit(row),
            Source::Search => found(row),
        };
        let user = event.user.map(str::to_owned);
        let target = event.target.as_ref().map(|t| t.txt().exact().to_owned());
        let more = std::mem::take(&mut event.people);
        for name in user.into_iter().chain(target).chain(more) {
            if !event.people.iter().any(|p| p.eq_ignore_ascii_case(&name)) {
                event.people.push(name);
            }
        }
        event
    }
}

/// A text field, or a number as one.
fn worded<'a>(row: Json<'a>, name: &str) -> Option<Cow<'a, str>> {
    let number = || row.text(name).map(|t| t.txt().exact().to_owned());
    row.str(name)
        .map(Cow::Borrowed)
        .or_else(|| number().map(Cow::Owned))
}

fn full(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.is_empty())
}

fn feed(row: Json<'_>) -> LogEvent<'_> {
    let ip = row.str("ClientIP").or_else(|| row.str("ActorIpAddress"));
    LogEvent {
        source: Source::Feed,
        id: row.str("Id"),
        at: record::time(row),
        operation: row.str("Operation"),
        user: row.str("UserId"),
        user_id: row.str("UserKey"),
        about: record::about(row),
        object: worded(row, "ObjectId"),
        ip: full(ip.map(record::address)),
        result: row.str("ResultStatus"),
        workload: row.str("Workload"),
        target: record::target(row),
        changes: record::changes(row),
        kind: record::type_name(row).map(Cow::Owned),
        ..LogEvent::default()
    }
}

fn sign_in(row: Json<'_>) -> LogEvent<'_> {
    let error = row.at("status").int("errorCode");
    let (operation, result) = match error {
        Some(0) => ("UserLoggedIn", Some("success")),
        Some(_) => ("UserLoginFailed", Some("failed")),
        // what is not told is not guessed
        None => ("SignIn", None),
    };
    let mut changes = Vec::new();
    changes.extend(error.filter(|e| *e != 0).map(|e| format!("error:{e}")));
    let grave = |name: &str| {
        let quiet = ["none", "hidden", "notApplied", "success", "unknown"];
        row.str(name)
            .filter(|w| !quiet.iter().any(|q| q.eq_ignore_ascii_case(w)))
    };
    changes.extend(grave("riskLevelDuringSignIn").map(|w| format!("risk:{w}")));
    changes.extend(grave("conditionalAccessStatus").map(|w| format!("access:{w}")));
    let device = row.at("deviceDetail");
    let user = row
        .str("userPrincipalName")
        .or_else(|| row.str("userDisplayName"));
    LogEvent {
        source: Source::SignIns,
        id: row.str("id"),
        at: row.time("createdDateTime"),
        operation: Some(operation),
        user: user.or_else(|| row.str("userId")),
        user_id: row.str("userId"),
        about: Some("signin"),
        object: row
            .str("appDisplayName")
            .or_else(|| row.str("resourceDisplayName"))
            .map(Cow::Borrowed),
        ip: full(row.str("ipAddress").map(record::address)),
        result,
        workload: Some("AzureActiveDirectory"),
        changes,
        kind: Some(Cow::Borrowed("signIn")),
        device: device.str("displayName"),
        device_id: device.str("deviceId"),
        ..LogEvent::default()
    }
}

/// What `modifiedProperties` holds is JSON in a text: `"\"Reports Reader\""`.
pub fn unquoted(text: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::String(inner)) => inner,
        Ok(serde_json::Value::Array(items)) => {
            let words: Vec<String> = items
                .iter()
                .map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned))
                .collect();
            words.join(", ")
        }
        _ => text.to_owned(),
    }
}

/// The properties that a directory audit changed, of all its targets.
pub fn modified<'a>(row: Json<'a>) -> impl Iterator<Item = Json<'a>> + use<'a> {
    row.list("targetResources")
        .flat_map(|t| t.list("modifiedProperties"))
}

fn audit(row: Json<'_>) -> LogEvent<'_> {
    let by = row.at("initiatedBy");
    let (person, app) = (by.at("user"), by.at("app"));
    let operation = row.str("activityDisplayName");
    let about = operation.and_then(record::act).or_else(|| {
        let category = row.str("category").unwrap_or_default();
        let consent = operation.is_some_and(|o| o.starts_with("Consent to "));
        match () {
            () if category.eq_ignore_ascii_case("RoleManagement") => Some("role"),
            () if consent => Some("consent"),
            () => None,
        }
    });
    let mut event = LogEvent {
        source: Source::Audits,
        id: row.str("id"),
        at: row.time("activityDateTime"),
        operation,
        user: person
            .str("userPrincipalName")
            .or_else(|| person.str("displayName"))
            .or_else(|| person.str("id"))
            .or_else(|| app.str("displayName"))
            .or_else(|| app.str("servicePrincipalId")),
        user_id: person.str("id").or_else(|| app.str("servicePrincipalId")),
        about,
        ip: full(person.str("ipAddress").map(record::address)),
        result: row.str("result"),
        workload: row.str("loggedByService"),
        kind: Some(Cow::Borrowed("directoryAudit")),
        ..LogEvent::default()
    };
    // what somebody was put into, then what else it names; ids only where nothing has a name
    let (mut named, mut ids): (Vec<String>, Vec<String>) = Default::default();
    for change in modified(row) {
        let Some(word) = change.str("displayName") else {
            continue;
        };
        if matches!(word, "Role.DisplayName" | "Group.DisplayName") {
            let value = [change.str("newValue"), change.str("oldValue")];
            let mut value = value.into_iter().flatten().map(unquoted);
            named.extend(value.find(|v| !v.is_empty() && v != "null"));
        }
        if event.changes.len() < 12 && !event.changes.iter().any(|w| w == word) {
            event.changes.push(word.to_owned());
        }
    }
    let mut people: Vec<&str> = Vec::new();
    for target in row.list("targetResources") {
        let name = target.str("displayName");
        match target.str("userPrincipalName") {
            Some(upn) if event.target.is_none() => event.target = Some(Text::from(upn)),
            Some(upn) => event.people.push(upn.to_owned()),
            None => match name {
                Some(name) if !named.iter().any(|n| n == name) => named.push(name.to_owned()),
                Some(_) => {}
                None => ids.extend(target.str("id").map(str::to_owned)),
            },
        }
        if target.str("userPrincipalName").is_some() {
            people.extend(name.or_else(|| target.str("userPrincipalName")));
        }
    }
    let object = match (named.is_empty(), people.first()) {
        (false, _) => Some(named.join(", ")),
        (true, Some(person)) => Some((*person).to_owned()),
        (true, None) => (!ids.is_empty()).then(|| ids.join(", ")),
    };
    event.object = object.map(Cow::Owned);
    event
}

/// A record that a search found: the audit record in a shell that tells the most of it again.
fn found(row: Json<'_>) -> LogEvent<'_> {
    let inner = feed(row.at("auditData"));
    let ip = row.str("clientIp").map(record::address);
    let operation = inner.operation.or_else(|| row.str("operation"));
    let object = inner.object.clone();
    LogEvent {
        source: Source::Search,
        id: row.str("id").or(inner.id),
        at: inner.at.or_else(|| row.time("createdDateTime")),
        operation,
        user: inner
            .user
            .or_else(|| row.str("userPrincipalName"))
            .or_else(|| row.str("userId")),
        user_id: inner.user_id.or_else(|| row.str("userId")),
        about: inner.about.or_else(|| operation.and_then(record::act)),
        object: object.or_else(|| worded(row, "objectId")),
        ip: inner.ip.or(ip),
        workload: inner.workload.or_else(|| row.str("service")),
        kind: row
            .str("auditLogRecordType")
            .map(Cow::Borrowed)
            .or(inner.kind.clone()),
        ..inner
    }
}

#[cfg(test)]
#[path = "log_event_tests.rs"]
mod tests;
