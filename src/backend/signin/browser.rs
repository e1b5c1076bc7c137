//! Sign-in in a browser: authorization code with PKCE. This computer's own browser comes back by itself (`listen`); one
//! elsewhere ends on an address that does not load, and the person pastes that address back.

use super::{Grant, address, desk, token};
use crate::backend::aadsts;
use crate::backend::claims;
use crate::backend::core::Core;
use crate::backend::fault::shown;
use crate::model::{Fault, FaultKind};
use crate::msg::SignInPrompt;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::sync::Arc;
use url::Url;

/// A sign-in that waits for its final URL.
#[derive(Clone)]
pub struct Pending {
    pub state: Arc<SecretString>,
    /// Comes back inside of the id token: the answer is to this very question.
    nonce: String,
    verifier: Arc<SecretString>,
    redirect: String,
}

/// Makes the address to open. `port`: where somebody listens for what comes of it.
pub fn begin(core: &Core, port: Option<u16>) -> Result<(Pending, SignInPrompt), Fault> {
    let state = random(16)?;
    let verifier = random(32)?;
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    // Entra ignores the port of a loopback redirect; a high one keeps the code from whatever listens on the usual ones
    let port = port.unwrap_or_else(|| fastrand::u16(49_152..=65_535));
    let redirect = format!("http://localhost:{port}");
    let nonce = random(16)?;
    let mut url = address(core, "authorize")?;
    url.query_pairs_mut()
        .append_pair("client_id", &core.tenant.client_id)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", &redirect)
        .append_pair("response_mode", "query")
        .append_pair("scope", &desk::scopes(core))
        .append_pair("state", &state)
        .append_pair("nonce", &nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .append_pair("claims", &core.desk.claims());
    let prompt = SignInPrompt::Browser {
        url: url.to_string(),
        redirect: "http://localhost".into(),
    };
    let pending = Pending {
        state: Arc::new(state.into()),
        nonce,
        verifier: Arc::new(verifier.into()),
        redirect,
    };
    Ok((pending, prompt))
}

/// Trades the code of the pasted address for tokens.
pub async fn redeem(core: &Core, pending: &Pending, pasted: &SecretString) -> Result<Grant, Fault> {
    let code = code_of(pending, pasted)?;
    let scopes = desk::scopes(core);
    let wanted = core.desk.claims();
    let form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", core.tenant.client_id.as_str()),
        ("code", code.expose_secret()),
        ("redirect_uri", pending.redirect.as_str()),
        ("code_verifier", pending.verifier.expose_secret()),
        ("scope", scopes.as_str()),
        ("claims", wanted.as_str()),
    ];
    let grant = token(core, form).await.map_err(|r| r.fault)?;
    let said = grant
        .id_token
        .as_ref()
        .and_then(|t| claims::claims(t.expose_secret()));
    match said.as_ref().and_then(|c| c.get("nonce")) {
        Some(nonce) if nonce.as_str() != Some(&pending.nonce) => Err(Fault::new(
            FaultKind::SignIn,
            "the answer belongs to another sign-in",
        )
        .next("sign in again")),
        _ => Ok(grant),
    }
}

fn code_of(pending: &Pending, pasted: &SecretString) -> Result<SecretString, Fault> {
    let wrong = |what: &str| {
        Fault::new(FaultKind::SignIn, what)
            .next("paste the whole address the browser ended on; it begins with http://localhost")
    };
    let url = Url::parse(pasted.expose_secret().trim())
        .map_err(|_| wrong("that is not the address of a finished sign-in"))?;
    let of = |name: &str| -> Option<Cow<'_, str>> {
        url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v)
    };
    let state = of("state").unwrap_or_default();
    if !same(state.as_bytes(), pending.state.expose_secret().as_bytes()) {
        return Err(wrong("that address belongs to another sign-in"));
    }
    if let Some(error) = of("error") {
        let description = of("error_description").unwrap_or_default();
        let codes: Vec<u32> = aadsts::code_of(&description).into_iter().collect();
        return Err(match aadsts::meaning(&codes) {
            Some((row, code)) => Fault::new(row.kind, format!("{} (AADSTS{code})", row.what))
                .next(row.step("browser")),
            None => Fault::new(
                FaultKind::SignIn,
                format!("the sign-in was refused: {}", shown(&error)),
            )
            .next("sign in again"),
        });
    }
    of("code")
        .filter(|c| !c.is_empty())
        .map(|c| SecretString::from(c.into_owned()))
        .ok_or_else(|| wrong("that address carries no code"))
}

/// Compares in a time that does not depend on where the difference is.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}

fn random(bytes: usize) -> Result<String, Fault> {
    let mut buffer = vec![0; bytes];
    SystemRandom::new()
        .fill(&mut buffer)
        .map_err(|_| Fault::new(FaultKind::Internal, "the system gave no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(&buffer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending() -> Pending {
        Pending {
            state: Arc::new("st8".to_owned().into()),
            nonce: "n".into(),
            verifier: Arc::new("v".to_owned().into()),
            redirect: "http://localhost:50000".into(),
        }
    }

    fn paste(url: &str) -> Result<String, String> {
        code_of(&pending(), &url.to_owned().into())
            .map(|c| c.expose_secret().to_owned())
            .map_err(|f| f.what)
    }

    #[test]
    fn only_the_address_of_this_sign_in_is_taken() {
        assert_eq!(
            paste("http://localhost:50000/?code=c%2B1&state=st8&session_state=x").unwrap(),
            "c+1"
        );
        assert!(
            paste("http://localhost:50000/?code=c&state=st9")
                .unwrap_err()
                .contains("another sign-in")
        );
        assert!(
            paste("http://localhost:50000/?code=c")
                .unwrap_err()
                .contains("another sign-in")
        );
        assert!(
            paste("http://localhost:50000/?state=st8")
                .unwrap_err()
                .contains("no code")
        );
        assert!(paste("c").unwrap_err().contains("not the address"));
        assert!(paste("http://localhost/?error=access_denied&error_description=AADSTS65004%3A+no&state=st8").unwrap_err().contains("AADSTS65004"));
    }

    #[test]
    fn verifiers_are_long_enough_and_differ() {
        let (a, b) = (random(32).unwrap(), random(32).unwrap());
        assert!(a.len() >= 43 && a != b);
    }
}
