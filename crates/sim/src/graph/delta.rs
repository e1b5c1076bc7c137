//! `/users/delta`: everything once, then only what changed.
//!
//! The directory of the simulated tenant changes only through writes on users, so a round after the first is empty until there is one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde_json::json;

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::users::{RULES, USUAL, present};
use crate::odata::check::{Rules, check};
use crate::odata::filter::{Expr, Literal, Op};
use crate::response::accounts;
use crate::wire::answer::Answer;
use crate::world::Obj;

/// Rows a page.
const PAGE: usize = 200;
/// How long a token lives, in seconds of tenant time (assumed; the directory keeps seven days).
const LIFE: i64 = 7 * 86_400;

/// `GET /users/delta`
pub(super) fn users(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let token = cx
        .options
        .skiptoken
        .as_deref()
        .or(cx.options.deltatoken.as_deref());
    let Place {
        start,
        select,
        filter,
        since,
    } = match token {
        None => {
            let rules = Rules {
                count: false,
                search: false,
                orderby: &[],
                expand: &[],
                ..RULES
            };
            check(&cx.options, &rules, false).map_err(|r| Family::Directory.refuse(r))?;
            let ids = match &cx.options.filter {
                None => Vec::new(),
                Some(filter) => ids(filter).ok_or_else(|| {
                    Fault::unsupported("Only 'id eq' joined by 'or' can filter a delta query.")
                })?,
            };
            Place {
                start: 0,
                select: cx.options.select.clone(),
                filter: ids,
                since: None,
            }
        }
        Some(token) => open(cx, token)?,
    };
    if token == cx.options.deltatoken.as_deref()
        && let Some(since) = since
    {
        return Ok(changed(cx, since, &select, &filter));
    }
    let all = cx.world.users_by_upn();
    let chosen: Vec<usize> = if filter.is_empty() {
        all.iter()
            .skip(start)
            .take(PAGE)
            .map(|i| *i as usize)
            .collect()
    } else {
        filter
            .iter()
            .filter_map(|id| cx.world.user_by_id(id))
            .skip(start)
            .take(PAGE)
            .collect()
    };
    let total = if filter.is_empty() {
        all.len()
    } else {
        filter.len()
    };
    let next = start + PAGE;
    let (name, value) = if next < total {
        ("@odata.nextLink", "$skiptoken")
    } else {
        ("@odata.deltaLink", "$deltatoken")
    };
    let position = if next < total { next } else { total };
    let link = format!(
        "{}{}?{value}={}",
        cx.base(),
        cx.ask.path,
        // the round continues from where it began: what changed meanwhile is told after it
        close(cx, position, &select, &filter, since)
    );
    let rows = chosen.into_iter().map(|i| {
        let mut obj: Obj = present(cx, i);
        obj.retain(|key, _| {
            if select.is_empty() {
                USUAL.contains(&key.as_str())
            } else {
                key == "id" || select.iter().any(|s| s == key)
            }
        });
        obj
    });
    let mut body = json!({"@odata.context": cx.context("users"), name: link});
    if let Some(map) = body.as_object_mut() {
        map.insert(
            "value".into(),
            rows.map(serde_json::Value::Object).collect(),
        );
    }
    Ok(Answer::json(200, &body))
}

fn ids(filter: &Expr) -> Option<Vec<String>> {
    match filter {
        Expr::Or(terms) => terms
            .iter()
            .map(ids)
            .collect::<Option<Vec<_>>>()
            .map(|v| v.concat()),
        Expr::Compare(path, Op::Eq, Literal::Text(id)) if path.len() == 1 && path[0] == "id" => {
            Some(vec![id.clone()])
        }
        _ => None,
    }
}

/// What a token holds. `since` is the place in the log of writes, and the instant, from which the next round tells changes.
struct Place {
    start: usize,
    select: Vec<String>,
    filter: Vec<String>,
    since: Option<(usize, i64)>,
}

/// Properties that writes can change.
const CHANGING: &[&str] = &[
    "id",
    "accountEnabled",
    "passwordProfile",
    "lastPasswordChangeDateTime",
    "signInSessionsValidFromDateTime",
];

/// A later round: users that were written on, with what can have changed.
fn changed(cx: &Cx<'_>, since: (usize, i64), select: &[String], filter: &[String]) -> Answer {
    let (place, users) = accounts::changes(cx.tenant, Some(since));
    let rows: Vec<serde_json::Value> = users
        .into_iter()
        .map(|user| present(cx, user))
        .filter(|obj| {
            let id = obj.get("id").and_then(serde_json::Value::as_str);
            filter.is_empty() || filter.iter().any(|f| Some(f.as_str()) == id)
        })
        .map(|mut obj| {
            obj.retain(|key, _| {
                CHANGING.contains(&key.as_str()) && (key == "id" || select.iter().any(|s| s == key))
            });
            serde_json::Value::Object(obj)
        })
        .collect();
    let since = Some((place, cx.tenant.clock.millis()));
    let link = format!(
        "{}{}?$deltatoken={}",
        cx.base(),
        cx.ask.path,
        close(cx, 0, select, filter, since)
    );
    Answer::json(
        200,
        &json!({"@odata.context": cx.context("users"), "@odata.deltaLink": link, "value": rows}),
    )
}

/// Options are frozen into the token.
fn close(
    cx: &Cx<'_>,
    position: usize,
    select: &[String],
    filter: &[String],
    since: Option<(usize, i64)>,
) -> String {
    let since = since.unwrap_or_else(|| {
        (
            accounts::changes(cx.tenant, None).0,
            cx.tenant.clock.millis(),
        )
    });
    B64.encode(
        json!([
            position,
            select,
            filter,
            cx.tenant.clock.now().as_second(),
            since
        ])
        .to_string(),
    )
}

type Sealed = (usize, Vec<String>, Vec<String>, i64, (usize, i64));

fn open(cx: &Cx<'_>, token: &str) -> Result<Place, Fault> {
    let bad = || {
        Fault::new(
            400,
            "Request_BadRequest",
            "The delta token is invalid or malformed.",
        )
    };
    let plain = B64.decode(token).map_err(|_| bad())?;
    let (start, select, filter, made, since): Sealed =
        serde_json::from_slice(&plain).map_err(|_| bad())?;
    if cx.tenant.clock.now().as_second() - made > LIFE {
        let restart = format!("{}/users/delta", cx.base());
        return Err(Fault::new(
            410,
            "syncStateNotFound",
            "The sync state generation is not found; start over.",
        )
        .with("location", restart));
    }
    Ok(Place {
        start,
        select,
        filter,
        since: Some(since),
    })
}
