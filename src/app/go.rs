//! From one entity to another: what a reference on screen means in our lists, or at the service where they do not have it.

use super::App;
use super::detail;
use super::known::Lists;
use super::overlay::Overlay;
use super::pick::{Item, Pick, Value};
use super::places::Spot;
use super::refs::{complete, equal, refs_of, same};
use crate::model::{EntityRef, Json, Key, Kind};
use crate::msg::{Body, Effect, Level, Reply, Request, Slot};
use crate::resource::{Doc, Known, Subject, spec, user};
use table::Text;

/// The `Slot::Part` of a look-up for `g`.
pub const SLOT: &str = "go";

/// What `g` and a letter go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    Users,
    Devices,
    Alerts,
    Incident,
    Evidence,
}

impl To {
    fn word(self) -> &'static str {
        match self {
            To::Users => "users",
            To::Devices => "devices",
            To::Alerts => "alerts",
            To::Incident => "incident",
            To::Evidence => "evidence",
        }
    }

    fn takes(self, r: &EntityRef) -> bool {
        match self {
            To::Users => matches!(r, EntityRef::User { .. }),
            To::Devices => matches!(r, EntityRef::Device { .. }),
            To::Alerts => matches!(r, EntityRef::Alert(_)),
            To::Incident => matches!(r, EntityRef::Incident(_)),
            To::Evidence => false,
        }
    }
}

/// A `g` that waits for an answer. It goes on only if the person has stayed where it was pressed.
#[derive(Debug)]
pub struct Going {
    key: Key,
    to: To,
    section: Option<&'static str>,
    from: Spot,
}

/// Opens what a reference names: in its list, or by asking the service for it.
pub fn open_ref(app: &mut App, to: &EntityRef, fx: &mut Vec<Effect>) {
    if let EntityRef::WeakOn(machine) = to {
        return super::posture::of_device(app, machine, fx);
    }
    match resolve(app, to) {
        Found::Key(key) => detail::open_in_tab(app, key, fx),
        Found::Several(keys) => pick(app, "which one", keys),
        Found::NotHere(Some(words)) => {
            // of people and devices one wants the record, of anything else all that mentions it
            let record = matches!(to, EntityRef::User { .. } | EntityRef::Device { .. });
            super::find::with(app, &words, record, fx);
        }
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
        EntityRef::Cve(id) => Found::Key(Key::new(Kind::Vulnerability, id.clone())),
        EntityRef::Control(id) => Found::Key(Key::new(Kind::Control, id.clone())),
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
            if let Some(id) = sid.as_ref().and_then(|s| user::id_in_sid(s.txt())) {
                return Found::Key(Key::new(Kind::User, id));
            }
            let by = [
                ("userPrincipalName", upn.as_ref()),
                ("mail", upn.as_ref()),
                ("onPremisesSecurityIdentifier", sid.as_ref()),
            ];
            several(
                app,
                Kind::User,
                &by,
                upn.as_ref().or(sid.as_ref()).or(name.as_ref()),
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

/// `g` and a letter, about the entity in front.
pub fn go(app: &mut App, to: To, fx: &mut Vec<Effect>) {
    let Some(key) = app.subject() else { return };
    if to == To::Evidence {
        return evidence(app, key, fx);
    }
    if to == To::Devices && super::posture::to_devices(app, &key, fx) {
        return;
    }
    let wanted = wanted(app, refs_of(app, &key), to, &key);
    // alerts name some of who uses a device; its own list of them is what one wants
    let lists = matches!(
        (key.kind, to),
        (Kind::Device, To::Users) | (Kind::User, To::Devices)
    );
    if (lists || wanted.is_empty()) && ask(app, &key, to, fx) {
        return;
    }
    if wanted.is_empty() {
        nothing(app, &key, to);
    } else {
        choose(app, wanted, to, fx);
    }
}

/// References looked up by name and security id at most: each is a walk through a list.
const LOOKED_UP: usize = 40;

/// The references that `g` is about, each thing once, with the id that its list knows it by where it does.
fn wanted(app: &App, refs: Vec<EntityRef>, to: To, key: &Key) -> Vec<EntityRef> {
    let mut out: Vec<EntityRef> = Vec::new();
    let mut add = |r: EntityRef| match out.iter_mut().find(|o| same(o, &r)) {
        Some(o) => complete(o, r),
        None => out.push(r),
    };
    let mut once: Vec<EntityRef> = Vec::new();
    for r in refs.into_iter().filter(|r| to.takes(r)) {
        match once.iter_mut().find(|o| same(o, &r)) {
            Some(o) => complete(o, r),
            None => once.push(r),
        }
    }
    // one evidence names a sign-in name, another a security id: the list knows that both are one
    for (n, mut r) in once.into_iter().enumerate() {
        if n < LOOKED_UP
            && let Found::Key(found) = resolve(app, &r)
        {
            match &mut r {
                EntityRef::User { id, .. } => *id = Some(found.id),
                EntityRef::Device { machine, .. } => *machine = Some(found.id),
                _ => {}
            }
        }
        add(r);
    }
    // not to itself: an account that logs on to itself, a record of the same device
    out.retain(|r| match r {
        EntityRef::User { id: Some(id), .. } => *key != Key::new(Kind::User, id.clone()),
        EntityRef::Device {
            machine: Some(id), ..
        } => *key != Key::new(Kind::Device, id.clone()),
        _ => true,
    });
    out
}

fn choose(app: &mut App, wanted: Vec<EntityRef>, to: To, fx: &mut Vec<Effect>) {
    if let [one] = wanted.as_slice() {
        let one = one.clone();
        return open_ref(app, &one, fx);
    }
    let items = wanted.iter().map(|r| item(app, r)).collect();
    let mut pick = Pick::new(
        "go",
        format!("go to {}", to.word()),
        items,
        |app, item, fx| {
            if let Value::Entity(r) = item.value {
                open_ref(app, &r, fx);
            }
        },
    );
    if matches!(to, To::Alerts | To::Incident) && !Lists(app).complete(Kind::Alert) {
        pick.note = "alerts are still loading: there may be more".into();
    }
    app.push(Overlay::Pick(pick));
}

fn nothing(app: &mut App, key: &Key, to: To) {
    let loading = !Lists(app).complete(Kind::Alert);
    let hint = if loading {
        "; alerts are still loading"
    } else {
        ""
    };
    let text = format!(
        "no {} known of this {}{hint}",
        to.word(),
        spec(key.kind).one
    );
    app.toasts.push(app.now, Level::Info, text);
}

/// Asks the service where our lists know nothing; the answer goes on. False: there is nobody to ask, or it was asked.
fn ask(app: &mut App, key: &Key, to: To, fx: &mut Vec<Effect>) -> bool {
    let section = match (key.kind, to) {
        (Kind::Incident, To::Users | To::Devices | To::Alerts) => Some("story"),
        (Kind::Device, To::Users) => Some("users"),
        (
            Kind::User | Kind::Vulnerability | Kind::Software | Kind::Recommendation | Kind::Task,
            To::Devices,
        ) => Some("devices"),
        // an alert names everything itself
        (Kind::Alert, _) => None,
        _ => return false,
    };
    let open = app
        .panes
        .iter()
        .filter_map(|p| p.detail.as_ref())
        .find(|d| d.key == *key);
    let known = match (open, section) {
        (Some(d), Some(section)) => d.answers(section).is_some(),
        (Some(d), None) => d.entity.is_some(),
        (None, _) => false,
    };
    if known {
        return false;
    }
    let request = match section.and_then(|id| spec(key.kind).sections.iter().find(|s| s.id == id)) {
        Some(section) => {
            let none = serde_json::Value::Null;
            let entity = open
                .and_then(|d| d.entity.as_ref())
                .map_or(&none, |e| &*e.json);
            let subject = Subject {
                key,
                entity: Json(entity),
                now: app.now.wall,
                known: &Lists(app),
            };
            let calls = (section.calls)(&subject);
            Request::Part {
                key: key.clone(),
                section: SLOT,
                calls,
            }
        }
        None => Request::Entity {
            key: key.clone(),
            fresh: true,
        },
    };
    app.places.going = Some(Going {
        key: key.clone(),
        to,
        section,
        from: app.spot(),
    });
    let ticket = app.tickets.issue(Slot::Part(key.clone(), SLOT));
    fx.push(Effect::Ask(ticket, request));
    let text = format!(
        "asking for the {} of this {} …",
        to.word(),
        spec(key.kind).one
    );
    app.toasts.push(app.now, Level::Info, text);
    true
}

/// The answer that a `g` waited for.
pub fn reply(app: &mut App, reply: Reply, fx: &mut Vec<Effect>) {
    let Slot::Part(key, _) = &reply.ticket.slot else {
        return;
    };
    if app.places.going.as_ref().is_none_or(|g| g.key != *key) {
        return;
    }
    let Some(going) = app.places.going.take() else {
        return;
    };
    let refs = match (&reply.body, going.section) {
        (Body::Part(answers), Some(id)) => {
            let mut doc = Doc::default();
            if let Some(section) = spec(key.kind).sections.iter().find(|s| s.id == id) {
                // an incident's alerts stand in its story, what they name in their evidence
                let mut sections = vec![section];
                sections.extend(
                    spec(key.kind)
                        .sections
                        .iter()
                        .filter(|s| s.answers_of == Some(id)),
                );
                let none = serde_json::Value::Null;
                let subject = Subject {
                    key,
                    entity: Json(&none),
                    now: app.now.wall,
                    known: &Lists(app),
                };
                for section in sections {
                    (section.render)(&subject, answers, &mut doc);
                }
            }
            let failed = answers.iter().find_map(|a| match a {
                crate::resource::Answer::Failed(fault) => Some(fault.to_string()),
                crate::resource::Answer::Withheld(needs) => {
                    Some(format!("this needs {}", needs.join(" or ")))
                }
                _ => None,
            });
            if let Some(why) = failed {
                app.toasts.push(app.now, Level::Warn, why);
            }
            doc.lines.into_iter().filter_map(|l| l.target).collect()
        }
        (Body::Entity(entity), None) => (spec(key.kind).refs)(Json(&entity.json)),
        (Body::Fault(fault), _) => {
            app.toasts.push(app.now, Level::Warn, fault.to_string());
            Vec::new()
        }
        (Body::Dropped, _) => return,
        _ => {
            app.places.going = Some(going);
            return;
        }
    };
    // who went on to something else is not carried away from it
    if app.spot() != going.from || !app.overlays.is_empty() || !app.chord.is_empty() {
        return;
    }
    let mut all: Vec<EntityRef> = refs;
    all.extend(refs_of(app, &going.key));
    match wanted(app, all, going.to, &going.key) {
        refs if !refs.is_empty() => choose(app, refs, going.to, fx),
        // a last seen state may be followed by a fresh one
        _ if !reply.last => app.places.going = Some(going),
        _ => nothing(app, &going.key, going.to),
    }
}

/// The evidence of an incident or alert; others have none.
fn evidence(app: &mut App, key: Key, fx: &mut Vec<Effect>) {
    let own = spec(key.kind).sections.iter().any(|s| s.id == "evidence");
    if app.here() != super::action::Place::Detail {
        let here = app.spot();
        app.places.leave(here);
    }
    detail::open(app, key, true, fx);
    detail::show(app, if own { "evidence" } else { "alerts" }, fx);
}

fn item(app: &App, r: &EntityRef) -> Item {
    let known = Lists(app);
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
                // the label is the name, which several may share
                Kind::User => text(&key, "userPrincipalName"),
                Kind::Action => format!("{} {}", text(&key, "type"), text(&key, "status")),
                Kind::Indicator => text(&key, "action"),
                Kind::CloudAlert => format!("{} {}", text(&key, "severity"), text(&key, "status")),
                Kind::CloudActivity => text(&key, "app"),
                Kind::Record => text(&key, "UserId"),
                Kind::Feed | Kind::Issue | Kind::Task => text(&key, "status"),
                Kind::Vulnerability => text(&key, "severity"),
                _ => String::new(),
            };
            (if name.is_empty() { label } else { name }, more)
        }
        Found::Several(keys) => (label, format!("{} records", keys.len())),
        Found::NotHere(_) => (label, absent(app, r)),
    };
    Item {
        label,
        note: note.trim().to_owned(),
        value: Value::Entity(r.clone()),
        ..Item::default()
    }
}

/// Why a reference leads to no row of ours. An account of a device's own may share its name with somebody of the
/// directory, so that a name alone makes nobody the same: it is told, and looked for when chosen.
fn absent(app: &App, r: &EntityRef) -> String {
    let (kind, name) = match r {
        EntityRef::User { name, .. } => (Kind::User, name.as_ref()),
        EntityRef::Device { .. } => (Kind::Device, None),
        _ => return "not in the list".into(),
    };
    if !app
        .panes
        .iter()
        .any(|p| p.spec.kind == kind && p.progress.complete)
    {
        return format!(
            "the list of {} is not read yet",
            spec(kind).title.to_lowercase()
        );
    }
    let named = name.map_or_else(Vec::new, |n| {
        equal(app, kind, "onPremisesSamAccountName", n)
    });
    match named.as_slice() {
        [one] => {
            let who = match Lists(app).cell(one, "userPrincipalName") {
                Some(table::Value::Text(t)) => t.txt().shown().into_owned(),
                _ => String::new(),
            };
            format!("perhaps {who}: an account of that name")
        }
        _ => "not in the list".into(),
    }
}

fn pick(app: &mut App, title: &str, keys: Vec<Key>) {
    let known = Lists(app);
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

#[cfg(test)]
#[path = "go_tests.rs"]
mod tests;
