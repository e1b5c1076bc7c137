//! Loading files: 100,000 rows as a hunt exports them. `cargo bench -p watchfloor-kql --bench load --profile fast`.

use divan::Bencher;
use kql::schema::{Schema, Which};
use std::fmt::Write as _;
use std::path::PathBuf;

const ROWS: usize = 100_000;

fn main() {
    divan::main();
}

fn csv() -> String {
    let mut text = String::from(
        "Timestamp,DeviceId,DeviceName,FileName,ProcessId,ProcessCommandLine,AdditionalFields,ReportId\n",
    );
    for n in 0..ROWS {
        let (device, file, second) = (n % 2500, n % 200, n % 60);
        let _ = writeln!(
            text,
            "2026-01-02T03:{:02}:{second:02}.123456Z,{device:040x},ws-{device:05}.corp.example,tool{file}.exe,{n},\
             \"\"\"C:\\Program Files\\tool{file}.exe\"\" --id={n}\",\"{{\"\"Integrity\"\":\"\"High\"\",\"\"Score\"\":{second}}}\",{n}",
            n / 60 % 60
        );
    }
    text
}

fn json() -> String {
    let mut text = String::new();
    for n in 0..ROWS {
        let (device, file, second) = (n % 2500, n % 200, n % 60);
        let _ = write!(
            text,
            "{{\"category\":\"AdvancedHunting-DeviceProcessEvents\",\"properties\":{{\"Timestamp\":\"2026-01-02T03:{:02}:{second:02}.123456Z\",\
             \"DeviceId\":\"{device:040x}\",\"FileName\":\"tool{file}.exe\",\"ProcessId\":{n},\"ProcessCommandLine\":\"tool{file}.exe --id={n}\",\
             \"MD5\":null,\"ReportId\":{n}}}}}\r\n",
            n / 60 % 60
        );
    }
    text
}

fn file(dir: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = dir.path().join(name);
    if let Err(e) = std::fs::write(&path, text) {
        eprintln!("{e}");
    }
    path
}

fn load(bencher: Bencher, name: &str, text: &str, table: &str, threads: usize) {
    let Ok(dir) = tempfile::tempdir() else { return };
    let files = [file(&dir, name, text)];
    let schema = Schema::builtin(Which::Unified);
    let known = schema.table(table).map(|t| &**t);
    bencher
        .counter(divan::counter::ItemsCount::new(ROWS))
        .bench(|| {
            let loaded = kql::load::table(table, &files, known, threads);
            assert_eq!(loaded.table.rows() as usize, ROWS);
            loaded
        });
}

#[divan::bench(args = [1, 2], sample_count = 10)]
fn csv_known(bencher: Bencher, threads: usize) {
    load(bencher, "a.csv", &csv(), "DeviceProcessEvents", threads);
}

#[divan::bench(args = [1, 2], sample_count = 10)]
fn csv_types_found_out(bencher: Bencher, threads: usize) {
    load(bencher, "a.csv", &csv(), "Mine", threads);
}

#[divan::bench(args = [1, 2], sample_count = 10)]
fn envelopes(bencher: Bencher, threads: usize) {
    load(bencher, "a.json", &json(), "DeviceProcessEvents", threads);
}
