//! `/activities/`: what `CloudAppEvents` tells, with the record it came from.

use serde_json::Value;

use super::query::{Fact, Query, Row};
use super::{Cx, Refusal, entity};
use crate::wire::answer::Answer;
use crate::world::World;

const FILTERS: [&str; 19] = [
    "service",
    "instance",
    "user.username",
    "user.orgUnit",
    "user.domain",
    "activity.eventActionType",
    "activity.type",
    "activity.id",
    "activity.impersonated",
    "ip.address",
    "ip.category",
    "ip.tags",
    "location.country",
    "date",
    "userAgent.userAgent",
    "policy",
    "source",
    "text",
    "fileSelector",
];

struct View<'a> {
    world: &'a World,
    n: usize,
}

impl Row for View<'_> {
    fn facts(&self, field: &str) -> Vec<Fact> {
        let act = self.world.cloud_activity(self.n);
        match field {
            "date" => vec![Fact::Number(act.at.timestamp().as_millisecond())],
            "service" => vec![Fact::Number(act.saas)],
            "instance" => vec![Fact::Number(0)],
            "user.username" => vec![Fact::from(act.upn)],
            "user.domain" => vec![Fact::from(act.upn.rsplit('@').next().unwrap_or_default())],
            "activity.eventActionType" | "activity.type" => vec![Fact::from(act.action)],
            "activity.id" => vec![Fact::from(act.id.as_str())],
            "activity.impersonated" => vec![Fact::Truth(false)],
            "ip.address" => vec![Fact::Text(act.ip.to_string())],
            "location.country" => vec![Fact::from(act.country)],
            "source" => vec![Fact::Number(2)],
            "text" => vec![Fact::from(act.object), Fact::from(act.action)],
            _ => Vec::new(),
        }
    }
}

/// `GET|POST /activities/`, newest first
pub(super) fn list(cx: &Cx<'_>) -> Result<Answer, Refusal> {
    let query = Query::read(cx, &FILTERS, &["date"])?;
    let world = cx.world;
    let row = |n: usize| View { world, n };
    Ok(query.page(world.cloud_activity_count(), row, |n| {
        Value::Object(world.cloud_activity_json(n))
    }))
}

/// `GET /activities/{id}/`
pub(super) fn one(cx: &Cx<'_>, id: &str) -> Result<Answer, Refusal> {
    let world = cx.world;
    let found = (0..world.cloud_activity_count()).find(|n| world.cloud_activity(*n).id == id);
    let n = found.ok_or_else(Refusal::nowhere)?;
    Ok(entity(Value::Object(world.cloud_activity_json(n))))
}
