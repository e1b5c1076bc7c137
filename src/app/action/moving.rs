//! Moving about: rows, pages, ends, sideways, opening and going back. The same keys in list and detail.

use super::{Action, Place, ROW, results};
use crate::app::filter::Filter;
use crate::app::hunt::record;
use crate::app::{App, detail};
use crate::msg::Effect;

/// A move within whatever has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// That many rows; negative is up.
    Rows(isize),
    Pages(isize),
    Halves(isize),
    First,
    Last,
    Left,
    Right,
}

impl Move {
    /// The place after the move among `len` rows of which `height` are in sight. Sideways moves stay.
    pub fn apply(self, at: usize, len: usize, height: usize) -> usize {
        let height = height.max(1) as isize;
        let to = match self {
            Move::Rows(n) => at.saturating_add_signed(n),
            // a row stays in sight, so that the eye finds its place again
            Move::Pages(n) => at.saturating_add_signed(n * (height - 1).max(1)),
            Move::Halves(n) => at.saturating_add_signed(n * (height / 2).max(1)),
            Move::First => 0,
            Move::Last => usize::MAX,
            Move::Left | Move::Right => at,
        };
        to.min(len.saturating_sub(1))
    }
}

#[rustfmt::skip]
pub static ROWS: &[Action] = &[
    Action { name: "down", keys: &["j", "Down"], help: "next row", run: |a, fx| go(a, Move::Rows(1), fx), ..ROW },
    Action { name: "up", keys: &["k", "Up"], help: "row before", run: |a, fx| go(a, Move::Rows(-1), fx), ..ROW },
    Action { name: "page down", keys: &["PgDn", "Ctrl-f"], help: "a page down", run: |a, fx| go(a, Move::Pages(1), fx), ..ROW },
    Action { name: "page up", keys: &["PgUp"], help: "a page up", run: |a, fx| go(a, Move::Pages(-1), fx), ..ROW },
    Action { name: "half page down", keys: &["Ctrl-d"], help: "half a page down", run: |a, fx| go(a, Move::Halves(1), fx), ..ROW },
    Action { name: "half page up", keys: &["Ctrl-u"], help: "half a page up", run: |a, fx| go(a, Move::Halves(-1), fx), ..ROW },
    Action { name: "first", keys: &["g g", "Home"], help: "first row", run: |a, fx| go(a, Move::First, fx), ..ROW },
    Action { name: "last", keys: &["G", "End"], help: "last row", run: |a, fx| go(a, Move::Last, fx), ..ROW },
    Action { name: "left", keys: &["h", "Left"], help: "columns to the left; folds a group", run: |a, fx| go(a, Move::Left, fx), ..ROW },
    Action { name: "right", keys: &["l", "Right"], help: "columns to the right; unfolds a group", run: |a, fx| go(a, Move::Right, fx), ..ROW },
    Action { name: "open", keys: &["Enter"], help: "open what is under the cursor", foot: "open", able: |a| if a.hunting { results::a_row(a) } else { Ok(()) }, run: open, ..ROW },
    Action { name: "back", keys: &["Esc"], help: "one level back; never quits", run: back, ..ROW },
    Action {
        name: "other side",
        keys: &["Tab", "Shift-Tab"],
        help: "focus between list and detail",
        able: |a| if a.pane().detail.is_some() { in_a_list(a) } else { Err("no detail is open".into()) },
        run: |a, _| detail::other_side(a),
        ..ROW
    },
    Action { name: "next match", keys: &["n"], help: "next row that the last filter finds", run: |a, fx| seek(a, true, fx), ..ROW },
    Action { name: "previous match", keys: &["N"], help: "row before that the last filter finds", run: |a, fx| seek(a, false, fx), ..ROW },
];

fn in_a_list(app: &App) -> Result<(), String> {
    if app.hunting {
        Err("for lists only".into())
    } else {
        Ok(())
    }
}

pub fn go(app: &mut App, to: Move, fx: &mut Vec<Effect>) {
    if app.hunting {
        return app.move_in_result(to);
    }
    if app.here() == Place::Detail {
        match to {
            Move::Left | Move::Right => detail::turn(app, to == Move::Right, fx),
            _ => detail::moved(app, to, fx),
        }
        return;
    }
    let height = app.list_height();
    app.pane_mut().moved(to, height);
}

pub fn open(app: &mut App, fx: &mut Vec<Effect>) {
    if app.hunting {
        return record::open(app);
    }
    if app.here() == Place::Detail {
        return detail::enter(app, fx);
    }
    if let Some(key) = app.pane().key() {
        app.places.leave(app.spot());
        if let Some(target) = crate::app::deeds::target(app, &key) {
            return detail::open_in_tab(app, target, fx);
        }
        detail::open(app, key, true, fx);
    }
}

/// Esc: one level a press. What the detail holds, the detail, news that stay, the filter's text.
pub fn back(app: &mut App, fx: &mut Vec<Effect>) {
    if app.hunting {
        return app.back_to_text(fx);
    }
    if app.here() == Place::Detail && detail::back(app, fx) {
        return;
    }
    if app.pane().detail.is_some() {
        return detail::close(app, fx);
    }
    if app.toasts.seen() {
        return;
    }
    if !app.pane().filter.is_empty() {
        let kind = app.pane().spec.kind;
        app.set_filter(kind, "", fx);
        return;
    }
    app.pane_mut().marks.clear();
}

/// `n` and `N`: the next row that the filter finds, or the one that was in force last.
fn seek(app: &mut App, forward: bool, fx: &mut Vec<Effect>) {
    if app.here() == Place::Detail {
        return detail::seek(app, forward, fx);
    }
    if app.hunting {
        return results::seek(app, forward);
    }
    if !app.pane().filter.is_empty() || app.pane().last_filter.is_empty() {
        return go(app, Move::Rows(if forward { 1 } else { -1 }), fx);
    }
    let height = app.list_height();
    let (now, env) = (app.now, app.env(app.pane().spec.kind));
    let pane = app.pane_mut();
    let last = Filter::read(pane.spec, &pane.last_filter, &env);
    let finds = |at: &usize| {
        pane.shown
            .row(*at)
            .is_some_and(|r| last.predicate.truth(pane.rows.table(), r) == table::Truth::Yes)
    };
    let len = pane.shown.len();
    let place = if forward {
        (pane.cursor + 1..len).find(finds)
    } else {
        (0..pane.cursor.min(len)).rev().find(finds)
    };
    match place {
        Some(place) => pane.move_to(place, height),
        None => {
            let text = format!(
                "{} {}",
                if forward {
                    "no further row for"
                } else {
                    "no earlier row for"
                },
                table::Txt::new(&pane.last_filter).shown()
            );
            app.toasts.push(now, crate::msg::Level::Info, text);
        }
    }
}
