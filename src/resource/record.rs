//! Records of the logs: of the Office 365 activity feed (`api/defender.md` 14), sign-ins and directory audits (`api/graph.md`
//! 16), and what audit searches found (9). Types and fields that nobody has named yet are kept and shown as they come.
//!
//! What a row of each source says in the columns is `log_event`'s. `about` sorts operations into the few things one looks for in a compromise; the presets are filters on it. Rows come from
//! `backend::feed` in chunks; their whole text is read again from its blob when one is opened.

use super::log_event::LogEvent;
use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};
use table::Txt;

pub static SPEC: Spec = Spec {
    kind: Kind::Record,
    digit: '6',
    title: "Logs",
    one: "record",
    id: "Id",
    columns: COLUMNS,
    name_column: 2,
    sort: NEWEST,
    listing: Listing {
        list,
        watermark: None,
        every: 60,
        get,
        search: None,
        beside: None,
        then: &[],
    },
    decode,
    sections: detail::record::SECTIONS,
    refs: detail::record::refs,
    portal: |_, _| None,
    summary: detail::record::summary,
    views: VIEWS,
    needs: NEEDS,
};

pub const NEEDS: &[&str] = &["ActivityFeed.Read"];
/// What DLP records take.
pub const NEEDS_DLP: &[&str] = &["ActivityFeed.ReadDlp"];

/// What sign-ins and directory audits take.
pub const NEEDS_AUDIT: &[&str] = &["AuditLog.Read.All"];
/// What audit searches take; the narrower ones find what their service wrote.
pub const NEEDS_SEARCH: &[&str] = &[
    "AuditLogsQuery.Read.All",
    "AuditLogsQuery-Entra.Read.All",
    "AuditLogsQuery-Exchange.Read.All",
    "AuditLogsQuery-SharePoint.Read.All",
    "AuditLogsQuery-OneDrive.Read.All",
    "AuditLogsQuery-Endpoint.Read.All",
    "AuditLogsQuery-CRM.Read.All",
];

/// The field in which our reader notes where a record was listed: no name of the service begins so.
pub const CONTENT: &str = "@contentType";

const NEWEST: &[(&str, Direction)] = &[("CreationTime", Direction::Down)];

const fn view(name: &'static str, filter: &'static str) -> View {
    View {
        name,
        filter,
        sort: NEWEST,
    }
}

static VIEWS: &[View] = &[
    view("inbox rules and forwarding", "about:rule,forwarding"),
    view("mailbox permissions", "about:permission"),
    view("downloads and shares", "about:download,share"),
    view("consent grants", "about:consent"),
    view("role changes", "about:role"),
    view("DLP", "about:dlp"),
    view("sign-ins", "about:signin"),
    view("failed sign-ins", "op:UserLoginFailed"),
    view("directory audits", "source:audit"),
    view("audit searches", "source:search"),
    view("without a time", "timed:no"),
    view("all", ""),
];

static COLUMNS: &[Column] = &[
    Column::new(
        "id",
        "id",
        Shape::Text(Meaning::Id),
        "the record's own id",
    )
    .wide(8, 36),
    Column::new(
        "CreationTime",
        "age",
        Shape::Time,
        "when it happened (UTC): age<4h, time>2026-08-01",
    )
    .also(&["age", "time"])
    .wide(4, 4)
    .drop(0),
    Column::new(
        "Operation",
        "operation",
        Shape::Text(Meaning::Plain),
        "what was done: op:New-InboxRule",
    )
    .also(&["op"])
    .wide(14, 22)
    .drop(0),
    Column::new(
        "UserId",
        "user",
        Shape::Text(Meaning::Person),
        "who did it: user:ana@contoso.com",
    )
    .also(&["user", "who"])
    .wide(8, 14)
    .drop(0),
    Column::new(
        "about",
        "about",
        Shape::Text(Meaning::Word),
        "sort of act: about:forwarding, rule, permission, download, share, consent, role, dlp, signin",
    )
    .wide(5, 10)
    .drop(5),
    Column::new(
        "ObjectId",
        "object",
        Shape::Text(Meaning::Title),
        "what it was done to",
    )
    .also(&["object"])
    .wide(8, 40)
    .grow(9)
    .drop(1),
    Column::new(
        "ClientIP",
        "address",
        Shape::Text(Meaning::Address),
        "where it came from, without the port: ip:203.0.113.7",
    )
    .also(&["ip"])
    .wide(9, 15)
    .drop(4),
    Column::new(
        "ResultStatus",
        "result",
        Shape::Text(Meaning::Word),
        "how it ended: result:failed",
    )
    .also(&["result"])
    .wide(9, 9)
    .drop(3),
    Column::new(
        "Workload",
        "workload",
        Shape::Text(Meaning::Word),
        "the service it was done in: workload:exchange",
    )
    .also(&["wl"])
    .wide(8, 10)
    .drop(6),
    Column::new(
        "target",
        "target",
        Shape::Text(Meaning::Person),
        "the person it was done to or whose mailbox it was",
    )
    .also(&["owner"])
    .wide(8, 20)
    .drop(7),
    Column::new(
        "changes",
        "changes",
        Shape::Text(Meaning::Plain),
        "parameters or properties that it set; of sign-ins param:error, param:risk, param:access",
    )
    .also(&["param"])
    .wide(8, 24)
    .drop(8),
    Column::new(
        "RecordType",
        "type",
        Shape::Text(Meaning::Word),
        "type of the record; a number where it has no name here",
    )
    .also(&["type"])
    .wide(8, 18),
    Column::new(
        "content",
        "feed",
        Shape::Text(Meaning::Word),
        "content type or source it was listed in: feed:DLP.All, feed:signIns",
    )
    .also(&["feed"])
    .wide(8, 16),
    Column::new(
        "source",
        "source",
        Shape::Text(Meaning::Word),
        "where it was read: source:feed, signin, audit, search",
    )
    .also(&["src"])
    .wide(6, 6)
    .drop(9),
    Column::new(
        "people",
        "people",
        Shape::Words(Meaning::Person),
        "everyone it names, as actor or as target: people:ana@contoso.com",
    )
    .wide(8, 24),
    Column::new(
        "timed",
        "timed",
        Shape::Bool,
        "the record says when it happened: timed:no",
    )
    .wide(5, 5),
];

/// Names for the permissions and budgets of the list; its rows come from `backend::feed`.
fn list(_since: Option<Ticks>) -> Call {
    Call::get(Service::Office, Path::new("/subscriptions/list"))
        .needs(NEEDS)
        .pages(Pages::One)
}

/// A record has no address of its own: `backend::feed` finds the blob it came in.
fn get(_: &Key) -> Result<Call, BadPath> {
    Ok(list(None))
}

/// Record types worth a name.
static TYPES: &[(i64, &str)] = &[
    (1, "ExchangeAdmin"),
    (2, "ExchangeItem"),
    (3, "ExchangeItemGroup"),
    (4, "SharePoint"),
    (6, "SharePointFileOperation"),
    (7, "OneDrive"),
    (8, "AzureActiveDirectory"),
    (9, "AzureActiveDirectoryAccountLogon"),
    (11, "ComplianceDLPSharePoint"),
    (13, "ComplianceDLPExchange"),
    (14, "SharePointSharingOperation"),
    (15, "AzureActiveDirectoryStsLogon"),
    (18, "SecurityComplianceCenterEOPCmdlet"),
    (20, "PowerBIAudit"),
    (24, "Discovery"),
    (25, "MicrosoftTeams"),
    (28, "ThreatIntelligence"),
    (29, "MailSubmission"),
    (30, "MicrosoftFlow"),
    (40, "SecurityComplianceAlerts"),
    (41, "ThreatIntelligenceUrl"),
    (47, "ThreatIntelligenceAtpContent"),
    (50, "ExchangeItemAggregated"),
    (62, "Campaign"),
    (63, "DLPEndpoint"),
    (64, "AirInvestigation"),
    (65, "Quarantine"),
    (78, "WDATPAlerts"),
    (83, "SensitivityLabelAction"),
    (85, "AttackSim"),
    (87, "SecurityComplianceRBAC"),
    (90, "MSTIC"),
    (98, "MCASAlerts"),
    (106, "SecurityComplianceUserChange"),
    (113, "MS365DCustomDetection"),
    (235, "MicrosoftDefenderForIdentityAudit"),
    (261, "CopilotInteraction"),
    (294, "AadRiskDetection"),
];

/// The name of a record type, or its number.
pub fn type_name(row: Json<'_>) -> Option<String> {
    let number = row.int("RecordType")?;
    let known = TYPES.iter().find(|(n, _)| *n == number);
    Some(known.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned()))
}

/// Who somebody is to the service, by the number of `UserType`.
pub fn user_type(row: Json<'_>) -> Option<String> {
    let number = row.int("UserType")?;
    let names = [
        "Regular",
        "Reserved",
        "Admin",
        "DcAdmin",
        "System",
        "Application",
        "ServicePrincipal",
        "CustomPolicy",
        "SystemPolicy",
        "PartnerTechnician",
        "Guest",
    ];
    let name = usize::try_from(number).ok().and_then(|n| names.get(n));
    Some(name.map_or_else(|| number.to_string(), |n| (*n).to_owned()))
}

/// An address without its port and brackets; what is none stays as it is.
pub fn address(text: &str) -> &str {
    let bare = text.trim();
    if let Some(inside) = bare.strip_prefix('[').and_then(|t| t.split(']').next()) {
        return inside;
    }
    match bare.split_once(':') {
        // of v6 there are more colons than one
        Some((host, port)) if !port.contains(':') && host.contains('.') => host,
        _ => bare,
    }
}

/// When it happened: UTC, though the feed does not say so.
pub fn time(row: Json<'_>) -> Option<Ticks> {
    let text = row.str("CreationTime")?;
    Ticks::parse(text).or_else(|| Ticks::parse(&format!("{text}Z")))
}

/// The parameters of a command or the properties that were changed, by name.
pub fn changes(row: Json<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (list, name) in [("Parameters", "Name"), ("ModifiedProperties", "Name")] {
        for item in row.list(list) {
            let word = item.str(name).or_else(|| item.as_str());
            if let Some(word) = word
                && !out.iter().any(|w| w == word)
                && out.len() < 12
            {
                out.push(word.to_owned());
            }
        }
    }
    out
}

/// The value of a command's parameter.
pub fn parameter<'a>(row: Json<'a>, name: &str) -> Option<&'a str> {
    row.list("Parameters")
        .find(|p| p.str("Name").is_some_and(|n| n.eq_ignore_ascii_case(name)))
        .and_then(|p| p.str("Value"))
}

const FORWARDS: &[&str] = &[
    "ForwardTo",
    "RedirectTo",
    "ForwardAsAttachmentTo",
    "ForwardingSmtpAddress",
    "ForwardingAddress",
    "DeliverToMailboxAndForward",
    "RedirectMessageTo",
    "BlindCopyTo",
];

/// The sorts of acts that presets are about: operations, in any case and without a final period.
const ACTS: &[(&str, &[&str])] = &[
    (
        "rule",
        &[
            "New-InboxRule",
            "Set-InboxRule",
            "Enable-InboxRule",
            "Disable-InboxRule",
            "Remove-InboxRule",
            "UpdateInboxRules",
            "New-TransportRule",
            "Set-TransportRule",
            "Enable-TransportRule",
        ],
    ),
    (
        "permission",
        &[
            "Add-MailboxPermission",
            "Remove-MailboxPermission",
            "Add-RecipientPermission",
            "Remove-RecipientPermission",
            "Add-MailboxFolderPermission",
            "Set-MailboxFolderPermission",
            "AddFolderPermissions",
            "ModifyFolderPermissions",
            "UpdateFolderPermissions",
            "UpdateCalendarDelegation",
        ],
    ),
    (
        "download",
        &[
            "FileDownloaded",
            "FileSyncDownloadedFull",
            "FileSyncDownloadedPartial",
            "FolderDownloaded",
        ],
    ),
    (
        "share",
        &[
            "SharingSet",
            "SharingInvitationCreated",
            "SharingInvitationAccepted",
            "AnonymousLinkCreated",
            "AnonymousLinkUpdated",
            "AnonymousLinkUsed",
            "CompanyLinkCreated",
            "SecureLinkCreated",
            "AddedToSecureLink",
        ],
    ),
    (
        "consent",
        &[
            "Consent to application",
            "Add delegated permission grant",
            "Add OAuth2PermissionGrant",
            "Add app role assignment to service principal",
            "Add app role assignment grant to user",
        ],
    ),
    (
        "role",
        &[
            "Add member to role",
            "Remove member from role",
            "Add eligible member to role",
            "Add scoped member to role",
            "Add member to role completed (PIM activation)",
            "Add-RoleGroupMember",
            "Update-RoleGroupMember",
            "New-ManagementRoleAssignment",
        ],
    ),
    ("signin", &["UserLoggedIn", "UserLoginFailed"]),
];

/// The sort of act that an operation is, by its name alone.
pub fn act(operation: &str) -> Option<&'static str> {
    let bare = operation.trim_end_matches('.');
    ACTS.iter()
        .find(|(_, all)| all.iter().any(|o| o.eq_ignore_ascii_case(bare)))
        .map(|(word, _)| *word)
}

/// The sort of act that a record is about, where it is one of those that presets look for.
pub fn about(row: Json<'_>) -> Option<&'static str> {
    let operation = row.str("Operation").unwrap_or_default();
    if row
        .str(CONTENT)
        .is_some_and(|c| c.eq_ignore_ascii_case("DLP.All"))
        || operation
            .get(..7)
            .is_some_and(|p| p.eq_ignore_ascii_case("DlpRule"))
    {
        return Some("dlp");
    }
    let bare = operation.trim_end_matches('.');
    let act = act(operation);
    let sets = |names: &[&str]| {
        row.list("Parameters").any(|p| {
            let set = p
                .str("Value")
                .is_some_and(|v| !v.eq_ignore_ascii_case("false"));
            let name = p.str("Name").unwrap_or_default();
            set && names.iter().any(|n| n.eq_ignore_ascii_case(name))
        })
    };
    let mailbox = bare.eq_ignore_ascii_case("Set-Mailbox");
    match act {
        None if mailbox && sets(FORWARDS) => Some("forwarding"),
        None if mailbox && sets(&["GrantSendOnBehalfTo"]) => Some("permission"),
        Some("rule") if sets(FORWARDS) => Some("forwarding"),
        act => act,
    }
}

/// The person that something was done to: the mailbox's owner, whom it was shared with, the target in the directory.
pub fn target(row: Json<'_>) -> Option<Text> {
    let named = ["MailboxOwnerUPN", "TargetUserOrGroupName"];
    let named = named.iter().find_map(|n| row.text(n));
    named.or_else(|| {
        // of the directory's targets the one with a sign-in name
        row.list("Target")
            .filter_map(|t| t.text("ID"))
            .find(|t| t.txt().exact().contains('@'))
            .or_else(|| {
                let object = row.text("ObjectId")?;
                let plain = object.txt().exact();
                (plain.contains('@') && !plain.contains('/') && !plain.contains(' '))
                    .then(|| object.clone())
            })
    })
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.key(row, SPEC.id, "a record")?;
    let event = LogEvent::of(row);
    to.time("CreationTime", event.at);
    to.bool("timed", Some(event.at.is_some()));
    to.text("Operation", event.operation);
    to.text("UserId", event.user);
    to.text("ObjectId", event.object.as_deref());
    to.text("ResultStatus", event.result);
    to.text("Workload", event.workload);
    to.text("ClientIP", event.ip);
    to.text("about", event.about);
    to.text("RecordType", event.kind.as_deref());
    to.text("content", row.str(CONTENT));
    to.text("source", Some(event.source.word()));
    to.text("changes", Some(event.changes.join(" ").as_str()));
    to.text("target", event.target.as_ref().map(|t| t.txt().exact()));
    to.some_words("people", &event.people);
    Ok(())
}

/// A filter term that finds everything a person did or had done to them.
pub fn of_person(upn: Txt<'_>) -> String {
    let column = COLUMNS.iter().find(|c| c.name == "people");
    let value = column.map(|c| filter::print_value(upn.exact(), c));
    format!("people={}", value.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn s0_8_forwarding_is_told_from_other_settings() {
        let of = |op: &str, name: &str, value: &str| {
            about(Json(
                &json!({"Operation": op, "Parameters": [{"Name": name, "Value": value}]}),
            ))
        };
        assert_eq!(of("Set-Mailbox", "AuditEnabled", "True"), None);
        let forwards = Some("forwarding");
        assert_eq!(
            of("Set-Mailbox", "ForwardingSmtpAddress", "smtp:x@y"),
            forwards
        );
        assert_eq!(
            of("Set-Mailbox", "DeliverToMailboxAndForward", "False"),
            None
        );
        assert_eq!(of("New-InboxRule", "ForwardTo", "x@y"), forwards);
        assert_eq!(of("New-InboxRule", "MoveToFolder", "RSS"), Some("rule"));
        assert_eq!(of("Add-MailboxPermission", "User", "x"), Some("permission"));
        assert_eq!(of("Add member to role.", "", ""), Some("role"));
        assert_eq!(of("consent to application.", "", ""), Some("consent"));
        assert_eq!(of("FileDownloaded", "", ""), Some("download"), "S0-9");
        assert_eq!(of("HologramShared", "", ""), None);
        let dlp = json!({"Operation": "DLPRuleMatch"});
        assert_eq!(about(Json(&dlp)), Some("dlp"), "S0-10");
    }

    #[test]
    fn addresses_come_with_and_without_a_port() {
        for (text, bare) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:51514", "203.0.113.7"),
            ("[2001:db8::7]:51514", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("<null>", "<null>"),
        ] {
            assert_eq!(address(text), bare);
        }
    }

    #[test]
    fn times_without_a_zone_are_utc_and_missing_ones_hide_nothing() {
        let read = |row: serde_json::Value| {
            let mut builder = table::ChunkBuilder::new(SPEC.schema());
            decode(Json(&row), &mut Sink::new(COLUMNS, &mut builder)).unwrap();
            builder.end_row();
            builder.finish()
        };
        let at = SPEC.column("time").unwrap();
        let chunk =
            read(json!({"Id": "a", "CreationTime": "2026-08-19T10:00:00", "UserId": "ana@x"}));
        let noon = Ticks::parse("2026-08-19T10:00:00Z").unwrap();
        assert_eq!(chunk.cell(0, at), table::Cell::Time(noon.0));
        let chunk = read(json!({"Id": "a", "RecordType": 4711}));
        assert_eq!(chunk.cell(0, at), table::Cell::Null);
        let kind = SPEC.column("type").unwrap();
        assert_eq!(chunk.cell(0, kind).text().map(|t| t.exact()), Some("4711"));
    }
}
