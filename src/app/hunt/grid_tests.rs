//! Order, filter, search, columns; and what no result should break.

use super::*;
use table::{ChunkBuilder, Schema};

const NOW: Ticks = Ticks(0);

fn grid() -> Grid {
    let schema = Arc::new(Schema::new([
        ("Name", Type::Text),
        ("N", Type::Long),
        ("Note", Type::Text),
    ]));
    let mut b = ChunkBuilder::new(schema.clone());
    for (name, n, note) in [("ada", 3, "x"), ("bob", 1, "y"), ("cyd", 2, "x")] {
        b.text(0, Some(name));
        b.int(1, Some(n));
        b.text(2, Some(note));
        b.end_row();
    }
    let mut table = Table::new(schema);
    table.append(Arc::new(b.finish()));
    Grid::new(table)
}

fn done(grid: &mut Grid, job: Arrange) {
    grid.computed(job.run().expect("not cancelled"), 10);
}

/// A table of text columns, the same cell everywhere.
fn wide(columns: usize, rows: usize, cell: &str) -> Table {
    let names: Vec<(String, Type)> = (0..columns)
        .map(|c| (format!("c{c}"), Type::Text))
        .collect();
    let schema = Arc::new(Schema::new(names));
    let mut b = ChunkBuilder::new(schema.clone());
    for _ in 0..rows {
        (0..columns).for_each(|c| b.text(c, Some(cell)));
        b.end_row();
    }
    let mut table = Table::new(schema);
    table.append(Arc::new(b.finish()));
    table
}

#[test]
fn sorting_by_the_column_turns_about_and_ends_and_the_cursor_stays_on_its_row() {
    let mut g = grid();
    g.across(1, 80);
    let job = g.sort_by(false, NOW).unwrap();
    done(&mut g, job);
    assert_eq!(g.rows.rows(), [0, 2, 1]);
    g.down(2, 10);
    let job = g.sort_by(false, NOW).unwrap();
    done(&mut g, job);
    assert_eq!((g.rows.rows(), g.row()), (&[1u32, 2, 0][..], Some(1)));
    let job = g.sort_by(false, NOW).unwrap();
    done(&mut g, job);
    assert_eq!(g.rows.rows(), [0, 1, 2]);
}

#[test]
fn a_second_column_decides_where_the_first_is_equal_and_keeps_its_place_when_turned() {
    let mut g = grid();
    g.across(2, 80);
    let job = g.sort_by(false, NOW).unwrap();
    done(&mut g, job);
    g.across(-1, 80);
    let job = g.sort_by(true, NOW).unwrap();
    done(&mut g, job);
    assert_eq!(g.sort, [(2, true), (1, true)]);
    assert_eq!(g.rows.rows(), [1, 0, 2]);
    let job = g.sort_by(true, NOW).unwrap();
    done(&mut g, job);
    assert_eq!(g.rows.rows(), [1, 2, 0]);
    assert_eq!(g.sorted(1), Some((false, 1)));
    let job = g.sort_by(true, NOW).unwrap();
    done(&mut g, job);
    assert_eq!(g.sort, [(2, true)]);
}

#[test]
fn a_newer_filter_cancels_the_older_and_its_problems_are_told() {
    let mut g = grid();
    let old = g.filter_by("x", NOW);
    let job = g.filter_by("x !ada Nmae:bob", NOW);
    assert!(old.run().is_none(), "cancelled");
    done(&mut g, job);
    assert_eq!(g.rows.rows(), [2]);
    assert_eq!(g.problems.len(), 1);
    assert_eq!(g.problems[0].nearest.as_deref(), Some("Name"));
}

#[test]
fn a_sort_that_a_newer_question_overtook_is_not_lost() {
    let mut g = grid();
    g.across(1, 80);
    let sort = g.sort_by(false, NOW).unwrap();
    let filter = g.filter_by("x", NOW);
    assert!(sort.run().is_none(), "cancelled");
    done(&mut g, filter);
    assert_eq!(g.rows.rows(), [0, 2]);
    let job = g.filter_by("", NOW);
    done(&mut g, job);
    assert_eq!(g.rows.rows(), [0, 2, 1]);
}

#[test]
fn a_search_hides_nothing_and_goes_on_in_both_directions_in_the_order_shown() {
    let mut g = grid();
    g.across(1, 80);
    let job = g.sort_by(false, NOW).unwrap();
    done(&mut g, job);
    let job = g.search_for("Note:x", NOW);
    done(&mut g, job);
    assert_eq!((g.rows.len(), &*g.found), (3, &[0u32, 1][..]));
    assert_eq!((g.next_found(true), g.next_found(false)), (Some(1), None));
    g.at = 2;
    assert_eq!((g.next_found(true), g.next_found(false)), (None, Some(1)));
    let job = g.filter_by("cyd", NOW);
    done(&mut g, job);
    assert_eq!(&*g.found, [0], "places are those on screen");
}

#[test]
fn a_term_about_a_cell_reads_back_as_that_cell() {
    let mut g = grid();
    for col in 0..3 {
        g.col = col;
        let term = g.term(false).unwrap();
        let without = g.term(true).unwrap();
        let job = g.filter_by(&term, NOW);
        done(&mut g, job);
        assert!(g.rows.iter().any(|r| r == 0), "{term}");
        let job = g.filter_by(&without, NOW);
        done(&mut g, job);
        assert!(g.rows.iter().all(|r| r != 0), "{without}");
        let job = g.filter_by("", NOW);
        done(&mut g, job);
        g.at = 0;
    }
}

#[test]
fn columns_are_hidden_chosen_carried_and_stay_in_sight() {
    let mut g = grid();
    g.carry(1);
    assert_eq!(g.columns, [1, 0, 2]);
    g.hide();
    assert_eq!((g.columns.as_slice(), g.col), (&[1usize, 2][..], 1));
    g.across(0, 3);
    assert_eq!(g.left, 1);
    g.choose(vec![2, 0, 9]);
    assert_eq!(
        (g.columns.as_slice(), g.column()),
        (&[2usize, 0][..], Some(2))
    );
    g.choose(Vec::new());
    assert_eq!(g.columns.len(), 3, "never nothing");
}

#[test]
fn frozen_columns_stay_while_the_others_move_and_never_take_all_the_room() {
    let mut g = Grid::new(wide(10, 3, "0123456789"));
    g.freeze();
    g.across(9, 40);
    let sight: Vec<usize> = g.in_sight(40).iter().map(|s| s.0).collect();
    assert_eq!((sight[0], *sight.last().unwrap()), (0, 9));
    assert!(g.in_sight(40).iter().all(|(_, x, w)| x + w <= 40));
    g.frozen = 10;
    assert!(
        g.in_sight(40).iter().any(|(p, ..)| *p == 9),
        "the cursor is in sight"
    );
    g.col = 0;
    g.freeze();
    assert_eq!(g.frozen, 1);
    g.freeze();
    assert_eq!(g.frozen, 0);
}

#[test]
fn marks_are_of_rows_and_survive_order_and_filter() {
    let mut g = grid();
    g.mark(10);
    assert_eq!(g.at, 1);
    g.across(1, 80);
    let job = g.sort_by(false, NOW).unwrap();
    done(&mut g, job);
    let job = g.filter_by("bob", NOW);
    done(&mut g, job);
    assert_eq!(g.subjects(), [0], "hidden, and still marked");
    let job = g.filter_by("", NOW);
    done(&mut g, job);
    g.at = 0;
    g.mark_range();
    g.at = 2;
    g.mark_range();
    assert_eq!(g.subjects(), [0, 2, 1], "in the order shown");
    g.mark_all();
    assert_eq!(
        g.subjects().len(),
        1,
        "all were marked: now the row at the cursor"
    );
}

#[test]
fn two_thousand_columns_are_walked_without_adding_up_their_widths() {
    let mut g = Grid::new(wide(2_000, 2, &"w".repeat(80)));
    for _ in 0..1_999 {
        g.across(1, 100);
    }
    assert_eq!(g.col, 1_999);
    let sight = g.in_sight(100);
    assert!(sight.iter().any(|s| s.0 == 1_999) && sight.len() <= 3);
    g.across(-1_999, 100);
    assert_eq!((g.col, g.left), (0, 0));
}

#[test]
fn no_rows_no_columns_and_a_cell_of_five_megabytes() {
    let mut g = Grid::new(wide(0, 0, ""));
    g.down(3, 10);
    g.across(2, 80);
    g.hide();
    g.mark(10);
    g.mark_all();
    g.freeze();
    g.fit(10);
    assert!(g.sort_by(false, NOW).is_none() && g.term(false).is_err() && g.row().is_none());
    assert!(g.in_sight(80).is_empty() && g.subjects().is_empty());
    let mut g = Grid::new(wide(2, 0, ""));
    let job = g.filter_by("x c0:y", NOW);
    done(&mut g, job);
    assert!(g.rows.is_empty() && g.row().is_none());
    let big = "\u{1b}[2J".repeat(1_250_000);
    let g = Grid::new(wide(2, 3, &big));
    assert!(
        g.widths.iter().all(|w| (40..=WIDEST).contains(w)),
        "{:?}",
        g.widths
    );
}

#[test]
fn duplicate_and_empty_names_are_columns_like_others() {
    let schema = Arc::new(Schema::new([
        ("a", Type::Text),
        ("a", Type::Text),
        ("", Type::Long),
        ("\u{202e}b", Type::Text),
    ]));
    let mut b = ChunkBuilder::new(schema.clone());
    b.text(0, Some("1"));
    b.text(1, Some("2"));
    b.int(2, Some(3));
    b.end_row();
    let mut table = Table::new(schema);
    table.append(Arc::new(b.finish()));
    let mut g = Grid::new(table);
    let names: Vec<String> = (0..4).map(|c| g.name(c)).collect();
    assert_eq!(names, ["a", "a", "Column3", "⟨202E⟩b"]);
    let job = g.filter_by("a:2", NOW);
    done(&mut g, job);
    assert_eq!(g.rows.len(), 1, "any of the columns of that name");
    g.col = 2;
    let job = g.sort_by(false, NOW).unwrap();
    done(&mut g, job);
    assert!(g.term(false).unwrap_err().contains("name"));
}
