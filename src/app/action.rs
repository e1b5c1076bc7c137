//! Everything a key can do that writes nothing: one row each. Keymap, palette, help and README read the same rows.

use super::App;
use crate::msg::Effect;

/// An action of the interface.
pub struct Action {
    /// Unique, plain: the palette's and keymap's name.
    pub name: &'static str,
    /// Default keys.
    pub keys: &'static [&'static str],
    pub help: &'static str,
    pub run: fn(&mut App, &mut Vec<Effect>),
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Action({})", self.name)
    }
}

pub static ALL: &[Action] = &[
    Action {
        name: "down",
        keys: &["j", "Down"],
        help: "next row",
        run: |a, _| step(a, 1),
    },
    Action {
        name: "up",
        keys: &["k", "Up"],
        help: "row before",
        run: |a, _| step(a, -1),
    },
    Action {
        name: "page down",
        keys: &["PgDn", "Ctrl-f"],
        help: "a page down",
        run: |a, _| step(a, a.layout().list_rows() as isize),
    },
    Action {
        name: "page up",
        keys: &["PgUp"],
        help: "a page up",
        run: |a, _| step(a, -(a.layout().list_rows() as isize)),
    },
    Action {
        name: "first",
        keys: &["g g", "Home"],
        help: "first row",
        run: |a, _| to(a, 0),
    },
    Action {
        name: "last",
        keys: &["G", "End"],
        help: "last row",
        run: |a, _| to(a, usize::MAX),
    },
    Action {
        name: "incidents",
        keys: &["1", "Alt-1"],
        help: "incidents",
        run: |a, fx| tab(a, 0, fx),
    },
    Action {
        name: "alerts",
        keys: &["2", "Alt-2"],
        help: "alerts",
        run: |a, fx| tab(a, 1, fx),
    },
    Action {
        name: "devices",
        keys: &["3", "Alt-3"],
        help: "devices",
        run: |a, fx| tab(a, 2, fx),
    },
    Action {
        name: "users",
        keys: &["4", "Alt-4"],
        help: "users",
        run: |a, fx| tab(a, 3, fx),
    },
    Action {
        name: "quit",
        keys: &["q"],
        help: "quit",
        run: |_, fx| fx.push(Effect::Quit),
    },
    Action {
        name: "suspend",
        keys: &["Ctrl-z"],
        help: "suspend to the shell",
        run: |_, fx| fx.push(Effect::Suspend),
    },
];

fn step(app: &mut App, by: isize) {
    let rows = app.layout().list_rows();
    app.pane_mut().move_by(by, rows);
}

fn to(app: &mut App, place: usize) {
    let rows = app.layout().list_rows();
    app.pane_mut().move_to(place, rows);
}

fn tab(app: &mut App, index: usize, fx: &mut Vec<Effect>) {
    if index < app.panes.len() {
        app.active = index;
        let kind = app.pane().spec.kind;
        app.sync(kind, fx);
    }
}
