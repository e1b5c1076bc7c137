//! The result: how many rows and how long it took, what is not whole about them, heads, and the cells in sight.

use super::super::popup::{put, wrap};
use super::super::theme::Theme;
use super::super::time::{clock, count};
use super::chart;
use super::fitted;
use crate::app::App;
use crate::app::hunt::grid::Grid;
use crate::app::hunt::{Focus, Outcome};
use crate::resource::doc::Tone;
use crate::resource::hunt_cell;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use table::Txt;
use unicode_width::UnicodeWidthStr;

/// Lines that a fault of the service may take.
const FAULT: usize = 12;

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let query = app.hunt.query();
    let room = area.width.saturating_sub(2);
    if let Some(running) = &query.running {
        let since = app.now.mono.saturating_sub(running.since).as_secs();
        let words = format!("running for {since} s · Ctrl-c stops waiting");
        fitted(buf, area.x + 1, area.y, &words, room, theme.accent);
        if query.outcome.is_none() {
            return;
        }
    }
    let Some(outcome) = &query.outcome else {
        return;
    };
    let grid = match (&outcome.result, outcome.grid()) {
        (Ok(_), Some(grid)) => grid,
        (Err(fault), _) => {
            let text = Txt::new(&fault.to_string()).shown().into_owned();
            let lines = wrap(&text, usize::from(room).max(1));
            let most = usize::from(area.height).min(FAULT);
            for (n, line) in lines.iter().enumerate().take(most) {
                let style = theme.tone(Tone::Bad);
                put(buf, area.x + 1, area.y + n as u16, line, room, style);
            }
            return;
        }
        _ => return,
    };
    if query.running.is_none() {
        title(app, outcome, grid, theme, area, buf);
    }
    if area.height < 3 {
        return;
    }
    if let Some(made) = &grid.chart {
        let inside = Rect {
            y: area.y + 1,
            height: area.height - 1,
            ..area
        };
        return chart::draw(app, made, grid.chart_top, theme, inside, buf);
    }
    if grid.rows.is_empty() {
        let words = match (grid.table.is_empty(), outcome.side.steps.is_empty()) {
            (true, true) => "no rows match the query",
            (true, false) if outcome.is_compared() => {
                "no row is new, gone or changed; u goes back to the result"
            }
            (true, false) => "no rows are left by the refinement; u takes it back",
            _ => "no row passes the filter; Esc takes it away",
        };
        fitted(buf, area.x + 2, area.y + 2, words, room, theme.dim);
    }
    rows(app, grid, theme, area, buf);
}

/// `1,000 of at least 1,000 rows`.
fn counted(outcome: &Outcome, grid: &Grid) -> String {
    let shown = grid.rows.len() as u64;
    let all = u64::from(grid.table.rows());
    let local = !outcome.side.steps.is_empty();
    let partial = outcome.notes.iter().any(|n| n.starts_with("PARTIAL"));
    let of = match (shown == all, partial && !local) {
        (true, false) => count(all),
        (false, false) => format!("{} of {}", count(shown), count(all)),
        (true, true) => format!("{} of at least {}", count(all), count(all)),
        (false, true) => format!("{} of at least {}", count(shown), count(all)),
    };
    format!("{of} {}", if all == 1 { "row" } else { "rows" })
}

fn title(app: &App, outcome: &Outcome, grid: &Grid, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let right = area.right();
    let focus = app.hunt.focus == Focus::Results;
    let style = if focus { theme.head } else { theme.dim };
    let mut x = area.x + 1;
    let mut say = |text: &str, style: Style| {
        x = fitted(buf, x, area.y, text, right.saturating_sub(x + 1), style) + 1;
    };
    if let Some(busy) = &outcome.side.busy {
        let since = app.now.mono.saturating_sub(busy.since).as_secs();
        let words = format!("{} for {since} s · Ctrl-c stops it", busy.what);
        say(&words, theme.accent);
    }
    // what is not whole is said before anything else
    if let Some(note) = outcome.notes.first() {
        let more = match outcome.notes.len() {
            1 => String::new(),
            n => format!(" (+{})", n - 1),
        };
        let text = Txt::new(note).shown().into_owned();
        let bad = theme.tone(Tone::Bad);
        match text.split_once(':') {
            Some(("PARTIAL", _)) => say("PARTIAL", bad),
            _ => say(&format!("! {text}{more}"), bad),
        }
    }
    let took = match outcome.side.steps.last() {
        Some(step) => step.took,
        None => outcome.took,
    };
    let n = outcome.side.steps.len();
    if n > 0 {
        let nth = if n > 1 {
            format!(" {n}")
        } else {
            String::new()
        };
        say(&format!("LOCAL{nth}"), theme.tone(Tone::Medium));
    }
    // how many there are stands before what may be long
    say(&counted(outcome, grid), style);
    if let Some(step) = outcome.side.steps.last() {
        say(
            &format!("| {}", step.text.trim_start_matches('|').trim()),
            theme.accent,
        );
    }
    if !grid.filter.is_empty() {
        say(
            &format!("/{}", Txt::new(&grid.filter).shown()),
            theme.accent,
        );
    }
    if !grid.search.is_empty() {
        let found = count(grid.found.len() as u64);
        let words = format!("{found} have {}", Txt::new(&grid.search).shown());
        say(&words, theme.found);
    }
    if !grid.marks.is_empty() {
        let words = format!("{} marked", count(grid.marks.len() as u64));
        say(&words, theme.accent);
    }
    if grid.range.is_some() {
        say("V ends the range", theme.accent);
    }
    let columns = grid.table.schema().len();
    let hidden = match columns.saturating_sub(grid.columns.len()) {
        0 => String::new(),
        n => format!(", {n} hidden"),
    };
    let words = format!(
        "· {columns} {}{hidden} · {} ms · {}",
        if columns == 1 { "column" } else { "columns" },
        took.as_millis(),
        clock(outcome.at)
    );
    say(&words, style);
    if let (None, Some(render)) = (&grid.chart, outcome.render()) {
        say(&format!("v {}", Txt::new(&render.chart).shown()), theme.dim);
    }
    if let Some(problem) = grid.problems.first() {
        say(&format!("! {}", problem.sentence), theme.problem);
    }
    // the reason of PARTIAL, where there is room
    if let Some(why) = outcome
        .notes
        .first()
        .and_then(|n| n.strip_prefix("PARTIAL: "))
    {
        let why = why.split_once("; ").map_or(why, |(_, why)| why);
        say(&Txt::new(why).shown(), theme.tone(Tone::Bad));
    }
}

fn rows(app: &App, grid: &Grid, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let schema = grid.table.schema();
    let focus = app.hunt.focus == Focus::Results;
    let mut text = String::new();
    let sight = grid.in_sight(area.width.saturating_sub(1));
    let lines = area.height.saturating_sub(2);
    for (place, x, width) in &sight {
        let Some(&col) = grid.columns.get(*place) else {
            continue;
        };
        let (x, width) = (area.x + 1 + x, *width);
        let right = hunt_cell::is_right(schema.kind(col));
        let arrow = match grid.sorted(col) {
            Some((down, nth)) => {
                let arrow = if down { "↓" } else { "↑" };
                match grid.sort.len() {
                    1 => arrow.to_owned(),
                    _ => format!("{arrow}{}", nth + 1),
                }
            }
            None => String::new(),
        };
        text.clear();
        let room = usize::from(width).saturating_sub(arrow.width());
        Txt::new(&grid.name(col)).shown_fit(&mut text, room);
        text.push_str(&arrow);
        let style = if focus && *place == grid.col {
            theme.key
        } else {
            theme.dim
        };
        aligned(buf, x, area.y + 1, &text, width, right, style);
        for line in 0..lines {
            let at = grid.top + usize::from(line);
            let Some(row) = grid.rows.get(at) else { break };
            let y = area.y + 2 + line;
            let here = focus && at == grid.at;
            text.clear();
            hunt_cell::fit(&mut text, grid.table.cell(row, col), usize::from(width));
            let mut style = theme.text;
            if !grid.search.is_empty() && grid.is_found(at) {
                style = style.patch(theme.accent);
            }
            if here {
                style = style.patch(theme.cursor);
            }
            if here && *place == grid.col {
                style = style.patch(theme.found);
            }
            aligned(buf, x, y, &text, width, right, style);
        }
    }
    // where the frozen columns end
    if grid.frozen > 0
        && let Some((_, x, _)) = sight.iter().find(|(place, ..)| *place >= grid.frozen)
        && *x > 0
    {
        for line in 0..area.height.saturating_sub(1) {
            put(buf, area.x + x, area.y + 1 + line, "│", 1, theme.border);
        }
    }
    for line in 0..lines {
        let at = grid.top + usize::from(line);
        let Some(row) = grid.rows.get(at) else { break };
        let y = area.y + 2 + line;
        let marked = grid.marks.contains(&row);
        let in_range = grid
            .range
            .is_some_and(|from| (from.min(grid.at)..=from.max(grid.at)).contains(&at));
        if at == grid.at {
            let style = if focus { theme.accent } else { theme.dim };
            put(buf, area.x, y, if marked { "◆" } else { "▌" }, 1, style);
        } else if marked || in_range {
            put(buf, area.x, y, "•", 1, theme.accent);
        }
    }
    if sight.iter().any(|(place, ..)| *place == grid.left) && grid.left > grid.frozen {
        put(buf, area.x, area.y + 1, "‹", 1, theme.accent);
    }
    let more = sight
        .last()
        .is_some_and(|(place, ..)| place + 1 < grid.columns.len());
    if more && area.width > 0 {
        put(buf, area.right() - 1, area.y + 1, "›", 1, theme.accent);
    }
}

fn aligned(buf: &mut Buffer, x: u16, y: u16, text: &str, width: u16, right: bool, style: Style) {
    let pad = if right {
        usize::from(width).saturating_sub(text.width()) as u16
    } else {
        0
    };
    fitted(buf, x + pad, y, text, width - pad.min(width), style);
}
