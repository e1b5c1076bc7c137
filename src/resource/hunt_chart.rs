//! A chart of a result, as numbers: what `render` asks for, or how often values occur over time.
//!
//! Columns find their part as in Kusto: the first instant of a time chart, the first column of the others is where points
//! stand; numbers are what is drawn; a text column parts them into series. Arrays of `make-series` are unfolded.
//! `view` draws it; nothing here knows of cells or colours.

#[cfg(test)]
mod tests;

use super::hunt_cell;
use crate::model::Ticks;
use crate::model::time::{DAY, HOUR, MINUTE, SECOND};
use hashbrown::HashMap;
use kql::engine::Render;
use serde_json::Value as Json;
use table::{Cancel, Cell, Selection, Table, Text, Type};

/// Series, and words on an axis, at most.
const SERIES: usize = 12;
const WORDS: usize = 200;
/// Bins of a histogram at most.
const BINS: i64 = 120;

/// The name of a line, and its points.
type Line = (String, Vec<(f64, f64)>);

impl Chart {
    /// Lines that a chart of lying bars has; others fit any height.
    pub fn lines(&self) -> usize {
        match (&self.form, &self.axis) {
            (Form::Bar | Form::Pie, Axis::Words(words)) => words.len(),
            _ => 0,
        }
    }
}

/// A chart to be made.
#[derive(Debug)]
pub struct Plot {
    pub table: Table,
    pub rows: Selection,
    pub want: Want,
    pub cancel: Cancel,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    Render(Render),
    /// How often: over time or numbers in bins, of words the most frequent ones.
    Histogram(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Line,
    /// Lying bars.
    Bar,
    /// Standing bars.
    Column,
    /// Lying bars with their part of the whole.
    Pie,
    Scatter,
}

/// Where points stand.
#[derive(Clone, Debug, PartialEq)]
pub enum Axis {
    /// Ticks.
    Time,
    Number,
    /// By the place of a word, safe for the screen.
    Words(Vec<String>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: Text,
    /// Where, how much; rising.
    pub points: Vec<(f64, f64)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    pub form: Form,
    /// What it is, in words safe for the screen.
    pub title: String,
    pub axis: Axis,
    pub series: Vec<Series>,
    /// What is left out.
    pub notes: Vec<String>,
}

/// The form of a chart's name; none: it is not drawn here.
pub fn form(name: &str) -> Option<Form> {
    Some(match name.to_ascii_lowercase().as_str() {
        "timechart" | "linechart" | "areachart" | "stackedareachart" | "anomalychart"
        | "timelinechart" => Form::Line,
        "barchart" => Form::Bar,
        "columnchart" => Form::Column,
        "piechart" => Form::Pie,
        "scatterchart" => Form::Scatter,
        _ => return None,
    })
}

fn is_number(kind: Option<Type>) -> bool {
    matches!(
        kind,
        Some(Type::Int | Type::Long | Type::Real | Type::Decimal | Type::Timespan)
    )
}

fn is_word(kind: Option<Type>) -> bool {
    matches!(kind, Some(Type::Text | Type::Guid | Type::Bool))
}

fn number(cell: Cell<'_>) -> Option<f64> {
    let n = match cell {
        Cell::Int(n) | Cell::Time(n) => n as f64,
        // spans are drawn in seconds
        Cell::Span(n) => n as f64 / SECOND as f64,
        Cell::Real(n) => n,
        Cell::Bool(b) => f64::from(u8::from(b)),
        Cell::Text(t) => t.exact().parse().ok()?,
        Cell::Null | Cell::List(_) => return None,
    };
    n.is_finite().then_some(n)
}

impl Plot {
    /// Makes it; `None` when cancelled, the error is a sentence.
    pub fn run(&self) -> Option<Result<Chart, String>> {
        let made = match &self.want {
            Want::Histogram(col) => self.histogram(*col)?,
            Want::Render(render) => self.render(render)?,
        };
        (!self.cancel.is_cancelled()).then_some(made)
    }

    fn render(&self, render: &Render) -> Option<Result<Chart, String>> {
        let Some(form) = form(&render.chart) else {
            let name = table::Txt::new(&render.chart).shown().into_owned();
            return Some(Err(format!("`{name}` is not drawn in a terminal")));
        };
        let schema = self.table.schema();
        let kind = |c: usize| schema.kind(c);
        let with = |name: &str| {
            let found = render
                .with
                .iter()
                .find(|(n, _)| n.eq_ignore_ascii_case(name));
            found.map(|(_, v)| v.as_str())
        };
        let named = |name: &str| -> Vec<usize> {
            let names = with(name).unwrap_or_default().split(',').map(str::trim);
            names
                .filter_map(|n| {
                    let n = n.trim_matches(['[', ']', '\'', '"']);
                    schema.col(n)
                })
                .collect()
        };
        let all: Vec<usize> = (0..schema.len()).collect();
        let time = all.iter().copied().find(|c| kind(*c) == Some(Type::Time));
        if let Some(unfolded) = self.unfolded(form, time) {
            return Some(self.finish(form, render, Axis::Time, unfolded));
        }
        let x = named("xcolumn").first().copied().or(match form {
            Form::Line => time.or(all.first().copied()),
            _ => all.first().copied(),
        });
        let Some(x) = x else {
            return Some(Err("there is no column to draw".into()));
        };
        let mut ys = named("ycolumns");
        if ys.is_empty() {
            ys = all
                .iter()
                .copied()
                .filter(|c| *c != x && is_number(kind(*c)))
                .collect();
        }
        let mut parts = named("series");
        if parts.is_empty() {
            parts = all
                .iter()
                .copied()
                .filter(|c| *c != x && !ys.contains(c) && is_word(kind(*c)))
                .collect();
        }
        let words = !matches!(kind(x), Some(Type::Time)) && !is_number(kind(x));
        if form == Form::Scatter && words {
            return Some(Err(
                "a scatter chart wants numbers or instants in its first column".into(),
            ));
        }
        let bars = matches!(form, Form::Bar | Form::Column | Form::Pie);
        let mut labels: Vec<String> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut found: Vec<(String, Vec<(f64, f64)>)> = Vec::new();
        let mut index: HashMap<String, usize> = HashMap::new();
        let mut left_out = 0usize;
        for (n, row) in self.rows.iter().enumerate() {
            if n % 4096 == 0 && self.cancel.is_cancelled() {
                return None;
            }
            let cell = self.table.cell(row, x);
            let at = if words || bars {
                let word = hunt_cell::text(&self.table, row, x);
                match places.get(&word) {
                    Some(place) => *place as f64,
                    None if labels.len() >= WORDS => {
                        left_out += 1;
                        continue;
                    }
                    None => {
                        let place = labels.len();
                        let mut label = String::new();
                        match word.is_empty() {
                            true => label.push_str("(empty)"),
                            false => {
                                table::Txt::new(&word).shown_fit(&mut label, 60);
                            }
                        }
                        labels.push(label);
                        places.insert(word, place);
                        place as f64
                    }
                }
            } else {
                match number(cell) {
                    Some(at) => at,
                    None => continue,
                }
            };
            let mut group = String::new();
            for part in &parts {
                if !group.is_empty() {
                    group.push_str(", ");
                }
                group.push_str(&hunt_cell::text(&self.table, row, *part));
            }
            let mut add = |name: String, y: f64| {
                let place = match index.get(&name) {
                    Some(place) => *place,
                    None => {
                        index.insert(name.clone(), found.len());
                        found.push((name, Vec::new()));
                        found.len() - 1
                    }
                };
                if let Some((_, points)) = found.get_mut(place) {
                    points.push((at, y));
                }
            };
            if ys.is_empty() {
                add(group, 1.0);
                continue;
            }
            for y in &ys {
                let Some(value) = number(self.table.cell(row, *y)) else {
                    continue;
                };
                let own = schema.name(*y).map_or("", |n| n.exact());
                let name = match (group.is_empty(), ys.len()) {
                    (true, _) => own.to_owned(),
                    (false, 1) => group.clone(),
                    (false, _) => format!("{group}: {own}"),
                };
                add(name, value);
            }
        }
        let axis = if words || bars {
            Axis::Words(labels)
        } else if kind(x) == Some(Type::Time) {
            Axis::Time
        } else {
            Axis::Number
        };
        // what stands at one place is one bar, and rows that are only counted one point
        if words || bars || ys.is_empty() {
            for (_, points) in &mut found {
                *points = summed(points);
            }
        }
        let mut made = self.finish(form, render, axis, found);
        if let (Ok(chart), true) = (&mut made, left_out > 0) {
            chart
                .notes
                .push(format!("{left_out} rows of further values are left out"));
        }
        Some(made)
    }

    /// The arrays of `make-series`: an array of instants, and arrays of numbers as long, a row each.
    fn unfolded(&self, form: Form, time: Option<usize>) -> Option<Vec<Line>> {
        if form != Form::Line || time.is_some() {
            return None;
        }
        let schema = self.table.schema();
        let first = self.rows.get(0)?;
        let array = |row: u32, col: usize| -> Option<Vec<Json>> {
            serde_json::from_str(self.table.text(row, col)?.exact()).ok()
        };
        let dynamic: Vec<usize> = (0..schema.len())
            .filter(|c| schema.kind(*c) == Some(Type::Dynamic))
            .collect();
        let instant = |v: &Json| Some(Ticks::parse(v.as_str()?)?.0 as f64);
        let x = dynamic.iter().copied().find(|c| {
            array(first, *c)
                .is_some_and(|a| !a.is_empty() && a.iter().all(|v| instant(v).is_some()))
        })?;
        let ys: Vec<usize> = dynamic
            .into_iter()
            .filter(|c| *c != x && array(first, *c).is_some_and(|a| a.iter().any(Json::is_number)))
            .collect();
        let words: Vec<usize> = (0..schema.len())
            .filter(|c| is_word(schema.kind(*c)))
            .collect();
        let mut out = Vec::new();
        for row in self.rows.iter().take(SERIES * 4) {
            let at = array(row, x)?;
            let group: Vec<String> = words
                .iter()
                .map(|c| hunt_cell::text(&self.table, row, *c))
                .collect();
            for y in &ys {
                let values = array(row, *y).unwrap_or_default();
                let points = at
                    .iter()
                    .zip(&values)
                    .filter_map(|(x, y)| Some((instant(x)?, y.as_f64()?)))
                    .collect();
                let own = schema.name(*y).map_or("", |n| n.exact());
                let name = match group.is_empty() {
                    true => own.to_owned(),
                    false => group.join(", "),
                };
                out.push((name, points));
            }
        }
        Some(out)
    }

    fn finish(
        &self,
        form: Form,
        render: &Render,
        axis: Axis,
        found: Vec<(String, Vec<(f64, f64)>)>,
    ) -> Result<Chart, String> {
        let all = found.len();
        let mut series: Vec<Series> = found
            .into_iter()
            .filter(|(_, points)| !points.is_empty())
            .map(|(name, mut points)| {
                points.sort_by(|a, b| a.0.total_cmp(&b.0));
                Series {
                    name: Text::from(name),
                    points,
                }
            })
            .collect();
        if series.is_empty() {
            return Err("there is nothing to draw: no row has a number".into());
        }
        // the largest are the ones worth their lines
        let weight = |s: &Series| s.points.iter().map(|p| p.1.abs()).sum::<f64>();
        if series.len() > SERIES {
            series.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
            series.truncate(SERIES);
        }
        let mut notes = Vec::new();
        if all > series.len() {
            notes.push(format!("the largest {} of {all} series", series.len()));
        }
        let title = render.with.iter().find(|(n, _)| n == "title");
        let title = title.map_or_else(
            || render.chart.clone(),
            |(_, t)| table::Txt::new(t).shown().into_owned(),
        );
        Ok(Chart {
            form,
            title,
            axis,
            series,
            notes,
        })
    }

    fn histogram(&self, col: usize) -> Option<Result<Chart, String>> {
        let schema = self.table.schema();
        let name = hunt_cell::heading(schema, col);
        let kind = schema.kind(col);
        if kind != Some(Type::Time) && !is_number(kind) {
            return self.frequent(col, &name);
        }
        let mut values = Vec::with_capacity(self.rows.len());
        for (n, row) in self.rows.iter().enumerate() {
            if n % 4096 == 0 && self.cancel.is_cancelled() {
                return None;
            }
            values.extend(number(self.table.cell(row, col)));
        }
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if values.is_empty() {
            return Some(Err(format!("{name} has no value in these rows")));
        }
        let step = match kind {
            Some(Type::Time) => nice_span((most - least) as i64) as f64,
            _ => nice((most - least) / 60.0),
        };
        let first = (least / step).floor();
        let bins = ((most / step).floor() - first).clamp(0.0, 10_000.0) as usize + 1;
        let mut counts = vec![0u32; bins];
        for v in &values {
            let bin = ((v / step).floor() - first).max(0.0) as usize;
            if let Some(n) = counts.get_mut(bin.min(bins - 1)) {
                *n += 1;
            }
        }
        let points = counts
            .iter()
            .enumerate()
            .map(|(n, c)| ((first + n as f64) * step, f64::from(*c)))
            .collect();
        let missing = self.rows.len() - values.len();
        let unit = match kind {
            Some(Type::Time) => words_of_span(step as i64),
            _ => format!("{step}"),
        };
        Some(Ok(Chart {
            form: Form::Column,
            title: format!("rows by {name}, {unit} a bar"),
            axis: match kind {
                Some(Type::Time) => Axis::Time,
                _ => Axis::Number,
            },
            series: vec![Series {
                name: Text::from("rows"),
                points,
            }],
            notes: match missing {
                0 => Vec::new(),
                n => vec![format!("{n} rows have none")],
            },
        }))
    }

    fn frequent(&self, col: usize, name: &str) -> Option<Result<Chart, String>> {
        let groups = table::group(&self.table, &self.rows, col, &self.cancel)?;
        let mut labels = Vec::new();
        let mut points = Vec::new();
        for (n, (value, count)) in groups.iter().take(WORDS).enumerate() {
            let mut label = String::new();
            hunt_cell::fit(&mut label, super::hunt_work::figures::cell(value), 60);
            if label.is_empty() {
                label.push_str("(empty)");
            }
            labels.push(label);
            points.push((n as f64, f64::from(*count)));
        }
        let mut notes = Vec::new();
        if groups.len() > WORDS {
            notes.push(format!("the first {WORDS} of {} values", groups.len()));
        }
        Some(match points.is_empty() {
            true => Err("there are no rows".into()),
            false => Ok(Chart {
                form: Form::Bar,
                title: format!("rows by {name}"),
                axis: Axis::Words(labels),
                series: vec![Series {
                    name: Text::from("rows"),
                    points,
                }],
                notes,
            }),
        })
    }
}

/// One point a place.
fn summed(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut out: Vec<(f64, f64)> = Vec::new();
    for (x, y) in sorted {
        match out.last_mut() {
            Some(last) if last.0 == x => last.1 += y,
            _ => out.push((x, y)),
        }
    }
    out
}

/// A span of the calendar that makes at most 120 bins.
fn nice_span(all: i64) -> i64 {
    const SPANS: &[i64] = &[
        SECOND,
        5 * SECOND,
        15 * SECOND,
        30 * SECOND,
        MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        7 * DAY,
        30 * DAY,
        365 * DAY,
    ];
    let fits = |s: &&i64| all / **s < BINS;
    SPANS.iter().find(fits).copied().unwrap_or(all.max(1))
}

fn words_of_span(ticks: i64) -> String {
    for (unit, name) in [(DAY, "d"), (HOUR, "h"), (MINUTE, "min")] {
        if ticks % unit == 0 {
            return format!("{} {name}", ticks / unit);
        }
    }
    format!("{} s", ticks / SECOND)
}

/// 1, 2 or 5 times a power of ten, at least this.
pub fn nice(step: f64) -> f64 {
    if !step.is_finite() || step <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(step.log10().floor());
    let times = [1.0, 2.0, 5.0, 10.0];
    let fits = |t: &&f64| **t * power >= step;
    power * times.iter().find(fits).copied().unwrap_or(10.0)
}
