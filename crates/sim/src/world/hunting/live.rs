//! What happens after the start: incidents that arrive, and what is done to machines. A few rows, made for each question.

use std::sync::Arc;

use serde_json::json;
use table::Chunk;

use super::super::World;
use super::super::dice::{Dice, mix};
use super::super::frame::Frame;
use super::super::stamp::{SECOND, Stamp};
use super::book::Book;
use super::shape::Shape;
use super::told::Told;

/// An action on a machine.
#[derive(Clone, Debug)]
pub struct Act {
    /// When it was asked for.
    pub asked: Stamp,
    /// When it was carried out, if it was.
    pub done: Option<Stamp>,
    /// Index of the machine.
    pub machine: usize,
    /// As `CloudAppEvents` calls it: `IsolateDevice`.
    pub action: &'static str,
    /// UPN or application id of who asked.
    pub by: String,
    /// Why.
    pub comment: String,
    /// What `MitigationStatus` says afterwards, a JSON object.
    pub mitigation: String,
}

/// All that happened since the start.
#[derive(Debug, Default)]
pub struct Live {
    told: Told,
    acts: Vec<Act>,
}

impl World {
    /// What happened since the start: arrivals by number with their instants, in order, and actions.
    pub fn hunting_live(&self, arrivals: &[(u64, Stamp)], acts: Vec<Act>) -> Live {
        let frames: Vec<Frame> = arrivals
            .iter()
            .map(|(n, at)| self.arriving(*n, *at))
            .collect();
        Live {
            told: Told::of(self, frames),
            acts,
        }
    }

    /// The rows that it adds to a table.
    pub(super) fn live_rows(&self, live: &Live, name: &str, shape: &Arc<Shape>) -> Vec<Chunk> {
        let mut chunks = Vec::new();
        if let Some(tell) = super::tell(name).filter(|_| !live.told.frames.is_empty()) {
            chunks.push(tell(self, &live.told, Arc::clone(shape)));
        }
        if !live.acts.is_empty() {
            let mut book = Book::new(Arc::clone(shape));
            for act in &live.acts {
                match name {
                    "CloudAppEvents" => self.act_asked(&mut book, act),
                    "DeviceInfo" => {
                        if let Some(at) = act.done {
                            self.device_info(&mut book, act.machine, at, &act.mitigation);
                            book.end();
                        }
                    }
                    "DeviceEvents" => self.act_felt(&mut book, act),
                    _ => {}
                }
            }
            chunks.push(book.finish());
        }
        chunks.retain(|c| c.rows() > 0);
        chunks
    }

    /// The request, in the audit of the portal.
    fn act_asked(&self, book: &mut Book, act: &Act) {
        let name = self.machine_name(act.machine);
        let user = self.user_by_upn(&act.by);
        let mut dice = Dice::of(mix(act.asked.0 as u64 ^ (act.machine as u64) << 40));
        let id = dice.guid().to_string();
        book.at(act.asked)
            .text("ActionType", act.action)
            .text("Application", "Microsoft Defender")
            .int("ApplicationId", 11_171)
            .text("AccountId", &act.by)
            .text("AccountType", if user.is_some() { "Regular" } else { "Application" })
            .bool("IsAdminOperation", true)
            .text("ActivityType", "Basic")
            .text("ObjectName", name)
            .text("ObjectType", "Device")
            .text("ObjectId", self.machine_id(act.machine))
            .text("ReportId", &id)
            .json(
                "ActivityObjects",
                &json!([{"Type": "Device", "Role": "Target object", "Name": name, "Id": self.machine_id(act.machine)}]),
            )
            .json(
                "RawEventData",
                &json!({
                    "Operation": act.action, "UserId": act.by, "Workload": "MicrosoftDefenderForEndpoint", "Id": id,
                    "DeviceName": name, "DeviceId": self.machine_id(act.machine), "ActionComment": act.comment,
                    "CreationTime": act.asked.whole_second().to_string(),
                }),
            )
            .text("AuditSource", "Defender for Endpoint");
        if let Some(user) = user {
            let row = self.user_row(user);
            book.text("AccountObjectId", &row.id.to_string())
                .text("AccountDisplayName", row.display);
        }
        book.end();
    }

    /// What the machine's own sensor says once it was carried out (assumed: no page lists these).
    fn act_felt(&self, book: &mut Book, act: &Act) {
        let Some(at) = act.done else { return };
        let (kind, more) = match act.action {
            "IsolateDevice" => (
                "FirewallOutboundConnectionBlocked",
                json!({"FilterOrigin": "Network isolation", "Isolated": true}),
            ),
            "ReleaseFromIsolation" => (
                "FirewallServiceStopped",
                json!({"FilterOrigin": "Network isolation", "Isolated": false}),
            ),
            "RunAntiVirusScan" => (
                "AntivirusScanCompleted",
                json!({"ScanTypeIndex": "Quick", "User": "NT AUTHORITY\\SYSTEM"}),
            ),
            "RestrictAppExecution" => ("AppControlPolicyApplied", json!({"Restricted": true})),
            "RemoveAppRestrictions" => ("AppControlPolicyApplied", json!({"Restricted": false})),
            _ => return,
        };
        book.at(at.plus(SECOND))
            .text("DeviceId", self.machine_id(act.machine))
            .text("DeviceName", self.machine_name(act.machine))
            .some("MachineGroup", self.device(act.machine).group.1)
            .text("ActionType", kind)
            .text("AdditionalFields", &more.to_string())
            .text("InitiatingProcessFileName", "MsSense.exe")
            .text("InitiatingProcessAccountName", "system")
            .text("InitiatingProcessAccountDomain", "nt authority")
            .int("ReportId", (mix(at.0 as u64) % 900_000) as i64);
        book.end();
    }
}
