//! What a verb asks before it can be confirmed: a letter, a line, a person. `act` froze what it is about before the form
//! opened, and goes on with the answers.

pub mod others;
mod people;
mod tags;
#[cfg(test)]
mod tests;

pub use people::ask as ask_people;

use super::App;
use super::act::{Pending, act};
use super::line::{Edit, Line};
use super::overlay::{Overlay, Step};
use super::pick::{Item, Pick, Value};
use super::runs::{self, Run};
use crate::model::enums::{PAIRS, plain, statuses};
use crate::model::{Json, Key, Kind};
use crate::msg::{Effect, KeyPress, Level, Reply, Slot};
use crate::verb::{Args, Form, Verb};
use crossterm::event::{KeyCode, KeyModifiers};
use std::collections::BTreeMap;
use table::Text;

/// Verbs: the form that is open, what runs, what `.` repeats, what was typed and not sent.
#[derive(Debug, Default)]
pub struct Verbs {
    pub(super) pending: Option<Pending>,
    /// Answers so far, of a form with several steps.
    pub(super) args: Args,
    /// The verb that a list of devices is open for.
    pub(super) about: Option<&'static Verb>,
    pub running: BTreeMap<u64, Run>,
    /// The last number given to a run or a prompt.
    pub(super) next: u64,
    pub(super) last: Option<(&'static Verb, Args)>,
    pub(super) drafts: BTreeMap<Key, Text>,
}

impl Verbs {
    /// Something was sent whose outcome is not known yet.
    pub fn busy(&self) -> usize {
        self.running.values().filter(|r| r.is_busy()).count()
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

/// Opens the form of the verb that is pending. `args` holds what is answered already.
pub fn open(app: &mut App, title: String, args: Args, fx: &mut Vec<Effect>) {
    let Some(pending) = &app.verbs.pending else {
        return;
    };
    let (verb, set) = (pending.verb, pending.targets.len() > 1);
    let Some(first) = pending.targets.first() else {
        return;
    };
    let (key, entity) = (first.target.key.clone(), Json(&first.entity));
    match verb.form {
        Form::None => act(app, args, fx),
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
            let now = entity.str("status").unwrap_or_default().to_owned();
            let items = statuses(key.kind).iter().map(|(letter, word)| Item {
                label: plain(word),
                note: match (*word, key.kind) {
                    ("resolved", Kind::Incident) => "its alerts too".into(),
                    _ => String::new(),
                },
                key: letter.to_string(),
                on: !set && now.eq_ignore_ascii_case(word),
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
        Form::Choice(choices) => {
            app.verbs.args = args;
            others::ways(app, title, choices, fx);
        }
        Form::Mails(choices) => {
            let mails = others::mails(entity);
            if mails.is_empty() {
                let why = "its evidence names no message: open the alert first";
                app.verbs.pending = None;
                return super::act::refuse(app, verb, why);
            }
            app.verbs.args = Args { mails, ..args };
            others::ways(app, title, choices, fx);
        }
        Form::Incident(_) | Form::Device => {
            app.verbs.args = args;
            app.push(Overlay::Text(TextForm {
                title,
                line: Line::default(),
                hint: match verb.form {
                    Form::Device => "SHA-1 of the file · Enter goes on · Esc leaves",
                    _ => "number of the other incident · Enter goes on · Esc leaves",
                },
            }));
        }
        Form::Comment => {
            let draft = app.verbs.drafts.get(&key).filter(|_| !set).cloned();
            app.push(Overlay::Text(TextForm {
                title,
                line: Line::new(draft.as_ref().map_or("", |t| t.txt().exact())),
                hint: match draft {
                    Some(_) => "the draft from before · Enter sends · Ctrl-c clears · Esc keeps it",
                    None if set => "Enter goes on to the question · Esc leaves",
                    None => "Enter sends · Esc keeps it as a draft",
                },
            }));
        }
        Form::Tags => {
            let tags: Vec<String> = match set {
                true => Vec::new(),
                false => tags_of(&first.entity)
                    .iter()
                    .map(|t| tags::quoted(t))
                    .collect(),
            };
            app.push(Overlay::Text(TextForm {
                title,
                line: Line::new(&tags.join(" ")),
                hint: match set {
                    true => "tags to add, -tag to remove, parted by blanks · Enter goes on",
                    false => "tags parted by blanks, \"with blanks\" in quotes · Enter sets them",
                },
            }));
        }
        Form::Person => people::open(app, title),
        // its values are the targets: `begin` asks for them
        Form::Indicator => {}
    }
}

fn tags_of(entity: &serde_json::Value) -> Vec<String> {
    let j = Json(entity);
    let tags = |field| j.list(field).filter_map(|t| t.as_str().map(str::to_owned));
    tags("customTags").chain(tags("machineTags")).collect()
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

/// A comment that was not taken is there again when the form opens next.
pub fn keep(app: &mut App, key: &Key, text: Option<Text>) {
    if let Some(text) = text.filter(|t| !t.txt().exact().trim().is_empty()) {
        app.verbs.drafts.insert(key.clone(), text);
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
        if let Some(Pending { verb, targets, .. }) = app.verbs.pending.take()
            && verb.form == Form::Comment
            && let [one] = targets.as_slice()
        {
            app.verbs.drafts.remove(&one.target.key);
            keep(app, &one.target.key, Some(Text::from(self.line.text())));
        }
    }

    fn enter(self, app: &mut App) -> Step {
        let Some(pending) = &app.verbs.pending else {
            return Step::Close;
        };
        if matches!(
            pending.verb.form,
            Form::Incident(_) | Form::Device | Form::Indicator
        ) {
            return Step::Then(Box::new(move |app, fx| {
                let (text, title) = (self.line.text().to_owned(), self.title.clone());
                if let Err(why) = others::line(app, &text, title, fx) {
                    app.toasts.push(app.now, Level::Warn, why);
                    app.push(Overlay::Text(self));
                }
            }));
        }
        let text = self.line.text();
        let args = if pending.verb.form == Form::Tags {
            let wanted = tags::tags(text);
            let differ = |all: &[String], from: &[String]| -> Vec<Text> {
                let new = all.iter().filter(|t| !from.contains(t));
                new.map(|t| Text::from(t.as_str())).collect()
            };
            let (add, remove) = match pending.targets.as_slice() {
                [one] => {
                    let was = tags_of(&one.entity);
                    (differ(&wanted, &was), differ(&was, &wanted))
                }
                _ => {
                    let (off, on): (Vec<String>, Vec<String>) = wanted
                        .into_iter()
                        .partition(|t| t.len() > 1 && t.starts_with('-'));
                    let off: Vec<String> = off.iter().map(|t| t[1..].to_owned()).collect();
                    (differ(&on, &[]), differ(&off, &[]))
                }
            };
            let args = Args {
                add,
                remove,
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
    match reply.ticket.slot {
        Slot::Run(id) => runs::reply(app, id, reply, fx),
        Slot::Pick("people") => people::reply(app, reply),
        _ => {}
    }
}
