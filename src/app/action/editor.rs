//! What a query's text can do beside typing: looking for words, explaining names, going elsewhere.

use super::{Action, Place, ROW};

#[rustfmt::skip]
pub static ROWS: &[Action] = &[
    Action { name: "find in text", keys: &["Ctrl-f"], help: "look for words in the query's text; Tab replaces them", place: Place::Editor, run: |a, _| a.find_in_text(false), ..ROW },
    Action { name: "replace in text", keys: &["Alt-r"], help: "put other words in their place: Enter one, Alt-a all", place: Place::Editor, run: |a, _| a.find_in_text(true), ..ROW },
    Action { name: "find next", keys: &["F3"], help: "the next place of these words", place: Place::Editor, run: |a, fx| a.find_again(true, fx), ..ROW },
    Action { name: "find previous", keys: &["Shift-F3"], help: "the place of these words before", place: Place::Editor, run: |a, fx| a.find_again(false, fx), ..ROW },
    Action { name: "explain", keys: &["Alt-h"], help: "what the name at the cursor is, or the call around it", place: Place::Editor, foot: "explain", run: |a, fx| a.explain(fx), ..ROW },
    Action { name: "matching bracket", keys: &["Alt-m"], help: "to the bracket that belongs to this one", place: Place::Editor, run: |a, fx| a.meet_bracket(fx), ..ROW },
    Action { name: "edit elsewhere", keys: &["Alt-v"], help: "this tab's text in your own editor ($VISUAL, $EDITOR)", place: Place::Editor, run: |a, fx| a.edit_elsewhere(fx), ..ROW },
];
