//! The file behind the record: one for each tenant and month, appended under a lock, synced before `append` returns.

use super::line::{Entry, GENESIS, Line, Stage, chain};
use rustix::fs::{FlockOperation, Mode, OFlags, flock, fsync, open};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Why nothing could be put on record; then nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum AuditFault {
    #[error("the record {path} cannot be written: {why}")]
    Unwritable { path: PathBuf, why: String },
    #[error("the record {0} is not a regular file of ours that only we can write")]
    Untrusted(PathBuf),
}

/// Who writes: told once, put into every line.
#[derive(Clone, Debug)]
pub struct Writer {
    pub session: String,
    pub os_user: String,
    pub host: String,
    pub tty: Option<String>,
    pub ssh: Option<String>,
}

/// A tenant's record in `state/audit/<tenant>/`.
#[derive(Clone, Debug)]
pub struct Record {
    dir: PathBuf,
    writer: Writer,
}

impl Record {
    /// Nothing is opened before the first `append`.
    pub fn new(dir: PathBuf, writer: Writer) -> Self {
        Self { dir, writer }
    }

    /// Appends a line and returns once it and the folder's entry are on the disk. `time` is RFC 3339, UTC.
    pub fn append(&self, time: jiff::Timestamp, entry: &Entry) -> Result<Line, AuditFault> {
        let fault = |path: &Path, why: &dyn std::fmt::Display| AuditFault::Unwritable {
            path: path.to_owned(),
            why: why.to_string(),
        };
        crate::config::file::private_dir(&self.dir).map_err(|e| fault(&self.dir, &e))?;
        let path = self.dir.join(format!("{}.jsonl", time.strftime("%Y-%m")));
        let fd = open(
            &path,
            OFlags::RDWR | OFlags::CREATE | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::RUSR | Mode::WUSR,
        )
        .map_err(|e| fault(&path, &e))?;
        let mut file = File::from(fd);
        crate::config::file::trusted(&file).map_err(|_| AuditFault::Untrusted(path.clone()))?;
        flock(&file, FlockOperation::LockExclusive).map_err(|e| fault(&path, &e))?;
        let (mut seq, mut before, torn) = self.tail(&mut file, &path)?;
        let mut text = String::new();
        if torn {
            // the tear stays where it is: the newline ends it, and the next line says that it was found
            text.push('\n');
            let recovered = Entry {
                stage: Stage::Recovered,
                detail: Some("the line before was cut off".into()),
                ..blank(entry)
            };
            let line = self.line(time, seq, &before, recovered);
            let json = encode(&line).map_err(|e| fault(&path, &e))?;
            before = chain(&json);
            seq += 1;
            text.push_str(&json);
            text.push('\n');
        }
        let line = self.line(time, seq, &before, entry.clone());
        text.push_str(&encode(&line).map_err(|e| fault(&path, &e))?);
        text.push('\n');
        file.write_all(text.as_bytes())
            .map_err(|e| fault(&path, &e))?;
        fsync(&file).map_err(|e| fault(&path, &e))?;
        if seq == 0 || torn {
            File::open(&self.dir)
                .and_then(|d| d.sync_all())
                .map_err(|e| fault(&path, &e))?;
        }
        Ok(line)
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
            before: before.to_owned(),
            entry,
        }
    }

    /// The next sequence number, the hash to carry, and whether the last line is torn.
    fn tail(&self, file: &mut File, path: &Path) -> Result<(u64, String, bool), AuditFault> {
        let fault = |why: &dyn std::fmt::Display| AuditFault::Unwritable {
            path: path.to_owned(),
            why: why.to_string(),
        };
        let len = file.seek(SeekFrom::End(0)).map_err(|e| fault(&e))?;
        if len == 0 {
            return Ok(match self.month_before(path) {
                Some((seq, before)) => (seq, before, false),
                None => (0, GENESIS.to_owned(), false),
            });
        }
        // the last whole line is found by reading backwards in growing steps; lines are a few KiB
        let mut take = 64 * 1024u64;
        loop {
            let from = len.saturating_sub(take);
            file.seek(SeekFrom::Start(from)).map_err(|e| fault(&e))?;
            let mut bytes = Vec::new();
            file.take_ref(take)
                .read_to_end(&mut bytes)
                .map_err(|e| fault(&e))?;
            let torn = bytes.last() != Some(&b'\n');
            let whole = match bytes.iter().rposition(|&b| b == b'\n') {
                Some(end) => &bytes[..end],
                None if from > 0 => {
                    take *= 4;
                    continue;
                }
                None => return Ok((0, GENESIS.to_owned(), true)),
            };
            let start = match whole.iter().rposition(|&b| b == b'\n') {
                Some(at) => at + 1,
                None if from == 0 => 0,
                None => {
                    take *= 4;
                    continue;
                }
            };
            let last = String::from_utf8_lossy(&whole[start..]).into_owned();
            let seq = serde_json::from_str::<Line>(&last)
                .map(|l| l.seq + 1)
                .unwrap_or_else(|_| count_lines(file));
            return Ok((seq, chain(&last), torn));
        }
    }

    /// The last line of the newest earlier file, so that months are one chain.
    fn month_before(&self, path: &Path) -> Option<(u64, String)> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(&self.dir)
            .ok()?
            .filter_map(|e| e.ok().map(|e| e.path()))
            .filter(|p| p.extension().is_some_and(|e| e == "jsonl") && p.as_path() < path)
            .collect();
        names.sort();
        let text = std::fs::read(names.pop()?).ok()?;
        let text = String::from_utf8_lossy(&text);
        let last = text.lines().last()?;
        let seq = serde_json::from_str::<Line>(last).ok()?.seq + 1;
        Some((seq, chain(last)))
    }
}

/// A line that carries nothing of the entry but whose record it is.
fn blank(entry: &Entry) -> Entry {
    Entry {
        stage: Stage::Recovered,
        run: String::new(),
        tenant: entry.tenant.clone(),
        tenant_id: entry.tenant_id.clone(),
        principal: entry.principal.clone(),
        analyst: entry.analyst.clone(),
        verb: String::new(),
        targets: Vec::new(),
        sentence: String::new(),
        reason: None,
        requests: Vec::new(),
        state: None,
        detail: None,
    }
}

fn encode(line: &Line) -> Result<String, serde_json::Error> {
    serde_json::to_string(line)
}

fn count_lines(file: &mut File) -> u64 {
    let mut bytes = Vec::new();
    if file.seek(SeekFrom::Start(0)).is_err() || file.read_to_end(&mut bytes).is_err() {
        return 0;
    }
    bytes.iter().filter(|&&b| b == b'\n').count() as u64
}

/// `Read::take` on a borrowed file.
trait TakeRef {
    fn take_ref(&mut self, n: u64) -> std::io::Take<&mut File>;
}

impl TakeRef for File {
    fn take_ref(&mut self, n: u64) -> std::io::Take<&mut File> {
        self.take(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer() -> Writer {
        Writer {
            session: "s".into(),
            os_user: "ana".into(),
            host: "jump".into(),
            tty: None,
            ssh: None,
        }
    }

    fn entry(run: &str) -> Entry {
        let mut e = blank(&Entry {
            stage: Stage::Intent,
            run: String::new(),
            tenant: "t".into(),
            tenant_id: "i".into(),
            principal: "p".into(),
            analyst: "ana@contoso.com".into(),
            verb: String::new(),
            targets: Vec::new(),
            sentence: String::new(),
            reason: None,
            requests: Vec::new(),
            state: None,
            detail: None,
        });
        e.stage = Stage::Intent;
        e.run = run.into();
        e
    }

    fn at(text: &str) -> jiff::Timestamp {
        text.parse().unwrap()
    }

    fn chained(dir: &Path) -> Vec<Line> {
        let mut names: Vec<_> = std::fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        names.sort();
        let mut before = GENESIS.to_owned();
        let mut lines = Vec::new();
        for name in names {
            for text in std::fs::read_to_string(name).unwrap().lines() {
                if let Ok(line) = serde_json::from_str::<Line>(text) {
                    assert_eq!(line.before, before, "line {} hangs on another", line.seq);
                    lines.push(line);
                }
                before = chain(text);
            }
        }
        lines
    }

    #[test]
    fn lines_hang_on_each_other_over_months() {
        let dir = tempfile::tempdir().unwrap();
        let record = Record::new(dir.path().join("a"), writer());
        for (n, t) in [
            "2026-10-31T23:59:00Z",
            "2026-10-31T23:59:30Z",
            "2026-11-01T00:00:00Z",
        ]
        .iter()
        .enumerate()
        {
            assert_eq!(
                record.append(at(t), &entry(&n.to_string())).unwrap().seq,
                n as u64
            );
        }
        assert_eq!(chained(&dir.path().join("a")).len(), 3);
    }

    #[test]
    fn a_torn_line_is_closed_not_cut() {
        let dir = tempfile::tempdir().unwrap();
        let record = Record::new(dir.path().join("a"), writer());
        record
            .append(at("2026-11-01T00:00:00Z"), &entry("1"))
            .unwrap();
        let path = dir.path().join("a/2026-11.jsonl");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(b"{\"seq\":1,\"ti");
        std::fs::write(&path, &bytes).unwrap();
        let line = record
            .append(at("2026-11-01T00:01:00Z"), &entry("2"))
            .unwrap();
        assert_eq!(line.entry.run, "2");
        let after = std::fs::read_to_string(&path).unwrap();
        assert!(
            after.contains("{\"seq\":1,\"ti\n"),
            "the torn bytes are still there"
        );
        assert!(after.contains("\"stage\":\"recovered\""));
    }

    #[test]
    fn a_record_that_cannot_be_written_is_a_fault() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), b"").unwrap();
        let record = Record::new(dir.path().join("file/a"), writer());
        assert!(matches!(
            record.append(at("2026-11-01T00:00:00Z"), &entry("1")),
            Err(AuditFault::Unwritable { .. })
        ));
        // a link is not followed
        let dir2 = dir.path().join("b");
        std::fs::create_dir(&dir2).unwrap();
        std::os::unix::fs::symlink("/dev/null", dir2.join("2026-11.jsonl")).unwrap();
        assert!(
            Record::new(dir2, writer())
                .append(at("2026-11-01T00:00:00Z"), &entry("1"))
                .is_err()
        );
    }
}
