//! The hunting tables: the stories of the tenant as Defender XDR and Sentinel would show them, with the noise of ordinary days around.
//!
//! `World::hunting_table` is the entry; a table is made when it is first asked for, in the columns of the query engine's schema. A
//! table is made of parts: what stories left behind (`story_…`), written row by row, and the noise (`sessions`, `endpoint`, `…`),
//! written column by column. Names, hashes, process ids, addresses and message ids are the same in all tables, in the incidents and
//! in the directory, because all are rendered from the same facts.
//!
//! Tables hold all that ever happened here. How far back a service looks is the service's business: `Stored::between`.
//!
//! A new table is a name in `TABLES` and its maker in `make`.

mod alerts;
mod book;
mod cloud;
mod endpoint;
mod evidence;
mod habits;
mod identity;
mod inventory;
mod live;
mod mail;
mod profiles;
mod programs;
mod sessions;
mod shape;
mod sheet;
mod signins;
mod story_endpoint;
mod techniques;
mod told;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use hashbrown::HashMap;
use table::{Chunk, Column, Schema, Table};

use super::World;
pub(in crate::world) use cloud::{CloudAct, record_id};
pub use live::{Act, Live};
use sessions::Days;
use shape::Shape;
use told::Told;

/// Tables that have rows, in order.
pub const TABLES: &[&str] = &[
    "AADRiskyUsers",
    "AADServicePrincipalSignInLogs",
    "AADSignInEventsBeta",
    "AADSpnSignInEventsBeta",
    "AADUserRiskEvents",
    "AlertEvidence",
    "AlertInfo",
    "AuditLogs",
    "BehaviorEntities",
    "BehaviorInfo",
    "CloudAppEvents",
    "DeviceEvents",
    "DeviceFileCertificateInfo",
    "DeviceFileEvents",
    "DeviceImageLoadEvents",
    "DeviceInfo",
    "DeviceLogonEvents",
    "DeviceNetworkEvents",
    "DeviceNetworkInfo",
    "DeviceProcessEvents",
    "DeviceRegistryEvents",
    "DeviceTvmSecureConfigurationAssessment",
    "DeviceTvmSecureConfigurationAssessmentKB",
    "DeviceTvmSoftwareInventory",
    "DeviceTvmSoftwareVulnerabilities",
    "DeviceTvmSoftwareVulnerabilitiesKB",
    "EmailAttachmentInfo",
    "EmailEvents",
    "EmailPostDeliveryEvents",
    "EmailUrlInfo",
    "EntraIdSignInEvents",
    "EntraIdSpnSignInEvents",
    "IdentityDirectoryEvents",
    "IdentityInfo",
    "IdentityLogonEvents",
    "IdentityQueryEvents",
    "OAuthAppInfo",
    "OfficeActivity",
    "SecurityAlert",
    "SecurityIncident",
    "SigninLogs",
    "UrlClickEvents",
];

/// The tables that take longest to make, the longest first.
const SLOW: &[&str] = &[
    "DeviceProcessEvents",
    "DeviceFileEvents",
    "SigninLogs",
    "OfficeActivity",
    "AADSignInEventsBeta",
    "EntraIdSignInEvents",
    "EmailEvents",
    "CloudAppEvents",
    "AlertEvidence",
    "DeviceInfo",
    "DeviceNetworkEvents",
];

/// Functions of the service that look something up in rows of their own.
pub const FUNCTIONS: &[&str] = &["DeviceFromIP", "FileProfile"];

/// What the tables are made from, and the tables themselves once asked for.
#[derive(Debug)]
pub(super) struct Store {
    days: OnceLock<Days>,
    told: OnceLock<Told>,
    addresses: OnceLock<HashMap<String, u32>>,
    tables: Vec<OnceLock<Option<Arc<Stored>>>>,
}

impl Default for Store {
    fn default() -> Store {
        Store {
            days: OnceLock::new(),
            told: OnceLock::new(),
            addresses: OnceLock::new(),
            tables: (0..TABLES.len() + FUNCTIONS.len())
                .map(|_| OnceLock::new())
                .collect(),
        }
    }
}

/// A table as it is kept: chunks with the time they span.
#[derive(Debug)]
pub struct Stored {
    shape: Arc<Shape>,
    parts: Vec<Part>,
    /// Place of the column that says when.
    when: Option<usize>,
}

#[derive(Debug)]
struct Part {
    chunk: Arc<Chunk>,
    from: i64,
    to: i64,
}

impl Stored {
    /// Parts are cut at an instant, so that looking back so far copies nothing.
    fn new(shape: Arc<Shape>, chunks: Vec<Chunk>, at: i64) -> Stored {
        let when = shape
            .place("Timestamp")
            .or_else(|| shape.place("TimeGenerated"));
        let parts = chunks
            .into_iter()
            .flat_map(|chunk| cut(chunk, when, at))
            .filter(|c| c.rows() > 0)
            .map(|chunk| {
                let span = when.and_then(|at| times(chunk.column(at)?)).map_or(
                    (i64::MIN, i64::MAX),
                    |times| {
                        let (min, max) = (times.iter().min(), times.iter().max());
                        (
                            min.copied().unwrap_or(i64::MIN),
                            max.copied().unwrap_or(i64::MAX),
                        )
                    },
                );
                Part {
                    chunk: Arc::new(chunk),
                    from: span.0,
                    to: span.1,
                }
            })
            .collect();
        Stored { shape, parts, when }
    }

    /// Column names and types.
    pub fn schema(&self) -> &Arc<Schema> {
        self.shape.schema()
    }

    /// Names and types, as the query engine has them.
    pub fn columns(&self) -> Vec<(String, kql::types::Ty)> {
        self.shape.columns()
    }

    /// All rows.
    pub fn all(&self) -> Table {
        self.between(i64::MIN, i64::MAX)
    }

    /// The rows of an interval in ticks since 1970, both ends included; all rows where the table knows no time.
    pub fn between(&self, from: i64, to: i64) -> Table {
        let mut table = Table::new(Arc::clone(self.schema()));
        for part in &self.parts {
            if self.when.is_none() || (part.from >= from && part.to <= to) {
                table.append(Arc::clone(&part.chunk));
                continue;
            }
            if part.to < from || part.from > to {
                continue;
            }
            let Some(times) = self.when.and_then(|at| times(part.chunk.column(at)?)) else {
                continue;
            };
            let rows: Vec<u32> = (0..times.len() as u32)
                .filter(|row| (from..=to).contains(&times[*row as usize]))
                .collect();
            table.append(Arc::new(part.chunk.take(&rows)));
        }
        table
    }
}

/// The rows before an instant, and those from it on.
fn cut(chunk: Chunk, when: Option<usize>, at: i64) -> Vec<Chunk> {
    let Some(times) = when.and_then(|col| times(chunk.column(col)?)) else {
        return vec![chunk];
    };
    let (old, new): (Vec<u32>, Vec<u32>) =
        (0..times.len() as u32).partition(|row| times[*row as usize] < at);
    if old.is_empty() || new.is_empty() {
        return vec![chunk];
    }
    vec![chunk.take(&old), chunk.take(&new)]
}

/// What tells a table from stories.
fn tell(name: &str) -> Option<story_endpoint::Tell> {
    story_endpoint::tell(name)
        .or_else(|| alerts::tell(name))
        .or_else(|| mail::tell(name))
        .or_else(|| identity::tell(name))
        .or_else(|| cloud::tell(name))
}

fn times(column: &Column) -> Option<&[i64]> {
    match column {
        Column::Int(times) => Some(times.values()),
        _ => None,
    }
}

impl World {
    /// A hunting table by its exact name; None for those that have no rows here.
    pub fn hunting_table(&self, name: &str) -> Option<Arc<Stored>> {
        let at = TABLES.binary_search(&name).ok().or_else(|| {
            let at = FUNCTIONS.iter().position(|f| *f == name)?;
            Some(TABLES.len() + at)
        })?;
        self.hunting.tables[at]
            .get_or_init(|| {
                let shape = Arc::new(Shape::of(name, &self.tenant.to_string())?);
                let chunks = self.make(name, &shape);
                let far = self.now.plus(-30 * super::stamp::DAY).0;
                Some(Arc::new(Stored::new(shape, chunks, far)))
            })
            .clone()
    }

    fn make(&self, name: &str, shape: &Arc<Shape>) -> Vec<Chunk> {
        let made = inventory::make(self, name, shape).or_else(|| profiles::make(self, name, shape));
        if let Some(chunks) = made {
            return chunks;
        }
        if let Some(chunks) = signins::make(self, name, shape) {
            return chunks;
        }
        let mut chunks = Vec::new();
        if let Some((each, noise)) = endpoint::noise(name) {
            let days = self.days();
            chunks = in_parallel(days.sessions.len(), each, |range| {
                noise(self, days, range, Arc::clone(shape))
            });
        }
        let noise = mail::noise(name)
            .or_else(|| identity::noise(name))
            .or_else(|| cloud::noise(name))
            .or_else(|| signins::noise(name));
        if let Some(noise) = noise {
            chunks.push(noise(self, Arc::clone(shape)));
        }
        if let Some(tell) = tell(name) {
            chunks.push(tell(self, self.all_told(), Arc::clone(shape)));
        }
        chunks
    }

    /// Makes the tables that nobody has asked for yet, on two threads: a question to all of them then waits for little. Who asks for
    /// a table meanwhile waits for that one alone.
    pub fn make_hunting_tables(&self) {
        // the largest first, so that the last to be made are soon made
        let mut names: Vec<&str> = TABLES.to_vec();
        names.sort_by_key(|n| SLOW.iter().position(|s| s == n).unwrap_or(SLOW.len()));
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.hunting_table(name);
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(work);
            work();
        });
    }

    /// Rows of a table between two instants, with what happened since the start.
    pub fn hunting_rows(&self, name: &str, from: i64, to: i64, live: &Live) -> Option<Table> {
        let stored = self.hunting_table(name)?;
        let mut table = stored.between(from, to);
        let fresh = self.live_rows(live, name, &stored.shape);
        let fresh = Stored::new(Arc::clone(&stored.shape), fresh, i64::MIN).between(from, to);
        for chunk in fresh.chunks() {
            table.append(Arc::clone(chunk));
        }
        Some(table)
    }

    fn days(&self) -> &Days {
        self.hunting.days.get_or_init(|| Days::of(self))
    }

    fn all_told(&self) -> &Told {
        self.hunting.told.get_or_init(|| {
            let frames = (0..self.incident_count()).map(|rank| self.frame(rank));
            Told::of(self, frames.collect())
        })
    }

    /// The machine that has a private address.
    pub fn machine_of_ip(&self, ip: &str) -> Option<usize> {
        let known = self.hunting.addresses.get_or_init(|| {
            let all = (0..self.machine_count()).rev();
            all.map(|i| (self.machine_ip(i).to_owned(), i as u32))
                .collect()
        });
        known.get(ip).map(|i| *i as usize)
    }
}

/// Makes chunks of whole sessions on as many threads as there are processors, in order.
fn in_parallel(
    sessions: usize,
    each: usize,
    make: impl Fn(std::ops::Range<usize>) -> Chunk + Sync,
) -> Vec<Chunk> {
    let step = (sheet::CHUNK / each.max(1)).max(1);
    let ranges: Vec<_> = (0..sessions)
        .step_by(step)
        .map(|from| from..(from + step).min(sessions))
        .collect();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(4));
    if threads < 2 || ranges.len() < 2 {
        return ranges.into_iter().map(make).collect();
    }
    let next = AtomicUsize::new(0);
    let mut made: Vec<(usize, Chunk)> = std::thread::scope(|scope| {
        let work = || {
            let mut own = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                match ranges.get(at) {
                    Some(range) => own.push((at, make(range.clone()))),
                    None => return own,
                }
            }
        };
        let workers: Vec<_> = (0..threads.min(ranges.len()))
            .map(|_| scope.spawn(work))
            .collect();
        workers
            .into_iter()
            .flat_map(|w| w.join().unwrap_or_default())
            .collect()
    });
    made.sort_unstable_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, chunk)| chunk).collect()
}
