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
        let table = table(&rows, &cuts);
        let mut expected: BTreeMap<Value, u32> = BTreeMap::new();
        for row in &rows {
            match &row[col] {
                Value::List(list) if !list.is_empty() => {
                    let mut list = list.clone();
                    list.sort();
                    list.dedup();
                    list.into_iter().for_each(|t| *expected.entry(Value::Text(t)).or_default() += 1);
                }
                Value::List(_) => *expected.entry(Value::Null).or_default() += 1,
                value => *expected.entry(value.clone()).or_default() += 1,
            }
        }
        let mut expected: Vec<_> = expected.into_iter().collect();
        expected.sort_by_key(|(_, count)| Reverse(*count));
        prop_assert_eq!(group(&table, &table.all(), col, &Cancel::new()).unwrap(), expected);
    }
}
