//! Which machines an action is for: the platforms and versions that the pages of Defender name for each.
//!
//! Where two pages differ the later and wider one is taken; macOS isolation is a switch, since one page has it and the other has not.

use super::course::Verb;

/// Why the service will not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    Platform,
    Version,
}

const LINUX: &[&str] = &[
    "Ubuntu",
    "RedHatEnterpriseLinux",
    "CentOS",
    "Debian",
    "SLES",
    "Linux",
];
/// Windows 10 and 11, whatever edition.
const CLIENTS: &[&str] = &["Windows10", "Windows10WVD", "Windows11"];
const SERVERS: &[&str] = &[
    "WindowsServer2012R2",
    "WindowsServer2016",
    "WindowsServer2019",
    "WindowsServer2022",
    "WindowsServer2025",
];
/// Restricting applications starts with Server 2019.
const NEWER_SERVERS: &[&str] = &[
    "WindowsServer2019",
    "WindowsServer2022",
    "WindowsServer2025",
];

/// Release of Windows 10 as year and month: `1809` is (18, 9), `22H2` counts as (22, 7).
fn release(version: Option<&str>) -> Option<(u32, u32)> {
    let text = version?;
    let year = text.get(..2)?.parse().ok()?;
    let rest = text.get(2..)?;
    let month = match rest {
        "H1" => 1,
        "H2" => 7,
        digits => digits.parse().ok()?,
    };
    Some((year, month))
}

/// Is the action for this machine? `mac` says whether macOS can be isolated here.
pub(crate) fn admits(
    verb: Verb,
    scope: Option<&str>,
    platform: &str,
    version: Option<&str>,
    mac: bool,
) -> Result<(), Gate> {
    let client = CLIENTS.contains(&platform);
    let server = SERVERS.contains(&platform);
    let linux = LINUX.contains(&platform);
    let apple = platform == "macOS";
    let selective = scope == Some("Selective");
    let (fits, least) = match verb {
        Verb::Isolate if selective => (client || server || (apple && mac), (17, 9)),
        Verb::Isolate | Verb::Unisolate => (client || server || linux || (apple && mac), (17, 3)),
        Verb::Scan => (client || server || linux || apple, (17, 9)),
        Verb::Restrict | Verb::Unrestrict => (client || NEWER_SERVERS.contains(&platform), (17, 9)),
        Verb::Collect | Verb::Quarantine => (client, (17, 3)),
        Verb::Offboard => (client || server, (0, 0)),
    };
    if !fits {
        return Err(Gate::Platform);
    }
    let old = platform.starts_with("Windows10") && release(version).is_some_and(|r| r < least);
    if old { Err(Gate::Version) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_and_versions() {
        let ask = |verb, scope, platform, version| admits(verb, scope, platform, version, true);
        assert_eq!(
            ask(Verb::Isolate, Some("Full"), "Windows11", Some("24H2")),
            Ok(())
        );
        assert_eq!(
            ask(Verb::Isolate, Some("Full"), "Ubuntu", Some("22.4")),
            Ok(())
        );
        assert_eq!(
            ask(Verb::Isolate, Some("Selective"), "Ubuntu", None),
            Err(Gate::Platform)
        );
        assert_eq!(
            ask(Verb::Isolate, Some("Selective"), "Windows10", Some("1703")),
            Err(Gate::Version)
        );
        assert_eq!(
            ask(Verb::Isolate, Some("Full"), "Windows10", Some("1703")),
            Ok(())
        );
        assert_eq!(ask(Verb::Isolate, None, "iOS", None), Err(Gate::Platform));
        assert_eq!(
            admits(Verb::Isolate, None, "macOS", None, false),
            Err(Gate::Platform)
        );
        assert_eq!(
            ask(Verb::Restrict, None, "WindowsServer2016", None),
            Err(Gate::Platform)
        );
        assert_eq!(
            ask(Verb::Offboard, None, "Debian", None),
            Err(Gate::Platform)
        );
        assert_eq!(
            ask(Verb::Quarantine, None, "WindowsServer2022", None),
            Err(Gate::Platform)
        );
    }
}
