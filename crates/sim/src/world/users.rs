//! What the directory says about one user, and the organization.

use super::dice::{Guid, Topic};
use super::directory::cloud_sid;
use super::people::Class;
use super::stamp::{DAY, HOUR, MINUTE};
use super::{Obj, World, obj};
use serde_json::{Value, json};

const E5: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
const F3: &str = "66b55226-6b4f-492c-910c-a3b7a3c9d993";

impl World {
    /// All properties of a user; the caller projects. `signInActivity` is `user_sign_in_activity`.
    pub fn user_json(&self, i: usize) -> Obj {
        let row = self.user_row(i);
        let person = self.person(i);
        let mut dice = self.seed.dice(Topic::UserSid, i as u64 + 1);
        let (given, surname) = self.name_parts(i);
        let staff = person.class == Class::Staff;
        let guest = person.class == Class::Guest;
        let office = person.office;
        let created = self
            .now
            .plus(-dice.range(20 * DAY, 2600 * DAY))
            .whole_second();
        let password_changed =
            created.max(self.now.plus(-dice.range(HOUR, 400 * DAY)).whole_second());
        let local = row.upn.split('@').next().unwrap_or_default();
        let address = row.mail.unwrap_or_default();
        let frontline = matches!(row.department, Some("Manufacturing" | "Logistics"));
        let licensed = staff && person.enabled;
        let ou = match person.class {
            Class::Service => "OU=Service Accounts".to_owned(),
            Class::Admin => "OU=Tier0,OU=Admins".to_owned(),
            _ => format!("OU={},OU=Users", office.code),
        };
        let on_premises = |text: String| if row.synced { json!(text) } else { Value::Null };
        let mut proxies = Vec::new();
        if let Some(mail) = row.mail {
            proxies.push(format!("SMTP:{mail}"));
            proxies.push(format!("smtp:{local}@contoso.onmicrosoft.com"));
        }
        let identity = if guest {
            json!([{"signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": null}])
        } else {
            json!([{"signInType": "userPrincipalName", "issuer": "contoso.onmicrosoft.com", "issuerAssignedId": row.upn}])
        };
        let mut all = obj(json!({
            "id": row.id.to_string(),
            "deletedDateTime": null,
            "accountEnabled": row.enabled,
            "assignedLicenses": if licensed {
                json!([{"disabledPlans": [], "skuId": if frontline { F3 } else { E5 }}])
            } else { json!([]) },
            "businessPhones": if staff && !frontline { json!([format!("{}{:03}", office.dial, i % 1000)]) } else { json!([]) },
            "city": if guest { Value::Null } else { json!(office.city) },
            "companyName": if guest { json!(guest_company(address)) } else { json!("Contoso Ltd") },
            "country": if guest { Value::Null } else { json!(office.country) },
            "createdDateTime": created.to_string(),
            "creationType": if guest { json!("Invitation") } else { Value::Null },
            "department": row.department,
            "displayName": row.display,
            "employeeHireDate": if staff { json!(created.plus(-3 * DAY).to_string()) } else { Value::Null },
            "employeeId": if staff { json!(format!("{:06}", 100_000 + i)) } else { Value::Null },
            "employeeOrgData": person.department.map(|d| json!({"costCenter": d.cost_center, "division": null})),
            "employeeType": if staff { json!(if i % 11 == 7 { "Contractor" } else { "Employee" }) } else { Value::Null },
            "externalUserState": if guest { json!(if i.is_multiple_of(5) { "PendingAcceptance" } else { "Accepted" }) } else { Value::Null },
            "externalUserStateChangeDateTime": if guest { json!(created.plus(DAY).to_string()) } else { Value::Null },
            "givenName": if matches!(person.class, Class::Staff | Class::Guest) { json!(given) } else { Value::Null },
            "identities": identity,
            "jobTitle": row.title,
            "lastPasswordChangeDateTime": password_changed.to_string(),
            "mail": row.mail,
            "mailNickname": row.account,
            "mobilePhone": if staff && dice.chance(500) { json!(format!("{}{:03}", office.dial, (i * 7) % 1000)) } else { Value::Null },
            "officeLocation": if staff { json!(format!("{} / {}", office.city, 1 + i % 6)) } else { Value::Null },
        }));
        all.extend(obj(json!({
            "onPremisesDistinguishedName": on_premises(format!("CN={},{ou},DC=corp,DC=contoso,DC=com", row.display)),
            "onPremisesDomainName": on_premises("corp.contoso.com".to_owned()),
            "onPremisesLastSyncDateTime": on_premises(self.now.plus(-17 * MINUTE).whole_second().to_string()),
            "onPremisesSamAccountName": on_premises(row.account.to_owned()),
            "onPremisesSecurityIdentifier": on_premises(self.user_sid(i)),
            "onPremisesSyncEnabled": if row.synced { json!(true) } else { Value::Null },
            "onPremisesUserPrincipalName": on_premises(format!("{}@corp.contoso.com", row.account)),
            "otherMails": if guest { json!([address]) } else { json!([]) },
            "passwordPolicies": if matches!(person.class, Class::Service | Class::BreakGlass) {
                json!("DisablePasswordExpiration")
            } else { Value::Null },
            "preferredLanguage": if staff { json!(office.language) } else { Value::Null },
            "proxyAddresses": proxies,
            "securityIdentifier": cloud_sid(row.id),
            "showInAddressList": if matches!(person.class, Class::Service) { json!(false) } else { Value::Null },
            "signInSessionsValidFromDateTime": password_changed.to_string(),
            "state": if guest { Value::Null } else { json!(office.state) },
            "streetAddress": null,
            "surname": if matches!(person.class, Class::Staff | Class::Guest) { json!(surname) } else { Value::Null },
            "usageLocation": if guest { Value::Null } else { json!(office.letters) },
            "userPrincipalName": row.upn,
            "userType": row.user_type,
        })));
        all
    }

    /// `signInActivity` of a user, which the directory gives only on request; None for those who never signed in.
    pub fn user_sign_in_activity(&self, i: usize) -> Option<Obj> {
        let keys = self.user_sign_ins(i);
        let last = keys.first()?;
        let success = keys.iter().find(|key| self.sign_in_row(**key).error == 0);
        let at = self.sign_in_row(*last).at;
        let other = at.max(
            self.now
                .plus(-((i as i64 * 31) % 600 + 2) * MINUTE)
                .whole_second(),
        );
        Some(obj(json!({
            "lastSignInDateTime": at.to_string(),
            "lastSignInRequestId": self.sign_in_id(*last).to_string(),
            "lastNonInteractiveSignInDateTime": other.to_string(),
            "lastNonInteractiveSignInRequestId": self.seed.dice(Topic::Misc, i as u64).guid().to_string(),
            "lastSuccessfulSignInDateTime": success.map(|key| self.sign_in_row(*key).at.to_string()),
            "lastSuccessfulSignInRequestId": success.map(|key| self.sign_in_id(*key).to_string()),
        })))
    }

    /// Indexes of the Defender machines a user logged on to.
    pub fn user_machines(&self, i: usize) -> Vec<usize> {
        let mut all: Vec<usize> = self
            .owned(i)
            .filter(|&d| self.device(d).onboarding == "Onboarded")
            .collect();
        all.extend(self.visited(i));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Ids of a user's identity in Defender for Identity, and of the account in Active Directory.
    pub fn identity_ids(&self, i: usize) -> (Guid, Guid) {
        let i = i as u32;
        (
            self.seed.guid(Topic::Identity, i),
            self.seed.guid(Topic::Premises, i),
        )
    }

    /// The user behind an identity's id.
    pub fn user_by_identity(&self, id: &str) -> Option<usize> {
        let i = self.seed.guid_index(Topic::Identity, id.parse().ok()?)? as usize;
        (i < self.user_count()).then_some(i)
    }

    /// The account that synchronizes Active Directory.
    pub fn sync_account(&self) -> usize {
        super::pinned::SYNC_ACCOUNT
    }

    /// The organization.
    pub fn organization_json(&self) -> Obj {
        obj(json!({
            "id": self.tenant.to_string(),
            "deletedDateTime": null,
            "businessPhones": ["+44 20 7946 0000"],
            "city": "London",
            "country": "United Kingdom",
            "countryLetterCode": "GB",
            "createdDateTime": self.now.plus(-3000 * DAY).whole_second().to_string(),
            "defaultUsageLocation": "GB",
            "displayName": "Contoso",
            "marketingNotificationEmails": [],
            "mobileDeviceManagementAuthority": "intune",
            "onPremisesLastSyncDateTime": self.now.plus(-17 * MINUTE).whole_second().to_string(),
            "onPremisesSyncEnabled": true,
            "postalCode": "EC2A 1AA",
            "preferredLanguage": "en",
            "securityComplianceNotificationMails": ["soc@contoso.com"],
            "securityComplianceNotificationPhones": [],
            "street": "1 Contoso Way",
            "technicalNotificationMails": ["it@contoso.com"],
            "tenantType": "AAD",
            "verifiedDomains": [
                {"capabilities": "Email, OfficeCommunicationsOnline", "isDefault": false, "isInitial": true,
                 "name": "contoso.onmicrosoft.com", "type": "Managed"},
                {"capabilities": "Email, OfficeCommunicationsOnline", "isDefault": true, "isInitial": false,
                 "name": "contoso.com", "type": "Managed"},
                {"capabilities": "Email", "isDefault": false, "isInitial": false, "name": "emea.contoso.com", "type": "Federated"},
            ],
        }))
    }
}

fn guest_company(address: &str) -> &'static str {
    let domain = address.rsplit('@').next().unwrap_or_default();
    super::names::PARTNERS
        .iter()
        .find(|p| p.1 == domain)
        .map_or("Unknown", |p| p.0)
}
