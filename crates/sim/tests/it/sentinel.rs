//! Sentinel by Azure Resource Manager: connectors, incidents that are those of Defender XDR, closing on either side; and the beta
//! listing of discovered applications.

use std::collections::HashSet;

use serde_json::{Value, json};
use sim::Flags;

use crate::http::{Bench, Reply, flags, send, token};

const VERSION: &str = "api-version=2025-09-01";

struct Arm {
    b: Bench,
    token: String,
}

impl Arm {
    fn with(flags: Flags) -> Arm {
        let b = Bench::with(flags);
        let token = token(&b.sim, "https://management.azure.com/.default");
        Arm { b, token }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let info = &self.b.sim.info;
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!(
                "{}{}/providers/Microsoft.SecurityInsights{path}",
                info.arm.as_deref().expect("played"),
                info.workspace_resource
            )
        };
        let bearer = format!("Bearer {}", self.token);
        let body = body.map(Value::to_string).unwrap_or_default();
        let head = [("Authorization", bearer.as_str())];
        send(method, &url.replace(' ', "%20"), &head, body.as_bytes()).expect("an answer")
    }

    fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, None)
    }
}

#[test]
fn connectors_say_what_is_on() {
    let a = Arm::with(flags());
    let rows = a.get(&format!("/dataConnectors?{VERSION}")).rows();
    let defender = rows
        .iter()
        .find(|r| r["kind"] == "MicrosoftThreatProtection")
        .expect("the connector of Defender XDR");
    assert_eq!(
        defender["properties"]["dataTypes"]["incidents"]["state"],
        "enabled"
    );
    let off = rows
        .iter()
        .find(|r| r["kind"] == "MicrosoftCloudAppSecurity")
        .unwrap();
    assert_eq!(
        off["properties"]["dataTypes"]["alerts"]["state"],
        "disabled"
    );
}

#[test]
fn incidents_are_those_of_defender() {
    let a = Arm::with(flags());
    let mut rows = Vec::new();
    let mut next = Some(format!("/incidents?{VERSION}&$top=100"));
    while let Some(link) = next {
        let page = a.get(&link).json();
        rows.extend(page["value"].as_array().unwrap().clone());
        assert!(page["@odata.nextLink"].is_null());
        next = page["nextLink"].as_str().map(str::to_owned);
    }
    let (graph, _) = a.b.all("/security/incidents", &[]);
    let names: HashSet<&str> = rows.iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert_eq!((rows.len(), names.len()), (graph.len(), graph.len()));
    let row = &rows[3];
    let id = row["properties"]["providerIncidentId"].as_str().unwrap();
    let same = a.b.get(&format!("/security/incidents/{id}")).json();
    assert_eq!(row["properties"]["title"], same["displayName"]);
    assert_eq!(row["properties"]["providerName"], "Microsoft XDR");
    let open = a.get(&format!(
        "/incidents?{VERSION}&$top=1000&$filter=properties/status ne 'Closed'"
    ));
    let known = rows
        .iter()
        .filter(|r| r["properties"]["status"] != "Closed");
    assert_eq!(open.rows().len(), known.count());
    let name = row["name"].as_str().unwrap();
    let alerts = a
        .ask("POST", &format!("/incidents/{name}/alerts?{VERSION}"), None)
        .rows();
    assert_eq!(
        row["properties"]["additionalData"]["alertsCount"],
        alerts.len()
    );
    // what came through Sentinel says from which workspace
    let (alerts, _) = a.b.all(
        "/security/alerts_v2?$filter=serviceSource eq 'microsoftSentinel'",
        &[("Prefer", "include-unknown-enum-members")],
    );
    let info = &a.b.sim.info;
    assert!(!alerts.is_empty());
    for alert in alerts.iter().filter(|r| r["additionalData"].is_object()) {
        assert_eq!(
            alert["additionalData"]["WorkspaceResourceId"],
            info.workspace_resource
        );
        assert_eq!(alert["additionalData"]["WorkspaceId"], info.workspace_id);
    }
}

#[test]
fn closing_on_either_side_closes_both() {
    let a = Arm::with(flags());
    let open = a
        .get(&format!(
            "/incidents?{VERSION}&$filter=properties/status eq 'New'"
        ))
        .rows();
    let (row, other) = (&open[0], &open[1]);
    let path = |row: &Value| format!("/incidents/{}?{VERSION}", row["name"].as_str().unwrap());
    let id = |row: &Value| {
        row["properties"]["providerIncidentId"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut body = json!({"etag": row["etag"], "properties": {"title": row["properties"]["title"], "severity": "High", "status": "Closed"}});
    assert_eq!(
        a.ask("PUT", &path(row), Some(&body)).status,
        400,
        "closing needs a classification"
    );
    body["properties"]["classification"] = json!("TruePositive");
    body["properties"]["classificationReason"] = json!("InaccurateData");
    assert_eq!(
        a.ask("PUT", &path(row), Some(&body)).status,
        400,
        "a reason of another classification"
    );
    body["properties"]["classificationReason"] = json!("SuspiciousActivity");
    let closed = a.ask("PUT", &path(row), Some(&body));
    assert_eq!(
        (closed.status, &closed.json()["properties"]["status"]),
        (200, &json!("Closed"))
    );
    let same = a.b.get(&format!("/security/incidents/{}", id(row))).json();
    assert_eq!(
        (&same["status"], &same["classification"]),
        (&json!("resolved"), &json!("truePositive"))
    );
    assert_eq!(
        a.ask("PUT", &path(row), Some(&body)).status,
        412,
        "the etag is an old one"
    );
    let there = a.b.send("PATCH", &format!("/security/incidents/{}", id(other)), &[], Some(json!({"status": "resolved", "classification": "falsePositive", "determination": "notMalicious"})));
    assert_eq!(there.status, 200);
    let here = a.get(&path(other)).json();
    assert_eq!(
        (
            &here["properties"]["status"],
            &here["properties"]["classification"]
        ),
        (&json!("Closed"), &json!("FalsePositive"))
    );
}

#[test]
fn refusals_of_azure() {
    let a = Arm::with(flags());
    let refused = a.get("/incidents");
    assert_eq!(
        (refused.status, refused.error().0.as_str()),
        (400, "MissingApiVersionParameter")
    );
    assert_eq!(
        a.get(&format!("/incidents/{}?{VERSION}", a.b.sim.info.tenant_id))
            .status,
        404
    );
    let wrong = Arm {
        token: a.b.graph.clone(),
        ..Arm::with(flags())
    };
    assert_eq!(wrong.get(&format!("/incidents?{VERSION}")).status, 401);
    let none = Arm::with(Flags {
        permissions: "User.Read.All".into(),
        ..flags()
    });
    let refused = none.get(&format!("/incidents?{VERSION}"));
    assert_eq!(
        (refused.status, refused.error().0.as_str()),
        (403, "AuthorizationFailed")
    );
    let reader = Arm::with(Flags {
        permissions: "Sentinel.Reader".into(),
        ..flags()
    });
    let rows = reader.get(&format!("/incidents?{VERSION}")).rows();
    let path = format!("/incidents/{}?{VERSION}", rows[0]["name"].as_str().unwrap());
    assert_eq!(reader.ask("PUT", &path, Some(&json!({}))).status, 403);
}

#[test]
fn discovered_applications_are_beta() {
    let b = Bench::new();
    let root = b.sim.info.graph.replace("/v1.0", "/beta");
    let path = "/security/dataDiscovery/cloudAppDiscovery/uploadedStreams";
    let streams = b.get(&format!("{root}{path}")).rows();
    let id = streams[0]["id"].as_str().unwrap();
    let link = format!("{root}{path}/{id}/aggregatedAppsDetails(period=duration'P30D')?$top=100");
    let (paged, pages) = b.all(link.trim_end_matches("?$top=100"), &[]);
    let apps = b.get(&link).rows();
    assert_eq!((&paged, pages), (&apps, 3));
    let banned: Vec<&Value> = apps
        .iter()
        .filter(|a| a["tags"] == json!(["Unsanctioned"]))
        .collect();
    assert!(
        banned.len() == 3
            && banned
                .iter()
                .all(|a| !a["domains"].as_array().unwrap().is_empty())
    );
    assert_eq!(b.get(&link.replace("P30D", "P1D")).status, 400);
    assert_eq!(
        b.get(&format!("{root}/security/incidents")).status,
        400,
        "nothing else of beta"
    );
    let narrow = Bench::with(Flags {
        permissions: "SecurityIncident.Read.All".into(),
        ..flags()
    });
    let root = narrow.sim.info.graph.replace("/v1.0", "/beta");
    assert_eq!(narrow.get(&format!("{root}{path}")).status, 403);
}
