//! What stops a query: the flag of who asked, and the one account of the memory that all its operators
//! hold. Every loop reports here what it did and what it made; whoever hears that the query is lost fills
//! in nulls or leaves out rows and comes back soon, for nothing of it is shown.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use table::Cancel;

/// Values, or 64 bytes of text each, between two looks at the flag.
const STEP: u64 = 4096;

/// The longest value that a function gives: as long as the longest cell of a file.
pub(crate) const LONGEST: usize = 64 << 20;

/// Why a query is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Who asked does not want it any more.
    Cancelled,
    /// It would hold more memory than it may.
    Memory,
    /// Another limit, in words.
    Limit(String),
}

/// One query's account, shared by its threads.
#[derive(Debug)]
pub(crate) struct Guard {
    cancel: Cancel,
    limit: usize,
    used: AtomicUsize,
    most: AtomicUsize,
    work: AtomicU64,
    /// Work after which the flag is set, for tests.
    until: u64,
    stop: OnceLock<Stop>,
}

impl Guard {
    pub fn new(cancel: Cancel, limit: usize) -> Guard {
        Guard::until(cancel, limit, u64::MAX)
    }
    /// With work after which it is cancelled.
    pub fn until(cancel: Cancel, limit: usize, until: u64) -> Guard {
        Guard {
            cancel,
            limit,
            used: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            work: AtomicU64::new(0),
            until,
            stop: OnceLock::new(),
        }
    }
    /// Reports work and tells whether to come back.
    #[inline]
    pub fn step(&self, work: u64) -> bool {
        let done = self.work.fetch_add(work, Ordering::Relaxed) + work;
        if done >= self.until {
            self.cancel.cancel();
        }
        if self.cancel.is_cancelled() {
            let _ = self.stop.set(Stop::Cancelled);
        }
        self.stopped()
    }
    /// Whether the query is lost.
    #[inline]
    pub fn stopped(&self) -> bool {
        self.stop.get().is_some()
    }
    /// Why, if it is lost.
    pub fn stop(&self) -> Option<&Stop> {
        self.stop.get()
    }
    /// Notes bytes that are held now and tells whether to come back.
    pub fn charge(&self, bytes: usize) -> bool {
        if bytes > 0 {
            // half of all there is, twice, would be nothing
            let bytes = bytes.min(usize::MAX / 4);
            let used = self
                .used
                .fetch_add(bytes, Ordering::Relaxed)
                .saturating_add(bytes);
            self.most.fetch_max(used, Ordering::Relaxed);
            if used > self.limit {
                let _ = self.stop.set(Stop::Memory);
            }
        }
        self.stopped()
    }
    /// Notes that there is no room for what comes next.
    pub fn overflow(&self) {
        let _ = self.stop.set(Stop::Memory);
    }
    /// Bytes that may still be held.
    pub fn room(&self) -> usize {
        self.limit.saturating_sub(self.used())
    }
    /// Notes bytes that are held no more.
    pub fn release(&self, bytes: usize) {
        // by what is there: a share given back twice must not look like all memory there is
        let less = |used: usize| Some(used.saturating_sub(bytes));
        let _ = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
    /// Ends the query for another reason.
    pub fn refuse(&self, why: impl Into<String>) {
        let _ = self.stop.set(Stop::Limit(why.into()));
    }
    /// Bytes held now.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
    /// Sets the bytes held to what they were before an operator, and what it left behind.
    pub fn settle(&self, used: usize) {
        self.used.store(used, Ordering::Relaxed);
    }
    /// Most bytes held so far.
    #[cfg(test)]
    pub fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
    /// Work done so far.
    #[cfg(test)]
    pub fn work(&self) -> u64 {
        self.work.load(Ordering::Relaxed)
    }
    /// Most bytes that may be held.
    pub fn limit(&self) -> usize {
        self.limit
    }
}

/// A loop's own count, so that the account is looked at only now and then.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    work: u64,
}

impl Pace {
    /// Counts a value with so many bytes of text; true when it is time to look.
    #[inline]
    pub fn value(&mut self, bytes: usize) -> bool {
        self.work += 1 + bytes as u64 / 64;
        self.work >= STEP
    }
    /// Takes what was counted.
    pub fn take(&mut self) -> u64 {
        std::mem::take(&mut self.work)
    }
}
