//! Prompt to Confirmed: the only way from a key press to a write.
//!
//! A `Prompt` freezes ids, sentence and the state the person saw. Answering it is the only code that can build a
//! `Confirmed<Command>` (private fields, no Clone, no Deserialize); the backend accepts nothing else. In tier 0 the
//! verb's own key, or the Enter of its form, is the answer.

use crate::model::{Json, Key, Session};
use crate::msg::Now;
use crate::verb::{Args, Verb};
use std::time::Duration;
use table::Text;

/// How long a confirmation lives (`security.md` 2).
pub const LIFE: Duration = Duration::from_secs(60);

/// What is to be done, to exactly which target, and on what understanding.
#[derive(Debug)]
pub struct Command {
    pub verb: &'static Verb,
    pub args: Args,
    pub targets: Vec<Target>,
    /// The sentence the person agreed to.
    pub sentence: String,
    pub tenant_id: String,
    /// Object or app id of the sign-in the prompt was shown under.
    pub principal: Text,
    /// Who acts, as it goes into assignments and comments.
    pub me: Text,
}

/// A frozen target.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub key: Key,
    /// The name that was on screen.
    pub name: Text,
    /// The fields the verb writes, as the person saw them: compared with a fresh read right before sending.
    pub seen: Vec<(&'static str, Option<Text>)>,
}

impl Target {
    /// Freezes an entity as it is in sight, with the fields that `verb` is going to write.
    pub fn of(key: Key, name: Text, entity: Json<'_>, verb: &Verb) -> Self {
        let seen = verb.writes.iter().map(|f| (*f, seen(entity, f))).collect();
        Self { key, name, seen }
    }
}

/// A field as it is frozen, and as a fresh read is compared with it: text as it came; nothing for null, missing and
/// empty; anything else as its JSON.
pub fn seen(entity: Json<'_>, field: &str) -> Option<Text> {
    match entity.at(field).0 {
        serde_json::Value::Null => None,
        serde_json::Value::String(s) => (!s.is_empty()).then(|| Text::from(s.as_str())),
        serde_json::Value::Array(a) if a.is_empty() => None,
        other => Some(Text::from(other.to_string())),
    }
}

/// A question that stands open.
#[derive(Debug)]
pub struct Prompt {
    command: Command,
}

/// A command that a person confirmed. Lives for a minute, is used once, and cannot be built, copied or read from anywhere.
#[derive(Debug)]
pub struct Confirmed<T> {
    inner: T,
    until: Duration,
}

impl Prompt {
    /// Freezes the targets. Refuses without a person to act as.
    pub fn new(
        verb: &'static Verb,
        args: Args,
        targets: Vec<Target>,
        session: &Session,
    ) -> Result<Self, String> {
        if let Some(why) = &session.read_only {
            return Err(why.clone());
        }
        let Some(me) = session.me.clone() else {
            return Err("no person to act as: set `analyst` for this tenant".into());
        };
        let sentence = (verb.sentence)(&targets, &args, me.txt());
        Ok(Self {
            command: Command {
                verb,
                args,
                targets,
                sentence,
                tenant_id: session.tenant_id.clone(),
                principal: session.principal.clone(),
                me,
            },
        })
    }

    pub fn command(&self) -> &Command {
        &self.command
    }

    /// Tier 0 on one target: the key press or the form's Enter is the answer. Any other tier or number gives the prompt back.
    pub fn by_key(self, now: Now) -> Result<Confirmed<Command>, Prompt> {
        if self.command.verb.tier == 0 && self.command.targets.len() == 1 {
            Ok(Confirmed {
                inner: self.command,
                until: now.mono + LIFE,
            })
        } else {
            Err(self)
        }
    }
}

impl<T> Confirmed<T> {
    /// What was confirmed, for looking at.
    pub fn get(&self) -> &T {
        &self.inner
    }

    /// Uses it up; `Err` when its minute is over.
    pub fn take(self, mono: Duration) -> Result<T, T> {
        if mono <= self.until {
            Ok(self.inner)
        } else {
            Err(self.inner)
        }
    }
}
