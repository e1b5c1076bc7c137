//! `watchfloor audit` as people and scripts meet it: words on stdout, an exit code, and no more claimed than is proven.

use std::path::Path;
use std::process::{Command, Output};
use watchfloor::audit::{Entry, Record, Stage, Writer};

fn watchfloor(home: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_watchfloor"))
        .args(words)
        .env_clear()
        .env("HOME", home)
        .output()
        .unwrap()
}

fn entry(stage: Stage, run: &str, state: Option<&str>) -> Entry {
    serde_json::from_value(serde_json::json!({
        "stage": stage, "run": run, "tenant": "t", "tenant_id": "i", "principal": "p", "analyst": "ana@contoso.com",
        "verb": "disable", "tier": 2, "sentence": "disable user \u{202e}bob", "requests": [],
        "targets": [{"kind": "user", "id": "1", "name": "bob"}],
        "state": state, "closed": state.is_some(),
    }))
    .unwrap()
}

#[test]
fn the_record_is_verified_and_listed_without_a_screen() {
    let home = tempfile::tempdir().unwrap();
    let out = watchfloor(home.path(), &["audit", "verify"]);
    assert_eq!(out.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&out.stderr).contains("no record"));
    let dir = home.path().join(".local/state/watchfloor/audit/t");
    let writer = Writer {
        session: "s".into(),
        os_user: "ana".into(),
        host: "jump".into(),
        tty: None,
        ssh: None,
        policy: "none".into(),
    };
    let record = Record::new(dir.clone(), writer);
    let at = "2026-11-01T00:00:00Z".parse().unwrap();
    for (stage, run, state) in [
        (Stage::Intent, "one", None),
        (Stage::Outcome, "one", Some("succeeded")),
        (Stage::Intent, "two", None),
    ] {
        record.append(at, &entry(stage, run, state)).unwrap();
    }
    let out = watchfloor(home.path(), &["audit", "verify", "--tenant", "t"]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(0), "{text}");
    assert!(
        text.contains("chain    whole") && text.contains("unproven"),
        "{text}"
    );
    let strict = watchfloor(home.path(), &["audit", "verify", "--strict"]);
    assert_eq!(strict.status.code(), Some(3));
    let out = watchfloor(home.path(), &["audit", "list"]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(text.lines().count(), 2);
    assert!(
        text.contains("succeeded") && text.contains("⟨202E⟩"),
        "{text}"
    );
    let out = watchfloor(home.path(), &["audit", "list", "--open", "--json"]);
    let open: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(open["intent"]["run"], "two");
    assert_eq!(
        open["intent"]["sentence"], "disable user \u{202e}bob",
        "data is exact"
    );
    // one letter in the middle
    let path = dir.join("2026-11.jsonl");
    let changed = std::fs::read_to_string(&path)
        .unwrap()
        .replacen("ana@", "raj@", 1);
    std::fs::write(&path, changed).unwrap();
    let out = watchfloor(home.path(), &["audit", "verify"]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(1), "{text}");
    assert!(
        text.contains("BROKEN") && text.contains("2026-11.jsonl:2"),
        "{text}"
    );
    let out = watchfloor(home.path(), &["audit", "verify", "--tenant", "nobody"]);
    assert_eq!(out.status.code(), Some(2));
}
