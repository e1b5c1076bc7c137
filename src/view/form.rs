//! A line of text for a verb.

use super::popup::{Caret, frame, input, put_cut};
use super::theme::Theme;
use crate::app::form::TextForm;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub fn draw(buf: &mut Buffer, theme: &Theme, form: &TextForm) -> Caret {
    let inside = frame(buf, theme, &form.title, 76, 2);
    if inside.height == 0 {
        return None;
    }
    if inside.height > 1 {
        put_cut(
            buf,
            inside.x + 1,
            inside.y + 1,
            form.hint,
            inside.width.saturating_sub(2),
            theme.dim,
        );
    }
    let line = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        height: 1,
        ..inside
    };
    input(buf, theme, &form.line, line, "› ")
}
