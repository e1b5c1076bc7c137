//! One tenant as configured (`[tenant.NAME]` of `config.toml`, or the environment, or the simulator's own line).

use super::Sources;
use crate::model::{Guards, Service, Ticks};
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A tenant to sign in to.
#[derive(Clone, Debug)]
pub struct TenantConfig {
    /// Our name for it: header, prompts, folders.
    pub name: String,
    pub tenant_id: String,
    pub client_id: String,
    pub cloud: Cloud,
    pub sign_in: SignIn,
    /// Who acts with app-only sign-in (UPN).
    pub analyst: Option<String>,
    /// Overrides; each replaces the compiled-in origins of its service by this one origin.
    pub urls: Urls,
    /// Why nothing may be written, if so.
    pub read_only: Option<String>,
    pub cache: Cache,
    /// The other side is the simulator: plain http to loopback is allowed, secrets of real sources are not.
    pub sim: bool,
    /// Rules about targets, and switches that are off until set.
    pub guards: Arc<Guards>,
    /// More trusted roots (PEM).
    pub ca_file: Option<PathBuf>,
    /// Where else queries may run.
    pub sources: Sources,
    /// What else is said of its sign-in.
    pub access: Access,
}

/// Of a tenant's sign-in, what few need to say.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Where the session of a person is kept from run to run; none = in memory alone.
    pub session_file: Option<PathBuf>,
    /// The day the client secret ends, as the portal shows it.
    pub secret_expires: Option<Ticks>,
    /// By which every request of this tenant goes; none = as the environment says.
    pub proxy: Option<Proxy>,
    /// What changes something is signed in for apart.
    pub write: Option<Arc<Writer>>,
}

/// A proxy of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Without a password.
    pub url: Url,
    /// Holds `USER:PASSWORD`, for a proxy that wants one.
    pub password_file: Option<PathBuf>,
}

/// A credential of its own for writes (`security.md` 2).
#[derive(Clone, Debug)]
pub struct Writer {
    pub client_id: String,
    /// Never one that needs a person.
    pub sign_in: SignIn,
    /// Without a write for so long its tokens are dropped.
    pub idle: Duration,
}

/// Versioned roots (`…/v1.0`, `…/api`; login without the tenant).
#[derive(Clone, Debug, Default)]
pub struct Urls {
    pub login: Option<Url>,
    pub graph: Option<Url>,
    pub defender: Option<Url>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cloud {
    #[default]
    Global,
    GccHigh,
    Dod,
    China,
}

/// Where cached rows may live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cache {
    #[default]
    On,
    Memory,
    Off,
}

/// How to sign in.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// Client credentials.
    Secret(SecretSource),
    /// Client credentials with a key: a PEM file of certificate and RSA key.
    Certificate(PathBuf),
    /// The token another issuer leaves in a file; none = where `AZURE_FEDERATED_TOKEN_FILE` says.
    WorkloadIdentity(Option<PathBuf>),
    /// What the cloud that this machine runs in knows it as.
    ManagedIdentity(Identity),
    /// Whoever `az` is signed in as; a path where it is not the first one in PATH.
    AzureCli(Option<PathBuf>),
    /// A code typed on another device.
    DeviceCode,
    /// A browser elsewhere; the final URL is pasted back.
    Browser,
}

/// Where the machine's own identity is asked for. Its Debug text shows no secret.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// None = where `IDENTITY_ENDPOINT` says, else the metadata address.
    pub endpoint: Option<Url>,
    /// What proves to the endpoint that a process of this machine asks; none = `IDENTITY_HEADER`.
    pub header: Option<SecretString>,
}

impl SignIn {
    /// Somebody has to type or to open something.
    pub fn needs_person(&self) -> bool {
        matches!(self, Self::DeviceCode | Self::Browser)
    }

    /// As `sign-in` calls it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Secret(_) => "secret",
            Self::Certificate(_) => "certificate",
            Self::WorkloadIdentity(_) => "workload-identity",
            Self::ManagedIdentity(_) => "managed-identity",
            Self::AzureCli(_) => "azure-cli",
            Self::DeviceCode => "device-code",
            Self::Browser => "browser",
        }
    }
}

/// Where the client secret comes from, each time it is needed. Its Debug text shows no secret.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// Name of an environment variable, read and removed from our environment at start.
    Env(String),
    File(PathBuf),
    /// argv without a shell; absolute path.
    Command(Vec<String>),
    /// Handed over in memory (the embedded simulator, tests).
    Given(SecretString),
}

impl Cloud {
    /// The login host's root.
    pub fn login(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::GccHigh | Self::Dod => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    /// The versioned root of a service, or none where the cloud has no such service.
    pub fn root(self, service: Service) -> Option<&'static str> {
        Some(match (service, self) {
            (Service::Graph, Self::Global) => "https://graph.microsoft.com/v1.0",
            (Service::Graph, Self::GccHigh) => "https://graph.microsoft.us/v1.0",
            (Service::Graph, Self::Dod) => "https://dod-graph.microsoft.us/v1.0",
            (Service::Graph, Self::China) => "https://microsoftgraph.chinacloudapi.cn/v1.0",
            (Service::Defender, Self::Global) => "https://api.security.microsoft.com/api",
            (Service::Defender, Self::GccHigh | Self::Dod) => {
                "https://api-gov.securitycenter.microsoft.us/api"
            }
            (Service::Defender, Self::China) => return None,
            (Service::LogAnalytics, Self::Global) => "https://api.loganalytics.azure.com/v1",
            (Service::LogAnalytics, Self::GccHigh | Self::Dod) => "https://api.loganalytics.us/v1",
            (Service::LogAnalytics, Self::China) => "https://api.loganalytics.azure.cn/v1",
            // each cluster is an origin of its own, and so is each tenant of Cloud Apps
            (Service::Explorer | Service::CloudApps, _) => return None,
            (Service::Office, Self::Global) => "https://manage.office.com/api",
            (Service::Office, Self::GccHigh) => "https://manage.office365.us/api",
            (Service::Office, Self::Dod) => "https://manage.protection.apps.mil/api",
            (Service::Office, Self::China) => return None,
        })
    }

    /// Further origins that may receive this service's token (canonical, older and geographic hosts).
    pub fn also(self, service: Service) -> &'static [&'static str] {
        match (service, self) {
            (Service::Defender, Self::Global) => &[
                "https://api.securitycenter.microsoft.com",
                "https://us.api.security.microsoft.com",
                "https://eu.api.security.microsoft.com",
                "https://uk.api.security.microsoft.com",
                "https://au.api.security.microsoft.com",
                "https://swa.api.security.microsoft.com",
                "https://ina.api.security.microsoft.com",
                "https://aea.api.security.microsoft.com",
            ],
            (Service::LogAnalytics, Self::Global) => &["https://api.loganalytics.io"],
            _ => &[],
        }
    }

    /// The scope of a service. From the cloud, never from a URL (`security.md` 1).
    pub fn scope(self, service: Service) -> &'static str {
        match (service, self) {
            (Service::Graph, Self::Global) => "https://graph.microsoft.com/.default",
            (Service::Graph, Self::GccHigh) => "https://graph.microsoft.us/.default",
            (Service::Graph, Self::Dod) => "https://dod-graph.microsoft.us/.default",
            (Service::Graph, Self::China) => "https://microsoftgraph.chinacloudapi.cn/.default",
            (Service::Defender, Self::GccHigh | Self::Dod) => {
                "https://api-gov.securitycenter.microsoft.us/.default"
            }
            (Service::Defender, _) => "https://api.securitycenter.microsoft.com/.default",
            (Service::LogAnalytics, Self::Global) => "https://api.loganalytics.io/.default",
            (Service::LogAnalytics, Self::GccHigh | Self::Dod) => {
                "https://api.loganalytics.us/.default"
            }
            (Service::LogAnalytics, Self::China) => "https://api.loganalytics.azure.cn/.default",
            (Service::Explorer, Self::Global) => "https://kusto.kusto.windows.net/.default",
            (Service::Explorer, Self::GccHigh | Self::Dod) => {
                "https://kusto.kusto.usgovcloudapi.net/.default"
            }
            (Service::Explorer, Self::China) => "https://kusto.kusto.chinacloudapi.cn/.default",
            (Service::CloudApps, _) => "05a65629-4c1b-48c1-a78b-804c4abdd4af/.default",
            (Service::Office, Self::GccHigh) => "https://manage.office365.us/.default",
            (Service::Office, Self::Dod) => "https://manage.protection.apps.mil/.default",
            (Service::Office, _) => "https://manage.office.com/.default",
        }
    }

    /// What the host of a tenant's Cloud Apps ends with; none where the cloud has no such service.
    pub fn cloud_apps(self) -> Option<&'static str> {
        match self {
            Self::Global => Some(".portal.cloudappsecurity.com"),
            Self::GccHigh | Self::Dod => Some(".portal.cloudappsecurity.us"),
            Self::China => None,
        }
    }

    /// What the host of a Data Explorer cluster ends with.
    pub fn clusters(self) -> &'static str {
        match self {
            Self::Global => ".kusto.windows.net",
            Self::GccHigh | Self::Dod => ".kusto.usgovcloudapi.net",
            Self::China => ".kusto.chinacloudapi.cn",
        }
    }
}
