//! `watchfloor logs`: the activity feed without a screen. `list` writes rows like the other lists, `windows` what was read
//! of each content type day by day, `export` a file with both. Whatever is not proven complete ends with exit code 3.

use super::exit::{PARTIAL, REFUSED, USAGE, ended};
use super::list::{self, Wanted};
use super::out::{Form, Part, SCHEMA, Sheet};
use super::progress::Meter;
use super::stream::{Seen, Stream};
use crate::app::App;
use crate::cli::choose::{self, Refusal};
use crate::cli::hunt::{deliver, form_of};
use crate::model::Ticks;
use crate::model::feed::Ledger;
use crate::model::span::Span;
use crate::msg::{Now, Page};
use crate::resource::filter::When;
use crate::resource::hunt_export::{Export, Provenance};
use crate::resource::{Spec, View, ledger, record};
use crate::run::silent::Silent;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use table::{Cancel, Cmp, Predicate, Selection, Test, Txt};

pub fn command(spec: &'static Spec) -> Command {
    let about = |name: &'static str, text: &'static str| Command::new(name).about(text);
    let list = list::choosing(which(about("list", "List records"), spec), spec);
    let export = list::choosing(
        which(
            about(
                "export",
                "Write records into a file, with the proof of how complete they are",
            ),
            spec,
        ),
        spec,
    );
    Command::new(super::word(spec))
        .about("What was done in Entra, Exchange, SharePoint, Teams and the rest: seven days of the activity feed, sign-ins and audits")
        .long_about(
            "What was done in Entra, Exchange, SharePoint, Teams and the rest: seven days of the activity feed, sign-ins and directory audits. \
             The exit code is 3 where what was read is not proven to be complete: a day is complete when it was listed \
             again six hours after its end and everything of it was read.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(super::forms(list))
        .subcommand(super::forms(part(about(
            "windows",
            "What was read of each source, day by day: counts, retries, gaps, duplicates, late arrivals",
        ))))
        .subcommand(
            export
                .arg(
                    Arg::new("format")
                        .long("format")
                        .value_name("FORM")
                        .help("csv, tsv, ndjson, json, md, xlsx or kql (a datatable) [default: what the ending of --output says, else csv]"),
                )
                .arg(
                    Arg::new("output")
                        .short('o')
                        .long("output")
                        .value_name("FILE")
                        .value_parser(clap::value_parser!(PathBuf))
                        .help("Write to this file, and beside it what was read where its form cannot tell"),
                )
                .arg(
                    Arg::new("replace")
                        .long("replace")
                        .action(ArgAction::SetTrue)
                        .requires("output")
                        .help("A file of that name may be replaced"),
                )
                .arg(
                    Arg::new("raw")
                        .long("raw")
                        .action(ArgAction::SetTrue)
                        .help("Cells that a spreadsheet would run are left as they are"),
                ),
        )
}

/// The flags that say which part of the logs is read.
fn part(command: Command) -> Command {
    command
        .arg(
            Arg::new("type")
                .long("type")
                .value_name("TYPE,…")
                .value_delimiter(',')
                .help("These sources: exchange, entra, sharepoint, general, dlp, sign-ins, audits, or content types in full [default: all]"),
        )
        .arg(
            Arg::new("from")
                .long("from")
                .value_name("TIME")
                .help("What happened at this time or later, UTC: 2026-08-19, 2026-08-19T10:00, 36h, yesterday [default: seven days ago]"),
        )
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("TIME")
                .help("What happened before this time [default: now]"),
        )
}

/// The flags that say which records of it.
fn which(command: Command, spec: &'static Spec) -> Command {
    let names: Vec<String> = presets(spec).map(|v| tidy(v.name)).collect();
    part(command)
        .arg(
            Arg::new("user")
                .long("user")
                .value_name("UPN")
                .help("What this person did or had done to them"),
        )
        .arg(
            Arg::new("preset")
                .long("preset")
                .value_name("NAME")
                .help("A preset of the tab, or enough of its name to tell it")
                .long_help(format!(
                    "A preset of the tab, or enough of its name to tell it. There are: {}",
                    names.join(", ")
                )),
        )
}

fn presets(spec: &'static Spec) -> impl Iterator<Item = &'static View> {
    spec.views.iter().filter(|v| !v.filter.is_empty())
}

/// `inbox-rules-and-forwarding`
fn tidy(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn preset(spec: &'static Spec, word: &str) -> Result<&'static View, Refusal> {
    let word = tidy(word.trim());
    let all: Vec<&View> = presets(spec).collect();
    let same: Vec<&&View> = all.iter().filter(|v| tidy(v.name) == word).collect();
    let like: Vec<&&View> = all
        .iter()
        .filter(|v| tidy(v.name).contains(&word))
        .collect();
    let begins: Vec<&&View> = like
        .iter()
        .filter(|v| tidy(v.name).starts_with(&word))
        .copied()
        .collect();
    for found in [same, begins, like] {
        if let [one] = found.as_slice() {
            return Ok(one);
        }
    }
    let names: Vec<String> = all.iter().map(|v| tidy(v.name)).collect();
    Err((
        USAGE,
        format!(
            "--preset `{word}` is none, or several: {}",
            names.join(", ")
        ),
    ))
}

/// A time as people write it.
fn time(matches: &ArgMatches, name: &str, now: Ticks) -> Result<Option<Ticks>, Refusal> {
    let Some(text) = matches.get_one::<String>(name) else {
        return Ok(None);
    };
    if let Some(at) = Ticks::parse(text) {
        return Ok(Some(at));
    }
    match When::parse(text.trim()) {
        Ok(when) => Ok(Some(when.interval(now).0)),
        Err(why) => Err((USAGE, format!("--{name}: {why}"))),
    }
}

fn span(matches: &ArgMatches, now: Ticks) -> Result<Span, Refusal> {
    let types = matches.get_many::<String>("type");
    let span = Span {
        from: time(matches, "from", now)?,
        to: time(matches, "to", now)?,
        types: types.map_or_else(Vec::new, |all| all.map(|t| t.trim().to_owned()).collect()),
    };
    match (span.from, span.to) {
        (Some(from), Some(to)) if from >= to => Err((
            USAGE,
            format!(
                "--from {} is not before --to {}",
                from.literal(),
                to.literal()
            ),
        )),
        _ => Ok(span),
    }
}

/// Records of the part: those without a time are among them, for nobody knows that they are not.
/// Content types are the reader's to leave out.
fn within(span: &Span, spec: &'static Spec) -> Predicate {
    let mut all = Vec::new();
    let bound = |cmp, at: Ticks| {
        let col = spec.column("CreationTime")?;
        let test = |test| Predicate::Test { col, test };
        let known = test(Test::Int(cmp, at.0));
        Some(Predicate::Or(vec![known, test(Test::Null)]))
    };
    all.extend(span.from.and_then(|at| bound(Cmp::Ge, at)));
    all.extend(span.to.and_then(|at| bound(Cmp::Lt, at)));
    match all.is_empty() {
        true => Predicate::All,
        false => Predicate::And(all),
    }
}

/// What was read.
struct Read {
    tenant: String,
    tenant_id: String,
    demo: bool,
    /// What the part is of the ledger.
    ledger: Ledger,
    /// Why it is not all of it.
    why: Option<String>,
    notes: Vec<String>,
    part: Part,
    rows: Selection,
    took: Duration,
}

pub fn run(
    spec: &'static Spec,
    sub: &str,
    matches: &ArgMatches,
    tenant: Option<&str>,
) -> Result<ExitCode, Refusal> {
    if matches.get_flag("all_tenants") {
        return Err((USAGE, "logs are read of one tenant: name it".into()));
    }
    let now = Ticks::from_timestamp(jiff::Timestamp::now());
    let span = span(matches, now)?;
    match sub {
        "windows" => {
            let read = read(spec, None, None, &span, tenant)?;
            let form = Form::of(matches);
            let mut to = io::BufWriter::new(io::stdout().lock());
            told(windows(&mut to, &read, spec, form).and_then(|()| to.flush()))?;
            end(&read)
        }
        "export" => export(spec, matches, &span, tenant),
        _ => {
            let form = Form::of(matches);
            let mut wanted = Wanted::of(spec, matches, form, &terms(spec, matches)?)?;
            let stream = wanted.streams(spec).then(|| Stream::new(wanted.limit));
            let read = read(spec, Some(&mut wanted), stream.as_ref(), &span, tenant)?;
            if stream.is_none() {
                let app = App::new(
                    Now {
                        mono: Duration::ZERO,
                        wall: now,
                    },
                    (200, 50),
                );
                let order: Vec<(usize, u32)> = read.rows.iter().map(|row| (0, row)).collect();
                let sheet = Sheet {
                    spec,
                    app: &app,
                    parts: std::slice::from_ref(&read.part),
                    order: &order,
                    columns: &wanted.columns,
                    named: false,
                };
                let mut to = io::BufWriter::new(io::stdout().lock());
                told(sheet.write(&mut to, form).and_then(|()| to.flush()))?;
            }
            end(&read)
        }
    }
}

/// The terms that stand for flags of ours.
fn terms(spec: &'static Spec, matches: &ArgMatches) -> Result<Vec<String>, Refusal> {
    let mut out = Vec::new();
    if let Some(upn) = matches.get_one::<String>("user") {
        out.push(record::of_person(Txt::new(upn.trim())));
    }
    if let Some(word) = matches.get_one::<String>("preset") {
        out.push(preset(spec, word)?.filter.to_owned());
    }
    Ok(out)
}

/// Whoever reads stdout may stop reading.
fn told(wrote: io::Result<()>) -> Result<(), Refusal> {
    match wrote {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err((1, format!("stdout: {e}"))),
        _ => Ok(()),
    }
}

fn end(read: &Read) -> Result<ExitCode, Refusal> {
    for note in &read.notes {
        eprintln!("watchfloor: {note}");
    }
    match &read.why {
        None => Ok(ExitCode::SUCCESS),
        Some(why) => Err((PARTIAL, format!("not proven to be all of it: {why}"))),
    }
}

/// Reads the part of the logs.
fn read(
    spec: &'static Spec,
    mut wanted: Option<&mut Wanted>,
    stream: Option<&Stream>,
    span: &Span,
    tenant: Option<&str>,
) -> Result<Read, Refusal> {
    let start = choose::tenant_of_command(tenant)?;
    let (tenant, tenant_id) = (start.tenant.name.clone(), start.tenant.tenant_id.clone());
    let mut silent = Silent::new(start).map_err(|e| (1, format!("{e:#}")))?;
    if silent.app().is_off(spec.title) {
        return Err((REFUSED, silent.app().switched_off(spec.title)));
    }
    if let Some(wanted) = &mut wanted {
        wanted.also = within(span, spec);
    }
    let (meter, begun) = (Meter::new(1), Instant::now());
    let mut seen = Seen::default();
    let done = silent.logs(span.clone(), &mut |app: &App, page: &Page| {
        if let (Some(stream), Some(wanted)) = (stream, &wanted) {
            stream.page(app, page, wanted, None, &mut seen);
        }
        meter.at(0, page.progress.loaded, None, "records");
    });
    meter.end();
    done.map_err(|fault| ended(&fault))?;
    let app = silent.app();
    let part_of = span.cut(&app.ledger);
    if let Some(name) = span.stranger(&app.ledger) {
        let names: Vec<String> = app.ledger.types.iter().map(|t| t.short()).collect();
        return Err((
            USAGE,
            format!(
                "there is no source `{}`: {}",
                Txt::new(name).shown(),
                names.join(", ")
            ),
        ));
    }
    let pane = app.panes.iter().find(|p| p.spec.kind == spec.kind);
    let rows = match (pane, &wanted) {
        (Some(pane), Some(wanted)) => wanted.rows(app, pane),
        _ => Selection::default(),
    };
    let demo = app.session.as_ref().is_some_and(|s| s.demo);
    let why = span.short_of(&part_of);
    let mut notes = span.silent(&part_of);
    let timeless: u64 = part_of.types.iter().map(|t| t.sum(|w| w.timeless)).sum();
    if timeless > 0 && (span.from.is_some() || span.to.is_some()) {
        notes.push(format!(
            "{timeless} records say no time: they are among those of any time"
        ));
    }
    let pane = silent.take_pane(spec.kind);
    silent.stop();
    let mut pane = pane.ok_or((1, "there is no such list".to_owned()))?;
    pane.progress.complete = why.is_none();
    let part = Part {
        tenant: tenant.clone(),
        demo,
        pane,
        why: why.clone(),
        ledger: Some(part_of.clone()),
    };
    if let (Some(stream), Some(wanted)) = (stream, &wanted) {
        stream.rest(&part, &rows, wanted, None, &mut seen);
    }
    Ok(Read {
        tenant,
        tenant_id,
        demo,
        ledger: part_of,
        why,
        notes,
        part,
        rows,
        took: begun.elapsed(),
    })
}

fn export(
    spec: &'static Spec,
    matches: &ArgMatches,
    span: &Span,
    tenant: Option<&str>,
) -> Result<ExitCode, Refusal> {
    let output = matches.get_one::<PathBuf>("output").map(PathBuf::as_path);
    let format = matches.get_one::<String>("format").map(String::as_str);
    let form = form_of(format, output)?;
    let replace = matches.get_flag("replace");
    if let Some(path) = output
        && path.exists()
        && !replace
    {
        return Err((1, format!("{} is there already: --replace", path.display())));
    }
    // all columns unless some are named: not only those of the tab
    let mut wanted = Wanted::of(spec, matches, Form::Csv, &terms(spec, matches)?)?;
    let read = read(spec, Some(&mut wanted), None, span, tenant)?;
    let total = read.part.pane.rows.len() as u64;
    let mut said = vec![format!("logs of {}", read.tenant)];
    said.extend(span.from.map(|at| format!("from {}", at.literal())));
    said.extend(span.to.map(|at| format!("to {}", at.literal())));
    if !span.types.is_empty() {
        said.push(format!("of {}", span.types.join(", ")));
    }
    let by = match wanted.filter.trim() {
        "" => said.join(" "),
        filter => format!("filter {filter}"),
    };
    let chosen = (read.rows.len() as u64 != total).then_some((total, by));
    let table = read.part.pane.rows.table().clone();
    let export = Export {
        table,
        rows: read.rows,
        columns: wanted.columns.iter().map(|(col, _)| *col).collect(),
        form,
        from: Provenance {
            query: said.join(" "),
            local: Vec::new(),
            tenant: read.tenant,
            tenant_id: read.tenant_id,
            demo: read.demo,
            engine: (spec.listing.list)(None).service.name().to_owned(),
            at: read.ledger.as_of.unwrap_or_default(),
            took_ms: read.took.as_millis() as u64,
            partial: read.why,
            notes: read.notes,
            chosen,
            ledger: Some(Arc::new(read.ledger)),
        },
        raw: matches.get_flag("raw"),
        visible: false,
        cancel: Cancel::new(),
    };
    deliver(&export, output, replace)
}

/// The ledger by itself.
fn windows(to: &mut dyn Write, read: &Read, spec: &'static Spec, form: Form) -> io::Result<()> {
    let all = ledger::windows(&read.ledger);
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match form {
        Form::Json => {
            let mut out = json!({
                "schema": SCHEMA,
                "tenant": read.tenant,
                "kind": format!("windows of {}s", spec.one),
                "complete": read.why.is_none(),
                "why": read.why,
                "ledger": ledger::json(&read.ledger),
            });
            if read.demo {
                out["demo"] = true.into();
            }
            writeln!(to, "{out:#}")
        }
        Form::Ndjson => {
            for window in all {
                serde_json::to_writer(&mut *to, &window)?;
                to.write_all(b"\n")?;
            }
            Ok(())
        }
        Form::Csv => {
            let cell = |text: &str| Txt::new(text).csv_cell(false);
            let heads: Vec<String> = ledger::HEADS.iter().map(|h| cell(h)).collect();
            write!(to, "{}\r\n", heads.join(","))?;
            for window in &all {
                let cells = ledger::HEADS.iter().map(|h| cell(&text(window.get(*h))));
                write!(to, "{}\r\n", cells.collect::<Vec<_>>().join(","))?;
            }
            Ok(())
        }
        Form::Table => {
            for content in &read.ledger.types {
                writeln!(
                    to,
                    "{} {}{}",
                    content.name.txt().shown(),
                    content.standing.word(),
                    match content.trouble.as_str() {
                        "" => String::new(),
                        why => format!(": {}", Txt::new(why).shown()),
                    }
                )?;
                for window in &content.windows {
                    writeln!(to, "  {}", Txt::new(&window.to_string()).shown())?;
                }
            }
            Ok(())
        }
    }
}
