use proptest::prelude::*;

use super::*;
use crate::arbitrary::{self, chunk, is_same, table};

proptest! {
    #![proptest_config(crate::arbitrary::cases(48))]

    #[test]
    fn rows_keep_their_numbers_while_chunks_merge(
        rows in arbitrary::rows(60),
        cuts in prop::collection::vec(1usize..9, 1..5),
        picks in prop::collection::vec(0u32..70, 0..20),
    ) {
        let table = table(&rows, &cuts);
        prop_assert_eq!(table.rows() as usize, rows.len());
        for (at, row) in rows.iter().enumerate() {
            for (col, value) in row.iter().enumerate() {
                prop_assert!(is_same(table.cell(at as u32, col), value));
            }
        }
        let taken = table.take(&picks).unwrap();
        let there: Vec<_> = picks.iter().filter_map(|p| rows.get(*p as usize)).collect();
        prop_assert_eq!(taken.rows(), there.len());
        for (at, row) in there.iter().enumerate() {
            prop_assert!(row.iter().enumerate().all(|(col, value)| is_same(taken.cell(at, col), value)));
        }
    }
}

#[test]
fn pages_of_fifty_end_as_few_chunks() {
    let page: Vec<_> = (0..50)
        .map(|n| {
            let mut row = vec![crate::Value::Null; arbitrary::schema().len()];
            row[0] = format!("id{n}").as_str().into();
            row
        })
        .collect();
    let page = Arc::new(chunk(&page));
    let mut table = Table::new(arbitrary::schema());
    for n in 0..2_000u32 {
        assert_eq!(table.append(page.clone()), n * 50..n * 50 + 50);
    }
    assert_eq!(table.rows(), 100_000);
    assert!(table.chunks().len() < 12, "{} chunks", table.chunks().len());
    assert_eq!(table.text(99_999, 0).map(|t| t.exact()), Some("id49"));
    assert_eq!(table.text(100_000, 0), None);
}

#[test]
fn a_snapshot_does_not_see_later_rows() {
    let rows = vec![vec![crate::Value::Int(1); 9]; 3];
    let mut table = table(&rows, &[3]);
    let before = table.clone();
    table.append(Arc::new(chunk(&rows)));
    table.set_pending(4, true);
    assert_eq!((before.rows(), table.rows()), (3, 6));
    assert!(!before.is_pending(4));
}
