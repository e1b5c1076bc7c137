//! Rows of one part of a file into chunks: columns of known types, columns whose type is found out, and
//! columns that turn up late.

use super::cells;
use super::infer::{Cells, Raw, compact, stored, text_of};
use crate::types::Ty;
use hashbrown::HashMap;
use std::borrow::Cow;
use std::sync::Arc;
use table::{ChunkBuilder, Column, Schema, Type};

/// Rows of a chunk: what the engine takes at a time.
pub(super) const ROWS: usize = 65_536;

/// Bytes after which a chunk is ended before it has that many rows.
const BYTES: usize = 64 << 20;

/// Most columns of a table.
pub(super) const COLUMNS: usize = 10_000;

/// What a column is filled as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    /// A type that a schema names.
    Known(Ty),
    /// Text until its type is settled.
    Open(Raw),
}

impl Fill {
    pub(super) fn kind(self) -> Type {
        match self {
            Fill::Known(ty) => stored(ty),
            Fill::Open(_) => Type::Text,
        }
    }
}

/// A column of a part.
#[derive(Clone, Debug)]
pub(super) struct Col {
    pub(super) name: String,
    pub(super) fill: Fill,
    pub(super) cells: Cells,
}

/// Rows, with as many columns as there were when they were read.
pub(super) struct RawChunk {
    pub(super) rows: usize,
    /// A key a row, where rows may be written twice.
    pub(super) keys: Vec<u128>,
    pub(super) columns: Vec<Column>,
}

/// A value that is none of its column's type.
pub(super) struct WrongType;

pub(super) struct Rows {
    cols: Vec<Col>,
    kinds: Vec<Type>,
    by_name: HashMap<String, usize>,
    main: ChunkBuilder,
    // columns that came after this chunk was begun
    late: Vec<ChunkBuilder>,
    chunks: Vec<RawChunk>,
    expect: usize,
    /// Of JSON rows: column, value and type that do not agree, until somebody takes them.
    pub(super) wrong: Vec<(String, String, &'static str)>,
    /// No columns but those given.
    pub(super) closed: bool,
    /// Where the same row may be written twice.
    pub(super) keys: Option<Keys>,
}

impl Rows {
    pub(super) fn new(cols: Vec<Col>) -> Self {
        Rows {
            kinds: cols.iter().map(|c| c.fill.kind()).collect(),
            by_name: cols
                .iter()
                .enumerate()
                .map(|(i, c)| (c.name.clone(), i))
                .collect(),
            main: ChunkBuilder::new(schema(&cols)),
            late: Vec::new(),
            cols,
            chunks: Vec::new(),
            expect: 0,
            wrong: Vec::new(),
            closed: false,
            keys: None,
        }
    }

    pub(super) fn name(&self, col: usize) -> &str {
        self.cols.get(col).map_or("", |c| &c.name)
    }

    pub(super) fn type_name(&self, col: usize) -> &'static str {
        match self.cols.get(col).map(|c| c.fill) {
            Some(Fill::Known(ty)) => ty.name(),
            _ => "string",
        }
    }

    /// A column by its name; a new one where there is room. Rows mostly have the order of the row before.
    pub(super) fn column(&mut self, name: &str) -> Option<usize> {
        if self.cols.get(self.expect).is_some_and(|c| c.name == name) {
            self.expect += 1;
            return Some(self.expect - 1);
        }
        if let Some(col) = self.by_name.get(name) {
            self.expect = col + 1;
            return Some(*col);
        }
        if self.closed || self.cols.len() >= COLUMNS {
            return None;
        }
        let col = Col {
            name: name.to_owned(),
            fill: Fill::Open(Raw::Json),
            cells: Cells::default(),
        };
        let mut late = ChunkBuilder::new(schema(std::slice::from_ref(&col)));
        (0..self.main.rows()).for_each(|_| late.end_row());
        self.late.push(late);
        self.kinds.push(Type::Text);
        self.by_name.insert(col.name.clone(), self.cols.len());
        self.cols.push(col);
        self.expect = self.cols.len();
        Some(self.cols.len() - 1)
    }

    fn at(&mut self, col: usize) -> (&mut ChunkBuilder, usize) {
        let main = self.main.schema().len();
        if col >= main
            && let Some(late) = self.late.get_mut(col - main)
        {
            return (late, 0);
        }
        (&mut self.main, col)
    }

    /// A CSV cell. An empty one is null, and empty in text.
    #[inline]
    pub(super) fn text(&mut self, col: usize, text: &str) -> Result<(), WrongType> {
        let Some(kind) = self.kinds.get(col) else {
            return Ok(());
        };
        if *kind == Type::Text {
            if let Some(Col {
                fill: Fill::Open(_),
                cells,
                ..
            }) = self.cols.get_mut(col)
            {
                cells.text(text);
            }
            self.main.text(col, Some(text));
            return Ok(());
        }
        if text.is_empty() {
            return Ok(());
        }
        self.parsed(col, *kind, text)
    }

    /// Text as a value of a column that is not text.
    fn parsed(&mut self, col: usize, kind: Type, text: &str) -> Result<(), WrongType> {
        let (build, col) = self.at(col);
        let fits = match kind {
            Type::Bool => cells::boolean(text).map(|b| build.bool(col, Some(b))),
            Type::Int => cells::int(text).map(|n| build.int(col, Some(n))),
            Type::Long => cells::long(text).map(|n| build.int(col, Some(n))),
            Type::Real => cells::real(text).map(|n| build.real(col, Some(n))),
            Type::Time => cells::datetime(text).map(|t| build.time(col, Some(t))),
            Type::Timespan => cells::timespan(text).map(|t| build.int(col, Some(t))),
            Type::Decimal => cells::decimal(text).map(|t| build.text(col, Some(t))),
            Type::Guid => cells::guid(text).map(|t| build.text(col, Some(&t))),
            Type::Dynamic => compact(text).map(|t| build.text(col, Some(&t))),
            Type::Text | Type::List => {
                build.text(col, Some(text));
                Some(())
            }
        };
        let word = text.trim();
        if fits.is_some() || word.is_empty() || word.eq_ignore_ascii_case("null") {
            return Ok(());
        }
        Err(WrongType)
    }

    /// A JSON value as it is written.
    pub(super) fn json(&mut self, col: usize, raw: &str) -> Result<(), WrongType> {
        if raw == "null" {
            return Ok(());
        }
        let inner: Option<Cow<'_, str>> = string(raw);
        if let Some(Col {
            fill: Fill::Open(_),
            cells,
            ..
        }) = self.cols.get_mut(col)
        {
            cells.json(raw, inner.as_deref());
            let (build, col) = self.at(col);
            build.text(col, Some(raw));
            return Ok(());
        }
        let kind = self.kinds.get(col).copied().unwrap_or(Type::Text);
        let nested = raw.starts_with(['{', '[']);
        match (kind, inner) {
            (Type::Text, Some(text)) => {
                let (build, col) = self.at(col);
                build.text(col, Some(&text));
                Ok(())
            }
            (Type::Text, None) => {
                let text = text_of(raw);
                let (build, col) = self.at(col);
                build.text(col, text.as_deref());
                Ok(())
            }
            // text that holds JSON is what the export writes for dynamic columns
            (Type::Dynamic, Some(text)) if text.trim_start().starts_with(['{', '[']) => {
                self.parsed(col, kind, &text)
            }
            (Type::Dynamic, _) => self.parsed(col, kind, raw),
            (_, Some(text)) if text.is_empty() => Ok(()),
            (_, Some(text)) => self.parsed(col, kind, &text),
            (_, None) if nested => Err(WrongType),
            (Type::Bool, None) => self.parsed(col, kind, raw),
            (Type::Int | Type::Long, None) if matches!(raw, "true" | "false") => {
                self.parsed(col, kind, if raw == "true" { "1" } else { "0" })
            }
            (_, None) => self.parsed(col, kind, raw),
        }
    }

    /// Ends the row, and the chunk when it is full.
    #[inline]
    pub(super) fn end_row(&mut self) {
        self.expect = 0;
        self.main.end_row();
        if let Some(keys) = &mut self.keys {
            keys.end_row();
        }
        for late in &mut self.late {
            late.end_row();
        }
        let rows = self.main.rows();
        if rows >= ROWS || (rows.is_multiple_of(1024) && self.heap_bytes() > BYTES) {
            self.cut();
        }
    }

    fn heap_bytes(&self) -> usize {
        self.main.heap_bytes()
            + self
                .late
                .iter()
                .map(ChunkBuilder::heap_bytes)
                .sum::<usize>()
    }

    /// Forgets the row that is not ended.
    pub(super) fn drop_row(&mut self) {
        self.expect = 0;
        self.main.drop_row();
        if let Some(keys) = &mut self.keys {
            keys.row = Key::default();
        }
        for late in &mut self.late {
            late.drop_row();
        }
    }

    fn cut(&mut self) {
        let full = std::mem::replace(&mut self.main, ChunkBuilder::new(schema(&self.cols)));
        let late = std::mem::take(&mut self.late);
        let rows = full.rows();
        if rows == 0 {
            return;
        }
        let mut columns = full.finish().into_columns();
        columns.extend(late.into_iter().flat_map(|b| b.finish().into_columns()));
        let keys = self
            .keys
            .as_mut()
            .map(|k| std::mem::take(&mut k.done))
            .unwrap_or_default();
        self.chunks.push(RawChunk {
            rows,
            keys,
            columns,
        });
    }

    /// The columns and the chunks.
    pub(super) fn finish(mut self) -> (Vec<Col>, Vec<RawChunk>) {
        self.cut();
        (self.cols, self.chunks)
    }
}

/// What tells a row from another: certain members where it has them, else all it says. The order of the
/// members does not count.
#[derive(Default)]
pub(super) struct Keys {
    /// Members that name an event; none: all that it says.
    of: &'static [&'static str],
    name: u128,
    is_key: bool,
    row: Key,
    done: Vec<u128>,
}

#[derive(Default)]
struct Key {
    members: usize,
    key: u128,
    all: u128,
}

impl Keys {
    pub(super) fn new(of: &'static [&'static str]) -> Keys {
        Keys {
            of,
            ..Keys::default()
        }
    }

    pub(super) fn name(&mut self, name: &str) {
        self.is_key = self.of.contains(&name);
        self.name = hash(0, name);
    }

    pub(super) fn value(&mut self, raw: &str) {
        let member = hash(self.name, raw);
        self.row.all = self.row.all.wrapping_add(member);
        if self.is_key {
            self.row.members += 1;
            self.row.key = self.row.key.wrapping_add(member);
        }
    }

    fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        let whole = self.of.is_empty() || row.members < self.of.len();
        self.done.push(if whole { row.all } else { row.key });
    }
}

/// 128 bits, so that two events do not meet by chance among billions. The multiplier and the start are
/// those of FNV-1a; words at a time, the upper half folded down after each.
fn hash(seed: u128, text: &str) -> u128 {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    const START: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut h = START ^ seed.rotate_left(64) ^ text.len() as u128;
    let mut take = |word: u64| {
        h = (h ^ u128::from(word)).wrapping_mul(PRIME);
        h ^= h >> 67;
    };
    words.iter().for_each(|w| take(u64::from_le_bytes(*w)));
    take(rest.iter().fold(0, |n, b| n << 8 | u64::from(*b)));
    take(seed as u64);
    h
}

/// The text of a JSON string, borrowed where nothing in it is escaped.
pub(super) fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
}

pub(super) fn schema(cols: &[Col]) -> Arc<Schema> {
    Arc::new(Schema::new(
        cols.iter().map(|c| (c.name.as_str(), c.fill.kind())),
    ))
}
