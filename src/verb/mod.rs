//! Verbs: everything that writes, one row each. Keys, menus, palette, help, prompts, record text and README are derived
//! from the row; `backend` runs its functions without knowing its name. A row made with `..BASE` says only what is its own.

pub mod common;
pub mod controls;
mod device_facts;
pub mod devices;
pub mod feeds;
pub mod indicator_facts;
pub mod indicators;
pub mod ioc;
pub mod keep;
pub mod mail;
pub mod queue;
pub mod restore;
pub mod triage;
mod user_facts;
pub mod users;

use crate::confirm::Target;
use crate::model::{Call, Guards, Json, Key, Kind, Service, Session, Stand, Switch, Ticks};
use crate::resource::{Answer, Known};
use serde_json::Value;
use std::time::Duration;
use table::{Text, Txt};

/// Every verb.
pub static ALL: &[&[Verb]] = &[
    triage::VERBS,
    devices::VERBS,
    users::VERBS,
    std::slice::from_ref(&devices::QUARANTINE),
    queue::VERBS,
    indicators::VERBS,
    std::slice::from_ref(&indicators::INDICATE),
    mail::VERBS,
    feeds::VERBS,
    controls::VERBS,
];

/// All rows of all families.
pub fn all() -> impl Iterator<Item = &'static Verb> {
    ALL.iter().copied().flatten()
}

/// The verb of this name, also those that come by way of undo only.
pub fn named(name: &str) -> Option<&'static Verb> {
    all().chain(restore::VERBS).find(|v| v.name == name)
}

/// Makes the request that reads a target in another way than its kind's own; `Err` says why there is none.
pub type Read = fn(&Key, &Args) -> Result<Call, String>;

/// Makes a verb's requests from a fresh reading and the fresh answers of its `preview` (none where it has no preview or the
/// prompt was made on listings); `Err` says why there are none.
pub type Plan = fn(&Key, Json<'_>, &Args, Txt<'_>, &[Answer]) -> Result<Vec<Call>, String>;

/// A response or triage action.
pub struct Verb {
    /// One plain word or two: `take`, `take over`. Unique; the palette, keymap and record use it.
    pub name: &'static str,
    /// The default key (`keymap` text form); none = palette and actions menu only.
    pub key: Option<&'static str>,
    /// Its letter in the actions menu; none = only under its own key. A `Choice` form brings the letters itself.
    pub letter: Option<char>,
    /// What it does, one line for help and palette.
    pub help: &'static str,
    /// Other words that find it in the palette.
    pub also: &'static str,
    pub kinds: &'static [Kind],
    /// 0 to 3, `ux.md` 3. Consequences, lists and numbers raise it, nothing lowers it.
    pub tier: u8,
    pub form: Form,
    /// What it takes to be allowed, for a kind.
    pub needs: fn(Kind) -> Needs,
    /// The fields it writes, by their names in the entity: frozen as seen, read again and compared before sending.
    pub writes: &'static [&'static str],
    /// Those of `writes` that are changed on the fresh value (tags): they go on record, but are not compared.
    pub merges: &'static [&'static str],
    /// Why this entity cannot have it now; none = it can. Looks at what the person sees: a row's cells or the detail.
    pub blocked: fn(Kind, Json<'_>, Txt<'_>) -> Option<String>,
    /// How the target is read for prompt, comparison and read-back, where that is not the entity's own `get` (an indicator
    /// by its value, a user's risk). A 404 or an empty list reads as null; of a list the first member is taken.
    pub read: Option<Read>,
    /// Further reads about a target for the prompt: roles, who is logged on, running actions. From the fresh entity.
    pub preview: fn(&Key, Json<'_>, &Args) -> Vec<Call>,
    /// Reads for the prompt's words alone, which nothing is compared with or made of later: their answers follow those of
    /// `preview`. Asked once for all targets where they are the same for all.
    pub asides: fn(&Key, Json<'_>, &Args) -> Vec<Call>,
    /// What follows from it, said in the prompt; from the fresh entity and the answers of `preview` and `asides`, in their
    /// order.
    pub consequences: fn(&About<'_>) -> Vec<Consequence>,
    /// The state the person relies on beside `writes` (name, roles, running actions): frozen in the prompt, made again from
    /// fresh reads right before sending, and compared.
    pub state: fn(&Key, Json<'_>, &[Answer]) -> Vec<Fact>,
    /// What it replaces, for the record and for undo; from the fresh entity and answers of `preview`.
    pub before: fn(&'static Verb, &Key, Json<'_>, &[Answer]) -> Value,
    /// The sentence the person agrees to and the record keeps.
    pub sentence: fn(&[Target], &Args, Txt<'_>) -> String,
    /// The requests, from a fresh read of the target.
    pub plan: Plan,
    /// The person's words go to the service as a comment that everyone sees; the prompt of a set begins with them.
    pub comments: bool,
    /// Where the run's mark goes in the request body, so that the service's own list can be matched with the record.
    pub stamp: Option<Stamp>,
    /// How an accepted request is followed to its end; none = it is done when accepted.
    pub follow: Option<Follow>,
    /// What proves it.
    pub proof: Proof,
    /// Whether a read-back shows what was wanted; `Err` says what it shows instead. The last is what `before` told.
    pub verify: fn(&Key, Json<'_>, &Args, Txt<'_>, &Value) -> Result<(), String>,
    /// Further reads that prove it, where the target alone does not (the other incident of a merge, the alerts that were
    /// put back), and what they must show: asked when `verify` is content.
    pub witness: Option<Witness>,
    /// Doing it twice ends where doing it once does (a value is set): an unclear outcome may be looked at and repeated.
    pub idempotent: bool,
    /// More than five targets of tier 2 are tier 3; not for indicators, where the rows decide.
    pub number_raises: bool,
    /// How long one target of a set takes with the service's limits; a set's confirmation lives targets × this.
    pub pace: Duration,
    /// The verb that takes it back, as words for help and prompt; none = the prompt says that it cannot be undone.
    pub inverse: Option<&'static str>,
    /// The verb and answers that restore what this deed replaced; none = this one cannot be undone.
    pub undo: fn(&Deed) -> Option<(&'static str, Args)>,
}

/// What the rows have in common.
pub const BASE: Verb = Verb {
    name: "",
    key: None,
    letter: None,
    help: "",
    also: "",
    kinds: &[],
    tier: 2,
    form: Form::None,
    needs: |_| Needs::any(Service::Defender, &[]),
    writes: &[],
    merges: &[],
    blocked: |_, _, _| None,
    read: None,
    preview: |_, _, _| Vec::new(),
    asides: |_, _, _| Vec::new(),
    consequences: |_| Vec::new(),
    state: |_, _, _| Vec::new(),
    before: replaced,
    sentence: |_, _, _| String::new(),
    plan: |_, _, _, _, _| Err("there is nothing to send".to_owned()),
    comments: false,
    stamp: None,
    follow: None,
    proof: Proof::Entity,
    verify: |_, _, _, _, _| Ok(()),
    witness: None,
    idempotent: false,
    number_raises: true,
    pace: Duration::from_secs(2),
    inverse: None,
    undo: |_| None,
};

/// A field or fact by name, as it was read; none = null, missing or empty.
pub type Fact = (&'static str, Option<Text>);

/// Further reads for a read-back, and the judgement of their answers, in their order.
#[derive(Clone, Copy)]
pub struct Witness {
    pub calls: fn(&Key, &Args) -> Vec<Call>,
    pub verify: fn(&Key, Json<'_>, &Args, &[Answer]) -> Result<(), String>,
}

/// What it takes to be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    pub service: Service,
    /// API permissions, any one of which does.
    pub any: &'static [&'static str],
    /// Where it sends requests of two sorts: those that the other takes, any one of which does. Empty = none.
    pub also: &'static [&'static str],
    /// The directory or Defender role that a person needs beside it, for refusals; empty = none known.
    pub role: &'static str,
    /// The licence it takes; empty = none known.
    pub licence: &'static str,
    /// Our own switch that must be on.
    pub switch: Option<Switch>,
    /// It cannot be had with an app's sign-in.
    pub delegated: bool,
}

impl Needs {
    pub const fn any(service: Service, any: &'static [&'static str]) -> Self {
        Self {
            service,
            any,
            also: &[],
            role: "",
            licence: "",
            switch: None,
            delegated: false,
        }
    }

    pub const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    pub const fn role(self, role: &'static str) -> Self {
        Self { role, ..self }
    }

    pub const fn licence(self, licence: &'static str) -> Self {
        Self { licence, ..self }
    }

    pub const fn switch(self, switch: Switch) -> Self {
        Self {
            switch: Some(switch),
            ..self
        }
    }

    pub const fn delegated(self) -> Self {
        Self {
            delegated: true,
            ..self
        }
    }
}

/// Everything consequences may look at.
pub struct About<'a> {
    pub verb: &'static Verb,
    pub key: &'a Key,
    /// The fresh reading.
    pub entity: Json<'a>,
    /// Answers of `preview` and then of `asides`, in their order.
    pub answers: &'a [Answer],
    pub args: &'a Args,
    pub session: &'a Session,
    pub now: Ticks,
    /// What the lists hold: alerts of it, others of the same name.
    pub known: &'a dyn Known,
}

impl About<'_> {
    pub fn guards(&self) -> &Guards {
        &self.session.guards
    }
}

/// One thing that follows from a verb, or that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    pub weight: Weight,
    /// One sentence, safe for the screen.
    pub text: String,
    /// The tier it raises the prompt to.
    pub raises: Option<u8>,
    /// The built-in rule that refuses; policy may lift it by this name.
    pub refuses: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Good to know.
    Note,
    /// Easily overlooked.
    Warn,
    /// Hurts somebody who is not meant.
    Grave,
    /// Could not be checked.
    Unchecked,
}

impl Consequence {
    pub fn new(weight: Weight, text: impl Into<String>) -> Self {
        Self {
            weight,
            text: text.into(),
            raises: None,
            refuses: None,
        }
    }

    pub fn note(text: impl Into<String>) -> Self {
        Self::new(Weight::Note, text)
    }

    pub fn warn(text: impl Into<String>) -> Self {
        Self::new(Weight::Warn, text)
    }

    pub fn grave(text: impl Into<String>) -> Self {
        Self::new(Weight::Grave, text)
    }

    pub fn unchecked(text: impl Into<String>) -> Self {
        Self::new(Weight::Unchecked, text)
    }

    pub fn raises(self, tier: u8) -> Self {
        Self {
            raises: Some(tier),
            ..self
        }
    }

    pub fn refuses(self, rule: &'static str) -> Self {
        Self {
            refuses: Some(rule),
            ..self
        }
    }
}

/// Body fields that carry the run's mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The text field whose end carries ` [wf …]`.
    pub comment: &'static str,
    /// The field for an id of our own; empty = none.
    pub external: &'static str,
}

/// How an accepted request is followed.
#[derive(Clone, Copy)]
pub struct Follow {
    /// The call to poll, from the body of the service's yes; none = there is nothing to follow.
    pub poll: fn(&Key, Json<'_>) -> Option<Call>,
    /// Where it stands, from the answer of `poll`, with a detail in the service's words.
    pub course: fn(Json<'_>) -> Course,
}

/// Where a followed action stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    pub stand: Stand,
    /// Why it failed, what it waits for; safe for the screen, may be empty.
    pub detail: String,
    /// The service's id of it.
    pub action: Option<Text>,
}

/// What proves that it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The target, read again and judged by `verify`.
    Entity,
    /// The end of `follow`, and then `verify` on the target read again.
    Course,
    /// Nothing now: it stays *accepted* until a later read shows it.
    Later,
}

/// What was done to one target, as the record has it: for undo, reminders and the list of actions.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// The id of the intent on record, one for each target.
    pub run: String,
    /// One id for all targets of a command: they are undone together.
    pub set: String,
    pub at: Ticks,
    /// Name of the verb; may be one this version does not have.
    pub verb: String,
    pub key: Key,
    /// The name that was on screen.
    pub name: Text,
    pub sentence: String,
    pub reason: Option<Text>,
    /// What it replaced, as the verb's `before` told.
    pub before: Value,
    pub stand: Stand,
    pub detail: String,
    /// The service's id of the action.
    pub action: Option<Text>,
    pub analyst: Text,
    /// The run that took it back.
    pub undone: Option<String>,
}

/// What a verb asks before it can be prompted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing.
    None,
    /// One letter of `model::enums::PAIRS`; the letter acts.
    Pair,
    /// One of the words offered for the kind; a letter acts.
    Status,
    /// A line of text, Enter acts.
    Comment,
    /// A list of tags, edited as words, Enter acts.
    Tags,
    /// A person of the directory, picked from a list that narrows while typing.
    Person,
    /// One of several ways, each a line of the actions menu with its own letter: `Args::choice`.
    Choice(&'static [Choice]),
    /// A device, picked from those the target was seen on: `Args::device`.
    Device,
    /// Another incident, by number or from the list: `Args::incident`, and one of several reasons: `Args::choice`.
    Incident(&'static [Choice]),
    /// Values, action, scope and expiry of indicators: `Args::indicator`; the values are the targets.
    Indicator,
    /// Messages of an alert's evidence, all ticked at first: `Args::mails`, and one way to deal with them.
    Mails(&'static [Choice]),
}

/// One way of a verb.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    pub letter: char,
    /// The word of the wire: `Full`.
    pub word: &'static str,
    /// The line of the menu: `isolate fully`.
    pub label: &'static str,
    /// Its tier, where it is above the verb's.
    pub tier: u8,
}

/// The answers to a form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    /// Classification and determination, a pair of `model::enums::PAIRS`.
    pub pair: Option<(&'static str, &'static str)>,
    pub status: Option<&'static str>,
    /// The word of the `Choice` that was picked.
    pub choice: Option<&'static str>,
    /// A comment, exactly as typed.
    pub text: Option<Text>,
    /// Why, in the person's words: asked by the prompt from tier 2 on.
    pub reason: Option<Text>,
    /// Tags to add to and to remove from the fresh value.
    pub add: Vec<Text>,
    pub remove: Vec<Text>,
    pub person: Option<Text>,
    /// The device that a file is stopped on, and its name.
    pub device: Option<(Key, Text)>,
    /// The incident that others are merged into or moved to.
    pub incident: Option<Text>,
    /// SHA-1 of a file.
    pub sha1: Option<Text>,
    pub indicator: Option<Indicator>,
    /// Network message id and recipient of each message.
    pub mails: Vec<(Text, Text)>,
    /// What an undo puts back on each target, as `Verb::before` told it.
    pub restore: Vec<(Key, Value)>,
    /// Who signs a comment: set by the prompt where the sign-in is an app's, whose name says nothing about the person.
    pub signature: Option<Text>,
}

/// What indicators are made with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Indicator {
    /// `Block`, `Warn`, `Audit`, `Allowed` …
    pub action: &'static str,
    pub title: Text,
    pub description: Text,
    /// Device groups; empty = every device, which the prompt says and raises to tier 3.
    pub groups: Vec<Text>,
    /// None = never, which the prompt says and raises to tier 3.
    pub expires: Option<Ticks>,
    pub severity: &'static str,
    pub alert: bool,
}

/// The default of `before`: the fields a verb writes, as they are.
pub fn replaced(verb: &'static Verb, _: &Key, now: Json<'_>, _: &[Answer]) -> Value {
    let fields = verb.writes.iter();
    fields
        .map(|f| ((*f).to_owned(), now.at(f).0.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

impl Args {
    /// What an undo puts back on this target.
    pub fn restored(&self, key: &Key) -> Option<&Value> {
        self.restore.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }
}

impl Verb {
    /// The least tier with these answers.
    pub fn tier_with(&self, args: &Args) -> u8 {
        let choices = match self.form {
            Form::Choice(all) | Form::Mails(all) | Form::Incident(all) => all,
            _ => &[],
        };
        let chosen = choices.iter().find(|c| Some(c.word) == args.choice);
        chosen.map_or(self.tier, |c| c.tier.max(self.tier))
    }
}

impl Verb {
    /// Whether the two, done to one target at one moment, are in each other's way: the same verb, one that takes the other
    /// back, two with one way back, or two that write one field. Comments stand beside each other.
    pub fn crosses(&self, other: &Self) -> bool {
        let adds = |v: &Self| v.tier == 0 && v.writes.is_empty();
        let alike = |v: &Self| v.writes.is_empty() && v.inverse.is_some();
        if adds(self) && adds(other) {
            return false;
        }
        self == other
            || self.inverse == Some(other.name)
            || other.inverse == Some(self.name)
            || (alike(self) && alike(other) && self.inverse == other.inverse)
            || self.writes.iter().any(|f| other.writes.contains(f))
    }
}

/// Two rows are one verb if they have one name.
impl PartialEq for Verb {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl std::fmt::Debug for Verb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verb({})", self.name)
    }
}

#[cfg(test)]
pub(crate) mod fixture_tests;
#[cfg(test)]
mod row_cases;
#[cfg(test)]
mod row_tests;
