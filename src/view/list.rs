//! A list pane: title with counts and freshness, headings, the visible lines and no others, and what there is to say.

use super::cells;
use super::popup::{put, put_cut, wrap};
use super::theme::Theme;
use super::time::count;
use super::title;
use crate::app::App;
use crate::app::pane::Pane;
use crate::app::shown::Line;
use crate::config::settings::Cursor;
use crate::resource::doc::Tone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

pub fn draw(app: &App, pane: &Pane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height == 0 || area.width < 4 {
        return;
    }
    title::draw(app, pane, theme, area, buf);
    let widths = cells::widths(pane, area.width.saturating_sub(1));
    heads(pane, theme, &widths, area, buf);
    if pane.shown.is_empty() {
        let room = area.width.saturating_sub(4);
        let trouble = app.trouble().map(|t| wrap(&t, usize::from(room).max(1)));
        let lines = std::iter::once(nothing(app, pane)).chain(trouble.into_iter().flatten());
        for (y, line) in (area.y + 3..area.bottom()).zip(lines) {
            put_cut(buf, area.x + 2, y, &line, room, theme.dim);
        }
        return;
    }
    let old = app.is_stale(pane) || pane.cached;
    let mut scratch = String::new();
    for line in 0..area.height.saturating_sub(2) {
        let place = pane.top + usize::from(line);
        let Some(what) = pane.shown.line(place) else {
            break;
        };
        let y = area.y + 2 + line;
        let here = place == pane.cursor;
        let whole = here && app.settings.cursor == Cursor::Row;
        let marked = matches!(what, Line::Row(row, _) if pane.is_marked(place, row));
        if marked && !here {
            put(buf, area.x, y, "•", 1, theme.accent);
        }
        if here {
            put(
                buf,
                area.x,
                y,
                if marked { "◆" } else { "▌" },
                1,
                if pane.in_detail {
                    theme.dim
                } else {
                    theme.accent
                },
            );
        }
        match what {
            Line::Head(n) => head_line(
                pane,
                n,
                theme,
                Rect {
                    x: area.x + 1,
                    y,
                    width: area.width - 1,
                    height: 1,
                },
                whole,
                buf,
            ),
            Line::Row(row, _) => {
                if whole {
                    buf.set_style(
                        Rect {
                            x: area.x + 1,
                            y,
                            width: area.width - 1,
                            height: 1,
                        },
                        theme.cursor,
                    );
                }
                let settled = cells::is_settled(pane, row);
                let mut x = area.x + 1;
                for (col, width) in &widths {
                    let Some(column) = pane.spec.columns.get(*col) else {
                        continue;
                    };
                    scratch.clear();
                    let tone =
                        cells::write(&mut scratch, app, pane, row, *col, usize::from(*width));
                    let mut style = match tone {
                        Tone::Plain if settled => theme.dim,
                        Tone::Plain => theme.text,
                        tone => theme.tone(tone),
                    };
                    if old && column.shape == crate::resource::Shape::Time {
                        style = theme.dim;
                    }
                    put(
                        buf,
                        x,
                        y,
                        &scratch,
                        *width,
                        if whole {
                            style.patch(theme.cursor)
                        } else {
                            style
                        },
                    );
                    x += width + 1;
                }
            }
        }
    }
}

/// Sentences under the rows: what is hidden and by what, and what went wrong.
pub fn notes(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut y = area.y;
    let mut say = |text: &str, style: Style| {
        if y < area.bottom() {
            put_cut(
                buf,
                area.x + 1,
                y,
                text,
                area.width.saturating_sub(2),
                style,
            );
            y += 1;
        }
    };
    if let Some(trouble) = app.trouble_below() {
        say(&format!("! {trouble}"), theme.tone(Tone::Bad));
    }
    if let Some(text) = app.hidden_sentence() {
        say(&text, theme.dim);
    }
    if let Some((tone, text)) = crate::app::logs::strip(app) {
        say(&text, theme.tone(tone));
    }
}

fn heads(pane: &Pane, theme: &Theme, widths: &[(usize, u16)], area: Rect, buf: &mut Buffer) {
    if area.height < 2 {
        return;
    }
    let mut x = area.x + 1;
    for (col, width) in widths {
        let Some(column) = pane.spec.columns.get(*col) else {
            continue;
        };
        let arrow = match pane.sorted_by(*col) {
            Some(true) => "↓",
            Some(false) => "↑",
            None => "",
        };
        let room = usize::from(*width).saturating_sub(arrow.width());
        // headings are words of ours, plain letters: cut without a mark, which would cost one of few
        let mut text: String = column.head.chars().take(room).collect();
        text.push_str(arrow);
        let pad = if cells::is_right(column) {
            usize::from(*width).saturating_sub(text.width()) as u16
        } else {
            0
        };
        put(buf, x + pad, area.y + 1, &text, *width, theme.dim);
        x += width + 1;
    }
    if pane.left > 0 {
        put(buf, area.x, area.y + 1, "‹", 1, theme.accent);
    }
}

fn head_line(pane: &Pane, n: usize, theme: &Theme, area: Rect, whole: bool, buf: &mut Buffer) {
    let Some(group) = pane.shown.groups().get(n) else {
        return;
    };
    let style = if whole {
        theme.head.patch(theme.cursor)
    } else {
        theme.head
    };
    let x = put(
        buf,
        area.x,
        area.y,
        if group.folded { "▸ " } else { "▾ " },
        area.width,
        theme.accent,
    );
    let number = count(group.rows.len() as u64);
    let room = area
        .right()
        .saturating_sub(x)
        .saturating_sub(number.width() as u16 + 2);
    let x = put_cut(buf, x, area.y, &group.name, room, style);
    put(
        buf,
        x + 2,
        area.y,
        &number,
        area.right().saturating_sub(x + 2),
        theme.dim,
    );
}

/// Why there is nothing.
fn nothing(app: &App, pane: &Pane) -> String {
    let what = pane.spec.title.to_lowercase();
    if app.usable(app.active).is_err() {
        return format!("{what} cannot be read with this sign-in");
    }
    if !pane.rows.is_empty() {
        return if pane.filter.is_empty() {
            format!("all {what} here are hidden by settings")
        } else {
            "nothing matches; Esc clears the filter".into()
        };
    }
    if pane.progress.complete {
        return format!("there are no {what}");
    }
    if pane.fault.is_some() {
        return format!("no {what} could be read yet");
    }
    format!("asking for {what} …")
}
