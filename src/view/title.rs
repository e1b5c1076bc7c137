//! The title of a list: what is shown of how much, as of when, and what waits. On narrow screens the least goes first;
//! that a list is incomplete, old or has news is said at every width.

use super::popup::put;
use super::theme::Theme;
use super::time::{count, moment};
use crate::app::App;
use crate::app::pane::Pane;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use table::Txt;
use unicode_width::UnicodeWidthStr;

/// A piece of the title.
struct Piece {
    text: String,
    /// What stands in its place where there is little room; empty = nothing.
    short: String,
    style: Style,
    /// The highest goes, or becomes short, first.
    rank: u8,
    /// Stands at the right.
    end: bool,
}

/// `─ Incidents · mine · sev>=med · 214 of 1,987 · loaded 1,400 of 1,987 ───── +7 new (R) · as of 12:04Z ─`
pub fn draw(app: &App, pane: &Pane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let demo = app.session.as_ref().is_some_and(|s| s.demo);
    // a demo's rules are double: told without colour
    let (rule, line) = if demo {
        ("═", Theme::DEMO_LINE)
    } else {
        ("─", theme.border)
    };
    put(
        buf,
        area.x,
        area.y,
        &rule.repeat(usize::from(area.width)),
        area.width,
        line,
    );
    let mut pieces = pieces(app, pane, theme, demo);
    let room = usize::from(area.width).saturating_sub(4);
    while wide(&pieces) > room {
        let Some(worst) = pieces.iter().map(|p| p.rank).max().filter(|r| *r > 0) else {
            break;
        };
        for p in pieces.iter_mut().filter(|p| p.rank == worst) {
            p.text = std::mem::take(&mut p.short);
            p.rank = 0;
        }
        pieces.retain(|p| !p.text.is_empty());
    }
    let (ends, parts): (Vec<Piece>, Vec<Piece>) = pieces.into_iter().partition(|p| p.end);
    let x = run(buf, theme, &parts, area.x + 1, area);
    if !ends.is_empty() {
        let at = area.right().saturating_sub(wide(&ends) as u16 + 3);
        run(buf, theme, &ends, at.max(x), area);
    }
}

fn pieces(app: &App, pane: &Pane, theme: &Theme, demo: bool) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut part = |text: String, short: &str, style: Style, rank: u8| {
        out.push(Piece {
            text,
            short: short.to_owned(),
            style,
            rank,
            end: false,
        })
    };
    if demo {
        part("DEMO".into(), "", Theme::DEMO_LINE, 0);
    }
    // what no tab names is named here at every width
    let rank = if pane.spec.digit == ' ' { 0 } else { 5 };
    part(pane.spec.title.to_owned(), "", theme.head, rank);
    if !pane.view.is_empty() {
        part(
            Txt::new(&pane.view).shown().into_owned(),
            "",
            theme.accent,
            7,
        );
    }
    if !pane.filter.is_empty() {
        let style = if pane.filter.problems.is_empty() {
            theme.accent
        } else {
            theme.problem
        };
        let mut short = String::new();
        Txt::new(&pane.filter.text).shown_fit(&mut short, 12);
        let mut long = String::new();
        Txt::new(&pane.filter.text).shown_fit(&mut long, 60);
        part(long, &short, style, 8);
    }
    if pane.follow {
        part("following".into(), "", theme.accent, 4);
    }
    if let Some(column) = pane.group.and_then(|c| pane.spec.columns.get(c)) {
        part(format!("by {}", column.head), "", theme.accent, 6);
    }
    let progress = &pane.progress;
    let known = progress
        .total
        .unwrap_or(progress.loaded)
        .max(pane.rows.len() as u64);
    let rows = pane.shown.rows().len() as u64;
    // of a list that was never read nothing is known, not even that it is empty
    if known > 0 || progress.as_of.is_some() {
        part(
            if rows == known {
                count(known)
            } else {
                format!("{} of {}", count(rows), count(known))
            },
            "",
            theme.text,
            1,
        );
    }
    let (marked, hidden) = pane.mark_count();
    if marked > 0 {
        let marked = format!("{} marked", count(marked as u64));
        let text = match hidden {
            0 => marked.clone(),
            n => format!("{marked}, {} not shown", count(n as u64)),
        };
        part(text, &marked, theme.accent, 2);
    }
    if pane.maybe > 0 {
        part(
            format!("{} not known yet", count(pane.maybe.into())),
            "",
            theme.stale,
            4,
        );
    }
    if !progress.complete && progress.loaded > 0 {
        let loaded = match progress.total {
            Some(total) => format!(
                "loaded {} of {}",
                count(progress.loaded),
                count(total.max(progress.loaded))
            ),
            None => format!("loaded {}, more to come", count(progress.loaded)),
        };
        part(loaded, "incomplete", theme.stale, 3);
    }
    if app
        .tickets
        .is_open(&crate::msg::Slot::Search(pane.spec.kind))
    {
        part("asking the service …".into(), "asking …", theme.stale, 4);
    }
    let mut end = |text: String, short: String, style: Style, rank: u8| {
        out.push(Piece {
            text,
            short,
            style,
            rank,
            end: true,
        })
    };
    if pane.waiting > 0 {
        let new = format!("+{} new", count(pane.waiting.into()));
        let key = app
            .keymap
            .key_named("refresh")
            .map_or(String::new(), |k| format!(" ({k})"));
        end(format!("{new}{key}"), new, theme.accent, 9);
    }
    if let Some(at) = progress.as_of {
        let at = moment(at, app.now.wall);
        match (pane.cached, app.is_stale(pane)) {
            (true, _) => end(format!("as seen {at}"), "old".into(), theme.stale, 4),
            (_, true) => end(format!("as of {at}, stale"), "stale".into(), theme.stale, 4),
            _ => end(format!("as of {at}"), String::new(), theme.text, 4),
        }
    }
    out
}

/// Cells of the pieces with what stands between them.
fn wide(pieces: &[Piece]) -> usize {
    let ends = pieces.iter().any(|p| p.end) && pieces.iter().any(|p| !p.end);
    pieces
        .iter()
        .map(|p| p.text.width() + 3)
        .sum::<usize>()
        .saturating_sub(3)
        + usize::from(ends)
}

fn run(buf: &mut Buffer, theme: &Theme, pieces: &[Piece], mut x: u16, area: Rect) -> u16 {
    let room = |x: u16| area.right().saturating_sub(x);
    x = put(buf, x, area.y, " ", room(x), theme.text);
    for (n, p) in pieces.iter().enumerate() {
        if n > 0 {
            x = put(buf, x, area.y, " · ", room(x), theme.dim);
        }
        x = put(buf, x, area.y, &p.text, room(x), p.style);
    }
    put(buf, x, area.y, " ", room(x), theme.text)
}
