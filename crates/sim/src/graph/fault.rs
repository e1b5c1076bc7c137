//! Refusals of Graph, in the shapes its services write them.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::odata::check::Refused;
use crate::odata::options::BadOption;
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;

/// A refusal.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub status: u16,
    pub code: Cow<'static, str>,
    pub message: String,
    pub headers: Vec<(&'static str, String)>,
}

impl Fault {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: Cow::Borrowed(code),
            message: message.into(),
            headers: Vec::new(),
        }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// A directory query that is not accepted.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(400, "Request_UnsupportedQuery", message)
    }

    pub fn segment(name: &str) -> Self {
        Self::bad(format!("Resource not found for the segment '{name}'."))
    }

    pub fn method(name: &str) -> Self {
        Self::new(
            405,
            "Request_BadRequest",
            format!("Specified HTTP method is not allowed for the request target: {name}."),
        )
    }

    /// A directory object that is not there.
    pub fn no_object(id: &str) -> Self {
        Self::new(
            404,
            "Request_ResourceNotFound",
            format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    /// An incident, alert or risk record that is not there.
    pub fn no_entity(what: &str) -> Self {
        Self::new(404, "ResourceNotFound", format!("{what} not found."))
    }

    pub fn answer(&self, ask: &Ask, now: Timestamp) -> Answer {
        let client = ask.client_request_id().unwrap_or(&ask.request_id);
        let mut inner = json!({
            "date": now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            "request-id": ask.request_id,
            "client-request-id": client,
        });
        if self.status == 429
            && let Some(map) = inner.as_object_mut()
        {
            map.insert("code".into(), json!("429"));
            map.insert("status".into(), json!("429"));
        }
        let body: Value =
            json!({"error": {"code": self.code, "message": self.message, "innerError": inner}});
        let mut answer = Answer::json(self.status, &body);
        for (name, value) in &self.headers {
            answer.set(name, value);
        }
        answer
    }
}

/// The family of services behind a path: they word the same refusal differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Incidents and alerts: Defender behind it.
    Security,
    Directory,
    Risk,
    Reports,
    Methods,
    /// Health of the services.
    Announcements,
}

impl Family {
    /// A query option that is refused.
    pub fn refuse(self, refused: Refused) -> Fault {
        match (self, refused) {
            (Family::Security, Refused::Top(max)) => Fault::new(
                400,
                "",
                format!(
                    "The query specified in the URI is not valid. The limit of '{max}' for Top query has been exceeded. The value from the incoming request is above it."
                ),
            ),
            (_, Refused::Top(max)) => Fault::new(
                400,
                "Request_BadRequest",
                format!("Invalid page size specified: it must be between 1 and {max} inclusive."),
            ),
            (
                Family::Security,
                Refused::Invalid(text) | Refused::Unsupported(text) | Refused::Advanced(text),
            ) => Fault::new(
                400,
                "",
                format!("The query specified in the URI is not valid. {text}"),
            ),
            (Family::Directory, Refused::Invalid(text)) => {
                Fault::new(400, "Request_BadRequest", text)
            }
            (Family::Directory, Refused::Unsupported(text) | Refused::Advanced(text)) => {
                Fault::unsupported(text)
            }
            (_, Refused::Invalid(text) | Refused::Unsupported(text) | Refused::Advanced(text)) => {
                Fault::bad(text)
            }
        }
    }

    /// A query string that cannot be read.
    pub fn unreadable(self, bad: &BadOption) -> Fault {
        match self {
            Family::Security => Fault::new(
                400,
                "",
                format!("The query specified in the URI is not valid. {bad}"),
            ),
            Family::Directory => Fault::new(400, "Request_BadRequest", bad.to_string()),
            _ => Fault::bad(bad.to_string()),
        }
    }

    /// A permission or role that is missing. `wanted` are the permissions that would do, `held` those in the token.
    pub fn forbidden(self, wanted: &[&str], held: &[String], app: bool) -> Fault {
        match self {
            Family::Security => {
                let kind = if app {
                    "application roles"
                } else {
                    "user scopes"
                };
                let (wanted, held) = (wanted.join(", "), held.join(", "));
                let message =
                    format!("Missing {kind}. API required roles: {wanted}, {kind}: {held}.");
                Fault::new(403, "Forbidden", message)
            }
            Family::Directory => Fault::new(
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            ),
            Family::Reports => Fault::new(
                403,
                "Authentication_MSGraphPermissionMissing",
                format!(
                    "Calling principal does not have required MSGraph permissions {}",
                    wanted.join(",")
                ),
            ),
            Family::Risk => Fault::new(
                403,
                "Forbidden",
                "You cannot perform the requested operation, required scopes are missing in the token.",
            ),
            Family::Methods => Fault::new(403, "accessDenied", "Request Authorization failed"),
            Family::Announcements => Fault::new(
                403,
                "Forbidden",
                "The application or user does not have the permission or license to read service announcements.",
            ),
        }
    }
}
