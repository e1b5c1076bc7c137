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
pub mod memory;
mod origin;
mod paging;
mod part;
mod poll;
pub mod ports;
mod repair;
mod rows;
mod run;
mod signin;
mod supervisor;
mod sync;
mod token;
mod who;
mod write;

#[cfg(test)]
mod tests;

pub use ports::Ports;

use self::core::{Core, lock};
use crate::config::TenantConfig;
use crate::confirm::{Command, Confirmed};
use crate::model::{Fault, FaultKind};
use crate::msg::{Body, Level, Request, RunState, Slot, Ticket};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use supervisor::{Out, Question, Slots};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::mpsc;

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
    engine: Mutex<Engine>,
}

enum Engine {
    Idle,
    Running(Running),
    Stopped,
}

struct Running {
    runtime: Runtime,
    writes: mpsc::Sender<(Ticket, Confirmed<Command>)>,
    /// Says that the queue of writes has come to its end.
    done: std::sync::mpsc::Receiver<()>,
}

impl Backend {
    /// Takes the tenant and the ports; starts nothing.
    pub fn start(tenant: TenantConfig, ports: Ports) -> Self {
        let slots = Slots::new(ports.events.clone());
        Self {
            core: Arc::new(Core::new(tenant, ports)),
            slots,
            engine: Mutex::new(Engine::Idle),
        }
    }

    /// Sets the seconds between polls of incidents and alerts, from the next poll on.
    pub fn set_pace(&self, seconds: u32) {
        self.core
            .pace
            .store(seconds, std::sync::atomic::Ordering::Relaxed);
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
            Request::Run(confirmed) => running
                .writes
                .try_send((ticket, confirmed))
                .map_err(|_| Refused::Full),
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
            drop(running.writes);
            let _ = running.done.recv_timeout(FAREWELL);
            running.runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }

    fn engine(&self) -> Result<Running, Refused> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            // decoding and the disk have threads of their own; a second worker would mostly be woken to find nothing
            .worker_threads(1)
            .thread_name("backend")
            .max_blocking_threads(16)
            .enable_all()
            .build()
            .map_err(|_| Refused::NoThreads)?;
        let (writes, waiting) = mpsc::channel(WRITES);
        let (finished, done) = std::sync::mpsc::channel();
        let core = Arc::clone(&self.core);
        runtime.spawn(async move {
            queue(core, waiting).await;
            let _ = finished.send(());
        });
        let core = Arc::clone(&self.core);
        runtime.spawn(async move {
            core.say_overrides();
            core.warm().await
        });
        Ok(Running {
            runtime,
            writes,
            done,
        })
    }

    fn spawn(&self, handle: &Handle, ticket: Ticket, request: Request) {
        let core = Arc::clone(&self.core);
        let slots = &self.slots;
        match request {
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
            Request::SignIn(step) => {
                slots.ask(handle, ticket, Question::Step, true, |_, _| async move {
                    signin::desk::step(&core, step).await
                });
            }
            // queued by `ask`
            Request::Run(_) => {}
            Request::Preview { verb, args, keys } => {
                slots.ask(handle, ticket, Question::Step, true, |_, _| async move {
                    part::preview(&core, verb, args, keys).await
                });
            }
            Request::Stop | Request::Cancelled(_) => {}
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Confirmed writes, one after the other in the order they were confirmed. Each gets its last reply, whatever happens.
async fn queue(core: Arc<Core>, mut waiting: mpsc::Receiver<(Ticket, Confirmed<Command>)>) {
    while let Some((ticket, confirmed)) = waiting.recv().await {
        let out = Out::new(core.events.clone(), ticket);
        if waiting.is_closed() {
            let fault = Fault::new(
                FaultKind::Cancelled,
                "the program was left before this was sent",
            )
            .next("confirm it again next time");
            for target in 0..confirmed.get().targets.len() {
                let state = RunState::NotSent(fault.clone());
                out.say(Body::Ran { target, state });
            }
            out.end(Body::Done);
            continue;
        }
        let task = {
            let (core, out) = (Arc::clone(&core), out.clone());
            tokio::spawn(async move { run::run(&core, confirmed, &out).await })
        };
        if task.await.is_err() {
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
}
