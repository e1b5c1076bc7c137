//! Short news that never take focus: at most three on screen, all can be reread, errors stay until seen.

use crate::msg::{Level, Now, Said};
use std::time::Duration;

/// How long a toast that is no error stays.
const STAY: Duration = Duration::from_secs(6);

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

impl Toasts {
    pub fn push(&mut self, now: Now, level: Level, text: String) {
        if let Some(last) = self.log.last_mut()
            && last.text == text
            && last.level == level
        {
            last.times += 1;
            last.at = now;
            return;
        }
        if self.log.len() >= 500 {
            self.log.remove(0);
            self.live = self.live.iter().filter_map(|i| i.checked_sub(1)).collect();
        }
        self.log.push(Toast {
            at: now,
            level,
            text,
            times: 1,
        });
        self.live.push(self.log.len() - 1);
        if self.live.len() > 3 {
            self.live.remove(0);
        }
    }

    pub fn said(&mut self, now: Now, said: Said) {
        match said {
            Said::Done(text) => self.push(now, Level::Good, text),
            Said::Failed(fault) => self.push(now, Level::Error, fault.to_string()),
        }
    }

    /// Takes away what has stayed long enough. True: something went.
    pub fn expire(&mut self, now: Now) -> bool {
        let before = self.live.len();
        let log = &self.log;
        self.live
            .retain(|&i| log[i].level == Level::Error || now.mono < log[i].at.mono + STAY);
        self.live.len() != before
    }

    /// When the next toast goes.
    pub fn next(&self) -> Option<Duration> {
        self.live
            .iter()
            .map(|&i| &self.log[i])
            .filter(|t| t.level != Level::Error)
            .map(|t| t.at.mono + STAY)
            .min()
    }
}
