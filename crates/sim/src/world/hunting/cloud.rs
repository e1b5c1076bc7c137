//! What is done in clouds: `CloudAppEvents`, `OfficeActivity`, directory audits, consented applications, sign-ins of applications.

use std::sync::Arc;

use serde_json::{Value, json};
use table::Chunk;

use super::super::World;
use super::super::apps::{APPS, AUTOMATION, EXCHANGE, GRAPH, Maker, SHAREPOINT};
use super::super::dice::{Dice, Guid, Topic};
use super::super::stamp::{DAY, HOUR, MINUTE, SECOND, Stamp};
use super::super::story::What;
use super::super::story::facts::{Address, outside};
use super::book::Book;
use super::shape::Shape;
use super::story_endpoint::Tell;
use super::told::Told;

/// What tells such a table from the stories.
pub(super) fn tell(table: &str) -> Option<Tell> {
    Some(match table {
        "CloudAppEvents" => told_acts,
        "OfficeActivity" => told_office,
        _ => return None,
    })
}

/// What makes the rest of such a table.
pub(super) fn noise(table: &str) -> Option<fn(&World, Arc<Shape>) -> Chunk> {
    Some(match table {
        "CloudAppEvents" => acts,
        "OfficeActivity" => office,
        "AuditLogs" => audits,
        "OAuthAppInfo" => apps,
        "AADSpnSignInEventsBeta" | "EntraIdSpnSignInEvents" => principals,
        "AADServicePrincipalSignInLogs" => principal_logs,
        _ => return None,
    })
}

/// Application, action, kind and name of the object.
type Kind = (usize, &'static str, &'static str, &'static str);

/// Ordinary acts: application, action, kind and name of the object, weight.
#[rustfmt::skip]
static ACTS: [(Kind, u32); 14] = [
    ((SHAREPOINT, "FileAccessed", "File", "Plan {n}.xlsx"), 30),
    ((SHAREPOINT, "FileModified", "File", "Notes {n}.docx"), 18),
    ((SHAREPOINT, "FileDownloaded", "File", "Brochure {n}.pdf"), 9),
    ((SHAREPOINT, "FileUploaded", "File", "Résumé {n}.pdf"), 7),
    ((SHAREPOINT, "FilePreviewed", "File", "議事録 {n}.docx"), 6),
    ((SHAREPOINT, "PageViewed", "Page", "Home"), 12),
    ((SHAREPOINT, "FolderCreated", "Folder", "Отчёты {n}"), 2),
    ((EXCHANGE, "MailItemsAccessed", "Mailbox", "Inbox"), 16),
    ((EXCHANGE, "HardDelete", "Message", "Old newsletter {n}"), 3),
    ((EXCHANGE, "UpdateInboxRules", "Rule", "Newsletters"), 1),
    ((3, "ReactedToMessage", "Message", "General"), 8),
    ((3, "ListViewed", "List", "Tasks"), 4),
    ((GRAPH, "Add registered owner to device.", "Device", "Phone {n}"), 1),
    ((GRAPH, "Change user password.", "User", "own password"), 1),
];

/// An act in a cloud application.
struct Act<'s, 'a> {
    at: Stamp,
    user: usize,
    app: usize,
    action: &'s str,
    kind: &'s str,
    object: &'a str,
    from: Address,
    inside: bool,
}

fn write(world: &World, book: &mut Book, act: &Act<'_, '_>) {
    let row = world.user_row(act.user);
    let app = &APPS[act.app];
    let saas = 11_161 + act.app as i64;
    let id = record_id(act.at, act.user).to_string();
    let office = world.person(act.user).office;
    let (country, city) = if act.inside {
        (office.letters, office.city)
    } else {
        (act.from.place.letters, act.from.place.city)
    };
    let raw = json!({
        "CreationTime": act.at.whole_second().to_string(), "Operation": act.action, "UserId": row.upn, "UserType": 0,
        "ClientIP": act.from.ip.to_string(), "Workload": workload(act.app), "ObjectId": act.object, "Id": id, "ResultStatus": "Success",
    });
    let objects = json!([
        {"Type": act.kind, "Role": "Target object", "Name": act.object},
        {"Type": "User", "Role": "Actor", "Name": row.display, "Id": row.id.to_string()},
    ]);
    book.at(act.at)
        .text("ActionType", act.action)
        .text("Application", app.name)
        .int("ApplicationId", saas)
        .int("AppInstanceId", 0)
        .text("AccountObjectId", &row.id.to_string())
        .text("AccountId", row.upn)
        .text("AccountDisplayName", row.display)
        .bool("IsAdminOperation", act.app == GRAPH)
        .text("DeviceType", "Desktop")
        .text(
            "OSPlatform",
            if act.inside { "Windows 11" } else { "Linux" },
        )
        .text("IPAddress", &act.from.ip.to_string())
        .bool("IsAnonymousProxy", !act.inside)
        .text("CountryCode", country)
        .text("City", city)
        .text(
            "Isp",
            if act.inside {
                "contoso ltd"
            } else {
                "hosting example"
            },
        )
        .text("UserAgent", super::super::story::scene::BROWSER)
        .text("ActivityType", activity(act.action))
        .json("ActivityObjects", &objects)
        .text("ObjectName", act.object)
        .text("ObjectType", act.kind)
        .text("ReportId", &format!("{id}_{saas}"))
        .text("AccountType", "Regular")
        .bool("IsExternalUser", row.user_type == "Guest")
        .bool("IsImpersonated", false)
        .json(
            "IPTags",
            &if act.inside {
                json!(["Corporate"])
            } else {
                json!(["Anonymous proxy"])
            },
        )
        .text("IPCategory", if act.inside { "Corporate" } else { "Risky" })
        .json("UserAgentTags", &json!([]))
        .json("RawEventData", &raw)
        .json("AdditionalFields", &json!({}))
        .json(
            "LastSeenForUser",
            &if act.inside {
                json!({"ISP": 0})
            } else {
                json!({"ISP": -1, "CountryCode": -1})
            },
        )
        .json(
            "UncommonForUser",
            &if act.inside {
                json!([])
            } else {
                json!(["ISP", "CountryCode"])
            },
        )
        .text("AuditSource", "Defender for Cloud Apps app connector");
    book.end();
}

fn workload(app: usize) -> &'static str {
    match app {
        EXCHANGE | 9 => "Exchange",
        SHAREPOINT => "SharePoint",
        3 => "MicrosoftTeams",
        _ => "AzureActiveDirectory",
    }
}

fn activity(action: &str) -> &'static str {
    match action {
        a if a.contains("Download") => "Download",
        a if a.contains("Upload") => "Upload",
        a if a.contains("Delete") => "Delete",
        a if a.starts_with("Add") || a.contains("Created") || a.starts_with("New") => "Create",
        a if a.contains("Modified") || a.contains("Update") || a.starts_with("Set") => "Edit",
        "Log on" => "LogOn",
        _ => "Basic",
    }
}

fn crowd(world: &World) -> Vec<usize> {
    (0..world.staff_end())
        .filter(|u| world.user_row(*u).enabled)
        .take(4_000)
        .collect()
}

/// Tells the ordinary acts one by one.
fn ordinary(world: &World, share: usize, mut tell: impl FnMut(&Act<'static, '_>)) {
    let people = crowd(world);
    let n = if people.is_empty() {
        0
    } else {
        world.size().events as usize * share / 100
    };
    for i in 0..n {
        let mut dice = world.seed.dice(Topic::Noise, i as u64 | 5 << 36);
        let base = world.now().0 - 30 * DAY + (i as i64 * 30 * DAY) / n as i64;
        let at = Stamp(base + dice.range(0, 7 * MINUTE)).min(world.now().plus(-SECOND));
        let user = *dice.pick(&people);
        let (app, action, kind, object) = dice.weighted(&ACTS);
        let number = dice.below(2_000).to_string();
        let from = outside(World::egress(world.person(user).office).into());
        tell(&Act {
            at,
            user,
            app,
            action,
            kind,
            object: &object.replace("{n}", &number),
            from,
            inside: true,
        });
    }
}

fn acts(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    ordinary(world, 4, |act| write(world, &mut book, act));
    book.finish()
}

/// Tells what stories do in clouds.
fn each_told(told: &Told, mut tell: impl FnMut(&Act<'static, '_>)) {
    for scene in &told.scenes {
        let (
            What::Cloud {
                app,
                action,
                object,
                from,
            },
            Some(user),
        ) = (&scene.event.what, scene.event.user)
        else {
            continue;
        };
        let kind = match *action {
            a if a.starts_with("File") => "File",
            a if a.contains("InboxRule") => "Rule",
            a if a.contains("application") => "Application",
            _ => "Item",
        };
        tell(&Act {
            at: scene.event.at,
            user,
            app: *app,
            action,
            kind,
            object,
            from: *from,
            inside: false,
        });
    }
}

fn told_acts(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    each_told(told, |act| write(world, &mut book, act));
    book.finish()
}

/// An act as others tell it again.
#[derive(Clone, Debug)]
pub(in crate::world) struct CloudAct {
    pub at: Stamp,
    pub user: usize,
    pub app: usize,
    pub action: &'static str,
    pub kind: &'static str,
    pub object: String,
    pub from: Address,
}

impl World {
    /// Everything that `CloudAppEvents` tells, in no order.
    pub(in crate::world) fn cloud_acts(&self) -> Vec<CloudAct> {
        let mut all = Vec::new();
        let mut keep = |act: &Act<'static, '_>| {
            all.push(CloudAct {
                at: act.at,
                user: act.user,
                app: act.app,
                action: act.action,
                kind: act.kind,
                object: act.object.to_owned(),
                from: act.from,
            });
        };
        each_told(self.all_told(), &mut keep);
        ordinary(self, 4, keep);
        all
    }
}

/// The id of an act's record, in whatever log it shows.
pub(in crate::world) fn record_id(at: Stamp, user: usize) -> Guid {
    Dice::of(at.0 as u64 ^ (user as u64) << 40).guid()
}

/// The same acts as the Office 365 connector writes them.
fn write_office(world: &World, book: &mut Book, act: &Act<'_, '_>) {
    if !matches!(act.app, EXCHANGE | SHAREPOINT | 3 | 9) {
        return;
    }
    let row = world.user_row(act.user);
    let load = workload(act.app);
    book.time("TimeGenerated", act.at)
        .text("Application", APPS[act.app].name)
        .text("UserAgent", super::super::story::scene::BROWSER)
        .text(
            "RecordType",
            match load {
                "Exchange" => "ExchangeItem",
                "SharePoint" => "SharePointFileOperation",
                other => other,
            },
        )
        .text("Operation", act.action)
        .text("OrganizationId", &world.tenant_id().to_string())
        .text("UserType", "Regular")
        .text("UserKey", &row.id.to_string())
        .text("OfficeWorkload", load)
        .text("ResultStatus", "Succeeded")
        .text("UserId", row.upn)
        .text("ClientIP", &act.from.ip.to_string())
        .text("Client_IPAddress", &act.from.ip.to_string())
        .text("OfficeObjectId", act.object)
        .text("OfficeId", &record_id(act.at, act.user).to_string())
        .text("SourceSystem", "OfficeActivityManager");
    if load == "SharePoint" {
        book.text("ItemType", act.kind)
            .text("Site_Url", "https://contoso.sharepoint.com/sites/team/")
            .text("SourceFileName", act.object)
            .text(
                "SourceFileExtension",
                act.object.rsplit('.').next().unwrap_or_default(),
            );
    } else if load == "Exchange" {
        book.text("MailboxOwnerUPN", row.upn).json(
            "Parameters",
            &json!(json!([{"Name": "Name", "Value": act.object}]).to_string()),
        );
    }
    book.end();
}

fn office(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    ordinary(world, 4, |act| write_office(world, &mut book, act));
    book.finish()
}

fn told_office(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    each_told(told, |act| write_office(world, &mut book, act));
    book.finish()
}

fn audits(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for i in 0..world.audit_count() {
        let audit = world.audit_json(i);
        let at = world.audit_row(i).at;
        let by = &audit["initiatedBy"];
        let who = by["user"]["userPrincipalName"]
            .as_str()
            .or(by["app"]["displayName"].as_str())
            .unwrap_or_default();
        book.time("TimeGenerated", at)
            .time("ActivityDateTime", at)
            .json("OperationName", &audit["activityDisplayName"])
            .text("OperationVersion", "1.0")
            .json("ActivityDisplayName", &audit["activityDisplayName"])
            .json("Category", &audit["category"])
            .json("CorrelationId", &audit["correlationId"])
            .json("Id", &audit["id"])
            .json("Result", &audit["result"])
            .json("ResultReason", &audit["resultReason"])
            .json("LoggedByService", &audit["loggedByService"])
            .json("AADOperationType", &audit["operationType"])
            .json("InitiatedBy", by)
            .json("TargetResources", &audit["targetResources"])
            .json("AdditionalDetails", &audit["additionalDetails"])
            .text("Identity", who)
            .text("AADTenantId", &world.tenant_id().to_string())
            .text(
                "ResourceId",
                &format!("/tenants/{}/providers/Microsoft.aadiam", world.tenant_id()),
            )
            .text("SourceSystem", "Azure AD");
        book.end();
    }
    book.finish()
}

fn apps(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for (i, app) in APPS.iter().enumerate() {
        let mut dice = world.seed.dice(Topic::Noise, i as u64 | 6 << 36);
        let (verified, origin) = match app.maker {
            Maker::Microsoft => (json!({"displayName": "Microsoft"}), "External"),
            Maker::Vendor(name) => (json!({"displayName": name}), "External"),
            Maker::Own => (Value::Null, "Internal"),
            Maker::Unverified(_) => (json!({}), "External"),
        };
        let added = world.now().plus(-dice.range(3, 900) * DAY).whole_second();
        let risky = matches!(app.maker, Maker::Unverified(_));
        book.at(world.now().plus(-(i as i64) * HOUR))
            .text("ReportId", &dice.guid().to_string())
            .text("OAuthAppId", &world.app_id(i))
            .text("ServicePrincipalId", &world.app_object_id(i).to_string())
            .text("AppName", app.name)
            .time("AddedOnTime", added)
            .time("LastModifiedTime", added.plus(DAY))
            .text("AppStatus", "Enabled")
            .json("VerifiedPublisher", &verified)
            .text("PrivilegeLevel", if risky { "High" } else { "Medium" })
            .json("Permissions", &json!([{"permissionType": "Delegated", "permissionValue": if risky { "Mail.ReadWrite" } else { "User.Read" }, "privilegeLevel": if risky { "High" } else { "Low" }}]))
            .int("ConsentedUsersCount", dice.below(300) as i64)
            .bool("IsAdminConsented", !risky)
            .text("AppOrigin", origin)
            .time("LastUsedTime", world.now().plus(-dice.range(0, 20) * HOUR))
            .text("AppOwnerTenantId", &world.tenant_id().to_string());
        book.end();
    }
    book.finish()
}

/// Sign-ins of applications: which, when, whether it is a managed identity, from where, how it ended.
fn each_principal(
    world: &World,
    mut tell: impl FnMut(usize, Stamp, bool, Address, i64, &mut Dice),
) {
    let n = world.size().events as usize / 125;
    let own = [AUTOMATION, 26, 27, 20, 21];
    for i in 0..n {
        let mut dice = world.seed.dice(Topic::Noise, i as u64 | 7 << 36);
        let base = world.now().0 - 30 * DAY + (i as i64 * 30 * DAY) / n as i64;
        let at = Stamp(base + dice.range(0, 9 * MINUTE)).min(world.now().plus(-SECOND));
        let app = *dice.pick(&own);
        let error = dice.weighted(&[(0, 96), (7_000_215, 2), (7_000_222, 1), (53_003, 1)]);
        let ip: std::net::IpAddr = [20, 50, 88, dice.below(200) as u8].into();
        tell(app, at, app == 27, outside(ip), error, &mut dice);
    }
}

fn principals(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    each_principal(world, |app, at, managed, from, error, dice| {
        book.at(at)
            .text("Application", APPS[app].name)
            .text("ApplicationId", &world.app_id(app))
            .bool("IsManagedIdentity", managed)
            .int("ErrorCode", error)
            .text("CorrelationId", &dice.guid().to_string())
            .text("ServicePrincipalName", APPS[app].name)
            .text("ServicePrincipalId", &world.app_object_id(app).to_string())
            .text("ResourceDisplayName", APPS[GRAPH].name)
            .text("ResourceId", &world.app_id(GRAPH))
            .text("ResourceTenantId", &world.tenant_id().to_string())
            .text("IPAddress", &from.ip.to_string())
            .text("Country", from.place.letters)
            .text("State", from.place.state)
            .text("City", from.place.city)
            .text("Latitude", &from.place.latitude.to_string())
            .text("Longitude", &from.place.longitude.to_string())
            .text("RequestId", &dice.guid().to_string())
            .text("ReportId", &dice.guid().to_string());
        book.end();
    });
    book.finish()
}

fn principal_logs(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    each_principal(world, |app, at, _, from, error, dice| {
        let location = json!({"city": from.place.city, "state": from.place.state, "countryOrRegion": from.place.letters});
        book.time("TimeGenerated", at)
            .time("CreatedDateTime", at)
            .text("OperationName", "Sign-in activity")
            .text("Category", "ServicePrincipalSignInLogs")
            .text("ResultType", &error.to_string())
            .text("AppId", &world.app_id(app))
            .text("CorrelationId", &dice.guid().to_string())
            .text("ServicePrincipalName", APPS[app].name)
            .text("ServicePrincipalId", &world.app_object_id(app).to_string())
            .text("ResourceDisplayName", APPS[GRAPH].name)
            .text("ResourceIdentity", &world.app_id(GRAPH))
            .text("IPAddress", &from.ip.to_string())
            .text("Location", from.place.letters)
            .json("LocationDetails", &json!(location.to_string()))
            .text("ConditionalAccessStatus", "notApplied")
            .text("Id", &dice.guid().to_string())
            .text("AADTenantId", &world.tenant_id().to_string())
            .text("SourceSystem", "Azure AD");
        book.end();
    });
    book.finish()
}
