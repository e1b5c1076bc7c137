//! `watchfloor kql` as a filter: JSON lines in, JSON lines out, in order.

use std::io::Write;
use std::process::{Command, Stdio};

fn ask(words: &[&str], input: &str) -> (bool, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_watchfloor"))
        .arg("kql")
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let out = child.wait_with_output().unwrap();
    (out.status.success(), String::from_utf8(out.stdout).unwrap())
}

#[test]
fn a_line_in_is_a_line_out_in_order() {
    let input = "{\"id\":1,\"text\":\"DeviceInfo | where DeviceNam == 'a' | take 5\"}\n{\"id\":2,\"text\":\"DeviceInfo | project DeviceName\"}\n";
    let (ok, out) = ask(&["check", "--jsonl"], input);
    assert!(ok);
    let lines: Vec<serde_json::Value> = out
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(
        (lines.len(), &lines[0]["id"], &lines[1]["id"]),
        (2, &1.into(), &2.into())
    );
    assert_eq!(
        (&lines[0]["syntax_ok"], &lines[0]["bind_ok"]),
        (&true.into(), &false.into())
    );
    assert!(
        lines[0]["diagnostics"].to_string().contains("DeviceName"),
        "{}",
        lines[0]
    );
    assert_eq!(
        lines[1]["columns"],
        serde_json::json!([["DeviceName", "string"]])
    );
}

#[test]
fn completion_and_format_answer_too() {
    let text = "DeviceProcessEvents | where ";
    let input = format!(
        "{{\"id\":1,\"text\":\"{text}\",\"offset\":{}}}\n",
        text.len()
    );
    let (ok, out) = ask(&["complete", "--jsonl"], &input);
    assert!(ok && out.contains("\"FileName\""), "{out}");
    let (ok, out) = ask(
        &["format", "--jsonl"],
        "{\"id\":1,\"text\":\"DeviceInfo|take 1\"}\n",
    );
    assert!(ok && out.contains("| take 1"), "{out}");
}
