use kql::bind::World;
use kql::schema::{Schema, Which};
use kql::service::utf16::Utf16;
use kql::service::{analyse, check, format};
use serde_json::Value;

fn rows(name: &str) -> Vec<Value> {
    let path = [".", "..", "../..", "../../.."]
        .iter()
        .flat_map(|up| {
            [
                format!("{up}/shared/kql/{name}"),
                format!("{up}/../shared/kql/{name}"),
            ]
        })
        .find(|p| std::path::Path::new(p).exists());
    let Some(path) = path else {
        eprintln!("skipped: ../shared/kql/{name} is not there");
        return Vec::new();
    };
    let all = std::fs::read_to_string(path).unwrap_or_default();
    let step = if std::env::var_os("WF_SOAK").is_some() {
        1
    } else {
        7
    };
    all.lines()
        .step_by(step)
        .filter_map(|l| serde_json::from_str(l).ok())
        .collect()
}

fn verdicts(name: &str) {
    let rows = rows(name);
    let world = World::new(Schema::builtin(Which::Unified));
    let (mut syntax, mut bind, mut columns, mut clean) = (0, 0, 0, 0);
    for r in &rows {
        let text = r["text"].as_str().unwrap_or("");
        let c = check(&analyse(text, &world));
        syntax += usize::from(Some(c.syntax_ok) != r["syntax_ok"].as_bool());
        bind += usize::from(Some(c.bind_ok) != r["bind_ok_unified"].as_bool());
        if r["bind_ok_unified"] == true {
            clean += 1;
            let want = r
                .get("columns_unified")
                .or(r.get("columns"))
                .and_then(Value::as_array);
            let got: Vec<Value> = c
                .columns
                .iter()
                .map(|(n, t)| serde_json::json!([n, t.name()]))
                .collect();
            columns += usize::from(want.is_some_and(|w| *w != got));
        }
    }
    assert!(
        syntax * 1000 <= rows.len() * 2,
        "{name}: {syntax} syntax verdicts of {} differ",
        rows.len()
    );
    assert!(
        bind * 1000 <= rows.len() * 15,
        "{name}: {bind} bind verdicts of {} differ",
        rows.len()
    );
    assert!(
        columns * 100 <= clean * 2,
        "{name}: columns of {columns} of {clean} differ"
    );
}

#[test]
fn hunts_have_the_official_verdicts_and_columns() {
    verdicts("corpus_open.jsonl");
}

#[test]
fn broken_hunts_have_the_official_verdicts() {
    verdicts("corpus_broken.jsonl");
}

#[test]
fn the_first_error_of_a_broken_hunt_is_among_ours() {
    let rows = rows("corpus_broken.jsonl");
    let world = World::new(Schema::builtin(Which::Unified));
    let (mut found, mut all) = (0, 0);
    for r in &rows {
        let Some(first) = r["diagnostics_unified"].as_array().and_then(|d| d.first()) else {
            continue;
        };
        let text = r["text"].as_str().unwrap_or("");
        let (start, length) = (
            first[1].as_u64().unwrap_or(0) as usize,
            first[2].as_u64().unwrap_or(0) as usize,
        );
        let mut u = Utf16::new(text);
        all += 1;
        found += usize::from(check(&analyse(text, &world)).findings.iter().any(|f| {
            let (s, e) = (u.of(f.start as usize), u.of(f.end as usize));
            s <= start + length.max(1) && start <= s + (e - s).max(1)
        }));
    }
    assert!(found * 100 >= all * 92, "{found} of {all}");
}

#[test]
fn formatting_keeps_verdict_and_is_stable() {
    let world = World::new(Schema::builtin(Which::Unified));
    for r in rows("corpus_open.jsonl") {
        let text = r["text"].as_str().unwrap_or("");
        let once = format::format(text);
        assert_eq!(format::format(&once), once, "{}", r["id"]);
        let strip = |s: &str| s.split_whitespace().collect::<String>();
        assert_eq!(strip(&once), strip(text), "{}", r["id"]);
        let (a, b) = (
            check(&analyse(text, &world)),
            check(&analyse(&once, &world)),
        );
        assert_eq!(
            (a.syntax_ok, a.bind_ok, a.columns),
            (b.syntax_ok, b.bind_ok, b.columns),
            "{}",
            r["id"]
        );
    }
}

#[test]
fn every_builtin_has_a_row_of_the_same_shape() {
    let path = [
        "../../../../shared/kql",
        "../../../shared/kql",
        "../../../../../shared/kql",
    ]
    .iter()
    .map(|p| format!("{p}/builtins.json"))
    .find(|p| std::path::Path::new(p).exists());
    let Some(path) = path else {
        eprintln!("skipped: ../shared/kql/builtins.json is not there");
        return;
    };
    let all: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap_or_default())
        .unwrap_or_default();
    assert_eq!(all.len(), 536);
    let f = kql::functions::all();
    for b in all {
        let name = b["name"].as_str().unwrap_or("");
        let row = match b["kind"].as_str() {
            Some("fn") => f.scalar(name),
            Some("agg") => f.aggregate(name),
            Some("plugin") => f.plugin(name),
            _ => f.operator(name),
        };
        let row = row.unwrap_or_else(|| panic!("no row for {name}"));
        let sigs = b["sigs"].as_array().map(Vec::as_slice).unwrap_or(&[]);
        assert_eq!(row.signatures.len(), sigs.len(), "{name}");
        for (have, want) in row.signatures.iter().zip(sigs) {
            let params = want["params"].as_array().map(Vec::as_slice).unwrap_or(&[]);
            let sum = |k: &str| params.iter().filter_map(|p| p[k].as_u64()).sum::<u64>();
            assert_eq!(
                (u64::from(have.min), u64::from(have.max)),
                (sum("min"), sum("max")),
                "{name}"
            );
            assert_eq!(have.params.len(), params.len(), "{name}");
        }
    }
}
