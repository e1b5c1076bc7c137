//! Help of a place, built from the live map: what each key does here, and why something is greyed.

use super::App;
use super::action::{self, Place};
use super::keymap::Bound;
use super::overlay::{Overlay, Step};
use super::pick::{Go, ROWS, movement};
use crate::msg::{Effect, KeyPress};
use crate::resource::filter::{explain, parse};
use crate::verb;
use crossterm::event::KeyCode;

/// Help, open. Its lines are those of the moment it was opened.
#[derive(Debug)]
pub struct Help {
    pub title: String,
    pub lines: Vec<Line>,
    pub top: usize,
}

/// A line of help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Head(String),
    Key {
        keys: String,
        name: &'static str,
        help: String,
        grey: Option<String>,
    },
    Text(String),
    Blank,
}

impl Help {
    pub fn new(app: &App) -> Self {
        let here = if app.overlays.is_empty() {
            app.here()
        } else {
            Place::Typing
        };
        let kind = app.subject().map(|k| k.kind);
        let spec = app.pane().spec;
        let mut lines = Vec::new();
        if let Some(Overlay::Filter(bar)) = app.overlays.last() {
            let spec = crate::resource::spec(bar.kind);
            let env = app.env(bar.kind);
            lines.push(Line::Head("This filter".into()));
            lines.push(Line::Text(explain(
                &parse(bar.line.text(), spec),
                spec,
                env.me.as_ref(),
            )));
        }
        if here != Place::Typing {
            let verbs: Vec<_> = verb::all()
                .filter(|v| kind.is_none_or(|k| v.kinds.contains(&k)))
                .collect();
            section(
                app,
                &mut lines,
                &format!(
                    "On this {}",
                    kind.map_or("row", |k| crate::resource::spec(k).one)
                ),
                verbs.iter().map(|v| {
                    let needs = app.permission_of(v);
                    let help = if needs.is_empty() {
                        v.help.to_owned()
                    } else {
                        format!("{} ({needs})", v.help)
                    };
                    (Bound::Verb(v), help)
                }),
            );
        }
        let places: &[Place] = match here {
            Place::List => &[Place::List, Place::Program, Place::Typing],
            Place::Detail => &[Place::Detail, Place::Program, Place::Typing],
            Place::Editor => &[Place::Editor, Place::Hunt, Place::Typing],
            Place::Results => &[Place::Results, Place::Hunt, Place::Program, Place::Typing],
            Place::Program | Place::Typing | Place::Hunt => &[Place::Typing],
        };
        for place in places {
            section(
                app,
                &mut lines,
                place.title(),
                action::all()
                    .filter(|a| a.place == *place)
                    .map(|a| (Bound::Action(a), a.help.to_owned())),
            );
        }
        let title = match here {
            Place::Detail => format!("Help · detail in {}", spec.title),
            Place::Typing => "Help · while typing".to_owned(),
            Place::Editor => "Help · a query's text".to_owned(),
            Place::Results => "Help · a query's result".to_owned(),
            _ => format!("Help · {}", spec.title),
        };
        Self {
            title,
            lines,
            top: 0,
        }
    }

    pub fn key(mut self, _app: &mut App, press: KeyPress, _fx: &mut Vec<Effect>) -> Step {
        let to = match (movement(press.key, true), press.key.code) {
            (Some(Go::By(n)), _) => self.top.saturating_add_signed(n),
            (Some(Go::To(n)), _) => n,
            (None, KeyCode::Char('j')) => self.top + 1,
            (None, KeyCode::Char('k')) => self.top.saturating_sub(1),
            (None, KeyCode::Char(' ')) => self.top + ROWS,
            (None, KeyCode::Esc | KeyCode::Char('q' | '?') | KeyCode::F(1) | KeyCode::Enter) => {
                return Step::Close;
            }
            _ => return Step::Pass(Overlay::Help(self)),
        };
        self.top = to.min(self.lines.len().saturating_sub(1));
        Step::Stay(Overlay::Help(self))
    }
}

fn section(
    app: &App,
    lines: &mut Vec<Line>,
    title: &str,
    rows: impl Iterator<Item = (Bound, String)>,
) {
    let mut rows = rows
        .map(|(bound, help)| Line::Key {
            keys: app.keymap.keys_of(bound).join("  "),
            name: bound.name(),
            help,
            grey: app.why_not(bound),
        })
        .peekable();
    if rows.peek().is_none() {
        return;
    }
    if !lines.is_empty() {
        lines.push(Line::Blank);
    }
    lines.push(Line::Head(title.to_owned()));
    lines.extend(rows);
}
