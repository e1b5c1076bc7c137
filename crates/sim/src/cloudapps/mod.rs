//! Defender for Cloud Apps, below `/api/v1`: alerts and what is done about them, activities, address ranges, discovery.
//!
//! `query` reads what lists take, the others are one resource each. What the pages leave open is assumed: error bodies are plain text
//! or `{"error": …}`, a refused token has no body, a path without its final slash is not found.

mod activities;
mod alerts;
mod discovery;
mod query;

use serde_json::{Value, json};

use crate::login::verify::{Caller, Denied};
use crate::permissions::Api;
use crate::tenant::Tenant;
use crate::throttle::{Surface, Verdict};
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;
use crate::world::{World, wire_bytes};
pub(crate) use alerts::Marks;

/// Calls a minute of a tenant.
const CALLS: u64 = 30;

/// What a handler has at hand.
struct Cx<'a> {
    tenant: &'a Tenant,
    world: &'a World,
    ask: &'a Ask,
    caller: Caller,
}

/// A refusal: status and what the body says; nothing where it says nothing.
#[derive(Clone, Debug)]
struct Refusal(u16, Option<String>);

impl Refusal {
    fn bad(text: impl Into<String>) -> Self {
        Self(400, Some(text.into()))
    }

    fn nowhere() -> Self {
        Self(404, Some("Not Found".into()))
    }

    fn answer(self) -> Answer {
        match self {
            // mistakes come as plain text, the rest as JSON
            Self(400, Some(text)) => Answer::bytes(400, "text/plain", text),
            Self(status, Some(text)) => Answer::json(status, &json!({"error": text})),
            Self(status, None) => Answer::empty(status),
        }
    }
}

/// Answers a request.
pub(crate) fn answer(tenant: &Tenant, ask: &Ask) -> Answer {
    handle(tenant, ask).unwrap_or_else(Refusal::answer)
}

/// A refusal that a scenario asks for.
pub(crate) fn refuse(status: u16, message: &str) -> Answer {
    Refusal(status, Some(message.to_owned())).answer()
}

fn handle(tenant: &Tenant, ask: &Ask) -> Result<Answer, Refusal> {
    let caller = Caller::of(tenant, ask, Api::CloudApps).map_err(|denied| match denied {
        Denied::Audience => Refusal(401, Some("Invalid token".into())),
        _ => Refusal(401, None),
    })?;
    if tenant.settings().lacks("cloud-apps") {
        return Err(Refusal(
            403,
            Some("The tenant has no license for this product.".into()),
        ));
    }
    let now = tenant.clock.millis();
    if let Verdict::Refused(_) = tenant
        .throttle
        .take(Surface::CloudApps, 1, CALLS, 60_000, now)
    {
        return Err(Refusal(429, Some("Request was throttled.".into())));
    }
    let cx = Cx {
        tenant,
        world: tenant.world(),
        ask,
        caller,
    };
    if !ask.path.ends_with('/') {
        return Err(Refusal::nowhere());
    }
    let path = ask.segments().ok_or_else(Refusal::nowhere)?;
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let rest = match parts.as_slice() {
        ["api", "v1", rest @ ..] | ["api", rest @ ..] => rest,
        _ => return Err(Refusal::nowhere()),
    };
    let read = ["Investigation.Read", "Investigation.Manage"];
    match (ask.method.as_str(), rest) {
        ("GET" | "POST", ["alerts"]) => cx.may(&read).and_then(|()| alerts::list(&cx)),
        ("POST", ["alerts", verb]) if alerts::is_verb(verb) => cx
            .may(&["Investigation.Manage"])
            .and_then(|()| alerts::mark(&cx, verb)),
        ("GET", ["alerts", id]) => cx.may(&read).and_then(|()| alerts::one(&cx, id)),
        ("GET" | "POST", ["activities"]) => cx.may(&read).and_then(|()| activities::list(&cx)),
        ("GET", ["activities", id]) => cx.may(&read).and_then(|()| activities::one(&cx, id)),
        ("GET" | "POST", ["subnet"]) => cx
            .may(&["Settings.Read", "Settings.Manage"])
            .and_then(|()| discovery::subnets(&cx)),
        ("GET", ["discovery", "streams"]) => cx
            .may(&["Discovery.Read", "Discovery.Manage"])
            .map(|()| discovery::streams(&cx)),
        ("GET", ["discovery_block_scripts"]) => cx
            .may(&["Discovery.Read", "Discovery.Manage"])
            .and_then(|()| discovery::script(&cx)),
        (
            _,
            [
                "alerts" | "activities" | "subnet" | "discovery" | "discovery_block_scripts",
                ..,
            ],
        ) => Err(Refusal(405, Some("Method not allowed".into()))),
        _ => Err(Refusal::nowhere()),
    }
}

impl Cx<'_> {
    /// Does the token carry one of these? The spelling of the scopes varies, so case does not count.
    fn may(&self, any: &[&str]) -> Result<(), Refusal> {
        let held = |wanted: &&str| {
            self.caller
                .held
                .iter()
                .any(|h| h.eq_ignore_ascii_case(wanted))
        };
        if any.iter().any(held) {
            return Ok(());
        }
        Err(Refusal(
            403,
            Some(format!(
                "Missing permission: {}",
                any.first().unwrap_or(&"")
            )),
        ))
    }
}

fn entity(row: Value) -> Answer {
    let body = serde_json::to_vec(&row).unwrap_or_default();
    Answer::bytes(200, "application/json", wire_bytes(body))
}
