//! The timeline of one user or device, over everything else on the screen: a cursor through its lines, the axis above them,
//! sources on and off, letters to look for. What is asked and what becomes of the answers is `gather` and `held`; keys are `keys`.
//!
//! It stays as it was when something is opened from it, until the timeline of something else is opened: `g W` goes back.

mod export;
mod gather;
mod held;
#[cfg(test)]
mod key_tests;
mod keys;
pub mod sizes;
#[cfg(test)]
pub mod tests;
mod who;

pub use gather::{arrived, reply};
pub use keys::{ROWS, Row};

use super::App;
use super::go::{self, Found};
use super::known::Lists;
use super::line::{Edit, Line};
use super::overlay::{Overlay, Step};
use super::pick::{Item, Pick, Value};
use super::refs::{myself, refs_of, same};
use crate::model::time::DAY;
use crate::model::{EntityRef, Key, Kind, Ticks};
use crate::msg::{Effect, KeyPress, Level};
use crate::resource::timeline::{Axis, REACH, Span, Story, sources};
use crossterm::event::{KeyCode, KeyModifiers};
use serde_json::Value as Tree;
use std::sync::Arc;
use table::Text;

/// The timeline in front; what it shows is `App::timeline`.
#[derive(Debug, Default)]
pub struct Front {
    /// Letters being typed.
    pub line: Option<Line>,
}

/// What a source answered, for the raw text of an event.
#[derive(Debug)]
pub enum Raw {
    Rows(table::Table),
    Items(Arc<Tree>),
}

/// A timeline.
#[derive(Debug)]
pub struct Timeline {
    /// How far it is known who it is.
    who: who::Who,
    /// Whose it is, by everything that is known of it.
    pub of: EntityRef,
    /// The same in its list, where it is there.
    pub key: Option<Key>,
    pub name: Text,
    pub story: Story,
    pub axis: Axis,
    /// Days that are read.
    pub days: i64,
    pub cursor: usize,
    pub top: usize,
    /// The person moved: the cursor stays on its line, whatever comes.
    touched: bool,
    /// The line under the cursor, to find it again.
    anchor: Option<Anchor>,
    /// New events go in by themselves.
    pub follow: bool,
    /// New events that wait, by lane.
    pub waiting: Vec<usize>,
    /// The logs were still being read when they were looked at last.
    filling: bool,
    /// The logs as they were when they were looked through.
    looked: Option<table::Table>,
    /// By lane and answer.
    raws: Vec<Vec<Raw>>,
    /// When it was asked for last.
    pub as_of: Ticks,
    /// `g` was pressed: `gg` goes to the top.
    g: bool,
}

/// A line by what it is, whatever stands before it.
#[derive(Clone, Debug, PartialEq)]
struct Anchor {
    at: Ticks,
    lane: u8,
    gap: bool,
    sentence: Text,
}

/// Whether there is anything a timeline could be of.
pub fn able(app: &App) -> Result<(), String> {
    match app.subject() {
        Some(_) => Ok(()),
        None => Err(app.nothing().into()),
    }
}

/// Whether there is a timeline to go back to.
pub fn able_again(app: &App) -> Result<(), String> {
    match app.timeline {
        Some(_) => Ok(()),
        None => Err("no timeline was opened yet".into()),
    }
}

/// The timeline as it was.
pub fn again(app: &mut App) {
    if app.timeline.is_some() {
        app.overlays.clear();
        app.push(Overlay::Timeline(Front::default()));
    }
}

/// Opens the timeline of what is under the cursor: of a user or device its own, of anything else that of a user or device
/// it names.
pub fn open(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(key) = app.subject() else { return };
    if matches!(key.kind, Kind::User | Kind::Device) {
        return of(app, &key, fx);
    }
    let mut all: Vec<EntityRef> = Vec::new();
    for r in refs_of(app, &key) {
        let mut r = match r {
            EntityRef::User { .. } | EntityRef::Device { .. } => r,
            _ => continue,
        };
        if all.len() < 40
            && let Found::Key(key) = go::resolve(app, &r)
        {
            r = myself(&Lists(app), &key);
        }
        if !all.iter().any(|o| same(o, &r)) {
            all.push(r);
        }
    }
    match all.as_slice() {
        [] => {
            let text = "no user or device is known of this row".to_owned();
            app.toasts.push(app.now, Level::Warn, text);
        }
        [one] => {
            let one = one.clone();
            show(app, one, fx);
        }
        _ => {
            let items = all.iter().map(|r| Item {
                label: r
                    .value()
                    .map_or_else(String::new, |v| v.txt().shown().into_owned()),
                note: r.noun().into(),
                value: Value::Entity(r.clone()),
                ..Item::default()
            });
            let items = items.collect();
            let pick = Pick::new("timeline", "Timeline of", items, |app, item, fx| {
                if let Value::Entity(of) = item.value {
                    show(app, of, fx);
                }
            });
            app.push(Overlay::Pick(pick));
        }
    }
}

/// Opens the timeline of a user or device of the lists.
fn of(app: &mut App, key: &Key, fx: &mut Vec<Effect>) {
    let mut of = myself(&Lists(app), key);
    // the open detail may know an entity that the list does not have
    let open = app.panes.iter().filter_map(|p| p.detail.as_ref());
    let json = open
        .filter(|d| d.key == *key)
        .find_map(|d| d.entity.as_ref())
        .map(|e| e.json.clone());
    if let Some(json) = json {
        let j = crate::model::Json(&json);
        let more = match key.kind {
            Kind::User => EntityRef::User {
                id: j.text("id"),
                upn: j.text("userPrincipalName"),
                sid: j.text("onPremisesSecurityIdentifier"),
                name: j.text("onPremisesSamAccountName"),
            },
            _ => EntityRef::Device {
                machine: j.text("id"),
                azure: j.text("aadDeviceId"),
                name: j.text("computerDnsName"),
            },
        };
        super::refs::complete(&mut of, more);
    }
    show(app, of, fx);
}

fn show(app: &mut App, of: EntityRef, fx: &mut Vec<Effect>) {
    // the same one is there as it was left, unless that was long ago
    let known = app.timeline.as_ref().is_some_and(|t| {
        same(&t.of, &of) && app.now.wall.0.saturating_sub(t.as_of.0) < crate::model::time::HOUR
    });
    if !known {
        gather::forget(app, fx);
        let key = who::key(&of);
        let story = Story::new(sources(&of));
        let lanes = story.lanes.len();
        app.timeline = Some(Box::new(Timeline {
            name: of.value().cloned().unwrap_or_default(),
            who: who::Who::default(),
            of,
            key,
            story,
            axis: Axis::new(Span::new(app.now.wall, app.now.wall)),
            days: REACH[0],
            cursor: 0,
            top: 0,
            touched: false,
            anchor: None,
            follow: false,
            waiting: vec![0; lanes],
            filling: false,
            looked: None,
            raws: (0..lanes).map(|_| Vec::new()).collect(),
            as_of: app.now.wall,
            g: false,
        }));
        gather::ask(app, fx);
    }
    app.push(Overlay::Timeline(Front::default()));
}

/// The size changed: the cursor is in sight.
pub fn resized(app: &mut App) {
    let size = app.size;
    if let Some(t) = &mut app.timeline {
        let view = t.axis.view;
        t.settle(sizes::of(size, t.story.lanes.len()).rows);
        t.axis.view = view;
    }
}

/// It is on the screen, be it under something.
pub fn is_open(app: &App) -> bool {
    let front = |o: &Overlay| matches!(o, Overlay::Timeline(_));
    app.overlays.iter().any(front)
}

impl Timeline {
    /// The stretch that is read, ending now.
    fn reach(&self, now: Ticks) -> Span {
        Span::new(Ticks(now.0.saturating_sub(self.days * DAY)), now)
    }

    /// What happens now has a place on the axis.
    fn until(&mut self, now: Ticks) {
        let all = self.axis.view == self.axis.whole;
        self.axis.whole.to = self.axis.whole.to.max(now);
        if all {
            self.axis.all();
        }
    }

    /// Puts the cursor on a line.
    fn to(&mut self, line: usize, height: usize) {
        self.touched = true;
        self.cursor = line.min(self.story.len().saturating_sub(1));
        self.settle(height);
    }

    /// After the cursor moved: it is in sight, in the list and on the axis.
    fn settle(&mut self, height: usize) {
        let height = height.max(1);
        if self.cursor < self.top {
            self.top = self.cursor;
        } else if self.cursor >= self.top + height {
            self.top = self.cursor + 1 - height;
        }
        self.top = self.top.min(self.story.len().saturating_sub(height));
        self.anchor = self.here();
        if let Some(anchor) = &self.anchor {
            self.axis.show(anchor.at);
        }
    }

    /// The line under the cursor by what it is.
    fn here(&self) -> Option<Anchor> {
        let place = self.story.place(self.cursor)?;
        Some(Anchor {
            at: self.story.at(place)?,
            lane: place.lane,
            gap: place.gap,
            sentence: self.story.sentence(place)?.clone(),
        })
    }

    /// When what is under the cursor happened.
    pub fn at(&self) -> Option<Ticks> {
        self.story.place(self.cursor).and_then(|p| self.story.at(p))
    }

    fn look_for(&mut self, letters: &str, height: usize) {
        self.story.look_for(letters);
        self.found(height);
    }

    /// After lanes changed: everything in its order again.
    fn arranged(&mut self, height: usize) {
        self.story.arrange();
        self.found(height);
    }

    /// After the order changed: the cursor is on what it was on, or on what is nearest to it.
    fn found(&mut self, height: usize) {
        let anchor = self.anchor.clone().filter(|_| self.touched);
        let Some(anchor) = anchor else {
            (self.cursor, self.top) = (0, 0);
            self.anchor = self.here();
            return;
        };
        let above = self.cursor.saturating_sub(self.top);
        let is = |line: usize| {
            let place = self.story.place(line)?;
            (place.lane == anchor.lane && place.gap == anchor.gap).then_some(())?;
            (self.story.sentence(place)? == &anchor.sentence).then_some(())
        };
        let first = self.story.line_at(anchor.at);
        let at = |line: usize| self.story.place(line).and_then(|p| self.story.at(p));
        let mut line = first;
        while at(line) == Some(anchor.at) && is(line).is_none() {
            line += 1;
        }
        if is(line).is_none() || at(line) != Some(anchor.at) {
            line = self.story.nearest(anchor.at);
        }
        self.cursor = line;
        self.top = line.saturating_sub(above);
        let kept = self.axis.view;
        self.settle(height);
        // what arrives does not move the axis
        self.axis.view = kept;
    }
}

impl Front {
    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let Some(mut t) = app.timeline.take() else {
            return Step::Close;
        };
        let height = sizes::of(app.size, t.story.lanes.len()).rows;
        if self.line.is_some() {
            let passed = self.typed(&mut t, press, height);
            app.timeline = Some(t);
            return match passed {
                true => Step::Pass(Overlay::Timeline(self)),
                false => Step::Stay(Overlay::Timeline(self)),
            };
        }
        let did = keys::press(&mut t, app, press, height, fx);
        if let keys::Did::Type = did {
            self.line = Some(Line::new(t.story.filter()));
        }
        app.timeline = Some(t);
        match did {
            keys::Did::Stay | keys::Did::Type => Step::Stay(Overlay::Timeline(self)),
            keys::Did::Pass => Step::Pass(Overlay::Timeline(self)),
            keys::Did::Close => Step::Close,
            keys::Did::Then(then) => Step::Then(then),
            keys::Did::After(then) => {
                then(app, fx);
                Step::Stay(Overlay::Timeline(self))
            }
        }
    }

    pub fn paste(mut self, app: &mut App, text: &Text) -> Step {
        let size = app.size;
        if let (Some(t), Some(line)) = (&mut app.timeline, &mut self.line) {
            line.insert(text.txt().exact().trim());
            t.look_for(line.text(), sizes::of(size, t.story.lanes.len()).rows);
        }
        Step::Stay(Overlay::Timeline(self))
    }

    /// A key while letters are typed. True: it was none of its own.
    fn typed(&mut self, t: &mut Timeline, press: KeyPress, height: usize) -> bool {
        let Some(line) = &mut self.line else {
            return true;
        };
        let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
        match press.key.code {
            KeyCode::Enter => self.line = None,
            KeyCode::Esc => {
                t.look_for("", height);
                self.line = None;
            }
            KeyCode::Char('c') if ctrl => {
                line.set("");
                t.look_for("", height);
            }
            _ => match line.key(press.key) {
                Edit::Changed => t.look_for(line.text(), height),
                Edit::Moved => {}
                Edit::Ignored => return true,
            },
        }
        false
    }
}
