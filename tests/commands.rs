//! Commands beside lists and verbs: find, export, following and taking back; the linked binary against a simulator.

use crate::headless::Desk;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

fn first<'a>(list: &'a Value, column: &str) -> &'a str {
    list["rows"][0][column]
        .as_str()
        .unwrap_or_else(|| panic!("{list}"))
}

#[test]
fn anything_is_found_by_its_id_or_name() {
    let desk = Desk::new();
    let list = desk.json(&["incidents", "list", "--json", "--limit", "1"]);
    let id = first(&list, "id");
    let found = desk.json(&["find", id, "--json"]);
    let hit = &found["hits"][0];
    assert_eq!(
        (&hit["kind"], &hit["how"], &hit["id"]),
        (&"incident".into(), &"is".into(), &id.into()),
        "{found}"
    );
    let users = desk.json(&["users", "list", "--json", "--limit", "1"]);
    let upn = first(&users, "userPrincipalName");
    let found = desk.json(&["find", upn, "--json"]);
    let ids: Vec<&Value> = found["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| &h["id"])
        .collect();
    assert!(ids.contains(&&users["rows"][0]["id"]), "{found}");
    let (_, name) = &desk.devices()[0];
    let (code, said) = desk.said(&["find", name]);
    assert!(code == 0 && said.contains("device"), "{code} {said}");
    let nothing = desk.json(&["find", "zz-no-such-thing-zz", "--json"]);
    assert_eq!(nothing["hits"].as_array().unwrap().len(), 0);
    assert_eq!(desk.said(&["find", " "]).0, 2);
}

#[test]
fn an_incident_is_exported_with_all_its_parts_and_where_they_come_from() {
    let desk = Desk::new();
    let list = desk.json(&["incidents", "list", "--json", "--limit", "1"]);
    let id = first(&list, "id");
    let path = desk.home.path().join("case.json");
    let file = path.to_str().unwrap();
    let (code, said) = desk.said(&["export", "incident", id, "--output", file]);
    assert_eq!(code, 0, "{said}");
    let pack: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(
        (&pack["schema"], &pack["demo"], &pack["complete"]),
        (&1.into(), &true.into(), &true.into())
    );
    assert_eq!(
        (&pack["entity"]["id"], &pack["tenant"]),
        (&id.into(), &"lab".into())
    );
    let answers: usize = pack["sections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["answers"].as_array().unwrap().len())
        .sum();
    assert!(answers > 0, "{pack}");
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        desk.said(&["export", "incident", id, "--output", file]).0,
        1
    );
    assert_eq!(
        desk.said(&["export", "incident", id, "--output", file, "--replace"])
            .0,
        0
    );
    // another kind, by name, to stdout
    let (_, name) = &desk.devices()[0];
    assert_eq!(desk.json(&["export", "devices", name])["pack"], "device");
    assert_eq!(desk.said(&["export", "mail", "x"]).0, 2);
    assert_eq!(desk.said(&["export", "incident", "1"]).0, 7);
}

#[test]
fn what_was_done_is_followed_and_taken_back_with_its_own_question() {
    let desk = Desk::new();
    let (_, name) = &desk.devices()[0];
    let isolate = ["devices", "isolate", name, "--reason", "beacon", "--json"];
    let plan = desk.json(&[&isolate[..], &["--dry-run"]].concat());
    let plan = plan["plan"].as_str().unwrap().to_owned();
    let done = desk.json(&[&isolate[..], &["--plan", &plan]].concat());
    let run = done["targets"][0]["run"].as_str().unwrap().to_owned();
    let (_, watched) = desk.said(&["actions", "watch", "--ndjson", "--timeout", "1"]);
    assert!(
        watched.is_empty() || watched.contains("Isolate") || watched.contains("isolate"),
        "{watched}"
    );
    let back = desk.json(&[
        "actions",
        "undo",
        &run,
        "--reason",
        "clean",
        "--dry-run",
        "--json",
    ]);
    assert_eq!(back["verb"], "release", "{back}");
    assert_eq!(back["targets"][0]["name"], name.as_str());
    let (code, said) = desk.said(&["actions", "undo", &run, "--reason", "clean"]);
    assert_eq!(code, 8, "without an answer nothing is sent: {said}");
    let (code, said) = desk.said(&["actions", "undo", "no-such-run"]);
    assert!(code == 7 && said.contains("no-such-run"), "{code} {said}");
    let (code, said) = desk.said(&["actions", "watch", "no-such-action"]);
    assert!(
        code == 7 && said.contains("no-such-action"),
        "{code} {said}"
    );
}

#[test]
fn s0_30_each_permission_tells_what_it_unlocks_and_modules_tell_what_they_lack() {
    let desk = Desk::new();
    let (code, all) = desk.said(&["permissions", "--unlocks"]);
    assert!(
        code == 0 && all.contains("Machine.Isolate") && all.contains("unlocks"),
        "{all}"
    );
    let json = desk.json(&["permissions", "--json"]);
    let permissions = json["permissions"].as_array().unwrap();
    let incidents = permissions
        .iter()
        .find(|p| p["permission"] == "SecurityIncident.ReadWrite.All")
        .unwrap();
    let unlocks: Vec<&str> = incidents["unlocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| u.as_str().unwrap())
        .collect();
    assert!(
        unlocks.contains(&"incidents") && unlocks.contains(&"take incident"),
        "{unlocks:?}"
    );
    let (_, missing) = desk.said(&["permissions", "--missing"]);
    assert!(
        missing.contains("nothing is missing") || missing.contains(" NO "),
        "{missing}"
    );
}
