//! The file behind the record: one for each tenant and month, appended under a lock, synced before `append` returns.

use super::beside::Beside;
use super::heads::{Head, Outside};
use super::line::{Entry, Line, Seal, Stage, chain, encode};
use super::runs::Alive;
use super::tail;
use crate::model::Fault;
use rustix::fs::{FlockOperation, Mode, OFlags, flock, fsync, open};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Why nothing could be put on record; then nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum AuditFault {
    #[error("the record {path} cannot be written: {why}")]
    Unwritable { path: PathBuf, why: String },
    #[error("the record {0} is not a regular file of ours that only we can write")]
    Untrusted(PathBuf),
    /// The condition of `append_if` did not hold; nothing was written.
    #[error("{0}")]
    Refused(Box<Fault>),
}

/// Who writes: told once, put into every line.
#[derive(Clone, Debug)]
pub struct Writer {
    pub session: String,
    pub os_user: String,
    pub host: String,
    pub tty: Option<String>,
    pub ssh: Option<String>,
    /// First 16 hex digits of the policy file's hash, or `none`.
    pub policy: String,
}

/// What a line became: its number and its hash.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub line: Line,
    pub hash: String,
}

/// A tenant's record in `state/audit/<tenant>/`. Clones share the lock of their run.
#[derive(Clone, Debug)]
pub struct Record {
    dir: PathBuf,
    writer: Writer,
    seal: Option<Seal>,
    outside: Arc<Outside>,
    /// Only what this run wrote is true of the other side.
    forgetful: bool,
    alive: Arc<Mutex<Option<Alive>>>,
    /// What other runs do at this moment.
    pub(super) beside: Arc<Mutex<Beside>>,
}

impl Record {
    /// Nothing is opened before the first `append`.
    pub fn new(dir: PathBuf, writer: Writer) -> Self {
        Self {
            dir,
            writer,
            seal: None,
            outside: Arc::default(),
            forgetful: false,
            alive: Arc::default(),
            beside: Arc::default(),
        }
    }

    /// Seals every line with a key.
    pub fn sealed(mut self, seal: Option<Seal>) -> Self {
        self.seal = seal;
        self
    }

    /// Tells each head to these places.
    pub fn telling(mut self, outside: Outside) -> Self {
        self.outside = Arc::new(outside);
        self
    }

    /// The other side forgets everything when this run ends (the embedded demo tenant): what earlier runs wrote is kept, and
    /// not taken over.
    pub fn forgetful(mut self, forgetful: bool) -> Self {
        self.forgetful = forgetful;
        self
    }

    /// Whether a line of this session says something about the other side.
    pub fn is_about(&self, session: &str) -> bool {
        !self.forgetful || session == self.writer.session
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Appends a line and returns once it and the folder's entry are on the disk. `time` is RFC 3339, UTC.
    pub fn append(&self, time: jiff::Timestamp, entry: &Entry) -> Result<Written, AuditFault> {
        self.append_if(time, entry, |_| Ok(()))
    }

    /// As `append`, if the condition holds while nobody else can write to the record of this month. It gets the folder.
    pub fn append_if(
        &self,
        time: jiff::Timestamp,
        entry: &Entry,
        condition: impl FnOnce(&Path) -> Result<(), Fault>,
    ) -> Result<Written, AuditFault> {
        crate::config::file::private_dir(&self.dir).map_err(|e| fault(&self.dir, &e))?;
        self.live()?;
        // one lock for all months: two instances at the turn of a month must not both begin the new file
        let _lock = lock(&self.dir)?;
        condition(&self.dir).map_err(|why| AuditFault::Refused(Box::new(why)))?;
        let path = self.dir.join(format!("{}.jsonl", time.strftime("%Y-%m")));
        // a clock that was set back must not write into the middle of the chain
        let path = match tail::months(&self.dir)
            .map_err(|e| fault(&self.dir, &e))?
            .pop()
        {
            Some(newest) if newest > path => newest,
            _ => path,
        };
        let fd = open(
            &path,
            OFlags::RDWR | OFlags::CREATE | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::RUSR | Mode::WUSR,
        )
        .map_err(|e| fault(&path, &e))?;
        let mut file = File::from(fd);
        crate::config::file::trusted(&file).map_err(|_| AuditFault::Untrusted(path.clone()))?;
        let tail::Tail {
            mut seq,
            mut before,
            torn,
            fresh,
        } = tail::of(&mut file, &path).map_err(|e| fault(&path, &e))?;
        let mut text = String::new();
        let begun = file.metadata().map(|m| m.len()).unwrap_or(0) > 0;
        let closes = torn.is_some();
        if closes {
            // the tear stays where it is: the newline ends it, and the next line says that it was found
            if begun {
                text.push('\n');
            }
            let recovered = Line {
                torn,
                ..self.line(time, seq, &before, blank(entry))
            };
            let json = encode(&recovered, self.seal.as_ref()).map_err(|e| fault(&path, &e))?;
            before = chain(&json);
            seq += 1;
            text.push_str(&json);
            text.push('\n');
        }
        let line = self.line(time, seq, &before, entry.clone());
        let json = encode(&line, self.seal.as_ref()).map_err(|e| fault(&path, &e))?;
        text.push_str(&json);
        text.push('\n');
        file.write_all(text.as_bytes())
            .map_err(|e| fault(&path, &e))?;
        fsync(&file).map_err(|e| fault(&path, &e))?;
        if fresh || !begun || closes {
            File::open(&self.dir)
                .and_then(|d| d.sync_all())
                .map_err(|e| fault(&path, &e))?;
        }
        let hash = chain(&json);
        self.outside.tell(Head {
            tenant: line.entry.tenant.clone(),
            tenant_id: line.entry.tenant_id.clone(),
            host: line.host.clone(),
            os_user: line.os_user.clone(),
            seq: line.seq,
            hash: hash.clone(),
            time: line.time.clone(),
        });
        Ok(Written { line, hash })
    }

    /// Takes our run's lock, once.
    fn live(&self) -> Result<(), AuditFault> {
        let mut alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
        if alive.is_none() {
            *alive = Some(
                Alive::begin(&self.dir, &self.writer.session).map_err(|e| fault(&self.dir, &e))?,
            );
        }
        Ok(())
    }

    fn line(&self, time: jiff::Timestamp, seq: u64, before: &str, entry: Entry) -> Line {
        Line {
            seq,
            time: time.to_string(),
            session: self.writer.session.clone(),
            os_user: self.writer.os_user.clone(),
            host: self.writer.host.clone(),
            tty: self.writer.tty.clone(),
            ssh: self.writer.ssh.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            policy: self.writer.policy.clone(),
            before: before.to_owned(),
            torn: None,
            entry,
        }
    }
}

fn fault(path: &Path, why: &dyn std::fmt::Display) -> AuditFault {
    AuditFault::Unwritable {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// Waits for the record's own lock; let go when the file is dropped.
fn lock(dir: &Path) -> Result<File, AuditFault> {
    let path = dir.join("lock");
    let fd = open(
        &path,
        OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::RUSR | Mode::WUSR,
    )
    .map_err(|e| fault(&path, &e))?;
    let file = File::from(fd);
    crate::config::file::trusted(&file).map_err(|_| AuditFault::Untrusted(path.clone()))?;
    flock(&file, FlockOperation::LockExclusive).map_err(|e| fault(&path, &e))?;
    Ok(file)
}

/// A line that carries nothing of the entry but whose record it is.
pub fn blank(entry: &Entry) -> Entry {
    Entry {
        stage: Stage::Recovered,
        run: String::new(),
        set: None,
        tenant: entry.tenant.clone(),
        tenant_id: entry.tenant_id.clone(),
        principal: entry.principal.clone(),
        analyst: entry.analyst.clone(),
        verb: String::new(),
        tier: 0,
        targets: Vec::new(),
        sentence: String::new(),
        reason: None,
        args: None,
        requests: Vec::new(),
        undoes: Vec::new(),
        state: None,
        detail: Some("the line before was cut off".into()),
        action: None,
        closed: false,
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
pub mod tests;
