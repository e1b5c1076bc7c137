//! `watchfloor hunt`: a hunting query sent once, its answer on stdout or in a file with where it comes from.

use super::choose::{self, Refusal, Start};
use super::{fan, headless};
use crate::app::hunt::params::{Given, bind_with};
use crate::model::Engine;
use crate::msg::{Body, Request, Slot};
use crate::resource::hunt_export::{Export, Failed, Form, Provenance, save};
use crate::resource::hunt_merge::merge;
use crate::run::silent::Silent;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use table::{Cancel, Table};

/// How long an answer is waited for: longer than any of the services takes.
const WAIT: Duration = Duration::from_secs(11 * 60);
/// The longest query text that is read.
const LONG: u64 = 4 << 20;

/// One tenant's answer, and where it comes from.
struct Answered {
    table: Table,
    from: Provenance,
}

/// Run a hunting query at Defender, a Log Analytics workspace or a Data Explorer cluster
#[derive(Debug, clap::Args)]
pub struct Hunt {
    /// The query; with --file and without it, stdin
    #[arg(value_name = "KQL")]
    pub query: Option<String>,
    /// A file with the query; - is stdin
    #[arg(short, long, value_name = "FILE", conflicts_with = "query")]
    pub file: Option<PathBuf>,
    /// csv, tsv, ndjson, json, md, xlsx or kql (a datatable) [default: what the ending of --output says, else csv]
    #[arg(long, value_name = "FORM")]
    pub format: Option<String>,
    /// Write to this file, and beside it where its form cannot tell where the rows come from
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A file of that name may be replaced
    #[arg(long, requires = "output")]
    pub replace: bool,
    /// A workspace of config.toml (Log Analytics) in place of Defender
    #[arg(long, value_name = "NAME", conflicts_with = "cluster")]
    pub workspace: Option<String>,
    /// A cluster of config.toml (Data Explorer) in place of Defender
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,
    /// A value for a parameter of the query: ENTITY=srv-01; may be given several times
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub values: Vec<String>,
    /// How far back the service looks (ISO 8601: P7D); as long as the query itself says otherwise
    #[arg(long, value_name = "SPAN")]
    pub timespan: Option<String>,
    /// Cells that a spreadsheet would run are left as they are
    #[arg(long)]
    pub raw: bool,
}

impl Hunt {
    pub fn run(&self, tenant: Option<&str>, all: bool) -> Result<ExitCode, Refusal> {
        let form = form_of(self.format.as_deref(), self.output.as_deref())?;
        let text = self.text()?;
        let query = bind_with(&text, &self.given()?).map_err(|e| (2, e.to_string()))?;
        let named = fan::is_several(tenant, all);
        let mut starts = choose::tenants_of_command(tenant, all)?;
        // a source that is not configured is a wrong word before anybody is asked
        let engines: Vec<Engine> = starts
            .iter()
            .map(|s| self.engine(&s.tenant.sources))
            .collect::<Result<_, _>>()?;
        let engine = engines.into_iter().next().unwrap_or(Engine::Defender);
        if !named && let Some(start) = starts.pop() {
            let answered = self.ask(start, &engine, &query, None)?;
            return self.write(form, answered.table, answered.from);
        }
        let names: Vec<String> = starts.iter().map(|s| s.tenant.name.clone()).collect();
        let answers = fan::each(starts, |start| {
            let name = start.tenant.name.clone();
            self.ask(start, &engine, &query, Some(&name))
        });
        self.merged(form, &names, answers)
    }

    /// Asks one tenant.
    fn ask(
        &self,
        start: Start,
        engine: &Engine,
        query: &str,
        named: Option<&str>,
    ) -> Result<Answered, Refusal> {
        let (name, id) = (start.tenant.name.clone(), start.tenant.tenant_id.clone());
        let mut silent = Silent::new(start).map_err(|e| (1, format!("{e:#}")))?;
        if let Some(name) = named {
            silent = silent.named(name);
        }
        let request = Request::Hunt {
            engine: engine.clone(),
            query: Arc::from(query),
            timespan: self.timespan.clone(),
        };
        let at = silent.app().now.wall;
        let begun = Instant::now();
        let answered = silent.ask(Slot::Hunt(1), request, WAIT);
        let demo = silent.app().session.as_ref().is_some_and(|s| s.demo);
        silent.stop();
        let hunted = match answered {
            Ok(Body::Hunted(hunted)) => hunted,
            Ok(_) => return Err((1, "the query ended without an answer".into())),
            Err(fault) => {
                let mut said = fault.to_string();
                if fault.kind == crate::model::FaultKind::Cancelled {
                    said = format!("{said}: {}", engine.on_cancel());
                }
                return Err((headless::code(fault.kind), said));
            }
        };
        let answer = hunted.answer;
        let mut from = Provenance {
            query: query.to_owned(),
            tenant: name,
            tenant_id: id,
            demo,
            engine: engine.to_string(),
            at,
            took_ms: begun.elapsed().as_millis() as u64,
            partial: hunted.partial,
            ..Provenance::default()
        };
        if from.partial.is_none()
            && let Some(most) = self.most_rows()
            && answer.table.rows() >= most
        {
            from.partial = Some(format!("the service gives at most {most} rows"));
        }
        for (n, what) in [
            (answer.odd, "cells did not fit the type of their column"),
            (answer.bad_rows, "rows were no rows"),
        ] {
            if n > 0 {
                from.notes.push(format!("{n} {what}"));
            }
        }
        Ok(Answered {
            table: answer.table,
            from,
        })
    }

    /// The answers of several tenants as one, and who gave none, or not all.
    fn merged(
        &self,
        form: Form,
        names: &[String],
        answers: Vec<Option<Result<Answered, Refusal>>>,
    ) -> Result<ExitCode, Refusal> {
        let (mut good, mut bad, mut worst) = (Vec::new(), Vec::new(), 1);
        for (name, answer) in names.iter().zip(answers) {
            match answer.unwrap_or_else(|| Err((1, "a part of the program failed".into()))) {
                Ok(answered) => good.push(answered),
                Err((130, why)) => return Err((130, why)),
                Err((code, why)) => {
                    if bad.is_empty() {
                        worst = code;
                    }
                    bad.push(format!("{}: {why}", table::Txt::new(name).shown()));
                }
            }
        }
        if good.is_empty() {
            return Err((worst, bad.join("\nwatchfloor: ")));
        }
        let tables: Vec<_> = good
            .iter()
            .map(|a| (a.from.tenant.as_str(), &a.table))
            .collect();
        let table = merge(&tables);
        let each = |of: fn(&Provenance) -> String| {
            let all: Vec<String> = good.iter().map(|a| of(&a.from)).collect();
            all.join(", ")
        };
        let whose = |a: &Answered, text: &str| format!("{}: {text}", a.from.tenant);
        let partial = (good.iter())
            .filter_map(|a| a.from.partial.as_ref().map(|why| whose(a, why)))
            .chain(bad);
        let partial: Vec<String> = partial.collect();
        let first = good.first().map(|a| a.from.clone()).unwrap_or_default();
        let from = Provenance {
            tenant: each(|f| f.tenant.clone()),
            tenant_id: each(|f| f.tenant_id.clone()),
            demo: good.iter().any(|a| a.from.demo),
            took_ms: good.iter().map(|a| a.from.took_ms).max().unwrap_or(0),
            partial: (!partial.is_empty()).then(|| partial.join("; ")),
            notes: (good.iter())
                .flat_map(|a| a.from.notes.iter().map(|n| whose(a, n)))
                .collect(),
            ..first
        };
        self.write(form, table, from)
    }

    fn text(&self) -> Result<String, Refusal> {
        let stdin = || {
            let mut text = String::new();
            let read = std::io::stdin()
                .lock()
                .take(LONG + 1)
                .read_to_string(&mut text);
            read.map_err(|e| (1, format!("stdin: {e}")))?;
            Ok(text)
        };
        let text = match (&self.query, &self.file) {
            (Some(query), _) => query.clone(),
            (None, Some(path)) if path.as_os_str() != "-" => std::fs::read_to_string(path)
                .map_err(|e| (2, format!("{}: {e}", path.display())))?,
            _ => stdin()?,
        };
        match text.trim().is_empty() || text.len() as u64 > LONG {
            true => Err((
                2,
                "a query is wanted: in words, with --file, or on stdin".into(),
            )),
            false => Ok(text),
        }
    }

    fn given(&self) -> Result<Given, Refusal> {
        let pair = |text: &String| match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok((name.trim().to_ascii_uppercase(), value.to_owned()))
            }
            _ => Err((2, format!("--set `{text}` is not NAME=VALUE"))),
        };
        self.values.iter().map(pair).collect()
    }

    fn engine(&self, sources: &crate::config::Sources) -> Result<Engine, Refusal> {
        let named = |kind: &str, name: &str, known: Vec<&str>| {
            if known.contains(&name) {
                return Ok(name.to_owned());
            }
            let hint = crate::config::load::nearest(name, &known)
                .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
            Err((
                2,
                format!("no {kind} `{name}` is configured for this tenant{hint}"),
            ))
        };
        match (&self.workspace, &self.cluster) {
            (Some(name), _) => {
                let known = sources.workspaces.iter().map(|w| w.name.as_str()).collect();
                named("workspace", name, known).map(Engine::Workspace)
            }
            (_, Some(name)) => {
                let known = sources.clusters.iter().map(|c| c.name.as_str()).collect();
                named("cluster", name, known).map(Engine::Explorer)
            }
            _ => Ok(Engine::Defender),
        }
    }

    fn write(&self, form: Form, table: Table, from: Provenance) -> Result<ExitCode, Refusal> {
        let columns = (0..table.schema().len()).collect();
        let export = Export {
            rows: table.all(),
            table,
            columns,
            form,
            from,
            raw: self.raw,
            visible: false,
            cancel: Cancel::new(),
        };
        deliver(&export, self.output.as_deref(), self.replace)
    }

    fn most_rows(&self) -> Option<u32> {
        match self.workspace.is_some() || self.cluster.is_some() {
            true => Engine::Workspace(String::new()).most_rows(),
            false => Engine::Defender.most_rows(),
        }
    }
}

/// The form that was asked for by name, else by the ending of the file's name, else CSV.
pub fn form_of(format: Option<&str>, output: Option<&Path>) -> Result<Form, Refusal> {
    let ending = output.and_then(Path::extension).and_then(|e| e.to_str());
    let name = format.or(ending).unwrap_or("csv");
    let form = Form::named(name).ok_or_else(|| {
        let all: Vec<&str> = Form::ALL.iter().map(|f| f.ending()).collect();
        (2, format!("there is no form `{name}`: {}", all.join(", ")))
    })?;
    if form == Form::Xlsx && output.is_none() {
        return Err((2, "a workbook wants a file: --output FILE.xlsx".into()));
    }
    Ok(form)
}

/// Writes the rows into a file of one's own, or to stdout. Rows that are not all end in `PARTIAL`, and why.
pub fn deliver(export: &Export, output: Option<&Path>, replace: bool) -> Result<ExitCode, Refusal> {
    for note in &export.from.notes {
        eprintln!("watchfloor: {note}");
    }
    match output {
        Some(path) => {
            let failed = |e: Failed| match e {
                Failed::Io(e) => (1, save::sentence(path, &e)),
                other => (1, other.to_string()),
            };
            let saved = save::write(export, path, replace).map_err(failed)?;
            eprintln!(
                "watchfloor: {} rows in {}",
                export.from.count(export.rows.len()),
                saved.path.display()
            );
        }
        None => {
            let mut to = std::io::BufWriter::new(std::io::stdout().lock());
            let wrote = export.write(&mut to).and_then(|()| Ok(to.flush()?));
            match wrote {
                Err(Failed::Io(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => {}
                Err(e) => return Err((1, format!("stdout: {e}"))),
                Ok(()) => {}
            }
        }
    }
    match &export.from.partial {
        Some(why) => Err((headless::PARTIAL, format!("these are not all rows: {why}"))),
        None => Ok(ExitCode::SUCCESS),
    }
}
