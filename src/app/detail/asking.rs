//! What a detail asks for and what becomes of the answers: the entity, the sections in sight, and where an incident was
//! merged to. Every answer has its place, also a failed, cancelled or late one.

use super::{Detail, render};
use crate::app::known::Lists;
use crate::app::{App, copy, go, inspector};
use crate::model::{Call, Fault, FaultKind, Json, Key, Kind};
use crate::msg::{Body, Effect, Entity, Level, Reply, Request, Slot};
use crate::resource::{Answer, Section, Subject, spec};
use serde_json::Value;
use std::sync::Arc;

/// Merged incidents followed at most: the service's chain may loop.
const FOLLOWED: usize = 8;

/// The calls of a section, from as much of the entity as is here.
fn calls_of(app: &App, d: &Detail, section: &Section) -> Vec<Call> {
    let none = Value::Null;
    let entity = d.entity.as_ref().map_or(&none, |e| &*e.json);
    let subject = Subject {
        key: &d.key,
        entity: Json(entity),
        now: app.now.wall,
        known: &Lists(app),
    };
    (section.calls)(&subject)
}

/// The section whose answers are in sight reads the entity itself too, so that need not be asked for twice.
fn part_brings_entity(app: &App, d: &Detail) -> bool {
    let source = d.source();
    let Some(section) = d.sections().iter().find(|s| Some(s.id) == source) else {
        return false;
    };
    let Ok(own) = (spec(d.key.kind).listing.get)(&d.key) else {
        return false;
    };
    calls_of(app, d, section).iter().any(|c| c.path == own.path)
}

/// Asks for the entity of a pane's new detail: the last seen state at once, and the service's where no section brings it.
pub(super) fn begin(app: &mut App, place: usize, fx: &mut Vec<Effect>) {
    if let Some(d) = app.panes[place].detail.as_ref() {
        let fresh = !part_brings_entity(app, d);
        let key = d.key.clone();
        ask_entity(app, key, fresh, fx);
    }
}

fn ask_entity(app: &mut App, key: Key, fresh: bool, fx: &mut Vec<Effect>) {
    let ticket = app.tickets.issue(Slot::Part(key.clone(), ""));
    // of a day that is over nothing new is told, and perhaps nothing at all
    let fresh = fresh && !spec(key.kind).keeps();
    fx.push(Effect::Ask(ticket, Request::Entity { key, fresh }));
}

/// Asks for the section in sight, once. Calls are made from the entity, so they wait for it.
pub(super) fn ask_part(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(d) = app.pane().detail.as_ref() else {
        return;
    };
    let (Some(id), Some(_)) = (d.source(), d.entity.as_ref()) else {
        return;
    };
    if d.parts.get(id).is_some_and(|p| p.asked || !p.old) {
        return;
    }
    let Some(section) = d.sections().iter().find(|s| s.id == id) else {
        return;
    };
    let calls = calls_of(app, d, section);
    if calls.is_empty() {
        return;
    }
    let key = d.key.clone();
    let ticket = app.tickets.issue(Slot::Part(key.clone(), section.id));
    if let Some(d) = app.pane_mut().detail.as_mut() {
        let part = d.parts.entry(id).or_default();
        part.asked = true;
        part.old = false;
        part.calls = calls.len();
    }
    fx.push(Effect::Ask(
        ticket,
        Request::Part {
            key,
            section: section.id,
            calls,
        },
    ));
}

/// Lets go of everything the detail in front still waits for.
pub(super) fn close_slots(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(d) = app.pane().detail.as_ref() else {
        return;
    };
    let asked = d.parts.iter().filter(|(_, p)| p.asked).map(|(id, _)| *id);
    let slots: Vec<Slot> = std::iter::once("")
        .chain(asked)
        .map(|id| Slot::Part(d.key.clone(), id))
        .collect();
    for slot in slots {
        if app.tickets.is_open(&slot) {
            app.tickets.close(&slot);
            fx.push(Effect::Drop(slot));
        }
    }
}

/// `R`: reads the entity and the section in sight again.
pub fn refresh(app: &mut App, fx: &mut Vec<Effect>) {
    if let Some(key) = app.pane().detail.as_ref().map(|d| d.key.clone()) {
        reread(app, &key, fx);
    }
}

/// Something was done to this entity: a detail that shows it reads it again. What is on screen stays until then.
pub fn reread(app: &mut App, key: &Key, fx: &mut Vec<Effect>) {
    let Some(place) = showing(app, key) else {
        return;
    };
    if let Some(d) = app.panes[place].detail.as_mut() {
        for part in d.parts.values_mut() {
            part.old = true;
        }
    }
    let brings =
        |d: &Detail| d.entity.is_some() && place == app.active && part_brings_entity(app, d);
    if !app.panes[place].detail.as_ref().is_some_and(brings) {
        ask_entity(app, key.clone(), true, fx);
    }
    if place == app.active {
        ask_part(app, fx);
        render(app);
    }
}

/// The pane that shows an entity: the one in front where several do.
fn showing(app: &App, key: &Key) -> Option<usize> {
    let shows = |p: &crate::app::pane::Pane| p.detail.as_ref().is_some_and(|d| d.key == *key);
    let front = Some(app.active).filter(|n| app.panes.get(*n).is_some_and(shows));
    front.or_else(|| app.panes.iter().position(shows))
}

/// An answer to a `Part` slot, for whichever pane still shows that entity.
pub fn reply(app: &mut App, reply: Reply, fx: &mut Vec<Effect>) {
    let Slot::Part(key, section) = &reply.ticket.slot else {
        return;
    };
    let (key, section) = (key.clone(), *section);
    match section {
        go::SLOT => return go::reply(app, reply, fx),
        copy::SLOT => return copy::reply(app, reply, fx),
        inspector::SLOT => return inspector::reply(app, reply),
        _ => {}
    }
    let now = app.now.wall;
    let Some(place) = showing(app, &key) else {
        return;
    };
    let Some(d) = app.panes[place].detail.as_mut() else {
        return;
    };
    match reply.body {
        // a fresh state is not replaced by one that was seen before
        Body::Entity(entity)
            if section.is_empty()
                && (!entity.cached || d.entity.as_ref().is_none_or(|e| e.cached)) =>
        {
            d.entity = Some(entity);
            d.fault = None;
        }
        Body::Fault(fault) if section.is_empty() => d.fault = Some(fault),
        Body::Dropped if section.is_empty() && d.entity.is_none() => d.fault = Some(cancelled()),
        _ if section.is_empty() => {}
        Body::Part(answers) => {
            if let Some(entity) = adopted(d, &answers, now) {
                d.entity = Some(entity);
                d.fault = None;
            }
            let part = d.parts.entry(section).or_default();
            part.answers = Some(answers);
            part.as_of = Some(now);
            part.asked = false;
        }
        Body::Fault(fault) => failed(d, section, fault),
        Body::Dropped => failed(d, section, cancelled()),
        _ => {}
    }
    if reply.last
        && let Some(part) = d.parts.get_mut(section)
    {
        part.asked = false;
    }
    if key.kind == Kind::Incident {
        merged(app, place, fx);
    }
    if place == app.active {
        ask_part(app, fx);
        render(app);
    }
}

fn cancelled() -> Fault {
    Fault::new(FaultKind::Cancelled, "the reading was cancelled").next("R reads it again")
}

/// A section that failed as a whole says so in the place of each of its answers; what was there before stays.
fn failed(d: &mut Detail, section: &'static str, fault: Fault) {
    let part = d.parts.entry(section).or_default();
    part.asked = false;
    match part.answers {
        Some(_) => d.fault = Some(fault),
        None => part.answers = Some(vec![Answer::Failed(fault); part.calls.max(1)]),
    }
}

/// The entity out of a section's answers, where one of them is all of it: fresher than what the list had.
pub(super) fn adopted(d: &Detail, answers: &[Answer], now: crate::model::Ticks) -> Option<Entity> {
    let before = d.entity.as_ref()?;
    let fields = before.json.as_object()?;
    answers.iter().find_map(|answer| {
        let Answer::Got { body, .. } = answer else {
            return None;
        };
        let whole = Json(body).text("id").as_ref() == Some(&d.key.id)
            && fields
                .keys()
                .all(|k| k.contains('@') || body.get(k).is_some());
        whole.then(|| Entity {
            key: d.key.clone(),
            json: Arc::clone(body),
            as_of: now,
            cached: false,
        })
    })
}

/// The incident on screen was merged into another: go there, say so, and stop where the chain loops.
fn merged(app: &mut App, place: usize, fx: &mut Vec<Effect>) {
    let Some(d) = app.panes[place].detail.as_ref() else {
        return;
    };
    let to = d
        .entity
        .as_ref()
        .and_then(|e| Json(&e.json).text("redirectIncidentId"));
    let Some(to) = to else {
        return;
    };
    let key = d.key.clone();
    if d.followed.contains(&to) || to == key.id || d.followed.len() >= FOLLOWED {
        let text = format!(
            "incident {} says it was merged, but the chain of merges has no end",
            key.id.txt().shown()
        );
        app.toasts.push(app.now, Level::Warn, text);
        return;
    }
    let text = format!(
        "incident {} was merged into {}",
        key.id.txt().shown(),
        to.txt().shown()
    );
    app.toasts.push(app.now, Level::Info, text);
    let mut next = Detail::new(Key::new(Kind::Incident, to));
    next.followed = d.followed.iter().cloned().chain([key.id.clone()]).collect();
    (next.linked, next.peeked, next.section) = (d.linked, d.peeked, d.section);
    let slots: Vec<&'static str> = std::iter::once("").chain(d.parts.keys().copied()).collect();
    for id in slots {
        let slot = Slot::Part(key.clone(), id);
        if app.tickets.is_open(&slot) {
            app.tickets.close(&slot);
            fx.push(Effect::Drop(slot));
        }
    }
    app.panes[place].detail = Some(next);
    begin(app, place, fx);
}

/// The rows of the lists changed: sections that join from them are drawn again.
pub fn lists_changed(app: &mut App, kind: Kind) {
    if kind == Kind::Alert && app.pane().detail.is_some() {
        render(app);
    }
}

impl Detail {
    /// For tests elsewhere: an entity as if it had been read.
    #[cfg(test)]
    pub fn put(&mut self, section: &'static str, answers: Vec<Answer>) {
        let part = self.parts.entry(section).or_default();
        part.answers = Some(answers);
    }
}
