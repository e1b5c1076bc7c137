//! Access tokens: one cache entry a scope, refreshed ahead of expiry by one flight at a time, in tasks nobody aborts.
//!
//! Scopes, not hosts: on one Defender host two audiences are at home. A token is replaced, never looked into for its
//! expiry; a 401 has the last word.

use super::budget::Class;
use super::core::{Core, lock};
use super::signin::{self, Grant};
use super::{backoff::Backoff, claims, who};
use crate::config::SignIn;
use crate::model::{Fault, FaultKind, Mode, Service};
use crate::msg::{Body, Level, News};
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
/// So often somebody who waits for consent may.
const ANEW: Duration = Duration::from_secs(10);

/// With which of a tenant's credentials: most have but one, for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hand {
    Read,
    /// The one apart for writes; its tokens are dropped when nothing was written for a while.
    Write,
}

/// A token and how long it is good.
#[derive(Clone)]
pub struct Token {
    pub hand: Hand,
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
    slots: Mutex<HashMap<(Hand, &'static str), Slot>>,
    /// When the credential for writes was used last; none = it holds no token.
    used: Mutex<Option<Duration>>,
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

    /// Whether the token endpoint had no token for this scope when it was asked last.
    pub fn is_refused(&self, scope: &'static str) -> bool {
        let slots = lock(&self.slots);
        let mut of = slots.iter().filter(|((_, s), _)| *s == scope);
        of.any(|(_, slot)| slot.failed.is_some())
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

    /// Drops the tokens of one hand; a flight under way brings another.
    pub fn drop_of(&self, hand: Hand) {
        for ((of, _), slot) in lock(&self.slots).iter_mut() {
            if *of == hand {
                slot.token = None;
            }
        }
    }

    /// Takes a token that a sign-in brought along.
    pub fn put(&self, hand: Hand, scope: &'static str, grant: &Grant, now: Duration) -> Token {
        let mut slots = lock(&self.slots);
        let slot = slots.entry((hand, scope)).or_default();
        slot.generation += 1;
        let token = token(hand, grant, slot.generation, now);
        slot.token = Some(token.clone());
        slot.failed = None;
        drop(slots);
        if hand == Hand::Write {
            return token;
        }
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

fn token(hand: Hand, grant: &Grant, generation: u64, now: Duration) -> Token {
    let (fresh_until, dies) = lifetime(grant.expires_in, grant.refresh_in, now);
    Token {
        hand,
        secret: grant.access.clone(),
        generation,
        fresh_until,
        dies,
    }
}

impl Core {
    /// Who a hand is to the token endpoint, and by what.
    pub fn credential(&self, hand: Hand) -> (&str, &SignIn) {
        match (&self.tenant.access.write, hand) {
            (Some(writer), Hand::Write) => (&writer.client_id, &writer.sign_in),
            _ => (&self.tenant.client_id, &self.tenant.sign_in),
        }
    }

    /// The hand that writes.
    pub fn writing(&self) -> Hand {
        match self.tenant.access.write {
            Some(_) => Hand::Write,
            None => Hand::Read,
        }
    }

    /// A token to write with.
    pub async fn bearer_to_write(self: &Arc<Self>, service: Service) -> Result<Token, Fault> {
        let hand = self.writing();
        if hand == Hand::Write {
            self.used();
        }
        self.bearer_of(hand, service, Class::Write).await
    }

    /// Notes that the credential for writes is in use; it is dropped when it was not for its time.
    fn used(self: &Arc<Self>) {
        let Some(idle) = self.tenant.access.write.as_ref().map(|w| w.idle) else {
            return;
        };
        if lock(&self.tokens.used).replace(self.mono()).is_some() {
            return;
        }
        let core = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                let left = {
                    let mut used = lock(&core.tokens.used);
                    let until = used.map_or(Duration::ZERO, |at| at + idle);
                    let left = until.saturating_sub(core.mono());
                    if left.is_zero() {
                        *used = None;
                        core.tokens.drop_of(Hand::Write);
                        return;
                    }
                    left
                };
                core.clock.sleep(left).await;
            }
        });
    }

    /// A token for this service, from the cache where it serves.
    pub async fn bearer(self: &Arc<Self>, service: Service, class: Class) -> Result<Token, Fault> {
        self.bearer_of(Hand::Read, service, class).await
    }

    async fn bearer_of(
        self: &Arc<Self>,
        hand: Hand,
        service: Service,
        class: Class,
    ) -> Result<Token, Fault> {
        let now = self.mono();
        let flight = {
            let mut slots = lock(&self.tokens.slots);
            let slot = slots.entry((hand, self.scope(service))).or_default();
            if let Some(token) = slot.token.clone()
                // the last half minute may be eaten by the way there
                && now + Duration::from_secs(30).min((token.dies - token.fresh_until) / 4) < token.dies
            {
                let held = slot.failed.as_ref().is_some_and(|(_, until)| now < *until);
                if now >= token.fresh_until && !held {
                    // ahead of time: nobody waits for it
                    drop(self.fly(hand, service, slot));
                }
                return Ok(token);
            }
            if let Some((fault, until)) = &slot.failed
                && now < *until
                && class == Class::Background
            {
                return Err(fault.clone());
            }
            self.fly(hand, service, slot)
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
            let slot = slots
                .entry((refused.hand, self.scope(service)))
                .or_default();
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
            self.fly(refused.hand, service, slot)
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
            let slot = slots
                .entry((refused.hand, self.scope(service)))
                .or_default();
            if let Some(token) = &slot.token
                && token.generation > refused.generation
            {
                return Some(token.clone());
            }
            if slot.forced.is_some_and(|at| now < at + FORCED) {
                return None;
            }
            slot.forced = Some(now);
            self.fly(refused.hand, service, slot)
        };
        flight.await.ok()
    }

    /// A new token though the old one serves: only a new one tells what was consented to since. At most one in ten seconds a
    /// scope.
    pub async fn anew(self: &Arc<Self>, service: Service) -> Body {
        let now = self.mono();
        let mut hands = vec![Hand::Read];
        if self.writing() == Hand::Write && lock(&self.tokens.used).is_some() {
            hands.push(Hand::Write);
        }
        for hand in hands {
            let flight = {
                let mut slots = lock(&self.tokens.slots);
                let slot = slots.entry((hand, self.scope(service))).or_default();
                if slot.forced.is_some_and(|at| now < at + ANEW) {
                    continue;
                }
                slot.forced = Some(now);
                self.fly(hand, service, slot)
            };
            if let Err(fault) = flight.await {
                return Body::Fault(fault);
            }
        }
        Body::Done
    }

    pub fn scope(&self, service: Service) -> &'static str {
        self.tenant.cloud.scope(service)
    }

    /// Starts the scope's one flight, or joins it.
    fn fly(self: &Arc<Self>, hand: Hand, service: Service, slot: &mut Slot) -> Flight {
        if let Some(flight) = &slot.flight {
            return flight.clone();
        }
        let core = Arc::clone(self);
        let (claims, before) = (slot.claims.clone(), slot.generation);
        // a task of its own: whoever asked may go away, the others still wait
        let task = tokio::spawn(async move {
            let got = match core.seated(hand, service, before).await {
                Ok(None) => core.fetch(hand, service, claims).await,
                Ok(Some(token)) => return Ok(token),
                Err(fault) => Err(fault),
            };
            core.land(hand, service, got)
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
        hand: Hand,
        service: Service,
        before: u64,
    ) -> Result<Option<Token>, Fault> {
        if !self.credential(hand).1.needs_person() {
            return Ok(None);
        }
        signin::desk::session(self).await?;
        let mut slots = lock(&self.tokens.slots);
        let slot = slots.entry((hand, self.scope(service))).or_default();
        let token = slot.token.clone().filter(|token| token.generation > before);
        if token.is_some() {
            slot.flight = None;
        }
        Ok(token)
    }

    /// Asks the token endpoint; what may pass by itself is tried again.
    async fn fetch(
        self: &Arc<Self>,
        hand: Hand,
        service: Service,
        extra: Option<String>,
    ) -> Result<Grant, Fault> {
        let scope = self.scope(service);
        let claims = extra.unwrap_or_else(claims::capabilities);
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(8));
        let mut tries = 0;
        loop {
            tries += 1;
            let got = signin::grant(self, hand, scope, &claims).await;
            match got {
                Err(fault) if tries < 3 && passes(fault.kind) => {
                    self.clock.sleep(backoff.next(fastrand::f64())).await;
                }
                other => return other,
            }
        }
    }

    /// Puts the outcome of a flight where everyone finds it.
    fn land(
        self: &Arc<Self>,
        hand: Hand,
        service: Service,
        got: Result<Grant, Fault>,
    ) -> Result<Token, Fault> {
        let now = self.mono();
        let scope = self.scope(service);
        match got {
            Ok(grant) => {
                let token = self.tokens.put(hand, scope, &grant, now);
                if let Some(slot) = lock(&self.tokens.slots).get_mut(&(hand, scope)) {
                    slot.flight = None;
                }
                match hand {
                    Hand::Read => self.signed_in(service, &grant),
                    Hand::Write => {
                        let hint = claims::hint(grant.access.expose_secret());
                        self.who.write_token(service, &hint);
                    }
                }
                Ok(token)
            }
            Err(fault) => {
                let mut fault = fault.on(service);
                if hand == Hand::Write {
                    fault.what = format!("the credential for writes: {}", fault.what);
                }
                let told = {
                    let mut slots = lock(&self.tokens.slots);
                    let slot = slots.entry((hand, scope)).or_default();
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
                    // told by the write that wanted it
                    _ if hand == Hand::Write => {}
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
        hint.minutes = Some(grant.expires_in / 60);
        if matches!(self.tenant.sign_in, SignIn::AzureCli(_))
            && let Some(words) = signin::azure_cli::lacking(service, hint.app)
            && self.desk.say_az()
        {
            self.notice(Level::Warn, words);
        }
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
