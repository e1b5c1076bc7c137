//! What hangs on one user: manager, memberships, devices, grants, authentication methods.

use serde_json::Value;

use super::cx::Cx;
use super::directory::{DEVICE, MEMBER};
use super::fault::{Family, Fault};
use super::page;
use super::users::{RULES, find, present, single, typed};
use crate::odata::check::{CONTAINS, EQ, IN, Kind, Refused, Rules, check, field};
use crate::wire::answer::Answer;
use crate::world::Obj;
use crate::world::directory::ROLES;

fn refused(refusal: Refused) -> Fault {
    Family::Directory.refuse(refusal)
}

/// `GET /users/{id}/manager`
pub(super) fn manager(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    const ONE: Rules = single(RULES);
    check(&cx.options, &ONE, cx.eventual).map_err(refused)?;
    let i = find(cx, &path[1])?;
    let manager = cx
        .world
        .user_manager(i)
        .ok_or_else(|| Fault::no_object("manager"))?;
    Ok(page::entity(
        cx,
        "directoryObjects/$entity",
        typed(cx.world, manager),
    ))
}

/// `GET /users/{id}/directReports`
pub(super) fn reports(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &RULES, cx.eventual).map_err(refused)?;
    let i = find(cx, &path[1])?;
    let list: Vec<Obj> = cx
        .world
        .user_reports(i)
        .into_iter()
        .map(|r| typed(cx.world, r))
        .collect();
    page::objects(cx, "directoryObjects", &RULES, &list)
}

/// What a user is in, with names only where the caller may read them.
pub(super) fn memberships(cx: &Cx<'_>, i: usize) -> Vec<Obj> {
    let roles = cx.caller.may(&[&["RoleManagement.Read.Directory"]]);
    let groups = cx.caller.may(&[&["GroupMember.Read.All"]]);
    let rest = cx.caller.may(&[&["Directory.Read.All"]]);
    let mut list = cx.world.user_member_of(i);
    for item in &mut list {
        let readable = match item.get("@odata.type").and_then(Value::as_str) {
            Some("#microsoft.graph.directoryRole") => roles,
            Some("#microsoft.graph.group") => groups,
            _ => rest,
        };
        if !readable {
            for (key, value) in item.iter_mut() {
                if key != "id" && key != "@odata.type" {
                    *value = Value::Null;
                }
            }
        }
    }
    list
}

/// `GET /users/{id}/memberOf`, `/transitiveMemberOf`, and either with a cast
pub(super) fn member_of(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &MEMBER, cx.eventual).map_err(refused)?;
    let i = find(cx, &path[1])?;
    let mut list = memberships(cx, i);
    let Some(cast) = path.get(3) else {
        return page::objects(cx, "directoryObjects", &MEMBER, &list);
    };
    let known = ["directoryRole", "group", "administrativeUnit"];
    let kind = cast
        .strip_prefix("microsoft.graph.")
        .and_then(|k| known.iter().find(|n| n.eq_ignore_ascii_case(k)));
    let kind = kind.ok_or_else(|| Fault::segment(cast))?;
    if !(cx.eventual && cx.options.count) {
        return Err(Fault::unsupported(
            "Cast segments are only supported with the request header 'ConsistencyLevel: eventual' and the query parameter $count=true.",
        ));
    }
    let full = format!("#microsoft.graph.{kind}");
    list.retain(|item| item.get("@odata.type").and_then(Value::as_str) == Some(&full));
    for item in &mut list {
        // the type equals the declared one now, so it is not written
        item.remove("@odata.type");
    }
    page::objects(cx, &format!("{kind}s"), &MEMBER, &list)
}

/// `GET /directoryRoles(roleTemplateId='…')/members/microsoft.graph.user`: who holds a role, not who may take it on.
pub(super) fn role_members(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &RULES, cx.eventual).map_err(refused)?;
    if !(cx.eventual && cx.options.count) {
        return Err(Fault::unsupported(
            "Cast segments are only supported with the request header 'ConsistencyLevel: eventual' and the query parameter $count=true.",
        ));
    }
    let template = path[1]
        .strip_prefix("roleTemplateId='")
        .and_then(|id| id.strip_suffix('\''));
    let role = ROLES
        .iter()
        .find(|(_, id)| template.is_some_and(|t| t.eq_ignore_ascii_case(id)))
        .ok_or_else(|| Fault::no_object(&path[1]))?;
    let holders: Vec<Obj> = (cx.world.users_by_upn().iter())
        .map(|i| *i as usize)
        .filter(|i| cx.world.user_role_names(*i).contains(&role.0))
        .map(|i| present(cx, i))
        .collect();
    page::objects(cx, "users", &RULES, &holders)
}

/// `GET /users/{id}/ownedDevices`
pub(super) fn owned(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &DEVICE, cx.eventual).map_err(refused)?;
    let i = find(cx, &path[1])?;
    page::objects(
        cx,
        "directoryObjects",
        &DEVICE,
        &cx.world.user_owned_devices(i),
    )
}

/// `GET /users/{id}/registeredDevices`
pub(super) fn registered(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &DEVICE, cx.eventual).map_err(refused)?;
    let i = find(cx, &path[1])?;
    page::objects(
        cx,
        "directoryObjects",
        &DEVICE,
        &cx.world.user_registered_devices(i),
    )
}

pub(super) const GRANT: Rules = Rules {
    kind: "microsoft.graph.oAuth2PermissionGrant",
    filter: &[
        field("clientId", Kind::Text, EQ | IN),
        field("consentType", Kind::Text, EQ | IN),
        field("principalId", Kind::Text, EQ | IN),
        field("resourceId", Kind::Text, EQ | IN),
        field("scope", Kind::Text, EQ | CONTAINS),
    ],
    select: &[
        "id",
        "clientId",
        "consentType",
        "principalId",
        "resourceId",
        "scope",
    ],
    orderby: &[],
    expand: &[],
    ..RULES
};

/// `GET /users/{id}/oauth2PermissionGrants`
pub(super) fn grants(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &GRANT, cx.eventual).map_err(refused)?;
    let i = find(cx, &path[1])?;
    page::objects(
        cx,
        "oauth2PermissionGrants",
        &GRANT,
        &cx.world.user_oauth_grants(i),
    )
}

pub(super) const ASSIGNMENT: Rules = Rules {
    kind: "microsoft.graph.appRoleAssignment",
    filter: &[
        field("resourceId", Kind::Guid, EQ | IN),
        field("principalId", Kind::Guid, EQ | IN),
        field("appRoleId", Kind::Guid, EQ | IN),
    ],
    select: &[
        "id",
        "deletedDateTime",
        "appRoleId",
        "createdDateTime",
        "principalDisplayName",
        "principalId",
        "principalType",
        "resourceDisplayName",
        "resourceId",
    ],
    orderby: &[],
    expand: &[],
    ..RULES
};

/// `GET /users/{id}/appRoleAssignments`
pub(super) fn app_roles(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &ASSIGNMENT, cx.eventual).map_err(refused)?;
    let i = find(cx, &path[1])?;
    let context = format!("users('{}')/appRoleAssignments", path[1]);
    page::objects(cx, &context, &ASSIGNMENT, &cx.world.user_app_roles(i))
}

/// `GET /users/{id}/authentication/methods`
pub(super) fn methods(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    if cx.ask.options().iter().any(|(k, _)| k.starts_with('$')) {
        return Err(Fault::bad(
            "Query options are not supported for authentication methods.",
        ));
    }
    let i = find(cx, &path[1])?;
    let context = format!("users('{}')/authentication/methods", path[1]);
    Ok(page::write(
        cx,
        &context,
        None,
        None,
        cx.world.user_auth_methods(i).into_iter(),
    ))
}

/// `GET /users/{id}/authentication/methods/{id}`
pub(super) fn method(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let i = find(cx, &path[1])?;
    let id = &path[4];
    let found = cx
        .world
        .user_auth_methods(i)
        .into_iter()
        .find(|m| m.get("id").and_then(Value::as_str) == Some(id));
    let context = format!("users('{}')/authentication/methods/$entity", path[1]);
    found
        .map(|m| page::entity(cx, &context, m))
        .ok_or_else(|| Fault::no_object(id))
}
