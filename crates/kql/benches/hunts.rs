//! Nine hunts over made-up process events, as a growing table answers them:
//! `cargo bench -p watchfloor-kql --bench hunts --profile fast -- [ROWS…]` (100,000 and 1,000,000 by default).
//! Medians of seven runs with two threads, query text in, all result rows made; the last columns say how
//! much longer each takes than with the first number of rows, and what the process held at most.

use kql::bind::World;
use kql::engine::{Catalog, Options, Stored, run};
use kql::schema::{Schema, Which};
use kql::types::Ty;
use std::sync::Arc;
use std::time::Instant;
use table::ChunkBuilder;

const RUNS: usize = 7;
const DAY: i64 = 864_000_000_000;
/// 2026-01-01.
const START: i64 = 17_672_256_000_000_000;

const HUNTS: [(&str, &str); 9] = [
    (
        "has + contains",
        "DeviceProcessEvents | where ProcessCommandLine has 'powershell' and ProcessCommandLine contains '-enc' \
         | project Timestamp, DeviceName, AccountName, ProcessCommandLine",
    ),
    (
        "summarize count by",
        "DeviceProcessEvents | summarize Count = count(), Devices = dcount(DeviceId) by FileName | sort by Count desc",
    ),
    (
        "join",
        "DeviceProcessEvents | where FileName == 'rundll32.exe' \
         | project Timestamp, DeviceId, ProcessCommandLine, InitiatingProcessFileName \
         | join kind=inner (DeviceInfo | where OSPlatform == 'Windows11' | project DeviceId, OSPlatform, PublicIP) on DeviceId \
         | project Timestamp, DeviceId, OSPlatform, PublicIP, ProcessCommandLine",
    ),
    (
        "top",
        "DeviceProcessEvents | where Timestamp > datetime(2026-01-08) | top 100 by Timestamp desc",
    ),
    (
        "parse_json + mv-expand",
        "DeviceProcessEvents | where FileName in~ ('cmd.exe', 'powershell.exe') | where ActionType == 'ProcessCreated' \
         | where DeviceName startswith 'ws-00' | extend A = parse_json(AdditionalFields) | extend Tags = A.Tags \
         | mv-expand Tag = Tags | summarize Count = count() by tostring(Tag)",
    ),
    (
        "make_set, bin",
        "DeviceProcessEvents | where InitiatingProcessFileName =~ 'winword.exe' \
         | summarize Children = make_set(FileName), Last = max(Timestamp) by DeviceName, Day = bin(Timestamp, 1d)",
    ),
    (
        "join, a key a row",
        "DeviceProcessEvents | join kind=inner (DeviceProcessEvents | where ActionType == 'OpenProcess' \
         | project ReportId, Other = FileName) on ReportId | summarize Count = count() by FileName, Other | top 10 by Count desc",
    ),
    (
        "make_set by device",
        "DeviceProcessEvents | summarize Lines = make_set(ProcessCommandLine, 20), N = dcount(ProcessCommandLine) by DeviceId \
         | top 50 by N desc",
    ),
    (
        "regex, extract",
        "DeviceProcessEvents | where ProcessCommandLine matches regex @'--id=\\d*77\\d*' \
         | extend Id = toint(extract(@'--id=(\\d+)', 1, ProcessCommandLine)) \
         | summarize Count = count(), Most = max(Id) by AccountName | sort by Count desc",
    ),
];

/// Numbers that look like chance, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }
    /// A place in a list whose items are the rarer the later they stand.
    fn early(&mut self, n: u64) -> usize {
        let x = self.below(1 << 30) as f64 / f64::from(1u32 << 30);
        // as often as one over its place, about
        ((n as f64 + 1.0).powf(x) as u64 - 1).min(n - 1) as usize
    }
}

fn names() -> Vec<String> {
    let common = "powershell cmd svchost rundll32 chrome msedge winword excel explorer conhost wmiprvse taskhostw \
                  regsvr32 schtasks net whoami python git teams outlook";
    let common = common.split_whitespace().map(|n| format!("{n}.exe"));
    common
        .chain((0..180).map(|n| format!("tool{n:02}.exe")))
        .collect()
}

fn columns(of: &[(&str, Ty)]) -> Vec<(String, Ty)> {
    of.iter().map(|(n, t)| ((*n).to_owned(), *t)).collect()
}

fn events(rows: usize) -> Stored {
    let columns = columns(&[
        ("Timestamp", Ty::DATETIME),
        ("DeviceId", Ty::STRING),
        ("DeviceName", Ty::STRING),
        ("ActionType", Ty::STRING),
        ("FileName", Ty::STRING),
        ("ProcessId", Ty::LONG),
        ("ProcessCommandLine", Ty::STRING),
        ("AccountName", Ty::STRING),
        ("InitiatingProcessFileName", Ty::STRING),
        ("AdditionalFields", Ty::DYNAMIC),
        ("ReportId", Ty::LONG),
    ]);
    let schema = Stored::chunk_schema(&columns);
    let (names, mut dice) = (names(), Dice(7));
    let devices = (rows / 400).max(50) as u64;
    let tags = [
        "[\"browser\",\"user\"]",
        "[\"admin\"]",
        "[\"script\",\"user\",\"elevated\"]",
        "[]",
    ];
    let mut chunks = Vec::new();
    let mut b = ChunkBuilder::new(schema.clone());
    for row in 0..rows {
        let (file, parent) = (&names[dice.early(200)], &names[dice.early(200)]);
        let (device, n, kind) = (dice.below(devices), dice.below(1_000_000), dice.below(100));
        let line = match file.as_str() {
            "powershell.exe" if kind < 3 => {
                format!("powershell.exe -nop -w hidden -enc SQBFAFgA{n:06}")
            }
            "powershell.exe" if kind < 60 => {
                format!("powershell.exe -File C:\\Scripts\\task{n}.ps1 -Verbose")
            }
            "powershell.exe" => format!("powershell -Command \"Get-Service s{n}\""),
            "cmd.exe" => format!(
                "cmd.exe /c \"net use \\\\srv{}\\share & dir C:\\Users\\u{n}\"",
                n % 97
            ),
            "rundll32.exe" => {
                format!("rundll32.exe C:\\Windows\\System32\\shell32.dll,Control_RunDLL {n}")
            }
            f => format!(
                "\"C:\\Program Files\\{}\\{f}\" --id={n} --mode={kind}",
                f.trim_end_matches(".exe")
            ),
        };
        b.int(0, Some(START + (row as i64) * (10 * DAY / rows as i64)));
        b.text(1, Some(&format!("{:040x}", device * 2_654_435_761)));
        b.text(2, Some(&format!("ws-{device:05}.corp.example")));
        b.text(
            3,
            Some(if kind < 95 {
                "ProcessCreated"
            } else {
                "OpenProcess"
            }),
        );
        b.text(4, Some(file));
        b.int(5, Some(n as i64));
        b.text(6, Some(&line));
        b.text(7, Some(&format!("user{}", device % 997)));
        b.text(8, Some(parent));
        let level = if kind < 10 { "High" } else { "Medium" };
        let tag = tags[(kind % 4) as usize];
        b.text(
            9,
            Some(&format!(
                "{{\"Integrity\":\"{level}\",\"Tags\":{tag},\"Score\":{kind}}}"
            )),
        );
        b.int(10, Some(row as i64));
        b.end_row();
        if b.rows() == 65_536 {
            chunks.push(Arc::new(
                std::mem::replace(&mut b, ChunkBuilder::new(schema.clone())).finish(),
            ));
        }
    }
    chunks.push(Arc::new(b.finish()));
    Stored { columns, chunks }
}

fn devices(rows: usize) -> Stored {
    let columns = columns(&[
        ("DeviceId", Ty::STRING),
        ("OSPlatform", Ty::STRING),
        ("PublicIP", Ty::STRING),
    ]);
    let mut b = ChunkBuilder::new(Stored::chunk_schema(&columns));
    for d in 0..(rows / 400).max(50) as u64 {
        b.text(0, Some(&format!("{:040x}", d * 2_654_435_761)));
        b.text(
            1,
            Some(["Windows11", "Windows10", "WindowsServer2022", "Linux"][(d % 4) as usize]),
        );
        b.text(2, Some(&format!("203.0.113.{}", d % 254)));
        b.end_row();
    }
    let chunks = vec![Arc::new(b.finish())];
    Stored { columns, chunks }
}

/// Medians in milliseconds, and how many rows each hunt gives.
fn measure(rows: usize) -> Vec<(f64, usize)> {
    let mut catalog = Catalog::new();
    catalog.add("DeviceProcessEvents", events(rows));
    catalog.add("DeviceInfo", devices(rows));
    let world = World::new(Arc::new(catalog.schema(&Schema::builtin(Which::Unified))));
    let options = Options {
        threads: 2,
        ..Options::default()
    };
    let one = |q: &str| {
        let start = Instant::now();
        let found = run(q, &world, &catalog, &options);
        let took = start.elapsed().as_secs_f64() * 1e3;
        match found {
            Ok(a) => (took, a.rows()),
            Err(e) => {
                eprintln!("{q}: {e}");
                (f64::NAN, 0)
            }
        }
    };
    HUNTS
        .iter()
        .map(|(_, q)| {
            let mut times: Vec<f64> = (0..=RUNS).map(|_| one(q).0).skip(1).collect();
            times.sort_by(f64::total_cmp);
            (times[RUNS / 2], one(q).1)
        })
        .collect()
}

/// What the process held at most, where the system says so.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok()
}

fn main() {
    let mut sizes: Vec<usize> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![100_000, 1_000_000];
    }
    let all: Vec<Vec<(f64, usize)>> = sizes.iter().map(|n| measure(*n)).collect();
    print!("{:24}", "rows");
    sizes.iter().for_each(|n| print!("{n:>12}"));
    println!("{:>10}{:>10}", "growth", "rows out");
    for (i, (name, _)) in HUNTS.iter().enumerate() {
        print!("{name:24}");
        let times: Vec<f64> = all.iter().map(|m| m[i].0).collect();
        times.iter().for_each(|t| print!("{t:>9.2} ms"));
        let growth = times.last().zip(times.first()).map_or(1.0, |(b, a)| b / a);
        let out = all.last().map_or(0, |m| m[i].1);
        println!("{growth:>9.1}x{out:>10}");
    }
    if let Some(kb) = peak() {
        println!("held at most {} MB", kb / 1024);
    }
}
