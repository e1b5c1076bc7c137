//! Columns of a resource: what is stored, how a filter term applies, how a cell is drawn. One row says all three.

use crate::model::Ticks;
use table::{ChunkBuilder, Type};

/// A column of a list.
pub struct Column {
    /// Microsoft's own field name, or ours for joined ones; unique in the resource. Also a filter field.
    pub name: &'static str,
    /// Short filter words: `sev`, `st`, `own`.
    pub aliases: &'static [&'static str],
    /// Heading, as short as the cells.
    pub head: &'static str,
    pub shape: Shape,
    pub source: Source,
    /// Least and wished width in cells; the column with the largest `grow` takes what is left.
    pub width: (u16, u16),
    pub grow: u8,
    /// Narrow screens drop columns from the highest number down; 0 is never dropped, 9 is hidden until chosen.
    pub drop: u8,
    /// One line of help, for the filter's completion and the column chooser.
    pub help: &'static str,
}

/// Storage and meaning of the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text compared without case; `Meaning` says what it is.
    Text(Meaning),
    /// Several words.
    Words(Meaning),
    /// An enum with an order: the known words from weakest to strongest, with the short forms of the filter and screen.
    Ranked(&'static [(&'static str, &'static str)]),
    Int,
    Real,
    Bool,
    Time,
}

/// What a text cell names, for drawing, opening and completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Plain,
    Id,
    Title,
    Person,
    Host,
    Address,
    Source,
    Technique,
    Tag,
    Word,
}

/// Where the cells come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The row's own JSON.
    Own,
    /// Joined from other lists (alerts of an incident); null means "not known yet" until those are complete.
    Joined,
}

impl Shape {
    /// The table type that holds it. Ranked words are kept as text, so that new members survive.
    pub fn storage(self) -> Type {
        match self {
            Self::Text(_) | Self::Ranked(_) => Type::Text,
            Self::Words(_) => Type::List,
            Self::Int => Type::Int,
            Self::Real => Type::Real,
            Self::Bool => Type::Bool,
            Self::Time => Type::Time,
        }
    }
}

/// Takes the cells of one row by column name, so that a decoder need not know their order.
pub struct Sink<'a> {
    columns: &'static [Column],
    builder: &'a mut ChunkBuilder,
}

impl<'a> Sink<'a> {
    pub fn new(columns: &'static [Column], builder: &'a mut ChunkBuilder) -> Self {
        Self { columns, builder }
    }

    fn at(&self, name: &str) -> Option<usize> {
        let found = self.columns.iter().position(|c| c.name == name);
        debug_assert!(found.is_some(), "no column {name}");
        found
    }

    pub fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(c) = self.at(name) {
            self.builder.text(c, value.filter(|v| !v.is_empty()));
        }
    }

    pub fn words<'t>(&mut self, name: &str, values: impl Iterator<Item = &'t str>) {
        if let Some(c) = self.at(name) {
            self.builder.list(c, values);
        }
    }

    pub fn int(&mut self, name: &str, value: Option<i64>) {
        if let Some(c) = self.at(name) {
            self.builder.int(c, value);
        }
    }

    pub fn real(&mut self, name: &str, value: Option<f64>) {
        if let Some(c) = self.at(name) {
            self.builder.real(c, value);
        }
    }

    pub fn bool(&mut self, name: &str, value: Option<bool>) {
        if let Some(c) = self.at(name) {
            self.builder.bool(c, value);
        }
    }

    pub fn time(&mut self, name: &str, value: Option<Ticks>) {
        if let Some(c) = self.at(name) {
            self.builder.time(c, value.map(|t| t.0));
        }
    }
}
