//! Everything that happened around one user or device, from many sources on one axis: what each source is asked, how its
//! answer becomes events, and what is missing of it (`Gap`), which stands on the axis like an event and is never silence.
//!
//! A source is a row of `USER` or `DEVICE`. `hunts` are the tables of hunting, `reports` the sign-ins and directory audits;
//! what lists and record hold is gathered by `app::timeline`. `story` merges, filters and counts, `axis` zooms; both are
//! pure. Sentences hold tenant text exactly as it came: whoever shows them makes them safe.

pub mod axis;
mod hunts;
mod reports;
pub mod story;

pub use axis::{Axis, Span};
pub use hunts::Table as HuntTable;
pub use reports::of_answers;
pub use story::{Lane, Place, Stand, Story};

use crate::model::time::{DAY, HOUR};
use crate::model::{Call, EntityRef, Json, Key, Kind, Ticks};
use crate::resource::doc::Tone;
use table::Text;

/// Bytes of a sentence that are kept; the whole is in the raw text.
pub const SENTENCE: usize = 600;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub at: Ticks,
    pub sentence: Text,
    pub tone: Tone,
    pub thing: Thing,
}

/// What Enter opens.
#[derive(Clone, Debug, PartialEq)]
pub enum Thing {
    /// It has a list of ours.
    Key(Key),
    /// A row of the n-th answer that its source gave.
    Raw(u32, u32),
}

/// A stretch of which a source tells nothing, or not all, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    pub span: Span,
    pub why: Text,
}

/// Where a source's events come from.
pub enum Ask {
    /// A table of advanced hunting.
    Hunt(&'static HuntTable),
    /// Calls whose rows become events by `read`.
    Calls {
        calls: fn(&EntityRef, Span) -> Vec<Call>,
        read: fn(Json<'_>) -> Option<Told>,
    },
    /// A list in memory.
    List(Kind),
    /// Our record, and the machine actions in memory.
    Deeds,
}

/// An event as its source tells it.
pub struct Told {
    pub at: Ticks,
    pub sentence: String,
    pub tone: Tone,
}

/// A source of a timeline.
pub struct Source {
    /// Unique in its set.
    pub name: &'static str,
    /// Four letters, for rows and narrow screens.
    pub mark: &'static str,
    /// One sentence for help.
    pub help: &'static str,
    pub ask: Ask,
    /// It takes an id: by a name alone not all of it can be told.
    pub by_id: bool,
    /// How long the service keeps it, in days, and the sentence that says so.
    pub keeps: Option<(i64, &'static str)>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({})", self.name)
    }
}

const HUNTED: Option<(i64, &str)> = Some((30, "hunting reaches back 30 days"));

const fn hunted(
    name: &'static str,
    mark: &'static str,
    help: &'static str,
    table: &'static HuntTable,
) -> Source {
    Source {
        name,
        mark,
        help,
        ask: Ask::Hunt(table),
        by_id: false,
        keeps: HUNTED,
    }
}

const fn held(name: &'static str, mark: &'static str, help: &'static str, ask: Ask) -> Source {
    Source {
        name,
        mark,
        help,
        by_id: matches!(ask, Ask::Deeds),
        ask,
        keeps: None,
    }
}

const ALERTS: Source = held(
    "alerts",
    "alrt",
    "alerts of the list that name it",
    Ask::List(Kind::Alert),
);
const INCIDENTS: Source = held(
    "incidents",
    "incd",
    "the incidents of those alerts",
    Ask::List(Kind::Incident),
);
const ACTIONS: Source = held(
    "actions",
    "act",
    "what we did to it and to its alerts and incidents, from the record, and machine actions of everyone",
    Ask::Deeds,
);

/// The sources of a user, in the order of their lanes. At most nine: each has a digit.
pub static USER: &[Source] = &[
    Source {
        name: "sign-ins",
        mark: "sign",
        help: "interactive sign-ins at Entra",
        ask: Ask::Calls {
            calls: reports::sign_ins,
            read: reports::sign_in,
        },
        by_id: false,
        keeps: Some((30, "Entra keeps sign-ins for 30 days")),
    },
    Source {
        name: "audits",
        mark: "audt",
        help: "directory audits by this user and about this user",
        ask: Ask::Calls {
            calls: reports::audits,
            read: reports::audit,
        },
        by_id: true,
        keeps: Some((30, "Entra keeps directory audits for 30 days")),
    },
    Source {
        name: "logs",
        mark: "logs",
        help: "records of the Logs tab that name the user",
        ask: Ask::List(Kind::Record),
        by_id: false,
        keeps: Some((7, "the activity feed keeps 7 days")),
    },
    hunted(
        "mail",
        "mail",
        "mail to and from the user, and what was done to it after delivery",
        &hunts::MAIL,
    ),
    hunted(
        "clicks",
        "clik",
        "links clicked in mail, Teams and Office",
        &hunts::CLICKS,
    ),
    hunted(
        "logons",
        "logn",
        "logons of the account on devices",
        &hunts::LOGONS,
    ),
    ALERTS,
    INCIDENTS,
    ACTIONS,
];

/// The sources of a device.
pub static DEVICE: &[Source] = &[
    hunted("processes", "proc", "processes started", &hunts::PROCESSES),
    hunted(
        "network",
        "netw",
        "connections and attempts at them",
        &hunts::NETWORK,
    ),
    hunted(
        "files",
        "file",
        "files created, changed, renamed and deleted",
        &hunts::FILES,
    ),
    hunted("registry", "reg", "registry changes", &hunts::REGISTRY),
    hunted("logons", "logn", "logons on the device", &hunts::LOGONS),
    hunted(
        "events",
        "evnt",
        "what protection and system noticed",
        &hunts::EVENTS,
    ),
    ALERTS,
    INCIDENTS,
    ACTIONS,
];

/// The sources for what is looked at; none where it has no timeline.
pub fn sources(of: &EntityRef) -> &'static [Source] {
    match of {
        EntityRef::User { .. } => USER,
        EntityRef::Device { .. } => DEVICE,
        _ => &[],
    }
}

/// How far back a timeline reads, in days; each press of the key for more goes to the next.
pub const REACH: [i64; 3] = [7, 30, 1];

impl Source {
    /// The part of a span that lies before what the service keeps.
    pub fn beyond(&self, span: Span, now: Ticks) -> Option<Gap> {
        let (days, why) = self.keeps?;
        let kept = Ticks(now.0.saturating_sub(days * DAY));
        // the minutes since it was asked are no reason
        (kept.0 - span.from.0 > HOUR).then(|| Gap {
            span: Span::new(span.from, kept.min(span.to)),
            why: why.into(),
        })
    }
}

/// Cuts a sentence to what is kept of it, at a character.
pub fn sentence(text: &str) -> Text {
    if text.len() <= SENTENCE {
        return Text::from(text);
    }
    let mut end = SENTENCE;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Text::from(format!("{}…", text.get(..end).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_has_a_digit_a_name_and_a_mark_of_its_own() {
        for set in [USER, DEVICE] {
            assert!(set.len() <= 9);
            for (n, s) in set.iter().enumerate() {
                assert!(s.mark.len() <= 4 && !s.help.is_empty(), "{s:?}");
                let same = |o: &&Source| o.name == s.name || o.mark == s.mark;
                assert_eq!(set.iter().filter(same).count(), 1, "{n} {s:?}");
            }
        }
    }

    #[test]
    fn a_sentence_is_cut_at_a_character() {
        let long = "é".repeat(SENTENCE);
        let cut = sentence(&long);
        assert!(cut.txt().exact().ends_with('…') && cut.txt().exact().len() <= SENTENCE + 4);
        assert_eq!(sentence("short"), Text::from("short"));
    }

    #[test]
    fn what_lies_beyond_the_retention_is_a_gap() {
        let now = Ticks(100 * DAY);
        let logs = USER.iter().find(|s| s.name == "logs").unwrap();
        assert!(logs.beyond(Span::new(Ticks(94 * DAY), now), now).is_none());
        let gap = logs.beyond(Span::new(Ticks(70 * DAY), now), now).unwrap();
        assert_eq!(gap.span, Span::new(Ticks(70 * DAY), Ticks(93 * DAY)));
        assert!(gap.why.txt().exact().contains("7 days"));
    }
}
