//! Texts nobody would write: an answer in good time and never a fall.

use kql::bind::World;
use kql::cli;
use kql::schema::{Schema, Which};
use kql::service::complete::complete;
use kql::service::{analyse, check, classify, format};
use std::time::{Duration, Instant};

fn all(text: &str) -> Duration {
    let w = World::new(Schema::builtin(Which::Unified));
    let start = Instant::now();
    let a = analyse(text, &w);
    let _ = check(&a);
    let took = start.elapsed();
    let _ = classify(&a);
    let _ = complete(text, text.len(), &w);
    let _ = format::format(text);
    took
}

/// The promise is 200 ms in a release build; tests are built otherwise and share the machine.
const ENOUGH: Duration = Duration::from_secs(4);

#[test]
fn deep_nesting_ends_in_a_message() {
    for open in [
        "(",
        "[",
        "{",
        "f(",
        "x in (",
        "not(",
        "dynamic([",
        "T | join (",
        "let f = () {",
        "case(a,",
        "-(",
    ] {
        let text = format!("T | where {}", open.repeat(10_000));
        assert!(all(&text) < ENOUGH, "{open}");
        assert!(all(&open.repeat(10_000)) < ENOUGH, "{open}");
    }
    let w = World::new(Schema::builtin(Which::Unified));
    let c = check(&analyse(
        &format!("print {}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        &w,
    ));
    assert!(!c.syntax_ok && c.findings.iter().any(|f| f.code == "KS245"));
}

#[test]
fn a_megabyte_is_answered() {
    for piece in [
        "| where A == 'b' ",
        "a and ",
        "a.b[0] ",
        "'",
        "\"x\" ",
        "let a = 1;\n",
        "1 + ",
        "T, ",
        "| ",
        "f(x), ",
        "😀",
        "\0",
        "//\n",
        "-",
        "- ",
        "+",
        "!",
        "@",
        ".b",
        "a b ",
        "1 ",
    ] {
        let text = piece.repeat(1_000_000 / piece.len());
        assert!(all(&text) < ENOUGH, "{piece:?}");
    }
    assert!(all(&format!("print \"{}", "x".repeat(1_000_000))) < ENOUGH);
}

#[test]
fn functions_that_call_each_other_stay_in_budget() {
    let mut text = String::from("let f0 = (T:(*)) { T | extend a = 1 };\n");
    for i in 1..60 {
        text.push_str(&format!(
            "let f{i} = (T:(*)) {{ union (T | invoke f{0}()), (T | invoke f{0}()) }};\n",
            i - 1
        ));
    }
    text.push_str("DeviceEvents | invoke f59()");
    assert!(all(&text) < ENOUGH);
}

#[test]
fn lone_surrogates_and_bad_lines_get_an_answer_each() {
    let input = "{\"id\":1,\"text\":\"print \\ud800 '\\udc00'\"}\n{broken\n\n{\"id\":\"x\",\"text\":\"print '😀', a\"}\n";
    let mut out = Vec::new();
    cli::run(
        "check",
        true,
        Schema::builtin(Which::Unified),
        input.as_bytes(),
        &mut out,
    )
    .expect("written");
    let out = String::from_utf8(out).expect("text");
    let lines: Vec<serde_json::Value> = out
        .lines()
        .map(|l| serde_json::from_str(l).expect("json"))
        .collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["id"], 1);
    assert_eq!(lines[0]["syntax_ok"], false);
    // the emoji is two UTF-16 units
    assert_eq!(lines[3]["diagnostics"][0]["start"], 12);
}
