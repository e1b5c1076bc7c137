//! One file read in parts by several threads, and the parts put together as if one had read it.
//!
//! A part begins after a line end. In CSV that may be inside quotes: each part says where its last record
//! ended, and a part that was begun wrong is read again from there.

use super::notes::PartNotes;
use super::rows::{Col, RawChunk};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What one part of a file gave.
pub(super) struct Part {
    pub(super) cols: Vec<Col>,
    pub(super) chunks: Vec<RawChunk>,
    pub(super) notes: PartNotes,
    /// Line ends passed.
    pub(super) lines: u64,
    /// Where the first record that is not in it begins.
    pub(super) end: u64,
    /// Why reading ended early.
    pub(super) fault: Option<String>,
}

/// Where parts of about this many bytes begin, the first at `from`.
pub(super) fn bounds(path: &Path, from: u64, len: u64, size: u64) -> Vec<u64> {
    let mut out = vec![from];
    let Ok(mut file) = File::open(path) else {
        return out;
    };
    let mut look = vec![0; 64 << 10];
    let mut at = from + size.max(1);
    'parts: while at < len {
        let mut pos = at;
        loop {
            if file.seek(SeekFrom::Start(pos)).is_err() {
                break 'parts;
            }
            let n = match file.read(&mut look) {
                Ok(0) | Err(_) => break 'parts,
                Ok(n) => n,
            };
            if let Some(i) = memchr::memchr(b'\n', &look[..n]) {
                let begin = pos + i as u64 + 1;
                if begin < len {
                    out.push(begin);
                }
                at = begin + size;
                break;
            }
            pos += n as u64;
        }
    }
    out
}

/// Runs `work(begin, end)` over all parts on that many threads; the parts in order.
pub(super) fn run(
    bounds: &[u64],
    threads: usize,
    work: impl Fn(u64, u64) -> Part + Sync,
) -> Vec<Part> {
    let end_of = |i: usize| bounds.get(i + 1).copied().unwrap_or(u64::MAX);
    let next = AtomicUsize::new(0);
    let done: Vec<Mutex<Option<Part>>> = bounds.iter().map(|_| Mutex::new(None)).collect();
    let one = || {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let (Some(begin), Some(slot)) = (bounds.get(i), done.get(i)) else {
                return;
            };
            let part = work(*begin, end_of(i));
            if let Ok(mut slot) = slot.lock() {
                *slot = Some(part);
            }
        }
    };
    if threads < 2 || bounds.len() < 2 {
        one();
    } else {
        std::thread::scope(|s| {
            for _ in 1..threads.min(bounds.len()) {
                s.spawn(one);
            }
            one();
        });
    }
    let mut out: Vec<Part> = Vec::with_capacity(bounds.len());
    for (i, slot) in done.into_iter().enumerate() {
        let begin = bounds.get(i).copied().unwrap_or(0);
        let end = end_of(i);
        let from = out.last().map_or(begin, |p| p.end);
        if out.last().is_some_and(|p| p.fault.is_some()) || from >= end {
            // reading ended before, or a record of an earlier part reaches over this one
            continue;
        }
        let part = slot.into_inner().ok().flatten();
        out.push(match part {
            Some(part) if from == begin => part,
            _ => work(from, end),
        });
    }
    out
}
