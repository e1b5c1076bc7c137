//! Incidents: index rows and wire form.

use super::stamp::MINUTE;
use super::{Arrival, IncidentRow, Obj, World, obj};
use serde_json::json;

const FIRST_ID: u64 = 2_711;

#[derive(Debug)]
pub struct Table {
    rows: Vec<IncidentRow>,
}

impl World {
    fn incident_table(&self) -> &Table {
        self.incidents.get_or_init(|| {
            let n = self.size.incidents;
            let rows = (0..n)
                .map(|i| {
                    let created = self.now.plus(-(i64::from(i) * 11 + 3) * MINUTE);
                    IncidentRow {
                        id: FIRST_ID + u64::from(n - 1 - i),
                        created,
                        updated: created.plus(MINUTE),
                        severity: ["low", "medium", "high", "informational"][i as usize % 4],
                        status: if i % 3 == 0 { "active" } else { "resolved" },
                        classification: None,
                        determination: None,
                        assigned_to: (i % 5 == 0).then_some("ana@contoso.com"),
                        redirect: None,
                        alerts: 0,
                    }
                })
                .collect();
            Table { rows }
        })
    }

    /// How many incidents there are.
    pub fn incident_count(&self) -> usize {
        self.size.incidents as usize
    }

    /// The index row of an incident. `i` below `incident_count()`.
    pub fn incident_row(&self, i: usize) -> IncidentRow {
        self.incident_table().rows[i]
    }

    /// The incident of an id.
    pub fn incident_by_id(&self, id: &str) -> Option<usize> {
        let id: u64 = id.parse().ok()?;
        let back = id.checked_sub(FIRST_ID)? as usize;
        self.incident_count().checked_sub(1 + back)
    }

    /// An incident without its alerts.
    pub fn incident_json(&self, i: usize) -> Obj {
        let row = self.incident_row(i);
        obj(json!({
            "id": row.id.to_string(),
            "tenantId": self.tenant.to_string(),
            "displayName": "Suspicious activity on one endpoint",
            "status": row.status,
            "severity": row.severity,
            "createdDateTime": row.created.to_string(),
            "lastUpdateDateTime": row.updated.to_string(),
            "assignedTo": row.assigned_to,
            "classification": row.classification,
            "determination": row.determination,
            "customTags": [],
            "systemTags": [],
            "comments": [],
        }))
    }

    /// Indexes of the alerts of an incident, newest first.
    pub fn incident_alerts(&self, _i: usize) -> Vec<usize> {
        Vec::new()
    }

    /// The n-th incident that arrives after the start, at that instant, with its alerts.
    pub fn arrival(&self, n: u64, at: jiff::Timestamp) -> Arrival {
        let at = at.into();
        let row = IncidentRow {
            id: FIRST_ID + self.incident_count() as u64 + n,
            created: at,
            updated: at,
            severity: "medium",
            status: "active",
            classification: None,
            determination: None,
            assigned_to: None,
            redirect: None,
            alerts: 0,
        };
        let incident = obj(json!({
            "id": row.id.to_string(),
            "displayName": "Suspicious activity on one endpoint",
            "status": row.status,
            "severity": row.severity,
            "createdDateTime": row.created.to_string(),
            "lastUpdateDateTime": row.updated.to_string(),
        }));
        Arrival {
            row,
            incident,
            alerts: Vec::new(),
        }
    }
}
