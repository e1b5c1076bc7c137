//! Every Graph answer against the published description, where it is at hand.

use std::path::Path;

use serde_json::{Value, json};

use crate::http::Bench;
use crate::schema::Schemas;

/// The description beside the checkout, if there is one.
fn description() -> Option<Schemas> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/api/graph.openapi.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!(
            "SKIPPED: {} is not there, so the answers were not compared with the description",
            file.display()
        );
        return None;
    };
    Some(Schemas::new(serde_json::from_str(&text).expect("JSON")))
}

fn first_id(b: &Bench, path: &str) -> String {
    b.get(path).rows()[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

#[test]
fn every_answer_fits_the_description() {
    let Some(schemas) = description() else { return };
    let b = Bench::new();
    let incident = first_id(&b, "/security/incidents");
    let alert = first_id(&b, "/security/alerts_v2");
    let user = b.get("/users/ana@contoso.com").json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let device = first_id(&b, "/devices");
    let principal = first_id(&b, "/servicePrincipals");
    let risky = first_id(&b, "/identityProtection/riskyUsers");
    let detection = first_id(&b, "/identityProtection/riskDetections");
    let sign_in = first_id(&b, "/auditLogs/signIns");
    let audit = first_id(&b, "/auditLogs/directoryAudits");
    let identity = first_id(&b, "/security/identities/identityAccounts");
    let tenant = b.sim.info.tenant_id.clone();
    let score = first_id(&b, "/security/secureScores?$top=1");
    let decision = json!({"state": "Ignored", "comment": "x", "vendorInformation": {"provider": "SecureScore", "vendor": "Microsoft"}});
    let decided = b.send(
        "PATCH",
        "/security/secureScoreControlProfiles/OneAdmin",
        &[],
        Some(decision),
    );
    assert_eq!(decided.status, 204);
    let span = json!({"filterStartDateTime": "2026-08-19T00:00:00Z", "filterEndDateTime": "2026-08-20T00:00:00Z"});
    let search = b
        .send("POST", "/security/auditLog/queries", &[], Some(span))
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let method = first_id(&b, &format!("/users/{user}/authentication/methods"));
    let mut failures = Vec::new();
    let mut compare = |template: &str, path: &str, reply: &Value| {
        let errors = schemas.errors(reply, schemas.answer(template, "get"));
        failures.extend(errors.into_iter().map(|e| format!("{path}: {e}")));
    };
    for (template, path) in [
        (
            "/security/incidents/{incident-id}",
            format!("/security/incidents/{incident}?$expand=alerts"),
        ),
        (
            "/security/incidents/{incident-id}/alerts",
            format!("/security/incidents/{incident}/alerts"),
        ),
        (
            "/security/alerts_v2/{alert-id}",
            format!("/security/alerts_v2/{alert}"),
        ),
        ("/users/{user-id}", format!("/users/{user}?$expand=manager")),
        (
            "/users/{user-id}/memberOf",
            format!("/users/{user}/memberOf"),
        ),
        (
            "/users/{user-id}/transitiveMemberOf",
            format!("/users/{user}/transitiveMemberOf"),
        ),
        (
            "/users/{user-id}/ownedDevices",
            format!("/users/{user}/ownedDevices"),
        ),
        (
            "/users/{user-id}/registeredDevices",
            format!("/users/{user}/registeredDevices"),
        ),
        (
            "/users/{user-id}/directReports",
            format!("/users/{user}/directReports"),
        ),
        (
            "/users/{user-id}/appRoleAssignments",
            format!("/users/{user}/appRoleAssignments"),
        ),
        (
            "/users/{user-id}/authentication/methods",
            format!("/users/{user}/authentication/methods"),
        ),
        (
            "/users/{user-id}/authentication/methods/{authenticationMethod-id}",
            format!("/users/{user}/authentication/methods/{method}"),
        ),
        (
            "/users/delta",
            "/users/delta?$select=displayName,accountEnabled".into(),
        ),
        (
            "/identityProtection/riskyUsers/{riskyUser-id}",
            format!("/identityProtection/riskyUsers/{risky}"),
        ),
        (
            "/identityProtection/riskyUsers/{riskyUser-id}/history",
            format!("/identityProtection/riskyUsers/{risky}/history"),
        ),
        (
            "/identityProtection/riskDetections/{riskDetection-id}",
            format!("/identityProtection/riskDetections/{detection}"),
        ),
        (
            "/auditLogs/signIns/{signIn-id}",
            format!("/auditLogs/signIns/{sign_in}"),
        ),
        (
            "/auditLogs/directoryAudits/{directoryAudit-id}",
            format!("/auditLogs/directoryAudits/{audit}"),
        ),
        ("/devices/{device-id}", format!("/devices/{device}")),
        (
            "/devices/{device-id}/registeredOwners",
            format!("/devices/{device}/registeredOwners"),
        ),
        (
            "/devices/{device-id}/registeredUsers",
            format!("/devices/{device}/registeredUsers"),
        ),
        (
            "/security/identities/identityAccounts",
            "/security/identities/identityAccounts".into(),
        ),
        (
            "/security/collaboration/analyzedEmails",
            "/security/collaboration/analyzedEmails".into(),
        ),
        (
            "/security/identities/identityAccounts/{identityAccounts-id}",
            format!("/security/identities/identityAccounts/{identity}"),
        ),
        ("/organization", "/organization".into()),
        (
            "/security/secureScores",
            "/security/secureScores?$top=90".into(),
        ),
        (
            "/security/secureScores/{secureScore-id}",
            format!("/security/secureScores/{score}"),
        ),
        (
            "/security/secureScoreControlProfiles",
            "/security/secureScoreControlProfiles?$top=90".into(),
        ),
        (
            "/security/secureScoreControlProfiles/{secureScoreControlProfile-id}",
            "/security/secureScoreControlProfiles/OneAdmin".into(),
        ),
        (
            "/security/auditLog/queries",
            "/security/auditLog/queries".into(),
        ),
        (
            "/security/auditLog/queries/{auditLogQuery-id}",
            format!("/security/auditLog/queries/{search}"),
        ),
        (
            "/security/auditLog/queries/{auditLogQuery-id}/records",
            format!("/security/auditLog/queries/{search}/records"),
        ),
        (
            "/organization/{organization-id}",
            format!("/organization/{tenant}"),
        ),
        (
            "/servicePrincipals/{servicePrincipal-id}",
            format!("/servicePrincipals/{principal}"),
        ),
        (
            "/servicePrincipals(appId='{appId}')",
            format!("/servicePrincipals(appId='{}')", b.sim.info.client_id),
        ),
    ] {
        let reply = b.get(&path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        compare(template, &path, &reply.json());
    }
    let own = b
        .get(&format!(
            "/servicePrincipals(appId='{}')",
            b.sim.info.client_id
        ))
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for (template, path) in [
        (
            "/servicePrincipals/{servicePrincipal-id}/appRoleAssignments",
            format!("/servicePrincipals/{own}/appRoleAssignments"),
        ),
        (
            "/servicePrincipals/{servicePrincipal-id}/oauth2PermissionGrants",
            format!("/servicePrincipals/{own}/oauth2PermissionGrants"),
        ),
        ("/security/incidents", "/security/incidents".into()),
        ("/security/alerts_v2", "/security/alerts_v2?$top=200".into()),
        ("/users", format!("/users?$top=100&$select={SELECT}")),
        ("/devices", "/devices".into()),
        ("/servicePrincipals", "/servicePrincipals".into()),
        (
            "/identityProtection/riskyUsers",
            "/identityProtection/riskyUsers?$top=500".into(),
        ),
        (
            "/identityProtection/riskDetections",
            "/identityProtection/riskDetections?$top=500".into(),
        ),
        ("/auditLogs/signIns", "/auditLogs/signIns".into()),
        (
            "/auditLogs/directoryAudits",
            "/auditLogs/directoryAudits".into(),
        ),
    ] {
        let mut next = Some(path.clone());
        while let Some(link) = next {
            let page = b.get(&link).json();
            compare(template, &path, &page);
            next = page["@odata.nextLink"].as_str().map(str::to_owned);
        }
    }
    let (users, _) = b.all("/users?$select=id&$top=500", &[]);
    for user in users.iter().take(80) {
        let id = user["id"].as_str().unwrap();
        let manager = b.get(&format!("/users/{id}/manager"));
        if manager.status == 200 {
            compare("/users/{user-id}/manager", "manager", &manager.json());
        }
        for part in ["memberOf", "ownedDevices"] {
            compare(
                &format!("/users/{{user-id}}/{part}"),
                part,
                &b.get(&format!("/users/{id}/{part}")).json(),
            );
        }
        compare(
            "/users/{user-id}/authentication/methods",
            "methods",
            &b.get(&format!("/users/{id}/authentication/methods")).json(),
        );
    }
    report(failures);
}

const SELECT: &str = "id,displayName,userPrincipalName,mail,accountEnabled,userType,jobTitle,department,companyName,officeLocation,usageLocation,\
    createdDateTime,lastPasswordChangeDateTime,signInSessionsValidFromDateTime,onPremisesSyncEnabled,onPremisesSamAccountName,onPremisesDomainName,\
    onPremisesSecurityIdentifier,onPremisesDistinguishedName,securityIdentifier,externalUserState,passwordPolicies,proxyAddresses,assignedLicenses,\
    identities,signInActivity";

#[test]
fn writes_and_refusals_fit_too() {
    let Some(schemas) = description() else { return };
    let b = Bench::new();
    let open = b
        .get("/security/incidents?$filter=status eq 'active'")
        .rows()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let alert = first_id(&b, "/security/alerts_v2");
    let merging: Vec<Value> = b
        .get("/security/incidents?$filter=status eq 'active'&$skip=1&$top=2")
        .rows()
        .iter()
        .map(|r| r["id"].clone())
        .collect();
    let user = b.get("/users/ana@contoso.com").json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let identities = b.get("/security/identities/identityAccounts").rows();
    let (identity, account) = identities
        .iter()
        .find_map(|i| {
            let account = i["accounts"].as_array()?.first()?;
            (account["identityProvider"] == "activeDirectory")
                .then(|| (i["id"].as_str().unwrap(), &account["identifier"]))
        })
        .expect("somebody of Active Directory");
    let mut failures = Vec::new();
    for (template, method, path, body) in [
        (
            "/users/{user-id}/revokeSignInSessions",
            "post",
            format!("/users/{user}/revokeSignInSessions"),
            json!({}),
        ),
        (
            "/security/identities/identityAccounts/{identityAccounts-id}/invokeAction",
            "post",
            format!("/security/identities/identityAccounts/{identity}/invokeAction"),
            json!({"accountId": account, "action": "disable", "identityProvider": "activeDirectory"}),
        ),
        (
            "/security/incidents/{incident-id}",
            "patch",
            format!("/security/incidents/{open}"),
            json!({"status": "resolved", "classification": "truePositive", "determination": "phishing"}),
        ),
        (
            "/security/incidents/{incident-id}/comments",
            "post",
            format!("/security/incidents/{open}/comments"),
            json!({"comment": "x"}),
        ),
        (
            "/security/alerts_v2/{alert-id}",
            "patch",
            format!("/security/alerts_v2/{alert}"),
            json!({"status": "inProgress"}),
        ),
        (
            "/security/alerts_v2/{alert-id}/comments",
            "post",
            format!("/security/alerts_v2/{alert}/comments"),
            json!({"comment": "x"}),
        ),
        (
            "/security/incidents/mergeIncidents",
            "post",
            "/security/incidents/mergeIncidents".into(),
            json!({"incidentIds": merging}),
        ),
        (
            "/security/alerts_v2/moveAlerts",
            "post",
            "/security/alerts_v2/moveAlerts".into(),
            json!({"alertIds": [alert], "incidentId": null}),
        ),
        (
            "/security/runHuntingQuery",
            "post",
            "/security/runHuntingQuery".into(),
            json!({"Query": "AlertInfo | take 3"}),
        ),
        (
            "/$batch",
            "post",
            "/$batch".into(),
            json!({"requests": [{"id": "1", "method": "GET", "url": "/organization"}]}),
        ),
    ] {
        let reply = b.send(&method.to_uppercase(), &path, &[], Some(body));
        assert_eq!(reply.status, 200, "{path}");
        failures.extend(
            schemas
                .errors(&reply.json(), schemas.answer(template, method))
                .into_iter()
                .map(|e| format!("{path}: {e}")),
        );
    }
    for path in [
        "/security/incidents?$top=51",
        "/users?$skip=1",
        "/users/nobody@contoso.com",
        "/nonsense",
        "/me",
        "/auditLogs/signIns?$orderby=id",
    ] {
        let reply = b.get(path);
        assert!(reply.status >= 400, "{path}");
        failures.extend(
            schemas
                .errors(&reply.json(), schemas.refusal())
                .into_iter()
                .map(|e| format!("{path}: {e}")),
        );
    }
    report(failures);
}

/// Fails with each kind of difference once.
fn report(failures: Vec<String>) {
    let mut kinds: Vec<String> = failures
        .iter()
        .map(|f| f.chars().filter(|c| !c.is_ascii_digit()).collect())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let shown: Vec<&String> = kinds.iter().take(60).collect();
    assert!(
        failures.is_empty(),
        "{} differences, {} kinds: {shown:#?}",
        failures.len(),
        kinds.len()
    );
}
