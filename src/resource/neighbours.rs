//! The products and services around Defender XDR, as far as their traces tell: what each brought in the last day, what no
//! API tells, where each is connected, which devices fall short of what an integration wants, and how long data stays.
//!
//! A switch of the portal is in no API. What stands here is what was seen, never what is said to be on.

use super::{Answer, licences};
use crate::model::{Call, Json, Method, Path, Service, Ticks};
use serde_json::json;
use table::Txt;

/// How it can be told that something is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// Rows of the last day: a table and what is further asked of it.
    Rows(&'static str),
    /// No API tells; why.
    Untold(&'static str),
}

/// A product or service beside ours.
#[derive(Debug)]
pub struct Neighbour {
    pub name: &'static str,
    pub trace: Trace,
    /// What to do where it is to be connected, step by step. We do none of it.
    pub steps: &'static [&'static str],
    /// The page of the portal for it.
    pub page: &'static str,
}

const ADVANCED: &str = "https://security.microsoft.com/securitysettings/endpoints/integration";
const CLOUD_APPS: &str = "https://security.microsoft.com/cloudapps/settings?tabid=appConnectors";
const AZURE: &str = "https://portal.azure.com/#view/Microsoft_Azure_Security_Insights";

/// All of them, in the order shown.
#[rustfmt::skip]
pub static ALL: &[Neighbour] = &[
    Neighbour { name: "Defender for Endpoint", trace: Trace::Rows("DeviceEvents"), page: "https://security.microsoft.com/securitysettings/endpoints/onboarding",
        steps: &["Settings, Endpoints, Onboarding: choose the system and download the package", "deploy it, then look for the device in the list of devices"] },
    Neighbour { name: "Defender for Office 365", trace: Trace::Rows("EmailEvents"), page: "https://security.microsoft.com/threatpolicy",
        steps: &["licence Plan 2 for the mailboxes", "Settings, Endpoints, Advanced features: Office 365 Threat Intelligence connection, on"] },
    Neighbour { name: "Defender for Identity", trace: Trace::Rows("IdentityDirectoryEvents"), page: "https://security.microsoft.com/settings/identities",
        steps: &["Settings, Identities, Sensors: add a sensor and copy its access key", "install the sensor on each domain controller"] },
    Neighbour { name: "Defender for Cloud Apps", trace: Trace::Rows("CloudAppEvents"), page: CLOUD_APPS,
        steps: &["Settings, Cloud apps, App connectors: connect Microsoft 365 and tick its activities"] },
    Neighbour { name: "Entra sign-ins", trace: Trace::Rows("EntraIdSignInEvents"), page: "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/SignInEventsV3Blade",
        steps: &["licence Entra ID P2; the table fills by itself"] },
    Neighbour { name: "Entra ID Protection alerts", trace: Trace::Rows("AlertInfo | where ServiceSource has 'Identity Protection'"), page: "https://security.microsoft.com/securitysettings/alerts_service_settings",
        steps: &["Settings, Microsoft Defender XDR, Alert service settings: which alerts of ID Protection come through"] },
    Neighbour { name: "Defender for Cloud alerts", trace: Trace::Rows("AlertInfo | where ServiceSource =~ 'Microsoft Defender for Cloud'"), page: "https://portal.azure.com/#view/Microsoft_Azure_Security/SecurityMenuBlade/~/EnvironmentSettings",
        steps: &["Defender for Cloud, Environment settings: switch a plan on for the subscription"] },
    Neighbour { name: "Purview DLP alerts", trace: Trace::Rows("AlertInfo | where ServiceSource has 'Data Loss Prevention'"), page: "https://purview.microsoft.com/datalossprevention",
        steps: &["a DLP policy with alerts switched on"] },
    Neighbour { name: "Sentinel alerts", trace: Trace::Rows("AlertInfo | where ServiceSource =~ 'Microsoft Sentinel'"), page: "https://security.microsoft.com/securitysettings/sentinel",
        steps: &["Settings, Microsoft Sentinel: connect the workspace to the Defender portal"] },
    Neighbour { name: "blocks by indicators and unsanctioned apps", trace: Trace::Rows("DeviceEvents | where ActionType == 'ExploitGuardNetworkProtectionBlocked'"), page: ADVANCED,
        steps: &["Settings, Endpoints, Advanced features: Custom network indicators, on", "Settings, Cloud apps, Microsoft Defender for Endpoint: Enforce app access, on", "network protection in block mode on the devices"] },
    Neighbour { name: "Endpoint signals to Cloud Apps", trace: Trace::Untold("the switch is in no API, and what Cloud Apps makes of it is seen there only"), page: ADVANCED,
        steps: &["Settings, Endpoints, Advanced features: Microsoft Defender for Cloud Apps, on"] },
    Neighbour { name: "Intune connection", trace: Trace::Untold("the switch is in no API"), page: ADVANCED,
        steps: &["Settings, Endpoints, Advanced features: Microsoft Intune connection, on", "Intune, Endpoint security, Microsoft Defender for Endpoint: allow it to enforce"] },
    Neighbour { name: "data connectors of Sentinel", trace: Trace::Untold("they are read in Azure, with a reader's role on the workspace"), page: AZURE,
        steps: &["Sentinel, Content hub: install Microsoft Defender XDR", "Sentinel, Data connectors, Microsoft Defender XDR: open the connector page and connect incidents and alerts", "tick the event tables to be taken in: alerts and incidents are free, raw events are paid"] },
    Neighbour { name: "streaming to a storage account", trace: Trace::Untold("its settings are in no documented API"), page: "https://security.microsoft.com/settings/mtp_settings/raw_data_export",
        steps: &["register Microsoft.Insights in the subscription", "Settings, Microsoft Defender XDR, Streaming API: add, forward events to Azure Storage, its resource id, tick the event types", "a copy of the account can be read here: [tenant.NAME.archive.X] path"] },
    Neighbour { name: "streaming to an event hub", trace: Trace::Untold("its settings are in no documented API"), page: "https://security.microsoft.com/settings/mtp_settings/raw_data_export",
        steps: &["Settings, Microsoft Defender XDR, Streaming API: add, forward events to an event hub, its namespace's resource id, tick the event types"] },
];

/// Builds of Windows 10 below this have no signals for Cloud Apps and no network protection: 1709.
const BUILD: u32 = 16_299;

/// Names of devices that one sentence has room for.
const NAMED: usize = 5;

/// Asks for the traces, for devices that fall short, and for licences.
pub fn calls() -> Vec<Call> {
    let parts: Vec<String> = (ALL.iter().enumerate())
        .filter_map(|(n, neighbour)| match neighbour.trace {
            Trace::Rows(from) => {
                let (table, rest) = from.split_once('|').unwrap_or((from, ""));
                let rest = match rest {
                    "" => String::new(),
                    rest => format!(" |{rest}"),
                };
                Some(format!(
                    "({} | where Timestamp > ago(1d){rest} | summarize Rows = count(), Last = max(Timestamp) | extend Place = {n})",
                    table.trim()
                ))
            }
            Trace::Untold(_) => None,
        })
        .collect();
    // a table that the tenant has no licence for must not hide the others
    let traces = format!("union isfuzzy=true\n{}", parts.join(",\n"));
    let old = format!(
        "DeviceInfo | where Timestamp > ago(7d) | summarize arg_max(Timestamp, DeviceName, OSPlatform, OSBuild, OnboardingStatus) by DeviceId\n\
         | where OnboardingStatus == 'Onboarded'\n\
         | extend Short = OSPlatform in ('Windows7', 'Windows8', 'Windows8Blue', 'WindowsServer2008R2', 'WindowsServer2012', 'WindowsServer2012R2') or (OSPlatform == 'Windows10' and OSBuild < {BUILD})\n\
         | summarize Devices = count(), Old = countif(Short), Names = make_set_if(DeviceName, Short, {NAMED})"
    );
    let [traces, old] = [traces, old].map(ask);
    vec![traces, old, licences::call()]
}

fn ask(query: String) -> Call {
    let path = Path::new("/security/runHuntingQuery");
    Call::write(Service::Graph, Method::Post, path, json!({"Query": query}))
        .needs(&["ThreatHunting.Read.All"])
}

/// What became of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// So many rows in the last day, the last of them then.
    Yes(i64, Option<Ticks>),
    No,
    /// No API tells, or the question could not be asked: why.
    Untold(String),
}

impl Seen {
    /// The state in few words.
    pub fn words(&self, now: Ticks) -> String {
        match self {
            Self::Yes(n, last) => {
                let last =
                    last.map_or_else(String::new, |t| match t.age(now).to_string().as_str() {
                        "now" => " just now".to_owned(),
                        age => format!(" {age} ago"),
                    });
                let rows = if *n == 1 { "row" } else { "rows" };
                format!("seen{last}, {n} {rows} in 24 h")
            }
            Self::No => "not seen in 24 h".into(),
            Self::Untold(why) => format!("not readable: {why}"),
        }
    }
}

/// What the answers tell of each, in the order of `ALL`.
pub fn told(answers: &[Answer]) -> Vec<(&'static Neighbour, Seen)> {
    let answer = answers.first();
    let why = could_not(answer);
    let rows: Vec<Json<'_>> = rows(answer).collect();
    let of = |n: usize| {
        let row = rows.iter().find(|r| r.int("Place") == Some(n as i64));
        match row.map(|r| (r.int("Rows").unwrap_or(0), r.time("Last"))) {
            Some((many, last)) if many > 0 => Seen::Yes(many, last),
            _ => Seen::No,
        }
    };
    let all = ALL.iter().enumerate();
    all.map(|(n, neighbour)| {
        let seen = match (neighbour.trace, &why) {
            (Trace::Untold(why), _) => Seen::Untold(why.into()),
            (Trace::Rows(_), Some(why)) => Seen::Untold(why.clone()),
            (Trace::Rows(_), None) => of(n),
        };
        (neighbour, seen)
    })
    .collect()
}

/// Licences, and how each stands.
pub fn licensed(answers: &[Answer]) -> Vec<(&'static licences::Licence, licences::Standing)> {
    licences::told(answers.get(2))
}

/// Whether devices fall short of what the integrations want, as a sentence; the flag tells that some do.
pub fn short_devices(answers: &[Answer]) -> (bool, String) {
    let answer = answers.get(1);
    if let Some(why) = could_not(answer) {
        return (false, format!("systems of devices not readable: {why}"));
    }
    let Some(row) = rows(answer).next() else {
        return (false, "no onboarded device told of its system".into());
    };
    let (all, old) = (row.int("Devices").unwrap_or(0), row.int("Old").unwrap_or(0));
    let wanted = format!("Windows 10 1709 (build {BUILD}) or later");
    if old == 0 {
        return (false, format!("all {all} onboarded devices have {wanted}"));
    }
    let names = row.at("Names");
    let read: Option<serde_json::Value> = names.as_str().and_then(|t| serde_json::from_str(t).ok());
    let names = read.as_ref().map_or(names, Json);
    let names: Vec<String> = (names.items().filter_map(Json::as_text).take(NAMED))
        .map(|t| t.txt().shown().into_owned())
        .collect();
    let more = usize::try_from(old)
        .unwrap_or(0)
        .saturating_sub(names.len());
    let more = match more {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let text = format!(
        "{old} of {all} onboarded devices are below {wanted}, which the signals for Cloud Apps and network protection want: {}{more}",
        names.join(", ")
    );
    (true, text)
}

fn rows<'a>(answer: Option<&'a Answer>) -> impl Iterator<Item = Json<'a>> + use<'a> {
    let entity = answer.and_then(Answer::entity);
    entity.into_iter().flat_map(|a| a.list("results"))
}

pub(super) fn could_not(answer: Option<&Answer>) -> Option<String> {
    match answer {
        Some(Answer::Got { .. }) => None,
        Some(Answer::Withheld(needs)) => Some(format!("this needs {}", needs.join(" or "))),
        Some(Answer::Failed(fault)) => Some(Txt::new(&fault.to_string()).shown().into_owned()),
        Some(Answer::None) | None => Some("it was not answered".into()),
    }
}

/// How long data stays and what keeps it longer, beside every choice of a time.
pub fn retention(workspaces: usize, archives: usize) -> [String; 3] {
    let of = |n: usize, none: &str| match n {
        0 => none.to_owned(),
        1 => "1 configured here".to_owned(),
        n => format!("{n} configured here"),
    };
    [
        "Defender: 30 days for hunting, 180 of incidents, alerts and device timelines".into(),
        format!(
            "Sentinel or another workspace: {}",
            of(workspaces, "none configured here; not readable otherwise")
        ),
        format!(
            "storage account or event hub: not readable; copies of it: {}",
            of(archives, "none configured here")
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn got(rows: serde_json::Value) -> Answer {
        Answer::Got {
            body: Arc::new(json!({"schema": [], "results": rows})),
            more: false,
        }
    }

    #[test]
    fn s1_4_each_is_seen_not_seen_or_told_by_no_api() {
        let place = |name: &str| ALL.iter().position(|n| n.name == name).unwrap();
        let answers = [got(json!([
            {"Place": place("Defender for Identity"), "Rows": 12, "Last": "2026-08-01T11:52:00Z"},
            {"Place": place("Sentinel alerts"), "Rows": 0, "Last": null},
        ]))];
        let told = told(&answers);
        let of = |name: &str| {
            let now = Ticks::parse("2026-08-01T12:00:00Z").unwrap();
            told[place(name)].1.words(now)
        };
        assert_eq!(of("Defender for Identity"), "seen 8m ago, 12 rows in 24 h");
        assert_eq!(of("Sentinel alerts"), "not seen in 24 h");
        assert_eq!(of("Defender for Office 365"), "not seen in 24 h");
        // S1-19: what no API tells is never guessed
        assert!(of("streaming to an event hub").starts_with("not readable: "));
    }

    #[test]
    fn s1_4_what_may_not_be_asked_is_not_called_unseen() {
        let answers = [Answer::Withheld(&["ThreatHunting.Read.All"])];
        let told = told(&answers);
        assert_eq!(
            told[0].1,
            Seen::Untold("this needs ThreatHunting.Read.All".into())
        );
        assert!(told.iter().all(|(_, s)| matches!(s, Seen::Untold(_))));
        assert!(short_devices(&answers).1.contains("not readable"));
    }

    #[test]
    fn s1_13_devices_below_what_is_wanted_are_named() {
        let none = got(json!([]));
        let few = got(json!([{"Devices": 9, "Old": 7, "Names": "[\"old1\",\"old2\\u202e\"]"}]));
        let (warn, text) = short_devices(&[none.clone(), few]);
        assert!(
            warn && text.contains("7 of 9") && text.contains("old2⟨202E⟩ and 5 more"),
            "{text}"
        );
        let well = got(json!([{"Devices": 9, "Old": 0, "Names": []}]));
        assert_eq!(
            short_devices(&[none, well]),
            (
                false,
                "all 9 onboarded devices have Windows 10 1709 (build 16299) or later".into()
            )
        );
    }

    #[test]
    fn s1_17_each_has_steps_and_a_page_of_microsofts() {
        for n in ALL {
            assert!(!n.steps.is_empty(), "{}", n.name);
            let url = url::Url::parse(n.page).unwrap();
            let host = url.host_str().unwrap();
            assert!(
                url.scheme() == "https"
                    && (host.ends_with(".microsoft.com") || host == "portal.azure.com"),
                "{}",
                n.page
            );
        }
    }

    #[test]
    fn s1_19_routes_that_keep_longer_are_configured_or_not_readable() {
        let said = retention(1, 0).join("\n");
        assert!(said.contains("30 days for hunting, 180"), "{said}");
        assert!(said.contains("workspace: 1 configured here"), "{said}");
        assert!(said.contains("event hub: not readable"), "{said}");
        let none = retention(0, 2).join("\n");
        assert!(none.contains("not readable otherwise") && none.contains("2 configured"));
    }
}
