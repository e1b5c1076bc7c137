//! Who is signed in, and what that sign-in may do as far as anyone can tell beforehand.

use super::call::Service;
use super::guard::Guards;
use std::collections::BTreeMap;
use std::sync::Arc;
use table::Text;

/// What is known of one permission. A token is a hint: what it does not show may still be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The token lists it.
    Granted,
    /// The token was read and does not list it.
    NotSeen,
    /// The service answered 403 for want of it.
    Denied,
    /// The token could not be read, or there is none yet: try.
    Unknown,
}

/// App-only or delegated: what the tenant's roles mean for each verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    AppOnly,
    Delegated,
}

impl Mode {
    pub fn word(self) -> &'static str {
        match self {
            Self::AppOnly => "app",
            Self::Delegated => "delegated",
        }
    }
}

/// The permissions seen in each service's token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// By service: `None` = token unreadable or not yet fetched.
    seen: BTreeMap<Service, Option<Vec<String>>>,
    denied: Vec<(Service, String)>,
}

impl Grants {
    /// Takes what a fresh token shows; clears refusals of that service, since new consents appear only in new tokens.
    pub fn token(&mut self, service: Service, permissions: Option<Vec<String>>) {
        self.seen.insert(service, permissions);
        self.denied.retain(|(s, _)| *s != service);
    }

    pub fn deny(&mut self, service: Service, permission: &str) {
        if !self
            .denied
            .iter()
            .any(|(s, p)| *s == service && p == permission)
        {
            self.denied.push((service, permission.to_owned()));
        }
    }

    pub fn one(&self, service: Service, permission: &str) -> Grant {
        if self
            .denied
            .iter()
            .any(|(s, p)| *s == service && p == permission)
        {
            return Grant::Denied;
        }
        match self.seen.get(&service) {
            Some(Some(list)) if list.iter().any(|p| p.eq_ignore_ascii_case(permission)) => {
                Grant::Granted
            }
            Some(Some(_)) => Grant::NotSeen,
            _ => Grant::Unknown,
        }
    }

    /// The best of several permissions, any one of which would do. An empty list needs nothing.
    pub fn any(&self, service: Service, permissions: &[&str]) -> Grant {
        let order = [
            Grant::Granted,
            Grant::Unknown,
            Grant::NotSeen,
            Grant::Denied,
        ];
        if permissions.is_empty() {
            return Grant::Granted;
        }
        let found: Vec<Grant> = permissions.iter().map(|p| self.one(service, p)).collect();
        order
            .into_iter()
            .find(|g| found.contains(g))
            .unwrap_or(Grant::Unknown)
    }

    /// Everything that a token of this service showed.
    pub fn listed(&self, service: Service) -> &[String] {
        self.seen
            .get(&service)
            .and_then(Option::as_deref)
            .unwrap_or(&[])
    }
}

/// The sign-in in force, for the header, for "me", and for the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The name of the tenant in our configuration.
    pub tenant: String,
    pub tenant_id: String,
    pub mode: Mode,
    /// Object id of the user, or the application's id: what the record calls the principal.
    pub principal: Text,
    /// The person who acts (UPN): the token's user, or the configured analyst; none = write verbs are greyed.
    pub me: Option<Text>,
    /// The other side says it is a simulator.
    pub demo: bool,
    pub read_only: Option<String>,
    /// What configuration and policy forbid, slow down or switch on.
    pub guards: Arc<Guards>,
}
