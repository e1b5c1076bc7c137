//! What was consented to, per service: named sets and lists, and how one permission implies another.
//!
//! Application roles and delegated scopes share these names, except that Defender's scopes drop `.All` (User, File, Ip and Url keep it).

use std::collections::BTreeSet;

/// The API a permission belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Api {
    Graph,
    Defender,
    Xdr,
    Office,
    CloudApps,
    LogAnalytics,
    Adx,
    Arm,
}

/// Permissions of Graph that the simulator's paths look at.
pub(crate) const GRAPH: &[&str] = &[
    "SecurityIncident.Read.All",
    "SecurityIncident.ReadWrite.All",
    "SecurityAlert.Read.All",
    "SecurityAlert.ReadWrite.All",
    "ThreatHunting.Read.All",
    "SecurityEvents.Read.All",
    "SecurityEvents.ReadWrite.All",
    "User.Read",
    "User.ReadBasic.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "User.EnableDisableAccount.All",
    "User.RevokeSessions.All",
    "User-PasswordProfile.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "GroupMember.Read.All",
    "Group.Read.All",
    "RoleManagement.Read.Directory",
    "Device.Read.All",
    "Device.ReadWrite.All",
    "Organization.Read.All",
    "Application.Read.All",
    "DelegatedPermissionGrant.Read.All",
    "UserAuthenticationMethod.Read.All",
    "UserAuthenticationMethod.ReadWrite.All",
    "IdentityRiskyUser.Read.All",
    "IdentityRiskyUser.ReadWrite.All",
    "IdentityRiskEvent.Read.All",
    "IdentityRiskEvent.ReadWrite.All",
    "AuditLog.Read.All",
    "AuditLogsQuery.Read.All",
    "ServiceHealth.Read.All",
    "ServiceMessage.Read.All",
    "DeviceManagementManagedDevices.Read.All",
    "DeviceManagementManagedDevices.PrivilegedOperations.All",
    "SecurityAnalyzedMessage.Read.All",
    "SecurityAnalyzedMessage.ReadWrite.All",
    "SecurityIdentitiesAccount.Read.All",
    "SecurityIdentitiesActions.ReadWrite.All",
    "ThreatIntelligence.Read.All",
    "CloudApp-Discovery.Read.All",
];

/// Permissions of Defender for Endpoint.
pub(crate) const DEFENDER: &[&str] = &[
    "Machine.Read.All",
    "Machine.ReadWrite.All",
    "Machine.Isolate",
    "Machine.Scan",
    "Machine.RestrictExecution",
    "Machine.CollectForensics",
    "Machine.StopAndQuarantine",
    "Machine.LiveResponse",
    "Machine.Offboard",
    "Alert.Read.All",
    "Alert.ReadWrite.All",
    "Vulnerability.Read.All",
    "Software.Read.All",
    "SecurityRecommendation.Read.All",
    "Score.Read.All",
    "RemediationTasks.Read.All",
    "SecurityConfiguration.Read.All",
    "AdvancedQuery.Read.All",
    "Ti.ReadWrite",
    "Ti.ReadWrite.All",
    "File.Read.All",
    "Ip.Read.All",
    "Url.Read.All",
    "User.Read.All",
    "Library.Manage",
];

/// Roles on the Sentinel workspace. Azure keeps them outside of tokens; here the consent stands for them (assumed).
pub(crate) const ARM: &[&str] = &["Sentinel.Reader", "Sentinel.Responder"];
const XDR: &[&str] = &[
    "Incident.Read.All",
    "Incident.ReadWrite.All",
    "AdvancedHunting.Read.All",
];
/// Permissions of the activity feed.
pub(crate) const OFFICE: &[&str] = &[
    "ActivityFeed.Read",
    "ActivityFeed.ReadDlp",
    "ServiceHealth.Read",
];
/// Permissions of Log Analytics.
pub(crate) const LOGANALYTICS: &[&str] = &["Data.Read"];
/// Permissions of Data Explorer. Its own roles stand in the database; here the consent stands for them (assumed).
pub(crate) const ADX: &[&str] = &["user_impersonation"];
/// Permissions of Cloud Apps.
pub(crate) const CLOUDAPPS: &[&str] = &[
    "Investigation.Read",
    "Investigation.Manage",
    "Discovery.Read",
    "Discovery.Manage",
    "Settings.Read",
    "Settings.Manage",
];

/// Users, audit feed, secure score and alerts.
const S0: &str = "User.ReadWrite.All,Directory.Read.All,SecurityEvents.ReadWrite.All,SecurityAlert.Read.All,ServiceHealth.Read.All,\
                  ActivityFeed.Read,ActivityFeed.ReadDlp,ServiceHealth.Read";
/// Defender only.
const S2: &str = "Machine.Read.All,Machine.Isolate,Machine.Scan,Alert.Read.All,Vulnerability.Read.All,Software.Read.All,AdvancedQuery.Read.All";
/// Cloud Apps only.
const S3: &str = "Investigation.Read";
/// Three Graph reads and Defender.
const S4: &str = "SecurityIncident.Read.All,SecurityAlert.Read.All,ThreatHunting.Read.All,Alert.ReadWrite.All,Machine.ReadWrite.All,\
                  Machine.Isolate,Machine.StopAndQuarantine";

/// What is granted now. Tokens carry it as of their issue; what was revoked since is refused at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grants {
    granted: BTreeSet<(Api, String)>,
    revoked: BTreeSet<(Api, String)>,
}

impl Grants {
    /// Reads a set's name or a list of permissions; the error names what is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut grants = Self::default();
        for word in text.split(',').map(str::trim).filter(|w| !w.is_empty()) {
            let list = match word {
                "s0" => S0,
                "s2" => S2,
                "s3" => S3,
                "s4" => S4,
                "none" => "",
                "all" => {
                    for (api, names) in catalogue() {
                        grants
                            .granted
                            .extend(names.iter().map(|n| (api, (*n).to_owned())));
                    }
                    continue;
                }
                one => one,
            };
            for name in list.split(',').filter(|n| !n.is_empty()) {
                grants.granted.insert(find(name)?);
            }
        }
        Ok(grants)
    }

    /// Adds one; it shows in tokens issued from now on.
    pub fn grant(&mut self, name: &str) -> Result<(), String> {
        let found = find(name)?;
        self.revoked.remove(&found);
        self.granted.insert(found);
        Ok(())
    }

    /// Takes one away, from tokens already out as well.
    pub fn revoke(&mut self, name: &str) -> Result<(), String> {
        let found = find(name)?;
        self.granted.remove(&found);
        self.revoked.insert(found);
        Ok(())
    }

    /// Names granted on an API, in order.
    pub fn on(&self, api: Api) -> Vec<String> {
        self.granted
            .iter()
            .filter(|(a, _)| *a == api)
            .map(|(_, n)| n.clone())
            .collect()
    }

    /// Whether a permission that a token carries has been taken away since.
    pub fn is_revoked(&self, api: Api, name: &str) -> bool {
        self.revoked.contains(&(api, name.to_owned()))
    }
}

fn catalogue() -> [(Api, &'static [&'static str]); 8] {
    [
        (Api::Graph, GRAPH),
        (Api::Defender, DEFENDER),
        (Api::Xdr, XDR),
        (Api::Office, OFFICE),
        (Api::CloudApps, CLOUDAPPS),
        (Api::LogAnalytics, LOGANALYTICS),
        (Api::Adx, ADX),
        (Api::Arm, ARM),
    ]
}

/// A name, or `graph:name`, `mde:name` … where two APIs share one; bare names go to Graph first.
fn find(text: &str) -> Result<(Api, String), String> {
    let (only, name) = match text.split_once(':') {
        Some(("graph", name)) => (Some(Api::Graph), name),
        Some(("mde", name)) => (Some(Api::Defender), name),
        Some(("xdr", name)) => (Some(Api::Xdr), name),
        Some(("office", name)) => (Some(Api::Office), name),
        Some(("cloudapps", name)) => (Some(Api::CloudApps), name),
        Some(("loganalytics", name)) => (Some(Api::LogAnalytics), name),
        Some(("adx", name)) => (Some(Api::Adx), name),
        Some(("arm", name)) => (Some(Api::Arm), name),
        _ => (None, text),
    };
    catalogue()
        .into_iter()
        .filter(|(api, _)| only.is_none_or(|o| o == *api))
        .find_map(|(api, names)| {
            names
                .iter()
                .find(|n| n.eq_ignore_ascii_case(name))
                .map(|n| (api, (*n).to_owned()))
        })
        .ok_or_else(|| format!("no permission or set is called {text}"))
}

/// How a permission of Defender is spelled as a delegated scope.
pub(crate) fn delegated(api: Api, name: &str) -> String {
    let keeps = ["User.", "File.", "Ip.", "Url."]
        .iter()
        .any(|p| name.starts_with(p));
    match (api, name.strip_suffix(".All")) {
        (Api::Defender, Some(short)) if !keeps => short.to_owned(),
        _ => name.to_owned(),
    }
}

/// Whether holding `held` satisfies a demand for `wanted`.
pub(crate) fn covers(held: &str, wanted: &str) -> bool {
    if held == wanted {
        return true;
    }
    let writes = wanted.replace(".Read.", ".ReadWrite.");
    if held == writes {
        return true;
    }
    let directory: &[&str] = &[
        "User.Read.All",
        "User.ReadBasic.All",
        "Device.Read.All",
        "GroupMember.Read.All",
        "Group.Read.All",
        "Organization.Read.All",
        "Application.Read.All",
        "RoleManagement.Read.Directory",
        "DelegatedPermissionGrant.Read.All",
    ];
    match held {
        "Directory.Read.All" => directory.contains(&wanted),
        "Directory.ReadWrite.All" => {
            directory.contains(&wanted)
                || wanted == "Directory.Read.All"
                || wanted == "User.RevokeSessions.All"
        }
        "User.Read.All" => wanted == "User.ReadBasic.All",
        "User.ReadWrite.All" => [
            "User.ReadBasic.All",
            "User.RevokeSessions.All",
            "User.EnableDisableAccount.All",
        ]
        .contains(&wanted),
        "Group.Read.All" => wanted == "GroupMember.Read.All",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_sets_hold_what_they_promise() {
        let s2 = Grants::parse("s2").unwrap();
        assert!(s2.on(Api::Graph).is_empty());
        assert!(
            s2.on(Api::Defender)
                .contains(&"Machine.Read.All".to_owned())
        );
        let s3 = Grants::parse("s3").unwrap();
        assert_eq!(
            (
                s3.on(Api::Graph).len(),
                s3.on(Api::Defender).len(),
                s3.on(Api::CloudApps).len()
            ),
            (0, 0, 1)
        );
        let s4 = Grants::parse("s4").unwrap();
        assert_eq!(s4.on(Api::Graph).len(), 3);
        assert_eq!(Grants::parse("s0").unwrap().on(Api::Defender).len(), 0);
        assert!(Grants::parse("Machine.Reed.All").is_err());
    }

    #[test]
    fn shared_names_can_be_told_apart() {
        assert_eq!(
            Grants::parse("mde:User.Read.All")
                .unwrap()
                .on(Api::Graph)
                .len(),
            0
        );
        assert_eq!(
            Grants::parse("User.Read.All").unwrap().on(Api::Graph).len(),
            1
        );
    }

    #[test]
    fn writing_covers_reading_but_not_the_reverse() {
        assert!(covers(
            "SecurityAlert.ReadWrite.All",
            "SecurityAlert.Read.All"
        ));
        assert!(!covers(
            "SecurityAlert.Read.All",
            "SecurityAlert.ReadWrite.All"
        ));
        assert!(covers("Directory.Read.All", "User.Read.All"));
        assert_eq!(delegated(Api::Defender, "Machine.Read.All"), "Machine.Read");
        assert_eq!(delegated(Api::Defender, "User.Read.All"), "User.Read.All");
        assert_eq!(delegated(Api::Graph, "User.Read.All"), "User.Read.All");
    }
}
