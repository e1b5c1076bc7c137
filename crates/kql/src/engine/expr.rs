//! Expressions over a part of a table: compiled once, evaluated a column at a time. What is a
//! function of one dictionary column is worked out once for each distinct value.

use super::guard::Pace;
use super::kernels::{self, Kernel};
use super::rel::Part;
use super::value::{Kind, Val};
use super::vector::{Build, NO_ROW, Vector, of_codes, of_truths};
use hashbrown::HashSet;
use std::sync::Arc;
use table::{Bits, Strings};

pub use super::cx::{Cx, compile_regex};

/// A scalar function: values of one row in, one value out.
pub type ScalarFn = for<'a> fn(&mut Cx, &[Val<'a>]) -> Val<'a>;
/// A function over whole columns, in row order.
pub type WholeFn = fn(&mut Cx, &[Vector], usize) -> Vector;

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it does.
    pub node: Node,
    /// What it gives.
    pub kind: Kind,
}

/// What an expression does.
#[derive(Clone, Debug)]
pub enum Node {
    /// A column.
    Col(usize),
    /// A constant.
    Const(Arc<Val<'static>>),
    /// A function of one row's values.
    Call {
        /// The function.
        f: ScalarFn,
        /// Its arguments.
        args: Vec<Expr>,
        /// A faster way for some columns.
        kernel: Option<Kernel>,
        /// Whether it gives the same each time.
        pure: bool,
    },
    /// A function over whole columns.
    Whole {
        /// The function.
        f: WholeFn,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// All of these.
    And(Vec<Expr>),
    /// Any of these.
    Or(Vec<Expr>),
    /// One of a set.
    In(Box<Expr>, Arc<InSet>, bool),
    /// The value of the first condition that holds.
    Case(Vec<(Expr, Expr)>, Box<Expr>),
}

/// The values of an `in`.
#[derive(Clone, Debug, Default)]
pub struct InSet {
    /// Texts, lower-case where case does not count.
    pub texts: HashSet<String>,
    /// Whether case does not count.
    pub fold: bool,
    /// Whole numbers and ticks.
    pub longs: HashSet<i64>,
    /// Other numbers.
    pub reals: Vec<f64>,
    /// Truth values.
    pub bools: Vec<bool>,
}

impl InSet {
    /// Adds a value; arrays add their elements.
    pub fn add(&mut self, v: Val) {
        match v {
            Val::Str(s) | Val::Guid(s) => {
                let s = if self.fold {
                    s.to_lowercase()
                } else {
                    s.into_owned()
                };
                self.texts.insert(s);
            }
            Val::Long(n) | Val::Date(n) | Val::Span(n) => {
                self.longs.insert(n);
            }
            Val::Real(n) => self.reals.push(n),
            Val::Dec(d) => self.reals.push(d.to_f64()),
            Val::Bool(b) => self.bools.push(b),
            Val::Dyn(s) => {
                if s.starts_with('[') {
                    for e in super::json::elements(&s) {
                        self.add(super::json::plain(e));
                    }
                } else {
                    match super::json::plain(&s) {
                        Val::Dyn(_) => {
                            self.texts.insert(s.into_owned());
                        }
                        v => self.add(v),
                    }
                }
            }
            Val::Null => {}
        }
    }
    /// Whether the value is one of them.
    pub fn has(&self, v: &Val) -> bool {
        match v {
            Val::Str(s) | Val::Guid(s) => {
                if self.fold {
                    self.texts.contains(s.to_lowercase().as_str())
                } else {
                    self.texts.contains(&**s)
                }
            }
            Val::Date(n) | Val::Span(n) => self.longs.contains(n),
            Val::Long(n) => {
                self.longs.contains(n)
                    || self.reals.contains(&(*n as f64))
                    || (!self.texts.is_empty() && self.texts.contains(n.to_string().as_str()))
            }
            Val::Real(n) => {
                self.reals.contains(n)
                    || (n.fract() == 0.0
                        && super::value::real_to_long(*n).is_some_and(|n| self.longs.contains(&n)))
            }
            Val::Dec(d) => {
                let n = d.to_f64();
                self.reals.contains(&n) || self.longs.iter().any(|l| *l as f64 == n)
            }
            Val::Bool(b) => self.bools.contains(b),
            Val::Dyn(_) => match v.borrow().plain() {
                Val::Dyn(s) => self.texts.contains(&*s),
                v => self.has(&v),
            },
            Val::Null => false,
        }
    }
}

impl Expr {
    /// A constant.
    pub fn constant(v: Val<'static>, kind: Kind) -> Expr {
        Expr {
            node: Node::Const(Arc::new(v)),
            kind,
        }
    }
    /// A column.
    pub fn col(i: usize, kind: Kind) -> Expr {
        Expr {
            node: Node::Col(i),
            kind,
        }
    }
    /// A call.
    pub fn call(f: ScalarFn, args: Vec<Expr>, kind: Kind) -> Expr {
        Expr {
            node: Node::Call {
                f,
                args,
                kernel: None,
                pure: true,
            },
            kind,
        }
    }
    /// The constant that it is.
    pub fn value(&self) -> Option<&Val<'static>> {
        match &self.node {
            Node::Const(v) => Some(v),
            _ => None,
        }
    }
    /// Worked out now if it needs no row.
    pub fn folded(self, cx: &mut Cx) -> Expr {
        let ready = match &self.node {
            Node::Call { args, pure, .. } => *pure && args.iter().all(|a| a.value().is_some()),
            Node::And(a) | Node::Or(a) => a.iter().all(|a| a.value().is_some()),
            Node::In(v, ..) => v.value().is_some(),
            Node::Case(arms, other) => {
                other.value().is_some()
                    && arms
                        .iter()
                        .all(|(c, v)| c.value().is_some() && v.value().is_some())
            }
            _ => false,
        };
        if !ready {
            return self;
        }
        let part = Part {
            rows: 1,
            cols: Vec::new(),
        };
        let v = self.eval(&part, cx).val(self.kind, 0).owned();
        Expr::constant(v, self.kind)
    }
    /// Converted to a kind, as results of different branches are.
    pub fn cast(self, kind: Kind, cx: &mut Cx) -> Expr {
        if self.kind == kind {
            return self;
        }
        if let Some(v) = self.value() {
            return Expr::constant(v.clone().to(kind), kind);
        }
        let same_storage = self.kind.is_int() && kind == Kind::Long && self.kind == Kind::Int;
        if same_storage {
            return Expr { kind, ..self };
        }
        let _ = cx;
        Expr::call(cast, vec![self], kind)
    }
    /// Whether it needs all rows at once.
    pub fn is_whole(&self) -> bool {
        match &self.node {
            Node::Whole { .. } => true,
            Node::Col(_) | Node::Const(_) => false,
            Node::Call { args, .. } => args.iter().any(Expr::is_whole),
            Node::And(a) | Node::Or(a) => a.iter().any(Expr::is_whole),
            Node::In(v, ..) => v.is_whole(),
            Node::Case(arms, other) => {
                other.is_whole() || arms.iter().any(|(c, v)| c.is_whole() || v.is_whole())
            }
        }
    }
    /// What it costs a row, about; cheap conditions are asked first.
    pub fn cost(&self) -> u32 {
        match &self.node {
            Node::Col(_) | Node::Const(_) => 0,
            Node::Call { args, kernel, .. } => {
                args.iter().map(Expr::cost).sum::<u32>()
                    + match kernel {
                        Some(Kernel::Compare(_)) => match args.first().map(|a| a.kind) {
                            Some(k) if k.is_text() => 3,
                            _ => 1,
                        },
                        Some(k) => k.cost(),
                        None => 30,
                    }
            }
            Node::Whole { .. } => 100,
            Node::And(a) | Node::Or(a) => a.iter().map(Expr::cost).sum(),
            Node::In(v, ..) => v.cost() + 4,
            Node::Case(arms, other) => {
                other.cost() + arms.iter().map(|(c, v)| c.cost() + v.cost()).sum::<u32>()
            }
        }
    }

    /// Its values, one a row of the part.
    pub fn eval(&self, part: &Part, cx: &mut Cx) -> Vector {
        match &self.node {
            Node::Col(i) => part
                .cols
                .get(*i)
                .cloned()
                .unwrap_or_else(|| Vector::constant(Val::Null, part.rows)),
            Node::Const(v) => Vector::Const(v.clone(), part.rows),
            Node::Call {
                f,
                args,
                kernel,
                pure,
            } => {
                let vals: Vec<Vector> = args.iter().map(|a| a.eval(part, cx)).collect();
                if let Some(k) = kernel
                    && let Some(v) = kernels::run(k, args, &vals, part.rows, cx)
                {
                    return v;
                }
                self.by_rows(*f, args, &vals, part.rows, *pure, cx)
            }
            Node::Whole { f, args } => {
                let vals: Vec<Vector> = args.iter().map(|a| a.eval(part, cx)).collect();
                cx.kinds = args.iter().map(|a| a.kind).collect();
                cx.out = self.kind;
                f(cx, &vals, part.rows)
            }
            Node::And(_) | Node::Or(_) | Node::In(..) => of_truths(&self.truths(part, cx)),
            Node::Case(arms, other) => {
                let n = part.rows;
                let mut from = vec![u32::MAX; n];
                for (i, (c, _)) in arms.iter().enumerate() {
                    for (slot, t) in from.iter_mut().zip(c.truths(part, cx)) {
                        if *slot == u32::MAX && t == 1 {
                            *slot = i as u32;
                        }
                    }
                }
                let vals: Vec<Vector> = arms.iter().map(|(_, v)| v.eval(part, cx)).collect();
                let last = other.eval(part, cx);
                let mut b = Build::new(self.kind);
                let (mut pace, mut known) = (Pace::default(), 0);
                for (i, at) in from.iter().enumerate() {
                    let before = b.bytes();
                    match vals.get(*at as usize) {
                        Some(v) => b.push(v.val(arms[*at as usize].1.kind, i)),
                        None => b.push(last.val(other.kind, i)),
                    }
                    if pace.value(b.bytes() - before) && cx.pause(&mut pace, b.bytes(), &mut known)
                    {
                        (i + 1..n).for_each(|_| b.null());
                        break;
                    }
                }
                b.finish()
            }
        }
    }

    fn by_rows(
        &self,
        f: ScalarFn,
        args: &[Expr],
        vals: &[Vector],
        rows: usize,
        pure: bool,
        cx: &mut Cx,
    ) -> Vector {
        cx.kinds.clear();
        cx.kinds.extend(args.iter().map(|a| a.kind));
        cx.out = self.kind;
        let mut data = vals
            .iter()
            .enumerate()
            .filter(|(_, v)| matches!(v, Vector::Data(..)));
        match (data.next(), data.next()) {
            (None, _) if pure => {
                let row: Vec<Val> = vals
                    .iter()
                    .zip(args)
                    .map(|(v, a)| v.val(a.kind, 0))
                    .collect();
                let mut b = Build::new(self.kind);
                b.push(f(cx, &row));
                cx.fits(b.bytes());
                let one = b.finish().val(self.kind, 0).owned();
                return Vector::constant(one, rows);
            }
            (Some((at, v)), None) if pure => {
                if let Some((d, sel)) = v.dict() {
                    let kind = args[at].kind;
                    let (mut pace, mut made, mut known) = (Pace::default(), 0, 0);
                    return per_distinct(d, sel, rows, self.kind, |value| {
                        if cx.guard.stopped() {
                            return Val::Null;
                        }
                        let row: Vec<Val> = vals
                            .iter()
                            .zip(args)
                            .enumerate()
                            .map(|(i, (v, a))| {
                                if i == at {
                                    match value {
                                        Some(c) => dict_val(d.values().get(c), kind),
                                        None if kind == Kind::String => super::value::text(""),
                                        None => Val::Null,
                                    }
                                } else {
                                    v.val(a.kind, 0)
                                }
                            })
                            .collect();
                        let out = f(cx, &row).owned();
                        made += out.text_len();
                        cx.fits(out.text_len());
                        if pace.value(row.iter().map(Val::text_len).sum::<usize>() + out.text_len())
                        {
                            cx.pause(&mut pace, made, &mut known);
                        }
                        out
                    });
                }
            }
            _ => {}
        }
        let mut b = Build::new(self.kind);
        let (mut pace, mut known) = (Pace::default(), 0);
        for i in 0..rows {
            let row: Vec<Val> = vals
                .iter()
                .zip(args)
                .map(|(v, a)| v.val(a.kind, i))
                .collect();
            let before = b.bytes();
            b.push(f(cx, &row));
            let bytes = row.iter().map(Val::text_len).sum::<usize>() + b.bytes() - before;
            cx.fits(b.bytes() - before);
            if pace.value(bytes) && cx.pause(&mut pace, b.bytes(), &mut known) {
                (i + 1..rows).for_each(|_| b.null());
                break;
            }
        }
        b.finish()
    }

    /// Its truth, one a row: 0 no, 1 yes, 2 null.
    pub fn truths(&self, part: &Part, cx: &mut Cx) -> Vec<u8> {
        match &self.node {
            Node::And(all) => {
                let mut out = vec![1u8; part.rows];
                for e in all {
                    for (o, t) in out.iter_mut().zip(e.truths(part, cx)) {
                        *o = match (*o, t) {
                            (0, _) | (_, 0) => 0,
                            (1, 1) => 1,
                            _ => 2,
                        };
                    }
                }
                out
            }
            Node::Or(any) => {
                let mut out = vec![0u8; part.rows];
                for e in any {
                    for (o, t) in out.iter_mut().zip(e.truths(part, cx)) {
                        *o = match (*o, t) {
                            (1, _) | (_, 1) => 1,
                            (0, 0) => 0,
                            _ => 2,
                        };
                    }
                }
                out
            }
            Node::In(value, set, not) => {
                let v = value.eval(part, cx);
                kernels::per_value(&v, value.kind, part.rows, cx, |x| {
                    u8::from(set.has(x) != *not)
                })
            }
            Node::Call {
                args,
                kernel: Some(k),
                ..
            } => {
                let vals: Vec<Vector> = args.iter().map(|a| a.eval(part, cx)).collect();
                match kernels::truths(k, args, &vals, part.rows, cx) {
                    Some(t) => t,
                    None => to_truths(&self.eval(part, cx), self.kind, part.rows),
                }
            }
            _ => to_truths(&self.eval(part, cx), self.kind, part.rows),
        }
    }
}

fn to_truths(v: &Vector, kind: Kind, rows: usize) -> Vec<u8> {
    (0..rows)
        .map(|i| v.val(kind, i).truth().map_or(2, u8::from))
        .collect()
}

fn cast<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    a.first().cloned().unwrap_or(Val::Null).to(cx.out)
}

/// A dictionary's value as one of that kind.
pub fn dict_val(s: &str, kind: Kind) -> Val<'_> {
    match kind {
        Kind::String => super::value::text(s),
        Kind::Guid => Val::Guid(s.into()),
        Kind::Decimal => super::decimal::Dec::parse(s).map_or(Val::Null, Val::Dec),
        _ => super::value::dynamic(s),
    }
}

/// A function of a dictionary column: worked out for the values that occur, then spread.
pub fn per_distinct(
    d: &table::DictColumn,
    sel: &Option<Arc<[u32]>>,
    rows: usize,
    kind: Kind,
    mut f: impl FnMut(Option<usize>) -> Val<'static>,
) -> Vector {
    let none = d.values().len();
    let mut map = vec![u32::MAX; none + 1];
    let mut b = Build::new(kind);
    let mut codes = Vec::with_capacity(rows);
    for i in 0..rows {
        let r = Vector::row(sel, i);
        let code = if r == NO_ROW as usize || r >= d.codes().len() || d.is_null(r) {
            none
        } else {
            d.codes().get(r)
        };
        let slot = &mut map[code];
        if *slot == u32::MAX {
            *slot = b.len() as u32;
            b.push(f((code < none).then_some(code)));
        }
        codes.push(*slot);
    }
    let distinct = b.finish();
    if !kind.is_text() {
        let rows: Arc<[u32]> = codes.into();
        return match distinct {
            Vector::Data(c, _) => Vector::Data(c, Some(rows)),
            v => v,
        };
    }
    let Vector::Data(c, _) = &distinct else {
        return distinct;
    };
    let mut values = Strings::default();
    for i in 0..c.len() {
        values.push(c.text(i).unwrap_or(""));
    }
    if values.is_empty() {
        return distinct;
    }
    let valid = c
        .validity()
        .map(|v| codes.iter().map(|i| v.get(*i as usize)).collect::<Bits>());
    of_codes(codes, values, valid, kind)
}
