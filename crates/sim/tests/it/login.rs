//! Tokens: how they are asked for, refused, renewed and revoked.

use std::time::Duration;

use serde_json::{Value, json};
use sim::Flags;

use crate::http::{Bench, Reply, claims, flags, form, send, token_path};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Number and error of a refusal.
fn refusal(reply: &Reply) -> (i64, String) {
    let body = reply.json();
    (
        body["error_codes"][0].as_i64().unwrap_or(0),
        body["error"].as_str().unwrap_or_default().to_owned(),
    )
}

#[test]
fn an_application_gets_a_token_with_its_roles() {
    let b = Bench::new();
    let c = claims(&b.graph);
    assert_eq!(c["aud"], "https://graph.microsoft.com");
    assert_eq!(c["tid"], json!(b.sim.info.tenant_id));
    assert_eq!(c["appid"], json!(b.sim.info.client_id));
    assert_eq!(c["idtyp"], "app");
    assert!(
        c["roles"]
            .as_array()
            .unwrap()
            .contains(&json!("SecurityIncident.Read.All"))
    );
    assert!(c["oid"].is_string() && c["wids"].is_array() && c["scp"].is_null());
    let c = claims(&b.defender);
    assert_eq!(c["aud"], "https://api.securitycenter.microsoft.com");
    assert!(
        c["roles"]
            .as_array()
            .unwrap()
            .contains(&json!("Machine.Isolate"))
    );
}

#[test]
fn what_is_wrong_with_a_request_is_said_in_numbers() {
    let b = Bench::new();
    let info = &b.sim.info;
    let path = token_path(&b.sim);
    let scope = "https://graph.microsoft.com/.default";
    let base = |changes: &[(&'static str, &'static str)]| -> Vec<(String, String)> {
        let mut fields = vec![
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            ("client_id".into(), info.client_id.clone()),
            ("client_secret".into(), info.client_secret.clone()),
            ("scope".into(), scope.into()),
        ];
        for (key, value) in changes {
            fields.retain(|(k, _)| k != key);
            if !value.is_empty() {
                fields.push(((*key).to_owned(), (*value).to_owned()));
            }
        }
        fields
    };
    let ask = |path: &str, changes: &[(&'static str, &'static str)]| {
        let fields = base(changes);
        let pairs: Vec<(&str, &str)> = fields
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        form(&b.sim, path, &pairs)
    };
    for (changes, status, code, error) in [
        (
            &[("client_secret", "wrong")][..],
            401,
            7000215,
            "invalid_client",
        ),
        (&[("client_secret", "")], 401, 7000218, "invalid_client"),
        (
            &[("client_id", "11111111-2222-3333-4444-555555555555")],
            400,
            700016,
            "unauthorized_client",
        ),
        (&[("scope", "User.Read")], 400, 1002012, "invalid_scope"),
        (
            &[("scope", "https://graph.microsoft.us/.default")],
            400,
            500011,
            "invalid_resource",
        ),
        (&[("scope", "")], 400, 900144, "invalid_request"),
        (
            &[("grant_type", "password")],
            400,
            70003,
            "unsupported_grant_type",
        ),
    ] {
        let reply = ask(&path, changes);
        assert_eq!(
            (reply.status, refusal(&reply)),
            (status, (code, error.to_owned())),
            "{changes:?}"
        );
        assert_eq!(reply.header("x-watchfloor-sim"), Some("1"));
    }
    let reply = ask(
        "/99999999-0000-0000-0000-000000000000/oauth2/v2.0/token",
        &[],
    );
    assert_eq!(refusal(&reply), (90002, "invalid_request".into()));
    assert_eq!(refusal(&ask("/%20/oauth2/v2.0/token", &[])).0, 900023);
    assert_eq!(refusal(&ask("/common/oauth2/v2.0/token", &[])).0, 50194);
    assert_eq!(
        ask("/contoso.com/oauth2/v2.0/token", &[]).status,
        200,
        "a verified domain is as good as the id"
    );
    let get = send("GET", &format!("{}{path}", info.login), &[], b"").unwrap();
    assert_eq!(refusal(&get).0, 900561);
}

#[test]
fn device_code_from_waiting_to_tokens() {
    let b = Bench::new();
    let id = b.sim.info.client_id.clone();
    let authority = format!("/{}/oauth2/v2.0", b.sim.info.tenant_id);
    let started = form(
        &b.sim,
        &format!("{authority}/devicecode"),
        &[
            ("client_id", &id),
            (
                "scope",
                "User.Read SecurityIncident.Read.All offline_access openid",
            ),
        ],
    );
    let code = started.json();
    assert_eq!(
        (code["expires_in"].as_i64(), code["interval"].as_i64()),
        (Some(900), Some(5))
    );
    assert!(code["verification_uri_complete"].is_null());
    let device = code["device_code"].as_str().unwrap().to_owned();
    let poll = || {
        form(
            &b.sim,
            &token_path(&b.sim),
            &[
                ("grant_type", DEVICE),
                ("client_id", &id),
                ("device_code", &device),
            ],
        )
    };
    let wait = |seconds| b.sim.clock().advance(Duration::from_secs(seconds));
    assert_eq!(refusal(&poll()), (70016, "authorization_pending".into()));
    assert_eq!(refusal(&poll()).1, "slow_down", "too early");
    wait(5);
    assert_eq!(refusal(&poll()).1, "slow_down", "the interval grew by five");
    wait(15);
    assert_eq!(refusal(&poll()).1, "authorization_pending");
    assert!(!b.sim.approve_device_code("WRONG", "ana@contoso.com"));
    assert!(
        b.sim
            .approve_device_code(code["user_code"].as_str().unwrap(), "ana@contoso.com")
    );
    wait(15);
    let done = poll();
    assert_eq!(done.status, 200, "{}", done.text());
    let body = done.json();
    let c = claims(body["access_token"].as_str().unwrap());
    assert_eq!(c["upn"], "ana@contoso.com");
    assert_eq!(c["idtyp"], "user");
    assert!(
        c["scp"]
            .as_str()
            .unwrap()
            .contains("SecurityIncident.Read.All")
    );
    assert!(c["roles"].is_null());
    assert!(
        body["refresh_token"].is_string()
            && body["id_token"].is_string()
            && body["scope"].is_string()
    );
    wait(15);
    assert_eq!(
        refusal(&poll()).1,
        "bad_verification_code",
        "a code is good once"
    );
}

#[test]
fn device_codes_expire_and_can_be_declined_or_approve_themselves() {
    let b = Bench::with(Flags {
        approve_after: Some(10.0),
        ..flags()
    });
    let id = b.sim.info.client_id.clone();
    let path = format!("/{}/oauth2/v2.0/devicecode", b.sim.info.tenant_id);
    let start = || form(&b.sim, &path, &[("client_id", &id), ("scope", "User.Read")]).json();
    let poll = |code: &Value| {
        form(
            &b.sim,
            &token_path(&b.sim),
            &[
                ("grant_type", DEVICE),
                ("client_id", &id),
                ("device_code", code["device_code"].as_str().unwrap()),
            ],
        )
    };
    let (one, two, three) = (start(), start(), start());
    assert!(
        b.sim
            .decline_device_code(one["user_code"].as_str().unwrap())
    );
    assert_eq!(refusal(&poll(&one)).1, "authorization_declined");
    b.sim.clock().advance(Duration::from_secs(11));
    assert_eq!(poll(&two).status, 200);
    b.sim.clock().advance(Duration::from_secs(900));
    assert_eq!(refusal(&poll(&three)), (70020, "expired_token".into()));
}

#[test]
fn a_person_can_approve_at_the_page() {
    let b = Bench::new();
    let id = b.sim.info.client_id.clone();
    let code = form(
        &b.sim,
        &format!("/{}/oauth2/v2.0/devicecode", b.sim.info.tenant_id),
        &[("client_id", &id), ("scope", "User.Read")],
    )
    .json();
    let page = code["verification_uri"].as_str().unwrap();
    assert!(
        send("GET", page, &[], b"")
            .unwrap()
            .text()
            .contains("user_code")
    );
    let approved = form(
        &b.sim,
        page,
        &[("user_code", code["user_code"].as_str().unwrap())],
    );
    assert_eq!(approved.status, 200);
    let device = code["device_code"].as_str().unwrap();
    let done = form(
        &b.sim,
        &token_path(&b.sim),
        &[
            ("grant_type", DEVICE),
            ("client_id", &id),
            ("device_code", device),
        ],
    );
    assert_eq!(done.status, 200);
    assert!(
        done.json()["refresh_token"].is_null(),
        "not without offline_access"
    );
}

/// Goes to `authorize`; the redirect's query.
fn authorize(
    b: &Bench,
    changes: &[(&str, &str)],
) -> (Reply, std::collections::HashMap<String, String>) {
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", b.sim.info.client_id.as_str()),
        ("redirect_uri", "http://localhost:41234"),
        ("response_mode", "query"),
        ("scope", "User.Read offline_access openid"),
        ("state", "s+1"),
        ("nonce", "n1"),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
    ];
    for (key, value) in changes {
        fields.retain(|(k, _)| k != key);
        fields.push((key, value));
    }
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&fields)
        .finish();
    let url = format!(
        "{}/{}/oauth2/v2.0/authorize?{query}",
        b.sim.info.login, b.sim.info.tenant_id
    );
    let reply = send("GET", &url, &[], b"").unwrap();
    let back = reply
        .header("location")
        .map(|l| url::Url::parse(l).unwrap());
    let pairs = back
        .map(|u| u.query_pairs().into_owned().collect())
        .unwrap_or_default();
    (reply, pairs)
}

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn redeem(b: &Bench, code: &str, verifier: &str, redirect: &str) -> Reply {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", b.sim.info.client_id.as_str()),
        ("code", code),
        ("redirect_uri", redirect),
        ("code_verifier", verifier),
    ];
    form(&b.sim, &token_path(&b.sim), &fields)
}

#[test]
fn authorization_code_with_its_proof() {
    let b = Bench::new();
    let (reply, back) = authorize(&b, &[]);
    assert_eq!(reply.status, 302);
    assert!(
        reply
            .header("location")
            .unwrap()
            .starts_with("http://localhost:41234/?")
    );
    assert_eq!(back["state"], "s+1");
    let code = &back["code"];
    assert_eq!(
        refusal(&redeem(&b, code, &"x".repeat(43), "http://localhost:41234")).0,
        501481
    );
    assert_eq!(
        refusal(&redeem(&b, code, VERIFIER, "http://localhost:1")).0,
        500112
    );
    let done = redeem(&b, code, VERIFIER, "http://localhost:41234");
    assert_eq!(done.status, 200, "{}", done.text());
    let id = claims(done.json()["id_token"].as_str().unwrap());
    assert_eq!(
        (id["nonce"].as_str(), id["aud"].as_str()),
        (Some("n1"), Some(b.sim.info.client_id.as_str()))
    );
    assert_eq!(
        refusal(&redeem(&b, code, VERIFIER, "http://localhost:41234")),
        (54005, "invalid_grant".into())
    );
    let (_, back) = authorize(&b, &[]);
    b.sim.clock().advance(Duration::from_secs(601));
    assert_eq!(
        refusal(&redeem(
            &b,
            &back["code"],
            VERIFIER,
            "http://localhost:41234"
        ))
        .0,
        70008
    );
}

#[test]
fn authorize_refuses_on_the_page_or_by_redirect() {
    let b = Bench::new();
    for redirect in [
        "http://evil.example/",
        "http://localhost:1/other",
        "https://localhost:1/",
        "http://user@localhost:1/",
        "http://localhost:1/?x=1",
    ] {
        let (reply, _) = authorize(&b, &[("redirect_uri", redirect)]);
        assert_eq!(reply.status, 400, "{redirect}");
        assert!(reply.text().contains("AADSTS50011"), "{redirect}");
    }
    assert!(
        authorize(&b, &[("client_id", "x")])
            .0
            .text()
            .contains("AADSTS700016")
    );
    let (_, back) = authorize(&b, &[("login_hint", "nobody@contoso.com")]);
    assert_eq!(back["error"], "invalid_grant");
    assert_eq!(back["state"], "s+1");
    assert_eq!(
        authorize(&b, &[("prompt", "none")]).1["error"],
        "login_required"
    );
    assert_eq!(
        authorize(&b, &[("code_challenge_method", "plain")]).1["error"],
        "invalid_request"
    );
}

#[test]
fn refresh_tokens_rotate_and_reach_other_resources() {
    let b = Bench::new();
    let (_, back) = authorize(&b, &[]);
    let first =
        redeem(&b, &back["code"], VERIFIER, "http://localhost:41234").json()["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned();
    let refresh = |token: &str, scope: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", b.sim.info.client_id.as_str()),
            ("refresh_token", token),
            ("scope", scope),
        ];
        form(&b.sim, &token_path(&b.sim), &fields)
    };
    let second = refresh(&first, "User.Read").json()["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(first, second);
    assert_eq!(
        refresh(&first, "User.Read").status,
        200,
        "the old one serves until the new one was seen to arrive"
    );
    let last = refresh(&first, "User.Read").json()["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let machines = refresh(
        &last,
        "https://api.securitycenter.microsoft.com/Machine.Read",
    );
    let c = claims(machines.json()["access_token"].as_str().unwrap());
    assert_eq!(
        (c["aud"].as_str(), c["scp"].as_str()),
        (
            Some("https://api.securitycenter.microsoft.com"),
            Some("Machine.Read")
        )
    );
    let bearer = format!(
        "Bearer {}",
        machines.json()["access_token"].as_str().unwrap()
    );
    let ask = |path: &str| {
        send(
            "GET",
            &format!("{}{path}", b.sim.info.defender),
            &[("Authorization", &bearer)],
            b"",
        )
        .unwrap()
    };
    assert_eq!(
        (ask("/machines?$top=1").status, ask("/alerts?$top=1").status),
        (200, 403)
    );
    assert_eq!(
        refusal(&refresh(&first, "User.Read")),
        (9002313, "invalid_grant".into()),
        "dead once its successor was used"
    );
    b.sim.clock().advance(Duration::from_secs(91 * 86_400));
    assert_eq!(refusal(&refresh(&last, "User.Read")).0, 700082);
}

#[test]
fn consent_grows_and_is_asked_for() {
    let b = Bench::with(Flags {
        permissions: "User.Read,SecurityIncident.Read.All".into(),
        ..flags()
    });
    let (_, back) = authorize(&b, &[]);
    let first = redeem(&b, &back["code"], VERIFIER, "http://localhost:41234").json();
    assert_eq!(
        claims(first["access_token"].as_str().unwrap())["scp"],
        "User.Read"
    );
    let refresh = |scope: &str| {
        let token = first["refresh_token"].as_str().unwrap();
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", b.sim.info.client_id.as_str()),
            ("refresh_token", token),
            ("scope", scope),
        ];
        form(&b.sim, &token_path(&b.sim), &fields)
    };
    let more = refresh("SecurityIncident.Read.All").json();
    assert_eq!(
        claims(more["access_token"].as_str().unwrap())["scp"],
        "User.Read SecurityIncident.Read.All"
    );
    let refused = refresh("SecurityIncident.ReadWrite.All");
    assert_eq!(refusal(&refused), (65001, "invalid_grant".into()));
    assert_eq!(refused.json()["suberror"], "consent_required");
    b.sim.grant("SecurityIncident.ReadWrite.All").unwrap();
    assert_eq!(refresh("SecurityIncident.ReadWrite.All").status, 200);
}
