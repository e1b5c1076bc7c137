//! What became of an incident: status, assignee, classification, comments. Pure functions of its frame.

use super::World;
use super::dice::{Dice, Topic};
use super::frame::Frame;
use super::stamp::{DAY, HOUR, MINUTE, SECOND, Stamp};
use super::story::{Quirk, Severity, Truth};

/// The analysts by UPN, as `pinned::ANALYSTS`.
pub static ANALYSTS: [(&str, u32); 4] = [
    ("ana@contoso.com", 35),
    ("raj@contoso.com", 30),
    ("mei@contoso.com", 20),
    ("tomasz@contoso.com", 15),
];

/// What became of an incident.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    pub status: &'static str,
    pub severity: &'static str,
    pub assigned: Option<&'static str>,
    pub classification: Option<&'static str>,
    pub determination: Option<&'static str>,
    pub resolved: Option<Stamp>,
    pub updated: Stamp,
    pub comments: usize,
}

/// What became of one of its alerts.
#[derive(Clone, Copy, Debug)]
pub struct AlertFlow {
    pub status: &'static str,
    pub severity: &'static str,
    pub assigned: Option<&'static str>,
    pub classification: Option<&'static str>,
    pub determination: Option<&'static str>,
    pub investigation: &'static str,
    pub resolved: Option<Stamp>,
    pub updated: Stamp,
}

const TRUE: &[(&str, u32)] = &[
    ("multiStagedAttack", 20),
    ("maliciousUserActivity", 12),
    ("compromisedAccount", 24),
    ("malware", 26),
    ("phishing", 26),
    ("unwantedSoftware", 14),
    ("other", 6),
    ("apt", 2),
    ("unknown", 3),
];
const EXPECTED: &[(&str, u32)] = &[
    ("securityTesting", 30),
    ("confirmedActivity", 40),
    ("lineOfBusinessApplication", 24),
    ("other", 4),
    ("securityPersonnel", 2),
];
const FALSE: &[(&str, u32)] = &[
    ("notMalicious", 60),
    ("notEnoughDataToValidate", 30),
    ("other", 10),
];

const INVESTIGATIONS: [&str; 19] = [
    "unknown",
    "terminated",
    "successfullyRemediated",
    "benign",
    "failed",
    "partiallyRemediated",
    "running",
    "pendingApproval",
    "pendingResource",
    "queued",
    "innerFailure",
    "preexistingAlert",
    "unsupportedOs",
    "unsupportedAlertType",
    "suppressedAlert",
    "partiallyInvestigated",
    "terminatedByUser",
    "terminatedBySystem",
    "awaitingAgent",
];

impl World {
    /// What became of an incident.
    pub(super) fn flow(&self, frame: &Frame) -> Flow {
        let mut dice = self.seed.dice(Topic::Workflow, u64::from(frame.rank));
        let age = frame.until.since(frame.created);
        let attack = frame.template.truth == Truth::Attack;
        let severity = frame.severity();
        let resolved = match age / HOUR {
            ..2 => 20,
            2..24 => 180,
            24..72 => 520,
            72..168 => 760,
            168..720 => 930,
            _ => 985,
        };
        let resolved = if attack && severity == Severity::High {
            resolved * resolved / 1100
        } else {
            resolved
        };
        let fate = dice.below(1000);
        let mut status = if age < 30 * MINUTE {
            "active"
        } else if fate < resolved {
            "resolved"
        } else if dice.chance(380) {
            "inProgress"
        } else {
            "active"
        };
        match frame.template.quirk {
            Quirk::MergedInto(_) => status = "redirected",
            Quirk::Awaiting => status = "awaitingAction",
            Quirk::Future => status = "onHold",
            Quirk::Comments => status = "inProgress",
            _ => {}
        }
        let analyst = Some(dice.weighted(&ANALYSTS));
        let assigned = match status {
            "resolved" if dice.chance(620) => analyst,
            "inProgress" => analyst,
            "active" if dice.chance(120) && age > HOUR => analyst,
            _ => None,
        };
        let classify = match status {
            "resolved" => dice.chance(940),
            "inProgress" => dice.chance(200),
            _ => false,
        };
        let (mut classification, mut determination) = (None, None);
        if classify {
            let truth = match frame.template.truth {
                Truth::Varied => dice.weighted(&[
                    (Truth::Attack, 25),
                    (Truth::Expected, 35),
                    (Truth::False, 40),
                ]),
                truth => truth,
            };
            let (name, list) = match truth {
                Truth::Attack => ("truePositive", TRUE),
                Truth::Expected => ("informationalExpectedActivity", EXPECTED),
                _ => ("falsePositive", FALSE),
            };
            classification = Some(name);
            determination = Some(self.determination(frame, &mut dice, list));
        } else if status == "resolved" || frame.rank % 7 == 2 {
            classification = Some("unknown");
            determination = Some("unknown");
        }
        let resolved = (status == "resolved").then(|| {
            let room = age.clamp(10 * MINUTE, 3 * DAY);
            frame
                .created
                .plus(dice.range(room / 20, room))
                .min(frame.until)
        });
        let quiet = match frame.alerts() {
            0 => frame.created.plus(dice.range(SECOND, MINUTE)),
            n => frame
                .alert_created(self, n - 1)
                .plus(dice.range(SECOND, 90 * SECOND)),
        };
        let touched = match status {
            "inProgress" => frame.created.plus(dice.range(age / 10, age)),
            _ => quiet,
        };
        let updated = resolved
            .unwrap_or(frame.created)
            .max(quiet)
            .max(touched)
            .min(frame.until)
            .max(frame.created);
        let comments = match frame.template.quirk {
            Quirk::Comments => 14,
            _ if status == "active" => 0,
            _ if attack && dice.chance(600) => dice.range(1, 4) as usize,
            _ if dice.chance(120) => 1,
            _ => 0,
        };
        let severity = match frame.template.quirk {
            Quirk::Future => "critical",
            Quirk::Parade if frame.rank.is_multiple_of(2) => "unknown",
            _ => severity.name(),
        };
        if frame.template.quirk == Quirk::Future {
            classification = Some("benignTruePositive");
            determination = Some("insiderThreat");
        }
        Flow {
            status,
            severity,
            assigned,
            classification,
            determination,
            resolved,
            updated,
            comments,
        }
    }

    /// A determination that suits the story: what the template is about first.
    fn determination(
        &self,
        frame: &Frame,
        dice: &mut Dice,
        list: &[(&'static str, u32)],
    ) -> &'static str {
        let wanted = if frame.template.specs.len() > 3 {
            "multiStagedAttack"
        } else if frame.template.name.contains("phish") || frame.template.name.contains("mail") {
            "phishing"
        } else if frame.template.name.contains("malware") {
            "malware"
        } else {
            ""
        };
        match list.iter().find(|d| d.0 == wanted) {
            Some(d) if dice.chance(700) => d.0,
            _ => dice.weighted(list),
        }
    }

    /// What became of the k-th alert of an incident.
    pub(super) fn alert_flow(&self, frame: &Frame, flow: &Flow, k: usize) -> AlertFlow {
        let ordinal = frame.ordinal(k);
        let mut dice = self.seed.dice(Topic::Workflow, ordinal | 1 << 40);
        let (spec, _) = frame.spec(k);
        let created = frame.alert_created(self, k);
        let endpoint = spec.source.service == "microsoftDefenderForEndpoint";
        let small = spec.severity <= Severity::Low;
        let parade = frame.template.quirk == Quirk::Parade;
        let mut status = match flow.status {
            "resolved" => "resolved",
            "inProgress" if dice.chance(700) => "inProgress",
            _ if small && dice.chance(200) => "resolved",
            _ => "new",
        };
        let mut severity = spec.severity.name();
        let (mut classification, mut determination) = (flow.classification, flow.determination);
        let resolved = match (status, flow.resolved) {
            ("resolved", Some(at)) => Some(at.max(created)),
            ("resolved", None) => Some(
                created
                    .plus(dice.range(SECOND, 10 * MINUTE))
                    .min(frame.until),
            ),
            _ => None,
        };
        if status == "resolved" && flow.status != "resolved" {
            (classification, determination) = (None, None);
        }
        // automated investigation knows more states than ever occur; in small numbers they all do here
        let mut investigation = if endpoint {
            match (status, ordinal % 6) {
                (_, 1) => INVESTIGATIONS[(ordinal / 6) as usize % 18],
                ("resolved", _) => dice.weighted(&[
                    ("successfullyRemediated", 5),
                    ("benign", 3),
                    ("partiallyRemediated", 1),
                ]),
                (_, _) => dice.weighted(&[
                    ("running", 2),
                    ("pendingApproval", 2),
                    ("queued", 1),
                    ("partiallyInvestigated", 2),
                    ("unsupportedAlertType", 3),
                ]),
            }
        } else {
            "unsupportedAlertType"
        };
        if parade {
            investigation = INVESTIGATIONS[(ordinal as usize) % INVESTIGATIONS.len()];
            if k.is_multiple_of(3) {
                (status, severity) = ("unknown", "unknown");
            }
        }
        if frame.template.quirk == Quirk::Future {
            (status, severity, investigation) = ("awaitingTriage", "critical", "awaitingAgent");
        }
        let updated = resolved
            .unwrap_or(created)
            .max(created.plus(dice.range(SECOND, 3 * MINUTE)))
            .min(frame.until.max(created));
        AlertFlow {
            status,
            severity,
            assigned: flow.assigned,
            classification,
            determination,
            investigation,
            resolved,
            updated,
        }
    }

    /// Comments on an incident: who, when, what; oldest first.
    pub(super) fn comments(&self, frame: &Frame, flow: &Flow) -> Vec<(String, Stamp, String)> {
        let mut dice = self
            .seed
            .dice(Topic::Workflow, u64::from(frame.rank) | 1 << 41);
        let span = flow.updated.since(frame.created).max(SECOND);
        (0..flow.comments)
            .map(|n| {
                let at = frame
                    .created
                    .plus(span * (n as i64 + 1) / (flow.comments as i64 + 1))
                    .digits(7);
                let author = match (n, flow.assigned) {
                    (_, Some(analyst)) if n % 3 != 2 => analyst.to_owned(),
                    (0, _) => "API-App:SOC Automation".to_owned(),
                    _ => dice.weighted(&ANALYSTS).to_owned(),
                };
                let text = if frame.template.quirk == Quirk::Comments {
                    super::story::special::hostile_comment(n)
                } else {
                    self.remark(frame, &mut dice, n)
                };
                (author, at, text)
            })
            .collect()
    }

    fn remark(&self, frame: &Frame, dice: &mut Dice, n: usize) -> String {
        let user = self
            .cast_user(frame, 0, 0)
            .map(|u| self.user_row(u).display.to_owned());
        let user = user.unwrap_or_else(|| "the owner".to_owned());
        let device = self
            .cast_machine(frame, 0, 0)
            .map(|d| self.machine_name(d).to_owned());
        let device = device.unwrap_or_else(|| "the device".to_owned());
        match (n, dice.below(8)) {
            (0, 0) => format!("Called {user}: did not recognise the activity."),
            (0, 1) => format!("Called {user}: confirmed, was working from home."),
            (0, 2) => format!("{device} is in scope of the pilot; checked with IT."),
            (0, _) => "Picked up. Looking at the timeline.".to_owned(),
            (_, 0) => format!("Isolated {device}, waiting for the package."),
            (_, 1) => format!("Sessions of {user} revoked, password reset by phone."),
            (_, 2) => "Same sender seen in two other mailboxes; purge requested.".to_owned(),
            (_, 3) => "Hash is on the allow list of engineering since March.".to_owned(),
            (_, 4) => "Nothing further in 48 h. Closing.".to_owned(),
            (_, 5) => "Ticket CHG-20481 covers this.".to_owned(),
            (_, 6) => "Hand-over to the late shift: proxy logs still missing.".to_owned(),
            _ => "Antivirus cleaned it; full scan clean.".to_owned(),
        }
    }
}
