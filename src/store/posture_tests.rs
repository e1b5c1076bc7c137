//! Lists of the Posture tab in the cache: days that outlive the service's, and rows by the hundred thousand.

use super::*;
use serde_json::json;
use std::time::Instant;

const T: Ticks = Ticks(17_000_000_000_000_000);

fn rows(kind: Kind, all: impl Iterator<Item = serde_json::Value>) -> Rows {
    let spec = resource::spec(kind);
    let mut builder = ChunkBuilder::new(spec.schema());
    let mut raws: Vec<Box<str>> = Vec::new();
    for v in all {
        let mut sink = Sink::new(spec.columns, &mut builder);
        (spec.decode)(crate::model::Json(&v), &mut sink).unwrap();
        builder.end_row();
        if !spec.is_bare() {
            raws.push(v.to_string().into());
        }
    }
    Rows {
        kind,
        chunk: Arc::new(builder.finish()),
        raws,
        at: T,
    }
}

fn sweep(kind: Kind, n: u64) -> Sweep {
    Sweep {
        kind,
        began: T,
        whole: true,
        watermark: None,
        total: Some(n),
    }
}

/// S0-24: the trend is longer than what the service keeps.
#[test]
fn s0_24_days_of_the_score_outlive_the_cache_days() {
    let mut db = Db::open(None).unwrap();
    let day = |n: i64| json!({"id": format!("t_{n}"), "currentScore": n, "createdDateTime": "2026-08-01T00:00:00Z"});
    db.take(&rows(Kind::Score, (0..3).map(day))).unwrap();
    db.finish(&sweep(Kind::Score, 3), &|_| true).unwrap();
    db.expire(Ticks(T.0 + 1)).unwrap();
    assert_eq!(db.list(Kind::Score).unwrap().rows, 3);
    assert!(db.entity(Kind::Score, "t_1").unwrap().is_some());
}

const DEVICES: usize = 5_000;

fn exposed(n: usize) -> serde_json::Value {
    let (device, cve) = (n % DEVICES, n / DEVICES);
    json!({"id": format!("{device:040x}_google_chrome_131.{}_CVE-2026-{cve}", cve % 7), "deviceId": format!("{device:040x}"),
        "deviceName": format!("wks-{device}.contoso.com"), "cveId": format!("CVE-2026-{cve}"), "softwareName": "chrome",
        "softwareVendor": "google", "softwareVersion": format!("131.{}", cve % 7),
        "vulnerabilitySeverityLevel": (["Low", "Medium", "High", "Critical"][cve % 4]), "exploitabilityLevel": "NoExploit",
        "cvssScore": 7.5, "osPlatform": "Windows11", "securityUpdateAvailable": true,
        "lastSeenTimestamp": "2026-07-31 03:04:05", "firstSeenTimestamp": "2026-06-30 03:04:05"})
}

/// 200,000 rows of vulnerability and device: opened from the cache and sorted. It measures and judges nothing but the
/// count: asked for by `WF_SOAK=1`.
#[test]
fn figures_of_200_000_exposed_rows() {
    let n = match std::env::var_os("WF_SOAK") {
        Some(_) => 200_000,
        None => 2_000,
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cache.db");
    let mut db = Db::open(Some(&path)).unwrap();
    for from in (0..n).step_by(10_000) {
        let to = (from + 10_000).min(n);
        db.take(&rows(Kind::Exposed, (from..to).map(exposed)))
            .unwrap();
    }
    db.finish(&sweep(Kind::Exposed, n as u64), &|_| true)
        .unwrap();
    drop(db);
    let begun = Instant::now();
    let mut db = Db::open(Some(&path)).unwrap();
    let spec = resource::spec(Kind::Exposed);
    let mut keyed = Keyed::new(spec.schema());
    for chunk in db.list(Kind::Exposed).unwrap().chunks {
        keyed.upsert(chunk);
    }
    let opened = begun.elapsed();
    assert_eq!(keyed.len(), n);
    let live = keyed.live();
    let never = table::Cancel::default();
    for by in [
        spec.sort,
        &[("deviceName", resource::Direction::Up)],
        &[("cveId", resource::Direction::Up)],
    ] {
        let begun = Instant::now();
        let sorted = table::sort(keyed.table(), &live, &spec.sort_keys(by), &never).unwrap();
        assert_eq!(sorted.len(), n);
        println!("{n} rows sorted by {}: {:?}", by[0].0, begun.elapsed());
    }
    println!(
        "{n} rows opened from the cache: {opened:?}; file {} KB",
        std::fs::metadata(&path).unwrap().len() >> 10
    );
}
