//! One request from its bytes to its answer's bytes: guard, faults that come before, the service, faults that come after, journal.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use bytes::Bytes;
use futures_util::stream;
use hyper::body::Incoming;

use super::answer::{Answer, Tail};
use super::ask::{Ask, Service};
use super::guard;
use super::journal::Outcome;
use crate::clock::http_date;
use crate::response::course::Wish;
use crate::scenario::{Fault, Filling, Shape, altered, hostile, own_address, shape};
use crate::tenant::{Tenant, locked};

/// Bodies above this are refused unread.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// What a proxy in the way answers.
const PROXY: &str = "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head>\
                     <body><h1>Authentication required</h1><p>Your access to the Internet needs a sign-in.</p></body></html>\n";
/// What a gateway in front of a broken service answers.
const GATEWAY: &str = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service \
                       Temporarily Unavailable</h1></center>\r\n<hr><center>Microsoft-Azure-Application-Gateway/v2</center>\r\n</body>\r\n</html>\r\n";

/// Ends the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the scenario cut the connection")]
pub(super) struct Cut;

/// Who is at home behind a socket.
#[derive(Clone, Copy, Debug)]
pub(super) enum Home {
    All,
    One(Service),
    /// A foreign origin: whatever comes here was led astray.
    Nobody,
}

/// Answers one request.
pub(super) async fn answer(
    request: Request<Incoming>,
    local: SocketAddr,
    home: Home,
    tenant: &Arc<Tenant>,
    reset: &Arc<AtomicBool>,
) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let addressed = addressed(head.uri.path()).filter(|(service, _)| match home {
        Home::All => true,
        Home::One(only) => only == *service,
        Home::Nobody => false,
    });
    let service = addressed.as_ref().map(|(service, _)| *service);
    let mut ask = Ask {
        service: service.unwrap_or_default(),
        method: head.method,
        path: addressed.map_or_else(|| head.uri.path().to_owned(), |(_, path)| path),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: Bytes::new(),
        origin: format!("http://{local}"),
        request_id: uuid::Uuid::new_v4().to_string(),
        expired: false,
        wish: Wish::default(),
    };
    let refused = |ask: &Ask, status, why: &str, faults| {
        let outcome = Outcome {
            status,
            executed: false,
            answer: None,
        };
        let now = tenant.clock.now();
        tenant.journal.add(service, ask, now, outcome, faults);
        let answer = Answer::bytes(status, "text/plain", why);
        Ok(respond(answer, tenant, Shape::Whole))
    };
    if let (Some(why), false) = (
        guard::refusal(&ask.headers, local),
        matches!(home, Home::Nobody),
    ) {
        return refused(&ask, 403, why, vec![]);
    }
    let whole = axum::body::to_bytes(Body::new(body), BODY_LIMIT).await;
    let complete = whole.is_ok();
    ask.body = whole.unwrap_or_default();
    if service.is_none() {
        return refused(&ask, 404, "no such service here", vec![]);
    }
    if !complete {
        return refused(
            &ask,
            413,
            "body too large, or cut off",
            vec!["incomplete-body"],
        );
    }
    // what has arrived whole is carried out, also when its sender hangs up or dies meanwhile, as at the real services
    let (tenant, reset) = (Arc::clone(tenant), Arc::clone(reset));
    let work = tokio::spawn(async move { carry_out(ask, &tenant, &reset).await });
    work.await.unwrap_or(Err(Cut))
}

async fn carry_out(
    mut ask: Ask,
    tenant: &Tenant,
    reset: &AtomicBool,
) -> Result<Response<Body>, Cut> {
    let faults = tenant.play.struck(&ask);
    let names: Vec<&'static str> = faults.iter().map(Fault::name).collect();
    for fault in &faults {
        if let Fault::SlowHeaders { ms } = fault {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
        }
        before(tenant, fault);
        ask.expired |= matches!(fault, Fault::ExpireToken {});
        if let Fault::Action(wish) = fault {
            ask.wish = wish.clone();
        }
    }
    let note = |status: u16, executed: bool, answer: Option<&Answer>| {
        let outcome = Outcome {
            status,
            executed,
            answer,
        };
        let now = tenant.clock.now();
        let names = names.clone();
        tenant
            .journal
            .add(Some(ask.service), &ask, now, outcome, names);
    };
    if faults.contains(&Fault::ResetBefore {}) {
        note(0, false, None);
        reset.store(true, Ordering::Relaxed);
        return Err(Cut);
    }
    let instead = faults.iter().find_map(|fault| instead(tenant, &ask, fault));
    let executed = instead.is_none();
    // a first request may make tables: the other worker keeps answering meanwhile
    let mut own = instead.unwrap_or_else(|| tokio::task::block_in_place(|| tenant.answer(&ask)));
    if !faults.is_empty() {
        // faults look at bytes
        own.whole();
    }
    if faults.contains(&Fault::ResetAfter {}) {
        note(0, executed, Some(&own));
        reset.store(true, Ordering::Relaxed);
        return Err(Cut);
    }
    let foreign = tenant.info.foreign.as_deref();
    let mut answer = altered(own.clone(), &faults, &ask, foreign);
    for fault in &faults {
        answer = after(tenant, &ask, fault, answer);
    }
    let shape = shape(&mut answer, &faults);
    note(answer.status, executed, Some(&own));
    Ok(respond(answer, tenant, shape))
}

/// The service that a path belongs to, and the path below its root.
fn addressed(path: &str) -> Option<(Service, String)> {
    const BETA: &str = "/graph/beta/";
    if let Some(rest) = path.get(BETA.len()..)
        && path[..BETA.len()].eq_ignore_ascii_case(BETA)
    {
        return Some((Service::Graph, format!("/{}/{rest}", crate::graph::BETA)));
    }
    Service::ALL.into_iter().find_map(|service| {
        let root = service.root();
        let rest = path
            .get(root.len()..)
            .filter(|_| path[..root.len()].eq_ignore_ascii_case(root))?;
        (rest.is_empty() || rest.starts_with('/')).then(|| (service, rest.to_owned()))
    })
}

/// Faults that change the tenant.
fn before(tenant: &Tenant, fault: &Fault) {
    match fault {
        // a name that is not known changes nothing; scenarios are checked by their tests
        Fault::Revoke { permission } => drop(locked(&tenant.grants).revoke(permission)),
        Fault::Grant { permission } => drop(locked(&tenant.grants).grant(permission)),
        Fault::ClaimsChallenge {} => {
            let mut challenge = locked(&tenant.login.challenge);
            // a later challenge is never answered by the claims of an earlier one
            let next = challenge.map_or(i64::MIN, |c| c + 1);
            *challenge = Some(tenant.clock.told().as_second().max(next));
        }
        _ => {}
    }
}

/// Faults that answer in the service's place.
fn instead(tenant: &Tenant, ask: &Ask, fault: &Fault) -> Option<Answer> {
    match fault {
        Fault::Status {
            status,
            body,
            retry_after,
            code,
        } => Some(waiting(
            filled(tenant, ask, *status, *body, code),
            retry_after.as_deref(),
        )),
        Fault::Throttle { retry_after } => Some(waiting(
            refusal(tenant, ask, 429, "TooManyRequests"),
            retry_after.as_deref(),
        )),
        Fault::HtmlPage { status } => Some(Answer::bytes(
            status.unwrap_or(200),
            "text/html; charset=utf-8",
            PROXY,
        )),
        Fault::Redirect { status, to } => {
            let answer = Answer::empty(status.unwrap_or(307));
            Some(led(tenant, ask, answer, to))
        }
        Fault::Aadsts { code } => Some(crate::login::refuse(tenant, ask, Some(*code), 400)),
        _ => None,
    }
}

/// An answer with a `Location`.
fn led(tenant: &Tenant, ask: &Ask, mut answer: Answer, to: &str) -> Answer {
    let right = own_address(ask);
    let to = hostile::filled(to, ask, &right, tenant.info.foreign.as_deref());
    answer.set_address("location", &to);
    answer
}

fn filled(tenant: &Tenant, ask: &Ask, status: u16, body: Filling, code: &str) -> Answer {
    match body {
        Filling::Json => refusal(tenant, ask, status, code),
        Filling::Html => Answer::bytes(status, "text/html", GATEWAY),
        Filling::Plain => Answer::bytes(status, "text/plain", "The service is unavailable."),
        Filling::Empty => Answer::empty(status),
    }
}

/// Faults that answer differently after the request was carried out.
fn after(tenant: &Tenant, ask: &Ask, fault: &Fault, answer: Answer) -> Answer {
    match fault {
        Fault::LateStatus {
            status,
            body,
            retry_after,
            code,
        } => waiting(
            filled(tenant, ask, *status, *body, code),
            retry_after.as_deref(),
        ),
        Fault::Answer {
            status,
            body,
            content_type,
        } => {
            let kind = content_type.as_deref().unwrap_or("application/json");
            Answer::bytes(status.unwrap_or(200), "application/json", body.as_bytes())
                .with("content-type", kind)
        }
        Fault::Location { to } => led(tenant, ask, answer, to),
        Fault::NextPage { to } => {
            let mut answer = answer;
            let right = answer
                .header("nextpageuri")
                .map_or_else(|| own_address(ask), str::to_owned);
            let to = hostile::filled(to, ask, &right, tenant.info.foreign.as_deref());
            answer.set_address("nextpageuri", &to);
            answer
        }
        _ => answer,
    }
}

fn refusal(tenant: &Tenant, ask: &Ask, status: u16, code: &str) -> Answer {
    if ask.service == Service::Office {
        return crate::office::refuse(status, code);
    }
    let (code, message) = match (code, status) {
        ("TooManyRequests", _) | ("", 429) => ("TooManyRequests", "Too many requests."),
        ("UnknownError", _) | ("", 504) => ("UnknownError", ""),
        ("", 503) => (
            "ServiceUnavailable",
            "The service is temporarily unavailable.",
        ),
        _ => ("InternalServerError", "An unexpected error occurred."),
    };
    match ask.service {
        Service::Login => crate::login::refuse(tenant, ask, None, status),
        Service::Graph => crate::graph::refuse(tenant, ask, status, code, message),
        Service::Defender => crate::mde::refuse(ask, status, code, message),
        Service::Files => Answer::bytes(status, "text/plain", message),
        Service::LogAnalytics => crate::loganalytics::refuse(ask, status, code, message),
        Service::Adx => crate::adx::refuse(ask, status, code, message),
        Service::Office => crate::office::refuse(status, code),
        Service::CloudApps => crate::cloudapps::refuse(status, message),
        Service::Arm => crate::arm::refuse(status, code, message),
    }
}

fn waiting(answer: Answer, retry_after: Option<&str>) -> Answer {
    match retry_after {
        Some(value) => answer.with("retry-after", value),
        None => answer,
    }
}

fn respond(answer: Answer, tenant: &Tenant, shape: Shape) -> Response<Body> {
    let length = answer.body.len();
    let body = match shape {
        Shape::Whole => match answer.tail {
            Some(tail) => streamed(answer.body, tail),
            None => Body::from(answer.body),
        },
        Shape::Cut(keep) => cut(&answer.body[..keep.min(length)]),
        Shape::Slow(pieces, pause) => slow(answer.body.into(), pieces, pause),
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.extend(answer.headers);
    headers.insert("x-watchfloor-sim", HeaderValue::from_static("1"));
    if matches!(shape, Shape::Cut(_)) {
        // the whole length is announced
        headers.insert("content-length", HeaderValue::from(length));
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(tenant.clock.told())) {
        headers.insert("date", date);
    }
    response
}

/// What is there, then the rest as it is written.
fn streamed(head: Vec<u8>, tail: Tail) -> Body {
    Body::from_stream(stream::unfold((Some(head), 0), move |(head, n)| {
        let tail = tail.clone();
        async move {
            if let Some(head) = head {
                return Some((Ok::<_, Cut>(Bytes::from(head)), (None, n)));
            }
            let piece = tail.0.piece(n)?;
            Some((Ok(Bytes::from(piece)), (None, n + 1)))
        }
    }))
}

/// A part of a body, then the end of the connection.
fn cut(part: &[u8]) -> Body {
    let part = Bytes::copy_from_slice(part);
    Body::from_stream(stream::unfold(Some(part), |left| async move {
        match left {
            Some(part) if !part.is_empty() => Some((Ok(part), Some(Bytes::new()))),
            Some(_) => {
                // let what was written leave before the connection goes
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Err(Cut), None))
            }
            None => None,
        }
    }))
}

/// A body in pieces.
fn slow(body: Bytes, pieces: usize, pause: Duration) -> Body {
    let size = body.len().div_ceil(pieces).max(1);
    Body::from_stream(stream::unfold(
        (body, true),
        move |(mut rest, first)| async move {
            if rest.is_empty() {
                return None;
            }
            if !first {
                tokio::time::sleep(pause).await;
            }
            let piece = rest.split_to(size.min(rest.len()));
            Some((Ok::<_, Cut>(piece), (rest, false)))
        },
    ))
}
