//! The find prompt, what its text is taken for, and its hits.

use super::popup::{Caret, frame, input, put, put_cut};
use super::theme::Theme;
use crate::app::find::{Find, Hit, How, Opens};
use crate::resource::spec;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

pub fn draw(buf: &mut Buffer, theme: &Theme, find: &Find) -> Caret {
    let rows = buf.area.height.saturating_sub(7).min(24);
    let inside = frame(
        buf,
        theme,
        "find: id, name, address, hash, mail, portal URL",
        100,
        rows + 2,
    );
    if inside.height < 3 {
        return None;
    }
    let says = if find.says.is_empty() {
        String::new()
    } else {
        format!(" {}", find.says)
    };
    let wide = (says.width() as u16).min(inside.width / 2);
    let line = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(3 + wide),
        height: 1,
        ..inside
    };
    let caret = input(buf, theme, &find.line, line, "› ");
    put_cut(
        buf,
        inside.right().saturating_sub(wide + 1),
        inside.y,
        &says,
        wide,
        theme.accent,
    );
    let height = usize::from(inside.height - 2);
    let lines = lines(&find.hits);
    let at = lines
        .iter()
        .position(|l| *l == Some(find.cursor))
        .unwrap_or(0);
    let top = (at + 2)
        .saturating_sub(height)
        .min(lines.len().saturating_sub(height));
    for (n, line) in lines.iter().enumerate().skip(top).take(height) {
        let y = inside.y + 1 + (n - top) as u16;
        let hit = line.and_then(|h| find.hits.get(h));
        match (hit, line) {
            (Some(hit), here) => one(buf, theme, inside, y, hit, *here == Some(find.cursor)),
            (None, _) => {
                let next = lines
                    .get(n + 1)
                    .copied()
                    .flatten()
                    .and_then(|h| find.hits.get(h));
                let text = next.map_or("", |h| title(h.how));
                put_cut(
                    buf,
                    inside.x + 1,
                    y,
                    text,
                    inside.width.saturating_sub(2),
                    theme.dim,
                );
            }
        }
    }
    let empty = find.hits.is_empty() && !find.says.is_empty() && !find.waits();
    let text = match (find.note.is_empty(), empty) {
        (false, _) => find.note.clone(),
        (true, true) => "nothing of that kind in what is loaded".into(),
        (true, false) if find.hits.is_empty() => {
            "an incident's number, an address, a hash, a name, a page of the portal".into()
        }
        (true, false) => "Enter opens · Ctrl-n Ctrl-p move · Esc".into(),
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

/// Headings (`None`) between hits that were found in different manners.
fn lines(hits: &[Hit]) -> Vec<Option<usize>> {
    let mut out = Vec::new();
    for (n, hit) in hits.iter().enumerate() {
        let new = n
            .checked_sub(1)
            .and_then(|b| hits.get(b))
            .is_none_or(|before| before.how != hit.how);
        if new {
            out.push(None);
        }
        out.push(Some(n));
    }
    out
}

fn title(how: How) -> &'static str {
    match how {
        How::Is => "is it",
        How::Names => "mentions it, or stands in alerts with it",
        How::Named => "has these words in its name",
        How::Like => "has these words somewhere",
    }
}

fn one(buf: &mut Buffer, theme: &Theme, inside: Rect, y: u16, hit: &Hit, here: bool) {
    if here {
        put(buf, inside.x, y, "▌", 1, theme.accent);
    }
    let style = if here {
        theme.text.patch(theme.cursor)
    } else {
        theme.text
    };
    let style = if matches!(hit.opens, Opens::List(..)) {
        theme.dim
    } else {
        style
    };
    put(buf, inside.x + 2, y, spec(hit.kind).one, 9, theme.dim);
    let note = (hit.note.width() as u16).min(inside.width * 2 / 5);
    let x = inside.x + 12;
    let right = inside.right().saturating_sub(note + 2);
    put_cut(buf, x, y, &hit.label, right.saturating_sub(x), style);
    put_cut(buf, right + 1, y, &hit.note, note, theme.dim);
}
