//! Everything that is mentioned exists.

use super::demo;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeSet;

/// Every value of a property at any depth.
fn all<'a>(value: &'a Value, property: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner {
                    Value::String(text) if key == property => found.push(text),
                    _ => all(inner, property, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| all(inner, property, found)),
        _ => {}
    }
}

fn mentioned<'a>(value: &'a Value, property: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    all(value, property, &mut found);
    found
}

#[test]
fn incidents_and_alerts_find_each_other() {
    let world = demo();
    for i in 0..world.incident_count() {
        let row = world.incident_row(i);
        assert_eq!(world.incident_by_id(&row.id.to_string()), Some(i));
        let alerts = world.incident_alerts(i);
        assert_eq!(alerts.len(), row.alerts as usize);
        assert!(alerts.is_sorted());
        for a in alerts {
            assert_eq!(world.alert_row(a).incident, row.id);
            assert_eq!(world.alert_by_id(&world.alert_id(a)), Some(a));
        }
        if let Some(target) = row.redirect {
            assert_eq!(row.status, "redirected");
            assert!(world.incident_by_id(&target.to_string()).is_some());
        }
    }
    for id in [
        "",
        "..",
        "0",
        "2710",
        "02711",
        "999999999999999999999",
        "da",
        "da1_2",
        "zz00000000-0000-4000-8000-000000000000",
    ] {
        assert_eq!(world.incident_by_id(id), None, "{id}");
        assert_eq!(world.alert_by_id(id), None, "{id}");
    }
}

#[test]
fn one_chain_of_merged_incidents_ends_in_a_live_one() {
    let world = demo();
    let redirected: Vec<usize> = (0..world.incident_count())
        .filter(|&i| world.incident_row(i).status == "redirected")
        .collect();
    assert_eq!(redirected.len(), 2);
    let next = |i: usize| {
        world
            .incident_row(i)
            .redirect
            .and_then(|id| world.incident_by_id(&id.to_string()))
    };
    let last = redirected.iter().copied().max().unwrap();
    let middle = next(last).unwrap();
    let target = next(middle).unwrap();
    assert_eq!(next(target), None);
    assert!(world.incident_row(target).alerts >= 3);
    assert_eq!(
        world.incident_row(last).alerts + world.incident_row(middle).alerts,
        0
    );
}

#[test]
fn evidence_names_people_and_machines_of_the_tenant_and_they_know_it() {
    let world = demo();
    for a in (0..world.alert_count()).step_by(3) {
        let alert = Value::Object(world.alert_json(a));
        let (frame, k) = world.alert_frame(a);
        let title = frame.template.name;
        let (machines, users) = world.alert_cast(&frame, k);
        let (machines, users): (BTreeSet<usize>, BTreeSet<usize>) =
            (machines.into_iter().collect(), users.into_iter().collect());
        let seen: BTreeSet<usize> = mentioned(&alert, "mdeDeviceId")
            .into_iter()
            .map(|id| {
                world
                    .machine_by_id(id)
                    .unwrap_or_else(|| panic!("{title}: {id}"))
            })
            .collect();
        let bare = title == "bare";
        assert!(seen == machines || bare, "{title}: {seen:?} {machines:?}");
        let seen: BTreeSet<usize> = mentioned(&alert, "azureAdUserId")
            .into_iter()
            .map(|id| {
                world
                    .user_by_id(id)
                    .unwrap_or_else(|| panic!("{title}: {id}"))
            })
            .collect();
        assert!(seen == users || bare, "{title} {k}: {seen:?} {users:?}");
        for machine in &machines {
            assert!(
                world.machine_alerts(*machine).binary_search(&a).is_ok(),
                "{title}"
            );
        }
        for user in &users {
            assert!(
                world.user_alerts(*user).binary_search(&a).is_ok(),
                "{title}"
            );
        }
        for id in mentioned(&alert, "azureAdDeviceId") {
            assert!(
                world.entra_device_by_device_id(id).is_some(),
                "{title}: {id}"
            );
        }
        for id in mentioned(&alert, "requestId") {
            let key = world
                .sign_in_by_id(id)
                .unwrap_or_else(|| panic!("{title}: sign-in {id}"));
            assert!(
                world.user_sign_ins(key.user as usize).contains(&key),
                "{title}"
            );
            assert!(world.sign_ins().contains(&key) || a % 30 != 0, "{title}");
        }
        for upn in mentioned(&alert, "userPrincipalName") {
            assert!(world.user_by_upn(upn).is_some(), "{title}: {upn}");
        }
        for id in mentioned(&alert, "objectId")
            .into_iter()
            .chain(mentioned(&alert, "servicePrincipalObjectId"))
        {
            assert!(world.app_by_id(id).is_some(), "{title}: {id}");
        }
    }
}

#[test]
fn every_user_is_found_by_every_key() {
    let world = demo();
    for i in 0..world.user_count() {
        let row = world.user_row(i);
        assert_eq!(
            world.user_by_id(&row.id.to_string().to_uppercase()),
            Some(i)
        );
        assert_eq!(
            world.user_by_upn(&row.upn.to_uppercase()),
            Some(i),
            "{}",
            row.upn
        );
        assert_eq!(
            world.user_by_account(row.account),
            Some(i),
            "{}",
            row.account
        );
        assert!(row.account.len() <= 20, "{}", row.account);
        if let Some(manager) = world.user_manager(i) {
            assert!(
                world.user_reports(manager).contains(&i),
                "{i} under {manager}"
            );
        }
        for report in world.user_reports(i) {
            assert_eq!(world.user_manager(report), Some(i));
        }
        for machine in world.user_machines(i) {
            assert!(
                world.machine_users(machine).contains(&i),
                "user {i} on {machine}"
            );
        }
        for device in world.user_owned_devices(i) {
            let found = world
                .entra_device_by_id(device["id"].as_str().unwrap())
                .unwrap();
            assert_eq!(world.entra_device_owners(found), [i]);
            assert_eq!(
                world.entra_device_by_device_id(device["deviceId"].as_str().unwrap()),
                Some(found)
            );
        }
        for key in world.user_sign_ins(i) {
            assert_eq!(
                world.sign_in_by_id(&world.sign_in_id(key).to_string()),
                Some(key)
            );
        }
        for audit in world.user_audits(i) {
            assert_eq!(world.audit_row(audit).target, i);
            assert_eq!(world.audit_by_id(&world.audit_id(audit)), Some(audit));
        }
    }
    assert_eq!(world.user_row(world.analysts()[0]).upn, "ana@contoso.com");
    assert_eq!(world.user_by_upn("nobody@contoso.com"), None);
}

#[test]
fn every_machine_is_found_and_its_people_know_it() {
    let world = demo();
    for i in 0..world.machine_count() {
        let row = world.machine_row(i);
        assert_eq!(world.machine_by_id(&row.id.to_uppercase()), Some(i));
        assert!(world.machines_by_name(row.dns_name).contains(&i));
        if let Some(id) = row.aad_device_id {
            assert_eq!(world.machine_by_aad_device_id(&id.to_string()), Some(i));
            assert!(world.entra_device_by_device_id(&id.to_string()).is_some());
        }
        let machine = world.machine_json(i);
        if let Some(other) = machine["mergedIntoMachineId"].as_str() {
            assert!(world.machine_by_id(other).is_some_and(|o| o != i));
        }
        for user in world.machine_users(i) {
            assert!(
                world.user_machines(user).contains(&i),
                "{user} does not know {i}"
            );
        }
        for logon in world.machine_logon_users(i) {
            assert!(
                world
                    .user_by_account(logon["accountName"].as_str().unwrap())
                    .is_some()
            );
        }
        if row.risk == Some("High") {
            assert!(!world.machine_alerts(i).is_empty());
        }
    }
}

#[test]
fn risk_belongs_to_users_and_sign_ins() {
    let world = demo();
    assert!(world.risky_count() > 60 && world.detection_count() > 100);
    for i in 0..world.risky_count() {
        let row = world.risky_row(i);
        assert_eq!(world.risky_of_user(row.user), Some(i));
        for item in world.risky_history(i) {
            assert_eq!(item["userId"], world.user_row(row.user).id.to_string());
        }
    }
    for i in 0..world.detection_count() {
        assert_eq!(
            world.detection_by_id(&world.detection_id(i).to_string()),
            Some(i)
        );
        let detection = world.detection_json(i);
        assert!(world.risky_of_user(world.detection_row(i).user).is_some());
        if let Some(request) = detection["requestId"].as_str() {
            let key = world.sign_in_by_id(request).unwrap();
            assert_eq!(key.user as usize, world.detection_row(i).user);
        }
        serde_json::from_str::<Value>(detection["additionalInfo"].as_str().unwrap()).unwrap();
    }
}

#[test]
fn stories_run_through_the_whole_tenant() {
    let world = demo();
    let (rank, alerts) = (0..100)
        .map(|i| (i, world.incident_json(i)))
        .find(|(_, json)| {
            json["displayName"]
                .as_str()
                .is_some_and(|t| t.contains("business email compromise"))
        })
        .map(|(i, _)| (i, world.incident_alerts(i)))
        .unwrap();
    assert!(alerts.len() >= 5);
    let victim = world
        .user_by_upn("nadia.petrova@contoso.com")
        .into_iter()
        .chain(world.user_by_upn("ben.carter@contoso.com"))
        .chain([1]);
    let victim = victim
        .into_iter()
        .find(|&u| world.user_incidents(u).contains(&rank))
        .unwrap();
    assert!(world.risky_of_user(victim).is_some());
    let stolen = world
        .user_sign_ins(victim)
        .into_iter()
        .filter(|key| world.sign_in_row(*key).risk_level == "high")
        .count();
    assert!(stolen > 0);
    let events = world.story(rank);
    assert!(events.len() > 8 && events.iter().any(|e| e.user == Some(victim)));
}

#[test]
fn process_trees_hang_together() {
    let world: &World = demo();
    let mut linked = 0;
    for a in (0..world.alert_count()).step_by(2) {
        let alert = world.alert_json(a);
        let processes: Vec<&Value> = alert["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|e| e["@odata.type"] == "#microsoft.graph.security.processEvidence")
            .collect();
        for p in &processes {
            let parents = processes.iter().filter(|q| {
                q["processId"] == p["parentProcessId"] && q["mdeDeviceId"] == p["mdeDeviceId"]
            });
            for parent in parents {
                linked += 1;
                assert_eq!(
                    parent["imageFile"]["sha1"],
                    p["parentProcessImageFile"]["sha1"]
                );
                assert!(
                    parent["processCreationDateTime"].as_str()
                        <= p["processCreationDateTime"].as_str()
                );
            }
        }
    }
    assert!(linked > 100, "{linked}");
}
