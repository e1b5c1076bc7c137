//! Where a client secret comes from, each time a token needs it: environment, file or command. Nothing of it is kept.

use super::child;
use crate::config::SecretSource;
use crate::config::file;
use crate::model::{Fault, FaultKind};
use secrecy::SecretString;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Largest secret there is any sense in.
const LIMIT: u64 = 64 * 1024;

/// What a secret command may know of our environment: what password stores need, and nothing that could be a secret.
const PASSED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TERM",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "GNUPGHOME",
    "GPG_TTY",
    "PASSWORD_STORE_DIR",
];

/// Reads the secret.
pub async fn read(source: &SecretSource) -> Result<SecretString, Fault> {
    let text = match source {
        SecretSource::Given(secret) => return Ok(secret.clone()),
        SecretSource::Env(name) => std::env::var(name).map_err(|_| {
            fault(format!("the environment has no {name}"))
                .next("set it for this program, or use `secret-file` or `secret-command`")
        })?,
        SecretSource::File(path) => {
            let path = path.clone();
            tokio::task::spawn_blocking(move || from_file(&path))
                .await
                .unwrap_or_else(|_| Err(fault("the secret file could not be read".into())))?
        }
        SecretSource::Command(argv) => from_command(argv).await?,
    };
    let trimmed = text.trim_end_matches(['\n', '\r']);
    if trimmed.is_empty() {
        return Err(fault("the client secret is empty".into())
            .next("put its value there; it is read anew for each token"));
    }
    Ok(SecretString::from(trimmed))
}

fn fault(what: String) -> Fault {
    Fault::new(FaultKind::SignIn, what)
}

fn from_file(path: &Path) -> Result<String, Fault> {
    private(path, "the client secret", "secret-file")
}

/// A small file that nobody else may read. `what` it holds and the key it stands at are for the sentence.
pub(in crate::backend) fn private(path: &Path, what: &str, key: &str) -> Result<String, Fault> {
    let text = file::read(path, LIMIT)
        .map_err(|e| fault(format!("{what}: {e}")).next(format!("correct the file or `{key}`")))?;
    // readable by others would do for a configuration, not for this
    let open = std::fs::symlink_metadata(path).map_or(0, |m| m.mode() & 0o077);
    if open != 0 {
        return Err(fault(format!("{} can be read by others", path.display()))
            .next("make it yours alone: chmod 600"));
    }
    Ok(text)
}

async fn from_command(argv: &[String]) -> Result<String, Fault> {
    let Some((program, rest)) = argv.split_first().filter(|(p, _)| p.starts_with('/')) else {
        return Err(fault(
            "`secret-command` does not begin with an absolute path".into(),
        ));
    };
    let failed = |why: String| {
        fault(format!("`secret-command` {why}")).next("run it by hand to see what it says")
    };
    let out = child::run(Path::new(program), rest, PASSED)
        .await
        .map_err(failed)?;
    match out.status.success() {
        true => Ok(out.text.to_string()),
        false => Err(failed(format!("ended with {}", out.status))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::os::unix::fs::PermissionsExt;

    async fn read_all(source: SecretSource) -> Result<String, String> {
        read(&source)
            .await
            .map(|s| s.expose_secret().to_owned())
            .map_err(|f| f.what)
    }

    #[tokio::test]
    async fn files_must_be_ours_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "s3cret\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(
            read_all(SecretSource::File(path.clone()))
                .await
                .unwrap_err()
                .contains("read by others")
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(
            read_all(SecretSource::File(path.clone())).await.unwrap(),
            "s3cret"
        );
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(read_all(SecretSource::File(link)).await.is_err());
    }

    #[tokio::test]
    async fn commands_run_without_a_shell_and_without_our_environment() {
        let argv =
            |words: &[&str]| SecretSource::Command(words.iter().map(|w| (*w).to_owned()).collect());
        assert_eq!(
            read_all(argv(&["/bin/echo", "$HOME;x"])).await.unwrap(),
            "$HOME;x"
        );
        let seen = read_all(argv(&["/usr/bin/env"])).await.unwrap();
        assert!(
            seen.lines()
                .all(|l| PASSED.iter().any(|p| l.starts_with(&format!("{p}=")))),
            "{seen}"
        );
        assert!(
            read_all(argv(&["echo", "x"]))
                .await
                .unwrap_err()
                .contains("absolute")
        );
        assert!(
            read_all(argv(&["/bin/false"]))
                .await
                .unwrap_err()
                .contains("ended with")
        );
        assert!(
            read_all(argv(&["/bin/true"]))
                .await
                .unwrap_err()
                .contains("empty")
        );
        assert!(
            read_all(argv(&["/usr/bin/head", "-c", "70000", "/dev/zero"]))
                .await
                .unwrap_err()
                .contains("64 KiB")
        );
    }

    #[tokio::test]
    async fn a_missing_variable_is_named() {
        assert!(
            read_all(SecretSource::Env("WF_NO_SUCH_SECRET".into()))
                .await
                .unwrap_err()
                .contains("WF_NO_SUCH_SECRET")
        );
    }
}
