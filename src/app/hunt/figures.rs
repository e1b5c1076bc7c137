//! A column in figures, open over the result: counts, least and most, quantiles, and how often each value occurs. Enter
//! shows the rows of a value.

use super::local;
use crate::app::App;
use crate::app::overlay::{Overlay, Step};
use crate::app::pick::{Go, movement};
use crate::msg::{Effect, KeyPress, Level, Slot};
use crate::resource::hunt_cell;
use crate::resource::hunt_work::Work;
use crate::resource::hunt_work::figures::{self, Figures, FiguresOf};
use crossterm::event::KeyCode;
use std::sync::Arc;
use table::{Cancel, Text, Txt, Value};

/// The box.
#[derive(Debug)]
pub struct Shown {
    pub name: String,
    /// None: they are being counted.
    pub figures: Option<Arc<Figures>>,
    pub cursor: usize,
    cancel: Cancel,
}

/// `F`: the column under the cursor, over the rows that are shown.
pub fn open(app: &mut App, fx: &mut Vec<Effect>) {
    let id = app.hunt.query().id;
    let Some(grid) = app.hunt.grid() else { return };
    let Some(col) = grid.column() else { return };
    let cancel = Cancel::new();
    let job = FiguresOf {
        table: grid.table.clone(),
        rows: grid.rows.clone(),
        col,
        cancel: cancel.clone(),
    };
    let shown = Shown {
        name: grid.name(col),
        figures: None,
        cursor: 0,
        cancel,
    };
    let ticket = app.tickets.issue(Slot::Work(id, "figures"));
    fx.push(Effect::Work(ticket, Box::new(Work::Figures(job))));
    app.push(Overlay::Figures(shown));
}

/// The job answered.
pub fn arrived(app: &mut App, figures: &Arc<Figures>) {
    for overlay in &mut app.overlays {
        if let Overlay::Figures(shown) = overlay {
            shown.figures = Some(figures.clone());
        }
    }
}

impl Shown {
    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let values = self.figures.as_ref().map_or(0, |f| f.values.len());
        let last = values.saturating_sub(1);
        match (press.key.code, movement(press.key, true)) {
            (_, Some(Go::By(n))) => self.cursor = self.cursor.saturating_add_signed(n).min(last),
            (_, Some(Go::To(n))) => self.cursor = n.min(last),
            (KeyCode::Char('j'), _) => self.cursor = (self.cursor + 1).min(last),
            (KeyCode::Char('k'), _) => self.cursor = self.cursor.saturating_sub(1),
            (KeyCode::Char('G'), _) => self.cursor = last,
            (KeyCode::Char('y'), _) => {
                if let Some(value) = self.value() {
                    let text = text(value);
                    fx.push(Effect::Copy {
                        what: "value",
                        text: Txt::new(&text).clipboard(),
                    });
                }
            }
            (KeyCode::Enter | KeyCode::Char('='), _) => return self.narrow(app, false, fx),
            (KeyCode::Char('!'), _) => return self.narrow(app, true, fx),
            (KeyCode::Esc | KeyCode::Char('q' | 'F'), _) => {
                self.cancel.cancel();
                return Step::Close;
            }
            _ => return Step::Pass(Overlay::Figures(self)),
        }
        Step::Stay(Overlay::Figures(self))
    }

    fn value(&self) -> Option<&Value> {
        let figures = self.figures.as_ref()?;
        figures.values.get(self.cursor).map(|(v, _)| v)
    }

    /// The filter goes on with this value.
    fn narrow(self, app: &mut App, without: bool, fx: &mut Vec<Effect>) -> Step {
        let (Some(value), Some(figures)) = (self.value(), &self.figures) else {
            return Step::Stay(Overlay::Figures(self));
        };
        let name = figures.name.clone();
        match term(&name, value, without) {
            Ok(term) => {
                narrow(app, &term, fx);
                Step::Close
            }
            Err(why) => {
                app.toasts.push(app.now, Level::Warn, why);
                Step::Stay(Overlay::Figures(self))
            }
        }
    }
}

/// A term about a value of a column.
fn term(name: &Text, value: &Value, without: bool) -> Result<String, String> {
    super::grid::term(name.txt().exact(), figures::cell(value), without)
}

/// Adds a term to the filter in force.
pub fn narrow(app: &mut App, term: &str, fx: &mut Vec<Effect>) {
    let now = app.now.wall;
    let job = app.hunt.grid_mut().map(|g| {
        let text = match g.filter.trim() {
            "" => term.to_owned(),
            before if before.split_whitespace().any(|t| t == term) => before.to_owned(),
            before => format!("{before} {term}"),
        };
        g.filter_by(&text, now)
    });
    local::arrange(app, job, fx);
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(t) => t.txt().exact().to_owned(),
        other => {
            let mut out = String::new();
            hunt_cell::fit(&mut out, figures::cell(other), 100);
            out
        }
    }
}
