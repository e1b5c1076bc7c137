//! What can happen in a scene: machines and people take part, programs run, files appear, mails come, somebody signs in.

use super::super::Obj;
use super::super::people::text_hash;
use super::super::stamp::MINUTE;
use super::facts::{self, Address, File, Mail, Process};
use super::scene::Scene;
use super::{Event, Quirk, SignIn, What};
use serde_json::json;

/// Fields of a device with all their members, one of the future last.
const RARE_DEVICE: &[(&str, &[&str])] = &[
    (
        "healthStatus",
        &[
            "active",
            "inactive",
            "impairedCommunication",
            "noSensorData",
            "noSensorDataImpairedCommunication",
            "unknown",
            "quarantined",
        ],
    ),
    (
        "riskScore",
        &["none", "informational", "low", "medium", "high", "critical"],
    ),
    (
        "onboardingStatus",
        &[
            "insufficientInfo",
            "onboarded",
            "canBeOnboarded",
            "unsupported",
            "offboarding",
        ],
    ),
    (
        "defenderAvStatus",
        &[
            "notReporting",
            "disabled",
            "notUpdated",
            "updated",
            "unknown",
            "notSupported",
            "passive",
        ],
    ),
];

impl Scene<'_> {
    /// The current machine is impacted.
    pub fn device(&mut self) -> &mut Self {
        self.touch_machine();
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
            let mut evidence = self.world.device_evidence(&mark, d);
            self.rare_device(&mut evidence);
            self.keep(id, evidence);
        }
        self
    }

    /// In incidents that walk through rare enum members, devices do too.
    fn rare_device(&self, evidence: &mut Obj) {
        let last = match self.frame.template.quirk {
            Quirk::Parade => false,
            Quirk::Future => true,
            _ => return,
        };
        // two such incidents of four alerts stand three ranks apart
        let n = self.k + 4 * (self.frame.rank as usize / 3 % 2);
        for (field, members) in RARE_DEVICE {
            let member = if last {
                members[members.len() - 1]
            } else {
                members[n % members.len()]
            };
            evidence.insert((*field).to_owned(), json!(member));
        }
    }

    /// The current user is impacted.
    pub fn user(&mut self) -> &mut Self {
        self.touch_user();
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
            super::super::dice::Topic::File,
            text_hash(self.frame.template.name),
        );
        let at = if shown {
            self.step()
        } else {
            self.first.plus(-30 * MINUTE)
        };
        let id = 1_000 + 4 * ((text_hash(command) ^ u64::from(self.frame.rank)) % 3_500);
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
        self.touch_user();
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
            super::super::dice::Topic::File,
            text_hash(self.frame.template.name),
        );
        let file = facts::file(path, salt);
        self.touch_machine();
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
        self.touch_machine();
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
        self.touched.signs_in = true;
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
        self.touch_user();
        let at = self.step();
        let salt = self.world.seed.hash(
            super::super::dice::Topic::File,
            text_hash(self.frame.template.name),
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
