//! A verb asks what it needs, freezes its target and is confirmed; what becomes of it is told by toasts.
//!
//! Tier 0 on one entity: the verb's key, the letter of its list or the Enter of its line is the answer. What the person
//! saw is frozen when the form opens, so that nothing that moves behind it is confirmed unseen.

mod people;
mod tags;
#[cfg(test)]
mod tests;

pub use people::ask as ask_people;

use super::App;
use super::detail;
use super::known::Lists;
use super::line::{Edit, Line};
use super::overlay::{Overlay, Step};
use super::pick::{Item, Pick, Value};
use crate::confirm::{Prompt, Target};
use crate::model::enums::{PAIRS, plain, statuses};
use crate::model::{Fault, Json, Key, Kind};
use crate::msg::{Body, Effect, KeyPress, Level, Reply, Request, RunState, Slot};
use crate::resource::{Known, spec};
use crate::verb::{Args, Form, Verb};
use crossterm::event::{KeyCode, KeyModifiers};
use std::collections::BTreeMap;
use table::Text;

/// A verb whose form is open: it stays about this entity, as it was seen, whatever moves behind it.
#[derive(Debug)]
struct Pending {
    verb: &'static Verb,
    target: Target,
    /// The tags that were there.
    tags: Vec<String>,
}

/// What was sent and is not closed, for the toasts that follow.
#[derive(Debug)]
struct Running {
    verb: &'static Verb,
    /// What is said of it, short enough that its outcome is in sight too; the record has the whole sentence.
    what: String,
    key: Key,
    /// A text that must not be lost if it was not taken.
    text: Option<Text>,
}

/// Verbs: the form that is open, what runs, what `.` repeats, what was typed and not sent.
#[derive(Debug, Default)]
pub struct Verbs {
    pending: Option<Pending>,
    running: BTreeMap<u64, Running>,
    next: u64,
    last: Option<(&'static Verb, Args)>,
    drafts: BTreeMap<Key, Text>,
}

impl Verbs {
    /// Something was sent whose outcome is not known yet.
    pub fn busy(&self) -> usize {
        self.running.len()
    }

    /// Comments that were typed and not sent.
    pub fn drafts(&self) -> usize {
        self.drafts.len()
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
    let open = app.panes.iter().filter_map(|p| p.detail.as_ref());
    let open = open.into_iter().find(|d| d.key == *key);
    if let Some(entity) = open.and_then(|d| d.entity.as_ref())
        && !entity.cached
    {
        return (*entity.json).clone();
    }
    let known = Lists(app);
    let mut out = serde_json::Map::new();
    let text = |t: &Text| serde_json::Value::String(t.txt().exact().to_owned());
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
    serde_json::Value::Object(out)
}

/// Freezes what a verb is about, or says why it cannot have it.
fn freeze(
    app: &App,
    verb: &'static Verb,
    key: Key,
) -> Result<(Pending, serde_json::Value), String> {
    let entity = seen_entity(app, &key);
    let j = Json(&entity);
    let me = app
        .session
        .as_ref()
        .and_then(|s| s.me.clone())
        .unwrap_or_default();
    if let Some(why) = (verb.blocked)(key.kind, j, me.txt()) {
        return Err(why);
    }
    let spec = spec(key.kind);
    let name = spec
        .columns
        .get(spec.name_column)
        .and_then(|c| j.text(c.name));
    let name = name.unwrap_or_else(|| key.id.clone());
    let words = j
        .list("customTags")
        .filter_map(|t| t.as_str().map(str::to_owned));
    let pending = Pending {
        verb,
        tags: words.collect(),
        target: Target::of(key, name, j, verb),
    };
    Ok((pending, entity))
}

/// Begins a verb on what is under the cursor: asks what its form asks, or acts at once.
pub fn begin(app: &mut App, verb: &'static Verb, fx: &mut Vec<Effect>) {
    let Some(key) = app.subject() else { return };
    let (pending, entity) = match freeze(app, verb, key.clone()) {
        Ok(frozen) => frozen,
        Err(why) => return refuse(app, verb, &why),
    };
    let name = pending.target.name.txt().shown();
    let title = match key.kind {
        // people know an incident by its number, everything else by its name
        Kind::Incident => format!("{} incident {} · {name}", verb.name, key.id.txt().shown()),
        kind => format!("{} {} · {name}", verb.name, spec(kind).one),
    };
    let tags: Vec<String> = pending.tags.iter().map(|t| tags::quoted(t)).collect();
    app.verbs.pending = Some(pending);
    match verb.form {
        Form::None => act(app, Args::default(), fx),
        Form::Pair => app.push(Overlay::Pick(Pick::letters(
            "pair",
            title,
            pairs(),
            |app, item, fx| {
                let Value::Index(n) = item.value else { return };
                let pair = PAIRS.get(n).map(|(_, c, d)| (word(c), word(d)));
                act(
                    app,
                    Args {
                        pair,
                        ..Args::default()
                    },
                    fx,
                );
            },
        ))),
        Form::Status => {
            let now = Json(&entity).str("status").unwrap_or_default().to_owned();
            let items = statuses(key.kind).iter().map(|(letter, word)| Item {
                label: plain(word),
                note: match (*word, key.kind) {
                    ("resolved", Kind::Incident) => "its alerts too".into(),
                    _ => String::new(),
                },
                key: letter.to_string(),
                on: now.eq_ignore_ascii_case(word),
                value: Value::Name(word),
                ..Item::default()
            });
            let items = items.collect();
            app.push(Overlay::Pick(Pick::letters(
                "status",
                title,
                items,
                |app, item, fx| {
                    if let Value::Name(word) = item.value {
                        let status = Some(word);
                        act(
                            app,
                            Args {
                                status,
                                ..Args::default()
                            },
                            fx,
                        );
                    }
                },
            )));
        }
        Form::Comment => {
            let draft = app.verbs.drafts.get(&key).cloned();
            app.push(Overlay::Text(TextForm {
                title,
                line: Line::new(draft.as_ref().map_or("", |t| t.txt().exact())),
                hint: match draft {
                    Some(_) => "the draft from before · Enter sends · Ctrl-c clears · Esc keeps it",
                    None => "Enter sends · Esc keeps it as a draft",
                },
            }));
        }
        Form::Tags => app.push(Overlay::Text(TextForm {
            title,
            line: Line::new(&tags.join(" ")),
            hint: "tags parted by blanks, \"with blanks\" in quotes · Enter sets them",
        })),
        Form::Person => people::open(app, title),
        Form::Choice(_) | Form::Device | Form::Incident(_) | Form::Indicator | Form::Mails(_) => {
            refuse(app, verb, "its form is not there yet")
        }
    }
}

fn refuse(app: &mut App, verb: &Verb, why: &str) {
    let text = format!("{}: {why}", verb.name);
    app.toasts.push(app.now, Level::Warn, text);
}

/// The valid pairs, one letter each, in Microsoft's words.
fn pairs() -> Vec<Item> {
    let item = |(n, (letter, class, determination)): (usize, &(char, _, _))| Item {
        label: plain(word(determination)),
        note: plain(word(class)),
        key: letter.to_string(),
        value: Value::Index(n),
        ..Item::default()
    };
    PAIRS.iter().enumerate().map(item).collect()
}

/// The wire word of a known member.
trait Word {
    fn word(&self) -> &'static str;
}

impl Word for crate::model::enums::Classification {
    fn word(&self) -> &'static str {
        Self::KNOWN
            .iter()
            .find(|(_, m)| m == self)
            .map_or("unknown", |(w, _)| w)
    }
}

impl Word for crate::model::enums::Determination {
    fn word(&self) -> &'static str {
        Self::KNOWN
            .iter()
            .find(|(_, m)| m == self)
            .map_or("unknown", |(w, _)| w)
    }
}

fn word(member: &impl Word) -> &'static str {
    member.word()
}

/// Confirms by the key that was pressed, on the target that was frozen.
fn act(app: &mut App, args: Args, fx: &mut Vec<Effect>) {
    let Some(Pending { verb, target, .. }) = app.verbs.pending.take() else {
        return;
    };
    let Some(session) = app.session.clone() else {
        return refuse(app, verb, "not signed in yet");
    };
    let key = target.key.clone();
    let what = format!("{} {}", verb.name, called(&target));
    let text = args.text.clone();
    app.verbs.last = Some((verb, args.clone()));
    let prompt = match Prompt::new(verb, args, vec![target], &session) {
        Ok(prompt) => prompt,
        Err(why) => {
            keep(app, &key, text);
            return refuse(app, verb, &why.to_string());
        }
    };
    match prompt.by_key(app.now) {
        Ok(confirmed) => {
            app.verbs.next += 1;
            let id = app.verbs.next;
            app.verbs.drafts.remove(&key);
            let running = Running {
                verb,
                what,
                key,
                text,
            };
            app.verbs.running.insert(id, running);
            let ticket = app.tickets.issue(Slot::Run(id));
            fx.push(Effect::Ask(ticket, Request::Run(confirmed)));
        }
        Err(prompt) => {
            let tier = prompt.command().verb.tier;
            refuse(
                app,
                verb,
                &format!("tier {tier} needs a prompt that this version does not have"),
            );
        }
    }
}

/// Cells of a name in news.
const NAME: usize = 32;

/// `incident 4711`, `alert “Suspicious PowerShell …”`.
fn called(target: &Target) -> String {
    let one = spec(target.key.kind).one;
    if target.key.kind == Kind::Incident {
        return format!("{one} {}", target.key.id.txt().shown());
    }
    let mut name = String::new();
    target.name.txt().shown_fit(&mut name, NAME);
    format!("{one} “{name}”")
}

/// A comment that was not taken is there again when the form opens next.
fn keep(app: &mut App, key: &Key, text: Option<Text>) {
    if let Some(text) = text.filter(|t| !t.txt().exact().trim().is_empty()) {
        app.verbs.drafts.insert(key.clone(), text);
    }
}

/// `.`: the last verb again, with the same answers, on what is under the cursor now.
pub fn repeat(app: &mut App, fx: &mut Vec<Effect>) {
    let Some((verb, args)) = app.verbs.last.clone() else {
        return;
    };
    if let Some(why) = app.why_not(super::keymap::Bound::Verb(verb)) {
        return refuse(app, verb, &why);
    }
    let Some(key) = app.subject() else { return };
    match freeze(app, verb, key) {
        Ok((pending, _)) => {
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

impl TextForm {
    pub fn key(mut self, app: &mut App, press: KeyPress, _fx: &mut Vec<Effect>) -> Step {
        match press.key.code {
            KeyCode::Esc => {
                self.leave(app);
                Step::Close
            }
            KeyCode::Char('c') if press.key.modifiers.contains(KeyModifiers::CONTROL) => {
                if self.line.is_empty() {
                    self.leave(app);
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

    /// A comment that was begun is a draft; tags are as they were.
    fn leave(&self, app: &mut App) {
        if let Some(Pending { verb, target, .. }) = app.verbs.pending.take()
            && verb.form == Form::Comment
        {
            app.verbs.drafts.remove(&target.key);
            keep(app, &target.key, Some(Text::from(self.line.text())));
        }
    }

    fn enter(self, app: &mut App) -> Step {
        let Some(pending) = &app.verbs.pending else {
            return Step::Close;
        };
        let text = self.line.text();
        let args = if pending.verb.form == Form::Tags {
            let wanted = tags::tags(text);
            let differ = |all: &[String], from: &[String]| -> Vec<Text> {
                let new = all.iter().filter(|t| !from.contains(t));
                new.map(|t| Text::from(t.as_str())).collect()
            };
            let args = Args {
                add: differ(&wanted, &pending.tags),
                remove: differ(&pending.tags, &wanted),
                ..Args::default()
            };
            if args.add.is_empty() && args.remove.is_empty() {
                app.verbs.pending = None;
                return Step::Close;
            }
            args
        } else if text.trim().is_empty() {
            return Step::Stay(Overlay::Text(self));
        } else {
            Args {
                text: Some(Text::from(text)),
                ..Args::default()
            }
        };
        Step::Then(Box::new(move |app, fx| act(app, args, fx)))
    }
}

/// Answers to `Run` and `Pick` slots.
pub fn reply(app: &mut App, reply: Reply, fx: &mut Vec<Effect>) {
    match (&reply.ticket.slot, reply.body) {
        (Slot::Run(id), Body::Ran { state, .. }) => ran(app, *id, state, fx),
        (Slot::Run(id), Body::Done) => {
            app.verbs.running.remove(id);
        }
        (Slot::Run(id), Body::Fault(fault)) => ran(app, *id, RunState::Unknown(fault), fx),
        (Slot::Run(id), Body::Dropped) => {
            let fault = Fault::new(crate::model::FaultKind::Cancelled, "the task ended early")
                .next("look at it again");
            ran(app, *id, RunState::Unknown(fault), fx);
        }
        (Slot::Pick("people"), body) => people::reply(app, Reply { body, ..reply }),
        _ => {}
    }
}

/// States are told as they are; green only after a read-back. A detail that shows the entity reads it again.
fn ran(app: &mut App, id: u64, state: RunState, fx: &mut Vec<Effect>) {
    let Some(run) = app.verbs.running.get(&id) else {
        return;
    };
    let (verb, name, key, unsent) = (
        run.verb,
        run.what.clone(),
        run.key.clone(),
        run.text.clone(),
    );
    let (level, what) = match &state {
        RunState::Sent | RunState::Accepted | RunState::Pending | RunState::InProgress => return,
        RunState::Succeeded => (Level::Good, "done".to_owned()),
        RunState::Changed(fields) => {
            let what = fields
                .iter()
                .map(|(field, seen, now)| format!("{field}: {seen} → {now}"));
            let what: Vec<String> = what.collect();
            let again = app.keymap.key_of(super::keymap::Bound::Verb(verb));
            let again = again.map_or(String::new(), |k| {
                format!(" ({k} again does it on what is there now)")
            });
            (
                Level::Warn,
                format!(
                    "not sent, somebody changed it meanwhile: {}{again}",
                    what.join(", ")
                ),
            )
        }
        RunState::Failed(fault) => (Level::Error, format!("failed: {fault}")),
        RunState::Unknown(fault) => (
            Level::Error,
            format!("unknown whether it was done: {fault}"),
        ),
        RunState::NotSent(fault) => (Level::Error, format!("not sent: {fault}")),
    };
    app.verbs.running.remove(&id);
    app.toasts.push(app.now, level, format!("{name}: {what}"));
    // what may have been taken is not offered again as a draft
    if matches!(
        state,
        RunState::Changed(_) | RunState::Failed(_) | RunState::NotSent(_)
    ) {
        keep(app, &key, unsent);
    }
    if !matches!(state, RunState::NotSent(_)) {
        detail::reread(app, &key, fx);
    }
}
