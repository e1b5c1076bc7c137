//! What the services of one tenant share: clock, grants, budgets, the world and what clients changed in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, RwLock};

use jiff::Timestamp;

use crate::clock::Clock;
use crate::cloudapps::Marks;
use crate::flags::{Flags, Switch};
use crate::graph::{Decisions, Searches};
use crate::hunt::Hunts;
use crate::login::{self, Login};
use crate::office::Subscriptions;
use crate::permissions::Grants;
use crate::queue::State;
use crate::response::Responses;
use crate::scenario::{Play, Scenario, Settings};
use crate::throttle::Throttle;
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
    pub throttle: Throttle,
    pub play: Play,
    pub state: RwLock<State>,
    pub response: Responses,
    pub started: Timestamp,
    pub hunts: Hunts,
    pub subscriptions: Mutex<Subscriptions>,
    pub decisions: Mutex<Decisions>,
    pub searches: Mutex<Searches>,
    pub cloud_marks: Mutex<Marks>,
    world: OnceLock<Arc<World>>,
    domains: OnceLock<Vec<String>>,
    names: OnceLock<Vec<u32>>,
}

impl Tenant {
    /// `urls` says where each service is, `foreign` where none is.
    pub fn new(
        flags: Flags,
        urls: &HashMap<Service, String>,
        foreign: Option<String>,
    ) -> Result<Self, StartError> {
        let url = |service| urls.get(&service).cloned().unwrap_or_default();
        let clock = Clock::new(flags.now.unwrap_or_else(Timestamp::now), flags.time_scale);
        let journal = Journal::open(flags.journal.as_deref())
            .map_err(|e| StartError::Journal(flags.journal.clone().unwrap_or_default(), e))?;
        let grants = Grants::parse(&flags.permissions).map_err(StartError::Permissions)?;
        let started = clock.now();
        // a world makes nothing until it is asked for a row, so asking it for names costs nothing
        let names = world(&flags, started);
        let info = Info {
            login: url(Service::Login),
            graph: url(Service::Graph),
            defender: url(Service::Defender),
            files: url(Service::Files),
            foreign,
            office: Some(url(Service::Office)),
            loganalytics: Some(url(Service::LogAnalytics)),
            adx: Some(url(Service::Adx)),
            cloudapps: Some(url(Service::CloudApps)),
            arm: Some(url(Service::Arm)),
            workspace_resource: crate::arm::workspace(),
            tenant_id: names.tenant_id().to_string(),
            client_id: names.console_app_id(),
            workspace_id: names.workspace_id().to_string(),
            adx_database: crate::adx::DATABASE,
            client_secret: flags.fixed_secret.clone().unwrap_or_else(secret),
        };
        let scenario = match &flags.scenario {
            None => Scenario::default(),
            Some(name) => Scenario::named(name).map_err(StartError::Scenario)?,
        };
        let tenant = Self {
            throttle: Throttle::new(flags.throttle == Switch::On),
            flags,
            info,
            clock,
            journal,
            grants: Mutex::new(grants),
            login: Login::new(),
            state: RwLock::default(),
            response: Responses::default(),
            started,
            hunts: Hunts::default(),
            subscriptions: Mutex::default(),
            decisions: Mutex::default(),
            searches: Mutex::default(),
            cloud_marks: Mutex::default(),
            world: OnceLock::new(),
            domains: OnceLock::new(),
            names: OnceLock::new(),
            play: Play::default(),
        };
        tenant.play(&scenario).map_err(StartError::Scenario)?;
        Ok(tenant)
    }

    /// Plays a scenario from its beginning.
    pub fn play(&self, scenario: &Scenario) -> Result<(), String> {
        for permission in &scenario.revoke {
            locked(&self.grants).revoke(permission)?;
        }
        self.clock.set_skew(scenario.skew);
        *locked(&self.login.lifetime) = scenario.token_lifetime;
        *locked(&self.login.challenge) = None;
        self.play.set(scenario, self.flags.seed);
        Ok(())
    }

    /// Answers one request.
    pub fn answer(&self, ask: &Ask) -> Answer {
        match ask.service {
            Service::Login => login::answer(self, ask),
            Service::Graph => crate::graph::answer(self, ask),
            Service::Defender => crate::mde::answer(self, ask),
            Service::Files => crate::mde::file(self, ask),
            Service::LogAnalytics => crate::loganalytics::answer(self, ask),
            Service::Adx => crate::adx::answer(self, ask),
            Service::Office => crate::office::answer(self, ask),
            Service::CloudApps => crate::cloudapps::answer(self, ask),
            Service::Arm => crate::arm::answer(self, ask),
        }
    }

    /// How the services are set by the scenario that is played.
    pub fn settings(&self) -> Settings {
        let mut settings = self.play.settings();
        settings.still = self.flags.time_scale <= 0.0;
        settings
    }

    /// The data, made at the first request that needs it.
    pub fn world(&self) -> &Arc<World> {
        self.world
            .get_or_init(|| Arc::new(world(&self.flags, self.started)))
    }

    /// Verified domains of the directory.
    pub fn domains(&self) -> &[String] {
        self.domains.get_or_init(|| {
            let organization = self.world().organization_json();
            let list = organization
                .get("verifiedDomains")
                .and_then(|d| d.as_array());
            let names = list
                .into_iter()
                .flatten()
                .filter_map(|d| d["name"].as_str());
            names.map(str::to_owned).collect()
        })
    }

    /// Users in the order of their display names: sorted once, since a listing pages through it many times.
    pub fn users_by_name(&self) -> &[u32] {
        self.names.get_or_init(|| {
            let world = self.world();
            let mut keyed: Vec<(String, u32)> = (0..world.user_count())
                .filter_map(|i| {
                    Some((
                        world.user_row(i).display.to_lowercase(),
                        u32::try_from(i).ok()?,
                    ))
                })
                .collect();
            keyed.sort_unstable();
            keyed.into_iter().map(|(_, i)| i).collect()
        })
    }

    /// The object id of the application's own principal.
    pub fn app_object_id(&self) -> String {
        let own = self
            .world()
            .app_by_app_id(&self.info.client_id)
            .map(|i| self.world().app_json(i));
        own.and_then(|app| Some(app.get("id")?.as_str()?.to_owned()))
            .unwrap_or_default()
    }

    /// The person that signs in when nobody was named.
    pub fn demo_analyst(&self) -> usize {
        self.world().analysts().first().copied().unwrap_or(0)
    }

    /// Directory roles of a user.
    pub fn roles_of(&self, user: usize) -> Vec<&'static str> {
        self.world().user_role_names(user)
    }

    /// Template ids of a user's roles, as `wids` carries them, and the one that every member has.
    pub fn role_templates(&self, user: usize) -> Vec<String> {
        let held = self.world().user_member_of(user);
        let mut ids: Vec<String> = held
            .iter()
            .filter_map(|m| m.get("roleTemplateId"))
            .filter_map(|id| id.as_str())
            .map(str::to_owned)
            .collect();
        ids.push("b79fbf4d-3ef9-4689-8143-76b194e85509".into());
        ids
    }

    /// May the account sign in?
    pub fn user_enabled(&self, user: usize) -> bool {
        crate::response::accounts::enabled(self, user)
    }
}

fn world(flags: &Flags, now: Timestamp) -> World {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let size = Size {
        incidents: count(flags.incidents),
        alerts: count(flags.alerts),
        devices: count(flags.devices),
        users: count(flags.users),
        events: count(flags.events),
        records: count(flags.feed_records),
        blobs: count(flags.feed_blobs),
        weaknesses: count(flags.vulnerabilities),
    };
    World::new(size, flags.seed, now)
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
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
