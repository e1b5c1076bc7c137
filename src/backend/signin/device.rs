//! Sign-in by a code typed on another device (RFC 8628). The device code itself is a secret; the user code is for the screen.

use super::{Grant, desk, number, post, refusal, token};
use crate::backend::claims;
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
    let claims = claims::capabilities();
    let id = core.tenant.client_id.as_str();
    let form = vec![
        ("client_id", id),
        ("scope", scopes.as_str()),
        ("claims", &claims),
    ];
    let answer = post(core, "devicecode", form).await?;
    if !answer.is_success() {
        return Err(refusal(core, answer).fault);
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
                // no answer: the code is still good, the way there was not
                "" if matches!(
                    refusal.fault.kind,
                    FaultKind::Network
                        | FaultKind::Timeout
                        | FaultKind::Server
                        | FaultKind::Throttled
                ) => {}
                _ => return Err(refusal.fault),
            },
        }
    }
}

fn expired() -> Fault {
    Fault::new(FaultKind::SignIn, "the code was not used in time").next("ask for a new code")
}
