//! Hashes.

use super::strings::{n, s};
use crate::engine::expr::Cx;
use crate::engine::value::{Val, text};

const P: [u64; 5] = [
    11_400_714_785_074_694_791,
    14_029_467_366_897_019_727,
    1_609_587_929_392_839_161,
    9_650_029_242_287_828_579,
    2_870_177_450_012_600_261,
];

/// xxHash64.
pub fn xxhash64(b: &[u8], seed: u64) -> u64 {
    let word = |c: &[u8]| c.iter().rev().fold(0u64, |a, x| a << 8 | u64::from(*x));
    let round = |acc: u64, v: u64| {
        acc.wrapping_add(v.wrapping_mul(P[1]))
            .rotate_left(31)
            .wrapping_mul(P[0])
    };
    let mut rest = b;
    let mut h = if b.len() >= 32 {
        let mut v = [
            seed.wrapping_add(P[0]).wrapping_add(P[1]),
            seed.wrapping_add(P[1]),
            seed,
            seed.wrapping_sub(P[0]),
        ];
        while rest.len() >= 32 {
            for (i, x) in v.iter_mut().enumerate() {
                *x = round(*x, word(&rest[8 * i..8 * i + 8]));
            }
            rest = &rest[32..];
        }
        let mut h = v[0]
            .rotate_left(1)
            .wrapping_add(v[1].rotate_left(7))
            .wrapping_add(v[2].rotate_left(12))
            .wrapping_add(v[3].rotate_left(18));
        for x in v {
            h = (h ^ round(0, x)).wrapping_mul(P[0]).wrapping_add(P[3]);
        }
        h
    } else {
        seed.wrapping_add(P[4])
    };
    h = h.wrapping_add(b.len() as u64);
    while rest.len() >= 8 {
        h = (h ^ round(0, word(&rest[..8])))
            .rotate_left(27)
            .wrapping_mul(P[0])
            .wrapping_add(P[3]);
        rest = &rest[8..];
    }
    if rest.len() >= 4 {
        h = (h ^ word(&rest[..4]).wrapping_mul(P[0]))
            .rotate_left(23)
            .wrapping_mul(P[1])
            .wrapping_add(P[2]);
        rest = &rest[4..];
    }
    for x in rest {
        h = (h ^ u64::from(*x).wrapping_mul(P[4]))
            .rotate_left(11)
            .wrapping_mul(P[0]);
    }
    h = (h ^ (h >> 33)).wrapping_mul(P[1]);
    h = (h ^ (h >> 29)).wrapping_mul(P[2]);
    h ^ (h >> 32)
}
fn of(v: &Val) -> u64 {
    match v {
        Val::Long(n) | Val::Date(n) | Val::Span(n) => xxhash64(&n.to_le_bytes(), 0),
        Val::Real(n) => xxhash64(&n.to_le_bytes(), 0),
        Val::Bool(b) => xxhash64(&[u8::from(*b)], 0),
        v => xxhash64(v.text().as_bytes(), 0),
    }
}
/// The number that `hash` gives.
pub fn of_value(v: &Val) -> u64 {
    of(v)
}
fn below(h: u64, m: Option<i64>) -> Val<'static> {
    match m {
        Some(m) if m > 0 => Val::Long((h as i64).rem_euclid(m)),
        _ => Val::Long(h as i64),
    }
}
/// `hash`, `hash_xxhash64`
pub fn hash<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    a.first().map_or(Val::Null, |v| below(of(v), n(a, 1)))
}
/// `hash_combine`
pub fn hash_combine<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut h = 0u64;
    for v in a {
        h ^= (v.long().unwrap_or(0) as u64)
            .wrapping_add(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(h << 6)
            .wrapping_add(h >> 2);
    }
    Val::Long(h as i64)
}
/// `hash_many`
pub fn hash_many<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let each: Vec<Val> = a.iter().map(|v| Val::Long(of(v) as i64)).collect();
    hash_combine(cx, &each)
}
fn hex(b: &[u8]) -> String {
    b.iter().map(|x| format!("{x:02x}")).collect()
}
/// Padded to blocks of 64 with the length in bits.
fn padded(b: &[u8], big: bool) -> Vec<u8> {
    let mut m = b.to_vec();
    m.push(0x80);
    while m.len() % 64 != 56 {
        m.push(0);
    }
    let bits = (b.len() as u64).wrapping_mul(8);
    m.extend(if big {
        bits.to_be_bytes()
    } else {
        bits.to_le_bytes()
    });
    m
}
/// MD5.
pub fn md5(b: &[u8]) -> [u8; 16] {
    const S: [u32; 16] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
    let mut h: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded(b, false).chunks(64) {
        let w: Vec<u32> = block
            .chunks(4)
            .map(|c| c.iter().rev().fold(0u32, |a, x| a << 8 | u32::from(*x)))
            .collect();
        let [mut p, mut q, mut r, mut s] = h;
        for i in 0..64usize {
            let (f, g) = match i / 16 {
                0 => ((q & r) | (!q & s), i),
                1 => ((s & q) | (!s & r), (5 * i + 1) % 16),
                2 => (q ^ r ^ s, (3 * i + 5) % 16),
                _ => (r ^ (q | !s), (7 * i) % 16),
            };
            let k = (((i + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
            let x = f.wrapping_add(p).wrapping_add(k).wrapping_add(w[g]);
            p = s;
            s = r;
            r = q;
            q = q.wrapping_add(x.rotate_left(S[i / 16 * 4 + i % 4]));
        }
        for (x, y) in h.iter_mut().zip([p, q, r, s]) {
            *x = x.wrapping_add(y);
        }
    }
    let mut out = [0; 16];
    for (o, x) in out.chunks_mut(4).zip(h) {
        o.copy_from_slice(&x.to_le_bytes());
    }
    out
}
/// SHA-1.
pub fn sha1(b: &[u8]) -> [u8; 20] {
    let mut h: [u32; 5] = [
        0x6745_2301,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    for block in padded(b, true).chunks(64) {
        let mut w: Vec<u32> = block
            .chunks(4)
            .map(|c| c.iter().fold(0u32, |a, x| a << 8 | u32::from(*x)))
            .collect();
        for i in 16..80 {
            w.push((w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16]).rotate_left(1));
        }
        let [mut p, mut q, mut r, mut s, mut t] = h;
        for (i, x) in w.iter().enumerate() {
            let (f, k) = match i / 20 {
                0 => ((q & r) | (!q & s), 0x5a82_7999),
                1 => (q ^ r ^ s, 0x6ed9_eba1),
                2 => ((q & r) | (q & s) | (r & s), 0x8f1b_bcdc),
                _ => (q ^ r ^ s, 0xca62_c1d6u32),
            };
            let v = p
                .rotate_left(5)
                .wrapping_add(f)
                .wrapping_add(t)
                .wrapping_add(k)
                .wrapping_add(*x);
            (t, s, r, q, p) = (s, r, q.rotate_left(30), p, v);
        }
        for (x, y) in h.iter_mut().zip([p, q, r, s, t]) {
            *x = x.wrapping_add(y);
        }
    }
    let mut out = [0; 20];
    for (o, x) in out.chunks_mut(4).zip(h) {
        o.copy_from_slice(&x.to_be_bytes());
    }
    out
}
/// The first bits of the fractions of roots of the first primes.
fn constants() -> ([u32; 64], [u32; 8]) {
    let (mut k, mut h) = ([0u32; 64], [0u32; 8]);
    let mut p = 1u64;
    for i in 0..64 {
        loop {
            p += 1;
            if (2..p)
                .take_while(|d| d * d <= p)
                .all(|d| !p.is_multiple_of(d))
            {
                break;
            }
        }
        // integer roots of p shifted far left: exact, unlike those of floating point
        k[i] = root(u128::from(p) << 96, 3) as u32;
        if i < 8 {
            h[i] = root(u128::from(p) << 64, 2) as u32;
        }
    }
    (k, h)
}
fn root(n: u128, power: u32) -> u128 {
    let (mut lo, mut hi) = (0u128, 1u128 << 42);
    while lo < hi {
        let mid = (lo + hi).div_ceil(2);
        if mid.checked_pow(power).is_some_and(|x| x <= n) {
            lo = mid;
        } else {
            hi = mid - 1;
        }
    }
    lo
}
/// SHA-256.
pub fn sha256(b: &[u8]) -> [u8; 32] {
    static CELL: std::sync::OnceLock<([u32; 64], [u32; 8])> = std::sync::OnceLock::new();
    let (k, first) = CELL.get_or_init(constants);
    let mut h = *first;
    for block in padded(b, true).chunks(64) {
        let mut w: Vec<u32> = block
            .chunks(4)
            .map(|c| c.iter().fold(0u32, |a, x| a << 8 | u32::from(*x)))
            .collect();
        for i in 16..64 {
            let a = w[i - 15];
            let e = w[i - 2];
            let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let s1 = e.rotate_right(17) ^ e.rotate_right(19) ^ (e >> 10);
            w.push(
                w[i - 16]
                    .wrapping_add(s0)
                    .wrapping_add(w[i - 7])
                    .wrapping_add(s1),
            );
        }
        let mut v = h;
        for (x, k) in w.iter().zip(k) {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let ch = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let t1 = v[7]
                .wrapping_add(s1)
                .wrapping_add(ch)
                .wrapping_add(*k)
                .wrapping_add(*x);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let t2 = s0.wrapping_add((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(t1);
            v[0] = t1.wrapping_add(t2);
        }
        for (x, y) in h.iter_mut().zip(v) {
            *x = x.wrapping_add(y);
        }
    }
    let mut out = [0; 32];
    for (o, x) in out.chunks_mut(4).zip(h) {
        o.copy_from_slice(&x.to_be_bytes());
    }
    out
}
/// `hash_md5`
pub fn hash_md5<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(hex(&md5(s(a, 0).as_bytes())))
}
/// `hash_sha1`
pub fn hash_sha1<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(hex(&sha1(s(a, 0).as_bytes())))
}
/// `hash_sha256`
pub fn hash_sha256<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(hex(&sha256(s(a, 0).as_bytes())))
}
