//! Records as the feed writes them: what all have, then what the schema of their type adds on the same level.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::super::apps::{APPS, EXCHANGE, GRAPH};
use super::super::dice::{Dice, Topic};
use super::super::people::Class;
use super::super::stamp::Stamp;
use super::super::story::scene::BROWSER;
use super::super::{Obj, World, obj};
use super::facts::{Fact, Origin};
use super::kinds::{FILES, Form, Place};

/// An instant without a zone, in whole seconds: UTC, though nothing says so.
fn zoneless(at: Stamp) -> String {
    let text = at.whole_second().to_string();
    text.trim_end_matches('Z').to_owned()
}

/// An address as the workloads write it: bare, or with a port.
fn address(ip: Option<IpAddr>, record: u16, dice: &mut Dice) -> Value {
    let Some(ip) = ip else { return Value::Null };
    let port = 1_024 + dice.below(60_000);
    let ported = matches!(record, 1 | 2 | 3 | 50) && dice.chance(400);
    json!(match (ip, ported) {
        (IpAddr::V4(v4), true) => format!("{v4}:{port}"),
        (IpAddr::V6(v6), true) => format!("[{v6}]:{port}"),
        (ip, false) => ip.to_string(),
    })
}

fn add(to: &mut Obj, more: Value) {
    if let Value::Object(map) = more {
        to.extend(map);
    }
}

impl World {
    /// A record of the feed.
    pub fn activity_json(&self, fact: &Fact<'_>) -> Obj {
        let mut dice = fact.dice.clone();
        let (user_type, upn, key) = self.actor(fact, &mut dice);
        let result = match fact.record {
            1 => "True",
            8 | 15 if fact.operation == "UserLoginFailed" => "failed",
            8 | 15 => "success",
            _ => "Succeeded",
        };
        let mut record = obj(json!({
            "CreationTime": zoneless(fact.at),
            "Id": fact.id.to_string(),
            "Operation": fact.operation,
            "OrganizationId": self.tenant.to_string(),
            "RecordType": fact.record,
            "ResultStatus": result,
            "UserKey": key,
            "UserType": user_type,
            "Version": 1,
            "Workload": fact.workload,
        }));
        if let Some(ip) = fact.ip {
            record.insert("ClientIP".into(), address(Some(ip), fact.record, &mut dice));
        }
        record.insert("UserId".into(), json!(upn));
        match fact.origin {
            Origin::Act(act) => self.act(&mut record, fact, act, &mut dice),
            Origin::SignIn(key) => {
                let json = self.sign_in_json(key);
                let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
                let error = json["status"]["errorCode"].as_i64().unwrap_or(0);
                self.logon(
                    &mut record,
                    fact,
                    (&text("appId"), &text("userAgent"), &text("correlationId")),
                    error,
                );
            }
            Origin::Audit(i) => self.directory(&mut record, i),
            Origin::Alert(i) => self.alert(&mut record, i, &mut dice),
            Origin::Filler(kind) => self.filled(&mut record, fact, kind.form, &mut dice),
        }
        record
    }

    /// Kind, name and key of who did it.
    fn actor(&self, fact: &Fact<'_>, dice: &mut Dice) -> (u8, String, String) {
        let Some(user) = fact.user else {
            return (
                4,
                "SecurityComplianceAlerts".into(),
                "SecurityComplianceAlerts".into(),
            );
        };
        let row = self.user_row(user);
        let kind = match (self.person(user).class, fact.record) {
            (Class::Guest, _) => 10,
            // records of the directory never say that somebody is an administrator
            (_, 1) => 2,
            _ => 0,
        };
        let key = match fact.record {
            1 | 2 | 3 | 50 => format!("10032{:011X}", row.id.0 as u64 & 0xfff_ffff_ffff),
            4 | 6 | 14 | 11 => format!(
                "i:0h.f|membership|10032{:011x}@live.com",
                row.id.0 as u64 & 0xfff_ffff_ffff
            ),
            _ => row.id.to_string(),
        };
        let upn = if dice.chance(3) {
            // the same name in another case, as mail clients leave it
            row.upn.to_uppercase()
        } else {
            row.upn.to_owned()
        };
        (kind, upn, key)
    }

    fn act(&self, record: &mut Obj, fact: &Fact<'_>, act: &super::CloudAct, dice: &mut Dice) {
        match fact.record {
            1 => {
                let upn = self.user_row(act.user).upn;
                let parameters = match act.action {
                    "New-InboxRule" => {
                        json!([{"Name": "Name", "Value": act.object}, {"Name": "DeleteMessage", "Value": "True"},
                        {"Name": "SubjectOrBodyContainsWords", "Value": "invoice;payment;wire;iban"}, {"Name": "StopProcessingRules", "Value": "True"}])
                    }
                    "Set-Mailbox" => {
                        json!([{"Name": "Identity", "Value": upn}, {"Name": act.object, "Value": "smtp:collector@filedrop.example.org"},
                        {"Name": "DeliverToMailboxAndForward", "Value": "True"}])
                    }
                    _ => json!([{"Name": "Name", "Value": act.object}]),
                };
                command(record, upn, parameters);
            }
            2 | 3 | 50 => self.item(record, fact, &act.object, dice),
            4 | 6 | 14 => file(record, fact, &act.object, act.kind, dice),
            8 => {
                let row = self.user_row(act.user);
                add(
                    record,
                    entra(
                        self,
                        (row.upn, &row.id.to_string()),
                        (&act.object, ""),
                        json!([]),
                        dice,
                    ),
                );
                record.insert("ObjectId".into(), json!(act.object));
            }
            25 => add(
                record,
                json!({"ItemName": act.object, "CommunicationType": "Channel", "TeamName": "General"}),
            ),
            _ => add(
                record,
                json!({"ObjectId": act.object, "AppName": APPS[act.app].name}),
            ),
        }
    }

    fn logon(&self, record: &mut Obj, fact: &Fact<'_>, of: (&str, &str, &str), error: i64) {
        let (app, agent, session) = of;
        let Some(user) = fact.user else { return };
        let row = self.user_row(user);
        let id = row.id.to_string();
        add(
            record,
            json!({
                "ObjectId": self.app_id(EXCHANGE),
                "AzureActiveDirectoryEventType": 1,
                "ExtendedProperties": [
                    {"Name": "ResultStatusDetail", "Value": if error == 0 { "Success" } else { "UserError" }},
                    {"Name": "UserAgent", "Value": agent},
                    {"Name": "RequestType", "Value": "OAuth2:Authorize"},
                ],
                "ModifiedProperties": [],
                "Actor": [{"ID": id, "Type": 0}, {"ID": row.upn, "Type": 5}],
                "ActorContextId": self.tenant.to_string(),
                "ActorIpAddress": fact.ip.map(|ip| ip.to_string()),
                "InterSystemsId": session,
                "IntraSystemId": fact.id.to_string(),
                "SupportTicketId": "",
                "Target": [{"ID": self.app_id(EXCHANGE), "Type": 0}],
                "TargetContextId": self.tenant.to_string(),
                "ApplicationId": app,
                "DeviceProperties": [{"Name": "OS", "Value": "Windows10"}, {"Name": "BrowserType", "Value": "Edge"}, {"Name": "IsCompliantAndManaged", "Value": "True"}],
                "ErrorNumber": error.to_string(),
                "AppAccessContext": {"AADSessionId": session, "CorrelationId": session, "UniqueTokenId": fact.id.to_string()},
            }),
        );
        if error != 0 {
            let word = match error {
                50126 => "InvalidUserNameOrPassword",
                50053 => "IdsLocked",
                53003 => "BlockedByConditionalAccess",
                _ => "Other",
            };
            record.insert("LogonError".into(), json!(word));
        }
    }

    /// A directory audit, as the feed repeats it.
    fn directory(&self, record: &mut Obj, i: usize) {
        let audit = self.audit_json(i);
        let by = &audit["initiatedBy"];
        let targets = &audit["targetResources"];
        let first = &targets[0];
        let changes: Vec<Value> = first["modifiedProperties"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|c| json!({"Name": c["displayName"], "NewValue": c["newValue"], "OldValue": c["oldValue"]}))
            .collect();
        let mut dice = self.seed.dice(Topic::Feed, i as u64 | 1 << 46);
        let actor = by["user"]["userPrincipalName"]
            .as_str()
            .or(by["app"]["displayName"].as_str())
            .unwrap_or_default();
        let actor_id = by["user"]["id"]
            .as_str()
            .or(by["app"]["servicePrincipalId"].as_str())
            .unwrap_or_default();
        let target = first["userPrincipalName"].as_str().unwrap_or_default();
        let more = entra(
            self,
            (actor, actor_id),
            (target, first["id"].as_str().unwrap_or_default()),
            Value::Array(changes),
            &mut dice,
        );
        add(record, more);
        record.insert("ObjectId".into(), json!(target));
        record.insert("InterSystemsId".into(), audit["correlationId"].clone());
        if audit["result"] != "success" {
            record.insert("ResultStatus".into(), json!("failed"));
        }
        if by["user"].is_null() {
            record.insert("UserType".into(), json!(6));
            record.insert(
                "UserId".into(),
                json!(format!("ServicePrincipal_{actor_id}")),
            );
            record.insert("UserKey".into(), json!(actor_id));
        }
    }

    fn alert(&self, record: &mut Obj, i: usize, dice: &mut Dice) {
        let alert = self.alert_json(i);
        let severity = alert["severity"].as_str().unwrap_or("medium");
        let user = alert["evidence"]
            .as_array()
            .into_iter()
            .flatten()
            .find_map(|e| e["userAccount"]["userPrincipalName"].as_str())
            .unwrap_or_default();
        let data = json!({"f3u": user, "ad": alert["description"], "op": alert["category"], "ts": record["CreationTime"]});
        add(
            record,
            json!({
                "ObjectId": alert["id"],
                "AlertId": alert["providerAlertId"],
                "Name": alert["title"],
                "PolicyId": dice.guid().to_string(),
                "AlertType": "System",
                "Status": "Active",
                "Severity": capital(severity),
                "Category": alert["category"],
                "Source": "Office 365 Security & Compliance",
                "Comments": "New alert",
                "Data": data.to_string(),
                "EntityType": "User",
                "AlertEntityId": user,
                "AlertLinks": [{"AlertLinkHref": alert["alertWebUrl"]}],
            }),
        );
    }

    fn item(&self, record: &mut Obj, fact: &Fact<'_>, subject: &str, dice: &mut Dice) {
        let Some(user) = fact.user else { return };
        let upn = self.user_row(user).upn;
        let id = format!("RgAAAAD{}", dice.hex(24));
        let folder = json!({"Id": format!("LgAAAAC{}", dice.hex(20)), "Path": if fact.record == 3 { "\\Deleted Items" } else { "\\Inbox" }});
        add(
            record,
            json!({
                "MailboxOwnerUPN": upn,
                "MailboxOwnerSid": self.user_sid(user),
                "MailboxGuid": self.seed.guid(Topic::Mail, user as u32).to_string(),
                "LogonType": if fact.operation.starts_with("SendO") || fact.operation == "SendAs" { 2 } else { 0 },
                "InternalLogonType": 0,
                "LogonUserSid": self.user_sid(user),
                "ExternalAccess": false,
                "ClientInfoString": if dice.chance(500) { "Client=OWA;Action=ViaProxy" } else { "Client=MSExchangeRPC" },
                "OriginatingServer": "VI1PR01MB0001 (15.20.8000.000)\r\n",
                "OrganizationName": "contoso.onmicrosoft.com",
            }),
        );
        if fact.record == 50 {
            let folders = json!([{"Path": "\\Inbox", "FolderItems": [{"InternetMessageId": format!("<{}@contoso.com>", dice.hex(12))}]}]);
            add(
                record,
                json!({"OperationCount": 1 + dice.below(30), "Folders": folders,
                    "OperationProperties": [{"Name": "MailAccessType", "Value": "Bind"}, {"Name": "IsThrottled", "Value": "False"}]}),
            );
        } else if fact.record == 3 {
            record.insert(
                "AffectedItems".into(),
                json!([{"Id": id, "Subject": subject, "ParentFolder": folder}]),
            );
            record.insert("Folder".into(), folder);
        } else {
            record.insert(
                "Item".into(),
                json!({"Id": id, "Subject": subject, "ParentFolder": folder, "SizeInBytes": 900 + dice.below(90_000)}),
            );
        }
    }

    fn filled(&self, record: &mut Obj, fact: &Fact<'_>, form: Form, dice: &mut Dice) {
        let number = dice.below(2_000).to_string();
        let name = dice.pick(&FILES).replace("{n}", &number);
        let row = fact.user.map(|u| self.user_row(u));
        let upn = row.map_or("", |r| r.upn);
        match form {
            Form::Logon(ok) => {
                let session = dice.guid().to_string();
                let error = if ok {
                    0
                } else {
                    dice.weighted(&[(50126, 8), (50053, 1), (53003, 2), (500_121, 1)])
                };
                let app = self.app_id(*dice.pick(&[1, 2, 3, 6, 9, 11]));
                self.logon(record, fact, (&app, BROWSER, &session), error);
            }
            Form::Directory => {
                let other = self.user_row(dice.below(self.user_count() as u64) as usize);
                let changes = match fact.record {
                    8 if fact.operation.contains("role") => {
                        json!([{"Name": "Role.DisplayName", "NewValue": "\"Reports Reader\"", "OldValue": ""}])
                    }
                    _ => {
                        json!([{"Name": "Included Updated Properties", "NewValue": "Department", "OldValue": ""}])
                    }
                };
                let id = row.map(|r| r.id.to_string()).unwrap_or_default();
                let more = entra(
                    self,
                    (upn, &id),
                    (other.upn, &other.id.to_string()),
                    changes,
                    dice,
                );
                add(record, more);
                record.insert("ObjectId".into(), json!(other.upn));
            }
            Form::Command(parameters) => {
                let list: Vec<Value> = std::iter::once(("Identity", upn))
                    .chain(parameters.iter().copied())
                    .map(|(n, v)| json!({"Name": n, "Value": v}))
                    .collect();
                command(record, upn, Value::Array(list));
            }
            Form::Item => self.item(record, fact, &format!("Re: {name}"), dice),
            Form::File => file(
                record,
                fact,
                &name,
                if fact.record == 4 { "Page" } else { "File" },
                dice,
            ),
            Form::Share => {
                file(record, fact, &name, "File", dice);
                let outside = dice.chance(400);
                add(
                    record,
                    json!({"TargetUserOrGroupName": if outside { "partner@fabrikam.example" } else { "Everyone except external users" },
                        "TargetUserOrGroupType": if outside { "Guest" } else { "SecurityGroup" }, "UniqueSharingId": dice.guid().to_string()}),
                );
            }
            Form::Team => add(
                record,
                json!({"TeamName": "Project Aurora", "TeamGuid": format!("19:{}@thread.tacv2", dice.hex(32)), "ChannelName": "General",
                    "CommunicationType": "Team", "ItemName": name}),
            ),
            Form::Alert => add(
                record,
                json!({"AlertId": dice.guid().to_string(), "Name": "Creation of forwarding/redirect rule", "PolicyId": dice.guid().to_string(),
                    "AlertType": "System", "Status": "Active", "Severity": "Low", "Category": "ThreatManagement", "Source": "Office 365 Security & Compliance",
                    "Comments": "New alert", "Data": json!({"etype": "User", "eid": "ana@contoso.com"}).to_string(), "EntityType": "User",
                    "AlertEntityId": "ana@contoso.com", "AlertLinks": []}),
            ),
            Form::Rule(place) => rule(record, place, &name, upn, dice),
            Form::Plain => add(record, json!({"ObjectId": name})),
        }
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn entra(
    world: &World,
    actor: (&str, &str),
    target: (&str, &str),
    changes: Value,
    dice: &mut Dice,
) -> Value {
    let tenant = world.tenant.to_string();
    json!({
        "AzureActiveDirectoryEventType": 1,
        "ExtendedProperties": [{"Name": "additionalDetails", "Value": "{\"User-Agent\":\"Azure-Portal\"}"}],
        "ModifiedProperties": changes,
        "Actor": [{"ID": actor.0, "Type": 5}, {"ID": actor.1, "Type": 3}, {"ID": "User_".to_owned() + actor.1, "Type": 2}],
        "ActorContextId": tenant,
        "InterSystemsId": dice.guid().to_string(),
        "IntraSystemId": dice.guid().to_string(),
        "SupportTicketId": "",
        "Target": [{"ID": target.1, "Type": 2}, {"ID": target.0, "Type": 5}],
        "TargetContextId": tenant,
        "AppAccessContext": {"ClientAppId": world.app_id(GRAPH)},
    })
}

fn command(record: &mut Obj, object: &str, parameters: Value) {
    add(
        record,
        json!({
            "ObjectId": object,
            "Parameters": parameters,
            "ModifiedObjectResolvedName": object.split('@').next(),
            "ExternalAccess": false,
            "OriginatingServer": "VI1PR01MB0001 (15.20.8000.000)",
            "OrganizationName": "contoso.onmicrosoft.com",
            "AppPoolName": "MSExchangeAdminApiNetCore",
            "SessionId": "",
        }),
    );
}

fn file(record: &mut Obj, fact: &Fact<'_>, name: &str, kind: &str, dice: &mut Dice) {
    let site = match fact.workload {
        "OneDrive" => "https://contoso-my.sharepoint.com/personal/somebody_contoso_com/",
        _ => "https://contoso.sharepoint.com/sites/team/",
    };
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
    add(
        record,
        json!({
            "ObjectId": format!("{site}Shared Documents/{name}"),
            "SiteUrl": site,
            "SourceRelativeUrl": "Shared Documents",
            "SourceFileName": name,
            "SourceFileExtension": extension,
            "ItemType": kind,
            "ListItemUniqueId": dice.guid().to_string(),
            "EventSource": "SharePoint",
            "UserAgent": BROWSER,
            "MachineId": if dice.chance(200) { json!(dice.guid().to_string()) } else { Value::Null },
            "CorrelationId": dice.guid().to_string(),
            "AppAccessContext": {"CorrelationId": dice.guid().to_string(), "UniqueTokenId": dice.hex(22)},
        }),
    );
}

fn rule(record: &mut Obj, place: Place, name: &str, upn: &str, dice: &mut Dice) {
    let rules = json!([{"RuleId": dice.guid().to_string(), "RuleName": "High volume of credit cards", "Severity": "High", "Actions": ["BlockAccess", "NotifyUser"],
        "ConditionsMatched": {"SensitiveInformation": [{"SensitiveType": "50842eb7-edc8-4019-85dd-5a5c1f2bb085", "SensitiveInformationTypeName": "Credit Card Number", "Count": 1 + dice.below(40), "Confidence": 85}]}}]);
    add(
        record,
        json!({
            "PolicyDetails": [{"PolicyId": dice.guid().to_string(), "PolicyName": "Payment data", "Rules": rules}],
            "SensitiveInfoDetectionIsIncluded": true,
            "IncidentId": format!("{}-{}", dice.hex(8), dice.hex(4)),
            "ExceptionInfo": null,
        }),
    );
    let (key, meta): (&str, Map<String, Value>) = match place {
        Place::Site => (
            "SharePointMetaData",
            obj(
                json!({"FileName": name, "FileOwner": upn, "From": upn, "SiteCollectionUrl": "https://contoso.sharepoint.com/sites/team"}),
            ),
        ),
        Place::Mail => (
            "ExchangeMetaData",
            obj(
                json!({"From": upn, "To": ["buyer@fabrikam.example"], "Subject": name, "MessageID": format!("<{}@contoso.com>", dice.hex(12)), "RecipientCount": 1}),
            ),
        ),
        Place::Device => (
            "EndpointMetaData",
            obj(
                json!({"DeviceName": "WKS-0042", "FilePath": format!("C:\\Users\\{upn}\\{name}"), "EnforcementMode": 3, "TargetDomain": "filedrop.example.org"}),
            ),
        ),
    };
    record.insert("ObjectId".into(), json!(name));
    record.insert(key.into(), Value::Object(meta));
}
