//! The data of the simulated tenant: pure, no IO, no clock, no HTTP. The server on top of it filters, pages, throttles and keeps
//! what clients changed; nothing here ever changes.
//!
//! Everything is a function of (seed, size, now, index), so answers do not depend on the order of questions. `World::new` is
//! instant; index tables are built on first use, entities are rendered on demand.
//!
//! Order: incidents, alerts, sign-ins, audits and detections are newest first (index 0 is the newest). Users and machines have a
//! stable order of their own; `users_by_upn` gives the default order of the directory.
//!
//! `World::story` is the one entry to what happened: the events from which incidents, alerts, evidence and the sign-ins of victims
//! are rendered. People, machines, files and addresses of a story are the same wherever it shows.
//!
//! Texts hold `LONE_SURROGATE` in one incident title and one alert title: the server replaces that character in the *serialised*
//! JSON bytes (`wire_bytes` does it) by the six bytes `\ud83d`, which no JSON library here can hold.
//!
//! Enum members after a service's sentinel, and invented future ones, are rendered plainly: `enums::mask` hides them for callers
//! that did not send `Prefer: include-unknown-enum-members`.

pub mod activity;
pub mod dice;
pub mod enums;
pub mod hunting;
pub mod rows;
pub mod stamp;
pub mod story;

mod alerts;
mod apps;
mod audits;
mod devices;
pub mod directory;
mod entra;
mod evidence;
mod evidence_cloud;
mod exposure;
mod frame;
mod incidents;
pub mod indicators;
mod links;
mod logons;
mod machines;
mod methods;
mod names;
mod people;
mod pinned;
mod risk;
pub mod score;
pub mod services;
pub mod settings;
pub mod shadow;
mod signins;
mod software;
mod systems;
mod users;
mod weakness;
mod workflow;

use dice::{Guid, Seed, Topic};
use serde_json::{Map, Value};
use stamp::Stamp;
use std::collections::HashMap;
use std::sync::OnceLock;

pub use apps::{DEFENDER_ROLES, GRAPH_ROLES};
pub use methods::PASSWORD_METHOD_ID;
pub use rows::*;

/// A rendered entity: the wire form without `@odata.context`.
pub type Obj = Map<String, Value>;

/// Stands for a lone surrogate (a private-use character used nowhere else); see the module header.
pub const LONE_SURROGATE: char = '\u{f8d8}';

/// The path of the Sentinel workspace in Azure.
pub fn azure_workspace() -> String {
    evidence_cloud::azure_id(
        "rg-soc",
        "Microsoft.OperationalInsights/workspaces",
        "watchfloor",
    )
}

/// The serialised JSON as it goes on the wire, with `LONE_SURROGATE` replaced.
pub fn wire_bytes(json: Vec<u8>) -> Vec<u8> {
    let mut buffer = [0; 4];
    let mark = LONE_SURROGATE.encode_utf8(&mut buffer).as_bytes();
    if !json.windows(mark.len()).any(|w| w == mark) {
        return json;
    }
    let mut out = Vec::with_capacity(json.len() + 8);
    let mut at = 0;
    while at < json.len() {
        if json[at..].starts_with(mark) {
            out.extend_from_slice(br"\ud83d");
            at += mark.len();
        } else {
            out.push(json[at]);
            at += 1;
        }
    }
    out
}

/// How large the tenant is. Fewer than 40 users or 40 devices are raised to that: the stories need a cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Below a million: ids of sign-ins in stories have room for no more.
    pub incidents: u32,
    pub alerts: u32,
    pub devices: u32,
    pub users: u32,
    /// Rows of the hunting tables that are noise, about.
    pub events: u32,
    /// Records of seven days in the activity feed, about.
    pub records: u32,
    /// Blobs they come in.
    pub blobs: u32,
    /// Weaknesses times machines, at least; 0 for what the well-known weaknesses give.
    pub weaknesses: u32,
}

impl Default for Size {
    fn default() -> Size {
        Size {
            incidents: 2_000,
            alerts: 6_000,
            devices: 800,
            users: 1_500,
            events: 100_000,
            records: 20_000,
            blobs: 400,
            weaknesses: 0,
        }
    }
}

/// A newly arriving incident with its alerts.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub row: IncidentRow,
    pub incident: Obj,
    pub alerts: Vec<ArrivedAlert>,
}

/// One alert of an arrival.
#[derive(Clone, Debug)]
pub struct ArrivedAlert {
    pub id: String,
    pub row: AlertRow,
    pub json: Obj,
}

/// The tenant.
#[derive(Debug)]
pub struct World {
    size: Size,
    seed: Seed,
    now: Stamp,
    tenant: Guid,
    people: OnceLock<people::Table>,
    devices: OnceLock<devices::Table>,
    plans: OnceLock<frame::Plans>,
    alerts: OnceLock<alerts::Table>,
    sign_ins: OnceLock<Vec<signins::Key>>,
    audits: OnceLock<audits::Table>,
    entra: OnceLock<Vec<u32>>,
    touches: OnceLock<HashMap<usize, links::Touched>>,
    links: OnceLock<links::Links>,
    risk: OnceLock<risk::Table>,
    hunting: hunting::Store,
    feed: OnceLock<activity::Feed>,
    exposed: exposure::Store,
}

pub use exposure::{Exposed, Software};
pub use signins::Key as SignInKey;

impl World {
    /// A tenant of that size as it is at `now`. Instant.
    pub fn new(size: Size, seed: u64, now: jiff::Timestamp) -> World {
        let size = Size {
            users: size.users.max(40),
            devices: size.devices.max(40),
            ..size
        };
        let seed = Seed(seed);
        World {
            size,
            seed,
            now: Stamp::from(now),
            tenant: seed.guid(Topic::Tenant, 0),
            people: OnceLock::new(),
            devices: OnceLock::new(),
            plans: OnceLock::new(),
            alerts: OnceLock::new(),
            sign_ins: OnceLock::new(),
            audits: OnceLock::new(),
            entra: OnceLock::new(),
            touches: OnceLock::new(),
            links: OnceLock::new(),
            risk: OnceLock::new(),
            hunting: hunting::Store::default(),
            feed: OnceLock::new(),
            exposed: OnceLock::new(),
        }
    }

    /// The size in force (after the minima).
    pub fn size(&self) -> Size {
        self.size
    }

    /// The instant the tenant was made for.
    pub fn now(&self) -> Stamp {
        self.now
    }

    /// The id of the tenant's Log Analytics workspace.
    pub fn workspace_id(&self) -> Guid {
        self.seed.guid(Topic::Tenant, 1)
    }

    /// The tenant id.
    pub fn tenant_id(&self) -> Guid {
        self.tenant
    }
}

pub(crate) fn obj(value: Value) -> Obj {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
