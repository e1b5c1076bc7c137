//! Devices as the directory (Entra) has them: those of Defender that are joined, and private phones that only registered.

use super::dice::{Guid, Topic};
use super::people::Class;
use super::stamp::{DAY, HOUR};
use super::systems::{Kind, SERVERS};
use super::{Obj, World, obj};
use serde_json::{Value, json};

impl World {
    /// Numbers below the machine count are machines; those above are the private phone of user `number - machine count`.
    fn entra_exists(&self, number: usize) -> bool {
        match number.checked_sub(self.machine_count()) {
            None => self.device(number).in_entra,
            Some(user) => user < self.user_count() && self.has_private_phone(user),
        }
    }

    fn has_private_phone(&self, user: usize) -> bool {
        let person = self.person(user);
        person.class == Class::Staff && self.seed.dice(Topic::Phone, user as u64).chance(450)
    }

    fn entra_numbers(&self) -> &[u32] {
        self.entra.get_or_init(|| {
            let all = (self.machine_count() + self.user_count()) as u32;
            (0..all)
                .filter(|&number| self.entra_exists(number as usize))
                .collect()
        })
    }

    /// How many devices the directory (Entra) has.
    pub fn entra_device_count(&self) -> usize {
        self.entra_numbers().len()
    }

    /// An Entra device. `i` below `entra_device_count()`.
    pub fn entra_device_json(&self, i: usize) -> Obj {
        self.entra_json(self.entra_numbers()[i] as usize)
    }

    fn entra_index(&self, number: Option<u32>) -> Option<usize> {
        self.entra_numbers().binary_search(&number?).ok()
    }

    /// The Entra device of an object id.
    pub fn entra_device_by_id(&self, id: &str) -> Option<usize> {
        let guid: Guid = id.parse().ok()?;
        self.entra_index(self.seed.guid_index(Topic::EntraObject, guid))
    }

    /// The Entra device of a device id (`deviceId`).
    pub fn entra_device_by_device_id(&self, id: &str) -> Option<usize> {
        let guid: Guid = id.parse().ok()?;
        self.entra_index(self.seed.guid_index(Topic::AadDevice, guid))
    }

    /// Users who own an Entra device.
    pub fn entra_device_owners(&self, i: usize) -> Vec<usize> {
        let number = self.entra_numbers()[i] as usize;
        match number.checked_sub(self.machine_count()) {
            None => self.device(number).owner.into_iter().collect(),
            Some(user) => vec![user],
        }
    }

    /// Devices a user owns (`#microsoft.graph.device`).
    pub fn user_owned_devices(&self, i: usize) -> Vec<Obj> {
        let private = self.machine_count() + i;
        self.owned(i)
            .filter(|&d| self.device(d).in_entra)
            .chain(self.entra_exists(private).then_some(private))
            .map(|number| self.typed_device(number))
            .collect()
    }

    /// Devices a user registered (`#microsoft.graph.device`): those owned, without the ones a technician enrolled for them.
    pub fn user_registered_devices(&self, i: usize) -> Vec<Obj> {
        let private = self.machine_count() + i;
        self.owned(i)
            .filter(|&d| self.device(d).in_entra && d % 5 != 2)
            .chain(self.entra_exists(private).then_some(private))
            .map(|number| self.typed_device(number))
            .collect()
    }

    fn typed_device(&self, number: usize) -> Obj {
        let mut typed = obj(json!({"@odata.type": "#microsoft.graph.device"}));
        typed.extend(self.entra_json(number));
        typed
    }

    fn entra_json(&self, number: usize) -> Obj {
        let mut dice = self.seed.dice(Topic::EntraObject, number as u64);
        let id = self.seed.guid(Topic::EntraObject, number as u32);
        let device_id = self.seed.guid(Topic::AadDevice, number as u32);
        let user = number.checked_sub(self.machine_count());
        let (name, system, version, trust, managed, compliant, seen, registered, profile) =
            match user {
                Some(user) => {
                    let android = dice.chance(400);
                    let (system, version) = if android {
                        ("Android", "14")
                    } else {
                        ("IPhone", "17.6.1")
                    };
                    let name = match user % 3 {
                        0 => format!("{}'s phone", self.name_parts(user).0),
                        _ => format!(
                            "{}_{}_{}",
                            self.user_row(user).account,
                            system,
                            number % 977
                        ),
                    };
                    let seen = self.now.plus(-dice.range(HOUR, 40 * DAY));
                    (
                        name,
                        system,
                        version,
                        "Workplace",
                        false,
                        None,
                        seen,
                        seen.plus(-200 * DAY),
                        "RegisteredDevice",
                    )
                }
                None => {
                    let d = self.device(number);
                    let name = self
                        .machine_name(number)
                        .split('.')
                        .next()
                        .unwrap_or_default();
                    let name = if d.kind == Kind::Phone {
                        name.to_owned()
                    } else {
                        name.to_uppercase()
                    };
                    let trust = match d.kind {
                        Kind::Server => "ServerAd",
                        Kind::Workstation if !number.is_multiple_of(4) => "ServerAd",
                        Kind::Mac | Kind::Phone => "Workplace",
                        _ => "AzureAd",
                    };
                    let managed = d.kind != Kind::Server;
                    let compliant =
                        managed.then(|| number < SERVERS.len() + 4 || !dice.chance(110));
                    (
                        name,
                        d.system.entra,
                        d.system.entra_version,
                        trust,
                        managed,
                        compliant,
                        d.last_seen,
                        d.first_seen,
                        "RegisteredDevice",
                    )
                }
            };
        let synced = trust == "ServerAd";
        obj(json!({
            "id": id.to_string(),
            "deletedDateTime": null,
            "accountEnabled": number % 149 != 7,
            "approximateLastSignInDateTime": seen.whole_second().to_string(),
            "complianceExpirationDateTime": null,
            "deviceCategory": null,
            "deviceId": device_id.to_string(),
            "deviceMetadata": null,
            "deviceOwnership": if user.is_some() { "Personal" } else { "Company" },
            "deviceVersion": 2,
            "displayName": name,
            "enrollmentProfileName": null,
            "enrollmentType": if managed { json!("AzureDomainJoined") } else { Value::Null },
            "isCompliant": compliant,
            "isManaged": managed,
            "isRooted": null,
            "managementType": if managed { json!("MDM") } else { Value::Null },
            "manufacturer": if user.is_some() { Value::Null } else { json!("Contoso Hardware") },
            "model": null,
            "onPremisesLastSyncDateTime": if synced { json!(self.now.plus(-HOUR / 3).whole_second().to_string()) } else { Value::Null },
            "onPremisesSecurityIdentifier": if synced { json!(self.sid(200_000 + number as u32)) } else { Value::Null },
            "onPremisesSyncEnabled": if synced { json!(true) } else { Value::Null },
            "operatingSystem": system,
            "operatingSystemVersion": version,
            "physicalIds": [format!("[HWID]:h:{}", 6_755_399_441_055_744u64 + number as u64)],
            "profileType": profile,
            "registrationDateTime": registered.whole_second().to_string(),
            "systemLabels": [],
            "trustType": trust,
        }))
    }
}
