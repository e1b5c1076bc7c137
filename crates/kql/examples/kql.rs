//! `kql kql check|tokens|complete|format|run [--jsonl] [--schema defender|unified]` as the main program has it, but
//! quicker to build; `run` takes `--table`, `--archive`, `--external` and `--threads`.

use kql::cli::given::Given;
use kql::cli::run::{Form, run_queries};
use kql::cli::table::Style;
use kql::schema::{Schema, Which};
use std::io::{BufReader, BufWriter, stderr, stdin, stdout};

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "kql").collect();
    let values = |name: &str| -> Vec<String> {
        let places = args.iter().enumerate().filter(|(_, a)| *a == name);
        places
            .filter_map(|(i, _)| args.get(i + 1).cloned())
            .collect()
    };
    let which = match values("--schema").first().map(String::as_str) {
        Some("defender") => Which::Defender,
        _ => Which::Unified,
    };
    let schema = Schema::builtin(which);
    let sub = args.first().map_or("check", String::as_str);
    let jsonl = args.iter().any(|a| a == "--jsonl");
    let input = BufReader::new(stdin().lock());
    let out = BufWriter::new(stdout().lock());
    if sub != "run" {
        return kql::cli::run(sub, jsonl, schema, input, out);
    }
    let tables = values("--table");
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed();
    let mut given = Given::at(now.map_or(0, |t| (t.as_nanos() / 100) as i64));
    given.tables = tables
        .iter()
        .filter_map(|t| t.split_once('='))
        .map(|(name, file)| (name.to_owned(), file.into()))
        .collect();
    given.archive = values("--archive").first().map(Into::into);
    given.external = values("--external").first().map(Into::into);
    given.threads = values("--threads")
        .first()
        .and_then(|t| t.parse().ok())
        .unwrap_or(2);
    let form = if jsonl {
        Form::Lines
    } else {
        Form::One(Style::Table)
    };
    let end = run_queries(&given, &schema, form, input, out, stderr().lock())?;
    std::process::exit(end.code().into())
}
