//! Rows under the values of one column, with counts (S1-23, S2-5): by product, by system and version, by severity …

use super::column::{Column, Meaning, Shape};
use hashbrown::HashMap;
use table::{Cancel, Cell, Selection, Table, Value};

/// The rows that have one value. A row with several words stands under each of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub value: Value,
    /// In the order they had.
    pub rows: Selection,
}

/// Groups rows by a column: ordered words from the strongest down, all else by size and then by name; rows without a
/// value come last. `None` when cancelled.
pub fn groups(
    table: &Table,
    rows: &Selection,
    col: usize,
    column: &Column,
    cancel: &Cancel,
) -> Option<Vec<Group>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut found: Vec<(Value, Vec<u32>)> = Vec::new();
    let mut none: Vec<u32> = Vec::new();
    let mut key = String::new();
    for block in rows.rows().chunks(4096) {
        if cancel.is_cancelled() {
            return None;
        }
        for row in block {
            let mut put = |key: &str, value: &dyn Fn() -> Value| {
                let place = match places.get(key) {
                    Some(place) => *place,
                    None => {
                        places.insert(key.to_owned(), found.len());
                        found.push((value(), Vec::new()));
                        found.len() - 1
                    }
                };
                let rows = &mut found[place].1;
                if rows.last() != Some(row) {
                    rows.push(*row);
                }
            };
            match table.cell(*row, col) {
                Cell::Null => none.push(*row),
                Cell::List(words) if words.is_empty() => none.push(*row),
                Cell::Text(t) => put(t.exact(), &|| Value::Text(t.to_text())),
                Cell::List(words) => {
                    for word in words.iter() {
                        put(word.exact(), &|| Value::Text(word.to_text()));
                    }
                }
                cell => {
                    use std::fmt::Write;
                    key.clear();
                    let _ = write!(key, "{:?}", cell.to_value());
                    put(&key, &|| cell.to_value());
                }
            }
        }
    }
    let rank = |value: &Value| match (column.shape, value) {
        // unknown words stand above the known ones: nobody can say yet how strong they are
        (Shape::Ranked(words), Value::Text(t)) => words
            .iter()
            .position(|(w, _)| w.eq_ignore_ascii_case(t.txt().exact()))
            .unwrap_or(words.len()),
        _ => 0,
    };
    found.sort_by(|a, b| {
        let by_rank = rank(&b.0).cmp(&rank(&a.0));
        by_rank
            .then(b.1.len().cmp(&a.1.len()))
            .then_with(|| a.0.cmp(&b.0))
    });
    if !none.is_empty() {
        found.push((Value::Null, none));
    }
    Some(
        found
            .into_iter()
            .map(|(value, rows)| Group {
                value,
                rows: rows.into(),
            })
            .collect(),
    )
}

/// Whether grouping by a column says something.
pub fn can_group(column: &Column) -> bool {
    match column.shape {
        Shape::Ranked(_) | Shape::Bool => true,
        Shape::Text(m) => !matches!(m, Meaning::Id | Meaning::Title | Meaning::Address),
        Shape::Words(m) => m != Meaning::Address,
        Shape::Int | Shape::Real | Shape::Time => false,
    }
}

/// The name of the group of rows without a value.
pub fn none_name(column: &Column) -> String {
    match column.shape {
        Shape::Text(Meaning::Person) => "nobody".into(),
        Shape::Words(_) => format!("no {}", column.head),
        _ => format!("unknown {}", column.head),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use table::{ChunkBuilder, Schema, Type};

    fn column(shape: Shape) -> Column {
        Column::new("c", "c", shape, "")
    }

    fn table(cells: &[&[&str]], kind: Type) -> Table {
        let schema = Arc::new(Schema::new([("id", Type::Text), ("c", kind)]));
        let mut build = ChunkBuilder::new(schema.clone());
        for (n, words) in cells.iter().enumerate() {
            build.text(0, Some(&n.to_string()));
            match kind {
                Type::List => build.list(1, words.iter().copied()),
                _ => build.text(1, words.first().copied()),
            }
            build.end_row();
        }
        let mut table = Table::new(schema);
        table.append(Arc::new(build.finish()));
        table
    }

    fn names(table: &Table, shape: Shape) -> Vec<(String, Vec<u32>)> {
        let all = groups(table, &table.all(), 1, &column(shape), &Cancel::new()).unwrap();
        let name = |v: &Value| {
            if let Value::Text(t) = v {
                t.txt().exact().to_owned()
            } else {
                "-".into()
            }
        };
        all.iter()
            .map(|g| (name(&g.value), g.rows.rows().to_vec()))
            .collect()
    }

    #[test]
    fn a_row_of_several_products_stands_under_each_s1_23() {
        let t = table(
            &[&["mde", "mdo"], &["mdo"], &[], &["mdo", "mdo"]],
            Type::List,
        );
        let want = [("mdo", vec![0, 1, 3]), ("mde", vec![0]), ("-", vec![2])]
            .map(|(n, r)| (n.to_owned(), r));
        assert_eq!(names(&t, Shape::Words(Meaning::Source)), want);
    }

    #[test]
    fn severities_go_from_high_to_low_and_new_words_are_kept() {
        let t = table(
            &[&["low"], &["high"], &["low"], &["brandNew"], &[]],
            Type::Text,
        );
        let order: Vec<String> = names(&t, Shape::Ranked(super::super::words::SEVERITY))
            .into_iter()
            .map(|g| g.0)
            .collect();
        assert_eq!(order, ["brandNew", "high", "low", "-"]);
    }

    #[test]
    fn devices_without_a_system_have_a_group_s2_7() {
        assert_eq!(
            none_name(&Column::new(
                "osPlatform",
                "OS",
                Shape::Text(Meaning::Word),
                ""
            )),
            "unknown OS"
        );
    }
}
