//! The identity that a cloud gave to the machine this runs on: asked for at the machine's own address, never by a proxy.
//!
//! Two services answer: the metadata address of a virtual machine, and the endpoint that App Service, Functions and
//! Container Apps name in the environment.

use super::{Grant, number};
use crate::backend::client::{Exchange, Line};
use crate::backend::core::Core;
use crate::backend::fault::shown;
use crate::config::Identity;
use crate::model::repair::repair;
use crate::model::{Fault, FaultKind, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use url::Url;

const METADATA: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

#[derive(Deserialize)]
struct Answer {
    access_token: SecretString,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    expires_on: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    error: Option<String>,
    error_description: Option<String>,
    /// App Service says it so.
    message: Option<String>,
}

fn fault(kind: FaultKind, what: impl Into<String>) -> Fault {
    Fault::new(kind, what)
}

/// A token of the machine for a resource. `client` names one of several identities; empty = the machine's own.
pub async fn grant(
    core: &Core,
    client: &str,
    identity: &Identity,
    scope: &str,
) -> Result<Grant, Fault> {
    let (url, secret) = place(identity)?;
    let url = address(url, secret.is_some(), scope, client);
    let mut headers = vec![("accept", "application/json".to_owned())];
    match &secret {
        Some(secret) => headers.push(("x-identity-header", secret.expose_secret().to_owned())),
        // proves that no browser and no redirect asks
        None => headers.push(("metadata", "true".to_owned())),
    }
    let exchange = Exchange {
        method: Method::Get,
        url: &url,
        headers,
        bearer: None,
        body: None,
        line: Line::Near,
    };
    let answer = core.exchange(exchange, None).await.map_err(|broken| {
        match broken.fault.kind {
            FaultKind::Network | FaultKind::Timeout if broken.unsent => fault(
                FaultKind::SignIn,
                "this machine has no identity service: nothing answers at its address",
            )
            .next("managed identity works on Azure only; elsewhere set `sign-in = \"certificate\"` or \"device-code\""),
            _ => broken.fault,
        }
    })?;
    let (status, host) = (answer.status, answer.host.clone());
    let text = repair(answer.body.unwrap_or_default()).text;
    if !(200..300).contains(&status) {
        return Err(refused(status, &text).status(status));
    }
    let given: Answer = serde_json::from_str(&text).map_err(|_| {
        fault(
            FaultKind::BadAnswer,
            format!("the token answer of {host} cannot be read"),
        )
        .next("see what answers at the machine's identity address")
    })?;
    Ok(Grant {
        access: Arc::new(given.access_token),
        expires_in: life(core, &given.expires_in, &given.expires_on),
        refresh_in: None,
        refresh: None,
        id_token: None,
        scope: None,
    })
}

/// Seconds that are left, told as such or as the instant of the end. Where neither is told, the token is used briefly.
pub(super) fn life(core: &Core, left: &Value, end: &Value) -> u64 {
    let now = core.service_time().timestamp().map_or(0, |t| t.as_second());
    number(left)
        .or_else(|| Some(number(end)?.saturating_sub(u64::try_from(now).ok()?)))
        .unwrap_or(300)
}

/// Where to ask, and what to show there.
fn place(identity: &Identity) -> Result<(Url, Option<SecretString>), Fault> {
    let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.trim().is_empty());
    let named = match &identity.endpoint {
        // what tests and simulated tenants name gets no secret of the real environment
        Some(url) => return Ok((url.clone(), identity.header.clone())),
        None => variable("IDENTITY_ENDPOINT"),
    };
    let text = named.as_deref().unwrap_or(METADATA);
    let mut url = Url::parse(text).map_err(|_| {
        fault(FaultKind::SignIn, "IDENTITY_ENDPOINT is no address").next("unset it")
    })?;
    // the one name that is believed, since Container Apps uses it; what it resolves to is not asked
    if url.host_str() == Some("localhost") {
        let _ = url.set_host(Some("127.0.0.1"));
    }
    let header = named.and_then(|_| variable("IDENTITY_HEADER"));
    Ok((url, header.map(SecretString::from)))
}

fn address(mut url: Url, service: bool, scope: &str, client: &str) -> Url {
    let resource = scope.strip_suffix("/.default").unwrap_or(scope);
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair(
                "api-version",
                if service { "2019-08-01" } else { "2018-02-01" },
            )
            .append_pair("resource", resource);
        if !client.is_empty() {
            query.append_pair("client_id", client);
        }
    }
    url
}

fn refused(status: u16, text: &str) -> Fault {
    let said: Said = serde_json::from_str(text).unwrap_or_default();
    let words = said.error_description.or(said.message).unwrap_or_default();
    let unknown = words.to_ascii_lowercase().contains("identity not found");
    match status {
        400 | 404 if unknown || said.error.as_deref() == Some("invalid_client") => fault(
            FaultKind::SignIn,
            "this machine has no such managed identity",
        )
        .next("assign one to the machine, or correct `client-id` (leave it out for the machine's own)"),
        400 | 403 | 404 | 410 => fault(
            FaultKind::SignIn,
            match words.is_empty() {
                true => "the machine's identity service refused".to_owned(),
                false => format!("the machine's identity service refused: {}", shown(&words)),
            },
        )
        .next("see that a managed identity is assigned to this machine; or set `sign-in = \"certificate\"`"),
        401 => fault(
            FaultKind::SignIn,
            "the machine's identity service does not know this process",
        )
        .next("IDENTITY_ENDPOINT and IDENTITY_HEADER must be those of this very process"),
        429 => fault(FaultKind::Throttled, "the machine's identity service asks us to wait")
            .next("it is tried again by itself"),
        _ => fault(FaultKind::Server, "the machine's identity service failed")
            .next("it is tried again by itself"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_service_is_asked_in_its_own_words() {
        let url = |service, client: &str| {
            let at = Url::parse("http://127.0.0.1:1/x").unwrap();
            address(at, service, "https://graph.microsoft.com/.default", client).to_string()
        };
        assert_eq!(
            url(false, ""),
            "http://127.0.0.1:1/x?api-version=2018-02-01&resource=https%3A%2F%2Fgraph.microsoft.com"
        );
        assert!(url(true, "c").contains("2019-08-01") && url(true, "c").ends_with("&client_id=c"));
        let (at, secret) = place(&Identity::default()).unwrap();
        // the tests' own environment has neither variable, else this would be that service
        if std::env::var_os("IDENTITY_ENDPOINT").is_none() {
            assert!(at.as_str() == METADATA && secret.is_none());
        }
    }

    #[test]
    fn refusals_are_told_apart() {
        for (status, text, why) in [
            (
                400,
                r#"{"error":"invalid_request","error_description":"Identity not found"}"#,
                "no such managed identity",
            ),
            (
                400,
                r#"{"error":"invalid_request","error_description":"AADSTS500011: x"}"#,
                "AADSTS500011",
            ),
            (401, "", "does not know this process"),
            (429, "", "asks us to wait"),
            (500, "<html>", "failed"),
        ] {
            assert!(refused(status, text).what.contains(why), "{status} {text}");
            assert!(!refused(status, text).next.is_empty());
        }
    }
}
