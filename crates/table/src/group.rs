//! How often each value occurs.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use hashbrown::HashMap;

use crate::cancel::Cancel;
use crate::cell::{Cell, Value};
use crate::column::Column;
use crate::selection::Selection;
use crate::table::Table;
use crate::text::Txt;

const LOOK: usize = 4096;

/// Values of a column with their counts, most frequent first, then in exact order. A list counts each of
/// its distinct members once; a null (or an empty list) counts as `Null`. `None` when cancelled.
pub fn group(
    table: &Table,
    rows: &Selection,
    col: usize,
    cancel: &Cancel,
) -> Option<Vec<(Value, u32)>> {
    let mut counts = Counts::default();
    // by (chunk, code), turned into texts at the end
    let mut codes: Vec<Vec<u32>> = table
        .chunks()
        .iter()
        .map(|c| code_space(c.column(col)))
        .collect();
    let mut members = Vec::new();
    for block in rows.rows().chunks(LOOK) {
        if cancel.is_cancelled() {
            return None;
        }
        for row in block {
            let Some((at, local)) = table.locate(*row) else {
                continue;
            };
            let Some(chunk) = table.chunks().get(at) else {
                continue;
            };
            let slots = codes.get_mut(at).map(Vec::as_mut_slice).unwrap_or_default();
            match chunk.column(col) {
                Some(Column::Dict(c)) if !c.is_null(local) => bump(slots, c.codes().get(local)),
                Some(Column::List(c)) if !c.is_null(local) && !c.codes_of(local).is_empty() => {
                    members.clear();
                    members.extend_from_slice(c.codes_of(local));
                    members.sort_unstable();
                    members.dedup();
                    members.iter().for_each(|code| bump(slots, *code as usize));
                }
                _ => counts.add(chunk.cell(local, col)),
            }
        }
    }
    for (chunk, slots) in table.chunks().iter().zip(codes) {
        let values = match chunk.column(col) {
            Some(Column::Dict(c)) => c.values(),
            Some(Column::List(c)) => c.values(),
            _ => continue,
        };
        for (value, count) in values.iter().zip(slots).filter(|(_, count)| *count > 0) {
            *counts.texts.entry(Txt::new(value)).or_default() += count;
        }
    }
    (!cancel.is_cancelled()).then(|| counts.finish())
}

fn code_space(column: Option<&Column>) -> Vec<u32> {
    match column {
        Some(Column::Dict(c)) => vec![0; c.values().len()],
        Some(Column::List(c)) => vec![0; c.values().len()],
        _ => Vec::new(),
    }
}

fn bump(slots: &mut [u32], code: usize) {
    if let Some(count) = slots.get_mut(code) {
        *count += 1;
    }
}

#[derive(Default)]
struct Counts<'t> {
    texts: HashMap<Txt<'t>, u32>,
    ints: HashMap<i64, (Value, u32)>,
    reals: HashMap<u64, u32>,
    bools: [u32; 2],
    nulls: u32,
}

impl<'t> Counts<'t> {
    fn add(&mut self, cell: Cell<'t>) {
        match cell {
            Cell::Text(txt) => *self.texts.entry(txt).or_default() += 1,
            // one column holds one kind of number, so the number alone is the key
            Cell::Int(n) | Cell::Time(n) | Cell::Span(n) => {
                self.ints.entry(n).or_insert_with(|| (cell.to_value(), 0)).1 += 1;
            }
            Cell::Real(n) => *self.reals.entry(n.to_bits()).or_default() += 1,
            Cell::Bool(b) => self.bools[usize::from(b)] += 1,
            Cell::Null | Cell::List(_) => self.nulls += 1,
        }
    }

    fn finish(self) -> Vec<(Value, u32)> {
        let mut groups: Vec<(Value, u32)> = Vec::new();
        groups.extend(
            self.texts
                .into_iter()
                .map(|(txt, count)| (Value::Text(txt.to_text()), count)),
        );
        groups.extend(self.ints.into_values());
        groups.extend(
            self.reals
                .into_iter()
                .map(|(bits, count)| (Value::Real(f64::from_bits(bits)), count)),
        );
        groups.extend([
            (Value::Bool(false), self.bools[0]),
            (Value::Bool(true), self.bools[1]),
        ]);
        groups.push((Value::Null, self.nulls));
        groups.retain(|(_, count)| *count > 0);
        groups.sort_unstable_by(|a, b| Reverse(a.1).cmp(&Reverse(b.1)).then_with(|| a.0.cmp(&b.0)));
        groups
    }
}
