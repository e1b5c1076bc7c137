//! What is done with a result on this machine: refinements in a chain, comparison with another run, charts, and the
//! answers of the jobs behind them.

use super::bar::{self, Bar};
use super::grid::Grid;
use super::values;
use super::{Focus, Outcome};
use crate::app::App;
use crate::app::overlay::Overlay;
use crate::model::Ticks;
use crate::msg::{Body, Effect, Level, Reply, Slot};
use crate::resource::hunt_chart::{self, Plot, Want};
use crate::resource::hunt_fields::{self, Wishes};
use crate::resource::hunt_work::arrange::Arrange;
use crate::resource::hunt_work::compare::Compare;
use crate::resource::hunt_work::refine::{File, Load, Refine, render_of};
use crate::resource::hunt_work::{Done, Work};
use kql::engine::Render;
use std::sync::Arc;
use table::{Cancel, Table, Text, Txt};

/// Bytes of an earlier run that are kept for a comparison.
const KEPT: usize = 64 << 20;
/// How the text of a comparison begins; no refinement can.
const COMPARED: &str = "compared:";
/// Refinements in a chain.
const STEPS: usize = 20;

/// What lies over the rows that the service gave.
#[derive(Debug, Default)]
pub struct Side {
    /// Refinements and comparisons, each of the rows before it.
    pub steps: Vec<Step>,
    /// The chart that the query asks for.
    pub render: Option<Render>,
    /// A job is under way: what it does, since when, how to stop it.
    pub busy: Option<Busy>,
}

/// Rows made here.
#[derive(Debug)]
pub struct Step {
    /// The refinement's text, or what was compared.
    pub text: String,
    pub grid: Grid,
    pub render: Option<Render>,
    pub took: std::time::Duration,
}

impl Step {
    /// It tells two runs apart; otherwise it is a refinement.
    pub fn is_compared(&self) -> bool {
        self.text.starts_with(COMPARED)
    }
}

#[derive(Debug)]
pub struct Busy {
    pub what: &'static str,
    pub since: std::time::Duration,
    pub cancel: Cancel,
}

/// An earlier run of a tab.
#[derive(Clone, Debug)]
pub struct Past {
    pub text: Arc<str>,
    pub at: Ticks,
    pub table: Table,
}

/// What a result is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// The run before, in the same tab.
    Past,
    /// The result of another tab.
    Tab(u64),
}

impl Outcome {
    /// The rows in front: those of the last refinement, else what the service gave.
    pub fn grid(&self) -> Option<&Grid> {
        let base = self.result.as_ref().ok()?;
        Some(self.side.steps.last().map_or(base, |s| &s.grid))
    }

    pub fn grid_mut(&mut self) -> Option<&mut Grid> {
        let base = self.result.as_mut().ok()?;
        Some(match self.side.steps.last_mut() {
            Some(step) => &mut step.grid,
            None => base,
        })
    }

    /// What is in front tells two runs apart.
    pub fn is_compared(&self) -> bool {
        self.side.steps.last().is_some_and(Step::is_compared)
    }

    /// The chart asked for by what is in front.
    pub fn render(&self) -> Option<&Render> {
        match self.side.steps.last() {
            Some(step) => step.render.as_ref(),
            None => self.side.render.as_ref(),
        }
    }

    /// What this run leaves for a comparison with the next one.
    pub fn into_past(self) -> Option<Past> {
        let table = self.result.ok()?.table;
        (table.heap_bytes() <= KEPT).then_some(Past {
            text: self.text,
            at: self.at,
            table,
        })
    }
}

fn slot(id: u64, part: &'static str) -> Slot {
    Slot::Work(id, part)
}

pub(super) fn ask(app: &mut App, part: &'static str, work: Work, fx: &mut Vec<Effect>) {
    let id = app.hunt.query().id;
    let ticket = app.tickets.issue(slot(id, part));
    fx.push(Effect::Work(ticket, Box::new(work)));
}

/// Sorts, filters or searches the rows in front.
pub fn arrange(app: &mut App, job: Option<Arrange>, fx: &mut Vec<Effect>) {
    if let Some(job) = job {
        let ticket = app.tickets.issue(Slot::Grid(app.hunt.query().id));
        fx.push(Effect::Work(ticket, Box::new(Work::Arrange(job))));
    }
}

/// The general wishes, from the settings.
fn general(app: &App) -> Wishes {
    Wishes {
        summary: app.settings.summary_fields.clone(),
        ignore: app.settings.ignore_fields.clone(),
    }
}

/// A run answered: its columns are chosen, and the chart it asks for is made.
pub fn arrived(app: &mut App, id: u64, fx: &mut Vec<Effect>) {
    let general = general(app);
    let Some(query) = app.hunt.tabs.iter_mut().find(|q| q.id == id) else {
        return;
    };
    let Some(outcome) = &mut query.outcome else {
        return;
    };
    let own = hunt_fields::of_query(&outcome.text);
    outcome.side.render = render_of(&outcome.text);
    if let Ok(grid) = &mut outcome.result {
        let chosen = hunt_fields::choose(grid.table.schema(), &general, &own);
        grid.choose(chosen.columns);
        (grid.col, grid.left) = (0, 0);
        grid.ignored = chosen.ignored;
        outcome.notes.extend(chosen.unknown);
        grid.plot = outcome
            .side
            .render
            .clone()
            .filter(|r| hunt_chart::form(&r.chart).is_some() && !grid.rows.is_empty())
            .map(Want::Render);
        if let Some(want) = grid.plot.clone() {
            plot_of(app, id, want, fx);
        }
    }
}

/// Makes the chart of the rows in front of a tab.
pub fn plot_of(app: &mut App, id: u64, want: Want, fx: &mut Vec<Effect>) {
    let Some(query) = app.hunt.tabs.iter().find(|q| q.id == id) else {
        return;
    };
    let Some(grid) = query.outcome.as_ref().and_then(Outcome::grid) else {
        return;
    };
    let plot = Plot {
        table: grid.table.clone(),
        rows: grid.rows.clone(),
        want,
        cancel: Cancel::new(),
    };
    let ticket = app.tickets.issue(slot(id, "chart"));
    fx.push(Effect::Work(ticket, Box::new(Work::Chart(plot))));
}

/// Shows the rows in front as a chart, or as rows again.
pub fn chart(app: &mut App, want: Option<Want>, fx: &mut Vec<Effect>) {
    let id = app.hunt.query().id;
    let Some(outcome) = app.hunt.query_mut().outcome.as_mut() else {
        return;
    };
    let render = outcome.render().cloned();
    let Some(grid) = outcome.grid_mut() else {
        return;
    };
    if grid.chart.take().is_some() && want.is_none() {
        grid.plot = None;
        return;
    }
    let guess = Render {
        chart: guess(&grid.table).into(),
        with: Vec::new(),
    };
    let want = want.unwrap_or(Want::Render(render.unwrap_or(guess)));
    grid.plot = Some(want.clone());
    grid.chart_top = 0;
    plot_of(app, id, want, fx);
}

/// What suits these columns where nobody said.
fn guess(table: &Table) -> &'static str {
    let timed = table
        .schema()
        .columns()
        .any(|(_, k)| k == table::Type::Time);
    if timed { "timechart" } else { "barchart" }
}

/// Runs a refinement over the rows in front.
pub fn refine(app: &mut App, text: &str, fx: &mut Vec<Effect>) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    let (now, wall) = (app.now, app.now.wall);
    let files = app.hunt.files.clone();
    let Some(outcome) = app.hunt.query_mut().outcome.as_mut() else {
        return;
    };
    if outcome.side.steps.len() >= STEPS {
        let words = format!("{STEPS} refinements are in a chain; u takes the last one back");
        app.toasts.push(now, Level::Warn, words);
        return;
    }
    let Some(grid) = outcome.grid() else { return };
    let cancel = Cancel::new();
    let job = Refine {
        text: text.into(),
        table: grid.table.clone(),
        rows: grid.rows.clone(),
        files,
        now: wall,
        cancel: cancel.clone(),
    };
    if let Some(old) = outcome.side.busy.take() {
        old.cancel.cancel();
    }
    outcome.side.busy = Some(Busy {
        what: "refining the rows on screen",
        since: now.mono,
        cancel,
    });
    ask(app, "rows", Work::Refine(job), fx);
}

/// Why the last refinement cannot be taken back.
pub fn can_undo(app: &App) -> Result<(), String> {
    let side = app.hunt.query().outcome.as_ref().map(|o| &o.side);
    match side {
        Some(side) if !side.steps.is_empty() => Ok(()),
        _ => Err("nothing was refined here; | refines the rows on screen".into()),
    }
}

/// Takes the last refinement back.
pub fn undo(app: &mut App, fx: &mut Vec<Effect>) {
    let id = app.hunt.query().id;
    stop(app, fx);
    app.tickets.close(&Slot::Grid(id));
    app.tickets.close(&slot(id, "chart"));
    if let Some(outcome) = app.hunt.query_mut().outcome.as_mut() {
        outcome.side.steps.pop();
        if let Some(grid) = outcome.grid_mut() {
            grid.not_computed();
        }
    }
}

/// Stops the job on the rows in front. True: there was one.
pub fn stop(app: &mut App, _fx: &mut Vec<Effect>) -> bool {
    let id = app.hunt.query().id;
    let busy = app
        .hunt
        .query_mut()
        .outcome
        .as_mut()
        .and_then(|o| o.side.busy.take());
    match busy {
        Some(busy) => {
            busy.cancel.cancel();
            app.tickets.close(&slot(id, "rows"));
            true
        }
        None => false,
    }
}

/// Whether something is being worked out about the rows in front.
pub fn busy(app: &App) -> bool {
    let outcome = app.hunt.query().outcome.as_ref();
    outcome.is_some_and(|o| o.side.busy.is_some())
}

/// Reads a local file, so that refinements can name it.
pub fn add_file(app: &mut App, path: &str, fx: &mut Vec<Effect>) {
    let taken = app.hunt.files.iter().map(|f| f.name.clone()).collect();
    let load = Load {
        path: path.to_owned(),
        taken,
    };
    ask(app, "file", Work::Load(load), fx);
}

/// What the result in front can be compared with: words, and what they stand for.
pub fn rivals(app: &App) -> Vec<(String, Against)> {
    let here = app.hunt.query();
    let mut out = Vec::new();
    if let Some(past) = &here.past {
        let rows = past.table.rows();
        let at = crate::app::doc::instant(past.at);
        out.push((
            format!("the run before, of {at} ({rows} rows)"),
            Against::Past,
        ));
    }
    for (n, query) in app.hunt.tabs.iter().enumerate() {
        if query.id != here.id
            && let Some(Outcome {
                result: Ok(grid), ..
            }) = &query.outcome
        {
            let mut name = String::new();
            Txt::new(query.name()).shown_fit(&mut name, 40);
            let rows = grid.table.rows();
            out.push((
                format!("tab {}: {name} ({rows} rows)", n + 1),
                Against::Tab(query.id),
            ));
        }
    }
    out
}

/// Compares the rows in front with another run by these columns.
pub fn compare(app: &mut App, against: &Against, keys: &str, fx: &mut Vec<Effect>) {
    let before = match against {
        Against::Past => app.hunt.query().past.as_ref().map(|p| p.table.clone()),
        Against::Tab(id) => {
            let tab = app.hunt.tabs.iter().find(|q| q.id == *id);
            tab.and_then(|q| Some(q.outcome.as_ref()?.result.as_ref().ok()?.table.clone()))
        }
    };
    let now = app.now;
    let (Some(before), Some(outcome)) = (before, app.hunt.query_mut().outcome.as_mut()) else {
        app.toasts
            .push(now, Level::Warn, "that run is not there any more".into());
        return;
    };
    let Some(grid) = outcome.grid() else { return };
    let cancel = Cancel::new();
    let keys = keys.split(',').map(str::trim).filter(|k| !k.is_empty());
    let job = Compare {
        before,
        after: grid.table.clone(),
        keys: keys.map(Text::from).collect(),
        cancel: cancel.clone(),
    };
    outcome.side.busy = Some(Busy {
        what: "comparing two runs",
        since: now.mono,
        cancel,
    });
    ask(app, "rows", Work::Compare(job), fx);
}

/// A job about a result answered.
pub fn reply(app: &mut App, reply: &Reply, fx: &mut Vec<Effect>) {
    let Slot::Work(id, part) = reply.ticket.slot else {
        return;
    };
    let now = app.now;
    let done = match &reply.body {
        Body::Worked(done) => done,
        body => {
            if part == "rows" {
                unbusy(app, id);
            }
            if let Body::Fault(fault) = body {
                app.toasts.push(now, Level::Error, fault.to_string());
            }
            return;
        }
    };
    let took = unbusy_if(app, id, part == "rows");
    match done {
        Done::Failed(why) => {
            if part == "chart"
                && let Some(grid) = grid_of(app, id)
            {
                grid.plot = None;
            }
            app.toasts.push(now, Level::Warn, why.clone());
        }
        Done::Refined(refined) => {
            let text = Txt::new(&refined.text).clipboard();
            let (table, render) = (refined.table.clone(), refined.render.clone());
            step(app, id, text, table, render, took, fx);
        }
        Done::Compared(table, [new, gone, changed]) => {
            let text = format!("{COMPARED} {new} new, {gone} gone, {changed} changed");
            step(app, id, text, table.clone(), None, took, fx);
        }
        Done::Loaded(file) => loaded(app, file),
        Done::Figures(figures) if part == values::PART => values::arrived(app, figures),
        Done::Figures(figures) => super::figures::arrived(app, figures),
        Done::Chart(chart) => {
            if let Some(grid) = grid_of(app, id).filter(|g| g.plot.is_some()) {
                grid.chart = Some(chart.clone());
            }
        }
        Done::Saved(saved) => super::export::saved(app, saved),
        Done::Exists(path) => super::export::exists(app, path),
        Done::Text(text) => fx.push(Effect::Copy {
            what: "result",
            text: text.clone(),
        }),
        Done::Arranged(_) => {}
    }
}

fn grid_of(app: &mut App, id: u64) -> Option<&mut Grid> {
    let query = app.hunt.tabs.iter_mut().find(|q| q.id == id)?;
    query.outcome.as_mut()?.grid_mut()
}

fn unbusy(app: &mut App, id: u64) {
    unbusy_if(app, id, true);
}

/// The job is over; how long it took.
fn unbusy_if(app: &mut App, id: u64, over: bool) -> std::time::Duration {
    let now = app.now.mono;
    let query = app.hunt.tabs.iter_mut().find(|q| q.id == id);
    let busy = query
        .filter(|_| over)
        .and_then(|q| q.outcome.as_mut()?.side.busy.take());
    busy.map_or_else(Default::default, |b| now.saturating_sub(b.since))
}

/// Puts rows made here in front.
fn step(
    app: &mut App,
    id: u64,
    text: String,
    table: Table,
    render: Option<Render>,
    took: std::time::Duration,
    fx: &mut Vec<Effect>,
) {
    let general = Wishes {
        summary: Vec::new(),
        ..general(app)
    };
    app.tickets.close(&Slot::Grid(id));
    app.tickets.close(&slot(id, "chart"));
    let Some(query) = app.hunt.tabs.iter_mut().find(|q| q.id == id) else {
        return;
    };
    let Some(outcome) = &mut query.outcome else {
        return;
    };
    if let Some(grid) = outcome.grid_mut() {
        grid.not_computed();
    }
    let own = Wishes {
        summary: Vec::new(),
        ..hunt_fields::of_query(&outcome.text)
    };
    let mut grid = Grid::new(table);
    let chosen = hunt_fields::choose(grid.table.schema(), &general, &own);
    grid.choose(chosen.columns);
    grid.ignored = chosen.ignored;
    let drawn = |r: &Render| hunt_chart::form(&r.chart).is_some();
    let want = render.clone().filter(drawn).map(Want::Render);
    let want = want.filter(|_| !grid.rows.is_empty());
    grid.plot = want.clone();
    outcome.side.steps.push(Step {
        text,
        grid,
        render,
        took,
    });
    if let Some(want) = want {
        plot_of(app, id, want, fx);
    }
    if app.hunt.query().id == id {
        app.hunt.focus = Focus::Results;
    }
}

fn loaded(app: &mut App, file: &Arc<File>) {
    let (rows, columns) = (file.stored.rows(), file.stored.columns.len());
    let notes = match file.notes.len() {
        0 => String::new(),
        n => format!("; {n} notes: {}", Txt::new(&file.notes[0]).shown()),
    };
    let text = format!(
        "{} is a table now: {rows} rows, {columns} columns; | join kind=inner {} on …{notes}",
        file.name, file.name
    );
    app.toasts.push(app.now, Level::Good, text);
    app.hunt.files.push(file.clone());
}

/// `|`: opens the line.
pub fn open_refine(app: &mut App) {
    let Some(grid) = app.hunt.grid() else { return };
    let columns = crate::resource::hunt_work::refine::columns(grid.table.schema());
    let world = crate::resource::hunt_work::refine::world(&columns, &app.hunt.files);
    app.push(Overlay::Bar(Bar::refine(world)));
}

/// `D`: with which run, then by which columns.
pub fn open_compare(app: &mut App) {
    use crate::app::pick::{Item, Pick, Value};
    let rivals = rivals(app);
    match rivals.as_slice() {
        [] => {
            let text = "there is no other run to compare with; run it again, or in another tab";
            app.toasts.push(app.now, Level::Warn, text.into());
        }
        [(words, against)] => bar::keys(app, against.clone(), words),
        _ => {
            let items = rivals.iter().enumerate().map(|(n, (words, _))| Item {
                label: words.clone(),
                value: Value::Index(n),
                ..Item::default()
            });
            let pick = Pick::new(
                "compare",
                "Compare with",
                items.collect(),
                |app, item, _| {
                    let Value::Index(n) = item.value else { return };
                    if let Some((words, against)) = rivals_at(app, n) {
                        bar::keys(app, against, &words);
                    }
                },
            );
            app.push(Overlay::Pick(pick));
        }
    }
}

fn rivals_at(app: &App, n: usize) -> Option<(String, Against)> {
    rivals(app).into_iter().nth(n)
}
