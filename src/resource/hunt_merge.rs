//! The answers of several tenants to one query as one table, each row with the name of its tenant in front.

use std::sync::Arc;
use table::{ChunkBuilder, Schema, Table, Type};

/// What the column is called, unless the query has one of that name.
const TENANT: &str = "Tenant";

/// One table of all of them, in their order. Columns are matched by name; one that a tenant does not have is null in its
/// rows, and one that has another type there stands beside under the name `name_type`.
pub fn merge(answers: &[(&str, &Table)]) -> Table {
    let mut columns: Vec<(String, Type)> = Vec::new();
    // by answer: where each of its columns goes
    let mut places: Vec<Vec<usize>> = Vec::new();
    for (_, table) in answers {
        let mut of: Vec<usize> = Vec::new();
        for (name, kind) in table.schema().columns() {
            let name = name.exact();
            let is = |wanted: &str, columns: &[(String, Type)], of: &[usize]| {
                columns
                    .iter()
                    .enumerate()
                    .position(|(n, (c, k))| c == wanted && *k == kind && !of.contains(&n))
            };
            let other = format!("{name}_{}", format!("{kind:?}").to_lowercase());
            let taken = columns.iter().any(|(c, k)| c == name && *k != kind);
            let wanted = if taken { other.as_str() } else { name };
            let place = is(wanted, &columns, &of).unwrap_or_else(|| {
                columns.push((wanted.to_owned(), kind));
                columns.len() - 1
            });
            of.push(place);
        }
        places.push(of);
    }
    let mut name = TENANT.to_owned();
    while columns.iter().any(|(c, _)| *c == name) {
        name.push('_');
    }
    let all = std::iter::once((name, Type::Text)).chain(columns);
    let schema = Arc::new(Schema::new(all));
    let mut out = Table::new(Arc::clone(&schema));
    for ((tenant, table), places) in answers.iter().zip(&places) {
        let mut build = ChunkBuilder::new(Arc::clone(&schema));
        for row in 0..table.rows() {
            build.text(0, Some(tenant));
            for (col, place) in places.iter().enumerate() {
                build.cell(place + 1, table.cell(row, col));
            }
            build.end_row();
        }
        out.append(Arc::new(build.finish()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use table::Cell;

    fn table(columns: &[(&str, Type)], rows: &[&[i64]]) -> Table {
        let schema = Arc::new(Schema::new(columns.iter().map(|(n, t)| (*n, *t))));
        let mut build = ChunkBuilder::new(Arc::clone(&schema));
        for row in rows {
            for (col, n) in row.iter().enumerate() {
                match columns[col].1 {
                    Type::Text => build.text(col, Some(&n.to_string())),
                    _ => build.int(col, Some(*n)),
                }
            }
            build.end_row();
        }
        let mut out = Table::new(schema);
        out.append(Arc::new(build.finish()));
        out
    }

    #[test]
    fn rows_of_all_stand_together_and_say_whose_they_are() {
        let a = table(&[("N", Type::Long), ("M", Type::Long)], &[&[1, 2], &[3, 4]]);
        let b = table(&[("M", Type::Long), ("N", Type::Text)], &[&[5, 6]]);
        let all = merge(&[("a", &a), ("b", &b)]);
        let names: Vec<&str> = all.schema().columns().map(|(n, _)| n.exact()).collect();
        assert_eq!(names, ["Tenant", "N", "M", "N_text"]);
        assert_eq!(all.rows(), 3);
        let row = |row| {
            (0..4)
                .map(|col| match all.cell(row, col) {
                    Cell::Text(t) => t.exact().to_owned(),
                    Cell::Int(n) => n.to_string(),
                    _ => "-".to_owned(),
                })
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!([row(0), row(1), row(2)], ["a 1 2 -", "a 3 4 -", "b - 5 6"]);
    }

    #[test]
    fn a_column_of_the_query_keeps_its_name() {
        let a = table(
            &[("Tenant", Type::Long), ("X", Type::Long), ("X", Type::Long)],
            &[&[7, 8, 9]],
        );
        let all = merge(&[("a", &a)]);
        let names: Vec<&str> = all.schema().columns().map(|(n, _)| n.exact()).collect();
        assert_eq!(names, ["Tenant_", "Tenant", "X", "X"]);
    }
}
