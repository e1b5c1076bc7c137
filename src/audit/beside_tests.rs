//! Two runs on one record folder, line by line: who is in whose way, and who is not.

use super::super::file::tests::{at, entry, writer};
use super::super::file::{Record, Writer};
use super::super::line::TargetLine;
use super::*;
use crate::audit::Stage as S;

const NOW: &str = "2026-08-01T12:00:00Z";

struct Two {
    dir: tempfile::TempDir,
    one: Record,
    two: Record,
}

fn two() -> Two {
    two_of(writer())
}

/// The first of them runs where this says.
fn two_of(first: Writer) -> Two {
    let dir = tempfile::tempdir().unwrap();
    Two {
        one: Record::new(dir.path().join("r"), first),
        two: Record::new(dir.path().join("r"), writer()),
        dir,
    }
}

fn intent(run: &str, verb: &str, kind: &str, id: &str) -> Entry {
    Entry {
        verb: verb.into(),
        targets: vec![TargetLine {
            kind: kind.into(),
            id: id.into(),
            name: "web-01".into(),
            before: serde_json::Value::Null,
        }],
        ..entry(run)
    }
}

fn end_of(entry: &Entry, state: &str, closed: bool) -> Entry {
    Entry {
        stage: S::Outcome,
        state: Some(state.into()),
        closed,
        ..entry.clone()
    }
}

impl Two {
    fn seen(&self) -> Mark {
        end(self.two.dir()).unwrap()
    }

    fn may(&self, now: &str, entry: &Entry, seen: &Mark) -> Result<(), Fault> {
        let mut beside = self.two.beside.lock().unwrap();
        beside.stands_against(&self.two, at(now), entry, seen)
    }
}

#[test]
fn an_intent_without_an_outcome_keeps_another_run_off_its_target() {
    let t = two();
    let theirs = intent("r1", "isolate", "device", "d1");
    t.one.append(at("2026-08-01T11:58:05Z"), &theirs).unwrap();
    let seen = t.seen();
    for (verb, kind, id, tenant, free) in [
        ("isolate", "device", "d1", "i", false),
        ("isolate", "device", "D1", "i", false),
        ("isolate selectively", "device", "d1", "i", false),
        ("release", "device", "d1", "i", false),
        ("isolate", "device", "d2", "i", true),
        ("isolate", "user", "d1", "i", true),
        ("quick scan", "device", "d1", "i", true),
        ("isolate", "device", "d1", "another tenant", true),
    ] {
        let ours = Entry {
            tenant_id: tenant.into(),
            ..intent("r2", verb, kind, id)
        };
        let may = t.may(NOW, &ours, &seen);
        assert_eq!(may.is_ok(), free, "{verb} {id}: {may:?}");
    }
    let ours = intent("r2", "release", "device", "d1");
    let fault = t.may(NOW, &ours, &seen).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Refused);
    // who, where, which process, what, when; and what next
    let words = [
        "ana on jump",
        &format!("process {}", std::process::id()),
        "“isolate” on web-01 at 11:58:05Z",
        "not known yet",
        "wait for its end",
        "after 12:08:05Z",
    ];
    for word in words {
        assert!(fault.to_string().contains(word), "{word}: {fault}");
    }
    // nothing of its own run is in its way
    assert_eq!(
        t.one
            .beside
            .lock()
            .unwrap()
            .stands_against(&t.one, at(NOW), &ours, &seen),
        Ok(())
    );
}

#[test]
fn verbs_on_one_field_cross_and_comments_do_not() {
    let crosses = |a: &str, b: &str| verb::named(a).unwrap().crosses(verb::named(b).unwrap());
    for (a, b) in [
        ("disable", "enable"),
        ("disable", "disable and revoke"),
        ("take", "assign"),
        ("take", verb::restore::NAME),
        ("done", "classify"),
        ("tag", "tag"),
        ("confirm compromised", "confirm safe"),
        ("indicate", "delete indicator"),
        ("restrict apps", "unrestrict apps"),
    ] {
        assert!(crosses(a, b) && crosses(b, a), "{a} {b}");
    }
    for (a, b) in [
        ("comment", "comment"),
        ("comment", "done"),
        ("tag", "assign"),
        ("isolate", "restrict apps"),
        ("revoke sessions", "disable"),
    ] {
        assert!(!crosses(a, b) && !crosses(b, a), "{a} {b}");
    }
}

#[test]
fn it_is_free_as_soon_as_somebody_knows_what_came_of_it() {
    for (state, closed, free) in [
        ("succeeded", true, true),
        // looked at again after 35 minutes; what it came to is known
        ("succeeded", false, true),
        ("failed", true, true),
        ("unknown", true, true),
        ("not sent", true, true),
        // the service's own list has it, and prompts read that
        ("pending", false, true),
        ("accepted", false, false),
        ("unknown", false, false),
    ] {
        let t = two();
        let theirs = intent("r1", "isolate", "device", "d1");
        t.one.append(at("2026-08-01T11:59:00Z"), &theirs).unwrap();
        let ours = intent("r2", "isolate", "device", "d1");
        assert!(t.may(NOW, &ours, &t.seen()).is_err());
        let after = end_of(&theirs, state, closed);
        t.one.append(at("2026-08-01T11:59:01Z"), &after).unwrap();
        assert_eq!(
            t.may(NOW, &ours, &t.seen()).is_ok(),
            free,
            "{state} {closed}"
        );
    }
}

/// Between our last reading of the target and our intent: what we know of it is not so any more.
#[test]
fn what_another_run_did_since_the_target_was_read_is_a_reason_to_look_again() {
    for (state, free) in [("succeeded", false), ("failed", false), ("not sent", true)] {
        let t = two();
        let first = intent("r0", "take", "incident", "7");
        t.one.append(at("2026-08-01T11:59:00Z"), &first).unwrap();
        let seen = t.seen();
        let theirs = intent("r1", "disable", "user", "u1");
        let intent_line = match state {
            // was refused before its intent: only the outcome is there
            "not sent" => None,
            _ => Some(&theirs),
        };
        if let Some(line) = intent_line {
            t.one.append(at("2026-08-01T11:59:59Z"), line).unwrap();
        }
        let done = end_of(&theirs, state, true);
        t.one.append(at("2026-08-01T11:59:59Z"), &done).unwrap();
        let ours = intent("r2", "enable", "user", "u1");
        let may = t.may(NOW, &ours, &seen);
        assert_eq!(may.is_ok(), free, "{state}");
        if let Err(fault) = may {
            let text = fault.to_string();
            assert!(text.contains("did “disable” to web-01 at 11:59:59Z"));
            assert!(text.contains("look again"), "{text}");
        }
        assert_eq!(
            t.may(NOW, &ours, &t.seen()),
            Ok(()),
            "read again, it is known"
        );
    }
}

#[test]
fn neither_the_old_nor_the_dead_are_in_the_way() {
    let t = two();
    let theirs = intent("r1", "isolate", "device", "d1");
    t.one.append(at("2026-08-01T11:49:59Z"), &theirs).unwrap();
    let ours = intent("r2", "isolate", "device", "d1");
    assert_eq!(t.may(NOW, &ours, &t.seen()), Ok(()), "ten minutes ago");
    // ten minutes count from the intent, not from when it was first read
    let again = intent("r3", "isolate", "device", "d1");
    t.one.append(at("2026-08-01T11:59:00Z"), &again).unwrap();
    assert!(t.may(NOW, &ours, &t.seen()).is_err());
    assert_eq!(t.may("2026-08-01T12:09:01Z", &ours, &t.seen()), Ok(()));
    // its process is gone, however it went
    let t = two();
    t.one.append(at("2026-08-01T11:59:00Z"), &theirs).unwrap();
    assert!(t.may(NOW, &ours, &t.seen()).is_err());
    let Two { dir, one, two } = t;
    drop(one);
    let mut beside = two.beside.lock().unwrap();
    let seen = end(two.dir()).unwrap();
    assert_eq!(beside.stands_against(&two, at(NOW), &ours, &seen), Ok(()));
    drop(dir);
}

/// A folder that several computers share: whether their runs live cannot be told, so they count, and it is said.
#[test]
fn a_run_on_another_computer_counts_for_ten_minutes() {
    let t = two_of(Writer {
        host: "other".into(),
        ..writer()
    });
    let theirs = intent("r1", "isolate", "device", "d1");
    t.one.append(at("2026-08-01T11:59:00Z"), &theirs).unwrap();
    let Two { dir, one, two } = t;
    drop(one);
    let mut beside = two.beside.lock().unwrap();
    let seen = end(two.dir()).unwrap();
    let ours = intent("r2", "isolate", "device", "d1");
    let fault = beside
        .stands_against(&two, at(NOW), &ours, &seen)
        .unwrap_err();
    let text = fault.to_string();
    assert!(text.contains("ana on other began"), "{text}");
    assert!(text.contains("cannot be seen from here"), "{text}");
    assert_eq!(
        beside.stands_against(&two, at("2026-08-01T12:09:01Z"), &ours, &seen),
        Ok(())
    );
    drop(dir);
}

/// What an earlier run left open is taken over by another that lives: it looks what came of it, and until then it counts.
#[test]
fn an_adopted_intent_belongs_to_the_run_that_looks_it_up() {
    let t = two();
    let theirs = intent("r1", "isolate", "device", "d1");
    t.one.append(at("2026-08-01T11:59:00Z"), &theirs).unwrap();
    let third = Record::new(t.two.dir().to_owned(), writer());
    let Two { dir, one, two } = t;
    drop(one);
    let adopted = Entry {
        stage: S::Adopted,
        ..theirs
    };
    third.append(at("2026-08-01T11:59:30Z"), &adopted).unwrap();
    let mut beside = two.beside.lock().unwrap();
    let seen = end(two.dir()).unwrap();
    let ours = intent("r2", "isolate", "device", "d1");
    assert!(beside.stands_against(&two, at(NOW), &ours, &seen).is_err());
    drop(third);
    assert_eq!(beside.stands_against(&two, at(NOW), &ours, &seen), Ok(()));
    drop(dir);
}

#[test]
fn the_turn_of_a_month_hides_nothing() {
    let t = two();
    let theirs = intent("r1", "isolate", "device", "d1");
    t.one.append(at("2026-08-31T23:59:30Z"), &theirs).unwrap();
    let other = intent("r0", "take", "incident", "7");
    t.one.append(at("2026-09-01T00:00:10Z"), &other).unwrap();
    let ours = intent("r2", "isolate", "device", "d1");
    let now = "2026-09-01T00:00:20Z";
    assert!(t.may(now, &ours, &t.seen()).is_err());
    // and what comes later is read on from there
    let done = end_of(&theirs, "succeeded", true);
    t.one.append(at("2026-09-01T00:00:30Z"), &done).unwrap();
    assert_eq!(t.may(now, &ours, &t.seen()), Ok(()));
}
