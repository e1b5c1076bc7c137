//! How far a long reading is, on stderr while a person looks on: rows so far, of how many, and how long it may still take.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often the line changes.
const EVERY: Duration = Duration::from_millis(500);
/// Before this nothing is foretold: the first pages are the slowest.
const EARLY: Duration = Duration::from_secs(2);

/// The line on stderr; silent where that is no terminal.
pub struct Meter {
    on: bool,
    begun: Instant,
    state: Mutex<State>,
}

struct State {
    told: Instant,
    /// By tenant: rows so far and the total, where the service says it.
    seen: Vec<(u64, Option<u64>)>,
    shown: bool,
}

impl Meter {
    pub fn new(tenants: usize) -> Self {
        let now = Instant::now();
        Self {
            on: std::io::stderr().is_terminal(),
            begun: now,
            state: Mutex::new(State {
                told: now,
                seen: vec![(0, None); tenants],
                shown: false,
            }),
        }
    }

    /// A page of a tenant came.
    pub fn at(&self, tenant: usize, loaded: u64, total: Option<u64>, what: &str) {
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        if let Some(seen) = state.seen.get_mut(tenant) {
            *seen = (loaded, total);
        }
        if !self.on || state.told.elapsed() < EVERY {
            return;
        }
        state.told = Instant::now();
        state.shown = true;
        let loaded = state.seen.iter().map(|(n, _)| n).sum();
        // of tenants that have not told there is no total of all
        let total = state.seen.iter().map(|(_, t)| *t).sum::<Option<u64>>();
        let line = line(loaded, total, self.begun.elapsed(), what);
        eprint!("\r{line}\x1b[K");
        let _ = std::io::stderr().flush();
    }

    /// The line is taken away before anything else is said.
    pub fn end(&self) {
        if let Ok(mut state) = self.state.lock()
            && std::mem::take(&mut state.shown)
        {
            eprint!("\r\x1b[K");
        }
    }
}

/// `1400 of 1987 incidents read, 12 s left`.
fn line(loaded: u64, total: Option<u64>, took: Duration, what: &str) -> String {
    let Some(total) = total else {
        return format!("{loaded} {what} read");
    };
    let mut out = format!("{loaded} of {total} {what} read");
    if took >= EARLY && loaded > 0 && total > loaded {
        let left = took.as_secs_f64() / loaded as f64 * (total - loaded) as f64;
        match left.ceil() as u64 {
            s @ 0..120 => out.push_str(&format!(", {s} s left")),
            s => out.push_str(&format!(", {} min left", s / 60)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_when_it_can_be_known() {
        let at = |n, of, s| line(n, of, Duration::from_secs(s), "incidents");
        assert_eq!(at(50, None, 9), "50 incidents read");
        assert_eq!(at(50, Some(200), 1), "50 of 200 incidents read");
        assert_eq!(at(50, Some(200), 4), "50 of 200 incidents read, 12 s left");
        assert_eq!(
            at(100, Some(10_000), 4),
            "100 of 10000 incidents read, 6 min left"
        );
        assert_eq!(at(200, Some(200), 4), "200 of 200 incidents read");
    }
}
