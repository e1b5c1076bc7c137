use proptest::prelude::*;

use super::*;
use crate::arbitrary::{self, chunk, is_same};
use crate::{Bits, ChunkBuilder, Type, Value};

fn assert_rows(chunk: &Chunk, rows: &[Vec<Value>]) {
    assert_eq!(chunk.rows(), rows.len());
    for (at, row) in rows.iter().enumerate() {
        for (col, value) in row.iter().enumerate() {
            assert!(
                is_same(chunk.cell(at, col), value),
                "row {at} column {col}: {:?} is not {value:?}",
                chunk.cell(at, col)
            );
        }
    }
}

proptest! {
    #![proptest_config(crate::arbitrary::cases(48))]

    #[test]
    fn what_goes_in_comes_out(rows in arbitrary::rows(40)) {
        assert_rows(&chunk(&rows), &rows);
    }

    #[test]
    fn taken_rows_are_the_rows(rows in arbitrary::rows(20), picks in prop::collection::vec(0u32..25, 0..30)) {
        let nulls = vec![Value::Null; arbitrary::schema().len()];
        let expected: Vec<_> = picks.iter().map(|p| rows.get(*p as usize).unwrap_or(&nulls).clone()).collect();
        assert_rows(&chunk(&rows).take(&picks), &expected);
    }

    #[test]
    fn joined_chunks_hold_all_rows(parts in prop::collection::vec(arbitrary::rows(12), 1..5)) {
        let chunks: Vec<_> = parts.iter().map(|rows| chunk(rows)).collect();
        let joined = Chunk::concat(&chunks.iter().collect::<Vec<_>>()).unwrap();
        assert_rows(&joined, &parts.concat());
    }
}

fn texts(values: impl IntoIterator<Item = String>) -> Chunk {
    let schema = Arc::new(Schema::new([("t", Type::Text)]));
    let mut build = ChunkBuilder::new(schema);
    for value in values {
        build.text(0, Some(&value));
        build.end_row();
    }
    build.finish()
}

#[test]
fn few_values_become_codes_and_many_are_packed() {
    let is_dict = |chunk: &Chunk| matches!(chunk.column(0), Some(Column::Dict(_)));
    assert!(is_dict(&texts((0..1000).map(|n| (n % 250).to_string()))));
    assert!(!is_dict(&texts((0..1000).map(|n| (n % 251).to_string()))));
    // more values than codes, though each occurs five times
    let many = texts((0..330_000).map(|n| (n % 66_000).to_string()));
    assert!(!is_dict(&many));
    assert_eq!(
        many.cell(329_999, 0).text().map(|t| t.exact().to_owned()),
        Some("65999".to_owned())
    );
    let most = texts((0..262_144).map(|n| (n / 4).to_string()));
    assert!(is_dict(&most));
    assert_eq!(
        most.cell(262_143, 0).text().map(|t| t.exact().to_owned()),
        Some("65535".to_owned())
    );
}

#[test]
fn columns_that_turn_to_packed_keep_their_rows() {
    let values: Vec<String> = (0..40_000)
        .map(|n| {
            if n % 3 == 0 {
                "again".into()
            } else {
                n.to_string()
            }
        })
        .collect();
    let chunk = texts(values.clone());
    for (at, value) in values.iter().enumerate() {
        assert_eq!(chunk.column(0).unwrap().text(at), Some(value.as_str()));
    }
}

#[test]
fn a_chunk_of_an_older_shape_is_fitted_by_names() {
    let old = Arc::new(Schema::new([
        ("count", Type::Int),
        ("title", Type::Text),
        ("gone", Type::Bool),
        ("seen", Type::Text),
    ]));
    let mut build = ChunkBuilder::new(old);
    build.int(0, Some(7));
    build.text(1, Some("x"));
    build.bool(2, Some(true));
    build.text(3, Some("yesterday"));
    build.end_row();
    let chunk = build.finish().conform(&arbitrary::schema());
    let col = |name: &str| arbitrary::schema().col(name).unwrap();
    assert_eq!(chunk.cell(0, col("count")).int(), Some(7));
    assert_eq!(
        chunk.cell(0, col("title")).text().map(|t| t.exact()),
        Some("x")
    );
    assert!(
        chunk.cell(0, col("seen")).is_null(),
        "a column whose storage differs is null, not misread"
    );
    assert!(chunk.cell(0, col("tags")).is_null());
}

#[test]
fn a_row_that_was_not_ended_leaves_no_trace() {
    let mut build = ChunkBuilder::new(arbitrary::schema());
    for _ in 0..2 {
        build.text(0, Some("a"));
        build.end_row();
    }
    build.text(1, Some("half"));
    build.list(3, ["half"]);
    build.int(4, Some(1));
    build.real(5, Some(1.0));
    build.bool(6, Some(true));
    let chunk = build.finish();
    assert_eq!(chunk.rows(), 2);
    assert!((1..9).all(|col| chunk.cell(1, col).is_null()));
    assert!(Chunk::from_bytes(&chunk.to_bytes()).is_ok());
}

#[test]
fn the_first_of_two_values_stays_and_a_wrong_type_is_null() {
    let mut build = ChunkBuilder::new(arbitrary::schema());
    build.text(0, Some("first"));
    build.text(0, Some("second"));
    build.int(1, Some(1));
    build.text(99, Some("no such column"));
    build.end_row();
    let chunk = build.finish();
    assert_eq!(chunk.cell(0, 0).text().map(|t| t.exact()), Some("first"));
    assert!(chunk.cell(0, 1).is_null());
    assert!(chunk.cell(0, 99).is_null() && chunk.cell(99, 0).is_null());
}

#[test]
fn finished_columns_are_checked() {
    use crate::{Codes, Strings};
    let mut values = Strings::default();
    assert!(values.push("a") && values.push("b"));
    let codes = |codes: &[u8]| Column::of_codes(Codes::U8(codes.to_vec()), values.clone(), None);
    assert!(codes(&[0, 1]).is_some() && codes(&[0, 2]).is_none());
    assert!(Column::of_ints(vec![1, 2], Some(Bits::filled(3, true))).is_none());
    assert!(Column::of_lists(vec![0, 2], vec![0, 1], values.clone(), None).is_some());
    for (offsets, codes) in [
        (vec![], vec![]),
        (vec![0, 1], vec![0, 1]),
        (vec![0, 2, 1], vec![0]),
        (vec![0, 1], vec![2]),
    ] {
        assert!(Column::of_lists(offsets, codes, values.clone(), None).is_none());
    }
    let schema = Arc::new(Schema::new([("n", Type::Int), ("t", Type::Text)]));
    let ints = |n: usize| Column::of_ints(vec![7; n], Some(Bits::filled(n, true))).unwrap();
    assert!(
        ints(2).validity().is_none(),
        "no bitmap where there is no null"
    );
    assert!(Chunk::new(schema.clone(), 2, vec![ints(2), codes(&[0, 1]).unwrap()]).is_some());
    assert!(Chunk::new(schema.clone(), 2, vec![ints(2), ints(2)]).is_none());
    assert!(Chunk::new(schema.clone(), 2, vec![ints(2)]).is_none());
    assert!(Chunk::new(schema, 2, vec![ints(3), codes(&[0, 1]).unwrap()]).is_none());
}

#[test]
fn offsets_of_text_are_checked() {
    use crate::Strings;
    let parts = |bytes: &str, offsets: &[u32]| Strings::from_parts(bytes.into(), offsets.to_vec());
    assert_eq!(
        parts("añb", &[0, 1, 3, 4]).map(|s| s.iter().map(str::to_owned).collect()),
        Some(vec!["a".to_owned(), "ñ".into(), "b".into()])
    );
    for offsets in [
        &[][..],
        &[1, 4],
        &[0, 3],
        &[0, 2, 4],
        &[0, 3, 1, 4],
        &[0, 9, 4],
    ] {
        assert!(parts("añb", offsets).is_none(), "{offsets:?}");
    }
}

proptest! {
    #![proptest_config(crate::arbitrary::cases(32))]

    #[test]
    fn dropped_rows_leave_no_trace(rows in arbitrary::rows(30), drops in prop::collection::vec((any::<prop::sample::Index>(), arbitrary::row()), 0..10)) {
        let mut build = ChunkBuilder::new(arbitrary::schema());
        for (at, row) in rows.iter().enumerate() {
            for (_, dropped) in drops.iter().filter(|(index, _)| index.index(rows.len()) == at) {
                for (col, value) in dropped.iter().enumerate() {
                    build.value(col, value);
                }
                build.drop_row();
            }
            for (col, value) in row.iter().enumerate() {
                build.value(col, value);
            }
            build.end_row();
        }
        assert_rows(&build.finish(), &rows);
    }
}

#[test]
fn dictionaries_are_carried_over_by_code() {
    let (rows, table) = arbitrary::dictionaries();
    let parts: Vec<&Chunk> = table.chunks().iter().map(|c| &**c).collect();
    let joined = Chunk::concat(&parts).unwrap();
    assert!(matches!(joined.column(2), Some(Column::Dict(_))));
    assert_rows(&joined, &rows);
    let picks: Vec<u32> = (0..180)
        .rev()
        .filter(|row| row % 4 > 0)
        .chain([500])
        .collect();
    let mut expected: Vec<_> = picks
        .iter()
        .filter_map(|p| rows.get(*p as usize).cloned())
        .collect();
    expected.push(vec![Value::Null; 9]);
    let taken = joined.take(&picks);
    assert_rows(&taken, &expected);
    // a value that no row names any more is gone
    let high: Vec<u32> = (0..180)
        .filter(|row| rows[*row as usize][2] == Value::from("High"))
        .collect();
    match joined.take(&high).column(2) {
        Some(Column::Dict(c)) => assert_eq!(c.values().iter().collect::<Vec<_>>(), ["High"]),
        other => panic!("{other:?}"),
    }
    // and what repeats no more is packed
    assert!(matches!(
        joined.take(&[0, 1, 2]).column(2),
        Some(Column::Packed(_))
    ));
}

#[test]
fn long_packed_columns_are_copied_whole() {
    let chunk = texts((0..20_000).map(|n| format!("row {n}")));
    let rows: Vec<u32> = (0..20_000).rev().chain([20_000]).collect();
    let taken = chunk.take(&rows);
    for (at, row) in rows.iter().enumerate() {
        let expected = (*row < 20_000).then(|| format!("row {row}"));
        assert_eq!(taken.column(0).unwrap().text(at), expected.as_deref());
    }
    let joined = Chunk::concat(&[&chunk, &chunk]).unwrap();
    assert_eq!(joined.column(0).unwrap().text(39_999), Some("row 19999"));
    assert!(Chunk::from_bytes(&taken.to_bytes()).is_ok());
}
