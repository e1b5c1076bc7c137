//! From here to elsewhere: related entities, back and forward, find; and what can be taken along by copying.

use super::{Action, Place, ROW, results};
use crate::app::copy::{self, What};
use crate::app::go::{self, To};
use crate::app::hunt::local;
use crate::app::{
    App, act, deeds, detail, fetch, find, inspector, logs, menu, places, sign_in, timeline, undo,
    unfinished,
};
use crate::model::Kind;

fn a_row(app: &App) -> Result<(), String> {
    app.subject()
        .map(|_| ())
        .ok_or_else(|| app.nothing().into())
}

/// A row of a list, or a cell of a result.
fn a_value(app: &App) -> Result<(), String> {
    if app.hunting {
        results::a_result(app)
    } else {
        a_row(app)
    }
}

#[rustfmt::skip]
pub static ROWS: &[Action] = &[
    Action { name: "find", keys: &["f"], help: "find anything: id, name, address, hash, mail, portal URL", foot: "find", run: |a, fx| find::begin(a, fx), ..ROW },
    Action { name: "go to users", keys: &["g u"], help: "users of this", able: a_row, run: |a, fx| go::go(a, To::Users, fx), ..ROW },
    Action { name: "go to devices", keys: &["g d"], help: "devices of this", able: a_row, run: |a, fx| go::go(a, To::Devices, fx), ..ROW },
    Action { name: "go to alerts", keys: &["g a", "E"], help: "alerts of this", able: a_row, run: |a, fx| go::go(a, To::Alerts, fx), ..ROW },
    Action { name: "go to incident", keys: &["g i"], help: "incident of this", able: a_row, run: |a, fx| go::go(a, To::Incident, fx), ..ROW },
    Action { name: "go to evidence", keys: &["g e"], help: "evidence of this", able: a_row, run: |a, fx| go::go(a, To::Evidence, fx), ..ROW },
    Action { name: "logs of", keys: &["g l"], help: "logs of this person: a letter picks rules and forwarding, permissions, downloads, consents, roles, DLP", able: logs::able_person, run: |a, fx| logs::of_person(a, fx), ..ROW },
    Action { name: "timeline", keys: &["W"], help: "what happened around this user or device, from all sources on one axis", menu: Some(('w', &[Kind::User, Kind::Device])), able: timeline::able, run: |a, fx| timeline::open(a, fx), ..ROW },
    Action { name: "timeline again", keys: &["g W"], help: "back to the timeline as it was left", able: timeline::able_again, run: |a, _| timeline::again(a), ..ROW },
    Action { name: "where I was", keys: &["["], help: "back to where I was", able: |a| been(a, false), run: |a, fx| places::go(a, false, fx), ..ROW },
    Action { name: "forward", keys: &["]"], help: "forward again", able: |a| been(a, true), run: |a, fx| places::go(a, true, fx), ..ROW },
    Action { name: "peek", keys: &["i"], help: "look at it beside the list; it follows the cursor", place: Place::List, able: a_row, run: |a, fx| {
        if let Some(key) = a.pane().key() {
            detail::open(a, key, false, fx);
        }
    }, ..ROW },
    Action { name: "raw JSON", keys: &["J"], help: "everything the service said of it, as a tree with search", able: a_row, run: |a, fx| inspector::open(a, fx), ..ROW },
    Action { name: "read again", keys: &["R"], help: "read this entity and section again", place: Place::Detail, run: |a, fx| detail::refresh(a, fx), ..ROW },
    Action { name: "sign in", keys: &["g s"], help: "sign in, or try again", able: sign_in::able, run: |a, _| sign_in::open(a), ..ROW },
    Action { name: "copy value", keys: &["y y"], help: "copy the name of the row; in a detail what the line points to, else its text", able: a_value, run: |a, fx| if a.hunting { results::copy(a, results::What::Cell, fx) } else { copy::copy(a, What::Value, fx) }, ..ROW },
    Action { name: "copy row", keys: &["y r"], help: "copy the row, cells parted by tabs", able: a_value, run: |a, fx| if a.hunting { results::copy(a, results::What::Row, fx) } else { copy::copy(a, What::Row, fx) }, ..ROW },
    Action { name: "copy JSON", keys: &["y j"], help: "copy the entity, or the row, as JSON", able: a_value, run: |a, fx| if a.hunting { results::copy(a, results::What::Json, fx) } else { copy::copy(a, What::Json, fx) }, ..ROW },
    Action { name: "copy defanged", keys: &["y d"], help: "copy the value so that nobody clicks it by accident", able: a_value, run: |a, fx| if a.hunting { results::copy(a, results::What::Defanged, fx) } else { copy::copy(a, What::Defanged, fx) }, ..ROW },
    Action { name: "copy portal URL", keys: &["y u"], help: "copy the address of its page in the portal", able: a_row, run: |a, fx| copy::copy(a, What::Portal, fx), ..ROW },
    Action { name: "copy summary", keys: &["y s"], help: "copy a few defanged lines for a colleague", able: a_row, run: |a, fx| copy::copy(a, What::Summary, fx), ..ROW },
    Action { name: "open in portal", keys: &["o"], help: "open its page in the portal, or copy the address", able: a_row, run: |a, fx| copy::open(a, fx), ..ROW },
    Action { name: "alerts in portal", keys: &["O"], help: "open the page of this device's alerts in the portal, or copy the address", able: |a| copy::alerts_page(a).map(|_| ()), run: |a, fx| copy::open_alerts(a, fx), ..ROW },
    Action { name: "workspace", keys: &["g w"], help: "the Sentinel workspace that this alert came through: its page in Azure, or the address copied", able: |a| copy::workspace(a).map(|_| ()), run: |a, fx| copy::open_workspace(a, fx), ..ROW },
    Action { name: "actions", keys: &["a"], help: "what can be done to this row or to the marks; a letter picks", foot: "actions", able: a_row, run: |a, _| menu::open(a), ..ROW },
    Action { name: "fetch package", keys: &["g p"], help: "fetch what a finished collection brought, into a file of your own", menu: Some(('f', &[Kind::Action, Kind::Device])), able: fetch::able, run: |a, _| fetch::ask(a), ..ROW },
    Action { name: "unfinished set", keys: &["g c"], help: "a set that ended before its end: its remaining targets are read afresh and asked for again; after an hour they are only marked", able: unfinished::any, run: |a, fx| unfinished::pick(a, fx), ..ROW },
    Action { name: "undo", keys: &["u"], help: "take back what we did last, or what this row of the actions stands for; asks first; in a result the last refinement", able: |a| if a.hunting { local::can_undo(a) } else { undo::able(a) }, run: |a, fx| if a.hunting { local::undo(a, fx) } else { undo::ask(a, fx) }, ..ROW },
    Action { name: "left in force", keys: &["g o"], help: "devices we isolated and users we disabled for longer than the set time", able: deeds::any_overdue, run: |a, _| deeds::pick(a), ..ROW },
    Action { name: "repeat", keys: &["."], help: "the last triage verb again, on this or on the marks", able: act::repeatable, run: |a, fx| act::repeat(a, fx), ..ROW },
];

fn been(app: &App, forward: bool) -> Result<(), String> {
    if app.places.can_go(forward) {
        Ok(())
    } else {
        Err("no place to go to".into())
    }
}
