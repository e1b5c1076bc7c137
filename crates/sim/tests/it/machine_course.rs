//! What becomes of actions on machines: out of reach, cancelled, lagging, the package; and the marks people put on machines.

use serde_json::{Value, json};
use sim::Flags;

use crate::http::{Bench, flags, send};
use crate::machine_actions::{
    VERBS, act, id_of, later, machine, patient, status, with_comment, workstation,
};

#[test]
fn a_device_out_of_reach_stays_pending_until_patience_ends() {
    let b = patient();
    let lost = machine(&b, |m| {
        m["osPlatform"] == "Windows11"
            && m["healthStatus"] == "Inactive"
            && m["onboardingStatus"] == "Onboarded"
    });
    let action = id_of(&act(
        &b,
        &lost,
        "isolate",
        json!({"Comment": "x", "IsolationType": "Full"}),
    ));
    later(&b, 71 * 3600);
    assert_eq!(status(&b, &action), "Pending");
    later(&b, 3600);
    let ended = b.mde(&format!("/machineactions/{action}")).json();
    assert_eq!(
        (&ended["status"], &ended["errorHResult"]),
        (&json!("TimeOut"), &json!(-2_145_844_840_i64))
    );
    let id = workstation(&b);
    let name = b.mde(&format!("/machines/{id}")).json()["computerDnsName"]
        .as_str()
        .unwrap()
        .to_owned();
    b.sim
        .set_scenario(&format!("[tenant]\noffline = [\"{name}\"]"))
        .unwrap();
    let action = id_of(&act(
        &b,
        &id,
        "runAntiVirusScan",
        json!({"Comment": "x", "ScanType": "Quick"}),
    ));
    later(&b, 7200);
    assert_eq!(status(&b, &action), "Pending");
}

#[test]
fn a_waiting_action_is_cancelled_and_a_running_one_goes_on() {
    let b = patient();
    let id = workstation(&b);
    let cancel = |action: &str, body: Value| {
        b.mde_send(
            "POST",
            &format!("/machineactions/{action}/cancel"),
            Some(body),
        )
    };
    let action = id_of(&act(
        &b,
        &id,
        "runAntiVirusScan",
        json!({"Comment": "x", "ScanType": "Full"}),
    ));
    assert_eq!(
        cancel(&action, json!({"Comment": ""})).error().0,
        "MissingRequiredParameter"
    );
    let gone = cancel(&action, json!({"Comment": "wrong host"}));
    assert_eq!(gone.status, 200, "{}", gone.text());
    let gone = gone.json();
    assert_eq!(
        (
            &gone["status"],
            &gone["cancellationComment"],
            &gone["errorHResult"]
        ),
        (
            &json!("Cancelled"),
            &json!("wrong host"),
            &json!(-2_147_467_260_i64)
        )
    );
    assert_eq!(
        cancel(&action, json!({"Comment": "again"})).error().0,
        "InvalidInput"
    );
    let action = id_of(&act(
        &b,
        &id,
        "runAntiVirusScan",
        json!({"Comment": "x", "ScanType": "Full"}),
    ));
    later(&b, 60);
    let late = cancel(&action, json!({"Comment": "too late"})).json();
    assert_eq!(
        (&late["status"], &late["cancellationComment"]),
        (&json!("InProgress"), &json!("too late"))
    );
    later(&b, 3600);
    assert_eq!(status(&b, &action), "Succeeded");
    assert_eq!(
        cancel("nonsense", json!({"Comment": "x"})).error().0,
        "ResourceNotFound"
    );
}

#[test]
fn scenarios_say_how_an_action_ends() {
    let b = patient();
    let id = workstation(&b);
    for (end, error) in [
        ("Failed", -2_147_024_894_i64),
        ("TimeOut", -2_145_844_840),
        ("Cancelled", -2_147_467_260),
    ] {
        b.sim
            .set_scenario(&format!(
                "[[rule]]\npath = \"/machines/*/isolate\"\nfault = {{ kind = \"action\", end = \"{end}\", pending = 1, running = 2 }}"
            ))
            .unwrap();
        let action = id_of(&act(
            &b,
            &id,
            "isolate",
            json!({"Comment": "x", "IsolationType": "Full"}),
        ));
        later(&b, 1);
        assert_eq!(status(&b, &action), "InProgress");
        later(&b, 2);
        let ended = b.mde(&format!("/machineactions/{action}")).json();
        assert_eq!(
            (&ended["status"], &ended["errorHResult"]),
            (&json!(end), &json!(error))
        );
        assert_eq!(b.sim.mitigation(&id).as_deref(), Some(""));
    }
}

#[test]
fn the_list_can_lag_behind() {
    let b = patient();
    let id = workstation(&b);
    b.sim
        .set_scenario("[tenant]\naction-list-delay = \"10m\"")
        .unwrap();
    let action = id_of(&act(&b, &id, "unisolate", json!({"Comment": "x"})));
    let listed = || {
        b.mde(&format!("/machineactions?$filter=machineId eq '{id}'&$orderby=creationDateTimeUtc desc&$top=5&$skip=0")).rows().len()
    };
    assert_eq!(listed(), 0);
    assert_eq!(b.mde(&format!("/machineactions/{action}")).status, 200);
    later(&b, 600);
    assert_eq!(listed(), 1);
}

#[test]
fn each_verb_needs_its_own_permission() {
    for (verb, body, _, _, code) in VERBS {
        let wanted = match *verb {
            "isolate" | "unisolate" => "Machine.Isolate",
            "runAntiVirusScan" => "Machine.Scan",
            "restrictCodeExecution" | "unrestrictCodeExecution" => "Machine.RestrictExecution",
            "collectInvestigationPackage" => "Machine.CollectForensics",
            "StopAndQuarantineFile" => "Machine.StopAndQuarantine",
            _ => "Machine.Offboard",
        };
        let b = Bench::with(Flags {
            permissions: format!("mde:Machine.Read.All,mde:Machine.ReadWrite.All,{wanted}"),
            ..flags()
        });
        let id = workstation(&b);
        let body = with_comment(body, "x");
        assert_eq!(act(&b, &id, verb, body.clone()).status, *code, "{verb}");
        b.sim.revoke(wanted).unwrap();
        let refused = act(&b, &id, verb, body);
        assert_eq!(
            (refused.status, refused.error().0.as_str()),
            (403, "Forbidden")
        );
        assert!(refused.error().1.contains(wanted));
    }
    let b = Bench::with(Flags {
        permissions: "mde:Machine.Read.All,Machine.Isolate,Machine.Scan".into(),
        ..flags()
    });
    let id = workstation(&b);
    let action = id_of(&act(
        &b,
        &id,
        "isolate",
        json!({"Comment": "x", "IsolationType": "Full"}),
    ));
    b.sim.revoke("Machine.Isolate").unwrap();
    let other = b.mde_send(
        "POST",
        &format!("/machineactions/{action}/cancel"),
        Some(json!({"Comment": "x"})),
    );
    assert_eq!(other.status, 403, "one that could not have started it");
}

#[test]
fn a_package_is_fetched_by_a_link_without_a_token() {
    let b = patient();
    let id = workstation(&b);
    let action = id_of(&act(
        &b,
        &id,
        "collectInvestigationPackage",
        json!({"Comment": "x"}),
    ));
    let path = format!("/machineactions/{action}/GetPackageUri");
    assert_eq!(b.mde(&path).status, 404, "not yet");
    later(&b, 400);
    let value = b.mde(&path).json()["value"].as_str().unwrap().to_owned();
    assert!(
        value.starts_with('"') && value.ends_with('"'),
        "an extra pair of quotes: {value}"
    );
    let link = value.trim_matches('"');
    assert!(link.starts_with(&b.sim.info.files));
    let file = send("GET", link, &[], b"").unwrap();
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, Some("application/zip"))
    );
    assert!(file.body.starts_with(b"PK\x03\x04") && file.body.len() > 300);
    assert_eq!(
        file.header("content-length"),
        Some(file.body.len().to_string().as_str())
    );
    let bearer = format!("Bearer {}", b.defender);
    assert_eq!(
        send("GET", link, &[("Authorization", &bearer)], b"")
            .unwrap()
            .status,
        400
    );
    assert_eq!(
        send("GET", &link.replace("token=", "token=0"), &[], b"")
            .unwrap()
            .status,
        403
    );
    later(&b, 301);
    assert_eq!(
        send("GET", link, &[], b"").unwrap().status,
        403,
        "short-lived"
    );
    let journal = b.sim.journal();
    assert!(
        journal
            .iter()
            .any(|r| r.path.starts_with("/files/safedownload/"))
    );
    let scan = id_of(&act(
        &b,
        &id,
        "runAntiVirusScan",
        json!({"Comment": "x", "ScanType": "Quick"}),
    ));
    assert_eq!(
        b.mde(&format!("/machineactions/{scan}/getPackageUri"))
            .status,
        404
    );
}

#[test]
fn package_links_are_rationed() {
    let b = Bench::with(Flags {
        throttle: sim::flags::Switch::On,
        ..flags()
    });
    let ask = || b.mde("/machineactions/none/getPackageUri").status;
    assert_eq!((ask(), ask(), ask()), (404, 404, 429));
}

#[test]
fn tags_and_values_show_at_once_and_in_filters() {
    let b = patient();
    let id = machine(&b, |m| {
        m["machineTags"].as_array().is_some_and(|t| t.len() == 1)
    });
    let path = format!("/machines/{id}/tags");
    let before = b.mde(&format!("/machines/{id}")).json()["machineTags"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let tag = |value: &str, action: &str| {
        b.mde_send(
            "POST",
            &path,
            Some(json!({"Value": value, "Action": action})),
        )
    };
    assert_eq!(
        tag("case 12", "Add").json()["machineTags"],
        json!([before, "case 12"])
    );
    assert_eq!(
        tag("case 12", "Add").json()["machineTags"],
        json!([before, "case 12"]),
        "once"
    );
    let found = b
        .mde("/machines/findbytag?tag=case&useStartsWithFilter=true")
        .rows();
    assert_eq!(found.len(), 1);
    assert_eq!(
        b.mde("/machines?$filter=machineTags/any(tag: tag eq 'case 12')")
            .rows()
            .len(),
        1
    );
    assert_eq!(
        tag(&before, "Remove").json()["machineTags"],
        json!(["case 12"])
    );
    for bad in [
        json!({"Value": "x"}),
        json!({"Value": "x", "Action": "add"}),
        json!({"value": "x", "Action": "Add"}),
        json!({"Value": "", "Action": "Add"}),
    ] {
        assert_eq!(
            b.mde_send("POST", &path, Some(bad.clone())).status,
            400,
            "{bad}"
        );
    }
    let value = b.mde_send(
        "POST",
        &format!("/machines/{id}/setDeviceValue"),
        Some(json!({"DeviceValue": "High"})),
    );
    assert_eq!(value.json()["deviceValue"], "High");
    assert!(
        b.mde("/machines?$filter=deviceValue eq 'High'")
            .rows()
            .iter()
            .any(|m| m["id"] == json!(id))
    );
    assert_eq!(
        b.mde_send(
            "POST",
            &format!("/machines/{id}/setDeviceValue"),
            Some(json!({"DeviceValue": "high"}))
        )
        .status,
        400
    );
    let many: Vec<Value> = b
        .mde("/machines?$top=3")
        .rows()
        .iter()
        .map(|m| m["id"].clone())
        .collect();
    let path = "/machines/AddOrRemoveTagForMultipleMachines";
    let reply = b.mde_send(
        "POST",
        path,
        Some(json!({"Value": "set", "Action": "Add", "MachineIds": many})),
    );
    assert!(
        reply
            .rows()
            .iter()
            .all(|m| m["machineTags"].as_array().unwrap().contains(&json!("set")))
    );
    let all = vec![many[0].clone(); 501];
    let refused = b.mde_send(
        "POST",
        path,
        Some(json!({"Value": "set", "Action": "Add", "MachineIds": all})),
    );
    assert_eq!(refused.error().0, "MaximumBatchSizeExceeded");
    assert!(refused.error().1.contains("501") && refused.error().1.contains("500"));
    let replaced = b.mde_send(
        "PATCH",
        &format!("/machines/{id}"),
        Some(json!({"machineTags": ["only"]})),
    );
    assert_eq!(
        replaced.json()["machineTags"],
        json!(["only"]),
        "what is not repeated is gone"
    );
}

#[test]
fn the_past_is_on_machines_that_fit() {
    let b = patient();
    let actions = b.mde("/machineactions").rows();
    assert!(actions.len() >= 8);
    for action in &actions {
        let machine = b
            .mde(&format!(
                "/machines/{}",
                action["machineId"].as_str().unwrap()
            ))
            .json();
        assert_eq!(machine["onboardingStatus"], "Onboarded");
        if action["status"] == "Pending" {
            assert_ne!(
                machine["healthStatus"], "Active",
                "it waits since nobody answers"
            );
        }
    }
    assert!(
        actions.iter().any(|a| a["lastUpdateTimeUtc"].is_string()),
        "one writes it differently"
    );
}

#[test]
fn people_act_with_a_role_beside_the_scope() {
    let mut b = patient();
    let id = workstation(&b);
    let service = "https://api.securitycenter.microsoft.com";
    let sign_in = |b: &Bench, upn: &str| {
        crate::accounts::sign_in_to(b, service, upn, false)["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let body = json!({"Comment": "x", "IsolationType": "Full"});
    b.defender = sign_in(&b, "tomasz@contoso.com");
    assert_eq!(
        b.mde("/machines?$top=1").status,
        200,
        "a reader of security reads"
    );
    let refused = act(&b, &id, "isolate", body.clone());
    assert_eq!(refused.status, 403);
    assert!(refused.error().1.contains("role"), "{}", refused.text());
    b.defender = sign_in(&b, "ana@contoso.com");
    let made = act(&b, &id, "isolate", body);
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["requestor"], "ana@contoso.com");
    let row = b.sim.journal().pop().unwrap();
    assert_eq!(row.caller.as_deref(), Some("ana@contoso.com"));
    b.sim.revoke("Machine.CollectForensics").unwrap();
    let path = "/machineactions/none/getPackageUri";
    assert_eq!(
        b.mde(path).status,
        403,
        "a person needs another permission than an application"
    );
}
