//! Questions and their slots: joined, replaced, dropped, answered once; sections, entities, searches.

use super::rig::{Rig, incident, page, token};
use super::server::Answer;
use crate::backend::Refused;
use crate::model::{Call, FaultKind, Key, Kind, Pages, Path, Service};
use crate::msg::{Body, Event, Origin, Request, Slot};
use crate::resource::Answer as Part;
use std::sync::{Arc, Condvar, Mutex};

/// A door that the server's answers wait at.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn pass(&self) {
        let mut open = self.0.0.lock().unwrap();
        while !*open {
            open = self.0.1.wait(open).unwrap();
        }
    }

    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

fn key(id: &str) -> Key {
    Key::new(Kind::Incident, id)
}

fn users(path: &'static str) -> Call {
    Call::get(Service::Graph, Path::new("/users"))
        .needs(&["User.Read.All"])
        .then_path(path)
}

trait ThenPath {
    fn then_path(self, tail: &'static str) -> Self;
}

impl ThenPath for Call {
    fn then_path(mut self, tail: &'static str) -> Self {
        self.path = self.path.then(tail);
        self
    }
}

#[test]
fn answers_of_a_section_come_in_order_each_with_its_own_fate() {
    let rig = Rig::bare(|hit| match hit.path() {
        _ if hit.is_token() => token(&["User.Read.All"]),
        "/graph/v1.0/users/a" => Answer::ok(r#"{"id":"a"}"#),
        "/graph/v1.0/users/b" => Answer::json(
            404,
            r#"{"error":{"code":"Request_ResourceNotFound","message":"no manager"}}"#,
        ),
        "/graph/v1.0/users/list" if hit.query("$skiptoken").is_none() => page(
            &[1, 2],
            Some(&format!(
                "http://{}/graph/v1.0/users/list?$skiptoken=2",
                hit.header("host").unwrap()
            )),
        ),
        "/graph/v1.0/users/list" => page(
            &[3, 4],
            Some(&format!(
                "http://{}/graph/v1.0/users/list?$skiptoken=3",
                hit.header("host").unwrap()
            )),
        ),
        _ => Answer::json(
            400,
            r#"{"error":{"code":"BadRequest","message":"no such thing"}}"#,
        ),
    });
    let calls = vec![
        users("/a"),
        users("/b").none_is_404(),
        users("/c"),
        Call::get(Service::Graph, Path::new("/auditLogs/signIns")).needs(&["AuditLog.Read.All"]),
        users("/list").pages(Pages::Links { at_most: 4 }).eventual(),
    ];
    let n = rig.ask(
        Slot::Part(key("1"), "x"),
        Request::Part {
            key: key("1"),
            section: "x",
            calls,
        },
    );
    let Body::Part(answers) = rig.last(n) else {
        panic!()
    };
    assert!(matches!(&answers[0], Part::Got { body, more: false } if body["id"] == "a"));
    assert!(matches!(answers[1], Part::None));
    assert!(
        matches!(&answers[2], Part::Failed(f) if f.kind == FaultKind::BadRequest && f.what.contains("no such thing"))
    );
    assert!(matches!(answers[3], Part::Withheld(&["AuditLog.Read.All"])));
    assert!(matches!(answers[4], Part::Got { more: true, .. }));
    assert_eq!(answers[4].items().count(), 4);
    assert_eq!(rig.server.count("/signIns"), 0, "no call that must fail");
    let lists: Vec<_> = rig
        .server
        .hits()
        .into_iter()
        .filter(|h| h.path().ends_with("/list"))
        .collect();
    assert!(
        lists
            .iter()
            .all(|h| h.header("consistencylevel") == Some("eventual")),
        "resent on every page"
    );
    assert!(
        lists
            .iter()
            .all(|h| h.header("prefer") == Some("include-unknown-enum-members"))
    );
}

#[test]
fn an_entity_comes_from_the_cache_first_and_fresh_ones_go_to_the_list() {
    let rig = Rig::new(|hit| match hit.path() {
        "/graph/v1.0/security/incidents/7" => {
            Answer::ok(incident(7, "resolved", Some("ana@contoso.com")).to_string())
        }
        _ => page(&[7], None),
    });
    let n = rig.sync(Kind::Incident);
    rig.complete(n);
    let n = rig.ask(
        Slot::Part(key("7"), ""),
        Request::Entity {
            key: key("7"),
            fresh: false,
        },
    );
    assert!(matches!(rig.last(n), Body::Entity(e) if e.cached && e.json["status"] == "active"));
    assert_eq!(rig.server.count("/incidents/7"), 0);
    let n = rig.ask(
        Slot::Part(key("7"), ""),
        Request::Entity {
            key: key("7"),
            fresh: true,
        },
    );
    assert!(matches!(rig.reply(n).body, Body::Entity(e) if e.cached));
    let row = rig.page(n);
    assert_eq!((row.origin, row.chunk.unwrap().rows()), (Origin::Poll, 1));
    assert!(matches!(rig.last(n), Body::Entity(e) if !e.cached && e.json["status"] == "resolved"));
    let n = rig.ask(
        Slot::Part(key("7"), ""),
        Request::Entity {
            key: key("7"),
            fresh: false,
        },
    );
    assert!(
        matches!(rig.last(n), Body::Entity(e) if e.cached && e.json["status"] == "resolved"),
        "the store has it now"
    );
}

#[test]
fn an_id_of_dots_goes_nowhere() {
    let rig = Rig::new(|_| page(&[], None));
    for id in ["..", ".", "a/b", "a\\b", "%2e%2e/x", "a\nb", ""] {
        let n = rig.ask(
            Slot::Part(key(id), ""),
            Request::Entity {
                key: key(id),
                fresh: true,
            },
        );
        let Body::Fault(fault) = rig.last(n) else {
            panic!("{id}")
        };
        assert!(
            matches!(fault.kind, FaultKind::BadRequest | FaultKind::BadAnswer),
            "{id}: {fault}"
        );
    }
    assert!(
        rig.server.hits().iter().all(|h| h.is_token()
            || h.path().starts_with("/graph/v1.0/security/incidents/")
            || h.path().contains("/users/")),
        "{:?}",
        rig.server.hits()
    );
}

#[test]
fn another_entity_than_the_one_asked_for_is_not_believed() {
    let rig = Rig::new(|_| Answer::ok(incident(8, "active", None).to_string()));
    let n = rig.ask(
        Slot::Part(key("7"), ""),
        Request::Entity {
            key: key("7"),
            fresh: true,
        },
    );
    assert!(
        matches!(rig.last(n), Body::Fault(f) if f.kind == FaultKind::BadAnswer && f.what.contains("another incident"))
    );
}

#[test]
fn the_same_question_joins_and_another_takes_the_place() {
    let gate = Gate::default();
    let door = gate.clone();
    let rig = Rig::new(move |hit| {
        if hit.path().contains("/security/") {
            door.pass();
        }
        Answer::ok(incident(7, "active", None).to_string())
    });
    let slot = Slot::Part(key("7"), "");
    let ask = |fresh| {
        rig.ask(
            slot.clone(),
            Request::Entity {
                key: key("7"),
                fresh,
            },
        )
    };
    let first = ask(true);
    let joined = ask(true);
    assert!(
        matches!(rig.last(first), Body::Dropped),
        "the older ticket is closed"
    );
    let other = ask(false);
    assert!(
        matches!(rig.last(joined), Body::Dropped),
        "another question ends the task"
    );
    gate.open();
    assert!(matches!(rig.last(other), Body::Entity(_)));
    for number in [first, joined, other] {
        let more = rig
            .passed_over(|e| matches!(e, Event::Reply(r) if r.ticket.number == number && r.last));
        assert_eq!(more, 0, "one last reply, not two");
    }
}

#[test]
fn a_dropped_slot_says_so_once_and_its_page_was_not_paid_for_in_vain() {
    let gate = Gate::default();
    let door = gate.clone();
    let rig = Rig::new(move |hit| {
        if hit.query("$skiptoken").is_some() {
            door.pass();
        }
        page(
            &[1],
            Some(&format!(
                "http://{}/graph/v1.0/security/incidents?$skiptoken=2",
                hit.header("host").unwrap()
            )),
        )
    });
    let n = rig.sync(Kind::Incident);
    rig.page(n);
    rig.backend.drop_slot(&Slot::Sync(Kind::Incident));
    assert!(matches!(rig.last(n), Body::Dropped));
    gate.open();
    // the store comes after the screen
    while rig.store.entities(Kind::Incident) == 0 {
        std::thread::yield_now();
    }
    // and a new one begins from there
    let n = rig.sync(Kind::Incident);
    assert_eq!(rig.page(n).origin, Origin::Cache);
}

#[test]
fn after_stop_nothing_is_taken() {
    let rig = Rig::new(|_| page(&[1], None));
    let n = rig.sync(Kind::Incident);
    rig.complete(n);
    rig.backend.stop();
    assert!(matches!(rig.last(n), Body::Dropped));
    assert_eq!(
        rig.try_ask(Slot::Sync(Kind::Alert), Request::Sync { kind: Kind::Alert }),
        Err(Refused::Stopped)
    );
}

#[test]
fn nothing_runs_before_the_first_question() {
    let rig = Rig::new(|_| page(&[1], None));
    rig.backend.drop_slot(&Slot::Sync(Kind::Incident));
    assert!(rig.server.hits().is_empty());
}
