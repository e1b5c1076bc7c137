//! `watchfloor tenants`: list them, try one again, switch it on or off, take it away with what was kept of it.

use super::choose::{self, Refusal};
use super::headless::CONFLICT;
use super::init::probe::{Live, probe};
use super::init::talk::{Plain, Talk};
use super::{needs, settings};
use crate::config::edit::{Draft, EditFault, Written};
use crate::config::{Dirs, SecretSource, SignIn};
use crate::store::turn::{Purged, purge};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// The tenants of config.toml; without a word they are listed
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Manage {
    #[command(flatten)]
    pub list: settings::Tenants,
    #[command(subcommand)]
    pub what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// List them: how each signs in, and which opens by itself
    List(settings::Tenants),
    /// Set one up, or change one, by questions: the same as `init`
    Edit(super::init::Init),
    /// Try a tenant's sign-in and each of its modules, with results and times
    Test {
        name: String,
        /// Seconds that refusals are asked again, while consent is on its way
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        wait: u64,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Switch a tenant on again
    Enable { name: String },
    /// Switch a tenant off: its entry, its cache and its record stay
    Disable { name: String },
    /// Take a tenant away: its entry, the secret file that init made, its cache; prints a receipt
    Remove {
        name: String,
        /// The name once more
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
        /// Leave the cached lists where they are
        #[arg(long)]
        keep_cache: bool,
        /// And the query texts and the history of runs
        #[arg(long)]
        forget: bool,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
}

fn failed(e: EditFault) -> Refusal {
    let code = match e {
        EditFault::Io { .. } => 1,
        _ => 2,
    };
    (code, e.to_string())
}

impl Manage {
    pub fn run(&self) -> Result<ExitCode, Refusal> {
        match &self.what {
            None => self.list.run(),
            Some(What::List(list)) => list.run(),
            Some(What::Edit(init)) => init.run(),
            Some(What::Test { name, wait, json }) => test(name, *wait, *json),
            Some(What::Enable { name }) => switch(name, true),
            Some(What::Disable { name }) => switch(name, false),
            Some(What::Remove {
                name,
                confirm,
                keep_cache,
                forget,
                json,
            }) => {
                let remove = Remove {
                    name,
                    keep_cache: *keep_cache,
                    forget: *forget,
                };
                if confirm.as_deref() != Some(name) {
                    let why =
                        format!("removing `{name}` wants --confirm {name}; nothing was changed");
                    return Err((super::headless::REFUSED, why));
                }
                remove.run(*json)
            }
        }
    }
}

fn test(name: &str, wait: u64, json: bool) -> Result<ExitCode, Refusal> {
    let start = choose::tenant_of_command(Some(name))?;
    let off = start.config.extra(name).modules_off;
    let modules: Vec<_> = (needs::modules().into_iter())
        .filter(|m| !off.contains(&m.word()))
        .collect();
    let plain = Plain::new(false);
    let mut live = Live {
        start: &start,
        say: plain.saying(),
        each: false,
        rest: &|pause, what| plain.rest(pause, what),
    };
    let outcomes = probe(&mut live, &modules, Duration::from_secs(wait))?;
    let worst = outcomes.iter().find_map(|o| o.result.as_ref().err());
    if json {
        let rows = outcomes.iter().map(|o| {
            let lacks = o.lacks.iter().map(|(list, why)| json!({"list": list, "fault": why.to_string()}));
            json!({"module": o.module.word(), "ok": o.result.is_ok(), "ms": o.took.as_millis() as u64,
                "fault": o.result.as_ref().err().map(ToString::to_string), "lacks": lacks.collect::<Vec<_>>()})
        });
        let rows: Vec<_> = rows.collect();
        println!(
            "{:#}",
            json!({"schema": 1, "tenant": name, "modules": rows})
        );
    } else {
        for o in &outcomes {
            println!("{}", o.line().trim_start());
        }
    }
    match worst {
        None => Ok(ExitCode::SUCCESS),
        Some(_)
            if outcomes
                .iter()
                .any(|o| o.module.lists().next().is_some() && o.result.is_ok()) =>
        {
            Ok(ExitCode::from(super::headless::PARTIAL))
        }
        Some(fault) => Ok(ExitCode::from(super::headless::code(fault.kind))),
    }
}

fn told(written: &Written) {
    println!("saved: {}", written.path.display());
    if let Some(backup) = &written.backup {
        println!("the file of before: {}", backup.display());
    }
}

fn switch(name: &str, on: bool) -> Result<ExitCode, Refusal> {
    let dirs = choose::dirs()?;
    let mut draft = Draft::open(&dirs.config).map_err(failed)?;
    known(&draft, name)?;
    let change = (!on).then(|| false.into());
    draft.set(name, vec![("enabled", change)]).map_err(failed)?;
    told(&draft.write().map_err(failed)?);
    Ok(ExitCode::SUCCESS)
}

fn known(draft: &Draft, name: &str) -> Result<(), Refusal> {
    let config = draft.config().map_err(failed)?;
    let names: Vec<&str> = config.tenants.iter().map(|t| t.name.as_str()).collect();
    if names.contains(&name) {
        return Ok(());
    }
    let hint = crate::config::load::nearest(name, &names)
        .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
    Err((2, format!("no tenant `{name}` is configured{hint}")))
}

/// Taking a tenant away.
struct Remove<'a> {
    name: &'a str,
    keep_cache: bool,
    forget: bool,
}

impl Remove<'_> {
    fn run(&self, json: bool) -> Result<ExitCode, Refusal> {
        let dirs = choose::dirs()?;
        let mut draft = Draft::open(&dirs.config).map_err(failed)?;
        known(&draft, self.name)?;
        let secret = own_secret(&draft, &dirs, self.name)?;
        // everything is checked before anything goes
        draft.remove(self.name).map_err(failed)?;
        draft.config().map_err(failed)?;
        let mut gone: Vec<(String, u64, u64)> = Vec::new();
        let mut kept: Vec<(String, &str)> = Vec::new();
        let cache = dirs.tenant_cache(self.name);
        match self.keep_cache {
            true if cache.exists() => kept.push((shown(&cache), "the cache, as asked")),
            true => {}
            false => match purge(&cache) {
                Err(e) => {
                    return Err((1, format!("{}: {e}; nothing was changed", cache.display())));
                }
                Ok(Purged::Used) => {
                    let name = self.name;
                    return Err((
                        CONFLICT,
                        format!(
                            "`{name}` is open in another instance: quit that one first; nothing was changed"
                        ),
                    ));
                }
                Ok(Purged::Gone { files, bytes }) => {
                    gone.push((shown(&cache), files as u64, bytes))
                }
                Ok(Purged::Nothing) => {}
            },
        }
        for (folder, what) in [
            (dirs.tenant_drafts(self.name), "query texts"),
            (dirs.tenant_history(self.name), "the history of runs"),
        ] {
            if !folder.exists() {
                continue;
            }
            match self.forget {
                true => {
                    let (files, bytes) = size(&folder);
                    std::fs::remove_dir_all(&folder)
                        .map_err(|e| (1, format!("{}: {e}", folder.display())))?;
                    gone.push((shown(&folder), files, bytes));
                }
                false => kept.push((shown(&folder), what)),
            }
        }
        if let Some(path) = secret {
            let bytes = std::fs::metadata(&path).map_or(0, |m| m.len());
            match std::fs::remove_file(&path) {
                Ok(()) => gone.push((shown(&path), 1, bytes)),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                Err(e) => return Err((1, format!("{}: {e}", path.display()))),
            }
        }
        for (folder, what) in [
            (dirs.tenant_audit(self.name), "the record is never removed"),
            (dirs.tenant_exports(self.name), "files you exported"),
        ] {
            if folder.exists() {
                kept.push((shown(&folder), what));
            }
        }
        let written = draft.write().map_err(failed)?;
        let at = jiff::Timestamp::now().to_string();
        if json {
            let gone: Vec<_> = gone
                .iter()
                .map(|(p, f, b)| json!({"path": p, "files": f, "bytes": b}))
                .collect();
            let kept: Vec<_> = kept
                .iter()
                .map(|(p, why)| json!({"path": p, "why": why}))
                .collect();
            let out = json!({"schema": 1, "removed": self.name, "at": at, "gone": gone, "kept": kept,
                "config": written.path, "backup": written.backup});
            println!("{out:#}");
            return Ok(ExitCode::SUCCESS);
        }
        println!("{at}: tenant {} removed", self.name);
        for (path, files, bytes) in &gone {
            println!(
                "  gone  {path}: {files} {}, {bytes} bytes",
                if *files == 1 { "file" } else { "files" }
            );
        }
        for (path, why) in &kept {
            println!("  kept  {path}: {why}");
        }
        told(&written);
        println!(
            "  the application is still registered in the tenant, and its secret is still good there: delete it in the Entra admin centre"
        );
        Ok(ExitCode::SUCCESS)
    }
}

fn shown(path: &Path) -> String {
    table::Txt::new(&path.to_string_lossy())
        .shown()
        .into_owned()
}

/// The secret's file, where init made it and no other tenant uses it.
fn own_secret(draft: &Draft, dirs: &Dirs, name: &str) -> Result<Option<PathBuf>, Refusal> {
    let config = draft.config().map_err(failed)?;
    let file = |t: &crate::config::TenantConfig| match &t.sign_in {
        SignIn::Secret(SecretSource::File(path)) => Some(path.clone()),
        _ => None,
    };
    let of = config
        .tenants
        .iter()
        .find(|t| t.name == name)
        .and_then(file);
    let ours = dirs.config.join("secrets");
    Ok(of.filter(|path| {
        let others = config.tenants.iter().filter(|t| t.name != name);
        path.parent() == Some(ours.as_path()) && !others.filter_map(file).any(|p| p == *path)
    }))
}

fn size(folder: &Path) -> (u64, u64) {
    let (mut files, mut bytes) = (0, 0);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(m) if m.is_dir() => {
                let (f, b) = size(&entry.path());
                (files, bytes) = (files + f, bytes + b);
            }
            Ok(m) => (files, bytes) = (files + 1, bytes + m.len()),
            Err(_) => {}
        }
    }
    (files, bytes)
}
