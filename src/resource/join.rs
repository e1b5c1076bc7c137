//! What a list does not carry itself, joined from another: alerts into incidents, risk into users; and the index from
//! entities to the alerts that mention them.
//!
//! Pure functions over tables. Joined columns stay pending, and are not filled, until the list they come from is
//! complete: half of an incident's sources would be a wrong answer. From then on every change of an alert gives the
//! edits of its incidents (`incident_edits`), and rows that arrive are filled before they are taken in (`fill_*`), so
//! that a row which did not change compares equal to the one that is there.

use super::find::words_of;
use super::{Source, Spec, alert, incident};
use crate::model::EntityRef;
use crate::model::enums::SOURCES;
use hashbrown::{DefaultHashBuilder, HashMap};
use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, LazyLock};
use table::{Cell, Changes, Chunk, ChunkBuilder, Column, Keyed, Text, Value};

/// A row and the cells to set in it, as `Keyed::set_cells` takes them.
pub type Edit = (u32, Vec<(usize, Value)>);

/// Which alerts belong to which incident and which mention what, by row number of the alerts' table.
#[derive(Clone, Debug, Default)]
pub struct AlertIndex {
    by_incident: HashMap<Box<str>, Vec<u32>>,
    /// By the hash of the folded word; a look-up checks the row itself.
    by_word: HashMap<u64, Rows>,
    hasher: DefaultHashBuilder,
}

/// Most words are mentioned once: those need no list.
#[derive(Clone, Debug)]
enum Rows {
    One(u32),
    Many(Vec<u32>),
}

/// The incidents whose joined cells may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    All,
    Some(BTreeSet<Text>),
}

impl Touched {
    /// Takes further ones in.
    pub fn add(&mut self, more: Touched) {
        match (&mut *self, more) {
            (Self::Some(ids), Self::Some(more)) => ids.extend(more),
            (this, _) => *this = Self::All,
        }
    }
}

/// Where the columns stand that joins read and write; a test keeps the names right.
struct Places {
    incident: usize,
    created: usize,
    source: usize,
    techniques: usize,
    devices: usize,
    users: usize,
    /// Columns of alerts whose members name entities.
    words: [usize; 3],
    /// Columns of incidents: sources, techniques, devices, users, number of alerts.
    to: [usize; 5],
}

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    let at = |spec: &Spec, name: &str| spec.column(name).unwrap_or(usize::MAX);
    let of = |name| at(&alert::SPEC, name);
    Places {
        incident: of("incidentId"),
        created: of("createdDateTime"),
        source: of("serviceSource"),
        techniques: of("mitreTechniques"),
        devices: of("devices"),
        users: of("users"),
        words: ["entities", "devices", "users"].map(of),
        to: [
            "serviceSources",
            "techniques",
            "devices",
            "users",
            "alertCount",
        ]
        .map(|name| at(&incident::SPEC, name)),
    }
});

impl AlertIndex {
    /// Made anew from all live alerts.
    pub fn rebuild(&mut self, alerts: &Keyed) {
        self.by_incident.clear();
        self.by_word.clear();
        let incident = PLACES.incident;
        let table = alerts.table();
        for (number, chunk) in table.chunks().iter().enumerate() {
            let start = table.start_of(number);
            for row in 0..chunk.rows() {
                if alerts.is_live(start + row as u32)
                    && let Some(id) = chunk.column(incident).and_then(|c| c.text(row))
                {
                    self.enter_incident(id, start + row as u32);
                }
            }
            // each distinct word of the chunk is hashed once
            for col in PLACES.words {
                let Some(Column::List(list)) = chunk.column(col) else {
                    continue;
                };
                let hashes: Vec<u64> = list.values().iter().map(|word| self.hash(word)).collect();
                for row in (0..chunk.rows()).filter(|r| alerts.is_live(start + *r as u32)) {
                    for code in list.codes_of(row) {
                        if let Some(hash) = hashes.get(*code as usize) {
                            enter(&mut self.by_word, *hash, start + row as u32);
                        }
                    }
                }
            }
        }
    }

    /// Follows a change of the alerts' table; call it right after every `upsert`, `set_cells` and `retain`.
    pub fn take(&mut self, alerts: &Keyed, changes: &Changes) -> Touched {
        if changes.remap.is_some() {
            self.rebuild(alerts);
            return Touched::All;
        }
        let mut touched = BTreeSet::new();
        for (old, new) in &changes.updated {
            self.forget(alerts, *old, &mut touched);
            self.enter(alerts, *new, &mut touched);
        }
        for row in &changes.added {
            self.enter(alerts, *row, &mut touched);
        }
        Touched::Some(touched)
    }

    /// Follows `Keyed::remove`, with the row that it gave back.
    pub fn removed(&mut self, alerts: &Keyed, row: u32) -> Touched {
        let mut touched = BTreeSet::new();
        self.forget(alerts, row, &mut touched);
        Touched::Some(touched)
    }

    /// The alerts of an incident, in no order.
    pub fn of_incident(&self, id: &str) -> &[u32] {
        self.by_incident.get(id).map_or(&[], Vec::as_slice)
    }

    /// The alerts that mention an entity, newest first.
    pub fn of_entity(&self, alerts: &Keyed, entity: &EntityRef) -> Vec<u32> {
        let mut rows = match entity {
            EntityRef::Incident(id) => self.of_incident(id.txt().exact()).to_vec(),
            EntityRef::Alert(id) => alerts.find(id.txt().exact()).into_iter().collect(),
            entity => {
                let mut rows: Vec<u32> = Vec::new();
                for word in words_of(entity) {
                    rows.extend(self.of_word(alerts, word.txt().exact()));
                }
                rows
            }
        };
        rows.sort_unstable();
        rows.dedup();
        let created = PLACES.created;
        let when = |row: &u32| alerts.cell(*row, created).time().unwrap_or(i64::MIN);
        rows.sort_by_key(|row| std::cmp::Reverse((when(row), *row)));
        rows
    }

    /// The alerts in whose evidence this word stands, in any case.
    fn of_word<'a>(&'a self, alerts: &'a Keyed, word: &'a str) -> impl Iterator<Item = u32> + 'a {
        let rows: &[u32] = match self.by_word.get(&self.hash(word)) {
            Some(Rows::One(row)) => std::slice::from_ref(row),
            Some(Rows::Many(rows)) => rows,
            None => &[],
        };
        let fold = word.to_lowercase();
        rows.iter().copied().filter(move |row| {
            PLACES
                .words
                .iter()
                .any(|col| match alerts.cell(*row, *col) {
                    Cell::List(list) => list.iter().any(|w| {
                        w.exact().eq_ignore_ascii_case(word) || w.exact().to_lowercase() == fold
                    }),
                    _ => false,
                })
        })
    }

    fn enter(&mut self, alerts: &Keyed, row: u32, touched: &mut BTreeSet<Text>) {
        if let Some(id) = alerts.cell(row, PLACES.incident).text() {
            self.enter_incident(id.exact(), row);
            touched.insert(id.to_text());
        }
        for hash in self.hashes(alerts, row) {
            enter(&mut self.by_word, hash, row);
        }
    }

    fn forget(&mut self, alerts: &Keyed, row: u32, touched: &mut BTreeSet<Text>) {
        if let Some(id) = alerts.cell(row, PLACES.incident).text() {
            if let Some(rows) = self.by_incident.get_mut(id.exact()) {
                rows.retain(|r| *r != row);
                if rows.is_empty() {
                    self.by_incident.remove(id.exact());
                }
            }
            touched.insert(id.to_text());
        }
        for hash in self.hashes(alerts, row) {
            let empty = match self.by_word.get_mut(&hash) {
                Some(Rows::One(one)) => *one == row,
                Some(Rows::Many(rows)) => {
                    rows.retain(|r| *r != row);
                    rows.is_empty()
                }
                None => false,
            };
            if empty {
                self.by_word.remove(&hash);
            }
        }
    }

    fn enter_incident(&mut self, id: &str, row: u32) {
        match self.by_incident.get_mut(id) {
            Some(rows) => rows.push(row),
            None => {
                self.by_incident.insert(id.into(), vec![row]);
            }
        }
    }

    fn hashes(&self, alerts: &Keyed, row: u32) -> Vec<u64> {
        let mut out = Vec::new();
        for col in PLACES.words {
            if let Cell::List(list) = alerts.cell(row, col) {
                out.extend(list.iter().map(|word| self.hash(word.exact())));
            }
        }
        out
    }

    fn hash(&self, word: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        if word.is_ascii() {
            let mut lower = [0u8; 64];
            for part in word.as_bytes().chunks(lower.len()) {
                let lower = &mut lower[..part.len()];
                lower.copy_from_slice(part);
                lower.make_ascii_lowercase();
                hasher.write(lower);
            }
        } else {
            hasher.write(word.to_lowercase().as_bytes());
        }
        hasher.finish()
    }
}

fn enter(words: &mut HashMap<u64, Rows>, hash: u64, row: u32) {
    words
        .entry(hash)
        .and_modify(|rows| match rows {
            // a word may stand in several columns of a row
            Rows::One(one) if *one == row => {}
            Rows::One(one) => *rows = Rows::Many(vec![*one, row]),
            Rows::Many(rows) if rows.last() == Some(&row) => {}
            Rows::Many(rows) => rows.push(row),
        })
        .or_insert(Rows::One(row));
}

/// The incidents that these alerts belong to, each once.
pub fn incidents_of(alerts: &Keyed, rows: impl IntoIterator<Item = u32>) -> Vec<Text> {
    let col = PLACES.incident;
    let mut seen = BTreeSet::new();
    rows.into_iter()
        .filter_map(|row| alerts.cell(row, col).text().map(|t| t.to_text()))
        .filter(|id| seen.insert(id.clone()))
        .collect()
}

/// The joined cells of an incident; none where no alert of it is known.
pub fn incident_cells(index: &AlertIndex, alerts: &Keyed, id: &str) -> Vec<(usize, Value)> {
    let rows = index.of_incident(id);
    if rows.is_empty() {
        return Vec::new();
    }
    let mut sources: Vec<Text> = gather(alerts, rows, PLACES.source);
    // by the order of the products; unknown ones behind, by name
    if sources.len() > 1 {
        let place = |s: &Text| SOURCES.iter().position(|(w, ..)| *s == *w);
        sources.sort_by_cached_key(|s| (place(s).unwrap_or(SOURCES.len()), s.clone()));
    }
    let mut techniques = gather(alerts, rows, PLACES.techniques);
    techniques.sort();
    let [source_col, technique_col, device_col, user_col, count_col] = PLACES.to;
    vec![
        (source_col, Value::List(sources)),
        (technique_col, Value::List(techniques)),
        (
            device_col,
            Value::List(gather(alerts, rows, PLACES.devices)),
        ),
        (user_col, Value::List(gather(alerts, rows, PLACES.users))),
        (count_col, Value::Int(rows.len() as i64)),
    ]
}

/// The edits of the incidents' table after alerts changed.
pub fn incident_edits(
    index: &AlertIndex,
    alerts: &Keyed,
    incidents: &Keyed,
    touched: &Touched,
) -> Vec<Edit> {
    let edit = |id: &str| {
        let row = incidents.find(id)?;
        let cells = incident_cells(index, alerts, id);
        // its last alert went elsewhere
        let cells = if cells.is_empty() {
            nothing(&incident::SPEC)
        } else {
            cells
        };
        Some((row, cells))
    };
    match touched {
        Touched::All => index.by_incident.keys().filter_map(|id| edit(id)).collect(),
        Touched::Some(ids) => ids.iter().filter_map(|id| edit(id.txt().exact())).collect(),
    }
}

/// Arriving incidents with their joined cells.
pub fn fill_incidents(chunk: Arc<Chunk>, index: &AlertIndex, alerts: &Keyed) -> Arc<Chunk> {
    fill(chunk, |id| incident_cells(index, alerts, id))
}

/// The edits of a list when rows of its `Beside` listing arrive.
pub fn beside_edits(rows: &Keyed, spec: &Spec, beside: &Chunk) -> Vec<Edit> {
    (0..beside.rows())
        .filter_map(|row| {
            let id = beside.column(0)?.text(row)?;
            let cells = joined(spec).map(|col| (col, beside.cell(row, col).to_value()));
            Some((rows.find(id)?, cells.collect()))
        })
        .collect()
}

/// Arriving rows with the joined cells of what the `Beside` listing gave so far, kept as a table of the same schema.
pub fn fill_beside(chunk: Arc<Chunk>, spec: &Spec, beside: &Keyed) -> Arc<Chunk> {
    fill(chunk, |id| match beside.find(id) {
        Some(row) => joined(spec)
            .map(|col| (col, beside.cell(row, col).to_value()))
            .collect(),
        None => Vec::new(),
    })
}

/// Sets cells by the key in column 0; the chunk itself where there is nothing to set.
fn fill(chunk: Arc<Chunk>, cells: impl Fn(&str) -> Vec<(usize, Value)>) -> Arc<Chunk> {
    let Some(keys) = chunk.column(0) else {
        return chunk;
    };
    let edits: Vec<Vec<(usize, Value)>> = (0..chunk.rows())
        .map(|row| keys.text(row).map(&cells).unwrap_or_default())
        .collect();
    if edits.iter().all(Vec::is_empty) {
        return chunk;
    }
    let mut build = ChunkBuilder::new(chunk.schema().clone());
    for (row, cells) in edits.iter().enumerate() {
        for (col, value) in cells {
            build.value(*col, value);
        }
        // of two values for one cell the first stays
        for col in 0..chunk.columns().len() {
            build.cell(col, chunk.cell(row, col));
        }
        build.end_row();
    }
    Arc::new(build.finish())
}

/// Every joined column empty.
fn nothing(spec: &Spec) -> Vec<(usize, Value)> {
    joined(spec).map(|col| (col, Value::Null)).collect()
}

fn joined(spec: &Spec) -> impl Iterator<Item = usize> + '_ {
    spec.columns
        .iter()
        .enumerate()
        .filter(|(_, c)| c.source == Source::Joined)
        .map(|(col, _)| col)
}

/// The distinct values of a column over some rows, in the order they come.
fn gather(alerts: &Keyed, rows: &[u32], col: usize) -> Vec<Text> {
    let mut words: Vec<&str> = Vec::new();
    for row in rows {
        match alerts.cell(*row, col) {
            Cell::Text(word) => words.push(word.exact()),
            Cell::List(list) => words.extend(list.iter().map(|w| w.exact())),
            _ => {}
        }
    }
    // most incidents have few words, and looking through few is faster than any set
    if words.len() <= 16 {
        let mut few: Vec<&str> = Vec::with_capacity(words.len());
        for word in words {
            if !few.contains(&word) {
                few.push(word);
            }
        }
        return few.into_iter().map(Text::from).collect();
    }
    let mut seen = HashSet::new();
    words.retain(|word| seen.insert(*word));
    words.into_iter().map(Text::from).collect()
}

#[cfg(test)]
mod tests;
