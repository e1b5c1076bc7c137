//! Periods of series, and other transforms of whole series.

use super::series::{parts, reals, solid};
use super::strings::n;
use crate::engine::expr::Cx;
use crate::engine::value::{Val, dynamic};

/// Points a slow transform takes, at most.
const MOST: usize = 20_000;

/// How much a series is like itself so many points later, as autocorrelation of what differs
/// from the mean, an average over the points that overlap.
fn alike(v: &[f64], lag: usize) -> f64 {
    let len = v.len();
    if lag == 0 || lag >= len {
        return 0.0;
    }
    let mean = v.iter().sum::<f64>() / len as f64;
    let var = v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / len as f64;
    if var <= 0.0 {
        return 0.0;
    }
    let sum: f64 = (0..len - lag)
        .map(|i| (v[i] - mean) * (v[i + lag] - mean))
        .sum();
    sum / (len - lag) as f64 / var
}
/// A period's score: it has to come back twice; two digits; nothing where it is weak.
fn score(v: &[f64], period: f64) -> f64 {
    let lag = period.round() as usize;
    if lag < 1 || lag > v.len() / 2 {
        return 0.0;
    }
    let s = if 2 * lag < v.len() {
        alike(v, lag).min(alike(v, 2 * lag))
    } else {
        alike(v, lag)
    };
    if s < 0.5 {
        0.0
    } else {
        (s.min(1.0) * 100.0).round() / 100.0
    }
}
/// `series_periods_validate`: the periods given, with a score each.
pub fn series_periods_validate<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(v) = solid(a, 0).filter(|v| v.len() <= MOST) else {
        return Val::Null;
    };
    let periods: Vec<f64> = a.iter().skip(1).filter_map(Val::real).collect();
    let scores: Vec<f64> = periods.iter().map(|p| score(&v, *p)).collect();
    parts(&[reals(&periods), reals(&scores)])
}
/// `series_periods_detect`: the periods with the best scores within bounds.
pub fn series_periods_detect<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(v) = solid(a, 0).filter(|v| v.len() <= MOST) else {
        return Val::Null;
    };
    let bound = |i: usize| a.get(i).and_then(Val::real).unwrap_or(0.0);
    let most = n(a, 3).unwrap_or(1).clamp(1, 16) as usize;
    let (low, high) = (bound(1).max(4.0) as usize, bound(2) as usize);
    let high = high.min(v.len() / 2);
    let of: Vec<f64> = (0..=high + 1).map(|k| alike(&v, k)).collect();
    let mut found: Vec<(f64, f64)> = Vec::new();
    for k in low..=high {
        let peak = of[k] >= of[k - 1] && of[k] >= of[k + 1];
        let s = score(&v, k as f64);
        // a multiple of a better one tells nothing new
        let known = found
            .iter()
            .any(|(p, best)| (k as f64 / p).fract() == 0.0 && *best >= s - 0.1);
        if peak && s > 0.0 && !known {
            found.push((k as f64, s));
        }
    }
    found.sort_by(|x, y| y.1.total_cmp(&x.1));
    found.resize(most, (0.0, 0.0));
    let (p, s): (Vec<f64>, Vec<f64>) = found.into_iter().unzip();
    parts(&[reals(&p), reals(&s)])
}
/// `series_cosine_similarity`
pub fn series_cosine_similarity<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(x), Some(y)) = (solid(a, 0), solid(a, 1)) else {
        return Val::Null;
    };
    if x.len() != y.len() || x.is_empty() {
        return Val::Null;
    }
    let norm = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    let given = |i: usize, v: &[f64]| a.get(i).and_then(Val::real).unwrap_or_else(|| norm(v));
    let dot: f64 = x.iter().zip(&y).map(|(p, q)| p * q).sum();
    Val::Real(dot / (given(2, &x) * given(3, &y)))
}
fn fourier<'a>(a: &[Val<'a>], back: bool) -> Val<'a> {
    let Some(re) = solid(a, 0).filter(|v| v.len() <= MOST) else {
        return Val::Null;
    };
    let im = solid(a, 1).unwrap_or_default();
    let len = re.len();
    let mut input: Vec<(f64, f64)> = re
        .iter()
        .enumerate()
        .map(|(i, r)| (*r, im.get(i).copied().unwrap_or(0.0)))
        .collect();
    let sign = if back { 1.0 } else { -1.0 };
    transform(&mut input, sign);
    let scale = if back { 1.0 / len.max(1) as f64 } else { 1.0 };
    let (re, im): (Vec<f64>, Vec<f64>) = input.iter().map(|(r, i)| (r * scale, i * scale)).unzip();
    parts(&[reals(&re), reals(&im)])
}
/// Fast where the length is a power of two, else the plain sum.
fn transform(v: &mut [(f64, f64)], sign: f64) {
    let len = v.len();
    if len < 2 {
        return;
    }
    let turn = |k: usize, of: usize| {
        let angle = sign * 2.0 * std::f64::consts::PI * k as f64 / of as f64;
        (angle.cos(), angle.sin())
    };
    let times = |a: (f64, f64), b: (f64, f64)| (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0);
    if !len.is_multiple_of(2) {
        let old = v.to_vec();
        for (k, out) in v.iter_mut().enumerate() {
            *out = old.iter().enumerate().fold((0.0, 0.0), |s, (i, x)| {
                let t = times(*x, turn(k * i % len, len));
                (s.0 + t.0, s.1 + t.1)
            });
        }
        return;
    }
    let mut even: Vec<_> = v.iter().step_by(2).copied().collect();
    let mut odd: Vec<_> = v.iter().skip(1).step_by(2).copied().collect();
    transform(&mut even, sign);
    transform(&mut odd, sign);
    for k in 0..len / 2 {
        let t = times(odd[k], turn(k, len));
        v[k] = (even[k].0 + t.0, even[k].1 + t.1);
        v[k + len / 2] = (even[k].0 - t.0, even[k].1 - t.1);
    }
}
/// `series_fft`
pub fn series_fft<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    fourier(a, false)
}
/// `series_ifft`
pub fn series_ifft<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    fourier(a, true)
}
/// `series_fit_poly`: least squares, the coefficients from the constant up.
pub fn series_fit_poly<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(y) = solid(a, 0).filter(|v| !v.is_empty() && v.len() <= MOST) else {
        return Val::Null;
    };
    let given = solid(a, 1);
    let degree = a
        .iter()
        .skip(1)
        .filter_map(|v| match v {
            Val::Long(n) => Some(*n),
            _ => None,
        })
        .next()
        .unwrap_or(5)
        .clamp(1, 12) as usize;
    let x: Vec<f64> = given
        .filter(|x| x.len() == y.len())
        .unwrap_or_else(|| (0..y.len()).map(|i| i as f64).collect());
    // orthogonal polynomials keep high degrees from losing their digits
    let Some((coefficients, fit)) = least_squares(&x, &y, degree) else {
        return Val::Null;
    };
    let count = y.len() as f64;
    let mean = y.iter().sum::<f64>() / count;
    let var = y.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    let left = y
        .iter()
        .zip(&fit)
        .map(|(v, f)| (v - f).powi(2))
        .sum::<f64>()
        / count;
    let square = if var > 0.0 { 1.0 - left / var } else { 1.0 };
    let one = |x: f64| crate::engine::json::real(x);
    parts(&[
        one(square),
        reals(&coefficients),
        one(var),
        one(left),
        reals(&fit),
    ])
}
fn least_squares(x: &[f64], y: &[f64], degree: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let size = degree.min(x.len().saturating_sub(1)) + 1;
    // rows of powers, made orthogonal one after the other
    let mut basis: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    let mut out = vec![0.0; degree + 1];
    let mut fit = vec![0.0; x.len()];
    for k in 0..size {
        let (mut q, mut c) = match basis.last() {
            None => (vec![1.0; x.len()], vec![1.0]),
            Some((q, c)) => {
                let mut up = vec![0.0];
                up.extend(c);
                (q.iter().zip(x).map(|(a, b)| a * b).collect(), up)
            }
        };
        for (b, bc) in &basis {
            let norm: f64 = b.iter().map(|v| v * v).sum();
            let p = q.iter().zip(b).map(|(u, v)| u * v).sum::<f64>() / norm;
            q.iter_mut().zip(b).for_each(|(u, v)| *u -= p * v);
            c.iter_mut().zip(bc).for_each(|(u, v)| *u -= p * v);
        }
        let norm: f64 = q.iter().map(|v| v * v).sum();
        if norm <= 0.0 || !norm.is_finite() {
            return (k > 0).then_some((out, fit));
        }
        let weight = q.iter().zip(y).map(|(u, v)| u * v).sum::<f64>() / norm;
        out.iter_mut().zip(&c).for_each(|(o, v)| *o += weight * v);
        fit.iter_mut().zip(&q).for_each(|(f, v)| *f += weight * v);
        basis.push((q, c));
    }
    Some((out, fit))
}
/// `series_fit_2lines_dynamic`: the same as one bag.
pub fn series_fit_2lines_dynamic<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Val::Dyn(all) = super::series::series_fit_2lines(cx, a) else {
        return Val::Null;
    };
    let v: Vec<&str> = crate::engine::json::elements(&all).collect();
    let at = |i: usize| v.get(i).copied().unwrap_or("null");
    let side = |i: usize| {
        format!(
            "{{\"rsquare\":{},\"slope\":{},\"interception\":{},\"variance\":{},\"rvariance\":{}}}",
            at(i),
            at(i + 1),
            at(i + 2),
            at(i + 3),
            at(i + 4)
        )
    };
    dynamic(format!(
        "{{\"rsquare\":{},\"split_idx\":{},\"variance\":{},\"rvariance\":{},\"line_fit\":{},\"right\":{},\"left\":{}}}",
        at(0),
        at(1),
        at(2),
        at(3),
        at(4),
        side(5),
        side(10)
    ))
}
