//! The logs beside their list: the strip that says how complete they are, the presets for one person, and following.

use super::App;
use super::ask::Ask;
use super::overlay::Overlay;
use super::pick::{Item, Pick, Value};
use super::refs::refs_of;
use crate::model::feed::{Reach, Source, Standing};
use crate::model::{EntityRef, Kind, Service};
use crate::msg::{Effect, Level, Request, Slot};
use crate::resource::doc::Tone;
use crate::resource::log_search::{self, Search};
use crate::resource::record::{self, NEEDS_SEARCH};
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

/// What the line of an audit search is about.
const SEARCH: &str = "audit search";

/// Asks what to search the audit log for; it begins with whom the cursor is on.
pub fn search(app: &mut App, _: &mut Vec<Effect>) {
    let who = people(app);
    let line = log_search::begin(who.first().map(|w| w.txt()));
    ask(app, &line);
}

fn ask(app: &mut App, line: &str) {
    let title = format!("search the audit log: {}", log_search::HELP);
    app.push(Overlay::Ask(Ask::about(SEARCH, title, line, begin)));
}

/// Begins the search, or says what is wrong with its words and asks again.
fn begin(app: &mut App, _: &'static str, line: &str, fx: &mut Vec<Effect>) {
    let kind = Kind::Record;
    match Search::parse(line, app.now.wall) {
        Err(why) => {
            app.toasts.push(app.now, Level::Warn, why);
            ask(app, line);
        }
        Ok(search) => {
            let words = search.words();
            show(app, kind, fx);
            let ticket = app.tickets.issue(Slot::Search(kind));
            fx.push(Effect::Ask(ticket, Request::Search { kind, words }));
            let key = app.keymap.key_named("content types").unwrap_or_default();
            let text = format!(
                "the service searches, which takes minutes; its records come into this list (source:search), {key} shows how it stands"
            );
            app.toasts.push(app.now, Level::Info, text);
        }
    }
}

/// Why the audit log cannot be searched.
pub fn able_search(app: &App) -> Result<(), String> {
    able(app)?;
    super::able::permitted(&app.grants, Service::Graph, NEEDS_SEARCH)
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
        let wide = room >= 96;
        let name: String = match wide || t.source == Source::Search {
            true => t.short(),
            false => t.short().chars().take(3).collect(),
        };
        // where there is little room, what is whole has one mark
        let marks = t.strip();
        let marks = match wide || marks.chars().any(|c| !"#~".contains(c)) {
            true => marks,
            false => marks.chars().last().map(String::from).unwrap_or_default(),
        };
        parts.push(match t.standing {
            Standing::Enabled if t.windows.is_empty() => format!("{name} …"),
            Standing::Enabled => format!("{name} {marks}"),
            Standing::Unknown => continue,
            Standing::None => format!("{name} off"),
            Standing::Disabled => format!("{name} DISABLED"),
            Standing::Forbidden => format!("{name} denied"),
            Standing::Unlicensed => format!("{name} unlicensed"),
            Standing::Refused => format!("{name} refused"),
            Standing::Queued => format!("{name} queued"),
            Standing::Running | Standing::Succeeded | Standing::Failed => {
                format!("{name} {marks}")
            }
        });
    }
    let gaps = ledger.gaps();
    let disabled = ledger
        .types
        .iter()
        .any(|t| matches!(t.standing, Standing::Disabled | Standing::Refused));
    let open = ledger
        .types
        .iter()
        .any(|t| t.standing.brings() && t.count(Reach::Reading) + t.count(Reach::Waiting) > 0);
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
