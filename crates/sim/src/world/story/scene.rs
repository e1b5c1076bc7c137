//! Telling one alert: a scene calls these methods in order, each makes an event and, when the alert is rendered, its evidence.
//!
//! The scene has a current machine and user (the first of the cast to begin with) and a current verdict. A program that two scenes
//! of a story run on the same machine is the same process.

use super::super::dice::{Dice, Guid, Topic};
use super::super::evidence::Mark;
use super::super::frame::Frame;
use super::super::links::Touched;
use super::super::stamp::{SECOND, Stamp};
use super::super::workflow::{AlertFlow, Flow};
use super::super::{Obj, World};
use super::facts::{self, Address, Process};
use super::{Event, Quirk, Spec, What};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

/// What the scenes of one story share.
#[derive(Debug, Default)]
pub struct Stage {
    pub events: Vec<Event>,
    /// By machine, repeat and command line.
    pub(super) processes: HashMap<(usize, usize, String), Process>,
}

/// The telling of one alert.
pub struct Scene<'w> {
    pub world: &'w World,
    pub frame: &'w Frame,
    pub spec: &'static Spec,
    /// Place of the alert in the story.
    pub k: usize,
    /// How many alerts of this spec came before it.
    pub repeat: usize,
    pub(super) stage: &'w mut Stage,
    pub(super) first: Stamp,
    pub(super) last: Stamp,
    pub(super) steps: u32,
    pub(super) sign_ins: u16,
    pub(super) device: Option<usize>,
    pub(super) user: Option<usize>,
    pub(super) slots: (usize, usize),
    pub(super) touched: Touched,
    pub(super) verdict: &'static str,
    pub(super) alert: AlertFlow,
    /// Evidence so far with its identity; None when nobody wants it.
    pub(super) evidence: Option<Vec<(u64, Obj)>>,
    pub(super) dice: Dice,
}

/// Domains that attackers of these stories use.
pub static DOMAINS: [&str; 16] = [
    "login-contoso.example",
    "docs-share.example",
    "cdn-update.example",
    "secure-invoice.example",
    "mfa-verify.example",
    "static-assets.example.net",
    "filedrop.example.org",
    "paste.example.net",
    "telemetry-sync.example",
    "hr-update.example",
    "voicemail-portal.example",
    "parcel-track.example",
    "oneclick-sign.example",
    "js-metrics.example.net",
    "teams-meeting.example",
    "xn--cntoso-wxa.example",
];

/// What browsers and attack kits say they are.
pub const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
pub const KIT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
pub const SPRAYER: &str = "python-requests/2.31.0";

const REMEDIATIONS: [&str; 12] = [
    "none",
    "remediated",
    "prevented",
    "blocked",
    "notFound",
    "active",
    "pendingApproval",
    "declined",
    "unremediated",
    "running",
    "partiallyRemediated",
    "quarantinedByAgent",
];
const ROLES: [&str; 16] = [
    "unknown",
    "contextual",
    "scanned",
    "source",
    "destination",
    "created",
    "added",
    "compromised",
    "edited",
    "attacked",
    "attacker",
    "commandAndControl",
    "loaded",
    "suspicious",
    "policyViolator",
    "decoy",
];
const VERDICTS: [&str; 5] = [
    "unknown",
    "suspicious",
    "malicious",
    "noThreatsFound",
    "likelyMalicious",
];
const DETECTIONS: [&str; 4] = ["detected", "blocked", "prevented", "observed"];

impl<'w> Scene<'w> {
    pub(super) fn new(
        world: &'w World,
        frame: &'w Frame,
        flow: &Flow,
        k: usize,
        stage: &'w mut Stage,
        render: bool,
    ) -> Scene<'w> {
        let (spec, repeat) = frame.spec(k);
        let (first, last) = frame.activity(world, k);
        let mut scene = Scene {
            world,
            frame,
            spec,
            k,
            repeat,
            stage,
            first,
            last,
            steps: 0,
            sign_ins: 0,
            device: None,
            user: None,
            slots: (0, 0),
            touched: Touched::default(),
            verdict: "suspicious",
            alert: world.alert_flow(frame, flow, k),
            evidence: render.then(Vec::new),
            dice: world.seed.dice(Topic::Misc, frame.ordinal(k)),
        };
        scene.on(0).by(0);
        scene
    }

    // ---- cast

    /// Makes a machine of the cast the current one.
    pub fn on(&mut self, slot: usize) -> &mut Self {
        self.slots.0 = slot;
        self.device =
            self.world
                .cast_machine(self.frame, slot, if slot == 0 { self.repeat } else { 0 });
        self
    }

    /// Makes a user of the cast the current one.
    pub fn by(&mut self, slot: usize) -> &mut Self {
        self.slots.1 = slot;
        self.user = self
            .world
            .cast_user(self.frame, slot, if slot == 0 { self.repeat } else { 0 });
        self
    }

    /// The current user's index.
    pub fn who(&self) -> usize {
        self.user.unwrap_or(29)
    }

    /// The current machine's index.
    pub fn machine(&self) -> Option<usize> {
        self.device
    }

    /// The current user's bare account name.
    pub fn account(&self) -> String {
        self.world.user_row(self.who()).account.to_owned()
    }

    /// The current user's address.
    pub fn address(&self) -> String {
        self.world
            .user_row(self.who())
            .mail
            .unwrap_or("nobody@contoso.com")
            .to_owned()
    }

    /// The current user's UPN.
    pub fn user_name(&self) -> String {
        self.world.user_row(self.who()).upn.to_owned()
    }

    /// The bare name of the current machine.
    pub fn host(&self) -> String {
        let name = self
            .device
            .map_or("unknown", |d| self.world.machine_name(d));
        name.split('.').next().unwrap_or_default().to_owned()
    }

    /// The private address of the current machine.
    pub fn host_ip(&self) -> String {
        self.device
            .map_or("10.0.0.1", |d| self.world.machine_ip(d))
            .to_owned()
    }

    /// What follows is malicious.
    pub fn malicious(&mut self) -> &mut Self {
        self.verdict = "malicious";
        self
    }

    /// What follows is suspicious.
    pub fn suspicious(&mut self) -> &mut Self {
        self.verdict = "suspicious";
        self
    }

    /// What follows is harmless.
    pub fn harmless(&mut self) -> &mut Self {
        self.verdict = "noThreatsFound";
        self
    }

    // ---- numbers and names that the whole story shares

    /// A number of the story: the same for the same name.
    pub fn number(&self, name: &str, below: u64) -> u64 {
        let h = super::super::people::text_hash(name);
        self.world
            .seed
            .hash(Topic::Misc, h ^ u64::from(self.frame.rank) << 20)
            % below.max(1)
    }

    /// The n-th outside address of the story.
    pub fn attacker(&self, n: u64) -> Address {
        let h = self.number("attacker", 1 << 16) + n * 7;
        let ip = if h & 1 == 0 {
            Ipv4Addr::new(198, 51, 100, (h >> 1) as u8)
        } else {
            Ipv4Addr::new(203, 0, 113, (h >> 1) as u8)
        };
        facts::outside(IpAddr::V4(ip))
    }

    /// The n-th outside domain of the story.
    pub fn domain(&self, n: u64) -> &'static str {
        DOMAINS[(self.number("domain", DOMAINS.len() as u64) + n) as usize % DOMAINS.len()]
    }

    /// One of a list, the same for the whole story.
    pub fn one<'a>(&self, name: &str, list: &'a [&'a str]) -> &'a str {
        list[self.number(name, list.len() as u64) as usize]
    }

    /// A GUID of the story.
    pub fn guid(&self, name: &str) -> Guid {
        let h = super::super::people::text_hash(name);
        self.world
            .seed
            .dice(Topic::Misc, h ^ u64::from(self.frame.rank) << 20 ^ 1 << 60)
            .guid()
    }

    /// PowerShell's `-EncodedCommand` form of a script.
    pub fn encoded(script: &str) -> String {
        use base64::Engine;
        let bytes: Vec<u8> = script.encode_utf16().flat_map(u16::to_le_bytes).collect();
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    // ---- time and evidence

    pub(super) fn step(&mut self) -> Stamp {
        let span = self.last.since(self.first);
        let at = self.first.plus(span * i64::from(self.steps.min(12)) / 12);
        self.steps += 1;
        at
    }

    /// Records what happens now. Mails, sign-ins and things done in a cloud have no machine.
    pub(super) fn event(&mut self, what: What) -> Stamp {
        let at = self.step();
        let cloud = matches!(what, What::SignIn(_) | What::Mail(_) | What::Cloud { .. });
        let device = if cloud { None } else { self.device };
        self.stage.events.push(Event {
            at,
            alert: Some(self.k),
            device,
            user: self.user,
            what,
        });
        at
    }

    /// The current machine is spoken of.
    pub(super) fn touch_machine(&mut self) {
        self.touched.machines |= u8::from(self.device.is_some()) << self.slots.0;
    }

    /// The current user is spoken of.
    pub(super) fn touch_user(&mut self) {
        self.touched.users |= u8::from(self.user.is_some()) << self.slots.1;
    }

    pub(super) fn mark(&mut self, roles: &[&'static str]) -> Mark {
        let parade = matches!(self.frame.template.quirk, Quirk::Parade);
        let future = matches!(self.frame.template.quirk, Quirk::Future);
        let n = self.evidence.as_ref().map_or(0, Vec::len) + 5 * self.k;
        let verdict = if parade {
            VERDICTS[n % VERDICTS.len()]
        } else if future {
            "likelyMalicious"
        } else {
            self.verdict
        };
        let remediation = if parade || future {
            REMEDIATIONS[(n + if future { 11 } else { 0 }) % REMEDIATIONS.len()]
        } else {
            match (self.verdict, self.alert.status) {
                ("noThreatsFound", _) => "none",
                ("malicious", "resolved") => self.dice.weighted(&[
                    ("remediated", 6),
                    ("prevented", 3),
                    ("blocked", 2),
                    ("partiallyRemediated", 1),
                    ("notFound", 1),
                ]),
                (_, "resolved") => self.dice.weighted(&[
                    ("none", 5),
                    ("remediated", 2),
                    ("notFound", 1),
                    ("declined", 1),
                ]),
                ("malicious", _) => self.dice.weighted(&[
                    ("active", 5),
                    ("pendingApproval", 3),
                    ("running", 1),
                    ("blocked", 2),
                    ("unremediated", 1),
                ]),
                _ => self
                    .dice
                    .weighted(&[("none", 8), ("active", 1), ("pendingApproval", 1)]),
            }
        };
        let mut roles = roles.to_vec();
        if parade {
            roles = vec![ROLES[n % ROLES.len()], ROLES[(n + 7) % ROLES.len()]];
        }
        let at = self.alert_created();
        Mark {
            at,
            verdict,
            remediation,
            roles,
            detailed: Vec::new(),
            tags: Vec::new(),
        }
    }

    fn alert_created(&self) -> Stamp {
        self.frame
            .alert_created(self.world, self.k)
            .plus(self.steps as i64 * SECOND / 3)
            .min(self.frame.until)
    }

    pub(super) fn wanted(&self, identity: &str) -> Option<u64> {
        let id = super::super::people::text_hash(identity);
        let seen = self.evidence.as_ref()?.iter().any(|(have, _)| *have == id);
        (!seen).then_some(id)
    }

    pub(super) fn keep(&mut self, id: u64, evidence: Obj) {
        if let Some(all) = &mut self.evidence {
            all.push((id, evidence));
        }
    }

    pub(super) fn detection(&mut self) -> &'static str {
        match self.frame.template.quirk {
            Quirk::Parade | Quirk::Future => {
                DETECTIONS[self.evidence.as_ref().map_or(0, Vec::len) % 4]
            }
            _ => match self.alert.status {
                "resolved" => {
                    self.dice
                        .weighted(&[("detected", 3), ("blocked", 2), ("prevented", 2)])
                }
                _ => "detected",
            },
        }
    }

    /// Evidence of any kind that no event speaks of; `identity` keeps it from being there twice.
    pub fn extra(
        &mut self,
        identity: &str,
        roles: &[&'static str],
        make: impl FnOnce(&World, &Mark) -> Obj,
    ) -> &mut Self {
        if let Some(id) = self.wanted(identity) {
            let mark = self.mark(roles);
            let evidence = make(self.world, &mark);
            self.keep(id, evidence);
        }
        self
    }
}
