//! Functions over arrays of numbers.

use crate::engine::expr::Cx;
use crate::engine::guard::Pace;
use crate::engine::json;
use crate::engine::value::{Val, dynamic};
use std::borrow::Cow;

/// The numbers of an array; what is no number is none.
fn nums(a: &[Val], i: usize) -> Option<Vec<Option<f64>>> {
    match a.get(i)? {
        Val::Dyn(s) if s.starts_with('[') => {
            Some(json::elements(s).map(|e| json::plain(e).real()).collect())
        }
        _ => None,
    }
}
pub(super) fn solid(a: &[Val], i: usize) -> Option<Vec<f64>> {
    Some(nums(a, i)?.into_iter().map(|x| x.unwrap_or(0.0)).collect())
}
fn array(v: impl IntoIterator<Item = Option<f64>>) -> String {
    let parts: Vec<String> = v
        .into_iter()
        .map(|x| x.map_or("null".into(), json::real))
        .collect();
    format!("[{}]", parts.join(","))
}
pub(super) fn reals(v: &[f64]) -> String {
    array(v.iter().map(|x| Some(*x)))
}
/// A text of JSON parts as an array.
pub(super) fn parts<'a>(p: &[String]) -> Val<'a> {
    dynamic(format!("[{}]", p.join(",")))
}
fn nan_or(x: f64) -> String {
    json::real(x)
}

fn each<'a>(a: &[Val<'a>], f: fn(f64) -> f64) -> Val<'a> {
    match nums(a, 0) {
        Some(v) => dynamic(array(v.into_iter().map(|x| x.map(f)))),
        None => Val::Null,
    }
}
macro_rules! one {
    ($( $name:ident $f:expr, )*) => {
        $( #[allow(missing_docs)] pub fn $name<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> { each(a, $f) } )*
    };
}
one! {
    series_abs f64::abs, series_exp f64::exp, series_log f64::ln, series_ceiling f64::ceil, series_floor f64::floor,
    series_sin f64::sin, series_cos f64::cos, series_tan f64::tan, series_asin f64::asin, series_acos f64::acos, series_atan f64::atan,
    series_sign |v| if v > 0.0 { 1.0 } else if v < 0.0 { -1.0 } else { 0.0 },
}
fn two<'a>(a: &[Val<'a>], f: fn(f64, f64) -> f64) -> Val<'a> {
    // a number stands for a whole series of it
    let (x, y) = match (nums(a, 0), nums(a, 1)) {
        (Some(x), Some(y)) => (x, y),
        (Some(x), None) => {
            let v = a.get(1).and_then(Val::real);
            let n = x.len();
            (x, vec![v; n])
        }
        (None, Some(y)) => {
            let v = a.first().and_then(Val::real);
            (vec![v; y.len()], y)
        }
        _ => return Val::Null,
    };
    let n = x.len().max(y.len());
    dynamic(array((0..n).map(|i| {
        let (p, q) = (x.get(i).copied().flatten()?, y.get(i).copied().flatten()?);
        Some(f(p, q))
    })))
}
fn compared<'a>(a: &[Val<'a>], f: fn(f64, f64) -> bool) -> Val<'a> {
    match (nums(a, 0), nums(a, 1)) {
        (Some(x), Some(y)) => {
            let n = x.len().max(y.len());
            let out: Vec<&str> = (0..n)
                .map(
                    |i| match (x.get(i).copied().flatten(), y.get(i).copied().flatten()) {
                        (Some(p), Some(q)) => {
                            if f(p, q) {
                                "true"
                            } else {
                                "false"
                            }
                        }
                        _ => "null",
                    },
                )
                .collect();
            dynamic(format!("[{}]", out.join(",")))
        }
        _ => Val::Null,
    }
}
macro_rules! pairs {
    ($how:ident: $( $name:ident $f:expr, )*) => {
        $( #[allow(missing_docs)] pub fn $name<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> { $how(a, $f) } )*
    };
}
pairs! { two: series_add |x, y| x + y, series_subtract |x, y| x - y, series_multiply |x, y| x * y, series_divide |x, y| x / y, series_pow f64::powf, }
pairs! { compared: series_greater |x, y| x > y, series_greater_equals |x, y| x >= y, series_less |x, y| x < y, series_less_equals |x, y| x <= y, series_equals |x, y| x == y, series_not_equals |x, y| x != y, }

struct Stats {
    min: f64,
    min_at: usize,
    max: f64,
    max_at: usize,
    avg: f64,
    variance: f64,
}
fn stats(v: &[Option<f64>]) -> Option<Stats> {
    let all: Vec<(usize, f64)> = v
        .iter()
        .enumerate()
        .filter_map(|(i, x)| x.map(|x| (i, x)))
        .collect();
    let first = all.first()?;
    let (mut min, mut max) = (*first, *first);
    for x in &all {
        if x.1 < min.1 {
            min = *x;
        }
        if x.1 > max.1 {
            max = *x;
        }
    }
    let n = all.len() as f64;
    let avg = all.iter().map(|x| x.1).sum::<f64>() / n;
    let m2: f64 = all.iter().map(|x| (x.1 - avg).powi(2)).sum();
    Some(Stats {
        min: min.1,
        min_at: min.0,
        max: max.1,
        max_at: max.0,
        avg,
        variance: if n > 1.0 { m2 / (n - 1.0) } else { 0.0 },
    })
}
/// `series_stats`: an array of its seven values.
pub fn series_stats<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match nums(a, 0).and_then(|v| stats(&v)) {
        Some(s) => parts(&[
            nan_or(s.min),
            s.min_at.to_string(),
            nan_or(s.max),
            s.max_at.to_string(),
            nan_or(s.avg),
            nan_or(s.variance.sqrt()),
            nan_or(s.variance),
        ]),
        None => Val::Null,
    }
}
/// `series_stats_dynamic`
pub fn series_stats_dynamic<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(v) = nums(a, 0) else {
        return Val::Null;
    };
    match stats(&v) {
        Some(s) => {
            let sum: f64 = v.iter().flatten().sum();
            dynamic(format!(
                "{{\"min\":{},\"min_idx\":{},\"max\":{},\"max_idx\":{},\"avg\":{},\"stdev\":{},\"variance\":{},\"sum\":{},\"len\":{}}}",
                nan_or(s.min),
                s.min_at,
                nan_or(s.max),
                s.max_at,
                nan_or(s.avg),
                nan_or(s.variance.sqrt()),
                nan_or(s.variance),
                nan_or(sum),
                v.len()
            ))
        }
        None => Val::Null,
    }
}
/// A line through points: rsquare, slope, variance, residual variance, interception, fitted values.
pub(super) fn line(v: &[f64]) -> (f64, f64, f64, f64, f64, Vec<f64>) {
    let n = v.len() as f64;
    let mx = (n - 1.0) / 2.0;
    let my = v.iter().sum::<f64>() / n;
    let (mut sxy, mut sxx, mut syy) = (0.0, 0.0, 0.0);
    for (i, y) in v.iter().enumerate() {
        let x = i as f64 - mx;
        sxy += x * (y - my);
        sxx += x * x;
        syy += (y - my) * (y - my);
    }
    let slope = if sxx > 0.0 { sxy / sxx } else { 0.0 };
    let inter = my - slope * mx;
    let fit: Vec<f64> = (0..v.len()).map(|i| inter + slope * i as f64).collect();
    let rss: f64 = v.iter().zip(&fit).map(|(y, f)| (y - f).powi(2)).sum();
    let rsquare = if syy > 0.0 { 1.0 - rss / syy } else { 1.0 };
    (rsquare, slope, syy / n, rss / n, inter, fit)
}
/// `series_fit_line`
pub fn series_fit_line<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match solid(a, 0).filter(|v| !v.is_empty()) {
        Some(v) => {
            let (r, s, var, rvar, i, fit) = line(&v);
            parts(&[
                nan_or(r),
                nan_or(s),
                nan_or(var),
                nan_or(rvar),
                nan_or(i),
                reals(&fit),
            ])
        }
        None => Val::Null,
    }
}
/// `series_fit_line_dynamic`
pub fn series_fit_line_dynamic<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match solid(a, 0).filter(|v| !v.is_empty()) {
        Some(v) => {
            let (r, s, var, rvar, i, fit) = line(&v);
            dynamic(format!(
                "{{\"rsquare\":{},\"slope\":{},\"variance\":{},\"rvariance\":{},\"interception\":{},\"line_fit\":{}}}",
                nan_or(r),
                nan_or(s),
                nan_or(var),
                nan_or(rvar),
                nan_or(i),
                reals(&fit)
            ))
        }
        None => Val::Null,
    }
}
/// `series_fit_2lines`: the place where two lines fit best.
pub fn series_fit_2lines<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(v) = solid(a, 0).filter(|v| v.len() > 3 && v.len() < 20_000) else {
        return Val::Null;
    };
    // sums let every cut be judged at once
    let n = v.len();
    let (mut sy, mut sxy, mut syy) = (vec![0.0; n + 1], vec![0.0; n + 1], vec![0.0; n + 1]);
    for (i, y) in v.iter().enumerate() {
        sy[i + 1] = sy[i] + y;
        sxy[i + 1] = sxy[i] + y * i as f64;
        syy[i + 1] = syy[i] + y * y;
    }
    let sx = |k: f64| k * (k - 1.0) / 2.0;
    let sxx = |k: f64| (k - 1.0) * k * (2.0 * k - 1.0) / 6.0;
    let rss = |f: usize, t: usize| {
        let m = (t - f) as f64;
        let (y, xy, yy) = (sy[t] - sy[f], sxy[t] - sxy[f], syy[t] - syy[f]);
        let (x, xx) = (sx(t as f64) - sx(f as f64), sxx(t as f64) - sxx(f as f64));
        let cxx = xx - x * x / m;
        let cxy = xy - x * y / m;
        let cyy = yy - y * y / m;
        if cxx > 0.0 {
            cyy - cxy * cxy / cxx
        } else {
            cyy
        }
    };
    let cut = (2..n - 1)
        .min_by(|p, q| (rss(0, *p) + rss(*p, n)).total_cmp(&(rss(0, *q) + rss(*q, n))))
        .unwrap_or(2);
    let (l, r) = (line(&v[..cut]), line(&v[cut..]));
    let whole = line(&v);
    let fit: Vec<f64> = l.5.iter().chain(&r.5).copied().collect();
    let total: f64 = v.iter().zip(&fit).map(|(y, f)| (y - f).powi(2)).sum();
    let syy_all = whole.2 * n as f64;
    let rsquare = if syy_all > 0.0 {
        1.0 - total / syy_all
    } else {
        1.0
    };
    parts(&[
        nan_or(rsquare),
        cut.to_string(),
        nan_or(whole.2),
        nan_or(total / n as f64),
        reals(&fit),
        nan_or(r.0),
        nan_or(r.1),
        nan_or(r.4),
        nan_or(r.2),
        nan_or(r.3),
        nan_or(l.0),
        nan_or(l.1),
        nan_or(l.4),
        nan_or(l.2),
        nan_or(l.3),
    ])
}
/// `series_pearson_correlation`
pub fn series_pearson_correlation<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(x), Some(y)) = (solid(a, 0), solid(a, 1)) else {
        return Val::Null;
    };
    if x.len() != y.len() || x.is_empty() {
        return Val::Null;
    }
    let n = x.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut sxy, mut sxx, mut syy) = (0.0, 0.0, 0.0);
    for (p, q) in x.iter().zip(&y) {
        sxy += (p - mx) * (q - my);
        sxx += (p - mx).powi(2);
        syy += (q - my).powi(2);
    }
    Val::Real(sxy / (sxx * syy).sqrt())
}
/// `series_sum`, `series_product`, `series_magnitude`, `series_dot_product`
pub fn series_sum<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    solid(a, 0).map_or(Val::Null, |v| Val::Real(v.iter().sum()))
}
#[allow(missing_docs)]
pub fn series_product<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    solid(a, 0).map_or(Val::Null, |v| Val::Real(v.iter().product()))
}
#[allow(missing_docs)]
pub fn series_magnitude<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    solid(a, 0).map_or(Val::Null, |v| {
        Val::Real(v.iter().map(|x| x * x).sum::<f64>().sqrt())
    })
}
#[allow(missing_docs)]
pub fn series_dot_product<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match (solid(a, 0), solid(a, 1)) {
        (Some(x), Some(y)) => Val::Real(x.iter().zip(&y).map(|(p, q)| p * q).sum()),
        _ => Val::Null,
    }
}
/// `series_fir`
pub fn series_fir<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(v), Some(mut f)) = (solid(a, 0), solid(a, 1)) else {
        return Val::Null;
    };
    if a.get(2).and_then(Val::truth) != Some(false) {
        let s: f64 = f.iter().sum();
        if s != 0.0 {
            f.iter_mut().for_each(|x| *x /= s);
        }
    }
    let center = a.get(3).and_then(Val::truth) == Some(true);
    let shift = if center { f.len() / 2 } else { 0 };
    let out: Vec<f64> = (0..v.len())
        .map_while(|i| {
            if cx.guard.step(1 + f.len() as u64 / 64) {
                return None;
            }
            let sum = f
                .iter()
                .enumerate()
                .filter_map(|(k, w)| {
                    (i + shift)
                        .checked_sub(k)
                        .and_then(|j| v.get(j))
                        .map(|x| x * w)
                })
                .sum();
            Some(sum)
        })
        .collect();
    dynamic(reals(&out))
}
/// `series_iir`
pub fn series_iir<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(v), Some(b), Some(d)) = (solid(a, 0), solid(a, 1), solid(a, 2)) else {
        return Val::Null;
    };
    let Some(a0) = d.first().copied().filter(|x| *x != 0.0) else {
        return Val::Null;
    };
    let mut out: Vec<f64> = Vec::with_capacity(v.len());
    for i in 0..v.len() {
        if cx.guard.step(1 + (b.len() + d.len()) as u64 / 64) {
            return Val::Null;
        }
        let x: f64 = b
            .iter()
            .enumerate()
            .filter_map(|(k, w)| i.checked_sub(k).map(|j| v[j] * w))
            .sum();
        let y: f64 = d
            .iter()
            .enumerate()
            .skip(1)
            .filter_map(|(k, w)| i.checked_sub(k).map(|j| out[j] * w))
            .sum();
        out.push((x - y) / a0);
    }
    dynamic(reals(&out))
}
/// What the elements of a series become.
type Filled<'s> = Vec<Option<Cow<'s, str>>>;

/// Fills what is missing of a series, which is null or the argument at `missing`; what stays missing
/// becomes `rest`, or what stood there.
fn fill<'a>(
    cx: &Cx,
    a: &[Val<'a>],
    missing: usize,
    rest: Option<&Val<'a>>,
    f: impl for<'s> Fn(&[Option<&'s str>]) -> Filled<'s>,
) -> Val<'a> {
    let Some(Val::Dyn(s)) = a.first() else {
        return Val::Null;
    };
    let gap = a.get(missing).map_or("null".into(), Val::json);
    let rest = rest.map_or_else(|| gap.clone(), Val::json);
    let v: Vec<Option<&str>> = json::elements(s)
        .map(|e| (e != gap && e != "null").then_some(e))
        .collect();
    let by = f(&v);
    let mut out = String::from("[");
    let mut pace = Pace::default();
    for (i, e) in v.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        let by = by.get(i).and_then(Option::as_deref);
        let e = e.or(by).unwrap_or(&rest);
        // one value may stand in all places
        if e.len() > 1 << 10 && !cx.fits(out.len() + e.len()) {
            return Val::Null;
        }
        out.push_str(e);
        if cx.more(&mut pace, e.len(), &out) {
            return Val::Null;
        }
    }
    out.push(']');
    dynamic(out)
}
/// The last that was there, for each.
fn carried<'x, 's: 'x>(all: impl Iterator<Item = &'x Option<&'s str>>) -> Filled<'s> {
    let mut last = None;
    all.map(|e| {
        last = e.or(last);
        last.map(Cow::Borrowed)
    })
    .collect()
}
/// `series_fill_forward`
pub fn series_fill_forward<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    fill(cx, a, 1, None, |v| carried(v.iter()))
}
/// `series_fill_backward`
pub fn series_fill_backward<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    fill(cx, a, 1, None, |v| {
        let mut all = carried(v.iter().rev());
        all.reverse();
        all
    })
}
/// `series_fill_const`
pub fn series_fill_const<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    fill(cx, a, 2, Some(a.get(1).unwrap_or(&Val::Null)), |_| {
        Vec::new()
    })
}
/// `series_fill_linear`
pub fn series_fill_linear<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    fill(cx, a, 1, None, |v| {
        let known: Vec<(usize, f64)> = v
            .iter()
            .enumerate()
            .filter_map(|(i, e)| Some((i, json::plain((*e)?).real()?)))
            .collect();
        let mut next = 0;
        (0..v.len())
            .map(|i| {
                while known.get(next).is_some_and(|(at, _)| *at < i) {
                    next += 1;
                }
                let before = next.checked_sub(1).and_then(|k| known.get(k));
                let y = match (before, known.get(next)) {
                    (Some((p, x)), Some((q, y))) => x + (y - x) * (i - p) as f64 / (q - p) as f64,
                    (Some((_, x)), None) | (None, Some((_, x))) => *x,
                    _ => return None,
                };
                v.get(i)?.is_none().then(|| Cow::Owned(json::real(y)))
            })
            .collect()
    })
}
pub(super) fn quantile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len().saturating_sub(1)) as f64;
    let (lo, hi) = (at.floor() as usize, at.ceil() as usize);
    match (sorted.get(lo), sorted.get(hi)) {
        (Some(a), Some(b)) => a + (b - a) * (at - lo as f64),
        _ => 0.0,
    }
}
/// How far beyond the fences each value lies, in their height.
pub(super) fn fences(v: &[f64], low: f64, high: f64) -> Vec<f64> {
    let mut s = v.to_vec();
    s.sort_by(f64::total_cmp);
    let (q1, q3) = (quantile(&s, low), quantile(&s, high));
    let range = q3 - q1;
    v.iter()
        .map(|x| {
            if range <= 0.0 {
                return if *x > q3 {
                    1e9_f64.min((x - q3) * 1e9)
                } else if *x < q1 {
                    (-1e9_f64).max((x - q1) * 1e9)
                } else {
                    0.0
                };
            }
            if *x > q3 {
                (x - q3) / range
            } else if *x < q1 {
                (x - q1) / range
            } else {
                0.0
            }
        })
        .collect()
}
/// `series_outliers`
pub fn series_outliers<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(v) = solid(a, 0) else {
        return Val::Null;
    };
    let tukey = a.get(1).is_some_and(|k| k.text() == "tukey");
    let (lo, hi) = if tukey { (0.25, 0.75) } else { (0.1, 0.9) };
    dynamic(reals(&fences(&v, lo, hi)))
}
