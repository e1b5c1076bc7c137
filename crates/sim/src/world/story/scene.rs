//! Telling one alert: a scene calls these methods in order, each makes an event and, when the alert is rendered, its evidence.
//!
//! The scene has a current machine and user (the first of the cast to begin with) and a current verdict. A program that two scenes
//! of a story run on the same machine is the same process.

use super::super::dice::{Dice, Guid, Topic};
use super::super::evidence::Mark;
use super::super::frame::Frame;
use super::super::stamp::{MINUTE, SECOND, Stamp};
use super::super::workflow::{AlertFlow, Flow};
use super::super::{Obj, World};
use super::facts::{self, Address, File, Mail, Process};
use super::{Event, Quirk, SignIn, Spec, What};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

/// What the scenes of one story share.
#[derive(Debug, Default)]
pub struct Stage {
    pub events: Vec<Event>,
    /// By machine, repeat and command line.
    processes: HashMap<(usize, usize, String), Process>,
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
    stage: &'w mut Stage,
    first: Stamp,
    last: Stamp,
    steps: u32,
    sign_ins: u16,
    device: Option<usize>,
    user: Option<usize>,
    verdict: &'static str,
    alert: AlertFlow,
    /// Evidence so far with its identity; None when nobody wants it.
    evidence: Option<Vec<(u64, Obj)>>,
    dice: Dice,
}

/// Domains that attackers of these stories use.
static DOMAINS: [&str; 16] = [
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
    fn new(
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
        self.device =
            self.world
                .cast_machine(self.frame, slot, if slot == 0 { self.repeat } else { 0 });
        self
    }

    /// Makes a user of the cast the current one.
    pub fn by(&mut self, slot: usize) -> &mut Self {
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

    fn step(&mut self) -> Stamp {
        let span = self.last.since(self.first);
        let at = self.first.plus(span * i64::from(self.steps.min(12)) / 12);
        self.steps += 1;
        at
    }

    fn event(&mut self, what: What) -> Stamp {
        let at = self.step();
        self.stage.events.push(Event {
            at,
            alert: Some(self.k),
            device: self.device,
            user: self.user,
            what,
        });
        at
    }

    fn mark(&mut self, roles: &[&'static str]) -> Mark {
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

    fn wanted(&self, identity: &str) -> Option<u64> {
        let id = super::super::people::text_hash(identity);
        let seen = self.evidence.as_ref()?.iter().any(|(have, _)| *have == id);
        (!seen).then_some(id)
    }

    fn keep(&mut self, id: u64, evidence: Obj) {
        if let Some(all) = &mut self.evidence {
            all.push((id, evidence));
        }
    }

    fn detection(&mut self) -> &'static str {
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

    // ---- what happens

    /// The current machine is impacted.
    pub fn device(&mut self) -> &mut Self {
        if let Some(d) = self.device
            && let Some(id) = self.wanted(&format!("device {d}"))
        {
            let first = !self
                .evidence
                .as_ref()
                .is_some_and(|all| all.iter().any(|(_, e)| e.contains_key("mdeDeviceId")));
            let mut mark = self.mark(if self.verdict == "malicious" {
                &["compromised"]
            } else {
                &[]
            });
            if first {
                mark.detailed = vec!["PrimaryDevice"];
            }
            let evidence = self.world.device_evidence(&mark, d);
            self.keep(id, evidence);
        }
        self
    }

    /// The current user is impacted.
    pub fn user(&mut self) -> &mut Self {
        if let Some(u) = self.user
            && let Some(id) = self.wanted(&format!("user {u}"))
        {
            let mut mark = self.mark(if self.verdict == "malicious" {
                &["compromised"]
            } else {
                &[]
            });
            if u < 9 {
                mark.tags = vec!["VIP"];
            }
            let evidence = self.world.user_evidence(&mark, u);
            self.keep(id, evidence);
        }
        self
    }

    fn process(
        &mut self,
        parent: Option<&Process>,
        image: &str,
        command: &str,
        shown: bool,
    ) -> Process {
        let key = (
            self.device.unwrap_or(usize::MAX),
            self.repeat,
            command.to_owned(),
        );
        if let Some(known) = self.stage.processes.get(&key).cloned() {
            if shown {
                self.show(&known);
            }
            return known;
        }
        let salt = self.world.seed.hash(
            Topic::File,
            super::super::people::text_hash(self.frame.template.name),
        );
        let at = if shown {
            self.step()
        } else {
            self.first.plus(-30 * MINUTE)
        };
        let id = 1_000
            + 4 * ((super::super::people::text_hash(command) ^ u64::from(self.frame.rank)) % 3_500);
        let process = Process {
            id: id as u32,
            created: at,
            image: facts::file(image, salt),
            command: command.to_owned(),
            parent: parent.map(|p| (p.id, p.created, p.image.clone())),
        };
        self.stage.processes.insert(key, process.clone());
        let what = What::Process(process.clone());
        let alert = shown.then_some(self.k);
        self.stage.events.push(Event {
            at,
            alert,
            device: self.device,
            user: self.user,
            what,
        });
        if shown {
            self.show(&process);
        }
        process
    }

    fn show(&mut self, process: &Process) {
        self.device();
        if let Some(id) = self.wanted(&format!("process {:?} {}", self.device, process.command)) {
            let mark = self.mark(&[]);
            let detection = self.detection();
            let evidence =
                self.world
                    .process_evidence(&mark, process, self.device, self.user, detection);
            self.keep(id, evidence);
        }
    }

    /// A program starts. `image` is a known program's name or a full path.
    pub fn run(&mut self, parent: &Process, image: &str, command: &str) -> Process {
        self.process(Some(parent), image, command, true)
    }

    /// The shell of the current user, as a parent.
    pub fn shell(&mut self) -> Process {
        match self.device.map(|d| self.world.device(d).system.platform) {
            Some("macOS") => self.process(
                None,
                "/System/Library/CoreServices/launchd",
                "/sbin/launchd",
                false,
            ),
            Some("Ubuntu" | "Debian" | "RedHatEnterpriseLinux") => {
                self.process(None, "bash", "-bash", false)
            }
            _ => self.process(None, "explorer.exe", r"C:\Windows\Explorer.EXE", false),
        }
    }

    /// A service of the system, as a parent.
    pub fn service(&mut self, image: &str, command: &str) -> Process {
        self.process(None, image, command, false)
    }

    /// A file appears. `path` is a full path, or a name in the public folder.
    pub fn file(&mut self, by: Option<&Process>, path: &str) -> File {
        let salt = self.world.seed.hash(
            Topic::File,
            super::super::people::text_hash(self.frame.template.name),
        );
        let file = facts::file(path, salt);
        self.event(What::File {
            file: file.clone(),
            by: by.cloned(),
        });
        if let Some(id) = self.wanted(&format!("file {:?} {path}", self.device)) {
            let mark = self.mark(&[]);
            let detection = self.detection();
            let evidence = self
                .world
                .file_evidence(&mark, &file, self.device, detection);
            self.keep(id, evidence);
        }
        file
    }

    /// An address takes part.
    pub fn ip(&mut self, address: &Address, roles: &[&'static str]) -> &mut Self {
        let address = *address;
        self.extra(&format!("ip {}", address.ip), roles, |world, mark| {
            world.ip_evidence(mark, &address)
        })
    }

    /// A program connects to an address.
    pub fn connect(
        &mut self,
        by: &Process,
        to: &Address,
        port: u16,
        url: Option<&str>,
    ) -> &mut Self {
        self.event(What::Connection {
            to: *to,
            port,
            url: url.map(str::to_owned),
            by: Some(by.clone()),
        });
        self.ip(to, &["commandAndControl"]);
        if let Some(url) = url {
            self.url(url);
        }
        self
    }

    /// A URL takes part.
    pub fn url(&mut self, url: &str) -> &mut Self {
        self.extra(&format!("url {url}"), &[], |_, mark| {
            mark.evidence("urlEvidence", json!({"url": url}))
        })
    }

    /// Somebody clicks on a link.
    pub fn click(&mut self, url: &str) -> &mut Self {
        self.event(What::Click {
            url: url.to_owned(),
        });
        self.user().url(url)
    }

    /// A registry value is set.
    pub fn registry(
        &mut self,
        by: Option<&Process>,
        hive: &'static str,
        key: &str,
        name: &str,
        value: &str,
    ) -> &mut Self {
        let what = What::Registry {
            hive,
            key: key.to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
            by: by.cloned(),
        };
        self.event(what);
        let device = self.device;
        self.extra(&format!("key {key}"), &[], |_, mark| {
            mark.evidence(
                "registryKeyEvidence",
                json!({"registryHive": hive, "registryKey": key}),
            )
        });
        self.extra(&format!("value {key} {name}"), &[], |world, mark| {
            let own = json!({
                "mdeDeviceId": device.map(|d| world.machine_id(d)), "registryHive": hive, "registryKey": key,
                "registryValueName": name, "registryValue": value, "registryValueType": "String",
            });
            mark.evidence("registryValueEvidence", own)
        })
    }

    /// Somebody logs on to the current machine from an address.
    pub fn logon(&mut self, from: &str, kind: &'static str, ok: bool) -> &mut Self {
        self.event(What::Logon {
            from: from.to_owned(),
            kind,
            ok,
        });
        self.device().user();
        if let (Some(device), Some(user)) = (self.device, self.user) {
            self.extra(&format!("session {device} {user}"), &[], |world, mark| {
                world.host_session(mark, user, device)
            });
        }
        self
    }

    /// The current user signs in with a browser.
    pub fn sign_in(
        &mut self,
        app: usize,
        from: &Address,
        error: u32,
        risk: &'static str,
        risk_events: &'static [&'static str],
        agent: &'static str,
    ) -> &mut Self {
        let n = (self.k.min(511) * 8) as u16 + self.sign_ins.min(7);
        self.sign_ins += 1;
        self.event(What::SignIn(SignIn {
            n,
            app,
            from: *from,
            error,
            risk,
            risk_events,
            agent,
        }));
        let id = self.world.story_sign_in_id(self.frame.rank, n).to_string();
        self.user().ip(from, &["attacker"]);
        let user = self.who();
        self.extra(&format!("request {id}"), &[], |_, mark| {
            mark.evidence("cloudLogonRequestEvidence", json!({"requestId": id}))
        });
        if error == 0 {
            self.extra(&format!("cloud session {user}"), &[], |world, mark| {
                world.session_evidence(mark, user, agent, &id)
            });
        }
        self
    }

    /// A mail reaches the current user. The n-th of the story.
    pub fn mail(
        &mut self,
        n: u64,
        subject: &str,
        sender: (&str, &str),
        urls: &[String],
        attachments: &[&str],
        delivery: (&'static str, &'static str),
    ) -> Mail {
        let recipient = self.who();
        let at = self.step();
        let salt = self.world.seed.hash(
            Topic::File,
            super::super::people::text_hash(self.frame.template.name),
        );
        let phish = delivery.0 != "delivered" || self.verdict != "noThreatsFound";
        let mail = Mail {
            network_id: self.guid(&format!("mail {n} {recipient}")),
            subject: subject.to_owned(),
            sender: (sender.0.to_owned(), sender.1.to_owned()),
            from: self.attacker(n),
            recipient,
            urls: urls.to_vec(),
            attachments: attachments
                .iter()
                .map(|name| facts::file(name, salt))
                .collect(),
            received: at,
            delivery: delivery.0,
            location: delivery.1,
            threats: if phish { &["Phish, Normal"] } else { &[] },
            methods: if phish {
                &["URL detonation", "Fingerprint matching"]
            } else {
                &[]
            },
        };
        self.stage.events.push(Event {
            at,
            alert: Some(self.k),
            device: None,
            user: self.user,
            what: What::Mail(mail.clone()),
        });
        if let Some(id) = self.wanted(&format!("mail {}", mail.network_id)) {
            let mark = self.mark(&[]);
            let evidence = self.world.mail_evidence(&mark, &mail);
            self.keep(id, evidence);
        }
        for url in urls {
            self.url(url);
        }
        self.extra(&format!("mailbox {recipient}"), &[], |world, mark| {
            world.mailbox(mark, recipient)
        });
        mail
    }

    /// Something is done in a cloud application.
    pub fn cloud(
        &mut self,
        app: usize,
        action: &'static str,
        object: &str,
        from: &Address,
    ) -> &mut Self {
        self.event(What::Cloud {
            app,
            action,
            object: object.to_owned(),
            from: *from,
        });
        self.user().ip(from, &["source"]);
        let name = super::super::apps::APPS[app].name;
        self.extra(&format!("app {app}"), &[], |_, mark| {
            let saas = 11_161 + app as i64;
            let own = json!({"appId": saas, "saasAppId": saas, "displayName": name, "instanceId": 0, "instanceName": name, "stream": null});
            mark.evidence("cloudApplicationEvidence", own)
        })
    }

    /// A query to or a change of the on-premises directory.
    pub fn directory(&mut self, action: &'static str, object: &str) -> &mut Self {
        self.event(What::Directory {
            action,
            object: object.to_owned(),
        });
        self.user().device()
    }

    /// A DNS answer.
    pub fn dns(&mut self, name: &str, to: &Address) -> &mut Self {
        let host = self.host_ip();
        let ip = to.ip.to_string();
        self.extra(&format!("dns {name}"), &[], |_, mark| {
            let own = json!({
                "domainName": name,
                "dnsServerIp": super::super::evidence::nested_ip(mark, "10.1.0.10"),
                "hostIpAddress": super::super::evidence::nested_ip(mark, &host),
                "ipAddresses": [super::super::evidence::nested_ip(mark, &ip)],
            });
            mark.evidence("dnsEvidence", own)
        })
    }

    /// A connection as evidence of its own.
    pub fn flow(&mut self, to: &Address, port: u16, protocol: &'static str) -> &mut Self {
        let host = self.host_ip();
        let ip = to.ip.to_string();
        self.extra(&format!("flow {ip} {port} {protocol}"), &[], |_, mark| {
            let own = json!({
                "sourceAddress": super::super::evidence::nested_ip(mark, &host),
                "sourcePort": 49_152 + port / 3,
                "destinationAddress": super::super::evidence::nested_ip(mark, &ip),
                "destinationPort": port,
                "protocol": protocol,
            });
            mark.evidence("networkConnectionEvidence", own)
        })
    }
}

impl World {
    /// Plays the scenes of a story: its events in order of their alerts, and the evidence of alert `wanted`.
    pub(in super::super) fn play(
        &self,
        frame: &Frame,
        flow: &Flow,
        wanted: Option<usize>,
    ) -> (Vec<Event>, Vec<Value>) {
        let mut stage = Stage::default();
        let mut evidence = Vec::new();
        // scenes of repeats do not look at one another, so only the wanted one is played
        let told = frame.alerts();
        for k in 0..told {
            let render = wanted == Some(k);
            let (spec, repeat) = frame.spec(k);
            if repeat > 0 && wanted.is_some() && !render {
                continue;
            }
            let mut scene = Scene::new(self, frame, flow, k, &mut stage, render);
            (spec.scene)(&mut scene);
            if let Some(all) = scene.evidence {
                evidence = all.into_iter().map(|(_, e)| Value::Object(e)).collect();
            }
            if render {
                break;
            }
        }
        (stage.events, evidence)
    }

    /// The story of an incident: everything that happened, by place of the alert.
    pub fn story(&self, incident: usize) -> Vec<Event> {
        let frame = self.frame(incident);
        let flow = self.flow(&frame);
        self.play(&frame, &flow, None).0
    }
}

/// Comments that test their reader.
pub fn hostile_comment(n: usize) -> String {
    match n {
        1 => "\u{1b}]52;c;cm0gLXJmIC8K\u{7}copied?".to_owned(),
        3 => "=cmd|'/c calc'!A1".to_owned(),
        5 => "line one\r\nline two\ttabbed\n\n\nline six".to_owned(),
        7 => "reviewed \u{202e}desolc\u{202c} yesterday".to_owned(),
        9 => "zero\u{200b}width\u{200d}joiners\u{feff} and \u{e0041}\u{e0042} tags".to_owned(),
        11 => "確認済み。問題ありません。".to_owned(),
        13 => "تمت المراجعة — לא נמצא דבר".to_owned(),
        n => format!("Note {} of a long hand-over.", n + 1),
    }
}
