//! The line of query tabs: where each stands, the same for drawing and for a click.

use super::App;
use ratatui::layout::{Position, Rect};
use table::Txt;
use unicode_width::UnicodeWidthStr;

/// A tab as it stands in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Its place among the tabs.
    pub place: usize,
    pub x: u16,
    /// Safe for the screen, as many cells as `width`.
    pub name: String,
    pub width: u16,
}

/// Where the tab's queries run, over which time, on what: at the right end of the line, at most half of it.
pub fn header(app: &App, width: u16) -> String {
    let mut words = String::new();
    Txt::new(&app.hunt_header()).shown_fit(&mut words, usize::from(width / 2));
    words
}

/// The tabs that there is room for; the one in front is among them.
pub fn tabs(app: &App, area: Rect) -> Vec<Tab> {
    let hunt = &app.hunt;
    let taken = header(app, area.width).width() as u16 + 2;
    let width = area.width.saturating_sub(taken);
    let right = area.x + width;
    let mut x = area.x + 1;
    let room = (width.saturating_sub(2) / hunt.tabs.len().max(1) as u16).clamp(8, 30);
    let first = (hunt.at + 1).saturating_sub(usize::from(width / room).max(1));
    let mut out = Vec::new();
    for (place, query) in hunt.tabs.iter().enumerate().skip(first) {
        if x + 4 >= right {
            break;
        }
        let mark = if query.running.is_some() { "… " } else { "" };
        let mut name = format!("{mark}{} ", place + 1);
        let cells = usize::from(room).saturating_sub(name.width() + 2);
        Txt::new(query.name()).shown_fit(&mut name, cells);
        let width = (name.width() as u16).min(right - x);
        out.push(Tab {
            place,
            x,
            name,
            width,
        });
        x += width + 2;
    }
    out
}

/// The tab at a place on the screen.
pub fn at(app: &App, at: Position) -> Option<usize> {
    let area = app.hunt_area();
    let here = |t: &Tab| (t.x..t.x + t.width).contains(&at.x);
    let found = tabs(app, area).into_iter().find(here)?;
    (at.y == area.y).then_some(found.place)
}
