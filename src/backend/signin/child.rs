//! A program that knows a secret or a token: run without a shell, with little of our environment, for ten seconds at most.

use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use zeroize::Zeroizing;

/// Most of an output that is read.
const LIMIT: u64 = 64 * 1024;
const TIME: Duration = Duration::from_secs(10);

/// What it wrote. Neither is ever logged or shown.
pub struct Output {
    pub status: ExitStatus,
    pub text: Zeroizing<String>,
    /// What it complained of: for looking into.
    pub complaint: Zeroizing<String>,
}

/// Runs a program (absolute path) with these variables of ours and no others. The fault says what went wrong, as the end
/// of a sentence.
pub async fn run<A: AsRef<std::ffi::OsStr>>(
    program: &Path,
    arguments: &[A],
    passed: &[&str],
) -> Result<Output, String> {
    let known = passed
        .iter()
        .filter_map(|n| Some((n, std::env::var_os(n)?)));
    let known: Vec<(&&str, OsString)> = known.collect();
    let mut command = tokio::process::Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(known)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|e| format!("cannot be run: {e}"))?;
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("has no output".into());
    };
    let (mut text, mut complaint) = (Zeroizing::new(Vec::new()), Zeroizing::new(Vec::new()));
    let done = tokio::time::timeout(TIME, async {
        let read = out.take(LIMIT + 1);
        let (a, b) = tokio::join!(
            read_all(read, &mut text),
            // what is beyond the limit of it is not waited for: the pipe just fills
            read_all(err.take(LIMIT), &mut complaint)
        );
        a.and(b)?;
        if text.len() as u64 > LIMIT {
            return Ok(None);
        }
        child.wait().await.map(Some)
    })
    .await;
    let status = match done {
        Err(_) => return Err("took longer than 10 s".into()),
        Ok(Err(e)) => return Err(format!("cannot be read: {e}")),
        Ok(Ok(None)) => return Err("wrote more than 64 KiB".into()),
        Ok(Ok(Some(status))) => status,
    };
    let text = std::str::from_utf8(&text).map_err(|_| "wrote something that is not text")?;
    Ok(Output {
        status,
        text: Zeroizing::new(text.to_owned()),
        complaint: Zeroizing::new(String::from_utf8_lossy(&complaint).into_owned()),
    })
}

async fn read_all(
    mut from: impl tokio::io::AsyncRead + Unpin,
    into: &mut Vec<u8>,
) -> std::io::Result<usize> {
    from.read_to_end(into).await
}
