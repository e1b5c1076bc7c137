//! Signing in at Entra: the token endpoint, and what each way of signing in asks of it.
//!
//! Neighbours: `app` signs in an application by itself (`secret`, `certificate`, another issuer's token), `managed` and
//! `azure_cli` ask others for a token; `device` and `browser` need a person, `desk` keeps the session they got.
//! No token, secret, code or query string of these requests is ever logged or put into a fault.

mod app;
pub mod azure_cli;
pub mod browser;
pub mod certificate;
mod child;
pub(super) mod der;
pub mod desk;
pub mod device;
pub mod expiry;
mod keep;
mod listen;
mod managed;
pub mod secret;

pub use desk::Desk;

use super::aadsts;
use super::client::{Exchange, Line, Response};
use super::core::Core;
use super::fault::{is_page, page_fault, redirect_fault};
use super::token::Hand;
use crate::config::SignIn;
use crate::model::repair::repair;
use crate::model::{Fault, FaultKind, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use table::Txt;
use url::Url;
use zeroize::Zeroizing;

/// What the token endpoint gave.
pub struct Grant {
    pub access: Arc<SecretString>,
    pub expires_in: u64,
    pub refresh_in: Option<u64>,
    pub refresh: Option<SecretString>,
    pub id_token: Option<SecretString>,
    scope: Option<String>,
}

impl Grant {
    /// The scopes of a delegated answer, by their short names.
    pub fn scopes(&self) -> Option<Vec<String>> {
        let text = self.scope.as_deref().filter(|s| !s.trim().is_empty())?;
        Some(
            text.split_whitespace()
                .map(|s| s.rsplit('/').next().unwrap_or(s).to_owned())
                .collect(),
        )
    }
}

/// The token endpoint said no.
#[derive(Debug)]
pub struct Refusal {
    /// The word that decides, such as `authorization_pending`; empty where there was no answer of that form.
    pub error: String,
    pub fault: Fault,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self {
            error: String::new(),
            fault,
        }
    }
}

/// A form: names and values, some of them secret.
pub type Form<'a> = Vec<(&'static str, &'a str)>;

/// A token for this scope by the way of signing in that this hand has. Waits for the person where one is needed.
pub async fn grant(
    core: &Arc<Core>,
    hand: Hand,
    scope: &'static str,
    claims: &str,
) -> Result<Grant, Fault> {
    let (client, by) = core.credential(hand);
    match by {
        SignIn::Secret(_) | SignIn::Certificate(_) | SignIn::WorkloadIdentity(_) => {
            let wanted = app::Wanted {
                client,
                by,
                scope,
                claims,
            };
            app::grant(core, wanted).await
        }
        SignIn::ManagedIdentity(identity) => managed::grant(core, client, identity, scope).await,
        SignIn::AzureCli(az) => azure_cli::grant(core, az.as_deref(), scope).await,
        SignIn::DeviceCode | SignIn::Browser => loop {
            match refreshed(core, scope, claims).await {
                Err((fault, true)) => {
                    tracing::debug!(why = %fault.what, "the kept session is over")
                }
                Err((fault, false)) => return Err(fault),
                Ok(grant) => return Ok(grant),
            }
        },
    }
}

/// A token by the person's session. With the fault: whether the person is asked anew, so that it pays to wait once more.
async fn refreshed(
    core: &Arc<Core>,
    scope: &'static str,
    claims: &str,
) -> Result<Grant, (Fault, bool)> {
    let refresh = desk::session(core).await.map_err(|f| (f, false))?;
    let scopes = format!("{scope} offline_access openid profile");
    let form = vec![
        ("grant_type", "refresh_token"),
        ("client_id", core.tenant.client_id.as_str()),
        ("refresh_token", refresh.expose_secret()),
        ("scope", scopes.as_str()),
        ("claims", claims),
    ];
    match token(core, form).await {
        Ok(grant) => {
            desk::rotate(core, &grant);
            Ok(grant)
        }
        Err(refusal) => {
            // the session is over for good, or wants the person again; asking once more would be a loop
            let over = matches!(
                refusal.error.as_str(),
                "invalid_grant" | "interaction_required" | "login_required"
            ) && refusal.fault.kind == FaultKind::SignIn;
            if over {
                desk::want(core, claims);
            }
            let anew = over && desk::end(core, &refusal.fault);
            Err((refusal.fault, anew))
        }
    }
}

/// An address of the tenant's login host.
pub fn address(core: &Core, page: &str) -> Result<Url, Fault> {
    let root = match &core.tenant.urls.login {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => core.tenant.cloud.login().to_owned(),
    };
    let tenant = Txt::new(&core.tenant.tenant_id)
        .path_segment()
        .map_err(|_| {
            Fault::new(
                FaultKind::SignIn,
                "the tenant id cannot be used in an address",
            )
            .next("correct `tenant-id`")
        })?;
    Url::parse(&format!("{root}/{tenant}/oauth2/v2.0/{page}")).map_err(|_| {
        Fault::new(FaultKind::SignIn, "the login URL cannot be used").next("correct `login-url`")
    })
}

/// Posts a form to a page of the login host.
pub async fn post(core: &Core, page: &str, form: Form<'_>) -> Result<Response, Fault> {
    let url = address(core, page)?;
    let body = {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        body.finish().into_bytes()
    };
    let exchange = Exchange {
        method: Method::Post,
        url: &url,
        headers: vec![
            ("accept", "application/json".into()),
            ("client-request-id", uuid::Uuid::new_v4().to_string()),
        ],
        bearer: None,
        body: Some(("application/x-www-form-urlencoded", body)),
        line: Line::Read,
    };
    core.exchange(exchange, None).await.map_err(|b| b.fault)
}

/// What of a request is secret: whoever answers may repeat it, and we do not.
#[derive(Default)]
pub struct Sent(Vec<Zeroizing<String>>);

impl Sent {
    fn of(form: &Form<'_>) -> Self {
        const SECRET: &[&str] = &[
            "client_secret",
            "client_assertion",
            "refresh_token",
            "code",
            "code_verifier",
            "device_code",
        ];
        let mut all = Vec::new();
        for (_, value) in form.iter().filter(|(name, _)| SECRET.contains(name)) {
            let coded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            all.push(Zeroizing::new((*value).to_owned()));
            all.push(Zeroizing::new(coded));
        }
        Self(all)
    }

    /// A text of the other side without what was sent to it.
    fn out_of(&self, text: String) -> String {
        let mut text = text;
        for secret in self.0.iter().filter(|s| !s.is_empty()) {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "[secret]");
            }
        }
        text
    }
}

/// Asks for a token.
pub async fn token(core: &Core, form: Form<'_>) -> Result<Grant, Refusal> {
    let sent = Sent::of(&form);
    let answer = post(core, "token", form).await?;
    if !answer.is_success() {
        return Err(refusal(core, answer, &sent));
    }
    let host = answer.host.clone();
    let content = answer.content_type().to_owned();
    let text = repair(answer.body?).text;
    if is_page(&content, &text) {
        return Err(page_fault(200, &host).into());
    }
    let parsed: Answer = serde_json::from_str(&text).map_err(|_| {
        Fault::new(
            FaultKind::BadAnswer,
            format!("the token answer of {host} cannot be read"),
        )
        .next("a proxy may stand between; try again")
    })?;
    Ok(Grant {
        access: Arc::new(parsed.access_token),
        expires_in: number(&parsed.expires_in).unwrap_or(3600),
        refresh_in: number(&parsed.refresh_in),
        refresh: parsed.refresh_token,
        id_token: parsed.id_token,
        scope: parsed.scope,
    })
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretString,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    refresh_in: Value,
    #[serde(default)]
    refresh_token: Option<SecretString>,
    #[serde(default)]
    id_token: Option<SecretString>,
    #[serde(default)]
    scope: Option<String>,
}

/// Numbers may come as text from older stacks.
pub fn number(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str().and_then(|s| s.trim().parse().ok()))
}

#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    error_codes: Vec<Value>,
    #[serde(default)]
    suberror: Option<String>,
    #[serde(default)]
    trace_id: Option<String>,
}

/// A failure of the login host as a sentence: by its code where we know it, else by the word, else by the status.
pub fn refusal(core: &Core, answer: Response, sent: &Sent) -> Refusal {
    let (status, host) = (answer.status, answer.host.clone());
    if (300..400).contains(&status) {
        return redirect_fault(status, &host, answer.header("location")).into();
    }
    let content = answer.content_type().to_owned();
    let mut request_id = answer.request_id();
    let text = repair(answer.body.unwrap_or_default()).text;
    let Ok(said) = serde_json::from_str::<Said>(&text) else {
        let mut fault = if is_page(&content, &text) {
            page_fault(status, &host)
        } else {
            by_status(status, &host)
        };
        fault.request_id = request_id;
        return fault.into();
    };
    let error = said.error.unwrap_or_default();
    let description = sent.out_of(said.error_description.unwrap_or_default());
    let mut codes: Vec<u32> = said
        .error_codes
        .iter()
        .filter_map(number)
        .filter_map(|n| u32::try_from(n).ok())
        .collect();
    if codes.is_empty() {
        codes.extend(aadsts::code_of(&description));
    }
    if let Some(trace) = said.trace_id {
        request_id = Some(super::fault::shown(&trace));
    }
    let mut fault = match aadsts::meaning(&codes) {
        Some((row, code)) => Fault::new(row.kind, format!("{} (AADSTS{code})", row.what))
            .next(row.step(core.tenant.sign_in.word())),
        None => by_word(
            &error,
            said.suberror.as_deref(),
            &description,
            status,
            &host,
        ),
    };
    if fault.kind == FaultKind::SignIn
        && let Some(words) = core.skew_words()
        && description.to_ascii_lowercase().contains("time")
    {
        fault = Fault::new(FaultKind::Clock, words).next("set the clock, then sign in again");
    }
    fault.status = status;
    fault.request_id = request_id;
    Refusal { error, fault }
}

fn by_word(error: &str, sub: Option<&str>, description: &str, status: u16, host: &str) -> Fault {
    let (kind, what, next) = match error {
        "invalid_client" => (
            FaultKind::SignIn,
            "the application's credential was not accepted",
            "check client id and secret",
        ),
        "invalid_grant" if sub == Some("consent_required") => (
            FaultKind::Forbidden,
            "nobody has consented to what the application asks for",
            "ask an administrator to grant consent",
        ),
        "invalid_grant" => (FaultKind::SignIn, "the session is over", "sign in again"),
        "interaction_required" | "login_required" | "consent_required" => {
            (FaultKind::SignIn, "the sign-in needs you", "sign in again")
        }
        "unauthorized_client" => (
            FaultKind::SignIn,
            "the application may not sign in this way",
            "check the application's settings",
        ),
        "access_denied" | "authorization_declined" => (
            FaultKind::SignIn,
            "the sign-in was declined",
            "sign in again",
        ),
        "expired_token" => (
            FaultKind::SignIn,
            "the code has expired",
            "ask for a new code",
        ),
        "bad_verification_code" => (
            FaultKind::SignIn,
            "the code was not accepted",
            "ask for a new code",
        ),
        "invalid_resource" => (
            FaultKind::Licence,
            "this API is not set up in the tenant",
            "onboard the product, or work without it",
        ),
        "temporarily_unavailable" | "server_error" => (
            FaultKind::Server,
            "Entra is not available",
            "it is tried again by itself",
        ),
        "" => return by_status(status, host),
        _ => (
            FaultKind::SignIn,
            "the sign-in was refused",
            "read the words of the service",
        ),
    };
    let said = super::fault::shown(description.split("Trace ID").next().unwrap_or_default());
    Fault::new(
        kind,
        if said.is_empty() {
            what.to_owned()
        } else {
            format!("{what}: {said}")
        },
    )
    .next(next)
}

fn by_status(status: u16, host: &str) -> Fault {
    match status {
        429 => Fault::new(FaultKind::Throttled, format!("{host} asks us to wait"))
            .next("it is tried again by itself"),
        500..=599 => Fault::new(FaultKind::Server, format!("{host} failed"))
            .next("it is tried again by itself"),
        _ => Fault::new(
            FaultKind::BadAnswer,
            format!("{host} refused the sign-in in words we cannot read"),
        )
        .next("check `login-url`, or what stands between"),
    }
    .status(status)
}
