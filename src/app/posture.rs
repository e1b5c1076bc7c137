//! The Posture tab: several lists under one number, with the scores above them. What the lists of days and controls say
//! together (points to gain, what fell, what marked controls would bring) is worked out here when their rows change, and
//! only drawn elsewhere.

#[cfg(test)]
pub(crate) mod tests;

use super::App;
use super::detail;
use super::known::Lists;
use crate::model::call::Path;
use crate::model::{Call, Json, Key, Kind, Service, Ticks};
use crate::msg::{Body, Effect, Level, Origin, Reply, Request, Slot};
use crate::resource::doc::Tone;
use crate::resource::hunt_chart::Chart;
use crate::resource::posture::{self, Day, Projection, Ticked};
use crate::resource::{Answer, Known, filter, spec};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use table::{Text, Value};

/// The number of the tab, and its title.
pub const DIGIT: char = '7';
pub const TITLE: &str = "Posture";
/// The slot of the two scores of devices.
pub const SLOT: &str = "posture";
/// They are asked for again when the tab is shown after so long.
const EVERY: Duration = Duration::from_secs(3_600);
/// Controls named in a sentence.
const NAMED: usize = 3;

/// A figure that one call answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Figure {
    #[default]
    Unknown,
    Is(f64),
    /// Why there is none.
    Not(String),
}

/// What stands above the lists.
#[derive(Debug, Default)]
pub struct Posture {
    /// Days with a score, newest first.
    pub days: Vec<Day>,
    pub chart: Option<Chart>,
    /// The exposure score and the configuration score, and those of device groups.
    pub exposure: Figure,
    pub configuration: Figure,
    pub groups: Vec<(Text, f64)>,
    /// When they were asked for last.
    asked: Option<Duration>,
    /// The page that was in front last.
    last: Option<Kind>,
    /// The newest day whose falls were told.
    told: Option<Ticks>,
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
    app.sync(Kind::Score, fx);
    match kind {
        Kind::Software => app.sync(Kind::Recommendation, fx),
        // names of controls
        Kind::Score => app.sync(Kind::Control, fx),
        _ => {}
    }
    let due = |at: Duration| app.now.mono >= at + EVERY;
    if app.posture.asked.is_none_or(due) && !app.commanded {
        ask(app, fx);
    }
}

/// Asks for the scores of devices.
pub fn ask(app: &mut App, fx: &mut Vec<Effect>) {
    const NEEDS: &[&str] = &["Score.Read.All", "Score.Read"];
    let one = |path| {
        Call::get(Service::Defender, Path::new(path))
            .needs(NEEDS)
            .none_is_404()
    };
    let calls = vec![
        one("/exposureScore"),
        one("/configurationScore"),
        one("/exposureScore/ByMachineGroups"),
    ];
    app.posture.asked = Some(app.now.mono);
    let ticket = app.tickets.issue(Slot::Pick(SLOT));
    fx.push(Effect::Ask(ticket, Request::Pick { calls }));
}

/// The scores of devices came.
pub fn reply(app: &mut App, reply: &Reply) {
    let figure = |answer: Option<&Answer>| match answer {
        Some(Answer::Got { body, .. }) => match Json(body).real("score") {
            Some(n) => Figure::Is(n),
            None => Figure::Not("the service gave none".into()),
        },
        Some(Answer::None) => Figure::Not("the service has none".into()),
        Some(Answer::Failed(fault)) => Figure::Not(fault.to_string()),
        Some(Answer::Withheld(needs)) => Figure::Not(format!("needs {}", needs.join(" or "))),
        None => Figure::Unknown,
    };
    match &reply.body {
        Body::Part(answers) => {
            app.posture.exposure = figure(answers.first());
            app.posture.configuration = figure(answers.get(1));
            let groups = answers.get(2).into_iter().flat_map(Answer::items);
            let group = |g: Json<'_>| Some((g.text("rbacGroupName")?, g.real("score")?));
            app.posture.groups = groups.filter_map(group).collect();
        }
        Body::Fault(fault) => {
            // what was known stays
            if !matches!(app.posture.exposure, Figure::Is(_)) {
                app.posture.exposure = Figure::Not(fault.to_string());
            }
            app.posture.asked = None;
        }
        _ => {}
    }
}

/// Rows of a list changed: what is joined from it is made again.
pub fn rows_changed(app: &mut App, kind: Kind, origin: Origin, fx: &mut Vec<Effect>) {
    match kind {
        Kind::Score => {
            app.posture.days = posture::days(&Lists(app));
            app.posture.chart = posture::trend(&app.posture.days);
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
            if origin != Origin::Cache {
                alarm(app);
            }
        }
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
fn alarm(app: &mut App) {
    let Some(newest) = app.posture.days.first().map(|d| d.at) else {
        return;
    };
    if app.posture.told.is_some_and(|t| t >= newest) {
        return;
    }
    app.posture.told = Some(newest);
    if let Some(text) = fell(app) {
        app.toasts.push(app.now, Level::Warn, text);
    }
}

/// `2 controls fell since 2026-07-25: Create Safe Links … −4.05, …`; none where none did.
pub fn fell(app: &App) -> Option<String> {
    let (since, fell) = posture::regressed(&app.posture.days)?;
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
            format!("{name} {:+.2}", c.by())
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
    let day = posture::day_of(since.at);
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

/// The lines above a list of this tab, but for the names of the lists.
pub fn lines(app: &App) -> Vec<(Tone, String)> {
    let kind = app.pane().spec.kind;
    let mut out = vec![(Tone::Plain, score_line(app))];
    let averages = matches!(kind, Kind::Control | Kind::Score);
    if averages && let Some(line) = app.posture.days.first().and_then(average_line) {
        out.push((Tone::Dim, line));
    }
    out.push((Tone::Plain, device_line(&app.posture)));
    if kind == Kind::Vulnerability && !app.posture.groups.is_empty() {
        let groups = app.posture.groups.iter();
        let each: Vec<String> = groups
            .map(|(g, n)| format!("{} {n:.1}", g.txt().shown()))
            .collect();
        out.push((
            Tone::Dim,
            format!("exposure by device group: {}", each.join(" · ")),
        ));
    }
    if let Some(late) = posture::late(&app.posture.days, app.now.wall) {
        out.push((Tone::Medium, format!("! {late}")));
    }
    if kind == Kind::Control {
        match projection(app) {
            Some(made) => {
                let mut lines = made.lines().into_iter();
                let first = lines.next().unwrap_or_default();
                let n = made.controls;
                out.push((Tone::Good, format!("what if {n} marked: {first}")));
                out.extend(lines.map(|l| (Tone::Dim, format!("  {l}"))));
            }
            None => out.extend(fell(app).map(|t| (Tone::High, format!("▼ {t}")))),
        }
    }
    out
}

fn score_line(app: &App) -> String {
    let Some(day) = app.posture.days.first() else {
        let place = app.panes.iter().position(|p| p.spec.kind == Kind::Score);
        let why = place.and_then(|n| app.usable(n).err());
        let pane = place.and_then(|n| app.panes.get(n));
        let fault = pane.and_then(|p| p.fault.as_ref()).map(ToString::to_string);
        let empty = pane.is_some_and(|p| p.progress.complete);
        let none = empty.then(|| "the service has none for any day".to_owned());
        return format!(
            "secure score: {}",
            why.or(fault).or(none).unwrap_or_else(|| "…".into())
        );
    };
    let max = day.max.map_or(String::new(), |m| format!(" of {m:.1}"));
    let part = day
        .percent()
        .map_or(String::new(), |p| format!(" · {p:.1} %"));
    let since = posture::before(&app.posture.days, posture::WEEK);
    let since = since.map_or(String::new(), |old| {
        format!(
            " · {:+.1} since {}",
            day.current - old.current,
            posture::day_of(old.at)
        )
    });
    format!(
        "secure score {:.1}{max}{part} · of {}{since}",
        day.current,
        posture::day_of(day.at)
    )
}

fn average_line(day: &Day) -> Option<String> {
    let each: Vec<String> = [
        ("all tenants", day.all_tenants),
        ("tenants of this size", day.total_seats),
        ("this trade", day.industry),
    ]
    .into_iter()
    .filter_map(|(name, n)| Some(format!("{name} {:.1}", n?)))
    .collect();
    (!each.is_empty()).then(|| format!("averages: {}", each.join(" · ")))
}

fn device_line(p: &Posture) -> String {
    let say = |name: &str, figure: &Figure, better: &str| match figure {
        Figure::Unknown => format!("{name} …"),
        Figure::Is(n) => format!("{name} {n:.1} ({better} is better)"),
        Figure::Not(why) => format!("{name}: {why}"),
    };
    match (&p.exposure, &p.configuration) {
        (Figure::Not(a), Figure::Not(b)) if a == b => {
            format!("exposure and configuration score: {a}")
        }
        (exposure, configuration) => format!(
            "{} · {}",
            say("exposure", exposure, "lower"),
            say("configuration", configuration, "higher")
        ),
    }
}

/// Rows of the chart above the days.
const CHART: u16 = 10;

/// Rows that are wanted above the list in front.
pub fn height(app: &App) -> u16 {
    if !is_front(app) {
        return 0;
    }
    let chart = app.pane().spec.kind == Kind::Score && app.posture.chart.is_some();
    1 + lines(app).len() as u16 + if chart { CHART } else { 0 }
}

/// `g d` on something that devices have: the rows of devices that have it.
pub fn to_devices(app: &mut App, key: &Key, fx: &mut Vec<Effect>) -> bool {
    let known = Lists(app);
    let text = |column: &str| match known.cell(key, column) {
        Some(Value::Text(t)) => Some(t),
        _ => None,
    };
    let target = spec(Kind::Exposed);
    let term = |field: &str, value: &Text| {
        let column = target.column(field).and_then(|c| target.columns.get(c))?;
        Some(format!(
            "{field}:{}",
            filter::print_value(value.txt().exact(), column)
        ))
    };
    let mut terms: BTreeMap<&str, Text> = BTreeMap::new();
    match key.kind {
        Kind::Vulnerability => {
            terms.insert("cve", key.id.clone());
        }
        Kind::Software | Kind::Recommendation => {
            let name = if key.kind == Kind::Software {
                "name"
            } else {
                "productName"
            };
            let Some(name) = text(name) else { return false };
            terms.insert("sw", name);
            terms.extend(text("vendor").map(|v| ("vendor", v)));
        }
        _ => return false,
    }
    let readable = app.panes.iter().position(|p| p.spec.kind == Kind::Exposed);
    if readable.is_none_or(|n| app.usable(n).is_err()) {
        return false;
    }
    let words: Vec<String> = terms.iter().filter_map(|(f, v)| term(f, v)).collect();
    to_exposed(app, &words.join(" "), fx);
    true
}

/// Enter on the count of a device's vulnerabilities: the rows of that device.
pub fn of_device(app: &mut App, machine: &Text, fx: &mut Vec<Effect>) {
    let target = spec(Kind::Exposed);
    let column = target
        .column("deviceId")
        .and_then(|c| target.columns.get(c));
    if let Some(column) = column {
        let value = filter::print_value(machine.txt().exact(), column);
        to_exposed(app, &format!("deviceId:{value} cve:*"), fx);
    }
}

/// The rows of devices under a filter; the way back is remembered.
fn to_exposed(app: &mut App, filter: &str, fx: &mut Vec<Effect>) {
    let here = app.spot();
    app.places.leave(here);
    page(app, Kind::Exposed, fx);
    detail::close(app, fx);
    app.set_filter(Kind::Exposed, filter, fx);
    let height = app.list_height();
    app.pane_mut().move_to(0, height);
}
