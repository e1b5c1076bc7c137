//! Alerts: index rows and wire form.

use super::dice::{Guid, Topic};
use super::stamp::MINUTE;
use super::{AlertRow, Obj, World, obj};
use serde_json::json;

#[derive(Debug)]
pub struct Table {
    rows: Vec<AlertRow>,
}

impl World {
    fn alert_table(&self) -> &Table {
        self.alerts.get_or_init(|| {
            let rows = (0..if self.incident_count() == 0 {
                0
            } else {
                self.size.alerts
            })
                .map(|i| {
                    let incident = self.incident_row(i as usize % self.incident_count());
                    let created = self.now.plus(-(i64::from(i) * 4 + 3) * MINUTE);
                    AlertRow {
                        incident: incident.id,
                        created,
                        updated: created,
                        first_activity: created,
                        last_activity: created,
                        severity: incident.severity,
                        status: "new",
                        classification: None,
                        determination: None,
                        assigned_to: None,
                        service_source: "microsoftDefenderForEndpoint",
                        detection_source: "microsoftDefenderForEndpoint",
                        category: "Execution",
                    }
                })
                .collect();
            Table { rows }
        })
    }

    /// How many alerts there are.
    pub fn alert_count(&self) -> usize {
        self.alert_table().rows.len()
    }

    /// The index row of an alert. `i` below `alert_count()`.
    pub fn alert_row(&self, i: usize) -> AlertRow {
        self.alert_table().rows[i]
    }

    /// The id of an alert.
    pub fn alert_id(&self, i: usize) -> String {
        format!("al{}", self.seed.guid(Topic::Alert, i as u32))
    }

    /// The alert of an id.
    pub fn alert_by_id(&self, id: &str) -> Option<usize> {
        let guid: Guid = id.get(2..)?.parse().ok()?;
        let i = self.seed.guid_index(Topic::Alert, guid)? as usize;
        (i < self.alert_count() && self.alert_id(i) == id).then_some(i)
    }

    /// An alert with its evidence.
    pub fn alert_json(&self, i: usize) -> Obj {
        let row = self.alert_row(i);
        obj(json!({
            "id": self.alert_id(i),
            "incidentId": row.incident.to_string(),
            "status": row.status,
            "severity": row.severity,
            "serviceSource": row.service_source,
            "detectionSource": row.detection_source,
            "title": "Suspicious PowerShell command line",
            "createdDateTime": row.created.to_string(),
            "lastUpdateDateTime": row.updated.to_string(),
            "comments": [],
            "evidence": [],
        }))
    }
}
