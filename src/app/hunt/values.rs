//! Values that a filter over a result can be completed with: those that the column holds, the most frequent first. In a large
//! result they are counted by a job.

use super::bar::{Bar, Choice, OFFERS};
use super::{grid, local};
use crate::app::App;
use crate::app::overlay::Overlay;
use crate::msg::Effect;
use crate::resource::filter::open;
use crate::resource::hunt_cell;
use crate::resource::hunt_work::Work;
use crate::resource::hunt_work::figures::{Figures, FiguresOf, cell};
use std::sync::Arc;
use table::{Cancel, Value};

/// Which part of a tab's work this is.
pub const PART: &str = "values";
/// Rows that are counted in the key's own time.
const SOON: u32 = 2_000;
/// Longer ones are nothing to choose from.
const LONGEST: usize = 200;
/// Cells of a label.
const LABEL: usize = 60;

/// The values of a column of the rows in front.
#[derive(Debug)]
pub struct Held {
    col: usize,
    /// None: they are being counted.
    figures: Option<Arc<Figures>>,
    cancel: Cancel,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Offers values where one is being written; false: none is.
pub fn offer(bar: &mut Bar, app: &mut App, fx: &mut Vec<Effect>) -> bool {
    let Some(grid) = app.hunt.grid() else {
        return false;
    };
    let (text, cursor) = (bar.line.text(), bar.line.cursor());
    let Some(begun) = open::value_at(text, cursor, grid.table.schema()) else {
        return false;
    };
    if bar.held.as_ref().is_none_or(|h| h.col != begun.col) {
        let cancel = Cancel::new();
        let job = FiguresOf {
            table: grid.table.clone(),
            rows: grid.table.all(),
            col: begun.col,
            cancel: cancel.clone(),
        };
        let soon = grid.table.rows() <= SOON;
        bar.held = Some(Held {
            col: begun.col,
            figures: soon.then(|| job.run().map(Arc::new)).flatten(),
            cancel,
        });
        if !soon {
            local::ask(app, PART, Work::Figures(job), fx);
        }
    }
    bar.items.clear();
    let figures = bar.held.as_ref().and_then(|h| h.figures.clone());
    match figures {
        Some(figures) => {
            bar.say = None;
            bar.items = choices(&figures, &begun);
        }
        None => bar.say = Some((false, "the values of the column are being counted …".into())),
    }
    true
}

/// The values that have what was typed; those that begin with it before the others.
fn choices(figures: &Figures, begun: &open::Begun) -> Vec<Choice> {
    let typed = begun.word.to_lowercase();
    let mut all: Vec<(bool, Choice)> = Vec::new();
    for (value, times) in &figures.values {
        let Ok(insert) = grid::value_word(cell(value)) else {
            continue;
        };
        let plain = match value {
            Value::Text(t) if !t.is_empty() => t.txt().exact(),
            _ => &insert,
        };
        if insert.len() > LONGEST {
            continue;
        }
        let lower = plain.to_lowercase();
        if !lower.contains(&typed) {
            continue;
        }
        let mut label = String::new();
        hunt_cell::fit(&mut label, cell(value), LABEL);
        if label.is_empty() {
            label.clone_from(&insert);
        }
        let rows = if *times == 1 { "row" } else { "rows" };
        let choice = Choice {
            label,
            detail: format!("{times} {rows}"),
            insert,
            span: begun.span.clone(),
        };
        all.push((!lower.starts_with(&typed), choice));
    }
    // stable: the most frequent stay first
    all.sort_by_key(|(within, _)| *within);
    all.into_iter().map(|(_, c)| c).take(OFFERS).collect()
}

/// The values were counted: an open line offers them, where one is still being written.
pub fn arrived(app: &mut App, figures: &Arc<Figures>) {
    let schema = app.hunt.grid().map(|g| g.table.schema().clone());
    for overlay in &mut app.overlays {
        let Overlay::Bar(bar) = overlay else { continue };
        let Some(held) = bar.held.as_mut().filter(|h| h.col == figures.col) else {
            continue;
        };
        held.figures = Some(figures.clone());
        bar.say = None;
        let (text, cursor) = (bar.line.text(), bar.line.cursor());
        let begun = schema
            .as_ref()
            .and_then(|s| open::value_at(text, cursor, s));
        if let Some(begun) = begun.filter(|b| b.col == figures.col) {
            bar.items = choices(figures, &begun);
            bar.at = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{events, filled, hunted, press, work};

    fn pane(rows: usize) -> App {
        let mut app = filled(100, 30);
        hunted(&mut app, "DeviceEvents", &events(rows), None);
        press(&mut app, "F6");
        app
    }

    fn offered(app: &App) -> Vec<String> {
        match app.overlays.last() {
            Some(Overlay::Bar(bar)) => bar.items.iter().map(|c| c.label.clone()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_values_of_the_column_complete_its_filter_and_typing_narrows_them() {
        let mut app = pane(50);
        let fx = press(&mut app, "/ 'ActionType=' Tab");
        work(&mut app, fx);
        assert_eq!(offered(&app).len(), 3, "{:?}", offered(&app));
        let fx = press(&mut app, "'logon'");
        work(&mut app, fx);
        assert_eq!(offered(&app), ["LogonFailed"]);
        let fx = press(&mut app, "Tab Enter");
        work(&mut app, fx);
        let grid = app.hunt.grid().unwrap();
        assert_eq!(grid.filter, "ActionType=\"LogonFailed\"");
        assert_eq!(grid.rows.len(), 16);
    }

    #[test]
    fn a_large_result_is_counted_by_a_job_whose_answer_may_come_too_late() {
        let mut app = pane(3_000);
        let fx = press(&mut app, "/ 'DeviceName:wks' Tab");
        assert!(offered(&app).is_empty());
        let counts =
            |e: &Effect| matches!(e, Effect::Work(_, job) if matches!(**job, Work::Figures(_)));
        assert!(fx.iter().any(counts));
        work(&mut app, fx);
        assert_eq!(offered(&app).len(), 5, "{:?}", offered(&app));
        // the line is gone when the answer comes
        let mut app = pane(3_000);
        let fx = press(&mut app, "/ 'DeviceName:wks' Tab Esc");
        work(&mut app, fx);
        assert!(app.overlays.is_empty());
    }

    #[test]
    fn hostile_and_missing_values_are_offered_in_words_that_stand_still() {
        let mut app = pane(50);
        let fx = press(&mut app, "/ 'Note=' Tab");
        work(&mut app, fx);
        assert!(
            offered(&app).iter().any(|v| v == "none"),
            "{:?}",
            offered(&app)
        );
        assert!(
            offered(&app)
                .iter()
                .all(|v| !v.chars().any(|c| c.is_control() || c == '\u{202e}'))
        );
        let fx = press(&mut app, "'gnp' Tab Enter");
        work(&mut app, fx);
        // the exact value is meant, whatever is shown for it
        assert_eq!(app.hunt.grid().unwrap().rows.len(), 12);
    }
}
