//! A query that is answered on this machine: over an archive's files, or over the lists on screen.

use crate::model::{Fault, FaultKind};
use crate::msg::{Body, Hunted, Local, LocalSource};
use crate::resource::hunt_answer::Answer;
use crate::resource::hunt_lists;
use kql::bind::World;
use kql::engine::{Catalog, ErrorKind, Options, RunError, run};
use kql::load::Archive;
use kql::schema::{Schema, Which};
use std::sync::Arc;
use table::{Table, Txt};

/// Answers it; `None` when cancelled.
pub fn answer(local: &Local) -> Option<Body> {
    Some(match hunted(local) {
        Ok(Some(hunted)) => Body::Hunted(hunted),
        Ok(None) => return None,
        Err(fault) => Body::Fault(fault),
    })
}

fn hunted(local: &Local) -> Result<Option<Hunted>, Fault> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let options = Options {
        now: local.now.0,
        threads,
        cancel: local.cancel.clone(),
        ..Options::default()
    };
    let mut catalog = Catalog::new();
    let mut archive = None;
    let schema = match &local.from {
        LocalSource::Archive(name) => {
            return Err(Fault::new(
                FaultKind::Refused,
                format!("`archive.{name}` is not in the configuration any more"),
            )
            .next("choose another place to run it"));
        }
        LocalSource::Folder(path) => {
            let mut schema = Schema::clone(&Schema::builtin(Which::Unified));
            let opened = Archive::open(path, &schema, threads).map_err(|why| {
                Fault::new(FaultKind::Disk, why).next("check the archive's folder")
            })?;
            opened.learn(&mut schema);
            let opened = Arc::new(opened);
            catalog.provider = Some(opened.clone());
            archive = Some(opened);
            schema
        }
        LocalSource::Lists(lists) => {
            for list in lists {
                let stored = hunt_lists::stored(list.spec, &list.table, &list.live, &local.cancel);
                let Some(stored) = stored else {
                    return Ok(None);
                };
                catalog.add(&hunt_lists::name(list.spec), stored);
            }
            hunt_lists::schema()
        }
    };
    let world = World::new(Arc::new(schema));
    let answer = match run(&local.query, &world, &catalog, &options) {
        Ok(answer) => answer,
        Err(e) if e.kind == ErrorKind::Cancelled => return Ok(None),
        Err(e) => return Err(fault(&e, &local.query)),
    };
    let schema = kql::engine::Stored::chunk_schema(&answer.columns);
    let mut table = Table::new(schema);
    for chunk in answer.chunks() {
        table.append(chunk);
    }
    let notes = archive.map(|a| a.take_notes()).unwrap_or_default();
    let mut partial = None;
    if answer.truncated {
        partial = Some("the engine gives no more".to_owned());
    } else if notes.lost > 0 || notes.kept().iter().any(|n| n.line == 0) {
        let first = notes.kept().first().map(ToString::to_string);
        let first = first.map_or_else(String::new, |n| format!(": {}", Txt::new(&n).shown()));
        partial = Some(format!(
            "{} rows of the files could not be read{first}",
            notes.lost
        ));
    }
    Ok(Some(Hunted {
        answer: Answer {
            table,
            odd: notes.mended,
            first_odd: None,
            bad_rows: 0,
            strangers: 0,
        },
        partial,
    }))
}

/// What the engine says, with line and position as services say them.
fn fault(e: &RunError, text: &str) -> Fault {
    let mut what = Txt::new(&e.message).shown().into_owned();
    if let Some(before) = e.span.and_then(|(from, _)| text.get(..from as usize)) {
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        what.push_str(&format!(" (line {line}, position {column})"));
    }
    let kind = match e.kind {
        ErrorKind::Source => FaultKind::Disk,
        _ => FaultKind::BadRequest,
    };
    let next = match e.kind {
        ErrorKind::Unsupported => "run it at a service",
        ErrorKind::Limit => "narrow it: fewer rows or columns",
        _ => "",
    };
    Fault::new(kind, what).next(next)
}
