//! A query over the rows on screen: the engine of the `kql` crate, on this machine, without quota.
//!
//! The rows are the table `Rows`; local files that were added are tables of their own, for `join` and `in`. Names of the
//! result that repeat or are empty get names of their own here, since a query must be able to name every column.

use super::Done;
use crate::model::Ticks;
use hashbrown::HashSet;
use kql::bind::World;
use kql::engine::{Catalog, ErrorKind, Options, Render, Stored};
use kql::schema::{ColumnDef, Schema, TableDef};
use kql::types::Ty;
use std::path::PathBuf;
use std::sync::Arc;
use table::{Cancel, Chunk, Selection, Table, Txt, Type};

/// What the rows on screen are called.
pub const ROWS: &str = "Rows";
/// Bytes that a local query may hold beside the rows.
const MEMORY: usize = 512 << 20;

/// A query over rows.
#[derive(Debug)]
pub struct Refine {
    /// As typed: `where a > 1 | count`.
    pub text: Arc<str>,
    pub table: Table,
    pub rows: Selection,
    pub files: Vec<Arc<File>>,
    pub now: Ticks,
    pub cancel: Cancel,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Refined {
    pub text: Arc<str>,
    pub table: Table,
    pub render: Option<Render>,
}

/// A local file that is a table.
#[derive(Debug)]
pub struct File {
    pub name: String,
    pub path: PathBuf,
    pub stored: Stored,
    /// What was wrong with it.
    pub notes: Vec<String>,
}

/// Reads a local file as a table.
#[derive(Debug)]
pub struct Load {
    pub path: String,
    /// Names that are taken.
    pub taken: Vec<String>,
}

/// The columns of a result by names that a query can tell apart, with their types.
pub fn columns(schema: &table::Schema) -> Vec<(String, Ty)> {
    let mut taken: HashSet<String> = schema
        .columns()
        .map(|(n, _)| n.exact().to_owned())
        .collect();
    let mut seen: HashSet<String> = HashSet::new();
    let mut out = Vec::with_capacity(schema.len());
    for (col, (name, kind)) in schema.columns().enumerate() {
        let name = name.exact();
        let mut own = name.to_owned();
        if name.trim().is_empty() {
            own = format!("Column{}", col + 1);
        }
        if own != name && taken.contains(&own) || seen.contains(&own) {
            let base = own.clone();
            let free = (1..).map(|n| format!("{base}{n}"));
            own = free
                .into_iter()
                .find(|n| !taken.contains(n) && !seen.contains(n))
                .unwrap_or(base);
        }
        taken.insert(own.clone());
        seen.insert(own.clone());
        out.push((own, ty(kind)));
    }
    out
}

fn ty(kind: Type) -> Ty {
    match kind {
        Type::Text => Ty::STRING,
        Type::List | Type::Dynamic => Ty::DYNAMIC,
        Type::Int => Ty::INT,
        Type::Long => Ty::LONG,
        Type::Real => Ty::REAL,
        Type::Bool => Ty::BOOL,
        Type::Time => Ty::DATETIME,
        Type::Timespan => Ty::TIMESPAN,
        Type::Decimal => Ty::DECIMAL,
        Type::Guid => Ty::GUID,
    }
}

/// The tables that a refinement can name: the rows, and the files.
pub fn world(columns: &[(String, Ty)], files: &[Arc<File>]) -> World {
    let mut schema = Schema::default();
    let mut add = |name: &str, columns: &[(String, Ty)]| {
        schema.add_table(TableDef {
            name: name.into(),
            columns: columns
                .iter()
                .map(|(n, ty)| ColumnDef {
                    name: n.as_str().into(),
                    ty: *ty,
                })
                .collect(),
            about: "".into(),
            replaced_by: None,
        });
    };
    for file in files {
        add(&file.name, &file.stored.columns);
    }
    add(ROWS, columns);
    World::new(Arc::new(schema))
}

/// The whole query of what was typed, and how many bytes stand before it.
pub fn query(typed: &str) -> (String, usize) {
    let text = typed.trim_start();
    let head = typed.len() - text.len();
    let whole = ["let ", "union ", ROWS].iter().any(|w| text.starts_with(w));
    if whole {
        return (typed.to_owned(), 0);
    }
    let own = match text.strip_prefix('|') {
        Some(_) => format!("{ROWS} "),
        None => format!("{ROWS} | "),
    };
    (format!("{own}{text}"), own.len().saturating_sub(head))
}

/// The chart that a query asks for, read from its text: Graph does not answer with it.
pub fn render_of(text: &str) -> Option<Render> {
    use kql::syntax::{N, parse};
    let parsed = parse(text);
    let t = &parsed.tree;
    let node = (0..t.nodes.len() as u32)
        .rev()
        .find(|n| t.kind(*n) == N::Render)?;
    let chart = t
        .tokens_of(node)
        .get(1)
        .map_or(String::new(), |k| t.token_text(*k).to_owned());
    let mut params: Vec<u32> = t
        .children(node)
        .filter(|c| t.kind(*c) == N::Param)
        .collect();
    if let Some(with) = t.child_of(node, N::With) {
        params.extend(t.children(with).filter(|c| t.kind(*c) == N::Param));
    }
    let with = params
        .into_iter()
        .filter_map(|p| {
            let (name, value) = (t.child(p, 0)?, t.child(p, 1)?);
            let value = t.text_of(value).trim_matches(['"', '\'']).to_owned();
            Some((t.text_of(name).to_owned(), value))
        })
        .collect();
    (!chart.is_empty()).then_some(Render { chart, with })
}

impl Refine {
    /// Runs it; `None` when cancelled.
    pub(super) fn run(&self) -> Option<Done> {
        let columns = columns(self.table.schema());
        let world = world(&columns, &self.files);
        let whole = self.rows.len() == self.table.rows() as usize
            && self.rows.iter().eq(0..self.table.rows());
        let chunks: Vec<Arc<Chunk>> = if whole {
            self.table.chunks().to_vec()
        } else {
            match self.table.take(self.rows.rows()) {
                Some(chunk) => vec![Arc::new(chunk)],
                None => return Some(Done::Failed("the rows are too many bytes to copy".into())),
            }
        };
        let mut catalog = Catalog::new();
        catalog.add(ROWS, Stored { columns, chunks });
        for file in &self.files {
            catalog.add(&file.name, file.stored.clone());
        }
        let options = Options {
            now: self.now.0,
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            memory_limit: MEMORY,
            cancel: self.cancel.clone(),
            ..Options::default()
        };
        let (text, before) = query(&self.text);
        let answer = match kql::engine::run(&text, &world, &catalog, &options) {
            Ok(answer) => answer,
            Err(e) if e.kind == ErrorKind::Cancelled => return None,
            Err(e) => {
                let at = e.span.map_or(String::new(), |(from, _)| {
                    format!(" (at {})", (from as usize).saturating_sub(before) + 1)
                });
                let why = Txt::new(&e.message).shown().into_owned();
                return Some(Done::Failed(format!("LOCAL: {why}{at}")));
            }
        };
        let schema = Stored::chunk_schema(&answer.columns);
        let mut table = Table::new(schema);
        for chunk in answer.chunks() {
            if self.cancel.is_cancelled() {
                return None;
            }
            table.append(chunk);
        }
        Some(Done::Refined(Arc::new(Refined {
            text: self.text.clone(),
            table,
            render: answer.render,
        })))
    }
}

impl Load {
    /// Reads the file; the error is a sentence.
    pub(super) fn run(&self) -> Result<File, String> {
        let path = crate::resource::hunt_export::save::absolute(&self.path)?;
        let shown = Txt::new(&path.to_string_lossy()).shown().into_owned();
        if !path.is_file() {
            return Err(format!("{shown} is no file that can be read"));
        }
        let stem = path.file_name().map_or(String::new(), |n| {
            n.to_string_lossy()
                .split('.')
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        let mut name: String = stem
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.insert_str(0, "File");
        }
        let base = name.clone();
        let mut n = 1;
        while name == ROWS || self.taken.contains(&name) {
            n += 1;
            name = format!("{base}{n}");
        }
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let loaded = kql::load::table(&name, std::slice::from_ref(&path), None, threads);
        let notes: Vec<String> = loaded.notes.kept().iter().map(|n| n.to_string()).collect();
        if loaded.table.is_empty()
            && let Some(why) = notes.first()
        {
            return Err(Txt::new(why).shown().into_owned());
        }
        let stored = loaded.stored();
        Ok(File {
            name,
            path,
            stored,
            notes,
        })
    }
}
