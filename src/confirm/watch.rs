//! Seen before answered: which keys come from a person who has the prompt before them.

use std::time::Duration;

/// Where the terminal does not answer, so long after the frame was flushed it counts as seen.
const UNANSWERED: Duration = Duration::from_millis(400);

/// Follows the frames since the prompt opened or changed its shape.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watch {
    /// The terminal has answered for a frame before: its silence means that it has not come so far.
    answers: bool,
    /// The first frame that shows it, and when that was flushed.
    shown: Option<(u64, Duration)>,
    seen: bool,
}

impl Watch {
    /// `answers`: this terminal has told before that a frame was seen.
    pub fn new(answers: bool) -> Self {
        Self {
            answers,
            ..Self::default()
        }
    }

    /// A frame was written. The first one after the opening is the first to show it.
    pub fn flushed(&mut self, frame: u64, mono: Duration) {
        if self.shown.is_none() {
            self.shown = Some((frame, mono));
        }
    }

    /// The terminal answered for a frame.
    pub fn acked(&mut self, frame: u64) {
        self.answers = true;
        self.seen |= self.shown.is_some_and(|(shown, _)| frame >= shown);
    }

    /// It looks different now: what was seen is another prompt.
    pub fn reset(&mut self) {
        self.shown = None;
        self.seen = false;
    }

    /// A key that comes now comes from somebody who has seen it.
    pub fn is_seen(&self, mono: Duration) -> bool {
        let waited = |(_, at): (u64, Duration)| mono >= at + UNANSWERED;
        self.seen || (!self.answers && self.shown.is_some_and(waited))
    }

    /// When it counts as seen without an answer of the terminal.
    pub fn due(&self) -> Option<Duration> {
        let at = self.shown.filter(|_| !self.answers && !self.seen)?.1;
        Some(at + UNANSWERED)
    }
}
