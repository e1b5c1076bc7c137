//! What Graph refuses, in its own words; budgets; guards.

use std::time::Duration;

use serde_json::json;
use sim::Flags;
use sim::flags::Switch;

use crate::http::{Bench, claims, flags, form, send, token_path};

#[test]
fn incidents_refuse_more_than_fifty_with_an_empty_code() {
    let b = Bench::new();
    let reply = b.get("/security/incidents?$top=51");
    assert_eq!(reply.status, 400);
    let (code, message) = reply.error();
    assert_eq!(code, "");
    assert!(
        message.contains("The limit of '50' for Top query has been exceeded"),
        "{message}"
    );
    assert_eq!(b.get("/security/incidents?$top=50").rows().len(), 50);
}

#[test]
fn options_that_a_collection_lacks_are_refused() {
    let b = Bench::new();
    for path in [
        "/security/incidents?$filter=title eq 'x'",
        "/security/incidents?$filter=severity eq 'urgent'",
        "/security/incidents?$filter=severity eq",
        "/security/incidents?$orderby=createdDateTime",
        "/security/incidents?$select=nonsense",
        "/security/incidents?$expand=comments",
        "/security/incidents?$nonsense=1",
        "/security/alerts_v2?$expand=evidence",
        "/security/alerts_v2?$top=2001",
        "/users?$skip=1",
        "/users?$top=1000",
        "/users?$top=0",
        "/users?$filter=displayName ne 'x'",
        "/users?$count=true",
        "/users?$search=\"displayName:x\"",
        "/users?$select=nonsense",
        "/users/$count",
        "/devices?$skip=1",
        "/auditLogs/signIns?$orderby=createdDateTime",
        "/auditLogs/signIns?$filter=displayName eq 'x'",
        "/identityProtection/riskyUsers?$top=501",
        "/nonsense",
        "/users/ana@contoso.com/memberOf/microsoft.graph.directoryRole",
        "/users/ana@contoso.com/authentication/methods?$top=1",
        "/me",
    ] {
        let reply = b.get(path);
        assert_eq!(reply.status, 400, "{path}: {}", reply.text());
        let inner = &reply.json()["error"]["innerError"];
        assert!(
            inner["request-id"].is_string()
                && inner["client-request-id"].is_string()
                && inner["date"].is_string(),
            "{path}"
        );
    }
    assert_eq!(b.get("/users?$select=mailboxSettings").status, 501);
    assert_eq!(
        b.get("/users?$filter=endswith(mail,'x')").error().0,
        "Request_UnsupportedQuery"
    );
    assert_eq!(
        b.send("DELETE", "/users/ana@contoso.com", &[], None).status,
        405
    );
    assert_eq!(
        b.get("/users/nobody@contoso.com").error().0,
        "Request_ResourceNotFound"
    );
    assert_eq!(b.get("/security/incidents/999999").status, 404);
}

#[test]
fn ids_are_echoed_and_answers_carry_the_mark() {
    let b = Bench::new();
    let reply = b.get_with(
        "/security/incidents/1",
        &[("client-request-id", "11111111-2222-3333-4444-555555555555")],
    );
    assert_eq!(
        reply.header("client-request-id"),
        Some("11111111-2222-3333-4444-555555555555")
    );
    assert_eq!(
        reply.json()["error"]["innerError"]["client-request-id"],
        "11111111-2222-3333-4444-555555555555"
    );
    assert_eq!(
        reply.header("request-id"),
        reply.json()["error"]["innerError"]["request-id"].as_str()
    );
    assert_eq!(reply.header("x-watchfloor-sim"), Some("1"));
    assert_eq!(reply.header("date"), Some("Thu, 20 Aug 2026 12:00:00 GMT"));
    assert!(
        reply
            .header("content-type")
            .unwrap()
            .contains("odata.metadata=minimal")
    );
}

#[test]
fn a_missing_permission_is_named() {
    let b = Bench::with(Flags {
        permissions: "s4".into(),
        ..flags()
    });
    assert_eq!(b.get("/security/incidents?$top=1").status, 200);
    let patch = b.send(
        "PATCH",
        "/security/incidents/1",
        &[],
        Some(serde_json::json!({"status": "active"})),
    );
    let (code, message) = patch.error();
    assert_eq!((patch.status, code.as_str()), (403, "Forbidden"));
    assert!(message.starts_with("Missing application roles. API required roles: SecurityIncident.ReadWrite.All, application roles: "), "{message}");
    assert!(message.contains("SecurityAlert.Read.All"), "{message}");
    assert_eq!(b.get("/users").error().0, "Authorization_RequestDenied");
    assert_eq!(
        b.get("/auditLogs/signIns").error().0,
        "Authentication_MSGraphPermissionMissing"
    );
    assert_eq!(b.get("/identityProtection/riskyUsers").status, 403);
    assert_eq!(
        b.get("/users/ana@contoso.com/authentication/methods")
            .status,
        403
    );
    assert_eq!(b.get("/servicePrincipals").status, 403);
}

#[test]
fn a_grant_shows_in_the_next_token_and_a_revocation_at_once() {
    let b = Bench::with(Flags {
        permissions: "s4".into(),
        ..flags()
    });
    b.sim.grant("User.Read.All").unwrap();
    assert_eq!(b.get("/users").status, 403, "an old token does not know");
    let b = Bench {
        graph: crate::http::token(&b.sim, "https://graph.microsoft.com/.default"),
        ..b
    };
    assert_eq!(b.get("/users").status, 200);
    b.sim.revoke("SecurityIncident.Read.All").unwrap();
    assert_eq!(b.get("/security/incidents").status, 403);
    assert!(b.sim.grant("Nonsense.Read.All").is_err());
}

#[test]
fn signed_in_people_need_a_role_beside_the_scope() {
    let b = Bench::new();
    let sign_in = |upn: &str| {
        let id = b.sim.info.client_id.as_str();
        let code = form(
            &b.sim,
            &format!("/{}/oauth2/v2.0/devicecode", b.sim.info.tenant_id),
            &[
                ("client_id", id),
                ("scope", "https://graph.microsoft.com/.default"),
            ],
        )
        .json();
        assert!(
            b.sim
                .approve_device_code(code["user_code"].as_str().unwrap(), upn),
            "{upn}"
        );
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", id),
            ("device_code", code["device_code"].as_str().unwrap()),
        ];
        form(&b.sim, &token_path(&b.sim), &fields).json()["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let ask = |token: &str, path: &str| {
        send(
            "GET",
            &format!("{}{path}", b.sim.info.graph),
            &[("Authorization", &format!("Bearer {token}"))],
            b"",
        )
        .unwrap()
    };
    let ana = sign_in("ana@contoso.com");
    let me = ask(&ana, "/me").json();
    assert_eq!(me["userPrincipalName"], "ana@contoso.com");
    assert_eq!(me["id"], claims(&ana)["oid"]);
    assert_eq!(ask(&ana, "/security/incidents").status, 200);
    let (users, _) = b.all(
        "/users?$select=id,userPrincipalName&$filter=accountEnabled eq true",
        &[],
    );
    let plain = users.iter().find(|u| {
        let roles = b.get_with(
            &format!(
                "/users/{}/memberOf/microsoft.graph.directoryRole?$count=true",
                u["id"].as_str().unwrap()
            ),
            &[("ConsistencyLevel", "eventual")],
        );
        roles.rows().is_empty()
    });
    let plain = sign_in(plain.unwrap()["userPrincipalName"].as_str().unwrap());
    assert_eq!(ask(&plain, "/me").status, 200);
    assert_eq!(ask(&plain, "/security/incidents").status, 403);
    assert_eq!(ask(&plain, "/auditLogs/signIns").status, 403);
}

#[test]
fn advanced_queries_work_with_their_header() {
    let b = Bench::new();
    let eventual = &[("ConsistencyLevel", "eventual")];
    let reply = b.get_with(
        "/users?$search=\"displayName:a\" OR \"mail:ana\"&$count=true&$select=id,displayName",
        eventual,
    );
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.json()["@odata.count"].as_u64().unwrap() >= 1);
    let counted = b.get_with("/users/$count", eventual);
    assert_eq!(
        (counted.text().as_str(), counted.header("content-type")),
        ("260", Some("text/plain"))
    );
    assert_eq!(
        b.get_with("/users?$filter=displayName ne 'x'&$count=true", eventual)
            .status,
        200
    );
    assert_eq!(
        b.get_with(
            "/users?$filter=displayName ne 'x'&$count=true&$expand=manager",
            eventual
        )
        .status,
        400
    );
    let roles = b.get_with(
        "/users/ana@contoso.com/memberOf/microsoft.graph.directoryRole?$count=true",
        eventual,
    );
    assert_eq!(roles.status, 200);
}

#[test]
fn budgets_refuse_as_documented() {
    let b = Bench::with(Flags {
        throttle: Switch::On,
        ..flags()
    });
    assert_eq!(b.get("/identityProtection/riskyUsers").status, 200);
    let refused = b.get("/identityProtection/riskDetections");
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, None),
        "risk never says when to come back"
    );
    b.sim.clock().advance(Duration::from_secs(1));
    assert_eq!(b.get("/identityProtection/riskDetections").status, 200);

    for _ in 0..5 {
        assert_eq!(b.get("/auditLogs/signIns?$top=1").status, 200);
    }
    let refused = b.get("/auditLogs/directoryAudits?$top=1");
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, Some("10"))
    );
    assert_eq!(refused.error().0, "TooManyRequests");

    b.sim.clock().advance(Duration::from_secs(60));
    for n in 0..150 {
        assert_eq!(b.get("/security/incidents/1").status, 404, "{n}");
    }
    b.sim.clock().advance(Duration::from_millis(1500));
    let whole = b.get("/security/incidents?$top=1");
    assert_eq!(
        (whole.status, whole.header("retry-after")),
        (429, Some("58.500")),
        "a fraction"
    );
    b.sim.clock().advance(Duration::from_millis(500));
    assert_eq!(
        b.get("/security/alerts_v2?$top=1").header("retry-after"),
        Some("58")
    );
    b.sim.clock().advance(Duration::from_secs(58));
    assert_eq!(b.get("/security/incidents?$top=1").status, 200);
    assert_eq!(
        b.get("/users?$top=1&$select=id")
            .header("x-ms-resource-unit"),
        Some("1")
    );
    assert_eq!(
        b.get("/users?$expand=manager").header("x-ms-resource-unit"),
        Some("3")
    );
}

#[test]
fn only_programs_of_this_machine_are_answered() {
    let b = Bench::new();
    let url = format!("{}/organization", b.sim.info.graph);
    let bearer = format!("Bearer {}", b.graph);
    let ask = |name: &str, value: &str| {
        send(
            "GET",
            &url,
            &[("Authorization", &bearer), (name, value)],
            b"",
        )
        .unwrap()
    };
    assert_eq!(ask("Host", "evil.example").status, 403);
    assert_eq!(ask("Origin", "http://127.0.0.1").status, 403);
    assert_eq!(ask("Sec-Fetch-Site", "none").status, 403);
    assert_eq!(ask("Accept", "*/*").status, 200);
    assert!(matches!(
        sim::start(Flags {
            listen: "0.0.0.0:0".parse().unwrap(),
            ..flags()
        }),
        Err(sim::StartError::NotLoopback(_))
    ));
}

#[test]
fn split_ports_give_each_service_an_origin_of_its_own() {
    let b = Bench::with(Flags {
        split_ports: true,
        ..flags()
    });
    let port = |url: &str| url::Url::parse(url).unwrap().port().unwrap();
    let info = &b.sim.info;
    let (login, graph, defender) = (port(&info.login), port(&info.graph), port(&info.defender));
    assert!(login != graph && graph != defender && login != defender);
    assert_eq!(b.get("/organization").status, 200);
    let crossed = format!("http://127.0.0.1:{login}/graph/v1.0/organization");
    assert_eq!(
        b.get(&crossed).status,
        404,
        "Graph does not live at the sign-in service's port"
    );
    let next = b.get("/users?$top=1").json()["@odata.nextLink"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(port(&next), graph);
}

#[test]
fn the_journal_has_every_request() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("journal.jsonl");
    let b = Bench::with(Flags {
        journal: Some(file.clone()),
        ..flags()
    });
    b.get_with("/users?$top=1", &[("client-request-id", "abc")]);
    b.send(
        "PATCH",
        "/security/incidents/1",
        &[],
        Some(serde_json::json!({"status": "done"})),
    );
    let list = b.sim.journal();
    let last = &list[list.len() - 1];
    assert_eq!(
        (last.method.as_str(), last.path.as_str(), last.status),
        ("PATCH", "/graph/v1.0/security/incidents/1", 400)
    );
    assert_eq!(last.body, r#"{"status":"done"}"#);
    let before = &list[list.len() - 2];
    assert_eq!(
        (before.query.as_str(), before.client_request_id.as_deref()),
        ("$top=1", Some("abc"))
    );
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), list.len());
    assert!(
        !text.contains(&b.sim.info.client_secret),
        "no secret is written down"
    );
    assert!(
        text.lines()
            .all(|l| serde_json::from_str::<serde_json::Value>(l).is_ok())
    );
}

#[test]
fn odd_requests_are_answered_not_dropped() {
    let b = Bench::new();
    let deep = format!("/users?$filter={}a", "(".repeat(3000));
    for path in [
        "/users/%ff",
        "/security/incidents/%2e%2e",
        "/users/a%2Fb",
        "//",
        "/",
        "",
        "/users/()",
        "/security/incidents('",
        "/users('')",
        "/users/%00",
        "/users?$skiptoken=x",
        "/users?$skiptoken=",
        "/security/incidents?$skip=18446744073709551615",
        "/security/alerts_v2?$top=18446744073709551616",
        "/users?$select=,",
        "/users?$select=/",
        "/users?$expand=((",
        "/users?$expand=",
        "/users?$orderby=",
        "/users?$orderby=%20",
        "/users?$filter=%20",
        "/users?$filter='",
        "/users?%24top=1",
        "/users?$search=%22",
        "/users/delta?$deltatoken=%25",
        "/users/delta?$skiptoken=bnVsbA",
        "/devices/deviceId=",
        "/servicePrincipals(appId=)",
        "/security/incidents/-1",
        "/security/incidents/99999999999999999999",
        "/security/alerts_v2/%E2%80%AE",
        &deep,
    ] {
        let reply = b.get(path);
        assert!(
            reply.status >= 200 && reply.status < 502,
            "{path}: {}",
            reply.status
        );
        assert_eq!(reply.header("x-watchfloor-sim"), Some("1"), "{path}");
    }
    for path in [
        "/machines/findbyip(",
        "/machines/findbyip()",
        "/machines/findbyip(ip=,timestamp=)",
        "/machines/%ff",
        "/alerts/",
        "/users//machines",
        "/machines?$skip=18446744073709551615",
        "/machines/findbytag",
        "/v1.0",
    ] {
        let reply = b.mde(path);
        assert!(
            reply.status >= 200 && reply.status < 500,
            "{path}: {}",
            reply.status
        );
    }
    for body in [
        json!(null),
        json!([]),
        json!({"requests": [null]}),
        json!({"requests": [{"id": "1"}]}),
        json!({"requests": [{"id": "1", "method": "GET", "url": "/$batch"}]}),
    ] {
        assert!(b.send("POST", "/$batch", &[], Some(body)).status < 500);
    }
}

#[test]
fn new_members_are_hidden_from_those_who_did_not_ask() {
    let b = Bench::new();
    let sources = |headers: &[(&str, &str)]| -> Vec<String> {
        let (rows, _) = b.all(
            "/security/alerts_v2?$top=500&$select=id,serviceSource",
            headers,
        );
        rows.iter()
            .map(|r| r["serviceSource"].as_str().unwrap().to_owned())
            .collect()
    };
    let (plain, asked) = (
        sources(&[]),
        sources(&[("Prefer", "return=minimal, include-unknown-enum-members")]),
    );
    assert!(
        plain.contains(&"unknownFutureValue".to_owned())
            && !plain.contains(&"microsoftSentinel".to_owned())
    );
    assert!(
        asked.contains(&"microsoftSentinel".to_owned())
            && !asked.contains(&"unknownFutureValue".to_owned())
    );
    let hidden = plain.iter().zip(&asked).filter(|(p, a)| p != a).count();
    assert_eq!(
        hidden,
        plain.iter().filter(|p| *p == "unknownFutureValue").count(),
        "nothing else differs"
    );
}
