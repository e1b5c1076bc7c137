//! Defender for Endpoint: machines, what is done to them, its own alerts. No next links, `$skip` until a short page, its own error body.

pub(crate) mod actions;
mod advice;
mod alerts;
mod body;
mod export;
mod exposure;
mod files;
mod indicators;
mod list;
mod machines;
mod marks;
mod package;
mod respond;
mod route;
mod software;

use serde_json::json;

use crate::login::verify::{Caller, Denied, Need};
use crate::odata::options::Options;
use crate::permissions::Api;
use crate::roles;
use crate::tenant::Tenant;
use crate::throttle::{Surface, Verdict};
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;
use crate::world::World;
use route::Endpoint;

/// A refusal.
#[derive(Clone, Debug)]
struct Fault {
    status: u16,
    code: &'static str,
    message: String,
    headers: Vec<(&'static str, String)>,
}

impl Fault {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            headers: Vec::new(),
        }
    }

    fn odata(message: impl Into<String>) -> Self {
        Self::new(400, "ODataError", message)
    }

    fn none(what: &str, id: &str) -> Self {
        Self::new(
            404,
            "ResourceNotFound",
            format!("{what} {id} was not found"),
        )
    }

    fn answer(&self, ask: &Ask) -> Answer {
        let body = json!({"error": {"code": self.code, "message": self.message, "target": ask.request_id}});
        let mut answer = Answer::json(self.status, &body);
        for (name, value) in &self.headers {
            answer.set(name, value);
        }
        answer
    }
}

/// What a handler has at hand.
struct Cx<'a> {
    tenant: &'a Tenant,
    world: &'a World,
    ask: &'a Ask,
    caller: Caller,
    options: Options,
}

impl Cx<'_> {
    fn context(&self, tail: &str) -> String {
        format!(
            "{}{}/$metadata#{tail}",
            self.ask.origin,
            self.ask.service.root()
        )
    }
}

/// Answers a request to Defender.
pub(crate) fn answer(tenant: &Tenant, ask: &Ask) -> Answer {
    handle(tenant, ask).unwrap_or_else(|fault| fault.answer(ask))
}

/// Answers a request for a file: a package, or a part of an export.
pub(crate) fn file(tenant: &Tenant, ask: &Ask) -> Answer {
    if ask.header("authorization").is_none()
        && let Some(answer) = export::file(tenant, &ask.path, &ask.options())
    {
        return answer;
    }
    package::file(tenant, ask)
}

/// A refusal that a scenario asks for, in Defender's shape.
pub(crate) fn refuse(ask: &Ask, status: u16, code: &'static str, message: &str) -> Answer {
    Fault::new(status, code, message).answer(ask)
}

fn handle(tenant: &Tenant, ask: &Ask) -> Result<Answer, Fault> {
    let caller = Caller::of(tenant, ask, Api::Defender).map_err(|denied| unauthorized(&denied))?;
    let no_route = || {
        Fault::new(
            404,
            "NotFound",
            format!(
                "No HTTP resource was found that matches the request URI '{}'.",
                ask.path
            ),
        )
    };
    let mut path = ask.segments().ok_or_else(no_route)?;
    if path.first().is_some_and(|v| v.eq_ignore_ascii_case("v1.0")) {
        path.remove(0);
    }
    let endpoint = route::find(&ask.method, &path).ok_or_else(no_route)?;
    admit(tenant, &endpoint)?;
    permit(tenant, &endpoint, &caller)?;
    if endpoint.needs_vulnerability_management()
        && tenant.settings().lacks("vulnerability-management")
    {
        return Err(Fault::new(
            403,
            "DisabledFeature",
            "The tenant has no licence for vulnerability management.",
        ));
    }
    let options = Options::read(&ask.options()).map_err(|bad| Fault::odata(bad.to_string()))?;
    (endpoint.run)(
        &Cx {
            tenant,
            world: tenant.world(),
            ask,
            caller,
            options,
        },
        &path,
    )
}

fn unauthorized(denied: &Denied) -> Fault {
    let text = match denied {
        Denied::Missing => "Missing bearer token",
        Denied::Audience => "Account mode is inactive: the token's audience is not accepted",
        Denied::Expired => "The token is expired",
        _ => "The token could not be validated",
    };
    Fault {
        headers: vec![("www-authenticate", "Bearer error=\"invalid_token\"".into())],
        ..Fault::new(401, "Unauthorized", text)
    }
}

fn admit(tenant: &Tenant, endpoint: &Endpoint) -> Result<(), Fault> {
    let now = tenant.clock.millis();
    let take = |surface, limit, length| tenant.throttle.take(surface, 1, limit, length, now);
    let minute = take(Surface::Minute(endpoint.name), endpoint.minute, 60_000);
    let hour = take(Surface::Hour(endpoint.name), endpoint.hour, 3_600_000);
    match (minute, hour) {
        (Verdict::Fine(_), Verdict::Fine(_)) => Ok(()),
        (Verdict::Refused(a), Verdict::Refused(b)) => Err(too_many(a.max(b))),
        (Verdict::Refused(ms), _) | (_, Verdict::Refused(ms)) => Err(too_many(ms)),
    }
}

fn too_many(ms: i64) -> Fault {
    let wait = (ms.saturating_add(999) / 1000).to_string();
    Fault {
        headers: vec![("retry-after", wait)],
        ..Fault::new(429, "TooManyRequests", "API calls quota exceeded.")
    }
}

fn permit(tenant: &Tenant, endpoint: &Endpoint, caller: &Caller) -> Result<(), Fault> {
    let need = match endpoint.delegated {
        Some(need) if caller.user.is_some() => need,
        _ => endpoint.need,
    };
    if !caller.may(need) {
        return Err(forbidden(need, caller));
    }
    if let Some(user) = caller.user
        && !roles::allows(&tenant.roles_of(user), endpoint.duty)
    {
        return Err(Fault::new(
            403,
            "Forbidden",
            "User does not have a Defender role that permits this operation.",
        ));
    }
    Ok(())
}

/// A permission is missing: the text names those that would do.
fn forbidden(need: Need, caller: &Caller) -> Fault {
    let wanted: Vec<&str> = need.iter().flat_map(|all| all.iter().copied()).collect();
    let wider = wanted
        .iter()
        .map(|w| w.replace(".Read.", ".ReadWrite."))
        .filter(|w| !wanted.contains(&w.as_str()));
    let list = wanted
        .iter()
        .map(|w| (*w).to_owned())
        .chain(wider)
        .collect::<Vec<_>>()
        .join(", ");
    let who = if caller.user.is_some() {
        "delegated"
    } else {
        "application"
    };
    let text = format!(
        "The application does not have any of the required {who} permissions ({list}) to access the resource."
    );
    Fault::new(403, "Forbidden", text)
}
