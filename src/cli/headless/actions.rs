//! `watchfloor actions watch|undo`: machine actions followed to their end, and what we did taken back.

use super::act;
use super::exit::{CONFLICT, ended};
use crate::app::App;
use crate::cli::choose::{self, Refusal};
use crate::model::Kind;
use crate::run::silent::Silent;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

/// How long the record is waited for: it is read at the start.
const RECORD: Duration = Duration::from_secs(20);

/// Both commands.
pub fn commands() -> [Command; 2] {
    let ids = Arg::new("id").value_name("ID").num_args(0..);
    let watch = Command::new("watch")
        .about("Follow actions until none is open: a line for each change")
        .arg(ids.help("Only these [default: all that are open]"))
        .arg(
            Arg::new("timeout")
                .long("timeout")
                .value_name("SECONDS")
                .value_parser(clap::value_parser!(u64))
                .default_value("3600")
                .help("Give up after this long"),
        )
        .arg(
            Arg::new("ndjson")
                .long("ndjson")
                .action(ArgAction::SetTrue)
                .help("One JSON object a line"),
        );
    let undo = act::answers(
        Command::new("undo")
            .about("Take back what we did, by its run or by the id of the action: the opposite, with its own question")
            .arg(
                Arg::new("id")
                    .value_name("RUN")
                    .required(true)
                    .help("As `audit list` tells it, or the id of a machine action"),
            ),
    );
    [watch, undo]
}

/// One action, as it stands.
#[derive(Clone, PartialEq)]
struct Line {
    status: String,
    kind: String,
    on: String,
}

impl Line {
    fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "Pending" | "InProgress")
    }
}

fn lines(app: &App) -> BTreeMap<String, Line> {
    let Some(pane) = app.panes.iter().find(|p| p.spec.kind == Kind::Action) else {
        return BTreeMap::new();
    };
    let cell = |row: u32, name: &str| {
        let col = pane.spec.column(name);
        let text = col.and_then(|c| pane.rows.cell(row, c).text());
        text.map_or_else(String::new, |t| t.exact().to_owned())
    };
    let rows = pane.rows.live();
    let line = |row: u32| {
        let line = Line {
            status: cell(row, "status"),
            kind: cell(row, "type"),
            on: cell(row, "computerDnsName"),
        };
        (pane.rows.key(row).exact().to_owned(), line)
    };
    rows.iter().map(line).collect()
}

pub fn watch(matches: &ArgMatches, tenant: Option<&str>) -> Result<ExitCode, Refusal> {
    let wanted: Vec<String> = (matches.get_many::<String>("id").into_iter().flatten())
        .cloned()
        .collect();
    let limit = matches.get_one::<u64>("timeout").copied().unwrap_or(3600);
    let as_json = matches.get_flag("ndjson");
    let start = choose::tenant_of_command(tenant)?;
    let mut silent = Silent::new(start).map_err(|e| (1, format!("{e:#}")))?;
    silent
        .list(Kind::Action, &mut |_, _| {})
        .map_err(|f| ended(&f))?;
    let now = lines(silent.app());
    if let Some(stranger) = wanted.iter().find(|id| !now.contains_key(*id)) {
        let id = table::Txt::new(stranger);
        return Err((CONFLICT, format!("there is no action {}", id.shown())));
    }
    let followed: Vec<String> = match wanted.is_empty() {
        true => now
            .iter()
            .filter(|(_, l)| l.is_open())
            .map(|(id, _)| id.clone())
            .collect(),
        false => wanted,
    };
    let mut told: BTreeMap<String, Line> = BTreeMap::new();
    // the list goes on being read by itself: what is open often, the rest now and then
    let waited = silent.until(Duration::from_secs(limit), |app, _| {
        let now = lines(app);
        for id in &followed {
            let Some(line) = now.get(id) else { continue };
            if told.get(id) != Some(line) {
                print(id, line, as_json);
                told.insert(id.clone(), line.clone());
            }
        }
        let open = followed
            .iter()
            .filter_map(|id| now.get(id))
            .any(Line::is_open);
        (!open).then_some(())
    });
    silent.stop();
    waited.map_err(|f| ended(&f))?;
    let bad: Vec<String> = (told.values())
        .filter(|l| l.status != "Succeeded")
        .map(|l| format!("{} {}", l.kind, l.status))
        .collect();
    match bad.is_empty() {
        true => Ok(ExitCode::SUCCESS),
        false => Err((1, format!("not all succeeded: {}", bad.join(", ")))),
    }
}

fn print(id: &str, line: &Line, as_json: bool) {
    if as_json {
        println!(
            "{}",
            json!({"id": id, "status": line.status, "type": line.kind, "on": line.on})
        );
        return;
    }
    let text = format!("{id}  {}  {}  {}", line.status, line.kind, line.on);
    println!("{}", table::Txt::new(&text).shown());
}

pub fn undo(matches: &ArgMatches, tenant: Option<&str>) -> Result<ExitCode, Refusal> {
    let id = matches.get_one::<String>("id").cloned().unwrap_or_default();
    let start = choose::tenant_of_command(tenant)?;
    let name = start.tenant.name.clone();
    let mut silent = Silent::new(start).map_err(|e| (1, format!("{e:#}")))?;
    let done = (|| {
        silent.sign_in().map_err(|f| ended(&f))?;
        let known = silent.until(RECORD, |app, _| {
            crate::app::undo::knows(app, &id).then_some(())
        });
        if known.is_err() {
            let id = table::Txt::new(&id);
            return Err((
                CONFLICT,
                format!("nothing of ours on record has the id {}", id.shown()),
            ));
        }
        silent
            .act(|app, fx| crate::app::undo::ask_by_id(app, &id, fx))
            .map_err(|why| (CONFLICT, format!("undo: {why}")))?;
        act::answered(&mut silent, matches, &name)
    })();
    silent.stop();
    done
}
