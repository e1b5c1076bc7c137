//! A line of text for a verb.

use super::popup::{Caret, frame, input, put_cut, wrap};
use super::theme::Theme;
use crate::app::form::TextForm;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub fn draw(buf: &mut Buffer, theme: &Theme, form: &TextForm) -> Caret {
    let width = buf.area.width.saturating_sub(4).min(74);
    let hints = wrap(form.hint, usize::from(width.max(8)));
    let inside = frame(buf, theme, &form.title, 76, 1 + hints.len() as u16);
    if inside.height == 0 {
        return None;
    }
    for (y, hint) in (inside.y + 1..inside.bottom()).zip(&hints) {
        put_cut(buf, inside.x + 1, y, hint, width, theme.dim);
    }
    let line = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        height: 1,
        ..inside
    };
    input(buf, theme, &form.line, line, "› ")
}
