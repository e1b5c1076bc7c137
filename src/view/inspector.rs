//! The raw JSON of an entity: a tree over the whole body, the path of the cursor, the search.

use super::detail;
use super::popup::{Caret, frame_at, input, put, put_cut};
use super::theme::Theme;
use crate::app::doc::instant;
use crate::app::inspector::Inspector;
use crate::resource::doc::Tone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

pub fn draw(buf: &mut Buffer, theme: &Theme, inspector: &Inspector) -> Caret {
    let all = buf.area;
    let area = Rect {
        y: all.y + 2.min(all.height),
        height: all.height.saturating_sub(3),
        ..all
    };
    let when = match inspector.as_of {
        Some((at, true)) => format!(" · last seen {}", instant(at)),
        Some((at, false)) => format!(" · as of {}", instant(at)),
        None => String::new(),
    };
    let inside = frame_at(buf, theme, &format!("{}{when}", inspector.title), area);
    if inside.height < 2 || inside.width < 8 {
        return None;
    }
    let body = Rect {
        height: inside.height - 1,
        ..inside
    };
    if inspector.loading() {
        put_cut(
            buf,
            body.x + 1,
            body.y,
            "reading …",
            body.width.saturating_sub(2),
            theme.dim,
        );
    } else if let (None, Some(fault)) = (inspector.as_of, &inspector.fault) {
        detail::prose(buf, body, fault, theme.tone(Tone::Bad));
    } else {
        detail::rows(
            buf,
            theme,
            body,
            &inspector.rows,
            inspector.at.top,
            Some(inspector.at.line),
        );
    }
    let y = inside.bottom() - 1;
    let line = Rect {
        x: inside.x + 1,
        y,
        width: inside.width.saturating_sub(2),
        height: 1,
    };
    let found = inspector
        .found()
        .map_or(String::new(), |(at, n)| match (at, n) {
            (_, 0) => "nothing has that".to_owned(),
            (0, n) => format!("{n} have it"),
            (at, n) => format!("{at} of {n}"),
        });
    let wide = found.width() as u16;
    put(
        buf,
        line.right().saturating_sub(wide),
        y,
        &found,
        wide,
        theme.accent,
    );
    let room = line.width.saturating_sub(wide + 1);
    if let Some(search) = &inspector.search {
        return input(
            buf,
            theme,
            search,
            Rect {
                width: room,
                ..line
            },
            "/",
        );
    }
    if let (Some(fault), Some(_)) = (&inspector.fault, inspector.as_of) {
        put_cut(buf, line.x, y, fault, room, theme.tone(Tone::Bad));
        return None;
    }
    let keys = match inspector.record {
        Some(_) => "< > row · / search · y copy · L to a column",
        None => "/ search · h l fold · + - all · y copy · d defanged · Esc",
    };
    let path = inspector.path();
    // the keys stand where there is room for them beside the path
    let at = put_cut(buf, line.x, y, &path, room, theme.text);
    let left = (line.x + room).saturating_sub(at + 2);
    if left >= keys.width() as u16 {
        put(
            buf,
            at + if path.is_empty() { 0 } else { 2 },
            y,
            keys,
            left,
            theme.dim,
        );
    }
    None
}
