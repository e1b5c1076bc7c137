//! Results that no service should send, and those that do not come: the shipped `hunt-…` scenarios at all three services.

use std::collections::HashSet;

use serde_json::json;
use sim::Flags;

use crate::http::{Bench, Reply, flags};
use crate::hunting::{explorer, hunt, log_analytics};

fn playing(name: &str) -> Bench {
    Bench::with(Flags {
        scenario: Some(name.to_owned()),
        ..flags()
    })
}

const SOME: &str = "AlertInfo | take 20 | project AlertId, Title, Category, Severity, Timestamp";

/// The same query at all three services.
fn everywhere(b: &Bench) -> [Reply; 3] {
    [
        hunt(b, SOME),
        log_analytics(b, &json!({"query": SOME})),
        explorer(
            b,
            "/v2/rest/query",
            &[],
            &json!({"db": "hunting", "csl": SOME}),
        ),
    ]
}

#[test]
fn odd_results_at_every_service() {
    let b = playing("hunt-controls");
    for reply in everywhere(&b) {
        assert!(
            reply.text().contains("\\u001b]0;x\\u0007"),
            "{}",
            reply.text()
        );
    }
    let b = playing("hunt-huge-cell");
    for reply in everywhere(&b) {
        assert!(reply.body.len() > 5 << 20, "{}", reply.body.len());
    }
    let b = playing("hunt-names");
    for reply in everywhere(&b) {
        assert!(reply.text().matches("\"Name\"").count() >= 2);
    }
    let b = playing("hunt-wide");
    let [graph, workspace, cluster] = everywhere(&b);
    assert_eq!(graph.json()["schema"].as_array().unwrap().len(), 2_000);
    assert_eq!(
        workspace.json()["tables"][0]["rows"][0]
            .as_array()
            .unwrap()
            .len(),
        2_000
    );
    assert_eq!(
        cluster.json()[2]["Columns"].as_array().unwrap().len(),
        2_000
    );
    let b = playing("hunt-empty");
    let [graph, workspace, cluster] = everywhere(&b);
    assert_eq!(graph.json()["results"], json!([]));
    assert_eq!(workspace.json()["tables"][0]["rows"], json!([]));
    assert_eq!(cluster.json()[2]["Rows"], json!([]));
    let b = playing("hunt-disagree");
    let [graph, workspace, _] = everywhere(&b);
    let body = graph.json();
    assert_eq!(body["schema"][0]["type"], "Int64");
    assert!(body["results"][0]["AlertId"].is_string());
    assert!(
        body["schema"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["name"] == "Absent")
    );
    let lengths: HashSet<usize> = workspace.json()["tables"][0]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r.as_array().unwrap().len())
        .collect();
    assert_eq!(lengths.len(), 3, "{lengths:?}");
}

#[test]
fn results_that_do_not_come() {
    for reply in everywhere(&playing("hunt-cut")) {
        assert!(reply.cut && !reply.body.is_empty());
    }
    for reply in everywhere(&playing("hunt-html")) {
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (502, Some("text/html"))
        );
    }
    for (name, wait) in [("hunt-quota", Some("7")), ("hunt-quota-silent", None)] {
        let b = playing(name);
        let seen: Vec<[u16; 3]> = (0..4).map(|_| everywhere(&b).map(|r| r.status)).collect();
        assert_eq!(seen, [[200; 3], [429; 3], [429; 3], [200; 3]], "{name}");
        let b = playing(name);
        everywhere(&b);
        for reply in everywhere(&b) {
            assert_eq!(reply.header("retry-after"), wait, "{name}");
        }
    }
}
