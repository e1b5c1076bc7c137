//! Hunts as they are kept, and what was run: plain data between the files, the pane and the starter pack.

use super::{EntityRef, Ticks};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// What a hunt can be about: the kinds of values that its `{{ENTITY}}` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum About {
    Device,
    User,
    File,
    Ip,
    Url,
    Domain,
    Message,
    Mailbox,
    Alert,
    Incident,
    Cve,
    Word,
}

impl About {
    pub const ALL: &'static [(About, &'static str)] = &[
        (About::Device, "device"),
        (About::User, "user"),
        (About::File, "file"),
        (About::Ip, "ip"),
        (About::Url, "url"),
        (About::Domain, "domain"),
        (About::Message, "message"),
        (About::Mailbox, "mailbox"),
        (About::Alert, "alert"),
        (About::Incident, "incident"),
        (About::Cve, "cve"),
        (About::Word, "word"),
    ];

    /// The word for it in a head.
    pub fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(a, _)| *a == self)
            .map_or("", |(_, w)| w)
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, w)| w.eq_ignore_ascii_case(word))
            .map(|(a, _)| *a)
    }

    /// What a reference is, the closest first.
    pub fn of(entity: &EntityRef) -> &'static [About] {
        match entity {
            EntityRef::Incident(_) => &[Self::Incident],
            EntityRef::Alert(_) => &[Self::Alert],
            EntityRef::Device { .. } => &[Self::Device],
            EntityRef::User { .. } => &[Self::User, Self::Mailbox],
            EntityRef::Ip(_) => &[Self::Ip],
            EntityRef::Domain(_) => &[Self::Domain],
            EntityRef::Url(_) => &[Self::Url],
            EntityRef::File { .. } => &[Self::File],
            EntityRef::Mail {
                network_message_id: Some(_),
                ..
            } => &[Self::Message],
            EntityRef::Mail { .. } => &[Self::Mailbox, Self::User],
            EntityRef::Cve(_) => &[Self::Cve],
            EntityRef::Control(_) | EntityRef::WeakOn(_) => &[],
            EntityRef::Word(_) => &[Self::Word],
        }
    }
}

/// A hunt: what its head says, and its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    pub title: String,
    pub description: String,
    pub tactics: Vec<String>,
    pub techniques: Vec<String>,
    pub tables: Vec<String>,
    pub entities: Vec<About>,
    /// Which columns of the result name what, as a detection rule says it.
    pub mappings: Vec<Mapping>,
    /// Lines of the head that this version does not know, kept as they came.
    pub other: Vec<(String, String)>,
    pub text: String,
}

/// A column of the result that names an entity: `Account.FullName=AccountUpn`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    pub entity: String,
    pub identifier: String,
    pub column: String,
}

/// A hunt and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub saved: Arc<Saved>,
    pub place: Place,
    /// What it reaches out with, beyond the tables: it is marked and asks once.
    pub reaches: Vec<&'static str>,
    /// Why its head could not be read whole.
    pub wrong: Option<String>,
}

/// Where a hunt comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// It came with the program, under this name.
    Pack(&'static str),
    File {
        /// The folder it was found under, and its path below.
        root: PathBuf,
        below: PathBuf,
    },
}

impl Place {
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Self::Pack(_) => None,
            Self::File { root, below } => Some(root.join(below)),
        }
    }
}

/// A query that was run, for the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// When it was asked.
    #[serde(with = "instant")]
    pub at: Ticks,
    /// The text as it was sent.
    pub text: Arc<str>,
    /// Where it was sent: `Defender`, a workspace, a cluster, an archive.
    pub engine: String,
    /// How long it took.
    pub ms: u64,
    /// None: it failed, or nobody waited for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// These are not all rows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Tables that the text names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
}

/// Instants as ISO text: a history is read by people too.
mod instant {
    use super::Ticks;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &Ticks, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&at.literal())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Ticks, D::Error> {
        let text = String::deserialize(from)?;
        Ticks::parse(&text).ok_or_else(|| serde::de::Error::custom("no instant"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_hunt_has_a_word_that_reads_back() {
        for (about, word) in About::ALL {
            assert_eq!((About::parse(word), about.word()), (Some(*about), *word));
        }
    }
}
