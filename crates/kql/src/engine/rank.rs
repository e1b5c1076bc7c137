//! Values in order: each key of a sort becomes a number a row that sorts as its values do, as far as
//! 64 bits can tell; where they cannot, the values are compared. Rows are sorted in runs, by several
//! threads, and the runs are merged.

use super::guard::Guard;
use super::order::Key;
use super::rel::PART_ROWS;
use super::value::{Kind, Val};
use super::vector::Vector;
use std::cmp::Ordering;
use std::sync::Mutex;

/// A key of a sort with its values.
pub(super) struct Lane {
    /// One a row, already the other way round where the key descends.
    numbers: Vec<u64>,
    /// Where equal numbers may stand for unlike values.
    full: Option<Full>,
}

struct Full {
    values: Vector,
    kind: Kind,
    desc: bool,
    nulls_first: bool,
}

/// The order of any two values: numbers, truths, instants, spans, texts, the rest; null is apart.
/// Numbers go by one measure first, or three of unlike types could go round in a circle.
pub(super) fn total(x: &Val, y: &Val) -> Ordering {
    let class = |v: &Val| match v {
        Val::Long(_) | Val::Real(_) | Val::Dec(_) => 0,
        Val::Bool(_) => 1,
        Val::Date(_) => 2,
        Val::Span(_) => 3,
        Val::Str(_) | Val::Guid(_) => 4,
        Val::Dyn(_) => 5,
        Val::Null => 6,
    };
    let measure = |v: &Val| match class(v) {
        0 => real(v.real().unwrap_or(f64::NAN)),
        _ => 0,
    };
    let sort = |v: &Val| match v {
        Val::Long(_) => 0,
        Val::Real(_) => 1,
        _ => 2,
    };
    let numbers = class(x) == 0;
    class(x)
        .cmp(&class(y))
        .then_with(|| measure(x).cmp(&measure(y)))
        .then_with(|| match (x, y) {
            _ if numbers && sort(x) != sort(y) => sort(x).cmp(&sort(y)),
            _ => super::eval::ops::order(x, y).unwrap_or(Ordering::Equal),
        })
}

/// A real number as one that sorts the same; what is no number is below all.
fn real(n: f64) -> u64 {
    if n.is_nan() {
        return 0;
    }
    // one zero
    let bits = (n + 0.0).to_bits();
    if bits >> 63 == 0 {
        bits | 1 << 63
    } else {
        !bits
    }
}

/// The first seven bytes of a text.
fn head(s: &str) -> u64 {
    let mut eight = [0u8; 8];
    for (to, from) in eight[1..].iter_mut().zip(s.bytes()) {
        *to = from;
    }
    u64::from_be_bytes(eight)
}

impl Full {
    fn compare(&self, a: usize, b: usize) -> Ordering {
        let turn = |o: Ordering| if self.desc { o.reverse() } else { o };
        let null = |x: bool, y: bool| match (x, y) {
            (true, true) => Some(Ordering::Equal),
            (false, false) => None,
            (first, _) if first == self.nulls_first => Some(Ordering::Less),
            _ => Some(Ordering::Greater),
        };
        if self.kind.is_text() && self.kind != Kind::Dynamic {
            let (x, y) = (self.values.str_at(a), self.values.str_at(b));
            let (x, y) = (x.unwrap_or(""), y.unwrap_or(""));
            return null(x.is_empty(), y.is_empty()).unwrap_or_else(|| turn(x.cmp(y)));
        }
        let (x, y) = (self.values.val(self.kind, a), self.values.val(self.kind, b));
        null(x.is_null(), y.is_null()).unwrap_or_else(|| turn(total(&x.plain(), &y.plain())))
    }
}

impl Lane {
    /// The values of a key.
    pub fn of(key: &Key, values: Vector, rows: usize) -> Lane {
        let kind = key.expr.kind;
        let turn = |n: u64| if key.desc { !n } else { n };
        // a part of the range for values, so that nulls have a place at either end
        let room = |n: Option<u64>| match n {
            Some(n) => (turn(n) >> 2) + (1 << 62),
            None if key.nulls_first => 0,
            None => u64::MAX,
        };
        let nulls = values.has_nulls();
        let mut exact = false;
        let numbers: Vec<u64> = if kind.is_int()
            && let Some((x, valid)) = super::kernels::ints(&values, rows)
        {
            let number = |n: i64| n as u64 ^ 1 << 63;
            match valid {
                None => {
                    exact = true;
                    x.iter().map(|n| turn(number(*n))).collect()
                }
                Some(valid) => (0..rows)
                    .map(|i| room(x.get(i).filter(|_| valid.get(i)).map(|n| number(*n))))
                    .collect(),
            }
        } else if kind == Kind::Real && !nulls {
            exact = true;
            let of = |i| values.val(kind, i).real().unwrap_or(f64::NAN);
            (0..rows).map(|i| turn(real(of(i)))).collect()
        } else if matches!(kind, Kind::Real | Kind::Bool | Kind::Decimal) {
            (0..rows)
                .map(|i| room(values.val(kind, i).real().map(real)))
                .collect()
        } else if let Some((d, sel)) = values.dict()
            && kind != Kind::Dynamic
        {
            exact = true;
            let place = places(d);
            (0..rows)
                .map(|i| {
                    let r = Vector::row(sel, i);
                    let some = r < d.codes().len() && !d.is_null(r);
                    let place = some.then(|| place[d.codes().get(r)]).filter(|p| *p > 0);
                    room(place.map(|p| u64::from(p) << 2))
                })
                .collect()
        } else if kind.is_text() && kind != Kind::Dynamic {
            (0..rows)
                .map(|i| {
                    let text = values.str_at(i).filter(|s| !s.is_empty());
                    room(text.map(|s| head(s) << 2))
                })
                .collect()
        } else {
            vec![0; rows]
        };
        Lane {
            numbers,
            full: (!exact).then_some(Full {
                values,
                kind,
                desc: key.desc,
                nulls_first: key.nulls_first,
            }),
        }
    }
    fn number(&self, row: usize) -> u64 {
        self.numbers.get(row).copied().unwrap_or(0)
    }
}

/// The place of each value of a dictionary in their order, from 1; none of the empty text.
fn places(d: &table::DictColumn) -> Vec<u32> {
    let values = d.values();
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_unstable_by_key(|i| values.get(*i as usize));
    let mut place = vec![0u32; order.len()];
    let (mut last, mut n) = ("", 0);
    for i in order {
        let s = values.get(i as usize);
        if s != last {
            n += 1;
            last = s;
        }
        place[i as usize] = n;
    }
    place
}

/// A row with its number in the first lane.
type Entry = (u64, u32);

/// The rows in the order of the lanes, then as they come; with `most`, only the first of them. Not all
/// of them where the guard ends the query.
pub(super) fn sorted(
    lanes: &[Lane],
    rows: usize,
    most: Option<usize>,
    guard: &Guard,
    threads: usize,
) -> Vec<u32> {
    let most = most.unwrap_or(rows).min(rows);
    let mut all: Vec<Entry> = (0..rows)
        .map(|i| (lanes.first().map_or(0, |l| l.number(i)), i as u32))
        .collect();
    // the entries, the lanes, and a copy while runs are merged
    let held = rows * (2 * size_of::<Entry>() + 8 * lanes.len() + 4);
    if rows > PART_ROWS && guard.charge(held) {
        return Vec::new();
    }
    let rest = |a: u32, b: u32| {
        for (i, l) in lanes.iter().enumerate() {
            let (x, y) = (a as usize, b as usize);
            let mut o = Ordering::Equal;
            if i > 0 {
                o = l.number(x).cmp(&l.number(y));
            }
            if o == Ordering::Equal
                && let Some(f) = &l.full
            {
                o = f.compare(x, y);
            }
            if o != Ordering::Equal {
                return o;
            }
        }
        a.cmp(&b)
    };
    let simple = matches!(lanes, [one] if one.full.is_none());
    let compare = |a: &Entry, b: &Entry| {
        a.0.cmp(&b.0).then_with(|| {
            if simple {
                a.1.cmp(&b.1)
            } else {
                rest(a.1, b.1)
            }
        })
    };
    let run = |run: &mut [Entry]| {
        // as many comparisons as a run of that length takes, about
        if guard.step(run.len() as u64 * 4) {
            return;
        }
        if most > 0 && most < run.len() {
            run.select_nth_unstable_by(most - 1, compare);
            run[..most].sort_unstable_by(compare);
        } else {
            run.sort_unstable_by(compare);
        }
    };
    let shares = Mutex::new(all.chunks_mut(PART_ROWS));
    let work = || {
        while !guard.stopped()
            && let Some(r) = shares.lock().ok().and_then(|mut s| s.next())
        {
            run(r);
        }
    };
    let n = threads.min(rows.div_ceil(PART_ROWS)).max(1);
    if n < 2 {
        work();
    } else {
        std::thread::scope(|s| {
            (1..n).for_each(|_| {
                s.spawn(work);
            });
            work();
        });
    }
    if guard.stopped() {
        return Vec::new();
    }
    let mut runs: Vec<Vec<Entry>> = match rows {
        0..=PART_ROWS => {
            all.truncate(most);
            vec![all]
        }
        _ => all
            .chunks(PART_ROWS)
            .map(|c| c[..most.min(c.len())].to_vec())
            .collect(),
    };
    while runs.len() > 1 && !guard.stopped() {
        let mut next = Vec::with_capacity(runs.len().div_ceil(2));
        let mut list = runs.into_iter();
        while let Some(a) = list.next() {
            next.push(match list.next() {
                Some(b) => merge(&a, &b, most, compare, guard),
                None => a,
            });
        }
        runs = next;
    }
    let first = runs.pop().unwrap_or_default();
    first.into_iter().map(|e| e.1).collect()
}

/// Two runs as one, as long as is asked for.
fn merge<'a>(
    mut a: &'a [Entry],
    mut b: &'a [Entry],
    most: usize,
    compare: impl Fn(&Entry, &Entry) -> Ordering,
    guard: &Guard,
) -> Vec<Entry> {
    let n = (a.len() + b.len()).min(most);
    let mut out = Vec::with_capacity(n);
    while out.len() < n {
        if out.len() % PART_ROWS == PART_ROWS - 1 && guard.step(PART_ROWS as u64) {
            break;
        }
        let from = match (a.first(), b.first()) {
            (Some(x), Some(y)) if compare(x, y) == Ordering::Greater => &mut b,
            (Some(_), _) => &mut a,
            _ => &mut b,
        };
        let Some((first, rest)) = from.split_first() else {
            break;
        };
        out.push(*first);
        *from = rest;
    }
    out
}
