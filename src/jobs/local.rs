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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Json, Kind, Ticks};
    use crate::msg::ListTable;
    use crate::resource::{self, Sink};
    use std::path::Path;
    use table::{Cancel, ChunkBuilder};

    fn ask(query: &str, from: LocalSource) -> Body {
        answer(&Local {
            query: query.into(),
            from,
            now: Ticks::parse("2026-08-01T12:00:00Z").unwrap(),
            cancel: Cancel::default(),
        })
        .expect("not cancelled")
    }

    fn cells(body: Body) -> Vec<String> {
        let table = match body {
            Body::Hunted(hunted) => hunted.answer.table,
            other => panic!("{other:?}"),
        };
        (0..table.rows())
            .flat_map(|r| (0..table.schema().len()).map(move |c| (r, c)))
            .map(|(r, c)| resource::hunt_cell::text(&table, r, c))
            .collect()
    }

    fn lists() -> LocalSource {
        let spec = resource::spec(Kind::User);
        let mut builder = ChunkBuilder::new(spec.schema());
        for (id, name) in [("u1", "Raj \"quoted\""), ("u2", "Ana"), ("u3", "gone")] {
            let row = serde_json::json!({"id": id, "displayName": name, "userPrincipalName": format!("{id}@contoso.com"), "accountEnabled": id == "u1"});
            let mut sink = Sink::new(spec.columns, &mut builder);
            (spec.decode)(Json(&row), &mut sink).unwrap();
            builder.end_row();
        }
        let mut table = Table::new(spec.schema());
        table.append(Arc::new(builder.finish()));
        LocalSource::Lists(vec![ListTable {
            spec,
            live: table::Selection::from(vec![0, 1]),
            table,
        }])
    }

    #[test]
    fn the_lists_on_screen_are_tables_with_their_live_rows() {
        let query = "Users | where displayName has 'quoted' | project id, accountEnabled";
        assert_eq!(cells(ask(query, lists())), ["u1", "true"]);
        assert_eq!(cells(ask("Users | count", lists())), ["2"]);
        match ask("Users | where nothing == 1", lists()) {
            Body::Fault(fault) => {
                assert!(fault.what.contains("(line 1, position 15)"), "{fault}");
            }
            other => panic!("{other:?}"),
        }
    }

    fn blob(dir: &Path, hour: &str, rows: &[&str]) {
        let folder = dir.join(format!(
            "insights-logs-advancedhunting-deviceinfo/tenantId=t/y=2026/m=07/d=31/h={hour}/m=00"
        ));
        std::fs::create_dir_all(&folder).unwrap();
        let lines: Vec<String> = rows
            .iter()
            .map(|p| format!(r#"{{"time":"2026-07-31T{hour}:10:00Z","category":"AdvancedHunting-DeviceInfo","properties":{p}}}"#))
            .collect();
        std::fs::write(folder.join("PT1H.json"), lines.join("\r\n")).unwrap();
    }

    #[test]
    fn s1_21_s4_5_an_archive_answers_with_the_same_editor_and_what_is_broken_in_it_is_said() {
        let dir = tempfile::tempdir().unwrap();
        blob(
            dir.path(),
            "03",
            &[
                r#"{"Timestamp":"2026-07-31T03:01:00Z","DeviceName":"ws-042","OSPlatform":"Windows11"}"#,
                r#"{"Timestamp":"2026-07-31T03:02:00Z","DeviceName":"ws-043","OSPlatform":"Linux"}"#,
            ],
        );
        let folder = || LocalSource::Folder(dir.path().to_owned());
        let query = "DeviceInfo | where Timestamp > ago(2d) and DeviceName == 'ws-042' | project OSPlatform";
        assert_eq!(cells(ask(query, folder())), ["Windows11"]);
        blob(dir.path(), "04", &["{\"DeviceName\":\"ws"]);
        match ask("DeviceInfo | count", folder()) {
            Body::Hunted(hunted) => {
                let why = hunted.partial.expect("a part");
                assert!(why.contains("could not be read"), "{why}");
            }
            other => panic!("{other:?}"),
        }
        let nowhere = LocalSource::Folder("/nonexistent/archive".into());
        assert!(matches!(ask("DeviceInfo", nowhere), Body::Fault(f) if f.kind == FaultKind::Disk));
        let gone = LocalSource::Archive("q3".into());
        assert!(matches!(ask("DeviceInfo", gone), Body::Fault(_)));
    }

    #[test]
    fn a_cancelled_query_has_no_answer() {
        let cancel = Cancel::default();
        cancel.cancel();
        let local = Local {
            query: "Users | count".into(),
            from: lists(),
            now: Ticks(0),
            cancel,
        };
        assert!(answer(&local).is_none());
    }
}
