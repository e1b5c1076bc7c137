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
    let room = usize::from(area.right().saturating_sub(x));
    // where not all names have room the longest of those that are not in front become shorter
    let longest = (SHORT..=40).rev().find(|n| {
        let all = texts(app, *n);
        all.iter().map(|(_, t)| t.width()).sum::<usize>() <= room
    });
    for (front, text) in texts(app, longest.unwrap_or(SHORT)) {
        if x + text.width() as u16 > area.right() {
            put(buf, area.right() - 1, area.y, "›", 1, theme.dim);
            return;
        }
        let style = if front { theme.head } else { theme.dim };
        x = put(buf, x, area.y, &text, area.right().saturating_sub(x), style);
    }
}

/// Letters that are left of a name at least.
const SHORT: usize = 4;

/// The names of the lists, those that are not in front with so many letters at most.
fn texts(app: &App, most: usize) -> Vec<(bool, String)> {
    let pages = posture::pages(app).into_iter();
    let one = |index: usize| {
        let title = app.panes.get(index)?.spec.title;
        let front = index == app.active;
        let cross = if app.usable(index).is_ok() { "" } else { "×" };
        let text = match front {
            true => format!("[{title}{cross}]"),
            false if title.len() > most => {
                let cut: String = title.chars().take(most - 1).collect();
                format!(" {cut}…{cross} ")
            }
            false => format!(" {title}{cross} "),
        };
        Some((front, text))
    };
    pages.filter_map(one).collect()
}
