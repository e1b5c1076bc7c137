//! The logs beside their list: the strip that says how complete they are, the presets for one person, and following.

use super::App;
use super::overlay::Overlay;
use super::pick::{Item, Pick, Value};
use super::refs::refs_of;
use crate::model::feed::{Reach, Standing};
use crate::model::{EntityRef, Kind};
use crate::msg::{Effect, Level};
use crate::resource::doc::Tone;
use crate::resource::record;
use table::Text;

/// The presets, each with the letter that picks it: `about` of `resource::record`.
const PRESETS: &[(char, &str, &str)] = &[
    ('a', "everything", ""),
    ('r', "inbox rules and forwarding", "about:rule,forwarding"),
    ('m', "mailbox permissions", "about:permission"),
    ('d', "downloads and shares", "about:download,share"),
    ('c', "consent grants", "about:consent"),
    ('o', "role changes", "about:role"),
    ('p', "DLP", "about:dlp"),
    ('s', "sign-ins", "about:signin"),
];

/// Brings the tab of a kind to the front.
pub fn tab(app: &mut App, kind: Kind, fx: &mut Vec<Effect>) {
    if let Some(index) = app.panes.iter().position(|p| p.spec.kind == kind) {
        app.tab(index, fx);
    }
}

/// The same, and the way back is remembered.
pub fn show(app: &mut App, kind: Kind, fx: &mut Vec<Effect>) {
    if let Some(index) = app.panes.iter().position(|p| p.spec.kind == kind) {
        let here = app.spot();
        app.places.leave(here);
        app.tab(index, fx);
    }
}

/// Why the logs cannot be read.
pub fn able(app: &App) -> Result<(), String> {
    match app.panes.iter().position(|p| p.spec.kind == Kind::Record) {
        Some(index) => app.usable(index),
        None => Err("there is no such tab".into()),
    }
}

/// The sign-in names that what is under the cursor is about.
fn people(app: &App) -> Vec<Text> {
    let Some(key) = app.subject() else {
        return Vec::new();
    };
    let own = match key.kind {
        Kind::User => vec![super::refs::myself(&super::known::Lists(app), &key)],
        _ => refs_of(app, &key),
    };
    let mut out: Vec<Text> = Vec::new();
    for entity in own {
        if let EntityRef::User { upn: Some(upn), .. } = entity
            && !out.contains(&upn)
        {
            out.push(upn);
        }
    }
    out
}

/// Whether there is anybody whose logs could be shown.
pub fn able_person(app: &App) -> Result<(), String> {
    able(app)?;
    match app.subject() {
        None => Err("nothing is under the cursor".into()),
        Some(_) => Ok(()),
    }
}

/// `g l`: the logs of whom the row or detail is about; a letter picks what of them.
pub fn of_person(app: &mut App, fx: &mut Vec<Effect>) {
    let mut people = people(app);
    match people.len() {
        0 => {
            let text = "nobody with a sign-in name is known of this row";
            app.toasts.push(app.now, Level::Warn, text.to_owned());
        }
        1 => presets(app, &people.swap_remove(0)),
        _ => {
            let items = people
                .into_iter()
                .map(|upn| Item {
                    label: upn.txt().shown().into_owned(),
                    value: Value::Text(upn),
                    ..Item::default()
                })
                .collect();
            let pick = Pick::new("logs of", "Whose logs", items, |app, item, _| {
                if let Value::Text(upn) = item.value {
                    presets(app, &upn);
                }
            });
            app.push(Overlay::Pick(pick));
        }
    }
    let _ = fx;
}

fn presets(app: &mut App, upn: &Text) {
    let items = PRESETS
        .iter()
        .map(|(letter, label, filter)| {
            let person = record::of_person(upn.txt());
            Item {
                label: (*label).to_owned(),
                key: letter.to_string(),
                value: Value::Text(format!("{person} {filter}").trim().into()),
                ..Item::default()
            }
        })
        .collect();
    let mut name = String::new();
    upn.txt().shown_fit(&mut name, 40);
    let pick = Pick::letters("logs", format!("Logs of {name}"), items, |app, item, fx| {
        if let Value::Text(filter) = item.value {
            show(app, Kind::Record, fx);
            filtered(app, filter.txt().exact(), fx);
        }
    });
    app.push(Overlay::Pick(pick));
}

/// Puts a filter in force on the logs.
fn filtered(app: &mut App, filter: &str, fx: &mut Vec<Effect>) {
    let Some(pane) = app.pane_of(Kind::Record) else {
        return;
    };
    pane.filter.text = filter.to_owned();
    pane.last_filter = filter.to_owned();
    pane.view = String::new();
    pane.touched = false;
    app.compute(Kind::Record, fx);
}

/// `F`: new rows come in by themselves, and the cursor stays on the newest until it is moved.
pub fn follow(app: &mut App, fx: &mut Vec<Effect>) {
    let height = app.list_height();
    let pane = app.pane_mut();
    pane.follow = !pane.follow;
    let (on, kind) = (pane.follow, pane.spec.kind);
    if on {
        pane.sort = pane.spec.sort_keys(pane.spec.sort);
        pane.ordered = None;
        pane.move_to(0, height);
        pane.touched = false;
        app.compute(kind, fx);
    }
    let text = match on {
        true => "following: new rows come in by themselves",
        false => "not following: new rows wait",
    };
    app.toasts.push(app.now, Level::Info, text.to_owned());
}

/// The line under the logs: a mark a day for each content type, and what is missing first. Tone says how loud.
pub fn strip(app: &App) -> Option<(Tone, String)> {
    if app.pane().spec.kind != Kind::Record || app.ledger.types.is_empty() {
        return None;
    }
    let ledger = &app.ledger;
    let room = usize::from(app.size.0);
    let mut parts: Vec<String> = Vec::new();
    for t in &ledger.types {
        let name: String = match room >= 96 {
            true => t.short(),
            false => t.short().chars().take(3).collect(),
        };
        parts.push(match t.standing {
            Standing::Enabled if t.windows.is_empty() => format!("{name} …"),
            Standing::Enabled => format!("{name} {}", t.strip()),
            Standing::Unknown => continue,
            Standing::None => format!("{name} off"),
            Standing::Disabled => format!("{name} DISABLED"),
            Standing::Forbidden => format!("{name} denied"),
        });
    }
    let gaps = ledger.gaps();
    let disabled = ledger
        .types
        .iter()
        .any(|t| t.standing == Standing::Disabled);
    let open = ledger
        .types
        .iter()
        .any(|t| t.count(Reach::Reading) + t.count(Reach::Waiting) > 0);
    let key = app.keymap.key_named("content types").unwrap_or_default();
    let (tone, head) = match gaps {
        0 if disabled => (Tone::Bad, "incomplete".to_owned()),
        0 if open => (Tone::Info, "reading".to_owned()),
        0 => (Tone::Dim, "no gaps".to_owned()),
        1 => (Tone::Bad, "! 1 GAP".to_owned()),
        n => (Tone::Bad, format!("! {n} GAPS")),
    };
    Some((tone, format!("{head} ({key}): {}", parts.join(" "))))
}

#[cfg(test)]
#[path = "logs_tests.rs"]
pub(crate) mod tests;
