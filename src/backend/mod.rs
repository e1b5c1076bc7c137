//! The network side: tokens, requests, paging, polling and writes, on a thread of its own that the screen never waits for.
//!
//! `ask` puts a question into its slot (`supervisor`); what runs there is `sync`, `part`, `signin` or, for writes, `run`.
//! All of them reach the services through `call` and `write`, which know budgets, tokens and retries, and those through
//! `client`, which knows the rules of the wire. Tenants' data leaves by `ports`: events to the screen, rows to the store,
//! writes to the record.

mod aadsts;
mod answer;
mod backoff;
pub mod bare;
mod budget;
mod call;
mod claims;
mod client;
mod core;
mod fault;
mod feed;
mod fetch;
mod finish;
mod hold;
mod hunt;
pub mod memory;
mod origin;
mod paging;
mod paper;
mod part;
mod poll;
pub mod ports;
pub mod probe;
mod reader;
pub mod reconcile;
mod resume;
mod rows;
mod run;
mod settling;
mod signin;
mod supervisor;
mod sync;
mod threads;
mod token;
mod trace;
mod who;
mod write;

#[cfg(test)]
mod tests;

pub use origin::{is_near, place};
pub use ports::Ports;
pub use reader::Reader;
pub use signin::{certificate::Certificate, expiry};
pub use threads::Threads;

use self::core::{Core, lock};
use crate::config::TenantConfig;
use crate::confirm::{Command, Confirmed};
use crate::model::span::Span;
use crate::model::{Fault, FaultKind, Key};
use crate::msg::{Body, Level, Request, Slot, Ticket};
use hold::Turn;
use run::{Endings, Halt};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use supervisor::{Out, Question, Slots};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Confirmed writes that may wait.
const WRITES: usize = 16;
/// How long `stop` waits for a write that is under way.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long it waits for the last replies of aborted tasks, which are a matter of microseconds.
const GOODBYE: Duration = Duration::from_millis(300);

/// Why a question was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("too many actions wait already; this one was not taken")]
    Full,
    #[error("the program is stopping")]
    Stopped,
    #[error("the network side cannot be started")]
    NoThreads,
}

/// The network side of one tenant. Nothing runs before the first question.
pub struct Backend {
    core: Arc<Core>,
    slots: Slots,
    threads: Threads,
    engine: Mutex<Engine>,
}

enum Engine {
    Idle,
    Running(Running),
    Stopped,
}

struct Running {
    runtime: Arc<Runtime>,
    /// Single targets, and sets: a set takes minutes, and somebody who is to be cut off now does not wait for it.
    singles: mpsc::Sender<Order>,
    sets: mpsc::Sender<Order>,
    /// Commands that wait or are under way, by their slot.
    halts: Halts,
    /// Ends when both queues have come to their end.
    done: std::sync::mpsc::Receiver<()>,
}

type Halts = Arc<Mutex<Vec<(Slot, Halt)>>>;

/// A confirmed command on its way.
struct Order {
    ticket: Ticket,
    confirmed: Confirmed<Command>,
    halt: Halt,
}

impl Backend {
    /// Takes the tenant and the ports; starts nothing.
    pub fn start(tenant: TenantConfig, ports: Ports) -> Self {
        Self::start_on(Threads::default(), tenant, ports)
    }

    /// The same on threads that others may use, too. What it still has there when it stops ends with the last of them.
    pub fn start_on(threads: Threads, tenant: TenantConfig, ports: Ports) -> Self {
        let slots = Slots::new(ports.events.clone());
        Self {
            core: Arc::new(Core::new(tenant, ports)),
            slots,
            threads,
            engine: Mutex::new(Engine::Idle),
        }
    }

    /// Sets the seconds between polls of incidents and alerts, from the next poll on.
    pub fn set_pace(&self, seconds: u32) {
        self.core
            .pace
            .store(seconds, std::sync::atomic::Ordering::Relaxed);
    }

    /// Reads only a part of the logs. To be said before they are asked for.
    pub fn narrow(&self, span: Span) {
        *lock(&self.core.span) = span;
    }

    /// Sets the hours after which what we left in force is brought to mind; 0 = never.
    pub fn set_remind(&self, hours: u32) {
        self.core
            .remind
            .store(hours, std::sync::atomic::Ordering::Relaxed);
    }

    /// Takes a question. Never blocks; answers come as events.
    pub fn ask(&self, ticket: Ticket, request: Request) -> Result<(), Refused> {
        let mut engine = lock(&self.engine);
        if matches!(*engine, Engine::Idle) {
            *engine = Engine::Running(self.engine()?);
        }
        let Engine::Running(running) = &*engine else {
            return Err(Refused::Stopped);
        };
        match request {
            Request::Run(confirmed) => {
                let halt = Halt::default();
                let queue = match confirmed.get().targets.len() {
                    0 | 1 => &running.singles,
                    _ => &running.sets,
                };
                let slot = ticket.slot.clone();
                lock(&running.halts).push((slot, halt.clone()));
                let order = Order {
                    ticket,
                    confirmed,
                    halt: halt.clone(),
                };
                queue.try_send(order).map_err(|_| {
                    lock(&running.halts).retain(|(_, h)| !h.is(&halt));
                    Refused::Full
                })
            }
            // at once, on the caller's thread: after this returns no further request begins
            Request::Stop => {
                for (slot, halt) in lock(&running.halts).iter() {
                    if *slot == ticket.slot {
                        halt.stop();
                    }
                }
                Ok(())
            }
            Request::Cancelled(what) => {
                // leaving waits for it: what was taken back by leaving goes on record, too
                let (core, busy) = (Arc::clone(&self.core), self.core.settling.begin());
                running.runtime.spawn(async move {
                    let _busy = busy;
                    paper::cancelled(&core, what).await;
                });
                Ok(())
            }
            request => {
                self.spawn(running.runtime.handle(), ticket, request);
                Ok(())
            }
        }
    }

    /// Ends the task of a slot. A write goes on: what was confirmed is not taken back by looking away.
    pub fn drop_slot(&self, slot: &Slot) {
        self.slots.drop_slot(slot);
    }

    /// Stops. Waits some seconds for a write that is under way; those that still wait are answered with *not sent*.
    pub fn stop(&self) {
        let engine = std::mem::replace(&mut *lock(&self.engine), Engine::Stopped);
        self.slots.close(GOODBYE);
        if let Engine::Running(running) = engine {
            for (_, halt) in lock(&running.halts).iter() {
                halt.stop();
            }
            self.core
                .stopping
                .store(true, std::sync::atomic::Ordering::SeqCst);
            drop((running.singles, running.sets));
            let begun = std::time::Instant::now();
            // both queues end, then those who look what became of it come to rest; what is open then is taken up next time
            let _ = running.done.recv_timeout(FAREWELL);
            self.core
                .settling
                .rest(FAREWELL.saturating_sub(begun.elapsed()));
            threads::leave(running.runtime);
        }
    }

    /// No question is taken any more, and no further request begins.
    pub fn is_stopping(&self) -> bool {
        self.core.stopping.load(std::sync::atomic::Ordering::SeqCst)
    }

    fn engine(&self) -> Result<Running, Refused> {
        let runtime = self.threads.get()?;
        let (finished, done) = std::sync::mpsc::channel::<()>();
        let halts = Halts::default();
        let start = |waiting| {
            let (core, halts, finished) =
                (Arc::clone(&self.core), Arc::clone(&halts), finished.clone());
            runtime.spawn(async move {
                queue(core, halts, waiting).await;
                drop(finished);
            });
        };
        let (singles, waiting) = mpsc::channel(WRITES);
        start(waiting);
        let (sets, waiting) = mpsc::channel(WRITES);
        start(waiting);
        drop(finished);
        runtime.spawn(resume::resume(Arc::clone(&self.core)));
        let core = Arc::clone(&self.core);
        runtime.spawn(async move {
            core.say_overrides();
            core.warm().await
        });
        Ok(Running {
            runtime,
            singles,
            sets,
            halts,
            done,
        })
    }

    fn spawn(&self, handle: &Handle, ticket: Ticket, request: Request) {
        let core = Arc::clone(&self.core);
        let slots = &self.slots;
        match request {
            Request::Sync { kind } if feed::is_fed(kind) => {
                slots.ask(handle, ticket, Question::Sync(kind), false, |out, nudge| {
                    feed::follow(core, kind, out, nudge)
                })
            }
            Request::Refresh { kind } if feed::is_fed(kind) => {
                self.core.tokens.forgive();
                slots.ask(handle, ticket, Question::Sync(kind), true, |out, nudge| {
                    feed::follow(core, kind, out, nudge)
                });
            }
            Request::Sync { kind } => {
                slots.ask(handle, ticket, Question::Sync(kind), false, |out, nudge| {
                    sync::follow(core, kind, out, nudge)
                })
            }
            Request::Refresh { kind } => {
                self.core.tokens.forgive();
                slots.ask(handle, ticket, Question::Sync(kind), true, |out, nudge| {
                    sync::follow(core, kind, out, nudge)
                });
            }
            Request::Search { kind, words } if feed::is_fed(kind) => {
                slots.ask(handle, ticket, Question::Step, true, |_, _| async move {
                    feed::search(&core, &words)
                });
            }
            Request::Search { kind, words } => {
                let question = Question::Search(kind, words.clone());
                slots.ask(handle, ticket, question, true, |out, _| async move {
                    part::search(&core, kind, &words, &out).await
                });
            }
            Request::Entity { key, fresh } => {
                let question = Question::Entity(key.clone(), fresh);
                slots.ask(handle, ticket, question, true, |out, _| async move {
                    part::entity(&core, key, fresh, &out).await
                });
            }
            Request::Part { calls, .. } | Request::Pick { calls } => {
                let question = Question::Calls(calls.clone());
                slots.ask(handle, ticket, question, true, |_, _| async move {
                    part::part(&core, calls).await
                });
            }
            Request::Hunt {
                engine,
                query,
                timespan,
            } => {
                slots.ask(handle, ticket, Question::Step, true, |_, _| async move {
                    hunt::hunt(&core, &engine, &query, timespan.as_deref()).await
                });
            }
            Request::Fetch { key, to } => {
                slots.ask(handle, ticket, Question::Step, true, |out, _| async move {
                    fetch::fetch(&core, &key, &to, &out).await
                });
            }
            Request::SignIn(step) => {
                slots.ask(handle, ticket, Question::Step, true, |_, _| async move {
                    signin::desk::step(&core, step).await
                });
            }
            // queued by `ask`
            Request::Run(_) | Request::Stop | Request::Cancelled(_) => {}
            Request::Preview { verb, args, keys } => {
                slots.ask(handle, ticket, Question::Step, true, |_, _| async move {
                    part::preview(&core, verb, args, keys).await
                });
            }
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Confirmed writes, one after the other in the order they were confirmed. Each gets its last reply, whatever happens.
///
/// One that waits for the person to sign in gives its turn up: the next may have a token that still serves. Not so where
/// both are about one target.
async fn queue(core: Arc<Core>, halts: Halts, mut waiting: mpsc::Receiver<Order>) {
    let mut before: Vec<Earlier> = Vec::new();
    while let Some(order) = waiting.recv().await {
        let Order {
            ticket,
            confirmed,
            halt,
        } = order;
        let out = Out::new(core.events.clone(), ticket);
        if waiting.is_closed() {
            // nothing begins any more; that it did not is on record
            halt.stop();
        }
        let targets = confirmed.get().targets.iter();
        let keys: Vec<Key> = targets.map(|t| t.key.clone()).collect();
        before.retain(|earlier| !earlier.sent.is_closed());
        for earlier in &mut before {
            if earlier.keys.iter().any(|k| keys.contains(k)) {
                earlier.sent.closed().await;
            }
        }
        let (turn, over) = Turn::new();
        let (sent, held) = mpsc::channel(1);
        before.push(Earlier { keys, sent });
        let sending = {
            let (core, out, halt) = (Arc::clone(&core), out.clone(), halt.clone());
            tokio::spawn(async move {
                let _held = held;
                run::run(&core, confirmed, &out, halt, turn).await
            })
        };
        // what became of it is found out beside the next command
        tokio::spawn(ended(
            Arc::clone(&core),
            Arc::clone(&halts),
            halt,
            out,
            sending,
        ));
        // ends when its sender does; nothing is ever said
        let _ = over.await;
    }
    for earlier in &before {
        earlier.sent.closed().await;
    }
}

/// A command that gave its turn up, or is over.
struct Earlier {
    keys: Vec<Key>,
    /// Closed when nothing more is to be sent.
    sent: mpsc::Sender<()>,
}

/// The last reply of a command, when what became of it is known.
async fn ended(core: Arc<Core>, halts: Halts, halt: Halt, out: Out, sending: JoinHandle<Endings>) {
    let failed = match sending.await {
        Ok(mut endings) => {
            let mut failed = false;
            while let Some(ended) = endings.join_next().await {
                failed |= ended.is_err();
            }
            failed
        }
        Err(_) => true,
    };
    lock(&halts).retain(|(_, h)| !h.is(&halt));
    if failed {
        let fault = Fault::new(
            FaultKind::Internal,
            "a part of the program failed while this was under way",
        )
        .next("read the target again before doing it again");
        core.notice(Level::Error, fault.to_string());
        out.end(Body::Fault(fault));
    } else {
        out.end(Body::Done);
    }
}
