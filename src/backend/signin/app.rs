//! Client credentials: an application by itself, with a secret, a certificate, or what another issuer says of it.
//!
//! What proves the application is read anew for each request. Where it is refused it is read once more: a secret that was
//! changed between reading and asking is no reason to fail.

use super::certificate::Certificate;
use super::{Form, Grant, Refusal, address, expiry, secret, token};
use crate::backend::core::Core;
use crate::config::{SignIn, file};
use crate::model::{Fault, FaultKind, Ticks};
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Larger than any token.
const LIMIT: u64 = 64 * 1024;

/// Who asks, by what proof, for which scope.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub client: &'a str,
    pub by: &'a SignIn,
    pub scope: &'a str,
    pub claims: &'a str,
}

/// A token for an application.
pub async fn grant(core: &Core, wanted: Wanted<'_>) -> Result<Grant, Fault> {
    let first = proof(core, wanted).await?;
    let refused = match ask(core, wanted, &first).await {
        Ok(grant) => return Ok(served(core, wanted, &first, grant)),
        Err(refused) => refused,
    };
    // the answer told the service's clock, and an assertion carries times
    let clock = refused.fault.kind == FaultKind::Clock;
    if refused.error != "invalid_client" && !clock {
        return Err(refused.fault);
    }
    let second = match proof(core, wanted).await {
        Ok(second) => second,
        Err(_) => return Err(refused.fault),
    };
    // an assertion is another each time: it helps only where the clock was wrong, or where its file changed
    let changed = match wanted.by {
        SignIn::Certificate(_) => clock || second.mark != first.mark,
        _ => second.secret.expose_secret() != first.secret.expose_secret(),
    };
    if !changed {
        return Err(refused.fault);
    }
    match ask(core, wanted, &second).await {
        Ok(grant) => Ok(served(core, wanted, &second, grant)),
        Err(refused) => Err(refused.fault),
    }
}

/// What served is looked at once more: it may end soon.
fn served(core: &Core, wanted: Wanted<'_>, proof: &Proof, grant: Grant) -> Grant {
    let own = wanted.client == core.tenant.client_id;
    match (wanted.by, proof.until, core.tenant.access.secret_expires) {
        (SignIn::Certificate(_), Some(until), _) => expiry::say(core, "the certificate", until),
        (SignIn::Secret(_), _, Some(until)) if own => {
            expiry::say(core, "the client secret", until);
        }
        _ => {}
    }
    grant
}

/// What proves the application.
struct Proof {
    secret: SecretString,
    /// What tells one certificate from another.
    mark: String,
    /// When it ends, where it says so itself.
    until: Option<Ticks>,
}

async fn proof(core: &Core, wanted: Wanted<'_>) -> Result<Proof, Fault> {
    let plain = |secret| Proof {
        secret,
        mark: String::new(),
        until: None,
    };
    match wanted.by {
        SignIn::Secret(source) => secret::read(source).await.map(plain),
        SignIn::Certificate(path) => {
            let endpoint = address(core, "token")?.to_string();
            let (path, client, now) = (path.clone(), wanted.client.to_owned(), core.service_time());
            blocking(move || {
                let certificate = Certificate::read(&path)?;
                Ok(Proof {
                    secret: certificate.assertion(&client, &endpoint, now)?,
                    mark: certificate.thumbprint().to_owned(),
                    until: Some(certificate.until),
                })
            })
            .await
        }
        SignIn::WorkloadIdentity(path) => {
            let path = token_file(path.as_deref())?;
            blocking(move || federated(&path)).await.map(plain)
        }
        _ => Err(Fault::new(
            FaultKind::Internal,
            "this way of signing in has no credential",
        )),
    }
}

async fn ask(core: &Core, wanted: Wanted<'_>, proof: &Proof) -> Result<Grant, Refusal> {
    let mut form: Form<'_> = vec![
        ("grant_type", "client_credentials"),
        ("client_id", wanted.client),
        ("scope", wanted.scope),
        ("claims", wanted.claims),
    ];
    let secret = proof.secret.expose_secret();
    match wanted.by {
        SignIn::Secret(_) => form.push(("client_secret", secret)),
        _ => form.extend([
            ("client_assertion_type", ASSERTION),
            ("client_assertion", secret),
        ]),
    }
    token(core, form).await
}

/// Where the other issuer leaves its token.
fn token_file(configured: Option<&Path>) -> Result<PathBuf, Fault> {
    if let Some(path) = configured {
        return Ok(path.to_owned());
    }
    let named = std::env::var_os("AZURE_FEDERATED_TOKEN_FILE").map(PathBuf::from);
    named.filter(|p| p.is_absolute()).ok_or_else(|| {
        Fault::new(
            FaultKind::SignIn,
            "nothing says where the workload's token is: AZURE_FEDERATED_TOKEN_FILE is not set to an absolute path",
        )
        .next("set `token-file`, or let the cluster's workload identity webhook set the variable")
    })
}

/// Clusters renew such a file by pointing a link at another: a link is followed here, and what it leads to must be as any
/// file of ours. That others may read it is the cluster's business.
fn federated(path: &Path) -> Result<SecretString, Fault> {
    let bad = |why: String| {
        Fault::new(FaultKind::SignIn, format!("the workload's token: {why}"))
            .next("see that the token is mounted, or correct `token-file`")
    };
    let real = path
        .canonicalize()
        .map_err(|e| bad(format!("{}: {e}", path.display())))?;
    let text = Zeroizing::new(file::read(&real, LIMIT).map_err(|e| bad(e.to_string()))?);
    let token = text.trim();
    if token.split('.').count() != 3 || token.contains(char::is_whitespace) {
        return Err(bad(format!("{} holds no token", path.display())));
    }
    Ok(SecretString::from(token))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(Fault::new(
            FaultKind::Internal,
            "the credential could not be read",
        ))
    })
}
