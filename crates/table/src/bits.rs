//! A row of bits, for validity and truth values.

/// Immutable-length bits, 64 a word; bits past the end are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// `len` bits of one value.
    pub fn filled(len: usize, bit: bool) -> Self {
        let mut bits = Bits {
            words: vec![if bit { !0 } else { 0 }; len.div_ceil(64)],
            len,
        };
        bits.trim();
        bits
    }

    /// From words as [`words`](Self::words) gives them; `None` when their number does not fit `len`.
    pub fn from_words(mut words: Vec<u64>, len: usize) -> Option<Self> {
        if words.len() != len.div_ceil(64) {
            return None;
        }
        words.shrink_to_fit();
        let mut bits = Bits { words, len };
        bits.trim();
        Some(bits)
    }

    /// Number of bits.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bit; false past the end.
    #[inline]
    pub fn get(&self, at: usize) -> bool {
        at < self.len && (self.words[at >> 6] >> (at & 63)) & 1 == 1
    }

    /// Sets a bit; nothing past the end.
    pub fn set(&mut self, at: usize, bit: bool) {
        if at < self.len {
            let mask = 1 << (at & 63);
            if bit {
                self.words[at >> 6] |= mask;
            } else {
                self.words[at >> 6] &= !mask;
            }
        }
    }

    /// Appends a bit.
    pub fn push(&mut self, bit: bool) {
        if self.len & 63 == 0 {
            self.words.push(0);
        }
        self.len += 1;
        if bit {
            self.set(self.len - 1, true);
        }
    }

    /// Appends all bits of another.
    pub fn extend(&mut self, other: &Bits) {
        let shift = self.len & 63;
        if shift == 0 {
            self.words.extend_from_slice(&other.words);
        } else {
            for word in &other.words {
                if let Some(last) = self.words.last_mut() {
                    *last |= word << shift;
                }
                self.words.push(word >> (64 - shift));
            }
        }
        self.len += other.len;
        self.words.truncate(self.len.div_ceil(64));
    }

    /// Forgets the bits from `len` on.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len {
            self.len = len;
            self.words.truncate(len.div_ceil(64));
            self.trim();
        }
    }

    /// Appends `count` bits of one value.
    pub fn extend_with(&mut self, count: usize, bit: bool) {
        self.extend(&Bits::filled(count, bit));
    }

    /// How many are set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// The words, lowest bit first.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The places of the set bits, ascending.
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                (left != 0).then(|| {
                    left &= left - 1;
                    at * 64 + bit
                })
            })
        })
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.words.capacity() * 8
    }

    fn trim(&mut self) {
        if self.len & 63 != 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << (self.len & 63)) - 1;
        }
    }
}

impl FromIterator<bool> for Bits {
    fn from_iter<I: IntoIterator<Item = bool>>(iter: I) -> Self {
        let mut bits = Bits::default();
        let mut word = 0u64;
        for bit in iter {
            word |= u64::from(bit) << (bits.len & 63);
            bits.len += 1;
            if bits.len & 63 == 0 {
                bits.words.push(word);
                word = 0;
            }
        }
        if bits.len & 63 != 0 {
            bits.words.push(word);
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Bits;

    proptest! {
        #[test]
        fn bits_behave_like_a_vec(a in prop::collection::vec(any::<bool>(), 0..200), b in prop::collection::vec(any::<bool>(), 0..200)) {
            let mut bits: Bits = a.iter().copied().collect();
            bits.extend(&b.iter().copied().collect());
            let both = [a.clone(), b.clone()].concat();
            prop_assert_eq!(bits.len(), both.len());
            prop_assert!((0..both.len() + 70).all(|at| bits.get(at) == both.get(at).copied().unwrap_or(false)));
            prop_assert_eq!(bits.count(), both.iter().filter(|b| **b).count());
            prop_assert!(bits.ones().eq(both.iter().enumerate().filter(|(_, b)| **b).map(|(at, _)| at)));
            // equal bits are equal however they came to be
            prop_assert_eq!(&bits, &both.iter().copied().collect::<Bits>());
            prop_assert_eq!(Bits::from_words(bits.words().to_vec(), bits.len()), Some(bits));
            let mut cut: Bits = both.iter().copied().collect();
            cut.truncate(a.len());
            prop_assert_eq!(&cut, &a.iter().copied().collect::<Bits>());
            prop_assert_eq!(Bits::filled(a.len(), true).count(), a.len());
        }
    }
}
