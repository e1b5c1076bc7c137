//! XLSX: every cell is a string, so that nothing in it is computed; a second sheet tells where the rows come from, and of
//! logs a third one what was read of them.

use super::{Export, Failed, forms};
use crate::resource::ledger;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::Value;
use std::io::Write;
use table::Txt;

/// What a sheet holds at most, by its own definition.
const ROWS: usize = 1_048_575;
const COLUMNS: usize = 16_384;
/// Characters of a cell.
const CELL: usize = 32_767;
const LOOK: usize = 1024;

pub(super) fn write(x: &Export, out: &mut dyn Write) -> Result<(), Failed> {
    let (rows, columns) = (x.rows.len(), x.columns.len());
    if rows > ROWS || columns > COLUMNS {
        return Err(Failed::Form(format!(
            "a sheet holds {ROWS} rows and {COLUMNS} columns, not {rows} and {columns}; CSV holds any number"
        )));
    }
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let mut cut = 0u64;
    {
        // rows go to the disk as they are written: a hundred thousand of them do not fit beside the result
        let sheet = book.add_worksheet_with_constant_memory().map_err(fault)?;
        sheet.set_name("Result").map_err(fault)?;
        for (col, name) in (0u16..).zip(forms::names(x)) {
            let name = cell(&name, &mut cut);
            sheet
                .write_string_with_format(0, col, name, &bold)
                .map_err(fault)?;
        }
        for (n, (line, row)) in (1u32..).zip(x.rows.iter()).enumerate() {
            if n % LOOK == 0 && x.cancel.is_cancelled() {
                return Err(Failed::Cancelled);
            }
            for (at, col) in (0u16..).zip(&x.columns) {
                let text = forms::words(x.table.cell(row, *col));
                if !text.is_empty() {
                    sheet
                        .write_string(line, at, cell(&text, &mut cut))
                        .map_err(fault)?;
                }
            }
        }
        if rows > 0 && columns > 0 {
            sheet.set_freeze_panes(1, 0).map_err(fault)?;
            sheet
                .autofilter(0, 0, rows as u32, columns as u16 - 1)
                .map_err(fault)?;
        }
    }
    let about = book.add_worksheet_with_constant_memory().map_err(fault)?;
    about.set_name("Provenance").map_err(fault)?;
    let mut lines = x.from.lines(rows);
    if cut > 0 {
        let words = format!("{cut} cells are longer than {CELL} characters and are cut");
        lines.push(("CUT", words));
    }
    let mut none = 0;
    for (line, (name, value)) in (0u32..).zip(&lines) {
        about.write_string(line, 0, *name).map_err(fault)?;
        let value = cell(value, &mut none);
        about.write_string(line, 1, value).map_err(fault)?;
    }
    if let Some(read) = &x.from.ledger {
        let sheet = book.add_worksheet_with_constant_memory().map_err(fault)?;
        sheet.set_name("Ledger").map_err(fault)?;
        for (col, name) in (0u16..).zip(ledger::HEADS) {
            sheet
                .write_string_with_format(0, col, *name, &bold)
                .map_err(fault)?;
        }
        for (line, window) in (1u32..).zip(ledger::windows(read)) {
            for (col, name) in (0u16..).zip(ledger::HEADS) {
                let text = match window.get(*name) {
                    None | Some(Value::Null) => continue,
                    Some(Value::String(text)) => text.clone(),
                    Some(other) => other.to_string(),
                };
                let text = cell(&text, &mut none);
                sheet.write_string(line, col, text).map_err(fault)?;
            }
        }
    }
    let bytes = book.save_to_buffer().map_err(fault)?;
    out.write_all(&bytes)?;
    Ok(())
}

/// A cell's text: what XML cannot hold is made visible, and what is too long is cut and counted.
fn cell(text: &str, cut: &mut u64) -> String {
    let odd = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    let mut out = String::with_capacity(text.len().min(CELL));
    let mut left = CELL;
    for c in text.chars() {
        let mut buf = [0; 4];
        let one = c.encode_utf8(&mut buf);
        let shown = match odd(c) {
            true => Txt::new(one).shown(),
            false => std::borrow::Cow::Borrowed(&*one),
        };
        // counted as the program counts that opens it
        let units = shown.encode_utf16().count();
        if units > left {
            *cut += 1;
            break;
        }
        left -= units;
        out.push_str(&shown);
    }
    out
}

fn fault(e: XlsxError) -> Failed {
    match e {
        XlsxError::IoError(e) => Failed::Io(e),
        other => Failed::Form(format!("the sheet could not be written: {other}")),
    }
}
