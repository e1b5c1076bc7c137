//! The manners of vim, for those who chose them (`editor-keys`): modes, counts, motions, operators, a register.
//!
//! Only letters without Ctrl and Alt come here; every other key means what it means in the plain editor. Positions are bytes.

use super::editor::Editor;
use super::vim_words::{after, before, blanks, object, word_ahead, word_back, word_end};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// Where the person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Insert,
    Normal,
    /// Marking letters, and marking lines.
    Visual,
    Lines,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Normal => "NORMAL",
            Self::Visual => "VISUAL",
            Self::Lines => "VISUAL LINE",
        }
    }
}

/// What was begun, and what was taken.
#[derive(Debug, Default)]
pub struct Vim {
    pub mode: Mode,
    count: usize,
    /// `d`, `c`, `y`, `>`, `<`, and the count before it.
    op: Option<(char, usize)>,
    /// `f`, `t`, `F`, `T`, `r`, `g`, `i`, `a`: one more letter is to come.
    wait: Option<char>,
    register: String,
    /// What was taken were whole lines.
    lines: bool,
    /// The last `f` or its kin, and its letter.
    found: Option<(char, char)>,
    /// Where marking began.
    anchor: usize,
}

/// What a key wants of the pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Done, as far as the text goes.
    Done,
    /// None of vim's keys.
    Pass,
    Search,
    Again(bool),
    Undo,
    Bracket,
}

/// How far a motion takes an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Up to, and not with, its end.
    Before,
    /// With its end.
    With,
    Lines,
}

impl Vim {
    /// A key. Edits are made by the caller as one step (`Wish::Done` after a change is one step each).
    pub fn key(&mut self, e: &mut Editor, key: KeyEvent) -> Wish {
        let plain = !key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match (self.mode, key.code) {
            (Mode::Insert, KeyCode::Esc) => {
                self.mode = Mode::Normal;
                let (row, within) = e.place();
                if within > 0 {
                    let at = before(e, e.cursor());
                    e.go_to(at.max(e.line(row).start), false);
                }
                self.reset();
                Wish::Done
            }
            (Mode::Insert, _) => Wish::Pass,
            (_, KeyCode::Esc) if self.busy() || self.mode != Mode::Normal => {
                self.mode = Mode::Normal;
                let at = e.cursor();
                e.go_to(at, false);
                self.reset();
                self.clamp(e);
                Wish::Done
            }
            (_, KeyCode::Char(c)) if plain => {
                let wish = self.letter(e, c);
                if self.mode != Mode::Insert {
                    self.clamp(e);
                }
                wish
            }
            (_, KeyCode::Enter) if plain => {
                let row = (e.place().0 + self.count.max(1)).min(e.lines().len() - 1);
                let at = e.line(row).start + blanks(&e.lines()[row]);
                self.reset();
                e.go_to(at, self.marks());
                Wish::Done
            }
            (_, KeyCode::Backspace | KeyCode::Tab | KeyCode::BackTab | KeyCode::Delete)
                if plain =>
            {
                Wish::Done
            }
            _ => Wish::Pass,
        }
    }

    /// What has been typed of a command.
    pub fn begun(&self) -> String {
        let mut out = String::new();
        if let Some((op, _)) = self.op {
            out.push(op);
        }
        if self.count > 0 {
            out.push_str(&self.count.to_string());
        }
        out.extend(self.wait);
        out
    }

    fn busy(&self) -> bool {
        self.count > 0 || self.op.is_some() || self.wait.is_some()
    }

    fn marks(&self) -> bool {
        matches!(self.mode, Mode::Visual | Mode::Lines)
    }

    fn reset(&mut self) {
        (self.count, self.op, self.wait) = (0, None, None);
    }

    fn letter(&mut self, e: &mut Editor, c: char) -> Wish {
        if let Some(wait) = self.wait.take() {
            return self.second(e, wait, c);
        }
        match c {
            '1'..='9' => {
                self.count = (self.count * 10 + c as usize - '0' as usize).min(99_999);
                return Wish::Done;
            }
            '0' if self.count > 0 => {
                self.count = (self.count * 10).min(99_999);
                return Wish::Done;
            }
            'f' | 't' | 'F' | 'T' | 'g' => {
                self.wait = Some(c);
                return Wish::Done;
            }
            'i' | 'a' if self.op.is_some() || self.marks() => {
                self.wait = Some(c);
                return Wish::Done;
            }
            'r' if self.op.is_none() => {
                self.wait = Some(c);
                return Wish::Done;
            }
            _ => {}
        }
        let count = self.count.max(1) * self.op.map_or(1, |(_, n)| n);
        if let Some((to, reach)) = self.motion(e, c, count) {
            self.go(e, to, reach);
            return Wish::Done;
        }
        if self.marks() {
            return self.marked(e, c);
        }
        if let Some((op, n)) = self.op {
            // the operator twice: lines
            if c == op {
                let (row, _) = e.place();
                let last = (row + self.count.max(1) * n - 1).min(e.lines().len() - 1);
                self.operate(e, op, e.line(row).start..e.line(last).end, true);
            }
            self.reset();
            return Wish::Done;
        }
        self.command(e, c, count)
    }

    /// The second letter of a sequence.
    fn second(&mut self, e: &mut Editor, wait: char, c: char) -> Wish {
        let count = self.count.max(1);
        match wait {
            'r' => {
                let at = e.cursor();
                let end = after(e, at);
                if end > at {
                    e.replace(at..end, &c.to_string(), at);
                }
                self.reset();
            }
            'g' if c == 'g' => {
                let row = self.count.saturating_sub(1).min(e.lines().len() - 1);
                let to = e.line(row).start + blanks(&e.lines()[row]);
                self.go(e, to, Reach::Lines);
            }
            'f' | 't' | 'F' | 'T' => {
                self.found = Some((wait, c));
                match self.find(e, wait, c, count) {
                    Some((to, reach)) => self.go(e, to, reach),
                    None => self.reset(),
                }
            }
            'i' | 'a' => {
                let object = object(e, c, wait == 'a');
                match (object, self.op) {
                    (Some(range), Some((op, _))) => {
                        self.operate(e, op, range, false);
                        self.reset();
                    }
                    (Some(range), None) if !range.is_empty() => {
                        self.anchor = range.start;
                        e.go_to(range.start, false);
                        let last = before(e, range.end);
                        e.go_to(last, true);
                        self.reset();
                    }
                    _ => self.reset(),
                }
            }
            _ => self.reset(),
        }
        Wish::Done
    }

    fn go(&mut self, e: &mut Editor, to: usize, reach: Reach) {
        let from = e.cursor();
        match self.op {
            Some((op, _)) => {
                let (mut start, mut end) = (from.min(to), from.max(to));
                match reach {
                    Reach::With => end = after(e, end),
                    Reach::Lines => {
                        start = e.line(e.line_of(start)).start;
                        end = e.line(e.line_of(end)).end;
                    }
                    // `dw` at a line's last word takes the word, not the line's end
                    Reach::Before if e.line_of(end) > e.line_of(start) && to > from => {
                        end = end.min(e.line(e.line_of(start)).end.max(start));
                    }
                    Reach::Before => {}
                }
                self.operate(e, op, start..end, reach == Reach::Lines);
            }
            None => e.go_to(to, self.marks()),
        }
        self.reset();
    }

    /// What an operator does to a range.
    fn operate(&mut self, e: &mut Editor, op: char, range: Range<usize>, lines: bool) {
        self.register = e.text()[range.clone()].to_owned();
        self.lines = lines;
        match op {
            'y' => e.go_to(range.start, false),
            'd' if lines => {
                let (mut start, mut end) = (range.start, range.end);
                if end < e.text().len() {
                    end += 1;
                } else {
                    start = start.saturating_sub(1);
                }
                e.replace(start..end, "", start.min(e.text().len() - (end - start)));
                let (row, _) = e.place();
                let at = e.line(row).start;
                e.go_to(at, false);
            }
            'd' => e.replace(range.clone(), "", range.start),
            'c' => {
                let keep = if lines {
                    blanks(&e.text()[range.clone()])
                } else {
                    0
                };
                let start = range.start + keep;
                e.replace(start..range.end, "", start);
                self.mode = Mode::Insert;
            }
            '>' | '<' => {
                e.go_to(range.start, false);
                e.go_to(range.end.max(range.start), true);
                e.indent(op == '<');
                let at = range.start.min(e.text().len());
                e.go_to(at, false);
            }
            _ => {}
        }
        if self.marks() {
            self.mode = Mode::Normal;
        }
    }

    /// A letter while something is marked.
    fn marked(&mut self, e: &mut Editor, c: char) -> Wish {
        let range = self.range(e);
        let lines = self.mode == Mode::Lines;
        match c {
            'd' | 'x' | 'X' => self.operate(e, 'd', range, lines),
            'c' | 's' => self.operate(e, 'c', range, lines),
            'y' => self.operate(e, 'y', range, lines),
            '>' | '<' => self.operate(e, c, range, true),
            'p' | 'P' => {
                let put = self.register.clone();
                let start = range.start;
                e.replace(range, &put, start + put.len());
                self.mode = Mode::Normal;
            }
            'o' => {
                let at = e.cursor();
                let other = self.anchor;
                self.anchor = at;
                e.go_to(at, false);
                e.go_to(other, true);
            }
            'v' | 'V' => {
                let next = if c == 'v' { Mode::Visual } else { Mode::Lines };
                self.mode = if self.mode == next {
                    Mode::Normal
                } else {
                    next
                };
                let at = e.cursor();
                if self.mode == Mode::Normal {
                    e.go_to(at, false);
                }
            }
            _ => {}
        }
        self.reset();
        Wish::Done
    }

    /// What is marked, with the letter under the cursor.
    fn range(&self, e: &Editor) -> Range<usize> {
        let (a, b) = (self.anchor.min(e.cursor()), self.anchor.max(e.cursor()));
        if self.mode == Mode::Lines {
            e.line(e.line_of(a)).start..e.line(e.line_of(b)).end
        } else {
            a..after(e, b)
        }
    }

    /// A letter that is neither a motion nor an operator under way.
    fn command(&mut self, e: &mut Editor, c: char, count: usize) -> Wish {
        let at = e.cursor();
        let (row, _) = e.place();
        let line = e.line(row);
        let mut insert = |to: usize, e: &mut Editor| {
            e.go_to(to, false);
            self.mode = Mode::Insert;
        };
        match c {
            'i' => insert(at, e),
            'a' => insert(after(e, at).min(line.end), e),
            'I' => insert(line.start + blanks(&e.lines()[row]), e),
            'A' => insert(line.end, e),
            'o' | 'O' => {
                let indent = e.lines()[row][..blanks(&e.lines()[row])].to_owned();
                if c == 'o' {
                    let to = line.end + 1 + indent.len();
                    e.replace(line.end..line.end, &format!("\n{indent}"), to);
                } else {
                    let to = line.start + indent.len();
                    e.replace(line.start..line.start, &format!("{indent}\n"), to);
                }
                self.mode = Mode::Insert;
            }
            'd' | 'c' | 'y' | '>' | '<' => {
                self.op = Some((c, self.count.max(1)));
                self.count = 0;
                return Wish::Done;
            }
            'x' | 's' => {
                let mut end = at;
                for _ in 0..count {
                    end = after(e, end).min(line.end);
                }
                self.operate(e, if c == 'x' { 'd' } else { 'c' }, at..end, false);
            }
            'X' => {
                let start = before(e, at).max(line.start);
                self.operate(e, 'd', start..at, false);
            }
            'D' => self.operate(e, 'd', at..line.end, false),
            'C' => self.operate(e, 'c', at..line.end, false),
            'S' => self.operate(e, 'c', line, true),
            'Y' => self.operate(e, 'y', line, true),
            'J' => {
                let last = (row + count.max(2) - 1).min(e.lines().len() - 1);
                if last > row {
                    let parts: Vec<&str> = (row..=last)
                        .map(|n| e.lines()[n].as_str())
                        .enumerate()
                        .map(|(n, l)| if n == 0 { l.trim_end() } else { l.trim() })
                        .collect();
                    let joined = parts.join(" ");
                    let to = line.start + parts[0].len();
                    let end = e.line(last).end;
                    e.replace(line.start..end, &joined, to);
                }
            }
            '~' => {
                let end = after(e, at).min(line.end);
                let turned: String = e.text()[at..end]
                    .chars()
                    .flat_map(|c| {
                        let up: Vec<char> = if c.is_lowercase() {
                            c.to_uppercase().collect()
                        } else {
                            c.to_lowercase().collect()
                        };
                        up
                    })
                    .collect();
                let to = at + turned.len();
                e.replace(at..end, &turned, to);
            }
            'p' | 'P' => self.put(e, c == 'p', count),
            'v' | 'V' => {
                self.mode = if c == 'v' { Mode::Visual } else { Mode::Lines };
                self.anchor = at;
                e.go_to(at, false);
                e.go_to(at, true);
            }
            'u' => {
                self.reset();
                return Wish::Undo;
            }
            '/' => return Wish::Search,
            'n' => return Wish::Again(true),
            'N' => return Wish::Again(false),
            '%' => return Wish::Bracket,
            _ => {}
        }
        self.reset();
        Wish::Done
    }

    fn put(&mut self, e: &mut Editor, behind: bool, count: usize) {
        let at = e.cursor();
        let (row, _) = e.place();
        let line = e.line(row);
        let text = if self.lines {
            vec![self.register.as_str(); count].join("\n")
        } else {
            self.register.repeat(count)
        };
        if self.lines {
            let (place, put, to) = if behind {
                (line.end, format!("\n{text}"), line.end + 1)
            } else {
                (line.start, format!("{text}\n"), line.start)
            };
            e.replace(place..place, &put, to);
        } else if !text.is_empty() {
            let place = if behind {
                after(e, at).min(line.end)
            } else {
                at
            };
            e.replace(place..place, &text, place + text.len());
            let last = before(e, place + text.len());
            e.go_to(last, false);
        }
    }

    /// Where a motion goes.
    fn motion(&mut self, e: &Editor, c: char, count: usize) -> Option<(usize, Reach)> {
        let (at, (row, within)) = (e.cursor(), e.place());
        let line = e.line(row);
        let text = e.text();
        let column = |to: usize| {
            let col = e.lines()[row][..within].graphemes(true).count();
            let letters = e.lines()[to].grapheme_indices(true).nth(col);
            e.line(to).start + letters.map_or(e.lines()[to].len(), |(i, _)| i)
        };
        let last = e.lines().len() - 1;
        let repeat = |step: &dyn Fn(usize) -> usize| (0..count).fold(at, |at, _| step(at));
        Some(match c {
            'h' => (repeat(&|p| before(e, p).max(line.start)), Reach::Before),
            'l' | ' ' => (repeat(&|p| after(e, p).min(line.end)), Reach::Before),
            'j' => (column((row + count).min(last)), Reach::Lines),
            'k' => (column(row.saturating_sub(count)), Reach::Lines),
            'w' => (repeat(&|p| word_ahead(text, p)), Reach::Before),
            'b' => (repeat(&|p| word_back(text, p)), Reach::Before),
            'e' => (repeat(&|p| word_end(text, p)), Reach::With),
            '0' => (line.start, Reach::Before),
            '^' => (line.start + blanks(&e.lines()[row]), Reach::Before),
            '$' => (line.end, Reach::Before),
            'G' => {
                let to = if self.count > 0 { count - 1 } else { last }.min(last);
                (e.line(to).start + blanks(&e.lines()[to]), Reach::Lines)
            }
            '}' => {
                let blank = (row + 1..=last).find(|n| e.lines()[*n].trim().is_empty());
                (blank.map_or(text.len(), |n| e.line(n).start), Reach::Before)
            }
            '{' => {
                let blank = (0..row).rev().find(|n| e.lines()[*n].trim().is_empty());
                (blank.map_or(0, |n| e.line(n).start), Reach::Before)
            }
            ';' | ',' => {
                let (way, letter) = self.found?;
                let way = match (c, way) {
                    (';', way) => way,
                    (_, 'f') => 'F',
                    (_, 'F') => 'f',
                    (_, 't') => 'T',
                    (_, _) => 't',
                };
                return self.find(e, way, letter, count);
            }
            _ => return None,
        })
    }

    /// `f`, `t` and their kin within the line.
    fn find(&self, e: &Editor, way: char, letter: char, count: usize) -> Option<(usize, Reach)> {
        let (row, within) = e.place();
        let line = &e.lines()[row];
        let start = e.line(row).start;
        let at = if way.is_lowercase() {
            let from = after(e, start + within) - start;
            let from = if way == 't' && line.get(from..)?.starts_with(letter) {
                from + letter.len_utf8()
            } else {
                from
            };
            let found = line.get(from..)?.match_indices(letter).nth(count - 1)?.0;
            from + found
        } else {
            line[..within].rmatch_indices(letter).nth(count - 1)?.0
        };
        Some(match way {
            'f' => (start + at, Reach::With),
            't' => (before(e, start + at), Reach::With),
            'F' => (start + at, Reach::Before),
            _ => (start + at + letter.len_utf8(), Reach::Before),
        })
    }

    /// Outside of inserting, the cursor is on a letter and never behind the last one.
    fn clamp(&self, e: &mut Editor) {
        if self.marks() {
            return;
        }
        let (row, within) = e.place();
        let line = e.line(row);
        if within > 0 && within >= line.len() && e.selection().is_none() {
            let at = before(e, line.end).max(line.start);
            e.go_to(at, false);
        }
    }
}

#[cfg(test)]
#[path = "vim_tests.rs"]
mod tests;
