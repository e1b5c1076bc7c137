//! What is in a token, what it is signed with, and what the services make of it.

use std::time::Duration;

use base64::Engine;
use serde_json::{Value, json};
use sim::Flags;

use crate::http::{Bench, claims, flags, send, token, token_path};

#[test]
fn discovery_and_keys_fit_the_tokens() {
    let b = Bench::new();
    let url = format!(
        "{}/{}/v2.0/.well-known/openid-configuration",
        b.sim.info.login, b.sim.info.tenant_id
    );
    let document = send("GET", &url, &[], b"").unwrap().json();
    assert_eq!(
        document["token_endpoint"],
        json!(format!("{}{}", b.sim.info.login, token_path(&b.sim)))
    );
    let keys = send("GET", document["jwks_uri"].as_str().unwrap(), &[], b"")
        .unwrap()
        .json();
    let decode = |v: &Value| {
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(v.as_str().unwrap())
            .unwrap()
    };
    let mut point = vec![4];
    point.extend(decode(&keys["keys"][0]["x"]));
    point.extend(decode(&keys["keys"][0]["y"]));
    let (signed, signature) = b.graph.rsplit_once('.').unwrap();
    let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(signature)
        .unwrap();
    let key =
        ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, point);
    key.verify(signed.as_bytes(), &signature)
        .expect("signed with the published key");
}

#[test]
fn secrets_differ_each_run_unless_fixed() {
    let (one, two) = (Bench::new(), Bench::new());
    assert_ne!(one.sim.info.client_secret, two.sim.info.client_secret);
    assert_eq!(
        one.sim.info.tenant_id, two.sim.info.tenant_id,
        "the same seed is the same tenant"
    );
    let reply = two.send(
        "GET",
        "/organization",
        &[("Authorization", &format!("Bearer {}", one.graph))],
        None,
    );
    assert_eq!(
        reply.status, 401,
        "a token of another run is signed with another key"
    );
    assert_eq!(
        Bench::with(Flags {
            fixed_secret: Some("s~.+/=".into()),
            ..flags()
        })
        .sim
        .info
        .client_secret,
        "s~.+/="
    );
}

#[test]
fn tokens_are_verified_by_the_services() {
    let b = Bench::new();
    let url = format!("{}/organization", b.sim.info.graph);
    let status = |header: &str| send("GET", &url, &[("Authorization", header)], b"").unwrap();
    assert_eq!(send("GET", &url, &[], b"").unwrap().status, 401);
    let wrong = status(&format!("Bearer {}", b.defender));
    assert_eq!(
        (wrong.status, wrong.error().0.as_str()),
        (401, "InvalidAuthenticationToken")
    );
    assert!(wrong.error().1.contains("audience"));
    assert!(
        wrong
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer realm=\"\"")
    );
    assert_eq!(status(&format!("Bearer {}x", b.graph)).status, 401);
    assert_eq!(status(&b.graph).status, 401);
    assert_eq!(status(&format!("Bearer {}", b.graph)).status, 200);
    let lifetime =
        claims(&b.graph)["exp"].as_i64().unwrap() - claims(&b.graph)["iat"].as_i64().unwrap();
    b.sim
        .clock()
        .advance(Duration::from_secs(u64::try_from(lifetime).unwrap()));
    let late = status(&format!("Bearer {}", b.graph));
    assert_eq!(late.status, 401);
    assert!(late.error().1.contains("expired"));
    assert_eq!(
        status(&format!(
            "Bearer {}",
            token(&b.sim, "https://graph.microsoft.com/.default")
        ))
        .status,
        200
    );
}
