//! The tenant as a whole: the same whatever was asked first, connected, complete in its kinds, and in the wire's own form.

mod integrity;
mod kinds;
mod schema;
mod sizes;

use super::enums;
use super::{Obj, Size, World};
use std::sync::OnceLock;

const NOW: &str = "2026-03-04T12:00:00Z";

fn make(size: Size, seed: u64) -> World {
    World::new(size, seed, NOW.parse().unwrap())
}

/// The demo tenant, made once.
fn demo() -> &'static World {
    static DEMO: OnceLock<World> = OnceLock::new();
    DEMO.get_or_init(|| make(Size::default(), 7))
}

fn small() -> Size {
    Size {
        incidents: 150,
        alerts: 400,
        devices: 120,
        users: 200,
        events: 0,
        ..Size::default()
    }
}

/// Every entity of a small tenant, as text, by a key that says what it is.
fn all_of(world: &World, backwards: bool) -> Vec<(String, String)> {
    let mut jobs: Vec<(String, Box<dyn Fn() -> String + '_>)> = Vec::new();
    let text = |obj: Obj| serde_json::to_string(&obj).unwrap();
    let list = move |all: Vec<Obj>| all.into_iter().map(text).collect::<Vec<_>>().join("\n");
    for i in 0..world.incident_count() {
        jobs.push((
            format!("incident {i}"),
            Box::new(move || text(world.incident_json(i))),
        ));
        jobs.push((
            format!("incident row {i}"),
            Box::new(move || format!("{:?}", world.incident_row(i))),
        ));
        jobs.push((
            format!("story {i}"),
            Box::new(move || format!("{:?}", world.story(i))),
        ));
    }
    for i in 0..world.size().alerts as usize {
        jobs.push((
            format!("alert {i}"),
            Box::new(move || text(world.alert_json(i))),
        ));
        jobs.push((
            format!("mde alert {i}"),
            Box::new(move || format!("{:?}", world.mde_alert_json(i, true))),
        ));
    }
    for i in 0..world.machine_count() {
        jobs.push((
            format!("machine {i}"),
            Box::new(move || text(world.machine_json(i))),
        ));
        jobs.push((
            format!("logons {i}"),
            Box::new(move || list(world.machine_logon_users(i))),
        ));
        jobs.push((
            format!("weak {i}"),
            Box::new(move || list(world.machine_vulnerabilities(i))),
        ));
        jobs.push((
            format!("software {i}"),
            Box::new(move || list(world.machine_software(i))),
        ));
    }
    for i in 0..world.user_count() {
        jobs.push((
            format!("user {i}"),
            Box::new(move || text(world.user_json(i))),
        ));
        jobs.push((
            format!("groups {i}"),
            Box::new(move || list(world.user_member_of(i))),
        ));
        jobs.push((
            format!("methods {i}"),
            Box::new(move || list(world.user_auth_methods(i))),
        ));
        jobs.push((
            format!("grants {i}"),
            Box::new(move || list(world.user_oauth_grants(i))),
        ));
        jobs.push((
            format!("owned {i}"),
            Box::new(move || list(world.user_owned_devices(i))),
        ));
        jobs.push((
            format!("sign-ins {i}"),
            Box::new(move || {
                list(
                    world
                        .user_sign_ins(i)
                        .into_iter()
                        .map(|key| world.sign_in_json(key))
                        .collect(),
                )
            }),
        ));
    }
    jobs.push((
        "all sign-ins".into(),
        Box::new(|| format!("{:?}", world.sign_ins())),
    ));
    jobs.push((
        "audits".into(),
        Box::new(move || {
            list(
                (0..world.audit_count())
                    .map(|i| world.audit_json(i))
                    .collect(),
            )
        }),
    ));
    jobs.push((
        "risky".into(),
        Box::new(move || {
            list(
                (0..world.risky_count())
                    .map(|i| world.risky_json(i))
                    .collect(),
            )
        }),
    ));
    jobs.push((
        "detections".into(),
        Box::new(move || {
            list(
                (0..world.detection_count())
                    .map(|i| world.detection_json(i))
                    .collect(),
            )
        }),
    ));
    if backwards {
        jobs.reverse();
    }
    let mut all: Vec<(String, String)> =
        jobs.into_iter().map(|(name, job)| (name, job())).collect();
    all.sort();
    all
}

#[test]
fn the_same_seed_is_the_same_tenant_in_whatever_order_it_is_asked() {
    let forwards = all_of(&make(small(), 11), false);
    let backwards = all_of(&make(small(), 11), true);
    for (a, b) in forwards.iter().zip(&backwards) {
        assert_eq!(a, b);
    }
    assert_eq!(forwards.len(), backwards.len());
}

#[test]
fn another_seed_is_another_tenant() {
    let (a, b) = (make(small(), 11), make(small(), 12));
    assert_ne!(a.tenant_id(), b.tenant_id());
    assert_ne!(a.incident_json(3), b.incident_json(3));
    assert_ne!(a.user_row(60).id, b.user_row(60).id);
}

#[test]
fn lists_are_newest_first_and_nothing_lies_in_the_future() {
    let world = demo();
    let now = world.now();
    for i in 0..world.incident_count() {
        let row = world.incident_row(i);
        assert!(row.created <= row.updated && row.updated <= now, "{row:?}");
        assert!(
            i == 0 || row.created <= world.incident_row(i - 1).created,
            "{i}"
        );
    }
    for i in 0..world.alert_count() {
        let row = world.alert_row(i);
        assert!(
            row.first_activity <= row.last_activity && row.last_activity <= row.created,
            "{row:?}"
        );
        assert!(
            row.created <= row.updated && row.updated <= now,
            "{i} {row:?}"
        );
        assert!(
            i == 0 || row.created <= world.alert_row(i - 1).created,
            "{i}"
        );
    }
    let sign_ins: Vec<_> = world
        .sign_ins()
        .iter()
        .map(|key| world.sign_in_row(*key).at)
        .collect();
    assert!(sign_ins.is_sorted_by(|a, b| a >= b) && sign_ins[0] <= now);
    let audits: Vec<_> = (0..world.audit_count())
        .map(|i| world.audit_row(i).at)
        .collect();
    assert!(audits.is_sorted_by(|a, b| a >= b) && audits[0] <= now);
    let newest = world.incident_row(0).created;
    assert!(now.since(newest) < super::stamp::HOUR, "{newest}");
}

#[test]
fn the_counts_are_those_asked_for() {
    let world = demo();
    assert_eq!(world.incident_count(), 2_000);
    assert_eq!(world.alert_count(), 6_000);
    assert_eq!(world.machine_count(), 800);
    assert_eq!(world.user_count(), 1_500);
    let by_incident: u32 = (0..world.incident_count())
        .map(|i| world.incident_row(i).alerts)
        .sum();
    assert_eq!(by_incident, 6_000);
    // fewer alerts than incidents: the newest have theirs
    let lean = make(
        Size {
            incidents: 500,
            alerts: 90,
            devices: 60,
            users: 80,
            events: 0,
            ..Size::default()
        },
        3,
    );
    assert_eq!(lean.alert_count(), 90);
    assert!(lean.incident_row(1).alerts > 0 && lean.incident_row(499).alerts == 0);
    // many more alerts than the stories have by themselves
    let rich = make(
        Size {
            incidents: 20,
            alerts: 900,
            devices: 60,
            users: 80,
            events: 0,
            ..Size::default()
        },
        3,
    );
    assert_eq!(rich.alert_count(), 900);
}

#[test]
fn tiny_and_empty_tenants_answer_everything() {
    for size in [
        Size {
            incidents: 0,
            alerts: 0,
            devices: 0,
            users: 0,
            events: 0,
            ..Size::default()
        },
        Size {
            incidents: 0,
            alerts: 50,
            devices: 1,
            users: 1,
            events: 0,
            ..Size::default()
        },
        Size {
            incidents: 3,
            alerts: 1,
            devices: 41,
            users: 41,
            events: 0,
            ..Size::default()
        },
        Size {
            incidents: 31,
            alerts: 77,
            devices: 97,
            users: 64,
            events: 0,
            ..Size::default()
        },
    ] {
        let world = make(size, 5);
        assert!(world.user_count() >= 40 && world.machine_count() >= 40);
        let alerts = if size.incidents == 0 {
            0
        } else {
            size.alerts as usize
        };
        assert_eq!(world.alert_count(), alerts);
        let shrunk = Size {
            alerts: alerts as u32,
            ..world.size()
        };
        assert!(shrunk.incidents as usize == world.incident_count());
        for i in 0..world.alert_count() {
            world.alert_json(i);
        }
        for i in 0..world.user_count() {
            world.user_json(i);
            world.user_member_of(i);
            world.user_sign_ins(i);
            world.user_machines(i);
        }
        for i in 0..world.machine_count() {
            world.machine_json(i);
            world.machine_logon_users(i);
        }
        for n in 0..40 {
            world.arrival(n, NOW.parse().unwrap());
        }
    }
}

#[test]
fn arrivals_are_new_incidents_with_their_alerts() {
    let world = demo();
    let at: jiff::Timestamp = "2026-03-04T12:07:00Z".parse().unwrap();
    let mut severities = std::collections::HashSet::new();
    for n in 0..60 {
        let arrival = world.arrival(n, at);
        assert_eq!(arrival.row.id, world.incident_row(0).id + 1 + n);
        assert!(!arrival.alerts.is_empty());
        assert_eq!(arrival.row.status, "active");
        severities.insert(arrival.row.severity);
        for alert in &arrival.alerts {
            assert_eq!(alert.row.incident, arrival.row.id);
            assert_eq!(alert.json["id"], alert.id.as_str());
            assert!(world.alert_by_id(&alert.id).is_none());
            assert!(alert.row.created.timestamp() <= at);
        }
        assert_eq!(arrival.incident, world.arrival(n, at).incident);
    }
    assert!(severities.len() >= 3, "{severities:?}");
}

#[test]
fn a_lone_surrogate_goes_out_as_the_service_writes_it() {
    let world = demo();
    let title = |obj: &Obj, key: &str| {
        obj.get(key)
            .and_then(serde_json::Value::as_str)
            .is_some_and(|t| t.contains(super::LONE_SURROGATE))
    };
    let marked: Vec<Obj> = (0..200)
        .map(|i| world.incident_json(i))
        .filter(|o| title(o, "displayName"))
        .collect();
    assert_eq!(marked.len(), 1);
    let alerts = (0..world.alert_count())
        .filter(|&i| title(&world.alert_json(i), "title"))
        .count();
    assert_eq!(alerts, 1);
    let bytes = super::wire_bytes(serde_json::to_vec(&marked[0]).unwrap());
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(r"Lone surrogate \ud83d in the middle"));
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_err());
}

#[test]
fn hidden_members_need_the_header() {
    let world = demo();
    let future = (0..200)
        .find(|&i| world.incident_row(i).status == "onHold")
        .unwrap();
    let mut incident = world.incident_json(future);
    enums::mask(&mut incident);
    assert_eq!(incident["status"], "unknownFutureValue");
    assert_eq!(incident["severity"], "unknownFutureValue");
    let mut alert = world.alert_json(world.incident_alerts(future)[0]);
    enums::mask(&mut alert);
    assert_eq!(alert["serviceSource"], "unknownFutureValue");
    assert_eq!(alert["evidence"][0]["verdict"], "unknownFutureValue");
    assert_eq!(alert["title"], "Alert of a coming version");
}

#[test]
fn threads_may_share_a_tenant() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(demo());
}

#[test]
fn permissions_have_ids_of_their_own() {
    let world = demo();
    for (app, roles) in [
        (0, &super::GRAPH_ROLES[..]),
        (13, &super::DEFENDER_ROLES[..]),
    ] {
        let ids: std::collections::HashSet<_> = roles
            .iter()
            .map(|role| world.app_role_id(app, role))
            .collect();
        assert_eq!(ids.len(), roles.len());
        let listed = world.app_json(app)["appRoles"]
            .as_array()
            .map_or(0, Vec::len);
        assert_eq!(listed, roles.len());
    }
}
