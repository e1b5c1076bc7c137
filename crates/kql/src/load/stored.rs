//! Loaded tables as the engine takes them.

use super::{Archive, External, Loaded};
use crate::engine::{Externals, Provider, Stored, Want};
use crate::schema::{Schema, TableDef};
use crate::types::Ty;
use std::sync::Arc;

impl Loaded {
    /// The columns that are stored and their rows. What the schema has besides is null.
    pub fn stored(&self) -> Stored {
        let columns = self
            .def
            .columns
            .iter()
            .zip(&self.places)
            .filter(|(_, place)| place.is_some())
            .map(|(c, _)| (c.name.to_string(), c.ty))
            .collect();
        Stored {
            columns,
            chunks: self.table.chunks().to_vec(),
        }
    }
}

impl Archive {
    /// A schema in which the archive's tables are, with the columns it has besides.
    pub fn learn(&self, schema: &mut Schema) {
        for def in self.tables() {
            let columns: Vec<(String, Ty)> = def
                .columns
                .iter()
                .map(|c| (c.name.to_string(), c.ty))
                .collect();
            match schema.table(&def.name) {
                Some(_) => schema.learn(&def.name, &columns),
                None => schema.add_table(TableDef::clone(def)),
            }
        }
    }
}

impl Provider for Archive {
    fn table(&self, name: &str, want: &Want) -> Option<Result<Arc<Stored>, String>> {
        let loaded = self.read(name, want.columns.as_deref(), want.from, want.to)?;
        Some(Ok(Arc::new(loaded.stored())))
    }
}

impl Externals for External {
    fn fetch(
        &self,
        url: &str,
        columns: &[(String, Ty)],
        format: Option<&str>,
        ignore_first: bool,
    ) -> Result<Stored, String> {
        self.read(url, columns, format, ignore_first)
            .map(|t| t.stored())
    }
}
