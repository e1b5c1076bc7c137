//! Distinct counts. Values are known by their 64-bit hash: numbered and kept as bits a group while
//! that is small, as pairs of group and hash beyond.

use super::hashes::{Hashes, hash_of};
use super::pairs::Pairs;
use super::{Agg, Rows, Spec, same};
use crate::engine::value::{Kind, text};
use crate::engine::vector::{Vector, of_ints};
use hashbrown::HashMap;
use std::any::Any;

/// Most words of bits.
const MOST_WORDS: usize = 1 << 20;

struct Distinct {
    n: Vec<i64>,
    cond: Option<usize>,
    /// Numbers of values, by hash; and the hash of each number.
    known: HashMap<u64, u32>,
    order: Vec<u64>,
    /// For each group `stride` words.
    bits: Vec<u64>,
    stride: usize,
    /// Beyond that.
    sparse: Option<Pairs>,
    threads: usize,
}

/// `dcount`, `dcountif`, `count_distinct`.
pub fn dcount(s: &Spec) -> Result<Box<dyn Agg>, String> {
    Ok(Box::new(Distinct {
        n: Vec::new(),
        cond: s.condition(1),
        known: HashMap::new(),
        order: Vec::new(),
        bits: Vec::new(),
        stride: 0,
        sparse: None,
        threads: s.threads,
    }))
}

impl Distinct {
    fn number(&mut self, h: u64) -> u32 {
        let order = &mut self.order;
        *self.known.entry(h).or_insert_with(|| {
            order.push(h);
            order.len() as u32 - 1
        })
    }
    /// Makes room for so many groups and the values known; false where bits would be too many.
    fn fits(&mut self, count: usize) -> bool {
        let stride = self.order.len().div_ceil(64).max(1);
        if stride <= self.stride && self.bits.len() >= count * self.stride {
            return true;
        }
        let stride = if stride > self.stride {
            stride.next_power_of_two()
        } else {
            self.stride
        };
        if count.saturating_mul(stride) > MOST_WORDS {
            return false;
        }
        let mut bits = vec![0u64; count * stride];
        if self.stride > 0 {
            for (from, to) in self.bits.chunks(self.stride).zip(bits.chunks_mut(stride)) {
                to[..from.len()].copy_from_slice(from);
            }
        }
        self.bits = bits;
        self.stride = stride;
        true
    }
    #[inline]
    fn put(&mut self, g: u32, id: u32) {
        let at = g as usize * self.stride + id as usize / 64;
        let mask = 1u64 << (id % 64);
        let w = &mut self.bits[at];
        if *w & mask == 0 {
            *w |= mask;
            self.n[g as usize] += 1;
        }
    }
    /// The pairs kept as bits, as pairs.
    fn pairs(&self) -> Pairs {
        let mut out = Pairs::default();
        if self.stride > 0 {
            for (g, words) in self.bits.chunks(self.stride).enumerate() {
                for (w, word) in words.iter().enumerate() {
                    let mut left = *word;
                    while left != 0 {
                        let id = w * 64 + left.trailing_zeros() as usize;
                        left &= left - 1;
                        out.add(g as u32, self.order[id]);
                    }
                }
            }
        }
        out
    }
    fn spread(&mut self) {
        if self.sparse.is_none() {
            self.sparse = Some(self.pairs());
            self.n = Vec::new();
            self.bits = Vec::new();
            self.known = HashMap::new();
            self.order = Vec::new();
            self.stride = 0;
        }
    }
}

impl Agg for Distinct {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.n.resize(count, 0);
        let (Some(v), Some(kind)) = (args.first(), kinds.first()) else {
            return;
        };
        let rows = Rows::of(args, self.cond, groups.len());
        if self.sparse.is_none()
            && let Some((d, sel)) = v.dict()
        {
            const NONE: u32 = u32::MAX;
            let ids: Vec<u32> = d
                .values()
                .iter()
                .map(
                    |s| match hash_of(&crate::engine::expr::dict_val(s, *kind)) {
                        Some(h) => self.number(h),
                        None => NONE,
                    },
                )
                .collect();
            let null = if *kind == Kind::String {
                hash_of(&text("")).map_or(NONE, |h| self.number(h))
            } else {
                NONE
            };
            if self.fits(count) {
                let n = d.codes().len();
                for (i, g) in groups.iter().enumerate() {
                    if !rows.counts(i) {
                        continue;
                    }
                    let r = Vector::row(sel, i);
                    let id = if r >= n || d.is_null(r) {
                        null
                    } else {
                        ids.get(d.codes().get(r)).copied().unwrap_or(null)
                    };
                    if id != NONE {
                        self.put(*g, id);
                    }
                }
                return;
            }
        }
        self.spread();
        let hashes = Hashes::of(v, *kind);
        if let Some(pairs) = &mut self.sparse {
            for (i, g) in groups.iter().enumerate() {
                if rows.counts(i)
                    && let Some(h) = hashes.get(i)
                {
                    pairs.add(*g, h);
                }
            }
            pairs.tidy();
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.n.resize(count, 0);
        let Some(o) = same::<Distinct>(later) else {
            return;
        };
        if self.sparse.is_none() && o.sparse.is_none() {
            let ids: Vec<u32> = o.order.iter().map(|h| self.number(*h)).collect();
            if self.fits(count) {
                if o.stride > 0 {
                    for (g, words) in o.bits.chunks(o.stride).enumerate() {
                        for (w, word) in words.iter().enumerate() {
                            let mut left = *word;
                            while left != 0 {
                                let id = w * 64 + left.trailing_zeros() as usize;
                                left &= left - 1;
                                self.put(g as u32, ids[id]);
                            }
                        }
                    }
                }
                return;
            }
        }
        self.spread();
        let mut o = *o;
        let later = o.sparse.take().unwrap_or_else(|| o.pairs());
        if let Some(pairs) = &mut self.sparse {
            pairs.append(later);
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        if let Some(pairs) = self.sparse.take() {
            return vec![of_ints(pairs.counts(count, self.threads), None)];
        }
        self.n.resize(count, 0);
        vec![of_ints(self.n, None)]
    }
    fn bytes(&self) -> usize {
        self.sparse.as_ref().map_or(0, Pairs::bytes) + self.bits.len() * 8 + self.order.len() * 28
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
