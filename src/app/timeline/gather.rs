//! Where a timeline's events come from: services that are asked, each source by itself so that none waits for another, and
//! lists and record (`held`). What fails, is not permitted, was cut or is not read yet becomes a gap.

use super::held::{feed_fills, feed_gaps, held_lanes, of_record};
use super::who::{self, Who};
use super::{Raw, is_open, sizes};
use crate::app::App;
use crate::model::{Engine, EntityRef, Kind};
use crate::msg::{Body, Effect, Job, Reply, Request, Slot};
use crate::resource::filter::{compile, parse};
use crate::resource::timeline::{Ask, Event, Gap, Source, Span, Stand, of_answers};
use crate::resource::{Answer, record, spec};
use std::sync::Arc;
use table::{Cancel, Chunk, Predicate, Text};

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
    if who::ask(app, fx) {
        return;
    }
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
    let job = Job {
        table: pane.rows.table().clone(),
        base: pane.rows.live(),
        sort: Vec::new(),
        predicate: names(app, upn),
        keep: Predicate::All,
        group: None,
        cancel: Cancel::default(),
    };
    if let Some(t) = app.timeline.as_mut() {
        t.looked = Some(job.table.clone());
    }
    let ticket = app.tickets.issue(slot);
    fx.push(Effect::Compute(ticket, job));
}

/// Records that name a person. Sign-ins and directory audits have lanes of their own.
fn names(app: &App, upn: &Text) -> Predicate {
    let filter = format!("{} !source:signin,audit", record::of_person(upn.txt()));
    let record = spec(Kind::Record);
    compile(&parse(&filter, record), record, &app.env(Kind::Record))
}

/// Another timeline comes: what was still asked for this one is not waited for.
pub fn forget(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(t) = app.timeline.take() else { return };
    let lanes = t.story.lanes.iter().map(|l| l.source.name);
    for name in lanes.chain([who::NAME]) {
        let slot = Slot::Timeline(name);
        if app.tickets.is_open(&slot) {
            app.tickets.close(&slot);
            fx.push(Effect::Drop(slot));
        }
    }
}

/// The answer of a source.
pub fn reply(app: &mut App, reply: Reply, fx: &mut Vec<Effect>) {
    let Slot::Timeline(name) = reply.ticket.slot else {
        return;
    };
    if name == who::NAME {
        return who::reply(app, &reply, fx);
    }
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
            // rows of the table that was looked through: the list may have others by now
            let looked = t.looked.take();
            let events = looked.map_or(Vec::new(), |table| {
                let rows = done.rows.iter().filter_map(|row| of_record(&table, row));
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
        if let (Who::Unnamed(why), true) = (&t.who, lane.source.by_id) {
            let why = format!(
                "who this is could not be told by an id ({why}): what was done to it is not all here"
            );
            gaps.push(Gap {
                span,
                why: why.into(),
            });
        }
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

/// Rows of a list came, or deeds (`Kind::Action`): what is new for an open timeline goes in, or waits.
pub fn arrived(app: &mut App, kind: Kind, chunk: Option<&Arc<Chunk>>, fx: &mut Vec<Effect>) {
    if app.timeline.is_none() || !is_open(app) {
        return;
    }
    if kind == Kind::Record {
        return records_arrived(app, chunk, fx);
    }
    let now = app.now.wall;
    for (n, events, gaps) in held_lanes(app, kind) {
        let Some(t) = app.timeline.as_mut() else {
            return;
        };
        // what happened since stands beyond the end, until it is taken in
        let span = Span::new(t.axis.whole.from, t.axis.whole.to.max(now));
        let events: Vec<Event> = events.into_iter().filter(|e| span.holds(e.at)).collect();
        let Some(lane) = t.story.lanes.get(n) else {
            continue;
        };
        let had = |e: &Event| lane.events().iter().find(|o| o.thing == e.thing);
        let new = events.iter().filter(|e| had(e).is_none()).count();
        let changed = events.iter().any(|e| had(e).is_some_and(|o| o != e));
        let same = new == 0 && !changed && events.len() == lane.events().len();
        let same = same && lane.gaps == gaps;
        // while a list fills, what it brings is no news
        let filling = !lane.gaps.is_empty();
        if same {
            continue;
        }
        if t.follow || filling || new == 0 {
            t.until(now);
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
    let named = chunk.map_or(0, |chunk| {
        let mut rows = table::Table::new(chunk.schema().clone());
        rows.append(chunk.clone());
        let own = names(app, upn);
        let all = rows.all();
        table::filter(&rows, &all, &own, &Cancel::default()).map_or(0, |f| f.rows.len())
    });
    let span = t.axis.whole;
    let (filling, now_filling) = (t.filling, feed_fills(app));
    let (follow, upn) = (t.follow, upn.clone());
    let now = app.now.wall;
    if let Some(t) = app.timeline.as_mut() {
        t.filling = now_filling;
        if named > 0 && t.follow {
            t.until(now);
        }
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
