//! Draws an open detail: its sections, the rows in sight, where the rest is.

use super::popup::{put, put_cut};
use super::theme::Theme;
use crate::app::App;
use crate::app::detail::Detail;
use crate::app::doc::{Ink, instant};
use crate::resource::doc::Tone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

pub fn draw(app: &App, detail: &Detail, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height < 2 || area.width < 6 {
        return;
    }
    let focus = app.pane().in_detail;
    let beside = area.x > 0;
    if beside {
        for y in area.top()..area.bottom() {
            put(buf, area.x, y, "│", 1, theme.border);
        }
    }
    let x = area.x + 1;
    let right = area.right();
    sections(
        detail,
        theme,
        Rect {
            x,
            y: area.y,
            width: right - x,
            height: 1,
        },
        focus,
        buf,
    );
    freshness(
        detail,
        theme,
        Rect {
            x,
            y: area.y + 1,
            width: right - x,
            height: 1,
        },
        buf,
    );
    let body = Rect {
        x,
        y: area.y + 2,
        width: right - x,
        height: area.height - 2,
    };
    if detail.entity.is_none() {
        let text = match &detail.fault {
            Some(fault) => fault.to_string(),
            None => "reading …".into(),
        };
        let style = if detail.fault.is_some() {
            theme.tone(Tone::Bad)
        } else {
            theme.dim
        };
        put_cut(
            buf,
            body.x + 1,
            body.y,
            &text,
            body.width.saturating_sub(2),
            style,
        );
        return;
    }
    let height = usize::from(body.height);
    for (n, row) in detail.rows.iter().skip(detail.top).take(height).enumerate() {
        let y = body.y + n as u16;
        let here = focus && row.line == detail.cursor;
        if here {
            put(buf, body.x, y, "▌", 1, theme.accent);
        }
        let mut at = body.x + 1 + row.indent;
        for (ink, text) in &row.pieces {
            let mut style = self::style(theme, *ink);
            if here {
                style = style.patch(theme.cursor);
            }
            at = put(buf, at, y, text, right.saturating_sub(at), style);
        }
    }
    // a mark at the edge says that there is more
    if detail.top > 0 {
        put(buf, right - 1, body.y, "↑", 1, theme.dim);
    }
    if detail.rows.len() > detail.top + height {
        put(buf, right - 1, body.bottom() - 1, "↓", 1, theme.dim);
    }
}

fn style(theme: &Theme, ink: Ink) -> Style {
    match ink {
        Ink::Text => theme.text,
        Ink::Name => theme.dim,
        Ink::Head => theme.head,
        Ink::Link => theme.accent,
        Ink::Tone(tone) => theme.tone(tone),
    }
}

/// The titles of the sections; the one in sight is marked, and kept in sight where they do not all fit.
fn sections(detail: &Detail, theme: &Theme, area: Rect, focus: bool, buf: &mut Buffer) {
    let titles: Vec<&str> = detail.sections().iter().map(|s| s.title).collect();
    let width = |t: &&str| t.chars().count() + 3;
    let mut first = 0;
    let upto = |from: usize| {
        titles[from..=detail.section.min(titles.len() - 1)]
            .iter()
            .map(width)
            .sum::<usize>()
    };
    while first < detail.section && upto(first) + 2 > usize::from(area.width) {
        first += 1;
    }
    let mut x = area.x;
    if first > 0 {
        x = put(buf, x, area.y, "‹", 1, theme.dim);
    }
    for (n, title) in titles.iter().enumerate().skip(first) {
        if x >= area.right() {
            break;
        }
        let here = n == detail.section;
        let style = match (here, focus) {
            (true, true) => theme.head.patch(theme.accent),
            (true, false) => theme.head,
            _ => theme.dim,
        };
        let text = if here {
            format!("[{title}]")
        } else {
            format!(" {title} ")
        };
        x = put(buf, x, area.y, &text, area.right().saturating_sub(x), style);
        x = put(
            buf,
            x,
            area.y,
            " ",
            area.right().saturating_sub(x),
            theme.text,
        );
    }
}

/// Of when this is, and whether more is coming.
fn freshness(detail: &Detail, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut text = String::new();
    if let Some(entity) = &detail.entity {
        text.push_str(if entity.cached {
            "last seen "
        } else {
            "as of "
        });
        text.push_str(&instant(entity.as_of));
    }
    if detail.loading() {
        if !text.is_empty() {
            text.push_str(" · ");
        }
        text.push_str("reading …");
    }
    let x = put_cut(
        buf,
        area.x + 1,
        area.y,
        &text,
        area.width.saturating_sub(2),
        theme.dim,
    );
    if let (Some(fault), Some(_)) = (&detail.fault, &detail.entity) {
        put_cut(
            buf,
            x + 1,
            area.y,
            &format!("· {fault}"),
            area.right().saturating_sub(x + 2),
            theme.tone(Tone::Bad),
        );
    }
}
