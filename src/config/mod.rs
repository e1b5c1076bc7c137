//! Configuration as data: tenants, settings, where files live, and which files are believed.

pub mod audit;
pub mod dirs;
pub mod edit;
pub mod file;
pub mod guards;
pub mod load;
pub mod settings;
pub mod sign_in;
pub mod sources;
pub mod tenant;
pub mod theme;

pub use audit::{AuditConfig, WitnessConfig};
pub use dirs::Dirs;
pub use load::{Config, ConfigFault, Extra};
pub use sources::Sources;
pub use tenant::{
    Access, Cache, Cloud, Identity, Proxy, SecretSource, SignIn, TenantConfig, Urls, Writer,
};
