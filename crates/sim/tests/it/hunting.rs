//! Queries over the wire: Graph, Log Analytics and Data Explorer, their answers, refusals and faults.

use serde_json::{Value, json};
use sim::Flags;
use sim::flags::Switch;

use crate::http::{Bench, Reply, flags, send, token};

const LOG_ANALYTICS: &str = "https://api.loganalytics.io/.default";
const CLUSTER: &str = "https://watchfloor.westeurope.kusto.windows.net/.default";

pub fn hunt(b: &Bench, query: &str) -> Reply {
    b.send(
        "POST",
        "/security/runHuntingQuery",
        &[],
        Some(json!({"Query": query})),
    )
}

/// The rows of a query that must succeed.
pub fn rows(b: &Bench, query: &str) -> Vec<Value> {
    let reply = hunt(b, query);
    assert_eq!(reply.status, 200, "{query}: {}", reply.text());
    reply.json()["results"].as_array().expect("results").clone()
}

pub fn one(b: &Bench, query: &str, column: &str) -> Value {
    rows(b, query).first().expect(query)[column].clone()
}

fn post(url: &str, bearer: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    let bearer = format!("Bearer {bearer}");
    let mut all = vec![
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    all.extend_from_slice(headers);
    send("POST", url, &all, body.to_string().as_bytes()).expect("an answer")
}

pub fn log_analytics(b: &Bench, body: &Value) -> Reply {
    let url = format!(
        "{}/workspaces/{}/query",
        b.sim.info.loganalytics.as_ref().unwrap(),
        b.sim.info.workspace_id
    );
    post(&url, &token(&b.sim, LOG_ANALYTICS), &[], body)
}

pub fn explorer(b: &Bench, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    let url = format!("{}{path}", b.sim.info.adx.as_ref().unwrap());
    post(&url, &token(&b.sim, CLUSTER), headers, body)
}

#[test]
fn an_answer_has_its_schema_in_order_and_its_cells_by_type() {
    let b = Bench::new();
    let reply = hunt(
        &b,
        "AlertInfo | take 1 | extend l = 5000000000, i = int(3), r = 0.5, b = true, s = 1d + 2s, d = dynamic({\"a\":[1]}), g = guid(74be27de-1e4e-49d9-b579-fe0b331d3642), n = real(nan), e = int(null) | project Timestamp, AlertId, l, i, r, b, s, d, g, n, e",
    );
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("transfer-encoding"), Some("chunked"));
    let body = reply.json();
    assert!(
        body["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("#microsoft.graph.security.huntingQueryResults")
    );
    let schema: Vec<(String, String)> = body["schema"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            (
                c["name"].as_str().unwrap().into(),
                c["type"].as_str().unwrap().into(),
            )
        })
        .collect();
    let wanted = [
        ("Timestamp", "DateTime"),
        ("AlertId", "String"),
        ("l", "Int64"),
        ("i", "Int32"),
        ("r", "Double"),
        ("b", "SByte"),
        ("s", "TimeSpan"),
        ("d", "Object"),
        ("g", "Guid"),
        ("n", "Double"),
        ("e", "Int32"),
    ];
    assert_eq!(
        schema,
        wanted.map(|(n, t)| (n.to_owned(), t.to_owned())).to_vec()
    );
    let row = &body["results"][0];
    assert_eq!(row["l"], 5_000_000_000_i64);
    assert_eq!(row["l@odata.type"], "#Int64");
    assert_eq!(
        (&row["i"], &row["r"], &row["b"]),
        (&json!(3), &json!(0.5), &json!(true))
    );
    assert_eq!(row["s"], "1.00:00:02");
    assert_eq!(row["d"], json!({"a": [1]}));
    assert_eq!((&row["n"], &row["e"]), (&json!("NaN"), &Value::Null));
    let at = row["Timestamp"].as_str().unwrap();
    assert!(at.ends_with('Z') && at.len() == 28, "{at}");
}

#[test]
fn the_keys_of_the_request_count_in_any_case_and_both_paths_answer() {
    let b = Bench::new();
    for (path, key) in [
        ("/security/runHuntingQuery", "Query"),
        ("/security/runHuntingQuery", "query"),
        (
            "/security/microsoft.graph.security.runHuntingQuery",
            "Query",
        ),
    ] {
        let reply = b.send("POST", path, &[], Some(json!({key: "print x = 1"})));
        assert_eq!(reply.json()["results"][0]["x"], 1, "{path} {key}");
    }
    let empty = hunt(&b, "AlertInfo | where AlertId == 'none'").json();
    assert_eq!(empty["results"], json!([]));
    assert!(
        empty["schema"].as_array().unwrap().len() >= 8,
        "columns without rows"
    );
}

#[test]
fn refusals_are_worded_as_the_service_words_them() {
    let b = Bench::new();
    for (query, tail) in [
        (
            "AlertInfo | wher Severity == 'High'",
            "Fix syntax errors in your query.",
        ),
        (
            "AlertInfo | where Severtiy == 'High'",
            "'where' operator: Failed to resolve scalar expression named 'Severtiy'. Fix semantic errors in your query.",
        ),
        (
            "NoSuchTable | take 1",
            "Failed to resolve table or column expression named 'NoSuchTable'. Fix semantic errors in your query.",
        ),
    ] {
        let reply = hunt(&b, query);
        let (code, message) = reply.error();
        assert_eq!(
            (reply.status, code.as_str()),
            (400, "BadRequest"),
            "{query}"
        );
        assert!(message.ends_with(tail), "{query}: {message}");
    }
    for body in [
        json!({}),
        json!({"Query": ""}),
        json!({"Query": 1}),
        json!({"Query": "print 1", "Timespan": "soon"}),
    ] {
        let reply = b.send("POST", "/security/runHuntingQuery", &[], Some(body.clone()));
        assert_eq!(reply.status, 400, "{body}");
    }
    assert_eq!(b.get("/security/runHuntingQuery").status, 405);
    b.sim.revoke("ThreatHunting.Read.All").unwrap();
    let reply = hunt(&b, "print 1");
    assert_eq!((reply.status, reply.error().0.as_str()), (403, "Forbidden"));
    assert!(
        reply
            .error()
            .1
            .contains("API required roles: ThreatHunting.Read.All"),
        "{}",
        reply.error().1
    );
}

#[test]
fn the_service_looks_back_thirty_days_and_the_narrower_time_wins() {
    let b = Bench::new();
    let count = |body: Value| -> i64 {
        let reply = b.send("POST", "/security/runHuntingQuery", &[], Some(body));
        reply.json()["results"][0]["Count"].as_i64().unwrap()
    };
    let all = count(json!({"Query": "AlertInfo | count"}));
    let long = count(json!({"Query": "AlertInfo | count", "Timespan": "P180D"}));
    let week = count(json!({"Query": "AlertInfo | count", "Timespan": "P7D"}));
    let day =
        count(json!({"Query": "AlertInfo | where Timestamp > ago(1d) | count", "Timespan": "P7D"}));
    let other = count(json!({"Query": "AlertInfo | where Timestamp > ago(7d) | count"}));
    assert_eq!(all, long, "no further than thirty days");
    assert!(day < week && week < all, "{day} {week} {all}");
    assert_eq!(week, other);
    // the workspace keeps more
    let reply = log_analytics(&b, &json!({"query": "AlertInfo | count"}));
    assert!(reply.json()["tables"][0]["rows"][0][0].as_i64().unwrap() > all);
}

#[test]
fn isolating_a_device_shows_in_its_events() {
    let b = Bench::new();
    let machine = b
        .mde("/machines?$filter=healthStatus eq 'Active' and osPlatform eq 'Windows11'&$top=1")
        .rows()[0]
        .clone();
    let id = machine["id"].as_str().unwrap();
    let reply = b.mde_send(
        "POST",
        &format!("/machines/{id}/isolate"),
        Some(json!({"Comment": "Contained for the hunt", "IsolationType": "Full"})),
    );
    assert_eq!(reply.status, 201, "{}", reply.text());
    let asked = one(
        &b,
        &format!(
            "CloudAppEvents | where ActionType == 'IsolateDevice' and ObjectId == '{id}' | where tostring(RawEventData.ActionComment) has 'Contained for the hunt' | count"
        ),
        "Count",
    );
    assert_eq!(asked, 1);
    b.sim.clock().advance(std::time::Duration::from_secs(3_600));
    let felt = rows(
        &b,
        &format!(
            "DeviceInfo | where DeviceId == '{id}' | summarize arg_max(Timestamp, *) by DeviceId | where MitigationStatus has 'Isolated' | project DeviceName"
        ),
    );
    assert_eq!(felt.len(), 1);
    let events = rows(
        &b,
        &format!(
            "DeviceEvents | where DeviceId == '{id}' and tostring(parse_json(AdditionalFields).FilterOrigin) == 'Network isolation'"
        ),
    );
    assert_eq!(events.len(), 1);
}

#[test]
fn what_arrives_can_be_hunted() {
    let b = Bench::new();
    let before = one(&b, "AlertInfo | count", "Count").as_i64().unwrap();
    b.sim.arrive_now(4);
    let newest = b.get("/security/alerts_v2?$top=1").rows()[0].clone();
    let after = one(&b, "AlertInfo | count", "Count").as_i64().unwrap();
    assert!(after > before);
    let id = newest["id"].as_str().unwrap();
    assert_eq!(
        one(
            &b,
            &format!("AlertInfo | where AlertId == '{id}' | project Title"),
            "Title"
        ),
        newest["title"]
    );
}

#[test]
fn a_large_answer_is_cut_or_refused() {
    let b = Bench::new();
    let many = hunt(&b, "range n from 1 to 250000 step 1");
    assert_eq!(many.json()["results"].as_array().unwrap().len(), 100_000);
    let fat = hunt(
        &b,
        &format!(
            "range n from 1 to 90000 step 1 | extend t = '{}'",
            "x".repeat(600)
        ),
    );
    assert_eq!(fat.status, 400);
    assert!(
        fat.error().1.contains("allowed result size"),
        "{}",
        fat.error().1
    );
}

#[test]
fn calls_are_counted_without_a_word_when_to_come_back() {
    let b = Bench::with(Flags {
        throttle: Switch::On,
        ..flags()
    });
    for n in 1..=45 {
        assert_eq!(hunt(&b, "print 1").status, 200, "{n}");
    }
    let reply = hunt(&b, "print 1");
    assert_eq!((reply.status, reply.header("retry-after")), (429, None));
    assert_eq!(reply.error().0, "TooManyRequests");
    assert!(reply.error().1.contains("45 per 00:01:00"));
    b.sim.clock().advance(std::time::Duration::from_secs(60));
    assert_eq!(hunt(&b, "print 1").status, 200);
}

#[test]
fn log_analytics_answers_in_tables() {
    let b = Bench::new();
    let reply = log_analytics(
        &b,
        &json!({"query": "SecurityIncident | summarize arg_max(LastModifiedTime, *) by IncidentNumber | project TimeGenerated, IncidentNumber, AlertIds, Status | take 3"}),
    );
    assert_eq!(reply.status, 200, "{}", reply.text());
    let table = &reply.json()["tables"][0];
    assert_eq!(table["name"], "PrimaryResult");
    let types: Vec<&str> = table["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["datetime", "int", "dynamic", "string"]);
    let row = table["rows"][0].as_array().unwrap();
    assert!(
        serde_json::from_str::<Value>(row[2].as_str().expect("JSON as text"))
            .unwrap()
            .is_array()
    );
    for (body, code, inner) in [
        ("AlertInfo | wher x", "BadArgumentError", "SyntaxError"),
        (
            "AlertInfo | where Nope == 1",
            "BadArgumentError",
            "SemanticError",
        ),
    ] {
        let reply = log_analytics(&b, &json!({"query": body}));
        let error = reply.json()["error"].clone();
        assert_eq!(
            (reply.status, &error["code"]),
            (400, &json!(code)),
            "{body}"
        );
        assert_eq!(error["innererror"]["code"], inner, "{body}");
        assert!(error["innererror"]["innererror"]["message"].is_string());
    }
    let url = format!(
        "{}/workspaces/{}/query",
        b.sim.info.loganalytics.as_ref().unwrap(),
        b.sim.info.workspace_id
    );
    let wrong = post(&url, &b.graph, &[], &json!({"query": "print 1"}));
    assert_eq!(
        (wrong.status, wrong.error().0.as_str()),
        (403, "InvalidAuthenticationTokenAudience")
    );
    let missing = send("POST", &url, &[], b"{}").unwrap();
    assert_eq!(
        (missing.status, missing.error().0.as_str()),
        (401, "AuthenticationFailed")
    );
    let bare = send(
        "POST",
        &url,
        &[(
            "Authorization",
            &format!("Bearer {}", token(&b.sim, LOG_ANALYTICS)),
        )],
        b"{\"query\":\"print 1\"}",
    )
    .unwrap();
    assert_eq!(
        (bare.status, bare.body.len()),
        (200, 0),
        "no Content-Type: an empty 200"
    );
    let rendered = post(
        &url,
        &token(&b.sim, LOG_ANALYTICS),
        &[("Prefer", "include-render, include-statistics")],
        &json!({"query": "AlertInfo | summarize count() by Severity | render piechart"}),
    );
    assert_eq!(rendered.json()["render"]["visualization"], "piechart");
    assert!(rendered.json()["statistics"].is_object());
    b.sim.revoke("loganalytics:Data.Read").unwrap();
    let reply = log_analytics(&b, &json!({"query": "print 1"}));
    assert_eq!(
        (reply.status, reply.error().0.as_str()),
        (403, "InsufficientAccessError")
    );
}

#[test]
fn the_workspace_lists_its_tables() {
    let b = Bench::new();
    let url = format!(
        "{}/workspaces/{}/metadata",
        b.sim.info.loganalytics.as_ref().unwrap(),
        b.sim.info.workspace_id
    );
    let bearer = format!("Bearer {}", token(&b.sim, LOG_ANALYTICS));
    let reply = send("GET", &url, &[("Authorization", &bearer)], b"").unwrap();
    let tables = reply.json()["tables"].as_array().unwrap().clone();
    assert!(
        tables
            .iter()
            .any(|t| t["name"] == "SigninLogs" && t["columns"].as_array().unwrap().len() > 30)
    );
}

#[test]
fn data_explorer_answers_in_frames() {
    let b = Bench::new();
    let body = json!({"db": "hunting", "csl": "AlertInfo | project Timestamp, AlertId, n = 1, d = dynamic([1]) | take 5"});
    let reply = explorer(
        &b,
        "/v2/rest/query",
        &[("x-ms-client-request-id", "hunt;1")],
        &body,
    );
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.header("x-ms-activity-id").is_some());
    assert_eq!(reply.header("x-ms-client-request-id"), Some("hunt;1"));
    let frames = reply.json();
    let kinds: Vec<&str> = frames
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["FrameType"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "DataSetHeader",
            "DataTable",
            "DataTable",
            "DataTable",
            "DataSetCompletion"
        ]
    );
    assert_eq!(frames[2]["TableKind"], "PrimaryResult");
    assert_eq!(
        frames[2]["Columns"][2],
        json!({"ColumnName": "n", "ColumnType": "long"})
    );
    assert_eq!(frames[2]["Rows"].as_array().unwrap().len(), 5);
    assert_eq!(
        frames[2]["Rows"][0][3],
        json!([1]),
        "dynamic values are JSON"
    );
    assert_eq!(frames[4]["HasErrors"], false);

    let mut progressive = body.clone();
    progressive["csl"] = json!("range n from 1 to 5000 step 1");
    progressive["properties"] =
        json!(json!({"Options": {"results_progressive_enabled": true}}).to_string());
    let frames = explorer(&b, "/v2/rest/query", &[], &progressive).json();
    let frames = frames.as_array().unwrap();
    assert_eq!(frames[0]["IsProgressive"], true);
    let parts: Vec<&Value> = frames
        .iter()
        .filter(|f| f["FrameType"] == "TableFragment")
        .collect();
    let count: usize = parts
        .iter()
        .map(|f| f["Rows"].as_array().unwrap().len())
        .sum();
    assert!(parts.len() > 1 && count == 5_000, "{} {count}", parts.len());
    let done = frames
        .iter()
        .find(|f| f["FrameType"] == "TableCompletion")
        .unwrap();
    assert_eq!(done["RowCount"], 5_000);
}

#[test]
fn data_explorer_refuses_and_cuts_in_its_own_way() {
    let b = Bench::new();
    let ask = |csl: &str| {
        explorer(
            &b,
            "/v2/rest/query",
            &[],
            &json!({"db": "hunting", "csl": csl}),
        )
    };
    for (csl, code) in [
        ("AlertInfo | wher x", "SYN0002"),
        ("AlertInfo | where Nope == 1", "SEM0100"),
    ] {
        let reply = ask(csl);
        let error = reply.json()["error"].clone();
        assert_eq!(
            (
                reply.status,
                &error["innererror"]["code"],
                &error["@permanent"]
            ),
            (400, &json!(code), &json!(true)),
            "{csl}"
        );
    }
    let frames = ask("range n from 1 to 600000 step 1").json();
    let main = frames
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["TableKind"] == "PrimaryResult")
        .unwrap()
        .clone();
    let rows = main["Rows"].as_array().unwrap();
    assert_eq!(rows.len(), 500_001);
    assert_eq!(
        rows[500_000]["OneApiErrors"][0]["error"]["code"], "E_QUERY_RESULT_SET_TOO_LARGE",
        "an object where a row would stand"
    );
    assert_eq!(
        frames.as_array().unwrap().last().unwrap()["HasErrors"],
        true
    );
    let other = explorer(
        &b,
        "/v2/rest/query",
        &[],
        &json!({"db": "nowhere", "csl": "print 1"}),
    );
    assert_eq!(other.status, 400);
    let url = format!("{}/v2/rest/query", b.sim.info.adx.as_ref().unwrap());
    assert_eq!(
        post(&url, &b.graph, &[], &json!({"csl": "print 1"})).status,
        401
    );
    b.sim.revoke("adx:user_impersonation").unwrap();
    assert_eq!(ask("print 1").status, 403);
}

#[test]
fn data_explorer_stops_a_query_by_its_id() {
    let b = Bench::new();
    let url = format!("{}/v2/rest/query", b.sim.info.adx.as_ref().unwrap());
    let bearer = token(&b.sim, CLUSTER);
    let slow = json!({"db": "hunting", "csl": "range a from 1 to 3000000 step 1 | extend k = a % 7 | join kind=inner (range b from 1 to 3000000 step 1 | extend k = b % 7) on k | summarize max(a + b) by k"});
    let running = std::thread::spawn(move || {
        post(
            &url,
            &bearer,
            &[("x-ms-client-request-id", "stop-me")],
            &slow,
        )
    });
    let cancel = json!({"db": "hunting", "csl": ".cancel query \"stop-me\""});
    let mut said = json!("NotFound");
    for _ in 0..600 {
        said =
            explorer(&b, "/v1/rest/mgmt", &[], &cancel).json()["Tables"][0]["Rows"][0][1].clone();
        if said != "NotFound" || running.is_finished() {
            break;
        }
        std::thread::yield_now();
    }
    assert_eq!(said, "CancelRequested");
    let reply = running.join().unwrap();
    assert_eq!(
        reply.json()["error"]["code"],
        "E_QUERY_CANCELLED",
        "{}",
        reply.text().chars().take(300).collect::<String>()
    );
    let tables = explorer(
        &b,
        "/v1/rest/mgmt",
        &[],
        &json!({"db": "hunting", "csl": ".show tables"}),
    )
    .json();
    assert!(tables["Tables"][0]["Rows"].as_array().unwrap().len() >= 25);
}
