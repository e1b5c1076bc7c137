//! The palette: everything that can be done here, found by name; shows key, tier and permission, greyed with the reason.

use super::App;
use super::action::{self, Place};
use super::keymap::Bound;
use super::overlay::Overlay;
use super::pick::{Item, Pick, Value};
use super::{options, tenants, views};
use crate::config::settings;
use crate::msg::Effect;
use crate::verb;

/// Old names that people still type (`ux.md` 6), with the names here that they find.
const OLD: &[(&str, &str)] = &[
    ("users", "Azure AD AAD Entra accounts"),
    ("devices", "machines endpoints computers MDE ATP"),
    ("incidents", "M365D XDR cases"),
    ("done", "resolve close"),
    ("take", "assign to me own"),
];

/// Opens the palette over the place in front.
pub fn open(app: &mut App) {
    let here = app.here();
    let mut items = Vec::new();
    for verb in verb::all() {
        let bound = Bound::Verb(verb);
        let needs = app.permission_of(verb);
        let note = if needs.is_empty() {
            format!("{} · tier {}", verb.help, verb.tier)
        } else {
            format!("{} · tier {} · {needs}", verb.help, verb.tier)
        };
        items.push(item(app, bound, note, Value::Verb(verb)));
    }
    // what is bound for typing only repeats what has a name of its own
    for action in action::all()
        .filter(|a| a.place.holds(here) && a.place != Place::Typing && a.name != "palette")
    {
        items.push(item(
            app,
            Bound::Action(action),
            action.help.to_owned(),
            Value::Action(action),
        ));
    }
    for view in views::all(app, app.pane().spec.kind) {
        let label = format!("view {}", table::Txt::new(&view.name).shown());
        items.push(Item {
            label,
            note: view.filter,
            value: Value::Named("view", view.name.into()),
            ..Item::default()
        });
    }
    // the tenant in front is no place to go to
    for s in app.tenants.all.iter().filter(|s| !s.here) {
        let words = s.identity.words();
        items.push(Item {
            label: format!("tenant {}", table::Txt::new(&words).shown()),
            note: s.says.clone(),
            value: Value::Named("tenant", s.identity.name.as_str().into()),
            ..Item::default()
        });
    }
    for row in settings::ALL {
        let label = format!("setting {}", row.key);
        let note = format!(
            "{} · {}",
            settings::shown(row, &(row.get)(&app.settings)),
            row.help
        );
        items.push(Item {
            label,
            note,
            value: Value::Name(row.key),
            ..Item::default()
        });
    }
    // what can be done here stands before what can not
    items.sort_by_key(|i| i.grey.is_some());
    app.push(Overlay::Pick(Pick::new(
        "palette", "Palette", items, chosen,
    )));
}

fn item(app: &App, bound: Bound, note: String, value: Value) -> Item {
    Item {
        label: bound.name().to_owned(),
        note,
        key: app.keymap.key_of(bound).unwrap_or_default(),
        also: OLD
            .iter()
            .find(|(n, _)| *n == bound.name())
            .map_or("", |(_, also)| also),
        grey: app.why_not(bound),
        on: false,
        value,
    }
}

fn chosen(app: &mut App, item: Item, fx: &mut Vec<Effect>) {
    match item.value {
        Value::Action(a) => app.run(Bound::Action(a), fx),
        Value::Verb(v) => app.run(Bound::Verb(v), fx),
        Value::Named("tenant", name) => tenants::switch(app, name.txt().exact(), None, fx),
        Value::Named(_, view) => {
            let kind = app.pane().spec.kind;
            views::show(app, kind, view.txt().exact(), fx);
        }
        Value::Name(key) => options::open(app, key),
        _ => {}
    }
}
