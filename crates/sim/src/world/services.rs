//! What the services say of their own health, and what they announce.

use serde_json::{Value, json};

use super::stamp::{DAY, HOUR, MINUTE, Stamp};
use super::{Obj, World, obj};

/// Services by id and name.
pub const SERVICES: [(&str, &str); 12] = [
    ("Exchange", "Exchange Online"),
    ("SharePoint", "SharePoint Online"),
    ("microsoftteams", "Microsoft Teams"),
    ("OSDPPlatform", "Microsoft 365 suite"),
    ("Microsoft365Defender", "Microsoft Defender XDR"),
    ("MDE", "Microsoft Defender for Endpoint"),
    ("MDI", "Microsoft Defender for Identity"),
    ("cloudappsecurity", "Microsoft Defender for Cloud Apps"),
    ("AAD", "Microsoft Entra"),
    ("Intune", "Microsoft Intune"),
    ("Purview", "Microsoft Purview"),
    ("Holograms", "Microsoft Holograms"),
];

/// An issue: id, service, title, impact, status, advisory or incident, hours since it began and until it ended.
struct Issue {
    id: &'static str,
    service: usize,
    title: &'static str,
    impact: &'static str,
    status: &'static str,
    incident: bool,
    began: i64,
    ended: Option<i64>,
}

#[rustfmt::skip]
const ISSUES: [Issue; 9] = [
    Issue { id: "DZ1204711", service: 4, title: "Some admins see delays in advanced hunting", impact: "Admins may see that advanced hunting in Microsoft Defender XDR lacks events of the last hour.", status: "serviceDegradation", incident: true, began: 3, ended: None },
    Issue { id: "MO1204690", service: 3, title: "Audit search results may be delayed", impact: "Users may see audit records up to four hours late.", status: "investigating", incident: false, began: 9, ended: None },
    Issue { id: "IT1204655", service: 8, title: "Sign-in logs arrive late", impact: "Admins may see sign-ins up to 90 minutes late in Microsoft Entra.", status: "extendedRecovery", incident: false, began: 26, ended: None },
    Issue { id: "EX1204120", service: 0, title: "Some users can't open attachments in Outlook on the web", impact: "Affected users saw an error.", status: "serviceRestored", incident: true, began: 70, ended: Some(61) },
    Issue { id: "TM1203991", service: 2, title: "Meetings could not be joined", impact: "Users could not join.", status: "postIncidentReviewPublished", incident: true, began: 190, ended: Some(186) },
    Issue { id: "SP1203500", service: 1, title: "Search shows old files", impact: "Users may find files that were deleted.", status: "falsePositive", incident: false, began: 300, ended: Some(280) },
    Issue { id: "DZ1203003", service: 5, title: "Isolation of devices takes longer than usual", impact: "Actions on devices may stay pending.", status: "resolved", incident: true, began: 410, ended: Some(401) },
    Issue { id: "CL1202777", service: 7, title: "Connectors show no activities", impact: "Activities of connected apps were missing.", status: "mitigated", incident: false, began: 500, ended: Some(470) },
    Issue { id: "HG1202001", service: 11, title: "Holograms flicker", impact: "A state nobody knows yet.", status: "beingRethought", incident: false, began: 30, ended: None },
];

/// A message: id, services, title, category, severity, major, days since and until action.
type Message = (
    &'static str,
    &'static [usize],
    &'static str,
    &'static str,
    &'static str,
    bool,
    i64,
    Option<i64>,
);

#[rustfmt::skip]
const MESSAGES: [Message; 6] = [
    ("MC1190011", &[5], "(Updated) Retirement of advanced hunting APIs of Defender for Endpoint", "planForChange", "high", true, 20, Some(160)),
    ("MC1188342", &[8], "Enforcement of MFA for admin portals, phase 2", "preventOrFixIssue", "critical", true, 44, Some(12)),
    ("MC1187001", &[4], "New column in AlertEvidence", "stayInformed", "normal", false, 6, None),
    ("MC1185555", &[0, 1], "Changes to default sharing links", "planForChange", "normal", true, 31, Some(60)),
    ("MC1184000", &[2], "Teams: \u{202e}reversed\u{202c} and <b>bold</b> titles", "stayInformed", "normal", false, 80, None),
    ("MC1183999", &[7], "Unsanctioned apps: warn and educate", "stayInformed", "normal", false, 95, None),
];

impl World {
    fn hours_ago(&self, hours: i64) -> Stamp {
        self.now.plus(-hours * HOUR).whole_second()
    }

    /// Issues, newest first; `calm`: all of them over.
    pub fn health_issues(&self, calm: bool) -> Vec<Obj> {
        ISSUES.iter().map(|i| self.issue(i, calm)).collect()
    }

    fn issue(&self, issue: &Issue, calm: bool) -> Obj {
        let (status, ended) = match (calm, issue.ended) {
            (true, None) => ("serviceRestored", Some(1)),
            (_, ended) => (issue.status, ended),
        };
        let began = self.hours_ago(issue.began);
        let changed = self.hours_ago(ended.unwrap_or(1)).plus(7 * MINUTE);
        let posts: Vec<Value> = (0..2)
            .map(|n| {
                let at = if n == 0 { began.plus(20 * MINUTE) } else { changed };
                json!({"createdDateTime": at.to_string(), "postType": "regular",
                    "description": {"contentType": "html", "content": format!("<p>Title: {}</p><p>User impact: {}</p>", issue.title, issue.impact)}})
            })
            .collect();
        obj(json!({
            "id": issue.id,
            "title": issue.title,
            "startDateTime": began.to_string(),
            "endDateTime": ended.map(|h| self.hours_ago(h).to_string()),
            "lastModifiedDateTime": changed.to_string(),
            "details": [],
            "impactDescription": issue.impact,
            "classification": if issue.incident { "incident" } else { "advisory" },
            "origin": "microsoft",
            "status": status,
            "service": SERVICES[issue.service].1,
            "feature": "Portal",
            "featureGroup": "Portal",
            "isResolved": ended.is_some(),
            "highImpact": null,
            "posts": posts,
        }))
    }

    /// Services with the status of the worst that goes on.
    pub fn health_overviews(&self, calm: bool) -> Vec<Obj> {
        SERVICES
            .iter()
            .enumerate()
            .map(|(n, (id, name))| {
                let open = ISSUES
                    .iter()
                    .find(|i| i.service == n && i.ended.is_none() && !calm);
                obj(json!({"id": id, "service": name, "status": open.map_or("serviceOperational", |i| i.status)}))
            })
            .collect()
    }

    /// What the services announce, newest first.
    pub fn health_messages(&self) -> Vec<Obj> {
        MESSAGES
            .iter()
            .map(|(id, services, title, category, severity, major, days, until)| {
                let at = self.now.plus(-days * DAY).whole_second();
                let names: Vec<&str> = services.iter().map(|s| SERVICES[*s].1).collect();
                obj(json!({
                    "id": id,
                    "title": title,
                    "startDateTime": at.to_string(),
                    "endDateTime": at.plus(200 * DAY).to_string(),
                    "lastModifiedDateTime": at.plus(HOUR).to_string(),
                    "category": category,
                    "severity": severity,
                    "tags": if title.starts_with("(Updated)") { json!(["Updated message"]) } else { json!([]) },
                    "isMajorChange": major,
                    "actionRequiredByDateTime": until.map(|d| self.now.plus(d * DAY).whole_second().to_string()),
                    "services": names,
                    "hasAttachments": false,
                    "viewPoint": null,
                    "details": [{"name": "Summary", "value": title}],
                    "body": {"contentType": "html", "content": format!("<p>{title}</p><p>See the <a href=\"https://learn.microsoft.com\">page</a>.</p>")},
                }))
            })
            .collect()
    }
}
