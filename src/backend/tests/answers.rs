//! Answers that are none: throttling, failures, dead networks, a clock that is off.

use super::rig::{ALL, Rig, page, tenant, token};
use super::server::{Answer, How, Server};
use crate::model::{FaultKind, Kind, Service};
use crate::msg::{Body, Event, News, Request, Slot};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Answers in turn; the last one stays.
fn turns(answers: Vec<Answer>) -> impl Fn(&super::server::Hit) -> Answer {
    let at = Arc::new(AtomicU32::new(0));
    move |_| {
        let n = at.fetch_add(1, Ordering::SeqCst) as usize;
        answers[n.min(answers.len() - 1)].clone()
    }
}

fn busy(retry_after: Option<&str>) -> Answer {
    let answer = Answer::json(
        429,
        r#"{"error":{"code":"TooManyRequests","message":"slow down"}}"#,
    );
    match retry_after {
        Some(value) => answer.with("retry-after", value),
        None => answer,
    }
}

#[test]
fn a_fractional_retry_after_is_rounded_up_and_everybody_waits() {
    let rig = Rig::new(turns(vec![busy(Some("2.128")), page(&[1], None)]));
    let n = rig.sync(Kind::Incident);
    let until = rig.news("throttled", |n| match n {
        News::Throttled {
            service: Service::Graph,
            until,
        } => Some(*until),
        _ => None,
    });
    assert_eq!(
        until,
        crate::model::Ticks::parse("2026-08-01T12:00:03Z").unwrap()
    );
    assert_eq!(rig.leap(), Duration::from_secs(3));
    assert_eq!(rig.complete(n).progress.loaded, 1);
}

#[test]
fn without_retry_after_the_wait_is_ours() {
    let rig = Rig::new(turns(vec![
        busy(None),
        Answer::json(503, ""),
        Answer::json(502, "<html>bad</html>"),
        Answer::ok("").how(How::Reset),
        page(&[1], None),
    ]));
    let n = rig.sync(Kind::Incident);
    for _ in 0..4 {
        let wait = rig.leap();
        assert!(
            wait >= Duration::from_millis(400) && wait <= Duration::from_secs(60),
            "{wait:?}"
        );
    }
    assert_eq!(rig.complete(n).progress.loaded, 1);
    assert_eq!(rig.server.count("/incidents"), 5);
}

#[test]
fn a_person_is_told_when_instead_of_waiting_for_minutes() {
    let rig = Rig::new(turns(vec![busy(Some("300"))]));
    let key = crate::model::Key::new(Kind::Incident, "7");
    let n = rig.ask(
        Slot::Part(key.clone(), ""),
        Request::Entity { key, fresh: true },
    );
    let Body::Fault(fault) = rig.last(n) else {
        panic!()
    };
    assert_eq!(fault.kind, FaultKind::Throttled);
    assert_eq!(
        fault.retry_at,
        crate::model::Ticks::parse("2026-08-01T12:05:00Z")
    );
}

#[test]
fn a_failure_that_stays_is_a_fault_with_service_id_and_next_step() {
    let rig = Rig::new(turns(vec![Answer::json(
        500,
        r#"{"error":{"code":"UnknownError","message":""}}"#,
    )]));
    let n = rig.sync(Kind::Incident);
    let fault = rig.fault(n);
    assert_eq!(
        (fault.kind, fault.service, fault.status),
        (FaultKind::Server, Some(Service::Graph), 500)
    );
    assert_eq!(fault.request_id.as_deref(), Some("req-1"));
    assert!(!fault.next.is_empty() && fault.retry_at.is_some());
    assert_eq!(
        rig.server.count("/incidents"),
        1,
        "500 is not tried again at once"
    );
}

#[test]
fn no_route_is_a_sentence_and_the_list_comes_back_with_the_network() {
    let server = Server::start(|hit| {
        if hit.is_token() {
            token(ALL)
        } else {
            page(&[1], None)
        }
    });
    let mut gone = tenant(&server);
    // nobody listens there
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    gone.urls.graph = Some(
        format!("http://127.0.0.1:{port}/graph/v1.0")
            .parse()
            .unwrap(),
    );
    let rig = Rig::with(server, gone);
    let n = rig.sync(Kind::Incident);
    for _ in 0..4 {
        rig.leap();
    }
    let fault = rig.fault(n);
    assert_eq!(fault.kind, FaultKind::Network);
    assert!(fault.what.contains("no way to 127.0.0.1"), "{fault}");
    assert!(fault.retry_at.is_some());
}

#[test]
fn a_clock_that_is_off_by_an_hour_is_said_and_changes_are_still_found() {
    let rig = Rig::new(|hit| {
        let answer = match hit.query("$filter") {
            None => page(&[1], None),
            Some(_) => page(&[2], None),
        };
        answer.with("date", "Sat, 01 Aug 2026 11:00:00 GMT")
    });
    let n = rig.sync(Kind::Incident);
    let text = rig.news("notice", |n| match n {
        News::Notice { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert!(text.contains("clock is 60 min ahead"), "{text}");
    rig.complete(n);
    // the watermark is of the service's clock, so nothing of the last hour is missed
    assert_eq!(
        rig.store.seen(Kind::Incident).watermark,
        crate::model::Ticks::parse("2026-08-01T11:00:00Z")
    );
    rig.leap();
    assert_eq!(rig.complete(n).progress.loaded, 2);
}

#[test]
fn a_new_token_that_is_refused_blames_the_clock_if_it_is_off() {
    let rig = Rig::new(|_| {
        Answer::json(401, r#"{"error":{"code":"InvalidAuthenticationToken","message":"Lifetime validation failed"}}"#).with("date", "Sat, 01 Aug 2026 13:00:00 GMT")
    });
    let n = rig.sync(Kind::Incident);
    let fault = rig.fault(n);
    assert_eq!(fault.kind, FaultKind::Clock);
    assert!(fault.what.contains("60 min behind"), "{fault}");
}

#[test]
fn the_rate_of_calls_is_told() {
    let rig = Rig::new(|_| page(&[1], None));
    let n = rig.sync(Kind::Incident);
    rig.complete(n);
    let rate = rig.news("rate", |n| match n {
        News::Rate {
            service: Service::Graph,
            per_minute,
        } => Some(*per_minute),
        _ => None,
    });
    assert!(rate >= 1);
}

#[test]
fn a_store_that_fails_is_said_once_and_costs_no_row() {
    struct Broken;
    impl crate::backend::ports::Store for Broken {
        fn load(
            &self,
            _: Kind,
            _: &mut dyn FnMut(Arc<table::Chunk>, crate::backend::ports::Seen) -> bool,
        ) -> Result<crate::backend::ports::Seen, crate::model::Fault> {
            Err(crate::model::Fault::new(
                FaultKind::Disk,
                "the disk is full",
            ))
        }
        fn take(&self, _: crate::backend::ports::Rows) -> Result<(), crate::model::Fault> {
            Err(crate::model::Fault::new(
                FaultKind::Disk,
                "the disk is full",
            ))
        }
        fn raw(
            &self,
            _: &crate::model::Key,
        ) -> Result<Option<crate::backend::ports::Raw>, crate::model::Fault> {
            panic!("a defect of the store")
        }
        fn finish(
            &self,
            _: crate::backend::ports::Sweep,
            _: &dyn Fn(&str) -> bool,
        ) -> Result<Vec<table::Text>, crate::model::Fault> {
            Err(crate::model::Fault::new(
                FaultKind::Disk,
                "the disk is full",
            ))
        }
    }
    let mut rig = Rig::new(|_| page(&[1, 2], None));
    let (tx, events) = std::sync::mpsc::channel();
    let tx = std::sync::Mutex::new(tx);
    rig.events_of(events);
    rig.backend = crate::backend::Backend::start(
        tenant(&rig.server),
        crate::backend::Ports {
            events: Arc::new(move |e| {
                let _ = tx.lock().unwrap().send(e);
            }),
            store: Arc::new(Broken),
            record: rig.record.clone(),
            clock: rig.clock.clone(),
            budget_scale: 1.0,
        },
    );
    let n = rig.sync(Kind::Incident);
    assert_eq!(rig.page(n).progress.loaded, 2);
    rig.complete(n);
    let notices = rig.passed_over(
        |e| matches!(e, Event::News(News::Notice { text, .. }) if text.contains("disk is full")),
    );
    assert_eq!(notices, 1);
    // a panic in a task of ours still ends in one last reply
    let key = crate::model::Key::new(Kind::Incident, "1");
    let n = rig.ask(
        Slot::Part(key.clone(), ""),
        Request::Entity { key, fresh: false },
    );
    assert!(matches!(rig.last(n), Body::Fault(_) | Body::Entity(_)));
}
