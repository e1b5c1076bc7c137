//! `/users/delta`: everything once, then only what changed.
//!
//! The directory of the simulated tenant changes only through writes on users, so a round after the first is empty until there is one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde_json::json;

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::users::{RULES, USUAL};
use crate::odata::check::{Rules, check};
use crate::odata::filter::{Expr, Literal, Op};
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
    let (start, select, filter) = match token {
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
            (0, cx.options.select.clone(), ids)
        }
        Some(token) => open(cx, token)?,
    };
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
        close(cx, position, &select, &filter)
    );
    let rows = chosen.into_iter().map(|i| {
        let mut obj: Obj = cx.world.user_json(i);
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

/// Options are frozen into the token.
fn close(cx: &Cx<'_>, position: usize, select: &[String], filter: &[String]) -> String {
    B64.encode(json!([position, select, filter, cx.tenant.clock.now().as_second()]).to_string())
}

fn open(cx: &Cx<'_>, token: &str) -> Result<(usize, Vec<String>, Vec<String>), Fault> {
    let bad = || {
        Fault::new(
            400,
            "Request_BadRequest",
            "The delta token is invalid or malformed.",
        )
    };
    let plain = B64.decode(token).map_err(|_| bad())?;
    let (position, select, filter, made): (usize, Vec<String>, Vec<String>, i64) =
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
    Ok((position, select, filter))
}
