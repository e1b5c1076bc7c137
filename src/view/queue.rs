//! The queue of all tenants: whose row it is stands first, in the tenant's colour and by its name.

use super::cells;
use super::popup::{Caret, clear, input, put, put_cut};
use super::theme::Theme;
use crate::app::App;
use crate::app::queue::{Queue, rows_in_sight, title, troubles};
use crate::resource::gathered;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Columns beside the tenant and the number, by name, least width first dropped from the right.
const COLUMNS: &[(&str, u16)] = &[
    ("severity", 5),
    ("status", 7),
    ("assignedTo", 10),
    ("lastUpdateDateTime", 5),
];
const ID: u16 = 7;

pub fn draw(app: &App, buf: &mut Buffer, theme: &Theme, queue: &Queue) -> Caret {
    let all = buf.area;
    let area = Rect {
        y: all.y + 1,
        height: all.height.saturating_sub(2),
        ..all
    };
    clear(buf, theme, area);
    if area.height < 3 || area.width < 8 {
        return None;
    }
    put_cut(
        buf,
        area.x + 1,
        area.y,
        &title(app, queue),
        area.width - 1,
        theme.head,
    );
    let typed = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width - 1,
        height: 1,
    };
    let caret = input(buf, theme, &queue.line, typed, "filter, @tenant › ");
    if !queue.problem.is_empty() {
        let at = caret.map_or(typed.x, |(x, _)| x + 3);
        put_cut(
            buf,
            at,
            typed.y,
            &queue.problem,
            area.right().saturating_sub(at),
            theme.problem,
        );
    }
    let names = app
        .tenants
        .all
        .iter()
        .map(|s| s.identity.words().width() as u16);
    let wide = names
        .max()
        .unwrap_or(0)
        .clamp(6, 18.min(area.width / 4).max(6));
    let fixed = wide + 1 + ID + 1;
    let mut columns: Vec<(&str, u16)> = COLUMNS.to_vec();
    // a title of some length, or a column less
    while columns.len() > 1
        && fixed + columns.iter().map(|(_, w)| w + 1).sum::<u16>() + 24 > area.width
    {
        columns.pop();
    }
    let used = fixed + columns.iter().map(|(_, w)| w + 1).sum::<u16>();
    let rest = area.width.saturating_sub(used + 1);
    let y = area.y + 2;
    let mut x = put(buf, area.x + 1, y, "tenant", wide, theme.dim).max(area.x + 1 + wide) + 1;
    put(buf, x, y, "id", ID, theme.dim);
    x += ID + 1;
    for (name, width) in columns.iter().chain([&("displayName", rest)]) {
        let head = queue
            .pane
            .spec
            .column(name)
            .and_then(|c| queue.pane.spec.columns.get(c));
        put(buf, x, y, head.map_or("", |c| c.head), *width, theme.dim);
        x += width + 1;
    }
    let mut scratch = String::new();
    let pane = &queue.pane;
    for line in 0..rows_in_sight(app) as u16 {
        let place = pane.top + usize::from(line);
        let (Some(row), y) = (pane.shown.row(place), area.y + 3 + line) else {
            break;
        };
        if place == pane.cursor {
            put(buf, area.x, y, "▌", 1, theme.accent);
        }
        let key = pane.rows.key(row);
        let (tenant, id) = gathered::part(key.exact()).unwrap_or(("", key.exact()));
        let identity = app
            .tenants
            .all
            .iter()
            .map(|s| &s.identity)
            .find(|i| i.name == tenant);
        let words = identity.map_or_else(|| tenant.to_owned(), |i| i.words());
        let style = match identity.and_then(|i| i.hue) {
            Some(hue) => Theme::hue_text(hue),
            None => theme.text,
        };
        let mut x = area.x + 1;
        put_cut(buf, x, y, &words, wide, style);
        x += wide + 1;
        put_cut(buf, x, y, id, ID, theme.dim);
        x += ID + 1;
        let settled = cells::is_settled(pane, row);
        for (name, width) in columns.iter().chain([&("displayName", rest)]) {
            if let Some(col) = pane.spec.column(name) {
                scratch.clear();
                let tone = cells::write(&mut scratch, app, pane, row, col, usize::from(*width));
                let style = match tone {
                    crate::resource::doc::Tone::Plain if settled => theme.dim,
                    crate::resource::doc::Tone::Plain => theme.text,
                    tone => theme.tone(tone),
                };
                put(buf, x, y, &scratch, *width, style);
            }
            x += width + 1;
        }
    }
    let troubles = troubles(app);
    for (n, trouble) in troubles.iter().enumerate() {
        let y = area.bottom().saturating_sub((troubles.len() - n) as u16);
        put_cut(buf, area.x + 1, y, trouble, area.width - 1, theme.stale);
    }
    caret
}
