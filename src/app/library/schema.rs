//! The tables there are, folded: which of them are shown, with which columns, for the words typed.

use crate::resource::library::tables::{event_type, streaming};
use kql::schema::{Schema, TableDef, Which};
use kql::service::hover::column_help;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// A line of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    pub table: Arc<str>,
    /// None: the table's own line.
    pub column: Option<Arc<str>>,
    /// Its columns are shown below it.
    pub open: bool,
}

/// Every table, Defender's own first, each in the order of names.
fn all() -> &'static [(Arc<TableDef>, bool)] {
    static ALL: OnceLock<Vec<(Arc<TableDef>, bool)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let defender = Schema::builtin(Which::Defender);
        let mut out: Vec<(Arc<TableDef>, bool)> = Schema::builtin(Which::Unified)
            .tables()
            .map(|t| (t.clone(), defender.table(&t.name).is_some()))
            .collect();
        out.sort_by(|a, b| (!a.1, &a.0.name).cmp(&(!b.1, &b.0.name)));
        out
    })
}

/// A table by its name, and whether it is Defender's own.
pub fn table(name: &str) -> Option<(&'static TableDef, bool)> {
    let found = all().iter().find(|(t, _)| *t.name == *name);
    found.map(|(t, own)| (&**t, *own))
}

/// The tree for the words typed: a table whose name, description or event type has them all, or which has such columns;
/// of the latter only those. Without words every table, and the columns of those that were unfolded.
pub fn branches(words: &str, unfolded: &BTreeSet<Arc<str>>) -> Vec<Branch> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let has = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|w| text.contains(w.as_str()))
    };
    let (mut named, mut told) = (Vec::new(), Vec::new());
    for (t, _) in all() {
        let by_name = has(&t.name);
        let event = event_type(&t.name).unwrap_or_default();
        let says = format!(
            "{} {} {} {event}",
            t.name,
            t.about,
            streaming(&t.name).says()
        );
        let whole = by_name || has(&says);
        let open = unfolded.contains(&t.name);
        let columns = t.columns.iter().filter(|c| match whole {
            true => open,
            false => has(&c.name) || has(&format!("{} {}", c.name, column_help(&c.name))),
        });
        let columns: Vec<Branch> = columns
            .map(|c| Branch {
                table: t.name.clone(),
                column: Some(c.name.clone()),
                open: false,
            })
            .collect();
        if !whole && columns.is_empty() {
            continue;
        }
        let to = if by_name { &mut named } else { &mut told };
        to.push(Branch {
            table: t.name.clone(),
            column: None,
            open: !columns.is_empty(),
        });
        to.extend(columns);
    }
    named.extend(told);
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S4-6: the tables of the seed, offline, each with columns, types and a line about it.
    #[test]
    fn every_table_has_columns_and_a_line_and_is_found_by_what_it_is() {
        let none = BTreeSet::new();
        let tables = branches("", &none);
        assert!(tables.len() > 100 && tables.iter().all(|b| b.column.is_none()));
        for b in &tables {
            let (t, _) = table(&b.table).unwrap();
            assert!(!t.about.is_empty() && !t.columns.is_empty(), "{}", t.name);
        }
        assert_eq!(&*tables[0].table, "AADSignInEventsBeta");
        let unfolded = BTreeSet::from([Arc::from("EmailEvents")]);
        let found = branches("emailevents", &unfolded);
        assert!(found[0].open && found[1].column.is_some());
        let found = branches("remoteip", &none);
        assert!(
            found
                .iter()
                .any(|b| &*b.table == "DeviceNetworkEvents" && b.open)
        );
        assert!(
            found
                .iter()
                .filter_map(|b| b.column.as_ref())
                .all(|c| c.to_lowercase().contains("remoteip"))
        );
        let free = branches("free in sentinel", &none);
        assert!(free.iter().any(|b| &*b.table == "AlertInfo"), "S1-16");
        let event = branches("AdvancedHunting-EmailEvents", &none);
        assert_eq!(&*event[0].table, "EmailEvents", "S1-20");
        assert_eq!(branches("nothing of that kind", &none), []);
    }
}
