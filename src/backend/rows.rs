//! Rows of a page: decoded one by one into a chunk, the bad ones counted, the unchanged ones left out.

use crate::model::repair::shallow;
use crate::model::{Json, Ticks};
use crate::resource::{BadRow, Sink, Spec};
use serde_json::Value;
use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::Arc;
use table::{Chunk, ChunkBuilder};

/// Ids and texts of the rows of a list that are known already, as keyed hashes: a hostile id cannot collide at will.
#[derive(Default)]
pub struct Known {
    hasher: RandomState,
    /// Id to text; 0 where only the id is known (from the cache).
    rows: HashMap<u64, u64>,
}

/// The ids that a sweep listed.
#[derive(Default)]
pub struct Listed(HashSet<u64>);

impl Listed {
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl Known {
    fn id(&self, id: &str) -> u64 {
        self.hasher.hash_one(id)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Ids that came from the cache.
    pub fn cached(&mut self, chunk: &Chunk) {
        for row in 0..chunk.rows() {
            if let Some(id) = chunk.cell(row, 0).text() {
                let id = self.id(id.exact());
                self.rows.entry(id).or_insert(0);
            }
        }
    }

    pub fn remove(&mut self, id: &str) {
        let id = self.id(id);
        self.rows.remove(&id);
    }

    /// Whether the sweep listed this id.
    pub fn is_listed(&self, listed: &Listed, id: &str) -> bool {
        listed.0.contains(&self.id(id))
    }

    /// Whether this text is new for its id; it is known from now on.
    fn is_new(&mut self, id: &str, text: &str) -> bool {
        let hash = self.hasher.hash_one(text).max(1);
        let id = self.id(id);
        self.rows.insert(id, hash) != Some(hash)
    }
}

/// What a page held.
#[derive(Default)]
pub struct Decoded {
    pub chunk: Option<Arc<Chunk>>,
    /// The text of each row of the chunk.
    pub raws: Vec<Box<str>>,
    pub bad: u32,
    pub bad_why: Option<String>,
    /// Rows that are there but for what was nested too deeply in them.
    pub cut: u32,
    /// The latest change among all rows, changed or not.
    pub mark: Option<Ticks>,
}

/// How one row becomes cells.
pub type Decode = fn(Json<'_>, &mut Sink<'_>) -> Result<(), BadRow>;

/// Decodes the rows that are new or changed.
pub fn decode<'a>(
    spec: &Spec,
    texts: impl Iterator<Item = &'a str>,
    known: &mut Known,
    listed: Option<&mut Listed>,
) -> Decoded {
    decode_by(spec, spec.decode, texts, known, listed)
}

/// The same with another decoder than the list's own.
pub fn decode_by<'a>(
    spec: &Spec,
    by: Decode,
    texts: impl Iterator<Item = &'a str>,
    known: &mut Known,
    mut listed: Option<&mut Listed>,
) -> Decoded {
    let mut out = Decoded::default();
    let mut builder = ChunkBuilder::new(spec.schema());
    for text in texts {
        let mut cut = None;
        let taken = take(
            spec,
            by,
            text,
            known,
            &mut listed,
            &mut builder,
            &mut out.mark,
            &mut cut,
        );
        out.cut += u32::from(cut.is_some());
        let bad = match taken {
            Ok(true) => {
                builder.end_row();
                out.raws.push(cut.as_deref().unwrap_or(text).into());
                continue;
            }
            Ok(false) => continue,
            Err(why) => why,
        };
        builder.drop_row();
        out.bad += 1;
        out.bad_why.get_or_insert(bad);
    }
    if builder.rows() > 0 {
        out.chunk = Some(Arc::new(builder.finish()));
    }
    out
}

/// Whether there is anything new to end the row with; the cells are in the builder then.
#[allow(clippy::too_many_arguments)]
fn take(
    spec: &Spec,
    by: Decode,
    text: &str,
    known: &mut Known,
    listed: &mut Option<&mut Listed>,
    builder: &mut ChunkBuilder,
    mark: &mut Option<Ticks>,
    cut: &mut Option<String>,
) -> Result<bool, String> {
    let value: Value = serde_json::from_str(text)
        .or_else(|e| {
            *cut = shallow(text);
            match cut {
                Some(text) => serde_json::from_str(text),
                None => Err(e),
            }
        })
        .map_err(|_| "a row is not JSON".to_owned())?;
    let row = Json(&value);
    let id = row
        .str(spec.id)
        .ok_or_else(|| format!("a row of {} has no id", spec.title))?;
    if let Some(listed) = listed {
        listed.0.insert(known.id(id));
    }
    if let Some(at) = spec.listing.watermark.and_then(|field| row.time(field)) {
        *mark = (*mark).max(Some(at));
    }
    if !known.is_new(id, text) {
        return Ok(false);
    }
    by(row, &mut Sink::new(spec.columns, builder)).map_err(|bad| {
        // it stays unknown, so that it is counted again and not forgotten
        known.remove(id);
        super::fault::shown(&bad.0)
    })?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;
    use crate::resource::spec;

    fn read(known: &mut Known, rows: &[&str]) -> Decoded {
        decode(spec(Kind::Incident), rows.iter().copied(), known, None)
    }

    #[test]
    fn one_bad_row_does_not_hide_the_others() {
        let mut known = Known::default();
        let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
        let got = read(
            &mut known,
            &[
                r#"{"id":"1","displayName":"a","lastUpdateDateTime":"2026-08-01T10:00:00Z"}"#,
                r#"{"displayName":"no id"}"#,
                &deep,
                "5",
                r#"{"id":"2","severity":"never heard of","x":{"y":1},"lastUpdateDateTime":"2026-08-01T11:00:00Z"}"#,
            ],
        );
        let chunk = got.chunk.unwrap();
        assert_eq!(
            (chunk.rows(), got.raws.len(), got.bad, got.cut),
            (2, 2, 3, 1)
        );
        assert_eq!(chunk.cell(1, 0).text().map(|t| t.exact()), Some("2"));
        assert_eq!(got.mark, Ticks::parse("2026-08-01T11:00:00Z"));
        assert!(got.bad_why.unwrap().contains("no id"));
    }

    #[test]
    fn unchanged_rows_are_left_out_and_changed_ones_come_again() {
        let mut known = Known::default();
        let row = r#"{"id":"1","displayName":"a"}"#;
        assert!(read(&mut known, &[row]).chunk.is_some());
        assert!(read(&mut known, &[row]).chunk.is_none());
        assert!(
            read(&mut known, &[r#"{"id":"1","displayName":"b"}"#])
                .chunk
                .is_some()
        );
        assert_eq!(known.len(), 1);
    }
}
