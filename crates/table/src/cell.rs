//! One value of one row: borrowed from a column, or owned.

use std::cmp::Ordering;

use crate::strings::Strings;
use crate::text::{Text, Txt};

/// A borrowed value.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    Null,
    Text(Txt<'a>),
    List(ListCells<'a>),
    Int(i64),
    Real(f64),
    Bool(bool),
    /// 100 ns ticks since the Unix epoch.
    Time(i64),
    /// 100 ns ticks.
    Span(i64),
}

/// An owned value, as groups and edits use it.
#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Null,
    Text(Text),
    List(Vec<Text>),
    Int(i64),
    Real(f64),
    Bool(bool),
    Time(i64),
    Span(i64),
}

/// The members of a list cell.
#[derive(Clone, Copy)]
pub struct ListCells<'a> {
    pub(crate) values: &'a Strings,
    pub(crate) codes: &'a [u32],
}

impl<'a> ListCells<'a> {
    /// Number of members.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether the list has no members.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// A member by its place.
    pub fn get(&self, at: usize) -> Option<Txt<'a>> {
        self.codes
            .get(at)
            .map(|code| Txt::new(self.values.get(*code as usize)))
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Txt<'a>> + use<'a> {
        let values = self.values;
        self.codes
            .iter()
            .map(move |code| Txt::new(values.get(*code as usize)))
    }
}

impl std::fmt::Debug for ListCells<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> Cell<'a> {
    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Cell::Null)
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<Txt<'a>> {
        match self {
            Cell::Text(txt) => Some(*txt),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn list(&self) -> Option<ListCells<'a>> {
        match self {
            Cell::List(list) => Some(*list),
            _ => None,
        }
    }

    /// The number of `Int`, `Time` or `Span`.
    pub fn int(&self) -> Option<i64> {
        match self {
            Cell::Int(n) | Cell::Time(n) | Cell::Span(n) => Some(*n),
            _ => None,
        }
    }

    /// The real number, if it is one.
    pub fn real(&self) -> Option<f64> {
        match self {
            Cell::Real(n) => Some(*n),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn bool(&self) -> Option<bool> {
        match self {
            Cell::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The time in ticks, if it is one.
    pub fn time(&self) -> Option<i64> {
        match self {
            Cell::Time(ticks) => Some(*ticks),
            _ => None,
        }
    }

    /// An owned copy.
    pub fn to_value(&self) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Text(txt) => Value::Text(txt.to_text()),
            Cell::List(list) => Value::List(list.iter().map(Txt::to_text).collect()),
            Cell::Int(n) => Value::Int(*n),
            Cell::Real(n) => Value::Real(*n),
            Cell::Bool(b) => Value::Bool(*b),
            Cell::Time(ticks) => Value::Time(*ticks),
            Cell::Span(ticks) => Value::Span(*ticks),
        }
    }
}

/// Same kind and same exact value; `Real` by bits, so that a NaN is itself and a poll does not see a change.
impl PartialEq for Cell<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Cell::Null, Cell::Null) => true,
            (Cell::Text(a), Cell::Text(b)) => a == b,
            (Cell::List(a), Cell::List(b)) => a.len() == b.len() && a.iter().eq(b.iter()),
            (Cell::Int(a), Cell::Int(b))
            | (Cell::Time(a), Cell::Time(b))
            | (Cell::Span(a), Cell::Span(b)) => a == b,
            (Cell::Real(a), Cell::Real(b)) => a.to_bits() == b.to_bits(),
            (Cell::Bool(a), Cell::Bool(b)) => a == b,
            _ => false,
        }
    }
}

impl Value {
    fn rank(&self) -> u8 {
        match self {
            Value::Text(_) => 0,
            Value::List(_) => 1,
            Value::Int(_) => 2,
            Value::Real(_) => 3,
            Value::Bool(_) => 4,
            Value::Time(_) => 5,
            Value::Span(_) => 6,
            Value::Null => 7,
        }
    }
}

/// Exact order within a kind, null last.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::List(a), Value::List(b)) => a.cmp(b),
            (Value::Int(a), Value::Int(b))
            | (Value::Time(a), Value::Time(b))
            | (Value::Span(a), Value::Span(b)) => a.cmp(b),
            (Value::Real(a), Value::Real(b)) => a.total_cmp(b),
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.into())
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Value::Int(n)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Value::Real(n)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Value::Bool(b)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
