//! What is done to devices and values, against the simulated tenant, from the prompt to what the service keeps of it.

use crate::response_sim::{done, get, rig};
use serde_json::Value;
use watchfloor::model::{Key, Kind, Service, Stand, Ticks};
use watchfloor::verb::{Args, Indicator};

use crate::backend_rig::Rig;

/// A workstation that everything can be done to: active, onboarded, and nothing under way on it.
fn machine(rig: &Rig) -> Key {
    let rows = get(rig, Service::Defender, "/machines", &[("$top", "500")]);
    let plain = |m: &&Value| {
        let system = m["osPlatform"].as_str().unwrap_or_default();
        m["healthStatus"] == "Active"
            && m["onboardingStatus"] == "Onboarded"
            && system.starts_with("Windows1")
            && m["isExcluded"] != true
    };
    let actions = get(
        rig,
        Service::Defender,
        "/machineactions",
        &[("$top", "1000")],
    );
    let quiet = |m: &&Value| !actions.iter().any(|a| a["machineId"] == m["id"]);
    let found = rows.iter().filter(plain).find(quiet).expect("a machine");
    Key::new(Kind::Device, found["id"].as_str().unwrap())
}

/// The newest action of a kind on a machine.
fn action(rig: &Rig, device: &Key, kind: &str) -> Value {
    let all = get(
        rig,
        Service::Defender,
        "/machineactions",
        &[("$top", "1000")],
    );
    let id = device.id.txt().exact();
    let mut of: Vec<Value> = (all.into_iter())
        .filter(|a| a["machineId"] == id && a["type"] == kind)
        .collect();
    of.sort_by_key(|a| {
        a["creationDateTimeUtc"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    });
    of.pop().unwrap_or_else(|| panic!("no {kind} of {id}"))
}

#[test]
fn s2_10_s2_11_s2_12_a_device_is_scanned_isolated_and_released_each_to_its_end() {
    let rig = rig();
    let device = machine(&rig);
    let why = Args {
        reason: Some("case 88".into()),
        ..Args::default()
    };
    for (verb, kind) in [
        ("quick scan", "RunAntiVirusScan"),
        ("isolate", "Isolate"),
        ("release", "Unisolate"),
    ] {
        let (state, deed) = done(&rig, verb, why.clone(), &device);
        assert_eq!(state.stand(), Stand::Succeeded, "{verb}: {state:?}");
        // S2-22: what the service keeps of it can be read by its id
        let there = action(&rig, &device, kind);
        assert_eq!(there["status"], "Succeeded", "{verb}: {there}");
        let comment = there["requestorComment"].as_str().unwrap();
        assert!(comment.contains("case 88"), "{verb}: {comment}");
        assert_eq!(deed.key, device);
    }
    assert_eq!(action(&rig, &device, "Isolate")["scope"], "Full");
}

#[test]
fn s1_10_s1_11_an_indicator_for_chosen_device_groups_is_made_and_read_back() {
    let rig = rig();
    let groups: Vec<String> = get(&rig, Service::Defender, "/machines", &[("$top", "500")])
        .iter()
        .filter_map(|m| m["rbacGroupName"].as_str())
        .filter(|g| !g.is_empty())
        .map(str::to_owned)
        .collect();
    let group = groups.first().expect("a device group").clone();
    let value = "scoped.evil.example";
    let args = Args {
        indicator: Some(Indicator {
            action: "Block",
            title: "Case 88".into(),
            description: "scoped".into(),
            groups: vec![group.as_str().into()],
            expires: Ticks::parse("2026-08-08T12:00:00Z"),
            ..Indicator::default()
        }),
        ..Args::default()
    };
    let key = Key::new(Kind::Indicator, value);
    let (state, _) = done(&rig, "indicate", args, &key);
    assert_eq!(state.stand(), Stand::Succeeded, "{state:?}");
    let all = get(&rig, Service::Defender, "/indicators", &[("$top", "5000")]);
    let row = all.iter().find(|r| r["indicatorValue"] == value).unwrap();
    assert_eq!(row["rbacGroupNames"], serde_json::json!([group]));
    assert_eq!(row["action"], "Block");
    assert!(
        row["expirationTime"]
            .as_str()
            .unwrap()
            .starts_with("2026-08-08")
    );
}
