//! A line of text that a person edits, with the keys of readline. Used by the filter, pick lists, forms and find.
//!
//! The text is kept exactly as typed or pasted; `screen` makes the form for eyes and says where the cursor stands in it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::ops::Range;
use table::Txt;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Most bytes a line takes; what comes beyond is not taken in.
pub const LIMIT: usize = 4_000;

/// A text without line breaks and a cursor in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
    /// Byte offset, always between two characters as people see them.
    at: usize,
    /// What was cut last, for `Ctrl-y`.
    cut: String,
}

/// What a key did to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    Changed,
    /// Only the cursor moved.
    Moved,
    /// Not a key for a line.
    Ignored,
}

/// A line as drawn: safe text, and cells counted from its left edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    pub text: String,
    pub cursor: u16,
    /// The marked ranges in cells, as far as they are in sight, in the order given.
    pub marks: Vec<Range<u16>>,
}

impl Line {
    /// A line with the cursor at its end.
    pub fn new(text: &str) -> Self {
        let mut line = Self::default();
        line.set(text);
        line
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte offset of the cursor.
    pub fn cursor(&self) -> usize {
        self.at
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Replaces everything; the cursor goes to the end.
    pub fn set(&mut self, text: &str) {
        self.text.clear();
        self.at = 0;
        self.insert(text);
    }

    /// Replaces a range of bytes, as a completion does; the cursor stands after what was put in.
    pub fn replace(&mut self, range: Range<usize>, with: &str) {
        let (start, end) = (self.floor(range.start), self.floor(range.end));
        if start <= end {
            self.text.replace_range(start..end, "");
            self.at = start;
            self.insert(with);
        }
    }

    /// Inserts at the cursor. Line breaks and tabs become blanks, as far as the limit allows.
    pub fn insert(&mut self, text: &str) {
        let mut room = LIMIT.saturating_sub(self.text.len());
        let mut taken = String::with_capacity(text.len().min(room));
        for c in text.replace("\r\n", "\n").chars() {
            let c = if matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else {
                c
            };
            if c.len_utf8() > room {
                break;
            }
            room -= c.len_utf8();
            taken.push(c);
        }
        self.text.insert_str(self.at, &taken);
        self.at += taken.len();
    }

    /// Takes a key. Enter, Tab, Esc, Up and Down are never the line's.
    pub fn key(&mut self, key: KeyEvent) -> Edit {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char(c) if !ctrl && !alt => {
                self.insert(c.encode_utf8(&mut [0; 4]));
                Edit::Changed
            }
            KeyCode::Left if ctrl || alt => self.go(self.word_left()),
            KeyCode::Right if ctrl || alt => self.go(self.word_right()),
            KeyCode::Left => self.go(self.left()),
            KeyCode::Right => self.go(self.right()),
            KeyCode::Home => self.go(0),
            KeyCode::End => self.go(self.text.len()),
            KeyCode::Backspace if ctrl || alt => self.remove(self.word_left()..self.at, true),
            KeyCode::Backspace => self.remove(self.left()..self.at, false),
            KeyCode::Delete => self.remove(self.at..self.right(), false),
            KeyCode::Char(c) if ctrl && !alt => match c.to_ascii_lowercase() {
                'a' => self.go(0),
                'e' => self.go(self.text.len()),
                'b' => self.go(self.left()),
                'f' => self.go(self.right()),
                'd' => self.remove(self.at..self.right(), false),
                'h' => self.remove(self.left()..self.at, false),
                'w' => self.remove(self.blank_left()..self.at, true),
                'u' => self.remove(0..self.at, true),
                'k' => self.remove(self.at..self.text.len(), true),
                'y' => {
                    let cut = self.cut.clone();
                    self.insert(&cut);
                    Edit::Changed
                }
                'c' if !self.text.is_empty() => self.remove(0..self.text.len(), true),
                _ => Edit::Ignored,
            },
            KeyCode::Char(c) if alt && !ctrl => match c.to_ascii_lowercase() {
                'b' => self.go(self.word_left()),
                'f' => self.go(self.word_right()),
                'd' => self.remove(self.at..self.word_right(), true),
                _ => Edit::Ignored,
            },
            _ => Edit::Ignored,
        }
    }

    /// The form for eyes, `width` cells wide at most, scrolled so that the cursor is in sight. `marks` are byte ranges.
    pub fn screen(&self, marks: &[Range<usize>], width: u16) -> Screen {
        // every cut falls between characters as people see them, so that the pieces are as safe as the whole
        let mut cuts: Vec<usize> = marks
            .iter()
            .flat_map(|m| [m.start, m.end])
            .chain([self.at, self.text.len()])
            .map(|at| self.floor(at))
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let (mut shown, mut from) = (String::new(), 0);
        let mut places: Vec<(usize, usize)> = vec![(0, 0)];
        for cut in cuts {
            shown.push_str(&Txt::new(&self.text[from..cut]).shown());
            places.push((cut, shown.width()));
            from = cut;
        }
        let cell = |byte: usize| {
            let byte = self.floor(byte);
            places.iter().find(|(b, _)| *b == byte).map_or(0, |p| p.1)
        };
        // a cell stays free for a cursor at the end
        let skip_cells = (cell(self.at) + 1).saturating_sub(usize::from(width));
        let (mut skipped, mut used, mut text) = (0, 0, String::new());
        for g in shown.graphemes(true) {
            let w = g.width();
            if skipped < skip_cells {
                skipped += w;
            } else if used + w <= usize::from(width) {
                used += w;
                text.push_str(g);
            } else {
                break;
            }
        }
        let place =
            |byte: usize| (cell(byte).saturating_sub(skipped)).min(usize::from(width)) as u16;
        Screen {
            text,
            cursor: place(self.at),
            marks: marks.iter().map(|m| place(m.start)..place(m.end)).collect(),
        }
    }

    fn go(&mut self, to: usize) -> Edit {
        self.at = to;
        Edit::Moved
    }

    fn remove(&mut self, range: Range<usize>, keep: bool) -> Edit {
        if range.is_empty() {
            return Edit::Moved;
        }
        self.at = range.start;
        let gone: String = self.text.drain(range).collect();
        if keep {
            self.cut = gone;
        }
        Edit::Changed
    }

    /// The nearest boundary between characters at or before a byte.
    fn floor(&self, byte: usize) -> usize {
        let mut at = byte.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn left(&self) -> usize {
        let before = &self.text[..self.at];
        before
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(i, _)| i)
    }

    fn right(&self) -> usize {
        let after = &self.text[self.at..];
        self.at + after.graphemes(true).next().map_or(0, str::len)
    }

    fn word_left(&self) -> usize {
        let head = self.text[..self.at].trim_end_matches(|c: char| !c.is_alphanumeric());
        head.trim_end_matches(char::is_alphanumeric).len()
    }

    fn word_right(&self) -> usize {
        let tail = self.text[self.at..].trim_start_matches(|c: char| !c.is_alphanumeric());
        self.text.len() - tail.trim_start_matches(char::is_alphanumeric).len()
    }

    fn blank_left(&self) -> usize {
        let head = self.text[..self.at].trim_end();
        head.trim_end_matches(|c: char| !c.is_whitespace()).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keys;
    use proptest::prelude::*;

    fn typed(line: &mut Line, text: &str) {
        for word in text.split(' ') {
            for key in keys::parse(word).unwrap() {
                line.key(key);
            }
        }
    }

    #[test]
    fn readline_keys_edit_and_give_back() {
        let mut l = Line::new("sev>=med st:new");
        typed(&mut l, "Ctrl-w");
        assert_eq!(l.text(), "sev>=med ");
        typed(&mut l, "Ctrl-y Home Alt-d");
        assert_eq!(l.text(), ">=med st:new");
        typed(&mut l, "Ctrl-k x Ctrl-a Ctrl-f Ctrl-u");
        assert_eq!(l.text(), "");
        typed(&mut l, "Ctrl-y");
        assert_eq!(l.text(), "x");
    }

    #[test]
    fn a_pasted_line_break_does_not_break_the_line() {
        let mut l = Line::new("");
        l.insert("a\r\nb\tc");
        assert_eq!(l.text(), "a b c");
    }

    #[test]
    fn the_cursor_stays_in_sight_and_hostile_text_is_shown_as_code() {
        let mut l = Line::new(&"x".repeat(50));
        let s = l.screen(&[], 10);
        assert_eq!((s.text.width(), s.cursor), (9, 9));
        l.key(KeyEvent::new(KeyCode::Home, KeyModifiers::NONE));
        assert_eq!(l.screen(&[], 10).cursor, 0);
        let bad = Line::new("a\u{202e}b");
        let range = 1..4;
        let s = bad.screen(std::slice::from_ref(&range), 40);
        assert_eq!(s.text, "a⟨202E⟩b");
        assert_eq!(s.marks.first(), Some(&(1..7)));
    }

    proptest! {
        #[test]
        fn any_keys_leave_the_cursor_between_characters(text in "\\PC{0,20}", picks in proptest::collection::vec(0usize..18, 0..40), width in 1u16..30) {
            let mut l = Line::new(&text);
            let all = ["Left", "Right", "Home", "End", "Backspace", "Delete", "Alt-b", "Alt-f", "Alt-d", "Ctrl-w", "Ctrl-u", "Ctrl-k", "Ctrl-y", "ö", "x", "Alt-Backspace", "Ctrl-c", "Ctrl-d"];
            for p in picks {
                typed(&mut l, all[p]);
                prop_assert!(l.text().is_char_boundary(l.cursor()));
                let range = 0..l.cursor();
                let s = l.screen(std::slice::from_ref(&range), width);
                prop_assert!(s.cursor <= width && s.text.width() <= usize::from(width));
            }
        }
    }
}
