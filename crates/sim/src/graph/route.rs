//! Paths of Graph: which handler, with which permission, at which cost. Paths match in any case; keys may stand in parentheses.

use axum::http::Method;

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::{
    alerts, announce, audit, delta, directory, discovery, hunting, identities, incidents, licences,
    mail, moves, principals, risk, score, search, user_parts, user_writes, users,
};
use crate::login::verify::Need;
use crate::roles::Duty;
use crate::wire::answer::Answer;

/// A handler: the request and its path segments.
pub(crate) type Run = fn(&Cx<'_>, &[String]) -> Result<Answer, Fault>;

/// What stands behind a path and method.
pub(crate) struct Endpoint {
    pub family: Family,
    /// Needed by an application.
    pub app: Need,
    /// Needed by a signed-in person.
    pub user: Need,
    pub duty: Duty,
    /// Resource units, for the directory.
    pub cost: u64,
    pub delegated_only: bool,
    pub batch: bool,
    /// The handler counts the calls itself.
    pub own_budget: bool,
    pub run: Run,
}

fn endpoint(family: Family, need: Need, duty: Duty, run: Run) -> Endpoint {
    Endpoint {
        family,
        app: need,
        user: need,
        duty,
        cost: 1,
        delegated_only: false,
        batch: false,
        own_budget: false,
        run,
    }
}

fn directory(need: Need, cost: u64, run: Run) -> Endpoint {
    Endpoint {
        cost,
        ..endpoint(Family::Directory, need, Duty::None, run)
    }
}

const INCIDENTS: Need = &[&["SecurityIncident.Read.All"]];
const INCIDENTS_WRITE: Need = &[&["SecurityIncident.ReadWrite.All"]];
const HUNTING: Need = &[&["ThreatHunting.Read.All"]];
const ALERTS: Need = &[&["SecurityAlert.Read.All"]];
const ALERTS_WRITE: Need = &[&["SecurityAlert.ReadWrite.All"]];
const BOTH: Need = &[&["SecurityIncident.Read.All", "SecurityAlert.Read.All"]];
const USERS: Need = &[&["User.Read.All"]];
const BASIC: Need = &[&["User.ReadBasic.All"]];
const SELF: Need = &[&["User.Read"], &["User.ReadBasic.All"]];
const DEVICES: Need = &[&["Device.Read.All"]];
const ORGANIZATION: Need = &[&["Organization.Read.All"]];
const ROLES: Need = &[&["RoleManagement.Read.Directory"], &["Directory.Read.All"]];
const APPS: Need = &[&["Application.Read.All"]];
const GRANTS: Need = &[&["DelegatedPermissionGrant.Read.All"]];
const DIRECTORY: Need = &[&["Directory.Read.All"]];
const METHODS: Need = &[&["UserAuthenticationMethod.Read.All"]];
const RISKY: Need = &[&["IdentityRiskyUser.Read.All"]];
const RISKY_WRITE: Need = &[&["IdentityRiskyUser.ReadWrite.All"]];
const REVOKE: Need = &[&["User.RevokeSessions.All"]];
const MAIL: Need = &[&["SecurityAnalyzedMessage.Read.All"]];
const MAIL_WRITE: Need = &[&["SecurityAnalyzedMessage.ReadWrite.All"]];
/// Applications only: no scope of this name can be asked for.
const NOBODY: Need = &[&["(application only)"]];
const IDENTITIES: Need = &[&["SecurityIdentitiesAccount.Read.All"]];
const IDENTITIES_WRITE: Need = &[&["SecurityIdentitiesActions.ReadWrite.All"]];
const DETECTIONS: Need = &[&["IdentityRiskEvent.Read.All"]];
const SCORE: Need = &[&["SecurityEvents.Read.All"]];
const SCORE_WRITE: Need = &[&["SecurityEvents.ReadWrite.All"]];
const SEARCH: Need = &[&["AuditLogsQuery.Read.All"]];
const HEALTH: Need = &[&["ServiceHealth.Read.All"]];
const NEWS: Need = &[&["ServiceMessage.Read.All"]];
const DISCOVERY: Need = &[&["CloudApp-Discovery.Read.All"]];
const LOGS: Need = &[&["AuditLog.Read.All"]];

/// `users('x')` and `devices(deviceId='x')` as segments of their own.
pub(crate) fn keys_as_segments(path: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for segment in path {
        match segment.strip_suffix(')').and_then(|s| s.split_once('(')) {
            Some((name, key)) if !name.is_empty() => {
                out.push(name.to_owned());
                let key = key
                    .strip_prefix('\'')
                    .and_then(|k| k.strip_suffix('\''))
                    .unwrap_or(key);
                out.push(key.replace("''", "'"));
            }
            _ => out.push(segment.clone()),
        }
    }
    out
}

/// The handler of a path and method.
pub(crate) fn find(method: &Method, path: &[String]) -> Result<Endpoint, Fault> {
    let lower: Vec<String> = path.iter().map(|s| s.to_ascii_lowercase()).collect();
    let parts: Vec<&str> = lower.iter().map(String::as_str).collect();
    let verb = method.as_str();
    let found = match parts.as_slice() {
        ["$batch"] => {
            return match verb {
                "POST" => {
                    let never: Run = |_, _| Err(Fault::segment("$batch"));
                    Ok(Endpoint {
                        batch: true,
                        ..endpoint(Family::Directory, &[], Duty::None, never)
                    })
                }
                _ => Err(Fault::method(verb)),
            };
        }
        [super::BETA, rest @ ..] => beta(verb, rest),
        ["security", rest @ ..] => security(verb, rest),
        ["users", rest @ ..] => user(verb, rest),
        ["me"] => get(verb, || Endpoint {
            delegated_only: true,
            user: SELF,
            app: &[],
            ..directory(&[], 1, users::me)
        }),
        ["identityprotection", rest @ ..] => protection(verb, rest),
        ["auditlogs", rest @ ..] => logs(verb, rest),
        ["devices", rest @ ..] => device(verb, rest),
        ["organization"] => get(verb, || Endpoint {
            user: SELF,
            ..directory(ORGANIZATION, 1, directory::organizations)
        }),
        ["organization", _] => get(verb, || Endpoint {
            user: SELF,
            ..directory(ORGANIZATION, 1, directory::organization)
        }),
        ["subscribedskus"] => get(verb, || directory(ORGANIZATION, 1, licences::all)),
        ["admin", "serviceannouncement", rest @ ..] => announcement(verb, rest),
        ["serviceprincipals", rest @ ..] => principal(verb, rest),
        ["directoryroles", _, "members", "microsoft.graph.user"] => {
            get(verb, || directory(ROLES, 2, user_parts::role_members))
        }
        _ => None,
    };
    match found {
        Some(found) => found,
        None => Err(Fault::segment(path.last().map_or("", |p| p))),
    }
}

/// Nothing here · the wrong method · the endpoint.
type Found = Option<Result<Endpoint, Fault>>;

fn get(verb: &str, make: impl FnOnce() -> Endpoint) -> Found {
    Some(if verb == "GET" {
        Ok(make())
    } else {
        Err(Fault::method(verb))
    })
}

fn post(verb: &str, make: impl FnOnce() -> Endpoint) -> Found {
    Some(if verb == "POST" {
        Ok(make())
    } else {
        Err(Fault::method(verb))
    })
}

fn security(verb: &str, rest: &[&str]) -> Found {
    let read = |need, run| endpoint(Family::Security, need, Duty::ReadSecurity, run);
    let write = |need, run| endpoint(Family::Security, need, Duty::WriteSecurity, run);
    match rest {
        ["incidents"] => get(verb, || read(INCIDENTS, incidents::list)),
        [
            "incidents",
            "mergeincidents" | "microsoft.graph.security.mergeincidents",
        ] => post(verb, || write(INCIDENTS_WRITE, moves::merge)),
        ["incidents", _] if verb == "PATCH" => Some(Ok(write(INCIDENTS_WRITE, incidents::patch))),
        ["incidents", _] => get(verb, || read(INCIDENTS, incidents::get)),
        ["incidents", _, "alerts"] => get(verb, || read(BOTH, incidents::alerts)),
        ["incidents", _, "comments"] => post(verb, || write(INCIDENTS_WRITE, incidents::comment)),
        ["collaboration", "analyzedemails"] => get(verb, || Endpoint {
            user: NOBODY,
            ..read(MAIL, mail::list)
        }),
        [
            "collaboration",
            "analyzedemails",
            "remediate" | "microsoft.graph.security.remediate",
        ] => post(verb, || Endpoint {
            user: NOBODY,
            ..write(MAIL_WRITE, mail::remediate)
        }),
        ["collaboration", "analyzedemails", _] => get(verb, || Endpoint {
            user: NOBODY,
            ..read(MAIL, mail::get)
        }),
        ["identities", "identityaccounts"] => get(verb, || read(IDENTITIES, identities::list)),
        ["identities", "identityaccounts", _] => get(verb, || read(IDENTITIES, identities::get)),
        [
            "identities",
            "identityaccounts",
            _,
            "invokeaction" | "microsoft.graph.security.invokeaction",
        ] => post(verb, || write(IDENTITIES_WRITE, identities::invoke)),
        ["runhuntingquery" | "microsoft.graph.security.runhuntingquery"] => {
            post(verb, || Endpoint {
                own_budget: true,
                ..read(HUNTING, hunting::run)
            })
        }
        ["alerts_v2"] => get(verb, || read(ALERTS, alerts::list)),
        [
            "alerts_v2",
            "movealerts" | "microsoft.graph.security.movealerts",
        ] => post(verb, || write(ALERTS_WRITE, moves::alerts)),
        ["alerts_v2", _] if verb == "PATCH" => Some(Ok(write(ALERTS_WRITE, alerts::patch))),
        ["alerts_v2", _] => get(verb, || read(ALERTS, alerts::get)),
        ["securescores"] => get(verb, || read(SCORE, score::scores)),
        ["securescores", _] => get(verb, || read(SCORE, score::one)),
        ["securescorecontrolprofiles"] => get(verb, || read(SCORE, score::profiles)),
        ["securescorecontrolprofiles", _] if verb == "PATCH" => {
            Some(Ok(write(SCORE_WRITE, score::patch)))
        }
        ["securescorecontrolprofiles", _] => get(verb, || read(SCORE, score::one_profile)),
        ["auditlog", "queries"] if verb == "POST" => Some(Ok(read(SEARCH, search::create))),
        ["auditlog", "queries"] => get(verb, || read(SEARCH, search::list)),
        ["auditlog", "queries", _] => get(verb, || read(SEARCH, search::get)),
        ["auditlog", "queries", _, "records"] => get(verb, || read(SEARCH, search::records)),
        ["alerts_v2", _, "comments"] => post(verb, || write(ALERTS_WRITE, alerts::comment)),
        _ => None,
    }
}

fn user(verb: &str, rest: &[&str]) -> Found {
    match rest {
        [] => get(verb, || Endpoint {
            user: BASIC,
            ..directory(USERS, 2, users::list)
        }),
        ["$count"] => get(verb, || Endpoint {
            user: BASIC,
            ..directory(USERS, 2, users::count)
        }),
        ["delta"] => get(verb, || Endpoint {
            user: BASIC,
            ..directory(USERS, 2, delta::users)
        }),
        // which permission it takes depends on what the body sets
        [_] if verb == "PATCH" => Some(Ok(directory(&[], 1, user_writes::patch))),
        [_] => get(verb, || Endpoint {
            user: SELF,
            ..directory(USERS, 1, users::get)
        }),
        [_, "revokesigninsessions"] => post(verb, || directory(REVOKE, 1, user_writes::revoke)),
        [_, "manager"] => get(verb, || directory(USERS, 1, user_parts::manager)),
        [_, "directreports"] => get(verb, || directory(USERS, 1, user_parts::reports)),
        [_, "memberof" | "transitivememberof"] | [_, "memberof" | "transitivememberof", _] => {
            get(verb, || directory(USERS, 2, user_parts::member_of))
        }
        [_, "owneddevices"] => get(verb, || directory(USERS, 1, user_parts::owned)),
        [_, "registereddevices"] => get(verb, || directory(USERS, 1, user_parts::registered)),
        [_, "oauth2permissiongrants"] => get(verb, || directory(GRANTS, 1, user_parts::grants)),
        [_, "approleassignments"] => get(verb, || directory(DIRECTORY, 2, user_parts::app_roles)),
        [_, "authentication", "methods"] => get(verb, || {
            endpoint(
                Family::Methods,
                METHODS,
                Duty::ReadMethods,
                user_parts::methods,
            )
        }),
        [_, "authentication", "methods", _] => get(verb, || {
            endpoint(
                Family::Methods,
                METHODS,
                Duty::ReadMethods,
                user_parts::method,
            )
        }),
        _ => None,
    }
}

fn protection(verb: &str, rest: &[&str]) -> Found {
    let risk = |need, run| endpoint(Family::Risk, need, Duty::ReadSecurity, run);
    let judge = |need, run| endpoint(Family::Risk, need, Duty::WriteSecurity, run);
    match rest {
        ["riskyusers"] => get(verb, || risk(RISKY, risk::users)),
        ["riskyusers", "confirmcompromised"] => {
            post(verb, || judge(RISKY_WRITE, risk::confirm_compromised))
        }
        ["riskyusers", "confirmsafe"] => post(verb, || judge(RISKY_WRITE, risk::confirm_safe)),
        ["riskyusers", "dismiss"] => post(verb, || judge(RISKY_WRITE, risk::dismiss)),
        ["riskyusers", _] => get(verb, || risk(RISKY, risk::user)),
        ["riskyusers", _, "history"] => get(verb, || risk(RISKY, risk::history)),
        ["riskdetections"] => get(verb, || risk(DETECTIONS, risk::detections)),
        ["riskdetections", _] => get(verb, || risk(DETECTIONS, risk::detection)),
        _ => None,
    }
}

fn logs(verb: &str, rest: &[&str]) -> Found {
    let report = |run| endpoint(Family::Reports, LOGS, Duty::ReadReports, run);
    match rest {
        ["signins"] => get(verb, || report(audit::sign_ins)),
        ["signins", _] => get(verb, || report(audit::sign_in)),
        ["directoryaudits"] => get(verb, || report(audit::audits)),
        ["directoryaudits", _] => get(verb, || report(audit::audit)),
        _ => None,
    }
}

/// The one thing of beta that is played.
fn beta(verb: &str, rest: &[&str]) -> Found {
    let read = |run| endpoint(Family::Security, DISCOVERY, Duty::ReadSecurity, run);
    match rest {
        [
            "security",
            "datadiscovery",
            "cloudappdiscovery",
            "uploadedstreams",
            rest @ ..,
        ] => match rest {
            [] => get(verb, || read(discovery::streams)),
            [
                _,
                "aggregatedappsdetails" | "microsoft.graph.security.aggregatedappsdetails",
                _,
            ] => get(verb, || read(discovery::details)),
            _ => None,
        },
        _ => None,
    }
}

fn announcement(verb: &str, rest: &[&str]) -> Found {
    let read = |need, run| endpoint(Family::Announcements, need, Duty::ReadReports, run);
    match rest {
        ["healthoverviews"] => get(verb, || read(HEALTH, announce::health)),
        ["healthoverviews", _] => get(verb, || read(HEALTH, announce::health_of)),
        ["issues"] => get(verb, || read(HEALTH, announce::issues)),
        ["issues", _] => get(verb, || read(HEALTH, announce::issue)),
        ["messages"] => get(verb, || read(NEWS, announce::messages)),
        ["messages", _] => get(verb, || read(NEWS, announce::message)),
        _ => None,
    }
}

fn device(verb: &str, rest: &[&str]) -> Found {
    match rest {
        [] => get(verb, || directory(DEVICES, 1, directory::devices)),
        [_] => get(verb, || directory(DEVICES, 1, directory::device)),
        [_, "registeredowners" | "registeredusers"] => {
            get(verb, || directory(DEVICES, 1, directory::owners))
        }
        _ => None,
    }
}

fn principal(verb: &str, rest: &[&str]) -> Found {
    match rest {
        [] => get(verb, || directory(APPS, 1, principals::list)),
        [_] => get(verb, || directory(APPS, 1, principals::get)),
        [_, "approleassignments"] => get(verb, || directory(APPS, 2, principals::assignments)),
        [_, "oauth2permissiongrants"] => get(verb, || directory(GRANTS, 1, principals::grants)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_parentheses_are_segments() {
        let cut = |text: &str| {
            keys_as_segments(&text.split('/').map(str::to_owned).collect::<Vec<_>>()).join("/")
        };
        assert_eq!(cut("users('$x@y')/manager"), "users/$x@y/manager");
        assert_eq!(cut("users('O''Neil@y')"), "users/O'Neil@y");
        assert_eq!(
            cut("servicePrincipals(appId='1')"),
            "servicePrincipals/appId='1'"
        );
        assert_eq!(cut("users/a(b)"), "users/a/b");
    }
}
