//! Which content types are subscribed to: `/subscriptions/start`, `stop`, `list`.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::codes::{Refusal, refused};
use super::{Cx, array};
use crate::tenant::{Tenant, locked};
use crate::wire::answer::Answer;
use crate::world::activity::Content;

/// What clients started and stopped; the rest is as the scenario says.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions(HashMap<Content, Change>);

#[derive(Clone, Copy, Debug)]
enum Change {
    Started(Timestamp),
    Stopped,
}

/// How a content type stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nobody ever subscribed.
    None,
    /// Enabled; since then, if that was not long ago.
    Enabled(Option<Timestamp>),
    /// Stopped, by a client or by somebody else.
    Disabled,
}

/// Is it a content type of this tenant? Those of the future only where the scenario knows them.
pub(super) fn known(tenant: &Tenant, content: Content) -> bool {
    content != Content::Unknown || standing(tenant, content) != Standing::None
}

pub(super) fn standing(tenant: &Tenant, content: Content) -> Standing {
    if let Some(change) = locked(&tenant.subscriptions).0.get(&content) {
        return match change {
            Change::Started(at) => Standing::Enabled(Some(*at)),
            Change::Stopped => Standing::Disabled,
        };
    }
    let settings = tenant.settings();
    let among = |list: &[String]| list.iter().any(|n| n.eq_ignore_ascii_case(content.name()));
    if among(&settings.feed_disabled) {
        Standing::Disabled
    } else if among(&settings.feed_types) {
        Standing::Enabled(None)
    } else {
        Standing::None
    }
}

/// Since when blobs are listed; refused where the type is not enabled.
pub(super) fn live(cx: &Cx<'_>, content: Content) -> Result<Option<Timestamp>, Refusal> {
    match standing(cx.tenant, content) {
        Standing::Enabled(since) => Ok(since),
        Standing::None => Err(refused("AF20022", "")),
        Standing::Disabled => Err(refused("AF20023", "an administrator")),
    }
}

/// `POST /subscriptions/start`: AF20024 where it runs already.
pub(super) fn start(cx: &Cx<'_>) -> Result<Answer, Refusal> {
    let content = cx.content()?;
    if !cx.ask.body.is_empty() {
        let body: Value =
            serde_json::from_slice(&cx.ask.body).map_err(|_| refused("AF20002", "request body"))?;
        let hook = &body["webhook"];
        if !hook.is_null() {
            webhook(cx, hook)?;
        }
    }
    if matches!(standing(cx.tenant, content), Standing::Enabled(_)) {
        return Err(refused("AF20024", ""));
    }
    let now = cx.tenant.clock.now();
    locked(&cx.tenant.subscriptions)
        .0
        .insert(content, Change::Started(now));
    Ok(Answer::json(200, &row(content, true)))
}

/// A webhook would have to be called, and the simulator calls nobody.
fn webhook(cx: &Cx<'_>, hook: &Value) -> Result<(), Refusal> {
    let Some(address) = hook["address"].as_str() else {
        return Err(refused("AF20001", "webhook.address"));
    };
    if let Some(text) = hook["expiration"].as_str().filter(|e| !e.is_empty()) {
        match text.parse::<Timestamp>() {
            Err(_) => return Err(refused("AF20002", "webhook.expiration")),
            Ok(at) if at < cx.now => return Err(refused("AF20003", text)),
            Ok(_) => {}
        }
    }
    Err(refused("AF20021", address))
}

/// `POST /subscriptions/stop`
pub(super) fn stop(cx: &Cx<'_>) -> Result<Answer, Refusal> {
    let content = cx.content()?;
    if !matches!(standing(cx.tenant, content), Standing::Enabled(_)) {
        return Err(refused("AF20022", ""));
    }
    locked(&cx.tenant.subscriptions)
        .0
        .insert(content, Change::Stopped);
    Ok(Answer::empty(200))
}

/// `GET /subscriptions/list`
pub(super) fn list(cx: &Cx<'_>) -> Answer {
    let rows = Content::ALL
        .into_iter()
        .filter_map(|content| match standing(cx.tenant, content) {
            Standing::None => None,
            Standing::Enabled(_) => Some(row(content, true)),
            Standing::Disabled => Some(row(content, false)),
        });
    array(rows)
}

fn row(content: Content, enabled: bool) -> Value {
    json!({
        "contentType": content.name(),
        "status": if enabled { "enabled" } else { "disabled" },
        "webhook": null,
    })
}
