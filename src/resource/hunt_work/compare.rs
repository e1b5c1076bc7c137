//! Two runs of a query compared: rows that are new, gone, or changed.
//!
//! With key columns a row is the same row where these are equal, and changed where anything else is not. Without, rows
//! are new or gone as a whole. Equal rows may occur several times: each counts once.

use super::Done;
use crate::resource::hunt_cell;
use hashbrown::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;
use table::{Cancel, Cell, ChunkBuilder, Schema, Table, Text, Txt, Type};

/// Names of the columns that a comparison adds in front.
pub const CHANGE: &str = "Change";
pub const FIELDS: &str = "ChangedFields";

/// Two tables to be compared.
#[derive(Debug)]
pub struct Compare {
    pub before: Table,
    pub after: Table,
    /// Names of the columns that tell a row; none: all of them.
    pub keys: Vec<Text>,
    pub cancel: Cancel,
}

/// Columns that tell rows of a hunting result apart, most telling first: what a person would choose.
pub fn guess(schema: &Schema) -> Vec<String> {
    const SETS: &[&[&str]] = &[
        &["ReportId", "DeviceId", "Timestamp"],
        &["AlertId", "EntityType", "EvidenceRole"],
        &["AlertId"],
        &["IncidentId"],
        &["NetworkMessageId", "RecipientEmailAddress"],
        &["DeviceId"],
        &["DeviceName"],
        &["AccountObjectId"],
        &["AccountUpn"],
        &["SHA256"],
        &["SHA1"],
    ];
    let has = |names: &&&[&str]| names.iter().all(|n| schema.col(n).is_some());
    let set = SETS.iter().find(has).copied().unwrap_or_default();
    set.iter().map(|n| (*n).to_owned()).collect()
}

/// A column of both tables: its places in them.
struct Both {
    before: usize,
    after: usize,
    name: Text,
}

impl Compare {
    /// Compares; `None` when cancelled.
    pub(super) fn run(&self) -> Option<Done> {
        let (old, new) = (self.before.schema(), self.after.schema());
        // names may repeat: the n-th of a name is compared with the n-th
        let mut taken: HashSet<usize> = HashSet::new();
        let mut both = Vec::new();
        for (after, (name, kind)) in new.columns().enumerate() {
            let found = old
                .columns()
                .enumerate()
                .find(|(n, (o, k))| *o == name && *k == kind && !taken.contains(n));
            if let Some((before, _)) = found {
                taken.insert(before);
                let name = name.to_text();
                both.push(Both {
                    before,
                    after,
                    name,
                });
            }
        }
        for key in &self.keys {
            if !both.iter().any(|b| b.name == *key) {
                let name = key.txt().shown().into_owned();
                return Some(Done::Failed(format!(
                    "not compared: {name} is not a column of both runs"
                )));
            }
        }
        if both.is_empty() {
            return Some(Done::Failed(
                "not compared: the runs have no column in common".into(),
            ));
        }
        let is_key = |b: &&Both| self.keys.is_empty() || self.keys.contains(&b.name);
        let key: Vec<&Both> = both.iter().filter(is_key).collect();
        let rest: Vec<&Both> = both.iter().filter(|b| !is_key(b)).collect();
        let hasher = hashbrown::DefaultHashBuilder::default();
        let mut places: HashMap<u64, Vec<u32>> = HashMap::new();
        for row in 0..self.before.rows() {
            if row % 4096 == 0 && self.cancel.is_cancelled() {
                return None;
            }
            let mut h = hasher.build_hasher();
            for b in &key {
                hash(&self.before.cell(row, b.before), &mut h);
            }
            places.entry(h.finish()).or_default().push(row);
        }
        let same = |a: u32, b: u32, cols: &[&Both]| {
            cols.iter()
                .all(|c| self.before.cell(a, c.before) == self.after.cell(b, c.after))
        };
        let mut changed: Vec<(u32, u32)> = Vec::new();
        let mut fresh: Vec<u32> = Vec::new();
        let mut used = vec![false; self.before.rows() as usize];
        for row in 0..self.after.rows() {
            if row % 4096 == 0 && self.cancel.is_cancelled() {
                return None;
            }
            let mut h = hasher.build_hasher();
            for b in &key {
                hash(&self.after.cell(row, b.after), &mut h);
            }
            let free = |old: &&u32| !used.get(**old as usize).copied().unwrap_or(true);
            let among = places.get(&h.finish()).map(Vec::as_slice).unwrap_or(&[]);
            let mut candidates = among.iter().filter(free).filter(|o| same(**o, row, &key));
            let first = candidates.clone().next().copied();
            // of several with one key the unchanged one is meant
            let exact = candidates.find(|o| same(**o, row, &rest)).copied();
            let Some(old) = exact.or(first) else {
                fresh.push(row);
                continue;
            };
            if let Some(u) = used.get_mut(old as usize) {
                *u = true;
            }
            if exact.is_none() {
                changed.push((old, row));
            }
        }
        let gone: Vec<u32> = (0u32..)
            .zip(&used)
            .filter(|(_, used)| !**used)
            .map(|(row, _)| row)
            .collect();
        let counts = [fresh.len() as u32, gone.len() as u32, changed.len() as u32];
        let table = self.table(&both, &rest, &fresh, &gone, &changed)?;
        Some(Done::Compared(table, counts))
    }

    fn table(
        &self,
        both: &[Both],
        rest: &[&Both],
        fresh: &[u32],
        gone: &[u32],
        changed: &[(u32, u32)],
    ) -> Option<Table> {
        let new = self.after.schema();
        let with_fields = !changed.is_empty();
        let mut columns: Vec<(Text, Type)> = vec![(CHANGE.into(), Type::Text)];
        if with_fields {
            columns.push((FIELDS.into(), Type::Text));
        }
        let first = columns.len();
        columns.extend(new.columns().map(|(n, k)| (n.to_text(), k)));
        let schema = Arc::new(Schema::new(columns));
        let mut table = Table::new(schema.clone());
        let mut b = ChunkBuilder::new(schema.clone());
        let mut put = |word: &str, fields: Option<&str>, from: &Table, row: u32, old: bool| {
            b.text(0, Some(word));
            if with_fields {
                b.text(1, fields);
            }
            if old {
                for c in both {
                    b.cell(first + c.after, from.cell(row, c.before));
                }
            } else {
                for col in 0..new.len() {
                    b.cell(first + col, from.cell(row, col));
                }
            }
            b.end_row();
            if b.rows() >= 16_384 {
                let full = std::mem::replace(&mut b, ChunkBuilder::new(schema.clone()));
                table.append(Arc::new(full.finish()));
            }
        };
        for row in fresh {
            put("new", None, &self.after, *row, false);
        }
        for (old, row) in changed {
            let mut fields = String::new();
            for c in rest {
                let (a, z) = (
                    self.before.cell(*old, c.before),
                    self.after.cell(*row, c.after),
                );
                if a != z {
                    if !fields.is_empty() {
                        fields.push_str("; ");
                    }
                    fields.push_str(c.name.txt().exact());
                    fields.push_str(": ");
                    short(&mut fields, a);
                    fields.push_str(" → ");
                    short(&mut fields, z);
                }
            }
            put("changed", Some(&fields), &self.after, *row, false);
            if self.cancel.is_cancelled() {
                return None;
            }
        }
        for row in gone {
            put("gone", None, &self.before, *row, true);
        }
        if b.rows() > 0 {
            table.append(Arc::new(b.finish()));
        }
        Some(table)
    }
}

/// A value in few words.
fn short(out: &mut String, cell: Cell<'_>) {
    match cell {
        Cell::Null => out.push_str("none"),
        Cell::Text(t) if t.is_empty() => out.push_str("none"),
        Cell::Text(t) => {
            let exact = t.exact();
            let end = exact.char_indices().nth(60).map_or(exact.len(), |(n, _)| n);
            out.push_str(exact.get(..end).unwrap_or_default());
            if end < exact.len() {
                out.push('…');
            }
        }
        other => {
            hunt_cell::fit(out, other, 60);
        }
    }
}

fn hash(cell: &Cell<'_>, h: &mut impl Hasher) {
    std::mem::discriminant(cell).hash(h);
    match cell {
        Cell::Null => {}
        Cell::Text(t) => t.hash(h),
        Cell::List(list) => list.iter().for_each(|t: Txt<'_>| t.hash(h)),
        Cell::Int(n) | Cell::Time(n) | Cell::Span(n) => n.hash(h),
        Cell::Real(n) => n.to_bits().hash(h),
        Cell::Bool(b) => b.hash(h),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rows: &[(&str, i64, &str)]) -> Table {
        let schema = Arc::new(Schema::new([
            ("Id", Type::Text),
            ("N", Type::Long),
            ("Risk", Type::Text),
        ]));
        let mut b = ChunkBuilder::new(schema.clone());
        for (id, n, risk) in rows {
            b.text(0, Some(id));
            b.int(1, Some(*n));
            b.text(2, Some(risk));
            b.end_row();
        }
        let mut t = Table::new(schema);
        t.append(Arc::new(b.finish()));
        t
    }

    fn compared(before: &Table, after: &Table, keys: &[&str]) -> (Vec<String>, [u32; 3]) {
        let done = Compare {
            before: before.clone(),
            after: after.clone(),
            keys: keys.iter().map(|k| Text::from(*k)).collect(),
            cancel: Cancel::new(),
        }
        .run();
        let Some(Done::Compared(t, counts)) = done else {
            panic!("{done:?}")
        };
        let rows = (0..t.rows())
            .map(|r| {
                let cells = (0..t.schema().len()).map(|c| hunt_cell::text(&t, r, c));
                cells.collect::<Vec<_>>().join("|")
            })
            .collect();
        (rows, counts)
    }

    #[test]
    fn t10_rows_are_new_gone_or_changed_and_what_changed_is_said() {
        let before = run(&[("a", 1, "Low"), ("b", 2, "Low"), ("c", 3, "Low")]);
        let after = run(&[("b", 2, "Low"), ("a", 1, "High"), ("d", 4, "Low")]);
        let (rows, counts) = compared(&before, &after, &["Id"]);
        assert_eq!(counts, [1, 1, 1]);
        assert_eq!(
            rows,
            [
                "new||d|4|Low",
                "changed|Risk: Low → High|a|1|High",
                "gone||c|3|Low"
            ]
        );
        let (rows, counts) = compared(&before, &after, &[]);
        assert_eq!(counts, [2, 2, 0]);
        assert_eq!(rows.len(), 4);
    }

    #[test]
    fn equal_rows_count_each_and_the_unchanged_twin_is_taken() {
        let before = run(&[("a", 1, "x"), ("a", 1, "x"), ("a", 2, "x")]);
        let after = run(&[("a", 2, "x"), ("a", 1, "x")]);
        assert_eq!(compared(&before, &after, &[]).1, [0, 1, 0]);
        assert_eq!(compared(&before, &after, &["Id"]).1, [0, 1, 0]);
        assert_eq!(compared(&after, &after, &["Id"]).0, Vec::<String>::new());
    }

    #[test]
    fn a_key_that_one_run_lacks_is_said() {
        let t = run(&[("a", 1, "x")]);
        let done = Compare {
            before: t.clone(),
            after: t,
            keys: vec!["Nope".into()],
            cancel: Cancel::new(),
        }
        .run();
        assert!(matches!(done, Some(Done::Failed(w)) if w.contains("Nope")));
    }
}
