//! Tables and what they hold: the Defender XDR and Sentinel tables, those a person adds, and
//! columns learned from results. The built-in ones are a text file made by
//! `scripts/make_data.py`.

use crate::types::{Ty, by_name};
use hashbrown::HashMap;
use std::sync::{Arc, OnceLock};

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDef {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Ty,
}

/// A table.
#[derive(Clone, Debug)]
pub struct TableDef {
    /// Its name.
    pub name: Arc<str>,
    /// Its columns in order.
    pub columns: Arc<[ColumnDef]>,
    /// What it holds, in one line; empty if nobody said.
    pub about: Arc<str>,
    /// The name to use instead, if this one is being retired.
    pub replaced_by: Option<Arc<str>>,
}

/// A function of the service that queries call like a table function.
#[derive(Clone, Debug)]
pub struct ServiceFunction {
    /// Its name.
    pub name: Arc<str>,
    /// Called after `invoke`, on a table.
    pub invoke: bool,
    /// Least and most number of arguments, the table not counted.
    pub arguments: (usize, usize),
    /// Columns that it adds to the table, or that its table has.
    pub columns: Arc<[ColumnDef]>,
    /// What it does.
    pub about: Arc<str>,
}

/// Which tables are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Defender XDR.
    Defender,
    /// Defender XDR and Sentinel; a table of both has the columns of both.
    Unified,
}

/// What the binder knows of the world.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    tables: Vec<Arc<TableDef>>,
    by_name: HashMap<Arc<str>, u32>,
    functions: HashMap<Arc<str>, Arc<ServiceFunction>>,
    /// Functions a person defined: name and text.
    pub user_functions: Vec<(Arc<str>, Arc<str>)>,
}

const DATA: &str = include_str!("../data/schema.txt");

fn columns(text: &str) -> Arc<[ColumnDef]> {
    text.split(' ')
        .filter_map(|c| c.split_once(':'))
        .map(|(n, t)| ColumnDef {
            name: n.into(),
            ty: by_name(long_type(t)).unwrap_or(Ty::DYNAMIC),
        })
        .collect()
}

/// The file writes types in one letter or two.
fn long_type(t: &str) -> &str {
    match t {
        "s" => "string",
        "t" => "datetime",
        "i" => "int",
        "l" => "long",
        "b" => "bool",
        "r" => "real",
        "d" => "dynamic",
        "g" => "guid",
        "ts" => "timespan",
        "dc" => "decimal",
        other => other,
    }
}

impl Schema {
    /// The built-in tables; read once, then shared.
    pub fn builtin(which: Which) -> Arc<Schema> {
        static DEFENDER: OnceLock<Arc<Schema>> = OnceLock::new();
        static UNIFIED: OnceLock<Arc<Schema>> = OnceLock::new();
        let cell = if which == Which::Defender {
            &DEFENDER
        } else {
            &UNIFIED
        };
        cell.get_or_init(|| Arc::new(Schema::read(which))).clone()
    }

    fn read(which: Which) -> Schema {
        let mut s = Schema::default();
        for line in DATA.lines() {
            let mut f = line.split('\t');
            let (Some(kind), Some(name)) = (f.next(), f.next()) else {
                continue;
            };
            match kind {
                "D" | "S" => {
                    if kind == "S" && which == Which::Defender {
                        continue;
                    }
                    let about = f.next().unwrap_or("");
                    let replaced = f.next().filter(|r| !r.is_empty());
                    let mut cols = columns(f.next().unwrap_or("")).to_vec();
                    let old = s.table(name).cloned();
                    if let Some(old) = &old {
                        let mut both = old.columns.to_vec();
                        both.extend(
                            cols.into_iter()
                                .filter(|c| old.columns.iter().all(|o| o.name != c.name)),
                        );
                        cols = both;
                    }
                    s.add_table(TableDef {
                        name: name.into(),
                        columns: cols.into(),
                        about: old
                            .as_ref()
                            .map_or_else(|| about.into(), |o| o.about.clone()),
                        replaced_by: replaced
                            .map(Into::into)
                            .or_else(|| old.and_then(|o| o.replaced_by.clone())),
                    });
                }
                "A" => {
                    let target = f.next().unwrap_or("");
                    if let Some(t) = s.by_name.get(target).copied() {
                        s.by_name.insert(name.into(), t);
                    }
                }
                "F" => {
                    let mut num = || f.next().and_then(|n| n.parse().ok()).unwrap_or(0);
                    let (invoke, min, max) = (num() == 1, num(), num());
                    let about = f.next().unwrap_or("");
                    let func = ServiceFunction {
                        name: name.into(),
                        invoke,
                        arguments: (min, max),
                        columns: columns(f.next().unwrap_or("")),
                        about: about.into(),
                    };
                    s.functions.insert(name.into(), Arc::new(func));
                }
                _ => {}
            }
        }
        s
    }

    /// Adds a table, or replaces the one of that name.
    pub fn add_table(&mut self, table: TableDef) {
        match self.by_name.get(&table.name) {
            Some(i) => self.tables[*i as usize] = Arc::new(table),
            None => {
                self.by_name
                    .insert(table.name.clone(), self.tables.len() as u32);
                self.tables.push(Arc::new(table));
            }
        }
    }
    /// Adds tables written as `name (column: type, …)`, and functions as `let name = …;`, one a line.
    /// Lines that are neither are given back with their number.
    pub fn add_text(&mut self, text: &str) -> Vec<usize> {
        let mut bad = Vec::new();
        for (i, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with("//") {
                continue;
            }
            if let Some(rest) = line.strip_prefix("let ")
                && let Some((name, _)) = rest.split_once('=')
            {
                self.user_functions.push((name.trim().into(), line.into()));
                continue;
            }
            let table = line.split_once('(').and_then(|(name, rest)| {
                let inner = rest.trim_end_matches([';', ' ']).strip_suffix(')')?;
                let mut cols = Vec::new();
                for c in inner.split(',') {
                    let (n, t) = c.split_once(':')?;
                    cols.push(ColumnDef {
                        name: n.trim().into(),
                        ty: by_name(t.trim())?,
                    });
                }
                Some((name.trim().to_owned(), cols))
            });
            match table {
                Some((name, cols)) if !name.is_empty() => self.add_table(TableDef {
                    name: name.into(),
                    columns: cols.into(),
                    about: "".into(),
                    replaced_by: None,
                }),
                _ => bad.push(i + 1),
            }
        }
        bad
    }
    /// Takes in the columns that a result of this table had; new ones are added at the end.
    pub fn learn(&mut self, table: &str, found: &[(String, Ty)]) {
        let old = self.table(table).cloned();
        let mut cols = old.as_ref().map(|t| t.columns.to_vec()).unwrap_or_default();
        for (name, ty) in found {
            if cols.iter().all(|c| *c.name != **name) {
                cols.push(ColumnDef {
                    name: name.as_str().into(),
                    ty: *ty,
                });
            }
        }
        self.add_table(TableDef {
            name: old
                .as_ref()
                .map_or_else(|| table.into(), |t| t.name.clone()),
            columns: cols.into(),
            about: old.as_ref().map_or_else(|| "".into(), |t| t.about.clone()),
            replaced_by: old.and_then(|t| t.replaced_by.clone()),
        });
    }

    /// The table of this name, also by an alias.
    pub fn table(&self, name: &str) -> Option<&Arc<TableDef>> {
        self.tables.get(*self.by_name.get(name)? as usize)
    }
    /// Every table once.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<TableDef>> {
        self.tables.iter()
    }
    /// How many aliases a table has.
    pub(crate) fn aliases(&self, name: &str) -> usize {
        let at = self.by_name.get(name);
        let names = self.by_name.iter().filter(|(_, i)| Some(*i) == at);
        names.count().saturating_sub(1)
    }
    /// Number of a table in [`Schema::tables`].
    pub(crate) fn index(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }
    /// A function of the service.
    pub fn function(&self, name: &str) -> Option<&Arc<ServiceFunction>> {
        self.functions.get(name)
    }
    /// Every function of the service.
    pub fn functions(&self) -> impl Iterator<Item = &Arc<ServiceFunction>> {
        self.functions.values()
    }
}
