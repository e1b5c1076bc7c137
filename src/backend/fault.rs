//! Refusals and odd answers of the services as faults a person can act on.
//!
//! Decisions are made on status and code; message texts are shown, and searched for permission names, never branched on.
//! Four refusals are told apart: an API permission, a role or device group, a licence, and our own switch (which never
//! comes from here).

use super::client::Response;
use crate::model::repair::repair;
use crate::model::{Fault, FaultKind, Service};
use serde_json::Value;
use std::borrow::Cow;
use table::Txt;

/// The useful parts of an error body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The deepest code that says something; may be empty.
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
}

/// Service text made fit for a sentence: safe, one line, not too long, without a final period.
pub fn shown(text: &str) -> String {
    let text = without_tokens(text.trim());
    let safe = Txt::new(&text).shown();
    let mut out: String = safe.chars().take(300).collect();
    if safe.chars().count() > 300 {
        out.push('…');
    }
    out.trim_end().trim_end_matches('.').to_owned()
}

/// Whoever answers may repeat the token that it was sent; a sentence does not.
fn without_tokens(text: &str) -> Cow<'_, str> {
    const HEAD: &str = "eyJ";
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=');
    let mut out = Cow::Borrowed(text);
    let mut from = 0;
    while let Some(at) = out.get(from..).and_then(|rest| rest.find(HEAD)) {
        let at = from + at;
        let length = out[at..].find(|c| !part(c)).unwrap_or(out.len() - at);
        if length < 24 {
            from = at + HEAD.len();
            continue;
        }
        out.to_mut().replace_range(at..at + length, "[token]");
        from = at + "[token]".len();
    }
    out
}

/// Reads an error body of either service, however it is nested. `None`: it is not one.
pub fn error_body(text: &str) -> Option<ErrorBody> {
    let value: Value = serde_json::from_str(text).ok()?;
    let error = value.get("error")?;
    let mut out = ErrorBody::default();
    if let Some(word) = error.as_str() {
        out.code = word.to_owned();
        if let Some(text) = value.get("error_description").and_then(Value::as_str) {
            out.message = text.to_owned();
        }
        return Some(out);
    }
    let word = |v: &Value, name: &str| {
        v.get(name)
            .and_then(Value::as_str)
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
    };
    // Data Explorer says what it means under a name of its own
    out.message = word(error, "@message")
        .or_else(|| word(error, "message"))
        .unwrap_or_default();
    // Defender puts its correlation id here; elsewhere it names a field, which does no harm in a request id's place
    out.request_id = word(error, "target").filter(|t| t.len() >= 16);
    let mut level = Some(error);
    let (mut depth, mut place) = (0, None);
    while let Some(at) = level.filter(|_| depth < 8) {
        if let Some(code) = word(at, "code") {
            out.code = code;
        }
        if let Some(id) = word(at, "request-id").or_else(|| word(at, "requestId")) {
            out.request_id = Some(id);
        }
        if out.message.is_empty() {
            out.message = word(at, "message").unwrap_or_default();
        }
        // Log Analytics says what is wrong, and where, at the deepest level
        if at.get("innererror").is_none() && depth > 1 && word(at, "message").is_some() {
            out.message = word(at, "message").unwrap_or_default();
        }
        if let (Some(line), Some(pos)) = (
            at.get("line").and_then(Value::as_u64),
            at.get("pos").and_then(Value::as_u64),
        ) {
            place = Some(format!(" (line {line}, position {pos})"));
        }
        level = at.get("innerError").or_else(|| at.get("innererror"));
        depth += 1;
    }
    if let Some(place) = place.filter(|_| !out.message.contains("line [")) {
        out.message = out.message.trim_end_matches('.').to_owned() + &place;
    }
    // Intune puts a document into the message
    if let Some(inner) = out
        .message
        .trim_start()
        .starts_with('{')
        .then(|| serde_json::from_str::<Value>(&out.message).ok())
        .flatten()
        && let Some(text) = word(&inner, "Message").or_else(|| word(&inner, "CustomApiErrorPhrase"))
    {
        out.message = text;
    }
    Some(out)
}

/// Whether a body is a web page instead of data.
pub fn is_page(content_type: &str, text: &str) -> bool {
    let begin = text.trim_start();
    let looks = begin.get(..1) == Some("<");
    looks || (content_type.contains("text/html") && !begin.starts_with(['{', '[']))
}

/// The sentence for a page that a proxy or sign-in portal put in the answer's place.
pub fn page_fault(status: u16, host: &str) -> Fault {
    Fault::new(
        if status >= 500 {
            FaultKind::Server
        } else {
            FaultKind::BadAnswer
        },
        format!("{host} answered with a web page instead of data"),
    )
    .status(status)
    .next("a proxy or a network sign-in page may stand between; check it, then refresh")
}

/// A redirect: never followed, since a token or secret would go with it.
pub fn redirect_fault(status: u16, host: &str, location: Option<&str>) -> Fault {
    let to = location
        .and_then(|l| url::Url::parse(l).ok())
        .map(|u| super::origin::place(&u))
        .map_or_else(
            || "another place".to_owned(),
            |p| Txt::new(&p).shown().into_owned(),
        );
    Fault::new(
        FaultKind::ForeignLink,
        format!("{host} redirects to {to}; it was not followed, so that no secret goes there"),
    )
    .status(status)
    .next("check the URLs in the configuration, or what stands between")
}

/// What decides which refusal a 403 is.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub service: Service,
    /// Any one of these would do, as far as we know.
    pub needs: &'a [&'a str],
    /// The token lists one of them.
    pub granted: bool,
    pub delegated: bool,
}

/// The fault of an answer that is not a success.
pub fn refusal(answer: &Response, asked: Asked<'_>) -> Fault {
    let status = answer.status;
    let request_id = answer.request_id();
    let text = repair(answer.body.clone().unwrap_or_default()).text;
    if (300..400).contains(&status) {
        return redirect_fault(status, &answer.host, answer.header("location")).on(asked.service);
    }
    let body = error_body(&text);
    if body.is_none() && is_page(answer.content_type(), &text) {
        let mut fault = page_fault(status, &answer.host).on(asked.service);
        fault.request_id = request_id;
        return fault;
    }
    let body = body.unwrap_or_default();
    let said = if body.message.is_empty() {
        shown(&body.code)
    } else {
        shown(&body.message)
    };
    let own = match asked.service {
        Service::Office => super::feed::words::refusal(&body.code, asked.needs),
        _ => None,
    };
    let mut fault = own
        .unwrap_or_else(|| by_status(status, &body, &said, asked))
        .on(asked.service)
        .status(status);
    fault.request_id = request_id.or(body.request_id.map(|id| shown(&id)));
    fault
}

fn by_status(status: u16, body: &ErrorBody, said: &str, asked: Asked<'_>) -> Fault {
    let with = |kind, what: &str| {
        Fault::new(
            kind,
            if said.is_empty() {
                what.to_owned()
            } else {
                format!("{what}: {said}")
            },
        )
    };
    match status {
        401 => with(FaultKind::SignIn, "the token was not accepted").next("sign in again"),
        402 => with(FaultKind::Licence, "this API is charged for and not paid"),
        403 => forbidden(body, said, asked),
        404 => with(FaultKind::Gone, "it is not there").next("refresh the list"),
        410 => with(FaultKind::Gone, "the service has retired this"),
        409 | 412 => with(FaultKind::Conflict, "it was changed meanwhile").next("read it again"),
        423 => with(FaultKind::Conflict, "it is locked by another operation")
            .next("try again in a minute"),
        429 => with(FaultKind::Throttled, "the service asks us to wait")
            .next("it is tried again by itself"),
        501 => with(FaultKind::BadRequest, "the service cannot do that"),
        400..=499 => with(FaultKind::BadRequest, "the service refused the request"),
        503 => {
            with(FaultKind::Server, "the service is not available").next("try again in a minute")
        }
        504 => with(FaultKind::Server, "the service took too long").next("try again in a minute"),
        500..=599 => with(FaultKind::Server, "the service failed").next("try again in a minute"),
        _ => with(FaultKind::BadAnswer, "the answer is none we know"),
    }
}

fn forbidden(body: &ErrorBody, said: &str, asked: Asked<'_>) -> Fault {
    let code = body.code.to_ascii_lowercase();
    let named = permissions_in(&body.message);
    // where the permission is there and the service speaks of a licence, that is what is missing
    let told = asked.granted && said.to_ascii_lowercase().contains("licen");
    let by_code = ["nonpremiumtenant", "licen", "paymentrequired"];
    if by_code.iter().any(|c| code.contains(c)) || (told && code != "disabledfeature") {
        let what = format!(
            "the tenant has no licence for this ({})",
            licence(asked.needs)
        );
        return Fault::new(FaultKind::Licence, what).next("work without it, or license it");
    }
    if code == "disabledfeature" {
        let what = match told {
            true => format!(
                "the feature is off in the tenant: {said} ({})",
                licence(asked.needs)
            ),
            false => "the feature is switched off in the tenant".to_owned(),
        };
        return Fault::new(FaultKind::Refused, what)
            .next("an administrator can switch it on in the Defender portal");
    }
    // the service names roles, or the token shows none of those that would do: an API permission is missing
    if !named.is_empty() || (!asked.granted && !asked.needs.is_empty()) {
        let mut fault = Fault::new(
            FaultKind::Forbidden,
            if asked.delegated {
                "an API permission is missing in the application or its consent"
            } else {
                "the application lacks an API permission"
            },
        )
        .next("ask an administrator to add it and grant consent, then refresh");
        fault.permissions = if named.is_empty() {
            asked.needs.iter().map(|p| (*p).to_owned()).collect()
        } else {
            named
        };
        return fault;
    }
    let role = match (asked.service, asked.delegated) {
        (Service::Defender, true) => "your Defender role or device group does not allow this",
        (Service::Defender, false) => {
            "a Defender role or device group does not allow this to the application"
        }
        (Service::Graph, true) => "your directory or Defender role does not allow this",
        (Service::Graph, false) => "the application needs a directory or Defender role for this",
        (Service::LogAnalytics, _) => "a reader's role on the workspace is missing",
        (Service::Explorer, _) => "a viewer's role on the database is missing",
        (Service::CloudApps, _) => "Cloud Apps does not allow this",
        (Service::Office, _) => "the activity feed does not allow this",
    };
    Fault::new(
        FaultKind::Forbidden,
        if said.is_empty() {
            role.to_owned()
        } else {
            format!("{role}: {said}")
        },
    )
    .next("the API permission is there; ask an administrator for the role")
}

/// The licence that what needs these permissions takes.
fn licence(needs: &[&str]) -> &'static str {
    let first = needs.first().copied().unwrap_or_default();
    match first.split('.').next().unwrap_or_default() {
        "Vulnerability" | "Software" | "SecurityRecommendation" | "Score" => {
            "Defender for Endpoint Plan 2, or Defender Vulnerability Management"
        }
        "SecurityEvents" => "Microsoft Secure Score, part of Microsoft 365 and Defender plans",
        _ => "Entra ID P1 or P2",
    }
}

/// Permission names that a refusal lists as wanted, such as `SecurityAlert.Read.All`.
pub fn permissions_in(message: &str) -> Vec<String> {
    let lower = message.to_ascii_lowercase();
    // "API required roles: …, application roles: …": only the first list is wanted
    let from = lower.find("required roles:").map_or(0, |at| at + 15);
    let to = lower[from..]
        .find("application roles:")
        .map_or(message.len(), |at| from + at);
    // lowering ASCII keeps every offset
    let wanted = message.get(from..to).unwrap_or_default();
    let mut found: Vec<String> = Vec::new();
    for word in wanted.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')) {
        let word = word.trim_matches('.');
        let mut parts = word.split('.');
        let first = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        let verbs = [
            "Read",
            "ReadWrite",
            "All",
            "Write",
            "Send",
            "Manage",
            "Isolate",
            "Scan",
        ];
        if first.len() > 2
            && first.starts_with(|c: char| c.is_ascii_uppercase())
            && !rest.is_empty()
            && rest.len() <= 3
            && rest.iter().any(|p| verbs.contains(p))
            && !found.iter().any(|f| f == word)
        {
            found.push(word.to_owned());
        }
    }
    found.truncate(8);
    found
}

#[cfg(test)]
#[path = "fault_tests.rs"]
mod tests;
