//! `/users` and `/me`; what hangs on one user is in `user_parts`.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page::{self, Paging};
use super::user_parts;
use crate::odata::check::{
    ENDS, EQ, Field, IN, Kind, NE, NOT, ORDER, Ops, Over, Rules, STARTS, check, field,
};
use crate::odata::eval::{Case, Cell, Lazy, Row};
use crate::odata::search::Search;
use crate::response::accounts;
use crate::wire::answer::Answer;
use crate::world::{Obj, World};

const TEXT: Ops = EQ | NE | IN | ORDER | STARTS | ENDS | NOT;
const FLAG: Ops = EQ | NE | IN | NOT;
const WHEN: Ops = EQ | NE | IN | ORDER | NOT;

const FILTER: &[Field] = &[
    field("id", Kind::Text, EQ | NE | IN | NOT),
    field("userPrincipalName", Kind::Text, TEXT),
    field("displayName", Kind::Text, TEXT),
    field("mail", Kind::Text, TEXT),
    field("givenName", Kind::Text, TEXT),
    field("surname", Kind::Text, TEXT),
    field("mailNickname", Kind::Text, TEXT),
    field("jobTitle", Kind::Text, TEXT),
    field("department", Kind::Text, TEXT),
    field("companyName", Kind::Text, TEXT),
    field("officeLocation", Kind::Text, TEXT),
    field("city", Kind::Text, TEXT),
    field("country", Kind::Text, TEXT),
    field("state", Kind::Text, TEXT),
    field("usageLocation", Kind::Text, TEXT),
    field("preferredLanguage", Kind::Text, TEXT),
    field("employeeId", Kind::Text, TEXT),
    field("employeeType", Kind::Text, TEXT),
    field("userType", Kind::Text, TEXT),
    field("creationType", Kind::Text, TEXT),
    field("externalUserState", Kind::Text, TEXT),
    field("onPremisesSamAccountName", Kind::Text, TEXT),
    field("onPremisesSecurityIdentifier", Kind::Text, TEXT),
    field("onPremisesDomainName", Kind::Text, TEXT),
    field("onPremisesDistinguishedName", Kind::Text, TEXT),
    field("securityIdentifier", Kind::Text, EQ | NE | IN | NOT),
    field("accountEnabled", Kind::Bool, FLAG),
    field("onPremisesSyncEnabled", Kind::Bool, FLAG),
    field("createdDateTime", Kind::Time, WHEN),
    field("lastPasswordChangeDateTime", Kind::Time, WHEN),
    field("onPremisesLastSyncDateTime", Kind::Time, WHEN),
    field("signInActivity/lastSignInDateTime", Kind::Time, EQ | ORDER),
    field("proxyAddresses", Kind::List(&[""]), NOT),
    field("otherMails", Kind::List(&[""]), NOT),
    field("businessPhones", Kind::List(&[""]), NOT),
    field("assignedLicenses", Kind::List(&["skuId"]), NOT),
    field(
        "identities",
        Kind::List(&["issuer", "issuerAssignedId", "signInType"]),
        NOT,
    ),
];

/// Properties of a user, in the order of the model.
const PROPERTIES: &[&str] = &[
    "id",
    "deletedDateTime",
    "aboutMe",
    "accountEnabled",
    "ageGroup",
    "assignedLicenses",
    "assignedPlans",
    "authorizationInfo",
    "birthday",
    "businessPhones",
    "city",
    "companyName",
    "consentProvidedForMinor",
    "country",
    "createdDateTime",
    "creationType",
    "customSecurityAttributes",
    "department",
    "deviceEnrollmentLimit",
    "displayName",
    "employeeHireDate",
    "employeeId",
    "employeeLeaveDateTime",
    "employeeOrgData",
    "employeeType",
    "externalUserState",
    "externalUserStateChangeDateTime",
    "faxNumber",
    "givenName",
    "hireDate",
    "identities",
    "identityParentId",
    "imAddresses",
    "interests",
    "isManagementRestricted",
    "isResourceAccount",
    "jobTitle",
    "lastPasswordChangeDateTime",
    "legalAgeGroupClassification",
    "licenseAssignmentStates",
    "mail",
    "mailboxSettings",
    "mailNickname",
    "mobilePhone",
    "mySite",
    "officeLocation",
    "onPremisesDistinguishedName",
    "onPremisesDomainName",
    "onPremisesExtensionAttributes",
    "onPremisesImmutableId",
    "onPremisesLastSyncDateTime",
    "onPremisesProvisioningErrors",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
    "onPremisesSyncEnabled",
    "onPremisesUserPrincipalName",
    "otherMails",
    "passwordPolicies",
    "passwordProfile",
    "pastProjects",
    "postalCode",
    "preferredDataLocation",
    "preferredLanguage",
    "preferredName",
    "provisionedPlans",
    "proxyAddresses",
    "responsibilities",
    "schools",
    "securityIdentifier",
    "serviceProvisioningErrors",
    "showInAddressList",
    "signInActivity",
    "signInSessionsValidFromDateTime",
    "skills",
    "state",
    "streetAddress",
    "surname",
    "usageLocation",
    "userPrincipalName",
    "userType",
];

/// Kept elsewhere: a collection cannot be asked for them.
const ELSEWHERE: &[&str] = &[
    "aboutMe",
    "birthday",
    "hireDate",
    "interests",
    "mailboxSettings",
    "mySite",
    "pastProjects",
    "preferredName",
    "responsibilities",
    "schools",
    "skills",
    "deviceEnrollmentLimit",
];

/// What comes without `$select`.
pub(super) const USUAL: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

const RELATIONS: &[&str] = &[
    "manager",
    "directReports",
    "memberOf",
    "transitiveMemberOf",
    "ownedDevices",
    "registeredDevices",
    "appRoleAssignments",
];

pub(super) const RULES: Rules = Rules {
    kind: "microsoft.graph.user",
    filter: FILTER,
    select: PROPERTIES,
    orderby: &["displayName", "userPrincipalName"],
    expand: RELATIONS,
    top: (100, 999),
    over: Over::Refused,
    skip: false,
    count: true,
    search: true,
    advanced: true,
    case: Case::Folded,
};

const SEARCHED: &[&str] = &[
    "displayName",
    "mail",
    "userPrincipalName",
    "givenName",
    "surname",
    "mailNickname",
];

/// Items of an expanded relation, at most.
const EXPANDED: usize = 20;

/// One rule set for a single object: nothing but projection.
pub(super) const fn single(rules: Rules) -> Rules {
    Rules {
        filter: &[],
        orderby: &[],
        count: false,
        search: false,
        ..rules
    }
}

fn refused(refusal: crate::odata::check::Refused) -> Fault {
    Family::Directory.refuse(refusal)
}

/// The user a path names by object id or by user principal name.
pub(super) fn find(cx: &Cx<'_>, key: &str) -> Result<usize, Fault> {
    let found = if crate::odata::filter::is_guid(Some(key)) {
        cx.world.user_by_id(key)
    } else {
        cx.world.user_by_upn(key)
    };
    found.ok_or_else(|| Fault::no_object(key))
}

fn view<'a>(cx: &'a Cx<'_>, i: usize) -> impl Row + 'a {
    let row = cx.world.user_row(i);
    let touched = accounts::touched(cx.tenant, i);
    let quick = move |name: &str| {
        Some(match name {
            "accountEnabled" if touched => Cell::Bool(accounts::enabled(cx.tenant, i)),
            "id" => Cell::Text(Cow::Owned(row.id.to_string())),
            "userPrincipalName" => Cell::from(row.upn),
            "displayName" => Cell::from(row.display),
            "mail" => Cell::from(row.mail),
            "accountEnabled" => Cell::Bool(row.enabled),
            "userType" => Cell::from(row.user_type),
            "department" => Cell::from(row.department),
            "jobTitle" => Cell::from(row.title),
            "onPremisesSamAccountName" if row.synced => Cell::from(row.account),
            // the cloud's own accounts have null here, not false
            "onPremisesSyncEnabled" => {
                if row.synced {
                    Cell::Bool(true)
                } else {
                    Cell::Null
                }
            }
            _ => return None,
        })
    };
    Lazy::new(quick, move || whole(cx, i))
}

/// A user with the sign-in activity, which is kept apart.
fn whole(cx: &Cx<'_>, i: usize) -> Obj {
    let mut obj = present(cx, i);
    let activity = cx
        .world
        .user_sign_in_activity(i)
        .map_or(Value::Null, Value::Object);
    obj.insert("signInActivity".into(), activity);
    obj
}

/// A user as clients left it.
pub(super) fn present(cx: &Cx<'_>, i: usize) -> Obj {
    let mut obj = cx.world.user_json(i);
    accounts::overlay(cx.tenant, i, &mut obj);
    obj
}

/// Projection, and what only comes when it is named.
fn render(cx: &Cx<'_>, i: usize) -> Obj {
    let asked = cx
        .options
        .select
        .iter()
        .any(|s| s.starts_with("signInActivity"));
    let mut obj = if asked { whole(cx, i) } else { present(cx, i) };
    if cx.options.select.is_empty() {
        obj.retain(|key, _| USUAL.contains(&key.as_str()));
    }
    for item in &cx.options.expand {
        let cut = |list: Vec<Obj>| {
            Value::Array(list.into_iter().take(EXPANDED).map(Value::Object).collect())
        };
        let value = match item.name.as_str() {
            "manager" => match cx.world.user_manager(i) {
                Some(manager) => Value::Object(typed(cx.world, manager)),
                None => continue,
            },
            "directReports" => cut(cx
                .world
                .user_reports(i)
                .into_iter()
                .map(|r| typed(cx.world, r))
                .collect()),
            "memberOf" | "transitiveMemberOf" => cut(user_parts::memberships(cx, i)),
            "ownedDevices" => cut(cx.world.user_owned_devices(i)),
            "registeredDevices" => cut(cx.world.user_registered_devices(i)),
            _ => cut(cx.world.user_app_roles(i)),
        };
        obj.insert(item.name.clone(), value);
    }
    obj
}

/// A user among directory objects: the usual properties, and its type.
pub(super) fn typed(world: &World, i: usize) -> Obj {
    let mut out = Obj::new();
    out.insert("@odata.type".into(), json!("#microsoft.graph.user"));
    out.extend(
        world
            .user_json(i)
            .into_iter()
            .filter(|(key, _)| USUAL.contains(&key.as_str())),
    );
    out
}

/// Sign-in activity is a report: it takes the report's permission, and smaller pages.
fn activity(cx: &Cx<'_>) -> Result<(), Fault> {
    let selected = cx
        .options
        .select
        .iter()
        .any(|s| s.starts_with("signInActivity"));
    let filtered = cx
        .ask
        .options()
        .iter()
        .any(|(k, v)| k == "$filter" && v.contains("signInActivity"));
    if !selected && !filtered {
        return Ok(());
    }
    if !cx.caller.may(&[&["AuditLog.Read.All"]]) {
        return Err(Family::Reports.forbidden(
            &["AuditLog.Read.All"],
            &cx.caller.held,
            cx.caller.user.is_none(),
        ));
    }
    if cx.options.top.is_some_and(|top| top > 500) {
        return Err(refused(crate::odata::check::Refused::Top(500)));
    }
    Ok(())
}

fn searched(cx: &Cx<'_>) -> Result<Option<Search>, Fault> {
    let parsed = cx
        .options
        .search
        .as_deref()
        .map(|text| Search::parse(text, SEARCHED))
        .transpose();
    parsed.map_err(|text| Fault::new(400, "Request_BadRequest", text))
}

fn matches(world: &World, search: &Search, i: usize) -> bool {
    let row = world.user_row(i);
    let whole = std::cell::OnceCell::new();
    search.matches(|property| match property.to_ascii_lowercase().as_str() {
        "displayname" => Some(row.display),
        "mail" => row.mail,
        "userprincipalname" => Some(row.upn),
        _ => {
            let whole: &Obj = whole.get_or_init(|| world.user_json(i));
            whole
                .iter()
                .find(|(k, _)| k.eq_ignore_ascii_case(property))
                .and_then(|(_, v)| v.as_str())
        }
    })
}

/// `GET /users`
pub(super) fn list(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &RULES, cx.eventual).map_err(refused)?;
    if let Some(name) = cx
        .options
        .select
        .iter()
        .find(|s| ELSEWHERE.contains(&s.as_str()))
    {
        return Err(Fault::new(
            501,
            "NotImplemented",
            format!("The property '{name}' cannot be projected from a collection."),
        ));
    }
    if cx.options.expand.len() > 1 {
        return Err(Fault::unsupported("Only one relation can be expanded."));
    }
    activity(cx)?;
    let search = searched(cx)?;
    let by_name = cx
        .options
        .orderby
        .first()
        .is_some_and(|(path, _)| path[0] == "displayName");
    let descending = cx.options.orderby.first().is_some_and(|(_, d)| *d);
    let order = if by_name {
        cx.tenant.users_by_name()
    } else {
        cx.world.users_by_upn()
    };
    let at = |n: usize| order[if descending { order.len() - 1 - n } else { n }] as usize;
    let positions = (0..order.len())
        .map(at)
        .filter(|i| search.as_ref().is_none_or(|s| matches(cx.world, s, *i)));
    page::sorted(
        cx,
        "users",
        &RULES,
        Paging::Token,
        &[],
        positions,
        |i| view(cx, i),
        |i| render(cx, i),
    )
}

/// `GET /users/$count`
pub(super) fn count(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    if !cx.eventual {
        return Err(Fault::new(
            400,
            "Request_BadRequest",
            "$count is not currently supported.",
        ));
    }
    let counted = crate::odata::options::Options {
        count: true,
        ..cx.options.clone()
    };
    check(&counted, &RULES, true).map_err(refused)?;
    let search = searched(cx)?;
    let passes = |i: &usize| {
        let filter = cx.options.filter.as_ref();
        filter.is_none_or(|f| crate::odata::eval::passes(f, &view(cx, *i), Case::Folded))
            && search.as_ref().is_none_or(|s| matches(cx.world, s, *i))
    };
    let found = (0..cx.world.user_count()).filter(passes).count();
    Ok(Answer::bytes(200, "text/plain", found.to_string()))
}

/// `GET /users/{id}`
pub(super) fn get(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    const ONE: Rules = single(RULES);
    check(&cx.options, &ONE, cx.eventual).map_err(refused)?;
    activity(cx)?;
    let i = find(cx, &path[1])?;
    // User.Read alone shows only oneself
    if cx.caller.user.is_some_and(|me| me != i) && !cx.caller.may(&[&["User.ReadBasic.All"]]) {
        return Err(Family::Directory.forbidden(&["User.Read.All"], &cx.caller.held, false));
    }
    Ok(page::entity(cx, "users/$entity", render(cx, i)))
}

/// `GET /me`
pub(super) fn me(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    const ONE: Rules = single(RULES);
    check(&cx.options, &ONE, cx.eventual).map_err(refused)?;
    activity(cx)?;
    let i = cx.caller.user.ok_or_else(|| {
        Fault::bad("/me request is only valid with delegated authentication flow.")
    })?;
    Ok(page::entity(cx, "users/$entity", render(cx, i)))
}
