//! Prompt to Confirmed: the only way from a key press to a write.
//!
//! A `Prompt` freezes ids, sentence and the state the person saw. Answering it is the only code that can build a
//! `Confirmed<Command>` (private fields, no Clone, no Deserialize); the backend accepts nothing else. In tier 0 the
//! verb's own key, or the Enter of its form, is the answer.

use crate::model::enums::Determination;
use crate::model::{Json, Key, Mode, Session};
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
        let compared = verb.writes.iter().filter(|f| !verb.merges.contains(f));
        let seen = compared.map(|f| (*f, seen(entity, f))).collect();
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

/// Whether a frozen field and a fresh one are the same to a person: services and lists differ in the spelling of enum words.
pub fn same(field: &str, was: &Option<Text>, is: &Option<Text>) -> bool {
    match (was, is) {
        (Some(was), Some(is)) => {
            let (was, is) = (was.txt().exact(), is.txt().exact());
            was.eq_ignore_ascii_case(is)
                || (field == "determination"
                    && Determination::parse(was) == Determination::parse(is))
        }
        (None, None) => true,
        // a classification nobody set comes as null or as a word of its own
        (Some(one), None) | (None, Some(one)) => {
            matches!(field, "classification" | "determination") && *one == "unknown"
        }
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
        mut args: Args,
        targets: Vec<Target>,
        session: &Session,
    ) -> Result<Self, String> {
        if let Some(why) = &session.read_only {
            return Err(why.clone());
        }
        let Some(me) = session.me.clone() else {
            return Err("no person to act as: set `analyst` for this tenant".into());
        };
        args.signature = (session.mode == Mode::AppOnly).then(|| me.clone());
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
    pub fn by_key(self, now: Now) -> Result<Confirmed<Command>, Box<Prompt>> {
        if self.command.verb.tier == 0 && self.command.targets.len() == 1 {
            Ok(Confirmed {
                inner: self.command,
                until: now.mono + LIFE,
            })
        } else {
            Err(Box::new(self))
        }
    }
}

impl<T> Confirmed<T> {
    /// What was confirmed, for looking at.
    pub fn get(&self) -> &T {
        &self.inner
    }

    /// The end of its life, on the monotonic clock.
    pub fn until(&self) -> Duration {
        self.until
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_only_spelled_otherwise_did_not_change() {
        let text = |t: &str| (!t.is_empty()).then(|| Text::from(t));
        for (field, was, is, alike) in [
            ("status", "active", "Active", true),
            ("status", "active", "resolved", false),
            ("determination", "notMalicious", "Clean", true),
            ("determination", "malware", "phishing", false),
            ("classification", "", "unknown", true),
            ("assignedTo", "", "unknown", false),
            ("assignedTo", "", "", true),
            ("assignedTo", "Ana@contoso.com", "ana@contoso.com", true),
            ("assignedTo", "ana@contoso.com", "", false),
        ] {
            assert_eq!(
                same(field, &text(was), &text(is)),
                alike,
                "{field} {was} {is}"
            );
        }
    }
}
