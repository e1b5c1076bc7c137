//! What can be named: the kinds with a list of their own, and the entities that values refer to.

use table::Text;

/// A resource with a list pane; its `Spec` is `resource/<name>.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Incident,
    Alert,
    Device,
    User,
    /// A machine action: what was asked of a machine.
    Action,
    /// A file, address, name or certificate that the tenant blocks, watches or lets through.
    Indicator,
    /// An alert as Cloud Apps tells it by its own API.
    CloudAlert,
    /// Something that an account did in a cloud app.
    CloudActivity,
    /// A record of the Office 365 activity feed.
    Record,
    /// A content type of that feed, with what was read of it.
    Feed,
    /// A recommended action of the secure score.
    Control,
    /// The secure score of a day.
    Score,
    /// A CVE that the tenant's devices may have.
    Vulnerability,
    Software,
    /// A security recommendation.
    Recommendation,
    /// Software on a device, with a vulnerability or with none known.
    Exposed,
    /// What Microsoft says of the health of one of its services.
    Issue,
    /// What Microsoft announces of changes to its services.
    Announcement,
    /// The exposure or configuration score of a day.
    DeviceScore,
    /// What the owners of devices were asked to mend.
    Task,
}

/// One entity of a kind, by the service's own id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub kind: Kind,
    pub id: Text,
}

impl Key {
    pub fn new(kind: Kind, id: impl Into<Text>) -> Self {
        Self {
            kind,
            id: id.into(),
        }
    }
}

/// Anything a value on screen may point to; opened, found, pivoted into or copied.
///
/// Devices and users are known by several ids; what a piece of evidence carries is kept, and resolving
/// it to a `Key` is a look-up (`resource::link`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EntityRef {
    Incident(Text),
    Alert(Text),
    /// `machine` is the Defender id (40 hex), `azure` the Entra device id, `name` the host or DNS name.
    Device {
        machine: Option<Text>,
        azure: Option<Text>,
        name: Option<Text>,
    },
    /// `id` is the Entra object id, `upn` the sign-in name, `sid` the security id, `name` the account name.
    User {
        id: Option<Text>,
        upn: Option<Text>,
        sid: Option<Text>,
        name: Option<Text>,
    },
    Ip(Text),
    Domain(Text),
    Url(Text),
    /// A file by its hashes; the name is for people.
    File {
        sha1: Option<Text>,
        sha256: Option<Text>,
        md5: Option<Text>,
        name: Option<Text>,
    },
    Mail {
        network_message_id: Option<Text>,
        address: Option<Text>,
    },
    Cve(Text),
    /// A control of the secure score, by the name that scores have for it.
    Control(Text),
    /// The software and vulnerabilities of a machine, by its id.
    WeakOn(Text),
    /// A free value with no type of its own.
    Word(Text),
}

impl EntityRef {
    /// The value that people copy and hunt for: the strongest identifier there is.
    pub fn value(&self) -> Option<&Text> {
        match self {
            Self::Incident(v)
            | Self::Alert(v)
            | Self::Ip(v)
            | Self::Domain(v)
            | Self::Url(v)
            | Self::Cve(v)
            | Self::Control(v)
            | Self::WeakOn(v)
            | Self::Word(v) => Some(v),
            Self::Device {
                machine,
                azure,
                name,
            } => name.as_ref().or(machine.as_ref()).or(azure.as_ref()),
            Self::User { id, upn, sid, name } => upn
                .as_ref()
                .or(name.as_ref())
                .or(id.as_ref())
                .or(sid.as_ref()),
            Self::File {
                sha1,
                sha256,
                md5,
                name,
            } => sha256
                .as_ref()
                .or(sha1.as_ref())
                .or(md5.as_ref())
                .or(name.as_ref()),
            Self::Mail {
                network_message_id,
                address,
            } => network_message_id.as_ref().or(address.as_ref()),
        }
    }

    /// The word for it in the interface.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Incident(_) => "incident",
            Self::Alert(_) => "alert",
            Self::Device { .. } => "device",
            Self::User { .. } => "user",
            Self::Ip(_) => "address",
            Self::Domain(_) => "domain",
            Self::Url(_) => "URL",
            Self::File { .. } => "file",
            Self::Mail { .. } => "mail",
            Self::Cve(_) => "vulnerability",
            Self::Control(_) => "control",
            Self::WeakOn(_) => "device",
            Self::Word(_) => "value",
        }
    }
}
