//! The form that sets up a tenant: the page, the answers so far and the question, over everything but the header.

use super::popup::{Caret, clear, input, put, put_cut};
use super::theme::Theme;
use crate::app::App;
use crate::app::overlay::Overlay;
use crate::app::set_up::{AROUND, SetUp};
use crate::resource::doc::Tone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// Of the code, whatever the theme: phones want dark on light.
const LIGHT: Style = Style::new().fg(Color::White).bg(Color::Black);

/// Where it lies: below the header.
fn place(all: Rect) -> Rect {
    Rect {
        y: all.y + 1,
        height: all.height.saturating_sub(1),
        ..all
    }
}

pub fn draw(buf: &mut Buffer, theme: &Theme, form: &SetUp) -> Caret {
    let all = buf.area;
    let area = place(all);
    if form.code_shown {
        code(buf, theme, form);
        return None;
    }
    clear(buf, theme, area);
    if usize::from(area.height) <= AROUND || area.width < 20 {
        return None;
    }
    let (x, width) = (area.x + 1, area.width - 2);
    let step = match form.answers.len() {
        0 => "Set up a tenant".to_owned(),
        n => format!("Set up a tenant · {n} answered"),
    };
    put_cut(buf, x, area.y, &step, width, theme.head);
    put_cut(
        buf,
        x,
        area.y + 1,
        &tail(&form.answers, width),
        width,
        theme.dim,
    );

    let lines = form.lines(usize::from(width));
    let room = usize::from(area.height) - AROUND - 1;
    let top = form.top.min(lines.len().saturating_sub(1));
    for (n, line) in lines.iter().skip(top).take(room).enumerate() {
        let style = match line.trim_start() {
            l if l.starts_with("ok ") => theme.tone(Tone::Good),
            l if l.starts_with("FAIL ") => theme.problem,
            l if l.starts_with("https://") => theme.accent,
            _ => theme.text,
        };
        put(buf, x, area.y + 2 + n as u16, line, width, style);
    }
    let mut y = area.bottom() - 5;
    let rule = match lines.len().saturating_sub(top + room) {
        0 if top == 0 => "─".repeat(usize::from(width)),
        more => {
            let said = format!("── {more} lines more below · PgDn PgUp ");
            let rest = usize::from(width).saturating_sub(said.width());
            format!("{said}{}", "─".repeat(rest))
        }
    };
    put(buf, x, y, &rule, width, theme.border);
    y += 1;
    let mut caret = None;
    match (&form.question, &form.done) {
        (_, Some(Ok(name))) => {
            put_cut(buf, x, y, "It is saved.", width, theme.tone(Tone::Good));
            let open = format!("Enter opens {name} now, Esc stays here");
            put_cut(buf, x, y + 1, &open, width, theme.text);
        }
        (_, Some(Err(why))) => {
            put_cut(buf, x, y, why, width, theme.problem);
            let back = "Shift-Tab goes back to the last answer";
            put_cut(buf, x, y + 1, back, width, theme.text);
        }
        (Some(question), None) => {
            let proposed = match question.default.as_str() {
                "" => String::new(),
                text => format!(" [{text}]"),
            };
            let at = put_cut(buf, x, y, &question.text, width, theme.text);
            let room = area.right().saturating_sub(at + 1);
            put_cut(buf, at, y, &proposed, room, theme.dim);
            let line = Rect {
                x,
                y: y + 1,
                width,
                height: 1,
            };
            if question.secret {
                let at = put(buf, x, y + 1, "› ", 2, theme.accent);
                let at = put_cut(buf, at, y + 1, &form.echo(), width - 2, theme.text);
                caret = Some((at, y + 1));
            } else {
                caret = input(buf, theme, &form.line, line, "› ");
            }
            let (text, style) = match form.wrong.is_empty() {
                false => (format!("! {}", form.wrong), theme.problem),
                true => (question.words.join(" · "), theme.dim),
            };
            put_cut(buf, x, y + 2, &text, width, style);
        }
        (None, None) => {
            put_cut(buf, x, y, &form.counting, width, theme.stale);
        }
    }
    keys(buf, theme, form, area);
    caret
}

/// The last of the answers so far, as many as fit.
fn tail(answers: &[String], width: u16) -> String {
    let mut out = String::new();
    for answer in answers.iter().rev() {
        let longer = match out.is_empty() {
            true => answer.clone(),
            false => format!("{answer} › {out}"),
        };
        if longer.width() > usize::from(width) {
            return format!("… › {out}");
        }
        out = longer;
    }
    out
}

fn keys(buf: &mut Buffer, theme: &Theme, form: &SetUp, area: Rect) {
    if form.leaving {
        let text = "Esc again leaves: nothing is saved";
        put_cut(
            buf,
            area.x + 1,
            area.bottom() - 1,
            text,
            area.width - 1,
            theme.stale,
        );
        return;
    }
    let asks = form.question.as_ref();
    let words = asks.is_some_and(|q| !q.words.is_empty());
    let all = [
        ("Enter", "answer", asks.is_some()),
        ("Tab", "the next word", words),
        (
            "Shift-Tab",
            "back",
            !form.answers.is_empty() && !matches!(form.done, Some(Ok(_))),
        ),
        ("Ctrl-o", "copy the address", form.link.is_some()),
        ("F2", "QR code", !form.code.is_empty()),
        ("Esc", "leave", true),
    ];
    let mut x = area.x + 1;
    for (key, word, _) in all.iter().filter(|(.., live)| *live) {
        let y = area.bottom() - 1;
        x = put(buf, x, y, key, area.right().saturating_sub(x), theme.key) + 1;
        x = put(buf, x, y, word, area.right().saturating_sub(x), theme.dim) + 2;
    }
}

/// The code, in the middle of the whole screen: at 80x24 there is not a line to spare.
fn code(buf: &mut Buffer, theme: &Theme, form: &SetUp) {
    let all = buf.area;
    clear(buf, theme, all);
    let high = form.code.len() as u16;
    let wide = form.code.first().map_or(0, |l| l.width() as u16);
    if high > all.height || wide > all.width {
        let text = format!(
            "the code wants {wide}x{high} cells: make the window larger, or copy the address"
        );
        put_cut(
            buf,
            all.x + 1,
            all.y + 1,
            &text,
            all.width.saturating_sub(1),
            theme.stale,
        );
        return;
    }
    let (x, y) = (
        all.x + (all.width - wide) / 2,
        all.y + (all.height - high) / 2,
    );
    for (n, line) in form.code.iter().enumerate() {
        put(buf, x, y + n as u16, line, wide, LIGHT);
    }
    let room = x.saturating_sub(all.x + 1);
    put_cut(buf, all.x + 1, all.y, "any key", room, theme.dim);
}

/// A stretch of cells that belongs to a link: its row, its columns, the whole address.
pub type Linked<'a> = (u16, Range<u16>, &'a str);

/// Where the address stands at which an admin consents, for terminals that have links.
pub fn links<'a>(app: &'a App, buf: &Buffer) -> Vec<Linked<'a>> {
    let Some(Overlay::SetUp(form)) = app.overlays.last() else {
        return Vec::new();
    };
    let Some(url) = form.link.as_ref().filter(|_| !form.code_shown) else {
        return Vec::new();
    };
    let (mut out, mut rest) = (Vec::new(), url.as_str());
    for y in place(buf.area).top()..buf.area.bottom() {
        let line: String = (0..buf.area.width)
            .filter_map(|x| buf.cell((x, y)))
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        let text = line.trim();
        if let Some(more) = rest.strip_prefix(text).filter(|_| !text.is_empty()) {
            let from = (line.len() - line.trim_start().len()) as u16;
            out.push((y, from..from + text.width() as u16, url.as_str()));
            rest = more;
        }
    }
    out
}
