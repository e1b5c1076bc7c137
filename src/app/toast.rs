//! Short news that never take focus: at most three on screen, all can be reread, errors stay until seen.

use crate::msg::{Level, Now, Said};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Toast {
    pub at: Now,
    pub level: Level,
    pub text: String,
    /// The same text came this often in a row.
    pub times: u32,
}

#[derive(Debug, Default)]
pub struct Toasts {
    /// Everything that was said, oldest first, bounded.
    pub log: Vec<Toast>,
    /// How many of the log's tail are still on screen.
    pub live: Vec<usize>,
}

/// Toasts on screen at most.
const LIVE: usize = 3;
/// What can be reread at most.
const KEPT: usize = 500;

impl Toasts {
    pub fn push(&mut self, now: Now, level: Level, text: String) {
        if let Some(last) = self.log.last_mut()
            && last.text == text
            && last.level == level
        {
            last.times += 1;
            last.at = now;
        } else {
            if self.log.len() >= KEPT {
                self.log.remove(0);
                self.live = self.live.iter().filter_map(|i| i.checked_sub(1)).collect();
            }
            self.log.push(Toast {
                at: now,
                level,
                text,
                times: 1,
            });
        }
        let newest = self.log.len() - 1;
        if !self.live.contains(&newest) {
            self.live.push(newest);
        }
        while self.live.len() > LIVE {
            // an error stays until seen, unless there are only errors
            let log = &self.log;
            let go = self
                .live
                .iter()
                .position(|i| log[*i].level != Level::Error)
                .unwrap_or(0);
            self.live.remove(go);
        }
    }

    pub fn said(&mut self, now: Now, said: Said) {
        match said {
            Said::Done(text) => self.push(now, Level::Good, text),
            Said::Failed(fault) => self.push(now, Level::Error, fault.to_string()),
        }
    }

    /// Takes away what has stayed long enough. True: something went.
    pub fn expire(&mut self, now: Now, stay: Duration) -> bool {
        let before = self.live.len();
        let log = &self.log;
        self.live
            .retain(|&i| log[i].level == Level::Error || now.mono < log[i].at.mono + stay);
        self.live.len() != before
    }

    /// The person has seen them: errors go too. True: something went.
    pub fn seen(&mut self) -> bool {
        let any = !self.live.is_empty();
        self.live.clear();
        any
    }

    /// When the next toast goes.
    pub fn next(&self, stay: Duration) -> Option<Duration> {
        self.live
            .iter()
            .map(|&i| &self.log[i])
            .filter(|t| t.level != Level::Error)
            .map(|t| t.at.mono + stay)
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Ticks;

    const STAY: Duration = Duration::from_secs(6);

    fn at(secs: u64) -> Now {
        Now {
            mono: Duration::from_secs(secs),
            wall: Ticks(0),
        }
    }

    #[test]
    fn news_go_errors_stay_and_all_can_be_reread() {
        let mut t = Toasts::default();
        t.push(at(0), Level::Error, "refused".into());
        for n in 0..4 {
            t.push(at(0), Level::Info, format!("{n}"));
        }
        assert_eq!(t.live.len(), 3);
        assert!(
            t.live.iter().any(|i| t.log[*i].text == "refused"),
            "an error is not pushed out by news"
        );
        assert_eq!(t.next(STAY), Some(STAY));
        assert!(t.expire(at(7), STAY) && !t.expire(at(8), STAY));
        assert_eq!(t.live.len(), 1);
        assert!(t.seen() && t.live.is_empty());
        assert_eq!(t.log.len(), 5);
    }

    #[test]
    fn the_same_news_is_counted_and_shown_again() {
        let mut t = Toasts::default();
        t.push(at(0), Level::Info, "x".into());
        t.expire(at(10), STAY);
        t.push(at(11), Level::Info, "x".into());
        assert_eq!((t.log.len(), t.log[0].times, t.live.len()), (1, 2, 1));
    }
}
