//! What can be done with a list: taking in new rows.

use super::{Action, Place, ROW};
use crate::app::App;
use crate::msg::{Effect, Request, Slot};

#[rustfmt::skip]
pub static ROWS: &[Action] = &[Action {
    name: "refresh",
    keys: &["R"],
    help: "take in waiting rows and ask for newer ones",
    place: Place::List,
    run: refresh,
    ..ROW
}];

fn refresh(app: &mut App, fx: &mut Vec<Effect>) {
    let kind = app.pane().spec.kind;
    app.sync(kind, fx);
    if let Some(ticket) = app.tickets.current(&Slot::Sync(kind)) {
        fx.push(Effect::Ask(ticket, Request::Refresh { kind }));
    }
    app.compute(kind, fx);
}
