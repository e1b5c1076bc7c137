//! Sign-in of a person: by a code on another device, in a browser elsewhere, and what ends it.

use super::rig::{Rig, page, tenant};
use super::server::{Answer, Hit, Server};
use crate::config::SignIn;
use crate::model::{FaultKind, Grant, Kind, Mode, Service};
use crate::msg::{Body, News, Request, SignInPrompt, SignInStep, Slot};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

fn rig(how: SignIn, answer: impl Fn(&Hit) -> Answer + Send + Sync + 'static) -> Rig {
    let server = Server::start(answer);
    let mut tenant = tenant(&server);
    tenant.sign_in = how;
    Rig::with(server, tenant)
}

fn session(n: u32) -> Answer {
    let id = json!({"oid": "oid-ana", "preferred_username": "ana@contoso.com"}).to_string();
    Answer::ok(
        json!({
            "token_type": "Bearer", "expires_in": 3600, "access_token": format!("opaque-{n}"), "refresh_token": format!("refresh-{n}"),
            "id_token": format!("e30.{}.s", URL_SAFE_NO_PAD.encode(id)),
            "scope": "https://graph.microsoft.com/SecurityIncident.Read.All https://graph.microsoft.com/User.Read",
        })
        .to_string(),
    )
}

fn refused(error: &str, code: u32) -> Answer {
    Answer::json(400, json!({"error": error, "error_codes": [code], "error_description": format!("AADSTS{code}: x")}).to_string())
}

fn code(hit: &Hit) -> Option<Answer> {
    hit.path().ends_with("/devicecode").then(|| {
        Answer::ok(json!({"device_code": "dev-secret", "user_code": "ABCD-EFGH", "verification_uri": "https://microsoft.com/devicelogin", "expires_in": 900, "interval": 5, "message": "x"}).to_string())
    })
}

#[test]
fn a_code_is_shown_waited_for_and_slowed_down() {
    let polls = Arc::new(AtomicU32::new(0));
    let rig = rig(SignIn::DeviceCode, move |hit| {
        if let Some(answer) = code(hit) {
            return answer;
        }
        if hit.is_token() && hit.form("device_code").is_some() {
            return match polls.fetch_add(1, Ordering::SeqCst) {
                0 => refused("authorization_pending", 70016),
                1 => refused("slow_down", 0),
                2 => Answer::json(503, ""),
                _ => session(1),
            };
        }
        if hit.is_token() {
            session(2)
        } else {
            page(&[1], None)
        }
    });
    let n = rig.sync(Kind::Incident);
    let prompt = rig.news("prompt", |n| match n {
        News::SignIn(p) => Some(p.clone()),
        _ => None,
    });
    let SignInPrompt::DeviceCode { url, code, until } = prompt else {
        panic!()
    };
    assert_eq!(
        (url.as_str(), code.as_str()),
        ("https://microsoft.com/devicelogin", "ABCD-EFGH")
    );
    assert_eq!(
        until,
        crate::model::Ticks::parse("2026-08-01T12:15:00Z").unwrap()
    );
    let waits: Vec<u64> = (0..4).map(|_| rig.leap().as_secs()).collect();
    assert_eq!(waits, [5, 5, 10, 10]);
    rig.complete(n);
    let (who, _) = rig.until("a person", |e| match e {
        crate::msg::Event::News(News::Session(s, g)) if s.me.is_some() => {
            Some((s.clone(), g.clone()))
        }
        _ => None,
    });
    assert_eq!(
        (who.mode, who.principal, who.me),
        (
            Mode::Delegated,
            "oid-ana".into(),
            Some("ana@contoso.com".into())
        )
    );
    let form = rig
        .server
        .hits()
        .into_iter()
        .find(|h| h.path().ends_with("/devicecode"))
        .unwrap();
    assert!(form.form("scope").unwrap().contains("offline_access"));
    assert_eq!(
        form.form("client_secret"),
        None,
        "a public client has no secret"
    );
}

#[test]
fn a_declined_or_unused_code_ends_with_a_sentence_and_can_be_asked_for_anew() {
    let rig = rig(SignIn::DeviceCode, |hit| {
        code(hit).unwrap_or_else(|| refused("authorization_declined", 65004))
    });
    let n = rig.sync(Kind::Incident);
    rig.leap();
    let fault = rig.news("failed sign-in", |n| match n {
        News::SignInFailed(f) => Some(f.clone()),
        _ => None,
    });
    assert!(fault.what.contains("declined"), "{fault}");
    assert_eq!(rig.fault(n).kind, FaultKind::SignIn);
    assert_eq!(rig.server.count("/devicecode"), 1, "no new code by itself");
    let again = rig.ask(Slot::SignIn, Request::SignIn(SignInStep::DeviceCode));
    rig.leap();
    assert!(matches!(rig.last(again), Body::Fault(f) if f.kind == FaultKind::SignIn));
    assert_eq!(rig.server.count("/devicecode"), 2);
}

#[test]
fn a_code_runs_out() {
    let rig = rig(SignIn::DeviceCode, |hit| {
        code(hit).unwrap_or_else(|| refused("authorization_pending", 70016))
    });
    rig.sync(Kind::Incident);
    rig.news("prompt", |n| matches!(n, News::SignIn(_)).then_some(()));
    rig.next_sleep();
    rig.clock.advance(Duration::from_secs(901));
    let fault = rig.news("failed sign-in", |n| match n {
        News::SignInFailed(f) => Some(f.clone()),
        _ => None,
    });
    assert!(fault.what.contains("not used in time"), "{fault}");
}

#[test]
fn the_final_url_of_a_browser_elsewhere_is_pasted_back() {
    let rig = rig(SignIn::Browser, |hit| {
        if hit.is_token() {
            session(1)
        } else {
            page(&[1], None)
        }
    });
    let n = rig.sync(Kind::Incident);
    let url = rig.news("prompt", |n| match n {
        News::SignIn(SignInPrompt::Browser { url, .. }) => Some(url.clone()),
        _ => None,
    });
    let url = url::Url::parse(&url).unwrap();
    let of = |name: &str| {
        url.query_pairs()
            .find(|(k, _)| k == name)
            .unwrap()
            .1
            .into_owned()
    };
    assert_eq!(of("code_challenge_method"), "S256");
    let paste = |state: &str| {
        let text = format!("{}/?code=the-code&state={state}", of("redirect_uri"));
        rig.ask(
            Slot::SignIn,
            Request::SignIn(SignInStep::FinalUrl(text.into())),
        )
    };
    let wrong = paste("other");
    assert!(matches!(rig.last(wrong), Body::Fault(f) if f.what.contains("another sign-in")));
    let right = paste(&of("state"));
    assert!(matches!(rig.last(right), Body::Done));
    rig.complete(n);
    let form = rig
        .server
        .hits()
        .into_iter()
        .find(|h| h.form("code").is_some())
        .unwrap();
    assert_eq!(form.form("redirect_uri"), Some(of("redirect_uri")));
    let verifier = form.form("code_verifier").unwrap();
    let challenge = URL_SAFE_NO_PAD.encode(ring::digest::digest(
        &ring::digest::SHA256,
        verifier.as_bytes(),
    ));
    assert_eq!(challenge, of("code_challenge"));
}

#[test]
fn refresh_tokens_rotate_and_a_session_that_is_over_is_not_asked_again() {
    let over = Arc::new(AtomicU32::new(0));
    let ended = Arc::clone(&over);
    let rig = rig(SignIn::Browser, move |hit| {
        match hit.form("grant_type").as_deref() {
            Some("authorization_code") => session(1),
            Some("refresh_token") if ended.load(Ordering::SeqCst) == 1 => {
                refused("invalid_grant", 50173)
            }
            Some("refresh_token") => session(2),
            _ => page(&[1], None),
        }
    });
    let n = rig.sync(Kind::Incident);
    let url = rig.news("prompt", |n| match n {
        News::SignIn(SignInPrompt::Browser { url, .. }) => Some(url::Url::parse(url).unwrap()),
        _ => None,
    });
    let of = |name: &str| {
        url.query_pairs()
            .find(|(k, _)| k == name)
            .unwrap()
            .1
            .into_owned()
    };
    rig.ask(
        Slot::SignIn,
        Request::SignIn(SignInStep::FinalUrl(
            format!("http://localhost:1/?code=c&state={}", of("state")).into(),
        )),
    );
    rig.complete(n);
    // the session's own token serves Graph; Defender's comes by the refresh token of that answer
    let refreshed = |rig: &Rig| {
        rig.server
            .hits()
            .into_iter()
            .filter(|h| h.form("grant_type").as_deref() == Some("refresh_token"))
            .collect::<Vec<_>>()
    };
    rig.until("Defender's token", |e| match e {
        crate::msg::Event::News(News::Session(_, g))
            if g.one(Service::Defender, "User.Read") == Grant::Granted =>
        {
            Some(())
        }
        _ => None,
    });
    assert_eq!(
        refreshed(&rig)[0].form("refresh_token").as_deref(),
        Some("refresh-1")
    );
    over.store(1, Ordering::SeqCst);
    rig.next_sleep();
    rig.clock.advance(Duration::from_secs(3600));
    let fault = rig.fault(n);
    assert!(
        fault.kind == FaultKind::SignIn && fault.what.contains("50173"),
        "{fault}"
    );
    assert!(
        refreshed(&rig)
            .iter()
            .any(|h| h.form("refresh_token").as_deref() == Some("refresh-2")),
        "rotated"
    );
    let count = refreshed(&rig).len();
    rig.clock.advance(Duration::from_secs(3600));
    assert_eq!(refreshed(&rig).len(), count, "no loop");
}

#[test]
fn a_delegated_403_fetches_one_new_token_in_five_minutes() {
    let rig = rig(SignIn::Browser, |hit| {
        match hit.form("grant_type").as_deref() {
            Some("authorization_code") => session(1),
            Some(_) => session(2),
            None => Answer::json(
                403,
                r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges"}}"#,
            ),
        }
    });
    let n = rig.sync(Kind::Incident);
    let url = rig.news("prompt", |n| match n {
        News::SignIn(SignInPrompt::Browser { url, .. }) => Some(url::Url::parse(url).unwrap()),
        _ => None,
    });
    let state = url
        .query_pairs()
        .find(|(k, _)| k == "state")
        .unwrap()
        .1
        .into_owned();
    rig.ask(
        Slot::SignIn,
        Request::SignIn(SignInStep::FinalUrl(
            format!("http://localhost:1/?code=c&state={state}").into(),
        )),
    );
    let fault = rig.fault(n);
    assert_eq!(fault.kind, FaultKind::Forbidden);
    assert!(fault.what.contains("role"), "{fault}");
    assert_eq!(rig.server.count("/incidents"), 2, "once with each token");
    let n = rig.ask(
        Slot::Sync(Kind::Incident),
        Request::Refresh {
            kind: Kind::Incident,
        },
    );
    rig.fault(n);
    assert_eq!(rig.server.count("/incidents"), 3, "and not a third token");
}
