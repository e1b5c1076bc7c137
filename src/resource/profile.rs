//! Smart groups of devices by operating system and version, made without any configuration (`S2-5` to `S2-7`).
//!
//! A group that Defender's own fields give is certain; one that had to be read from a build number, the agent or the
//! name says that it was inferred; a device that tells nothing still has a group.

use crate::model::Json;

/// The group of devices that tell nothing about their system.
pub const UNKNOWN: &str = "unknown OS";

/// A device's group and how it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    /// A word of `words::CERTAINTY`.
    pub certainty: &'static str,
}

/// The group of a machine of the Defender host.
pub fn profile(machine: Json<'_>) -> Profile {
    let platform = machine.str("osPlatform").filter(|p| !is_nothing(p));
    let version = machine.str("version").filter(|v| !is_nothing(v));
    let build = machine.int("osBuild").filter(|b| *b > 0);
    if let Some(platform) = platform {
        let name = spaced(platform);
        return match (version, build.and_then(|b| release(platform, b))) {
            (Some(version), _) => defender(format!("{name} {}", short_version(platform, version))),
            (None, Some(release)) => inferred(format!("{name} {release}")),
            (None, None) => defender(name),
        };
    }
    if let Some(build) = build
        && let Some(system) = system_of_build(build)
    {
        return inferred(system.to_owned());
    }
    let name = machine.str("computerDnsName").unwrap_or("");
    let agent = machine.str("agentVersion").unwrap_or("");
    match by_name(name).or_else(|| by_agent(agent)) {
        Some(system) => inferred(system.to_owned()),
        None => Profile {
            name: UNKNOWN.to_owned(),
            certainty: "unknown",
        },
    }
}

/// Whether a machine does a server's work: a server system, a Linux distribution, or a virtual machine of a cloud that
/// is no desktop. `None` where nothing tells.
pub fn is_server(machine: Json<'_>) -> Option<bool> {
    let in_cloud = machine.at("vmMetadata").str("cloudProvider").is_some();
    let platform = machine
        .str("osPlatform")
        .filter(|p| !is_nothing(p))
        .map(str::to_ascii_lowercase);
    let Some(platform) = platform else {
        return in_cloud.then_some(true);
    };
    if platform.contains("server") || LINUX.iter().any(|l| platform.starts_with(l)) {
        return Some(true);
    }
    let desk = ["windows", "macos", "ios", "android"]
        .iter()
        .any(|d| platform.starts_with(d));
    Some(in_cloud && !desk)
}

const LINUX: &[&str] = &[
    "linux",
    "ubuntu",
    "redhat",
    "centos",
    "debian",
    "sles",
    "suse",
    "opensuse",
    "oracle",
    "amazon",
    "fedora",
    "alma",
    "rocky",
    "mariner",
    "azurelinux",
];

fn defender(name: String) -> Profile {
    Profile {
        name,
        certainty: "defender",
    }
}

fn inferred(name: String) -> Profile {
    Profile {
        name,
        certainty: "inferred",
    }
}

fn is_nothing(word: &str) -> bool {
    ["other", "unknown", "none", "null", "-"]
        .iter()
        .any(|w| word.eq_ignore_ascii_case(w))
}

/// `WindowsServer2019` is `Windows Server 2019`; a name we do not know keeps its own words.
fn spaced(platform: &str) -> String {
    match platform {
        "macOS" | "iOS" | "iPadOS" | "CentOS" | "SLES" => return platform.to_owned(),
        "Windows10WVD" => return "Windows 10 multi-session".to_owned(),
        "RedHatEnterpriseLinux" => return "Red Hat Enterprise Linux".to_owned(),
        _ => {}
    }
    let mut out = String::with_capacity(platform.len() + 4);
    let mut before: Option<char> = None;
    for c in platform.chars() {
        let apart = before.is_some_and(|b| {
            b.is_ascii_lowercase() && (c.is_ascii_uppercase() || c.is_ascii_digit())
        });
        if apart {
            out.push(' ');
        }
        out.push(c);
        before = Some(c);
    }
    out
}

/// The part of a version that makes a group: Windows names its releases, others count with dots.
fn short_version(platform: &str, version: &str) -> String {
    if platform.starts_with("Windows") {
        return version.to_owned();
    }
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// The release of a Windows desktop by its build.
fn release(platform: &str, build: i64) -> Option<&'static str> {
    if !platform.starts_with("Windows1") {
        return None;
    }
    Some(match build {
        18363 => "1909",
        19041 => "2004",
        19042 => "20H2",
        19043 | 22000 => "21H1",
        19044 => "21H2",
        19045 | 22621 => "22H2",
        22631 => "23H2",
        26100 => "24H2",
        26200 => "25H2",
        _ => return None,
    })
}

/// The system of a Windows build where only one family has it.
fn system_of_build(build: i64) -> Option<&'static str> {
    Some(match build {
        7600 | 7601 => "Windows 7",
        9200 | 9600 => "Windows 8",
        // servers and desktops share 14393, 17763 and 26100: those say no more than this
        14393 | 17763 | 26100 => "Windows",
        10240..=19999 => "Windows 10",
        20348 => "Windows Server 2022",
        22000..=27999 => "Windows 11",
        _ => return None,
    })
}

fn by_name(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    const PARTS: &[(&str, &str)] = &[
        ("iphone", "iOS"),
        ("ipad", "iOS"),
        ("macbook", "macOS"),
        ("imac", "macOS"),
        ("mac-", "macOS"),
        ("android", "Android"),
        ("galaxy-", "Android"),
        ("pixel-", "Android"),
        ("ubuntu", "Ubuntu"),
        ("desktop-", "Windows"),
        ("laptop-", "Windows"),
        ("win-", "Windows"),
    ];
    PARTS
        .iter()
        .find(|(p, _)| name.starts_with(p))
        .map(|(_, s)| *s)
}

fn by_agent(version: &str) -> Option<&'static str> {
    match version.split('.').next()? {
        "10" => Some("Windows"),
        "101" | "30" => Some("macOS or Linux"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn s2_5_groups_by_system_and_version_without_configuration() {
        for (platform, version, name) in [
            ("Windows11", "23H2", "Windows 11 23H2"),
            ("WindowsServer2019", "1809", "Windows Server 2019 1809"),
            ("WindowsServer2008R2", "", "Windows Server 2008R2"),
            ("Ubuntu", "22.04.3", "Ubuntu 22.04"),
            ("macOS", "14.2.1", "macOS 14.2"),
            (
                "RedHatEnterpriseLinux",
                "9.3",
                "Red Hat Enterprise Linux 9.3",
            ),
            ("BrandNewOS", "1", "Brand New OS 1"),
        ] {
            let got = profile(Json(&json!({"osPlatform": platform, "version": version})));
            assert_eq!((got.name.as_str(), got.certainty), (name, "defender"));
        }
    }

    #[test]
    fn s2_6_an_inferred_group_says_so() {
        for (machine, name) in [
            (
                json!({"osPlatform": "Windows10", "osBuild": 19045}),
                "Windows 10 22H2",
            ),
            (json!({"osBuild": "22631"}), "Windows 11"),
            (
                json!({"osPlatform": "Other", "computerDnsName": "iPhone-of-Ana"}),
                "iOS",
            ),
            (json!({"agentVersion": "10.8560.1"}), "Windows"),
        ] {
            let got = profile(Json(&machine));
            assert_eq!((got.name.as_str(), got.certainty), (name, "inferred"));
        }
    }

    #[test]
    fn s2_7_a_device_without_os_data_has_a_group_of_its_own() {
        for machine in [
            json!({}),
            json!({"osPlatform": null, "version": "Other", "osBuild": 0}),
        ] {
            let got = profile(Json(&machine));
            assert_eq!((got.name.as_str(), got.certainty), (UNKNOWN, "unknown"));
        }
    }

    #[test]
    fn s1_24_servers_by_system_or_by_cloud() {
        let vm = json!({"cloudProvider": "Azure", "resourceId": "/subscriptions/1"});
        for (machine, server) in [
            (json!({"osPlatform": "WindowsServer2022"}), Some(true)),
            (json!({"osPlatform": "Ubuntu"}), Some(true)),
            (
                json!({"osPlatform": "Windows11", "vmMetadata": vm}),
                Some(false),
            ),
            (json!({"vmMetadata": vm}), Some(true)),
            (json!({"osPlatform": "macOS"}), Some(false)),
            (json!({}), None),
        ] {
            assert_eq!(is_server(Json(&machine)), server, "{machine}");
        }
    }
}
