//! `x`: what is shown of a timeline as a file, gaps among the lines and again where the file tells of its rows.

use super::Timeline;
use super::keys::{Did, engine, tidy};
use crate::app::App;
use crate::app::ask::Ask;
use crate::app::list_export::LISTS;
use crate::app::overlay::Overlay;
use crate::app::pick::{Item, Pick, Value};
use crate::msg::{Effect, Slot};
use crate::resource::hunt_export::save::Save;
use crate::resource::hunt_export::{Export, Form, Provenance};
use crate::resource::hunt_work::Work;
use std::sync::Arc;
use table::{Cancel, ChunkBuilder, Schema, Table, Type};

/// Asks for the form, then for the file.
pub fn ask(t: &Timeline, app: &mut App) -> Did {
    if t.story.is_empty() {
        let text = "there is no line to export".to_owned();
        app.toasts.push(app.now, crate::msg::Level::Info, text);
        return Did::Stay;
    }
    let letters = ["c", "t", "n", "j", "m", "x", "k"];
    let items = Form::ALL.iter().zip(letters).map(|(form, letter)| Item {
        label: form.title().to_owned(),
        key: letter.to_owned(),
        value: Value::Name(form.ending()),
        ..Item::default()
    });
    let items = items.collect();
    let pick = Pick::letters("timeline form", "Export as", items, |app, item, _| {
        if let Value::Name(ending) = item.value {
            to_file(app, ending);
        }
    });
    app.push(Overlay::Pick(pick));
    Did::Stay
}

fn to_file(app: &mut App, ending: &'static str) {
    let (Some(t), Some(form)) = (&app.timeline, Form::named(ending)) else {
        return;
    };
    let at = app.now.wall.timestamp();
    let at = at.map_or_else(String::new, |t| t.strftime("%Y%m%dT%H%M%SZ").to_string());
    let session = app.session.as_ref();
    let demo = if session.is_some_and(|s| s.demo) {
        "demo-"
    } else {
        ""
    };
    let name = format!("{demo}timeline-{}-{at}.{ending}", tidy(&t.name));
    let path = app.hunt.folder.join(name);
    let title = format!("export {} lines as {}", t.story.len(), form.title());
    let ask = Ask::about(
        ending,
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

fn save(app: &mut App, form: Form, path: &str, fx: &mut Vec<Effect>) {
    let Some(export) = app.timeline.as_ref().map(|t| export(t, app, form)) else {
        return;
    };
    let save = Save {
        export,
        path: path.to_owned(),
        folder: app.hunt.folder.clone(),
        replace: false,
    };
    app.hunt.wished = None;
    let ticket = app.tickets.issue(Slot::Work(LISTS, "export"));
    fx.push(Effect::Work(ticket, Box::new(Work::Save(save))));
}

/// The lines that are shown, with everything that is missing.
pub(super) fn export(t: &Timeline, app: &App, form: Form) -> Export {
    let schema = Arc::new(Schema::new([
        ("Time", Type::Time),
        ("Source", Type::Text),
        ("Gap", Type::Bool),
        ("GapFrom", Type::Time),
        ("Sentence", Type::Text),
    ]));
    let mut build = ChunkBuilder::new(schema.clone());
    for line in 0..t.story.len() {
        let Some(place) = t.story.place(line) else {
            continue;
        };
        let words = t.story.sentence(place).map(|s| s.txt().exact());
        build.time(0, t.story.at(place).map(|at| at.0));
        build.text(1, t.story.lane(place).map(|l| l.source.name));
        build.bool(2, Some(place.gap));
        build.time(3, t.story.gap(place).map(|g| g.span.from.0));
        build.text(4, words);
        build.end_row();
    }
    let mut table = Table::new(schema);
    table.append(Arc::new(build.finish()));
    let gaps: Vec<String> = (t.story.gaps())
        .map(|(lane, gap)| {
            let (from, to) = (gap.span.from.literal(), gap.span.to.literal());
            format!(
                "gap in {}, {from} to {to}: {}",
                lane.source.name,
                gap.why.txt().shown()
            )
        })
        .collect();
    let asked = t.story.lanes.iter();
    let asked: Vec<String> = asked
        .map(|l| format!("{} ({})", l.source.name, engine(&l.source.ask)))
        .collect();
    let off = t
        .story
        .lanes
        .iter()
        .filter(|l| !l.on)
        .map(|l| l.source.name);
    let off: Vec<&str> = off.collect();
    let mut how = Vec::new();
    if !off.is_empty() {
        how.push(format!("without {}", off.join(", ")));
    }
    if !t.story.filter().is_empty() {
        how.push(format!("filter {}", t.story.filter()));
    }
    let reading = t.story.lanes.iter();
    let reading = reading
        .filter(|l| l.stand == crate::resource::timeline::Stand::Reading)
        .map(|l| format!("{} had not answered yet", l.source.name));
    let mut notes: Vec<String> = reading.collect();
    notes.extend(gaps.iter().cloned());
    let session = app.session.as_ref();
    let (from, to) = (t.axis.whole.from.literal(), t.axis.whole.to.literal());
    Export {
        rows: table.all(),
        columns: (0..table.schema().len()).collect(),
        form,
        from: Provenance {
            query: format!(
                "timeline of the {} {} from {from} to {to}",
                t.of.noun(),
                t.name.txt().shown()
            ),
            local: Vec::new(),
            tenant: session.map_or_else(String::new, |s| s.tenant.clone()),
            tenant_id: session.map_or_else(String::new, |s| s.tenant_id.clone()),
            demo: session.is_some_and(|s| s.demo),
            engine: asked.join(", "),
            at: t.as_of,
            took_ms: 0,
            partial: (!notes.is_empty()).then(|| match gaps.len() {
                1 => "1 gap".to_owned(),
                n => format!("{n} gaps"),
            }),
            notes,
            chosen: (!how.is_empty()).then(|| (t.story.total() as u64, how.join("; "))),
            ledger: (!app.ledger.types.is_empty()).then(|| app.ledger.clone()),
        },
        table,
        raw: false,
        visible: false,
        cancel: Cancel::new(),
    }
}
