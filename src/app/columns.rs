//! Which columns a list shows, in which order: as it comes, or as the person chose; and the chooser.

use super::App;
use super::overlay::{Overlay, Step};
use super::pick::{Go, movement};
use crate::config::settings;
use crate::msg::{Effect, KeyPress};
use crate::resource::{self, Spec};
use crossterm::event::{KeyCode, KeyModifiers};
use toml::Value;

/// Columns from this rank on are hidden until chosen.
const HIDDEN: u8 = 9;

/// The columns of a list, by their places in the resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    shown: Vec<usize>,
    /// The person chose: nothing is dropped for want of room, what does not fit is reached sideways.
    pub own: bool,
}

impl Chosen {
    /// As the resource proposes.
    pub fn new(spec: &Spec) -> Self {
        let shown = spec
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| c.drop < HIDDEN)
            .map(|(n, _)| n)
            .collect();
        Self { shown, own: false }
    }

    /// A person's choice by names; unknown names are passed over. The id always stays.
    pub fn named<'a>(spec: &Spec, names: impl Iterator<Item = &'a str>) -> Self {
        let mut shown: Vec<usize> = Vec::new();
        for name in names {
            if let Some(col) = spec.column(name).filter(|c| !shown.contains(c)) {
                shown.push(col);
            }
        }
        Self::of(spec, shown)
    }

    fn of(spec: &Spec, shown: Vec<usize>) -> Self {
        if shown.is_empty() {
            Self::new(spec)
        } else {
            Self { shown, own: true }
        }
    }

    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// The kept form.
    pub fn names(&self, spec: &Spec) -> Vec<&'static str> {
        self.shown
            .iter()
            .filter_map(|c| spec.columns.get(*c).map(|c| c.name))
            .collect()
    }
}

/// The chooser, open over a list. Every change is in force at once.
#[derive(Debug)]
pub struct Chooser {
    /// All columns in the order in which they would be shown, and whether they are.
    pub rows: Vec<(usize, bool)>,
    pub cursor: usize,
}

/// Opens the chooser over the list in front.
pub fn open(app: &mut App) {
    let pane = app.pane();
    let mut rows: Vec<(usize, bool)> = pane.columns.shown().iter().map(|c| (*c, true)).collect();
    rows.extend(
        (0..pane.spec.columns.len())
            .filter(|c| !pane.columns.shown().contains(c))
            .map(|c| (c, false)),
    );
    app.push(Overlay::Columns(Chooser { rows, cursor: 0 }));
}

impl Chooser {
    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let last = self.rows.len().saturating_sub(1);
        let shift = press
            .key
            .modifiers
            .intersects(KeyModifiers::SHIFT | KeyModifiers::ALT);
        match (press.key.code, movement(press.key, true)) {
            (KeyCode::Down, _) if shift => self.carry(1),
            (KeyCode::Up, _) if shift => self.carry(-1),
            (KeyCode::Char('J'), _) => self.carry(1),
            (KeyCode::Char('K'), _) => self.carry(-1),
            (_, Some(Go::By(n))) => self.cursor = self.cursor.saturating_add_signed(n).min(last),
            (_, Some(Go::To(n))) => self.cursor = n.min(last),
            (KeyCode::Char('j'), _) => self.cursor = (self.cursor + 1).min(last),
            (KeyCode::Char('k'), _) => self.cursor = self.cursor.saturating_sub(1),
            (KeyCode::Char(' ' | 'x'), _) => {
                if let Some(row) = self.rows.get_mut(self.cursor) {
                    row.1 = !row.1;
                }
            }
            (KeyCode::Char('r'), _) => {
                let pane = app.pane_mut();
                pane.columns = Chosen::new(pane.spec);
                keep(app, fx);
                open(app);
                return Step::Close;
            }
            (KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | 'C'), _) => return Step::Close,
            _ => return Step::Pass(Overlay::Columns(self)),
        }
        let pane = app.pane_mut();
        let shown: Vec<usize> = self.rows.iter().filter(|r| r.1).map(|r| r.0).collect();
        let same = pane.columns.shown() == shown;
        if !same {
            pane.columns = Chosen::of(pane.spec, shown);
            pane.left = 0;
            pane.view.clear();
            keep(app, fx);
        }
        Step::Stay(Overlay::Columns(self))
    }

    /// Moves the row under the cursor up or down.
    fn carry(&mut self, by: isize) {
        let to = self.cursor.saturating_add_signed(by);
        if to < self.rows.len() && to != self.cursor {
            self.rows.swap(self.cursor, to);
            self.cursor = to;
        }
    }
}

/// Keeps the choice of the list in front.
fn keep(app: &mut App, fx: &mut Vec<Effect>) {
    let pane = app.pane();
    let mut table = app.settings.columns.as_table().cloned().unwrap_or_default();
    let place = place_of(pane.spec);
    if pane.columns.own {
        let names = pane
            .columns
            .names(pane.spec)
            .into_iter()
            .map(|n| Value::String(n.into()))
            .collect();
        table.insert(place, Value::Array(names));
    } else {
        table.remove(&place);
    }
    if let Some(row) = settings::row("columns") {
        app.set(row, Value::Table(table), fx);
    }
}

/// Reads the kept choices into the lists.
pub fn apply(app: &mut App) {
    let kept = app.settings.columns.clone();
    for pane in &mut app.panes {
        let names = kept.get(place_of(pane.spec)).and_then(Value::as_array);
        pane.columns = match names {
            Some(names) => Chosen::named(pane.spec, names.iter().filter_map(Value::as_str)),
            None => Chosen::new(pane.spec),
        };
    }
}

/// The name of a list in kept tables.
pub fn place_of(spec: &Spec) -> String {
    spec.title.to_lowercase()
}

/// The list of that kept name.
pub fn spec_of(place: &str) -> Option<&'static Spec> {
    resource::ALL.iter().copied().find(|s| place_of(s) == place)
}
