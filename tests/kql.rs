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

/// What a run gave: exit code, standard output, standard error.
fn run(words: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_watchfloor"))
        .args(["kql", "run"])
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // a program that refuses its words may be gone before it reads
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let out = child.wait_with_output().unwrap();
    (
        out.status.code().unwrap_or(-1),
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8(out.stderr).unwrap(),
    )
}

fn line(query: &str) -> String {
    format!("{}\n", serde_json::json!({"id": 1, "query": query}))
}

/// A file of a folder that is gone with the test, and `NAME=FILE` for it.
fn file(dir: &tempfile::TempDir, name: &str, bytes: &[u8]) -> String {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    format!("T={}", path.display())
}

#[test]
fn a_file_that_is_missing_is_named_and_other_tables_stay_usable() {
    let dir = tempfile::tempdir().unwrap();
    let good = file(&dir, "good.csv", b"n\n1\n2\n");
    let gone = format!("U={}", dir.path().join("gone.csv").display());
    let input = line("T | summarize sum(n)") + &line("U | count");
    let words = ["--jsonl", "--table", &good, "--table", &gone];
    let (code, out, err) = run(&words, &input);
    let lines: Vec<serde_json::Value> = out
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines[0]["rows"], serde_json::json!([[3]]), "{out}");
    assert_eq!(lines[1]["error"]["kind"], "source", "{out}");
    assert!(
        lines[1]["error"]["message"]
            .to_string()
            .contains("gone.csv"),
        "{out}"
    );
    assert!(err.contains("gone.csv"), "{err}");
    assert_eq!(code, 3);
}

#[test]
fn a_gzip_that_ends_in_the_middle_gives_the_file_and_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(b"n\n").unwrap();
    for n in 0..50_000u32 {
        gz.write_all(format!("{}\n", n.wrapping_mul(2_654_435_761)).as_bytes())
            .unwrap();
    }
    let whole = gz.finish().unwrap();
    let half = file(&dir, "half.csv.gz", &whole[..whole.len() / 2]);
    let (code, _, err) = run(&["--jsonl", "--table", &half], &line("T | count"));
    assert!(err.contains("half.csv.gz"), "{err}");
    assert_eq!(code, 3, "half a file is no whole success: {err}");
}

#[test]
fn lines_that_are_no_rows_are_counted_and_never_fatal() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = b"{\"n\":1}\n{\"n\":\nnot json\n{\"n\":2,\"s\":\"\xff\xfe\"}\n{\"n\":3}\n";
    let t = file(&dir, "rows.ndjson", bytes);
    let (code, out, err) = run(&["--jsonl", "--table", &t], &line("T | summarize sum(n)"));
    let answer: serde_json::Value = serde_json::from_str(out.trim()).unwrap();
    let sum = answer["rows"][0][0].as_i64();
    assert!(sum == Some(6) || sum == Some(4), "{out} {err}");
    assert!(err.contains("rows.ndjson"), "{err}");
    assert_eq!(code, 3, "{err}");
}

#[test]
fn a_value_of_another_type_is_told_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    // a known table has its types; a port that is no number is none
    let path = dir.path().join("net.csv");
    std::fs::write(&path, "RemoteIP,RemotePort\n10.0.0.1,443\n10.0.0.2,https\n").unwrap();
    let t = format!("DeviceNetworkEvents={}", path.display());
    let query = line("DeviceNetworkEvents | project RemotePort | sort by RemotePort desc");
    let (_, out, err) = run(&["--jsonl", "--table", &t], &query);
    assert!(out.contains("[[443],[null]]"), "{out} {err}");
    assert!(err.contains("net.csv") && err.contains('3'), "{err}");
}

#[test]
fn what_is_not_run_is_named_with_its_place() {
    let query = "print x = 1\n| evaluate python(typeof(*), 'result = df')";
    let (code, out, err) = run(&[], query);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("python"), "{err}");
    // the line and what stands there
    assert!(err.contains("2") && err.contains("evaluate"), "{err}");
    let (_, out, _) = run(&["--jsonl"], &line(query));
    let answer: serde_json::Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!(answer["error"]["kind"], "unsupported", "{answer}");
    let start = answer["error"]["start"].as_u64().unwrap() as usize;
    assert_eq!(&query[start..start + 6], "python", "{answer}");
}

#[test]
fn detections_in_a_folder_pass_and_fail_by_their_rows() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("d")).unwrap();
    for name in [
        "encoded_powershell.csv",
        "encoded_powershell.kql",
        "encoded_powershell.toml",
    ] {
        let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/detections");
        std::fs::copy(from.join(name), dir.path().join("d").join(name)).unwrap();
    }
    let test = |dir: &std::path::Path| {
        let out = Command::new(env!("CARGO_BIN_EXE_watchfloor"))
            .args(["kql", "test"])
            .arg(dir)
            .output()
            .unwrap();
        (
            out.status.code(),
            String::from_utf8_lossy(&out.stdout).into_owned(),
        )
    };
    let (code, said) = test(&dir.path().join("d"));
    assert_eq!(code, Some(0), "{said}");
    // the same detection that finds nothing any more
    let kql = dir.path().join("d/encoded_powershell.kql");
    let text = std::fs::read_to_string(&kql).unwrap();
    std::fs::write(&kql, format!("{text}\n| where 1 == 2\n")).unwrap();
    let (code, said) = test(&dir.path().join("d"));
    assert_ne!(code, Some(0), "{said}");
    assert!(said.contains("FAILED  Encoded PowerShell"), "{said}");
}
