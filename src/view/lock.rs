//! The locked screen: whose console this is, and how it opens. Nothing of the tenant's data.

use super::popup::{frame, put_cut};
use super::theme::Theme;
use crate::app::App;
use ratatui::buffer::Buffer;

pub fn draw(app: &App, theme: &Theme, buf: &mut Buffer) {
    let whose = match &app.session {
        Some(s) if s.demo => format!("DEMO {}", s.tenant),
        Some(s) => format!("tenant {}", s.tenant),
        None => "not signed in".to_owned(),
    };
    let lines = [
        whose,
        "Nobody pressed a key for a while: the screen is hidden.".to_owned(),
        "Enter opens it".to_owned(),
    ];
    let inside = frame(buf, theme, "Watchfloor · locked", 60, 3);
    for (y, line) in (inside.y..inside.bottom()).zip(&lines) {
        let width = inside.width.saturating_sub(2);
        put_cut(buf, inside.x + 1, y, line, width, theme.text);
    }
}
