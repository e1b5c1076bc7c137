//! Query texts as they are kept over a restart: plain data between the hunt pane and the file they are kept in.

use super::hunt::{Engine, Range};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One step of editing: at a byte, this was taken away and that put in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub at: usize,
    pub removed: String,
    pub inserted: String,
    /// The cursor before.
    pub before: usize,
}

/// A query tab.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub text: String,
    #[serde(default)]
    pub cursor: usize,
    #[serde(default)]
    pub past: Vec<Change>,
    /// Steps that were taken back, the last one taken back at the end.
    #[serde(default)]
    pub taken_back: Vec<Change>,
    #[serde(default)]
    pub engine: Engine,
    #[serde(default)]
    pub range: Range,
    /// Values given to parameters, by their names in capitals.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

/// All tabs, and those that were closed last. With every key they go to the thread that keeps them, so they are shared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drafts {
    pub tabs: Vec<Arc<Draft>>,
    #[serde(default)]
    pub at: usize,
    #[serde(default)]
    pub closed: Vec<Arc<Draft>>,
    /// What queries cost before; `app::hunt::costs` gives it meaning.
    #[serde(default)]
    pub costs: Arc<serde_json::Value>,
}
