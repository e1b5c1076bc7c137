//! A verb asks what it needs, freezes its target and is confirmed.

use super::App;
use crate::msg::{Effect, Level};
use crate::verb::Verb;

/// Begins a verb on what is under the cursor.
pub fn begin(app: &mut App, verb: &'static Verb, _fx: &mut Vec<Effect>) {
    app.toasts.push(
        app.now,
        Level::Warn,
        format!("{} cannot be had in this version", verb.name),
    );
}
