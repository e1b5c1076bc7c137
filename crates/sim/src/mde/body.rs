//! Request bodies of Defender: JSON objects whose keys are compared exactly.

use serde_json::Value;

use super::{Cx, Fault};
use crate::scenario::UnknownKeys;
use crate::world::Obj;

/// A body that was read.
pub(super) struct Body(pub Obj);

fn incorrect(text: impl Into<String>) -> Fault {
    Fault::new(400, "InvalidRequestBody", text)
}

impl Body {
    /// Reads the body. Keys that are not `known` are ignored, or refused where the scenario says so.
    pub fn read(cx: &Cx<'_>, known: &[&str]) -> Result<Self, Fault> {
        let json = cx
            .ask
            .header("content-type")
            .is_some_and(|t| t.to_ascii_lowercase().starts_with("application/json"));
        if !json {
            return Err(Fault::new(
                415,
                "UnsupportedMediaType",
                "The request entity's media type is not supported for this resource.",
            ));
        }
        let Ok(Value::Object(map)) = serde_json::from_slice(&cx.ask.body) else {
            return Err(incorrect("Request body is incorrect"));
        };
        if cx.tenant.settings().unknown_keys == UnknownKeys::Refused
            && let Some(stranger) = map.keys().find(|k| !known.contains(&k.as_str()))
        {
            return Err(incorrect(format!(
                "The property '{stranger}' does not exist on this request."
            )));
        }
        Ok(Self(map))
    }

    /// Text, if it is there and not null.
    pub fn text(&self, key: &str) -> Result<Option<&str>, Fault> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(incorrect(format!("The value of {key} must be a string."))),
        }
    }

    /// Text that must be there and not blank.
    pub fn need(&self, key: &str) -> Result<&str, Fault> {
        match self.text(key)?.filter(|t| !t.trim().is_empty()) {
            Some(text) => Ok(text),
            None => Err(Fault::new(
                400,
                "MissingRequiredParameter",
                format!("{key} is required."),
            )),
        }
    }

    /// A member of a list, compared exactly.
    pub fn member(&self, key: &str, members: &[&'static str]) -> Result<&'static str, Fault> {
        let text = self.need(key)?;
        members
            .iter()
            .find(|m| **m == text)
            .copied()
            .ok_or_else(|| {
                Fault::new(
                    400,
                    "InvalidInput",
                    format!("'{text}' is not a valid {key}: {}.", members.join(", ")),
                )
            })
    }

    /// A list of text, at most `most` of it.
    pub fn texts(&self, key: &str, most: usize) -> Result<Vec<&str>, Fault> {
        let list = match self.0.get(key) {
            Some(Value::Array(list)) if !list.is_empty() => list,
            None | Some(Value::Null | Value::Array(_)) => {
                return Err(Fault::new(
                    400,
                    "MissingRequiredParameter",
                    format!("{key} is required."),
                ));
            }
            Some(_) => return Err(incorrect(format!("{key} must be a list."))),
        };
        too_many(list.len(), most)?;
        list.iter()
            .map(|v| {
                v.as_str()
                    .ok_or_else(|| incorrect(format!("{key} must hold strings.")))
            })
            .collect()
    }
}

/// Refuses a batch that is too large, saying both numbers.
pub(super) fn too_many(received: usize, allowed: usize) -> Result<(), Fault> {
    if received <= allowed {
        return Ok(());
    }
    Err(Fault::new(
        400,
        "MaximumBatchSizeExceeded",
        format!("Maximum batch size exceeded. Received: {received}, allowed: {allowed}."),
    ))
}
