//! `watchfloor export incident 4711`: everything that the services tell of one entity, in their own words, as one JSON
//! document with where it comes from: for a case file, a colleague, or a program.

use super::exit::{PARTIAL, USAGE, ended};
use super::out::{SCHEMA, instant};
use super::words;
use crate::app::known::Lists;
use crate::cli::choose::{self, Refusal};
use crate::model::{Json, Key};
use crate::msg::{Body, Request, Slot};
use crate::resource::{self, Answer, Section, Spec, Subject};
use crate::run::silent::Silent;
use serde_json::{Value, json};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How long one part of it is waited for.
const WAIT: Duration = Duration::from_secs(180);

/// Everything of one incident, alert, device, user …, as one JSON document with where it comes from
#[derive(Debug, clap::Args)]
pub struct Export {
    /// incident, alert, device, user, action or indicator
    #[arg(value_name = "KIND")]
    pub kind: String,
    /// Its id, or the name of a user or device
    #[arg(value_name = "ID")]
    pub target: String,
    /// Write to this file [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A file of that name may be replaced
    #[arg(long, requires = "output")]
    pub replace: bool,
}

impl Export {
    pub fn run(&self, tenant: Option<&str>) -> Result<ExitCode, Refusal> {
        let spec = self.spec()?;
        if let Some(path) = &self.output
            && path.exists()
            && !self.replace
        {
            return Err((1, format!("{} is there already: --replace", path.display())));
        }
        let start = choose::tenant_of_command(tenant)?;
        let (name, id) = (start.tenant.name.clone(), start.tenant.tenant_id.clone());
        let mut silent = Silent::new(start).map_err(|e| (1, format!("{e:#}")))?;
        let key = words::key(&mut silent, spec, &self.target)?;
        let entity = silent.entity(&key).map_err(|f| ended(&f))?;
        let mut sections = Vec::new();
        let mut missing = Vec::new();
        for section in spec.sections {
            sections.extend(part(&mut silent, section, &key, &entity, &mut missing)?);
        }
        let session = silent.app().session.clone();
        let at = silent.app().now.wall;
        silent.stop();
        let by = session.as_ref().and_then(|s| s.me.as_ref());
        let pack = json!({
            "schema": SCHEMA,
            "pack": spec.one,
            "id": key.id.txt().exact(),
            "tenant": name,
            "tenantId": id,
            "demo": session.as_ref().is_some_and(|s| s.demo),
            "takenAt": instant(at),
            "by": by.map(|t| t.txt().exact()),
            "writtenBy": concat!("watchfloor ", env!("CARGO_PKG_VERSION")),
            "complete": missing.is_empty(),
            "missing": missing,
            "entity": *entity,
            "sections": sections,
        });
        let text = format!("{pack:#}\n");
        match &self.output {
            None => match std::io::stdout().lock().write_all(text.as_bytes()) {
                Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
                    return Err((1, format!("stdout: {e}")));
                }
                _ => {}
            },
            Some(path) => {
                self.save(path, &text)
                    .map_err(|e| (1, format!("{}: {e}", path.display())))?;
                eprintln!("watchfloor: {} bytes in {}", text.len(), path.display());
            }
        }
        match missing.is_empty() {
            true => Ok(ExitCode::SUCCESS),
            false => Err((PARTIAL, format!("not all of it: {}", missing.join("; ")))),
        }
    }

    fn save(&self, path: &PathBuf, text: &str) -> std::io::Result<()> {
        if self.replace {
            return crate::config::file::replace(path, text.as_bytes());
        }
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    fn spec(&self) -> Result<&'static Spec, Refusal> {
        let word = self.kind.to_lowercase();
        let found = resource::ALL
            .iter()
            .find(|s| s.one == word || super::word(s) == word);
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = resource::ALL.iter().map(|s| s.one).collect();
            (
                USAGE,
                format!(
                    "`{}` is none of {}",
                    table::Txt::new(&word).shown(),
                    names.join(", ")
                ),
            )
        })
    }
}

/// What the calls of a section answer; none where it asks nothing of its own.
fn part(
    silent: &mut Silent,
    section: &Section,
    key: &Key,
    entity: &Arc<Value>,
    missing: &mut Vec<String>,
) -> Result<Option<Value>, Refusal> {
    let calls = {
        let app = silent.app();
        let subject = Subject {
            key,
            entity: Json(entity),
            now: app.now.wall,
            known: &Lists(app),
        };
        (section.calls)(&subject)
    };
    if calls.is_empty() {
        return Ok(None);
    }
    let slot = Slot::Part(key.clone(), section.id);
    let request = Request::Part {
        key: key.clone(),
        section: section.id,
        calls: calls.clone(),
    };
    let mut lacks = |why: String| missing.push(format!("{}: {why}", section.title));
    let answers = match silent.ask(slot, request, WAIT) {
        Ok(Body::Part(answers)) => answers,
        Ok(_) => {
            lacks("it ended early".into());
            return Ok(None);
        }
        Err(fault) if super::code(fault.kind) == 130 => return Err(ended(&fault)),
        Err(fault) => {
            lacks(fault.to_string());
            return Ok(None);
        }
    };
    let answer = |(call, answer): (&crate::model::Call, &Answer)| {
        let body = match answer {
            Answer::Got { body, more } => {
                if *more {
                    lacks("there is more than was read".into());
                }
                (**body).clone()
            }
            Answer::None => Value::Null,
            Answer::Failed(fault) => {
                lacks(fault.to_string());
                return None;
            }
            Answer::Withheld(needs) => {
                lacks(format!("needs {}", needs.join(" or ")));
                return None;
            }
        };
        Some(
            json!({"from": format!("{} {}", call.service.name(), call.path.as_str()), "body": body}),
        )
    };
    let answers: Vec<Value> = calls.iter().zip(&answers).filter_map(answer).collect();
    Ok(Some(
        json!({"id": section.id, "title": section.title, "answers": answers}),
    ))
}
