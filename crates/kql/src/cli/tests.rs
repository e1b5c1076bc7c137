//! Queries over files as the command line runs them.

use super::detect::test_all;
use super::given::Given;
use super::run::{End, Form, run_queries};
use super::table::Style;
use crate::load::datetime;
use crate::schema::{Schema, Which};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn schema() -> std::sync::Arc<Schema> {
    Schema::builtin(Which::Unified)
}

fn given() -> Given {
    Given::at(datetime("2026-02-03T04:00:00Z").unwrap())
}

fn run(given: &Given, form: Form, input: &str) -> (End, String, String) {
    let (mut out, mut talk) = (Vec::new(), Vec::new());
    let end = run_queries(
        given,
        &schema(),
        form,
        input.as_bytes(),
        &mut out,
        &mut talk,
    )
    .unwrap();
    (
        end,
        String::from_utf8(out).unwrap(),
        String::from_utf8(talk).unwrap(),
    )
}

/// The answers to queries, and how the run ended.
fn ask(given: &Given, queries: &[&str]) -> (End, Vec<Value>, String) {
    let lines: Vec<String> = queries
        .iter()
        .enumerate()
        .map(|(i, q)| json!({"id": i, "query": q}).to_string())
        .collect();
    let (end, out, talk) = run(given, Form::Lines, &lines.join("\n"));
    (
        end,
        out.lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect(),
        talk,
    )
}

fn write(dir: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn tables_of_files_are_there_before_the_first_query() {
    let d = tempfile::tempdir().unwrap();
    let mut g = given();
    g.tables = vec![
        (
            "DeviceInfo".into(),
            write(
                &d,
                "i.csv",
                "DeviceName,OSPlatform,Timestamp\nws-1,Windows11,2026-02-03T03:00:00Z\nws-2,Linux,2026-02-03T03:30:00Z\n",
            ),
        ),
        (
            "Mine".into(),
            write(
                &d,
                "m.json",
                "{\"Name\":\"ws-1\",\"Score\":5}\n{\"Name\":\"ws-2\",\"Score\":6}\n",
            ),
        ),
    ];
    let (end, a, talk) = ask(
        &g,
        &[
            "DeviceInfo | where OSPlatform == \"Linux\" | project DeviceName, DeviceId, OSBuild, Age = now() - Timestamp",
            "Mine | where Score > 5",
            "print now()",
        ],
    );
    assert_eq!((end, talk.as_str()), (End::Whole, ""));
    assert_eq!(
        a[0]["rows"],
        json!([["ws-2", "", null, "00:30:00"]]),
        "columns the file lacks are null"
    );
    assert_eq!(
        a[1]["columns"],
        json!([{"name": "Name", "type": "string"}, {"name": "Score", "type": "long"}])
    );
    assert_eq!(a[1]["rows"], json!([["ws-2", 6]]));
    assert_eq!(a[2]["rows"], json!([["2026-02-03T04:00:00.0000000Z"]]));
    assert!(a.iter().all(|a| a["elapsed_ms"].is_number()));
}

#[test]
fn an_error_says_where_in_utf16_and_the_others_are_answered() {
    let (end, a, _) = ask(
        &given(),
        &["print '😀' | where Nam == 1", "print 1", "print ("],
    );
    assert_eq!(end, End::Partial);
    assert_eq!(
        (&a[0]["error"]["start"], &a[0]["error"]["length"]),
        (&json!(19), &json!(3))
    );
    assert_eq!(a[1]["rows"], json!([[1]]));
    assert_eq!(a[2]["error"]["kind"], "syntax");
    let (end, out, _) = run(&given(), Form::Lines, "no json\n\n");
    assert_eq!(end, End::Failed);
    assert!(out.starts_with("{\"id\":null,\"error\""), "{out}");
}

#[test]
fn what_is_wrong_with_a_file_is_said_and_the_rest_runs() {
    let d = tempfile::tempdir().unwrap();
    let mut g = given();
    g.tables = vec![
        ("Gone".into(), d.path().join("gone.csv")),
        ("Bad".into(), write(&d, "bad.csv", "A,B\n1,2\n3\n")),
    ];
    let (end, a, talk) = ask(&g, &["Bad | project A", "Gone | take 1"]);
    assert_eq!(end, End::Partial);
    assert!(talk.contains("gone.csv: there is no such file"), "{talk}");
    assert!(
        talk.contains("bad.csv:3: 1 fields, not 2: left out"),
        "{talk}"
    );
    assert_eq!(a[0]["rows"], json!([[1]]));
    assert!(
        a[1]["error"]["message"].as_str().unwrap().contains("Gone"),
        "{}",
        a[1]
    );
    g.archive = Some(d.path().join("none"));
    let (end, _, talk) = ask(&g, &[]);
    assert_eq!(end, End::Usage);
    assert!(talk.contains("none"), "{talk}");
}

#[test]
fn an_archive_is_read_when_a_query_wants_it() {
    let d = tempfile::tempdir().unwrap();
    for (hour, name) in [(3, "a.exe"), (4, "b.exe")] {
        let line = json!({"category": "AdvancedHunting-DeviceEvents", "properties":
            {"Timestamp": format!("2026-02-03T0{hour}:10:00Z"), "FileName": name, "DeviceId": "d", "ReportId": hour, "Own": true}});
        let path = format!(
            "insights-logs-advancedhunting-deviceevents/tenantId=t/y=2026/m=02/d=03/h=0{hour}/m=00/PT1H.json"
        );
        write(&d, &path, &format!("{line}\r\n"));
    }
    let mut g = given();
    g.archive = Some(d.path().to_owned());
    let (end, a, talk) = ask(
        &g,
        &[
            "DeviceEvents | where Timestamp > datetime(2026-02-03T04:00:00Z) | project FileName, Own",
            "DeviceEvents | count",
            "EmailEvents | count",
        ],
    );
    assert_eq!((end, talk.as_str()), (End::Whole, ""), "{a:?}");
    assert_eq!(a[0]["rows"], json!([["b.exe", true]]));
    assert_eq!(a[1]["rows"], json!([[2]]));
    assert_eq!(
        a[2]["rows"],
        json!([[0]]),
        "a table of the schema that the archive does not hold"
    );
}

#[test]
fn external_data_comes_from_a_folder_or_not_at_all() {
    let d = tempfile::tempdir().unwrap();
    write(&d, "feeds.example/list.csv", "1.2.3.4,bad\n");
    let query = "externaldata(Ip: string, Why: string)[@\"https://feeds.example/list.csv\"] with (format=\"csv\")";
    let (_, a, _) = ask(&given(), &[query]);
    let message = a[0]["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("https://feeds.example/list.csv"),
        "{message}"
    );
    let mut g = given();
    g.external = Some(d.path().to_owned());
    let gone = query.replace("list.csv", "none.csv");
    let (end, a, talk) = ask(&g, &[query, &gone]);
    assert_eq!(a[0]["rows"], json!([["1.2.3.4", "bad"]]));
    assert_eq!((&a[1]["rows"], end), (&json!([]), End::Partial));
    assert!(
        talk.contains("no file for https://feeds.example/none.csv"),
        "{talk}"
    );
}

#[test]
fn people_get_columns_and_spreadsheets_get_no_formulas() {
    let query = "print Name = '=1+1\\u202e', N = -5, D = dynamic({'a': [1]})";
    let (end, out, _) = run(&given(), Form::One(Style::Table), query);
    assert_eq!(end, End::Whole);
    let table =
        "Name        N   D\n──────────  ──  ─────────\n=1+1⟨202E⟩  -5  {\"a\":[1]}\n(1 row)\n";
    assert_eq!(out, table);
    let (_, out, _) = run(&given(), Form::One(Style::Csv { raw: false }), query);
    assert_eq!(
        out,
        "\"Name\",\"N\",\"D\"\n\"'=1+1\u{202e}\",\"-5\",\"{\"\"a\"\":[1]}\"\n"
    );
    let (_, out, _) = run(&given(), Form::One(Style::Json), query);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()[0]["N"], -5);
    let (end, out, talk) = run(
        &given(),
        Form::One(Style::Table),
        "print 1\n| where Nope == 1",
    );
    assert_eq!((end, out.as_str()), (End::Failed, ""));
    assert!(
        talk.contains("  2 | | where Nope == 1\n      |         ^^^^\n"),
        "{talk}"
    );
}

#[test]
fn detections_are_tested_against_small_tables() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/detections");
    let report = test_all(&shipped, &schema());
    assert_eq!(
        (report.code(), report.outcomes.len()),
        (0, 2),
        "{}",
        report.text(true)
    );
    let d = tempfile::tempdir().unwrap();
    assert_eq!(
        test_all(d.path(), &schema()).code(),
        2,
        "no test is no success"
    );
    write(
        &d,
        "t.toml",
        "query = 'T | where N > 1 | extend When = datetime(2026-01-01)'\n\
         [[case]]\nname = 'differs'\ntables = { T = [{ N = 1 }, { N = 2, S = 'x' }, { N = 3 }] }\n[case.expect]\nrows = [{ N = 2, When = 2026-01-01T00:00:00Z }, { N = 4 }]\n\
         [[case]]\nname = 'order counts'\ntables = { T = [{ N = 3 }, { N = 2 }] }\n[case.expect]\nordered = true\nrows = [{ N = 2 }, { N = 3 }]\n\
         [[case]]\nname = 'an error is expected'\n[case.expect]\nerror = 'T'\n\
         [[case]]\nname = 'no such column'\ntables = { T = [{ N = 3 }] }\n[case.expect]\nrows = [{ M = 3 }]\n",
    );
    let report = test_all(d.path(), &schema());
    assert_eq!(report.code(), 1);
    let wrong: Vec<bool> = report.outcomes.iter().map(|o| o.wrong.is_some()).collect();
    assert_eq!(wrong, [true, true, false, true], "{}", report.text(true));
    let text = report.text(false);
    assert!(
        text.contains("FAILED  t: differs\n        - {\"N\":4}\n        + {\"N\":3,"),
        "{text}"
    );
    assert!(
        text.contains("has no column \"M\"") && text.ends_with("4 tests, 3 failed\n"),
        "{text}"
    );
    write(&d, "u.toml", "query = 'print 1'\nqueri = 'x'\n");
    let report = test_all(d.path(), &schema());
    assert_eq!(
        (report.code(), report.unreadable.len()),
        (2, 1),
        "a misspelt key is said, not passed over"
    );
}
