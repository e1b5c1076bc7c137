//! One row of `AlertEvidence` from evidence in Graph's form.

use serde_json::{Value, json};

use super::super::World;
use super::super::stamp::Stamp;
use super::book::Book;

/// What all evidence of an alert shares.
pub(super) struct Head<'a> {
    pub at: Stamp,
    pub id: &'a str,
    pub title: &'a str,
    pub categories: &'a str,
    pub techniques: &'a str,
    pub service: &'a str,
    pub detection: &'a str,
    pub severity: &'a str,
    pub family: Option<&'a str>,
}

/// Account columns of a user.
pub(super) fn user(world: &World, book: &mut Book, user: usize) {
    account(book, &world.account(user));
}

fn account(book: &mut Book, account: &Value) {
    book.json("AccountName", &account["accountName"])
        .json("AccountDomain", &account["domainName"])
        .json("AccountSid", &account["userSid"])
        .json("AccountObjectId", &account["azureAdUserId"])
        .json("AccountUpn", &account["userPrincipalName"]);
}

fn file(book: &mut Book, details: &Value) {
    book.json("FileName", &details["fileName"])
        .json("FolderPath", &details["filePath"])
        .json("SHA1", &details["sha1"])
        .json("SHA256", &details["sha256"]);
    if let Some(size) = details["fileSize"].as_i64() {
        book.int("FileSize", size);
    }
}

fn device(world: &World, book: &mut Book, id: &Value) {
    let Some(id) = id.as_str() else { return };
    book.text("DeviceId", id);
    if let Some(machine) = world.machine_by_id(id) {
        book.text("DeviceName", world.machine_name(machine));
    }
}

/// The kind of entity, as this table calls it.
fn entity(kind: &str) -> &'static str {
    match kind {
        "userEvidence" => "User",
        "deviceEvidence" => "Machine",
        "fileEvidence" | "fileHashEvidence" => "File",
        "processEvidence" => "Process",
        "ipEvidence" => "Ip",
        "urlEvidence" => "Url",
        "registryKeyEvidence" => "RegistryKey",
        "registryValueEvidence" => "RegistryValue",
        "analyzedMessageEvidence" => "MailMessage",
        "mailClusterEvidence" => "MailCluster",
        "mailboxEvidence" => "Mailbox",
        "mailboxConfigurationEvidence" => "MailboxConfiguration",
        "oauthApplicationEvidence" | "servicePrincipalEvidence" => "OAuthApplication",
        "cloudApplicationEvidence" => "CloudApplication",
        "cloudLogonSessionEvidence" => "CloudLogonSession",
        "cloudLogonRequestEvidence" => "CloudLogonRequest",
        "hostLogonSessionEvidence" => "HostLogonSession",
        "securityGroupEvidence" => "SecurityGroup",
        "malwareEvidence" => "Malware",
        "dnsEvidence" => "DnsResolution",
        "networkConnectionEvidence" => "NetworkConnection",
        "submissionMailEvidence" => "SubmissionMail",
        "teamsMessageEvidence" => "TeamsMessage",
        "azureResourceEvidence" | "amazonResourceEvidence" | "googleCloudResourceEvidence" => {
            "CloudResource"
        }
        "blobEvidence" | "blobContainerEvidence" | "sasTokenEvidence" => "CloudStorage",
        k if k.starts_with("kubernetes") => "Kubernetes",
        k if k.starts_with("container") => "Container",
        k if k.starts_with("gitHub") => "GitHub",
        "ioTDeviceEvidence" | "nicEvidence" => "IoTDevice",
        _ => "Generic",
    }
}

/// Writes the row of one piece of evidence.
pub(super) fn row(world: &World, book: &mut Book, head: &Head<'_>, one: &Value) {
    let kind = one["@odata.type"]
        .as_str()
        .and_then(|t| t.rsplit('.').next())
        .unwrap_or_default();
    let impacted = matches!(
        kind,
        "userEvidence" | "deviceEvidence" | "mailboxEvidence" | "azureResourceEvidence"
    );
    book.at(head.at)
        .text("AlertId", head.id)
        .text("Title", head.title)
        .text("Categories", head.categories)
        .text("AttackTechniques", head.techniques)
        .text("ServiceSource", head.service)
        .text("DetectionSource", head.detection)
        .text("Severity", head.severity)
        .text("EntityType", entity(kind))
        .text(
            "EvidenceRole",
            if impacted { "Impacted" } else { "Related" },
        );
    let roles = one["roles"].as_array();
    if roles.is_some_and(|r| r.iter().any(|r| r == "source" || r == "attacker")) {
        book.text("EvidenceDirection", "Source");
    } else if roles.is_some_and(|r| r.iter().any(|r| r == "destination")) {
        book.text("EvidenceDirection", "Destination");
    }
    let mut more = json!({
        "Verdict": one["verdict"], "RemediationStatus": one["remediationStatus"], "Roles": one["roles"],
    });
    match kind {
        "userEvidence" => account(book, &one["userAccount"]),
        "deviceEvidence" => {
            device(world, book, &one["mdeDeviceId"]);
            book.json("LocalIP", &one["lastIpAddress"]);
            more["HostName"] = one["hostName"].clone();
            more["OSFamily"] = one["osPlatform"].clone();
        }
        "fileEvidence" => {
            file(book, &one["fileDetails"]);
            device(world, book, &one["mdeDeviceId"]);
            book.some("ThreatFamily", head.family);
            more["DetectionStatus"] = one["detectionStatus"].clone();
        }
        "processEvidence" => {
            file(book, &one["imageFile"]);
            device(world, book, &one["mdeDeviceId"]);
            account(book, &one["userAccount"]);
            book.json("ProcessCommandLine", &one["processCommandLine"]);
            more["ProcessId"] = one["processId"].clone();
            more["CreationTimeUtc"] = one["processCreationDateTime"].clone();
            more["ParentProcess"] = json!({
                "ProcessId": one["parentProcessId"], "FileName": one["parentProcessImageFile"]["fileName"],
            });
        }
        "ipEvidence" => {
            book.json("RemoteIP", &one["ipAddress"]);
            more["Location"] =
                json!({"CountryCode": one["countryLetterCode"], "City": one["location"]["city"]});
        }
        "urlEvidence" => {
            book.json("RemoteUrl", &one["url"]);
        }
        "registryKeyEvidence" | "registryValueEvidence" => {
            let key = [&one["registryHive"], &one["registryKey"]]
                .iter()
                .filter_map(|p| p.as_str())
                .collect::<Vec<_>>()
                .join("\\");
            book.text("RegistryKey", &key)
                .json("RegistryValueName", &one["registryValueName"])
                .json("RegistryValueData", &one["registryValue"]);
            device(world, book, &one["mdeDeviceId"]);
        }
        "analyzedMessageEvidence" => {
            book.json("NetworkMessageId", &one["networkMessageId"])
                .json("EmailSubject", &one["subject"])
                .json("RemoteIP", &one["senderIp"])
                .json("AccountUpn", &one["recipientEmailAddress"]);
            more["Recipient"] = one["recipientEmailAddress"].clone();
            more["Sender"] = one["p2Sender"]["emailAddress"].clone();
            more["InternetMessageId"] = one["internetMessageId"].clone();
        }
        "mailboxEvidence" => {
            account(book, &one["userAccount"]);
            more["MailboxPrimaryAddress"] = one["primaryAddress"].clone();
        }
        "mailboxConfigurationEvidence" => {
            book.json("AccountUpn", &one["upn"])
                .json("AccountObjectId", &one["externalDirectoryObjectId"]);
            more["ConfigurationType"] = one["configurationType"].clone();
        }
        "oauthApplicationEvidence" => {
            book.json("OAuthApplicationId", &one["appId"])
                .json("Application", &one["displayName"]);
        }
        "servicePrincipalEvidence" => {
            book.json("OAuthApplicationId", &one["appId"])
                .json("Application", &one["servicePrincipalName"]);
        }
        "cloudApplicationEvidence" => {
            book.json("Application", &one["displayName"]);
            if let Some(id) = one["saasAppId"].as_i64() {
                book.int("ApplicationId", id);
            }
        }
        "hostLogonSessionEvidence" => {
            account(book, &one["account"]["userAccount"]);
            device(world, book, &one["host"]["mdeDeviceId"]);
        }
        "malwareEvidence" => {
            book.json("ThreatFamily", &one["name"]);
        }
        "dnsEvidence" => {
            book.json("RemoteUrl", &one["domainName"])
                .json("RemoteIP", &one["ipAddresses"][0]["ipAddress"])
                .json("LocalIP", &one["hostIpAddress"]["ipAddress"]);
        }
        "networkConnectionEvidence" => {
            book.json("RemoteIP", &one["destinationAddress"]["ipAddress"])
                .json("LocalIP", &one["sourceAddress"]["ipAddress"]);
            more["DestinationPort"] = one["destinationPort"].clone();
        }
        "azureResourceEvidence" => {
            book.json("CloudResource", &one["resourceName"])
                .json("ResourceType", &one["resourceType"])
                .json("ResourceID", &one["resourceId"])
                .text("CloudPlatform", "Azure");
            let subscription = one["resourceId"]
                .as_str()
                .and_then(|id| id.split('/').nth(2));
            book.some("SubscriptionId", subscription);
        }
        "amazonResourceEvidence" => {
            book.json("CloudResource", &one["resourceName"])
                .json("ResourceType", &one["resourceType"])
                .json("ResourceID", &one["amazonResourceId"])
                .text("CloudPlatform", "Amazon Web Services");
        }
        "googleCloudResourceEvidence" => {
            book.json("CloudResource", &one["resourceName"])
                .json("ResourceType", &one["resourceType"])
                .json("ResourceID", &one["fullResourceName"])
                .text("CloudPlatform", "Google Cloud Platform");
        }
        _ => {
            let own = one.as_object().into_iter().flatten();
            more["Entity"] = Value::Object(
                own.filter(|(key, value)| {
                    !key.starts_with('@') && (value.is_string() || value.is_number())
                })
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            );
        }
    }
    book.text("AdditionalFields", &more.to_string());
    book.end();
}
