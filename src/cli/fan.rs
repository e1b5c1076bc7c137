//! One question to several tenants: a few at a time, each with a sign-in, a cache and limits of its own; the answers come
//! in the order of the tenants, and one that fails takes nothing from the others.

use super::choose::Start;
use std::sync::Mutex;

/// Tenants asked at the same time: more would only wait for the same two cores and the same line.
const AT_ONCE: usize = 8;

/// Asks each tenant. `None` where the asking itself broke.
pub fn each<T: Send>(starts: Vec<Start>, ask: impl Fn(Start) -> T + Sync) -> Vec<Option<T>> {
    let count = starts.len();
    let queue = Mutex::new(starts.into_iter().enumerate());
    let answers = Mutex::new((0..count).map(|_| None).collect::<Vec<Option<T>>>());
    let next = || queue.lock().ok().and_then(|mut q| q.next());
    std::thread::scope(|scope| {
        let work = || {
            while let Some((place, start)) = next() {
                let answer = ask(start);
                if let Ok(mut answers) = answers.lock()
                    && let Some(slot) = answers.get_mut(place)
                {
                    *slot = Some(answer);
                }
            }
        };
        let threads: Vec<_> = (0..count.min(AT_ONCE)).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            // the tenant it was at stays unanswered, which is said
            let _ = thread.join();
        }
    });
    answers.into_inner().unwrap_or_default()
}

/// Whether the words of a command name several tenants: then every row says whose it is, however many they turn out to be.
pub fn is_several(tenant: Option<&str>, all: bool) -> bool {
    all || tenant.is_some_and(|t| t.contains(','))
}
