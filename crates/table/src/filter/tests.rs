use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::arbitrary::{self, TEXT_COLS, table};
use crate::{ChunkBuilder, Match, Schema, Type};

fn cmp() -> impl Strategy<Value = Cmp> {
    prop::sample::select(vec![Cmp::Eq, Cmp::Ne, Cmp::Lt, Cmp::Le, Cmp::Gt, Cmp::Ge])
}

fn pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        arbitrary::text().prop_map(|w| Pattern::equals(&w)),
        "[abkiß漢]{0,2}".prop_map(|w| Pattern::starts_with(&w)),
        "[abkiß漢]{0,2}".prop_map(|w| Pattern::contains(&w)),
        "[higloé]{1,2}".prop_map(|w| Pattern::contains(&w)),
        "[abkiß漢]{0,3}".prop_map(|w| Pattern::subsequence(&w)),
        prop::collection::vec("[abc]{0,2}", 0..3)
            .prop_map(|w| Pattern::one_of(w.iter().map(String::as_str))),
        "[abc]{1,2}".prop_map(|w| Pattern::compile(Match::Regex, &format!("^{w}|.{w}$")).unwrap()),
    ]
}

fn predicate() -> impl Strategy<Value = Predicate> {
    let test = prop_oneof![
        pattern().prop_map(Test::Text),
        (cmp(), -3i64..3).prop_map(|(c, n)| Test::Int(c, n)),
        (cmp(), -2.0..2.0).prop_map(|(c, n)| Test::Real(c, n)),
        any::<bool>().prop_map(Test::Bool),
        Just(Test::Null),
    ];
    let leaf = prop_oneof![
        1 => Just(Predicate::All),
        1 => Just(Predicate::None),
        8 => (0usize..10, test).prop_map(|(col, test)| Predicate::Test { col, test }),
        4 => (prop::collection::vec(0usize..10, 0..4), pattern()).prop_map(|(cols, test)| Predicate::AnyText { cols, test }),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Predicate::And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Predicate::Or),
            inner.prop_map(|p| Predicate::Not(Box::new(p))),
        ]
    })
}

proptest! {
    #![proptest_config(crate::arbitrary::cases(150))]

    /// S2: whatever the storage, the blocks and the order of the rows, a filter keeps what each row's own
    /// truth says.
    #[test]
    fn a_filter_keeps_what_each_row_says(
        rows in arbitrary::rows(90),
        cuts in prop::collection::vec(1usize..30, 1..4),
        predicate in predicate(),
        pending in prop::collection::vec(0usize..9, 0..9),
        picks in prop::option::of(prop::collection::vec(0u32..45, 0..40)),
    ) {
        let mut table = table(&rows, &cuts);
        for col in pending {
            table.set_pending(col, true);
        }
        let picks: Selection = picks.map_or(table.all(), |p| p.into_iter().filter(|r| *r < table.rows()).collect());
        let truths: Vec<(u32, Truth)> = picks.iter().map(|row| (row, predicate.truth(&table, row))).collect();
        let kept: Selection = truths.iter().filter(|(_, t)| *t != Truth::No).map(|(row, _)| *row).collect();
        let maybe = truths.iter().filter(|(_, t)| *t == Truth::Maybe).count() as u32;
        let filtered = filter(&table, &picks, &predicate, &Cancel::new()).unwrap();
        prop_assert_eq!(filtered, Filtered { rows: kept, maybe });
    }

    #[test]
    fn not_turns_around_what_is_known_and_leaves_the_rest(
        rows in arbitrary::rows(20),
        predicate in predicate(),
        pending in 0usize..9,
    ) {
        let mut table = table(&rows, &[7]);
        table.set_pending(pending, true);
        let not = Predicate::Not(Box::new(predicate.clone()));
        for row in table.all().iter() {
            let (yes, no) = (predicate.truth(&table, row), not.truth(&table, row));
            prop_assert!(matches!((yes, no), (Truth::Yes, Truth::No) | (Truth::No, Truth::Yes) | (Truth::Maybe, Truth::Maybe)));
        }
    }
}

fn owners() -> Table {
    let mut build = ChunkBuilder::new(Arc::new(Schema::new([
        ("owner", Type::Text),
        ("src", Type::List),
    ])));
    for owner in [Some("ana"), None, Some("raj")] {
        build.text(0, owner);
        build.end_row();
    }
    let mut table = Table::new(build.schema().clone());
    table.append(Arc::new(build.finish()));
    table
}

#[test]
fn a_null_is_no_until_its_column_is_pending() {
    let mut table = owners();
    let is_ana = Predicate::Test {
        col: 0,
        test: Test::Text(Pattern::equals("ANA")),
    };
    let not_ana = Predicate::Not(Box::new(is_ana.clone()));
    let rows = |table: &Table, p: &Predicate| {
        let f = filter(table, &table.all(), p, &Cancel::new()).unwrap();
        (f.rows.rows().to_vec(), f.maybe)
    };
    assert_eq!(rows(&table, &is_ana), (vec![0], 0));
    assert_eq!(
        rows(&table, &not_ana),
        (vec![1, 2], 0),
        "unassigned is not ana"
    );
    table.set_pending(0, true);
    assert_eq!(
        rows(&table, &is_ana),
        (vec![0, 1], 1),
        "what is not known yet hides nothing"
    );
    assert_eq!(rows(&table, &not_ana), (vec![1, 2], 1));
    let null = Predicate::Test {
        col: 0,
        test: Test::Null,
    };
    assert_eq!(rows(&table, &null), (vec![1], 1));
}

#[test]
fn a_cancelled_filter_has_no_answer() {
    let cancel = Cancel::new();
    cancel.cancel();
    let table = owners();
    let p = Predicate::AnyText {
        cols: vec![0],
        test: Pattern::contains("a"),
    };
    assert_eq!(filter(&table, &table.all(), &p, &cancel), None);
    assert_eq!(filter(&table, &table.all(), &Predicate::All, &cancel), None);
}

#[test]
fn two_threads_say_what_one_says() {
    let mut build = ChunkBuilder::new(Arc::new(Schema::new([
        ("name", Type::Text),
        ("kind", Type::Text),
    ])));
    for n in 0..150_000u32 {
        build.text(0, Some(&format!("user{n}@contoso.example")));
        build.text(1, Some(if n % 7 == 0 { "Guest" } else { "Member" }));
        build.end_row();
    }
    let mut table = Table::new(build.schema().clone());
    table.append(Arc::new(build.finish()));
    let p = Predicate::And(vec![
        Predicate::AnyText {
            cols: vec![0],
            test: Pattern::contains("R77"),
        },
        Predicate::Test {
            col: 1,
            test: Test::Text(Pattern::equals("guest")),
        },
    ]);
    let expected: Vec<u32> = (0..150_000)
        .filter(|n| n % 7 == 0 && n.to_string().starts_with("77"))
        .collect();
    assert!(expected.iter().any(|n| *n > 75_000) && expected.iter().any(|n| *n < 75_000));
    assert_eq!(
        filter(&table, &table.all(), &p, &Cancel::new())
            .unwrap()
            .rows
            .rows(),
        expected
    );
}

#[test]
fn all_text_columns_are_text() {
    assert!(
        TEXT_COLS
            .iter()
            .all(|col| arbitrary::schema().kind(*col) == Some(Type::Text))
    );
}
