//! What an entity refers to, as far as anything on this side knows: for `g`, pivots and find.

use super::App;
use super::known::Lists;
use crate::model::{EntityRef, Json, Key, Kind};
use crate::resource::find::hits;
use crate::resource::{Known, spec};
use std::collections::BTreeMap;
use table::Text;

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
    let mut records = Records::new();
    let known = Lists(app);
    let words = |key: &Key, column: &str| match known.cell(key, column) {
        Some(table::Value::List(items)) => items.to_vec(),
        Some(table::Value::Text(t)) => vec![t],
        _ => Vec::new(),
    };
    match key.kind {
        Kind::Incident => {
            let alerts = known.alerts_of(&EntityRef::Incident(key.id.clone()));
            for alert in &alerts {
                add(EntityRef::Alert(alert.id.clone()));
            }
            for alert in &alerts {
                people_and_devices(app, alert, &mut records)
                    .into_iter()
                    .for_each(&mut add);
            }
            // joined cells are all there is where the alerts were left out
            words(key, "users")
                .into_iter()
                .map(person)
                .for_each(&mut add);
            let hosts = words(key, "devices").into_iter();
            hosts
                .map(|t| host(app, t, &[], &mut records))
                .for_each(&mut add);
        }
        Kind::Alert => {
            let incidents = words(key, "incidentId").into_iter();
            incidents.map(EntityRef::Incident).for_each(&mut add);
            people_and_devices(app, key, &mut records)
                .into_iter()
                .for_each(&mut add);
        }
        Kind::Device | Kind::User => {
            let alerts = known.alerts_of(&myself(&known, key));
            for alert in &alerts {
                let incidents = words(alert, "incidentId").into_iter();
                incidents.map(EntityRef::Incident).for_each(&mut add);
            }
            for alert in alerts {
                people_and_devices(app, &alert, &mut records)
                    .into_iter()
                    .for_each(&mut add);
                add(EntityRef::Alert(alert.id));
            }
        }
        Kind::Action => {
            let machine = words(key, "machineId").into_iter().next();
            let name = words(key, "computerDnsName").into_iter().next();
            add(EntityRef::Device {
                machine,
                azure: None,
                name,
            });
            let who = words(key, "requestor").into_iter();
            who.filter(|w| w.txt().exact().contains('@'))
                .map(person)
                .for_each(&mut add);
        }
        Kind::CloudAlert | Kind::CloudActivity => {
            words(key, "users")
                .into_iter()
                .map(person)
                .for_each(&mut add);
            let ips = words(key, "ips").into_iter();
            ips.map(EntityRef::Ip).for_each(&mut add);
        }
        // which devices and alerts meet a value is a question to the service
        Kind::Record => {
            let people = words(key, "people").into_iter();
            people
                .filter(|w| w.txt().exact().contains('@'))
                .map(person)
                .for_each(&mut add);
            words(key, "ClientIP")
                .into_iter()
                .map(EntityRef::Ip)
                .for_each(&mut add);
        }
        _ => {}
    }
    out
}

/// Devices by their names, as found: hundreds of alerts name a few, and each look goes through the list.
type Records = BTreeMap<Text, Vec<Key>>;

/// Whom and what an alert names, from the cells of its row.
fn people_and_devices(app: &App, alert: &Key, records: &mut Records) -> Vec<EntityRef> {
    let known = Lists(app);
    let words = |column: &str| match known.cell(alert, column) {
        Some(table::Value::List(items)) => items.to_vec(),
        _ => Vec::new(),
    };
    let named = words("entities");
    let hosts = words("devices")
        .into_iter()
        .map(|t| host(app, t, &named, records));
    words("users")
        .into_iter()
        .map(person)
        .chain(hosts)
        .collect()
}

fn person(word: Text) -> EntityRef {
    let local = word.txt().exact().contains('\\');
    EntityRef::User {
        id: None,
        upn: (!local).then(|| word.clone()),
        sid: None,
        name: local.then_some(word),
    }
}

/// A device by its name. Records of one name are told apart by the ids that stand beside it.
fn host(app: &App, name: Text, named: &[Text], records: &mut Records) -> EntityRef {
    let mut records: Vec<Key> = records
        .entry(name.clone())
        .or_insert_with(|| equal(app, Kind::Device, "computerDnsName", &name))
        .clone();
    records.retain(|k| named.contains(&k.id));
    EntityRef::Device {
        machine: (records.len() == 1).then(|| records.remove(0).id),
        azure: None,
        name: Some(name),
    }
}

/// A device or user by everything its row says of it.
pub fn myself(known: &Lists<'_>, key: &Key) -> EntityRef {
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

/// The rows of a list with exactly this value in a column.
pub fn equal(app: &App, kind: Kind, column: &str, value: &Text) -> Vec<Key> {
    let Some(pane) = app.panes.iter().find(|p| p.spec.kind == kind) else {
        return Vec::new();
    };
    hits::equal(pane.spec, &pane.rows, column, value)
}

/// Two references to one thing: an id in common, or a name where neither id speaks against it.
pub fn same(a: &EntityRef, b: &EntityRef) -> bool {
    let alike = |a: &Option<Text>, b: &Option<Text>| match (a, b) {
        (Some(a), Some(b)) => Some(a.txt().exact().eq_ignore_ascii_case(b.txt().exact())),
        _ => None,
    };
    let decide =
        |answers: &[Option<bool>]| answers.iter().flatten().next().copied().unwrap_or(false);
    match (a, b) {
        (
            EntityRef::User { id, upn, sid, name },
            EntityRef::User {
                id: id2,
                upn: upn2,
                sid: sid2,
                name: name2,
            },
        ) => decide(&[
            alike(id, id2),
            alike(upn, upn2),
            alike(sid, sid2),
            alike(name, name2),
        ]),
        (
            EntityRef::Device {
                machine,
                azure,
                name,
            },
            EntityRef::Device {
                machine: machine2,
                azure: azure2,
                name: name2,
            },
        ) => decide(&[
            alike(machine, machine2),
            alike(azure, azure2),
            alike(name, name2),
        ]),
        (a, b) => a == b,
    }
}

/// Takes over what the other reference knows more.
pub fn complete(to: &mut EntityRef, from: EntityRef) {
    let fill = |to: &mut Option<Text>, from: Option<Text>| {
        if to.is_none() {
            *to = from;
        }
    };
    match (to, from) {
        (
            EntityRef::User { id, upn, sid, name },
            EntityRef::User {
                id: id2,
                upn: upn2,
                sid: sid2,
                name: name2,
            },
        ) => {
            fill(id, id2);
            fill(upn, upn2);
            fill(sid, sid2);
            fill(name, name2);
        }
        (
            EntityRef::Device {
                machine,
                azure,
                name,
            },
            EntityRef::Device {
                machine: machine2,
                azure: azure2,
                name: name2,
            },
        ) => {
            fill(machine, machine2);
            fill(azure, azure2);
            fill(name, name2);
        }
        _ => {}
    }
}
