//! What a record is about: enough to filter by, without writing it.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use super::super::World;
use super::super::apps::{EXCHANGE, GRAPH, SHAREPOINT, WEB_OUTLOOK};
use super::super::dice::{Dice, Guid, Topic};
use super::super::hunting::{CloudAct, record_id};
use super::super::stamp::Stamp;
use super::super::{AuditRow, SignInKey};
use super::kinds::{Form, KINDS, Kind};
use super::{Content, Entry, Source};

/// What the record is written from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin<'a> {
    Act(&'a CloudAct),
    SignIn(SignInKey),
    Audit(usize),
    Alert(usize),
    Filler(&'static Kind),
}

/// A record's facts.
#[derive(Clone, Debug)]
pub struct Fact<'a> {
    pub id: Guid,
    pub at: Stamp,
    pub content: Content,
    /// `RecordType`.
    pub record: u16,
    pub operation: Cow<'a, str>,
    pub workload: &'static str,
    /// Index of the person; none for services.
    pub user: Option<usize>,
    pub ip: Option<IpAddr>,
    pub(super) origin: Origin<'a>,
    /// For what the origin leaves open.
    pub(super) dice: Dice,
}

/// Where an application's acts are listed.
pub(super) fn content_of(app: usize) -> Content {
    match app {
        EXCHANGE | WEB_OUTLOOK => Content::Exchange,
        SHAREPOINT => Content::SharePoint,
        GRAPH => Content::Directory,
        _ => Content::General,
    }
}

/// Is it a service whose alerts the compliance centre repeats?
pub(super) fn is_compliance(service: &str) -> bool {
    matches!(
        service,
        "microsoftDefenderForOffice365" | "dataLossPrevention" | "microsoftDefenderForCloudApps"
    )
}

/// Record type and workload of an act.
fn typed(act: &CloudAct) -> (u16, &'static str) {
    match (act.app, act.action) {
        (EXCHANGE | WEB_OUTLOOK, a) if a.contains('-') => (1, "Exchange"),
        (EXCHANGE | WEB_OUTLOOK, "MailItemsAccessed") => (50, "Exchange"),
        (EXCHANGE | WEB_OUTLOOK, a) if a.contains("Delete") => (3, "Exchange"),
        (EXCHANGE | WEB_OUTLOOK, _) => (2, "Exchange"),
        (SHAREPOINT, a) if a.starts_with("File") => (6, "SharePoint"),
        (SHAREPOINT, _) => (4, "SharePoint"),
        (GRAPH, _) => (8, "AzureActiveDirectory"),
        (3, _) => (25, "MicrosoftTeams"),
        _ => (98, "MicrosoftDefenderForCloudApps"),
    }
}

impl World {
    /// The facts of a record.
    pub fn fact(&self, entry: Entry) -> Fact<'_> {
        match entry {
            Entry::Filler(content, n, i) => self.filler(Content::ALL[usize::from(content)], n, i),
            Entry::Told(n) => {
                let feed = self.feed();
                let told = feed.told[n as usize];
                match told.source {
                    Source::Act(act) => self.act_fact(told.content, &feed.acts[act as usize]),
                    Source::SignIn(key) => self.sign_in_fact(key),
                    Source::Audit(i) => self.audit_fact(i as usize),
                    Source::Alert(i) => self.alert_fact(i as usize, told.at),
                }
            }
        }
    }

    pub(super) fn act_fact<'a>(&'a self, content: Content, act: &'a CloudAct) -> Fact<'a> {
        let (record, workload) = typed(act);
        let operation = match record {
            // the directory ends its operations with a full stop
            8 if !act.action.ends_with('.') => Cow::Owned(format!("{}.", act.action)),
            _ => Cow::Borrowed(act.action),
        };
        Fact {
            id: record_id(act.at, act.user),
            at: act.at,
            content,
            record,
            operation,
            workload,
            user: Some(act.user),
            ip: Some(act.from.ip),
            origin: Origin::Act(act),
            dice: Dice::of(act.at.0 as u64 ^ 0xac7),
        }
    }

    fn sign_in_fact(&self, key: SignInKey) -> Fact<'_> {
        let row = self.sign_in_row(key);
        let id = self.sign_in_id(key);
        let operation = if row.error == 0 {
            "UserLoggedIn"
        } else {
            "UserLoginFailed"
        };
        Fact {
            id,
            at: row.at,
            content: Content::Directory,
            record: 15,
            operation: Cow::Borrowed(operation),
            workload: "AzureActiveDirectory",
            user: Some(row.user),
            ip: Some(row.ip),
            origin: Origin::SignIn(key),
            dice: Dice::of(id.0 as u64),
        }
    }

    fn audit_fact(&self, i: usize) -> Fact<'_> {
        let AuditRow {
            at, activity, by, ..
        } = self.audit_row(i);
        let mut dice = self.seed.dice(Topic::Feed, i as u64 | 1 << 44);
        let ip = by.map(|u| IpAddr::from(World::egress(self.person(u).office)));
        Fact {
            id: dice.guid(),
            at,
            content: Content::Directory,
            record: 8,
            operation: Cow::Owned(format!("{activity}.")),
            workload: "AzureActiveDirectory",
            user: by,
            ip,
            origin: Origin::Audit(i),
            dice,
        }
    }

    fn alert_fact(&self, i: usize, at: Stamp) -> Fact<'_> {
        let mut dice = self.seed.dice(Topic::Feed, i as u64 | 1 << 45);
        Fact {
            id: dice.guid(),
            at,
            content: Content::General,
            record: 40,
            operation: Cow::Borrowed("AlertTriggered"),
            workload: "SecurityComplianceCenter",
            user: None,
            ip: None,
            origin: Origin::Alert(i),
            dice,
        }
    }

    fn filler(&self, content: Content, n: u32, i: u32) -> Fact<'_> {
        let mut dice = self.filler_dice(content, n, i);
        let id = dice.guid();
        let kind = pick(content, &mut dice);
        let user = match kind.form {
            Form::Alert => None,
            _ => Some(self.busy(&mut dice)),
        };
        let ip = user.map(|u| {
            let office = self.person(u).office;
            match dice.below(16) {
                0 => IpAddr::from(Ipv6Addr::new(
                    0x2001,
                    0xdb8,
                    u16::from(office.egress),
                    0,
                    0,
                    0,
                    0,
                    dice.below(65_536) as u16,
                )),
                1 => IpAddr::from([198, 51, 100, dice.below(250) as u8 + 1]),
                _ => IpAddr::from(World::egress(office)),
            }
        });
        Fact {
            id,
            at: self.filler_at(content, n, i),
            content,
            record: kind.record,
            operation: Cow::Borrowed(kind.operation),
            workload: kind.workload,
            user,
            ip,
            origin: Origin::Filler(kind),
            dice,
        }
    }

    /// Somebody at work.
    fn busy(&self, dice: &mut Dice) -> usize {
        let staff = self.staff_end().max(1) as u64;
        let mut user = 0;
        for _ in 0..4 {
            user = dice.below(staff) as usize;
            if self.person(user).enabled {
                break;
            }
        }
        user
    }
}

/// A kind of the content type, by weight.
fn pick(content: Content, dice: &mut Dice) -> &'static Kind {
    let listed = match content {
        Content::Unknown => Content::General,
        content => content,
    };
    let of = || KINDS.iter().filter(move |k| k.content == listed);
    let total: u32 = of().map(|k| k.weight).sum();
    let mut at = dice.below(u64::from(total)) as u32;
    for kind in of() {
        if at < kind.weight {
            return kind;
        }
        at -= kind.weight;
    }
    &KINDS[0]
}
