//! The sign-in service: which path is which, and what all of them share.
//!
//! `scope` reads what is asked for, `flows` are the grants, `device` the code shown on one screen and typed on another, `authorize` the
//! redirect with a code, `assertion` checks proofs that are no secret, `machine` is a machine's own identity service, `jwt` signs and verifies, `aadsts` is the table of refusals, `verify` is what the services do with a token.

mod aadsts;
pub(crate) mod assertion;
mod authorize;
mod device;
mod flows;
mod jwt;
mod machine;
mod scope;
pub(crate) mod verify;

use std::collections::HashMap;
use std::sync::Mutex;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::json;

pub(crate) use aadsts::{Refusal, refused};

use crate::permissions::Api;
use crate::tenant::{Tenant, locked};
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;

/// What the sign-in service remembers.
#[derive(Debug)]
pub(crate) struct Login {
    keys: jwt::Keys,
    devices: Mutex<HashMap<String, device::Pending>>,
    codes: Mutex<HashMap<String, authorize::Code>>,
    refresh: Mutex<HashMap<String, flows::Refresh>>,
    /// What each user consented to so far.
    consents: Mutex<HashMap<usize, Vec<(Api, String)>>>,
    registered: assertion::Registered,
    /// What a process of this machine knows and others do not.
    identity_header: String,
    /// The secret in force where it is no more the first one, and those that were.
    secret: Mutex<Option<String>>,
    /// Set by a scenario: how long tokens live.
    pub lifetime: Mutex<Option<i64>>,
    /// A challenge in force: tokens must have been asked for with its claims.
    pub challenge: Mutex<Option<i64>>,
}

impl Login {
    pub fn new() -> Self {
        Self {
            keys: jwt::Keys::random(),
            devices: Mutex::default(),
            codes: Mutex::default(),
            refresh: Mutex::default(),
            consents: Mutex::default(),
            registered: assertion::Registered::default(),
            identity_header: opaque(24),
            secret: Mutex::default(),
            lifetime: Mutex::default(),
            challenge: Mutex::default(),
        }
    }

    /// Lets a user in on another device's code. `false` where no such code waits.
    pub fn approve(&self, user_code: &str, user: usize) -> bool {
        device::settle(self, user_code, device::State::Approved(user))
    }

    /// Ends the sessions of a user: refresh tokens that are out serve no more.
    pub fn end_sessions(&self, user: usize) {
        for token in locked(&self.refresh).values_mut() {
            token.ended |= token.user() == user;
        }
    }

    /// Takes a certificate (PEM) as the application's.
    pub fn register(&self, pem: &str) -> Result<usize, String> {
        self.registered.certificates(pem)
    }

    /// Makes another secret the only one.
    pub fn set_secret(&self, secret: &str) {
        *locked(&self.secret) = Some(secret.to_owned());
    }

    pub fn identity_header(&self) -> &str {
        &self.identity_header
    }

    /// Refuses another device's code.
    pub fn decline(&self, user_code: &str) -> bool {
        device::settle(self, user_code, device::State::Declined)
    }
}

/// Answers a request to the sign-in service.
pub(crate) fn answer(tenant: &Tenant, ask: &Ask) -> Answer {
    let Some(segments) = ask.segments() else {
        return Answer::empty(404);
    };
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let post = ask.method == Method::POST;
    match parts.as_slice() {
        ["device"] => device::page(tenant, ask),
        ["metadata", "identity", "oauth2", "token"] => machine::token(tenant, ask, false),
        ["msi", "token"] => machine::token(tenant, ask, true),
        [authority, "oauth2", "v2.0", verb] => {
            let done = match *verb {
                "token" | "devicecode" if !post => Err(refused(900561, &[ask.method.as_str()])),
                "token" => flows::token(tenant, ask, authority),
                "devicecode" => device::start(tenant, ask, authority),
                "authorize" => return authorize::page(tenant, ask, authority),
                "logout" => Ok(Answer::bytes(200, "text/plain", "signed out")),
                _ => return Answer::empty(404),
            };
            finish(done, tenant, ask)
        }
        [authority, "v2.0", ".well-known", "openid-configuration"] => {
            finish(discovery(tenant, authority), tenant, ask)
        }
        [_, "discovery", "v2.0", "keys"] => {
            Answer::json(200, &json!({"keys": [tenant.login.keys.public()]}))
        }
        _ => Answer::empty(404),
    }
}

/// A refusal that a scenario asks for, by its number; without one, that the service is not well.
pub(crate) fn refuse(tenant: &Tenant, ask: &Ask, code: Option<u32>, status: u16) -> Answer {
    let refusal = match code {
        Some(code) => refused(code, &[&tenant.info.client_id, "Watchfloor"]),
        None => Refusal {
            status,
            ..Refusal::plain(
                "temporarily_unavailable",
                "The service is temporarily unavailable. Please retry later.",
            )
        },
    };
    finish(Err(refusal), tenant, ask)
}

fn finish(done: Result<Answer, Refusal>, tenant: &Tenant, ask: &Ask) -> Answer {
    let mut answer = done.unwrap_or_else(|refusal| {
        refusal.answer(
            tenant.clock.told(),
            &ask.request_id,
            ask.client_request_id(),
        )
    });
    answer.set("cache-control", "no-store, no-cache");
    answer.set("pragma", "no-cache");
    answer.set("x-ms-request-id", &ask.request_id);
    if let Some(id) = ask
        .client_request_id()
        .filter(|_| ask.header("return-client-request-id") == Some("true"))
    {
        answer.set("client-request-id", id);
    }
    answer
}

/// A directory id, one of its domains, or a word for "any directory" (user flows only).
fn authority(tenant: &Tenant, name: &str, users: bool) -> Result<(), Refusal> {
    if name.eq_ignore_ascii_case(&tenant.info.tenant_id)
        || tenant
            .domains()
            .iter()
            .any(|d| d.eq_ignore_ascii_case(name))
    {
        return Ok(());
    }
    let wide = ["common", "organizations"].contains(&name);
    if wide && users {
        return Ok(());
    }
    if wide {
        return Err(refused(50194, &[&tenant.info.client_id]));
    }
    let plausible = uuid::Uuid::parse_str(name).is_ok()
        || (name.contains('.')
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || c == '.' || c == '-'));
    Err(refused(if plausible { 90002 } else { 900023 }, &[name]))
}

fn discovery(tenant: &Tenant, name: &str) -> Result<Answer, Refusal> {
    authority(tenant, name, true)?;
    let base = format!("{}/{}", tenant.info.login, tenant.info.tenant_id);
    Ok(Answer::json(
        200,
        &json!({
            "issuer": format!("{base}/v2.0"),
            "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
            "token_endpoint": format!("{base}/oauth2/v2.0/token"),
            "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
            "end_session_endpoint": format!("{base}/oauth2/v2.0/logout"),
            "jwks_uri": format!("{base}/discovery/v2.0/keys"),
            "response_modes_supported": ["query"],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "tenant_region_scope": "EU",
        }),
    ))
}

/// A form body, its fields looked up by name.
struct Form(Vec<(String, String)>);

impl Form {
    fn of(ask: &Ask) -> Self {
        Self(
            url::form_urlencoded::parse(&ask.body)
                .into_owned()
                .collect(),
        )
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(k, _)| k == name)
            .map(|(_, v)| v.as_str())
            .filter(|v| !v.is_empty())
    }

    fn need(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| refused(900144, &[name]))
    }
}

/// The application is ours?
fn client(tenant: &Tenant, id: &str) -> Result<(), Refusal> {
    if id.eq_ignore_ascii_case(&tenant.info.client_id) {
        return Ok(());
    }
    Err(refused(700016, &[id, &tenant.info.tenant_id]))
}

/// Random text that names nothing and cannot be guessed.
fn opaque(bytes: usize) -> String {
    use base64::Engine;
    let mut raw = vec![0_u8; bytes];
    let _ = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut raw);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(raw)
}

/// What the user may have in a token of this API: asked for, offered by the tenant, consented to now or before.
fn consent(tenant: &Tenant, user: usize, asked: &scope::Scopes) -> Result<Vec<String>, Refusal> {
    let offered = locked(&tenant.grants).on(asked.api);
    let wanted: Vec<String> = if asked.default {
        offered.clone()
    } else {
        asked.names.clone()
    };
    let missing = wanted.iter().any(|name| !offered.contains(name));
    if missing || (asked.default && offered.is_empty()) {
        return Err(refused(65001, &[&tenant.info.client_id, "Watchfloor"]));
    }
    let mut consents = locked(&tenant.login.consents);
    let given = consents.entry(user).or_default();
    for name in wanted {
        if !given.contains(&(asked.api, name.clone())) {
            given.push((asked.api, name));
        }
    }
    // what was consented to before comes along, as long as the tenant still offers it
    Ok(given
        .iter()
        .filter(|(api, name)| *api == asked.api && offered.contains(name))
        .map(|(_, name)| name.clone())
        .collect())
}

fn seconds(at: Timestamp) -> i64 {
    at.as_second()
}
