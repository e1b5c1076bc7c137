//! A certificate with its key (one PEM file), and the assertion that it signs for the token endpoint.
//!
//! The file is read anew for each assertion, so a renewed one is taken without a restart. The key never leaves this file's
//! functions; `der` reads of the certificate what the library that signs does not tell.

use super::der;
use crate::model::{Fault, FaultKind, Ticks};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PSS_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::SecretString;
use serde_json::json;
use std::path::Path;
use zeroize::Zeroizing;

/// How long an assertion serves: Entra takes ten minutes at most, and a clock may be off by some.
const LIFE: i64 = 300;

/// A certificate and the key that belongs to it.
pub struct Certificate {
    key: RsaKeyPair,
    /// SHA-256 of the certificate, base64url.
    thumbprint: String,
    pub from: Ticks,
    pub until: Ticks,
}

fn fault(what: impl Into<String>) -> Fault {
    Fault::new(FaultKind::SignIn, what)
}

impl Certificate {
    /// Reads a file that must be ours alone.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let pem = super::secret::private(path, "the certificate", "certificate-file")?;
        Self::parse(&Zeroizing::new(pem)).map_err(|f| Fault {
            what: format!("{}: {}", path.display(), f.what),
            ..f
        })
    }

    /// Reads a PEM text: one RSA key (PKCS #8 or PKCS #1), and a certificate of it among those there.
    pub fn parse(pem: &str) -> Result<Self, Fault> {
        if pem.contains("ENCRYPTED") {
            return Err(fault(
                "the key is encrypted, and a passphrase would have to stand somewhere, too",
            )
            .next(
                "decrypt it into a file of yours alone: umask 077; openssl pkey -in OLD -out NEW",
            ));
        }
        let rsa = "Entra takes RSA keys of 2048 bits or more: openssl req -x509 -newkey rsa:3072 -nodes -days 365 -keyout k.pem -out c.pem; cat k.pem c.pem > both.pem";
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| {
            fault("there is no private key that can be read")
                .next("put key and certificate into one PEM file: cat key.pem cert.pem > both.pem")
        })?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(fault("the key is not an RSA key").next(rsa)),
        };
        let key = key.map_err(|why| fault(format!("the key cannot be used ({why})")).next(rsa))?;
        let mut seen = 0;
        for der in CertificateDer::pem_slice_iter(pem.as_bytes()).flatten() {
            seen += 1;
            let Some(read) = der::certificate(&der) else {
                continue;
            };
            if read.key == key.public_key().as_ref() {
                return Ok(Self {
                    thumbprint: URL_SAFE_NO_PAD.encode(digest(&SHA256, &der)),
                    key,
                    from: read.from,
                    until: read.until,
                });
            }
        }
        Err(match seen {
            0 => fault("there is no certificate beside the key")
                .next("put both into one PEM file: cat key.pem cert.pem > both.pem"),
            _ => fault("the certificate belongs to another key")
                .next("put the key and its own certificate into the file"),
        })
    }

    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// What proves to a token endpoint that we have the key. Times are the service's own, as far as they are known.
    pub fn assertion(
        &self,
        client: &str,
        endpoint: &str,
        now: Ticks,
    ) -> Result<SecretString, Fault> {
        let day = |at: Ticks| at.literal().chars().take(10).collect::<String>();
        if now >= self.until {
            return Err(fault(format!("the certificate ended on {}", day(self.until)))
                .next("make a new one, register it with the application, and put it into `certificate-file`"));
        }
        if now < self.from {
            return Err(fault(format!(
                "the certificate is valid only from {} on",
                day(self.from)
            ))
            .next("wait, use the one before, or set this computer's clock"));
        }
        let seconds = now
            .timestamp()
            .map(|t| t.as_second())
            .ok_or_else(|| fault("the clock shows no time that can be written down"))?;
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": endpoint, "iss": client, "sub": client, "jti": uuid::Uuid::new_v4().to_string(),
            "iat": seconds, "nbf": seconds, "exp": seconds + LIFE,
        });
        let part = |v: &serde_json::Value| URL_SAFE_NO_PAD.encode(v.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PSS_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| fault("the key does not sign"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)).into())
    }
}
