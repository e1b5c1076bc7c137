//! Values of groups, counted without repeats. A hash table of all of them would be larger than the
//! caches and miss them at every value; so they are first thrown into baskets by their hash, in order
//! of arrival, and each basket is counted by itself in a table that stays near.

use hashbrown::HashTable;

/// Baskets; a million values are 4,096 in each.
const BASKETS: usize = 256;
/// Repeats are thrown out when there are that many more values than after the last time.
const ROOM: usize = 1 << 20;

/// A value by its hash within its group, and the group.
type Pair = (u64, u32);

#[derive(Default)]
pub(super) struct Pairs {
    baskets: Vec<Vec<Pair>>,
    len: usize,
    /// How many there were after repeats were thrown out.
    kept: usize,
}

/// Groups and how many values each has.
fn count(baskets: &mut [Vec<Pair>], groups: usize) -> Vec<i64> {
    let mut n = vec![0i64; groups];
    let mut seen = HashTable::new();
    for b in baskets {
        thin(b, &mut seen);
        for (_, g) in b.iter() {
            if let Some(n) = n.get_mut(*g as usize) {
                *n += 1;
            }
        }
    }
    n
}

/// Throws repeats out of a basket.
fn thin(basket: &mut Vec<Pair>, seen: &mut HashTable<u64>) {
    seen.clear();
    seen.reserve(basket.len(), |k| *k);
    basket.retain(|(k, _)| match seen.entry(*k, |x| x == k, |x| *x) {
        hashbrown::hash_table::Entry::Occupied(_) => false,
        hashbrown::hash_table::Entry::Vacant(v) => {
            v.insert(*k);
            true
        }
    });
}

impl Pairs {
    #[inline]
    pub fn add(&mut self, group: u32, hash: u64) {
        if self.baskets.is_empty() {
            self.baskets = vec![Vec::new(); BASKETS];
        }
        let key = super::hashes::in_group(group, hash);
        // not the bits that the tables of the baskets look at
        self.baskets[(key >> 40) as usize % BASKETS].push((key, group));
        self.len += 1;
    }
    /// Throws repeats out where there may be many.
    pub fn tidy(&mut self) {
        if self.len < self.kept * 2 + ROOM {
            return;
        }
        let mut seen = HashTable::new();
        self.len = 0;
        for b in &mut self.baskets {
            thin(b, &mut seen);
            self.len += b.len();
        }
        self.kept = self.len;
    }
    /// Takes in those of others.
    pub fn append(&mut self, other: Pairs) {
        if self.baskets.is_empty() {
            *self = other;
            return;
        }
        for (a, b) in self.baskets.iter_mut().zip(other.baskets) {
            a.extend(b);
        }
        self.len += other.len;
        self.tidy();
    }
    /// How many values each group has.
    pub fn counts(mut self, groups: usize, threads: usize) -> Vec<i64> {
        if threads < 2 || self.len < 100_000 {
            return count(&mut self.baskets, groups);
        }
        let size = self.baskets.len().div_ceil(threads).max(1);
        std::thread::scope(|s| {
            let mut shares = self.baskets.chunks_mut(size);
            let own = shares.next();
            let others: Vec<_> = shares.map(|b| s.spawn(move || count(b, groups))).collect();
            let mut n = own.map_or_else(|| vec![0; groups], |b| count(b, groups));
            for o in others {
                match o.join() {
                    Ok(more) => n.iter_mut().zip(more).for_each(|(a, b)| *a += b),
                    Err(p) => std::panic::resume_unwind(p),
                }
            }
            n
        })
    }
    pub fn bytes(&self) -> usize {
        let held: usize = self.baskets.iter().map(Vec::capacity).sum();
        held * std::mem::size_of::<Pair>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_count_once_however_they_come() {
        let mut a = Pairs::default();
        let mut b = Pairs::default();
        for n in 0..300_000u64 {
            let to = if n % 2 == 0 { &mut a } else { &mut b };
            to.add(
                (n % 3) as u32,
                super::super::hashes::of_bytes(&(n % 1000).to_le_bytes()),
            );
        }
        a.append(b);
        // each of three groups meets all of a thousand values
        assert_eq!(a.counts(4, 2), [1000, 1000, 1000, 0]);
    }

    #[test]
    fn repeats_do_not_pile_up() {
        let mut a = Pairs::default();
        for n in 0..3 * ROOM as u64 {
            a.add(0, n % 10);
            if n % 1000 == 0 {
                a.tidy();
            }
        }
        assert!(a.bytes() <= 2 * (ROOM + 2000) * 16, "{}", a.bytes());
        assert_eq!(a.counts(1, 1), [10]);
    }
}
