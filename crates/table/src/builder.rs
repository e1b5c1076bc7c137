//! Rows into columns: the only way a chunk is made, beside reading a stored one.

use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

use crate::bits::Bits;
use crate::cell::{Cell, Value};
use crate::chunk::Chunk;
use crate::column::{
    BoolColumn, Codes, Column, DictColumn, IntColumn, ListColumn, MAX_DICT, PackedColumn,
    RealColumn,
};
use crate::schema::{Schema, Type};
use crate::strings::Strings;

/// At this many rows a column of mostly distinct values stops looking for repeats.
const EARLY: usize = 16_384;

/// Takes the cells of one row after another. A cell that is not given, or not of the column's type, is
/// null; of two values for one cell the first stays.
#[derive(Debug)]
pub struct ChunkBuilder {
    schema: Arc<Schema>,
    columns: Vec<Build>,
    rows: usize,
}

impl ChunkBuilder {
    /// An empty builder.
    pub fn new(schema: Arc<Schema>) -> Self {
        let columns = schema.columns().map(|(_, kind)| Build::new(kind)).collect();
        ChunkBuilder {
            schema,
            columns,
            rows: 0,
        }
    }

    /// The columns' names and types.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Rows ended so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes on the heap so far, about: for budgets.
    pub fn heap_bytes(&self) -> usize {
        self.columns.iter().map(Build::heap_bytes).sum()
    }

    /// Sets a text cell (also `Decimal`, `Guid`, `Dynamic` in their canonical form).
    pub fn text(&mut self, col: usize, text: Option<&str>) {
        if let (Some(Build::Text(build)), Some(text)) = (self.open(col), text) {
            build.push(text);
        }
    }

    /// Sets a list cell; an empty list is not null.
    pub fn list<'a>(&mut self, col: usize, members: impl IntoIterator<Item = &'a str>) {
        if let Some(Build::List(build)) = self.open(col) {
            build.push(members);
        }
    }

    /// Sets an `Int`, `Long`, `Time` or `Timespan` cell.
    pub fn int(&mut self, col: usize, number: Option<i64>) {
        if let (Some(Build::Int(build)), Some(number)) = (self.open(col), number) {
            build.values.push(number);
            build.valid.some();
        }
    }

    /// Sets a `Real` cell.
    pub fn real(&mut self, col: usize, number: Option<f64>) {
        if let (Some(Build::Real(build)), Some(number)) = (self.open(col), number) {
            build.values.push(number);
            build.valid.some();
        }
    }

    /// Sets a `Bool` cell.
    pub fn bool(&mut self, col: usize, truth: Option<bool>) {
        if let (Some(Build::Bool(build)), Some(truth)) = (self.open(col), truth) {
            build.values.push(truth);
            build.valid.some();
        }
    }

    /// Sets a `Time` cell, in 100 ns ticks since the Unix epoch.
    pub fn time(&mut self, col: usize, ticks: Option<i64>) {
        self.int(col, ticks);
    }

    /// Sets a cell from another column's cell.
    pub fn cell(&mut self, col: usize, cell: Cell<'_>) {
        match cell {
            Cell::Null => {}
            Cell::Text(txt) => self.text(col, Some(txt.exact())),
            Cell::List(list) => self.list(col, list.iter().map(|txt| txt.exact())),
            Cell::Int(n) | Cell::Time(n) | Cell::Span(n) => self.int(col, Some(n)),
            Cell::Real(n) => self.real(col, Some(n)),
            Cell::Bool(b) => self.bool(col, Some(b)),
        }
    }

    /// Sets a cell from an owned value.
    pub fn value(&mut self, col: usize, value: &Value) {
        match value {
            Value::Null => {}
            Value::Text(text) => self.text(col, Some(text.txt().exact())),
            Value::List(list) => self.list(col, list.iter().map(|text| text.txt().exact())),
            Value::Int(n) | Value::Time(n) | Value::Span(n) => self.int(col, Some(*n)),
            Value::Real(n) => self.real(col, Some(*n)),
            Value::Bool(b) => self.bool(col, Some(*b)),
        }
    }

    /// Makes a cell null for good: a later value for it in this row does not count.
    pub fn skip(&mut self, col: usize) {
        let rows = self.rows + 1;
        if let Some(column) = self.open(col) {
            column.fill(rows);
        }
    }

    /// Ends the row; cells not given become null.
    pub fn end_row(&mut self) {
        self.rows += 1;
        for column in &mut self.columns {
            column.fill(self.rows);
        }
    }

    /// Forgets what was given of the row not ended yet.
    pub fn drop_row(&mut self) {
        for column in &mut self.columns {
            column.cut(self.rows);
        }
    }

    /// The rows ended so far, as a chunk; a row not ended is dropped.
    pub fn finish(mut self) -> Chunk {
        for column in &mut self.columns {
            column.cut(self.rows);
        }
        let columns = self.columns.into_iter().map(Build::finish).collect();
        Chunk::from_columns(self.schema, self.rows, columns)
    }

    /// The column, if this row's cell is still open.
    fn open(&mut self, col: usize) -> Option<&mut Build> {
        let rows = self.rows;
        self.columns
            .get_mut(col)
            .filter(|column| column.len() == rows)
    }
}

/// Validity that costs nothing until the first null.
#[derive(Debug, Default)]
pub(crate) struct Validity {
    len: usize,
    bits: Option<Bits>,
}

impl Validity {
    pub(crate) fn some(&mut self) {
        self.len += 1;
        if let Some(bits) = &mut self.bits {
            bits.push(true);
        }
    }

    pub(crate) fn null(&mut self) {
        self.bits
            .get_or_insert_with(|| Bits::filled(self.len, true))
            .push(false);
        self.len += 1;
    }

    fn cut(&mut self, len: usize) {
        if len < self.len {
            self.len = len;
            if let Some(bits) = &mut self.bits {
                bits.truncate(len);
            }
        }
    }

    pub(crate) fn finish(self) -> Option<Bits> {
        self.bits.filter(|bits| bits.count() < bits.len())
    }
}

#[derive(Debug)]
enum Build {
    Text(TextBuild),
    List(ListBuild),
    Int(Numbers<i64>),
    Real(Numbers<f64>),
    Bool(BoolBuild),
}

#[derive(Debug, Default)]
struct Numbers<T> {
    values: Vec<T>,
    valid: Validity,
}

#[derive(Debug, Default)]
struct BoolBuild {
    values: Bits,
    valid: Validity,
}

impl Build {
    fn new(kind: Type) -> Self {
        match kind {
            Type::Text | Type::Decimal | Type::Guid | Type::Dynamic => {
                Build::Text(TextBuild::default())
            }
            Type::List => Build::List(ListBuild::default()),
            Type::Int | Type::Long | Type::Time | Type::Timespan => Build::Int(Numbers::default()),
            Type::Real => Build::Real(Numbers::default()),
            Type::Bool => Build::Bool(BoolBuild::default()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Build::Text(b) => b.len(),
            Build::List(b) => b.valid.len,
            Build::Int(b) => b.valid.len,
            Build::Real(b) => b.valid.len,
            Build::Bool(b) => b.valid.len,
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Build::Text(b) => {
                b.codes.capacity() * 2
                    + b.distinct.heap_bytes()
                    + b.packed.as_ref().map_or(0, Strings::heap_bytes)
            }
            Build::List(b) => {
                (b.offsets.capacity() + b.codes.capacity()) * 4 + b.distinct.heap_bytes()
            }
            Build::Int(b) => b.values.capacity() * 8,
            Build::Real(b) => b.values.capacity() * 8,
            Build::Bool(b) => b.values.heap_bytes(),
        }
    }

    /// One null where this row has no cell yet.
    fn fill(&mut self, rows: usize) {
        if self.len() >= rows {
            return;
        }
        match self {
            Build::Text(b) => b.null(),
            Build::List(b) => b.null(),
            Build::Int(b) => {
                b.values.push(0);
                b.valid.null();
            }
            Build::Real(b) => {
                b.values.push(0.0);
                b.valid.null();
            }
            Build::Bool(b) => {
                b.values.push(false);
                b.valid.null();
            }
        }
    }

    /// Forgets the cell of a row that was not ended.
    fn cut(&mut self, rows: usize) {
        if self.len() <= rows {
            return;
        }
        match self {
            Build::Text(b) => b.cut(rows),
            Build::List(b) => b.cut(rows),
            Build::Int(b) => {
                b.values.truncate(rows);
                b.valid.cut(rows);
            }
            Build::Real(b) => {
                b.values.truncate(rows);
                b.valid.cut(rows);
            }
            Build::Bool(b) => {
                b.values.truncate(rows);
                b.valid.cut(rows);
            }
        }
    }

    fn finish(self) -> Column {
        match self {
            Build::Text(b) => b.finish(),
            Build::List(b) => b.finish(),
            Build::Int(mut b) => {
                b.values.shrink_to_fit();
                Column::Int(IntColumn {
                    values: b.values,
                    valid: b.valid.finish(),
                })
            }
            Build::Real(mut b) => {
                b.values.shrink_to_fit();
                Column::Real(RealColumn {
                    values: b.values,
                    valid: b.valid.finish(),
                })
            }
            Build::Bool(b) => Column::Bool(BoolColumn {
                values: b.values,
                valid: b.valid.finish(),
            }),
        }
    }
}

/// Distinct strings by their hash.
#[derive(Debug, Default)]
pub(crate) struct Distinct {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    pub(crate) values: Strings,
}

impl Distinct {
    fn heap_bytes(&self) -> usize {
        // a control byte and four bytes of code a slot
        self.values.heap_bytes() + self.table.capacity() * 5
    }

    /// The code of a string, new or known; `None` where 4 GiB would be passed.
    pub(crate) fn code(&mut self, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        if let Some(code) = self
            .table
            .find(hash, |code| self.values.get(*code as usize) == text)
        {
            return Some(*code);
        }
        let code = u32::try_from(self.values.len()).ok()?;
        if !self.values.push(text) {
            return None;
        }
        let (values, hasher) = (&self.values, &self.hasher);
        self.table.insert_unique(hash, code, |code| {
            hasher.hash_one(values.get(*code as usize))
        });
        Some(code)
    }
}

/// Dictionary codes for as long as values repeat, packed text after that.
#[derive(Debug, Default)]
pub(crate) struct TextBuild {
    distinct: Distinct,
    codes: Vec<u16>,
    packed: Option<Strings>,
    valid: Validity,
}

impl TextBuild {
    fn len(&self) -> usize {
        self.valid.len
    }

    pub(crate) fn push(&mut self, text: &str) {
        if let Some(packed) = &mut self.packed {
            let fits = packed.push(text);
            self.mark(fits);
            return;
        }
        match self.distinct.code(text) {
            Some(code) if (code as usize) < MAX_DICT => {
                self.codes.push(code as u16);
                self.valid.some();
                if self.codes.len() == EARLY && self.distinct.values.len() > EARLY / 2 {
                    self.packed = Some(self.unfold());
                }
            }
            _ => {
                let mut packed = self.unfold();
                let fits = packed.push(text);
                self.packed = Some(packed);
                self.mark(fits);
            }
        }
    }

    pub(crate) fn null(&mut self) {
        match &mut self.packed {
            Some(packed) => {
                packed.push("");
            }
            None => self.codes.push(0),
        }
        self.valid.null();
    }

    /// A cell that would pass 4 GiB in one column is null: the row stays.
    fn mark(&mut self, fits: bool) {
        if fits {
            self.valid.some();
        } else {
            if let Some(packed) = &mut self.packed {
                packed.push("");
            }
            self.valid.null();
        }
    }

    fn cut(&mut self, rows: usize) {
        self.codes.truncate(rows);
        if let Some(packed) = &mut self.packed {
            packed.truncate(rows);
        }
        self.valid.cut(rows);
    }

    /// Codes written out as packed text.
    fn unfold(&mut self) -> Strings {
        let values = std::mem::take(&mut self.distinct).values;
        let codes = std::mem::take(&mut self.codes);
        let mut packed = Strings::with_capacity(codes.len() * 2, values.bytes().len() * 2);
        for (row, code) in codes.iter().enumerate() {
            let null = self.valid.bits.as_ref().is_some_and(|bits| !bits.get(row));
            packed.push(if null {
                ""
            } else {
                values.get(usize::from(*code))
            });
        }
        packed
    }

    pub(crate) fn finish(mut self) -> Column {
        if self.packed.is_none() && self.distinct.values.len() * 4 > self.codes.len() {
            self.packed = Some(self.unfold());
        }
        match self.packed {
            Some(values) => packed_column(values, self.valid.finish()),
            None => {
                let mut values = self.distinct.values;
                values.shrink();
                Column::Dict(DictColumn {
                    codes: Codes::narrow(self.codes, values.len()),
                    values,
                    valid: self.valid.finish(),
                })
            }
        }
    }
}

pub(crate) fn packed_column(mut values: Strings, valid: Option<Bits>) -> Column {
    values.shrink();
    let ascii = values.bytes().is_ascii();
    Column::Packed(PackedColumn {
        values,
        valid,
        ascii,
    })
}

#[derive(Debug)]
pub(crate) struct ListBuild {
    distinct: Distinct,
    offsets: Vec<u32>,
    codes: Vec<u32>,
    valid: Validity,
}

impl Default for ListBuild {
    fn default() -> Self {
        ListBuild {
            distinct: Distinct::default(),
            offsets: vec![0],
            codes: Vec::new(),
            valid: Validity::default(),
        }
    }
}

impl ListBuild {
    pub(crate) fn push<'a>(&mut self, members: impl IntoIterator<Item = &'a str>) {
        for member in members {
            // a member past 4 GiB, or past 4 billion of them, is left out: the row stays
            if self.codes.len() < u32::MAX as usize
                && let Some(code) = self.distinct.code(member)
            {
                self.codes.push(code);
            }
        }
        self.offsets.push(self.codes.len() as u32);
        self.valid.some();
    }

    pub(crate) fn null(&mut self) {
        self.offsets.push(self.codes.len() as u32);
        self.valid.null();
    }

    fn cut(&mut self, rows: usize) {
        self.offsets.truncate(rows + 1);
        self.codes
            .truncate(self.offsets.last().map_or(0, |end| *end as usize));
        self.valid.cut(rows);
    }

    pub(crate) fn finish(mut self) -> Column {
        self.distinct.values.shrink();
        self.offsets.shrink_to_fit();
        self.codes.shrink_to_fit();
        Column::List(ListColumn {
            offsets: self.offsets,
            codes: self.codes,
            values: self.distinct.values,
            valid: self.valid.finish(),
        })
    }
}
