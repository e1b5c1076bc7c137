//! Office 365 Management Activity, below `/api/v1.0/{tenant}/activity/feed`: subscriptions, listings of blobs in windows, blobs.
//!
//! `codes` are its refusals, `listing` the windows and pages; what the blobs hold is the world's (`world::activity`). Traps that the
//! service is known for are always on: throttling comes as 403, the link to the next page is a header, says `/api/v1/` and does not
//! repeat who the publisher is, blobs repeat records, event times have no zone.

mod codes;
mod listing;
mod subscriptions;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::login::verify::{Caller, Denied};
use crate::permissions::Api;
use crate::tenant::Tenant;
use crate::throttle::{Surface, Verdict};
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;
use crate::world::activity::Content;
use crate::world::dice::Guid;
use crate::world::stamp::Stamp;
use crate::world::wire_bytes;
pub(crate) use codes::refuse;
use codes::{Refusal, refused};
pub(crate) use listing::truth;
pub(crate) use subscriptions::Subscriptions;

/// Calls a minute of a publisher that says who it is.
const CALLS: u64 = 2_000;
/// Calls a minute of all that do not (assumed; documented is only that it is common and small).
const NAMELESS: u64 = 60;

/// What a handler has at hand.
struct Cx<'a> {
    tenant: &'a Tenant,
    ask: &'a Ask,
    caller: Caller,
    options: Vec<(String, String)>,
    now: Timestamp,
}

impl Cx<'_> {
    fn option(&self, name: &str) -> Option<&str> {
        let mut all = self.options.iter();
        all.find(|(k, _)| k.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
            .filter(|v| !v.is_empty())
    }

    fn stamp(&self) -> Stamp {
        Stamp::from(self.now)
    }

    /// The content type that the call is about; those of DLP take a permission of their own.
    fn content(&self) -> Result<Content, Refusal> {
        let name = self
            .option("contentType")
            .ok_or_else(|| refused("AF20001", "contentType"))?;
        let content = Content::named(name).filter(|c| subscriptions::known(self.tenant, *c));
        let content = content.ok_or_else(|| refused("AF20020", name))?;
        self.may_read(content)?;
        Ok(content)
    }

    fn may_read(&self, content: Content) -> Result<(), Refusal> {
        if content == Content::Dlp && !self.caller.may(&[&["ActivityFeed.ReadDlp"]]) {
            return Err(refused("AF10001", &self.caller.held.join(" ")));
        }
        Ok(())
    }

    /// The feed's address: `/api/v1.0/…` or, in links to next pages, `/api/v1/…`.
    fn base(&self, version: &str) -> String {
        format!(
            "{}{}/api/{version}/{}/activity/feed",
            self.ask.origin,
            self.ask.service.root(),
            self.tenant.info.tenant_id
        )
    }
}

/// Answers a request.
pub(crate) fn answer(tenant: &Tenant, ask: &Ask) -> Answer {
    handle(tenant, ask).unwrap_or_else(|refusal| refusal.answer())
}

fn handle(tenant: &Tenant, ask: &Ask) -> Result<Answer, Refusal> {
    let caller = match Caller::of(tenant, ask, Api::Office) {
        Ok(caller) => caller,
        Err(denied) => return Ok(unauthorized(&denied)),
    };
    let nowhere = || refused("AF404", "");
    let path = ask.segments().ok_or_else(nowhere)?;
    let lower: Vec<String> = path.iter().map(|s| s.to_ascii_lowercase()).collect();
    let parts: Vec<&str> = lower.iter().map(String::as_str).collect();
    let [
        "api",
        "v1.0" | "v1",
        directory,
        "activity",
        "feed",
        rest @ ..,
    ] = parts.as_slice()
    else {
        return Err(nowhere());
    };
    let cx = Cx {
        tenant,
        ask,
        caller,
        options: ask.options(),
        now: tenant.clock.told(),
    };
    if directory.parse::<Guid>().is_err() {
        return Err(refused("AF20013", directory));
    }
    if *directory != tenant.info.tenant_id {
        return Err(refused("AF20010", directory));
    }
    admit(&cx)?;
    if !cx.caller.may(&[&["ActivityFeed.Read"]]) {
        return Err(refused("AF10001", &cx.caller.held.join(" ")));
    }
    if !tenant.settings().auditing {
        return Err(refused("AF20011", directory));
    }
    match (ask.method.as_str(), rest) {
        ("POST", ["subscriptions", "start"]) => subscriptions::start(&cx),
        ("POST", ["subscriptions", "stop"]) => subscriptions::stop(&cx),
        ("GET", ["subscriptions", "list"]) => Ok(subscriptions::list(&cx)),
        ("GET", ["subscriptions", "content"]) => listing::content(&cx),
        ("GET", ["subscriptions", "notifications"]) => {
            // nobody is notified: webhooks cannot be had here
            let content = cx.content()?;
            subscriptions::live(&cx, content)?;
            Ok(Answer::json(200, &json!([])))
        }
        ("GET", ["audit", _]) => listing::blob(&cx, path.last().map_or("", |id| id)),
        ("GET", ["resources", "dlpsensitivetypes"]) => sensitive(&cx),
        (verb, ["subscriptions", _] | ["audit", _]) => Err(refused("AF405", verb)),
        _ => Err(nowhere()),
    }
}

/// Tokens are refused in the words of the gateway, not in the service's own (assumed).
fn unauthorized(denied: &Denied) -> Answer {
    let text = match denied {
        Denied::Missing => "Authorization has been denied for this request.",
        Denied::Audience => "The audience of the access token is invalid.",
        Denied::Expired => "The access token has expired.",
        _ => "The access token is invalid.",
    };
    Answer::json(401, &json!({"Message": text}))
        .with("www-authenticate", "Bearer error=\"invalid_token\"")
}

fn admit(cx: &Cx<'_>) -> Result<(), Refusal> {
    let publisher = cx.option("PublisherIdentifier");
    if let Some(id) = publisher
        && id.parse::<Guid>().is_err()
    {
        return Err(refused("AF20002", "PublisherIdentifier"));
    }
    let limit = if publisher.is_some() { CALLS } else { NAMELESS };
    let surface = Surface::Activity(publisher.is_some());
    let now = cx.tenant.clock.millis();
    match cx.tenant.throttle.take(surface, 1, limit, 60_000, now) {
        Verdict::Fine(_) => Ok(()),
        Verdict::Refused(_) => Err(refused("AF429", cx.ask.method.as_str())),
    }
}

/// A bare array, as the service answers.
fn array(rows: impl Iterator<Item = Value>) -> Answer {
    let mut body = vec![b'['];
    for (n, row) in rows.enumerate() {
        if n > 0 {
            body.push(b',');
        }
        let _ = serde_json::to_writer(&mut body, &row);
    }
    body.push(b']');
    Answer::bytes(200, "application/json; charset=utf-8", wire_bytes(body))
}

/// Names of sensitive information, in one language.
fn sensitive(cx: &Cx<'_>) -> Result<Answer, Refusal> {
    let language = cx.ask.header("accept-language").unwrap_or("en-US");
    if language.contains(',') {
        return Err(refused("AF20053", language));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if language.is_empty() || !language.chars().all(plain) {
        return Err(refused("AF20054", language));
    }
    let types = [
        ("50842eb7-edc8-4019-85dd-5a5c1f2bb085", "Credit Card Number"),
        (
            "e7dc4711-11b7-4cb0-b88b-2c394a771f0e",
            "International Banking Account Number (IBAN)",
        ),
        (
            "0e9b3178-9678-47dd-a509-37222ca96b42",
            "EU Debit Card Number",
        ),
    ];
    Ok(array(
        types
            .iter()
            .map(|(id, name)| json!({"id": id, "name": name})),
    ))
}
