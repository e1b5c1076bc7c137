//! Device code: one program asks, a person approves elsewhere, the program polls meanwhile.

use axum::http::Method;
use jiff::Timestamp;
use serde_json::json;

use super::aadsts::{Refusal, refused};
use super::scope::{self, Scopes};
use super::{Form, Login, authority, client, flows, opaque};
use crate::tenant::{Tenant, locked};
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;

/// A code that waits to be approved.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    user_code: String,
    asked: Scopes,
    state: State,
    made: Timestamp,
    /// Seconds between two polls; grows when the program is too eager.
    interval: i64,
    polled: Option<Timestamp>,
}

/// Where a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Approved(usize),
    Declined,
    Redeemed,
}

const LIFE: i64 = 900;
const INTERVAL: i64 = 5;
/// Letters and digits that cannot be mistaken for one another.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// `devicecode`: a new code.
pub(super) fn start(tenant: &Tenant, ask: &Ask, name: &str) -> Result<Answer, Refusal> {
    let form = Form::of(ask);
    authority(tenant, name, true)?;
    client(tenant, form.need("client_id")?)?;
    let asked = scope::read(form.need("scope")?, &tenant.info.tenant_id)?;
    let mut raw = [0_u8; 9];
    let _ = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut raw);
    let user_code: String = raw
        .iter()
        .map(|b| char::from(ALPHABET[usize::from(*b) % ALPHABET.len()]))
        .collect();
    let device_code = opaque(64);
    let page = format!("{}/device", tenant.info.login);
    let pending = Pending {
        user_code: user_code.clone(),
        asked,
        state: State::Waiting,
        made: tenant.clock.now(),
        interval: INTERVAL,
        polled: None,
    };
    locked(&tenant.login.devices).insert(device_code.clone(), pending);
    Ok(Answer::json(
        200,
        &json!({
            "user_code": user_code,
            "device_code": device_code,
            "verification_uri": page,
            "expires_in": LIFE,
            "interval": INTERVAL,
            "message": format!("To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."),
        }),
    ))
}

/// The token endpoint asked about a device code.
pub(super) fn poll(tenant: &Tenant, form: &Form) -> Result<Answer, Refusal> {
    let code = form.need("device_code")?;
    let now = tenant.clock.now();
    let (user, asked) = {
        let mut all = locked(&tenant.login.devices);
        let pending = all.get_mut(code).ok_or_else(|| refused(70018, &[]))?;
        let age = now.duration_since(pending.made).as_secs_f64();
        if age >= LIFE as f64 {
            return Err(refused(70020, &[]));
        }
        let early = pending
            .polled
            .is_some_and(|last| now.duration_since(last).as_secs_f64() < pending.interval as f64);
        pending.polled = Some(now);
        if early {
            pending.interval += 5;
            return Err(Refusal::plain("slow_down", "The client polls too often."));
        }
        if pending.state == State::Waiting
            && tenant.flags.approve_after.is_some_and(|after| age >= after)
        {
            pending.state = State::Approved(tenant.demo_analyst());
        }
        match pending.state {
            State::Waiting => return Err(refused(70016, &[])),
            State::Declined => {
                return Err(Refusal::plain(
                    "authorization_declined",
                    "The end user denied the authorization request.",
                ));
            }
            State::Redeemed => return Err(refused(70018, &[])),
            State::Approved(user) => {
                pending.state = State::Redeemed;
                (user, pending.asked.clone())
            }
        }
    };
    flows::still_allowed(tenant, user)?;
    Ok(flows::user_tokens(tenant, form, user, &asked, None)?.answer)
}

/// Approves or declines a waiting code.
pub(super) fn settle(login: &Login, user_code: &str, state: State) -> bool {
    let mut all = locked(&login.devices);
    match all
        .values_mut()
        .find(|p| p.user_code.eq_ignore_ascii_case(user_code) && p.state == State::Waiting)
    {
        Some(pending) => {
            pending.state = state;
            true
        }
        None => false,
    }
}

/// The page a person opens. Browsers are refused by the guard, so it is for `curl`.
pub(super) fn page(tenant: &Tenant, ask: &Ask) -> Answer {
    let text = |status, text: String| Answer::bytes(status, "text/plain; charset=utf-8", text);
    if ask.method == Method::GET {
        return text(
            200,
            format!(
                "Simulated sign-in. To approve a code:\n  curl -d user_code=CODE [-d account=UPN] [-d decline=1] {}/device\n",
                tenant.info.login
            ),
        );
    }
    if ask.method != Method::POST {
        return Answer::empty(405);
    }
    let form = Form::of(ask);
    let Some(code) = form.get("user_code") else {
        return text(400, "user_code is missing\n".into());
    };
    if form.get("decline").is_some() {
        return if tenant.login.decline(code) {
            text(200, "declined\n".into())
        } else {
            text(404, "no such code waits\n".into())
        };
    }
    let user = match form.get("account") {
        None => Some(tenant.demo_analyst()),
        Some(upn) => tenant.world().user_by_upn(upn),
    };
    match user {
        None => text(404, "no such account\n".into()),
        Some(user) if tenant.login.approve(code, user) => {
            text(200, "approved: go back to the other window\n".into())
        }
        Some(_) => text(404, "no such code waits\n".into()),
    }
}
