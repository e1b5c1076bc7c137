//! Indicators as they are now. Rows of Cloud Apps that somebody deletes here come back: the app is still marked there.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::world::Obj;
use crate::world::indicators::CLOUD_APPS;

/// Active rows of a tenant, at most.
pub(crate) const LIMIT: usize = 15_000;
/// After so long Cloud Apps puts back what was deleted.
const BACK: SignedDuration = SignedDuration::from_hours(3);

/// All rows by their ids.
#[derive(Debug, Default)]
pub(crate) struct Indicators {
    rows: BTreeMap<u64, Obj>,
    /// The row of a kind and value.
    values: HashMap<String, u64>,
    opened: bool,
    next: u64,
    gone: Vec<(Timestamp, Obj)>,
}

fn text<'a>(row: &'a Obj, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Values are compared without case.
fn key(row: &Obj) -> String {
    let value = text(row, "indicatorValue").to_lowercase();
    format!("{} {value}", text(row, "indicatorType"))
}

/// Has it not expired?
fn active(row: &Obj, now: Timestamp) -> bool {
    match row.get("expirationTime").and_then(Value::as_str) {
        None => true,
        Some(until) => until.parse::<Timestamp>().is_ok_and(|until| until > now),
    }
}

impl Indicators {
    /// Brings the list to what it is at this instant; `made` are the rows from before the start.
    pub fn at(&mut self, now: Timestamp, made: impl FnOnce() -> Vec<Obj>) {
        if !self.opened {
            self.opened = true;
            self.next = 5_000;
            for row in made() {
                if let Ok(id) = text(&row, "id").parse() {
                    self.insert(id, row);
                }
            }
        }
        let expired: Vec<u64> = self
            .rows
            .iter()
            .filter(|(_, row)| !active(row, now))
            .map(|(id, _)| *id)
            .collect();
        for id in expired {
            self.remove(id);
        }
        let (back, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.gone)
            .into_iter()
            .partition(|(at, _)| now.duration_since(*at) >= BACK);
        self.gone = gone;
        for (_, row) in back {
            if !self.values.contains_key(&key(&row)) {
                let id = self.number();
                self.insert(id, row);
            }
        }
    }

    fn insert(&mut self, id: u64, mut row: Obj) {
        row.insert("id".into(), json!(id.to_string()));
        self.values.insert(key(&row), id);
        self.rows.insert(id, row);
    }

    fn remove(&mut self, id: u64) -> Option<Obj> {
        let row = self.rows.remove(&id)?;
        self.values.remove(&key(&row));
        Some(row)
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Rows in the order of their ids.
    pub fn rows(&self) -> impl Iterator<Item = &Obj> {
        self.rows.values()
    }

    pub fn get(&self, id: &str) -> Option<&Obj> {
        self.rows.get(&id.parse().ok()?)
    }

    /// Adds a row, or writes over the one of that value: what stays is its id, its maker, when it was made, and its application.
    /// None where the tenant is full.
    pub fn put(&mut self, mut new: Obj) -> Option<Obj> {
        let standing = self.values.get(&key(&new)).copied();
        let id = match standing {
            Some(id) => id,
            None if self.rows.len() >= LIMIT => return None,
            None => self.number(),
        };
        if let Some(row) = self.rows.get(&id) {
            for kept in [
                "createdBy",
                "createdByDisplayName",
                "createdBySource",
                "source",
                "sourceType",
                "creationTimeDateTimeUtc",
                "application",
            ] {
                if let Some(value) = row.get(kept) {
                    new.insert(kept.into(), value.clone());
                }
            }
        }
        self.insert(id, new);
        self.rows.get(&id).cloned()
    }

    /// Takes rows away.
    pub fn delete(&mut self, ids: &[&str], now: Timestamp) {
        for id in ids {
            let row = id.parse().ok().and_then(|id| self.remove(id));
            if let Some(row) = row.filter(|row| text(row, "createdBySource") == CLOUD_APPS) {
                self.gone.push((now, row));
            }
        }
    }
}
