//! Figures for the kernels over generated rows, shaped like incidents and users.
//!
//! `cargo bench -p watchfloor-table`; with `--profile fast` the build takes seconds.

use std::sync::{Arc, LazyLock};

use divan::{Bencher, black_box};
use table::{
    Cancel, Chunk, ChunkBuilder, Keyed, Pattern, Predicate, Schema, Selection, SortKey, Table,
    Test, Txt, Type, filter, group, sort,
};

fn main() {
    println!(
        "100,000 incidents x 14 columns: {:.1} MB",
        INCIDENTS.heap_bytes() as f64 / 1e6
    );
    divan::main();
}

const ROWS: u32 = 100_000;
const TITLE: usize = 1;
const OWNER: usize = 4;

static INCIDENTS: LazyLock<Table> = LazyLock::new(|| table(incidents(ROWS)));
static USERS: LazyLock<Table> = LazyLock::new(|| table(users(200_000)));

/// A repeatable stream of numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len() as u64) as usize]
    }
}

const WHAT: [&str; 8] = [
    "Multi-stage incident involving Initial access & Lateral movement",
    "Suspicious inbox rule",
    "Credential dumping tool observed",
    "Unusual sign-in activity",
    "Email messages containing malicious URL removed after delivery",
    "Ransomware behavior detected in the file system",
    "Impossible travel activity",
    "Possible hands-on-keyboard attack",
];
const GIVEN: [&str; 10] = [
    "ana", "raj", "joão", "wei", "marta", "kofi", "lena", "omar", "yuki", "tom",
];

fn incidents(rows: u32) -> Chunk {
    let schema = Schema::new([
        ("id", Type::Text),
        ("title", Type::Text),
        ("severity", Type::Text),
        ("status", Type::Text),
        ("owner", Type::Text),
        ("classification", Type::Text),
        ("determination", Type::Text),
        ("tags", Type::List),
        ("sources", Type::List),
        ("techniques", Type::List),
        ("alerts", Type::Int),
        ("created", Type::Time),
        ("updated", Type::Time),
        ("redirected", Type::Bool),
    ]);
    let mut build = ChunkBuilder::new(Arc::new(schema));
    let mut dice = Dice(42);
    for n in 0..rows {
        let owner = format!("{}@contoso.example", dice.pick(&GIVEN));
        let title = format!(
            "{} on wks-{:04} by user{}",
            dice.pick(&WHAT),
            dice.roll(9_000),
            dice.roll(30_000)
        );
        build.text(0, Some(&(n + 4_711).to_string()));
        build.text(1, Some(&title));
        build.text(
            2,
            Some(dice.pick(&["high", "medium", "low", "informational"])),
        );
        build.text(3, Some(dice.pick(&["active", "inProgress", "resolved"])));
        build.text(4, (dice.roll(3) > 0).then_some(&*owner));
        build.text(
            5,
            (dice.roll(2) > 0).then(|| dice.pick(&["truePositive", "falsePositive", "unknown"])),
        );
        build.text(
            6,
            (dice.roll(2) > 0).then(|| dice.pick(&["malware", "phishing", "other"])),
        );
        build.list(
            7,
            (0..dice.roll(3)).map(|n| ["vip", "test", "tier0"][n as usize]),
        );
        build.list(8, ["mde", "mdo"].into_iter().take(dice.roll(3) as usize));
        build.list(
            9,
            ["T1566.002", "T1059.001", "T1003"]
                .into_iter()
                .take(dice.roll(4) as usize),
        );
        build.int(10, Some(dice.roll(40) as i64));
        build.time(11, Some(17_000_000_000_000_000 + dice.roll(1 << 40) as i64));
        build.time(12, Some(17_000_000_000_000_000 + dice.roll(1 << 40) as i64));
        build.bool(13, Some(dice.roll(50) == 0));
        build.end_row();
    }
    build.finish()
}

fn users(rows: u32) -> Chunk {
    let schema = Schema::new([
        ("id", Type::Text),
        ("upn", Type::Text),
        ("name", Type::Text),
        ("department", Type::Text),
        ("title", Type::Text),
        ("enabled", Type::Bool),
    ]);
    let mut build = ChunkBuilder::new(Arc::new(schema));
    let mut dice = Dice(7);
    for n in 0..rows {
        let given = dice.pick(&GIVEN);
        build.text(
            0,
            Some(&format!(
                "{:08x}-{:04x}-4000-8000-{:012x}",
                dice.roll(1 << 32),
                n & 0xFFFF,
                dice.roll(1 << 48)
            )),
        );
        build.text(1, Some(&format!("{given}.{n}@contoso.example")));
        build.text(2, Some(&format!("{given} O'Brien {n}")));
        build.text(
            3,
            Some(dice.pick(&["Finance", "Sales", "Engineering", "Legal", "Operations"])),
        );
        build.text(
            4,
            Some(dice.pick(&["Analyst", "Director", "Engineer", "Assistant"])),
        );
        build.bool(5, Some(dice.roll(20) > 0));
        build.end_row();
    }
    build.finish()
}

/// In chunks as they come after merging.
fn table(chunk: Chunk) -> Table {
    let mut table = Table::new(chunk.schema().clone());
    let rows: Vec<u32> = (0..chunk.rows() as u32).collect();
    for part in rows.chunks(65_536) {
        table.append(Arc::new(chunk.take(part)));
    }
    table
}

fn run(table: &Table, predicate: &Predicate) -> Selection {
    filter(table, &table.all(), predicate, &Cancel::new())
        .map(|f| f.rows)
        .unwrap_or_default()
}

#[divan::bench(args = ["e", "z", "ransom", "wks-0042", "zzz", "joã"])]
fn filter_incidents_any_text(bencher: Bencher, word: &str) {
    let predicate = Predicate::AnyText {
        cols: vec![0, 1, OWNER, 6],
        test: Pattern::contains(word),
    };
    bencher.bench(|| run(&INCIDENTS, black_box(&predicate)));
}

#[divan::bench]
fn filter_incidents_subsequence(bencher: Bencher) {
    let predicate = Predicate::AnyText {
        cols: vec![TITLE],
        test: Pattern::subsequence("mltlat"),
    };
    bencher.bench(|| run(&INCIDENTS, black_box(&predicate)));
}

#[divan::bench]
fn filter_incidents_by_codes_and_numbers(bencher: Bencher) {
    let text = |col, word: &str| Predicate::Test {
        col,
        test: Test::Text(Pattern::equals(word)),
    };
    let predicate = Predicate::And(vec![
        text(2, "high"),
        Predicate::Not(Box::new(text(7, "test"))),
        Predicate::Test {
            col: 11,
            test: Test::Int(table::Cmp::Gt, 17_000_500_000_000_000),
        },
    ]);
    bencher.bench(|| run(&INCIDENTS, black_box(&predicate)));
}

#[divan::bench(args = ["a", "q", "brien 77"])]
fn filter_200k_users(bencher: Bencher, word: &str) {
    let predicate = Predicate::AnyText {
        cols: vec![1, 2, 3, 4],
        test: Pattern::contains(word),
    };
    bencher.bench(|| run(&USERS, black_box(&predicate)));
}

fn sorted(table: &Table, col: usize) -> Option<Selection> {
    sort(
        table,
        &table.all(),
        &[SortKey::new(col, false)],
        &Cancel::new(),
    )
}

#[divan::bench]
fn sort_by_packed_text() -> Option<Selection> {
    sorted(black_box(&INCIDENTS), TITLE)
}

#[divan::bench]
fn sort_by_dictionary() -> Option<Selection> {
    sorted(black_box(&INCIDENTS), OWNER)
}

#[divan::bench]
fn sort_by_time() -> Option<Selection> {
    sorted(black_box(&INCIDENTS), 11)
}

#[divan::bench]
fn group_by_list() -> usize {
    group(&INCIDENTS, &INCIDENTS.all(), 9, &Cancel::new()).map_or(0, |g| g.len())
}

#[divan::bench]
fn store(bencher: Bencher) {
    let chunk = incidents(ROWS);
    bencher.bench(|| black_box(&chunk).to_bytes());
}

#[divan::bench]
fn load(bencher: Bencher) {
    let bytes = incidents(ROWS).to_bytes();
    bencher.bench(|| Chunk::from_bytes(black_box(&bytes)));
}

#[divan::bench(sample_count = 5)]
fn build() -> Chunk {
    incidents(ROWS)
}

/// 2,000 pages of fifty, as they come from the service.
#[divan::bench(sample_count = 3)]
fn fill_keyed_by_pages(bencher: Bencher) {
    let all = incidents(ROWS);
    let rows: Vec<u32> = (0..ROWS).collect();
    let pages: Vec<Arc<Chunk>> = rows
        .chunks(50)
        .map(|page| Arc::new(all.take(page)))
        .collect();
    bencher.bench(|| {
        let mut keyed = Keyed::new(all.schema().clone());
        for page in &pages {
            keyed.upsert(page.clone());
        }
        keyed.len()
    });
}

/// A page of fifty with ten changed rows, while a job holds a snapshot.
#[divan::bench]
fn upsert_a_page_under_a_snapshot(bencher: Bencher) {
    let all = incidents(ROWS);
    let mut keyed = Keyed::new(all.schema().clone());
    keyed.upsert(Arc::new(all.clone()));
    let page = Arc::new(incidents(50));
    bencher
        .with_inputs(|| (keyed.clone(), keyed.clone()))
        .bench_values(|(mut keyed, snapshot)| {
            keyed.upsert(page.clone());
            (keyed, snapshot)
        });
}

#[divan::bench]
fn shown_fit_40_rows(bencher: Bencher) {
    let mut out = String::with_capacity(8_192);
    bencher.bench_local(|| {
        out.clear();
        (0..40)
            .map(|row| {
                INCIDENTS
                    .text(row, TITLE)
                    .map_or(0, |t| t.shown_fit(&mut out, 40))
            })
            .sum::<usize>()
    });
}

#[divan::bench]
fn shown_fit_of_hostile_text(bencher: Bencher) {
    let text = format!(
        "a{}\u{202E}{}",
        "\u{301}".repeat(100_000),
        "x\u{200B}".repeat(100_000)
    );
    let mut out = String::new();
    bencher.bench_local(|| {
        out.clear();
        Txt::new(&text).shown_fit(&mut out, 80)
    });
}

/// The dearest moments of an update: two halves merge, and a quarter of the rows is dead.
#[divan::bench]
fn merge_two_times_32k_rows(bencher: Bencher) {
    let all = incidents(65_000);
    let rows: Vec<u32> = (0..65_000).collect();
    let (a, b) = (all.take(&rows[..32_500]), all.take(&rows[32_500..]));
    bencher.bench(|| Chunk::concat(black_box(&[&a, &b])));
}

#[divan::bench]
fn compact_100k_rows(bencher: Bencher) {
    let all = incidents(ROWS);
    let mut keyed = Keyed::new(all.schema().clone());
    for part in (0..ROWS).collect::<Vec<_>>().chunks(50_000) {
        keyed.upsert(Arc::new(all.take(part)));
    }
    for key in (0..ROWS).step_by(5) {
        keyed.remove(&(key + 4_711).to_string());
    }
    bencher
        .with_inputs(|| keyed.clone())
        .bench_values(|mut keyed| {
            keyed.compact();
            keyed
        });
}
