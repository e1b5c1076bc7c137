//! Vim's manners: texts before and after some keys.

use super::*;
use proptest::prelude::*;

fn typed(text: &str, cursor: usize, keys: &str) -> (Editor, Vim) {
    let mut e = Editor::new(text);
    e.go_to(cursor, false);
    let mut vim = Vim {
        mode: Mode::Normal,
        ..Vim::default()
    };
    for c in keys.chars() {
        let code = match c {
            '⎋' => KeyCode::Esc,
            '⏎' => KeyCode::Enter,
            c => KeyCode::Char(c),
        };
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        match vim.key(&mut e, key) {
            Wish::Undo => {
                e.undo();
            }
            Wish::Pass => {
                if let KeyCode::Char(c) = code {
                    e.insert(&c.to_string());
                }
            }
            _ => {}
        }
    }
    (e, vim)
}

fn after_keys(text: &str, cursor: usize, keys: &str) -> String {
    typed(text, cursor, keys).0.text().to_string()
}

#[test]
fn operators_with_motions_counts_and_objects() {
    for (text, at, keys, wanted) in [
        ("one two three", 0, "dw", "two three"),
        ("one two three", 0, "2dw", "three"),
        ("one two three", 0, "d2w", "three"),
        ("one two", 4, "dw", "one "),
        ("one two", 4, "D", "one "),
        ("one two", 0, "de", " two"),
        ("one two", 5, "diw", "one "),
        ("one two", 1, "ciwx⎋", "x two"),
        ("one two", 4, "db", "two"),
        ("f(a, b) c", 3, "di(", "f() c"),
        ("f(a, b) c", 3, "da(", "f c"),
        ("x == 'abc' y", 7, "ci'z⎋", "x == 'z' y"),
        ("a=b, c=d", 0, "dt,", ", c=d"),
        ("a=b, c=d", 0, "df,", " c=d"),
        ("a=b, c=d", 7, "dF,", "a=bd"),
        ("a\nb\nc", 0, "dd", "b\nc"),
        ("a\nb\nc", 4, "dd", "a\nb"),
        ("a\nb\nc", 0, "2dd", "c"),
        ("a\nb\nc", 0, "dj", "c"),
        ("a\nb\nc", 4, "dgg", ""),
        ("a\nb\nc", 0, "dG", ""),
        ("a\nb", 0, "yyp", "a\na\nb"),
        ("a\nb", 2, "yyP", "a\nb\nb"),
        ("ab", 0, "ylp", "aab"),
        ("ab", 0, "x3p", "baaa"),
        ("ab", 0, "xu", "ab"),
        ("ab cd", 0, "~", "Ab cd"),
        ("a\n  b", 0, "J", "a b"),
        ("ab", 0, "rx", "xb"),
        ("a\nb", 0, "ox⎋", "a\nx\nb"),
        ("  a", 2, "Ox⎋", "  x\n  a"),
        ("ab", 0, "Ac⎋", "abc"),
        ("  ab", 3, "Ic⎋", "  cab"),
        ("a\nb", 0, ">>", "    a\nb"),
        ("    a\nb", 0, "<<", "a\nb"),
        ("  a b", 3, "ccx⎋", "  x"),
        ("abc", 1, "vd", "ac"),
        ("abc", 0, "vld", "c"),
        ("a\nb\nc", 0, "Vjd", "c"),
        ("abc def", 4, "viwcx⎋", "abc x"),
        ("ab", 1, "s12⎋", "a12"),
        ("äöü", 0, "xx", "ü"),
    ] {
        assert_eq!(after_keys(text, at, keys), wanted, "{text:?} {keys}");
    }
}

#[test]
fn motions_go_where_they_should() {
    for (text, at, keys, wanted) in [
        ("one two", 0, "w", 4),
        ("one two", 6, "b", 4),
        ("one two", 0, "e", 2),
        ("one two", 0, "$", 6),
        ("  one", 4, "0", 0),
        ("  one", 4, "^", 2),
        ("a\nbb\nc", 0, "G", 5),
        ("a\nbb\nc", 5, "gg", 0),
        ("a\nbb\nc", 0, "2G", 2),
        ("abc\nd\nefg", 2, "j", 4),
        ("abc\nd\nefg", 2, "2j", 8),
        ("a\n\nb", 0, "}", 2),
        ("a.b.c", 0, "f.;", 3),
        ("a.b.c", 0, "f.;,", 1),
        ("x", 0, "l", 0),
        ("ab\ncd", 0, "⏎", 3),
    ] {
        let (e, _) = typed(text, at, keys);
        assert_eq!(e.cursor(), wanted, "{text:?} {keys}");
    }
}

#[test]
fn escape_ends_what_was_begun_before_it_is_anything_else() {
    let (mut e, mut vim) = typed("abc", 0, "d2");
    assert_eq!(vim.begun(), "d2");
    let esc = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(vim.key(&mut e, esc), Wish::Done);
    assert_eq!((vim.begun().as_str(), vim.mode), ("", Mode::Normal));
    assert_eq!(vim.key(&mut e, esc), Wish::Pass, "now it leaves the editor");
    let ctrl = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL);
    assert_eq!(vim.key(&mut e, ctrl), Wish::Pass);
}

proptest! {
    /// Whatever is typed: no panic, and the cursor is on a letter of the text.
    #[test]
    fn any_keys_are_borne(text in "[a-zä (\"'\\n😀]{0,30}", keys in "[hjklwbe0^$G%{}ftFT;,iaIAoOdcy><xXDCSYJ~pPvVurgn123⎋⏎ (\"']{0,30}", at in 0usize..30) {
        let at = (0..=at.min(text.len())).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0);
        let (e, _) = typed(&text, at, &keys);
        prop_assert!(e.text().is_char_boundary(e.cursor()));
    }
}
