//! The same resources and verbs without a screen: `watchfloor incidents list`, `watchfloor devices isolate …`.
//!
//! Commands, flags and help are made from the rows in `resource` and `verb`; nothing here knows a verb by its name.
//! stdout is data, stderr is talk. `list` and `show` read, `act` writes through the same prompt, guards and record as the
//! console does (`app::command`).

mod act;
mod actions;
pub mod exit;
pub mod find;
mod form;
mod list;
mod logs;
mod out;
pub mod pack;
mod progress;
mod show;
mod stream;
#[cfg(test)]
mod tests;

mod words;

use super::choose::Refusal;
use crate::model::Kind;
use crate::resource::{self, Spec};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::process::ExitCode;

pub use exit::{CONFLICT, PARTIAL, REFUSED, code};

/// The word of a resource on the command line: `incidents`.
pub fn word(spec: &Spec) -> String {
    spec.title.to_lowercase().replace(' ', "-")
}

/// Adds the commands of all resources.
pub fn with_resources(command: Command) -> Command {
    resource::ALL.iter().fold(command, |c, spec| {
        c.subcommand(match spec.kind {
            // records have no listing of their own that ends
            Kind::Record => logs::command(spec),
            _ => of(spec),
        })
    })
}

fn of(spec: &'static Spec) -> Command {
    let many = word(spec);
    let mut command = Command::new(many.clone())
        .about(format!("List, show and act on {many}"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(list::command(spec));
    if spec.kind != Kind::Feed {
        command = command.subcommand(show::command(spec));
    }
    for verb in crate::verb::all().filter(|v| v.kinds.contains(&spec.kind)) {
        command = command.subcommand(form::command(verb, spec));
    }
    if spec.kind == Kind::Action {
        command = command.subcommands(actions::commands());
    }
    command
}

/// The forms an answer can have; exactly one is in force.
fn forms(command: Command) -> Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .action(ArgAction::SetTrue)
            .help(help)
    };
    command
        .arg(flag("json", "One JSON object, with the version of its schema").conflicts_with_all(["ndjson", "csv"]))
        .arg(flag("ndjson", "One JSON object a line, as they come").conflicts_with("csv"))
        .arg(flag("csv", "Comma-separated, every cell quoted; a cell that a spreadsheet would run gets an apostrophe"))
}

/// Runs the command of a resource, if it is one.
pub fn run(
    name: &str,
    matches: &ArgMatches,
    tenant: Option<&str>,
) -> Option<Result<ExitCode, Refusal>> {
    let spec = resource::ALL.iter().find(|s| word(s) == name)?;
    let (sub, matches) = matches.subcommand()?;
    if spec.kind == Kind::Record {
        return Some(logs::run(spec, sub, matches, tenant));
    }
    Some(match sub {
        "list" => list::run(spec, matches, tenant),
        "show" => show::run(spec, matches, tenant),
        "watch" if spec.kind == Kind::Action => actions::watch(matches, tenant),
        "undo" if spec.kind == Kind::Action => actions::undo(matches, tenant),
        sub => match form::verb(sub, spec) {
            Some(verb) => act::run(verb, spec, matches, tenant),
            None => Err((2, format!("there is no `{name} {sub}`"))),
        },
    })
}
