//! The wire form against the published schemas: names, types, nullability, enum members.

use super::demo;
use crate::world::World;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The schemas, or None when they are not beside this repository.
fn schemas() -> Option<Value> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    for shared in ["../shared", "../../shared"] {
        let path = root.join(shared).join("api/graph.openapi.json");
        if let Ok(text) = std::fs::read_to_string(&path) {
            return Some(serde_json::from_str(&text).unwrap());
        }
    }
    eprintln!("SKIPPED: ../shared/api/graph.openapi.json is not here");
    None
}

struct Judge<'a> {
    all: &'a Value,
    faults: Vec<String>,
}

impl<'a> Judge<'a> {
    fn schema(&self, name: &str) -> &'a Value {
        &self.all["components"]["schemas"][name]
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(path) => self.schema(path.rsplit('/').next().unwrap()),
            None => schema,
        }
    }

    /// Own and inherited properties; true when others are allowed.
    fn properties(&self, schema: &'a Value, found: &mut Vec<(&'a str, &'a Value)>) -> bool {
        let schema = self.resolve(schema);
        let mut open = schema["additionalProperties"] == true;
        for part in schema["allOf"].as_array().into_iter().flatten() {
            open |= self.properties(part, found);
        }
        for (name, own) in schema["properties"].as_object().into_iter().flatten() {
            found.push((name, own));
        }
        open
    }

    fn fault(&mut self, at: &str, what: &str) {
        if self.faults.len() < 40 && !self.faults.iter().any(|f| f.starts_with(at)) {
            self.faults.push(format!("{at}: {what}"));
        }
    }

    fn check(&mut self, value: &Value, schema: &'a Value, at: &str, null: bool) {
        let mut null = null || schema["nullable"] == true;
        let mut schema = schema;
        if let Some(options) = schema["anyOf"].as_array() {
            null = null || options.iter().any(|o| o["nullable"] == true);
            schema = &options[0];
        }
        let schema = self.resolve(schema);
        if value.is_null() {
            if !null {
                self.fault(at, "null where the schema has none");
            }
            return;
        }
        if let Some(members) = schema["enum"].as_array() {
            let known = members.contains(value);
            let grows = schema["x-evolvable"] == true;
            if !value.is_string() || !known && !grows {
                self.fault(at, &format!("{value} is no member"));
            }
            return;
        }
        match value {
            Value::Object(map) => {
                let mut schema = schema;
                if let Some(name) = map.get("@odata.type").and_then(Value::as_str) {
                    let named = self.schema(name.trim_start_matches('#'));
                    if named.is_null() {
                        return;
                    }
                    schema = named;
                }
                let mut properties = Vec::new();
                let open = self.properties(schema, &mut properties);
                if properties.is_empty() {
                    return;
                }
                for (key, inner) in map {
                    if key.starts_with('@') {
                        continue;
                    }
                    match properties.iter().rev().find(|p| p.0 == key) {
                        Some((_, own)) => self.check(inner, own, &format!("{at}.{key}"), false),
                        None if open => {}
                        None => self.fault(&format!("{at}.{key}"), "no such property"),
                    }
                }
            }
            Value::Array(list) => {
                if schema["type"] != "array" {
                    self.fault(at, "a list where the schema has none");
                }
                for inner in list {
                    self.check(inner, &schema["items"], &format!("{at}[]"), false);
                }
            }
            Value::String(text) => {
                if schema["type"] != "string" {
                    self.fault(at, "text where the schema has none");
                } else if schema["format"] == "date-time"
                    && (!text.ends_with('Z') || text.parse::<jiff::Timestamp>().is_err())
                {
                    self.fault(at, &format!("{text} is no instant"));
                } else if schema["format"] == "uuid"
                    && text.parse::<crate::world::dice::Guid>().is_err()
                {
                    self.fault(at, &format!("{text} is no GUID"));
                }
            }
            Value::Bool(_) if schema["type"] != "boolean" => {
                self.fault(at, "a bool where the schema has none")
            }
            Value::Number(n) => {
                let whole = schema["type"] == "integer" && (n.is_i64() || n.is_u64());
                if !whole && schema["type"] != "number" {
                    self.fault(at, "a number where the schema has none");
                }
            }
            _ => {}
        }
    }
}

#[test]
fn entities_are_what_the_schemas_say() {
    let Some(all) = schemas() else { return };
    let world: &World = demo();
    let mut judge = Judge {
        all: &all,
        faults: Vec::new(),
    };
    let mut see = |name: &str, list: Vec<crate::world::Obj>| {
        assert!(!list.is_empty(), "{name}");
        let schema = judge.schema(name);
        assert!(!schema.is_null(), "{name}");
        for entity in list {
            judge.check(&Value::Object(entity), schema, name, false);
        }
    };
    let users = || (0..world.user_count()).step_by(2);
    see(
        "microsoft.graph.security.incident",
        (0..world.incident_count())
            .map(|i| world.incident_json(i))
            .collect(),
    );
    see(
        "microsoft.graph.security.alert",
        (0..world.alert_count())
            .step_by(3)
            .map(|i| world.alert_json(i))
            .collect(),
    );
    see(
        "microsoft.graph.user",
        users().map(|i| world.user_json(i)).collect(),
    );
    see(
        "microsoft.graph.signInActivity",
        users()
            .filter_map(|i| world.user_sign_in_activity(i))
            .collect(),
    );
    see(
        "microsoft.graph.directoryObject",
        users().flat_map(|i| world.user_member_of(i)).collect(),
    );
    see(
        "microsoft.graph.directoryObject",
        users().flat_map(|i| world.user_owned_devices(i)).collect(),
    );
    see(
        "microsoft.graph.device",
        (0..world.entra_device_count())
            .map(|i| world.entra_device_json(i))
            .collect(),
    );
    see(
        "microsoft.graph.authenticationMethod",
        users().flat_map(|i| world.user_auth_methods(i)).collect(),
    );
    see(
        "microsoft.graph.oAuth2PermissionGrant",
        users().flat_map(|i| world.user_oauth_grants(i)).collect(),
    );
    see(
        "microsoft.graph.appRoleAssignment",
        users().flat_map(|i| world.user_app_roles(i)).collect(),
    );
    see(
        "microsoft.graph.riskyUser",
        (0..world.risky_count())
            .map(|i| world.risky_json(i))
            .collect(),
    );
    see(
        "microsoft.graph.riskyUserHistoryItem",
        (0..world.risky_count())
            .flat_map(|i| world.risky_history(i))
            .collect(),
    );
    see(
        "microsoft.graph.riskDetection",
        (0..world.detection_count())
            .map(|i| world.detection_json(i))
            .collect(),
    );
    see(
        "microsoft.graph.signIn",
        world
            .sign_ins()
            .iter()
            .step_by(23)
            .map(|key| world.sign_in_json(*key))
            .collect(),
    );
    see(
        "microsoft.graph.directoryAudit",
        (0..world.audit_count())
            .step_by(5)
            .map(|i| world.audit_json(i))
            .collect(),
    );
    see(
        "microsoft.graph.servicePrincipal",
        (0..world.app_count()).map(|i| world.app_json(i)).collect(),
    );
    see(
        "microsoft.graph.organization",
        vec![world.organization_json()],
    );
    assert!(judge.faults.is_empty(), "{}", judge.faults.join("\n"));
}

#[test]
fn the_judge_sees_faults() {
    let Some(all) = schemas() else { return };
    let mut judge = Judge {
        all: &all,
        faults: Vec::new(),
    };
    let bad = json!({
        "id": 7, "displayName": null, "status": null, "severity": "low", "createdDateTime": "yesterday", "nonsense": 1,
        "comments": [{"comment": 1}], "alerts": [{"evidence": [{"@odata.type": "#microsoft.graph.security.userEvidence", "user": 1}]}],
    });
    judge.check(
        &bad,
        judge.schema("microsoft.graph.security.incident"),
        "incident",
        false,
    );
    assert_eq!(judge.faults.len(), 6, "{:?}", judge.faults);
}
