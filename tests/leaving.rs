//! The real binary in a real terminal, left at the worst moments: in the grace of a response action and in the middle of a
//! set. What was not on its way is never sent, and the record says so. And answers that do not count send nothing.

use crate::kill::hands::asked;
use crate::pty::{Terminal, program, simulated, simulated_with};
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use watchfloor::audit::{Stage, read, verify};

const ENV: &[(&str, &str)] = &[("PTY_SECRET", "pty secret")];

/// Requests that change something, as the simulator received them.
pub fn writes(sim: &sim::Running) -> usize {
    // a hunting query goes as a POST and changes nothing
    let read = |path: &str| path.contains("oauth2") || path.ends_with("/runHuntingQuery");
    let write = |r: &&sim::Received| r.method != "GET" && !read(&r.path);
    sim.journal().iter().filter(write).count()
}

pub fn record(home: &Path) -> PathBuf {
    home.join(".local/state/watchfloor/audit/pty")
}

/// A shell with job control in the terminal, and the program in its foreground.
fn under_a_shell(home: &Path) -> Terminal {
    let words = ["--norc", "--noprofile", "-i"];
    let mut t = Terminal::of("/bin/bash", home, &words, ENV, (100, 30));
    t.until("bash");
    t.press(format!("{} --tenant pty\r", program()).as_bytes());
    rows(&mut t);
    t
}

fn alone(home: &Path) -> Terminal {
    let mut t = Terminal::run(home, &["--tenant", "pty"], ENV, (100, 30));
    rows(&mut t);
    t
}

pub fn rows(t: &mut Terminal) {
    t.until_that("rows", |s| {
        s.contains("Incidents ·") && s.contains('▌') && s.contains("ana@")
    });
}

/// Sends a signal to the program that the shell runs.
fn signal_child(t: &Terminal, signal: Signal) {
    let shell = t.child.process_id().unwrap();
    let path = format!("/proc/{shell}/task/{shell}/children");
    let children = std::fs::read_to_string(path).unwrap();
    let child: i32 = children.split_whitespace().next().unwrap().parse().unwrap();
    let pid = rustix::process::Pid::from_raw(child).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Types slowly enough that no two keys come in one read, until the screen holds what is wanted.
pub fn type_until(t: &mut Terminal, what: &str, keys: impl Fn(&str) -> Option<String>) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let screen = t.contents();
        if screen.contains(what) {
            return;
        }
        assert!(Instant::now() < end, "no {what:?}; the screen:\n{screen}");
        for key in keys(&screen).unwrap_or_default().bytes() {
            t.press(&[key]);
            std::thread::sleep(Duration::from_millis(15));
        }
        std::thread::sleep(Duration::from_millis(150));
    }
}

/// Opens the prompt of a tier-2 verb on a person; what it asks for, without the Enter.
pub fn prompt(t: &mut Terminal) -> String {
    t.press(b"4");
    t.until_that("people", |s| s.contains("Users ·") && s.contains('▌'));
    // onto somebody without a risk of his own, away from rows that still move
    std::thread::sleep(Duration::from_millis(1200));
    t.press(b"jjjj");
    again(t)
}

pub fn again(t: &mut Terminal) -> String {
    for _ in 0..5 {
        t.press(b"a");
        t.until("Actions ·");
        t.press(b"d");
        let screen = t.until_that("the prompt, or why not", |s| {
            asked(s, 1).is_some() || s.contains("press it again")
        });
        if let Some(keys) = asked(&screen, 1) {
            return keys.trim_end().to_owned();
        }
        t.press(b"\x1b");
        std::thread::sleep(Duration::from_millis(900));
    }
    panic!("no prompt:\n{}", t.contents())
}

/// Answers the prompt that is open; the grace runs when this returns.
pub fn confirm(t: &mut Terminal) {
    type_until(t, "CONFIRMED · not sent yet", |s| asked(s, 1));
}

/// The record has the one deed as taken back, with this reason, and nothing as sent.
pub fn taken_back(home: &Path, why: &str) {
    let dir = record(home);
    let runs = read::runs(&dir).unwrap();
    let cancelled: Vec<_> = runs
        .iter()
        .filter(|r| r.entry().stage == Stage::Cancelled)
        .collect();
    assert_eq!(cancelled.len(), 1, "{runs:#?}");
    assert_eq!(cancelled[0].state.as_deref(), Some("not sent"));
    let detail = cancelled[0].detail.clone().unwrap_or_default();
    assert!(detail.contains(why), "{detail}");
    assert!(runs.iter().all(|r| !r.has_intent()));
    let report = verify::verify(&dir, None, &Default::default()).unwrap();
    assert!(report.is_whole() && report.open.is_empty());
}

/// The figure: SIGHUP, quit, suspend during grace: requests sent after it 0.
#[test]
fn what_is_left_in_its_grace_is_never_sent() {
    for (how, why) in [
        ("hangup", "left"),
        ("terminate", "left"),
        ("q", "took it back"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let sim = simulated(home.path());
        let mut t = alone(home.path());
        prompt(&mut t);
        confirm(&mut t);
        match how {
            "hangup" => t.signal(Signal::HUP),
            "terminate" => t.signal(Signal::TERM),
            key => {
                t.press(key.as_bytes());
                t.until("not sent: you took it back");
                t.press(b"q");
            }
        }
        t.end();
        assert_eq!(writes(&sim), 0, "{how}");
        taken_back(home.path(), why);
    }
}

#[test]
fn suspended_in_its_grace_it_is_never_sent() {
    for signal in [false, true] {
        let home = tempfile::tempdir().unwrap();
        let sim = simulated(home.path());
        let mut t = under_a_shell(home.path());
        prompt(&mut t);
        confirm(&mut t);
        match signal {
            true => signal_child(&t, Signal::TSTP),
            // in the grace any key takes it back; the second one suspends
            false => {
                t.press(b"\x1a");
                t.until("not sent: you took it back");
                t.press(b"\x1a");
            }
        }
        t.until("Stopped");
        t.press(b"fg\r");
        rows_again(&mut t);
        t.press(b"q");
        back_in_the_shell(&mut t);
        t.press(b"exit\r");
        t.end();
        assert_eq!(writes(&sim), 0, "signal {signal}");
        taken_back(
            home.path(),
            if signal { "suspended" } else { "took it back" },
        );
    }
}

/// The shell asks again: what is typed before is thrown away with what the program has not read.
fn back_in_the_shell(t: &mut Terminal) {
    t.until_that("the shell", |s| {
        let last = s.lines().rev().find(|l| !l.trim().is_empty());
        last.is_some_and(|l| l.starts_with("bash") && l.trim_end().ends_with(['#', '$']))
    });
}

fn rows_again(t: &mut Terminal) {
    // the title of the list, of which a report leaves its beginning in sight
    t.until_that("the program again", |s| s.contains("═ DEMO ·"));
}

/// Classifies every incident that is shown; how many that are.
fn set(t: &mut Terminal) -> usize {
    // complete, and nothing moves any more
    t.until_that("all of them", |s| {
        s.contains("Incidents · 1") && s.contains("as of ") && !s.contains("loaded")
    });
    std::thread::sleep(Duration::from_millis(1200));
    let mut screen = String::new();
    for _ in 0..5 {
        t.press(b"*");
        t.press(b"c");
        t.press(b"f");
        screen = t.until_that("the prompt, or why not", |s| {
            s.contains("type how many") || s.contains("press it again")
        });
        if screen.contains("type how many") {
            break;
        }
        t.press(b"\x1b");
        t.press(b"\x1b");
        std::thread::sleep(Duration::from_millis(900));
    }
    let count: usize = screen
        .split_whitespace()
        .zip(screen.split_whitespace().skip(1))
        .find(|(_, word)| word.starts_with("incidents"))
        .and_then(|(n, _)| n.parse().ok())
        .unwrap_or_else(|| panic!("{screen}"));
    type_until(t, "of ", |s| {
        // gone: it runs
        asked(s, count)
    });
    count
}

/// The figure: SIGHUP, quit, suspend during a set of 100: requests besides the one in flight 0.
#[test]
fn a_set_that_is_left_ends_with_the_request_in_flight() {
    for how in ["hangup", "quit", "key", "signal"] {
        let home = tempfile::tempdir().unwrap();
        let sim = simulated_with(
            home.path(),
            sim::Flags {
                throttle: sim::flags::Switch::Off,
                ..sim::Flags::default()
            },
        );
        let slow = "[[rule]]\nservice = \"graph\"\nmethod = \"PATCH\"\nfault = { kind = \"slow-headers\", ms = 300 }\n";
        sim.set_scenario(slow).unwrap();
        let shell = matches!(how, "key" | "signal");
        let mut t = match shell {
            true => under_a_shell(home.path()),
            false => alone(home.path()),
        };
        let count = set(&mut t);
        assert!(count >= 100, "{count}");
        let end = Instant::now() + Duration::from_secs(60);
        while writes(&sim) < 5 {
            assert!(Instant::now() < end, "it does not run:\n{}", t.contents());
            std::thread::sleep(Duration::from_millis(5));
        }
        let before = match how {
            "hangup" => {
                let n = writes(&sim);
                t.signal(Signal::HUP);
                n
            }
            "quit" => {
                // the first one closes the report, the second asks, for work is open
                t.press(b"q");
                t.press(b"q");
                t.until("outcome");
                let n = writes(&sim);
                t.press(b"y");
                n
            }
            "key" => {
                t.press(b"\x1b");
                // a lone ESC is a key only after a while; then the report is closed
                std::thread::sleep(Duration::from_millis(300));
                let n = writes(&sim);
                t.press(b"\x1a");
                n
            }
            _ => {
                let n = writes(&sim);
                signal_child(&t, Signal::TSTP);
                n
            }
        };
        if shell {
            t.until("Stopped");
            t.press(b"fg\r");
            rows_again(&mut t);
            t.until("not sent");
            t.press(b"\x1b");
            std::thread::sleep(Duration::from_millis(300));
            t.press(b"q");
            back_in_the_shell(&mut t);
            t.press(b"exit\r");
        }
        t.end();
        let sent = writes(&sim);
        assert!(
            sent <= before + 1,
            "{how}: {before} before, {sent} in the end"
        );
        let dir = record(home.path());
        let runs = read::runs(&dir).unwrap();
        // one may have been stopped between its intent and its request: on record as not sent
        let not_sent = |r: &&read::Run| r.state.as_deref() == Some("not sent");
        let intents: Vec<_> = runs.iter().filter(|r| r.has_intent()).cloned().collect();
        let held = intents.iter().filter(not_sent).count();
        assert_eq!(intents.len() - held, sent, "{how}");
        let rest: Vec<_> = runs
            .iter()
            .filter(|r| r.entry().stage == Stage::Rest)
            .collect();
        assert_eq!(rest.len(), 1, "{how}");
        // who had it already was left out on the way
        let out = |r: &&read::Run| !r.has_intent() && r.entry().stage == Stage::Outcome;
        let left = count - sent - runs.iter().filter(out).count();
        assert_eq!(rest[0].entry().targets.len(), left - held, "{how}");
        assert_eq!(rest[0].state.as_deref(), Some("not sent"));
        let report = verify::verify(&dir, None, &Default::default()).unwrap();
        assert!(report.is_whole(), "{:?}", report.broken);

        // the next start offers it, and does nothing by itself
        let mut t = alone(home.path());
        t.until(&format!("{left} of {count} not sent"));
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(writes(&sim), sent, "{how}");
        t.press(b"q");
        t.end();
    }
}

/// Typed ahead, pasted with and without brackets, wrong: nothing of it is an answer.
#[test]
fn answers_that_do_not_count_send_nothing() {
    let home = tempfile::tempdir().unwrap();
    let sim = simulated(home.path());
    let mut t = alone(home.path());
    let tail = prompt(&mut t);
    // wrong, key by key
    type_until(&mut t, "that is not what is asked for", |_| {
        Some("nonsense\r".into())
    });
    // right, but pasted: as a paste, and as a terminal without brackets does it
    t.press(format!("\x1b[200~{tail}\x1b[201~").as_bytes());
    t.until("typed, not pasted");
    t.press(b"\r");
    t.until("that is not what is asked for");
    t.press(tail.as_bytes());
    t.until("typed, not pasted");
    t.press(b"\r");
    t.until("that is not what is asked for");
    // Enter alone
    t.press(b"\r");
    assert!(asked(&t.contents(), 1).is_some());
    t.press(b"\x1b");
    t.until_that("the list", |s| asked(s, 1).is_none());
    // ahead of the prompt: all of it before the first frame that shows it
    t.press(b"a");
    t.until("Actions ·");
    t.press(format!("d{tail}\r").as_bytes());
    let screen = t.until_that("the prompt, still open", |s| asked(s, 1).is_some());
    assert!(!screen.contains("CONFIRMED"), "{screen}");
    // the wrong answer shows that it is still asked, and asked anew
    type_until(&mut t, "that is not what is asked for", |_| {
        Some("x\r".into())
    });
    t.press(b"\x1b");
    t.until_that("the list", |s| asked(s, 1).is_none());
    t.press(b"q");
    t.end();
    assert_eq!(writes(&sim), 0);
    let dir = record(home.path());
    assert!(!dir.exists() || read::runs(&dir).unwrap().is_empty());
}
