//! Result rows for people and spreadsheets.

use crate::engine::Answer;
use crate::engine::value::Val;
use std::io::{self, Write};
use table::Txt;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Aligned columns; cells are made safe and cut.
    Table,
    /// Every cell quoted and exact; formulas are made harmless unless raw.
    Csv {
        /// No apostrophe before what a spreadsheet would take for a formula.
        raw: bool,
    },
    /// One JSON array of objects.
    Json,
}

/// Widest cell of a table.
const WIDEST: usize = 60;
/// Rows that decide how wide columns are.
const LOOKED: usize = 1000;

/// Writes a result.
pub fn write_rows(answer: &Answer, style: Style, out: &mut impl Write) -> io::Result<()> {
    match style {
        Style::Table => table_rows(answer, out),
        Style::Csv { raw } => csv_rows(answer, raw, out),
        Style::Json => json_rows(answer, out),
    }
}

fn cell(value: &Val<'_>) -> String {
    let text = value.text();
    let shown = Txt::new(&text).shown();
    let width = shown.chars().count();
    if width <= WIDEST {
        return shown.into_owned();
    }
    let mut cut: String = shown.chars().take(WIDEST - 1).collect();
    cut.push('…');
    cut
}

fn is_number(value: &Val<'_>) -> bool {
    matches!(value, Val::Long(_) | Val::Real(_) | Val::Dec(_))
}

fn table_rows(answer: &Answer, out: &mut impl Write) -> io::Result<()> {
    let rows = answer.rows();
    let names: Vec<String> = answer
        .columns
        .iter()
        .map(|(name, _)| Txt::new(name).shown().into_owned())
        .collect();
    let mut widths: Vec<usize> = names.iter().map(|n| width(n)).collect();
    for row in 0..rows.min(LOOKED) {
        for (col, wide) in widths.iter_mut().enumerate() {
            *wide = (*wide).max(width(&cell(&answer.value(row, col))));
        }
    }
    let last = widths.len().saturating_sub(1);
    let mut line = String::new();
    let put = |line: &mut String, col: usize, text: &str, right: bool| {
        let pad = widths
            .get(col)
            .copied()
            .unwrap_or(0)
            .saturating_sub(width(text));
        if col > 0 {
            line.push_str("  ");
        }
        if right {
            line.extend(std::iter::repeat_n(' ', pad));
        }
        line.push_str(text);
        if !right && col < last {
            line.extend(std::iter::repeat_n(' ', pad));
        }
    };
    for (col, name) in names.iter().enumerate() {
        put(&mut line, col, name, false);
    }
    writeln!(out, "{}", line.trim_end())?;
    line.clear();
    for (col, wide) in widths.iter().enumerate() {
        put(&mut line, col, &"─".repeat(*wide), false);
    }
    writeln!(out, "{line}")?;
    for row in 0..rows {
        line.clear();
        for col in 0..widths.len() {
            let value = answer.value(row, col);
            put(&mut line, col, &cell(&value), is_number(&value));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    let s = if rows == 1 { "" } else { "s" };
    writeln!(out, "({rows} row{s})")
}

fn width(text: &str) -> usize {
    use unicode_width::UnicodeWidthStr;
    text.width()
}

fn csv_rows(answer: &Answer, raw: bool, out: &mut impl Write) -> io::Result<()> {
    let mut line = String::new();
    for (col, (name, _)) in answer.columns.iter().enumerate() {
        if col > 0 {
            line.push(',');
        }
        line.push_str(&Txt::new(name).csv_cell(raw));
    }
    writeln!(out, "{line}")?;
    for row in 0..answer.rows() {
        line.clear();
        for col in 0..answer.columns.len() {
            if col > 0 {
                line.push(',');
            }
            let value = answer.value(row, col);
            // a number of ours is no formula
            line.push_str(&Txt::new(&value.text()).csv_cell(raw || is_number(&value)));
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn json_rows(answer: &Answer, out: &mut impl Write) -> io::Result<()> {
    let names: Vec<String> = answer
        .columns
        .iter()
        .map(|(n, _)| Txt::new(n).json())
        .collect();
    write!(out, "[")?;
    for row in 0..answer.rows() {
        let members: Vec<String> = names
            .iter()
            .zip(answer.json_row(row))
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let comma = if row > 0 { "," } else { "" };
        write!(out, "{comma}\n  {{{}}}", members.join(", "))?;
    }
    writeln!(out, "\n]")
}
