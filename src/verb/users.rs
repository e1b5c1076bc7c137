//! Response on accounts, `api/graph.md` 11, 13 and 15. By object id only.
//!
//! An account that Active Directory owns is disabled there (`on premises`): the cloud's own switch is turned back by the
//! next synchronization. What a verb does not end is said beside what it does.

use super::common::{is, list, quoted, sentence, shown};
use super::user_facts::{
    account, administrators, disablers, identity_call, last_administrator, not_synced, on_premises,
    risk_words, risky, roles_call, state, synced, who_disabled,
};
use super::{Args, Consequence, Needs, Proof, Verb};
use crate::model::{Call, Json, Key, Kind, Method, Path, Service, Ticks};
use crate::resource::Answer;
use serde_json::{Value, json};
use std::time::Duration;
use table::Txt;

const SWITCH: &[&str] = &[
    "User.EnableDisableAccount.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];
const REVOKE: &[&str] = &[
    "User.RevokeSessions.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];
const PASSWORD: &[&str] = &[
    "User-PasswordProfile.ReadWrite.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];
pub(super) const RISK: &[&str] = &["IdentityRiskyUser.ReadWrite.All"];
const IDENTITY: &[&str] = &["SecurityIdentitiesActions.ReadWrite.All"];

/// What rows about accounts have in common.
const BASE: Verb = Verb {
    kinds: &[Kind::User],
    preview: |key, _, _| roles_call(key).into_iter().collect(),
    state,
    idempotent: true,
    ..super::BASE
};

/// What rows about risk have in common: they read and judge the risky user of the same id.
const RISKY: Verb = Verb {
    kinds: &[Kind::User],
    needs: |_| {
        Needs::any(Service::Graph, RISK)
            .role("Security Operator")
            .licence("Entra ID P2")
    },
    read: Some(|key, _| risky(key)),
    preview: |key, _, _| roles_call(key).into_iter().collect(),
    state,
    writes: &["riskState"],
    idempotent: true,
    // one request a second for the whole tenant: read, write, read back
    pace: Duration::from_secs(4),
    ..super::BASE
};

/// What rows have in common that act in Active Directory through Defender for Identity.
const PREMISES: Verb = Verb {
    kinds: &[Kind::User],
    needs: |_| Needs::any(Service::Graph, IDENTITY).licence("Defender for Identity"),
    blocked: |_, now, _| not_synced(now),
    preview: |key, now, _| {
        let calls = [roles_call(key), identity_call(now)];
        calls.into_iter().flatten().collect()
    },
    state: |key, now, answers| {
        let mut out = state(key, now, answers);
        out.push(("security id", now.text("onPremisesSecurityIdentifier")));
        out
    },
    // Active Directory does it, and the cloud sees it at the next synchronization
    proof: Proof::Later,
    idempotent: true,
    ..super::BASE
};

pub static VERBS: &[Verb] = &[
    Verb {
        name: "disable",
        letter: Some('d'),
        asides: |_, _, _| vec![administrators()],
        help: "let nobody sign in with this account any more",
        also: "block sign-in deactivate account",
        needs: |_| Needs::any(Service::Graph, SWITCH).role("User Administrator or above"),
        writes: &["accountEnabled"],
        blocked: |_, now, _| {
            (now.bool("accountEnabled") == Some(false)).then(|| "it is disabled already".to_owned())
        },
        consequences: |about| {
            let mut out = account(about);
            out.extend(last_administrator(about, 1));
            out.extend(synced(about.entity));
            out.push(Consequence::note(
                "who is signed in stays so until the tokens end: revoke sessions too",
            ));
            out
        },
        sentence: |t, _, _| sentence("disable", t, "nobody can sign in with it"),
        plan: |key, now, _, _, _| switch(key, now, false),
        verify: |_, now, _, _, _| enabled(now, false),
        inverse: Some("enable"),
        undo: |_| Some(("enable", Args::default())),
        ..BASE
    },
    Verb {
        name: "disable and revoke",
        letter: Some('r'),
        asides: |_, _, _| vec![administrators()],
        help: "disable the account and end every session",
        also: "block sign-in sign out lock",
        needs: |_| {
            Needs::any(Service::Graph, SWITCH)
                .also(REVOKE)
                .role("User Administrator or above")
        },
        writes: &["accountEnabled"],
        blocked: |_, now, _| {
            (now.bool("accountEnabled") == Some(false)).then(|| "it is disabled already".to_owned())
        },
        before: |_, _, now, _| json!({"accountEnabled": now.at("accountEnabled").0, VALID_FROM: now.at(VALID_FROM).0}),
        consequences: |about| {
            let mut out = account(about);
            out.extend(last_administrator(about, 1));
            out.extend(synced(about.entity));
            out.push(Consequence::warn(
                "undo enables the account again; sessions that ended stay ended",
            ));
            out.push(Consequence::warn(
                "access tokens already given out live on until they end, an hour or so, but for apps with continuous access evaluation",
            ));
            out
        },
        sentence: |t, _, _| {
            sentence(
                "disable",
                t,
                "nobody can sign in with it, and every session ends",
            )
        },
        plan: |key, now, _, _, _| {
            let mut calls = switch(key, now, false)?;
            calls.push(revoke(key)?);
            Ok(calls)
        },
        verify: |_, now, _, _, before| {
            enabled(now, false)?;
            later(now, before, VALID_FROM)
                .map_err(|shows| format!("the account disabled, but {shows}"))
        },
        inverse: Some("enable"),
        undo: |_| Some(("enable", Args::default())),
        ..BASE
    },
    Verb {
        name: "enable",
        letter: Some('e'),
        help: "let the account be used again",
        also: "unblock sign-in activate account",
        tier: 1,
        needs: |_| Needs::any(Service::Graph, SWITCH).role("User Administrator or above"),
        writes: &["accountEnabled"],
        blocked: |_, now, _| {
            (now.bool("accountEnabled") == Some(true)).then(|| "it is enabled already".to_owned())
        },
        preview: |key, _, _| {
            let calls = [roles_call(key), Some(disablers(key))];
            calls.into_iter().flatten().collect()
        },
        consequences: |about| {
            let mut out = account(about);
            out.extend(synced(about.entity));
            out.extend(who_disabled(about));
            out
        },
        sentence: |t, _, _| sentence("enable", t, "it can be used to sign in again"),
        plan: |key, now, _, _, _| switch(key, now, true),
        verify: |_, now, _, _, _| enabled(now, true),
        inverse: Some("disable"),
        undo: |_| Some(("disable", Args::default())),
        ..BASE
    },
    Verb {
        name: "revoke sessions",
        letter: Some('v'),
        help: "end every session: all must sign in again",
        also: "sign out refresh tokens",
        needs: |_| Needs::any(Service::Graph, REVOKE).role("User Administrator or above"),
        before: |_, _, now, _| json!({VALID_FROM: now.at(VALID_FROM).0}),
        consequences: |about| {
            let mut out = account(about);
            out.push(Consequence::warn(
                "access tokens already given out live on until they end, an hour or so, but for apps with continuous access evaluation",
            ));
            if is(about.entity.str("userType"), "Guest") {
                let text = "a guest's sessions are its own tenant's: this has no effect on them";
                out.push(Consequence::warn(text));
            }
            if about.entity.bool("accountEnabled") == Some(true) {
                let text = "the account stays enabled: whoever has the password signs in again";
                out.push(Consequence::note(text));
            }
            out
        },
        sentence: |t, _, _| sentence("revoke the sessions of", t, "all must sign in again"),
        plan: |key, _, _, _, _| Ok(vec![revoke(key)?]),
        verify: |_, now, _, _, before| later(now, before, VALID_FROM),
        ..BASE
    },
    Verb {
        name: "force password change",
        letter: Some('p'),
        help: "ask for a new password at the next sign-in",
        also: "reset expire password",
        needs: |_| {
            Needs::any(Service::Graph, PASSWORD).role("Authentication Administrator or above")
        },
        consequences: |about| {
            let mut out = account(about);
            out.push(Consequence::warn(
                "whoever knows the old password is the one who is asked for a new one: revoke sessions and disable where it is stolen",
            ));
            if about.entity.bool("onPremisesSyncEnabled") == Some(true) {
                let text =
                    "its password is Active Directory's: force the change on premises instead";
                out.push(Consequence::warn(text));
            }
            if is(about.entity.str("userType"), "Guest") {
                let text = "a guest's password is its own tenant's: the service may refuse";
                out.push(Consequence::warn(text));
            }
            out
        },
        sentence: |t, _, _| sentence("force a password change of", t, "at the next sign-in"),
        plan: |key, _, _, _, _| {
            let body = json!({"passwordProfile": {"forceChangePasswordNextSignIn": true}});
            Ok(vec![
                Call::write(Service::Graph, Method::Patch, path(key)?, body).needs(PASSWORD),
            ])
        },
        // no read tells what is asked at the next sign-in; the date of the last change moves when it was made
        proof: Proof::Later,
        before: |_, _, now, _| json!({CHANGED: now.at(CHANGED).0}),
        verify: |_, now, _, _, before| later(now, before, CHANGED),
        ..BASE
    },
    Verb {
        name: "confirm compromised",
        letter: Some('c'),
        help: "tell Identity Protection that the account is in other hands: risk high",
        also: "risky user risk",
        blocked: |_, now, _| state_is(now, "confirmedCompromised"),
        consequences: |about| {
            let mut out = risk_words(about);
            out.push(Consequence::warn(
                "risk becomes high: policies by risk may block the account or ask for a new password at once",
            ));
            out
        },
        sentence: |t, _, _| sentence("confirm", t, "as compromised; its risk becomes high"),
        plan: |key, _, _, _, _| judge(key, "/confirmCompromised"),
        verify: |_, now, _, _, _| became(now, "confirmedCompromised"),
        inverse: Some("dismiss risk"),
        undo: |_| Some(("dismiss risk", Args::default())),
        ..RISKY
    },
    Verb {
        name: "confirm safe",
        letter: Some('s'),
        help: "tell Identity Protection that the account is safe: its risk ends",
        also: "risky user risk",
        blocked: |_, now, _| state_is(now, "confirmedSafe"),
        consequences: risk_words,
        sentence: |t, _, _| sentence("confirm", t, "as safe; its risk ends"),
        plan: |key, now, _, _, _| {
            at_risk(now)?;
            judge(key, "/confirmSafe")
        },
        verify: |_, now, _, _, _| became(now, "confirmedSafe"),
        ..RISKY
    },
    Verb {
        name: "dismiss risk",
        letter: Some('x'),
        help: "tell Identity Protection to forget the risk of the account",
        also: "risky user clear",
        blocked: |_, now, _| state_is(now, "dismissed"),
        consequences: risk_words,
        sentence: |t, _, _| sentence("dismiss the risk of", t, ""),
        plan: |key, now, _, _, _| {
            at_risk(now)?;
            judge(key, "/dismiss")
        },
        verify: |_, now, _, _, _| became(now, "dismissed"),
        ..RISKY
    },
    Verb {
        name: "disable on premises",
        letter: Some('D'),
        help: "disable the account in Active Directory, through Defender for Identity",
        also: "active directory block sign-in",
        asides: |_, _, _| vec![administrators()],
        consequences: |about| {
            let mut out = on_premises(
                about,
                "the cloud follows at the next synchronization, within 30 minutes or so: disable it there too",
            );
            out.extend(last_administrator(about, 2));
            out
        },
        sentence: |t, _, _| sentence("disable", t, "in Active Directory"),
        plan: |key, now, _, _, answers| invoke(key, now, answers, "disable"),
        verify: |_, now, _, _, _| enabled(now, false),
        inverse: Some("enable on premises"),
        undo: |_| Some(("enable on premises", Args::default())),
        ..PREMISES
    },
    Verb {
        name: "enable on premises",
        letter: Some('E'),
        help: "enable the account in Active Directory, through Defender for Identity",
        also: "active directory unblock",
        consequences: |about| on_premises(about, "the cloud follows at the next synchronization"),
        sentence: |t, _, _| sentence("enable", t, "in Active Directory"),
        plan: |key, now, _, _, answers| invoke(key, now, answers, "enable"),
        verify: |_, now, _, _, _| enabled(now, true),
        inverse: Some("disable on premises"),
        undo: |_| Some(("disable on premises", Args::default())),
        ..PREMISES
    },
    Verb {
        name: "force password change on premises",
        letter: Some('P'),
        help: "ask for a new password at the next sign-in to Active Directory",
        also: "active directory reset expire password",
        consequences: |about| {
            on_premises(
                about,
                "whoever knows the old password is the one who is asked for a new one",
            )
        },
        sentence: |t, _, _| sentence("force a password change of", t, "in Active Directory"),
        plan: |key, now, _, _, answers| invoke(key, now, answers, "forcePasswordReset"),
        before: |_, _, now, _| json!({CHANGED: now.at(CHANGED).0}),
        verify: |_, now, _, _, before| later(now, before, CHANGED),
        ..PREMISES
    },
];

const VALID_FROM: &str = "signInSessionsValidFromDateTime";
const CHANGED: &str = "lastPasswordChangeDateTime";

// ---- what is sent

pub(super) fn path(key: &Key) -> Result<Path, String> {
    match key.kind {
        Kind::User => Path::new("/users")
            .id(key.id.txt())
            .map_err(|e| e.to_string()),
        _ => Err("this is for users".to_owned()),
    }
}

fn switch(key: &Key, now: Json<'_>, to: bool) -> Result<Vec<Call>, String> {
    let mut body = serde_json::Map::new();
    // an agent's account is another type, and must be told so
    if now.odata_type() == Some("agentUser") {
        body.insert("@odata.type".into(), "#microsoft.graph.agentUser".into());
    }
    body.insert("accountEnabled".into(), to.into());
    Ok(vec![
        Call::write(Service::Graph, Method::Patch, path(key)?, body.into()).needs(SWITCH),
    ])
}

fn revoke(key: &Key) -> Result<Call, String> {
    Ok(Call {
        method: Method::Post,
        needs: REVOKE,
        ..Call::get(Service::Graph, path(key)?.then("/revokeSignInSessions"))
    })
}

/// One id a call: the yes says nothing about single ids.
fn judge(key: &Key, verb: &'static str) -> Result<Vec<Call>, String> {
    let path = Path::new("/identityProtection/riskyUsers").then(verb);
    let body = json!({"userIds": [key.id.txt().exact()]});
    Ok(vec![
        Call::write(Service::Graph, Method::Post, path, body).needs(RISK),
    ])
}

fn at_risk(now: Json<'_>) -> Result<(), String> {
    match now.is_null() {
        true => Err("Identity Protection has nothing against it".to_owned()),
        false => Ok(()),
    }
}

/// The on-premises route: the account that Defender for Identity knows under the same security id, and no other.
fn invoke(
    _: &Key,
    now: Json<'_>,
    answers: &[Answer],
    action: &'static str,
) -> Result<Vec<Call>, String> {
    if let Some(why) = not_synced(now) {
        return Err(why);
    }
    let sid = now
        .str("onPremisesSecurityIdentifier")
        .ok_or("it has no security id of Active Directory")?;
    let mut found = answers
        .get(1)
        .into_iter()
        .flat_map(Answer::items)
        .filter(|i| is(i.str("onPremisesSecurityIdentifier"), sid));
    let identity = found
        .next()
        .ok_or("Defender for Identity does not know it, or could not be asked")?;
    if found.next().is_some() {
        return Err("Defender for Identity knows several accounts of this security id".to_owned());
    }
    let provider = |a: &Json<'_>| {
        let named = a.str("identityProvider").or(a.str("provider"));
        is(named, "activeDirectory")
    };
    let account = identity
        .list("accounts")
        .find(provider)
        .ok_or("Defender for Identity has no Active Directory account of it")?;
    let offered: Vec<&str> = account.list("actions").filter_map(Json::as_str).collect();
    if !offered.is_empty() && !offered.iter().any(|o| o.eq_ignore_ascii_case(action)) {
        let offered = list(offered.iter().map(|o| quoted(Txt::new(o))), 5);
        return Err(format!(
            "Defender for Identity offers only {offered} for it"
        ));
    }
    let identifier = account
        .text("identifier")
        .ok_or("its account has no identifier")?;
    let id = identity.text("id").ok_or("its identity has no id")?;
    let path = Path::new("/security/identities/identityAccounts");
    let path = path.id(id.txt()).map_err(|e| e.to_string())?;
    let body = json!({
        "accountId": identifier.txt().exact(),
        "action": action,
        "identityProvider": "activeDirectory",
    });
    let path = path.then("/invokeAction");
    Ok(vec![
        Call::write(Service::Graph, Method::Post, path, body).needs(IDENTITY),
    ])
}

// ---- what is read back

fn enabled(now: Json<'_>, wanted: bool) -> Result<(), String> {
    match now.bool("accountEnabled") {
        Some(is) if is == wanted => Ok(()),
        Some(true) => Err("the account enabled".to_owned()),
        Some(false) => Err("the account disabled".to_owned()),
        None => Err("nothing about it".to_owned()),
    }
}

/// A point in time that moves when it was done: it is a later one than before.
fn later(now: Json<'_>, before: &Value, field: &str) -> Result<(), String> {
    let was = before.get(field).and_then(Value::as_str);
    let was = was.and_then(Ticks::parse);
    match now.time(field) {
        Some(at) if was.is_none_or(|was| at.0 > was.0) => Ok(()),
        _ => Err(match field {
            VALID_FROM => format!("sessions valid from {}", shown(now, field)),
            _ => "the old password still".to_owned(),
        }),
    }
}

fn state_is(now: Json<'_>, state: &str) -> Option<String> {
    is(now.str("riskState"), state).then(|| match state {
        "confirmedCompromised" => "it is confirmed as compromised already".to_owned(),
        "confirmedSafe" => "it is confirmed as safe already".to_owned(),
        _ => "its risk is dismissed already".to_owned(),
    })
}

fn became(now: Json<'_>, wanted: &str) -> Result<(), String> {
    if is(now.str("riskState"), wanted) {
        return Ok(());
    }
    let busy = match now.bool("isProcessing") {
        Some(true) => ", still being worked on",
        _ => "",
    };
    Err(format!("risk state {}{busy}", shown(now, "riskState")))
}
