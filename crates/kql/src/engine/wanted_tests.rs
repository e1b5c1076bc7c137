//! A provider that gives no column and no row more than is wanted changes no answer.

use super::{Catalog, Options, Provider, Stored, Want, run};
use crate::bind::World;
use crate::schema::{ColumnDef, Schema, TableDef};
use crate::types::Ty;
use std::sync::{Arc, Mutex};
use table::ChunkBuilder;

const HOUR: i64 = 36_000_000_000;
const START: i64 = 17_672_256_000_000_000;

fn columns() -> Vec<(String, Ty)> {
    [
        ("Timestamp", Ty::DATETIME),
        ("Device", Ty::STRING),
        ("File", Ty::STRING),
        ("FileSize", Ty::LONG),
        ("Extra", Ty::DYNAMIC),
        ("Report", Ty::LONG),
    ]
    .map(|(n, t)| (n.to_owned(), t))
    .to_vec()
}

/// Forty rows, one an hour; only these columns, only this time.
fn rows(want: &Want) -> Stored {
    let all = columns();
    let keep: Vec<usize> = (0..all.len())
        .filter(|i| want.columns.as_ref().is_none_or(|w| w.contains(&all[*i].0)))
        .collect();
    let columns: Vec<(String, Ty)> = keep.iter().map(|i| all[*i].clone()).collect();
    let mut b = ChunkBuilder::new(Stored::chunk_schema(&columns));
    for n in 0..40i64 {
        let at = START + n * HOUR;
        if want.from.is_some_and(|f| at < f) || want.to.is_some_and(|t| at > t) {
            continue;
        }
        for (c, i) in keep.iter().enumerate() {
            match i {
                0 => b.int(c, Some(at)),
                1 => b.text(c, Some(&format!("pc{}", n % 5))),
                2 => b.text(c, Some(&format!("tool{}.exe", n % 7))),
                3 => b.int(c, Some(n * 10)),
                4 => b.text(c, Some(&format!("{{\"k\":{},\"l\":[{n}]}}", n % 3))),
                _ => b.int(c, Some(n)),
            }
        }
        b.end_row();
    }
    Stored {
        columns,
        chunks: vec![Arc::new(b.finish())],
    }
}

#[derive(Default)]
struct Mean(Mutex<Vec<Want>>);

impl Provider for Mean {
    fn table(&self, name: &str, want: &Want) -> Option<Result<Arc<Stored>, String>> {
        if name != "T" {
            return None;
        }
        if let Ok(mut asked) = self.0.lock() {
            asked.push(want.clone());
        }
        Some(Ok(Arc::new(rows(want))))
    }
}

fn answer(q: &str, mean: bool) -> (String, Vec<Want>) {
    let mut schema = Schema::default();
    let columns = columns().into_iter();
    schema.add_table(TableDef {
        name: "T".into(),
        columns: columns
            .map(|(n, ty)| ColumnDef {
                name: n.as_str().into(),
                ty,
            })
            .collect(),
        about: "".into(),
        replaced_by: None,
    });
    let mut catalog = Catalog::new();
    let provider = Arc::new(Mean::default());
    if mean {
        catalog.provider = Some(provider.clone());
    } else {
        catalog.add("T", rows(&Want::default()));
    }
    let options = Options {
        now: START + 40 * HOUR,
        ..Options::default()
    };
    let text = match run(q, &World::new(Arc::new(schema)), &catalog, &options) {
        Ok(a) => {
            let mut out = format!("{:?}", a.columns);
            a.write_json(&mut out);
            out
        }
        Err(e) => format!("{}: {}", e.kind.name(), e.message),
    };
    let asked = provider.0.lock().map(|w| w.clone()).unwrap_or_default();
    (text, asked)
}

#[test]
fn no_more_than_is_wanted_is_enough() {
    let late = "Timestamp > datetime(2026-01-02 06:00)";
    let pairs = "(T | where Device == 'pc1')";
    let tail = format!("where {late}");
    let mut wrong = Vec::new();
    for q in [
        "T".to_owned(),
        "T | count".to_owned(),
        format!("T | {tail} | count"),
        format!("T | {tail} | project Device, FileSize"),
        "T | where File has 'tool3' | summarize n = count(), max(FileSize) by Device | sort by n desc, Device asc".to_owned(),
        "T | summarize arg_max(Timestamp, *) by Device | sort by Device asc".to_owned(),
        "T | extend k = Extra.k | project-away Extra | summarize sum(FileSize) by tostring(k)".to_owned(),
        "T | project-keep F* | count".to_owned(),
        "T | project-keep F*".to_owned(),
        "T | project-away Extra | distinct *".to_owned(),
        "T | distinct Device".to_owned(),
        "T | where * has 'pc3' | project Report".to_owned(),
        "T | extend all = pack_all() | project all".to_owned(),
        "T | project x = column_ifexists('File', 'none')".to_owned(),
        r"T | project ['F\u0069le']".to_owned(),
        "T | evaluate pivot(Device) | project pc1".to_owned(),
        "(T | evaluate bag_unpack(Extra)) | project k".to_owned(),
        "(T | project-away Report) | summarize count() by File".to_owned(),
        format!("T | {tail} | join kind=leftanti (T | project Device, Report) on Report | count"),
        format!("union (T | join kind=inner {pairs} on Report), (T | take 3) | {tail} | project Report, Report1, FileSize"),
        format!("(T | join kind=leftouter {pairs} on Report) | {tail} | summarize count(), sum(FileSize1) by Device1"),
        format!("let f = (X:(*)) {{ X | count }}; f(T) | where Count > 0 | {}", "extend Timestamp = now()"),
        format!("let f = (X:(Timestamp:datetime)) {{ X | summarize n = count(), Timestamp = max(Timestamp) }}; f(T) | {tail} | project n"),
        "let f = (X:(*)) { X | summarize take_any(*) }; T | invoke f() | project Device".to_owned(),
        "print x = toscalar(T) | project x".to_owned(),
        "print x = toscalar(T | summarize max(FileSize)) | project x".to_owned(),
        "search in (T) 'pc2' | project Report".to_owned(),
        "find in (T) where File has 'tool1' project Device".to_owned(),
        "union withsource=S T, T | summarize count() by S, Device".to_owned(),
        format!("let M = materialize(T); M | {tail} | project File"),
        "let A = T | where FileSize > 100; A | project Device | join kind=inner (A | project Device, Report) on Device | count".to_owned(),
        "T | mv-expand e = Extra.l to typeof(long) | summarize sum(e) by File".to_owned(),
        "T | mv-apply e = Extra.l to typeof(long) on (summarize s = sum(e)) | project Device, s".to_owned(),
        "T | parse File with * 'tool' n:long '.exe' | summarize sum(n)".to_owned(),
        "T | make-series sum(FileSize) on Timestamp step 1d by Device".to_owned(),
        "T | getschema".to_owned(),
        "T | as X | project Device | union X | count".to_owned(),
        "T | top-nested 2 of Device by sum(FileSize)".to_owned(),
        format!("T | where {late} or FileSize == 10 | project Report"),
        format!("T | where {late} and Timestamp between (datetime(2026-01-02) .. 8h) | project Report"),
    ] {
        let (want, _) = answer(&q, false);
        let (got, asked) = answer(&q, true);
        if !want.starts_with("[(") || got != want || asked.is_empty() {
            wrong.push(format!("{q}\n  {want}\n  {got}\n  {asked:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn three_columns_of_a_day_are_all_that_is_asked_for() {
    let (_, asked) = answer(
        "T | where Timestamp between (datetime(2026-01-01 10:00) .. datetime(2026-01-01 12:00)) | where Device == 'pc1' | summarize sum(FileSize) by bin(Timestamp, 1h)",
        true,
    );
    let [want] = &asked[..] else {
        panic!("{asked:?}");
    };
    // `File` is part of `FileSize`: it costs a column more and no answer less
    let columns = want.columns.as_ref().map(|c| c.join(" "));
    assert_eq!(columns.as_deref(), Some("Timestamp Device File FileSize"));
    assert_eq!(want.from, Some(START + 10 * HOUR));
    assert_eq!(want.to, Some(START + 12 * HOUR));
    let (_, asked) = answer("T | where Device == 'pc1'", true);
    assert!(asked.iter().all(|w| w.columns.is_none()), "{asked:?}");
}
