//! Secure configurations: what is asked of machines, and which of them comply. Network protection may be on, watching, or off.

use super::devices::Device;
use super::dice::Topic;
use super::systems::Kind;
use super::{Obj, World, obj};
use serde_json::{Value, json};

/// One configuration that is looked at.
#[derive(Debug)]
pub struct Setting {
    pub id: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    pub sub: &'static str,
    pub impact: f64,
    /// How many machines comply, in a thousand.
    odds: u64,
    /// Windows only.
    windows: bool,
    pub remedy: &'static str,
}

const fn setting(
    id: &'static str,
    name: &'static str,
    (category, sub): (&'static str, &'static str),
    impact: f64,
    odds: u64,
    windows: bool,
    remedy: &'static str,
) -> Setting {
    Setting {
        id,
        name,
        category,
        sub,
        impact,
        odds,
        windows,
        remedy,
    }
}

/// Where network protection stands in `SETTINGS`.
pub const NETWORK_PROTECTION: usize = 0;

const CONTROLS: (&str, &str) = ("Security controls", "Antivirus");

/// All of them.
#[rustfmt::skip]
pub static SETTINGS: [Setting; 10] = [
    setting("scid-96", "Turn on network protection", ("Security controls", "Exploit Guard"), 8.0, 700, true, "Set EnableNetworkProtection to 1 (block)."),
    setting("scid-2000", "Turn on Microsoft Defender for Endpoint sensor", ("Security controls", "EDR"), 10.0, 960, false, "Onboard the device."),
    setting("scid-2001", "Fix the sensor's data collection", ("Security controls", "EDR"), 9.0, 930, false, "Restart the sensor's service."),
    setting("scid-2003", "Turn on tamper protection", CONTROLS, 8.0, 880, true, "Turn on tamper protection in the portal or by Intune."),
    setting("scid-2010", "Turn on antivirus", CONTROLS, 9.0, 970, false, "Remove the policy that disables it."),
    setting("scid-2011", "Update antivirus definitions", CONTROLS, 7.0, 900, false, "Let definitions be updated daily."),
    setting("scid-2012", "Turn on real-time protection", CONTROLS, 8.0, 950, false, "Turn on real-time protection."),
    setting("scid-2013", "Turn on protection from unwanted applications", CONTROLS, 5.0, 620, true, "Set PUAProtection to 1."),
    setting("scid-2016", "Turn on cloud-delivered protection", CONTROLS, 8.0, 940, false, "Set MAPSReporting to 2."),
    setting("scid-2090", "Encrypt all drives that BitLocker supports", ("OS", "BitLocker"), 6.0, 780, true, "Turn on BitLocker by policy."),
];

impl World {
    /// Does a configuration apply to the machine, and does the machine comply? None where it was never looked at.
    pub fn setting_state(&self, machine: usize, n: usize) -> Option<(bool, bool)> {
        let device: Device = self.device(machine);
        if device.onboarding != "Onboarded" || matches!(device.kind, Kind::Phone | Kind::Network) {
            return None;
        }
        let setting = SETTINGS.get(n)?;
        let windows = matches!(
            device.kind,
            Kind::Workstation | Kind::Virtual | Kind::Server | Kind::Domain
        );
        let applies = windows || !setting.windows;
        let mut dice = self
            .seed
            .dice(Topic::Posture, (machine as u64) << 8 | n as u64);
        Some((applies, applies && dice.chance(setting.odds)))
    }

    /// What was found: for network protection 0 is off, 1 blocks, 2 only watches.
    pub fn setting_context(&self, machine: usize, n: usize) -> Value {
        let Some((true, complies)) = self.setting_state(machine, n) else {
            return json!([]);
        };
        let watching = self.seed.hash(Topic::Posture, (machine as u64) << 8 | 0xff) % 10 < 7;
        let found = match (n, complies) {
            (_, true) => "1",
            (NETWORK_PROTECTION, false) if watching => "2",
            _ => "0",
        };
        json!([[found]])
    }

    /// A row of the assessment by machine, as the bulk export has it.
    pub fn setting_json(&self, machine: usize, n: usize) -> Option<Obj> {
        let (applies, complies) = self.setting_state(machine, n)?;
        let row = self.machine_row(machine);
        let setting = &SETTINGS[n];
        Some(obj(json!({
            "id": format!("{}_{}", row.id, setting.id),
            "deviceId": row.id,
            "deviceName": row.dns_name,
            "rbacGroupId": row.rbac_group_id,
            "rbacGroupName": row.rbac_group.unwrap_or("Unassigned"),
            "osPlatform": row.os_platform,
            "osVersion": row.version,
            "timestamp": blank(row.last_seen),
            "configurationId": setting.id,
            "configurationName": setting.name,
            "configurationCategory": setting.category,
            "configurationSubcategory": setting.sub,
            "configurationImpact": setting.impact,
            "isApplicable": applies,
            "isCompliant": complies,
            "isExpectedUserImpact": false,
            "recommendationReference": format!("sca-_-{}", setting.id),
        })))
    }

    /// Machines to which a configuration applies, and those of them that do not comply.
    pub fn setting_machines(&self, n: usize) -> (Vec<usize>, Vec<usize>) {
        let all: Vec<usize> = (0..self.machine_count())
            .filter(|m| matches!(self.setting_state(*m, n), Some((true, _))))
            .collect();
        let open = all
            .iter()
            .copied()
            .filter(|m| self.setting_state(*m, n) == Some((true, false)))
            .collect();
        (all, open)
    }
}

/// An instant as the exports write it: a blank for the T, and no zone.
pub fn blank(at: super::stamp::Stamp) -> String {
    at.to_string()
        .replace('T', " ")
        .trim_end_matches('Z')
        .to_owned()
}
