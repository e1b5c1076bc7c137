//! Tokens over their life: shared, renewed ahead, renewed after a refusal, and never sent where they do not belong.

use super::rig::{ALL, Rig, page, tenant, token};
use super::server::{Answer, Server};
use crate::model::{Call, FaultKind, Grant, Key, Kind, Path, Service};
use crate::msg::{Body, News, Request, Slot};
use crate::resource::Answer as Part;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const GRAPH: &str = "https://graph.microsoft.com/.default";
const DEFENDER: &str = "https://api.securitycenter.microsoft.com/.default";

fn me(n: usize) -> Vec<Call> {
    (0..n)
        .map(|_| Call::get(Service::Graph, Path::new("/users/x")))
        .collect()
}

fn pick(rig: &Rig, calls: Vec<Call>) -> Vec<Part> {
    let n = rig.ask(Slot::Pick("test"), Request::Pick { calls });
    match rig.last(n) {
        Body::Part(answers) => answers,
        other => panic!("{other:?}"),
    }
}

fn tokens(rig: &Rig, scope: &str) -> usize {
    rig.server
        .hits()
        .iter()
        .filter(|h| h.is_token() && h.form("scope").as_deref() == Some(scope))
        .count()
}

#[test]
fn many_calls_share_one_token_a_scope_and_it_is_renewed_ahead_of_its_end() {
    let given = AtomicU32::new(0);
    let rig = Rig::bare(move |hit| {
        if hit.form("scope").as_deref() == Some(GRAPH) {
            let n = given.fetch_add(1, Ordering::SeqCst) + 1;
            let answer = json!({"expires_in": 3600, "access_token": format!("token-{n}")});
            return Answer::ok(answer.to_string());
        }
        if hit.is_token() {
            return token(ALL);
        }
        Answer::ok(r#"{"id":"x"}"#)
    });
    let last = |rig: &Rig| {
        let hit = rig
            .server
            .hits()
            .into_iter()
            .rfind(|h| h.path().ends_with("/x"));
        hit.and_then(|h| h.header("authorization").map(str::to_owned))
            .unwrap()
    };
    let got = pick(&rig, me(12));
    assert!(got.iter().all(|a| matches!(a, Part::Got { .. })));
    assert_eq!(tokens(&rig, GRAPH), 1);
    let form = rig
        .server
        .hits()
        .into_iter()
        .find(|h| h.is_token())
        .unwrap();
    assert_eq!(
        form.form("grant_type").as_deref(),
        Some("client_credentials")
    );
    assert_eq!(form.form("client_secret").as_deref(), Some("s3cret-value"));
    assert!(form.form("claims").unwrap().contains("cp1"));
    assert_eq!(last(&rig), "Bearer token-1");
    rig.clock.advance(Duration::from_secs(3239));
    pick(&rig, me(1));
    assert_eq!(tokens(&rig, GRAPH), 1, "still fresh");
    rig.clock.advance(Duration::from_secs(2));
    // the old one serves until the new one is here
    while last(&rig) == "Bearer token-1" {
        pick(&rig, me(1));
    }
    assert_eq!(tokens(&rig, GRAPH), 2, "one flight, though many asked");
    rig.clock.advance(Duration::from_secs(3599));
    pick(&rig, me(3));
    assert_eq!(tokens(&rig, GRAPH), 3);
    assert_eq!(last(&rig), "Bearer token-3");
}

#[test]
fn a_401_renews_once_and_a_claims_challenge_is_honoured_with_our_login_host_only() {
    let thief = Server::start(|_| Answer::ok("{}"));
    let claims =
        STANDARD.encode(r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#);
    let challenge = format!(
        r#"Bearer realm="", authorization_uri="{}", error="insufficient_claims", claims="{claims}""#,
        thief.url("/authorize")
    );
    let first = Arc::new(AtomicU32::new(0));
    let rig = Rig::new(move |hit| {
        if hit.path().ends_with("/x") && first.fetch_add(1, Ordering::SeqCst) == 0 {
            return Answer::json(
                401,
                r#"{"error":{"code":"InvalidAuthenticationToken","message":"x"}}"#,
            )
            .with("www-authenticate", challenge.clone());
        }
        Answer::ok(r#"{"id":"x"}"#)
    });
    assert!(matches!(pick(&rig, me(1))[0], Part::Got { .. }));
    assert_eq!(tokens(&rig, GRAPH), 2);
    let last = rig
        .server
        .hits()
        .into_iter()
        .rfind(|h| h.is_token() && h.form("scope").as_deref() == Some(GRAPH))
        .unwrap();
    let sent: serde_json::Value = serde_json::from_str(&last.form("claims").unwrap()).unwrap();
    assert_eq!(sent["access_token"]["nbf"]["value"], "1604106651");
    assert_eq!(sent["access_token"]["xms_cc"]["values"][0], "cp1");
    assert!(
        thief.hits().is_empty(),
        "authorization_uri is not contacted"
    );
}

#[test]
fn a_second_401_is_a_fault_and_not_a_loop() {
    let rig = Rig::new(|_| {
        Answer::json(
            401,
            r#"{"error":{"code":"InvalidAuthenticationToken","message":"x"}}"#,
        )
    });
    assert!(
        matches!(&pick(&rig, me(1))[0], Part::Failed(f) if f.kind == FaultKind::SignIn && f.status == 401)
    );
    assert_eq!(rig.server.count("/x"), 2);
}

#[test]
fn a_wrong_secret_is_one_sentence_and_is_not_tried_again_and_again() {
    let rig = Rig::bare(|_| {
        Answer::json(401, json!({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided. Trace ID: t", "error_codes": [7000215], "trace_id": "trace-1"}).to_string())
    });
    let n = rig.sync(Kind::Incident);
    let fault = rig.fault(n);
    assert_eq!(fault.kind, FaultKind::SignIn);
    assert!(
        fault.what.contains("secret is wrong (AADSTS7000215)") && fault.next.contains("value"),
        "{fault}"
    );
    assert_eq!(fault.request_id.as_deref(), Some("trace-1"));
    rig.news("failed sign-in", |n| {
        matches!(n, News::SignInFailed(_)).then_some(())
    });
    assert!(!format!("{fault:?}").contains("s3cret-value"));
    rig.clock.advance(Duration::from_secs(60));
    assert!(
        tokens(&rig, GRAPH) <= 1 && tokens(&rig, DEFENDER) <= 1,
        "{:?}",
        rig.server.hits()
    );
    // the person asks: now it is tried again
    rig.ask(
        Slot::Sync(Kind::Incident),
        Request::Refresh {
            kind: Kind::Incident,
        },
    );
    while tokens(&rig, GRAPH) < 2 {
        std::thread::yield_now();
    }
}

#[test]
fn an_unknown_tenant_and_an_unknown_application_have_their_sentences() {
    for (code, error, words) in [
        (90002, "invalid_request", "tenant was not found"),
        (700016, "unauthorized_client", "not known in this tenant"),
        (7000222, "invalid_client", "has expired"),
    ] {
        let rig = Rig::bare(move |_| {
            Answer::json(400, json!({"error": error, "error_description": format!("AADSTS{code}: words of the service"), "error_codes": [code]}).to_string())
        });
        let n = rig.sync(Kind::Incident);
        let fault = rig.fault(n);
        assert!(
            fault.what.contains(words) && fault.what.contains(&code.to_string()),
            "{fault}"
        );
        assert!(!fault.next.is_empty());
    }
}

#[test]
fn a_307_from_the_token_endpoint_is_not_followed() {
    let thief = Server::start(|_| Answer::ok("{}"));
    let to = thief.url("/collect");
    let rig = Rig::bare(move |_| Answer::json(307, "").with("location", to.clone()));
    let n = rig.sync(Kind::Incident);
    let fault = rig.fault(n);
    assert_eq!(fault.kind, FaultKind::ForeignLink);
    assert!(
        fault.what.contains(&format!("127.0.0.1:{}", thief.port)),
        "{fault}"
    );
    assert!(
        thief.hits().is_empty(),
        "a redirect would have carried the secret along"
    );
}

#[test]
fn a_proxys_page_at_the_token_endpoint_is_told_from_an_answer() {
    let rig =
        Rig::bare(|_| Answer::json(200, "<html>hotel</html>").with("content-type", "text/html"));
    let n = rig.sync(Kind::Incident);
    let fault = rig.pumped("web page", |e| match e {
        crate::msg::Event::Reply(r) if r.ticket.number == n => match &r.body {
            Body::Fault(f) => Some(f.clone()),
            _ => None,
        },
        _ => None,
    });
    assert!(fault.what.contains("web page"), "{fault}");
}

#[test]
fn an_api_that_is_not_set_up_greys_its_own_and_nothing_else() {
    // consent set S0 has no Defender, S2 nothing else
    let rig = Rig::bare(|hit| {
        match hit.form("scope").as_deref() {
        Some(DEFENDER) => Answer::json(400, json!({"error": "invalid_resource", "error_codes": [500011], "error_description": "AADSTS500011: x"}).to_string()),
        Some(_) => token(ALL),
        None => page(&[1], None),
    }
    });
    let n = rig.sync(Kind::Incident);
    rig.complete(n);
    let n = rig.ask(
        Slot::Pick("m"),
        Request::Pick {
            calls: vec![
                Call::get(Service::Defender, Path::new("/machines")).needs(&["Machine.Read.All"]),
            ],
        },
    );
    let Body::Part(answers) = rig.last(n) else {
        panic!()
    };
    assert!(
        matches!(&answers[0], Part::Failed(f) if f.kind == FaultKind::Licence && f.what.contains("not set up"))
    );
    let grants = rig.until("grants of both", |e| match e {
        crate::msg::Event::News(News::Session(_, g))
            if g.one(Service::Defender, "Machine.Read.All") == Grant::NotSeen
                && g.one(Service::Graph, "User.Read.All") == Grant::Granted =>
        {
            Some(g.clone())
        }
        _ => None,
    });
    assert_eq!(
        grants.one(Service::Graph, "AuditLog.Read.All"),
        Grant::NotSeen
    );
}

#[test]
fn an_opaque_token_means_unknown_and_everything_is_tried() {
    let rig = Rig::bare(|hit| {
        if hit.is_token() {
            Answer::ok(r#"{"access_token":"opaque","expires_in":"3599"}"#)
        } else {
            page(&[1], None)
        }
    });
    let n = rig.sync(Kind::Incident);
    rig.complete(n);
    let (session, grants) = rig.session();
    assert_eq!(
        grants.one(Service::Graph, "SecurityIncident.Read.All"),
        Grant::Unknown
    );
    assert_eq!(session.principal, table::Text::from("app-1"));
    assert_eq!(session.me, None, "nobody acts where no analyst is named");
}

#[test]
fn an_analyst_who_is_nobody_cannot_act() {
    let server = Server::start(|hit| match hit.path() {
        _ if hit.is_token() => token(ALL),
        p if p.contains("/users/") => Answer::json(
            404,
            r#"{"error":{"code":"Request_ResourceNotFound","message":"x"}}"#,
        ),
        _ => page(&[1], None),
    });
    let mut tenant = tenant(&server);
    tenant.analyst = Some("ana@contoso.com".into());
    let rig = Rig::with(server, tenant);
    let n = rig.sync(Kind::Incident);
    rig.complete(n);
    rig.until("a session with", |e| match e {
        crate::msg::Event::News(News::Session(s, _)) if s.me.is_some() => Some(()),
        _ => None,
    });
    rig.until("a session without a person", |e| match e {
        crate::msg::Event::News(News::Session(s, _)) if s.me.is_none() => Some(()),
        _ => None,
    });
}

#[test]
fn the_tokens_of_two_services_are_not_mixed() {
    let rig = Rig::bare(|hit| {
        match hit.form("scope") {
        Some(scope) => Answer::ok(json!({"access_token": format!("for-{}", scope.contains("securitycenter")), "expires_in": 3600}).to_string()),
        None => page(&[], None),
    }
    });
    let key = Key::new(Kind::Incident, "1");
    let calls = vec![
        Call::get(Service::Graph, Path::new("/users")),
        Call::get(Service::Defender, Path::new("/machines")),
    ];
    let n = rig.ask(
        Slot::Part(key.clone(), "x"),
        Request::Part {
            key,
            section: "x",
            calls,
        },
    );
    rig.last(n);
    for hit in rig.server.hits().iter().filter(|h| !h.is_token()) {
        let want = if hit.path().starts_with("/mde") {
            "Bearer for-true"
        } else {
            "Bearer for-false"
        };
        assert_eq!(hit.header("authorization"), Some(want), "{}", hit.target);
    }
}
