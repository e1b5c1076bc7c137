//! Running a query: what is asked, what is said meanwhile, and what becomes of the answer.

use super::{Focus, Outcome, Query, Running, grid::Grid};
use crate::app::App;
use crate::model::{Fault, FaultKind};
use crate::msg::{Body, Effect, Hunted, Level, Reply, Request, Slot};
use std::sync::Arc;

/// Rows at which the service cuts an answer.
pub const CUT: u32 = 100_000;

/// The text that a run means: what is marked, else the query at the cursor.
fn wanted(query: &Query) -> Option<Arc<str>> {
    let text = query.editor.text();
    if let Some(range) = query.editor.selection() {
        return text.get(range).map(Arc::from);
    }
    let (block, _) = query.known.at(text, query.editor.cursor())?;
    text.get(block).map(Arc::from)
}

/// Runs the query at the cursor, or what is marked.
pub fn run(app: &mut App, fx: &mut Vec<Effect>) {
    app.hunted(fx);
    let query = app.hunt.query();
    let Some(text) = wanted(query).filter(|t| !t.trim().is_empty()) else {
        say(app, "there is no query at the cursor".into());
        return;
    };
    if query.running.is_some() {
        say(
            app,
            "this query is running; Ctrl-c stops waiting for it".into(),
        );
        return;
    }
    if let Some(why) = app.hunt_blocked() {
        say(app, why);
        return;
    }
    let id = query.id;
    app.hunt.query_mut().running = Some(Running {
        text: text.clone(),
        since: app.now.mono,
    });
    app.hunt.popup = None;
    let ticket = app.tickets.issue(Slot::Hunt(id));
    fx.push(Effect::Ask(
        ticket,
        Request::Hunt {
            query: text,
            timespan: None,
        },
    ));
}

/// Stops waiting. The service has no way to be told, so it may go on and count.
pub fn cancel(app: &mut App, fx: &mut Vec<Effect>) {
    let query = app.hunt.query_mut();
    if query.running.take().is_some() {
        let slot = Slot::Hunt(query.id);
        app.tickets.close(&slot);
        fx.push(Effect::Drop(slot));
        say(
            app,
            "stopped waiting; the service cannot be told and may go on using quota".into(),
        );
    }
}

fn say(app: &mut App, text: String) {
    app.toasts.push(app.now, Level::Warn, text);
}

impl App {
    /// Why no query can be sent; none = it can.
    pub fn hunt_blocked(&self) -> Option<String> {
        use crate::model::{Grant, Service};
        self.session.as_ref()?;
        match self.grants.any(Service::Graph, &["ThreatHunting.Read.All"]) {
            Grant::Granted | Grant::Unknown => None,
            _ => Some(
                "needs ThreatHunting.Read.All (Microsoft Graph); this sign-in does not have it"
                    .into(),
            ),
        }
    }
}

/// An answer to a hunt, a thought about its text, or a sorted result.
pub fn reply(app: &mut App, reply: &Reply, fx: &mut Vec<Effect>) {
    let (Slot::Hunt(id) | Slot::Think(id) | Slot::Grid(id)) = reply.ticket.slot else {
        return;
    };
    let (now, rows) = (app.now, app.hunt_parts().rows);
    let Some(query) = app.hunt.tabs.iter_mut().find(|q| q.id == id) else {
        return;
    };
    match (&reply.ticket.slot, &reply.body) {
        (Slot::Think(_), Body::Thought(thought)) => query.known.take(thought.clone()),
        (Slot::Grid(_), Body::Computed(done)) => {
            if let Some(Ok(grid)) = query.outcome.as_mut().map(|o| &mut o.result) {
                grid.computed(done.ordered.clone(), done.rows.clone(), rows);
            }
        }
        (Slot::Hunt(_), body) => {
            let Some(running) = query.running.take() else {
                return;
            };
            let took = now.mono.saturating_sub(running.since);
            let (result, notes) = match body {
                Body::Hunted(hunted) => (Ok(Grid::new(hunted.answer.table.clone())), notes(hunted)),
                Body::Fault(fault) => (Err(fault.clone()), Vec::new()),
                _ => (
                    Err(Fault::new(
                        FaultKind::Internal,
                        "the run ended without an answer",
                    )),
                    Vec::new(),
                ),
            };
            let failed = result.is_err();
            query.outcome = Some(Outcome {
                text: running.text,
                at: now.wall,
                took,
                result,
                notes,
            });
            if failed && app.hunt.focus == Focus::Results {
                app.hunt.focus = Focus::Editor;
            }
            app.hunted(fx);
        }
        _ => {}
    }
}

/// What a person must know of rows that are not all, or not as they should be.
fn notes(hunted: &Hunted) -> Vec<String> {
    let answer = &hunted.answer;
    let rows = answer.table.rows();
    let mut notes = Vec::new();
    if let Some(why) = &hunted.partial {
        notes.push(format!("PARTIAL: {rows} of at least {rows} rows; {why}"));
    } else if rows >= CUT {
        notes.push(format!(
            "PARTIAL: {rows} of at least {rows} rows; the service gives no more than {CUT}"
        ));
    }
    if answer.odd > 0 {
        let place = answer.first_odd.map_or(String::new(), |(col, row)| {
            let name = answer.table.schema().name(col);
            let name = name.map_or_else(String::new, |n| n.shown().into_owned());
            format!(", the first in row {} of {name}", row + 1)
        });
        notes.push(format!(
            "{} cells are not of their column's type and are left empty{place}",
            answer.odd
        ));
    }
    if answer.bad_rows > 0 {
        notes.push(format!("{} rows could not be read", answer.bad_rows));
    }
    if answer.strangers > 0 {
        notes.push(format!(
            "{} cells have names that the schema does not have",
            answer.strangers
        ));
    }
    notes
}
