//! Cells of a list: which columns fit, what a cell says in its width, and how much that matters.

use crate::app::App;
use crate::app::pane::Pane;
use crate::model::Ticks;
use crate::model::enums::source_short;
use crate::resource::doc::Tone;
use crate::resource::{Column, Meaning, Shape};
use table::{Cell, Txt};
use unicode_width::UnicodeWidthStr;

/// Columns and their widths from left to right. Columns drop by rank until the rest fit and the growing one still has
/// what it needs; a person's own choice is shown from the left as far as it fits.
pub fn widths(pane: &Pane, space: u16) -> Vec<(usize, u16)> {
    let column = |col: usize| pane.spec.columns.get(col);
    let shown = pane
        .columns
        .shown()
        .iter()
        .copied()
        .filter(|c| column(*c).is_some());
    // the first column stays when the others are scrolled
    let candidates: Vec<usize> = shown
        .enumerate()
        .filter(|(n, _)| *n == 0 || *n > pane.left)
        .map(|(_, c)| c)
        .collect();
    // what is read most gets nearly half of a line, and no little, before anything else is added: 34 cells of a title at
    // 80 columns tell two incidents of one kind apart
    let need = |c: &Column| {
        if c.grow > 0 {
            c.width.1.min((space * 23 / 50).max(24)).max(c.width.0)
        } else {
            c.width.0
        }
    };
    let total = |list: &[usize]| -> u16 {
        list.iter()
            .filter_map(|c| column(*c))
            .map(|c| need(c) + 1)
            .sum()
    };
    let mut kept = candidates;
    if pane.columns.own {
        while total(&kept) > space && kept.len() > 1 {
            kept.pop();
        }
    } else {
        for rank in (1..=9u8).rev() {
            if total(&kept) <= space {
                break;
            }
            kept.retain(|c| column(*c).is_some_and(|c| c.drop < rank));
        }
    }
    let least: u16 = kept
        .iter()
        .filter_map(|c| column(*c))
        .map(|c| c.width.0 + 1)
        .sum();
    let mut slack = space.saturating_sub(least);
    let grows: Option<usize> = kept
        .iter()
        .copied()
        .filter(|c| column(*c).is_some_and(|c| c.grow > 0))
        .max_by_key(|c| column(*c).map(|c| c.grow));
    // what is never dropped gets its wish first (a number cut short is another number), then the growing column,
    // then the others; what is left is the growing one's again
    let order = |col: &usize| match column(*col) {
        Some(c) if c.drop == 0 && c.grow == 0 => 0,
        Some(_) if Some(*col) == grows => 1,
        _ => 2,
    };
    let mut by_need = kept.clone();
    by_need.sort_by_key(order);
    let mut wishes: Vec<(usize, u16)> = Vec::with_capacity(kept.len());
    for col in by_need {
        let wish = column(col)
            .map_or(0, |c| c.width.1.saturating_sub(c.width.0))
            .min(slack);
        slack -= wish;
        wishes.push((col, wish));
    }
    let wish_of = |col: usize| {
        wishes
            .iter()
            .find(|(c, _)| *c == col)
            .map_or(0, |(_, w)| *w)
    };
    let mut out: Vec<(usize, u16)> = kept
        .iter()
        .filter_map(|col| Some((*col, column(*col)?.width.0 + wish_of(*col))))
        .collect();
    if let Some((_, width)) = out.iter_mut().find(|(c, _)| Some(*c) == grows) {
        *width += slack;
    }
    // what is left of the narrowest screens
    let mut x = 0u16;
    out.retain_mut(|(_, width)| {
        let fits = x < space;
        *width = (*width).min(space.saturating_sub(x));
        x = x.saturating_add(*width + 1);
        fits && *width > 0
    });
    out
}

/// Numbers and ages stand at the right of their column.
pub fn is_right(column: &Column) -> bool {
    matches!(column.shape, Shape::Int | Shape::Real | Shape::Time)
}

/// Writes a cell's screen form, at most `width` cells wide, into `out`; answers how much it matters.
pub fn write(out: &mut String, app: &App, pane: &Pane, row: u32, col: usize, width: usize) -> Tone {
    use std::fmt::Write;
    let Some(column) = pane.spec.columns.get(col) else {
        return Tone::Plain;
    };
    let table = pane.rows.table();
    match table.cell(row, col) {
        Cell::Null if table.is_pending(col) => {
            right(out, column, "…", width);
            Tone::Dim
        }
        Cell::Null => Tone::Dim,
        Cell::Text(t) => match column.shape {
            Shape::Ranked(words) => match words
                .iter()
                .find(|(w, _)| w.eq_ignore_ascii_case(t.exact()))
            {
                Some((word, short)) => {
                    Txt::new(short).shown_fit(out, width);
                    tone(column, word)
                }
                // a word we do not know is shown as it is
                None => {
                    t.shown_fit(out, width);
                    Tone::Info
                }
            },
            Shape::Text(Meaning::Source) => {
                Txt::new(source_short(t.exact())).shown_fit(out, width);
                Tone::Dim
            }
            Shape::Text(Meaning::Person) => {
                person(out, app, t, width);
                Tone::Plain
            }
            Shape::Text(Meaning::Id) => {
                t.shown_fit(out, width);
                Tone::Dim
            }
            _ => {
                t.shown_fit(out, width);
                Tone::Plain
            }
        },
        Cell::List(items) => {
            let source = column.shape == Shape::Words(Meaning::Source);
            let mut used = 0;
            for (n, item) in items.iter().enumerate() {
                let more = if n + 1 < items.len() { 1 } else { 0 };
                let room = width.saturating_sub(used + usize::from(n > 0));
                if room <= more && n > 0 {
                    // there is more than fits
                    if used < width {
                        out.push('…');
                    }
                    break;
                }
                if n > 0 {
                    out.push(' ');
                    used += 1;
                }
                used += if source {
                    Txt::new(source_short(item.exact())).shown_fit(out, room)
                } else {
                    item.shown_fit(out, room)
                };
            }
            Tone::Dim
        }
        Cell::Int(n) => {
            let _ = write!(out, "{n:>width$}");
            Tone::Plain
        }
        Cell::Real(n) => {
            let _ = write!(out, "{n:>width$.1}");
            Tone::Plain
        }
        Cell::Bool(b) => {
            out.push_str(if b { "yes" } else { "no" });
            if b { Tone::Plain } else { Tone::Dim }
        }
        Cell::Time(t) => {
            let _ = write!(out, "{:>width$}", Ticks(t).age(app.now.wall));
            Tone::Plain
        }
        Cell::Span(_) => Tone::Plain,
    }
}

fn right(out: &mut String, column: &Column, text: &str, width: usize) {
    if is_right(column) {
        out.extend(std::iter::repeat_n(' ', width.saturating_sub(text.width())));
    }
    out.push_str(text);
}

/// A person: `me` for who acts, else as much of the sign-in name as fits, the part before the `@` first.
fn person(out: &mut String, app: &App, who: Txt<'_>, width: usize) {
    let me = app.session.as_ref().and_then(|s| s.me.as_ref());
    if me.is_some_and(|me| me.txt().exact().eq_ignore_ascii_case(who.exact())) {
        out.push_str("me");
        return;
    }
    let whole = who.exact();
    let short = whole
        .split('@')
        .next()
        .filter(|s| !s.is_empty())
        .unwrap_or(whole);
    Txt::new(if whole.len() <= width { whole } else { short }).shown_fit(out, width);
}

/// How much a known word matters.
fn tone(column: &Column, word: &str) -> Tone {
    match word.to_ascii_lowercase().as_str() {
        "critical" | "confirmedcompromised" | "failed" | "timeout" => Tone::Bad,
        "high" | "atrisk" | "truepositive" => Tone::High,
        "block" | "alertandblock" | "blockandremediate" | "unsanctioned" => Tone::High,
        "medium" | "impairedcommunication" | "awaitingaction" => Tone::Medium,
        "warn" | "alert" | "risky" | "pending" => Tone::Medium,
        "low" | "inactive" | "allowed" => Tone::Low,
        "none" | "unknown" | "cancelled" | "hand" | "informational" | "resolved" | "redirected"
        | "hidden" | "normal" => Tone::Dim,
        "new" => Tone::Info,
        // the same word is good for a sensor and open for an incident
        "active" if column.is_called("st") => Tone::Info,
        "active" | "onboarded" | "remediated" | "succeeded" => Tone::Good,
        _ => Tone::Plain,
    }
}

/// Rows that are over are drawn quietly.
pub fn is_settled(pane: &Pane, row: u32) -> bool {
    let Some(col) = pane.spec.column("status") else {
        return false;
    };
    let word = pane.rows.table().text(row, col);
    word.is_some_and(|w| {
        ["resolved", "redirected"]
            .iter()
            .any(|s| w.exact().eq_ignore_ascii_case(s))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_8_what_is_blocked_and_what_is_only_watched_differ_in_word_and_tone() {
        let spec = &crate::resource::indicator::SPEC;
        let column = spec.columns.iter().find(|c| c.name == "origin").unwrap();
        let told = |word: &str| {
            let mut short = None;
            if let crate::resource::Shape::Ranked(words) = column.shape {
                short = words.iter().find(|(w, _)| *w == word).map(|(_, s)| *s);
            }
            (short.expect("a known word"), tone(column, word))
        };
        let (blocked, watched, hand) = (told("unsanctioned"), told("risky"), told("hand"));
        assert_eq!((blocked.1, watched.1), (Tone::High, Tone::Medium));
        assert!(blocked.0 != watched.0 && watched.0 != hand.0 && hand.1 == Tone::Dim);
    }
}
