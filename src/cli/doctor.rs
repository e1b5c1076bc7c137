//! `watchfloor doctor`: what stands in the way, each with what to do about it. Looks, and changes nothing.

use super::asked::Asked;
use super::choose::{self, Refusal, Start};
use crate::cli::headless;
use crate::config::guards::{POLICY, Policy};
use crate::model::{Fault, Service, Ticks};
use crate::resource;
use crate::resource::neighbours::{self, Seen};
use serde_json::json;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long a host may take to be found and reached.
const REACH: Duration = Duration::from_secs(5);
/// Less room than this on a disk is said: one large tenant's cache takes about as much.
const ROOM: u64 = 1 << 30;

/// Check network, sign-in, permissions, lists, terminal and disk; for cron: not 0 where something fails
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Only this machine: nobody is asked
    #[arg(long)]
    pub offline: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Ok,
    Warn,
    Fail,
}

/// One thing that was looked at.
struct Check {
    area: &'static str,
    word: Word,
    what: String,
    next: String,
}

/// Everything that was looked at so far.
#[derive(Default)]
struct Sheet(Vec<Check>);

impl Sheet {
    fn add(
        &mut self,
        area: &'static str,
        word: Word,
        what: impl Into<String>,
        next: impl Into<String>,
    ) {
        let (what, next) = (what.into(), next.into());
        let safe = |t: &str| table::Txt::new(t).shown().into_owned();
        self.0.push(Check {
            area,
            word,
            what: safe(&what),
            next: safe(&next),
        });
    }

    fn ok(&mut self, area: &'static str, what: impl Into<String>) {
        self.add(area, Word::Ok, what, "");
    }

    fn fault(&mut self, area: &'static str, word: Word, what: &str, fault: &Fault) {
        self.add(
            area,
            word,
            format!("{what}: {}", fault.what),
            fault.next.clone(),
        );
    }
}

impl Doctor {
    pub fn run(&self, tenant: Option<&str>) -> Result<ExitCode, Refusal> {
        let mut sheet = Sheet::default();
        let mut code = 0;
        let name = match choose::tenant_of_command(tenant) {
            Err((c, why)) => {
                code = c;
                let next = "see the README on config.toml, or say --tenant demo";
                sheet.add("config", Word::Fail, why, next);
                None
            }
            Ok(start) => {
                config(&start, &mut sheet);
                if !self.offline {
                    code = tenant_side(&start, &mut sheet);
                }
                disk(&start, &mut sheet);
                Some(start.tenant.name.clone())
            }
        };
        terminal(&mut sheet, |name| {
            std::env::var(name).ok().filter(|v| !v.is_empty())
        });
        self.print(&sheet, name.as_deref());
        let failed = sheet.0.iter().any(|c| c.word == Word::Fail);
        Ok(ExitCode::from(match (failed, code) {
            (false, _) => 0,
            (true, 0) => 1,
            (true, code) => code,
        }))
    }

    fn print(&self, sheet: &Sheet, tenant: Option<&str>) {
        let word = |w| match w {
            Word::Ok => "ok",
            Word::Warn => "warn",
            Word::Fail => "FAIL",
        };
        if self.json {
            let checks: Vec<_> = (sheet.0.iter())
                .map(|c| json!({"area": c.area, "state": word(c.word).to_lowercase(), "what": c.what, "next": c.next}))
                .collect();
            println!(
                "{:#}",
                json!({"schema": 1, "tenant": tenant, "checks": checks})
            );
            return;
        }
        for c in &sheet.0 {
            println!("{:<4} {:<9} {}", word(c.word), c.area, c.what);
            if !c.next.is_empty() {
                println!("               → {}", c.next);
            }
        }
    }
}

fn config(start: &Start, sheet: &mut Sheet) {
    let t = &start.tenant;
    let path = start.config.path.display();
    match start.sim.is_some() {
        true => sheet.ok("config", "the simulated tenant: nothing real happens"),
        false => sheet.ok(
            "config",
            format!("{path}: tenant {} ({})", t.name, t.tenant_id),
        ),
    }
    for warning in &start.config.warnings {
        sheet.add(
            "config",
            Word::Warn,
            warning.clone(),
            "the rest is in force",
        );
    }
    if let Some(why) = &t.read_only {
        sheet.add("config", Word::Warn, format!("read-only: {why}"), "");
    }
    let policy = Policy::load(Path::new(POLICY));
    match (policy.read_only, policy.hash.as_str()) {
        (Some(why), _) => sheet.add("policy", Word::Warn, why, format!("see {POLICY}")),
        (None, "none") => sheet.ok("policy", "none on this machine"),
        (None, hash) => sheet.ok("policy", format!("{POLICY}, {hash}")),
    }
}

/// Hosts, sign-in, permissions, lists. The exit code of what failed first.
fn tenant_side(start: &Start, sheet: &mut Sheet) -> u8 {
    let mut code = 0;
    let t = &start.tenant;
    let proxy = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        .iter()
        .any(|v| std::env::var_os(v).is_some_and(|v| !v.is_empty()));
    let url = |over: &Option<url::Url>, known: Option<&str>| {
        over.clone().or_else(|| known.and_then(|u| u.parse().ok()))
    };
    let hosts = [
        ("login", url(&t.urls.login, Some(t.cloud.login()))),
        ("Graph", url(&t.urls.graph, t.cloud.root(Service::Graph))),
        (
            "Defender",
            url(&t.urls.defender, t.cloud.root(Service::Defender)),
        ),
    ];
    for (name, url) in hosts {
        let Some(url) = url else {
            sheet.add(
                "network",
                Word::Warn,
                format!("{name}: this cloud has no such service"),
                "",
            );
            continue;
        };
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            continue;
        };
        if proxy && !t.sim {
            sheet.ok(
                "network",
                format!("{name}: {host} by way of the proxy of the environment"),
            );
            continue;
        }
        match reach(host, port) {
            Ok(took) => sheet.ok(
                "network",
                format!("{name}: {host} reached in {} ms", took.as_millis()),
            ),
            Err((what, next)) => {
                code = 1;
                sheet.add(
                    "network",
                    Word::Fail,
                    format!("{name}: {host}: {what}"),
                    next,
                );
            }
        }
    }
    let asked = match Asked::new(start) {
        Ok(asked) => asked,
        Err((c, why)) => {
            sheet.add("sign-in", Word::Fail, why, "");
            return c;
        }
    };
    let mut read = Vec::new();
    for spec in resource::ALL {
        let begun = Instant::now();
        read.push((spec, asked.feed(spec), begun.elapsed()));
    }
    match asked.session() {
        Some(s) => {
            let who =
                s.me.as_ref()
                    .map_or_else(|| "nobody".to_owned(), |m| m.txt().shown().into_owned());
            sheet.ok(
                "sign-in",
                format!("{} sign-in, acting as {who}", s.mode.word()),
            );
            if s.me.is_none() {
                let next = format!("set `analyst` in [tenant.{}]", s.tenant);
                sheet.add(
                    "sign-in",
                    Word::Warn,
                    "nobody to act as: every verb is off",
                    next,
                );
            }
            let grants = asked.grants();
            for service in [Service::Graph, Service::Defender] {
                let list = grants.listed(service);
                match list.is_empty() {
                    true => sheet.add(
                        "rights",
                        Word::Warn,
                        format!("{}: the token shows no permission", service.name()),
                        "watchfloor permissions",
                    ),
                    false => sheet.ok(
                        "rights",
                        format!(
                            "{}: {} permissions; `watchfloor permissions` tells what they allow",
                            service.name(),
                            list.len()
                        ),
                    ),
                }
            }
        }
        None => {
            let fault = read.iter().find_map(|(_, r, _)| r.as_ref().err());
            match fault {
                Some(fault) => {
                    code = headless::code(fault.kind);
                    sheet.fault("sign-in", Word::Fail, "signing in", fault);
                }
                None => sheet.add("sign-in", Word::Fail, "nobody is signed in", ""),
            }
        }
    }
    for (spec, result, took) in &read {
        let many = spec.title.to_lowercase();
        match result {
            Ok(()) => sheet.ok(
                "lists",
                format!("{many}: answered in {} ms", took.as_millis()),
            ),
            // a list that was not consented to is no defect, nor is a service that the sign-in is not for
            Err(f)
                if headless::code(f.kind) == 5
                    || !Service::ALL.contains(&(spec.listing.list)(None).service) =>
            {
                sheet.fault("lists", Word::Warn, &many, f)
            }
            Err(f) => {
                if code == 0 {
                    code = headless::code(f.kind);
                }
                sheet.fault("lists", Word::Fail, &many, f);
            }
        }
    }
    around(start, &asked, sheet);
    code
}

/// What integrations brought in the last day, devices that fall short of what they want, and how long data stays.
fn around(start: &Start, asked: &Asked, sheet: &mut Sheet) {
    let answers: Vec<_> = neighbours::calls().iter().map(|c| asked.ask(c)).collect();
    let now = Ticks::from_timestamp(jiff::Timestamp::now());
    for (neighbour, seen) in neighbours::told(&answers) {
        let next = match seen {
            Seen::Yes(..) => String::new(),
            // none of these is wanted by everybody: how to connect it is said, and it is no defect
            _ => format!("{} ({})", neighbour.steps.join("; "), neighbour.page),
        };
        let what = format!("{}: {}", neighbour.name, seen.words(now));
        sheet.add("around", Word::Ok, what, next);
    }
    let (old, what) = neighbours::short_devices(&answers);
    let word = if old { Word::Warn } else { Word::Ok };
    sheet.add("around", word, what, "");
    let sources = &start.tenant.sources;
    for line in neighbours::retention(sources.workspaces.len(), sources.archives.len()) {
        sheet.ok("stays", line);
    }
}

/// How long it takes to find and reach a host; else what is wrong, and what to do.
fn reach(host: &str, port: u16) -> Result<Duration, (String, &'static str)> {
    let begun = Instant::now();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found = (bare, port).to_socket_addrs().map_err(|e| {
        (
            format!("no address: {e}"),
            "check the name server, or set https_proxy",
        )
    })?;
    let mut last = "no address".to_owned();
    for address in found {
        match TcpStream::connect_timeout(&address, REACH) {
            Ok(_) => return Ok(begun.elapsed()),
            Err(e) => last = e.to_string(),
        }
    }
    Err((
        last,
        "check route and firewall for port 443, or set https_proxy",
    ))
}

fn disk(start: &Start, sheet: &mut Sheet) {
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

fn terminal(sheet: &mut Sheet, env: impl Fn(&str) -> Option<String>) {
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
        let next = "in tmux.conf: set -s set-clipboard on; set -s escape-time 10; set -as terminal-features ',*:RGB'";
        sheet.add(
            "terminal",
            Word::Ok,
            "inside tmux: copies, single ESC keys and true colour depend on its settings",
            next,
        );
    }
    if env("SSH_CONNECTION").is_some() {
        sheet.ok(
            "terminal",
            "over SSH: copies go out as OSC 52, which the terminal must allow",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(vars: &[(&str, &str)]) -> Vec<(Word, String)> {
        let mut sheet = Sheet::default();
        let get = |name: &str| {
            vars.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        };
        terminal(&mut sheet, get);
        sheet.0.into_iter().map(|c| (c.word, c.what)).collect()
    }

    #[test]
    fn what_the_environment_tells_of_the_terminal() {
        assert_eq!(told(&[])[0].0, Word::Warn);
        let some = told(&[
            ("TERM", "xterm-256color"),
            ("LANG", "en_GB.UTF-8"),
            ("TMUX", "x"),
        ]);
        assert!(some[0].1.contains("256") && some.iter().any(|(_, w)| w.contains("tmux")));
        assert!(some.iter().all(|(w, _)| *w == Word::Ok));
        let plain = told(&[
            ("TERM", "xterm"),
            ("NO_COLOR", "1"),
            ("COLORTERM", "truecolor"),
        ]);
        assert!(plain[0].1.contains("NO_COLOR") && plain.iter().any(|(_, w)| w.contains("UTF-8")));
    }

    #[test]
    fn a_host_that_is_not_there_is_told_apart_from_one_that_does_not_answer() {
        let (what, _) = reach("no-such-host.invalid", 443).unwrap_err();
        assert!(what.contains("no address"), "{what}");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(reach("127.0.0.1", port).is_ok());
        drop(listener);
        assert!(reach("127.0.0.1", port).is_err());
    }
}
