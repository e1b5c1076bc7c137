//! Writing on accounts: enabled, password, sessions, risk; who may not; what synchronization takes back; what the audit says.

use std::time::Duration;

use serde_json::{Value, json};
use sim::Flags;

use crate::http::{Bench, Reply, flags, form, token_path};
use crate::machine_actions::patient;

const SELECT: &str = "$select=id,accountEnabled,signInSessionsValidFromDateTime,passwordProfile,onPremisesLastSyncDateTime";

pub fn later(b: &Bench, seconds: u64) {
    b.sim.clock().advance(Duration::from_secs(seconds));
}

/// Ids of enabled users that pass.
pub fn users(b: &Bench, test: impl Fn(&Value) -> bool) -> Vec<String> {
    let select =
        "$select=id,userPrincipalName,userType,accountEnabled,onPremisesSyncEnabled,department";
    let (rows, _) = b.all(&format!("/users?$top=999&{select}"), &[]);
    let found = rows
        .iter()
        .filter(|u| u["accountEnabled"] == true && test(u));
    found
        .map(|u| u["id"].as_str().unwrap().to_owned())
        .collect()
}

/// An ordinary member of Sales whose account is mastered here, or in Active Directory.
pub fn member(b: &Bench, synced: bool) -> String {
    let found = users(b, |u| {
        u["userType"] == "Member"
            && (u["onPremisesSyncEnabled"] == true) == synced
            && !u["department"].is_null()
            && !u["department"].as_str().unwrap().contains("IT")
            && !u["department"].as_str().unwrap().contains("Service")
            && !u["department"].as_str().unwrap().contains("Security")
    });
    found
        .into_iter()
        .find(|id| roles(b, id).is_empty())
        .expect("an ordinary member")
}

fn roles(b: &Bench, id: &str) -> Vec<Value> {
    let path = format!("/users/{id}/memberOf/microsoft.graph.directoryRole?$count=true");
    b.get_with(&path, &[("ConsistencyLevel", "eventual")])
        .rows()
}

fn id_of(b: &Bench, upn: &str) -> String {
    b.get(&format!("/users/{upn}")).json()["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

pub fn read(b: &Bench, id: &str) -> Value {
    b.get(&format!("/users/{id}?{SELECT}")).json()
}

pub fn patch(b: &Bench, id: &str, body: Value) -> Reply {
    b.send(
        "PATCH",
        &format!("/users/{id}"),
        &[("client-request-id", "0b6c3c4e-8f8e-4d24-9d2c-1f2f5b1a7f10")],
        Some(body),
    )
}

pub fn audits(b: &Bench, id: &str) -> Vec<Value> {
    b.get(&format!(
        "/auditLogs/directoryAudits?$filter=targetResources/any(t: t/id eq '{id}')"
    ))
    .rows()
    .into_iter()
    .filter(|a| {
        a["id"].as_str().unwrap().contains("_W") || a["id"].as_str().unwrap().contains("_S")
    })
    .collect()
}

#[test]
fn disabling_is_read_back_filtered_and_audited() {
    let b = Bench::new();
    let id = member(&b, false);
    let reply = patch(&b, &id, json!({"accountEnabled": false}));
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    assert_eq!(read(&b, &id)["accountEnabled"], false);
    let (off, _) = b.all("/users?$filter=accountEnabled eq false&$select=id", &[]);
    assert!(off.iter().any(|u| u["id"] == json!(id)));
    let lines = audits(&b, &id);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["activityDisplayName"], "Disable account");
    assert_eq!(
        lines[0]["correlationId"],
        "0b6c3c4e-8f8e-4d24-9d2c-1f2f5b1a7f10"
    );
    assert_eq!(
        lines[0]["initiatedBy"]["app"]["appId"],
        json!(b.sim.info.client_id)
    );
    let change = &lines[0]["targetResources"][0]["modifiedProperties"][0];
    assert_eq!(
        (change["oldValue"].as_str(), change["newValue"].as_str()),
        (Some("[true]"), Some("[false]"))
    );
    let one = b.get(&format!(
        "/auditLogs/directoryAudits/{}",
        lines[0]["id"].as_str().unwrap()
    ));
    assert_eq!(one.json()["activityDisplayName"], "Disable account");
    let newest = b.get("/auditLogs/directoryAudits?$top=1").rows();
    assert_eq!(newest[0]["id"], lines[0]["id"]);
    assert_eq!(patch(&b, &id, json!({"accountEnabled": true})).status, 204);
    assert_eq!(read(&b, &id)["accountEnabled"], true);
    assert_eq!(audits(&b, &id)[0]["activityDisplayName"], "Enable account");
    for bad in [
        json!({}),
        json!({"accountEnabled": null}),
        json!({"accountEnabled": "false"}),
        json!({"AccountEnabled": false}),
        json!({"passwordProfile": {"forceChangePasswordNextSignIn": "yes"}}),
        json!({"passwordProfile": {"password": "short"}}),
    ] {
        assert_eq!(patch(&b, &id, bad.clone()).status, 400, "{bad}");
    }
    assert_eq!(
        patch(
            &b,
            "00000000-0000-4000-8000-000000000000",
            json!({"accountEnabled": false})
        )
        .status,
        404
    );
}

#[test]
fn a_synced_account_flips_back_and_the_audit_says_who_did_it() {
    let b = patient();
    let id = member(&b, true);
    assert_eq!(
        read(&b, &id)["onPremisesLastSyncDateTime"],
        "2026-08-20T11:43:00Z"
    );
    patch(&b, &id, json!({"accountEnabled": false}));
    later(&b, 12 * 60);
    assert_eq!(read(&b, &id)["accountEnabled"], false);
    later(&b, 60);
    let after = read(&b, &id);
    assert_eq!(
        (
            &after["accountEnabled"],
            &after["onPremisesLastSyncDateTime"]
        ),
        (&json!(true), &json!("2026-08-20T12:13:00Z"))
    );
    let lines = audits(&b, &id);
    assert_eq!(lines[0]["activityDisplayName"], "Enable account");
    assert!(
        lines[0]["initiatedBy"]["user"]["userPrincipalName"]
            .as_str()
            .unwrap()
            .starts_with("Sync_")
    );
    let unsynced = member(&b, false);
    patch(&b, &unsynced, json!({"accountEnabled": false}));
    later(&b, 7200);
    assert_eq!(read(&b, &unsynced)["accountEnabled"], false);
}

#[test]
fn the_on_premises_route_holds() {
    let b = patient();
    let id = member(&b, true);
    let sid = b
        .get(&format!("/users/{id}?$select=onPremisesSecurityIdentifier"))
        .json()["onPremisesSecurityIdentifier"]
        .as_str()
        .unwrap()
        .to_owned();
    let rows = b
        .get(&format!(
            "/security/identities/identityAccounts?$filter=onPremisesSecurityIdentifier eq '{sid}'"
        ))
        .rows();
    assert_eq!(rows.len(), 1);
    let identity = &rows[0];
    let cloud = identity["cloudSecurityIdentifier"].as_str().unwrap();
    let again = format!(
        "/security/identities/identityAccounts?$filter=cloudSecurityIdentifier eq '{cloud}'"
    );
    assert_eq!(b.get(&again).rows()[0]["id"], identity["id"]);
    let accounts = identity["accounts"].as_array().unwrap();
    let premises = accounts
        .iter()
        .find(|a| a["identityProvider"] == "activeDirectory")
        .unwrap();
    assert!(
        premises["actions"]
            .as_array()
            .unwrap()
            .contains(&json!("disable"))
    );
    let path = format!(
        "/security/identities/identityAccounts/{}",
        identity["id"].as_str().unwrap()
    );
    let invoke = |action: &str, provider: &str, account: &Value| {
        let body = json!({"accountId": account, "action": action, "identityProvider": provider});
        b.send("POST", &format!("{path}/invokeAction"), &[], Some(body))
    };
    let done = invoke("disable", "activeDirectory", &premises["identifier"]);
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(done.json()["action"], "disable");
    assert_eq!(b.get(&path).json()["isEnabled"], false);
    assert_eq!(
        read(&b, &id)["accountEnabled"],
        true,
        "the cloud learns it later"
    );
    later(&b, 780);
    assert_eq!(read(&b, &id)["accountEnabled"], false);
    later(&b, 7200);
    assert_eq!(read(&b, &id)["accountEnabled"], false);
    assert_eq!(audits(&b, &id)[0]["activityDisplayName"], "Disable account");
    invoke(
        "forcePasswordReset",
        "activeDirectory",
        &premises["identifier"],
    );
    later(&b, 1800);
    assert_eq!(
        read(&b, &id)["passwordProfile"]["forceChangePasswordNextSignIn"],
        true
    );
    let cloud = accounts
        .iter()
        .find(|a| a["identityProvider"] == "entraID")
        .unwrap();
    assert_eq!(
        invoke("disable", "entraID", &cloud["identifier"]).status,
        400,
        "the directory has its own paths"
    );
    assert_eq!(
        invoke(
            "revokeAllSessions",
            "activeDirectory",
            &premises["identifier"]
        )
        .status,
        400
    );
    assert_eq!(
        invoke("disable", "activeDirectory", &cloud["identifier"]).status,
        404
    );
    assert_eq!(
        invoke("explode", "activeDirectory", &premises["identifier"]).status,
        400
    );
}

#[test]
fn holders_of_roles_are_out_of_an_applications_reach() {
    let b = Bench::new();
    let off = json!({"accountEnabled": false});
    for upn in [
        "adm-ohaddad@contoso.com",
        "raj@contoso.com",
        "tomasz@contoso.com",
        "adm-gkim@contoso.com",
    ] {
        let id = id_of(&b, upn);
        let refused = patch(&b, &id, off.clone());
        assert_eq!(
            (refused.status, refused.error().0.as_str()),
            (403, "Authorization_RequestDenied"),
            "{upn}"
        );
        assert_eq!(read(&b, &id)["accountEnabled"], true);
        assert!(audits(&b, &id).is_empty());
    }
    b.sim
        .set_scenario("[tenant]\napp-roles = [\"Privileged Authentication Administrator\"]")
        .unwrap();
    assert_eq!(
        patch(&b, &id_of(&b, "adm-ohaddad@contoso.com"), off.clone()).status,
        204
    );
    b.sim.set_scenario("[tenant]\napp-roles = []").unwrap();
    let id = member(&b, false);
    assert_eq!(
        patch(&b, &id, off).status,
        204,
        "an ordinary account takes the permission only"
    );
    let force = json!({"passwordProfile": {"forceChangePasswordNextSignIn": true}});
    assert_eq!(
        patch(&b, &id, force.clone()).status,
        403,
        "a password takes a role too"
    );
    b.sim.set_scenario("").unwrap();
    assert_eq!(patch(&b, &id, force).status, 204);
    let profile = &read(&b, &id)["passwordProfile"];
    assert_eq!(
        (
            &profile["forceChangePasswordNextSignIn"],
            &profile["password"]
        ),
        (&json!(true), &Value::Null)
    );
    assert_eq!(audits(&b, &id)[0]["activityDisplayName"], "Update user");
    let synced = member(&b, true);
    assert_eq!(
        patch(
            &b,
            &synced,
            json!({"passwordProfile": {"forceChangePasswordNextSignIn": true}})
        )
        .status,
        400,
        "mastered elsewhere"
    );
}

#[test]
fn permissions_go_by_what_the_body_sets() {
    for (held, enable, password) in [
        ("User.Read.All", 403, 403),
        ("User.Read.All,User.EnableDisableAccount.All", 204, 403),
        ("User.EnableDisableAccount.All", 403, 403),
        ("User.ReadWrite.All", 204, 403),
        ("User.Read.All,User-PasswordProfile.ReadWrite.All", 403, 204),
    ] {
        let all = Bench::new();
        let id = member(&all, false);
        let b = Bench::with(Flags {
            permissions: held.into(),
            ..flags()
        });
        assert_eq!(
            patch(&b, &id, json!({"accountEnabled": false})).status,
            enable,
            "{held}"
        );
        assert_eq!(
            patch(
                &b,
                &id,
                json!({"passwordProfile": {"forceChangePasswordNextSignIn": true}})
            )
            .status,
            password,
            "{held}"
        );
        let revoked = b
            .send(
                "POST",
                &format!("/users/{id}/revokeSignInSessions"),
                &[],
                None,
            )
            .status;
        assert_eq!(
            revoked,
            if held == "User.ReadWrite.All" {
                200
            } else {
                403
            },
            "{held}"
        );
    }
}

/// Signs a person in; `cae` says that challenges are understood.
fn sign_in(b: &Bench, upn: &str, cae: bool) -> Value {
    sign_in_to(b, "https://graph.microsoft.com", upn, cae)
}

/// The same for another service.
pub fn sign_in_to(b: &Bench, service: &str, upn: &str, cae: bool) -> Value {
    let id = b.sim.info.client_id.as_str();
    let scope = format!("{service}/.default offline_access");
    let scope = scope.as_str();
    let code = form(
        &b.sim,
        &format!("/{}/oauth2/v2.0/devicecode", b.sim.info.tenant_id),
        &[("client_id", id), ("scope", scope)],
    )
    .json();
    assert!(
        b.sim
            .approve_device_code(code["user_code"].as_str().unwrap(), upn)
    );
    let mut fields = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", id),
        ("device_code", code["device_code"].as_str().unwrap()),
    ];
    if cae {
        fields.push((
            "claims",
            r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#,
        ));
    }
    form(&b.sim, &token_path(&b.sim), &fields).json()
}

fn with_token(b: &Bench, tokens: &Value, method: &str, path: &str, body: Option<Value>) -> Reply {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    b.send(method, path, &[("Authorization", &bearer)], body)
}

#[test]
fn ended_sessions_end_refresh_tokens_at_once_and_others_when_they_can() {
    let b = Bench::new();
    let upn = "mei@contoso.com";
    let id = id_of(&b, upn);
    let (plain, cae) = (sign_in(&b, upn, false), sign_in(&b, upn, true));
    later(&b, 5);
    let before = read(&b, &id)["signInSessionsValidFromDateTime"].clone();
    let reply = b.send(
        "POST",
        &format!("/users/{id}/revokeSignInSessions"),
        &[],
        None,
    );
    assert_eq!((reply.status, &reply.json()["value"]), (200, &json!(true)));
    assert_ne!(read(&b, &id)["signInSessionsValidFromDateTime"], before);
    assert_eq!(
        read(&b, &id)["signInSessionsValidFromDateTime"],
        "2026-08-20T12:00:05Z"
    );
    assert_eq!(
        audits(&b, &id)[0]["activityDisplayName"],
        "Update StsRefreshTokenValidFrom Timestamp"
    );
    for tokens in [&plain, &cae] {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", b.sim.info.client_id.as_str()),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ];
        let refused = form(&b.sim, &token_path(&b.sim), &fields).json();
        assert_eq!(
            (&refused["error"], &refused["error_codes"]),
            (&json!("invalid_grant"), &json!([50173]))
        );
    }
    assert_eq!(
        with_token(&b, &plain, "GET", "/me", None).status,
        200,
        "lives on until it ends"
    );
    let cut = with_token(&b, &cae, "GET", "/me", None);
    assert_eq!(cut.status, 401);
    assert!(
        cut.header("www-authenticate")
            .unwrap()
            .contains("insufficient_claims")
    );
    let again = sign_in(&b, upn, true);
    assert_eq!(with_token(&b, &again, "GET", "/me", None).status, 200);
    let guest = users(&b, |u| u["userType"] == "Guest").swap_remove(0);
    let before = read(&b, &guest);
    let reply = b.send(
        "POST",
        &format!("/users/{guest}/revokeSignInSessions"),
        &[],
        None,
    );
    assert_eq!(
        (reply.status, read(&b, &guest)),
        (200, before),
        "no effect on guests"
    );
}

#[test]
fn people_need_a_role_to_disable_people() {
    let b = Bench::new();
    let id = member(&b, false);
    let off = json!({"accountEnabled": false});
    let ana = sign_in(&b, "ana@contoso.com", false);
    let path = format!("/users/{id}");
    assert_eq!(
        with_token(&b, &ana, "PATCH", &path, Some(off.clone())).status,
        403,
        "an operator of security is none of users"
    );
    let chief = sign_in(&b, "adm-ohaddad@contoso.com", false);
    assert_eq!(
        with_token(&b, &chief, "PATCH", &path, Some(off.clone())).status,
        204
    );
    let line = audits(&b, &id).swap_remove(0);
    assert_eq!(
        line["initiatedBy"]["user"]["userPrincipalName"],
        "adm-ohaddad@contoso.com"
    );
    assert_eq!(line["initiatedBy"]["app"], Value::Null);
    let raj = format!("/users/{}", id_of(&b, "raj@contoso.com"));
    assert_eq!(with_token(&b, &chief, "PATCH", &raj, Some(off)).status, 204);
    let fields = [
        ("client_id", b.sim.info.client_id.as_str()),
        ("scope", "User.Read"),
    ];
    let code = form(
        &b.sim,
        &format!("/{}/oauth2/v2.0/devicecode", b.sim.info.tenant_id),
        &fields,
    )
    .json();
    b.sim
        .approve_device_code(code["user_code"].as_str().unwrap(), "raj@contoso.com");
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", b.sim.info.client_id.as_str()),
        ("device_code", code["device_code"].as_str().unwrap()),
    ];
    assert_eq!(
        form(&b.sim, &token_path(&b.sim), &fields).json()["error_codes"],
        json!([50057]),
        "a disabled account signs in no more"
    );
}

#[test]
fn holders_of_a_role_are_listed_with_whether_they_are_enabled() {
    let b = patient();
    let global = "62e90394-69f5-4237-9190-012177145e10";
    let path = |id: &str| {
        format!(
            "/directoryRoles(roleTemplateId='{id}')/members/microsoft.graph.user?$select=id,userPrincipalName,accountEnabled"
        )
    };
    let advanced = |id: &str| {
        b.get_with(
            &format!("{}&$count=true", path(id)),
            &[("ConsistencyLevel", "eventual")],
        )
    };
    let holders = advanced(global).rows();
    assert!(holders.len() > 1, "{holders:?}");
    for holder in &holders {
        assert!(holder["accountEnabled"].is_boolean(), "{holder}");
        let held = roles(&b, holder["id"].as_str().unwrap());
        assert!(
            held.iter().any(|r| r["roleTemplateId"] == global),
            "{holder}"
        );
    }
    assert_eq!(
        b.get(&path(global)).status,
        400,
        "a cast is an advanced query"
    );
    assert_eq!(advanced("00000000-0000-0000-0000-000000000000").status, 404);
}
