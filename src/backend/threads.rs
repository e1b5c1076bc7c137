//! The threads that network sides run on. A tenant alone has its own; the tenants of one console share them, since forty
//! times a worker and what it blocks would be hundreds of threads that mostly wait.

use super::Refused;
use super::core::lock;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Threads at one time that decode, wait for the disk or for the screen, of all who share them: what they do is short.
const BLOCKING: usize = 16;

/// Threads that several may share; there are none before the first wants them, and none after the last let go.
#[derive(Clone, Default)]
pub struct Threads(Arc<Mutex<Weak<Runtime>>>);

impl Threads {
    pub(super) fn get(&self) -> Result<Arc<Runtime>, Refused> {
        let mut shared = lock(&self.0);
        if let Some(runtime) = shared.upgrade() {
            return Ok(runtime);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            // decoding and the disk have threads of their own; a second worker would mostly be woken to find nothing
            .worker_threads(1)
            .thread_name("backend")
            .max_blocking_threads(BLOCKING)
            .enable_all()
            .build()
            .map_err(|_| Refused::NoThreads)?;
        let runtime = Arc::new(runtime);
        *shared = Arc::downgrade(&runtime);
        Ok(runtime)
    }
}

/// Lets go of them; the last ends what still runs there.
pub(super) fn leave(runtime: Arc<Runtime>) {
    if let Some(last) = Arc::into_inner(runtime) {
        last.shutdown_timeout(Duration::from_secs(1));
    }
}
