//! `watchfloor permissions`: which verb and list needs what, what the live token has, which module a permission unlocks, and
//! the least for chosen verbs.

use super::asked::Asked;
use super::choose::{self, Refusal};
use super::needs::{self, Need};
use crate::cli::headless;
use crate::model::{Grant, Grants, Service};
use crate::resource;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// What each list and verb needs, and whether this sign-in has it
#[derive(Debug, clap::Args)]
pub struct Permissions {
    /// The least permissions for these lists and verbs only, without asking anybody: incidents, isolate, disable …
    #[arg(long, value_name = "WORD,…", value_delimiter = ',')]
    pub least: Vec<String>,
    /// The other way round: each permission, whether the token has it, and what it unlocks
    #[arg(long, conflicts_with = "least")]
    pub unlocks: bool,
    /// Only what is missing, module by module
    #[arg(long, conflicts_with_all = ["least", "unlocks"])]
    pub missing: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// A permission and what hangs on it.
struct Unlocks {
    service: Service,
    name: &'static str,
    grant: Grant,
    /// Lists, verbs: those that need it or one that serves in its place.
    what: Vec<String>,
}

impl Permissions {
    pub fn run(&self, tenant: Option<&str>) -> Result<ExitCode, Refusal> {
        if !self.least.is_empty() {
            return self.least();
        }
        let start = choose::tenant_of_command(tenant)?;
        let asked = Asked::new(&start)?;
        let mut wrong = None;
        for spec in resource::ALL {
            if let Err(fault) = asked.feed(spec)
                && headless::code(fault.kind) == 4
            {
                wrong = Some(fault);
            }
        }
        let Some(session) = asked.session() else {
            return Err(wrong.map_or((4, "nobody is signed in".into()), |f| {
                (headless::code(f.kind), f.to_string())
            }));
        };
        let grants = asked.grants();
        let all = needs::all();
        let unlocks = unlocks(&all, &grants);
        if self.json {
            let rows: Vec<_> = (all.iter())
                .filter(|n| !self.missing || is_missing(n, &grants))
                .map(|n| row(n, &grants))
                .collect();
            let permissions: Vec<_> = unlocks
                .iter()
                .map(|u| {
                    json!({"service": u.service.name(), "permission": u.name, "grant": word(u.grant), "unlocks": u.what})
                })
                .collect();
            let out = json!({"schema": 1, "tenant": session.tenant, "signIn": session.mode.word(),
                "demo": session.demo, "needs": rows, "permissions": permissions});
            println!("{out:#}");
            return Ok(ExitCode::SUCCESS);
        }
        println!("{}: signed in as {}", session.tenant, session.mode.word());
        if self.unlocks {
            for u in &unlocks {
                println!(
                    "{:<9} {}: {}\n          unlocks {}",
                    mark(u.grant),
                    u.service.name(),
                    u.name,
                    u.what.join(", ")
                );
            }
            return Ok(ExitCode::SUCCESS);
        }
        let mut any = false;
        for n in all
            .iter()
            .filter(|n| !self.missing || is_missing(n, &grants))
        {
            any = true;
            println!("{}", line(n, &grants));
        }
        if !any {
            println!("nothing is missing, as far as the token tells");
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The first permission of each need is the least one, unless another that is wanted anyway serves too.
    fn least(&self) -> Result<ExitCode, Refusal> {
        let all = needs::all();
        let mut chosen: Vec<&Need> = Vec::new();
        for word in self.least.iter().map(|w| w.trim()) {
            let found: Vec<&Need> = all.iter().filter(|n| n.is_called(word)).collect();
            if found.is_empty() {
                let names: Vec<&str> = all.iter().map(|n| n.what).collect();
                let hint = crate::config::load::nearest(word, &names)
                    .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
                return Err((2, format!("no list or verb is called `{word}`{hint}")));
            }
            chosen.extend(found);
        }
        let least = needs::least(chosen.into_iter());
        if self.json {
            let services: serde_json::Map<_, _> = least
                .iter()
                .map(|(s, l)| (s.name().to_owned(), json!(l)))
                .collect();
            println!("{:#}", json!({"schema": 1, "least": services}));
            return Ok(ExitCode::SUCCESS);
        }
        for (service, list) in least {
            for permission in list {
                println!("{}\t{permission}", service.name());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Every permission that anything needs, with what it unlocks.
fn unlocks(all: &[Need], grants: &Grants) -> Vec<Unlocks> {
    let mut out: BTreeMap<(Service, &'static str), Vec<String>> = BTreeMap::new();
    for need in all {
        for name in need.any.iter().chain(need.also) {
            let what = out.entry((need.service, name)).or_default();
            if !what.contains(&need.words()) {
                what.push(need.words());
            }
        }
    }
    out.into_iter()
        .map(|((service, name), what)| Unlocks {
            service,
            name,
            grant: grants.any(service, &[name]),
            what,
        })
        .collect()
}

/// The worse of what a need wants together.
fn grant(need: &Need, grants: &Grants) -> Grant {
    let any = grants.any(need.service, need.any);
    match need.also.is_empty() || any != Grant::Granted {
        true => any,
        false => grants.any(need.service, need.also),
    }
}

fn is_missing(need: &Need, grants: &Grants) -> bool {
    matches!(grant(need, grants), Grant::NotSeen | Grant::Denied)
}

fn mark(grant: Grant) -> &'static str {
    match grant {
        Grant::Granted => "yes",
        // what cannot be read off the token is tried: the first refusal decides
        Grant::Unknown => "not known",
        Grant::NotSeen | Grant::Denied => "NO",
    }
}

fn word(grant: Grant) -> &'static str {
    match grant {
        Grant::Granted => "granted",
        Grant::Unknown => "unknown",
        Grant::NotSeen => "missing",
        Grant::Denied => "denied",
    }
}

fn line(n: &Need, grants: &Grants) -> String {
    let mut line = format!(
        "{:<34} {:<10} {}: {}",
        n.words(),
        mark(grant(n, grants)),
        n.service.name(),
        n.any.join(" or ")
    );
    if !n.also.is_empty() {
        line.push_str(&format!(" and {}", n.also.join(" or ")));
    }
    if !n.role.is_empty() {
        line.push_str(&format!("; a person needs the role {}", n.role));
    }
    if !n.licence.is_empty() {
        line.push_str(&format!("; licence: {}", n.licence));
    }
    if n.delegated {
        line.push_str("; a person must sign in");
    }
    line
}

fn row(n: &Need, grants: &Grants) -> Value {
    json!({"what": n.what, "on": n.on, "service": n.service.name(), "any": n.any, "also": n.also,
        "grant": word(grant(n, grants)), "role": n.role, "licence": n.licence, "delegated": n.delegated})
}
