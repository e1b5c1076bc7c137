//! Evidence of an alert in Graph's form: users, machines, files, processes, addresses, mails. Clouds and the rest: `evidence_cloud`.

use super::stamp::{DAY, Stamp};
use super::story::facts::{Address, File, Mail, Process};
use super::{Obj, World, obj};
use serde_json::{Value, json};

/// The fields that every kind of evidence has.
#[derive(Clone, Debug)]
pub struct Mark {
    pub at: Stamp,
    pub verdict: &'static str,
    pub remediation: &'static str,
    pub roles: Vec<&'static str>,
    pub detailed: Vec<&'static str>,
    pub tags: Vec<&'static str>,
}

impl Mark {
    fn fields(&self) -> Obj {
        obj(json!({
            "createdDateTime": self.at.digits(7).to_string(),
            "verdict": self.verdict,
            "remediationStatus": self.remediation,
            "remediationStatusDetails": match self.remediation {
                "prevented" => json!("Blocked before it ran"),
                "pendingApproval" => json!("Waits for an analyst in the action center"),
                _ => Value::Null,
            },
            "roles": self.roles,
            "detailedRoles": self.detailed,
            "tags": self.tags,
        }))
    }

    /// Evidence of that kind with its own fields.
    pub fn evidence(&self, kind: &str, own: Value) -> Obj {
        let mut all = obj(json!({"@odata.type": format!("#microsoft.graph.security.{kind}")}));
        all.extend(self.fields());
        all.extend(obj(own));
        all
    }

    /// Evidence inside other evidence: the type is the declared one, so the service leaves it out.
    pub fn nested(&self, own: Value) -> Value {
        let mut all = self.fields();
        all.extend(obj(own));
        Value::Object(all)
    }
}

/// File details; `full` adds what the service knows only of files it has a copy of.
pub fn file_details(file: &File) -> Value {
    let (sha1, sha256, md5) = file.hashes();
    json!({
        "sha1": sha1,
        "sha256": sha256,
        "md5": md5,
        "sha256Ac": null,
        "fileName": file.name,
        "filePath": file.folder,
        "fileSize": file.size,
        "filePublisher": file.signer,
        "signer": file.signer,
        "issuer": file.signer.map(|s| if s.starts_with("Microsoft") { "Microsoft Windows Production PCA 2011" } else { "Contoso Test Issuing CA" }),
    })
}

pub fn geo(address: &Address) -> Value {
    json!({
        "city": address.place.city,
        "state": address.place.state,
        "countryName": address.place.country,
        "latitude": address.place.latitude,
        "longitude": address.place.longitude,
    })
}

/// An address as the field of other evidence.
pub fn nested_ip(mark: &Mark, ip: &str) -> Value {
    mark.nested(
        json!({"ipAddress": ip, "countryLetterCode": null, "location": null, "stream": null}),
    )
}

impl World {
    /// `userAccount` of a user.
    pub(super) fn account(&self, user: usize) -> Value {
        let row = self.user_row(user);
        json!({
            "accountName": row.account,
            "domainName": if row.synced { "contoso" } else { "contoso.onmicrosoft.com" },
            "userSid": if row.synced { self.user_sid(user) } else { super::directory::cloud_sid(row.id) },
            "azureAdUserId": row.id.to_string(),
            "userPrincipalName": row.upn,
            "displayName": row.display,
            "activeDirectoryObjectGuid": if row.synced { json!(self.seed.guid(super::dice::Topic::UserSid, user as u32).to_string()) } else { Value::Null },
            "tenantId": self.tenant.to_string(),
            "resourceAccessEvents": [],
        })
    }

    pub(super) fn user_evidence(&self, mark: &Mark, user: usize) -> Obj {
        mark.evidence(
            "userEvidence",
            json!({"stream": null, "userAccount": self.account(user)}),
        )
    }

    /// Fields of `deviceEvidence`.
    pub(super) fn device_fields(&self, device: usize) -> Value {
        let row = self.machine_row(device);
        let d = self.device(device);
        let name = row.dns_name;
        let (host, domain) = name.split_once('.').unwrap_or((name, ""));
        let logged_on: Vec<Value> = self
            .machine_users(device)
            .into_iter()
            .take(4)
            .map(|u| {
                let row = self.user_row(u);
                json!({"accountName": row.account, "domainName": if row.synced { "CONTOSO" } else { "AzureAD" }})
            })
            .collect();
        let vm = self.vm_metadata(device).map(|mut vm| {
            let provider = vm["cloudProvider"].as_str().map(lower_first);
            vm["cloudProvider"] = json!(if device % 7 == 3 {
                Some("otherCloud".to_owned())
            } else {
                provider
            });
            vm
        });
        json!({
            "firstSeenDateTime": row.first_seen.to_string(),
            "mdeDeviceId": row.id,
            "azureAdDeviceId": row.aad_device_id.map(|id| id.to_string()),
            "deviceDnsName": name,
            "hostName": host,
            "ntDomain": if domain.is_empty() { Value::Null } else { json!("CONTOSO") },
            "dnsDomain": if domain.is_empty() { Value::Null } else { json!(domain) },
            "osPlatform": row.os_platform,
            "osBuild": d.system.build,
            "version": row.version,
            "healthStatus": lower_first(row.health),
            "riskScore": row.risk.map(lower_first),
            "rbacGroupId": row.rbac_group_id,
            "rbacGroupName": row.rbac_group,
            "onboardingStatus": lower_first(row.onboarding),
            "defenderAvStatus": (["updated", "updated", "updated", "notUpdated", "disabled", "notReporting", "unknown", "notSupported"])[device % 8],
            "lastIpAddress": row.last_ip,
            "lastExternalIpAddress": World::egress(d.office).to_string(),
            "ipInterfaces": [row.last_ip, "127.0.0.1", format!("fe80::{:x}", 0x1000 + device)],
            "loggedOnUsers": logged_on,
            "resourceAccessEvents": [],
            "vmMetadata": vm,
        })
    }

    pub(super) fn device_evidence(&self, mark: &Mark, device: usize) -> Obj {
        mark.evidence("deviceEvidence", self.device_fields(device))
    }

    pub(super) fn file_evidence(
        &self,
        mark: &Mark,
        file: &File,
        device: Option<usize>,
        detection: &str,
    ) -> Obj {
        mark.evidence(
            "fileEvidence",
            json!({
                "detectionStatus": detection,
                "mdeDeviceId": device.map(|d| self.machine_id(d)),
                "fileDetails": file_details(file),
            }),
        )
    }

    pub(super) fn process_evidence(
        &self,
        mark: &Mark,
        process: &Process,
        device: Option<usize>,
        user: Option<usize>,
        detection: &str,
    ) -> Obj {
        let parent = process.parent.as_ref();
        mark.evidence(
            "processEvidence",
            json!({
                "processId": process.id,
                "parentProcessId": parent.map(|p| p.0),
                "processCommandLine": process.command,
                "processCreationDateTime": process.created.to_string(),
                "parentProcessCreationDateTime": parent.map(|p| p.1.to_string()),
                "detectionStatus": detection,
                "mdeDeviceId": device.map(|d| self.machine_id(d)),
                "imageFile": file_details(&process.image),
                "parentProcessImageFile": parent.map(|p| file_details(&p.2)),
                "userAccount": user.map(|u| self.account(u)),
            }),
        )
    }

    pub(super) fn mail_evidence(&self, mark: &Mark, mail: &Mail) -> Obj {
        let (address, display) = &mail.sender;
        let domain = address.rsplit('@').next().unwrap_or_default();
        let sender = json!({"emailAddress": address, "displayName": display, "domainName": domain});
        mark.evidence(
            "analyzedMessageEvidence",
            json!({
                "networkMessageId": mail.network_id.to_string(),
                "internetMessageId": format!("<{:016x}@{domain}>", mail.network_id.0 as u64),
                "subject": mail.subject,
                "language": "en",
                "senderIp": mail.from.ip.to_string(),
                "recipientEmailAddress": self.user_row(mail.recipient).mail,
                "antiSpamDirection": if domain == "contoso.com" { "intraOrg" } else { "inbound" },
                "deliveryAction": mail.delivery,
                "deliveryLocation": mail.location,
                "urn": format!("urn:MailEntity:{:032x}", mail.network_id.0),
                "threats": mail.threats,
                "threatDetectionMethods": mail.methods,
                "urls": mail.urls,
                "urlCount": mail.urls.len(),
                "attachmentsCount": mail.attachments.len(),
                "receivedDateTime": mail.received.to_string(),
                "p1Sender": sender,
                "p2Sender": sender,
            }),
        )
    }

    pub(super) fn ip_evidence(&self, mark: &Mark, address: &Address) -> Obj {
        mark.evidence(
            "ipEvidence",
            json!({
                "ipAddress": address.ip.to_string(),
                "countryLetterCode": address.place.letters,
                "location": geo(address),
                "stream": null,
            }),
        )
    }

    /// `cloudLogonSessionEvidence` of a sign-in.
    pub(super) fn session_evidence(&self, mark: &Mark, user: usize, agent: &str, id: &str) -> Obj {
        let chrome = agent.contains("Chrome");
        mark.evidence(
            "cloudLogonSessionEvidence",
            json!({
                "account": mark.nested(json!({"stream": null, "userAccount": self.account(user)})),
                "browser": if chrome { "Chrome 131" } else { "Firefox 128" },
                "deviceName": null,
                "operatingSystem": if agent.contains("Linux") { "Linux" } else { "Windows 10" },
                "previousLogonDateTime": mark.at.plus(-DAY).to_string(),
                "protocol": "OAuth2:Authorize",
                "sessionId": id,
                "startUtcDateTime": mark.at.to_string(),
                "userAgent": agent,
            }),
        )
    }
}

/// `Active` as Graph writes it: `active`.
pub fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
