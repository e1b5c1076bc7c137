//! Where a query runs and over which time: plain data shared by a tab, its draft, the configuration and the backend.

use super::time::{DAY, HOUR, MINUTE, SECOND, Ticks};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What answers a query; names are those of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Advanced hunting of Defender XDR, over Graph.
    #[default]
    Defender,
    /// A Log Analytics workspace (Sentinel).
    Workspace(String),
    /// A database of a Data Explorer cluster.
    Explorer(String),
    /// A folder of streamed files.
    Archive(String),
    /// The lists on screen.
    Lists,
}

/// How long Defender keeps what it hunts in.
pub const DEFENDER_DAYS: i64 = 30;

impl Engine {
    /// Answered on this machine: nothing is sent and no quota is used.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::Archive(_) | Self::Lists)
    }

    /// Whether the service itself takes a range of time beside the query.
    pub fn takes_range(&self) -> bool {
        matches!(self, Self::Defender | Self::Workspace(_))
    }

    /// Rows at which the service cuts an answer; none where it does not.
    pub fn most_rows(&self) -> Option<u32> {
        match self {
            Self::Defender => Some(100_000),
            Self::Workspace(_) | Self::Explorer(_) => Some(500_000),
            Self::Archive(_) | Self::Lists => None,
        }
    }

    /// What becomes of a query that is not waited for any more.
    pub fn on_cancel(&self) -> &'static str {
        match self {
            Self::Defender => "stopped waiting; Defender cannot be told and may go on using quota",
            Self::Workspace(_) => "stopped waiting; Log Analytics cannot be told and may go on",
            Self::Explorer(_) => "stopped waiting; Data Explorer is told to stop the query",
            Self::Archive(_) | Self::Lists => "stopped",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Defender => f.write_str("Defender"),
            Self::Workspace(name) => write!(f, "workspace {name}"),
            Self::Explorer(name) => write!(f, "cluster {name}"),
            Self::Archive(name) => write!(f, "archive {name}"),
            Self::Lists => f.write_str("lists on screen"),
        }
    }
}

/// The time a query is run over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Range {
    /// Only what the query says itself.
    #[default]
    Query,
    /// This many ticks until now.
    Last(i64),
    /// From one instant to another, in ticks.
    Between(i64, i64),
}

impl Range {
    /// The instants it means, if it means any.
    pub fn bounds(self, now: Ticks) -> Option<(Ticks, Ticks)> {
        match self {
            Self::Query => None,
            Self::Last(span) => Some((Ticks(now.0.saturating_sub(span)), now)),
            Self::Between(from, to) => Some((Ticks(from), Ticks(to))),
        }
    }

    /// As the services take it: an ISO 8601 duration, or two instants.
    pub fn timespan(self) -> Option<String> {
        match self {
            Self::Query => None,
            Self::Last(span) if span % DAY == 0 => Some(format!("P{}D", span / DAY)),
            Self::Last(span) if span % HOUR == 0 => Some(format!("PT{}H", span / HOUR)),
            Self::Last(span) => Some(format!("PT{}M", (span / MINUTE).max(1))),
            Self::Between(from, to) => {
                Some(format!("{}/{}", Ticks(from).literal(), Ticks(to).literal()))
            }
        }
    }

    /// How far back it reaches.
    pub fn reach(self, now: Ticks) -> i64 {
        match self.bounds(now) {
            Some((from, _)) => now.0.saturating_sub(from.0),
            None => 0,
        }
    }

    /// Why Defender has nothing of a part of it.
    pub fn beyond(self, engine: &Engine, now: Ticks) -> Option<String> {
        let most = DEFENDER_DAYS * DAY;
        // the minute in which it was chosen is no reason
        let over = *engine == Engine::Defender && self.reach(now) > most + HOUR;
        over.then(|| {
            format!("Defender keeps {DEFENDER_DAYS} days; a workspace or an archive may have more")
        })
    }
}

/// A span in its largest whole unit: `7d`, `36h`, `90m`.
pub fn short_span(ticks: i64) -> String {
    for (unit, word) in [(DAY, 'd'), (HOUR, 'h'), (MINUTE, 'm')] {
        if ticks % unit == 0 && ticks >= unit {
            return format!("{}{word}", ticks / unit);
        }
    }
    format!("{}s", ticks / SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_as_the_services_read_them() {
        let now = Ticks::parse("2026-08-01T12:00:00Z").unwrap();
        let from = Ticks::parse("2026-07-01T00:00:00Z").unwrap();
        assert_eq!(Range::Query.timespan(), None);
        assert_eq!(Range::Last(7 * DAY).timespan().unwrap(), "P7D");
        assert_eq!(Range::Last(36 * HOUR).timespan().unwrap(), "PT36H");
        assert_eq!(Range::Last(90 * MINUTE).timespan().unwrap(), "PT90M");
        assert_eq!(
            Range::Between(from.0, now.0).timespan().unwrap(),
            "2026-07-01T00:00:00Z/2026-08-01T12:00:00Z"
        );
        assert!(
            Range::Between(from.0, now.0)
                .beyond(&Engine::Defender, now)
                .is_some()
        );
        assert!(
            Range::Between(from.0, now.0)
                .beyond(&Engine::Lists, now)
                .is_none()
        );
        assert!(
            Range::Last(30 * DAY)
                .beyond(&Engine::Defender, now)
                .is_none()
        );
    }
}
