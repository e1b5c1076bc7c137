//! The text of a query and the cursor in it: our own type over `tui-textarea`, which does typing, moving and marking.
//!
//! Undo is ours, as differences of the whole text, so that one paste is one step and a restart loses none of them.
//! Positions outside of here are byte offsets; the view asks for lines.

use crate::model::draft::Change;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tui_textarea::{CursorMove, Input, TextArea};
use unicode_segmentation::UnicodeSegmentation;

/// Steps of undo that are kept.
const MOST: usize = 500;
/// Most bytes a text takes; a service refuses longer ones long before.
pub const LIMIT: usize = 2 << 20;
/// A pause that ends a run of typing.
const PAUSE: Duration = Duration::from_millis(800);
const INDENT: &str = "    ";

/// A text, a cursor, a selection, and what was.
#[derive(Debug)]
pub struct Editor {
    area: TextArea<'static>,
    text: Arc<str>,
    /// Byte offset of each line.
    starts: Vec<usize>,
    undo: Vec<Change>,
    redo: Vec<Change>,
    typed: Option<Duration>,
    /// Counts changes of the text.
    pub revision: u64,
    /// First line and first cell in sight.
    pub top: usize,
    pub left: usize,
}

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    Changed,
    Moved,
    Ignored,
}

impl Default for Editor {
    fn default() -> Self {
        Self::new("")
    }
}

impl Editor {
    pub fn new(text: &str) -> Self {
        let mut editor = Self {
            area: TextArea::default(),
            text: Arc::from(""),
            starts: vec![0],
            undo: Vec::new(),
            redo: Vec::new(),
            typed: None,
            revision: 0,
            top: 0,
            left: 0,
        };
        editor.put(text, text.len());
        editor
    }

    /// A text with its past, as a restart finds it: the steps done, and those taken back.
    pub fn with_past(text: &str, cursor: usize, undo: Vec<Change>, redo: Vec<Change>) -> Self {
        let mut editor = Self::new(text);
        editor.go_to(cursor, false);
        editor.undo = undo;
        editor.redo = redo;
        editor
    }

    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    pub fn past(&self) -> &[Change] {
        &self.undo
    }

    pub fn taken_back(&self) -> &[Change] {
        &self.redo
    }

    pub fn lines(&self) -> &[String] {
        self.area.lines()
    }

    /// The byte range of a line, without its end.
    pub fn line(&self, n: usize) -> Range<usize> {
        let start = self.starts.get(n).copied().unwrap_or(self.text.len());
        start..start + self.lines().get(n).map_or(0, String::len)
    }

    /// Byte offset of the cursor.
    pub fn cursor(&self) -> usize {
        let (row, col) = self.area.cursor();
        self.byte(row, col)
    }

    /// Line of the cursor, and its byte within that line.
    pub fn place(&self) -> (usize, usize) {
        let (row, col) = self.area.cursor();
        (row, self.byte(row, col) - self.line(row).start)
    }

    /// The line of a byte.
    pub fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|s| *s <= at).saturating_sub(1)
    }

    /// What is marked, as bytes; never empty.
    pub fn selection(&self) -> Option<Range<usize>> {
        let (from, to) = self.area.selection_range()?;
        let range = self.byte(from.0, from.1)..self.byte(to.0, to.1);
        (!range.is_empty()).then_some(range)
    }

    pub fn unselect(&mut self) {
        self.area.cancel_selection();
    }

    fn byte(&self, row: usize, col: usize) -> usize {
        let line = self.lines().get(row).map_or("", String::as_str);
        let within = line.char_indices().nth(col).map_or(line.len(), |(i, _)| i);
        self.starts.get(row).copied().unwrap_or(self.text.len()) + within
    }

    /// Puts the cursor at a byte; `select` keeps the other end where it is.
    pub fn go_to(&mut self, at: usize, select: bool) {
        if !select {
            self.area.cancel_selection();
        } else if !self.area.is_selecting() {
            self.area.start_selection();
        }
        let row = self.line_of(at.min(self.text.len()));
        let line = self.line(row);
        let within = at.min(line.end).saturating_sub(line.start);
        let text = &self.lines()[row];
        let col = text.char_indices().take_while(|(i, _)| *i < within).count();
        let (row, col) = (
            u16::try_from(row).unwrap_or(u16::MAX),
            u16::try_from(col).unwrap_or(u16::MAX),
        );
        self.area.move_cursor(CursorMove::Jump(row, col));
        self.typed = None;
    }

    /// Replaces a range as one step; the cursor goes to `cursor` (a byte of the new text).
    pub fn replace(&mut self, range: Range<usize>, with: &str, cursor: usize) {
        let mut text = String::with_capacity(self.text.len() + with.len());
        text.push_str(&self.text[..range.start]);
        text.push_str(with);
        text.push_str(&self.text[range.end..]);
        let before = self.cursor();
        let old = self.text.clone();
        self.put(&text, cursor);
        self.note(&old, before, None);
    }

    /// Puts text in at the cursor, in place of what is marked: one step of undo.
    pub fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let range = self.selection().unwrap_or_else(|| {
            let at = self.cursor();
            at..at
        });
        if self.text.len() - range.len() + text.len() <= LIMIT {
            let end = range.start + text.len();
            self.replace(range, &text, end);
        }
    }

    /// One step back; false: there is none.
    pub fn undo(&mut self) -> bool {
        let Some(change) = self.undo.pop() else {
            return false;
        };
        let range = change.at..change.at.saturating_add(change.inserted.len());
        self.apply(&range, &change.removed, change.before);
        self.redo.push(change);
        true
    }

    pub fn redo(&mut self) -> bool {
        let Some(change) = self.redo.pop() else {
            return false;
        };
        let range = change.at..change.at.saturating_add(change.removed.len());
        let end = change.at.saturating_add(change.inserted.len());
        self.apply(&range, &change.inserted, end);
        self.undo.push(change);
        true
    }

    fn apply(&mut self, range: &Range<usize>, with: &str, cursor: usize) {
        // a past that was kept in a file and does not fit the text is no reason to fall
        let (Some(head), Some(tail)) = (self.text.get(..range.start), self.text.get(range.end..))
        else {
            return;
        };
        let text = format!("{head}{with}{tail}");
        self.put(&text, cursor);
        self.typed = None;
    }

    /// A key of text: typing, moving, marking.
    pub fn key(&mut self, key: KeyEvent, page: usize, now: Duration) -> Did {
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let page = page.saturating_sub(1).max(1);
        let (row, _) = self.area.cursor();
        let line = |n: usize| CursorMove::Jump(u16::try_from(n).unwrap_or(u16::MAX), 0);
        match key.code {
            KeyCode::Left if ctrl || alt => self.go(CursorMove::WordBack, shift),
            KeyCode::Right if ctrl || alt => self.go(CursorMove::WordForward, shift),
            KeyCode::Left => self.go_to_cluster(false, shift),
            KeyCode::Right => self.go_to_cluster(true, shift),
            KeyCode::Up if !alt => self.go(CursorMove::Up, shift),
            KeyCode::Down if !alt => self.go(CursorMove::Down, shift),
            KeyCode::PageUp => self.go(line(row.saturating_sub(page)), shift),
            KeyCode::PageDown => self.go(line((row + page).min(self.lines().len() - 1)), shift),
            KeyCode::Home | KeyCode::End if ctrl => {
                // the area's own moves keep the column
                let to = if key.code == KeyCode::Home {
                    0
                } else {
                    self.text.len()
                };
                self.go_to(to, shift);
                Did::Moved
            }
            KeyCode::Home => self.home(shift),
            KeyCode::End => self.go(CursorMove::End, shift),
            KeyCode::Char('a') if ctrl => self.home(false),
            KeyCode::Char('e') if ctrl => self.go(CursorMove::End, false),
            KeyCode::Char('b') if alt => self.go(CursorMove::WordBack, false),
            KeyCode::Char('f') if alt => self.go(CursorMove::WordForward, false),
            KeyCode::Enter if !ctrl && !alt => self.edit(now, |e| e.newline()),
            KeyCode::Backspace if alt || ctrl => self.edit(now, |e| e.area.delete_word()),
            KeyCode::Char('w') if ctrl => self.edit(now, |e| e.area.delete_word()),
            KeyCode::Char('d') if alt => self.edit(now, |e| e.area.delete_next_word()),
            KeyCode::Char('k') if ctrl => self.edit(now, |e| e.area.delete_line_by_end()),
            KeyCode::Char('u') if ctrl => self.edit(now, |e| e.area.delete_line_by_head()),
            KeyCode::Backspace => self.edit(now, |e| e.backspace()),
            KeyCode::Delete => self.edit(now, |e| e.area.delete_next_char()),
            KeyCode::Char(c) if !ctrl && !alt => {
                if self.text.len() + c.len_utf8() > LIMIT {
                    return Did::Ignored;
                }
                self.edit(now, |e| {
                    e.area.input(Input {
                        key: tui_textarea::Key::Char(c),
                        ctrl: false,
                        alt: false,
                        shift: false,
                    })
                })
            }
            _ => Did::Ignored,
        }
    }

    fn go(&mut self, to: CursorMove, select: bool) -> Did {
        match (select, self.area.is_selecting()) {
            (true, false) => self.area.start_selection(),
            (false, true) => self.area.cancel_selection(),
            _ => {}
        }
        self.area.move_cursor(to);
        self.typed = None;
        Did::Moved
    }

    /// By what a person sees as one character; the area's own steps split them.
    fn go_to_cluster(&mut self, right: bool, select: bool) -> Did {
        let at = self.cursor();
        let to = if right {
            let step = self.text[at..].graphemes(true).next();
            at + step.map_or(0, str::len)
        } else {
            let step = self.text[..at].graphemes(true).next_back();
            at - step.map_or(0, str::len)
        };
        self.go_to(to, select);
        Did::Moved
    }

    /// The first letter of the line, then its first byte.
    fn home(&mut self, select: bool) -> Did {
        let (row, within) = self.place();
        let line = &self.lines()[row];
        let first = line.len() - line.trim_start().len();
        let start = self.line(row).start;
        self.go_to(
            if within == first {
                start
            } else {
                start + first
            },
            select,
        );
        Did::Moved
    }

    fn newline(&mut self) -> bool {
        let (row, within) = self.place();
        let line = &self.lines()[row][..within];
        let indent: String = line
            .chars()
            .take_while(|c| *c == ' ' || *c == '\t')
            .collect();
        let deeper = matches!(line.trim_end().chars().next_back(), Some('(' | '{' | '['));
        self.area.insert_newline();
        if !indent.is_empty() || deeper {
            let more = if deeper { INDENT } else { "" };
            self.area.insert_str(format!("{indent}{more}"));
        }
        true
    }

    fn backspace(&mut self) -> bool {
        if self.selection().is_none() {
            let at = self.cursor();
            let cluster = self.text[..at].graphemes(true).next_back().unwrap_or("");
            if cluster.chars().count() > 1 && cluster != "\r\n" {
                let from = at - cluster.len();
                let text = format!("{}{}", &self.text[..from], &self.text[at..]);
                self.put(&text, from);
                return true;
            }
        }
        self.area.delete_char()
    }

    /// Moves the marked lines, or the cursor's, by one step of indentation.
    pub fn indent(&mut self, out: bool) {
        self.each_line(|line| {
            if out {
                let blanks = line.len() - line.trim_start_matches(' ').len();
                let cut = if line.starts_with('\t') {
                    1
                } else {
                    blanks.min(INDENT.len())
                };
                line[cut..].to_owned()
            } else if line.is_empty() {
                String::new()
            } else {
                format!("{INDENT}{line}")
            }
        });
    }

    /// Makes the marked lines comments, or text again where all of them are comments.
    pub fn toggle_comment(&mut self) {
        let rows = self.marked_rows();
        let is = |l: &String| l.trim_start().starts_with("//") || l.trim().is_empty();
        let all = self.lines()[rows].iter().all(is);
        self.each_line(|line| {
            let blanks = line.len() - line.trim_start().len();
            let (head, rest) = line.split_at(blanks);
            if rest.is_empty() {
                line.to_owned()
            } else if all {
                let rest = rest.trim_start_matches("//");
                format!("{head}{}", rest.strip_prefix(' ').unwrap_or(rest))
            } else {
                format!("{head}// {rest}")
            }
        });
    }

    fn marked_rows(&self) -> Range<usize> {
        match self.selection() {
            Some(range) => {
                let last = self.line_of(range.end);
                // a mark that ends before a line's first letter does not mean that line
                let last = if range.end == self.line(last).start {
                    last
                } else {
                    last + 1
                };
                self.line_of(range.start)..last
            }
            None => {
                let (row, _) = self.place();
                row..row + 1
            }
        }
    }

    fn each_line(&mut self, change: impl Fn(&str) -> String) {
        let rows = self.marked_rows();
        let marked = self.selection().is_some();
        let (row, within) = self.place();
        let range = self.line(rows.start).start..self.line(rows.end - 1).end;
        let new: Vec<String> = self.lines()[rows.clone()]
            .iter()
            .map(|l| change(l))
            .collect();
        let mut cursor = self.cursor();
        if let Some(now) = row.checked_sub(rows.start).and_then(|n| new.get(n)) {
            let ahead: usize = new[..row - rows.start].iter().map(|l| l.len() + 1).sum();
            let shift = now.len() as isize - self.lines()[row].len() as isize;
            let within = within.saturating_add_signed(shift).min(now.len());
            cursor = range.start + ahead + within;
        }
        let text = new.join("\n");
        let end = range.start + text.len();
        self.replace(range.clone(), &text, cursor);
        if marked {
            self.go_to(range.start, false);
            self.go_to(end, true);
        }
    }

    fn edit(&mut self, now: Duration, change: impl FnOnce(&mut Self) -> bool) -> Did {
        let before = self.cursor();
        let old = self.text.clone();
        change(self);
        if self.area.is_selecting() && self.area.selection_range().is_none() {
            self.area.cancel_selection();
        }
        self.reread();
        if *old == *self.text {
            return Did::Moved;
        }
        self.note(&old, before, Some(now));
        Did::Changed
    }

    /// Keeps what changed as a step; letters typed one after the other grow one.
    fn note(&mut self, old: &str, before: usize, typed: Option<Duration>) {
        let (new, mut head) = (&*self.text, 0);
        for (a, b) in old.bytes().zip(new.bytes()) {
            if a != b {
                break;
            }
            head += 1;
        }
        while !old.is_char_boundary(head) || !new.is_char_boundary(head) {
            head -= 1;
        }
        let (rest_old, rest_new) = (&old[head..], &new[head..]);
        let mut tail = rest_old
            .bytes()
            .rev()
            .zip(rest_new.bytes().rev())
            .take_while(|(a, b)| a == b)
            .count();
        while !rest_old.is_char_boundary(rest_old.len() - tail)
            || !rest_new.is_char_boundary(rest_new.len() - tail)
        {
            tail -= 1;
        }
        let change = Change {
            at: head,
            removed: rest_old[..rest_old.len() - tail].to_owned(),
            inserted: rest_new[..rest_new.len() - tail].to_owned(),
            before,
        };
        self.redo.clear();
        let going_on = match (self.typed, typed) {
            (Some(last), Some(now)) => now.saturating_sub(last) < PAUSE,
            _ => false,
        };
        self.typed = typed;
        if going_on
            && let Some(last) = self.undo.last_mut()
            && grows(last, &change)
        {
            last.inserted.push_str(&change.inserted);
            return;
        }
        self.undo.push(change);
        if self.undo.len() > MOST {
            self.undo.remove(0);
        }
    }

    fn put(&mut self, text: &str, cursor: usize) {
        let lines = text.split('\n').map(str::to_owned).collect();
        self.area.set_lines(lines, (0, 0));
        self.reread();
        self.go_to(cursor, false);
    }

    fn reread(&mut self) {
        let mut text = String::with_capacity(self.text.len() + 16);
        self.starts.clear();
        for (n, line) in self.area.lines().iter().enumerate() {
            if n > 0 {
                text.push('\n');
            }
            self.starts.push(text.len());
            text.push_str(line);
        }
        if *text != *self.text {
            self.text = Arc::from(text);
            self.revision += 1;
        }
    }
}

/// A further letter of the same word, right behind.
fn grows(last: &Change, next: &Change) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    next.removed.is_empty()
        && last.at + last.inserted.len() == next.at
        && next.inserted.chars().count() == 1
        && next.inserted.chars().all(letter)
        && last.inserted.chars().all(letter)
        && !last.inserted.is_empty()
}

#[cfg(test)]
#[path = "editor_tests.rs"]
mod tests;
