//! What is read about an account before something is done to it, and what follows from it.

use super::common::{answer, is, is_us, list, others, shown};
use super::users::RISK;
use super::{About, Consequence, Fact};
use crate::model::{Call, EntityRef, Json, Key, Mode, Pages, Path, Service};
use crate::resource::Answer;
use table::Text;

const READS: &[&str] = &[
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const AUDIT: &[&str] = &["AuditLog.Read.All"];

// ---- what is read for the prompt

/// The directory roles it holds now; those it may take on are not to be seen here.
pub(super) fn roles_call(key: &Key) -> Option<Call> {
    let path = super::users::path(key).ok()?;
    Some(
        Call::get(
            Service::Graph,
            path.then("/transitiveMemberOf/microsoft.graph.directoryRole"),
        )
        .query("$select", "id,displayName,roleTemplateId")
        .query("$count", "true")
        .eventual()
        .pages(Pages::Links { at_most: 500 })
        .needs(READS),
    )
}

/// Who holds the highest role, as far as it is held now: groups and those who may take it on are not among them.
pub(super) fn administrators() -> Call {
    const HOLDERS: &str = "/directoryRoles(roleTemplateId='62e90394-69f5-4237-9190-012177145e10')/members/microsoft.graph.user";
    Call::get(Service::Graph, Path::new(HOLDERS))
        .query("$select", "id,userPrincipalName,accountEnabled")
        .query("$count", "true")
        .eventual()
        .pages(Pages::Links { at_most: 500 })
        .needs(&[
            "RoleManagement.Read.Directory",
            "Directory.Read.All",
            "RoleManagement.ReadWrite.Directory",
            "Directory.ReadWrite.All",
        ])
}

pub(super) fn identity_call(now: Json<'_>) -> Option<Call> {
    let sid = now.text("onPremisesSecurityIdentifier")?;
    let filter = format!(
        "onPremisesSecurityIdentifier eq {}",
        sid.txt().odata_literal()
    );
    Some(
        Call::get(
            Service::Graph,
            Path::new("/security/identities/identityAccounts"),
        )
        .query("$filter", filter)
        .needs(&[
            "SecurityIdentitiesAccount.Read.All",
            "SecurityIdentitiesActions.ReadWrite.All",
        ]),
    )
}

/// Who disabled it, as the directory's own audit has it.
pub(super) fn disablers(key: &Key) -> Call {
    let id = key.id.txt().odata_literal();
    Call::get(Service::Graph, Path::new("/auditLogs/directoryAudits"))
        .query("$filter", format!("targetResources/any(t: t/id eq {id})"))
        .query("$top", "50")
        .needs(AUDIT)
}

pub(super) fn risky(key: &Key) -> Result<Call, String> {
    let path = Path::new("/identityProtection/riskyUsers");
    let path = path.id(key.id.txt()).map_err(|e| e.to_string())?;
    Ok(Call::get(Service::Graph, path).needs(RISK).none_is_404())
}

/// Ids of the roles, so that one granted meanwhile is seen.
pub(super) fn state(_: &Key, now: Json<'_>, answers: &[Answer]) -> Vec<Fact> {
    let roles = answers.first().map(|a| {
        let mut ids: Vec<String> = a
            .items()
            .filter_map(|r| Some(r.text("id")?.txt().exact().to_owned()))
            .collect();
        ids.sort();
        ids.join(", ")
    });
    vec![
        ("sign-in name", now.text("userPrincipalName")),
        ("roles", roles.filter(|r| !r.is_empty()).map(Text::from)),
    ]
}

// ---- what follows from it

const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// What is said before anything on an account.
pub(super) fn account(about: &About<'_>) -> Vec<Consequence> {
    let j = about.entity;
    let mut out = ourselves(about);
    out.extend(roles(about));
    out.extend(break_glass(about));
    if is(j.str("userType"), "Guest") {
        let text =
            "a guest: only its access to this tenant is touched, at home the account goes on";
        out.push(Consequence::note(text));
    }
    let me = EntityRef::User {
        id: Some(about.key.id.clone()),
        upn: j.text("userPrincipalName"),
        sid: j.text("onPremisesSecurityIdentifier"),
        name: None,
    };
    out.extend(others(about, &me, j.text("displayName").as_ref()));
    out
}

fn ourselves(about: &About<'_>) -> Vec<Consequence> {
    let names = [
        Some(about.key.id.txt().exact()),
        about.entity.str("userPrincipalName"),
    ];
    let ours = names.iter().any(|n| is_us(about, *n));
    let text = "it is the account that you are signed in with or act as";
    ours.then(|| Consequence::grave(text).refuses("own-account"))
        .into_iter()
        .collect()
}

/// Roles against our own. Those whose names cannot be read count as privileged; those not taken on yet are not seen.
fn roles(about: &About<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    let Some(roles) = answer(about, 0, "its directory roles", &mut out) else {
        // unknown counts as privileged
        for c in &mut out {
            c.raises = Some(3);
        }
        return out;
    };
    let held: Vec<Json<'_>> = roles.items().collect();
    if !held.is_empty() {
        let names = held.iter().map(|r| {
            r.text("displayName")
                .map_or("a role whose name may not be read".to_owned(), |n| {
                    n.txt().shown().into_owned()
                })
        });
        let names = list(names, 4);
        out.push(Consequence::grave(format!("it holds {names}")).raises(3));
        out.push(Consequence::warn(match about.session.mode {
            Mode::AppOnly => "an app may act on it only with a directory role of its own: the permission alone is refused",
            Mode::Delegated => "you need a higher role than these: a lesser one is refused",
        }));
    }
    out.push(Consequence::note(
        "roles it may take on (eligible) are not seen here",
    ));
    out
}

/// Nobody must be left without a Global Administrator who can sign in. `n`: the place of `administrators` among the answers.
pub(super) fn last_administrator(about: &About<'_>, n: usize) -> Vec<Consequence> {
    let mut out = Vec::new();
    let roles = about.answers.first();
    // that its roles could not be read is said already; it may be one then
    let read = matches!(roles, Some(Answer::Got { .. } | Answer::None));
    let global = |r: Json<'_>| {
        let (id, name) = (r.str("roleTemplateId"), r.str("displayName"));
        is(id, GLOBAL_ADMINISTRATOR)
            || is(name, "Global Administrator")
            || (id.is_none() && name.is_none())
    };
    if read && !roles.into_iter().flat_map(Answer::items).any(global) {
        return out;
    }
    let what = "whether another enabled Global Administrator is left";
    let Some(holders) = answer(about, n, what, &mut out) else {
        return out;
    };
    let holders: Vec<Json<'_>> = holders.items().collect();
    let me = about.key.id.txt().exact();
    let mut enabled = 0;
    let mut unknown = 0;
    for other in holders.iter().filter(|h| !is(h.str("id"), me)) {
        match other.bool("accountEnabled") {
            Some(true) => enabled += 1,
            Some(false) => {}
            None => unknown += 1,
        }
    }
    out.push(match (enabled, unknown) {
        (0, 0) => Consequence::grave(
            "no other enabled Global Administrator is seen: nobody could undo this",
        )
        .refuses("last-administrator"),
        (0, _) => Consequence::unchecked(format!(
            "{what}: whether the others are enabled may not be read"
        ))
        .raises(3),
        (1, _) => Consequence::warn("one other enabled Global Administrator is left"),
        (n, _) => Consequence::note(format!("{n} other enabled Global Administrators are left")),
    });
    out
}

/// Accounts for an emergency are protected by their ids, which somebody has to name.
fn break_glass(about: &About<'_>) -> Option<Consequence> {
    let never = &about.guards().never;
    let named = never.iter().any(|n| n.key.kind == about.key.kind);
    (!named).then(|| {
        Consequence::note(
            "no account is on the never list: whether it is one for emergencies is not known here",
        )
    })
}

pub(super) fn synced(j: Json<'_>) -> Option<Consequence> {
    (j.bool("onPremisesSyncEnabled") == Some(true)).then(|| {
        Consequence::warn(
            "Active Directory owns it: the next synchronization may turn this back, so do it on premises too; it is looked at again after 35 minutes",
        )
    })
}

pub(super) fn not_synced(now: Json<'_>) -> Option<String> {
    (now.bool("onPremisesSyncEnabled") != Some(true))
        .then(|| "it is not synchronized from Active Directory".to_owned())
}

pub(super) fn on_premises(about: &About<'_>, then: &str) -> Vec<Consequence> {
    let mut out = account(about);
    if let Some(found) = answer(about, 1, "its account in Defender for Identity", &mut out)
        && found.items().next().is_none()
    {
        let text = "Defender for Identity does not know it: there is nothing to act on";
        out.push(Consequence::grave(text));
    }
    out.push(Consequence::note(then));
    out
}

/// Enabling what someone else disabled is another matter; the directory's audit decides, and not knowing counts as someone else.
pub(super) fn who_disabled(about: &About<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    let Some(audits) = answer(about, 1, "who disabled it", &mut out) else {
        for c in &mut out {
            c.raises = Some(2);
        }
        return out;
    };
    let last = audits
        .items()
        .filter(|a| is(a.str("activityDisplayName"), "Disable account"))
        .max_by_key(|a| a.time("activityDateTime"));
    let Some(last) = last else {
        out.push(Consequence::unchecked("who disabled it is not known").raises(2));
        return out;
    };
    let by = [
        "initiatedBy/user/id",
        "initiatedBy/user/userPrincipalName",
        "initiatedBy/app/appId",
        "initiatedBy/app/servicePrincipalId",
    ];
    let who = by.iter().filter_map(|p| last.path(p).as_str());
    if !who.clone().any(|w| is_us(about, Some(w))) {
        let name = [
            "initiatedBy/user/userPrincipalName",
            "initiatedBy/app/displayName",
            "initiatedBy/user/id",
        ];
        let name = name.iter().find_map(|p| last.path(p).as_text());
        let name = name.map_or("somebody else".to_owned(), |n| n.txt().shown().into_owned());
        out.push(Consequence::warn(format!("{name} disabled it, not you")).raises(2));
    }
    out
}

/// Where the risky user stands; its entity is that, not the account.
pub(super) fn risk_words(about: &About<'_>) -> Vec<Consequence> {
    let j = about.entity;
    let mut out = ourselves(about);
    out.push(match j.is_null() {
        true => Consequence::note("Identity Protection has nothing against it so far"),
        false => Consequence::note(format!(
            "risk {} now, {}",
            shown(j, "riskLevel"),
            shown(j, "riskState")
        )),
    });
    if j.bool("isProcessing") == Some(true) {
        let text = "an earlier judgement is still being worked on";
        out.push(Consequence::warn(text));
    }
    out.extend(roles(about));
    out
}
