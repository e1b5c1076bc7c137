//! What lists cost: decoding a page, joining alerts into incidents, a letter typed into the filter, completion, find.

mod rows;

use divan::black_box;
use rows::decoded;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use table::{Cancel, Keyed};
use watchfloor::model::{EntityRef, Ticks};
use watchfloor::resource::filter::{Env, TableValues, compile, complete, parse};
use watchfloor::resource::join::{AlertIndex, Touched, incident_edits};
use watchfloor::resource::{alert, find, incident, user};

const INCIDENTS: usize = 100_000;
const ALERTS: usize = 20_000;

fn main() {
    divan::main();
}

fn alert_row(n: usize) -> Value {
    json!({
        "id": format!("da{n:018}_{n}"),
        "incidentId": (n * 3 % INCIDENTS).to_string(),
        "severity": "high",
        "status": "new",
        "title": format!("Suspicious activity {}", n % 300),
        "serviceSource": (["microsoftDefenderForEndpoint", "microsoftDefenderForOffice365", "microsoftDefenderForIdentity"][n % 3]),
        "mitreTechniques": ["T1566.002", "T1021"],
        "createdDateTime": "2026-08-01T12:00:00Z",
        "evidence": [
            {"deviceDnsName": format!("wks-{}.contoso.com", n % 5_000), "mdeDeviceId": format!("{:040x}", n % 5_000), "lastIpAddress": format!("10.0.{}.{}", n / 250 % 250, n % 250)},
            {"userAccount": {"accountName": format!("u{}", n % 9_000), "domainName": "CONTOSO", "userPrincipalName": format!("u{}@contoso.com", n % 9_000), "userSid": format!("S-1-5-21-{n}")}},
            {"imageFile": {"sha1": format!("{n:040x}"), "sha256": format!("{n:064x}")}},
            {"url": format!("https://evil{}.example/a", n % 2_000)}
        ]
    })
}

static INCIDENT_ROWS: LazyLock<Keyed> = LazyLock::new(|| {
    let mut keyed = Keyed::new(incident::SPEC.schema());
    keyed.upsert(Arc::new(decoded(
        &incident::SPEC,
        (0..INCIDENTS).map(rows::incident),
    )));
    keyed
});
static ALERT_ROWS: LazyLock<Keyed> = LazyLock::new(|| {
    let mut keyed = Keyed::new(alert::SPEC.schema());
    keyed.upsert(Arc::new(decoded(&alert::SPEC, (0..ALERTS).map(alert_row))));
    keyed
});
static USER_ROWS: LazyLock<Keyed> = LazyLock::new(|| {
    let mut keyed = Keyed::new(user::SPEC.schema());
    keyed.upsert(Arc::new(decoded(&user::SPEC, (0..200_000).map(rows::user))));
    keyed
});
static INDEX: LazyLock<AlertIndex> = LazyLock::new(|| {
    let mut index = AlertIndex::default();
    index.rebuild(&ALERT_ROWS);
    index
});

fn env() -> Env {
    Env {
        now: Ticks::parse("2026-08-01T12:00:00Z").unwrap(),
        me: Some("ana@contoso.com".into()),
        joined: true,
    }
}

#[divan::bench]
fn decode_a_page_of_200_alerts(b: divan::Bencher) {
    let rows: Vec<Value> = (0..200).map(alert_row).collect();
    b.bench(|| decoded(&alert::SPEC, black_box(&rows).iter().cloned()).rows());
}

#[divan::bench]
fn decode_a_page_of_50_incidents(b: divan::Bencher) {
    let rows: Vec<Value> = (0..50).map(rows::incident).collect();
    b.bench(|| decoded(&incident::SPEC, black_box(&rows).iter().cloned()).rows());
}

#[divan::bench]
fn index_20_000_alerts(b: divan::Bencher) {
    let _ = LazyLock::force(&ALERT_ROWS);
    b.bench(|| {
        let mut index = AlertIndex::default();
        index.rebuild(black_box(&ALERT_ROWS));
        index
    });
}

#[divan::bench]
fn cells_of_all_incidents_from_20_000_alerts(b: divan::Bencher) {
    let _ = (LazyLock::force(&INDEX), LazyLock::force(&INCIDENT_ROWS));
    b.bench(|| incident_edits(&INDEX, &ALERT_ROWS, &INCIDENT_ROWS, &Touched::All).len());
}

#[divan::bench]
fn follow_200_changed_alerts(b: divan::Bencher) {
    let _ = (LazyLock::force(&INDEX), LazyLock::force(&INCIDENT_ROWS));
    let page = Arc::new(decoded(
        &alert::SPEC,
        (0..200).map(|n| {
            let mut row = alert_row(n);
            row["status"] = "resolved".into();
            row
        }),
    ));
    b.with_inputs(|| (ALERT_ROWS.clone(), INDEX.clone(), page.clone()))
        .bench_values(|(mut alerts, mut index, page)| {
            let changes = alerts.upsert(page);
            let touched = index.take(&alerts, &changes);
            incident_edits(&index, &alerts, &INCIDENT_ROWS, &touched).len()
        });
}

#[divan::bench]
fn alerts_of_an_entity(b: divan::Bencher) {
    let _ = LazyLock::force(&INDEX);
    let entity = EntityRef::Domain("evil77.example".into());
    b.bench(|| INDEX.of_entity(&ALERT_ROWS, black_box(&entity)).len());
}

/// Read, compiled and run over 100,000 rows, as for each letter typed.
#[divan::bench(args = ["l", "lateral", "sev>=med st:new own:none", "age<4h title:lateral !tag:test", "~lateral", "sev>=med 7001"])]
fn a_letter_over_100_000_incidents(b: divan::Bencher, text: &str) {
    let rows = INCIDENT_ROWS.live();
    b.bench(|| {
        let parsed = parse(black_box(text), &incident::SPEC);
        let predicate = compile(&parsed, &incident::SPEC, &env());
        table::filter(INCIDENT_ROWS.table(), &rows, &predicate, &Cancel::new())
            .map(|f| f.rows.len())
    });
}

/// The same over 200,000 users: every text column is looked at.
#[divan::bench(args = ["f", "family1", "family1999", "on:yes type:guest", "~gvnfm"])]
fn a_letter_over_200_000_users(b: divan::Bencher, text: &str) {
    let rows = USER_ROWS.live();
    b.bench(|| {
        let parsed = parse(black_box(text), &user::SPEC);
        let predicate = compile(&parsed, &user::SPEC, &env());
        table::filter(USER_ROWS.table(), &rows, &predicate, &Cancel::new()).map(|f| f.rows.len())
    });
}

#[divan::bench(args = ["s", "own:an", "sev>=m"])]
fn completion_over_100_000_incidents(b: divan::Bencher, text: &str) {
    let _ = LazyLock::force(&INCIDENT_ROWS);
    b.bench(|| {
        complete(
            black_box(text),
            text.len(),
            &incident::SPEC,
            &TableValues(&INCIDENT_ROWS),
        )
        .len()
    });
}

#[divan::bench(args = ["10.0.0.4", "u77@contoso.com", "lateral movement"])]
fn find_in_incidents_and_alerts(b: divan::Bencher, text: &str) {
    let _ = (
        LazyLock::force(&ALERT_ROWS),
        LazyLock::force(&INCIDENT_ROWS),
    );
    b.bench(|| {
        let search = find::search(black_box(text), env().now, true);
        let mut hits = 0;
        for look in search.looks {
            let rows: &Keyed = match look.kind {
                watchfloor::model::Kind::Incident => &INCIDENT_ROWS,
                watchfloor::model::Kind::Alert => &ALERT_ROWS,
                _ => continue,
            };
            for predicate in [&look.exact, &look.loose] {
                hits += table::filter(rows.table(), &rows.live(), predicate, &Cancel::new())
                    .map_or(0, |f| f.rows.len());
            }
        }
        hits
    });
}
