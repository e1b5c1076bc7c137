//! What lists take: `filters`, `skip`, `limit`, `sortField`, `sortDirection`, in the query or as a JSON body.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::{Cx, Refusal};
use crate::wire::answer::Answer;
use crate::world::wire_bytes;

/// Rows on a page, without `limit` and at most.
const PAGE: usize = 100;
/// `total` counts no further (assumed).
const TOTAL: usize = 5_000;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// A value a filter looks at.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fact {
    Number(i64),
    Text(String),
    Truth(bool),
}

impl From<i64> for Fact {
    fn from(n: i64) -> Self {
        Fact::Number(n)
    }
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Fact::Text(text.to_owned())
    }
}

/// One row as a filter sees it: all values of a field.
pub(super) trait Row {
    fn facts(&self, field: &str) -> Vec<Fact>;
}

/// What was asked for.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub filters: Map<String, Value>,
    skip: usize,
    limit: usize,
    sort: Option<(String, bool)>,
    now: i64,
}

const OPS: [&str; 20] = [
    "contains",
    "ncontains",
    "eq",
    "neq",
    "deq",
    "startswith",
    "startswithsingle",
    "doesnotstartwith",
    "endswith",
    "text",
    "isset",
    "isnotset",
    "gt",
    "gte",
    "lt",
    "lte",
    "range",
    "gte_ndays",
    "lte_ndays",
    "descendantof",
];

impl Query {
    /// Reads query and body; `fields` are those that can be filtered by, `sorts` those that can be sorted by.
    pub fn read(cx: &Cx<'_>, fields: &[&str], sorts: &[&str]) -> Result<Self, Refusal> {
        let mut all = Map::new();
        for (key, value) in cx.ask.options() {
            let read = match key.as_str() {
                "filters" => serde_json::from_str(&value)
                    .map_err(|_| Refusal::bad("filters is not valid JSON"))?,
                "skip" | "limit" => value
                    .parse::<u64>()
                    .map(Value::from)
                    .map_err(|_| Refusal::bad(format!("{key} must be a number")))?,
                _ => Value::String(value),
            };
            all.insert(key, read);
        }
        if !cx.ask.body.is_empty() {
            let Ok(Value::Object(body)) = serde_json::from_slice(&cx.ask.body) else {
                return Err(Refusal::bad("The body is not a JSON object"));
            };
            all.extend(body);
        }
        let number = |key: &str, usual: usize| match all.get(key) {
            None | Some(Value::Null) => Ok(usual),
            Some(value) => value
                .as_u64()
                .and_then(|n| usize::try_from(n).ok())
                .ok_or_else(|| Refusal::bad(format!("{key} must be a number"))),
        };
        let filters = match all.get("filters") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(map)) => map.clone(),
            Some(_) => return Err(Refusal::bad("filters must be an object")),
        };
        for (field, ops) in &filters {
            if !fields.contains(&field.as_str()) {
                return Err(Refusal::bad(format!("Unknown filter: {field}")));
            }
            let ops = ops
                .as_object()
                .ok_or_else(|| Refusal::bad(format!("{field}: an operator is missing")))?;
            if let Some(op) = ops.keys().find(|op| !OPS.contains(&op.as_str())) {
                return Err(Refusal::bad(format!("{field}: unknown operator {op}")));
            }
        }
        let sort = match all.get("sortField").and_then(Value::as_str) {
            None => None,
            Some(field) if sorts.contains(&field) => {
                let down = match all.get("sortDirection").and_then(Value::as_str) {
                    None | Some("desc") => true,
                    Some("asc") => false,
                    Some(other) => {
                        return Err(Refusal::bad(format!("Unknown sortDirection: {other}")));
                    }
                };
                Some((field.to_owned(), down))
            }
            Some(field) => return Err(Refusal::bad(format!("Cannot sort by {field}"))),
        };
        Ok(Self {
            filters,
            skip: number("skip", 0)?,
            limit: number("limit", PAGE)?.clamp(1, PAGE),
            sort,
            now: cx.tenant.clock.told().as_millisecond(),
        })
    }

    /// All fields must fit, any value of each is enough.
    pub fn fits(&self, row: &impl Row) -> bool {
        self.filters.iter().all(|(field, ops)| {
            let facts = row.facts(field);
            let ops = ops.as_object().into_iter().flatten();
            ops.into_iter()
                .all(|(op, wanted)| self.one(op, wanted, &facts))
        })
    }

    fn one(&self, op: &str, wanted: &Value, facts: &[Fact]) -> bool {
        let values: Vec<&Value> = match wanted {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        let any = |test: &dyn Fn(&Fact, &Value) -> bool| {
            facts.iter().any(|f| values.iter().any(|w| test(f, w)))
        };
        let text = |test: fn(&str, &str) -> bool| {
            any(&|fact, wanted| match (fact, said(wanted)) {
                (Fact::Text(have), Some(want)) => test(&have.to_lowercase(), &want.to_lowercase()),
                _ => false,
            })
        };
        let number = |test: fn(i64, i64) -> bool| {
            any(&|fact, wanted| match (fact, wanted.as_i64()) {
                (Fact::Number(have), Some(want)) => test(*have, want),
                _ => false,
            })
        };
        match op {
            "eq" | "deq" | "descendantof" => any(&same),
            "neq" => !any(&same),
            "contains" | "text" => text(|have, want| have.contains(want)),
            "ncontains" => !text(|have, want| have.contains(want)),
            "startswith" | "startswithsingle" => text(|have, want| have.starts_with(want)),
            "doesnotstartwith" => !text(|have, want| have.starts_with(want)),
            "endswith" => text(|have, want| have.ends_with(want)),
            "isset" => facts.is_empty() != values.iter().all(|v| *v != &Value::Bool(false)),
            "isnotset" => facts.is_empty(),
            "gt" => number(|have, want| have > want),
            "gte" => number(|have, want| have >= want),
            "lt" => number(|have, want| have < want),
            "lte" => number(|have, want| have <= want),
            "range" => any(&|fact, wanted| {
                let Fact::Number(have) = fact else {
                    return false;
                };
                let end = |key: &str| wanted[key].as_i64();
                end("start").is_none_or(|s| *have >= s) && end("end").is_none_or(|e| *have <= e)
            }),
            "gte_ndays" | "lte_ndays" => any(&|fact, wanted| {
                let (Fact::Number(have), Some(days)) = (fact, wanted.as_i64()) else {
                    return false;
                };
                let edge = self.now - days * DAY;
                if op == "gte_ndays" {
                    *have >= edge
                } else {
                    *have <= edge
                }
            }),
            _ => false,
        }
    }

    /// Writes a page of rows that stand in their own order, newest first.
    pub fn page<R: Row>(
        &self,
        count: usize,
        row: impl Fn(usize) -> R,
        render: impl Fn(usize) -> Value,
    ) -> Answer {
        let mut found: Vec<usize> = (0..count).filter(|p| self.fits(&row(*p))).collect();
        if let Some((field, down)) = &self.sort {
            let mut keyed: Vec<(Vec<Fact>, usize)> =
                found.iter().map(|p| (row(*p).facts(field), *p)).collect();
            keyed.sort_by(|(a, _), (b, _)| {
                let order = match (a.first(), b.first()) {
                    (Some(Fact::Number(a)), Some(Fact::Number(b))) => a.cmp(b),
                    (Some(Fact::Text(a)), Some(Fact::Text(b))) => a.cmp(b),
                    _ => Ordering::Equal,
                };
                if *down { order.reverse() } else { order }
            });
            found = keyed.into_iter().map(|(_, p)| p).collect();
        }
        let rows: Vec<Value> = found
            .iter()
            .skip(self.skip)
            .take(self.limit)
            .map(|p| render(*p))
            .collect();
        let body = json!({
            "data": rows,
            "hasNext": self.skip + rows.len() < found.len(),
            "max": TOTAL,
            "total": found.len().min(TOTAL),
            "moreThanTotal": found.len() > TOTAL,
        });
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        Answer::bytes(200, "application/json", wire_bytes(bytes))
    }
}

/// The text of a value; of an entity its id.
fn said(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value["id"].as_str())
}

fn same(fact: &Fact, wanted: &Value) -> bool {
    match fact {
        Fact::Number(have) => wanted.as_i64() == Some(*have),
        Fact::Truth(have) => wanted.as_bool() == Some(*have),
        Fact::Text(have) => said(wanted).is_some_and(|w| w.eq_ignore_ascii_case(have)),
    }
}
