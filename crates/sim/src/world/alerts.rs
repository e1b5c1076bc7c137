//! Alerts: index rows and wire form.

use super::dice::{Guid, Topic};
use super::frame::Frame;
use super::stamp::Stamp;
use super::story::{Quirk, special};
use super::workflow::Flow;
use super::{AlertRow, Obj, World, obj};
use serde_json::{Value, json};

/// Ticks of 100 ns from year 1 to 1970, as endpoint alert ids count them.
const EPOCH: i64 = 621_355_968_000_000_000;

/// One alert's place among all.
#[derive(Clone, Copy, Debug)]
struct Slot {
    created: Stamp,
    rank: u32,
    k: u32,
}

/// All alerts newest first, and the place of each ordinal in that order.
#[derive(Debug)]
pub struct Table {
    slots: Vec<Slot>,
    place: Vec<u32>,
}

impl World {
    fn alert_table(&self) -> &Table {
        self.alerts.get_or_init(|| {
            let mut slots = Vec::with_capacity(self.size.alerts as usize);
            for rank in 0..self.incident_count() {
                let frame = self.frame(rank);
                for k in 0..frame.alerts() {
                    slots.push(Slot {
                        created: frame.alert_created(self, k),
                        rank: rank as u32,
                        k: k as u32,
                    });
                }
            }
            let mut order: Vec<u32> = (0..slots.len() as u32).collect();
            order.sort_unstable_by_key(|&o| (std::cmp::Reverse(slots[o as usize].created), o));
            let mut place = vec![0; slots.len()];
            for (at, &ordinal) in order.iter().enumerate() {
                place[ordinal as usize] = at as u32;
            }
            Table {
                slots: order.into_iter().map(|o| slots[o as usize]).collect(),
                place,
            }
        })
    }

    /// How many alerts there are.
    pub fn alert_count(&self) -> usize {
        self.alert_table().slots.len()
    }

    /// The frame and place in it of an alert.
    pub(super) fn alert_frame(&self, i: usize) -> (Frame, usize) {
        let slot = self.alert_table().slots[i];
        (self.frame(slot.rank as usize), slot.k as usize)
    }

    /// The index row of an alert, newest created first. `i` below `alert_count()`.
    pub fn alert_row(&self, i: usize) -> AlertRow {
        let (frame, k) = self.alert_frame(i);
        self.alert_row_of(&frame, &self.flow(&frame), k)
    }

    pub(super) fn alert_row_of(&self, frame: &Frame, flow: &Flow, k: usize) -> AlertRow {
        let (spec, _) = frame.spec(k);
        let own = self.alert_flow(frame, flow, k);
        let (first, last) = frame.activity(self, k);
        AlertRow {
            incident: self.incident_id(frame.rank),
            created: frame.alert_created(self, k),
            updated: own.updated,
            first_activity: first,
            last_activity: last,
            severity: own.severity,
            status: own.status,
            classification: own.classification,
            determination: own.determination,
            assigned_to: own.assigned,
            service_source: spec.source.service,
            detection_source: spec.source.detection,
            category: spec.category,
        }
    }

    /// The id of an alert.
    pub fn alert_id(&self, i: usize) -> String {
        let (frame, k) = self.alert_frame(i);
        self.alert_id_of(&frame, k)
    }

    pub(super) fn alert_id_of(&self, frame: &Frame, k: usize) -> String {
        let prefix = frame.spec(k).0.source.prefix;
        let ordinal = frame.ordinal(k) as u32;
        match prefix {
            "da" => {
                let ticks = frame.alert_created(self, k).0 + EPOCH;
                format!("da{ticks}_{}", self.seed.veil(Topic::Alert, ordinal) as i32)
            }
            _ => format!("{prefix}{}", self.seed.guid(Topic::Alert, ordinal)),
        }
    }

    /// The alert of an id.
    pub fn alert_by_id(&self, id: &str) -> Option<usize> {
        let own = id.get(2..)?;
        let ordinal = match own.split_once('_') {
            Some((_, number)) => self
                .seed
                .unveil(Topic::Alert, number.parse::<i32>().ok()? as u32),
            None => self
                .seed
                .guid_index(Topic::Alert, own.parse::<Guid>().ok()?)?,
        };
        let i = *self.alert_table().place.get(ordinal as usize)? as usize;
        (self.alert_id(i) == id).then_some(i)
    }

    /// Indexes of the alerts of an incident, newest first.
    pub fn incident_alerts(&self, i: usize) -> Vec<usize> {
        let frame = self.frame(i);
        self.places((0..frame.alerts()).map(|k| frame.ordinal(k) as u32))
    }

    /// Indexes of alerts by their ordinals, newest first.
    pub(super) fn places(&self, ordinals: impl Iterator<Item = u32>) -> Vec<usize> {
        let place = &self.alert_table().place;
        let mut all: Vec<usize> = ordinals
            .filter_map(|o| place.get(o as usize))
            .map(|at| *at as usize)
            .collect();
        all.sort_unstable();
        all
    }

    /// An alert with its evidence.
    pub fn alert_json(&self, i: usize) -> Obj {
        let (frame, k) = self.alert_frame(i);
        self.alert_json_of(&frame, &self.flow(&frame), k)
    }

    pub(super) fn alert_json_of(&self, frame: &Frame, flow: &Flow, k: usize) -> Obj {
        let row = self.alert_row_of(frame, flow, k);
        let own = self.alert_flow(frame, flow, k);
        let (spec, _) = frame.spec(k);
        let id = self.alert_id_of(frame, k);
        let title = special::expand(spec.title);
        let bare = frame.template.quirk == Quirk::Bare;
        let (_, mut evidence) = self.play(frame, flow, Some(k));
        if bare {
            evidence.truncate(1);
            if let Some(Value::Object(only)) = evidence.first_mut() {
                only.retain(|key, _| key.starts_with('@') || key == "createdDateTime");
            }
            return obj(json!({
                "id": id,
                "createdDateTime": row.created.to_string(),
                "severity": row.severity,
                "status": row.status,
                "serviceSource": row.service_source,
                "incidentId": row.incident.to_string(),
                "evidence": evidence,
            }));
        }
        let n = frame.ordinal(k);
        let provider = id.get(2..).unwrap_or(&id).to_owned();
        let description = if spec.about.is_empty() {
            format!("{title}.")
        } else {
            spec.about.to_owned()
        };
        let comments: Vec<Value> = match own.assigned {
            Some(author) if n % 6 == 1 => vec![json!({
                "@odata.type": "#microsoft.graph.security.alertComment",
                "comment": "See the incident.",
                "createdByDisplayName": author,
                "createdDateTime": row.updated.to_string(),
            })],
            _ => vec![],
        };
        let portal = format!(
            "https://security.microsoft.com/alerts/{id}?tid={}",
            self.tenant
        );
        let incident = row.incident;
        obj(json!({
            "id": id,
            "providerAlertId": if n % 8 == 3 { id.clone() } else { provider },
            "incidentId": incident.to_string(),
            "status": row.status,
            "severity": row.severity,
            "classification": row.classification,
            "determination": row.determination,
            "serviceSource": row.service_source,
            "detectionSource": row.detection_source,
            "productName": spec.source.product,
            "detectorId": self.seed.dice(Topic::Misc, super::people::text_hash(spec.title)).guid().to_string(),
            "tenantId": self.tenant.to_string(),
            "title": title,
            "description": description,
            "recommendedActions": advice(spec.source.service),
            "category": spec.category,
            "categories": [spec.category],
            "assignedTo": row.assigned_to,
            "alertWebUrl": portal,
            "incidentWebUrl": format!("https://security.microsoft.com/incident2/{incident}/overview?tid={}", self.tenant),
            "actorDisplayName": spec.actor,
            "threatDisplayName": spec.threat.map(|t| t.0),
            "threatFamilyName": spec.threat.map(|t| t.1),
            "mitreTechniques": spec.techniques,
            "createdDateTime": row.created.to_string(),
            "lastUpdateDateTime": row.updated.to_string(),
            "resolvedDateTime": own.resolved.map(|at| at.to_string()),
            "firstActivityDateTime": row.first_activity.to_string(),
            "lastActivityDateTime": row.last_activity.to_string(),
            "investigationState": own.investigation,
            "alertPolicyId": if spec.source.prefix == "dl" || spec.source.prefix == "ca" {
                json!(self.seed.dice(Topic::Misc, super::people::text_hash(spec.title) ^ 1).guid().to_string())
            } else { Value::Null },
            "systemTags": frame.template.system_tags,
            "additionalData": if spec.source.prefix == "sn" {
                json!({"Query": "SigninLogs\r\n| where TimeGenerated > ago(1h)\r\n| where ResultType == 0", "Alert generation status": "Full alert created", "WorkspaceId": self.workspace_id().to_string(), "WorkspaceResourceId": super::azure_workspace()})
            } else { Value::Null },
            "customDetails": if spec.source.prefix == "ed" { json!({"Ticket": format!("CHG-{}", 20_000 + n % 5_000)}) } else { Value::Null },
            "comments": comments,
            "evidence": evidence,
        }))
    }
}

/// What the service recommends, with the line breaks and tabs it has.
fn advice(service: &str) -> &'static str {
    match service {
        "microsoftDefenderForEndpoint" | "microsoft365Defender" => {
            "A. Validate the alert.\r\n1. Inspect the process and its parents.\r\n2. Check the file's prevalence and signer.\r\n\
             B. Scope the incident.\r\n\t- Find other devices with the same file or address.\r\n\
             C. Contain and mitigate the breach.\r\n\t- Isolate the device if the activity is malicious.\r\n\t- Reset the credentials of the user."
        }
        "microsoftDefenderForOffice365" => {
            "1. Look at the mail, its sender and its URLs.\r\n2. Find other recipients.\r\n3. Purge the mails.\r\n4. Ask the recipients whether they clicked."
        }
        "microsoftDefenderForIdentity" => {
            "1. Find out which user and process made the requests.\r\n2. Is the source a known administrative host?\r\n3. Reset the passwords of exposed accounts, twice for krbtgt."
        }
        "azureAdIdentityProtection" => {
            "1. Ask the user by another channel.\r\n2. Confirm the user compromised, or dismiss the risk.\r\n3. Revoke sessions and reset the password."
        }
        "microsoftDefenderForCloudApps" | "microsoftAppGovernance" => {
            "1. Review the activity log of the user.\r\n2. Check the application's permissions; ban it if nobody needs it."
        }
        "microsoftDefenderForCloud" => {
            "1. Find the owner of the resource.\r\n2. Restrict network access.\r\n3. Rotate keys and tokens.\r\n4. Review the activity log of the subscription."
        }
        _ => "1. Review the entities.\n2. Decide and classify.",
    }
}
