//! `x` in a list: the marked rows, or those shown, as a file with where they come from. Of marked controls it is a plan:
//! what they would bring stands in it. Of logs the ledger of what was read goes with it.

use super::App;
use super::ask::Ask;
use super::overlay::Overlay;
use super::posture;
use crate::model::Kind;
use crate::model::span::Span;
use crate::msg::{Effect, Slot};
use crate::resource::hunt_export::save::Save;
use crate::resource::hunt_export::{Export, Form, Provenance};
use crate::resource::hunt_work::Work;
use std::sync::Arc;
use table::{Cancel, Selection};

/// The number that stands for lists where results of queries have theirs.
pub const LISTS: u64 = u64::MAX;

/// Whether there is a row to write.
pub fn able(app: &App) -> Result<(), String> {
    match app.pane().shown.rows().is_empty() {
        false => Ok(()),
        true => Err("there is no row to export".into()),
    }
}

/// Asks for the file.
pub fn open(app: &mut App, form: Form) {
    let path = app.hunt.folder.join(name(app, form));
    let (rows, how) = rows(app);
    let how = how.map_or(String::new(), |h| format!(", {h}"));
    let title = format!(
        "export {} {} as {}{how}",
        rows.len(),
        app.pane().spec.title.to_lowercase(),
        form.title()
    );
    let ask = Ask::about(
        form.ending(),
        title,
        &path.to_string_lossy(),
        |app, ending, path, fx| {
            if let Some(form) = Form::named(ending) {
                save(app, form, path, fx);
            }
        },
    );
    app.push(Overlay::Ask(ask));
}

/// A file's name: tenant, list, instant.
fn name(app: &App, form: Form) -> String {
    let tidy = |text: &str| -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        };
        text.chars().map(plain).take(32).collect()
    };
    let session = app.session.as_ref();
    let tenant = tidy(session.map_or("tenant", |s| &s.tenant));
    let demo = session.is_some_and(|s| s.demo) && !tenant.contains("demo");
    let demo = if demo { "demo-" } else { "" };
    let at = app.now.wall.timestamp();
    let at = at.map_or_else(String::new, |t| t.strftime("%Y%m%dT%H%M%SZ").to_string());
    let list = tidy(app.pane().spec.title);
    let plan = if posture::is_plan(app) { "-plan" } else { "" };
    format!("{demo}{tenant}-{list}{plan}-{at}.{}", form.ending())
}

/// The rows that are meant, and how they were chosen.
fn rows(app: &App) -> (Selection, Option<String>) {
    let pane = app.pane();
    let marked = pane.marked().0;
    if !marked.is_empty() {
        let rows = marked
            .iter()
            .filter_map(|k| pane.rows.find(k.id.txt().exact()));
        return (rows.collect(), Some("marked by hand".to_owned()));
    }
    let how = match pane.filter.text.trim() {
        "" => None,
        filter => Some(format!("filter {filter}")),
    };
    (pane.shown.rows().iter().collect(), how)
}

fn export(app: &App, form: Form) -> Export {
    let pane = app.pane();
    let (rows, how) = rows(app);
    let total = pane.rows.len() as u64;
    let chosen = how
        .filter(|_| rows.len() as u64 != total)
        .map(|h| (total, h));
    let progress = &pane.progress;
    let mut notes = Vec::new();
    if pane.bad > 0 {
        notes.push(format!(
            "{} rows could not be read and are left out",
            pane.bad
        ));
    }
    if pane.spec.kind == Kind::Control
        && let Some(made) = posture::projection(app)
    {
        let lines = made.lines();
        notes.push(format!(
            "plan of {} controls: {}",
            made.controls,
            lines.join("; ")
        ));
    }
    let session = app.session.as_ref();
    let ledger = (pane.spec.kind == Kind::Record).then(|| Arc::clone(&app.ledger));
    let partial = match &ledger {
        // how much of the logs there is nobody knows beforehand: the windows tell whether it is all
        Some(ledger) => {
            let span = Span::default();
            notes.extend(span.silent(ledger));
            span.short_of(ledger)
        }
        None => (!progress.complete).then(|| match progress.total {
            Some(all) => format!("loaded {} of {all}", progress.loaded),
            None => format!("loaded {}, more to come", progress.loaded),
        }),
    };
    Export {
        table: pane.rows.table().clone(),
        rows,
        columns: (0..pane.spec.columns.len()).collect(),
        form,
        from: Provenance {
            query: format!("the list {}", pane.spec.title),
            local: Vec::new(),
            tenant: session.map_or_else(String::new, |s| s.tenant.clone()),
            tenant_id: session.map_or_else(String::new, |s| s.tenant_id.clone()),
            demo: session.is_some_and(|s| s.demo),
            engine: (pane.spec.listing.list)(None).service.name().to_owned(),
            at: progress.as_of.unwrap_or(app.now.wall),
            took_ms: 0,
            partial,
            notes,
            chosen,
            ledger,
        },
        raw: false,
        visible: false,
        cancel: Cancel::new(),
    }
}

fn save(app: &mut App, form: Form, path: &str, fx: &mut Vec<Effect>) {
    let save = Save {
        export: export(app, form),
        path: path.to_owned(),
        folder: app.hunt.folder.clone(),
        replace: false,
    };
    app.hunt.wished = None;
    let ticket = app.tickets.issue(Slot::Work(LISTS, "export"));
    fx.push(Effect::Work(ticket, Box::new(Work::Save(save))));
}
