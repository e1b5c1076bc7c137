//! Verbs: everything that writes, one row each. Keys, palette, help, record text and README are derived from the row;
//! `backend` runs its functions without knowing its name.

pub mod triage;

use crate::confirm::Target;
use crate::model::{Call, Json, Key, Kind, Service};
use table::{Text, Txt};

/// Every verb.
pub static ALL: &[&[Verb]] = &[triage::VERBS];

/// All rows of all families.
pub fn all() -> impl Iterator<Item = &'static Verb> {
    ALL.iter().copied().flatten()
}

/// The verb of this name.
pub fn named(name: &str) -> Option<&'static Verb> {
    all().find(|v| v.name == name)
}

/// Makes a verb's requests; `Err` says why there are none.
pub type Plan = fn(&Key, Json<'_>, &Args, Txt<'_>) -> Result<Vec<Call>, String>;

/// A response or triage action.
pub struct Verb {
    /// One plain word or two: `take`, `take over`. Unique; the palette, keymap and record use it.
    pub name: &'static str,
    /// The default key (`keymap` text form); none = palette and actions menu only.
    pub key: Option<&'static str>,
    /// What it does, one line for help and palette.
    pub help: &'static str,
    pub kinds: &'static [Kind],
    /// 0 to 3, `ux.md` 3.
    pub tier: u8,
    pub form: Form,
    /// Service and permissions (any one does) for a kind.
    pub needs: fn(Kind) -> (Service, &'static [&'static str]),
    /// The fields it writes, by their names in the entity: frozen as seen, read again and compared before sending.
    pub writes: &'static [&'static str],
    /// Those of `writes` that are changed on the fresh value (tags): they go on record, but are not compared.
    pub merges: &'static [&'static str],
    /// Why this entity cannot have it now; none = it can. Looks at what the person sees.
    pub blocked: fn(Kind, Json<'_>, Txt<'_>) -> Option<String>,
    /// The sentence the person agrees to and the record keeps.
    pub sentence: fn(&[Target], &Args, Txt<'_>) -> String,
    /// The requests, from a fresh read of the target.
    pub plan: Plan,
    /// Whether a read-back shows what was wanted; `Err` says what it shows instead.
    pub verify: fn(&Key, Json<'_>, &Args, Txt<'_>) -> Result<(), String>,
    /// The verb that takes it back.
    pub inverse: Option<&'static str>,
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
}

/// The answers to a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args {
    /// Classification and determination, a pair of `model::enums::PAIRS`.
    pub pair: Option<(&'static str, &'static str)>,
    pub status: Option<&'static str>,
    /// A comment or reason, exactly as typed.
    pub text: Option<Text>,
    /// Tags to add to and to remove from the fresh value.
    pub add: Vec<Text>,
    pub remove: Vec<Text>,
    pub person: Option<Text>,
    /// Who signs a comment: set by the prompt where the sign-in is an app's, whose name says nothing about the person.
    pub signature: Option<Text>,
}
