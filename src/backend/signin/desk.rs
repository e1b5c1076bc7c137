//! The session of a person: begun by device code or in a browser elsewhere, kept in memory, waited for by every token.

use super::{Grant, browser, device};
use crate::backend::core::{Core, lock};
use crate::config::SignIn;
use crate::model::{Fault, FaultKind, Service};
use crate::msg::{Body, Level, News, SignInStep};
use secrecy::SecretString;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Where the sign-in stands.
#[derive(Clone, Debug)]
enum State {
    /// Nobody has asked yet.
    Out,
    /// The person is at it.
    Waiting,
    In,
    Failed(Fault),
}

pub struct Desk {
    state: watch::Sender<State>,
    refresh: Mutex<Option<Arc<SecretString>>>,
    browser: Mutex<Option<browser::Pending>>,
    device: Mutex<Option<AbortHandle>>,
    /// The service whose scopes the sign-in asks for.
    of: Mutex<Service>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(State::Out),
            refresh: Mutex::default(),
            browser: Mutex::default(),
            device: Mutex::default(),
            of: Mutex::new(Service::Graph),
        }
    }
}

impl Desk {
    /// Keeps the refresh token of an answer, if it brought a new one; the old one stays until then.
    pub fn rotate(&self, grant: &Grant) {
        if let Some(token) = &grant.refresh {
            *lock(&self.refresh) = Some(Arc::new(token.clone()));
        }
    }

    fn of(&self) -> Service {
        *lock(&self.of)
    }

    /// The session is over: nobody goes on by itself.
    pub fn end(&self, fault: &Fault) {
        *lock(&self.refresh) = None;
        self.state.send_replace(State::Failed(fault.clone()));
    }
}

/// The refresh token, once the person has signed in. The first who asks begins the sign-in.
pub async fn session(core: &Arc<Core>) -> Result<Arc<SecretString>, Fault> {
    let desk = &core.desk;
    let mut state = desk.state.subscribe();
    let mut first = false;
    desk.state.send_if_modified(|s| {
        first = matches!(s, State::Out);
        if first {
            *s = State::Waiting;
        }
        first
    });
    if first {
        match core.tenant.sign_in {
            SignIn::Browser => open(core)?,
            _ => begin_device(core),
        }
    }
    loop {
        let now = state.borrow_and_update().clone();
        match now {
            State::In => break,
            State::Failed(fault) => return Err(fault),
            State::Out | State::Waiting => {}
        }
        if state.changed().await.is_err() {
            break;
        }
    }
    lock(&desk.refresh).clone().ok_or_else(|| {
        Fault::new(
            FaultKind::SignIn,
            "the sign-in gave no session to go on with",
        )
        .next("allow `offline_access` for the application, then sign in again")
    })
}

/// A step that the person asked for.
pub async fn step(core: &Arc<Core>, step: SignInStep) -> Body {
    core.tokens.forgive();
    if matches!(core.tenant.sign_in, SignIn::Secret(_)) {
        return core.warm().await;
    }
    match step {
        SignInStep::DeviceCode => {
            core.desk.state.send_replace(State::Waiting);
            begin_device(core);
            outcome(core).await
        }
        SignInStep::Browser => {
            core.desk.state.send_replace(State::Waiting);
            match open(core) {
                Ok(()) => Body::Done,
                Err(fault) => Body::Fault(fault),
            }
        }
        SignInStep::FinalUrl(url) => {
            let Some(pending) = lock(&core.desk.browser).clone() else {
                return Body::Fault(
                    Fault::new(FaultKind::SignIn, "no sign-in in a browser is under way")
                        .next("begin it, then paste the final URL"),
                );
            };
            match browser::redeem(core, &pending, &url).await {
                Ok(grant) => {
                    *lock(&core.desk.browser) = None;
                    signed_in(core, &grant);
                    Body::Done
                }
                Err(fault) if elsewhere(core, &fault) => match open(core) {
                    Ok(()) => {
                        Body::Fault(fault.next("open the new address: it asks for Defender alone"))
                    }
                    Err(fault) => Body::Fault(fault),
                },
                // a wrong paste ends nothing: the right one may follow
                Err(fault) => Body::Fault(fault),
            }
        }
    }
}

async fn outcome(core: &Arc<Core>) -> Body {
    match session(core).await {
        Ok(_) => Body::Done,
        Err(fault) => Body::Fault(fault),
    }
}

fn open(core: &Arc<Core>) -> Result<(), Fault> {
    let (pending, prompt) = browser::begin(core)?;
    *lock(&core.desk.browser) = Some(pending);
    core.news(News::SignIn(prompt));
    Ok(())
}

fn begin_device(core: &Arc<Core>) {
    let task = {
        let core = Arc::clone(core);
        tokio::spawn(async move {
            loop {
                match device::run(&core).await {
                    Ok(grant) => return signed_in(&core, &grant),
                    Err(fault) if elsewhere(&core, &fault) => {}
                    Err(fault) => {
                        core.desk.end(&fault);
                        return core.news(News::SignInFailed(fault));
                    }
                }
            }
        })
    };
    if let Some(old) = lock(&core.desk.device).replace(task.abort_handle()) {
        old.abort();
    }
}

/// Nobody consented to what was asked for, and there is another service to ask for: the next try does that.
fn elsewhere(core: &Core, fault: &Fault) -> bool {
    if !matches!(fault.kind, FaultKind::Forbidden | FaultKind::Licence) {
        return false;
    }
    let mut of = lock(&core.desk.of);
    let was = *of;
    let next = match was {
        Service::Graph if core.origins(Service::Defender).is_ok() => Service::Defender,
        // the next sign-in begins where the first one did
        _ => Service::Graph,
    };
    *of = next;
    if next == Service::Graph {
        return false;
    }
    core.notice(
        Level::Warn,
        format!(
            "{} is not open to this application ({}); it takes another sign-in, for {}",
            was.name(),
            fault.what,
            next.name()
        ),
    );
    true
}

fn signed_in(core: &Arc<Core>, grant: &Grant) {
    let of = core.desk.of();
    core.tokens.clear();
    core.desk.rotate(grant);
    core.tokens
        .put(core.tenant.cloud.scope(of), grant, core.mono());
    core.desk.state.send_replace(State::In);
    core.signed_in(of, grant);
    // the other services' lists wait for a token of their own
    let core = Arc::clone(core);
    tokio::spawn(async move { core.warm().await });
}

/// What a sign-in of a person asks for: one API, the directory's unless nobody consented to it, and a session for the
/// others.
pub fn scopes(core: &Core) -> String {
    format!(
        "{} offline_access openid profile",
        core.tenant.cloud.scope(core.desk.of())
    )
}
