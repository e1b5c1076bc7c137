//! Microsoft Graph: who may call what, how often, and which handler answers.
//!
//! `cx` is what a handler has, `page` writes collections, `fault` the refusals; the other modules are one surface each.

mod alerts;
mod announce;
pub(crate) mod audit;
mod batch;
mod cx;
mod delta;
mod directory;
mod discovery;
mod fault;
mod hunting;
mod identities;
mod incidents;
mod licences;
mod mail;
mod moves;
mod page;
mod principals;
mod risk;
mod route;
mod score;
mod search;
mod triage;
mod user_parts;
mod user_writes;
mod users;

use serde_json::json;

pub(crate) use score::Decisions;
pub(crate) use search::Searches;

use crate::login::verify::{Caller, Denied};
use crate::odata::options::Options;
use crate::permissions::Api;
use crate::roles;
use crate::tenant::Tenant;
use crate::throttle::{Surface, Verdict};
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;
use cx::Cx;
use fault::{Family, Fault};
use route::Endpoint;

/// Stands before the path where beta was asked for.
pub(crate) const BETA: &str = "~beta";

/// The media type of every JSON answer.
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// Answers a request to Graph.
pub(crate) fn answer(tenant: &Tenant, ask: &Ask) -> Answer {
    let mut notes = Vec::new();
    let mut answer = handle(tenant, ask, &mut notes)
        .unwrap_or_else(|fault| fault.answer(ask, tenant.clock.told()));
    for (name, value) in notes {
        answer.set(name, value);
    }
    answer.set("request-id", &ask.request_id);
    answer.set(
        "client-request-id",
        ask.client_request_id().unwrap_or(&ask.request_id),
    );
    answer.set(
        "x-ms-ags-diagnostic",
        json!({"ServerInfo": {"DataCenter": "Simulated", "Slice": "E", "Ring": "5", "ScaleUnit": "001", "RoleInstance": "WF000000"}})
            .to_string(),
    );
    if !answer.body.is_empty() && answer.header("content-type") == Some("application/json") {
        answer.set("content-type", JSON);
    }
    answer
}

/// A refusal that a scenario asks for, in Graph's shape.
pub(crate) fn refuse(
    tenant: &Tenant,
    ask: &Ask,
    status: u16,
    code: &'static str,
    message: &str,
) -> Answer {
    Fault::new(status, code, message).answer(ask, tenant.clock.told())
}

fn handle(
    tenant: &Tenant,
    ask: &Ask,
    notes: &mut Vec<(&'static str, String)>,
) -> Result<Answer, Fault> {
    let caller =
        Caller::of(tenant, ask, Api::Graph).map_err(|denied| unauthorized(tenant, &denied))?;
    let path = route::keys_as_segments(
        &ask.segments()
            .ok_or_else(|| Fault::bad("The request URL is malformed."))?,
    );
    let endpoint = route::find(&ask.method, &path)?;
    if endpoint.batch {
        return batch::run(tenant, ask);
    }
    if !endpoint.own_budget {
        admit(tenant, &endpoint, ask, notes)?;
    }
    if endpoint.delegated_only && caller.user.is_none() {
        return Err(Fault::bad(
            "/me request is only valid with delegated authentication flow.",
        ));
    }
    permit(tenant, &endpoint, &caller)?;
    let options = Options::read(&ask.options()).map_err(|bad| endpoint.family.unreadable(&bad))?;
    let eventual = ask
        .header("consistencylevel")
        .is_some_and(|v| v.eq_ignore_ascii_case("eventual"));
    let cx = Cx {
        tenant,
        world: tenant.world(),
        ask,
        caller,
        options,
        eventual,
    };
    (endpoint.run)(&cx, &path)
}

fn unauthorized(tenant: &Tenant, denied: &Denied) -> Fault {
    let text = match denied {
        Denied::Missing => "Access token is empty.",
        Denied::Malformed => "IDX14100: JWT is not well formed, there are no dots (.).",
        Denied::Signature => "Access token validation failure. Invalid signature.",
        Denied::Expired => "Lifetime validation failed, the token is expired.",
        Denied::Audience => "Access token validation failure. Invalid audience.",
        Denied::Challenge(_) => {
            "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp"
        }
        Denied::Policy => {
            "Access has been blocked by policy: the token was issued before the account's sessions were revoked."
        }
    };
    let authorize = format!("{}/common/oauth2/authorize", tenant.info.login);
    let head = format!("Bearer realm=\"\", authorization_uri=\"{authorize}\"");
    let head = match denied {
        Denied::Challenge(claims) => {
            format!("{head}, error=\"insufficient_claims\", claims=\"{claims}\"")
        }
        Denied::Missing => head,
        _ => format!("{head}, error=\"invalid_token\""),
    };
    Fault::new(401, "InvalidAuthenticationToken", text).with("www-authenticate", head)
}

/// Counts the call; refuses it when the budget of its surface is used up.
fn admit(
    tenant: &Tenant,
    endpoint: &Endpoint,
    ask: &Ask,
    notes: &mut Vec<(&'static str, String)>,
) -> Result<(), Fault> {
    let now = tenant.clock.millis();
    let throttle = &tenant.throttle;
    let refused = |message: &str| Fault::new(429, "TooManyRequests", message);
    match endpoint.family {
        Family::Security => match throttle.take(Surface::Security, 1, 150, 60_000, now) {
            Verdict::Fine(_) => Ok(()),
            // every third wait is written as a fraction, as the service has been seen to do
            Verdict::Refused(ms) => {
                let wait = if ms % 3 == 0 { format!("{:.3}", ms as f64 / 1000.0) } else { whole_seconds(ms) };
                Err(refused("Too Many Requests").with("retry-after", wait))
            }
        },
        Family::Risk => match throttle.take(Surface::Risk, 1, 1, 1_000, now) {
            Verdict::Fine(_) => Ok(()),
            Verdict::Refused(_) => Err(refused("Too many requests.")),
        },
        // no limit is documented
        Family::Announcements => Ok(()),
        Family::Reports => match throttle.take(Surface::Reports, 1, 5, 10_000, now) {
            Verdict::Fine(_) => Ok(()),
            Verdict::Refused(ms) => {
                Err(refused("This request is throttled. Please try again after the value specified in the Retry-After header.")
                    .with("retry-after", whole_seconds(ms)))
            }
        },
        Family::Directory | Family::Methods => {
            let limit = match tenant.world().user_count() {
                0..50 => 3_500,
                50..=500 => 5_000,
                _ => 8_000,
            };
            let cost = units(endpoint.cost, ask);
            notes.push(("x-ms-resource-unit", cost.to_string()));
            match throttle.take(Surface::Directory, cost, limit, 10_000, now) {
                Verdict::Fine(part) => {
                    if part > 0.8 {
                        notes.push(("x-ms-throttle-limit-percentage", format!("{part:.1}")));
                    }
                    Ok(())
                }
                Verdict::Refused(ms) => {
                    let scope = format!("Tenant_Application/ReadWrite/{}/{}", tenant.info.client_id, tenant.info.tenant_id);
                    Err(refused("Too many requests.")
                        .with("retry-after", whole_seconds(ms))
                        .with("x-ms-throttle-scope", scope)
                        .with("x-ms-throttle-information", "ResourceUnitLimitExceeded"))
                }
            }
        }
    }
}

fn whole_seconds(ms: i64) -> String {
    (ms.saturating_add(999) / 1000).to_string()
}

/// What a directory read costs: less when it selects or takes few, more when it expands.
fn units(base: u64, ask: &Ask) -> u64 {
    let mut cost = i64::try_from(base).unwrap_or(1);
    for (key, value) in ask.options() {
        match key.as_str() {
            "$select" => cost -= 1,
            "$expand" => cost += 1,
            "$top" if value.parse::<u64>().is_ok_and(|n| n < 20) => cost -= 1,
            _ => {}
        }
    }
    u64::try_from(cost.max(1)).unwrap_or(1)
}

/// Permissions of the token, and the role of the person behind it.
fn permit(tenant: &Tenant, endpoint: &Endpoint, caller: &Caller) -> Result<(), Fault> {
    let app = caller.user.is_none();
    let need = if app { endpoint.app } else { endpoint.user };
    if !caller.may(need) {
        let wanted: Vec<&str> = need.iter().flat_map(|all| all.iter().copied()).collect();
        return Err(endpoint.family.forbidden(&wanted, &caller.held, app));
    }
    if let Some(user) = caller.user
        && !roles::allows(&tenant.roles_of(user), endpoint.duty)
    {
        return Err(match endpoint.family {
            Family::Security => Fault::new(
                403,
                "Forbidden",
                "User does not have a role that permits this operation.",
            ),
            Family::Reports => Fault::new(
                403,
                "Authentication_RequestFromUserNotInRole",
                "User is not in the allowed roles for this operation.",
            ),
            family => family.forbidden(&[], &caller.held, app),
        });
    }
    Ok(())
}
