//! What stories leave behind on machines: the rows of the endpoint tables that an investigation is after.

use std::sync::Arc;

use serde_json::json;
use table::Chunk;

use super::super::World;
use super::super::stamp::{SECOND, Stamp};
use super::super::story::What;
use super::super::story::facts::{File, Process};
use super::book::Book;
use super::programs::{Maker, PROGRAMS};
use super::shape::Shape;
use super::told::{Scene, Told, report};

/// What makes the story's rows of one table.
pub(super) type Tell = fn(&World, &Told, Arc<Shape>) -> Chunk;

/// The story's part of an endpoint table.
pub(super) fn tell(table: &str) -> Option<Tell> {
    Some(match table {
        "DeviceProcessEvents" => processes,
        "DeviceNetworkEvents" => connections,
        "DeviceFileEvents" => files,
        "DeviceRegistryEvents" => settings,
        "DeviceImageLoadEvents" => images,
        "DeviceEvents" => others,
        "DeviceLogonEvents" => logons,
        _ => return None,
    })
}

const UNKNOWN: Maker = Maker("", "", "");

/// Maker and description of a program, if it is one of every day.
fn made(file: &File) -> (&'static Maker, &'static str) {
    PROGRAMS
        .iter()
        .find(|p| p.image == file.name || p.image.ends_with(&format!("\\{}", file.name)))
        .map_or((&UNKNOWN, ""), |p| (p.maker, p.about))
}

/// Programs that run as the system whoever is logged on.
fn is_system(file: &File) -> bool {
    matches!(
        file.name.as_str(),
        "services.exe" | "svchost.exe" | "w3wp.exe" | "WmiPrvSE.exe" | "wmiprvse.exe" | "lsass.exe"
    )
}

impl World {
    /// Time and machine of a row.
    fn told_head(&self, book: &mut Book, scene: &Scene, at: Stamp, salt: u64) {
        book.at(at).int("ReportId", report(scene, salt));
        if let Some(device) = scene.event.device {
            book.text("DeviceId", self.machine_id(device))
                .text("DeviceName", self.machine_name(device))
                .some("MachineGroup", self.device(device).group.1);
        }
    }

    fn told_account(&self, book: &mut Book, prefix: &str, user: Option<usize>, unix: bool) {
        let account = self.endpoint_account(user, unix);
        book.text(&format!("{prefix}AccountDomain"), account.domain)
            .text(&format!("{prefix}AccountName"), &account.name)
            .text(&format!("{prefix}AccountSid"), &account.sid)
            .text(&format!("{prefix}AccountUpn"), &account.upn)
            .text(&format!("{prefix}AccountObjectId"), &account.object);
    }

    /// Everything about a process that acts, as far as the story knows it.
    fn told_process(&self, book: &mut Book, scene: &Scene, id: u32, created: Stamp, file: &File) {
        const P: &str = "InitiatingProcess";
        let user = scene.event.user.filter(|_| !is_system(file));
        let unix = file.folder.starts_with('/');
        self.told_account(book, P, user, unix);
        told_file(book, P, P, file);
        book.int("InitiatingProcessId", i64::from(id))
            .time("InitiatingProcessCreationTime", created)
            .text("InitiatingProcessFolderPath", &file.path())
            .text(
                "InitiatingProcessIntegrityLevel",
                integrity(user.is_none(), unix),
            )
            .text("InitiatingProcessTokenElevation", elevation(user.is_none()))
            .text(
                "InitiatingProcessSignatureStatus",
                if file.signer.is_some() {
                    "Valid"
                } else {
                    "Unsigned"
                },
            )
            .text(
                "InitiatingProcessSignerType",
                if file.signer.is_some_and(|s| s.starts_with("Microsoft")) {
                    "OsVendor"
                } else {
                    "Unknown"
                },
            )
            .int("InitiatingProcessLogonId", 100_000 + i64::from(id))
            .int("InitiatingProcessSessionId", i64::from(user.is_some()))
            .bool("IsInitiatingProcessRemoteSession", false)
            .text("InitiatingProcessUniqueId", &unique(scene, id));
    }

    fn told_by(&self, book: &mut Book, scene: &Scene, by: Option<&Process>) {
        let Some(by) = by else { return };
        self.told_process(book, scene, by.id, by.created, &by.image);
        book.text("InitiatingProcessCommandLine", &by.command);
        if let Some((id, created, image)) = &by.parent {
            book.int("InitiatingProcessParentId", i64::from(*id))
                .time("InitiatingProcessParentCreationTime", *created)
                .text("InitiatingProcessParentFileName", &image.name);
        }
    }
}

fn unique(scene: &Scene, id: u32) -> String {
    let machine = scene.event.device.unwrap_or(0) as u64;
    (super::super::dice::mix(u64::from(id) ^ machine << 32 ^ u64::from(scene.frame.rank) << 12)
        >> 9)
        .to_string()
}

fn integrity(system: bool, unix: bool) -> &'static str {
    match (system, unix) {
        (_, true) => "",
        (true, _) => "System",
        _ => "High",
    }
}

fn elevation(system: bool) -> &'static str {
    if system {
        "TokenElevationTypeDefault"
    } else {
        "TokenElevationTypeFull"
    }
}

/// Name, hashes, size and version of a file.
fn told_file(book: &mut Book, prefix: &str, version: &str, file: &File) {
    let (sha1, sha256, md5) = file.hashes();
    let (maker, about) = made(file);
    let info = |tail: &str| format!("{version}VersionInfo{tail}");
    book.text(&format!("{prefix}FileName"), &file.name)
        .text(&format!("{prefix}SHA1"), &sha1)
        .text(&format!("{prefix}SHA256"), &sha256)
        .text(&format!("{prefix}MD5"), &md5)
        .int(&format!("{prefix}FileSize"), file.size as i64)
        .text(&info("CompanyName"), maker.0)
        .text(&info("ProductName"), maker.1)
        .text(&info("ProductVersion"), maker.2)
        .text(&info("FileDescription"), about);
    if !maker.0.is_empty() {
        book.text(
            &info("InternalFileName"),
            file.name.trim_end_matches(".exe"),
        )
        .text(&info("OriginalFileName"), &file.name);
    }
}

fn processes(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    let all = told.of_kind(|w| match w {
        What::Process(process) => Some(process),
        _ => None,
    });
    for (scene, process) in all {
        let unix = process.image.folder.starts_with('/');
        let user = scene.event.user.filter(|_| !is_system(&process.image));
        world.told_head(&mut book, scene, process.created, 1);
        book.text("ActionType", "ProcessCreated")
            .text("FolderPath", &process.image.path())
            .int("ProcessId", i64::from(process.id))
            .text("ProcessCommandLine", &process.command)
            .time("ProcessCreationTime", process.created)
            .text("ProcessIntegrityLevel", integrity(user.is_none(), unix))
            .text("ProcessTokenElevation", elevation(user.is_none()))
            .text("ProcessUniqueId", &unique(scene, process.id))
            .int("LogonId", 100_000 + i64::from(process.id))
            .int("CreatedProcessSessionId", i64::from(user.is_some()))
            .bool("IsProcessRemoteSession", false)
            .text("AdditionalFields", "{}");
        told_file(&mut book, "", "Process", &process.image);
        world.told_account(&mut book, "", user, unix);
        if let Some((id, created, image)) = &process.parent {
            world.told_process(&mut book, scene, *id, *created, image);
            // what the parent was called with stands in its own row of the same story
            let line = told.parent_line(scene, *id, *created);
            book.some("InitiatingProcessCommandLine", line);
        }
        book.end();
    }
    book.finish()
}

impl Told {
    /// The command line of a process of the same story.
    fn parent_line(&self, scene: &Scene, id: u32, created: Stamp) -> Option<&str> {
        self.same_story(scene)
            .iter()
            .find_map(|s| match &s.event.what {
                What::Process(p) if p.id == id && p.created == created => Some(p.command.as_str()),
                _ => None,
            })
    }
}

fn private(ip: std::net::IpAddr) -> bool {
    matches!(ip, std::net::IpAddr::V4(v4) if v4.is_private())
}

fn connections(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for scene in &told.scenes {
        let What::Connection { to, port, url, by } = &scene.event.what else {
            continue;
        };
        world.told_head(&mut book, scene, scene.event.at, 2);
        let blocked = scene
            .spec()
            .is_some_and(|s| s.source.detection == "smartScreen");
        book.text(
            "ActionType",
            if blocked {
                "ConnectionFailed"
            } else {
                "ConnectionSuccess"
            },
        )
        .text("RemoteIP", &to.ip.to_string())
        .int("RemotePort", i64::from(*port))
        .text("RemoteUrl", url.as_deref().map_or("", bare))
        .text("Protocol", "Tcp")
        .text("LocalIPType", "Private")
        .text(
            "RemoteIPType",
            if private(to.ip) { "Private" } else { "Public" },
        )
        .int("LocalPort", 49_152 + report(scene, 3) % 16_000)
        .text("AdditionalFields", "{}");
        if let Some(device) = scene.event.device {
            book.text("LocalIP", world.machine_ip(device));
        }
        world.told_by(&mut book, scene, by.as_ref());
        book.end();
    }
    book.finish()
}

/// A URL as the network sensor writes it: without scheme.
fn bare(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

fn files(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for scene in &told.scenes {
        let What::File { file, by } = &scene.event.what else {
            continue;
        };
        world.told_head(&mut book, scene, scene.event.at, 4);
        book.text("ActionType", "FileCreated")
            .text("FolderPath", &file.path())
            .text("AdditionalFields", "{}")
            .text(
                "RequestProtocol",
                if file.folder.starts_with(r"\\") {
                    "Smb"
                } else {
                    "Local"
                },
            )
            .bool("IsAzureInfoProtectionApplied", false);
        if let Some(share) = file
            .folder
            .strip_prefix(r"\\")
            .and_then(|f| f.split('\\').nth(1))
        {
            book.text("ShareName", share);
        }
        if file.folder.ends_with("Downloads") {
            book.text(
                "FileOriginUrl",
                &format!(
                    "https://docs-share.example/d/{}",
                    file.name.replace(' ', "%20")
                ),
            );
        }
        told_file(&mut book, "", "", file);
        world.told_by(&mut book, scene, by.as_ref());
        book.end();
    }
    book.finish()
}

fn settings(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for scene in &told.scenes {
        let What::Registry {
            hive,
            key,
            name,
            value,
            by,
        } = &scene.event.what
        else {
            continue;
        };
        world.told_head(&mut book, scene, scene.event.at, 5);
        book.text("ActionType", "RegistryValueSet")
            .text("RegistryKey", &format!("{hive}\\{key}"))
            .text("RegistryValueName", name)
            .text("RegistryValueData", value)
            .text("RegistryValueType", "String");
        world.told_by(&mut book, scene, by.as_ref());
        book.end();
    }
    book.finish()
}

fn images(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for scene in &told.scenes {
        let What::File { file, by: Some(by) } = &scene.event.what else {
            continue;
        };
        if !file.name.to_ascii_lowercase().ends_with(".dll") {
            continue;
        }
        world.told_head(&mut book, scene, scene.event.at.plus(SECOND / 4), 6);
        book.text("ActionType", "ImageLoaded")
            .text("FolderPath", &file.path());
        told_file(&mut book, "", "", file);
        world.told_by(&mut book, scene, Some(by));
        book.end();
    }
    book.finish()
}

fn others(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for scene in &told.scenes {
        match &scene.event.what {
            What::File { file, by } => {
                let Some(spec) = scene.spec().filter(|s| s.source.detection == "antivirus") else {
                    continue;
                };
                world.told_head(&mut book, scene, scene.event.at.plus(SECOND), 7);
                let threat = spec.threat.map_or("Trojan:Win32/Wacatac.B!ml", |t| t.0);
                let more = json!({"ThreatName": threat, "WasExecutingWhileDetected": false, "Action": 2,
                    "WasRemediated": true, "ReportSource": "Windows Defender"});
                book.text("ActionType", "AntivirusDetection")
                    .text("FolderPath", &file.path())
                    .json("AdditionalFields", &json!(more.to_string()));
                told_file(&mut book, "", "", file);
                world.told_by(&mut book, scene, by.as_ref());
            }
            What::Process(process) if scene.event.alert.is_some() => {
                let Some((action, more)) = noticed(&process.command) else {
                    continue;
                };
                world.told_head(&mut book, scene, process.created.plus(SECOND / 2), 8);
                book.text("ActionType", action)
                    .json("AdditionalFields", &json!(more.to_string()));
                if action == "OpenProcessApiCall" {
                    book.text("FileName", "lsass.exe")
                        .text("FolderPath", r"C:\Windows\System32\lsass.exe");
                }
                world.told_by(&mut book, scene, Some(process));
            }
            What::Click { url } if scene.event.device.is_some() => {
                world.told_head(&mut book, scene, scene.event.at, 9);
                book.text("ActionType", "BrowserLaunchedToOpenUrl")
                    .text("RemoteUrl", url)
                    .text("AdditionalFields", "{}");
                world.told_account(&mut book, "", scene.event.user, false);
            }
            What::Registry {
                value,
                key,
                name,
                by,
                ..
            } if name.starts_with("Disable") => {
                world.told_head(&mut book, scene, scene.event.at.plus(SECOND), 10);
                let more =
                    json!({"Status": "Blocked", "TamperingRegistryKey": key, "Value": value});
                book.text("ActionType", "TamperingAttempt")
                    .text("RegistryKey", key)
                    .text("RegistryValueName", name)
                    .json("AdditionalFields", &json!(more.to_string()));
                world.told_by(&mut book, scene, by.as_ref());
            }
            _ => continue,
        }
        book.end();
    }
    book.finish()
}

/// What the sensor notices of a command, beside its process.
fn noticed(command: &str) -> Option<(&'static str, serde_json::Value)> {
    let lower = command.to_lowercase();
    if lower.contains("lsass") {
        return Some(("OpenProcessApiCall", json!({"DesiredAccess": 2_097_151})));
    }
    if lower.contains(r"\\.\pipe\") {
        let pipe = command.rsplit('\\').next().unwrap_or_default();
        let pipe = format!(r"\Device\NamedPipe\{pipe}");
        return Some((
            "NamedPipeEvent",
            json!({"PipeName": pipe, "FileOperation": "File created"}),
        ));
    }
    if lower.contains("schtasks") && lower.contains("/create") {
        let task = command.split('"').nth(1).unwrap_or("task");
        return Some((
            "ScheduledTaskCreated",
            json!({"TaskName": format!("\\{task}")}),
        ));
    }
    if lower.contains("powershell") {
        return Some(("PowerShellCommand", json!({"Command": command})));
    }
    if lower.contains("wevtutil") {
        return Some(("SecurityLogCleared", json!({})));
    }
    None
}

fn logons(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for scene in &told.scenes {
        let What::Logon { from, kind, ok } = &scene.event.what else {
            continue;
        };
        world.told_head(&mut book, scene, scene.event.at, 11);
        let inside = from.starts_with("10.");
        book.text(
            "ActionType",
            if *ok { "LogonSuccess" } else { "LogonFailed" },
        )
        .text("LogonType", kind)
        .text("Protocol", if inside { "NTLM" } else { "Negotiate" })
        .text(
            "FailureReason",
            if *ok { "" } else { "InvalidUserNameOrPassword" },
        )
        .text("RemoteIP", from)
        .text("RemoteIPType", if inside { "Private" } else { "Public" })
        .int("RemotePort", 49_152 + report(scene, 12) % 16_000)
        .bool("IsLocalAdmin", *ok)
        .int("LogonId", 100_000 + report(scene, 13))
        .text("AdditionalFields", "{}");
        if let Some(device) = world.machine_of_ip(from) {
            book.text("RemoteDeviceName", world.machine_name(device));
        }
        world.told_account(&mut book, "", scene.event.user, false);
        book.end();
    }
    book.finish()
}
