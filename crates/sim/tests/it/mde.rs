//! Defender for Endpoint: lists, look-ups, refusals, and alerts shared with Graph.

use std::collections::HashSet;

use serde_json::{Value, json};
use sim::Flags;
use sim::flags::Switch;

use crate::http::{Bench, NOW, flags};

#[test]
fn machines_page_by_skip_until_a_short_page() {
    let b = Bench::new();
    let mut seen = Vec::new();
    for page in 0.. {
        let reply = b.mde(&format!("/machines?$top=50&$skip={}", page * 50));
        if reply.status == 404 {
            break;
        }
        assert!(reply.json()["@odata.nextLink"].is_null());
        let rows = reply.rows();
        seen.extend(rows.iter().map(|r| r["id"].as_str().unwrap().to_owned()));
        if rows.len() < 50 {
            break;
        }
    }
    assert_eq!(seen.len(), 120);
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 120);
    assert!(seen.iter().all(|id| id.len() == 40));
    let empty = b.mde("/machines?$filter=computerDnsName eq 'no.such.host'");
    assert_eq!(
        (empty.status, empty.error().0.as_str()),
        (404, "NotFound"),
        "an empty list is 404"
    );
}

#[test]
fn filters_compare_exactly() {
    let b = Bench::new();
    let all = b.mde("/machines").rows();
    let high = b.mde("/machines?$filter=riskScore eq 'High'").rows();
    assert_eq!(
        high.len(),
        all.iter().filter(|m| m["riskScore"] == "High").count()
    );
    assert_eq!(b.mde("/machines?$filter=riskScore eq 'high'").status, 404);
    let name = all[4]["computerDnsName"].as_str().unwrap();
    let found = b
        .mde(&format!(
            "/machines?$filter=startswith(computerDnsName,'{}')",
            &name[..5]
        ))
        .rows();
    assert!(found.iter().all(|m| {
        m["computerDnsName"]
            .as_str()
            .unwrap()
            .starts_with(&name[..5])
    }));
    let group = all[0]["rbacGroupId"].clone();
    let number = b
        .mde(&format!("/machines?$filter=rbacGroupId eq {group}"))
        .rows()
        .len();
    assert_eq!(
        b.mde(&format!("/machines?$filter=rbacGroupId eq '{group}'"))
            .rows()
            .len(),
        number
    );
    let tagged = all
        .iter()
        .find(|m| m["machineTags"].as_array().is_some_and(|t| !t.is_empty()))
        .expect("some have tags");
    let tag = tagged["machineTags"][0]
        .as_str()
        .unwrap()
        .replace('\'', "''");
    let encoded: String = url::form_urlencoded::byte_serialize(
        format!("machineTags/any(tag: tag eq '{tag}')").as_bytes(),
    )
    .collect();
    assert!(
        b.mde(&format!("/machines?$filter={encoded}"))
            .rows()
            .iter()
            .any(|m| m["id"] == tagged["id"])
    );
    for bad in [
        "$filter=nonsense eq 1",
        "$filter=riskScore eq",
        "$select=id",
        "$filter=lastSeen gt 'x'",
    ] {
        let reply = b.mde(&format!("/machines?{bad}"));
        assert_eq!(
            (reply.status, reply.error().0.as_str()),
            (400, "ODataError"),
            "{bad}"
        );
        assert!(reply.json()["error"]["target"].is_string());
    }
}

#[test]
fn one_machine_by_id_name_and_address() {
    let b = Bench::new();
    let row = b.mde("/machines?$top=1").rows()[0].clone();
    let (id, name, ip) = (
        row["id"].as_str().unwrap(),
        row["computerDnsName"].as_str().unwrap(),
        row["lastIpAddress"].as_str().unwrap(),
    );
    assert_eq!(
        b.mde(&format!("/machines/{id}")).json()["computerDnsName"],
        name
    );
    assert_eq!(b.mde(&format!("/machines/{name}")).status, 200);
    assert_eq!(b.mde(&format!("/v1.0/machines/{id}")).status, 200);
    let found = b
        .mde(&format!("/machines/findbyip(ip='{ip}',timestamp={NOW})"))
        .rows();
    assert!(found.iter().any(|m| m["id"] == id));
    assert_eq!(
        b.mde(&format!(
            "/machines/findbyip(ip='300.1.1.1',timestamp={NOW})"
        ))
        .error()
        .0,
        "InvalidIpAddress"
    );
    assert_eq!(
        b.mde(&format!(
            "/machines/findbyip(ip='{ip}',timestamp=2026-07-01T00:00:00Z)"
        ))
        .status,
        400
    );
    let missing = b.mde("/machines/0000000000000000000000000000000000000000");
    assert_eq!(
        (missing.status, missing.error().0.as_str()),
        (404, "ResourceNotFound")
    );
    for part in ["logonusers", "alerts", "vulnerabilities", "software"] {
        assert_eq!(
            b.mde(&format!("/machines/{id}/{part}")).status,
            200,
            "{part}"
        );
    }
    assert_eq!(
        b.mde("/users/nobody/machines").rows().len(),
        0,
        "an unknown account is 200 and empty"
    );
    assert_eq!(b.mde("/users/nobody/alerts").rows().len(), 0);
    assert_eq!(b.mde("/nonsense").error().0, "NotFound");
}

#[test]
fn a_machine_and_its_users_point_at_each_other() {
    let b = Bench::new();
    let machines = b.mde("/machines?$top=40").rows();
    let pair = machines.iter().find_map(|m| {
        let users = b
            .mde(&format!(
                "/machines/{}/logonusers",
                m["id"].as_str().unwrap()
            ))
            .rows();
        let account = users
            .iter()
            .find_map(|u| u["accountName"].as_str().map(str::to_owned))?;
        let back = b.mde(&format!("/users/{account}/machines")).rows();
        (!back.is_empty()).then_some((m["id"].clone(), back))
    });
    let (id, back) = pair.expect("somebody logs on to something");
    assert!(back.iter().any(|m| m["id"] == id));
}

#[test]
fn alerts_change_at_both_hosts() {
    let b = Bench::new();
    let alert = b.mde("/alerts?$top=1&$filter=status eq 'New'").rows()[0].clone();
    let id = alert["id"].as_str().unwrap();
    let bare = alert["evidence"].as_array().is_none_or(Vec::is_empty);
    assert!(bare, "only with the expansion");
    assert!(
        b.mde(&format!("/alerts/{id}?$expand=evidence")).json()["evidence"]
            .as_array()
            .is_some_and(|e| !e.is_empty())
    );
    let body = json!({"status": "Resolved", "classification": "TruePositive", "determination": "CompromisedUser", "comment": "done"});
    let after = b
        .mde_send("PATCH", &format!("/alerts/{id}"), Some(body))
        .json();
    assert_eq!(
        (
            after["status"].as_str(),
            after["determination"].as_str(),
            after["resolvedTime"].as_str()
        ),
        (Some("Resolved"), Some("CompromisedUser"), Some(NOW))
    );
    assert_eq!(
        after["comments"].as_array().unwrap().last().unwrap()["comment"],
        "done"
    );
    let graph = b.get(&format!("/security/alerts_v2/{id}")).json();
    assert_eq!(
        (graph["status"].as_str(), graph["determination"].as_str()),
        (Some("resolved"), Some("compromisedAccount"))
    );
    b.send(
        "PATCH",
        &format!("/security/alerts_v2/{id}"),
        &[],
        Some(json!({"status": "inProgress"})),
    );
    assert_eq!(
        b.mde(&format!("/alerts/{id}")).json()["status"],
        "InProgress"
    );
    for bad in [
        json!({}),
        json!({"Status": "New"}),
        json!({"status": "new"}),
        json!({"determination": "compromisedAccount"}),
        json!({"comment": " "}),
        json!([1]),
    ] {
        assert_eq!(
            b.mde_send("PATCH", &format!("/alerts/{id}"), Some(bad.clone()))
                .status,
            400,
            "{bad}"
        );
    }
    let listed = b
        .mde(&format!("/alerts?$filter=id eq '{id}'&$expand=evidence"))
        .rows();
    assert_eq!(listed.len(), 1);
}

#[test]
fn isolation_can_be_read_from_the_actions() {
    let b = Bench::new();
    let actions = b.mde("/machineactions").rows();
    let made: Vec<&str> = actions
        .iter()
        .map(|a| a["creationDateTimeUtc"].as_str().unwrap())
        .collect();
    assert!(made.windows(2).all(|w| w[0] >= w[1]), "newest first");
    let isolated = b.mde("/machineactions?$filter=type eq 'Isolate' and status eq 'Succeeded'&$orderby=creationDateTimeUtc desc").rows();
    assert!(isolated.len() >= 2);
    let machine = isolated[0]["machineId"].as_str().unwrap();
    assert_eq!(b.mde(&format!("/machines/{machine}")).status, 200);
    let id = actions[0]["id"].as_str().unwrap();
    assert_eq!(
        b.mde(&format!("/machineactions/{id}")).json()["machineId"],
        actions[0]["machineId"]
    );
    assert_eq!(
        b.mde("/machineactions?$filter=status eq 'Nonsense'")
            .rows()
            .len(),
        0
    );
}

#[test]
fn permissions_are_named_and_audiences_kept_apart() {
    let b = Bench::with(Flags {
        permissions: "mde:Machine.Read.All".into(),
        ..flags()
    });
    assert_eq!(b.mde("/machines").status, 200);
    let refused = b.mde("/alerts");
    let (code, message) = refused.error();
    assert_eq!((refused.status, code.as_str()), (403, "Forbidden"));
    assert!(message.contains("Alert.Read.All"), "{message}");
    let id = b.mde("/machines?$top=1").rows()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        b.mde(&format!("/machines/{id}/vulnerabilities"))
            .error()
            .1
            .contains("Vulnerability.Read.All")
    );
    let crossed = Bench {
        defender: b.graph.clone(),
        ..b
    };
    assert_eq!(
        (
            crossed.mde("/machines").status,
            crossed.mde("/machines").error().0.as_str()
        ),
        (401, "Unauthorized")
    );
}

#[test]
fn each_endpoint_has_its_own_budget() {
    let b = Bench::with(Flags {
        throttle: Switch::On,
        ..flags()
    });
    let id = b.mde("/machines?$top=1").rows()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for _ in 0..50 {
        assert_eq!(
            b.mde(&format!("/machines/{id}/vulnerabilities?$top=1"))
                .status,
            200
        );
    }
    let refused = b.mde(&format!("/machines/{id}/vulnerabilities?$top=1"));
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, Some("60"))
    );
    assert_eq!(refused.error().0, "TooManyRequests");
    assert_eq!(
        b.mde("/machines?$top=1").status,
        200,
        "another endpoint is not touched"
    );
    b.sim.clock().advance(std::time::Duration::from_secs(60));
    assert_eq!(
        b.mde(&format!("/machines/{id}/vulnerabilities?$top=1"))
            .status,
        200
    );
}

#[test]
fn worst_cases_of_the_inventory_are_there() {
    let b = Bench::new();
    let all = b.mde("/machines").rows();
    let some = |what: &str, test: fn(&Value) -> bool| assert!(all.iter().any(test), "{what}");
    some("never assessed", |m| {
        m["riskScore"].is_null() || m["exposureLevel"].is_null()
    });
    some("not onboarded", |m| m["onboardingStatus"] != "Onboarded");
    some("inactive", |m| m["healthStatus"] != "Active");
    let mut names: Vec<&str> = all
        .iter()
        .filter_map(|m| m["computerDnsName"].as_str())
        .collect();
    names.sort_unstable();
    assert!(
        names.windows(2).any(|w| w[0] == w[1]),
        "two records of one name"
    );
}
