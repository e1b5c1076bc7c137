//! Credentials that are wrong in ways that only the services see, and consent that comes while the program runs.

use super::rig::{Rig, page, tenant, token};
use super::server::{Answer, Server};
use super::ways::read;
use crate::config::{SecretSource, SignIn, TenantConfig};
use crate::model::{FaultKind, Grant, Kind, Service};
use crate::msg::{Body, Event, News, Request, SignInStep, Slot};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

fn for_audience(audience: &str) -> Answer {
    let claims = json!({"aud": audience, "idtyp": "app", "roles": ["SecurityIncident.Read.All"]});
    let token = format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()));
    Answer::ok(
        json!({"token_type": "Bearer", "expires_in": 3600, "access_token": token}).to_string(),
    )
}

#[test]
fn a_token_for_another_audience_is_called_that() {
    for (audience, says) in [
        ("https://management.azure.com/", true),
        // ids and the service's own name tell nothing
        ("00000003-0000-0000-c000-000000000000", false),
        ("https://graph.microsoft.com", false),
    ] {
        let rig = Rig::bare(move |hit| match hit.is_token() {
            true => for_audience(audience),
            false => Answer::json(
                401,
                r#"{"error":{"code":"InvalidAuthenticationToken","message":"Access token validation failure. Invalid audience."}}"#,
            ),
        });
        let fault = read(&rig).unwrap_err();
        assert_eq!(fault.kind, FaultKind::SignIn);
        let named = fault
            .what
            .contains("the token is for https://management.azure.com, not for Microsoft Graph");
        assert_eq!(named, says, "{fault}");
        assert!(!fault.next.is_empty(), "{fault}");
    }
}

/// S4-20, S4-21: consent shows in a new token only; whoever waits for it gets one, and not every second.
#[test]
fn consent_that_came_meanwhile_shows_with_a_new_token() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let rig = Rig::bare(move |hit| match hit.is_token() {
        true if hit.form("scope").unwrap_or_default().contains("graph") => {
            match count.fetch_add(1, Ordering::SeqCst) {
                0 => token(&["SecurityAlert.Read.All"]),
                _ => token(&["SecurityAlert.Read.All", "SecurityIncident.Read.All"]),
            }
        }
        true => token(&[]),
        false => page(&[1], None),
    });
    let anew = |rig: &Rig| {
        let step = Request::SignIn(SignInStep::Anew(Service::Graph));
        let n = rig.ask(Slot::SignIn, step);
        assert!(matches!(rig.last(n), Body::Done));
    };
    rig.sync(Kind::Alert);
    let has = |e: &Event, grant: Grant| match e {
        Event::News(News::Session(_, g)) => {
            (g.any(Service::Graph, &["SecurityIncident.Read.All"]) == grant).then_some(())
        }
        _ => None,
    };
    rig.until("a token without it", |e| has(e, Grant::NotSeen));
    rig.clock.advance(Duration::from_secs(11));
    anew(&rig);
    rig.until("a token with it", |e| has(e, Grant::Granted));
    anew(&rig);
    assert_eq!(
        asked.load(Ordering::SeqCst),
        2,
        "at most one in ten seconds"
    );
    rig.clock.advance(Duration::from_secs(11));
    anew(&rig);
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

/// S3-3, S4-18: whatever is missing of a credential is a sentence with the next step, and holds nothing of it.
#[test]
fn what_is_missing_of_a_credential_is_said_with_the_next_step() {
    let dir = tempfile::tempdir().unwrap();
    let empty = super::ways::keep(dir.path(), "empty", "\n");
    let way = |source| SignIn::Secret(source);
    for (sign_in, what) in [
        (
            way(SecretSource::Env("WF_NO_SUCH_SECRET".into())),
            "the environment has no WF_NO_SUCH_SECRET",
        ),
        (
            way(SecretSource::File(dir.path().join("none"))),
            "is not there",
        ),
        (way(SecretSource::File(empty)), "the client secret is empty"),
        (
            way(SecretSource::File(dir.path().to_owned())),
            "must be a regular file",
        ),
        (
            way(SecretSource::Command(vec!["/no/such/program".into()])),
            "cannot be run",
        ),
        (
            SignIn::Certificate(dir.path().join("none.pem")),
            "is not there",
        ),
        (
            SignIn::WorkloadIdentity(Some(dir.path().join("none"))),
            "none",
        ),
    ] {
        let server = Server::start(|_| Answer::json(500, "{}"));
        let own = TenantConfig {
            sign_in,
            ..tenant(&server)
        };
        let rig = Rig::with(server, own);
        let fault = read(&rig).unwrap_err();
        assert!(fault.what.contains(what), "{what}: {fault}");
        assert!(!fault.next.is_empty(), "{what}: {fault}");
        assert_eq!(rig.server.hits().len(), 0, "nobody was asked without it");
    }
}
