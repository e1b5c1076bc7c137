//! Paths of Defender: which handler, with which permission, how often.

use axum::http::Method;

use super::{
    Cx, Fault, actions, advice, alerts, export, exposure, files, indicators, machines, marks,
    package, respond, software,
};
use crate::login::verify::Need;
use crate::response::course::Verb;
use crate::roles::Duty;
use crate::wire::answer::Answer;

/// A handler: the request and its path segments.
pub(super) type Run = fn(&Cx<'_>, &[String]) -> Result<Answer, Fault>;

/// A handler, the name its calls are counted under, and what it needs.
pub(super) struct Endpoint {
    pub name: &'static str,
    /// Needed by an application.
    pub need: Need,
    /// Needed by a signed-in person, where that differs.
    pub delegated: Option<Need>,
    pub duty: Duty,
    /// Calls a minute.
    pub minute: u64,
    /// Calls an hour.
    pub hour: u64,
    pub run: Run,
}

impl Endpoint {
    /// Is it something that a licence of its own gives?
    pub fn needs_vulnerability_management(&self) -> bool {
        [VULNERABILITIES, SOFTWARE, ADVICE, SCORES, TASKS, SETTINGS].contains(&self.need)
    }
}

const MACHINES: Need = &[&["Machine.Read.All"]];
const MACHINES_WRITE: Need = &[&["Machine.ReadWrite.All"]];
const FORENSICS: Need = &[&["Machine.CollectForensics"]];
const ALERTS: Need = &[&["Alert.Read.All"]];
const ALERTS_WRITE: Need = &[&["Alert.ReadWrite.All"]];
const USERS: Need = &[&["User.Read.All"]];
const FILES: Need = &[&["File.Read.All"]];
const URLS: Need = &[&["Url.Read.All"]];
const IPS: Need = &[&["Ip.Read.All"]];
const VULNERABILITIES: Need = &[&["Vulnerability.Read.All"]];
const SOFTWARE: Need = &[&["Software.Read.All"]];
const ADVICE: Need = &[&["SecurityRecommendation.Read.All"]];
const SCORES: Need = &[&["Score.Read.All"]];
const TASKS: Need = &[&["RemediationTasks.Read.All"]];
const SETTINGS: Need = &[&["SecurityConfiguration.Read.All"]];
/// There is none that only reads; without `.All` only one's own rows are seen.
const TI: Need = &[&["Ti.ReadWrite"], &["Ti.ReadWrite.All"]];
/// Whatever can start an action can cancel one; the handler looks at which.
const ANY_ACTION: Need = &[
    &["Machine.Isolate"],
    &["Machine.Scan"],
    &["Machine.RestrictExecution"],
    &["Machine.CollectForensics"],
    &["Machine.StopAndQuarantine"],
    &["Machine.Offboard"],
    &["Machine.LiveResponse"],
];

fn read(name: &'static str, need: Need, run: Run) -> Endpoint {
    Endpoint {
        name,
        need,
        delegated: None,
        duty: Duty::ReadSecurity,
        minute: 100,
        hour: 1_500,
        run,
    }
}

fn write(name: &'static str, need: Need, run: Run) -> Endpoint {
    Endpoint {
        duty: Duty::WriteSecurity,
        ..read(name, need, run)
    }
}

fn act(name: &'static str, verb: Verb, run: Run) -> Endpoint {
    write(name, verb.permission(), run)
}

/// The handler of a path and method.
pub(super) fn find(method: &Method, path: &[String]) -> Option<Endpoint> {
    let lower: Vec<String> = path.iter().map(|s| s.to_ascii_lowercase()).collect();
    let parts: Vec<&str> = lower.iter().map(String::as_str).collect();
    match method.as_str() {
        "GET" => get(&parts),
        "POST" => post(&parts),
        "DELETE" => match parts.as_slice() {
            ["indicators", _] => Some(write("DELETE indicators/{id}", TI, indicators::delete)),
            _ => None,
        },
        "PATCH" => match parts.as_slice() {
            ["alerts", _] => Some(write("PATCH alerts/{id}", ALERTS_WRITE, alerts::patch)),
            ["machines", _] => Some(write("PATCH machines/{id}", MACHINES_WRITE, marks::patch)),
            _ => None,
        },
        _ => None,
    }
}

fn get(parts: &[&str]) -> Option<Endpoint> {
    Some(match parts {
        ["machines"] => read("machines", MACHINES, machines::list),
        ["machines", by] if by.starts_with("findbyip(") => {
            read("findbyip", MACHINES, machines::by_ip)
        }
        ["machines", "findbytag"] => read("findbytag", MACHINES, machines::by_tag),
        ["machines", export @ ..] if exports(export).is_some() => exports(export)?,
        ["machines", _] => read("machines/{id}", MACHINES, machines::get),
        ["machines", _, "recommendations"] => {
            read("machines/{id}/recommendations", ADVICE, advice::of_machine)
        }
        ["machines", _, "getmissingkbs"] => read(
            "machines/{id}/getmissingkbs",
            SOFTWARE,
            software::machine_kbs,
        ),
        ["machines", _, "logonusers"] => {
            read("machines/{id}/logonusers", USERS, machines::logon_users)
        }
        ["machines", _, "alerts"] => read("machines/{id}/alerts", ALERTS, alerts::of_machine),
        ["machines", _, "software"] => read("machines/{id}/software", SOFTWARE, machines::software),
        ["machines", _, "vulnerabilities"] => Endpoint {
            minute: 50,
            ..read(
                "machines/{id}/vulnerabilities",
                VULNERABILITIES,
                machines::vulnerabilities,
            )
        },
        [
            "vulnerabilities" | "software" | "recommendations" | "remediationtasks",
            ..,
        ]
        | ["exposurescore" | "configurationscore", ..] => return weak(parts),
        ["machineactions"] => read("machineactions", MACHINES, actions::list),
        ["machineactions", _] => read("machineactions/{id}", MACHINES, actions::get),
        ["machineactions", _, "getpackageuri"] => Endpoint {
            minute: 2,
            hour: 120,
            delegated: Some(FORENSICS),
            ..read("getPackageUri", MACHINES, package::uri)
        },
        ["indicators"] => read("indicators", TI, indicators::all),
        ["alerts"] => read("alerts", ALERTS, alerts::list),
        ["alerts", _] => read("alerts/{id}", ALERTS, alerts::get),
        ["files", _] => read("files/{id}", FILES, files::get),
        ["files", _, "stats"] => read("files/{id}/stats", FILES, files::stats),
        ["files", _, "machines"] => read("files/{id}/machines", MACHINES, files::file_machines),
        ["files", _, "alerts"] => read("files/{id}/alerts", ALERTS, files::file_alerts),
        ["domains", _, "stats"] => read("domains/{id}/stats", URLS, files::domain_stats),
        ["domains", _, "machines"] => {
            read("domains/{id}/machines", MACHINES, files::domain_machines)
        }
        ["domains", _, "alerts"] => read("domains/{id}/alerts", ALERTS, files::domain_alerts),
        ["ips", _, "stats"] => read("ips/{id}/stats", IPS, files::ip_stats),
        ["ips", _, "alerts"] => read("ips/{id}/alerts", ALERTS, files::ip_alerts),
        ["users", _, "machines"] => read("users/{id}/machines", MACHINES, machines::of_user),
        ["users", _, "alerts"] => read("users/{id}/alerts", ALERTS, alerts::of_user),
        _ => return None,
    })
}

/// The bulk exports, which stand where a machine's id could.
fn exports(parts: &[&str]) -> Option<Endpoint> {
    let bulk = |name, need, run| Endpoint {
        minute: 30,
        hour: 1_000,
        ..read(name, need, run)
    };
    let files = |name, need| Endpoint {
        minute: 5,
        hour: 20,
        ..read(name, need, export::files)
    };
    Some(match parts {
        ["softwarevulnerabilitiesbymachine"] => bulk(
            "SoftwareVulnerabilitiesByMachine",
            VULNERABILITIES,
            export::by_machine,
        ),
        ["softwareinventorybymachine"] => {
            bulk("SoftwareInventoryByMachine", SOFTWARE, export::software)
        }
        ["secureconfigurationsassessmentbymachine"] => bulk(
            "SecureConfigurationsAssessmentByMachine",
            SETTINGS,
            export::settings,
        ),
        ["softwarevulnerabilitychangesbymachine"] => bulk(
            "SoftwareVulnerabilityChangesByMachine",
            VULNERABILITIES,
            export::changes,
        ),
        ["softwarevulnerabilitiesexport"] => {
            files("SoftwareVulnerabilitiesExport", VULNERABILITIES)
        }
        ["softwareinventoryexport"] => files("SoftwareInventoryExport", SOFTWARE),
        ["secureconfigurationsassessmentexport"] => {
            files("SecureConfigurationsAssessmentExport", SETTINGS)
        }
        _ => return None,
    })
}

/// Vulnerability management.
fn weak(parts: &[&str]) -> Option<Endpoint> {
    let machines = |name, need, run| Endpoint {
        minute: 50,
        ..read(name, need, run)
    };
    Some(match parts {
        ["vulnerabilities"] => read("vulnerabilities", VULNERABILITIES, exposure::all),
        ["vulnerabilities", "machinesvulnerabilities"] => read(
            "machinesVulnerabilities",
            VULNERABILITIES,
            exposure::machines_vulnerabilities,
        ),
        ["vulnerabilities", _] => read("vulnerabilities/{id}", VULNERABILITIES, exposure::one),
        ["vulnerabilities", _, "machinereferences"] => machines(
            "vulnerabilities/{id}/machineReferences",
            VULNERABILITIES,
            exposure::machines,
        ),
        ["software"] => read("Software", SOFTWARE, software::all),
        ["software", _] => read("Software/{id}", SOFTWARE, software::one),
        ["software", _, "distributions"] => read(
            "Software/{id}/distributions",
            SOFTWARE,
            software::distributions,
        ),
        ["software", _, "machinereferences"] => machines(
            "Software/{id}/machineReferences",
            SOFTWARE,
            software::references,
        ),
        ["software", _, "vulnerabilities"] => read(
            "Software/{id}/vulnerabilities",
            VULNERABILITIES,
            software::vulnerabilities,
        ),
        ["software", _, "getmissingkbs"] => {
            read("Software/{id}/getmissingkbs", SOFTWARE, software::kbs)
        }
        ["recommendations"] => read("recommendations", ADVICE, advice::all),
        ["recommendations", _] => read("recommendations/{id}", ADVICE, advice::one),
        ["recommendations", _, "machinereferences"] => machines(
            "recommendations/{id}/machineReferences",
            ADVICE,
            advice::references,
        ),
        ["recommendations", _, "software"] => {
            read("recommendations/{id}/software", SOFTWARE, advice::software)
        }
        ["recommendations", _, "vulnerabilities"] => read(
            "recommendations/{id}/vulnerabilities",
            VULNERABILITIES,
            advice::vulnerabilities,
        ),
        ["remediationtasks"] => read("remediationtasks", TASKS, advice::all_tasks),
        ["remediationtasks", _] => read("remediationtasks/{id}", TASKS, advice::one_task),
        ["remediationtasks", _, "machinereferences"] => machines(
            "remediationtasks/{id}/machinereferences",
            TASKS,
            advice::task_machines,
        ),
        ["exposurescore"] => read("exposureScore", SCORES, advice::exposure_score),
        ["exposurescore", "bymachinegroups"] => read(
            "exposureScore/ByMachineGroups",
            SCORES,
            advice::exposure_by_group,
        ),
        ["configurationscore"] => read("configurationScore", SCORES, advice::configuration_score),
        _ => return None,
    })
}

fn post(parts: &[&str]) -> Option<Endpoint> {
    Some(match parts {
        ["machines", "addorremovetagformultiplemachines"] => write(
            "AddOrRemoveTagForMultipleMachines",
            MACHINES_WRITE,
            marks::tag_many,
        ),
        ["machines", _, "tags"] => write("machines/{id}/tags", MACHINES_WRITE, marks::tag),
        ["machines", _, "setdevicevalue"] => write("setDeviceValue", MACHINES_WRITE, marks::value),
        ["machines", _, "isolate"] => act("isolate", Verb::Isolate, respond::isolate),
        ["machines", _, "unisolate"] => act("unisolate", Verb::Unisolate, respond::release),
        ["machines", _, "runantivirusscan"] => act("runAntiVirusScan", Verb::Scan, respond::scan),
        ["machines", _, "restrictcodeexecution"] => {
            act("restrictCodeExecution", Verb::Restrict, respond::restrict)
        }
        ["machines", _, "unrestrictcodeexecution"] => act(
            "unrestrictCodeExecution",
            Verb::Unrestrict,
            respond::unrestrict,
        ),
        ["machines", _, "collectinvestigationpackage"] => act(
            "collectInvestigationPackage",
            Verb::Collect,
            respond::collect,
        ),
        ["machines", _, "stopandquarantinefile"] => act(
            "StopAndQuarantineFile",
            Verb::Quarantine,
            respond::quarantine,
        ),
        ["machines", _, "offboard"] => act("offboard", Verb::Offboard, respond::offboard),
        ["indicators"] => write("POST indicators", TI, indicators::submit),
        ["indicators", "import"] => Endpoint {
            minute: 30,
            ..write("indicators/import", TI, indicators::import)
        },
        ["indicators", "batchdelete"] => Endpoint {
            minute: 30,
            ..write("indicators/BatchDelete", TI, indicators::delete_many)
        },
        ["alerts", "batchupdate"] => Endpoint {
            minute: 10,
            hour: 500,
            ..write("alerts/batchUpdate", ALERTS_WRITE, alerts::update_many)
        },
        ["machineactions", _, "cancel"] => {
            write("machineactions/{id}/cancel", ANY_ACTION, respond::cancel)
        }
        _ => return None,
    })
}
