//! What ordinary programs do in a day: where they connect, which files, keys and libraries they touch. Data only.
//!
//! `program` is a place in `PROGRAMS`; `{u}` is the account, `{n}` a number that differs from row to row.

use super::programs::Class;

/// A connection.
pub(super) struct Talk {
    pub program: usize,
    pub action: &'static str,
    pub url: &'static str,
    pub ip: &'static str,
    pub port: i64,
    pub protocol: &'static str,
}

const fn talk(program: usize, url: &'static str, ip: &'static str, port: i64) -> Talk {
    Talk {
        program,
        action: "ConnectionSuccess",
        url,
        ip,
        port,
        protocol: "Tcp",
    }
}

impl Talk {
    const fn ending(mut self, action: &'static str) -> Talk {
        self.action = action;
        self
    }

    const fn udp(mut self) -> Talk {
        self.protocol = "Udp";
        self
    }
}

static WORKSTATION: [Talk; 20] = [
    talk(8, "www.bing.com", "150.171.28.10", 443),
    talk(8, "intranet.contoso.com", "10.1.0.21", 443),
    talk(8, "contoso.sharepoint.com", "52.107.128.9", 443),
    talk(8, "login.microsoftonline.com", "20.190.159.4", 443),
    talk(8, "news.example.org", "192.0.2.201", 443),
    talk(8, "cdn.example.net", "192.0.2.210", 443),
    talk(8, "chatpal.example", "192.0.2.222", 443),
    talk(9, "outlook.office365.com", "52.98.243.2", 443),
    talk(9, "autodiscover-s.outlook.com", "52.96.9.184", 443),
    talk(10, "teams.microsoft.com", "52.123.129.14", 443),
    talk(10, "", "52.112.100.6", 3478).udp(),
    talk(11, "contoso-my.sharepoint.com", "52.107.128.9", 443),
    talk(6, "srv-sccm-01.corp.contoso.com", "10.1.0.24", 8530),
    talk(6, "dc-01.corp.contoso.com", "10.1.0.10", 389),
    talk(6, "dc-01.corp.contoso.com", "10.1.0.10", 88),
    talk(6, "settings-win.data.microsoft.com", "51.104.136.2", 443),
    talk(7, "wdcp.microsoft.com", "20.54.24.69", 443),
    talk(7, "", "10.1.0.255", 137)
        .udp()
        .ending("ConnectionFailed"),
    talk(5, "srv-file-01.corp.contoso.com", "10.1.0.18", 445),
    talk(8, "freevpn.example", "192.0.2.215", 443).ending("ConnectionFailed"),
];

static SERVER: [Talk; 12] = [
    talk(38, "srv-sql-01.corp.contoso.com", "10.1.0.16", 1433),
    talk(38, "", "10.16.0.40", 51_022).ending("InboundConnectionAccepted"),
    talk(38, "", "10.17.0.92", 50_611).ending("InboundConnectionAccepted"),
    talk(37, "contoso.ods.opinsights.azure.com", "20.50.88.230", 443),
    talk(6, "dc-02.corp.contoso.com", "10.1.2.11", 389),
    talk(6, "dc-01.corp.contoso.com", "10.1.0.10", 88),
    talk(6, "dc-01.corp.contoso.com", "10.1.0.10", 135),
    talk(7, "wdcp.microsoft.com", "20.54.24.69", 443),
    talk(40, "srv-web-01.corp.contoso.com", "10.1.0.20", 5985),
    talk(43, "srv-backup-01.corp.contoso.com", "10.1.0.23", 445),
    talk(39, "crl.microsoft.com", "2.16.106.171", 80),
    talk(6, "", "10.1.0.1", 53).udp(),
];

static LINUX: [Talk; 8] = [
    talk(56, "lnx-app-01", "10.1.1.27", 5432),
    talk(56, "", "10.1.1.29", 6379),
    talk(56, "api.partner.example", "192.0.2.230", 443),
    talk(57, "health.contoso.com", "10.1.0.30", 443),
    talk(58, "archive.ubuntu.com", "185.125.190.36", 80),
    talk(58, "security.ubuntu.com", "185.125.190.39", 80),
    talk(54, "", "10.1.0.25", 50_100).ending("InboundConnectionAccepted"),
    talk(54, "", "10.1.0.99", 41_411).ending("ConnectionFailed"),
];

static MAC: [Talk; 8] = [
    talk(66, "www.apple.com", "17.253.144.10", 443),
    talk(66, "figma.example.com", "192.0.2.231", 443),
    talk(67, "outlook.office365.com", "52.98.243.2", 443),
    talk(69, "swscan.apple.com", "17.32.208.1", 443),
    talk(70, "contoso.sharepoint.com", "52.107.128.9", 443),
    talk(70, "github.com", "140.82.121.4", 443),
    talk(68, "registry.npmjs.org", "104.16.24.34", 443),
    talk(70, "news.example.org", "192.0.2.201", 443),
];

/// A file that comes, changes or goes.
pub(super) struct Touch {
    pub program: usize,
    pub action: &'static str,
    pub folder: &'static str,
    pub name: &'static str,
    pub origin: &'static str,
}

const fn touch(
    program: usize,
    action: &'static str,
    folder: &'static str,
    name: &'static str,
) -> Touch {
    Touch {
        program,
        action,
        folder,
        name,
        origin: "",
    }
}

const fn loaded(program: usize, origin: &'static str, name: &'static str) -> Touch {
    Touch {
        program,
        action: "FileCreated",
        folder: r"C:\Users\{u}\Downloads",
        name,
        origin,
    }
}

#[rustfmt::skip]
static WORKSTATION_FILES: [Touch; 24] = [
    touch(11, "FileCreated", r"C:\Users\{u}\OneDrive - Contoso\Documents", "Notes {n}.docx"),
    touch(11, "FileModified", r"C:\Users\{u}\OneDrive - Contoso\Documents", "Plan {n}.xlsx"),
    touch(11, "FileRenamed", r"C:\Users\{u}\OneDrive - Contoso\Documents", "Draft {n}.pptx"),
    touch(11, "FileDeleted", r"C:\Users\{u}\OneDrive - Contoso\Documents", "~$Plan {n}.xlsx"),
    touch(8, "FileCreated", r"C:\Users\{u}\AppData\Local\Microsoft\Edge\User Data\Default\Cache\Cache_Data", "f_{n}"),
    touch(8, "FileDeleted", r"C:\Users\{u}\AppData\Local\Microsoft\Edge\User Data\Default\Cache\Cache_Data", "f_{n}"),
    loaded(8, "https://intranet.contoso.com/forms/{n}", "Form-{n}.pdf"),
    loaded(8, "https://www.example.org/downloads/{n}", "report_{n}.zip"),
    loaded(8, "https://cdn.example.net/setup/{n}", "zoom_{n}.exe"),
    loaded(8, "https://files.example.com/s/{n}", "発注書_{n}.xlsx"),
    loaded(8, "https://files.example.com/s/{n}", "Счёт-фактура {n}.pdf"),
    loaded(8, "https://files.example.com/s/{n}", "فاتورة {n}.pdf"),
    loaded(8, "https://files.example.com/s/{n}", "invoice_{n}\u{202e}fdp.exe"),
    loaded(8, "https://files.example.com/s/{n}", "=HYPERLINK(\"http://x.example\",\"{n}\").csv"),
    loaded(8, "https://files.example.com/s/{n}", "a\u{1b}[31mred{n}.txt"),
    touch(9, "FileCreated", r"C:\Users\{u}\AppData\Local\Microsoft\Windows\INetCache\Content.Outlook\{n}", "Agenda.docx"),
    touch(9, "FileModified", r"C:\Users\{u}\AppData\Local\Microsoft\Outlook", "{u}@contoso.com.ost"),
    touch(10, "FileCreated", r"C:\Users\{u}\AppData\Local\Packages\MSTeams_8wekyb3d8bbwe\LocalCache\Logs", "MSTeams_{n}.log"),
    touch(5, "FileRenamed", r"C:\Users\{u}\Desktop", "Screenshot {n}.png"),
    touch(5, "FileCreated", r"C:\Users\{u}\Desktop", "Neuer Ordner ({n}).lnk"),
    touch(6, "FileCreated", r"C:\Windows\System32\Tasks", "MicrosoftEdgeUpdateTaskUser{n}"),
    touch(6, "FileModified", r"C:\Windows\Prefetch", "MSEDGE.EXE-{n}.pf"),
    touch(7, "FileCreated", r"C:\ProgramData\Microsoft\Windows Defender\Scans\History\Service", "Detections{n}.log"),
    touch(5, "FileCreated", r"E:\", "Backup_{n}.zip"),
];

#[rustfmt::skip]
static SERVER_FILES: [Touch; 8] = [
    touch(38, "FileCreated", r"C:\inetpub\logs\LogFiles\W3SVC1", "u_ex{n}.log"),
    touch(38, "FileCreated", r"C:\Windows\Temp", "tmp{n}.tmp"),
    touch(40, "FileModified", r"C:\Scripts\out", "health-{n}.csv"),
    touch(43, "FileCreated", r"D:\Backup", "data_{n}.bak"),
    touch(37, "FileCreated", r"C:\Program Files\Microsoft Monitoring Agent\Agent\Health Service State", "mp{n}.xml"),
    touch(6, "FileModified", r"C:\Windows\System32\LogFiles\Firewall", "pfirewall.log"),
    touch(7, "FileCreated", r"C:\ProgramData\Microsoft\Windows Defender\Scans", "mpcache-{n}.bin"),
    touch(6, "FileCreated", r"C:\Windows\SoftwareDistribution\Download", "kb{n}.cab"),
];

#[rustfmt::skip]
static LINUX_FILES: [Touch; 6] = [
    touch(56, "FileCreated", "/var/spool/app", "job-{n}.json"),
    touch(56, "FileDeleted", "/var/spool/app", "job-{n}.json"),
    touch(58, "FileCreated", "/var/lib/apt/lists/partial", "ubuntu_dists_{n}_InRelease"),
    touch(53, "FileCreated", "/var/log", "cron-{n}.log"),
    touch(55, "FileModified", "/home/{u}", ".bash_history"),
    touch(57, "FileCreated", "/tmp", "health.{n}"),
];

#[rustfmt::skip]
static MAC_FILES: [Touch; 5] = [
    touch(66, "FileCreated", "/Users/{u}/Downloads", "Slides {n}.key"),
    touch(70, "FileCreated", "/Users/{u}/Downloads", "figma-export-{n}.zip"),
    touch(67, "FileCreated", "/Users/{u}/Library/Group Containers/UBF8T346G9.Office/Outlook", "cache-{n}.olk15"),
    touch(68, "FileModified", "/Users/{u}", ".zsh_history"),
    touch(69, "FileCreated", "/Library/Updates/{n}", "update.pkg"),
];

/// A registry value.
pub(super) struct Setting {
    pub program: usize,
    pub action: &'static str,
    pub key: &'static str,
    pub name: &'static str,
    pub kind: &'static str,
    pub value: &'static str,
}

const fn set(
    program: usize,
    key: &'static str,
    name: &'static str,
    kind: &'static str,
    value: &'static str,
) -> Setting {
    Setting {
        program,
        action: "RegistryValueSet",
        key,
        name,
        kind,
        value,
    }
}

#[rustfmt::skip]
static SETTINGS: [Setting; 12] = [
    set(11, r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Run", "OneDrive", "String", "\"C:\\Program Files\\Microsoft OneDrive\\OneDrive.exe\" /background"),
    set(10, r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Run", "Teams", "String", "ms-teams.exe msteams:system-initiated"),
    set(6, r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks\{E5A1-{n}}", "DynamicInfo", "Binary", ""),
    set(6, r"HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\bam\State\UserSettings", "SequenceNumber", "Dword", "{n}"),
    set(7, r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows Defender\Signature Updates", "SignatureLocation", "String", "C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\{{n}}"),
    set(5, r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\RecentDocs", "MRUListEx", "Binary", ""),
    set(8, r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Edge\BLBeacon", "version", "String", "131.0.2903.70"),
    set(9, r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Office\16.0\Outlook\Search", "CatalogItem", "Dword", "{n}"),
    set(6, r"HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\UsoSvc", "Start", "Dword", "2"),
    set(5, r"HKEY_CURRENT_USER\SOFTWARE\Классы\Контосо", "Значение", "String", "да {n}"),
    Setting { program: 6, action: "RegistryKeyCreated", key: r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\SystemCertificates\ROOT\Certificates\{n}", name: "", kind: "", value: "" },
    Setting { program: 6, action: "RegistryValueDeleted", key: r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce", name: "Cleanup{n}", kind: "String", value: "" },
];

/// A library that a program loads: program, folder, name.
#[rustfmt::skip]
pub(super) static LIBRARIES: [(usize, &str, &str); 14] = [
    (5, r"C:\Windows\System32", "shell32.dll"),
    (5, r"C:\Windows\System32", "windows.storage.dll"),
    (6, r"C:\Windows\System32", "taskschd.dll"),
    (6, r"C:\Windows\System32", "wuaueng.dll"),
    (8, r"C:\Program Files (x86)\Microsoft\Edge\Application\131.0.2903.70", "msedge.dll"),
    (9, r"C:\Program Files\Microsoft Office\root\Office16", "mso.dll"),
    (9, r"C:\Program Files\Common Files\Microsoft Shared\VBA\VBA7.1", "VBE7.DLL"),
    (10, r"C:\Program Files\WindowsApps\MSTeams", "webview2.dll"),
    (11, r"C:\Program Files\Microsoft OneDrive", "FileSyncClient.dll"),
    (7, r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.24090.11-0", "MpClient.dll"),
    (7, r"C:\Windows\System32", "amsi.dll"),
    (40, r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319", "clr.dll"),
    (40, r"C:\Windows\assembly\NativeImages_v4.0.30319_64\System.Manaa57fc8cc#", "System.Management.Automation.ni.dll"),
    (38, r"C:\Windows\System32\inetsrv", "iiscore.dll"),
];

/// Other events of a device: program, kind, file name, more fields as JSON.
#[rustfmt::skip]
static OTHERS: [(usize, &str, &str, &str); 16] = [
    (7, "AntivirusScanCompleted", "", r#"{"ScanTypeIndex":"Quick","ScanParametersIndex":"Quick","User":"NT AUTHORITY\\SYSTEM"}"#),
    (7, "AntivirusDefinitionsUpdated", "", r#"{"CurrentVersion":"1.421.{n}.0","PreviousVersion":"1.421.1.0"}"#),
    (6, "ScheduledTaskUpdated", "", r#"{"TaskName":"\\Microsoft\\Windows\\UpdateOrchestrator\\Schedule Scan"}"#),
    (6, "ScheduledTaskCreated", "", r#"{"TaskName":"\\MicrosoftEdgeUpdateTaskMachineUA{n}"}"#),
    (6, "ServiceInstalled", "edgeupdate.exe", r#"{"ServiceName":"edgeupdate{n}","ServiceAccount":"LocalSystem","ServiceStartType":2}"#),
    (5, "ShellLinkCreateFileEvent", "Plan.lnk", r#"{"ShellLinkRunAsAdmin":false}"#),
    (5, "UsbDriveMounted", "", r#"{"DriveLetter":"E:","ProductName":"Ultra","SerialNumber":"4C530001{n}","Manufacturer":"SanDisk"}"#),
    (5, "PnpDeviceConnected", "", r#"{"ClassName":"DiskDrive","DeviceDescription":"Disk drive","DeviceId":"USBSTOR\\DISK&VEN_{n}"}"#),
    (8, "BrowserLaunchedToOpenUrl", "", r#"{}"#),
    (8, "SmartScreenUrlWarning", "", r#"{"Experience":"Untrusted"}"#),
    (40, "PowerShellCommand", "", r#"{"Command":"Get-Service"}"#),
    (40, "AmsiScriptContent", "", r#"{"Description":"PowerShell script content"}"#),
    (6, "DpapiAccessed", "", r#"{"ServiceUuid":"11220835-1a26-4294-8ceb-c295ab965a01"}"#),
    (9, "AsrOfficeChildProcessAudited", "cmd.exe", r#"{"RuleId":"d4f940ab-401b-4efc-aadc-ad5f3c50688a","IsAudit":true}"#),
    (6, "UserAccountModified", "", r#"{}"#),
    (6, "FirewallOutboundConnectionBlocked", "", r#"{}"#),
];

impl Class {
    /// Where its programs connect.
    pub fn talks(self) -> &'static [Talk] {
        match self {
            Class::Workstation => &WORKSTATION,
            Class::Server => &SERVER,
            Class::Linux => &LINUX,
            Class::Mac => &MAC,
        }
    }

    /// Files that its programs touch.
    pub fn touches(self) -> &'static [Touch] {
        match self {
            Class::Workstation => &WORKSTATION_FILES,
            Class::Server => &SERVER_FILES,
            Class::Linux => &LINUX_FILES,
            Class::Mac => &MAC_FILES,
        }
    }
}

/// All of a kind in one list, with where each class begins, so that one number names one thing.
pub(super) fn talk_at(class: Class, n: usize) -> (usize, &'static Talk) {
    let list = class.talks();
    let at = n % list.len();
    (class_base(class) + at, &list[at])
}

/// The same for files.
pub(super) fn touch_at(class: Class, n: usize) -> (usize, &'static Touch) {
    let list = class.touches();
    let at = n % list.len();
    (class_base(class) + at, &list[at])
}

const fn class_base(class: Class) -> usize {
    match class {
        Class::Workstation => 0,
        Class::Server => 32,
        Class::Linux => 64,
        Class::Mac => 96,
    }
}

/// The connection of a number that `talk_at` gave.
pub(super) fn talk_of(number: usize) -> &'static Talk {
    let list = class_of(number).talks();
    &list[number % 32 % list.len()]
}

/// The file of a number that `touch_at` gave.
pub(super) fn touch_of(number: usize) -> &'static Touch {
    let list = class_of(number).touches();
    &list[number % 32 % list.len()]
}

const fn class_of(number: usize) -> Class {
    match number / 32 {
        0 => Class::Workstation,
        1 => Class::Server,
        2 => Class::Linux,
        _ => Class::Mac,
    }
}

/// Registry values; only Windows has them, and only programs of the class count.
pub(super) fn settings() -> &'static [Setting] {
    &SETTINGS
}

/// Other events.
pub(super) fn others() -> &'static [(usize, &'static str, &'static str, &'static str)] {
    &OTHERS
}
