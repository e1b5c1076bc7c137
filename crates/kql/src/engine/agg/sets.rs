//! Lists, sets and bags.

use super::{Agg, Rows, Spec, same};
use crate::engine::json;
use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Build, Vector};
use hashbrown::{DefaultHashBuilder, HashSet};
use std::any::Any;
use std::hash::BuildHasher;
use std::sync::OnceLock;

/// One hasher for the whole program: states of several threads are merged.
pub(crate) fn hasher() -> &'static DefaultHashBuilder {
    static CELL: OnceLock<DefaultHashBuilder> = OnceLock::new();
    CELL.get_or_init(DefaultHashBuilder::default)
}

pub(super) fn hash_of(v: &Val) -> Option<u64> {
    let h = hasher();
    Some(match v {
        Val::Null => return None,
        Val::Bool(b) => h.hash_one((1u8, *b)),
        Val::Long(n) | Val::Date(n) | Val::Span(n) => h.hash_one((2u8, *n)),
        Val::Real(n) => h.hash_one((3u8, if *n == 0.0 { 0 } else { n.to_bits() })),
        Val::Dec(d) => h.hash_one((4u8, d.to_string())),
        Val::Str(s) | Val::Guid(s) | Val::Dyn(s) => h.hash_one(s.as_bytes()),
    })
}

/// The hash of each row's value; once for each distinct value of a dictionary.
pub(crate) fn hashes(v: &Vector, kind: Kind, rows: usize) -> Vec<Option<u64>> {
    if let Some((d, sel)) = v.dict() {
        let table: Vec<Option<u64>> = d
            .values()
            .iter()
            .map(|s| hash_of(&crate::engine::expr::dict_val(s, kind)))
            .collect();
        let none = if kind == Kind::String {
            hash_of(&crate::engine::value::text(""))
        } else {
            None
        };
        return (0..rows)
            .map(|i| {
                let r = Vector::row(sel, i);
                if r >= d.codes().len() || d.is_null(r) {
                    none
                } else {
                    table.get(d.codes().get(r)).copied().flatten()
                }
            })
            .collect();
    }
    (0..rows).map(|i| hash_of(&v.val(kind, i))).collect()
}

/// A list or set a group, as JSON that is missing its brackets.
struct Lists {
    out: Vec<String>,
    n: Vec<u32>,
    seen: Option<HashSet<(u32, u64)>>,
    most: u32,
    cond: Option<usize>,
    nulls: bool,
    bytes: usize,
}
const MOST: i64 = 1_048_576;

fn lists(s: &Spec, set: bool) -> Result<Box<dyn Agg>, String> {
    let cond = s.condition(1);
    let at = if cond.is_some() { 2 } else { 1 };
    let most = match s.constant(at) {
        Some(v) => v.long().unwrap_or(MOST).clamp(0, MOST),
        // the old names stop at 128
        None if s.name == "makelist" || s.name == "makeset" => 128,
        None => MOST,
    };
    Ok(Box::new(Lists {
        out: Vec::new(),
        n: Vec::new(),
        seen: set.then(HashSet::new),
        most: most as u32,
        cond,
        nulls: s.name == "make_list_with_nulls",
        bytes: 0,
    }))
}
/// `make_list` and its kin.
pub fn make_list(s: &Spec) -> Result<Box<dyn Agg>, String> {
    lists(s, false)
}
/// `make_set` and its kin.
pub fn make_set(s: &Spec) -> Result<Box<dyn Agg>, String> {
    lists(s, true)
}
impl Lists {
    fn put(&mut self, g: usize, json: &str, hash: u64) {
        if self.n[g] >= self.most {
            return;
        }
        if let Some(seen) = &mut self.seen
            && !seen.insert((g as u32, hash))
        {
            return;
        }
        let out = &mut self.out[g];
        if self.n[g] > 0 {
            out.push(',');
        }
        out.push_str(json);
        self.bytes += json.len() + 1;
        self.n[g] += 1;
    }
}
impl Agg for Lists {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.out.resize(count, String::new());
        self.n.resize(count, 0);
        let (Some(v), Some(kind)) = (args.first(), kinds.first()) else {
            return;
        };
        let rows = Rows::of(args, self.cond, groups.len());
        let hashes = if self.seen.is_some() {
            hashes(v, *kind, groups.len())
        } else {
            Vec::new()
        };
        for (i, g) in groups.iter().enumerate() {
            let g = *g as usize;
            if !rows.counts(i) || self.n[g] >= self.most {
                continue;
            }
            let hash = match hashes.get(i) {
                Some(None) => continue,
                Some(Some(h)) => {
                    if self
                        .seen
                        .as_ref()
                        .is_some_and(|s| s.contains(&(g as u32, *h)))
                    {
                        continue;
                    }
                    *h
                }
                None => 0,
            };
            let x = v.val(*kind, i);
            if x.is_null() && !self.nulls {
                continue;
            }
            // a set of arrays is the set of their elements
            if self.seen.is_some()
                && let Val::Dyn(s) = &x
                && s.starts_with('[')
            {
                let parts: Vec<String> = json::elements(s).map(str::to_owned).collect();
                for e in parts {
                    let h = hasher().hash_one(e.as_bytes());
                    self.put(g, &e, h);
                }
                continue;
            }
            let text = x.json();
            self.put(g, &text, hash);
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.out.resize(count, String::new());
        self.n.resize(count, 0);
        let Some(o) = same::<Lists>(later) else {
            return;
        };
        for (g, s) in o.out.iter().enumerate() {
            if s.is_empty() {
                continue;
            }
            let whole = format!("[{s}]");
            for e in json::elements(&whole) {
                if self.n[g] >= self.most {
                    break;
                }
                let h = match self.seen.is_some() {
                    true => merged_hash(e),
                    false => 0,
                };
                self.put(g, e, h);
            }
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.out.resize(count, String::new());
        let mut b = Build::new(Kind::Dynamic);
        for s in &self.out {
            b.push_str(&format!("[{s}]"));
        }
        vec![b.finish()]
    }
    fn bytes(&self) -> usize {
        self.bytes + self.out.len() * 24 + self.seen.as_ref().map_or(0, |s| s.capacity() * 17)
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The hash that an element of a set had when it was a value.
fn merged_hash(e: &str) -> u64 {
    hash_of(&json::plain(e)).unwrap_or(0)
}

/// `make_bag`, `make_bag_if`: the first value of a key stays.
pub fn make_bag(s: &Spec) -> Result<Box<dyn Agg>, String> {
    Ok(Box::new(Bag {
        keys: Vec::new(),
        out: Vec::new(),
        cond: s.condition(1),
        bytes: 0,
    }))
}
struct Bag {
    keys: Vec<HashSet<String>>,
    out: Vec<String>,
    cond: Option<usize>,
    bytes: usize,
}
impl Bag {
    fn take(&mut self, g: usize, bag: &str) {
        for (k, v) in json::members(bag) {
            if self.keys[g].contains(k) {
                continue;
            }
            self.keys[g].insert(k.to_owned());
            let out = &mut self.out[g];
            if !out.is_empty() {
                out.push(',');
            }
            out.push('"');
            out.push_str(k);
            out.push_str("\":");
            out.push_str(v);
            self.bytes += k.len() * 2 + v.len() + 60;
        }
    }
}
impl Agg for Bag {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.keys.resize(count, HashSet::new());
        self.out.resize(count, String::new());
        let (Some(v), Some(kind)) = (args.first(), kinds.first()) else {
            return;
        };
        let rows = Rows::of(args, self.cond, groups.len());
        for (i, g) in groups.iter().enumerate() {
            if rows.counts(i)
                && let Val::Dyn(s) = v.val(*kind, i)
            {
                self.take(*g as usize, &s);
            }
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.keys.resize(count, HashSet::new());
        self.out.resize(count, String::new());
        if let Some(o) = same::<Bag>(later) {
            for (g, s) in o.out.iter().enumerate() {
                self.take(g, &format!("{{{s}}}"));
            }
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.out.resize(count, String::new());
        let mut b = Build::new(Kind::Dynamic);
        for s in &self.out {
            b.push_str(&format!("{{{s}}}"));
        }
        vec![b.finish()]
    }
    fn bytes(&self) -> usize {
        self.bytes
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
