//! The person at the keyboard of the kill test: verbs of all kinds, one place after the other, prompts answered by what they
//! ask for.

use crate::pty::Terminal;
use std::time::{Duration, Instant};

/// What is done in one life of the program.
struct Deed {
    tab: &'static str,
    /// The list's name in its title.
    list: &'static str,
    /// Rows that are marked first, by Space and j; 0 = what is under the cursor.
    marks: usize,
    /// Keys, `{n}` is the number of the life.
    keys: &'static [&'static str],
    /// It asks before it sends.
    asks: bool,
}

const ROW: Deed = Deed {
    tab: "1",
    list: "Incidents ·",
    marks: 0,
    keys: &[],
    asks: true,
};
const DEVICE: Deed = Deed {
    tab: "3",
    list: "Devices ·",
    ..ROW
};
const USER: Deed = Deed {
    tab: "4",
    list: "Users ·",
    ..ROW
};

#[rustfmt::skip]
const DEEDS: &[Deed] = &[
    // several of tier 0, each on another incident
    Deed { keys: &["T", "j", "cf", "j", "mlife {n} seen\r", "j", "dt", "j", "T", "j", "sp", "j", "cm", "j", "mlife {n} looking\r"], asks: false, ..ROW },
    Deed { keys: &["a", "i"], ..DEVICE },
    Deed { keys: &["a", "d"], ..USER },
    Deed { keys: &["a", "s"], ..DEVICE },
    Deed { keys: &["cf"], marks: 4, ..ROW },
    Deed { keys: &["a", "v"], ..USER },
    Deed { keys: &["a", "x"], ..DEVICE },
    Deed { keys: &["#life{n}\r", "j", "#life{n}\r", "j", "mlife {n} tagged\r"], asks: false, ..ROW },
    Deed { keys: &["a", "c"], ..USER },
    Deed { keys: &["a", "v", "h"], ..DEVICE },
    Deed { tab: "2", list: "Alerts ·", keys: &["T", "j", "mlife {n} alert\r", "j", "T", "j", "mlife {n} again\r"], asks: false, ..ROW },
    Deed { keys: &["a", "t", "life{n}\r"], ..DEVICE },
    Deed { keys: &["a", "r"], ..USER },
    Deed { keys: &["a", "I"], ..DEVICE },
    Deed { tab: "9", list: "Indicators ·", keys: &["a", "d"], ..ROW },
    Deed { keys: &["a", "s"], marks: 3, ..DEVICE },
    Deed { keys: &["a", "d"], marks: 3, ..USER },
    Deed { keys: &["a", "r"], ..DEVICE },
];

/// Does what the n-th life is for. The prompt is answered when this returns, and its grace may still run; `false` where
/// what is under the cursor cannot have it.
pub fn act(t: &mut Terminal, n: usize) -> bool {
    let deed = &DEEDS[n % DEEDS.len()];
    t.press(deed.tab.as_bytes());
    t.until_that(deed.list, |s| s.contains(deed.list) && s.contains('▌'));
    // the cache's rows give way to those of now, and a row that has just moved under the cursor takes no verb
    std::thread::sleep(Duration::from_millis(1500));
    // every time the row below, so that each life has its own
    for _ in 0..(n / DEEDS.len() * 3 + n) % 23 {
        t.press(b"j");
    }
    for _ in 0..deed.marks {
        t.press(b" ");
        t.press(b"j");
    }
    for _ in 0..3 {
        for keys in deed.keys {
            t.press(keys.replace("{n}", &n.to_string()).as_bytes());
            if *keys == "a" {
                t.until_that("the menu", |s| s.contains("Actions ·"));
            }
        }
        if !deed.asks || answer(t, deed.marks) {
            return true;
        }
        t.press(b"\x1b");
        std::thread::sleep(Duration::from_millis(700));
    }
    false
}

/// What the line that takes the answer asks for.
pub fn asked(screen: &str, count: usize) -> Option<String> {
    screen.lines().find_map(|l| {
        let (_, rest) = l.split_once("▸ ")?;
        let (words, _) = rest.split_once(" ›")?;
        if words.starts_with("comment") || words.starts_with("reason") {
            return Some("\r".into());
        }
        if words.contains("how many") {
            return Some(format!("{count}\r"));
        }
        let typed = words.strip_prefix("type ")?;
        let typed = typed.rsplit(": ").next().unwrap_or(typed);
        Some(format!("{typed}\r"))
    })
}

/// Answers the prompt that is on screen as a person would, once it counts as seen. Gives up where none opens: what is under
/// the cursor cannot have it.
fn answer(t: &mut Terminal, count: usize) -> bool {
    let begun = Instant::now();
    let mut opened = false;
    while begun.elapsed() < Duration::from_secs(if opened { 15 } else { 6 }) {
        let screen = t.contents();
        if screen.contains("▸ press Y") {
            opened = true;
            t.press(b"Y");
        } else if let Some(keys) = asked(&screen, count) {
            opened = true;
            for key in keys.bytes() {
                t.press(&[key]);
                std::thread::sleep(Duration::from_millis(5));
            }
        } else if opened {
            return true;
        }
        if !opened && screen.contains("press it again") {
            return false;
        }
        std::thread::sleep(Duration::from_millis(120));
    }
    false
}
