//! What other runs of the program on this record do at this moment: a target that one of them is at is left alone.
//!
//! Only runs that write into this folder are seen. Whoever works on another computer, or under another account, shares
//! nothing with us but the service: its list of running actions, and the fresh reading right before each write.

use super::line::{Line, Stage};
use super::port::{key, unreadable};
use super::runs::{self, Alive};
use super::{file::Record, line::Entry, tail};
use crate::backend::ports::{Mark, UNDER_WAY};
use crate::model::{Fault, FaultKind, Key, Stand};
use crate::verb;
use jiff::Timestamp;
use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use table::Text;

/// Intents of others that may be under way, and how far the record was read for them.
#[derive(Debug, Default)]
pub struct Beside {
    read: Option<Mark>,
    open: HashMap<String, Other>,
}

/// An intent of another run and what is known of it.
#[derive(Clone, Debug)]
struct Other {
    line: Line,
    /// The run that owns its outcome.
    owner: String,
    state: Option<Stand>,
}

impl Other {
    /// Nobody can say yet what came of it. What the service works on stands in its own list, which prompts read.
    fn is_open(&self) -> bool {
        matches!(self.state, None | Some(Stand::Accepted | Stand::Unknown))
    }
}

impl Beside {
    /// Why `entry` may not be put on record now. To be asked under the record's lock. `seen`: where the record ended when
    /// the target was read.
    pub fn stands_against(
        &mut self,
        record: &Record,
        now: Timestamp,
        entry: &Entry,
        seen: &Mark,
    ) -> Result<(), Fault> {
        let dir = record.dir();
        let bad = |e: io::Error| unreadable(dir, &e);
        let from = now - jiff::SignedDuration::try_from(UNDER_WAY).unwrap_or_default();
        self.catch_up(record, from).map_err(bad)?;
        let open = self.open.values().filter(|o| o.is_open());
        let mut crossing: Vec<&Other> = open
            .filter(|o| crosses(&o.line.entry, entry) && is_live(record, o))
            .collect();
        crossing.sort_by_key(|o| o.line.seq);
        if let Some(other) = crossing.first() {
            return Err(under_way(record, other));
        }
        let late = lines_after(dir, seen).map_err(bad)?;
        let late = late.into_iter().filter(|l| is_of_another(record, l));
        let mut done = late.filter(|l| {
            matches!(
                l.entry.stage,
                Stage::Intent | Stage::Attempt | Stage::Outcome
            ) && l.entry.state.as_deref() != Some(Stand::NotSent.word())
        });
        match done.rfind(|l| crosses(&l.entry, entry)) {
            Some(line) => Err(overtaken(record, &line)),
            None => Ok(()),
        }
    }

    /// Reads what was written since the last time; the first time, what is young enough to matter.
    fn catch_up(&mut self, record: &Record, from: Timestamp) -> io::Result<()> {
        let dir = record.dir();
        let end = end(dir)?;
        let lines = match &self.read {
            Some(read) => lines_after(dir, read)?,
            None => tail::since(dir, from)?,
        };
        for line in lines.into_iter().filter(|l| is_of_another(record, l)) {
            let (run, closed) = (line.entry.run.clone(), line.entry.closed);
            match line.entry.stage {
                Stage::Intent => {
                    let other = Other {
                        owner: line.session.clone(),
                        state: None,
                        line,
                    };
                    self.open.insert(run, other);
                }
                Stage::Outcome | Stage::Later | Stage::Cancelled if closed => {
                    self.open.remove(&run);
                }
                stage => {
                    if let Some(other) = self.open.get_mut(&run) {
                        if stage == Stage::Adopted {
                            other.owner = line.session;
                        }
                        let state = line.entry.state.as_deref().and_then(Stand::parse);
                        other.state = state.or(other.state);
                    }
                }
            }
        }
        self.open
            .retain(|_, o| tail::at(&o.line).is_some_and(|t| t >= from));
        self.read = Some(end);
        Ok(())
    }
}

fn is_of_another(record: &Record, line: &Line) -> bool {
    line.session != record.writer().session && record.is_about(&line.session)
}

/// Both are about one target of one tenant, and their verbs are in each other's way.
fn crosses(theirs: &Entry, ours: &Entry) -> bool {
    let verbs = match (verb::named(&theirs.verb), verb::named(&ours.verb)) {
        (Some(a), Some(b)) => a.crosses(b),
        // a verb of another version
        _ => theirs.verb == ours.verb,
    };
    let same = |a: &Key, b: &Key| {
        a.kind == b.kind && (a.id.txt().exact()).eq_ignore_ascii_case(b.id.txt().exact())
    };
    let targets: Vec<Key> = ours.targets.iter().filter_map(key).collect();
    let mut hit = theirs.targets.iter().filter_map(key);
    verbs
        && theirs.tenant_id == ours.tenant_id
        && hit.any(|theirs| targets.iter().any(|t| same(t, &theirs)))
}

/// Of a run on another computer nobody here can say whether it is gone: it counts as alive.
fn is_live(record: &Record, other: &Other) -> bool {
    other.line.host != record.writer().host
        || !matches!(
            Alive::take_over(record.dir(), &other.owner),
            Ok(Some(_gone))
        )
}

/// Who did what to what, as far as the line tells.
fn who(record: &Record, line: &Line, owner: &str) -> String {
    let shown = |text: &str| Text::from(text).txt().shown().into_owned();
    let process = match runs::process(record.dir(), owner) {
        Some(id) => format!(", process {id}"),
        None => String::new(),
    };
    let tty = match &line.tty {
        Some(tty) => format!(" at {}", shown(tty)),
        None => String::new(),
    };
    format!(
        "{} on {}{process}{tty}",
        shown(&line.os_user),
        shown(&line.host)
    )
}

fn named(entry: &Entry) -> String {
    match entry.targets.as_slice() {
        [one] if !one.name.is_empty() => Text::from(one.name.as_str()).txt().shown().into_owned(),
        _ => "it".into(),
    }
}

fn clock(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |t| t.strftime("%H:%M:%SZ").to_string())
}

fn under_way(record: &Record, other: &Other) -> Fault {
    let line = &other.line;
    let at = tail::at(line);
    let until = jiff::SignedDuration::try_from(UNDER_WAY)
        .ok()
        .and_then(|window| at?.checked_add(window).ok());
    let what = format!(
        "{} began “{}” on {} at {}, and what came of it is not known yet",
        who(record, line, &other.owner),
        line.entry.verb,
        named(&line.entry),
        clock(at)
    );
    let hangs = match line.host == record.writer().host {
        true => "if that program hangs, end it",
        false => "whether that program still runs cannot be seen from here",
    };
    let next = format!(
        "wait for its end, look again, then confirm again; {hangs}; after {} it is no longer in the way",
        clock(until)
    );
    Fault::new(FaultKind::Refused, what).next(next)
}

fn overtaken(record: &Record, line: &Line) -> Fault {
    let what = format!(
        "{} did “{}” to {} at {}, while it was being read for this",
        who(record, line, &line.session),
        line.entry.verb,
        named(&line.entry),
        clock(tail::at(line))
    );
    Fault::new(FaultKind::Refused, what).next("look again, then confirm again")
}

/// Where the record ends now.
pub fn end(dir: &Path) -> io::Result<Mark> {
    let Some(path) = tail::months(dir)?.pop() else {
        return Ok(Mark::default());
    };
    Ok(Mark {
        file: name(&path),
        len: std::fs::symlink_metadata(&path)?.len(),
    })
}

/// Every whole line after a mark that can be read.
fn lines_after(dir: &Path, mark: &Mark) -> io::Result<Vec<Line>> {
    let mut out = Vec::new();
    for path in tail::months(dir)? {
        let file = name(&path);
        if file < mark.file {
            continue;
        }
        let mut opened = super::read::open(&path)?;
        let len = opened.metadata()?.len();
        // a file that became shorter was tampered with: then all of it is looked at
        let from = match file == mark.file && len >= mark.len {
            true => mark.len,
            false => 0,
        };
        opened.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        opened.read_to_end(&mut bytes)?;
        let lines = bytes.split(|b| *b == b'\n');
        out.extend(lines.filter_map(|l| serde_json::from_slice::<Line>(l).ok()));
    }
    Ok(out)
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
#[path = "beside_tests.rs"]
mod tests;
