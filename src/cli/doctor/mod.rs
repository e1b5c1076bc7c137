//! `watchfloor doctor`: what stands in the way, each with what to do about it. Looks, and changes nothing.
//!
//! Neighbours: `net` looks at the hosts, `here` at this machine; sign-in, rights and lists are asked for as everywhere else.

mod here;
mod net;

use super::asked::Asked;
use super::choose::{self, Refusal, Start};
use crate::cli::headless;
use crate::config::guards::{POLICY, Policy};
use crate::model::{Fault, Service, Ticks};
use crate::resource;
use crate::resource::neighbours::{self, Seen};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Between two looks of `--watch`: consent takes minutes to arrive everywhere.
const PACE: Duration = Duration::from_secs(15);
/// As long as it may take, and as often.
const LOOKS: usize = 240;

/// Check network, sign-in, permissions, lists, terminal and disk; for cron: not 0 where something fails
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Only this machine: nobody is asked
    #[arg(long)]
    pub offline: bool,
    /// Look again every 15 seconds until nothing fails and every list can be read; for an hour at most
    #[arg(long, conflicts_with = "offline")]
    pub watch: bool,
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
        let mut looks = 0;
        loop {
            let (sheet, name, code) = self.look(tenant);
            self.print(&sheet, name.as_deref());
            looks += 1;
            // S3-8: rights show only in new tokens, and each look asks for its own
            let green = code == 0
                && !sheet
                    .0
                    .iter()
                    .any(|c| c.area == "lists" && c.word != Word::Ok);
            if !self.watch || green || looks == LOOKS {
                return Ok(ExitCode::from(code));
            }
            eprintln!(
                "watchfloor: not all is well yet; consent may take minutes to arrive. Next look in {} s",
                PACE.as_secs()
            );
            std::thread::sleep(PACE);
        }
    }

    /// One look at everything: what was seen, the tenant's name, the exit code.
    fn look(&self, tenant: Option<&str>) -> (Sheet, Option<String>, u8) {
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
                here::credential(&start, &mut sheet);
                if !self.offline {
                    code = tenant_side(&start, &mut sheet);
                }
                here::disk(&start, &mut sheet);
                Some(start.tenant.name.clone())
            }
        };
        here::limits(&mut sheet);
        let env = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        here::terminal(&mut sheet, env, here::ask_tmux);
        let failed = sheet.0.iter().any(|c| c.word == Word::Fail);
        let code = match (failed, code) {
            (false, _) => 0,
            (true, 0) => 1,
            (true, code) => code,
        };
        (sheet, name, code)
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
    let same = |o: &&crate::config::TenantConfig| {
        o.name != t.name && o.tenant_id.eq_ignore_ascii_case(&t.tenant_id)
    };
    for other in start.config.tenants.iter().filter(same) {
        let what = format!(
            "{} is the same tenant: cache, record and the count of recent actions are each profile's own",
            other.name
        );
        let next = "what one of them did, the other sees at the service alone";
        sheet.add("config", Word::Ok, what, next);
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
    let mut code = u8::from(net::check(start, sheet));
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
                if let Some(minutes) = grants.life(service) {
                    let what = format!("{}: a token is good for {minutes} min", service.name());
                    sheet.ok("sign-in", what);
                }
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
                            "{}: {} permissions ({}); `watchfloor permissions` tells what they allow",
                            service.name(),
                            list.len(),
                            table::Txt::new(&list.join(", ")).shown()
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
    for (licence, standing) in neighbours::licensed(&answers) {
        // what a tenant did not buy is no defect, and why something is empty
        let word = if standing.is_short() {
            Word::Warn
        } else {
            Word::Ok
        };
        let what = format!("{}: {}", licence.name, standing.words(licence));
        sheet.add("licences", word, what, "");
    }
    let (old, what) = neighbours::short_devices(&answers);
    let word = if old { Word::Warn } else { Word::Ok };
    sheet.add("around", word, what, "");
    let sources = &start.tenant.sources;
    for line in neighbours::retention(sources.workspaces.len(), sources.archives.len()) {
        sheet.ok("stays", line);
    }
}
