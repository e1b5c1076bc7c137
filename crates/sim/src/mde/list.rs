//! Lists of Defender: filter, order, `$skip`, `$top`; no links.

use serde_json::Value;

use super::{Cx, Fault};
use crate::odata::check::{Refused, Rules, check};
use crate::odata::eval::{Row, passes, rank};
use crate::wire::answer::Answer;
use crate::world::{Obj, wire_bytes};

/// Rows on a page, without `$top` and at most.
pub(super) const PAGE: (u64, u64) = (10_000, 10_000);

/// Refuses query options that the list lacks.
pub(super) fn checked(cx: &Cx<'_>, rules: &Rules) -> Result<(), Fault> {
    check(&cx.options, rules, false).map_err(|refused| match refused {
        Refused::Invalid(text) | Refused::Unsupported(text) | Refused::Advanced(text) => {
            Fault::odata(text)
        }
        Refused::Top(max) => Fault::odata(format!(
            "The limit of '{max}' for Top query has been exceeded."
        )),
    })
}

/// Positions of one page, in order, and how many matched if that was asked.
pub(super) fn page<R: Row>(
    cx: &Cx<'_>,
    rules: &Rules,
    positions: impl Iterator<Item = usize>,
    row: impl Fn(usize) -> R,
) -> (Vec<usize>, Option<usize>) {
    let options = &cx.options;
    let fits = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let (start, cut) = (
        fits(options.skip.unwrap_or(0)),
        fits(options.top.unwrap_or(rules.top.0).min(rules.top.1)),
    );
    let keep = |p: &usize| {
        options
            .filter
            .as_ref()
            .is_none_or(|f| passes(f, &row(*p), rules.case))
    };
    let matching = positions.filter(keep);
    if options.orderby.is_empty() && !options.count {
        return (matching.skip(start).take(cut).collect(), None);
    }
    let mut all: Vec<usize> = matching.collect();
    if !options.orderby.is_empty() {
        let rows: Vec<(usize, R)> = all.iter().map(|p| (*p, row(*p))).collect();
        let mut keyed: Vec<(usize, Vec<_>)> = rows
            .iter()
            .map(|(p, r)| {
                (
                    *p,
                    options
                        .orderby
                        .iter()
                        .map(|(path, _)| r.cell(path))
                        .collect(),
                )
            })
            .collect();
        keyed.sort_by(|(_, a), (_, b)| {
            let pairs = a.iter().zip(b).zip(&options.orderby);
            pairs
                .map(|((a, b), (_, down))| if *down { rank(b, a) } else { rank(a, b) })
                .find(|o| o.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        all = keyed.into_iter().map(|(p, _)| p).collect();
    }
    let total = options.count.then_some(all.len());
    (all.into_iter().skip(start).take(cut).collect(), total)
}

/// A collection answer.
pub(super) fn write(
    cx: &Cx<'_>,
    context: &str,
    count: Option<usize>,
    rows: impl Iterator<Item = Obj>,
) -> Answer {
    let mut body = Vec::with_capacity(64 * 1024);
    body.extend_from_slice(b"{\"@odata.context\":");
    let _ = serde_json::to_writer(&mut body, &cx.context(context));
    if let Some(count) = count {
        body.extend_from_slice(format!(",\"@odata.count\":{count}").as_bytes());
    }
    body.extend_from_slice(b",\"value\":[");
    for (n, row) in rows.enumerate() {
        if n > 0 {
            body.push(b',');
        }
        let _ = serde_json::to_writer(&mut body, &row);
    }
    body.extend_from_slice(b"]}");
    Answer::bytes(
        200,
        "application/json; odata.metadata=minimal",
        wire_bytes(body),
    )
}

/// A short list at hand as a whole.
pub(super) fn objects(
    cx: &Cx<'_>,
    context: &str,
    rules: &Rules,
    rows: &[Obj],
) -> Result<Answer, Fault> {
    checked(cx, rules)?;
    let (positions, count) = page(cx, rules, 0..rows.len(), |p| &rows[p]);
    Ok(write(
        cx,
        context,
        count,
        positions.into_iter().map(|p| rows[p].clone()),
    ))
}

/// A single entity's answer.
pub(super) fn entity(cx: &Cx<'_>, context: &str, row: Obj) -> Answer {
    let mut whole = Obj::new();
    whole.insert("@odata.context".into(), Value::String(cx.context(context)));
    whole.extend(row);
    let body = wire_bytes(serde_json::to_vec(&whole).unwrap_or_default());
    Answer::bytes(200, "application/json; odata.metadata=minimal", body)
}
