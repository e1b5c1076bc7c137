//! The `scope` parameter: which API, which permissions, which of the protocol's own words.

use super::aadsts::{Refusal, refused};
use crate::permissions::{
    ADX, ARM, Api, CLOUDAPPS, DEFENDER, GRAPH, LOGANALYTICS, OFFICE, delegated,
};

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scopes {
    pub api: Api,
    /// `{resource}/.default`: everything granted.
    pub default: bool,
    /// In the spelling of application permissions.
    pub names: Vec<String>,
    /// As they were written, for the answer.
    pub written: Vec<String>,
    pub openid: bool,
    pub offline: bool,
}

/// Resources that have a principal in the tenant. The audience of a token is the first name of its API.
const RESOURCES: &[(&str, Api)] = &[
    ("https://graph.microsoft.com", Api::Graph),
    ("00000003-0000-0000-c000-000000000000", Api::Graph),
    ("https://api.securitycenter.microsoft.com", Api::Defender),
    (
        "https://securitycenter.onmicrosoft.com/windowsatpservice",
        Api::Defender,
    ),
    ("https://api.security.microsoft.com", Api::Xdr),
    ("https://manage.office.com", Api::Office),
    ("05a65629-4c1b-48c1-a78b-804c4abdd4af", Api::CloudApps),
    ("https://api.loganalytics.io", Api::LogAnalytics),
    ("https://api.loganalytics.azure.com", Api::LogAnalytics),
    ("https://kusto.kusto.windows.net", Api::Adx),
    ("https://management.azure.com", Api::Arm),
    ("https://management.core.windows.net", Api::Arm),
];

/// The audience of tokens for an API.
pub(super) fn audience(api: Api) -> &'static str {
    RESOURCES
        .iter()
        .find(|(_, a)| *a == api)
        .map_or("", |(name, _)| name)
}

/// Reads the parameter. `directory` names the tenant in refusals.
pub(super) fn read(text: &str, directory: &str) -> Result<Scopes, Refusal> {
    let mut found = Scopes {
        api: Api::Graph,
        default: false,
        names: Vec::new(),
        written: Vec::new(),
        openid: false,
        offline: false,
    };
    let mut api = None;
    for word in text.split_whitespace() {
        match word {
            "openid" => found.openid = true,
            "offline_access" => found.offline = true,
            "profile" | "email" => {}
            _ => {
                let (resource, name) = match word.rsplit_once('/') {
                    // a trailing slash in the resource gives two before the name
                    Some((resource, name)) => (resource.trim_end_matches('/'), name),
                    None => (RESOURCES[0].0, word),
                };
                let known = RESOURCES
                    .iter()
                    .find(|(r, _)| r.eq_ignore_ascii_case(resource))
                    .map(|(_, a)| *a);
                // every cluster is a resource of its own, and all are the same service
                let cluster = resource
                    .to_ascii_lowercase()
                    .ends_with(".kusto.windows.net")
                    .then_some(Api::Adx);
                let this = known
                    .or(cluster)
                    .ok_or_else(|| refused(500011, &[resource, directory]))?;
                if api.is_some_and(|a| a != this) {
                    return Err(refused(28000, &[text]));
                }
                api = Some(this);
                found.written.push(word.to_owned());
                if name == ".default" {
                    found.default = true;
                } else {
                    found
                        .names
                        .push(application_name(this, name).ok_or_else(|| refused(70011, &[word]))?);
                }
            }
        }
    }
    if found.default && !found.names.is_empty() {
        return Err(refused(70011, &[text]));
    }
    found.api = api.unwrap_or(Api::Graph);
    Ok(found)
}

/// A scope in the spelling of the application permission it belongs to.
fn application_name(api: Api, name: &str) -> Option<String> {
    let list = match api {
        Api::Graph => GRAPH,
        Api::Defender => DEFENDER,
        Api::LogAnalytics => LOGANALYTICS,
        Api::Adx => ADX,
        Api::Office => OFFICE,
        Api::CloudApps => CLOUDAPPS,
        Api::Arm => ARM,
        Api::Xdr => return None,
    };
    list.iter()
        .find(|n| delegated(api, n).eq_ignore_ascii_case(name))
        .map(|n| (*n).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_and_words() {
        let s = read(
            "https://graph.microsoft.com/User.Read.All offline_access openid",
            "t",
        )
        .unwrap();
        assert_eq!(
            (s.api, s.default, s.openid, s.offline),
            (Api::Graph, false, true, true)
        );
        assert_eq!(s.names, ["User.Read.All"]);
        assert_eq!(read("User.Read", "t").unwrap().names, ["User.Read"]);
        let s = read("https://api.securitycenter.microsoft.com/Machine.Read", "t").unwrap();
        assert_eq!(
            (s.api, s.names),
            (Api::Defender, vec!["Machine.Read.All".to_owned()])
        );
        assert!(
            read(
                "https://securitycenter.onmicrosoft.com/windowsatpservice/.default",
                "t"
            )
            .unwrap()
            .default
        );
    }

    #[test]
    fn refusals_by_number() {
        for (scope, code) in [
            ("https://graph.microsoft.us/.default", 500011),
            ("https://graph.microsoft.com/.default User.Read", 70011),
            ("User.Nonsense", 70011),
            (
                "User.Read https://api.securitycenter.microsoft.com/Machine.Read",
                28000,
            ),
        ] {
            assert_eq!(read(scope, "t").unwrap_err().code, code, "{scope}");
        }
    }
}
