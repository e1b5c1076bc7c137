//! `watchfloor init`: a tenant set up by plain questions, from a terminal or a script. What is needed is worked out from the
//! lists and verbs themselves, everything is tried before anything is saved, and nothing is saved that does not work at all.
//!
//! `ids` checks what is pasted, `talk` asks, `paper` writes what the admin does, `probe` tries. An entry that is there already
//! is changed the same way: its values are the answers of Enter. The console's form (`run::set_up`) runs the very same.

pub mod ids;
pub mod paper;
pub mod probe;
pub mod talk;

use super::choose::{self, Refusal, Start};
use super::needs::{self, Extent, Module};
use crate::config::edit::{Change, Draft, EditFault};
use crate::config::sign_in::BELONGS;
use crate::config::{Cloud, Config, Dirs, SecretSource, SignIn, file};
use paper::Whose;
use probe::{Live, Outcome, probe};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use talk::{Plain, Talk};
use toml_edit::{Array, Value};

/// How often it is tried again on wish.
const AGAIN: usize = 20;
/// Seconds that refusals are asked again.
const WAIT: u64 = 120;

/// The clouds by their words.
const CLOUDS: &[(&str, Cloud)] = &[
    ("global", Cloud::Global),
    ("gcc-high", Cloud::GccHigh),
    ("dod", Cloud::Dod),
    ("china", Cloud::China),
];

/// Set up a tenant by questions: permissions, registration, consent, a test of each API; saves what works
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Init {
    /// Our name for it, in place of the first question
    #[arg(long)]
    pub name: Option<String>,
    /// Seconds that refusals are asked again, while consent is on its way; 120 of them
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u64>,
    /// global, gcc-high, dod or china, in place of that question
    #[arg(long, value_name = "CLOUD")]
    pub cloud: Option<String>,
    /// Another login host than the cloud's own; with the two others, how a simulator is reached
    #[arg(long, value_name = "URL")]
    pub login_url: Option<String>,
    #[arg(long, value_name = "URL")]
    pub graph_url: Option<String>,
    #[arg(long, value_name = "URL")]
    pub defender_url: Option<String>,
    /// The other side is the simulator
    #[arg(long)]
    pub sim: bool,
    /// No QR code
    #[arg(long)]
    pub no_qr: bool,
    /// The same questions as a form on the whole screen
    #[arg(long)]
    pub form: bool,
}

/// The answers so far.
struct Answers {
    name: String,
    /// As it is written down.
    cloud: (&'static str, Cloud),
    modules: Vec<Module>,
    extent: Extent,
    sign_in: &'static str,
    tenant: String,
    client: String,
    keep: Keep,
    analyst: Option<String>,
}

/// Where the secret is to come from.
enum Keep {
    File(PathBuf, SecretString),
    Env(String),
    Command(Vec<String>),
    /// A certificate with its key, in place of a secret.
    Certificate(PathBuf),
    /// As it stands in the entry that is changed.
    AsIs,
}

fn failed(e: EditFault) -> Refusal {
    let code = if matches!(e, EditFault::Io { .. }) {
        1
    } else {
        2
    };
    (code, e.to_string())
}

impl Init {
    pub fn run(&self) -> Result<ExitCode, Refusal> {
        let name = self.set_up(&Plain::new(!self.no_qr))?;
        eprintln!("Open it: watchfloor --tenant {name}");
        Ok(ExitCode::SUCCESS)
    }

    /// Asks, tries and saves; the name of the tenant.
    pub fn set_up(&self, talk: &dyn Talk) -> Result<String, Refusal> {
        let dirs = choose::dirs()?;
        let known = Draft::open(&dirs.config)
            .and_then(|d| d.config())
            .map_err(failed)?;
        let answers = self.answers(talk, &known, &dirs)?;
        let whose = whose(answers.sign_in);
        consent(talk, &answers)?;
        let mut draft = Draft::open(&dirs.config).map_err(failed)?;
        draft
            .set(&answers.name, self.changes(&answers))
            .map_err(failed)?;
        let start = start(&draft, &answers, &dirs)?;
        let outcomes = self.tried(talk, &start, &answers.modules)?;
        let live: Vec<&Outcome> = outcomes.iter().filter(|o| o.result.is_ok()).collect();
        let words: Vec<String> = live.iter().map(|o| o.module.word()).collect();
        talk.say(&format!("Live: {}.", words.join(", ")));
        if live.len() < outcomes.len() {
            talk.say("  The others say why when they are opened; `watchfloor permissions --missing` lists what they lack.");
        }
        if whose == Whose::App && answers.extent != Extent::Read && answers.analyst.is_none() {
            talk.say("  Nobody is named to act: every verb is off until `analyst` is set.");
        }
        if !talk.yes("Save", true)? {
            return Err((8, "nothing was changed".into()));
        }
        if let Keep::File(path, secret) = &answers.keep {
            let text = secret.expose_secret();
            file::write_atomic(path, text.as_bytes())
                .map_err(|e| (1, format!("{}: {e}", path.display())))?;
            talk.say(&format!("secret: {} (0600)", path.display()));
        }
        let written = draft.write().map_err(failed)?;
        talk.say(&format!("saved: {}", written.path.display()));
        if let Some(backup) = written.backup {
            talk.say(&format!("the file of before: {}", backup.display()));
        }
        let newest = live.iter().find_map(|o| match &o.result {
            Ok(Some(summary)) => Some(summary.lines().next().unwrap_or_default().to_owned()),
            _ => None,
        });
        if let Some(newest) = newest {
            talk.say(&format!("newest: {newest}"));
        }
        Ok(answers.name)
    }

    /// The cloud of the flag, else of an answer.
    fn cloud(&self, talk: &dyn Talk, old: Option<Cloud>) -> Result<(&'static str, Cloud), Refusal> {
        let words: Vec<&'static str> = CLOUDS.iter().map(|(w, _)| *w).collect();
        let now = CLOUDS.iter().find(|(_, c)| Some(*c) == old);
        let word = match &self.cloud {
            Some(word) => words.iter().copied().find(|w| w == word).ok_or_else(|| {
                let what = format!("--cloud is one of {}", words.join(", "));
                (2, what)
            })?,
            None => talk.one_of("Cloud", &words, now.map_or("global", |(w, _)| *w))?,
        };
        let found = CLOUDS.iter().find(|(w, _)| *w == word).copied();
        Ok(found.unwrap_or(("global", Cloud::Global)))
    }

    fn answers(&self, talk: &dyn Talk, known: &Config, dirs: &Dirs) -> Result<Answers, Refusal> {
        let proposed = match known.tenants.len() {
            0 => "main".to_owned(),
            n => format!("tenant-{}", n + 1),
        };
        let name = match &self.name {
            Some(name) => ids::name(name).map_err(|why| (2, format!("--name: {why}")))?,
            None => talk.ask("Name of the tenant here", &proposed, ids::name)?,
        };
        let old = known.tenants.iter().find(|t| t.name == name);
        if old.is_some() {
            talk.say("  It is set up already: Enter keeps what stands in brackets.");
        }
        let cloud = self.cloud(talk, old.map(|t| t.cloud))?;
        let all = needs::modules();
        let words: Vec<String> = all.iter().map(Module::word).collect();
        talk.say(&format!("Modules: {}", words.join(", ")));
        let off = known.extra(&name).modules_off;
        let on: Vec<String> = words.iter().filter(|w| !off.contains(w)).cloned().collect();
        let default = match on.len() == words.len() {
            true => "all".to_owned(),
            false => on.join(", "),
        };
        let modules = talk.ask("Which", &default, chosen)?;
        let extents: Vec<&str> = Extent::ALL.iter().map(|(w, _)| *w).collect();
        let default = match old {
            Some(t) if t.read_only.is_none() => "respond",
            _ => "read",
        };
        let word = talk.one_of("To read, to triage, or to respond", &extents, default)?;
        let extent = Extent::ALL.iter().find(|(w, _)| *w == word);
        let extent = extent.map_or(Extent::Read, |(_, e)| *e);
        // a way that needs more than questions can tell is kept where it stands already
        let mut ways = vec!["secret", "certificate", "device-code", "browser"];
        let default = old.map_or("secret", |t| t.sign_in.word());
        if !ways.contains(&default) {
            ways.push(default);
        }
        let sign_in = talk.one_of(
            "Sign in with a secret or a certificate, or as a person (device-code, browser)",
            &ways,
            default,
        )?;
        let whose = whose(sign_in);
        let least = needs::least_of(&modules, extent, whose == Whose::Person);
        talk.say("");
        talk.say(&paper::steps(&least, whose));
        let script = dirs.data.join(format!("register-{name}.sh"));
        match file::write_atomic(&script, paper::script(&least, whose).as_bytes()) {
            Ok(()) => talk.say(&format!("The same as a script: sh {}\n", script.display())),
            Err(e) => talk.say(&format!("{}: {e}\n", script.display())),
        }
        let tenant = talk.ask(
            "Directory (tenant) id",
            old.map_or("", |t| &t.tenant_id),
            ids::tenant,
        )?;
        let client = talk.ask(
            "Application (client) id",
            old.map_or("", |t| &t.client_id),
            |text| match text.is_empty() && matches!(sign_in, "managed-identity" | "azure-cli") {
                // it brings its own
                true => Ok(String::new()),
                false => ids::client(text, &tenant),
            },
        )?;
        let before = old.map(|t| &t.sign_in);
        let keep = match sign_in {
            "secret" => self.secret(talk, dirs, &name, (&tenant, &client), before)?,
            "certificate" => {
                let path = match before {
                    Some(SignIn::Certificate(path)) => path.to_string_lossy().into_owned(),
                    _ => String::new(),
                };
                let question = "File with certificate and key (PEM, whole path)";
                Keep::Certificate(talk.ask(question, &path, |text| {
                    match text.starts_with('/') && std::path::Path::new(text).is_file() {
                        true => Ok(PathBuf::from(text)),
                        false => Err("a file that is there, by its whole path".into()),
                    }
                })?)
            }
            _ => Keep::AsIs,
        };
        let analyst = old.and_then(|t| t.analyst.clone());
        let analyst = match (whose, extent) {
            (Whose::App, Extent::Triage | Extent::Respond) => talk.ask(
                "Who acts (sign-in name; Enter for nobody)",
                analyst.as_deref().unwrap_or(""),
                |text| match (text.is_empty(), text.contains('@')) {
                    (true, _) => Ok(None),
                    (_, true) => Ok(Some(text.to_owned())),
                    _ => Err("a sign-in name has an @".into()),
                },
            )?,
            _ => analyst,
        };
        Ok(Answers {
            name,
            cloud,
            modules,
            extent,
            sign_in,
            tenant,
            client,
            keep,
            analyst,
        })
    }

    fn secret(
        &self,
        talk: &dyn Talk,
        dirs: &Dirs,
        name: &str,
        (tenant, client): (&str, &str),
        old: Option<&SignIn>,
    ) -> Result<Keep, Refusal> {
        let has = matches!(old, Some(SignIn::Secret(_)));
        let mut ways = vec!["file", "env", "command"];
        if has {
            ways.push("keep");
        }
        let default = if has { "keep" } else { "file" };
        let say = match has {
            true => {
                "The secret: kept as it is, or anew in a file of its own (0600), in a variable, from a command"
            }
            false => {
                "The secret comes into a file of its own (0600), from a variable, from a command"
            }
        };
        match talk.one_of(say, &ways, default)? {
            "keep" => Ok(Keep::AsIs),
            "env" => {
                let name = talk.ask("Name of the variable", "", |text| {
                    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
                    match !text.is_empty()
                        && text.chars().all(good)
                        && std::env::var_os(text).is_some()
                    {
                        true => Ok(text.to_owned()),
                        false => Err(
                            "it must be set for this run, and its name be of letters, digits and _"
                                .into(),
                        ),
                    }
                })?;
                Ok(Keep::Env(name))
            }
            "command" => {
                let words = talk.ask("Program (whole path) and its words", "", |text| {
                    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
                    match words.first().is_some_and(|w| w.starts_with('/')) {
                        true => Ok(words),
                        false => {
                            Err("the program's whole path first, such as /usr/bin/pass".into())
                        }
                    }
                })?;
                Ok(Keep::Command(words))
            }
            _ => {
                let secret = talk.secret("Value of the secret (not shown)", |text| {
                    ids::secret(text, tenant, client)
                })?;
                Ok(Keep::File(dirs.config.join("secrets").join(name), secret))
            }
        }
    }

    /// The keys of its table in config.toml.
    fn changes(&self, a: &Answers) -> Vec<Change> {
        let text = |t: &str| Some(Value::from(t));
        let list = |words: Vec<String>| words.into_iter().collect::<Array>();
        let off: Vec<String> = (needs::modules().iter().map(Module::word))
            .filter(|w| !a.modules.iter().any(|m| m.word() == *w))
            .collect();
        let mut out: Vec<Change> = vec![
            ("tenant-id", text(&a.tenant)),
            (
                "client-id",
                text(&a.client).filter(|_| !a.client.is_empty()),
            ),
            ("sign-in", text(a.sign_in)),
            ("modules-off", (!off.is_empty()).then(|| list(off).into())),
            ("read-only", (a.extent == Extent::Read).then(|| true.into())),
            ("analyst", a.analyst.as_deref().and_then(text)),
        ];
        let given = [
            ("login-url", self.login_url.as_deref()),
            ("graph-url", self.graph_url.as_deref()),
            ("defender-url", self.defender_url.as_deref()),
        ];
        out.push((
            "cloud",
            text(a.cloud.0).filter(|_| a.cloud.1 != Cloud::Global),
        ));
        // what was not said anew stays
        out.extend(
            given
                .into_iter()
                .filter(|(_, v)| v.is_some())
                .map(|(k, v)| (k, v.and_then(text))),
        );
        if self.sim {
            out.push(("sim", Some(true.into())));
        }
        // what belongs to another way of signing in would be refused
        let strange = BELONGS.iter().filter(|(_, way)| *way != a.sign_in);
        out.extend(strange.map(|(key, _)| (*key, None)));
        let (env, path, command) = match &a.keep {
            Keep::AsIs => return out,
            Keep::Certificate(path) => {
                out.push(("certificate-file", text(&path.to_string_lossy())));
                return out;
            }
            Keep::Env(name) => (text(name), None, None),
            Keep::File(path, _) => (None, text(&path.to_string_lossy()), None),
            Keep::Command(words) => (None, None, Some(list(words.clone()).into())),
        };
        out.extend([
            ("secret-env", env),
            ("secret-file", path),
            ("secret-command", command),
        ]);
        out
    }

    /// Tries until at least one module works, or the person has enough of it.
    fn tried(
        &self,
        talk: &dyn Talk,
        start: &Start,
        modules: &[Module],
    ) -> Result<Vec<Outcome>, Refusal> {
        let patience = Duration::from_secs(self.wait.unwrap_or(WAIT));
        let mut before: Vec<String> = Vec::new();
        for _ in 0..AGAIN {
            talk.say("Testing, before anything is saved:");
            let mut live = Live {
                start,
                say: talk.saying(),
                each: true,
                rest: &|pause, what| talk.rest(pause, what),
            };
            let outcomes = probe(&mut live, modules, patience)?;
            let works = |o: &&Outcome| o.result.is_ok();
            let live: Vec<String> = outcomes
                .iter()
                .filter(works)
                .map(|o| o.module.word())
                .collect();
            let new: Vec<String> = live
                .iter()
                .filter(|w| !before.contains(w))
                .cloned()
                .collect();
            if !before.is_empty() {
                talk.say(&match new.is_empty() {
                    true => "  nothing new works".to_owned(),
                    false => format!("  new: {}", new.join(", ")),
                });
            }
            // hunting alone is only what a token says of itself
            if outcomes
                .iter()
                .filter(works)
                .any(|o| o.module.lists().next().is_some())
            {
                if live.len() == outcomes.len()
                    || !talk.yes("Test again, after more was consented to", false)?
                {
                    return Ok(outcomes);
                }
            } else if !talk.yes("Nothing works yet. Test again", false)? {
                return Err((4, "nothing was saved: no module works".into()));
            }
            before = live;
        }
        Err((4, "nothing was saved: tried often enough".into()))
    }
}

/// Where consent is given, and the wait until it was.
fn consent(talk: &dyn Talk, answers: &Answers) -> Result<(), Refusal> {
    if answers.client.is_empty() {
        return Ok(());
    }
    talk.say("\nAn admin of the tenant consents here:");
    talk.link(&paper::consent(
        answers.cloud.1,
        &answers.tenant,
        &answers.client,
    ));
    talk.ask("Enter when that is done", "", |_| Ok(()))
}

fn whose(sign_in: &str) -> Whose {
    match sign_in {
        "device-code" | "browser" => Whose::Person,
        _ => Whose::App,
    }
}

/// Modules by their words: `all`, or a list.
fn chosen(text: &str) -> Result<Vec<Module>, String> {
    let all = needs::modules();
    if text.trim().eq_ignore_ascii_case("all") {
        return Ok(all);
    }
    let mut out: Vec<Module> = Vec::new();
    for word in text
        .split([',', ' '])
        .map(str::trim)
        .filter(|w| !w.is_empty())
    {
        let word = word.to_lowercase();
        let mut fit = all.iter().filter(|m| m.word().starts_with(&word));
        match (fit.next(), fit.next()) {
            (Some(one), None) if out.iter().any(|m| m.word() == one.word()) => {}
            (Some(one), None) => out.push(*one),
            (Some(one), Some(_)) if one.word() == word => out.push(*one),
            _ => {
                return Err(format!(
                    "`{}` is none of them",
                    table::Txt::new(&word).shown()
                ));
            }
        }
    }
    match out.is_empty() {
        true => Err("at least one".into()),
        false => Ok(out),
    }
}

/// The tenant as it would be, with the secret still in memory.
fn start(draft: &Draft, answers: &Answers, dirs: &Dirs) -> Result<Start, Refusal> {
    let config = draft.config().map_err(failed)?;
    let tenant = config.tenants.iter().find(|t| t.name == answers.name);
    let mut tenant = tenant.cloned().ok_or((1, "the entry is gone".to_owned()))?;
    if let Keep::File(_, secret) = &answers.keep {
        tenant.sign_in = SignIn::Secret(SecretSource::Given(secret.clone()));
    }
    Ok(Start {
        tenant,
        dirs: dirs.clone(),
        config,
        sim: None,
        budget_scale: 1.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_named_by_their_beginnings() {
        let words =
            |text| chosen(text).map(|m| m.iter().map(Module::word).collect::<Vec<_>>().join(" "));
        assert_eq!(
            words("inci, dev hunt").unwrap(),
            "incidents devices hunting"
        );
        assert_eq!(
            words("all").unwrap().split(' ').count(),
            needs::modules().len()
        );
        assert!(words("a").is_err(), "alerts and actions");
        assert!(words("").is_err() && words("mail").is_err());
    }
}
