//! A timeline: the axis as a lane for each source, or as one chart with a legend where there is little room, and the lines
//! under it. What is missing has a sign of its own on the axis, a line, and the word GAP.

use super::hunt::chart::in_letters;
use super::popup::{Caret, clear, cursor_bar, input, put, put_cut, toasts};
use super::theme::Theme;
use super::time::{clock, count, moment};
use crate::app::App;
use crate::app::timeline::sizes::{self, ENTRY, LABEL, Sizes};
use crate::app::timeline::{Front, ROWS, Row, Timeline};
use crate::config::settings::TimeShown;
use crate::model::Ticks;
use crate::model::time::DAY;
use crate::resource::doc::Tone;
use crate::resource::timeline::{Lane, Span, Stand};
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::fmt::Write;

/// Eighths of a cell, and the same in letters.
const BLOCKS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const LETTERS: [&str; 9] = [" ", ".", ".", ":", ":", "+", "+", "#", "#"];

struct Pen<'a> {
    app: &'a App,
    t: &'a Timeline,
    theme: &'a Theme,
    letters: bool,
    /// Columns of the axis.
    columns: usize,
}

impl Pen<'_> {
    fn bar(&self, level: usize) -> &'static str {
        let all = if self.letters { LETTERS } else { BLOCKS };
        all[level.min(8)]
    }

    fn missing(&self) -> &'static str {
        if self.letters { "?" } else { "░" }
    }

    fn bad(&self) -> Style {
        self.theme.tone(Tone::Bad)
    }

    /// Where the cursor is on the axis.
    fn cursor(&self) -> Option<usize> {
        let at = self.t.at()?;
        self.t.axis.view.column(at, self.columns)
    }
}

pub fn draw(app: &App, buf: &mut Buffer, theme: &Theme, front: &Front) -> Caret {
    let t = app.timeline.as_ref()?;
    let all = buf.area;
    let area = Rect {
        y: all.y + 1,
        height: all.height.saturating_sub(1),
        ..all
    };
    clear(buf, theme, area);
    if area.height < 5 || area.width < 20 {
        return None;
    }
    let size = sizes::of(app.size, t.story.lanes.len());
    let pen = Pen {
        app,
        t,
        theme,
        letters: in_letters(app),
        columns: size.columns(area.width),
    };
    let head = title(&pen);
    put_cut(buf, area.x + 1, area.y, &head, area.width - 1, theme.head);
    let below = match size.lanes {
        true => lanes(&pen, buf, area, area.y + 1),
        false => chart(&pen, &size, buf, area, area.y + 1),
    };
    lines(&pen, buf, area, below, size.rows);
    let caret = foot(&pen, front, buf, area);
    // what a key came to is said over it
    toasts(app, theme, buf);
    caret
}

/// Whose it is, how much of it there is, and what is in sight.
fn title(pen: &Pen<'_>) -> String {
    let (t, app) = (pen.t, pen.app);
    let mut name = String::new();
    t.name.txt().shown_fit(&mut name, 40);
    let mut out = format!("Timeline of {} {name}", t.of.noun());
    let gaps = t.story.gaps().count();
    if gaps > 0 {
        let _ = write!(out, " · {gaps} GAP{}", if gaps == 1 { "" } else { "S" });
    }
    let days = match t.days {
        1 => "24 h".to_owned(),
        n => format!("{n} d"),
    };
    let shown: usize = (t.story.lanes.iter()).map(|l| l.count(t.axis.whole)).sum();
    let total = t.story.total();
    let events = match shown == total {
        true => count(total as u64),
        false => format!("{} of {}", count(shown as u64), count(total as u64)),
    };
    let end = clock(t.axis.whole.to);
    let _ = write!(out, " · {events} events in {days} to {end}");
    let reading = t
        .story
        .lanes
        .iter()
        .filter(|l| l.stand == Stand::Reading)
        .count();
    if reading > 0 {
        let _ = write!(out, " · reading {reading} …");
    }
    let waiting: usize = t.waiting.iter().sum();
    if waiting > 0 {
        let key = |name: &str| {
            ROWS.iter()
                .find(|r| r.name == name)
                .map_or("", |r| r.keys[0])
        };
        let _ = write!(out, " · +{} new ({})", waiting, key("read again"));
    }
    if t.follow {
        out.push_str(" · following");
    }
    if !t.story.filter().is_empty() {
        let _ = write!(
            out,
            " · filter {}",
            table::Txt::new(t.story.filter()).shown()
        );
    }
    if t.axis.view != t.axis.whole {
        let (from, to) = (t.axis.view.from, t.axis.view.to);
        let now = app.now.wall;
        let _ = write!(out, " · axis {} to {}", moment(from, now), moment(to, now));
    }
    out
}

/// A lane for each source, and the axis under them. Answers the row below.
fn lanes(pen: &Pen<'_>, buf: &mut Buffer, area: Rect, top: u16) -> u16 {
    let view = pen.t.axis.view;
    let left = area.x + 1 + LABEL;
    let mut counts = vec![0u32; pen.columns];
    let mut scratch = String::new();
    let mut y = top;
    for (n, lane) in pen.t.story.lanes.iter().enumerate() {
        scratch.clear();
        let _ = write!(scratch, "{} {:<10}", n + 1, lane.source.name);
        let style = if lane.on {
            pen.theme.text
        } else {
            pen.theme.dim
        };
        put(buf, area.x + 1, y, &scratch, LABEL, style);
        scratch.clear();
        let (word, style) = standing(pen, lane, view);
        let _ = write!(scratch, "{word:>7}");
        put(buf, area.x + 13, y, &scratch, 8, style);
        if lane.on {
            lane.counts(view, &mut counts);
            let most = counts.iter().copied().max().unwrap_or(0).max(1);
            for (c, n) in counts.iter().enumerate() {
                let (symbol, style) = match *n {
                    0 if lacks(lane, view, c, pen.columns) => (pen.missing(), pen.bad()),
                    0 => continue,
                    n => (pen.bar(level(n, most, 8)), pen.theme.tone(tone(lane))),
                };
                put(buf, left + c as u16, y, symbol, 1, style);
            }
        }
        y += 1;
    }
    axis(pen, buf, left, y);
    y + 1
}

/// How a source stands: how many of its events are in sight, with `!` where something is missing of it.
fn standing(pen: &Pen<'_>, lane: &Lane, view: Span) -> (String, Style) {
    let (dim, text) = (pen.theme.dim, pen.theme.text);
    if !lane.on {
        return ("off".into(), dim);
    }
    let n = lane.count(view);
    let n = if n < 100_000 {
        n.to_string()
    } else {
        format!("{}k", n / 1000)
    };
    match (lane.stand, lane.lacks(view)) {
        (Stand::Reading, _) => ("…".into(), dim),
        (Stand::Here, true) => (format!("{n}!"), pen.bad()),
        (Stand::Here, false) => (n, text),
    }
}

fn lacks(lane: &Lane, view: Span, column: usize, columns: usize) -> bool {
    let last = Ticks(view.edge(column + 1, columns).0.saturating_sub(1));
    lane.lacks(Span::new(view.edge(column, columns), last))
}

/// Alerts, incidents and what we did stand out; the rest is traffic.
fn tone(lane: &Lane) -> Tone {
    match lane.source.name {
        "alerts" | "incidents" => Tone::High,
        "actions" => Tone::Good,
        _ => Tone::Info,
    }
}

/// The level of a bar: one event is seen beside a thousand.
fn level(n: u32, most: u32, levels: usize) -> usize {
    let part = (f64::from(n) / f64::from(most)).sqrt();
    ((part * levels as f64).ceil() as usize).clamp(1, levels)
}

/// All sources as one chart, what is missing under it, the axis, and the legend. Answers the row below.
fn chart(pen: &Pen<'_>, size: &Sizes, buf: &mut Buffer, area: Rect, top: u16) -> u16 {
    let view = pen.t.axis.view;
    let left = area.x + 1;
    let on = || pen.t.story.lanes.iter().filter(|l| l.on);
    let mut counts = vec![0u32; pen.columns];
    let mut all = vec![0u32; pen.columns];
    for lane in on() {
        lane.counts(view, &mut counts);
        for (sum, n) in all.iter_mut().zip(&counts) {
            *sum += n;
        }
    }
    let most = all.iter().copied().max().unwrap_or(0).max(1);
    let rows = usize::from(size.chart);
    for (c, n) in all.iter().enumerate().filter(|(_, n)| **n > 0) {
        let high = level(*n, most, rows * 8);
        for row in 0..rows {
            let cell = high.saturating_sub((rows - 1 - row) * 8);
            if cell > 0 {
                let style = pen.theme.tone(Tone::Info);
                put(
                    buf,
                    left + c as u16,
                    top + row as u16,
                    pen.bar(cell),
                    1,
                    style,
                );
            }
        }
    }
    let y = top + size.chart;
    for c in 0..pen.columns {
        if on().any(|l| l.stand == Stand::Here && lacks(l, view, c, pen.columns)) {
            put(buf, left + c as u16, y, pen.missing(), 1, pen.bad());
        }
    }
    axis(pen, buf, left, y + 1);
    legend(pen, size, buf, area, y + 2);
    y + 2 + size.legend
}

/// The ends of what is in sight, its middle, and where the cursor is.
fn axis(pen: &Pen<'_>, buf: &mut Buffer, left: u16, y: u16) {
    let view = pen.t.axis.view;
    let room = pen.columns as u16;
    let word = |at: Ticks| {
        let (zone, end) = zone(pen.app);
        let form = match view.len() {
            n if n > 2 * DAY => "%m-%d %H:%M",
            n if n > crate::model::time::MINUTE * 20 => "%m-%d %H:%M",
            _ => "%H:%M:%S",
        };
        let t = at.timestamp().map(|t| t.to_zoned(zone));
        t.map_or_else(String::new, |t| format!("{}{end}", t.strftime(form)))
    };
    let (from, mid, to) = (word(view.from), word(view.middle()), word(view.to));
    let dim = pen.theme.dim;
    let wide = to.len() as u16;
    // the cursor's mark stands on the axis; the ends make room for it
    let at = pen.cursor().map(|c| c as u16);
    let head = at.filter(|c| *c < wide).map_or(0, |c| c + 1);
    put(buf, left + head, y, &from, room.saturating_sub(head), dim);
    if room > 3 * wide + 8 {
        put(buf, left + room / 2 - wide / 2, y, &mid, wide, dim);
    }
    if room > 2 * wide + 2 {
        let tail = at.filter(|c| *c + wide >= room).map_or(0, |c| room - c);
        put(buf, left + room - wide - tail, y, &to, wide, dim);
    }
    if let Some(c) = pen.cursor() {
        let mark = if pen.letters { "^" } else { "▲" };
        put(buf, left + c as u16, y, mark, 1, pen.theme.accent);
    }
}

fn legend(pen: &Pen<'_>, size: &Sizes, buf: &mut Buffer, area: Rect, top: u16) {
    let each = (area.width.saturating_sub(2) / ENTRY).max(1);
    let mut scratch = String::new();
    for (n, lane) in pen.t.story.lanes.iter().enumerate() {
        let (line, place) = (n as u16 / each, n as u16 % each);
        if line >= size.legend {
            return;
        }
        let x = area.x + 1 + place * ENTRY;
        let (word, style) = standing(pen, lane, pen.t.axis.view);
        scratch.clear();
        let _ = write!(scratch, "{} {} ", n + 1, lane.source.mark);
        let name = if lane.on {
            pen.theme.text
        } else {
            pen.theme.dim
        };
        let next = put(buf, x, top + line, &scratch, ENTRY, name);
        put(
            buf,
            next,
            top + line,
            &word,
            (x + ENTRY).saturating_sub(next + 1),
            style,
        );
    }
}

/// The zone of the setting, and what is written behind a time of it.
fn zone(app: &App) -> (TimeZone, &'static str) {
    match app.settings.time {
        TimeShown::Local => (app.zone.clone(), ""),
        TimeShown::Both | TimeShown::Utc => (TimeZone::UTC, "Z"),
    }
}

/// An instant as the setting says, always with its zone.
fn stamp(app: &App, at: Ticks, wide: bool, out: &mut String) {
    let Some(t) = at.timestamp() else {
        out.push_str("--");
        return;
    };
    match app.settings.time {
        TimeShown::Local => {
            let local = t.to_zoned(app.zone.clone());
            let _ = write!(out, "{}", local.strftime("%m-%d %H:%M:%S%:z"));
        }
        shown => {
            let _ = write!(out, "{}", t.strftime("%m-%d %H:%M:%SZ"));
            if wide && shown == TimeShown::Both {
                let local = t.to_zoned(app.zone.clone());
                let _ = write!(out, " ({} local)", local.strftime("%H:%M"));
            }
        }
    }
}

fn lines(pen: &Pen<'_>, buf: &mut Buffer, area: Rect, top: u16, rows: usize) {
    let (t, theme) = (pen.t, pen.theme);
    if t.story.is_empty() {
        let reading = t.story.lanes.iter().any(|l| l.stand == Stand::Reading);
        let text = match (reading, t.story.filter().is_empty()) {
            (true, _) => "reading …",
            (false, true) => "nothing happened, as far as the sources that are on can tell",
            (false, false) => "nothing has these letters",
        };
        put_cut(
            buf,
            area.x + 2,
            top,
            text,
            area.width.saturating_sub(3),
            theme.dim,
        );
        return;
    }
    let mut scratch = String::new();
    for n in 0..rows {
        let line = t.top + n;
        let (Some(place), y) = (t.story.place(line), top + n as u16) else {
            break;
        };
        let (Some(lane), Some(at)) = (t.story.lane(place), t.story.at(place)) else {
            continue;
        };
        cursor_bar(buf, theme, area.x, y, line == t.cursor);
        scratch.clear();
        stamp(pen.app, at, area.width >= 120, &mut scratch);
        let mut x = put(buf, area.x + 1, y, &scratch, area.width - 1, theme.dim) + 1;
        let mark = if place.gap {
            pen.bad()
        } else {
            theme.tone(tone(lane))
        };
        put(buf, x, y, lane.source.mark, 4, mark);
        x += 5;
        let room = area.right().saturating_sub(x);
        let (Some(words), false) = (t.story.sentence(place), room == 0) else {
            continue;
        };
        let mut style = match t.story.event(place).map(|e| e.tone) {
            Some(Tone::Plain) => theme.text,
            Some(tone) => theme.tone(tone),
            None => pen.bad(),
        };
        if line == t.cursor {
            style = style.patch(theme.cursor);
        }
        if let Some(gap) = t.story.gap(place) {
            scratch.clear();
            scratch.push_str("GAP from ");
            stamp(pen.app, gap.span.from, false, &mut scratch);
            scratch.push_str(": ");
            x = put(buf, x, y, &scratch, room, style);
        }
        let room = usize::from(area.right().saturating_sub(x));
        scratch.clear();
        words.txt().shown_fit(&mut scratch, room);
        put(buf, x, y, &scratch, room as u16, style);
    }
}

/// What is typed, or the keys.
fn foot(pen: &Pen<'_>, front: &Front, buf: &mut Buffer, area: Rect) -> Caret {
    let y = area.bottom() - 1;
    let line = Rect {
        x: area.x + 1,
        y,
        width: area.width.saturating_sub(2),
        height: 1,
    };
    if let Some(typed) = &front.line {
        return input(buf, pen.theme, typed, line, "/");
    }
    let words = |row: &Row| -> Option<(String, &'static str)> {
        let key = match row.keys {
            [first, .., last] if row.keys.len() > 4 => format!("{first}…{last}"),
            ["-"] => "+ -".to_owned(),
            [first, ..] => (*first).to_owned(),
            [] => return None,
        };
        (!row.foot.is_empty()).then_some((key, row.foot))
    };
    let wide = |(key, word): &(String, &str)| (key.chars().count() + word.len() + 3) as u16;
    // help stands last and is never pushed out
    let (help, rest): (Vec<_>, Vec<_>) = ROWS.iter().partition(|r| r.name == "help");
    let help: Vec<_> = help.into_iter().filter_map(words).collect();
    let room = line.right().saturating_sub(help.iter().map(wide).sum());
    let mut x = line.x;
    let mut write = |entry: &(String, &str), right: u16| {
        if x + wide(entry) <= right {
            x = put(buf, x, y, &entry.0, right - x, pen.theme.key) + 1;
            x = put(buf, x, y, entry.1, right.saturating_sub(x), pen.theme.dim) + 2;
        }
    };
    for entry in rest.into_iter().filter_map(words) {
        write(&entry, room);
    }
    for entry in &help {
        write(entry, line.right() + 1);
    }
    None
}
