//! The columns of a chunk, as kernels and the query engine see them.

use crate::bits::Bits;
use crate::cell::{Cell, ListCells};
use crate::schema::Type;
use crate::strings::Strings;
use crate::text::Txt;

/// Most distinct values of a dictionary.
pub const MAX_DICT: usize = 65_536;

/// Dictionary codes, one a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    U8(Vec<u8>),
    U16(Vec<u16>),
}

impl Codes {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Codes::U8(codes) => codes.len(),
            Codes::U16(codes) => codes.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A row's code; 0 past the end.
    #[inline]
    pub fn get(&self, row: usize) -> usize {
        match self {
            Codes::U8(codes) => codes.get(row).map_or(0, |c| usize::from(*c)),
            Codes::U16(codes) => codes.get(row).map_or(0, |c| usize::from(*c)),
        }
    }

    /// The codes, one by one.
    pub fn iter(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match self {
            Codes::U8(codes) => Box::new(codes.iter().map(|c| usize::from(*c))),
            Codes::U16(codes) => Box::new(codes.iter().map(|c| usize::from(*c))),
        }
    }

    /// The narrowest form for that many distinct values.
    pub(crate) fn narrow(codes: Vec<u16>, distinct: usize) -> Self {
        if distinct <= 256 {
            Codes::U8(codes.iter().map(|c| *c as u8).collect())
        } else {
            let mut codes = codes;
            codes.shrink_to_fit();
            Codes::U16(codes)
        }
    }
}

/// Text by codes into distinct values. A null row has code 0, which means nothing there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DictColumn {
    pub(crate) codes: Codes,
    pub(crate) values: Strings,
    pub(crate) valid: Option<Bits>,
}

/// Text one after the other. A null row is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedColumn {
    pub(crate) values: Strings,
    pub(crate) valid: Option<Bits>,
    // whether every byte is ASCII: kernels then skip the look at each row
    pub(crate) ascii: bool,
}

/// Lists of codes into distinct values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListColumn {
    // one more than there are rows; the first is 0
    pub(crate) offsets: Vec<u32>,
    pub(crate) codes: Vec<u32>,
    pub(crate) values: Strings,
    pub(crate) valid: Option<Bits>,
}

/// Whole numbers, times and spans. A null row is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntColumn {
    pub(crate) values: Vec<i64>,
    pub(crate) valid: Option<Bits>,
}

/// Real numbers. A null row is 0.
#[derive(Clone, Debug)]
pub struct RealColumn {
    pub(crate) values: Vec<f64>,
    pub(crate) valid: Option<Bits>,
}

/// Truth values. A null row is false.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoolColumn {
    pub(crate) values: Bits,
    pub(crate) valid: Option<Bits>,
}

/// By bits, so that a NaN equals itself.
impl PartialEq for RealColumn {
    fn eq(&self, other: &Self) -> bool {
        self.valid == other.valid
            && self
                .values
                .iter()
                .map(|v| v.to_bits())
                .eq(other.values.iter().map(|v| v.to_bits()))
    }
}

/// One column of a chunk.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    Dict(DictColumn),
    Packed(PackedColumn),
    List(ListColumn),
    Int(IntColumn),
    Real(RealColumn),
    Bool(BoolColumn),
}

impl DictColumn {
    /// Whether a row has no value.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        !is_valid(&self.valid, row)
    }

    /// One code a row.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// The distinct values, in order of appearance.
    pub fn values(&self) -> &Strings {
        &self.values
    }

    /// The text of a row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&str> {
        is_valid(&self.valid, row).then(|| self.values.get(self.codes.get(row)))
    }
}

impl PackedColumn {
    /// One string a row.
    pub fn values(&self) -> &Strings {
        &self.values
    }

    /// Whether every byte is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// The text of a row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&str> {
        is_valid(&self.valid, row).then(|| self.values.get(row))
    }
}

impl ListColumn {
    /// Whether a row has no value.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        !is_valid(&self.valid, row)
    }

    /// Where each row's codes begin, and the end of the last.
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// The codes of all rows.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The distinct members.
    pub fn values(&self) -> &Strings {
        &self.values
    }

    /// The codes of a row, whether null or not.
    #[inline]
    pub fn codes_of(&self, row: usize) -> &[u32] {
        match (self.offsets.get(row), self.offsets.get(row + 1)) {
            (Some(from), Some(to)) => self.codes.get(*from as usize..*to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The members of a row.
    pub fn get(&self, row: usize) -> Option<ListCells<'_>> {
        is_valid(&self.valid, row).then(|| ListCells {
            values: &self.values,
            codes: self.codes_of(row),
        })
    }
}

impl IntColumn {
    /// One number a row.
    pub fn values(&self) -> &[i64] {
        &self.values
    }

    /// The number of a row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<i64> {
        if is_valid(&self.valid, row) {
            self.values.get(row).copied()
        } else {
            None
        }
    }
}

impl RealColumn {
    /// One number a row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The number of a row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<f64> {
        if is_valid(&self.valid, row) {
            self.values.get(row).copied()
        } else {
            None
        }
    }
}

impl BoolColumn {
    /// One bit a row.
    pub fn values(&self) -> &Bits {
        &self.values
    }

    /// The truth value of a row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<bool> {
        is_valid(&self.valid, row).then(|| self.values.get(row))
    }
}

/// Validity of that many rows, and none where all are valid.
fn checked(valid: Option<Bits>, rows: usize) -> Option<Option<Bits>> {
    match valid {
        Some(bits) if bits.len() != rows => None,
        valid => Some(valid.filter(|bits| bits.count() < rows)),
    }
}

#[inline]
pub(crate) fn is_valid(valid: &Option<Bits>, row: usize) -> bool {
    valid.as_ref().is_none_or(|bits| bits.get(row))
}

impl Column {
    /// Whole numbers, times or spans; `None` when the validity has another length.
    pub fn of_ints(values: Vec<i64>, valid: Option<Bits>) -> Option<Column> {
        let valid = checked(valid, values.len())?;
        Some(Column::Int(IntColumn { values, valid }))
    }

    /// Real numbers; `None` when the validity has another length.
    pub fn of_reals(values: Vec<f64>, valid: Option<Bits>) -> Option<Column> {
        let valid = checked(valid, values.len())?;
        Some(Column::Real(RealColumn { values, valid }))
    }

    /// Truth values; `None` when the validity has another length.
    pub fn of_bools(values: Bits, valid: Option<Bits>) -> Option<Column> {
        let valid = checked(valid, values.len())?;
        Some(Column::Bool(BoolColumn { values, valid }))
    }

    /// Packed text, one string a row; `None` when the validity has another length.
    pub fn of_strings(mut values: Strings, valid: Option<Bits>) -> Option<Column> {
        let valid = checked(valid, values.len())?;
        values.shrink();
        let ascii = values.bytes().is_ascii();
        Some(Column::Packed(PackedColumn {
            values,
            valid,
            ascii,
        }))
    }

    /// Text by codes; `None` when a code means nothing, there are too many values, or the validity has
    /// another length.
    pub fn of_codes(codes: Codes, mut values: Strings, valid: Option<Bits>) -> Option<Column> {
        let valid = checked(valid, codes.len())?;
        let most = codes.iter().max().unwrap_or(0);
        if values.len() > MAX_DICT || most >= values.len().max(1) {
            return None;
        }
        values.shrink();
        Some(Column::Dict(DictColumn {
            codes,
            values,
            valid,
        }))
    }

    /// Lists by codes; `None` when the offsets do not rise from 0 to the end, a code means nothing, or the
    /// validity has another length.
    pub fn of_lists(
        offsets: Vec<u32>,
        codes: Vec<u32>,
        values: Strings,
        valid: Option<Bits>,
    ) -> Option<Column> {
        let valid = checked(valid, offsets.len().checked_sub(1)?)?;
        let rising = offsets.first() == Some(&0)
            && offsets
                .last()
                .is_some_and(|end| *end as usize == codes.len())
            && offsets.windows(2).all(|w| w[0] <= w[1]);
        if !rising || codes.iter().any(|code| *code as usize >= values.len()) {
            return None;
        }
        Some(Column::List(ListColumn {
            offsets,
            codes,
            values,
            valid,
        }))
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Column::Dict(c) => c.codes.len(),
            Column::Packed(c) => c.values.len(),
            Column::List(c) => c.offsets.len().saturating_sub(1),
            Column::Int(c) => c.values.len(),
            Column::Real(c) => c.values.len(),
            Column::Bool(c) => c.values.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Which rows have a value; `None` when all have.
    pub fn validity(&self) -> Option<&Bits> {
        match self {
            Column::Dict(c) => c.valid.as_ref(),
            Column::Packed(c) => c.valid.as_ref(),
            Column::List(c) => c.valid.as_ref(),
            Column::Int(c) => c.valid.as_ref(),
            Column::Real(c) => c.valid.as_ref(),
            Column::Bool(c) => c.valid.as_ref(),
        }
    }

    /// Whether a row has no value.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.validity().is_some_and(|bits| !bits.get(row))
    }

    /// The text of a row, where the column is stored as text.
    #[inline]
    pub fn text(&self, row: usize) -> Option<&str> {
        match self {
            Column::Dict(c) => c.get(row),
            Column::Packed(c) => c.get(row),
            _ => None,
        }
    }

    /// A row's value, read as that type.
    pub fn cell(&self, kind: Type, row: usize) -> Cell<'_> {
        if row >= self.len() {
            return Cell::Null;
        }
        let cell = match self {
            Column::Dict(c) => c.get(row).map(|s| Cell::Text(Txt::new(s))),
            Column::Packed(c) => c.get(row).map(|s| Cell::Text(Txt::new(s))),
            Column::List(c) => c.get(row).map(Cell::List),
            Column::Int(c) => c.get(row).map(|n| match kind {
                Type::Time => Cell::Time(n),
                Type::Timespan => Cell::Span(n),
                _ => Cell::Int(n),
            }),
            Column::Real(c) => c.get(row).map(Cell::Real),
            Column::Bool(c) => c.get(row).map(Cell::Bool),
        };
        cell.unwrap_or(Cell::Null)
    }

    /// Whether the storage is the one of that type.
    pub(crate) fn suits(&self, kind: Type) -> bool {
        match self {
            Column::Dict(_) | Column::Packed(_) => kind.is_textual(),
            Column::List(_) => kind == Type::List,
            Column::Int(_) => kind.is_integral(),
            Column::Real(_) => kind == Type::Real,
            Column::Bool(_) => kind == Type::Bool,
        }
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        let valid = self.validity().map_or(0, Bits::heap_bytes);
        valid
            + match self {
                Column::Dict(c) => {
                    c.values.heap_bytes()
                        + match &c.codes {
                            Codes::U8(codes) => codes.capacity(),
                            Codes::U16(codes) => codes.capacity() * 2,
                        }
                }
                Column::Packed(c) => c.values.heap_bytes(),
                Column::List(c) => {
                    c.offsets.capacity() * 4 + c.codes.capacity() * 4 + c.values.heap_bytes()
                }
                Column::Int(c) => c.values.capacity() * 8,
                Column::Real(c) => c.values.capacity() * 8,
                Column::Bool(c) => c.values.heap_bytes(),
            }
    }
}
