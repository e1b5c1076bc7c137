//! What the evidence of an alert names, as words: for the alert's columns, the entity index and the incidents' joins.
//!
//! The walk goes by field names, not by the 48 types of evidence, so that a new type still gives its addresses and ids.

use crate::model::Json;
use std::collections::HashSet;

/// Deepest object looked at: containers, pods and clusters refer to each other without end.
const DEEP: u8 = 6;

/// The words of one alert, each once, in the order they came.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Host names, fully qualified where known.
    pub devices: Vec<String>,
    /// Sign-in names and addresses of people; `DOMAIN\name` where there is no other.
    pub users: Vec<String>,
    /// Every value that identifies something, exactly as it came: ids, names, addresses, hashes, URLs and their hosts.
    pub entities: Vec<String>,
}

/// Collects what an alert's evidence names.
pub fn mentions(alert: Json<'_>) -> Mentions {
    let mut walk = Walk::default();
    for item in alert.list("evidence") {
        walk.object(item, 0);
    }
    walk.out
}

/// The word of a local account: `DOMAIN\name`.
pub fn account_word(domain: &str, name: &str) -> String {
    format!("{domain}\\{name}")
}

/// The host of a URL as it is written, without port and userinfo.
pub fn host_of(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => host.split(':').next().unwrap_or(host),
    };
    (!host.is_empty() && host.contains(['.', ':'])).then_some(host)
}

#[derive(Default)]
struct Walk<'a> {
    out: Mentions,
    seen: HashSet<(Place, std::borrow::Cow<'a, str>)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Device,
    User,
    Any,
}

impl<'a> Walk<'a> {
    fn object(&mut self, object: Json<'a>, depth: u8) {
        if depth > DEEP {
            return;
        }
        self.device(object);
        let is_account = object
            .str("accountName")
            .or(object.str("userSid"))
            .is_some();
        if is_account {
            self.account(object);
        }
        for (name, value) in object.fields() {
            match name {
                // who else was signed in, and addresses of other interfaces, are the device's story, not the alert's
                "loggedOnUsers" | "ipInterfaces" | "tags" | "labels" => {}
                "url" | "urls" => self.strings(value, |walk, url| {
                    walk.any(url);
                    if let Some(host) = host_of(url) {
                        walk.any(host);
                    }
                }),
                "recipientEmailAddress"
                | "recipient"
                | "submitter"
                | "primaryAddress"
                | "mailboxPrimaryAddress"
                | "upn" => self.strings(value, |walk, mail| {
                    walk.user(mail);
                    walk.any(mail);
                }),
                // of a hash; other things have values too
                "value" if object.str("algorithm").is_some() => self.strings(value, Self::any),
                // of an account it is the NetBIOS name of its domain
                "domainName" if !is_account => self.strings(value, Self::any),
                _ if VALUES.contains(&name) => self.strings(value, Self::any),
                _ => {}
            }
            if value.0.is_object() {
                self.object(value, depth + 1);
            } else if name != "loggedOnUsers" {
                for item in value.items().filter(|i| i.0.is_object()) {
                    self.object(item, depth + 1);
                }
            }
        }
    }

    fn device(&mut self, object: Json<'a>) {
        let (dns, host) = (object.str("deviceDnsName"), object.str("hostName"));
        if let Some(name) = dns.or(host) {
            self.take(Place::Device, name.into());
        }
        for name in dns.into_iter().chain(host) {
            self.any(name);
        }
    }

    fn account(&mut self, account: Json<'a>) {
        let domain = account.str("domainName");
        let sid = account.str("userSid").unwrap_or("");
        // the machine's own accounts say nothing about people
        if matches!(sid, "S-1-5-18" | "S-1-5-19" | "S-1-5-20")
            || domain.is_some_and(|d| d.eq_ignore_ascii_case("NT AUTHORITY"))
        {
            return;
        }
        let upn = account.str("userPrincipalName");
        let local = match (domain, account.str("accountName")) {
            (Some(domain), Some(name)) => Some(account_word(domain, name)),
            (None, Some(name)) => Some(name.to_owned()),
            _ => None,
        };
        match (upn, &local) {
            (Some(upn), _) => self.user(upn),
            (None, Some(local)) => self.take(Place::User, local.clone().into()),
            _ => {}
        }
        if let Some(local) = local {
            self.take(Place::Any, local.into());
        }
    }

    fn strings(&mut self, value: Json<'a>, mut each: impl FnMut(&mut Self, &'a str)) {
        if let Some(text) = value.as_str() {
            each(self, text);
        }
        for text in value.items().filter_map(Json::as_str) {
            each(self, text);
        }
    }

    fn user(&mut self, word: &'a str) {
        self.take(Place::User, word.into());
    }

    fn any(&mut self, word: &'a str) {
        self.take(Place::Any, word.into());
    }

    fn take(&mut self, place: Place, word: std::borrow::Cow<'a, str>) {
        if word.is_empty() || self.seen.contains(&(place, word.clone())) {
            return;
        }
        let list = match place {
            Place::Device => &mut self.out.devices,
            Place::User => &mut self.out.users,
            Place::Any => &mut self.out.entities,
        };
        list.push(word.clone().into_owned());
        self.seen.insert((place, word));
    }
}

/// Fields whose text identifies something, whatever the type of evidence.
const VALUES: &[&str] = &[
    "activeDirectoryDomainName",
    "agentId",
    "amazonResourceId",
    "appId",
    "azureAdDeviceId",
    "azureAdUserId",
    "email",
    "emailAddress",
    "externalDirectoryObjectId",
    "fullResourceName",
    "imageId",
    "internetMessageId",
    "ipAddress",
    "lastExternalIpAddress",
    "lastIpAddress",
    "login",
    "md5",
    "mdeDeviceId",
    "networkMessageId",
    "networkMessageIds",
    "objectId",
    "recipients",
    "requestId",
    "resourceId",
    "securityGroupId",
    "sender",
    "senderFromAddress",
    "senderIP",
    "senderIp",
    "servicePrincipalObjectId",
    "sha1",
    "sha256",
    "sid",
    "userPrincipalName",
    "userSid",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn devices_users_and_values_of_known_and_unknown_types() {
        let alert = json!({"evidence": [
            {"@odata.type": "#microsoft.graph.security.deviceEvidence", "mdeDeviceId": "aa", "azureAdDeviceId": "bb",
             "deviceDnsName": "ws1.contoso.com", "hostName": "ws1", "lastIpAddress": "10.0.0.4",
             "loggedOnUsers": [{"accountName": "raj", "domainName": "CONTOSO"}]},
            {"@odata.type": "#microsoft.graph.security.processEvidence", "mdeDeviceId": "aa",
             "imageFile": {"fileName": "a.exe", "sha256": "ff", "sha1": null},
             "userAccount": {"accountName": "SYSTEM", "domainName": "NT AUTHORITY", "userSid": "S-1-5-18"}},
            {"@odata.type": "#microsoft.graph.security.userEvidence",
             "userAccount": {"accountName": "ana", "domainName": "CONTOSO", "userPrincipalName": "ana@contoso.com", "userSid": "S-1-5-21-7"}},
            {"@odata.type": "#microsoft.graph.security.urlEvidence", "url": "https://u:p@evil.example:8443/x?y"},
            {"@odata.type": "#microsoft.graph.security.brandNewEvidence", "nested": {"deeper": [{"ipAddress": "203.0.113.9"}]}},
            {"@odata.type": "#microsoft.graph.security.analyzedMessageEvidence", "recipientEmailAddress": "raj@contoso.com",
             "fileHashes": [{"algorithm": "sha256", "value": "h-1"}], "setting": {"value": "not an entity"},
             "p1Sender": {"emailAddress": "x@evil.example"}, "urls": ["http://b.example/"], "networkMessageId": "n-1"},
            7, null, "text"
        ]});
        let found = mentions(Json(&alert));
        assert_eq!(found.devices, ["ws1.contoso.com"]);
        assert_eq!(found.users, ["ana@contoso.com", "raj@contoso.com"]);
        for word in [
            "aa",
            "bb",
            "ws1",
            "10.0.0.4",
            "ff",
            "S-1-5-21-7",
            "CONTOSO\\ana",
            "ana@contoso.com",
            "evil.example",
            "203.0.113.9",
            "x@evil.example",
            "b.example",
            "n-1",
            "h-1",
            "raj@contoso.com",
        ] {
            assert!(found.entities.iter().any(|e| e == word), "{word}");
        }
        assert!(
            !found
                .entities
                .iter()
                .any(|e| e.contains("SYSTEM") || e == "CONTOSO\\raj" || e == "not an entity")
        );
        assert_eq!(
            found.entities.iter().filter(|e| *e == "aa").count(),
            1,
            "each once"
        );
    }

    #[test]
    fn evidence_that_refers_to_itself_ends() {
        let mut deep = json!({"ipAddress": "192.0.2.1"});
        for _ in 0..200 {
            deep = json!({"cluster": deep, "name": "c"});
        }
        assert!(
            mentions(Json(&json!({"evidence": [deep]})))
                .entities
                .is_empty()
        );
    }

    #[test]
    fn hosts_of_urls() {
        for (url, host) in [
            ("https://a.example/x", Some("a.example")),
            ("a.example:80", Some("a.example")),
            ("http://[2001:db8::1]:443/", Some("2001:db8::1")),
            ("file:///etc", None),
            ("", None),
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
    }
}
