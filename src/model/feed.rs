//! What was read of the activity feed, window by window: the proof of completeness that the screen shows and exports carry.

use super::Ticks;
use super::time::HOUR;
use std::fmt;
use table::Text;

/// Blobs may be listed late: a window counts as complete only when it was listed whole again this long after its end.
pub const SETTLE: i64 = 6 * HOUR;

/// How a content type stands at the service.
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
}

impl Standing {
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::None => "notStarted",
            Self::Forbidden => "forbidden",
        }
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

/// What was read of one content type between two instants of writing (`contentCreated`, not event time).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    pub from: Ticks,
    pub to: Ticks,
    /// When the last listing that came to its end began.
    pub listed_at: Option<Ticks>,
    /// Why the last listing did not come to its end.
    pub broken: Option<String>,
    /// Blobs that were listed.
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
}

impl Window {
    /// What may be said of it.
    pub fn reach(&self) -> Reach {
        let Some(at) = self.listed_at else {
            return match self.broken {
                Some(_) => Reach::Gap,
                None => Reach::Waiting,
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

/// One content type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub name: Text,
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
            other => other.strip_prefix("Audit.").unwrap_or(other).to_owned(),
        }
    }
}

/// Everything that is known of the feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    pub types: Vec<Content>,
    pub as_of: Option<Ticks>,
}

impl Ledger {
    /// Windows with something missing, over all types that are subscribed to.
    pub fn gaps(&self) -> usize {
        self.types.iter().map(|t| t.count(Reach::Gap)).sum()
    }

    /// Types that bring nothing: not subscribed, disabled, forbidden.
    pub fn silent(&self) -> usize {
        self.types
            .iter()
            .filter(|t| !matches!(t.standing, Standing::Enabled | Standing::Unknown))
            .count()
    }
}

impl fmt::Display for Window {
    /// `2026-08-19T00:00:00Z to …: complete, 12 of 12 blobs, 3,400 records, 5 again, 2 retries, 0 late`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} to {}: {}, {} of {} blobs, {} records, {} again, {} retries, {} late",
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
    }
}
