//! The hunt pane: writing queries and running them. What comes back is `results`.

use super::{Action, Place, ROW};
use crate::app::App;
use crate::app::hunt::{Focus, local, running};
use crate::msg::{Effect, Slot};

#[rustfmt::skip]
pub static ROWS: &[Action] = &[
    Action { name: "hunt", keys: &["5"], help: "tab of hunting queries", run: |a, fx| a.to_hunt(fx), ..ROW },
    Action { name: "tab 5", keys: &["Alt-5"], help: "hunt, also while typing", place: Place::Typing, run: |a, fx| a.to_hunt(fx), ..ROW },
    Action { name: "run", keys: &["F5", "Ctrl-Enter", "Alt-Enter"], help: "run the query at the cursor, or what is marked", place: Place::Hunt, foot: "run", run: running::run, ..ROW },
    Action { name: "stop waiting", keys: &["Ctrl-c"], help: "stop waiting for the running query", place: Place::Hunt, able: |a| if a.hunt.query().running.is_some() || local::busy(a) { Ok(()) } else { Err("nothing is running".into()) }, run: |a, fx| if !local::stop(a, fx) { running::cancel(a, fx); }, ..ROW },
    Action { name: "other part", keys: &["F6"], help: "from the text to the result and back", place: Place::Hunt, foot: "result", run: |a, fx| other(a, fx), ..ROW },
    Action { name: "new query", keys: &["Ctrl-t"], help: "a further query tab", place: Place::Hunt, run: |a, fx| { let done = a.hunt.open(""); changed(a, done, fx); }, ..ROW },
    Action { name: "close query", keys: &["Alt-w"], help: "close this query tab; its text can be had again", place: Place::Hunt, run: |a, fx| { let id = a.hunt.close(); a.tickets.close(&Slot::Hunt(id)); fx.push(Effect::Drop(Slot::Hunt(id))); changed(a, Ok(()), fx); }, ..ROW },
    Action { name: "reopen query", keys: &["Alt-W"], help: "open the query tab again that was closed last", place: Place::Hunt, run: |a, fx| { let done = if a.hunt.reopen() { Ok(()) } else { Err("no query was closed".into()) }; changed(a, done, fx); }, ..ROW },
    Action { name: "next query", keys: &["Ctrl-PgDn", "Alt-."], help: "the next query tab", place: Place::Hunt, run: |a, fx| { a.hunt.turn(1); a.hunted(fx); }, ..ROW },
    Action { name: "previous query", keys: &["Ctrl-PgUp", "Alt-,"], help: "the previous query tab", place: Place::Hunt, run: |a, fx| { a.hunt.turn(-1); a.hunted(fx); }, ..ROW },
    Action { name: "complete", keys: &["Ctrl-Space"], help: "what can stand at the cursor", place: Place::Editor, foot: "complete", run: |a, _| a.complete(), ..ROW },
    Action { name: "undo edit", keys: &["Ctrl-z", "Ctrl-_"], help: "take back the last edit", place: Place::Editor, run: |a, fx| a.edit(|e| { e.undo(); }, fx), ..ROW },
    Action { name: "redo edit", keys: &["Ctrl-r"], help: "do the edit again", place: Place::Editor, run: |a, fx| a.edit(|e| { e.redo(); }, fx), ..ROW },
    Action { name: "toggle comment", keys: &["Alt-c"], help: "make the marked lines comments, or text again", place: Place::Editor, run: |a, fx| a.edit(|e| e.toggle_comment(), fx), ..ROW },
    Action { name: "format", keys: &["Alt-F"], help: "write the query in its tidy form", place: Place::Editor, run: |a, fx| format(a, fx), ..ROW },
    Action { name: "leave editor", keys: &["Esc"], help: "from the text to the result", place: Place::Editor, foot: "leave", run: |a, fx| leave(a, fx), ..ROW },
];

fn changed(app: &mut App, done: Result<(), String>, fx: &mut Vec<Effect>) {
    if let Err(why) = done {
        app.toasts.push(app.now, crate::msg::Level::Warn, why);
    }
    app.hunted(fx);
    app.keep_drafts(fx);
}

fn other(app: &mut App, fx: &mut Vec<Effect>) {
    app.hunt.popup = None;
    app.hunt.focus = match app.hunt.focus {
        Focus::Editor => Focus::Results,
        Focus::Results => Focus::Editor,
    };
    app.hunted(fx);
}

/// One level a press: the mark first, then the text is left.
fn leave(app: &mut App, fx: &mut Vec<Effect>) {
    let editor = &mut app.hunt.query_mut().editor;
    if editor.selection().is_some() {
        editor.unselect();
    } else {
        other(app, fx);
    }
}

fn format(app: &mut App, fx: &mut Vec<Effect>) {
    let query = app.hunt.query();
    let Some((block, _)) = query.known.at(query.editor.text(), query.editor.cursor()) else {
        return;
    };
    let tidy = kql::service::format::format(&query.editor.text()[block.clone()]);
    let tidy = tidy.trim_end().to_owned();
    let at = block.start + tidy.len();
    app.edit(|e| e.replace(block, &tidy, at), fx);
}
