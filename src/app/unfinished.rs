//! `g c`: a set that was stopped, or whose program ended, is offered again. Never by itself: the remaining targets are read
//! afresh and pass a prompt of their own, those in doubt are left out of it with what a reading of them shows; and after an
//! hour the set is only a template, whose targets are marked for whatever is to be done now.

use super::act::{self, Frozen, Pending, refuse};
use super::overlay::Overlay;
use super::pick::{Item, Pick, Value};
use super::{App, prompt};
use crate::confirm::Target;
use crate::model::time::HOUR;
use crate::model::{Json, Key, Kind, Stand};
use crate::msg::{Effect, Level, Unfinished};
use crate::resource::spec;
use crate::verb;
use table::Text;

/// `disable · 37 of 100 not sent, 1 in doubt`.
fn words(set: &Unfinished) -> String {
    let doubt = match set.doubt.len() {
        0 => String::new(),
        n => format!(", {n} in doubt"),
    };
    format!(
        "{} · {} of {} not sent{doubt}",
        set.verb,
        set.rest.len(),
        set.count
    )
}

/// So old that it is only a template.
fn is_old(app: &App, set: &Unfinished) -> bool {
    app.now.wall.0 - set.at.0 > HOUR
}

/// The backend told which sets are left; new ones are said once.
pub fn told(app: &mut App, sets: Vec<Unfinished>) {
    let known = |s: &&Unfinished| app.deeds.unfinished.iter().any(|k| k.set == s.set);
    let fresh: Vec<String> = sets.iter().filter(|s| !known(s)).map(words).collect();
    app.deeds.unfinished = sets;
    if !fresh.is_empty() {
        let key = super::keymap::Bound::named("unfinished set");
        let key = key.and_then(|b| app.keymap.key_of(b));
        let key = key.map_or(String::new(), |k| {
            format!(" · {k} goes on, after asking again")
        });
        let text = format!("interrupted: {}{key}", fresh.join("; "));
        app.toasts.push(app.now, Level::Warn, text);
    }
}

/// Whether a set ended before its end.
pub fn any(app: &App) -> Result<(), String> {
    match app.deeds.unfinished.is_empty() {
        true => Err("no set ended before its end".into()),
        false => Ok(()),
    }
}

/// Goes on with the one there is, or asks which.
pub fn pick(app: &mut App, fx: &mut Vec<Effect>) {
    if let [one] = app.deeds.unfinished.as_slice() {
        let set = one.set.clone();
        return go_on(app, &set, fx);
    }
    let item = |s: &Unfinished| Item {
        label: words(s),
        note: format!(
            "{} by {}{}",
            s.at.literal(),
            s.analyst.txt().shown(),
            if is_old(app, s) {
                " · only a template"
            } else {
                ""
            }
        ),
        value: Value::Text(s.set.as_str().into()),
        ..Item::default()
    };
    let items = app.deeds.unfinished.iter().rev().map(item).collect();
    let pick = Pick::new("unfinished", "Interrupted sets", items, |app, item, fx| {
        if let Value::Text(set) = item.value {
            go_on(app, set.txt().exact(), fx);
        }
    });
    app.push(Overlay::Pick(pick));
}

fn go_on(app: &mut App, set: &str, fx: &mut Vec<Effect>) {
    let mut sets = app.deeds.unfinished.iter();
    let Some(set) = sets.rfind(|s| s.set == set).cloned() else {
        return;
    };
    let Some(kind) = set.rest.first().map(|(key, _)| key.kind) else {
        return;
    };
    if is_old(app, &set) {
        return template(app, &set, kind, fx);
    }
    let Some(verb) = verb::named(&set.verb) else {
        let text = format!("this version does not know “{}”", set.verb);
        return app.toasts.push(app.now, Level::Warn, text);
    };
    if let Some(why) = app.why_not_for(verb, Some(kind)) {
        return refuse(app, verb, &why);
    }
    let frozen = |(key, name): &(Key, Text)| Frozen {
        target: Target::of(
            key.clone(),
            name.clone(),
            Json(&serde_json::Value::Null),
            verb,
        ),
        // what was in sight then says nothing now: the prompt reads it
        entity: serde_json::Value::Null,
    };
    let settled = |run: &str| {
        let deed = app.deeds.newest().find(|d| d.run == run);
        deed.is_some_and(|d| !matches!(d.stand, Stand::Sent | Stand::Unknown))
    };
    let doubt = set.doubt.iter().filter(|d| !settled(&d.run));
    let pending = Pending {
        verb,
        targets: set.rest.iter().map(frozen).collect(),
        left_out: doubt
            .map(|d| (act::named(&d.key, &d.name), d.says.clone()))
            .collect(),
        not_shown: 0,
        reach: None,
    };
    let text = format!("going on with: {}", words(&set));
    app.toasts.push(app.now, Level::Info, text);
    let args = verb::keep::read(verb, &set.args);
    prompt::begin(app, pending, args, set.undoes, fx);
}

/// Marks what is left of it in its list; what is to be done with it now is another decision.
fn template(app: &mut App, set: &Unfinished, kind: Kind, fx: &mut Vec<Effect>) {
    let Some(index) = app.panes.iter().position(|p| p.spec.kind == kind) else {
        return;
    };
    if app.active != index || app.hunting {
        app.tab(index, fx);
    }
    let pane = app.pane_mut();
    pane.in_detail = false;
    let ids = set.rest.iter().map(|(key, _)| key.id.clone());
    let here: Vec<Text> = ids
        .filter(|id| pane.rows.find(id.txt().exact()).is_some())
        .collect();
    let count = here.len();
    pane.marks.put(here);
    let text = format!(
        "“{}” is older than an hour and only a template: {count} of its {} remaining {} are marked; begin anew with them",
        set.verb,
        set.rest.len(),
        spec(kind).title.to_lowercase()
    );
    app.toasts.push(app.now, Level::Info, text);
}

#[cfg(test)]
#[path = "unfinished_tests.rs"]
mod tests;
