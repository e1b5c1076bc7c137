//! A document laid out for a width: wrapped rows of words, each knowing which line of the document it belongs to.
//! Made when the document or the width changes, so that drawing only copies the rows in sight.

use crate::model::Ticks;
use crate::resource::doc::{Doc, Form, Line, Tone, Value};
use table::Txt;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How a piece of a row is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Text,
    /// Names of fields, times.
    Name,
    Head,
    /// A value that can be opened.
    Link,
    Tone(Tone),
}

/// A row of cells on screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line of the document.
    pub line: usize,
    pub indent: u16,
    pub pieces: Vec<(Ink, String)>,
}

/// Width of the names of fields, and on narrow screens.
const NAME: (usize, usize) = (18, 12);
/// Narrower than this is narrow.
const NARROW: usize = 60;
/// `12:04:05Z`, as events have it; the day stands above the first of it.
const TIME: usize = 9;

/// Lays a document out.
pub fn rows(doc: &Doc, width: u16, now: Ticks) -> Vec<Row> {
    let mut out = Vec::with_capacity(doc.lines.len());
    let mut day = String::new();
    let mut grouped = days_stand_above(&doc.lines);
    for (n, line) in doc.lines.iter().enumerate() {
        match line.form {
            Form::Event { at: Some(at), .. } if grouped => {
                let this = day_of(at);
                if this != day {
                    out.push(Row {
                        line: n,
                        indent: u16::from(line.indent) * 2,
                        pieces: vec![(Ink::Name, this.clone())],
                    });
                    day = this;
                }
            }
            Form::Head(..) => {
                day.clear();
                grouped = days_stand_above(doc.lines.get(n + 1..).unwrap_or_default());
            }
            _ => {}
        }
        let width = usize::from(width.max(12));
        one(&mut out, n, line, width, now, grouped);
    }
    out
}

/// Whether the events up to the next heading share their days: then a day stands once above them, else in each.
fn days_stand_above(lines: &[Line]) -> bool {
    let block = lines
        .iter()
        .take_while(|l| !matches!(l.form, Form::Head(..)));
    let days = block.filter_map(|l| match l.form {
        Form::Event { at: Some(at), .. } => Some(day_of(at)),
        _ => None,
    });
    let days: Vec<String> = days.collect();
    let changes = days
        .windows(2)
        .filter(|w| matches!(w, [a, b] if a != b))
        .count();
    changes * 2 < days.len().max(1)
}

/// `2026-08-01`.
fn day_of(at: Ticks) -> String {
    instant(at).chars().take(10).collect()
}

/// An instant as details show it: UTC, to the second, the zone said.
pub fn instant(at: Ticks) -> String {
    match at.timestamp() {
        Some(t) => t.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        None => "?".into(),
    }
}

/// Bytes of one value that a detail shows; the rest is reached by copying.
const LONGEST: usize = 32 << 10;

/// A text safe for the screen. A command line is longer than a cell of a list may be.
pub fn long(text: Txt<'_>) -> String {
    let exact = text.exact();
    if exact.len() <= LONGEST {
        return text.clipboard();
    }
    let mut end = LONGEST;
    while !exact.is_char_boundary(end) {
        end -= 1;
    }
    let head = Txt::new(exact.get(..end).unwrap_or_default()).clipboard();
    format!(
        "{head} … and {} bytes more: copy it to have all",
        exact.len() - end
    )
}

/// A value in words, safe for the screen.
pub fn words(value: &Value, now: Ticks) -> String {
    match value {
        Value::Text(t) => long(t.txt()),
        Value::Own(s) | Value::Word(_, s) => s.clone(),
        Value::Time(t) => format!("{} ({})", instant(*t), t.age(now)),
        Value::Int(n) => n.to_string(),
        Value::Unknown => "…".into(),
    }
}

fn ink(value: &Value, link: bool) -> Ink {
    match value {
        Value::Word(tone, _) => Ink::Tone(*tone),
        Value::Unknown => Ink::Tone(Tone::Dim),
        Value::Time(_) => Ink::Name,
        Value::Text(_) if link => Ink::Link,
        _ => Ink::Text,
    }
}

fn one(out: &mut Vec<Row>, n: usize, line: &Line, width: usize, now: Ticks, grouped: bool) {
    let indent = (usize::from(line.indent) * 2).min(width / 2);
    let link = line.target.is_some();
    let piece = |v: &Value| (ink(v, link), words(v, now));
    let mut pieces: Vec<(Ink, String)> = Vec::new();
    let mut hang = 0;
    match &line.form {
        Form::Blank => {}
        Form::Head(value, count) => {
            pieces.push((Ink::Head, words(value, now)));
            if let Some(count) = count {
                pieces.push((Ink::Name, format!("({count})")));
            }
        }
        Form::Field(name, values) => {
            let wide = if width < NARROW { NAME.1 } else { NAME.0 };
            pieces.push((Ink::Name, format!("{name:<wide$}")));
            hang = wide + 1;
            pieces.extend(values.iter().map(piece));
        }
        Form::Event { at, values } => {
            let (skip, wide) = if grouped { (11, TIME) } else { (0, TIME + 11) };
            let time = at.map(|t| instant(t).chars().skip(skip).collect());
            let time = time.unwrap_or_else(|| "no time".to_owned());
            pieces.push((Ink::Name, format!("{time:<wide$}")));
            hang = wide + 1;
            pieces.extend(values.iter().map(piece));
        }
        Form::Row(values) => pieces.extend(values.iter().map(piece)),
        Form::Node(values) => {
            pieces.push((Ink::Tone(Tone::Dim), "└".into()));
            hang = 2;
            pieces.extend(values.iter().map(piece));
        }
        Form::Note(tone, text) => pieces.push((Ink::Tone(*tone), text.clone())),
        Form::Prose(text) => {
            for paragraph in text.txt().exact().split('\n') {
                let paragraph = long(Txt::new(paragraph.trim_end_matches('\r')));
                wrap(out, n, indent, 0, width, &[(Ink::Text, paragraph)]);
            }
            return;
        }
    }
    // a narrow screen has no room for a hanging indent
    let hang = if hang * 2 > width.saturating_sub(indent) {
        2
    } else {
        hang
    };
    wrap(out, n, indent, hang, width, &pieces);
}

/// Breaks pieces into rows at blanks; a word longer than a row is broken where it must be, never cut.
pub fn wrap(
    out: &mut Vec<Row>,
    line: usize,
    indent: usize,
    hang: usize,
    width: usize,
    pieces: &[(Ink, String)],
) {
    let mut row = Row {
        line,
        indent: indent as u16,
        pieces: Vec::new(),
    };
    let mut used = 0;
    let mut room = width.saturating_sub(indent).max(4);
    let next = |out: &mut Vec<Row>, row: &mut Row, used: &mut usize, room: &mut usize| {
        let fresh = Row {
            line,
            indent: (indent + hang) as u16,
            pieces: Vec::new(),
        };
        out.push(std::mem::replace(row, fresh));
        *used = 0;
        *room = width.saturating_sub(indent + hang).max(4);
    };
    for (ink, text) in pieces {
        // the names of fields keep their padding; everything else breaks at blanks
        let words: Vec<&str> = if *ink == Ink::Name {
            vec![text.as_str()]
        } else {
            text.split(' ').collect()
        };
        for (i, word) in words.iter().enumerate() {
            let gap = usize::from(used > 0);
            let wide = word.width();
            if used + gap + wide <= room {
                if gap > 0 {
                    push(&mut row, if i == 0 { Ink::Text } else { *ink }, " ");
                }
                push(&mut row, *ink, word);
                used += gap + wide;
                continue;
            }
            // a word that no row has room for begins where it stands
            if used > 0 && (wide <= width.saturating_sub(indent + hang) || used + 8 > room) {
                next(out, &mut row, &mut used, &mut room);
            } else if used > 0 {
                push(&mut row, if i == 0 { Ink::Text } else { *ink }, " ");
                used += 1;
            }
            for cluster in word.graphemes(true) {
                let w = cluster.width();
                if used + w > room && used > 0 {
                    next(out, &mut row, &mut used, &mut room);
                }
                push(&mut row, *ink, cluster);
                used += w;
            }
        }
    }
    out.push(row);
}

fn push(row: &mut Row, ink: Ink, text: &str) {
    match row.pieces.last_mut() {
        Some((last, s)) if *last == ink => s.push_str(text),
        _ => row.pieces.push((ink, text.to_owned())),
    }
}

/// The exact text of a line's values, for copying what stands there.
pub fn plain(line: &Line, now: Ticks) -> String {
    let join = |values: &[Value]| {
        values
            .iter()
            .map(|v| words(v, now))
            .collect::<Vec<_>>()
            .join(" ")
    };
    match &line.form {
        Form::Blank => String::new(),
        Form::Head(v, _) => words(v, now),
        Form::Field(_, values) | Form::Row(values) | Form::Node(values) => join(values),
        Form::Event { at, values } => {
            format!("{} {}", at.map_or_else(String::new, instant), join(values))
                .trim()
                .to_owned()
        }
        Form::Note(_, s) => s.clone(),
        Form::Prose(t) => t.txt().paragraphs().collect::<Vec<_>>().join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(rows: &[Row]) -> Vec<String> {
        rows.iter()
            .map(|r| {
                format!(
                    "{}{}",
                    " ".repeat(r.indent.into()),
                    r.pieces.iter().map(|(_, s)| s.as_str()).collect::<String>()
                )
            })
            .collect()
    }

    #[test]
    fn long_values_hang_below_their_name() {
        let mut doc = Doc::default();
        doc.field(
            "command line",
            Some(Value::Text(
                "powershell.exe -NoProfile -EncodedCommand AAAABBBBCCCCDDDDEEEE".into(),
            )),
        );
        let rows = rows(&doc, 50, Ticks(0));
        let lines = text(&rows);
        assert!(
            lines[0].starts_with("command line powershell.exe"),
            "{lines:?}"
        );
        assert!(lines[1].starts_with("             "), "{lines:?}");
        assert!(lines.iter().all(|l| l.width() <= 50));
    }

    #[test]
    fn a_day_stands_once_above_its_events_and_in_each_where_days_alternate() {
        let event = |doc: &mut Doc, at: &str| {
            let values = vec![Value::Own("x".into())];
            doc.push(
                0,
                Form::Event {
                    at: Ticks::parse(at),
                    values,
                },
            );
        };
        let mut doc = Doc::default();
        for at in [
            "2026-08-01T11:00:00Z",
            "2026-08-01T11:05:00Z",
            "2026-08-02T09:00:00Z",
        ] {
            event(&mut doc, at);
        }
        doc.head("others", None);
        for at in [
            "2026-08-02T11:00:00Z",
            "2026-07-01T11:05:00Z",
            "2026-06-02T09:00:00Z",
        ] {
            event(&mut doc, at);
        }
        assert_eq!(
            text(&rows(&doc, 60, Ticks(0))),
            [
                "2026-08-01",
                "11:00:00Z x",
                "11:05:00Z x",
                "2026-08-02",
                "09:00:00Z x",
                "",
                "others",
                "2026-08-02 11:00:00Z x",
                "2026-07-01 11:05:00Z x",
                "2026-06-02 09:00:00Z x",
            ]
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_wider_than_asked(words in proptest::collection::vec("[a-zä漢]{1,40}", 0..20), width in 12u16..100, indent in 0u8..40) {
            let mut doc = Doc::default();
            doc.push(indent, Form::Prose(words.join(" ").as_str().into()));
            let rows = rows(&doc, width, Ticks(0));
            let joined: String = text(&rows).concat().replace(' ', "");
            prop_assert_eq!(joined, words.concat());
            for r in &rows {
                let wide: usize = r.pieces.iter().map(|(_, s)| s.width()).sum();
                prop_assert!(wide + usize::from(r.indent) <= usize::from(width).max(12) + 4);
            }
        }
    }
}
