//! Indicators that stood in the tenant before the simulator started: those of the analysts, of an application, and of Cloud Apps.

use super::dice::Topic;
use super::names::PARTNERS;
use super::shadow::{APPS, Tag};
use super::stamp::{DAY, HOUR};
use super::story::scene::DOMAINS;
use super::{Obj, World, obj};
use serde_json::{Value, json};

/// Device groups by id and name, as machines carry them.
pub const DEVICE_GROUPS: [(u32, &str); 7] = [
    (3, "Domain controllers"),
    (5, "Windows servers"),
    (6, "Linux servers"),
    (11, "Workstations London"),
    (12, "Workstations"),
    (14, "Mac"),
    (15, "Mobile"),
];

/// How Cloud Apps signs its rows.
pub const CLOUD_APPS: &str = "Microsoft Defender for Cloud Apps";

/// What analysts noted: type, action, severity, title.
const NOTED: [(&str, &str, &str, &str); 14] = [
    (
        "FileSha1",
        "BlockAndRemediate",
        "High",
        "Loader of case 1182",
    ),
    (
        "FileSha256",
        "BlockAndRemediate",
        "High",
        "Loader of case 1182, repacked",
    ),
    (
        "FileSha256",
        "Block",
        "Medium",
        "Remote support tool we do not use",
    ),
    (
        "FileSha256",
        "Allowed",
        "Informational",
        "In-house deployment agent, flagged by mistake",
    ),
    ("FileMd5", "Alert", "Low", "From a partner's report"),
    ("FileSha1", "AlertAndBlock", "High", "Ransom note dropper"),
    (
        "CertificateThumbprint",
        "Block",
        "High",
        "Leaked code-signing certificate",
    ),
    (
        "IpAddress",
        "Block",
        "High",
        "Command and control, case 1182",
    ),
    ("IpAddress", "Audit", "Medium", "Scanner, watch for a week"),
    (
        "IpAddress",
        "Allowed",
        "Informational",
        "Penetration test until Friday",
    ),
    ("DomainName", "Block", "High", "Credential phishing"),
    ("DomainName", "Warn", "Low", "File drop, ask people first"),
    ("Url", "Block", "High", "Phishing kit"),
    ("Url", "Warn", "Medium", "Look-alike of the sign-in page"),
];

impl World {
    /// Indicators in the order of their ids.
    pub fn indicators(&self) -> Vec<Obj> {
        let mut all = Vec::new();
        for round in 0..3_usize {
            for (n, noted) in NOTED.iter().enumerate() {
                all.push(self.noted(round, n, noted));
            }
        }
        for app in &APPS {
            let blocked = match app.tag {
                Tag::Unsanctioned => true,
                Tag::Monitored => false,
                Tag::None | Tag::Sanctioned => continue,
            };
            for domain in app.domains {
                let n = all.len();
                all.push(self.marked(n, app.name, blocked, domain));
            }
        }
        for (n, row) in all.iter_mut().enumerate() {
            row.insert("id".to_owned(), json!((901 + 7 * n).to_string()));
        }
        all
    }

    fn noted(&self, round: usize, n: usize, noted: &(&str, &str, &str, &str)) -> Obj {
        let (kind, action, severity, title) = *noted;
        let mut dice = self
            .seed
            .dice(Topic::Misc, 1 << 45 | (round * 64 + n) as u64);
        let domain = DOMAINS[(round * 5 + n) % DOMAINS.len()];
        let value = match kind {
            "FileSha1" | "CertificateThumbprint" => dice.hex(40),
            "FileSha256" => dice.hex(64),
            "FileMd5" => dice.hex(32),
            "IpAddress" => format!("198.51.100.{}", 20 + round * 30 + n),
            "DomainName" => format!("{}.{domain}", ["www", "mail", "sso"][round]),
            _ => format!("https://{domain}/{}/index.html", dice.hex(6)),
        };
        let by = self.analysts()[(round + n) % self.analysts().len()];
        let row = self.user_row(by);
        let made = self.now.plus(-dice.range(2 * DAY, 300 * DAY));
        let until = (n + round) % 3;
        let groups: Vec<&(u32, &str)> = match (n + round * 5) % 4 {
            0 => vec![&DEVICE_GROUPS[4]],
            1 => vec![&DEVICE_GROUPS[4], &DEVICE_GROUPS[3]],
            2 => vec![&DEVICE_GROUPS[1]],
            _ => vec![],
        };
        let partner = PARTNERS[(n + round) % PARTNERS.len()].0;
        obj(json!({
            "id": "",
            "indicatorValue": value,
            "indicatorType": kind,
            "action": action,
            "createdBy": row.upn,
            "severity": severity,
            "category": 1,
            "application": if n % 5 == 2 { json!("SOC import") } else { Value::Null },
            "educateUrl": if action == "Warn" && kind == "Url" { json!("https://contoso.com/why-blocked") } else { Value::Null },
            "bypassDurationHours": null,
            "title": title,
            "description": format!("{title} ({partner})."),
            "recommendedActions": if severity == "High" { json!("Isolate the device and open a case.") } else { Value::Null },
            "creationTimeDateTimeUtc": made.to_string(),
            "expirationTime": match until {
                0 => Value::Null,
                _ => json!(self.now.plus(dice.range(DAY, 90 * DAY)).whole_second().to_string()),
            },
            "lastUpdateTime": made.plus(dice.range(0, HOUR)).to_string(),
            "lastUpdatedBy": row.upn,
            "createdByDisplayName": row.display,
            "createdBySource": "User",
            "source": row.display,
            "sourceType": "User",
            "rbacGroupNames": groups.iter().map(|g| g.1).collect::<Vec<_>>(),
            "rbacGroupIds": groups.iter().map(|g| g.0.to_string()).collect::<Vec<_>>(),
            "generateAlert": !matches!(action, "Allowed" | "Warn"),
            "externalId": null,
            "mitreTechniques": [],
            "historicalDetection": false,
        }))
    }

    fn marked(&self, n: usize, app: &str, blocked: bool, domain: &str) -> Obj {
        let mut dice = self.seed.dice(Topic::Misc, 1 << 46 | n as u64);
        let made = self.now.plus(-dice.range(3 * HOUR, 120 * DAY));
        // a profile that is for some devices only
        let groups: &[(u32, &str)] = if app == "PasteHub" {
            &DEVICE_GROUPS[3..5]
        } else {
            &[]
        };
        let title = if blocked {
            "Unsanctioned cloud app access was blocked"
        } else {
            "Connection to a risky cloud application was detected"
        };
        obj(json!({
            "id": "",
            "indicatorValue": domain,
            "indicatorType": "DomainName",
            "action": if blocked { "Block" } else { "Warn" },
            "createdBy": CLOUD_APPS,
            "severity": "Informational",
            "category": 1,
            "application": app,
            "educateUrl": null,
            "bypassDurationHours": null,
            "title": title,
            "description": format!("The application {app} was tagged in {CLOUD_APPS}."),
            "recommendedActions": null,
            "creationTimeDateTimeUtc": made.to_string(),
            "expirationTime": null,
            "lastUpdateTime": made.to_string(),
            "lastUpdatedBy": CLOUD_APPS,
            "createdByDisplayName": CLOUD_APPS,
            "createdBySource": CLOUD_APPS,
            "source": CLOUD_APPS,
            "sourceType": "AadApp",
            "rbacGroupNames": groups.iter().map(|g| g.1).collect::<Vec<_>>(),
            "rbacGroupIds": groups.iter().map(|g| g.0.to_string()).collect::<Vec<_>>(),
            "generateAlert": true,
            "externalId": null,
            "mitreTechniques": [],
            "historicalDetection": false,
        }))
    }
}
