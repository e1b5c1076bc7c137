//! Boxes with something to change: the filter while it is typed, columns, settings, one line asked for.

use super::popup::{Caret, clear, cursor_bar, frame, frame_at, input, put, put_cut};
use super::theme::Theme;
use crate::app::App;
use crate::app::ask::Ask;
use crate::app::columns::Chooser;
use crate::app::fetch::Fetching;
use crate::app::filter_bar::{FilterBar, Menu};
use crate::app::options::Options;
use crate::config::guards::POLICY;
use crate::config::settings::{self, ALL};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// The filter on the footer's line; its problem or completions above it.
pub fn filter(app: &App, buf: &mut Buffer, theme: &Theme, bar: &FilterBar) -> Caret {
    let foot = app.layout().footer;
    if foot.height == 0 {
        return None;
    }
    let pane = app.panes.iter().find(|p| p.spec.kind == bar.kind)?;
    clear(buf, theme, foot);
    let at = put(buf, foot.x + 1, foot.y, "/", 1, theme.key);
    let width = foot.right().saturating_sub(at);
    let marks: Vec<_> = pane
        .filter
        .problems
        .iter()
        .map(|p| p.span.clone())
        .collect();
    let screen = bar.line.screen(&marks, width);
    put(buf, at, foot.y, &screen.text, width, theme.text);
    for mark in &screen.marks {
        let area = Rect {
            x: at + mark.start,
            y: foot.y,
            width: mark.end.saturating_sub(mark.start).max(1),
            height: 1,
        };
        buf.set_style(area.intersection(buf.area), theme.problem);
    }
    // a word that is still being typed is not scolded
    let problem = pane
        .filter
        .problems
        .iter()
        .find(|p| !p.unfinished || bar.line.cursor() < p.span.start);
    if let Some(menu) = &bar.menu {
        completions(buf, theme, menu, at + screen.cursor, foot.y);
    } else if let Some(problem) = problem
        && foot.y > 2
    {
        let line = Rect {
            y: foot.y - 1,
            ..foot
        };
        clear(buf, theme, line);
        put_cut(
            buf,
            line.x + 1,
            line.y,
            &problem.sentence,
            line.width.saturating_sub(2),
            theme.problem,
        );
    }
    Some((
        (at + screen.cursor).min(foot.right().saturating_sub(1)),
        foot.y,
    ))
}

fn completions(buf: &mut Buffer, theme: &Theme, menu: &Menu, x: u16, foot: u16) {
    let rows = (menu.items.len() as u16).min(8).min(foot.saturating_sub(4));
    if rows == 0 {
        return;
    }
    let widest = |f: &dyn Fn(&crate::resource::filter::Completion) -> usize| {
        menu.items.iter().map(f).max().unwrap_or(0) as u16
    };
    let (label, help) = (
        widest(&|c| c.label.width()).min(30),
        widest(&|c| c.help.width()).min(50),
    );
    let width = (label + help + 5).min(buf.area.width);
    let area = Rect {
        x: x.min(buf.area.width.saturating_sub(width)),
        y: foot - rows - 2,
        width,
        height: rows + 2,
    };
    let inside = frame_at(buf, theme, "", area);
    let top = menu.cursor.saturating_sub(usize::from(rows) - 1);
    for (n, choice) in menu.items.iter().enumerate().skip(top).take(rows.into()) {
        let y = inside.y + (n - top) as u16;
        let here = n == menu.cursor;
        cursor_bar(buf, theme, inside.x, y, here);
        put_cut(
            buf,
            inside.x + 1,
            y,
            &choice.label,
            label,
            if here { theme.cursor } else { theme.text },
        );
        let at = inside.x + 2 + label;
        put_cut(
            buf,
            at,
            y,
            &choice.help,
            inside.right().saturating_sub(at),
            theme.dim,
        );
    }
}

pub fn columns(app: &App, buf: &mut Buffer, theme: &Theme, chooser: &Chooser) -> Caret {
    let spec = app.pane().spec;
    let inside = frame(
        buf,
        theme,
        "Columns",
        76,
        (chooser.rows.len() as u16 + 1).min(buf.area.height.saturating_sub(4)),
    );
    let rows = usize::from(inside.height.saturating_sub(1));
    let top = (chooser.cursor + 1).saturating_sub(rows);
    for (n, (col, on)) in chooser.rows.iter().enumerate().skip(top).take(rows) {
        let Some(column) = spec.columns.get(*col) else {
            continue;
        };
        let y = inside.y + (n - top) as u16;
        let here = n == chooser.cursor;
        cursor_bar(buf, theme, inside.x, y, here);
        put(
            buf,
            inside.x + 1,
            y,
            if *on { "[x]" } else { "[ ]" },
            3,
            theme.key,
        );
        let style = if here { theme.cursor } else { theme.text };
        put_cut(buf, inside.x + 5, y, column.head, 14, style);
        put_cut(
            buf,
            inside.x + 20,
            y,
            column.help,
            inside.right().saturating_sub(inside.x + 21),
            theme.dim,
        );
    }
    let y = inside.bottom().saturating_sub(1);
    put_cut(
        buf,
        inside.x + 1,
        y,
        "Space show or hide · J K move · r as it comes · Esc done",
        inside.width.saturating_sub(2),
        theme.dim,
    );
    None
}

pub fn options(app: &App, buf: &mut Buffer, theme: &Theme, options: &Options) -> Caret {
    // headings of groups stand between the rows
    let mut lines: Vec<Option<usize>> = Vec::new();
    let mut at = 0;
    for (n, row) in ALL.iter().enumerate() {
        if n == 0 || ALL[n - 1].group != row.group {
            lines.push(None);
        }
        if n == options.cursor {
            at = lines.len();
        }
        lines.push(Some(n));
    }
    let inside = frame(
        buf,
        theme,
        "Settings",
        buf.area.width.saturating_sub(4).min(100),
        (lines.len() as u16 + 3).min(buf.area.height.saturating_sub(3)),
    );
    let rows = usize::from(inside.height.saturating_sub(3));
    let top = (at + 2)
        .saturating_sub(rows)
        .min(lines.len().saturating_sub(rows));
    for (line, what) in lines.iter().enumerate().skip(top).take(rows) {
        let y = inside.y + (line - top) as u16;
        let Some(n) = what else {
            let group = lines
                .get(line + 1)
                .copied()
                .flatten()
                .map_or("", |n| ALL[n].group);
            put_cut(
                buf,
                inside.x + 1,
                y,
                group,
                inside.width.saturating_sub(2),
                theme.head,
            );
            continue;
        };
        let row = &ALL[*n];
        let here = *n == options.cursor;
        cursor_bar(buf, theme, inside.x, y, here);
        put_cut(
            buf,
            inside.x + 2,
            y,
            row.key,
            22,
            if here { theme.cursor } else { theme.text },
        );
        let value = (row.get)(&app.settings);
        let changed = value != (row.get)(&settings::Settings::default());
        let x = inside.x + 25.min(inside.width / 2);
        let locked = app.settings.locked.contains(row.key);
        let mark = match (locked, app.letters) {
            (true, true) => "L",
            (true, false) => "🔒",
            (false, _) if changed => "•",
            (false, _) => " ",
        };
        put(buf, x, y, mark, 2, theme.accent);
        let lock = if locked { "locked: " } else { "" };
        let text = format!(
            "{lock}{}",
            table::Txt::new(&settings::shown(row, &value)).shown()
        );
        put_cut(
            buf,
            x + 2,
            y,
            &text,
            inside.right().saturating_sub(x + 3),
            if changed { theme.accent } else { theme.dim },
        );
    }
    if let Some(row) = ALL.get(options.cursor) {
        let y = inside.bottom().saturating_sub(2);
        put_cut(
            buf,
            inside.x + 1,
            y,
            row.help,
            inside.width.saturating_sub(2),
            theme.text,
        );
        let locked = app.settings.locked.contains(row.key);
        let said = format!("locked by the policy of this machine, {POLICY} · Esc done");
        put_cut(
            buf,
            inside.x + 1,
            y + 1,
            match locked {
                true => &said,
                false => "Enter change · h l step · r default · Esc done",
            },
            inside.width.saturating_sub(2),
            theme.dim,
        );
    }
    None
}

pub fn ask(buf: &mut Buffer, theme: &Theme, ask: &Ask) -> Caret {
    let inside = frame(
        buf,
        theme,
        &ask.title,
        56.max(ask.title.width() as u16 + 4),
        1,
    );
    let line = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        ..inside
    };
    if inside.height == 0 {
        None
    } else {
        input(buf, theme, &ask.line, line, "> ")
    }
}

/// A file on its way: how far it is and where it goes.
pub fn fetching(app: &App, buf: &mut Buffer, theme: &Theme, file: &Fetching) -> Caret {
    let inside = frame(buf, theme, &format!("Package of {}", file.of), 76, 3);
    let lines = [
        (file.progress(app.now.mono), theme.text),
        (format!("→ {}", file.to), theme.text),
        (
            "Esc stops and removes what came · Enter leaves it going".to_owned(),
            theme.dim,
        ),
    ];
    for (y, (text, style)) in (inside.y..inside.bottom()).zip(lines) {
        let width = inside.width.saturating_sub(2);
        put_cut(buf, inside.x + 1, y, &text, width, style);
    }
    None
}
