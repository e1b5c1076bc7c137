//! A part of the logs: between two instants, of some sources. What was read of it is cut out of the whole ledger, and
//! whether that is all of it is told in one sentence.

use super::Ticks;
use super::feed::{Content, Ledger, Reach, SETTLE, Source, Standing, Window};
use table::Text;

/// Gaps that are named one by one.
const NAMED: usize = 3;

/// Which part of the logs is meant, by when things happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// None: as far back as the service keeps.
    pub from: Option<Ticks>,
    /// The first instant after it.
    pub to: Option<Ticks>,
    /// Content types and other sources by their full or short names, in any case; none: all.
    pub types: Vec<String>,
}

impl Span {
    /// Whether something that happened in it may have been written between these instants: also some hours after its end.
    pub fn touches(&self, from: Ticks, to: Ticks) -> bool {
        self.from.is_none_or(|own| to > own)
            && (self.to).is_none_or(|own| from.0 < own.0.saturating_add(SETTLE))
    }

    /// Whether a content type is meant.
    pub fn wants(&self, name: &Text) -> bool {
        let one = Content {
            name: name.clone(),
            ..Content::default()
        };
        self.types.is_empty() || self.types.iter().any(|t| is_called(&one, t))
    }

    /// Whether everything of it was read as far as it can be: whatever has a gap now has it for a while.
    pub fn is_read(&self, ledger: &Ledger) -> bool {
        let wants = |name: &str| self.wants(&Text::from(name));
        let paged = [Source::SIGN_INS, Source::AUDITS]
            .into_iter()
            .filter(|n| wants(n));
        let read = |name: &str| {
            let found = ledger.types.iter().find(|t| t.name.txt().exact() == name);
            found.is_some_and(|t| match t.standing {
                Standing::Unknown => false,
                Standing::Enabled => {
                    let part = |w: &&Window| self.touches(w.from, w.to);
                    let mut windows = t.windows.iter().filter(part);
                    !windows.any(|w| matches!(w.reach(), Reach::Waiting | Reach::Reading))
                }
                _ => true,
            })
        };
        (!self.wants_feed() || ledger.as_of.is_some()) && paged.into_iter().all(read)
    }

    /// Whether content types of the feed are among what is meant.
    pub fn wants_feed(&self) -> bool {
        let paged = [Source::SIGN_INS, Source::AUDITS].map(|name| Content {
            name: name.into(),
            ..Content::default()
        });
        self.types.is_empty() || (self.types.iter()).any(|t| !paged.iter().any(|p| is_called(p, t)))
    }

    /// What was read of it.
    pub fn cut(&self, ledger: &Ledger) -> Ledger {
        let part = |content: &Content| Content {
            windows: (content.windows.iter())
                .filter(|w| self.touches(w.from, w.to))
                .cloned()
                .collect(),
            ..content.clone()
        };
        Ledger {
            types: (ledger.types.iter())
                .filter(|t| self.wants(&t.name))
                .map(part)
                .collect(),
            as_of: ledger.as_of,
        }
    }

    /// A content type that was named and that nobody knows.
    pub fn stranger(&self, ledger: &Ledger) -> Option<&str> {
        let known = |name: &&String| ledger.types.iter().any(|t| is_called(t, name));
        self.types.iter().find(|t| !known(t)).map(String::as_str)
    }

    /// Why what the ledger tells of it is not all; none: every window of it is complete. `ledger` is what `cut` gave.
    pub fn short_of(&self, ledger: &Ledger) -> Option<String> {
        let mut said = Vec::new();
        let fed = ledger.types.iter().any(|t| t.source == Source::Feed);
        if ledger.as_of.is_none() && (fed || ledger.types.is_empty()) {
            said.push("the logs were not read to their end yet".to_owned());
        }
        let (mut gaps, mut open, mut settling) = (Vec::new(), 0, 0);
        let (mut closed, mut sure) = (Vec::new(), None);
        for content in &ledger.types {
            let name = content.short();
            match content.standing {
                Standing::Unknown if ledger.as_of.is_some() && !self.types.is_empty() => {
                    closed.push(format!("{name} was not asked for"));
                }
                Standing::Unknown => continue,
                standing if standing.brings() => {}
                // what nobody subscribed to, or may read, is missing where it was asked for by name
                _ if is_absent(content) && self.types.is_empty() => continue,
                _ => closed.push(told(content)),
            }
            for window in &content.windows {
                match window.reach() {
                    Reach::Complete => {}
                    Reach::Gap => gaps.push((name.clone(), window)),
                    Reach::Settling => {
                        settling += 1;
                        sure = sure.max(Some(Ticks(window.to.0.saturating_add(SETTLE))));
                    }
                    Reach::Waiting | Reach::Reading => open += 1,
                }
            }
        }
        for (name, window) in gaps.iter().take(NAMED) {
            let why = window.broken.as_ref().or(window.why.as_ref());
            let why = why.map_or_else(String::new, |w| format!(" ({w})"));
            let from = window.from.literal();
            said.push(format!("gap in {name} of the day from {from}{why}"));
        }
        if gaps.len() > NAMED {
            said.push(format!("{} more gaps", gaps.len() - NAMED));
        }
        said.extend(closed);
        if open > 0 {
            said.push(format!("{open} windows are not read yet"));
        }
        if let Some(sure) = sure {
            said.push(format!(
                "{settling} windows may still grow, the last until {}",
                sure.literal()
            ));
        }
        (!said.is_empty()).then(|| said.join("; "))
    }

    /// What is not in it although somebody might look for it there: sources that nobody subscribed to or may read.
    pub fn silent(&self, ledger: &Ledger) -> Vec<String> {
        let silent = ledger.types.iter().filter(|t| is_absent(t));
        silent
            .map(|t| format!("nothing of this is among them: {}", told(t)))
            .collect()
    }
}

/// Nothing of it can be expected.
fn is_absent(content: &Content) -> bool {
    use Standing::{Forbidden, None, Unlicensed};
    matches!(content.standing, None | Forbidden | Unlicensed)
}

/// `DLP: nothing subscribed to it; start it`
fn told(content: &Content) -> String {
    let why = match content.trouble.as_str() {
        "" => content.standing.word(),
        why => why,
    };
    format!("{}: {why}", content.short())
}

/// `Audit.Exchange`, `exchange`; `Audit.AzureActiveDirectory`, `AzureActiveDirectory`, `entra`.
fn is_called(content: &Content, word: &str) -> bool {
    let name = content.name.txt().exact();
    let bare = name.strip_prefix("Audit.").unwrap_or(name);
    [name, bare, &content.short()]
        .iter()
        .any(|n| n.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::{DAY, HOUR};

    fn ledger() -> Ledger {
        let now = 20_000 * DAY + 12 * HOUR;
        let window = |n: i64| Window {
            from: Ticks((20_000 - n) * DAY),
            to: Ticks((20_001 - n) * DAY),
            listed_at: Some(Ticks(now)),
            listed: 2,
            fetched: 2,
            ..Window::default()
        };
        let one = |name: &str, standing| Content {
            name: name.into(),
            standing,
            trouble: "nothing subscribed to it; start it".into(),
            windows: (0..4).map(window).collect(),
            ..Content::default()
        };
        Ledger {
            types: vec![
                one("Audit.Exchange", Standing::Enabled),
                one("Audit.AzureActiveDirectory", Standing::Enabled),
                Content {
                    windows: Vec::new(),
                    ..one("DLP.All", Standing::None)
                },
            ],
            as_of: Some(Ticks(now)),
        }
    }

    fn days(from: i64, to: i64, types: &[&str]) -> Span {
        Span {
            from: Some(Ticks((20_000 - from) * DAY)),
            to: Some(Ticks((20_000 - to) * DAY)),
            types: types.iter().map(|t| (*t).to_owned()).collect(),
        }
    }

    #[test]
    fn s0_7_a_range_is_complete_only_when_every_window_it_may_be_written_in_is() {
        let all = ledger();
        let span = days(3, 1, &[]);
        let cut = span.cut(&all);
        // the day after its end, too: what happened last may be written then
        assert_eq!(cut.types[0].windows.len(), 3);
        assert_eq!(span.short_of(&cut), None);
        assert_eq!(span.silent(&cut).len(), 1, "DLP is not hidden");
        let open = days(2, 0, &[]);
        let why = open.short_of(&open.cut(&all)).unwrap();
        assert!(
            why.starts_with("2 windows may still grow, the last until "),
            "{why}"
        );
        let mut torn = all.clone();
        torn.types[1].windows[2].torn = 1;
        torn.types[1].windows[2].why = Some("it is not JSON".into());
        let why = span.short_of(&span.cut(&torn)).unwrap();
        assert!(
            why.contains("gap in Entra") && why.contains("not JSON"),
            "{why}"
        );
        let other = days(3, 1, &["exchange"]);
        assert_eq!(other.short_of(&other.cut(&torn)), None, "not its gap");
        torn.types[0].standing = Standing::Disabled;
        assert!(other.short_of(&other.cut(&torn)).is_some());
        torn.as_of = None;
        assert!(
            span.short_of(&span.cut(&torn))
                .unwrap()
                .contains("not read to their end")
        );
    }

    #[test]
    fn content_types_go_by_their_short_names_too_and_strangers_are_named() {
        let all = ledger();
        for (word, name) in [
            ("entra", "Audit.AzureActiveDirectory"),
            ("azureactivedirectory", "Audit.AzureActiveDirectory"),
            ("audit.exchange", "Audit.Exchange"),
            ("dlp", "DLP.All"),
        ] {
            let cut = days(3, 1, &[word]).cut(&all);
            let names: Vec<_> = cut.types.iter().map(|t| t.name.txt().exact()).collect();
            assert_eq!(names, [name], "{word}");
        }
        assert_eq!(days(3, 1, &["dlp", "holo"]).stranger(&all), Some("holo"));
        let asked = days(3, 1, &["dlp"]);
        let why = asked.short_of(&asked.cut(&all)).unwrap();
        assert!(why.contains("DLP: nothing subscribed"), "{why}");
    }
}
