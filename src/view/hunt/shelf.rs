//! Lists of hunts, runs and tables with a preview: beside each other, or one above the other where the screen is narrow.

use super::super::popup::{Caret, cursor_bar, frame_at, input, put, put_cut, wrap};
use super::super::theme::Theme;
use super::editor;
use crate::app::App;
use crate::app::hunt::understand;
use crate::app::library::shelf::{Said, Shelf, is_wide, parts};
use crate::resource::doc::Tone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

pub fn draw(app: &App, buf: &mut Buffer, theme: &Theme, shelf: &Shelf) -> Caret {
    let all = buf.area;
    let area = Rect {
        y: all.y + 2.min(all.height),
        height: all.height.saturating_sub(3),
        ..all
    };
    let title = format!("{} · {}", shelf.title(), shelf.rows.len());
    let inside = frame_at(buf, theme, &title, area);
    if inside.height < 4 || inside.width < 20 {
        return None;
    }
    let line = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        height: 1,
        ..inside
    };
    let caret = input(buf, theme, &shelf.line, line, "> ");
    let (rows, lines) = parts(app.size);
    let wide = is_wide(app.size);
    let list = Rect {
        y: inside.y + 1,
        height: rows as u16,
        width: if wide { inside.width / 2 } else { inside.width },
        ..inside
    }
    .intersection(inside);
    let preview = if wide {
        Rect {
            x: list.right() + 2,
            width: inside.right().saturating_sub(list.right() + 3),
            ..list
        }
    } else {
        Rect {
            x: inside.x + 1,
            y: list.bottom() + 1,
            width: inside.width.saturating_sub(2),
            height: lines as u16,
        }
    }
    .intersection(inside);
    if wide {
        for y in list.y..list.bottom() {
            put(buf, list.right(), y, "│", 1, theme.border);
        }
    } else {
        let rule = "─".repeat(usize::from(inside.width));
        put(
            buf,
            inside.x,
            list.bottom(),
            &rule,
            inside.width,
            theme.border,
        );
    }
    self::list(app, buf, theme, shelf, list);
    self::preview(app, buf, theme, shelf, preview);
    let foot = inside.bottom() - 1;
    let (words, style) = match &shelf.problem {
        Some(problem) => (problem.as_str(), theme.tone(Tone::Bad)),
        None => (shelf.keys(), theme.dim),
    };
    put_cut(
        buf,
        inside.x + 1,
        foot,
        words,
        inside.width.saturating_sub(2),
        style,
    );
    caret
}

fn list(app: &App, buf: &mut Buffer, theme: &Theme, shelf: &Shelf, area: Rect) {
    if shelf.rows.is_empty() {
        let words = match app.library.told.1 || !shelf.line.is_empty() {
            true => "nothing of that kind",
            false => "nothing here yet",
        };
        put_cut(
            buf,
            area.x + 2,
            area.y,
            words,
            area.width.saturating_sub(3),
            theme.dim,
        );
    }
    let rows = shelf.rows.iter().enumerate().skip(shelf.top);
    for (line, (n, row)) in rows.take(usize::from(area.height)).enumerate() {
        let y = area.y + line as u16;
        let here = n == shelf.at;
        let style = if here {
            theme.text.patch(theme.cursor)
        } else {
            theme.text
        };
        cursor_bar(buf, theme, area.x, y, here);
        let x = area.x + 1 + row.depth;
        let sign = match row.sign {
            "!" | "✗" | "↗" => theme.tone(Tone::Bad),
            _ => theme.dim,
        };
        put(buf, x, y, row.sign, 1, sign);
        let room = area.right().saturating_sub(x + 3);
        // the note gives way to the label, down to a third of the line
        let least = room / 3;
        let note = (row.note.width() as u16)
            .min((room.saturating_sub(row.label.width() as u16 + 2)).max(least));
        let label = room.saturating_sub(note + 2);
        put_cut(buf, x + 2, y, &row.label, label, style);
        let at = area.right().saturating_sub(note + 1);
        put_cut(buf, at, y, &row.note, note, theme.dim);
    }
}

fn preview(app: &App, buf: &mut Buffer, theme: &Theme, shelf: &Shelf, area: Rect) {
    let said = shelf.preview(app);
    let text: Vec<&str> = said
        .iter()
        .filter_map(|s| match s {
            Said::Query(line) => Some(line.as_str()),
            _ => None,
        })
        .collect();
    let text = text.join("\n");
    // a text that is long is shown without colours rather than late
    let thought = (!text.is_empty() && text.len() < 20_000)
        .then(|| crate::msg::Thought::about(text.as_str().into(), understand::world()));
    let (mut y, mut at) = (area.y, 0);
    for (n, line) in said.iter().enumerate() {
        let query = matches!(line, Said::Query(_));
        let start = at;
        if let Said::Query(line) = line {
            at += line.len() + 1;
        }
        if n < shelf.scrolled || y >= area.bottom() {
            continue;
        }
        if query {
            let Said::Query(words) = line else { continue };
            let pieces = thought
                .as_ref()
                .map(|t| t.colours.as_slice())
                .unwrap_or_default();
            let here = Rect {
                y,
                height: 1,
                ..area
            };
            editor::coloured(buf, theme, here, words, start, pieces);
            y += 1;
            continue;
        }
        let (text, style) = match line {
            Said::Head(text) => (text.clone(), theme.head),
            Said::Fact("", text) => (text.clone(), theme.text),
            Said::Fact(name, text) => (format!("{name:<11}{text}"), theme.dim),
            Said::Bad(text) => (text.clone(), theme.tone(Tone::Bad)),
            Said::Query(_) => continue,
        };
        let lines = match text.is_empty() {
            true => vec![String::new()],
            false => wrap(&text, usize::from(area.width).max(10)),
        };
        for line in lines {
            if y < area.bottom() {
                put_cut(buf, area.x, y, &line, area.width, style);
                y += 1;
            }
        }
    }
}
