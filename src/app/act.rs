//! From a verb and what it is about to a question or, in tier 0 on one row, to the deed: freezes what the person sees.

use super::App;
use super::known::Lists;
use super::{form, prompt, runs};
use crate::confirm::{Prompt, Target};
use crate::model::{Json, Key, Kind};
use crate::msg::{Effect, Level};
use crate::resource::{Known, spec};
use crate::verb::{Args, Form, Verb};
use serde_json::Value;
use table::Text;

/// A verb and what it is about, frozen as it is seen, whatever moves behind it.
#[derive(Debug)]
pub struct Pending {
    pub verb: &'static Verb,
    pub targets: Vec<Frozen>,
    /// What was chosen but cannot have it, and why.
    pub left_out: Vec<(String, String)>,
    /// Marked rows that the filter does not show.
    pub not_shown: usize,
    /// Rows were marked that may not be all that match.
    pub reach: Option<String>,
}

/// One frozen target with the entity as it was in sight.
#[derive(Debug)]
pub struct Frozen {
    pub target: Target,
    pub entity: Value,
}

/// The entity as the person sees it: the open detail's JSON, else the cells of its row under their field names.
pub fn seen_entity(app: &App, key: &Key) -> Value {
    let open = app.panes.iter().filter_map(|p| p.detail.as_ref());
    let open = open.into_iter().find(|d| d.key == *key);
    if let Some(entity) = open.and_then(|d| d.entity.as_ref())
        && !entity.cached
    {
        return (*entity.json).clone();
    }
    let known = Lists(app);
    let mut out = serde_json::Map::new();
    let text = |t: &Text| Value::String(t.txt().exact().to_owned());
    for column in spec(key.kind).columns {
        let value = match known.cell(key, column.name) {
            Some(table::Value::Text(t)) => text(&t),
            Some(table::Value::List(items)) => items.iter().map(text).collect(),
            Some(table::Value::Int(n)) => n.into(),
            Some(table::Value::Bool(b)) => b.into(),
            _ => continue,
        };
        out.insert(column.name.to_owned(), value);
    }
    Value::Object(out)
}

/// The name of an entity, or its id.
pub fn name_of(key: &Key, entity: Json<'_>) -> Text {
    let spec = spec(key.kind);
    let column = spec.columns.get(spec.name_column);
    let name = column.and_then(|c| entity.text(c.name));
    name.unwrap_or_else(|| key.id.clone())
}

/// Who acts.
pub fn me(app: &App) -> Text {
    let me = app.session.as_ref().and_then(|s| s.me.clone());
    me.unwrap_or_default()
}

/// Freezes what a verb is about, or says why it cannot have it.
fn freeze(app: &App, verb: &'static Verb, key: Key) -> Result<Frozen, (String, String)> {
    let entity = seen_entity(app, &key);
    let j = Json(&entity);
    let name = name_of(&key, j);
    let target = Target::of(key, name, j, verb);
    match (verb.blocked)(target.key.kind, j, me(app).txt()) {
        Some(why) => Err((called(&target), why)),
        None => Ok(Frozen { target, entity }),
    }
}

/// Freezes the marks, or what is under the cursor; `Err` where nothing is left of it.
pub fn pending(app: &App, verb: &'static Verb) -> Result<Pending, String> {
    let pane = app.pane();
    let marked = pane.mark_count();
    let set = marked.0 > 0 && app.here() != super::action::Place::Detail;
    Ok(Pending {
        not_shown: if set { marked.1 } else { 0 },
        reach: if set { super::marks::reach(pane) } else { None },
        ..Pending::of(app, verb, app.subjects())?
    })
}

impl Pending {
    /// Freezes these, wherever they were found.
    pub fn of(app: &App, verb: &'static Verb, keys: Vec<Key>) -> Result<Self, String> {
        let (mut targets, mut left_out) = (Vec::new(), Vec::new());
        for key in keys {
            match freeze(app, verb, key) {
                Ok(frozen) => targets.push(frozen),
                Err(out) => left_out.push(out),
            }
        }
        match (targets.is_empty(), left_out.first()) {
            (true, Some((_, why))) if left_out.len() == 1 => return Err(why.clone()),
            (true, Some((_, why))) => {
                return Err(format!("none of the {} can have it: {why}", left_out.len()));
            }
            (true, None) => return Err("nothing is under the cursor".into()),
            (false, _) => {}
        }
        Ok(Self {
            verb,
            targets,
            left_out,
            not_shown: 0,
            reach: None,
        })
    }
}

/// Begins a verb on the marks or on what is under the cursor: asks what its form asks, or goes on at once.
pub fn begin(app: &mut App, verb: &'static Verb, fx: &mut Vec<Effect>) {
    begin_with(app, verb, None, fx);
}

/// The same with the way already chosen, as a line of the actions menu does.
pub fn begin_with(
    app: &mut App,
    verb: &'static Verb,
    choice: Option<&'static str>,
    fx: &mut Vec<Effect>,
) {
    if verb.form == Form::Indicator {
        return form::others::values(app, verb);
    }
    let pending = match pending(app, verb) {
        Ok(pending) => pending,
        Err(why) => return refuse(app, verb, &why),
    };
    let title = match pending.targets.as_slice() {
        [one] => title(verb, &one.target),
        several => {
            let first = several
                .first()
                .map_or(Kind::Incident, |f| f.target.key.kind);
            let many = spec(first).title.to_lowercase();
            let one = spec(first).one;
            match verb.name.split(' ').any(|w| w.starts_with(one)) {
                true => format!("{} · {} of them", verb.name, several.len()),
                false => format!("{} {} {many}", verb.name, several.len()),
            }
        }
    };
    app.verbs.pending = Some(pending);
    let args = Args {
        choice,
        ..Args::default()
    };
    match (verb.form, choice) {
        (Form::None, _) | (Form::Choice(_), Some(_)) => act(app, args, fx),
        _ => form::open(app, title, args, fx),
    }
}

/// People know an incident by its number, everything else by its name.
fn title(verb: &Verb, target: &Target) -> String {
    let name = target.name.txt().shown();
    let one = spec(target.key.kind).one;
    // "device value", "merge incidents": the verb says what it is about
    let said = verb.name.split(' ').any(|w| w.starts_with(one));
    match target.key.kind {
        Kind::Incident if said => {
            format!("{} · {} {name}", verb.name, target.key.id.txt().shown())
        }
        kind if said || !matches!(kind, Kind::Incident | Kind::Alert) => {
            format!("{} · {name}", verb.name)
        }
        Kind::Incident => format!(
            "{} incident {} · {name}",
            verb.name,
            target.key.id.txt().shown()
        ),
        kind => format!("{} {} · {name}", verb.name, spec(kind).one),
    }
}

pub fn refuse(app: &mut App, verb: &Verb, why: &str) {
    let text = format!("{}: {why}", verb.name);
    app.toasts.push(app.now, Level::Warn, text);
}

/// The form is answered. Tier 0 on one target is confirmed by the key that was pressed; all else asks.
pub fn act(app: &mut App, args: Args, fx: &mut Vec<Effect>) {
    let Some(pending) = app.verbs.pending.take() else {
        return;
    };
    let verb = pending.verb;
    if app.session.is_none() {
        return refuse(app, verb, "not signed in yet");
    }
    if verb.tier_with(&args) == 0 {
        app.verbs.last = Some((verb, args.clone()));
    }
    let few = pending.targets.len() == 1 && pending.left_out.is_empty();
    if few && verb.tier_with(&args) == 0 {
        if let Some(one) = pending.targets.into_iter().next() {
            by_key(app, verb, args, one.target, fx);
        }
        return;
    }
    prompt::begin(app, pending, args, Vec::new(), fx);
}

fn by_key(app: &mut App, verb: &'static Verb, args: Args, target: Target, fx: &mut Vec<Effect>) {
    let Some(session) = app.session.clone() else {
        return;
    };
    let (key, text) = (target.key.clone(), args.text.clone());
    let prompt = match Prompt::new(verb, args, vec![target], &session) {
        Ok(prompt) => prompt,
        Err(why) => {
            form::keep(app, &key, text);
            return refuse(app, verb, &why.to_string());
        }
    };
    match prompt.by_key(app.now) {
        Ok(confirmed) => {
            app.verbs.drafts.remove(&key);
            runs::launch(app, confirmed, fx);
        }
        Err(_) => refuse(app, verb, "it needs a prompt"),
    }
}

/// Cells of a name in news.
const NAME: usize = 32;

/// `incident 4711`, `alert “Suspicious PowerShell …”`.
pub fn called(target: &Target) -> String {
    named(&target.key, &target.name)
}

/// The same for a key and the name that was on screen.
pub fn named(key: &Key, name: &Text) -> String {
    let one = spec(key.kind).one;
    if key.kind == Kind::Incident {
        return format!("{one} {}", key.id.txt().shown());
    }
    let mut shown = String::new();
    name.txt().shown_fit(&mut shown, NAME);
    format!("{one} “{shown}”")
}

/// `.`: the last verb of tier 0 again, with the same answers, on what is under the cursor or marked now.
pub fn repeat(app: &mut App, fx: &mut Vec<Effect>) {
    let Some((verb, args)) = app.verbs.last.clone() else {
        return;
    };
    if let Some(why) = app.why_not(super::keymap::Bound::Verb(verb)) {
        return refuse(app, verb, &why);
    }
    match pending(app, verb) {
        Ok(pending) => {
            app.verbs.pending = Some(pending);
            act(app, args, fx);
        }
        Err(why) => refuse(app, verb, &why),
    }
}

/// Whether there is a verb to repeat.
pub fn repeatable(app: &App) -> Result<(), String> {
    match &app.verbs.last {
        Some(_) => Ok(()),
        None => Err("nothing was done yet".to_owned()),
    }
}
