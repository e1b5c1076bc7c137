//! Who runs this program where, for the record; and the opener of portal pages.

use crate::audit::file::Writer;
use crate::config::guards::{self, Policy};
use crate::model::guard::Here;
use std::path::Path;

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
        policy: Policy::load(Path::new(guards::POLICY)).hash,
    }
}

/// The computer this runs on: its name, and the addresses of network cards that are more than software.
pub fn here() -> Option<Here> {
    let uname = rustix::system::uname();
    let host = uname.nodename().to_string_lossy().to_lowercase();
    let name = host.split('.').next().unwrap_or_default().to_owned();
    let cards = std::fs::read_dir("/sys/class/net").into_iter().flatten();
    let card = |path: std::path::PathBuf| {
        let address = std::fs::read_to_string(path.join("address")).ok()?;
        path.join("device").exists().then(|| {
            let hex = address.chars().filter(char::is_ascii_hexdigit);
            hex.collect::<String>().to_lowercase()
        })
    };
    let cards = cards.flatten().filter_map(|e| card(e.path()));
    let cards: Vec<String> = cards
        .filter(|c| c.len() == 12 && c.bytes().any(|b| b != b'0'))
        .collect();
    (!name.is_empty() && name != "localhost").then_some(Here { name, cards })
}

/// Opens an https page with the desktop's opener, without a shell and without our environment's secrets. False: there is none.
pub fn open(url: &str) -> bool {
    const OPENERS: &[&str] = &["/usr/bin/xdg-open", "/usr/bin/open"];
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|v| std::env::var_os(v).is_some())
        || cfg!(target_os = "macos");
    if !desktop || !url.starts_with("https://") {
        return false;
    }
    let Some(opener) = OPENERS.iter().find(|p| std::path::Path::new(p).exists()) else {
        return false;
    };
    let mut command = std::process::Command::new(opener);
    command.arg(url).env_clear();
    for keep in [
        "HOME",
        "PATH",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XDG_RUNTIME_DIR",
        "DBUS_SESSION_BUS_ADDRESS",
        "XAUTHORITY",
        "LANG",
    ] {
        if let Some(value) = std::env::var_os(keep) {
            command.env(keep, value);
        }
    }
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    match command.spawn() {
        Ok(mut child) => {
            let _ = std::thread::Builder::new()
                .name("opener".into())
                .spawn(move || child.wait());
            true
        }
        Err(_) => false,
    }
}
