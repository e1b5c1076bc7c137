//! What the lists hold, for details that join: an entity's alerts, cells of other rows, records of the same name.

use super::pane::Pane;
use crate::model::{EntityRef, Key, Kind};
use crate::resource::find::words_of;
use crate::resource::{Direction, Known, spec};
use table::{Match, Pattern, Predicate, Test, Text, Value};

/// The panes as the other lists.
pub struct Lists<'a>(pub &'a [Pane]);

impl Lists<'_> {
    fn pane(&self, kind: Kind) -> Option<&Pane> {
        self.0.iter().find(|p| p.spec.kind == kind)
    }

    fn keys(&self, pane: &Pane, predicate: &Predicate) -> Vec<Key> {
        let cancel = table::Cancel::default();
        let table = pane.rows.table();
        let found = table::filter(table, &pane.rows.live(), predicate, &cancel)
            .map(|f| f.rows)
            .unwrap_or_default();
        let rows = table::sort(table, &found, &first_sort(pane), &cancel).unwrap_or(found);
        rows.iter()
            .map(|r| Key::new(pane.spec.kind, pane.rows.key(r).to_text()))
            .collect()
    }
}

/// The order in which a list is first shown.
fn first_sort(pane: &Pane) -> Vec<table::SortKey> {
    let by = |(name, dir): &(&str, Direction)| {
        pane.spec
            .column(name)
            .map(|col| table::SortKey::new(col, *dir == Direction::Down))
    };
    pane.spec.sort.iter().filter_map(by).collect()
}

impl Known for Lists<'_> {
    fn alerts_of(&self, entity: &EntityRef) -> Vec<Key> {
        let (Some(pane), words) = (self.pane(Kind::Alert), words_of(entity)) else {
            return Vec::new();
        };
        let Some(col) = spec(Kind::Alert).column("entities") else {
            return Vec::new();
        };
        if words.is_empty() {
            return Vec::new();
        }
        let one_of = Pattern::one_of(words.iter().map(|t| t.txt().exact()));
        self.keys(
            pane,
            &Predicate::Test {
                col,
                test: Test::Text(one_of),
            },
        )
    }

    fn cell(&self, key: &Key, column: &str) -> Option<Value> {
        let pane = self.pane(key.kind)?;
        let row = pane.rows.find(key.id.txt().exact())?;
        let col = pane.spec.column(column)?;
        Some(pane.rows.cell(row, col).to_value())
    }

    fn same_name(&self, kind: Kind, name: &Text) -> Vec<Key> {
        let Some(pane) = self.pane(kind) else {
            return Vec::new();
        };
        match Pattern::compile(Match::Equals, name.txt().exact()) {
            Ok(p) => self.keys(
                pane,
                &Predicate::Test {
                    col: pane.spec.name_column,
                    test: Test::Text(p),
                },
            ),
            Err(_) => Vec::new(),
        }
    }

    fn complete(&self, kind: Kind) -> bool {
        self.pane(kind).is_some_and(|p| p.progress.complete)
    }
}
