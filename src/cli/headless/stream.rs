//! `--ndjson`: rows as lines while the pages come, each row once, of all tenants to one stdout.

use super::list::Wanted;
use super::out::{self, Part};
use crate::app::App;
use crate::msg::{Origin, Page};
use crate::resource::Spec;
use std::collections::HashSet;
use std::io::{BufWriter, Stdout, Write};
use std::sync::Mutex;
use table::{Cancel, Cell, Selection, Table};

/// Which rows of a tenant were written already, and whether the cache spoke first.
#[derive(Default)]
pub struct Seen {
    ids: HashSet<String>,
    cached: bool,
}

/// Lines written as pages come, of all tenants to one stdout.
pub struct Stream {
    to: Mutex<(BufWriter<Stdout>, usize)>,
}

impl Stream {
    pub fn new(limit: usize) -> Self {
        Self {
            to: Mutex::new((BufWriter::new(std::io::stdout()), limit)),
        }
    }

    /// The rows of a page of the first fill that fit. What the last run saw may be changed by what comes after it: such rows
    /// wait for the end.
    pub fn page(
        &self,
        app: &App,
        page: &Page,
        wanted: &Wanted,
        whose: Option<&str>,
        seen: &mut Seen,
    ) {
        seen.cached |= page.origin == Origin::Cache;
        let Some(chunk) = &page.chunk else { return };
        let Some(pane) = app.panes.iter().find(|p| p.spec.kind == page.kind) else {
            return;
        };
        if seen.cached || page.origin != Origin::Fill {
            return;
        }
        let mut table = Table::new(pane.spec.schema());
        table.append(chunk.clone());
        let predicate = wanted.predicate(app, pane.spec);
        if let Some(fit) = table::filter(&table, &table.all(), &predicate, &Cancel::default()) {
            self.write(pane.spec, &fit.rows, wanted, whose, seen, |row, col| {
                table.cell(row, col)
            });
        }
    }

    /// What was not written while it came.
    pub fn rest(
        &self,
        part: &Part,
        rows: &Selection,
        wanted: &Wanted,
        whose: Option<&str>,
        seen: &mut Seen,
    ) {
        let pane = &part.pane;
        self.write(pane.spec, rows, wanted, whose, seen, |row, col| {
            pane.rows.cell(row, col)
        });
    }

    fn write<'a>(
        &self,
        spec: &'static Spec,
        rows: &Selection,
        wanted: &Wanted,
        whose: Option<&str>,
        seen: &mut Seen,
        cell: impl Fn(u32, usize) -> Cell<'a>,
    ) {
        let id = spec.column("id");
        let Ok(mut to) = self.to.lock() else { return };
        let (to, left) = &mut *to;
        for row in rows.iter() {
            let id = id.and_then(|col| cell(row, col).text());
            if *left == 0 || id.is_some_and(|id| !seen.ids.insert(id.exact().to_owned())) {
                continue;
            }
            *left -= 1;
            let object = out::object(whose, &wanted.columns, |col| cell(row, col));
            // whoever reads may stop reading
            if serde_json::to_writer(&mut *to, &object).is_err() || to.write_all(b"\n").is_err() {
                *left = 0;
            }
        }
        if to.flush().is_err() {
            *left = 0;
        }
    }
}
