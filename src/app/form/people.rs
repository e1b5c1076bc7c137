//! Picking a person: who is likely at once, the directory's while typing.

use super::Args;
use crate::app::App;
use crate::app::act::act;
use crate::app::overlay::Overlay;
use crate::app::pick::{Item, Pick, Value};
use crate::app::soon::{PAUSE, What};
use crate::model::Kind;
use crate::msg::{Body, Effect, Reply, Request, Slot};
use crate::resource::{Answer, spec};
use std::collections::HashSet;
use table::Text;

/// Names taken from each list: a directory of 200,000 is searched at the service, not listed here.
const LISTED: usize = 2_000;

/// Opens the list of people for the verb that is pending.
pub fn open(app: &mut App, title: String) {
    let mut pick = Pick::new("people", title, likely(app), |app, item, fx| {
        let person = match item.value {
            Value::Text(person) => Some(person),
            Value::Name(_) => None,
            _ => return,
        };
        let args = Args {
            person,
            ..Args::default()
        };
        act(app, args, fx);
    });
    pick.typed = Some(|app, words, _| match words.trim().chars().count() {
        0 | 1 => app.soon.clear(What::People),
        _ => app.soon.set(What::People, app.now.mono + PAUSE),
    });
    app.push(Overlay::Pick(pick));
}

/// Asks the directory for what is typed. Called when nothing was typed for a moment.
pub fn ask(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(pick) = app.pick_mut("people") else {
        return;
    };
    let words = pick.line.text().trim().to_owned();
    let Some(search) = spec(Kind::User)
        .listing
        .search
        .filter(|_| words.chars().count() > 1)
    else {
        return;
    };
    pick.note = "asking the directory …".into();
    let ticket = app.tickets.issue(Slot::Pick("people"));
    fx.push(Effect::Ask(
        ticket,
        Request::Pick {
            calls: vec![search(&words)],
        },
    ));
}

/// Me, nobody, who has work already, then whom the list of users has.
fn likely(app: &App) -> Vec<Item> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut items = Vec::new();
    let mut add = |items: &mut Vec<Item>, upn: &Text, note: &str| {
        if seen.insert(upn.txt().exact().to_lowercase()) {
            items.push(person(upn, note));
        }
    };
    if let Some(me) = app.session.as_ref().and_then(|s| s.me.as_ref()) {
        add(&mut items, me, "me");
    }
    items.push(Item {
        label: "nobody".into(),
        note: "takes the owner off".into(),
        value: Value::Name("nobody"),
        ..Item::default()
    });
    for (kind, column, note) in [
        (Kind::Incident, "assignedTo", "has incidents"),
        (Kind::Alert, "assignedTo", "has alerts"),
        (Kind::User, "userPrincipalName", ""),
    ] {
        let Some(pane) = app.panes.iter().find(|p| p.spec.kind == kind) else {
            continue;
        };
        let Some(col) = pane.spec.column(column) else {
            continue;
        };
        let most = if kind == Kind::User {
            LISTED
        } else {
            usize::MAX
        };
        for row in pane.rows.live().iter().take(most) {
            if let Some(upn) = pane.rows.cell(row, col).text() {
                let name = pane
                    .rows
                    .cell(row, pane.spec.name_column)
                    .text()
                    .filter(|_| kind == Kind::User);
                let note = name.map_or(note.to_owned(), |n| n.shown().into_owned());
                add(&mut items, &upn.to_text(), &note);
            }
        }
    }
    items
}

fn person(upn: &Text, note: &str) -> Item {
    Item {
        label: upn.txt().shown().into_owned(),
        note: note.to_owned(),
        value: Value::Text(upn.clone()),
        ..Item::default()
    }
}

/// The directory's people, after those that were likely.
pub fn reply(app: &mut App, reply: Reply) {
    let mut items = likely(app);
    let mut note = String::new();
    match &reply.body {
        Body::Part(answers) => {
            for answer in answers {
                match answer {
                    Answer::Failed(fault) => note = fault.to_string(),
                    Answer::Withheld(needs) => {
                        note = format!("the directory needs {}", needs.join(" or "))
                    }
                    Answer::Got { .. } | Answer::None => {}
                }
            }
            for j in answers.iter().flat_map(Answer::items) {
                if let Some(upn) = j.text("userPrincipalName")
                    && !items.iter().any(|i| i.value == Value::Text(upn.clone()))
                {
                    let name = j.text("displayName").map(|t| t.txt().shown().into_owned());
                    items.push(person(&upn, &name.unwrap_or_default()));
                }
            }
        }
        Body::Fault(fault) => note = fault.to_string(),
        _ => {}
    }
    if let Some(pick) = app.pick_mut("people") {
        pick.note = note;
        pick.set_items(items);
    }
}
