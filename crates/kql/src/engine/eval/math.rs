//! Numbers.

use super::strings::n;
use crate::engine::expr::Cx;
use crate::engine::value::{Kind, Val};

fn x(a: &[Val], i: usize) -> Option<f64> {
    a.get(i)?.real()
}
fn real<'a>(v: Option<f64>) -> Val<'a> {
    v.map_or(Val::Null, Val::Real)
}
macro_rules! reals {
    ($( $name:ident $f:expr, )*) => {
        $( #[allow(missing_docs)] pub fn $name<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
            let f: fn(f64) -> f64 = $f;
            real(x(a, 0).map(f))
        } )*
    };
}
reals! {
    sqrt f64::sqrt, exp f64::exp, exp2 f64::exp2, exp10 |v| 10f64.powf(v), log f64::ln, log2 f64::log2, log10 f64::log10,
    sin f64::sin, cos f64::cos, tan f64::tan, asin f64::asin, acos f64::acos, atan f64::atan, cot |v| 1.0 / v.tan(),
    radians f64::to_radians, degrees f64::to_degrees, gamma gamma_of, loggamma loggamma_of, erf erf_of, erfc |v| 1.0 - erf_of(v),
}
/// Lanczos.
fn loggamma_of(v: f64) -> f64 {
    const C: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if v < 0.5 {
        return (std::f64::consts::PI / (std::f64::consts::PI * v).sin().abs()).ln()
            - loggamma_of(1.0 - v);
    }
    let v = v - 1.0;
    let mut s = C[0];
    for (i, c) in C.iter().enumerate().skip(1) {
        s += c / (v + i as f64);
    }
    let t = v + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (v + 0.5) * t.ln() - t + s.ln()
}
fn gamma_of(v: f64) -> f64 {
    if v.fract() == 0.0 && v > 0.0 && v < 171.0 {
        return (1..v as u64).map(|n| n as f64).product();
    }
    if v < 0.5 {
        return std::f64::consts::PI / ((std::f64::consts::PI * v).sin() * gamma_of(1.0 - v));
    }
    loggamma_of(v).exp()
}
fn erf_of(v: f64) -> f64 {
    // a series near zero, a continued fraction beyond
    let a = v.abs();
    let e = if a < 2.5 {
        let (mut sum, mut term) = (a, a);
        for k in 1..80 {
            term *= -a * a / k as f64;
            sum += term / (2 * k + 1) as f64;
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    } else {
        let mut f = 0.0;
        for k in (1..=60).rev() {
            f = k as f64 / 2.0 / (a + f);
        }
        1.0 - (-a * a).exp() / ((a + f) * std::f64::consts::PI.sqrt())
    };
    if v < 0.0 { -e } else { e }
}
/// `atan2`
pub fn atan2<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    real(x(a, 0).zip(x(a, 1)).map(|(y, z)| y.atan2(z)))
}
/// `pow`
pub fn pow<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    real(x(a, 0).zip(x(a, 1)).map(|(y, z)| y.powf(z)))
}
/// `pi`
pub fn pi<'a>(_: &mut Cx, _: &[Val<'a>]) -> Val<'a> {
    Val::Real(std::f64::consts::PI)
}
/// `abs`
pub fn abs<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match a.first().map(|v| v.borrow().plain()) {
        Some(Val::Long(n)) => Val::Long(n.wrapping_abs()),
        Some(Val::Span(n)) => Val::Span(n.wrapping_abs()),
        Some(Val::Real(n)) => Val::Real(n.abs()),
        Some(Val::Dec(d)) => Val::Dec(if d.to_f64() < 0.0 { d.neg() } else { d }),
        _ => Val::Null,
    }
}
/// `sign`
pub fn sign<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match x(a, 0) {
        None => Val::Null,
        Some(v) => {
            let s = if v > 0.0 {
                1
            } else if v < 0.0 {
                -1
            } else {
                0
            };
            if cx.out == Kind::Real {
                Val::Real(s as f64)
            } else {
                Val::Long(s)
            }
        }
    }
}
/// `round`
pub fn round<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let p = n(a, 1).unwrap_or(0).clamp(-300, 300) as i32;
    match a.first().map(|v| v.borrow().plain()) {
        Some(Val::Dec(d)) => {
            crate::engine::decimal::Dec::parse(&format!("{:.*}", p.max(0) as usize, d.to_f64()))
                .map_or(Val::Null, Val::Dec)
        }
        Some(v) => match v.real() {
            Some(v) if p == 0 => Val::Real(v.round()),
            Some(v) if p > 0 => {
                // half away from zero, by the digits as they are written
                let k = 10f64.powi(p);
                let r = (v * k).round() / k;
                Val::Real(if r.is_finite() { r } else { v })
            }
            Some(v) => {
                let k = 10f64.powi(-p);
                Val::Real((v / k).round() * k)
            }
            None => Val::Null,
        },
        None => Val::Null,
    }
}
/// `ceiling`
pub fn ceiling<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match a.first().map(|v| v.borrow().plain()) {
        Some(Val::Long(n)) => Val::Long(n),
        Some(v) => real(v.real().map(f64::ceil)),
        None => Val::Null,
    }
}
/// `isnan`
pub fn isnan<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    x(a, 0).map_or(Val::Bool(false), |v| Val::Bool(v.is_nan()))
}
/// `isinf`
pub fn isinf<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    x(a, 0).map_or(Val::Bool(false), |v| Val::Bool(v.is_infinite()))
}
/// `isfinite`
pub fn isfinite<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    x(a, 0).map_or(Val::Bool(false), |v| Val::Bool(v.is_finite()))
}
fn best<'a>(a: &[Val<'a>], want: std::cmp::Ordering) -> Val<'a> {
    let mut out = Val::Null;
    for v in a {
        let v = v.clone().plain();
        if v.is_null() {
            continue;
        }
        if out.is_null() || super::ops::order(&v, &out) == Some(want) {
            out = v;
        }
    }
    out
}
/// `max_of`
pub fn max_of<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    best(a, std::cmp::Ordering::Greater)
}
/// `min_of`
pub fn min_of<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    best(a, std::cmp::Ordering::Less)
}
/// `rand`
pub fn rand<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let r = (cx.random() >> 11) as f64 / (1u64 << 53) as f64;
    match n(a, 0) {
        Some(k) if k > 1 => Val::Real((r * k as f64).floor()),
        _ => Val::Real(r),
    }
}
/// `new_guid`
pub fn new_guid<'a>(cx: &mut Cx, _: &[Val<'a>]) -> Val<'a> {
    let (a, b) = (cx.random(), cx.random());
    let h = format!("{a:016x}{b:016x}");
    crate::engine::value::guid_of(&h).map_or(Val::Null, |g| Val::Guid(g.into()))
}
fn bits<'a>(a: &[Val<'a>], f: fn(i64, i64) -> i64) -> Val<'a> {
    match (n(a, 0), n(a, 1)) {
        (Some(x), Some(y)) => Val::Long(f(x, y)),
        _ => Val::Null,
    }
}
macro_rules! binary {
    ($( $name:ident $f:expr, )*) => {
        $( #[allow(missing_docs)] pub fn $name<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> { bits(a, $f) } )*
    };
}
binary! {
    binary_and |x, y| x & y, binary_or |x, y| x | y, binary_xor |x, y| x ^ y,
    binary_shift_left |x, y| x.wrapping_shl(y.rem_euclid(64) as u32),
    binary_shift_right |x, y| x.wrapping_shr(y.rem_euclid(64) as u32),
}
/// `binary_not`
pub fn binary_not<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    n(a, 0).map_or(Val::Null, |x| Val::Long(!x))
}
/// `bitset_count_ones`
pub fn count_ones<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    n(a, 0).map_or(Val::Null, |x| Val::Long(i64::from(x.count_ones())))
}

/// `beta_inv`: where the cumulative distribution reaches a probability.
pub fn beta_inv<'a>(_: &mut Cx, args: &[Val<'a>]) -> Val<'a> {
    let (Some(p), Some(a), Some(b)) = (x(args, 0), x(args, 1), x(args, 2)) else {
        return Val::Null;
    };
    if !(0.0..=1.0).contains(&p) || a <= 0.0 || b <= 0.0 {
        return Val::Real(f64::NAN);
    }
    let (mut low, mut high) = (0.0f64, 1.0f64);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if beta_inc(a, b, middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    Val::Real((low + high) / 2.0)
}
/// `welch_test`: how likely two samples differ so much by chance; two-sided.
pub fn welch_test<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let v: Vec<f64> = (0..6).filter_map(|i| x(a, i)).collect();
    let [m1, v1, n1, m2, v2, n2] = v[..] else {
        return Val::Null;
    };
    let (e1, e2) = (v1 / n1, v2 / n2);
    if n1 < 2.0 || n2 < 2.0 || e1 + e2 <= 0.0 {
        return Val::Real(f64::NAN);
    }
    let t2 = (m1 - m2).powi(2) / (e1 + e2);
    let free = (e1 + e2).powi(2) / (e1 * e1 / (n1 - 1.0) + e2 * e2 / (n2 - 1.0));
    Val::Real(beta_inc(free / 2.0, 0.5, free / (free + t2)))
}

/// Incomplete beta by its continued fraction.
fn beta_inc(a: f64, b: f64, v: f64) -> f64 {
    if v <= 0.0 {
        return 0.0;
    }
    if v >= 1.0 {
        return 1.0;
    }
    let front =
        (loggamma_of(a + b) - loggamma_of(a) - loggamma_of(b) + a * v.ln() + b * (1.0 - v).ln())
            .exp();
    let fraction = |a: f64, b: f64, v: f64| {
        let tiny = 1e-300;
        let mut c = 1.0;
        let mut d: f64 = 1.0 - (a + b) * v / (a + 1.0);
        if d.abs() < tiny {
            d = tiny;
        }
        d = 1.0 / d;
        let mut h = d;
        for m in 1..300 {
            let m = m as f64;
            for k in [
                m * (b - m) * v / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
                -(a + m) * (a + b + m) * v / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
            ] {
                d = 1.0 + k * d;
                if d.abs() < tiny {
                    d = tiny;
                }
                c = 1.0 + k / c;
                if c.abs() < tiny {
                    c = tiny;
                }
                d = 1.0 / d;
                h *= d * c;
            }
        }
        h
    };
    if v < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, v) / a
    } else {
        1.0 - front * fraction(b, a, 1.0 - v) / b
    }
}
/// `beta_cdf`
pub fn beta_cdf<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match (x(a, 0), x(a, 1), x(a, 2)) {
        (Some(v), Some(p), Some(q)) if p > 0.0 && q > 0.0 => Val::Real(beta_inc(p, q, v)),
        _ => Val::Null,
    }
}
/// `beta_pdf`
pub fn beta_pdf<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match (x(a, 0), x(a, 1), x(a, 2)) {
        (Some(v), Some(p), Some(q)) if p > 0.0 && q > 0.0 => Val::Real(
            ((p - 1.0) * v.ln() + (q - 1.0) * (1.0 - v).ln() + loggamma_of(p + q)
                - loggamma_of(p)
                - loggamma_of(q))
            .exp(),
        ),
        (Some(_), Some(_), Some(_)) => Val::Real(f64::NAN),
        _ => Val::Null,
    }
}

/// Units of one quantity: name and factor to the first.
fn convert<'a>(a: &[Val<'a>], units: &[(&str, f64)]) -> Val<'a> {
    let of = |i: usize| {
        let t = a
            .get(i)
            .map(|v| v.text().to_ascii_lowercase())
            .unwrap_or_default();
        units
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(&t))
            .map(|u| u.1)
    };
    match (x(a, 0), of(1), of(2)) {
        (Some(v), Some(f), Some(t)) => Val::Real(v * f / t),
        _ => Val::Null,
    }
}
/// `convert_angle`
pub fn convert_angle<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    use std::f64::consts::PI;
    convert(
        a,
        &[
            ("degree", 1.0),
            ("radian", 180.0 / PI),
            ("gradian", 0.9),
            ("arcminute", 1.0 / 60.0),
            ("arcsecond", 1.0 / 3600.0),
            ("centiradian", 1.8 / PI),
            ("deciradian", 18.0 / PI),
            ("microdegree", 1e-6),
            ("microradian", 180e-6 / PI),
            ("millidegree", 1e-3),
            ("milliradian", 0.18 / PI),
            ("nanodegree", 1e-9),
            ("nanoradian", 180e-9 / PI),
            ("revolution", 360.0),
            ("tilt", 180.0 / PI),
        ],
    )
}
/// `convert_length`
pub fn convert_length<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    convert(
        a,
        &[
            ("meter", 1.0),
            ("kilometer", 1e3),
            ("centimeter", 1e-2),
            ("millimeter", 1e-3),
            ("decimeter", 0.1),
            ("micrometer", 1e-6),
            ("nanometer", 1e-9),
            ("mile", 1609.344),
            ("yard", 0.9144),
            ("foot", 0.3048),
            ("inch", 0.0254),
            ("nauticalmile", 1852.0),
            ("hectometer", 100.0),
            ("fathom", 1.8288),
            ("chain", 20.1168),
        ],
    )
}
/// `convert_mass`
pub fn convert_mass<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    convert(
        a,
        &[
            ("kilogram", 1.0),
            ("gram", 1e-3),
            ("milligram", 1e-6),
            ("microgram", 1e-9),
            ("tonne", 1000.0),
            ("pound", 0.453_592_37),
            ("ounce", 0.028_349_523_125),
            ("stone", 6.350_293_18),
            ("longton", 1_016.046_908_8),
            ("shortton", 907.184_74),
            ("grain", 6.479_891e-5),
            ("centigram", 1e-5),
            ("decigram", 1e-4),
            ("hectogram", 0.1),
            ("slug", 14.593_902_937),
        ],
    )
}
/// `convert_speed`
pub fn convert_speed<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    convert(
        a,
        &[
            ("meterpersecond", 1.0),
            ("kilometerperhour", 1.0 / 3.6),
            ("meterperhour", 1.0 / 3600.0),
            ("meterperminute", 1.0 / 60.0),
            ("kilometerpersecond", 1e3),
            ("kilometerperminute", 1e3 / 60.0),
            ("centimeterpersecond", 0.01),
            ("centimeterperhour", 0.01 / 3600.0),
            ("centimeterperminute", 0.01 / 60.0),
            ("millimeterpersecond", 1e-3),
            ("mileperhour", 0.44704),
            ("knot", 1852.0 / 3600.0),
            ("footpersecond", 0.3048),
            ("footperminute", 0.3048 / 60.0),
            ("footperhour", 0.3048 / 3600.0),
            ("inchpersecond", 0.0254),
            ("inchperminute", 0.0254 / 60.0),
            ("inchperhour", 0.0254 / 3600.0),
            ("yardpersecond", 0.9144),
            ("mach", 340.29),
            ("yardperminute", 0.9144 / 60.0),
            ("yardperhour", 0.9144 / 3600.0),
        ],
    )
}
/// `convert_volume`
pub fn convert_volume<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    convert(
        a,
        &[
            ("cubicmeter", 1.0),
            ("liter", 1e-3),
            ("milliliter", 1e-6),
            ("centiliter", 1e-5),
            ("deciliter", 1e-4),
            ("hectoliter", 0.1),
            ("kiloliter", 1.0),
            ("cubiccentimeter", 1e-6),
            ("cubicdecimeter", 1e-3),
            ("cubicmillimeter", 1e-9),
            ("cubicinch", 1.638_706_4e-5),
            ("cubicfoot", 0.028_316_846_592),
            ("cubicyard", 0.764_554_857_984),
            ("usgallon", 3.785_411_784e-3),
            ("imperialgallon", 4.546_09e-3),
            ("usquart", 9.463_529_46e-4),
            ("usounce", 2.957_352_956_25e-5),
            ("uspint", 4.731_764_73e-4),
            ("auTablespoon", 2e-5),
            ("cubickilometer", 1e9),
            ("acrefoot", 1.0 / 0.000_810_714),
            ("microliter", 1e-9),
        ],
    )
}
/// `convert_energy`
pub fn convert_energy<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    convert(
        a,
        &[
            ("joule", 1.0),
            ("kilojoule", 1e3),
            ("megajoule", 1e6),
            ("gigajoule", 1e9),
            ("millijoule", 1e-3),
            ("calorie", 4.184),
            ("kilocalorie", 4184.0),
            ("watthour", 3600.0),
            ("kilowatthour", 3.6e6),
            ("megawatthour", 3.6e9),
            ("gigawatthour", 3.6e12),
            ("britishthermalunit", 1_055.055_852_62),
            ("electronvolt", 1.602_176_634e-19),
            ("erg", 1e-7),
            ("footpound", 1.355_817_948_331_4),
            ("megacalorie", 4.184e6),
        ],
    )
}
/// `convert_force`
pub fn convert_force<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    convert(
        a,
        &[
            ("newton", 1.0),
            ("kilonewton", 1e3),
            ("meganewton", 1e6),
            ("millinewton", 1e-3),
            ("micronewton", 1e-6),
            ("dyn", 1e-5),
            ("decanewton", 10.0),
            ("poundforce", 4.448_221_615_260_5),
            ("kilogramforce", 9.806_65),
            ("ounceforce", 0.278_013_850_953_781),
            ("poundal", 0.138_254_954_376),
            ("tonneforce", 9806.65),
            ("kilopond", 9.806_65),
        ],
    )
}
/// `convert_temperature`
pub fn convert_temperature<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    // to kelvin: value times factor plus shift
    let unit = |i: usize| match a.get(i).map(|v| v.text().to_ascii_lowercase()).as_deref() {
        Some("kelvin") => Some((1.0, 0.0)),
        Some("degreecelsius") => Some((1.0, 273.15)),
        Some("millidegreecelsius") => Some((1e-3, 273.15)),
        Some("degreefahrenheit") => Some((5.0 / 9.0, 459.67 * 5.0 / 9.0)),
        Some("degreerankine") => Some((5.0 / 9.0, 0.0)),
        Some("degreereaumur") => Some((1.25, 273.15)),
        Some("degreeroemer") => Some((40.0 / 21.0, 273.15 - 7.5 * 40.0 / 21.0)),
        Some("degreedelisle") => Some((-2.0 / 3.0, 373.15)),
        Some("degreenewton") => Some((100.0 / 33.0, 273.15)),
        Some("solartemperature") => Some((5778.0, 0.0)),
        _ => None,
    };
    match (x(a, 0), unit(1), unit(2)) {
        (Some(v), Some((f, s)), Some((g, t))) => Val::Real((v * f + s - t) / g),
        _ => Val::Null,
    }
}
