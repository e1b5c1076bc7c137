//! Vulnerability management of Defender: weaknesses, software, advice, scores, bulk exports; all of one inventory.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use serde_json::Value;
use sim::Flags;

use crate::http::{Bench, flags, send};

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_else(|| panic!("{key}: {row}"))
}

#[test]
fn a_cve_leads_to_its_machines_and_back() {
    let b = Bench::new();
    let rows = b.mde("/vulnerabilities/machinesVulnerabilities").rows();
    let mut machines: HashMap<&str, HashSet<&str>> = HashMap::new();
    for row in &rows {
        machines
            .entry(text(row, "cveId"))
            .or_default()
            .insert(text(row, "machineId"));
        assert!(text(row, "id").starts_with(&format!(
            "{}-_-{}-_-",
            text(row, "machineId"),
            text(row, "cveId")
        )));
    }
    let all = b.mde("/vulnerabilities").rows();
    assert!(all.len() >= 30);
    for weakness in &all {
        let id = text(weakness, "id");
        let with = machines.get(id).cloned().unwrap_or_default();
        assert_eq!(weakness["exposedMachines"], with.len(), "{id}");
    }
    let (cve, with) = machines.iter().max_by_key(|(_, m)| m.len()).unwrap();
    let references = b
        .mde(&format!("/vulnerabilities/{cve}/machineReferences"))
        .rows();
    let named: HashSet<&str> = references.iter().map(|r| text(r, "id")).collect();
    assert_eq!(&named, with);
    assert_eq!(
        b.mde(&format!("/vulnerabilities/{}", cve.to_lowercase()))
            .json()["id"],
        *cve
    );
    let machine = with.iter().next().unwrap();
    let of_machine = b
        .mde(&format!("/machines/{machine}/vulnerabilities"))
        .rows();
    assert!(of_machine.iter().any(|w| w["id"] == *cve));
    let filtered = |filter: &str| {
        b.mde(&format!(
            "/vulnerabilities/machinesVulnerabilities?$filter={filter}"
        ))
        .rows()
        .len()
    };
    assert_eq!(
        filtered(&format!("machineId eq '{machine}'")),
        of_machine.len()
    );
    assert_eq!(filtered(&format!("cveId eq '{cve}'")), with.len());
    let critical = rows.iter().filter(|r| r["severity"] == "Critical").count();
    assert_eq!(filtered("severity eq 'Critical'"), critical);
    assert_eq!(b.mde("/vulnerabilities/CVE-1999-0001").status, 404);
    assert_eq!(b.mde("/vulnerabilities?$top=8001").status, 400);
    let unscored = all.iter().find(|w| w["cvssV3"].is_null());
    assert!(unscored.is_some(), "one that nobody scored");
    let hunted = b.send(
        "POST",
        "/security/runHuntingQuery",
        &[],
        Some(serde_json::json!({"Query": "DeviceTvmSoftwareVulnerabilities | count"})),
    );
    assert_eq!(hunted.json()["results"][0]["Count"], rows.len());
}

#[test]
fn many_rows_page_by_skip() {
    let b = Bench::with(Flags {
        vulnerabilities: 25_000,
        ..flags()
    });
    let mut ids = HashSet::new();
    let mut pages = 0;
    loop {
        let reply = b.mde(&format!(
            "/vulnerabilities/machinesVulnerabilities?$skip={}",
            ids.len()
        ));
        let rows = reply.rows();
        assert!(reply.json()["@odata.nextLink"].is_null());
        pages += 1;
        let full = rows.len() == 10_000;
        ids.extend(rows.iter().map(|r| text(r, "id").to_owned()));
        if !full {
            break;
        }
    }
    assert!(
        ids.len() >= 25_000 && pages >= 3,
        "{} in {pages}",
        ids.len()
    );
    let known = b.mde("/vulnerabilities?$count=true&$top=1").json();
    assert!(known["@odata.count"].as_u64().unwrap() > 100);
}

#[test]
fn software_has_versions_machines_and_an_end() {
    let b = Bench::new();
    let all = b.mde("/Software").rows();
    assert!(all.len() >= 20);
    for software in &all {
        let id = text(software, "id");
        let path: String = id
            .bytes()
            .map(|c| {
                if c.is_ascii_alphanumeric() || b"-_".contains(&c) {
                    char::from(c).to_string()
                } else {
                    format!("%{c:02X}")
                }
            })
            .collect();
        assert_eq!(
            b.mde(&format!("/software/{path}")).json()["name"],
            software["name"]
        );
        let versions = b.mde(&format!("/Software/{path}/distributions")).rows();
        let installed: u64 = versions
            .iter()
            .map(|v| v["installations"].as_u64().unwrap())
            .sum();
        let machines = b.mde(&format!("/Software/{path}/machineReferences")).rows();
        assert_eq!(installed, machines.len() as u64, "{id}");
        assert_eq!(software["installedMachines"], installed);
        let weak = b.mde(&format!("/Software/{path}/vulnerabilities")).rows();
        assert_eq!(software["weaknesses"], weak.len());
    }
    assert!(
        all.iter().any(|s| text(s, "id").contains('+')),
        "an id that must be escaped"
    );
    assert_eq!(b.mde("/Software/nobody-_-nothing").status, 404);
    let missing = b
        .mde("/Software/microsoft-_-windows_11/getmissingkbs")
        .rows();
    assert_eq!(missing[0]["id"], "5046616");
    let rows = b
        .mde("/vulnerabilities/machinesVulnerabilities?$filter=fixingKbId eq '5046616'")
        .rows();
    let machine = text(&rows[0], "machineId");
    assert_eq!(
        b.mde(&format!("/machines/{machine}/getmissingkbs"))
            .rows()
            .len(),
        1
    );
}

#[test]
fn advice_counts_the_machines_it_names() {
    let b = Bench::new();
    let all = b.mde("/recommendations").rows();
    let kinds: HashSet<&str> = all.iter().map(|r| text(r, "remediationType")).collect();
    assert!(
        ["Update", "Upgrade", "ConfigurationChange"]
            .iter()
            .all(|k| kinds.contains(k)),
        "{kinds:?}"
    );
    for advice in all.iter().step_by(3) {
        let id = text(advice, "id");
        let path: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let path = path.replace('+', "%20");
        let machines = b
            .mde(&format!("/recommendations/{path}/machineReferences"))
            .rows();
        assert_eq!(advice["exposedMachinesCount"], machines.len(), "{id}");
        assert_eq!(b.mde(&format!("/recommendations/{path}")).json()["id"], *id);
        if id.starts_with("va-") {
            assert_eq!(
                b.mde(&format!("/recommendations/{path}/software")).status,
                200
            );
        }
    }
    let network = all
        .iter()
        .find(|r| r["id"] == "sca-_-scid-96")
        .expect("network protection");
    let hunted = b.send(
        "POST",
        "/security/runHuntingQuery",
        &[],
        Some(serde_json::json!({"Query": "DeviceTvmSecureConfigurationAssessment | where ConfigurationId == 'scid-96' and IsApplicable and not(IsCompliant) | summarize Open = count(), Audit = countif(tostring(Context[0][0]) == '2')"})),
    );
    let found = hunted.json()["results"][0].clone();
    // machines that were not seen for a month are not looked at by hunting
    let hunted = found["Open"].as_u64().unwrap();
    let open = network["exposedMachinesCount"].as_u64().unwrap();
    assert!(hunted > 0 && hunted <= open, "{hunted} of {open}");
    assert!(found["Audit"].as_u64().unwrap() > 0, "some only watch");
    let tasks = b.mde("/remediationtasks").rows();
    assert_eq!(tasks.len(), 4);
    let task = text(&tasks[0], "id");
    assert_eq!(
        b.mde(&format!("/remediationtasks/{task}")).json()["title"],
        tasks[0]["title"]
    );
    let machines = b
        .mde(&format!("/remediationtasks/{task}/machinereferences"))
        .rows();
    assert_eq!(tasks[0]["targetDevices"], machines.len());
}

#[test]
fn scores_say_when_and_how_much() {
    let b = Bench::new();
    for path in ["/exposureScore", "/configurationScore"] {
        let score = b.mde(path).json();
        assert!(score["score"].as_f64().is_some_and(|s| s > 0.0), "{path}");
        assert_eq!(score["time"], "2026-08-20T12:00:00Z");
    }
    let groups = b.mde("/exposureScore/ByMachineGroups").rows();
    assert!(groups.len() >= 5 && groups.iter().all(|g| g["rbacGroupName"].is_string()));
}

#[test]
fn exports_are_linked_pages_or_files() {
    let b = Bench::new();
    let path = "/machines/SoftwareVulnerabilitiesByMachine";
    let whole = b.mde(&format!("{path}?pageSize=200000")).json();
    assert!(whole["@odata.nextLink"].is_null());
    let whole = whole["value"].as_array().unwrap().clone();
    let mut rows = Vec::new();
    let mut next = Some(format!("{path}?pageSize=300"));
    while let Some(link) = next {
        let page = b.mde(&link).json();
        rows.extend(page["value"].as_array().unwrap().clone());
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
        if let Some(link) = &next {
            assert!(link.contains("$skiptoken="), "{link}");
        }
    }
    assert_eq!(rows.len(), whole.len());
    assert_eq!(rows, whole);
    assert!(
        rows.iter().any(|r| r["cveId"].is_null()),
        "installed, and nothing known"
    );
    let weak = rows.iter().filter(|r| !r["cveId"].is_null()).count();
    assert_eq!(
        weak,
        b.mde("/vulnerabilities/machinesVulnerabilities")
            .rows()
            .len()
    );
    assert!(rows.iter().all(|r| {
        let seen = text(r, "lastSeenTimestamp");
        seen.contains(' ') && !seen.ends_with('Z') && r["osArchitecture"] == "x64"
    }));
    let cut = b.mde(&format!("{path}?pageSize=300&$top=100")).json();
    assert_eq!(cut["value"].as_array().unwrap().len(), 100);
    assert!(cut["@odata.nextLink"].is_null(), "$top takes the link away");
    assert_eq!(b.mde(&format!("{path}?pageSize=200001")).status, 400);
    let inventory = b.mde("/machines/SoftwareInventoryByMachine").rows();
    assert!(
        inventory
            .iter()
            .any(|r| r["endOfSupportStatus"] == "EOS Version")
    );
    let settings = b
        .mde("/machines/SecureConfigurationsAssessmentByMachine")
        .rows();
    assert!(
        settings
            .iter()
            .any(|r| r["isApplicable"] == true && r["isCompliant"] == false)
    );
    let changes = "/machines/SoftwareVulnerabilityChangesByMachine?sinceTime=";
    assert!(
        !b.mde(&format!("{changes}2026-08-10T00:00:00Z"))
            .rows()
            .is_empty()
    );
    assert_eq!(b.mde(&format!("{changes}2026-08-01T00:00:00Z")).status, 400);
    let files = b.mde("/machines/SoftwareVulnerabilitiesExport").json();
    let mut lines = 0;
    for link in files["exportFiles"].as_array().unwrap() {
        let link = link.as_str().unwrap();
        let bearer = format!("Bearer {}", b.defender);
        assert_eq!(
            send("GET", link, &[("Authorization", &bearer)], b"")
                .unwrap()
                .status,
            400
        );
        assert_eq!(
            send("GET", &link.replace("sig=", "sig=0"), &[], b"")
                .unwrap()
                .status,
            403
        );
        let file = send("GET", link, &[], b"").unwrap();
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&*file.body)
            .read_to_string(&mut unpacked)
            .unwrap();
        lines += unpacked
            .lines()
            .filter(|l| serde_json::from_str::<Value>(l).is_ok())
            .count();
    }
    assert_eq!(lines, whole.len());
}

#[test]
fn without_permission_or_licence_it_says_which() {
    let b = Bench::with(Flags {
        permissions: "Machine.Read.All".into(),
        ..flags()
    });
    for (path, permission) in [
        ("/vulnerabilities", "Vulnerability.Read.All"),
        ("/Software", "Software.Read.All"),
        ("/recommendations", "SecurityRecommendation.Read.All"),
        ("/exposureScore", "Score.Read.All"),
        ("/remediationtasks", "RemediationTasks.Read.All"),
        (
            "/machines/SecureConfigurationsAssessmentByMachine",
            "SecurityConfiguration.Read.All",
        ),
    ] {
        let reply = b.mde(path);
        assert_eq!(reply.status, 403, "{path}");
        assert!(reply.error().1.contains(permission), "{path}");
    }
    let b = Bench::with(Flags {
        scenario: Some("licences-missing".into()),
        ..flags()
    });
    let refused = b.mde("/vulnerabilities");
    assert_eq!(
        (refused.status, refused.error().0.as_str()),
        (403, "DisabledFeature")
    );
    assert_eq!(b.mde("/machines?$top=1").status, 200);
}
