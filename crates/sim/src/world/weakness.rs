//! Software on machines and the weaknesses in it.

use super::devices::Device;
use super::dice::Topic;
use super::software::{PRODUCTS, Weakness};
use super::stamp::DAY;
use super::systems::Kind;
use super::{Obj, World, obj};
use serde_json::json;

/// Vendors as people write them, where that is not their name in capitals.
pub(super) const VENDOR_WORDS: [(&str, &str); 4] = [
    ("7-zip", "7-Zip"),
    ("openbsd", "OpenBSD"),
    ("openssl", "OpenSSL"),
    ("vmware", "VMware"),
];

fn system(device: &Device) -> char {
    match device.kind {
        Kind::Domain | Kind::Server => 's',
        Kind::LinuxServer => 'l',
        Kind::Mac => 'm',
        Kind::Phone => 'p',
        Kind::Workstation | Kind::Virtual => 'w',
        Kind::Network => '-',
    }
}

/// The name of a product on a machine: the system is called by its version.
pub(super) fn name_on(p: usize, device: &Device) -> String {
    match (p, device.system.platform) {
        (0, "Windows10" | "Windows10WVD") => "windows_10".to_owned(),
        (0, "Windows7") => "windows_7".to_owned(),
        _ => PRODUCTS[p].name.to_owned(),
    }
}

impl World {
    /// Products of a machine by number, with the place of the installed version (0 is the newest).
    pub(super) fn installed(&self, i: usize) -> Vec<(usize, usize)> {
        let device = self.device(i);
        if device.onboarding != "Onboarded" {
            return Vec::new();
        }
        let system = system(&device);
        // exposure says how far behind the machine is
        let behind = match device.exposure {
            Some("High") => [15, 40, 45],
            Some("Medium") => [45, 45, 10],
            Some("None") => [100, 0, 0],
            _ => [82, 17, 1],
        };
        let mut dice = self.seed.dice(Topic::Software, i as u64);
        let mut all = Vec::new();
        for (p, product) in PRODUCTS.iter().enumerate() {
            if product.on.contains(system) && dice.chance(product.odds) {
                all.push((
                    p,
                    dice.weighted(&[(0, behind[0]), (1, behind[1]), (2, behind[2])]),
                ));
            }
        }
        all
    }

    /// Products of a machine: number, name there, installed version.
    pub(super) fn machine_products(&self, i: usize) -> Vec<(usize, String, &'static str)> {
        let device = self.device(i);
        let installed = self.installed(i).into_iter();
        installed
            .map(|(p, version)| (p, name_on(p, &device), PRODUCTS[p].versions[version]))
            .collect()
    }

    /// Vulnerabilities of a machine, unordered.
    pub fn machine_vulnerabilities(&self, i: usize) -> Vec<Obj> {
        let rows = self.exposed_on(i).iter();
        rows.map(|row| self.vulnerability_json(usize::from(row.weakness)))
            .collect()
    }

    /// Vendor, name and version of what is installed on a machine.
    pub fn machine_software_names(&self, i: usize) -> Vec<(&'static str, String, &'static str)> {
        let all = self.machine_products(i).into_iter();
        all.map(|(p, name, version)| (PRODUCTS[p].vendor, name, version))
            .collect()
    }

    pub(super) fn weakness_json(&self, w: &Weakness, machines: usize) -> Obj {
        let published = self.now.plus(-w.days * DAY).whole_second();
        obj(json!({
            "id": w.id,
            "name": w.id,
            "description": format!("Summary: {}\r\n\r\nImpact: see the vendor's advisory.\r\n\r\nRemediation: apply the latest patches and updates provided by the vendor.", w.about),
            "severity": w.severity,
            "cvssV3": w.score,
            "cvssVector": w.score.filter(|s| *s > 0.0).map(|_| "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H"),
            "exposedMachines": machines,
            "publishedOn": published.to_string(),
            "updatedOn": published.plus(9 * DAY).to_string(),
            "firstDetected": published.plus(DAY).to_string(),
            "publicExploit": w.public,
            "exploitVerified": w.verified,
            "exploitInKit": w.kit,
            "exploitTypes": if w.public { json!(["Remote"]) } else { json!([]) },
            "exploitUris": if w.verified { json!([format!("https://exploits.example/{}", w.id)]) } else { json!([]) },
            "CveSupportability": "Supported",
            "tags": [],
            "epss": if w.kit { 0.94 } else if w.public { 0.31 } else { 0.002 },
        }))
    }

    /// Software of a machine, in the form of the software inventory.
    pub fn machine_software(&self, i: usize) -> Vec<Obj> {
        let products = self.machine_products(i).into_iter();
        products
            .filter_map(|(p, name, _)| Some(self.software_json(self.software_of(p, &name)?)))
            .collect()
    }

    /// Rows of the combined list (`machinesVulnerabilities`) of one machine.
    pub fn machine_weaknesses(&self, i: usize) -> Vec<Obj> {
        let rows = self.exposed_on(i).iter();
        rows.map(|row| self.exposed_json(*row)).collect()
    }
}
