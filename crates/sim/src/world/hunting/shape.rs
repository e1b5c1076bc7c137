//! What a hunting table looks like: the query engine's own schema of it, as columns of a table.

use std::sync::Arc;

use hashbrown::HashMap;
use kql::schema::{Schema as Known, Which};
use kql::types::Ty;
use table::{Schema, Type};

/// Name, columns and their places.
#[derive(Debug)]
pub(super) struct Shape {
    name: String,
    tenant: String,
    columns: Vec<(String, Ty)>,
    schema: Arc<Schema>,
    places: HashMap<String, usize>,
}

impl Shape {
    /// The shape of a table or lookup function that the schema knows.
    pub fn of(name: &str, tenant: &str) -> Option<Shape> {
        let known = Known::builtin(Which::Unified);
        let found = match known.table(name) {
            Some(table) => Arc::clone(&table.columns),
            None => Arc::clone(&known.function(name)?.columns),
        };
        let columns: Vec<(&str, Type)> = found.iter().map(|c| (&*c.name, stored(c.ty))).collect();
        let places = columns
            .iter()
            .enumerate()
            .map(|(at, (name, _))| ((*name).to_owned(), at))
            .collect();
        Some(Shape {
            name: name.to_owned(),
            tenant: tenant.to_owned(),
            columns: found.iter().map(|c| ((*c.name).to_owned(), c.ty)).collect(),
            schema: Arc::new(Schema::new(columns)),
            places,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The directory's id.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Names and types, as the query engine has them.
    pub fn columns(&self) -> Vec<(String, Ty)> {
        self.columns.clone()
    }

    /// The place of a column.
    pub fn place(&self, column: &str) -> Option<usize> {
        self.places.get(column).copied()
    }
}

/// How values of a type are stored.
fn stored(ty: Ty) -> Type {
    match ty {
        Ty::BOOL => Type::Bool,
        Ty::INT => Type::Int,
        Ty::LONG => Type::Long,
        Ty::REAL => Type::Real,
        Ty::DECIMAL => Type::Decimal,
        Ty::DATETIME => Type::Time,
        Ty::TIMESPAN => Type::Timespan,
        Ty::GUID => Type::Guid,
        Ty::STRING => Type::Text,
        _ => Type::Dynamic,
    }
}
