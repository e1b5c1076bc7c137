//! Raw JSON of an entity as a tree: keys in the order they came, folds, search, copies of a value or subtree.
//!
//! The tree is flattened once (`tree`); folding and searching walk the flat nodes, so ten thousand lines stay fast.

#[cfg(test)]
mod tests;
mod tree;

pub use tree::{Inside, Node};

use super::App;
use super::action::moving::Move;
use super::copy::escaped;
use super::doc::Row;
use super::hunt::record::{self, Record};
use super::line::{Edit, Line};
use super::overlay::{self, Overlay};
use super::scroll::Scroll;
use crate::model::{Json, Key, Kind, Ticks};
use crate::msg::{Body, Effect, KeyPress, Level, Reply, Request, Slot};
use crate::resource::spec;
use crossterm::event::{KeyCode, KeyModifiers};
use serde_json::Value;
use std::sync::Arc;
use table::{Text, Txt};
use tree::Tree;

/// The `Slot::Part` in which the inspector asks for an entity that no detail shows.
pub const SLOT: &str = "json";

/// An open inspector.
#[derive(Debug)]
pub struct Inspector {
    /// The entity; none: a row of a result.
    pub key: Option<Key>,
    pub record: Option<Record>,
    pub title: String,
    /// Of when it is; `true`: the last seen state.
    pub as_of: Option<(Ticks, bool)>,
    /// Why there is nothing, or nothing fresh.
    pub fault: Option<String>,
    json: Arc<Value>,
    tree: Tree,
    /// The nodes in sight laid out for `width`; a row's line is the place of its node.
    pub rows: Vec<Row>,
    width: u16,
    pub at: Scroll,
    /// The search line while it is typed.
    pub search: Option<Line>,
    /// What was searched last.
    pub last: String,
    /// Where the search began: each letter looks from here.
    from: usize,
    /// `g` was pressed: `gg` goes to the top.
    g: bool,
}

/// What a record's own key came to.
pub enum Step {
    Stay,
    Close,
    /// Another row in its place.
    Other(Box<Inspector>),
}

/// `J`: the entity under the cursor. What the detail has is shown at once, else the service is asked.
pub fn open(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(key) = app.subject() else { return };
    let here = app
        .panes
        .iter()
        .filter_map(|p| p.detail.as_ref())
        .find(|d| d.key == key);
    let entity = here.and_then(|d| d.entity.clone());
    let mut inspector = Inspector::new(&key);
    match entity {
        Some(entity) => inspector.take(entity.json, entity.as_of, entity.cached),
        None => {
            let ticket = app.tickets.issue(Slot::Part(key.clone(), SLOT));
            fx.push(Effect::Ask(ticket, Request::Entity { key, fresh: true }));
        }
    }
    inspector.lay(area(app).0);
    app.push(Overlay::Inspector(Box::new(inspector)));
}

/// Width and height of the rows.
pub fn area(app: &App) -> (u16, usize) {
    // a frame, a mark at the left, a line for the path and the keys
    let (w, h) = app.size;
    (w.saturating_sub(5), usize::from(h.saturating_sub(6)).max(1))
}

/// The entity that an inspector waits for.
pub fn reply(app: &mut App, reply: Reply) {
    let Slot::Part(key, _) = &reply.ticket.slot else {
        return;
    };
    let (width, height) = area(app);
    let open = app.overlays.iter_mut().rev().find_map(|o| match o {
        Overlay::Inspector(i) if i.key.as_ref() == Some(key) => Some(i),
        _ => None,
    });
    let Some(inspector) = open else { return };
    match reply.body {
        Body::Entity(entity) => {
            inspector.take(entity.json, entity.as_of, entity.cached);
            inspector.lay(width);
            inspector.at.settle(&inspector.rows, height);
        }
        Body::Fault(fault) => inspector.fault = Some(fault.to_string()),
        Body::Dropped => inspector.fault = Some("the reading was cancelled".into()),
        _ => {}
    }
}

/// The size changed.
pub fn resized(app: &mut App) {
    let (width, height) = area(app);
    for overlay in &mut app.overlays {
        if let Overlay::Inspector(i) = overlay {
            i.lay(width);
            i.at.settle(&i.rows, height);
        }
    }
}

impl Inspector {
    fn new(key: &Key) -> Self {
        let title = format!("JSON of {} {}", spec(key.kind).one, key.id.txt().shown());
        Self {
            key: Some(key.clone()),
            record: None,
            title,
            as_of: None,
            fault: None,
            json: Arc::new(Value::Null),
            tree: Tree::default(),
            rows: Vec::new(),
            width: 0,
            at: Scroll::default(),
            search: None,
            last: String::new(),
            from: 0,
            g: false,
        }
    }

    /// A row of a result: what copies give, and what is shown of it.
    pub fn of_record(record: Record, title: String, exact: Value, shown: &Value) -> Self {
        Self {
            key: None,
            record: Some(record),
            title,
            as_of: None,
            fault: None,
            json: Arc::new(exact),
            tree: Tree::new(shown, "row"),
            rows: Vec::new(),
            width: 0,
            at: Scroll::default(),
            search: None,
            last: String::new(),
            from: 0,
            g: false,
        }
    }

    /// Something that has no list and is no row of a result: what copies give, and what is shown of it.
    pub fn of_value(title: String, exact: Value, shown: &Value) -> Self {
        let record = Record { tab: 0, row: 0 };
        Self {
            record: None,
            tree: Tree::new(shown, "event"),
            ..Self::of_record(record, title, exact, shown)
        }
    }

    /// Lays the rows out for a width, with the cursor on the first of them.
    pub fn fit(&mut self, (width, height): (u16, usize)) {
        self.lay(width);
        self.at.settle(&self.rows, height);
    }

    /// Puts the cursor on the n-th field of the row.
    pub fn to_field(&mut self, place: usize, height: usize) {
        if let Some(node) = self.tree.field(place) {
            self.show(node, height);
        }
    }

    /// Which field of the row the cursor is in.
    pub fn field(&self) -> Option<usize> {
        self.tree.field_of(self.at.line)
    }

    /// The keys and places that lead to the value under the cursor, and the value.
    pub fn place(&self) -> Option<(Vec<Value>, &Value)> {
        let value = self.tree.value(&self.json, self.at.line)?;
        Some((self.tree.way(self.at.line), value))
    }

    fn take(&mut self, json: Arc<Value>, as_of: Ticks, cached: bool) {
        let Some(kind) = self.key.as_ref().map(|k| k.kind) else {
            return;
        };
        let spec = spec(kind);
        let name = spec
            .columns
            .get(spec.name_column)
            .and_then(|c| Json(&json).text(c.name));
        // ids of devices and users say nothing to a person
        if let Some(name) = name.filter(|_| kind != Kind::Incident) {
            self.title = format!("JSON of {} {}", spec.one, name.txt().shown());
        }
        if self.json != json {
            self.tree = Tree::new(&json, "entity");
            self.json = json;
        }
        self.as_of = Some((as_of, cached));
        self.fault = None;
        self.width = 0;
    }

    pub fn loading(&self) -> bool {
        self.as_of.is_none() && self.fault.is_none() && self.key.is_some()
    }

    fn lay(&mut self, width: u16) {
        if self.width != width {
            self.width = width;
            self.rows = self.tree.rows(width);
        }
    }

    /// The nodes were folded otherwise: laid out again.
    fn again(&mut self, height: usize) {
        let width = std::mem::take(&mut self.width);
        self.lay(width);
        self.at.to(self.at.line, &self.rows, height);
    }

    /// The node under the cursor.
    pub fn node(&self) -> Option<&Node> {
        self.tree.nodes.get(self.at.line)
    }

    /// Where the cursor is: `alerts[0].evidence[3].ipAddress`.
    pub fn path(&self) -> String {
        self.tree.path(self.at.line)
    }

    /// How many nodes hold what was searched, and which of them the cursor is on.
    pub fn found(&self) -> Option<(usize, usize)> {
        let words = self.words()?;
        let hits = self.tree.hits(&words);
        let place = hits.iter().position(|n| *n == self.at.line);
        Some((place.map_or(0, |p| p + 1), hits.len()))
    }

    fn words(&self) -> Option<String> {
        let words = self
            .search
            .as_ref()
            .map_or(self.last.as_str(), |l| l.text());
        (!words.is_empty()).then(|| words.to_lowercase())
    }

    pub fn key(
        mut self: Box<Self>,
        app: &mut App,
        press: KeyPress,
        fx: &mut Vec<Effect>,
    ) -> overlay::Step {
        let height = area(app).1;
        if self.search.is_some() {
            return self.searching(press, height);
        }
        match record::key(&self, app, press, fx) {
            Some(Step::Stay) => return overlay::Step::Stay(Overlay::Inspector(self)),
            Some(Step::Close) => return overlay::Step::Close,
            Some(Step::Other(next)) => return overlay::Step::Stay(Overlay::Inspector(next)),
            None => {}
        }
        let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
        let g = std::mem::take(&mut self.g);
        let to = match press.key.code {
            KeyCode::Char('d') if ctrl => Some(Move::Halves(1)),
            KeyCode::Char('u') if ctrl => Some(Move::Halves(-1)),
            KeyCode::Char('f') if ctrl => Some(Move::Pages(1)),
            KeyCode::Char('c') if ctrl => return self.close(app, fx),
            KeyCode::Char(_) if ctrl => None,
            KeyCode::Char('j') | KeyCode::Down => Some(Move::Rows(1)),
            KeyCode::Char('k') | KeyCode::Up => Some(Move::Rows(-1)),
            KeyCode::PageDown => Some(Move::Pages(1)),
            KeyCode::PageUp => Some(Move::Pages(-1)),
            KeyCode::Char('g') if g => Some(Move::First),
            KeyCode::Home => Some(Move::First),
            KeyCode::Char('G') | KeyCode::End => Some(Move::Last),
            _ => None,
        };
        if let Some(to) = to {
            self.at.moved(to, &self.rows, height);
            return overlay::Step::Stay(Overlay::Inspector(self));
        }
        match press.key.code {
            KeyCode::Esc | KeyCode::Char('q' | 'J') if !ctrl => return self.close(app, fx),
            KeyCode::Char('g') if !ctrl => self.g = true,
            KeyCode::Char('l') | KeyCode::Right => self.unfold(height),
            KeyCode::Char('h') | KeyCode::Left => self.fold_or_up(height),
            KeyCode::Char('z' | ' ') | KeyCode::Enter => self.toggle(height),
            KeyCode::Char('+') => self.all(false, height),
            KeyCode::Char('-') => self.all(true, height),
            KeyCode::Char('/') => {
                self.from = self.at.line;
                self.search = Some(Line::default());
            }
            KeyCode::Char('n') if !ctrl => self.seek(true, height, app),
            KeyCode::Char('N') => self.seek(false, height, app),
            KeyCode::Char('y') if !ctrl => fx.extend(self.copied(false)),
            KeyCode::Char('d') if !ctrl => fx.extend(self.copied(true)),
            _ => return overlay::Step::Pass(Overlay::Inspector(self)),
        }
        overlay::Step::Stay(Overlay::Inspector(self))
    }

    fn close(self: Box<Self>, app: &mut App, fx: &mut Vec<Effect>) -> overlay::Step {
        let slot = self.key.clone().map(|key| Slot::Part(key, SLOT));
        if let Some(slot) = slot.filter(|s| app.tickets.is_open(s)) {
            app.tickets.close(&slot);
            fx.push(Effect::Drop(slot));
        }
        overlay::Step::Close
    }

    pub fn paste(mut self: Box<Self>, text: &Text, height: usize) -> overlay::Step {
        if let Some(line) = &mut self.search {
            line.insert(text.txt().exact());
            self.look(height);
        }
        overlay::Step::Stay(Overlay::Inspector(self))
    }

    /// A key while the search line is typed: each letter shows the first hit from where the search began.
    fn searching(mut self: Box<Self>, press: KeyPress, height: usize) -> overlay::Step {
        let Some(line) = &mut self.search else {
            return overlay::Step::Stay(Overlay::Inspector(self));
        };
        let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
        match press.key.code {
            KeyCode::Esc => {
                self.search = None;
                let from = self.from;
                self.at.to(from, &self.rows, height);
            }
            KeyCode::Char('c') if ctrl => {
                if line.is_empty() {
                    self.search = None;
                } else {
                    line.set("");
                }
            }
            KeyCode::Enter => {
                self.last = line.text().to_owned();
                self.search = None;
            }
            _ => match line.key(press.key) {
                Edit::Changed => self.look(height),
                Edit::Moved => {}
                Edit::Ignored => return overlay::Step::Pass(Overlay::Inspector(self)),
            },
        }
        overlay::Step::Stay(Overlay::Inspector(self))
    }

    fn look(&mut self, height: usize) {
        if let Some(words) = self.words() {
            let hits = self.tree.hits(&words);
            let hit = hits.iter().find(|n| **n >= self.from).or(hits.first());
            if let Some(hit) = hit.copied() {
                self.show(hit, height);
            }
        }
    }

    /// `n` and `N`, around the end.
    fn seek(&mut self, forward: bool, height: usize, app: &mut App) {
        let Some(words) = self.words() else {
            let text = "nothing was searched yet: / searches".to_owned();
            return app.toasts.push(app.now, Level::Info, text);
        };
        let hits = self.tree.hits(&words);
        let at = self.at.line;
        let hit = if forward {
            hits.iter().find(|n| **n > at).or(hits.first())
        } else {
            hits.iter().rev().find(|n| **n < at).or(hits.last())
        };
        match hit.copied() {
            Some(hit) => self.show(hit, height),
            None => {
                let text = format!("nothing here has {}", Txt::new(&self.last).shown());
                app.toasts.push(app.now, Level::Info, text);
            }
        }
    }

    /// Goes to a node, unfolding what hides it.
    fn show(&mut self, node: usize, height: usize) {
        self.at.line = node;
        if self.tree.reveal(node) {
            self.again(height);
        } else {
            self.at.to(node, &self.rows, height);
        }
    }

    fn unfold(&mut self, height: usize) {
        if self.tree.fold(self.at.line, false) {
            self.again(height);
        } else {
            self.at.moved(Move::Rows(1), &self.rows, height);
        }
    }

    fn fold_or_up(&mut self, height: usize) {
        if self.tree.fold(self.at.line, true) {
            self.again(height);
        } else if let Some(parent) = self.tree.parent(self.at.line) {
            self.at.to(parent, &self.rows, height);
        }
    }

    fn toggle(&mut self, height: usize) {
        let at = self.at.line;
        if self.tree.fold(at, true) || self.tree.fold(at, false) {
            self.again(height);
        }
    }

    fn all(&mut self, fold: bool, height: usize) {
        self.tree.fold_all(fold);
        if let Some(outer) = self.tree.visible(self.at.line) {
            self.at.line = outer;
        }
        self.again(height);
    }

    /// The value under the cursor for the clipboard: text as it is, anything else as JSON.
    fn copied(&self, defanged: bool) -> Option<Effect> {
        let value = self.tree.value(&self.json, self.at.line)?;
        let (what, text) = match value {
            Value::String(s) if defanged => ("defanged value", Txt::new(s).defanged()),
            Value::String(s) => ("value", Txt::new(s).clipboard()),
            Value::Array(_) | Value::Object(_) => {
                ("JSON", escaped(&serde_json::to_string_pretty(value).ok()?))
            }
            other => ("value", Json(other).0.to_string()),
        };
        Some(Effect::Copy { what, text })
    }
}
