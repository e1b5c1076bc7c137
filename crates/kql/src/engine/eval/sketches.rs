//! Functions of digests and states that `summarize` has made.

use crate::engine::expr::Cx;
use crate::engine::json;
use crate::engine::sketch::{Digest, Hll};
use crate::engine::value::{Kind, Val, dynamic};

fn digest(a: &[Val]) -> Option<Digest> {
    Digest::read(a.first()?)
}

/// `percentile_tdigest`
pub fn percentile_tdigest<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(mut d), Some(p)) = (digest(a), a.get(1).and_then(Val::real)) else {
        return Val::Null;
    };
    let v = d.percentile(p).map_or(Val::Null, |x| d.value(x));
    if cx.out == Kind::Dynamic {
        return v;
    }
    v.to(cx.out)
}
/// `percentiles_array_tdigest`
pub fn percentiles_array_tdigest<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(mut d) = digest(a) else {
        return Val::Null;
    };
    let mut at: Vec<f64> = Vec::new();
    for v in a.iter().skip(1) {
        match v {
            Val::Dyn(s) if s.starts_with('[') => {
                at.extend(json::elements(s).filter_map(|e| json::plain(e).real()));
            }
            v => at.extend(v.real()),
        }
    }
    let out: Vec<String> = at
        .into_iter()
        .map(|p| {
            let v = d.percentile(p).map_or(Val::Null, |x| d.value(x));
            v.json().into_owned()
        })
        .collect();
    dynamic(format!("[{}]", out.join(",")))
}
fn ranked(a: &[Val]) -> Option<(f64, f64)> {
    Some(digest(a)?.rank(a.get(1)?.real()?))
}
/// `rank_tdigest`
pub fn rank_tdigest<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    ranked(a).map_or(Val::Null, |(below, _)| Val::Real(below))
}
/// `percentrank_tdigest`
pub fn percentrank_tdigest<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    ranked(a).map_or(Val::Null, |(below, all)| Val::Real(100.0 * below / all))
}
/// `tdigest_merge`, `merge_tdigest`
pub fn tdigest_merge<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut all = Digest::default();
    a.iter().filter_map(Digest::read).for_each(|d| all.join(d));
    all.write()
}
/// `tdigest_isvalid`
pub fn tdigest_isvalid<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Bool(digest(a).is_some())
}
/// `dcount_hll`
pub fn dcount_hll<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    a.first()
        .and_then(Hll::read)
        .map_or(Val::Null, |h| Val::Long(h.count()))
}
/// `hll_merge`
pub fn hll_merge<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut all = Hll::default();
    a.iter().filter_map(Hll::read).for_each(|h| all.join(h));
    all.write()
}
/// `hll_isvalid`
pub fn hll_isvalid<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Bool(a.first().and_then(Hll::read).is_some())
}
