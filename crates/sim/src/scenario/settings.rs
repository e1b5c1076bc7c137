//! How the tenant's services are set: what the pages leave open, or say both ways, is a switch here.
//!
//! ```toml
//! [tenant]
//! duplicates = "existing"        # a second action of a kind while one runs: "refused" (400, the default) or the running one is returned
//! unknown-keys = "refused"       # body keys that no page of an action names, ExternalId among them: "ignored" is the default
//! mac-isolation = false          # macOS can be isolated (true)
//! action-list-delay = "90s"      # new actions are missing from the list for so long (0)
//! action-pace = 0.1              # stretches the usual waiting and running of actions (1)
//! offline = ["srv-web-01"]       # devices that cannot be reached, by host label, DNS name or id
//! directory-lag = "1s"           # a write on a user is read back after this (1s; at once where the clock stands still)
//! audit-lag = "1m"               # the directory's audit shows a write after this (20s; at once where the clock stands still)
//! risk-lag = "10s"               # a risky user is being processed for so long (5s; at once where the clock stands still)
//! sync-interval = "30m"          # how often Active Directory is synchronized to the directory
//! app-roles = []                 # directory roles of the application (User Administrator)
//! mail-lag = "5m"                # a remediated message shows it after this (2m; at once where the clock stands still)
//! auditing = false               # the tenant's audit log is off: the activity feed says that the tenant does not exist (true)
//! feed-types = ["Audit.Exchange"] # content types that are subscribed to at first (all but DLP.All); "Audit.Holograms" is one of the future
//! feed-disabled = ["DLP.All"]    # subscriptions that somebody else disabled
//! feed-first = "12h"             # a new subscription lists its first blobs after this (20m; at once where the clock stands still)
//! feed-late = "2h"               # every 50th blob is listed so long after it was written (never)
//! feed-page = 50                 # blobs on a page of a listing (200)
//! unlicensed = ["vulnerability-management"] # licences the tenant lacks: also secure-score, audit-search, service-health, cloud-apps, entra-p1 (no sign-ins)
//! healthy = true                 # no service has an issue that goes on (false)
//! score-missing = 3              # the newest days have no secure score yet (0)
//! vanished-controls = ["OneAdmin"] # controls whose profiles are gone
//! search-lag = "5m"              # an audit search runs so long (90s; at once where the clock stands still)
//! search-fails = 2               # so many audit searches fail before one succeeds (0)
//! old-determinations = true      # alerts take the four older spellings too (false)
//! ```

use jiff::SignedDuration;
use serde::Deserialize;

/// One of two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Duplicates {
    Refused,
    Existing,
}

/// What becomes of keys nobody documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UnknownKeys {
    Ignored,
    Refused,
}

/// The switches.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Settings {
    pub duplicates: Duplicates,
    pub unknown_keys: UnknownKeys,
    pub mac_isolation: bool,
    #[serde(deserialize_with = "duration")]
    pub action_list_delay: SignedDuration,
    pub action_pace: f64,
    pub offline: Vec<String>,
    #[serde(deserialize_with = "some_duration")]
    directory_lag: Option<SignedDuration>,
    #[serde(deserialize_with = "some_duration")]
    audit_lag: Option<SignedDuration>,
    #[serde(deserialize_with = "some_duration")]
    risk_lag: Option<SignedDuration>,
    #[serde(deserialize_with = "some_duration")]
    mail_lag: Option<SignedDuration>,
    #[serde(deserialize_with = "duration")]
    pub sync_interval: SignedDuration,
    pub app_roles: Vec<String>,
    pub old_determinations: bool,
    pub auditing: bool,
    pub healthy: bool,
    pub score_missing: i64,
    pub vanished_controls: Vec<String>,
    #[serde(deserialize_with = "some_duration")]
    search_lag: Option<SignedDuration>,
    pub search_fails: u64,
    pub unlicensed: Vec<String>,
    pub feed_types: Vec<String>,
    pub feed_disabled: Vec<String>,
    #[serde(deserialize_with = "some_duration")]
    feed_first: Option<SignedDuration>,
    #[serde(deserialize_with = "duration")]
    pub feed_late: SignedDuration,
    pub feed_page: usize,
    /// The clock stands still: what was not set explicitly shows at once, since it never would.
    #[serde(skip)]
    pub still: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            duplicates: Duplicates::Refused,
            unknown_keys: UnknownKeys::Ignored,
            mac_isolation: true,
            action_list_delay: SignedDuration::ZERO,
            action_pace: 1.0,
            offline: Vec::new(),
            directory_lag: None,
            audit_lag: None,
            risk_lag: None,
            mail_lag: None,
            sync_interval: SignedDuration::from_mins(30),
            app_roles: vec!["User Administrator".to_owned()],
            old_determinations: false,
            auditing: true,
            healthy: false,
            score_missing: 0,
            vanished_controls: Vec::new(),
            search_lag: None,
            search_fails: 0,
            unlicensed: Vec::new(),
            feed_types: ["AzureActiveDirectory", "Exchange", "SharePoint", "General"]
                .map(|t| format!("Audit.{t}"))
                .to_vec(),
            feed_disabled: Vec::new(),
            feed_first: None,
            feed_late: SignedDuration::ZERO,
            feed_page: 200,
            still: false,
        }
    }
}

impl Settings {
    fn lag(&self, set: Option<SignedDuration>, usual: i64) -> SignedDuration {
        let usual = if self.still { 0 } else { usual };
        set.unwrap_or(SignedDuration::from_secs(usual))
    }

    /// From a write on a user to its being read.
    pub fn directory_lag(&self) -> SignedDuration {
        self.lag(self.directory_lag, 1)
    }

    /// From a write to its line in the directory's audit.
    pub fn audit_lag(&self) -> SignedDuration {
        self.lag(self.audit_lag, 20)
    }

    /// From a word on a user's risk to its effect.
    pub fn risk_lag(&self) -> SignedDuration {
        self.lag(self.risk_lag, 5)
    }

    /// From a remediation to the message being elsewhere.
    pub fn mail_lag(&self) -> SignedDuration {
        self.lag(self.mail_lag, 120)
    }

    /// From an audit search's creation to its end.
    pub fn search_lag(&self) -> SignedDuration {
        self.lag(self.search_lag, 90)
    }

    /// Does the tenant lack a licence?
    pub fn lacks(&self, licence: &str) -> bool {
        self.unlicensed.iter().any(|l| l == licence)
    }

    /// From the start of a subscription to its first blobs.
    pub fn feed_first(&self) -> SignedDuration {
        self.lag(self.feed_first, 20 * 60)
    }

    /// Can a device not be reached, going by its name or id?
    pub fn is_offline(&self, id: &str, name: &str) -> bool {
        let label = name.split('.').next().unwrap_or(name);
        self.offline.iter().any(|o| {
            [id, name, label]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(o))
        })
    }
}

fn duration<'de, D: serde::Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
    let text = String::deserialize(from)?;
    let parsed: SignedDuration = text.parse().map_err(serde::de::Error::custom)?;
    Ok(parsed.max(SignedDuration::ZERO))
}

fn some_duration<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<SignedDuration>, D::Error> {
    duration(from).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_shows_at_once_where_the_clock_stands() {
        let mut settings: Settings = toml::from_str("audit-lag = \"3m\"").unwrap();
        assert_eq!(settings.directory_lag(), SignedDuration::from_secs(1));
        settings.still = true;
        assert_eq!(settings.directory_lag(), SignedDuration::ZERO);
        assert_eq!(settings.audit_lag(), SignedDuration::from_mins(3));
    }

    #[test]
    fn devices_are_named_as_people_name_them() {
        let settings: Settings = toml::from_str("offline = [\"SRV-WEB-01\"]").unwrap();
        assert!(settings.is_offline("ab", "srv-web-01.corp.contoso.com"));
        assert!(!settings.is_offline("ab", "srv-web-010.corp.contoso.com"));
    }
}
