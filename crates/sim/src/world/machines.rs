//! What Defender for Endpoint says about one machine, and its own form of alerts.

use super::dice::Topic;
use super::systems::{Kind, SERVERS};
use super::{Obj, World, obj};
use serde_json::{Value, json};

impl World {
    /// `vmMetadata` of a machine in a cloud.
    pub(super) fn vm_metadata(&self, i: usize) -> Option<Value> {
        let kind = self.device(i).kind;
        let virtual_server = matches!(kind, Kind::Server | Kind::LinuxServer) && i % 3 != 1;
        if !virtual_server && kind != Kind::Virtual {
            return None;
        }
        let name = self.machine_name(i).split('.').next().unwrap_or_default();
        let provider = if i % 5 == 2 { "Unknown" } else { "Azure" };
        Some(json!({
            "vmId": self.seed.guid(Topic::Misc, 100_000 + i as u32).to_string(),
            "cloudProvider": provider,
            "resourceId": super::evidence_cloud::azure_id("rg-app", "Microsoft.Compute/virtualMachines", name),
            "subscriptionId": super::evidence_cloud::SUBSCRIPTION,
        }))
    }

    /// A machine with all its fields in the documented order.
    pub fn machine_json(&self, i: usize) -> Obj {
        let row = self.machine_row(i);
        let d = self.device(i);
        let mut dice = self.seed.dice(Topic::Machine, i as u64 | 1 << 40);
        let onboarded = row.onboarding == "Onboarded";
        let managed = match d.kind {
            Kind::Workstation | Kind::Virtual | Kind::Mac | Kind::Phone => "Intune",
            Kind::Domain | Kind::Server if i.is_multiple_of(2) => "MicrosoftDefenderForEndpoint",
            Kind::Domain | Kind::Server => "ConfigManager",
            _ => "Unknown",
        };
        let merged = d.merged_into.map(|other| self.machine_id(other));
        let mac = dice.hex(12).to_uppercase();
        let mut addresses = vec![
            json!({"ipAddress": row.last_ip, "macAddress": mac, "type": if d.kind == Kind::Phone { "Wireless80211" } else { "Ethernet" }, "operationalStatus": "Up"}),
            json!({"ipAddress": "127.0.0.1", "macAddress": null, "type": "SoftwareLoopback", "operationalStatus": "Up"}),
        ];
        if d.kind == Kind::Workstation {
            let ip = if i % 4 == 1 {
                String::new()
            } else {
                format!("169.254.{}.{}", i / 256 % 256, i % 256)
            };
            addresses.push(json!({"ipAddress": ip, "macAddress": dice.hex(12).to_uppercase(), "type": "Wireless80211", "operationalStatus": "Down"}));
        }
        if d.kind == Kind::Workstation && i % 11 == 3 {
            addresses.push(json!({"ipAddress": format!("2001:db8:{:x}::{:x}", i % 65_535, i), "macAddress": null, "type": "Tunnel", "operationalStatus": "Up"}));
        }
        let agent = match d.system.platform {
            "macOS" => "101.24092.0002",
            "Ubuntu" | "Debian" | "RedHatEnterpriseLinux" => "30.124092.1.0",
            "iOS" | "Android" => "1.0.6512.0102",
            _ => "10.8760.26100.2314",
        };
        obj(json!({
            "id": row.id,
            "mergedIntoMachineId": merged,
            "isPotentialDuplication": d.name_of.is_some(),
            "isExcluded": d.excluded.is_some(),
            "exclusionReason": d.excluded,
            "computerDnsName": row.dns_name,
            "firstSeen": row.first_seen.to_string(),
            "lastSeen": row.last_seen.to_string(),
            "osPlatform": row.os_platform,
            "osVersion": null,
            "osProcessor": if d.kind == Kind::Mac { "arm64" } else { "x64" },
            "version": row.version,
            "lastIpAddress": row.last_ip,
            "lastExternalIpAddress": World::egress(d.office).to_string(),
            "agentVersion": if onboarded { json!(agent) } else { Value::Null },
            "osBuild": d.system.build,
            "healthStatus": row.health,
            "deviceValue": row.device_value,
            "rbacGroupId": row.rbac_group_id,
            "rbacGroupName": row.rbac_group,
            "riskScore": row.risk,
            "exposureLevel": row.exposure,
            "isAadJoined": match i % 13 { 5 => Value::Null, _ => json!(row.aad_device_id.is_some()) },
            "aadDeviceId": row.aad_device_id.map(|id| id.to_string()),
            "machineTags": row.tags,
            "onboardingStatus": row.onboarding,
            "osArchitecture": if row.os_platform == "Windows7" { "32-bit" } else { "64-bit" },
            "managedBy": managed,
            "managedByStatus": if managed == "Unknown" { "Unknown" } else { "Success" },
            "ipAddresses": addresses,
            "vmMetadata": if i == SERVERS.len() { None } else { self.vm_metadata(i) },
        }))
    }

    /// An alert as Defender for Endpoint's own alert list writes it. None for alerts of other services, which it does not have.
    /// `expand` adds the evidence.
    pub fn mde_alert_json(&self, alert: usize, expand: bool) -> Option<Obj> {
        let (frame, k) = self.alert_frame(alert);
        let (spec, _) = frame.spec(k);
        if spec.source.prefix != "da" {
            return None;
        }
        let flow = self.flow(&frame);
        let row = self.alert_row_of(&frame, &flow, k);
        let own = self.alert_flow(&frame, &flow, k);
        let (machines, users) = self.alert_cast(&frame, k);
        let machine = machines.first().copied();
        let user = users.first().map(|&u| self.user_row(u));
        let related = user.map(|u| json!({"userName": u.account, "domainName": "CONTOSO"}));
        let logged_on: Vec<Value> = machine
            .map(|m| self.machine_users(m))
            .unwrap_or_default()
            .into_iter()
            .take(2)
            .map(|u| json!({"accountName": self.user_row(u).account, "domainName": "CONTOSO"}))
            .collect();
        let detection = match spec.source.detection {
            "antivirus" => "WindowsDefenderAv",
            "smartScreen" => "WindowsDefenderSmartScreen",
            "customTi" => "CustomerTI",
            "automatedInvestigation" => "AutomatedInvestigation",
            "microsoftThreatExperts" => "MTP",
            "manual" => "Manual",
            _ => "WindowsDefenderAtp",
        };
        let determination = row.determination.map(|d| match d {
            "compromisedAccount" => "CompromisedUser".to_owned(),
            "notMalicious" => "Clean".to_owned(),
            "notEnoughDataToValidate" => "InsufficientData".to_owned(),
            "confirmedActivity" => "ConfirmedUserActivity".to_owned(),
            other => upper_first(other),
        });
        let mut all = obj(json!({
            "id": self.alert_id_of(&frame, k),
            "incidentId": row.incident,
            "investigationId": if frame.ordinal(k).is_multiple_of(5) { json!(frame.ordinal(k) % 9_000 + 100) } else { Value::Null },
            "assignedTo": row.assigned_to,
            "severity": upper_first(row.severity),
            "status": upper_first(row.status),
            "classification": row.classification.filter(|c| *c != "unknown").map(upper_first),
            "determination": determination,
            "investigationState": upper_first(own.investigation),
            "detectionSource": detection,
            "detectorId": self.seed.dice(Topic::Misc, super::people::text_hash(spec.title)).guid().to_string(),
            "category": spec.category,
            "threatFamilyName": spec.threat.map(|t| t.1),
            "threatName": spec.threat.map(|t| t.0),
            "title": super::story::special::expand(spec.title),
            "description": spec.about,
            "alertCreationTime": row.created.to_string(),
            "firstEventTime": row.first_activity.to_string(),
            "lastEventTime": row.last_activity.to_string(),
            "lastUpdateTime": row.updated.digits(2).to_string(),
            "resolvedTime": own.resolved.map(|at| at.to_string()),
            "machineId": machine.map(|m| self.machine_id(m)),
            "computerDnsName": machine.map(|m| self.machine_name(m)),
            "rbacGroupName": machine.and_then(|m| self.device(m).group.1),
            "aadTenantId": self.tenant.to_string(),
            "mitreTechniques": spec.techniques,
            "relatedUser": related,
            "loggedOnUsers": logged_on,
            "comments": [],
            "evidence": [],
        }));
        if expand {
            let (_, evidence) = self.play(&frame, &flow, Some(k));
            let rows: Vec<Value> = evidence.iter().filter_map(mde_evidence).collect();
            all.insert("evidence".to_owned(), Value::Array(rows));
        }
        Some(all)
    }
}

/// Evidence in the form of the older list: every key present, nulls explicit. None for kinds it does not know.
fn mde_evidence(evidence: &Value) -> Option<Value> {
    let kind = evidence["@odata.type"].as_str()?.rsplit('.').next()?;
    let mut all = json!({
        "entityType": null, "evidenceCreationTime": evidence["createdDateTime"], "sha1": null, "sha256": null, "fileName": null,
        "filePath": null, "processId": null, "processCommandLine": null, "processCreationTime": null, "parentProcessId": null,
        "parentProcessCreationTime": null, "parentProcessFileName": null, "parentProcessFilePath": null, "ipAddress": null, "url": null,
        "registryKey": null, "registryHive": null, "registryValueType": null, "registryValue": null, "registryValueName": null,
        "accountName": null, "domainName": null, "userSid": null, "aadUserId": null, "userPrincipalName": null, "detectionStatus": null,
    });
    let mut put = |key: &str, value: &Value| all[key] = value.clone();
    let entity = match kind {
        "fileEvidence" => {
            let file = &evidence["fileDetails"];
            for key in ["sha1", "sha256", "fileName", "filePath"] {
                put(key, &file[key]);
            }
            "File"
        }
        "processEvidence" => {
            let image = &evidence["imageFile"];
            for key in ["sha1", "sha256", "fileName", "filePath"] {
                put(key, &image[key]);
            }
            put("processId", &evidence["processId"]);
            put("processCommandLine", &evidence["processCommandLine"]);
            put("processCreationTime", &evidence["processCreationDateTime"]);
            put("parentProcessId", &evidence["parentProcessId"]);
            put(
                "parentProcessCreationTime",
                &evidence["parentProcessCreationDateTime"],
            );
            put(
                "parentProcessFileName",
                &evidence["parentProcessImageFile"]["fileName"],
            );
            put(
                "parentProcessFilePath",
                &evidence["parentProcessImageFile"]["filePath"],
            );
            "Process"
        }
        "ipEvidence" => {
            put("ipAddress", &evidence["ipAddress"]);
            "Ip"
        }
        "urlEvidence" => {
            put("url", &evidence["url"]);
            "Url"
        }
        "registryValueEvidence" | "registryKeyEvidence" => {
            for key in [
                "registryKey",
                "registryHive",
                "registryValueType",
                "registryValue",
                "registryValueName",
            ] {
                put(key, &evidence[key]);
            }
            "Registry"
        }
        "userEvidence" => {
            let account = &evidence["userAccount"];
            for key in ["accountName", "domainName", "userSid", "userPrincipalName"] {
                put(key, &account[key]);
            }
            put("aadUserId", &account["azureAdUserId"]);
            "User"
        }
        _ => return None,
    };
    put("entityType", &json!(entity));
    if let Some(status) = evidence["detectionStatus"].as_str() {
        put("detectionStatus", &json!(upper_first(status)));
    }
    Some(all)
}

/// `inProgress` as this host writes it: `InProgress`.
fn upper_first(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
