//! A column as expressions see it: a constant, or stored values with the rows that are meant.
//! Filters and joins only change the rows meant; values are copied when an operator must.

use super::guard::Guard;
use super::value::{Kind, Val, dynamic};
use hashbrown::HashMap;
use std::borrow::Cow;
use std::sync::Arc;
use table::{Bits, Codes, Column, Strings};

/// Stands for no row: its values are null.
pub const NO_ROW: u32 = u32::MAX;

/// Values, one a row. What kind they are is known by who holds it.
#[derive(Clone, Debug)]
pub enum Vector {
    /// The same in so many rows.
    Const(Arc<Val<'static>>, usize),
    /// Stored values, and which of them in which order; all if nothing is said.
    Data(Arc<Column>, Option<Arc<[u32]>>),
}

impl Vector {
    /// A constant.
    pub fn constant(v: Val<'static>, rows: usize) -> Vector {
        Vector::Const(Arc::new(v), rows)
    }
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Vector::Const(_, n) => *n,
            Vector::Data(c, None) => c.len(),
            Vector::Data(_, Some(s)) => s.len(),
        }
    }
    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The stored row that row `i` means.
    #[inline]
    pub fn row(sel: &Option<Arc<[u32]>>, i: usize) -> usize {
        match sel {
            None => i,
            Some(s) => s.get(i).map_or(NO_ROW as usize, |r| *r as usize),
        }
    }
    /// The value of a row.
    pub fn val(&self, kind: Kind, i: usize) -> Val<'_> {
        match self {
            Vector::Const(v, _) => v.borrow(),
            Vector::Data(c, sel) => stored(c, kind, Vector::row(sel, i)),
        }
    }
    /// The text of a row of a text column; empty for none.
    pub fn str_at(&self, i: usize) -> Option<&str> {
        match self {
            Vector::Const(v, _) => match &**v {
                Val::Str(s) | Val::Guid(s) | Val::Dyn(s) => Some(s),
                _ => None,
            },
            Vector::Data(c, sel) => {
                let r = Vector::row(sel, i);
                if r < c.len() { c.text(r) } else { None }
            }
        }
    }
    /// The whole number of a row, of kinds stored so.
    pub fn int_at(&self, i: usize) -> Option<i64> {
        match self {
            Vector::Const(v, _) => match **v {
                Val::Long(n) | Val::Date(n) | Val::Span(n) => Some(n),
                _ => None,
            },
            Vector::Data(c, sel) => match &**c {
                Column::Int(c) => c.get(Vector::row(sel, i)),
                _ => None,
            },
        }
    }
    /// These rows of it, in this order.
    pub fn take(&self, rows: &[u32]) -> Vector {
        match self {
            Vector::Const(v, n) => {
                if rows.iter().any(|r| *r as usize >= *n) && !v.is_null() {
                    // rows that are none make it no constant any more
                    let kind = kind_of(v);
                    let mut b = Build::new(kind);
                    for r in rows {
                        if (*r as usize) < *n {
                            b.push(v.borrow());
                        } else {
                            b.push(Val::Null);
                        }
                    }
                    return b.finish();
                }
                Vector::Const(v.clone(), rows.len())
            }
            Vector::Data(c, None) => Vector::Data(c.clone(), Some(rows.into())),
            Vector::Data(c, Some(s)) => Vector::Data(
                c.clone(),
                Some(
                    rows.iter()
                        .map(|r| s.get(*r as usize).copied().unwrap_or(NO_ROW))
                        .collect(),
                ),
            ),
        }
    }
    /// The dictionary of a text column with the rows meant, if it has one of use.
    pub fn dict(&self) -> Option<(&table::DictColumn, &Option<Arc<[u32]>>)> {
        match self {
            Vector::Data(c, sel) => match &**c {
                Column::Dict(d) if d.values().len() <= self.len().max(16) => Some((d, sel)),
                _ => None,
            },
            Vector::Const(..) => None,
        }
    }
    /// Whether every row has a value.
    pub fn has_nulls(&self) -> bool {
        match self {
            Vector::Const(v, _) => v.is_null(),
            Vector::Data(c, sel) => {
                c.validity().is_some() || sel.as_ref().is_some_and(|s| s.contains(&NO_ROW))
            }
        }
    }
    /// Bytes of text in its rows, about. The values of a dictionary count once, as they are looked at.
    pub(super) fn text_bytes(&self) -> usize {
        let Vector::Data(c, sel) = self else { return 0 };
        match (&**c, sel) {
            (Column::Dict(d), _) => d.values().bytes().len().min(self.len() << 10),
            (Column::Packed(p), None) => p.values().bytes().len(),
            (Column::Packed(p), Some(sel)) => {
                let each = p.values().bytes().len() / p.values().len().max(1);
                each.saturating_mul(sel.len())
            }
            _ => 0,
        }
    }
    /// Bytes on the heap, shared ones counted in full.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Vector::Const(..) => 64,
            Vector::Data(c, sel) => c.heap_bytes() + sel.as_ref().map_or(0, |s| s.len() * 4),
        }
    }
}

fn kind_of(v: &Val) -> Kind {
    match v {
        Val::Null | Val::Dyn(_) => Kind::Dynamic,
        Val::Bool(_) => Kind::Bool,
        Val::Long(_) => Kind::Long,
        Val::Real(_) => Kind::Real,
        Val::Dec(_) => Kind::Decimal,
        Val::Str(_) => Kind::String,
        Val::Date(_) => Kind::Datetime,
        Val::Span(_) => Kind::Timespan,
        Val::Guid(_) => Kind::Guid,
    }
}

/// A stored value as one of that kind.
pub fn stored(c: &Column, kind: Kind, row: usize) -> Val<'_> {
    if row >= c.len() {
        return if kind == Kind::String {
            Val::Str(Cow::Borrowed(""))
        } else {
            Val::Null
        };
    }
    match c {
        Column::Dict(_) | Column::Packed(_) => match (kind, c.text(row)) {
            (Kind::String, t) => Val::Str(Cow::Borrowed(t.unwrap_or(""))),
            (_, None) => Val::Null,
            (Kind::Guid, Some(t)) => Val::Guid(Cow::Borrowed(t)),
            (Kind::Decimal, Some(t)) => super::decimal::Dec::parse(t).map_or(Val::Null, Val::Dec),
            (_, Some(t)) => dynamic(t),
        },
        Column::Int(c) => match (kind, c.get(row)) {
            (_, None) => Val::Null,
            (Kind::Datetime, Some(n)) => Val::Date(n),
            (Kind::Timespan, Some(n)) => Val::Span(n),
            (_, Some(n)) => Val::Long(n),
        },
        Column::Real(c) => c.get(row).map_or(Val::Null, Val::Real),
        Column::Bool(c) => c.get(row).map_or(Val::Null, Val::Bool),
        Column::List(c) => match c.get(row) {
            None => Val::Null,
            Some(list) => {
                let mut out = String::from("[");
                for (i, t) in list.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    super::json::push_quoted(&mut out, t.exact());
                }
                out.push(']');
                Val::Dyn(Cow::Owned(out))
            }
        },
    }
}

/// Puts values into a column of one kind.
#[derive(Debug)]
pub struct Build {
    kind: Kind,
    ints: Vec<i64>,
    reals: Vec<f64>,
    bits: Bits,
    texts: Strings,
    valid: Option<Bits>,
    len: usize,
}

#[allow(clippy::len_without_is_empty)]
impl Build {
    /// An empty column.
    pub fn new(kind: Kind) -> Build {
        Build {
            kind,
            ints: Vec::new(),
            reals: Vec::new(),
            bits: Bits::default(),
            texts: Strings::default(),
            valid: None,
            len: 0,
        }
    }
    /// So many rows so far.
    pub fn len(&self) -> usize {
        self.len
    }
    fn mark(&mut self, valid: bool) {
        if !valid && self.valid.is_none() {
            self.valid = Some(Bits::filled(self.len, true));
        }
        if let Some(v) = &mut self.valid {
            v.push(valid);
        }
        self.len += 1;
    }
    /// Bytes of its values so far.
    pub fn bytes(&self) -> usize {
        (self.ints.len() + self.reals.len()) * 8 + self.texts.bytes().len() + self.texts.len() * 4
    }
    /// Appends a text to a column stored as text.
    pub fn push_str(&mut self, s: &str) {
        let fits = self.texts.push(s);
        if !fits {
            self.texts.push("");
        }
        self.mark(fits);
    }
    /// Appends a null.
    pub fn null(&mut self) {
        match self.kind {
            Kind::Bool => self.bits.push(false),
            Kind::Real => self.reals.push(0.0),
            k if k.is_int() => self.ints.push(0),
            _ => {
                self.texts.push("");
            }
        }
        // a text is never null
        self.mark(self.kind == Kind::String);
    }
    /// Appends a value, converted where it is of another kind.
    pub fn push(&mut self, v: Val) {
        match (self.kind, v) {
            (_, Val::Null) => self.null(),
            (Kind::Bool, Val::Bool(b)) => {
                self.bits.push(b);
                self.mark(true);
            }
            (Kind::Int | Kind::Long, Val::Long(n))
            | (Kind::Datetime, Val::Date(n))
            | (Kind::Timespan, Val::Span(n)) => {
                self.ints.push(n);
                self.mark(true);
            }
            (Kind::Real, Val::Real(n)) => {
                self.reals.push(n);
                self.mark(true);
            }
            (Kind::String, Val::Str(s))
            | (Kind::Guid, Val::Guid(s))
            | (Kind::Dynamic, Val::Dyn(s)) => {
                self.push_str(&s);
            }
            (Kind::Decimal, Val::Dec(d)) => self.push_str(&d.to_string()),
            (k, v) => {
                let v = v.to(k);
                if kind_of(&v) == k || (k == Kind::Int && matches!(v, Val::Long(_))) {
                    self.push(v);
                } else {
                    self.null();
                }
            }
        }
    }
    /// The column.
    pub fn column(self) -> Column {
        let col = match self.kind {
            Kind::Bool => Column::of_bools(self.bits, self.valid),
            Kind::Real => Column::of_reals(self.reals, self.valid),
            k if k.is_int() => Column::of_ints(self.ints, self.valid),
            _ => Column::of_strings(self.texts, self.valid),
        };
        // validity is as long as the values by construction
        col.unwrap_or_else(|| empty_column(self.kind))
    }
    /// The column with all its rows.
    pub fn finish(self) -> Vector {
        Vector::Data(Arc::new(self.column()), None)
    }
}

fn empty_column(kind: Kind) -> Column {
    Build::new(kind).column()
}

/// A column of these whole numbers.
pub fn of_ints(values: Vec<i64>, valid: Option<Bits>) -> Vector {
    let c = Column::of_ints(values, valid).unwrap_or_else(|| empty_column(Kind::Long));
    Vector::Data(Arc::new(c), None)
}

/// A column of these real numbers.
pub fn of_reals(values: Vec<f64>, valid: Option<Bits>) -> Vector {
    let c = Column::of_reals(values, valid).unwrap_or_else(|| empty_column(Kind::Real));
    Vector::Data(Arc::new(c), None)
}

/// Truth of three values: 0 no, 1 yes, 2 null.
pub fn of_truths(truths: &[u8]) -> Vector {
    let values: Bits = truths.iter().map(|t| *t == 1).collect();
    let valid = truths
        .contains(&2)
        .then(|| truths.iter().map(|t| *t != 2).collect());
    let c = Column::of_bools(values, valid).unwrap_or_else(|| empty_column(Kind::Bool));
    Vector::Data(Arc::new(c), None)
}

/// A text column by codes; packed where there are too many values.
pub fn of_codes(codes: Vec<u32>, values: Strings, valid: Option<Bits>, kind: Kind) -> Vector {
    let n = values.len();
    let codes = if n <= 256 {
        Codes::U8(codes.iter().map(|c| *c as u8).collect())
    } else if n <= 65_536 {
        Codes::U16(codes.iter().map(|c| *c as u16).collect())
    } else {
        let mut b = Build::new(kind);
        for (i, c) in codes.iter().enumerate() {
            if valid.as_ref().is_none_or(|v| v.get(i)) {
                b.push_str(values.get(*c as usize));
            } else {
                b.null();
            }
        }
        return b.finish();
    };
    let c = Column::of_codes(codes, values, valid).unwrap_or_else(|| empty_column(kind));
    Vector::Data(Arc::new(c), None)
}

/// One column of several, one after the other. It is shorter where the guard ends the query.
pub(super) fn concat(kind: Kind, parts: &[&Vector], guard: Option<&Guard>) -> Vector {
    if let [one] = parts {
        return (*one).clone();
    }
    let rows: usize = parts.iter().map(|p| p.len()).sum();
    if rows == 0 {
        return Build::new(kind).finish();
    }
    if let Some(Vector::Const(v, _)) = parts.first()
        && parts
            .iter()
            .all(|p| matches!(p, Vector::Const(w, _) if w == v))
    {
        return Vector::Const(v.clone(), rows);
    }
    if kind.is_text()
        && parts
            .iter()
            .all(|p| matches!(p, Vector::Const(..)) || p.dict().is_some())
    {
        if let Some(v) = concat_dicts(kind, parts, rows) {
            return v;
        }
    }
    let mut b = Build::new(kind);
    for p in parts {
        let before = b.bytes();
        let later = |b: &Build| {
            guard.is_some_and(|g| {
                let grown = b.bytes() - before;
                g.charge(grown) | g.step((p.len() + grown / 64) as u64)
            })
        };
        match p {
            Vector::Data(c, sel) if kind.is_int() && matches!(&**c, Column::Int(_)) => {
                for i in 0..p.len() {
                    match p.int_at(i) {
                        Some(n) => {
                            b.ints.push(n);
                            b.mark(true);
                        }
                        None => b.null(),
                    }
                }
                let _ = sel;
            }
            _ if kind.is_text() => {
                for i in 0..p.len() {
                    match p.str_at(i) {
                        Some(s) => b.push_str(s),
                        None => b.push(p.val(kind, i)),
                    }
                }
            }
            _ => {
                for i in 0..p.len() {
                    b.push(p.val(kind, i));
                }
            }
        }
        if later(&b) {
            break;
        }
    }
    b.finish()
}

fn concat_dicts(kind: Kind, parts: &[&Vector], rows: usize) -> Option<Vector> {
    let mut known: HashMap<&str, u32> = HashMap::new();
    let mut values = Strings::default();
    let mut codes: Vec<u32> = Vec::with_capacity(rows);
    let mut nulls = Vec::new();
    for p in parts {
        match p {
            Vector::Const(v, n) => {
                let s = match &**v {
                    Val::Str(s) | Val::Guid(s) | Val::Dyn(s) => Some(&**s),
                    Val::Null => None,
                    _ => return None,
                };
                let code = match s {
                    Some(s) => intern(&mut known, &mut values, s),
                    None => {
                        nulls.extend(codes.len()..codes.len() + n);
                        0
                    }
                };
                codes.extend(std::iter::repeat_n(code, *n));
            }
            Vector::Data(..) => {
                let (d, sel) = p.dict()?;
                let mut map = vec![u32::MAX; d.values().len()];
                for i in 0..p.len() {
                    let r = Vector::row(sel, i);
                    if r >= d.codes().len() || d.is_null(r) {
                        nulls.push(codes.len());
                        codes.push(0);
                        continue;
                    }
                    let c = d.codes().get(r);
                    let slot = map.get_mut(c)?;
                    if *slot == u32::MAX {
                        *slot = intern(&mut known, &mut values, d.values().get(c));
                    }
                    codes.push(*slot);
                }
            }
        }
        if values.len() > 65_536 {
            return None;
        }
    }
    if values.is_empty() {
        values.push("");
    }
    let valid = (!nulls.is_empty() && kind != Kind::String).then(|| {
        let mut b = Bits::filled(codes.len(), true);
        for n in &nulls {
            b.set(*n, false);
        }
        b
    });
    if !nulls.is_empty() && kind == Kind::String {
        let e = intern(&mut known, &mut values, "");
        for n in &nulls {
            if let Some(c) = codes.get_mut(*n) {
                *c = e;
            }
        }
    }
    Some(of_codes(codes, values, valid, kind))
}

fn intern<'a>(known: &mut HashMap<&'a str, u32>, values: &mut Strings, s: &'a str) -> u32 {
    *known.entry(s).or_insert_with(|| {
        values.push(s);
        values.len() as u32 - 1
    })
}
