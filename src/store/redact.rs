//! What the cache on disk leaves out unless asked to keep it: command lines and mail subjects.

use serde_json::Value;

/// Fields whose text stays off the disk.
const FIELDS: &[&str] = &[
    "processCommandLine",
    "initiatingProcessCommandLine",
    "subject",
    "script_output",
];
/// What stands in their place, so that a reader knows that something was there.
pub const LEFT_OUT: &str = "(not kept on disk)";

/// The entity without them. Text that is no JSON is not kept at all.
pub fn redact(raw: &str) -> Option<String> {
    if !FIELDS.iter().any(|f| raw.contains(f)) {
        return Some(raw.to_owned());
    }
    let mut value: Value = serde_json::from_str(raw).ok()?;
    walk(&mut value);
    serde_json::to_string(&value).ok()
}

fn walk(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields.iter_mut() {
                if inner.is_string() && FIELDS.contains(&name.as_str()) {
                    *inner = Value::String(LEFT_OUT.to_owned());
                } else {
                    walk(inner);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(walk),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_and_subjects_do_not_reach_the_disk() {
        let raw = r#"{"id":"a","evidence":[{"processCommandLine":"powershell -enc AAAA","imageFile":{"fileName":"x"}},{"subject":"Invoice"}]}"#;
        let kept = redact(raw).unwrap();
        assert!(!kept.contains("AAAA") && !kept.contains("Invoice"));
        assert!(kept.contains("\"fileName\":\"x\"") && kept.contains(LEFT_OUT));
        assert_eq!(redact(r#"{"id":1}"#).unwrap(), r#"{"id":1}"#);
        assert_eq!(redact("{\"subject\": cut"), None);
    }
}
