//! Rows of several tenants in one table: an id is made of the tenant's name and the row's own id, for the same number is
//! something else in another tenant.

use table::{Chunk, ChunkBuilder, Table};

/// No name of a tenant and no id has it.
const BETWEEN: char = '\u{1f}';

/// The id of a tenant's row.
pub fn join(tenant: &str, id: &str) -> String {
    format!("{tenant}{BETWEEN}{id}")
}

/// Tenant and own id again.
pub fn part(id: &str) -> Option<(&str, &str)> {
    id.split_once(BETWEEN)
}

/// What all ids of a tenant begin with.
pub fn beginning(tenant: &str) -> String {
    join(tenant, "")
}

/// The rows of a list from this one on, with ids that tell the tenant. `id` is the column of ids; `live` tells rows that
/// a newer version replaced.
pub fn rows(
    tenant: &str,
    table: &Table,
    id: usize,
    from: u32,
    live: impl Fn(u32) -> bool,
) -> Chunk {
    let mut build = ChunkBuilder::new(table.schema().clone());
    let columns = table.schema().len();
    for row in (from..table.rows()).filter(|row| live(*row)) {
        for col in 0..columns {
            match table.text(row, col).filter(|_| col == id) {
                Some(own) => build.text(col, Some(&join(tenant, own.exact()))),
                None => build.cell(col, table.cell(row, col)),
            }
        }
        build.end_row();
    }
    build.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use table::{Keyed, Schema, Type};

    #[test]
    fn the_same_number_of_two_tenants_is_two_rows() {
        let schema = Arc::new(Schema::new([("id", Type::Text), ("n", Type::Long)]));
        let mut table = Table::new(schema.clone());
        for n in [1, 2] {
            let mut build = ChunkBuilder::new(schema.clone());
            build.text(0, Some("4711"));
            build.int(1, Some(n));
            build.end_row();
            table.append(Arc::new(build.finish()));
        }
        let mut all = Keyed::new(schema);
        all.upsert(Arc::new(rows("a", &table, 0, 0, |row| row == 1)));
        all.upsert(Arc::new(rows("b", &table, 0, 1, |_| true)));
        assert_eq!(all.len(), 2);
        let row = all.find(&join("a", "4711")).unwrap();
        assert_eq!(all.cell(row, 1).int(), Some(2));
        assert_eq!(part(all.key(row).exact()), Some(("a", "4711")));
        assert!(join("ab", "1").starts_with(&beginning("ab")));
        assert!(!join("ab", "1").starts_with(&beginning("a")));
    }
}
