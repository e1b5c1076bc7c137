//! The lowest line: the keys of the place, from the live map.

use super::popup::put;
use super::theme::Theme;
use crate::app::App;
use crate::app::action;
use crate::app::keymap::Bound;
use crate::app::overlay::Overlay;
use crate::app::queue;
use crate::verb;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// What stands first where there is not room for all.
const FIRST: &[&str] = &[
    "take",
    "classify",
    "done",
    "open",
    "filter",
    "refine",
    "filter result",
    "find",
    "comment",
    "sort result",
    "export CSV",
    "figures",
    "chart",
    "result columns",
];

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    if !app.chord.is_empty() {
        put(
            buf,
            area.x + 1,
            area.y,
            &format!("{} …", crate::app::keys::short(&app.chord)),
            area.width.saturating_sub(1),
            theme.key,
        );
        return;
    }
    // it lies over everything but this line, and none of the keys below it live there
    if let Some(Overlay::Queue(_)) = app.overlays.last() {
        let mut x = area.x + 1;
        for (key, word) in queue::KEYS {
            x = put(
                buf,
                x,
                area.y,
                key,
                area.right().saturating_sub(x),
                theme.key,
            ) + 1;
            x = put(
                buf,
                x,
                area.y,
                word,
                area.right().saturating_sub(x),
                theme.dim,
            ) + 2;
        }
        return;
    }
    let here = app.here();
    let kind = app.subject().map(|k| k.kind);
    let verbs = verb::all()
        .filter(|v| kind.is_some_and(|k| v.kinds.contains(&k)))
        .map(|v| (Bound::Verb(v), v.name));
    let actions = action::all()
        .filter(|a| !a.foot.is_empty() && a.place.holds(here))
        // beside a query's result, what is for lists only is no news
        .filter(|a| !app.hunting || (a.able)(app).is_ok())
        .map(|a| (Bound::Action(a), a.foot));
    let mut all: Vec<_> = verbs.chain(actions).collect();
    all.sort_by_key(|(b, _)| {
        FIRST
            .iter()
            .position(|n| *n == b.name())
            .unwrap_or(FIRST.len())
    });
    // what must always be found, palette and help, stands last and is never pushed out
    let (keep, rest): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|(b, _)| matches!(b.name(), "palette" | "help"));
    let words = |list: Vec<(Bound, &'static str)>| -> Vec<(String, &'static str, bool)> {
        list.into_iter()
            .filter_map(|(b, word)| Some((app.keymap.key_of(b)?, word, app.why_not(b).is_some())))
            .collect()
    };
    let (keep, rest) = (words(keep), words(rest));
    let width = |w: &(String, &str, bool)| (w.0.width() + 1 + w.1.width() + 2) as u16;
    let mut room = area
        .width
        .saturating_sub(1)
        .saturating_sub(keep.iter().map(width).sum());
    let mut x = area.x + 1;
    let fitting = rest.iter().filter(|w| {
        let fits = width(w) <= room;
        if fits {
            room -= width(w);
        }
        fits
    });
    for (key, word, grey) in fitting.chain(&keep) {
        let right = area.right();
        x = put(
            buf,
            x,
            area.y,
            key,
            right.saturating_sub(x),
            if *grey { theme.dim } else { theme.key },
        ) + 1;
        x = put(buf, x, area.y, word, right.saturating_sub(x), theme.dim) + 2;
    }
}
