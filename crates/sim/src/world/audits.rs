//! Directory audits, newest first: the daily business of a directory, and what the stories left there.

use super::apps::APPS;
use super::dice::{Dice, Topic};
use super::people::Class;
use super::pinned::SYNC_ACCOUNT;
use super::stamp::{DAY, MINUTE, Stamp};
use super::{AuditRow, Obj, World, obj};
use serde_json::{Value, json};

/// Who does such a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Own,
    Desk,
    Sync,
    App(usize),
}

/// A kind of activity: name, category, service, operation, by whom, changed property with its old and new value.
struct Kind {
    activity: &'static str,
    category: &'static str,
    service: &'static str,
    operation: &'static str,
    by: By,
    change: Option<(&'static str, &'static str, &'static str)>,
}

const fn kind(
    activity: &'static str,
    category: &'static str,
    service: &'static str,
    operation: &'static str,
    by: By,
    change: Option<(&'static str, &'static str, &'static str)>,
) -> Kind {
    Kind {
        activity,
        category,
        service,
        operation,
        by,
        change,
    }
}

const CORE: &str = "Core Directory";

static KINDS: [(Kind, u32); 14] = [
    (
        kind(
            "Update user",
            "UserManagement",
            CORE,
            "Update",
            By::Sync,
            Some(("Department", "[\"Sales\"]", "[\"Sales EMEA\"]")),
        ),
        30,
    ),
    (
        kind(
            "Reset password (self-service)",
            "UserManagement",
            "Self-service Password Management",
            "Update",
            By::Own,
            None,
        ),
        8,
    ),
    (
        kind(
            "Reset user password",
            "UserManagement",
            CORE,
            "Update",
            By::Desk,
            None,
        ),
        7,
    ),
    (
        kind(
            "Change password (self-service)",
            "UserManagement",
            "Self-service Password Management",
            "Update",
            By::Own,
            None,
        ),
        9,
    ),
    (
        kind(
            "User registered security info",
            "UserManagement",
            "Authentication Methods",
            "Add",
            By::Own,
            None,
        ),
        9,
    ),
    (
        kind(
            "User deleted security info",
            "UserManagement",
            "Authentication Methods",
            "Delete",
            By::Own,
            None,
        ),
        3,
    ),
    (
        kind(
            "Add member to group",
            "GroupManagement",
            CORE,
            "Assign",
            By::Desk,
            Some(("Group.DisplayName", "null", "\"SG-VPN-Users\"")),
        ),
        14,
    ),
    (
        kind(
            "Remove member from group",
            "GroupManagement",
            CORE,
            "Unassign",
            By::Desk,
            Some(("Group.DisplayName", "\"Project Aurora\"", "null")),
        ),
        6,
    ),
    (
        kind(
            "Change user license",
            "UserManagement",
            CORE,
            "Update",
            By::App(19),
            None,
        ),
        6,
    ),
    (
        kind(
            "Add registered owner to device",
            "Device",
            "Device Registration Service",
            "Assign",
            By::Own,
            None,
        ),
        8,
    ),
    (
        kind(
            "Disable account",
            "UserManagement",
            CORE,
            "Update",
            By::Desk,
            Some(("AccountEnabled", "[true]", "[false]")),
        ),
        2,
    ),
    (
        kind(
            "Add member to role",
            "RoleManagement",
            CORE,
            "Assign",
            By::Desk,
            Some(("Role.DisplayName", "null", "\"Reports Reader\"")),
        ),
        1,
    ),
    (
        kind(
            "Consent to application",
            "ApplicationManagement",
            CORE,
            "Assign",
            By::Own,
            Some(("ConsentContext.IsAdminConsent", "null", "\"False\"")),
        ),
        4,
    ),
    (
        kind(
            "Invite external user",
            "UserManagement",
            "Invited Users",
            "Add",
            By::Own,
            None,
        ),
        3,
    ),
];

/// One audit as it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Audit {
    at: Stamp,
    kind: u8,
    target: u32,
    /// u32::MAX for an application.
    by: u32,
}

/// All audits, and (target, place) sorted.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Audit>,
    by_target: Vec<(u32, u32)>,
}

impl World {
    fn audits(&self) -> &Table {
        self.audits.get_or_init(|| {
            let users = self.user_count();
            let n = (users * 4).clamp(400, 40_000);
            let weights: Vec<(u8, u32)> = KINDS
                .iter()
                .enumerate()
                .map(|(k, (_, weight))| (k as u8, *weight))
                .collect();
            let mut rows = Vec::with_capacity(n + 1_000);
            for i in 0..n {
                let mut dice = self.seed.dice(Topic::Audit, i as u64);
                let at = self
                    .now
                    .plus(-(30 * DAY / n as i64) * i as i64 - dice.range(MINUTE, 9 * MINUTE));
                let target = dice.below(users as u64) as usize;
                let mut kind = dice.weighted(&weights);
                let person = self.person(target);
                if person.class == Class::Guest
                    || !person.synced && KINDS[usize::from(kind)].0.by == By::Sync
                {
                    kind = 6;
                }
                rows.push(self.audit(at, kind, target, &mut dice));
            }
            for (user, frame, k) in self.all_user_frames() {
                let (spec, _) = frame.spec(k);
                let kind = match (spec.category, spec.source.prefix) {
                    ("Persistence", "ra" | "ca") => 4,
                    ("CredentialAccess", "ca") => 12,
                    ("PrivilegeEscalation", "sn") => 11,
                    _ => continue,
                };
                rows.push(Audit {
                    at: frame.activity(self, k).1,
                    kind,
                    target: user as u32,
                    by: user as u32,
                });
                let flow = self.flow(&frame);
                if let (Some(at), Some(analyst)) = (flow.resolved, flow.assigned)
                    && flow.classification == Some("truePositive")
                {
                    let by = super::workflow::ANALYSTS
                        .iter()
                        .position(|a| a.0 == analyst)
                        .unwrap_or(0);
                    let by = super::pinned::ANALYSTS[by] as u32;
                    rows.push(Audit {
                        at: at.plus(-4 * MINUTE),
                        kind: 10,
                        target: user as u32,
                        by,
                    });
                    rows.push(Audit {
                        at: at.plus(-2 * MINUTE),
                        kind: 2,
                        target: user as u32,
                        by,
                    });
                }
            }
            rows.sort_unstable_by_key(|r| (std::cmp::Reverse(r.at), r.target, r.kind));
            let mut by_target: Vec<(u32, u32)> = rows
                .iter()
                .enumerate()
                .map(|(at, r)| (r.target, at as u32))
                .collect();
            by_target.sort_unstable();
            Table { rows, by_target }
        })
    }

    fn audit(&self, at: Stamp, kind: u8, target: usize, dice: &mut Dice) -> Audit {
        let by = match KINDS[usize::from(kind)].0.by {
            By::Own => target as u32,
            By::Desk => *dice.pick(&[19, 15, 14, 21]),
            By::Sync => SYNC_ACCOUNT as u32,
            By::App(_) => u32::MAX,
        };
        Audit {
            at,
            kind,
            target: target as u32,
            by,
        }
    }

    /// How many directory audits there are.
    pub fn audit_count(&self) -> usize {
        self.audits().rows.len()
    }

    /// The index row of an audit. `i` below `audit_count()`.
    pub fn audit_row(&self, i: usize) -> AuditRow {
        let audit = self.audits().rows[i];
        AuditRow {
            at: audit.at,
            activity: KINDS[usize::from(audit.kind)].0.activity,
            target: audit.target as usize,
            by: (audit.by != u32::MAX).then_some(audit.by as usize),
        }
    }

    /// Audits of which a user is the target, newest first.
    pub fn user_audits(&self, user: usize) -> Vec<usize> {
        let list = &self.audits().by_target;
        let from = list.partition_point(|(u, _)| (*u as usize) < user);
        list[from..]
            .iter()
            .take_while(|(u, _)| *u as usize == user)
            .map(|(_, at)| *at as usize)
            .collect()
    }

    /// The id of an audit.
    pub fn audit_id(&self, i: usize) -> String {
        let correlation = self.seed.dice(Topic::Audit, i as u64 | 1 << 42).guid();
        format!("Directory_{correlation}_{:05}_{i}", i % 99_991)
    }

    /// A directory audit.
    pub fn audit_json(&self, i: usize) -> Obj {
        let row = self.audit_row(i);
        let kind = &KINDS[usize::from(self.audits().rows[i].kind)].0;
        let target = self.user_row(row.target);
        let mut dice = self.seed.dice(Topic::Audit, i as u64 | 1 << 42);
        let correlation = dice.guid();
        let (result, why) = match i % 211 {
            17 => (
                "failure",
                "The password does not meet the complexity requirements of the policy.",
            ),
            90 => ("timeout", "The operation timed out."),
            150 => ("partial", ""),
            _ => ("success", ""),
        };
        let user = row.by.map(|u| {
            let by = self.user_row(u);
            json!({"id": by.id.to_string(), "displayName": null, "userPrincipalName": by.upn, "ipAddress": World::egress(self.person(u).office).to_string()})
        });
        let app = match (row.by, kind.by) {
            (None, By::App(app)) => {
                json!({"appId": null, "displayName": APPS[app].name, "servicePrincipalId": self.app_object_id(app).to_string(), "servicePrincipalName": null})
            }
            _ => Value::Null,
        };
        let group_type = if kind.category == "GroupManagement" {
            json!((["unifiedGroups", "azureAD", "dynamicUnits"])[i % 3])
        } else {
            Value::Null
        };
        let changes: Vec<Value> = kind
            .change
            .iter()
            .map(|(name, old, new)| json!({"displayName": name, "oldValue": old, "newValue": new}))
            .collect();
        let mut resources = vec![json!({
            "id": target.id.to_string(), "displayName": target.display, "type": "User", "userPrincipalName": target.upn,
            "groupType": null, "modifiedProperties": changes,
        })];
        if kind.category == "GroupManagement" {
            resources.push(json!({
                "id": self.seed.guid(Topic::Group, 1).to_string(), "displayName": null, "type": "Group", "userPrincipalName": null,
                "groupType": group_type, "modifiedProperties": [],
            }));
        }
        obj(json!({
            "id": self.audit_id(i),
            "category": kind.category,
            "correlationId": correlation.to_string(),
            "result": result,
            "resultReason": why,
            "activityDisplayName": row.activity,
            "activityDateTime": row.at.to_string(),
            "loggedByService": kind.service,
            "operationType": kind.operation,
            "initiatedBy": {"user": user, "app": app},
            "targetResources": resources,
            "additionalDetails": [{"key": "User-Agent", "value": "Azure-Portal"}],
        }))
    }

    /// The audit of an id.
    pub fn audit_by_id(&self, id: &str) -> Option<usize> {
        let i: usize = id.rsplit('_').next()?.parse().ok()?;
        (i < self.audit_count() && self.audit_id(i) == id).then_some(i)
    }
}
