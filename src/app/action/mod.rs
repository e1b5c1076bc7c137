//! Everything a key can do that writes nothing: one row each. Keymap, palette, help, footer and README read the same rows.
//!
//! A further family is a file with a slice, and a line in `ALL`.

pub mod editor;
pub mod going;
pub mod hunting;
pub mod library;
pub mod list;
pub mod moving;
pub mod program;
pub mod results;
pub mod running;

use super::App;
use crate::model::Kind;
use crate::msg::Effect;

/// An action of the interface.
pub struct Action {
    /// Unique, plain: the palette's and keymap's name.
    pub name: &'static str,
    /// Default keys, in `keys` text form; the first is the one shown.
    pub keys: &'static [&'static str],
    /// One line for help and palette.
    pub help: &'static str,
    /// Where it is live.
    pub place: Place,
    /// The word beside its key in the footer; empty = not there.
    pub foot: &'static str,
    /// Its letter in the actions menu, and the kinds whose menu it is in.
    pub menu: Option<(char, &'static [Kind])>,
    /// Why it cannot be had now; greyed with this reason.
    pub able: fn(&App) -> Result<(), String>,
    pub run: fn(&mut App, &mut Vec<Effect>),
}

/// Where an action is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Everywhere, also while text is typed.
    Typing,
    /// In lists and details.
    Program,
    List,
    Detail,
    /// In the hunt pane, text and result alike.
    Hunt,
    /// In the text of a query, where letters are text.
    Editor,
    /// In the result of a query.
    Results,
}

impl Place {
    /// Whether something of this place is live for a person who stands at `here`.
    pub fn holds(self, here: Place) -> bool {
        match self {
            Place::Typing => true,
            Place::Program => !matches!(here, Place::Typing | Place::Editor),
            Place::Hunt => matches!(here, Place::Editor | Place::Results),
            Place::List | Place::Detail | Place::Editor | Place::Results => here == self,
        }
    }

    /// The heading in help.
    pub fn title(self) -> &'static str {
        match self {
            Place::Typing => "Everywhere, also while typing",
            Place::Program => "Everywhere",
            Place::List => "In the list",
            Place::Detail => "In the detail",
            Place::Hunt => "In the hunt pane",
            Place::Editor => "In a query's text",
            Place::Results => "In a result",
        }
    }
}

/// What most rows share.
pub const ROW: Action = Action {
    name: "",
    keys: &[],
    help: "",
    place: Place::Program,
    foot: "",
    menu: None,
    able: |_| Ok(()),
    run: |_, _| {},
};

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Action({})", self.name)
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Every family of actions, in the order of help.
pub static ALL: &[&[Action]] = &[
    hunting::ROWS,
    running::ROWS,
    editor::ROWS,
    results::ROWS,
    library::ROWS,
    moving::ROWS,
    going::ROWS,
    list::ROWS,
    program::ROWS,
];

/// All rows.
pub fn all() -> impl Iterator<Item = &'static Action> {
    ALL.iter().copied().flatten()
}

/// The action of this name.
pub fn named(name: &str) -> Option<&'static Action> {
    all().find(|a| a.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keys;

    #[test]
    fn every_row_has_a_name_of_its_own_a_sentence_and_keys_that_can_be_read() {
        let mut names: Vec<&str> = all()
            .map(|a| a.name)
            .chain(crate::verb::all().map(|v| v.name))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "a name is used twice");
        for action in all() {
            assert!(
                !action.name.is_empty() && !action.help.is_empty(),
                "{action:?}"
            );
            for text in action.keys {
                assert_eq!(
                    keys::print(&keys::parse(text).unwrap()),
                    *text,
                    "{action:?}"
                );
            }
        }
    }
}
