//! Writing on incidents and alerts: what a PATCH body may say, and comments.

use serde_json::{Map, Value, json};

use super::cx::Cx;
use super::fault::Fault;
use super::page;
use crate::clock::iso;
use crate::wire::answer::Answer;
use crate::world::Obj;

/// Severities that can be set.
pub(super) const SEVERITY: &[&str] = &["unknown", "informational", "low", "medium", "high"];
/// Classifications.
pub(super) const CLASSIFICATION: &[&str] = &[
    "unknown",
    "falsePositive",
    "truePositive",
    "informationalExpectedActivity",
];
/// Determinations; four older spellings are gone from the model and refused.
pub(super) const DETERMINATION: &[&str] = &[
    "unknown",
    "apt",
    "malware",
    "securityPersonnel",
    "securityTesting",
    "unwantedSoftware",
    "other",
    "multiStagedAttack",
    "compromisedAccount",
    "phishing",
    "maliciousUserActivity",
    "notMalicious",
    "notEnoughDataToValidate",
    "confirmedActivity",
    "lineOfBusinessApplication",
];

/// The type of a property that can be written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Text or null.
    Text,
    /// A member of an enum; null too if the flag says so.
    Enum(&'static [&'static str], bool),
    Texts,
    Object,
}

/// The JSON body, an object.
pub(super) fn body(cx: &Cx<'_>) -> Result<Obj, Fault> {
    let json = cx
        .ask
        .header("content-type")
        .is_some_and(|t| t.to_ascii_lowercase().starts_with("application/json"));
    if !json {
        return Err(Fault::new(
            415,
            "UnsupportedMediaType",
            "The request body must be application/json.",
        ));
    }
    match serde_json::from_slice(&cx.ask.body) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(Fault::bad(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
        )),
    }
}

/// Compares a PATCH body with what can be written; enum members come back in the spelling of the model.
pub(super) fn checked(body: &Obj, shapes: &[(&'static str, Shape)]) -> Result<Obj, Fault> {
    let mut out = Map::new();
    for (key, value) in body {
        if key.starts_with('@') {
            continue;
        }
        let Some((name, shape)) = shapes.iter().find(|(n, _)| n == key) else {
            return Err(Fault::bad(format!(
                "The property '{key}' does not exist or cannot be updated."
            )));
        };
        let wrong = || Fault::bad(format!("Cannot convert the value of '{name}': {value}."));
        let value = match (shape, value) {
            (Shape::Text, Value::String(_) | Value::Null)
            | (Shape::Object, Value::Object(_) | Value::Null) => value.clone(),
            (Shape::Enum(_, true), Value::Null) => Value::Null,
            (Shape::Enum(members, _), Value::String(text)) => {
                let member = members
                    .iter()
                    .find(|m| m.eq_ignore_ascii_case(text))
                    .ok_or_else(wrong)?;
                json!(member)
            }
            (Shape::Texts, Value::Array(items)) if items.iter().all(Value::is_string) => {
                value.clone()
            }
            _ => return Err(wrong()),
        };
        out.insert((*name).to_owned(), value);
    }
    if out.is_empty() {
        return Err(Fault::bad(
            "The request body contains no property to update.",
        ));
    }
    Ok(out)
}

/// A determination belongs to a classification (assumed to be enforced; the pages list the pairs and do not say so).
pub(super) fn pair(set: &Obj, before: &Obj) -> Result<(), Fault> {
    let Some(determination) = set.get("determination").and_then(Value::as_str) else {
        return Ok(());
    };
    let classification = set
        .get("classification")
        .or_else(|| before.get("classification"))
        .and_then(Value::as_str);
    let fitting: &[&str] = match classification {
        Some("truePositive") => &[
            "multiStagedAttack",
            "maliciousUserActivity",
            "compromisedAccount",
            "malware",
            "phishing",
            "unwantedSoftware",
            "other",
            "apt",
        ],
        Some("informationalExpectedActivity") => &[
            "securityTesting",
            "confirmedActivity",
            "lineOfBusinessApplication",
            "other",
            "securityPersonnel",
        ],
        Some("falsePositive") => &["notMalicious", "notEnoughDataToValidate", "other"],
        _ => return Ok(()),
    };
    if determination == "unknown" || fitting.contains(&determination) {
        return Ok(());
    }
    let classification = classification.unwrap_or_default();
    Err(Fault::bad(format!(
        "Determination '{determination}' is not valid for classification '{classification}'."
    )))
}

/// Who wrote, as `lastModifiedBy` says it.
pub(super) fn modifier(cx: &Cx<'_>) -> String {
    format!("API-App:{}", cx.caller.name)
}

/// The comment in a request's body, as it will be listed.
pub(super) fn new_comment(cx: &Cx<'_>) -> Result<Value, Fault> {
    let body = body(cx)?;
    for (key, value) in &body {
        let known = match key.as_str() {
            "comment" => value.is_string(),
            "@odata.type" => value.as_str().is_some_and(|t| {
                t.trim_start_matches('#') == "microsoft.graph.security.alertComment"
            }),
            _ => false,
        };
        if !known {
            return Err(Fault::bad(format!(
                "Invalid property '{key}' in an alertComment."
            )));
        }
    }
    let text = body
        .get("comment")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Fault::bad("The comment must not be empty."));
    }
    Ok(json!({
        "@odata.type": "#microsoft.graph.security.alertComment",
        "comment": text,
        "createdByDisplayName": cx.caller.name,
        "createdDateTime": iso(cx.tenant.clock.told()),
    }))
}

/// The whole list, as a POST of one comment is answered.
pub(super) fn comments(cx: &Cx<'_>, context: &str, entity: &Obj) -> Answer {
    let list = entity
        .get("comments")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    page::write(
        cx,
        context,
        None,
        None,
        list.into_iter().map(crate::world::obj),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPES: &[(&str, Shape)] = &[
        ("status", Shape::Enum(&["active", "resolved"], false)),
        ("classification", Shape::Enum(CLASSIFICATION, true)),
        ("assignedTo", Shape::Text),
        ("customTags", Shape::Texts),
    ];

    fn check(body: Value) -> Result<Obj, Fault> {
        checked(&crate::world::obj(body), SHAPES)
    }

    #[test]
    fn bodies_are_compared_with_the_model() {
        let set =
            check(json!({"status": "Resolved", "assignedTo": null, "customTags": ["a"]})).unwrap();
        assert_eq!(set["status"], "resolved");
        for bad in [
            json!({}),
            json!({"status": "done"}),
            json!({"status": null}),
            json!({"status": 1}),
            json!({"id": "1"}),
            json!({"customTags": [1]}),
            json!({"customTags": "a"}),
            json!({"classification": "unknownFutureValue"}),
        ] {
            assert!(check(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn determinations_go_with_classifications() {
        let before = crate::world::obj(json!({"classification": "falsePositive"}));
        let set = |v: Value| crate::world::obj(v);
        assert!(pair(&set(json!({"determination": "notMalicious"})), &before).is_ok());
        assert!(pair(&set(json!({"determination": "malware"})), &before).is_err());
        assert!(
            pair(
                &set(json!({"determination": "malware", "classification": "truePositive"})),
                &before
            )
            .is_ok()
        );
        assert!(pair(&set(json!({"determination": "malware"})), &Obj::new()).is_ok());
    }
}
