//! The columns of a result: which are shown, in which order; and what of that is kept, for this query or for all of them.

use crate::app::App;
use crate::app::line::{Edit, Line};
use crate::app::overlay::{Overlay, Step};
use crate::app::pick::{Go, movement};
use crate::config::settings;
use crate::msg::{Effect, KeyPress, Level};
use crate::resource::hunt_fields;
use crossterm::event::{KeyCode, KeyModifiers};
use table::{Text, Txt};

/// The chooser, open over a result. Every change is in force at once.
#[derive(Debug)]
pub struct Fields {
    /// All columns in the order in which they would be shown, and whether they are.
    pub rows: Vec<(usize, bool)>,
    /// Their names.
    pub names: Vec<String>,
    /// Letters that narrow the list.
    pub line: Line,
    /// Places in `rows` of what has these letters.
    pub order: Vec<usize>,
    pub cursor: usize,
}

/// `C`.
pub fn open(app: &mut App) {
    let Some(grid) = app.hunt.grid() else { return };
    let most = grid.table.schema().len();
    let mut shown = vec![false; most];
    for col in &grid.columns {
        if let Some(s) = shown.get_mut(*col) {
            *s = true;
        }
    }
    let mut rows: Vec<(usize, bool)> = grid.columns.iter().map(|c| (*c, true)).collect();
    rows.extend((0..most).filter(|c| !shown[*c]).map(|c| (c, false)));
    let names = (0..most).map(|c| grid.name(c)).collect();
    let mut fields = Fields {
        cursor: grid.col.min(rows.len().saturating_sub(1)),
        order: (0..rows.len()).collect(),
        rows,
        names,
        line: Line::default(),
    };
    fields.narrow();
    fields.cursor = grid.col.min(fields.order.len().saturating_sub(1));
    app.push(Overlay::Fields(fields));
}

impl Fields {
    fn narrow(&mut self) {
        let words = self.line.text().to_lowercase();
        let all = self.rows.iter().enumerate();
        self.order = all
            .filter(|(_, (c, _))| {
                let name = self.names.get(*c).map_or("", String::as_str);
                name.to_lowercase().contains(&words)
            })
            .map(|(n, _)| n)
            .collect();
        self.cursor = self.cursor.min(self.order.len().saturating_sub(1));
    }

    fn here(&self) -> Option<usize> {
        self.order.get(self.cursor).copied()
    }

    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let last = self.order.len().saturating_sub(1);
        let m = press.key.modifiers;
        let alt = m.contains(KeyModifiers::ALT);
        let carry = m.intersects(KeyModifiers::SHIFT | KeyModifiers::ALT);
        match (press.key.code, movement(press.key, false)) {
            (KeyCode::Down, _) if carry => self.carry(1),
            (KeyCode::Up, _) if carry => self.carry(-1),
            (_, Some(Go::By(n))) => self.cursor = self.cursor.saturating_add_signed(n).min(last),
            (_, Some(Go::To(n))) => self.cursor = n.min(last),
            (KeyCode::Char(' ') | KeyCode::Tab, _) => {
                if let Some(row) = self.here().and_then(|n| self.rows.get_mut(n)) {
                    row.1 = !row.1;
                }
            }
            (KeyCode::Char('a'), _) if alt => {
                let on = !self.order.iter().all(|n| self.rows[*n].1);
                for n in &self.order {
                    self.rows[*n].1 = on;
                }
            }
            (KeyCode::Char('s'), _) if alt => {
                let names = self.named(true);
                return keep_for_query(app, false, names, fx);
            }
            (KeyCode::Char('i'), _) if alt => {
                let names = self.named(false);
                return keep_for_query(app, true, names, fx);
            }
            (KeyCode::Char('S'), _) if alt => {
                keep_for_all(app, "summary-fields", self.named(true), fx);
                return Step::Close;
            }
            (KeyCode::Char('I'), _) if alt => {
                let mut names = app.settings.ignore_fields.clone();
                names.extend(self.named(false));
                names.sort();
                names.dedup();
                keep_for_all(app, "ignore-fields", names, fx);
                return Step::Close;
            }
            (KeyCode::Enter, _) => return Step::Close,
            (KeyCode::Esc, _) if self.line.is_empty() => return Step::Close,
            (KeyCode::Esc, _) => {
                self.line.set("");
                self.narrow();
            }
            _ => match self.line.key(press.key) {
                Edit::Changed => self.narrow(),
                Edit::Moved => {}
                Edit::Ignored => return Step::Pass(Overlay::Fields(self)),
            },
        }
        let shown: Vec<usize> = self.rows.iter().filter(|r| r.1).map(|r| r.0).collect();
        if let Some(grid) = app.hunt.grid_mut()
            && grid.columns != shown
        {
            grid.choose(shown);
        }
        Step::Stay(Overlay::Fields(self))
    }

    pub fn paste(mut self, text: &Text) -> Step {
        self.line.insert(text.txt().exact());
        self.narrow();
        Step::Stay(Overlay::Fields(self))
    }

    /// Moves the column under the cursor up or down.
    fn carry(&mut self, by: isize) {
        let to = self.cursor.saturating_add_signed(by);
        if let (Some(a), Some(b)) = (self.here(), self.order.get(to).copied())
            && a != b
        {
            self.rows.swap(a, b);
            self.cursor = to;
        }
    }

    /// Names of the columns that are shown, or of those that are not.
    fn named(&self, shown: bool) -> Vec<String> {
        let rows = self.rows.iter().filter(|r| r.1 == shown);
        rows.filter_map(|(c, _)| self.names.get(*c).cloned())
            .filter(|n| hunt_fields::can_stand(n))
            .collect()
    }
}

/// Writes the fields into the text of the query, which is kept with it.
fn keep_for_query(app: &mut App, ignore: bool, names: Vec<String>, fx: &mut Vec<Effect>) -> Step {
    let query = app.hunt.query();
    let text = query.editor.text();
    let Some((block, _)) = query.known.at(text, query.editor.cursor()) else {
        app.toasts.push(
            app.now,
            Level::Warn,
            "there is no query at the cursor of the text".into(),
        );
        return Step::Close;
    };
    let old = text.get(block.clone()).unwrap_or_default();
    let new = hunt_fields::with(old, ignore, &names);
    if new != old {
        let at = block.start + new.len();
        app.edit(|e| e.replace(block, &new, at), fx);
    }
    let word = if ignore { "ignored" } else { "summary" };
    let n = names.len();
    let text = format!("{n} {word} fields stand in the query's text now");
    app.toasts.push(app.now, Level::Good, text);
    Step::Close
}

/// Keeps the fields for all queries.
fn keep_for_all(app: &mut App, key: &'static str, names: Vec<String>, fx: &mut Vec<Effect>) {
    let Some(row) = settings::row(key) else {
        return;
    };
    let value = names.iter().cloned().map(toml::Value::String).collect();
    app.set(row, toml::Value::Array(value), fx);
    let text = format!("{} fields: {}", key.replace("-fields", ""), names.len());
    app.toasts.push(app.now, Level::Good, text);
}

/// What is wrong with fields that were set for all queries: a sentence each.
pub fn flag(app: &mut App, key: &str) {
    let (word, names) = match key {
        "summary-fields" => ("summary", app.settings.summary_fields.clone()),
        "ignore-fields" => ("ignore", app.settings.ignore_fields.clone()),
        _ => return,
    };
    for text in hunt_fields::strangers(word, &names) {
        app.toasts
            .push(app.now, Level::Warn, Txt::new(&text).shown().into_owned());
    }
}
