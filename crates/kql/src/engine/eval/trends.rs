//! Series taken apart: trend, season and what is left; anomalies and forecasts.

use super::series::{fences, line, parts, quantile, reals, solid};
use super::strings::n;
use crate::engine::expr::Cx;
use crate::engine::value::{Val, dynamic};

/// The lag at which a series is most like itself, if it is so clearly.
fn period(cx: &Cx, v: &[f64]) -> usize {
    let n = v.len();
    let mean = v.iter().sum::<f64>() / n.max(1) as f64;
    let var: f64 = v.iter().map(|x| (x - mean).powi(2)).sum();
    if n < 16 || var <= 0.0 || n > 20_000 {
        return 0;
    }
    let score = |k: usize| -> f64 {
        (0..n - k)
            .map(|i| (v[i] - mean) * (v[i + k] - mean))
            .sum::<f64>()
            / var
    };
    let scores: Vec<f64> = (0..=n / 2)
        .map(|k| {
            if k < 2 || cx.guard.step(n as u64 / 64) {
                0.0
            } else {
                score(k)
            }
        })
        .collect();
    let mut best = (0, 0.4);
    for k in 2..scores.len() {
        if scores[k] > scores[k - 1]
            && scores.get(k + 1).is_none_or(|next| scores[k] >= *next)
            && scores[k] > best.1
        {
            best = (k, scores[k]);
        }
    }
    best.0
}
struct Parts {
    baseline: Vec<f64>,
    seasonal: Vec<f64>,
    trend: Vec<f64>,
    residual: Vec<f64>,
}
fn decompose(cx: &Cx, v: &[f64], seasonality: i64, trend: &str, test: usize) -> Parts {
    let n = v.len();
    let known = &v[..n - test.min(n)];
    let p = match seasonality {
        -1 => period(cx, known),
        x if x > 0 => (x as usize).min(n),
        _ => 0,
    };
    let flat: Vec<f64> = match trend {
        "linefit" => {
            let l = line(known);
            (0..n).map(|i| l.4 + l.1 * i as f64).collect()
        }
        "none" => vec![0.0; n],
        _ => vec![known.iter().sum::<f64>() / known.len().max(1) as f64; n],
    };
    let mut seasonal = vec![0.0; n];
    if p > 1 {
        for k in 0..p {
            let list: Vec<f64> = (k..known.len())
                .step_by(p)
                .map(|i| known[i] - flat[i])
                .collect();
            let mean = list.iter().sum::<f64>() / list.len().max(1) as f64;
            for i in (k..n).step_by(p) {
                seasonal[i] = mean;
            }
        }
    }
    let baseline: Vec<f64> = flat.iter().zip(&seasonal).map(|(a, b)| a + b).collect();
    let residual = v.iter().zip(&baseline).map(|(a, b)| a - b).collect();
    Parts {
        baseline,
        seasonal,
        trend: flat,
        residual,
    }
}
/// `series_decompose`
pub fn series_decompose<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(v) = solid(a, 0).filter(|v| !v.is_empty()) else {
        return Val::Null;
    };
    let d = decompose(
        cx,
        &v,
        n(a, 1).unwrap_or(-1),
        &a.get(2).map_or("avg".into(), |t| t.text()),
        n(a, 3).unwrap_or(0).max(0) as usize,
    );
    parts(&[
        reals(&d.baseline),
        reals(&d.seasonal),
        reals(&d.trend),
        reals(&d.residual),
    ])
}
/// `series_decompose_forecast`: the last points are forecast.
pub fn series_decompose_forecast<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(v) = solid(a, 0).filter(|v| !v.is_empty()) else {
        return Val::Null;
    };
    let d = decompose(
        cx,
        &v,
        n(a, 2).unwrap_or(-1),
        &a.get(3).map_or("linefit".into(), |t| t.text()),
        n(a, 1).unwrap_or(0).max(0) as usize,
    );
    parts(&[
        reals(&d.baseline),
        reals(&d.seasonal),
        reals(&d.trend),
        reals(&d.residual),
    ])
}
/// `series_decompose_anomalies`: flags, scores and the baseline.
pub fn series_decompose_anomalies<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(v) = solid(a, 0).filter(|v| !v.is_empty()) else {
        return Val::Null;
    };
    let threshold = a.get(1).and_then(Val::real).unwrap_or(1.5);
    let d = decompose(
        cx,
        &v,
        n(a, 2).unwrap_or(-1),
        &a.get(3).map_or("avg".into(), |t| t.text()),
        n(a, 4).unwrap_or(0).max(0) as usize,
    );
    let tukey = a.get(5).is_some_and(|k| k.text() == "tukey");
    let (lo, hi) = if tukey { (0.25, 0.75) } else { (0.1, 0.9) };
    let scores = fences(&d.residual, lo, hi);
    let flags: Vec<String> = scores
        .iter()
        .map(|s| {
            if *s > threshold {
                "1"
            } else if *s < -threshold {
                "-1"
            } else {
                "0"
            }
            .to_owned()
        })
        .collect();
    parts(&[
        format!("[{}]", flags.join(",")),
        reals(&scores),
        reals(&d.baseline),
    ])
}
/// `series_seasonal`
pub fn series_seasonal<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(v) = solid(a, 0).filter(|v| !v.is_empty()) else {
        return Val::Null;
    };
    let p = match n(a, 1) {
        Some(p) if p > 0 => p as usize,
        _ => period(cx, &v),
    };
    if p < 2 {
        return dynamic(reals(&vec![0.0; v.len()]));
    }
    let out: Vec<f64> = (0..v.len())
        .map(|i| {
            let mut list: Vec<f64> = (i % p..v.len()).step_by(p).map(|k| v[k]).collect();
            list.sort_by(f64::total_cmp);
            quantile(&list, 0.5)
        })
        .collect();
    dynamic(reals(&out))
}
