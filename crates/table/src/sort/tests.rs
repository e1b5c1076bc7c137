use proptest::prelude::*;

use super::*;
use crate::arbitrary::{self, table};

proptest! {
    #![proptest_config(crate::arbitrary::cases(100))]

    #[test]
    fn sorting_is_stable_and_agrees_with_comparing(
        rows in arbitrary::rows(60),
        cuts in prop::collection::vec(1usize..40, 1..4),
        keys in prop::collection::vec((0usize..10, any::<bool>()), 0..3),
        shuffle in any::<u64>(),
    ) {
        let table = table(&rows, &cuts);
        let keys: Vec<SortKey> = keys.into_iter().map(|(col, descending)| SortKey::new(col, descending)).collect();
        let mut before: Vec<u32> = table.all().rows().to_vec();
        before.sort_by_key(|row| (u64::from(*row) + 1).wrapping_mul(shuffle | 1));
        assert_sorted(&table, before, &keys);
    }

    #[test]
    fn text_order_is_folded_then_exact(texts in prop::collection::vec(arbitrary::text(), 0..60), descending in any::<bool>()) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut expected: Vec<u32> = (0..texts.len() as u32).collect();
        expected.sort_by(|a, b| {
            let (a, b) = (texts[*a as usize], texts[*b as usize]);
            let order = fold(a).cmp(&fold(b)).then(a.cmp(b));
            if descending { order.reverse() } else { order }
        });
        prop_assert_eq!(text::order(&texts, descending, &Cancel::new()).unwrap(), expected);
    }
}

#[test]
fn nulls_come_last_both_ways() {
    let mut rows = vec![vec![crate::Value::Null; 9]; 3];
    rows[0][4] = 1.into();
    rows[2][4] = 2.into();
    let table = table(&rows, &[3]);
    let by = |descending| {
        sort(
            &table,
            &table.all(),
            &[SortKey::new(4, descending)],
            &Cancel::new(),
        )
        .unwrap()
    };
    assert_eq!(by(false).rows(), [0, 2, 1]);
    assert_eq!(by(true).rows(), [2, 0, 1]);
}

#[test]
fn a_cancelled_sort_has_no_answer() {
    let cancel = Cancel::new();
    cancel.cancel();
    let table = table(&[vec!["a".into(); 9]], &[1]);
    assert_eq!(
        sort(&table, &table.all(), &[SortKey::new(0, false)], &cancel),
        None
    );
    assert_eq!(sort(&table, &table.all(), &[], &cancel), None);
}

#[test]
fn words_of_an_ordered_set_stand_by_their_order_and_unknown_ones_behind() {
    const LEVELS: &[(&str, &str)] = &[("low", "low"), ("medium", "med"), ("high", "high")];
    let mut rows = vec![vec![crate::Value::Null; 9]; 7];
    for (row, word) in ["High", "paused", "low", "medium", "MED", "brandNew"]
        .iter()
        .enumerate()
    {
        rows[row][1] = (*word).into();
    }
    let table = table(&rows, &[4, 7]);
    let by = |descending| {
        let key = SortKey::new(1, descending).ranked(LEVELS);
        sort(&table, &table.all(), &[key], &Cancel::new()).unwrap()
    };
    assert_eq!(by(false).rows(), [2, 3, 4, 0, 5, 1, 6]);
    assert_eq!(by(true).rows(), [1, 5, 0, 3, 4, 2, 6]);
}

fn assert_sorted(table: &Table, before: Vec<u32>, keys: &[SortKey]) {
    let mut expected = before.clone();
    expected.sort_by(|a, b| {
        keys.iter().fold(Ordering::Equal, |done, key| {
            done.then_with(|| {
                compare(
                    table.cell(*a, key.col),
                    table.cell(*b, key.col),
                    key.descending,
                )
            })
        })
    });
    let sorted = sort(table, &before.into(), keys, &Cancel::new()).unwrap();
    assert_eq!(sorted.rows(), expected);
}

#[test]
fn dictionaries_of_several_chunks_are_one_order() {
    let (_, table) = arbitrary::dictionaries();
    for descending in [false, true] {
        assert_sorted(
            &table,
            (0..180).rev().collect(),
            &[SortKey::new(2, descending)],
        );
    }
}

#[test]
fn ranked_words_of_dictionaries_stand_as_packed_ones_do() {
    const LEVELS: &[(&str, &str)] = &[("low", "l"), ("medium", "med"), ("high", "hi")];
    let (rows, table) = arbitrary::dictionaries();
    for descending in [false, true] {
        let key = SortKey::new(2, descending).ranked(LEVELS);
        let before: Selection = (0..180).rev().collect();
        let mut expected: Vec<u32> = before.rows().to_vec();
        expected.sort_by_key(|row| {
            let rank = match &rows[*row as usize][2] {
                crate::Value::Text(text) => match text.txt().exact().to_lowercase().as_str() {
                    "low" => 1,
                    "medium" => 2,
                    "high" => 3,
                    _ => 4,
                },
                _ => return 9,
            };
            if descending { -rank } else { rank }
        });
        let sorted = sort(&table, &before, &[key], &Cancel::new()).unwrap();
        assert_eq!(sorted.rows(), expected);
        let few: Vec<u32> = before.iter().filter(|row| row % 20 == 0).collect();
        let sorted = sort(&table, &few.clone().into(), &[key], &Cancel::new()).unwrap();
        let expected: Vec<u32> = expected
            .into_iter()
            .filter(|row| few.contains(row))
            .collect();
        assert_eq!(sorted.rows(), expected, "more distinct values than rows");
    }
}
