//! What is copied, in the form made for the clipboard: safe to paste anywhere, never a final newline.

use super::App;
use super::action::Place;
use super::doc;
use super::known::Lists;
use crate::model::{Json, Key, Kind};
use crate::msg::{Body, Effect, Level, Reply, Request, Slot};
use crate::resource::detail::links::{machine_alerts_page, workspace_page};
use crate::resource::{Answer, Subject, Tenant, spec};
use table::{Cell, Text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Value,
    Row,
    Json,
    Defanged,
    Portal,
    Summary,
}

/// The `Slot::Part` in which a copy asks for an entity that no detail shows.
pub const SLOT: &str = "copy";

/// Copies something of what is under the cursor. What needs all of an entity asks for it first.
pub fn copy(app: &mut App, what: What, fx: &mut Vec<Effect>) {
    let Some(key) = app.subject() else { return };
    // the newest wish counts
    app.places.copying = None;
    let made = match what {
        What::Value => value(app).map(|v| ("value", v.txt().clipboard())),
        What::Defanged => value(app).map(|v| ("defanged value", v.txt().defanged())),
        What::Row => row(app, &key).map(|t| ("row", t)),
        What::Portal => portal(app, &key).map(|t| ("portal address", t)),
        What::Json | What::Summary => match entity(app, &key).filter(|e| is_whole(&key, e)) {
            Some(entity) => of_entity(&key, what, entity),
            None => return ask(app, key, what, fx),
        },
    };
    match made {
        Some((what, text)) => fx.push(Effect::Copy { what, text }),
        None => {
            let text = match what {
                What::Portal => "this has no page in the portal",
                _ => "there is nothing to copy here",
            };
            app.toasts.push(app.now, Level::Warn, text.into());
        }
    }
}

/// An incident of a list has no alerts in it, and those are what a colleague needs to know.
fn is_whole(key: &Key, entity: &serde_json::Value) -> bool {
    key.kind != Kind::Incident || entity.get("alerts").is_some()
}

fn of_entity(key: &Key, what: What, entity: &serde_json::Value) -> Option<(&'static str, String)> {
    match what {
        What::Json => Some(("JSON", json(entity)?)),
        _ => Some(("summary", (spec(key.kind).summary)(Json(entity)))),
    }
}

fn ask(app: &mut App, key: Key, what: What, fx: &mut Vec<Effect>) {
    let story = spec(key.kind)
        .sections
        .first()
        .filter(|_| key.kind == Kind::Incident);
    let request = match story {
        Some(section) => {
            let none = serde_json::Value::Null;
            let subject = Subject {
                key: &key,
                entity: Json(&none),
                now: app.now.wall,
                known: &Lists(app),
            };
            let calls = (section.calls)(&subject);
            Request::Part {
                key: key.clone(),
                section: SLOT,
                calls,
            }
        }
        None => Request::Entity {
            key: key.clone(),
            fresh: true,
        },
    };
    app.places.copying = Some((key.clone(), what));
    let ticket = app.tickets.issue(Slot::Part(key, SLOT));
    fx.push(Effect::Ask(ticket, request));
}

/// The entity that a copy waits for.
pub fn reply(app: &mut App, reply: Reply, fx: &mut Vec<Effect>) {
    // the last seen state may lack what is not kept on disk
    if !reply.last {
        return;
    }
    let Slot::Part(key, _) = &reply.ticket.slot else {
        return;
    };
    let Some((_, what)) = app.places.copying.take_if(|(k, _)| k == key) else {
        return;
    };
    let got = match &reply.body {
        Body::Entity(entity) => Ok(of_entity(key, what, &entity.json)),
        Body::Part(answers) => match answers.first() {
            Some(Answer::Got { body, .. }) => Ok(of_entity(key, what, body)),
            Some(Answer::Failed(fault)) => Err(fault.to_string()),
            Some(Answer::Withheld(needs)) => Err(format!("this needs {}", needs.join(" or "))),
            Some(Answer::None) | None => Err("it is not there any more".into()),
        },
        Body::Fault(fault) => Err(fault.to_string()),
        _ => Err("the reading was cancelled".into()),
    };
    match got {
        Ok(Some((what, text))) => fx.push(Effect::Copy { what, text }),
        Ok(None) => {}
        Err(why) => {
            app.toasts
                .push(app.now, Level::Warn, format!("not copied: {why}"));
        }
    }
}

/// The workspace that the alert under the cursor came through: its page in Azure.
pub fn open_workspace(app: &mut App, fx: &mut Vec<Effect>) {
    if let Ok(url) = workspace(app) {
        fx.push(Effect::Open { url });
    }
}

/// The address of that page, or why there is none.
pub fn workspace(app: &App) -> Result<String, String> {
    let key = app.subject().filter(|k| k.kind == Kind::Alert);
    let key = key.ok_or("for alerts only")?;
    let entity =
        entity(app, &key).ok_or("open the alert first: its list does not name the workspace")?;
    let session = app.session.as_ref();
    let tenant = Tenant {
        id: session.map_or("", |s| s.tenant_id.as_str()),
    };
    workspace_page(Json(entity), &tenant)
        .ok_or_else(|| "it came through no workspace that it names".into())
}

/// The page of a device's alerts.
pub fn open_alerts(app: &mut App, fx: &mut Vec<Effect>) {
    if let Ok(url) = alerts_page(app) {
        fx.push(Effect::Open { url });
    }
}

/// The address of that page, or why there is none.
pub fn alerts_page(app: &App) -> Result<String, String> {
    let key = app.subject().filter(|k| k.kind == Kind::Device);
    let key = key.ok_or("for devices only")?;
    let session = app.session.as_ref().ok_or("not signed in yet")?;
    let tenant = Tenant {
        id: &session.tenant_id,
    };
    machine_alerts_page(&key.id, &tenant).ok_or_else(|| "its id makes no address".into())
}

/// `o`.
pub fn open(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(key) = app.subject() else { return };
    match portal(app, &key) {
        Some(url) => fx.push(Effect::Open { url }),
        None => app.toasts.push(
            app.now,
            Level::Warn,
            "this has no page in the portal".into(),
        ),
    }
}

/// The value under the cursor: what the detail's line points to, else its text; in a list the name of the row.
fn value(app: &App) -> Option<Text> {
    let pane = app.pane();
    if app.here() == Place::Detail {
        let d = pane.detail.as_ref()?;
        if let Some(v) = d.target().and_then(|t| t.value()) {
            return Some(v.clone());
        }
        let text = doc::plain(d.line()?, app.now.wall);
        return (!text.is_empty()).then(|| Text::from(text));
    }
    let row = pane.row()?;
    match pane.rows.cell(row, pane.spec.name_column) {
        Cell::Text(t) => Some(t.to_text()),
        _ => pane.key().map(|k| k.id),
    }
}

fn row(app: &App, key: &Key) -> Option<String> {
    let pane = app.panes.iter().find(|p| p.spec.kind == key.kind)?;
    let row = pane.rows.find(key.id.txt().exact())?;
    let cells: Vec<String> = (0..pane.spec.columns.len())
        .map(|col| match pane.rows.cell(row, col) {
            Cell::Null => String::new(),
            Cell::Text(t) => t.clipboard(),
            Cell::List(items) => items
                .iter()
                .map(|t| t.clipboard())
                .collect::<Vec<_>>()
                .join(", "),
            Cell::Int(n) | Cell::Span(n) => n.to_string(),
            Cell::Real(n) => n.to_string(),
            Cell::Bool(b) => b.to_string(),
            Cell::Time(t) => crate::model::Ticks(t).literal(),
        })
        .collect();
    Some(cells.join("\t"))
}

/// The open detail's entity.
fn entity<'a>(app: &'a App, key: &Key) -> Option<&'a serde_json::Value> {
    let d = app
        .panes
        .iter()
        .filter_map(|p| p.detail.as_ref())
        .find(|d| d.key == *key)?;
    d.entity.as_ref().map(|e| &*e.json)
}

/// JSON with every control and invisible character escaped.
fn json(entity: &serde_json::Value) -> Option<String> {
    Some(escaped(&serde_json::to_string_pretty(entity).ok()?))
}

/// Characters that a terminal or an eye would not show, as JSON escapes: outside strings there are none.
pub fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        let plain =
            c == '\n' || (' '..='~').contains(&c) || (c.is_alphanumeric() && !c.is_control());
        if plain {
            out.push(c);
        } else {
            let mut units = [0u16; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

fn portal(app: &App, key: &Key) -> Option<String> {
    let tenant = app.session.as_ref()?;
    let tenant = Tenant {
        id: &tenant.tenant_id,
    };
    let by_id = serde_json::json!({"id": key.id.txt().exact()});
    (spec(key.kind).portal)(Json(entity(app, key).unwrap_or(&by_id)), &tenant)
}

#[cfg(test)]
#[path = "copy_tests.rs"]
mod tests;
