//! What is installed and weak in the whole tenant: software with its versions, weaknesses with their machines. The same facts as the
//! machines' own, turned around once.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use super::devices::Device;
use super::dice::mix;
use super::software::{PRODUCTS, WEAKNESSES, Weakness};
use super::stamp::DAY;
use super::weakness::{VENDOR_WORDS, name_on};
use super::{Obj, World, obj};
use serde_json::{Value, json};

/// Weaknesses beyond the well-known ones, for tenants that want many; the same in every tenant, so made once.
static MORE: LazyLock<Vec<Weakness>> = LazyLock::new(|| (0..8_000).map(another).collect());

/// The n-th further weakness.
fn another(n: u64) -> Weakness {
    let h = mix(n ^ 0xc0de);
    // the last product is a trap of its own
    let product = (h % (PRODUCTS.len() as u64 - 1)) as usize;
    let (severity, score) = match h >> 8 & 15 {
        0 => ("Critical", 9.1),
        1..=6 => ("High", 7.1 + (h >> 12 & 15) as f64 / 10.0),
        7..=13 => ("Medium", 4.2 + (h >> 12 & 15) as f64 / 10.0),
        _ => ("Low", 2.1 + (h >> 12 & 15) as f64 / 10.0),
    };
    let exploit = h >> 20 & 31;
    Weakness {
        id: String::leak(format!("CVE-{}-{}", 2019 + h % 7, 60_000 + n)),
        product,
        from: if h >> 30 & 3 == 0 { 2 } else { 1 },
        severity,
        score: (h >> 34 & 31 != 0).then_some(score),
        public: exploit < 3,
        verified: exploit < 2,
        kit: exploit == 0,
        about: "Improper handling of input.",
        days: 30 + (h >> 40) as i64 % 2_000,
        kb: (product < 2).then_some("5046616"),
    }
}

/// Software of one name, and where it is.
#[derive(Debug)]
pub struct Software {
    pub(super) product: usize,
    pub name: String,
    /// Machine, and place of its version.
    pub machines: Vec<(u32, u8)>,
}

/// One machine with one weakness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exposed {
    pub machine: u32,
    /// Number of the weakness.
    pub weakness: u16,
    /// Place of the installed version.
    version: u8,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Exposure {
    software: Vec<Software>,
    /// How many of the further weaknesses are known here.
    more: usize,
    /// By machine.
    rows: Vec<Exposed>,
    /// Machines of each weakness.
    counts: Vec<u32>,
}

/// Where it is kept.
pub(super) type Store = OnceLock<Exposure>;

impl World {
    fn exposure(&self) -> &Exposure {
        self.exposed.get_or_init(|| {
            let mut software: BTreeMap<(usize, String), Vec<(u32, u8)>> = BTreeMap::new();
            // machines with each product, by version
            let mut counts = vec![[0_u64; 3]; PRODUCTS.len()];
            let all: Vec<Vec<(usize, usize)>> = (0..self.machine_count())
                .map(|i| self.installed(i))
                .collect();
            for (i, installed) in all.iter().enumerate() {
                let device: Device = self.device(i);
                for (product, version) in installed {
                    counts[*product][*version] += 1;
                    software
                        .entry((*product, name_on(*product, &device)))
                        .or_default()
                        .push((i as u32, *version as u8));
                }
            }
            let rows_of = |w: &Weakness| counts[w.product][w.from.min(3)..].iter().sum::<u64>();
            let mut sum: u64 = WEAKNESSES.iter().map(rows_of).sum();
            let wanted = u64::from(self.size.weaknesses);
            let mut more = 0;
            if wanted > 0 {
                for w in MORE.iter() {
                    if sum >= wanted {
                        break;
                    }
                    sum += rows_of(w);
                    more += 1;
                }
            }
            let mut of_product = vec![Vec::new(); PRODUCTS.len()];
            let known = || WEAKNESSES.iter().chain(further(more));
            for (n, w) in known().enumerate() {
                of_product[w.product].push((n as u16, w.from));
            }
            let mut rows = Vec::with_capacity(sum as usize);
            for (i, installed) in all.iter().enumerate() {
                for (product, version) in installed {
                    for (weakness, from) in &of_product[*product] {
                        if version >= from {
                            rows.push(Exposed {
                                machine: i as u32,
                                weakness: *weakness,
                                version: *version as u8,
                            });
                        }
                    }
                }
            }
            rows.sort_unstable();
            let mut counts = vec![0; known().count()];
            for row in &rows {
                counts[usize::from(row.weakness)] += 1;
            }
            let software = software.into_iter();
            Exposure {
                software: software
                    .map(|((product, name), machines)| Software {
                        product,
                        name,
                        machines,
                    })
                    .collect(),
                more,
                rows,
                counts,
            }
        })
    }

    /// How many weaknesses are known.
    pub fn weakness_count(&self) -> usize {
        WEAKNESSES.len() + self.exposure().more
    }

    /// A weakness by its number.
    pub(super) fn weakness(&self, n: usize) -> &'static Weakness {
        WEAKNESSES
            .get(n)
            .unwrap_or_else(|| &MORE[n - WEAKNESSES.len()])
    }

    /// The number of a CVE, in any case.
    pub fn weakness_by_id(&self, cve: &str) -> Option<usize> {
        (0..self.weakness_count()).find(|n| self.weakness(*n).id.eq_ignore_ascii_case(cve))
    }

    /// How many machines have a weakness.
    pub fn weakness_machines_count(&self, n: usize) -> usize {
        self.exposure().counts.get(n).map_or(0, |c| *c as usize)
    }

    /// A weakness, as the list of vulnerabilities has it.
    pub fn vulnerability_json(&self, n: usize) -> Obj {
        self.weakness_json(self.weakness(n), self.weakness_machines_count(n))
    }

    /// Every machine with each of its weaknesses, by machine.
    pub fn exposed(&self) -> &[Exposed] {
        &self.exposure().rows
    }

    /// The weaknesses of one machine.
    pub fn exposed_on(&self, machine: usize) -> &[Exposed] {
        let rows = self.exposed();
        let machine = machine as u32;
        let from = rows.partition_point(|r| r.machine < machine);
        let count = rows[from..].partition_point(|r| r.machine == machine);
        &rows[from..from + count]
    }

    /// Machines with a weakness.
    pub fn weakness_machines(&self, n: usize) -> Vec<usize> {
        let rows = self.exposed().iter();
        rows.filter(|r| usize::from(r.weakness) == n)
            .map(|r| r.machine as usize)
            .collect()
    }

    /// CVE, severity, and vendor and product that the row is about.
    pub fn exposed_words(
        &self,
        row: Exposed,
    ) -> (&'static str, &'static str, &'static str, String) {
        let w = self.weakness(usize::from(row.weakness));
        let name = name_on(w.product, &self.device(row.machine as usize));
        (w.id, w.severity, PRODUCTS[w.product].vendor, name)
    }

    /// A row of `machinesVulnerabilities`.
    pub fn exposed_json(&self, row: Exposed) -> Obj {
        let w = self.weakness(usize::from(row.weakness));
        let product = &PRODUCTS[w.product];
        let (machine, version) = (
            self.machine_id(row.machine as usize),
            product.versions[usize::from(row.version)],
        );
        let name = name_on(w.product, &self.device(row.machine as usize));
        obj(json!({
            "id": format!("{machine}-_-{}-_-{}-_-{}-_-{version}-_-", w.id, product.vendor, product.name),
            "cveId": w.id,
            "machineId": machine,
            "fixingKbId": w.kb,
            "productName": name,
            "productVendor": product.vendor,
            "productVersion": version,
            "severity": w.severity,
        }))
    }

    /// All software, in the order of its products.
    pub fn software(&self) -> &[Software] {
        &self.exposure().software
    }

    /// The software of an id (`vendor-_-name`).
    pub fn software_by_id(&self, id: &str) -> Option<usize> {
        (0..self.software().len()).find(|n| self.software_id(*n) == id)
    }

    /// The id of a software.
    pub fn software_id(&self, n: usize) -> String {
        let s = &self.software()[n];
        format!("{}-_-{}", PRODUCTS[s.product].vendor, s.name)
    }

    /// Software as the inventory lists it.
    pub fn software_json(&self, n: usize) -> Obj {
        let s = &self.software()[n];
        let weak = self.software_weaknesses(n);
        let exposed = s
            .machines
            .iter()
            .filter(|(_, v)| {
                weak.iter()
                    .any(|w| usize::from(*v) >= self.weakness(*w).from)
            })
            .count();
        obj(json!({
            "id": self.software_id(n),
            "name": s.name,
            "vendor": PRODUCTS[s.product].vendor,
            "weaknesses": weak.len(),
            "publicExploit": weak.iter().any(|w| self.weakness(*w).public),
            "activeAlert": s.product % 7 == 5,
            "exposedMachines": exposed,
            "installedMachines": s.machines.len(),
            "impactScore": (exposed as f64 * 0.37 * 100.0).round() / 100.0,
            "isNormalized": s.product != PRODUCTS.len() - 1,
        }))
    }

    /// The place in the list of what a machine has.
    pub(super) fn software_of(&self, product: usize, name: &str) -> Option<usize> {
        let all = self.software();
        all.iter()
            .position(|s| s.product == product && s.name == name)
    }

    /// Numbers of the weaknesses that some machine with this software has in it.
    pub fn software_weaknesses(&self, n: usize) -> Vec<usize> {
        let s = &self.software()[n];
        let oldest = s.machines.iter().map(|(_, v)| *v).max().unwrap_or(0);
        (0..self.weakness_count())
            .filter(|w| {
                let w = self.weakness(*w);
                w.product == s.product && w.from <= usize::from(oldest)
            })
            .collect()
    }

    /// How many machines have which version, newest first.
    pub fn software_versions(&self, n: usize) -> Vec<Obj> {
        let s = &self.software()[n];
        let product = &PRODUCTS[s.product];
        let weak = self.software_weaknesses(n);
        let rows = product.versions.iter().enumerate().filter_map(|(v, version)| {
            let installations = s.machines.iter().filter(|(_, at)| usize::from(*at) == v).count();
            let vulnerabilities = weak.iter().filter(|w| v >= self.weakness(**w).from).count();
            (installations > 0).then(|| {
                obj(json!({"version": version, "installations": installations, "vulnerabilities": vulnerabilities}))
            })
        });
        rows.collect()
    }

    /// Text of a version, and whether its support has ended.
    pub fn software_version(&self, n: usize, version: u8) -> (&'static str, bool) {
        let versions = &PRODUCTS[self.software()[n].product].versions;
        (versions[usize::from(version).min(2)], version >= 2)
    }

    /// When support of oldest versions ended.
    pub fn support_ended(&self) -> super::stamp::Stamp {
        self.now.plus(-60 * DAY).whole_second()
    }

    /// Vendor and product for people.
    pub fn software_title(&self, n: usize) -> String {
        let s = &self.software()[n];
        let words = |text: &str| {
            let parts = text.split('_').map(|part| {
                let mut letters = part.chars();
                letters.next().map_or(String::new(), |c| {
                    c.to_uppercase().chain(letters).collect::<String>()
                })
            });
            parts.collect::<Vec<_>>().join(" ")
        };
        let vendor = VENDOR_WORDS
            .iter()
            .find(|(v, _)| *v == PRODUCTS[s.product].vendor)
            .map_or_else(
                || words(PRODUCTS[s.product].vendor),
                |(_, w)| (*w).to_owned(),
            );
        format!("{vendor} {}", words(&s.name))
    }

    /// The software of a vendor and newest version.
    pub fn software_parts(&self, n: usize) -> (&'static str, &'static str) {
        let product = &PRODUCTS[self.software()[n].product];
        (product.vendor, product.versions[0])
    }

    /// Updates of Windows that a machine lacks.
    pub fn missing_kbs(&self, machine: usize) -> Vec<Obj> {
        let rows = self.exposed_on(machine);
        let of_kb: Vec<&Exposed> = rows
            .iter()
            .filter(|r| self.weakness(usize::from(r.weakness)).kb.is_some())
            .collect();
        let Some(first) = of_kb.first() else {
            return Vec::new();
        };
        let w = self.weakness(usize::from(first.weakness));
        let name = name_on(w.product, &self.device(machine));
        vec![kb(w, &name, of_kb.len(), 1)]
    }

    /// Updates that some machine with this software lacks.
    pub fn software_kbs(&self, n: usize) -> Vec<Obj> {
        let weak = self.software_weaknesses(n);
        let of_kb: Vec<&usize> = weak
            .iter()
            .filter(|w| self.weakness(**w).kb.is_some())
            .collect();
        let Some(first) = of_kb.first() else {
            return Vec::new();
        };
        let s = &self.software()[n];
        let lacking = s.machines.iter().filter(|(_, v)| *v > 0).count();
        vec![kb(self.weakness(**first), &s.name, of_kb.len(), lacking)]
    }
}

fn further(count: usize) -> std::slice::Iter<'static, Weakness> {
    if count == 0 {
        return [].iter();
    }
    MORE[..count].iter()
}

fn kb(w: &Weakness, product: &str, cves: usize, machines: usize) -> Obj {
    let id = w.kb.unwrap_or_default();
    obj(json!({
        "id": id,
        "name": "November 2024 Security Updates",
        "osBuild": 26_100,
        "productsNames": [product],
        "url": format!("https://catalog.update.microsoft.com/v7/site/Search.aspx?q=KB{id}"),
        "machineMissedUpdatesCount": machines,
        "cveAddressed": cves,
        "tags": Value::Null,
    }))
}
