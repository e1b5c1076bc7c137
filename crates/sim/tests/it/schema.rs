//! A validator for the part of JSON Schema that the Graph description uses.

use std::collections::HashMap;

use regex::Regex;
use serde_json::Value;

/// How a schema is reached: by itself, chosen by the type that a value names, or as a part of another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Whole,
    Chosen,
    Part,
}

/// The description, with its patterns compiled once.
pub struct Schemas {
    document: Value,
    patterns: HashMap<String, Regex>,
}

impl Schemas {
    pub fn new(document: Value) -> Self {
        let mut patterns = HashMap::new();
        collect(&document, &mut patterns);
        Self { document, patterns }
    }

    /// The schema of the 200 answer of an operation.
    pub fn answer(&self, path: &str, method: &str) -> &Value {
        let operation = &self.document["paths"][path][method];
        assert!(operation.is_object(), "{method} {path} is not described");
        let content = operation["responses"]["200"]["content"]
            .as_object()
            .expect("a body");
        &content.values().next().expect("a media type")["schema"]
    }

    /// The schema of refusals.
    pub fn refusal(&self) -> &Value {
        &self.document["components"]["schemas"]["microsoft.graph.ODataErrors.ODataError"]
    }

    /// Everything in which a value differs from a schema.
    pub fn errors(&self, value: &Value, schema: &Value) -> Vec<String> {
        let mut errors = Vec::new();
        self.check(value, schema, "$", Place::Whole, &mut errors);
        errors
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self
                .document
                .pointer(reference.trim_start_matches('#'))
                .unwrap_or_else(|| panic!("{reference}")),
            None => schema,
        }
    }

    fn check(
        &self,
        value: &Value,
        schema: &Value,
        at: &str,
        place: Place,
        errors: &mut Vec<String>,
    ) {
        let schema = self.resolve(schema);
        if place == Place::Whole
            && let Some(derived) = self.derived(value, schema)
        {
            self.check(value, derived, at, Place::Chosen, errors);
            for part in schema["allOf"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|p| p.get("$ref").is_none())
            {
                self.check(value, part, at, Place::Part, errors);
            }
            return;
        }
        if value.is_null() && self.nullable(schema) {
            return;
        }
        if let Some(options) = schema["anyOf"].as_array() {
            let fits = |option: &Value| {
                let mut inner = Vec::new();
                self.check(value, option, at, Place::Whole, &mut inner);
                inner
            };
            let tries: Vec<Vec<String>> = options.iter().map(fits).collect();
            if tries.iter().all(|t| !t.is_empty()) {
                errors.extend(tries.into_iter().next().unwrap_or_default());
            }
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.check(value, part, at, Place::Part, errors);
        }
        self.simple(value, schema, at, errors);
        if let Some(object) = value.as_object() {
            for name in schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                if !object.contains_key(name) {
                    errors.push(format!("{at}: {name} is missing"));
                }
            }
            let known = schema["properties"].as_object();
            for (key, item) in object {
                if let Some(property) = known.and_then(|k| k.get(key)) {
                    self.check(item, property, &format!("{at}.{key}"), Place::Whole, errors);
                }
            }
            if let Some(rest) = schema.get("additionalProperties").filter(|r| r.is_object()) {
                for (key, item) in object
                    .iter()
                    .filter(|(k, _)| known.is_none_or(|n| !n.contains_key(*k)) && !k.contains('@'))
                {
                    self.check(item, rest, &format!("{at}.{key}"), Place::Whole, errors);
                }
            }
            let shaped = schema["allOf"].is_array() || schema["properties"].is_object();
            // a type that is not described may have any properties
            let foreign =
                place == Place::Whole && value["@odata.type"].is_string() && self.chooses(schema);
            if place != Place::Part && shaped && !foreign && !schema["anyOf"].is_array() {
                self.strangers(value, schema, at, errors);
            }
        }
        if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
            for (n, item) in list.iter().enumerate() {
                self.check(item, items, &format!("{at}[{n}]"), Place::Whole, errors);
            }
        }
    }

    fn simple(&self, value: &Value, schema: &Value, at: &str, errors: &mut Vec<String>) {
        if let Some(kind) = schema["type"].as_str() {
            let right = match kind {
                "string" => value.is_string(),
                "integer" => value.is_i64() || value.is_u64(),
                "number" => value.is_number(),
                "boolean" => value.is_boolean(),
                "array" => value.is_array(),
                "object" => value.is_object(),
                other => panic!("type {other}"),
            };
            if !right {
                errors.push(format!("{at}: {kind} expected, not {}", short(value)));
                return;
            }
        }
        if let Some(members) = schema["enum"].as_array()
            && !members.contains(value)
        {
            errors.push(format!(
                "{at}: {} is no member of {}",
                short(value),
                schema["title"]
            ));
        }
        if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
            && !self.patterns[pattern].is_match(text)
        {
            errors.push(format!("{at}: {} does not match {pattern}", short(value)));
        }
    }

    /// Properties that no part of the schema knows: a misspelling, most likely.
    fn strangers(&self, value: &Value, schema: &Value, at: &str, errors: &mut Vec<String>) {
        let mut known = Vec::new();
        if self.gather(schema, &mut known) {
            return;
        }
        for key in value.as_object().into_iter().flat_map(|o| o.keys()) {
            if !key.contains('@') && !known.contains(&key.as_str()) {
                let message = format!("{at}: {key} is not described");
                if !errors.contains(&message) {
                    errors.push(message);
                }
            }
        }
    }

    /// Collects property names; true where anything is allowed.
    fn gather<'a>(&'a self, schema: &'a Value, known: &mut Vec<&'a str>) -> bool {
        let schema = self.resolve(schema);
        let mut open = match schema.get("additionalProperties") {
            Some(Value::Bool(open)) => *open,
            Some(_) => true,
            None => false,
        };
        known.extend(
            schema["properties"]
                .as_object()
                .into_iter()
                .flat_map(|p| p.keys().map(String::as_str)),
        );
        for part in schema["allOf"].as_array().into_iter().flatten() {
            open |= self.gather(part, known);
        }
        open
    }

    fn derived<'a>(&'a self, value: &Value, schema: &'a Value) -> Option<&'a Value> {
        let named = value["@odata.type"].as_str()?;
        let own = schema.get("discriminator");
        let inner = schema["allOf"]
            .as_array()
            .into_iter()
            .flatten()
            .find_map(|p| self.resolve(p).get("discriminator"));
        let target = own.or(inner)?["mapping"][named].as_str()?;
        self.document.pointer(target.trim_start_matches('#'))
    }

    /// Does a type named in the value choose among derived schemas?
    fn chooses(&self, schema: &Value) -> bool {
        let parts = schema["allOf"].as_array().into_iter().flatten();
        schema.get("discriminator").is_some()
            || parts
                .map(|p| self.resolve(p))
                .any(|p| p.get("discriminator").is_some())
    }

    fn nullable(&self, schema: &Value) -> bool {
        let schema = self.resolve(schema);
        schema["nullable"] == true
            || schema["anyOf"]
                .as_array()
                .is_some_and(|o| o.iter().any(|s| self.nullable(s)))
    }
}

fn collect(value: &Value, patterns: &mut HashMap<String, Regex>) {
    match value {
        Value::Object(map) => {
            if let Some(pattern) = map.get("pattern").and_then(Value::as_str) {
                patterns
                    .entry(pattern.to_owned())
                    .or_insert_with(|| Regex::new(pattern).expect("a pattern"));
            }
            map.values().for_each(|v| collect(v, patterns));
        }
        Value::Array(list) => list.iter().for_each(|v| collect(v, patterns)),
        _ => {}
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(80).collect()
}

#[test]
fn the_validator_finds_what_is_wrong() {
    let schemas = Schemas::new(serde_json::json!({"components": {"schemas": {
        "base": {"type": "object", "required": ["@odata.type"], "properties": {"@odata.type": {"type": "string"}, "n": {"type": "integer"}},
            "discriminator": {"propertyName": "@odata.type", "mapping": {"#d": "#/components/schemas/derived"}}},
        "derived": {"allOf": [{"$ref": "#/components/schemas/base"},
            {"type": "object", "properties": {"e": {"enum": ["a", "b"], "type": "string", "title": "e"}, "t": {"type": "string", "nullable": true, "pattern": "^x"}}}]},
        "list": {"type": "array", "items": {"$ref": "#/components/schemas/base"}}}}}));
    let list = schemas.document["components"]["schemas"]["list"].clone();
    let errors = |v: Value| schemas.errors(&v, &list);
    let good = serde_json::json!([{"@odata.type": "#d", "n": 1, "e": "a", "t": null}, {"@odata.type": "#unknown", "n": 2}]);
    assert_eq!(errors(good), Vec::<String>::new());
    for bad in [
        serde_json::json!([{"n": 1}]),
        serde_json::json!([{"@odata.type": "#d", "n": "1"}]),
        serde_json::json!([{"@odata.type": "#d", "e": "c"}]),
        serde_json::json!([{"@odata.type": "#d", "t": "y"}]),
        serde_json::json!([{"@odata.type": "#d", "stranger": 1}]),
        serde_json::json!([{"@odata.type": "#d", "n": null}]),
        serde_json::json!({}),
    ] {
        assert!(!errors(bad.clone()).is_empty(), "{bad}");
    }
}
