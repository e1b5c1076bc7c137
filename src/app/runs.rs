//! What was sent and is not closed: one row or a set, where each target stands, and how it ended.

use super::act::called;
use super::overlay::{Overlay, Step};
use super::{App, detail, form};
use crate::confirm::{Command, Confirmed};
use crate::model::{Fault, FaultKind, Key, Stand};
use crate::msg::{Body, Effect, KeyPress, Level, Reply, Request, RunState, Slot};
use crate::verb::Verb;
use crossterm::event::{KeyCode, KeyModifiers};
use std::time::Duration;
use table::Text;

/// A command on its way.
#[derive(Debug)]
pub struct Run {
    pub verb: &'static Verb,
    pub sentence: String,
    pub targets: Vec<Member>,
    pub began: Duration,
    pub ended: Option<Duration>,
    /// The person stopped it: what has not begun will not be sent.
    pub stopping: bool,
    /// A text that must not be lost if it was not taken.
    text: Option<Text>,
    undoes: Vec<String>,
}

/// One target of it.
#[derive(Debug)]
pub struct Member {
    pub key: Key,
    /// Short enough that its outcome is in sight too; the record has the whole sentence.
    pub what: String,
    pub state: Option<RunState>,
}

/// The report of a set, open.
#[derive(Debug)]
pub struct Report {
    pub id: u64,
    pub top: usize,
}

impl Run {
    /// Targets of which nothing more is expected.
    pub fn done(&self) -> usize {
        let done = |m: &&Member| m.state.as_ref().is_some_and(|s| s.stand().is_final());
        self.targets.iter().filter(done).count()
    }

    pub fn count(&self, stand: Stand) -> usize {
        let is = |m: &&Member| m.state.as_ref().is_some_and(|s| s.stand() == stand);
        self.targets.iter().filter(is).count()
    }

    /// Something of it was sent or waits to be sent, beside what the service has taken over.
    pub fn is_busy(&self) -> bool {
        let on = |m: &Member| {
            !matches!(
                m.state.as_ref().map(RunState::stand),
                Some(s) if s.is_final() || matches!(s, Stand::Accepted | Stand::Pending | Stand::InProgress)
            )
        };
        self.ended.is_none() && self.targets.iter().any(on)
    }

    /// How long the rest takes at the pace so far; none before the first is done.
    pub fn left(&self, now: Duration) -> Option<Duration> {
        let done = self.done() as u32;
        let rest = self.targets.len() as u32 - done;
        let took = now.saturating_sub(self.began);
        (done > 0 && self.ended.is_none()).then(|| took / done * rest)
    }
}

/// Sends what was confirmed.
pub fn launch(app: &mut App, confirmed: Confirmed<Command>, fx: &mut Vec<Effect>) {
    let command = confirmed.get();
    let verb = command.verb;
    let member = |t: &crate::confirm::Target| Member {
        key: t.key.clone(),
        what: format!("{} {}", verb.name, called(t)),
        state: None,
    };
    let run = Run {
        verb,
        sentence: command.sentence.clone(),
        targets: command.targets.iter().map(member).collect(),
        began: app.now.mono,
        ended: None,
        stopping: false,
        text: command.args.text.clone(),
        undoes: command.undoes.clone(),
    };
    let set = run.targets.len() > 1;
    app.verbs.next += 1;
    let id = app.verbs.next;
    app.verbs.running.insert(id, run);
    let ticket = app.tickets.issue(Slot::Run(id));
    fx.push(Effect::Ask(ticket, Request::Run(confirmed)));
    if set {
        app.push(Overlay::Report(Report { id, top: 0 }));
    }
}

/// Stops a set: the request in flight is finished, the rest is not sent.
pub fn stop(app: &mut App, id: u64, fx: &mut Vec<Effect>) {
    let Some(run) = app.verbs.running.get_mut(&id) else {
        return;
    };
    if run.ended.is_some() || run.stopping {
        return;
    }
    run.stopping = true;
    if let Some(ticket) = app.tickets.current(&Slot::Run(id)) {
        fx.push(Effect::Ask(ticket, Request::Stop));
    }
}

/// Stops all sets: the program is left, suspended, or somebody else signed in.
pub fn stop_all(app: &mut App, fx: &mut Vec<Effect>) {
    let busy: Vec<u64> = (app.verbs.running.iter())
        .filter(|(_, r)| r.targets.len() > 1 && r.is_busy())
        .map(|(id, _)| *id)
        .collect();
    for id in busy {
        stop(app, id, fx);
    }
}

/// Answers to a `Run` slot.
pub fn reply(app: &mut App, id: u64, reply: Reply, fx: &mut Vec<Effect>) {
    match reply.body {
        Body::Ran { target, state } => ran(app, id, target, state, fx),
        Body::Fault(fault) => rest(app, id, fault, fx),
        Body::Dropped => {
            let fault = Fault::new(FaultKind::Cancelled, "the task ended early");
            rest(app, id, fault.next("look at it again"), fx);
        }
        _ => {}
    }
    if reply.last {
        let fault = Fault::new(FaultKind::Internal, "it ended without an answer");
        rest(app, id, fault.next("look at it again"), fx);
        end(app, id);
    }
}

/// Whatever has no outcome yet is unknown.
fn rest(app: &mut App, id: u64, fault: Fault, fx: &mut Vec<Effect>) {
    let Some(run) = app.verbs.running.get(&id) else {
        return;
    };
    let open = |m: &Member| !m.state.as_ref().is_some_and(|s| s.stand().is_final());
    let open: Vec<usize> = (0..run.targets.len())
        .filter(|n| run.targets.get(*n).is_some_and(open))
        .collect();
    for target in open {
        ran(app, id, target, RunState::Unknown(fault.clone()), fx);
    }
}

/// States are told as they are; green only after a read-back. A detail that shows the entity reads it again.
fn ran(app: &mut App, id: u64, target: usize, state: RunState, fx: &mut Vec<Effect>) {
    let Some(run) = app.verbs.running.get_mut(&id) else {
        return;
    };
    let (verb, set) = (run.verb, run.targets.len() > 1);
    let text = run.text.clone();
    let undoes = (!set).then(|| run.undoes.clone());
    let Some(member) = run.targets.get_mut(target) else {
        return;
    };
    let (name, key) = (member.what.clone(), member.key.clone());
    member.state = Some(state.clone());
    if !state.stand().is_final() {
        if !set && matches!(state, RunState::Pending) {
            let text = format!("{name}: pending; the list of actions follows it");
            app.toasts.push(app.now, Level::Info, text);
        }
        return;
    }
    if matches!(state, RunState::Succeeded)
        && let Some(undoes) = undoes
    {
        app.deeds.undone(&undoes);
    }
    if !set {
        let (level, what) = words(app, verb, &state);
        app.toasts.push(app.now, level, format!("{name}: {what}"));
    }
    // what may have been taken is not offered again as a draft
    if matches!(
        state,
        RunState::Changed(_) | RunState::Failed(_) | RunState::NotSent(_)
    ) && !set
    {
        form::keep(app, &key, text);
    }
    if !matches!(state, RunState::NotSent(_)) {
        detail::reread(app, &key, fx);
    }
}

/// The words of an outcome.
pub fn words(app: &App, verb: &'static Verb, state: &RunState) -> (Level, String) {
    let key = |bound| app.keymap.key_of(bound);
    match state {
        RunState::Succeeded => {
            let undo = super::keymap::Bound::named("undo").and_then(key);
            let undo = undo.filter(|_| verb.inverse.is_some());
            let undo = undo.map_or(String::new(), |k| format!(" · {k} takes it back"));
            (Level::Good, format!("done{undo}"))
        }
        RunState::Changed(fields) => {
            let what: Vec<String> = (fields.iter())
                .map(|(field, seen, now)| format!("{field}: {seen} → {now}"))
                .collect();
            let again = key(super::keymap::Bound::Verb(verb));
            let again = again.map_or(String::new(), |k| {
                format!(" ({k} again does it on what is there now)")
            });
            let what = what.join(", ");
            let text = format!("not sent, somebody changed it meanwhile: {what}{again}");
            (Level::Warn, text)
        }
        RunState::Failed(fault) => (Level::Error, format!("failed: {fault}")),
        RunState::Unknown(fault) => (
            Level::Error,
            format!("unknown whether it was done: {fault}"),
        ),
        RunState::NotSent(fault) => (Level::Error, format!("not sent: {fault}")),
        other => (Level::Info, other.stand().word().to_owned()),
    }
}

/// The last reply came.
fn end(app: &mut App, id: u64) {
    let now = app.now;
    let Some(run) = app.verbs.running.get_mut(&id) else {
        return;
    };
    run.ended = Some(now.mono);
    if run.targets.len() == 1 {
        app.verbs.running.remove(&id);
        return;
    }
    let (ok, all) = (run.count(Stand::Succeeded), run.targets.len());
    let mut parts = vec![format!("{ok} of {all} done")];
    for stand in [Stand::Failed, Stand::Unknown, Stand::NotSent] {
        match run.count(stand) {
            0 => {}
            n => parts.push(format!("{n} {}", stand.word())),
        }
    }
    let text = format!("{}: {}", run.verb.name, parts.join(", "));
    let (verb, undoes) = (run.verb, run.undoes.clone());
    let level = if ok == all { Level::Good } else { Level::Error };
    let done: Vec<Key> = run.targets.iter().map(|m| m.key.clone()).collect();
    if ok == all {
        app.deeds.undone(&undoes);
        if let Some(pane) = done.first().and_then(|k| app.pane_of(k.kind)) {
            pane.unmark(done.iter().map(|k| &k.id));
        }
    }
    let undo = super::keymap::Bound::named("undo").and_then(|b| app.keymap.key_of(b));
    let undo = undo.filter(|_| ok > 0 && verb.inverse.is_some());
    let undo = undo.map_or(String::new(), |k| format!(" · {k} takes it back"));
    app.toasts.push(now, level, format!("{text}{undo}"));
}

/// Asks to take back what a report shows.
fn undo(app: &mut App, id: u64, fx: &mut Vec<Effect>) {
    let Some(run) = app.verbs.running.get(&id) else {
        return;
    };
    let verb = run.verb;
    if run.ended.is_none() {
        return super::act::refuse(
            app,
            verb,
            "it still runs: Ctrl-c stops it, then it can be taken back",
        );
    }
    let keys: Vec<Key> = run.targets.iter().map(|m| m.key.clone()).collect();
    super::undo::ask_of(app, verb, &keys, fx);
}

/// Opens the report of the newest set.
pub fn report(app: &mut App) {
    if let Some(id) = newest(app) {
        app.push(Overlay::Report(Report { id, top: 0 }));
    }
}

fn newest(app: &App) -> Option<u64> {
    let sets = app.verbs.running.iter().rev();
    sets.filter(|(_, r)| r.targets.len() > 1)
        .map(|(id, _)| *id)
        .next()
}

/// Whether there is a report to open.
pub fn reportable(app: &App) -> Result<(), String> {
    match newest(app) {
        Some(_) => Ok(()),
        None => Err("no set was sent yet".into()),
    }
}

impl Report {
    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let count = app
            .verbs
            .running
            .get(&self.id)
            .map_or(0, |r| r.targets.len());
        let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
        match press.key.code {
            KeyCode::Esc | KeyCode::Enter => return Step::Close,
            KeyCode::Char('q') if !ctrl => return Step::Close,
            KeyCode::Char('c') if ctrl => stop(app, self.id, fx),
            KeyCode::Char('j') | KeyCode::Down => self.top += 1,
            KeyCode::Char('k') | KeyCode::Up => self.top = self.top.saturating_sub(1),
            KeyCode::PageDown | KeyCode::Char(' ') => self.top += 10,
            KeyCode::PageUp => self.top = self.top.saturating_sub(10),
            _ if app.is_key_of("undo", press.key) => undo(app, self.id, fx),
            _ => {}
        }
        self.top = self.top.min(count.saturating_sub(1));
        Step::Stay(Overlay::Report(self))
    }
}
