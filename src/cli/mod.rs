//! The command line: what to open, and the commands that need no screen. stdout is data, stderr is talk.
//!
//! Exit codes: 0 ok, 1 error, 2 usage (also an unusable configuration), 130 interrupted.

pub mod archive;
pub mod audit;
pub mod choose;
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
    /// Check, colour, complete or format a hunting query, offline
    Kql(Kql),
}

/// The query language without a screen: a text on stdin, or a JSON object a line.
#[derive(Debug, clap::Args)]
pub struct Kql {
    #[arg(value_enum)]
    pub what: What,
    /// One JSON object a line in, one out, in order
    #[arg(long)]
    pub jsonl: bool,
    /// The tables that are known: Defender XDR alone, or with Sentinel's
    #[arg(long, value_enum, default_value_t = Tables::Unified)]
    pub schema: Tables,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    Check,
    Tokens,
    Complete,
    Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Tables {
    Defender,
    Unified,
}

impl Kql {
    fn run(&self) -> std::io::Result<ExitCode> {
        let which = match self.schema {
            Tables::Defender => kql::schema::Which::Defender,
            Tables::Unified => kql::schema::Which::Unified,
        };
        let sub = match self.what {
            What::Check => "check",
            What::Tokens => "tokens",
            What::Complete => "complete",
            What::Format => "format",
        };
        let input = std::io::BufReader::new(std::io::stdin().lock());
        let out = std::io::BufWriter::new(std::io::stdout().lock());
        match kql::cli::run(
            sub,
            self.jsonl,
            kql::schema::Schema::builtin(which),
            input,
            out,
        ) {
            // the reader of our answers went away: that is its business
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
            other => other.map(|()| ExitCode::SUCCESS),
        }
    }
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
