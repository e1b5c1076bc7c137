//! The find prompt and its hits, by kind.

use super::popup::{frame, input, put, put_cut};
use super::theme::Theme;
use crate::app::find::Find;
use crate::resource::spec;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub fn draw(buf: &mut Buffer, theme: &Theme, find: &Find) -> Option<(u16, u16)> {
    let rows = 16.min(buf.area.height.saturating_sub(6));
    let inside = frame(
        buf,
        theme,
        "find: id, name, address, hash, mail, portal URL",
        90,
        rows + 2,
    );
    if inside.height < 2 {
        return None;
    }
    let caret = input(
        buf,
        theme,
        &find.line,
        Rect {
            x: inside.x + 1,
            width: inside.width.saturating_sub(2),
            height: 1,
            ..inside
        },
        "› ",
    );
    let height = usize::from(inside.height - 2);
    let top = find.cursor.saturating_sub(height.saturating_sub(1));
    for (n, hit) in find.hits.iter().enumerate().skip(top).take(height) {
        let y = inside.y + 1 + (n - top) as u16;
        let here = n == find.cursor;
        if here {
            put(buf, inside.x, y, "▌", 1, theme.accent);
        }
        let style = if here {
            theme.text.patch(theme.cursor)
        } else {
            theme.text
        };
        put(buf, inside.x + 1, y, spec(hit.key.kind).one, 9, theme.dim);
        let note = 26.min(inside.width / 3);
        let right = inside.right().saturating_sub(note + 1);
        put_cut(
            buf,
            inside.x + 11,
            y,
            &hit.label,
            right.saturating_sub(inside.x + 11),
            style,
        );
        put_cut(buf, right + 1, y, &hit.note, note, theme.dim);
    }
    let text = match (
        find.hits.is_empty(),
        find.line.text().trim().chars().count() < 2,
        find.note.is_empty(),
    ) {
        (_, _, false) => find.note.clone(),
        (true, false, true) => "nothing of that name in what is loaded".into(),
        (false, ..) => format!("{} found · Enter opens", find.hits.len()),
        _ => String::new(),
    };
    put_cut(
        buf,
        inside.x + 1,
        inside.bottom() - 1,
        &text,
        inside.width.saturating_sub(2),
        theme.dim,
    );
    caret
}
