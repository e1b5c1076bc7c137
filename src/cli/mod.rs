//! The command line: what to open, and the commands that need no screen. stdout is data, stderr is talk.
//!
//! The commands of resources (`incidents list`, `devices isolate`) are made from the rows of `resource` and `verb` in
//! `headless`; the others are here. Exit codes: `headless::exit`.

pub mod archive;
pub mod asked;
pub mod audit;
pub mod choose;
pub mod doctor;
pub mod fan;
pub mod headless;
pub mod hunt;
pub mod init;
pub mod kql;
pub mod needs;
pub mod papers;
pub mod permissions;
pub mod purge;
pub mod settings;
pub mod tenants;

use crate::run::First;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::process::ExitCode;

/// A terminal console for Microsoft Defender XDR and Entra tenants.
#[derive(Debug, Parser)]
#[command(name = "watchfloor", version, about, long_about = None)]
pub struct Cli {
    /// The tenant to open, by its name in config.toml; `demo` is the simulated one
    #[arg(long, value_name = "NAME", global = true)]
    pub tenant: Option<String>,
    /// Every tenant of config.toml, for lists and hunts: their answers together, each row with its tenant
    #[arg(long, global = true, conflicts_with = "tenant")]
    pub all_tenants: bool,
    /// Multiplies our own budgets, for filling a large store from a simulator that does not throttle
    #[arg(long, value_name = "X", hide = true, global = true)]
    pub budget_scale: Option<f64>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the console on a simulated tenant: nothing real happens
    Demo(sim::Flags),
    /// Run the simulated tenant alone, for any client; prints one JSON line with its addresses
    Sim(sim::Flags),
    /// The record of everything sent: verify it, list it
    Audit(audit::Audit),
    /// Remove what is cached of the tenant, or of all tenants; settings and the record stay
    Purge,
    /// Keep incidents, alerts, evidence and hunting tables longer than the service does; for cron
    Archive(archive::Archive),
    /// Check, complete, format, run and test hunting queries, offline
    Kql(kql::Kql),
    /// Find anything: an id, a name, an address, a hash, mail, portal URL
    Find(headless::find::Find),
    /// Everything of one incident, alert, device, user …, as one JSON document with where it comes from
    Export(headless::pack::Export),
    /// Run a hunting query, its answer on stdout or in a file
    Hunt(hunt::Hunt),
    /// Check network, sign-in, permissions, lists, terminal and disk; not 0 where something fails
    Doctor(doctor::Doctor),
    /// Set up a tenant by questions: permissions, registration, consent, a test of each API; saves what works
    Init(init::Init),
    /// The tenants of config.toml: list, test, switch on and off, remove
    Tenants(tenants::Manage),
    /// Explain what is in force, and who said so
    #[command(subcommand)]
    Config(settings::ConfigCommand),
    /// What each list and verb needs, and whether this sign-in has it
    Permissions(permissions::Permissions),
    /// Print completions for bash, zsh, fish or PowerShell
    Completions(papers::Completions),
    /// Print the manual page, or write one for every command into a folder
    Man(papers::Man),
}

/// Runs the program; what goes wrong before the screen opens is said on stderr.
pub fn main() -> ExitCode {
    let matches = command().get_matches();
    if let Err(refusal) = of_several(&matches) {
        return end(Err(refusal));
    }
    if let Some((name, sub)) = matches.subcommand() {
        let tenant = sub.get_one::<String>("tenant").map(String::as_str);
        if let Some(done) = headless::run(name, sub, tenant) {
            return end(done);
        }
    }
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|e| e.exit());
    let open_with = |start: Result<choose::Start, choose::Refusal>, first: First| {
        let mut start = start?;
        if let Some(scale) = cli.budget_scale {
            if !start.tenant.sim {
                return Err((2, "--budget-scale is for simulated tenants only".to_owned()));
            }
            start.budget_scale = scale;
        }
        crate::run::console(start, first).map_err(|e| (1, format!("{e:#}")))
    };
    let open = |start| open_with(start, First::Lists);
    let named = cli.tenant.as_deref();
    let done = match cli.command {
        Some(Command::Sim(flags)) => sim::run_forever(flags)
            .map(|()| ExitCode::SUCCESS)
            .map_err(|e| (1, e.to_string())),
        Some(Command::Find(find)) => find.run(cli.tenant.as_deref()),
        Some(Command::Export(export)) => export.run(cli.tenant.as_deref()),
        Some(Command::Hunt(hunt)) => hunt.run(cli.tenant.as_deref(), cli.all_tenants),
        Some(Command::Doctor(doctor)) => doctor.run(cli.tenant.as_deref()),
        Some(Command::Init(init)) if init.form => {
            open_with(choose::behind_form(named), First::Form(init))
        }
        Some(Command::Init(init)) => init.run(),
        Some(Command::Tenants(t)) => t.run(),
        Some(Command::Config(settings::ConfigCommand::Explain(e))) => e.run(),
        Some(Command::Permissions(p)) => p.run(cli.tenant.as_deref()),
        Some(Command::Completions(c)) => c.run(),
        Some(Command::Man(man)) => man.run(),
        Some(Command::Kql(kql)) => kql.run().map_err(|e| (1, e.to_string())),
        Some(Command::Archive(archive)) => archive.run(cli.tenant.as_deref()),
        Some(Command::Audit(audit)) => audit.run(cli.tenant.as_deref()),
        Some(Command::Purge) => purge::run(cli.tenant.as_deref()),
        Some(Command::Demo(flags)) => open(choose::demo(flags)),
        None => {
            let start = choose::tenant(named);
            // nobody asked for the demo tenant: there is no other
            let none = named.is_none() && start.as_ref().is_ok_and(|s| s.sim.is_some());
            open_with(start, if none { First::Demo } else { First::Lists })
        }
    };
    end(done)
}

/// Only lists and hunts are asked of several tenants: whatever writes, or opens a screen, is about one.
fn of_several(matches: &clap::ArgMatches) -> Result<(), choose::Refusal> {
    let reads = match matches.subcommand() {
        Some(("hunt", _)) => true,
        Some((_, sub)) => sub.subcommand_name() == Some("list"),
        None => false,
    };
    match matches.get_flag("all_tenants") && !reads {
        true => Err((
            2,
            "--all-tenants is for lists and hunts: name one tenant".into(),
        )),
        false => Ok(()),
    }
}

/// The whole command line, with the commands of all resources.
pub fn command() -> clap::Command {
    headless::with_resources(Cli::command())
}

fn end(done: Result<ExitCode, choose::Refusal>) -> ExitCode {
    match done {
        Ok(code) => code,
        Err((code, sentence)) => {
            // empty: it was said already
            if !sentence.is_empty() {
                eprintln!("watchfloor: {sentence}");
            }
            ExitCode::from(code)
        }
    }
}
