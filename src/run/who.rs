//! Who runs this program where, for the record; and the opener of portal pages.

use crate::audit::file::Writer;

/// Told once per run, put into every line of the record.
pub fn writer() -> Writer {
    let uid = rustix::process::getuid().as_raw();
    let name = std::env::var("USER").ok().filter(|s| !s.is_empty());
    let host = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    Writer {
        session: uuid::Uuid::new_v4().to_string(),
        os_user: name.map_or_else(|| uid.to_string(), |n| format!("{n} ({uid})")),
        host,
        tty: std::fs::read_link("/proc/self/fd/0")
            .ok()
            .map(|p| p.to_string_lossy().into_owned())
            .filter(|p| p.starts_with("/dev/")),
        ssh: std::env::var("SSH_CONNECTION")
            .ok()
            .filter(|s| !s.is_empty()),
    }
}
