//! For tests: a small tenant made by hand, its lists as the program has them, and a service that answers from it.

use super::App;
use super::fixture::{at, give};
use crate::model::{Call, Fault, FaultKind, Key, Kind, Ticks};
use crate::msg::{
    Body, Effect, Entity, Event, Now, Origin, Page, Preview, Previewed, Progress, Reply, Request,
    Slot, Ticket,
};
use crate::resource::{self, Answer, Sink};
use crate::verb::{Args, Verb};
use serde_json::{Value, json};
use std::sync::Arc;
use table::ChunkBuilder;

pub const DEVICE: &str = "1a2b3c4d5e6f708192a3b4c5d6e7f80912345678";
pub const OTHER: &str = "ffeeddccbbaa99887766554433221100ffeeddcc";
pub const USER: &str = "7d6f2c1a-0b3e-4c55-9d0a-1f2e3d4c5b6a";
pub const ADMIN: &str = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
pub const ALERT: &str = "da638000000000000000_-1001";
pub const MAIL: &str = "fa5e8a1c-1111-4222-8333-444455556666";
pub const SHA256: &str = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f";

fn evidence(kind: &str, mut fields: Value) -> Value {
    fields["@odata.type"] = format!("#microsoft.graph.security.{kind}").into();
    fields["verdict"] = "suspicious".into();
    fields["remediationStatus"] = "none".into();
    fields
}

fn raj() -> Value {
    json!({"accountName": "raj.patel", "domainName": "CONTOSO", "userSid": "S-1-5-21-1-2-3-1104", "azureAdUserId": USER,
        "userPrincipalName": "raj.patel@contoso.com", "displayName": "Raj Patel"})
}

/// The alerts, newest last.
pub fn alerts() -> Vec<Value> {
    vec![
        json!({
            "id": MAIL, "title": "Email messages containing malicious URL removed after delivery", "severity": "informational",
            "status": "resolved", "serviceSource": "microsoftDefenderForOffice365", "incidentId": "4711", "category": "InitialAccess",
            "assignedTo": null, "classification": null, "determination": null,
            "createdDateTime": "2026-08-01T11:40:00Z", "lastUpdateDateTime": "2026-08-01T11:45:00Z", "firstActivityDateTime": "2026-08-01T11:38:10Z",
            "mitreTechniques": ["T1566.002"], "comments": [],
            "evidence": [
                evidence("analyzedMessageEvidence", json!({"subject": "Invoice \u{202e}fdp.exe", "recipientEmailAddress": "raj.patel@contoso.com",
                    "networkMessageId": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "p2Sender": {"emailAddress": "billing@evil.example"}, "urls": ["https://evil.example/pay"]})),
                evidence("urlEvidence", json!({"url": "https://evil.example/pay"})),
                evidence("userEvidence", json!({"userAccount": raj()})),
            ],
        }),
        json!({
            "id": ALERT, "title": "Suspicious PowerShell command line", "severity": "high", "status": "new",
            "serviceSource": "microsoftDefenderForEndpoint", "incidentId": "4711", "category": "Execution", "assignedTo": null,
            "classification": null, "determination": null, "threatDisplayName": null,
            "createdDateTime": "2026-08-01T11:52:00Z", "lastUpdateDateTime": "2026-08-01T11:58:00Z", "firstActivityDateTime": "2026-08-01T11:50:00Z",
            "mitreTechniques": ["T1059.001", "T1105"], "comments": [],
            "recommendedActions": "Validate the alert and scope the suspected breach.\n1. Isolate the device.\n2. Reset the password.",
            "description": "PowerShell ran an encoded command that fetched a file.",
            "evidence": [
                evidence("deviceEvidence", json!({"mdeDeviceId": DEVICE, "azureAdDeviceId": "99999999-8888-4777-8666-555555555555", "deviceDnsName": "ws-042.corp.contoso.com",
                    "hostName": "ws-042", "osPlatform": "Windows11", "riskScore": "high", "healthStatus": "active", "lastIpAddress": "10.1.2.3"})),
                evidence("userEvidence", json!({"userAccount": raj()})),
                evidence("processEvidence", json!({"processId": 4242, "parentProcessId": 1000, "processCommandLine": format!("powershell.exe -NoProfile -EncodedCommand {}", "SQBFAFgA".repeat(40)),
                    "imageFile": {"fileName": "powershell.exe", "sha256": SHA256}, "parentProcessImageFile": {"fileName": "winword.exe"}, "processCreationDateTime": "2026-08-01T11:50:00Z"})),
                evidence("ipEvidence", json!({"ipAddress": "203.0.113.7", "countryLetterCode": "NL"})),
            ],
        }),
    ]
}

/// The incident with its alerts, as one `$expand` gives it.
pub fn incident() -> Value {
    json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#security/incidents/$entity",
        "id": "4711", "displayName": "Multi-stage incident involving initial access & lateral movement", "severity": "high", "status": "active",
        "assignedTo": null, "classification": "unknown", "determination": "unknown", "priorityScore": 71,
        "createdDateTime": "2026-08-01T11:52:05Z", "lastUpdateDateTime": "2026-08-01T12:01:00Z", "lastModifiedBy": "Microsoft 365 Defender-AlertCorrelation",
        "customTags": ["vip"], "systemTags": ["Credential Phish"], "redirectIncidentId": null,
        "summary": "It began with a mail.", "comments": [{"createdByDisplayName": "mei@contoso.com", "createdDateTime": "2026-08-01T12:00:00Z", "comment": "looking"}],
        "alerts": alerts(),
    })
}

pub fn device() -> Value {
    json!({"id": DEVICE, "computerDnsName": "ws-042.corp.contoso.com", "osPlatform": "Windows11", "version": "24H2", "riskScore": "High", "exposureLevel": "Medium",
        "healthStatus": "Active", "onboardingStatus": "Onboarded", "deviceValue": "Normal", "aadDeviceId": "99999999-8888-4777-8666-555555555555",
        "lastIpAddress": "10.1.2.3", "lastExternalIpAddress": "198.51.100.20", "lastSeen": "2026-08-01T09:00:00Z", "firstSeen": "2026-01-01T09:00:00Z",
        "machineTags": ["finance"], "ipAddresses": [{"ipAddress": "10.1.2.3"}, {"ipAddress": "10.9.9.9"}]})
}

/// A record of the same name, long not seen.
pub fn other_device() -> Value {
    json!({"id": OTHER, "computerDnsName": "ws-042.corp.contoso.com", "osPlatform": "Windows10", "riskScore": null, "exposureLevel": null,
        "healthStatus": "Inactive", "lastIpAddress": "10.1.2.77", "lastSeen": "2026-05-01T09:00:00Z", "machineTags": [], "ipAddresses": []})
}

pub fn user() -> Value {
    json!({"id": USER, "displayName": "Raj Patel", "userPrincipalName": "raj.patel@contoso.com", "mail": "raj.patel@contoso.com", "accountEnabled": true, "userType": "Member",
        "department": "Finance", "jobTitle": "Clerk", "onPremisesSyncEnabled": true, "onPremisesSamAccountName": "raj.patel",
        "onPremisesSecurityIdentifier": "S-1-5-21-1-2-3-1104", "createdDateTime": "2020-01-01T00:00:00Z"})
}

pub fn admin() -> Value {
    json!({"id": ADMIN, "displayName": "Ana Lopez", "userPrincipalName": "ana@contoso.com", "mail": "ana@contoso.com", "accountEnabled": true, "userType": "Member"})
}

/// Takes rows into a list as its fill would; `complete`: that is all there are.
pub fn fill(app: &mut App, kind: Kind, rows: &[Value], complete: bool) {
    let spec = resource::spec(kind);
    let mut builder = ChunkBuilder::new(spec.schema());
    for row in rows {
        (spec.decode)(
            crate::model::Json(row),
            &mut Sink::new(spec.columns, &mut builder),
        )
        .unwrap();
        builder.end_row();
    }
    let page = Page {
        kind,
        chunk: Some(Arc::new(builder.finish())),
        origin: Origin::Fill,
        progress: Progress {
            loaded: rows.len() as u64,
            total: None,
            complete,
            as_of: Some(at(0).wall),
        },
        bad: 0,
        bad_why: None,
        removed: Vec::new(),
    };
    give(app, at(0), page);
}

/// A signed-in program whose lists have everything.
pub fn full(width: u16, height: u16) -> App {
    let mut app = super::fixture::app(width, height);
    let mut quiet = incident();
    quiet["id"] = "4702".into();
    quiet["displayName"] = "Suspicious inbox rule".into();
    quiet["assignedTo"] = "raj@contoso.com".into();
    quiet["lastUpdateDateTime"] = "2026-08-01T10:00:00Z".into();
    let mut mine = quiet.clone();
    mine["id"] = "4700".into();
    mine["status"] = "inProgress".into();
    mine["assignedTo"] = "Ana@contoso.com".into();
    mine["lastUpdateDateTime"] = "2026-08-01T09:00:00Z".into();
    fill(&mut app, Kind::Incident, &[incident(), quiet, mine], true);
    fill(&mut app, Kind::Alert, &alerts(), true);
    fill(&mut app, Kind::Device, &[device(), other_device()], true);
    fill(&mut app, Kind::User, &[user(), admin()], true);
    app
}

/// Everything the service knows, by path.
#[derive(Clone)]
pub struct Service {
    pub known: Vec<(String, Value)>,
    /// What was asked, in order.
    pub asked: Vec<String>,
}

impl Service {
    pub fn all() -> Self {
        let mut known: Vec<(String, Value)> = Vec::new();
        let mut put = |path: String, v: Value| known.push((path, v));
        put("/security/incidents/4711".into(), incident());
        for a in alerts() {
            put(
                format!("/security/alerts_v2/{}", a["id"].as_str().unwrap()),
                a,
            );
        }
        put(format!("/machines/{DEVICE}"), device());
        put(format!("/machines/{OTHER}"), other_device());
        put(
            format!("/machines/{DEVICE}/logonusers"),
            json!({"value": [{"id": "contoso\\raj.patel", "accountName": "raj.patel", "accountDomain": "contoso", "accountSid": "S-1-5-21-1-2-3-1104", "lastSeen": "2026-08-01T08:00:00Z", "logonTypes": "Interactive"}]}),
        );
        put(format!("/users/{USER}"), user());
        put(format!("/users/{ADMIN}"), admin());
        put(
            format!("/users/{USER}/registeredDevices"),
            json!({"value": [{"deviceId": "99999999-8888-4777-8666-555555555555", "displayName": "WS-042", "operatingSystem": "Windows"}]}),
        );
        Self {
            known,
            asked: Vec::new(),
        }
    }

    fn get(&self, path: &str) -> Option<&Value> {
        self.known
            .iter()
            .rev()
            .find(|(p, _)| p == path)
            .map(|(_, v)| v)
    }

    pub fn set(&mut self, path: &str, value: Value) {
        self.known.push((path.to_owned(), value));
    }

    fn call(&mut self, call: &Call) -> Answer {
        let path = call.path.as_str();
        self.asked.push(path.to_owned());
        match self.get(path) {
            Some(v) => Answer::Got {
                body: Arc::new(v.clone()),
                more: false,
            },
            None => Answer::None,
        }
    }

    fn entity(&mut self, key: &Key) -> Body {
        let path = (resource::spec(key.kind).listing.get)(key).unwrap();
        self.asked.push(path.path.as_str().to_owned());
        match self.get(path.path.as_str()) {
            Some(v) => Body::Entity(Entity {
                key: key.clone(),
                json: Arc::new(v.clone()),
                as_of: at(0).wall,
                cached: false,
            }),
            None => {
                Body::Fault(Fault::new(FaultKind::Gone, "it is not there any more").status(404))
            }
        }
    }

    fn preview(&mut self, verb: &'static Verb, args: &Args, key: &Key) -> Previewed {
        let entity = match self.entity(key) {
            Body::Entity(entity) => Ok(entity.json),
            Body::Fault(fault) => Err(fault),
            _ => unreachable!(),
        };
        let answers = match &entity {
            Ok(json) => {
                let json = crate::model::Json(json);
                let mut calls = (verb.preview)(key, json, args);
                calls.extend((verb.asides)(key, json, args));
                calls.iter().map(|c| self.call(c)).collect()
            }
            Err(_) => Vec::new(),
        };
        Previewed {
            key: key.clone(),
            entity,
            answers,
        }
    }

    /// Answers everything that is asked, and what that leads to; effects that are no questions are given back.
    pub fn serve(&mut self, app: &mut App, now: Now, effects: Vec<Effect>) -> Vec<Effect> {
        let mut rest = Vec::new();
        let mut todo = effects;
        while !todo.is_empty() {
            let mut next = Vec::new();
            for effect in todo {
                let Effect::Ask(ticket, request) = effect else {
                    rest.push(effect);
                    continue;
                };
                let body = match &request {
                    Request::Entity { key, .. } => self.entity(key),
                    Request::Part { calls, .. } | Request::Pick { calls } => {
                        Body::Part(calls.iter().map(|c| self.call(c)).collect())
                    }
                    Request::Preview { verb, args, keys } => {
                        let targets = keys.iter().map(|k| self.preview(verb, args, k)).collect();
                        Body::Preview(Preview {
                            targets,
                            recent: 0,
                            read_at: now.wall,
                        })
                    }
                    _ => {
                        rest.push(Effect::Ask(ticket, request));
                        continue;
                    }
                };
                next.extend(answer(app, now, ticket, body));
            }
            todo = next;
        }
        rest
    }

    /// Presses keys one after the other, everything asked being answered at once.
    pub fn press(&mut self, app: &mut App, keys: &str) -> Vec<Effect> {
        let mut rest = Vec::new();
        for (n, part) in keys.split('\'').enumerate() {
            let words: Vec<String> = if n % 2 == 1 {
                part.chars()
                    .map(|c| {
                        if c == ' ' {
                            "Space".into()
                        } else {
                            c.to_string()
                        }
                    })
                    .collect()
            } else {
                part.split_whitespace().map(str::to_owned).collect()
            };
            for word in words {
                let fx = super::fixture::key(app, at(1), &word);
                rest.extend(self.serve(app, at(1), fx));
            }
        }
        rest
    }
}

pub fn answer(app: &mut App, now: Now, ticket: Ticket, body: Body) -> Vec<Effect> {
    let reply = Reply {
        ticket,
        last: true,
        body,
    };
    app.update(now, Event::Reply(reply))
}

/// The questions among effects: their slots as words, and what was let go.
pub fn asked(effects: &[Effect]) -> Vec<String> {
    let slot = |s: &Slot| match s {
        Slot::Part(key, "") => format!("{:?} {}", key.kind, key.id.txt().exact()),
        Slot::Part(key, section) => format!("{:?} {} {section}", key.kind, key.id.txt().exact()),
        other => format!("{other:?}"),
    };
    effects
        .iter()
        .filter_map(|e| match e {
            Effect::Ask(t, Request::Entity { fresh: true, .. }) => {
                Some(format!("{} fresh", slot(&t.slot)))
            }
            Effect::Ask(t, _) => Some(slot(&t.slot)),
            Effect::Drop(s) => Some(format!("drop {}", slot(s))),
            _ => None,
        })
        .collect()
}

/// The ticket of a question in such a slot.
pub fn ticket(effects: &[Effect], section: &str) -> Ticket {
    let found = effects.iter().find_map(|e| match e {
        Effect::Ask(t, _) if matches!(&t.slot, Slot::Part(_, s) if *s == section) => {
            Some(t.clone())
        }
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no question in {section:?} among {:?}", asked(effects)))
}

pub fn entity(kind: Kind, json: Value, cached: bool) -> Body {
    let key = Key::new(kind, json["id"].as_str().unwrap());
    Body::Entity(Entity {
        key,
        json: Arc::new(json),
        as_of: Ticks(at(0).wall.0),
        cached,
    })
}

pub fn got(json: Value) -> Body {
    Body::Part(vec![Answer::Got {
        body: Arc::new(json),
        more: false,
    }])
}
