//! Draws `&App` into a buffer and changes nothing. Bottom up: header, tabs, pane, detail, footer, toasts, overlays.

pub mod boxes;
pub mod cells;
pub mod detail;
pub mod find;
pub mod footer;
pub mod form;
pub mod header;
pub mod hunt;
pub mod inspector;
pub mod list;
pub mod lock;
pub mod popup;
pub mod posture;
pub mod prompt;
pub mod queue;
pub mod set_up;
pub mod sign_in;
pub mod theme;
pub mod time;
pub mod timeline;
pub mod title;

#[cfg(test)]
mod around_tests;
#[cfg(test)]
mod detail_tests;
#[cfg(test)]
mod library_tests;
#[cfg(test)]
mod logs_tests;
#[cfg(test)]
mod posture_tests;
#[cfg(test)]
mod prompt_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod timeline_tests;

use crate::app::App;
use crate::app::overlay::Overlay;
use ratatui::buffer::Buffer;
use ratatui::style::Style;
use theme::Theme;

/// Draws the whole screen; answers where the terminal's cursor belongs, if anywhere.
pub fn draw(app: &App, theme: &Theme, buf: &mut Buffer) -> Option<(u16, u16)> {
    let layout = app.layout();
    if let Some(ground) = theme.ground.filter(|_| theme.paint) {
        buf.set_style(buf.area, Style::new().bg(ground));
    }
    if app.is_locked() {
        lock::draw(app, theme, buf);
        return None;
    }
    header::draw(app, theme, layout.header, layout.tabs, buf);
    let mut caret = None;
    if app.hunting {
        caret = hunt::draw(app, theme, app.hunt_area(), buf);
    } else {
        posture::draw(app, theme, layout.strip, buf);
        list::draw(app, app.pane(), theme, layout.list, buf);
        list::notes(app, theme, layout.notes, buf);
        if let Some(open) = &app.pane().detail
            && layout.detail.width > 0
        {
            detail::draw(app, open, theme, layout.detail, buf);
        }
    }
    footer::draw(app, theme, layout.footer, buf);
    header::edge(app, buf, &[layout.header, layout.tabs, layout.footer]);
    popup::toasts(app, theme, buf);
    if app.which_key() {
        popup::which_key(app, theme, buf);
    }
    for overlay in &app.overlays {
        caret = match overlay {
            Overlay::Find(o) => find::draw(buf, theme, o),
            Overlay::Text(o) => form::draw(buf, theme, o),
            Overlay::Ask(o) => boxes::ask(buf, theme, o),
            Overlay::Bar(o) => hunt::boxes::bar(app, buf, theme, o),
            Overlay::Fields(o) => hunt::boxes::fields(buf, theme, o),
            Overlay::Figures(o) => hunt::boxes::figures(app, buf, theme, o),
            Overlay::Columns(o) => boxes::columns(app, buf, theme, o),
            Overlay::Fetching(o) => boxes::fetching(app, buf, theme, o),
            Overlay::Filter(o) => boxes::filter(app, buf, theme, o),
            Overlay::Options(o) => boxes::options(app, buf, theme, o),
            Overlay::Inspector(o) => inspector::draw(buf, theme, o),
            Overlay::Shelf(o) => hunt::shelf::draw(app, buf, theme, o),
            Overlay::SignIn(o) => sign_in::draw(app, buf, theme, o),
            Overlay::Help(o) => popup::help(buf, theme, o),
            Overlay::Log(o) => popup::log(app, buf, theme, o),
            Overlay::Pick(o) => popup::pick(buf, theme, o),
            Overlay::Quit(o) => popup::quit(buf, theme, o),
            Overlay::Prompt(o) => prompt::draw(app, buf, theme, o),
            Overlay::Queue(o) => queue::draw(app, buf, theme, o),
            Overlay::Report(o) => prompt::report(app, buf, theme, o),
            Overlay::SetUp(o) => set_up::draw(buf, theme, o),
            Overlay::Timeline(o) => timeline::draw(app, buf, theme, o),
        };
    }
    // a place outside of the screen is none
    caret.filter(|(x, y)| *x < buf.area.right() && *y < buf.area.bottom())
}
