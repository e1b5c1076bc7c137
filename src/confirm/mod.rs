//! Prompt to Confirmed: the only way from a key press to a write.
//!
//! A `Draft` becomes a `Prompt`, which freezes ids, sentence, consequences and the state the person saw, or is refused by
//! a rule. The prompt takes keys only once it was seen, and its right answer makes a `Grace`; when that has run out it is
//! a `Confirmed<Command>` (private fields, no Clone, no Deserialize), and the backend accepts nothing else. Of that come
//! `Permit`s, one for each target, each good for one write. In tier 0 the verb's own key, or the Enter of its form, is
//! the answer. Without a screen a name or a plan answers it (`plan`).

pub mod challenge;
mod grace;
mod plan;
mod prompt;
#[cfg(test)]
mod tests;
mod watch;

pub use challenge::Challenge;
pub use grace::{Cancelled, Elapsed, Grace};
pub use plan::{Given, NoPlan, made};
pub use prompt::{Draft, FEW, Prompt, Refusal, Took, Wrong};
pub use watch::Watch;

use crate::model::enums::Determination;
use crate::model::{Json, Key, Kind, Ticks};
use crate::resource::Answer;
use crate::verb::{Args, Fact, Verb};
use std::time::Duration;
use table::Text;

/// How long a confirmation of one target lives after its grace (`security.md` 2).
pub const LIFE: Duration = Duration::from_secs(60);
/// How long that of a set lives at most.
pub const LONGEST: Duration = Duration::from_secs(15 * 60);

/// What is to be done, to exactly which targets, and on what understanding.
#[derive(Debug)]
pub struct Command {
    pub verb: &'static Verb,
    pub args: Args,
    pub targets: Vec<Target>,
    /// The sentence the person agreed to.
    pub sentence: String,
    /// The tier it was confirmed in.
    pub tier: u8,
    pub tenant_id: String,
    /// Object or app id of the sign-in the prompt was shown under.
    pub principal: Text,
    /// Who acts, as it goes into assignments and comments.
    pub me: Text,
    /// When the targets were read for the prompt.
    pub read_at: Option<Ticks>,
    /// The runs on record that this takes back.
    pub undoes: Vec<String>,
}

/// A frozen target.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub key: Key,
    /// The name that was on screen.
    pub name: Text,
    /// What its challenge is made of: host name, sign-in name, value of an indicator.
    pub handle: Text,
    /// The fields the verb writes and the facts it relies on, as the person saw them: made again from a fresh read right
    /// before sending, and compared.
    pub seen: Vec<Fact>,
}

impl Target {
    /// Freezes an entity as it is in sight, with the fields that `verb` is going to write.
    pub fn of(key: Key, name: Text, entity: Json<'_>, verb: &Verb) -> Self {
        Self::read(key, name, entity, &[], verb)
    }

    /// Freezes a fresh reading, with the answers of the verb's `preview`.
    pub fn read(key: Key, name: Text, entity: Json<'_>, answers: &[Answer], verb: &Verb) -> Self {
        let handle = match key.kind {
            Kind::Device => entity.text("computerDnsName"),
            Kind::User => entity.text("userPrincipalName"),
            _ => None,
        };
        Self {
            seen: state(&key, entity, answers, verb),
            handle: handle.unwrap_or_else(|| name.clone()),
            key,
            name,
        }
    }
}

/// What is frozen of a target, and made again from a fresh read for comparison.
pub fn state(key: &Key, entity: Json<'_>, answers: &[Answer], verb: &Verb) -> Vec<Fact> {
    let compared = verb.writes.iter().filter(|f| !verb.merges.contains(f));
    let fields = compared.map(|f| (*f, seen(entity, f)));
    fields.chain((verb.state)(key, entity, answers)).collect()
}

/// The frozen facts that read differently now: name, as seen, as it is.
pub fn changed(was: &[Fact], is: &[Fact]) -> Vec<(String, String, String)> {
    let shown =
        |t: Option<&Text>| t.map_or_else(|| "none".to_owned(), |t| t.txt().shown().into_owned());
    let mut out = Vec::new();
    for (name, before) in was {
        let now = is
            .iter()
            .find(|(n, _)| n == name)
            .and_then(|(_, t)| t.clone());
        if !same(name, before, &now) {
            out.push((
                (*name).to_owned(),
                shown(before.as_ref()),
                shown(now.as_ref()),
            ));
        }
    }
    for (name, now) in is
        .iter()
        .filter(|(n, t)| t.is_some() && !was.iter().any(|(w, _)| w == n))
    {
        out.push(((*name).to_owned(), shown(None), shown(now.as_ref())));
    }
    out
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

/// A command that a person confirmed. Lives for a minute (a set for its announced length), is used once, and cannot be
/// built, copied or read from anywhere.
#[derive(Debug)]
pub struct Confirmed<T> {
    inner: T,
    until: Duration,
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
}

impl Confirmed<Command> {
    /// Uses it up: the command for looking at, and a permit for each of its targets, in their order.
    pub fn permits(self) -> (Command, Vec<Permit>) {
        let until = self.until;
        let permit = |(index, target): (usize, &Target)| Permit {
            index,
            target: target.clone(),
            until,
        };
        let permits = self.inner.targets.iter().enumerate().map(permit).collect();
        (self.inner, permits)
    }
}

/// Leave to write to one target, once. Comes out of a `Confirmed` and from nowhere else.
#[derive(Debug)]
pub struct Permit {
    index: usize,
    target: Target,
    until: Duration,
}

impl Permit {
    /// The target's place in the command.
    pub fn index(&self) -> usize {
        self.index
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The end of its life, on the monotonic clock.
    pub fn until(&self) -> Duration {
        self.until
    }

    /// Uses it up; `Err` when its time is over.
    pub fn spend(self, mono: Duration) -> Result<Target, Target> {
        if mono <= self.until {
            Ok(self.target)
        } else {
            Err(self.target)
        }
    }
}
