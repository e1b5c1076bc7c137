//! `make-series`: values on an even axis, an array a group.

use super::expr::Expr;
use super::rel::{PART_ROWS, Part, Rel};
use super::session::{Res, Session};
use super::summarize::Aggs;
use super::value::{Kind, Val};
use super::vector::{Build, Vector, of_ints};
use crate::syntax::{Id, N};
use hashbrown::HashMap;
use table::Bits;

const MOST_POINTS: i64 = 1_048_576;

/// The axis: its first point, step and number of points. Reals are their own kind.
struct Axis {
    from: f64,
    step: f64,
    from_ticks: i64,
    step_ticks: i64,
    points: i64,
    real: bool,
}

impl Axis {
    fn place(&self, v: &Val) -> Option<i64> {
        let n = if self.real {
            let x = v.real()?;
            ((x - self.from) / self.step).floor() as i64
        } else {
            let x = v.long()?;
            (i128::from(x) - i128::from(self.from_ticks)).div_euclid(i128::from(self.step_ticks))
                as i64
        };
        (0..self.points).contains(&n).then_some(n)
    }
    fn point(&self, i: i64, kind: Kind) -> Val<'static> {
        if self.real {
            return Val::Real(self.from + self.step * i as f64);
        }
        let n = self.from_ticks + self.step_ticks * i;
        match kind {
            Kind::Datetime => Val::Date(n),
            Kind::Timespan => Val::Span(n),
            _ => Val::Long(n),
        }
    }
}

impl Session<'_> {
    pub(super) fn make_series(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let t = self.t();
        let mut items: Vec<(Id, Option<Id>)> = Vec::new();
        let (mut on, mut by) = (None, Vec::new());
        let (mut from, mut to, mut step, mut inclusive) = (None, None, None, false);
        let kids: Vec<Id> = t.children(node).collect();
        for c in kids {
            match t.kind(c) {
                N::MakeSeriesItem => {
                    let d = t.child_of(c, N::Default).and_then(|d| t.child(d, 0));
                    if let Some(e) = t.child(c, 0) {
                        items.push((e, d));
                    }
                }
                N::MakeSeriesOn => on = t.child(c, 0),
                N::FromToStep => {
                    for p in t.children(c) {
                        match t.kind(p) {
                            N::From => from = t.child(p, 0),
                            N::To => to = t.child(p, 0),
                            N::Step => step = t.child(p, 0),
                            _ => step = Some(p),
                        }
                    }
                }
                N::InRange => {
                    let p: Vec<Id> = t.children(c).collect();
                    (from, to, step) = (p.first().copied(), p.get(1).copied(), p.get(2).copied());
                    inclusive = true;
                }
                N::By => by = t.children(c).filter(|x| t.kind(*x) != N::ByBin).collect(),
                _ => {}
            }
        }
        let Some(on) = on else {
            return self.unsupported(node, "make-series without `on`");
        };
        let on_expr = self.compile(on)?;
        let kind = on_expr.kind;
        let mut keys = Vec::new();
        for b in &by {
            keys.push(self.compile(*b)?);
        }
        let bounds: Vec<Option<Val<'static>>> = {
            let mut out = Vec::new();
            for b in [from, to, step] {
                let row = self.b.row.clone();
                out.push(match b {
                    Some(b) => Some(self.constant(b)?),
                    None => None,
                });
                self.b.row = row;
            }
            out
        };
        self.b.row = Some(input.table.clone());
        let Some(axis) = self.axis(&input, &on_expr, &bounds, inclusive)? else {
            return Ok(Rel::empty(table));
        };
        if axis.points > MOST_POINTS {
            return self.limit(node, "the series has more than 1,048,576 points");
        }
        // rows within the axis, with their place on it
        let base = keys.len() + 1;
        let outer = self.aggs.replace(Aggs {
            width: base,
            ..Aggs::default()
        });
        let mut values = Vec::new();
        let mut defaults = Vec::new();
        let result = (|| {
            for (e, d) in &items {
                values.push(self.nth_value(*e, 0)?);
                defaults.push(match d {
                    Some(d) => Some(self.compile(*d)?.value().cloned().unwrap_or(Val::Null)),
                    None => None,
                });
            }
            Ok(())
        })();
        let aggs = std::mem::replace(&mut self.aggs, outer).unwrap_or_default();
        result?;
        let width = input.width();
        let placed = self.each_part(&input.parts, |p, cx| {
            let v = on_expr.eval(p, cx);
            let mut place = Vec::with_capacity(p.rows);
            let mut rows = Vec::with_capacity(p.rows);
            for i in 0..p.rows {
                if let Some(n) = axis.place(&v.val(kind, i)) {
                    place.push(n);
                    rows.push(i as u32);
                }
            }
            let mut part = if rows.len() == p.rows {
                p.clone()
            } else {
                p.take(&rows)
            };
            part.cols.push(of_ints(place, None::<Bits>));
            part
        })?;
        let with_place = input.with(placed.into_iter().filter(|p| p.rows > 0).collect());
        let mut all = keys.clone();
        all.push(Expr::col(width, Kind::Long));
        let grouped = self.aggregated(&with_place, &all, aggs.specs, false)?;
        // a series for each group of keys, in order of appearance
        let mut order: Vec<(usize, usize)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut cells: Vec<HashMap<i64, (usize, usize)>> = Vec::new();
        for (pi, p) in grouped.iter().enumerate() {
            for i in 0..p.rows {
                if i % PART_ROWS == PART_ROWS - 1 {
                    self.guard.step(PART_ROWS as u64);
                    self.check()?;
                }
                let mut key = String::new();
                for (k, e) in keys.iter().enumerate() {
                    key.push_str(&p.cols[k].val(e.kind, i).json());
                    key.push('\u{1}');
                }
                let n = known.len();
                let g = *known.entry(key).or_insert(n);
                if g == cells.len() {
                    cells.push(HashMap::new());
                    order.push((pi, i));
                }
                if let Some(place) = p.cols.get(keys.len()).and_then(|c| c.int_at(i)) {
                    cells[g].insert(place, (pi, i));
                }
            }
        }
        let empty = by.is_empty() && order.is_empty();
        if empty {
            cells.push(HashMap::new());
        }
        let evaluated: Vec<Vec<Vector>> = grouped
            .iter()
            .map(|p| values.iter().map(|e| e.eval(p, &mut self.cx)).collect())
            .collect();
        // a digit and a comma for each point of each series, at least, and then as it is
        let least = cells
            .len()
            .saturating_mul(axis.points as usize)
            .saturating_mul(2);
        let room = self.guard.room();
        if least.saturating_mul(items.len().max(1)) > room {
            return self.limit(node, "the series hold more than the memory limit allows");
        }
        let mut axis_text = String::from("[");
        for i in 0..axis.points {
            if i > 0 {
                axis_text.push(',');
            }
            axis_text.push_str(&axis.point(i, kind).json());
        }
        axis_text.push(']');
        let mut cols: Vec<Vector> = Vec::new();
        for c in table.cols.iter() {
            let k = Kind::of(c.ty);
            let origin = self.origin(c).map(|o| o.0);
            if let Some(i) = by.iter().position(|b| Some(*b) == origin) {
                let mut b = Build::new(k);
                for (pi, row) in &order {
                    b.push(grouped[*pi].cols[i].val(keys[i].kind, *row));
                }
                cols.push(b.finish());
            } else if let Some(i) = items.iter().position(|(e, _)| Some(*e) == origin) {
                let mut b = Build::new(Kind::Dynamic);
                let fill = match &defaults[i] {
                    Some(d) => d.json().into_owned(),
                    None if values[i].kind == Kind::Real => "0.0".into(),
                    None => "0".into(),
                };
                for cell in &cells {
                    let mut s = String::from("[");
                    for x in 0..axis.points {
                        if x > 0 {
                            s.push(',');
                        }
                        match cell.get(&x) {
                            Some((pi, row)) => {
                                s.push_str(&evaluated[*pi][i].val(values[i].kind, *row).json());
                            }
                            None => s.push_str(&fill),
                        }
                    }
                    s.push(']');
                    b.push_str(&s);
                    self.guard.charge(s.len());
                    self.guard.step(axis.points as u64);
                    self.check()?;
                }
                cols.push(b.finish());
            } else {
                cols.push(Vector::constant(
                    super::value::dynamic(axis_text.clone()).owned(),
                    cells.len(),
                ));
            }
        }
        let rows = cells.len();
        Ok(Rel::one(table, Part { rows, cols }))
    }

    fn axis(
        &mut self,
        input: &Rel,
        on: &Expr,
        bounds: &[Option<Val<'static>>],
        inclusive: bool,
    ) -> Res<Option<Axis>> {
        let [from, to, step] = bounds else {
            return Ok(None);
        };
        let kind = on.kind;
        let real = matches!(kind, Kind::Real | Kind::Decimal);
        let (mut low, mut high): (Option<f64>, Option<f64>) = (None, None);
        let (mut low_n, mut high_n): (Option<i64>, Option<i64>) = (None, None);
        if from.is_none() || to.is_none() {
            for p in &input.parts {
                self.guard.step(p.rows as u64);
                self.check()?;
                let v = on.eval(p, &mut self.cx);
                for i in 0..p.rows {
                    let x = v.val(kind, i);
                    if let Some(n) = x.long() {
                        low_n = Some(low_n.map_or(n, |l| l.min(n)));
                        high_n = Some(high_n.map_or(n, |h| h.max(n)));
                    }
                    if let Some(n) = x.real() {
                        low = Some(low.map_or(n, |l: f64| l.min(n)));
                        high = Some(high.map_or(n, |h: f64| h.max(n)));
                    }
                }
            }
        }
        if real {
            let step = step.as_ref().and_then(Val::real).unwrap_or(1.0);
            let first = from.as_ref().and_then(Val::real).or(low);
            let last = to.as_ref().and_then(Val::real).or(high);
            let (Some(first), Some(last)) = (first, last) else {
                return Ok(None);
            };
            if step <= 0.0 || !step.is_finite() {
                return Ok(None);
            }
            let first = if from.is_some() {
                first
            } else {
                (first / step).floor() * step
            };
            let n = (last - first) / step;
            let points = if to.is_some() && !inclusive {
                n.ceil()
            } else {
                n.floor() + 1.0
            };
            return Ok(Some(Axis {
                from: first,
                step,
                from_ticks: 0,
                step_ticks: 1,
                points: points.clamp(0.0, 1e15) as i64,
                real: true,
            }));
        }
        let step = step.as_ref().and_then(Val::long).unwrap_or(1);
        let first = from.as_ref().and_then(Val::long).or(low_n);
        let last = to.as_ref().and_then(Val::long).or(high_n);
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(None);
        };
        if step <= 0 {
            return Ok(None);
        }
        let zero = if kind == Kind::Datetime {
            super::time::YEAR_1_TO_1970
        } else {
            0
        };
        let first = if from.is_some() {
            first
        } else {
            (first + zero).div_euclid(step) * step - zero
        };
        let span = i128::from(last) - i128::from(first);
        let points = if to.is_some() && !inclusive {
            (span + i128::from(step) - 1).div_euclid(i128::from(step))
        } else {
            span.div_euclid(i128::from(step)) + 1
        };
        Ok(Some(Axis {
            from: 0.0,
            step: 1.0,
            from_ticks: first,
            step_ticks: step,
            points: points.clamp(0, 1 << 60) as i64,
            real: false,
        }))
    }
}
