//! Kinds of devices, operating systems, and the named servers. Data only.

/// What a device is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Domain,
    Server,
    LinuxServer,
    Workstation,
    Virtual,
    Mac,
    Phone,
    /// Seen on the network, not onboarded.
    Network,
}

/// An operating system as Defender names it.
#[derive(Debug)]
pub struct System {
    pub platform: &'static str,
    pub version: Option<&'static str>,
    pub build: Option<u32>,
    /// As Entra writes it.
    pub entra: &'static str,
    pub entra_version: &'static str,
}

const fn system(
    platform: &'static str,
    version: Option<&'static str>,
    build: Option<u32>,
    entra: &'static str,
    entra_version: &'static str,
) -> System {
    System {
        platform,
        version,
        build,
        entra,
        entra_version,
    }
}

pub(super) static SERVER_2016: System = system(
    "WindowsServer2016",
    Some("1607"),
    Some(14393),
    "Windows Server",
    "10.0.14393.7428",
);
pub(super) static SERVER_2019: System = system(
    "WindowsServer2019",
    Some("1809"),
    Some(17763),
    "Windows Server",
    "10.0.17763.6414",
);
pub(super) static SERVER_2022: System = system(
    "WindowsServer2022",
    Some("21H2"),
    Some(20348),
    "Windows Server",
    "10.0.20348.2762",
);
pub(super) static SERVER_2025: System = system(
    "WindowsServer2025",
    Some("24H2"),
    Some(26100),
    "Windows Server",
    "10.0.26100.2033",
);
pub(super) static SERVER_2012: System = system(
    "WindowsServer2012R2",
    None,
    Some(9600),
    "Windows Server",
    "6.3.9600.22221",
);
pub(super) static UBUNTU: System = system("Ubuntu", Some("22.4"), None, "Linux", "22.04");
pub(super) static RED_HAT: System =
    system("RedHatEnterpriseLinux", Some("9.4"), None, "Linux", "9.4");
pub(super) static DEBIAN: System = system("Debian", Some("12.0"), None, "Linux", "12");
pub(super) static MACOS: System = system("macOS", Some("14.6"), None, "MacMDM", "14.6.1");
pub(super) static MACOS_15: System = system("macOS", Some("15.1"), None, "MacMDM", "15.1");
pub(super) static IOS: System = system("iOS", Some("18.1"), None, "IPhone", "18.1");
pub(super) static ANDROID: System = system("Android", Some("15.0"), None, "AndroidForWork", "15.0");
pub(super) static WINDOWS_7: System = system("Windows7", None, Some(7601), "Windows", "6.1.7601.0");
pub(super) static OTHER: System = system("Other", None, None, "Unknown", "");
/// A platform no page names yet.
pub(super) static FUTURE: System = system(
    "Windows12",
    Some("26H2"),
    Some(28000),
    "Windows",
    "10.0.28000.1",
);
pub(super) static WINDOWS: [(&System, u32); 7] = [
    (
        &system(
            "Windows11",
            Some("24H2"),
            Some(26100),
            "Windows",
            "10.0.26100.2314",
        ),
        34,
    ),
    (
        &system(
            "Windows11",
            Some("23H2"),
            Some(22631),
            "Windows",
            "10.0.22631.4460",
        ),
        38,
    ),
    (
        &system(
            "Windows11",
            Some("22H2"),
            Some(22621),
            "Windows",
            "10.0.22621.3007",
        ),
        8,
    ),
    (
        &system(
            "Windows10",
            Some("22H2"),
            Some(19045),
            "Windows",
            "10.0.19045.5131",
        ),
        17,
    ),
    (
        &system(
            "Windows10",
            Some("21H2"),
            Some(19044),
            "Windows",
            "10.0.19044.1288",
        ),
        2,
    ),
    (
        &system(
            "Windows10",
            Some("1809"),
            Some(17763),
            "Windows",
            "10.0.17763.6414",
        ),
        1,
    ),
    (&WINDOWS_7, 1),
];
pub(super) static VIRTUAL: System = system(
    "Windows10WVD",
    Some("22H2"),
    Some(19045),
    "Windows",
    "10.0.19045.5131",
);

/// The named servers: name, kind, system, office, tags.
pub(super) static SERVERS: [(&str, Kind, &System, u8, &[&str]); 22] = [
    ("DC-01", Kind::Domain, &SERVER_2022, 0, &["tier0"]),
    ("DC-02", Kind::Domain, &SERVER_2019, 2, &["tier0"]),
    ("DC-03", Kind::Domain, &SERVER_2016, 6, &["tier0"]),
    ("SRV-ADFS-01", Kind::Server, &SERVER_2019, 0, &["tier0"]),
    ("SRV-AADC-01", Kind::Server, &SERVER_2022, 0, &["tier0"]),
    ("SRV-CA-01", Kind::Server, &SERVER_2019, 0, &["tier0"]),
    (
        "SRV-SQL-01",
        Kind::Server,
        &SERVER_2022,
        0,
        &["finance", "crown-jewel"],
    ),
    ("SRV-SQL-02", Kind::Server, &SERVER_2019, 2, &[]),
    ("SRV-FILE-01", Kind::Server, &SERVER_2022, 0, &[]),
    ("SRV-FILE-02", Kind::Server, &SERVER_2019, 3, &[]),
    (
        "SRV-WEB-01",
        Kind::Server,
        &SERVER_2019,
        0,
        &["dmz", "internet-facing"],
    ),
    (
        "SRV-WEB-02",
        Kind::Server,
        &SERVER_2022,
        0,
        &["dmz", "internet-facing"],
    ),
    (
        "SRV-EXCH-01",
        Kind::Server,
        &SERVER_2019,
        0,
        &["internet-facing"],
    ),
    (
        "SRV-BACKUP-01",
        Kind::Server,
        &SERVER_2019,
        0,
        &["crown-jewel"],
    ),
    ("SRV-SCCM-01", Kind::Server, &SERVER_2022, 0, &["tier0"]),
    ("SRV-JUMP-01", Kind::Server, &SERVER_2022, 0, &["tier0"]),
    ("SRV-PRINT-01", Kind::Server, &SERVER_2016, 0, &[]),
    ("LNX-APP-01", Kind::LinuxServer, &UBUNTU, 1, &["dmz"]),
    ("LNX-CI-01", Kind::LinuxServer, &UBUNTU, 4, &["build"]),
    ("LNX-K8S-01", Kind::LinuxServer, &DEBIAN, 1, &["kubernetes"]),
    ("SRV-HV-01", Kind::Server, &SERVER_2022, 0, &["hyper-v"]),
    ("SRV-APP-01", Kind::Server, &SERVER_2012, 6, &["legacy"]),
];
