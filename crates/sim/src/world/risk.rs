//! Identity risk: risky users, their history and detections. Victims of the stories first, some quiet cases besides.

use super::dice::{Dice, Guid, Topic};
use super::people::Class;
use super::signins::location;
use super::stamp::{DAY, HOUR, MINUTE, SECOND, Stamp};
use super::story::Severity;
use super::story::facts::outside;
use super::workflow::Flow;
use super::{DetectionRow, Obj, RiskyRow, World, obj};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};

const DETAILS: [&str; 19] = [
    "none",
    "adminGeneratedTemporaryPassword",
    "userPerformedSecuredPasswordChange",
    "userPerformedSecuredPasswordReset",
    "adminConfirmedSigninSafe",
    "aiConfirmedSigninSafe",
    "userPassedMFADrivenByRiskBasedPolicy",
    "adminDismissedAllRiskForUser",
    "adminConfirmedSigninCompromised",
    "hidden",
    "adminConfirmedUserCompromised",
    "m365DAdminDismissedDetection",
    "adminConfirmedServicePrincipalCompromised",
    "adminDismissedAllRiskForServicePrincipal",
    "userChangedPasswordOnPremises",
    "adminDismissedRiskForSignIn",
    "adminConfirmedAccountSafe",
    "microsoftRevokedSessions",
    "agentContainedUser",
];
const LEVELS: [&str; 6] = ["low", "medium", "high", "hidden", "none", "critical"];
const STATES: [&str; 7] = [
    "none",
    "confirmedSafe",
    "remediated",
    "dismissed",
    "atRisk",
    "confirmedCompromised",
    "contained",
];
const KINDS: [&str; 14] = [
    "unfamiliarFeatures",
    "anonymizedIPAddress",
    "maliciousIPAddress",
    "leakedCredentials",
    "unlikelyTravel",
    "mcasImpossibleTravel",
    "mcasSuspiciousInboxManipulationRules",
    "anomalousToken",
    "passwordSpray",
    "adminConfirmedUserCompromised",
    "suspiciousBrowser",
    "attackerinTheMiddle",
    "investigationsThreatIntelligence",
    "suspiciousAPITraffic",
];
const TIMINGS: [&str; 5] = [
    "notDefined",
    "realtime",
    "nearRealtime",
    "offline",
    "retrospective",
];
const ISSUERS: [&str; 6] = [
    "AzureAD",
    "ADFederationServices",
    "AzureADBackupAuth",
    "ADFederationServicesMFAAdapter",
    "NPSExtension",
    "UnknownFutureValue",
];
const ACTIVITIES: [&str; 4] = ["signin", "user", "servicePrincipal", "agentIdentity"];

/// A detection as it is kept: the row, where it stood in the making, what it goes back to.
#[derive(Clone, Copy, Debug)]
pub struct Detection {
    row: DetectionRow,
    number: u32,
    /// The sign-in it was seen in, of a story.
    sign_in: Option<(u32, u16)>,
    ip: IpAddr,
}

/// The risk tables.
#[derive(Debug, Default)]
pub struct Table {
    users: Vec<RiskyRow>,
    detections: Vec<Detection>,
    /// (user, place in `users`), sorted.
    by_user: Vec<(u32, u32)>,
    /// Place in `detections` of each number.
    place: Vec<u32>,
}

fn verdict(flow: &Flow, severity: Severity) -> (&'static str, &'static str, &'static str) {
    let level = match severity {
        Severity::High => "high",
        Severity::Medium => "medium",
        _ => "low",
    };
    match (flow.status, flow.classification) {
        ("resolved", Some("truePositive")) => {
            ("none", "remediated", "userPerformedSecuredPasswordReset")
        }
        ("resolved", Some("falsePositive")) => {
            ("none", "dismissed", "adminDismissedAllRiskForUser")
        }
        ("resolved", _) => ("none", "confirmedSafe", "adminConfirmedAccountSafe"),
        ("inProgress", Some("truePositive")) => (
            "high",
            "confirmedCompromised",
            "adminConfirmedUserCompromised",
        ),
        _ => (level, "atRisk", "none"),
    }
}

impl World {
    fn risk(&self) -> &Table {
        self.risk.get_or_init(|| {
            let mut t = Table::default();
            let mut number = 0;
            let mut push = |t: &mut Table, row: DetectionRow, sign_in, ip| {
                t.detections.push(Detection {
                    row,
                    number,
                    sign_in,
                    ip,
                });
                number += 1;
            };
            for (user, frame, k) in self.all_user_frames() {
                let (spec, _) = frame.spec(k);
                // what was closed longer ago is forgotten
                if spec.source.prefix != "ad" || self.now.since(frame.created) > 14 * DAY {
                    continue;
                }
                let flow = self.flow(&frame);
                let (level, state, detail) = verdict(&flow, spec.severity);
                let at = frame.alert_created(self, k);
                let seen = self
                    .alert_sign_ins(&frame, k)
                    .into_iter()
                    .find(|(_, who, _)| *who == user);
                let kind = seen
                    .as_ref()
                    .and_then(|(_, _, s)| s.risk_events.first().copied())
                    .unwrap_or("leakedCredentials");
                let sign_in = seen.as_ref().map(|(_, _, s)| (frame.rank, s.n));
                let ip = seen.map_or(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)), |(_, _, s)| {
                    s.from.ip
                });
                let own = if level == "none" {
                    spec.severity.name()
                } else {
                    level
                };
                push(
                    &mut t,
                    DetectionRow {
                        at,
                        user,
                        kind,
                        level: own,
                        state,
                    },
                    sign_in,
                    ip,
                );
                let updated = flow.updated.max(at);
                match t.users.last_mut() {
                    Some(last) if last.user == user => {
                        if updated > last.updated {
                            *last = RiskyRow {
                                user,
                                updated,
                                level,
                                state,
                                detail,
                            };
                        }
                    }
                    _ => t.users.push(RiskyRow {
                        user,
                        updated,
                        level,
                        state,
                        detail,
                    }),
                }
            }
            let victims: Vec<usize> = t.users.iter().map(|row| row.user).collect();
            let sparse = if self.user_count() > 20_000 { 400 } else { 40 };
            let mut n = 0;
            for user in 0..self.user_count() {
                let h = self.seed.hash(Topic::Risk, user as u64);
                if !h.is_multiple_of(sparse)
                    || victims.binary_search(&user).is_ok()
                    || self.person(user).class != Class::Staff
                {
                    continue;
                }
                let mut dice = Dice::of(h);
                let updated = self.now.plus(-dice.range(DAY, 80 * DAY));
                // one after the other, so that every member of every enum is there
                let level = LEVELS[n % LEVELS.len()];
                let state = STATES[n % STATES.len()];
                let detail = DETAILS[n % DETAILS.len()];
                t.users.push(RiskyRow {
                    user,
                    updated,
                    level,
                    state,
                    detail,
                });
                let kind = KINDS[n % KINDS.len()];
                let ip = IpAddr::V4(Ipv4Addr::new(198, 51, 100, dice.below(256) as u8));
                push(
                    &mut t,
                    DetectionRow {
                        at: updated.plus(-HOUR),
                        user,
                        kind,
                        level,
                        state,
                    },
                    None,
                    ip,
                );
                n += 1;
            }
            t.users
                .sort_unstable_by_key(|row| (std::cmp::Reverse(row.updated), row.user));
            t.by_user = t
                .users
                .iter()
                .enumerate()
                .map(|(at, row)| (row.user as u32, at as u32))
                .collect();
            t.by_user.sort_unstable();
            t.detections
                .sort_unstable_by_key(|d| (std::cmp::Reverse(d.row.at), d.number));
            t.place = vec![0; t.detections.len()];
            for (at, d) in t.detections.iter().enumerate() {
                t.place[d.number as usize] = at as u32;
            }
            t
        })
    }

    /// How many users have a risk record.
    pub fn risky_count(&self) -> usize {
        self.risk().users.len()
    }

    /// The index row of a risky user, last changed first.
    pub fn risky_row(&self, i: usize) -> RiskyRow {
        self.risk().users[i]
    }

    /// The risk record of a user, by the user's index.
    pub fn risky_of_user(&self, user: usize) -> Option<usize> {
        let t = &self.risk().by_user;
        let at = t.binary_search_by_key(&(user as u32), |(u, _)| *u).ok()?;
        Some(t[at].1 as usize)
    }

    /// A risky user.
    pub fn risky_json(&self, i: usize) -> Obj {
        self.risky_json_of(&self.risky_row(i))
    }

    fn risky_json_of(&self, row: &RiskyRow) -> Obj {
        let user = self.user_row(row.user);
        obj(json!({
            "id": user.id.to_string(),
            "isDeleted": false,
            "isProcessing": false,
            "riskLevel": row.level,
            "riskState": row.state,
            "riskDetail": row.detail,
            "riskLastUpdatedDateTime": row.updated.to_string(),
            "userDisplayName": user.display,
            "userPrincipalName": user.upn,
        }))
    }

    /// The history of a risky user, newest first.
    pub fn risky_history(&self, i: usize) -> Vec<Obj> {
        let row = self.risky_row(i);
        let user = self.user_row(row.user);
        let item = |row: RiskyRow, by: Option<&str>, kinds: Vec<&str>, n: i64| {
            let mut all = self.risky_json_of(&row);
            all.insert(
                "id".to_owned(),
                json!(format!("{}{}", user.id, row.updated.0 / SECOND + n)),
            );
            all.extend(obj(json!({
                "userId": user.id.to_string(),
                "initiatedBy": by,
                "activity": {"detail": row.detail, "riskEventTypes": kinds},
            })));
            all
        };
        let seen: Vec<&Detection> = self
            .risk()
            .detections
            .iter()
            .filter(|d| d.row.user == row.user)
            .collect();
        let mut all = Vec::new();
        if row.state != "atRisk" && row.state != "none" {
            all.push(item(row, Some("raj@contoso.com"), vec![], 0));
        }
        for (n, d) in seen.iter().enumerate() {
            let then = RiskyRow {
                user: row.user,
                updated: d.row.at.plus(MINUTE),
                level: d.row.level,
                state: "atRisk",
                detail: "none",
            };
            all.push(item(then, None, vec![d.row.kind], n as i64 + 1));
        }
        all
    }

    /// How many risk detections there are.
    pub fn detection_count(&self) -> usize {
        self.risk().detections.len()
    }

    /// The index row of a risk detection, newest first.
    pub fn detection_row(&self, i: usize) -> DetectionRow {
        self.risk().detections[i].row
    }

    /// Risk detections of a user, newest first.
    pub fn user_detections(&self, user: usize) -> Vec<usize> {
        (0..self.detection_count())
            .filter(|&i| self.detection_row(i).user == user)
            .collect()
    }

    /// The id of a risk detection.
    pub fn detection_id(&self, i: usize) -> Guid {
        self.seed
            .guid(Topic::Detection, self.risk().detections[i].number)
    }

    /// A risk detection.
    pub fn detection_json(&self, i: usize) -> Obj {
        let d = self.risk().detections[i];
        let user = self.user_row(d.row.user);
        let n = d.number as usize;
        let request = d
            .sign_in
            .map(|(rank, n)| self.story_sign_in_id(rank, n).to_string());
        let timing = if request.is_some() {
            "realtime"
        } else {
            TIMINGS[n % TIMINGS.len()]
        };
        let seen: Stamp = d.row.at.plus(-3 * MINUTE);
        let agent = json!([{"Key": "userAgent", "Value": super::story::scene::BROWSER}, {"Key": "mitreTechniques", "Value": "T1078.004"}]);
        let place = outside(d.ip);
        obj(json!({
            "id": self.detection_id(i).to_string(),
            "requestId": request,
            "correlationId": self.seed.dice(Topic::Detection, u64::from(d.number) | 1 << 40).guid().to_string(),
            "riskEventType": d.row.kind,
            "riskState": d.row.state,
            "riskLevel": d.row.level,
            "riskDetail": if d.row.state == "dismissed" { "adminDismissedAllRiskForUser" } else { "none" },
            "source": if d.row.kind.starts_with("mcas") { "MicrosoftCloudAppSecurity" } else { "IdentityProtection" },
            "detectionTimingType": timing,
            "activity": if d.sign_in.is_some() { "signin" } else { ACTIVITIES[n % ACTIVITIES.len()] },
            "tokenIssuerType": if d.sign_in.is_some() { "AzureAD" } else { ISSUERS[n % ISSUERS.len()] },
            "ipAddress": if d.row.kind == "leakedCredentials" { Value::Null } else { json!(place.ip.to_string()) },
            "activityDateTime": seen.to_string(),
            "detectedDateTime": d.row.at.to_string(),
            "lastUpdatedDateTime": d.row.at.plus(2 * MINUTE).to_string(),
            "userId": user.id.to_string(),
            "userDisplayName": user.display,
            "userPrincipalName": user.upn,
            "additionalInfo": agent.to_string(),
            "location": if d.row.kind == "leakedCredentials" { Value::Null } else { location(d.ip) },
        }))
    }

    /// The risk detection of an id.
    pub fn detection_by_id(&self, id: &str) -> Option<usize> {
        let guid: Guid = id.parse().ok()?;
        let number = self.seed.guid_index(Topic::Detection, guid)?;
        self.risk()
            .place
            .get(number as usize)
            .map(|at| *at as usize)
    }
}
