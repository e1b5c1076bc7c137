//! Makes `data/counts.txt` for completion from a corpus of hunts:
//! `counts CORPUS.jsonl [--part N/M] > data/counts.txt`; with `--part 0/2` the even queries only.

use kql::bind::World;
use kql::schema::{Schema, Which};
use kql::service::{analyse, classify, complete};
use std::collections::BTreeMap;
use std::io::BufRead;

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let part = args
        .iter()
        .position(|a| a == "--part")
        .and_then(|i| args.get(i + 1))
        .and_then(|p| {
            let (n, m) = p.split_once('/')?;
            Some((n.parse::<usize>().ok()?, m.parse::<usize>().ok()?))
        });
    let world = World::new(Schema::builtin(Which::Unified));
    let mut counts: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
    let file = std::io::BufReader::new(std::fs::File::open(&args[1])?);
    for (i, line) in file.lines().enumerate() {
        if part.is_some_and(|(n, m)| i % m != n) {
            continue;
        }
        let row: serde_json::Value = serde_json::from_str(&line?)?;
        let Some(text) = row["text"].as_str() else {
            continue;
        };
        let a = analyse(text, &world);
        for p in classify(&a) {
            use kql::service::Colour::{Column, Function, QueryOperator, Table};
            let word = &text[p.start as usize..p.end as usize];
            if !matches!(p.colour, Column | Function | QueryOperator | Table)
                || !word
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
            {
                continue;
            }
            for f in complete::training_features(&text[..p.start as usize], &world) {
                *counts
                    .entry(f)
                    .or_default()
                    .entry(word.to_owned())
                    .or_default() += 1;
            }
        }
    }
    for (feature, labels) in counts {
        let total: u32 = labels.values().sum();
        // what was seen once says little
        if total < 2 {
            continue;
        }
        let mut line = format!("{feature}\t{total}");
        let mut kept = false;
        for (l, n) in labels {
            if n > 1 || total < 40 {
                line.push_str(&format!("\t{l}\t{n}"));
                kept = true;
            }
        }
        if kept {
            println!("{line}");
        }
    }
    Ok(())
}
