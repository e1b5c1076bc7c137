//! A list pane: title with counts and freshness, headings, the visible lines and no others, and what there is to say.

use super::cells;
use super::popup::{put, put_cut};
use super::theme::Theme;
use super::time::{count, moment};
use crate::app::App;
use crate::app::pane::Pane;
use crate::app::shown::Line;
use crate::config::settings::Cursor;
use crate::resource::doc::Tone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use table::Txt;
use unicode_width::UnicodeWidthStr;

pub fn draw(app: &App, pane: &Pane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height == 0 || area.width < 4 {
        return;
    }
    title(app, pane, theme, area, buf);
    let widths = cells::widths(pane, area.width.saturating_sub(1));
    heads(pane, theme, &widths, area, buf);
    if pane.shown.is_empty() {
        let room = area.width.saturating_sub(4);
        if area.height > 3 {
            put_cut(
                buf,
                area.x + 2,
                area.y + 3,
                &nothing(app, pane),
                room,
                theme.dim,
            );
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
        if here {
            put(
                buf,
                area.x,
                y,
                "▌",
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
    if let Some(trouble) = app.trouble() {
        say(&format!("! {trouble}"), theme.tone(Tone::Bad));
    }
    if let Some(text) = app.hidden_sentence() {
        say(&text, theme.dim);
    }
}

/// `─ Incidents · mine · sev>=med · 214 of 1,987 · loaded 1,400 of 1,987 ───── +7 new (R) · as of 12:04Z ─`
fn title(app: &App, pane: &Pane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let demo = app.session.as_ref().is_some_and(|s| s.demo);
    let (rule, line) = if demo {
        ("═", Theme::DEMO_LINE)
    } else {
        ("─", theme.border)
    };
    put(
        buf,
        area.x,
        area.y,
        &rule.repeat(usize::from(area.width)),
        area.width,
        line,
    );
    let progress = &pane.progress;
    let known = progress
        .total
        .unwrap_or(progress.loaded)
        .max(pane.rows.len() as u64);
    let mut parts: Vec<(String, Style)> = vec![(pane.spec.title.to_owned(), theme.head)];
    if demo {
        parts.insert(0, ("DEMO".into(), Theme::DEMO_LINE));
    }
    if !pane.view.is_empty() {
        parts.push((Txt::new(&pane.view).shown().into_owned(), theme.accent));
    }
    if !pane.filter.is_empty() {
        let style = if pane.filter.problems.is_empty() {
            theme.accent
        } else {
            theme.problem
        };
        parts.push((Txt::new(&pane.filter.text).shown().into_owned(), style));
    }
    if let Some(column) = pane.group.and_then(|c| pane.spec.columns.get(c)) {
        parts.push((format!("by {}", column.head), theme.accent));
    }
    let rows = pane.shown.rows().len() as u64;
    parts.push((
        if rows == known {
            count(known)
        } else {
            format!("{} of {}", count(rows), count(known))
        },
        theme.text,
    ));
    if pane.maybe > 0 {
        parts.push((
            format!("{} not known yet", count(pane.maybe.into())),
            theme.stale,
        ));
    }
    if !progress.complete && progress.loaded > 0 {
        let loaded = match progress.total {
            Some(total) => format!(
                "loaded {} of {}",
                count(progress.loaded),
                count(total.max(progress.loaded))
            ),
            None => format!("loaded {}, more to come", count(progress.loaded)),
        };
        parts.push((loaded, theme.stale));
    }
    let mut ends: Vec<(String, Style)> = Vec::new();
    if pane.waiting > 0 {
        let key = app
            .keymap
            .key_named("refresh")
            .map_or(String::new(), |k| format!(" ({k})"));
        ends.push((
            format!("+{} new{key}", count(pane.waiting.into())),
            theme.accent,
        ));
    }
    if let Some(at) = progress.as_of {
        let at = moment(at, app.now.wall);
        ends.push(match (pane.cached, app.is_stale(pane)) {
            (true, _) => (format!("as seen {at}"), theme.stale),
            (_, true) => (format!("as of {at}, stale"), theme.stale),
            _ => (format!("as of {at}"), theme.text),
        });
    }
    let wide = |list: &[(String, Style)]| {
        list.iter().map(|p| p.0.width()).sum::<usize>() + 3 * list.len().saturating_sub(1) + 2
    };
    let room = usize::from(area.width).saturating_sub(2);
    let end_width = if ends.is_empty() { 0 } else { wide(&ends) };
    // the longest part, usually the filter, is cut first; then parts go from the right
    while wide(&parts) + end_width > room && parts.len() > 1 {
        let over = wide(&parts) + end_width - room;
        let first = usize::from(demo) + 1;
        match parts
            .iter()
            .enumerate()
            .skip(first)
            .max_by_key(|(_, p)| p.0.width())
        {
            Some((n, p)) if p.0.width() > 12 => {
                let keep = p.0.width().saturating_sub(over).max(8);
                let mut fit = String::new();
                Txt::new(&p.0).shown_fit(&mut fit, keep);
                parts[n].0 = fit;
                if over == 0 || keep == 8 {
                    continue;
                }
            }
            _ => {
                parts.pop();
            }
        }
    }
    let joined = |list: &[(String, Style)], mut x: u16, buf: &mut Buffer| {
        x = put(buf, x, area.y, " ", 1, theme.text);
        for (n, (text, style)) in list.iter().enumerate() {
            if n > 0 {
                x = put(
                    buf,
                    x,
                    area.y,
                    " · ",
                    area.right().saturating_sub(x),
                    theme.dim,
                );
            }
            x = put(buf, x, area.y, text, area.right().saturating_sub(x), *style);
        }
        put(
            buf,
            x,
            area.y,
            " ",
            area.right().saturating_sub(x),
            theme.text,
        );
    };
    joined(&parts, area.x + 1, buf);
    let end_at = usize::from(area.width).saturating_sub(end_width + 1);
    if !ends.is_empty() && end_at > wide(&parts) {
        joined(&ends, area.x + end_at as u16, buf);
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
        let mut text = String::new();
        Txt::new(column.head).shown_fit(&mut text, room);
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
