//! Incidents: index rows and wire form.

use super::frame::{ARRIVALS, Frame};
use super::stamp::Stamp;
use super::story::{Quirk, special};
use super::workflow::Flow;
use super::{Arrival, ArrivedAlert, IncidentRow, Obj, World, obj};
use serde_json::{Value, json};

const FIRST_ID: u64 = 2_711;

impl World {
    /// The id of the incident of a rank, arrivals included.
    pub(super) fn incident_id(&self, rank: u32) -> u64 {
        let n = u64::from(self.size.incidents);
        if rank >= ARRIVALS {
            FIRST_ID + n + u64::from(rank - ARRIVALS)
        } else {
            FIRST_ID + n - 1 - u64::from(rank)
        }
    }

    /// How many incidents there are.
    pub fn incident_count(&self) -> usize {
        self.size.incidents as usize
    }

    fn incident_row_of(&self, frame: &Frame, flow: &Flow) -> IncidentRow {
        let redirect = match frame.template.quirk {
            Quirk::MergedInto(ranks) => Some(self.incident_id(frame.rank - u32::from(ranks))),
            _ => None,
        };
        IncidentRow {
            id: self.incident_id(frame.rank),
            created: frame.created,
            updated: flow.updated,
            severity: flow.severity,
            status: flow.status,
            classification: flow.classification,
            determination: flow.determination,
            assigned_to: flow.assigned,
            redirect,
            alerts: frame.alerts() as u32,
        }
    }

    /// The index row of an incident, newest created first. `i` below `incident_count()`.
    pub fn incident_row(&self, i: usize) -> IncidentRow {
        let frame = self.frame(i);
        self.incident_row_of(&frame, &self.flow(&frame))
    }

    /// The incident of an id.
    pub fn incident_by_id(&self, id: &str) -> Option<usize> {
        let number: u64 = id.parse().ok()?;
        let back = number.checked_sub(FIRST_ID)? as usize;
        let rank = self.incident_count().checked_sub(1)?.checked_sub(back)?;
        (number.to_string() == id).then_some(rank)
    }

    /// The title with the names of its cast.
    pub(super) fn title(&self, frame: &Frame) -> String {
        let mut title = special::expand(frame.template.title);
        if title.contains("{u}") {
            let name = self
                .cast_user(frame, 0, 0)
                .map_or("a user", |u| self.user_row(u).display);
            title = title.replace("{u}", name);
        }
        if title.contains("{d}") {
            let name = self
                .cast_machine(frame, 0, 0)
                .map_or("one endpoint", |d| self.machine_name(d));
            title = title.replace("{d}", name.split('.').next().unwrap_or(name));
        }
        title
    }

    /// An incident without its alerts.
    pub fn incident_json(&self, i: usize) -> Obj {
        let frame = self.frame(i);
        self.incident_json_of(&frame, &self.flow(&frame))
    }

    fn incident_json_of(&self, frame: &Frame, flow: &Flow) -> Obj {
        let row = self.incident_row_of(frame, flow);
        let template = frame.template;
        let id = row.id.to_string();
        let title = self.title(frame);
        if template.quirk == Quirk::Bare {
            return obj(json!({
                "id": id,
                "createdDateTime": row.created.to_string(),
                "lastUpdateDateTime": row.updated.to_string(),
                "severity": row.severity,
                "status": row.status,
            }));
        }
        let n = u64::from(frame.rank);
        let tactics = self.tactics(frame);
        let score = match row.severity {
            "high" => 70 + n % 30,
            "medium" => 35 + n % 40,
            "low" => 10 + n % 25,
            _ => n % 12,
        };
        let mut tags: Vec<&str> = template.tags.to_vec();
        if n % 29 == 3 && template.quirk == Quirk::None {
            tags.push(["VIP", "follow-up", "test", "tabletop", "pilot"][(n / 29) as usize % 5]);
        }
        let comments: Vec<Value> = self
            .comments(frame, flow)
            .into_iter()
            .map(|(author, at, text)| {
                json!({
                    "@odata.type": "#microsoft.graph.security.alertComment",
                    "comment": text, "createdByDisplayName": author, "createdDateTime": at.to_string(),
                })
            })
            .collect();
        let resolving = match (flow.resolved, flow.assigned) {
            (Some(_), Some(_)) if n % 2 == 0 => json!("Handled as described in the comments."),
            (Some(_), None) if n % 3 == 0 => json!("Closed automatically: all threats remediated."),
            _ => Value::Null,
        };
        let modified = match (flow.assigned, n % 5) {
            (Some(analyst), 0) => json!(format!("API-App:{analyst}")),
            (Some(analyst), _) => json!(analyst),
            (None, 0 | 1) => json!("Microsoft 365 Defender-AlertCorrelation"),
            (None, 2) => json!("API-App:SOC Automation"),
            _ => Value::Null,
        };
        obj(json!({
            "id": id,
            "tenantId": self.tenant.to_string(),
            "status": row.status,
            "incidentWebUrl": format!("https://security.microsoft.com/incident2/{id}/overview?tid={}", self.tenant),
            "redirectIncidentId": row.redirect.map(|id| id.to_string()),
            "displayName": title,
            "createdDateTime": row.created.to_string(),
            "lastUpdateDateTime": row.updated.to_string(),
            "assignedTo": row.assigned_to,
            "classification": row.classification,
            "determination": row.determination,
            "severity": row.severity,
            "customTags": tags,
            "systemTags": template.system_tags,
            "description": if tactics.is_empty() { Value::Null } else {
                json!(format!("{} alerts of {} were correlated.\r\nTactics: {}.", frame.alerts(), self.services(frame), tactics.join(", ")))
            },
            "lastModifiedBy": modified,
            "resolvingComment": resolving,
            "summary": if template.specs.len() > 3 { json!(self.summary(frame)) } else { Value::Null },
            "priorityScore": if n % 9 == 4 { Value::Null } else { json!(score) },
            "comments": comments,
        }))
    }

    fn tactics(&self, frame: &Frame) -> Vec<&'static str> {
        let mut all = Vec::new();
        for k in 0..frame.alerts().min(16) {
            let category = frame.spec(k).0.category;
            if !all.contains(&category) {
                all.push(category);
            }
        }
        all
    }

    fn services(&self, frame: &Frame) -> String {
        let mut all = Vec::new();
        for k in 0..frame.alerts().min(16) {
            let product = frame.spec(k).0.source.product;
            if !all.contains(&product) {
                all.push(product);
            }
        }
        all.join(" and ")
    }

    fn summary(&self, frame: &Frame) -> String {
        let who = self
            .cast_user(frame, 0, 0)
            .map_or("no user", |u| self.user_row(u).display);
        let place = self
            .cast_machine(frame, 0, 0)
            .map_or("no device", |d| self.machine_name(d));
        let first = frame.spec(0).0;
        format!(
            "It began with \"{}\" involving {who} and {place}; {} alerts followed.",
            first.title,
            frame.alerts().max(1) - 1
        )
    }

    /// The n-th incident that arrives after the start, at that instant, with its alerts.
    pub fn arrival(&self, n: u64, at: jiff::Timestamp) -> Arrival {
        let frame = self.arriving(n, Stamp::from(at));
        let flow = self.flow(&frame);
        let alerts = (0..frame.alerts())
            .rev()
            .map(|k| ArrivedAlert {
                id: self.alert_id_of(&frame, k),
                row: self.alert_row_of(&frame, &flow, k),
                json: self.alert_json_of(&frame, &flow, k),
            })
            .collect();
        Arrival {
            row: self.incident_row_of(&frame, &flow),
            incident: self.incident_json_of(&frame, &flow),
            alerts,
        }
    }
}
