//! The detail of one entity, beside or over the list it was opened from: its sections, a cursor through the lines, and
//! what has been asked for.
//!
//! The document of the section in sight is made when its data changes (`render`), laid out for the width by `doc`, and
//! drawn by `view::detail` without further work.

use super::App;
use super::action::moving::Move;
use super::doc;
use super::known::Lists;
use crate::model::{EntityRef, Fault, Json, Key, Kind};
use crate::msg::{Body, Effect, Entity, Level, Reply, Request, Slot};
use crate::resource::{Answer, Doc, Section, Subject, spec};
use std::collections::BTreeMap;
use table::Text;

/// Merged incidents followed at most: the service's chain may loop.
const FOLLOWED: usize = 8;

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
    /// The document laid out for `width`.
    pub rows: Vec<doc::Row>,
    width: u16,
    /// The line of the document under the cursor.
    pub cursor: usize,
    /// The first row in sight.
    pub top: usize,
    /// Incidents that were merged into this one on the way here.
    followed: Vec<Text>,
}

/// A section's answers.
#[derive(Debug)]
enum Part {
    Asked,
    Got(Vec<Answer>),
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
            width: 0,
            cursor: 0,
            top: 0,
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

    /// Answers of the section in sight are on their way.
    pub fn loading(&self) -> bool {
        let part = self.source().and_then(|id| self.parts.get(id));
        self.entity.is_none() && self.fault.is_none() || matches!(part, Some(Part::Asked))
    }

    /// What the cursor's line points to.
    pub fn target(&self) -> Option<&EntityRef> {
        self.doc.lines.get(self.cursor)?.target.as_ref()
    }

    /// The row of the cursor's line.
    fn row(&self) -> usize {
        self.rows
            .iter()
            .position(|r| r.line >= self.cursor)
            .unwrap_or(0)
    }

    fn scroll(&mut self, height: usize) {
        let height = height.max(1);
        let last = self
            .rows
            .iter()
            .rposition(|r| r.line <= self.cursor)
            .unwrap_or(0);
        let first = self.row();
        if first < self.top {
            self.top = first;
        } else if last >= self.top + height {
            // a line longer than the screen is shown from its beginning
            self.top = (last + 1 - height).min(first);
        }
        self.top = self.top.min(self.rows.len().saturating_sub(height));
    }
}

/// Opens an entity in the pane in front and asks for it. The cursor goes into the detail if `focus`.
pub fn open(app: &mut App, key: Key, focus: bool, fx: &mut Vec<Effect>) {
    let same = app.pane().detail.as_ref().is_some_and(|d| d.key == key);
    if !same {
        close_slots(app, fx);
        app.pane_mut().detail = Some(Detail::new(key.clone()));
        ask_entity(app, key, false, fx);
    }
    app.pane_mut().in_detail = focus;
    render(app);
}

/// Opens an entity wherever its tab is.
pub fn open_in_tab(app: &mut App, key: Key, fx: &mut Vec<Effect>) {
    app.places.leave(app.spot());
    show_in_tab(app, key, fx);
}

/// The same without remembering where the person was.
pub fn show_in_tab(app: &mut App, key: Key, fx: &mut Vec<Effect>) {
    if let Some(index) = app.panes.iter().position(|p| p.spec.kind == key.kind) {
        if app.active != index {
            app.tab(index, fx);
        }
        let rows = app.list_height();
        let pane = app.pane_mut();
        if let Some(place) = pane
            .rows
            .find(key.id.txt().exact())
            .and_then(|r| pane.shown.position_of(r))
        {
            pane.move_to(place, rows);
        }
        open(app, key, true, fx);
    }
}

/// Closes the detail in front and forgets what was still asked for.
pub fn close(app: &mut App, fx: &mut Vec<Effect>) {
    close_slots(app, fx);
    let pane = app.pane_mut();
    pane.detail = None;
    pane.in_detail = false;
}

fn close_slots(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(d) = app.pane().detail.as_ref() else {
        return;
    };
    let key = d.key.clone();
    let open: Vec<&'static str> = std::iter::once("")
        .chain(
            d.parts
                .iter()
                .filter(|(_, p)| matches!(p, Part::Asked))
                .map(|(id, _)| *id),
        )
        .collect();
    for id in open {
        let slot = Slot::Part(key.clone(), id);
        if app.tickets.is_open(&slot) {
            app.tickets.close(&slot);
            fx.push(Effect::Drop(slot));
        }
    }
}

fn ask_entity(app: &mut App, key: Key, fresh: bool, fx: &mut Vec<Effect>) {
    let ticket = app.tickets.issue(Slot::Part(key.clone(), ""));
    fx.push(Effect::Ask(ticket, Request::Entity { key, fresh }));
}

/// Reads the entity and the section in sight again.
pub fn refresh(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(d) = app.pane_mut().detail.as_mut() else {
        return;
    };
    d.parts.clear();
    let key = d.key.clone();
    ask_entity(app, key, true, fx);
    ask_part(app, fx);
}

/// Asks for the section in sight, once. Calls are made from the entity, so they wait for it.
fn ask_part(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(d) = app.pane().detail.as_ref() else {
        return;
    };
    let (Some(id), Some(entity)) = (d.source(), d.entity.as_ref()) else {
        return;
    };
    if d.parts.contains_key(id) {
        return;
    }
    let Some(section) = d.sections().iter().find(|s| s.id == id) else {
        return;
    };
    let key = d.key.clone();
    let subject = Subject {
        key: &key,
        entity: Json(&entity.json),
        now: app.now.wall,
        known: &Lists(&app.panes),
    };
    let calls = (section.calls)(&subject);
    if calls.is_empty() {
        return;
    }
    let ticket = app.tickets.issue(Slot::Part(key.clone(), section.id));
    fx.push(Effect::Ask(
        ticket,
        Request::Part {
            key,
            section: section.id,
            calls,
        },
    ));
    if let Some(d) = app.pane_mut().detail.as_mut() {
        d.parts.insert(id, Part::Asked);
    }
}

/// Makes the document of the section in sight and lays it out. Called when its data, the section or the width changes.
pub fn render(app: &mut App) {
    let area = app.layout().detail;
    let width = area.width.saturating_sub(3);
    let height = usize::from(area.height.saturating_sub(2));
    let now = app.now.wall;
    let Some(d) = app.pane().detail.as_ref() else {
        return;
    };
    let mut made = Doc::default();
    if let (Some(entity), Some(section)) = (d.entity.as_ref(), d.section()) {
        let none = Vec::new();
        let answers = match d.source().and_then(|id| d.parts.get(id)) {
            Some(Part::Got(answers)) => answers,
            _ => &none,
        };
        let subject = Subject {
            key: &d.key,
            entity: Json(&entity.json),
            now,
            known: &Lists(&app.panes),
        };
        (section.render)(&subject, answers, &mut made);
    }
    let Some(d) = app.pane_mut().detail.as_mut() else {
        return;
    };
    d.rows = doc::rows(&made, width, now);
    d.doc = made;
    d.width = width;
    d.cursor = d.cursor.min(d.doc.lines.len().saturating_sub(1));
    d.scroll(height);
}

/// The size changed: lay the document out again.
pub fn resized(app: &mut App) {
    render(app);
}

/// A move while the detail has the focus.
pub fn moved(app: &mut App, to: Move, _fx: &mut Vec<Effect>) {
    let height = usize::from(app.layout().detail.height.saturating_sub(2));
    if let Some(d) = &mut app.pane_mut().detail {
        d.cursor = to.apply(d.cursor, d.doc.lines.len(), height);
        d.scroll(height);
    }
}

/// The next or previous section, around the end.
pub fn turn(app: &mut App, forward: bool, fx: &mut Vec<Effect>) {
    if let Some(d) = &mut app.pane_mut().detail {
        let n = d.sections().len().max(1);
        d.section = if forward {
            (d.section + 1) % n
        } else {
            (d.section + n - 1) % n
        };
        d.cursor = 0;
        d.top = 0;
    }
    ask_part(app, fx);
    render(app);
}

/// Shows a section by its id.
pub fn show(app: &mut App, id: &str, fx: &mut Vec<Effect>) {
    if let Some(d) = &mut app.pane_mut().detail
        && let Some(place) = d.sections().iter().position(|s| s.id == id)
    {
        d.section = place;
        d.cursor = 0;
        d.top = 0;
    }
    ask_part(app, fx);
    render(app);
}

/// Enter while the detail has the focus: opens what the line points to.
pub fn enter(app: &mut App, fx: &mut Vec<Effect>) {
    let target = app.pane().detail.as_ref().and_then(|d| d.target().cloned());
    if let Some(target) = target {
        super::go::open_ref(app, &target, fx);
    }
}

/// `n` and `N` while the detail has the focus: the next line that can be opened.
pub fn seek(app: &mut App, forward: bool, _fx: &mut Vec<Effect>) {
    let height = usize::from(app.layout().detail.height.saturating_sub(2));
    let Some(d) = &mut app.pane_mut().detail else {
        return;
    };
    let found = if forward {
        (d.cursor + 1..d.doc.lines.len()).find(|i| d.doc.lines[*i].target.is_some())
    } else {
        (0..d.cursor)
            .rev()
            .find(|i| d.doc.lines[*i].target.is_some())
    };
    if let Some(place) = found {
        d.cursor = place;
        d.scroll(height);
    }
}

/// Esc while the detail has the focus: one level. False: nothing is left but closing it.
pub fn back(_app: &mut App, _fx: &mut Vec<Effect>) -> bool {
    false
}

/// An answer to a `Part` slot, for whichever pane still shows that entity.
pub fn reply(app: &mut App, reply: Reply, fx: &mut Vec<Effect>) {
    let Slot::Part(key, section) = &reply.ticket.slot else {
        return;
    };
    let (key, section) = (key.clone(), *section);
    let Some(place) = app
        .panes
        .iter()
        .position(|p| p.detail.as_ref().is_some_and(|d| d.key == key))
    else {
        return;
    };
    let mut follow = None;
    if let Some(d) = app.panes[place].detail.as_mut() {
        match reply.body {
            Body::Entity(entity) if section.is_empty() => {
                let to = Json(&entity.json)
                    .text("redirectIncidentId")
                    .filter(|_| key.kind == Kind::Incident);
                d.entity = Some(entity);
                d.fault = None;
                if let Some(to) = to {
                    follow = Some((to, d.followed.clone()));
                }
            }
            Body::Part(answers) => {
                d.parts.insert(section, Part::Got(answers));
            }
            Body::Fault(fault) if section.is_empty() => d.fault = Some(fault),
            Body::Fault(fault) => {
                d.parts
                    .insert(section, Part::Got(vec![Answer::Failed(fault)]));
            }
            Body::Dropped => {
                if matches!(d.parts.get(section), Some(Part::Asked)) {
                    d.parts.remove(section);
                }
            }
            _ => {}
        }
    }
    if let Some((to, followed)) = follow {
        merged(app, place, &key, to, followed, fx);
    }
    if place == app.active {
        ask_part(app, fx);
        render(app);
    }
}

/// The incident on screen was merged into another: go there, say so, and stop where the chain loops.
fn merged(
    app: &mut App,
    place: usize,
    key: &Key,
    to: Text,
    mut followed: Vec<Text>,
    fx: &mut Vec<Effect>,
) {
    if followed.contains(&to) || to == key.id || followed.len() >= FOLLOWED {
        let text = format!(
            "incident {} says it was merged, but the chain of merges has no end",
            key.id.txt().shown()
        );
        app.toasts.push(app.now, Level::Warn, text);
        return;
    }
    let text = format!(
        "incident {} was merged into {}",
        key.id.txt().shown(),
        to.txt().shown()
    );
    app.toasts.push(app.now, Level::Info, text);
    followed.push(key.id.clone());
    let next = Key::new(Kind::Incident, to);
    let mut d = Detail::new(next.clone());
    d.followed = followed;
    app.panes[place].detail = Some(d);
    ask_entity(app, next, false, fx);
}

/// The rows of the lists changed: sections that join from them are drawn again.
pub fn lists_changed(app: &mut App, kind: Kind) {
    if kind == Kind::Alert && app.pane().detail.is_some() {
        render(app);
    }
}
