//! Completion while typing: what can stand at the cursor, narrowed letter by letter, put in with Tab or Enter.

use super::blocks;
use super::editor::Editor;
use super::understand::Understanding;
use kql::service::complete::{Item, complete};
use kql::service::params;
use std::ops::Range;

/// Longest head of a query that is completed while typing; beyond it only when asked for.
const WHILE_TYPING: usize = 48_000;
/// Lines of the list.
pub const LINES: usize = 8;

/// The list under the cursor.
#[derive(Debug)]
pub struct Popup {
    /// The word being written, as bytes of the text.
    pub word: Range<usize>,
    pub items: Vec<Item>,
    pub at: usize,
    pub top: usize,
}

impl Popup {
    /// What can stand at the cursor. `asked`: the person wants it, also where nothing was typed yet.
    pub fn open(editor: &Editor, known: &Understanding, asked: bool) -> Option<Self> {
        let text = editor.text();
        let cursor = editor.cursor();
        let start = known.at(text, cursor).map_or(cursor, |(b, _)| b.start);
        // on the blank line below a query a new one begins
        let start = if start <= cursor && fits(text, start, cursor) {
            start
        } else {
            cursor
        };
        let head = text.get(start..cursor)?;
        if !asked && head.len() > WHILE_TYPING {
            return None;
        }
        let word = cursor - word_before(head).len()..cursor;
        if !asked && !worth(head, &text[word.clone()]) {
            return None;
        }
        let items = complete(&params::mask(head), head.len(), known.world());
        let typed = &text[word.clone()];
        // what is written already needs no list
        let done = items.first().is_some_and(|i| i.label == typed) && !asked;
        if items.is_empty() || done {
            return None;
        }
        Some(Self {
            word,
            items,
            at: 0,
            top: 0,
        })
    }

    pub fn step(&mut self, by: isize) {
        let last = self.items.len().saturating_sub(1);
        self.at = match self.at.checked_add_signed(by) {
            Some(at) if at <= last => at,
            Some(_) => 0,
            None => last,
        };
        self.top = self
            .top
            .min(self.at)
            .max((self.at + 1).saturating_sub(LINES));
    }

    /// Puts the chosen word in.
    pub fn accept(&self, editor: &mut Editor) {
        let Some(item) = self.items.get(self.at) else {
            return;
        };
        let (text, cursor) = match item.insert.find("$0") {
            Some(i) => (item.insert.replacen("$0", "", 1), i),
            None => (item.insert.clone(), item.insert.len()),
        };
        let mut range = self.word.clone();
        // a word of several parts (`project-away`) was begun before what counts as a word here
        let before = &editor.text()[..range.start];
        let begun = text
            .char_indices()
            .map(|(i, _)| i)
            .filter(|i| *i > 0)
            .rev()
            .find(|i| {
                let head = &text[..*i];
                head.contains('-') && before.ends_with(head)
            });
        if let Some(n) = begun {
            range.start -= n;
        }
        let at = range.start + cursor;
        editor.replace(range, &text, at);
    }
}

/// Whether only text of that query lies between its start and the cursor.
fn fits(text: &str, start: usize, cursor: usize) -> bool {
    let inside = &text[start..cursor];
    blocks::blocks(inside).len() <= 1 && !inside.ends_with("\n\n")
        || inside.trim_end().ends_with([';', '|', '('])
}

fn word_before(head: &str) -> &str {
    let start = head
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphanumeric() || matches!(c, '_' | '$'))
        .last()
        .map_or(head.len(), |(i, _)| i);
    &head[start..]
}

/// Whether a list is worth its lines: a word was begun, or a place where only few words can stand.
fn worth(head: &str, word: &str) -> bool {
    if !word.is_empty() {
        return !word.starts_with(|c: char| c.is_ascii_digit());
    }
    let line = head.rsplit('\n').next().unwrap_or("");
    let before = line.trim_end();
    line.ends_with(' ')
        && (before.ends_with('|') || before.ends_with("kind=") || before.ends_with(" by"))
        || line.ends_with('.') && before.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_end(text: &str) -> (Editor, Option<Popup>) {
        let e = Editor::new(text);
        let mut u = Understanding::default();
        u.read(e.text(), e.revision, e.cursor(), 0..text.len());
        let p = Popup::open(&e, &u, false);
        (e, p)
    }

    #[test]
    fn a_begun_column_is_offered_and_put_in() {
        let (mut e, p) = at_end("DeviceProcessEvents\n| where FileN");
        let p = p.expect("a list");
        assert_eq!(p.items[0].label, "FileName");
        p.accept(&mut e);
        assert!(e.text().ends_with("| where FileName"), "{}", e.text());
        assert!(e.undo());
        assert!(e.text().ends_with("| where FileN"));
    }

    #[test]
    fn operators_come_after_a_pipe_and_a_dashed_one_is_put_in_once() {
        let (_, p) = at_end("DeviceInfo\n| ");
        assert!(p.expect("a list").items.iter().any(|i| i.label == "where"));
        let (mut e, p) = at_end("DeviceInfo\n| project-aw");
        let mut p = p.expect("a list");
        p.at = p
            .items
            .iter()
            .position(|i| i.label == "project-away")
            .unwrap();
        p.accept(&mut e);
        assert!(
            e.text().starts_with("DeviceInfo\n| project-away"),
            "{}",
            e.text()
        );
        assert!(!e.text().contains("project-project"), "{}", e.text());
    }

    #[test]
    fn nothing_is_offered_inside_of_numbers_comments_and_blank_places() {
        for text in ["DeviceInfo | take 10", "// Dev", "DeviceInfo\n\n"] {
            assert!(at_end(text).1.is_none(), "{text:?}");
        }
    }
}
