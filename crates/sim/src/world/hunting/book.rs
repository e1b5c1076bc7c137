//! Rows one by one: what stories and inventories are written with.

use std::sync::Arc;

use serde_json::Value;
use table::{Chunk, ChunkBuilder, Type};

use super::super::stamp::Stamp;
use super::shape::Shape;

/// A chunk in the making.
pub(super) struct Book {
    shape: Arc<Shape>,
    builder: ChunkBuilder,
    texts: Vec<usize>,
}

impl Book {
    pub fn new(shape: Arc<Shape>) -> Book {
        let texts = shape
            .schema()
            .columns()
            .enumerate()
            .filter(|(_, (_, kind))| *kind == Type::Text)
            .map(|(at, _)| at)
            .collect();
        Book {
            builder: ChunkBuilder::new(Arc::clone(shape.schema())),
            shape,
            texts,
        }
    }

    /// A text, a dynamic value in JSON, or a GUID. Columns that the table lacks are passed over, as everywhere here.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Book {
        if let Some(at) = self.shape.place(name) {
            self.builder.text(at, Some(text));
        }
        self
    }

    /// A text that may not be there.
    pub fn some(&mut self, name: &str, text: Option<&str>) -> &mut Book {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// A value as JSON; nothing where it is null.
    pub fn json(&mut self, name: &str, value: &Value) -> &mut Book {
        match value {
            Value::Null => self,
            Value::String(text) if self.kind(name) == Some(Type::Text) => self.text(name, text),
            value => self.text(name, &value.to_string()),
        }
    }

    fn kind(&self, name: &str) -> Option<Type> {
        self.shape
            .place(name)
            .and_then(|at| self.shape.schema().kind(at))
    }

    /// A whole number.
    pub fn int(&mut self, name: &str, number: i64) -> &mut Book {
        if let Some(at) = self.shape.place(name) {
            self.builder.int(at, Some(number));
        }
        self
    }

    /// A number.
    pub fn real(&mut self, name: &str, number: f64) -> &mut Book {
        if let Some(at) = self.shape.place(name) {
            self.builder.real(at, Some(number));
        }
        self
    }

    /// A truth value.
    pub fn bool(&mut self, name: &str, truth: bool) -> &mut Book {
        if let Some(at) = self.shape.place(name) {
            self.builder.bool(at, Some(truth));
        }
        self
    }

    /// An instant.
    pub fn time(&mut self, name: &str, at: Stamp) -> &mut Book {
        self.int(name, at.0)
    }

    /// When it happened, under both of its names.
    pub fn at(&mut self, at: Stamp) -> &mut Book {
        self.time("Timestamp", at).time("TimeGenerated", at)
    }

    /// Ends the row. A text nobody gave is empty: there are no null strings.
    pub fn end(&mut self) {
        let shape = Arc::clone(&self.shape);
        self.text("TenantId", shape.tenant())
            .text("Type", shape.name());
        for at in &self.texts {
            self.builder.text(*at, Some(""));
        }
        self.builder.end_row();
    }

    pub fn finish(self) -> Chunk {
        self.builder.finish()
    }
}
