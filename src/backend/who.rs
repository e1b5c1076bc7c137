//! Who is signed in and what that sign-in may do, kept for everyone and told to the screen whenever it changes.

use super::claims::Hint;
use super::ports::Events;
use crate::config::{SignIn, TenantConfig};
use crate::model::{Grant, Grants, Mode, Service, Session};
use crate::msg::{Event, News};
use std::sync::Mutex;
use std::sync::MutexGuard;
use table::Text;

/// The session and its grants.
pub struct Who {
    state: Mutex<State>,
    events: Events,
}

#[derive(Clone, Debug)]
struct State {
    session: Session,
    grants: Grants,
    /// There was a token, so the session is more than a wish.
    signed_in: bool,
}

impl Who {
    pub fn new(tenant: &TenantConfig, events: Events) -> Self {
        let mode = mode(tenant);
        let session = Session {
            tenant: tenant.name.clone(),
            tenant_id: tenant.tenant_id.clone(),
            mode,
            principal: match mode {
                Mode::AppOnly => Text::from(tenant.client_id.as_str()),
                Mode::Delegated => Text::default(),
            },
            me: match mode {
                Mode::AppOnly => tenant
                    .analyst
                    .as_deref()
                    .filter(|a| !a.is_empty())
                    .map(Text::from),
                Mode::Delegated => None,
            },
            demo: tenant.sim,
            read_only: tenant.read_only.clone(),
            guards: tenant.guards.clone(),
        };
        Self {
            state: Mutex::new(State {
                session,
                grants: Grants::default(),
                signed_in: false,
            }),
            events,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Changes the state and tells the screen if anything differs.
    fn change(&self, how: impl FnOnce(&mut State)) {
        let news = {
            let mut state = self.lock();
            let before = state.clone();
            how(&mut state);
            let differs = before.session != state.session
                || before.grants != state.grants
                || before.signed_in != state.signed_in;
            (differs && state.signed_in)
                .then(|| News::Session(state.session.clone(), state.grants.clone()))
        };
        if let Some(news) = news {
            (self.events)(Event::News(news));
        }
    }

    /// A fresh token of a service came.
    pub fn token(&self, service: Service, hint: &Hint) {
        self.change(|s| {
            s.signed_in = true;
            s.grants.token(service, hint.permissions.clone());
            if s.session.mode == Mode::Delegated {
                if let Some(oid) = &hint.oid {
                    s.session.principal = oid.clone();
                }
                if let Some(name) = &hint.name {
                    s.session.me = Some(name.clone());
                }
            }
        });
    }

    /// The directory's own word about the user.
    pub fn person(&self, oid: Text, name: Option<Text>) {
        self.change(|s| {
            s.session.principal = oid;
            s.session.me = name.or_else(|| s.session.me.clone());
        });
    }

    /// The configured analyst is nobody in this tenant.
    pub fn no_such_analyst(&self) {
        self.change(|s| s.session.me = None);
    }

    /// The tenant does not have this API: nothing of it is granted.
    pub fn absent(&self, service: Service) {
        self.change(|s| s.grants.token(service, Some(Vec::new())));
    }

    /// The service refused for want of these.
    pub fn denied(&self, service: Service, permissions: &[&str]) {
        self.change(|s| {
            for p in permissions {
                s.grants.deny(service, p);
            }
        });
    }

    pub fn demo(&self) {
        self.change(|s| s.session.demo = true);
    }

    pub fn grant(&self, service: Service, permissions: &[&str]) -> Grant {
        self.lock().grants.any(service, permissions)
    }

    pub fn session(&self) -> Session {
        self.lock().session.clone()
    }

    /// Whether it is known who signed in.
    pub fn is_known(&self) -> bool {
        !self.lock().session.principal.is_empty()
    }
}

/// App-only or delegated.
pub fn mode(tenant: &TenantConfig) -> Mode {
    match tenant.sign_in {
        SignIn::Secret(_) => Mode::AppOnly,
        SignIn::DeviceCode | SignIn::Browser => Mode::Delegated,
    }
}
