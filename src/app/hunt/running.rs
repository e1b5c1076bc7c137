//! Running a query: what is asked and of whom, what is said before and meanwhile, and what becomes of the answer.

use super::{Focus, Outcome, Query, Running, grid::Grid, params, placing, ranges};
use crate::app::App;
use crate::model::{Engine, Fault, FaultKind};
use crate::msg::{
    Body, Effect, Elsewhere, Fan, Hunted, Level, ListTable, Local, LocalSource, Reply, Request,
    Slot,
};
use crate::resource::hunt_work::Done;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use table::Cancel;

/// How much of a tab is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What is marked, else the query at the cursor.
    Here,
    /// The whole text as one query.
    All,
}

/// Where in the tab's text a run's query stands.
fn wanted(query: &Query, extent: Extent) -> Option<Range<usize>> {
    let text = query.editor.text();
    let range = match (extent, query.editor.selection()) {
        (Extent::All, _) => 0..text.len(),
        (_, Some(marked)) => marked,
        (_, None) => query.known.at(text, query.editor.cursor())?.0,
    };
    (!text.get(range.clone())?.trim().is_empty()).then_some(range)
}

/// Runs the query at the cursor, or what is marked.
pub fn run(app: &mut App, fx: &mut Vec<Effect>) {
    run_extent(app, Extent::Here, fx);
}

/// Runs the whole text as one query.
pub fn run_all(app: &mut App, fx: &mut Vec<Effect>) {
    run_extent(app, Extent::All, fx);
}

pub(in crate::app) fn run_extent(app: &mut App, extent: Extent, fx: &mut Vec<Effect>) {
    app.hunted(fx);
    let query = app.hunt.query();
    let Some(range) = wanted(query, extent) else {
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
    let template: Arc<str> = query.editor.text()[range.clone()].into();
    let given = query.given(app.now.wall);
    let missing: Vec<params::Wanted> = params::wanted(&template)
        .into_iter()
        .filter(|w| w.default.is_none() && !given.contains_key(&w.name.to_ascii_uppercase()))
        .collect();
    if !missing.is_empty() {
        params::ask(app, missing);
        return;
    }
    let text: Arc<str> = match params::bind_with(&template, &given) {
        Ok(text) => text.into(),
        Err(why) => {
            say(app, format!("{why}; Alt-p gives values to parameters"));
            return;
        }
    };
    if let Some(why) = query.range.beyond(&query.engine, app.now.wall) {
        say(
            app,
            format!("{why}; Alt-t changes the time, Alt-e the place"),
        );
        return;
    }
    let engine = query.engine.clone();
    if !engine.is_local() && crate::app::library::reach::asks(app, extent, &text) {
        return;
    }
    // what costs much, and what cannot give what it asks for, is asked for twice
    let cost = app.hunt.costs.of(&engine, &text).filter(|c| c.is_dear());
    let cost = cost.filter(|_| !engine.is_local()).map(|c| c.words());
    if let Some(why) = ranges::too_long(&app.hunt, &text).or(cost) {
        let warned = app.hunt.warned.replace(text.clone());
        if warned.as_ref() != Some(&text) {
            say(app, format!("{why}; the same key again runs it"));
            return;
        }
    }
    app.hunt.warned = None;
    send(app, range.start, template, text, fx);
}

fn send(app: &mut App, start: usize, template: Arc<str>, text: Arc<str>, fx: &mut Vec<Effect>) {
    let now = app.now;
    let lists = app.list_tables();
    let query = app.hunt.query_mut();
    let (id, engine, range) = (query.id, query.engine.clone(), query.range);
    let cancel = engine.is_local().then(Cancel::default);
    query.refused = None;
    query.running = Some(Running {
        text: text.clone(),
        template,
        start,
        since: now.mono,
        engine: engine.clone(),
        across: match engine {
            Engine::Defender => query.across.clone(),
            _ => Vec::new(),
        },
        cancel: cancel.clone(),
    });
    let across = (query.running.as_ref()).map_or_else(Vec::new, |r| r.across.clone());
    app.hunt.popup = None;
    if engine == Engine::Defender {
        app.hunt.sent_one(now.mono);
    }
    let ticket = app.tickets.issue(Slot::Hunt(id));
    let local = |from| Local {
        query: text.clone(),
        from,
        now: now.wall,
        cancel: cancel.unwrap_or_default(),
    };
    fx.push(match engine {
        Engine::Archive(name) => Effect::Local(ticket, local(LocalSource::Archive(name))),
        Engine::Lists => Effect::Local(ticket, local(LocalSource::Lists(lists))),
        engine if !across.is_empty() => Effect::Elsewhere(Elsewhere::Hunt(Fan {
            ticket,
            timespan: range.timespan().filter(|_| engine.takes_range()),
            query: text,
            tenants: across,
        })),
        engine => Effect::Ask(
            ticket,
            Request::Hunt {
                timespan: range.timespan().filter(|_| engine.takes_range()),
                engine,
                query: text,
            },
        ),
    });
}

/// Stops waiting, and says what becomes of the query at the service.
pub fn cancel(app: &mut App, fx: &mut Vec<Effect>) {
    let query = app.hunt.query_mut();
    if let Some(running) = query.running.take() {
        let slot = Slot::Hunt(query.id);
        running.stop();
        app.tickets.close(&slot);
        fx.push(Effect::Drop(slot));
        crate::app::library::stopped(app, &running, fx);
        say(app, running.engine.on_cancel().into());
    }
}

impl super::Hunt {
    /// Defender was asked once more. The limit is the tenant's, and what others use of it cannot be known.
    pub(in crate::app) fn sent_one(&mut self, now: Duration) {
        let old = now.saturating_sub(Duration::from_secs(60));
        self.sent.retain(|at| *at > old);
        self.sent.push_back(now);
    }
}

impl Running {
    /// A local query ends at its next part.
    pub fn stop(&self) {
        if let Some(cancel) = &self.cancel {
            cancel.cancel();
        }
    }
}

fn say(app: &mut App, text: String) {
    app.toasts.push(app.now, Level::Warn, text);
}

impl App {
    /// Why no query can be sent; none = it can.
    pub fn hunt_blocked(&self) -> Option<String> {
        use crate::app::able::HUNTING;
        // other services are signed in to when they are first asked
        if self.hunt.query().engine == Engine::Defender {
            return self.defender_blocked();
        }
        self.is_off(HUNTING).then(|| self.switched_off(HUNTING))
    }

    /// Why Defender cannot be hunted in.
    pub fn defender_blocked(&self) -> Option<String> {
        use crate::app::able::HUNTING;
        use crate::model::{Grant, Service};
        if self.is_off(HUNTING) {
            return Some(self.switched_off(HUNTING));
        }
        self.session.as_ref()?;
        match self.grants.any(Service::Graph, &["ThreatHunting.Read.All"]) {
            Grant::Granted | Grant::Unknown => None,
            _ => Some(
                "needs ThreatHunting.Read.All (Microsoft Graph); this sign-in does not have it"
                    .into(),
            ),
        }
    }

    /// The lists as tables that a query can read.
    fn list_tables(&self) -> Vec<ListTable> {
        if self.hunt.query().engine != Engine::Lists {
            return Vec::new();
        }
        let table = |pane: &crate::app::pane::Pane| ListTable {
            spec: pane.spec,
            table: pane.rows.table().clone(),
            live: pane.rows.live(),
        };
        self.panes.iter().map(table).collect()
    }

    /// Where the tab in front runs, over which time, on what, and how often Defender was asked in the last minute.
    pub fn hunt_header(&self) -> String {
        let query = self.hunt.query();
        let mut parts = vec![query.engine.to_string()];
        let range = ranges::words(query.range, &self.zone);
        if !range.is_empty() {
            parts.push(range);
        }
        if !query.across.is_empty() && query.engine == Engine::Defender {
            parts.push(format!("in {} tenants", query.across.len()));
        }
        if let Some(entity) = query.params.get("ENTITY") {
            let short: String = entity.chars().take(24).collect();
            parts.push(format!("on {short}"));
        }
        let since = self.now.mono.saturating_sub(Duration::from_secs(60));
        let own = self.hunt.sent.iter().filter(|at| **at > since).count();
        if own > 0 && query.engine == Engine::Defender {
            parts.push(format!("own hunts {own}/min"));
        }
        parts.join(" · ")
    }

    /// When the seconds of the run in front turn.
    pub(in crate::app) fn hunt_tick(&self) -> Option<Duration> {
        let running = self
            .hunt
            .query()
            .running
            .as_ref()
            .filter(|_| self.hunting)?;
        let whole = self.now.mono.saturating_sub(running.since).as_secs() + 1;
        Some(running.since + Duration::from_secs(whole))
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
        (Slot::Think(_), Body::Thought(thought)) => {
            query.known.take(thought.clone());
            // the text may be another by now
            app.think(id, fx);
        }
        (Slot::Think(_), _) => query.known.not_understood(),
        (Slot::Grid(_), Body::Worked(Done::Arranged(done))) => {
            if let Some(grid) = query.outcome.as_mut().and_then(Outcome::grid_mut) {
                grid.computed(done.clone(), rows);
                if let Some(want) = grid.plot.clone() {
                    super::local::plot_of(app, id, want, fx);
                }
            }
        }
        (Slot::Grid(_), body) => {
            if let Some(grid) = query.outcome.as_mut().and_then(Outcome::grid_mut) {
                grid.not_computed();
            }
            if let Body::Fault(fault) = body {
                app.toasts.push(now, Level::Error, fault.to_string());
            }
        }
        (Slot::Hunt(_), body) => ended(app, id, body, fx),
        _ => {}
    }
}

/// A run came to its end.
fn ended(app: &mut App, id: u64, body: &Body, fx: &mut Vec<Effect>) {
    let now = app.now;
    let Some(query) = app.hunt.tabs.iter_mut().find(|q| q.id == id) else {
        return;
    };
    let Some(running) = query.running.take() else {
        return;
    };
    let took = now.mono.saturating_sub(running.since);
    // of several tenants each has its own limit, which was told with its answer
    let most = running
        .engine
        .most_rows()
        .filter(|_| running.across.is_empty());
    let (result, mut notes) = match body {
        Body::Hunted(hunted) => (
            Ok(Grid::new(hunted.answer.table.clone())),
            notes(hunted, most),
        ),
        Body::Fault(fault) => (Err(fault.clone()), Vec::new()),
        _ => (
            Err(Fault::new(
                FaultKind::Internal,
                "the run ended without an answer",
            )),
            Vec::new(),
        ),
    };
    if !running.across.is_empty() {
        let names = running.across.join(", ");
        notes.push(format!(
            "of {} tenants: {}",
            running.across.len(),
            table::Txt::new(&names).shown()
        ));
    }
    let cost = match &result {
        Ok(grid) => Some((grid.table.rows(), false)),
        // what a service says of the text costs nothing, but its patience and its limits do
        Err(fault) => {
            matches!(fault.kind, FaultKind::Timeout | FaultKind::Server).then_some((0, true))
        }
    };
    if let Err(fault) = &result {
        query.complain(&running, fault);
    }
    let failed = result.is_err();
    if let Some(past) = query.outcome.take().and_then(Outcome::into_past) {
        query.past = Some(past);
    }
    query.outcome = Some(Outcome {
        text: running.text.clone(),
        at: now.wall,
        took,
        result,
        notes,
        engine: running.engine.clone(),
        side: Default::default(),
    });
    super::local::arrived(app, id, fx);
    if let Some((rows, over)) = cost {
        app.hunt
            .costs
            .note(&running.engine, &running.text, took, rows, over);
        let costs = serde_json::to_value(&app.hunt.costs).unwrap_or_default();
        app.hunt.costs_kept = Arc::new(costs);
        app.keep_drafts(fx);
    }
    if app.hunt.query().id == id && failed && app.hunt.focus == Focus::Results {
        app.hunt.focus = Focus::Editor;
    }
    app.hunted(fx);
}

/// A service's complaint where it belongs in the tab's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    pub place: Range<usize>,
    pub words: String,
    /// Of the text that it is about.
    pub revision: u64,
}

impl Query {
    /// Finds the place of a complaint, and puts the cursor there where it still stands in the query.
    fn complain(&mut self, running: &Running, fault: &Fault) {
        if !matches!(fault.kind, FaultKind::BadRequest | FaultKind::Refused) {
            return;
        }
        let end = running.start + running.template.len();
        if self.editor.text().get(running.start..end) != Some(&*running.template) {
            return;
        }
        let Some(found) = placing::place(&fault.what, &running.text) else {
            return;
        };
        let Some(found) = unbound(&running.text, &running.template, found) else {
            return;
        };
        let place = running.start + found.start..running.start + found.end;
        let cursor = self.editor.cursor();
        if (running.start..=end).contains(&cursor) && self.editor.selection().is_none() {
            self.editor.go_to(place.start, false);
        }
        self.refused = Some(Refused {
            place,
            words: fault.what.clone(),
            revision: self.editor.revision,
        });
    }

    /// The complaint about the text as it is now.
    pub fn refused(&self) -> Option<&Refused> {
        self.refused
            .as_ref()
            .filter(|r| r.revision == self.editor.revision)
    }
}

/// A place of the text that was sent, in the text as it stands in the tab: values make a line longer, never more lines.
fn unbound(sent: &str, template: &str, found: Range<usize>) -> Option<Range<usize>> {
    if sent == template {
        return Some(found);
    }
    let line = sent.get(..found.start)?.matches('\n').count();
    let starts = std::iter::once(0).chain(template.match_indices('\n').map(|(i, _)| i + 1));
    let start = starts.clone().nth(line)?;
    let end = template[start..]
        .find('\n')
        .map_or(template.len(), |n| start + n);
    let word = sent.get(found)?;
    match template[start..end].find(word) {
        Some(i) if !word.is_empty() => Some(start + i..start + i + word.len()),
        _ => Some(start..end),
    }
}

/// What a person must know of rows that are not all, or not as they should be.
fn notes(hunted: &Hunted, most: Option<u32>) -> Vec<String> {
    let answer = &hunted.answer;
    let rows = answer.table.rows();
    let mut notes = Vec::new();
    if let Some(why) = &hunted.partial {
        notes.push(format!("PARTIAL: {rows} of at least {rows} rows; {why}"));
    } else if let Some(most) = most.filter(|most| rows >= *most) {
        notes.push(format!(
            "PARTIAL: {rows} of at least {rows} rows; the service gives no more than {most}"
        ));
    }
    if answer.odd > 0 {
        let place = answer.first_odd.map_or(String::new(), |(col, row)| {
            let name = answer.table.schema().name(col);
            let name = name.map_or_else(String::new, |n| n.shown().into_owned());
            format!(", the first in row {} of {name}", row + 1)
        });
        notes.push(match answer.odd {
            1 => format!("1 cell is not of its column's type and is left empty{place}"),
            n => format!("{n} cells are not of their column's type and are left empty{place}"),
        });
    }
    if answer.bad_rows > 0 {
        notes.push(match answer.bad_rows {
            1 => "1 row could not be read and is empty".into(),
            n => format!("{n} rows could not be read and are empty"),
        });
    }
    if answer.strangers > 0 {
        notes.push(match answer.strangers {
            1 => "1 cell has a name that the schema does not have".into(),
            n => format!("{n} cells have names that the schema does not have"),
        });
    }
    notes
}

#[cfg(test)]
#[path = "running_tests.rs"]
mod tests;
