//! The end of a record: what the next line hangs on, and the lines of the last minutes, read backwards.

use super::line::{GENESIS, Line, chain, chain_bytes};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Lines are a few KiB; the first look takes this much.
const FIRST_LOOK: u64 = 64 * 1024;
/// A line longer than this is none of ours.
const LONGEST: u64 = 64 * 1024 * 1024;

/// What the next line hangs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The sequence number of the next line.
    pub seq: u64,
    /// The hash it carries.
    pub before: String,
    /// Hash of bytes after the last line end, if there are any.
    pub torn: Option<String>,
    /// The file holds nothing yet.
    pub fresh: bool,
}

/// The tail of a file; an empty one continues the month before.
pub fn of(file: &mut File, path: &Path) -> io::Result<Tail> {
    let len = file.seek(SeekFrom::End(0))?;
    if len > 0
        && let Some(tail) = within(file, len)?
    {
        return Ok(tail);
    }
    // nothing whole is in this file: the chain goes on from the one before
    let torn = match len {
        0 => None,
        _ => Some(chain_bytes(&read(file, 0, len)?)),
    };
    let mut earlier = months(path.parent().unwrap_or(path))?;
    earlier.retain(|p| p.as_path() < path);
    while let Some(before) = earlier.pop() {
        let mut file = super::read::open(&before)?;
        let len = file.seek(SeekFrom::End(0))?;
        if let Some(tail) = within(&mut file, len)? {
            // a tear at the end of an earlier month is covered by the first line of this one
            return Ok(Tail {
                torn: torn.or(tail.torn),
                fresh: len == 0,
                ..tail
            });
        }
    }
    Ok(Tail {
        seq: 0,
        before: GENESIS.to_owned(),
        torn,
        fresh: true,
    })
}

/// `None` where the file holds no line end at all.
fn within(file: &mut File, len: u64) -> io::Result<Option<Tail>> {
    let mut take = FIRST_LOOK;
    loop {
        let from = len.saturating_sub(take);
        let bytes = read(file, from, len)?;
        let longer = |take: &mut u64| {
            *take *= 4;
            match *take > LONGEST * 4 {
                true => Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "its last line has no end",
                )),
                false => Ok(()),
            }
        };
        let Some(end) = bytes.iter().rposition(|b| *b == b'\n') else {
            if from == 0 {
                return Ok(None);
            }
            longer(&mut take)?;
            continue;
        };
        let (whole, rest) = (&bytes[..end], &bytes[end + 1..]);
        let start = match whole.iter().rposition(|b| *b == b'\n') {
            Some(at) => at + 1,
            None if from == 0 => 0,
            None => {
                longer(&mut take)?;
                continue;
            }
        };
        let last = String::from_utf8_lossy(&whole[start..]).into_owned();
        let seq = match serde_json::from_str::<Line>(&last) {
            Ok(line) => line.seq + 1,
            // somebody wrote into it; the chain goes on, and `verify` says so
            Err(_) => count(file, len)?,
        };
        return Ok(Some(Tail {
            seq,
            before: chain(&last),
            torn: (!rest.is_empty()).then(|| chain_bytes(rest)),
            fresh: false,
        }));
    }
}

/// The lines written since an instant, oldest first, also those of the month before.
pub fn since(dir: &Path, from: jiff::Timestamp) -> io::Result<Vec<Line>> {
    let mut out: Vec<Line> = Vec::new();
    for path in months(dir)?.iter().rev() {
        let mut file = super::read::open(path)?;
        let len = file.seek(SeekFrom::End(0))?;
        let mut take = FIRST_LOOK;
        let (lines, older) = loop {
            let start = len.saturating_sub(take);
            let bytes = read(&mut file, start, len)?;
            let text = String::from_utf8_lossy(&bytes);
            // the first piece is the end of a line unless it begins the file
            let lines: Vec<Line> = text
                .split('\n')
                .skip(usize::from(start > 0))
                .filter_map(|t| serde_json::from_str::<Line>(t).ok())
                .collect();
            let older = lines.iter().any(|l| at(l).is_some_and(|t| t < from));
            if older || start == 0 {
                break (lines, older);
            }
            take *= 4;
        };
        let mut kept: Vec<Line> = lines
            .into_iter()
            .filter(|l| at(l).is_some_and(|t| t >= from))
            .collect();
        kept.append(&mut out);
        out = kept;
        if older {
            break;
        }
    }
    Ok(out)
}

/// When a line was written, if it says so.
pub fn at(line: &Line) -> Option<jiff::Timestamp> {
    line.time.parse().ok()
}

/// The record's files, oldest first.
pub fn months(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut names: Vec<PathBuf> = entries
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    names.sort();
    Ok(names)
}

fn read(file: &mut File, from: u64, to: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(to - from).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn count(file: &mut File, len: u64) -> io::Result<u64> {
    Ok(read(file, 0, len)?.iter().filter(|b| **b == b'\n').count() as u64)
}
