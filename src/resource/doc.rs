//! A detail as data: lines with values that know what they point to. Sections write it, `view` draws it,
//! `app` moves a cursor through it and opens, copies or pivots from what is under it.

use crate::model::{EntityRef, Ticks};
use table::Text;

/// The lines of one section.
#[derive(Clone, Debug, Default)]
pub struct Doc {
    pub lines: Vec<Line>,
}

/// One line. Long prose is one line here and is wrapped when drawn.
#[derive(Clone, Debug)]
pub struct Line {
    /// Levels of two cells.
    pub indent: u8,
    pub form: Form,
    /// What Enter, `y` and `p` act on.
    pub target: Option<EntityRef>,
}

#[derive(Clone, Debug)]
pub enum Form {
    /// A heading of ours, or tenant text as a heading, with an optional count.
    Head(Value, Option<usize>),
    /// A name of ours and its values.
    Field(&'static str, Vec<Value>),
    /// Something that happened, on the one time axis.
    Event {
        at: Option<Ticks>,
        values: Vec<Value>,
    },
    /// Values side by side.
    Row(Vec<Value>),
    /// A node of a tree; the depth is the line's indent.
    Node(Vec<Value>),
    /// Tenant prose, with its own line breaks, wrapped.
    Prose(Text),
    /// A sentence of ours about this section (a limit, a missing permission, what could not be read).
    Note(Tone, String),
    Blank,
}

/// A value in a line.
#[derive(Clone, Debug)]
pub enum Value {
    /// Tenant text.
    Text(Text),
    /// Words of ours.
    Own(String),
    /// A word whose tone matters: severity, state, verdict.
    Word(Tone, String),
    Time(Ticks),
    Int(i64),
    /// A value that is not known (yet): drawn as `…` or `unknown`, never as none.
    Unknown,
}

/// How much a word matters. Always drawn with a glyph or letter too, never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    Plain,
    Dim,
    Good,
    Info,
    Low,
    Medium,
    High,
    Bad,
}

impl Doc {
    pub fn push(&mut self, indent: u8, form: Form) -> &mut Line {
        self.lines.push(Line {
            indent,
            form,
            target: None,
        });
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }

    pub fn head(&mut self, title: &str, count: Option<usize>) {
        if !self.lines.is_empty() {
            self.push(0, Form::Blank);
        }
        self.push(0, Form::Head(Value::Own(title.to_owned()), count));
    }

    /// A field, left out where there is no value.
    pub fn field(&mut self, name: &'static str, value: Option<Value>) -> Option<&mut Line> {
        value.map(|v| self.push(0, Form::Field(name, vec![v])))
    }

    pub fn text(&mut self, name: &'static str, value: Option<Text>) -> Option<&mut Line> {
        self.field(name, value.map(Value::Text))
    }

    pub fn note(&mut self, tone: Tone, sentence: impl Into<String>) {
        self.push(0, Form::Note(tone, sentence.into()));
    }
}

impl Line {
    pub fn to(&mut self, target: EntityRef) -> &mut Self {
        self.target = Some(target);
        self
    }
}
