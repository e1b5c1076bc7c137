//! `watchfloor find TEXT`: anything by an id, a name, an address, a hash or a portal URL: in what the last run saw of all
//! lists, and at the services where those may not have it.

use super::exit::{PARTIAL, ended};
use super::out::SCHEMA;
use crate::backend::ports::Store;
use crate::cli::choose::{self, Refusal};
use crate::model::Ticks;
use crate::msg::{Body, Request, Slot};
use crate::resource::find::hits::{self, Hit, How, List, Looking, Opens};
use crate::resource::find::search;
use crate::resource::{self, Answer, spec};
use crate::run::silent::Silent;
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// How long the services are waited for.
const WAIT: Duration = Duration::from_secs(120);

/// Find anything: an id, a name, an address, a hash, mail, portal URL
#[derive(Debug, clap::Args)]
pub struct Find {
    #[arg(value_name = "TEXT", required = true)]
    pub text: Vec<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

impl Find {
    pub fn run(&self, tenant: Option<&str>) -> Result<ExitCode, Refusal> {
        let text = self.text.join(" ");
        let text = text.trim();
        let start = choose::tenant_of_command(tenant)?;
        let name = start.tenant.name.clone();
        let cache = start.dirs.tenant_cache(&name).join("cache.db");
        let mut silent = Silent::new(start).map_err(|e| (1, format!("{e:#}")))?;
        let now = silent.app().now.wall;
        let search = search(text, now, false);
        if search.refs.is_empty() {
            return Err((2, "a text to look for is wanted".into()));
        }
        let says = crate::app::find::says(text, &search.refs);
        let looking = Looking::new(kept(&cache), &search, now);
        let mut found = looking.run().unwrap_or_default();
        // what is known beyond doubt need not be asked for
        let is_known =
            |found: &[Hit], kind| found.iter().any(|h| h.how == How::Is && h.kind == kind);
        let asks: Vec<_> = (search.asks.into_iter())
            .filter(|a| a.one || !is_known(&found, a.kind))
            .filter(|a| !silent.app().is_list_off(spec(a.kind)))
            .collect();
        let mut notes = Vec::new();
        if !asks.is_empty() {
            let calls = asks.iter().map(|a| a.call.clone()).collect();
            let body = silent.ask(Slot::Pick("find"), Request::Pick { calls }, WAIT);
            match body.map_err(|f| ended(&f))? {
                Body::Part(answers) => {
                    for (ask, answer) in asks.iter().zip(&answers) {
                        match answer {
                            Answer::Failed(fault) => notes.push(fault.to_string()),
                            Answer::Withheld(needs) => {
                                let what = spec(ask.kind).title.to_lowercase();
                                let needs = needs.join(" or ");
                                notes
                                    .push(format!("{what} were not asked for: that needs {needs}"));
                            }
                            Answer::Got { .. } | Answer::None => {}
                        }
                        let more = hits::answered(ask, answer, &search.refs, text);
                        hits::add(&mut found, more);
                    }
                }
                _ => notes.push("the services were not asked to the end".into()),
            }
        }
        let demo = silent.app().session.as_ref().is_some_and(|s| s.demo);
        silent.stop();
        if self.json {
            let rows: Vec<Value> = found.iter().map(row).collect();
            let mut out = json!({"schema": SCHEMA, "tenant": name, "text": text, "says": says,
                "hits": rows, "notes": notes});
            if demo {
                out["demo"] = true.into();
            }
            println!("{out:#}");
        } else {
            for hit in &found {
                println!(
                    "{:<10} {:<10} {}  {}",
                    word(hit.how),
                    spec(hit.kind).one,
                    hit.label,
                    hit.note
                );
            }
            if found.is_empty() {
                eprintln!("watchfloor: nothing was found");
            }
        }
        match notes.is_empty() {
            true => Ok(ExitCode::SUCCESS),
            false => Err((PARTIAL, notes.join("; "))),
        }
    }
}

/// The lists as the last run saw them; empty where nothing is kept.
fn kept(path: &Path) -> Vec<List> {
    let wall: fn() -> Ticks = || Ticks::from_timestamp(jiff::Timestamp::now());
    let store = (path.exists()).then(|| crate::store::Cached::new(Some(path.to_owned()), wall));
    let list = |spec: &&'static resource::Spec| {
        let mut pane = crate::app::pane::Pane::new(spec);
        if let Some(store) = &store {
            // a list that cannot be read is as good as one that is not there: the services are asked
            let _ = store.load(spec.kind, &mut |chunk, _| {
                pane.rows.upsert(chunk);
                true
            });
        }
        List {
            spec,
            rows: pane.rows,
        }
    };
    resource::ALL.iter().map(list).collect()
}

fn word(how: How) -> &'static str {
    match how {
        How::Is => "is",
        How::Names => "names it",
        How::Named => "is called",
        How::Like => "like it",
    }
}

fn row(hit: &Hit) -> Value {
    let mut out = json!({"kind": spec(hit.kind).one, "how": word(hit.how), "label": hit.label, "note": hit.note});
    match &hit.opens {
        Opens::Key(key) => out["id"] = key.id.txt().exact().into(),
        Opens::Ref(entity) => {
            out["value"] = entity.value().map(|t| t.txt().exact().to_owned()).into();
        }
        Opens::List(_, filter) => out["filter"] = filter.as_str().into(),
    }
    out
}
