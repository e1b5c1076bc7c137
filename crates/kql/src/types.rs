//! Types of values: the scalar types, and what is known of the inside of dynamic ones.
//!
//! A [`Ty`] is a number. The named constants are fixed; arrays and bags whose elements are
//! known are entries of a [`Types`] table, which begins with those that function rows name.

use hashbrown::HashMap;
use std::sync::{Arc, OnceLock};

/// A type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ty(pub u32);

macro_rules! fixed {
    ($( $name:ident = $n:literal $text:literal, )*) => {
        impl Ty {
            $( #[allow(missing_docs)] pub const $name: Ty = Ty($n); )*
        }
        const NAMES: &[&str] = &[ $( $text, )* ];
    };
}

fixed! {
    UNKNOWN = 0 "unknown", ERROR = 1 "unknown", VOID = 2 "void", BOOL = 3 "bool", INT = 4 "int", LONG = 5 "long", REAL = 6 "real",
    DECIMAL = 7 "decimal", STRING = 8 "string", DATETIME = 9 "datetime", TIMESPAN = 10 "timespan", GUID = 11 "guid",
    TYPE = 12 "type", NULL = 13 "null", DYNAMIC = 14 "dynamic",
    DYN_BOOL = 15 "dynamic", DYN_LONG = 16 "dynamic", DYN_REAL = 17 "dynamic", DYN_DATETIME = 18 "dynamic",
    DYN_TIMESPAN = 19 "dynamic", DYN_GUID = 20 "dynamic", DYN_STRING = 21 "dynamic",
    ARRAY = 22 "dynamic", BAG = 23 "dynamic",
}

const FIXED: u32 = 24;

/// The inside of a dynamic type that is not one of the fixed ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Inside {
    /// An array of these.
    Array(Ty),
    /// A bag with at least these properties.
    Bag(Arc<[(String, Ty)]>),
}

/// How far a value may be from the type asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conversion {
    /// Not at all.
    None,
    /// A wider number.
    Promotable,
    /// A dynamic value.
    Dynamic,
    /// Either way between numbers.
    Compatible,
}

/// The type of this name as it is written in queries, with its other names.
pub fn by_name(name: &str) -> Option<Ty> {
    Some(match name {
        "bool" | "boolean" => Ty::BOOL,
        "int" | "int32" | "uint" | "uint32" | "int8" | "uint8" | "int16" | "uint16" => Ty::INT,
        "long" | "int64" | "ulong" | "uint64" => Ty::LONG,
        "real" | "double" | "float" => Ty::REAL,
        "decimal" => Ty::DECIMAL,
        "datetime" | "date" => Ty::DATETIME,
        "timespan" | "time" => Ty::TIMESPAN,
        "guid" | "uuid" | "uniqueid" => Ty::GUID,
        "type" => Ty::TYPE,
        "string" => Ty::STRING,
        "dynamic" => Ty::DYNAMIC,
        "null" => Ty::NULL,
        _ => return None,
    })
}

impl Ty {
    /// Its name as results show it.
    pub fn name(self) -> &'static str {
        NAMES.get(self.0 as usize).copied().unwrap_or("dynamic")
    }
    /// A single value of some type, or one nobody knows.
    pub fn is_scalar(self) -> bool {
        self != Ty::ERROR && self != Ty::VOID
    }
    /// Dynamic, whatever is inside.
    pub fn is_dynamic(self) -> bool {
        self.0 >= Ty::DYNAMIC.0
    }
    fn dyn_primitive(self) -> bool {
        (Ty::DYN_BOOL.0..=Ty::DYN_STRING.0).contains(&self.0)
    }
    /// What a dynamic primitive holds; other types unchanged.
    pub fn unwrapped(self) -> Ty {
        match self {
            Ty::DYN_BOOL => Ty::BOOL,
            Ty::DYN_LONG => Ty::LONG,
            Ty::DYN_REAL => Ty::REAL,
            Ty::DYN_DATETIME => Ty::DATETIME,
            Ty::DYN_TIMESPAN => Ty::TIMESPAN,
            Ty::DYN_GUID => Ty::GUID,
            Ty::DYN_STRING => Ty::STRING,
            t => t,
        }
    }
    /// Whether it is a dynamic value known to hold one primitive.
    pub fn is_wrapped(self) -> bool {
        self.dyn_primitive()
    }
    /// The dynamic value that holds this.
    pub fn wrapped(self) -> Ty {
        match self {
            Ty::BOOL => Ty::DYN_BOOL,
            Ty::INT | Ty::LONG => Ty::DYN_LONG,
            Ty::REAL => Ty::DYN_REAL,
            Ty::DATETIME => Ty::DYN_DATETIME,
            Ty::TIMESPAN => Ty::DYN_TIMESPAN,
            Ty::GUID => Ty::DYN_GUID,
            Ty::STRING => Ty::DYN_STRING,
            t if t.is_dynamic() => t,
            _ => Ty::DYNAMIC,
        }
    }
    /// A whole number.
    pub fn is_integer(self) -> bool {
        matches!(self, Ty::INT | Ty::LONG | Ty::UNKNOWN)
    }
    /// A number.
    pub fn is_numeric(self) -> bool {
        matches!(
            self,
            Ty::INT | Ty::LONG | Ty::REAL | Ty::DECIMAL | Ty::UNKNOWN
        )
    }
    /// Something that can be added.
    pub fn is_summable(self) -> bool {
        self.is_numeric() || matches!(self, Ty::DATETIME | Ty::TIMESPAN)
    }
    /// Something that can be ordered.
    pub fn is_orderable(self) -> bool {
        self.is_summable() || matches!(self, Ty::BOOL | Ty::STRING)
    }
    /// Whether a value of the other type becomes one of this without loss.
    pub fn is_wider_than(self, other: Ty) -> bool {
        match self {
            Ty::LONG => other == Ty::INT,
            Ty::REAL => matches!(other, Ty::INT | Ty::LONG),
            Ty::DECIMAL => matches!(other, Ty::INT | Ty::LONG | Ty::REAL),
            Ty::STRING => other == Ty::DYNAMIC,
            _ => false,
        }
    }
    /// `int` counts as `long` in results.
    pub fn promoted(self) -> Ty {
        if self == Ty::INT { Ty::LONG } else { self }
    }
}

/// The types of one text: the fixed ones, those of function rows, and its own.
#[derive(Clone, Debug, Default)]
pub struct Types {
    local: Vec<Inside>,
    ids: HashMap<Inside, Ty>,
}

#[derive(Default)]
struct Shared {
    all: Vec<Inside>,
}

fn shared() -> &'static std::sync::RwLock<Shared> {
    static CELL: OnceLock<std::sync::RwLock<Shared>> = OnceLock::new();
    CELL.get_or_init(std::sync::RwLock::default)
}

fn shared_at(t: Ty) -> Option<Inside> {
    shared()
        .read()
        .ok()?
        .all
        .get((t.0 - FIXED) as usize)
        .cloned()
}

/// Reads a type as function rows write it: `string`, `array[long]`, `bag{Host:string}`.
pub(crate) fn parse(text: &str) -> Ty {
    if let Some(t) = by_name(text) {
        return t;
    }
    if let Some(inner) = text
        .strip_prefix("array[")
        .and_then(|r| r.strip_suffix(']'))
    {
        let e = parse(inner);
        return if e == Ty::DYNAMIC {
            Ty::ARRAY
        } else {
            intern(Inside::Array(e))
        };
    }
    if let Some(inner) = text.strip_prefix("bag{").and_then(|r| r.strip_suffix('}')) {
        let props: Vec<(String, Ty)> = split_top(inner)
            .into_iter()
            .filter_map(|p| p.split_once(':').map(|(n, t)| (n.to_owned(), parse(t))))
            .collect();
        return if props.is_empty() {
            Ty::BAG
        } else {
            intern(Inside::Bag(props.into()))
        };
    }
    Ty::DYNAMIC
}

/// Cuts at the commas that stand outside any bracket.
pub(crate) fn split_top(text: &str) -> Vec<&str> {
    let (mut out, mut depth, mut from) = (Vec::new(), 0i32, 0);
    for (i, c) in text.char_indices() {
        match c {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth -= 1,
            ',' if depth == 0 => {
                out.push(&text[from..i]);
                from = i + 1;
            }
            _ => {}
        }
    }
    if from < text.len() {
        out.push(&text[from..]);
    }
    out
}

fn intern(inside: Inside) -> Ty {
    let Ok(mut s) = shared().write() else {
        return Ty::DYNAMIC;
    };
    let i = match s.all.iter().position(|x| *x == inside) {
        Some(i) => i,
        None => {
            s.all.push(inside);
            s.all.len() - 1
        }
    };
    Ty(FIXED + i as u32)
}

const LOCAL: u32 = 1 << 16;
/// No text needs more kinds of dynamic values than this; beyond it the inside is not followed.
const MOST: usize = 4096;

impl Types {
    fn inside(&self, t: Ty) -> Option<Inside> {
        if t.0 >= LOCAL {
            self.local.get((t.0 - LOCAL) as usize).cloned()
        } else if t.0 >= FIXED {
            shared_at(t)
        } else {
            None
        }
    }
    fn add(&mut self, inside: Inside) -> Ty {
        if let Some(t) = self.ids.get(&inside) {
            return *t;
        }
        if self.local.len() >= MOST {
            return Ty::DYNAMIC;
        }
        self.local.push(inside.clone());
        let t = Ty(LOCAL + self.local.len() as u32 - 1);
        self.ids.insert(inside, t);
        t
    }
    /// The element type of an array, if it is one.
    pub fn element(&self, t: Ty) -> Option<Ty> {
        if t == Ty::ARRAY {
            return Some(Ty::DYNAMIC);
        }
        match self.inside(t)? {
            Inside::Array(e) => Some(e),
            Inside::Bag(_) => None,
        }
    }
    /// An array known to be one.
    pub fn is_array(&self, t: Ty) -> bool {
        t == Ty::ARRAY || matches!(self.inside(t), Some(Inside::Array(_)))
    }
    /// A bag known to be one.
    pub fn is_bag(&self, t: Ty) -> bool {
        t == Ty::BAG || matches!(self.inside(t), Some(Inside::Bag(_)))
    }
    /// The known properties of a bag.
    pub fn properties(&self, t: Ty) -> Vec<(String, Ty)> {
        match self.inside(t) {
            Some(Inside::Bag(p)) => p.to_vec(),
            _ => Vec::new(),
        }
    }
    /// A property of a bag.
    pub fn property(&self, t: Ty, name: &str) -> Option<Ty> {
        match self.inside(t)? {
            Inside::Bag(p) => p.iter().find(|(n, _)| n == name).map(|(_, t)| *t),
            Inside::Array(_) => None,
        }
    }
    /// The array of these elements.
    pub fn array_of(&mut self, element: Ty) -> Ty {
        match element.unwrapped() {
            Ty::INT => self.add(Inside::Array(Ty::LONG)),
            t @ (Ty::BOOL
            | Ty::LONG
            | Ty::REAL
            | Ty::DATETIME
            | Ty::TIMESPAN
            | Ty::GUID
            | Ty::STRING) => self.add(Inside::Array(t)),
            t if self.is_array(t) || self.is_bag(t) => self.add(Inside::Array(t)),
            _ => Ty::ARRAY,
        }
    }
    /// The bag of these properties.
    pub fn bag_of(&mut self, props: Vec<(String, Ty)>) -> Ty {
        if props.is_empty() || props.len() > 256 {
            Ty::BAG
        } else {
            self.add(Inside::Bag(props.into()))
        }
    }

    /// Whether a value of `source` may stand where `target` is asked for.
    pub fn assignable(&self, target: Ty, source: Ty, allowed: Conversion) -> bool {
        if target == source {
            return true;
        }
        if target == Ty::ERROR || source == Ty::ERROR || target == Ty::VOID || source == Ty::VOID {
            return false;
        }
        if target == Ty::UNKNOWN || source == Ty::UNKNOWN {
            return true;
        }
        if target == Ty::DYNAMIC && (source.is_dynamic() || allowed >= Conversion::Dynamic) {
            return true;
        }
        if allowed != Conversion::None
            && ((target == Ty::ARRAY && self.is_array(source))
                || (target == Ty::BAG && self.is_bag(source)))
        {
            return true;
        }
        if target.dyn_primitive() && source.dyn_primitive() {
            return self.assignable(target.unwrapped(), source.unwrapped(), allowed);
        }
        if let (Some(a), Some(b)) = (self.element(target), self.element(source)) {
            return a == b;
        }
        if self.is_bag(target) && self.is_bag(source) {
            return true;
        }
        if self.is_array(target)
            || self.is_bag(target)
            || self.is_array(source)
            || self.is_bag(source)
        {
            return false;
        }
        match allowed {
            Conversion::Promotable => target.is_wider_than(source),
            Conversion::Compatible => target.is_wider_than(source) || source.is_wider_than(target),
            _ => false,
        }
    }

    /// The type that holds values of both, if there is one.
    pub fn common(&mut self, a: Option<Ty>, b: Ty, allowed: Conversion) -> Option<Ty> {
        let Some(a) = a else { return Some(b) };
        if a == b || b == Ty::NULL {
            return Some(a);
        }
        if a == Ty::NULL {
            return Some(b);
        }
        if a == Ty::UNKNOWN || b == Ty::UNKNOWN {
            return Some(Ty::UNKNOWN);
        }
        if a == Ty::DYNAMIC || b == Ty::DYNAMIC {
            return Some(Ty::DYNAMIC);
        }
        if allowed >= Conversion::Promotable {
            if b.is_wider_than(a) {
                return Some(b);
            }
            if a.is_wider_than(b) {
                return Some(a);
            }
        }
        if let (Some(x), Some(y)) = (self.element(a), self.element(b)) {
            return Some(if x == y { x } else { Ty::ARRAY });
        }
        if self.is_bag(a) && self.is_bag(b) {
            return Some(Ty::BAG);
        }
        if a.dyn_primitive() || b.dyn_primitive() {
            let (ua, ub) = (a.unwrapped(), b.unwrapped());
            if (a.dyn_primitive() && b.dyn_primitive() || !a.is_dynamic() || !b.is_dynamic())
                && let Some(t) = self.common(Some(ua), ub, allowed)
            {
                return Some(t.wrapped());
            }
        }
        if (a.is_dynamic() && b.is_dynamic())
            || (a.is_scalar() && b.is_scalar() && allowed >= Conversion::Dynamic)
        {
            return Some(Ty::DYNAMIC);
        }
        None
    }
    /// The type that holds all of these.
    pub fn common_of(
        &mut self,
        all: impl IntoIterator<Item = Ty>,
        allowed: Conversion,
    ) -> Option<Ty> {
        let mut out = None;
        for t in all {
            out = Some(self.common(out, t, allowed)?);
        }
        out
    }
}
