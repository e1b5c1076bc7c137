//! `watchfloor kql …`: the query language without a screen and without a tenant.
//!
//! Exit codes of `run`: 0 all answered, 1 none, 2 usage, 3 some, or rows of a file were left out; of `test`: 0 all as
//! expected, 1 not, 2 no tests or unreadable ones.

use ::kql::cli::given::Given;
use ::kql::cli::run::{End, Form, run_queries};
use ::kql::cli::table::Style;
use ::kql::schema::{Schema, Which};
use clap::Subcommand;
use std::io::{self, BufReader, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// The query language without a screen: a text on stdin, or a JSON object a line.
#[derive(Debug, clap::Args)]
pub struct Kql {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Errors of a query, and the columns of its result
    Check(Editor),
    /// The colour of each part of a query
    Tokens(Editor),
    /// What can be put in at a place
    Complete(Editor),
    /// The tidy form of a query
    Format(Editor),
    /// Run a query over files, an archive, or nothing at all
    Run(Run),
    /// Run detections against small tables and compare what they find
    Test(Test),
}

#[derive(Debug, clap::Args)]
struct Editor {
    /// One JSON object a line in, one out, in order
    #[arg(long)]
    jsonl: bool,
    /// The tables that are known: Defender XDR alone, or with Sentinel's
    #[arg(long, value_enum, default_value_t = Tables::Unified)]
    schema: Tables,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Tables {
    Defender,
    Unified,
}

impl Tables {
    fn schema(self) -> Arc<Schema> {
        Schema::builtin(match self {
            Tables::Defender => Which::Defender,
            Tables::Unified => Which::Unified,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Aligned columns, cells cut to what can be read
    Table,
    /// Every cell whole and quoted
    Csv,
    /// An array of objects
    Json,
}

#[derive(Debug, clap::Args)]
struct Run {
    /// One JSON object a line in ({id, query}), one out, in order
    #[arg(long)]
    jsonl: bool,
    /// A table from a file: CSV, an object a line, JSON, or gzip of these; may be given again, also for one name
    #[arg(long, value_name = "NAME=FILE", value_parser = named)]
    table: Vec<(String, PathBuf)>,
    /// A folder of the Defender streaming export, or one that `watchfloor archive` keeps
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
    /// A folder with a file for each address of externaldata; nothing is ever fetched
    #[arg(long, value_name = "DIR")]
    external: Option<PathBuf>,
    /// A database of addresses in MaxMind's format, for geo_info_from_ip_address
    #[arg(long, value_name = "FILE")]
    geo: Option<PathBuf>,
    /// The instant of now(), such as 2026-02-03T04:00:00Z [default: the clock's]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    now: Option<i64>,
    /// Threads for loading and running [default: as many as there are cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Most memory that one step of a query may hold
    #[arg(long, value_name = "MB")]
    memory: Option<usize>,
    /// How the answer is written [default: table on a terminal, else csv]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// CSV without the apostrophe that keeps spreadsheets from running cells
    #[arg(long)]
    raw: bool,
    /// The tables whose types are known
    #[arg(long, value_enum, default_value_t = Tables::Unified)]
    schema: Tables,
}

#[derive(Debug, clap::Args)]
struct Test {
    /// A folder with *.toml detection tests, or one such file
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Say each test, not only those that fail
    #[arg(long)]
    verbose: bool,
}

fn named(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => {
            Ok((name.to_owned(), file.into()))
        }
        _ => Err("say NAME=FILE".into()),
    }
}

fn instant(text: &str) -> Result<i64, String> {
    crate::model::Ticks::parse(text)
        .map(|t| t.0)
        .ok_or_else(|| "say an instant such as 2026-02-03T04:00:00Z".into())
}

/// The reader of our answers went away: that is its business.
fn unless_gone(done: io::Result<ExitCode>) -> io::Result<ExitCode> {
    match done {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        other => other,
    }
}

impl Kql {
    pub fn run(&self) -> io::Result<ExitCode> {
        let (sub, editor) = match &self.what {
            What::Check(editor) => ("check", editor),
            What::Tokens(editor) => ("tokens", editor),
            What::Complete(editor) => ("complete", editor),
            What::Format(editor) => ("format", editor),
            What::Run(run) => return unless_gone(run.run()),
            What::Test(test) => return unless_gone(test.run()),
        };
        let input = BufReader::new(io::stdin().lock());
        let out = BufWriter::new(io::stdout().lock());
        let done = ::kql::cli::run(sub, editor.jsonl, editor.schema.schema(), input, out);
        unless_gone(done.map(|()| ExitCode::SUCCESS))
    }
}

impl Run {
    fn run(&self) -> io::Result<ExitCode> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let given = Given {
            tables: self.table.clone(),
            archive: self.archive.clone(),
            external: self.external.clone(),
            geo: self.geo.clone(),
            now: self.now.unwrap_or_else(now),
            threads: self.threads.unwrap_or(cores).clamp(1, 64),
            memory_limit: self.memory.map(|mb| mb.saturating_mul(1 << 20)),
        };
        let style = match self.format {
            Some(Format::Table) => Style::Table,
            Some(Format::Json) => Style::Json,
            None if io::stdout().is_terminal() => Style::Table,
            Some(Format::Csv) | None => Style::Csv { raw: self.raw },
        };
        let form = if self.jsonl {
            Form::Lines
        } else {
            Form::One(style)
        };
        let schema = self.schema.schema();
        // a query may nest as deep as the parser lets it: more stack than a main thread is sure to have
        let work = move || {
            let input = BufReader::new(io::stdin().lock());
            let out = BufWriter::new(io::stdout().lock());
            run_queries(&given, &schema, form, input, out, io::stderr().lock())
        };
        let end = std::thread::Builder::new()
            .name("query".into())
            .stack_size(64 << 20)
            .spawn(work)?
            .join()
            .unwrap_or(Ok(End::Failed))?;
        Ok(ExitCode::from(end.code()))
    }
}

fn now() -> i64 {
    crate::run::clock::Clock::new().now().wall.0
}

impl Test {
    fn run(&self) -> io::Result<ExitCode> {
        let schema = Schema::builtin(Which::Unified);
        let report = ::kql::cli::detect::test_all(&self.dir, &schema);
        let mut out = io::stdout().lock();
        out.write_all(report.text(self.verbose).as_bytes())?;
        Ok(ExitCode::from(report.code()))
    }
}
