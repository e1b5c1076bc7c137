//! Summaries of many values that can be kept and joined: digests to take percentiles from,
//! states to count distinct values with. Both are exact while they are small.
//!
//! As values they are arrays of their own form: no other engine reads them, nor does this one
//! read those of others.

use super::eval::encodings::{from_base64, to_base64};
use super::eval::hashes;
use super::json;
use super::value::{Kind, Val, dynamic};
use hashbrown::HashSet;

/// Points of a digest, at most, when it is written.
const POINTS: usize = 1_000;
/// Points it may have before it is made smaller.
const MOST_POINTS: usize = 4_000;
/// Hashes kept one by one; beyond that they are registers.
const MOST_HASHES: usize = 2_048;
/// Bits of a hash that choose a register.
const BITS: u32 = 14;

/// Values with their weights, close ones joined.
#[derive(Clone, Debug)]
pub struct Digest {
    /// What the values were.
    pub kind: Kind,
    points: Vec<(f64, f64)>,
    sorted: bool,
}

impl Default for Digest {
    fn default() -> Digest {
        Digest {
            kind: Kind::Real,
            points: Vec::new(),
            sorted: true,
        }
    }
}

impl Digest {
    /// Takes in a value.
    pub fn add(&mut self, v: &Val, weight: f64) {
        if let Some(x) = v.real().filter(|_| weight > 0.0) {
            self.kind = match v {
                Val::Date(_) => Kind::Datetime,
                Val::Span(_) => Kind::Timespan,
                Val::Long(_) => Kind::Long,
                _ => Kind::Real,
            };
            self.points.push((x, weight));
            self.sorted = false;
            if self.points.len() > MOST_POINTS {
                self.shrink();
            }
        }
    }
    /// Takes in another.
    pub fn join(&mut self, o: Digest) {
        if !o.points.is_empty() {
            self.kind = o.kind;
            self.points.extend(o.points);
            self.sorted = false;
            if self.points.len() > MOST_POINTS {
                self.shrink();
            }
        }
    }
    fn sort(&mut self) {
        if !self.sorted {
            self.points.sort_by(|a, b| a.0.total_cmp(&b.0));
            // the same value once
            self.points.dedup_by(|b, a| {
                let same = a.0 == b.0;
                if same {
                    a.1 += b.1;
                }
                same
            });
            self.sorted = true;
        }
    }
    /// Joins neighbours until there are few; the ends stay as they are.
    fn shrink(&mut self) {
        self.sort();
        if self.points.len() <= POINTS {
            return;
        }
        let total: f64 = self.points.iter().map(|p| p.1).sum();
        let each = total / (POINTS as f64 - 2.0);
        let last = self.points.len() - 1;
        let mut out: Vec<(f64, f64)> = Vec::with_capacity(POINTS);
        for (i, (x, w)) in self.points.iter().enumerate() {
            match out.last_mut() {
                Some(o) if i > 1 && i < last && o.1 + w <= each => {
                    o.0 = (o.0 * o.1 + x * w) / (o.1 + w);
                    o.1 += w;
                }
                _ => out.push((*x, *w)),
            }
        }
        self.points = out;
    }
    /// The value that so many percent do not exceed.
    pub fn percentile(&mut self, p: f64) -> Option<f64> {
        self.sort();
        let total: f64 = self.points.iter().map(|x| x.1).sum();
        let want = (p / 100.0 * total).ceil().max(1.0);
        let mut sum = 0.0;
        for (x, w) in &self.points {
            sum += w;
            if sum >= want {
                return Some(*x);
            }
        }
        self.points.last().map(|x| x.0)
    }
    /// How much lies below a value, and how much there is.
    pub fn rank(&self, v: f64) -> (f64, f64) {
        let below = self.points.iter().filter(|p| p.0 < v).map(|p| p.1).sum();
        (below, self.points.iter().map(|p| p.1).sum())
    }
    /// A number as the kind the values were.
    pub fn value(&self, x: f64) -> Val<'static> {
        match self.kind {
            Kind::Datetime => Val::Date(x as i64),
            Kind::Timespan => Val::Span(x as i64),
            Kind::Long => Val::Long(x as i64),
            _ => Val::Real(x),
        }
    }
    /// As a dynamic value.
    pub fn write(mut self) -> Val<'static> {
        self.sort();
        self.shrink();
        let points: Vec<String> = self
            .points
            .iter()
            .map(|(x, w)| format!("{},{}", json::real(*x), json::real(*w)))
            .collect();
        let kind = self.kind.ty().name();
        dynamic(format!("[\"tdigest\",\"{kind}\",[{}]]", points.join(",")))
    }
    /// Of a dynamic value that is one.
    pub fn read(v: &Val) -> Option<Digest> {
        let Val::Dyn(s) = v else { return None };
        let mut e = json::elements(s);
        if e.next()? != "\"tdigest\"" {
            return None;
        }
        let kind = match e.next()? {
            "\"datetime\"" => Kind::Datetime,
            "\"timespan\"" => Kind::Timespan,
            "\"long\"" => Kind::Long,
            _ => Kind::Real,
        };
        let numbers: Vec<f64> = json::elements(e.next()?)
            .filter_map(|n| json::plain(n).real())
            .collect();
        Some(Digest {
            kind,
            points: numbers.chunks_exact(2).map(|p| (p[0], p[1])).collect(),
            sorted: false,
        })
    }
    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.points.len() * 16
    }
}

/// How many distinct values there are: hashes while they are few, then registers.
#[derive(Clone, Debug)]
pub enum Hll {
    /// All hashes.
    Few(HashSet<u64>),
    /// For each register the longest run of zeros.
    Many(Vec<u8>),
}

impl Default for Hll {
    fn default() -> Hll {
        Hll::Few(HashSet::new())
    }
}

fn put(registers: &mut [u8], h: u64) {
    let at = (h >> (64 - BITS)) as usize;
    let run = ((h << BITS) | (1 << (BITS - 1))).leading_zeros() as u8 + 1;
    if let Some(r) = registers.get_mut(at) {
        *r = (*r).max(run);
    }
}

impl Hll {
    /// Takes in a value; null is none.
    pub fn add(&mut self, v: &Val) {
        if !v.is_null() {
            self.hash(hashes::of_value(v));
        }
    }
    fn hash(&mut self, h: u64) {
        match self {
            Hll::Few(set) => {
                set.insert(h);
                if set.len() > MOST_HASHES {
                    *self = Hll::Many(self.registers());
                }
            }
            Hll::Many(r) => put(r, h),
        }
    }
    fn registers(&self) -> Vec<u8> {
        match self {
            Hll::Many(r) => r.clone(),
            Hll::Few(set) => {
                let mut r = vec![0u8; 1 << BITS];
                set.iter().for_each(|h| put(&mut r, *h));
                r
            }
        }
    }
    /// Takes in another.
    pub fn join(&mut self, o: Hll) {
        match o {
            Hll::Few(set) => set.into_iter().for_each(|h| self.hash(h)),
            Hll::Many(theirs) => {
                let mut own = self.registers();
                own.iter_mut()
                    .zip(theirs)
                    .for_each(|(a, b)| *a = (*a).max(b));
                *self = Hll::Many(own);
            }
        }
    }
    /// About how many values are in all of these; exact while they are few. None where that
    /// would take too many steps.
    pub fn shared(all: &[Hll]) -> Option<i64> {
        let sets: Option<Vec<&HashSet<u64>>> = all
            .iter()
            .map(|h| match h {
                Hll::Few(s) => Some(s),
                Hll::Many(_) => None,
            })
            .collect();
        if let Some(sets) = sets {
            let (first, rest) = sets.split_first()?;
            let both = first.iter().filter(|h| rest.iter().all(|s| s.contains(*h)));
            return Some(both.count() as i64);
        }
        if all.len() > 6 {
            return None;
        }
        // the unions of all choices, added and taken away in turn
        let mut sum = 0;
        for choice in 1u32..1 << all.len() {
            let mut union = Hll::default();
            for (i, h) in all.iter().enumerate() {
                if choice >> i & 1 == 1 {
                    union.join(h.clone());
                }
            }
            let odd = choice.count_ones() % 2 == 1;
            sum += if odd { union.count() } else { -union.count() };
        }
        Some(sum.max(0))
    }
    /// About how many distinct values; exact while they are few.
    pub fn count(&self) -> i64 {
        match self {
            Hll::Few(set) => set.len() as i64,
            Hll::Many(r) => {
                let m = r.len() as f64;
                let sum: f64 = r.iter().map(|x| 2f64.powi(-i32::from(*x))).sum();
                let estimate = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
                let zeros = r.iter().filter(|x| **x == 0).count();
                let few = estimate <= 2.5 * m && zeros > 0;
                let n = if few {
                    m * (m / zeros as f64).ln()
                } else {
                    estimate
                };
                n.round() as i64
            }
        }
    }
    /// As a dynamic value.
    pub fn write(&self) -> Val<'static> {
        let inside = match self {
            Hll::Few(set) => {
                let mut list: Vec<i64> = set.iter().map(|h| *h as i64).collect();
                list.sort_unstable();
                let list: Vec<String> = list.iter().map(i64::to_string).collect();
                format!("[{}]", list.join(","))
            }
            Hll::Many(r) => json::quote(&to_base64(r)),
        };
        dynamic(format!("[\"hll\",{BITS},{inside}]"))
    }
    /// Of a dynamic value that is one.
    pub fn read(v: &Val) -> Option<Hll> {
        let Val::Dyn(s) = v else { return None };
        let mut e = json::elements(s);
        if e.next()? != "\"hll\"" {
            return None;
        }
        let inside = e.nth(1)?;
        if inside.starts_with('[') {
            let set = json::elements(inside)
                .filter_map(|h| json::plain(h).long())
                .map(|h| h as u64)
                .collect();
            return Some(Hll::Few(set));
        }
        let registers = from_base64(&json::text_of(inside))?;
        (registers.len() == 1 << BITS).then_some(Hll::Many(registers))
    }
    /// Bytes held.
    pub fn bytes(&self) -> usize {
        match self {
            Hll::Few(s) => s.len() * 16,
            Hll::Many(r) => r.len(),
        }
    }
}
