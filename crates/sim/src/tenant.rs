//! What the services of one tenant share: clock, grants, budgets, the world and its edits.

use std::sync::{Mutex, OnceLock};

use jiff::Timestamp;

use crate::clock::Clock;
use crate::flags::Flags;
use crate::login::{self, Login};
use crate::permissions::Grants;
use crate::wire::answer::Answer;
use crate::wire::ask::{Ask, Service};
use crate::wire::journal::Journal;
use crate::wire::running::{Info, StartError};
use crate::world::{Size, World};

/// One simulated tenant.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub flags: Flags,
    pub info: Info,
    pub clock: Clock,
    pub journal: Journal,
    pub grants: Mutex<Grants>,
    pub login: Login,
    started: Timestamp,
    world: OnceLock<World>,
    domains: OnceLock<Vec<String>>,
}

impl Tenant {
    pub fn new(
        flags: Flags,
        login: String,
        graph: String,
        defender: String,
    ) -> Result<Self, StartError> {
        let clock = Clock::new(flags.now.unwrap_or_else(Timestamp::now), flags.time_scale);
        let journal = Journal::open(flags.journal.as_deref())
            .map_err(|e| StartError::Journal(flags.journal.clone().unwrap_or_default(), e))?;
        let grants = Grants::parse(&flags.permissions).map_err(StartError::Permissions)?;
        let started = clock.now();
        let world = World::new(
            Size {
                users: 0,
                devices: 0,
                incidents: 0,
                alerts: 0,
                events: 0,
            },
            flags.seed,
            started,
        );
        let info = Info {
            login,
            graph,
            defender,
            office: None,
            loganalytics: None,
            adx: None,
            cloudapps: None,
            tenant_id: world.tenant_id().to_string(),
            client_id: guid(flags.seed, 2),
            client_secret: flags.fixed_secret.clone().unwrap_or_else(secret),
        };
        Ok(Self {
            flags,
            info,
            clock,
            journal,
            grants: Mutex::new(grants),
        })
    }

    /// Answers one request.
    pub fn answer(&self, ask: &Ask) -> Answer {
        let _ = ask;
        Answer::empty(404)
    }
}

/// An id that is the same whenever the seed is.
pub(crate) fn guid(seed: u64, what: u64) -> String {
    let mut rng = fastrand::Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ what);
    uuid::Builder::from_random_bytes(rng.u128(..).to_le_bytes())
        .into_uuid()
        .to_string()
}

/// A secret as the portal makes them: forty characters, with the punctuation that must survive form encoding.
fn secret() -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~._-+";
    let mut bytes = [0_u8; 40];
    let _ = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes);
    bytes
        .iter()
        .map(|b| char::from(ALPHABET[usize::from(*b) % ALPHABET.len()]))
        .collect()
}

/// A lock that a panic elsewhere does not close: every guarded value is valid between statements.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
