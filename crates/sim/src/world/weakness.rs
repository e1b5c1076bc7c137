//! Software on machines and the weaknesses in it.

use super::devices::{Device, Kind};
use super::dice::Topic;
use super::stamp::DAY;
use super::{Obj, World, obj};
use serde_json::json;

/// A product with the versions seen here, newest first.
struct Product {
    vendor: &'static str,
    name: &'static str,
    versions: [&'static str; 3],
    /// Where it runs: Windows, macOS, Linux, phones.
    on: &'static str,
    /// How many of those machines have it, in a thousand.
    odds: u64,
}

const fn product(
    vendor: &'static str,
    name: &'static str,
    on: &'static str,
    odds: u64,
    versions: [&'static str; 3],
) -> Product {
    Product {
        vendor,
        name,
        versions,
        on,
        odds,
    }
}

static PRODUCTS: [Product; 26] = [
    product(
        "microsoft",
        "windows_11",
        "w",
        1000,
        ["10.0.26100.2314", "10.0.22631.4460", "10.0.22621.3007"],
    ),
    product(
        "microsoft",
        "windows_server",
        "s",
        1000,
        ["10.0.20348.2762", "10.0.17763.6414", "10.0.14393.7428"],
    ),
    product(
        "microsoft",
        "edge_chromium-based",
        "wsm",
        980,
        ["131.0.2903.70", "130.0.2849.80", "124.0.2478.97"],
    ),
    product(
        "google",
        "chrome",
        "wm",
        620,
        ["131.0.6778.109", "130.0.6723.117", "116.0.5845.180"],
    ),
    product(
        "mozilla",
        "firefox",
        "wml",
        210,
        ["133.0", "131.0", "117.0"],
    ),
    product(
        "microsoft",
        "office",
        "wm",
        870,
        ["16.0.17928.20286", "16.0.17328.20612", "16.0.16130.20218"],
    ),
    product(
        "adobe",
        "acrobat_reader_dc",
        "wm",
        540,
        ["24.4.20272", "24.2.20965", "23.1.20093"],
    ),
    product("7-zip", "7-zip", "ws", 450, ["24.08", "23.01", "21.07"]),
    product("rarlab", "winrar", "w", 160, ["7.01", "6.23", "6.11"]),
    product(
        "zoom",
        "meetings",
        "wm",
        480,
        ["6.2.11", "5.17.5", "5.13.11"],
    ),
    product(
        "notepad++",
        "notepad++",
        "ws",
        380,
        ["8.7.1", "8.5.6", "8.4.9"],
    ),
    product("putty", "putty", "ws", 190, ["0.82", "0.80", "0.78"]),
    product("vmware", "tools", "s", 610, ["12.5.0", "12.3.5", "12.1.0"]),
    product(
        "oracle",
        "jre",
        "ws",
        260,
        ["8.0.4310.10", "8.0.3910.13", "8.0.2810.9"],
    ),
    product(
        "python",
        "python",
        "wsml",
        210,
        ["3.13.0", "3.11.4", "3.8.10"],
    ),
    product(
        "openssl",
        "openssl",
        "sl",
        720,
        ["3.0.15", "3.0.7", "1.1.1"],
    ),
    product("openbsd", "openssh", "l", 1000, ["9.9p1", "9.6p1", "8.9p1"]),
    product("apache", "log4j", "sl", 90, ["2.24.1", "2.17.1", "2.14.1"]),
    product(
        "apache",
        "http_server",
        "l",
        280,
        ["2.4.62", "2.4.58", "2.4.49"],
    ),
    product("tukaani", "xz", "l", 900, ["5.6.2", "5.4.5", "5.6.1"]),
    product("apple", "macos", "m", 1000, ["15.1", "14.6.1", "13.5"]),
    product(
        "microsoft",
        "teams",
        "wm",
        900,
        ["24295.605.3225", "24193.1805", "1.6.00.1381"],
    ),
    product(
        "citrix",
        "workspace",
        "w",
        150,
        ["24.9.0.225", "23.11.1", "22.3.1"],
    ),
    product("anydesk", "anydesk", "w", 40, ["9.0.1", "8.0.6", "7.0.14"]),
    product("apple", "iphone_os", "p", 600, ["18.1", "17.6.1", "16.7.2"]),
    product(
        "igor pavlov",
        "Zoë's tool; \u{202e}loot",
        "w",
        6,
        ["1.0", "0.9", "0.1"],
    ),
];

/// A weakness: CVE, product, the oldest version of the three that is still free of it, severity, score, exploit flags, description.
struct Weakness {
    id: &'static str,
    product: usize,
    /// Versions from this place on have it (1: all but the newest; 2: only the oldest).
    from: usize,
    severity: &'static str,
    score: Option<f64>,
    public: bool,
    verified: bool,
    kit: bool,
    about: &'static str,
    days: i64,
    kb: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Exploit {
    None,
    Public,
    Verified,
    Kit,
}

const fn cve(
    id: &'static str,
    product: usize,
    from: usize,
    severity: &'static str,
    score: Option<f64>,
    exploit: Exploit,
    days: i64,
    about: &'static str,
) -> Weakness {
    let (public, verified, kit) = match exploit {
        Exploit::None => (false, false, false),
        Exploit::Public => (true, false, false),
        Exploit::Verified => (true, true, false),
        Exploit::Kit => (true, true, true),
    };
    let kb = if product < 2 { Some("5046616") } else { None };
    Weakness {
        id,
        product,
        from,
        severity,
        score,
        public,
        verified,
        kit,
        about,
        days,
        kb,
    }
}

use Exploit::{Kit, None as No, Public, Verified};

static WEAKNESSES: [Weakness; 36] = [
    cve(
        "CVE-2024-38063",
        0,
        2,
        "Critical",
        Some(9.8),
        Public,
        560,
        "Remote code execution in the IPv6 stack by crafted packets.",
    ),
    cve(
        "CVE-2025-29824",
        0,
        1,
        "High",
        Some(7.8),
        Kit,
        320,
        "Elevation of privilege in the common log file system driver; used by ransomware operators.",
    ),
    cve(
        "CVE-2024-30088",
        0,
        2,
        "High",
        Some(7.0),
        Verified,
        620,
        "Elevation of privilege in the kernel by a race.",
    ),
    cve(
        "CVE-2024-21412",
        0,
        2,
        "High",
        Some(8.1),
        Verified,
        740,
        "Security feature bypass of internet shortcut files.",
    ),
    cve(
        "CVE-2023-28252",
        0,
        2,
        "High",
        Some(7.8),
        Kit,
        1040,
        "Elevation of privilege in the common log file system driver.",
    ),
    cve(
        "CVE-2024-43451",
        0,
        1,
        "Medium",
        Some(6.5),
        Public,
        470,
        "Disclosure of NTLM hashes by spoofed files.",
    ),
    cve(
        "CVE-2026-0001",
        0,
        1,
        "Medium",
        None,
        No,
        6,
        "Not scored yet.",
    ),
    cve(
        "CVE-2020-1472",
        1,
        2,
        "Critical",
        Some(10.0),
        Kit,
        2000,
        "Elevation of privilege over Netlogon, known as Zerologon.",
    ),
    cve(
        "CVE-2021-34527",
        1,
        2,
        "High",
        Some(8.8),
        Kit,
        1700,
        "Remote code execution in the print spooler, known as PrintNightmare.",
    ),
    cve(
        "CVE-2024-49112",
        1,
        1,
        "Critical",
        Some(9.8),
        Public,
        440,
        "Remote code execution in LDAP.",
    ),
    cve(
        "CVE-2024-49113",
        1,
        1,
        "High",
        Some(7.5),
        Public,
        440,
        "Denial of service in LDAP.",
    ),
    cve(
        "CVE-2025-24054",
        1,
        1,
        "Medium",
        Some(6.5),
        Verified,
        350,
        "Disclosure of NTLM hashes.",
    ),
    cve(
        "CVE-2024-7971",
        2,
        2,
        "High",
        Some(8.8),
        Verified,
        550,
        "Type confusion in V8.",
    ),
    cve(
        "CVE-2024-11395",
        2,
        1,
        "High",
        Some(8.8),
        No,
        470,
        "Type confusion in V8.",
    ),
    cve(
        "CVE-2023-4863",
        3,
        2,
        "High",
        Some(8.8),
        Verified,
        900,
        "Heap overflow in libwebp when an image is decoded.",
    ),
    cve(
        "CVE-2024-11113",
        3,
        1,
        "High",
        Some(8.8),
        No,
        475,
        "Use after free in accessibility.",
    ),
    cve(
        "CVE-2024-9680",
        4,
        2,
        "Critical",
        Some(9.8),
        Verified,
        510,
        "Use after free in animation timelines.",
    ),
    cve(
        "CVE-2024-11692",
        4,
        1,
        "Medium",
        Some(4.3),
        No,
        465,
        "Select list elements could be shown over another site.",
    ),
    cve(
        "CVE-2023-23397",
        5,
        2,
        "Critical",
        Some(9.8),
        Kit,
        1080,
        "Elevation of privilege in Outlook: a reminder leaks hashes without a click.",
    ),
    cve(
        "CVE-2024-21413",
        5,
        2,
        "Critical",
        Some(9.8),
        Verified,
        740,
        "Remote code execution in Outlook by crafted links.",
    ),
    cve(
        "CVE-2024-38021",
        5,
        1,
        "High",
        Some(8.8),
        No,
        600,
        "Remote code execution in Office.",
    ),
    cve(
        "CVE-2024-41869",
        6,
        1,
        "High",
        Some(7.8),
        Public,
        530,
        "Use after free in Acrobat Reader.",
    ),
    cve(
        "CVE-2023-21608",
        6,
        2,
        "High",
        Some(7.8),
        Kit,
        1150,
        "Use after free in Acrobat Reader.",
    ),
    cve(
        "CVE-2024-11477",
        7,
        1,
        "High",
        Some(7.8),
        Public,
        470,
        "Integer underflow in Zstandard decompression.",
    ),
    cve(
        "CVE-2023-38831",
        8,
        2,
        "High",
        Some(7.8),
        Kit,
        930,
        "Code runs when a harmless looking file in an archive is opened.",
    ),
    cve(
        "CVE-2024-24691",
        9,
        2,
        "Critical",
        Some(9.6),
        No,
        750,
        "Improper input validation lets a remote user gain rights.",
    ),
    cve(
        "CVE-2023-40031",
        10,
        2,
        "High",
        Some(7.8),
        Public,
        930,
        "Heap overflow when UTF-16 is converted.",
    ),
    cve(
        "CVE-2024-31497",
        11,
        1,
        "Medium",
        Some(5.9),
        Public,
        680,
        "Biased ECDSA nonces give away NIST P-521 keys.",
    ),
    cve(
        "CVE-2023-34058",
        12,
        2,
        "High",
        Some(7.5),
        No,
        860,
        "SAML token signature bypass.",
    ),
    cve(
        "CVE-2024-6387",
        16,
        2,
        "High",
        Some(8.1),
        Public,
        610,
        "A race in a signal handler of sshd, known as regreSSHion.",
    ),
    cve(
        "CVE-2021-44228",
        17,
        2,
        "Critical",
        Some(10.0),
        Kit,
        1540,
        "Remote code execution by JNDI lookups in log messages, known as Log4Shell.",
    ),
    cve(
        "CVE-2021-41773",
        18,
        2,
        "High",
        Some(7.5),
        Kit,
        1610,
        "Path traversal.",
    ),
    cve(
        "CVE-2024-3094",
        19,
        2,
        "Critical",
        Some(10.0),
        Public,
        700,
        "Malicious code in the released archives of xz.",
    ),
    cve(
        "CVE-2024-44308",
        20,
        1,
        "High",
        Some(8.8),
        Verified,
        470,
        "Code runs when crafted web content is processed.",
    ),
    cve(
        "CVE-2025-24201",
        24,
        1,
        "High",
        Some(8.8),
        Verified,
        355,
        "Web content may break out of its sandbox.",
    ),
    cve(
        "CVE-2025-99999",
        25,
        0,
        "Low",
        Some(0.0),
        No,
        30,
        "Text with\r\nline breaks,\n\n\tand \u{1b}[31mcolour\u{1b}[0m.",
    ),
];

fn system(device: &Device) -> char {
    match device.kind {
        Kind::Domain | Kind::Server => 's',
        Kind::LinuxServer => 'l',
        Kind::Mac => 'm',
        Kind::Phone => 'p',
        Kind::Workstation | Kind::Virtual => 'w',
        Kind::Network => '-',
    }
}

/// The name of a product on a machine: the system is called by its version.
fn name_on(p: usize, device: &Device) -> String {
    match (p, device.system.platform) {
        (0, "Windows10" | "Windows10WVD") => "windows_10".to_owned(),
        (0, "Windows7") => "windows_7".to_owned(),
        _ => PRODUCTS[p].name.to_owned(),
    }
}

impl World {
    /// Products of a machine by number, with the place of the installed version (0 is the newest).
    fn installed(&self, i: usize) -> Vec<(usize, usize)> {
        let device = self.device(i);
        if device.onboarding != "Onboarded" {
            return Vec::new();
        }
        let system = system(&device);
        // exposure says how far behind the machine is
        let behind = match device.exposure {
            Some("High") => [15, 40, 45],
            Some("Medium") => [45, 45, 10],
            Some("None") => [100, 0, 0],
            _ => [82, 17, 1],
        };
        let mut dice = self.seed.dice(Topic::Software, i as u64);
        let mut all = Vec::new();
        for (p, product) in PRODUCTS.iter().enumerate() {
            if product.on.contains(system) && dice.chance(product.odds) {
                all.push((
                    p,
                    dice.weighted(&[(0, behind[0]), (1, behind[1]), (2, behind[2])]),
                ));
            }
        }
        all
    }

    fn weak(&self, i: usize) -> impl Iterator<Item = (&'static Weakness, usize)> {
        let installed = self.installed(i);
        WEAKNESSES.iter().filter_map(move |weakness| {
            let (_, version) = installed.iter().find(|(p, _)| *p == weakness.product)?;
            (*version >= weakness.from).then_some((weakness, *version))
        })
    }

    /// Vulnerabilities of a machine, unordered.
    pub fn machine_vulnerabilities(&self, i: usize) -> Vec<Obj> {
        self.weak(i)
            .map(|(weakness, _)| self.weakness_json(weakness))
            .collect()
    }

    fn weakness_json(&self, w: &Weakness) -> Obj {
        let published = self.now.plus(-w.days * DAY).whole_second();
        // about how many of a company's machines have it; counting them for every answer would read the whole inventory
        let share = PRODUCTS[w.product].odds as usize * if w.from == 2 { 6 } else { 28 } / 1000;
        obj(json!({
            "id": w.id,
            "name": w.id,
            "description": format!("Summary: {}\r\n\r\nImpact: see the vendor's advisory.\r\n\r\nRemediation: apply the latest patches and updates provided by the vendor.", w.about),
            "severity": w.severity,
            "cvssV3": w.score,
            "cvssVector": w.score.filter(|s| *s > 0.0).map(|_| "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H"),
            "exposedMachines": (self.machine_count() * share / 100).max(1),
            "publishedOn": published.to_string(),
            "updatedOn": published.plus(9 * DAY).to_string(),
            "firstDetected": published.plus(DAY).to_string(),
            "publicExploit": w.public,
            "exploitVerified": w.verified,
            "exploitInKit": w.kit,
            "exploitTypes": if w.public { json!(["Remote"]) } else { json!([]) },
            "exploitUris": if w.verified { json!([format!("https://exploits.example/{}", w.id)]) } else { json!([]) },
            "CveSupportability": "Supported",
            "tags": [],
            "epss": if w.kit { 0.94 } else if w.public { 0.31 } else { 0.002 },
        }))
    }

    /// Software of a machine, in the form of the software inventory.
    pub fn machine_software(&self, i: usize) -> Vec<Obj> {
        let device = self.device(i);
        self.installed(i)
            .into_iter()
            .map(|(p, _)| {
                let product = &PRODUCTS[p];
                let name = name_on(p, &device);
                let weak: Vec<&Weakness> = WEAKNESSES.iter().filter(|w| w.product == p).collect();
                obj(json!({
                    "id": format!("{}-_-{}", product.vendor, name),
                    "name": name,
                    "vendor": product.vendor,
                    "weaknesses": weak.len(),
                    "publicExploit": weak.iter().any(|w| w.public),
                    "activeAlert": p % 7 == 5,
                    "exposedMachines": self.machine_count() * product.odds as usize / 4_000,
                    "installedMachines": self.machine_count() * product.odds as usize / 1_500,
                    "impactScore": (weak.len() as f64) * 0.37,
                    "isNormalized": true,
                }))
            })
            .collect()
    }

    /// Rows of the combined list (`machinesVulnerabilities`) of one machine.
    pub fn machine_weaknesses(&self, i: usize) -> Vec<Obj> {
        let machine = self.machine_id(i).to_owned();
        let device = self.device(i);
        self.weak(i)
            .map(|(w, version)| {
                let product = &PRODUCTS[w.product];
                let version = product.versions[version];
                let name = name_on(w.product, &device);
                obj(json!({
                    "id": format!("{machine}-_-{}-_-{}-_-{}-_-{version}-_-", w.id, product.vendor, product.name),
                    "cveId": w.id,
                    "machineId": machine,
                    "fixingKbId": w.kb,
                    "productName": name,
                    "productVendor": product.vendor,
                    "productVersion": version,
                    "severity": w.severity,
                }))
            })
            .collect()
    }
}
