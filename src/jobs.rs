//! Compute threads: filter, sort and group jobs that are too long for a frame. A job owns `Arc` chunks and a cancel flag;
//! every job is answered, also when it was cancelled or panicked.

mod local;

use crate::model::{Fault, FaultKind};
use crate::msg::{Body, Event, Job, Local, Reply, Think, Thought, Ticket};
use crate::resource::find::hits::Looking;
use crate::resource::hunt_work;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// Where answers go.
pub type Events = Arc<dyn Fn(Event) + Send + Sync>;

type Queue = Arc<Mutex<Receiver<(Ticket, Work)>>>;

/// What these threads do.
#[derive(Debug)]
pub enum Work {
    /// Filter, sort and group one list.
    List(Job),
    /// Look through all of them.
    Find(Looking),
    /// Understand a query's text.
    Text(Think),
    /// Answer a query; on a thread of its own, since it may take long.
    Query(Local),
    /// Something about a query's result.
    Hunt(Box<hunt_work::Work>),
}

impl Work {
    /// Does it; `None` when cancelled.
    fn run(&self) -> Option<Body> {
        match self {
            Self::List(job) => job.run().map(Body::Computed),
            Self::Find(look) => look.run().map(Body::Found),
            Self::Text(think) => {
                let thought = Thought::about(think.text.clone(), &think.world);
                Some(Body::Thought(Arc::new(thought)))
            }
            Self::Query(local) => local::answer(local),
            Self::Hunt(work) => work.run().map(Body::Worked),
        }
    }
}

/// As many threads as cores, at least two, started with the first job.
pub struct Jobs {
    events: Events,
    queue: Mutex<Option<Sender<(Ticket, Work)>>>,
}

impl Jobs {
    pub fn new(events: Events) -> Self {
        Self {
            events,
            queue: Mutex::new(None),
        }
    }

    /// Queues a job; never blocks.
    pub fn run(&self, ticket: Ticket, job: Work) {
        if matches!(job, Work::Query(_)) {
            let (events, mine) = (self.events.clone(), ticket.clone());
            let begun = std::thread::Builder::new().name("hunt".into());
            if begun.spawn(move || events(answer(ticket, &job))).is_err() {
                let fault = Fault::new(FaultKind::Internal, "no further thread can be started");
                (self.events)(Event::Reply(Reply {
                    ticket: mine,
                    last: true,
                    body: Body::Fault(fault),
                }));
            }
            return;
        }
        let mut queue = self
            .queue
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let sender = queue.get_or_insert_with(|| start(&self.events));
        if let Err(lost) = sender.send((ticket, job)) {
            // no thread could be started: answer here rather than leave a spinner turning
            let (ticket, job) = lost.0;
            (self.events)(answer(ticket, &job));
        }
    }
}

fn start(events: &Events) -> Sender<(Ticket, Work)> {
    let (sender, receiver) = channel();
    let receiver = Arc::new(Mutex::new(receiver));
    let threads = std::thread::available_parallelism()
        .map_or(2, usize::from)
        .max(2);
    for n in 0..threads {
        let (events, receiver): (Events, Queue) = (events.clone(), receiver.clone());
        let _ = std::thread::Builder::new()
            .name(format!("job-{n}"))
            .spawn(move || {
                loop {
                    let next = receiver
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .recv();
                    let Ok((ticket, job)) = next else { return };
                    events(answer(ticket, &job));
                }
            });
    }
    sender
}

fn answer(ticket: Ticket, job: &Work) -> Event {
    let body = match catch_unwind(AssertUnwindSafe(|| job.run())) {
        Ok(Some(done)) => done,
        Ok(None) => Body::Dropped,
        Err(_) => Body::Fault(
            Fault::new(FaultKind::Internal, "computing the list failed")
                .next("the rows on screen are the ones from before"),
        ),
    };
    Event::Reply(Reply {
        ticket,
        last: true,
        body,
    })
}
