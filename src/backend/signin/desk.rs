//! The session of a person: begun by device code or in a browser elsewhere, kept in memory, waited for by every token.

use super::listen::Ear;
use super::{Grant, browser, device, keep};
use crate::backend::claims;
use crate::backend::core::{Core, lock};
use crate::backend::token::Hand;
use crate::config::SignIn;
use crate::model::{Fault, FaultKind, Service};
use crate::msg::{Body, Level, News, SignInStep};
use secrecy::SecretString;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
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
    /// Who waits for this computer's browser.
    ear: Mutex<Option<AbortHandle>>,
    /// The session is one that was kept, and nothing came of it yet.
    kept: AtomicBool,
    /// Held while the kept session is written or removed.
    pub(super) writing: Mutex<()>,
    /// What `az` cannot do was said.
    az_told: AtomicBool,
    /// How near its end the credential was when that was said last.
    pub(super) expiry_told: AtomicU8,
    /// The service whose scopes the sign-in asks for.
    of: Mutex<Service>,
    /// The claims that ended the session: a service wants to see them, and only the person can bring them.
    wanted: Mutex<Option<String>>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(State::Out),
            refresh: Mutex::default(),
            browser: Mutex::default(),
            device: Mutex::default(),
            ear: Mutex::default(),
            kept: AtomicBool::new(false),
            writing: Mutex::default(),
            az_told: AtomicBool::new(false),
            expiry_told: AtomicU8::new(0),
            of: Mutex::new(Service::Graph),
            wanted: Mutex::default(),
        }
    }
}

impl Desk {
    fn of(&self) -> Service {
        *lock(&self.of)
    }

    /// The refresh token in force.
    pub(super) fn refresh(&self) -> Option<Arc<SecretString>> {
        lock(&self.refresh).clone()
    }

    /// The `claims` parameter of the next sign-in.
    pub(super) fn claims(&self) -> String {
        let wanted = lock(&self.wanted).clone();
        wanted.unwrap_or_else(claims::capabilities)
    }

    /// Whether what `az` lacks is still to be said; true once.
    pub fn say_az(&self) -> bool {
        !self.az_told.swap(true, Ordering::Relaxed)
    }

    /// Nobody waits for a browser any more.
    fn deaf(&self) {
        *lock(&self.browser) = None;
        if let Some(ear) = lock(&self.ear).take() {
            ear.abort();
        }
    }
}

/// Keeps the refresh token of an answer, if it brought a new one; the old one stays until then.
pub fn rotate(core: &Arc<Core>, grant: &Grant) {
    core.desk.kept.store(false, Ordering::Relaxed);
    if let Some(token) = &grant.refresh {
        *lock(&core.desk.refresh) = Some(Arc::new(token.clone()));
        keep::store(core);
    }
}

/// The next sign-in brings these claims along: the session could not.
pub fn want(core: &Core, claims: &str) {
    if claims != claims::capabilities() {
        *lock(&core.desk.wanted) = Some(claims.to_owned());
    }
}

/// The session is over: nobody goes on by itself. True where it was one that had been kept: then the person is asked at
/// once, since nobody saw it end.
pub fn end(core: &Arc<Core>, fault: &Fault) -> bool {
    let desk = &core.desk;
    *lock(&desk.refresh) = None;
    keep::forget(core);
    let anew = desk.kept.swap(false, Ordering::Relaxed);
    desk.state.send_replace(match anew {
        true => State::Out,
        false => State::Failed(fault.clone()),
    });
    anew
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
    if first && let Some(token) = keep::load(core).await {
        *lock(&desk.refresh) = Some(Arc::new(token));
        desk.kept.store(true, Ordering::Relaxed);
        desk.state.send_replace(State::In);
    } else if first {
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

/// Whether somebody is signed in now.
pub fn is_in(core: &Core) -> bool {
    matches!(*core.desk.state.borrow(), State::In)
}

/// Waits until somebody is signed in; begins the sign-in where nobody was asked yet.
pub async fn again(core: &Arc<Core>) {
    let mut state = core.desk.state.subscribe();
    while session(core).await.is_err() {
        if state.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A step that the person asked for.
pub async fn step(core: &Arc<Core>, step: SignInStep) -> Body {
    core.tokens.forgive();
    match step {
        SignInStep::Lock => return leave(core),
        SignInStep::Unlock if core.tenant.sign_in.needs_person() => {
            core.desk.state.send_replace(State::Out);
            // the person's own time: nobody waits for it here
            let core = Arc::clone(core);
            tokio::spawn(async move { core.warm().await });
            return Body::Done;
        }
        SignInStep::Unlock => return core.warm().await,
        SignInStep::Away => {
            core.tokens.drop_of(Hand::Write);
            return Body::Done;
        }
        SignInStep::Anew(service) => return core.anew(service).await,
        _ => {}
    }
    if !core.tenant.sign_in.needs_person() {
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
        SignInStep::FinalUrl(url) => hand_over(core, &url).await,
        SignInStep::Lock | SignInStep::Unlock | SignInStep::Away | SignInStep::Anew(_) => {
            Body::Done
        }
    }
}

/// Drops what an idle console needs not hold. An application fetches tokens anew for what still runs; a person's session is
/// over until the person is back, and is taken up by itself only where it is kept on disk.
fn leave(core: &Arc<Core>) -> Body {
    core.tokens.clear();
    if core.tenant.sign_in.needs_person() {
        core.desk.deaf();
        *lock(&core.desk.refresh) = None;
        let fault = Fault::new(FaultKind::SignIn, "the console was locked")
            .next("press Enter, then sign in again");
        core.desk.state.send_replace(State::Failed(fault));
    }
    Body::Done
}

/// Trades the final address of a browser for a session, pasted or heard.
async fn hand_over(core: &Arc<Core>, url: &SecretString) -> Body {
    let Some(pending) = lock(&core.desk.browser).clone() else {
        return Body::Fault(
            Fault::new(FaultKind::SignIn, "no sign-in in a browser is under way")
                .next("begin it, then paste the final URL"),
        );
    };
    match browser::redeem(core, &pending, url).await {
        Ok(grant) => {
            signed_in(core, &grant);
            Body::Done
        }
        Err(fault) if elsewhere(core, &fault) => match open(core) {
            Ok(()) => Body::Fault(fault.next("open the new address: it asks for Defender alone")),
            Err(fault) => Body::Fault(fault),
        },
        // a wrong paste ends nothing: the right one may follow
        Err(fault) => Body::Fault(fault),
    }
}

async fn outcome(core: &Arc<Core>) -> Body {
    match session(core).await {
        Ok(_) => Body::Done,
        Err(fault) => Body::Fault(fault),
    }
}

fn open(core: &Arc<Core>) -> Result<(), Fault> {
    let ear = Ear::open();
    let (pending, prompt) = browser::begin(core, ear.as_ref().map(|e| e.port))?;
    let state = Arc::clone(&pending.state);
    core.desk.deaf();
    *lock(&core.desk.browser) = Some(pending);
    core.news(News::SignIn(prompt));
    if let Some(ear) = ear {
        let with = Arc::clone(core);
        let task = tokio::spawn(async move {
            let Some(url) = ear.hear(state).await else {
                return;
            };
            // what follows must not end because the sign-in that it makes sends everybody away who listened
            let core = Arc::clone(&with);
            tokio::spawn(async move {
                if let Body::Fault(fault) = hand_over(&core, &url).await {
                    core.news(News::SignInFailed(fault));
                }
            });
        });
        *lock(&core.desk.ear) = Some(task.abort_handle());
    }
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
                        end(&core, &fault);
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
    core.desk.deaf();
    core.tokens.clear();
    rotate(core, grant);
    core.tokens
        .put(Hand::Read, core.tenant.cloud.scope(of), grant, core.mono());
    // whose session it is, before anybody goes on who waits for it
    core.signed_in(of, grant);
    *lock(&core.desk.wanted) = None;
    core.desk.state.send_replace(State::In);
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
