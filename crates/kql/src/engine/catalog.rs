//! Where rows come from: tables in memory, tables made when asked for, external files.

use super::value::Kind;
use crate::schema::{ColumnDef, Schema, TableDef};
use crate::types::Ty;
use hashbrown::HashMap;
use std::sync::Arc;
use table::Chunk;

/// A table's columns and rows. Each chunk has the columns in this order; about 65,536 rows a
/// chunk let threads share the work.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Names and types.
    pub columns: Vec<(String, Ty)>,
    /// Rows in order.
    pub chunks: Vec<Arc<Chunk>>,
}

impl Stored {
    /// No rows of these columns.
    pub fn empty(columns: Vec<(String, Ty)>) -> Stored {
        Stored {
            columns,
            chunks: Vec::new(),
        }
    }
    /// The table schema that chunks of these columns have.
    pub fn chunk_schema(columns: &[(String, Ty)]) -> Arc<table::Schema> {
        Arc::new(table::Schema::new(
            columns
                .iter()
                .map(|(n, t)| (n.as_str(), Kind::of(*t).storage())),
        ))
    }
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.chunks.iter().map(|c| c.rows()).sum()
    }
}

/// What a query wants of a table; a provider may give more, rows or columns.
#[derive(Clone, Debug, Default)]
pub struct Want {
    /// Only these columns are read; none: all.
    pub columns: Option<Vec<String>>,
    /// Only rows with `Timestamp` (or `TimeGenerated`) at or after this tick.
    pub from: Option<i64>,
    /// Only rows at or before this tick.
    pub to: Option<i64>,
}

/// Makes tables when a query reads them.
pub trait Provider: Send + Sync {
    /// The table; none if there is no such table, an error text if it cannot be read.
    fn table(&self, name: &str, want: &Want) -> Option<Result<Arc<Stored>, String>>;
}

/// Answers `externaldata`.
pub trait Externals: Send + Sync {
    /// The rows behind an address, in the columns declared. `format` and `ignore_first` are what
    /// the query's `with (…)` says.
    fn fetch(
        &self,
        url: &str,
        columns: &[(String, Ty)],
        format: Option<&str>,
        ignore_first: bool,
    ) -> Result<Stored, String>;
}

/// The tables of a run.
#[derive(Clone, Default)]
pub struct Catalog {
    tables: HashMap<String, Arc<Stored>>,
    /// Asked for tables that are not in memory.
    pub provider: Option<Arc<dyn Provider>>,
    /// Answers `externaldata`; none: it is refused with the address.
    pub externals: Option<Arc<dyn Externals>>,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.tables.keys()).finish()
    }
}

impl Catalog {
    /// No tables.
    pub fn new() -> Catalog {
        Catalog::default()
    }
    /// Adds a table, or replaces the one of that name.
    pub fn add(&mut self, name: &str, table: Stored) {
        self.tables.insert(name.to_owned(), Arc::new(table));
    }
    /// A table in memory.
    pub fn get(&self, name: &str) -> Option<&Arc<Stored>> {
        self.tables.get(name)
    }
    /// The schema with this catalog's tables in it: those it knows get the columns that are
    /// stored besides, others are added.
    pub fn schema(&self, base: &Schema) -> Schema {
        let mut out = base.clone();
        let mut names: Vec<&String> = self.tables.keys().collect();
        names.sort();
        for name in names {
            let Some(t) = self.tables.get(name) else {
                continue;
            };
            match out.table(name) {
                Some(_) => out.learn(name, &t.columns),
                None => out.add_table(TableDef {
                    name: name.as_str().into(),
                    columns: t
                        .columns
                        .iter()
                        .map(|(n, ty)| ColumnDef {
                            name: n.as_str().into(),
                            ty: *ty,
                        })
                        .collect(),
                    about: "".into(),
                    replaced_by: None,
                }),
            }
        }
        out
    }
    pub(crate) fn read(&self, name: &str, want: &Want) -> Option<Result<Arc<Stored>, String>> {
        if let Some(t) = self.tables.get(name) {
            return Some(Ok(t.clone()));
        }
        self.provider.as_ref()?.table(name, want)
    }
}
