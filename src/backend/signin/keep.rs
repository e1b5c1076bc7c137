//! A person's session from run to run: the refresh token in a file of ours alone, only where `keep-session` asks for it.
//!
//! It is as good as the person for ninety days, which is why nobody gets it without asking. It is bound to tenant,
//! application and login host, replaced in one step with each new one, and removed when the session ends.

use super::secret;
use crate::backend::core::{Core, lock};
use crate::config::{TenantConfig, file};
use crate::msg::Level;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

#[derive(Serialize)]
struct Written<'a> {
    schema: u32,
    bound: String,
    refresh_token: &'a str,
}

#[derive(Deserialize)]
struct Found {
    schema: u32,
    bound: String,
    refresh_token: SecretString,
}

/// Where it is kept, if it is.
fn place(tenant: &TenantConfig) -> Option<&PathBuf> {
    let path = tenant.access.session_file.as_ref();
    path.filter(|p| p.is_absolute())
}

/// What a session is good for, in one line.
fn bound(tenant: &TenantConfig) -> String {
    let login = match &tenant.urls.login {
        Some(url) => url.as_str(),
        None => tenant.cloud.login(),
    };
    format!("{} {} {login}", tenant.tenant_id, tenant.client_id)
}

/// The session that was kept, if there is one of this very tenant, application and login host.
pub async fn load(core: &Arc<Core>) -> Option<SecretString> {
    let path = place(&core.tenant)?.clone();
    let bound = bound(&core.tenant);
    let read = tokio::task::spawn_blocking(move || read(&path, &bound)).await;
    match read.unwrap_or(Ok(None)) {
        Ok(found) => found,
        Err(why) => {
            core.notice(Level::Warn, format!("the kept session is not used: {why}"));
            None
        }
    }
}

fn read(path: &Path, bound: &str) -> Result<Option<SecretString>, String> {
    if std::fs::symlink_metadata(path).is_err() {
        return Ok(None);
    }
    let text = secret::private(path, "the session", "keep-session").map_err(|f| f.to_string())?;
    let text = Zeroizing::new(text);
    let found: Found = serde_json::from_str(&text)
        .map_err(|_| format!("{} cannot be read; sign in anew", path.display()))?;
    Ok((found.schema == 1 && found.bound == bound).then_some(found.refresh_token))
}

/// Keeps the session as it stands when it is written: of several writers the last has the newest.
pub fn store(core: &Arc<Core>) {
    let Some(path) = place(&core.tenant).cloned() else {
        return;
    };
    let core = Arc::clone(core);
    tokio::task::spawn_blocking(move || {
        let _turn = lock(&core.desk.writing);
        let Some(token) = core.desk.refresh() else {
            return;
        };
        let written = Written {
            schema: 1,
            bound: bound(&core.tenant),
            refresh_token: token.expose_secret(),
        };
        let text = Zeroizing::new(serde_json::to_string(&written).unwrap_or_default());
        if let Err(e) = file::write_atomic(&path, text.as_bytes()) {
            let what = format!("the session cannot be kept in {}: {e}", path.display());
            core.notice(Level::Warn, what);
        }
    });
}

/// The session is over: what was kept of it goes.
pub fn forget(core: &Arc<Core>) {
    if let Some(path) = place(&core.tenant).cloned() {
        let core = Arc::clone(core);
        tokio::task::spawn_blocking(move || {
            let _turn = lock(&core.desk.writing);
            let _ = std::fs::remove_file(path);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_kept_session_is_taken_for_what_it_was_made_for_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        assert!(read(&path, "t c l").unwrap().is_none());
        let written = r#"{"schema":1,"bound":"t c l","refresh_token":"r1"}"#;
        file::write_atomic(&path, written.as_bytes()).unwrap();
        let found = read(&path, "t c l").unwrap().unwrap();
        assert_eq!(found.expose_secret(), "r1");
        assert!(read(&path, "t c elsewhere").unwrap().is_none());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read(&path, "t c l").unwrap_err().contains("read by others"));
        file::write_atomic(&path, b"{").unwrap();
        assert!(read(&path, "t c l").unwrap_err().contains("cannot be read"));
    }
}
