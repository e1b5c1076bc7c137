//! Sessions: one machine on one day, with the programs that run in it. Every row of the daily noise belongs to one, so that process
//! trees hold together across tables: who starts, connects or writes is a process whose start is a row of its own.

use std::borrow::Cow;

use super::super::World;
use super::super::dice::{Dice, Topic, mix};
use super::super::stamp::{DAY, HOUR, MINUTE, SECOND};
use super::super::story::facts::{self, File};
use super::super::systems::Kind;
use super::programs::{Class, PROGRAMS, Program, ROOTS};
use super::sheet::Sheet;

/// Machines that have noise, at most: more would not make a story harder to find.
const PLACES: usize = 4_000;
/// Rows of a session, by table.
pub(super) const PROCESSES: usize = 12;
pub(super) const CONNECTIONS: usize = 14;
pub(super) const FILES: usize = 8;
pub(super) const SETTINGS: usize = 4;
pub(super) const IMAGES: usize = 4;
pub(super) const OTHERS: usize = 5;
pub(super) const LOGONS: usize = 2;
/// Rows of a session in all tables.
const EACH: usize = PROCESSES + CONNECTIONS + FILES + SETTINGS + IMAGES + OTHERS + LOGONS;
/// Of a hundred rows, so many are those of sessions.
const SHARE: usize = 80;

/// A machine with noise.
#[derive(Debug)]
pub(super) struct Place {
    pub device: usize,
    pub user: usize,
    pub class: Class,
    east: i64,
}

/// One day of it.
#[derive(Debug)]
pub(super) struct Session {
    /// Number of its place.
    pub place: u32,
    pub start: i64,
    pub span: i64,
    pub seed: u64,
}

/// Places and sessions, oldest first.
#[derive(Debug, Default)]
pub(super) struct Days {
    pub places: Vec<Place>,
    pub sessions: Vec<Session>,
}

impl Days {
    /// The sessions of a tenant of that many events.
    pub fn of(world: &World) -> Days {
        let places = places(world);
        let count = world.size().events as usize * SHARE / 100 / EACH;
        let mut sessions = Vec::with_capacity(count);
        let now = world.now.0;
        for i in 0..count {
            if places.is_empty() {
                break;
            }
            let mut dice = world.seed.dice(Topic::Session, i as u64);
            let number = dice.below(places.len() as u64) as usize;
            let place = &places[number];
            let at = now - 30 * DAY + (i as i64 * 30 * DAY) / count.max(1) as i64;
            let midnight = at.div_euclid(DAY) * DAY;
            let (start, span) = match place.class {
                Class::Workstation | Class::Mac => (
                    midnight + 7 * HOUR + HOUR / 2 + dice.range(0, 150 * MINUTE)
                        - place.east * MINUTE,
                    9 * HOUR,
                ),
                Class::Server | Class::Linux => (midnight + dice.range(0, 20 * HOUR), 3 * HOUR),
            };
            // long enough for every program to have started, and nothing of it in the future or before the thirty days
            let start = start.clamp(now - 30 * DAY + 16 * HOUR, now - 110 * MINUTE);
            sessions.push(Session {
                place: number as u32,
                start,
                span: span.min(now - start - MINUTE),
                seed: dice.roll(),
            });
        }
        sessions.sort_unstable_by_key(|s| (s.start, s.seed));
        Days { places, sessions }
    }

    /// The place of a session.
    pub fn place(&self, session: &Session) -> &Place {
        &self.places[session.place as usize]
    }
}

fn places(world: &World) -> Vec<Place> {
    let count = world.machine_count();
    let mut places = Vec::new();
    for device in 0..count {
        let d = world.device(device);
        let class = match d.kind {
            Kind::Workstation | Kind::Virtual => Class::Workstation,
            Kind::Server | Kind::Domain => Class::Server,
            Kind::LinuxServer => Class::Linux,
            Kind::Mac => Class::Mac,
            Kind::Phone | Kind::Network => continue,
        };
        if d.onboarding != "Onboarded" || d.health != "Active" {
            continue;
        }
        let user = match d.owner {
            Some(owner) => owner,
            None => world.machine_users(device).first().copied().unwrap_or(14),
        };
        places.push(Place {
            device,
            user,
            class,
            east: d.office.east,
        });
        if places.len() == PLACES {
            break;
        }
    }
    places
}

/// A program of a session: its place in `PROGRAMS`, and how many times it was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub program: usize,
    pub again: usize,
}

impl Session {
    /// The k-th program of the session, below `PROCESSES`.
    pub fn run(&self, class: Class, k: usize) -> Run {
        let (core, rest) = (class.core(), class.rest());
        match core.get(k) {
            Some(program) => Run {
                program: *program,
                again: 0,
            },
            None => {
                let k = k - core.len();
                Run {
                    program: rest[(k + (self.seed % 97) as usize) % rest.len()],
                    again: k / rest.len(),
                }
            }
        }
    }

    /// The process id of a program.
    pub fn pid(&self, run: Run) -> i64 {
        if run.program < ROOTS && run.program != 1 {
            return [712, 0, 1, 1, 640][run.program];
        }
        let hash = mix(self.seed ^ ((run.program as u64) << 8) ^ ((run.again as u64) << 40));
        1_000 + 4 * (hash % 15_000) as i64
    }

    /// When a program started: parents before their children.
    pub fn created(&self, run: Run) -> i64 {
        let program = &PROGRAMS[run.program];
        self.start
            + program.minute * MINUTE
            + run.program as i64 * SECOND / 5
            + run.again as i64 * 7 * MINUTE
    }

    /// When the j-th of n things happened, after every program that is always there had started.
    pub fn moment(&self, salt: u64, j: usize, n: usize) -> i64 {
        let room = (self.span - 16 * MINUTE).max(SECOND);
        let step = room / n.max(1) as i64;
        let jitter = (mix(self.seed ^ salt ^ ((j as u64) << 24)) % step.max(1) as u64) as i64;
        self.start + 15 * MINUTE + step * j as i64 + jitter
    }

    /// Dice for the j-th thing of a table.
    pub fn dice(&self, salt: u64, j: usize) -> Dice {
        Dice::of(mix(self.seed ^ mix(salt.wrapping_add(j as u64))))
    }
}

/// The parent of a program.
pub(super) fn parent(run: Run) -> Run {
    Run {
        program: PROGRAMS[run.program].parent,
        again: 0,
    }
}

/// The file a program is.
pub(super) fn image(program: &Program) -> File {
    facts::file(program.image, 0)
}

/// A text with the account in its place.
pub(super) fn expand<'a>(text: &'a str, account: &str) -> Cow<'a, str> {
    if text.contains("{u}") {
        Cow::Owned(text.replace("{u}", account))
    } else {
        Cow::Borrowed(text)
    }
}

/// Who did it: a person or the system, under the names that Defender writes.
pub(super) struct Account<'a> {
    pub domain: &'static str,
    pub name: Cow<'a, str>,
    pub sid: Cow<'a, str>,
    pub upn: Cow<'a, str>,
    pub object: Cow<'a, str>,
}

impl World {
    /// An account as endpoint tables write it.
    pub(super) fn endpoint_account(&self, user: Option<usize>, unix: bool) -> Account<'_> {
        match user {
            None => Account {
                domain: if unix { "" } else { "nt authority" },
                name: if unix { "root" } else { "system" }.into(),
                sid: if unix { "" } else { "S-1-5-18" }.into(),
                upn: "".into(),
                object: "".into(),
            },
            Some(user) => {
                let row = self.user_row(user);
                Account {
                    domain: if row.synced { "contoso" } else { "azuread" },
                    name: row.account.into(),
                    sid: if row.synced {
                        self.user_sid(user).into()
                    } else {
                        super::super::directory::cloud_sid(row.id).into()
                    },
                    upn: row.upn.into(),
                    object: row.id.to_string().into(),
                }
            }
        }
    }
}

/// Rows of a sheet: which session each belongs to, when, and which program acts.
pub(super) struct Rows<'a> {
    pub world: &'a World,
    pub days: &'a Days,
    pub sessions: Vec<u32>,
    pub runs: Vec<Run>,
    pub times: Vec<i64>,
    /// The place of each row.
    pub places: Vec<u32>,
}

impl<'a> Rows<'a> {
    /// No rows yet, room for so many.
    pub fn new(world: &'a World, days: &'a Days, room: usize) -> Rows<'a> {
        Rows {
            world,
            days,
            sessions: Vec::with_capacity(room),
            runs: Vec::with_capacity(room),
            times: Vec::with_capacity(room),
            places: Vec::with_capacity(room),
        }
    }

    /// Adds one.
    pub fn push(&mut self, session: usize, run: Run, time: i64) {
        self.sessions.push(session as u32);
        self.places.push(self.days.sessions[session].place);
        self.runs.push(run);
        self.times.push(time);
    }

    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// The session of a row.
    pub fn session(&self, row: usize) -> &'a Session {
        &self.days.sessions[self.sessions[row] as usize]
    }

    /// A place by its number.
    pub fn at(&self, place: usize) -> &'a Place {
        &self.days.places[place]
    }

    /// Bare account name of a place.
    pub fn account(&self, place: usize) -> &'a str {
        self.world.user_row(self.at(place).user).account
    }

    /// Device, time and number of the row.
    pub fn head(&self, sheet: &mut Sheet, salt: i64) {
        let world = self.world;
        sheet.int("Timestamp", |row| self.times[row]);
        sheet.key("DeviceId", &self.places, |p| {
            world.machine_id(self.at(p).device).into()
        });
        sheet.key("DeviceName", &self.places, |p| {
            world.machine_name(self.at(p).device).into()
        });
        sheet.key("MachineGroup", &self.places, |p| {
            world
                .device(self.at(p).device)
                .group
                .1
                .unwrap_or_default()
                .into()
        });
        let first = i64::from(self.sessions.first().copied().unwrap_or(0));
        sheet.int("ReportId", |row| {
            (first * EACH as i64 + row as i64) % 900_000 + salt
        });
    }

    /// A number for who runs a program on a place: 0 the system, 1 root, the place and two for its person.
    pub fn who(&self, program: &Program, place: u32) -> u32 {
        if !program.system {
            return place + 2;
        }
        let class = self.at(place as usize).class;
        u32::from(matches!(class, Class::Linux | Class::Mac))
    }

    /// The account behind such a number.
    pub fn named(&self, who: usize) -> Account<'a> {
        match who {
            0 => self.world.endpoint_account(None, false),
            1 => self.world.endpoint_account(None, true),
            who => self
                .world
                .endpoint_account(Some(self.at(who - 2).user), false),
        }
    }

    /// Account columns with that prefix.
    pub fn accounts(&self, sheet: &mut Sheet, prefix: &str, who: &[u32]) {
        let column = |tail: &str| format!("{prefix}Account{tail}");
        sheet.key(&column("Domain"), who, |w| self.named(w).domain.into());
        sheet.key(&column("Name"), who, |w| self.named(w).name);
        sheet.key(&column("Sid"), who, |w| self.named(w).sid);
        sheet.key(&column("Upn"), who, |w| self.named(w).upn);
        sheet.key(&column("ObjectId"), who, |w| self.named(w).object);
    }

    /// Everything about the process that acts: `InitiatingProcess…`.
    pub fn initiating(&self, sheet: &mut Sheet, runs: &[Run]) {
        let keys: Vec<u32> = runs.iter().map(|r| r.program as u32).collect();
        let who: Vec<u32> = runs
            .iter()
            .zip(&self.places)
            .map(|(r, p)| self.who(&PROGRAMS[r.program], *p))
            .collect();
        // a program of a person lies in that person's folder
        let own: Vec<u32> = runs
            .iter()
            .zip(&self.places)
            .map(|(r, p)| r.program as u32 + PROGRAMS.len() as u32 * p)
            .collect();
        self.accounts(sheet, "InitiatingProcess", &who);
        program_columns(sheet, "InitiatingProcess", "InitiatingProcess", &keys);
        let split = |key: usize| (&PROGRAMS[key % PROGRAMS.len()], key / PROGRAMS.len());
        sheet.key("InitiatingProcessFolderPath", &own, |key| {
            let (program, place) = split(key);
            expand(&image(program).path(), self.account(place))
                .into_owned()
                .into()
        });
        sheet.key("InitiatingProcessCommandLine", &own, |key| {
            let (program, place) = split(key);
            expand(program.command, self.account(place))
        });
        let of = |row: usize| (self.session(row), runs[row]);
        sheet.int("InitiatingProcessId", |row| {
            let (session, run) = of(row);
            session.pid(run)
        });
        sheet.int("InitiatingProcessCreationTime", |row| {
            let (session, run) = of(row);
            session.created(run)
        });
        sheet.key("InitiatingProcessParentFileName", &keys, |p| {
            image(&PROGRAMS[PROGRAMS[p].parent]).name.into()
        });
        sheet.int("InitiatingProcessParentId", |row| {
            let (session, run) = of(row);
            session.pid(parent(run))
        });
        sheet.int("InitiatingProcessParentCreationTime", |row| {
            let (session, run) = of(row);
            session.created(parent(run))
        });
        sheet.key("InitiatingProcessIntegrityLevel", &keys, |p| {
            integrity(&PROGRAMS[p]).into()
        });
        sheet.key("InitiatingProcessTokenElevation", &keys, |p| {
            elevation(&PROGRAMS[p]).into()
        });
        sheet.key("InitiatingProcessSignerType", &keys, |p| {
            if PROGRAMS[p].maker.0.starts_with("Microsoft") {
                "OsVendor".into()
            } else {
                "Unknown".into()
            }
        });
        sheet.key("InitiatingProcessSignatureStatus", &keys, |p| {
            if PROGRAMS[p].maker.0.is_empty() {
                "Unknown".into()
            } else {
                "Valid".into()
            }
        });
        sheet.int("InitiatingProcessSessionId", |row| {
            i64::from(!PROGRAMS[runs[row].program].system)
        });
        sheet.bool("IsInitiatingProcessRemoteSession", |_| false);
        sheet.text("InitiatingProcessUniqueId", |row, line| {
            let (session, run) = of(row);
            line.push_str(&unique(session, run));
        });
        sheet.int("InitiatingProcessLogonId", |row| {
            logon_id(self.session(row), &PROGRAMS[runs[row].program])
        });
    }
}

/// An id that no other process has.
pub(super) fn unique(session: &Session, run: Run) -> String {
    (mix(session.seed ^ (run.program as u64) << 3 ^ (run.again as u64) << 33) >> 9).to_string()
}

/// The logon a process belongs to.
pub(super) fn logon_id(session: &Session, program: &Program) -> i64 {
    if program.system {
        999
    } else {
        100_000 + (session.seed % 9_000_000) as i64
    }
}

pub(super) fn integrity(program: &Program) -> &'static str {
    match (program.system, program.maker.0) {
        (_, "") => "",
        (true, _) => "System",
        _ => "Medium",
    }
}

pub(super) fn elevation(program: &Program) -> &'static str {
    match (program.system, program.maker.0) {
        (_, "") => "None",
        (true, _) => "TokenElevationTypeDefault",
        _ => "TokenElevationTypeLimited",
    }
}

/// Name, hashes and version of programs; `file` stands before hashes, `version` before the version's fields.
pub(super) fn program_columns(sheet: &mut Sheet, file: &str, version: &str, keys: &[u32]) {
    let hash = |p: usize| image(&PROGRAMS[p]).hashes();
    sheet.key(&format!("{file}FileName"), keys, |p| {
        image(&PROGRAMS[p]).name.into()
    });
    sheet.key(&format!("{file}SHA1"), keys, |p| hash(p).0.into());
    sheet.key(&format!("{file}SHA256"), keys, |p| hash(p).1.into());
    sheet.key(&format!("{file}MD5"), keys, |p| hash(p).2.into());
    let sizes: Vec<i64> = PROGRAMS.iter().map(|p| image(p).size as i64).collect();
    sheet.int(&format!("{file}FileSize"), |row| sizes[keys[row] as usize]);
    let info = |tail: &str| format!("{version}VersionInfo{tail}");
    sheet.key(&info("CompanyName"), keys, |p| PROGRAMS[p].maker.0.into());
    sheet.key(&info("ProductName"), keys, |p| PROGRAMS[p].maker.1.into());
    sheet.key(&info("ProductVersion"), keys, |p| {
        PROGRAMS[p].maker.2.into()
    });
    let stem = |p: usize| match PROGRAMS[p].maker.0 {
        "" => String::new(),
        _ => image(&PROGRAMS[p]).name,
    };
    sheet.key(&info("InternalFileName"), keys, |p| {
        stem(p).trim_end_matches(".exe").to_owned().into()
    });
    sheet.key(&info("OriginalFileName"), keys, |p| stem(p).into());
    sheet.key(&info("FileDescription"), keys, |p| PROGRAMS[p].about.into());
}
