//! Every kind of evidence, every member of every enum, and the texts that test a reader.

use super::{demo, make};
use crate::world::enums::{self, Enum};
use crate::world::{Obj, Size, World};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const EVIDENCE: &str = "activeDirectoryDomain aiAgent amazonResource analyzedMessage azureResource blobContainer blob cloudApplication \
    cloudLogonRequest cloudLogonSession container containerImage containerRegistry device dns file fileHash gitHubOrganization gitHubRepo \
    gitHubUser googleCloudResource hostLogonSession ioTDevice ip kubernetesCluster kubernetesController kubernetesNamespace kubernetesPod \
    kubernetesSecret kubernetesServiceAccount kubernetesService mailboxConfiguration mailbox mailCluster malware networkConnection nic \
    oauthApplication process registryKey registryValue sasToken securityGroup servicePrincipal submissionMail teamsMessage url user";

/// Everything of the demo tenant that has enums.
fn everything(world: &World, see: &mut dyn FnMut(Obj)) {
    for i in 0..world.incident_count() {
        see(world.incident_json(i));
    }
    for i in 0..world.alert_count() {
        see(world.alert_json(i));
    }
    for i in 0..world.risky_count() {
        see(world.risky_json(i));
    }
    for i in 0..world.detection_count() {
        see(world.detection_json(i));
    }
    for key in world.sign_ins().iter().take(4_000) {
        see(world.sign_in_json(*key));
    }
    for i in 0..world.audit_count().min(1_500) {
        see(world.audit_json(i));
    }
    for i in 0..world.user_count() {
        world.user_auth_methods(i).into_iter().for_each(&mut *see);
    }
}

#[test]
fn every_evidence_type_and_every_enum_member_occurs() {
    complete(demo());
}

#[test]
fn so_it_is_with_other_seeds() {
    if std::env::var_os("WF_SOAK").is_none() {
        eprintln!("SKIPPED: set WF_SOAK=1 for other seeds");
        return;
    }
    for seed in [0, 1, 2, 3, 42, u64::MAX] {
        eprintln!("seed {seed}");
        complete(&make(Size::default(), seed));
    }
}

fn complete(world: &World) {
    let mut members: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut types: BTreeSet<String> = BTreeSet::new();
    everything(world, &mut |mut entity| {
        for evidence in entity
            .get("evidence")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            types.insert(evidence["@odata.type"].as_str().unwrap().to_owned());
        }
        enums::walk(&mut entity, &mut |kind: &Enum, value| {
            members
                .entry(kind.name)
                .or_default()
                .insert(value.as_str().unwrap().to_owned());
        });
    });
    let known: BTreeSet<String> = EVIDENCE
        .split_whitespace()
        .map(|name| format!("#microsoft.graph.security.{name}Evidence"))
        .collect();
    assert_eq!(known.len(), 48);
    let missing: Vec<_> = known.difference(&types).collect();
    assert!(
        missing.is_empty(),
        "evidence types that do not occur: {missing:?}"
    );
    assert_eq!(
        types.difference(&known).count(),
        1,
        "one type that no version knows"
    );

    let mut faults = Vec::new();
    for kind in enums::ALL {
        let seen = members.remove(kind.name).unwrap_or_default();
        let all = kind.members.iter().chain(kind.after);
        let missing: Vec<_> = all.filter(|m| !seen.contains(**m)).collect();
        let unknown: Vec<_> = seen
            .iter()
            .filter(|m| !kind.has(m) && *m != "unknownFutureValue")
            .collect();
        if !missing.is_empty() || unknown.len() != usize::from(kind.grows) {
            faults.push(format!(
                "{}: missing {missing:?}, unknown {unknown:?}",
                kind.name
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn hostile_and_foreign_texts_are_there() {
    let world = demo();
    let titles: Vec<String> = (0..200)
        .filter_map(|i| {
            world
                .incident_json(i)
                .get("displayName")
                .and_then(Value::as_str)
                .map(str::to_owned)
        })
        .collect();
    let has = |what: &str| titles.iter().any(|t| t.contains(what));
    for what in [
        "\u{1b}[31",
        "\u{1b}]52;c;",
        "\u{202e}",
        "\u{200b}",
        "=HYPERLINK(",
        "' or id eq '",
        "\n",
        "<script>",
        "🎣",
        "可疑",
        "مشبوه",
        "соntоsо",
    ] {
        assert!(has(what), "{what:?}");
    }
    assert!(titles.iter().any(|t| {
        t.chars()
            .filter(|c| ('\u{300}'..'\u{370}').contains(c))
            .count()
            == 500
    }));
    assert!(titles.iter().any(|t| t.len() > 4_000) && titles.iter().any(String::is_empty));
    let names: Vec<&str> = (0..world.user_count())
        .map(|i| world.user_row(i).display)
        .collect();
    let named = |what: &str| names.iter().any(|n| n.contains(what));
    for what in [
        "山田",
        "محمد",
        "Дмитрий",
        "🦊",
        "\u{303}",
        "Аna",
        "김민준",
        "=HYPERLINK",
        "O'Neil \"",
    ] {
        assert!(named(what), "{what}");
    }
}

#[test]
fn machines_have_the_quirks_of_the_service() {
    let world = demo();
    let all: Vec<Obj> = (0..world.machine_count())
        .map(|i| world.machine_json(i))
        .collect();
    let count = |test: &dyn Fn(&Obj) -> bool| all.iter().filter(|m| test(m)).count();
    assert!(
        count(&|m| m["riskScore"].is_null()) > 5 && count(&|m| m["exposureLevel"].is_null()) > 5
    );
    assert!(
        count(&|m| !m["mergedIntoMachineId"].is_null()) > 0
            && count(&|m| m["isExcluded"] == true) > 0
    );
    assert!(count(&|m| m["rbacGroupId"].is_number()) == all.len());
    assert!(
        count(&|m| m["ipAddresses"]
            .as_array()
            .unwrap()
            .iter()
            .any(|a| a["ipAddress"] == ""))
            > 5
    );
    assert!(
        count(&|m| !m["vmMetadata"].is_null()) > 10 && count(&|m| m["isAadJoined"].is_null()) > 5
    );
    let digits: BTreeSet<usize> = all
        .iter()
        .map(|m| {
            m["lastSeen"]
                .as_str()
                .unwrap()
                .split_once('.')
                .map_or(0, |(_, f)| f.len() - 1)
        })
        .collect();
    assert!(digits.len() >= 7, "{digits:?}");
    for (field, values) in [
        (
            "healthStatus",
            "Active Inactive ImpairedCommunication NoSensorData NoSensorDataImpairedCommunication Unknown",
        ),
        ("riskScore", "None Informational Low Medium High"),
        ("exposureLevel", "None Low Medium High"),
        (
            "onboardingStatus",
            "Onboarded CanBeOnboarded Unsupported InsufficientInfo",
        ),
        ("deviceValue", "Normal Low High"),
    ] {
        for value in values.split_whitespace() {
            assert!(count(&|m| m[field] == value) > 0, "{field} {value}");
        }
    }
    let keys: Vec<&str> = all[0].keys().map(String::as_str).collect();
    assert_eq!(
        keys.join(" "),
        "id mergedIntoMachineId isPotentialDuplication isExcluded exclusionReason computerDnsName firstSeen lastSeen osPlatform osVersion \
         osProcessor version lastIpAddress lastExternalIpAddress agentVersion osBuild healthStatus deviceValue rbacGroupId rbacGroupName \
         riskScore exposureLevel isAadJoined aadDeviceId machineTags onboardingStatus osArchitecture managedBy managedByStatus ipAddresses \
         vmMetadata"
    );
    let names: BTreeSet<&str> = all
        .iter()
        .map(|m| m["computerDnsName"].as_str().unwrap())
        .collect();
    assert!(names.len() < all.len(), "some records share a name");
}

#[test]
fn weaknesses_have_every_severity_and_flag_and_some_have_no_score() {
    let world = demo();
    let all: Vec<Obj> = (0..world.machine_count())
        .flat_map(|i| world.machine_vulnerabilities(i))
        .collect();
    for severity in ["Low", "Medium", "High", "Critical"] {
        assert!(all.iter().any(|v| v["severity"] == severity), "{severity}");
    }
    for flag in ["publicExploit", "exploitVerified", "exploitInKit"] {
        assert!(
            all.iter().any(|v| v[flag] == true) && all.iter().any(|v| v[flag] == false),
            "{flag}"
        );
    }
    assert!(all.iter().any(|v| v["cvssV3"].is_null()));
    assert!(all.len() / world.machine_count() >= 1);
}

#[test]
fn the_queue_looks_like_a_queue() {
    let world = demo();
    let rows: Vec<_> = (0..world.incident_count())
        .map(|i| world.incident_row(i))
        .collect();
    let share = |test: &dyn Fn(&crate::world::IncidentRow) -> bool| {
        rows.iter().filter(|r| test(r)).count() * 100 / rows.len()
    };
    assert!(
        (2..30).contains(&share(&|r| r.severity == "high")),
        "{}",
        share(&|r| r.severity == "high")
    );
    assert!(
        (50..95).contains(&share(&|r| r.status == "resolved")),
        "{}",
        share(&|r| r.status == "resolved")
    );
    assert!((3..35).contains(&share(&|r| r.status == "active")));
    assert!(
        (30..80).contains(&share(&|r| r.assigned_to.is_some())),
        "{}",
        share(&|r| r.assigned_to.is_some())
    );
    let day = crate::world::stamp::DAY;
    assert!((5..30).contains(&share(&|r| world.now().since(r.created) < day)));
    assert!(share(&|r| world.now().since(r.created) > 60 * day) > 5);
}
