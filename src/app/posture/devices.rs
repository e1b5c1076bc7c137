//! From what devices have to the devices: the rows of software and vulnerability by device, under a filter.

use super::page;
use crate::app::known::Lists;
use crate::app::{App, detail};
use crate::model::{Key, Kind};
use crate::msg::Effect;
use crate::resource::{Known, filter, spec};
use std::collections::BTreeMap;
use table::{Text, Value};

/// `g d` on something that devices have: the rows of devices that have it.
pub fn to_devices(app: &mut App, key: &Key, fx: &mut Vec<Effect>) -> bool {
    let known = Lists(app);
    let text = |column: &str| match known.cell(key, column) {
        Some(Value::Text(t)) => Some(t),
        _ => None,
    };
    let target = spec(Kind::Exposed);
    let term = |field: &str, value: &Text| {
        let column = target.column(field).and_then(|c| target.columns.get(c))?;
        Some(format!(
            "{field}:{}",
            filter::print_value(value.txt().exact(), column)
        ))
    };
    let mut terms: BTreeMap<&str, Text> = BTreeMap::new();
    match key.kind {
        Kind::Vulnerability => {
            terms.insert("cve", key.id.clone());
        }
        Kind::Software | Kind::Recommendation => {
            let name = if key.kind == Kind::Software {
                "name"
            } else {
                "productName"
            };
            let Some(name) = text(name) else { return false };
            terms.insert("sw", name);
            terms.extend(text("vendor").map(|v| ("vendor", v)));
        }
        _ => return false,
    }
    let readable = app.panes.iter().position(|p| p.spec.kind == Kind::Exposed);
    if readable.is_none_or(|n| app.usable(n).is_err()) {
        return false;
    }
    let words: Vec<String> = terms.iter().filter_map(|(f, v)| term(f, v)).collect();
    to_exposed(app, &words.join(" "), fx);
    true
}

/// Enter on the count of a device's vulnerabilities: the rows of that device.
pub fn of_device(app: &mut App, machine: &Text, fx: &mut Vec<Effect>) {
    let target = spec(Kind::Exposed);
    let column = target
        .column("deviceId")
        .and_then(|c| target.columns.get(c));
    if let Some(column) = column {
        let value = filter::print_value(machine.txt().exact(), column);
        to_exposed(app, &format!("deviceId:{value} cve:*"), fx);
    }
}

/// The rows of devices under a filter; the way back is remembered.
fn to_exposed(app: &mut App, filter: &str, fx: &mut Vec<Effect>) {
    let here = app.spot();
    app.places.leave(here);
    page(app, Kind::Exposed, fx);
    detail::close(app, fx);
    app.set_filter(Kind::Exposed, filter, fx);
    let height = app.list_height();
    app.pane_mut().move_to(0, height);
}
