//! Names and types of columns.

use crate::text::{Text, Txt};

/// Logical type of a column. Stored as text: `Text`, `Decimal`, `Guid`, `Dynamic`; as i64: `Int`, `Long`,
/// `Time`, `Timespan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    Text,
    /// Several texts.
    List,
    Int,
    Real,
    Bool,
    /// 100 ns ticks since 1970-01-01T00:00:00Z.
    Time,
    Long,
    /// Canonical decimal text.
    Decimal,
    /// 100 ns ticks.
    Timespan,
    /// Lower-case text with hyphens.
    Guid,
    /// Packed canonical JSON text.
    Dynamic,
}

impl Type {
    /// Every type, in the order of the stored numbers.
    pub const ALL: [Type; 11] = [
        Type::Text,
        Type::List,
        Type::Int,
        Type::Real,
        Type::Bool,
        Type::Time,
        Type::Long,
        Type::Decimal,
        Type::Timespan,
        Type::Guid,
        Type::Dynamic,
    ];

    /// Stored as text.
    pub fn is_textual(self) -> bool {
        matches!(
            self,
            Type::Text | Type::Decimal | Type::Guid | Type::Dynamic
        )
    }

    /// Stored as i64.
    pub fn is_integral(self) -> bool {
        matches!(self, Type::Int | Type::Long | Type::Time | Type::Timespan)
    }
}

/// Column names and types, in order. Names may come from outside, so they are tenant text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    columns: Vec<(Text, Type)>,
}

impl Schema {
    /// From names and types.
    pub fn new<N: Into<Text>>(columns: impl IntoIterator<Item = (N, Type)>) -> Self {
        Schema {
            columns: columns
                .into_iter()
                .map(|(name, kind)| (name.into(), kind))
                .collect(),
        }
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there are no columns.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The place of a column by its exact name; the first one where names repeat.
    pub fn col(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(n, _)| n == name)
    }

    /// A column's name.
    pub fn name(&self, col: usize) -> Option<Txt<'_>> {
        self.columns.get(col).map(|(name, _)| name.txt())
    }

    /// A column's type.
    pub fn kind(&self, col: usize) -> Option<Type> {
        self.columns.get(col).map(|(_, kind)| *kind)
    }

    /// Names and types in order.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (Txt<'_>, Type)> + '_ {
        self.columns.iter().map(|(name, kind)| (name.txt(), *kind))
    }
}
