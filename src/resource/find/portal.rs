//! Pasted addresses of the portals, read as the entity they show (`api/defender.md` 4).

use super::classify::{guid, hash, is_cve, known_id, mail};
use crate::model::EntityRef;
use table::Text;
use url::Url;

/// Hosts of the Defender portal in every cloud, and its former names.
const DEFENDER: &[&str] = &[
    "security.microsoft.com",
    "security.microsoft.us",
    "security.apps.mil",
    "security.microsoft.cn",
    "securitycenter.windows.com",
    "securitycenter.microsoft.com",
];
const ENTRA: &[&str] = &[
    "entra.microsoft.com",
    "portal.azure.com",
    "aad.portal.azure.com",
];

/// The entity that a portal's page is about; none where the address is not a page about one.
pub fn portal(text: &str) -> Option<EntityRef> {
    let url = Url::parse(text).ok().filter(|u| u.scheme() == "https")?;
    let host = url.host_str()?;
    if ENTRA.contains(&host) {
        return entra(&url);
    }
    if !DEFENDER.contains(&host) {
        return None;
    }
    let query = |name: &str| {
        url.query_pairs()
            .find(|(n, v)| n.eq_ignore_ascii_case(name) && !v.is_empty())
            .map(|(_, v)| v.into_owned())
    };
    let path: Vec<String> = url
        .path_segments()?
        .filter(|s| !s.is_empty())
        .map(decoded)
        .collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let some = |text: &str| Some(Text::from(text));
    match path.as_slice() {
        ["machines", "v2", id, ..] | ["machines", id, ..] if hash(id) == Some(40) => {
            Some(EntityRef::Device {
                machine: some(id),
                azure: None,
                name: None,
            })
        }
        // an older form names the device
        ["machines", name, ..] if *name != "v2" => Some(EntityRef::Device {
            machine: None,
            azure: None,
            name: some(name),
        }),
        ["incident2" | "incidents" | "incident", id, ..] if known_id(id) => {
            Some(EntityRef::Incident(Text::from(*id)))
        }
        ["alerts" | "alert", id, ..] => Some(EntityRef::Alert(Text::from(*id))),
        ["vulnerabilities", "vulnerability", cve, ..] if is_cve(cve) => {
            Some(EntityRef::Cve(Text::from(cve.to_uppercase())))
        }
        ["file" | "files", id, ..] => file(id),
        ["ip" | "ips", ip, ..] => ip
            .parse::<std::net::IpAddr>()
            .ok()
            .map(|ip| EntityRef::Ip(Text::from(ip.to_string()))),
        ["domain" | "domains", domain, ..] => Some(EntityRef::Domain(Text::from(*domain))),
        ["url" | "urls", ..] => query("url").map(|u| EntityRef::Url(Text::from(u))),
        ["user" | "users", ..] => {
            let sid = query("sid").map(Text::from);
            let id = query("aad").filter(|id| guid(id)).map(Text::from);
            let upn = query("upn").filter(|u| mail(u)).map(Text::from);
            let any = sid.is_some() || id.is_some() || upn.is_some();
            any.then_some(EntityRef::User {
                id,
                upn,
                sid,
                name: None,
            })
        }
        ["emailentity", ..] => {
            query("networkMessageId")
                .or(query("id"))
                .map(|id| EntityRef::Mail {
                    network_message_id: Some(Text::from(id)),
                    address: None,
                })
        }
        _ => None,
    }
}

/// `…/#view/…/userId/{guid}`, and the same for devices.
fn entra(url: &Url) -> Option<EntityRef> {
    let place = url.fragment()?;
    let after = |name: &str| {
        let mut parts = place
            .split('/')
            .skip_while(|p| !p.eq_ignore_ascii_case(name));
        parts.nth(1).filter(|id| guid(id)).map(Text::from)
    };
    if let Some(id) = after("userId") {
        return Some(EntityRef::User {
            id: Some(id),
            upn: None,
            sid: None,
            name: None,
        });
    }
    after("deviceId").map(|id| EntityRef::Device {
        machine: None,
        azure: Some(id),
        name: None,
    })
}

fn file(id: &str) -> Option<EntityRef> {
    let some = |long: usize| (hash(id) == Some(long)).then(|| Text::from(id.to_lowercase()));
    hash(id).map(|_| EntityRef::File {
        md5: some(32),
        sha1: some(40),
        sha256: some(64),
        name: None,
    })
}

/// A path segment without its percent signs; what is no UTF-8 stays as it is.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |b: &u8| (*b as char).to_digit(16);
        match (first, after) {
            (b'%', [a, b, more @ ..]) if hex(a).is_some() && hex(b).is_some() => {
                let value = hex(a).unwrap_or(0) * 16 + hex(b).unwrap_or(0);
                bytes.push(value as u8);
                rest = more;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| segment.to_owned())
}
