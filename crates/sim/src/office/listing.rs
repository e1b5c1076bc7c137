//! Which blobs there are in a window, a page at a time, and the blobs themselves.

use std::collections::HashSet;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::codes::{Refusal, refused};
use super::{Cx, array, subscriptions};
use crate::tenant::Tenant;
use crate::wire::answer::Answer;
use crate::world::World;
use crate::world::activity::{Content, REACH};
use crate::world::dice::mix;
use crate::world::stamp::{SECOND, Stamp};

/// One blob in so many is listed late, where the scenario wants that.
const LATE: u64 = 50;
const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// `YYYY-MM-DD`, `…THH:MM` or `…THH:MM:SS`, UTC and nothing else: a zone is refused (assumed; none is documented).
fn instant(text: &str) -> Option<Timestamp> {
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | 'T');
    if !text.chars().all(digits) {
        return None;
    }
    let at = match text.len() {
        10 => text.parse::<Date>().ok()?.at(0, 0, 0, 0),
        16 => format!("{text}:00").parse::<DateTime>().ok()?,
        19 => text.parse::<DateTime>().ok()?,
        _ => return None,
    };
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The window asked for, or the last day.
fn window(cx: &Cx<'_>) -> Result<(Timestamp, Timestamp), Refusal> {
    let read = |name: &'static str| match cx.option(name) {
        None => Ok(None),
        Some(text) => instant(text)
            .map(Some)
            .ok_or_else(|| refused("AF20002", name)),
    };
    let (from, to) = match (read("startTime")?, read("endTime")?) {
        (Some(from), Some(to)) => (from, to),
        (None, None) => return Ok((cx.now.saturating_sub(DAY).unwrap_or(cx.now), cx.now)),
        _ => return Err(refused("AF20030", "")),
    };
    if from > to || to.duration_since(from) > DAY {
        return Err(refused("AF20055", ""));
    }
    // a minute of grace: a client computes the beginning of seven days before it sends it
    if cx.now.duration_since(from) > WEEK + SignedDuration::from_mins(1) {
        return Err(refused("AF20030", ""));
    }
    Ok((from, to))
}

/// Is a blob listed by now?
fn listed(tenant: &Tenant, content: Content, n: u32, now: Stamp, late: SignedDuration) -> bool {
    let world = tenant.world();
    let created = world.blob_created(content, n);
    let wait = match late.as_secs() {
        0 => 0,
        secs if mix(world.blob_hash(content, n)).is_multiple_of(LATE) => {
            secs.saturating_mul(SECOND)
        }
        _ => 0,
    };
    created.plus(wait) <= now
}

/// The blob a subscription begins with.
fn since(cx: &Cx<'_>, content: Content) -> Result<Option<Stamp>, Refusal> {
    let first = cx.tenant.settings().feed_first();
    let since = subscriptions::live(cx, content)?;
    Ok(since.map(|at| Stamp::from(at.saturating_add(first).unwrap_or(at))))
}

/// `GET /subscriptions/content`
pub(super) fn content(cx: &Cx<'_>) -> Result<Answer, Refusal> {
    let content = cx.content()?;
    let since = since(cx, content)?;
    let (from, to) = window(cx)?;
    let world = cx.tenant.world();
    let settings = cx.tenant.settings();
    let now = cx.stamp();
    let expired = now.plus(-REACH);
    let begin = Stamp::from(from)
        .max(expired)
        .max(since.unwrap_or(Stamp(i64::MIN)));
    let mut range = world.blobs_between(content, begin, Stamp::from(to));
    if let Some(page) = cx.option("nextPage") {
        let bad = || refused("AF20031", page);
        let (start, count) = page.split_once('R').ok_or_else(bad)?;
        let start: u32 = start.parse().map_err(|_| bad())?;
        if count.parse::<u32>().is_err() || start < range.start || start > range.end {
            return Err(bad());
        }
        range.start = start;
    }
    let mut page = Vec::new();
    let mut next = None;
    for n in range {
        if !listed(cx.tenant, content, n, now, settings.feed_late) {
            continue;
        }
        if page.len() == settings.feed_page.max(1) {
            next = Some(n);
            break;
        }
        page.push(n);
    }
    let count = page.len();
    // in no order
    page.sort_by_key(|n| mix(world.blob_hash(content, *n)));
    let base = cx.base("v1.0");
    let answer = array(page.into_iter().map(|n| entry(world, &base, content, n)));
    let Some(next) = next else { return Ok(answer) };
    // the window stands in the link also where none was asked for; the publisher does not
    let link = format!(
        "{}/subscriptions/content?contentType={}&startTime={}&endTime={}&nextPage={next:010}R{count}",
        cx.base("v1"),
        content.name(),
        from.strftime("%Y-%m-%dT%H:%M:%S"),
        to.strftime("%Y-%m-%dT%H:%M:%S"),
    );
    Ok(answer.with("nextpageuri", link))
}

fn entry(world: &World, base: &str, content: Content, n: u32) -> Value {
    let created = world.blob_created(content, n);
    let id = content_id(world, content, n);
    json!({
        "contentUri": format!("{base}/audit/{id}"),
        "contentId": id,
        "contentType": content.name(),
        "contentCreated": millis(created),
        "contentExpiration": millis(created.plus(REACH)),
    })
}

fn millis(at: Stamp) -> String {
    at.timestamp()
        .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

/// An id with the dollar signs that must survive a URL; the blob's number stands at its end.
fn content_id(world: &World, content: Content, n: u32) -> String {
    let at = world.blob_created(content, n).timestamp();
    let digits = at.strftime("%Y%m%d%H%M%S").to_string();
    let short = content.name().replace('.', "_");
    let store = short.to_lowercase();
    let store = store.rsplit('_').next().unwrap_or_default();
    format!("{digits}000000000${digits}000000001$audit_{store}_{short}$emea{n:07}")
}

/// The blob of an id; AF20052 where it is none, AF20050 where it was never written.
fn blob_of(world: &World, id: &str) -> Result<(Content, u32), Refusal> {
    let malformed = || refused("AF20052", id);
    let parts: Vec<&str> = id.split('$').collect();
    let [_, _, kind, place] = parts.as_slice() else {
        return Err(malformed());
    };
    let content = Content::ALL
        .into_iter()
        .find(|c| kind.ends_with(&c.name().replace('.', "_")))
        .ok_or_else(malformed)?;
    let n: u32 = place
        .strip_prefix("emea")
        .and_then(|n| n.parse().ok())
        .ok_or_else(malformed)?;
    if content_id(world, content, n) != id {
        return Err(refused("AF20050", id));
    }
    Ok((content, n))
}

/// `GET {contentUri}`
pub(super) fn blob(cx: &Cx<'_>, id: &str) -> Result<Answer, Refusal> {
    let world = cx.tenant.world();
    let (content, n) = blob_of(world, id)?;
    cx.may_read(content)?;
    subscriptions::live(cx, content)?;
    let now = cx.stamp();
    if !listed(cx.tenant, content, n, now, SignedDuration::ZERO) {
        return Err(refused("AF20050", id));
    }
    if world.blob_created(content, n).plus(REACH) <= now {
        return Err(refused("AF20051", id));
    }
    let records = world.blob(content, n).into_iter();
    Ok(array(records.map(|entry| {
        Value::Object(world.activity_json(&world.fact(entry)))
    })))
}

/// See `Running::activity`.
pub(crate) fn truth(tenant: &Tenant, name: &str) -> Option<(usize, u128)> {
    let content = Content::named(name)?;
    let world = tenant.world();
    let now = Stamp::from(tenant.clock.told());
    let late = tenant.settings().feed_late;
    let mut ids = HashSet::new();
    for n in world.blobs_between(content, now.plus(-REACH), now.plus(1)) {
        if listed(tenant, content, n, now, late) {
            ids.extend(
                world
                    .blob(content, n)
                    .into_iter()
                    .map(|e| world.entry_id(e).0),
            );
        }
    }
    Some((ids.len(), ids.iter().fold(0, |sum, id| sum ^ id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_have_three_forms_and_no_zone() {
        for text in ["2026-08-20", "2026-08-20T12:30", "2026-08-20T12:30:59"] {
            assert!(instant(text).is_some(), "{text}");
        }
        for text in [
            "2026-08-20T12:30:59Z",
            "2026-08-20T12:30:59+00:00",
            "2026-08-20 12:30",
            "2026-8-2",
            "2026-13-20",
            "yesterday",
            "",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
