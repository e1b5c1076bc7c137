//! `/servicePrincipals`: how an application finds out what it was granted.

use serde_json::{Value, json};

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page::{self, Paging};
use super::user_parts::{ASSIGNMENT, GRANT};
use super::users;
use crate::clock::iso;
use crate::odata::check::{
    ENDS, EQ, IN, Kind, NE, NOT, ORDER, Over, Refused, Rules, STARTS, check, field,
};
use crate::odata::eval::{Case, Cell, Lazy};
use crate::permissions::{Api, DEFENDER, GRAPH};
use crate::tenant::{guid, locked};
use crate::wire::answer::Answer;
use crate::world::Obj;

const GRAPH_APP: &str = "00000003-0000-0000-c000-000000000000";
const DEFENDER_APP: &str = "fc780465-2017-40d4-a0c5-307022471b92";

const RULES: Rules = Rules {
    kind: "microsoft.graph.servicePrincipal",
    filter: &[
        field("id", Kind::Text, EQ | NE | IN | NOT),
        field("appId", Kind::Text, EQ | NE | IN | NOT),
        field(
            "displayName",
            Kind::Text,
            EQ | NE | IN | ORDER | STARTS | ENDS | NOT,
        ),
        field("servicePrincipalType", Kind::Text, EQ | NE | IN | NOT),
        field("accountEnabled", Kind::Bool, EQ | NE | IN | NOT),
        field("servicePrincipalNames", Kind::List(&[""]), NOT),
        field("tags", Kind::List(&[""]), NOT),
    ],
    select: &[
        "id",
        "deletedDateTime",
        "accountEnabled",
        "addIns",
        "alternativeNames",
        "appDescription",
        "appDisplayName",
        "appId",
        "applicationTemplateId",
        "appOwnerOrganizationId",
        "appRoleAssignmentRequired",
        "appRoles",
        "createdByAppId",
        "createdDateTime",
        "customSecurityAttributes",
        "description",
        "disabledByMicrosoftStatus",
        "displayName",
        "homepage",
        "info",
        "isDisabled",
        "keyCredentials",
        "loginUrl",
        "logoutUrl",
        "notes",
        "notificationEmailAddresses",
        "oauth2PermissionScopes",
        "passwordCredentials",
        "preferredSingleSignOnMode",
        "preferredTokenSigningKeyThumbprint",
        "replyUrls",
        "resourceSpecificApplicationPermissions",
        "samlSingleSignOnSettings",
        "servicePrincipalNames",
        "servicePrincipalType",
        "signInAudience",
        "tags",
        "tokenEncryptionKeyId",
        "verifiedPublisher",
    ],
    orderby: &["displayName"],
    expand: &[],
    top: (100, 999),
    over: Over::Refused,
    skip: false,
    count: true,
    search: false,
    advanced: true,
    case: Case::Folded,
};

fn refused(refusal: Refused) -> Fault {
    Family::Directory.refuse(refusal)
}

fn text<'a>(obj: &'a Obj, key: &str) -> &'a str {
    obj.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A principal, its application roles those that the simulator really checks.
fn render(cx: &Cx<'_>, i: usize) -> Obj {
    let mut obj = cx.world.app_json(i);
    let names = match text(&obj, "appId") {
        GRAPH_APP => GRAPH,
        DEFENDER_APP => DEFENDER,
        _ => return obj,
    };
    let roles: Vec<Value> = names
        .iter()
        .map(|name| {
            json!({"allowedMemberTypes": ["Application"], "description": name, "displayName": name, "id": role_id(cx, name),
                "isEnabled": true, "origin": "Application", "value": name})
        })
        .collect();
    obj.insert("appRoles".into(), Value::Array(roles));
    obj
}

fn role_id(cx: &Cx<'_>, name: &str) -> String {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    guid(cx.tenant.flags.seed, hash)
}

fn find(cx: &Cx<'_>, key: &str) -> Result<usize, Fault> {
    let found = match key.strip_prefix("appId=") {
        Some(id) => cx.world.app_by_app_id(id.trim_matches('\'')),
        None => cx.world.app_by_id(key),
    };
    found.ok_or_else(|| Fault::no_object(key))
}

/// `GET /servicePrincipals`
pub(super) fn list(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &RULES, cx.eventual).map_err(refused)?;
    let row = |i: usize| {
        Lazy::new(
            |_: &str| -> Option<Cell<'static>> { None },
            move || cx.world.app_json(i),
        )
    };
    page::list(
        cx,
        "servicePrincipals",
        &RULES,
        Paging::Token,
        0..cx.world.app_count(),
        row,
        |i| render(cx, i),
    )
}

/// `GET /servicePrincipals/{id}`, `/servicePrincipals(appId='…')`
pub(super) fn get(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    const ONE: Rules = users::single(RULES);
    check(&cx.options, &ONE, cx.eventual).map_err(refused)?;
    let i = find(cx, &path[1])?;
    Ok(page::entity(cx, "servicePrincipals/$entity", render(cx, i)))
}

/// `GET /servicePrincipals/{id}/appRoleAssignments`: what was granted to our own application, nothing for others
pub(super) fn assignments(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &ASSIGNMENT, cx.eventual).map_err(refused)?;
    let principal = cx.world.app_json(find(cx, &path[1])?);
    let mut list = Vec::new();
    if text(&principal, "appId") == cx.tenant.info.client_id {
        let grants = locked(&cx.tenant.grants);
        for (api, app) in [(Api::Graph, GRAPH_APP), (Api::Defender, DEFENDER_APP)] {
            let Some(resource) = cx.world.app_by_app_id(app).map(|i| cx.world.app_json(i)) else {
                continue;
            };
            for name in grants.on(api) {
                list.push(crate::world::obj(json!({
                    "id": guid(cx.tenant.flags.seed ^ 9, name.len() as u64 ^ (list.len() as u64) << 8),
                    "deletedDateTime": null,
                    "appRoleId": role_id(cx, &name),
                    "createdDateTime": iso(cx.tenant.started),
                    "principalDisplayName": text(&principal, "displayName"),
                    "principalId": text(&principal, "id"),
                    "principalType": "ServicePrincipal",
                    "resourceDisplayName": text(&resource, "displayName"),
                    "resourceId": text(&resource, "id"),
                })));
            }
        }
    }
    let context = format!("servicePrincipals('{}')/appRoleAssignments", path[1]);
    page::objects(cx, &context, &ASSIGNMENT, &list)
}

/// `GET /servicePrincipals/{id}/oauth2PermissionGrants`: delegated grants for all users
pub(super) fn grants(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &GRANT, cx.eventual).map_err(refused)?;
    let principal = cx.world.app_json(find(cx, &path[1])?);
    let mut list = Vec::new();
    if text(&principal, "appId") == cx.tenant.info.client_id
        && let Some(resource) = cx.world.app_by_app_id(GRAPH_APP)
    {
        let scope = locked(&cx.tenant.grants).on(Api::Graph).join(" ");
        list.push(crate::world::obj(json!({
            "id": guid(cx.tenant.flags.seed, 91),
            "clientId": text(&principal, "id"),
            "consentType": "AllPrincipals",
            "principalId": null,
            "resourceId": text(&cx.world.app_json(resource), "id"),
            "scope": scope,
        })));
    }
    page::objects(cx, "oauth2PermissionGrants", &GRANT, &list)
}
