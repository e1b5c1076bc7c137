//! `watchfloor tenants` and `watchfloor config explain`: what is configured, what is in force, and who said so.

use super::choose::{self, Refusal};
use crate::config::guards::{POLICY, Policy};
use crate::config::settings::{self, Settings};
use crate::config::{Cloud, Config, SecretSource, SignIn};
use crate::run::keep;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// The tenants of config.toml, how each signs in, and which opens by itself
#[derive(Debug, clap::Args)]
pub struct Tenants {
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// What is in force, and who said so: the program, config.toml, the screen (settings.toml) or the policy of this machine
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// Only this setting
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Subcommand)]
pub enum ConfigCommand {
    /// Explain what is in force, and who said so
    Explain(Explain),
}

fn load() -> Result<(crate::config::Dirs, Config), Refusal> {
    let dirs = choose::dirs()?;
    let config = Config::load(&dirs).map_err(|e| (2, e.to_string()))?;
    Ok((dirs, config.unwrap_or_default()))
}

/// How a tenant signs in, and where its secret comes from; never the secret.
fn way(sign_in: &SignIn) -> String {
    match sign_in {
        SignIn::Secret(SecretSource::Env(name)) => format!("secret from the variable {name}"),
        SignIn::Secret(SecretSource::File(path)) => format!("secret from {}", path.display()),
        SignIn::Secret(SecretSource::Command(argv)) => {
            format!(
                "secret from {}",
                argv.first().map_or("a command", String::as_str)
            )
        }
        SignIn::Secret(SecretSource::Given(_)) => "secret given by the simulator".into(),
        SignIn::Certificate(path) => format!("certificate in {}", path.display()),
        SignIn::WorkloadIdentity(Some(path)) => {
            format!("workload identity, its token in {}", path.display())
        }
        SignIn::WorkloadIdentity(None) => {
            "workload identity, its token where AZURE_FEDERATED_TOKEN_FILE says".into()
        }
        SignIn::ManagedIdentity(_) => "managed identity of this machine".into(),
        SignIn::AzureCli(_) => "whoever az is signed in as".into(),
        SignIn::DeviceCode => "device code".into(),
        SignIn::Browser => "browser".into(),
    }
}

fn cloud(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global => "global",
        Cloud::GccHigh => "gcc-high",
        Cloud::Dod => "dod",
        Cloud::China => "china",
    }
}

impl Tenants {
    pub fn run(&self) -> Result<ExitCode, Refusal> {
        let (_, config) = load()?;
        let default = config.default_tenant.as_deref();
        let only = config.tenants.len() == 1;
        let opens = |name: &str| default == Some(name) || (default.is_none() && only);
        if self.json {
            let rows = config.tenants.iter().map(|t| {
                json!({"name": t.name, "tenantId": t.tenant_id, "clientId": t.client_id, "cloud": cloud(t.cloud),
                    "signIn": way(&t.sign_in), "analyst": t.analyst, "readOnly": t.read_only, "sim": t.sim,
                    "default": opens(&t.name)})
            });
            let rows: Vec<_> = rows.collect();
            println!("{:#}", json!({"schema": 1, "tenants": rows}));
            return Ok(ExitCode::SUCCESS);
        }
        if config.tenants.is_empty() {
            eprintln!("watchfloor: no tenant is configured; `--tenant demo` is the simulated one");
        }
        for t in &config.tenants {
            let mut line = format!(
                "{}  {}  {}  {}",
                t.name,
                t.tenant_id,
                cloud(t.cloud),
                way(&t.sign_in)
            );
            if opens(&t.name) {
                line.push_str("  (opens by itself)");
            }
            if t.sim {
                line.push_str("  SIMULATED");
            }
            if let Some(why) = &t.read_only {
                line.push_str(&format!("  read-only: {why}"));
            }
            println!("{}", table::Txt::new(&line).shown());
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Explain {
    pub fn run(&self) -> Result<ExitCode, Refusal> {
        let (dirs, config) = load()?;
        let (kept, why) = keep::read(&dirs.config);
        let mut given = config.settings.clone();
        given.extend(kept.clone());
        let (mut now, wrong) = Settings::read(&given);
        let policy = Policy::load(Path::new(POLICY));
        now.lock(&policy.settings);
        for sentence in config.warnings.iter().chain(&why).chain(&wrong) {
            eprintln!("watchfloor: {}", table::Txt::new(sentence).shown());
        }
        if let Some(name) = &self.name
            && !settings::ALL.iter().any(|row| row.key == name)
        {
            let keys: Vec<&str> = settings::ALL.iter().map(|r| r.key).collect();
            let hint = crate::config::load::nearest(name, &keys)
                .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
            return Err((2, format!("there is no setting `{name}`{hint}")));
        }
        let wanted = |key: &str| self.name.as_deref().is_none_or(|n| n == key);
        let source = |key: &str| match (kept.contains_key(key), config.settings.contains_key(key)) {
            _ if now.locked.contains(key) => "policy.toml (locked)",
            (true, _) => "settings.toml (set on screen)",
            (false, true) => "config.toml",
            (false, false) => "the program's own",
        };
        let rows: Vec<(&str, String, &str, &str)> = settings::ALL
            .iter()
            .filter(|row| wanted(row.key))
            .map(|row| {
                (
                    row.key,
                    settings::shown(row, &(row.get)(&now)),
                    source(row.key),
                    row.help,
                )
            })
            .collect();
        if self.json {
            let rows: Vec<_> = rows
                .iter()
                .map(|(key, value, from, help)| json!({"key": key, "value": value, "from": from, "help": help}))
                .collect();
            println!(
                "{:#}",
                json!({"schema": 1, "config": config.path, "policy": policy.hash,
                "readOnly": policy.read_only, "settings": rows})
            );
            return Ok(ExitCode::SUCCESS);
        }
        let wide = rows.iter().map(|(key, ..)| key.len()).max().unwrap_or(0);
        for (key, value, from, _) in &rows {
            println!("{key:<wide$}  {value}  · {from}");
        }
        if self.name.is_none() {
            match (&policy.read_only, policy.hash.as_str()) {
                (Some(why), _) => println!("policy: {why}"),
                (None, "none") => println!("policy: none on this machine ({POLICY})"),
                (None, hash) => println!(
                    "policy: {POLICY}, {hash}: its rules add to those of every tenant and win"
                ),
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
