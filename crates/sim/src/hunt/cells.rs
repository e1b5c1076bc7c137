//! Values of a result as JSON, in the dialects of the three services, and rows a block at a time.
//!
//! | type | Graph | Log Analytics | Data Explorer v2 |
//! |---|---|---|---|
//! | dynamic | inline | JSON as text | inline |
//! | long | number | number | number |
//! | decimal, guid, datetime, timespan | text | text | text |
//! | bool | `true` | `true` | `true` |
//! | NaN, infinities | text | text | text |
//! | null | `null` (text: `""`) | the same | the same |

use std::sync::Arc;

use kql::types::Ty;
use table::{Cell, Chunk};

use crate::wire::answer::Pieces;
use crate::world::wire_bytes;

/// Rows in a block.
const BLOCK: usize = 2_000;
const DAY: i64 = 864_000_000_000;

/// A result, ready to be written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub columns: Vec<(String, Ty)>,
    pub chunks: Vec<Arc<Chunk>>,
}

/// How rows and values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A row is an object.
    Graph,
    /// A row is a list; dynamic values are text.
    LogAnalytics,
    /// A row is a list.
    Adx,
}

impl Rows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|c| c.rows()).sum()
    }

    /// Keeps so many rows; true where there were more.
    pub fn cut(&mut self, most: usize) -> bool {
        let more = self.len() > most;
        let mut left = most;
        for chunk in &mut self.chunks {
            let keep = chunk.rows().min(left);
            if keep < chunk.rows() {
                let rows: Vec<u32> = (0..keep as u32).collect();
                *chunk = Arc::new(chunk.take(&rows));
            }
            left -= keep;
        }
        self.chunks.retain(|c| c.rows() > 0);
        more
    }

    /// About how many bytes the rows have as JSON.
    pub fn weight(&self, dialect: Dialect) -> usize {
        let mut sum = 0;
        for (col, (name, _)) in self.columns.iter().enumerate() {
            let key = match dialect {
                Dialect::Graph => name.len() + 4,
                _ => 1,
            };
            for chunk in &self.chunks {
                sum += key * chunk.rows();
                let Some(column) = chunk.column(col) else {
                    continue;
                };
                sum += (0..chunk.rows())
                    .map(|row| column.text(row).map_or(8, |text| text.len() + 2))
                    .sum::<usize>();
            }
        }
        sum
    }

    /// Blocks of rows: chunk, first row, end.
    pub fn blocks(&self) -> Vec<(usize, usize, usize)> {
        let mut blocks = Vec::new();
        for (n, chunk) in self.chunks.iter().enumerate() {
            for from in (0..chunk.rows()).step_by(BLOCK) {
                blocks.push((n, from, (from + BLOCK).min(chunk.rows())));
            }
        }
        blocks
    }

    /// Writes the rows of a block, separated by commas.
    pub fn write(&self, block: (usize, usize, usize), dialect: Dialect, out: &mut Vec<u8>) {
        let (chunk, from, to) = block;
        let Some(chunk) = self.chunks.get(chunk) else {
            return;
        };
        let keys: Vec<Vec<u8>> = self
            .columns
            .iter()
            .map(|(name, ty)| key(name, *ty))
            .collect();
        for row in from..to {
            if row > from {
                out.push(b',');
            }
            out.push(if dialect == Dialect::Graph {
                b'{'
            } else {
                b'['
            });
            for (col, (_, ty)) in self.columns.iter().enumerate() {
                if col > 0 {
                    out.push(b',');
                }
                if let (Dialect::Graph, Some(key)) = (dialect, keys.get(col)) {
                    out.extend_from_slice(key);
                }
                value(chunk.cell(row, col), *ty, dialect, out);
            }
            out.push(if dialect == Dialect::Graph {
                b'}'
            } else {
                b']'
            });
        }
    }
}

/// The key of a column in a row of Graph; long numbers are announced, as the service has been seen to do.
fn key(name: &str, ty: Ty) -> Vec<u8> {
    let mut out = Vec::new();
    if ty == Ty::LONG {
        text(&format!("{name}@odata.type"), &mut out);
        out.extend_from_slice(b":\"#Int64\",");
    }
    text(name, &mut out);
    out.push(b':');
    out
}

/// A JSON string.
pub(crate) fn text(text: &str, out: &mut Vec<u8>) {
    // a vector takes what it is given
    let _ = serde_json::to_writer(out, text);
}

fn value(cell: Cell<'_>, ty: Ty, dialect: Dialect, out: &mut Vec<u8>) {
    match cell {
        Cell::Null if ty == Ty::STRING => out.extend_from_slice(b"\"\""),
        Cell::Null => out.extend_from_slice(b"null"),
        Cell::Bool(b) => out.extend_from_slice(if b { b"true" } else { b"false" }),
        Cell::Int(n) => out.extend_from_slice(n.to_string().as_bytes()),
        Cell::Real(n) if n.is_finite() => {
            out.extend_from_slice(serde_json::Value::from(n).to_string().as_bytes());
        }
        Cell::Real(n) => out.extend_from_slice(if n.is_nan() {
            b"\"NaN\""
        } else if n > 0.0 {
            b"\"Infinity\""
        } else {
            b"\"-Infinity\""
        }),
        Cell::Time(ticks) => instant(ticks, out),
        Cell::Span(ticks) => span(ticks, out),
        Cell::Text(txt) => {
            let exact = txt.exact();
            if is_dynamic(ty) && dialect != Dialect::LogAnalytics && !exact.is_empty() {
                out.extend_from_slice(exact.as_bytes());
            } else {
                text(exact, out);
            }
        }
        Cell::List(_) => out.extend_from_slice(b"null"),
    }
}

fn is_dynamic(ty: Ty) -> bool {
    !matches!(
        ty,
        Ty::BOOL
            | Ty::INT
            | Ty::LONG
            | Ty::REAL
            | Ty::DECIMAL
            | Ty::STRING
            | Ty::DATETIME
            | Ty::TIMESPAN
            | Ty::GUID
    )
}

/// An instant with seven decimals.
fn instant(ticks: i64, out: &mut Vec<u8>) {
    let days = ticks.div_euclid(DAY);
    let rest = ticks.rem_euclid(DAY);
    let (year, month, day) = civil(days);
    let seconds = rest / 10_000_000;
    let text = format!(
        "\"{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:07}Z\"",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60,
        rest % 10_000_000
    );
    out.extend_from_slice(text.as_bytes());
}

/// Year, month and day of a number of days since 1970, by the calendar's 400-year cycle.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `[-][d.]hh:mm:ss[.fffffff]`.
fn span(ticks: i64, out: &mut Vec<u8>) {
    let sign = if ticks < 0 { "-" } else { "" };
    let ticks = ticks.unsigned_abs();
    let days = ticks / DAY as u64;
    let seconds = ticks / 10_000_000 % 86_400;
    let days = if days > 0 {
        format!("{days}.")
    } else {
        String::new()
    };
    let fraction = match ticks % 10_000_000 {
        0 => String::new(),
        part => format!(".{part:07}"),
    };
    let text = format!(
        "\"{sign}{days}{:02}:{:02}:{:02}{fraction}\"",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    );
    out.extend_from_slice(text.as_bytes());
}

/// What stands around the blocks of rows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Frame {
    /// Nothing but a comma between blocks.
    Plain,
    /// Each block is a frame of a progressive answer.
    Fragment,
}

/// Rows that are written while they are sent, and what comes after them.
pub(crate) struct Stream {
    pub rows: Rows,
    pub dialect: Dialect,
    pub frame: Frame,
    pub end: Vec<u8>,
}

impl Pieces for Stream {
    fn piece(&self, n: usize) -> Option<Vec<u8>> {
        let blocks = self.rows.blocks();
        if n > blocks.len() {
            return None;
        }
        let Some(block) = blocks.get(n) else {
            return Some(self.end.clone());
        };
        let mut out = Vec::with_capacity(1 << 18);
        match self.frame {
            Frame::Plain if n > 0 => out.push(b','),
            Frame::Plain => {}
            Frame::Fragment => {
                let count = self.columns();
                let head = format!(
                    ",{{\"FrameType\":\"TableFragment\",\"TableFragmentType\":\"DataAppend\",\"TableId\":1,\"FieldCount\":{count},\"Rows\":["
                );
                out.extend_from_slice(head.as_bytes());
            }
        }
        self.rows.write(*block, self.dialect, &mut out);
        if matches!(self.frame, Frame::Fragment) {
            let done = (n + 1) as f64 / blocks.len() as f64 * 100.0;
            let tail = format!(
                "]}},{{\"FrameType\":\"TableProgress\",\"TableId\":1,\"TableProgress\":{done:.1}}}"
            );
            out.extend_from_slice(tail.as_bytes());
        }
        Some(wire_bytes(out))
    }
}

impl Stream {
    fn columns(&self) -> usize {
        self.rows.columns.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn instants_and_spans() {
        for (ticks, text) in [
            (0, "\"1970-01-01T00:00:00.0000000Z\""),
            (17_726_031_671_234_567, "\"2026-03-04T05:46:07.1234567Z\""),
            (-1, "\"1969-12-31T23:59:59.9999999Z\""),
            (9_515_232_000_000_000, "\"2000-02-26T00:00:00.0000000Z\""),
        ] {
            assert_eq!(written(|out| instant(ticks, out)), text);
        }
        for (ticks, text) in [
            (0, "\"00:00:00\""),
            (-15_000_000, "\"-00:00:01.5000000\""),
            (DAY * 3 + 1, "\"3.00:00:00.0000001\""),
        ] {
            assert_eq!(written(|out| span(ticks, out)), text);
        }
    }
}
