//! Alerts and incidents as tables: `AlertInfo`, `AlertEvidence`, `SecurityAlert`, `SecurityIncident`, behaviours.

use std::sync::Arc;

use serde_json::{Value, json};
use table::Chunk;

use super::super::frame::Frame;
use super::super::stamp::{MINUTE, Stamp};
use super::super::story::{Spec, special};
use super::super::workflow::Flow;
use super::super::{AlertRow, World};
use super::book::Book;
use super::evidence::{self, Head};
use super::shape::Shape;
use super::story_endpoint::Tell;
use super::techniques;
use super::told::Told;

/// What tells such a table from the stories.
pub(super) fn tell(table: &str) -> Option<Tell> {
    Some(match table {
        "AlertInfo" => info,
        "AlertEvidence" => evidence,
        "SecurityAlert" => security_alerts,
        "SecurityIncident" => security_incidents,
        "BehaviorInfo" => behaviors,
        "BehaviorEntities" => behavior_entities,
        _ => return None,
    })
}

/// `inProgress` → `InProgress`.
pub(super) fn upper_first(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// How hunting tables call a detection source.
fn detection(name: &str) -> String {
    match name {
        "microsoftDefenderForEndpoint" => "EDR".to_owned(),
        "antivirus" => "Antivirus".to_owned(),
        "smartScreen" => "SmartScreen".to_owned(),
        "customTi" => "Custom TI".to_owned(),
        "customDetection" => "Custom detection".to_owned(),
        "automatedInvestigation" => "Automated investigation".to_owned(),
        "microsoftThreatExperts" => "Microsoft Threat Experts".to_owned(),
        "microsoftDefenderForOffice365" => "Microsoft Defender for Office 365".to_owned(),
        "microsoftDefenderForIdentity" => "Microsoft Defender for Identity".to_owned(),
        "cloudAppSecurity" => "Cloud App Security".to_owned(),
        "azureAdIdentityProtection" => "Microsoft Entra ID Protection".to_owned(),
        "microsoft365Defender" => "Microsoft Defender XDR".to_owned(),
        other => upper_first(other),
    }
}

/// One alert with all that the tables need.
struct Alert<'a> {
    frame: &'a Frame,
    flow: Flow,
    k: usize,
    spec: &'static Spec,
    row: AlertRow,
    id: String,
}

impl Alert<'_> {
    fn title(&self) -> String {
        special::expand(self.spec.title)
    }
}

/// Alerts of all stories, newest incident first.
fn each<'a>(world: &'a World, told: &'a Told) -> impl Iterator<Item = Alert<'a>> {
    told.frames.iter().flat_map(move |frame| {
        let flow = world.flow(frame);
        (0..frame.alerts()).map(move |k| Alert {
            frame,
            flow,
            k,
            spec: frame.spec(k).0,
            row: world.alert_row_of(frame, &flow, k),
            id: world.alert_id_of(frame, k),
        })
    })
}

fn info(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for alert in each(world, told) {
        book.at(alert.row.created)
            .text("AlertId", &alert.id)
            .text("Title", &alert.title())
            .text("Category", alert.spec.category)
            .text("Severity", &upper_first(alert.row.severity))
            .text("ServiceSource", alert.spec.source.product)
            .text("DetectionSource", &detection(alert.spec.source.detection))
            .text(
                "AttackTechniques",
                &techniques::written(alert.spec.techniques),
            );
        book.end();
    }
    book.finish()
}

fn evidence(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for alert in each(world, told) {
        let (_, all) = world.play(alert.frame, &alert.flow, Some(alert.k));
        let head = Head {
            at: alert.row.created,
            id: &alert.id,
            title: &alert.title(),
            categories: &json!([alert.spec.category]).to_string(),
            techniques: &techniques::written(alert.spec.techniques),
            service: alert.spec.source.product,
            detection: &detection(alert.spec.source.detection),
            severity: &upper_first(alert.row.severity),
            family: alert.spec.threat.map(|t| t.1),
        };
        for one in &all {
            evidence::row(world, &mut book, &head, one);
        }
    }
    book.finish()
}

fn security_alerts(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for alert in each(world, told) {
        let (machines, users) = world.alert_cast(alert.frame, alert.k);
        let mut entities = Vec::new();
        for (n, m) in machines.iter().enumerate() {
            let name = world.machine_name(*m);
            let (host, domain) = name.split_once('.').unwrap_or((name, ""));
            entities.push(json!({"$id": (n + 1).to_string(), "HostName": host, "DnsDomain": domain, "MdatpDeviceId": world.machine_id(*m), "Type": "host"}));
        }
        for (n, u) in users.iter().enumerate() {
            let row = world.user_row(*u);
            entities.push(json!({"$id": (n + 20).to_string(), "Name": row.account, "UPNSuffix": row.upn.split('@').nth(1), "AadUserId": row.id.to_string(), "Type": "account"}));
        }
        let title = alert.title();
        let compromised = machines
            .first()
            .map(|m| world.machine_name(*m))
            .or_else(|| users.first().map(|u| world.user_row(*u).upn))
            .unwrap_or_default();
        let status = match alert.row.status {
            "resolved" => "Resolved",
            "inProgress" => "InProgress",
            _ => "New",
        };
        let tactics = alert.spec.category;
        book.time("TimeGenerated", alert.row.created)
            .text("DisplayName", &title)
            .text("AlertName", &title)
            .text("AlertSeverity", &upper_first(alert.row.severity))
            .text("Description", alert.spec.about)
            .text("ProviderName", provider(alert.spec.source.prefix))
            .text("VendorName", "Microsoft")
            .text("VendorOriginalId", alert.id.get(2..).unwrap_or(&alert.id))
            .text("SystemAlertId", &alert.id)
            .text("AlertType", &upper_first(alert.spec.source.detection))
            .bool("IsIncident", false)
            .time("StartTime", alert.row.first_activity)
            .time("EndTime", alert.row.last_activity)
            .time("ProcessingEndTime", alert.row.created.plus(MINUTE))
            .text("Entities", &Value::from(entities).to_string())
            .text("ExtendedProperties", &json!({"IncidentId": alert.row.incident.to_string(), "ProductComponentName": alert.spec.source.product}).to_string())
            .text("ProductName", alert.spec.source.product)
            .text("ProductComponentName", alert.spec.source.product)
            .text("AlertLink", &format!("https://security.microsoft.com/alerts/{}?tid={}", alert.id, world.tenant_id()))
            .text("Status", status)
            .text("CompromisedEntity", compromised)
            .text("Tactics", tactics)
            .text("Techniques", &match alert.spec.techniques {
                [] => String::new(),
                all => json!(all).to_string(),
            })
            .text("SourceSystem", "Detection");
        book.end();
    }
    book.finish()
}

/// How Sentinel calls the service an alert comes from.
fn provider(prefix: &str) -> &'static str {
    match prefix {
        "da" => "MDATP",
        "aa" => "Azure Advanced Threat Protection",
        "fa" => "OATP",
        "ca" => "MCAS",
        "ad" => "IPC",
        "sn" => "ASI Scheduled Alerts",
        "dc" => "Azure Security Center",
        _ => "Microsoft XDR",
    }
}

fn security_incidents(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for frame in &told.frames {
        let flow = world.flow(frame);
        if flow.status == "redirected" {
            continue;
        }
        // a row when it is made, and one for what became of it: the table is a log
        security_incident(world, &mut book, frame, &flow, frame.created, true);
        if flow.updated > frame.created {
            security_incident(world, &mut book, frame, &flow, flow.updated, false);
        }
    }
    book.finish()
}

fn security_incident(
    world: &World,
    book: &mut Book,
    frame: &Frame,
    flow: &Flow,
    at: Stamp,
    new: bool,
) {
    let id = world.incident_id(frame.rank);
    let closed = flow.resolved.filter(|_| !new);
    let status = match (new, flow.status) {
        (true, _) => "New",
        (_, "resolved") => "Closed",
        (_, "inProgress") => "Active",
        _ => "New",
    };
    let classification = match flow.classification.filter(|_| !new) {
        Some("truePositive") => "TruePositive",
        Some("falsePositive") => "FalsePositive",
        Some("informationalExpectedActivity") => "BenignPositive",
        _ => "",
    };
    let owner = flow.assigned.filter(|_| !new);
    let alerts: Vec<String> = (0..frame.alerts())
        .map(|k| world.alert_id_of(frame, k))
        .collect();
    let (mut first, mut last) = (frame.created, frame.created);
    for k in 0..frame.alerts() {
        let (from, to) = frame.activity(world, k);
        first = first.min(from);
        last = last.max(to);
    }
    let tactics: Vec<&str> = (0..frame.alerts().min(12))
        .map(|k| frame.spec(k).0.category)
        .collect();
    let name = world
        .seed
        .dice(super::super::dice::Topic::Noise, id)
        .guid()
        .to_string();
    let url = format!("https://security.microsoft.com/incidents/{id}");
    book.time("TimeGenerated", at)
        .text("IncidentName", &name)
        .text("Title", &world.title(frame))
        .text("Severity", &upper_first(flow.severity))
        .text("Status", status)
        .text("Classification", classification)
        .json("Owner", &json!({"objectId": null, "email": owner, "assignedTo": owner, "userPrincipalName": owner}))
        .text("ProviderName", "Microsoft XDR")
        .text("ProviderIncidentId", &id.to_string())
        .time("FirstActivityTime", first)
        .time("LastActivityTime", last)
        .time("FirstModifiedTime", frame.created)
        .time("LastModifiedTime", at)
        .time("CreatedTime", frame.created)
        .int("IncidentNumber", (id % 1_000_000) as i64)
        .text("RelatedAnalyticRuleIds", "[]")
        .json("AlertIds", &json!(alerts))
        .text("BookmarkIds", "[]")
        .text("Comments", "[]")
        .text("Tasks", "[]")
        .json("Labels", &json!(frame.template.tags.iter().map(|t| json!({"labelName": t, "labelType": "User"})).collect::<Vec<_>>()))
        .text("IncidentUrl", &url)
        .json("AdditionalData", &json!({"alertsCount": alerts.len(), "bookmarksCount": 0, "commentsCount": flow.comments, "tactics": tactics, "alertProductNames": ["Microsoft Defender XDR"], "providerIncidentUrl": url}))
        .text("ModifiedBy", owner.unwrap_or("Incident created from alert"))
        .text("SourceSystem", "Azure");
    if let Some(closed) = closed {
        book.time("ClosedTime", closed);
    }
    book.end();
}

/// Alerts of cloud applications and of cautious detectors also stand as behaviours.
fn behaves(alert: &Alert<'_>) -> bool {
    matches!(alert.spec.source.prefix, "ca" | "ma") || alert.row.severity == "informational"
}

fn behaviors(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for alert in each(world, told).filter(behaves) {
        let (machines, users) = world.alert_cast(alert.frame, alert.k);
        book.at(alert.row.created)
            .text("BehaviorId", &format!("bh{}", alert.id))
            .text("ActionType", alert.spec.category)
            .text("Title", &alert.title())
            .text("Description", alert.spec.about)
            .text("Categories", &json!([alert.spec.category]).to_string())
            .text(
                "AttackTechniques",
                &techniques::written(alert.spec.techniques),
            )
            .text("ServiceSource", alert.spec.source.product)
            .text("DetectionSource", &detection(alert.spec.source.detection))
            .text("DataSources", "[\"CloudAppEvents\"]")
            .time("StartTime", alert.row.first_activity)
            .time("EndTime", alert.row.last_activity)
            .text("AdditionalFields", "{}");
        if let Some(machine) = machines.first() {
            book.text("DeviceId", world.machine_id(*machine));
        }
        if let Some(user) = users.first() {
            let row = world.user_row(*user);
            book.text("AccountUpn", row.upn)
                .text("AccountObjectId", &row.id.to_string());
        }
        book.end();
    }
    book.finish()
}

fn behavior_entities(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for alert in each(world, told).filter(behaves) {
        let (machines, users) = world.alert_cast(alert.frame, alert.k);
        let head = |book: &mut Book, kind: &str| {
            book.at(alert.row.created)
                .text("BehaviorId", &format!("bh{}", alert.id))
                .text("ActionType", alert.spec.category)
                .text("Categories", &json!([alert.spec.category]).to_string())
                .text("ServiceSource", alert.spec.source.product)
                .text("DetectionSource", &detection(alert.spec.source.detection))
                .text("EntityType", kind)
                .text("EntityRole", "Impacted");
        };
        for user in users {
            head(&mut book, "User");
            evidence::user(world, &mut book, user);
            book.end();
        }
        for machine in machines {
            head(&mut book, "Machine");
            book.text("DeviceId", world.machine_id(machine))
                .text("DeviceName", world.machine_name(machine));
            book.end();
        }
    }
    book.finish()
}
