//! Words, brackets and letters of a text as vim counts them: pure, in bytes.

use super::editor::Editor;
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

pub(super) fn blanks(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

pub(super) fn after(e: &Editor, at: usize) -> usize {
    let step = e.text()[at..].graphemes(true).next();
    at + step.map_or(0, str::len)
}

pub(super) fn before(e: &Editor, at: usize) -> usize {
    let step = e.text()[..at].graphemes(true).next_back();
    at - step.map_or(0, str::len)
}

/// Letters of a word, other marks, blanks.
pub(super) fn class(c: char) -> u8 {
    match c {
        c if c.is_whitespace() => 0,
        c if c.is_alphanumeric() || c == '_' => 1,
        _ => 2,
    }
}

pub(super) fn word_ahead(text: &str, at: usize) -> usize {
    let mut rest = text[at..].char_indices().peekable();
    let Some(first) = rest.peek().map(|(_, c)| class(*c)) else {
        return at;
    };
    let mut seen_blank = first == 0;
    for (i, c) in rest {
        let class = class(c);
        if class == 0 {
            seen_blank = true;
        } else if seen_blank || class != first {
            return at + i;
        }
    }
    text.len()
}

pub(super) fn word_back(text: &str, at: usize) -> usize {
    let mut begun = None;
    let mut to = 0;
    for (i, c) in text[..at].char_indices().rev() {
        match (begun, class(c)) {
            (None, 0) => {}
            (None, class) => {
                begun = Some(class);
                to = i;
            }
            (Some(was), class) if was == class => to = i,
            _ => return to,
        }
    }
    to
}

pub(super) fn word_end(text: &str, at: usize) -> usize {
    let mut begun = None;
    let mut to = at;
    for (i, c) in text[at..].char_indices().skip(1) {
        match (begun, class(c)) {
            (None, 0) => {}
            (None, class) => {
                begun = Some(class);
                to = at + i;
            }
            (Some(was), class) if was == class => to = at + i,
            _ => return to,
        }
    }
    to
}

/// `iw`, `i"`, `i(` and the same with `a`.
pub(super) fn object(e: &Editor, c: char, around: bool) -> Option<Range<usize>> {
    let (row, within) = e.place();
    let (line, start) = (&e.lines()[row], e.line(row).start);
    match c {
        'w' => {
            let kind = class(line[within..].chars().next()?);
            let same = |c: char| class(c) == kind;
            let from = line[..within].trim_end_matches(same).len();
            let rest = &line[within..];
            let mut to = within + rest.len() - rest.trim_start_matches(same).len();
            if around {
                to += blanks(&line[to..]);
            }
            Some(start + from..start + to)
        }
        '"' | '\'' | '`' => {
            let places: Vec<usize> = line.match_indices(c).map(|(i, _)| i).collect();
            let pair = places.chunks(2).find(|p| p.len() == 2 && p[1] >= within)?;
            let (from, to) = (pair[0], pair[1]);
            Some(if around {
                start + from..start + to + 1
            } else {
                start + from + 1..start + to
            })
        }
        '(' | ')' | 'b' | '[' | ']' | '{' | '}' | 'B' => {
            let (open, close) = match c {
                '[' | ']' => ('[', ']'),
                '{' | '}' | 'B' => ('{', '}'),
                _ => ('(', ')'),
            };
            let (text, at) = (e.text(), e.cursor());
            let mut depth = 0;
            let from = text[..at].char_indices().rev().find_map(|(i, c)| {
                if c == close {
                    depth += 1;
                } else if c == open {
                    if depth == 0 {
                        return Some(i);
                    }
                    depth -= 1;
                }
                None
            });
            let from = if text[at..].starts_with(open) {
                Some(at)
            } else {
                from
            }?;
            let mut depth = 0;
            let to = text[from..].char_indices().find_map(|(i, c)| {
                if c == open {
                    depth += 1;
                } else if c == close {
                    depth -= 1;
                }
                (depth == 0).then_some(from + i)
            })?;
            Some(if around { from..to + 1 } else { from + 1..to })
        }
        _ => None,
    }
}
