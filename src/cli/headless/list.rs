//! `watchfloor incidents list`: a list read to its end, filtered and sorted like the tab of that name.

use super::exit::{PARTIAL, USAGE, ended};
use super::out::{self, Form};
use crate::app::App;
use crate::app::pane::Pane;
use crate::cli::choose::{self, Refusal, Start};
use crate::model::Ticks;
use crate::msg::{Now, Progress};
use crate::resource::filter::{Env, What, compile, parse};
use crate::resource::{Column, Source, Spec};
use crate::run::silent::Silent;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;
use table::{Cancel, Selection, SortKey};

pub fn command(spec: &'static Spec) -> Command {
    let names: Vec<&str> = spec.columns.iter().map(|c| c.name).collect();
    let command = Command::new("list")
        .about(format!("List {}", super::word(spec)))
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
                .help("Sort by this column; -NAME turns it round"),
        )
        .arg(
            Arg::new("limit")
                .long("limit")
                .value_name("N")
                .value_parser(clap::value_parser!(usize))
                .help("The first N of those that fit"),
        )
        .arg(
            Arg::new("cached")
                .long("cached")
                .action(ArgAction::SetTrue)
                .help("What the last run saw, without asking the service"),
        );
    super::forms(command)
}

/// What was asked for, checked against the resource before anybody is asked.
struct Wanted {
    columns: Vec<(usize, &'static Column)>,
    filter: String,
    sort: Vec<SortKey>,
    limit: usize,
    form: Form,
}

impl Wanted {
    fn of(spec: &'static Spec, matches: &ArgMatches) -> Result<Self, Refusal> {
        let form = Form::of(matches);
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
        let filter = matches
            .get_one::<String>("filter")
            .cloned()
            .unwrap_or_default();
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

    fn rows(&self, app: &App, pane: &Pane) -> Selection {
        let env = Env {
            now: app.now.wall,
            me: app.session.as_ref().and_then(|s| s.me.clone()),
            joined: true,
        };
        let (table, never) = (pane.rows.table(), Cancel::default());
        let predicate = compile(&parse(&self.filter, pane.spec), pane.spec, &env);
        let all = pane.rows.live();
        let fit = table::filter(table, &all, &predicate, &never).map_or(all, |f| f.rows);
        let mut rows = table::sort(table, &fit, &self.sort, &never).unwrap_or(fit);
        if rows.len() > self.limit {
            rows = rows.iter().take(self.limit).collect();
        }
        rows
    }
}

pub fn run(
    spec: &'static Spec,
    matches: &ArgMatches,
    tenant: Option<&str>,
) -> Result<ExitCode, Refusal> {
    let wanted = Wanted::of(spec, matches)?;
    let start = choose::tenant_of_command(tenant)?;
    let name = start.tenant.name.clone();
    if matches.get_flag("cached") {
        let app = cached(spec, &start)?;
        return write(&app, &name, spec, &wanted);
    }
    let mut silent = Silent::new(start).map_err(|e| (1, format!("{e:#}")))?;
    let terminal = std::io::stderr().is_terminal();
    let mut told = std::time::Instant::now();
    let mut say = |loaded: u64, total: Option<u64>| {
        if terminal && told.elapsed() > Duration::from_millis(500) {
            told = std::time::Instant::now();
            let of = total.map_or_else(String::new, |t| format!(" of {t}"));
            eprint!("\r{loaded}{of} {} read ", spec.one);
        }
    };
    let mut read = silent.list(spec.kind, &mut say);
    if read.is_ok() && wanted.joins(spec) && spec.kind == crate::model::Kind::Incident {
        read = silent.list(crate::model::Kind::Alert, &mut say);
    }
    let out = match read {
        Ok(()) => write(silent.app(), &name, spec, &wanted),
        Err(fault) => {
            let pane = silent.app().panes.iter().find(|p| p.spec.kind == spec.kind);
            let some = pane.is_some_and(|p| !p.cached && !p.rows.is_empty());
            // what was read is worth having, and says that it is not all
            match some && write(silent.app(), &name, spec, &wanted).is_ok() {
                true => Err((PARTIAL, format!("not all of it: {fault}"))),
                false => Err(ended(&fault)),
            }
        }
    };
    silent.stop();
    out
}

/// The rows that the last run saw.
fn cached(spec: &'static Spec, start: &Start) -> Result<App, Refusal> {
    use crate::backend::ports::Store;
    let wall: fn() -> Ticks = || Ticks::from_timestamp(jiff::Timestamp::now());
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

fn write(
    app: &App,
    tenant: &str,
    spec: &'static Spec,
    wanted: &Wanted,
) -> Result<ExitCode, Refusal> {
    let Some(pane) = app.panes.iter().find(|p| p.spec.kind == spec.kind) else {
        return Err((1, "there is no such list".into()));
    };
    let rows = wanted.rows(app, pane);
    let mut to = std::io::BufWriter::new(std::io::stdout().lock());
    let done = out::rows(
        &mut to,
        wanted.form,
        app,
        tenant,
        pane,
        &rows,
        &wanted.columns,
    )
    .and_then(|()| to.flush());
    match done {
        // whoever reads may stop reading
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(e) => Err((1, format!("stdout: {e}"))),
        Ok(()) => {
            if pane.bad > 0 {
                let why = pane_why(pane);
                return Err((PARTIAL, format!("{} rows could not be read{why}", pane.bad)));
            }
            match pane.progress.complete {
                true => Ok(ExitCode::SUCCESS),
                false => {
                    let all = pane
                        .progress
                        .total
                        .map_or_else(String::new, |t| format!(" of {t}"));
                    Err((PARTIAL, format!("these are {}{all}", pane.progress.loaded)))
                }
            }
        }
    }
}

fn pane_why(pane: &Pane) -> String {
    pane.fault
        .as_ref()
        .map_or_else(String::new, |f| format!(": {f}"))
}
