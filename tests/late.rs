//! Answers that come late, through the real binary in a real terminal. The clocks are pushed forward: the program's by a file
//! that development builds read, the tenant's by the simulator. Nobody waits for minutes.

use crate::leaving::{confirm, prompt, record, rows, taken_back, type_until, writes};
use crate::pty::{Terminal, config, simulated_with};
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::time::Duration;
use watchfloor::audit::{read, verify};

/// A program whose clock can be pushed forward, and what pushes it.
struct Late {
    home: tempfile::TempDir,
    sim: sim::Running,
}

impl Late {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let flags = sim::Flags {
            throttle: sim::flags::Switch::Off,
            ..sim::Flags::default()
        };
        let sim = simulated_with(home.path(), flags);
        let file = home.path().join(".config/watchfloor/config.toml");
        let text = std::fs::read_to_string(file).unwrap();
        config(home.path(), &format!("{text}isolation = true\n"));
        Self { home, sim }
    }

    fn open(&self) -> Terminal {
        let file = self.file();
        let ahead = file.to_str().unwrap();
        let env = [
            ("PTY_SECRET", "pty secret"),
            ("WATCHFLOOR_TEST_AHEAD", ahead),
        ];
        let mut t = Terminal::run(self.home.path(), &["--tenant", "pty"], &env, (100, 30));
        rows(&mut t);
        t
    }

    fn file(&self) -> PathBuf {
        self.home.path().join("ahead")
    }

    /// The program's clocks and the tenant's are so much further.
    fn pass(&self, seconds: u64) {
        // whole or not at all: it is read at any moment
        let new = self.home.path().join("new");
        std::fs::write(&new, seconds.to_string()).unwrap();
        std::fs::rename(new, self.file()).unwrap();
        self.sim.clock().advance(Duration::from_secs(seconds));
    }
}

fn told(home: &Path) -> Vec<read::Run> {
    let dir = record(home);
    let runs = match dir.exists() {
        true => read::runs(&dir).unwrap(),
        false => Vec::new(),
    };
    if dir.exists() {
        let report = verify::verify(&dir, None, &Default::default()).unwrap();
        assert!(report.is_whole(), "{:?}", report.broken);
    }
    runs
}

fn skipped() -> bool {
    let skips = !cfg!(debug_assertions);
    if skips {
        eprintln!("SKIPPED: only development builds let a test push their clock");
    }
    skips
}

/// The figure: a late answer that sends 0. The right words, seen, but five minutes after the prompt opened.
#[test]
fn an_answer_after_five_minutes_sends_nothing() {
    if skipped() {
        return;
    }
    let late = Late::new();
    let mut t = late.open();
    let keys = prompt(&mut t);
    late.pass(301);
    for key in keys.bytes().chain(*b"\r") {
        t.press(&[key]);
        std::thread::sleep(Duration::from_millis(15));
    }
    t.until("stood open for too long");
    t.signal(Signal::TERM);
    t.end();
    assert_eq!(writes(&late.sim), 0);
    assert!(told(late.home.path()).iter().all(|r| !r.has_intent()));
}

/// Confirmed in time, but the program was away for longer than a confirmation lives.
#[test]
fn a_grace_that_was_slept_through_sends_nothing_and_is_on_record() {
    if skipped() {
        return;
    }
    let late = Late::new();
    let mut t = late.open();
    prompt(&mut t);
    confirm(&mut t);
    late.pass(90);
    t.until("away when it was to be sent");
    t.signal(Signal::TERM);
    t.end();
    assert_eq!(writes(&late.sim), 0);
    taken_back(late.home.path(), "away when it was to be sent");
}

/// The service ends it half an hour after it said yes: until then it is pending, and done is said when it was seen.
#[test]
fn s2_10_a_scan_that_ends_half_an_hour_later_is_followed_to_its_end() {
    if skipped() {
        return;
    }
    let late = Late::new();
    let slow = "[[rule]]\nservice = \"defender\"\npath = \"*/runAntiVirusScan\"\nfault = { kind = \"action\", pending = 900, running = 600 }\n";
    late.sim.set_scenario(slow).unwrap();
    let mut t = late.open();
    t.press(b"3");
    t.until_that("devices", |s| s.contains("Devices ·") && s.contains('▌'));
    // a plain one
    t.press(b"/");
    t.press(b"wks-ldn");
    t.press(b"\r");
    t.until_that("those devices", |s| !s.contains("dc-01") && s.contains('▌'));
    std::thread::sleep(Duration::from_millis(1200));
    // the first from the top that can have it
    for _ in 0..12 {
        t.press(b"a");
        t.until("Actions ·");
        t.press(b"s");
        let screen = t.until_that("the prompt, or why not", |s| {
            ["press Y", "not onboarded", "press it again"]
                .iter()
                .any(|w| s.contains(w))
        });
        if screen.contains("press Y") {
            break;
        }
        t.press(b"\x1b");
        std::thread::sleep(Duration::from_millis(500));
        t.press(b"j");
    }
    type_until(&mut t, "pending; the list of actions follows it", |s| {
        s.contains("press Y").then(|| "Y".to_owned())
    });
    let open = told(late.home.path());
    let run = open.iter().find(|r| r.has_intent()).unwrap();
    assert!(!run.closed, "{run:?}");
    assert!(!t.contents().contains(": done"));
    late.pass(1800);
    t.until("quick scan");
    t.until(": done");
    t.signal(Signal::TERM);
    t.end();
    assert_eq!(writes(&late.sim), 1, "once");
    let runs = told(late.home.path());
    let run = runs.iter().find(|r| r.has_intent()).unwrap();
    assert_eq!(
        (run.state.as_deref(), run.closed),
        (Some("succeeded"), true)
    );
    let (began, ended) = (&run.line.time, run.ended.as_ref().unwrap());
    let at = |t: &str| t.parse::<jiff::Timestamp>().unwrap();
    assert!(at(ended).duration_since(at(began)).as_secs() >= 1800);
}
