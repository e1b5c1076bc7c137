//! A list pane: title with counts and freshness, headings, the visible rows and no others.

use super::theme::Theme;
use crate::app::App;
use crate::app::pane::Pane;
use crate::model::Ticks;
use crate::resource::{Column, Shape};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use table::Cell;

pub fn draw(app: &App, pane: &Pane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height == 0 || area.width < 4 {
        return;
    }
    let title = format!(
        " {} · {} of {} ",
        pane.spec.title,
        pane.shown.len(),
        pane.progress.total.unwrap_or(pane.progress.loaded)
    );
    buf.set_stringn(area.x, area.y, title, area.width.into(), theme.head);
    let widths = widths(pane.spec.columns, area.width.saturating_sub(1));
    let mut scratch = String::new();
    for line in 0..area.height.saturating_sub(2) {
        let Some(row) = pane.shown.get(pane.top + usize::from(line)) else {
            break;
        };
        let y = area.y + 2 + line;
        let here = pane.top + usize::from(line) == pane.cursor;
        if here {
            buf.set_stringn(area.x, y, "▌", 1, theme.accent);
        }
        let mut x = area.x + 1;
        for (col, width) in widths.iter().enumerate() {
            if *width == 0 {
                continue;
            }
            scratch.clear();
            cell(
                &mut scratch,
                &pane.spec.columns[col],
                pane.rows.table().cell(row, col),
                app.now.wall,
                usize::from(*width),
            );
            buf.set_stringn(
                x,
                y,
                &scratch,
                (*width).into(),
                if here { theme.cursor } else { theme.text },
            );
            x += width + 1;
        }
    }
}

/// Writes a cell's screen form, at most `width` cells wide, into `out`.
pub fn cell(out: &mut String, column: &Column, cell: Cell<'_>, now: Ticks, width: usize) {
    use std::fmt::Write;
    match cell {
        Cell::Null => {}
        Cell::Text(t) => {
            if let Shape::Ranked(words) = column.shape
                && let Some((_, short)) = words
                    .iter()
                    .find(|(w, _)| w.eq_ignore_ascii_case(t.exact()))
            {
                out.push_str(short);
            } else {
                t.shown_fit(out, width);
            }
        }
        Cell::List(items) => {
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(' ');
                }
                item.shown_fit(out, width);
            }
        }
        Cell::Int(n) => {
            let _ = write!(out, "{n:>width$}");
        }
        Cell::Real(n) => {
            let _ = write!(out, "{n:>width$.1}");
        }
        Cell::Bool(b) => out.push_str(if b { "yes" } else { "no" }),
        Cell::Span(n) => {
            let _ = write!(out, "{n:>width$}");
        }
        Cell::Time(t) => {
            let _ = write!(out, "{:>width$}", Ticks(t).age(now));
        }
    }
}

/// The width of each column, 0 = left out: columns drop by rank until the rest fit, the growing one takes the slack.
pub fn widths(columns: &[Column], space: u16) -> Vec<u16> {
    for rank in (0..=9u8).rev() {
        let kept: Vec<&Column> = columns.iter().filter(|c| c.drop < rank.max(1)).collect();
        let least: u16 = kept.iter().map(|c| c.width.0 + 1).sum();
        if least > space && rank > 1 {
            continue;
        }
        let mut slack = space.saturating_sub(least);
        return columns
            .iter()
            .map(|c| {
                if c.drop >= rank.max(1) {
                    return 0;
                }
                let wish = if c.grow > 0 {
                    0
                } else {
                    (c.width.1 - c.width.0).min(slack)
                };
                slack -= wish;
                c.width.0 + wish
            })
            .collect::<Vec<u16>>()
            .into_iter()
            .zip(columns)
            .map(|(w, c)| if w > 0 && c.grow > 0 { w + slack } else { w })
            .collect();
    }
    Vec::new()
}
