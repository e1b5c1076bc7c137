//! Draws an open detail: what it is of and of when, its sections, the rows in sight, where the rest is.

use super::popup::{put, put_cut};
use super::theme::Theme;
use crate::app::App;
use crate::app::detail::Detail;
use crate::app::doc::{Ink, Row, instant};
use crate::resource::doc::Tone;
use crate::resource::spec;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

pub fn draw(app: &App, detail: &Detail, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height < 2 || area.width < 6 {
        return;
    }
    let focus = app.pane().in_detail;
    let list = app.layout().list;
    let (below, beside) = (list.width > 0 && list.bottom() == area.y, area.x > 0);
    if beside {
        for y in area.top()..area.bottom() {
            put(buf, area.x, y, "│", 1, theme.border);
        }
    }
    if below {
        put(
            buf,
            area.x,
            area.y,
            &"─".repeat(area.width.into()),
            area.width,
            theme.border,
        );
    }
    let line = |y: u16, from: u16| Rect {
        x: area.x + from,
        y,
        width: area.width - from,
        height: 1,
    };
    head(
        app,
        detail,
        theme,
        line(area.y, if below { 2 } else { 1 }),
        focus,
        buf,
    );
    sections(detail, theme, line(area.y + 1, 1), focus, buf);
    let body = Rect {
        x: area.x + 1,
        y: area.y + 2,
        width: area.width - 1,
        height: area.height - 2,
    };
    if detail.entity.is_none() {
        let (text, style) = match &detail.fault {
            Some(fault) => (fault.to_string(), theme.tone(Tone::Bad)),
            None => ("reading …".to_owned(), theme.dim),
        };
        return prose(buf, body, &text, style);
    }
    if detail.rows.is_empty() && !detail.loading() {
        put_cut(
            buf,
            body.x + 1,
            body.y,
            "nothing here",
            body.width.saturating_sub(2),
            theme.dim,
        );
    }
    rows(
        buf,
        theme,
        body,
        &detail.rows,
        detail.at.top,
        focus.then_some(detail.at.line),
    );
}

/// Rows of words from `top` on; the line under the cursor is marked, and marks at the edge say that there is more.
pub fn rows(
    buf: &mut Buffer,
    theme: &Theme,
    area: Rect,
    rows: &[Row],
    top: usize,
    cursor: Option<usize>,
) {
    let (right, height) = (area.right(), usize::from(area.height));
    for (n, row) in rows.iter().skip(top).take(height).enumerate() {
        let y = area.y + n as u16;
        let here = cursor == Some(row.line);
        if here {
            put(buf, area.x, y, "▌", 1, theme.accent);
        }
        let mut at = area.x + 1 + row.indent;
        for (ink, text) in &row.pieces {
            let style = self::style(theme, *ink);
            let style = if here {
                style.patch(theme.cursor)
            } else {
                style
            };
            at = put(buf, at, y, text, right.saturating_sub(at), style);
        }
    }
    if top > 0 {
        put(buf, right - 1, area.y, "↑", 1, theme.dim);
    }
    if rows.len() > top + height {
        put(buf, right - 1, area.bottom() - 1, "↓", 1, theme.dim);
    }
}

/// A sentence over as many rows as it needs.
pub fn prose(buf: &mut Buffer, area: Rect, text: &str, style: Style) {
    let mut rows = Vec::new();
    let width = usize::from(area.width.saturating_sub(2).max(4));
    crate::app::doc::wrap(&mut rows, 0, 0, 0, width, &[(Ink::Text, text.to_owned())]);
    for (n, row) in rows.iter().take(area.height.into()).enumerate() {
        let line: String = row.pieces.iter().map(|(_, s)| s.as_str()).collect();
        put(
            buf,
            area.x + 1,
            area.y + n as u16,
            &line,
            area.width.saturating_sub(2),
            style,
        );
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

/// `incident 4711 · title`, and at the right of when it is.
fn head(app: &App, detail: &Detail, theme: &Theme, area: Rect, focus: bool, buf: &mut Buffer) {
    let when = freshness(app, detail);
    let wide = when.width() as u16 + 2;
    let room = area
        .width
        .saturating_sub(if wide < area.width / 2 { wide } else { 0 });
    let mut name = spec(detail.key.kind).one.to_owned();
    // ids of alerts, devices and users say nothing to a person
    if detail.key.kind == crate::model::Kind::Incident {
        name.push_str(&format!(" {}", detail.key.id.txt().shown()));
    }
    let style = if focus {
        theme.head.patch(theme.accent)
    } else {
        theme.head
    };
    let mut text = name.clone();
    if detail.entity.is_some() {
        text.push_str(&format!(" · {}", detail.name().txt().shown()));
    }
    put_cut(buf, area.x, area.y, &format!("{text} "), room, style);
    let mut right = area.right().saturating_sub(1);
    if wide < area.width / 2 {
        let x = right.saturating_sub(when.width() as u16 + 1);
        right = x;
        put(
            buf,
            x,
            area.y,
            &format!(" {when}"),
            when.width() as u16 + 1,
            theme.dim,
        );
    }
    // what failed stands over the title: it is news, the title is in the text too
    if let (Some(fault), Some(_)) = (&detail.fault, &detail.entity) {
        let x = area.x + name.width() as u16 + 1;
        let room = right.saturating_sub(x);
        put(buf, x, area.y, &" ".repeat(room.into()), room, theme.text);
        put_cut(
            buf,
            x,
            area.y,
            &format!("not read again: {fault}"),
            room,
            theme.tone(Tone::Bad),
        );
    }
}

fn freshness(app: &App, detail: &Detail) -> String {
    let mut words = Vec::new();
    if let Some((at, cached)) = detail.as_of() {
        let day = |t: crate::model::Ticks| instant(t).chars().take(10).collect::<String>();
        // today's instants need no date
        let text = instant(at);
        let text = if day(at) == day(app.now.wall) {
            text.chars().skip(11).collect()
        } else {
            text
        };
        words.push(format!(
            "{} {text}",
            if cached { "last seen" } else { "as of" }
        ));
    }
    if detail.loading() {
        words.push("reading …".into());
    }
    words.join(" · ")
}

/// The titles of the sections; the one in sight is marked, and kept in sight where they do not all fit.
fn sections(detail: &Detail, theme: &Theme, area: Rect, focus: bool, buf: &mut Buffer) {
    let titles: Vec<&str> = detail.sections().iter().map(|s| s.title).collect();
    let wide = |titles: &[&str]| titles.iter().map(|t| t.width() + 2).sum::<usize>();
    let here = detail.section.min(titles.len().saturating_sub(1));
    let mut first = 0;
    while first < here && wide(&titles[first..=here]) + 2 > usize::from(area.width) {
        first += 1;
    }
    let mut x = area.x;
    let right = area.right();
    if first > 0 {
        x = put(buf, x, area.y, "‹", 1, theme.dim);
    }
    for (n, title) in titles.iter().enumerate().skip(first) {
        // a title that does not fit whole is left to the mark at the edge
        if n > here && x + title.width() as u16 + 3 > right {
            put(buf, right - 1, area.y, "›", 1, theme.dim);
            break;
        }
        let style = match (n == here, focus) {
            (true, true) => theme.head.patch(theme.accent),
            (true, false) => theme.head,
            _ => theme.dim,
        };
        let text = if n == here {
            format!("[{title}]")
        } else {
            format!(" {title} ")
        };
        x = put(buf, x, area.y, &text, right.saturating_sub(x), style);
    }
}
