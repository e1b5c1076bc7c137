//! What was read of the logs' sources, window by window: the proof of completeness that the screen shows and exports carry.

use super::Ticks;
use super::time::HOUR;
use std::fmt;
use table::Text;

/// Blobs may be listed late: a window counts as complete only when it was listed whole again this long after its end.
pub const SETTLE: i64 = 6 * HOUR;

/// Where records of the logs come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A content type of the Office 365 activity feed: blobs, in windows of writing.
    #[default]
    Feed,
    /// Interactive sign-ins of the directory: pages, in windows of the event, like what follows.
    SignIns,
    /// What was changed in the directory.
    Audits,
    /// A search of the audit log that somebody started.
    Search,
}

impl Source {
    /// Names of the sources that are not content types, as Graph has them.
    pub const SIGN_INS: &'static str = "signIns";
    pub const AUDITS: &'static str = "directoryAudits";
    /// What the names of searches begin with; a number follows.
    pub const SEARCH: &'static str = "search ";

    /// What is called so; every name that is none of ours is a content type.
    pub fn named(name: &str) -> Self {
        match name {
            Self::SIGN_INS => Self::SignIns,
            Self::AUDITS => Self::Audits,
            _ if name.starts_with(Self::SEARCH) => Self::Search,
            _ => Self::Feed,
        }
    }

    /// The word of filters and columns.
    pub fn word(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::SignIns => "signin",
            Self::Audits => "audit",
            Self::Search => "search",
        }
    }

    /// How far back it is read, and how far it could be; empty = its windows say it.
    pub fn reaches(self) -> &'static str {
        match self {
            Self::SignIns => {
                "the last seven days; the service keeps thirty, and has none at all without Entra ID P1"
            }
            Self::Audits => {
                "the last seven days; the service keeps thirty, or seven without Entra ID P1"
            }
            Self::Feed | Self::Search => "",
        }
    }

    /// What a window of it is read in, plural.
    pub fn parts(self) -> &'static str {
        match self {
            Self::Feed => "blobs",
            _ => "pages",
        }
    }
}

/// How a source stands at the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Not asked yet.
    #[default]
    Unknown,
    Enabled,
    /// There was a subscription, and somebody disabled it.
    Disabled,
    /// Nothing subscribed to it.
    None,
    /// The sign-in may not read it.
    Forbidden,
    /// The tenant's licence does not hold it.
    Unlicensed,
    /// The service refuses it for another reason.
    Refused,
    /// A search that the service has taken and not begun.
    Queued,
    Running,
    /// A search of which every window was found and read.
    Succeeded,
    /// A search with windows that were given up.
    Failed,
}

impl Standing {
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::None => "notStarted",
            Self::Forbidden => "forbidden",
            Self::Unlicensed => "unlicensed",
            Self::Refused => "refused",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Records come, or will.
    pub fn brings(self) -> bool {
        matches!(
            self,
            Self::Unknown | Self::Enabled | Self::Queued | Self::Running | Self::Succeeded
        )
    }
}

/// How far a window was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Not listed to its end yet.
    Waiting,
    /// Its blobs are being fetched.
    Reading,
    /// Something of it could not be read, or its listing did not come to its end.
    Gap,
    /// Everything listed was read; the window has not ended, or blobs may still be listed late.
    Settling,
    /// Listed again after the settling time, and every blob of it was read whole.
    Complete,
}

impl Reach {
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Reading => "reading",
            Self::Gap => "gap",
            Self::Settling => "settling",
            Self::Complete => "complete",
        }
    }

    /// One cell for a strip.
    pub fn mark(self) -> char {
        match self {
            Self::Waiting => '·',
            Self::Reading => '…',
            Self::Gap => '!',
            Self::Settling => '~',
            Self::Complete => '#',
        }
    }
}

/// What was read of one source between two instants: of writing (`contentCreated`) for the feed, of the event elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    pub from: Ticks,
    pub to: Ticks,
    /// When the last listing that came to its end began.
    pub listed_at: Option<Ticks>,
    /// Why the last listing did not come to its end.
    pub broken: Option<String>,
    /// Blobs that were listed, or pages that were asked for.
    pub listed: u32,
    /// Those that were read whole.
    pub fetched: u32,
    /// Those that could not be read, with the first reason.
    pub torn: u32,
    pub why: Option<String>,
    /// Distinct records.
    pub records: u32,
    /// Records that came again, in the same or another blob.
    pub duplicates: u32,
    /// Tries beyond the first, of listings and blobs.
    pub retries: u32,
    /// Blobs that were listed after a listing that should have had them.
    pub late: u32,
    /// Records without a time.
    pub timeless: u32,
    /// Records without an id of their own.
    pub nameless: u32,
    /// It is older than the service keeps.
    pub past: bool,
    /// How the search of this window stands, in the service's word; empty = it is none.
    pub job: String,
}

impl Window {
    /// What may be said of it.
    pub fn reach(&self) -> Reach {
        let Some(at) = self.listed_at else {
            return match self.broken {
                // what was not read in time cannot be read any more
                None if !self.past => Reach::Waiting,
                _ => Reach::Gap,
            };
        };
        if self.torn > 0 || self.broken.is_some() {
            Reach::Gap
        } else if self.fetched < self.listed {
            if self.past {
                Reach::Gap
            } else {
                Reach::Reading
            }
        } else if at.0 >= self.to.0.saturating_add(SETTLE) {
            Reach::Complete
        } else if self.past {
            Reach::Gap
        } else {
            Reach::Settling
        }
    }
}

/// One source: a content type, sign-ins, directory audits, or a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub name: Text,
    pub source: Source,
    /// What is read of it: a search's own words, how far back the service keeps sign-ins; empty for content types.
    pub asked: String,
    pub standing: Standing,
    /// What stands in the way, one sentence; empty = nothing.
    pub trouble: String,
    /// Newest first.
    pub windows: Vec<Window>,
}

impl Content {
    /// A sum over its windows.
    pub fn sum(&self, of: fn(&Window) -> u32) -> u64 {
        self.windows.iter().map(|w| u64::from(of(w))).sum()
    }

    /// Windows of this reach.
    pub fn count(&self, reach: Reach) -> usize {
        self.windows.iter().filter(|w| w.reach() == reach).count()
    }

    /// Oldest first, one mark a window.
    pub fn strip(&self) -> String {
        self.windows
            .iter()
            .rev()
            .map(|w| w.reach().mark())
            .collect()
    }

    /// `Exchange` of `Audit.Exchange`, in few cells.
    pub fn short(&self) -> String {
        let name = self.name.txt().shown();
        match name.as_ref() {
            "Audit.AzureActiveDirectory" => "Entra".to_owned(),
            "DLP.All" => "DLP".to_owned(),
            Source::SIGN_INS => "Sign-ins".to_owned(),
            Source::AUDITS => "Audits".to_owned(),
            other => match other.strip_prefix(Source::SEARCH) {
                Some(number) => format!("s{number}"),
                None => other.strip_prefix("Audit.").unwrap_or(other).to_owned(),
            },
        }
    }
}

/// Everything that is known of the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    pub types: Vec<Content>,
    pub as_of: Option<Ticks>,
}

impl Ledger {
    /// Windows with something missing, over all sources.
    pub fn gaps(&self) -> usize {
        self.types.iter().map(|t| t.count(Reach::Gap)).sum()
    }

    /// Sources that bring nothing: not subscribed, disabled, forbidden, unlicensed.
    pub fn silent(&self) -> usize {
        self.types.iter().filter(|t| !t.standing.brings()).count()
    }
}

impl fmt::Display for Window {
    /// `2026-08-19T00:00:00Z to …: complete, 12 of 12 parts, 3,400 records, 5 again, 2 retries, 0 late`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} to {}: {}, {} of {} parts, {} records, {} again, {} retries, {} late",
            self.from.literal(),
            self.to.literal(),
            self.reach().word(),
            self.fetched,
            self.listed,
            self.records,
            self.duplicates,
            self.retries,
            self.late,
        )?;
        if self.timeless + self.nameless > 0 {
            write!(
                f,
                ", {} without time, {} without id",
                self.timeless, self.nameless
            )?;
        }
        for why in [&self.broken, &self.why].into_iter().flatten() {
            write!(f, "; {why}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(listed_at: i64) -> Window {
        Window {
            from: Ticks(0),
            to: Ticks(24 * HOUR),
            listed_at: Some(Ticks(listed_at)),
            listed: 3,
            fetched: 3,
            ..Window::default()
        }
    }

    #[test]
    fn s0_7_a_window_is_complete_only_when_listed_again_after_it_settled() {
        assert_eq!(window(24 * HOUR).reach(), Reach::Settling);
        assert_eq!(window(30 * HOUR - 1).reach(), Reach::Settling);
        assert_eq!(window(30 * HOUR).reach(), Reach::Complete);
        let late = |w: Window| w.reach();
        assert_eq!(
            late(Window {
                fetched: 2,
                ..window(40 * HOUR)
            }),
            Reach::Reading
        );
        assert_eq!(
            late(Window {
                torn: 1,
                ..window(40 * HOUR)
            }),
            Reach::Gap
        );
        let broken = Some("cut".to_owned());
        assert_eq!(
            late(Window {
                broken,
                ..window(40 * HOUR)
            }),
            Reach::Gap
        );
        assert_eq!(
            late(Window {
                fetched: 2,
                past: true,
                ..window(40 * HOUR)
            }),
            Reach::Gap
        );
        assert_eq!(
            late(Window {
                past: true,
                ..window(25 * HOUR)
            }),
            Reach::Gap
        );
        assert_eq!(Window::default().reach(), Reach::Waiting);
        let past = true;
        let unread = Window {
            past,
            ..Window::default()
        };
        assert_eq!(unread.reach(), Reach::Gap);
    }
}
