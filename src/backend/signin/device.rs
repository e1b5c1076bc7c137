//! Sign-in by a code typed on another device (RFC 8628). The device code itself is a secret; the user code is for the screen.

use super::{Grant, Sent, desk, number, post, refusal, token};
use crate::backend::backoff::Backoff;
use crate::backend::core::Core;
use crate::backend::fault::shown;
use crate::model::repair::repair;
use crate::model::{Fault, FaultKind};
use crate::msg::{News, SignInPrompt};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

#[derive(Deserialize)]
struct Answer {
    device_code: SecretString,
    user_code: String,
    verification_uri: String,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    interval: Value,
}

/// Asks for a code, shows it, and waits until it was used.
pub async fn run(core: &Core) -> Result<Grant, Fault> {
    let scopes = desk::scopes(core);
    let claims = core.desk.claims();
    let id = core.tenant.client_id.as_str();
    let form = vec![
        ("client_id", id),
        ("scope", scopes.as_str()),
        ("claims", &claims),
    ];
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(8));
    let mut tries = 1;
    let answer = loop {
        let answer = post(core, "devicecode", form.clone()).await;
        let busy = match &answer {
            Ok(answer) => answer.status == 429 || answer.status >= 500,
            Err(fault) => passes(fault.kind),
        };
        if !busy || tries >= 3 {
            break answer?;
        }
        tries += 1;
        core.clock.sleep(backoff.next(fastrand::f64())).await;
    };
    if !answer.is_success() {
        return Err(refusal(core, answer, &Sent::default()).fault);
    }
    let unreadable = || {
        Fault::new(
            FaultKind::BadAnswer,
            "the answer with the sign-in code cannot be read",
        )
        .next("a proxy may stand between; try again")
    };
    let text = repair(answer.body?).text;
    let given: Answer = serde_json::from_str(&text).map_err(|_| unreadable())?;
    let life = Duration::from_secs(number(&given.expires_in).unwrap_or(900).clamp(1, 3600));
    let mut interval = Duration::from_secs(number(&given.interval).unwrap_or(5).clamp(1, 60));
    core.news(News::SignIn(SignInPrompt::DeviceCode {
        url: shown(&given.verification_uri),
        code: shown(&given.user_code),
        until: core.in_time(life),
    }));
    let end = core.mono() + life;
    loop {
        core.clock.sleep(interval).await;
        if core.mono() > end {
            return Err(expired());
        }
        let form = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", id),
            ("device_code", given.device_code.expose_secret()),
            ("claims", &claims),
        ];
        match token(core, form).await {
            Ok(grant) => return Ok(grant),
            Err(refusal) => match refusal.error.as_str() {
                "authorization_pending" => {}
                "slow_down" => interval += Duration::from_secs(5),
                "expired_token" => return Err(expired()),
                // no answer, or none for the moment: the code is still good, the way there was not
                _ if passes(refusal.fault.kind) => {}
                _ => return Err(refusal.fault),
            },
        }
    }
}

/// It may be over in a moment.
fn passes(kind: FaultKind) -> bool {
    use FaultKind::{Network, Server, Throttled, Timeout};
    matches!(kind, Network | Timeout | Server | Throttled)
}

fn expired() -> Fault {
    Fault::new(FaultKind::SignIn, "the code was not used in time").next("ask for a new code")
}
