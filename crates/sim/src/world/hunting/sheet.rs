//! Many rows at once, column by column: what the daily noise is made with.
//!
//! A column is filled from keys (which device, which program), so its texts are stored once and each row costs a byte or two. What a
//! table's schema does not have is passed over, so that tables of one family share their fillers.

use std::borrow::Cow;
use std::sync::Arc;

use hashbrown::HashMap;
use table::{Bits, Chunk, Codes, Column, Strings, Type};

use super::shape::Shape;

/// Rows in a chunk, at most: below what a dictionary holds.
pub(super) const CHUNK: usize = 60_000;

/// A chunk in the making.
pub(super) struct Sheet {
    shape: Arc<Shape>,
    rows: usize,
    columns: Vec<Option<Column>>,
}

impl Sheet {
    /// So many rows of a table.
    pub fn new(shape: Arc<Shape>, rows: usize) -> Sheet {
        let columns = vec![None; shape.schema().len()];
        Sheet {
            shape,
            rows,
            columns,
        }
    }

    /// Puts a column in its place; one of another length or kind is left out.
    fn put(&mut self, name: &str, column: Option<Column>) {
        if let (Some(at), Some(column)) = (self.shape.place(name), column)
            && let Some(slot) = self.columns.get_mut(at)
        {
            *slot = Some(column);
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.shape.place(name).is_some()
    }

    /// Texts that depend on a key alone: `of` is asked once a key.
    pub fn key<'a>(&mut self, name: &str, keys: &[u32], mut of: impl FnMut(usize) -> Cow<'a, str>) {
        if !self.wants(name) {
            return;
        }
        let most = keys.iter().max().map_or(0, |k| *k as usize + 1);
        let mut known = vec![u16::MAX; most];
        let mut texts: HashMap<Cow<'a, str>, u16> = HashMap::new();
        let mut values = Strings::default();
        let mut codes = Vec::with_capacity(keys.len());
        for key in keys {
            let slot = &mut known[*key as usize];
            if *slot == u16::MAX {
                let text = of(*key as usize);
                *slot = match texts.get(&text) {
                    Some(code) => *code,
                    None => {
                        let code = values.len() as u16;
                        values.push(&text);
                        texts.insert(text, code);
                        code
                    }
                };
            }
            codes.push(*slot);
        }
        let codes = if values.len() <= 256 {
            Codes::U8(codes.iter().map(|c| *c as u8).collect())
        } else {
            Codes::U16(codes)
        };
        self.put(name, Column::of_codes(codes, values, None));
    }

    /// The same text in every row.
    pub fn same(&mut self, name: &str, text: &str) {
        if self.wants(name) {
            self.put(name, constant(text, self.rows));
        }
    }

    /// Texts that differ in most rows.
    pub fn text(&mut self, name: &str, mut each: impl FnMut(usize, &mut String)) {
        if !self.wants(name) {
            return;
        }
        let mut values = Strings::default();
        let mut line = String::new();
        for row in 0..self.rows {
            line.clear();
            each(row, &mut line);
            values.push(&line);
        }
        self.put(name, Column::of_strings(values, None));
    }

    /// Numbers, times or spans.
    pub fn int(&mut self, name: &str, each: impl FnMut(usize) -> i64) {
        if self.wants(name) {
            self.put(
                name,
                Column::of_ints((0..self.rows).map(each).collect(), None),
            );
        }
    }

    /// Truth values.
    pub fn bool(&mut self, name: &str, mut each: impl FnMut(usize) -> bool) {
        if !self.wants(name) {
            return;
        }
        let mut bits = Bits::default();
        for row in 0..self.rows {
            bits.push(each(row));
        }
        self.put(name, Column::of_bools(bits, None));
    }

    /// The chunk. A text nobody gave is empty (there are no null strings), anything else null.
    pub fn finish(mut self) -> Chunk {
        if let Some(at) = self.shape.place("Timestamp")
            && let Some(Some(time)) = self.columns.get(at).cloned()
        {
            self.put("TimeGenerated", Some(time));
        }
        let shape = Arc::clone(&self.shape);
        self.same("TenantId", shape.tenant());
        self.same("Type", shape.name());
        let rows = self.rows;
        let columns = shape
            .schema()
            .columns()
            .zip(self.columns)
            .map(|((_, kind), column)| column.or_else(|| nothing(kind, rows)))
            .collect::<Option<Vec<Column>>>();
        columns
            .and_then(|columns| Chunk::new(Arc::clone(shape.schema()), rows, columns))
            .unwrap_or_else(|| Chunk::empty(Arc::clone(shape.schema())))
    }
}

fn constant(text: &str, rows: usize) -> Option<Column> {
    let mut values = Strings::default();
    values.push(text);
    Column::of_codes(Codes::U8(vec![0; rows]), values, None)
}

fn nothing(kind: Type, rows: usize) -> Option<Column> {
    let none = || Some(Bits::filled(rows, false));
    match kind {
        Type::Text => constant("", rows),
        Type::Decimal | Type::Guid | Type::Dynamic => {
            let mut values = Strings::default();
            values.push("");
            Column::of_codes(Codes::U8(vec![0; rows]), values, none())
        }
        Type::List => Column::of_lists(vec![0; rows + 1], Vec::new(), Strings::default(), none()),
        Type::Int | Type::Long | Type::Time | Type::Timespan => {
            Column::of_ints(vec![0; rows], none())
        }
        Type::Real => Column::of_reals(vec![0.0; rows], none()),
        Type::Bool => Column::of_bools(Bits::filled(rows, false), none()),
    }
}
