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
    let fault = rig2.pumped("fault", |e| match e {
        crate::msg::Event::Reply(r) if r.ticket.number == n => match &r.body {
            Body::Fault(fault) => Some(fault.clone()),
            _ => None,
        },
        _ => None,
    });
    assert!(
        fault.what.contains("CPU quota") && fault.next.contains("may go at"),
        "{fault}"
    );
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
