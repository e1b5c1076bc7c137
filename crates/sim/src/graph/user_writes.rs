//! Writing on users: enabled or not, password, sessions. Who may do it to whom goes by the directory roles on both sides.

use serde_json::{Value, json};

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::triage;
use super::users;
use crate::clock::iso;
use crate::login::verify::Need;
use crate::response::accounts::{self, Line};
use crate::tenant::locked;
use crate::wire::answer::Answer;
use crate::world::obj;

/// What it takes to set `accountEnabled`.
const ENABLE: Need = &[&["User.EnableDisableAccount.All", "User.Read.All"]];
/// What it takes to set `passwordProfile`.
const PASSWORD: Need = &[&["User-PasswordProfile.ReadWrite.All"]];

const CORE: &str = "Core Directory";

/// Roles that may do it to anybody.
const ABOVE: &[&str] = &[
    "Global Administrator",
    "Privileged Authentication Administrator",
];
/// Roles whose holders a User Administrator may still act on.
const BELOW: &[&str] = &[
    "User Administrator",
    "Groups Administrator",
    "Helpdesk Administrator",
];

fn denied() -> Fault {
    Fault::new(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    )
}

/// Does the target hold a role, or belong to a group that can be given one?
fn privileged(cx: &Cx<'_>, target: usize) -> bool {
    !cx.tenant.roles_of(target).is_empty() || assignable(cx, target)
}

fn assignable(cx: &Cx<'_>, target: usize) -> bool {
    let groups = cx.world.user_member_of(target);
    groups
        .iter()
        .any(|g| g.get("isAssignableToRole") == Some(&json!(true)))
}

/// May the caller act on the target? `role` says whether an application needs one of its own even for ordinary users.
fn rank(cx: &Cx<'_>, target: usize, role: bool) -> Result<(), Fault> {
    let own: Vec<String> = match cx.caller.user {
        Some(user) => cx
            .tenant
            .roles_of(user)
            .iter()
            .map(|r| (*r).to_owned())
            .collect(),
        None => cx.tenant.settings().app_roles,
    };
    let holds = |names: &[&str]| own.iter().any(|r| names.contains(&r.as_str()));
    if holds(ABOVE) {
        return Ok(());
    }
    let manages = holds(&["User Administrator"]);
    if !privileged(cx, target) {
        let enough = manages || (cx.caller.user.is_none() && !role);
        return if enough { Ok(()) } else { Err(denied()) };
    }
    let below = cx.tenant.roles_of(target).iter().all(|r| BELOW.contains(r));
    if manages && below && !assignable(cx, target) {
        return Ok(());
    }
    Err(denied())
}

/// `PATCH /users/{id}`: `accountEnabled` and `passwordProfile`; other properties are not played
pub(super) fn patch(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let body = triage::body(cx)?;
    let bad = |text: String| Fault::new(400, "Request_BadRequest", text);
    let mut enabled = None;
    let mut profile = None;
    for (key, value) in &body {
        match (key.as_str(), value) {
            (k, _) if k.contains('@') => {}
            ("accountEnabled", Value::Bool(on)) => enabled = Some(*on),
            ("passwordProfile", Value::Object(map)) => profile = Some(map),
            (name @ ("accountEnabled" | "passwordProfile"), other) => {
                return Err(bad(format!(
                    "Invalid value specified for property '{name}' of resource 'User': {other}."
                )));
            }
            (other, _) => {
                return Err(bad(format!(
                    "Property '{other}' is read-only or not known."
                )));
            }
        }
    }
    if enabled.is_none() && profile.is_none() {
        return Err(bad(
            "The request body contains no property to update.".into()
        ));
    }
    for (wanted, need) in [(enabled.is_some(), ENABLE), (profile.is_some(), PASSWORD)] {
        if wanted && !cx.caller.may(need) {
            return Err(Family::Directory.forbidden(
                &[],
                &cx.caller.held,
                cx.caller.user.is_none(),
            ));
        }
    }
    let flag = |name: &str| -> Result<Option<bool>, Fault> {
        match profile.and_then(|p| p.get(name)) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(*on)),
            Some(other) => Err(bad(format!(
                "Invalid value specified for property '{name}' of resource 'PasswordProfile': {other}."
            ))),
        }
    };
    let (change, mfa) = (
        flag("forceChangePasswordNextSignIn")?,
        flag("forceChangePasswordNextSignInWithMfa")?,
    );
    let password = match profile.and_then(|p| p.get("password")) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) if text.chars().count() >= 8 => true,
        Some(_) => {
            return Err(bad(
                "The specified password does not comply with password complexity requirements."
                    .into(),
            ));
        }
    };
    let target = users::find(cx, &path[1])?;
    rank(cx, target, profile.is_some())?;
    let row = cx.world.user_row(target);
    if profile.is_some() && row.synced {
        return Err(bad("Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.".into()));
    }
    let before = accounts::enabled(cx.tenant, target);
    let now = cx.tenant.clock.told();
    {
        let mut accounts = locked(&cx.tenant.response.accounts);
        let edit = accounts.edit(target);
        if let Some(on) = enabled {
            edit.cloud.push((now, on));
            // what was open before it was disabled does not open again with it
            edit.revocations += u32::from(!on);
        }
        if profile.is_some() {
            let old = edit.force.unwrap_or((now, false, false));
            edit.force = Some((now, change.unwrap_or(old.1), mfa.unwrap_or(old.2)));
        }
        if password {
            edit.password = Some(now);
            edit.revocations += 1;
        }
    }
    if password || enabled == Some(false) {
        cx.tenant.login.end_sessions(target);
    }
    if let Some(on) = enabled {
        let activity = if on {
            "Enable account"
        } else {
            "Disable account"
        };
        note(
            cx,
            target,
            &line(
                activity,
                Some(("AccountEnabled", json!([before]), json!([on]))),
            ),
        );
    }
    if change.is_some() || mfa.is_some() {
        let forced = change.or(mfa);
        note(
            cx,
            target,
            &line(
                "Update user",
                Some(("ForceChangePassword", json!([]), json!([forced]))),
            ),
        );
    }
    if password {
        note(cx, target, &line("Reset user password", None));
    }
    Ok(Answer::empty(204))
}

fn line<'a>(activity: &'a str, change: Option<(&'a str, Value, Value)>) -> Line<'a> {
    Line {
        activity,
        category: "UserManagement",
        service: CORE,
        change,
    }
}

/// `POST /users/{id}/revokeSignInSessions`: guests are answered alike and keep their sessions
pub(super) fn revoke(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let target = users::find(cx, &path[1])?;
    let now = cx.tenant.clock.told();
    if cx.world.user_row(target).user_type != "Guest" {
        {
            let mut accounts = locked(&cx.tenant.response.accounts);
            let edit = accounts.edit(target);
            edit.revoked = Some(now);
            edit.revocations += 1;
        }
        cx.tenant.login.end_sessions(target);
        let change = ("StsRefreshTokensValidFrom", json!([]), json!([iso(now)]));
        note(
            cx,
            target,
            &line("Update StsRefreshTokenValidFrom Timestamp", Some(change)),
        );
    }
    let body = json!({"@odata.context": cx.context("Edm.Boolean"), "value": true});
    Ok(Answer::json(200, &body))
}

/// Writes a line of the directory's audit. It carries the caller's own request id where that is a GUID (assumed).
pub(super) fn note(cx: &Cx<'_>, target: usize, line: &Line<'_>) {
    let now = cx.tenant.clock.told();
    let tenant = cx.tenant;
    let correlation = cx
        .ask
        .client_request_id()
        .filter(|id| crate::odata::filter::is_guid(Some(id)))
        .unwrap_or(&cx.ask.request_id);
    let (user, app) = match cx.caller.user {
        Some(by) => {
            let row = cx.world.user_row(by);
            let user = json!({"id": row.id.to_string(), "displayName": null, "userPrincipalName": row.upn, "ipAddress": "127.0.0.1"});
            (user, Value::Null)
        }
        None => (
            Value::Null,
            json!({"appId": tenant.info.client_id, "displayName": "Watchfloor", "servicePrincipalId": tenant.app_object_id(), "servicePrincipalName": null}),
        ),
    };
    let row = cx.world.user_row(target);
    let changes: Vec<Value> = line
        .change
        .iter()
        .map(|(name, old, new)| json!({"displayName": name, "oldValue": old.to_string(), "newValue": new.to_string()}))
        .collect();
    let mut accounts = locked(&tenant.response.accounts);
    let n = accounts.audits.len();
    let entry = obj(json!({
        "id": format!("Directory_{correlation}_W{n:05}"),
        "category": line.category,
        "correlationId": correlation,
        "result": "success",
        "resultReason": "",
        "activityDisplayName": line.activity,
        "activityDateTime": iso(now),
        "loggedByService": line.service,
        "operationType": "Update",
        "initiatedBy": {"user": user, "app": app},
        "targetResources": [{
            "id": row.id.to_string(), "displayName": row.display, "type": "User", "userPrincipalName": row.upn,
            "groupType": null, "modifiedProperties": changes,
        }],
        "additionalDetails": [],
    }));
    accounts.audits.push((now, target, entry));
}

/// Lines of the directory's audit that writes made, newest first; those of synchronization among them.
pub(super) fn notes(cx: &Cx<'_>) -> Vec<crate::world::Obj> {
    let lag = cx.tenant.settings().audit_lag();
    let now = cx.tenant.clock.told();
    let mut all: Vec<(jiff::Timestamp, crate::world::Obj)> = accounts::synchronized(cx.tenant)
        .into_iter()
        .map(|(at, user, on)| (at, by_sync(cx, at, user, on)))
        .collect();
    all.extend(
        locked(&cx.tenant.response.accounts)
            .audits
            .iter()
            .map(|(at, _, line)| (*at, line.clone())),
    );
    all.retain(|(at, _)| now.duration_since(*at) >= lag);
    // of one instant, what came last stands first
    all.reverse();
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    all.into_iter().map(|(_, line)| line).collect()
}

fn by_sync(cx: &Cx<'_>, at: jiff::Timestamp, user: usize, on: Option<bool>) -> crate::world::Obj {
    let row = cx.world.user_row(user);
    let sync = cx.world.user_row(cx.world.sync_account());
    let (activity, name, value) = match on {
        Some(true) => ("Enable account", "AccountEnabled", json!([true])),
        Some(false) => ("Disable account", "AccountEnabled", json!([false])),
        None => (
            "Update PasswordProfile",
            "ForceChangePassword",
            json!([true]),
        ),
    };
    let correlation = crate::tenant::guid(at.as_second() as u64, user as u64);
    obj(json!({
        "id": format!("Directory_{correlation}_S{user:05}"),
        "category": "UserManagement",
        "correlationId": correlation,
        "result": "success",
        "resultReason": "",
        "activityDisplayName": activity,
        "activityDateTime": iso(at),
        "loggedByService": CORE,
        "operationType": "Update",
        "initiatedBy": {
            "user": {"id": sync.id.to_string(), "displayName": null, "userPrincipalName": sync.upn, "ipAddress": "203.0.113.10"},
            "app": null,
        },
        "targetResources": [{
            "id": row.id.to_string(), "displayName": row.display, "type": "User", "userPrincipalName": row.upn,
            "groupType": null,
            "modifiedProperties": [{"displayName": name, "oldValue": "[]", "newValue": value.to_string()}],
        }],
        "additionalDetails": [],
    }))
}
