//! Tokens of whoever `az` is signed in as. The Azure CLI keeps the session; we ask for a token and keep nothing else.
//!
//! A person's tokens from it are for the Azure CLI's own application, which nobody gives security permissions to: they
//! serve Log Analytics and Data Explorer, and a service principal's serve everything that it was granted.

use super::{Grant, child, managed};
use crate::backend::core::Core;
use crate::model::{Fault, FaultKind, Service};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What `az` needs to find its own session, and no more.
const PASSED: &[&str] = &["PATH", "HOME", "AZURE_CONFIG_DIR"];

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "accessToken")]
    access: SecretString,
    /// Seconds since 1970; older ones tell local time only, in `expiresOn`, which is not believed.
    #[serde(default)]
    expires_on: Value,
    #[serde(default)]
    tenant: Option<String>,
}

fn fault(what: impl Into<String>) -> Fault {
    Fault::new(FaultKind::SignIn, what)
}

/// A token for a resource.
pub async fn grant(core: &Core, az: Option<&Path>, scope: &str) -> Result<Grant, Fault> {
    let program = match az {
        Some(path) => path.to_owned(),
        None => find(std::env::var_os("PATH").unwrap_or_default()).ok_or_else(|| {
            fault("there is no `az` in PATH")
                .next("install the Azure CLI, set `az` to its path, or sign in by \"device-code\"")
        })?,
    };
    let tenant = core.tenant.tenant_id.as_str();
    let arguments = [
        "account",
        "get-access-token",
        "--resource",
        scope.strip_suffix("/.default").unwrap_or(scope),
        "--tenant",
        tenant,
        "--output",
        "json",
    ];
    let out = child::run(&program, &arguments, PASSED)
        .await
        .map_err(|why| {
            fault(format!("{} {why}", program.display()))
                .next("run `az account show` by hand to see what it says")
        })?;
    if !out.status.success() {
        return Err(refused(&out.complaint, tenant));
    }
    let given: Answer = serde_json::from_str(&out.text).map_err(|_| {
        Fault::new(FaultKind::BadAnswer, "the answer of `az` cannot be read")
            .next("update the Azure CLI; `az version` shows which one it is")
    })?;
    if let Some(other) = given
        .tenant
        .filter(|t| uuid::Uuid::parse_str(tenant).is_ok() && !t.eq_ignore_ascii_case(tenant))
    {
        return Err(fault(format!(
            "`az` gave a token of another tenant, {}",
            crate::backend::fault::shown(&other)
        ))
        .next(format!("az login --tenant {tenant}")));
    }
    Ok(Grant {
        expires_in: managed::life(core, &Value::Null, &given.expires_on),
        access: Arc::new(given.access),
        refresh_in: None,
        refresh: None,
        id_token: None,
        scope: None,
    })
}

/// What a person's token from here cannot do, for those services where that matters.
pub fn lacking(service: Service, app: Option<bool>) -> Option<&'static str> {
    (app == Some(false) && matches!(
        service,
        Service::Graph | Service::Defender | Service::CloudApps | Service::Office
    )).then_some(
        "az is signed in as a person: its tokens have no security permissions, so only Log Analytics and Data Explorer can be read; \
         for the rest sign in by \"device-code\" or \"browser\", or let az be a service principal",
    )
}

fn refused(complaint: &str, tenant: &str) -> Fault {
    let code = crate::backend::aadsts::code_of(complaint);
    if let Some((row, code)) = crate::backend::aadsts::meaning(code.as_slice()) {
        return Fault::new(row.kind, format!("az: {} (AADSTS{code})", row.what))
            .next(format!("{}; az login --tenant {tenant}", row.next));
    }
    if complaint.contains("az login") {
        return fault("nobody is signed in to the Azure CLI for this tenant").next(format!(
            "az login --tenant {tenant}; on a host without a browser add --use-device-code"
        ));
    }
    // its words may hold anything: they are not repeated
    fault("`az account get-access-token` failed").next("run it by hand to see what it says")
}

/// The first `az` of PATH; a folder that is not absolute is nobody's place for a program that gives out tokens.
fn find(path: std::ffi::OsString) -> Option<PathBuf> {
    std::env::split_paths(&path)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join("az"))
        .find(|az| {
            std::fs::metadata(az).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_looked_for_in_absolute_folders_only() {
        let dir = tempfile::tempdir().unwrap();
        let az = dir.path().join("az");
        let path = || std::env::join_paths([Path::new("."), dir.path()]).unwrap();
        std::fs::write(&az, "#!/bin/sh\n").unwrap();
        assert_eq!(find(path()), None, "not to be run");
        std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find(path()), Some(az));
        assert_eq!(find(".".into()), None);
    }

    #[test]
    fn complaints_become_a_step() {
        let t = "contoso.com";
        assert!(
            refused("ERROR: Please run 'az login' to setup account.", t)
                .next
                .starts_with("az login --tenant contoso.com")
        );
        assert!(
            refused("ERROR: AADSTS50173: the grant has expired", t)
                .what
                .contains("AADSTS50173")
        );
        let other = refused("ERROR: secret=abc", t);
        assert!(!other.what.contains("abc") && !other.next.is_empty());
    }

    #[test]
    fn a_person_is_told_what_is_missing_and_a_principal_is_not() {
        assert!(lacking(Service::Graph, Some(false)).is_some());
        assert!(lacking(Service::LogAnalytics, Some(false)).is_none());
        assert!(lacking(Service::Defender, Some(true)).is_none());
    }
}
