//! One request that changes something: sent again only when it is proven that it was not executed, otherwise never.

use super::backoff::{Backoff, retry_after};
use super::budget::Class;
use super::call::headers;
use super::claims;
use super::client::Exchange;
use super::core::Core;
use crate::model::{Call, Fault, FaultKind};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// Tries under one intent.
const TRIES: u32 = 3;

/// Puts a further try on record, with the reason for it.
pub type Again = dyn Fn(String) -> BoxFuture<'static, Result<(), Fault>> + Send + Sync;

/// What is known after the last try.
#[derive(Debug)]
pub enum Sent {
    /// The service said yes.
    Accepted,
    /// The service said no, and did nothing.
    Refused(Fault),
    /// It is proven that nothing was executed.
    NotExecuted(Fault),
    /// A byte left, and no answer says what came of it.
    Unknown(Fault),
}

impl Core {
    /// Sends a write. `until`: the end of the confirmation's life, on the monotonic clock. `again` puts a further try on
    /// record before it is made; where that fails nothing more is sent.
    pub async fn write(
        self: &Arc<Self>,
        call: &Call,
        run: &str,
        until: Duration,
        again: &Again,
    ) -> Sent {
        let url = match self.origins(call.service).and_then(|o| o.url(call)) {
            Ok(url) => url,
            Err(fault) => return Sent::NotExecuted(fault),
        };
        let mut backoff = Backoff::new(Duration::from_millis(300), Duration::from_secs(5));
        let mut renewed = false;
        let mut tries = 0;
        let mut token = match self.bearer(call.service, Class::Write).await {
            Ok(token) => token,
            Err(fault) => return Sent::NotExecuted(fault),
        };
        loop {
            tries += 1;
            let patience = until.saturating_sub(self.mono());
            if let Err(fault) = self
                .admit(call.service, call.path.as_str(), Class::Write, patience)
                .await
            {
                return Sent::NotExecuted(fault);
            }
            if self.mono() > until {
                return Sent::NotExecuted(late());
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
                write: true,
            };
            let of = Some((call.service, call.path.as_str()));
            // `fault`: proven not executed, and another try may help after `wait`
            let (fault, wait) = match self.exchange(exchange, of).await {
                Err(broken) if broken.unsent => {
                    (broken.fault.on(call.service), backoff.next(fastrand::f64()))
                }
                Err(broken) => return Sent::Unknown(broken.fault.on(call.service)),
                Ok(answer) => match answer.status {
                    200..=299 => return Sent::Accepted,
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
                    401 => return Sent::NotExecuted(self.unauthorized(&answer, call)),
                    403 => return Sent::Refused(self.forbidden(&answer, call)),
                    429 => {
                        let wait = retry_after(answer.header("retry-after"), self.wall())
                            .unwrap_or_else(|| backoff.next(fastrand::f64()));
                        self.refused_for_rate(call.service, call.path.as_str(), wait);
                        (self.fault(&answer, call), wait)
                    }
                    // a redirect was not followed, so whoever sent it did not execute it; all the same it is no answer of
                    // the service itself
                    300..=399 => return Sent::Unknown(self.fault(&answer, call)),
                    408 | 500.. => return Sent::Unknown(self.fault(&answer, call)),
                    _ => return Sent::Refused(self.fault(&answer, call)),
                },
            };
            if tries >= TRIES || self.mono() + wait > until {
                return Sent::NotExecuted(fault);
            }
            self.clock.sleep(wait).await;
            if let Err(disk) = again(fault.to_string()).await {
                return Sent::NotExecuted(disk);
            }
        }
    }
}

/// The confirmation's minute is over.
pub fn late() -> Fault {
    Fault::new(
        FaultKind::Refused,
        "the confirmation is older than a minute; nothing was sent",
    )
    .next("confirm again")
}
