//! Boxes over the panes: the frame, pick lists, which-key, help, the log, the question before leaving.

use super::theme::Theme;
use crate::app::App;
use crate::app::help::{Help, Line as HelpLine};
use crate::app::log::Log;
use crate::app::pick::{self, Pick};
use crate::app::quit::Quit;
pub use crate::app::words::wrap;
use crate::msg::Level;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

/// Where the terminal's cursor belongs.
pub type Caret = Option<(u16, u16)>;

/// The bar before the line under the cursor of a box; a blank before the others.
pub fn cursor_bar(buf: &mut Buffer, theme: &Theme, x: u16, y: u16, here: bool) {
    put(buf, x, y, if here { "▌" } else { " " }, 1, theme.accent);
}

/// Writes at most `width` cells; answers the next free column.
pub fn put(buf: &mut Buffer, x: u16, y: u16, text: &str, width: u16, style: Style) -> u16 {
    let right = x.saturating_add(width).min(buf.area.right());
    if y >= buf.area.bottom() || x >= right {
        return x.min(right);
    }
    buf.set_stringn(x, y, text, usize::from(right - x), style).0
}

/// Writes text cut with `…` where it does not fit.
pub fn put_cut(buf: &mut Buffer, x: u16, y: u16, text: &str, width: u16, style: Style) -> u16 {
    let mut fit = String::new();
    table::Txt::new(text).shown_fit(&mut fit, usize::from(width));
    put(buf, x, y, &fit, width, style)
}

/// Draws a frame in the middle of the screen, a little above its centre, clears its inside and answers that.
pub fn frame(buf: &mut Buffer, theme: &Theme, title: &str, width: u16, height: u16) -> Rect {
    let all = buf.area;
    let (w, h) = (
        width.saturating_add(2).min(all.width),
        height.saturating_add(2).min(all.height.saturating_sub(1)),
    );
    let area = Rect {
        x: all.x + (all.width - w) / 2,
        y: all.y + (all.height.saturating_sub(h)) / 3,
        width: w,
        height: h,
    };
    frame_at(buf, theme, title, area)
}

/// Takes away what was drawn there, as far as that is on the screen.
pub fn clear(buf: &mut Buffer, theme: &Theme, area: Rect) {
    let area = area.intersection(buf.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
                cell.set_style(theme.popup);
            }
        }
    }
}

/// Draws a frame at a place, clears its inside and answers that.
pub fn frame_at(buf: &mut Buffer, theme: &Theme, title: &str, area: Rect) -> Rect {
    let area = area.intersection(buf.area);
    clear(buf, theme, area);
    if area.width < 2 || area.height < 2 {
        return Rect {
            width: 0,
            height: 0,
            ..area
        };
    }
    let (l, r, t, b) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
    let line = "─".repeat(usize::from(area.width - 2));
    put(buf, l, t, &format!("┌{line}┐"), area.width, theme.border);
    put(buf, l, b, &format!("└{line}┘"), area.width, theme.border);
    for y in t + 1..b {
        put(buf, l, y, "│", 1, theme.border);
        put(buf, r, y, "│", 1, theme.border);
    }
    if !title.is_empty() && area.width > 6 {
        put_cut(
            buf,
            l + 2,
            t,
            &format!(" {title} "),
            area.width - 4,
            theme.head,
        );
    }
    Rect {
        x: l + 1,
        y: t + 1,
        width: area.width - 2,
        height: area.height - 2,
    }
}

/// A text line with its cursor; answers where that is.
pub fn input(
    buf: &mut Buffer,
    theme: &Theme,
    line: &crate::app::line::Line,
    area: Rect,
    prompt: &str,
) -> Caret {
    let at = put(buf, area.x, area.y, prompt, area.width, theme.accent);
    let width = area.right().saturating_sub(at);
    let screen = line.screen(&[], width);
    put(buf, at, area.y, &screen.text, width, theme.text);
    Some((at + screen.cursor.min(width.saturating_sub(1)), area.y))
}

pub fn pick(buf: &mut Buffer, theme: &Theme, pick: &Pick) -> Caret {
    let widest =
        |f: &dyn Fn(&pick::Item) -> usize| pick.all().map(f).max().unwrap_or(0).min(60) as u16;
    let (label, note, key) = (
        widest(&|i| i.label.width()),
        widest(&|i| i.note.width()),
        widest(&|i| i.key.width()),
    );
    let rows = pick.total().clamp(1, pick::ROWS) as u16;
    let extra = u16::from(!pick.letters) + u16::from(!pick.note.is_empty());
    let inside = frame(
        buf,
        theme,
        &pick.title,
        (label + note + key + 8).clamp(30, 90),
        rows + extra,
    );
    if inside.height == 0 {
        return None;
    }
    let mut y = inside.y;
    let mut caret = None;
    if !pick.letters {
        caret = input(
            buf,
            theme,
            &pick.line,
            Rect {
                x: inside.x + 1,
                y,
                width: inside.width.saturating_sub(2),
                height: 1,
            },
            "> ",
        );
        y += 1;
    }
    let bottom = inside.bottom() - u16::from(!pick.note.is_empty() && inside.height > 2);
    // a small screen shows fewer rows than the list reckons with: keep the cursor among them
    let rows = usize::from(bottom.saturating_sub(y));
    let top = pick.top.max((pick.cursor + 1).saturating_sub(rows));
    if pick.is_empty() {
        put_cut(
            buf,
            inside.x + 1,
            y,
            "nothing of that name",
            inside.width.saturating_sub(2),
            theme.dim,
        );
    }
    for (n, item) in pick.shown().enumerate().skip(top).take(rows) {
        let here = n == pick.cursor;
        let text = if item.grey.is_some() {
            theme.dim
        } else {
            theme.text
        };
        let text = if here { text.patch(theme.cursor) } else { text };
        put(
            buf,
            inside.x,
            y,
            if here {
                "▌"
            } else if item.on {
                "•"
            } else {
                " "
            },
            1,
            theme.accent,
        );
        let mut x = inside.x + 1;
        let right = inside.right();
        if pick.letters {
            x = put(buf, x, y, &item.key, key, theme.key);
            x = x.max(inside.x + 1 + key) + 1;
        }
        x = put_cut(buf, x, y, &item.label, right.saturating_sub(x), text)
            .max((x + label).min(right));
        let tail = if pick.letters { 0 } else { key + 1 };
        let note = item
            .grey
            .as_ref()
            .map_or(item.note.as_str(), String::as_str);
        put_cut(
            buf,
            x + 2,
            y,
            note,
            right.saturating_sub(x + 2 + tail),
            theme.dim,
        );
        if !pick.letters {
            let w = item.key.width() as u16;
            put(buf, right.saturating_sub(w + 1), y, &item.key, w, theme.key);
        }
        y += 1;
    }
    if bottom < inside.bottom() {
        put_cut(
            buf,
            inside.x + 1,
            bottom,
            &pick.note,
            inside.width.saturating_sub(2),
            theme.dim,
        );
    }
    caret
}

/// The continuations of a begun sequence, above the footer.
pub fn which_key(app: &App, theme: &Theme, buf: &mut Buffer) {
    let kind = app.subject().map(|k| k.kind);
    let mut rows = app.keymap.after(&app.chord, app.here(), kind);
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let all = buf.area;
    let column = rows
        .iter()
        .map(|(k, b)| k.width() + b.name().width() + 3)
        .max()
        .unwrap_or(0)
        .max(12) as u16;
    let columns = (all.width.saturating_sub(2) / column).max(1);
    let height = (rows.len() as u16)
        .div_ceil(columns)
        .min(all.height.saturating_sub(4));
    let area = Rect {
        x: 0,
        y: all.height.saturating_sub(height + 3),
        width: all.width,
        height: height + 2,
    };
    let inside = frame_at(buf, theme, &crate::app::keys::short(&app.chord), area);
    for (n, (key, bound)) in rows.iter().enumerate() {
        let (x, y) = (
            inside.x + (n as u16 / height.max(1)) * column,
            inside.y + n as u16 % height.max(1),
        );
        if x + column > inside.right() + 1 {
            break;
        }
        let style = if app.why_not(*bound).is_some() {
            theme.dim
        } else {
            theme.text
        };
        let at = put(buf, x + 1, y, key, column - 1, theme.key);
        put_cut(
            buf,
            at + 1,
            y,
            bound.name(),
            (x + column)
                .saturating_sub(at + 1)
                .min(inside.right().saturating_sub(at + 1)),
            style,
        );
    }
}

pub fn help(buf: &mut Buffer, theme: &Theme, help: &Help) -> Caret {
    let width = buf.area.width.saturating_sub(4).min(100);
    let keys = if width < 60 { 9 } else { 16 };
    let room = width.saturating_sub(keys + 4);
    let heights: Vec<usize> = help
        .lines
        .iter()
        .map(|l| help_line(l, room).len())
        .collect();
    let all: usize = heights.iter().sum();
    let inside = frame(
        buf,
        theme,
        &help.title,
        width,
        buf.area.height.saturating_sub(4).min(all as u16),
    );
    let rows = usize::from(inside.height);
    // the last screen is full
    let mut below = 0;
    let fits = heights.iter().rev().take_while(|h| {
        below += **h;
        below <= rows
    });
    let top = help
        .top
        .min(help.lines.len().saturating_sub(fits.count().max(1)));
    let mut y = inside.y;
    for line in help.lines.iter().skip(top) {
        for (n, text) in help_line(line, room).iter().enumerate() {
            if y >= inside.bottom() {
                return None;
            }
            match line {
                HelpLine::Blank => {}
                HelpLine::Head(_) => {
                    put_cut(
                        buf,
                        inside.x + 1,
                        y,
                        text,
                        inside.width.saturating_sub(2),
                        theme.head,
                    );
                }
                HelpLine::Text(_) => {
                    put_cut(
                        buf,
                        inside.x + 1,
                        y,
                        text,
                        inside.width.saturating_sub(2),
                        theme.text,
                    );
                }
                HelpLine::Key {
                    keys: own,
                    name,
                    grey,
                    ..
                } => {
                    if n == 0 {
                        put_cut(
                            buf,
                            inside.x + 1,
                            y,
                            own,
                            keys,
                            if grey.is_some() { theme.dim } else { theme.key },
                        );
                    }
                    let x = inside.x + 2 + keys;
                    let at = put_cut(buf, x, y, text, room, theme.dim);
                    // the name stands out of its sentence
                    if n == 0 && grey.is_none() && at > x {
                        put_cut(buf, x, y, name, room, theme.text);
                    }
                }
            }
            y += 1;
        }
    }
    None
}

/// The rows of a line of help: the name, a dash, and the sentence, wrapped.
fn help_line(line: &HelpLine, room: u16) -> Vec<String> {
    match line {
        HelpLine::Blank => vec![String::new()],
        HelpLine::Head(text) => vec![text.clone()],
        HelpLine::Text(text) => wrap(text, usize::from(room).max(20)),
        HelpLine::Key {
            name, help, grey, ..
        } => {
            let rest = match grey {
                Some(why) => format!("not now: {why}"),
                None => help.clone(),
            };
            wrap(&format!("{name}: {rest}"), usize::from(room).max(8))
        }
    }
}

pub fn log(app: &App, buf: &mut Buffer, theme: &Theme, log: &Log) -> Caret {
    let said = &app.toasts.log;
    let title = match app.rate() {
        rate if rate.is_empty() => "Messages".to_owned(),
        rate => format!("Messages · {rate}"),
    };
    let inside = frame(
        buf,
        theme,
        &title,
        buf.area.width.saturating_sub(4).min(110),
        (said.len() as u16).clamp(1, buf.area.height.saturating_sub(4)),
    );
    if said.is_empty() {
        put_cut(
            buf,
            inside.x + 1,
            inside.y,
            "nothing was said yet",
            inside.width.saturating_sub(2),
            theme.dim,
        );
    }
    for (n, toast) in said
        .iter()
        .rev()
        .skip(log.top)
        .take(usize::from(inside.height))
        .enumerate()
    {
        let y = inside.y + n as u16;
        let at = put(
            buf,
            inside.x + 1,
            y,
            &super::time::clock(toast.at.wall),
            6,
            theme.dim,
        ) + 1;
        let at = put(buf, at, y, mark(toast.level), 2, level(theme, toast.level)) + 1;
        let text = if toast.times > 1 {
            format!("{} (×{})", toast.text, toast.times)
        } else {
            toast.text.clone()
        };
        put_cut(
            buf,
            at,
            y,
            &text,
            inside.right().saturating_sub(at + 1),
            theme.text,
        );
    }
    None
}

pub fn quit(buf: &mut Buffer, theme: &Theme, quit: &Quit) -> Caret {
    let width = quit
        .open
        .iter()
        .map(|l| l.width())
        .max()
        .unwrap_or(0)
        .max(30) as u16
        + 2;
    let inside = frame(buf, theme, "Quit?", width, quit.open.len() as u16 + 2);
    for (n, line) in quit.open.iter().enumerate() {
        put_cut(
            buf,
            inside.x + 1,
            inside.y + n as u16,
            line,
            inside.width.saturating_sub(2),
            theme.text,
        );
    }
    let y = inside.bottom().saturating_sub(1);
    put(
        buf,
        inside.x + 1,
        y,
        "y quit   n stay",
        inside.width.saturating_sub(2),
        theme.key,
    );
    None
}

/// News on the lines above the footer, newest lowest.
pub fn toasts(app: &App, theme: &Theme, buf: &mut Buffer) {
    let all = buf.area;
    let foot = app.layout().footer.y;
    for (n, i) in app.toasts.live.iter().rev().enumerate() {
        let (Some(toast), Some(y)) = (app.toasts.log.get(*i), foot.checked_sub(1 + n as u16))
        else {
            break;
        };
        let times = if toast.times > 1 {
            format!(" (×{})", toast.times)
        } else {
            String::new()
        };
        let text = format!(" {} {}{times} ", mark(toast.level), toast.text);
        let width = (text.width() as u16).min(all.width);
        let x = all.width - width;
        for cx in x..all.width {
            if let Some(cell) = buf.cell_mut((cx, y)) {
                cell.reset();
            }
        }
        put_cut(
            buf,
            x,
            y,
            &text,
            width,
            theme.toast.patch(level(theme, toast.level)),
        );
    }
}

/// A level as a mark, so that it is told without colour.
pub fn mark(level: Level) -> &'static str {
    match level {
        Level::Info => "·",
        Level::Good => "✓",
        Level::Warn => "!",
        Level::Error => "✗",
    }
}

fn level(theme: &Theme, level: Level) -> Style {
    use crate::resource::doc::Tone;
    theme.tone(match level {
        Level::Info => Tone::Info,
        Level::Good => Tone::Good,
        Level::Warn => Tone::Medium,
        Level::Error => Tone::Bad,
    })
}
