//! The machines of the tenant and their index table.

use super::dice::Topic;
use super::stamp::{DAY, HOUR};
use super::{MachineRow, World};

#[derive(Debug)]
pub struct Table {
    id: Vec<String>,
    dns: Vec<String>,
    ip: Vec<String>,
}

impl World {
    fn devices(&self) -> &Table {
        self.devices.get_or_init(|| {
            let n = self.size.devices;
            let mut t = Table {
                id: vec![],
                dns: vec![],
                ip: vec![],
            };
            for i in 0..n {
                let mut dice = self.seed.dice(Topic::Machine, u64::from(i));
                t.id.push(format!(
                    "{}{:08x}",
                    dice.hex(32),
                    self.seed.veil(Topic::Machine, i)
                ));
                t.dns.push(format!("wks-{i:04}.corp.contoso.com"));
                t.ip.push(format!("10.{}.{}.{}", i >> 16, i >> 8 & 255, i & 255));
            }
            t
        })
    }

    /// How many machines Defender knows.
    pub fn machine_count(&self) -> usize {
        self.size.devices as usize
    }

    /// The index row of a machine. `i` below `machine_count()`.
    pub fn machine_row(&self, i: usize) -> MachineRow<'_> {
        let t = self.devices();
        MachineRow {
            id: &t.id[i],
            dns_name: &t.dns[i],
            first_seen: self.now.plus(-90 * DAY),
            last_seen: self.now.plus(-HOUR),
            os_platform: "Windows11",
            version: Some("23H2"),
            last_ip: &t.ip[i],
            health: "Active",
            device_value: "Normal",
            rbac_group_id: 11,
            rbac_group: Some("Workstations"),
            risk: Some("None"),
            exposure: Some("Low"),
            onboarding: "Onboarded",
            aad_device_id: Some(self.seed.guid(Topic::AadDevice, i as u32)),
            tags: &[],
        }
    }

    /// The machine of an id (40 hexadecimal digits, any case).
    pub fn machine_by_id(&self, id: &str) -> Option<usize> {
        let tail = id.get(32..40).filter(|_| id.len() == 40)?;
        let i = self
            .seed
            .unveil(Topic::Machine, u32::from_str_radix(tail, 16).ok()?) as usize;
        (i < self.machine_count() && self.devices().id[i].eq_ignore_ascii_case(id)).then_some(i)
    }

    /// Machines of a DNS name, in any case; names are not unique.
    pub fn machines_by_name(&self, name: &str) -> Vec<usize> {
        (0..self.machine_count())
            .filter(|&i| self.devices().dns[i].eq_ignore_ascii_case(name))
            .collect()
    }
}
