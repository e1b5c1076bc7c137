//! Where I was: back and forward over places, a place being an entity's detail or a list, with the cursor in it.

use super::App;
use super::detail;
use crate::model::{Key, Kind};
use crate::msg::Effect;
use table::Text;

/// Places remembered.
const MOST: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    List {
        kind: Kind,
        /// The row under its cursor.
        at: Option<Text>,
    },
    Detail {
        key: Key,
        section: usize,
        line: usize,
        /// It was reached by a link, and Esc goes on the way back.
        linked: bool,
    },
}

impl Spot {
    /// The same list or entity, wherever the cursor is in it.
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List { kind: a, .. }, Self::List { kind: b, .. }) => a == b,
            (Self::Detail { key: a, .. }, Self::Detail { key: b, .. }) => a == b,
            _ => false,
        }
    }
}

/// The history, like a browser's: going somewhere new forgets what lay ahead.
#[derive(Debug, Default)]
pub struct Places {
    back: Vec<Spot>,
    ahead: Vec<Spot>,
    /// A `g` that waits for an answer.
    pub going: Option<super::go::Going>,
    /// A copy that waits for an answer.
    pub copying: Option<(Key, super::copy::What)>,
}

impl Places {
    /// Remembers where the person was before going elsewhere.
    pub fn leave(&mut self, here: Spot) {
        self.ahead.clear();
        if self.back.last().is_some_and(|last| last.same(&here)) {
            self.back.pop();
        }
        self.back.push(here);
        if self.back.len() > MOST {
            self.back.remove(0);
        }
    }

    pub fn can_go(&self, forward: bool) -> bool {
        !(if forward { &self.ahead } else { &self.back }).is_empty()
    }
}

impl App {
    /// Brings the list of a kind to the front.
    pub fn to_kind(&mut self, kind: Kind, fx: &mut Vec<Effect>) {
        if let Some(index) = self.panes.iter().position(|p| p.spec.kind == kind) {
            self.tab(index, fx);
        }
    }

    /// Where the person stands.
    pub fn spot(&self) -> Spot {
        let pane = self.pane();
        match &pane.detail {
            Some(d) if pane.in_detail => Spot::Detail {
                key: d.key.clone(),
                section: d.section,
                line: d.at.line,
                linked: d.linked,
            },
            _ => Spot::List {
                kind: pane.spec.kind,
                at: pane.row().map(|r| pane.rows.key(r).to_text()),
            },
        }
    }
}

/// `[` and `]`.
pub fn go(app: &mut App, forward: bool, fx: &mut Vec<Effect>) {
    let here = app.spot();
    let (from, to) = if forward {
        (&mut app.places.ahead, &mut app.places.back)
    } else {
        (&mut app.places.back, &mut app.places.ahead)
    };
    let Some(spot) = from.pop() else { return };
    to.push(here);
    match spot {
        Spot::List { kind, at } => list(app, kind, at, fx),
        Spot::Detail {
            key,
            section,
            line,
            linked,
        } => detail::show_in_tab(app, key, section, line, linked, fx),
    }
}

/// A list as it was: without a detail that was opened from elsewhere, and with the cursor on its row.
fn list(app: &mut App, kind: Kind, at: Option<Text>, fx: &mut Vec<Effect>) {
    let Some(index) = app.panes.iter().position(|p| p.spec.kind == kind) else {
        return;
    };
    app.tab(index, fx);
    let linked = app.pane().detail.as_ref().is_some_and(|d| d.linked);
    let covers = app.size.0 < app.settings.side_by_side;
    if linked || covers {
        detail::close(app, fx);
    } else {
        app.pane_mut().in_detail = false;
        detail::resized(app);
    }
    let height = app.list_height();
    let pane = app.pane_mut();
    let row = at.and_then(|id| pane.rows.find(id.txt().exact()));
    if let Some(place) = row.and_then(|r| pane.shown.position_of(r)) {
        pane.move_to(place, height);
    }
}
