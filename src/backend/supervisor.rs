//! Tasks by slot: the same question joins, another one takes the place, and each ticket gets exactly one last reply,
//! also when its task is aborted or panics.

use super::core::lock;
use super::ports::Events;
use crate::model::{Call, Fault, FaultKind, Key, Kind};
use crate::msg::{Body, Event, Reply, Slot, Ticket};
use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// What makes two requests the same question.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    Sync(Kind),
    Search(Kind, String),
    Entity(Key, bool),
    Calls(Vec<Call>),
    /// Never the same as another.
    Step,
}

impl Question {
    fn joins(&self, other: &Self) -> bool {
        *self != Self::Step && self == other
    }
}

/// Where a task's replies go: to the newest ticket of its slot.
#[derive(Clone)]
pub struct Out {
    events: Events,
    ticket: Arc<Mutex<Ticket>>,
}

impl Out {
    pub fn new(events: Events, ticket: Ticket) -> Self {
        Self {
            events,
            ticket: Arc::new(Mutex::new(ticket)),
        }
    }

    /// A reply that is not the last.
    pub fn say(&self, body: Body) {
        self.send(body, false);
    }

    /// The last reply. Only the supervisor and the queue of writes say it.
    pub fn end(&self, body: Body) {
        self.send(body, true);
    }

    fn send(&self, body: Body, last: bool) {
        let ticket = lock(&self.ticket).clone();
        (self.events)(Event::Reply(Reply { ticket, last, body }));
    }
}

/// A tap on the shoulder of a running task.
#[derive(Default)]
pub struct Nudge {
    notify: Notify,
    asked: AtomicBool,
}

impl Nudge {
    /// Somebody joined; `asked`: and wants it now.
    pub fn tap(&self, asked: bool) {
        self.asked.fetch_or(asked, Ordering::SeqCst);
        self.notify.notify_one();
    }

    pub async fn tapped(&self) {
        self.notify.notified().await;
    }

    /// Whether somebody wants it now; true once.
    pub fn take(&self) -> bool {
        self.asked.swap(false, Ordering::SeqCst)
    }

    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
}

struct Running {
    id: u64,
    question: Question,
    out: Out,
    nudge: Arc<Nudge>,
    /// Set as soon as the task is spawned, under the same lock.
    abort: AbortHandle,
}

/// The tasks that run now.
#[derive(Clone)]
pub struct Slots {
    inner: Arc<Mutex<Inner>>,
    events: Events,
}

struct Inner {
    running: HashMap<Slot, Running>,
    last: u64,
    /// Each supervisor holds a copy until it has said its last word.
    speaking: Option<Sender<()>>,
    silence: Option<Receiver<()>>,
}

impl Slots {
    pub fn new(events: Events) -> Self {
        let (speaking, silence) = channel();
        Self {
            inner: Arc::new(Mutex::new(Inner {
                running: HashMap::new(),
                last: 0,
                speaking: Some(speaking),
                silence: Some(silence),
            })),
            events,
        }
    }

    /// Puts a question into its slot. `work` becomes the task unless the question joins a running one.
    pub fn ask<F>(
        &self,
        handle: &Handle,
        ticket: Ticket,
        question: Question,
        asked: bool,
        work: impl FnOnce(Out, Arc<Nudge>) -> F,
    ) where
        F: Future<Output = Body> + Send + 'static,
    {
        let slot = ticket.slot.clone();
        let mut inner = lock(&self.inner);
        let Some(speaking) = inner.speaking.clone() else {
            drop(inner);
            self.dropped(handle, ticket);
            return;
        };
        if let Some(running) = inner.running.get(&slot) {
            if running.question.joins(&question) {
                let old = std::mem::replace(&mut *lock(&running.out.ticket), ticket.clone());
                running.nudge.tap(asked);
                drop(inner);
                if old != ticket {
                    self.dropped(handle, old);
                }
                return;
            }
            // its supervisor answers for it; the place is free at once
            running.abort.abort();
        }
        inner.last += 1;
        let id = inner.last;
        let out = Out::new(self.events.clone(), ticket);
        let nudge = Arc::new(Nudge::default());
        nudge.asked.store(asked, Ordering::SeqCst);
        let task = handle.spawn(work(out.clone(), Arc::clone(&nudge)));
        let abort = task.abort_handle();
        let (slots, owned, key) = (self.clone(), out.clone(), slot.clone());
        handle.spawn(async move {
            let body = match task.await {
                Ok(body) => body,
                Err(e) if e.is_cancelled() => Body::Dropped,
                Err(_) => Body::Fault(
                    Fault::new(FaultKind::Internal, "a part of the program failed")
                        .next("the log has the details; please report it"),
                ),
            };
            // from here on nobody can join, so the last reply goes to the last who did
            {
                let mut inner = lock(&slots.inner);
                if inner.running.get(&key).is_some_and(|r| r.id == id) {
                    inner.running.remove(&key);
                }
            }
            owned.end(body);
            drop(speaking);
        });
        inner.running.insert(
            slot,
            Running {
                id,
                question,
                out,
                nudge,
                abort,
            },
        );
    }

    /// Closes a ticket nobody works for. Not on this thread: it is the one that takes the events, and must not wait for itself.
    fn dropped(&self, handle: &Handle, ticket: Ticket) {
        let out = Out::new(self.events.clone(), ticket);
        handle.spawn(async move { out.end(Body::Dropped) });
    }

    /// Ends the slot's task; its supervisor says the last word.
    pub fn drop_slot(&self, slot: &Slot) {
        if let Some(running) = lock(&self.inner).running.remove(slot) {
            running.abort.abort();
        }
    }

    /// Ends all of them, takes none any more, and waits until every one of them has had its last reply.
    pub fn close(&self, patience: Duration) {
        let silence = {
            let mut inner = lock(&self.inner);
            inner.speaking = None;
            for (_, running) in inner.running.drain() {
                running.abort.abort();
            }
            inner.silence.take()
        };
        if let Some(silence) = silence {
            // nothing is ever sent: this ends when the last supervisor goes
            let _ = silence.recv_timeout(patience);
        }
    }
}
