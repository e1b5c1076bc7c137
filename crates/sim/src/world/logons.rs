//! Who logged on to which machine: the owner, a colleague who borrowed it, administrators on servers. Both directions as pure functions.

use super::devices::Device;
use super::dice::Topic;
use super::pinned::{BACKUP_ACCOUNT, DOMAIN_ADMIN};
use super::stamp::{DAY, HOUR, MINUTE, Stamp};
use super::systems::{Kind, SERVERS};
use super::{Obj, World, obj};
use serde_json::json;

/// Administrators and service accounts found on servers.
const OPERATORS: [usize; 6] = [14, DOMAIN_ADMIN, 19, 24, BACKUP_ACCOUNT, 26];
/// Machines listed for an operator, at most.
const OPERATOR_LIST: usize = 200;

/// One user on one machine.
struct Logon {
    user: usize,
    kinds: &'static str,
    first: Stamp,
    last: Stamp,
    admin: bool,
}

impl World {
    fn borrows(&self, user: usize, device: usize, d: &Device) -> bool {
        d.kind == Kind::Workstation && d.owner.is_some() && device % 9 == 4 && d.owner != Some(user)
    }

    fn operates(&self, user: usize, device: usize, d: &Device) -> bool {
        match d.kind {
            Kind::Server | Kind::Domain => {
                self.seed.hash(Topic::Address, (device * 61 + user) as u64) % 10 < 4
                    || user == DOMAIN_ADMIN
            }
            Kind::Workstation => {
                user == 19
                    && self
                        .seed
                        .hash(Topic::Address, device as u64)
                        .is_multiple_of(17)
            }
            _ => false,
        }
    }

    /// The user who sits beside the owner of a workstation and sometimes uses it.
    fn neighbour(&self, device: usize) -> Option<usize> {
        (device + 1 < self.machine_count())
            .then(|| self.device(device + 1).owner)
            .flatten()
    }

    fn logons(&self, i: usize) -> Vec<Logon> {
        let d = self.device(i);
        if d.onboarding != "Onboarded" {
            return Vec::new();
        }
        let mut dice = self.seed.dice(Topic::Address, i as u64 | 1 << 41);
        let mut all = Vec::new();
        if let Some(owner) = d.owner {
            let kinds = if d.kind == Kind::Workstation {
                "Interactive, CachedInteractive"
            } else {
                "Interactive"
            };
            all.push(Logon {
                user: owner,
                kinds,
                first: d.first_seen,
                last: d.last_seen.plus(-dice.range(0, 4 * HOUR)),
                admin: false,
            });
        }
        if let Some(user) = self.neighbour(i).filter(|&user| self.borrows(user, i, &d)) {
            let last = d.last_seen.plus(-dice.range(DAY, 6 * DAY));
            all.push(Logon {
                user,
                kinds: "Interactive",
                first: last.plus(-30 * DAY).max(d.first_seen),
                last,
                admin: false,
            });
        }
        for user in OPERATORS {
            if self.operates(user, i, &d) {
                let kinds = match user {
                    24 => "Service",
                    25 | 26 => "Network, Batch",
                    _ => "RemoteInteractive, Network",
                };
                let last = d.last_seen.plus(-dice.range(20 * MINUTE, 9 * DAY));
                all.push(Logon {
                    user,
                    kinds,
                    first: d.first_seen,
                    last,
                    admin: user == DOMAIN_ADMIN,
                });
            }
        }
        all
    }

    /// Users who logged on to a machine, in Defender's form.
    pub fn machine_logon_users(&self, i: usize) -> Vec<Obj> {
        let id = self.machine_id(i).to_owned();
        let name = self.machine_name(i);
        let local = !name.contains('.');
        self.logons(i)
            .into_iter()
            .map(|logon| {
                let row = self.user_row(logon.user);
                let domain = if local || !row.synced {
                    "azuread"
                } else {
                    "contoso"
                };
                let mut all = obj(json!({
                    "id": format!("{domain}\\{}", row.account),
                    "accountName": row.account,
                    "accountDomain": domain,
                    "firstSeen": logon.first.to_string(),
                    "lastSeen": logon.last.max(logon.first).to_string(),
                }));
                // only some answers carry the rest
                if i % 3 != 1 {
                    all.extend(obj(json!({
                        // an account that is in the cloud alone has the security id made of its object id
                        "accountSid": if row.synced {
                            self.user_sid(logon.user)
                        } else {
                            super::directory::cloud_sid(row.id)
                        },
                        "mostPrevalentMachineId": id,
                        "leastPrevalentMachineId": id,
                        "logOnMachinesCount": self.logon_count(logon.user),
                        "logonTypes": logon.kinds,
                        "isDomainAdmin": logon.admin,
                        "isOnlyNetworkUser": !logon.kinds.contains("nteractive"),
                    })));
                }
                all
            })
            .collect()
    }

    /// About how many machines a user logged on to; counting an operator's would read the whole inventory.
    fn logon_count(&self, user: usize) -> usize {
        if OPERATORS.contains(&user) {
            6 + self.machine_count() / 20
        } else {
            self.user_machines(user).len().max(1)
        }
    }

    /// Indexes of the users who logged on to a machine.
    pub fn machine_users(&self, i: usize) -> Vec<usize> {
        self.logons(i).into_iter().map(|logon| logon.user).collect()
    }

    /// Machines a user logged on to without owning them.
    pub(super) fn visited(&self, user: usize) -> Vec<usize> {
        if OPERATORS.contains(&user) {
            let on = |&d: &usize| {
                let device = self.device(d);
                device.onboarding == "Onboarded" && self.operates(user, d, &device)
            };
            return (0..self.machine_count().min(SERVERS.len() + 4_000))
                .filter(on)
                .take(OPERATOR_LIST)
                .collect();
        }
        let beside = |d: usize| {
            let before = d.checked_sub(1)?;
            let device = self.device(before);
            (device.onboarding == "Onboarded" && self.borrows(user, before, &device))
                .then_some(before)
        };
        self.owned(user).filter_map(beside).collect()
    }
}
