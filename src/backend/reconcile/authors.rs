//! Rows that say who wrote them last: incidents and indicators. Written by our app, and nothing of it on record, is somebody
//! else with our secret, another computer of ours, or a missing line.

use super::{Part, Verdict};
use crate::backend::ports::Past;
use crate::model::{Call, Json, Kind, Pages, Path, Service, Ticks};
use serde_json::Value;

/// One listing.
pub struct Author {
    pub name: &'static str,
    kind: Kind,
    /// The rows of the time, as far as the service can narrow them.
    pub call: fn(Ticks) -> Call,
    /// Who wrote it last, when, and by what its deeds are keyed.
    by: &'static [&'static str],
    when: &'static str,
    key: &'static str,
    name_of: &'static str,
}

/// So many incidents are looked at.
const MOST: u32 = 2_000;

pub static ALL: &[Author] = &[
    Author {
        name: "incidents",
        kind: Kind::Incident,
        call: |from| {
            Call::get(Service::Graph, Path::new("/security/incidents"))
                .query("$top", "50")
                .query(
                    "$filter",
                    format!("lastUpdateDateTime ge {}", from.literal()),
                )
                .pages(Pages::Links { at_most: MOST })
                .needs(&[
                    "SecurityIncident.Read.All",
                    "SecurityIncident.ReadWrite.All",
                ])
        },
        by: &["lastModifiedBy"],
        when: "lastUpdateDateTime",
        key: "id",
        name_of: "displayName",
    },
    Author {
        name: "indicators",
        kind: Kind::Indicator,
        call: |_| {
            Call::get(Service::Defender, Path::new("/indicators"))
                .none_is_404()
                .pages(Pages::Skip {
                    top: 10_000,
                    at_most: 50_000,
                })
                .needs(crate::resource::indicator::NEEDS)
        },
        by: &["createdBy", "lastUpdatedBy"],
        when: "lastUpdateTime",
        key: "indicatorValue",
        name_of: "title",
    },
];

impl Author {
    /// Rows that our app wrote in the time, each with a deed on record or none.
    pub fn compare(&self, past: &[Past], rows: &[Value], from: Ticks, app: Option<&str>) -> Part {
        let mut out = Part::new(self.name);
        out.looked = rows.len();
        if rows.len() >= MOST as usize && self.kind == Kind::Incident {
            out.missing = Some(format!("only {MOST} of those that changed were looked at"));
        }
        let Some(app) = app else {
            out.missing = Some("who else acts with a person's sign-in cannot be told".into());
            return out;
        };
        for row in rows.iter().map(Json) {
            let ours = |field: &&&str| {
                // `API-App:<id>` for incidents
                let by = row.str(field).unwrap_or_default();
                by.rsplit(':')
                    .next()
                    .is_some_and(|by| by.eq_ignore_ascii_case(app))
            };
            let late = row.time(self.when).is_some_and(|at| at.0 >= from.0);
            let (Some(_), true) = (self.by.iter().find(ours), late) else {
                continue;
            };
            let id = row.str(self.key).unwrap_or_default();
            match past.iter().any(|p| p.intent && self.is_about(p, id)) {
                true => out.agree += 1,
                false => out.find(Verdict::NoIntent, self.there(row)),
            }
        }
        out
    }

    /// A deed on it, or one on something else that changes it too: an alert moved into it, an incident merged.
    fn is_about(&self, p: &Past, id: &str) -> bool {
        let own =
            p.deed.key.kind == self.kind && p.deed.key.id.txt().exact().eq_ignore_ascii_case(id);
        let mention = |v: &Value| v.as_str() == Some(id);
        own || (self.kind == Kind::Incident
            && (mentions(&p.args, &mention) || mentions(&p.deed.before, &mention)))
    }

    fn there(&self, row: Json<'_>) -> String {
        let shown = |field: &str| {
            let text = row.text(field).unwrap_or_default();
            text.txt().shown().into_owned()
        };
        format!(
            "{} {} {} “{}”",
            shown(self.when),
            crate::resource::spec(self.kind).one,
            shown(self.key),
            shown(self.name_of)
        )
    }
}

/// Whether any value within this one is meant.
fn mentions(value: &Value, meant: &impl Fn(&Value) -> bool) -> bool {
    meant(value)
        || match value {
            Value::Array(all) => all.iter().any(|v| mentions(v, meant)),
            Value::Object(all) => all.values().any(|v| mentions(v, meant)),
            _ => false,
        }
}
