//! What is asked before something is done: files, domains, addresses, who is logged on, which machines are not like others.

use serde_json::{Value, json};

use crate::http::Bench;

/// A file of an alert's evidence that passes.
fn file(b: &Bench, test: impl Fn(&Value) -> bool) -> (Value, Value) {
    let (alerts, _) = b.all(
        "/security/alerts_v2?$filter=serviceSource eq 'microsoftDefenderForEndpoint'&$top=200",
        &[],
    );
    for alert in &alerts {
        for item in alert["evidence"].as_array().unwrap() {
            let details = if item["fileDetails"].is_object() {
                &item["fileDetails"]
            } else {
                &item["imageFile"]
            };
            if item["mdeDeviceId"].is_string() && details["sha1"].is_string() && test(item) {
                return (details.clone(), item.clone());
            }
        }
    }
    panic!("no such file");
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .or_else(|| value.as_str()?.parse().ok())
        .unwrap()
}

#[test]
fn a_file_of_the_system_is_everywhere_and_an_attackers_is_not() {
    let b = Bench::new();
    let (system, _) = file(&b, |e| {
        e["imageFile"]["signer"]
            .as_str()
            .is_some_and(|s| s.starts_with("Microsoft"))
    });
    let sha1 = system["sha1"].as_str().unwrap();
    let known = b.mde(&format!("/files/{sha1}")).json();
    assert_eq!(
        (&known["isValidCertificate"], &known["determinationType"]),
        (&json!(true), &json!("Clean"))
    );
    assert!(number(&known["globalPrevalence"]) > 100_000_000);
    assert_eq!(
        b.mde(&format!("/files/{}", system["sha256"].as_str().unwrap()))
            .json()["sha1"],
        json!(sha1)
    );
    let stats = b
        .mde(&format!("/files/{sha1}/stats?lookBackHours=720"))
        .json();
    let machines = b.mde(&format!("/files/{sha1}/machines")).rows();
    assert_eq!(
        number(&stats["organizationPrevalence"]),
        machines.len() as u64
    );
    assert!(
        stats["globallyPrevalence"].is_string(),
        "text here, a number there"
    );
    let (theirs, item) = file(&b, |e| {
        e["verdict"] == "malicious"
            && e["fileDetails"]["signer"].is_null()
            && e["fileDetails"].is_object()
    });
    let sha1 = theirs["sha1"].as_str().unwrap();
    let unknown = b.mde(&format!("/files/{sha1}")).json();
    assert_eq!(
        (
            &unknown["isValidCertificate"],
            &unknown["determinationType"]
        ),
        (&json!(false), &json!("Malware"))
    );
    let machines = b.mde(&format!("/files/{sha1}/machines")).rows();
    assert!(
        machines.iter().any(|m| m["id"] == item["mdeDeviceId"]),
        "which device to ask about"
    );
    assert!(!b.mde(&format!("/files/{sha1}/alerts")).rows().is_empty());
    assert_eq!(
        b.mde(&format!(
            "/files/{}/machines",
            theirs["sha256"].as_str().unwrap()
        ))
        .error()
        .0,
        "InvalidHashValue",
        "SHA-1 only"
    );
    assert_eq!(
        b.mde(&format!("/files/{}", "0".repeat(40))).error().0,
        "ResourceNotFound"
    );
    assert_eq!(b.mde("/files/abc").error().0, "InvalidHashValue");
    assert_eq!(
        b.mde(&format!("/files/{sha1}/stats?lookBackHours=721"))
            .error()
            .0,
        "InvalidInput"
    );
    b.sim.revoke("File.Read.All").unwrap();
    assert_eq!(b.mde(&format!("/files/{sha1}")).status, 403);
}

#[test]
fn domains_and_addresses_say_where_they_were_seen() {
    let b = Bench::new();
    let own = b.mde("/domains/contoso.com/stats").json();
    assert_eq!(
        number(&own["organizationPrevalence"]),
        120,
        "on every machine"
    );
    assert_eq!(
        b.mde("/domains/nobody.invalid/stats").error().0,
        "ResourceNotFound"
    );
    assert_eq!(
        b.mde("/domains/nonsense/stats").error().0,
        "InvalidDomainName"
    );
    assert_eq!(b.mde("/ips/300.1.1.1/stats").error().0, "InvalidIpAddress");
    let never = b.mde("/ips/192.0.2.77/stats").json();
    assert_eq!(
        (&never["organizationPrevalence"], &never["orgFirstSeen"]),
        (&json!("0"), &Value::Null)
    );
    let (alerts, _) = b.all("/security/alerts_v2?$top=300", &[]);
    let items: Vec<&Value> = alerts
        .iter()
        .flat_map(|a| a["evidence"].as_array().unwrap())
        .collect();
    let ip = items.iter().find_map(|e| e["ipAddress"].as_str()).unwrap();
    assert!(b.mde(&format!("/ips/{ip}/stats")).json()["orgFirstSeen"].is_string());
    assert_eq!(b.mde(&format!("/ips/{ip}/alerts")).status, 200);
    let url = items
        .iter()
        .find_map(|e| e["url"].as_str().filter(|u| u.starts_with("http")))
        .unwrap();
    let host = url::Url::parse(url).unwrap().host_str().unwrap().to_owned();
    assert_eq!(
        b.mde(&format!("/domains/{host}/stats")).json()["host"],
        json!(host)
    );
    assert_eq!(
        (
            b.mde(&format!("/domains/{host}/alerts")).status,
            b.mde(&format!("/domains/{host}/machines")).status
        ),
        (200, 200)
    );
}

#[test]
fn machines_that_are_not_like_others_can_be_told() {
    let b = Bench::new();
    let all = b.mde("/machines").rows();
    let named = |name: &str| {
        all.iter()
            .find(|m| m["computerDnsName"].as_str().unwrap().starts_with(name))
            .unwrap()
    };
    let dc = named("dc-01.");
    assert_eq!(
        (&dc["rbacGroupName"], &dc["deviceValue"]),
        (&json!("Domain controllers"), &json!("High"))
    );
    assert!(
        named("srv-hv-01.")["machineTags"]
            .as_array()
            .unwrap()
            .contains(&json!("hyper-v"))
    );
    assert!(all.iter().any(|m| !m["mergedIntoMachineId"].is_null()) || all.len() < 173);
    let users = b
        .mde(&format!(
            "/machines/{}/logonusers",
            dc["id"].as_str().unwrap()
        ))
        .rows();
    assert!(
        users.iter().any(|u| u["isDomainAdmin"] == true)
            || users.iter().all(|u| u["isDomainAdmin"].is_null())
    );
    assert!(!users.is_empty());
    let domains = b.get("/organization").rows()[0]["verifiedDomains"].clone();
    assert!(
        domains
            .as_array()
            .unwrap()
            .iter()
            .any(|d| d["name"] == "contoso.com")
    );
}
