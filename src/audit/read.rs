//! The record read forwards: its texts as they stand, and what became of each run.

use super::line::{Entry, Line, Stage};
use super::tail;
use rustix::fs::{Mode, OFlags};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Opens a file of the record for reading: no link, regular, ours or root's, not writable by others.
pub fn open(path: &Path) -> io::Result<File> {
    let fd = rustix::fs::open(
        path,
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK,
        Mode::empty(),
    )?;
    let file = File::from(fd);
    crate::config::file::trusted(&file)?;
    Ok(file)
}

/// One file of the record as it stands: each line's bytes without the line end, and whether the last has none.
pub struct Month {
    pub path: PathBuf,
    pub lines: Vec<Vec<u8>>,
    pub torn: bool,
}

/// Reads every file of a record, oldest first.
pub fn months(dir: &Path) -> io::Result<Vec<Month>> {
    tail::months(dir)?
        .into_iter()
        .map(|path| {
            let mut bytes = Vec::new();
            open(&path)?.read_to_end(&mut bytes)?;
            let torn = bytes.last().is_some_and(|b| *b != b'\n');
            let mut lines: Vec<Vec<u8>> =
                bytes.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
            if !torn {
                lines.pop();
            }
            Ok(Month { path, lines, torn })
        })
        .collect()
}

/// Every line that can be read, with its text.
pub fn lines(dir: &Path) -> io::Result<Vec<(Line, String)>> {
    Ok(months(dir)?
        .into_iter()
        .flat_map(|m| m.lines)
        .filter_map(|bytes| {
            let text = String::from_utf8(bytes).ok()?;
            Some((serde_json::from_str::<Line>(&text).ok()?, text))
        })
        .collect())
}

/// One intent and what the record says became of it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The line of the intent; where there is none, the first line of this run.
    pub line: Line,
    /// Hash of the intent's line: its first digits are in the service.
    pub hash: String,
    /// The session that owns its outcome.
    pub owner: String,
    pub tries: u32,
    /// The last word on it.
    pub state: Option<String>,
    pub detail: Option<String>,
    pub action: Option<String>,
    pub closed: bool,
    /// When the last word was written.
    pub ended: Option<String>,
}

impl Run {
    pub fn entry(&self) -> &Entry {
        &self.line.entry
    }

    /// Nothing was sent: a cancelled prompt, or the rest of a set.
    pub fn has_intent(&self) -> bool {
        self.line.entry.stage == Stage::Intent
    }
}

/// All runs of a record, in the order of their first lines.
pub fn runs(dir: &Path) -> io::Result<Vec<Run>> {
    Ok(fold(lines(dir)?))
}

/// Folds lines into runs.
pub fn fold(lines: impl IntoIterator<Item = (Line, String)>) -> Vec<Run> {
    let mut at: HashMap<String, usize> = HashMap::new();
    let mut runs: Vec<Run> = Vec::new();
    for (line, text) in lines {
        if line.entry.run.is_empty() {
            continue;
        }
        let n = *at.entry(line.entry.run.clone()).or_insert_with(|| {
            runs.push(Run {
                hash: super::line::chain(&text),
                owner: line.session.clone(),
                tries: 0,
                state: None,
                detail: None,
                action: None,
                closed: false,
                ended: None,
                line: line.clone(),
            });
            runs.len() - 1
        });
        let run = &mut runs[n];
        match line.entry.stage {
            Stage::Intent | Stage::Attempt => run.tries += 1,
            Stage::Adopted => run.owner = line.session,
            Stage::Outcome | Stage::Cancelled | Stage::Later | Stage::Rest => {
                run.ended = Some(line.time);
                run.state = line.entry.state.or(run.state.take());
                run.detail = line.entry.detail;
                run.closed |= line.entry.closed || line.entry.stage == Stage::Cancelled;
            }
            Stage::Began | Stage::Recovered | Stage::Other => {}
        }
        if line.entry.action.is_some() {
            run.action = line.entry.action;
        }
    }
    runs
}
