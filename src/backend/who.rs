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
    awaited: bool,
    /// Only a token tells whether a person or an application is signed in.
    open: bool,
    /// The configuration has no application id.
    unnamed: bool,
    analyst: Option<Text>,
}

impl Who {
    pub fn new(tenant: &TenantConfig, events: Events) -> Self {
        let mode = mode(tenant);
        let analyst = tenant.analyst.as_deref().filter(|a| !a.is_empty());
        let analyst = analyst.map(Text::from);
        let session = Session {
            tenant: tenant.name.clone(),
            tenant_id: tenant.tenant_id.clone(),
            mode,
            principal: match mode {
                // until its token says who it is
                Mode::AppOnly if tenant.client_id.is_empty() => Text::from(tenant.sign_in.word()),
                Mode::AppOnly => Text::from(tenant.client_id.as_str()),
                Mode::Delegated => Text::default(),
            },
            writer: tenant
                .access
                .write
                .as_ref()
                .map(|w| Text::from(w.client_id.as_str())),
            me: match mode {
                Mode::AppOnly => analyst.clone(),
                Mode::Delegated => None,
            },
            demo: tenant.sim,
            read_only: tenant.read_only.clone(),
            guards: tenant.guards.clone(),
        };
        let mut grants = Grants::default();
        if session.writer.is_some() {
            grants.writes_apart();
        }
        Self {
            state: Mutex::new(State {
                session,
                grants,
                signed_in: false,
                awaited: false,
                open: matches!(tenant.sign_in, SignIn::AzureCli(_)),
                unnamed: tenant.client_id.is_empty(),
                analyst,
            }),
            events,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The person was asked for, or told that the sign-in failed: the next token is told even where nothing differs, or the
    /// screen would wait for ever.
    pub fn awaited(&self) {
        self.lock().awaited = true;
    }

    /// Changes the state and tells the screen if anything differs.
    fn change(&self, how: impl FnOnce(&mut State)) {
        let news = {
            let mut state = self.lock();
            let before = state.clone();
            how(&mut state);
            let differs = (before.awaited && !state.awaited)
                || before.session != state.session
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
            s.awaited = false;
            s.grants.token(service, hint.permissions.clone());
            if let Some(minutes) = hint.minutes {
                s.grants.lives_for(service, minutes);
            }
            if s.open && hint.app == Some(true) {
                s.session.mode = Mode::AppOnly;
                if s.session.principal.is_empty() {
                    // its own id, if the token shows it, follows below
                    s.session.principal = Text::from("azure-cli");
                }
                s.session.me = s.analyst.clone();
            }
            // who has no id of his own in the configuration is known by what the token says
            if s.session.mode == Mode::AppOnly
                && let Some(id) = hint.app_id.as_ref().filter(|_| s.unnamed)
            {
                s.session.principal = id.clone();
            }
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

    /// A fresh token of the credential for writes came.
    pub fn write_token(&self, service: Service, hint: &Hint) {
        self.change(|s| {
            s.grants.write_token(service, hint.permissions.clone());
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

/// App-only or delegated, as far as the configuration tells: `az` may be signed in as either, and its token says.
pub fn mode(tenant: &TenantConfig) -> Mode {
    match tenant.sign_in {
        SignIn::Secret(_)
        | SignIn::Certificate(_)
        | SignIn::WorkloadIdentity(_)
        | SignIn::ManagedIdentity(_) => Mode::AppOnly,
        SignIn::AzureCli(_) | SignIn::DeviceCode | SignIn::Browser => Mode::Delegated,
    }
}
