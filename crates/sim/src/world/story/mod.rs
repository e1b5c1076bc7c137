//! The stories of the tenant: what happened, to whom and where. Incidents, alerts, evidence, sign-ins, and later the hunting
//! tables, are all rendered from here.
//!
//! A `Template` is a kind of incident: its cast, its alerts, and for each alert a scene that says what happened. `World::frame`
//! says cheaply which template an incident has, when, and with which alerts; `World::story` plays the scenes and yields the
//! `Event`s. The same story is told whatever was asked first.

pub mod facts;
pub mod scene;
pub mod source;

mod acts;
mod attack_cloud;
mod attack_endpoint;
mod attack_identity;
mod attack_mail;
mod noise_cloud;
mod noise_endpoint;
mod noise_identity;
mod play;
pub mod special;

use super::stamp::Stamp;
use facts::{Address, File, Mail, Process};
use scene::Scene;
use source::Source;
use std::sync::OnceLock;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    pub at: Stamp,
    /// Place of its alert in the story, None for what no alert speaks of.
    pub alert: Option<usize>,
    /// Index of the machine.
    pub device: Option<usize>,
    /// Index of the user.
    pub user: Option<usize>,
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    Process(Process),
    File {
        file: File,
        by: Option<Process>,
    },
    Connection {
        to: Address,
        port: u16,
        url: Option<String>,
        by: Option<Process>,
    },
    Registry {
        hive: &'static str,
        key: String,
        name: String,
        value: String,
        by: Option<Process>,
    },
    /// A logon to the machine from an address.
    Logon {
        from: String,
        kind: &'static str,
        ok: bool,
    },
    SignIn(SignIn),
    Mail(Mail),
    Click {
        url: String,
    },
    /// Something done in a cloud application.
    Cloud {
        app: usize,
        action: &'static str,
        object: String,
        from: Address,
    },
    /// A query to or a change of the on-premises directory.
    Directory {
        action: &'static str,
        object: String,
    },
}

/// An interactive sign-in that belongs to a story.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Number of the sign-in in its story; with the incident it names the sign-in.
    pub n: u16,
    pub app: usize,
    pub from: Address,
    pub error: u32,
    pub risk: &'static str,
    /// `riskEventTypes_v2` names.
    pub risk_events: &'static [&'static str],
    pub agent: &'static str,
}

/// How bad an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Informational,
    Low,
    Medium,
    High,
}

impl Severity {
    /// As Graph writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Informational => "informational",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }
}

/// What it was in truth, which decides how analysts classify it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    Attack,
    Expected,
    False,
    /// One or another of the three.
    Varied,
}

/// Whom a story needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Staff,
    /// Owner of the machine in that slot (any staff if it has none).
    Owner(u8),
    Executive,
    Finance,
    Operator,
    Guest,
    /// A named user.
    Named(u8),
}

/// Which machine a story needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    Workstation,
    Mac,
    Linux,
    Server,
    /// A phone or, where there is none, a workstation.
    Phone,
    /// A named server.
    Named(u8),
}

/// One alert of a template.
#[derive(Debug)]
pub struct Spec {
    pub title: &'static str,
    pub severity: Severity,
    pub source: &'static Source,
    /// MITRE tactic, as the services write it.
    pub category: &'static str,
    pub techniques: &'static [&'static str],
    pub about: &'static str,
    /// Minutes after the story's first alert.
    pub minute: u32,
    /// How often it is there, in a thousand.
    pub odds: u16,
    /// Display name and family of the threat.
    pub threat: Option<(&'static str, &'static str)>,
    pub actor: Option<&'static str>,
    pub scene: fn(&mut Scene<'_>),
}

/// A kind of incident.
#[derive(Debug)]
pub struct Template {
    pub name: &'static str,
    /// `{u}` is the first user's name, `{d}` the first machine's.
    pub title: &'static str,
    pub truth: Truth,
    /// How often, against the other templates of its list.
    pub weight: u32,
    pub people: &'static [Who],
    pub machines: &'static [Machine],
    pub specs: &'static [Spec],
    /// More alerts of the last spec with other people and machines can follow.
    pub repeats: bool,
    pub tags: &'static [&'static str],
    pub system_tags: &'static [&'static str],
    pub quirk: Quirk,
}

/// What is odd about an incident that tests its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    None,
    /// Merged into the incident so many ranks newer.
    MergedInto(u8),
    /// `awaitingAction`, which only Defender Experts set.
    Awaiting,
    /// Every enum has a member that does not exist yet.
    Future,
    /// Every property that may be missing is missing.
    Bare,
    /// Its alerts walk through rarely used enum members.
    Parade,
    /// A long history of comments, hostile ones among them.
    Comments,
}

/// An alert template with a scene; the rest by the methods below.
pub const fn spec(
    title: &'static str,
    severity: Severity,
    source: &'static Source,
    category: &'static str,
    techniques: &'static [&'static str],
    scene: fn(&mut Scene<'_>),
) -> Spec {
    Spec {
        title,
        severity,
        source,
        category,
        techniques,
        about: "",
        minute: 0,
        odds: 1000,
        threat: None,
        actor: None,
        scene,
    }
}

impl Spec {
    /// So many minutes after the first alert.
    pub const fn at(mut self, minute: u32) -> Spec {
        self.minute = minute;
        self
    }

    /// There only so many times in a thousand.
    pub const fn odds(mut self, permille: u16) -> Spec {
        self.odds = permille;
        self
    }

    /// What the description says.
    pub const fn about(mut self, text: &'static str) -> Spec {
        self.about = text;
        self
    }

    /// Display name and family of the threat.
    pub const fn threat(mut self, display: &'static str, family: &'static str) -> Spec {
        self.threat = Some((display, family));
        self
    }

    /// The actor it is attributed to.
    pub const fn actor(mut self, name: &'static str) -> Spec {
        self.actor = Some(name);
        self
    }
}

/// A template; the rest by the methods below.
pub const fn template(
    name: &'static str,
    title: &'static str,
    truth: Truth,
    weight: u32,
    people: &'static [Who],
    machines: &'static [Machine],
    specs: &'static [Spec],
) -> Template {
    Template {
        name,
        title,
        truth,
        weight,
        people,
        machines,
        specs,
        repeats: false,
        tags: &[],
        system_tags: &[],
        quirk: Quirk::None,
    }
}

impl Template {
    /// More alerts of the last spec may follow.
    pub const fn repeating(mut self) -> Template {
        self.repeats = true;
        self
    }

    /// Custom tags.
    pub const fn tagged(mut self, tags: &'static [&'static str]) -> Template {
        self.tags = tags;
        self
    }

    /// System tags.
    pub const fn system(mut self, tags: &'static [&'static str]) -> Template {
        self.system_tags = tags;
        self
    }

    /// Odd in this way.
    pub const fn odd(mut self, quirk: Quirk) -> Template {
        self.quirk = quirk;
        self
    }

    /// The worst severity among the alerts that are always there.
    pub fn severity(&self) -> Severity {
        self.specs
            .iter()
            .filter(|s| s.odds == 1000)
            .map(|s| s.severity)
            .max()
            .unwrap_or(Severity::Low)
    }
}

/// The attacks.
pub fn attacks() -> &'static [&'static Template] {
    static ALL: OnceLock<Vec<&'static Template>> = OnceLock::new();
    ALL.get_or_init(|| {
        let lists: [&'static [Template]; 4] = [
            &attack_mail::ALL,
            &attack_endpoint::ALL,
            &attack_identity::ALL,
            &attack_cloud::ALL,
        ];
        lists.into_iter().flatten().collect()
    })
}

/// The daily noise: false positives, expected activity, small true positives.
pub fn noises() -> &'static [&'static Template] {
    static ALL: OnceLock<Vec<&'static Template>> = OnceLock::new();
    ALL.get_or_init(|| {
        noise_endpoint::ALL
            .iter()
            .chain(&noise_identity::ALL)
            .chain(&noise_cloud::ALL)
            .collect()
    })
}

/// Incidents that test their reader.
pub fn specials() -> &'static [Template] {
    &special::ALL
}
