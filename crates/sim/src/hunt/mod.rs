//! Queries over the tenant's tables, for the three services that take them: Graph, Log Analytics, Data Explorer.
//!
//! The engine runs the text; this module gives it tables (as far back as the service looks, with what happened since the start),
//! stops it after the service's time, and keeps count of its share of the processor. `cells` writes results, `words` refusals.

pub(crate) mod cells;
pub(crate) mod span;
pub(crate) mod words;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use kql::bind;
use kql::engine::{
    Catalog, ErrorKind, Externals, Options, Provider, Render, RunError, Stored, Want,
};
use kql::schema::{Schema, Which};
use kql::types::Ty;
use table::Cancel;

use crate::response::course::Verb;
use crate::tenant::{Tenant, locked};
use crate::world::World;
use crate::world::hunting::{Act, Live};
use crate::world::stamp::Stamp;
use cells::Rows;

/// What an operator may hold.
const MEMORY: usize = 512 << 20;

/// Queries that run now, by the id their caller gave them, and the names they are bound with.
#[derive(Debug, Default)]
pub(crate) struct Hunts {
    running: Mutex<HashMap<String, Cancel>>,
    names: OnceLock<Names>,
}

/// The binder's names; made once, since numbering them is most of a small query's work.
struct Names(bind::World);

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names")
    }
}

impl Hunts {
    fn names(&self) -> &bind::World {
        let make = || Names(bind::World::new(Schema::builtin(Which::Unified)));
        &self.names.get_or_init(make).0
    }

    /// Stops the queries of an id; how many there were.
    pub fn stop(&self, id: &str) -> usize {
        let running = locked(&self.running);
        running.get(id).map_or(0, |cancel| {
            cancel.cancel();
            1
        })
    }
}

/// A query as a service passes it on.
#[derive(Clone, Debug)]
pub(crate) struct Hunt<'a> {
    pub text: &'a str,
    /// Rows from this tick on, if the service looks back only so far.
    pub from: Option<i64>,
    /// Rows up to this tick.
    pub to: Option<i64>,
    /// After this it is stopped.
    pub patience: Duration,
    /// Under which others may stop it.
    pub id: Option<String>,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Found {
    pub rows: Rows,
    pub render: Option<Render>,
    pub took: Duration,
}

/// Why nothing came out.
#[derive(Debug)]
pub(crate) enum Lost {
    /// The engine says so.
    Refused(RunError),
    /// It took too long.
    Late,
}

/// Runs a query.
pub(crate) fn run(tenant: &Tenant, hunt: &Hunt<'_>) -> Result<Found, Lost> {
    let start = Instant::now();
    let cancel = Cancel::new();
    let tables = Tables {
        world: Arc::clone(tenant.world()),
        live: live(tenant),
        from: hunt.from.unwrap_or(i64::MIN),
        to: hunt.to.unwrap_or(i64::MAX),
    };
    let mut catalog = Catalog::new();
    catalog.provider = Some(Arc::new(tables));
    catalog.externals = Some(Arc::new(Nothing));
    let options = Options {
        now: Stamp::from(tenant.clock.now()).0,
        threads: std::thread::available_parallelism().map_or(1, |n| n.get().min(4)),
        memory_limit: MEMORY,
        cancel: cancel.clone(),
        ..Options::default()
    };
    let _known = hunt
        .id
        .as_ref()
        .map(|id| Running::enter(&tenant.hunts, id, &cancel));
    let _watch = Watch::start(hunt.patience, cancel);
    let found = kql::engine::run(hunt.text, tenant.hunts.names(), &catalog, &options);
    let took = start.elapsed();
    match found {
        Ok(answer) => Ok(Found {
            rows: Rows {
                chunks: answer.chunks(),
                columns: answer.columns,
            },
            render: answer.render,
            took,
        }),
        Err(error) if error.kind == ErrorKind::Cancelled && took >= hunt.patience => {
            Err(Lost::Late)
        }
        Err(error) => Err(Lost::Refused(error)),
    }
}

/// A query that others may stop, for as long as this lives.
struct Running<'a> {
    hunts: &'a Hunts,
    id: String,
}

impl<'a> Running<'a> {
    fn enter(hunts: &'a Hunts, id: &str, cancel: &Cancel) -> Running<'a> {
        locked(&hunts.running).insert(id.to_owned(), cancel.clone());
        Running {
            hunts,
            id: id.to_owned(),
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        locked(&self.hunts.running).remove(&self.id);
    }
}

/// Sets the flag when time is up, unless it is dropped before.
struct Watch(Option<tokio::task::JoinHandle<()>>);

impl Watch {
    fn start(patience: Duration, cancel: Cancel) -> Watch {
        // without a reactor (tests of this module alone) nothing is stopped
        let handle = tokio::runtime::Handle::try_current().ok();
        Watch(handle.map(|handle| {
            handle.spawn(async move {
                tokio::time::sleep(patience).await;
                cancel.cancel();
            })
        }))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}

/// What happened since the start.
fn live(tenant: &Tenant) -> Live {
    let arrivals: Vec<(u64, Stamp)> = crate::queue::read(tenant)
        .arrival_times()
        .enumerate()
        .map(|(n, at)| (n as u64, at))
        .collect();
    let now = tenant.clock.now();
    let book = crate::mde::actions::book(tenant);
    let acts = book
        .actions
        .iter()
        .map(|action| {
            let done = action.succeeded(now);
            Act {
                asked: Stamp::from(action.created),
                done: done.map(Stamp::from),
                machine: action.machine,
                action: called(action.verb),
                by: action.requestor.clone(),
                comment: action.comment.clone(),
                mitigation: done
                    .map(|at| book.standing(action.machine, at).mitigation())
                    .unwrap_or_default(),
            }
        })
        .collect();
    drop(book);
    tenant.world().hunting_live(&arrivals, acts)
}

/// What the portal's audit calls an action.
fn called(verb: Verb) -> &'static str {
    match verb {
        Verb::Isolate => "IsolateDevice",
        Verb::Unisolate => "ReleaseFromIsolation",
        Verb::Restrict => "RestrictAppExecution",
        Verb::Unrestrict => "RemoveAppRestrictions",
        Verb::Scan => "RunAntiVirusScan",
        Verb::Collect => "CollectInvestigationPackage",
        Verb::Quarantine => "StopAndQuarantineFile",
        Verb::Offboard => "OffboardDevice",
    }
}

/// The tenant's tables, as far back as the service looks.
struct Tables {
    world: Arc<World>,
    live: Live,
    from: i64,
    to: i64,
}

impl Provider for Tables {
    fn table(&self, name: &str, want: &Want) -> Option<Result<Arc<Stored>, String>> {
        let known = Schema::builtin(Which::Unified);
        let from = want.from.map_or(self.from, |at| at.max(self.from));
        let to = want.to.map_or(self.to, |at| at.min(self.to));
        let table = known.table(name);
        let name = table.map_or(name, |t| &*t.name);
        if let Some(stored) = self.world.hunting_table(name) {
            let rows = self.world.hunting_rows(name, from, to, &self.live)?;
            return Some(Ok(Arc::new(Stored {
                columns: stored.columns(),
                chunks: rows.chunks().to_vec(),
            })));
        }
        // a table that this tenant has nothing in
        let columns = table?.columns.iter();
        let columns = columns.map(|c| ((*c.name).to_owned(), c.ty)).collect();
        Some(Ok(Arc::new(Stored::empty(columns))))
    }
}

/// The simulator asks nobody outside: what `externaldata` names is empty here.
struct Nothing;

impl Externals for Nothing {
    fn fetch(
        &self,
        _: &str,
        columns: &[(String, Ty)],
        _: Option<&str>,
        _: bool,
    ) -> Result<Stored, String> {
        Ok(Stored::empty(columns.to_vec()))
    }
}

#[cfg(test)]
mod corpus_tests;
