//! This machine: folders and their room, limits of the process, the credential's end, and what the terminal can do.

use super::{Sheet, Word};
use crate::backend::{Certificate, expiry};
use crate::cli::choose::Start;
use crate::config::{SecretSource, SignIn};
use crate::model::Ticks;
use crate::msg::Level;
use std::path::PathBuf;
use std::process::Stdio;

/// Less room than this on a disk is said: one large tenant's cache takes about as much.
const ROOM: u64 = 1 << 30;
/// Connections, files and watches of a busy console.
const FILES: u64 = 256;

/// When what we sign in with ends, and whether its file can be used.
pub fn credential(start: &Start, sheet: &mut Sheet) {
    let t = &start.tenant;
    let now = Ticks::from_timestamp(jiff::Timestamp::now());
    one(&t.sign_in, t.access.secret_expires, "", now, sheet);
    if let Some(writer) = &t.access.write {
        let minutes = writer.idle.as_secs() / 60;
        sheet.ok(
            "sign-in",
            format!(
                "writes have a credential of their own, {} by {}; dropped after {minutes} min without one",
                writer.client_id,
                writer.sign_in.word()
            ),
        );
        one(&writer.sign_in, None, "for writes: ", now, sheet);
    }
}

fn one(by: &SignIn, ends: Option<Ticks>, whose: &str, now: Ticks, sheet: &mut Sheet) {
    let (what, until) = match by {
        SignIn::Certificate(path) => match Certificate::read(path) {
            Ok(found) => ("the certificate", Some(found.until)),
            Err(fault) => {
                return sheet.fault(
                    "sign-in",
                    Word::Fail,
                    &format!("{whose}certificate"),
                    &fault,
                );
            }
        },
        // made for this run
        SignIn::Secret(SecretSource::Given(_)) => return,
        SignIn::Secret(_) => ("the client secret", ends),
        _ => return,
    };
    let Some(until) = until else {
        return sheet.add(
            "sign-in",
            Word::Ok,
            format!("{whose}the day {what} ends is not known"),
            "set `secret-expires` to the day the portal shows, and it is said 30, 14 and 3 days ahead",
        );
    };
    match expiry::words(what, until, now) {
        None => {
            let day: String = until.literal().chars().take(10).collect();
            sheet.ok("sign-in", format!("{whose}{what} is good until {day}"));
        }
        Some((level, words, next)) => {
            let word = match level {
                Level::Error if until <= now => Word::Fail,
                _ => Word::Warn,
            };
            sheet.add("sign-in", word, format!("{whose}{words}"), next);
        }
    }
}

/// How many files this process may hold open.
pub fn limits(sheet: &mut Sheet) {
    use rustix::process::{Resource, getrlimit};
    let files = getrlimit(Resource::Nofile).current;
    match files.filter(|n| *n < FILES) {
        Some(n) => sheet.add(
            "limits",
            Word::Warn,
            format!("this process may hold {n} files open"),
            "ulimit -n 1024",
        ),
        None => sheet.ok("limits", "enough files may be open"),
    }
    if getrlimit(Resource::Core).current != Some(0) {
        sheet.ok(
            "limits",
            "core files are allowed here; this program turns its own off",
        );
    }
}

pub fn disk(start: &Start, sheet: &mut Sheet) {
    let folders = [
        ("cache", start.dirs.cache.clone()),
        ("record", start.dirs.state.clone()),
    ];
    for (name, folder) in folders {
        // the nearest that is there: nothing is made by looking
        let Some(there) = folder.ancestors().find(|p| p.exists()) else {
            continue;
        };
        let shown = folder.display();
        if rustix::fs::access(there, rustix::fs::Access::WRITE_OK).is_err() {
            let next = format!("give this account the folder {}", there.display());
            sheet.add(
                "disk",
                Word::Fail,
                format!("{name}: {shown} cannot be written"),
                next,
            );
            continue;
        }
        match rustix::fs::statvfs(there) {
            Ok(s) => {
                let free = s.f_bavail.saturating_mul(s.f_frsize);
                let mb = free >> 20;
                match free < ROOM {
                    true => sheet.add(
                        "disk",
                        Word::Warn,
                        format!("{name}: {shown}: only {mb} MB free"),
                        "a full disk stops every write: the record comes first",
                    ),
                    false => sheet.ok("disk", format!("{name}: {shown}, {mb} MB free")),
                }
            }
            Err(e) => sheet.add("disk", Word::Warn, format!("{name}: {shown}: {e}"), ""),
        }
    }
}

/// What the environment tells of the terminal, and what a tmux around us is set to (`asked` runs it).
pub fn terminal(
    sheet: &mut Sheet,
    env: impl Fn(&str) -> Option<String>,
    asked: impl Fn(&[&str]) -> Option<String>,
) {
    let term = env("TERM").unwrap_or_default();
    if term.is_empty() || term == "dumb" {
        let next = "commands work as they are; the console wants a terminal";
        return sheet.add("terminal", Word::Warn, "no terminal", next);
    }
    let true_colour = env("COLORTERM").is_some_and(|c| c == "truecolor" || c == "24bit");
    let colour = match (env("NO_COLOR").is_some(), true_colour, term.contains("256")) {
        (true, ..) => "no colour (NO_COLOR)",
        (_, true, _) => "true colour",
        (_, _, true) => "256 colours",
        _ => "16 colours",
    };
    sheet.ok("terminal", format!("{term}, {colour}"));
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|v| env(v))
        .is_some_and(|v| v.to_lowercase().replace('-', "").contains("utf8"));
    if !utf8 {
        sheet.add(
            "terminal",
            Word::Warn,
            "the locale is not UTF-8",
            "set LANG=C.UTF-8",
        );
    }
    if env("TMUX").is_some() {
        tmux(sheet, asked);
    }
    if env("SSH_CONNECTION").is_some() {
        sheet.ok(
            "terminal",
            "over SSH: copies go out as OSC 52, which the terminal must allow",
        );
    }
    sheet.ok(
        "terminal",
        "whether it draws frames at once (mode 2026) and knows every key (kitty) it tells the console itself",
    );
}

fn tmux(sheet: &mut Sheet, asked: impl Fn(&[&str]) -> Option<String>) {
    let option = |name: &str| asked(&["show-options", "-gsv", name]).map(|v| v.trim().to_owned());
    let mut wrong = Vec::new();
    let mut know = false;
    if let Some(v) = option("set-clipboard") {
        know = true;
        if v != "on" {
            wrong.push((
                "copies do not get out of tmux (set-clipboard is not on)",
                "set -s set-clipboard on",
            ));
        }
    }
    if let Some(ms) = option("escape-time").and_then(|v| v.parse::<u32>().ok())
        && ms > 50
    {
        wrong.push((
            "a lone ESC takes long through tmux (escape-time)",
            "set -s escape-time 10",
        ));
    }
    if let Some(v) = option("terminal-features")
        && !v.contains("RGB")
    {
        wrong.push((
            "tmux shows 256 colours at most (terminal-features)",
            "set -as terminal-features ',*:RGB'",
        ));
    }
    for (what, line) in &wrong {
        sheet.add(
            "terminal",
            Word::Warn,
            *what,
            format!("in tmux.conf: {line}"),
        );
    }
    match (know, wrong.is_empty()) {
        (true, true) => sheet.ok("terminal", "inside tmux, and its settings let copies, ESC and colours through"),
        (true, false) => {}
        (false, _) => sheet.add(
            "terminal",
            Word::Ok,
            "inside tmux: copies, single ESC keys and true colour depend on its settings",
            "in tmux.conf: set -s set-clipboard on; set -s escape-time 10; set -as terminal-features ',*:RGB'",
        ),
    }
}

/// Asks the tmux of PATH; nothing where there is none.
pub fn ask_tmux(arguments: &[&str]) -> Option<String> {
    let path = std::env::var_os("PATH")?;
    let tmux: PathBuf = std::env::split_paths(&path)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join("tmux"))
        .find(|p| p.is_file())?;
    let out = std::process::Command::new(tmux)
        .args(arguments)
        .env_clear()
        .envs(std::env::var_os("TMUX").map(|v| ("TMUX", v)))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    out.status
        .success()
        .then(|| String::from_utf8_lossy(&out.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(
        vars: &[(&str, &str)],
        tmux: impl Fn(&[&str]) -> Option<String>,
    ) -> Vec<(Word, String)> {
        let mut sheet = Sheet::default();
        let get = |name: &str| {
            vars.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        };
        terminal(&mut sheet, get, tmux);
        sheet.0.into_iter().map(|c| (c.word, c.what)).collect()
    }

    #[test]
    fn what_the_environment_tells_of_the_terminal() {
        assert_eq!(told(&[], |_| None)[0].0, Word::Warn);
        let vars = [
            ("TERM", "xterm-256color"),
            ("LANG", "en_GB.UTF-8"),
            ("TMUX", "x"),
        ];
        let some = told(&vars, |_| None);
        assert!(some[0].1.contains("256") && some.iter().any(|(_, w)| w.contains("tmux")));
        assert!(some.iter().all(|(w, _)| *w == Word::Ok));
        let plain = told(
            &[
                ("TERM", "xterm"),
                ("NO_COLOR", "1"),
                ("COLORTERM", "truecolor"),
            ],
            |_| None,
        );
        assert!(plain[0].1.contains("NO_COLOR") && plain.iter().any(|(_, w)| w.contains("UTF-8")));
        let set = |clipboard: &'static str, ms: &'static str| {
            told(&vars, move |asked| {
                Some(match asked[2] {
                    "set-clipboard" => clipboard.into(),
                    "escape-time" => ms.into(),
                    _ => "xterm*:RGB".into(),
                })
            })
        };
        assert!(set("on\n", "10").iter().all(|(w, _)| *w == Word::Ok));
        let bad = set("external", "500");
        assert_eq!(
            bad.iter().filter(|(w, _)| *w == Word::Warn).count(),
            2,
            "{bad:?}"
        );
    }

    #[test]
    fn a_credential_that_ends_is_said() {
        let at = |day: &str| {
            let mut sheet = Sheet::default();
            let by = SignIn::Secret(SecretSource::Env("S".into()));
            let now = Ticks::parse("2026-08-01T00:00:00Z").unwrap();
            one(&by, Ticks::parse(day), "", now, &mut sheet);
            let check = sheet.0.remove(0);
            (check.word, check.what)
        };
        assert_eq!(at("").0, Word::Ok, "not known is no defect");
        assert!(
            at("2027-08-01T00:00:00Z")
                .1
                .contains("good until 2027-08-01")
        );
        assert_eq!(at("2026-08-10T00:00:00Z").0, Word::Warn);
        assert_eq!(at("2026-08-02T00:00:00Z").0, Word::Warn);
        assert_eq!(at("2026-07-31T00:00:00Z").0, Word::Fail);
        let mut sheet = Sheet::default();
        let none = SignIn::Certificate("/nowhere/c.pem".into());
        one(&none, None, "", Ticks(0), &mut sheet);
        assert!(sheet.0[0].word == Word::Fail && sheet.0[0].next.contains("certificate-file"));
    }
}
