//! `kql kql check|tokens|complete|format [--jsonl] [--schema defender|unified]`, as the main program has it.

use kql::schema::{Schema, Which};
use std::io::{BufReader, BufWriter};

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "kql").collect();
    let which = match args
        .iter()
        .position(|a| a == "--schema")
        .and_then(|i| args.get(i + 1))
        .map(String::as_str)
    {
        Some("defender") => Which::Defender,
        _ => Which::Unified,
    };
    let sub = args.first().map_or("check", String::as_str);
    let jsonl = args.iter().any(|a| a == "--jsonl");
    let out = BufWriter::new(std::io::stdout().lock());
    kql::cli::run(
        sub,
        jsonl,
        Schema::builtin(which),
        BufReader::new(std::io::stdin().lock()),
        out,
    )
}
