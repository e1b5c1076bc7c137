//! Azure Resource Manager, as far as Sentinel needs it: incidents of the workspace and its data connectors.
//!
//! The workspace is attached to Defender XDR: each of its incidents is one of Defender's, and closing it on one side closes it on the
//! other. Azure's roles are no part of a token; here what was consented to stands for them (assumed).

mod incident;

use serde_json::{Value, json};

use crate::login::verify::{Caller, Denied};
use crate::odata::eval::{Case, passes};
use crate::odata::options::Options;
use crate::permissions::Api;
use crate::queue;
use crate::tenant::{Tenant, guid};
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;
use crate::world::wire_bytes;

/// Rows on a page, without `$top` and at most (assumed).
const PAGE: (u64, u64) = (50, 1_000);
const READ: &str = "Sentinel.Reader";
const WRITE: &str = "Sentinel.Responder";

/// The workspace's path.
pub(crate) fn workspace() -> String {
    crate::world::azure_workspace()
}

/// A refusal.
#[derive(Clone, Debug)]
struct Refusal(u16, &'static str, String);

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self(status, code, message.into())
    }

    fn answer(&self) -> Answer {
        Answer::json(
            self.0,
            &json!({"error": {"code": self.1, "message": self.2}}),
        )
    }
}

/// Answers a request.
pub(crate) fn answer(tenant: &Tenant, ask: &Ask) -> Answer {
    handle(tenant, ask)
        .unwrap_or_else(|refusal| refusal.answer())
        .with("x-ms-request-id", &ask.request_id)
        .with("x-ms-correlation-request-id", &ask.request_id)
}

/// A refusal that a scenario asks for.
pub(crate) fn refuse(status: u16, code: &'static str, message: &str) -> Answer {
    Refusal::new(status, code, message).answer()
}

fn handle(tenant: &Tenant, ask: &Ask) -> Result<Answer, Refusal> {
    let caller = Caller::of(tenant, ask, Api::Arm).map_err(|denied| match denied {
        Denied::Missing => Refusal::new(
            401,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        ),
        Denied::Audience => Refusal::new(
            401,
            "InvalidAuthenticationTokenAudience",
            "The access token has been obtained for wrong audience or resource. It should exactly match one of the allowed audiences 'https://management.azure.com'.",
        ),
        Denied::Expired => Refusal::new(401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."),
        _ => Refusal::new(401, "InvalidAuthenticationToken", "The access token is invalid."),
    })?;
    let options = ask.options();
    if !options
        .iter()
        .any(|(k, v)| k.eq_ignore_ascii_case("api-version") && !v.is_empty())
    {
        return Err(Refusal::new(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        ));
    }
    let root = format!("{}/providers/Microsoft.SecurityInsights", workspace());
    let rest = ask
        .path
        .get(root.len()..)
        .filter(|_| ask.path[..root.len()].eq_ignore_ascii_case(&root));
    let Some(rest) = rest else {
        return Err(Refusal::new(
            404,
            "ResourceNotFound",
            format!("The Resource '{}' was not found.", ask.path),
        ));
    };
    let wanted = if ask.method == "PUT" { WRITE } else { READ };
    let held = |name: &str| caller.held.iter().any(|h| h == name);
    if !(held(wanted) || wanted == READ && held(WRITE)) {
        return Err(Refusal::new(
            403,
            "AuthorizationFailed",
            format!(
                "The client '{}' does not have authorization to perform action 'Microsoft.SecurityInsights/incidents/{}' over scope '{}'.",
                caller.name,
                if wanted == WRITE { "write" } else { "read" },
                ask.path
            ),
        ));
    }
    let parts: Vec<&str> = rest.split('/').filter(|p| !p.is_empty()).collect();
    match (ask.method.as_str(), parts.as_slice()) {
        ("GET", [what]) if what.eq_ignore_ascii_case("dataConnectors") => Ok(connectors(tenant)),
        ("GET", [what]) if what.eq_ignore_ascii_case("incidents") => list(tenant, ask),
        ("GET", [what, id]) if what.eq_ignore_ascii_case("incidents") => {
            incident::get(tenant, id).map(whole)
        }
        ("PUT", [what, id]) if what.eq_ignore_ascii_case("incidents") => {
            incident::put(tenant, &caller, id, &ask.body).map(whole)
        }
        ("POST", [what, id, part]) if what.eq_ignore_ascii_case("incidents") => match *part {
            "alerts" => incident::alerts(tenant, id).map(whole),
            "bookmarks" => incident::get(tenant, id).map(|_| whole(json!({"value": []}))),
            _ => Err(Refusal::new(404, "NotFound", "No such list.")),
        },
        ("GET", [what, id, "comments" | "relations" | "tasks"])
            if what.eq_ignore_ascii_case("incidents") =>
        {
            incident::get(tenant, id).map(|_| whole(json!({"value": []})))
        }
        _ => Err(Refusal::new(
            404,
            "NotFound",
            "The requested path does not exist.",
        )),
    }
}

fn whole(row: Value) -> Answer {
    let body = serde_json::to_vec(&row).unwrap_or_default();
    Answer::bytes(200, "application/json; charset=utf-8", wire_bytes(body))
}

/// `GET /incidents`: `nextLink` without the `@odata.`
fn list(tenant: &Tenant, ask: &Ask) -> Result<Answer, Refusal> {
    let bad = |text: String| Refusal::new(400, "BadRequest", text);
    let options = Options::read(&ask.options()).map_err(|e| bad(e.to_string()))?;
    let queue = queue::read(tenant);
    let top = options.top.unwrap_or(PAGE.0).clamp(1, PAGE.1) as usize;
    let all = ask.options();
    let token = all
        .iter()
        .find(|(k, _)| k.eq_ignore_ascii_case("$skipToken"));
    let start: usize = match token {
        None => 0,
        Some((_, text)) => text
            .parse()
            .map_err(|_| bad("The skipToken is not valid.".into()))?,
    };
    let rows = (0..queue.incident_count())
        .map(|p| incident::json(tenant, &queue, queue.incident_at(p)))
        .filter(|row| {
            let filter = options.filter.as_ref();
            filter.is_none_or(|f| passes(f, row, Case::Exact))
        });
    let mut page: Vec<Value> = rows.skip(start).take(top + 1).collect();
    let more = page.len() > top;
    page.truncate(top);
    let mut body = json!({ "value": page });
    if more {
        let kept: Vec<&str> = ask
            .query
            .split('&')
            .filter(|p| !p.to_ascii_lowercase().contains("skiptoken="))
            .collect();
        body["nextLink"] = json!(format!(
            "{}{}{}?{}&$skipToken={}",
            ask.origin,
            ask.service.root(),
            ask.path,
            kept.join("&"),
            start + top
        ));
    }
    Ok(whole(body))
}

/// Connectors by kind, with the states of their data types.
const CONNECTORS: [(&str, &[(&str, &str)]); 4] = [
    (
        "MicrosoftThreatProtection",
        &[("incidents", "enabled"), ("alerts", "enabled")],
    ),
    ("AzureActiveDirectory", &[("alerts", "enabled")]),
    (
        "Office365",
        &[
            ("exchange", "enabled"),
            ("sharePoint", "enabled"),
            ("teams", "disabled"),
        ],
    ),
    (
        "MicrosoftCloudAppSecurity",
        &[("alerts", "disabled"), ("discoveryLogs", "disabled")],
    ),
];

/// `GET /dataConnectors`
fn connectors(tenant: &Tenant) -> Answer {
    let rows: Vec<Value> = CONNECTORS
        .iter()
        .enumerate()
        .map(|(n, (kind, types))| {
            let id = guid(tenant.flags.seed, 0xc0_0000 + n as u64);
            let mut data = serde_json::Map::new();
            for (name, state) in *types {
                data.insert((*name).into(), json!({"state": state}));
            }
            json!({
                "id": format!("{}/providers/Microsoft.SecurityInsights/dataConnectors/{id}", workspace()),
                "name": id,
                "etag": format!("\"{id}\""),
                "type": "Microsoft.SecurityInsights/dataConnectors",
                "kind": kind,
                "properties": {"tenantId": tenant.info.tenant_id, "dataTypes": data},
            })
        })
        .collect();
    whole(json!({ "value": rows }))
}
