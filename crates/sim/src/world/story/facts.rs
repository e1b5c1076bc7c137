//! Things that stories are made of: addresses, files, processes, mails.

use super::super::dice::{Dice, Guid};
use super::super::people::text_hash;
use super::super::stamp::Stamp;
use std::net::IpAddr;

/// An address and where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Address {
    pub ip: IpAddr,
    pub place: &'static Place,
}

/// A place on earth.
#[derive(Debug, PartialEq)]
pub struct Place {
    pub city: &'static str,
    pub state: &'static str,
    pub country: &'static str,
    pub letters: &'static str,
    pub latitude: f64,
    pub longitude: f64,
}

const fn place(
    city: &'static str,
    state: &'static str,
    country: &'static str,
    letters: &'static str,
    latitude: f64,
    longitude: f64,
) -> Place {
    Place {
        city,
        state,
        country,
        letters,
        latitude,
        longitude,
    }
}

/// Where strange sign-ins come from.
pub static PLACES: [Place; 12] = [
    place(
        "Amsterdam",
        "Noord-Holland",
        "Netherlands",
        "NL",
        52.37,
        4.89,
    ),
    place("Bucharest", "Bucuresti", "Romania", "RO", 44.43, 26.1),
    place("Lagos", "Lagos", "Nigeria", "NG", 6.45, 3.39),
    place("Hanoi", "Ha Noi", "Viet Nam", "VN", 21.03, 105.85),
    place("Kyiv", "Kyiv", "Ukraine", "UA", 50.45, 30.52),
    place("Frankfurt am Main", "Hessen", "Germany", "DE", 50.11, 8.68),
    place("Ashburn", "Virginia", "United States", "US", 39.04, -77.49),
    place("Singapore", "Singapore", "Singapore", "SG", 1.35, 103.82),
    place("Jakarta", "Jakarta Raya", "Indonesia", "ID", -6.2, 106.85),
    place("Sofia", "Sofia-Grad", "Bulgaria", "BG", 42.7, 23.32),
    place("Mumbai", "Maharashtra", "India", "IN", 19.08, 72.88),
    place("São Paulo", "São Paulo", "Brazil", "BR", -23.55, -46.63),
];

/// The place of an outside address: the same address is always in the same place.
pub fn outside(ip: IpAddr) -> Address {
    let byte = match ip {
        IpAddr::V4(v4) => v4.octets()[3],
        IpAddr::V6(v6) => v6.octets()[15],
    };
    Address {
        ip,
        place: &PLACES[usize::from(byte) % PLACES.len()],
    }
}

/// A file: who signed it and where it lies. Hashes follow from name and salt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    /// The folder, without a final separator.
    pub folder: String,
    pub size: u64,
    pub signer: Option<&'static str>,
    /// What the hashes are made from.
    pub seed: u64,
}

impl File {
    /// SHA-1, SHA-256 and MD5 in lower-case hexadecimal.
    pub fn hashes(&self) -> (String, String, String) {
        let mut dice = Dice::of(self.seed);
        (dice.hex(40), dice.hex(64), dice.hex(32))
    }

    /// Folder and name.
    pub fn path(&self) -> String {
        let separator = if self.folder.starts_with('/') {
            '/'
        } else {
            '\\'
        };
        format!("{}{separator}{}", self.folder, self.name)
    }
}

/// Folder and signer of programs that come with a system, or None.
fn known(name: &str) -> Option<(&'static str, &'static str)> {
    const WINDOWS: &str = "Microsoft Windows";
    Some(match name {
        "powershell.exe" => (r"C:\Windows\System32\WindowsPowerShell\v1.0", WINDOWS),
        "explorer.exe" => (r"C:\Windows", WINDOWS),
        "wmiprvse.exe" | "WmiPrvSE.exe" => (r"C:\Windows\System32\wbem", WINDOWS),
        "WMIC.exe" => (r"C:\Windows\System32\wbem", WINDOWS),
        "OUTLOOK.EXE" | "WINWORD.EXE" | "EXCEL.EXE" => (
            r"C:\Program Files\Microsoft Office\root\Office16",
            "Microsoft Corporation",
        ),
        "msedge.exe" => (
            r"C:\Program Files (x86)\Microsoft\Edge\Application",
            "Microsoft Corporation",
        ),
        "chrome.exe" => (r"C:\Program Files\Google\Chrome\Application", "Google LLC"),
        "OneDrive.exe" => (
            r"C:\Program Files\Microsoft OneDrive",
            "Microsoft Corporation",
        ),
        "Teams.exe" | "ms-teams.exe" => (
            r"C:\Program Files\WindowsApps\MSTeams",
            "Microsoft Corporation",
        ),
        "AnyDesk.exe" => (r"C:\ProgramData\AnyDesk", "philandro Software GmbH"),
        "w3wp.exe" => (r"C:\Windows\System32\inetsrv", WINDOWS),
        "sqlservr.exe" => (
            r"C:\Program Files\Microsoft SQL Server\MSSQL16.MSSQLSERVER\MSSQL\Binn",
            "Microsoft Corporation",
        ),
        "cmd.exe" | "rundll32.exe" | "regsvr32.exe" | "mshta.exe" | "wscript.exe"
        | "cscript.exe" | "certutil.exe" | "bitsadmin.exe" | "schtasks.exe" | "svchost.exe"
        | "services.exe" | "lsass.exe" | "vssadmin.exe" | "wevtutil.exe" | "net.exe"
        | "nltest.exe" | "whoami.exe" | "tasklist.exe" | "reg.exe" | "sc.exe" | "ntdsutil.exe"
        | "bcdedit.exe" | "taskmgr.exe" | "msiexec.exe" | "mmc.exe" | "quser.exe"
        | "robocopy.exe" | "curl.exe" | "tar.exe" | "notepad.exe" | "winlogon.exe" => {
            (r"C:\Windows\System32", WINDOWS)
        }
        "bash" | "sh" | "curl" | "wget" | "nc" | "python3" | "cron" | "sshd" | "sudo"
        | "crontab" | "base64" => ("/usr/bin", ""),
        "zsh" | "osascript" | "Terminal" => ("/bin", "Software Signing"),
        _ => return None,
    })
}

/// A program or document. `name` is a bare name of a known program, or a full path.
pub fn file(name: &str, salt: u64) -> File {
    if let Some((folder, signer)) = known(name) {
        let seed = text_hash(name);
        let signer = Some(signer).filter(|s| !s.is_empty());
        return File {
            name: name.to_owned(),
            folder: folder.to_owned(),
            size: 40_960 + seed % 900_000,
            signer,
            seed,
        };
    }
    let (folder, base) = match name.rfind(['\\', '/']) {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => (r"C:\Users\Public", name),
    };
    let seed = text_hash(base) ^ salt;
    File {
        name: base.to_owned(),
        folder: folder.to_owned(),
        size: 12_288 + seed % 6_000_000,
        signer: None,
        seed,
    }
}

/// A running program.
#[derive(Clone, Debug)]
pub struct Process {
    pub id: u32,
    pub created: Stamp,
    pub image: File,
    pub command: String,
    /// Process id, creation and image of the parent.
    pub parent: Option<(u32, Stamp, File)>,
}

/// A mail as it was delivered to one mailbox.
#[derive(Clone, Debug)]
pub struct Mail {
    pub network_id: Guid,
    pub subject: String,
    /// Address and display name of the sender.
    pub sender: (String, String),
    pub from: Address,
    /// Index of the recipient.
    pub recipient: usize,
    pub urls: Vec<String>,
    pub attachments: Vec<File>,
    pub received: Stamp,
    pub delivery: &'static str,
    pub location: &'static str,
    pub threats: &'static [&'static str],
    pub methods: &'static [&'static str],
}
