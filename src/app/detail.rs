//! The detail of one entity, beside, below or over the list it was opened from: its sections, a cursor through the lines,
//! and what has been asked for (`asking`).
//!
//! The document of the section in sight is made when its data changes (`render`), laid out for the width by `doc`, and
//! drawn by `view::detail` without further work. While the list has the focus, the detail follows its cursor.

mod asking;
#[cfg(test)]
mod tests;

pub use asking::{lists_changed, refresh, reply, reread};

use super::App;
use super::action::moving::Move;
use super::doc;
use super::known::Lists;
use super::scroll::Scroll;
use super::soon::{REST, What};
use crate::model::{EntityRef, Fault, Json, Key, Ticks};
use crate::msg::{Effect, Entity};
use crate::resource::{Answer, Doc, Section, Subject, spec};
use std::collections::BTreeMap;
use table::Text;

/// An open detail.
#[derive(Debug)]
pub struct Detail {
    pub key: Key,
    pub entity: Option<Entity>,
    /// Why there is no entity, or no fresh one.
    pub fault: Option<Fault>,
    /// The section in sight.
    pub section: usize,
    parts: BTreeMap<&'static str, Part>,
    pub doc: Doc,
    /// The document laid out.
    pub rows: Vec<doc::Row>,
    /// The cursor's line and the first row in sight.
    pub at: Scroll,
    /// The line to go back to once it is there.
    want: Option<usize>,
    /// It was reached by a link: Esc goes back the same way.
    pub linked: bool,
    /// It was opened for looking at: Esc gives the focus back to the list first.
    peeked: bool,
    /// The entity under the list's cursor that waits to be followed.
    next: Option<Key>,
    /// Incidents that were merged into this one on the way here.
    followed: Vec<Text>,
}

/// A section's answers.
#[derive(Debug, Default)]
struct Part {
    answers: Option<Vec<Answer>>,
    as_of: Option<Ticks>,
    /// How many calls were made: a failure of the whole is one of each.
    calls: usize,
    asked: bool,
    /// Something changed since: to be asked again when in sight.
    old: bool,
}

impl Detail {
    fn new(key: Key) -> Self {
        Self {
            key,
            entity: None,
            fault: None,
            section: 0,
            parts: BTreeMap::new(),
            doc: Doc::default(),
            rows: Vec::new(),
            at: Scroll::default(),
            want: None,
            linked: false,
            peeked: false,
            next: None,
            followed: Vec::new(),
        }
    }

    pub fn sections(&self) -> &'static [Section] {
        spec(self.key.kind).sections
    }

    pub fn section(&self) -> Option<&'static Section> {
        self.sections().get(self.section)
    }

    /// Whose answers the section in sight draws.
    fn source(&self) -> Option<&'static str> {
        self.section().map(|s| s.answers_of.unwrap_or(s.id))
    }

    fn part(&self) -> Option<&Part> {
        self.parts.get(self.source()?)
    }

    /// Answers of the section in sight, or the entity itself, are on their way.
    pub fn loading(&self) -> bool {
        self.entity.is_none() && self.fault.is_none() || self.part().is_some_and(|p| p.asked)
    }

    /// Of when what is in sight is; `true`: it is the last seen state, from the cache.
    pub fn as_of(&self) -> Option<(Ticks, bool)> {
        let entity = self.entity.as_ref()?;
        let part = self.part().filter(|p| p.answers.is_some());
        Some(match part.and_then(|p| p.as_of) {
            Some(at) => (at, false),
            None => (entity.as_of, entity.cached),
        })
    }

    /// The answers of a section, if they are here.
    pub fn answers(&self, source: &str) -> Option<&[Answer]> {
        self.parts.get(source)?.answers.as_deref()
    }

    /// What the cursor's line points to.
    pub fn target(&self) -> Option<&EntityRef> {
        self.line()?.target.as_ref()
    }

    /// The line under the cursor.
    pub fn line(&self) -> Option<&crate::resource::doc::Line> {
        self.doc.lines.get(self.at.line)
    }

    /// Its name for people, as it came; its id where there is none.
    pub fn name(&self) -> Text {
        let spec = spec(self.key.kind);
        let field = spec.columns.get(spec.name_column).map_or("", |c| c.name);
        let name = self.entity.as_ref().and_then(|e| Json(&e.json).text(field));
        name.unwrap_or_else(|| self.key.id.clone())
    }
}

/// Rows of the document in sight.
fn height(app: &App) -> usize {
    usize::from(app.layout().detail.height.saturating_sub(2))
}

/// Opens an entity in the pane in front and asks for it. The cursor goes into the detail if `focus`.
pub fn open(app: &mut App, key: Key, focus: bool, fx: &mut Vec<Effect>) {
    let wide = app.size.0 >= app.settings.side_by_side;
    let before = app.pane().detail.as_ref();
    let same = before.is_some_and(|d| d.key == key);
    // stepping through a list one compares the same section
    let section = before
        .filter(|_| !app.pane().in_detail)
        .map_or(0, |d| d.section);
    let peeked = before.map_or(!focus || wide, |d| d.peeked);
    app.soon.clear(What::Follow);
    app.pane_mut().in_detail = focus;
    if same {
        if let Some(d) = app.pane_mut().detail.as_mut() {
            d.next = None;
        }
        // the focus changes where there is room for it
        return resized(app);
    }
    let fresh = Detail {
        section,
        peeked,
        ..Detail::new(key)
    };
    replace(app, fresh, fx);
}

/// Puts a new detail into the pane in front and asks for it.
fn replace(app: &mut App, detail: Detail, fx: &mut Vec<Effect>) {
    asking::close_slots(app, fx);
    app.pane_mut().detail = Some(detail);
    asking::begin(app, app.active, fx);
    asking::ask_part(app, fx);
    render(app);
}

/// Opens an entity wherever its tab is; the way back is remembered.
pub fn open_in_tab(app: &mut App, key: Key, fx: &mut Vec<Effect>) {
    let here = app.spot();
    app.places.leave(here);
    show_in_tab(app, key, 0, 0, true, fx);
}

/// Shows an entity in its tab, at a section and line. The list's cursor goes along where it has the row.
pub fn show_in_tab(
    app: &mut App,
    key: Key,
    section: usize,
    line: usize,
    linked: bool,
    fx: &mut Vec<Effect>,
) {
    let Some(index) = app.panes.iter().position(|p| p.spec.kind == key.kind) else {
        return;
    };
    if app.active != index {
        app.tab(index, fx);
    }
    let height = app.list_height();
    let pane = app.pane_mut();
    let row = pane.rows.find(key.id.txt().exact());
    if let Some(place) = row.and_then(|r| pane.shown.position_of(r)) {
        pane.move_to(place, height);
    }
    if app.pane().detail.as_ref().is_none_or(|d| d.key != key) {
        let mut d = Detail::new(key);
        d.section = section.min(d.sections().len().saturating_sub(1));
        replace(app, d, fx);
    }
    app.pane_mut().in_detail = true;
    if let Some(d) = app.pane_mut().detail.as_mut() {
        d.linked = linked;
        d.want = (line > 0).then_some(line);
        d.next = None;
    }
    resized(app);
}

/// Closes the detail in front and forgets what was still asked for.
pub fn close(app: &mut App, fx: &mut Vec<Effect>) {
    asking::close_slots(app, fx);
    app.soon.clear(What::Follow);
    let pane = app.pane_mut();
    pane.detail = None;
    pane.in_detail = false;
}

/// After every event: while the list has the focus an open detail follows its cursor, once that rests.
pub fn watch(app: &mut App) {
    let key = app.pane().key();
    let at = app.now.mono + REST;
    let pane = app.pane_mut();
    let follows = !pane.in_detail;
    let Some(d) = pane.detail.as_mut() else {
        return app.soon.clear(What::Follow);
    };
    let wanted = key.filter(|k| follows && *k != d.key);
    if d.next != wanted {
        d.next = wanted;
        match d.next {
            Some(_) => app.soon.set(What::Follow, at),
            None => app.soon.clear(What::Follow),
        }
    }
}

/// The cursor has rested: the detail shows what is under it.
pub fn follow(app: &mut App, fx: &mut Vec<Effect>) {
    let next = app.pane_mut().detail.as_mut().and_then(|d| d.next.take());
    if let Some(key) = next {
        open(app, key, false, fx);
    }
}

/// A tab came to the front: its detail may have missed answers and sizes.
pub fn shown(app: &mut App, fx: &mut Vec<Effect>) {
    asking::ask_part(app, fx);
    resized(app);
}

/// Makes the document of the section in sight and lays it out. Called when its data, the section or the width changes.
pub fn render(app: &mut App) {
    let area = app.layout().detail;
    let width = area.width.saturating_sub(3);
    let height = height(app);
    let now = app.now.wall;
    let Some(d) = app.pane().detail.as_ref() else {
        return;
    };
    let mut made = Doc::default();
    if let (Some(entity), Some(section)) = (d.entity.as_ref(), d.section()) {
        let answers = d.source().and_then(|s| d.answers(s)).unwrap_or_default();
        let subject = Subject {
            key: &d.key,
            entity: Json(&entity.json),
            now,
            known: &Lists(app),
        };
        (section.render)(&subject, answers, &mut made);
    }
    let Some(d) = app.pane_mut().detail.as_mut() else {
        return;
    };
    // the cursor stays on what it points to, also when lines came before it
    let target = d.target().cloned();
    d.rows = doc::rows(&made, width, now);
    d.doc = made;
    let points =
        |line: usize| d.doc.lines.get(line).and_then(|l| l.target.as_ref()) == target.as_ref();
    if target.is_some() && !points(d.at.line) {
        let places = (0..d.doc.lines.len()).filter(|n| points(*n));
        if let Some(line) = places.min_by_key(|n| n.abs_diff(d.at.line)) {
            d.at.line = line;
        }
    }
    if let Some(line) = d.want.filter(|l| *l < d.doc.lines.len()) {
        d.want = None;
        d.at.to(line, &d.rows, height);
    }
    d.at.settle(&d.rows, height);
}

/// The size or the focus changed: the document is laid out again.
pub fn resized(app: &mut App) {
    render(app);
}

/// A move while the detail has the focus.
pub fn moved(app: &mut App, to: Move, _fx: &mut Vec<Effect>) {
    let height = height(app);
    if let Some(d) = &mut app.pane_mut().detail {
        d.want = None;
        d.at.moved(to, &d.rows, height);
    }
}

/// The next or previous section, around the end.
pub fn turn(app: &mut App, forward: bool, fx: &mut Vec<Effect>) {
    if let Some(d) = &app.pane().detail {
        let n = d.sections().len().max(1);
        let to = d.section + if forward { 1 } else { n - 1 };
        turn_to(app, to % n, fx);
    }
}

/// Shows a section by its id.
pub fn show(app: &mut App, id: &str, fx: &mut Vec<Effect>) {
    let place = app.pane().detail.as_ref();
    if let Some(place) = place.and_then(|d| d.sections().iter().position(|s| s.id == id)) {
        turn_to(app, place, fx);
    }
}

fn turn_to(app: &mut App, section: usize, fx: &mut Vec<Effect>) {
    if let Some(d) = &mut app.pane_mut().detail
        && d.section != section
    {
        d.section = section;
        d.at = Scroll::default();
        d.want = None;
        // what the cursor pointed to stands elsewhere in this section, if at all
        d.doc = Doc::default();
    }
    asking::ask_part(app, fx);
    render(app);
}

/// Enter while the detail has the focus: opens what the line points to.
pub fn enter(app: &mut App, fx: &mut Vec<Effect>) {
    let target = app.pane().detail.as_ref().and_then(|d| d.target().cloned());
    if let Some(target) = target {
        super::go::open_ref(app, &target, fx);
    }
}

/// `n` and `N` while the detail has the focus: the next line that can be opened, around the end.
pub fn seek(app: &mut App, forward: bool, _fx: &mut Vec<Effect>) {
    let height = height(app);
    let Some(d) = &mut app.pane_mut().detail else {
        return;
    };
    let n = d.doc.lines.len();
    let open = |i: &usize| d.doc.lines[*i].target.is_some();
    let at = d.at.line.min(n);
    let found = if forward {
        (at + 1..n).chain(0..at.min(n)).find(open)
    } else {
        (0..at).rev().chain((at + 1..n).rev()).find(open)
    };
    if let Some(line) = found {
        d.at.to(line, &d.rows, height);
    }
}

/// Tab: the focus goes to the other side.
pub fn other_side(app: &mut App) {
    let pane = app.pane_mut();
    pane.in_detail = !pane.in_detail && pane.detail.is_some();
    resized(app);
}

/// Esc while the detail has the focus: back the way one came, or to the list. False: what is left is closing it.
pub fn back(app: &mut App, fx: &mut Vec<Effect>) -> bool {
    let Some(d) = app.pane().detail.as_ref() else {
        return false;
    };
    if d.linked && app.places.can_go(false) {
        super::places::go(app, false, fx);
        return true;
    }
    if d.peeked {
        other_side(app);
        return true;
    }
    false
}
