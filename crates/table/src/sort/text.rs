//! The order of many texts, seven folded bytes at a time.
//!
//! Titles share long beginnings. Comparing whole texts would read those again in each of a million
//! comparisons; here each run of texts that are equal so far goes on with its next seven bytes.

use std::borrow::Cow;

use super::LOOK;
use crate::cancel::Cancel;
use crate::pattern::fold;

const STEP: usize = 7;

/// The places of the texts in ascending (or descending) order of their folded, then exact form; equal texts
/// keep their order.
pub(super) fn order(texts: &[&str], descending: bool, cancel: &Cancel) -> Option<Vec<u32>> {
    let mut entries: Vec<(u64, u32)> = Vec::with_capacity(texts.len());
    // only text outside of ASCII is folded ahead; the rest on the fly
    let mut folded: Vec<Cow<'_, str>> = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        if at % LOOK == 0 && cancel.is_cancelled() {
            return None;
        }
        let text = if text.is_ascii() {
            Cow::Borrowed(*text)
        } else {
            fold(text)
        };
        entries.push((key(text.as_bytes(), 0, descending), at as u32));
        folded.push(text);
    }
    let mut runs = vec![(0, entries.len(), 0)];
    let mut since = 0;
    while let Some((from, to, depth)) = runs.pop() {
        since += to - from;
        if since >= LOOK {
            since = 0;
            if cancel.is_cancelled() {
                return None;
            }
        }
        let Some(run) = entries.get_mut(from..to) else {
            continue;
        };
        if depth > 0 {
            for (k, at) in run.iter_mut() {
                *k = folded
                    .get(*at as usize)
                    .map_or(0, |text| key(text.as_bytes(), depth, descending));
            }
        }
        run.sort_unstable();
        let mut start = 0;
        for equal in run.chunk_by_mut(|a, b| a.0 == b.0) {
            let end = start + equal.len();
            if equal.len() > 1 {
                if is_whole(equal[0].0, descending) {
                    // the same but for case
                    equal.sort_by(|(_, a), (_, b)| {
                        let (a, b) = (texts.get(*a as usize), texts.get(*b as usize));
                        if descending { b.cmp(&a) } else { a.cmp(&b) }
                    });
                } else {
                    runs.push((from + start, from + end, depth + STEP));
                }
            }
            start = end;
        }
    }
    Some(entries.into_iter().map(|(_, at)| at).collect())
}

/// Seven lower-case bytes from `depth` on, and in the last byte how many there were (8: more follow). So a
/// text stands before its continuation even where that begins with a zero.
fn key(text: &[u8], depth: usize, descending: bool) -> u64 {
    let rest = text.get(depth..).unwrap_or_default();
    let mut bytes = [0; 8];
    let count = rest.len().min(STEP);
    for (to, from) in bytes.iter_mut().zip(&rest[..count]) {
        *to = from.to_ascii_lowercase();
    }
    bytes[STEP] = if rest.len() > STEP { 8 } else { count as u8 };
    let key = u64::from_be_bytes(bytes);
    if descending { !key } else { key }
}

fn is_whole(key: u64, descending: bool) -> bool {
    let key = if descending { !key } else { key };
    key & 0xFF < 8
}
