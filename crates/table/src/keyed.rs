//! A table whose first column is the key: a newer version of a row is appended and the old one is dead.
//!
//! Row numbers change only by compaction, which `upsert` and its kin report in [`Changes`]. Keep a cursor
//! and marks *by key* (column 0) across updates, and find the row again with [`Keyed::find`]; keep a
//! [`Selection`] on screen with [`Changes::follow_selection`] until the next filter or sort has answered.

#[cfg(test)]
mod tests;

use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::bits::Bits;
use crate::builder::ChunkBuilder;
use crate::cell::{Cell, Value};
use crate::chunk::Chunk;
use crate::schema::Schema;
use crate::selection::Selection;
use crate::table::Table;
use crate::text::Txt;

/// Fewer rows than this are never compacted.
const SMALL: u32 = 1_024;

/// A table with one live row a key; a clone is a snapshot and copies a few pointers.
#[derive(Clone, Debug)]
pub struct Keyed {
    table: Table,
    dead: Arc<Bits>,
    dead_count: u32,
    index: Arc<HashTable<u32>>,
    hasher: DefaultHashBuilder,
    live: OnceLock<Selection>,
}

/// What an upsert did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows of new keys, as numbered now.
    pub added: Vec<u32>,
    /// (row before, row now) of keys whose values differ.
    pub updated: Vec<(u32, u32)>,
    /// Rows that were there already, value for value; they were not stored again.
    pub same: u32,
    /// Where every row went, if the table was compacted on this occasion.
    pub remap: Option<Remap>,
}

/// Old row numbers to new ones, after a compaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remap(Arc<[u32]>);

const GONE: u32 = u32::MAX;

impl Remap {
    /// The new number; `None` for a row that was dead.
    pub fn get(&self, old: u32) -> Option<u32> {
        self.0.get(old as usize).copied().filter(|new| *new != GONE)
    }
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.updated.is_empty() && self.remap.is_none()
    }

    /// The number now of a row that was live before; `None` if it is gone.
    pub fn follow(&self, row: u32) -> Option<u32> {
        match self.updated.binary_search_by_key(&row, |(old, _)| *old) {
            Ok(at) => self.updated.get(at).map(|(_, new)| *new),
            Err(_) => self
                .remap
                .as_ref()
                .map_or(Some(row), |remap| remap.get(row)),
        }
    }

    /// A selection from before, with the newer version of each row in its place; rows that are gone drop
    /// out. Whether updated rows still pass the filter is for the next filter to say.
    pub fn follow_selection(&self, before: &Selection) -> Selection {
        if self.updated.is_empty() && self.remap.is_none() {
            return before.clone();
        }
        before.iter().filter_map(|row| self.follow(row)).collect()
    }
}

impl Keyed {
    /// No rows. Column 0 of the schema is the key and should be text.
    pub fn new(schema: Arc<Schema>) -> Self {
        Keyed {
            table: Table::new(schema),
            dead: Arc::default(),
            dead_count: 0,
            index: Arc::default(),
            hasher: DefaultHashBuilder::default(),
            live: OnceLock::new(),
        }
    }

    /// All rows, dead ones too: use it with [`live`](Self::live) or a filter of it.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Column names and types.
    pub fn schema(&self) -> &Arc<Schema> {
        self.table.schema()
    }

    /// Number of live rows.
    pub fn len(&self) -> usize {
        (self.table.rows() - self.dead_count) as usize
    }

    /// Whether no row is live.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The live rows in order of arrival; kept until the next change.
    pub fn live(&self) -> Selection {
        self.live
            .get_or_init(|| match self.dead_count {
                0 => self.table.all(),
                _ => (0..self.table.rows())
                    .filter(|row| !self.dead.get(*row as usize))
                    .collect(),
            })
            .clone()
    }

    /// Whether a row is the newest version of its key.
    pub fn is_live(&self, row: u32) -> bool {
        row < self.table.rows() && !self.dead.get(row as usize)
    }

    /// The live row of a key.
    pub fn find(&self, key: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(key);
        self.index
            .find(hash, |row| self.key(*row).exact() == key)
            .copied()
    }

    /// A row's key; empty where it has none.
    pub fn key(&self, row: u32) -> Txt<'_> {
        self.table.text(row, 0).unwrap_or_default()
    }

    /// A value; null outside of the table.
    pub fn cell(&self, row: u32, col: usize) -> Cell<'_> {
        self.table.cell(row, col)
    }

    /// Marks a column as still being filled (see [`Table::set_pending`]).
    pub fn set_pending(&mut self, col: usize, pending: bool) {
        self.table.set_pending(col, pending);
    }

    /// Takes newer versions of rows. Of one key given twice the later row counts.
    pub fn upsert(&mut self, chunk: Arc<Chunk>) -> Changes {
        let chunk = if **chunk.schema() == **self.schema() {
            chunk
        } else {
            Arc::new(chunk.conform(self.schema()))
        };
        let mut changes = Changes::default();
        let Some(keys) = chunk.column(0) else {
            return changes;
        };
        if u32::try_from(chunk.rows())
            .ok()
            .and_then(|n| self.table.rows().checked_add(n))
            .is_none()
        {
            return changes; // four billion rows: full
        }

        // what is kept of the chunk: (its row, the row it replaces)
        let mut kept: Vec<(u32, Option<u32>)> = Vec::with_capacity(chunk.rows());
        let mut within: HashTable<u32> = HashTable::with_capacity(chunk.rows());
        let key_of = |row: u32| keys.text(row as usize).unwrap_or("");
        for row in (0..chunk.rows() as u32).rev() {
            let key = key_of(row);
            let hash = self.hasher.hash_one(key);
            if within.find(hash, |other| key_of(*other) == key).is_some() {
                continue;
            }
            within.insert_unique(hash, row, |row| self.hasher.hash_one(key_of(*row)));
            let old = self
                .index
                .find(hash, |old| self.key(*old).exact() == key)
                .copied();
            match old {
                Some(old) if self.same(old, &chunk, row) => changes.same += 1,
                old => kept.push((row, old)),
            }
        }
        kept.reverse();
        if kept.is_empty() {
            return changes;
        }

        let chunk = if kept.len() == chunk.rows() {
            chunk
        } else {
            Arc::new(chunk.take(&kept.iter().map(|(row, _)| *row).collect::<Vec<_>>()))
        };
        let rows = self.table.append(chunk);
        for ((_, old), new) in kept.iter().zip(rows) {
            match old {
                Some(old) => changes.updated.push((*old, new)),
                None => changes.added.push(new),
            }
        }
        self.enter(&changes.added, &changes.updated);
        changes.updated.sort_unstable();
        self.tidy(&mut changes);
        changes
    }

    /// Takes a key out; the row it had.
    pub fn remove(&mut self, key: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(key);
        let table = &self.table;
        let same = |row: &u32| table.text(*row, 0).unwrap_or_default().exact() == key;
        let entry = Arc::make_mut(&mut self.index).find_entry(hash, same).ok()?;
        let (row, _) = entry.remove();
        self.bury(row);
        self.live = OnceLock::new();
        Some(row)
    }

    /// Takes all rows out whose key `keep` refuses (after a complete sweep). Compacts like `upsert`.
    pub fn retain(&mut self, mut keep: impl FnMut(Txt<'_>) -> bool) -> Changes {
        let gone: Vec<String> = self
            .live()
            .iter()
            .filter_map(|row| {
                let key = self.key(row);
                (!keep(key)).then(|| key.exact().to_owned())
            })
            .collect();
        for key in &gone {
            self.remove(key);
        }
        let mut changes = Changes::default();
        self.tidy(&mut changes);
        changes
    }

    /// Appends rows again with some cells changed: for each live row its new (column, value) pairs. The key
    /// column is left alone, dead rows are passed over, and a row whose values do not change stays.
    pub fn set_cells<I, C>(&mut self, edits: I) -> Changes
    where
        I: IntoIterator<Item = (u32, C)>,
        C: AsRef<[(usize, Value)]>,
    {
        let mut build = ChunkBuilder::new(self.schema().clone());
        let cols = self.schema().len();
        for (row, cells) in edits {
            if !self.is_live(row) {
                continue;
            }
            for (col, value) in cells.as_ref() {
                // a null leaves the cell open, and the old value would come back below
                match value {
                    Value::Null if *col != 0 => build.skip(*col),
                    value if *col != 0 => build.value(*col, value),
                    _ => {}
                }
            }
            for col in 0..cols {
                build.cell(col, self.table.cell(row, col));
            }
            build.end_row();
        }
        self.upsert(Arc::new(build.finish()))
    }

    /// Drops dead rows now and says where the others went; `None` when no row is dead.
    pub fn compact(&mut self) -> Option<Remap> {
        if self.dead_count == 0 {
            return None;
        }
        let rows = self.table.rows();
        let mut remap = vec![GONE; rows as usize];
        let mut next = 0;
        for (row, to) in remap.iter_mut().enumerate() {
            if !self.dead.get(row) {
                *to = next;
                next += 1;
            }
        }
        let schema = self.schema().clone();
        let mut table = Table::new(schema.clone());
        for (at, chunk) in self.table.chunks().iter().enumerate() {
            let start = self.table.start_of(at);
            let live: Vec<u32> = (0..chunk.rows() as u32)
                .filter(|row| !self.dead.get((start + row) as usize))
                .collect();
            match live.len() {
                n if n == chunk.rows() => table.append(chunk.clone()),
                _ => table.append(Arc::new(chunk.take(&live))),
            };
        }
        for col in 0..schema.len() {
            table.set_pending(col, self.table.is_pending(col));
        }
        let mut index = HashTable::with_capacity(next as usize);
        let key_of = |row: u32| table.text(row, 0).unwrap_or_default().exact();
        for row in 0..table.rows() {
            index.insert_unique(self.hasher.hash_one(key_of(row)), row, |row| {
                self.hasher.hash_one(key_of(*row))
            });
        }
        self.table = table;
        self.index = Arc::new(index);
        self.dead = Arc::default();
        self.dead_count = 0;
        self.live = OnceLock::new();
        Some(Remap(remap.into()))
    }

    fn same(&self, old: u32, chunk: &Chunk, row: u32) -> bool {
        (0..self.schema().len())
            .all(|col| self.table.cell(old, col) == chunk.cell(row as usize, col))
    }

    /// Enters appended rows into the index and buries those they replace.
    fn enter(&mut self, added: &[u32], updated: &[(u32, u32)]) {
        let (table, hasher) = (&self.table, &self.hasher);
        let key_of = |row: u32| table.text(row, 0).unwrap_or_default().exact();
        // a job may hold a snapshot; then this copies the index once (about 1 ms for 100,000 rows)
        let index = Arc::make_mut(&mut self.index);
        for row in added {
            index.insert_unique(hasher.hash_one(key_of(*row)), *row, |row| {
                hasher.hash_one(key_of(*row))
            });
        }
        for (old, new) in updated {
            if let Some(entry) = index.find_mut(hasher.hash_one(key_of(*new)), |row| row == old) {
                *entry = *new;
            }
        }
        for (old, _) in updated {
            self.bury(*old);
        }
        self.live = OnceLock::new();
    }

    fn bury(&mut self, row: u32) {
        let dead = Arc::make_mut(&mut self.dead);
        let missing = (self.table.rows() as usize).saturating_sub(dead.len());
        dead.extend_with(missing, false);
        if !dead.get(row as usize) {
            dead.set(row as usize, true);
            self.dead_count += 1;
        }
    }

    fn tidy(&mut self, changes: &mut Changes) {
        if self.table.rows() < SMALL || self.dead_count <= self.table.rows() / 4 {
            return;
        }
        let Some(remap) = self.compact() else { return };
        let now = |row: u32| remap.get(row).unwrap_or(row);
        changes.added.iter_mut().for_each(|row| *row = now(*row));
        changes
            .updated
            .iter_mut()
            .for_each(|(_, new)| *new = now(*new));
        changes.remap = Some(remap);
    }
}
