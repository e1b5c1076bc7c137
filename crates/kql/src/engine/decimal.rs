//! Decimal numbers: 34 digits are enough for Kusto, so an i128 and a scale are.

use std::cmp::Ordering;
use std::fmt;

/// `digits / 10^scale`, without needless zeros at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dec {
    digits: i128,
    scale: u32,
}

const MOST_SCALE: u32 = 28;

fn ten(n: u32) -> Option<i128> {
    10i128.checked_pow(n)
}

impl Dec {
    /// A whole number.
    pub fn of(n: i64) -> Dec {
        Dec {
            digits: i128::from(n),
            scale: 0,
        }
    }
    /// The decimal number a real one is written as; none where it is no number or too large.
    pub fn of_f64(n: f64) -> Option<Dec> {
        n.is_finite()
            .then(|| format!("{n}"))
            .and_then(|s| Dec::parse(&s))
    }
    /// Reads `-12.5e3`.
    pub fn parse(s: &str) -> Option<Dec> {
        let s = s.trim();
        let (m, e) = match s.find(['e', 'E']) {
            Some(i) => (s.get(..i)?, s.get(i + 1..)?.parse::<i32>().ok()?),
            None => (s, 0),
        };
        let (neg, m) = match m.strip_prefix('-') {
            Some(m) => (true, m),
            None => (false, m.strip_prefix('+').unwrap_or(m)),
        };
        let (whole, part) = m.split_once('.').unwrap_or((m, ""));
        if whole.is_empty() && part.is_empty() {
            return None;
        }
        let mut digits: i128 = 0;
        let mut scale = 0i32;
        for (i, b) in whole.bytes().chain(part.bytes()).enumerate() {
            if !b.is_ascii_digit() {
                return None;
            }
            if i >= whole.len() {
                if scale >= MOST_SCALE as i32 {
                    continue;
                }
                scale += 1;
            }
            digits = digits.checked_mul(10)?.checked_add(i128::from(b - b'0'))?;
        }
        scale -= e;
        if scale < 0 {
            digits = digits.checked_mul(ten(scale.unsigned_abs())?)?;
            scale = 0;
        }
        if scale as u32 > MOST_SCALE {
            let cut = scale as u32 - MOST_SCALE;
            digits = ten(cut).map_or(0, |t| digits / t);
            scale = MOST_SCALE as i32;
        }
        Some(
            Dec {
                digits: if neg { -digits } else { digits },
                scale: scale as u32,
            }
            .trimmed(),
        )
    }
    fn trimmed(mut self) -> Dec {
        while self.scale > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.scale -= 1;
        }
        self
    }
    fn aligned(self, other: Dec) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        Some((
            self.digits.checked_mul(ten(scale - self.scale)?)?,
            other.digits.checked_mul(ten(scale - other.scale)?)?,
            scale,
        ))
    }
    /// Sum; none on overflow.
    pub fn add(self, other: Dec) -> Option<Dec> {
        let (a, b, scale) = self.aligned(other)?;
        Some(
            Dec {
                digits: a.checked_add(b)?,
                scale,
            }
            .trimmed(),
        )
    }
    /// Negated.
    pub fn neg(self) -> Dec {
        Dec {
            digits: self.digits.wrapping_neg(),
            ..self
        }
    }
    /// Product; none on overflow.
    pub fn mul(self, other: Dec) -> Option<Dec> {
        let mut d = Dec {
            digits: self.digits.checked_mul(other.digits)?,
            scale: self.scale + other.scale,
        }
        .trimmed();
        while d.scale > MOST_SCALE {
            d.digits /= 10;
            d.scale -= 1;
        }
        Some(d)
    }
    /// Quotient; none by zero.
    pub fn div(self, other: Dec) -> Option<Dec> {
        if other.digits == 0 {
            return None;
        }
        let (a, b, _) = self.aligned(other)?;
        let mut scale = 0;
        let (mut whole, mut rest) = (a / b, a % b);
        while rest != 0 && scale < MOST_SCALE {
            let (Some(w), Some(r)) = (whole.checked_mul(10), rest.checked_mul(10)) else {
                break;
            };
            whole = w + r / b;
            rest = r % b;
            scale += 1;
        }
        Some(Dec {
            digits: whole,
            scale,
        })
    }
    /// Remainder; none by zero.
    pub fn rem(self, other: Dec) -> Option<Dec> {
        let (a, b, scale) = self.aligned(other)?;
        (b != 0).then(|| {
            Dec {
                digits: a % b,
                scale,
            }
            .trimmed()
        })
    }
    /// As a real number.
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }
    /// Cut to a whole number.
    pub fn to_long(self) -> Option<i64> {
        i64::try_from(self.digits / ten(self.scale)?).ok()
    }
}

impl Ord for Dec {
    fn cmp(&self, other: &Dec) -> Ordering {
        match self.aligned(*other) {
            Some((a, b, _)) => a.cmp(&b),
            None => self.to_f64().total_cmp(&other.to_f64()),
        }
    }
}
impl PartialOrd for Dec {
    fn partial_cmp(&self, other: &Dec) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Dec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.digits.unsigned_abs().to_string();
        let sign = if self.digits < 0 { "-" } else { "" };
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{s}");
        }
        let s = format!("{s:0>width$}", width = scale + 1);
        let (a, b) = s.split_at(s.len() - scale);
        write!(f, "{sign}{a}.{b}")
    }
}
