//! Proofs of an application that are no secret: assertions signed by a certificate's key, and tokens of another issuer.
//!
//! Signatures are really checked, with the registered certificate's own key, by a library the client does not use.

use std::collections::HashSet;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as B64};
use pki_types::CertificateDer;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use webpki::EndEntityCert;

use super::aadsts::{Refusal, refused};
use super::{Form, opaque, seconds};
use crate::tenant::{Tenant, locked};

/// The one kind of proof that is accepted.
const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Longest life of an assertion that we signed ourselves.
const LONGEST: i64 = 600;
/// How far the clocks may be apart.
const SKEW: i64 = 300;

/// The other issuer whose tokens the application accepts, and for whom.
pub(crate) const ISSUER: &str = "https://issuer.example/cluster";
pub(crate) const SUBJECT: &str = "system:serviceaccount:soc:watchfloor";
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// What is registered with the application, and what was used up.
#[derive(Debug, Default)]
pub(super) struct Registered {
    certificates: Mutex<Vec<Vec<u8>>>,
    /// Ids of assertions that were taken.
    used: Mutex<HashSet<String>>,
}

impl Registered {
    /// Registers each certificate of a PEM text; how many there were.
    pub fn certificates(&self, pem: &str) -> Result<usize, String> {
        let mut found = Vec::new();
        for part in pem.split("-----BEGIN CERTIFICATE-----").skip(1) {
            let body = part.split("-----END").next().unwrap_or_default();
            let body: String = body.split_whitespace().collect();
            let der = STANDARD.decode(body).map_err(|e| e.to_string())?;
            EndEntityCert::try_from(&CertificateDer::from(der.as_slice()))
                .map_err(|e| format!("not a certificate: {e}"))?;
            found.push(der);
        }
        if found.is_empty() {
            return Err("there is no certificate".into());
        }
        let count = found.len();
        *locked(&self.certificates) = found;
        Ok(count)
    }

    /// The registered certificate of this thumbprint.
    fn by(&self, thumbprint: &str) -> Option<Vec<u8>> {
        let all = locked(&self.certificates);
        let mut all = all.iter();
        all.find(|der| B64.encode(digest(&SHA256, der)) == thumbprint)
            .cloned()
    }
}

/// Is the assertion of a form one that the application may be believed by? `name`: the tenant as the path has it.
pub(super) fn check(tenant: &Tenant, form: &Form, name: &str) -> Result<(), Refusal> {
    if form.need("client_assertion_type")? != KIND {
        return Err(Refusal::plain(
            "invalid_request",
            "The provided value for 'client_assertion_type' is not valid.",
        ));
    }
    let text = form.need("client_assertion")?;
    let mut parts = text.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(refused(50027, &[]));
    };
    let read =
        |part: &str| -> Option<Value> { serde_json::from_slice(&B64.decode(part).ok()?).ok() };
    let (Some(header), Some(claims)) = (read(header), read(claims)) else {
        return Err(refused(50027, &[]));
    };
    match header["x5t#S256"].as_str() {
        Some(thumbprint) => own(
            tenant, form, name, text, signature, &header, &claims, thumbprint,
        ),
        None => others(tenant, text, &claims),
    }
}

/// Signed by the key of a registered certificate.
#[expect(clippy::too_many_arguments, reason = "the parts of one assertion")]
fn own(
    tenant: &Tenant,
    form: &Form,
    name: &str,
    text: &str,
    signature: &str,
    header: &Value,
    claims: &Value,
    thumbprint: &str,
) -> Result<(), Refusal> {
    let unknown = || refused(700027, &[]);
    let der = tenant.login.registered.by(thumbprint).ok_or_else(unknown)?;
    let der = CertificateDer::from(der);
    let certificate = EndEntityCert::try_from(&der).map_err(|_| unknown())?;
    let algorithm = match header["alg"].as_str() {
        Some("PS256") => webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        Some("RS256") => webpki::ring::RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(unknown()),
    };
    let signature = B64.decode(signature).map_err(|_| unknown())?;
    let signed = text.rsplit_once('.').map_or("", |(signed, _)| signed);
    certificate
        .verify_signature(algorithm, signed.as_bytes(), &signature)
        .map_err(|_| unknown())?;
    let client = form.need("client_id")?;
    if claims["iss"].as_str() != Some(client) || claims["sub"].as_str() != Some(client) {
        return Err(refused(700021, &[]));
    }
    let endpoint = format!("{}/{name}/oauth2/v2.0/token", tenant.info.login);
    if claims["aud"].as_str() != Some(&endpoint) {
        return Err(refused(700023, &[]));
    }
    times(tenant, claims, Some(LONGEST))?;
    let id = claims["jti"].as_str().filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| refused(50027, &[]))?;
    match locked(&tenant.login.registered.used).insert(id.to_owned()) {
        true => Ok(()),
        false => Err(Refusal::plain(
            "invalid_client",
            "The assertion was used before.",
        )),
    }
}

/// Signed by another issuer, of whom the application says that it may be believed.
fn others(tenant: &Tenant, text: &str, claims: &Value) -> Result<(), Refusal> {
    if claims["iss"].as_str() != Some(ISSUER) {
        return Err(refused(700211, &[]));
    }
    if claims["sub"].as_str() != Some(SUBJECT) {
        return Err(refused(700213, &[]));
    }
    if claims["aud"].as_str() != Some(AUDIENCE) || tenant.login.keys.open(text).is_err() {
        return Err(refused(70021, &[]));
    }
    times(tenant, claims, None)
}

fn times(tenant: &Tenant, claims: &Value, longest: Option<i64>) -> Result<(), Refusal> {
    let now = seconds(tenant.clock.told());
    let of = |name: &str| claims[name].as_i64();
    let right = of("exp").is_some_and(|exp| {
        exp > now - SKEW && longest.is_none_or(|longest| exp <= now + longest + SKEW)
    }) && of("nbf").is_none_or(|nbf| nbf <= now + SKEW);
    match right {
        true => Ok(()),
        false => Err(refused(700024, &[])),
    }
}

/// A token as the other issuer leaves it in a workload's file.
pub(crate) fn workload_token(tenant: &Tenant, subject: &str, life: i64) -> String {
    let now = seconds(tenant.clock.told());
    tenant.login.keys.sign(&json!({
        "iss": ISSUER, "sub": subject, "aud": AUDIENCE, "jti": opaque(12), "iat": now, "nbf": now, "exp": now + life,
    }))
}
