//! Where I was: back and forward over places, a place being an entity's detail or a list.

use super::App;
use super::detail;
use crate::model::{Key, Kind};
use crate::msg::Effect;

/// Places remembered.
const MOST: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    List(Kind),
    Detail(Key),
}

/// The history, like a browser's: going somewhere new forgets what lay ahead.
#[derive(Debug, Default)]
pub struct Places {
    back: Vec<Spot>,
    ahead: Vec<Spot>,
}

impl Places {
    /// Remembers where the person was before going elsewhere.
    pub fn leave(&mut self, here: Spot) {
        self.ahead.clear();
        if self.back.last() != Some(&here) {
            self.back.push(here);
        }
        if self.back.len() > MOST {
            self.back.remove(0);
        }
    }

    pub fn can_go(&self, forward: bool) -> bool {
        !(if forward { &self.ahead } else { &self.back }).is_empty()
    }
}

impl App {
    /// Where the person stands.
    pub fn spot(&self) -> Spot {
        match &self.pane().detail {
            Some(d) if self.pane().in_detail => Spot::Detail(d.key.clone()),
            _ => Spot::List(self.pane().spec.kind),
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
        Spot::List(kind) => {
            if let Some(index) = app.panes.iter().position(|p| p.spec.kind == kind) {
                app.tab(index, fx);
                app.pane_mut().in_detail = false;
                if app.layout().list.width == 0 {
                    detail::close(app, fx);
                }
            }
        }
        Spot::Detail(key) => detail::show_in_tab(app, key, fx),
    }
}
