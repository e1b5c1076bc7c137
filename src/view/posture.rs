//! What stands above the lists of the Posture tab: their names, the scores, and the trend above the days.

use super::hunt::chart;
use super::popup::{put, put_cut};
use super::theme::Theme;
use crate::app::{App, posture};
use crate::model::Kind;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height == 0 || area.width < 4 {
        return;
    }
    names(app, theme, area, buf);
    let mut y = area.y + 1;
    for (tone, line) in posture::lines(app) {
        if y >= area.bottom() {
            return;
        }
        put_cut(buf, area.x + 1, y, &line, area.width - 2, theme.tone(tone));
        y += 1;
    }
    let chart = app.posture.chart.as_ref();
    let Some(chart) = chart.filter(|_| app.pane().spec.kind == Kind::Score) else {
        return;
    };
    let note = chart
        .notes
        .first()
        .map_or(String::new(), |n| format!(" · {n}"));
    let title = format!("{}{note}", chart.title);
    if y < area.bottom() {
        put_cut(buf, area.x + 1, y, &title, area.width - 2, theme.head);
    }
    let inside = Rect {
        x: area.x + 1,
        y: y + 1,
        width: area.width - 2,
        height: area.bottom().saturating_sub(y + 1),
    };
    chart::plain(app, chart, theme, inside, buf);
}

/// The lists of the tab; the one in front is marked, and one that cannot be read has a cross.
fn names(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let key = app.keymap.key_named("posture").unwrap_or_default();
    let mut x = put(
        buf,
        area.x + 1,
        area.y,
        &format!("{key} ›"),
        area.width,
        theme.dim,
    ) + 1;
    for index in posture::pages(app) {
        let Some(pane) = app.panes.get(index) else {
            continue;
        };
        let front = index == app.active;
        let cross = if app.usable(index).is_ok() { "" } else { "×" };
        let text = match front {
            true => format!("[{}{cross}]", pane.spec.title),
            false => format!(" {}{cross} ", pane.spec.title),
        };
        if x + text.width() as u16 > area.right() {
            put(buf, area.right() - 1, area.y, "›", 1, theme.dim);
            return;
        }
        let style = if front { theme.head } else { theme.dim };
        x = put(buf, x, area.y, &text, area.right().saturating_sub(x), style);
    }
}
