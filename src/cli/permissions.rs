//! `watchfloor permissions`: which verb and list needs what, what the live token has, and the least for chosen verbs.

use super::asked::Asked;
use super::choose::{self, Refusal};
use crate::cli::headless;
use crate::model::{Grant, Grants, Service};
use crate::resource;
use crate::verb;
use serde_json::json;
use std::collections::BTreeMap;
use std::process::ExitCode;

/// What each list and verb needs, and whether this sign-in has it
#[derive(Debug, clap::Args)]
pub struct Permissions {
    /// The least permissions for these lists and verbs only, without asking anybody: incidents, isolate, disable …
    #[arg(long, value_name = "WORD,…", value_delimiter = ',')]
    pub least: Vec<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// One line of the matrix.
struct Need {
    /// `incidents`, `isolate`.
    what: &'static str,
    /// The resource it is about, for verbs.
    on: &'static str,
    service: Service,
    any: &'static [&'static str],
    role: &'static str,
    licence: &'static str,
    delegated: bool,
}

fn needs() -> Vec<Need> {
    let lists = resource::ALL.iter().map(|spec| Need {
        what: spec.title,
        on: "",
        service: (spec.listing.list)(None).service,
        any: spec.needs,
        role: "",
        licence: "",
        delegated: false,
    });
    let verbs = verb::all().flat_map(|v| {
        v.kinds.iter().map(move |kind| {
            let needs = (v.needs)(*kind);
            Need {
                what: v.name,
                on: resource::spec(*kind).one,
                service: needs.service,
                any: needs.any,
                role: needs.role,
                licence: needs.licence,
                delegated: needs.delegated,
            }
        })
    });
    lists.chain(verbs).collect()
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
        if self.json {
            let rows: Vec<_> = needs().iter().map(|n| row(n, &grants)).collect();
            let out = json!({"schema": 1, "tenant": session.tenant, "signIn": session.mode.word(),
                "demo": session.demo, "needs": rows});
            println!("{out:#}");
            return Ok(ExitCode::SUCCESS);
        }
        println!("{}: signed in as {}", session.tenant, session.mode.word());
        for n in needs() {
            let grant = grants.any(n.service, n.any);
            let have = match grant {
                Grant::Granted => "yes",
                Grant::Unknown => "not known",
                Grant::NotSeen | Grant::Denied => "NO",
            };
            let what = if n.on.is_empty() {
                n.what.to_lowercase()
            } else {
                format!("{} {}", n.what, n.on)
            };
            let mut line = format!(
                "{what:<34} {have:<10} {}: {}",
                n.service.name(),
                n.any.join(" or ")
            );
            if !n.role.is_empty() {
                line.push_str(&format!("; a person needs the role {}", n.role));
            }
            if !n.licence.is_empty() {
                line.push_str(&format!("; licence: {}", n.licence));
            }
            if n.delegated {
                line.push_str("; a person must sign in");
            }
            println!("{line}");
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The first permission of each need is the least one.
    fn least(&self) -> Result<ExitCode, Refusal> {
        let all = needs();
        let mut out: BTreeMap<Service, Vec<&str>> = BTreeMap::new();
        for word in &self.least {
            let word = word.trim();
            let same = |n: &&Need| {
                n.what.eq_ignore_ascii_case(word)
                    || n.what.replace(' ', "-").eq_ignore_ascii_case(word)
            };
            let mut found = all.iter().filter(same).peekable();
            if found.peek().is_none() {
                let names: Vec<&str> = all.iter().map(|n| n.what).collect();
                let hint = crate::config::load::nearest(word, &names)
                    .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
                return Err((2, format!("no list or verb is called `{word}`{hint}")));
            }
            for need in found {
                let list = out.entry(need.service).or_default();
                if let Some(least) = need.any.first()
                    && !list.contains(least)
                {
                    list.push(least);
                }
            }
        }
        if self.json {
            let services: serde_json::Map<_, _> = out
                .iter()
                .map(|(s, l)| (s.name().to_owned(), json!(l)))
                .collect();
            println!("{:#}", json!({"schema": 1, "least": services}));
            return Ok(ExitCode::SUCCESS);
        }
        for (service, list) in out {
            for permission in list {
                println!("{}\t{permission}", service.name());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(n: &Need, grants: &Grants) -> serde_json::Value {
    let grant = match grants.any(n.service, n.any) {
        Grant::Granted => "granted",
        Grant::Unknown => "unknown",
        Grant::NotSeen => "missing",
        Grant::Denied => "denied",
    };
    json!({"what": n.what, "on": n.on, "service": n.service.name(), "any": n.any, "grant": grant,
        "role": n.role, "licence": n.licence, "delegated": n.delegated})
}
