//! Columns of a resource: what is stored, how a filter term applies, how a cell is drawn. One row says all three.

use super::BadRow;
use super::words::{Words, canonical};
use crate::model::enums::Determination;
use crate::model::{Json, Ticks};
use table::{ChunkBuilder, Type};

/// A column of a list.
#[derive(Debug)]
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
    /// Further words for members of a ranked column: (what people type, the member).
    pub says: &'static [(&'static str, &'static str)],
    /// One line of help, for the filter's completion and the column chooser.
    pub help: &'static str,
}

impl Column {
    /// A column of the row's own JSON, as wide as its heading, hidden until chosen.
    pub const fn new(
        name: &'static str,
        head: &'static str,
        shape: Shape,
        help: &'static str,
    ) -> Self {
        let width = head.len() as u16;
        Self {
            name,
            aliases: &[],
            head,
            shape,
            source: Source::Own,
            width: (width, width),
            grow: 0,
            drop: 9,
            says: &[],
            help,
        }
    }

    pub const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// Least and wished width.
    pub const fn wide(self, least: u16, wished: u16) -> Self {
        Self {
            width: (least, wished),
            ..self
        }
    }

    pub const fn grow(self, grow: u8) -> Self {
        Self { grow, ..self }
    }

    pub const fn drop(self, drop: u8) -> Self {
        Self { drop, ..self }
    }

    pub const fn says(self, says: &'static [(&'static str, &'static str)]) -> Self {
        Self { says, ..self }
    }

    pub const fn joined(self) -> Self {
        Self {
            source: Source::Joined,
            ..self
        }
    }

    /// Bare words of a filter look here.
    pub fn is_searched(&self) -> bool {
        match self.shape {
            Shape::Text(m) | Shape::Words(m) => !matches!(m, Meaning::Word | Meaning::Source),
            _ => false,
        }
    }

    /// Under this name, in any case.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
            || self.aliases.iter().any(|a| a.eq_ignore_ascii_case(name))
    }
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

    /// The row's own `id`, without which it cannot be kept.
    pub fn id(&mut self, row: Json<'_>, what: &str) -> Result<(), BadRow> {
        self.key(row, "id", what)
    }

    /// The field that stands for an id where there is a better one than `id`.
    pub fn key(&mut self, row: Json<'_>, field: &str, what: &str) -> Result<(), BadRow> {
        let id = row
            .text(field)
            .ok_or_else(|| BadRow(format!("{what} without id")))?;
        self.text("id", Some(id.txt().exact()));
        Ok(())
    }

    /// Text fields under their own names.
    pub fn texts(&mut self, row: Json<'_>, names: &[&str]) {
        for name in names {
            if let Some(text) = row.text(name) {
                self.text(name, Some(text.txt().exact()));
            }
        }
    }

    /// Instants under their own names.
    pub fn times(&mut self, row: Json<'_>, names: &[&str]) {
        for name in names {
            self.time(name, row.time(name));
        }
    }

    /// Lists of text under their own names; an empty one is no value.
    pub fn lists(&mut self, row: Json<'_>, names: &[&str]) {
        for name in names {
            let items: Vec<&str> = row.list(name).filter_map(Json::as_str).collect();
            if !items.is_empty() {
                self.words(name, items.into_iter());
            }
        }
    }

    /// A word of an ordered set in its canonical spelling; an unknown word as it came.
    pub fn ranked(&mut self, row: Json<'_>, name: &str, words: Words) {
        self.text(name, row.str(name).map(|w| canonical(words, w)));
    }

    /// `determination`, older spellings under their new names.
    pub fn determination(&mut self, row: Json<'_>) {
        if let Some(word) = row.str("determination") {
            self.text("determination", Some(Determination::parse(word).word()));
        }
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

    /// Words of ours or gathered ones; none at all is no value.
    pub fn some_words(&mut self, name: &str, values: &[String]) {
        if !values.is_empty() {
            self.words(name, values.iter().map(String::as_str));
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
