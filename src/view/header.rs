//! The two top lines: who and where, and the tabs.

use super::theme::Theme;
use crate::app::App;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub fn draw(app: &App, theme: &Theme, header: Rect, tabs: Rect, buf: &mut Buffer) {
    if header.height > 0 {
        let who = match &app.session {
            Some(s) => format!(
                " watchfloor  {}{} · {}",
                if s.demo { "DEMO " } else { "" },
                s.tenant,
                s.mode.word()
            ),
            None => " watchfloor  signing in …".to_owned(),
        };
        buf.set_stringn(header.x, header.y, who, header.width.into(), theme.head);
    }
    if tabs.height > 0 {
        let mut x = tabs.x + 1;
        for (i, pane) in app.panes.iter().enumerate() {
            let style = if i == app.active {
                theme.accent
            } else {
                theme.dim
            };
            let text = format!("{} {}  ", pane.spec.digit, pane.spec.title);
            if x >= tabs.right() {
                break;
            }
            x = buf
                .set_stringn(x, tabs.y, text, (tabs.right() - x).into(), style)
                .0;
        }
    }
}
