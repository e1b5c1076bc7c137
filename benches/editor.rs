//! What a key costs in the query editor: event → `update` → the frame drawn and encoded, on one thread; then until what
//! another thread thinks of the text is drawn, too ("settled"). `cargo bench --bench editor`
//!
//! Limits (design): 500 lines with errors and the list of completions open 8 ms at p95; 5,000 lines one frame (16 ms) a key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::{Duration, Instant};
use table::Text;
use watchfloor::app::{App, keys};
use watchfloor::jobs::Jobs;
use watchfloor::model::Ticks;
use watchfloor::msg::{Effect, Event, KeyPress, Now};
use watchfloor::term::{Caps, Wire};
use watchfloor::view;

const SIZE: (u16, u16) = (120, 40);
const ROUNDS: usize = 12;

struct Console {
    app: App,
    wire: Wire,
    buffer: Buffer,
    out: Vec<u8>,
    start: Instant,
    wall: Ticks,
    answers: std::sync::mpsc::Receiver<Event>,
    jobs: Jobs,
    /// Thoughts that have not come yet.
    thinking: usize,
}

impl Console {
    fn new(text: &str) -> Self {
        let wall = Ticks::parse("2026-08-01T12:04:05Z").unwrap();
        let now = Now {
            mono: Duration::ZERO,
            wall,
        };
        let (to, answers) = std::sync::mpsc::channel();
        let to = std::sync::Mutex::new(to);
        let caps = Caps::guess(|name| (name == "TERM").then(|| "xterm-256color".to_owned()));
        let mut console = Self {
            app: App::new(now, SIZE),
            wire: Wire::new(caps),
            buffer: Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1)),
            out: Vec::new(),
            start: Instant::now(),
            wall,
            answers,
            thinking: 0,
            jobs: Jobs::new(std::sync::Arc::new(move |e| {
                let _ = to.lock().unwrap().send(e);
            })),
        };
        console.app.start();
        console.press("5");
        console.event(Event::Paste(Text::from(text)));
        console.draw();
        console
    }

    fn event(&mut self, event: Event) {
        let now = Now {
            mono: self.start.elapsed(),
            wall: self.wall,
        };
        for effect in self.app.update(now, event) {
            match effect {
                Effect::Think(ticket, think) => {
                    self.thinking += 1;
                    self.jobs.run(ticket, watchfloor::jobs::Work::Text(think));
                }
                // the texts go to another thread, which writes them
                Effect::Drafts(drafts) => drop(drafts),
                _ => {}
            }
        }
    }

    /// Waits for what jobs still think; true: there was something.
    fn answered(&mut self) -> bool {
        let any = self.thinking > 0;
        while self.thinking > 0 {
            // each is answered; this is for a thread that died
            let Ok(event) = self.answers.recv_timeout(Duration::from_secs(2)) else {
                self.thinking = 0;
                break;
            };
            self.thinking -= 1;
            self.event(event);
        }
        any
    }

    fn press(&mut self, keys: &str) {
        for key in keys::parse(keys).unwrap() {
            self.event(Event::Key(KeyPress { key, in_read: 1 }));
        }
    }

    fn draw(&mut self) -> usize {
        self.buffer.reset();
        let caret = view::draw(&self.app, &self.app.theme, &mut self.buffer);
        self.out.clear();
        self.wire.draw(&self.buffer, caret, &mut self.out);
        self.out.len()
    }

    /// Until the key's own frame, and until the one that nothing changes any more.
    fn time(&mut self, key: &str) -> [Duration; 2] {
        let begun = Instant::now();
        self.press(key);
        self.draw();
        let own = begun.elapsed();
        if self.answered() {
            self.draw();
        }
        [own, begun.elapsed()]
    }
}

/// One query of so many lines, with something wrong in every tenth.
fn long(lines: usize) -> String {
    let mut text = String::from("let known = dynamic(['a.exe', 'b.exe']);\nDeviceProcessEvents\n");
    for n in 2..lines {
        text.push_str(&match n % 10 {
            0 => format!(
                "| where FileNme has 'name{n}' or ProcessCommandLine contains \"-enc {n}\"\n"
            ),
            5 => format!("| extend Part{n} = tostring(split(ProcessCommandLine, ' ')[{n}])\n"),
            _ => format!("| where FileName !in (known) and DeviceName != 'host-{n}' // line {n}\n"),
        });
    }
    text
}

/// Several queries of twenty lines each, as hunters keep them in one text.
fn many(lines: usize) -> String {
    let mut text = String::new();
    for n in 0..lines / 21 {
        text.push_str(&long(20).replace("host-", &format!("host{n}-")));
        text.push('\n');
    }
    text
}

fn report(name: &str, took: &[[Duration; 2]], limit: f64) {
    line(name, took.iter().map(|t| t[0]).collect(), limit);
    line("  … settled", took.iter().map(|t| t[1]).collect(), limit);
}

fn line(name: &str, mut took: Vec<Duration>, limit: f64) {
    took.sort();
    let ms = |d: Duration| d.as_secs_f64() * 1000.0;
    let p = |q: f64| ms(took[((took.len() - 1) as f64 * q) as usize]);
    println!(
        "{name:<58} n {:>4}  p50 {:>6.2} ms  p95 {:>6.2} ms  max {:>6.2} ms  (limit {limit} ms{})",
        took.len(),
        p(0.5),
        p(0.95),
        p(1.0),
        if p(0.95) <= limit { "" } else { ", OVER" },
    );
}

/// Types a word at the end again and again; `list` tells that the completions must have been open, as they are in texts
/// that are understood within the key's frame.
fn typing(name: &str, text: &str, limit: f64, list: bool) {
    let mut console = Console::new(text);
    console.press("Ctrl-End");
    console.draw();
    let mut took = Vec::new();
    let mut open = 0;
    for _ in 0..ROUNDS {
        for key in [
            "|", "Space", "w", "h", "e", "r", "e", "Space", "F", "i", "l", "e", "N", "a",
        ] {
            took.push(console.time(key));
            open += usize::from(console.app.hunt.popup.is_some());
        }
        for _ in 0..14 {
            took.push(console.time("Backspace"));
        }
    }
    assert!(
        !list || open > ROUNDS * 4,
        "the list of completions was open {open} times"
    );
    report(name, &took, limit);
}

/// Types and moves in the middle.
fn amid(name: &str, text: &str, limit: f64) {
    let mut console = Console::new(text);
    console.press("Ctrl-Home");
    for _ in 0..text.lines().count() / 2 {
        console.press("Down");
    }
    console.draw();
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        for key in [
            "a",
            "b",
            "Space",
            "Down",
            "PgDn",
            "x",
            "Up",
            "Enter",
            "Backspace",
            "Ctrl-z",
        ] {
            took.push(console.time(key));
        }
    }
    report(name, &took, limit);
}

fn main() {
    typing(
        "500 lines, one query: typing with the list open",
        &long(500),
        8.0,
        true,
    );
    typing(
        "500 lines, 24 queries: typing with the list open",
        &many(500),
        8.0,
        true,
    );
    amid(
        "500 lines, one query: typing and moving amid",
        &long(500),
        8.0,
    );
    typing(
        "5,000 lines, one query: typing at the end",
        &long(5000),
        16.0,
        false,
    );
    amid(
        "5,000 lines, one query: typing and moving amid",
        &long(5000),
        16.0,
    );
    amid(
        "5,000 lines, 240 queries: typing and moving amid",
        &many(5000),
        16.0,
    );
}
