//! The hunt pane: a line of query tabs, the editor, what is said of the cursor, and the result below.

pub mod boxes;
pub mod chart;
mod editor;
#[cfg(test)]
mod editor_tests;
mod grid;
pub mod shelf;
#[cfg(test)]
mod tests;

use super::popup::{put, put_cut};
use super::theme::Theme;
use crate::app::App;
use crate::app::hunt::Focus;
use crate::app::hunt::search::matches;
use crate::app::hunt::strip;
use crate::resource::doc::Tone;
use kql::syntax::Severity;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use table::Txt;
use unicode_width::UnicodeWidthStr;

/// Draws the pane; answers where the terminal's cursor belongs.
pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    if area.height < 3 || area.width < 20 {
        return None;
    }
    let parts = app.hunt_parts();
    let line = |y: u16| Rect {
        y: area.y + y,
        height: 1,
        ..area
    };
    tabs(app, theme, line(0), buf);
    let text = Rect {
        y: area.y + 1,
        height: parts.editor as u16,
        ..area
    };
    let caret = editor::draw(app, theme, text, buf);
    let below = 1 + parts.editor as u16;
    let mut bar = None;
    if below < area.height {
        bar = search(app, theme, line(below), buf);
        if bar.is_none() {
            said(app, theme, line(below), buf);
        }
    }
    let rest = Rect {
        y: area.y + below + 1,
        height: area.height.saturating_sub(below + 1),
        ..area
    };
    if rest.height > 0 {
        grid::draw(app, theme, rest, buf);
    }
    editor::tip(app, theme, text, buf);
    editor::popup(app, theme, text, buf);
    bar.or(caret)
        .filter(|_| app.hunt.focus == Focus::Editor && app.overlays.is_empty())
}

/// The line of tabs, and at its right end where the one in front runs.
fn tabs(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let words = strip::header(app, area.width);
    let width = words.width() as u16;
    let x = area.right().saturating_sub(width + 1);
    put(buf, x, area.y, &words, width, theme.accent);
    for tab in strip::tabs(app, area) {
        let style = if tab.place == app.hunt.at {
            theme.tab_on
        } else {
            theme.tab
        };
        put(buf, tab.x, area.y, &tab.name, tab.width, style);
    }
}

/// The bar of search and replace; where its cursor belongs.
fn search(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let search = app.hunt.search.as_ref()?;
    let editor = &app.hunt.query().editor;
    let all = matches(editor.text(), search.find.text());
    let at = editor.selection();
    let nth = all.iter().position(|r| Some(r) == at.as_ref());
    let count = match (all.len(), nth) {
        (0, _) if search.find.is_empty() => String::new(),
        (0, _) => "none".into(),
        (n, Some(at)) => format!("{} of {n}", at + 1),
        (n, None) => format!("{n}"),
    };
    let hint = if search.replaces {
        format!("{count} · Enter one, Alt-a all, Esc")
    } else {
        format!("{count} · Enter next, Tab replaces, Esc")
    };
    let right = hint.width() as u16;
    let room = area.width.saturating_sub(right + 3);
    let x = area.right().saturating_sub(right + 1);
    put(buf, x, area.y, &hint, right, theme.dim);
    let (labels, lines) = (["find ", "  with "], [&search.find, &search.with]);
    let parts = 1 + usize::from(search.replaces);
    let each = (room / parts as u16).saturating_sub(7);
    let (mut x, mut caret) = (area.x + 1, None);
    for n in 0..parts {
        x = put(buf, x, area.y, labels[n], area.right() - x, theme.accent);
        let shown = lines[n].screen(&[], each);
        put(buf, x, area.y, &shown.text, each, theme.text);
        if search.on_second == (n == 1) {
            caret = Some((x + shown.cursor, area.y));
        }
        x += each;
    }
    caret
}

/// What is wrong at the cursor, or what is under it; at the right where the cursor is and what the text has of errors.
fn said(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let query = app.hunt.query();
    let text = query.editor.text();
    let (row, within) = query.editor.place();
    let col = query.editor.lines()[row][..within].chars().count();
    let errors = match query.known.errors(text) {
        0 => String::new(),
        1 => "1 error · ".into(),
        n => format!("{n} errors · "),
    };
    let mode = if app.settings.vim {
        let vim = &app.hunt.vim;
        format!("{} {}· ", vim.mode.name(), vim.begun())
    } else {
        String::new()
    };
    let place = format!("{mode}{errors}{}:{}", row + 1, col + 1);
    let right = place.width() as u16;
    let room = area.width.saturating_sub(right + 4);
    let said = query.known.say(text, query.editor.cursor());
    let cursor = query.editor.cursor();
    let refused = query
        .refused()
        .filter(|r| r.place.start <= cursor && cursor <= r.place.end);
    let (words, style) = match (&said.wrong, &said.about) {
        _ if refused.is_some() => (
            format!("✗ {}", refused.map_or("", |r| &r.words)),
            theme.tone(Tone::Bad),
        ),
        (Some((Severity::Error, words)), _) => (format!("✗ {words}"), theme.tone(Tone::Bad)),
        (Some((Severity::Warning, words)), _) => (format!("! {words}"), theme.tone(Tone::Medium)),
        (_, Some(about)) if about.text.is_empty() => (about.title.clone(), theme.dim),
        (_, Some(about)) => (format!("{} · {}", about.title, about.text), theme.dim),
        (Some((_, words)), None) => (format!("· {words}"), theme.dim),
        (None, None) => (String::new(), theme.dim),
    };
    let words = Txt::new(&words).shown().into_owned();
    put_cut(buf, area.x + 1, area.y, &words, room, style);
    let x = area.right().saturating_sub(right + 1);
    put(buf, x, area.y, &place, right, theme.dim);
}

/// Writes words that are safe for the screen already, cut with `…` where they do not fit; answers the next free column.
fn fitted(
    buf: &mut Buffer,
    x: u16,
    y: u16,
    text: &str,
    width: u16,
    style: ratatui::style::Style,
) -> u16 {
    use unicode_segmentation::UnicodeSegmentation;
    let width = usize::from(width);
    if text.width() <= width {
        return put(buf, x, y, text, width as u16, style);
    }
    let mut cut = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        used += cluster.width();
        if used >= width {
            break;
        }
        cut.push_str(cluster);
    }
    if width > 0 {
        cut.push('…');
    }
    put(buf, x, y, &cut, width as u16, style)
}
