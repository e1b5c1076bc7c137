//! Service enums. Members we do not know are kept as they came (`Other`), never dropped, never sent back as ours.

use super::key::Kind;
use std::cmp::Ordering;
use table::Text;

/// Declares an enum over wire words, compared without case, that keeps unknown members.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($member:ident = $word:literal $(| $old:literal)* ),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($member,)+ /// A member this version does not know.
            Other(Text) }

        impl $name {
            /// Every known member, weakest first where there is an order.
            pub const KNOWN: &'static [(&'static str, $name)] = &[$(($word, $name::$member)),+];

            /// Reads the service's word (any case, older spellings too).
            pub fn parse(word: &str) -> Self {
                $(if word.eq_ignore_ascii_case($word) $(|| word.eq_ignore_ascii_case($old))* { return Self::$member; })+
                Self::Other(Text::from(word))
            }

            /// The word of the wire; for an unknown member the exact word that came.
            pub fn word(&self) -> &str {
                match self { $(Self::$member => $word,)+ Self::Other(t) => t.txt().exact() }
            }

            /// The word of a known member, as a constant.
            pub fn known(&self) -> Option<&'static str> {
                match self { $(Self::$member => Some($word),)+ Self::Other(_) => None }
            }

            /// The place among the known members; unknown ones stand after all.
            pub fn rank(&self) -> usize {
                Self::KNOWN.iter().position(|(_, m)| m == self).unwrap_or(Self::KNOWN.len())
            }
        }

        impl PartialOrd for $name { fn partial_cmp(&self, o: &Self) -> Option<Ordering> { Some(self.cmp(o)) } }
        impl Ord for $name { fn cmp(&self, o: &Self) -> Ordering { self.rank().cmp(&o.rank()).then_with(|| self.word().cmp(o.word())) } }
    };
}

wire_enum!(
    /// Severity of incidents and alerts (`security.alertSeverity`; the Defender host writes it in PascalCase).
    Severity { Unknown = "unknown" | "unSpecified", Informational = "informational", Low = "low", Medium = "medium", High = "high" });
wire_enum!(
    /// `security.incidentStatus`; `redirected` means merged into another incident.
    IncidentStatus { Active = "active", InProgress = "inProgress", Resolved = "resolved", Redirected = "redirected", AwaitingAction = "awaitingAction" });
wire_enum!(
    /// `security.alertStatus`.
    AlertStatus { Unknown = "unknown", New = "new", InProgress = "inProgress", Resolved = "resolved" });
wire_enum!(
    /// `security.alertClassification`.
    Classification { Unknown = "unknown", FalsePositive = "falsePositive", TruePositive = "truePositive", InformationalExpectedActivity = "informationalExpectedActivity" });
wire_enum!(
    /// `security.alertDetermination`; the older spellings are read, never sent.
    Determination {
        Unknown = "unknown", Apt = "apt", Malware = "malware", SecurityPersonnel = "securityPersonnel", SecurityTesting = "securityTesting",
        UnwantedSoftware = "unwantedSoftware", Other_ = "other", MultiStagedAttack = "multiStagedAttack",
        CompromisedAccount = "compromisedAccount" | "compromisedUser", Phishing = "phishing", MaliciousUserActivity = "maliciousUserActivity",
        NotMalicious = "notMalicious" | "clean", NotEnoughDataToValidate = "notEnoughDataToValidate" | "insufficientData" | "noEnoughDataToValidate",
        ConfirmedActivity = "confirmedActivity" | "confirmedUserActivity", LineOfBusinessApplication = "lineOfBusinessApplication" });
wire_enum!(
    /// Risk of devices (`riskScore`) and users (`riskLevel`); `hidden` means the licence does not show it.
    Risk { None = "none", Informational = "informational", Hidden = "hidden", Low = "low", Medium = "medium", High = "high" });

/// The valid classification and determination pairs, with the letter that picks each in `c` and `d`.
/// Source: `security.alertDetermination` pages of both hosts; one table for every use.
pub const PAIRS: &[(char, Classification, Determination)] = &[
    ('t', Classification::TruePositive, Determination::Other_),
    ('m', Classification::TruePositive, Determination::Malware),
    (
        's',
        Classification::TruePositive,
        Determination::MultiStagedAttack,
    ),
    (
        'u',
        Classification::TruePositive,
        Determination::MaliciousUserActivity,
    ),
    (
        'a',
        Classification::TruePositive,
        Determination::CompromisedAccount,
    ),
    ('p', Classification::TruePositive, Determination::Phishing),
    (
        'w',
        Classification::TruePositive,
        Determination::UnwantedSoftware,
    ),
    (
        'f',
        Classification::FalsePositive,
        Determination::NotMalicious,
    ),
    (
        'n',
        Classification::FalsePositive,
        Determination::NotEnoughDataToValidate,
    ),
    ('o', Classification::FalsePositive, Determination::Other_),
    (
        'e',
        Classification::InformationalExpectedActivity,
        Determination::SecurityTesting,
    ),
    (
        'c',
        Classification::InformationalExpectedActivity,
        Determination::ConfirmedActivity,
    ),
    (
        'l',
        Classification::InformationalExpectedActivity,
        Determination::LineOfBusinessApplication,
    ),
    (
        'i',
        Classification::InformationalExpectedActivity,
        Determination::Other_,
    ),
];

/// The statuses a person may set, each with the letter that picks it. Others come from the service only.
pub fn statuses(kind: Kind) -> &'static [(char, &'static str)] {
    match kind {
        Kind::Incident => &[('a', "active"), ('i', "inProgress"), ('r', "resolved")],
        Kind::Alert => &[('n', "new"), ('i', "inProgress"), ('r', "resolved")],
        _ => &[],
    }
}

/// A member in plain words: `truePositive` is `true positive`.
pub fn plain(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 4);
    for c in word.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Service sources with the short word of the filter (`src:mde`) and the product's name.
pub const SOURCES: &[(&str, &str, &str)] = &[
    (
        "microsoftDefenderForEndpoint",
        "mde",
        "Defender for Endpoint",
    ),
    (
        "microsoftDefenderForIdentity",
        "mdi",
        "Defender for Identity",
    ),
    (
        "microsoftDefenderForCloudApps",
        "mdca",
        "Defender for Cloud Apps",
    ),
    (
        "microsoftDefenderForOffice365",
        "mdo",
        "Defender for Office 365",
    ),
    ("microsoft365Defender", "xdr", "Defender XDR"),
    ("azureAdIdentityProtection", "eip", "Entra ID Protection"),
    ("microsoftAppGovernance", "appgov", "app governance"),
    ("dataLossPrevention", "dlp", "Purview DLP"),
    ("microsoftDefenderForCloud", "mdc", "Defender for Cloud"),
    ("microsoftSentinel", "sentinel", "Sentinel"),
    (
        "microsoftInsiderRiskManagement",
        "irm",
        "Insider Risk Management",
    ),
    ("microsoftThreatIntelligence", "ti", "Threat Intelligence"),
    ("microsoftSecurityForAI", "ai", "Security for AI"),
];

/// The short word of a source; a source we do not know is its own word.
pub fn source_short(raw: &str) -> &str {
    SOURCES
        .iter()
        .find(|(word, ..)| word.eq_ignore_ascii_case(raw))
        .map_or(raw, |(_, short, _)| short)
}

/// The product's name; a source we do not know is its own name.
pub fn source_name(raw: &str) -> &str {
    SOURCES
        .iter()
        .find(|(word, ..)| word.eq_ignore_ascii_case(raw))
        .map_or(raw, |(.., name)| name)
}

/// The service's word for a short one: `mde` is `microsoftDefenderForEndpoint`.
pub fn source_of_short(short: &str) -> Option<&'static str> {
    SOURCES
        .iter()
        .find(|(_, s, _)| s.eq_ignore_ascii_case(short))
        .map(|(word, ..)| *word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_members_keep_their_word_and_case_does_not_matter() {
        assert_eq!(Severity::parse("HIGH"), Severity::High);
        assert_eq!(
            Determination::parse("CompromisedUser"),
            Determination::CompromisedAccount
        );
        let odd = IncidentStatus::parse("paused");
        assert_eq!(odd.word(), "paused");
        assert!(
            odd > IncidentStatus::Redirected,
            "unknown members stand after the known ones"
        );
    }

    #[test]
    fn pair_letters_differ() {
        for (n, (letter, ..)) in PAIRS.iter().enumerate() {
            assert!(
                PAIRS[n + 1..].iter().all(|(l, ..)| l != letter),
                "{letter} twice"
            );
        }
    }
}
