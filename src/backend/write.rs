//! One request that changes something: sent again only when it is proven that it was not executed, otherwise never.

use super::backoff::{Backoff, retry_after};
use super::budget::Class;
use super::call::headers;
use super::claims;
use super::client::{Exchange, Line, Response};
use super::core::Core;
use super::run::Gate;
use crate::model::{Call, Fault, FaultKind, Service};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Tries under one intent.
pub const TRIES: u32 = 3;

/// Puts a further try on record, with the reason for it.
pub type Again = dyn Fn(String) -> BoxFuture<'static, Result<(), Fault>> + Send + Sync;

/// What is known after the last try.
#[derive(Debug)]
pub enum Sent {
    /// The service said yes; with its words, null where they are none.
    Accepted(Value),
    /// The service said no, and did nothing.
    Refused(Fault),
    /// It is proven that nothing was executed.
    NotExecuted(Fault),
    /// A byte left, and no answer says what came of it.
    Unknown(Fault),
}

impl Core {
    /// Sends a write. `gate` is asked right before every try; `again` puts a further try on record before it is made, and
    /// where that fails nothing more is sent. `tries` counts those under one intent.
    pub async fn write(
        self: &Arc<Self>,
        call: &Call,
        run: &str,
        gate: &Gate,
        again: &Again,
        tries: &mut u32,
    ) -> Sent {
        let url = match self.origins(call.service).and_then(|o| o.url(call)) {
            Ok(url) => url,
            Err(fault) => return Sent::NotExecuted(fault),
        };
        let mut backoff = Backoff::new(Duration::from_millis(300), Duration::from_secs(5));
        let mut renewed = false;
        let mut token = match self.bearer_to_write(call.service).await {
            Ok(token) => token,
            Err(fault) => return Sent::NotExecuted(fault),
        };
        loop {
            *tries += 1;
            let patience = gate.until.saturating_sub(self.mono());
            let admitted = tokio::select! {
                admitted = self.admit(call.service, call.path.as_str(), Class::Write, patience) => admitted,
                () = gate.halt.stopped() => Ok(()),
            };
            if let Err(fault) = admitted.and_then(|()| gate.check(self)) {
                return Sent::NotExecuted(fault);
            }
            let body = call
                .body
                .as_ref()
                .map(|b| ("application/json", b.to_string().into_bytes()));
            let exchange = Exchange {
                method: call.method,
                url: &url,
                headers: headers(call, run),
                bearer: Some(&token.secret),
                body,
                line: Line::Write,
            };
            let of = Some((call.service, call.path.as_str()));
            // `fault`: proven not executed, and another try may help after `wait`
            let (fault, wait) = match self.exchange(exchange, of).await {
                Err(broken) if broken.unsent => {
                    (broken.fault.on(call.service), backoff.next(fastrand::f64()))
                }
                Err(broken) => return Sent::Unknown(broken.fault.on(call.service)),
                Ok(answer) => match answer.status {
                    200..=299 => {
                        return match said(answer) {
                            Ok(words) => Sent::Accepted(words),
                            // a page of some proxy in the way is not the service's yes
                            Err(fault) => Sent::Unknown(fault.on(call.service)),
                        };
                    }
                    401 if !renewed => {
                        renewed = true;
                        let wanted = claims::challenge(answer.headers("www-authenticate"));
                        let fault = self.fault(&answer, call);
                        match self.renew(call.service, &token, wanted).await {
                            Ok(newer) => token = newer,
                            Err(fault) => return Sent::NotExecuted(fault),
                        }
                        (fault, Duration::ZERO)
                    }
                    401 => return Sent::NotExecuted(self.unauthorized(&answer, call, &token)),
                    403 => return Sent::Refused(self.forbidden(&answer, call)),
                    429 => {
                        let wait = retry_after(answer.header("retry-after"), self.wall())
                            .unwrap_or_else(|| backoff.next(fastrand::f64()));
                        self.refused_for_rate(call.service, call.path.as_str(), wait);
                        (self.fault(&answer, call), wait)
                    }
                    // it runs already: what was wanted is so
                    400 if call.service == Service::Office && is_already(&answer) => {
                        return Sent::Accepted(Value::Null);
                    }
                    // a redirect was not followed, so whoever sent it did not execute it; all the same it is no answer of
                    // the service itself
                    300..=399 => return Sent::Unknown(self.fault(&answer, call)),
                    408 | 500.. => return Sent::Unknown(self.fault(&answer, call)),
                    _ => return Sent::Refused(self.fault(&answer, call)),
                },
            };
            if *tries >= TRIES || self.mono() + wait > gate.until {
                return Sent::NotExecuted(fault);
            }
            tokio::select! {
                () = self.clock.sleep(wait) => {}
                () = gate.halt.stopped() => {}
            }
            if let Err(fault) = gate.check(self) {
                return Sent::NotExecuted(fault);
            }
            if let Err(disk) = again(fault.to_string()).await {
                return Sent::NotExecuted(disk);
            }
        }
    }
}

/// The words of a yes; null where they are none or were cut off, for the status is believed all the same.
fn said(answer: Response) -> Result<Value, Fault> {
    if answer.body.is_err() {
        return Ok(Value::Null);
    }
    let body = super::answer::Body::of(answer)?;
    Ok(body.value().unwrap_or_default())
}

/// A subscription that is started twice is refused with a code of its own, and goes on.
fn is_already(answer: &Response) -> bool {
    let body = answer.body.as_ref().map(Vec::as_slice).unwrap_or_default();
    super::fault::error_body(&String::from_utf8_lossy(body))
        .is_some_and(|b| b.code.eq_ignore_ascii_case(super::feed::words::ALREADY))
}

/// The confirmation's time is over.
pub fn late() -> Fault {
    Fault::new(
        FaultKind::Refused,
        "the confirmation is older than a minute (or than its set was announced to take); nothing was sent",
    )
    .next("confirm again")
}
