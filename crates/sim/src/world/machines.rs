//! What Defender for Endpoint says about one machine.

use super::{Obj, World, obj};
use serde_json::json;

impl World {
    /// A machine with all its fields in the documented order.
    pub fn machine_json(&self, i: usize) -> Obj {
        let row = self.machine_row(i);
        obj(json!({
            "id": row.id,
            "computerDnsName": row.dns_name,
            "firstSeen": row.first_seen.to_string(),
            "lastSeen": row.last_seen.to_string(),
            "osPlatform": row.os_platform,
            "version": row.version,
            "lastIpAddress": row.last_ip,
            "healthStatus": row.health,
            "deviceValue": row.device_value,
            "rbacGroupId": row.rbac_group_id,
            "rbacGroupName": row.rbac_group,
            "riskScore": row.risk,
            "exposureLevel": row.exposure,
            "onboardingStatus": row.onboarding,
            "machineTags": row.tags,
        }))
    }

    /// `vmMetadata` of a machine in a cloud.
    pub(super) fn vm_metadata(&self, _i: usize) -> Option<serde_json::Value> {
        None
    }

    /// Vulnerabilities of a machine, unordered.
    pub fn machine_vulnerabilities(&self, _i: usize) -> Vec<Obj> {
        Vec::new()
    }

    /// Software of a machine.
    pub fn machine_software(&self, _i: usize) -> Vec<Obj> {
        Vec::new()
    }

    /// Indexes of the alerts of a machine, newest first.
    pub fn machine_alerts(&self, _i: usize) -> Vec<usize> {
        Vec::new()
    }

    /// An alert as Defender for Endpoint's own alert list writes it. None for alerts of other services, which it does not have.
    /// `expand` adds the evidence.
    pub fn mde_alert_json(&self, _alert: usize, _expand: bool) -> Option<Obj> {
        None
    }
}
