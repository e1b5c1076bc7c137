//! Saved views: filter, order and grouping under a name. Some come with each list, others are the person's own.

use super::App;
use super::ask::Ask;
use super::columns::{place_of, spec_of};
use super::overlay::Overlay;
use super::pick::{Item, Pick, Value as Choice};
use crate::config::settings;
use crate::model::Kind;
use crate::msg::{Effect, Level};
use crate::resource::{Direction, Spec};
use toml::{Table, Value};

/// A view, with columns by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    pub name: String,
    pub filter: String,
    pub sort: Vec<(String, Direction)>,
    pub group: Option<String>,
    /// Saved by the person, so it can be removed.
    pub own: bool,
}

/// All views of a list: the person's own first, then those that come with it and were not replaced.
pub fn all(app: &App, kind: Kind) -> Vec<View> {
    let spec = crate::resource::spec(kind);
    let mut views = own(&app.settings.own_views, spec);
    let built_in = spec.views.iter().map(|v| View {
        name: v.name.to_owned(),
        filter: v.filter.to_owned(),
        sort: v.sort.iter().map(|(n, d)| ((*n).to_owned(), *d)).collect(),
        group: None,
        own: false,
    });
    for view in built_in {
        if !views.iter().any(|v| v.name == view.name) {
            views.push(view);
        }
    }
    views
}

/// `v`: picks a view, saves what is in force as one, or removes one.
pub fn open(app: &mut App) {
    let pane = app.pane();
    let mut items: Vec<Item> = all(app, pane.spec.kind)
        .into_iter()
        .map(|v| Item {
            on: v.name == pane.view,
            note: [v.filter.as_str(), if v.own { "· yours" } else { "" }]
                .join(" ")
                .trim()
                .to_owned(),
            value: Choice::Text(v.name.as_str().into()),
            label: table::Txt::new(&v.name).shown().into_owned(),
            ..Item::default()
        })
        .collect();
    let own = own(&app.settings.own_views, pane.spec)
        .into_iter()
        .find(|v| v.name == pane.view);
    items.push(Item {
        label: "save this as …".into(),
        note: "filter, order and groups in force".into(),
        value: Choice::Name("save"),
        ..Item::default()
    });
    if let Some(view) = own {
        items.push(Item {
            label: format!("remove {}", table::Txt::new(&view.name).shown()),
            value: Choice::Name("remove"),
            ..Item::default()
        });
    }
    app.push(Overlay::Pick(Pick::new("views", "Views", items, chosen)));
}

fn chosen(app: &mut App, item: Item, fx: &mut Vec<Effect>) {
    let kind = app.pane().spec.kind;
    match item.value {
        Choice::Text(name) => show(app, kind, name.txt().exact(), fx),
        Choice::Name("save") => app.push(Overlay::Ask(Ask::about(
            "view",
            "Save view as",
            &app.pane().view,
            save,
        ))),
        Choice::Name("remove") => remove(app, fx),
        _ => {}
    }
}

/// Puts a view in force.
pub fn show(app: &mut App, kind: Kind, name: &str, fx: &mut Vec<Effect>) {
    let Some(view) = all(app, kind).into_iter().find(|v| v.name == name) else {
        app.toasts.push(
            app.now,
            Level::Warn,
            format!("there is no view {}", table::Txt::new(name).shown()),
        );
        return;
    };
    let Some(pane) = app.pane_of(kind) else {
        return;
    };
    let sort: Vec<(&str, Direction)> = view.sort.iter().map(|(n, d)| (n.as_str(), *d)).collect();
    pane.sort = pane.spec.sort_keys(if sort.is_empty() {
        pane.spec.sort
    } else {
        &sort
    });
    pane.group = view.group.and_then(|g| pane.spec.column(&g));
    pane.folded.clear();
    pane.ordered = None;
    pane.filter.text = view.filter.clone();
    pane.view = view.name;
    if !view.filter.is_empty() {
        pane.last_filter = view.filter;
    }
    app.compute(kind, fx);
}

fn save(app: &mut App, _about: &'static str, name: &str, fx: &mut Vec<Effect>) {
    let name = name.trim();
    if name.is_empty() {
        return;
    }
    let pane = app.pane_mut();
    pane.view = name.to_owned();
    let column = |col: usize| pane.spec.columns.get(col).map(|c| c.name.to_owned());
    let view = View {
        name: name.to_owned(),
        filter: pane.filter.text.clone(),
        sort: pane
            .sort
            .iter()
            .filter_map(|k| {
                Some((
                    column(k.col)?,
                    if k.descending {
                        Direction::Down
                    } else {
                        Direction::Up
                    },
                ))
            })
            .collect(),
        group: pane.group.and_then(column),
        own: true,
    };
    let spec = pane.spec;
    let mut views = own(&app.settings.own_views, spec);
    views.retain(|v| v.name != view.name);
    views.push(view);
    keep(app, spec, &views, fx);
    let said = format!("saved view {}", table::Txt::new(name).shown());
    app.toasts.push(app.now, Level::Good, said);
}

fn remove(app: &mut App, fx: &mut Vec<Effect>) {
    let (spec, name) = (app.pane().spec, std::mem::take(&mut app.pane_mut().view));
    let mut views = own(&app.settings.own_views, spec);
    views.retain(|v| v.name != name);
    keep(app, spec, &views, fx);
}

fn keep(app: &mut App, spec: &'static Spec, views: &[View], fx: &mut Vec<Effect>) {
    let mut table = app
        .settings
        .own_views
        .as_table()
        .cloned()
        .unwrap_or_default();
    if views.is_empty() {
        table.remove(&place_of(spec));
    } else {
        table.insert(
            place_of(spec),
            Value::Array(views.iter().map(write).collect()),
        );
    }
    if let Some(row) = settings::row("views") {
        app.set(row, Value::Table(table), fx);
    }
}

/// The person's own views of a list. What cannot be read is passed over; `check` says what that is.
fn own(kept: &Value, spec: &Spec) -> Vec<View> {
    let list = kept.get(place_of(spec)).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(read).collect()
}

fn read(value: &Value) -> Option<View> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text("name").filter(|n| !n.trim().is_empty())?;
    let sort = value
        .get("sort")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    Some(View {
        name,
        filter: text("filter").unwrap_or_default(),
        sort: sort
            .map(|s| match s.strip_prefix('-') {
                Some(name) => (name.to_owned(), Direction::Down),
                None => (s.to_owned(), Direction::Up),
            })
            .collect(),
        group: text("group"),
        own: true,
    })
}

fn write(view: &View) -> Value {
    let mut table = Table::new();
    table.insert("name".into(), view.name.as_str().into());
    table.insert("filter".into(), view.filter.as_str().into());
    let sort = view.sort.iter().map(|(n, d)| {
        Value::String(if *d == Direction::Down {
            format!("-{n}")
        } else {
            n.clone()
        })
    });
    table.insert("sort".into(), Value::Array(sort.collect()));
    if let Some(group) = &view.group {
        table.insert("group".into(), group.as_str().into());
    }
    Value::Table(table)
}

/// What of the kept views and columns names nothing here, one sentence each.
pub fn check(app: &App) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut places = |what: &str, kept: &Value| {
        for (place, list) in kept.as_table().into_iter().flatten() {
            let Some(spec) = spec_of(place) else {
                wrong.push(format!("settings: {what}: there is no list `{place}`"));
                continue;
            };
            for item in list.as_array().into_iter().flatten() {
                let names: Vec<String> = match (what, item) {
                    ("columns", Value::String(name)) => vec![name.clone()],
                    ("views", Value::Table(_)) => match read(item) {
                        Some(view) => view
                            .sort
                            .into_iter()
                            .map(|s| s.0)
                            .chain(view.group)
                            .collect(),
                        None => {
                            wrong.push(format!("settings: views: a view of {place} has no name"));
                            continue;
                        }
                    },
                    _ => {
                        wrong.push(format!("settings: {what}: {place} holds what is none"));
                        continue;
                    }
                };
                for name in names.iter().filter(|n| spec.column(n).is_none()) {
                    let known: Vec<&str> = spec.columns.iter().map(|c| c.name).collect();
                    let hint = crate::config::load::nearest(name, &known)
                        .map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                    wrong.push(format!(
                        "settings: {what}: {place} has no column `{name}`{hint}"
                    ));
                }
            }
        }
    };
    places("columns", &app.settings.columns);
    places("views", &app.settings.own_views);
    wrong
}
