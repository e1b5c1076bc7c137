//! Event in, state and effects out.

mod joins;
mod live;
mod look;
mod program;
mod session;
mod speed;

use super::App;
use crate::msg::{Effect, Slot};

pub(super) fn under(app: &App) -> String {
    app.pane()
        .key()
        .map_or("-".into(), |k| k.id.txt().exact().to_owned())
}

pub(super) fn asked(fx: &[Effect], slot: &Slot) -> bool {
    fx.iter()
        .any(|e| matches!(e, Effect::Ask(t, _) if t.slot == *slot))
}

pub(super) fn shown(app: &App) -> Vec<String> {
    let pane = app.pane();
    pane.shown
        .rows()
        .iter()
        .map(|r| pane.rows.key(r).exact().to_owned())
        .collect()
}

pub(super) fn log(app: &App) -> String {
    app.toasts
        .log
        .iter()
        .map(|t| t.text.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}
