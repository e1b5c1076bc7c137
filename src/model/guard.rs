//! What this tenant's configuration and policy forbid or slow down, beside what its roles allow.

use super::Key;

/// Where the policy of this machine is, if there is one. Not a setting: whoever could move it could leave it behind.
pub const POLICY: &str = "/etc/watchfloor/policy.toml";

/// Rules about targets and switches of our own. Read by prompts, and again by the backend right before sending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guards {
    /// These are never acted on. By id only: names are in other people's hands.
    pub never: Vec<Never>,
    /// Names, tags or ids (lower case, `*` at either end) that raise a prompt to tier 3.
    pub careful: Vec<String>,
    /// Built-in refusals that policy lifts, by their names.
    pub lifted: Vec<String>,
    /// Isolating devices is switched on for this tenant.
    pub isolation: bool,
    /// Stopping and quarantining files is switched on for this tenant.
    pub quarantine: bool,
    /// Tiers 2 and 3 want a reason.
    pub reason: bool,
    /// The computer that this runs on, as far as it is known.
    pub here: Option<Here>,
    /// Verbs of tiers 2 and 3 that the policy of this machine allows without a screen.
    pub headless: Vec<String>,
    /// Switches that the policy of this machine holds off, whatever a tenant's table says.
    pub held_off: Vec<Switch>,
}

/// The computer that this runs on, as a machine's record may tell of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Here {
    /// First label of the host name, lower case.
    pub name: String,
    /// Hardware addresses of its network cards, 12 lower-case hex digits each.
    pub cards: Vec<String>,
}

/// One entry of the *never* list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Never {
    pub key: Key,
    /// What the list calls it (`break-glass`).
    pub rule: String,
}

/// Our own switches (S4-9, S4-10): off until set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    Isolation,
    Quarantine,
}

impl Switch {
    /// The setting of `[tenant.NAME]`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Isolation => "isolation",
            Self::Quarantine => "quarantine",
        }
    }
}

impl Guards {
    pub fn on(&self, switch: Switch) -> bool {
        let set = match switch {
            Switch::Isolation => self.isolation,
            Switch::Quarantine => self.quarantine,
        };
        set && !self.held_off.contains(&switch)
    }

    /// Why a switch is off, and who could change that.
    pub fn off(&self, switch: Switch, tenant: &str) -> String {
        let word = switch.word();
        match self.held_off.contains(&switch) {
            true => format!("{word} is locked off by {POLICY}"),
            false => {
                format!(
                    "our own switch is off: set `{word} = true` in [tenant.{tenant}] of config.toml"
                )
            }
        }
    }

    /// The rule that forbids this target.
    pub fn never(&self, key: &Key) -> Option<&str> {
        let same = |n: &&Never| {
            n.key.kind == key.kind
                && (n.key.id.txt().exact()).eq_ignore_ascii_case(key.id.txt().exact())
        };
        self.never.iter().find(same).map(|n| n.rule.as_str())
    }

    /// The entry of the *careful* list that one of these words (id, name, tags) meets.
    pub fn careful<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Option<&str> {
        let words: Vec<String> = words.into_iter().map(str::to_lowercase).collect();
        let meets = |rule: &&String| {
            let bare = rule.trim_matches('*');
            words
                .iter()
                .any(|w| match (rule.starts_with('*'), rule.ends_with('*')) {
                    (true, true) => w.contains(bare),
                    (true, false) => w.ends_with(bare),
                    (false, true) => w.starts_with(bare),
                    (false, false) => w == bare,
                })
        };
        self.careful.iter().find(meets).map(String::as_str)
    }

    /// Policy lifted this built-in refusal.
    pub fn lifts(&self, rule: &str) -> bool {
        self.lifted.iter().any(|l| l == rule)
    }
}

/// The word for where a write stands, the same on screen, in the record and in the list of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stand {
    Sent,
    Accepted,
    Pending,
    InProgress,
    Succeeded,
    Failed,
    Unknown,
    NotSent,
}

impl Stand {
    pub const ALL: &'static [Stand] = &[
        Self::Sent,
        Self::Accepted,
        Self::Pending,
        Self::InProgress,
        Self::Succeeded,
        Self::Failed,
        Self::Unknown,
        Self::NotSent,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Pending => "pending",
            Self::InProgress => "in progress",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotSent => "not sent",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.word() == word)
    }

    /// Nothing more is expected of it.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Failed | Self::Unknown | Self::NotSent
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn ids_refuse_and_words_raise() {
        let guards = Guards {
            never: vec![Never {
                key: Key::new(Kind::User, "AB-1"),
                rule: "break-glass".into(),
            }],
            careful: vec![
                "dc*".into(),
                "*-sql".into(),
                "*prod*".into(),
                "pay01".into(),
            ],
            ..Guards::default()
        };
        assert_eq!(
            guards.never(&Key::new(Kind::User, "ab-1")),
            Some("break-glass")
        );
        assert_eq!(guards.never(&Key::new(Kind::Device, "ab-1")), None);
        for (word, rule) in [
            ("DC01", Some("dc*")),
            ("hr-SQL", Some("*-sql")),
            ("a-prod-b", Some("*prod*")),
            ("pay01", Some("pay01")),
            ("pay011", None),
            ("", None),
        ] {
            assert_eq!(guards.careful([word]), rule, "{word}");
        }
    }
}
