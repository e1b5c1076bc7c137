//! The Posture tab: several lists under one number, with the scores above them. What the lists of days and controls say
//! together (points to gain, what fell, what marked controls would bring) is worked out here when their rows change, and
//! only drawn elsewhere.

//!
//! `devices` goes from it to the devices, `lines` says in words what stands above the lists.

mod devices;
#[cfg(test)]
mod exposure_tests;
mod lines;
#[cfg(test)]
pub(crate) mod tests;

pub use devices::{of_device, to_devices};
pub use lines::{height, lines};

use super::App;
use super::detail;
use super::known::Lists;
use crate::model::{Key, Kind, Ticks};
use crate::msg::{Effect, Level, Origin, Request, Slot};
use crate::resource::Known;
use crate::resource::device_score::{self, Measure};
use crate::resource::hunt_chart::Chart;
use crate::resource::posture::{self, Change, Day, Projection, Ticked};
use std::collections::BTreeSet;
use table::{Text, Value};

/// The number of the tab, and its title.
pub const DIGIT: char = crate::resource::POSTURE;
pub const TITLE: &str = "Posture";
/// Controls named in a sentence.
const NAMED: usize = 3;

/// What stands above the lists.
#[derive(Debug, Default)]
pub struct Posture {
    /// Days with a score, newest first.
    pub days: Vec<Day>,
    pub chart: Option<Chart>,
    /// What fell since which day.
    fell: Option<(Ticks, Vec<Change>)>,
    /// Scores of the devices, newest first.
    pub scores: Vec<Measure>,
    /// The page that was in front last.
    last: Option<Kind>,
    /// The newest day whose falls were told, and the newest whose falls somebody has seen in the tab.
    told: Option<Ticks>,
    seen: Option<Ticks>,
}

/// The lists of the tab, in the order in which `7` goes through them.
pub fn pages(app: &App) -> Vec<usize> {
    let ours = |n: &usize| app.panes.get(*n).is_some_and(|p| p.spec.digit == DIGIT);
    (0..app.panes.len()).filter(ours).collect()
}

/// A list of this tab is in front.
pub fn is_front(app: &App) -> bool {
    !app.hunting && app.pane().spec.digit == DIGIT
}

/// Why none of its lists can be read.
pub fn able(app: &App) -> Result<(), String> {
    let pages = pages(app);
    let first = pages.first().map_or(Ok(()), |n| app.usable(*n));
    match pages.iter().any(|n| app.usable(*n).is_ok()) {
        true => Ok(()),
        false => first,
    }
}

/// `7`: to the tab, where it was left; again: to its next list.
pub fn open(app: &mut App, fx: &mut Vec<Effect>) {
    let pages = pages(app);
    let here = pages.iter().position(|n| *n == app.active);
    let next = match here.filter(|_| is_front(app)) {
        Some(at) => pages.get((at + 1) % pages.len().max(1)).copied(),
        None => {
            let last = app.posture.last;
            let was = |n: &&usize| {
                app.panes
                    .get(**n)
                    .is_some_and(|p| Some(p.spec.kind) == last)
            };
            let readable = |n: &&usize| app.usable(**n).is_ok();
            let found = pages
                .iter()
                .find(was)
                .or_else(|| pages.iter().find(readable));
            found.or(pages.first()).copied()
        }
    };
    if let Some(index) = next {
        app.tab(index, fx);
    }
}

/// One of its lists by kind.
pub fn page(app: &mut App, kind: Kind, fx: &mut Vec<Effect>) {
    if let Some(index) = app.panes.iter().position(|p| p.spec.kind == kind) {
        app.tab(index, fx);
    }
}

/// A tab came to the front: what its lists need from each other is asked for.
pub fn shown(app: &mut App, fx: &mut Vec<Effect>) {
    if !is_front(app) {
        return;
    }
    let kind = app.pane().spec.kind;
    app.posture.last = Some(kind);
    for beside in [Kind::Score, Kind::DeviceScore] {
        app.sync(beside, fx);
    }
    match kind {
        Kind::Software => app.sync(Kind::Recommendation, fx),
        // names of controls
        Kind::Score => app.sync(Kind::Control, fx),
        Kind::Control => app.posture.seen = app.posture.days.first().map(|d| d.at),
        _ => {}
    }
}

/// `R` in a list of the tab: the figures above it, too.
pub fn refresh(app: &mut App, fx: &mut Vec<Effect>) {
    let kind = app.pane().spec.kind;
    for beside in [Kind::Score, Kind::DeviceScore] {
        let ticket = app.tickets.current(&Slot::Sync(beside));
        if let Some(ticket) = ticket.filter(|_| beside != kind) {
            fx.push(Effect::Ask(ticket, Request::Refresh { kind: beside }));
        }
    }
}

/// A minute is over: the score is followed wherever one is, so that a control that fell is told.
pub fn watch(app: &mut App, fx: &mut Vec<Effect>) {
    if app.session.is_some() {
        app.sync(Kind::Score, fx);
    }
}

/// Rows of a list changed: what is joined from it is made again.
pub fn rows_changed(app: &mut App, kind: Kind, origin: Origin, fx: &mut Vec<Effect>) {
    match kind {
        Kind::Score => {
            let mut days = posture::days(&Lists(app));
            // what is compared wants its controls; the others are a curve
            for place in [Some(0), posture::place_before(&days, posture::WEEK)] {
                if let Some(day) = place.and_then(|n| days.get_mut(n)) {
                    *day = posture::with_controls(&Lists(app), day);
                }
            }
            app.posture.days = days;
            app.posture.chart = posture::trend(&app.posture.days);
            let fell = posture::regressed(&app.posture.days);
            app.posture.fell = fell.map(|(since, fell)| (since.at, fell));
            let steps: Vec<(Text, Option<f64>)> = app
                .posture
                .days
                .iter()
                .enumerate()
                .map(|(n, d)| {
                    let older = app.posture.days.get(n + 1);
                    (d.id.clone(), older.map(|o| d.current - o.current))
                })
                .collect();
            let cells = |change: Option<f64>| vec![("change", real(change))];
            let edits = steps.into_iter().map(|(id, by)| (id, cells(by))).collect();
            put(app, Kind::Score, edits, fx);
            controls(app, fx);
            alarm(app, origin);
            if is_front(app) && app.pane().spec.kind == Kind::Control {
                app.posture.seen = app.posture.days.first().map(|d| d.at);
            }
        }
        Kind::DeviceScore => device_scores(app, fx),
        Kind::Control => controls(app, fx),
        Kind::Software | Kind::Recommendation => support(app, fx),
        _ => {}
    }
}

fn real(n: Option<f64>) -> Value {
    n.map_or(Value::Null, Value::Real)
}

/// Joined cells of rows, by column name.
type Cells = Vec<(Text, Vec<(&'static str, Value)>)>;

fn put(app: &mut App, kind: Kind, cells: Cells, fx: &mut Vec<Effect>) {
    let Some(pane) = app.panes.iter_mut().find(|p| p.spec.kind == kind) else {
        return;
    };
    let spec = pane.spec;
    let edits: Vec<(u32, Vec<(usize, Value)>)> = cells
        .into_iter()
        .filter_map(|(id, cells)| {
            let row = pane.rows.find(id.txt().exact())?;
            let cells = cells
                .into_iter()
                .filter_map(|(name, v)| Some((spec.column(name)?, v)));
            Some((row, cells.collect()))
        })
        .collect();
    let changes = pane.rows.set_cells(edits);
    let any = !changes.is_empty();
    app.joined(kind, changes);
    app.pend(kind, false);
    if any {
        app.compute(kind, fx);
        detail::render(app);
    }
}

/// Points had, to gain, and gained since a week, of every control.
fn controls(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(newest) = app.posture.days.first() else {
        return;
    };
    let old = posture::before(&app.posture.days, posture::WEEK);
    let known = Lists(app);
    let mut cells: Cells = Vec::new();
    for key in known.keys(Kind::Control) {
        let id = key.id.txt().exact();
        let had = newest.controls.get(id).map(|h| h.score);
        let max = match known.cell(&key, "maxScore") {
            Some(Value::Real(n)) => Some(n),
            _ => None,
        };
        let gain = had.zip(max).map(|(had, max)| (max - had).max(0.0));
        let before = old.and_then(|d| d.controls.get(id)).map(|h| h.score);
        let change = had.zip(before).map(|(now, before)| now - before);
        let row = vec![
            ("score", real(had)),
            ("gain", real(gain)),
            ("change", real(change)),
        ];
        cells.push((key.id, row));
    }
    put(app, Kind::Control, cells, fx);
}

/// Which software is out of support, by what the recommendations say.
fn support(app: &mut App, fx: &mut Vec<Effect>) {
    let known = Lists(app);
    if !known.complete(Kind::Recommendation) {
        return;
    }
    let text = |key: &Key, column: &str| match known.cell(key, column) {
        Some(Value::Text(t)) => t.txt().exact().to_lowercase(),
        _ => String::new(),
    };
    let ends = |key: &Key| match known.cell(key, "tags") {
        Some(Value::List(tags)) => tags.iter().any(|t| {
            let tag = t.txt().exact().to_lowercase();
            tag.starts_with("eos") && !tag.contains("upcoming")
        }),
        _ => false,
    };
    let advice = known.keys(Kind::Recommendation);
    let ended: BTreeSet<(String, String)> = advice
        .iter()
        .filter(|k| ends(k))
        .map(|k| (text(k, "vendor"), text(k, "productName")))
        .collect();
    let mut cells: Cells = Vec::new();
    for key in known.keys(Kind::Software) {
        let over = ended.contains(&(text(&key, "vendor"), text(&key, "name")));
        cells.push((key.id, vec![("supportEnded", Value::Bool(over))]));
    }
    put(app, Kind::Software, cells, fx);
}

/// Tells once of each new day on which controls stand lower than a week before.
/// What the cache has was told when it came.
fn alarm(app: &mut App, origin: Origin) {
    let Some(newest) = app.posture.days.first().map(|d| d.at) else {
        return;
    };
    if app.posture.told.is_some_and(|t| t >= newest) {
        return;
    }
    app.posture.told = Some(newest);
    if origin != Origin::Cache
        && let Some(text) = fell(app)
    {
        app.toasts.push(app.now, Level::Warn, text);
    }
}

/// `2 controls fell`, for the header, until somebody has looked at the controls since.
pub fn badge(app: &App) -> Option<String> {
    let newest = app.posture.days.first()?.at;
    let (_, fell) = app.posture.fell.as_ref()?;
    if app.posture.seen >= Some(newest) {
        return None;
    }
    Some(match fell.len() {
        1 => "1 control fell".to_owned(),
        n => format!("{n} controls fell"),
    })
}

/// The scores of the devices, and how each moved since the day before it.
fn device_scores(app: &mut App, fx: &mut Vec<Effect>) {
    let all = device_score::all(&Lists(app));
    let cells = all.iter().enumerate().map(|(n, m)| {
        // what is older stands behind it
        let older = all.get(n..).unwrap_or_default();
        let by = device_score::before(older, m, 1).map(|old| m.score - old.score);
        (m.key.id.clone(), vec![("change", real(by))])
    });
    let cells: Cells = cells.collect();
    app.posture.scores = all;
    put(app, Kind::DeviceScore, cells, fx);
}

/// `2 controls fell since 2026-07-25: −4.05 Create Safe Links …, …`; none where none did.
pub fn fell(app: &App) -> Option<String> {
    let (since, fell) = app.posture.fell.as_ref()?;
    let known = Lists(app);
    let named: Vec<String> = fell
        .iter()
        .take(NAMED)
        .map(|c| {
            let key = Key::new(Kind::Control, c.control.as_str());
            let title = match known.cell(&key, "title") {
                Some(Value::Text(t)) => t,
                _ => Text::from(c.control.as_str()),
            };
            let mut name = String::new();
            title.txt().shown_fit(&mut name, 40);
            // the number first: a long title is cut
            format!("{:+.2} {name}", c.by())
        })
        .collect();
    let more = fell.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let what = if fell.len() == 1 {
        "control"
    } else {
        "controls"
    };
    let day = posture::day_of(*since);
    Some(format!(
        "{} {what} fell since {day}: {}{more}",
        fell.len(),
        named.join(", ")
    ))
}

/// What the marked controls would bring; none where none is marked.
pub fn projection(app: &App) -> Option<Projection> {
    let day = app.posture.days.first()?;
    let pane = app.panes.iter().find(|p| p.spec.kind == Kind::Control)?;
    let marked = pane.marked().0;
    if marked.is_empty() {
        return None;
    }
    let known = Lists(app);
    let text = |key: &Key, column: &str| match known.cell(key, column) {
        Some(Value::Text(t)) => t.txt().exact().to_owned(),
        _ => String::new(),
    };
    let ticked: Vec<Ticked> = marked
        .iter()
        .map(|key| Ticked {
            id: key.id.txt().exact().to_owned(),
            gain: match known.cell(key, "gain") {
                Some(Value::Real(n)) => n,
                _ => 0.0,
            },
            cost: text(key, "implementationCost"),
            impact: text(key, "userImpact"),
            category: text(key, "controlCategory"),
        })
        .collect();
    Some(posture::what_if(day, &ticked))
}

/// What an export of the list in front would be: a plan, where controls are marked.
pub fn is_plan(app: &App) -> bool {
    app.pane().spec.kind == Kind::Control && projection(app).is_some()
}
