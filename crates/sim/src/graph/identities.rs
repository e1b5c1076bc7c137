//! `/security/identities/identityAccounts`: the accounts of a person in Active Directory and elsewhere, and what can be done to them.

use serde_json::{Value, json};

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page::{self, Paging};
use super::triage;
use super::user_writes;
use crate::odata::check::{EQ, Kind, Over, Rules, check, field};
use crate::odata::eval::{Case, Cell, Lazy};
use crate::response::accounts::{self, Line};
use crate::tenant::locked;
use crate::wire::answer::Answer;
use crate::world::directory::cloud_sid;
use crate::world::{Obj, obj};

const RULES: Rules = Rules {
    kind: "microsoft.graph.security.identityAccounts",
    filter: &[
        field("id", Kind::Text, EQ),
        field("displayName", Kind::Text, EQ),
        field("domain", Kind::Text, EQ),
        field("onPremisesSecurityIdentifier", Kind::Text, EQ),
        field("cloudSecurityIdentifier", Kind::Text, EQ),
    ],
    select: &[
        "id",
        "accounts",
        "cloudSecurityIdentifier",
        "displayName",
        "domain",
        "isEnabled",
        "onPremisesSecurityIdentifier",
        "userPrincipalName",
        "emailAddress",
    ],
    orderby: &[],
    expand: &[],
    top: (100, 999),
    over: Over::Clamped,
    skip: false,
    count: false,
    search: false,
    advanced: false,
    case: Case::Folded,
};

/// What each provider takes; the directory itself has its own paths.
const PAIRS: &[(&str, &[&str])] = &[
    (
        "activeDirectory",
        &["disable", "enable", "forcePasswordReset"],
    ),
    ("okta", &["disable", "enable", "revokeAllSessions"]),
    ("entraID", &[]),
];
const ACTIONS: &[&str] = &[
    "disable",
    "enable",
    "forcePasswordReset",
    "revokeAllSessions",
    "requireUserToSignInAgain",
    "markUserAsCompromised",
];

fn render(cx: &Cx<'_>, user: usize) -> Obj {
    let row = cx.world.user_row(user);
    let (id, premises) = cx.world.identity_ids(user);
    let whole = cx.world.user_json(user);
    let mut list = Vec::new();
    if row.synced {
        list.push(json!({"identifier": premises.to_string(), "identityProvider": "activeDirectory", "actions": PAIRS[0].1}));
    }
    list.push(
        json!({"identifier": row.id.to_string(), "identityProvider": "entraID", "actions": []}),
    );
    let enabled = if row.synced {
        accounts::enabled_on_premises(cx.tenant, user)
    } else {
        accounts::enabled(cx.tenant, user)
    };
    obj(json!({
        "@odata.type": "#microsoft.graph.security.user",
        "id": id.to_string(),
        "displayName": row.display,
        "domain": if row.synced { json!("corp.contoso.com") } else { Value::Null },
        "isEnabled": enabled,
        "onPremisesSecurityIdentifier": whole.get("onPremisesSecurityIdentifier"),
        "cloudSecurityIdentifier": whole.get("securityIdentifier"),
        "userPrincipalName": row.upn,
        "emailAddress": row.mail,
        "accounts": list,
    }))
}

fn find(cx: &Cx<'_>, id: &str) -> Result<usize, Fault> {
    cx.world
        .user_by_identity(id)
        .ok_or_else(|| Fault::no_entity(&format!("Identity account {id}")))
}

/// `GET /security/identities/identityAccounts`
pub(super) fn list(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &RULES, false).map_err(|r| Family::Security.refuse(r))?;
    let row = |user: usize| {
        let row = cx.world.user_row(user);
        // whoever looks for one of two hundred thousand does not wait for all of them to be written out
        let quick = move |name: &str| {
            Some(match name {
                "id" => Cell::Text(cx.world.identity_ids(user).0.to_string().into()),
                "displayName" => Cell::from(row.display),
                "domain" if row.synced => Cell::from("corp.contoso.com"),
                "onPremisesSecurityIdentifier" if row.synced => {
                    Cell::Text(cx.world.user_sid(user).into())
                }
                "domain" | "onPremisesSecurityIdentifier" => Cell::Null,
                "cloudSecurityIdentifier" => Cell::Text(cloud_sid(row.id).into()),
                _ => return None,
            })
        };
        Lazy::new(quick, move || render(cx, user))
    };
    page::list(
        cx,
        "security/identities/identityAccounts",
        &RULES,
        Paging::Token,
        0..cx.world.user_count(),
        row,
        |user| render(cx, user),
    )
}

/// `GET /security/identities/identityAccounts/{id}`
pub(super) fn get(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let user = find(cx, &path[3])?;
    Ok(page::entity(
        cx,
        "security/identities/identityAccounts/$entity",
        render(cx, user),
    ))
}

/// `POST /security/identities/identityAccounts/{id}/invokeAction`
pub(super) fn invoke(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let body = triage::body(cx)?;
    if let Some(stranger) = body
        .keys()
        .find(|k| !["accountId", "action", "identityProvider"].contains(&k.as_str()))
    {
        return Err(Fault::bad(format!("Invalid property '{stranger}'.")));
    }
    let text = |key: &str| {
        body.get(key)
            .and_then(Value::as_str)
            .filter(|t| !t.is_empty())
            .ok_or_else(|| Fault::bad(format!("{key} is required.")))
    };
    let (account, action, provider) = (
        text("accountId")?,
        text("action")?,
        text("identityProvider")?,
    );
    let named = |list: &[&'static str], what: &str, word: &str| {
        list.iter()
            .find(|m| m.eq_ignore_ascii_case(word))
            .copied()
            .ok_or_else(|| Fault::bad(format!("'{word}' is not a member of {what}.")))
    };
    let action = named(ACTIONS, "action", action)?;
    let provider = named(
        &["entraID", "activeDirectory", "okta"],
        "identityProvider",
        provider,
    )?;
    let user = find(cx, &path[3])?;
    let fits = PAIRS
        .iter()
        .any(|(p, actions)| *p == provider && actions.contains(&action));
    if !fits {
        return Err(Fault::bad(format!(
            "The action '{action}' is not supported for the identity provider '{provider}'."
        )));
    }
    let (_, premises) = cx.world.identity_ids(user);
    let has = provider == "activeDirectory"
        && cx.world.user_row(user).synced
        && premises.to_string().eq_ignore_ascii_case(account);
    if !has {
        return Err(Fault::no_entity(&format!(
            "Account {account} of {provider}"
        )));
    }
    let now = cx.tenant.clock.told();
    {
        let mut accounts = locked(&cx.tenant.response.accounts);
        let edit = accounts.edit(user);
        match action {
            "disable" => edit.premises.push((now, false)),
            "enable" => edit.premises.push((now, true)),
            _ => edit.premises_force = Some(now),
        }
    }
    let activity = match action {
        "disable" => "Disable on-premises account",
        "enable" => "Enable on-premises account",
        _ => "Force on-premises password reset",
    };
    user_writes::note(
        cx,
        user,
        &Line {
            activity,
            category: "UserManagement",
            service: "Microsoft Defender for Identity",
            change: None,
        },
    );
    let result = obj(json!({
        "accountId": account,
        "action": action,
        "identityProvider": provider,
        "correlationId": cx.ask.client_request_id().unwrap_or(&cx.ask.request_id),
    }));
    Ok(page::entity(
        cx,
        "microsoft.graph.security.invokeActionResult",
        result,
    ))
}
