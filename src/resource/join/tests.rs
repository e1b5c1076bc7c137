//! Joins and index agree with looking at every alert, before and after every kind of change.

use super::*;
use crate::resource::walk_tests::chunk;
use crate::resource::{Json, Sink, user};
use proptest::prelude::*;
use serde_json::{Value as V, json};
use table::Cancel;

fn keyed(spec: &'static Spec, rows: &[V]) -> Keyed {
    let mut keyed = Keyed::new(spec.schema());
    keyed.upsert(Arc::new(chunk(spec, rows).unwrap()));
    keyed
}

fn alert_row(id: &str, incident: &str, source: &str, host: &str, user: &str) -> V {
    json!({"id": id, "incidentId": incident, "serviceSource": source, "mitreTechniques": ["T1566"], "createdDateTime": "2026-08-01T12:00:00Z",
        "evidence": [{"deviceDnsName": host}, {"userAccount": {"userPrincipalName": user, "accountName": "x", "domainName": "C"}}, {"ipAddress": "10.0.0.4"}]})
}

fn cell(rows: &Keyed, spec: &Spec, id: &str, name: &str) -> Vec<String> {
    match rows.cell(rows.find(id).unwrap(), spec.column(name).unwrap()) {
        Cell::List(list) => list.iter().map(|w| w.exact().to_owned()).collect(),
        Cell::Int(n) => vec![n.to_string()],
        Cell::Text(t) => vec![t.exact().to_owned()],
        Cell::Null => vec!["null".to_owned()],
        other => panic!("{other:?}"),
    }
}

#[test]
fn s1_23_incidents_get_sources_techniques_counts_devices_and_users_of_their_alerts() {
    let alerts = keyed(
        &alert::SPEC,
        &[
            alert_row("a1", "1", "microsoftDefenderForToasters", "ws1", "ana@c"),
            alert_row("a2", "1", "microsoftDefenderForEndpoint", "ws2", "ana@c"),
            alert_row("a3", "9", "dataLossPrevention", "ws3", "raj@c"),
        ],
    );
    let mut incidents = keyed(
        &incident::SPEC,
        &[json!({"id": "1", "displayName": "x"}), json!({"id": "2"})],
    );
    let mut index = AlertIndex::default();
    index.rebuild(&alerts);
    let edits = incident_edits(&index, &alerts, &incidents, &Touched::All);
    assert_eq!(edits.len(), 1, "2 has no alerts, 9 is not in the list");
    incidents.set_cells(edits);
    let at = |name| cell(&incidents, &incident::SPEC, "1", name);
    assert_eq!(
        at("serviceSources"),
        [
            "microsoftDefenderForEndpoint",
            "microsoftDefenderForToasters"
        ]
    );
    assert_eq!(at("techniques"), ["T1566"]);
    assert_eq!(at("alertCount"), ["2"]);
    assert_eq!(at("devices"), ["ws1", "ws2"]);
    assert_eq!(at("users"), ["ana@c"]);
    assert_eq!(at("displayName"), ["x"], "own cells stay");
    // grouping by product counts an incident under each of its products
    let col = incident::SPEC.column("serviceSources").unwrap();
    let groups = table::group(incidents.table(), &incidents.live(), col, &Cancel::new()).unwrap();
    assert_eq!(groups.len(), 3);
}

#[test]
fn an_arriving_row_that_did_not_change_is_the_same_row() {
    let alerts = keyed(
        &alert::SPEC,
        &[alert_row("a1", "1", "dataLossPrevention", "ws1", "ana@c")],
    );
    let mut index = AlertIndex::default();
    index.rebuild(&alerts);
    let page = Arc::new(chunk(&incident::SPEC, &[json!({"id": "1"}), json!({"id": "2"})]).unwrap());
    let mut incidents = Keyed::new(incident::SPEC.schema());
    incidents.upsert(fill_incidents(page.clone(), &index, &alerts));
    assert_eq!(cell(&incidents, &incident::SPEC, "1", "alertCount"), ["1"]);
    let changes = incidents.upsert(fill_incidents(page, &index, &alerts));
    assert!(
        changes.is_empty(),
        "a poll that brings nothing new moves nothing"
    );
    let alone = Arc::new(chunk(&incident::SPEC, &[json!({"id": "2"})]).unwrap());
    assert!(Arc::ptr_eq(
        &alone,
        &fill_incidents(alone.clone(), &index, &alerts)
    ));
}

#[test]
fn an_alert_that_moves_changes_both_incidents_and_a_removed_one_leaves_nothing() {
    let mut alerts = keyed(
        &alert::SPEC,
        &[alert_row("a1", "1", "dataLossPrevention", "ws1", "ana@c")],
    );
    let mut incidents = keyed(&incident::SPEC, &[json!({"id": "1"}), json!({"id": "2"})]);
    let mut index = AlertIndex::default();
    index.rebuild(&alerts);
    incidents.set_cells(incident_edits(&index, &alerts, &incidents, &Touched::All));

    let moved = chunk(
        &alert::SPEC,
        &[alert_row("a1", "2", "dataLossPrevention", "ws2", "ana@c")],
    )
    .unwrap();
    let changes = alerts.upsert(Arc::new(moved));
    let touched = index.take(&alerts, &changes);
    assert_eq!(touched, Touched::Some(["1", "2"].map(Text::from).into()));
    incidents.set_cells(incident_edits(&index, &alerts, &incidents, &touched));
    assert_eq!(
        cell(&incidents, &incident::SPEC, "1", "alertCount"),
        ["null"]
    );
    assert_eq!(cell(&incidents, &incident::SPEC, "2", "devices"), ["ws2"]);

    let row = alerts.remove("a1").unwrap();
    let touched = index.removed(&alerts, row);
    incidents.set_cells(incident_edits(&index, &alerts, &incidents, &touched));
    assert_eq!(
        cell(&incidents, &incident::SPEC, "2", "alertCount"),
        ["null"]
    );
    assert!(
        index.by_word.is_empty() && index.by_incident.is_empty(),
        "nothing is kept"
    );
}

#[test]
fn s4_2_alerts_and_incidents_of_an_entity_newest_first_in_any_case() {
    let mut old = alert_row("old", "1", "x", "ws1.contoso.com", "ana@c");
    old["createdDateTime"] = "2026-07-01T00:00:00Z".into();
    let alerts = keyed(
        &alert::SPEC,
        &[
            old,
            alert_row("new", "2", "x", "ws1.contoso.com", "ANA@c"),
            alert_row("other", "3", "x", "ws2", "raj@c"),
        ],
    );
    let mut index = AlertIndex::default();
    index.rebuild(&alerts);
    let of = |entity: EntityRef| {
        let rows = index.of_entity(&alerts, &entity);
        let ids: Vec<String> = rows
            .iter()
            .map(|r| alerts.key(*r).exact().to_owned())
            .collect();
        (ids.join(" "), incidents_of(&alerts, rows).len())
    };
    let user = |upn: &str| EntityRef::User {
        id: None,
        upn: Some(Text::from(upn)),
        sid: None,
        name: None,
    };
    assert_eq!(of(user("Ana@C")), ("new old".into(), 2));
    assert_eq!(
        of(EntityRef::Ip(Text::from("10.0.0.4"))),
        ("other new old".into(), 3)
    );
    let device = EntityRef::Device {
        machine: None,
        azure: None,
        name: Some(Text::from("WS1.contoso.com")),
    };
    assert_eq!(of(device), ("new old".into(), 2));
    let account = EntityRef::User {
        id: None,
        upn: None,
        sid: None,
        name: Some(Text::from("C\\x")),
    };
    assert_eq!(of(account).1, 3);
    assert_eq!(of(EntityRef::Incident(Text::from("2"))), ("new".into(), 1));
    assert_eq!(
        of(EntityRef::Ip(Text::from("192.0.2.1"))),
        (String::new(), 0)
    );
}

#[test]
fn s0_18_risk_comes_to_users_whichever_arrives_first() {
    let spec = &user::SPEC;
    let beside = spec.listing.beside.as_ref().unwrap();
    let mut build = ChunkBuilder::new(spec.schema());
    for row in [
        json!({"id": "u1", "riskLevel": "high", "riskState": "atRisk"}),
        json!({"id": "u9", "riskLevel": "low"}),
    ] {
        (beside.decode)(Json(&row), &mut Sink::new(spec.columns, &mut build)).unwrap();
        build.end_row();
    }
    let risk = Arc::new(build.finish());
    let mut risky = Keyed::new(spec.schema());
    risky.upsert(risk.clone());

    let page = Arc::new(
        chunk(
            spec,
            &[
                json!({"id": "u1", "displayName": "Ana"}),
                json!({"id": "u2"}),
            ],
        )
        .unwrap(),
    );
    let mut users = Keyed::new(spec.schema());
    users.upsert(page.clone());
    users.set_cells(beside_edits(&users, spec, &risk));
    assert_eq!(cell(&users, spec, "u1", "riskLevel"), ["high"]);
    assert_eq!(cell(&users, spec, "u1", "displayName"), ["Ana"]);
    assert_eq!(cell(&users, spec, "u2", "riskLevel"), ["null"]);
    let again = users.upsert(fill_beside(page, spec, &risky));
    assert!(again.is_empty(), "the next sweep changes nothing");
}

#[test]
fn joined_columns_of_the_spec_are_those_that_are_joined() {
    let alerts = keyed(&alert::SPEC, &[alert_row("a1", "1", "x", "ws1", "ana@c")]);
    let mut index = AlertIndex::default();
    index.rebuild(&alerts);
    let mut set: Vec<usize> = incident_cells(&index, &alerts, "1")
        .iter()
        .map(|(c, _)| *c)
        .collect();
    set.sort_unstable();
    assert_eq!(set, joined(&incident::SPEC).collect::<Vec<_>>());
    assert!(PLACES.words.iter().all(|c| *c < alert::SPEC.columns.len()));
}

/// An alert of few ids, incidents, hosts and users, so that they meet.
fn any_alert() -> impl Strategy<Value = V> {
    (0u8..12, 0u8..4, 0u8..4, 0u8..4).prop_map(|(id, incident, host, user)| {
        alert_row(
            &format!("a{id}"),
            &format!("{incident}"),
            "x",
            &format!("ws{host}"),
            &format!("u{user}@c"),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn following_changes_is_the_same_as_starting_anew(
        pages in prop::collection::vec(prop::collection::vec(any_alert(), 1..6), 1..8),
        gone in prop::collection::vec(0u8..12, 0..3),
        compact in any::<bool>(),
    ) {
        let mut alerts = Keyed::new(alert::SPEC.schema());
        let mut index = AlertIndex::default();
        let mut incidents = keyed(&incident::SPEC, &(0..4).map(|i| json!({"id": i.to_string()})).collect::<Vec<_>>());
        let apply = |incidents: &mut Keyed, index: &AlertIndex, alerts: &Keyed, touched: &Touched| {
            let edits = incident_edits(index, alerts, incidents, touched);
            incidents.set_cells(edits);
        };
        for page in &pages {
            let changes = alerts.upsert(Arc::new(chunk(&alert::SPEC, page).unwrap()));
            let touched = index.take(&alerts, &changes);
            apply(&mut incidents, &index, &alerts, &touched);
        }
        for id in &gone {
            if let Some(row) = alerts.remove(&format!("a{id}")) {
                let touched = index.removed(&alerts, row);
                apply(&mut incidents, &index, &alerts, &touched);
            }
        }
        if compact {
            let remap = alerts.compact();
            let changes = Changes { remap, ..Changes::default() };
            index.take(&alerts, &changes);
        }
        let mut fresh = AlertIndex::default();
        fresh.rebuild(&alerts);
        for incident in 0..4 {
            let id = incident.to_string();
            let sorted = |index: &AlertIndex| {
                let mut rows = index.of_incident(&id).to_vec();
                rows.sort_unstable();
                rows
            };
            prop_assert_eq!(sorted(&index), sorted(&fresh));
            let count = match sorted(&fresh).len() {
                0 => "null".to_owned(),
                n => n.to_string(),
            };
            prop_assert_eq!(cell(&incidents, &incident::SPEC, &id, "alertCount"), [count]);
        }
        for user in 0..4 {
            let entity = EntityRef::User { id: None, upn: Some(Text::from(format!("U{user}@C"))), sid: None, name: None };
            let rows = index.of_entity(&alerts, &entity);
            prop_assert_eq!(&rows, &fresh.of_entity(&alerts, &entity));
            let col = alert::SPEC.column("users").unwrap();
            let test = table::Test::Text(table::Pattern::equals(&format!("u{user}@c")));
            let plain = table::filter(alerts.table(), &alerts.live(), &table::Predicate::Test { col, test }, &Cancel::new()).unwrap();
            prop_assert_eq!(rows.len(), plain.rows.len());
        }
    }
}
