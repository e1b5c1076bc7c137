//! Columns from parts of columns: picked rows, and several one after the other.
//!
//! Both happen while a person types (merging pages, dropping dead rows), so dictionaries are carried over
//! by code; a text is hashed only once for each distinct value.

use crate::bits::Bits;
use crate::builder::{Distinct, ListBuild, TextBuild};
use crate::column::{
    BoolColumn, Codes, Column, DictColumn, IntColumn, ListColumn, MAX_DICT, RealColumn,
};
use crate::schema::Type;
use crate::strings::Strings;

/// Below this many rows packed text looks for repeats again.
const RELOOK: usize = 16_384;

/// A column of nulls.
pub(super) fn nulls(kind: Type, rows: usize) -> Column {
    let none = (rows > 0).then(|| Bits::filled(rows, false));
    match kind {
        Type::Text | Type::Decimal | Type::Guid | Type::Dynamic => {
            let mut build = TextBuild::default();
            (0..rows).for_each(|_| build.null());
            build.finish()
        }
        Type::List => {
            let mut build = ListBuild::default();
            (0..rows).for_each(|_| build.null());
            build.finish()
        }
        Type::Int | Type::Long | Type::Time | Type::Timespan => Column::Int(IntColumn {
            values: vec![0; rows],
            valid: none,
        }),
        Type::Real => Column::Real(RealColumn {
            values: vec![0.0; rows],
            valid: none,
        }),
        Type::Bool => Column::Bool(BoolColumn {
            values: Bits::filled(rows, false),
            valid: none,
        }),
    }
}

/// The given rows in the given order; rows outside of the column are null.
pub(super) fn take(column: &Column, rows: &[u32]) -> Column {
    let len = column.len();
    let at = |row: &u32| *row as usize;
    let inside = rows.iter().all(|row| at(row) < len);
    let valid = || -> Option<Bits> {
        if inside && column.validity().is_none() {
            return None;
        }
        let bits: Bits = rows
            .iter()
            .map(|row| at(row) < len && !column.is_null(at(row)))
            .collect();
        (bits.count() < bits.len()).then_some(bits)
    };
    match column {
        Column::Dict(c) => {
            let (map, values) = used(
                &c.values,
                rows.iter()
                    .filter(|row| c.get(at(row)).is_some())
                    .map(|row| c.codes.get(at(row))),
            );
            if values.len() * 4 > rows.len() {
                return take_text(column, rows);
            }
            let code = |row: &u32| map.get(c.codes.get(at(row))).map_or(0, |code| *code as u16);
            let codes = rows
                .iter()
                .map(|row| {
                    if at(row) < len && !c.is_null(at(row)) {
                        code(row)
                    } else {
                        0
                    }
                })
                .collect();
            Column::Dict(DictColumn {
                codes: Codes::narrow(codes, values.len()),
                values,
                valid: valid(),
            })
        }
        Column::Packed(c) if rows.len() >= RELOOK => {
            let mut values = Strings::with_capacity(
                rows.len(),
                rows.iter().map(|row| c.values.get(at(row)).len()).sum(),
            );
            if rows.iter().all(|row| values.push(c.values.get(at(row)))) {
                Column::of_strings(values, valid()).unwrap_or_else(|| take_text(column, rows))
            } else {
                take_text(column, rows)
            }
        }
        Column::Packed(_) => take_text(column, rows),
        Column::List(c) => {
            let all = rows
                .iter()
                .flat_map(|row| c.codes_of(at(row)))
                .map(|code| *code as usize);
            let (map, values) = used(&c.values, all);
            let mut offsets = Vec::with_capacity(rows.len() + 1);
            let mut codes = Vec::new();
            offsets.push(0);
            for row in rows {
                codes.extend(
                    c.codes_of(at(row))
                        .iter()
                        .filter_map(|code| map.get(*code as usize)),
                );
                offsets.push(codes.len() as u32);
            }
            Column::List(ListColumn {
                offsets,
                codes,
                values,
                valid: valid(),
            })
        }
        Column::Int(c) => Column::Int(IntColumn {
            values: rows
                .iter()
                .map(|r| c.values.get(at(r)).copied().unwrap_or(0))
                .collect(),
            valid: valid(),
        }),
        Column::Real(c) => Column::Real(RealColumn {
            values: rows
                .iter()
                .map(|r| c.values.get(at(r)).copied().unwrap_or(0.0))
                .collect(),
            valid: valid(),
        }),
        Column::Bool(c) => Column::Bool(BoolColumn {
            values: rows.iter().map(|r| c.values.get(at(r))).collect(),
            valid: valid(),
        }),
    }
}

/// The values that the codes name, and the new code of each old one.
fn used(values: &Strings, codes: impl Iterator<Item = usize>) -> (Vec<u32>, Strings) {
    const UNUSED: u32 = u32::MAX;
    let mut map = vec![UNUSED; values.len()];
    for code in codes {
        if let Some(new) = map.get_mut(code) {
            *new = 0;
        }
    }
    let mut kept = Strings::default();
    for (new, value) in map
        .iter_mut()
        .zip(values.iter())
        .filter(|(new, _)| **new != UNUSED)
    {
        *new = kept.len() as u32;
        kept.push(value);
    }
    kept.shrink();
    (map, kept)
}

fn take_text(column: &Column, rows: &[u32]) -> Column {
    let mut build = TextBuild::default();
    for row in rows {
        match column
            .text(*row as usize)
            .filter(|_| (*row as usize) < column.len())
        {
            Some(text) => build.push(text),
            None => build.null(),
        }
    }
    build.finish()
}

/// One column after the other; `None` where text would pass 4 GiB.
pub(super) fn concat(columns: &[&Column]) -> Option<Column> {
    let rows: usize = columns.iter().map(|c| c.len()).sum();
    Some(match columns.first()? {
        Column::Dict(_) | Column::Packed(_) => return concat_text(columns, rows),
        Column::List(_) => return concat_lists(columns, rows),
        Column::Int(_) => {
            let mut values = Vec::with_capacity(rows);
            for column in columns {
                if let Column::Int(c) = column {
                    values.extend_from_slice(&c.values);
                }
            }
            Column::Int(IntColumn {
                values,
                valid: joined_validity(columns),
            })
        }
        Column::Real(_) => {
            let mut values = Vec::with_capacity(rows);
            for column in columns {
                if let Column::Real(c) = column {
                    values.extend_from_slice(&c.values);
                }
            }
            Column::Real(RealColumn {
                values,
                valid: joined_validity(columns),
            })
        }
        Column::Bool(_) => {
            let mut values = Bits::default();
            for column in columns {
                if let Column::Bool(c) = column {
                    values.extend(&c.values);
                }
            }
            Column::Bool(BoolColumn {
                values,
                valid: joined_validity(columns),
            })
        }
    })
}

fn joined_validity(columns: &[&Column]) -> Option<Bits> {
    if columns.iter().all(|c| c.validity().is_none()) {
        return None;
    }
    let mut bits = Bits::default();
    for column in columns {
        match column.validity() {
            Some(valid) => bits.extend(valid),
            None => bits.extend_with(column.len(), true),
        }
    }
    Some(bits)
}

fn concat_text(columns: &[&Column], rows: usize) -> Option<Column> {
    if let Some(column) = concat_dicts(columns, rows) {
        return Some(column);
    }
    if rows >= RELOOK && columns.iter().all(|c| matches!(c, Column::Packed(_))) {
        let mut values = Strings::with_capacity(rows, columns.iter().map(|c| text_bytes(c)).sum());
        for column in columns {
            if let Column::Packed(packed) = column
                && !values.extend(&packed.values)
            {
                return None;
            }
        }
        return Column::of_strings(values, joined_validity(columns));
    }
    let bytes: usize = columns.iter().map(|c| text_bytes(c)).sum();
    u32::try_from(bytes).ok()?;
    let mut build = TextBuild::default();
    for column in columns {
        for row in 0..column.len() {
            match column.text(row) {
                Some(text) => build.push(text),
                None => build.null(),
            }
        }
    }
    Some(build.finish())
}

/// `None` where not all are dictionaries, or the values together are too many for one.
fn concat_dicts(columns: &[&Column], rows: usize) -> Option<Column> {
    let dicts = columns
        .iter()
        .map(|column| {
            if let Column::Dict(c) = column {
                Some(c)
            } else {
                None
            }
        })
        .collect::<Option<Vec<_>>>()?;
    let mut distinct = Distinct::default();
    let mut codes: Vec<u16> = Vec::with_capacity(rows);
    for dict in dicts {
        let map = joined_codes(&mut distinct, &dict.values)?;
        if distinct.values.len() > MAX_DICT || distinct.values.len() * 4 > rows {
            return None;
        }
        match &dict.codes {
            Codes::U8(old) => codes.extend(
                old.iter()
                    .map(|c| map.get(usize::from(*c)).map_or(0, |c| *c as u16)),
            ),
            Codes::U16(old) => codes.extend(
                old.iter()
                    .map(|c| map.get(usize::from(*c)).map_or(0, |c| *c as u16)),
            ),
        }
    }
    let mut values = distinct.values;
    values.shrink();
    let codes = Codes::narrow(codes, values.len());
    Some(Column::Dict(DictColumn {
        codes,
        values,
        valid: joined_validity(columns),
    }))
}

/// The code that each of these values has among all.
fn joined_codes(distinct: &mut Distinct, values: &Strings) -> Option<Vec<u32>> {
    values.iter().map(|value| distinct.code(value)).collect()
}

fn concat_lists(columns: &[&Column], rows: usize) -> Option<Column> {
    let mut distinct = Distinct::default();
    let mut offsets = Vec::with_capacity(rows + 1);
    offsets.push(0);
    let mut codes: Vec<u32> = Vec::new();
    for column in columns {
        let Column::List(list) = column else {
            return None;
        };
        let map = joined_codes(&mut distinct, &list.values)?;
        let base = codes.len();
        u32::try_from(base + list.codes.len()).ok()?;
        codes.extend(list.codes.iter().filter_map(|code| map.get(*code as usize)));
        offsets.extend(list.offsets.iter().skip(1).map(|at| base as u32 + at));
    }
    let mut values = distinct.values;
    values.shrink();
    codes.shrink_to_fit();
    Some(Column::List(ListColumn {
        offsets,
        codes,
        values,
        valid: joined_validity(columns),
    }))
}

/// Bytes of text when written out.
fn text_bytes(column: &Column) -> usize {
    match column {
        Column::Dict(c) => (0..c.codes.len())
            .map(|row| c.get(row).map_or(0, str::len))
            .sum(),
        Column::Packed(c) => c.values.bytes().len(),
        _ => 0,
    }
}
