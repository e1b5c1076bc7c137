//! Every function of the table on nulls, empties and extremes of the types it takes: as constants, one
//! argument after the other, and as columns that mix them. A refusal is an answer, a panic is none; and
//! what one thread answers, three do.

use super::{Answer, Catalog, Options, RunError, Stored, run};
use crate::bind::World;
use crate::functions::signature::Takes;
use crate::functions::{self, Kind};
use crate::schema::{Schema, Which};
use crate::types::Ty;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

const TYPES: [(&str, Ty, &[&str]); 9] = [
    ("b", Ty::BOOL, &["bool(null)", "true", "false"]),
    (
        "l",
        Ty::LONG,
        &[
            "1",
            "long(null)",
            "0",
            "-1",
            "9223372036854775807",
            "(-9223372036854775807-1)",
            "2147483648",
        ],
    ),
    (
        "r",
        Ty::REAL,
        &[
            "0.5",
            "real(null)",
            "real(nan)",
            "real(+inf)",
            "real(-inf)",
            "0.0",
            "-1e308",
        ],
    ),
    (
        "m",
        Ty::DECIMAL,
        &[
            "decimal(1.5)",
            "decimal(null)",
            "decimal(-99999999999999999999999999.99)",
        ],
    ),
    (
        "t",
        Ty::DATETIME,
        &[
            "datetime(2026-01-02 03:04:05)",
            "datetime(null)",
            "datetime(0001-01-01)",
            "datetime(9999-12-31 23:59:59.9999999)",
        ],
    ),
    (
        "p",
        Ty::TIMESPAN,
        &[
            "1h",
            "timespan(null)",
            "0s",
            "-1d",
            "timespan(10675199.02:48:05.4775807)",
        ],
    ),
    (
        "u",
        Ty::GUID,
        &["guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "guid(null)"],
    ),
    (
        "s",
        Ty::STRING,
        &[
            "'a'",
            "''",
            "'\u{1F600}\u{e9}\u{1}'",
            "'(['",
            "'2026-01-01'",
            "'{\"a\":[1,null]}'",
            "'10.0.0.1/33'",
            "'-'",
        ],
    ),
    (
        "j",
        Ty::DYNAMIC,
        &[
            "dynamic([1,'a',null,[2],{}])",
            "dynamic(null)",
            "dynamic([])",
            "dynamic({})",
            "dynamic({'a':null,'b':[1e308]})",
            "dynamic([1,2,3])",
            "dynamic('x')",
        ],
    ),
];

/// The place in the list of a type that a parameter takes.
fn place(takes: &Takes, types: &[Ty]) -> usize {
    let ty = match takes {
        Takes::Types => types.first().copied().unwrap_or(Ty::STRING),
        Takes::Number
        | Takes::Integer
        | Takes::NumberOrBool
        | Takes::Summable
        | Takes::Orderable => Ty::LONG,
        Takes::Array | Takes::Bag => Ty::DYNAMIC,
        _ => Ty::STRING,
    };
    let ty = if ty == Ty::INT { Ty::LONG } else { ty };
    TYPES.iter().position(|t| t.1 == ty).unwrap_or(7)
}

fn options(threads: usize) -> Options {
    Options {
        now: 17_672_256_000_000_000,
        threads,
        memory_limit: 64 << 20,
        ..Options::default()
    }
}

fn text(a: Result<Answer, RunError>) -> String {
    match a {
        Ok(a) => {
            let mut s = String::new();
            a.write_json(&mut s);
            s
        }
        Err(e) => format!("{}: {}", e.kind.name(), e.message),
    }
}

/// Whether two answers are the same but for the last digits of numbers.
fn alike(a: &str, b: &str) -> bool {
    let words = |s: &str| -> Vec<String> {
        let cut = |c: char| !(c.is_ascii_alphanumeric() || ".+-".contains(c));
        s.split(cut).map(str::to_owned).collect()
    };
    let (a, b) = (words(a), words(b));
    let close = |x: &str, y: &str| match (x.parse::<f64>(), y.parse::<f64>()) {
        (Ok(x), Ok(y)) => (x - y).abs() <= 1e-9 * x.abs().max(y.abs()),
        _ => false,
    };
    a.len() == b.len() && a.iter().zip(&b).all(|(x, y)| x == y || close(x, y))
}

/// A table `X` of sixty rows in six chunks, with three columns a type that mix its values.
fn table() -> (World, Catalog) {
    let base = World::new(Schema::builtin(Which::Unified));
    let mut columns = String::from("i");
    for (name, _, values) in TYPES {
        for (k, step) in [1, 3, 11].iter().enumerate() {
            let n = values.len();
            let arms = values.iter().enumerate().skip(1);
            let arms: Vec<String> = arms
                .map(|(v, x)| format!("(i * {step} / {}) % {n} == {v}, {x}", k + 1))
                .collect();
            let arms = arms.join(", ");
            columns.push_str(&format!(", {name}{k} = case({arms}, {})", values[0]));
        }
    }
    let legs: Vec<String> = (0..6)
        .map(|c| {
            let (from, to) = (c * 10, c * 10 + 9);
            format!("(range i from {from} to {to} step 1 | project {columns})")
        })
        .collect();
    let q = format!("union {}", legs.join(", "));
    let made = run(&q, &base, &Catalog::new(), &options(1));
    let made = made.unwrap_or_else(|e| panic!("{}", e.message));
    let chunks = made.chunks();
    assert_eq!((made.rows(), chunks.len()), (60, 6));
    let mut catalog = Catalog::new();
    let columns = made.columns;
    catalog.add("X", Stored { columns, chunks });
    let schema = catalog.schema(&Schema::builtin(Which::Unified));
    (World::new(Arc::new(schema)), catalog)
}

#[test]
fn every_function_bears_extremes() {
    let (world, catalog) = table();
    let mut asked = 0;
    let mut unlike = Vec::new();
    for f in functions::all().iter() {
        let aggregate = f.row.kind == Kind::Aggregate;
        if f.row.eval.is_none() || !matches!(f.row.kind, Kind::Scalar | Kind::Aggregate) {
            continue;
        }
        let ask = |call: &str, threads: usize| {
            let q = if aggregate {
                format!("X | summarize z = {call} by k = i % 3 | sort by k asc")
            } else {
                format!("X | extend z = {call} | project i, z")
            };
            let ran = catch_unwind(AssertUnwindSafe(|| {
                text(run(&q, &world, &catalog, &options(threads)))
            }));
            // all that fall are told at once
            ran.unwrap_or_else(|_| format!("falls: {q}"))
        };
        for sig in &f.signatures {
            let places: Vec<usize> = sig
                .params
                .iter()
                .flat_map(|p| {
                    let n = p.min.max(1).min(p.max) as usize;
                    std::iter::repeat_n(place(&p.takes, &p.types), n)
                })
                .collect();
            // each argument through all its values, the others plain
            for (at, p) in places.iter().enumerate() {
                for value in TYPES[*p].2 {
                    let args: Vec<&str> = (0..places.len())
                        .map(|k| match k == at {
                            true => *value,
                            false => TYPES[places[k]].2[0],
                        })
                        .collect();
                    let one = ask(&format!("{}({})", f.row.name, args.join(", ")), 1);
                    asked += 1;
                    if one.starts_with("falls") {
                        unlike.push(one);
                    }
                }
            }
            // columns that mix them; in the second round only the first argument is one
            for constants in [false, true] {
                let args: Vec<String> = places
                    .iter()
                    .enumerate()
                    .map(|(k, p)| match constants && k > 0 {
                        true => TYPES[*p].2[0].to_owned(),
                        false => format!("{}{}", TYPES[*p].0, k % 3),
                    })
                    .collect();
                let call = format!("{}({})", f.row.name, args.join(", "));
                let (one, three) = (ask(&call, 1), ask(&call, 3));
                asked += 2;
                let chance = ["rand", "new_guid"].contains(&f.row.name);
                if one.starts_with("falls") || !alike(&one, &three) && !chance {
                    unlike.push(format!("{call}\n  {one}\n  {three}"));
                }
            }
        }
    }
    assert!(asked > 3000, "{asked}");
    assert!(unlike.is_empty(), "{}", unlike.join("\n"));
}
