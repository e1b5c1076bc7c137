//! `watchfloor kql test`: detections against small tables, and what differs from what they should find.
//!
//! A test is a TOML file: `query` or `query-file`, `now`, and `[[case]]`s. A case has `[case.tables]` (each a file
//! beside the test, or rows in place) and `[case.expect]`: `rows` (the columns named are compared, the rest is not),
//! `ordered`, or `count`, or `error` (words of the message). Tables of the schema have its types.

use super::given::Given;
use super::run::{answer, pointed};
use crate::engine::Answer;
use crate::engine::value::Kind;
use crate::load::datetime;
use crate::schema::Schema;
use crate::types::Ty;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use table::Txt;
use toml::Value;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    /// What the detection is called.
    name: Option<String>,
    query: Option<String>,
    query_file: Option<PathBuf>,
    /// The instant of `now()`.
    now: Option<String>,
    #[serde(default)]
    case: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Case {
    name: String,
    now: Option<String>,
    #[serde(default)]
    tables: BTreeMap<String, Source>,
    expect: Expect,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Source {
    File(PathBuf),
    Files(Vec<PathBuf>),
    Rows(Vec<toml::Table>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Expect {
    rows: Option<Vec<toml::Table>>,
    #[serde(default)]
    ordered: bool,
    count: Option<usize>,
    error: Option<String>,
}

/// What became of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which one.
    pub name: String,
    /// What differs; none where it is as expected.
    pub wrong: Option<String>,
}

/// What became of all.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In order.
    pub outcomes: Vec<Outcome>,
    /// Files that could not be read as tests.
    pub unreadable: Vec<String>,
}

impl Report {
    /// 0 all as expected, 1 not, 2 no tests or unreadable ones.
    pub fn code(&self) -> u8 {
        match () {
            () if !self.unreadable.is_empty() || self.outcomes.is_empty() => 2,
            () if self.outcomes.iter().any(|o| o.wrong.is_some()) => 1,
            () => 0,
        }
    }

    /// For people; each test where `verbose`, else those that fail.
    pub fn text(&self, verbose: bool) -> String {
        let mut out = String::new();
        for o in &self.outcomes {
            match &o.wrong {
                None if verbose => {
                    let _ = writeln!(out, "ok      {}", o.name);
                }
                None => {}
                Some(wrong) => {
                    let _ = writeln!(out, "FAILED  {}", o.name);
                    wrong.lines().for_each(|line| {
                        let _ = writeln!(out, "        {line}");
                    });
                }
            }
        }
        for why in &self.unreadable {
            let _ = writeln!(out, "UNREAD  {why}");
        }
        let failed = self.outcomes.iter().filter(|o| o.wrong.is_some()).count();
        let _ = writeln!(out, "{} tests, {failed} failed", self.outcomes.len());
        out
    }
}

/// Runs every test of a folder and the folders in it, by name.
pub fn test_all(dir: &Path, schema: &Schema) -> Report {
    let mut report = Report::default();
    let mut files = Vec::new();
    if dir.is_file() {
        files.push(dir.to_owned());
    } else if let Err(e) = find(dir, &mut files) {
        report.unreadable.push(format!("{}: {e}", said(dir)));
    }
    files.sort();
    for file in files {
        if let Err(why) = test_file(&file, schema, &mut report.outcomes) {
            report.unreadable.push(format!("{}: {why}", said(&file)));
        }
    }
    report
}

fn said(path: &Path) -> String {
    Txt::new(&path.to_string_lossy()).shown().into_owned()
}

fn find(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            find(&entry.path(), files)?;
        } else if kind.is_file() && entry.path().extension().is_some_and(|e| e == "toml") {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn test_file(path: &Path, schema: &Schema, out: &mut Vec<Outcome>) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let file: File = toml::from_str(&text).map_err(|e| e.to_string())?;
    let beside = path.parent().unwrap_or(Path::new("."));
    let query = match (&file.query, &file.query_file) {
        (Some(query), None) => query.clone(),
        (None, Some(of)) => {
            let of = beside.join(of);
            std::fs::read_to_string(&of).map_err(|e| format!("{}: {e}", said(&of)))?
        }
        _ => return Err("says neither `query` nor `query-file`, or both".into()),
    };
    if file.case.is_empty() {
        return Err("has no [[case]]".into());
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let title = file.name.as_deref().unwrap_or(&stem);
    for case in &file.case {
        let wrong = test_case(&query, case, file.now.as_deref(), beside, schema).err();
        out.push(Outcome {
            name: Txt::new(&format!("{title}: {}", case.name))
                .shown()
                .into_owned(),
            wrong,
        });
    }
    Ok(())
}

fn test_case(
    query: &str,
    case: &Case,
    now: Option<&str>,
    beside: &Path,
    schema: &Schema,
) -> Result<(), String> {
    let now = match case.now.as_deref().or(now) {
        Some(text) => datetime(text).ok_or_else(|| format!("now = {text:?} is no instant"))?,
        // a fixed one: a test must not depend on the day
        None => datetime("2026-01-01T00:00:00Z").unwrap_or(0),
    };
    let mut given = Given::at(now);
    // rows in place are files for as long as the case runs
    let folder = Scratch::new().map_err(|e| format!("no temporary folder: {e}"))?;
    for (name, source) in &case.tables {
        let files = match source {
            Source::File(file) => vec![beside.join(file)],
            Source::Files(files) => files.iter().map(|f| beside.join(f)).collect(),
            Source::Rows(rows) => {
                vec![
                    folder
                        .write(given.tables.len(), rows)
                        .map_err(|e| e.to_string())?,
                ]
            }
        };
        given
            .tables
            .extend(files.into_iter().map(|f| (name.clone(), f)));
    }
    let ready = given.load(schema)?;
    if !ready.notes.is_empty() {
        let notes: Vec<String> = ready.notes.kept().iter().map(ToString::to_string).collect();
        return Err(format!("the tables are not clean:\n{}", notes.join("\n")));
    }
    match (answer(query, &ready), &case.expect.error) {
        (Err(e), Some(words)) if e.message.contains(words.as_str()) => Ok(()),
        (Err(e), _) => Err(pointed(query, &e)),
        (Ok(_), Some(words)) => Err(format!("no error, and one with {words:?} is expected")),
        (Ok(got), None) => compare(&got, &case.expect),
    }
}

/// A folder that goes with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Scratch> {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        loop {
            let n = NEXT.fetch_add(1, Ordering::Relaxed);
            let path =
                std::env::temp_dir().join(format!("watchfloor-test-{}-{n}", std::process::id()));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Scratch(path)),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
    }

    fn write(&self, number: usize, rows: &[toml::Table]) -> std::io::Result<PathBuf> {
        let path = self.0.join(format!("{number}.json"));
        let mut text = String::new();
        for row in rows {
            text += &json(&Value::Table(row.clone())).to_string();
            text.push('\n');
        }
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::String(s) => s.as_str().into(),
        Value::Integer(n) => (*n).into(),
        Value::Float(n) => (*n).into(),
        Value::Boolean(b) => (*b).into(),
        Value::Datetime(d) => d.to_string().into(),
        Value::Array(all) => all.iter().map(json).collect(),
        Value::Table(t) => t.iter().map(|(k, v)| (k.clone(), json(v))).collect(),
    }
}

fn compare(got: &Answer, expect: &Expect) -> Result<(), String> {
    if let Some(count) = expect.count
        && got.rows() != count
    {
        return Err(format!(
            "{} rows, not {count}\n{}",
            got.rows(),
            some_rows(got)
        ));
    }
    let Some(wanted) = &expect.rows else {
        return match expect.count {
            Some(_) => Ok(()),
            None => Err("expect says neither `rows` nor `count` nor `error`".into()),
        };
    };
    let column = |name: &str| got.columns.iter().position(|(n, _)| n == name);
    for name in wanted.iter().flat_map(toml::Table::keys) {
        if column(name).is_none() {
            let all: Vec<&str> = got.columns.iter().map(|(n, _)| n.as_str()).collect();
            return Err(format!(
                "the result has no column {name:?}; it has {}",
                all.join(", ")
            ));
        }
    }
    let fits = |want: &toml::Table, row: usize| {
        want.iter().all(|(name, value)| {
            column(name).is_some_and(|col| {
                let (_, ty) = got
                    .columns
                    .get(col)
                    .map_or(("", Ty::STRING), |c| (&*c.0, c.1));
                same(&cell(got, row, col), value, ty)
            })
        })
    };
    let mut left: Vec<usize> = (0..got.rows()).collect();
    let mut missing = Vec::new();
    for (at, want) in wanted.iter().enumerate() {
        let found = if expect.ordered {
            (at < got.rows() && fits(want, at)).then_some(at)
        } else {
            left.iter().copied().find(|row| fits(want, *row))
        };
        match found {
            Some(row) => left.retain(|r| *r != row),
            None => missing.push(want),
        }
    }
    if missing.is_empty() && left.is_empty() {
        return Ok(());
    }
    let mut out = String::new();
    for want in missing {
        let _ = writeln!(out, "- {}", json(&Value::Table(want.clone())));
    }
    let named: Vec<&String> = match wanted.first() {
        Some(first) => first.keys().collect(),
        None => got.columns.iter().map(|(n, _)| n).collect(),
    };
    for row in left.iter().take(20) {
        let members: serde_json::Map<String, serde_json::Value> = named
            .iter()
            .filter_map(|name| Some(((*name).clone(), cell(got, *row, column(name)?))))
            .collect();
        let _ = writeln!(out, "+ {}", serde_json::Value::Object(members));
    }
    if left.len() > 20 {
        let _ = writeln!(out, "… and {} more that were not expected", left.len() - 20);
    }
    Err(out)
}

fn some_rows(got: &Answer) -> String {
    (0..got.rows().min(5))
        .map(|row| format!("+ [{}]\n", got.json_row(row).join(", ")))
        .collect()
}

fn cell(got: &Answer, row: usize, col: usize) -> serde_json::Value {
    let kind = got
        .columns
        .get(col)
        .map_or(Kind::Dynamic, |c| Kind::of(c.1));
    let mut text = String::new();
    crate::engine::write_value(&mut text, &got.value(row, col), kind);
    serde_json::from_str(&text).unwrap_or(serde_json::Value::Null)
}

/// Whether a cell is what is written in a test.
fn same(got: &serde_json::Value, want: &Value, ty: Ty) -> bool {
    let text = |v: &Value| match v {
        Value::String(s) => Some(s.clone()),
        Value::Datetime(d) => Some(d.to_string()),
        _ => None,
    };
    match ty {
        Ty::DATETIME => match (got.as_str().and_then(datetime), text(want)) {
            (Some(a), Some(b)) => datetime(&b) == Some(a),
            (None, Some(b)) => b.is_empty(),
            _ => false,
        },
        Ty::REAL | Ty::DECIMAL => match (got, want) {
            (serde_json::Value::Number(a), Value::Float(b)) => near(a.as_f64(), *b),
            (serde_json::Value::Number(a), Value::Integer(b)) => near(a.as_f64(), *b as f64),
            _ => *got == json(want),
        },
        // no null in TOML: an empty text stands for it
        _ => *got == json(want) || got.is_null() && text(want).is_some_and(|t| t.is_empty()),
    }
}

fn near(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-300) || a == b)
}
