//! From one entity to another: what a reference on screen means in our lists, or at the service where they do not have it.

use super::App;
use super::detail;
use super::known::{Lists, entity_words};
use super::overlay::Overlay;
use super::pick::{Item, Pick, Value};
use crate::model::{EntityRef, Json, Key, Kind};
use crate::msg::{Effect, Level};
use crate::resource::{Known, spec};
use table::{Match, Pattern, Predicate, Test, Text};

/// What `g` and a letter go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    Users,
    Devices,
    Alerts,
    Incident,
    Evidence,
}

/// Opens what a reference names: in its list, or by asking the service for it.
pub fn open_ref(app: &mut App, to: &EntityRef, fx: &mut Vec<Effect>) {
    match resolve(app, to) {
        Found::Key(key) => detail::open_in_tab(app, key, fx),
        Found::Several(keys) => pick(app, "which one", keys),
        Found::NotHere(Some(words)) => super::find::with(app, &words, fx),
        Found::NotHere(None) => {
            let noun = to.noun();
            app.toasts.push(
                app.now,
                Level::Warn,
                format!("this {noun} has no id to look for"),
            );
        }
    }
}

/// Where a reference leads.
#[derive(Debug, PartialEq)]
pub enum Found {
    Key(Key),
    Several(Vec<Key>),
    /// Not in our lists; what to look for.
    NotHere(Option<Text>),
}

/// Looks a reference up in the loaded lists. Ids of the list itself need no look-up: the service knows them.
pub fn resolve(app: &App, to: &EntityRef) -> Found {
    match to {
        EntityRef::Incident(id) => Found::Key(Key::new(Kind::Incident, id.clone())),
        EntityRef::Alert(id) => Found::Key(Key::new(Kind::Alert, id.clone())),
        EntityRef::Device {
            machine: Some(id), ..
        } => Found::Key(Key::new(Kind::Device, id.clone())),
        EntityRef::User { id: Some(id), .. } => Found::Key(Key::new(Kind::User, id.clone())),
        EntityRef::Device { azure, name, .. } => {
            let by = [
                ("aadDeviceId", azure.as_ref()),
                ("computerDnsName", name.as_ref()),
            ];
            several(app, Kind::Device, &by, name.as_ref().or(azure.as_ref()))
        }
        EntityRef::User { upn, sid, name, .. } => {
            let by = [
                ("userPrincipalName", upn.as_ref()),
                ("mail", upn.as_ref()),
                ("onPremisesSecurityIdentifier", sid.as_ref()),
            ];
            several(
                app,
                Kind::User,
                &by,
                upn.as_ref().or(name.as_ref()).or(sid.as_ref()),
            )
        }
        EntityRef::Mail {
            address: Some(address),
            ..
        } => several(
            app,
            Kind::User,
            &[
                ("mail", Some(address)),
                ("userPrincipalName", Some(address)),
            ],
            Some(address),
        ),
        other => Found::NotHere(other.value().cloned()),
    }
}

/// The first of the columns that finds rows decides.
fn several(app: &App, kind: Kind, by: &[(&str, Option<&Text>)], words: Option<&Text>) -> Found {
    for (column, value) in by {
        let Some(value) = value.filter(|v| !v.is_empty()) else {
            continue;
        };
        let mut keys = equal(app, kind, column, value);
        if keys.len() == 1
            && let Some(key) = keys.pop()
        {
            return Found::Key(key);
        }
        if !keys.is_empty() {
            return Found::Several(keys);
        }
    }
    Found::NotHere(words.cloned())
}

fn equal(app: &App, kind: Kind, column: &str, value: &Text) -> Vec<Key> {
    let Some(pane) = app.panes.iter().find(|p| p.spec.kind == kind) else {
        return Vec::new();
    };
    let (Some(col), Ok(pattern)) = (
        pane.spec.column(column),
        Pattern::compile(Match::Equals, value.txt().exact()),
    ) else {
        return Vec::new();
    };
    let found = table::filter(
        pane.rows.table(),
        &pane.rows.live(),
        &Predicate::Test {
            col,
            test: Test::Text(pattern),
        },
        &table::Cancel::default(),
    );
    found
        .map(|f| {
            f.rows
                .iter()
                .map(|r| Key::new(kind, pane.rows.key(r).to_text()))
                .collect()
        })
        .unwrap_or_default()
}

/// `g` and a letter, about the entity in front.
pub fn go(app: &mut App, to: To, fx: &mut Vec<Effect>) {
    let Some(key) = app.subject() else { return };
    if to == To::Evidence {
        return evidence(app, key, fx);
    }
    let refs = refs_of(app, &key);
    let wanted: Vec<EntityRef> = refs
        .into_iter()
        .filter(|r| match to {
            To::Users => matches!(r, EntityRef::User { .. }),
            To::Devices => matches!(r, EntityRef::Device { .. }),
            To::Alerts => matches!(r, EntityRef::Alert(_)),
            To::Incident => matches!(r, EntityRef::Incident(_)),
            To::Evidence => false,
        })
        .collect();
    match wanted.as_slice() {
        [] => {
            let what = match to {
                To::Users => "users",
                To::Devices => "devices",
                To::Alerts => "alerts",
                To::Incident => "incident",
                To::Evidence => "evidence",
            };
            let loading = !Lists(&app.panes).complete(Kind::Alert);
            let hint = if loading {
                "; alerts are still loading"
            } else {
                ""
            };
            app.toasts.push(
                app.now,
                Level::Info,
                format!("no {what} known of this {}{hint}", spec(key.kind).one),
            );
        }
        [one] => {
            let one = one.clone();
            open_ref(app, &one, fx);
        }
        _ => {
            let items = wanted.iter().map(|r| item(app, r)).collect();
            app.push(Overlay::Pick(Pick::new(
                "go",
                "go to",
                items,
                |app, item, fx| {
                    if let Value::Entity(r) = item.value {
                        open_ref(app, &r, fx);
                    }
                },
            )));
        }
    }
}

/// The evidence of an incident or alert; others have none.
fn evidence(app: &mut App, key: Key, fx: &mut Vec<Effect>) {
    if spec(key.kind).sections.iter().any(|s| s.id == "evidence") {
        detail::open(app, key, true, fx);
        detail::show(app, "evidence", fx);
    } else {
        detail::open(app, key, true, fx);
        detail::show(app, "alerts", fx);
    }
}

fn item(app: &App, r: &EntityRef) -> Item {
    let known = Lists(&app.panes);
    let text = |key: &Key, column: &str| match known.cell(key, column) {
        Some(table::Value::Text(t)) => t.txt().shown().into_owned(),
        _ => String::new(),
    };
    let label = r
        .value()
        .map(|v| v.txt().shown().into_owned())
        .unwrap_or_default();
    let (label, note) = match resolve(app, r) {
        Found::Key(key) => {
            let name = text(
                &key,
                spec(key.kind).columns[spec(key.kind).name_column].name,
            );
            let more = match key.kind {
                Kind::Alert | Kind::Incident => {
                    format!("{} {}", text(&key, "severity"), text(&key, "status"))
                }
                Kind::Device => text(&key, "osPlatform"),
                Kind::User => text(&key, "displayName"),
            };
            (if name.is_empty() { label } else { name }, more)
        }
        Found::Several(keys) => (label, format!("{} records", keys.len())),
        Found::NotHere(_) => (label, "not in the list".into()),
    };
    Item {
        label,
        note: note.trim().to_owned(),
        value: Value::Entity(r.clone()),
        ..Item::default()
    }
}

fn pick(app: &mut App, title: &str, keys: Vec<Key>) {
    let known = Lists(&app.panes);
    let items = keys
        .into_iter()
        .map(|key| {
            let s = spec(key.kind);
            let name = match known.cell(&key, s.columns[s.name_column].name) {
                Some(table::Value::Text(t)) => t.txt().shown().into_owned(),
                _ => String::new(),
            };
            Item {
                label: name,
                note: key.id.txt().shown().into_owned(),
                value: Value::Key(key),
                ..Item::default()
            }
        })
        .collect();
    app.push(Overlay::Pick(Pick::new(
        "which",
        title,
        items,
        |app, item, fx| {
            if let Value::Key(key) = item.value {
                detail::open_in_tab(app, key, fx);
            }
        },
    )));
}

/// What an entity refers to: from its own JSON where the detail has it, else from the cells of its row, and for alerts
/// and incidents from each other.
pub fn refs_of(app: &App, key: &Key) -> Vec<EntityRef> {
    let mut out: Vec<EntityRef> = Vec::new();
    let mut add = |r: EntityRef| {
        if !out.contains(&r) {
            out.push(r);
        }
    };
    let open = app
        .panes
        .iter()
        .filter_map(|p| p.detail.as_ref())
        .find(|d| d.key == *key);
    if let Some(entity) = open.and_then(|d| d.entity.as_ref()) {
        for r in (spec(key.kind).refs)(Json(&entity.json)) {
            add(r);
        }
    }
    if let Some(d) = open {
        for line in &d.doc.lines {
            if let Some(
                r @ (EntityRef::User { .. } | EntityRef::Device { .. } | EntityRef::Alert(_)),
            ) = &line.target
            {
                add(r.clone());
            }
        }
    }
    let known = Lists(&app.panes);
    let words = |key: &Key, column: &str| match known.cell(key, column) {
        Some(table::Value::List(items)) => items.to_vec(),
        Some(table::Value::Text(t)) => vec![t],
        _ => Vec::new(),
    };
    let person = |t: Text| EntityRef::User {
        id: None,
        upn: Some(t),
        sid: None,
        name: None,
    };
    let host = |t: Text| EntityRef::Device {
        machine: None,
        azure: None,
        name: Some(t),
    };
    match key.kind {
        Kind::Incident => {
            for alert in alerts_in(app, &key.id) {
                add(EntityRef::Alert(alert.id));
            }
            words(key, "users")
                .into_iter()
                .map(person)
                .for_each(&mut add);
            words(key, "devices")
                .into_iter()
                .map(host)
                .for_each(&mut add);
        }
        Kind::Alert => {
            words(key, "incidentId")
                .into_iter()
                .map(EntityRef::Incident)
                .for_each(&mut add);
            words(key, "users")
                .into_iter()
                .map(person)
                .for_each(&mut add);
            words(key, "devices")
                .into_iter()
                .map(host)
                .for_each(&mut add);
        }
        Kind::Device | Kind::User => {
            let me = myself(&known, key);
            debug_assert!(!entity_words(&me).is_empty());
            let alerts = known.alerts_of(&me);
            for alert in &alerts {
                words(alert, "incidentId")
                    .into_iter()
                    .map(EntityRef::Incident)
                    .for_each(&mut add);
            }
            for alert in alerts {
                if key.kind == Kind::Device {
                    words(&alert, "users")
                        .into_iter()
                        .map(person)
                        .for_each(&mut add);
                } else {
                    words(&alert, "devices")
                        .into_iter()
                        .map(host)
                        .for_each(&mut add);
                }
                add(EntityRef::Alert(alert.id));
            }
        }
    }
    out
}

/// A device or user by everything its row says of it.
fn myself(known: &Lists<'_>, key: &Key) -> EntityRef {
    let text = |column: &str| match known.cell(key, column) {
        Some(table::Value::Text(t)) => Some(t),
        _ => None,
    };
    if key.kind == Kind::Device {
        EntityRef::Device {
            machine: Some(key.id.clone()),
            azure: text("aadDeviceId"),
            name: text("computerDnsName"),
        }
    } else {
        EntityRef::User {
            id: Some(key.id.clone()),
            upn: text("userPrincipalName"),
            sid: text("onPremisesSecurityIdentifier"),
            name: None,
        }
    }
}

/// The alerts of an incident, from the alerts' list.
fn alerts_in(app: &App, incident: &Text) -> Vec<Key> {
    equal(app, Kind::Alert, "incidentId", incident)
}
