//! Frames in flight: when the next one may be drawn, and which one the person has before them.
//!
//! The question is `CSI 5 n`; the terminal answers it ([`Reply::Status`](super::Reply::Status)) when
//! it has read everything before it. **Which frames ask**: every frame while a prompt is open, every
//! frame on a slow or distant line, and otherwise the first one, one every 4 KiB of output, and one
//! after five seconds without a measurement. A terminal that never answered is not waited for after
//! 400 ms and soon no longer asked.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a terminal that never answered is waited for, and when its prompts may be answered.
pub const UNANSWERED: Duration = Duration::from_millis(400);
/// How long one that has answered before is waited for before drawing goes on regardless.
const STUCK: Duration = Duration::from_secs(3);
/// An answer that late is taken as lost.
const LOST: Duration = Duration::from_secs(60);
/// Round trips from here on make every frame ask.
const DISTANT: Duration = Duration::from_millis(30);
/// So much above the best round trip, frames are queueing on the line.
const QUEUEING: Duration = Duration::from_millis(60);
const REMEASURE: Duration = Duration::from_secs(5);
const UNASKED_BYTES: usize = 4 << 10;
/// Small frames may be more than two in flight, together so many bytes: 0.1 s at 9,600 bytes a second.
const SMALL_BYTES: usize = 1 << 10;
const SMALL_FRAMES: usize = 8;
const IN_FLIGHT: usize = 2;
/// Unanswered questions after which a terminal that never answered is asked no more.
const PATIENCE: usize = 3;
const REMEMBERED: usize = 64;
pub const QUESTION: &[u8] = b"\x1b[5n";

#[derive(Debug, Clone, Copy)]
struct Asked {
    frame: u64,
    bytes: usize,
    flushed: Instant,
    /// Nobody waits for it any more, but its answer may still come and must not count for a later frame.
    given_up: bool,
}

/// Bookkeeping of frames; the caller passes every instant in.
#[derive(Debug, Default)]
pub struct Frames {
    drawn: u64,
    seen: u64,
    asked: VecDeque<Asked>,
    /// Recent frames with the instant of their flush.
    recent: VecDeque<(u64, Instant)>,
    answers: bool,
    unanswered: usize,
    best: Option<Duration>,
    last: Option<Duration>,
    measured: Option<Instant>,
    blocked: bool,
    unasked: usize,
}

impl Frames {
    pub fn new() -> Self {
        Self::default()
    }

    /// Numbers the frame in `out` and appends the question if this frame asks. Write `out` next,
    /// then call [`Frames::flushed`].
    pub fn stamp(&mut self, out: &mut Vec<u8>, prompt: bool, now: Instant) -> u64 {
        self.drawn += 1;
        let bytes = out.len();
        self.unasked += bytes;
        if self.asks(prompt, now) {
            out.extend_from_slice(QUESTION);
            self.asked.push_back(Asked {
                frame: self.drawn,
                bytes: self.unasked,
                flushed: now,
                given_up: false,
            });
            self.unasked = 0;
        }
        self.recent.push_back((self.drawn, now));
        if self.recent.len() > REMEMBERED {
            self.recent.pop_front();
        }
        self.drawn
    }

    /// The frame has been written; `now` is after the write.
    pub fn flushed(&mut self, frame: u64, now: Instant) {
        for recent in self.recent.iter_mut().filter(|r| r.0 == frame) {
            // a write that blocks means that the line is full
            self.blocked = now.saturating_duration_since(recent.1) >= DISTANT;
            recent.1 = now;
        }
        for asked in self.asked.iter_mut().filter(|a| a.frame == frame) {
            asked.flushed = now;
        }
    }

    /// Takes a [`Reply::Status`](super::Reply::Status); the frame that it answers, if it answers one.
    pub fn ack(&mut self, now: Instant) -> Option<u64> {
        let asked = self.asked.pop_front()?;
        self.answers = true;
        self.unanswered = 0;
        self.seen = self.seen.max(asked.frame);
        let round = now.saturating_duration_since(asked.flushed);
        self.last = Some(round);
        self.best = Some(self.best.map_or(round, |best| best.min(round)));
        self.measured = Some(now);
        self.blocked = false;
        Some(asked.frame)
    }

    /// Whether another frame may be written now; if not, draw at the next ack or at [`Frames::wake_at`].
    pub fn may_draw(&mut self, now: Instant) -> bool {
        self.give_up(now);
        let waiting = self.asked.iter().filter(|a| !a.given_up);
        let (count, bytes) = waiting.fold((0, 0), |(n, sum), a| (n + 1, sum + a.bytes));
        count < IN_FLIGHT || (!self.slow(now) && count < SMALL_FRAMES && bytes <= SMALL_BYTES)
    }

    /// When waiting ends although no answer came. Needed only while a drawn frame is being held back.
    pub fn wake_at(&self) -> Option<Instant> {
        let oldest = self.asked.iter().find(|a| !a.given_up)?;
        Some(oldest.flushed + self.limit())
    }

    /// Whether the person can have seen `frame` before pressing a key at `at`.
    ///
    /// A terminal that answers must have answered for it; one that never did counts 400 ms after the flush.
    pub fn seen(&self, frame: u64, at: Instant) -> bool {
        if self.seen >= frame {
            return true;
        }
        if self.answers || frame > self.drawn {
            return false;
        }
        let flushed = self.recent.iter().find(|r| r.0 >= frame).map(|r| r.1);
        flushed.is_some_and(|flushed| at.saturating_duration_since(flushed) >= UNANSWERED)
    }

    /// Questions whose answers may still arrive, for example after we have left the screen.
    pub fn outstanding(&self) -> usize {
        if self.answers { self.asked.len() } else { 0 }
    }

    /// The last measured round trip.
    pub fn round_trip(&self) -> Option<Duration> {
        self.last
    }

    /// Forgets what is in flight, after the terminal was left and entered again.
    pub fn reset(&mut self) {
        for asked in &mut self.asked {
            asked.given_up = true;
        }
    }

    fn asks(&self, prompt: bool, now: Instant) -> bool {
        if !self.answers && self.unanswered >= PATIENCE {
            return false;
        }
        let stale = self
            .measured
            .is_none_or(|at| now.saturating_duration_since(at) >= REMEASURE);
        // without an answer yet one open question is enough to learn whether there will be one
        let open = self.asked.iter().any(|a| !a.given_up);
        prompt
            || self.blocked
            || self.last.is_some_and(|last| last >= DISTANT)
            || self.unasked >= UNASKED_BYTES
            || (stale && !open)
    }

    fn slow(&self, now: Instant) -> bool {
        let queueing = |round: Duration| {
            let best = self.best.unwrap_or_default();
            round >= best * 2 + QUEUEING
        };
        let oldest = self.asked.iter().find(|a| !a.given_up);
        self.blocked
            || self.last.is_some_and(queueing)
            || oldest.is_some_and(|a| queueing(now.saturating_duration_since(a.flushed)))
    }

    fn limit(&self) -> Duration {
        if self.answers { STUCK } else { UNANSWERED }
    }

    fn give_up(&mut self, now: Instant) {
        let limit = self.limit();
        let mut given_up = 0;
        for asked in self.asked.iter_mut().filter(|a| !a.given_up) {
            if now.saturating_duration_since(asked.flushed) >= limit {
                asked.given_up = true;
                given_up += 1;
            }
        }
        self.unanswered += given_up;
        while let Some(asked) = self.asked.front()
            && asked.given_up
            && now.saturating_duration_since(asked.flushed) >= LOST
        {
            self.asked.pop_front();
        }
    }
}

#[cfg(test)]
mod tests;
