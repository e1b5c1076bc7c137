//! What a key costs on large lists: event → `update` → its job, where it wants one → the frame drawn and encoded. Through the
//! public API alone, on one thread, so that a figure is the whole wait. `cargo bench --bench keys`
//!
//! Limits (design): a move 2 ms at p95; a letter typed into the filter 16 ms over 100,000 incidents, 30 ms over 200,000
//! users and 50,000 devices; a sort by text 60 and 120 ms. Over 1,000,000 records of the logs, where the work is a job's: 150 ms
//! until the rows are there, and 16 ms until the next key is taken.

mod rows;

use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchfloor::app::keys;
use watchfloor::model::Kind;
use watchfloor::msg::{Body, Effect, Event, KeyPress, Origin, Page, Progress, Reply, Slot};
use watchfloor::resource::spec;

/// Rounds of each sequence.
const ROUNDS: usize = 40;

/// What the keys are pressed on.
struct Console {
    console: rows::console::Console,
    /// What the last event cost before its jobs: until then the next key waits.
    alone: Duration,
}

impl std::ops::Deref for Console {
    type Target = rows::console::Console;

    fn deref(&self) -> &Self::Target {
        &self.console
    }
}

impl std::ops::DerefMut for Console {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.console
    }
}

impl Console {
    fn new() -> Self {
        Self {
            console: rows::console::Console::new(),
            alone: Duration::ZERO,
        }
    }

    /// One event with everything that follows from it.
    fn event(&mut self, event: Event) {
        let begun = Instant::now();
        let mut effects = self.update(event);
        let alone = begun.elapsed();
        while let Some(effect) = effects.pop() {
            if let Effect::Compute(ticket, job) = effect {
                let body = job.run().map_or(Body::Dropped, Body::Computed);
                let reply = Reply {
                    ticket,
                    last: true,
                    body,
                };
                effects.extend(self.update(Event::Reply(reply)));
            }
        }
        self.alone = alone;
    }

    /// A key until its frame could leave.
    fn key(&mut self, text: &str) -> Duration {
        let mut took = Duration::ZERO;
        for key in keys::parse(text).unwrap() {
            let start = Instant::now();
            self.event(Event::Key(KeyPress { key, in_read: 1 }));
            self.draw();
            took = start.elapsed();
        }
        took
    }

    /// Keys one after the other; the cost of each.
    fn keys(&mut self, text: &str) -> Vec<Duration> {
        text.split_whitespace().map(|k| self.key(k)).collect()
    }

    /// Fills a list page by page and stands at its top.
    fn fill(&mut self, kind: Kind, count: usize, row: fn(usize) -> Value) {
        const PAGE: usize = 1_000;
        let tab = spec(kind).digit.to_string();
        self.keys(&tab);
        for from in (0..count).step_by(PAGE) {
            let to = (from + PAGE).min(count);
            let chunk = rows::decoded(spec(kind), (from..to).map(row));
            let slot = Slot::Sync(kind);
            let ticket = match self.app.tickets.current(&slot) {
                Some(ticket) => ticket,
                None => self.app.tickets.issue(slot),
            };
            let page = Page {
                kind,
                chunk: Some(Arc::new(chunk)),
                origin: Origin::Fill,
                progress: Progress {
                    loaded: to as u64,
                    total: Some(count as u64),
                    complete: to == count,
                    as_of: Some(self.wall),
                },
                bad: 0,
                bad_why: None,
                removed: Vec::new(),
            };
            self.event(Event::Reply(Reply {
                ticket,
                last: false,
                body: Body::Page(page),
            }));
        }
        self.keys("R g g");
        assert_eq!(self.app.pane().rows.len(), count);
        assert_eq!(self.app.pane().shown.len(), count);
    }
}

fn say(what: &str, mut took: Vec<Duration>) {
    took.sort();
    let at = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)];
    println!(
        "{what:<44} p50 {:>9.3?}  p95 {:>9.3?}  n {}",
        at(50),
        at(95),
        took.len()
    );
}

/// Letters typed into find: what `update` and the frame cost; the look through the lists is a thread's.
fn find(console: &mut Console, name: &str, words: &str) {
    let mut took = Vec::new();
    for _ in 0..ROUNDS / 2 {
        console.keys("f");
        for letter in words.chars() {
            took.push(console.key(&letter.to_string()));
        }
        console.keys("Esc");
    }
    say(&format!("{name}: each letter of find {words}"), took);
}

/// Moves, letters and sorts on one list. `words`: typed letter by letter; `sorts`: what to type into the chooser.
fn list(console: &mut Console, name: &str, words: &[&str], sorts: [&str; 2]) {
    for (what, keys) in [("j", "j"), ("PageDown", "PgDn"), ("G", "G"), ("gg", "g g")] {
        let mut took = Vec::new();
        for round in 0..ROUNDS * 5 {
            // the ends are left, or the second press would do nothing
            match what {
                "G" => {
                    console.keys("g g");
                }
                "gg" => {
                    console.keys("G");
                }
                "PageDown" if round % 50 == 0 => {
                    console.keys("g g");
                }
                _ => {}
            }
            took.push(console.keys(keys).pop().unwrap());
        }
        say(&format!("{name}: {what}"), took);
    }
    console.keys("g g");
    for word in words {
        let mut took = Vec::new();
        for _ in 0..ROUNDS / 4 {
            console.keys("/ Ctrl-u");
            for letter in word.chars() {
                let key = match letter {
                    ' ' => "Space".to_owned(),
                    c => c.to_string(),
                };
                took.push(console.key(&key));
            }
            console.keys("Ctrl-u Enter");
        }
        say(&format!("{name}: each letter of /{word}"), took);
    }
    let mut took = Vec::new();
    for round in 0..ROUNDS / 2 {
        console.keys("S");
        for letter in sorts[round % 2].chars() {
            console.key(&letter.to_string());
        }
        took.push(console.key("Enter"));
    }
    say(
        &format!("{name}: sort by {} or {}", sorts[0], sorts[1]),
        took,
    );
}

/// Letters over the logs of a week: how long a key waits, and when the rows are there.
fn logs() {
    let mut console = Console::new();
    console.fill(Kind::Record, 1_000_000, rows::record);
    let name = "1,000,000 records";
    let (mut whole, mut alone, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    for word in [
        "family77",
        "op:New-Inbox",
        "Plan 4711 of",
        "user:given7 FileDown",
        "zzz",
        "~plan.xlsx",
        "age<40d 203.0.113",
    ] {
        let before = whole.len();
        for _ in 0..ROUNDS / 8 {
            console.keys("/ Ctrl-u");
            for letter in word.chars() {
                let key = match letter {
                    ' ' => "Space".to_owned(),
                    c => c.to_string(),
                };
                whole.push(console.key(&key));
                alone.push(console.alone);
            }
            let begun = Instant::now();
            console.key("Tab");
            answers.push(begun.elapsed());
            console.keys("Esc Esc g g");
            if !console.app.pane().filter.is_empty() {
                console.keys("/ Ctrl-u Enter");
            }
        }
        say(
            &format!("{name}: each letter of /{word}"),
            whole[before..].to_vec(),
        );
    }
    say(&format!("{name}: each letter"), whole);
    say(&format!("{name}: a key until the next is taken"), alone);
    say(&format!("{name}: completion"), answers);
}

fn main() {
    // `cargo test --benches` runs this too; figures are asked for by `cargo bench`
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    // these alone: `cargo bench --bench keys -- logs`
    if std::env::args().any(|a| a == "logs") {
        return logs();
    }
    let mut console = Console::new();
    console.fill(Kind::Incident, 100_000, rows::incident);
    let words = ["lateral", "sev>=med st:new own:none", "~movement", "7001"];
    list(
        &mut console,
        "100,000 incidents",
        &words,
        ["title", "owner"],
    );
    drop(console);
    let mut console = Console::new();
    console.fill(Kind::User, 200_000, rows::user);
    let words = ["family1999", "on:yes type:guest"];
    list(&mut console, "200,000 users", &words, ["sign", "depart"]);
    find(&mut console, "200,000 users", "family1999");
    drop(console);
    let mut console = Console::new();
    console.fill(Kind::Device, 50_000, rows::device);
    let words = ["wks-ber", "os:server risk>=med"];
    list(&mut console, "50,000 devices", &words, ["name", "system"]);
    drop(console);
    logs();
}
