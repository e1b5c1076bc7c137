//! The daily noise of the endpoint tables: processes, connections, files, registry values, libraries, logons, other events.

use std::ops::Range;
use std::sync::Arc;

use table::Chunk;

use super::super::World;
use super::super::dice::mix;
use super::super::stamp::{MINUTE, SECOND};
use super::super::story::facts;
use super::habits::{self, LIBRARIES};
use super::programs::{Class, PROGRAMS};
use super::sessions::{
    CONNECTIONS, Days, FILES, IMAGES, LOGONS, OTHERS, PROCESSES, Rows, Run, SETTINGS, elevation,
    expand, image, integrity, logon_id, parent, program_columns, unique,
};
use super::shape::Shape;
use super::sheet::Sheet;

/// What makes the noise of one table from some of the sessions, and how many rows a session has in it.
pub(super) type Noise = (usize, fn(&World, &Days, Range<usize>, Arc<Shape>) -> Chunk);

/// The noise of an endpoint table.
pub(super) fn noise(table: &str) -> Option<Noise> {
    Some(match table {
        "DeviceProcessEvents" => (PROCESSES, processes),
        "DeviceNetworkEvents" => (CONNECTIONS, connections),
        "DeviceFileEvents" => (FILES, files),
        "DeviceRegistryEvents" => (SETTINGS, settings),
        "DeviceImageLoadEvents" => (IMAGES, images),
        "DeviceEvents" => (OTHERS, others),
        "DeviceLogonEvents" => (LOGONS, logons),
        _ => return None,
    })
}

fn processes(world: &World, days: &Days, range: Range<usize>, shape: Arc<Shape>) -> Chunk {
    let mut rows = Rows::new(world, days, range.len() * PROCESSES);
    for s in range {
        let session = &days.sessions[s];
        let class = days.place(session).class;
        for k in 0..PROCESSES {
            let run = session.run(class, k);
            rows.push(s, run, session.created(run));
        }
    }
    let mut sheet = Sheet::new(shape, rows.len());
    rows.head(&mut sheet, 1_000);
    sheet.same("ActionType", "ProcessCreated");
    let keys: Vec<u32> = rows.runs.iter().map(|r| r.program as u32).collect();
    program_columns(&mut sheet, "", "Process", &keys);
    let own: Vec<u32> = keys
        .iter()
        .zip(&rows.places)
        .map(|(k, p)| k + PROGRAMS.len() as u32 * p)
        .collect();
    sheet.key("FolderPath", &own, |key| {
        let path = image(&PROGRAMS[key % PROGRAMS.len()]).path();
        expand(&path, rows.account(key / PROGRAMS.len()))
            .into_owned()
            .into()
    });
    sheet.key("ProcessCommandLine", &own, |key| {
        expand(
            PROGRAMS[key % PROGRAMS.len()].command,
            rows.account(key / PROGRAMS.len()),
        )
    });
    sheet.int("ProcessId", |row| rows.session(row).pid(rows.runs[row]));
    sheet.int("ProcessCreationTime", |row| rows.times[row]);
    sheet.key("ProcessIntegrityLevel", &keys, |p| {
        integrity(&PROGRAMS[p]).into()
    });
    sheet.key("ProcessTokenElevation", &keys, |p| {
        elevation(&PROGRAMS[p]).into()
    });
    sheet.text("ProcessUniqueId", |row, line| {
        line.push_str(&unique(rows.session(row), rows.runs[row]));
    });
    sheet.int("LogonId", |row| {
        logon_id(rows.session(row), &PROGRAMS[rows.runs[row].program])
    });
    sheet.int("CreatedProcessSessionId", |row| {
        i64::from(!PROGRAMS[rows.runs[row].program].system)
    });
    sheet.bool("IsProcessRemoteSession", |_| false);
    let who: Vec<u32> = rows
        .runs
        .iter()
        .zip(&rows.places)
        .map(|(r, p)| rows.who(&PROGRAMS[r.program], *p))
        .collect();
    rows.accounts(&mut sheet, "", &who);
    sheet.same("AdditionalFields", "{}");
    let parents: Vec<Run> = rows.runs.iter().map(|r| parent(*r)).collect();
    rows.initiating(&mut sheet, &parents);
    sheet.finish()
}

fn connections(world: &World, days: &Days, range: Range<usize>, shape: Arc<Shape>) -> Chunk {
    const SALT: u64 = 11;
    let mut rows = Rows::new(world, days, range.len() * CONNECTIONS);
    let mut what: Vec<u32> = Vec::with_capacity(range.len() * CONNECTIONS);
    for s in range {
        let session = &days.sessions[s];
        let class = days.place(session).class;
        for j in 0..CONNECTIONS {
            let (number, talk) = habits::talk_at(class, session.dice(SALT, j).roll() as usize >> 8);
            what.push(number as u32);
            let run = Run {
                program: talk.program,
                again: 0,
            };
            rows.push(s, run, session.moment(SALT, j, CONNECTIONS));
        }
    }
    let mut sheet = Sheet::new(shape, rows.len());
    rows.head(&mut sheet, 2_000);
    sheet.key("ActionType", &what, |n| habits::talk_of(n).action.into());
    sheet.key("RemoteIP", &what, |n| habits::talk_of(n).ip.into());
    sheet.key("RemoteUrl", &what, |n| habits::talk_of(n).url.into());
    sheet.key("Protocol", &what, |n| habits::talk_of(n).protocol.into());
    sheet.int("RemotePort", |row| habits::talk_of(what[row] as usize).port);
    sheet.key("RemoteIPType", &what, |n| {
        if habits::talk_of(n).ip.starts_with("10.") {
            "Private".into()
        } else {
            "Public".into()
        }
    });
    sheet.same("LocalIPType", "Private");
    sheet.key("LocalIP", &rows.places, |p| {
        world.machine_ip(rows.at(p).device).into()
    });
    sheet.int("LocalPort", |row| {
        49_152 + (mix(rows.times[row] as u64) % 16_000) as i64
    });
    sheet.same("AdditionalFields", "{}");
    sheet.int("LogonID", |row| {
        logon_id(rows.session(row), &PROGRAMS[rows.runs[row].program])
    });
    rows.initiating(&mut sheet, &rows.runs);
    sheet.finish()
}

fn number(session: &super::sessions::Session, salt: u64, j: usize) -> u32 {
    (session.dice(salt, j + 1_000).roll() >> 44) as u32
}

/// Writes a text with account and number in their places.
fn write(text: &str, account: &str, number: u32, line: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        line.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(tail) = rest.strip_prefix("{u}") {
            line.push_str(account);
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix("{n}") {
            line.push_str(&number.to_string());
            rest = tail;
        } else {
            line.push('{');
            rest = &rest[1..];
        }
    }
    line.push_str(rest);
}

fn files(world: &World, days: &Days, range: Range<usize>, shape: Arc<Shape>) -> Chunk {
    const SALT: u64 = 23;
    let mut rows = Rows::new(world, days, range.len() * FILES);
    let mut what: Vec<u32> = Vec::with_capacity(range.len() * FILES);
    let mut numbers: Vec<u32> = Vec::with_capacity(range.len() * FILES);
    for s in range {
        let session = &days.sessions[s];
        let class = days.place(session).class;
        for j in 0..FILES {
            let (at, touch) = habits::touch_at(class, session.dice(SALT, j).roll() as usize >> 8);
            what.push(at as u32);
            numbers.push(number(session, SALT, j));
            let run = Run {
                program: touch.program,
                again: 0,
            };
            rows.push(s, run, session.moment(SALT, j, FILES));
        }
    }
    let mut sheet = Sheet::new(shape, rows.len());
    rows.head(&mut sheet, 3_000);
    let touch = |row: usize| habits::touch_of(what[row] as usize);
    let account = |row: usize| rows.account(rows.places[row] as usize);
    sheet.key("ActionType", &what, |n| habits::touch_of(n).action.into());
    sheet.text("FileName", |row, line| {
        write(touch(row).name, account(row), numbers[row], line);
    });
    sheet.text("FolderPath", |row, line| {
        let folder = touch(row).folder;
        write(folder, account(row), numbers[row], line);
        if !folder.ends_with('\\') {
            line.push(if folder.starts_with('/') { '/' } else { '\\' });
        }
        write(touch(row).name, account(row), numbers[row], line);
    });
    sheet.text("PreviousFileName", |row, line| {
        if touch(row).action == "FileRenamed" {
            write("New {n}.tmp", "", numbers[row], line);
        }
    });
    sheet.text("FileOriginUrl", |row, line| {
        write(touch(row).origin, account(row), numbers[row], line);
    });
    sheet.key(
        "FileOriginReferrerUrl",
        &what,
        |n| match habits::touch_of(n).origin {
            "" => "".into(),
            _ => "https://www.bing.com/".into(),
        },
    );
    let hashes = |row: usize| {
        let seed = mix(u64::from(numbers[row]) << 8 ^ u64::from(what[row]));
        facts::File {
            name: String::new(),
            folder: String::new(),
            size: 0,
            signer: None,
            seed,
        }
        .hashes()
    };
    // files that went have no content to hash any more
    let there = |row: usize| touch(row).action != "FileDeleted";
    sheet.text("SHA1", |row, line| {
        if there(row) {
            line.push_str(&hashes(row).0);
        }
    });
    sheet.text("SHA256", |row, line| {
        if there(row) {
            line.push_str(&hashes(row).1);
        }
    });
    sheet.text("MD5", |row, line| {
        if there(row) {
            line.push_str(&hashes(row).2);
        }
    });
    sheet.int("FileSize", |row| {
        if there(row) {
            i64::from(numbers[row]) * 7 % 4_000_000 + 312
        } else {
            0
        }
    });
    sheet.same("RequestProtocol", "Local");
    sheet.bool("IsAzureInfoProtectionApplied", |_| false);
    sheet.same("AdditionalFields", "{}");
    rows.initiating(&mut sheet, &rows.runs);
    sheet.finish()
}

/// Rows whose programs are those of a list, as far as the class of the machine has them.
fn listed<'a>(
    world: &'a World,
    days: &'a Days,
    range: Range<usize>,
    each: usize,
    salt: u64,
    programs: &[usize],
) -> (Rows<'a>, Vec<u32>) {
    let mut rows = Rows::new(world, days, range.len() * each);
    let mut what = Vec::with_capacity(range.len() * each);
    let fitting = |class: Class| -> Vec<usize> {
        let all = (0..programs.len()).filter(|n| class.core().contains(&programs[*n]));
        all.collect()
    };
    let by_class = [fitting(Class::Workstation), fitting(Class::Server)];
    for s in range {
        let session = &days.sessions[s];
        let list = match days.place(session).class {
            Class::Workstation => &by_class[0],
            Class::Server => &by_class[1],
            Class::Linux | Class::Mac => continue,
        };
        if list.is_empty() {
            continue;
        }
        for j in 0..each {
            let n = list[session.dice(salt, j).below(list.len() as u64) as usize];
            what.push(n as u32);
            let run = Run {
                program: programs[n],
                again: 0,
            };
            rows.push(s, run, session.moment(salt, j, each));
        }
    }
    (rows, what)
}

fn settings(world: &World, days: &Days, range: Range<usize>, shape: Arc<Shape>) -> Chunk {
    const SALT: u64 = 31;
    let all = habits::settings();
    let programs: Vec<usize> = all.iter().map(|s| s.program).collect();
    let (rows, what) = listed(world, days, range, SETTINGS, SALT, &programs);
    let mut sheet = Sheet::new(shape, rows.len());
    rows.head(&mut sheet, 4_000);
    let one = |row: usize| &all[what[row] as usize];
    let number = |row: usize| (mix(rows.times[row] as u64) >> 44) as u32;
    sheet.key("ActionType", &what, |n| all[n].action.into());
    sheet.key("RegistryValueType", &what, |n| all[n].kind.into());
    sheet.text("RegistryKey", |row, line| {
        write(one(row).key, "", number(row), line);
    });
    sheet.text("RegistryValueName", |row, line| {
        write(one(row).name, "", number(row), line);
    });
    sheet.text("RegistryValueData", |row, line| {
        write(one(row).value, "", number(row), line);
    });
    rows.initiating(&mut sheet, &rows.runs);
    sheet.finish()
}

fn images(world: &World, days: &Days, range: Range<usize>, shape: Arc<Shape>) -> Chunk {
    const SALT: u64 = 41;
    let programs: Vec<usize> = LIBRARIES.iter().map(|(p, ..)| *p).collect();
    let (rows, what) = listed(world, days, range, IMAGES, SALT, &programs);
    let mut sheet = Sheet::new(shape, rows.len());
    rows.head(&mut sheet, 5_000);
    let file = |n: usize| {
        let (_, folder, name) = LIBRARIES[n];
        facts::file(&format!("{folder}\\{name}"), 0)
    };
    sheet.same("ActionType", "ImageLoaded");
    sheet.key("FileName", &what, |n| LIBRARIES[n].2.into());
    sheet.key("FolderPath", &what, |n| file(n).path().into());
    sheet.key("SHA1", &what, |n| file(n).hashes().0.into());
    sheet.key("SHA256", &what, |n| file(n).hashes().1.into());
    sheet.key("MD5", &what, |n| file(n).hashes().2.into());
    sheet.int("FileSize", |row| file(what[row] as usize).size as i64);
    rows.initiating(&mut sheet, &rows.runs);
    sheet.finish()
}

fn others(world: &World, days: &Days, range: Range<usize>, shape: Arc<Shape>) -> Chunk {
    const SALT: u64 = 53;
    let all = habits::others();
    let programs: Vec<usize> = all.iter().map(|(p, ..)| *p).collect();
    let (rows, what) = listed(world, days, range, OTHERS, SALT, &programs);
    let mut sheet = Sheet::new(shape, rows.len());
    rows.head(&mut sheet, 6_000);
    sheet.key("ActionType", &what, |n| all[n].1.into());
    sheet.key("FileName", &what, |n| all[n].2.into());
    sheet.text("AdditionalFields", |row, line| {
        let number = (mix(rows.times[row] as u64) >> 50) as u32;
        write(all[what[row] as usize].3, "", number, line);
    });
    sheet.key("RemoteUrl", &what, |n| match all[n].1 {
        "BrowserLaunchedToOpenUrl" => "https://intranet.contoso.com/news".into(),
        "SmartScreenUrlWarning" => "https://files.example.com/s/free".into(),
        _ => "".into(),
    });
    let who: Vec<u32> = rows
        .runs
        .iter()
        .zip(&rows.places)
        .map(|(r, p)| rows.who(&PROGRAMS[r.program], *p))
        .collect();
    rows.accounts(&mut sheet, "", &who);
    rows.initiating(&mut sheet, &rows.runs);
    sheet.finish()
}

fn logons(world: &World, days: &Days, range: Range<usize>, shape: Arc<Shape>) -> Chunk {
    const SALT: u64 = 61;
    let mut rows = Rows::new(world, days, range.len() * LOGONS);
    let mut wrong = Vec::with_capacity(range.len() * LOGONS);
    for s in range {
        let session = &days.sessions[s];
        let first = match days.place(session).class {
            Class::Linux => 2,
            Class::Mac => 3,
            _ => 4,
        };
        // a person mistypes once in a while, then logs on
        for j in 0..LOGONS {
            let failed = j == 0 && session.dice(SALT, 0).chance(60);
            wrong.push(u32::from(failed));
            let run = Run {
                program: first,
                again: 0,
            };
            let later = if j == 0 { 0 } else { 3 * 60 * MINUTE / 4 };
            let at = session.start - 20 * SECOND + later + j as i64 * SECOND;
            rows.push(s, run, at);
        }
    }
    let mut sheet = Sheet::new(shape, rows.len());
    rows.head(&mut sheet, 7_000);
    let kinds = |row: usize| match rows.at(rows.places[row] as usize).class {
        Class::Workstation | Class::Mac if row.is_multiple_of(LOGONS) => 0,
        Class::Workstation | Class::Mac => 1,
        Class::Server if row.is_multiple_of(LOGONS) => 2,
        Class::Server => 3,
        Class::Linux => 3,
    };
    let kind: Vec<u32> = (0..rows.len()).map(kinds).collect();
    sheet.key("ActionType", &wrong, |w| {
        if w == 1 {
            "LogonFailed"
        } else {
            "LogonSuccess"
        }
        .into()
    });
    sheet.key("FailureReason", &wrong, |w| {
        if w == 1 {
            "InvalidUserNameOrPassword"
        } else {
            ""
        }
        .into()
    });
    sheet.key("LogonType", &kind, |k| {
        [
            "Interactive",
            "CachedInteractive",
            "RemoteInteractive",
            "Network",
        ][k]
            .into()
    });
    sheet.key("Protocol", &kind, |k| {
        ["Negotiate", "Kerberos", "Negotiate", "Kerberos"][k].into()
    });
    sheet.key("RemoteIP", &kind, |k| {
        ["", "", "10.1.0.25", "10.1.0.99"][k].into()
    });
    sheet.key("RemoteDeviceName", &kind, |k| {
        ["", "", "srv-jump-01", ""][k].into()
    });
    sheet.key("RemoteIPType", &kind, |k| {
        ["", "", "Private", "Private"][k].into()
    });
    sheet.int("RemotePort", |row| if kind[row] < 2 { 0 } else { 50_000 });
    sheet.bool("IsLocalAdmin", |row| kind[row] > 1);
    sheet.int("LogonId", |row| logon_id(rows.session(row), &PROGRAMS[5]));
    let who: Vec<u32> = rows.places.iter().map(|p| p + 2).collect();
    rows.accounts(&mut sheet, "", &who);
    sheet.same("AdditionalFields", r#"{"IsLocalLogon":true}"#);
    rows.initiating(&mut sheet, &rows.runs);
    sheet.finish()
}
