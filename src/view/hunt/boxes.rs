//! What lies over a result: the line at its foot, its columns, a column in figures.

use super::super::popup::{Caret, clear, cursor_bar, frame, input, put};
use super::super::theme::Theme;
use super::super::time::count;
use super::fitted;
use crate::app::App;
use crate::app::hunt::bar::{Bar, LINES, What};
use crate::app::hunt::fields::Fields;
use crate::app::hunt::figures::Shown;
use crate::resource::hunt_cell;
use crate::resource::hunt_work::figures::{Figures, cell};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use table::{Type, Value};
use unicode_width::UnicodeWidthStr;

/// The line at the foot of the screen, a sentence above it, choices above that.
pub fn bar(app: &App, buf: &mut Buffer, theme: &Theme, bar: &Bar) -> Caret {
    let foot = app.layout().footer;
    if foot.height == 0 {
        return None;
    }
    clear(buf, theme, foot);
    let line = Rect {
        x: foot.x + 1,
        width: foot.width.saturating_sub(1),
        ..foot
    };
    let caret = input(buf, theme, &bar.line, line, bar.prompt());
    if foot.y < 3 {
        return caret;
    }
    let problem = app.hunt.grid().and_then(|g| {
        let typed = |p: &&crate::resource::filter::Problem| {
            !p.unfinished || bar.line.cursor() < p.span.start
        };
        g.problems.iter().find(typed)
    });
    let said = match (&bar.what, problem) {
        (What::Filter, Some(p)) => Some((true, p.sentence.clone())),
        (What::Search, _) if !bar.line.is_empty() => {
            let n = app.hunt.grid().map_or(0, |g| g.found.len() as u64);
            Some((false, format!("{} rows have it", count(n))))
        }
        _ => bar.say.clone(),
    };
    let mut above = foot.y;
    if let Some((wrong, text)) = said {
        above -= 1;
        let line = Rect { y: above, ..foot };
        clear(buf, theme, line);
        let style = if wrong { theme.problem } else { theme.dim };
        fitted(
            buf,
            line.x + 1,
            above,
            &text,
            line.width.saturating_sub(2),
            style,
        );
    }
    let rows = bar
        .items
        .len()
        .min(LINES)
        .min(usize::from(above.saturating_sub(3)));
    if rows == 0 {
        return caret;
    }
    let top = (bar.at + 1).saturating_sub(rows);
    let shown = || bar.items.iter().enumerate().skip(top).take(rows);
    let label = shown()
        .map(|(_, i)| i.label.width())
        .max()
        .unwrap_or(0)
        .min(40) as u16;
    let detail = shown()
        .map(|(_, i)| i.detail.width())
        .max()
        .unwrap_or(0)
        .min(50) as u16;
    let width = (label + detail + 4).min(foot.width);
    let x = caret
        .map_or(foot.x, |(x, _)| x)
        .min(foot.right().saturating_sub(width));
    let area = Rect {
        x,
        y: above - rows as u16,
        width,
        height: rows as u16,
    };
    clear(buf, theme, area);
    for (line, (n, item)) in shown().enumerate() {
        let y = area.y + line as u16;
        let here = n == bar.at;
        let style = if here {
            theme.text.patch(theme.cursor)
        } else {
            theme.text
        };
        cursor_bar(buf, theme, area.x, y, here);
        fitted(buf, area.x + 1, y, &item.label, label, style);
        let at = area.x + label + 3;
        fitted(
            buf,
            at,
            y,
            &item.detail,
            area.right().saturating_sub(at),
            theme.dim,
        );
    }
    caret
}

pub fn fields(buf: &mut Buffer, theme: &Theme, fields: &Fields) -> Caret {
    let most = buf.area.height.saturating_sub(7);
    let rows = (fields.rows.len() as u16).clamp(1, most.max(1));
    let width = buf.area.width.saturating_sub(4).min(76);
    let shown = fields.rows.iter().filter(|r| r.1).count();
    let title = format!("Columns · {shown} of {} shown", fields.rows.len());
    let inside = frame(buf, theme, &title, width, rows + 3);
    if inside.height < 4 {
        return None;
    }
    let line = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        height: 1,
        ..inside
    };
    let caret = input(buf, theme, &fields.line, line, "> ");
    let rows = usize::from(inside.height - 3);
    let top = (fields.cursor + 1).saturating_sub(rows);
    for (n, place) in fields.order.iter().enumerate().skip(top).take(rows) {
        let Some((col, on)) = fields.rows.get(*place) else {
            continue;
        };
        let y = inside.y + 1 + (n - top) as u16;
        let here = n == fields.cursor;
        cursor_bar(buf, theme, inside.x, y, here);
        put(
            buf,
            inside.x + 1,
            y,
            if *on { "[x]" } else { "[ ]" },
            3,
            theme.key,
        );
        let style = match (here, on) {
            (true, _) => theme.text.patch(theme.cursor),
            (false, true) => theme.text,
            (false, false) => theme.dim,
        };
        let name = fields.names.get(*col).map_or("", String::as_str);
        fitted(
            buf,
            inside.x + 5,
            y,
            name,
            inside.width.saturating_sub(6),
            style,
        );
    }
    let keys = [
        "Space shows or hides · Shift-Up Shift-Down move · Alt-a all of these",
        "keep: Alt-s as this query's summary · Alt-i the hidden as its ignored · Alt-S Alt-I for all queries",
    ];
    for (n, text) in keys.iter().enumerate() {
        let y = inside.bottom() - 2 + n as u16;
        fitted(
            buf,
            inside.x + 1,
            y,
            text,
            inside.width.saturating_sub(2),
            theme.dim,
        );
    }
    caret
}

/// A value as a cell has it, short.
fn word(value: &Value, cells: usize) -> String {
    let mut out = String::new();
    match value {
        Value::Null => out.push_str("(none)"),
        Value::Text(t) if t.is_empty() => out.push_str("(empty)"),
        other => {
            hunt_cell::fit(&mut out, cell(other), cells);
        }
    }
    out
}

/// The sentences above the values.
fn facts(f: &Figures) -> Vec<String> {
    let n = |n: u32| count(u64::from(n));
    let mut first = format!(
        "{} rows · {} distinct · {} once",
        n(f.rows),
        n(f.distinct),
        n(f.once)
    );
    if f.null > 0 {
        first.push_str(&format!(" · {} none", n(f.null)));
    }
    if f.empty > 0 {
        first.push_str(&format!(" · {} empty", n(f.empty)));
    }
    let mut out = vec![first];
    if let (Some(least), Some(most)) = (&f.least, &f.most) {
        out.push(format!(
            "least {} · most {}",
            word(least, 34),
            word(most, 34)
        ));
    }
    let real = |n: f64| match f.kind {
        Type::Timespan => hunt_cell::span(n as i64),
        _ => {
            let text = format!("{n:.3}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    };
    if let (Some(mean), Some(sum)) = (f.mean, f.sum) {
        out.push(format!("mean {} · sum {}", real(mean), real(sum)));
    }
    if !f.quantiles.is_empty() {
        let all = f.quantiles.iter();
        let words: Vec<String> = all
            .map(|(q, v)| match q {
                50 => format!("median {}", word(v, 30)),
                q => format!("{q} % {}", word(v, 30)),
            })
            .collect();
        out.push(words.join(" · "));
    }
    out
}

pub fn figures(app: &App, buf: &mut Buffer, theme: &Theme, shown: &Shown) -> Caret {
    let width = buf.area.width.saturating_sub(4).min(100);
    let Some(f) = &shown.figures else {
        let inside = frame(buf, theme, &shown.name, width, 1);
        put(buf, inside.x + 1, inside.y, "counting …", 20, theme.dim);
        return None;
    };
    let facts = facts(f);
    let want = facts.len() as u16 + 2 + f.values.len().min(400) as u16;
    let height = want
        .min(buf.area.height.saturating_sub(4))
        .max(facts.len() as u16 + 3);
    let inside = frame(buf, theme, &shown.name, width, height);
    let room = inside.width.saturating_sub(2);
    let mut y = inside.y;
    for fact in &facts {
        if y >= inside.bottom() {
            return None;
        }
        fitted(buf, inside.x + 1, y, fact, room, theme.dim);
        y += 1;
    }
    let lines = usize::from(inside.bottom().saturating_sub(y + 1));
    let top = (shown.cursor + 1).saturating_sub(lines.max(1));
    let most = f.values.first().map_or(1, |(_, n)| *n).max(1);
    let figure = count(u64::from(most)).width().max(6) as u16;
    let bar = (room / 4).min(24);
    let label = room.saturating_sub(figure + bar + 10);
    let full = if super::chart::in_letters(app) {
        "#"
    } else {
        "▇"
    };
    for (n, (value, times)) in f.values.iter().enumerate().skip(top).take(lines) {
        let here = n == shown.cursor;
        let style = if here {
            theme.text.patch(theme.cursor)
        } else {
            theme.text
        };
        cursor_bar(buf, theme, inside.x, y, here);
        fitted(
            buf,
            inside.x + 1,
            y,
            &word(value, usize::from(label)),
            label,
            style,
        );
        let text = count(u64::from(*times));
        let x = inside.x + 2 + label + figure.saturating_sub(text.width() as u16);
        let x = put(buf, x, y, &text, figure, theme.text) + 1;
        let part = f64::from(*times) * 100.0 / f64::from(f.rows.max(1));
        let x = put(buf, x, y, &format!("{part:5.1} %"), 8, theme.dim) + 1;
        let cells = (u64::from(*times) * u64::from(bar)).div_ceil(u64::from(most)) as usize;
        put(buf, x, y, &full.repeat(cells), bar, theme.accent);
        y += 1;
    }
    let more = f.distinct as usize + usize::from(f.null > 0);
    let keys = match more > f.values.len() {
        true => format!(
            "the first {} values · Enter only this · ! without · y copy",
            f.values.len()
        ),
        false => "Enter only this value · ! without it · y copy".to_owned(),
    };
    fitted(
        buf,
        inside.x + 1,
        inside.bottom() - 1,
        &keys,
        room,
        theme.dim,
    );
    None
}
