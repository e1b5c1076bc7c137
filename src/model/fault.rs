//! What went wrong, in a form the screen can act on and a person can act on.

use super::call::Service;
use super::time::Ticks;
use std::fmt;

/// The kind decides what the program does; the sentence and hint are for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// No route, no name, refused, reset.
    Network,
    /// The certificate was not accepted.
    Tls,
    /// The answer came too late.
    Timeout,
    /// Signing in failed, or the session ended.
    SignIn,
    /// The clock is off so far that tokens are refused.
    Clock,
    /// A permission, role or device group is missing (403).
    Forbidden,
    /// The tenant has no licence for this.
    Licence,
    /// Our own switch or policy forbids it.
    Refused,
    /// The service asks to wait (429, 503 with Retry-After).
    Throttled,
    /// 404 or 410 on something that was there.
    Gone,
    /// The target was changed by someone else meanwhile.
    Conflict,
    /// The service refused the request as wrong (other 4xx).
    BadRequest,
    /// 5xx.
    Server,
    /// Bytes that are not what the contract says: HTML, cut JSON, a foreign link, a bomb.
    BadAnswer,
    /// A link or redirect pointed where our token must not go.
    ForeignLink,
    /// The disk, the record, the cache.
    Disk,
    /// The task was cancelled.
    Cancelled,
    /// A defect of ours (a task panicked).
    Internal,
}

/// A failure with everything the person may need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    /// The API that failed; none for local faults.
    pub service: Option<Service>,
    /// What happened, one sentence without a final period. Made safe for the screen already.
    pub what: String,
    /// What to do next; may be empty.
    pub next: String,
    /// HTTP status, 0 where there was none.
    pub status: u16,
    /// The service's request id, for its support.
    pub request_id: Option<String>,
    /// The permissions any one of which would do, exact API strings.
    pub permissions: Vec<String>,
    /// When the next try is due.
    pub retry_at: Option<Ticks>,
}

impl Fault {
    pub fn new(kind: FaultKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            service: None,
            what: what.into(),
            next: String::new(),
            status: 0,
            request_id: None,
            permissions: Vec::new(),
            retry_at: None,
        }
    }

    pub fn on(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(service) = self.service {
            write!(f, "{}: ", service.name())?;
        }
        f.write_str(&self.what)?;
        if self.status != 0 {
            write!(f, " ({})", self.status)?;
        }
        if !self.permissions.is_empty() {
            write!(f, "; needs {}", self.permissions.join(" or "))?;
        }
        if !self.next.is_empty() {
            write!(f, "; {}", self.next)?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "; request id {id}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
