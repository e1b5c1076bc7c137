//! Secure score, audit searches and service health, by Graph.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use sim::Flags;

use crate::http::{Bench, Reply, flags};

fn playing(scenario: &str) -> Bench {
    Bench::with(Flags {
        scenario: Some(scenario.into()),
        ..flags()
    })
}

fn texts<'a>(rows: &'a [Value], key: &str) -> Vec<&'a str> {
    rows.iter().filter_map(|r| r[key].as_str()).collect()
}

#[test]
fn ninety_days_of_scores_with_gaps_and_a_step_down() {
    let b = Bench::new();
    let (rows, pages) = b.all("/security/secureScores", &[]);
    assert_eq!((rows.len(), pages), (87, 3));
    let days = texts(&rows, "id");
    assert!(days.windows(2).all(|w| w[0] > w[1]), "newest first");
    assert_eq!(days[0], format!("{}_2026-08-20", b.sim.info.tenant_id));
    assert!(
        !days
            .iter()
            .any(|d| d.ends_with("2026-08-08") || d.ends_with("2026-08-07"))
    );
    let newest = b.get("/security/secureScores?$top=1").json()["value"][0].clone();
    assert_eq!(newest["id"], rows[0]["id"]);
    assert_eq!(
        newest["averageComparativeScores"].as_array().unwrap().len(),
        3
    );
    for row in &rows {
        let sum: f64 = row["controlScores"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["score"].as_f64().unwrap())
            .sum();
        assert!((sum - row["currentScore"].as_f64().unwrap()).abs() < 0.05);
    }
    let of = |day: &str, control: &str| {
        let row = rows
            .iter()
            .find(|r| r["id"].as_str().unwrap().ends_with(day))
            .unwrap();
        let controls = row["controlScores"].as_array().unwrap();
        controls
            .iter()
            .find(|c| c["controlName"] == control)
            .unwrap()["score"]
            .as_f64()
            .unwrap()
    };
    assert!(
        of("2026-08-13", "mdo_safelinksforemail") > of("2026-08-14", "mdo_safelinksforemail"),
        "one went down"
    );
    let since = b
        .get("/security/secureScores?$filter=createdDateTime ge 2026-08-15T00:00:00Z&$count=true")
        .json();
    assert_eq!(since["@odata.count"], 6);
    b.sim.clock().advance(Duration::from_secs(86_400));
    let b = Bench {
        graph: crate::http::token(&b.sim, "https://graph.microsoft.com/.default"),
        ..b
    };
    assert!(
        b.get("/security/secureScores?$top=1").rows()[0]["id"]
            .as_str()
            .unwrap()
            .ends_with("2026-08-21")
    );
    assert_eq!(
        playing("score-missing")
            .all("/security/secureScores", &[])
            .0
            .len(),
        84
    );
}

#[test]
fn a_control_is_set_with_a_note_and_read_back() {
    let b = Bench::new();
    let (profiles, pages) = b.all("/security/secureScoreControlProfiles", &[]);
    assert!(pages > 1);
    let ids: HashSet<&str> = texts(&profiles, "id").into_iter().collect();
    let scores = b.get("/security/secureScores?$top=1").rows();
    let named = texts(
        scores[0]["controlScores"].as_array().unwrap(),
        "controlName",
    );
    let gone: Vec<&&str> = named.iter().filter(|n| !ids.contains(**n)).collect();
    assert_eq!(
        gone,
        [&"McasFirewallLogUpload"],
        "one control has no profile any more"
    );
    let path = "/security/secureScoreControlProfiles/SigninRiskPolicy";
    let vendor = json!({"provider": "SecureScore", "vendor": "Microsoft"});
    let body = json!({"assignedTo": "", "comment": "By another product", "state": "ThirdParty", "vendorInformation": vendor});
    let set =
        |body: &Value, headers: &[(&str, &str)]| b.send("PATCH", path, headers, Some(body.clone()));
    let quiet = set(&body, &[]);
    assert_eq!((quiet.status, quiet.body.len()), (204, 0));
    let row = b.get(path).json();
    let update = &row["controlStateUpdates"][0];
    assert_eq!(
        (&update["state"], &update["comment"]),
        (&json!("ThirdParty"), &json!("By another product"))
    );
    assert_eq!(update["updatedBy"], b.sim.info.client_id);
    assert!(row.get("state").is_none() && row.get("comment").is_none());
    let shown = set(
        &json!({"state": "Ignored", "vendorInformation": vendor}),
        &[("Prefer", "return=representation")],
    );
    assert_eq!(shown.status, 200);
    assert_eq!(
        shown.json()["controlStateUpdates"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    for bad in [
        json!({"state": "Ignored"}),
        json!({"state": "Planned", "vendorInformation": vendor}),
        json!({"title": "x", "vendorInformation": vendor}),
        json!({"state": 1, "vendorInformation": vendor}),
    ] {
        assert_eq!(set(&bad, &[]).status, 400, "{bad}");
    }
    let reader = Bench::with(Flags {
        permissions: "SecurityEvents.Read.All".into(),
        ..flags()
    });
    assert_eq!(reader.get(path).status, 200);
    let refused = reader.send("PATCH", path, &[], Some(body.clone()));
    assert_eq!(refused.status, 403);
    assert!(refused.error().1.contains("SecurityEvents.ReadWrite.All"));
    let b = playing("control-vanished");
    assert_eq!(b.get(path).status, 404);
    assert_eq!(b.send("PATCH", path, &[], Some(body)).status, 404);
}

#[test]
fn settled_elsewhere_counts_from_the_next_day() {
    let b = Bench::new();
    let score = |b: &Bench| {
        b.get("/security/secureScores?$top=1").rows()[0]["currentScore"]
            .as_f64()
            .unwrap()
    };
    let before = score(&b);
    let body = json!({"state": "Reviewed", "vendorInformation": {"provider": "SecureScore", "vendor": "Microsoft"}});
    assert_eq!(
        b.send(
            "PATCH",
            "/security/secureScoreControlProfiles/UserRiskPolicy",
            &[],
            Some(body)
        )
        .status,
        204
    );
    assert_eq!(score(&b), before);
    b.sim.clock().advance(Duration::from_secs(86_400));
    let b = Bench {
        graph: crate::http::token(&b.sim, "https://graph.microsoft.com/.default"),
        ..b
    };
    assert!((score(&b) - before - 7.0).abs() < 0.01);
}

fn search(b: &Bench, body: Value) -> Reply {
    b.send("POST", "/security/auditLog/queries", &[], Some(body))
}

#[test]
fn an_audit_search_runs_and_finds_what_the_feed_has() {
    let b = Bench::with(Flags {
        scenario: Some("audit-search-slow".into()),
        ..flags()
    });
    let made = search(
        &b,
        json!({"displayName": "Who", "filterStartDateTime": "2026-08-13T00:00:00Z", "filterEndDateTime": "2026-08-20T00:00:00Z",
        "recordTypeFilters": ["exchangeadmin", "ExchangeItem"], "operationFilters": ["New-InboxRule", "Set-Mailbox"]}),
    );
    assert_eq!(
        (made.status, &made.json()["status"]),
        (201, &json!("notStarted"))
    );
    let path = format!(
        "/security/auditLog/queries/{}",
        made.json()["id"].as_str().unwrap()
    );
    assert!(
        b.get(&format!("{path}/records")).rows().is_empty(),
        "nothing before it is done"
    );
    for (after, status) in [(150, "running"), (200, "succeeded")] {
        b.sim.clock().advance(Duration::from_secs(after));
        assert_eq!(b.get(&path).json()["status"], status);
    }
    let (rows, _) = b.all(&format!("{path}/records"), &[]);
    assert!(rows.len() > 20, "{}", rows.len());
    assert!(
        rows.iter()
            .all(|r| ["New-InboxRule", "Set-Mailbox"].contains(&r["operation"].as_str().unwrap()))
    );
    assert!(rows.iter().all(|r| r["auditData"]["Id"] == r["id"]
        && r["createdDateTime"].as_str().unwrap().ends_with('Z')));
    assert_eq!(b.get("/security/auditLog/queries").rows().len(), 1);
    assert_eq!(b.get("/security/auditLog/queries/none").status, 404);
    // half a year back there are only sign-ins, audits and stories
    let upn = rows[0]["userPrincipalName"].as_str().unwrap();
    let of_user = search(
        &b,
        json!({"filterStartDateTime": "2026-03-01T00:00:00Z", "filterEndDateTime": "2026-08-20T00:00:00Z", "userPrincipalNameFilters": [upn]}),
    );
    b.sim.clock().advance(Duration::from_secs(400));
    let path = format!(
        "/security/auditLog/queries/{}/records",
        of_user.json()["id"].as_str().unwrap()
    );
    let (rows, pages) = b.all(&path, &[]);
    assert!(!rows.is_empty() && pages == rows.len().div_ceil(150).max(1));
    assert!(rows.iter().all(|r| {
        r["userPrincipalName"]
            .as_str()
            .unwrap()
            .eq_ignore_ascii_case(upn)
    }));
}

#[test]
fn searches_are_refused_and_fail() {
    let b = Bench::new();
    for bad in [
        json!({}),
        json!({"filterStartDateTime": "2026-08-20T00:00:00Z", "filterEndDateTime": "2026-08-19T00:00:00Z"}),
        json!({"filterStartDateTime": "2026-08-19", "filterEndDateTime": "2026-08-20T00:00:00Z"}),
        json!({"filterStartDateTime": "2026-08-18T00:00:00Z", "filterEndDateTime": "2026-08-20T00:00:00Z", "operationFilters": "x"}),
        json!({"filterStartDateTime": "2026-08-18T00:00:00Z", "filterEndDateTime": "2026-08-20T00:00:00Z", "nonsense": 1}),
    ] {
        assert_eq!(search(&b, bad.clone()).status, 400, "{bad}");
    }
    let good = json!({"filterStartDateTime": "2026-08-19T00:00:00Z", "filterEndDateTime": "2026-08-20T00:00:00Z", "serviceFilter": "SharePoint"});
    let made = search(&b, good.clone()).json();
    assert_eq!(made["serviceFilters"], json!(["SharePoint"]));
    assert_eq!(
        made["status"], "succeeded",
        "at once where the clock stands"
    );
    let b = playing("audit-search-fails");
    let ends: Vec<String> = (0..3)
        .map(|_| {
            let made = search(&b, good.clone());
            b.sim.clock().advance(Duration::from_secs(600));
            let path = format!(
                "/security/auditLog/queries/{}",
                made.json()["id"].as_str().unwrap()
            );
            b.get(&path).json()["status"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(ends, ["failed", "failed", "succeeded"]);
    let b = playing("audit-search-slow");
    let answers: Vec<u16> = (0..11).map(|_| search(&b, good.clone()).status).collect();
    assert_eq!((answers[9], answers[10]), (201, 429));
}

#[test]
fn services_say_how_they_are() {
    let b = Bench::new();
    let root = "/admin/serviceAnnouncement";
    let overviews = b
        .get(&format!("{root}/healthOverviews?$expand=issues"))
        .rows();
    let defender = overviews
        .iter()
        .find(|o| o["service"] == "Microsoft Defender XDR")
        .unwrap();
    assert_eq!(defender["status"], "serviceDegradation");
    assert_eq!(defender["issues"][0]["id"], "DZ1204711");
    assert!(
        b.get(&format!("{root}/healthOverviews")).rows()[0]
            .get("issues")
            .is_none()
    );
    assert_eq!(
        b.get(&format!("{root}/healthOverviews/Exchange")).json()["service"],
        "Exchange Online"
    );
    let open = b
        .get(&format!("{root}/issues?$filter=isResolved eq false"))
        .rows();
    assert_eq!(open.len(), 4);
    assert!(
        open.iter().any(|i| i["status"] == "unknownFutureValue"),
        "a status nobody knows"
    );
    assert_eq!(
        b.get(&format!("{root}/issues/dz1204711")).json()["classification"],
        "incident"
    );
    assert_eq!(b.get(&format!("{root}/issues/XX1")).status, 404);
    let unmasked = b.get_with(
        &format!("{root}/issues/HG1202001"),
        &[("Prefer", "include-unknown-enum-members")],
    );
    assert_eq!(unmasked.json()["status"], "beingRethought");
    let messages = b
        .get(&format!("{root}/messages?$filter=isMajorChange eq true"))
        .rows();
    assert!(!messages.is_empty() && messages.iter().all(|m| m["services"].is_array()));
    // the retired permission of the same look opens nothing
    let old = Bench::with(Flags {
        permissions: "ServiceHealth.Read".into(),
        ..flags()
    });
    assert_eq!(old.get(&format!("{root}/issues")).status, 403);
    let health = Bench::with(Flags {
        permissions: "ServiceHealth.Read.All".into(),
        ..flags()
    });
    assert_eq!(health.get(&format!("{root}/issues")).status, 200);
    assert_eq!(health.get(&format!("{root}/messages")).status, 403);
    let calm = playing("services-calm");
    assert!(
        calm.get(&format!("{root}/issues?$filter=isResolved eq false"))
            .rows()
            .is_empty()
    );
    assert!(
        calm.get(&format!("{root}/healthOverviews"))
            .rows()
            .iter()
            .all(|o| o["status"] == "serviceOperational")
    );
}

#[test]
fn missing_licences_are_named() {
    let b = playing("licences-missing");
    for path in [
        "/security/secureScores",
        "/security/secureScoreControlProfiles",
        "/security/auditLog/queries",
        "/admin/serviceAnnouncement/issues",
    ] {
        let reply = b.get(path);
        assert_eq!(
            (reply.status, reply.error().0.as_str()),
            (403, "Forbidden"),
            "{path}"
        );
    }
}
