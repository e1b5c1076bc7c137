//! The seconds between the right answer and the sending, in which it can be taken back.

use super::{Command, Confirmed, LIFE};
use crate::model::Key;
use std::time::Duration;
use table::Text;

/// Answered rightly, not sent yet.
#[derive(Debug)]
pub struct Grace {
    pub(super) command: Command,
    /// It began then.
    pub(super) from: Duration,
    /// It is over then.
    pub(super) until: Duration,
    /// The confirmation lives so long after it.
    pub(super) life: Duration,
}

/// What became of a grace as time went on.
#[derive(Debug)]
pub enum Elapsed {
    Waiting(Grace),
    Confirmed(Confirmed<Command>),
    /// The program slept through it: nothing may be sent.
    Late(Cancelled),
}

impl Grace {
    pub fn command(&self) -> &Command {
        &self.command
    }

    /// When it is over, on the monotonic clock.
    pub fn until(&self) -> Duration {
        self.until
    }

    pub fn from(&self) -> Duration {
        self.from
    }

    /// The only way on: time.
    pub fn elapse(self, mono: Duration) -> Elapsed {
        if mono < self.until {
            Elapsed::Waiting(self)
        } else if mono > self.until + LIFE {
            Elapsed::Late(self.cancel("the program was away when it was to be sent"))
        } else {
            Elapsed::Confirmed(Confirmed {
                until: self.until + self.life,
                inner: self.command,
            })
        }
    }

    /// Takes it back; what is left is for the record.
    pub fn cancel(self, why: &'static str) -> Cancelled {
        let Command {
            verb,
            args,
            targets,
            sentence,
            tenant_id,
            principal,
            me,
            ..
        } = self.command;
        Cancelled {
            verb: verb.name,
            targets: targets.into_iter().map(|t| (t.key, t.name)).collect(),
            sentence,
            reason: args.reason.or(args.text),
            tenant_id,
            principal,
            me,
            why,
        }
    }
}

/// A command that was answered and taken back: goes on record, is never sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Cancelled {
    pub verb: &'static str,
    pub targets: Vec<(Key, Text)>,
    pub sentence: String,
    pub reason: Option<Text>,
    pub tenant_id: String,
    pub principal: Text,
    pub me: Text,
    pub why: &'static str,
}
