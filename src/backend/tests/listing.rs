//! Filling, polling, and listings that misbehave.

use super::rig::{Rig, incident, page, token};
use super::server::{Answer, Server};
use crate::model::{FaultKind, Kind};
use crate::msg::{Event, Origin, Request, Slot};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

#[test]
fn s0_12_a_queue_is_filled_page_by_page_and_then_followed_by_changes() {
    let rig = Rig::new(|hit| {
        match (hit.query("$skip").as_deref(), hit.query("$filter")) {
        (_, Some(_)) => Answer::ok(serde_json::json!({"value": [incident(5, "active", None), incident(9, "active", None)]}).to_string()),
        (None, None) => page(&[5, 4], Some(&format!("http://{}/graph/v1.0/security/incidents?$skip=2", hit.header("host").unwrap()))),
        _ => page(&[3], None),
    }
    });
    let n = rig.sync(Kind::Incident);
    let first = rig.page(n);
    assert_eq!(
        (first.origin, first.progress.loaded, first.progress.complete),
        (Origin::Fill, 2, false)
    );
    assert_eq!(first.chunk.unwrap().rows(), 2);
    assert_eq!(rig.page(n).progress.loaded, 3);
    let done = rig.complete(n);
    assert_eq!((done.progress.total, done.progress.loaded), (Some(3), 3));
    assert_eq!(rig.store.entities(Kind::Incident), 3);
    assert_eq!(
        rig.store.seen(Kind::Incident).watermark,
        crate::model::Ticks::parse("2026-08-01T12:00:00Z")
    );

    // idle is idle: one sleeper, no request, until the poll is due
    let before = rig.server.hits().len();
    let due = rig.next_sleep();
    assert!(
        due >= Duration::from_secs(24) && due <= Duration::from_secs(36),
        "{due:?}"
    );
    assert_eq!(rig.server.hits().len(), before);
    rig.leap();
    let news = rig.page(n);
    assert_eq!(news.origin, Origin::Poll);
    assert_eq!(
        news.chunk.unwrap().rows(),
        1,
        "5 did not change and does not come again"
    );
    let since = rig.server.hits().last().unwrap().query("$filter").unwrap();
    assert_eq!(
        since, "lastUpdateDateTime ge 2026-08-01T11:55:00Z",
        "the watermark overlaps by five minutes"
    );
    assert_eq!(rig.complete(n).progress.loaded, 4);
}

#[test]
fn a_page_that_is_empty_but_has_a_link_goes_on() {
    let rig = Rig::new(|hit| {
        let link = format!(
            "http://{}/graph/v1.0/security/incidents?$skiptoken=x",
            hit.header("host").unwrap()
        );
        if hit.query("$skiptoken").is_some() {
            page(&[1], None)
        } else {
            page(&[], Some(&link))
        }
    });
    let n = rig.sync(Kind::Incident);
    assert_eq!(rig.complete(n).progress.loaded, 1);
}

#[test]
fn the_same_link_twice_ends_the_listing_with_a_sentence_and_keeps_the_rows() {
    let rig = Rig::new(|hit| {
        page(
            &[1, 2],
            Some(&format!(
                "http://{}/graph/v1.0/security/incidents?$skiptoken=same",
                hit.header("host").unwrap()
            )),
        )
    });
    let n = rig.sync(Kind::Incident);
    let fault = rig.fault(n);
    assert_eq!(fault.kind, FaultKind::BadAnswer);
    assert!(fault.what.contains("given before"), "{fault}");
    assert_eq!(rig.server.count("/incidents"), 2);
    assert_eq!(rig.store.entities(Kind::Incident), 2);
    assert_eq!(
        rig.store.seen(Kind::Incident).watermark,
        None,
        "the watermark moves after a complete sweep only"
    );
}

#[test]
fn a_link_elsewhere_is_never_followed() {
    let thief = Server::start(|_| Answer::ok("{}"));
    let (port, links) = (thief.port, Arc::new(AtomicU32::new(0)));
    let rig = Rig::new(move |hit| {
        let host = hit.header("host").unwrap();
        let own = format!("http://{host}/graph/v1.0/security/incidents?$skiptoken=z");
        let link = match links.fetch_add(1, Ordering::SeqCst) {
            0 => format!("http://127.0.0.1:{port}/graph/v1.0/security/incidents?$skiptoken=z"),
            1 => own.replace("http://", "https://"),
            2 => own.replace("http://", "http://ana:pw@"),
            _ => own.replace("/graph/v1.0/", "/mde/api/"),
        };
        page(&[7], Some(&link))
    });
    let n = rig.sync(Kind::Incident);
    for word in ["port", "scheme", "user name", "path"] {
        let fault = rig.fault(n);
        assert_eq!(fault.kind, FaultKind::ForeignLink);
        assert!(fault.what.contains(word), "{word}: {fault}");
        rig.ask_again(n);
    }
    assert_eq!(
        thief.hits().len(),
        0,
        "nothing was sent there, and no token"
    );
    assert!(
        rig.server
            .hits()
            .iter()
            .all(|h| h.query("$skiptoken").is_none())
    );
}

impl Rig {
    /// Presses refresh; the running task answers to the new ticket, so this keeps the old number alive.
    fn ask_again(&self, number: u64) {
        let ticket = crate::msg::Ticket {
            slot: Slot::Sync(Kind::Incident),
            number,
        };
        self.backend
            .ask(
                ticket,
                Request::Refresh {
                    kind: Kind::Incident,
                },
            )
            .unwrap();
    }
}

#[test]
fn a_broken_page_keeps_what_was_loaded_and_is_asked_for_again() {
    let tries = Arc::new(AtomicU32::new(0));
    let rig = Rig::new(move |hit| {
        if hit.query("$skiptoken").is_none() {
            return page(
                &[1, 2],
                Some(&format!(
                    "http://{}/graph/v1.0/security/incidents?$skiptoken=2",
                    hit.header("host").unwrap()
                )),
            );
        }
        let deep = format!("{}1{}", "{\"value\":".repeat(10_000), "}".repeat(10_000));
        match tries.fetch_add(1, Ordering::SeqCst) {
            0 => Answer::ok(r#"{"value":[{"id":"3","disp"#),
            1 => Answer::json(200, "<html>sign in to the hotel network</html>")
                .with("content-type", "text/html"),
            2 => Answer::ok(deep),
            _ => page(&[3], None),
        }
    });
    let n = rig.sync(Kind::Incident);
    for word in ["breaks off", "web page", "expected form"] {
        let fault = rig.fault(n);
        assert_eq!(fault.kind, FaultKind::BadAnswer);
        assert!(fault.what.contains(word), "{fault}");
        assert!(!fault.next.is_empty() && fault.retry_at.is_some());
        assert_eq!(
            rig.store.entities(Kind::Incident),
            2,
            "what was loaded stays"
        );
        rig.leap();
    }
    assert_eq!(rig.complete(n).progress.loaded, 3);
    assert_eq!(
        rig.server
            .hits()
            .iter()
            .filter(|h| h.query("$skiptoken").is_none() && h.path().ends_with("incidents"))
            .count(),
        1
    );
}

#[test]
fn rows_with_a_lone_surrogate_or_ten_thousand_levels_do_not_hide_their_page() {
    let rig = Rig::new(|_| {
        let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        Answer::ok(format!(
            r#"{{"value":[{{"id":"1","displayName":"a\ud800b"}},{{"id":"9","x":{deep}}},{{"id":"2","displayName":"c"}}]}}"#
        ))
    });
    let n = rig.sync(Kind::Incident);
    let page = rig.page(n);
    let chunk = page.chunk.unwrap();
    assert_eq!((chunk.rows(), page.bad), (3, 0));
    rig.news("notice", |n| match n {
        crate::msg::News::Notice { text, .. } if text.contains("no text") => Some(()),
        _ => None,
    });
    rig.news("notice", |n| match n {
        crate::msg::News::Notice { text, .. } if text.contains("hundred levels") => Some(()),
        _ => None,
    });
    // the text that is kept can be read again; the store comes after the screen
    while rig.store.entities(Kind::Incident) == 0 {
        std::thread::yield_now();
    }
    let key = crate::model::Key::new(Kind::Incident, "9");
    let n = rig.ask(
        Slot::Part(key.clone(), ""),
        Request::Entity { key, fresh: false },
    );
    assert!(matches!(rig.last(n), crate::msg::Body::Entity(e) if e.cached));
}

#[test]
fn a_gzip_bomb_is_not_unpacked_to_the_end() {
    let bomb = {
        use std::io::Write;
        let mut z = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..64 {
            z.write_all(&zeros).unwrap();
        }
        z.finish().unwrap()
    };
    assert!(bomb.len() < 100_000);
    let rig = Rig::new(move |_| {
        Answer {
            body: bomb.clone(),
            ..Answer::ok("")
        }
        .with("content-encoding", "gzip")
    });
    let n = rig.sync(Kind::Incident);
    let fault = rig.fault(n);
    assert_eq!(fault.kind, FaultKind::BadAnswer);
    assert!(fault.what.contains("larger than 16 MiB"), "{fault}");
}

#[test]
fn a_list_whose_permission_is_not_shown_is_not_asked_for_until_somebody_insists() {
    let rig = Rig::bare(|hit| {
        if hit.is_token() {
            token(&["User.Read.All"])
        } else {
            Answer::json(
                403,
                r#"{"error":{"code":"Forbidden","message":"Missing application roles. API required roles: SecurityIncident.Read.All, application roles: User.Read.All."}}"#,
            )
        }
    });
    let n = rig.sync(Kind::Incident);
    let fault = rig.fault(n);
    assert_eq!(fault.kind, FaultKind::Forbidden);
    assert_eq!(
        fault.permissions,
        [
            "SecurityIncident.Read.All",
            "SecurityIncident.ReadWrite.All"
        ]
    );
    assert_eq!(rig.server.count("/incidents"), 0, "no call that must fail");
    let n = rig.ask(
        Slot::Sync(Kind::Incident),
        Request::Refresh {
            kind: Kind::Incident,
        },
    );
    let fault = rig.until("the service's own refusal", |e| match e {
        Event::Reply(r) if r.ticket.number == n => match &r.body {
            crate::msg::Body::Fault(f) if f.status == 403 => Some(f.clone()),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(fault.request_id.as_deref(), Some("req-1"));
    assert_eq!(rig.server.count("/incidents"), 1);
}

#[test]
fn what_was_seen_last_comes_before_any_network() {
    let rig = Rig::new(|_| page(&[1, 2, 3], None));
    let n = rig.sync(Kind::Incident);
    rig.complete(n);
    // a second start on the same store, with a server that never answers anything sensible
    let dead = Server::start(|_| Answer::json(503, ""));
    let mut second = Rig::with(dead.clone(), super::rig::tenant(&dead));
    second.reuse(&rig);
    let n = second.sync(Kind::Incident);
    let cached = second.page(n);
    assert_eq!(cached.origin, Origin::Cache);
    assert!(cached.progress.complete && cached.progress.as_of.is_some());
    assert_eq!(cached.progress.loaded, 3);
}

impl Rig {
    /// Starts anew on another rig's store.
    fn reuse(&mut self, other: &Rig) {
        let (tx, events) = std::sync::mpsc::channel();
        let tx = std::sync::Mutex::new(tx);
        self.events_of(events);
        self.backend = crate::backend::Backend::start(
            super::rig::tenant(&self.server),
            crate::backend::Ports {
                events: Arc::new(move |e| {
                    let _ = tx.lock().unwrap().send(e);
                }),
                store: other.store.clone(),
                record: other.record.clone(),
                clock: self.clock.clone(),
                budget_scale: 1.0,
            },
        );
    }
}

#[test]
fn a_poll_for_changes_does_not_take_the_unchanged_for_gone() {
    let rig = Rig::new(|hit| match hit.query("$filter") {
        None => page(&[1, 2, 3], None),
        Some(_) => page(&[1, 3], None),
    });
    let n = rig.sync(Kind::Incident);
    rig.complete(n);
    rig.leap();
    assert!(rig.complete(n).removed.is_empty());
    assert_eq!(rig.store.entities(Kind::Incident), 3);
}

#[test]
fn changes_are_found_while_a_long_listing_is_still_under_way() {
    let clock = Arc::new(std::sync::OnceLock::<
        Arc<crate::backend::memory::PausedClock>,
    >::new());
    let time = Arc::clone(&clock);
    let rig = Rig::new(move |hit| {
        let link = |n: u32| {
            format!(
                "http://{}/graph/v1.0/security/incidents?$skip={n}",
                hit.header("host").unwrap()
            )
        };
        if hit.query("$filter").is_some() {
            return page(&[99], None);
        }
        match hit.query("$skip").as_deref() {
            None => page(&[1], Some(&link(1))),
            Some("1") => {
                // the page is slow in coming
                if let Some(clock) = time.get() {
                    clock.advance(Duration::from_secs(40));
                }
                page(&[2], Some(&link(2)))
            }
            _ => page(&[3], None),
        }
    });
    let _ = clock.set(rig.clock.clone());
    let n = rig.sync(Kind::Incident);
    let done = rig.complete(n);
    let asked: Vec<&str> = vec!["first", "skip 1", "changes", "skip 2"];
    let seen: Vec<&str> = rig
        .server
        .hits()
        .iter()
        .filter(|h| h.path().ends_with("/incidents"))
        .map(
            |h| match (h.query("$filter"), h.query("$skip").as_deref()) {
                (Some(_), _) => "changes",
                (None, None) => "first",
                (None, Some("1")) => "skip 1",
                _ => "skip 2",
            },
        )
        .collect();
    assert_eq!(seen, asked);
    assert_eq!(done.progress.loaded, 4);
}

#[test]
fn s2_4_an_inventory_is_listed_again_after_an_hour_and_says_what_is_gone() {
    let round = Arc::new(AtomicU32::new(0));
    let rig = Rig::new(move |hit| {
        if !hit.path().ends_with("/machines") {
            return Answer::json(404, "");
        }
        let ids: &[&str] = match round.fetch_add(1, Ordering::SeqCst) {
            0 => &["a1", "a2", "a3"],
            1 => &["a1", "a3"],
            // the documented answer where nothing was seen lately
            _ => return Answer::json(404, r#"{"error":{"code":"NotFound","message":"none"}}"#),
        };
        let rows: Vec<_> = ids
            .iter()
            .map(|id| serde_json::json!({"id": id, "computerDnsName": format!("{id}.contoso.com")}))
            .collect();
        Answer::ok(serde_json::json!({ "value": rows }).to_string())
    });
    let n = rig.sync(Kind::Device);
    assert_eq!(rig.complete(n).progress.total, Some(3));
    let hour = rig.leap();
    assert!(
        hour >= Duration::from_secs(2_880) && hour <= Duration::from_secs(4_320),
        "{hour:?}"
    );
    let second = rig.complete(n);
    assert_eq!(second.removed, [table::Text::from("a2")]);
    assert_eq!(
        (second.progress.loaded, second.progress.total),
        (2, Some(2))
    );
    assert_eq!(rig.store.entities(Kind::Device), 2);
    rig.leap();
    assert_eq!(rig.complete(n).progress.loaded, 0);
}

#[test]
fn s0_18_joined_columns_come_from_the_listing_beside_and_their_refusal_costs_nothing() {
    let roles: [&[&str]; 2] = [
        &["User.Read.All", "IdentityRiskyUser.Read.All"],
        &["User.Read.All"],
    ];
    for roles in roles {
        let rig = Rig::bare(move |hit| match hit.path() {
            _ if hit.is_token() => token(roles),
            p if p.ends_with("/riskyUsers") => {
                Answer::ok(r#"{"value":[{"id":"u1","riskLevel":"high","riskState":"atRisk"}]}"#)
            }
            _ => Answer::ok(r#"{"@odata.count":1,"value":[{"id":"u1","displayName":"Ana"}]}"#),
        });
        let n = rig.sync(Kind::User);
        rig.complete(n);
        if roles.len() == 2 {
            let beside = rig.until("joined columns", |e| match e {
                Event::Reply(r) if r.ticket.number == n => match &r.body {
                    crate::msg::Body::Page(p) if p.origin == Origin::Beside => Some(p.clone()),
                    _ => None,
                },
                _ => None,
            });
            assert_eq!(
                beside.chunk.unwrap().cell(0, 0).text().map(|t| t.exact()),
                Some("u1")
            );
            // ten minutes for risk, an hour for the list
            assert!(rig.next_sleep() <= Duration::from_secs(720));
            assert_eq!(
                rig.store.entities(Kind::User),
                1,
                "joined cells are no rows"
            );
        } else {
            rig.next_sleep();
            assert_eq!(rig.server.count("/riskyUsers"), 0);
            assert_eq!(
                rig.passed_over(
                    |e| matches!(e, Event::Reply(r) if matches!(r.body, crate::msg::Body::Fault(_)))
                ),
                0
            );
        }
    }
}
