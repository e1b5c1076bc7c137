//! `watchfloor users show ana@contoso.com`: one entity as the service has it now.

use super::exit::ended;
use super::words;
use crate::cli::choose::{self, Refusal};
use crate::model::Json;
use crate::resource::Spec;
use crate::run::silent::Silent;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::process::ExitCode;

pub fn command(spec: &'static Spec) -> Command {
    Command::new("show")
        .about(format!("Show one {} as the service has it now", spec.one))
        .arg(
            Arg::new("target")
                .value_name("ID")
                .required(true)
                .help("Its id, or the name of a user or device"),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("The whole entity in the service's own fields"),
        )
}

pub fn run(
    spec: &'static Spec,
    matches: &ArgMatches,
    tenant: Option<&str>,
) -> Result<ExitCode, Refusal> {
    let start = choose::tenant_of_command(tenant)?;
    let name = start.tenant.name.clone();
    let mut silent = Silent::new(start).map_err(|e| (1, format!("{e:#}")))?;
    let text = matches
        .get_one::<String>("target")
        .map_or("", String::as_str);
    let key = words::key(&mut silent, spec, text)?;
    let entity = silent.entity(&key).map_err(|f| ended(&f))?;
    if matches.get_flag("json") {
        let mut out =
            serde_json::json!({"schema": super::out::SCHEMA, "tenant": name, "kind": spec.one});
        if silent.app().session.as_ref().is_some_and(|s| s.demo) {
            out["demo"] = true.into();
        }
        out["entity"] = (*entity).clone();
        println!("{out:#}");
    } else {
        // summaries are made safe where they are made
        println!("{}", (spec.summary)(Json(&entity)));
    }
    silent.stop();
    Ok(ExitCode::SUCCESS)
}
