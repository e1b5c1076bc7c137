//! Rows to groups by their keys. Each part finds its own distinct keys, then those few are
//! numbered for all; groups are numbered in the order in which they first appear.

use super::guard::Guard;
use super::value::{Kind, Val};
use super::vector::{Build, Vector};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use std::hash::BuildHasher;
use std::sync::Arc;
use table::Column;

/// The distinct values of a key in one part.
pub(super) struct Local {
    /// For each row the number of its value.
    pub codes: Vec<u32>,
    /// For each value the row it first stands in.
    pub first: Vec<u32>,
}

/// Groups of all parts.
pub(super) struct Groups {
    /// For each part the group of each row.
    pub ids: Vec<Vec<u32>>,
    /// How many.
    pub count: usize,
    /// For each key its value a group.
    pub keys: Vec<Vector>,
}

/// Numbers the values of a key within a part.
pub(super) fn local(v: &Vector, kind: Kind, rows: usize) -> Local {
    let mut first = Vec::new();
    let codes = match v {
        Vector::Const(..) => {
            if rows > 0 {
                first.push(0);
            }
            vec![0; rows]
        }
        Vector::Data(c, sel) => match &**c {
            Column::Dict(d) => {
                let none = d.values().len();
                // texts that are missing and texts that are empty are the same
                let null = if kind == Kind::String {
                    d.values().iter().position(|s| s.is_empty()).unwrap_or(none)
                } else {
                    none
                };
                let mut map = vec![u32::MAX; none + 1];
                let n = d.codes().len();
                let mut out = Vec::with_capacity(rows);
                let mut put = |i: usize, code: usize| {
                    let slot = &mut map[code];
                    if *slot == u32::MAX {
                        *slot = first.len() as u32;
                        first.push(i as u32);
                    }
                    out.push(*slot);
                };
                match (sel, c.validity(), d.codes()) {
                    (None, None, table::Codes::U8(x)) => {
                        x.iter()
                            .enumerate()
                            .for_each(|(i, c)| put(i, usize::from(*c)));
                    }
                    (None, None, table::Codes::U16(x)) => {
                        x.iter()
                            .enumerate()
                            .for_each(|(i, c)| put(i, usize::from(*c)));
                    }
                    _ => (0..rows).for_each(|i| {
                        let r = Vector::row(sel, i);
                        put(
                            i,
                            if r >= n || d.is_null(r) {
                                null
                            } else {
                                d.codes().get(r)
                            },
                        );
                    }),
                }
                out
            }
            Column::Packed(p) => {
                let hasher = DefaultHashBuilder::default();
                let mut table: HashTable<u32> = HashTable::new();
                let null_is_empty = kind == Kind::String;
                let at = |i: usize| -> Option<&[u8]> {
                    let r = Vector::row(sel, i);
                    if r < p.values().len() && !c.is_null(r) {
                        Some(p.values().get_bytes(r))
                    } else if null_is_empty {
                        Some(&[])
                    } else {
                        None
                    }
                };
                let mut out = Vec::with_capacity(rows);
                for i in 0..rows {
                    let s = at(i);
                    let h = hasher.hash_one(s);
                    let e = table.entry(
                        h,
                        |k| at(first[*k as usize] as usize) == s,
                        |k| hasher.hash_one(at(first[*k as usize] as usize)),
                    );
                    let code = match e {
                        hashbrown::hash_table::Entry::Occupied(o) => *o.get(),
                        hashbrown::hash_table::Entry::Vacant(v) => {
                            let code = first.len() as u32;
                            v.insert(code);
                            first.push(i as u32);
                            code
                        }
                    };
                    out.push(code);
                }
                out
            }
            _ => {
                let mut map: HashMap<(bool, u64), u32> = HashMap::new();
                let mut last: Option<((bool, u64), u32)> = None;
                let mut out = Vec::with_capacity(rows);
                for i in 0..rows {
                    let key = match v.val(kind, i) {
                        Val::Long(n) | Val::Date(n) | Val::Span(n) => (true, n as u64),
                        Val::Bool(b) => (true, u64::from(b)),
                        // one zero, one NaN
                        Val::Real(0.0) => (true, 0),
                        Val::Real(n) if n.is_nan() => (true, f64::NAN.to_bits()),
                        Val::Real(n) => (true, n.to_bits()),
                        _ => (false, 0),
                    };
                    if let Some((k, code)) = last
                        && k == key
                    {
                        out.push(code);
                        continue;
                    }
                    let code = *map.entry(key).or_insert_with(|| {
                        first.push(i as u32);
                        first.len() as u32 - 1
                    });
                    last = Some((key, code));
                    out.push(code);
                }
                out
            }
        },
    };
    Local { codes, first }
}

/// The distinct values of one key over all parts: for each part its numbers, then the values.
pub(super) fn unify(
    parts: &[(&Vector, &Local)],
    kind: Kind,
    guard: &Guard,
) -> (Vec<Vec<u32>>, Vector) {
    if let [(v, l)] = parts {
        let map = (0..l.first.len() as u32).collect();
        return (vec![map], v.take(&l.first));
    }
    let mut build = Build::new(kind);
    let mut maps = Vec::with_capacity(parts.len());
    if kind.is_text() {
        let mut known: HashMap<Option<&str>, u32> = HashMap::new();
        let mut held = 0;
        for (v, l) in parts {
            let before = build.bytes();
            let map = l
                .first
                .iter()
                .map(|row| {
                    let s = v.str_at(*row as usize);
                    let s = if kind == Kind::String {
                        Some(s.unwrap_or(""))
                    } else {
                        s
                    };
                    *known.entry(s).or_insert_with(|| {
                        match s {
                            Some(s) => build.push_str(s),
                            None => build.null(),
                        }
                        build.len() as u32 - 1
                    })
                })
                .collect();
            maps.push(map);
            // the values, and what the table of them takes a value
            let grown = build.bytes() - before + known.capacity() * 25 - held;
            held = known.capacity() * 25;
            if guard.charge(grown) | guard.step(l.first.len() as u64) {
                break;
            }
        }
    } else {
        let mut known: HashMap<(bool, u64), u32> = HashMap::new();
        let mut held = 0;
        for (v, l) in parts {
            let before = build.bytes();
            let map = l
                .first
                .iter()
                .map(|row| {
                    let val = v.val(kind, *row as usize);
                    let key = match &val {
                        Val::Long(n) | Val::Date(n) | Val::Span(n) => (true, *n as u64),
                        Val::Bool(b) => (true, u64::from(*b)),
                        Val::Real(n) if *n == 0.0 => (true, 0),
                        Val::Real(n) if n.is_nan() => (true, f64::NAN.to_bits()),
                        Val::Real(n) => (true, n.to_bits()),
                        _ => (false, 0),
                    };
                    *known.entry(key).or_insert_with(|| {
                        build.push(val);
                        build.len() as u32 - 1
                    })
                })
                .collect();
            maps.push(map);
            // the values, and what the table of them takes a value
            let grown = build.bytes() - before + known.capacity() * 25 - held;
            held = known.capacity() * 25;
            if guard.charge(grown) | guard.step(l.first.len() as u64) {
                break;
            }
        }
    }
    (maps, build.finish())
}

/// Groups of several keys; `locals[part][key]`. Not all of them where the guard ends the query.
pub(super) fn group(
    keys: &[Vec<Vector>],
    locals: Vec<Vec<Local>>,
    kinds: &[Kind],
    guard: &Guard,
) -> Groups {
    let n = kinds.len();
    let mut distinct = Vec::with_capacity(n);
    let mut maps: Vec<Vec<Vec<u32>>> = Vec::with_capacity(n);
    for (k, kind) in kinds.iter().enumerate() {
        let list: Vec<(&Vector, &Local)> = keys
            .iter()
            .zip(&locals)
            .map(|(v, l)| (&v[k], &l[k]))
            .collect();
        let (m, values) = unify(&list, *kind, guard);
        maps.push(m);
        distinct.push(values);
    }
    if n == 1 {
        let map = maps.pop().unwrap_or_default();
        let ids = locals
            .into_iter()
            .zip(map)
            .map(|(mut l, m)| {
                let mut codes = l.pop().map(|l| l.codes).unwrap_or_default();
                codes
                    .iter_mut()
                    .for_each(|c| *c = m.get(*c as usize).copied().unwrap_or(0));
                codes
            })
            .collect();
        let values = distinct.pop();
        return Groups {
            ids,
            count: values.as_ref().map_or(0, Vector::len),
            keys: values.into_iter().collect(),
        };
    }
    let sizes: Vec<usize> = distinct.iter().map(Vector::len).collect();
    let product: Option<usize> = sizes.iter().try_fold(1usize, |a, b| a.checked_mul(*b));
    let mut codes: Vec<Vec<u32>> = vec![Vec::new(); n];
    let mut count = 0u32;
    let mut ids = Vec::with_capacity(locals.len());
    let mut dense = match product {
        Some(p) if p <= 1 << 20 => Some(vec![u32::MAX; p]),
        _ => None,
    };
    let mut sparse: HashMap<u128, u32> = HashMap::new();
    let mut wide: HashMap<Box<[u32]>, u32> = HashMap::new();
    let bits: Vec<u32> = sizes
        .iter()
        .map(|s| usize::BITS - s.leading_zeros())
        .collect();
    let narrow = bits.iter().sum::<u32>() <= 128;
    for (p, l) in locals.iter().enumerate() {
        let rows = l.first().map_or(0, |l| l.codes.len());
        if guard.step(rows as u64) {
            break;
        }
        let before = sparse.capacity() * 21 + wide.capacity() * (21 + 4 * n);
        let mut out = Vec::with_capacity(rows);
        let mut row = vec![0u32; n];
        for i in 0..rows {
            for k in 0..n {
                row[k] = maps[k][p][l[k].codes[i] as usize];
            }
            let slot: &mut u32 = if let Some(d) = &mut dense {
                let at = row
                    .iter()
                    .zip(&sizes)
                    .fold(0usize, |a, (c, s)| a * s + *c as usize);
                &mut d[at]
            } else if narrow {
                let key = row
                    .iter()
                    .zip(&bits)
                    .fold(0u128, |a, (c, b)| (a << b) | u128::from(*c));
                sparse.entry(key).or_insert(u32::MAX)
            } else {
                wide.entry(row.clone().into()).or_insert(u32::MAX)
            };
            if *slot == u32::MAX {
                *slot = count;
                count += 1;
                for k in 0..n {
                    codes[k].push(row[k]);
                }
            }
            out.push(*slot);
        }
        let after = sparse.capacity() * 21 + wide.capacity() * (21 + 4 * n);
        if guard.charge(rows * 4 + after - before) {
            break;
        }
        ids.push(out);
    }
    let keys = distinct
        .into_iter()
        .zip(codes)
        .map(|(v, c)| match v {
            Vector::Data(col, None) => Vector::Data(col, Some(Arc::from(c))),
            v => v.take(&c),
        })
        .collect();
    Groups {
        ids,
        count: count as usize,
        keys,
    }
}
