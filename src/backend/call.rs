//! One read, from permission to answer: waits for budget and token, retries what may be retried, and makes faults of the
//! rest. Writes do not come this way (`write`).

use super::answer::Body;
use super::backoff::{Backoff, retry_after};
use super::budget::{Class, Surface};
use super::claims;
use super::client::{Exchange, Line, Response};
use super::core::Core;
use super::fault::{Asked, refusal};
use super::origin::Origins;
use super::token::Token;
use crate::model::{Call, Fault, FaultKind, Grant, Method, Mode, Service, Ticks};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// For whom a read is made, and whether a permission that was not seen stops it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    pub class: Class,
    /// The person insists: a token is a hint, the service's 403 decides.
    pub anyway: bool,
}

impl How {
    pub const BACKGROUND: Self = Self {
        class: Class::Background,
        anyway: false,
    };
    pub const PERSON: Self = Self {
        class: Class::Person,
        anyway: false,
    };
    pub const INSIST: Self = Self {
        class: Class::Person,
        anyway: true,
    };
    /// Reads that belong to a confirmed write.
    pub const WRITE: Self = Self {
        class: Class::Write,
        anyway: true,
    };

    fn tries(self) -> u32 {
        match self.class {
            Class::Background => 5,
            Class::Person => 4,
            Class::Write => 3,
        }
    }

    /// How long the one who asked can be kept waiting, all in all.
    fn patience(self) -> Duration {
        match self.class {
            Class::Background => Duration::from_secs(3600),
            Class::Person => Duration::from_secs(20),
            Class::Write => Duration::from_secs(10),
        }
    }
}

/// A success.
#[derive(Debug)]
pub struct Got {
    pub body: Body,
    /// The service's clock.
    pub date: Option<Ticks>,
}

impl Core {
    /// Where the tenant's service is.
    pub fn origins(&self, service: Service) -> Result<Origins, Fault> {
        Origins::of(&self.tenant, service)
    }

    /// The fault of a call that must fail: its permission was looked for and not found.
    pub fn missing(&self, service: Service, needs: &[&str]) -> Option<Fault> {
        if !matches!(
            self.who.grant(service, needs),
            Grant::NotSeen | Grant::Denied
        ) {
            return None;
        }
        let mut fault = Fault::new(
            FaultKind::Forbidden,
            "not asked: the sign-in does not show the permission",
        )
        .on(service)
        .next("ask an administrator to add it and grant consent, then refresh");
        fault.permissions = needs.iter().map(|p| (*p).to_owned()).collect();
        Some(fault)
    }

    /// Reads one URL of a call. `None` is the documented 404 for "none".
    pub async fn read(
        self: &Arc<Self>,
        call: &Call,
        url: &Url,
        how: How,
    ) -> Result<Option<Got>, Fault> {
        let taken = self.read_as(call, url, how, |answer| match answer.rest {
            Some(_) => Ok(Err(Box::new(answer))),
            None => self.success(answer, call.service).map(Ok),
        });
        match taken.await? {
            None => Ok(None),
            Some(Ok(got)) => Ok(Some(got)),
            // a hunt that is asked for a few words: prompts and checks read it whole
            Some(Err(mut answer)) => {
                answer.body = match answer.rest.take() {
                    Some(rest) => rest.whole().await,
                    None => Ok(Vec::new()),
                };
                self.success(*answer, call.service).map(Some)
            }
        }
    }

    /// The same, and every try beyond the first is added to `retries`.
    pub async fn read_counted(
        self: &Arc<Self>,
        call: &Call,
        url: &Url,
        how: How,
        retries: &mut u32,
    ) -> Result<Option<Got>, Fault> {
        let take = |answer| self.success(answer, call.service);
        self.read_trying(call, url, how, take, retries).await
    }

    /// The same, with the success taken as it came: a hunt's body is still on its way.
    pub async fn read_as<T>(
        self: &Arc<Self>,
        call: &Call,
        url: &Url,
        how: How,
        take: impl Fn(Response) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        self.read_trying(call, url, how, take, &mut 0).await
    }

    async fn read_trying<T>(
        self: &Arc<Self>,
        call: &Call,
        url: &Url,
        how: How,
        take: impl Fn(Response) -> Result<T, Fault>,
        retries: &mut u32,
    ) -> Result<Option<T>, Fault> {
        let path = call.path.as_str();
        let mut token = self.bearer(call.service, how.class).await?;
        if let Some(fault) = self
            .missing(call.service, call.needs)
            .filter(|_| !how.anyway)
        {
            return Err(fault);
        }
        let mut backoff = Backoff::new(Duration::from_millis(400), Duration::from_secs(60));
        let (mut tries, mut renewed, mut waited) = (0, false, Duration::ZERO);
        loop {
            tries += 1;
            *retries += u32::from(tries > 1);
            // a query that went out may still run and count: it is not sent twice
            let mut again = true;
            self.admit(call.service, path, how.class, how.patience())
                .await?;
            let line = match how.class {
                Class::Write => None,
                _ => self.lines.acquire().await.ok(),
            };
            let sent = self
                .exchange(
                    self.get(call, url, &token, how.class),
                    Some((call.service, path)),
                )
                .await;
            drop(line);
            // what may be over by itself ends in `wait`; the rest returns
            let (fault, wait) = match sent {
                Err(broken) => {
                    again = broken.unsent || !is_hunt(call);
                    (broken.fault.on(call.service), None)
                }
                Ok(answer) => match answer.status {
                    200..=299 => match take(answer) {
                        Err(fault) => (fault, None),
                        got => return got.map(Some),
                    },
                    401 if !renewed => {
                        renewed = true;
                        let wanted = claims::challenge(answer.headers("www-authenticate"));
                        token = self.renew(call.service, &token, wanted).await?;
                        continue;
                    }
                    401 => return Err(self.unauthorized(&answer, call, &token)),
                    403 if !renewed && self.who.session().mode == Mode::Delegated => {
                        renewed = true;
                        match self.renew_for_roles(call.service, &token).await {
                            Some(newer) => token = newer,
                            None => return Err(self.forbidden(&answer, call)),
                        }
                        continue;
                    }
                    403 => return Err(self.forbidden(&answer, call)),
                    404 if call.none_is_404 => return Ok(None),
                    429 => {
                        let wait = retry_after(answer.header("retry-after"), self.wall())
                            .unwrap_or_else(|| backoff.next(fastrand::f64()));
                        self.refused_for_rate(call.service, path, wait);
                        let mut fault = self.fault(&answer, call);
                        fault.retry_at = Some(self.in_time(wait));
                        if tries >= how.tries() || waited + wait > how.patience() {
                            return Err(fault);
                        }
                        // the closed budget does the waiting, for everyone who wants the same
                        waited += wait;
                        continue;
                    }
                    _ => {
                        let wait = retry_after(answer.header("retry-after"), self.wall());
                        (self.fault(&answer, call), wait)
                    }
                },
            };
            let passes = match fault.status {
                0 | 200 => again && matches!(fault.kind, FaultKind::Network | FaultKind::Timeout),
                // a query that took too long takes as long again
                504 => call.is_read(),
                status => matches!(status, 502 | 503),
            };
            let wait = backoff
                .next(fastrand::f64())
                .max(wait.unwrap_or(Duration::ZERO));
            if !passes || tries >= how.tries() || waited + wait > how.patience() {
                return Err(fault);
            }
            waited += wait;
            self.clock.sleep(wait).await;
        }
    }

    fn get<'a>(&self, call: &Call, url: &'a Url, token: &'a Token, class: Class) -> Exchange<'a> {
        let id = call.id.clone();
        let id = id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let mut headers = headers(call, &id);
        if class != Class::Background
            && Surface::of(call.service, call.path.as_str()) == Surface::Directory
        {
            headers.push(("x-ms-throttle-priority", "high".into()));
        }
        Exchange {
            method: call.method,
            url,
            headers,
            bearer: Some(&token.secret),
            // a question that does not fit an address
            body: call
                .body
                .as_ref()
                .map(|body| ("application/json", body.to_string().into_bytes())),
            line: if is_hunt(call) {
                Line::Hunt
            } else {
                Line::Read
            },
        }
    }

    fn success(&self, answer: Response, service: Service) -> Result<Got, Fault> {
        let date = answer.date();
        let request_id = answer.request_id();
        match Body::of(answer) {
            Ok(body) => {
                self.repaired(body.replaced);
                Ok(Got { body, date })
            }
            Err(mut fault) => {
                fault.request_id = request_id;
                Err(fault.on(service))
            }
        }
    }

    /// The fault of any refusal.
    pub fn fault(&self, answer: &Response, call: &Call) -> Fault {
        let asked = Asked {
            service: call.service,
            needs: call.needs,
            granted: self.who.grant(call.service, call.needs) == Grant::Granted,
            delegated: self.who.session().mode == Mode::Delegated,
        };
        refusal(answer, asked)
    }

    /// A 403; what was missing is remembered, so that the background does not ask again.
    pub fn forbidden(&self, answer: &Response, call: &Call) -> Fault {
        let fault = self.fault(answer, call);
        if !fault.permissions.is_empty() && fault.kind == FaultKind::Forbidden {
            self.who.denied(call.service, call.needs);
        }
        fault
    }

    /// A 401 on a token that was new: the clock is the usual reason that nobody thinks of, and a token for another service
    /// the next.
    pub fn unauthorized(&self, answer: &Response, call: &Call, token: &Token) -> Fault {
        let fault = self.fault(answer, call);
        if let Some(other) = claims::other_audience(
            token.secret.expose_secret(),
            call.service,
            self.scope(call.service),
        ) {
            let name = call.service.name();
            return Fault {
                what: format!("the token is for {other}, not for {name}"),
                next: "check what gives the tokens: `az`, the machine's identity, or `login-url` and `cloud`".into(),
                ..fault
            };
        }
        match self.skew_words() {
            Some(words) => Fault {
                kind: FaultKind::Clock,
                what: format!("a new token was not accepted, and {words}"),
                next: "set the clock, then refresh".into(),
                ..fault
            },
            None => fault,
        }
    }
}

/// Whether a call is a hunting query, which may take minutes.
fn is_hunt(call: &Call) -> bool {
    match call.service {
        Service::Graph => call.path.as_str() == super::hunt::GRAPH,
        Service::Defender | Service::CloudApps | Service::Office => false,
        Service::LogAnalytics => call.method == Method::Post,
        Service::Explorer => call.path.as_str() == super::hunt::EXPLORER,
    }
}

/// The headers of every request.
pub fn headers(call: &Call, request_id: &str) -> Vec<(&'static str, String)> {
    let mut out = vec![
        ("accept", "application/json".to_owned()),
        ("client-request-id", request_id.to_owned()),
    ];
    match call.service {
        Service::Graph => out.push(("prefer", "include-unknown-enum-members".to_owned())),
        Service::LogAnalytics => out.push(("prefer", "wait=600".to_owned())),
        Service::Explorer => out.push(("x-ms-client-request-id", request_id.to_owned())),
        Service::Defender | Service::CloudApps | Service::Office => {}
    }
    if call.eventual {
        out.push(("consistencylevel", "eventual".to_owned()));
    }
    out
}
