//! `u`: takes back what we did last, or what the row in the list of actions stands for. Its own question comes first.

use super::act::{Frozen, Pending, refuse};
use super::{App, prompt};
use crate::confirm::Target;
use crate::model::{Json, Key, Kind, Stand};
use crate::msg::{Effect, Level};
use crate::verb::{self, Args, Deed, Verb};
use serde_json::Value;

/// The verb and answers that take a deed back, where it was done and was not taken back yet.
fn way(deed: &Deed) -> Option<(&'static Verb, Args)> {
    let done = !matches!(deed.stand, Stand::Failed | Stand::NotSent | Stand::Sent);
    if !done || deed.undone.is_some() {
        return None;
    }
    let (name, args) = (verb::named(&deed.verb)?.undo)(deed)?;
    Some((verb::named(name)?, args))
}

/// The deed that `u` is about: that of the row in the list of actions, else the newest that can be taken back.
fn meant(app: &App) -> Option<&Deed> {
    match app.subject().filter(|k| k.kind == Kind::Action) {
        Some(row) => of(app, row.id.txt().exact()),
        None => app.deeds.newest().find(|d| way(d).is_some()),
    }
}

/// Whether there is something to take back.
pub fn able(app: &App) -> Result<(), String> {
    match meant(app) {
        Some(deed) if way(deed).is_some() => Ok(()),
        Some(deed) if deed.undone.is_some() => Err("it was taken back already".into()),
        Some(deed) => Err(format!("“{}” cannot be taken back", deed.verb)),
        None if app.pane().spec.kind == Kind::Action => {
            Err("this was not done by us: use the opposite action on its device".into())
        }
        None => Err("nothing of ours can be taken back".into()),
    }
}

/// The deed of this run, or behind this action of the service.
fn of<'a>(app: &'a App, id: &str) -> Option<&'a Deed> {
    let is = |d: &&Deed| d.run == id || d.action.as_ref().is_some_and(|a| a.txt().exact() == id);
    app.deeds.newest().find(is)
}

/// Whether a run or an action is one of ours, as far as the record was read.
pub fn knows(app: &App, id: &str) -> bool {
    of(app, id).is_some()
}

/// Asks whether to take that one back; why it cannot be, else.
pub fn ask_by_id(app: &mut App, id: &str, fx: &mut Vec<Effect>) -> Result<(), String> {
    let Some(deed) = of(app, id).cloned() else {
        return Err("nothing of ours has that id".into());
    };
    if deed.undone.is_some() {
        return Err("it was taken back already".into());
    }
    if way(&deed).is_none() {
        return Err(format!("“{}” cannot be taken back", deed.verb));
    }
    ask_for(app, &deed, fx);
    Ok(())
}

/// Asks whether to take it back; all targets of a set together.
pub fn ask(app: &mut App, fx: &mut Vec<Effect>) {
    if let Some(deed) = meant(app).cloned() {
        ask_for(app, &deed, fx);
    }
}

/// Asks whether to take back what a report shows: these targets of one command, or says why that cannot be.
pub fn ask_of(app: &mut App, verb: &'static Verb, keys: &[Key], fx: &mut Vec<Effect>) {
    let of_it = |d: &&Deed| d.verb == verb.name && keys.contains(&d.key);
    // of one command: what was done to the same targets before is another matter
    let set = app.deeds.newest().find(of_it).map(|d| d.set.clone());
    let deeds = app.deeds.newest().filter(of_it);
    let deeds: Vec<&Deed> = deeds.filter(|d| Some(&d.set) == set.as_ref()).collect();
    let why = match deeds.iter().find(|d| way(d).is_some()) {
        Some(deed) => {
            let deed = (*deed).clone();
            return ask_for(app, &deed, fx);
        }
        None if (verb.inverse).is_none() => format!("“{}” cannot be taken back", verb.name),
        None if deeds.iter().any(|d| d.undone.is_some()) => "it was taken back already".into(),
        None if deeds.iter().any(|d| d.stand == Stand::Sent) => {
            "it is not known yet what came of it; wait for its end".into()
        }
        None => "nothing of it was done".into(),
    };
    refuse(app, verb, &why);
}

fn ask_for(app: &mut App, deed: &Deed, fx: &mut Vec<Effect>) {
    let Some((verb, mut args)) = way(deed) else {
        return;
    };
    let set: Vec<Deed> = (app.deeds.newest())
        .filter(|d| d.run == deed.run || (!d.set.is_empty() && d.set == deed.set))
        .cloned()
        .collect();
    args.restore.clear();
    let (mut targets, mut undoes, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for deed in set {
        match way(&deed) {
            Some((also, more)) if also == verb => {
                args.restore.extend(more.restore);
                undoes.push(deed.run);
                let entity = Value::Null;
                let target = Target::of(deed.key, deed.name, Json(&entity), verb);
                targets.push(Frozen { target, entity });
            }
            _ => {
                let name = super::act::named(&deed.key, &deed.name);
                left_out.push((name, format!("it is {}", deed.stand.word())));
            }
        }
    }
    if let Some(why) = app.why_not_for(verb, targets.first().map(|t| t.target.key.kind)) {
        return refuse(app, verb, &why);
    }
    let pending = Pending {
        verb,
        targets,
        left_out,
        not_shown: 0,
        reach: None,
    };
    let text = format!("taking back: {}", deed.sentence);
    app.toasts.push(app.now, Level::Info, text);
    prompt::begin(app, pending, args, undoes, fx);
}
