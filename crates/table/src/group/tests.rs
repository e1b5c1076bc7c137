use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::arbitrary::{self, table};

proptest! {
    #![proptest_config(crate::arbitrary::cases(40))]

    #[test]
    fn counts_are_those_of_counting(
        rows in arbitrary::rows(60),
        cuts in prop::collection::vec(1usize..40, 1..4),
        col in 0usize..9,
    ) {
        assert_counts(&rows, &table(&rows, &cuts), col);
    }
}

fn assert_counts(rows: &[Vec<Value>], table: &Table, col: usize) {
    let mut expected: BTreeMap<Value, u32> = BTreeMap::new();
    for row in rows {
        match &row[col] {
            Value::List(list) if !list.is_empty() => {
                let mut list = list.clone();
                list.sort();
                list.dedup();
                list.into_iter()
                    .for_each(|t| *expected.entry(Value::Text(t)).or_default() += 1);
            }
            Value::List(_) => *expected.entry(Value::Null).or_default() += 1,
            value => *expected.entry(value.clone()).or_default() += 1,
        }
    }
    let mut expected: Vec<_> = expected.into_iter().collect();
    expected.sort_by_key(|(_, count)| Reverse(*count));
    assert_eq!(
        group(table, &table.all(), col, &Cancel::new()).unwrap(),
        expected
    );
}

#[test]
fn dictionaries_of_several_chunks_are_one_count() {
    let (rows, table) = arbitrary::dictionaries();
    assert_counts(&rows, &table, 2);
}
