//! The history as a table, so that the filter language of results finds runs:
//! `table:DeviceEvents rows>0 failed age<7d "word"`.

use crate::model::Ticks;
use crate::model::saved::Ran;
use crate::resource::filter::open;
use std::sync::Arc;
use table::{Cancel, ChunkBuilder, Schema, Table, Type};

/// The columns that a filter can name, with what they are.
pub const COLUMNS: &[(&str, Type, &str)] = &[
    ("age", Type::Time, "when it was run"),
    ("table", Type::List, "tables it names"),
    ("rows", Type::Long, "rows that came"),
    ("state", Type::Text, "done, partial, failed"),
    ("took", Type::Timespan, "how long it took"),
    ("engine", Type::Text, "where it was sent"),
    ("text", Type::Text, "the query"),
    ("error", Type::Text, "why it failed"),
];

/// What became of a run, in one word.
pub fn state(ran: &Ran) -> &'static str {
    match (ran.rows, ran.partial) {
        (None, _) => "failed",
        (_, true) => "partial",
        (_, false) => "done",
    }
}

/// Places of the runs that a filter finds, the newest first, and what of it could not be read.
pub fn find(table: &Table, words: &str, now: Ticks) -> (Vec<usize>, Option<String>) {
    if words.trim().is_empty() {
        return ((0..table.rows() as usize).rev().collect(), None);
    }
    let filter = open::read(&with_states(words), table.schema(), now);
    let problem = filter.problems.iter().find(|p| !p.unfinished);
    let problem = problem.map(|p| p.sentence.clone());
    let found = table::filter(table, &table.all(), &filter.predicate, &Cancel::default());
    let rows = found.map(|f| f.rows.rows().to_vec()).unwrap_or_default();
    (
        rows.into_iter().rev().map(|r| r as usize).collect(),
        problem,
    )
}

/// A state alone is a term: `failed` means `state:failed`. In quotes it is a word to look for.
fn with_states(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 16);
    let mut quoted = false;
    for piece in words.split_inclusive(' ') {
        let word = piece.trim_end();
        let (not, bare) = match word.strip_prefix(['!', '-']) {
            Some(bare) => (&word[..1], bare),
            None => ("", word),
        };
        if !quoted && ["failed", "partial", "done"].contains(&bare) {
            out.push_str(&format!("{not}state:{bare} "));
        } else {
            out.push_str(piece);
        }
        if piece.matches('"').count() % 2 == 1 {
            quoted = !quoted;
        }
    }
    out
}

/// The history as a table, the oldest run first.
pub fn table_of(runs: &[Ran]) -> Table {
    let schema = Arc::new(Schema::new(COLUMNS.iter().map(|(n, t, _)| (*n, *t))));
    let mut build = ChunkBuilder::new(schema.clone());
    for ran in runs {
        build.time(0, Some(ran.at.0));
        build.list(1, ran.tables.iter().map(String::as_str));
        build.int(2, ran.rows.and_then(|n| i64::try_from(n).ok()));
        build.text(3, Some(state(ran)));
        build.int(
            4,
            i64::try_from(ran.ms)
                .ok()
                .map(|ms| ms.saturating_mul(10_000)),
        );
        build.text(5, Some(&ran.engine));
        build.text(6, Some(&ran.text));
        build.text(7, ran.error.as_deref());
        build.end_row();
    }
    let mut table = Table::new(schema);
    table.append(Arc::new(build.finish()));
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::{DAY, HOUR};

    fn runs() -> (Vec<Ran>, Ticks) {
        let now = Ticks::parse("2026-08-10T12:00:00Z").unwrap();
        let ran = |ago: i64, text: &str, table: &str, rows: Option<u64>, error: Option<&str>| Ran {
            at: Ticks(now.0 - ago),
            text: text.into(),
            engine: "Defender".into(),
            ms: 1500,
            rows,
            partial: rows == Some(100_000),
            error: error.map(Into::into),
            tables: vec![table.into()],
        };
        let runs = vec![
            ran(
                9 * DAY,
                "DeviceEvents | where x == 'a b'",
                "DeviceEvents",
                Some(5),
                None,
            ),
            ran(
                2 * DAY,
                "EmailEvents",
                "EmailEvents",
                None,
                Some("quota: slow down"),
            ),
            ran(
                DAY,
                "DeviceEvents | where ActionType has 'failed'",
                "DeviceEvents",
                Some(0),
                None,
            ),
            ran(HOUR, "DeviceEvents", "DeviceEvents", Some(100_000), None),
        ];
        (runs, now)
    }

    #[test]
    fn runs_are_found_by_table_rows_state_age_and_words() {
        let (runs, now) = runs();
        for (words, found) in [
            ("", &[3usize, 2, 1, 0][..]),
            ("table:DeviceEvents", &[3, 2, 0]),
            ("rows>0", &[3, 0]),
            ("failed", &[1]),
            ("\"failed\"", &[2, 1]),
            ("!failed age<7d", &[3, 2]),
            ("table:DeviceEvents rows>0 age<7d", &[3]),
            ("partial", &[3]),
            ("\"a b\"", &[0]),
            ("quota", &[1]),
            ("took>1s engine:defender rows:none", &[1]),
        ] {
            assert_eq!(
                find(&table_of(&runs), words, now),
                (found.to_vec(), None),
                "{words}"
            );
        }
        let (all, problem) = find(&table_of(&runs), "tabel:x y", now);
        assert!(problem.unwrap().contains("table"), "{all:?}");
    }
}
