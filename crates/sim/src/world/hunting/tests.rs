//! The hunting tables hold what the schema says and what the stories told, and fit one another.

use std::collections::{HashMap, HashSet};

use kql::schema::{Schema, Which};
use table::{Cell, Table, Type};

use super::super::stamp::DAY;
use super::super::{Size, World};
use super::TABLES;

const NOW: &str = "2026-03-04T12:00:00Z";

fn world(events: u32) -> World {
    let size = Size {
        incidents: 150,
        alerts: 400,
        devices: 120,
        users: 200,
        events,
        ..Size::default()
    };
    World::new(size, 7, NOW.parse().unwrap())
}

fn table(world: &World, name: &str) -> Table {
    world.hunting_table(name).expect(name).all()
}

/// The texts of some columns of a row, in order.
fn texts(table: &Table, row: u32, columns: &[&str]) -> Vec<String> {
    let place = |name: &&str| table.schema().col(name).unwrap_or_else(|| panic!("{name}"));
    let text = |col: usize| match table.cell(row, col) {
        Cell::Text(text) => text.exact().to_owned(),
        Cell::Int(n) | Cell::Time(n) | Cell::Span(n) => n.to_string(),
        Cell::Null => String::new(),
        other => format!("{other:?}"),
    };
    columns.iter().map(place).map(text).collect()
}

fn all(table: &Table, columns: &[&str]) -> HashSet<Vec<String>> {
    (0..table.rows())
        .map(|row| texts(table, row, columns))
        .collect()
}

#[test]
fn every_table_has_rows_in_the_columns_of_its_schema() {
    let world = world(4_000);
    let known = Schema::builtin(Which::Unified);
    assert!(TABLES.len() >= 25 && TABLES.windows(2).all(|w| w[0] < w[1]));
    for name in TABLES {
        let table = table(&world, name);
        assert!(table.rows() > 0, "{name} is empty");
        let told: Vec<&str> = table.schema().columns().map(|(n, _)| n.exact()).collect();
        let wanted = known.table(name).unwrap();
        let wanted: Vec<&str> = wanted.columns.iter().map(|c| &*c.name).collect();
        assert_eq!(told, wanted, "{name}");
        for (col, (column, kind)) in table.schema().columns().enumerate() {
            for row in 0..table.rows() {
                match (kind, table.cell(row, col)) {
                    (Type::Text, Cell::Null) => panic!("{name}.{column:?}: no null strings"),
                    (Type::Dynamic, Cell::Text(text)) => {
                        let parsed = serde_json::from_str::<serde_json::Value>(text.exact());
                        assert!(parsed.is_ok(), "{name}.{column:?} {row}: {text:?}");
                    }
                    (Type::Time, Cell::Time(at)) if column == "Timestamp" => {
                        assert!(at <= world.now().0, "{name} {row} is in the future");
                    }
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn texts_that_hold_json_hold_json() {
    let world = world(4_000);
    for (name, columns) in [
        ("DeviceEvents", vec!["AdditionalFields"]),
        (
            "DeviceInfo",
            vec!["LoggedOnUsers", "DeviceManualTags", "MitigationStatus"],
        ),
        (
            "DeviceNetworkInfo",
            vec!["IPAddresses", "ConnectedNetworks"],
        ),
        ("AlertEvidence", vec!["AdditionalFields", "Categories"]),
        ("EmailEvents", vec!["AuthenticationDetails"]),
        (
            "SigninLogs",
            vec!["AuthenticationDetails", "RiskEventTypes_V2"],
        ),
    ] {
        let table = table(&world, name);
        for row in 0..table.rows() {
            for text in texts(&table, row, &columns) {
                let fine =
                    text.is_empty() || serde_json::from_str::<serde_json::Value>(&text).is_ok();
                assert!(fine, "{name} {row}: {text}");
            }
        }
    }
}

#[test]
fn every_alert_of_every_incident_is_in_alert_info_once() {
    let world = World::new(Size::default(), 7, NOW.parse().unwrap());
    let table = table(&world, "AlertInfo");
    let mut seen: HashMap<String, u32> = HashMap::new();
    for row in 0..table.rows() {
        *seen
            .entry(texts(&table, row, &["AlertId"])[0].clone())
            .or_default() += 1;
    }
    assert_eq!(world.incident_count(), 2_000);
    let mut alerts = 0;
    for incident in 0..world.incident_count() {
        for alert in world.incident_alerts(incident) {
            assert_eq!(seen.get(&world.alert_id(alert)), Some(&1), "{incident}");
            alerts += 1;
        }
    }
    assert_eq!(alerts, table.rows());
}

#[test]
fn evidence_leads_to_the_rows_of_the_story() {
    let world = world(2_000);
    let evidence = table(&world, "AlertEvidence");
    let processes = all(
        &table(&world, "DeviceProcessEvents"),
        &["DeviceId", "SHA1", "ProcessCommandLine"],
    );
    let mails = all(&table(&world, "EmailEvents"), &["NetworkMessageId"]);
    let mut found = [0, 0];
    for row in 0..evidence.rows() {
        match texts(&evidence, row, &["EntityType"])[0].as_str() {
            "Process" => {
                let key = texts(&evidence, row, &["DeviceId", "SHA1", "ProcessCommandLine"]);
                assert!(processes.contains(&key), "{key:?}");
                found[0] += 1;
            }
            "MailMessage" => {
                let key = texts(&evidence, row, &["NetworkMessageId"]);
                assert!(mails.contains(&key), "{key:?}");
                found[1] += 1;
            }
            _ => {}
        }
    }
    assert!(found[0] >= 50 && found[1] > 20, "{found:?}");
}

#[test]
fn who_acts_was_started() {
    let world = world(6_000);
    let processes = all(
        &table(&world, "DeviceProcessEvents"),
        &["DeviceId", "ProcessId", "ProcessCreationTime", "FileName"],
    );
    for name in [
        "DeviceNetworkEvents",
        "DeviceFileEvents",
        "DeviceRegistryEvents",
        "DeviceImageLoadEvents",
    ] {
        let table = table(&world, name);
        let (mut known, mut asked) = (0, 0);
        for row in 0..table.rows() {
            let key = texts(
                &table,
                row,
                &[
                    "DeviceId",
                    "InitiatingProcessId",
                    "InitiatingProcessCreationTime",
                    "InitiatingProcessFileName",
                ],
            );
            if !key[3].is_empty() {
                asked += 1;
                known += u32::from(processes.contains(&key));
            }
        }
        assert!(
            asked > 50 && known * 100 > asked * 97,
            "{name} {known}/{asked}"
        );
    }
}

#[test]
fn links_and_attachments_belong_to_messages() {
    let world = world(6_000);
    let mails = all(&table(&world, "EmailEvents"), &["NetworkMessageId"]);
    for name in [
        "EmailUrlInfo",
        "EmailAttachmentInfo",
        "EmailPostDeliveryEvents",
    ] {
        let own = all(&table(&world, name), &["NetworkMessageId"]);
        assert!(!own.is_empty() && own.is_subset(&mails), "{name}");
    }
    let clicks = all(&table(&world, "UrlClickEvents"), &["NetworkMessageId"]);
    assert!(clicks.iter().any(|id| mails.contains(id)));
}

#[test]
fn devices_and_people_are_those_of_the_inventory() {
    let world = world(4_000);
    let devices = all(&table(&world, "DeviceInfo"), &["DeviceId", "DeviceName"]);
    assert_eq!(devices.len(), world.machine_count());
    for name in [
        "DeviceProcessEvents",
        "DeviceLogonEvents",
        "DeviceTvmSoftwareInventory",
    ] {
        let own = all(&table(&world, name), &["DeviceId", "DeviceName"]);
        assert!(own.is_subset(&devices), "{name}");
    }
    let people = all(
        &table(&world, "IdentityInfo"),
        &["AccountObjectId", "AccountUpn"],
    );
    assert_eq!(people.len(), world.user_count());
    for name in ["IdentityLogonEvents", "AADSignInEventsBeta"] {
        let own = all(&table(&world, name), &["AccountObjectId", "AccountUpn"]);
        assert!(own.is_subset(&people), "{name}");
    }
}

#[test]
fn the_same_whatever_is_asked_first() {
    let (one, other) = (world(3_000), world(3_000));
    for name in TABLES {
        one.hunting_table(name);
    }
    for name in TABLES.iter().rev() {
        let (a, b) = (table(&one, name), table(&other, name));
        assert_eq!(a.chunks(), b.chunks(), "{name}");
    }
}

#[test]
fn an_interval_holds_its_rows_and_no_others() {
    let world = world(3_000);
    let now = world.now().0;
    for name in ["DeviceProcessEvents", "AlertInfo", "SigninLogs"] {
        let stored = world.hunting_table(name).unwrap();
        let col = (0..stored.schema().len())
            .find(|c| {
                let name = stored.schema().name(*c).unwrap();
                name == "Timestamp" || name == "TimeGenerated"
            })
            .unwrap();
        let (from, to) = (now - 9 * DAY, now - 2 * DAY);
        let inside = |t: &Table| {
            (0..t.rows())
                .filter(|r| {
                    t.cell(*r, col)
                        .time()
                        .is_some_and(|at| (from..=to).contains(&at))
                })
                .count()
        };
        let cut = stored.between(from, to);
        assert_eq!(inside(&cut), cut.rows() as usize, "{name}");
        assert_eq!(inside(&stored.all()), cut.rows() as usize, "{name}");
        assert!(cut.rows() > 0 && cut.rows() < stored.all().rows(), "{name}");
    }
    // software is a state, not an event
    let software = world.hunting_table("DeviceTvmSoftwareInventory").unwrap();
    assert_eq!(software.between(0, 1).rows(), software.all().rows());
}

#[test]
fn there_are_about_as_many_events_as_asked_for() {
    let (few, many) = (world(10_000), world(30_000));
    let endpoint = |world: &World| -> u32 {
        [
            "DeviceProcessEvents",
            "DeviceNetworkEvents",
            "DeviceFileEvents",
            "DeviceRegistryEvents",
            "DeviceImageLoadEvents",
            "DeviceEvents",
            "DeviceLogonEvents",
            "EmailEvents",
            "CloudAppEvents",
            "IdentityLogonEvents",
        ]
        .iter()
        .map(|name| table(world, name).rows())
        .sum()
    };
    let more = endpoint(&many) - endpoint(&few);
    assert!((15_000..22_000).contains(&more), "{more}");
}

/// How long the tables take, printed: `cargo test -p watchfloor-sim --profile fast time_of -- --nocapture --ignored`.
#[test]
#[ignore = "prints figures"]
fn time_of_making() {
    for events in [100_000, 1_000_000] {
        let size = Size {
            events,
            ..Size::default()
        };
        let world = World::new(size, 7, NOW.parse().unwrap());
        let start = std::time::Instant::now();
        let mut rows = 0;
        let mut bytes = 0;
        for name in TABLES {
            let at = std::time::Instant::now();
            let table = table(&world, name);
            rows += table.rows();
            bytes += table.heap_bytes();
            println!(
                "{events:>8} {name:<36} {:>8} rows {:>7.1} ms {:>6.1} MB",
                table.rows(),
                at.elapsed().as_secs_f64() * 1e3,
                table.heap_bytes() as f64 / 1e6
            );
        }
        println!(
            "{events:>8} all: {rows} rows in {:.2} s, {} MB",
            start.elapsed().as_secs_f64(),
            bytes / 1_000_000
        );
    }
}
