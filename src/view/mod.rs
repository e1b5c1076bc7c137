//! Draws `&App` into a buffer and changes nothing. Bottom up: header, tabs, pane, detail, overlays, toasts, footer.

pub mod header;
pub mod list;
pub mod theme;

use crate::app::App;
use ratatui::buffer::Buffer;
use theme::Theme;

/// Draws the whole screen; answers where the terminal's cursor belongs, if anywhere.
pub fn draw(app: &App, theme: &Theme, buf: &mut Buffer) -> Option<(u16, u16)> {
    let layout = app.layout();
    header::draw(app, theme, layout.header, layout.tabs, buf);
    list::draw(app, app.pane(), theme, layout.list, buf);
    None
}
