//! One read of the activity feed, tried until it is whole: its throttling is a 403 with a code in the body, its pages hang
//! on a header, and its blobs come cut, as web pages or not at all.
//!
//! Beside `call`, which reads everything else: there a 403 ends it, and headers are not handed on.

use super::words::{THROTTLED, refusal};
use crate::backend::backoff::{Backoff, retry_after};
use crate::backend::budget::Class;
use crate::backend::call::headers;
use crate::backend::claims;
use crate::backend::client::{Exchange, Line, Response};
use crate::backend::core::Core;
use crate::backend::fault::{error_body, is_page, page_fault};
use crate::model::repair::repair;
use crate::model::{Call, Fault, FaultKind, Path, Service};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Tries of one read before it is left for the next round.
const TRIES: u32 = 8;
/// Refusals for too many calls do not count as tries, but for so many.
const REFUSALS: u32 = 40;

/// A whole answer.
pub struct Whole {
    pub text: String,
    /// The address of the next page, as the service wrote it.
    pub next: Option<String>,
    /// Tries that it took beyond the first.
    pub retries: u32,
}

/// No whole answer.
#[derive(Debug)]
pub struct Missed {
    pub fault: Fault,
    /// The service's own code, where it said one.
    pub code: String,
    pub retries: u32,
}

/// Reads one address of the feed. `needs` is what a refusal for want of a permission names.
pub async fn read(
    core: &Arc<Core>,
    url: &Url,
    needs: &'static [&'static str],
    class: Class,
) -> Result<Whole, Missed> {
    let call = Call::get(Service::Office, Path::new("/subscriptions/content")).needs(needs);
    let path = call.path.as_str();
    let missed = |fault: Fault, code: &str, retries| Missed {
        fault: fault.on(Service::Office),
        code: code.to_owned(),
        retries,
    };
    let mut token = core
        .bearer(Service::Office, class)
        .await
        .map_err(|f| missed(f, "", 0))?;
    let mut backoff = Backoff::new(Duration::from_millis(400), Duration::from_secs(60));
    let (mut tries, mut refusals, mut renewed) = (0, 0, false);
    loop {
        let retries = tries + refusals;
        tries += 1;
        core.admit(Service::Office, path, class, Duration::from_secs(3600))
            .await
            .map_err(|f| missed(f, "", retries))?;
        let line = core.lines.acquire().await.ok();
        let id = uuid::Uuid::new_v4().to_string();
        let what = Exchange {
            method: call.method,
            url,
            headers: headers(&call, &id),
            bearer: Some(&token.secret),
            body: None,
            line: Line::Read,
        };
        let sent = core.exchange(what, Some((Service::Office, path))).await;
        drop(line);
        // throttling is a 403, too: one whose body came broken does not say which it is, and is asked again
        let mut unsaid = false;
        let (fault, code, wait) = match sent {
            Err(broken) => (broken.fault, String::new(), None),
            Ok(answer) => match judge(answer) {
                Verdict::Whole(text, next, replaced) => {
                    core.repaired(replaced);
                    return Ok(Whole {
                        text,
                        next,
                        retries,
                    });
                }
                Verdict::Torn(fault) => (fault, String::new(), None),
                Verdict::Refused(answer, code) => {
                    unsaid = answer.status == 403 && code.is_empty();
                    let wait = retry_after(answer.header("retry-after"), core.wall());
                    let fault = match answer.status {
                        401 if !renewed => {
                            renewed = true;
                            let wanted = claims::challenge(answer.headers("www-authenticate"));
                            token = core
                                .renew(Service::Office, &token, wanted)
                                .await
                                .map_err(|f| missed(f, &code, retries))?;
                            continue;
                        }
                        401 => core.unauthorized(&answer, &call, &token),
                        _ => refusal(&code, needs)
                            .map(|f| f.status(answer.status))
                            .unwrap_or_else(|| core.fault(&answer, &call)),
                    };
                    if fault.kind == FaultKind::Throttled {
                        let wait = wait.unwrap_or_else(|| backoff.next(fastrand::f64()));
                        // the closed budget does the waiting, for everyone who wants the same
                        core.refused_for_rate(Service::Office, path, wait);
                        tries -= 1;
                        refusals += 1;
                        if refusals > REFUSALS {
                            return Err(missed(fault, &code, retries));
                        }
                        continue;
                    }
                    (fault, code, wait)
                }
            },
        };
        let passes = match fault.kind {
            FaultKind::Network | FaultKind::Timeout | FaultKind::Server => true,
            FaultKind::BadAnswer => !fault.what.contains("larger than"),
            _ => unsaid,
        };
        if !passes || tries >= TRIES {
            return Err(missed(fault, &code, retries));
        }
        let wait = backoff
            .next(fastrand::f64())
            .max(wait.unwrap_or(Duration::ZERO));
        core.clock.sleep(wait).await;
    }
}

enum Verdict {
    Whole(String, Option<String>, u32),
    /// A success in name only: cut, packed wrongly, a page of somebody between.
    Torn(Fault),
    Refused(Box<Response>, String),
}

fn judge(answer: Response) -> Verdict {
    if !answer.is_success() {
        let text = repair(answer.body.clone().unwrap_or_default()).text;
        let code = error_body(&text).map(|b| b.code).unwrap_or_default();
        // a code that stands in other words than JSON counts too
        let code = match code.is_empty() && text.contains(THROTTLED) {
            true => THROTTLED.to_owned(),
            false => code,
        };
        return Verdict::Refused(Box::new(answer), code);
    }
    let next = answer.header("nextpageuri").map(str::to_owned);
    let (kind, status, host) = (
        answer.content_type().to_owned(),
        answer.status,
        answer.host.clone(),
    );
    match answer.body {
        Err(fault) => Verdict::Torn(fault),
        Ok(bytes) => {
            let repaired = repair(bytes);
            if is_page(&kind, &repaired.text) {
                return Verdict::Torn(page_fault(status, &host));
            }
            if let Err(e) = serde_json::from_str::<Vec<&RawValue>>(&repaired.text) {
                let what = match e.classify() {
                    Category::Eof => format!(
                        "the answer of {host} breaks off after {} bytes",
                        repaired.text.len()
                    ),
                    Category::Data => format!("the answer of {host} is not a list"),
                    _ => format!("the answer of {host} is not JSON"),
                };
                return Verdict::Torn(Fault::new(FaultKind::BadAnswer, what).status(status));
            }
            Verdict::Whole(repaired.text, next, repaired.replaced)
        }
    }
}
