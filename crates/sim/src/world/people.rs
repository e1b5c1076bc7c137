//! Who works here: the class, place and rank of every user as a pure function of its index, and the table of names.
//!
//! Indexes: 0 to 35 are the named people of `pinned`; then staff, in a tree of eight reports each; then service accounts, shared
//! mailboxes and guests at the tail.

use super::dice::{Guid, Topic};
use super::names::{self, DEPARTMENTS, Department, NATIVE, OFFICES, Office, PARTNERS};
use super::pinned::{PINNED, Pinned};
use super::{UserRow, World};
use std::collections::HashMap;

/// Which chief each of the 64 directors reports to: production and engineering are large, law and people small.
static BRANCHES: [u8; 64] = {
    let sizes = [5, 14, 5, 18, 3, 3, 5, 11];
    let mut all = [0; 64];
    let (mut branch, mut left, mut i) = (0, sizes[0], 0);
    while i < 64 {
        while left == 0 {
            branch += 1;
            left = sizes[branch];
        }
        // spread, so that a small company has all of them too
        all[i * 37 % 64] = branch as u8;
        left -= 1;
        i += 1;
    }
    all
};

/// What sort of account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Staff,
    /// A second, privileged account of an administrator.
    Admin,
    BreakGlass,
    Service,
    /// A shared mailbox or room.
    Shared,
    Guest,
}

/// What is known of a user without its name.
#[derive(Clone, Copy)]
pub struct Person {
    pub class: Class,
    pub office: &'static Office,
    /// 0 the chief, 1 chiefs of a branch, 2 directors, 3 managers, more: staff.
    pub level: u8,
    pub department: Option<&'static Department>,
    pub title: Option<&'static str>,
    pub enabled: bool,
    pub synced: bool,
}

/// Names of all users, packed.
#[derive(Debug, Default)]
pub struct Table {
    text: String,
    /// Start of the UPN in `text`; the display name starts at `display`, the account at `account`, and ends at the next start.
    cells: Vec<Cell>,
    by_upn: Vec<u32>,
    /// (hash of the UPN, index) and (hash of the account, index), sorted.
    upn_hash: Vec<(u64, u32)>,
    account_hash: Vec<(u64, u32)>,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    start: u32,
    upn: u8,
    display: u8,
    account: u8,
    /// A guest's address at home; nothing for everybody else.
    home: u8,
}

impl Table {
    fn push(&mut self, upn: &str, display: &str, account: &str) {
        let home = home_address(upn).unwrap_or_default();
        let start = self.text.len() as u32;
        self.text.push_str(upn);
        self.text.push_str(display);
        self.text.push_str(account);
        self.text.push_str(&home);
        let len = |text: &str| u8::try_from(text.len()).unwrap_or(u8::MAX);
        self.cells.push(Cell {
            start,
            upn: len(upn),
            display: len(display),
            account: len(account),
            home: len(&home),
        });
    }

    fn upn(&self, i: usize) -> &str {
        let c = self.cells[i];
        &self.text[c.start as usize..][..c.upn as usize]
    }

    fn display(&self, i: usize) -> &str {
        let c = self.cells[i];
        &self.text[c.start as usize + c.upn as usize..][..c.display as usize]
    }

    fn home(&self, i: usize) -> &str {
        let c = self.cells[i];
        let start = c.start as usize + c.upn as usize + c.display as usize + c.account as usize;
        &self.text[start..][..c.home as usize]
    }

    fn account(&self, i: usize) -> &str {
        let c = self.cells[i];
        &self.text[c.start as usize + c.upn as usize + c.display as usize..][..c.account as usize]
    }
}

/// The address at home that a guest's UPN was made from.
fn home_address(upn: &str) -> Option<String> {
    let (local, domain) = upn.split_once("#EXT#")?.0.rsplit_once('_')?;
    Some(format!("{local}@{domain}"))
}

/// FNV-1a over the lower-case text.
pub(super) fn text_hash(text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for c in text.chars().flat_map(char::to_lowercase) {
        hash = (hash ^ u64::from(u32::from(c))).wrapping_mul(0x100_0000_01b3);
    }
    hash
}

pub(super) fn matching(table: &[(u64, u32)], hash: u64) -> impl Iterator<Item = usize> + '_ {
    let from = table.partition_point(|(h, _)| *h < hash);
    table[from..]
        .iter()
        .take_while(move |(h, _)| *h == hash)
        .map(|(_, i)| *i as usize)
}

impl World {
    /// The first index after the staff; from there on service accounts, shared mailboxes and guests.
    pub(super) fn staff_end(&self) -> usize {
        (self.user_count() * 91 / 100)
            .max(PINNED.len())
            .min(self.user_count())
    }

    /// Rank in the tree of the company, None for those outside it.
    fn rank(&self, i: usize) -> Option<usize> {
        match i {
            0..9 => Some(i),
            i if i >= PINNED.len() && i < self.staff_end() => Some(i - PINNED.len() + 9),
            _ => None,
        }
    }

    fn of_rank(&self, rank: usize) -> usize {
        if rank < 9 {
            rank
        } else {
            rank - 9 + PINNED.len()
        }
    }

    /// Level, first rank and size of the level a rank is on: 1, 8, 64, 512 … people.
    fn level(rank: usize) -> (u8, usize, usize) {
        let (mut level, mut start, mut size) = (0, 0, 1);
        while rank >= start + size {
            level += 1;
            start += size;
            size *= 8;
        }
        (level, start, size)
    }

    /// The rank above. Directors fall to the chiefs as `BRANCHES` says, everybody below in turn to those above.
    fn above(rank: usize) -> usize {
        match Self::level(rank) {
            (0 | 1, ..) => 0,
            (2, start, _) => 1 + usize::from(BRANCHES[rank - start]),
            (_, start, size) => start - size / 8 + (rank - start) % (size / 8),
        }
    }

    /// The manager of a user.
    pub fn user_manager(&self, i: usize) -> Option<usize> {
        if let Some(pinned) = PINNED.get(i) {
            return pinned.manager.map(usize::from);
        }
        self.rank(i).map(|rank| self.of_rank(Self::above(rank)))
    }

    /// Those who report to a user.
    pub fn user_reports(&self, i: usize) -> Vec<usize> {
        let mut reports: Vec<usize> = (0..PINNED.len())
            .filter(|&p| self.user_manager(p) == Some(i))
            .collect();
        if let Some(rank) = self.rank(i) {
            let below: Vec<usize> = match Self::level(rank) {
                (0, ..) => vec![],
                (1, ..) => (0..64)
                    .filter(|&j| usize::from(BRANCHES[j]) + 1 == rank)
                    .map(|j| 9 + j)
                    .collect(),
                (_, start, size) => (0..8)
                    .map(|k| start + size + (rank - start) + k * size)
                    .collect(),
            };
            reports.extend(
                below
                    .into_iter()
                    .map(|r| self.of_rank(r))
                    .filter(|&r| r < self.staff_end()),
            );
        }
        reports
    }

    /// What is known of a user without its name.
    pub(super) fn person(&self, i: usize) -> Person {
        let mut dice = self.seed.dice(Topic::User, i as u64);
        if let Some(pinned) = PINNED.get(i) {
            return Person {
                class: pinned.class,
                office: &OFFICES[usize::from(pinned.office)],
                level: if i == 0 {
                    0
                } else if i < 9 {
                    1
                } else {
                    4
                },
                department: pinned
                    .department
                    .map(|(branch, d)| &DEPARTMENTS[usize::from(branch)][usize::from(d)]),
                title: pinned.title,
                enabled: pinned.enabled,
                synced: pinned.synced,
            };
        }
        let weights: [(usize, u32); 8] = std::array::from_fn(|o| (o, OFFICES[o].weight));
        let office = &OFFICES[dice.weighted(&weights)];
        let Some(rank) = self.rank(i) else {
            let class = match dice.below(100) {
                0..18 => Class::Service,
                18..40 => Class::Shared,
                _ => Class::Guest,
            };
            let synced = class == Class::Service && dice.chance(700);
            return Person {
                class,
                office,
                level: 9,
                department: None,
                title: None,
                enabled: !dice.chance(60),
                synced,
            };
        };
        let (level, start, size) = Self::level(rank);
        let mut director = rank;
        while Self::level(director).0 > 2 {
            director = Self::above(director);
        }
        let branch = DEPARTMENTS[Self::above(director) - 1];
        let (_, first, _) = Self::level(director);
        let nth = BRANCHES[..director - first]
            .iter()
            .filter(|b| **b == BRANCHES[director - first])
            .count();
        let department = &branch[nth % branch.len()];
        let leads = self.of_rank(start + size + rank - start) < self.staff_end();
        let title = match level {
            2 => department.director,
            _ if leads => department.manager,
            _ => {
                let titles = department.staff.split('|').count() as u64;
                department
                    .staff
                    .split('|')
                    .nth(dice.below(titles) as usize)
                    .unwrap_or(department.manager)
            }
        };
        let enabled = level < 3 || !dice.chance(45);
        Person {
            class: Class::Staff,
            office,
            level,
            department: Some(department),
            title: Some(title),
            enabled,
            synced: !dice.chance(130),
        }
    }

    pub(super) fn people(&self) -> &Table {
        self.people.get_or_init(|| self.make_people())
    }

    fn make_people(&self) -> Table {
        let n = self.user_count();
        let pools: Vec<(Vec<&str>, Vec<&str>)> = OFFICES
            .iter()
            .map(|o| {
                (
                    o.given.split_whitespace().collect(),
                    o.surnames.split_whitespace().collect(),
                )
            })
            .collect();
        let mut taken: HashMap<String, u32> = HashMap::with_capacity(n.min(50_000));
        let mut table = Table {
            cells: Vec::with_capacity(n),
            text: String::with_capacity(n * 64),
            ..Table::default()
        };
        for (i, pinned) in PINNED.iter().enumerate().take(n) {
            taken.insert(pinned.account.to_owned(), 1);
            let _ = i;
            table.push(pinned.upn, pinned.display, pinned.account);
        }
        for i in PINNED.len()..n {
            let person = self.person(i);
            let mut dice = self.seed.dice(Topic::Person, i as u64);
            let (local, display) = match person.class {
                Class::Service => {
                    let what = *dice.pick(&[
                        "etl", "web", "monitor", "print", "deploy", "report", "erp", "mail",
                        "proxy", "ldap", "backup", "ci",
                    ]);
                    (format!("svc-{what}-{i}"), format!("Service {what} {i}"))
                }
                Class::Shared => {
                    let what = *dice.pick(&[
                        "Invoices",
                        "Careers",
                        "Meeting Room",
                        "Press",
                        "Orders",
                        "Returns",
                        "Training",
                        "Visitor Desk",
                    ]);
                    let display = format!("{what} {} {i}", person.office.city);
                    (names::ascii(&display.replace(' ', "-")), display)
                }
                _ if (i - PINNED.len()) % 61 == 17 => {
                    let (display, _, _, local) = NATIVE[(i - PINNED.len()) / 61 % NATIVE.len()];
                    (local.to_owned(), display.to_owned())
                }
                _ => {
                    let office = OFFICES
                        .iter()
                        .position(|o| o.code == person.office.code)
                        .unwrap_or(0);
                    let (given, surnames) = &pools[office];
                    let (given, surname) = (*dice.pick(given), *dice.pick(surnames));
                    (
                        names::ascii(&format!("{given}.{surname}")),
                        format!("{given} {surname}"),
                    )
                }
            };
            let count = taken.entry(local.clone()).or_insert(0);
            *count += 1;
            let local = if *count == 1 {
                local
            } else {
                format!("{local}{count}")
            };
            let upn = match person.class {
                Class::Guest => {
                    let (_, domain) = PARTNERS[i % PARTNERS.len()];
                    format!("{local}_{domain}#EXT#@contoso.onmicrosoft.com")
                }
                Class::Service if !person.synced => format!("{local}@contoso.onmicrosoft.com"),
                _ if i % 23 == 5 => format!("{local}@emea.contoso.com"),
                _ => format!("{local}@contoso.com"),
            };
            let account = if local.len() <= 20 {
                local
            } else {
                format!("{}{i:06}", &local[..14])
            };
            table.push(&upn, &display, &account);
        }
        table.by_upn = (0..n as u32).collect();
        let (text, cells) = (&table.text, &table.cells);
        let upn = |i: u32| {
            let c = cells[i as usize];
            &text[c.start as usize..][..c.upn as usize]
        };
        table.by_upn.sort_unstable_by(|a, b| upn(*a).cmp(upn(*b)));
        table.upn_hash = (0..n)
            .map(|i| (text_hash(table.upn(i)), i as u32))
            .collect();
        table.upn_hash.sort_unstable();
        table.account_hash = (0..n)
            .map(|i| (text_hash(table.account(i)), i as u32))
            .collect();
        table.account_hash.sort_unstable();
        table
    }

    /// How many users the directory has.
    pub fn user_count(&self) -> usize {
        self.size.users as usize
    }

    /// The index row of a user. `i` below `user_count()`.
    pub fn user_row(&self, i: usize) -> UserRow<'_> {
        let t = self.people();
        let person = self.person(i);
        let upn = t.upn(i);
        let mail = match person.class {
            Class::Service | Class::Admin | Class::BreakGlass => None,
            Class::Guest => Some(t.home(i)),
            _ => Some(upn),
        };
        UserRow {
            id: self.seed.guid(Topic::User, i as u32),
            upn,
            display: t.display(i),
            mail,
            account: t.account(i),
            enabled: person.enabled,
            user_type: if person.class == Class::Guest {
                "Guest"
            } else {
                "Member"
            },
            synced: person.synced,
            department: person.department.map(|d| d.name),
            title: person.title,
        }
    }

    /// Indexes of all users in the order of their UPN, the default order of the directory.
    pub fn users_by_upn(&self) -> &[u32] {
        &self.people().by_upn
    }

    /// The user of an object id.
    pub fn user_by_id(&self, id: &str) -> Option<usize> {
        let guid: Guid = id.parse().ok()?;
        let i = self.seed.guid_index(Topic::User, guid)? as usize;
        (i < self.user_count()).then_some(i)
    }

    /// The user of a UPN, in any case.
    pub fn user_by_upn(&self, upn: &str) -> Option<usize> {
        let t = self.people();
        let wanted = upn.to_lowercase();
        matching(&t.upn_hash, text_hash(upn)).find(|&i| t.upn(i).to_lowercase() == wanted)
    }

    /// The user of a bare account name, in any case.
    pub fn user_by_account(&self, account: &str) -> Option<usize> {
        let t = self.people();
        let wanted = account.to_lowercase();
        matching(&t.account_hash, text_hash(account))
            .find(|&i| t.account(i).to_lowercase() == wanted)
    }

    /// The people who work the queue, the demo analyst (`ana@contoso.com`) first.
    pub fn analysts(&self) -> &'static [usize] {
        &super::pinned::ANALYSTS
    }

    pub(super) fn pinned(&self, i: usize) -> Option<&'static Pinned> {
        PINNED.get(i)
    }

    /// Given name and surname, as far as the display name tells.
    pub(super) fn name_parts(&self, i: usize) -> (String, String) {
        let display = self.people().display(i);
        if let Some((_, given, surname, _)) = NATIVE.iter().find(|n| n.0 == display) {
            return ((*given).to_owned(), (*surname).to_owned());
        }
        match display.split_once(' ') {
            Some((given, surname)) => (given.to_owned(), surname.to_owned()),
            None => (display.to_owned(), String::new()),
        }
    }
}
