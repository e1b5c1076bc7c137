//! Lists, sets and bags.

use super::hashes::{Hashes, in_group, of_bytes};
use super::{Agg, Rows, Spec, same};
use crate::engine::guard::Guard;
use crate::engine::json;
use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Build, Vector};
use hashbrown::{HashSet, HashTable};
use std::any::Any;
use std::sync::Arc;

/// Lists or sets, their elements one after the other as they came; they are put to their groups at
/// the end. A text for each group would be a million small allocations where there are many groups.
struct Lists {
    /// How many elements each group has.
    n: Vec<u32>,
    /// The group of each element, and where its JSON ends.
    group: Vec<u32>,
    ends: Vec<usize>,
    json: String,
    /// Of sets: what is in them, and what each element is known by.
    seen: Option<HashTable<u64>>,
    keys: Vec<u64>,
    most: u32,
    cond: Option<usize>,
    nulls: bool,
    /// Bytes of JSON that this state may hold.
    limit: usize,
    guard: Arc<Guard>,
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
        n: Vec::new(),
        group: Vec::new(),
        ends: Vec::new(),
        json: String::new(),
        seen: set.then(HashTable::new),
        keys: Vec::new(),
        most: most as u32,
        cond,
        nulls: s.name == "make_list_with_nulls",
        limit: s.guard.room() / s.threads.max(1),
        guard: s.guard.clone(),
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
    /// Whether the group of a set takes an element, which it then knows; lists take all.
    #[inline]
    fn takes(&mut self, key: u64) -> bool {
        let Some(seen) = &mut self.seen else {
            return true;
        };
        match seen.entry(key, |k| *k == key, |k| *k) {
            hashbrown::hash_table::Entry::Occupied(_) => false,
            hashbrown::hash_table::Entry::Vacant(v) => {
                v.insert(key);
                self.keys.push(key);
                true
            }
        }
    }
    /// Notes that the JSON written last is an element of a group.
    #[inline]
    fn put(&mut self, g: usize) {
        self.group.push(g as u32);
        self.ends.push(self.json.len());
        self.n[g] += 1;
    }
    /// Whether it holds more than it may: the query is lost and nothing more is taken in.
    fn full(&self) -> bool {
        let full = self.json.len() > self.limit;
        if full {
            self.guard.overflow();
        }
        full
    }
}
impl Agg for Lists {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.n.resize(count, 0);
        let (Some(v), Some(kind)) = (args.first(), kinds.first()) else {
            return;
        };
        let rows = Rows::of(args, self.cond, groups.len());
        let hashes = self.seen.is_some().then(|| Hashes::of(v, *kind));
        for (i, g) in groups.iter().enumerate() {
            let g = *g as usize;
            if self.n[g] >= self.most || !rows.counts(i) {
                continue;
            }
            if self.full() {
                return;
            }
            let hash = match &hashes {
                Some(h) => match h.get(i) {
                    Some(h) => in_group(g as u32, h),
                    None => continue,
                },
                None => 0,
            };
            let x = v.val(*kind, i);
            match &x {
                Val::Null if !self.nulls => {}
                // a set of arrays is the set of their elements
                Val::Dyn(s) if hashes.is_some() && s.starts_with('[') => {
                    for e in json::elements(s) {
                        if self.n[g] < self.most
                            && self.takes(in_group(g as u32, of_bytes(e.as_bytes())))
                        {
                            self.json.push_str(e);
                            self.put(g);
                        }
                    }
                }
                Val::Str(s) | Val::Guid(s) => {
                    if self.takes(hash) {
                        json::push_quoted(&mut self.json, s);
                        self.put(g);
                    }
                }
                x => {
                    if self.takes(hash) {
                        self.json.push_str(&x.json());
                        self.put(g);
                    }
                }
            }
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.n.resize(count, 0);
        let Some(o) = same::<Lists>(later) else {
            return;
        };
        let mut from = 0;
        for (i, (g, end)) in o.group.iter().zip(&o.ends).enumerate() {
            let start = std::mem::replace(&mut from, *end);
            let key = o.keys.get(i).copied().unwrap_or(0);
            if self.full() {
                return;
            }
            if self.n[*g as usize] < self.most && self.takes(key) {
                self.json.push_str(o.json.get(start..*end).unwrap_or(""));
                self.put(*g as usize);
            }
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.n.resize(count, 0);
        // elements by group, in the order they came
        let mut at = Vec::with_capacity(count + 1);
        let mut sum = 0usize;
        for n in &self.n {
            at.push(sum);
            sum += *n as usize;
        }
        let mut order = vec![0u32; sum];
        for (i, g) in self.group.iter().enumerate() {
            let slot = &mut at[*g as usize];
            order[*slot] = i as u32;
            *slot += 1;
        }
        let mut b = Build::new(Kind::Dynamic);
        let mut list = String::new();
        let mut rest = order.iter();
        for n in &self.n {
            list.clear();
            list.push('[');
            for (k, i) in rest.by_ref().take(*n as usize).enumerate() {
                if k > 0 {
                    list.push(',');
                }
                let i = *i as usize;
                let start = i.checked_sub(1).map_or(0, |i| self.ends[i]);
                list.push_str(self.json.get(start..self.ends[i]).unwrap_or(""));
            }
            list.push(']');
            b.push_str(&list);
        }
        vec![b.finish()]
    }
    fn bytes(&self) -> usize {
        self.json.capacity()
            + self.ends.capacity() * 8
            + (self.group.capacity() + self.n.capacity()) * 4
            + self.keys.capacity() * 8
            + self.seen.as_ref().map_or(0, |s| s.capacity() * 10)
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
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
