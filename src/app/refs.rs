//! What an entity refers to, as far as anything on this side knows: for `g`, pivots and find.

use super::App;
use super::known::Lists;
use crate::model::{EntityRef, Json, Key, Kind};
use crate::resource::{Known, spec};
use table::{Pattern, Predicate, Test, Text};

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
    let known = Lists(app);
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
            for alert in known.alerts_of(&EntityRef::Incident(key.id.clone())) {
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
            let alerts = known.alerts_of(&myself(&known, key));
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

/// The rows of a list with exactly this value in a column.
pub fn equal(app: &App, kind: Kind, column: &str, value: &Text) -> Vec<Key> {
    let Some(pane) = app.panes.iter().find(|p| p.spec.kind == kind) else {
        return Vec::new();
    };
    let Some(col) = pane.spec.column(column) else {
        return Vec::new();
    };
    // ids have an index
    if col == 0 {
        let row = pane.rows.find(value.txt().exact());
        return row
            .map(|_| Key::new(kind, value.clone()))
            .into_iter()
            .collect();
    }
    let pattern = Pattern::equals(value.txt().exact());
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
