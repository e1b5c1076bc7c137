//! What the record claims is shown by doing each thing to it that it says it finds.

use super::*;
use crate::audit::file::tests::{at, entry, writer};
use crate::audit::heads::{Outside, Witness};
use crate::audit::line::{Line, encode};
use crate::audit::{Entry, Record};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::Arc;

const WHEN: &str = "2026-11-01T00:00:00Z";

fn seal() -> Seal {
    Seal::new(b"a key of sixteen bytes\n".to_vec()).unwrap()
}

fn filled(dir: &Path, seal: Option<Seal>, lines: usize) -> Record {
    let record = Record::new(dir.to_owned(), writer()).sealed(seal);
    for n in 0..lines {
        record.append(at(WHEN), &entry(&n.to_string())).unwrap();
    }
    record
}

fn path(dir: &Path) -> PathBuf {
    dir.join("2026-11.jsonl")
}

fn edit(dir: &Path, change: impl FnOnce(Vec<String>) -> Vec<String>) {
    let text = std::fs::read_to_string(path(dir)).unwrap();
    let lines = change(text.lines().map(str::to_owned).collect());
    std::fs::write(path(dir), lines.join("\n") + "\n").unwrap();
}

/// What a careful insider does: changes line `k` and makes every later hash fit again.
fn rewrite(lines: Vec<String>, k: usize) -> Vec<String> {
    let mut before = String::new();
    lines
        .into_iter()
        .enumerate()
        .map(|(n, text)| {
            let mut line: Line = serde_json::from_str(&text).unwrap();
            if n < k {
                before = chain(&text);
                return text;
            }
            if n == k {
                line.entry.analyst = "somebody else".into();
            } else {
                line.before = before.clone();
            }
            let text = encode(&line, None).unwrap();
            before = chain(&text);
            text
        })
        .collect()
}

fn whole(dir: &Path, seal: Option<&Seal>) -> Report {
    verify(dir, seal, &Places::default()).unwrap()
}

#[test]
fn a_whole_record_is_whole_and_its_tail_is_unproven_without_a_head() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), None, 5);
    let report = whole(dir.path(), None);
    assert!(report.is_whole() && report.broken.is_empty());
    assert_eq!(
        (report.lines, report.last, report.seals),
        (5, Some(4), Seals::None)
    );
    assert!(!report.is_tail_proven());
    assert_eq!(report.open.len(), 5, "intents without an end are named");
}

#[test]
fn careless_edits_in_the_middle_are_found_without_a_key() {
    type Change = fn(Vec<String>) -> Vec<String>;
    let edits: [(&str, Change); 5] = [
        ("a changed word", |mut l| {
            l[2] = l[2].replace("ana@contoso.com", "raj@contoso.com");
            l
        }),
        ("a missing line", |mut l| {
            l.remove(2);
            l
        }),
        ("two lines exchanged", |mut l| {
            l.swap(1, 2);
            l
        }),
        ("a line twice", |mut l| {
            let twice = l[2].clone();
            l.insert(2, twice);
            l
        }),
        ("the first line gone", |mut l| {
            l.remove(0);
            l
        }),
    ];
    for (what, change) in edits {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path(), None, 6);
        edit(dir.path(), change);
        assert!(!whole(dir.path(), None).is_whole(), "{what}");
    }
}

#[test]
fn a_missing_month_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let record = Record::new(dir.path().to_owned(), writer());
    for t in ["2026-09-30T12:00:00Z", "2026-10-01T12:00:00Z", WHEN] {
        record.append(at(t), &entry(t)).unwrap();
    }
    assert!(whole(dir.path(), None).is_whole());
    std::fs::remove_file(dir.path().join("2026-10.jsonl")).unwrap();
    assert!(!whole(dir.path(), None).is_whole());
}

#[test]
fn a_tear_is_told_and_covered() {
    let dir = tempfile::tempdir().unwrap();
    let record = filled(dir.path(), None, 2);
    let mut bytes = std::fs::read(path(dir.path())).unwrap();
    bytes.extend_from_slice(b"{\"seq\":2,\"ti\xff");
    std::fs::write(path(dir.path()), &bytes).unwrap();
    let report = whole(dir.path(), None);
    assert!(report.is_whole(), "{:?}", report.broken);
    assert_eq!(report.tears, 1);
    record.append(at(WHEN), &entry("2")).unwrap();
    let report = whole(dir.path(), None);
    assert!(report.is_whole(), "{:?}", report.broken);
    assert_eq!((report.tears, report.lines), (1, 4));
    // the torn bytes are evidence, too
    let text = std::fs::read(path(dir.path())).unwrap();
    let at = text.windows(5).position(|w| w == b"\"ti\xff\n").unwrap();
    let mut changed = text.clone();
    changed[at + 1] = b'x';
    std::fs::write(path(dir.path()), &changed).unwrap();
    assert!(!whole(dir.path(), None).is_whole());
}

#[test]
fn a_tear_at_the_turn_of_a_month_is_covered_by_the_next_file() {
    let dir = tempfile::tempdir().unwrap();
    let record = filled(dir.path(), Some(seal()), 2);
    let mut bytes = std::fs::read(path(dir.path())).unwrap();
    bytes.extend_from_slice(b"{\"seq\":2");
    std::fs::write(path(dir.path()), &bytes).unwrap();
    record
        .append(at("2026-12-01T00:00:00Z"), &entry("2"))
        .unwrap();
    let report = whole(dir.path(), Some(&seal()));
    assert!(report.is_whole(), "{:?}", report.broken);
    assert_eq!((report.tears, report.lines, report.files), (1, 4, 2));
}

#[test]
fn a_rewrite_is_found_with_a_key_and_not_without() {
    for k in 0..6 {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path(), Some(seal()), 6);
        assert_eq!(
            whole(dir.path(), Some(&seal())).seals,
            Seals::Good { before: 0 }
        );
        assert_eq!(whole(dir.path(), None).seals, Seals::Unchecked);
        edit(dir.path(), |l| rewrite(l, k));
        assert!(!whole(dir.path(), Some(&seal())).is_whole(), "line {k}");
        // exactly the claim: without the key, a careful rewrite is not seen
        assert!(whole(dir.path(), None).broken.is_empty());
    }
}

#[test]
fn lines_from_before_the_key_are_counted_not_blamed() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), None, 2);
    filled(dir.path(), Some(seal()), 0);
    let record = Record::new(dir.path().to_owned(), writer()).sealed(Some(seal()));
    record.append(at(WHEN), &entry("later")).unwrap();
    let report = whole(dir.path(), Some(&seal()));
    assert_eq!(report.seals, Seals::Good { before: 2 });
    assert!(report.is_whole());
}

#[test]
fn what_was_sent_without_an_intent_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let record = filled(dir.path(), None, 1);
    let outcome = |run: &str, state: &str| Entry {
        stage: Stage::Outcome,
        state: Some(state.into()),
        ..entry(run)
    };
    record.append(at(WHEN), &outcome("0", "succeeded")).unwrap();
    record
        .append(at(WHEN), &outcome("rest of a set", "not sent"))
        .unwrap();
    assert!(whole(dir.path(), None).is_whole());
    record
        .append(at(WHEN), &outcome("nobody", "succeeded"))
        .unwrap();
    assert!(!whole(dir.path(), None).is_whole());
}

/// A journal of our own: a socket, and what was sent to it as a file that `cat` prints.
fn journal(dir: &Path) -> (UnixDatagram, Places) {
    let socket = dir.join("journal.sock");
    let at = UnixDatagram::bind(&socket).unwrap();
    let places = Places {
        journal: Some(socket),
        journal_reader: vec![
            "/bin/cat".into(),
            dir.join("journal.txt").display().to_string(),
        ],
        ..Places::default()
    };
    (at, places)
}

fn drain(socket: &UnixDatagram, into: &Path) {
    use std::io::Write;
    socket.set_nonblocking(true).unwrap();
    let mut file = std::fs::File::options()
        .create(true)
        .append(true)
        .open(into)
        .unwrap();
    let mut bytes = [0u8; 64 << 10];
    while let Ok(n) = socket.recv(&mut bytes) {
        let text = String::from_utf8_lossy(&bytes[..n]).into_owned();
        let message = text
            .lines()
            .find_map(|l| l.strip_prefix("MESSAGE="))
            .unwrap();
        writeln!(file, "{message}").unwrap();
    }
}

/// The figure: a record rewritten from line k with all hashes recomputed, or cut, with a head reachable: undetected 0.
#[test]
fn with_a_head_in_the_journal_no_rewrite_and_no_cut_stays_unseen() {
    let lines = if std::env::var_os("WF_SOAK").is_some() {
        200
    } else {
        12
    };
    let outside = tempfile::tempdir().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (socket, places) = journal(outside.path());
    let record = Record::new(dir.path().to_owned(), writer()).telling(Outside::new(
        places.clone(),
        Arc::new(|why| panic!("{why}")),
    ));
    for n in 0..lines {
        record.append(at(WHEN), &entry(&n.to_string())).unwrap();
        drain(&socket, &outside.path().join("journal.txt"));
    }
    let report = verify(dir.path(), None, &places).unwrap();
    assert!(report.is_whole() && report.is_tail_proven(), "{report:?}");
    let good = std::fs::read_to_string(path(dir.path())).unwrap();
    let mut undetected = 0;
    for k in 0..lines {
        edit(dir.path(), |l| rewrite(l, k));
        undetected += usize::from(verify(dir.path(), None, &places).unwrap().is_whole());
        std::fs::write(path(dir.path()), &good).unwrap();
        edit(dir.path(), |mut l| {
            l.truncate(k.max(1));
            l
        });
        undetected += usize::from(verify(dir.path(), None, &places).unwrap().is_whole());
        std::fs::write(path(dir.path()), &good).unwrap();
    }
    std::fs::remove_file(path(dir.path())).unwrap();
    undetected += usize::from(verify(dir.path(), None, &places).unwrap().is_whole());
    assert_eq!(undetected, 0, "of {} changes", lines * 2 + 1);
}

#[test]
fn a_witness_remembers_and_a_dead_one_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let outside = tempfile::tempdir().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let script = outside.path().join("witness");
    let kept = outside.path().join("kept").display().to_string();
    std::fs::write(
        &script,
        format!("#!/bin/sh\nif [ \"$1\" = put ]; then cat >> {kept}; else cat {kept}; fi\n"),
    )
    .unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let places = Places {
        witness: Some(Witness::Command(vec![script.display().to_string()])),
        ..Places::default()
    };
    let record = Record::new(dir.path().to_owned(), writer()).telling(Outside::new(
        places.clone(),
        Arc::new(|why| panic!("{why}")),
    ));
    for n in 0..4 {
        record.append(at(WHEN), &entry(&n.to_string())).unwrap();
    }
    // the witness has the last head before the program is gone
    drop(record);
    let report = verify(dir.path(), None, &places).unwrap();
    assert!(report.is_whole() && report.is_tail_proven(), "{report:?}");
    edit(dir.path(), |mut l| {
        l.pop();
        l
    });
    let report = verify(dir.path(), None, &places).unwrap();
    let ReachState::Differs(why) = &report.reach[0].state else {
        panic!("{report:?}")
    };
    assert!(why.contains("tail is missing"), "{why}");
    // one that fails
    let (tell, told) = std::sync::mpsc::channel();
    let places = Places {
        witness: Some(Witness::Command(vec!["/bin/false".into()])),
        ..Places::default()
    };
    let record = Record::new(dir.path().join("b"), writer()).telling(Outside::new(
        places.clone(),
        Arc::new(move |why| drop(tell.send(why))),
    ));
    record.append(at(WHEN), &entry("1")).unwrap();
    drop(record);
    assert!(told.recv().unwrap().contains("unproven"));
    let report = verify(&dir.path().join("b"), None, &places).unwrap();
    assert!(matches!(report.reach[0].state, ReachState::Unreachable(_)));
    assert!(report.is_whole() && !report.is_tail_proven());
}
