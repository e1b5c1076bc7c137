//! `watchfloor incidents list`: a list read to its end, filtered and sorted like the tab of that name.

use super::exit::{PARTIAL, REFUSED, USAGE, ended};
use super::out::{Form, Part, Sheet};
use super::progress::Meter;
use super::stream::{Seen, Stream};
use crate::app::App;
use crate::app::pane::Pane;
use crate::cli::choose::{self, Refusal, Start};
use crate::cli::fan;
use crate::model::{Fault, Kind, Ticks};
use crate::msg::{Now, Origin, Page, Progress};
use crate::resource::filter::{Env, What, compile, parse};
use crate::resource::{Column, Source, Spec};
use crate::run::silent::Silent;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use table::{Cancel, ChunkBuilder, Predicate, Selection, SortKey, Table};

pub fn command(spec: &'static Spec) -> Command {
    let command = Command::new("list").about(format!("List {}", super::word(spec)));
    super::forms(
        choosing(command, spec).arg(
            Arg::new("cached")
                .long("cached")
                .action(ArgAction::SetTrue)
                .help("What the last run saw, without asking the service"),
        ),
    )
}

/// The flags that say which rows and columns, in which order.
pub fn choosing(command: Command, spec: &'static Spec) -> Command {
    let names: Vec<&str> = spec.columns.iter().map(|c| c.name).collect();
    command
        .arg(
            Arg::new("filter")
                .long("filter")
                .short('f')
                .value_name("FILTER")
                .help("The filter language of the console: sev>=med st:new age<4h"),
        )
        .arg(
            Arg::new("columns")
                .long("columns")
                .value_name("NAME,…")
                .value_delimiter(',')
                .help("These columns in this order [default: all of them in JSON and CSV, those of the tab else]")
                .long_help(format!("These columns in this order. There are: {}", names.join(", "))),
        )
        .arg(
            Arg::new("sort")
                .long("sort")
                .value_name("NAME")
                .allow_hyphen_values(true)
                .help("Sort by this column; -NAME turns it round"),
        )
        .arg(
            Arg::new("limit")
                .long("limit")
                .value_name("N")
                .value_parser(clap::value_parser!(usize))
                .help("The first N of those that fit"),
        )
}

/// What was asked for, checked against the resource before anybody is asked.
pub struct Wanted {
    pub columns: Vec<(usize, &'static Column)>,
    pub filter: String,
    sort: Vec<SortKey>,
    pub limit: usize,
    form: Form,
    /// An order was asked for by name.
    sorted: bool,
    /// What rows must be beside the filter.
    pub also: Predicate,
}

impl Wanted {
    /// `more`: further terms of the filter.
    pub fn of(
        spec: &'static Spec,
        matches: &ArgMatches,
        form: Form,
        more: &[String],
    ) -> Result<Self, Refusal> {
        let column = |name: &str| {
            let found = spec
                .columns
                .iter()
                .enumerate()
                .find(|(_, c)| c.is_called(name));
            found.ok_or_else(|| {
                let names: Vec<&str> = spec.columns.iter().map(|c| c.name).collect();
                let hint = crate::config::load::nearest(name, &names);
                let hint = hint.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
                (
                    USAGE,
                    format!("{} have no column `{name}`{hint}", super::word(spec)),
                )
            })
        };
        let columns = match matches.get_many::<String>("columns") {
            Some(names) => names.map(|n| column(n.trim())).collect::<Result<_, _>>()?,
            None => (spec.columns.iter().enumerate())
                .filter(|(_, c)| match form {
                    // what is joined from other lists costs reading them: when it is asked for
                    Form::Table => c.drop < 9 && c.source == Source::Own,
                    _ => c.source == Source::Own,
                })
                .collect(),
        };
        let sort = match matches.get_one::<String>("sort") {
            None => spec.sort_keys(spec.sort),
            Some(name) => {
                let (name, down) = match name.strip_prefix('-') {
                    Some(name) => (name, true),
                    None => (name.as_str(), false),
                };
                let direction = match down {
                    true => crate::resource::Direction::Down,
                    false => crate::resource::Direction::Up,
                };
                spec.sort_keys(&[(column(name)?.1.name, direction)])
            }
        };
        let own = matches.get_one::<String>("filter");
        let terms: Vec<&str> = own.into_iter().chain(more).map(String::as_str).collect();
        let filter = terms.join(" ");
        if let Some(problem) = parse(&filter, spec).problems.first() {
            return Err((USAGE, format!("--filter: {}", problem.sentence)));
        }
        Ok(Self {
            columns,
            filter,
            sort,
            limit: matches
                .get_one::<usize>("limit")
                .copied()
                .unwrap_or(usize::MAX),
            form,
            sorted: matches.contains_id("sort"),
            also: Predicate::All,
        })
    }

    /// Joined columns are shown, sorted by or asked for.
    fn joins(&self, spec: &'static Spec) -> bool {
        let joined = |col: usize| {
            spec.columns
                .get(col)
                .is_some_and(|c| c.source == Source::Joined)
        };
        self.columns.iter().any(|(_, c)| c.source == Source::Joined)
            || self.sort.iter().any(|k| joined(k.col))
            || (parse(&self.filter, spec).terms.iter())
                .any(|t| matches!(t.what, What::Field { col, .. } if joined(col)))
    }

    pub fn predicate(&self, app: &App, spec: &'static Spec) -> Predicate {
        let env = Env {
            now: app.now.wall,
            me: app.session.as_ref().and_then(|s| s.me.clone()),
            joined: true,
        };
        let filter = compile(&parse(&self.filter, spec), spec, &env);
        match &self.also {
            Predicate::All => filter,
            also => Predicate::And(vec![filter, also.clone()]),
        }
    }

    /// The rows of a pane that fit, in their order.
    pub fn rows(&self, app: &App, pane: &Pane) -> Selection {
        let (table, never) = (pane.rows.table(), Cancel::default());
        let predicate = self.predicate(app, pane.spec);
        let all = pane.rows.live();
        let fit = table::filter(table, &all, &predicate, &never).map_or(all, |f| f.rows);
        let mut rows = table::sort(table, &fit, &self.sort, &never).unwrap_or(fit);
        if rows.len() > self.limit {
            rows = rows.iter().take(self.limit).collect();
        }
        rows
    }

    /// Lines are written as pages come: nothing has to be known of later rows.
    pub fn streams(&self, spec: &'static Spec) -> bool {
        self.form == Form::Ndjson && !self.sorted && !self.joins(spec)
    }
}

/// What one tenant gave.
struct Read {
    part: Part,
    rows: Selection,
    fault: Option<Fault>,
}

/// What all tenants share while they are read.
struct Reading<'a> {
    spec: &'static Spec,
    wanted: &'a Wanted,
    meter: &'a Meter,
    stream: Option<&'a Stream>,
    cached: bool,
    named: bool,
}

impl Reading<'_> {
    fn read(&self, place: usize, start: Start) -> Result<Read, Refusal> {
        let (spec, wanted) = (self.spec, self.wanted);
        let tenant = start.tenant.name.clone();
        if self.cached {
            let mut app = cached(spec, &start)?;
            let pane = app
                .pane_of(spec.kind)
                .map(|p| std::mem::replace(p, Pane::new(spec)));
            let pane = pane.ok_or((1, "there is no such list".to_owned()))?;
            let rows = wanted.rows(&app, &pane);
            let part = Part {
                tenant,
                demo: start.tenant.sim,
                pane,
                why: None,
                ledger: None,
            };
            return Ok(Read {
                part,
                rows,
                fault: None,
            });
        }
        let mut silent = Silent::new(start).map_err(|e| (1, format!("{e:#}")))?;
        if silent.app().is_list_off(spec) {
            return Err((REFUSED, silent.app().switched_off(spec.module())));
        }
        if self.named {
            silent = silent.named(&tenant);
        }
        let whose = self.named.then_some(tenant.as_str());
        let mut seen = Seen::default();
        let many = super::word(spec);
        let mut say = |app: &App, page: &Page| {
            let progress = page.progress;
            if let Some(stream) = self.stream
                && page.kind == spec.kind
            {
                stream.page(app, page, wanted, whose, &mut seen);
            }
            if page.origin != Origin::Cache {
                self.meter.at(place, progress.loaded, progress.total, &many);
            }
        };
        let mut read = silent.list(spec.kind, &mut say);
        if read.is_ok() && wanted.joins(spec) && spec.kind == Kind::Incident {
            read = silent.list(Kind::Alert, &mut say);
        }
        let rows = match silent.app().panes.iter().find(|p| p.spec.kind == spec.kind) {
            Some(pane) => wanted.rows(silent.app(), pane),
            None => Selection::default(),
        };
        let demo = silent.app().session.as_ref().is_some_and(|s| s.demo);
        let pane = silent.take_pane(spec.kind);
        silent.stop();
        let pane = pane.ok_or((1, "there is no such list".to_owned()))?;
        let fault = read.err();
        if let Some(fault) = &fault
            && (pane.cached || pane.rows.is_empty())
        {
            return Err(ended(fault));
        }
        let part = Part {
            tenant: tenant.clone(),
            demo,
            why: short_of(&pane, fault.as_ref()),
            pane,
            ledger: None,
        };
        if let Some(stream) = self.stream {
            stream.rest(&part, &rows, wanted, whose, &mut seen);
        }
        Ok(Read { part, rows, fault })
    }
}

/// Why a list is not all there is.
fn short_of(pane: &Pane, fault: Option<&Fault>) -> Option<String> {
    if let Some(fault) = fault {
        return Some(format!("not all of it: {fault}"));
    }
    if pane.bad > 0 {
        let why = pane
            .fault
            .as_ref()
            .map_or_else(String::new, |f| format!(": {f}"));
        return Some(format!("{} rows could not be read{why}", pane.bad));
    }
    (!pane.progress.complete).then(|| {
        let all = pane
            .progress
            .total
            .map_or_else(String::new, |t| format!(" of {t}"));
        format!("these are {}{all}", pane.progress.loaded)
    })
}

pub fn run(
    spec: &'static Spec,
    matches: &ArgMatches,
    tenant: Option<&str>,
) -> Result<ExitCode, Refusal> {
    let wanted = Wanted::of(spec, matches, Form::of(matches), &[])?;
    let all = matches.get_flag("all_tenants");
    let named = fan::is_several(tenant, all);
    let starts = choose::tenants_of_command(tenant, all)?;
    let names: Vec<String> = starts.iter().map(|s| s.tenant.name.clone()).collect();
    let meter = Meter::new(starts.len());
    let cached = matches.get_flag("cached");
    let stream = (!cached && wanted.streams(spec)).then(|| Stream::new(wanted.limit));
    let reading = Reading {
        spec,
        wanted: &wanted,
        meter: &meter,
        stream: stream.as_ref(),
        cached,
        named,
    };
    let place = |start: &Start| names.iter().position(|n| *n == start.tenant.name);
    let answers = match named {
        true => fan::each(starts, |s| reading.read(place(&s).unwrap_or(0), s)),
        // on this thread, as commands of one tenant are
        false => starts
            .into_iter()
            .map(|s| Some(reading.read(0, s)))
            .collect(),
    };
    meter.end();
    let (mut parts, mut rows) = (Vec::new(), Vec::new());
    let (mut short, mut worst) = (Vec::new(), None);
    for (name, answer) in names.iter().zip(answers) {
        let answer = answer.unwrap_or_else(|| Err((1, "a part of the program failed".into())));
        match answer {
            Ok(read) => {
                short.extend(read.part.why.clone().map(|why| (name.clone(), why)));
                worst = worst.or(read.fault.map(|f| super::code(f.kind)));
                parts.push(read.part);
                rows.push(read.rows);
            }
            Err((_, why)) if why.is_empty() => {}
            Err(refusal) if !named => return Err(refusal),
            Err((code, why)) => {
                worst = worst.or(Some(code));
                short.push((name.clone(), why.clone()));
                parts.push(Part {
                    tenant: name.clone(),
                    demo: false,
                    pane: Pane::new(spec),
                    why: Some(why),
                    ledger: None,
                });
                rows.push(Selection::default());
            }
        }
    }
    if worst == Some(130) {
        return Err((130, "interrupted".into()));
    }
    let order = order(spec, &parts, &rows, &wanted);
    let none = order.is_empty() && short.len() == parts.len();
    if stream.is_none() && !(none && named && worst.is_some()) {
        let app = App::new(
            Now {
                mono: Duration::ZERO,
                wall: wall(),
            },
            (200, 50),
        );
        let sheet = Sheet {
            spec,
            app: &app,
            parts: &parts,
            order: &order,
            columns: &wanted.columns,
            named,
        };
        let mut to = std::io::BufWriter::new(std::io::stdout().lock());
        match sheet.write(&mut to, wanted.form).and_then(|()| to.flush()) {
            // whoever reads may stop reading
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            Err(e) => return Err((1, format!("stdout: {e}"))),
            Ok(()) => {}
        }
    }
    let said: Vec<String> = short
        .iter()
        .map(|(name, why)| match named {
            true => format!("{}: {why}", table::Txt::new(name).shown()),
            false => why.clone(),
        })
        .collect();
    match (said.is_empty(), none, worst) {
        (true, ..) => Ok(ExitCode::SUCCESS),
        (_, true, Some(code)) => Err((code, said.join("\nwatchfloor: "))),
        _ => Err((PARTIAL, said.join("\nwatchfloor: "))),
    }
}

/// The rows of all tenants in one order; of equal ones those of the tenant that was named first.
fn order(
    spec: &'static Spec,
    parts: &[Part],
    rows: &[Selection],
    wanted: &Wanted,
) -> Vec<(usize, u32)> {
    let each = rows.iter().enumerate();
    let mut all: Vec<(usize, u32)> = each
        .flat_map(|(n, rows)| rows.iter().map(move |row| (n, row)))
        .collect();
    if rows.len() > 1 {
        let mut build = ChunkBuilder::new(spec.schema());
        for (n, row) in &all {
            for key in &wanted.sort {
                if let Some(part) = parts.get(*n) {
                    build.cell(key.col, part.pane.rows.cell(*row, key.col));
                }
            }
            build.end_row();
        }
        let mut table = Table::new(spec.schema());
        table.append(Arc::new(build.finish()));
        if let Some(sorted) = table::sort(&table, &table.all(), &wanted.sort, &Cancel::default()) {
            all = sorted
                .iter()
                .filter_map(|at| all.get(at as usize).copied())
                .collect();
        }
    }
    all.truncate(wanted.limit);
    all
}

fn wall() -> Ticks {
    Ticks::from_timestamp(jiff::Timestamp::now())
}

/// The rows that the last run saw.
fn cached(spec: &'static Spec, start: &Start) -> Result<App, Refusal> {
    use crate::backend::ports::Store;
    let now = Now {
        mono: Duration::ZERO,
        wall: wall(),
    };
    let path = start.dirs.tenant_cache(&start.tenant.name).join("cache.db");
    let nothing = || {
        let many = super::word(spec);
        (
            1,
            format!("no {many} are kept here: read them once without --cached"),
        )
    };
    if !path.exists() {
        return Err(nothing());
    }
    let store = crate::store::Cached::new(Some(path), wall);
    let mut app = App::new(now, (200, 50));
    let pane = app.pane_of(spec.kind).ok_or_else(nothing)?;
    let seen = store
        .load(spec.kind, &mut |chunk, _| {
            pane.rows.upsert(chunk);
            true
        })
        .map_err(|f| ended(&f))?;
    if pane.rows.is_empty() {
        return Err(nothing());
    }
    pane.progress = Progress {
        loaded: pane.rows.len() as u64,
        total: seen.total,
        complete: seen.complete,
        as_of: seen.as_of,
    };
    Ok(app)
}
