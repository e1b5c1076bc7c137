//! The ordered words of ranked columns, weakest first: (Microsoft's word, the short form of screen and filter).
//! Words that are not here are kept as they came and stand behind all of these.

/// An ordered set of words.
pub type Words = &'static [(&'static str, &'static str)];

/// `security.alertSeverity`.
pub const SEVERITY: Words = &[
    ("unknown", "unk"),
    ("informational", "info"),
    ("low", "low"),
    ("medium", "med"),
    ("high", "high"),
];

/// `security.incidentStatus`, from what calls for work to what is over.
pub const INCIDENT_STATUS: Words = &[
    ("active", "active"),
    ("awaitingAction", "await"),
    ("inProgress", "inProg"),
    ("resolved", "done"),
    ("redirected", "merged"),
];

/// `security.alertStatus`.
pub const ALERT_STATUS: Words = &[
    ("unknown", "unk"),
    ("new", "new"),
    ("inProgress", "inProg"),
    ("resolved", "done"),
];

/// `security.alertClassification`.
pub const CLASSIFICATION: Words = &[
    ("unknown", "unset"),
    ("falsePositive", "fp"),
    ("informationalExpectedActivity", "expect"),
    ("truePositive", "tp"),
];

/// What else people say for a classification.
pub const CLASSIFICATION_SAYS: Words = &[
    ("benign", "informationalExpectedActivity"),
    ("expected", "informationalExpectedActivity"),
    ("notSet", "unknown"),
];

/// `security.alertDetermination`.
pub const DETERMINATION: Words = &[
    ("unknown", "unset"),
    ("notMalicious", "clean"),
    ("notEnoughDataToValidate", "nodata"),
    ("confirmedActivity", "confirm"),
    ("lineOfBusinessApplication", "lob"),
    ("securityTesting", "test"),
    ("securityPersonnel", "redteam"),
    ("other", "other"),
    ("unwantedSoftware", "pua"),
    ("phishing", "phish"),
    ("maliciousUserActivity", "insider"),
    ("malware", "malware"),
    ("compromisedAccount", "account"),
    ("multiStagedAttack", "multi"),
    ("apt", "apt"),
];

/// `riskScore` of the Defender host, and the combined level of ours.
pub const RISK: Words = &[
    ("None", "none"),
    ("Informational", "info"),
    ("Low", "low"),
    ("Medium", "med"),
    ("High", "high"),
];

/// The combined level of a device (`risk::combined`).
pub const COMBINED: Words = &[
    ("None", "none"),
    ("Low", "low"),
    ("Medium", "med"),
    ("High", "high"),
    ("Critical", "crit"),
];

/// `exposureLevel` of the Defender host.
pub const EXPOSURE: Words = &[
    ("None", "none"),
    ("Low", "low"),
    ("Medium", "med"),
    ("High", "high"),
];

/// `healthStatus` of the Defender host, from sound to silent.
pub const HEALTH: Words = &[
    ("Active", "active"),
    ("Inactive", "inactv"),
    ("ImpairedCommunication", "impair"),
    ("NoSensorData", "nodata"),
    ("NoSensorDataImpairedCommunication", "silent"),
    ("Unknown", "unk"),
];

/// `onboardingStatus` of the Defender host.
pub const ONBOARDING: Words = &[
    ("InsufficientInfo", "noinfo"),
    ("Unsupported", "unsup"),
    ("CanBeOnboarded", "can"),
    ("Onboarded", "yes"),
];

/// `deviceValue` of the Defender host.
pub const VALUE: Words = &[("Low", "low"), ("Normal", "norm"), ("High", "high")];

/// `riskLevel` of Identity Protection; `hidden` means the licence does not show it.
pub const USER_RISK: Words = &[
    ("none", "none"),
    ("hidden", "hidden"),
    ("low", "low"),
    ("medium", "med"),
    ("high", "high"),
];

/// `riskState` of Identity Protection.
pub const RISK_STATE: Words = &[
    ("none", "none"),
    ("confirmedSafe", "safe"),
    ("dismissed", "dismis"),
    ("remediated", "fixed"),
    ("atRisk", "atRisk"),
    ("confirmedCompromised", "compr"),
];

/// States of a machine action, from what calls for a look to what is over.
pub const ACTION_STATUS: Words = &[
    ("Succeeded", "done"),
    ("Cancelled", "cancel"),
    ("TimeOut", "timeout"),
    ("Failed", "failed"),
    ("InProgress", "runs"),
    ("Pending", "pending"),
];

/// Where an indicator comes from and what it does there: Cloud Apps pushes rows of its own.
pub const INDICATOR_ORIGIN: Words = &[
    ("hand", "hand"),
    ("cloudApps", "apps"),
    ("risky", "risky"),
    ("unsanctioned", "unsanc"),
];

/// What an indicator does, from letting through to removing.
pub const INDICATOR_ACTION: Words = &[
    ("Allowed", "allow"),
    ("Audit", "audit"),
    ("Alert", "alert"),
    ("Warn", "warn"),
    ("Block", "block"),
    ("AlertAndBlock", "a+block"),
    ("BlockAndRemediate", "remed"),
];

/// Severity of the alerts that an indicator raises.
pub const INDICATOR_SEVERITY: Words = &[
    ("Informational", "info"),
    ("Low", "low"),
    ("Medium", "med"),
    ("High", "high"),
];

/// What became of an alert of Cloud Apps, from what calls for work to what is over; the service has numbers, whose place
/// in `RESOLUTIONS` is theirs.
pub const CLOUD_STATUS: Words = &[
    ("open", "open"),
    ("dismissed", "dismis"),
    ("resolved", "done"),
    ("benign", "benign"),
    ("falsePositive", "fp"),
    ("truePositive", "tp"),
];
/// Words of `resolutionStatusValue` by number.
pub const RESOLUTIONS: &[&str] = &[
    "open",
    "dismissed",
    "resolved",
    "falsePositive",
    "benign",
    "truePositive",
];

/// Severity of a vulnerability.
pub const WEAKNESS: Words = &[
    ("Low", "low"),
    ("Medium", "med"),
    ("High", "high"),
    ("Critical", "crit"),
];

/// `exploitabilityLevel` of the Defender host.
pub const EXPLOIT: Words = &[
    ("NoExploit", "no"),
    ("ExploitIsPublic", "public"),
    ("ExploitIsVerified", "verified"),
    ("ExploitIsInKit", "in kit"),
];

/// Cost and user impact of a control of the secure score.
pub const EFFORT: Words = &[("Low", "low"), ("Moderate", "mod"), ("High", "high")];

/// States of a control that can be set, from what calls for work to what is over. The portal's words are in
/// `posture::STATES`.
pub const CONTROL_STATE: Words = &[
    ("Ignored", "accept"),
    ("ThirdParty", "third"),
    ("Reviewed", "mitig"),
    ("Default", "todo"),
];

/// Where a device's profile comes from.
pub const CERTAINTY: Words = &[
    ("unknown", "unk"),
    ("inferred", "infer"),
    ("defender", "mde"),
];

/// The word of a set that the service meant, in its canonical spelling; another word comes back as it came.
pub fn canonical(words: Words, text: &str) -> &str {
    words
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text))
        .map_or(text, |(word, _)| word)
}
