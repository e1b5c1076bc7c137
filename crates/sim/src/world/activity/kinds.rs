//! Kinds of records that fill the feed between what the stories left there. Data only.

use super::Content::{self, Directory, Dlp, Exchange, General, SharePoint};

/// How a record is written beside what all of them have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A change in the directory.
    Directory,
    /// A sign-in, and whether it went well.
    Logon(bool),
    /// A command of an administrator of Exchange, with its parameters.
    Command(&'static [(&'static str, &'static str)]),
    /// Items of a mailbox.
    Item,
    /// A file or page.
    File,
    /// A file given to somebody.
    Share,
    /// Something in Teams.
    Team,
    /// An alert of the compliance centre.
    Alert,
    /// A rule of data loss prevention matched: SharePoint, Exchange or a device.
    Rule(Place),
    /// Only what all of them have.
    Plain,
}

/// Where a rule matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Site,
    Mail,
    Device,
}

/// A kind of record: where it is listed, its type's number, operation, workload, form, weight.
#[derive(Debug)]
pub struct Kind {
    pub content: Content,
    pub record: u16,
    pub operation: &'static str,
    pub workload: &'static str,
    pub form: Form,
    pub weight: u32,
}

const fn kind(
    content: Content,
    record: u16,
    operation: &'static str,
    workload: &'static str,
    form: Form,
    weight: u32,
) -> Kind {
    Kind {
        content,
        record,
        operation,
        workload,
        form,
        weight,
    }
}

const AAD: &str = "AzureActiveDirectory";
const MAIL: &str = "Exchange";
const SITE: &str = "SharePoint";
const DRIVE: &str = "OneDrive";
const TEAMS: &str = "MicrosoftTeams";
const CENTRE: &str = "SecurityComplianceCenter";

/// All of them, by content.
#[rustfmt::skip]
pub static KINDS: [Kind; 61] = [
    kind(Directory, 15, "UserLoggedIn", AAD, Form::Logon(true), 140),
    kind(Directory, 15, "UserLoginFailed", AAD, Form::Logon(false), 22),
    kind(Directory, 8, "Update user.", AAD, Form::Directory, 12),
    kind(Directory, 8, "Update device.", AAD, Form::Directory, 8),
    kind(Directory, 8, "Add member to group.", AAD, Form::Directory, 6),
    kind(Directory, 8, "Remove member from group.", AAD, Form::Directory, 3),
    kind(Directory, 8, "Change user password.", AAD, Form::Directory, 4),
    kind(Directory, 8, "Reset user password.", AAD, Form::Directory, 3),
    kind(Directory, 8, "Add member to role.", AAD, Form::Directory, 1),
    kind(Directory, 8, "Consent to application.", AAD, Form::Directory, 1),
    kind(Directory, 8, "Add app role assignment grant to user.", AAD, Form::Directory, 2),
    kind(Exchange, 50, "MailItemsAccessed", MAIL, Form::Item, 80),
    kind(Exchange, 2, "Send", MAIL, Form::Item, 40),
    kind(Exchange, 2, "Create", MAIL, Form::Item, 12),
    kind(Exchange, 2, "SendAs", MAIL, Form::Item, 2),
    kind(Exchange, 2, "SendOnBehalf", MAIL, Form::Item, 2),
    kind(Exchange, 3, "MoveToDeletedItems", MAIL, Form::Item, 20),
    kind(Exchange, 3, "SoftDelete", MAIL, Form::Item, 18),
    kind(Exchange, 3, "HardDelete", MAIL, Form::Item, 9),
    kind(Exchange, 2, "UpdateInboxRules", MAIL, Form::Item, 1),
    kind(Exchange, 1, "New-InboxRule", MAIL, Form::Command(&[("Name", "Newsletters"), ("SubjectContainsWords", "newsletter"), ("MoveToFolder", "Newsletters")]), 2),
    kind(Exchange, 1, "Set-InboxRule", MAIL, Form::Command(&[("Identity", "Newsletters"), ("Enabled", "True")]), 1),
    kind(Exchange, 1, "Set-Mailbox", MAIL, Form::Command(&[("AuditEnabled", "True")]), 2),
    kind(Exchange, 1, "Set-Mailbox", MAIL, Form::Command(&[("ForwardingSmtpAddress", "smtp:archive@contoso.com"), ("DeliverToMailboxAndForward", "True")]), 1),
    kind(Exchange, 1, "Add-MailboxPermission", MAIL, Form::Command(&[("User", "helpdesk@contoso.com"), ("AccessRights", "FullAccess"), ("InheritanceType", "All")]), 1),
    kind(Exchange, 1, "Remove-MailboxPermission", MAIL, Form::Command(&[("User", "helpdesk@contoso.com"), ("AccessRights", "FullAccess")]), 1),
    kind(Exchange, 1, "Add-RecipientPermission", MAIL, Form::Command(&[("Trustee", "assistant@contoso.com"), ("AccessRights", "SendAs")]), 1),
    kind(Exchange, 1, "Set-TransportRule", MAIL, Form::Command(&[("Name", "=HYPERLINK(\"https://example.org\")"), ("SetSCL", "-1")]), 1),
    kind(SharePoint, 6, "FileAccessed", SITE, Form::File, 70),
    kind(SharePoint, 6, "FileAccessed", DRIVE, Form::File, 40),
    kind(SharePoint, 6, "FileModified", DRIVE, Form::File, 30),
    kind(SharePoint, 6, "FileModifiedExtended", SITE, Form::File, 20),
    kind(SharePoint, 6, "FileDownloaded", SITE, Form::File, 14),
    kind(SharePoint, 6, "FileSyncDownloadedFull", DRIVE, Form::File, 12),
    kind(SharePoint, 6, "FileUploaded", SITE, Form::File, 12),
    kind(SharePoint, 6, "FilePreviewed", SITE, Form::File, 10),
    kind(SharePoint, 6, "FileDeleted", DRIVE, Form::File, 5),
    kind(SharePoint, 4, "PageViewed", SITE, Form::File, 20),
    kind(SharePoint, 14, "SharingSet", SITE, Form::Share, 4),
    kind(SharePoint, 14, "SharingInvitationCreated", SITE, Form::Share, 1),
    kind(SharePoint, 14, "CompanyLinkCreated", DRIVE, Form::Share, 3),
    kind(SharePoint, 14, "AnonymousLinkCreated", DRIVE, Form::Share, 2),
    kind(SharePoint, 14, "AddedToSecureLink", SITE, Form::Share, 2),
    kind(General, 25, "TeamsSessionStarted", TEAMS, Form::Team, 40),
    kind(General, 25, "MessageSent", TEAMS, Form::Team, 30),
    kind(General, 25, "MeetingParticipantDetail", TEAMS, Form::Team, 12),
    kind(General, 25, "MemberAdded", TEAMS, Form::Team, 5),
    kind(General, 25, "AppInstalled", TEAMS, Form::Team, 1),
    kind(General, 20, "ViewReport", "PowerBI", Form::Plain, 10),
    kind(General, 30, "EditFlow", "MicrosoftFlow", Form::Plain, 2),
    kind(General, 40, "AlertEntityGenerated", CENTRE, Form::Alert, 2),
    kind(General, 65, "QuarantineReleaseMessage", "Quarantine", Form::Plain, 1),
    kind(General, 83, "SensitivityLabelApplied", "PublicEndpoint", Form::Plain, 8),
    kind(General, 261, "CopilotInteraction", "Copilot", Form::Plain, 6),
    kind(General, 235, "SensorUpdated", "MicrosoftDefenderForIdentity", Form::Plain, 1),
    // a type that nobody has named yet, from a workload of its own
    kind(General, 4711, "HologramShared", "MicrosoftHolograms", Form::Plain, 1),
    kind(Dlp, 11, "DlpRuleMatch", SITE, Form::Rule(Place::Site), 30),
    kind(Dlp, 11, "DlpRuleMatch", DRIVE, Form::Rule(Place::Site), 12),
    kind(Dlp, 13, "DlpRuleMatch", MAIL, Form::Rule(Place::Mail), 24),
    kind(Dlp, 13, "DlpRuleUndo", MAIL, Form::Rule(Place::Mail), 2),
    kind(Dlp, 63, "DLPRuleMatch", "Endpoint", Form::Rule(Place::Device), 14),
];

/// Files that ordinary records are about; `{n}` is a number.
pub static FILES: [&str; 12] = [
    "Plan {n}.xlsx",
    "Notes {n}.docx",
    "Brochure {n}.pdf",
    "Budget {n}.xlsx",
    "Minutes {n}.docx",
    "Résumé {n}.pdf",
    "議事録 {n}.docx",
    "Отчёт {n}.pptx",
    "=cmd|' /C calc'!A{n}.csv",
    "invoice\u{202e}fdp.{n}.exe",
    "Price list {n} 😀.xlsx",
    "photo {n}.jpg",
];
