//! Groups, directory roles and administrative units, and who is in them.

use super::dice::{Guid, Topic};
use super::names::{DEPARTMENTS, OFFICES};
use super::people::Class;
use super::{Obj, World, obj};
use serde_json::json;

/// Directory roles by name with their fixed template id.
pub static ROLES: [(&str, &str); 19] = [
    (
        "Global Administrator",
        "62e90394-69f5-4237-9190-012177145e10",
    ),
    (
        "Security Administrator",
        "194ae4cb-b126-40b2-bd5b-6091b380977d",
    ),
    ("Security Operator", "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f"),
    ("Security Reader", "5d6b6bb7-de71-4623-b4af-96380a352509"),
    ("Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
    (
        "Helpdesk Administrator",
        "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    ),
    (
        "Authentication Administrator",
        "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    ),
    (
        "Exchange Administrator",
        "29232cdf-9323-42fd-ade2-1d097af3e4de",
    ),
    (
        "Privileged Role Administrator",
        "e8611ab8-c189-46e8-94e1-60213ab1f814",
    ),
    (
        "Conditional Access Administrator",
        "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",
    ),
    (
        "Directory Synchronization Accounts",
        "d29b2b05-8046-44ba-8758-1e26182fcf32",
    ),
    ("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1"),
    (
        "Teams Administrator",
        "69091246-20e8-4a56-aa4d-066075b2a7a8",
    ),
    (
        "Application Administrator",
        "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    ),
    (
        "Intune Administrator",
        "3a2c62db-5318-420d-8d74-23affee5d9d5",
    ),
    (
        "Privileged Authentication Administrator",
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    ),
    (
        "SharePoint Administrator",
        "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",
    ),
    ("Reports Reader", "4a5d8f65-41da-4de4-8968-e035b65339cf"),
    (
        "Groups Administrator",
        "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    ),
];

/// Groups that are not derived from departments or offices: name, description, security or Microsoft 365, role-assignable, synced.
static GROUPS: [(&str, &str, bool, bool, bool); 16] = [
    (
        "All Employees",
        "Everybody with a contract",
        false,
        false,
        false,
    ),
    ("SG-VPN-Users", "May use the VPN", true, false, true),
    ("SG-M365-E5", "Licence Microsoft 365 E5", true, false, false),
    ("SG-M365-F3", "Licence Microsoft 365 F3", true, false, false),
    (
        "SG-Tier0-Admins",
        "Administrators of tier 0; role-assignable",
        true,
        true,
        false,
    ),
    (
        "Domain Admins",
        "Designated administrators of the domain",
        true,
        false,
        true,
    ),
    (
        "SG-Server-Operators",
        "Log on to servers",
        true,
        false,
        true,
    ),
    (
        "SG-CA-Exclusions",
        "Left out of Conditional Access",
        true,
        false,
        false,
    ),
    (
        "SG-Finance-Confidential",
        "Reads the finance share",
        true,
        false,
        true,
    ),
    ("Leadership", "Chiefs and directors", false, false, false),
    (
        "Security Operations",
        "The people of the SOC",
        false,
        false,
        false,
    ),
    (
        "Project Nightingale",
        "Works on Nightingale",
        false,
        false,
        false,
    ),
    ("Project Aurora", "Works on Aurora", false, false, false),
    ("Running Club", "Meets on Tuesdays", false, false, false),
    (
        "SG-Local-Admins",
        "Local administrators of workstations",
        true,
        false,
        true,
    ),
    (
        "SG-Passkey-Pilot",
        "Signs in without a password",
        true,
        false,
        false,
    ),
];

/// The fixed template id of a directory role.
pub fn role_template_id(name: &str) -> Option<&'static str> {
    ROLES.iter().find(|r| r.0 == name).map(|r| r.1)
}

/// Finance sits in the first branch.
fn finance(department: &str) -> bool {
    DEPARTMENTS[0].iter().any(|d| d.name == department)
}

impl World {
    /// Directory roles a user holds, by name.
    pub fn user_role_names(&self, i: usize) -> Vec<&'static str> {
        if let Some(pinned) = self.pinned(i) {
            return pinned.roles.to_vec();
        }
        let person = self.person(i);
        let it = person
            .department
            .is_some_and(|d| matches!(d.name, "IT Operations" | "Service Desk"));
        let mut dice = self.seed.dice(Topic::Role, i as u64);
        match person.class {
            Class::Staff if it && dice.chance(120) => {
                vec![*dice.pick(&[
                    "Helpdesk Administrator",
                    "User Administrator",
                    "Teams Administrator",
                    "Intune Administrator",
                    "Groups Administrator",
                    "SharePoint Administrator",
                ])]
            }
            Class::Staff if dice.chance(3) => {
                vec![*dice.pick(&["Reports Reader", "Application Administrator"])]
            }
            Class::Service if dice.chance(60) => vec!["Application Administrator"],
            _ => vec![],
        }
    }

    /// Indexes of `GROUPS`, then departments, then offices.
    fn groups_of(&self, i: usize) -> Vec<u32> {
        let person = self.person(i);
        let mut dice = self.seed.dice(Topic::Group, i as u64);
        let mut groups = Vec::new();
        let department = person.department.map_or("", |d| d.name);
        let it = department == "IT Operations";
        match person.class {
            Class::Guest => {
                if dice.chance(400) {
                    groups.push(if dice.chance(500) { 11 } else { 12 });
                }
                return groups;
            }
            Class::BreakGlass => return vec![4, 7],
            Class::Service => return if dice.chance(200) { vec![6] } else { vec![] },
            Class::Shared => return groups,
            Class::Admin => {
                groups.extend([4, 6]);
                if i == super::pinned::DOMAIN_ADMIN {
                    groups.push(5);
                }
                return groups;
            }
            Class::Staff => {}
        }
        groups.push(0);
        let frontline = matches!(department, "Manufacturing" | "Logistics");
        groups.push(if frontline { 3 } else { 2 });
        if !frontline && dice.chance(800) {
            groups.push(1);
        }
        if it {
            groups.push(6);
        }
        if finance(department) {
            groups.push(8);
        }
        if person.level < 3 {
            groups.push(9);
        }
        if (9..14).contains(&i) {
            groups.push(10);
        }
        for (group, odds) in [
            (11, 60),
            (12, 45),
            (13, 70),
            (14, if it { 500 } else { 25 }),
            (15, 90),
            (7, 4),
        ] {
            if dice.chance(odds) {
                groups.push(group);
            }
        }
        let mut next = GROUPS.len() as u32;
        for d in DEPARTMENTS.iter().flat_map(|branch| branch.iter()) {
            if d.name == department {
                groups.push(next);
            }
            next += 1;
        }
        for office in &OFFICES {
            if office.code == person.office.code {
                groups.push(next);
            }
            next += 1;
        }
        groups
    }

    fn group_json(&self, g: u32) -> Obj {
        let id = self.seed.guid(Topic::Group, g);
        let created = self
            .now
            .plus(-(900 + i64::from(g) * 7) * super::stamp::DAY)
            .whole_second();
        let departments = DEPARTMENTS.iter().flat_map(|branch| branch.iter());
        let derived = (g as usize).checked_sub(GROUPS.len());
        let (name, description, security, assignable, synced, rule) = match derived {
            None => {
                let (name, description, security, assignable, synced) = GROUPS[g as usize];
                (
                    name.to_owned(),
                    description.to_owned(),
                    security,
                    assignable,
                    synced,
                    None,
                )
            }
            Some(k) => match departments.clone().nth(k) {
                Some(d) => {
                    let rule = format!("(user.department -eq \"{}\")", d.name);
                    (
                        format!("Team {}", d.name),
                        format!("Department {}", d.name),
                        false,
                        false,
                        false,
                        Some(rule),
                    )
                }
                None => {
                    let city = OFFICES[(k - departments.count()) % OFFICES.len()].city;
                    let rule = format!("(user.city -eq \"{city}\")");
                    (
                        format!("DL-Office-{city}"),
                        format!("People in {city}"),
                        false,
                        false,
                        false,
                        Some(rule),
                    )
                }
            },
        };
        let nickname = super::names::ascii(&name.replace(' ', "-"));
        let mail = (!security).then(|| format!("{nickname}@contoso.com"));
        let mut types = Vec::new();
        if !security {
            types.push("Unified");
        }
        if rule.is_some() {
            types.push("DynamicMembership");
        }
        obj(json!({
            "@odata.type": "#microsoft.graph.group",
            "id": id.to_string(),
            "deletedDateTime": null,
            "createdDateTime": created.to_string(),
            "description": description,
            "displayName": name,
            "groupTypes": types,
            "isAssignableToRole": if assignable { json!(true) } else { json!(null) },
            "mail": mail,
            "mailEnabled": !security,
            "mailNickname": nickname,
            "membershipRule": rule,
            "membershipRuleProcessingState": rule.as_ref().map(|_| "On"),
            "onPremisesSamAccountName": synced.then_some(name.as_str()),
            "onPremisesSecurityIdentifier": synced.then(|| self.sid(500_000 + g)),
            "onPremisesSyncEnabled": if synced { json!(true) } else { json!(null) },
            "securityEnabled": security || assignable,
            "securityIdentifier": cloud_sid(id),
            "visibility": if security { "Private" } else { "Public" },
        }))
    }

    fn role_json(&self, name: &str) -> Obj {
        let r = ROLES.iter().position(|r| r.0 == name).unwrap_or(0);
        obj(json!({
            "@odata.type": "#microsoft.graph.directoryRole",
            "id": self.seed.guid(Topic::Role, r as u32).to_string(),
            "deletedDateTime": null,
            "description": format!("Members of this role: {name}."),
            "displayName": name,
            "roleTemplateId": ROLES[r].1,
        }))
    }

    /// Groups, directory roles and administrative units a user is a member of, each with its `@odata.type`.
    pub fn user_member_of(&self, i: usize) -> Vec<Obj> {
        let mut all: Vec<Obj> = self
            .user_role_names(i)
            .into_iter()
            .map(|role| self.role_json(role))
            .collect();
        all.extend(self.groups_of(i).into_iter().map(|g| self.group_json(g)));
        let person = self.person(i);
        if person.class == Class::Staff && person.office.code == "MUC" {
            all.push(obj(json!({
                "@odata.type": "#microsoft.graph.administrativeUnit",
                "id": self.seed.guid(Topic::Group, 9_000).to_string(),
                "deletedDateTime": null,
                "description": "Managed by the works council agreement",
                "displayName": "AU Germany",
                "isMemberManagementRestricted": false,
                "visibility": null,
            })));
        }
        all
    }

    /// A SID of the on-premises domain.
    pub(super) fn sid(&self, relative: u32) -> String {
        let h = self.seed.hash(Topic::UserSid, 0);
        let (a, b, c) = (
            h as u32 | 1 << 30,
            (h >> 32) as u32 | 1 << 30,
            (h >> 16) as u32 | 1 << 30,
        );
        format!("S-1-5-21-{a}-{b}-{c}-{relative}")
    }

    /// The on-premises SID of a user.
    pub fn user_sid(&self, i: usize) -> String {
        self.sid(1_101 + i as u32)
    }
}

/// The cloud SID of an object: its id in four parts.
pub fn cloud_sid(id: Guid) -> String {
    let bytes = id.0.to_be_bytes();
    let part = |n: usize| {
        u32::from_be_bytes([
            bytes[4 * n],
            bytes[4 * n + 1],
            bytes[4 * n + 2],
            bytes[4 * n + 3],
        ])
    };
    let second = u32::from_le_bytes([bytes[5], bytes[4], bytes[7], bytes[6]]);
    let little = |n: usize| part(n).swap_bytes();
    format!(
        "S-1-12-1-{}-{}-{}-{}",
        part(0),
        second,
        little(2),
        little(3)
    )
}
