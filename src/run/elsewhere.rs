//! A query's text in the person's own editor: a file that nobody else can read, removed with its folder.

use crate::config::file;
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Most that is read back.
const MOST: u64 = 2 << 20;

/// What of our environment an editor gets: enough to find itself, its files and the screen; no secrets of ours.
const KEPT: &[&str] = &[
    "HOME",
    "PATH",
    "TERM",
    "COLORTERM",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "SHELL",
    "USER",
    "LOGNAME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "VIM",
    "VIMRUNTIME",
    "TMUX",
];

/// The person's editor and its words: VISUAL, EDITOR, or vi.
pub fn program() -> Result<Vec<OsString>, String> {
    let chosen = ["VISUAL", "EDITOR"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.trim().is_empty());
    named(
        chosen.as_deref().unwrap_or("vi"),
        &std::env::var_os("PATH").unwrap_or_default(),
    )
}

/// The words of a command, its program as an absolute path.
fn named(command: &str, path: &std::ffi::OsStr) -> Result<Vec<OsString>, String> {
    let mut words = command.split_whitespace();
    let name = words.next().unwrap_or_default();
    let runs = |p: &Path| {
        std::fs::metadata(p).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
    };
    let found = if name.contains('/') {
        Some(PathBuf::from(name)).filter(|p| p.is_absolute() && runs(p))
    } else {
        // a part of PATH that is not absolute is the current folder in disguise
        std::env::split_paths(path)
            .filter(|dir| dir.is_absolute())
            .map(|dir| dir.join(name))
            .find(|p| runs(p))
    };
    let Some(program) = found else {
        let shown = table::Txt::new(name).shown().into_owned();
        return Err(format!(
            "the editor `{shown}` is not there; set EDITOR to a program"
        ));
    };
    Ok(std::iter::once(program.into_os_string())
        .chain(words.map(OsString::from))
        .collect())
}

/// A folder that goes with its file.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the editor on a text and waits; the text as it was left. The terminal is the editor's meanwhile.
pub fn edit(program: &[OsString], text: &str) -> Result<String, String> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let base = runtime
        .filter(|d| d.is_absolute() && d.is_dir())
        .unwrap_or_else(std::env::temp_dir);
    edit_in(&base, program, text)
}

fn edit_in(base: &Path, program: &[OsString], text: &str) -> Result<String, String> {
    let no = |what: &str| {
        let what = what.to_owned();
        move |e: std::io::Error| format!("{what}: {e}; the text is as before")
    };
    let folder = Folder(base.join(format!("watchfloor-{}", uuid::Uuid::new_v4())));
    file::private_dir(&folder.0).map_err(no("no folder for the editor"))?;
    let path = folder.0.join("query.kql");
    let ended = if text.ends_with('\n') { "" } else { "\n" };
    let mut options = std::fs::OpenOptions::new();
    let mut made = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(no("no file for the editor"))?;
    made.write_all(format!("{text}{ended}").as_bytes())
        .map_err(no("no file for the editor"))?;
    drop(made);
    let Some((first, words)) = program.split_first() else {
        return Err("there is no editor".into());
    };
    let mut command = Command::new(first);
    command.args(words).arg(&path).env_clear();
    for name in KEPT {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let status = command.status().map_err(no("the editor did not start"))?;
    if !status.success() {
        return Err(format!(
            "the editor ended with {status}; the text is as before"
        ));
    }
    let left = file::read(&path, MOST).map_err(|e| format!("{e}; the text is as before"))?;
    Ok(match left.strip_suffix('\n') {
        Some(body) if !ended.is_empty() => body.to_owned(),
        _ => left,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(dir: &Path, body: &str) -> Vec<OsString> {
        let path = dir.join("editor");
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        vec![path.into_os_string()]
    }

    #[test]
    fn the_text_goes_out_and_comes_back_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let said = dir.path().join("said");
        let body = format!(
            "stat -c %a \"$1\" $(dirname \"$1\") > {0}; env >> {0}; printf 'A\\n| take 5\\n' > \"$1.new\"; mv \"$1.new\" \"$1\"",
            said.display()
        );
        let program = script(dir.path(), &body);
        let runtime = dir.path().join("run");
        std::fs::create_dir(&runtime).unwrap();
        assert_eq!(edit_in(&runtime, &program, "A").unwrap(), "A\n| take 5");
        let told = std::fs::read_to_string(&said).unwrap();
        assert!(told.starts_with("600\n700\n"), "{told}");
        assert!(!told.contains("CARGO"), "{told}");
        assert_eq!(std::fs::read_dir(&runtime).unwrap().count(), 0);
    }

    #[test]
    fn an_editor_that_fails_changes_nothing_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let program = script(dir.path(), "echo gone > \"$1\"; exit 3");
        let runtime = dir.path().join("run");
        std::fs::create_dir(&runtime).unwrap();
        let why = edit_in(&runtime, &program, "A").unwrap_err();
        assert!(why.contains("as before"), "{why}");
        assert_eq!(std::fs::read_dir(&runtime).unwrap().count(), 0);
    }

    #[test]
    fn an_editor_is_found_by_its_name_and_never_in_the_current_folder() {
        let dir = tempfile::tempdir().unwrap();
        script(dir.path(), "true");
        let path = std::env::join_paths([Path::new("."), dir.path()]).unwrap();
        let words = named("editor --wait", &path).unwrap();
        assert_eq!(words[0], dir.path().join("editor"));
        assert_eq!(words[1], "--wait");
        assert!(named("editor", ".".as_ref()).is_err());
        assert!(named("./editor", path.as_ref()).is_err());
        assert!(named("nothing-like-it", path.as_ref()).is_err());
    }
}
