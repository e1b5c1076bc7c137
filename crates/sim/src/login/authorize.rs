//! Authorization code with PKCE: the redirect, and the exchange of its code.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use url::Url;

use super::aadsts::{Refusal, refused};
use super::scope::{self, Scopes};
use super::{Form, authority, client, flows, opaque};
use crate::tenant::{Tenant, locked};
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;

/// A code that was sent to a redirect address.
#[derive(Clone, Debug)]
pub(super) struct Code {
    redirect: String,
    asked: Scopes,
    challenge: Option<String>,
    nonce: Option<String>,
    user: usize,
    made: Timestamp,
    used: bool,
}

/// Codes die after ten minutes.
const LIFE: i64 = 600;

/// `authorize`: signs the chosen account in (`login_hint`, else the demo analyst) and redirects. Errors before the redirect address is
/// known to be good are shown, later ones are redirected.
pub(super) fn page(tenant: &Tenant, ask: &Ask, name: &str) -> Answer {
    let form = Form(ask.options());
    let shown = |refusal: Refusal| {
        let text = refusal.description(
            tenant.clock.told(),
            &ask.request_id,
            ask.client_request_id().unwrap_or(&ask.request_id),
        );
        Answer::bytes(400, "text/plain; charset=utf-8", text)
    };
    let early = (|| {
        authority(tenant, name, true)?;
        client(tenant, form.need("client_id")?)?;
        redirect(tenant, form.need("redirect_uri")?)
    })();
    let mut back = match early {
        Ok(url) => url,
        Err(refusal) => return shown(refusal),
    };
    match code(tenant, &form) {
        Ok(code) => {
            back.query_pairs_mut().append_pair("code", &code);
        }
        Err(refusal) => {
            let text = refusal.description(tenant.clock.told(), &ask.request_id, &ask.request_id);
            back.query_pairs_mut()
                .append_pair("error", refusal.error)
                .append_pair("error_description", &text);
        }
    }
    if let Some(state) = form.get("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
    back.query_pairs_mut()
        .append_pair("session_state", &ask.request_id);
    Answer::empty(302).with("location", back.as_str())
}

fn code(tenant: &Tenant, form: &Form) -> Result<String, Refusal> {
    if form.need("response_type")? != "code"
        || form.get("response_mode").is_some_and(|m| m != "query")
    {
        return Err(Refusal::plain(
            "unsupported_response_type",
            "Only response_type=code with response_mode=query is simulated.",
        ));
    }
    let asked = scope::read(form.need("scope")?, &tenant.info.tenant_id)?;
    let challenge = match (
        form.get("code_challenge"),
        form.get("code_challenge_method"),
    ) {
        (Some(challenge), Some("S256")) => Some(challenge.to_owned()),
        (Some(_), _) => {
            return Err(Refusal::plain(
                "invalid_request",
                "Only code_challenge_method=S256 is accepted.",
            ));
        }
        (None, _) => None,
    };
    if form.get("prompt") == Some("none") {
        return Err(refused(50058, &[]));
    }
    let user = match form.get("login_hint") {
        Some(upn) => tenant
            .world()
            .user_by_upn(upn)
            .ok_or_else(|| refused(50034, &[upn]))?,
        None => tenant.demo_analyst(),
    };
    flows::still_allowed(tenant, user)?;
    let code = format!("1.{}", opaque(64));
    let entry = Code {
        redirect: form.need("redirect_uri")?.to_owned(),
        asked,
        challenge,
        nonce: form.get("nonce").map(str::to_owned),
        user,
        made: tenant.clock.now(),
        used: false,
    };
    locked(&tenant.login.codes).insert(code.clone(), entry);
    Ok(code)
}

/// Registered are `http://localhost` and `http://127.0.0.1` on any port, and the page for programs that cannot listen.
fn redirect(tenant: &Tenant, text: &str) -> Result<Url, Refusal> {
    let refuse = || refused(50011, &[text, &tenant.info.client_id]);
    let url = Url::parse(text).map_err(|_| refuse())?;
    let loopback = url.scheme() == "http"
        && matches!(url.host_str(), Some("localhost" | "127.0.0.1"))
        && url.path() == "/";
    let pasted = url.scheme() == "https"
        && url.host_str() == Some("login.microsoftonline.com")
        && url.path() == "/common/oauth2/nativeclient";
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if (loopback || pasted) && plain {
        Ok(url)
    } else {
        Err(refuse())
    }
}

/// The token endpoint given a code.
pub(super) fn redeem(tenant: &Tenant, form: &Form) -> Result<Answer, Refusal> {
    if let Some(secret) = form.get("client_secret") {
        flows::check_secret(tenant, secret)?;
    }
    let given = form.need("code")?;
    let address = form.need("redirect_uri")?;
    let code = {
        let mut all = locked(&tenant.login.codes);
        let code = all.get_mut(given).ok_or_else(|| refused(9002313, &[]))?;
        if code.used {
            return Err(refused(54005, &[]));
        }
        if tenant.clock.now().duration_since(code.made).as_secs() >= LIFE {
            return Err(refused(70008, &[]));
        }
        if code.redirect != address {
            return Err(refused(500112, &[address, &code.redirect]));
        }
        let challenge = code
            .challenge
            .as_deref()
            .ok_or_else(|| refused(9002325, &[]))?;
        let verifier = form.need("code_verifier")?;
        let fits = (43..=128).contains(&verifier.len())
            && B64.encode(digest(&SHA256, verifier.as_bytes())) == challenge;
        if !fits {
            return Err(refused(501481, &[]));
        }
        code.used = true;
        code.clone()
    };
    flows::still_allowed(tenant, code.user)?;
    Ok(flows::user_tokens(tenant, form, code.user, &code.asked, code.nonce.as_deref())?.answer)
}
