//! Evidence of an alert: a row for each of the subtypes the service documents, and the base fields for those it does not.
//!
//! Source of the subtypes and their fields: `security.alertEvidence` of Microsoft Graph v1.0.

use super::parts::{remediation_tone, verdict_tone};
use crate::model::{EntityRef, Json, Ticks};
use crate::resource::doc::{Tone, Value};
use table::Text;

/// A subtype: its wire name, our noun for a group of them, where its name stands, and what else is worth a line.
pub struct Subtype {
    pub wire: &'static str,
    pub noun: &'static str,
    /// The first of these paths that has a value names the piece of evidence.
    pub label: &'static [&'static str],
    /// Paths of further values, with the words shown before them.
    pub more: &'static [(&'static str, &'static str)],
}

macro_rules! subtypes {
    ($($wire:literal $noun:literal [$($label:literal)*] [$($name:literal = $path:literal),*])*) => {
        &[$(Subtype { wire: $wire, noun: $noun, label: &[$($label),*], more: &[$(($name, $path)),*] }),*]
    };
}

/// Every subtype, in the order in which groups are shown: people and machines first.
pub static SUBTYPES: &[Subtype] = subtypes! {
    "userEvidence" "users" ["userAccount/userPrincipalName" "userAccount/displayName" "userAccount/accountName" "userAccount/userSid"] ["domain" = "userAccount/domainName", "name" = "userAccount/displayName", "SID" = "userAccount/userSid"]
    "deviceEvidence" "devices" ["deviceDnsName" "hostName" "mdeDeviceId"] ["os" = "osPlatform", "version" = "version", "health" = "healthStatus", "risk" = "riskScore", "onboarding" = "onboardingStatus", "antivirus" = "defenderAvStatus", "address" = "lastIpAddress", "external" = "lastExternalIpAddress", "group" = "rbacGroupName", "cloud" = "vmMetadata/cloudProvider", "resource" = "vmMetadata/resourceId"]
    "mailboxEvidence" "mailboxes" ["primaryAddress" "upn" "displayName"] ["name" = "displayName"]
    "processEvidence" "processes" ["imageFile/fileName" "processCommandLine"] ["pid" = "processId", "command line" = "processCommandLine", "path" = "imageFile/filePath", "parent" = "parentProcessImageFile/fileName", "parent pid" = "parentProcessId", "user" = "userAccount/accountName", "started" = "processCreationDateTime", "detection" = "detectionStatus", "SHA-1" = "imageFile/sha1"]
    "fileEvidence" "files" ["fileDetails/fileName" "fileDetails/sha256" "fileDetails/sha1"] ["path" = "fileDetails/filePath", "SHA-256" = "fileDetails/sha256", "SHA-1" = "fileDetails/sha1", "signer" = "fileDetails/signer", "issuer" = "fileDetails/issuer", "publisher" = "fileDetails/filePublisher", "size" = "fileDetails/fileSize", "detection" = "detectionStatus"]
    "fileHashEvidence" "file hashes" ["value"] ["algorithm" = "algorithm"]
    "ipEvidence" "addresses" ["ipAddress"] ["country" = "countryLetterCode", "city" = "location/city"]
    "urlEvidence" "URLs" ["url"] []
    "dnsEvidence" "DNS names" ["domainName"] ["server" = "dnsServerIp/ipAddress", "host" = "hostIpAddress/ipAddress"]
    "networkConnectionEvidence" "connections" ["destinationAddress/ipAddress"] ["port" = "destinationPort", "protocol" = "protocol", "from" = "sourceAddress/ipAddress", "from port" = "sourcePort"]
    "analyzedMessageEvidence" "messages" ["subject" "internetMessageId" "networkMessageId"] ["from" = "p2Sender/emailAddress", "envelope from" = "p1Sender/emailAddress", "to" = "recipientEmailAddress", "delivery" = "deliveryAction", "place" = "deliveryLocation", "sender address" = "senderIp", "received" = "receivedDateTime", "message id" = "internetMessageId", "network message id" = "networkMessageId"]
    "mailClusterEvidence" "mail clusters" ["clusterByValue" "clusterBy" "urn"] ["by" = "clusterBy", "mails" = "emailCount", "query" = "query"]
    "submissionMailEvidence" "reported mails" ["subject" "networkMessageId"] ["from" = "sender", "to" = "recipient", "reported as" = "reportType", "by" = "submitter"]
    "mailboxConfigurationEvidence" "mailbox settings" ["displayName" "configurationType" "configurationId"] ["type" = "configurationType", "mailbox" = "mailboxPrimaryAddress", "user" = "upn"]
    "teamsMessageEvidence" "Teams messages" ["subject" "messageId"] ["from" = "senderFromAddress", "address" = "senderIP", "delivery" = "deliveryAction", "external" = "isExternal", "thread" = "threadId"]
    "malwareEvidence" "malware" ["name"] ["category" = "category"]
    "registryKeyEvidence" "registry keys" ["registryKey"] ["hive" = "registryHive"]
    "registryValueEvidence" "registry values" ["registryValueName" "registryKey"] ["key" = "registryKey", "value" = "registryValue", "type" = "registryValueType", "hive" = "registryHive"]
    "hostLogonSessionEvidence" "logon sessions" ["account/userAccount/accountName" "account/userAccount/userPrincipalName" "sessionId"] ["host" = "host/deviceDnsName", "from" = "startUtcDateTime", "until" = "endUtcDateTime", "session" = "sessionId"]
    "cloudLogonSessionEvidence" "cloud sessions" ["account/userAccount/userPrincipalName" "sessionId"] ["browser" = "browser", "device" = "deviceName", "os" = "operatingSystem", "agent" = "userAgent", "protocol" = "protocol", "session" = "sessionId", "from" = "startUtcDateTime"]
    "cloudLogonRequestEvidence" "cloud sign-ins" ["requestId"] []
    "cloudApplicationEvidence" "cloud apps" ["displayName" "instanceName" "appId"] ["instance" = "instanceName", "app id" = "appId"]
    "oauthApplicationEvidence" "OAuth apps" ["displayName" "appId"] ["app id" = "appId", "object id" = "objectId", "publisher" = "publisher"]
    "servicePrincipalEvidence" "service principals" ["servicePrincipalName" "appId"] ["type" = "servicePrincipalType", "app id" = "appId", "object id" = "servicePrincipalObjectId", "owner tenant" = "appOwnerTenantId"]
    "securityGroupEvidence" "groups" ["displayName" "friendlyName" "distinguishedName"] ["SID" = "sid", "dn" = "distinguishedName"]
    "activeDirectoryDomainEvidence" "AD domains" ["activeDirectoryDomainName"] []
    "azureResourceEvidence" "Azure resources" ["resourceName" "resourceId"] ["type" = "resourceType", "id" = "resourceId"]
    "amazonResourceEvidence" "AWS resources" ["resourceName" "amazonResourceId"] ["type" = "resourceType", "account" = "amazonAccountId", "id" = "amazonResourceId"]
    "googleCloudResourceEvidence" "Google Cloud resources" ["resourceName" "fullResourceName"] ["type" = "resourceType", "project" = "projectId", "location" = "location", "id" = "fullResourceName"]
    "blobContainerEvidence" "blob containers" ["name" "url"] ["url" = "url", "storage" = "storageResource/resourceName"]
    "blobEvidence" "blobs" ["name" "url"] ["url" = "url", "container" = "blobContainer/name"]
    "sasTokenEvidence" "SAS tokens" ["signatureHash"] ["protocol" = "protocol", "addresses" = "allowedIpAddresses", "from" = "startDateTime", "until" = "expiryDateTime", "storage" = "storageResource/resourceName"]
    "containerEvidence" "containers" ["name" "containerId"] ["privileged" = "isPrivileged", "image" = "image/imageId", "pod" = "pod/name"]
    "containerImageEvidence" "container images" ["imageId"] ["registry" = "registry/registry"]
    "containerRegistryEvidence" "container registries" ["registry"] []
    "kubernetesClusterEvidence" "Kubernetes clusters" ["name"] ["platform" = "platform", "version" = "version", "distribution" = "distribution"]
    "kubernetesControllerEvidence" "Kubernetes controllers" ["name"] ["type" = "type", "namespace" = "namespace/name"]
    "kubernetesNamespaceEvidence" "Kubernetes namespaces" ["name"] ["cluster" = "cluster/name"]
    "kubernetesPodEvidence" "Kubernetes pods" ["name"] ["namespace" = "namespace/name", "address" = "podIp/ipAddress", "controller" = "controller/name"]
    "kubernetesSecretEvidence" "Kubernetes secrets" ["name"] ["type" = "secretType", "namespace" = "namespace/name"]
    "kubernetesServiceAccountEvidence" "Kubernetes accounts" ["name"] ["namespace" = "namespace/name"]
    "kubernetesServiceEvidence" "Kubernetes services" ["name"] ["type" = "serviceType", "address" = "clusterIP/ipAddress", "namespace" = "namespace/name"]
    "gitHubOrganizationEvidence" "GitHub organizations" ["displayName" "login"] ["company" = "company", "url" = "webUrl"]
    "gitHubRepoEvidence" "GitHub repositories" ["baseUrl" "repoId"] ["owner" = "owner", "login" = "login"]
    "gitHubUserEvidence" "GitHub users" ["login" "name"] ["name" = "name", "mail" = "email"]
    "ioTDeviceEvidence" "IoT devices" ["deviceName" "deviceId"] ["type" = "deviceType", "maker" = "manufacturer", "model" = "model", "os" = "operatingSystem", "address" = "ipAddress/ipAddress", "serial" = "serialNumber", "site" = "site", "zone" = "zone"]
    "nicEvidence" "network adapters" ["macAddress" "ipAddress/ipAddress"] ["address" = "ipAddress/ipAddress"]
    "aiAgentEvidence" "AI agents" ["agentName" "agentId"] ["platform" = "hostingPlatformType", "id" = "agentId"]
};

/// One piece of evidence.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    pub json: Json<'a>,
}

impl<'a> Evidence<'a> {
    /// The evidence of an alert, in the order it came.
    pub fn of(alert: Json<'a>) -> impl Iterator<Item = Evidence<'a>> {
        alert.list("evidence").map(|json| Evidence { json })
    }

    pub fn subtype(self) -> Option<&'static Subtype> {
        let wire = self.json.odata_type()?;
        SUBTYPES.iter().find(|s| s.wire.eq_ignore_ascii_case(wire))
    }

    /// The place of its group; unknown subtypes come last.
    pub fn group(self) -> usize {
        let wire = self.json.odata_type().unwrap_or_default();
        SUBTYPES
            .iter()
            .position(|s| s.wire.eq_ignore_ascii_case(wire))
            .unwrap_or(SUBTYPES.len())
    }

    /// The name of its group; an unknown subtype under the service's own word.
    pub fn noun(self) -> String {
        match self.subtype() {
            Some(s) => s.noun.to_owned(),
            None => table::Text::from(self.json.odata_type().unwrap_or("evidence"))
                .txt()
                .shown()
                .into_owned(),
        }
    }

    /// What names it; where the documented fields are missing, the first text there is.
    pub fn label(self) -> Option<Text> {
        let named = self
            .subtype()
            .and_then(|s| s.label.iter().find_map(|p| self.json.path(p).as_text()));
        named.or_else(|| {
            self.json
                .fields()
                .filter(|(name, _)| !BASE.contains(name))
                .find_map(|(_, v)| v.as_text())
        })
    }

    /// Further values with their names.
    pub fn more(self) -> Vec<(&'static str, Value)> {
        let Some(subtype) = self.subtype() else {
            return Vec::new();
        };
        subtype
            .more
            .iter()
            .filter_map(|(name, path)| {
                let v = self.json.path(path);
                let value = match v
                    .as_str()
                    .filter(|_| path.ends_with("DateTime"))
                    .and_then(Ticks::parse)
                {
                    Some(t) => Value::Time(t),
                    None => match v.0 {
                        serde_json::Value::Bool(b) => {
                            Value::Own(if *b { "yes" } else { "no" }.into())
                        }
                        _ => Value::Text(v.as_text()?),
                    },
                };
                Some((*name, value))
            })
            .collect()
    }

    /// What it refers to, with every id the evidence carries.
    pub fn entity(self) -> Option<EntityRef> {
        let j = self.json;
        let file = |f: Json<'_>| {
            let file = EntityRef::File {
                sha1: f.text("sha1"),
                sha256: f.text("sha256"),
                md5: f.text("md5"),
                name: f.text("fileName"),
            };
            file.value().is_some().then_some(file)
        };
        match j.odata_type()? {
            "userEvidence" => account(j.at("userAccount")),
            "mailboxEvidence" => Some(EntityRef::User {
                id: j.path("userAccount/azureAdUserId").as_text(),
                upn: j.text("upn").or_else(|| j.text("primaryAddress")),
                sid: None,
                name: None,
            })
            .filter(|u| u.value().is_some()),
            "mailboxConfigurationEvidence" => Some(EntityRef::User {
                id: j.text("externalDirectoryObjectId"),
                upn: j.text("upn").or_else(|| j.text("mailboxPrimaryAddress")),
                sid: None,
                name: None,
            })
            .filter(|u| u.value().is_some()),
            "cloudLogonSessionEvidence" | "hostLogonSessionEvidence" => {
                account(j.path("account/userAccount"))
            }
            "deviceEvidence" => device(j),
            "fileEvidence" => file(j.at("fileDetails")),
            "processEvidence" => file(j.at("imageFile")),
            "fileHashEvidence" => {
                let v = j.text("value")?;
                let hash = |is: &str| {
                    j.str("algorithm")
                        .is_some_and(|a| a.eq_ignore_ascii_case(is))
                        .then(|| v.clone())
                };
                Some(EntityRef::File {
                    sha1: hash("sha1"),
                    sha256: hash("sha256"),
                    md5: hash("md5"),
                    name: None,
                })
                .filter(|f| f.value().is_some())
            }
            "ipEvidence" => j.text("ipAddress").map(EntityRef::Ip),
            "networkConnectionEvidence" => j
                .path("destinationAddress/ipAddress")
                .as_text()
                .map(EntityRef::Ip),
            "urlEvidence" => j.text("url").map(EntityRef::Url),
            "blobEvidence" | "blobContainerEvidence" => j.text("url").map(EntityRef::Url),
            "dnsEvidence" => j.text("domainName").map(EntityRef::Domain),
            "activeDirectoryDomainEvidence" => {
                j.text("activeDirectoryDomainName").map(EntityRef::Domain)
            }
            "analyzedMessageEvidence" | "submissionMailEvidence" => Some(EntityRef::Mail {
                network_message_id: j.text("networkMessageId"),
                address: j
                    .text("recipientEmailAddress")
                    .or_else(|| j.text("recipient")),
            })
            .filter(|m| m.value().is_some()),
            _ => self.label().map(EntityRef::Word),
        }
    }

    pub fn verdict(self) -> Option<(Tone, String)> {
        let word = self.json.str("verdict")?;
        Some((verdict_tone(word), shown(word)))
    }

    pub fn remediation(self) -> Option<(Tone, String)> {
        let word = self
            .json
            .str("remediationStatus")
            .filter(|w| !w.eq_ignore_ascii_case("none"))?;
        Some((remediation_tone(word), shown(word)))
    }

    pub fn roles(self) -> String {
        let words: Vec<String> = self
            .json
            .list("roles")
            .chain(self.json.list("detailedRoles"))
            .filter_map(|r| r.as_str().map(shown))
            .collect();
        words.join(", ")
    }
}

/// Base fields that every piece of evidence has.
const BASE: &[&str] = &[
    "createdDateTime",
    "verdict",
    "remediationStatus",
    "remediationStatusDetails",
    "roles",
    "detailedRoles",
    "tags",
];

fn shown(word: &str) -> String {
    Text::from(word).txt().shown().into_owned()
}

/// A `userAccount` object.
pub fn account(u: Json<'_>) -> Option<EntityRef> {
    let user = EntityRef::User {
        id: u.text("azureAdUserId"),
        upn: u.text("userPrincipalName"),
        sid: u.text("userSid"),
        name: u.text("accountName"),
    };
    user.value().is_some().then_some(user)
}

/// A `deviceEvidence` object.
pub fn device(d: Json<'_>) -> Option<EntityRef> {
    let device = EntityRef::Device {
        machine: d.text("mdeDeviceId"),
        azure: d.text("azureAdDeviceId"),
        name: d.text("deviceDnsName").or_else(|| d.text("hostName")),
    };
    device.value().is_some().then_some(device)
}

/// Everything an alert's evidence refers to, each once, people and machines first.
pub fn refs(alert: Json<'_>) -> Vec<EntityRef> {
    let mut items: Vec<(usize, EntityRef)> = Evidence::of(alert)
        .filter_map(|e| e.entity().map(|r| (e.group(), r)))
        .collect();
    items.sort_by_key(|(group, _)| *group);
    let mut out: Vec<EntityRef> = Vec::new();
    for (_, r) in items {
        if !out.contains(&r) {
            out.push(r);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_documented_subtypes_have_a_row_once() {
        assert_eq!(SUBTYPES.len(), 48);
        for (n, s) in SUBTYPES.iter().enumerate() {
            assert!(
                SUBTYPES[n + 1..].iter().all(|o| o.wire != s.wire),
                "{}",
                s.wire
            );
            assert!(!s.label.is_empty(), "{}", s.wire);
        }
    }

    #[test]
    fn an_unknown_subtype_shows_its_own_word_and_first_text() {
        let alert = json!({"evidence": [{"@odata.type": "#microsoft.graph.security.droneEvidence", "verdict": "suspicious", "callSign": "D-1"}, {"verdict": null}]});
        let all: Vec<Evidence<'_>> = Evidence::of(Json(&alert)).collect();
        assert_eq!(all[0].noun(), "droneEvidence");
        assert_eq!(all[0].label().unwrap().txt().exact(), "D-1");
        assert_eq!(all[0].verdict().unwrap().1, "suspicious");
        assert!(all[1].label().is_none(), "nothing to show is no panic");
    }

    #[test]
    fn references_keep_every_id_and_come_once() {
        let user = json!({"@odata.type": "#microsoft.graph.security.userEvidence", "userAccount": {"userPrincipalName": "a@x", "azureAdUserId": "u1", "userSid": "S-1"}});
        let alert = json!({"evidence": [
            {"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": "192.0.2.1"}, user, user,
            {"@odata.type": "#microsoft.graph.security.processEvidence", "imageFile": {"sha1": "aa", "fileName": "x.exe"}}]});
        let refs = refs(Json(&alert));
        assert_eq!(refs.len(), 3);
        assert!(matches!(
            &refs[0],
            EntityRef::User {
                id: Some(_),
                upn: Some(_),
                sid: Some(_),
                ..
            }
        ));
        assert!(matches!(&refs[1], EntityRef::File { sha1: Some(_), .. }));
    }
}
