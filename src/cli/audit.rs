//! `watchfloor audit verify|list|reconcile`: the record without a screen. Claims only what the record can prove.
//!
//! Exit codes: 0 whole, 1 broken or unreadable, 2 usage, 3 (with `--strict`) whole as far as it goes, and its tail unproven.

use super::choose::Refusal;
use crate::audit::heads::Places;
use crate::audit::line::{Seal, Stage};
use crate::audit::read::{self, Run};
use crate::audit::verify::{ReachState, Report, Seals, verify};
use crate::backend::reconcile::{Reconciled, reconcile};
use crate::config::{Config, Dirs, dirs};
use crate::model::FaultKind;
use crate::run::record;
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use table::Txt;

/// The record of everything sent.
#[derive(Debug, clap::Args)]
pub struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Check the chain, the seals, and the heads known outside; says what could not be checked
    Verify {
        /// Exit with 3 where nothing outside proves the last line
        #[arg(long)]
        strict: bool,
        #[arg(long)]
        json: bool,
    },
    /// List what was done and what became of it, newest last
    List {
        /// Only actions without an end
        #[arg(long)]
        open: bool,
        /// Only those of this verb
        #[arg(long, value_name = "VERB")]
        verb: Option<String>,
        /// Only the last so many
        #[arg(long, value_name = "N")]
        last: Option<usize>,
        /// One JSON object a line, the texts exact
        #[arg(long)]
        json: bool,
    },
    /// Compare with the services: what was done there without an intent here, what the record claims and they do not show
    Reconcile {
        /// How far back
        #[arg(long, value_name = "N", default_value_t = 30)]
        days: u16,
    },
}

/// The record of one tenant on disk.
struct Found {
    name: String,
    dir: PathBuf,
    /// The demo tenant's heads are told to nobody.
    demo: bool,
}

impl Audit {
    /// Runs it for the named tenant, or for every tenant that has a record.
    pub fn run(&self, tenant: Option<&str>) -> Result<ExitCode, Refusal> {
        if let What::Reconcile { days } = &self.what {
            return reconciled(tenant, *days);
        }
        let dirs = super::choose::dirs()?;
        let config = Config::load(&dirs)
            .map_err(|e| (2, e.to_string()))?
            .unwrap_or_default();
        let found = found(&dirs, &config, tenant)?;
        if found.is_empty() {
            eprintln!("watchfloor: no record: nothing was ever written from here");
            return Ok(ExitCode::SUCCESS);
        }
        match &self.what {
            What::Verify { strict, json } => {
                let seal = record::seal(&config.audit).map_err(|e| (1, e))?;
                let places = record::places(&config.audit, None);
                verified(&found, seal.as_ref(), &places, *strict, *json)
            }
            What::List {
                open,
                verb,
                last,
                json,
            } => {
                let keep = |run: &Run| {
                    (!open || (run.has_intent() && !run.closed))
                        && verb.as_ref().is_none_or(|v| *v == run.entry().verb)
                };
                let mut out = String::new();
                for tenant in &found {
                    let runs = read::runs(&tenant.dir).map_err(|e| (1, cannot(&tenant.dir, &e)))?;
                    let runs: Vec<Run> = runs.into_iter().filter(keep).collect();
                    let skip = last.map_or(0, |n| runs.len().saturating_sub(n));
                    for run in runs.iter().skip(skip) {
                        let _ = match json {
                            true => writeln!(out, "{}", as_json(&tenant.name, run)),
                            false => writeln!(out, "{}", as_line(&tenant.name, run)),
                        };
                    }
                }
                print(&out)
            }
            // told apart above: it signs in
            What::Reconcile { .. } => Ok(ExitCode::SUCCESS),
        }
    }
}

/// Exit codes beside the others: 3 where something does not agree, 4 where there is no sign-in, 5 where it may not read.
fn reconciled(tenant: Option<&str>, days: u16) -> Result<ExitCode, Refusal> {
    let start = super::choose::tenant(tenant)?;
    if start.sim.is_some() {
        return Err((
            2,
            "the demo tenant forgets everything: there is nothing to compare".into(),
        ));
    }
    let (record, _) = record::open(
        &start.dirs,
        &start.config.audit,
        &start.tenant.name,
        true,
        Arc::new(|_| {}),
    );
    let name = start.tenant.name.clone();
    let found = reconcile(start.tenant, Arc::new(record), days).map_err(|fault| {
        let code = match fault.kind {
            FaultKind::SignIn | FaultKind::Clock => 4,
            FaultKind::Forbidden | FaultKind::Licence => 5,
            FaultKind::Throttled => 6,
            _ => 1,
        };
        (code, fault.to_string())
    })?;
    print(&reconciled_text(&name, days, &found))?;
    Ok(match found.agrees() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(3),
    })
}

fn reconciled_text(name: &str, days: u16, found: &Reconciled) -> String {
    let mut out = format!(
        "{}: the record against the services, {days} days back\n",
        Txt::new(name).shown()
    );
    for part in &found.parts {
        let _ = writeln!(
            out,
            "  {}: {} looked at, {} of ours agree",
            part.name, part.looked, part.agree
        );
        if let Some(why) = &part.missing {
            let _ = writeln!(
                out,
                "    not compared, or not wholly: {}",
                Txt::new(why).shown()
            );
        }
        let mut findings: Vec<_> = part.findings.iter().collect();
        findings.sort_by_key(|f| f.verdict);
        for some in findings.chunk_by(|a, b| a.verdict == b.verdict) {
            let verdict = some.first().map_or("", |f| f.verdict.words());
            let _ = writeln!(out, "    {verdict}: {}", some.len());
            for finding in some {
                let _ = writeln!(out, "      {}", finding.text);
            }
        }
    }
    if !found.untold.is_empty() {
        let verbs = found.untold.iter().map(|(verb, n)| format!("{verb} ({n})"));
        let _ = writeln!(
            out,
            "  not compared, for no service keeps anything of them: {}",
            verbs.collect::<Vec<_>>().join(", ")
        );
    }
    out
}

fn cannot(path: &Path, why: &dyn std::fmt::Display) -> String {
    format!("{} cannot be read: {why}", path.display())
}

fn print(text: &str) -> Result<ExitCode, Refusal> {
    match std::io::stdout().write_all(text.as_bytes()) {
        // whoever read it went away: that is their business
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err((1, e.to_string())),
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn found(dirs: &Dirs, config: &Config, tenant: Option<&str>) -> Result<Vec<Found>, Refusal> {
    let of = |name: &str| Found {
        name: name.to_owned(),
        dir: dirs.tenant_audit(name),
        demo: name == "demo" || config.tenants.iter().any(|t| t.name == name && t.sim),
    };
    if let Some(name) = tenant {
        let found = of(name);
        if !found.dir.is_dir() {
            return Err((2, format!("there is no record of a tenant `{name}`")));
        }
        return Ok(vec![found]);
    }
    let root = dirs.state.join("audit");
    let mut names: Vec<String> = match std::fs::read_dir(&root) {
        Ok(entries) => entries
            .flatten()
            .filter(|e| e.path().is_dir())
            .map(|e| e.file_name().to_string_lossy().into_owned())
            .collect(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err((1, cannot(&root, &e))),
    };
    names.sort();
    Ok(names
        .into_iter()
        .map(|folder| {
            // a folder is a name made safe: the name itself is in the configuration, if anywhere
            let name = config
                .tenants
                .iter()
                .map(|t| t.name.as_str())
                .find(|n| dirs::segment(n) == folder);
            let found = of(name.unwrap_or(&folder));
            Found {
                dir: root.join(&folder),
                ..found
            }
        })
        .collect())
}

fn verified(
    found: &[Found],
    seal: Option<&Seal>,
    places: &Places,
    strict: bool,
    as_json: bool,
) -> Result<ExitCode, Refusal> {
    let (mut broken, mut unproven) = (false, false);
    let mut out = String::new();
    for tenant in found {
        let nowhere = Places::default();
        let places = if tenant.demo { &nowhere } else { places };
        let report = verify(&tenant.dir, seal, places).map_err(|e| (1, cannot(&tenant.dir, &e)))?;
        broken |= !report.is_whole();
        unproven |= report.last.is_some() && !report.is_tail_proven();
        match as_json {
            true => {
                let _ = writeln!(out, "{}", report_json(&tenant.name, &report));
            }
            false => out.push_str(&report_text(&tenant.name, &report)),
        }
    }
    print(&out)?;
    Ok(match (broken, unproven && strict) {
        (true, _) => ExitCode::from(1),
        (false, true) => ExitCode::from(3),
        (false, false) => ExitCode::SUCCESS,
    })
}

fn seals_words(report: &Report) -> String {
    match report.seals {
        Seals::None => {
            "none: finds accidents and careless edits, not a rewrite by this account".into()
        }
        Seals::Unchecked => "there are some, and no key here to check them with".into(),
        Seals::Good { before: 0 } => {
            "all good: nobody without the key wrote or changed a line".into()
        }
        Seals::Good { before } => {
            format!("good; {before} lines at the beginning are older than the key and unsealed")
        }
        Seals::Bad => "WRONG: lines were written or changed without the key".into(),
    }
}

fn reach_words(state: &ReachState) -> String {
    match state {
        ReachState::Agrees { heads, to } => format!("agrees: {heads} heads, the last at line {to}"),
        ReachState::Nothing => "knows no head of this record".into(),
        ReachState::Unreachable(why) => format!("could not be asked: {}", Txt::new(why).shown()),
        ReachState::Differs(why) => format!("DIFFERS: {why}"),
    }
}

fn tail_words(report: &Report) -> String {
    match (report.last, report.proven_to()) {
        (None, _) => "there is no line".into(),
        (Some(last), Some(to)) if to == last => "proven: the last line is known outside".into(),
        (Some(last), Some(to)) => format!("unproven after line {to} ({} lines)", last - to),
        (Some(_), None) => {
            "unproven: nothing outside was reached that knows this record; a missing end or a rewrite would not show".into()
        }
    }
}

fn report_text(name: &str, report: &Report) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!(
        "{}: {} lines in {} files",
        Txt::new(name).shown(),
        report.lines,
        report.files
    ));
    line(format!(
        "  chain    {}{}",
        if report.broken.is_empty() {
            "whole"
        } else {
            "BROKEN"
        },
        match report.tears {
            0 => String::new(),
            1 => "; 1 line was cut off and is covered".into(),
            n => format!("; {n} lines were cut off and are covered"),
        }
    ));
    for broken in &report.broken {
        let file = broken
            .file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        line(match broken.line {
            0 => format!("           {}", broken.what),
            at => format!("           {file}:{at}: {}", broken.what),
        });
    }
    line(format!("  seals    {}", seals_words(report)));
    for reach in &report.reach {
        line(format!(
            "  {:<8} {}",
            reach.place,
            reach_words(&reach.state)
        ));
    }
    line(format!("  tail     {}", tail_words(report)));
    if !report.open.is_empty() {
        line(format!(
            "  open     {} actions without an end: `watchfloor audit list --open`",
            report.open.len()
        ));
    }
    out
}

fn report_json(name: &str, report: &Report) -> serde_json::Value {
    json!({
        "tenant": name,
        "whole": report.is_whole(),
        "files": report.files,
        "lines": report.lines,
        "last": report.last,
        "tears": report.tears,
        "broken": report.broken.iter().map(|b| json!({
            "file": b.file, "line": b.line, "what": b.what,
        })).collect::<Vec<_>>(),
        "seals": seals_words(report),
        "outside": report.reach.iter().map(|r| json!({
            "place": r.place, "says": reach_words(&r.state),
        })).collect::<Vec<_>>(),
        "tail": tail_words(report),
        "proven_to": report.proven_to(),
        "open": report.open,
    })
}

/// One run as a line: time, who, what, state. Tenant text is made safe.
fn as_line(tenant: &str, run: &Run) -> String {
    let entry = run.entry();
    let shown = |t: &str| Txt::new(t).shown().into_owned();
    let state = match (&run.state, run.has_intent(), run.closed) {
        (Some(state), _, true) => shown(state),
        (Some(state), _, false) => format!("{} (open)", shown(state)),
        (None, true, _) => "open".into(),
        (None, false, _) if entry.stage == Stage::Began => {
            format!("a set of {} begins", entry.targets.len())
        }
        (None, false, _) => "not sent".into(),
    };
    let detail = run
        .detail
        .as_ref()
        .map_or_else(String::new, |d| format!(" · {}", shown(d)));
    let reason = entry
        .reason
        .as_ref()
        .map_or_else(String::new, |r| format!(" · “{}”", shown(r)));
    format!(
        "{} {} {} · {} · {state}{detail}{reason} · run {}",
        run.line.time,
        shown(tenant),
        shown(&entry.analyst),
        shown(&entry.sentence),
        shown(&entry.run)
    )
}

fn as_json(tenant: &str, run: &Run) -> serde_json::Value {
    json!({
        "tenant": tenant,
        "intent": run.line,
        "hash": run.hash,
        "tries": run.tries,
        "state": run.state,
        "detail": run.detail,
        "action": run.action,
        "closed": run.closed,
        "ended": run.ended,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::verify::Reach;

    fn report() -> Report {
        Report {
            files: 1,
            lines: 5,
            last: Some(4),
            tears: 0,
            broken: Vec::new(),
            seals: Seals::None,
            reach: Vec::new(),
            open: Vec::new(),
        }
    }

    #[test]
    fn the_words_claim_no_more_than_is_proven() {
        let alone = report_text("t", &report());
        assert!(alone.contains("tail     unproven"), "{alone}");
        assert!(alone.contains("not a rewrite by this account"));
        let reached = |to| Report {
            reach: vec![Reach {
                place: "journal",
                state: ReachState::Agrees { heads: 3, to },
            }],
            ..report()
        };
        assert!(report_text("t", &reached(2)).contains("unproven after line 2 (2 lines)"));
        assert!(report_text("t", &reached(4)).contains("tail     proven"));
    }
}
