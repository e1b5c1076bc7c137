//! Hunting queries on the wire: sent once, told to stop where that can be, and what a service's quota says.

use super::rig::{Rig, tenant, token};
use super::server::{Answer, How, Server};
use crate::config::sources::{Cluster, Workspace};
use crate::model::{Engine, FaultKind};
use crate::msg::{Body, News, Request, Slot};
use std::sync::Mutex;
use std::sync::mpsc::channel;

fn rig(answer: impl Fn(&super::server::Hit) -> Answer + Send + Sync + 'static) -> Rig {
    let server = Server::start(move |hit| {
        if hit.is_token() {
            token(&["ThreatHunting.Read.All", "Data.Read"])
        } else {
            answer(hit)
        }
    });
    let mut tenant = tenant(&server);
    tenant.sources.loganalytics = Some(server.url("/la/v1").parse().unwrap());
    tenant.sources.workspaces.push(Workspace {
        name: "w".into(),
        id: "11111111-2222-3333-4444-555555555555".into(),
    });
    tenant.sources.clusters.push(Cluster {
        name: "c".into(),
        url: server.url("/adx").parse().unwrap(),
        database: "d".into(),
    });
    Rig::with(server, tenant)
}

fn hunt(engine: &Engine) -> Request {
    Request::Hunt {
        engine: engine.clone(),
        query: "print 1".into(),
        timespan: Some("P7D".into()),
    }
}

const CLUSTER: fn() -> Engine = || Engine::Explorer("c".into());

#[test]
fn a_cluster_is_told_to_stop_the_query_by_the_id_it_was_sent_with() {
    let (came, has_come) = channel();
    let (go, goes) = channel::<()>();
    let (came, goes) = (Mutex::new(came), Mutex::new(goes));
    let rig = rig(move |hit| {
        if hit.path().ends_with("/v1/rest/mgmt") {
            return Answer::ok(r#"{"Tables":[{"Rows":[["x","CancelRequested"]]}]}"#);
        }
        came.lock()
            .unwrap()
            .send(
                hit.header("x-ms-client-request-id")
                    .unwrap_or_default()
                    .to_owned(),
            )
            .unwrap();
        // the query takes until the test is over
        let _ = goes.lock().unwrap().recv();
        Answer::ok("[]")
    });
    rig.ask(Slot::Hunt(1), hunt(&CLUSTER()));
    let id = has_come.recv().unwrap();
    assert!(id.starts_with("watchfloor;"));
    rig.backend.drop_slot(&Slot::Hunt(1));
    rig.news("what became of it", |n| match n {
        News::Notice { text, .. } if text.contains("stops the query") => Some(()),
        _ => None,
    });
    let told = rig
        .server
        .hits()
        .into_iter()
        .find(|h| h.path() == "/adx/v1/rest/mgmt")
        .unwrap();
    assert!(
        told.body.contains(".cancel query") && told.body.contains(&id),
        "{}",
        told.body
    );
    drop(go);
}

#[test]
fn a_query_that_broke_off_is_not_sent_a_second_time() {
    for engine in [Engine::Defender, Engine::Workspace("w".into()), CLUSTER()] {
        let rig = rig(|_| Answer::ok("").how(How::Reset));
        let n = rig.ask(Slot::Hunt(1), hunt(&engine));
        let fault = rig.fault(n);
        assert!(
            matches!(fault.kind, FaultKind::Network | FaultKind::BadAnswer),
            "{fault}"
        );
        let posts = rig
            .server
            .of("POST")
            .into_iter()
            .filter(|h| !h.is_token() && !h.path().ends_with("mgmt"))
            .count();
        assert_eq!(posts, 1, "{engine}");
    }
}

#[test]
fn a_quota_is_said_in_time_with_and_without_retry_after() {
    let rig1 = rig(|_| {
        Answer::json(
            429,
            r#"{"error":{"code":"429","message":"maximum allowed 45 per 00:01:00"}}"#,
        )
        .with("retry-after", "90")
    });
    let n = rig1.ask(Slot::Hunt(1), hunt(&Engine::Defender));
    rig1.news("throttled", |n| {
        matches!(n, News::Throttled { .. }).then_some(())
    });
    let fault = rig1.fault(n);
    assert_eq!(fault.kind, FaultKind::Throttled);
    assert!(fault.what.contains("45 per 00:01:00"), "{fault}");
    assert!(
        fault.next.contains("may go at 2026-08-01T12:01:30Z"),
        "{fault}"
    );
    assert_eq!(rig1.server.count("/runHuntingQuery"), 1);

    let rig2 = rig(|_| Answer::json(429, r#"{"error":{"code":"429","message":"CPU quota"}}"#));
    let n = rig2.ask(Slot::Hunt(1), hunt(&Engine::Defender));
    let fault = patient(&rig2, n);
    assert!(
        fault.what.contains("CPU quota") && fault.next.contains("may go at"),
        "{fault}"
    );
}

/// So many rows in the form of each service.
fn rows(engine: &Engine, n: usize) -> String {
    let all = |row: &dyn Fn(usize) -> String| (0..n).map(row).collect::<Vec<_>>().join(",");
    match engine {
        Engine::Defender => format!(
            r#"{{"schema":[{{"name":"n","type":"Int64"}},{{"name":"t","type":"String"}}],"results":[{}]}}"#,
            all(&|n| format!(r#"{{"n":{n},"t":"wks-{n}.contoso.com"}}"#))
        ),
        Engine::Workspace(_) => format!(
            r#"{{"tables":[{{"name":"PrimaryResult","columns":[{{"name":"n","type":"long"}},{{"name":"t","type":"string"}}],"rows":[{}]}}]}}"#,
            all(&|n| format!(r#"[{n},"wks-{n}.contoso.com"]"#))
        ),
        _ => format!(
            r#"[{{"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult","TableName":"r","Columns":[{{"ColumnName":"n","ColumnType":"long"}},{{"ColumnName":"t","ColumnType":"string"}}],"Rows":[{}]}},{{"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}}]"#,
            all(&|n| format!(r#"[{n},"wks-{n}.contoso.com"]"#))
        ),
    }
}

/// A fault that comes after some waiting.
fn patient(rig: &Rig, n: u64) -> crate::model::Fault {
    rig.pumped("fault", |e| match e {
        crate::msg::Event::Reply(r) if r.ticket.number == n => match &r.body {
            Body::Fault(fault) => Some(fault.clone()),
            _ => None,
        },
        _ => None,
    })
}

fn places() -> [Engine; 3] {
    [Engine::Defender, Engine::Workspace("w".into()), CLUSTER()]
}

fn gzip(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut z = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    z.write_all(text.as_bytes()).unwrap();
    z.finish().unwrap()
}

#[test]
fn an_answer_of_many_pieces_is_read_as_it_comes_packed_or_not() {
    for packed in [false, true] {
        for engine in places() {
            let body = rows(&engine, 60_000);
            assert!(body.len() > 1 << 20);
            let rig = rig(move |_| match packed {
                false => Answer::ok(body.clone()),
                true => Answer {
                    body: gzip(&body),
                    ..Answer::ok("")
                }
                .with("content-encoding", "gzip"),
            });
            let n = rig.ask(Slot::Hunt(1), hunt(&engine));
            let Body::Hunted(got) = rig.last(n) else {
                panic!("{engine}");
            };
            assert_eq!((got.partial, got.answer.odd), (None, 0), "{engine}");
            let table = got.answer.table;
            assert_eq!(table.rows(), 60_000, "{engine}");
            assert_eq!(table.cell(59_999, 0).int(), Some(59_999), "{engine}");
        }
    }
}

#[test]
fn an_answer_cut_in_the_middle_keeps_its_rows_and_says_how_many_had_come() {
    for engine in places() {
        let body = rows(&engine, 5_000);
        let rig = rig(move |_| Answer::ok(body.clone()).how(How::Cut));
        let n = rig.ask(Slot::Hunt(1), hunt(&engine));
        let Body::Hunted(got) = rig.last(n) else {
            panic!("{engine}");
        };
        let had = got.answer.table.rows();
        assert!((1_000..4_000).contains(&had), "{engine}: {had}");
        let why = got.partial.unwrap();
        assert!(
            why.contains("breaks off") && why.contains(&format!("{had} rows came before that")),
            "{engine}: {why}"
        );
        let sent = rig.server.of("POST");
        let sent = sent
            .iter()
            .filter(|h| !h.is_token() && !h.path().ends_with("mgmt"));
        assert_eq!(sent.count(), 1, "{engine}: it may still run and count");
    }
    // nothing that could be shown had come
    let rig = rig(|_| Answer::ok(r#"{"schema":[{"name":"n","type":"#).how(How::Cut));
    let n = rig.ask(Slot::Hunt(1), hunt(&Engine::Defender));
    let fault = rig.fault(n);
    assert!(
        fault.what.contains("0 rows came before that") && fault.next.contains("run it again"),
        "{fault}"
    );
}

#[test]
fn pages_and_answers_of_nothing_are_sentences_whatever_their_status() {
    for (status, kind) in [(200, "text/html"), (200, ""), (502, "text/html")] {
        let rig = rig(move |_| Answer {
            headers: vec![("content-type", kind.into())],
            ..Answer::json(
                status,
                "\n<!DOCTYPE html><html>sign in to the guest network",
            )
        });
        let n = rig.ask(Slot::Hunt(1), hunt(&Engine::Workspace("w".into())));
        let fault = patient(&rig, n);
        assert!(fault.what.contains("web page"), "{status} {kind}: {fault}");
        assert!(fault.next.contains("proxy"), "{fault}");
    }
    for body in ["", "  ", "{}"] {
        let rig = rig(move |_| Answer::ok(body));
        let n = rig.ask(Slot::Hunt(1), hunt(&Engine::Defender));
        let fault = rig.fault(n);
        assert_eq!(fault.kind, FaultKind::BadAnswer);
        assert!(fault.next.contains("the query's text is kept"), "{fault}");
    }
}

#[test]
fn a_bomb_is_not_unpacked_to_the_end_and_bytes_that_are_no_text_are_said() {
    let bomb = gzip(&format!(
        r#"{{"schema":[{{"name":"n","type":"Int64"}}],"results":[{{"n":1}}],"x":"{}"#,
        " ".repeat(80 << 20)
    ));
    let all = rig(move |_| {
        Answer {
            body: bomb.clone(),
            ..Answer::ok("")
        }
        .with("content-encoding", "gzip")
    });
    let n = all.ask(Slot::Hunt(1), hunt(&Engine::Defender));
    let Body::Hunted(got) = all.last(n) else {
        panic!();
    };
    let why = got.partial.unwrap();
    assert!(
        why.contains("1 row came before that") && why.contains("larger than 64 MiB"),
        "{why}"
    );
    let body = b"{\"schema\":[{\"name\":\"a\",\"type\":\"String\"}],\"results\":[{\"a\":\"x\xff\"},{\"a\":\"\\ud83d\"}]}";
    let odd = rig(|_| Answer {
        body: body.to_vec(),
        ..Answer::ok("")
    });
    let n = odd.ask(Slot::Hunt(1), hunt(&Engine::Defender));
    odd.news("what was replaced", |n| match n {
        News::Notice { text, .. } if text.contains("no text (2)") => Some(()),
        _ => None,
    });
    let Body::Hunted(got) = odd.last(n) else {
        panic!();
    };
    let cell = |row| crate::resource::hunt_cell::text(&got.answer.table, row, 0);
    assert_eq!([cell(0), cell(1)], ["x\u{fffd}", "\u{fffd}"]);
}

#[test]
fn bodies_and_headers_are_those_that_each_service_wants() {
    let rig = rig(|hit| match hit.path() {
        "/graph/v1.0/security/runHuntingQuery" => {
            Answer::ok(r#"{"schema":[{"name":"a","type":"Int64"}],"results":[{"a":1}]}"#)
        }
        "/la/v1/workspaces/11111111-2222-3333-4444-555555555555/query" => Answer::ok(
            r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"a","type":"long"}],"rows":[[1]]}]}"#,
        ),
        "/adx/v2/rest/query" => Answer::ok(
            r#"[{"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult","TableName":"r","Columns":[{"ColumnName":"a","ColumnType":"long"}],"Rows":[[1]]}]"#,
        ),
        _ => Answer::json(404, "{}"),
    });
    for engine in [Engine::Defender, Engine::Workspace("w".into()), CLUSTER()] {
        let n = rig.ask(Slot::Hunt(1), hunt(&engine));
        match rig.last(n) {
            Body::Hunted(h) => assert_eq!(h.answer.table.cell(0, 0).int(), Some(1)),
            other => panic!("{engine}: {other:?}"),
        }
    }
    let body = |end: &str| {
        let hit = rig
            .server
            .hits()
            .into_iter()
            .find(|h| h.path().ends_with(end))
            .unwrap();
        serde_json::from_str::<serde_json::Value>(&hit.body).unwrap()
    };
    assert_eq!(
        body("/runHuntingQuery"),
        serde_json::json!({"Query": "print 1", "Timespan": "P7D"})
    );
    assert_eq!(
        body("555555555555/query"),
        serde_json::json!({"query": "print 1", "timespan": "P7D"})
    );
    let adx = body("/v2/rest/query");
    assert_eq!((&adx["db"], &adx["csl"]), (&"d".into(), &"print 1".into()));
    let la = rig
        .server
        .hits()
        .into_iter()
        .find(|h| h.path().starts_with("/la/"))
        .unwrap();
    assert_eq!(la.header("prefer"), Some("wait=600"));
}
