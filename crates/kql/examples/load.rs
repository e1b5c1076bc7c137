//! `load NAME FILE [THREADS]`: how long a table takes to load, and what it holds then.

use kql::schema::{Schema, Which};
use std::time::Instant;

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(name), Some(file)) = (args.next(), args.next()) else {
        eprintln!("load NAME FILE [THREADS]");
        return;
    };
    let threads = args.next().and_then(|t| t.parse().ok()).unwrap_or(2);
    let schema = Schema::builtin(Which::Unified);
    let start = Instant::now();
    let loaded = kql::load::table(
        &name,
        &[file.into()],
        schema.table(&name).map(|t| &**t),
        threads,
    );
    let took = start.elapsed();
    println!(
        "{} rows, {} chunks, {:.1} MB, {:.0} ms",
        loaded.table.rows(),
        loaded.table.chunks().len(),
        loaded.table.heap_bytes() as f64 / 1e6,
        took.as_secs_f64() * 1e3
    );
    for note in loaded.notes.kept().iter().take(10) {
        println!("{note}");
    }
}
