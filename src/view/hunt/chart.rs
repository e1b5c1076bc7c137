//! A chart in cells: lying and standing bars, lines and points in braille; with letters alone where the terminal has no
//! more than ASCII. Series differ by a letter too, never by colour alone.

use super::super::popup::put;
use super::super::theme::Theme;
use super::super::time::count;
use super::fitted;
use crate::app::App;
use crate::app::hunt::Focus;
use crate::config::settings::Charts;
use crate::model::Ticks;
use crate::model::time::DAY;
use crate::resource::doc::Tone;
use crate::resource::hunt_chart::{Axis, Chart, Form, nice};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use table::Txt;
use unicode_width::UnicodeWidthStr;

/// Eighths of a cell, standing and lying.
const STANDING: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const LYING: [&str; 9] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];
/// What series are marked with where there are several.
const MARKS: &str = "abcdefghijkl";
/// Tones of series, in turn.
const TONES: [Tone; 6] = [
    Tone::Info,
    Tone::Medium,
    Tone::Good,
    Tone::High,
    Tone::Low,
    Tone::Plain,
];

struct Pen<'a> {
    theme: &'a Theme,
    ascii: bool,
}

impl Pen<'_> {
    fn series(&self, n: usize) -> Style {
        self.theme.tone(TONES[n % TONES.len()])
    }
}

/// Whether bars and dots are letters: as the person set it, else as the terminal is.
pub fn in_letters(app: &App) -> bool {
    match app.settings.charts {
        Charts::Auto => app.letters,
        wanted => wanted == Charts::Ascii,
    }
}

pub fn draw(app: &App, chart: &Chart, top: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let pen = Pen {
        theme,
        ascii: in_letters(app),
    };
    let focus = app.hunt.focus == Focus::Results;
    let style = if focus { theme.head } else { theme.dim };
    let mut x = fitted(
        buf,
        area.x + 1,
        area.y,
        &chart.title,
        area.width.saturating_sub(2),
        style,
    );
    for note in &chart.notes {
        let room = area.right().saturating_sub(x + 3);
        x = fitted(
            buf,
            x + 2,
            area.y,
            &format!("! {note}"),
            room,
            theme.problem,
        );
    }
    let keys = "v rows";
    let wide = keys.width() as u16;
    if x + wide + 2 < area.right() {
        put(buf, area.right() - wide - 1, area.y, keys, wide, theme.dim);
    }
    let inside = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
    };
    if inside.width < 12 || inside.height < 3 {
        return;
    }
    match (&chart.form, &chart.axis) {
        (Form::Bar | Form::Pie, Axis::Words(words)) => {
            lying(&pen, chart, words, top, inside, buf);
        }
        _ => plot(&pen, chart, inside, buf),
    }
}

/// The chart alone, without a title or keys: for a place that says those itself.
pub fn plain(app: &App, chart: &Chart, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let pen = Pen {
        theme,
        ascii: app.settings.charts == Charts::Ascii,
    };
    if area.width >= 12 && area.height >= 3 {
        plot(&pen, chart, area, buf);
    }
}

/// A number as short as an axis wants it.
fn short(n: f64) -> String {
    let (n, unit) = match n.abs() {
        a if a >= 1e9 => (n / 1e9, "G"),
        a if a >= 1e6 => (n / 1e6, "M"),
        a if a >= 1e4 => (n / 1e3, "k"),
        _ => (n, ""),
    };
    if n.fract() == 0.0 {
        return match unit {
            "" => count_signed(n),
            _ => format!("{n}{unit}"),
        };
    }
    let text = format!("{n:.2}");
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

fn count_signed(n: f64) -> String {
    let digits = count(n.abs() as u64);
    if n < 0.0 {
        format!("-{digits}")
    } else {
        digits
    }
}

/// Bars side by side with their words; of a pie with their part of the whole.
fn lying(pen: &Pen<'_>, chart: &Chart, words: &[String], top: usize, area: Rect, buf: &mut Buffer) {
    let theme = pen.theme;
    let total = |at: usize| -> f64 {
        let of = |s: &crate::resource::hunt_chart::Series| {
            let at = at as f64;
            s.points
                .iter()
                .filter(|p| p.0 == at)
                .map(|p| p.1)
                .sum::<f64>()
        };
        chart.series.iter().map(of).sum()
    };
    let totals: Vec<f64> = (0..words.len()).map(total).collect();
    let most = totals.iter().copied().fold(0.0, f64::max);
    let whole: f64 = totals.iter().filter(|n| **n > 0.0).sum();
    let label = words.iter().map(|w| w.width()).max().unwrap_or(0);
    let label = label.clamp(4, usize::from(area.width / 3)) as u16;
    let figure = |n: f64| match chart.form {
        Form::Pie if whole > 0.0 => format!("{} {:.1} %", short(n), n * 100.0 / whole),
        _ => short(n),
    };
    let figures = totals.iter().map(|n| figure(*n).width()).max().unwrap_or(0) as u16;
    let room = area.width.saturating_sub(label + figures + 2);
    let lines = usize::from(area.height);
    let top = top.min(words.len().saturating_sub(lines));
    for (line, (word, n)) in words.iter().zip(&totals).skip(top).take(lines).enumerate() {
        let y = area.y + line as u16;
        fitted(buf, area.x, y, word, label, theme.text);
        let part = if most > 0.0 { (n / most).max(0.0) } else { 0.0 };
        let eighths = (part * f64::from(room) * 8.0).round() as usize;
        let x = area.x + label + 1;
        let end = if pen.ascii {
            let bar = "#".repeat(eighths.div_ceil(8).min(usize::from(room)));
            put(buf, x, y, &bar, room, pen.series(0))
        } else {
            let mut bar = "█".repeat(eighths / 8);
            bar.push_str(LYING[eighths % 8]);
            if eighths == 0 && *n > 0.0 {
                bar.push_str(LYING[1]);
            }
            put(buf, x, y, &bar, room, pen.series(0))
        };
        put(buf, end + 1, y, &figure(*n), figures, theme.dim);
    }
}

/// Lines, points and standing bars over an axis.
fn plot(pen: &Pen<'_>, chart: &Chart, area: Rect, buf: &mut Buffer) {
    let theme = pen.theme;
    let points = || chart.series.iter().flat_map(|s| &s.points);
    let (mut left, mut right) = (f64::INFINITY, f64::NEG_INFINITY);
    let (mut low, mut high) = (0.0f64, f64::NEG_INFINITY);
    for (x, y) in points() {
        left = left.min(*x);
        right = right.max(*x);
        low = low.min(*y);
        high = high.max(*y);
    }
    if chart.form == Form::Scatter {
        low = points().map(|p| p.1).fold(f64::INFINITY, f64::min);
    }
    if let Axis::Words(words) = &chart.axis {
        (left, right) = (0.0, words.len().saturating_sub(1) as f64);
    }
    if !high.is_finite() || high <= low {
        high = low + 1.0;
    }
    let mut step = nice((high - low) / 4.0);
    if points().all(|p| p.1.fract() == 0.0) {
        step = step.max(1.0);
    }
    high = (high / step).ceil() * step;
    low = (low / step).floor() * step;
    // names of the series below, where there are several
    let legend = u16::from(chart.series.len() > 1);
    let ticks: Vec<f64> = (0..=((high - low) / step).round() as usize)
        .map(|n| low + n as f64 * step)
        .collect();
    let gutter = ticks.iter().map(|t| short(*t).width()).max().unwrap_or(1) as u16 + 1;
    let body = Rect {
        x: area.x + gutter,
        y: area.y,
        width: area.width.saturating_sub(gutter),
        height: area.height.saturating_sub(1 + legend),
    };
    if body.width < 4 || body.height < 2 {
        return;
    }
    let place =
        |v: f64| -> f64 { ((v - low) / (high - low)).clamp(0.0, 1.0) * f64::from(body.height) };
    for tick in &ticks {
        let up = place(*tick).round() as u16;
        let y = (body.bottom() - 1).saturating_sub(up.min(body.height - 1));
        let text = short(*tick);
        let x = body.x.saturating_sub(text.width() as u16 + 1);
        put(buf, x, y, &text, gutter, theme.dim);
        let line = if pen.ascii { "." } else { "·" };
        for x in body.x..body.right() {
            put(buf, x, y, line, 1, theme.border);
        }
    }
    let across = |v: f64, cells: f64| -> f64 {
        match right > left {
            true => (v - left) / (right - left) * (cells - 1.0),
            false => (cells - 1.0) / 2.0,
        }
    };
    if chart.form == Form::Column {
        columns(pen, chart, body, &place, buf);
    } else {
        let span = (low, high);
        drawn(pen, chart, body, &across, span, buf);
    }
    axis(pen, chart, body, left, right, buf);
    if legend > 0 {
        let y = area.bottom() - 1;
        let mut x = body.x;
        for (n, series) in chart.series.iter().enumerate() {
            let mark = MARKS.get(n..=n).unwrap_or("?");
            if x + 4 >= area.right() {
                break;
            }
            x = put(buf, x, y, &format!("{mark} "), 2, pen.series(n));
            let mut name = String::new();
            series.name.txt().shown_fit(&mut name, 24);
            x = put(buf, x, y, &name, area.right().saturating_sub(x), theme.text) + 2;
        }
    }
}

/// Standing bars, side by side over the whole width; what falls into one cell is its highest.
fn columns(pen: &Pen<'_>, chart: &Chart, body: Rect, place: &dyn Fn(f64) -> f64, buf: &mut Buffer) {
    let width = usize::from(body.width);
    let mut spots: Vec<f64> = chart
        .series
        .iter()
        .flat_map(|s| &s.points)
        .map(|p| p.0)
        .collect();
    spots.sort_by(f64::total_cmp);
    spots.dedup();
    let step = spots
        .windows(2)
        .map(|w| w[1] - w[0])
        .fold(f64::INFINITY, f64::min);
    let (Some(first), Some(last)) = (spots.first(), spots.last()) else {
        return;
    };
    let bins = match step.is_finite() {
        true => (((last - first) / step).round() as usize).clamp(1, 100_000) + 1,
        false => 1,
    };
    let mut heights = vec![0.0f64; width];
    for (x, y) in chart.series.iter().flat_map(|s| &s.points) {
        let bin = match bins {
            1 => 0,
            _ => ((x - first) / step).round() as usize,
        };
        let (from, to) = (bin * width / bins, (bin + 1) * width / bins);
        // broad bars stand apart; one bar alone is no wall
        let to = if to > from + 2 {
            to - 1
        } else {
            to.max(from + 1)
        };
        for cell in heights.iter_mut().take(to.min(from + 12)).skip(from) {
            *cell = cell.max(place(*y));
        }
    }
    for (n, height) in heights.iter().enumerate() {
        let x = body.x + n as u16;
        let eighths = (height * 8.0).round() as usize;
        let eighths = if *height > 0.0 { eighths.max(1) } else { 0 };
        for line in 0..usize::from(body.height) {
            let y = body.bottom() - 1 - line as u16;
            let here = eighths.saturating_sub(line * 8).min(8);
            let full = if pen.ascii { "#" } else { STANDING[here] };
            if here > 0 {
                put(buf, x, y, full, 1, pen.series(0));
            }
        }
    }
}

/// Lines or points. A cell is two dots wide and four high in braille, one of each in ASCII.
fn drawn(
    pen: &Pen<'_>,
    chart: &Chart,
    body: Rect,
    across: &dyn Fn(f64, f64) -> f64,
    (low, high): (f64, f64),
    buf: &mut Buffer,
) {
    let (dots_x, dots_y) = if pen.ascii { (1, 1) } else { (2, 4) };
    let (wide, tall) = (
        usize::from(body.width) * dots_x,
        usize::from(body.height) * dots_y,
    );
    let several = chart.series.len() > 1;
    for (n, series) in chart.series.iter().enumerate() {
        let mut cells = vec![0u8; usize::from(body.width) * usize::from(body.height)];
        let mut dot = |x: usize, y: usize| {
            let (cx, cy) = (x / dots_x, y / dots_y);
            let at = cy * usize::from(body.width) + cx;
            if let Some(cell) = cells.get_mut(at) {
                *cell |= if pen.ascii { 1 } else { braille(x % 2, y % 4) };
            }
        };
        let spot = |(x, y): &(f64, f64)| -> (f64, f64) {
            let part = ((y - low) / (high - low)).clamp(0.0, 1.0);
            (across(*x, wide as f64), (1.0 - part) * (tall as f64 - 1.0))
        };
        let spots: Vec<(f64, f64)> = series.points.iter().map(spot).collect();
        for s in &spots {
            dot(s.0.round() as usize, s.1.round() as usize);
        }
        if chart.form == Form::Line {
            for pair in spots.windows(2) {
                let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
                let steps = (x1 - x0).abs().max((y1 - y0).abs()).ceil().max(1.0);
                for s in 0..=steps as usize {
                    let t = s as f64 / steps;
                    let (x, y) = (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t);
                    dot(x.round() as usize, y.round() as usize);
                }
            }
        }
        let mark = if several {
            MARKS.get(n..=n).unwrap_or("*")
        } else {
            "*"
        };
        for (at, bits) in cells.iter().enumerate().filter(|(_, b)| **b > 0) {
            let x = body.x + (at % usize::from(body.width)) as u16;
            let y = body.y + (at / usize::from(body.width)) as u16;
            if pen.ascii {
                put(buf, x, y, mark, 1, pen.series(n));
            } else {
                let c = char::from_u32(0x2800 + u32::from(*bits)).unwrap_or('*');
                put(buf, x, y, c.encode_utf8(&mut [0; 4]), 1, pen.series(n));
            }
        }
        // the letter of the series where it ends
        if several && let Some((x, y)) = spots.last() {
            let x = body.x + (*x as usize / dots_x) as u16;
            let y = body.y + (*y as usize / dots_y) as u16;
            put(buf, x.min(body.right() - 1), y, mark, 1, pen.series(n));
        }
    }
}

/// The bit of a dot in a braille cell.
fn braille(x: usize, y: usize) -> u8 {
    match (x, y) {
        (0, 3) => 0x40,
        (1, 3) => 0x80,
        (0, y) => 1 << y,
        (_, y) => 8 << y,
    }
}

/// What stands below: instants with their zone, numbers, or words.
fn axis(pen: &Pen<'_>, chart: &Chart, body: Rect, left: f64, right: f64, buf: &mut Buffer) {
    let theme = pen.theme;
    let y = body.bottom();
    let days = right - left >= 2.0 * DAY as f64;
    let word = |v: f64| -> String {
        match &chart.axis {
            Axis::Time => {
                let form = if days { "%m-%d %H:%MZ" } else { "%H:%M:%SZ" };
                let at = Ticks(v as i64).timestamp();
                at.map_or_else(String::new, |t| t.strftime(form).to_string())
            }
            Axis::Number => short(v),
            Axis::Words(words) => {
                let mut out = String::new();
                if let Some(w) = words.get(v.round() as usize) {
                    Txt::new(w).shown_fit(&mut out, 16);
                }
                out
            }
        }
    };
    let many = match &chart.axis {
        Axis::Words(words) => words.len().clamp(1, usize::from(body.width / 12).max(1)),
        _ => usize::from(body.width / 20).clamp(2, 7),
    };
    let mut free = body.x;
    for n in 0..many {
        let part = if many > 1 {
            n as f64 / (many - 1) as f64
        } else {
            0.0
        };
        let text = word(left + (right - left) * part);
        let wide = text.width() as u16;
        let middle = body.x + ((f64::from(body.width) - 1.0) * part) as u16;
        let last = body.right().saturating_sub(wide);
        let x = middle
            .saturating_sub(wide / 2)
            .clamp(body.x, last.max(body.x));
        if x >= free {
            free = put(buf, x, y, &text, wide, theme.dim) + 1;
        }
    }
    // times in full are in the rows; here the day of the left end is enough
    if chart.axis == Axis::Time
        && !days
        && let Some(t) = Ticks(left as i64).timestamp()
    {
        let day = t.strftime("%Y-%m-%d").to_string();
        let x = body.right().saturating_sub(day.width() as u16);
        if body.height > 4 {
            put(buf, x, body.y, &day, 10, theme.dim);
        }
    }
}
