//! Signing and checking tokens: ES256 with a key made for this run.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use serde_json::{Value, json};

/// The key of this run.
#[derive(Debug)]
pub(super) struct Keys {
    pair: EcdsaKeyPair,
    id: String,
    rng: SystemRandom,
}

impl Keys {
    #[expect(
        clippy::expect_used,
        reason = "only a machine without randomness cannot make a key, and nothing can be simulated there"
    )]
    pub fn random() -> Self {
        let rng = SystemRandom::new();
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng)
            .ok()
            .and_then(|der| {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &rng).ok()
            })
            .expect("the system gives random bytes");
        let id = super::opaque(20);
        Self { pair, id, rng }
    }

    /// The public key as the discovery document's keys list it.
    pub fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let half = |range| point.get(range).map(|b| B64.encode(b)).unwrap_or_default();
        json!({"kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": self.id, "x": half(1..33), "y": half(33..65)})
    }

    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"typ": "JWT", "alg": "ES256", "kid": self.id});
        let signed = format!(
            "{}.{}",
            B64.encode(header.to_string()),
            B64.encode(claims.to_string())
        );
        let signature = self
            .pair
            .sign(&self.rng, signed.as_bytes())
            .map(|s| B64.encode(s.as_ref()))
            .unwrap_or_default();
        format!("{signed}.{signature}")
    }

    /// The claims of a token that this run signed.
    pub fn open(&self, token: &str) -> Result<Value, Bad> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Bad::Malformed)?;
        let (_, claims) = signed.split_once('.').ok_or(Bad::Malformed)?;
        let signature = B64.decode(signature).map_err(|_| Bad::Malformed)?;
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key().as_ref());
        key.verify(signed.as_bytes(), &signature)
            .map_err(|_| Bad::Signature)?;
        let claims = B64.decode(claims).map_err(|_| Bad::Malformed)?;
        serde_json::from_slice(&claims).map_err(|_| Bad::Malformed)
    }
}

/// Why a token is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    Malformed,
    Signature,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_what_it_signed() {
        let (ours, theirs) = (Keys::random(), Keys::random());
        let claims = json!({"aud": "x"});
        let token = ours.sign(&claims);
        assert_eq!(ours.open(&token), Ok(claims));
        assert_eq!(theirs.open(&token), Err(Bad::Signature));
        let mut parts: Vec<&str> = token.split('.').collect();
        let forged = B64.encode(r#"{"aud":"y"}"#);
        parts[1] = &forged;
        assert_eq!(ours.open(&parts.join(".")), Err(Bad::Signature));
        assert_eq!(ours.open("nonsense"), Err(Bad::Malformed));
    }
}
