//! Kept hunts on disk, and the history of runs: read, saved, renamed, deleted and imported by a thread. Nothing here runs
//! anything.
//!
//! A hunt is a `.kql` file under the own folder or one that the person named; folders within are followed, links and
//! hidden names are not. Folders are looked at again when a list of hunts opens, and told only where a file changed.

use super::history;
use crate::config::file;
use crate::jobs::Events;
use crate::model::saved::{Kept, Place, Ran, Saved};
use crate::msg::{Event, Level, News, Shelf, Shelved};
use crate::resource::library::{front, sentinel, touches};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::SystemTime;

/// Files taken at most, in all folders; folders within folders; bytes of one file.
const FILES: usize = 5_000;
const DEEP: usize = 6;
const LARGEST: u64 = 1 << 20;

/// Where hunts and the history of one tenant lie.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The own folder of hunts.
    pub own: PathBuf,
    /// The tenant's history.
    pub history: PathBuf,
}

/// The thread.
pub struct Librarian {
    to: Option<Sender<Shelf>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Librarian {
    pub fn new(folders: Folders, events: Events) -> Self {
        let (to, from) = channel::<Shelf>();
        let thread = std::thread::Builder::new()
            .name("library".into())
            .spawn(move || {
                let mut desk = Desk {
                    folders,
                    events,
                    seen: BTreeMap::new(),
                    told: false,
                };
                for wish in from {
                    desk.take(wish);
                }
            })
            .ok();
        Self {
            to: Some(to),
            thread,
        }
    }

    pub fn wish(&self, wish: Shelf) {
        if let Some(to) = &self.to {
            let _ = to.send(wish);
        }
    }
}

impl Drop for Librarian {
    /// Waits for what was still to be written.
    fn drop(&mut self) {
        self.to = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A file as it was when it was read.
type Stamp = (SystemTime, u64);

struct Desk {
    folders: Folders,
    events: Events,
    /// Files as they were read last.
    seen: BTreeMap<PathBuf, (Stamp, Kept)>,
    told: bool,
}

impl Desk {
    fn take(&mut self, wish: Shelf) {
        let done = match wish {
            Shelf::Read { folders } => {
                self.read(&folders);
                return;
            }
            Shelf::History => {
                let (runs, why) = history::read(&self.folders.history);
                if let Some(why) = why {
                    self.say(Level::Warn, why);
                }
                (self.events)(Event::Shelved(Shelved::History(runs)));
                return;
            }
            Shelf::Ran(ran) => {
                self.ran(&ran);
                return;
            }
            Shelf::Save {
                saved,
                place,
                tab,
                over,
            } => self.save(&saved, place, tab, over),
            Shelf::Rename { from, to } => self.rename(&from, &to),
            Shelf::Delete { place } => self.delete(&place),
            Shelf::Import { from } => full(&from).and_then(|from| self.import(&from)),
        };
        match done {
            Ok(Some(said)) => self.say(Level::Good, said),
            Ok(None) => {}
            Err(why) => self.say(Level::Error, why),
        }
    }

    fn say(&self, level: Level, text: String) {
        (self.events)(Event::News(News::Notice { level, text }));
    }

    fn ran(&mut self, ran: &Ran) {
        if let Err(why) = history::add(&self.folders.history, ran)
            && !std::mem::replace(&mut self.told, true)
        {
            self.say(
                Level::Warn,
                format!("the history of runs is not kept: {why}"),
            );
        }
    }

    /// Looks at all folders and tells what is there, if anything changed since it was told.
    fn read(&mut self, further: &[PathBuf]) {
        let further: Vec<PathBuf> = further
            .iter()
            .filter_map(|f| full(&f.to_string_lossy()).ok())
            .collect();
        let mut files: Vec<(PathBuf, PathBuf)> = Vec::new();
        let mut wrong = Vec::new();
        let own = self.folders.own.clone();
        for root in std::iter::once(&own).chain(&further) {
            match walk(root, Path::new(""), 0, &mut files) {
                Ok(()) => {}
                Err(e) if *root == own && e.kind() == std::io::ErrorKind::NotFound => {}
                Err(e) => wrong.push(format!("{}: {e}", root.display())),
            }
        }
        let more = files.len() > FILES;
        files.truncate(FILES);
        let mut now = BTreeMap::new();
        let mut changed = self.seen.len() != files.len();
        for (root, below) in files {
            let path = root.join(&below);
            let Some(stamp) = stamp(&path) else { continue };
            match self.seen.remove(&path) {
                Some((old, kept)) if old == stamp => {
                    now.insert(path, (stamp, kept));
                }
                _ => {
                    changed = true;
                    let kept = kept(&path, Place::File { root, below });
                    now.insert(path, (stamp, kept));
                }
            }
        }
        let first = self.seen.is_empty() && now.is_empty();
        self.seen = now;
        if changed || first {
            let hunts = self.seen.values().map(|(_, k)| k.clone()).collect();
            (self.events)(Event::Shelved(Shelved::Hunts(hunts)));
        }
        if more {
            wrong.push(format!(
                "more than {FILES} saved queries; the rest is left out"
            ));
        }
        for why in wrong {
            self.say(Level::Warn, format!("saved queries: {why}"));
        }
    }

    /// The files as they are now, told whatever was told before.
    fn again(&mut self) {
        let mut roots: Vec<PathBuf> = self
            .seen
            .values()
            .filter_map(|(_, k)| match &k.place {
                Place::File { root, .. } if *root != self.folders.own => Some(root.clone()),
                _ => None,
            })
            .collect();
        roots.sort();
        roots.dedup();
        self.read(&roots);
    }

    fn save(
        &mut self,
        saved: &Saved,
        place: Option<Place>,
        tab: u64,
        over: bool,
    ) -> Result<Option<String>, String> {
        let place = match place {
            Some(place @ Place::File { .. }) => place,
            // what came with the program is saved beside, under the same name, and stands above it
            Some(Place::Pack(name)) => self.own(name),
            None => self.own(&slug(&saved.title)),
        };
        let path = place.path().unwrap_or_default();
        if !over && path.exists() {
            (self.events)(Event::Shelved(Shelved::Exists { place, tab }));
            return Ok(None);
        }
        self.write(&path, &front::write(saved))?;
        (self.events)(Event::Shelved(Shelved::Saved {
            place: place.clone(),
            tab,
        }));
        self.again();
        Ok(Some(format!("saved as {}", path.display())))
    }

    fn own(&self, name: &str) -> Place {
        Place::File {
            root: self.folders.own.clone(),
            below: PathBuf::from(format!("{name}.kql")),
        }
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), String> {
        let done = match path.starts_with(&self.folders.own) {
            true => file::write_atomic(path, text.as_bytes()),
            // a folder that the person named keeps its own mode
            false => file::replace(path, text.as_bytes()),
        };
        done.map_err(|e| format!("{} was not written: {e}", path.display()))
    }

    fn rename(&mut self, from: &Place, to: &str) -> Result<Option<String>, String> {
        let (Some(old), Place::File { root, below }) = (from.path(), from) else {
            return Err("what came with the program keeps its name".to_owned());
        };
        let text = file::read(&old, LARGEST).map_err(|e| e.to_string())?;
        let (mut saved, _) = front::read(&text, to);
        saved.title = to.to_owned();
        let new = below.with_file_name(format!("{}.kql", slug(to)));
        let path = root.join(&new);
        if path != old && path.exists() {
            return Err(format!("{} is there already", path.display()));
        }
        self.write(&path, &front::write(&saved))?;
        if path != old {
            std::fs::remove_file(&old).map_err(|e| format!("{}: {e}", old.display()))?;
        }
        self.again();
        Ok(Some(format!("now {}", path.display())))
    }

    fn delete(&mut self, place: &Place) -> Result<Option<String>, String> {
        let Some(path) = place.path() else {
            return Err("what came with the program cannot be deleted".to_owned());
        };
        std::fs::remove_file(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        self.again();
        Ok(Some(format!("{} was deleted", path.display())))
    }

    /// Takes rules of Sentinel from a file, or from all YAML files of a folder, into the own folder. Files that are no
    /// rules are named with the line; none that is there already is overwritten.
    fn import(&mut self, from: &Path) -> Result<Option<String>, String> {
        let mut files = Vec::new();
        let meta = std::fs::metadata(from).map_err(|e| format!("{}: {e}", from.display()))?;
        if meta.is_dir() {
            yaml(from, 0, &mut files).map_err(|e| format!("{}: {e}", from.display()))?;
        } else {
            files.push(from.to_owned());
        }
        if files.is_empty() {
            return Err(format!("{} holds no YAML file", from.display()));
        }
        let (mut taken, mut there, mut bad) = (0, 0, Vec::new());
        for path in files.iter().take(FILES) {
            let read = imported(path);
            let saved = match read {
                Ok(saved) => saved,
                Err(why) => {
                    bad.push(format!("{}: {why}", path.display()));
                    continue;
                }
            };
            let place = self.own(&format!("imported/{}", slug(&saved.title)));
            let to = place.path().unwrap_or_default();
            if to.exists() {
                there += 1;
                continue;
            }
            self.write(&to, &front::write(&saved))?;
            taken += 1;
        }
        self.again();
        for why in bad.iter().take(5) {
            self.say(Level::Warn, why.clone());
        }
        let count = |n: usize, words: &str| match n {
            0 => String::new(),
            n => format!("; {n} {words}"),
        };
        Ok(Some(format!(
            "{taken} imported{}{}",
            count(there, "were there already"),
            count(bad.len(), "could not be read")
        )))
    }
}

/// A path as it was typed: whole, or under the home folder. Nothing is read from wherever the program was started.
fn full(path: &str) -> Result<PathBuf, String> {
    let path = path.trim();
    let home = |rest: &str| std::env::home_dir().map(|h| h.join(rest.trim_start_matches('/')));
    let path = match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => home(rest),
        _ => Some(PathBuf::from(path)),
    };
    path.filter(|p| p.is_absolute())
        .ok_or_else(|| "a whole path is wanted, from / or ~".to_owned())
}

/// A rule in a file. It may be anybody's: it is only read, never run, and links are not followed.
fn imported(path: &Path) -> Result<Saved, String> {
    let meta = std::fs::symlink_metadata(path).map_err(|e| e.to_string())?;
    if !meta.is_file() || meta.len() > sentinel::MOST as u64 {
        return Err("no file, or too large for a rule".to_owned());
    }
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let head = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let line = head.iter().filter(|b| **b == b'\n').count() + 1;
        format!("line {line}: this is no UTF-8")
    })?;
    sentinel::read(&text).map_err(|e| e.to_string())
}

fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::symlink_metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

fn kept(path: &Path, place: Place) -> Kept {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    match file::read(path, LARGEST) {
        Ok(text) => {
            let (saved, wrong) = front::read(&text, &name);
            Kept {
                reaches: touches::reaches(&saved.text),
                saved: Arc::new(saved),
                place,
                wrong: wrong.map(|w| w.to_string()),
            }
        }
        Err(e) => Kept {
            saved: Arc::new(Saved {
                title: name.into_owned(),
                ..Saved::default()
            }),
            place,
            reaches: Vec::new(),
            wrong: Some(e.to_string()),
        },
    }
}

/// The `.kql` files under a folder, as paths below it.
fn walk(
    root: &Path,
    below: &Path,
    deep: usize,
    out: &mut Vec<(PathBuf, PathBuf)>,
) -> std::io::Result<()> {
    for name in names(&root.join(below))? {
        let path = below.join(&name);
        // neither links nor pipes: what is not a plain file or folder is passed over
        let Ok(meta) = std::fs::symlink_metadata(root.join(&path)) else {
            continue;
        };
        if out.len() > FILES {
            break;
        }
        if meta.is_dir() && deep < DEEP {
            let _ = walk(root, &path, deep + 1, out);
        } else if meta.is_file() && path.extension().is_some_and(|e| e == "kql") {
            out.push((root.to_owned(), path));
        }
    }
    Ok(())
}

/// The YAML files under a folder.
fn yaml(folder: &Path, deep: usize, out: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for name in names(folder)? {
        let path = folder.join(&name);
        let Ok(meta) = std::fs::symlink_metadata(&path) else {
            continue;
        };
        if meta.is_dir() && deep < DEEP {
            let _ = yaml(&path, deep + 1, out);
        } else if meta.is_file() && path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            out.push(path);
        }
    }
    Ok(())
}

/// The names in a folder, in order, without hidden ones.
fn names(folder: &Path) -> std::io::Result<Vec<std::ffi::OsString>> {
    let entries = std::fs::read_dir(folder)?.flatten();
    let mut names: Vec<_> = entries.map(|e| e.file_name()).collect();
    names.retain(|n| !n.to_string_lossy().starts_with('.'));
    names.sort();
    Ok(names)
}

/// A title as a file's name: small letters, digits and dashes.
fn slug(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
        if out.len() >= 80 {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() {
        // a title in other letters has a name of its own all the same
        return crate::config::dirs::segment(title)
            .replace('%', "")
            .chars()
            .take(80)
            .collect();
    }
    out.to_owned()
}

#[cfg(test)]
#[path = "library_tests.rs"]
mod tests;
