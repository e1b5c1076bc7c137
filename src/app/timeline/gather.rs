//! Where a timeline's events come from: services that are asked, each source by itself so that none waits for another, and
//! lists and record, which are here. What fails, is not permitted, was cut or is not read yet becomes a gap.

use super::{Raw, Timeline, is_open, sizes};
use crate::app::App;
use crate::app::known::Lists;
use crate::app::pane::Pane;
use crate::model::feed::{Content, Reach, Standing};
use crate::model::time::MINUTE;
use crate::model::{Engine, EntityRef, Key, Kind, Ticks};
use crate::msg::{Body, Effect, Job, Reply, Request, Slot};
use crate::resource::doc::Tone;
use crate::resource::filter::{compile, parse};
use crate::resource::timeline::{
    Ask, Event, Gap, Source, Span, Stand, Thing, of_answers, sentence,
};
use crate::resource::{Answer, Known, record};
use std::collections::BTreeSet;
use std::sync::Arc;
use table::{Cancel, Cell, Chunk, Predicate, Text};

/// Asks every source anew. What they told before stays until they answer.
pub fn ask(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(mut t) = app.timeline.take() else {
        return;
    };
    let was_all = t.axis.view == t.axis.whole;
    t.axis.whole = t.reach(app.now.wall);
    if was_all || !t.axis.whole.holds(t.axis.view.from) {
        t.axis.all();
    }
    t.as_of = app.now.wall;
    t.waiting.fill(0);
    for lane in &mut t.story.lanes {
        lane.stand = Stand::Reading;
    }
    let sources: Vec<&'static Source> = t.story.lanes.iter().map(|l| l.source).collect();
    app.timeline = Some(t);
    // lists that were never opened are read from now on; the logs are a matter of their own tab
    for kind in [Kind::Alert, Kind::Incident, Kind::Action] {
        if app.usable_kind(kind).is_ok() {
            app.sync(kind, fx);
        }
    }
    for (n, source) in sources.into_iter().enumerate() {
        if let Err(why) = ask_one(app, source, fx) {
            take(app, n, Vec::new(), Vec::new(), Some(why));
        }
    }
    for kind in [Kind::Alert, Kind::Incident, Kind::Action] {
        held(app, kind);
    }
}

/// Asks one source, or says why not.
fn ask_one(app: &mut App, source: &'static Source, fx: &mut Vec<Effect>) -> Result<(), String> {
    let Some(t) = &app.timeline else {
        return Ok(());
    };
    let (of, span) = (t.of.clone(), t.axis.whole);
    let unnamed = || format!("what is known of this {} does not name it there", of.noun());
    let slot = Slot::Timeline(source.name);
    match &source.ask {
        Ask::Hunt(table) => {
            if let Some(why) = app.defender_blocked() {
                return Err(why);
            }
            let query = table.query(&of, span).ok_or_else(unnamed)?;
            app.hunt.sent_one(app.now.mono);
            let ticket = app.tickets.issue(slot);
            let request = Request::Hunt {
                engine: Engine::Defender,
                query: query.into(),
                timespan: None,
            };
            fx.push(Effect::Ask(ticket, request));
        }
        Ask::Calls { calls, .. } => {
            let calls = calls(&of, span);
            if calls.is_empty() {
                return Err(unnamed());
            }
            let ticket = app.tickets.issue(slot);
            fx.push(Effect::Ask(ticket, Request::Pick { calls }));
        }
        Ask::List(Kind::Record) => {
            app.usable_kind(Kind::Record)?;
            let EntityRef::User { upn: Some(upn), .. } = &of else {
                return Err(unnamed());
            };
            let (upn, fills) = (upn.clone(), feed_fills(app));
            if let Some(t) = app.timeline.as_mut() {
                t.filling = fills;
            }
            records(app, &upn, slot, fx);
        }
        Ask::List(_) | Ask::Deeds => {}
    }
    Ok(())
}

/// Looks for the records that name a person, on the compute threads: there may be a million.
fn records(app: &mut App, upn: &Text, slot: Slot, fx: &mut Vec<Effect>) {
    let Some(pane) = app.panes.iter().find(|p| p.spec.kind == Kind::Record) else {
        return;
    };
    let parsed = parse(&record::of_person(upn.txt()), pane.spec);
    let job = Job {
        table: pane.rows.table().clone(),
        base: pane.rows.live(),
        sort: Vec::new(),
        predicate: compile(&parsed, pane.spec, &app.env(Kind::Record)),
        keep: Predicate::All,
        group: None,
        cancel: Cancel::default(),
    };
    let ticket = app.tickets.issue(slot);
    fx.push(Effect::Compute(ticket, job));
}

/// Another timeline comes: what was still asked for this one is not waited for.
pub fn forget(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(t) = app.timeline.take() else { return };
    for lane in &t.story.lanes {
        let slot = Slot::Timeline(lane.source.name);
        if app.tickets.is_open(&slot) {
            app.tickets.close(&slot);
            fx.push(Effect::Drop(slot));
        }
    }
}

/// The answer of a source.
pub fn reply(app: &mut App, reply: Reply) {
    let Slot::Timeline(name) = reply.ticket.slot else {
        return;
    };
    let Some(t) = app.timeline.as_mut() else {
        return;
    };
    let lanes = t.story.lanes.iter();
    let Some(n) = lanes.clone().position(|l| l.source.name == name) else {
        return;
    };
    let (source, span) = (t.story.lanes[n].source, t.axis.whole);
    match (&source.ask, reply.body) {
        (Ask::Hunt(table), Body::Hunted(hunted)) => {
            let answer = hunted.answer.table;
            let (events, gaps) = table.events(0, &answer, hunted.partial.as_deref(), span);
            t.raws[n] = vec![Raw::Rows(answer)];
            take(app, n, events, gaps, None);
        }
        (Ask::Calls { read, .. }, Body::Part(answers)) => {
            let (events, gaps) = of_answers(&answers, *read, span);
            let bodies = answers.into_iter().map(|answer| match answer {
                Answer::Got { body, .. } => Raw::Items(body),
                _ => Raw::Items(Arc::default()),
            });
            t.raws[n] = bodies.collect();
            take(app, n, events, gaps, None);
        }
        (Ask::List(Kind::Record), Body::Computed(done)) => {
            let pane = app.panes.iter().find(|p| p.spec.kind == Kind::Record);
            let events = pane.map_or(Vec::new(), |p| {
                let rows = done.rows.iter().filter_map(|row| of_record(p, row));
                rows.filter(|e| span.holds(e.at)).collect()
            });
            let gaps = feed_gaps(app, span);
            take(app, n, events, gaps, None);
        }
        (_, Body::Fault(fault)) => {
            let why = fault.to_string();
            take(app, n, Vec::new(), Vec::new(), Some(why));
        }
        _ => {
            let why = "it ended without an answer; R asks again".to_owned();
            take(app, n, Vec::new(), Vec::new(), Some(why));
        }
    }
}

/// Gives a source's events to its lane. With a reason nothing came, and the whole span is a gap.
fn take(app: &mut App, n: usize, events: Vec<Event>, mut gaps: Vec<Gap>, why: Option<String>) {
    let size = app.size;
    let Some(t) = app.timeline.as_mut() else {
        return;
    };
    let span = t.axis.whole;
    let height = sizes::of(size, t.story.lanes.len()).rows;
    let Some(lane) = t.story.lanes.get_mut(n) else {
        return;
    };
    if let Some(why) = why {
        gaps.push(Gap {
            span,
            why: why.into(),
        });
    } else {
        gaps.extend(lane.source.beyond(span, span.to));
    }
    let events = events.into_iter().filter(|e| span.holds(e.at)).collect();
    lane.take(events, gaps);
    t.arranged(height);
}

/// Takes what the lists hold into the lanes that come from them.
fn held(app: &mut App, kind: Kind) {
    for (n, events, gaps) in held_lanes(app, kind) {
        take(app, n, events, gaps, None);
    }
}

/// The lanes that a list's rows change, with what the lists and the record have for them now.
fn held_lanes(app: &App, kind: Kind) -> Vec<(usize, Vec<Event>, Vec<Gap>)> {
    let Some(t) = &app.timeline else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (n, lane) in t.story.lanes.iter().enumerate() {
        let span = t.axis.whole;
        let gaps = |kinds: &[Kind]| -> Vec<Gap> {
            let all = kinds.iter().filter_map(|k| list_gap(app, *k, span));
            all.collect()
        };
        match lane.source.ask {
            Ask::List(Kind::Alert) if kind == Kind::Alert => {
                out.push((n, alerts(app, t), gaps(&[Kind::Alert])));
            }
            Ask::List(Kind::Incident) if matches!(kind, Kind::Alert | Kind::Incident) => {
                let (events, missing) = incidents(app, t);
                let mut gaps = gaps(&[Kind::Alert, Kind::Incident]);
                if missing > 0 && gaps.is_empty() {
                    let why = format!("{missing} incidents of its alerts are not in the list");
                    gaps.push(Gap {
                        span,
                        why: why.into(),
                    });
                }
                out.push((n, events, gaps));
            }
            // what we did to alerts and incidents is known once those are
            Ask::Deeds if matches!(kind, Kind::Action | Kind::Alert) => {
                let listed: &[Kind] = match t.of {
                    EntityRef::Device { .. } => &[Kind::Action],
                    _ => &[],
                };
                out.push((n, actions(app, t), gaps(listed)));
            }
            _ => {}
        }
    }
    out
}

/// What a list lacks; none where it is whole.
fn list_gap(app: &App, kind: Kind, span: Span) -> Option<Gap> {
    let pane = app.panes.iter().find(|p| p.spec.kind == kind)?;
    let title = pane.spec.title;
    let progress = &pane.progress;
    let why = match app.usable_kind(kind) {
        Err(why) => why,
        Ok(()) => match (&pane.fault, progress.complete) {
            (Some(fault), _) => format!("the list {title} could not be read: {fault}"),
            (None, true) => return None,
            (None, false) => match progress.total {
                Some(all) => format!("{title} are still loading: {} of {all}", progress.loaded),
                None => format!("{title} are still loading: {} so far", progress.loaded),
            },
        },
    };
    Some(Gap {
        span,
        why: why.into(),
    })
}

/// A cell of a list's row as text.
fn word(app: &App, key: &Key, column: &str) -> Option<Text> {
    match Lists(app).cell(key, column)? {
        table::Value::Text(t) if !t.is_empty() => Some(t),
        _ => None,
    }
}

fn time(app: &App, key: &Key, column: &str) -> Option<Ticks> {
    match Lists(app).cell(key, column)? {
        table::Value::Time(t) => Some(Ticks(t)),
        _ => None,
    }
}

/// Pieces of a sentence: words of ours before a text, left out with it.
fn joined(parts: &[(&str, Option<Text>)]) -> Text {
    let mut out = String::new();
    for (before, text) in parts {
        if let Some(text) = text {
            if !out.is_empty() {
                out.push_str(before);
            }
            out.push_str(text.txt().exact());
        }
    }
    sentence(&out)
}

fn severity(word: Option<&Text>) -> Tone {
    match word.map(|w| w.txt().exact()) {
        Some("high") => Tone::High,
        Some("medium") => Tone::Medium,
        Some("low") => Tone::Low,
        _ => Tone::Plain,
    }
}

fn alerts(app: &App, t: &Timeline) -> Vec<Event> {
    let of_alert = |key: Key| {
        let at = time(app, &key, "createdDateTime")?;
        let text = |column: &str| word(app, &key, column);
        let began = time(app, &key, "firstActivityDateTime").filter(|f| at.0 - f.0 > MINUTE);
        let began = began.map(|b| Text::from(b.literal()));
        Some(Event {
            at,
            sentence: joined(&[
                ("", text("severity")),
                (" ", text("title")),
                (" · ", text("serviceSource")),
                (" · ", text("status")),
                (" · activity from ", began),
            ]),
            tone: severity(text("severity").as_ref()),
            thing: Thing::Key(key),
        })
    };
    let keys = Lists(app).alerts_of(&t.of);
    keys.into_iter().filter_map(of_alert).collect()
}

/// The incidents of its alerts, and how many of them the list does not have.
fn incidents(app: &App, t: &Timeline) -> (Vec<Event>, usize) {
    let alerts = Lists(app).alerts_of(&t.of);
    let ids: BTreeSet<Text> = (alerts.iter())
        .filter_map(|a| word(app, a, "incidentId"))
        .collect();
    let all = ids.len();
    let of_incident = |id: Text| {
        let key = Key::new(Kind::Incident, id.clone());
        let at = time(app, &key, "createdDateTime")?;
        let text = |column: &str| word(app, &key, column);
        Some(Event {
            at,
            sentence: joined(&[
                ("", text("severity")),
                (" ", Some(id)),
                (" ", text("displayName")),
                (" · ", text("status")),
                (" · ", text("assignedTo")),
            ]),
            tone: severity(text("severity").as_ref()),
            thing: Thing::Key(key),
        })
    };
    let events: Vec<Event> = ids.into_iter().filter_map(of_incident).collect();
    let missing = all - events.len();
    (events, missing)
}

/// What we did to it, to its alerts and to its incidents; and machine actions of everyone.
fn actions(app: &App, t: &Timeline) -> Vec<Event> {
    let alerts = Lists(app).alerts_of(&t.of);
    let incidents = alerts.iter().filter_map(|a| word(app, a, "incidentId"));
    let mut about: BTreeSet<Key> = incidents.map(|id| Key::new(Kind::Incident, id)).collect();
    about.extend(alerts.iter().cloned());
    about.extend(t.key.clone());
    let mut known: BTreeSet<Text> = BTreeSet::new();
    let mut events = Vec::new();
    for deed in app.deeds.newest().filter(|d| about.contains(&d.key)) {
        known.insert(Text::from(deed.run.as_str()));
        known.extend(deed.action.clone());
        let words = format!("{} · {}", deed.sentence, deed.stand.word());
        let id = deed
            .action
            .clone()
            .unwrap_or_else(|| deed.run.as_str().into());
        events.push(Event {
            at: deed.at,
            sentence: joined(&[
                ("", Some(words.into())),
                (
                    " · by ",
                    Some(deed.analyst.clone()).filter(|a| !a.is_empty()),
                ),
                (" · ", deed.reason.clone()),
            ]),
            tone: Tone::Info,
            thing: Thing::Key(Key::new(Kind::Action, id)),
        });
    }
    let EntityRef::Device {
        machine: Some(machine),
        ..
    } = &t.of
    else {
        return events;
    };
    for key in Lists(app).with(Kind::Action, "machineId", machine) {
        if known.contains(&key.id) {
            continue;
        }
        let Some(at) = time(app, &key, "creationDateTimeUtc") else {
            continue;
        };
        let text = |column: &str| word(app, &key, column);
        events.push(Event {
            at,
            sentence: joined(&[
                ("", text("type")),
                (" · ", text("status")),
                (" · by ", text("requestor")),
                (" · ", text("requestorComment")),
            ]),
            tone: Tone::Info,
            thing: Thing::Key(key),
        });
    }
    events
}

/// A record of the logs as an event; none where it has no time.
fn of_record(pane: &Pane, row: u32) -> Option<Event> {
    let cell = |name: &str| pane.spec.column(name).map(|c| pane.rows.cell(row, c));
    let at = cell("CreationTime")?.time()?;
    let text = |name: &str| {
        let text = cell(name)?.text()?;
        (!text.is_empty()).then(|| text.to_text())
    };
    let about = text("about");
    let grave = matches!(
        about.as_ref().map(|a| a.txt().exact()),
        Some("forwarding" | "rule" | "consent" | "role" | "permission" | "dlp")
    );
    Some(Event {
        at: Ticks(at),
        sentence: joined(&[
            ("", text("Operation")),
            (" ", text("ObjectId")),
            (" · ", text("changes")),
            (" · by ", text("UserId")),
            (" from ", text("ClientIP")),
            (" · ", text("ResultStatus")),
            (" · ", text("Workload")),
        ]),
        tone: if grave { Tone::Medium } else { Tone::Plain },
        thing: Thing::Key(Key::new(Kind::Record, pane.rows.key(row).to_text())),
    })
}

/// What is missing of the logs, type by type; neighbouring windows with one reason are one gap.
fn feed_gaps(app: &App, span: Span) -> Vec<Gap> {
    let whole = |why: String| Gap {
        span,
        why: why.into(),
    };
    let pane = app.panes.iter().find(|p| p.spec.kind == Kind::Record);
    if let Some(fault) = pane.and_then(|p| p.fault.as_ref()) {
        return vec![whole(format!("the logs could not be read: {fault}"))];
    }
    if app.ledger.types.is_empty() {
        let key = app.keymap.key_named("logs").unwrap_or_default();
        let why =
            format!("the logs were not read in this session; the Logs tab ({key}) reads them");
        return vec![whole(why)];
    }
    let mut out: Vec<Gap> = Vec::new();
    for content in &app.ledger.types {
        let name = content.short();
        let trouble = match content.standing {
            Standing::Enabled | Standing::Unknown => None,
            Standing::None => Some("not switched on".to_owned()),
            Standing::Disabled => Some("disabled at the service".to_owned()),
            Standing::Forbidden if content.trouble.is_empty() => Some("not permitted".to_owned()),
            Standing::Forbidden => Some(format!("not permitted: {}", content.trouble)),
        };
        if let Some(trouble) = trouble {
            out.push(whole(format!("{name}: {trouble}")));
            continue;
        }
        if content.windows.is_empty() {
            out.push(whole(format!("{name}: not read yet")));
            continue;
        }
        let first = out.len();
        // newest first
        for window in &content.windows {
            let why = match window.reach() {
                Reach::Complete | Reach::Settling => continue,
                Reach::Waiting | Reach::Reading => format!("{name}: still being read"),
                Reach::Gap => {
                    let why = window.broken.as_ref().or(window.why.as_ref());
                    let why = why.map_or("not read whole", String::as_str);
                    format!("{name}: {why}")
                }
            };
            let part = Span::new(window.from, window.to);
            if !part.meets(span) {
                continue;
            }
            let part = Span::new(part.from.max(span.from), part.to.min(span.to));
            let last = out.get_mut(first..).and_then(|new| new.last_mut());
            match last {
                Some(last) if last.why == why.as_str() && last.span.from == part.to => {
                    last.span.from = part.from;
                }
                _ => out.push(Gap {
                    span: part,
                    why: why.into(),
                }),
            }
        }
    }
    out
}

/// The logs are still being read: what comes is no news.
fn feed_fills(app: &App) -> bool {
    let types = &app.ledger.types;
    let fills = |c: &Content| {
        let open = c.count(Reach::Waiting) + c.count(Reach::Reading);
        c.standing == Standing::Enabled && (c.windows.is_empty() || open > 0)
    };
    types.is_empty() || types.iter().any(fills)
}

/// Rows of a list came, or deeds (`Kind::Action`): what is new for an open timeline goes in, or waits.
pub fn arrived(app: &mut App, kind: Kind, chunk: Option<&Arc<Chunk>>, fx: &mut Vec<Effect>) {
    if app.timeline.is_none() || !is_open(app) {
        return;
    }
    if kind == Kind::Record {
        return records_arrived(app, chunk, fx);
    }
    for (n, events, gaps) in held_lanes(app, kind) {
        let Some(t) = app.timeline.as_mut() else {
            return;
        };
        let span = t.axis.whole;
        let Some(lane) = t.story.lanes.get(n) else {
            continue;
        };
        let had = |e: &&Event| lane.events().iter().any(|o| o.thing == e.thing);
        let new = events.iter().filter(|e| !had(e)).count();
        let same = new == 0
            && lane.gaps == gaps
            && events.iter().filter(|e| span.holds(e.at)).count() == lane.events().len();
        // while a list fills, what it brings is no news
        let filling = !lane.gaps.is_empty();
        if same {
            continue;
        }
        if t.follow || filling || new == 0 {
            take(app, n, events, gaps, None);
        } else {
            t.waiting[n] = new;
        }
    }
}

/// Records came: those that name the person go in, or wait.
fn records_arrived(app: &mut App, chunk: Option<&Arc<Chunk>>, fx: &mut Vec<Effect>) {
    let Some(t) = &app.timeline else { return };
    let EntityRef::User { upn: Some(upn), .. } = &t.of else {
        return;
    };
    let Some(n) = t
        .story
        .lanes
        .iter()
        .position(|l| matches!(l.source.ask, Ask::List(Kind::Record)))
    else {
        return;
    };
    let pane = app.panes.iter().find(|p| p.spec.kind == Kind::Record);
    let people = pane.and_then(|p| p.spec.column("people"));
    let named = match (chunk, people) {
        (Some(chunk), Some(col)) => (0..chunk.rows())
            .filter(|row| match chunk.cell(*row, col) {
                Cell::List(list) => list
                    .iter()
                    .any(|p| p.exact().eq_ignore_ascii_case(upn.txt().exact())),
                _ => false,
            })
            .count(),
        _ => 0,
    };
    let span = t.axis.whole;
    let (filling, now_filling) = (t.filling, feed_fills(app));
    let (follow, upn) = (t.follow, upn.clone());
    if let Some(t) = app.timeline.as_mut() {
        t.filling = now_filling;
    }
    if named > 0 && (follow || filling || now_filling) {
        return records(app, &upn, Slot::Timeline("logs"), fx);
    }
    let gaps = feed_gaps(app, span);
    let size = app.size;
    let Some(t) = app.timeline.as_mut() else {
        return;
    };
    t.waiting[n] += named;
    let height = sizes::of(size, t.story.lanes.len()).rows;
    let lane = &mut t.story.lanes[n];
    let gaps: Vec<Gap> = gaps
        .into_iter()
        .chain(lane.source.beyond(span, span.to))
        .collect();
    if lane.stand == Stand::Here && lane.gaps != gaps {
        lane.gaps = gaps;
        t.arranged(height);
    }
}
