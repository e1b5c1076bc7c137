//! Every function of the table, on values of 48 MB, stopped in the middle: who asked has control back
//! within 50 ms, and the thread that is left behind ends within 5 s. By the clock, so only with
//! `WF_SOAK=1`; `WF_ONLY=NAME` tries one function.

use super::apart::left;
use super::{Catalog, ErrorKind, Options, Stored, run};
use crate::bind::World;
use crate::functions::signature::{Form, Param, Takes};
use crate::functions::{self, Kind};
use crate::schema::{Schema, Which};
use crate::types::Ty;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

const BIG: usize = 48 << 20;

/// Columns of one huge value each: its name, what it is, what it repeats.
const CELLS: &[(&str, Ty)] = &[
    ("words", Ty::STRING),
    ("alike", Ty::STRING),
    ("packed", Ty::STRING),
    ("escaped", Ty::STRING),
    ("odd", Ty::STRING),
    ("numbers", Ty::DYNAMIC),
    ("texts", Ty::DYNAMIC),
    ("bag", Ty::DYNAMIC),
    ("pairs", Ty::DYNAMIC),
];

fn cell(name: &str) -> String {
    let mut out = String::with_capacity(BIG + 64);
    let mut k = 0u64;
    let (open, close) = match name {
        "numbers" | "texts" | "pairs" => ("[", "]"),
        "bag" => ("{", "}"),
        _ => ("", ""),
    };
    out.push_str(open);
    while out.len() < BIG {
        let comma = if k > 0 && !open.is_empty() { "," } else { "" };
        let _ = match name {
            "words" => write!(out, "name={k}; code=k{} ", k % 13),
            "alike" => write!(out, "aaaaaaaaaaaaaaaa"),
            "packed" => write!(out, "QUJD"),
            "escaped" => write!(out, "%41&amp<a\\"),
            "odd" => write!(
                out,
                "{}",
                char::from_u32(0x4e00 + (k % 20_000) as u32).unwrap_or('x')
            ),
            "numbers" => write!(out, "{comma}{}", k * 7919 % 100_003),
            "texts" => write!(out, "{comma}\"v{k}\""),
            "bag" => write!(out, "{comma}\"k{k}\":{}", k % 7),
            _ => write!(out, "{comma}[{},{}]", k % 180, k * 7 % 90),
        };
        k += 1;
    }
    out.push_str(close);
    out
}

fn table() -> (World, Catalog) {
    let columns: Vec<(String, Ty)> = CELLS.iter().map(|c| (c.0.to_owned(), c.1)).collect();
    let mut b = table::ChunkBuilder::new(Stored::chunk_schema(&columns));
    for (i, (name, _)) in CELLS.iter().enumerate() {
        b.text(i, Some(&cell(name)));
    }
    b.end_row();
    let mut catalog = Catalog::new();
    let chunks = vec![Arc::new(b.finish())];
    catalog.add("X", Stored { columns, chunks });
    let schema = catalog.schema(&Schema::builtin(Which::Unified));
    (World::new(Arc::new(schema)), catalog)
}

/// What a parameter is given where nothing huge is.
fn small(p: &Param) -> String {
    let text = |s: &str| s.to_owned();
    if let Some(first) = p.values.first() {
        let number = first.bytes().all(|b| b.is_ascii_digit());
        return if number {
            text(first)
        } else {
            format!("'{first}'")
        };
    }
    if p.name.to_ascii_lowercase().contains("regex") {
        return text("'(a)'");
    }
    text(match p.types.first().copied().unwrap_or(Ty::STRING) {
        _ if matches!(p.takes, Takes::Array) => "dynamic(['a',1])",
        _ if matches!(p.takes, Takes::Bag) => "dynamic({'a':1})",
        _ if matches!(p.takes, Takes::Number | Takes::Integer | Takes::Summable) => "1",
        Ty::BOOL => "true",
        Ty::LONG | Ty::INT => "1",
        Ty::REAL => "0.5",
        Ty::DECIMAL => "decimal(1.5)",
        Ty::DATETIME => "datetime(2026-01-02)",
        Ty::TIMESPAN => "1h",
        Ty::GUID => "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
        Ty::DYNAMIC => "dynamic(['a',1])",
        _ => "'a'",
    })
}

/// The huge values that a parameter takes.
fn huge(p: &Param) -> Vec<&'static str> {
    if matches!(p.form, Form::Literal | Form::NotEmpty | Form::Star) || !p.values.is_empty() {
        return Vec::new();
    }
    let takes = |ty: Ty| match p.takes {
        Takes::Types => p.types.contains(&ty),
        Takes::Array | Takes::Bag => ty == Ty::DYNAMIC,
        Takes::Number | Takes::Integer | Takes::Summable | Takes::NumberOrBool | Takes::Table => {
            false
        }
        Takes::IntegerOrArray => ty == Ty::DYNAMIC,
        _ => true,
    };
    CELLS.iter().filter(|c| takes(c.1)).map(|c| c.0).collect()
}

/// Every call of the function with a huge value in one place, then in all.
fn calls(f: &functions::Function) -> Vec<String> {
    let mut out = Vec::new();
    for sig in &f.signatures {
        let params: Vec<&Param> = sig
            .params
            .iter()
            .flat_map(|p| std::iter::repeat_n(p, p.min.max(1).min(p.max) as usize))
            .collect();
        let mut add = |args: &[String]| {
            let call = format!("{}({})", f.row.name, args.join(", "));
            if !out.contains(&call) {
                out.push(call);
            }
        };
        let plain: Vec<String> = params.iter().map(|p| small(p)).collect();
        for (at, p) in params.iter().enumerate() {
            for c in huge(p) {
                let mut args = plain.clone();
                args[at] = c.to_owned();
                add(&args);
            }
        }
        for (c, _) in CELLS {
            let mut args = plain.clone();
            for (arg, p) in args.iter_mut().zip(&params) {
                if huge(p).contains(c) {
                    *arg = (*c).to_owned();
                }
            }
            if args.iter().filter(|a| a == c).count() > 1 {
                add(&args);
            }
        }
    }
    out
}

const OPERATORS: &[&str] = &[
    "where words contains 'zzz'",
    "where words has 'zzz'",
    "where alike has alike",
    "where alike contains strcat('b', alike)",
    "where odd has 'zzz'",
    "where words matches regex 'zz+$'",
    "where words has_any (texts)",
    "where words has_all (texts)",
    "where words in (texts)",
    "where words in~ ('a', odd)",
    "where words startswith odd",
    "where words == odd or words =~ odd",
    "extend a = numbers[100000], b = bag.k100000, c = texts[-1]",
    "extend a = words < odd, b = strcat(words, 1)",
    "summarize make_list(numbers), make_set(texts), make_bag(bag), dcount(words)",
    "summarize by words, odd",
    "sort by words, odd",
    "mv-expand numbers",
    "mv-expand bag",
    "mv-apply n = numbers to typeof(long) on (summarize sum(n))",
    "parse words with * 'zzz' rest",
    "parse words with a '=' b ';' c 'k7' d",
    "parse-where odd with * 'zzz' rest",
    "parse-kv words as (name:long, code:string) with (pair_delimiter=';', kv_delimiter='=')",
    "evaluate bag_unpack(bag)",
    "distinct words, texts",
    "join kind=inner X on words",
    "search 'zzz'",
    "reduce by words",
    "top 1 by words",
];

#[test]
fn every_function_is_left_within_50_ms() {
    if std::env::var_os("WF_SOAK").is_none() {
        return;
    }
    let only = std::env::var("WF_ONLY").ok();
    let (world, catalog) = table();
    let mut queries: Vec<(String, String)> = Vec::new();
    for f in functions::all().iter() {
        if f.row.eval.is_none() || only.as_ref().is_some_and(|o| o != f.row.name) {
            continue;
        }
        let calls = calls(f).into_iter().map(|c| match f.row.kind {
            Kind::Aggregate => format!("X | summarize z = {c}"),
            _ => format!("X | project z = {c}"),
        });
        if matches!(f.row.kind, Kind::Scalar | Kind::Aggregate) {
            queries.extend(calls.map(|q| (f.row.name.to_owned(), q)));
        }
    }
    if only.as_ref().is_none_or(|o| o == "operators") {
        let all = OPERATORS
            .iter()
            .map(|o| ("operators".to_owned(), format!("X | {o}")));
        queries.extend(all);
    }
    let (mut worst, mut longest) = (Vec::new(), Vec::new());
    let mut refused = Vec::new();
    let mut stopped = 0;
    for (i, (name, q)) in queries.iter().enumerate() {
        // soon, or while what was soon done is worked on
        let wait = [8, 60][i % 2];
        let options = Options {
            threads: 2,
            memory_limit: 1 << 30,
            ..Options::default()
        };
        let cancel = options.cancel.clone();
        let found = std::thread::scope(|s| {
            let asked = s.spawn(|| (run(q, &world, &catalog, &options), Instant::now()));
            let begin = Instant::now();
            while begin.elapsed() < Duration::from_millis(wait) && !asked.is_finished() {
                std::thread::sleep(Duration::from_millis(1));
            }
            let at = Instant::now();
            cancel.cancel();
            asked
                .join()
                .map(|(r, end)| (r, end.saturating_duration_since(at)))
        });
        let (found, late) = found.unwrap_or_else(|_| panic!("falls: {q}"));
        let begin = Instant::now();
        while left() > 0 && begin.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let went_on = begin.elapsed();
        if left() > 0 {
            // the next would wait for it
            longest.push((went_on, name.as_str(), q.as_str()));
            break;
        }
        let kind = found.as_ref().err().map(|e| e.kind);
        if kind != Some(ErrorKind::Cancelled) {
            if let Err(e) = found
                && !matches!(kind, Some(ErrorKind::Limit))
            {
                refused.push(format!("{q}: {}", e.message));
            }
            continue;
        }
        stopped += 1;
        worst.push((late, name.as_str(), q.as_str()));
        longest.push((went_on, name.as_str(), q.as_str()));
    }
    worst.sort();
    longest.sort();
    let count = queries.len();
    eprintln!(
        "{count} queries, {stopped} times stopped, {} refused",
        refused.len()
    );
    for r in refused.iter().filter(|_| only.is_some()) {
        eprintln!("refused  {r}");
    }
    for (t, _, q) in worst.iter().rev().take(5) {
        eprintln!("left after  {t:9.2?} {q}");
    }
    for (t, _, q) in longest.iter().rev().take(25) {
        eprintln!("went on for {t:9.2?} {q}");
    }
    let late = |l: &[(Duration, &str, &str)], most: u64| -> Vec<String> {
        let most = Duration::from_millis(most);
        let late = l.iter().filter(|x| x.0 >= most);
        late.map(|x| format!("{:?} {}", x.0, x.2)).collect()
    };
    let mut wrong = late(&worst, 50);
    wrong.extend(late(&longest, 5000));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(only.is_some() || stopped > 300, "{stopped}");
}
