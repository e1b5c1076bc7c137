//! What the key of the Posture tab costs with everything in the cache: key → what the cache on disk has of its lists → `update` with
//! its jobs → the frame drawn and encoded. One thread, the real cache file, so that a figure is the whole wait.
//! `cargo bench --bench posture`
//!
//! Limit (design): 16 ms to the first frame, also with 200,000 rows of exposed devices in the cache. The floor is reading the same
//! rows from the same file and nothing else.

mod rows;

use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchfloor::app::keys;
use watchfloor::backend::ports::{Rows, Store, Sweep};
use watchfloor::model::{Kind, Ticks};
use watchfloor::msg::{Body, Effect, Event, KeyPress, Origin, Page, Progress, Reply, Request};
use watchfloor::resource::spec;
use watchfloor::store::Cached;

const ROUNDS: usize = 30;
const CONTROLS: usize = 120;
const DAYS: i64 = 365;
const EXPOSED: usize = 200_000;

fn wall() -> Ticks {
    Ticks::parse("2026-08-01T12:04:05Z").unwrap()
}

fn day(back: i64) -> String {
    Ticks(wall().0 - back * watchfloor::model::time::DAY).literal()[..10].to_owned()
}

fn control(n: usize) -> Value {
    json!({"id": format!("control{n}"), "title": format!("Recommended action number {n} of the secure score"), "maxScore": 9.0, "rank": n,
        "implementationCost": (["Low", "Moderate", "High"][n % 3]), "userImpact": "Low", "controlCategory": "Identity",
        "service": "AzureAD", "controlStateUpdates": []})
}

fn score(back: i64) -> Value {
    let all: Vec<Value> = (0..CONTROLS)
        .map(|n| json!({"controlName": format!("control{n}"), "controlCategory": "Identity", "score": (n as i64 + back) % 9, "count": 40, "total": 100}))
        .collect();
    json!({"id": format!("t_{}", day(back)), "createdDateTime": format!("{}T00:00:00Z", day(back)), "currentScore": 500 - back, "maxScore": 1080.0,
        "licensedUserCount": 1500, "controlScores": all})
}

fn device_score(back: i64) -> Vec<Value> {
    let of = |what: &str| json!({"@odata.context": format!("https://h/$metadata#{what}/$entity"), "time": format!("{}T06:00:00Z", day(back)), "score": 40 + back % 9});
    vec![of("ExposureScore"), of("ConfigurationScore")]
}

fn exposed(n: usize) -> Value {
    let (device, cve) = (n % 5_000, n / 5_000);
    json!({"id": format!("{device:040x}_google_chrome_131.{}_CVE-2026-{cve}", cve % 7), "deviceId": format!("{device:040x}"),
        "deviceName": format!("wks-{device}.contoso.com"), "cveId": format!("CVE-2026-{cve}"), "softwareName": "chrome",
        "softwareVendor": "google", "softwareVersion": format!("131.{}", cve % 7),
        "vulnerabilitySeverityLevel": (["Low", "Medium", "High", "Critical"][cve % 4]), "exploitabilityLevel": "NoExploit",
        "cvssScore": 7.5, "osPlatform": "Windows11", "securityUpdateAvailable": true,
        "lastSeenTimestamp": "2026-07-31 03:04:05", "firstSeenTimestamp": "2026-06-30 03:04:05"})
}

/// Everything of a list into the cache, as a sweep leaves it.
fn keep(store: &Cached, kind: Kind, all: impl Iterator<Item = Value>) {
    let all: Vec<Value> = all.collect();
    for part in all.chunks(10_000) {
        let raws = match spec(kind).is_bare() {
            true => Vec::new(),
            false => part.iter().map(|v| v.to_string().into()).collect(),
        };
        let chunk = Arc::new(rows::decoded(spec(kind), part.iter().cloned()));
        store
            .take(Rows {
                kind,
                chunk,
                raws,
                at: wall(),
            })
            .unwrap();
    }
    let sweep = Sweep {
        kind,
        began: wall(),
        whole: true,
        watermark: None,
        total: Some(all.len() as u64),
    };
    store.finish(sweep, &|_| true).unwrap();
}

fn fill(path: &Path) -> Cached {
    let store = Cached::new(Some(path.to_owned()), wall);
    keep(&store, Kind::Control, (0..CONTROLS).map(control));
    keep(&store, Kind::Score, (0..DAYS).map(score));
    keep(&store, Kind::DeviceScore, (0..DAYS).flat_map(device_score));
    keep(&store, Kind::Exposed, (0..EXPOSED).map(exposed));
    store
}

/// What the key is pressed on.
struct Console(rows::console::Console);

impl Console {
    fn new() -> Self {
        Self(rows::console::Console::new())
    }

    /// A key, and what its lists have in the cache: `first` alone the rows kept ready for a first frame.
    fn key(&mut self, text: &str, store: &Cached, first: bool) -> Duration {
        let start = Instant::now();
        let mut fx = Vec::new();
        for key in keys::parse(text).unwrap() {
            fx.extend(self.0.update(Event::Key(KeyPress { key, in_read: 1 })));
        }
        while let Some(effect) = fx.pop() {
            match effect {
                Effect::Compute(ticket, job) => {
                    let body = job.run().map_or(Body::Dropped, Body::Computed);
                    fx.extend(self.0.update(Event::Reply(Reply {
                        ticket,
                        last: true,
                        body,
                    })));
                }
                Effect::Ask(ticket, Request::Sync { kind }) => {
                    let mut pages = Vec::new();
                    let read = store.load(kind, &mut |chunk, seen| {
                        pages.push((chunk, seen));
                        !first
                    });
                    read.unwrap();
                    for (chunk, seen) in pages {
                        let page = Page {
                            kind,
                            chunk: Some(chunk),
                            origin: Origin::Cache,
                            progress: Progress {
                                loaded: 0,
                                total: seen.total,
                                complete: seen.complete,
                                as_of: seen.as_of,
                            },
                            bad: 0,
                            bad_why: None,
                            removed: Vec::new(),
                        };
                        let body = Body::Page(page);
                        fx.extend(self.0.update(Event::Reply(Reply {
                            ticket: ticket.clone(),
                            last: false,
                            body,
                        })));
                    }
                }
                _ => {}
            }
        }
        self.0.draw();
        start.elapsed()
    }
}

fn floor(store: &Cached, kinds: &[Kind], first: bool) -> Duration {
    let start = Instant::now();
    for kind in kinds {
        let read = store.load(*kind, &mut |chunk, _| {
            std::hint::black_box(chunk);
            !first
        });
        read.unwrap();
    }
    start.elapsed()
}

fn say(what: &str, mut took: Vec<Duration>, mut floor: Vec<Duration>) {
    took.sort();
    floor.sort();
    let (half, most) = (took[took.len() / 2], took[took.len() * 95 / 100]);
    let under = floor[floor.len() / 2];
    println!(
        "{what:<56} p50 {half:>9.3?}  p95 {most:>9.3?}  floor {under:>9.3?}  ratio {:.2}  n {}",
        half.as_secs_f64() / under.as_secs_f64(),
        took.len()
    );
}

fn main() {
    // `cargo test --benches` runs this too; figures are asked for by `cargo bench`
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let store = fill(&dir.path().join("cache.db"));
    let lists = [Kind::Control, Kind::Score, Kind::DeviceScore];
    for (what, first) in [("first rows", true), ("everything", false)] {
        let (mut took, mut under) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let mut console = Console::new();
            console.0.draw();
            took.push(console.key("7", &store, first));
            assert_eq!(console.0.app.pane().rows.len(), CONTROLS);
            under.push(floor(&store, &lists, first));
        }
        say(&format!("Posture from the cache, {what}"), took, under);
    }
    let (mut took, mut under) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut console = Console::new();
        let mut fx = Vec::new();
        watchfloor::app::posture::page(&mut console.0.app, Kind::Software, &mut fx);
        console.0.draw();
        // to recommendations, then to the exposed devices
        console.key("7", &store, true);
        took.push(console.key("7", &store, true));
        assert_eq!(console.0.app.pane().spec.kind, Kind::Exposed);
        assert!(!console.0.app.pane().rows.is_empty());
        under.push(floor(&store, &[Kind::Exposed], true));
    }
    say("200,000 exposed rows in the cache, first rows", took, under);
}
