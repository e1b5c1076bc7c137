//! How many published hunting queries run over the simulated tenant: those of the corpus that bind must not be refused.
//!
//! A sample as a rule, all of them with `WF_SOAK=1`. Skipped where the corpus is not at hand.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use kql::engine::{Catalog, Options};
use serde_json::Value;

use super::{Hunts, Nothing, Tables};
use crate::world::hunting::Live;
use crate::world::{Size, World};

/// Of a hundred, so many run; it only ever rises.
const AT_LEAST: f64 = 98.0;

#[test]
fn published_hunts_run() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kql/corpus_open.jsonl");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("SKIPPED: {} is not there", file.display());
        return;
    };
    let whole = std::env::var_os("WF_SOAK").is_some();
    let bound: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|q| q["bind_ok_unified"] == true)
        .collect();
    let chosen: Vec<&Value> = bound.iter().step_by(if whole { 1 } else { 12 }).collect();
    let size = Size {
        incidents: 150,
        alerts: 400,
        devices: 120,
        users: 200,
        events: if whole { 20_000 } else { 2_000 },
        ..Size::default()
    };
    let world = Arc::new(World::new(size, 7, "2026-03-04T12:00:00Z".parse().unwrap()));
    let hunts = Hunts::default();
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut slow = Vec::new();
    let mut filled = 0;
    for query in &chosen {
        let mut catalog = Catalog::new();
        catalog.provider = Some(Arc::new(Tables {
            world: Arc::clone(&world),
            live: Live::default(),
            from: i64::MIN,
            to: i64::MAX,
        }));
        catalog.externals = Some(Arc::new(Nothing));
        let options = Options {
            now: world.now().0,
            threads: 2,
            ..Options::default()
        };
        let id = query["id"].as_str().unwrap_or_default().to_owned();
        let start = std::time::Instant::now();
        let text = query["text"].as_str().unwrap_or_default();
        match kql::engine::run(text, hunts.names(), &catalog, &options) {
            Ok(answer) => filled += usize::from(answer.rows() > 0),
            Err(error) => refused
                .entry(format!("{}: {}", error.kind.name(), error.message))
                .or_default()
                .push(id.clone()),
        }
        slow.push((start.elapsed(), id));
    }
    slow.sort_unstable_by(|a, b| b.cmp(a));
    let lost: usize = refused.values().map(Vec::len).sum();
    let rate = 100.0 * (chosen.len() - lost) as f64 / chosen.len() as f64;
    let mut reasons: Vec<_> = refused.iter().collect();
    reasons.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.len()));
    println!(
        "{} of {} run ({rate:.1} %), {filled} with rows; slowest {:?}",
        chosen.len() - lost,
        chosen.len(),
        &slow[..slow.len().min(5)]
    );
    for (why, ids) in &reasons {
        println!(
            "{:>4} {why}  {}",
            ids.len(),
            ids[..ids.len().min(4)].join(" ")
        );
    }
    let other: Vec<_> = reasons
        .iter()
        // what a query of the corpus does wrong itself, Kusto refuses too
        .filter(|(why, _)| !why.starts_with("unsupported") && !why.starts_with("runtime"))
        .collect();
    assert!(other.is_empty(), "{other:#?}");
    assert!(rate >= AT_LEAST, "{rate:.1} %");
}

/// How long hunts take on a fresh tenant, tables made meanwhile, and again:
/// `cargo test -p watchfloor-sim --profile fast time_of_hunts -- --nocapture --ignored`.
#[test]
#[ignore = "prints figures"]
fn time_of_hunts() {
    for events in [100_000, 1_000_000] {
        let size = Size {
            events,
            ..Size::default()
        };
        let made = "2026-03-04T12:00:00Z".parse().unwrap();
        let world = Arc::new(World::new(size, 7, made));
        let hunts = Hunts::default();
        for text in [
            "DeviceProcessEvents | summarize Count = count() by FileName | top 10 by Count",
            "AlertEvidence | where EntityType == 'Process' | join kind=inner (DeviceProcessEvents | project DeviceId, SHA1, ProcessId) on DeviceId, SHA1 | summarize dcount(ProcessId) by AlertId",
            "union DeviceFileEvents, DeviceNetworkEvents, DeviceRegistryEvents, DeviceImageLoadEvents, DeviceEvents, DeviceLogonEvents | summarize count() by ActionType",
            "EmailEvents | join kind=inner EmailUrlInfo on NetworkMessageId | summarize count() by UrlDomain",
            "DeviceProcessEvents | where ProcessCommandLine has 'encodedcommand' | project Timestamp, DeviceName, ProcessCommandLine",
        ] {
            for _ in 0..2 {
                let mut catalog = Catalog::new();
                catalog.provider = Some(Arc::new(Tables {
                    world: Arc::clone(&world),
                    live: Live::default(),
                    from: world.now().0 - 30 * crate::world::stamp::DAY,
                    to: i64::MAX,
                }));
                let options = Options {
                    now: world.now().0,
                    threads: 2,
                    ..Options::default()
                };
                let start = std::time::Instant::now();
                let answer = kql::engine::run(text, hunts.names(), &catalog, &options);
                let rows = answer.map_or_else(|e| e.to_string(), |a| a.rows().to_string());
                println!(
                    "{events:>8} {:>8.1} ms {rows:>6} rows  {}",
                    start.elapsed().as_secs_f64() * 1e3,
                    &text[..60]
                );
            }
        }
    }
}
