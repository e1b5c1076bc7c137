//! Kept hunts, the history of runs and the tables there are: lists to open from the hunt pane.
//!
//! `shelf` is the list with its preview, in three forms; `keep` saves, renames, deletes and imports; `runs` filters the
//! history; `schema` folds tables and columns. Files are read and written by `run::library`.

pub mod keep;
pub mod pivot;
pub mod reach;
pub mod runs;
pub mod schema;
pub mod shelf;

#[cfg(test)]
mod tests;

use super::App;
use super::hunt::Running;
use crate::model::saved::{Kept, Place, Ran, Saved};
use crate::model::{Fault, Ticks};
use crate::msg::{Effect, Level, Reply, Shelf as Wish, Shelved, Slot};
use crate::resource::library::{front, pack, touches};
use shelf::Shelf;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Runs held; the file keeps more than a screen asks for.
const RUNS: usize = 4_000;

/// What is known of hunts and runs.
#[derive(Debug, Default)]
pub struct Library {
    /// Hunts in folders.
    files: Vec<Kept>,
    /// Runs of this tenant, oldest first.
    pub runs: Vec<Ran>,
    /// Folders and history were told.
    pub told: (bool, bool),
    /// Query tabs and the hunts they were opened from.
    pub(super) links: BTreeMap<u64, Place>,
    /// What a question is about: a hunt to rename or delete, one to save.
    pub(super) about: Option<Place>,
    pub(super) saving: Option<(Box<Saved>, u64)>,
    /// The lines of the pivot menu, and when what it is about was active.
    pub(super) choices: (Vec<pivot::Choice>, Option<(Ticks, Ticks)>),
    /// The text that waits for an answer whether it may reach out.
    pub(super) asked: Option<(Arc<str>, super::hunt::running::Extent)>,
    /// Texts that may reach out of the tenant: the person said so.
    pub(super) allowed: BTreeSet<Arc<str>>,
}

impl Library {
    /// All hunts: those in folders, then those that came with the program and were not saved over.
    pub fn hunts(&self) -> Vec<&Kept> {
        let over = |name: &str| {
            self.files.iter().any(|k| match &k.place {
                Place::File { below, .. } => {
                    below.file_stem().is_some_and(|s| s == name)
                        && below.extension().is_some_and(|e| e == "kql")
                }
                Place::Pack(_) => false,
            })
        };
        let pack = pack::all().iter().filter(|k| match k.place {
            Place::Pack(name) => !over(name),
            Place::File { .. } => true,
        });
        self.files.iter().chain(pack).collect()
    }

    /// The hunt at a place.
    pub fn at(&self, place: &Place) -> Option<&Kept> {
        let all = self.files.iter().chain(pack::all());
        all.into_iter().find(|k| k.place == *place)
    }
}

/// The person's further folders.
fn folders(app: &App) -> Vec<PathBuf> {
    app.settings
        .hunt_folders
        .iter()
        .map(PathBuf::from)
        .collect()
}

/// Looks whether files changed; what did is told later.
pub fn look(app: &App, fx: &mut Vec<Effect>) {
    fx.push(Effect::Shelf(Wish::Read {
        folders: folders(app),
    }));
}

/// What the thread of the library tells.
pub fn told(app: &mut App, shelved: Shelved, fx: &mut Vec<Effect>) {
    match shelved {
        Shelved::Hunts(files) => {
            app.library.files = files;
            app.library.told.0 = true;
        }
        Shelved::History(runs) => {
            app.library.runs = runs;
            app.library.told.1 = true;
        }
        Shelved::Saved { place, tab } => {
            app.library.links.insert(tab, place);
        }
        Shelved::Exists { place, tab } => keep::exists(app, place, tab),
    }
    shelf::again(app);
    let _ = fx;
}

/// The last answer to a run came: what became of it goes into the history.
pub fn ended(app: &mut App, reply: &Reply, fx: &mut Vec<Effect>) {
    let Slot::Hunt(tab) = reply.ticket.slot else {
        return;
    };
    let query = app.hunt.tabs.iter().find(|q| q.id == tab);
    let Some(outcome) = query.and_then(|q| q.outcome.as_ref()) else {
        return;
    };
    if !reply.last || outcome.at != app.now.wall {
        return;
    }
    let end = match &outcome.result {
        Ok(grid) => {
            let partial = outcome.notes.iter().any(|n| n.starts_with("PARTIAL"));
            Ok((u64::from(grid.table.rows()), partial))
        }
        Err(fault) => Err(line_of(fault)),
    };
    let (text, took) = (outcome.text.clone(), outcome.took);
    let engine = outcome.engine.to_string();
    ran(app, &text, &engine, took, end, fx);
}

/// A run that nobody waits for any more is in the history too.
pub fn stopped(app: &mut App, running: &Running, fx: &mut Vec<Effect>) {
    let took = app.now.mono.saturating_sub(running.since);
    let end = Err(running.engine.on_cancel().to_owned());
    let engine = running.engine.to_string();
    ran(app, &running.text, &engine, took, end, fx);
}

/// A run came to its end: it goes into the history.
fn ran(
    app: &mut App,
    text: &Arc<str>,
    engine: &str,
    took: Duration,
    end: Result<(u64, bool), String>,
    fx: &mut Vec<Effect>,
) {
    let ran = Ran {
        at: Ticks(app.now.wall.0 - (took.as_nanos() / 100) as i64),
        text: text.clone(),
        engine: engine.to_owned(),
        ms: took.as_millis() as u64,
        rows: end.as_ref().ok().map(|(rows, _)| *rows),
        partial: end.as_ref().is_ok_and(|(_, partial)| *partial),
        error: end.err(),
        tables: touches::tables(text),
    };
    app.library.runs.push(ran.clone());
    let more = app.library.runs.len().saturating_sub(RUNS);
    app.library.runs.drain(..more);
    fx.push(Effect::Shelf(Wish::Ran(Box::new(ran))));
}

/// One line of a fault, for the history.
fn line_of(fault: &Fault) -> String {
    let text = fault.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(500).collect()
}

/// Opens a text in a query tab: in the one in front where that is empty, else in a further one.
pub fn open_text(app: &mut App, text: &str, place: Option<Place>, fx: &mut Vec<Effect>) {
    app.to_hunt(fx);
    let front = app.hunt.query();
    let empty =
        front.editor.text().trim().is_empty() && front.running.is_none() && front.outcome.is_none();
    if empty {
        let all = 0..app.hunt.query().editor.text().len();
        app.edit(|e| e.replace(all, text, 0), fx);
    } else if let Err(why) = app.hunt.open(text) {
        app.toasts.push(app.now, Level::Warn, why);
        return;
    }
    app.hunt.focus = super::hunt::Focus::Editor;
    let query = app.hunt.query_mut();
    query.editor.go_to(0, false);
    // values of what stood here before are not those of this text
    query.params.clear();
    let tab = app.hunt.query().id;
    match place {
        Some(place) => app.library.links.insert(tab, place),
        None => app.library.links.remove(&tab),
    };
    app.hunted(fx);
    app.keep_drafts(fx);
}

/// The text of a hunt as it stands in a tab: its title as a comment, which is also the tab's name, and the query.
pub fn in_tab(kept: &Kept) -> String {
    let text = &kept.saved.text;
    let mut title = String::new();
    table::Txt::new(&kept.saved.title).shown_fit(&mut title, 100);
    match text.starts_with("//") {
        true => text.clone(),
        false => format!("// {title}\n{text}"),
    }
}

/// A tab's text as a hunt to be kept: with the head of the hunt it was opened from, or a head of its own.
fn saved_of(app: &App, tab: u64, text: &str, title: &str) -> Saved {
    let before = app.library.links.get(&tab).and_then(|p| app.library.at(p));
    let (own, _) = front::read(text, title);
    let mut saved = match before {
        // a head that stands in the text itself is what the person wants
        Some(kept) if !text.trim_start().starts_with("// ---") => Saved {
            title: kept.saved.title.clone(),
            text: without_title(text, &in_tab(kept)).to_owned(),
            ..(*kept.saved).clone()
        },
        _ => own,
    };
    saved.tables = touches::tables(&saved.text);
    saved
}

/// A text without the comment that `in_tab` put before it.
fn without_title<'a>(text: &'a str, shown: &str) -> &'a str {
    let line = shown.lines().next().unwrap_or_default();
    match text.strip_prefix(line) {
        Some(rest) if line.starts_with("//") => rest.trim_start_matches(['\r', '\n']),
        _ => text,
    }
}

/// `Ctrl-o`: the kept hunts.
pub fn open_hunts(app: &mut App, fx: &mut Vec<Effect>) {
    look(app, fx);
    Shelf::open(app, shelf::What::Hunts);
}

/// `F7`: the runs of this tenant.
pub fn open_history(app: &mut App, fx: &mut Vec<Effect>) {
    fx.push(Effect::Shelf(Wish::History));
    Shelf::open(app, shelf::What::Runs);
}

/// `F4`: tables and columns.
pub fn open_schema(app: &mut App) {
    Shelf::open(app, shelf::What::Tables);
}
