//! What is known of files, addresses and domains: gathered once from the evidence of all alerts, at the first question.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};
use url::Url;

use crate::world::stamp::{DAY, Stamp};
use crate::world::{Obj, World, obj};

/// Where and when something was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Positions of alerts, newest first.
    pub alerts: Vec<usize>,
    pub machines: BTreeSet<usize>,
    pub first: Option<Stamp>,
    pub last: Option<Stamp>,
}

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct FileFact {
    pub seen: Seen,
    pub names: BTreeSet<String>,
    details: Value,
    malicious: bool,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    files: Vec<FileFact>,
    by_hash: HashMap<String, usize>,
    addresses: HashMap<String, Seen>,
    domains: HashMap<String, Seen>,
}

impl Seen {
    fn add(&mut self, alert: usize, machine: Option<usize>, from: Stamp, until: Stamp) {
        if self.alerts.last() != Some(&alert) {
            self.alerts.push(alert);
        }
        self.machines.extend(machine);
        self.first = Some(self.first.map_or(from, |f| f.min(from)));
        self.last = Some(self.last.map_or(until, |l| l.max(until)));
    }
}

impl Facts {
    pub fn gather(world: &World) -> Self {
        let mut facts = Self::default();
        for alert in 0..world.alert_count() {
            let row = world.alert_row(alert);
            let whole = world.alert_json(alert);
            let evidence = whole.get("evidence").and_then(Value::as_array);
            // what has no machine of its own happened on the alert's
            let at = evidence
                .into_iter()
                .flatten()
                .find_map(|e| world.machine_by_id(e["mdeDeviceId"].as_str()?));
            for item in evidence.into_iter().flatten() {
                let machine = item["mdeDeviceId"]
                    .as_str()
                    .and_then(|id| world.machine_by_id(id))
                    .or(at);
                let bad = item["verdict"] == "malicious";
                let mark = |seen: &mut Seen| {
                    seen.add(alert, machine, row.first_activity, row.last_activity)
                };
                for key in ["fileDetails", "imageFile", "parentProcessImageFile"] {
                    if let Some(file) = facts.file_of(&item[key]) {
                        file.malicious |= bad && key == "fileDetails";
                        mark(&mut file.seen);
                    }
                }
                if let Some(ip) = item["ipAddress"].as_str() {
                    mark(facts.addresses.entry(ip.to_lowercase()).or_default());
                }
                let host = item["url"]
                    .as_str()
                    .and_then(|u| Some(Url::parse(u).ok()?.host_str()?.to_lowercase()));
                if let Some(host) = host {
                    mark(facts.domains.entry(host).or_default());
                }
            }
        }
        facts
    }

    fn file_of(&mut self, details: &Value) -> Option<&mut FileFact> {
        let sha1 = details["sha1"].as_str()?.to_lowercase();
        let at = match self.by_hash.get(&sha1) {
            Some(at) => *at,
            None => {
                let at = self.files.len();
                for key in ["sha1", "sha256"] {
                    if let Some(hash) = details[key].as_str() {
                        self.by_hash.insert(hash.to_lowercase(), at);
                    }
                }
                self.files.push(FileFact {
                    seen: Seen::default(),
                    names: BTreeSet::new(),
                    details: details.clone(),
                    malicious: false,
                });
                at
            }
        };
        let file = self.files.get_mut(at)?;
        if let Some(name) = details["fileName"].as_str() {
            file.names.insert(name.to_owned());
        }
        Some(file)
    }

    /// The file of a SHA-1 or SHA-256.
    pub fn file(&self, hash: &str) -> Option<&FileFact> {
        self.files.get(*self.by_hash.get(&hash.to_lowercase())?)
    }

    pub fn address(&self, ip: &str) -> Option<&Seen> {
        self.addresses.get(&ip.to_lowercase())
    }

    /// A domain and what is below it.
    pub fn domain(&self, name: &str) -> Option<Seen> {
        let name = name.to_lowercase();
        let below = format!(".{name}");
        let mut all = Seen::default();
        let mut found = false;
        for (host, seen) in &self.domains {
            if *host == name || host.ends_with(&below) {
                found = true;
                all.alerts.extend(&seen.alerts);
                all.machines.extend(&seen.machines);
                all.first = [all.first, seen.first].into_iter().flatten().min();
                all.last = [all.last, seen.last].into_iter().flatten().max();
            }
        }
        all.alerts.sort_unstable();
        all.alerts.dedup();
        found.then_some(all)
    }
}

impl FileFact {
    fn signer(&self) -> Option<&str> {
        self.details["signer"].as_str().filter(|s| !s.is_empty())
    }

    /// Comes with the system, so it is everywhere.
    pub fn is_common(&self) -> bool {
        self.signer().is_some_and(|s| s.starts_with("Microsoft"))
    }

    /// On how many computers of the world.
    fn prevalence(&self) -> u64 {
        let spread = self.details["fileSize"].as_u64().unwrap_or(7) % 97;
        match (self.is_common(), self.signer()) {
            (true, _) => 412_000_000 + spread,
            (false, Some(_)) => 9_300_000 + spread,
            (false, None) => 2 + spread,
        }
    }

    fn observed(&self) -> (Option<String>, Option<String>) {
        let back = if self.is_common() {
            900 * DAY
        } else {
            20 * DAY
        };
        let first = self.seen.first.map(|at| at.plus(-back).to_string());
        (first, self.seen.last.map(|at| at.to_string()))
    }

    /// As `/files/{hash}` answers.
    pub fn entity(&self) -> Obj {
        let d = &self.details;
        let (first, last) = self.observed();
        let signed = self.signer().is_some();
        let kind = match (self.malicious, self.is_common()) {
            (true, false) => "Malware",
            (_, true) => "Clean",
            _ => "Unknown",
        };
        let program = d["fileName"].as_str().is_some_and(|n| {
            let n = n.to_lowercase();
            [".exe", ".dll", ".sys", ".scr"]
                .iter()
                .any(|e| n.ends_with(e))
        });
        obj(json!({
            "sha1": d["sha1"],
            "sha256": d["sha256"],
            "md5": d["md5"],
            "globalPrevalence": self.prevalence(),
            "globalFirstObserved": first,
            "globalLastObserved": last,
            "size": d["fileSize"],
            "fileType": if program { json!("PortableExecutable") } else { Value::Null },
            "isPeFile": program,
            "filePublisher": d["filePublisher"],
            "fileProductName": if self.is_common() { json!("Microsoft® Windows® Operating System") } else { Value::Null },
            "signer": d["signer"],
            "issuer": d["issuer"],
            "signerHash": if signed { json!("9dc17888b5cfad98b3cb35c1994e96227f061675") } else { Value::Null },
            "isValidCertificate": signed,
            "determinationType": kind,
            "determinationValue": if kind == "Malware" { json!("Trojan:Win32/Contoso.A") } else { Value::Null },
        }))
    }

    /// As `/files/{hash}/stats` answers; prevalences come as text here.
    pub fn stats(&self, here: usize) -> Obj {
        let (first, last) = self.observed();
        obj(json!({
            "sha1": self.details["sha1"],
            "organizationPrevalence": here.to_string(),
            "orgFirstSeen": self.seen.first.map(|at| at.to_string()),
            "orgLastSeen": self.seen.last.map(|at| at.to_string()),
            "globallyPrevalence": self.prevalence().to_string(),
            "globalFirstObserved": first,
            "globalLastObserved": last,
            "topFileNames": self.names.iter().take(5).collect::<Vec<_>>(),
        }))
    }
}
