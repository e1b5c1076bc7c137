//! Randomness without state: every fact is a hash of (seed, topic, number), so it does not matter in what order facts are asked for.
//!
//! Ids carry their own index: the low 32 bits of a GUID (or of a machine id, or the second half of an alert id) are the index
//! through a keyed bijection, so a lookup by id needs no table, whatever the size of the tenant.

use std::fmt;
use std::str::FromStr;

/// What a number is drawn for; two topics never share their dice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Topic {
    Tenant = 1,
    User,
    Person,
    UserSid,
    Device,
    AadDevice,
    EntraObject,
    Machine,
    Phone,
    Incident,
    Alert,
    Story,
    Cast,
    SignIn,
    StorySignIn,
    ArrivedSignIn,
    Audit,
    Risk,
    Detection,
    Group,
    Role,
    App,
    AppObject,
    Method,
    Grant,
    Software,
    File,
    Process,
    Mail,
    Address,
    Workflow,
    Misc,
    Identity,
    Premises,
    Session,
    Noise,
    Feed,
    Posture,
}

/// The finalizer of splitmix64: a bijection that spreads every bit.
pub const fn mix(mut x: u64) -> u64 {
    x ^= x >> 30;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 27;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The seed of a tenant, from which everything else is hashed.
#[derive(Clone, Copy, Debug)]
pub struct Seed(pub u64);

impl Seed {
    /// One hash of (seed, topic, number).
    pub fn hash(self, topic: Topic, n: u64) -> u64 {
        mix(mix(self.0 ^ (topic as u64) << 56)
            .wrapping_add(mix(n.wrapping_add(0x9e37_79b9_7f4a_7c15))))
    }

    /// A stream of dice for (topic, number).
    pub fn dice(self, topic: Topic, n: u64) -> Dice {
        Dice(self.hash(topic, n))
    }

    fn key(self, topic: Topic) -> u32 {
        (self.hash(topic, u64::MAX) >> 32) as u32
    }

    /// The index as 32 bits that look random.
    pub fn veil(self, topic: Topic, i: u32) -> u32 {
        let mut y = (i ^ self.key(topic)).wrapping_mul(A);
        y ^= y >> 16;
        y = y.wrapping_mul(B);
        y ^ (y >> 16)
    }

    /// The inverse of `veil`.
    pub fn unveil(self, topic: Topic, veiled: u32) -> u32 {
        let mut y = veiled ^ (veiled >> 16);
        y = y.wrapping_mul(inverse(B));
        y ^= y >> 16;
        y.wrapping_mul(inverse(A)) ^ self.key(topic)
    }

    /// The GUID (version 4 in looks) of the i-th thing of a topic.
    pub fn guid(self, topic: Topic, i: u32) -> Guid {
        let hi = self.hash(topic, u64::from(i) | 1 << 40);
        let lo = self.hash(topic, u64::from(i) | 1 << 41);
        let hi = (hi & !0xf000) | 0x4000;
        let lo = (lo >> 2 | 1 << 63) & !0xffff_ffff & !(1 << 62) | u64::from(self.veil(topic, i));
        Guid(u128::from(hi) << 64 | u128::from(lo))
    }

    /// The index a GUID of this topic was made from, None for any other GUID.
    pub fn guid_index(self, topic: Topic, guid: Guid) -> Option<u32> {
        let i = self.unveil(topic, guid.0 as u32);
        (self.guid(topic, i) == guid).then_some(i)
    }
}

const A: u32 = 0x9e37_79b1;
const B: u32 = 0x85eb_ca6b;

/// The inverse of an odd number modulo 2^32, by Newton's iteration.
const fn inverse(odd: u32) -> u32 {
    let mut x = odd;
    let mut i = 0;
    while i < 5 {
        x = x.wrapping_mul(2u32.wrapping_sub(odd.wrapping_mul(x)));
        i += 1;
    }
    x
}

/// A stream of dice (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// A stream that starts from a hash.
    pub fn of(hash: u64) -> Dice {
        Dice(hash)
    }

    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `n` (0 when `n` is 0).
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.roll()) * u128::from(n)) >> 64) as u64
    }

    /// A number in `lo..=hi`.
    pub fn range(&mut self, lo: i64, hi: i64) -> i64 {
        lo + self.below((hi - lo + 1).max(1) as u64) as i64
    }

    /// True `permille` times in a thousand.
    pub fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// One of a non-empty list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }

    /// One of a list of (value, weight).
    pub fn weighted<T: Copy>(&mut self, list: &[(T, u32)]) -> T {
        let total: u32 = list.iter().map(|(_, w)| w).sum();
        let mut at = self.below(u64::from(total)) as u32;
        for &(value, weight) in list {
            if at < weight {
                return value;
            }
            at -= weight;
        }
        list[list.len() - 1].0
    }

    /// A random GUID, not to be found again by its index.
    pub fn guid(&mut self) -> Guid {
        let hi = (self.roll() & !0xf000) | 0x4000;
        let lo = self.roll() >> 2 | 1 << 63;
        Guid(u128::from(hi) << 64 | u128::from(lo))
    }

    /// `n` lower-case hexadecimal digits.
    pub fn hex(&mut self, n: usize) -> String {
        let mut text = String::with_capacity(n + 16);
        while text.len() < n {
            text.push_str(&format!("{:016x}", self.roll()));
        }
        text.truncate(n);
        text
    }
}

/// A GUID, written in lower case with hyphens, read in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub u128);

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            v >> 96,
            v >> 80 & 0xffff,
            v >> 64 & 0xffff,
            v >> 48 & 0xffff,
            v & 0xffff_ffff_ffff
        )
    }
}

/// The text is not a GUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a GUID")]
pub struct NotAGuid;

impl FromStr for Guid {
    type Err = NotAGuid;

    fn from_str(text: &str) -> Result<Self, NotAGuid> {
        let bytes = text.as_bytes();
        if bytes.len() != 36 {
            return Err(NotAGuid);
        }
        let mut value = 0u128;
        for (i, &byte) in bytes.iter().enumerate() {
            if matches!(i, 8 | 13 | 18 | 23) {
                if byte != b'-' {
                    return Err(NotAGuid);
                }
                continue;
            }
            let digit = (byte as char).to_digit(16).ok_or(NotAGuid)?;
            value = value << 4 | u128::from(digit);
        }
        Ok(Guid(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_finds_its_index_and_no_other_topic_does(seed: u64, i: u32) {
            let seed = Seed(seed);
            let id = seed.guid(Topic::User, i);
            prop_assert_eq!(seed.guid_index(Topic::User, id), Some(i));
            prop_assert_eq!(seed.guid_index(Topic::Device, id), None);
            let text = id.to_string();
            prop_assert_eq!(text.to_uppercase().parse::<Guid>(), Ok(id));
            prop_assert_eq!(&text[14..15], "4");
            prop_assert!("89ab".contains(&text[19..20]));
        }
    }

    #[test]
    fn a_text_that_is_no_guid_is_refused() {
        for text in [
            "",
            "..",
            "g0000000-0000-4000-8000-000000000000",
            "00000000_0000-4000-8000-000000000000",
        ] {
            assert_eq!(text.parse::<Guid>(), Err(NotAGuid), "{text}");
        }
    }

    #[test]
    fn weights_are_kept() {
        let mut dice = Dice(7);
        let ones = (0..10_000)
            .filter(|_| dice.weighted(&[(1, 1), (2, 9)]) == 1)
            .count();
        assert!((800..1200).contains(&ones), "{ones}");
    }
}
