//! The history of runs on disk: one line of JSON for each, 0600, the oldest forgotten when there are too many.

use crate::config::file;
use crate::model::saved::Ran;
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// The file's name in the tenant's folder.
pub const FILE: &str = "runs.ndjson";
/// Runs and bytes kept; above either, what is beyond the newest three quarters is forgotten.
const RUNS: usize = 4_000;
const BYTES: u64 = 16 << 20;
/// A text longer than this is kept cut: a history is no place for megabytes.
const TEXT: usize = 200_000;

/// Reads what was kept, oldest first. Lines that cannot be read are passed over and counted in a sentence.
pub fn read(dir: &Path) -> (Vec<Ran>, Option<String>) {
    let path = dir.join(FILE);
    let text = match file::read(&path, 2 * BYTES) {
        Ok(text) => text,
        Err(file::FileFault::Absent(_)) => return (Vec::new(), None),
        Err(e) => return (Vec::new(), Some(format!("history of runs: {e}"))),
    };
    let (mut runs, mut bad) = (Vec::new(), 0);
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        match serde_json::from_str::<Ran>(line) {
            Ok(ran) => runs.push(ran),
            Err(_) => bad += 1,
        }
    }
    let why = (bad > 0).then(|| format!("history of runs: {bad} lines could not be read"));
    (runs, why)
}

/// Adds a run at the end. Instances of the program that run beside each other wait for one another.
pub fn add(dir: &Path, ran: &Ran) -> io::Result<()> {
    file::private_dir(dir)?;
    let lock = open_own(&dir.join("runs.lock"), OFlags::RDWR)?;
    flock(&lock, FlockOperation::LockExclusive)?;
    let path = dir.join(FILE);
    let mut file = open_own(&path, OFlags::WRONLY | OFlags::APPEND)?;
    file::trusted(&file)?;
    let mut line = match ran.text.len() > TEXT {
        false => serde_json::to_string(ran)?,
        true => {
            let cut = (0..=TEXT).rev().find(|n| ran.text.is_char_boundary(*n));
            let text = ran.text[..cut.unwrap_or(0)].into();
            serde_json::to_string(&Ran {
                text,
                ..ran.clone()
            })?
        }
    };
    line.push('\n');
    // after a torn line a new one begins on its own
    if !ends_with_newline(&path)? {
        line.insert(0, '\n');
    }
    file.write_all(line.as_bytes())?;
    shorten(dir, file.metadata()?.len())
}

fn open_own(path: &Path, how: OFlags) -> io::Result<File> {
    let flags = how | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(open(path, flags, Mode::RUSR | Mode::WUSR)?))
}

fn ends_with_newline(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::FileExt;
    let file = File::open(path)?;
    let len = file.metadata()?.len();
    let mut last = [b'\n'];
    if len > 0 {
        file.read_exact_at(&mut last, len - 1)?;
    }
    Ok(last == [b'\n'])
}

/// Forgets the oldest runs once there are too many.
fn shorten(dir: &Path, bytes: u64) -> io::Result<()> {
    // a line is rarely below two hundred bytes: counting lines can wait until it may matter
    if bytes <= BYTES && bytes < RUNS as u64 * 100 {
        return Ok(());
    }
    let path = dir.join(FILE);
    let text = file::read(&path, 4 * BYTES).map_err(|e| io::Error::other(e.to_string()))?;
    let lines: Vec<&str> = text.lines().filter(|l| !l.is_empty()).collect();
    if bytes <= BYTES && lines.len() <= RUNS {
        return Ok(());
    }
    let (mut kept, mut size) = (Vec::new(), 0);
    for line in lines.iter().rev().take(RUNS * 3 / 4) {
        size += line.len() as u64 + 1;
        if size > BYTES * 3 / 4 && !kept.is_empty() {
            break;
        }
        kept.push(*line);
    }
    let mut out = String::with_capacity(size as usize);
    for line in kept.iter().rev() {
        out.push_str(line);
        out.push('\n');
    }
    file::write_atomic(&path, out.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Ticks;
    use std::os::unix::fs::MetadataExt;

    fn ran(n: i64, text: &str) -> Ran {
        Ran {
            at: Ticks::parse("2026-08-01T12:00:00Z")
                .map(|t| Ticks(t.0 + n * 10_000_000))
                .unwrap(),
            text: text.into(),
            engine: "Defender".into(),
            ms: 12,
            rows: Some(n as u64),
            partial: false,
            error: None,
            tables: vec!["DeviceInfo".into()],
        }
    }

    #[test]
    fn runs_are_kept_private_over_torn_lines_and_texts_of_several_lines() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("history/contoso");
        assert_eq!(read(&dir), (Vec::new(), None));
        let first = ran(1, "DeviceInfo\n| take 5 \u{202e}");
        add(&dir, &first).unwrap();
        let path = dir.join(FILE);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let mut torn = std::fs::read(&path).unwrap();
        torn.extend(b"{\"at\":\"2026-08-0");
        file::write_atomic(&path, &torn).unwrap();
        add(&dir, &ran(2, "print 2")).unwrap();
        let (runs, why) = read(&dir);
        assert_eq!(runs, [first, ran(2, "print 2")]);
        assert!(why.unwrap().contains("1 lines"));
    }

    #[test]
    fn the_oldest_runs_are_forgotten_and_a_long_text_is_cut() {
        let dir = tempfile::tempdir().unwrap();
        let line = serde_json::to_string(&ran(0, "print 0")).unwrap();
        let many = format!("{line}\n").repeat(RUNS);
        file::write_atomic(&dir.path().join(FILE), many.as_bytes()).unwrap();
        add(dir.path(), &ran(7, &"x".repeat(TEXT + 5))).unwrap();
        let (runs, why) = read(dir.path());
        assert_eq!((runs.len(), why), (RUNS * 3 / 4, None));
        let last = runs.last().unwrap();
        assert_eq!((last.rows, last.text.len()), (Some(7), TEXT));
    }
}
