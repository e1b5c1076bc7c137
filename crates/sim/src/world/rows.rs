//! Index rows: what a server filters and sorts by, without rendering an entity. All are cheap to copy.
//! Enum values are spelled as on the wire, members after the sentinel and invented future ones included (`enums::mask`).

use super::dice::Guid;
use super::stamp::Stamp;

/// One incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncidentRow {
    /// The wire id is its decimal text.
    pub id: u64,
    pub created: Stamp,
    pub updated: Stamp,
    pub severity: &'static str,
    pub status: &'static str,
    pub classification: Option<&'static str>,
    pub determination: Option<&'static str>,
    pub assigned_to: Option<&'static str>,
    /// The incident it was merged into.
    pub redirect: Option<u64>,
    /// How many alerts it has.
    pub alerts: u32,
}

/// One alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertRow {
    /// The id of its incident.
    pub incident: u64,
    pub created: Stamp,
    pub updated: Stamp,
    pub first_activity: Stamp,
    pub last_activity: Stamp,
    pub severity: &'static str,
    pub status: &'static str,
    pub classification: Option<&'static str>,
    pub determination: Option<&'static str>,
    pub assigned_to: Option<&'static str>,
    pub service_source: &'static str,
    pub detection_source: &'static str,
    pub category: &'static str,
}

/// One directory user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserRow<'a> {
    pub id: Guid,
    pub upn: &'a str,
    pub display: &'a str,
    pub mail: Option<&'a str>,
    /// The bare account name (`onPremisesSamAccountName`), which Defender knows users by.
    pub account: &'a str,
    pub enabled: bool,
    /// `Member` or `Guest`.
    pub user_type: &'static str,
    pub synced: bool,
    pub department: Option<&'static str>,
    pub title: Option<&'static str>,
}

/// One Defender machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineRow<'a> {
    /// 40 hexadecimal digits.
    pub id: &'a str,
    pub dns_name: &'a str,
    pub first_seen: Stamp,
    pub last_seen: Stamp,
    pub os_platform: &'static str,
    pub version: Option<&'static str>,
    pub last_ip: &'a str,
    pub health: &'static str,
    pub device_value: &'static str,
    pub rbac_group_id: u32,
    pub rbac_group: Option<&'static str>,
    pub risk: Option<&'static str>,
    pub exposure: Option<&'static str>,
    pub onboarding: &'static str,
    pub aad_device_id: Option<Guid>,
    pub tags: &'static [&'static str],
}

/// One interactive sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInRow {
    pub at: Stamp,
    /// Index of the user.
    pub user: usize,
    /// 0 is success, others are AADSTS numbers.
    pub error: u32,
    pub ip: std::net::IpAddr,
    pub app: &'static str,
    pub risk_level: &'static str,
}

/// One directory audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditRow {
    pub at: Stamp,
    pub activity: &'static str,
    /// Index of the user it was done to.
    pub target: usize,
    /// Index of the user who did it, None for an application.
    pub by: Option<usize>,
}

/// One risk detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetectionRow {
    pub at: Stamp,
    pub user: usize,
    pub kind: &'static str,
    pub level: &'static str,
    pub state: &'static str,
}

/// One risky user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RiskyRow {
    pub user: usize,
    pub updated: Stamp,
    pub level: &'static str,
    pub state: &'static str,
    pub detail: &'static str,
}
