//! Access tokens: one cache entry a scope, refreshed ahead of expiry by one flight at a time, in tasks nobody aborts.
//!
//! Scopes, not hosts: on one Defender host two audiences are at home. A token is replaced, never looked into for its
//! expiry; a 401 has the last word.

use super::budget::Class;
use super::core::{Core, lock};
use super::signin::{self, Grant};
use super::{backoff::Backoff, claims, who};
use crate::model::{Fault, FaultKind, Mode, Service};
use crate::msg::News;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// How long a refusal to sign in is believed by the background before it asks again.
const REFUSAL: Duration = Duration::from_secs(300);
/// New roles show only in new tokens: so often a 403 may fetch one.
const FORCED: Duration = Duration::from_secs(300);

/// A token and how long it is good.
#[derive(Clone)]
pub struct Token {
    pub secret: Arc<SecretString>,
    /// Moves with every new token of the scope.
    pub generation: u64,
    /// From then on a new one is fetched while this one still serves.
    pub fresh_until: Duration,
    pub dies: Duration,
}

type Flight = Shared<BoxFuture<'static, Result<Token, Fault>>>;

#[derive(Default)]
pub struct Tokens {
    slots: Mutex<HashMap<&'static str, Slot>>,
    /// The last generation of each scope, for those who wait for another token.
    came: watch::Sender<HashMap<&'static str, u64>>,
}

#[derive(Default)]
struct Slot {
    token: Option<Token>,
    flight: Option<Flight>,
    failed: Option<(Fault, Duration)>,
    forced: Option<Duration>,
    /// What a service wants to see in every further token.
    claims: Option<String>,
    generation: u64,
}

impl Tokens {
    /// Forgets refusals, so that the next question is asked at once.
    pub fn forgive(&self) {
        for slot in lock(&self.slots).values_mut() {
            slot.failed = None;
        }
    }

    /// Drops every token (another session). Generations go on, so that a token of the old one stays older.
    pub fn clear(&self) {
        for slot in lock(&self.slots).values_mut() {
            // a flight that waits for the person goes on: it is this session that it waits for
            *slot = Slot {
                generation: slot.generation,
                flight: slot.flight.take(),
                ..Slot::default()
            };
        }
    }

    /// Takes a token that a sign-in brought along.
    pub fn put(&self, scope: &'static str, grant: &Grant, now: Duration) -> Token {
        let mut slots = lock(&self.slots);
        let slot = slots.entry(scope).or_default();
        slot.generation += 1;
        let token = token(grant, slot.generation, now);
        slot.token = Some(token.clone());
        slot.failed = None;
        drop(slots);
        self.came.send_modify(|came| {
            came.insert(scope, token.generation);
        });
        token
    }

    /// Waits for another token of this scope than there is now: what nothing else can help waits here.
    pub async fn another(&self, scope: &'static str) {
        let mut came = self.came.subscribe();
        let now = came.borrow_and_update().get(scope).copied();
        if came
            .wait_for(|came| came.get(scope).copied() != now)
            .await
            .is_err()
        {
            std::future::pending::<()>().await;
        }
    }
}

/// When a new token is due: ten percent of its life before the end, five minutes at least, half its life at most; or when
/// the service says so.
pub fn lifetime(expires_in: u64, refresh_in: Option<u64>, now: Duration) -> (Duration, Duration) {
    let life = Duration::from_secs(expires_in.min(7 * 86_400));
    let ahead = (life / 10).max(Duration::from_secs(300)).min(life / 2);
    let mut fresh = life - ahead;
    if let Some(at) = refresh_in {
        fresh = fresh.min(Duration::from_secs(at));
    }
    (now + fresh, now + life)
}

fn token(grant: &Grant, generation: u64, now: Duration) -> Token {
    let (fresh_until, dies) = lifetime(grant.expires_in, grant.refresh_in, now);
    Token {
        secret: grant.access.clone(),
        generation,
        fresh_until,
        dies,
    }
}

impl Core {
    /// A token for this service, from the cache where it serves.
    pub async fn bearer(self: &Arc<Self>, service: Service, class: Class) -> Result<Token, Fault> {
        let now = self.mono();
        let flight = {
            let mut slots = lock(&self.tokens.slots);
            let slot = slots.entry(self.scope(service)).or_default();
            if let Some(token) = slot.token.clone()
                // the last half minute may be eaten by the way there
                && now + Duration::from_secs(30).min((token.dies - token.fresh_until) / 4) < token.dies
            {
                let held = slot.failed.as_ref().is_some_and(|(_, until)| now < *until);
                if now >= token.fresh_until && !held {
                    // ahead of time: nobody waits for it
                    drop(self.fly(service, slot));
                }
                return Ok(token);
            }
            if let Some((fault, until)) = &slot.failed
                && now < *until
                && class == Class::Background
            {
                return Err(fault.clone());
            }
            self.fly(service, slot)
        };
        flight.await
    }

    /// After a 401: another token than the one that was refused, with what the service wants to see in it.
    pub async fn renew(
        self: &Arc<Self>,
        service: Service,
        refused: &Token,
        claims: Option<String>,
    ) -> Result<Token, Fault> {
        let flight = {
            let mut slots = lock(&self.tokens.slots);
            let slot = slots.entry(self.scope(service)).or_default();
            if let Some(token) = &slot.token
                && token.generation > refused.generation
            {
                return Ok(token.clone());
            }
            if claims.is_some() {
                slot.claims = claims;
                // a flight that left before does not know of the claims
                slot.flight = None;
            }
            slot.token = None;
            self.fly(service, slot)
        };
        flight.await
    }

    /// After a 403 of a delegated sign-in: a new token, at most one in five minutes a scope.
    pub async fn renew_for_roles(
        self: &Arc<Self>,
        service: Service,
        refused: &Token,
    ) -> Option<Token> {
        let now = self.mono();
        let flight = {
            let mut slots = lock(&self.tokens.slots);
            let slot = slots.entry(self.scope(service)).or_default();
            if let Some(token) = &slot.token
                && token.generation > refused.generation
            {
                return Some(token.clone());
            }
            if slot.forced.is_some_and(|at| now < at + FORCED) {
                return None;
            }
            slot.forced = Some(now);
            self.fly(service, slot)
        };
        flight.await.ok()
    }

    pub fn scope(&self, service: Service) -> &'static str {
        self.tenant.cloud.scope(service)
    }

    /// Starts the scope's one flight, or joins it.
    fn fly(self: &Arc<Self>, service: Service, slot: &mut Slot) -> Flight {
        if let Some(flight) = &slot.flight {
            return flight.clone();
        }
        let core = Arc::clone(self);
        let (claims, before) = (slot.claims.clone(), slot.generation);
        // a task of its own: whoever asked may go away, the others still wait
        let task = tokio::spawn(async move {
            let got = match core.seated(service, before).await {
                Ok(None) => core.fetch(service, claims).await,
                Ok(Some(token)) => return Ok(token),
                Err(fault) => Err(fault),
            };
            core.land(service, got)
        });
        let flight: Flight = async move {
            task.await.unwrap_or_else(|_| {
                Err(Fault::new(
                    FaultKind::Internal,
                    "the sign-in ended unexpectedly",
                ))
            })
        }
        .boxed()
        .shared();
        slot.flight = Some(flight.clone());
        flight
    }

    /// Waits for the person where one signs in. The sign-in may have brought this very token along.
    async fn seated(
        self: &Arc<Self>,
        service: Service,
        before: u64,
    ) -> Result<Option<Token>, Fault> {
        if who::mode(&self.tenant) == Mode::AppOnly {
            return Ok(None);
        }
        signin::desk::session(self).await?;
        let mut slots = lock(&self.tokens.slots);
        let slot = slots.entry(self.scope(service)).or_default();
        let token = slot.token.clone().filter(|token| token.generation > before);
        if token.is_some() {
            slot.flight = None;
        }
        Ok(token)
    }

    /// Asks the token endpoint; what may pass by itself is tried again.
    async fn fetch(
        self: &Arc<Self>,
        service: Service,
        extra: Option<String>,
    ) -> Result<Grant, Fault> {
        let scope = self.scope(service);
        let claims = extra.unwrap_or_else(claims::capabilities);
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(8));
        let mut tries = 0;
        loop {
            tries += 1;
            let got = signin::grant(self, scope, &claims).await;
            match got {
                Err(fault) if tries < 3 && passes(fault.kind) => {
                    self.clock.sleep(backoff.next(fastrand::f64())).await;
                }
                other => return other,
            }
        }
    }

    /// Puts the outcome of a flight where everyone finds it.
    fn land(self: &Arc<Self>, service: Service, got: Result<Grant, Fault>) -> Result<Token, Fault> {
        let now = self.mono();
        let scope = self.scope(service);
        match got {
            Ok(grant) => {
                let token = self.tokens.put(scope, &grant, now);
                if let Some(slot) = lock(&self.tokens.slots).get_mut(scope) {
                    slot.flight = None;
                }
                self.signed_in(service, &grant);
                Ok(token)
            }
            Err(fault) => {
                let fault = fault.on(service);
                let told = {
                    let mut slots = lock(&self.tokens.slots);
                    let slot = slots.entry(scope).or_default();
                    slot.flight = None;
                    let hold = if passes(fault.kind) {
                        Duration::from_secs(5)
                    } else {
                        REFUSAL
                    };
                    let told = slot
                        .failed
                        .as_ref()
                        .is_some_and(|(old, _)| old.what == fault.what);
                    slot.failed = Some((fault.clone(), now + hold));
                    told
                };
                match fault.kind {
                    FaultKind::Licence => self.who.absent(service),
                    // a person is signed in, only not for this API
                    FaultKind::Forbidden if who::mode(&self.tenant) == Mode::Delegated => {
                        self.who.absent(service)
                    }
                    kind if !passes(kind) && !told => {
                        self.news(News::SignInFailed(fault.clone()));
                    }
                    _ => {}
                }
                Err(fault)
            }
        }
    }

    /// A token came: what it shows is told, and who it belongs to is found out.
    pub fn signed_in(self: &Arc<Self>, service: Service, grant: &Grant) {
        let mut hint = claims::hint(grant.access.expose_secret());
        if let Some(listed) = grant.scopes() {
            hint.permissions = Some(listed);
        }
        if let Some(person) = grant
            .id_token
            .as_ref()
            .map(|t| claims::hint(t.expose_secret()))
        {
            hint.oid = person.oid.or(hint.oid);
            hint.name = person.name.or(hint.name);
        }
        self.who.token(service, &hint);
        if service == Service::Graph {
            self.find_person();
        }
    }
}

/// Failures that may be over in a moment.
fn passes(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Network
            | FaultKind::Timeout
            | FaultKind::Server
            | FaultKind::Throttled
            | FaultKind::BadAnswer
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tokens_are_renewed_ahead_of_their_end() {
        let at = |life, refresh| {
            let (fresh, dies) = lifetime(life, refresh, Duration::ZERO);
            (fresh.as_secs(), dies.as_secs())
        };
        assert_eq!(at(3600, None), (3240, 3600));
        assert_eq!(at(1800, None), (1500, 1800));
        assert_eq!(at(86_400, None), (77_760, 86_400));
        assert_eq!(at(86_400, Some(43_200)), (43_200, 86_400));
        assert_eq!(at(60, None), (30, 60));
    }

    proptest! {
        #[test]
        fn no_token_is_fresh_beyond_its_life(life in 0u64..1_000_000, refresh in proptest::option::of(0u64..1_000_000)) {
            let (fresh, dies) = lifetime(life, refresh, Duration::from_secs(7));
            prop_assert!(fresh <= dies && fresh >= Duration::from_secs(7));
        }
    }
}
