//! How many tasks are just looking what became of a write: leaving waits for them, but not for those that sleep until the
//! next look.

use super::core::lock;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The count, and a bell for when it is zero.
#[derive(Clone, Default)]
pub struct Settling(Arc<(Mutex<usize>, Condvar)>);

/// Counts itself while it lives.
pub struct Busy(Settling);

impl Settling {
    pub fn begin(&self) -> Busy {
        self.change(1);
        Busy(self.clone())
    }

    /// Does not count while this future runs.
    pub async fn aside<T>(&self, future: impl Future<Output = T>) -> T {
        /// Also where the task is dropped meanwhile: its `Busy` goes then, too.
        struct Back<'a>(&'a Settling);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                self.0.change(1);
            }
        }
        self.change(-1);
        let _back = Back(self);
        future.await
    }

    fn change(&self, by: isize) {
        let mut count = lock(&self.0.0);
        *count = count.saturating_add_signed(by);
        self.0.1.notify_all();
    }

    /// Waits until nobody counts, at most so long.
    pub fn rest(&self, patience: Duration) {
        let end = Instant::now() + patience;
        let mut count = lock(&self.0.0);
        while *count > 0 {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let woken = self.0.1.wait_timeout(count, left);
            count = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.change(-1);
    }
}
