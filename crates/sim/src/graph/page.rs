//! One page of a collection: filter, order, count, cut, link, write. Entities are rendered only for the rows of the page.

use serde_json::Value;

use super::cx::Cx;
use super::fault::Fault;
use crate::odata::check::{Over, Rules};
use crate::odata::eval::{Row, passes, rank};
use crate::wire::answer::Answer;
use crate::world::{Obj, enums, wire_bytes};

/// How a collection hands out its next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paging {
    Skip,
    Token,
}

/// How long a page token lives, in seconds of tenant time (assumed).
const TOKEN_LIFE: i64 = 3600;

/// A page of a short list that is at hand as a whole.
pub(crate) fn objects(
    cx: &Cx<'_>,
    context: &str,
    rules: &Rules,
    list: &[Obj],
) -> Result<Answer, Fault> {
    self::list(
        cx,
        context,
        rules,
        Paging::Token,
        0..list.len(),
        |p| &list[p],
        |p| list[p].clone(),
    )
}

/// Writes a page. `positions` are the collection's rows in its own order.
pub(crate) fn list<R: Row>(
    cx: &Cx<'_>,
    context: &str,
    rules: &Rules,
    paging: Paging,
    positions: impl Iterator<Item = usize>,
    row: impl Fn(usize) -> R,
    render: impl Fn(usize) -> Obj,
) -> Result<Answer, Fault> {
    sorted(
        cx,
        context,
        rules,
        paging,
        &cx.options.orderby,
        positions,
        row,
        render,
    )
}

/// The same where `positions` come in the order asked for already, or `orderby` is what remains to be sorted by.
#[expect(
    clippy::too_many_arguments,
    reason = "one call site each, all of them different things"
)]
pub(crate) fn sorted<R: Row>(
    cx: &Cx<'_>,
    context: &str,
    rules: &Rules,
    paging: Paging,
    orderby: &[(Vec<String>, bool)],
    positions: impl Iterator<Item = usize>,
    row: impl Fn(usize) -> R,
    render: impl Fn(usize) -> Obj,
) -> Result<Answer, Fault> {
    let (start, cut) = window(cx, rules, paging)?;
    let options = &cx.options;
    let keep = |position: &usize| {
        options
            .filter
            .as_ref()
            .is_none_or(|f| passes(f, &row(*position), rules.case))
    };
    let mut matching = positions.filter(keep);
    let mut page = Vec::new();
    let total;
    if orderby.is_empty() {
        let mut seen = 0;
        for position in matching.by_ref() {
            seen += 1;
            if seen > start {
                page.push(position);
            }
            // one more than the page tells whether there is a next one
            if page.len() > cut {
                break;
            }
        }
        total = if options.count {
            seen + matching.count()
        } else {
            seen
        };
    } else {
        let mut all: Vec<(Vec<_>, usize)> = Vec::new();
        let positions: Vec<usize> = matching.collect();
        let rows: Vec<R> = positions.iter().map(|p| row(*p)).collect();
        for (row, position) in rows.iter().zip(&positions) {
            all.push((
                orderby.iter().map(|(path, _)| row.cell(path)).collect(),
                *position,
            ));
        }
        all.sort_by(|(a, _), (b, _)| {
            let pairs = a.iter().zip(b).zip(orderby);
            pairs
                .map(|((a, b), (_, descending))| if *descending { rank(b, a) } else { rank(a, b) })
                .find(|o| o.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        total = all.len();
        page = all
            .into_iter()
            .skip(start)
            .take(cut + 1)
            .map(|(_, position)| position)
            .collect();
    }
    let more = page.len() > cut;
    page.truncate(cut);
    let next = more.then(|| next_link(cx, paging, start + cut));
    // the count is given once, on the first page
    let count = (options.count && start == 0).then_some(total);
    Ok(write(
        cx,
        context,
        count,
        next,
        page.into_iter().map(render),
    ))
}

/// Where the page starts and how many rows it holds.
fn window(cx: &Cx<'_>, rules: &Rules, paging: Paging) -> Result<(usize, usize), Fault> {
    let (usual, most) = rules.top;
    let asked = cx.options.top.unwrap_or(usual);
    let cut = if rules.over == Over::Clamped {
        asked.min(most)
    } else {
        asked
    }
    .max(1);
    let start = match (paging, &cx.options.skiptoken) {
        (Paging::Skip, _) => cx.options.skip.unwrap_or(0),
        (Paging::Token, None) => 0,
        (Paging::Token, Some(token)) => open_token(cx, token)?,
    };
    let fits = |n: u64| usize::try_from(n).unwrap_or(usize::MAX / 2);
    Ok((fits(start), fits(cut)))
}

fn next_link(cx: &Cx<'_>, paging: Paging, start: usize) -> String {
    let kept = kept_options(&cx.ask.query);
    let last = match paging {
        Paging::Skip => format!("$skip={start}"),
        Paging::Token => format!("$skiptoken={}", make_token(cx, start)),
    };
    let joint = if kept.is_empty() { "" } else { "&" };
    let path = match cx.ask.path.strip_prefix(&format!("/{}", super::BETA)) {
        Some(path) => format!("{}/graph/beta{path}", cx.ask.origin),
        None => format!("{}{}", cx.base(), cx.ask.path),
    };
    format!("{path}?{kept}{joint}{last}")
}

/// The query as it was sent, without the paging options.
fn kept_options(query: &str) -> String {
    let paging = |pair: &&str| {
        let key = pair.split('=').next().unwrap_or_default();
        let key = crate::wire::ask::decode(key).unwrap_or_default();
        key != "$skip" && key != "$skiptoken"
    };
    query
        .split('&')
        .filter(|p| !p.is_empty())
        .filter(paging)
        .collect::<Vec<_>>()
        .join("&")
}

/// A token says where it continues, of which query, and when it was made; it fits no other query.
fn make_token(cx: &Cx<'_>, start: usize) -> String {
    use base64::Engine;
    let plain = format!(
        "{start}.{}.{}",
        cx.tenant.clock.now().as_second(),
        fingerprint(cx)
    );
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(plain)
}

fn open_token(cx: &Cx<'_>, token: &str) -> Result<u64, Fault> {
    use base64::Engine;
    let plain = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|b| String::from_utf8(b).ok());
    let mut parts = plain.as_deref().unwrap_or_default().split('.');
    let (start, made, print) = (parts.next(), parts.next(), parts.next());
    let bad = || {
        Fault::new(
            400,
            "Request_BadRequest",
            "The specified page token value is invalid or malformed.",
        )
    };
    let start: u64 = start.and_then(|s| s.parse().ok()).ok_or_else(bad)?;
    let made: i64 = made.and_then(|s| s.parse().ok()).ok_or_else(bad)?;
    if print != Some(fingerprint(cx).as_str()) {
        return Err(bad());
    }
    if cx.tenant.clock.now().as_second() - made > TOKEN_LIFE {
        let text = "The specified page token value has expired and can no longer be included in your request.";
        return Err(Fault::new(400, "Directory_ExpiredPageToken", text));
    }
    Ok(start)
}

fn fingerprint(cx: &Cx<'_>) -> String {
    let text = format!(
        "{}?{}",
        cx.ask.path.to_lowercase(),
        kept_options(&cx.ask.query)
    );
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:x}")
}

/// A collection answer from entities, written as they come.
pub(crate) fn write(
    cx: &Cx<'_>,
    context: &str,
    count: Option<usize>,
    next: Option<String>,
    rows: impl Iterator<Item = Obj>,
) -> Answer {
    let mut body = Vec::with_capacity(16 * 1024);
    let key = |body: &mut Vec<u8>, name: &str, value: &Value| {
        body.push(if body.is_empty() { b'{' } else { b',' });
        let _ = serde_json::to_writer(&mut *body, name);
        body.push(b':');
        let _ = serde_json::to_writer(&mut *body, value);
    };
    key(&mut body, "@odata.context", &cx.context(context).into());
    if let Some(count) = count {
        key(&mut body, "@odata.count", &count.into());
    }
    if let Some(next) = next {
        key(&mut body, "@odata.nextLink", &next.into());
    }
    body.extend_from_slice(b",\"value\":[");
    for (n, row) in rows.enumerate() {
        if n > 0 {
            body.push(b',');
        }
        let _ = serde_json::to_writer(&mut body, &cx.shape(row));
    }
    body.extend_from_slice(b"]}");
    Answer::bytes(200, super::JSON, wire_bytes(body))
}

/// A single entity's answer.
pub(crate) fn entity(cx: &Cx<'_>, context: &str, row: Obj) -> Answer {
    let mut whole = Obj::new();
    whole.insert("@odata.context".into(), cx.context(context).into());
    whole.extend(cx.shape(row));
    Answer::bytes(
        200,
        super::JSON,
        wire_bytes(serde_json::to_vec(&whole).unwrap_or_default()),
    )
}

impl Cx<'_> {
    /// Hides enum members that the caller did not ask to see, and properties it did not select.
    fn shape(&self, mut row: Obj) -> Obj {
        if !self.ask.prefers("include-unknown-enum-members") {
            enums::mask(&mut row);
        }
        let select = &self.options.select;
        if select.is_empty() || select.iter().any(|s| s == "*") {
            return row;
        }
        let expanded = |key: &str| self.options.expand.iter().any(|e| e.name == key);
        row.retain(|key, _| {
            let owner = key.split('@').next().unwrap_or(key);
            owner.is_empty()
                || expanded(owner)
                || select.iter().any(|s| s.split('/').next() == Some(owner))
        });
        row
    }
}
