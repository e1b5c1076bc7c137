//! A request to a service as data: what a resource or verb asks for, and `backend` executes without knowing why.

use serde_json::Value;
use table::Txt;

/// The services; each has its own origins, tokens and budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    Graph,
    Defender,
    /// Workspaces, asked only by hunts.
    LogAnalytics,
    /// Data Explorer clusters, asked only by hunts.
    Explorer,
    /// Cloud Apps by its own API; its host is each tenant's own.
    CloudApps,
    /// Office 365 Management Activity: the audit records of the logs.
    Office,
}

impl Service {
    /// Those that a sign-in is for; the others are signed in to when they are first asked.
    pub const ALL: &'static [Service] = &[Service::Graph, Service::Defender];

    /// The name people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Graph => "Microsoft Graph",
            Self::Defender => "Defender for Endpoint",
            Self::LogAnalytics => "Log Analytics",
            Self::Explorer => "Data Explorer",
            Self::CloudApps => "Defender for Cloud Apps",
            Self::Office => "Office 365 activity feed",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A path below a service's root. Ids get in only through `id`, which escapes and refuses `.`, `..`, slashes, controls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path(String);

/// The id cannot stand in a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id from the service cannot be used in an address: {0}")]
pub struct BadPath(pub String);

impl Path {
    /// A literal of ours, beginning with a slash.
    pub fn new(literal: &'static str) -> Self {
        Self(literal.to_owned())
    }

    /// Appends one escaped path segment from the service.
    pub fn id(mut self, id: Txt<'_>) -> Result<Self, BadPath> {
        match id.path_segment() {
            Ok(segment) => {
                if !self.0.ends_with('/') {
                    self.0.push('/');
                }
                self.0.push_str(&segment);
                Ok(self)
            }
            Err(_) => Err(BadPath(id.shown().into_owned())),
        }
    }

    /// Appends the arguments of a function that asks for an address at a time.
    pub fn ip_at(mut self, ip: std::net::IpAddr, at: super::Ticks) -> Self {
        self.0
            .push_str(&format!("(ip='{ip}',timestamp={})", at.literal()));
        self
    }

    /// Appends a literal of ours.
    pub fn then(mut self, literal: &'static str) -> Self {
        self.0.push_str(literal);
        self
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How an answer continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pages {
    /// One answer.
    One,
    /// `@odata.nextLink`, followed verbatim on the same origin, until this many rows.
    Links { at_most: u32 },
    /// `$top` and `$skip` until a short page.
    Skip { top: u32, at_most: u32 },
    /// `limit` and `skip` until the answer's `hasNext` says that this was all, as Cloud Apps has it.
    Limit { limit: u32, at_most: u32 },
}

/// One request. `needs`: any one of these permissions does; empty = none known.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub service: Service,
    pub method: Method,
    pub path: Path,
    pub query: Vec<(&'static str, String)>,
    /// Send `ConsistencyLevel: eventual` (advanced directory queries), on every page.
    pub eventual: bool,
    pub body: Option<Value>,
    pub needs: &'static [&'static str],
    /// 404 means "none" here, not a fault.
    pub none_is_404: bool,
    pub pages: Pages,
    /// Our own id of it, where it is to be told what to stop; else one is made.
    pub id: Option<String>,
}

impl Call {
    pub fn get(service: Service, path: Path) -> Self {
        Self {
            service,
            method: Method::Get,
            path,
            query: Vec::new(),
            eventual: false,
            body: None,
            needs: &[],
            none_is_404: false,
            pages: Pages::One,
            id: None,
        }
    }

    pub fn write(service: Service, method: Method, path: Path, body: Value) -> Self {
        Self {
            method,
            body: Some(body),
            ..Self::get(service, path)
        }
    }

    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub fn needs(mut self, permissions: &'static [&'static str]) -> Self {
        self.needs = permissions;
        self
    }

    pub fn pages(mut self, pages: Pages) -> Self {
        self.pages = pages;
        self
    }

    pub fn eventual(mut self) -> Self {
        self.eventual = true;
        self
    }

    pub fn none_is_404(mut self) -> Self {
        self.none_is_404 = true;
        self
    }

    /// Reading changes nothing at the service and may be repeated.
    pub fn is_read(&self) -> bool {
        self.method == Method::Get
    }
}
