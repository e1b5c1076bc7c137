use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::arbitrary::{self, chunk, is_same};

type Row = Vec<Value>;

#[derive(Clone, Debug)]
enum Step {
    Upsert(Vec<(u8, Row)>),
    Remove(u8),
    Set(Vec<(u8, usize, Value)>),
    Compact,
}

fn key(n: u8) -> String {
    format!("k{n}")
}

fn step() -> impl Strategy<Value = Step> {
    let count = prop_oneof![Just(Value::Null), (0i64..3).prop_map(Value::Int)];
    prop_oneof![
        4 => prop::collection::vec((0u8..12, arbitrary::row()), 0..8).prop_map(Step::Upsert),
        2 => (0u8..14).prop_map(Step::Remove),
        2 => prop::collection::vec((0u8..14, Just(4), count), 0..4).prop_map(Step::Set),
        1 => Just(Step::Compact),
    ]
}

fn with_key(n: u8, row: &Row) -> Row {
    let mut row = row.clone();
    row[0] = key(n).as_str().into();
    row
}

fn assert_model(keyed: &Keyed, model: &BTreeMap<String, Row>) {
    assert_eq!(keyed.len(), model.len());
    assert_eq!(keyed.live().len(), model.len());
    for (key, row) in model {
        let at = keyed.find(key).unwrap_or_else(|| panic!("{key} is lost"));
        assert!(keyed.is_live(at) && keyed.live().position_of(at).is_some());
        assert!(
            row.iter()
                .enumerate()
                .all(|(col, value)| is_same(keyed.cell(at, col), value))
        );
    }
}

proptest! {
    #![proptest_config(crate::arbitrary::cases(64))]

    #[test]
    fn it_behaves_like_a_map(steps in prop::collection::vec(step(), 0..12)) {
        let mut keyed = Keyed::new(arbitrary::schema());
        let mut model: BTreeMap<String, Row> = BTreeMap::new();
        for step in steps {
            let before = keyed.clone();
            let model_before = model.clone();
            match step {
                Step::Upsert(rows) => {
                    let rows: Vec<Row> = rows.iter().map(|(n, row)| with_key(*n, row)).collect();
                    let changes = keyed.upsert(Arc::new(chunk(&rows)));
                    for row in rows {
                        let Value::Text(key) = &row[0] else { unreachable!() };
                        model.insert(key.txt().exact().to_owned(), row);
                    }
                    prop_assert_eq!(changes.added.len(), model.len() - model_before.len());
                    let differ = model_before.iter().filter(|(key, row)| model[*key] != **row).count();
                    prop_assert_eq!(changes.updated.len(), differ);
                    for row in before.live().iter() {
                        let now = changes.follow(row).expect("an upsert removes nothing");
                        prop_assert_eq!(before.key(row), keyed.key(now));
                        prop_assert!(keyed.is_live(now));
                    }
                    let followed = changes.follow_selection(&before.live());
                    prop_assert_eq!(followed.len(), before.len());
                }
                Step::Remove(n) => {
                    prop_assert_eq!(keyed.remove(&key(n)).is_some(), model.remove(&key(n)).is_some());
                }
                Step::Set(edits) => {
                    let mut cells: BTreeMap<u32, Vec<(usize, Value)>> = BTreeMap::new();
                    for (n, col, value) in edits {
                        let Some(row) = keyed.find(&key(n)) else { continue };
                        cells.insert(row, vec![(col, value.clone())]);
                        model.get_mut(&key(n)).unwrap()[col] = value;
                    }
                    let changes = keyed.set_cells(cells);
                    prop_assert!(changes.added.is_empty());
                }
                Step::Compact => {
                    let remap = keyed.compact();
                    prop_assert_eq!(keyed.table().rows() as usize, keyed.len());
                    if let Some(remap) = remap {
                        for row in before.live().iter() {
                            prop_assert_eq!(before.key(row), keyed.key(remap.get(row).unwrap()));
                        }
                    }
                }
            }
            assert_model(&keyed, &model);
            // a job's snapshot is what it was
            assert_model(&before, &model_before);
        }
    }
}

fn page(keys: std::ops::Range<u32>, severity: &str) -> Arc<Chunk> {
    let mut build = ChunkBuilder::new(arbitrary::schema());
    for n in keys {
        build.text(0, Some(&n.to_string()));
        build.text(2, Some(severity));
        build.end_row();
    }
    Arc::new(build.finish())
}

#[test]
fn a_poll_without_news_stores_nothing() {
    let mut keyed = Keyed::new(arbitrary::schema());
    assert_eq!(keyed.upsert(page(0..100, "high")).added.len(), 100);
    let again = keyed.upsert(page(0..100, "high"));
    assert_eq!(
        (again.same, again.is_empty(), keyed.table().rows()),
        (100, true, 100)
    );
}

#[test]
fn a_quarter_dead_is_compacted_and_the_screen_can_follow() {
    let mut keyed = Keyed::new(arbitrary::schema());
    keyed.upsert(page(0..2_000, "high"));
    let screen: Selection = (0..2_000).rev().collect();
    let first = keyed.upsert(page(0..400, "low"));
    assert_eq!(first.remap, None);
    let screen = first.follow_selection(&screen);
    let second = keyed.upsert(page(400..1_000, "low"));
    assert!(second.remap.is_some());
    assert_eq!(keyed.table().rows(), 2_000);
    let screen = second.follow_selection(&screen);
    let keys: Vec<String> = screen
        .iter()
        .map(|row| keyed.key(row).exact().to_owned())
        .collect();
    assert_eq!(
        keys,
        (0..2_000)
            .rev()
            .map(|n: u32| n.to_string())
            .collect::<Vec<_>>()
    );
    assert!(screen.iter().all(|row| keyed.is_live(row)));
    let (old, new) = second.updated[0];
    assert_eq!(second.follow(old), Some(new));
    assert_eq!(
        keyed
            .find("999")
            .map(|row| keyed.cell(row, 2) == crate::Cell::Text("low".into())),
        Some(true)
    );
}

#[test]
fn a_complete_sweep_takes_out_what_is_gone() {
    let mut keyed = Keyed::new(arbitrary::schema());
    keyed.upsert(page(0..2_000, "high"));
    keyed.set_pending(4, true);
    let changes = keyed.retain(|key| key.exact().len() < 4);
    assert_eq!(keyed.len(), 1_000);
    assert!(changes.remap.is_some() && keyed.find("1500").is_none());
    assert!(
        keyed.table().is_pending(4),
        "compaction keeps what is pending"
    );
}

#[test]
fn of_one_key_twice_the_later_row_counts() {
    let mut rows = vec![vec![Value::Null; 9]; 3];
    for (at, row) in rows.iter_mut().enumerate() {
        row[0] = "same".into();
        row[4] = (at as i64).into();
    }
    let mut keyed = Keyed::new(arbitrary::schema());
    let changes = keyed.upsert(Arc::new(chunk(&rows)));
    assert_eq!(
        (changes.added.len(), keyed.len(), keyed.table().rows()),
        (1, 1, 1)
    );
    assert_eq!(keyed.cell(0, 4).int(), Some(2));
}
