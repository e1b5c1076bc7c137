//! The result: how many rows and how long it took, what is not whole about them, heads, and the cells in sight.

use super::super::popup::{put, put_cut, wrap};
use super::super::theme::Theme;
use super::super::time::{clock, count};
use crate::app::App;
use crate::app::hunt::Focus;
use crate::app::hunt::grid::Grid;
use crate::resource::doc::Tone;
use crate::resource::hunt_cell;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use table::{Cell, Txt};
use unicode_width::UnicodeWidthStr;

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let query = app.hunt.query();
    let room = area.width.saturating_sub(2);
    if let Some(running) = &query.running {
        let since = app.now.mono.saturating_sub(running.since).as_secs();
        let words = format!("running for {since} s · Ctrl-c stops waiting");
        put_cut(buf, area.x + 1, area.y, &words, room, theme.accent);
        if query.outcome.is_none() {
            return;
        }
    }
    let Some(outcome) = &query.outcome else {
        return;
    };
    let grid = match &outcome.result {
        Ok(grid) => grid,
        Err(fault) => {
            let text = Txt::new(&fault.to_string()).shown().into_owned();
            let lines = wrap(&text, usize::from(room).max(1));
            for (n, line) in lines.iter().enumerate().take(usize::from(area.height)) {
                let style = theme.tone(Tone::Bad);
                put(buf, area.x + 1, area.y + n as u16, line, room, style);
            }
            return;
        }
    };
    if query.running.is_none() {
        title(app, outcome, grid, theme, area, buf);
    }
    if area.height < 3 {
        return;
    }
    if grid.rows.is_empty() {
        let words = if grid.table.is_empty() {
            "no rows match the query"
        } else {
            "no row has these words"
        };
        put_cut(buf, area.x + 2, area.y + 2, words, room, theme.dim);
    }
    rows(app, grid, theme, area, buf);
}

fn title(
    app: &App,
    outcome: &crate::app::hunt::Outcome,
    grid: &Grid,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let room = area.width.saturating_sub(2);
    let focus = app.hunt.focus == Focus::Results;
    let shown = count(grid.rows.len() as u64);
    let all = count(u64::from(grid.table.rows()));
    let rows = if grid.rows.len() as u64 == u64::from(grid.table.rows()) {
        format!("{all} rows")
    } else {
        format!("{shown} of {all} rows")
    };
    let mut words = format!(
        "{rows} · {} columns · {} ms · {}",
        grid.table.schema().len(),
        outcome.took.as_millis(),
        clock(outcome.at)
    );
    if !grid.filter.is_empty() {
        words.push_str(&format!(" · {}", Txt::new(&grid.filter).shown()));
    }
    let style = if focus { theme.head } else { theme.dim };
    let x = put_cut(buf, area.x + 1, area.y, &words, room, style);
    if let Some(note) = outcome.notes.first() {
        let more = match outcome.notes.len() {
            1 => String::new(),
            n => format!(" (+{})", n - 1),
        };
        let room = area.right().saturating_sub(x + 3);
        let style = theme.tone(Tone::Bad);
        put_cut(buf, x + 2, area.y, &format!("! {note}{more}"), room, style);
    }
}

fn rows(app: &App, grid: &Grid, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let schema = grid.table.schema();
    let focus = app.hunt.focus == Focus::Results;
    let mut x = area.x + 1;
    let mut text = String::new();
    for place in grid.left..grid.columns.len() {
        let Some(&col) = grid.columns.get(place) else {
            break;
        };
        let room = area.right().saturating_sub(x);
        if room == 0 {
            break;
        }
        let width = grid.width(place).min(room);
        let right = hunt_cell::is_right(schema.kind(col));
        let arrow = match grid.sorted(col) {
            Some(true) => "↓",
            Some(false) => "↑",
            None => "",
        };
        text.clear();
        if let Some(name) = schema.name(col) {
            name.shown_fit(&mut text, usize::from(width).saturating_sub(arrow.width()));
        }
        text.push_str(arrow);
        let style = if focus && place == grid.col {
            theme.key
        } else {
            theme.dim
        };
        aligned(buf, x, area.y + 1, &text, width, right, style);
        for line in 0..area.height.saturating_sub(2) {
            let at = grid.top + usize::from(line);
            let Some(row) = grid.rows.get(at) else { break };
            let y = area.y + 2 + line;
            let here = focus && at == grid.at;
            text.clear();
            cell(&mut text, grid.table.cell(row, col), usize::from(width));
            let mut style = theme.text;
            if here {
                style = style.patch(theme.cursor);
            }
            if here && place == grid.col {
                style = style.patch(theme.found);
            }
            aligned(buf, x, y, &text, width, right, style);
        }
        x += width + 1;
    }
    for line in 0..area.height.saturating_sub(2) {
        if grid.top + usize::from(line) == grid.at && !grid.rows.is_empty() {
            let style = if focus { theme.accent } else { theme.dim };
            put(buf, area.x, area.y + 2 + line, "▌", 1, style);
        }
    }
    if grid.left > 0 {
        put(buf, area.x, area.y + 1, "‹", 1, theme.accent);
    }
}

fn cell(out: &mut String, cell: Cell<'_>, width: usize) {
    match cell {
        Cell::Null => {}
        Cell::Text(t) => {
            t.shown_fit(out, width);
        }
        Cell::List(list) => {
            let all: Vec<&str> = list.iter().map(|t| t.exact()).collect();
            Txt::new(&all.join(", ")).shown_fit(out, width);
        }
        Cell::Int(n) => out.push_str(&n.to_string()),
        Cell::Real(n) => out.push_str(&format!("{n}")),
        Cell::Bool(b) => out.push_str(if b { "true" } else { "false" }),
        Cell::Time(n) => out.push_str(&hunt_cell::time(n)),
        Cell::Span(n) => out.push_str(&hunt_cell::span(n)),
    }
}

fn aligned(buf: &mut Buffer, x: u16, y: u16, text: &str, width: u16, right: bool, style: Style) {
    let pad = if right {
        usize::from(width).saturating_sub(text.width()) as u16
    } else {
        0
    };
    put_cut(buf, x + pad, y, text, width - pad, style);
}
