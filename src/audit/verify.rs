//! What the record proves: its chain, its seals, and how far heads outside of it reach. Claims no more than that.

use super::heads::{Head, Known, Places};
use super::line::{GENESIS, Line, Seal, Sealed, Stage, chain, chain_bytes, sealed};
use super::read::{Month, months};
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

/// Something is wrong at a line: the file, the line in it (from 1), and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub file: PathBuf,
    pub line: usize,
    pub what: String,
}

/// What the seals say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seals {
    /// No line has one, and there is no key.
    None,
    /// Lines have one, and there is no key to check them with.
    Unchecked,
    /// All are good; this many lines at the beginning were written before there was a key.
    Good {
        before: u64,
    },
    Bad,
}

/// How far one place outside proves the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    pub place: &'static str,
    pub state: ReachState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReachState {
    /// So many heads agree, the last at this sequence number.
    Agrees { heads: usize, to: u64 },
    /// It knows no head of this record.
    Nothing,
    /// It could not be asked.
    Unreachable(String),
    /// It knows a head that the record does not show: a rewrite, or a missing tail.
    Differs(String),
}

/// The whole answer for one record.
#[derive(Clone, Debug)]
pub struct Report {
    pub files: usize,
    pub lines: u64,
    /// The last sequence number, if there is a line.
    pub last: Option<u64>,
    pub tears: u64,
    pub broken: Vec<Broken>,
    pub seals: Seals,
    pub reach: Vec<Reach>,
    /// Intents without an end.
    pub open: Vec<String>,
}

impl Report {
    /// Nothing contradicts the record.
    pub fn is_whole(&self) -> bool {
        self.broken.is_empty()
            && self.seals != Seals::Bad
            && !self
                .reach
                .iter()
                .any(|r| matches!(r.state, ReachState::Differs(_)))
    }

    /// The line up to which something outside agrees.
    pub fn proven_to(&self) -> Option<u64> {
        self.reach
            .iter()
            .filter_map(|r| match r.state {
                ReachState::Agrees { to, .. } => Some(to),
                _ => None,
            })
            .max()
    }

    /// The last line itself is known outside.
    pub fn is_tail_proven(&self) -> bool {
        self.last.is_some() && self.proven_to() == self.last
    }
}

/// Verifies the record in a folder against its chain, a key, and what the places outside know.
pub fn verify(dir: &Path, seal: Option<&Seal>, places: &Places) -> io::Result<Report> {
    Ok(judge(&months(dir)?, seal, places.known()))
}

/// The judgement alone.
pub fn judge(months: &[Month], seal: Option<&Seal>, known: Vec<Known>) -> Report {
    let mut walk = Walk::new(seal);
    for month in months {
        for (n, bytes) in month.lines.iter().enumerate() {
            let torn = month.torn && n + 1 == month.lines.len();
            walk.line(&month.path, n + 1, bytes, torn);
        }
    }
    walk.end();
    let reach = known.into_iter().map(|k| walk.reach(k)).collect();
    Report {
        files: months.len(),
        lines: walk.hashes.len() as u64,
        last: walk.seq.checked_sub(1),
        tears: walk.tears,
        seals: walk.seals(),
        reach,
        open: walk.open(),
        broken: walk.broken,
    }
}

/// Bytes that are no line.
struct Tear {
    hash: String,
    file: PathBuf,
    at: usize,
    /// They have no line end: the next append will close them.
    ends_file: bool,
}

struct Walk<'a> {
    seal: Option<&'a Seal>,
    /// The next sequence number, and what it must carry.
    seq: u64,
    before: String,
    /// Hash of a tear that the next line must cover, and where it is.
    tear: Option<Tear>,
    tears: u64,
    /// Hash of each line, by its sequence number.
    hashes: HashMap<u64, String>,
    whose: Option<Head>,
    unsealed: u64,
    good: u64,
    bad_seals: u64,
    unchecked: u64,
    intents: Vec<String>,
    seen: HashSet<String>,
    closed: HashSet<String>,
    broken: Vec<Broken>,
}

impl<'a> Walk<'a> {
    fn new(seal: Option<&'a Seal>) -> Self {
        Self {
            seal,
            seq: 0,
            before: GENESIS.to_owned(),
            tear: None,
            tears: 0,
            hashes: HashMap::new(),
            whose: None,
            unsealed: 0,
            good: 0,
            bad_seals: 0,
            unchecked: 0,
            intents: Vec::new(),
            seen: HashSet::new(),
            closed: HashSet::new(),
            broken: Vec::new(),
        }
    }

    fn say(&mut self, file: &Path, line: usize, what: impl Into<String>) {
        self.broken.push(Broken {
            file: file.to_owned(),
            line,
            what: what.into(),
        });
    }

    fn line(&mut self, file: &Path, at: usize, bytes: &[u8], torn: bool) {
        let text = std::str::from_utf8(bytes).ok();
        let line = text.and_then(|t| serde_json::from_str::<Line>(t).ok());
        let (Some(text), Some(line), false) = (text, line, torn) else {
            // a tear, if the next line says so
            if let Some(tear) = self.tear.take() {
                self.say(&tear.file, tear.at, "this is no line of the record");
            }
            self.tear = Some(Tear {
                hash: chain_bytes(bytes),
                file: file.to_owned(),
                at,
                ends_file: torn,
            });
            return;
        };
        match (self.tear.take(), &line.torn) {
            (None, None) => {}
            (Some(tear), Some(torn)) if tear.hash == *torn => self.tears += 1,
            (Some(tear), _) => {
                let what = "this is no line of the record, and no recovery covers it";
                self.say(&tear.file, tear.at, what);
            }
            (None, Some(_)) => self.say(file, at, "it covers a cut-off line that is not there"),
        }
        if self.hashes.is_empty() && line.seq != 0 {
            let what = format!(
                "the record begins with line {}: what was before is missing",
                line.seq
            );
            self.say(file, at, what);
        } else if line.seq != self.seq {
            let what = format!("it says it is line {}, and {} is next", line.seq, self.seq);
            self.say(file, at, what);
        } else if line.before != self.before {
            self.say(
                file,
                at,
                "it does not hang on the line before: that one was changed, or lines are missing",
            );
        }
        match sealed(text, self.seal) {
            Sealed::No => {
                self.unsealed += 1;
                if self.good > 0 {
                    self.bad_seals += 1;
                    self.say(file, at, "it has no seal, and lines before it have");
                }
            }
            Sealed::Unchecked => self.unchecked += 1,
            Sealed::Good => self.good += 1,
            Sealed::Bad => {
                self.bad_seals += 1;
                self.say(file, at, "its seal is not made with this key");
            }
        }
        self.before = chain(text);
        self.seq = line.seq + 1;
        self.hashes.insert(line.seq, self.before.clone());
        self.whose = Some(Head {
            tenant: line.entry.tenant.clone(),
            tenant_id: line.entry.tenant_id.clone(),
            host: line.host.clone(),
            os_user: line.os_user.clone(),
            seq: line.seq,
            hash: self.before.clone(),
            time: line.time.clone(),
        });
        self.entry(file, at, &line);
    }

    /// Nothing is sent without an intent: what says it was must have one before it.
    fn entry(&mut self, file: &Path, at: usize, line: &Line) {
        let run = &line.entry.run;
        match line.entry.stage {
            Stage::Intent => {
                if !self.seen.insert(run.clone()) {
                    self.say(file, at, "this intent was on record before");
                }
                self.intents.push(run.clone());
            }
            Stage::Attempt | Stage::Adopted if !self.seen.contains(run) => {
                self.say(
                    file,
                    at,
                    "something was sent here without an intent on record",
                );
            }
            Stage::Outcome
                if !self.seen.contains(run) && line.entry.state.as_deref() != Some("not sent") =>
            {
                self.say(file, at, "an outcome without an intent on record");
            }
            _ => {}
        }
        if line.entry.closed {
            self.closed.insert(run.clone());
        }
    }

    fn end(&mut self) {
        if let Some(tear) = self.tear.take() {
            match tear.ends_file {
                true => self.tears += 1,
                false => self.say(&tear.file, tear.at, "this is no line of the record"),
            }
        }
        if self.seal.is_some() && self.good == 0 && self.unsealed > 0 && self.bad_seals == 0 {
            self.broken.push(Broken {
                file: PathBuf::new(),
                line: 0,
                what: "there is a key, and no line has a seal: all of it was written before, or written anew without it".into(),
            });
        }
    }

    fn seals(&self) -> Seals {
        if self.bad_seals > 0 {
            Seals::Bad
        } else if self.unchecked > 0 {
            Seals::Unchecked
        } else if self.seal.is_some() && self.good > 0 {
            Seals::Good {
                before: self.unsealed,
            }
        } else {
            Seals::None
        }
    }

    fn open(&self) -> Vec<String> {
        self.intents
            .iter()
            .filter(|r| !self.closed.contains(*r))
            .cloned()
            .collect()
    }

    fn reach(&self, known: Known) -> Reach {
        let state = match known.heads {
            Err(why) => ReachState::Unreachable(why),
            Ok(heads) => self.compare(&heads),
        };
        Reach {
            place: known.place,
            state,
        }
    }

    fn compare(&self, heads: &[Head]) -> ReachState {
        let Some(whose) = &self.whose else {
            return match heads.is_empty() {
                true => ReachState::Nothing,
                false => ReachState::Differs(
                    "it knows heads, and there is no record: it may be another's".into(),
                ),
            };
        };
        let (mut agree, mut to) = (0, 0);
        for head in heads.iter().filter(|h| h.same_record(whose)) {
            match self.hashes.get(&head.seq) {
                Some(hash) if *hash == head.hash => {
                    agree += 1;
                    to = to.max(head.seq);
                }
                Some(_) => {
                    return ReachState::Differs(format!(
                        "line {} is not the line that was written at {}: the record was rewritten",
                        head.seq, head.time
                    ));
                }
                None => {
                    return ReachState::Differs(format!(
                        "line {} was written at {}, and the record ends with line {}: its tail is missing",
                        head.seq,
                        head.time,
                        self.seq.saturating_sub(1)
                    ));
                }
            }
        }
        match agree {
            0 => ReachState::Nothing,
            heads => ReachState::Agrees { heads, to },
        }
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
