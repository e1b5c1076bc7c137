//! Random walks around questions, beside an oracle that keeps its own books of frames, keys and time: nothing is sent but
//! what somebody answered rightly, typed, after having seen it, and left alone for its grace.
//! `WF_SOAK=1 cargo test --profile fast walks_send` walks 100,000 of them.

use super::tests::{ISOLATE, preview_of};
use super::*;
use crate::app::fixture::*;
use crate::app::keys;
use crate::model::Ticks;
use crate::msg::{Event, Now, Ticket};

/// What the oracle knows of the question on top.
#[derive(Default)]
struct Books {
    number: u64,
    /// The first frame since it opened or changed its shape, and when.
    shown: Option<(u64, u64)>,
    seen: bool,
    typed: String,
    /// It was answered rightly at this instant, and nothing took it back.
    answered: Option<u64>,
    sent: Vec<u64>,
}

struct Walk {
    app: App,
    books: Books,
    ms: u64,
    frame: u64,
    acks: bool,
    previews: Vec<Ticket>,
    sent: usize,
}

/// The question on top: number, tier, what is wanted, whether typing goes to the reason, whether it counts down.
fn top(app: &App) -> Option<(u64, u8, String, bool, bool)> {
    let Some(Overlay::Prompt(asked)) = app.overlays.last() else {
        return None;
    };
    match &asked.phase {
        Phase::Open(p) => Some((
            asked.number,
            p.tier(),
            p.challenge().wanted(),
            asked.on_reason,
            false,
        )),
        Phase::Grace(g) => Some((asked.number, g.command().tier, String::new(), false, true)),
        _ => None,
    }
}

impl Walk {
    fn new() -> Self {
        Self {
            app: filled(80, 24),
            books: Books::default(),
            ms: 5_000,
            frame: 0,
            acks: false,
            previews: Vec::new(),
            sent: 0,
        }
    }

    fn now(&self) -> Now {
        let wall = at(0).wall.0 + self.ms as i64 * (crate::model::time::SECOND / 1000);
        Now {
            mono: Duration::from_millis(self.ms),
            wall: Ticks(wall),
        }
    }

    fn is_seen(&self) -> bool {
        let waited = |(_, at): (u64, u64)| self.ms >= at + 400;
        self.books.seen || (!self.acks && self.books.shown.is_some_and(waited))
    }

    /// Gives an event and judges what leaves. `woken`: time alone did it; `key`: this key did, with the books as they
    /// stood before it.
    fn give(&mut self, event: Event) {
        let before = top(&self.app);
        let woken = matches!(event, Event::Wake);
        let press = match &event {
            Event::Key(press) => Some(*press),
            _ => None,
        };
        let seen = self.is_seen();
        if let (Some(press), Some((_, tier, wanted, on_reason, grace))) = (press, &before) {
            match press.key.code {
                KeyCode::Enter if *grace => {}
                _ if *grace => self.books.answered = None,
                KeyCode::Char(c) if !on_reason && seen && press.key.modifiers.is_empty() => {
                    if press.in_read >= 4 {
                        self.books.typed.clear();
                    } else {
                        if wanted == "Y" {
                            self.books.typed.clear();
                        }
                        self.books.typed.push(c);
                    }
                }
                KeyCode::Enter if !on_reason && seen && *tier >= 2 => {
                    let right = self.books.typed.trim().eq_ignore_ascii_case(wanted);
                    self.books.answered = (right && !wanted.is_empty()).then_some(self.ms);
                }
                _ => {}
            }
        }
        let (now, prints) = (self.now(), matches!(event, Event::Resize(..)));
        let effects = self.app.update(now, event);
        for effect in &effects {
            match effect {
                Effect::Ask(_, Request::Run(confirmed)) => {
                    let command = confirmed.get();
                    if command.tier == 0 && command.targets.len() == 1 && before.is_none() {
                        assert!(press.is_some(), "tier 0 is its own key");
                        continue;
                    }
                    self.sent += 1;
                    let (number, tier, wanted, _, grace) =
                        before.clone().expect("a question was open");
                    assert!(!self.books.sent.contains(&number), "sent twice");
                    self.books.sent.push(number);
                    if tier < 2 {
                        let press = press.expect("a key answers");
                        assert!(seen, "it was not seen");
                        assert!(press.in_read < 4, "that is a paste");
                        let typed = self.books.typed.trim();
                        assert!(typed == wanted, "{typed:?} is not {wanted:?}");
                    } else {
                        let at = self.books.answered.expect("nobody answered it rightly");
                        let wait = if tier == 2 { 3_000 } else { 10_000 };
                        assert!(woken && grace, "time alone sends");
                        assert!(
                            (at + wait..=at + wait + 60_000).contains(&self.ms),
                            "its grace"
                        );
                    }
                }
                Effect::Ask(ticket, Request::Preview { .. }) => self.previews.push(ticket.clone()),
                _ => {}
            }
        }
        // another question, another shape, or an emptied line
        match top(&self.app) {
            Some((number, ..)) if number != self.books.number => {
                self.books = Books {
                    number,
                    sent: std::mem::take(&mut self.books.sent),
                    ..Books::default()
                };
            }
            _ if prints => {
                (self.books.shown, self.books.seen) = (None, false);
                self.books.typed.clear();
            }
            _ => {}
        }
        if let Some(Overlay::Prompt(asked)) = self.app.overlays.last()
            && let Phase::Open(p) = &asked.phase
            && p.typed().is_empty()
        {
            self.books.typed.clear();
        }
    }

    fn key(&mut self, text: &str, in_read: u16) {
        for key in keys::parse(text).unwrap() {
            self.give(Event::Key(KeyPress { key, in_read }));
        }
    }

    fn text(&mut self, text: &str, in_read: u16) {
        for c in text.chars() {
            let word = if c == ' ' {
                "Space".to_owned()
            } else {
                c.to_string()
            };
            self.key(&word, in_read);
        }
    }

    fn flush(&mut self) {
        self.frame += 1;
        if top(&self.app).is_some_and(|t| !t.4) && self.books.shown.is_none() {
            self.books.shown = Some((self.frame, self.ms));
        }
        self.give(Event::FrameFlushed(self.frame));
    }

    fn ack(&mut self, frame: u64) {
        self.acks = true;
        self.books.seen |= self.books.shown.is_some_and(|(shown, _)| frame >= shown);
        self.give(Event::FrameSeen(frame));
    }

    fn step(&mut self, rng: &mut fastrand::Rng) {
        self.ms += rng.u64(0..300);
        let wanted = top(&self.app).map(|t| t.2).unwrap_or_default();
        match rng.u8(0..24) {
            0 => self.key("* T", 1),
            1 => self.key("Space Space t", 1),
            2 => self.key("* d f", 1),
            3..=5 if self.app.overlays.is_empty() => {
                let mut fx = Vec::new();
                self.app.now = self.now();
                crate::app::act::begin(&mut self.app, &ISOLATE, &mut fx);
                for effect in fx {
                    if let Effect::Ask(ticket, Request::Preview { .. }) = effect {
                        self.previews.push(ticket);
                    }
                }
            }
            3..=8 => {
                // the answer that was asked for, or a late one to an old question
                if let Some(ticket) = self.previews.pop() {
                    let id = ["4711", "4711", "4709"][rng.usize(0..3)];
                    let id = self.app.pane().key().map_or(id.to_owned(), |k| {
                        if rng.u8(0..4) > 0 {
                            k.id.txt().exact().to_owned()
                        } else {
                            id.into()
                        }
                    });
                    let body = preview_of(self.now().wall, &id);
                    self.give(Event::Reply(Reply {
                        ticket,
                        last: true,
                        body,
                    }));
                }
            }
            9 | 10 => self.flush(),
            11 => {
                let frame = self.frame.saturating_sub(rng.u64(0..2));
                self.ack(frame);
            }
            12 => {
                self.flush();
                let frame = self.frame;
                self.ack(frame);
            }
            13..=16 => {
                let read = if rng.u8(0..5) == 0 { 6 } else { 1 };
                self.text(&wanted, read);
                self.key("Enter", 1);
            }
            17 => {
                self.text(&wanted, 1);
                self.key(["x", "Backspace", "Esc", "Tab"][rng.usize(0..4)], 1);
            }
            18 => self.give(Event::Paste(wanted.as_str().into())),
            19 => {
                self.ms += [10, 400, 1_000, 3_000, 10_000, 100_000][rng.usize(0..6)];
                self.give(Event::Wake);
            }
            20 => {
                self.ms += 3_100;
                self.give(Event::Wake);
            }
            21 => {
                let size = [(80, 24), (100, 30), (60, 20), (40, 8)][rng.usize(0..4)];
                self.give(Event::Resize(size.0, size.1));
            }
            22 => self.key(
                ["Enter", "j", "Esc", "Tab", "Y", "y", "F2", "u", "a"][rng.usize(0..9)],
                1,
            ),
            _ => {
                if rng.bool() {
                    self.give(Event::Away);
                }
                if rng.u8(0..4) == 0 {
                    self.key("Esc", 1);
                }
            }
        }
    }
}

#[test]
fn walks_send_nothing_that_was_not_confirmed() {
    let walks = match std::env::var_os("WF_SOAK") {
        Some(_) => 100_000,
        None => 400,
    };
    let mut sent = 0;
    for seed in 0..walks {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut walk = Walk::new();
        for _ in 0..rng.usize(1..60) {
            walk.step(&mut rng);
        }
        sent += walk.sent;
    }
    println!("{walks} walks, {sent} confirmed commands, 0 others");
    // walks that never get anything confirmed would show nothing
    assert!(sent > walks as usize / 20, "{sent} of {walks}");
}
