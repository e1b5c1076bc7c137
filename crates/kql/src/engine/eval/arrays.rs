//! Functions over arrays.

use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Vector, of_ints, of_reals};

/// `from`, `from + step` … up to `to`; none if there are more than `most`.
pub fn range_values(from: &Val, to: &Val, step: &Val, kind: Kind, most: usize) -> Option<Vector> {
    if kind == Kind::Real || kind == Kind::Decimal {
        let (Some(a), Some(b), Some(s)) = (from.real(), to.real(), step.real()) else {
            return Some(of_reals(Vec::new(), None));
        };
        let mut out = Vec::new();
        if s != 0.0 && s.is_finite() {
            let n = ((b - a) / s + 1e-9).floor();
            if n >= most as f64 {
                return None;
            }
            if n >= 0.0 {
                out.extend((0..=n as usize).map(|i| a + s * i as f64));
            }
        }
        return Some(of_reals(out, None));
    }
    let (Some(a), Some(b), Some(s)) = (from.long(), to.long(), step.long()) else {
        return Some(of_ints(Vec::new(), None));
    };
    let mut out = Vec::new();
    let up = s > 0;
    if s != 0 && (a <= b) == up || a == b {
        let n = if s == 0 {
            0
        } else {
            (i128::from(b) - i128::from(a)) / i128::from(s)
        };
        if n >= most as i128 {
            return None;
        }
        out.extend((0..=n).map(|i| (i128::from(a) + i * i128::from(s)) as i64));
    }
    Some(of_ints(out, None))
}
