//! `p`: what to do with the value under the cursor. Saved queries about it, opening it, acting on it, and from a result:
//! its rows as a comment on an incident.
//!
//! Acting goes through the lists: the rows' devices or people are marked there and the actions menu opens, so that prompt,
//! ladder and record are those of every other action.

use super::{in_tab, open_text};
use crate::app::act::{self, Pending};
use crate::app::ask::Ask;
use crate::app::hunt::grid::Grid;
use crate::app::hunt::{params, running};
use crate::app::known::Lists;
use crate::app::overlay::Overlay;
use crate::app::pick::{Item, Pick, Value};
use crate::app::{App, find, form, go, menu, refs};
use crate::model::saved::{About, Kept, Place};
use crate::model::time::{DAY, HOUR};
use crate::model::{EntityRef, Key, Kind, Ticks};
use crate::msg::{Effect, Level};
use crate::resource::library::cells;
use crate::resource::{Known, hunt_cell, spec};
use crate::verb;
use table::{Text, Txt};

/// Values beside the one under the cursor that have lines of their own.
const BESIDE: usize = 12;
/// Rows that are acted on or commented at most.
const ROWS: usize = 1_000;
/// Characters of a comment; the service takes little more.
const COMMENT: usize = 900;

/// A line of the menu.
#[derive(Clone, Debug)]
pub enum Choice {
    Hunt(Place, EntityRef),
    Open(EntityRef),
    Find(Text),
    /// Mark these in their list and open the actions menu; of so many rows.
    Act(Vec<Key>, usize),
    Comment,
}

/// What the menu is about.
struct Subject {
    entities: Vec<EntityRef>,
    /// First and last activity of the alert or incident they come from.
    active: Option<(Ticks, Ticks)>,
}

/// Opens the menu.
pub fn open(app: &mut App, fx: &mut Vec<Effect>) {
    super::look(app, fx);
    let Some(subject) = subject(app) else {
        let text = "nothing under the cursor has a name that can be looked for";
        app.toasts.push(app.now, Level::Info, text.to_owned());
        return;
    };
    let mut lines: Vec<(Choice, Item)> = Vec::new();
    let from_result = app.hunting;
    for (n, entity) in subject.entities.iter().enumerate().take(BESIDE) {
        let first = n == 0;
        if from_result && first {
            lines.extend(opened(app, entity));
        }
        lines.extend(hunts(app, entity, first));
        let opens_first = from_result && first;
        if !opens_first && !is_here(app, entity) {
            lines.extend(opened(app, entity));
        }
        if first && let Some(value) = entity.value() {
            let label = format!("find everything about {}", short(value));
            lines.push((Choice::Find(value.clone()), line(label, String::new())));
        }
    }
    if from_result {
        lines.extend(acts(app));
        lines.push((
            Choice::Comment,
            line("add to an incident as a comment".into(), rows_note(app)),
        ));
    }
    let title = subject.entities.first().map_or_else(
        || "Pivot".to_owned(),
        |e| {
            format!(
                "Pivot · {} {}",
                e.noun(),
                e.value().map_or(String::new(), short)
            )
        },
    );
    let (choices, items): (Vec<Choice>, Vec<Item>) = lines
        .into_iter()
        .enumerate()
        .map(|(n, (choice, item))| {
            let value = Value::Index(n);
            (choice, Item { value, ..item })
        })
        .unzip();
    app.library.choices = (choices, subject.active);
    app.push(Overlay::Pick(Pick::new("pivot", title, items, chosen)));
}

/// Whether there is something to pivot from.
pub fn able(app: &App) -> Result<(), String> {
    let any = match app.hunting {
        true => app.hunt.grid().and_then(Grid::row).is_some(),
        false => app.subject().is_some(),
    };
    any.then_some(())
        .ok_or_else(|| "nothing is under the cursor".to_owned())
}

fn line(label: String, note: String) -> Item {
    Item {
        label,
        note,
        ..Item::default()
    }
}

fn short(text: &Text) -> String {
    let mut out = String::new();
    text.txt().shown_fit(&mut out, 40);
    out
}

/// The lines for saved queries about something: all of them for what is under the cursor, the leading one for the rest.
fn hunts(app: &App, entity: &EntityRef, all: bool) -> Vec<(Choice, Item)> {
    let kinds = About::of(entity);
    let fits = |k: &&Kept| k.saved.entities.iter().any(|a| kinds.contains(a));
    let library = app.library.hunts();
    let mut found: Vec<&Kept> = library.into_iter().filter(fits).collect();
    // what is about this first, what takes anything last
    found.sort_by_key(|k| {
        let closest = k
            .saved
            .entities
            .first()
            .is_some_and(|a| kinds.first() == Some(a));
        (!closest, k.saved.entities.contains(&About::Word))
    });
    let given = given(entity, None, app.now.wall);
    let most = if all { usize::MAX } else { 1 };
    let item = |kept: &Kept| {
        let value = entity.value().map_or(String::new(), short);
        let about = format!("{} {value}", entity.noun());
        let missing = params::wanted(&kept.saved.text)
            .into_iter()
            .find(|w| w.default.is_none() && is_hash(&w.name) && !given.contains_key(&w.name));
        let label = match all {
            true => Txt::new(&kept.saved.title).shown().into_owned(),
            false => format!("{} · {value}", Txt::new(&kept.saved.title).shown()),
        };
        let sign = if kept.reaches.is_empty() {
            ""
        } else {
            "↗ reaches out · "
        };
        let mut item = line(label, format!("{sign}{about}"));
        item.grey = missing.map(|w| format!("wants a {}, which is not known here", w.name));
        (Choice::Hunt(kept.place.clone(), entity.clone()), item)
    };
    found.into_iter().take(most).map(item).collect()
}

fn is_hash(name: &str) -> bool {
    ["SHA1", "SHA256", "MD5"].contains(&name)
}

fn opened(app: &App, entity: &EntityRef) -> Option<(Choice, Item)> {
    let has_list = matches!(
        entity,
        EntityRef::Device { .. }
            | EntityRef::User { .. }
            | EntityRef::Alert(_)
            | EntityRef::Incident(_)
    );
    if !has_list {
        return None;
    }
    let value = entity.value().map_or(String::new(), short);
    let note = match go::resolve(app, entity) {
        go::Found::Key(_) => String::new(),
        go::Found::Several(keys) => format!("{} records", keys.len()),
        go::Found::NotHere(_) => "looks for it".to_owned(),
    };
    let item = line(format!("open {} {value}", entity.noun()), note);
    Some((Choice::Open(entity.clone()), item))
}

/// The entity whose detail or row is in front.
fn is_here(app: &App, entity: &EntityRef) -> bool {
    match (app.subject(), go::resolve(app, entity)) {
        (Some(key), go::Found::Key(found)) => key == found,
        _ => false,
    }
}

/// What is under the cursor, what stands beside it, and when it was active.
fn subject(app: &App) -> Option<Subject> {
    if app.hunting {
        let grid = app.hunt.grid()?;
        let entities = of_row(grid, grid.row()?, grid.column());
        return Some(Subject {
            entities,
            active: None,
        });
    }
    let key = app.subject()?;
    let mut entities = Vec::new();
    let mut add = |e: EntityRef| {
        if !entities.iter().any(|o| refs::same(o, &e)) {
            entities.push(e);
        }
    };
    let detail = app.pane().detail.as_ref().filter(|_| app.pane().in_detail);
    if let Some(target) = detail.and_then(|d| d.target()) {
        add(target.clone());
    }
    add(own(app, &key)?);
    refs::refs_of(app, &key).into_iter().for_each(&mut add);
    Some(Subject {
        active: active(app, &key),
        entities,
    })
}

/// An entity of a list as a reference.
fn own(app: &App, key: &Key) -> Option<EntityRef> {
    Some(match key.kind {
        Kind::Incident => EntityRef::Incident(key.id.clone()),
        Kind::Alert => EntityRef::Alert(key.id.clone()),
        Kind::Device | Kind::User => refs::myself(&Lists(app), key),
        Kind::Action | Kind::CloudAlert | Kind::CloudActivity | Kind::Record => {
            refs::refs_of(app, key).into_iter().next()?
        }
        Kind::Vulnerability => EntityRef::Cve(key.id.clone()),
        Kind::Software => match Lists(app).cell(key, "name") {
            Some(table::Value::Text(name)) => EntityRef::Word(name),
            _ => return None,
        },
        Kind::Indicator => {
            let value = Lists(app).cell(key, "indicatorValue");
            let value = match value {
                Some(table::Value::Text(t)) => t,
                _ => key.id.clone(),
            };
            crate::resource::find::classify(value.txt().exact())
                .into_iter()
                .next()?
        }
        // nothing that a query could be asked about
        _ => return None,
    })
}

/// First and last activity of an alert or incident.
fn active(app: &App, key: &Key) -> Option<(Ticks, Ticks)> {
    let time = |column: &str| match Lists(app).cell(key, column) {
        Some(table::Value::Time(t)) => Some(Ticks(t)),
        _ => None,
    };
    if !matches!(key.kind, Kind::Alert | Kind::Incident) {
        return None;
    }
    let first = time("firstActivityDateTime").or(time("createdDateTime"))?;
    let last = time("lastActivityDateTime").or(time("lastUpdateDateTime"));
    Some((first, last.unwrap_or(first)))
}

/// What a row names; what its cell in a column names first.
fn of_row(grid: &Grid, row: u32, column: Option<usize>) -> Vec<EntityRef> {
    let texts: Vec<String> = (0..grid.table.schema().len())
        .map(|col| hunt_cell::text(&grid.table, row, col))
        .collect();
    let cells: Vec<(&str, &str)> = texts
        .iter()
        .enumerate()
        .map(|(col, text)| {
            let name = grid.table.schema().name(col).map_or("", Txt::exact);
            (name, text.as_str())
        })
        .collect();
    cells::all(&cells, column.unwrap_or(0))
}

/// The values that a hunt's parameters take.
fn given(entity: &EntityRef, active: Option<(Ticks, Ticks)>, now: Ticks) -> params::Given {
    let value = entity.value().cloned().unwrap_or_default();
    // without an alert a week is looked at
    let week = (Ticks(now.0 - 7 * DAY + HOUR), Ticks(now.0 - HOUR));
    let on = params::Subject {
        value,
        active: Some(active.unwrap_or(week)),
    };
    let mut given = on.given();
    if let EntityRef::File {
        sha1, sha256, md5, ..
    } = entity
    {
        for (name, hash) in [("SHA1", sha1), ("SHA256", sha256), ("MD5", md5)] {
            if let Some(hash) = hash {
                given.insert(name.into(), hash.txt().exact().to_owned());
            }
        }
    }
    given
}

fn chosen(app: &mut App, item: Item, fx: &mut Vec<Effect>) {
    let (choices, active) = std::mem::take(&mut app.library.choices);
    let Value::Index(n) = item.value else { return };
    match choices.into_iter().nth(n) {
        Some(Choice::Hunt(place, entity)) => {
            if let Some(kept) = app.library.at(&place).cloned() {
                run_on(app, &kept, &entity, active, fx);
            }
        }
        Some(Choice::Open(entity)) => go::open_ref(app, &entity, fx),
        Some(Choice::Find(value)) => find::with(app, &value, false, fx),
        Some(Choice::Act(keys, rows)) => mark(app, keys, rows, fx),
        Some(Choice::Comment) => comment(app),
        None => {}
    }
}

/// Opens a hunt in a tab with its values, and runs it. One that reaches out asks before it runs.
fn run_on(
    app: &mut App,
    kept: &Kept,
    entity: &EntityRef,
    active: Option<(Ticks, Ticks)>,
    fx: &mut Vec<Effect>,
) {
    let given = given(entity, active, app.now.wall);
    open_text(app, &in_tab(kept), Some(kept.place.clone()), fx);
    app.hunt.query_mut().params.extend(given);
    app.keep_drafts(fx);
    running::run_all(app, fx);
}

/// The lines that act on what the rows name: people and devices, alerts and incidents.
fn acts(app: &App) -> Vec<(Choice, Item)> {
    let Some(grid) = app.hunt.grid() else {
        return Vec::new();
    };
    let rows = taken(grid);
    let mut out = Vec::new();
    for kind in [Kind::Device, Kind::User, Kind::Alert, Kind::Incident] {
        let (mut keys, mut open) = (Vec::<Key>::new(), 0);
        for row in &rows {
            for entity in of_row(grid, *row, None) {
                match go::resolve(app, &entity) {
                    go::Found::Key(key) if key.kind == kind && !keys.contains(&key) => {
                        keys.push(key)
                    }
                    go::Found::NotHere(_) if is_kind(&entity, kind) => open += 1,
                    _ => {}
                }
            }
        }
        if keys.is_empty() {
            continue;
        }
        let spec = spec(kind);
        let label = match keys.len() {
            1 => format!("act on {} {}", spec.one, named(app, &keys[0])),
            n => format!("act on {n} {}", spec.title.to_lowercase()),
        };
        let mut note = format!("marked in {}", spec.title);
        if open > 0 {
            note.push_str(&format!("; {open} more are not in the list"));
        }
        out.push((Choice::Act(keys, rows.len()), line(label, note)));
    }
    out
}

fn is_kind(entity: &EntityRef, kind: Kind) -> bool {
    matches!(
        (entity, kind),
        (EntityRef::Device { .. }, Kind::Device) | (EntityRef::User { .. }, Kind::User)
    )
}

fn named(app: &App, key: &Key) -> String {
    let s = spec(key.kind);
    let name = s.columns.get(s.name_column).map_or("", |c| c.name);
    match Lists(app).cell(key, name) {
        Some(table::Value::Text(t)) => short(&t),
        _ => short(&key.id),
    }
}

/// The rows that something is done with: those that are marked, else the one under the cursor.
fn taken(grid: &Grid) -> Vec<u32> {
    if grid.marks.is_empty() {
        return grid.row().into_iter().collect();
    }
    let marked = grid.rows.rows().iter().copied();
    marked
        .filter(|r| grid.marks.contains(r))
        .take(ROWS)
        .collect()
}

fn rows_note(app: &App) -> String {
    match app.hunt.grid().map(|g| taken(g).len()) {
        Some(1) | None => "this row, with query and hash".to_owned(),
        Some(n) => format!("{n} rows, with query and hash"),
    }
}

/// Marks entities in their list and opens the actions menu there.
fn mark(app: &mut App, keys: Vec<Key>, rows: usize, fx: &mut Vec<Effect>) {
    let Some(kind) = keys.first().map(|k| k.kind) else {
        return;
    };
    let Some(index) = app.panes.iter().position(|p| p.spec.kind == kind) else {
        return;
    };
    app.tab(index, fx);
    let pane = app.pane_mut();
    pane.in_detail = false;
    pane.marks.clear();
    let many = keys.len();
    pane.marks.set(keys.into_iter().map(|k| k.id));
    let title = spec(kind).title.to_lowercase();
    let text = format!("{many} {title} marked, from {rows} rows of the result");
    app.toasts.push(app.now, Level::Info, text);
    menu::open(app);
}

/// Asks for the incident; its form opens with the text, and sends as every comment is sent.
fn comment(app: &mut App) {
    let last = app.panes.iter().find(|p| p.spec.kind == Kind::Incident);
    let last = last.and_then(|p| p.key());
    let last = last.map_or(String::new(), |k| k.id.txt().exact().to_owned());
    let ask = Ask::about(
        "incident",
        "Number of the incident that the rows belong to",
        &last,
        |app, _, number, fx| {
            let number = number.trim().trim_start_matches('#');
            if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                let text = "the number of an incident is wanted".to_owned();
                return app.toasts.push(app.now, Level::Warn, text);
            }
            let Some(text) = composed(app) else { return };
            let Some(verb) = verb::named("comment") else {
                return;
            };
            if let Some(why) = app.why_not_for(verb, Some(Kind::Incident)) {
                return act::refuse(app, verb, &why);
            }
            let key = Key::new(Kind::Incident, number);
            match Pending::of(app, verb, vec![key.clone()]) {
                Ok(pending) => {
                    form::keep(app, &key, Some(Text::from(text)));
                    app.verbs.pending = Some(pending);
                    let title = format!("comment incident {number}");
                    form::open(app, title, verb::Args::default(), fx);
                }
                Err(why) => act::refuse(app, verb, &why),
            }
        },
    );
    app.push(Overlay::Ask(ask));
}

/// The comment: what was asked, of when, how many rows, their hash, and the first of them as far as there is room.
fn composed(app: &App) -> Option<String> {
    let outcome = app.hunt.query().outcome.as_ref()?;
    let grid = app.hunt.grid()?;
    let rows = taken(grid);
    let schema = grid.table.schema();
    let name = |col: usize| schema.name(col).map_or("", Txt::exact).to_owned();
    let mut all = String::new();
    for row in &rows {
        for col in 0..schema.len() {
            all.push_str(&name(col));
            all.push('=');
            all.push_str(&hunt_cell::text(&grid.table, *row, col));
            all.push('\u{1f}');
        }
        all.push('\n');
    }
    let hash = ring::digest::digest(&ring::digest::SHA256, all.as_bytes());
    let hash: String = hash.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    let total = grid.table.rows();
    let partial = outcome.notes.iter().any(|n| n.starts_with("PARTIAL"));
    let at_least = if partial { "at least " } else { "" };
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = format!(
        "Hunt of {}: {} of {at_least}{total} rows · SHA-256 {hash} · ",
        outcome.at.literal(),
        rows.len()
    );
    let query: String = one_line(&outcome.text).chars().take(COMMENT / 3).collect();
    out.push_str(&format!("query: {query}"));
    for row in &rows {
        let mut words = String::from(" · row: ");
        for col in &grid.columns {
            let cell = one_line(&hunt_cell::text(&grid.table, *row, *col));
            if !cell.is_empty() {
                words.push_str(&format!("{}={cell}; ", one_line(&name(*col))));
            }
        }
        let words = words.trim_end_matches("; ");
        let room = COMMENT.saturating_sub(out.chars().count());
        if words.chars().count() > room {
            out.extend(words.chars().take(room.saturating_sub(1)));
            out.push('…');
            break;
        }
        out.push_str(words);
    }
    Some(out)
}

#[cfg(test)]
#[path = "pivot_tests.rs"]
mod tests;
