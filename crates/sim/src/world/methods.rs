//! Authentication methods of a user.

use super::dice::{Dice, Topic};
use super::people::Class;
use super::stamp::{DAY, HOUR};
use super::{Obj, World, obj};
use serde_json::{Value, json};

/// The id that every password method has.
pub const PASSWORD_METHOD_ID: &str = "28c10230-6103-485e-b985-444c60001490";

const STRENGTHS: [&str; 3] = ["normal", "weak", "unknown"];
const PLATFORMS: [&str; 7] = [
    "unknown", "windows", "macOS", "iOS", "android", "linux", "chromeOS",
];
const SMS: [&str; 8] = [
    "notSupported",
    "notAllowedByPolicy",
    "notEnabled",
    "phoneNumberNotUnique",
    "ready",
    "notConfigured",
    "unknownFutureValue",
    "pendingCarrier",
];

impl World {
    /// Authentication methods, each with its `@odata.type`.
    pub fn user_auth_methods(&self, i: usize) -> Vec<Obj> {
        let person = self.person(i);
        let mut dice = self.seed.dice(Topic::Method, i as u64);
        let mut all = vec![self.method(
            &mut dice,
            "password",
            json!({"id": PASSWORD_METHOD_ID, "password": null}),
        )];
        let office = person.office;
        let n = i as u64;
        match person.class {
            Class::Service | Class::Shared => return all,
            Class::BreakGlass => {
                for key in ["Safe A", "Safe B"] {
                    all.push(self.fido(&mut dice, key, "attested"));
                }
                return all;
            }
            Class::Guest if !dice.chance(300) => return all,
            _ => {}
        }
        let it = person
            .department
            .is_some_and(|d| matches!(d.name, "IT Operations" | "Platform"));
        if dice.chance(850) {
            let phone = *dice.pick(&["iPhone 15", "Pixel 8", "SM-S921B", "iPhone SE", "SM-A546B"]);
            let version = *dice.pick(&["6.8.15", "6.2409.6094", "6.8.3"]);
            let own = json!({"displayName": phone, "deviceTag": "SoftwareTokenActivated", "phoneAppVersion": version});
            all.push(self.method(&mut dice, "microsoftAuthenticator", own));
        }
        if dice.chance(600) {
            let kind = if i % 97 == 3 {
                "satellite"
            } else {
                dice.weighted(&[("mobile", 8), ("alternateMobile", 1), ("office", 1)])
            };
            let number = format!("{}{:03}", office.dial, n % 1000);
            let own = json!({"phoneNumber": number, "phoneType": kind, "smsSignInState": SMS[i % SMS.len()]});
            all.push(self.method(&mut dice, "phone", own));
        }
        if dice.chance(if it { 450 } else { 70 }) || matches!(person.class, Class::Admin) {
            let level = match i % 9 {
                4 => "notAttested",
                6 => "pending",
                _ => "attested",
            };
            all.push(self.fido(&mut dice, "Security key", level));
        }
        let owned: Vec<usize> = self.owned(i).take(2).collect();
        for d in owned {
            let name = self
                .machine_name(d)
                .split('.')
                .next()
                .unwrap_or_default()
                .to_uppercase();
            match self.device(d).system.platform {
                "macOS" => {
                    let own = json!({"displayName": name, "keyStrength": STRENGTHS[0], "platform": "macOS"});
                    all.push(self.method(&mut dice, "platformCredential", own));
                }
                platform if platform.starts_with("Windows1") && dice.chance(700) => {
                    let own = json!({"displayName": name, "keyStrength": STRENGTHS[i % 3]});
                    all.push(self.method(&mut dice, "windowsHelloForBusiness", own));
                }
                _ => {}
            }
        }
        if dice.chance(150) {
            let own =
                json!({"emailAddress": format!("{}@personal.example", self.user_row(i).account)});
            all.push(self.method(&mut dice, "email", own));
        }
        if i % 37 == 12 {
            all.push(self.method(&mut dice, "softwareOath", json!({"secretKey": null})));
        }
        if i % 83 == 41 {
            let own = json!({
                "temporaryAccessPass": null, "startDateTime": self.now.plus(-2 * HOUR).whole_second().to_string(),
                "lifetimeInMinutes": 60, "isUsableOnce": true, "isUsable": false, "methodUsabilityReason": "Expired",
            });
            all.push(self.method(&mut dice, "temporaryAccessPass", own));
        }
        if i % 101 == 50 {
            let own =
                json!({"displayName": "Partner MFA", "configurationId": dice.guid().to_string()});
            all.push(self.method(&mut dice, "external", own));
        }
        if i % 59 == 23 {
            let own = json!({"displayName": "Platform key", "keyStrength": STRENGTHS[i % 3], "platform": PLATFORMS[i % 7]});
            all.push(self.method(&mut dice, "platformCredential", own));
        }
        if person.department.is_some_and(|d| d.name == "Manufacturing") && i % 4 == 1 {
            all.push(self.method(&mut dice, "qrCodePin", json!({})));
        }
        if i % 67 == 30 {
            // no schema names this one
            let own = json!({"device": {"serialNumber": format!("GALT{:08}", i), "manufacturer": "Thales"}});
            all.push(self.method(&mut dice, "hardwareOath", own));
        }
        all
    }

    fn fido(&self, dice: &mut Dice, name: &str, level: &str) -> Obj {
        let own = json!({
            "displayName": name,
            "aaGuid": "cb69481e-8ff7-4039-93ec-0a2729a154a8",
            "model": "YubiKey 5 Series",
            "attestationCertificates": [],
            "attestationLevel": level,
            "passkeyType": dice.weighted(&[("deviceBound", 8), ("synced", 2), ("hybrid", 1)]),
        });
        self.method(dice, "fido2", own)
    }

    fn method(&self, dice: &mut Dice, kind: &str, own: Value) -> Obj {
        let mut all = obj(json!({
            "@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethod"),
            "id": dice.guid().to_string(),
            "createdDateTime": self.now.plus(-dice.range(2 * DAY, 900 * DAY)).whole_second().to_string(),
        }));
        all.extend(obj(own));
        all
    }
}
