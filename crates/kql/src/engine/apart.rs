//! A query works on a thread of its own, so that who asked has control back soon after setting the flag,
//! whatever one function does with one long value at that moment. A query that is left behind hears of
//! the flag at its next look ([`super::guard`]), drops what it holds and ends; nobody sees its answer,
//! and the next query begins when it is gone.

use super::answer::Answer;
use super::run::{ErrorKind, RunError};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};
use table::Cancel;

/// How often the flag is looked at from outside.
const LOOK: Duration = Duration::from_millis(5);
/// How long a query that was told to stop is waited for. Nearly all end within it.
const GRACE: Duration = Duration::from_millis(5);
/// How long a query waits for those that were left behind before: one ends within this, or hangs.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many that hang are borne; with more no query begins.
const MOST_LEFT: usize = 3;
/// Expressions nest on the stack: as much as a program's first thread has.
const STACK: usize = 8 << 20;

/// Queries left behind that have not ended yet.
static LEFT: AtomicUsize = AtomicUsize::new(0);

/// How many queries that were told to stop are still at it, with nobody waiting.
pub(super) fn left() -> usize {
    LEFT.load(Ordering::Acquire)
}

const WORKING: u8 = 0;
const ENDED: u8 = 1;
const ALONE: u8 = 2;

/// Notes the end of the thread, however it comes.
struct End(Arc<AtomicU8>);

impl Drop for End {
    fn drop(&mut self) {
        if self.0.swap(ENDED, Ordering::AcqRel) == ALONE {
            LEFT.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

type Ran = Result<Answer, RunError>;

/// Does the work on another thread and gives its answer, or soon after the flag is set the answer that
/// it was cancelled. The work owns what it needs, for it may outlive the call.
pub(super) fn run(cancel: &Cancel, work: impl FnOnce() -> Ran + Send + 'static) -> Ran {
    wait_for_room(cancel)?;
    let state = Arc::new(AtomicU8::new(WORKING));
    let end = End(state.clone());
    let (tell, told) = sync_channel(1);
    // a thread that cannot be made gives the work back, not swallows it
    let work = Arc::new(std::sync::Mutex::new(Some(work)));
    let theirs = work.clone();
    let take = |w: &std::sync::Mutex<Option<_>>| match w.lock() {
        Ok(mut w) => w.take(),
        Err(_) => None,
    };
    let made = thread::Builder::new()
        .name("query".into())
        .stack_size(STACK)
        .spawn(move || {
            let _end = end;
            if let Some(work) = take(&theirs) {
                answer(work, &tell);
            }
        });
    let Ok(thread) = made else {
        return match take(&work) {
            Some(work) => work(),
            None => Err(cancelled()),
        };
    };
    let mut asked: Option<Instant> = None;
    loop {
        let wait = asked.map_or(LOOK, |at| GRACE.saturating_sub(at.elapsed()));
        match told.recv_timeout(wait) {
            Ok(ran) => return ran,
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                // a panic of the thread is a panic of the query
                Err(panic) => resume_unwind(panic),
                Ok(()) => return Err(cancelled()),
            },
            Err(RecvTimeoutError::Timeout) => {}
        }
        if !cancel.is_cancelled() {
            continue;
        }
        if asked.get_or_insert_with(Instant::now).elapsed() >= GRACE {
            LEFT.fetch_add(1, Ordering::AcqRel);
            if state.swap(ALONE, Ordering::AcqRel) == ENDED {
                LEFT.fetch_sub(1, Ordering::AcqRel);
            }
            return Err(cancelled());
        }
    }
}

fn answer(work: impl FnOnce() -> Ran, tell: &SyncSender<Ran>) {
    // who left does not listen
    let _ = tell.send(work());
}

fn cancelled() -> RunError {
    RunError::new(ErrorKind::Cancelled, "cancelled")
}

/// Waits until no query that was left behind is at work, so that processors and memory are not piled up.
fn wait_for_room(cancel: &Cancel) -> Result<(), RunError> {
    let begin = Instant::now();
    loop {
        if cancel.is_cancelled() {
            return Err(cancelled());
        }
        let late = begin.elapsed() > PATIENCE;
        if left() == 0 || late && left() < MOST_LEFT {
            return Ok(());
        }
        if late {
            return Err(RunError::new(
                ErrorKind::Limit,
                "queries that were stopped before have not ended yet; ask again soon",
            ));
        }
        thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn who_asked_is_free_while_the_work_goes_on_and_the_next_waits_for_its_end() {
        let (release, released) = channel::<()>();
        let cancel = Cancel::new();
        let flag = cancel.clone();
        let ran = run(&cancel, move || {
            // deaf to its flag until it is let go
            flag.cancel();
            let _ = released.recv();
            Ok(Answer::default())
        });
        assert_eq!(ran.err().map(|e| e.kind), Some(ErrorKind::Cancelled));
        assert!(left() > 0);
        let (began, begun) = channel();
        let next = thread::spawn(move || {
            run(&Cancel::new(), move || {
                let _ = began.send(());
                Ok(Answer::default())
            })
        });
        assert!(begun.try_recv().is_err());
        drop(release);
        assert!(next.join().is_ok_and(|ran| ran.is_ok()));
        assert!(begun.recv().is_ok());
    }

    #[test]
    fn a_panic_of_the_work_is_a_panic_of_who_asked() {
        let ran = std::panic::catch_unwind(|| run(&Cancel::new(), || panic!("the work fell")));
        let why = ran.err().and_then(|p| p.downcast_ref::<&str>().copied());
        assert_eq!(why, Some("the work fell"));
    }
}
