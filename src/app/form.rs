//! A verb asks what it needs, freezes its target and is confirmed; what becomes of it is told by toasts.
//!
//! Tier 0 on one entity: the verb's key, the letter of its list or the Enter of its line is the answer.

use super::App;
use super::known::Lists;
use super::line::{Edit, Line};
use super::overlay::{Overlay, Step};
use super::pick::{Item, Pick, Value};
use crate::confirm::{Prompt, Target};
use crate::model::call::{Pages, Path};
use crate::model::enums::{Classification, Determination, PAIRS};
use crate::model::{Call, Json, Key, Kind, Service};
use crate::msg::{Body, Effect, KeyPress, Level, Reply, Request, RunState, Slot};
use crate::resource::{Known, spec};
use crate::verb::{Args, Form, Verb};
use crossterm::event::{KeyCode, KeyModifiers};
use std::collections::BTreeMap;
use table::Text;

/// A verb whose form is open: it stays about this entity whatever moves behind it.
#[derive(Clone, Debug)]
pub struct Pending {
    pub verb: &'static Verb,
    pub key: Key,
}

/// What was sent and is not closed, for the toasts that follow.
#[derive(Debug)]
pub struct Running {
    pub sentence: String,
    pub key: Key,
}

/// Verbs: the form that is open, what runs, what `.` repeats.
#[derive(Debug, Default)]
pub struct Verbs {
    pub pending: Option<Pending>,
    running: BTreeMap<u64, Running>,
    next: u64,
    last: Option<(&'static Verb, Args)>,
}

impl Verbs {
    /// Something was sent whose outcome is not known yet.
    pub fn busy(&self) -> usize {
        self.running.len()
    }
}

/// A line of text for a verb.
#[derive(Debug)]
pub struct TextForm {
    pub title: String,
    pub line: Line,
    pub hint: &'static str,
}

/// The entity as the person sees it: the open detail's JSON, else the cells of its row under their field names.
fn seen_entity(app: &App, key: &Key) -> serde_json::Value {
    let open = app
        .panes
        .iter()
        .filter_map(|p| p.detail.as_ref())
        .find(|d| d.key == *key);
    if let Some(entity) = open.and_then(|d| d.entity.as_ref())
        && !entity.cached
    {
        return (*entity.json).clone();
    }
    let known = Lists(&app.panes);
    let mut out = serde_json::Map::new();
    for column in spec(key.kind).columns {
        let value = match known.cell(key, column.name) {
            Some(table::Value::Text(t)) => serde_json::Value::String(t.txt().exact().to_owned()),
            Some(table::Value::List(items)) => items
                .iter()
                .map(|t| serde_json::Value::String(t.txt().exact().to_owned()))
                .collect(),
            Some(table::Value::Int(n)) => n.into(),
            Some(table::Value::Bool(b)) => b.into(),
            _ => continue,
        };
        out.insert(column.name.to_owned(), value);
    }
    serde_json::Value::Object(out)
}

/// Begins a verb on what is under the cursor: asks what its form asks, or acts at once.
pub fn begin(app: &mut App, verb: &'static Verb, fx: &mut Vec<Effect>) {
    let Some(key) = app.subject() else { return };
    let entity = seen_entity(app, &key);
    let me = app
        .session
        .as_ref()
        .and_then(|s| s.me.clone())
        .unwrap_or_default();
    if let Some(why) = (verb.blocked)(key.kind, Json(&entity), me.txt()) {
        app.toasts
            .push(app.now, Level::Warn, format!("{}: {why}", verb.name));
        return;
    }
    let title = format!(
        "{} {} {}",
        verb.name,
        spec(key.kind).one,
        key.id.txt().shown()
    );
    app.verbs.pending = Some(Pending {
        verb,
        key: key.clone(),
    });
    match verb.form {
        Form::None => act(app, Args::default(), fx),
        Form::Pair => {
            let items = PAIRS.iter().filter_map(pair_item).collect();
            app.push(Overlay::Pick(Pick::letters(
                "pair",
                title,
                items,
                |app, item, fx| {
                    let Value::Index(n) = item.value else { return };
                    if let Some(pair) = PAIRS.get(n).and_then(pair_words) {
                        act(
                            app,
                            Args {
                                pair: Some(pair),
                                ..Args::default()
                            },
                            fx,
                        );
                    }
                },
            )));
        }
        Form::Status => {
            let words: &[(&str, &'static str, &str)] = if key.kind == Kind::Alert {
                &[
                    ("n", "new", "new"),
                    ("i", "inProgress", "in progress"),
                    ("r", "resolved", "resolved"),
                ]
            } else {
                &[
                    ("a", "active", "active"),
                    ("i", "inProgress", "in progress"),
                    ("r", "resolved", "resolved; its alerts too"),
                ]
            };
            let now = Json(&entity).str("status").unwrap_or_default().to_owned();
            let items = words
                .iter()
                .map(|(letter, word, label)| Item {
                    label: (*label).into(),
                    key: (*letter).into(),
                    on: now.eq_ignore_ascii_case(word),
                    value: Value::Name(word),
                    ..Item::default()
                })
                .collect();
            app.push(Overlay::Pick(Pick::letters(
                "status",
                title,
                items,
                |app, item, fx| {
                    if let Value::Name(word) = item.value {
                        act(
                            app,
                            Args {
                                status: Some(word),
                                ..Args::default()
                            },
                            fx,
                        );
                    }
                },
            )));
        }
        Form::Comment => app.push(Overlay::Text(TextForm {
            title,
            line: Line::default(),
            hint: "Enter sends · Esc leaves it",
        })),
        Form::Tags => {
            let tags: Vec<String> = Json(&entity)
                .list("customTags")
                .filter_map(Json::as_text)
                .map(|t| quoted(t.txt().exact()))
                .collect();
            app.push(Overlay::Text(TextForm {
                title,
                line: Line::new(&tags.join(" ")),
                hint: "tags parted by blanks, \"with blanks\" in quotes · Enter sets them",
            }));
        }
        Form::Person => people(app, title, fx),
    }
}

fn quoted(tag: &str) -> String {
    if tag.contains([' ', '"']) {
        format!("\"{}\"", tag.replace('"', "\"\""))
    } else {
        tag.to_owned()
    }
}

/// Words parted by blanks; quotes keep blanks, a doubled quote is one.
fn tags(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut inside = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if inside && chars.peek() == Some(&'"') => {
                chars.next();
                word.push('"');
            }
            '"' => inside = !inside,
            ' ' if !inside => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

fn pair_words(
    pair: &(char, Classification, Determination),
) -> Option<(&'static str, &'static str)> {
    let class = Classification::KNOWN.iter().find(|(_, m)| *m == pair.1)?.0;
    let determination = Determination::KNOWN.iter().find(|(_, m)| *m == pair.2)?.0;
    Some((class, determination))
}

fn pair_item(pair: &(char, Classification, Determination)) -> Option<Item> {
    let (class, determination) = pair_words(pair)?;
    let place = PAIRS.iter().position(|p| p.0 == pair.0)?;
    Some(Item {
        label: determination.into(),
        note: class.into(),
        key: pair.0.to_string(),
        value: Value::Index(place),
        ..Item::default()
    })
}

/// Picks a person: those in the list at once, the directory's while typing.
fn people(app: &mut App, title: String, fx: &mut Vec<Effect>) {
    let mut pick = Pick::new("people", title, local_people(app), |app, item, fx| {
        if let Value::Text(person) = item.value {
            act(
                app,
                Args {
                    person: Some(person),
                    ..Args::default()
                },
                fx,
            );
        }
    });
    pick.typed = Some(ask_people);
    app.push(Overlay::Pick(pick));
    let _ = fx;
}

fn local_people(app: &App) -> Vec<Item> {
    let Some(pane) = app.panes.iter().find(|p| p.spec.kind == Kind::User) else {
        return Vec::new();
    };
    let (Some(upn), name) = (pane.spec.column("userPrincipalName"), pane.spec.name_column) else {
        return Vec::new();
    };
    let mut items: Vec<Item> = Vec::new();
    let me = app.session.as_ref().and_then(|s| s.me.clone());
    items.extend(me.map(|me| person(&me, Some("me"))));
    // a directory of 200,000 is searched at the service, not listed here
    for row in pane.rows.live().iter().take(2_000) {
        if let Some(t) = pane.rows.cell(row, upn).text() {
            let shown = pane
                .rows
                .cell(row, name)
                .text()
                .map(|n| n.shown().into_owned());
            items.push(person(&t.to_text(), shown.as_deref()));
        }
    }
    items
}

fn person(upn: &Text, note: Option<&str>) -> Item {
    Item {
        label: upn.txt().shown().into_owned(),
        note: note.unwrap_or_default().to_owned(),
        value: Value::Text(upn.clone()),
        ..Item::default()
    }
}

fn ask_people(app: &mut App, words: &str, fx: &mut Vec<Effect>) {
    if words.trim().chars().count() < 2 {
        return;
    }
    let quoted = words.trim().replace(['"', '\\'], " ");
    let call = Call::get(Service::Graph, Path::new("/users"))
        .query(
            "$search",
            format!("\"displayName:{quoted}\" OR \"userPrincipalName:{quoted}\""),
        )
        .query("$select", "id,displayName,userPrincipalName")
        .query("$top", "20")
        .query("$count", "true")
        .eventual()
        .needs(spec(Kind::User).needs)
        .pages(Pages::One);
    let ticket = app.tickets.issue(Slot::Pick("people"));
    fx.push(Effect::Ask(ticket, Request::Pick { calls: vec![call] }));
}

/// Freezes the target and confirms by the key that was pressed.
fn act(app: &mut App, args: Args, fx: &mut Vec<Effect>) {
    let Some(Pending { verb, key }) = app.verbs.pending.take() else {
        return;
    };
    let Some(session) = app.session.clone() else {
        app.toasts.push(
            app.now,
            Level::Warn,
            format!("{}: not signed in yet", verb.name),
        );
        return;
    };
    let entity = seen_entity(app, &key);
    let j = Json(&entity);
    let s = spec(key.kind);
    let name = j
        .text(s.columns[s.name_column].name)
        .unwrap_or_else(|| key.id.clone());
    let target = Target::of(key.clone(), name, j, verb);
    app.verbs.last = Some((verb, args.clone()));
    let prompt = match Prompt::new(verb, args, vec![target], &session) {
        Ok(prompt) => prompt,
        Err(why) => {
            app.toasts
                .push(app.now, Level::Warn, format!("{}: {why}", verb.name));
            return;
        }
    };
    match prompt.by_key(app.now) {
        Ok(confirmed) => {
            let sentence = confirmed.get().sentence.clone();
            app.verbs.next += 1;
            let id = app.verbs.next;
            app.verbs.running.insert(id, Running { sentence, key });
            let ticket = app.tickets.issue(Slot::Run(id));
            fx.push(Effect::Ask(ticket, Request::Run(confirmed)));
        }
        Err(prompt) => {
            let tier = prompt.command().verb.tier;
            app.toasts.push(
                app.now,
                Level::Warn,
                format!(
                    "{}: tier {tier} needs a prompt that this version does not have",
                    verb.name
                ),
            );
        }
    }
}

/// `.`: the last verb again, with the same answers, on what is under the cursor now.
pub fn repeat(app: &mut App, fx: &mut Vec<Effect>) {
    let Some((verb, args)) = app.verbs.last.clone() else {
        return;
    };
    let Some(key) = app.subject() else { return };
    let entity = seen_entity(app, &key);
    let me = app
        .session
        .as_ref()
        .and_then(|s| s.me.clone())
        .unwrap_or_default();
    let why = (!verb.kinds.contains(&key.kind))
        .then(|| "not for this kind of thing".to_owned())
        .or_else(|| (verb.blocked)(key.kind, Json(&entity), me.txt()));
    if let Some(why) = why {
        app.toasts
            .push(app.now, Level::Warn, format!("{}: {why}", verb.name));
        return;
    }
    app.verbs.pending = Some(Pending { verb, key });
    act(app, args, fx);
}

/// Whether there is a verb to repeat, and which.
pub fn repeatable(app: &App) -> Result<(), String> {
    app.verbs
        .last
        .as_ref()
        .map(|_| ())
        .ok_or_else(|| "nothing was done yet".to_owned())
}

impl TextForm {
    pub fn key(mut self, app: &mut App, press: KeyPress, _fx: &mut Vec<Effect>) -> Step {
        match press.key.code {
            KeyCode::Esc => {
                app.verbs.pending = None;
                Step::Close
            }
            KeyCode::Char('c') if press.key.modifiers.contains(KeyModifiers::CONTROL) => {
                if self.line.is_empty() {
                    app.verbs.pending = None;
                    return Step::Close;
                }
                self.line.set("");
                Step::Stay(Overlay::Text(self))
            }
            KeyCode::Enter => self.enter(app),
            _ => match self.line.key(press.key) {
                Edit::Ignored => Step::Pass(Overlay::Text(self)),
                _ => Step::Stay(Overlay::Text(self)),
            },
        }
    }

    pub fn paste(mut self, text: &Text) -> Step {
        self.line.insert(text.txt().exact());
        Step::Stay(Overlay::Text(self))
    }

    fn enter(self, app: &mut App) -> Step {
        let Some(pending) = app.verbs.pending.clone() else {
            return Step::Close;
        };
        let text = self.line.text().to_owned();
        let args = match pending.verb.form {
            Form::Tags => {
                let entity = seen_entity(app, &pending.key);
                let wanted = tags(&text);
                let had: Vec<String> = Json(&entity)
                    .list("customTags")
                    .filter_map(|t| t.as_str().map(str::to_owned))
                    .collect();
                let add: Vec<Text> = wanted
                    .iter()
                    .filter(|t| !had.contains(t))
                    .map(|t| Text::from(t.as_str()))
                    .collect();
                let remove: Vec<Text> = had
                    .iter()
                    .filter(|t| !wanted.contains(t))
                    .map(|t| Text::from(t.as_str()))
                    .collect();
                if add.is_empty() && remove.is_empty() {
                    app.verbs.pending = None;
                    return Step::Close;
                }
                Args {
                    add,
                    remove,
                    ..Args::default()
                }
            }
            _ if text.trim().is_empty() => return Step::Stay(Overlay::Text(self)),
            _ => Args {
                text: Some(Text::from(text)),
                ..Args::default()
            },
        };
        Step::Then(Box::new(move |app, fx| act(app, args, fx)))
    }
}

/// Answers to `Run` and `Pick` slots.
pub fn reply(app: &mut App, reply: Reply, _fx: &mut Vec<Effect>) {
    match (&reply.ticket.slot, reply.body) {
        (Slot::Run(id), Body::Run(state)) => ran(app, *id, state),
        (Slot::Run(id), Body::Fault(fault)) => {
            if let Some(run) = app.verbs.running.remove(id) {
                app.toasts
                    .push(app.now, Level::Error, format!("{}: {fault}", run.sentence));
            }
        }
        (Slot::Run(id), Body::Dropped) => {
            if let Some(run) = app.verbs.running.remove(id) {
                app.toasts.push(
                    app.now,
                    Level::Error,
                    format!(
                        "{}: unknown, the task ended early; read it again",
                        run.sentence
                    ),
                );
            }
        }
        (Slot::Pick("people"), Body::Part(answers)) => {
            let mut items = local_people(app);
            for j in answers.iter().flat_map(crate::resource::Answer::items) {
                if let Some(upn) = j.text("userPrincipalName")
                    && !items.iter().any(|i| i.value == Value::Text(upn.clone()))
                {
                    let name = j.text("displayName").map(|t| t.txt().shown().into_owned());
                    items.push(person(&upn, name.as_deref()));
                }
            }
            if let Some(pick) = app.pick_mut("people") {
                pick.set_items(items);
            }
        }
        _ => {}
    }
}

/// States are told as they are; green only after a read-back.
fn ran(app: &mut App, id: u64, state: RunState) {
    let Some(run) = app.verbs.running.get(&id) else {
        return;
    };
    let (level, text, over) = match state {
        RunState::Sent | RunState::Accepted => return,
        RunState::Succeeded => (Level::Good, format!("{}: done", run.sentence), true),
        RunState::Changed(fields) => {
            let what: Vec<String> = fields
                .iter()
                .map(|(f, seen, now)| format!("{f} was {seen}, is {now}"))
                .collect();
            (
                Level::Warn,
                format!(
                    "{}: not sent, it changed meanwhile: {}; press again to do it on what is there now",
                    run.sentence,
                    what.join("; ")
                ),
                true,
            )
        }
        RunState::Failed(fault) => (
            Level::Error,
            format!("{}: failed. {fault}", run.sentence),
            true,
        ),
        RunState::Unknown(fault) => (
            Level::Error,
            format!("{}: unknown. {fault}", run.sentence),
            true,
        ),
        RunState::NotSent(fault) => (
            Level::Error,
            format!("{}: not sent. {fault}", run.sentence),
            true,
        ),
    };
    if over {
        app.verbs.running.remove(&id);
    }
    app.toasts.push(app.now, level, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_keep_blanks_and_quotes() {
        for set in [vec!["a", "b c"], vec!["say \"x\"", "ä"], vec![]] {
            let line: Vec<String> = set.iter().map(|t| quoted(t)).collect();
            assert_eq!(tags(&line.join(" ")), set);
        }
    }
}
