//! Exports of a result: to a file with where it comes from, to the clipboard, and query with result for a colleague.

use super::bar;
use crate::app::App;
use crate::msg::{Effect, Level, Slot};
use crate::resource::hunt_export::save::{Save, Saved};
use crate::resource::hunt_export::{Export, Form, Provenance};
use crate::resource::hunt_work::Work;
use table::{Cancel, Selection, Txt};

/// What is to be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub form: Form,
    /// Every row and column; else what is on screen.
    pub all: bool,
    /// A file of that name may go.
    pub replace: bool,
}

/// `x` and a letter: asks for the file.
pub fn open(app: &mut App, form: Form) {
    let path = app.hunt.folder.join(name(app, form));
    let path = path.to_string_lossy().into_owned();
    bar::export(app, form, &path);
}

/// A file's name: tenant, query, instant.
fn name(app: &App, form: Form) -> String {
    let query = app.hunt.query();
    let tidy = |text: &str| -> String {
        let mut out = String::new();
        for c in text.chars() {
            if c.is_ascii_alphanumeric() {
                out.push(c.to_ascii_lowercase());
            } else if !out.ends_with('-') && !out.is_empty() {
                out.push('-');
            }
            if out.len() >= 32 {
                break;
            }
        }
        out.trim_matches('-').to_owned()
    };
    let session = app.session.as_ref();
    let tenant = tidy(session.map_or("tenant", |s| &s.tenant));
    let demo = if session.is_some_and(|s| s.demo) && !tenant.contains("demo") {
        "demo-"
    } else {
        ""
    };
    let at = query.outcome.as_ref().map_or(app.now.wall, |o| o.at);
    let at = at
        .timestamp()
        .map_or_else(String::new, |t| t.strftime("%Y%m%dT%H%M%SZ").to_string());
    let local = query
        .outcome
        .as_ref()
        .is_some_and(|o| !o.side.steps.is_empty());
    let local = if local { "-local" } else { "" };
    let words = tidy(query.name());
    format!("{demo}{tenant}-{words}-{at}{local}.{}", form.ending())
}

/// What would be written, in words.
pub fn about(app: &App, wish: &Wish) -> String {
    let Some(export) = export(app, wish.form, wish.all, false) else {
        return String::new();
    };
    let rows = export.from.count(export.rows.len());
    let columns = export.columns.len();
    let title = wish.form.title();
    let other = if wish.all {
        "Alt-s: only what is on screen"
    } else {
        "Alt-s: everything"
    };
    let replace = if wish.replace {
        " · a file of that name is REPLACED"
    } else {
        ""
    };
    format!("{title}: {rows} rows × {columns} columns{replace} · {other}")
}

/// The rows with all that is to be told of them.
fn export(app: &App, form: Form, all: bool, visible: bool) -> Option<Export> {
    let query = app.hunt.query();
    let outcome = query.outcome.as_ref()?;
    let grid = outcome.grid()?;
    let total = u64::from(grid.table.rows());
    let (rows, columns, chosen): (Selection, Vec<usize>, _) = if all {
        let columns = (0..grid.table.schema().len()).collect();
        (grid.ordered.clone(), columns, None)
    } else if !grid.marks.is_empty() {
        let rows: Selection = grid.subjects().into_iter().collect();
        (
            rows,
            grid.columns.clone(),
            Some("marked by hand".to_owned()),
        )
    } else {
        let how = match grid.filter.trim() {
            "" => None,
            filter => Some(format!("filter {filter}")),
        };
        (grid.rows.clone(), grid.columns.clone(), how)
    };
    let chosen = chosen.filter(|_| rows.len() as u64 != total);
    let session = app.session.as_ref();
    let mut local: Vec<String> = Vec::new();
    let mut before = outcome.result.as_ref().ok();
    for step in &outcome.side.steps {
        // a refinement was of the rows that passed the filter then in force; a comparison is of whole runs
        let filter = before.map_or("", |g| g.filter.trim());
        if !filter.is_empty() && !step.is_compared() {
            local.push(format!("filter {filter}"));
        }
        local.push(step.text.clone());
        before = Some(&step.grid);
    }
    let partial = outcome
        .notes
        .iter()
        .find_map(|n| n.strip_prefix("PARTIAL: "));
    let notes = outcome.notes.iter().filter(|n| !n.starts_with("PARTIAL"));
    Some(Export {
        table: grid.table.clone(),
        rows,
        columns,
        form,
        from: Provenance {
            query: outcome.text.to_string(),
            local,
            tenant: session.map_or_else(String::new, |s| s.tenant.clone()),
            tenant_id: session.map_or_else(String::new, |s| s.tenant_id.clone()),
            demo: session.is_some_and(|s| s.demo),
            engine: outcome.engine.to_string(),
            at: outcome.at,
            took_ms: outcome.took.as_millis() as u64,
            partial: partial.map(str::to_owned),
            notes: notes.cloned().collect(),
            chosen: chosen.map(|how| (total, how)),
            ledger: None,
        },
        raw: false,
        visible,
        cancel: Cancel::new(),
    })
}

fn ask(app: &mut App, work: Work, fx: &mut Vec<Effect>) {
    let slot = Slot::Work(app.hunt.query().id, "export");
    let ticket = app.tickets.issue(slot);
    fx.push(Effect::Work(ticket, Box::new(work)));
}

/// Writes the file; the answer is a toast.
pub fn to_file(app: &mut App, wish: &Wish, path: &str, fx: &mut Vec<Effect>) {
    let Some(export) = export(app, wish.form, wish.all, false) else {
        return;
    };
    app.hunt.wished = Some(wish.clone());
    let save = Save {
        export,
        path: path.to_owned(),
        folder: app.hunt.folder.clone(),
        replace: wish.replace,
    };
    ask(app, Work::Save(save), fx);
}

/// `X` and a letter: what is on screen, made visible, to the clipboard.
pub fn to_clipboard(app: &mut App, form: Form, fx: &mut Vec<Effect>) {
    if let Some(export) = export(app, form, false, true) {
        ask(app, Work::Text(export), fx);
    }
}

/// `y q`: query and result for a colleague.
pub fn for_colleague(app: &mut App, fx: &mut Vec<Effect>) {
    if let Some(export) = export(app, Form::Markdown, false, true) {
        ask(app, Work::Colleague(export), fx);
    }
}

/// A row as JSON, safe for the clipboard.
pub fn row_json(app: &App) -> Option<String> {
    let mut one = export(app, Form::Ndjson, true, true)?;
    one.rows = [app.hunt.grid()?.row()?].into_iter().collect();
    one.text().ok().flatten()
}

pub fn saved(app: &mut App, saved: &Saved) {
    let shown = |text: &std::ffi::OsStr| Txt::new(&text.to_string_lossy()).shown().into_owned();
    // the name first: a long folder would push it off a narrow screen
    let name = shown(saved.path.file_name().unwrap_or_default());
    let folder = shown(saved.path.parent().unwrap_or(&saved.path).as_os_str());
    let beside = match &saved.beside {
        Some(_) => "; where it comes from is in the file beside it",
        None => "",
    };
    let size = match saved.bytes {
        n if n >= 10 << 20 => format!("{} MB", n >> 20),
        n if n >= 10 << 10 => format!("{} KB", n >> 10),
        n => format!("{n} bytes"),
    };
    let text = format!(
        "wrote {name}: {} rows, {size}, in {folder}{beside}",
        saved.rows
    );
    app.toasts.push(app.now, Level::Good, text);
}

pub fn exists(app: &mut App, path: &str) {
    let wish = app.hunt.wished.take();
    match wish {
        Some(wish) => bar::export_again(app, wish, path),
        // of a list: asked for again under another name
        None => {
            let shown = Txt::new(path).shown().into_owned();
            let text = format!("{shown} is there already: x again, and another name");
            app.toasts.push(app.now, Level::Warn, text);
        }
    }
}
