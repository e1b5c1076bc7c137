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
    /// What the tokens to write with show, where they are another's than those to read with.
    apart: Option<BTreeMap<Service, Vec<String>>>,
    /// Minutes that a token of a service lived when it came last.
    lives: BTreeMap<Service, u64>,
}

impl Grants {
    /// Takes what a fresh token shows; clears refusals of that service, since new consents appear only in new tokens.
    pub fn token(&mut self, service: Service, permissions: Option<Vec<String>>) {
        self.seen.insert(service, permissions);
        self.denied.retain(|(s, _)| *s != service);
    }

    /// How long a fresh token lives, in minutes.
    pub fn lives_for(&mut self, service: Service, minutes: u64) {
        self.lives.insert(service, minutes);
    }

    /// The same, where a token of this service came.
    pub fn life(&self, service: Service) -> Option<u64> {
        self.lives.get(&service).copied()
    }

    /// Writes have a credential of their own: until one of its tokens is seen, nothing is known of what it may do.
    pub fn writes_apart(&mut self) {
        self.apart.get_or_insert_default();
    }

    /// Takes what a fresh token to write with shows.
    pub fn write_token(&mut self, service: Service, permissions: Option<Vec<String>>) {
        self.denied.retain(|(s, _)| *s != service);
        let apart = self.apart.get_or_insert_default();
        match permissions {
            Some(list) => apart.insert(service, list),
            None => apart.remove(&service),
        };
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
        let lists = |list: &[String]| list.iter().any(|p| p.eq_ignore_ascii_case(permission));
        match (self.seen.get(&service), &self.apart) {
            (Some(Some(list)), _) if lists(list) => Grant::Granted,
            (_, Some(apart)) => match apart.get(&service) {
                Some(list) if lists(list) => Grant::Granted,
                Some(_) => Grant::NotSeen,
                None => Grant::Unknown,
            },
            (Some(Some(_)), None) => Grant::NotSeen,
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
    /// The application that writes in the principal's stead: a credential of its own for that.
    pub writer: Option<Text>,
    /// The person who acts (UPN): the token's user, or the configured analyst; none = write verbs are greyed.
    pub me: Option<Text>,
    /// The other side says it is a simulator.
    pub demo: bool,
    pub read_only: Option<String>,
    /// What configuration and policy forbid, slow down or switch on.
    pub guards: Arc<Guards>,
}

impl Session {
    /// Who the service will say did it.
    pub fn acting(&self) -> &Text {
        self.writer.as_ref().unwrap_or(&self.principal)
    }

    /// Whether an application acts rather than the person: then the person signs the comment.
    pub fn acts_as_app(&self) -> bool {
        self.writer.is_some() || self.mode == Mode::AppOnly
    }
}
