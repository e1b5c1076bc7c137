//! Service principals, delegated grants and application roles.

use super::dice::{Guid, Topic};
use super::people::Class;
use super::stamp::DAY;
use super::{Obj, World, obj};
use serde_json::json;

/// Who made an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    Microsoft,
    /// A vendor with a verified publisher.
    Vendor(&'static str),
    /// Our own.
    Own,
    /// Nobody knows.
    Unverified(&'static str),
}

/// An application: name, fixed app id where the service has one, maker.
#[derive(Debug)]
pub struct App {
    pub name: &'static str,
    id: &'static str,
    pub maker: Maker,
}

const fn app(name: &'static str, id: &'static str, maker: Maker) -> App {
    App { name, id, maker }
}

/// Indexes of `APPS` that are named elsewhere.
pub const GRAPH: usize = 0;
pub const EXCHANGE: usize = 1;
pub const SHAREPOINT: usize = 2;
pub const OFFICE_HOME: usize = 6;
pub const AZURE_PORTAL: usize = 8;
pub const WEB_OUTLOOK: usize = 9;
pub const AZURE_CLI: usize = 10;
pub const DEFENDER: usize = 13;
pub const CONSOLE: usize = 18;
pub const AUTOMATION: usize = 19;
/// Applications that stories abuse.
pub const CONSENT_PHISH: usize = 29;
pub const MAIL_ARCHIVER: usize = 30;

use Maker::{Microsoft, Own, Unverified, Vendor};

/// All applications of the tenant.
pub static APPS: [App; 31] = [
    app(
        "Microsoft Graph",
        "00000003-0000-0000-c000-000000000000",
        Microsoft,
    ),
    app(
        "Office 365 Exchange Online",
        "00000002-0000-0ff1-ce00-000000000000",
        Microsoft,
    ),
    app(
        "Office 365 SharePoint Online",
        "00000003-0000-0ff1-ce00-000000000000",
        Microsoft,
    ),
    app(
        "Microsoft Teams",
        "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
        Microsoft,
    ),
    app(
        "Microsoft Authentication Broker",
        "29d9ed98-a469-4536-ade2-f981bc1d605e",
        Microsoft,
    ),
    app("My Apps", "2793995e-0a7d-40d7-bd35-6968ba142197", Microsoft),
    app(
        "OfficeHome",
        "4765445b-32c6-49b0-83e6-1d93765276ca",
        Microsoft,
    ),
    app(
        "Windows Sign In",
        "38aa3b87-a06d-4817-b275-7a316988d93b",
        Microsoft,
    ),
    app(
        "Azure Portal",
        "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
        Microsoft,
    ),
    app(
        "One Outlook Web",
        "9199bf20-a13f-4107-85dc-02114787ef48",
        Microsoft,
    ),
    app(
        "Microsoft Azure CLI",
        "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        Microsoft,
    ),
    app(
        "Outlook Mobile",
        "27922004-5251-4030-b22d-91ecd9a37ea4",
        Microsoft,
    ),
    app(
        "Azure Active Directory PowerShell",
        "1b730954-1685-4b74-9bfd-dac224a7b894",
        Microsoft,
    ),
    app(
        "WindowsDefenderATP",
        "fc780465-2017-40d4-a0c5-307022471b92",
        Microsoft,
    ),
    app(
        "Microsoft Threat Protection",
        "8ee8fdad-f234-4243-8f3b-15c294843740",
        Microsoft,
    ),
    app(
        "Office 365 Management APIs",
        "c5393580-f805-4401-95e8-94b7a6ef2fc2",
        Microsoft,
    ),
    app(
        "Log Analytics API",
        "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5",
        Microsoft,
    ),
    app(
        "Microsoft Cloud App Security",
        "05a65629-4c1b-48c1-a78b-804c4abdd4af",
        Microsoft,
    ),
    app("Watchfloor", "", Own),
    app("SOC Automation", "", Own),
    app("Salesforce", "", Vendor("Salesforce")),
    app("ServiceNow", "", Vendor("ServiceNow")),
    app("Workday", "", Vendor("Workday")),
    app("Zoom", "", Vendor("Zoom Video Communications")),
    app("GitHub Enterprise Cloud", "", Vendor("GitHub")),
    app("Figma", "", Vendor("Figma")),
    app("Contoso Expense", "", Own),
    app("Contoso Data Export", "", Own),
    app("Grammar Helper", "", Unverified("grammarhelper.example")),
    app(
        "Document Viewer Online",
        "",
        Unverified("docviewer-login.example"),
    ),
    app("MailArchiver Pro", "", Unverified("mailarchiver.example")),
];

/// Application permissions that Microsoft Graph and Defender offer here.
pub static GRAPH_ROLES: [&str; 31] = [
    "SecurityIncident.Read.All",
    "SecurityIncident.ReadWrite.All",
    "SecurityAlert.Read.All",
    "SecurityAlert.ReadWrite.All",
    "SecurityEvents.Read.All",
    "SecurityEvents.ReadWrite.All",
    "ThreatHunting.Read.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "User.EnableDisableAccount.All",
    "User.RevokeSessions.All",
    "UserAuthenticationMethod.Read.All",
    "Directory.Read.All",
    "Device.Read.All",
    "GroupMember.Read.All",
    "RoleManagement.Read.Directory",
    "Organization.Read.All",
    "AuditLog.Read.All",
    "AuditLogsQuery.Read.All",
    "IdentityRiskyUser.Read.All",
    "IdentityRiskyUser.ReadWrite.All",
    "IdentityRiskEvent.Read.All",
    "SecurityAnalyzedMessage.ReadWrite.All",
    "SecurityIdentitiesActions.ReadWrite.All",
    "Application.Read.All",
    "DelegatedPermissionGrant.Read.All",
    "User-PasswordProfile.ReadWrite.All",
    "SecurityAnalyzedMessage.Read.All",
    "SecurityIdentitiesAccount.Read.All",
    "ServiceHealth.Read.All",
    "ServiceMessage.Read.All",
];

/// Application permissions of Defender for Endpoint.
pub static DEFENDER_ROLES: [&str; 23] = [
    "Machine.Read.All",
    "Machine.ReadWrite.All",
    "Machine.Isolate",
    "Machine.Scan",
    "Machine.RestrictExecution",
    "Machine.StopAndQuarantine",
    "Machine.CollectForensics",
    "Machine.LiveResponse",
    "Machine.Offboard",
    "Library.Manage",
    "Alert.Read.All",
    "Alert.ReadWrite.All",
    "User.Read.All",
    "Vulnerability.Read.All",
    "Software.Read.All",
    "SecurityRecommendation.Read.All",
    "Ti.ReadWrite.All",
    "File.Read.All",
    "Ip.Read.All",
    "Url.Read.All",
    "Score.Read.All",
    "RemediationTasks.Read.All",
    "SecurityConfiguration.Read.All",
];

impl World {
    /// How many service principals the tenant has.
    pub fn app_count(&self) -> usize {
        APPS.len()
    }

    /// The application id (client id) of a service principal.
    pub fn app_id(&self, i: usize) -> String {
        match APPS[i].id {
            "" => self.seed.guid(Topic::App, i as u32).to_string(),
            fixed => fixed.to_owned(),
        }
    }

    /// The object id of a service principal.
    pub(super) fn app_object_id(&self, i: usize) -> Guid {
        self.seed.guid(Topic::AppObject, i as u32)
    }

    /// The application id a console is registered under here.
    pub fn console_app_id(&self) -> String {
        self.app_id(CONSOLE)
    }

    /// The service principal of an object id.
    pub fn app_by_id(&self, id: &str) -> Option<usize> {
        let guid: Guid = id.parse().ok()?;
        let i = self.seed.guid_index(Topic::AppObject, guid)? as usize;
        (i < self.app_count()).then_some(i)
    }

    /// The service principal of an application id.
    pub fn app_by_app_id(&self, id: &str) -> Option<usize> {
        (0..self.app_count()).find(|&i| self.app_id(i).eq_ignore_ascii_case(id))
    }

    /// The id of an application permission (`appRoles[].id`) that a service principal offers.
    pub fn app_role_id(&self, app: usize, role: &str) -> Guid {
        self.seed.guid(
            Topic::Role,
            1_000 + (app as u32) * 4_000 + (super::people::text_hash(role) % 3_989) as u32,
        )
    }

    /// A service principal.
    pub fn app_json(&self, i: usize) -> Obj {
        let App { name, maker, .. } = APPS[i];
        let roles: &[&str] = match i {
            GRAPH => &GRAPH_ROLES,
            DEFENDER => &DEFENDER_ROLES,
            _ => &[],
        };
        let app_roles: Vec<_> = roles
            .iter()
            .map(|role| {
                json!({
                    "allowedMemberTypes": ["Application"], "description": role, "displayName": role,
                    "id": self.app_role_id(i, role).to_string(), "isEnabled": true, "origin": "Application", "value": role,
                })
            })
            .collect();
        let publisher = match maker {
            Vendor(publisher) => Some(publisher),
            _ => None,
        };
        let days = 300 + (i as i64 * 37) % 900;
        let created = if matches!(maker, Unverified(_)) {
            9
        } else {
            days
        };
        obj(json!({
            "id": self.app_object_id(i).to_string(),
            "deletedDateTime": null,
            "accountEnabled": true,
            "appId": self.app_id(i),
            "appDisplayName": name,
            "appDescription": null,
            "appOwnerOrganizationId": match maker {
                Microsoft => "f8cdef31-a31e-4b4a-93e4-5f571e91255a".to_owned(),
                Own => self.tenant.to_string(),
                _ => self.seed.guid(Topic::App, 500 + i as u32).to_string(),
            },
            "appRoleAssignmentRequired": i.is_multiple_of(3),
            "displayName": name,
            "homepage": match maker {
                Unverified(domain) => Some(format!("https://{domain}/")),
                _ => None,
            },
            "servicePrincipalNames": [self.app_id(i)],
            "servicePrincipalType": "Application",
            "signInAudience": if maker == Own { "AzureADMyOrg" } else { "AzureADMultipleOrgs" },
            "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
            "createdDateTime": self.now.plus(-created * DAY).whole_second().to_string(),
            "verifiedPublisher": {"displayName": publisher, "verifiedPublisherId": publisher.map(|_| format!("{:07}", 1_000_000 + i)), "addedDateTime": null},
            "appRoles": app_roles,
            "oauth2PermissionScopes": [],
        }))
    }

    /// Delegated permission grants (`oAuth2PermissionGrant`) of which the user is the principal.
    pub fn user_oauth_grants(&self, i: usize) -> Vec<Obj> {
        let person = self.person(i);
        let mut dice = self.seed.dice(Topic::Grant, i as u64);
        let user = self.seed.guid(Topic::User, i as u32).to_string();
        let mut all = Vec::new();
        let mut grant = |app: usize, scope: &str| {
            let id = self.seed.guid(Topic::Grant, (i as u32) << 5 | app as u32);
            all.push(obj(json!({
                "id": id.to_string(),
                "clientId": self.app_object_id(app).to_string(),
                "consentType": "Principal",
                "principalId": user,
                "resourceId": self.app_object_id(GRAPH).to_string(),
                "scope": scope,
            })));
        };
        if matches!(person.class, Class::Staff) {
            for (app, odds, scope) in [
                (20, 120, " openid profile User.Read offline_access"),
                (
                    23,
                    260,
                    "openid profile email Calendars.ReadWrite User.Read offline_access",
                ),
                (24, 90, "openid User.Read"),
                (25, 110, "openid profile User.Read"),
                (28, 25, "User.Read Mail.Read offline_access"),
            ] {
                if dice.chance(odds) {
                    grant(app, scope);
                }
            }
            if (9..14).contains(&i) {
                grant(
                    CONSOLE,
                    "SecurityIncident.ReadWrite.All SecurityAlert.ReadWrite.All User.Read.All AuditLog.Read.All offline_access",
                );
            }
        }
        for app in self.consented(i) {
            grant(
                app,
                "User.Read Mail.ReadWrite Mail.Send MailboxSettings.ReadWrite Files.Read.All offline_access",
            );
        }
        all
    }

    /// Application roles the user was given (`appRoleAssignment`).
    pub fn user_app_roles(&self, i: usize) -> Vec<Obj> {
        let person = self.person(i);
        if person.class != Class::Staff {
            return Vec::new();
        }
        let row = self.user_row(i);
        let mut dice = self.seed.dice(Topic::Grant, i as u64 | 1 << 40);
        let mut all = Vec::new();
        for (app, odds) in [
            (20, 250),
            (21, 180),
            (22, 900),
            (24, 120),
            (25, 140),
            (26, 850),
            (27, 15),
        ] {
            if !dice.chance(odds) {
                continue;
            }
            all.push(obj(json!({
                "id": base_id(self.seed.guid(Topic::Grant, 1 << 31 | (i as u32) << 5 | app as u32)),
                "deletedDateTime": null,
                "appRoleId": "00000000-0000-0000-0000-000000000000",
                "createdDateTime": self.now.plus(-dice.range(DAY, 800 * DAY)).to_string(),
                "principalDisplayName": row.display,
                "principalId": row.id.to_string(),
                "principalType": "User",
                "resourceDisplayName": APPS[app].name,
                "resourceId": self.app_object_id(app).to_string(),
            })));
        }
        all
    }
}

/// Assignments have short base64 ids.
fn base_id(id: Guid) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id.0.to_be_bytes())
}
