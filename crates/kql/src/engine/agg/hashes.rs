//! The hashes that sets and distinct counts know values by: 64 bits of a value, and of a value
//! within a group.

use crate::engine::value::{Kind, Val, text};
use crate::engine::vector::Vector;
use hashbrown::DefaultHashBuilder;
use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};
use table::Column;

/// One hasher for the whole program: states of several threads are merged.
fn hasher() -> &'static DefaultHashBuilder {
    static CELL: OnceLock<DefaultHashBuilder> = OnceLock::new();
    CELL.get_or_init(DefaultHashBuilder::default)
}

/// The hash of a text as it is.
#[inline]
pub(super) fn of_bytes(s: &[u8]) -> u64 {
    hasher().hash_one(s)
}

/// The hash of a value; none of null.
pub(super) fn hash_of(v: &Val) -> Option<u64> {
    let h = hasher();
    Some(match v {
        Val::Null => return None,
        Val::Bool(b) => h.hash_one((1u8, *b)),
        Val::Long(n) | Val::Date(n) | Val::Span(n) => h.hash_one((2u8, *n)),
        Val::Real(n) => h.hash_one((3u8, if *n == 0.0 { 0 } else { n.to_bits() })),
        Val::Dec(d) => h.hash_one((4u8, d.to_string())),
        Val::Str(s) | Val::Guid(s) | Val::Dyn(s) => of_bytes(s.as_bytes()),
    })
}

/// A hash that two groups do not share.
#[inline]
pub(super) fn in_group(group: u32, hash: u64) -> u64 {
    let x = (hash ^ u64::from(group).wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 32)
}

/// The hashes of a column's values: made once for each value of a dictionary, else when asked for.
pub(super) struct Hashes<'a> {
    of: &'a Vector,
    kind: Kind,
    /// Of the dictionary's values, and of a row without one.
    known: Option<(Vec<Option<u64>>, Option<u64>)>,
    /// All rows have texts, stored as they stand.
    packed: Option<(&'a table::Strings, &'a Option<Arc<[u32]>>)>,
}

impl<'a> Hashes<'a> {
    pub fn of(v: &'a Vector, kind: Kind) -> Hashes<'a> {
        let known = v.dict().map(|(d, _)| {
            let of_value = |s: &str| hash_of(&crate::engine::expr::dict_val(s, kind));
            let none = match kind {
                Kind::String => hash_of(&text("")),
                _ => None,
            };
            (d.values().iter().map(of_value).collect(), none)
        });
        let packed = match v {
            Vector::Data(c, sel) if kind == Kind::String && c.validity().is_none() => match &**c {
                Column::Packed(p) => Some((p.values(), sel)),
                _ => None,
            },
            _ => None,
        };
        Hashes {
            of: v,
            kind,
            known,
            packed,
        }
    }
    /// The hash of a row's value; none of null.
    #[inline]
    pub fn get(&self, i: usize) -> Option<u64> {
        if let Some((texts, sel)) = &self.packed {
            // past the end there is the empty text, as in a string column
            return Some(of_bytes(texts.get_bytes(Vector::row(sel, i))));
        }
        if let (Some((hashes, none)), Some((d, sel))) = (&self.known, self.of.dict()) {
            let r = Vector::row(sel, i);
            return if r >= d.codes().len() || d.is_null(r) {
                *none
            } else {
                hashes.get(d.codes().get(r)).copied().flatten()
            };
        }
        hash_of(&self.of.val(self.kind, i))
    }
}
