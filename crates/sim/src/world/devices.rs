//! The devices of the tenant: class, owner, system and place of each as pure functions of its index, and the table of names.
//!
//! Indexes: the named servers of `SERVERS` first, then everything else mixed. Device `d` belongs to user `(d * step + offset) mod
//! users`, so that owner → devices needs no table either.

use super::dice::{Guid, Topic};
use super::names::{OFFICES, Office};
use super::people::{Class, matching, text_hash};
use super::systems::{
    ANDROID, DEBIAN, FUTURE, IOS, Kind, MACOS, MACOS_15, OTHER, RED_HAT, SERVER_2012, SERVER_2016,
    SERVER_2019, SERVER_2022, SERVER_2025, SERVERS, System, UBUNTU, VIRTUAL, WINDOWS,
};

use super::stamp::{DAY, HOUR, MINUTE, Stamp};
use super::story::Severity;
use super::{MachineRow, World};

/// What is known of a device without its name.
#[derive(Clone, Copy)]
pub struct Device {
    pub kind: Kind,
    pub system: &'static System,
    pub office: &'static Office,
    pub owner: Option<usize>,
    pub health: &'static str,
    pub onboarding: &'static str,
    pub first_seen: Stamp,
    pub last_seen: Stamp,
    pub exposure: Option<&'static str>,
    pub value: &'static str,
    pub group: (u32, Option<&'static str>),
    pub tags: &'static [&'static str],
    /// Its name is that of this other record.
    pub name_of: Option<usize>,
    /// It was folded into this other record.
    pub merged_into: Option<usize>,
    pub excluded: Option<&'static str>,
    /// It is also in the directory.
    pub in_entra: bool,
}

/// Names, ids and addresses of all devices, packed.
#[derive(Debug, Default)]
pub struct Table {
    text: String,
    cells: Vec<(u32, u8)>,
    /// (hash of the DNS name, index), sorted.
    name_hash: Vec<(u64, u32)>,
}

const ID_LEN: usize = 40;

impl Table {
    fn id(&self, i: usize) -> &str {
        &self.text[self.cells[i].0 as usize..][..ID_LEN]
    }

    fn name(&self, i: usize) -> &str {
        let (start, len) = self.cells[i];
        &self.text[start as usize + ID_LEN..][..len as usize]
    }

    fn ip(&self, i: usize) -> &str {
        let (start, len) = self.cells[i];
        let end = self
            .cells
            .get(i + 1)
            .map_or(self.text.len(), |c| c.0 as usize);
        &self.text[start as usize + ID_LEN + len as usize..end]
    }
}

/// Greatest common divisor.
const fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The inverse of `a` modulo `m` (coprime), by the extended Euclidean algorithm.
fn inverse(a: u64, m: u64) -> u64 {
    let (mut old, mut new) = ((a as i128, 1i128), (m as i128, 0i128));
    while new.0 != 0 {
        let q = old.0 / new.0;
        (old, new) = (new, (old.0 - q * new.0, old.1 - q * new.1));
    }
    old.1.rem_euclid(m as i128) as u64
}

impl World {
    fn owner_step(&self) -> (u64, u64) {
        let users = self.user_count() as u64;
        let mut step = 37 % users;
        while step == 0 || gcd(step, users) != 1 {
            step += 1;
        }
        // the first personal device belongs to the demo analyst
        let first = SERVERS.len() as u64;
        (step, (users + 9 - first * step % users) % users)
    }

    /// Whom a device index falls to, whatever sort of user that is.
    fn nominal_owner(&self, i: usize) -> usize {
        let (step, offset) = self.owner_step();
        ((i as u64 * step + offset) % self.user_count() as u64) as usize
    }

    /// Devices that fall to a user (servers and shared devices included: look at `owner`).
    pub(super) fn nominal_devices(&self, user: usize) -> impl Iterator<Item = usize> + '_ {
        let (step, offset) = self.owner_step();
        let users = self.user_count() as u64;
        let first = (user as u64 + users - offset) % users * inverse(step, users) % users;
        (first as usize..self.machine_count()).step_by(self.user_count())
    }

    /// Devices a user owns, among the machines Defender knows.
    pub(super) fn owned(&self, user: usize) -> impl Iterator<Item = usize> + '_ {
        self.nominal_devices(user)
            .filter(move |&d| self.device(d).owner == Some(user))
    }

    /// What is known of a device without its name.
    pub(super) fn device(&self, i: usize) -> Device {
        let mut dice = self.seed.dice(Topic::Device, i as u64);
        let pinned = SERVERS.get(i);
        let first_personal = SERVERS.len();
        let kind = match pinned {
            Some(&(_, kind, ..)) => kind,
            None if i < first_personal + 4 => Kind::Workstation,
            // pairs of records that share a name
            None if matches!(i % 71, 39 | 40) || matches!(i % 173, 59 | 60) => Kind::Workstation,
            None => dice.weighted(&[
                (Kind::Workstation, 660),
                (Kind::Virtual, 20),
                (Kind::Mac, 95),
                (Kind::Server, 75),
                (Kind::LinuxServer, 40),
                (Kind::Phone, 75),
                (Kind::Network, 35),
            ]),
        };
        let personal = matches!(
            kind,
            Kind::Workstation | Kind::Virtual | Kind::Mac | Kind::Phone
        );
        let nominal = self.nominal_owner(i);
        let owner = (personal && self.person(nominal).class == Class::Staff).then_some(nominal);
        let office = match (pinned, owner) {
            (Some(&(.., office, _)), _) => &OFFICES[usize::from(office)],
            (_, Some(owner)) => self.person(owner).office,
            _ => dice.pick(&OFFICES),
        };
        let system = match (pinned, kind) {
            (Some(&(_, _, system, ..)), _) => system,
            (_, Kind::Workstation) if i < first_personal + 4 => WINDOWS[1].0,
            (_, Kind::Workstation) if i % 409 == 300 => &FUTURE,
            (_, Kind::Workstation) => dice.weighted(&WINDOWS),
            (_, Kind::Virtual) => &VIRTUAL,
            (_, Kind::Mac) => dice.weighted(&[(&MACOS, 1), (&MACOS_15, 2)]),
            (_, Kind::LinuxServer) => dice.weighted(&[(&UBUNTU, 5), (&RED_HAT, 3), (&DEBIAN, 2)]),
            (_, Kind::Phone) => dice.weighted(&[(&IOS, 3), (&ANDROID, 2)]),
            (_, Kind::Network) => &OTHER,
            _ => dice.weighted(&[
                (&SERVER_2016, 2),
                (&SERVER_2019, 5),
                (&SERVER_2022, 6),
                (&SERVER_2025, 1),
                (&SERVER_2012, 1),
            ]),
        };
        let reimaged = kind == Kind::Workstation && i > first_personal + 8 && i % 71 == 40;
        let merged = kind == Kind::Workstation && i > first_personal + 8 && i % 173 == 60;
        let old = reimaged || merged;
        let name_of = old.then(|| i - 1);
        let health = if kind == Kind::Network {
            "Unknown"
        } else if old {
            "Inactive"
        } else if pinned.is_some() || i < first_personal + 4 {
            "Active"
        } else {
            match i % 97 {
                11 => "NoSensorDataImpairedCommunication",
                _ => dice.weighted(&[
                    ("Active", 860),
                    ("Inactive", 95),
                    ("ImpairedCommunication", 25),
                    ("NoSensorData", 20),
                ]),
            }
        };
        let idle = match health {
            "Active" => dice.range(2 * MINUTE, 20 * HOUR),
            "Inactive" | "Unknown" => dice.range(8 * DAY, 120 * DAY),
            _ => dice.range(2 * DAY, 9 * DAY),
        };
        let last_seen = self.now.plus(-idle).digits(dice.below(8) as u32);
        let first_seen = last_seen
            .plus(-dice.range(5 * DAY, 700 * DAY))
            .digits(dice.below(8) as u32);
        let onboarding = match kind {
            Kind::Network => dice.weighted(&[
                ("Unsupported", 5),
                ("InsufficientInfo", 3),
                ("CanBeOnboarded", 3),
            ]),
            _ if pinned.is_none() && dice.chance(25) => "CanBeOnboarded",
            _ => "Onboarded",
        };
        let exposure = match (onboarding, kind) {
            ("Onboarded", Kind::Phone) => Some("None"),
            ("Onboarded", _) => Some(dice.weighted(&[("Low", 50), ("Medium", 36), ("High", 14)])),
            _ => None,
        };
        let value = match (pinned, kind) {
            (_, Kind::Domain) => "High",
            (Some(&(.., tags)), _) if tags.contains(&"tier0") || tags.contains(&"crown-jewel") => {
                "High"
            }
            (_, Kind::Network) => "Low",
            _ => "Normal",
        };
        let group = match kind {
            Kind::Domain => (3, Some("Domain controllers")),
            Kind::Server => (5, Some("Windows servers")),
            Kind::LinuxServer => (6, Some("Linux servers")),
            Kind::Workstation | Kind::Virtual if office.code == "LDN" => {
                (11, Some("Workstations London"))
            }
            Kind::Workstation | Kind::Virtual => (12, Some("Workstations")),
            Kind::Mac => (14, Some("Mac")),
            Kind::Phone => (15, Some("Mobile")),
            Kind::Network => (0, None),
        };
        let tags: &'static [&'static str] = match (pinned, i % 53) {
            (Some(&(.., tags)), _) => tags,
            (_, 3) => &["VIP"],
            (_, 9) => &["finance"],
            (_, 15) => &["test"],
            (_, 21) => &["loaner", "Zoë's pool"],
            (_, 27) if i % 2 == 1 => &["invoice\u{202e}fdp.exe", "=1+1", "\u{1b}[31mred\u{1b}[0m"],
            _ => &[],
        };
        Device {
            kind,
            system,
            office,
            owner,
            health,
            onboarding,
            first_seen,
            last_seen,
            exposure,
            value,
            group,
            tags,
            name_of,
            merged_into: merged.then(|| i - 1),
            excluded: match i % 199 {
                77 => Some("DuplicateDevice"),
                120 => Some("UserDefined"),
                _ => None,
            },
            in_entra: matches!(
                kind,
                Kind::Workstation | Kind::Virtual | Kind::Mac | Kind::Phone | Kind::Server
            ) && onboarding == "Onboarded"
                && !merged
                && !dice.chance(40),
        }
    }

    fn device_name(&self, i: usize, device: &Device) -> String {
        if let Some(&(name, ..)) = SERVERS.get(i) {
            return format!("{}.corp.contoso.com", name.to_lowercase());
        }
        if let Some(named) = device.name_of {
            return self.device_name(named, &self.device(named));
        }
        let code = device.office.code.to_lowercase();
        match device.kind {
            Kind::Workstation => format!("wks-{code}-{i:04}.corp.contoso.com"),
            Kind::Virtual => format!("vdi-{i:04}.corp.contoso.com"),
            Kind::Mac => format!("mac-{i:04}"),
            Kind::Domain | Kind::Server => format!("srv-{code}-{i:04}.corp.contoso.com"),
            Kind::LinuxServer => format!("lnx-{code}-{i:04}"),
            Kind::Network => format!("prn-{code}-{i:04}"),
            Kind::Phone => match device.owner {
                Some(owner) if i % 7 == 3 => format!("{}’s iPhone 📱", self.name_parts(owner).0),
                _ => format!("mobile-{i:04}"),
            },
        }
    }

    pub(super) fn devices(&self) -> &Table {
        self.devices.get_or_init(|| {
            let n = self.machine_count();
            let mut t = Table {
                text: String::with_capacity(n * 84),
                cells: Vec::with_capacity(n),
                name_hash: Vec::with_capacity(n),
            };
            for i in 0..n {
                let device = self.device(i);
                let name = self.device_name(i, &device);
                t.cells.push((t.text.len() as u32, name.len() as u8));
                let mut dice = self.seed.dice(Topic::Machine, i as u64);
                let id = dice.hex(ID_LEN - 8);
                t.text.push_str(&id);
                t.text
                    .push_str(&format!("{:08x}", self.seed.veil(Topic::Machine, i as u32)));
                t.name_hash.push((text_hash(&name), i as u32));
                t.text.push_str(&name);
                t.text.push_str(&self.device_ip(i, &device).to_string());
            }
            t.name_hash.sort_unstable();
            t
        })
    }

    /// The private address of a device: its office's network, its index in it.
    fn device_ip(&self, i: usize, device: &Device) -> std::net::Ipv4Addr {
        let office = OFFICES
            .iter()
            .position(|o| o.code == device.office.code)
            .unwrap_or(0) as u8;
        if i < SERVERS.len() {
            return std::net::Ipv4Addr::new(10, 1, office, 10 + i as u8);
        }
        std::net::Ipv4Addr::new(
            10,
            16 + office + 8 * (i >> 16) as u8,
            (i >> 8) as u8,
            i as u8,
        )
    }

    /// The public address of an office.
    pub(super) fn egress(office: &Office) -> std::net::Ipv4Addr {
        std::net::Ipv4Addr::new(192, 0, 2, office.egress)
    }

    /// How many machines Defender knows.
    pub fn machine_count(&self) -> usize {
        self.size.devices as usize
    }

    /// The index row of a machine. `i` below `machine_count()`.
    pub fn machine_row(&self, i: usize) -> MachineRow<'_> {
        let t = self.devices();
        let d = self.device(i);
        MachineRow {
            id: t.id(i),
            dns_name: t.name(i),
            first_seen: d.first_seen,
            last_seen: d.last_seen,
            os_platform: d.system.platform,
            version: d.system.version,
            last_ip: t.ip(i),
            health: d.health,
            device_value: d.value,
            rbac_group_id: d.group.0,
            rbac_group: d.group.1,
            risk: self.machine_risk(i, &d),
            exposure: d.exposure,
            onboarding: d.onboarding,
            aad_device_id: d
                .in_entra
                .then(|| self.seed.guid(Topic::AadDevice, i as u32)),
            tags: d.tags,
        }
    }

    /// The machine id, 40 hexadecimal digits.
    pub(super) fn machine_id(&self, i: usize) -> &str {
        self.devices().id(i)
    }

    /// The DNS name of a machine.
    pub(super) fn machine_name(&self, i: usize) -> &str {
        self.devices().name(i)
    }

    /// The private address of a machine.
    pub(super) fn machine_ip(&self, i: usize) -> &str {
        self.devices().ip(i)
    }

    /// The risk follows from open alerts; some devices were never assessed.
    fn machine_risk(&self, i: usize, d: &Device) -> Option<&'static str> {
        if d.onboarding != "Onboarded" {
            return None;
        }
        match self.open_risk(i) {
            Some(Severity::High) => Some("High"),
            Some(Severity::Medium) => Some("Medium"),
            Some(Severity::Low) => Some("Low"),
            Some(Severity::Informational) => Some("Informational"),
            None if i % 19 == 13 => None,
            None => Some("None"),
        }
    }

    /// The machine of an id (40 hexadecimal digits, any case).
    pub fn machine_by_id(&self, id: &str) -> Option<usize> {
        let tail = id.get(32..40).filter(|_| id.len() == ID_LEN)?;
        let i = self
            .seed
            .unveil(Topic::Machine, u32::from_str_radix(tail, 16).ok()?) as usize;
        (i < self.machine_count() && self.machine_id(i).eq_ignore_ascii_case(id)).then_some(i)
    }

    /// Machines of a DNS name, in any case; names are not unique.
    pub fn machines_by_name(&self, name: &str) -> Vec<usize> {
        let t = self.devices();
        let wanted = name.to_lowercase();
        matching(&t.name_hash, text_hash(name))
            .filter(|&i| t.name(i).to_lowercase() == wanted)
            .collect()
    }

    /// The machine of an Entra device id.
    pub fn machine_by_aad_device_id(&self, id: &str) -> Option<usize> {
        let guid: Guid = id.parse().ok()?;
        let i = self.seed.guid_index(Topic::AadDevice, guid)? as usize;
        (i < self.machine_count() && self.device(i).in_entra).then_some(i)
    }
}
