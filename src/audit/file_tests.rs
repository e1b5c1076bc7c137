use super::*;
use crate::audit::line::GENESIS;
use crate::audit::read;

pub fn writer() -> Writer {
    Writer {
        session: uuid::Uuid::new_v4().to_string(),
        os_user: "ana".into(),
        host: "jump".into(),
        tty: None,
        ssh: None,
        policy: "none".into(),
    }
}

pub fn entry(run: &str) -> Entry {
    Entry {
        stage: Stage::Intent,
        run: run.into(),
        detail: None,
        ..blank(&Entry {
            stage: Stage::Intent,
            run: String::new(),
            set: None,
            tenant: "t".into(),
            tenant_id: "i".into(),
            principal: "p".into(),
            analyst: "ana@contoso.com".into(),
            verb: String::new(),
            tier: 0,
            targets: Vec::new(),
            sentence: String::new(),
            reason: None,
            args: None,
            requests: Vec::new(),
            undoes: Vec::new(),
            state: None,
            detail: None,
            action: None,
            closed: false,
        })
    }
}

pub fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

#[test]
fn lines_hang_on_each_other_over_months() {
    let dir = tempfile::tempdir().unwrap();
    let record = Record::new(dir.path().join("a"), writer());
    let mut before = GENESIS.to_owned();
    for (n, t) in [
        "2026-10-31T23:59:00Z",
        "2026-10-31T23:59:30Z",
        "2026-11-01T00:00:00Z",
        // a clock that is set back writes on where the chain ends
        "2026-10-30T00:00:00Z",
    ]
    .iter()
    .enumerate()
    {
        let written = record.append(at(t), &entry(&n.to_string())).unwrap();
        assert_eq!((written.line.seq, written.line.before), (n as u64, before));
        before = written.hash;
    }
    let months = read::months(record.dir()).unwrap();
    let counts: Vec<_> = months.iter().map(|m| m.lines.len()).collect();
    assert_eq!(counts, [2, 2]);
}

#[test]
fn a_torn_line_is_closed_not_cut() {
    let dir = tempfile::tempdir().unwrap();
    let record = Record::new(dir.path().join("a"), writer());
    record
        .append(at("2026-11-01T00:00:00Z"), &entry("1"))
        .unwrap();
    let path = dir.path().join("a/2026-11.jsonl");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"{\"seq\":1,\"ti");
    std::fs::write(&path, &bytes).unwrap();
    let written = record
        .append(at("2026-11-01T00:01:00Z"), &entry("2"))
        .unwrap();
    assert_eq!(
        (written.line.seq, written.line.entry.run.as_str()),
        (2, "2")
    );
    let after = std::fs::read_to_string(&path).unwrap();
    assert!(
        after.contains("{\"seq\":1,\"ti\n"),
        "the torn bytes are still there"
    );
    assert!(after.contains("\"stage\":\"recovered\""));
}

#[test]
fn a_record_that_cannot_be_written_is_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("file"), b"").unwrap();
    let record = Record::new(dir.path().join("file/a"), writer());
    let when = at("2026-11-01T00:00:00Z");
    assert!(matches!(
        record.append(when, &entry("1")),
        Err(AuditFault::Unwritable { .. })
    ));
    // a link is not followed
    let dir2 = dir.path().join("b");
    std::fs::create_dir(&dir2).unwrap();
    std::os::unix::fs::symlink("/dev/null", dir2.join("2026-11.jsonl")).unwrap();
    assert!(
        Record::new(dir2, writer())
            .append(when, &entry("1"))
            .is_err()
    );
    // nor is a file believed that others can write
    use std::os::unix::fs::PermissionsExt;
    let dir3 = dir.path().join("c");
    let record = Record::new(dir3.clone(), writer());
    record.append(when, &entry("1")).unwrap();
    let file = dir3.join("2026-11.jsonl");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert!(record.append(when, &entry("2")).is_err());
}

#[test]
fn many_writers_make_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|s| {
        for n in 0..4 {
            let record = Record::new(dir.path().to_owned(), writer());
            s.spawn(move || {
                for m in 0..10 {
                    record
                        .append(at("2026-11-01T00:00:00Z"), &entry(&format!("{n}-{m}")))
                        .unwrap();
                }
            });
        }
    });
    let report = crate::audit::verify::verify(dir.path(), None, &Default::default()).unwrap();
    assert_eq!((report.lines, report.broken), (40, Vec::new()));
}
