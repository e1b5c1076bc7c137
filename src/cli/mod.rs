//! The command line: what to open, and the commands that need no screen. stdout is data, stderr is talk.
//!
//! Exit codes: 0 ok, 1 error, 2 usage (also an unusable configuration), 130 interrupted.

pub mod archive;
pub mod audit;
pub mod choose;
pub mod kql;
pub mod purge;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// A terminal console for Microsoft Defender XDR and Entra tenants.
#[derive(Debug, Parser)]
#[command(name = "watchfloor", version, about, long_about = None)]
pub struct Cli {
    /// The tenant to open, by its name in config.toml; `demo` is the simulated one
    #[arg(long, value_name = "NAME", global = true)]
    pub tenant: Option<String>,
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
}

/// Runs the program; what goes wrong before the screen opens is said on stderr.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let open = |start: Result<choose::Start, choose::Refusal>| {
        let mut start = start?;
        if let Some(scale) = cli.budget_scale {
            if !start.tenant.sim {
                return Err((2, "--budget-scale is for simulated tenants only".to_owned()));
            }
            start.budget_scale = scale;
        }
        crate::run::console(start).map_err(|e| (1, format!("{e:#}")))
    };
    let done = match cli.command {
        Some(Command::Sim(flags)) => sim::run_forever(flags)
            .map(|()| ExitCode::SUCCESS)
            .map_err(|e| (1, e.to_string())),
        Some(Command::Kql(kql)) => kql.run().map_err(|e| (1, e.to_string())),
        Some(Command::Archive(archive)) => archive.run(cli.tenant.as_deref()),
        Some(Command::Audit(audit)) => audit.run(cli.tenant.as_deref()),
        Some(Command::Purge) => purge::run(cli.tenant.as_deref()),
        Some(Command::Demo(flags)) => open(choose::demo(flags)),
        None => open(choose::tenant(cli.tenant.as_deref())),
    };
    match done {
        Ok(code) => code,
        Err((code, sentence)) => {
            eprintln!("watchfloor: {sentence}");
            ExitCode::from(code)
        }
    }
}
