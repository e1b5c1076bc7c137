use super::*;
use crate::app::keys;
use proptest::prelude::*;

fn press(e: &mut Editor, text: &str) {
    for key in keys::parse(text).unwrap() {
        e.key(key, 10, Duration::ZERO);
    }
}

#[test]
fn a_word_a_paste_and_a_deletion_are_one_step_each() {
    let mut e = Editor::new("");
    press(&mut e, "t a k e Space 5");
    e.insert("\n| where a\r\n| count");
    assert_eq!(&**e.text(), "take 5\n| where a\n| count");
    assert!(e.undo());
    assert_eq!(&**e.text(), "take 5");
    assert!(e.undo() && e.undo());
    assert_eq!(&**e.text(), "take");
    assert!(e.redo());
    assert_eq!(&**e.text(), "take ");
    press(&mut e, "Ctrl-w");
    assert_eq!(&**e.text(), "");
    assert!(e.undo());
    assert_eq!((&**e.text(), e.cursor()), ("take ", 5));
    assert!(e.redo() && e.text().is_empty());
}

#[test]
fn the_past_survives_a_restart() {
    let mut e = Editor::new("");
    press(&mut e, "a b c Enter d");
    let mut again = Editor::with_past(
        e.text(),
        e.cursor(),
        e.past().to_vec(),
        e.taken_back().to_vec(),
    );
    assert!(again.undo() && again.undo());
    let text = again.text().clone();
    // what was taken back can be had again, in the next life too
    let mut third = Editor::with_past(
        again.text(),
        again.cursor(),
        again.past().to_vec(),
        again.taken_back().to_vec(),
    );
    assert_eq!(third.text(), &text);
    assert!(third.redo() && third.redo() && !third.redo());
    assert_eq!(third.text(), e.text());
    assert!(third.undo() && third.undo() && third.undo());
    assert_eq!(&**third.text(), "");
    // a past that does not fit the text does no harm
    let odd = |at| Change {
        at,
        removed: "x".into(),
        inserted: "yy".into(),
        before: usize::MAX,
    };
    let mut odd = Editor::with_past("ab", 9, vec![odd(7)], vec![odd(usize::MAX)]);
    odd.redo();
    odd.undo();
    assert_eq!(&**odd.text(), "ab");
}

#[test]
fn a_line_begins_where_the_one_above_does_and_deeper_after_a_bracket() {
    let mut e = Editor::new("T\n  | where x in (");
    press(&mut e, "Enter 1");
    assert_eq!(&**e.text(), "T\n  | where x in (\n      1");
}

#[test]
fn comments_and_indents_work_on_all_marked_lines() {
    let mut e = Editor::new("T\n| where a\n| count");
    e.go_to(2, false);
    e.go_to(e.text().len(), true);
    e.toggle_comment();
    assert_eq!(&**e.text(), "T\n// | where a\n// | count");
    e.toggle_comment();
    assert_eq!(&**e.text(), "T\n| where a\n| count");
    e.indent(false);
    assert_eq!(&**e.text(), "T\n    | where a\n    | count");
    e.indent(true);
    assert_eq!(&**e.text(), "T\n| where a\n| count");
    assert!(e.undo());
    assert_eq!(&**e.text(), "T\n    | where a\n    | count");
}

#[test]
fn a_cluster_is_one_step_of_the_cursor_and_one_deletion() {
    let mut e = Editor::new("a👩‍💻e\u{301}");
    press(&mut e, "Left Left");
    assert_eq!(e.cursor(), 1);
    press(&mut e, "Right Backspace");
    assert_eq!(&**e.text(), "ae\u{301}");
}

proptest! {
    #[test]
    fn undo_leads_back_to_the_start_and_redo_to_the_end(picks in proptest::collection::vec(0usize..22, 0..60), start in "[a-z|\\n ö😀]{0,30}") {
        let all = ["a", "Space", "Enter", "Backspace", "Delete", "Left", "Right", "Up", "Down", "Home", "End",
            "Shift-Left", "Shift-Down", "Ctrl-w", "Ctrl-k", "Ctrl-u", "Alt-d", "ö", "PgUp", "PgDn", "Ctrl-Left", "Shift-End"];
        let mut e = Editor::new(&start);
        for p in picks {
            press(&mut e, all[p]);
            prop_assert!(e.text().is_char_boundary(e.cursor()));
            prop_assert_eq!(e.lines().join("\n"), e.text().to_string());
            if let Some(range) = e.selection() {
                prop_assert!(e.text().get(range).is_some());
            }
        }
        let end = e.text().clone();
        while e.undo() {}
        prop_assert_eq!(&**e.text(), start.as_str());
        while e.redo() {}
        prop_assert_eq!(e.text(), &end);
    }
}
