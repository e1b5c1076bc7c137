//! People and the on-premises directory: `IdentityInfo` and what Defender for Identity sees on domain controllers.

use std::sync::Arc;

use serde_json::{Value, json};
use table::Chunk;

use super::super::World;
use super::super::dice::{Dice, Topic};
use super::super::people::Class;
use super::super::stamp::{DAY, MINUTE, SECOND, Stamp};
use super::super::story::What;
use super::book::Book;
use super::shape::Shape;
use super::story_endpoint::Tell;
use super::told::Told;

/// What tells such a table from the stories.
pub(super) fn tell(table: &str) -> Option<Tell> {
    Some(match table {
        "IdentityLogonEvents" => told_logons,
        "IdentityQueryEvents" => told_queries,
        "IdentityDirectoryEvents" => told_changes,
        _ => return None,
    })
}

/// What makes the rest of such a table.
pub(super) fn noise(table: &str) -> Option<fn(&World, Arc<Shape>) -> Chunk> {
    Some(match table {
        "IdentityInfo" => people,
        "IdentityLogonEvents" => logons,
        "IdentityQueryEvents" => queries,
        "IdentityDirectoryEvents" => changes,
        _ => return None,
    })
}

fn people(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for i in 0..world.user_count() {
        let row = world.user_row(i);
        let person = world.person(i);
        let json = world.user_json(i);
        let manager = world
            .user_manager(i)
            .map(|m| world.user_row(m).upn)
            .unwrap_or_default();
        let roles = world.user_role_names(i);
        let tags: &[&str] = match person.class {
            Class::Staff if i < 9 => &["VIP"],
            Class::Admin => &["Sensitive"],
            Class::BreakGlass => &["Sensitive", "Honeytoken"],
            _ => &[],
        };
        book.at(world.now().plus(-((i % 20) as i64) * 60 * MINUTE))
            .text("ReportId", &format!("{}_{i}", row.id))
            .text("AccountObjectId", &row.id.to_string())
            .text("AccountUpn", row.upn)
            .text("AccountDisplayName", row.display)
            .text("AccountName", row.account)
            .text(
                "AccountDomain",
                if row.synced {
                    "corp.contoso.com"
                } else {
                    "contoso.onmicrosoft.com"
                },
            )
            .text(
                "Type",
                match person.class {
                    Class::Service => "ServiceAccount",
                    _ => "User",
                },
            )
            .text("CloudSid", &super::super::directory::cloud_sid(row.id))
            .json("GivenName", &json["givenName"])
            .json("Surname", &json["surname"])
            .some("Department", row.department)
            .some("JobTitle", row.title)
            .some("EmailAddress", row.mail)
            .json("City", &json["city"])
            .json("Country", &json["country"])
            .bool("IsAccountEnabled", row.enabled)
            .text("Manager", manager)
            .json("Phone", &json["mobilePhone"])
            .json("CompanyName", &json["companyName"])
            .json("EmployeeId", &json["employeeId"])
            .json("DistinguishedName", &json["onPremisesDistinguishedName"])
            .text(
                "ChangeSource",
                if row.synced {
                    "ActiveDirectory"
                } else {
                    "AzureActiveDirectory"
                },
            )
            .text("BlastRadius", if roles.is_empty() { "Low" } else { "High" })
            .json("AssignedRoles", &json!(roles))
            .json("PrivilegedEntraPimRoles", &json!([]))
            .json("Tags", &json!(tags))
            .json("OtherMailAddresses", &json["otherMails"])
            .json("GroupMembership", &json!(["All Employees"]))
            .json(
                "SourceProviders",
                &if row.synced {
                    json!(["ActiveDirectory", "AzureActiveDirectory"])
                } else {
                    json!(["AzureActiveDirectory"])
                },
            )
            .text("TenantMembershipType", row.user_type)
            .text(
                "IdentityEnvironment",
                if row.synced { "Hybrid" } else { "Cloud" },
            );
        if row.synced {
            book.text("OnPremSid", &world.user_sid(i)).text(
                "OnPremObjectId",
                &world.seed.guid(Topic::UserSid, i as u32).to_string(),
            );
        }
        if !roles.is_empty() {
            book.int("CriticalityLevel", 1);
        }
        if let Some(risky) = world.risky_of_user(i) {
            let risk = world.risky_row(risky);
            book.text("RiskLevel", &super::alerts::upper_first(risk.level))
                .text("RiskStatus", &super::alerts::upper_first(risk.state))
                .text("RiskLevelDetails", risk.detail);
        }
        if let Some(at) = json["createdDateTime"]
            .as_str()
            .and_then(|t| t.parse::<jiff::Timestamp>().ok())
        {
            book.time("CreatedDateTime", Stamp::from(at));
        }
        book.end();
    }
    book.finish()
}

/// Synced people, who are known to domain controllers.
fn synced(world: &World) -> Vec<usize> {
    (0..world.staff_end())
        .filter(|u| {
            let row = world.user_row(*u);
            row.synced && row.enabled
        })
        .take(4_000)
        .collect()
}

/// The i-th of n events spread over thirty days, with dice for the rest.
fn spread(world: &World, salt: u64, i: usize, n: usize) -> (Stamp, Dice) {
    let mut dice = world.seed.dice(Topic::Noise, i as u64 | salt << 36);
    let base = world.now().0 - 30 * DAY + (i as i64 * 30 * DAY) / n.max(1) as i64;
    let at = Stamp(base + dice.range(0, 9 * MINUTE)).min(world.now().plus(-SECOND));
    (at, dice)
}

impl World {
    fn account_columns(&self, book: &mut Book, user: usize) {
        let row = self.user_row(user);
        book.text("AccountName", row.account)
            .text("AccountDomain", "corp.contoso.com")
            .text("AccountUpn", row.upn)
            .text("AccountSid", &self.user_sid(user))
            .text("AccountObjectId", &row.id.to_string())
            .text("AccountDisplayName", row.display);
    }

    /// Where it comes from and the domain controller that saw it.
    fn seen_by_controller(&self, book: &mut Book, from: Option<usize>, n: usize) {
        let controller = n % 3;
        if let Some(from) = from {
            book.text("DeviceName", self.machine_name(from))
                .text("IPAddress", self.machine_ip(from));
        }
        book.text("DestinationDeviceName", self.machine_name(controller))
            .text("DestinationIPAddress", self.machine_ip(controller));
    }
}

/// The first machine of a person, or one of any.
fn machine(world: &World, user: usize) -> Option<usize> {
    world.owned(user).next()
}

fn logons(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    let people = synced(world);
    let n = if people.is_empty() {
        0
    } else {
        world.size().events as usize * 3 / 100
    };
    for i in 0..n {
        let (at, mut dice) = spread(world, 2, i, n);
        let user = *dice.pick(&people);
        let failed = dice.chance(35);
        let ntlm = dice.chance(140);
        let from = machine(world, user);
        world.account_columns(&mut book, user);
        world.seen_by_controller(&mut book, from, i);
        book.at(at)
            .text("ActionType", if failed { "LogonFailed" } else { "LogonSuccess" })
            .text("Application", "Active Directory")
            .text("LogonType", if ntlm { "Credentials validation" } else { "Resource access" })
            .text("Protocol", if ntlm { "Ntlm" } else { "Kerberos" })
            .text("FailureReason", if failed { "WrongPassword" } else { "" })
            .text("DeviceType", "Workstation")
            .int("Port", 50_000 + dice.below(9_000) as i64)
            .int("DestinationPort", if ntlm { 445 } else { 88 })
            .text("TargetDeviceName", "srv-file-01.corp.contoso.com")
            .text("Location", world.person(user).office.city)
            .text("ReportId", &dice.guid().to_string())
            .json("AdditionalFields", &json!({"Count": 1 + dice.below(6), "SourceAccountId": world.user_row(user).id.to_string()}));
        if let Some(from) = from {
            book.text("OSPlatform", world.device(from).system.platform);
        }
        book.end();
    }
    book.finish()
}

fn queries(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    let people = synced(world);
    let n = if people.is_empty() {
        0
    } else {
        world.size().events as usize / 150
    };
    for i in 0..n {
        let (at, mut dice) = spread(world, 3, i, n);
        let user = *dice.pick(&people);
        let (kind, what, query, protocol, port) = dice.weighted(&[
            (
                (
                    "LDAP query",
                    "AllUsers",
                    "(&(objectClass=user)(sAMAccountName=*))",
                    "Ldap",
                    389,
                ),
                5,
            ),
            (
                (
                    "LDAP query",
                    "EnterpriseDomainControllers",
                    "(objectClass=nTDSDSA)",
                    "Ldap",
                    389,
                ),
                2,
            ),
            (
                ("SAMR query", "QueryGroup", "Domain Admins", "Samr", 445),
                2,
            ),
            (("SAMR query", "QueryUser", "administrator", "Samr", 445), 1),
            (
                ("DNS query", "A", "srv-file-01.corp.contoso.com", "Dns", 53),
                6,
            ),
        ]);
        world.account_columns(&mut book, user);
        world.seen_by_controller(&mut book, machine(world, user), i);
        book.at(at)
            .text("ActionType", kind)
            .text("Application", "Active Directory")
            .text("QueryType", what)
            .text("QueryTarget", if kind == "DNS query" { query } else { "" })
            .text("Query", query)
            .text("Protocol", protocol)
            .int("Port", 50_000 + dice.below(9_000) as i64)
            .int("DestinationPort", port)
            .text("ReportId", &dice.guid().to_string())
            .json("AdditionalFields", &json!({"Count": 1 + dice.below(9)}));
        book.end();
    }
    book.finish()
}

fn changes(world: &World, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    let people = synced(world);
    let n = if people.is_empty() {
        0
    } else {
        world.size().events as usize / 200
    };
    for i in 0..n {
        let (at, mut dice) = spread(world, 4, i, n);
        let target = *dice.pick(&people);
        let actor = *dice.pick(&[19, 15, 14]);
        let (action, more) = dice.weighted(&[
            (("Account Password changed", ""), 8),
            (("Group Membership changed", "Sales Readers"), 5),
            (("Account Disabled changed", ""), 2),
            (("Account Unlock changed", ""), 3),
            (("User Manager changed", ""), 3),
            (("Account Password Never Expires changed", ""), 1),
            (("Computer Account Created", ""), 1),
        ]);
        let detail = match more {
            "" => json!({"FROM.AccountDisplayName": world.user_row(target).display}),
            group => {
                json!({"TO.GROUP": group, "ACTOR.ACCOUNT": world.user_row(actor).account, "TARGET_OBJECT.USER": world.user_row(target).account})
            }
        };
        change(
            world,
            &mut book,
            (at, action),
            actor,
            Some(target),
            (detail, i, &mut dice),
        );
    }
    book.finish()
}

fn change(
    world: &World,
    book: &mut Book,
    (at, action): (Stamp, &str),
    actor: usize,
    target: Option<usize>,
    (detail, n, dice): (Value, usize, &mut Dice),
) {
    world.account_columns(book, actor);
    world.seen_by_controller(book, machine(world, actor), n);
    book.at(at)
        .text("ActionType", action)
        .text("Application", "Active Directory")
        .text("Protocol", "Ldap")
        .int("Port", 50_000 + dice.below(9_000) as i64)
        .int("DestinationPort", 389)
        .text("ReportId", &dice.guid().to_string())
        .json("AdditionalFields", &detail);
    if let Some(target) = target {
        let row = world.user_row(target);
        book.text("TargetAccountUpn", row.upn)
            .text("TargetAccountDisplayName", row.display);
    }
    book.end();
}

/// What a directory act of a story is called where it shows: the table and its action.
fn directory(action: &str) -> (&'static str, &'static str) {
    match action {
        "LDAP query" => ("IdentityQueryEvents", "LDAP query"),
        "Honeytoken queried" => ("IdentityQueryEvents", "SAMR query"),
        "Failed logons" => ("IdentityLogonEvents", "LogonFailed"),
        "Kerberos TGS request" => ("IdentityLogonEvents", "LogonSuccess"),
        "Directory services replication" => {
            ("IdentityDirectoryEvents", "Directory Service replication")
        }
        "Group membership changed" => ("IdentityDirectoryEvents", "Group Membership changed"),
        _ => ("IdentityDirectoryEvents", "Security Principal Name changed"),
    }
}

fn dice_of(scene: &super::told::Scene) -> Dice {
    Dice::of(scene.event.at.0 as u64 ^ u64::from(scene.frame.rank) << 34)
}

fn told_logons(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for scene in &told.scenes {
        let Some(user) = scene.event.user else {
            continue;
        };
        let mut dice = dice_of(scene);
        let (action, from, kind, target) = match &scene.event.what {
            What::Logon { from, kind, ok } => (
                if *ok { "LogonSuccess" } else { "LogonFailed" },
                world.machine_of_ip(from).ok_or(from.as_str()),
                *kind,
                scene.event.device.map(|d| world.machine_name(d).to_owned()),
            ),
            What::Directory { action, object } => match directory(action) {
                ("IdentityLogonEvents", called) => (
                    called,
                    scene.event.device.ok_or(""),
                    "Resource access",
                    Some(object.clone()),
                ),
                _ => continue,
            },
            _ => continue,
        };
        world.account_columns(&mut book, user);
        world.seen_by_controller(&mut book, from.ok(), scene.frame.rank as usize);
        let ntlm = kind == "Network";
        book.at(scene.event.at)
            .text("ActionType", action)
            .text("Application", "Active Directory")
            .text(
                "LogonType",
                if ntlm { "Credentials validation" } else { kind },
            )
            .text("Protocol", if ntlm { "Ntlm" } else { "Kerberos" })
            .text(
                "FailureReason",
                if action == "LogonFailed" {
                    "WrongPassword"
                } else {
                    ""
                },
            )
            .int("Port", 50_000 + dice.below(9_000) as i64)
            .int("DestinationPort", if ntlm { 445 } else { 88 })
            .some("TargetDeviceName", target.as_deref())
            .text("ReportId", &dice.guid().to_string())
            .json("AdditionalFields", &json!({"Count": 1}));
        if let Err(ip) = from {
            book.text("IPAddress", ip);
        }
        book.end();
    }
    book.finish()
}

fn told_queries(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for scene in &told.scenes {
        let (What::Directory { action, object }, Some(user)) =
            (&scene.event.what, scene.event.user)
        else {
            continue;
        };
        let ("IdentityQueryEvents", called) = directory(action) else {
            continue;
        };
        let mut dice = dice_of(scene);
        world.account_columns(&mut book, user);
        world.seen_by_controller(&mut book, scene.event.device, scene.frame.rank as usize);
        let ldap = called == "LDAP query";
        book.at(scene.event.at)
            .text("ActionType", called)
            .text("Application", "Active Directory")
            .text("QueryType", if ldap { "Computers" } else { "QueryUser" })
            .text("QueryTarget", object)
            .text("Query", object)
            .text("Protocol", if ldap { "Ldap" } else { "Samr" })
            .int("Port", 50_000 + dice.below(9_000) as i64)
            .int("DestinationPort", if ldap { 389 } else { 445 })
            .text("ReportId", &dice.guid().to_string())
            .json(
                "AdditionalFields",
                &json!({"Count": 1, "SearchFilter": object}),
            );
        book.end();
    }
    book.finish()
}

fn told_changes(world: &World, told: &Told, shape: Arc<Shape>) -> Chunk {
    let mut book = Book::new(shape);
    for scene in &told.scenes {
        let (What::Directory { action, object }, Some(user)) =
            (&scene.event.what, scene.event.user)
        else {
            continue;
        };
        let ("IdentityDirectoryEvents", called) = directory(action) else {
            continue;
        };
        let row = world.user_row(user);
        let detail = json!({"TO.GROUP": object, "TARGET_OBJECT.USER": row.account, "ACTOR.ACCOUNT": row.account});
        let mut dice = dice_of(scene);
        let n = scene.frame.rank as usize;
        change(
            world,
            &mut book,
            (scene.event.at, called),
            user,
            Some(user),
            (detail, n, &mut dice),
        );
    }
    book.finish()
}
