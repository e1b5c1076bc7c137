//! Find anything from one prompt: what is typed is looked up in all lists at once, and at the services where our lists may
//! not have it. Enter opens.

use super::App;
use super::detail;
use super::line::{Edit, Line};
use super::overlay::{Overlay, Step};
use super::pick::{Go, movement};
use crate::model::{Key, Kind};
use crate::msg::{Body, Effect, KeyPress, Reply, Request, Slot};
use crate::resource::{Meaning, Shape, Spec};
use crossterm::event::KeyCode;
use table::{Cancel, Match, Pattern, Predicate, Text};

/// Hits shown of each kind.
const EACH: usize = 8;

/// The prompt and its results.
#[derive(Debug)]
pub struct Find {
    pub line: Line,
    pub hits: Vec<Hit>,
    pub cursor: usize,
    /// What is still being asked, or what could not be.
    pub note: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub key: Key,
    /// Safe for the screen.
    pub label: String,
    pub note: String,
}

/// `f`.
pub fn begin(app: &mut App, _fx: &mut Vec<Effect>) {
    app.push(Overlay::Find(Find {
        line: Line::default(),
        hits: Vec::new(),
        cursor: 0,
        note: String::new(),
    }));
}

/// Opens the prompt with words in it; one hit alone is opened at once.
pub fn with(app: &mut App, words: &Text, fx: &mut Vec<Effect>) {
    let mut find = Find {
        line: Line::new(words.txt().exact()),
        hits: Vec::new(),
        cursor: 0,
        note: String::new(),
    };
    find.search(app, fx);
    app.push(Overlay::Find(find));
}

impl Find {
    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        match movement(press.key, false) {
            Some(Go::By(n)) => {
                self.cursor = self
                    .cursor
                    .saturating_add_signed(n)
                    .min(self.hits.len().saturating_sub(1));
                return Step::Stay(Overlay::Find(self));
            }
            Some(Go::To(n)) => {
                self.cursor = n.min(self.hits.len().saturating_sub(1));
                return Step::Stay(Overlay::Find(self));
            }
            None => {}
        }
        match press.key.code {
            KeyCode::Esc => Step::Close,
            KeyCode::Enter => match self.hits.get(self.cursor) {
                Some(hit) => {
                    let key = hit.key.clone();
                    Step::Then(Box::new(move |app, fx| detail::open_in_tab(app, key, fx)))
                }
                None => Step::Stay(Overlay::Find(self)),
            },
            _ => match self.line.key(press.key) {
                Edit::Changed => {
                    self.search(app, fx);
                    Step::Stay(Overlay::Find(self))
                }
                Edit::Moved => Step::Stay(Overlay::Find(self)),
                Edit::Ignored => Step::Pass(Overlay::Find(self)),
            },
        }
    }

    pub fn paste(mut self, app: &mut App, text: &Text, fx: &mut Vec<Effect>) -> Step {
        self.line.insert(text.txt().exact().trim());
        self.search(app, fx);
        Step::Stay(Overlay::Find(self))
    }

    /// Looks in all lists, and asks the services that search.
    fn search(&mut self, app: &mut App, fx: &mut Vec<Effect>) {
        let words = self.line.text().trim().to_owned();
        self.cursor = 0;
        self.hits.clear();
        self.note.clear();
        if words.chars().count() < 2 {
            return;
        }
        for pane in &app.panes {
            self.hits.extend(in_list(pane, &words));
        }
        let calls: Vec<_> = app
            .panes
            .iter()
            .filter_map(|p| p.spec.listing.search.map(|s| s(&words)))
            .collect();
        if !calls.is_empty() {
            let ticket = app.tickets.issue(Slot::Pick("find"));
            fx.push(Effect::Ask(ticket, Request::Pick { calls }));
            self.note = "asking the directory …".into();
        }
    }
}

/// The columns that name things.
fn columns(spec: &Spec) -> Vec<usize> {
    spec.columns
        .iter()
        .enumerate()
        .filter(|(_, c)| {
            matches!(
                c.shape,
                Shape::Text(
                    Meaning::Id
                        | Meaning::Title
                        | Meaning::Person
                        | Meaning::Host
                        | Meaning::Address
                ) | Shape::Words(Meaning::Address | Meaning::Host | Meaning::Person)
            ) || c.name == "entities"
        })
        .map(|(i, _)| i)
        .collect()
}

/// Exact values first, then those that contain the words; newest first as the list has them.
fn in_list(pane: &super::pane::Pane, words: &str) -> Vec<Hit> {
    let cancel = Cancel::default();
    let mut out: Vec<Hit> = Vec::new();
    for how in [Match::Equals, Match::Contains] {
        let Ok(test) = Pattern::compile(how, words) else {
            continue;
        };
        let predicate = Predicate::AnyText {
            cols: columns(pane.spec),
            test,
        };
        let Some(found) = table::filter(pane.rows.table(), &pane.rows.live(), &predicate, &cancel)
        else {
            continue;
        };
        for row in found.rows.iter() {
            if out.len() >= EACH {
                return out;
            }
            let key = Key::new(pane.spec.kind, pane.rows.key(row).to_text());
            if out.iter().any(|h| h.key == key) {
                continue;
            }
            let text = |col: usize| {
                pane.rows
                    .cell(row, col)
                    .text()
                    .map(|t| t.shown().into_owned())
                    .unwrap_or_default()
            };
            let second = match pane.spec.kind {
                Kind::Incident | Kind::Alert => pane.spec.column("severity"),
                Kind::Device => pane.spec.column("osPlatform"),
                Kind::User => pane.spec.column("userPrincipalName"),
            };
            let note = second.map(text).unwrap_or_default();
            let label = if pane.spec.kind == Kind::Incident {
                format!("{} {}", text(0), text(pane.spec.name_column))
            } else {
                text(pane.spec.name_column)
            };
            out.push(Hit { key, label, note });
        }
    }
    out
}

/// The services' answer: people that our list does not have.
pub fn reply(app: &mut App, reply: Reply, _fx: &mut Vec<Effect>) {
    let Some(Overlay::Find(find)) = app
        .overlays
        .iter_mut()
        .rev()
        .find(|o| matches!(o, Overlay::Find(_)))
    else {
        return;
    };
    find.note.clear();
    match reply.body {
        Body::Part(answers) => {
            for answer in &answers {
                if let crate::resource::Answer::Failed(fault) = answer {
                    find.note = fault.to_string();
                }
                for j in answer.items() {
                    let Some(id) = j.text("id") else { continue };
                    let key = Key::new(Kind::User, id);
                    if find.hits.iter().any(|h| h.key == key) {
                        continue;
                    }
                    let shown = |field: &str| {
                        j.text(field)
                            .map(|t| t.txt().shown().into_owned())
                            .unwrap_or_default()
                    };
                    find.hits.push(Hit {
                        key,
                        label: shown("displayName"),
                        note: shown("userPrincipalName"),
                    });
                }
            }
        }
        Body::Fault(fault) => find.note = fault.to_string(),
        _ => {}
    }
}
