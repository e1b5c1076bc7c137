//! What the lists hold, for details that join: an entity's alerts, cells of other rows, records of the same name.

use super::App;
use super::pane::Pane;
use super::refs::equal;
use crate::model::{EntityRef, Key, Kind};
use crate::resource::Known;
use table::{Text, Value};

/// The program's lists as the other lists.
pub struct Lists<'a>(pub &'a App);

impl Lists<'_> {
    fn pane(&self, kind: Kind) -> Option<&Pane> {
        self.0.panes.iter().find(|p| p.spec.kind == kind)
    }
}

impl Known for Lists<'_> {
    fn alerts_of(&self, entity: &EntityRef) -> Vec<Key> {
        let Some(pane) = self.pane(Kind::Alert) else {
            return Vec::new();
        };
        let rows = self.0.joins.index.of_entity(&pane.rows, entity);
        let key = |row| Key::new(Kind::Alert, pane.rows.key(row).to_text());
        rows.into_iter().map(key).collect()
    }

    fn cell(&self, key: &Key, column: &str) -> Option<Value> {
        let pane = self.pane(key.kind)?;
        let row = pane.rows.find(key.id.txt().exact())?;
        let col = pane.spec.column(column)?;
        Some(pane.rows.cell(row, col).to_value())
    }

    fn same_name(&self, kind: Kind, name: &Text) -> Vec<Key> {
        let spec = crate::resource::spec(kind);
        let column = spec.columns.get(spec.name_column).map_or("", |c| c.name);
        equal(self.0, kind, column, name)
    }

    fn with(&self, kind: Kind, column: &str, value: &Text) -> Vec<Key> {
        equal(self.0, kind, column, value)
    }

    fn complete(&self, kind: Kind) -> bool {
        self.pane(kind).is_some_and(|p| p.progress.complete)
    }

    fn keys(&self, kind: Kind) -> Vec<Key> {
        let Some(pane) = self.pane(kind) else {
            return Vec::new();
        };
        let rows = pane.rows.live();
        rows.iter()
            .map(|r| Key::new(kind, pane.rows.key(r).to_text()))
            .collect()
    }

    fn marked(&self, kind: Kind) -> Vec<Key> {
        self.pane(kind).map_or_else(Vec::new, |p| p.marked().0)
    }
}
