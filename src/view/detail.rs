//! Draws an open detail.

use super::popup::put_cut;
use super::theme::Theme;
use crate::app::App;
use crate::app::detail::Detail;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub fn draw(_app: &App, detail: &Detail, theme: &Theme, area: Rect, buf: &mut Buffer) {
    put_cut(
        buf,
        area.x + 1,
        area.y,
        &detail.key.id.txt().shown(),
        area.width.saturating_sub(2),
        theme.head,
    );
}
