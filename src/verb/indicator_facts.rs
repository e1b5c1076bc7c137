//! What is asked about a value before it is blocked or let through, and which values are refused whatever the person says,
//! unless policy lifts the rule: what hits the tenant itself, Microsoft's services, or half the world.

use super::common::{answer, hunt, list, rows};
use super::indicators::{pushed, was};
use super::{About, Args, Consequence, ioc};
use crate::model::{Call, Json, Key, Kind, Path, Service};
use crate::resource::Answer;
use crate::resource::evidence::host_of;
use serde_json::Value;
use std::net::IpAddr;
use table::Txt;

/// Names that Microsoft's own services live under: blocking one cuts the tenant off, Defender first.
const MICROSOFT: &[&str] = &[
    "microsoft.com",
    "microsoftonline.com",
    "microsoftonline-p.com",
    "microsoft.us",
    "windows.com",
    "windows.net",
    "windowsupdate.com",
    "windowsazure.com",
    "office.com",
    "office.net",
    "office365.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "live.net",
    "msn.com",
    "bing.com",
    "azure.com",
    "azure.net",
    "azureedge.net",
    "azurefd.net",
    "msftauth.net",
    "msauth.net",
    "msidentity.com",
    "sharepoint.com",
    "onmicrosoft.com",
    "onedrive.com",
    "skype.com",
    "lync.com",
    "teams.cloud.microsoft",
    "cloud.microsoft",
    "msedge.net",
    "visualstudio.com",
    "digicert.com",
    "securitycenter.windows.com",
    "msftconnecttest.com",
    "msftncsi.com",
];

/// So many devices of the world have it: it is no malware of one case.
const COMMON: i64 = 100_000;
/// So many devices of this organization have it.
const COMMON_HERE: i64 = 1_000;

const ORGANIZATION: usize = 0;
const FACTS: usize = 1;
const HERE: usize = 2;
/// Behind the organization and the value's own facts, for what is blocked by the network.
const PROTECTION: usize = 2;

/// Names of devices that a prompt has room for.
const NAMED: usize = 4;

/// Devices in scope that tell of network protection, and those of them where it does not block.
fn audit(args: &Args) -> String {
    let groups = args.indicator.as_ref().map_or(&[][..], |i| &i.groups);
    let scope = match groups {
        [] => String::new(),
        groups => {
            let names: Vec<String> = groups.iter().map(|g| g.txt().kql_literal()).collect();
            format!(
                "| join kind=inner (DeviceInfo | summarize arg_max(Timestamp, MachineGroup) by DeviceId\n\
                 | where MachineGroup in ({}) | distinct DeviceId) on DeviceId\n",
                names.join(", ")
            )
        }
    };
    format!(
        "let control = DeviceTvmSecureConfigurationAssessmentKB
| where ConfigurationName has 'network protection' | distinct ConfigurationId;
DeviceTvmSecureConfigurationAssessment
| where ConfigurationId in (control) and IsApplicable == true
| summarize arg_max(Timestamp, IsCompliant, DeviceName) by DeviceId
{scope}| summarize Told = count(), Open = countif(IsCompliant != true), Names = make_set_if(DeviceName, IsCompliant != true, {NAMED})"
    )
}

/// The organization's own names, and what the service knows about the value.
pub(super) fn checks(key: &Key, args: &Args) -> Vec<Call> {
    let mut out = vec![
        Call::get(Service::Graph, Path::new("/organization"))
            .query("$select", "id,verifiedDomains")
            .needs(&["Organization.Read.All", "Directory.Read.All", "User.Read"]),
    ];
    let value = key.id.txt();
    let get = |path: Path, tail: &'static str, needs: &'static [&'static str]| {
        let path = if tail.is_empty() {
            path
        } else {
            path.then(tail)
        };
        Call::get(Service::Defender, path)
            .needs(needs)
            .none_is_404()
    };
    match ioc::kind(value.exact()) {
        Some("FileSha1" | "FileSha256") => {
            if let Ok(path) = Path::new("/files").id(value) {
                out.push(get(path.clone(), "", &["File.Read.All"]));
                out.push(get(path, "/stats", &["File.Read.All"]));
            }
        }
        Some("DomainName") => out.extend(
            Path::new("/domains")
                .id(value)
                .map(|p| get(p, "/stats", &["Url.Read.All"])),
        ),
        Some("IpAddress") => {
            out.extend(
                Path::new("/ips")
                    .id(value)
                    .map(|p| get(p, "/stats", &["Ip.Read.All"])),
            );
        }
        _ => {}
    }
    if by_network(key) {
        // a URL has no facts of its own: the place of the answer stays
        if ioc::kind(value.exact()) == Some("Url") {
            let host = host_of(value.exact()).unwrap_or_default().to_lowercase();
            out.extend(
                Path::new("/domains")
                    .id(Txt::new(&host))
                    .map(|p| get(p, "/stats", &["Url.Read.All"])),
            );
        }
        out.push(hunt(audit(args)));
    }
    out
}

/// The rule that a value breaks by itself.
pub fn refused(value: &str) -> Option<(&'static str, &'static str)> {
    if value.contains('/') && !value.contains("://") {
        return Some((
            "ip-range",
            "a range of addresses: the service takes single ones only",
        ));
    }
    let host = match ioc::kind(value) {
        Some("Url") => host_of(value).unwrap_or_default().to_lowercase(),
        _ => value.to_lowercase(),
    };
    if let Ok(ip) = host.parse::<IpAddr>() {
        return match (private(ip), microsoft(ip)) {
            (true, _) => Some((
                "private-address",
                "a private, loopback or otherwise reserved address: it is another machine on every network",
            )),
            (_, true) => Some(("microsoft", "an address of Microsoft 365")),
            _ => None,
        };
    }
    if host == "localhost" || host.ends_with(".local") || host.ends_with(".internal") {
        return Some(("private-address", "a name of the local network"));
    }
    under(&host, MICROSOFT.iter().copied()).then_some((
        "microsoft",
        "a name of Microsoft's own services, Defender's among them",
    ))
}

/// Networks that Microsoft publishes for Microsoft 365: first address and length. Those of Azure are not among them, since
/// anybody may rent a machine there.
const NETWORKS: &[(&str, u32)] = &[
    ("13.107.6.152", 31),
    ("13.107.18.10", 31),
    ("13.107.64.0", 18),
    ("13.107.128.0", 22),
    ("13.107.136.0", 22),
    ("20.20.32.0", 19),
    ("20.190.128.0", 18),
    ("20.231.128.0", 19),
    ("23.103.160.0", 20),
    ("40.92.0.0", 15),
    ("40.96.0.0", 13),
    ("40.104.0.0", 15),
    ("40.107.0.0", 16),
    ("40.108.128.0", 17),
    ("40.126.0.0", 18),
    ("52.96.0.0", 14),
    ("52.100.0.0", 14),
    ("52.104.0.0", 14),
    ("52.112.0.0", 14),
    ("52.122.0.0", 15),
    ("104.146.128.0", 17),
    ("131.253.33.215", 32),
    ("132.245.0.0", 16),
    ("150.171.32.0", 22),
    ("204.79.197.215", 32),
    ("2603:1006::", 40),
    ("2603:1016::", 36),
    ("2603:1026::", 36),
    ("2603:1036::", 36),
    ("2603:1046::", 36),
    ("2603:1056::", 36),
    ("2620:1ec:8f0::", 46),
    ("2620:1ec:900::", 46),
    ("2a01:111:f400::", 48),
    ("2a01:111:f403::", 48),
];

fn microsoft(ip: IpAddr) -> bool {
    // the upper bits of both, as one number each
    let number = |ip: IpAddr| match ip {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => (u128::from(v4.to_bits()) << 96, 32),
            None => (v6.to_bits(), 128),
        },
    };
    let (at, bits) = number(ip);
    NETWORKS.iter().any(|(first, length)| {
        let first = first.parse().map(number);
        first.is_ok_and(|(first, of)| of == bits && (first ^ at).leading_zeros() >= *length)
    })
}

fn private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => private(IpAddr::V4(v4)),
            None => {
                let first = v6.segments()[0];
                v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_multicast()
                    || first & 0xfe00 == 0xfc00
                    || first & 0xffc0 == 0xfe80
            }
        },
    }
}

/// The name itself, a name under one of these, or one that holds them all.
fn under<'a>(host: &str, mut names: impl Iterator<Item = &'a str>) -> bool {
    names.any(|name| {
        host == name
            || host
                .strip_suffix(name)
                .is_some_and(|rest| rest.ends_with('.'))
            || name
                .strip_suffix(host)
                .is_some_and(|rest| rest.ends_with('.'))
    })
}

pub(super) fn making(about: &About<'_>) -> Vec<Consequence> {
    let value = about.key.id.txt();
    let mut out = Vec::new();
    let shown_value = value.shown();
    if let Some((rule, why)) = refused(value.exact()) {
        out.push(Consequence::grave(format!("{shown_value} is {why}")).refuses(rule));
    }
    out.extend(own(about));
    out.extend(known_file(about));
    if let Some(i) = &about.args.indicator {
        if i.groups.is_empty() {
            let text = "no device group is named: it reaches every device";
            out.push(Consequence::warn(text).raises(3));
        }
        if i.expires.is_none() {
            out.push(Consequence::warn("it never expires").raises(3));
        }
        if i.action == "Allowed" {
            let text =
                "what it names is let through on these devices, whatever Defender thinks of it";
            out.push(Consequence::grave(text).raises(3));
        }
        if i.action == "BlockAndRemediate" {
            out.push(Consequence::warn(
                "the file is stopped and taken away where it is found",
            ));
        }
    }
    let row = about.entity;
    match row.is_null() {
        true => out.push(Consequence::note(
            "no row with this value is seen; with Ti.ReadWrite alone rows of others are not, and would be overwritten",
        )),
        false => {
            let after = about.args.indicator.as_ref().map(|i| i.action).unwrap_or("as before");
            out.push(Consequence::warn(format!(
                "the row that is there is overwritten: {} → {after}",
                was(row)
            )));
            out.extend(pushed(row));
        }
    }
    out.extend(contacted(about));
    out.extend(addresses(about));
    out.extend(protection(about));
    out
}

/// How many devices of our own were in touch with a host or address.
fn contacted(about: &About<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    if !by_network(about.key) {
        return out;
    }
    let what = "how many of your devices were in touch with it";
    let stats = answer(about, FACTS, what, &mut out).and_then(Answer::entity);
    let here = stats.and_then(|s| s.int("organizationPrevalence").or(s.int("orgPrevalence")));
    out.extend(here.map(|n| match n {
        COMMON_HERE.. => {
            let text = format!("{n} of your devices were in touch with it");
            Consequence::grave(text).raises(3)
        }
        n => Consequence::note(format!("{n} of your devices were in touch with it")),
    }));
    out
}

/// Blocks by the network are carried out by network protection, where that is not in audit mode or off.
fn protection(about: &About<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    if !by_network(about.key) {
        return out;
    }
    let what = "which devices have network protection in audit mode";
    let Some(answer) = answer(about, PROTECTION, what, &mut out) else {
        return out;
    };
    let told = rows(answer).next();
    let told = told.and_then(|row| Some((row.int("Open")?, row.int("Told")?, row)));
    let scoped = about.args.indicator.as_ref();
    let scope = match scoped.is_some_and(|i| !i.groups.is_empty()) {
        true => " of these groups",
        false => "",
    };
    out.push(match told {
        Some((0, told, _)) if told > 0 => Consequence::note(format!(
            "all {told} devices{scope} that tell have network protection in block mode"
        )),
        Some((open, told, row)) if told > 0 => {
            let names = open_names(row);
            let more = usize::try_from(open).unwrap_or(0).saturating_sub(names.len());
            let names = match (names.is_empty(), more) {
                (true, _) => String::new(),
                (_, 0) => format!(" ({})", list(names.into_iter(), NAMED)),
                (_, more) => format!(" ({} and {more} more)", list(names.into_iter(), NAMED)),
            };
            Consequence::warn(format!(
                "{open} of {told} devices{scope} that tell do not block it: their network protection is in audit mode or off{names}"
            ))
        }
        _ => Consequence::unchecked(format!("{what}: no device tells")),
    });
    out
}

/// Names of devices that do not block, made safe; a set comes as a list or as its text.
fn open_names(row: Json<'_>) -> Vec<String> {
    let names = row.at("Names");
    let read: Option<Value> = names.as_str().and_then(|t| serde_json::from_str(t).ok());
    let names = read.as_ref().map_or(names, Json);
    let names = names.items().filter_map(Json::as_text).take(NAMED);
    names.map(|t| t.txt().shown().into_owned()).collect()
}

fn by_network(key: &Key) -> bool {
    let kind = ioc::kind(key.id.txt().exact());
    matches!(kind, Some("IpAddress" | "DomainName" | "Url"))
}

/// Addresses that our own devices are seen under, and those of services that nobody counted as Microsoft's.
fn addresses(about: &About<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    let value = &about.key.id;
    if value.txt().exact().parse::<IpAddr>().is_err() {
        return out;
    }
    let own = about
        .known
        .with(Kind::Device, "lastExternalIpAddress", value);
    if !own.is_empty() {
        let text = format!(
            "{} of your own devices reach the internet by this address",
            own.len()
        );
        out.push(Consequence::grave(text).raises(3));
    } else if !about.known.complete(Kind::Device) {
        let text = "whether your own devices reach the internet by it: the list of devices is not complete";
        out.push(Consequence::unchecked(text));
    }
    out.push(Consequence::note(
        "of Microsoft's addresses those of Microsoft 365 are known here; behind one of a cloud there may be many services",
    ));
    out
}

/// Names of the organization itself.
fn own(about: &About<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    let value = about.key.id.txt().exact();
    let host = match ioc::kind(value) {
        Some("Url") => host_of(value).unwrap_or_default().to_lowercase(),
        Some("DomainName") => value.to_lowercase(),
        _ => return out,
    };
    let what = "whether it is a name of your own organization";
    let Some(answer) = answer(about, ORGANIZATION, what, &mut out) else {
        return out;
    };
    let mut names: Vec<String> = Vec::new();
    for organization in answer.items() {
        let domains = organization
            .list("verifiedDomains")
            .filter_map(|d| d.str("name"));
        names.extend(domains.map(str::to_lowercase));
    }
    if under(&host, names.iter().map(String::as_str)) {
        let text = "it is a name of your own organization";
        out.push(Consequence::grave(text).refuses("own-domain"));
    }
    out
}

/// Files that half the world has, or that Microsoft signed.
fn known_file(about: &About<'_>) -> Vec<Consequence> {
    let mut out = Vec::new();
    let kind = ioc::kind(about.key.id.txt().exact());
    match kind {
        Some("FileSha1" | "FileSha256") => {}
        Some("FileMd5") => {
            let text = "who signed it and how common it is cannot be asked by MD5: use a SHA hash";
            return vec![Consequence::unchecked(text)];
        }
        _ => return out,
    }
    if let Some(file) = answer(about, FACTS, "who signed it", &mut out).and_then(Answer::entity) {
        let signer = file
            .str("signer")
            .or(file.str("filePublisher"))
            .unwrap_or_default();
        let valid = file.bool("isValidCertificate") == Some(true);
        if valid && signer.to_lowercase().contains("microsoft") {
            let text = format!("its signature is valid and {}'s", Txt::new(signer).shown());
            out.push(Consequence::grave(text).refuses("microsoft-signed"));
        }
        if let Some(n) = file.int("globalPrevalence").filter(|n| *n >= COMMON) {
            let text = format!("{n} devices of the world have it");
            out.push(Consequence::grave(text).refuses("prevalent"));
        }
    }
    if let Some(stats) =
        answer(about, HERE, "how common it is here", &mut out).and_then(Answer::entity)
    {
        let here = stats
            .int("organizationPrevalence")
            .or(stats.int("orgPrevalence"));
        if let Some(n) = here.filter(|n| *n >= COMMON_HERE) {
            let text = format!("{n} of your devices have it");
            out.push(Consequence::grave(text).refuses("prevalent"));
        } else if let Some(n) = here {
            out.push(Consequence::note(format!("{n} of your devices have it")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_12_the_question_is_about_the_device_groups_in_scope() {
        let mut args = Args {
            indicator: Some(crate::verb::Indicator::default()),
            ..Args::default()
        };
        assert!(!audit(&args).contains("MachineGroup"), "every device");
        if let Some(i) = &mut args.indicator {
            i.groups = vec!["Sales".into(), "x\") | take 1".into()];
        }
        let query = audit(&args);
        assert!(
            query.contains(r#"MachineGroup in ("Sales", "x\") | take 1")"#),
            "{query}"
        );
    }

    #[test]
    fn what_hits_everyone_is_refused_by_its_form_alone() {
        for (value, rule) in [
            ("10.1.2.3", Some("private-address")),
            ("127.0.0.1", Some("private-address")),
            ("169.254.1.1", Some("private-address")),
            ("100.64.0.1", Some("private-address")),
            ("::1", Some("private-address")),
            ("fe80::1", Some("private-address")),
            ("::ffff:10.0.0.1", Some("private-address")),
            ("http://192.168.0.1/x", Some("private-address")),
            ("198.51.100.0/24", Some("ip-range")),
            ("login.microsoftonline.com", Some("microsoft")),
            ("https://x.sharepoint.com/a", Some("microsoft")),
            ("com", Some("microsoft")),
            ("52.97.0.1", Some("microsoft")),
            ("::ffff:40.126.1.1", Some("microsoft")),
            ("2603:1026:c09::1", Some("microsoft")),
            ("52.95.255.255", None),
            ("20.40.1.1", None),
            ("3467:1026::1", None),
            ("notmicrosoft.com", None),
            ("microsoft.com.evil.example", None),
            ("203.0.113.9", None),
            ("2001:db8::1", None),
            ("evil.example", None),
            ("87662bc3d60e4200ceaf7aae249d1c343f4b83c9", None),
        ] {
            assert_eq!(refused(value).map(|(rule, _)| rule), rule, "{value}");
        }
    }
}
