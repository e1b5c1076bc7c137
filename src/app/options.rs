//! The settings pane: every option, its value and what it does; a change is in force at once and kept.

use super::App;
use super::ask::Ask;
use super::overlay::{Overlay, Step};
use super::pick::{Go, Item, Pick, Value as Choice, movement};
use super::{columns, views};
use crate::config::settings::{self, ALL, Kind, Row, Touches};
use crate::config::theme;
use crate::msg::{Effect, KeyPress, Level, Request, Setting, Slot};
use crossterm::event::KeyCode;
use toml::Value;

/// The pane, open.
#[derive(Debug, Default)]
pub struct Options {
    pub cursor: usize,
}

/// Opens the pane at an option.
pub fn open(app: &mut App, key: &str) {
    let cursor = ALL.iter().position(|r| r.key == key).unwrap_or(0);
    app.push(Overlay::Options(Options { cursor }));
}

impl Options {
    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let last = ALL.len() - 1;
        match (press.key.code, movement(press.key, true)) {
            (_, Some(Go::By(n))) => self.cursor = self.cursor.saturating_add_signed(n).min(last),
            (_, Some(Go::To(n))) => self.cursor = n.min(last),
            (KeyCode::Char('j'), _) => self.cursor = (self.cursor + 1).min(last),
            (KeyCode::Char('k'), _) => self.cursor = self.cursor.saturating_sub(1),
            (KeyCode::Char('r'), _) => {
                let row = &ALL[self.cursor];
                app.set(row, (row.get)(&settings::Settings::default()), fx);
            }
            (KeyCode::Char('h') | KeyCode::Left, _) => step(app, &ALL[self.cursor], -1, fx),
            (KeyCode::Char('l' | ' ') | KeyCode::Right, _) => step(app, &ALL[self.cursor], 1, fx),
            (KeyCode::Enter, _) => change(app, &ALL[self.cursor], fx),
            (KeyCode::Esc | KeyCode::Char('q'), _) => return Step::Close,
            _ => return Step::Pass(Overlay::Options(self)),
        }
        Step::Stay(Overlay::Options(self))
    }
}

/// The next or previous value, where there is one without asking.
fn step(app: &mut App, row: &'static Row, by: i64, fx: &mut Vec<Effect>) {
    let now = (row.get)(&app.settings);
    let value = match (row.kind, &now) {
        (Kind::Flag, Value::Boolean(b)) => Value::Boolean(!b),
        (Kind::Number { least, most, .. }, Value::Integer(n)) => {
            // ten steps from one power of ten to the next
            let pace = if *n >= 1000 {
                100
            } else if *n >= 100 {
                10
            } else {
                1
            };
            Value::Integer((n + by * pace).clamp(least.into(), most.into()))
        }
        (Kind::Choice(_) | Kind::Theme | Kind::View(_), Value::String(word)) => {
            let words = words_of(app, row);
            let at = words.iter().position(|w| w == word).unwrap_or(0) as i64;
            match words.get((at + by).rem_euclid(words.len().max(1) as i64) as usize) {
                Some(word) => Value::String(word.clone()),
                None => return,
            }
        }
        _ => return change(app, row, fx),
    };
    app.set(row, value, fx);
}

/// Enter: a switch turns, everything else asks or picks.
fn change(app: &mut App, row: &'static Row, fx: &mut Vec<Effect>) {
    if app.settings.locked.contains(row.key) {
        // says who decides it
        return app.set(row, (row.get)(&app.settings), fx);
    }
    let now = (row.get)(&app.settings);
    match row.kind {
        Kind::Flag => step(app, row, 1, fx),
        Kind::Number { least, most, unit } => {
            let title = format!("{} ({least} to {most} {unit})", row.key);
            app.push(Overlay::Ask(Ask::about(
                row.key,
                title,
                &now.to_string(),
                typed,
            )));
        }
        Kind::Choice(_) | Kind::Theme | Kind::View(_) => {
            let items = words_of(app, row).into_iter().map(|word| Item {
                label: if word.is_empty() {
                    "as it comes".into()
                } else {
                    table::Txt::new(&word).shown().into_owned()
                },
                on: now.as_str() == Some(&word),
                value: Choice::Named(row.key, word.into()),
                ..Item::default()
            });
            app.push(Overlay::Pick(Pick::new(
                row.key,
                row.key,
                items.collect(),
                picked,
            )));
        }
        Kind::Words(_) => pick_words(app, row, 0),
        Kind::Elsewhere("columns") => {
            app.overlays.clear();
            columns::open(app);
        }
        Kind::Elsewhere(_) => {
            app.overlays.clear();
            views::open(app);
        }
    }
}

/// A list of words, each on or off; it comes up again after each choice.
fn pick_words(app: &mut App, row: &'static Row, cursor: usize) {
    let on: Vec<String> = words_in_force(app, row);
    let items = words_of(app, row).into_iter().map(|word| Item {
        label: table::Txt::new(&word).shown().into_owned(),
        key: if on.contains(&word) {
            if row.touches == Touches::Rows {
                "hidden"
            } else {
                "on"
            }
            .into()
        } else {
            String::new()
        },
        on: on.contains(&word),
        value: Choice::Named(row.key, word.into()),
        ..Item::default()
    });
    let mut pick = Pick::new(
        row.key,
        format!("{}: {}", row.key, row.help),
        items.collect(),
        toggled,
    );
    pick.note =
        "Enter turns it on or off; Esc is done; a word that is not listed: type it, then Enter"
            .into();
    pick.cursor = cursor;
    pick.free = true;
    app.push(Overlay::Pick(pick));
}

fn toggled(app: &mut App, item: Item, fx: &mut Vec<Effect>) {
    let Choice::Named(key, word) = item.value else {
        return;
    };
    let Some(row) = settings::row(key) else {
        return;
    };
    let word = word.txt().exact().to_owned();
    let mut on = words_in_force(app, row);
    if on.contains(&word) {
        on.retain(|w| *w != word);
    } else {
        on.push(word.clone());
    }
    app.set(
        row,
        Value::Array(on.into_iter().map(Value::String).collect()),
        fx,
    );
    let place = words_of(app, row)
        .iter()
        .position(|w| *w == word)
        .unwrap_or(0);
    pick_words(app, row, place);
}

fn typed(app: &mut App, key: &'static str, text: &str, fx: &mut Vec<Effect>) {
    let Some(row) = settings::row(key) else {
        return;
    };
    let value = text
        .trim()
        .parse::<i64>()
        .map_or_else(|_| Value::String(text.to_owned()), Value::Integer);
    app.set(row, value, fx);
}

fn picked(app: &mut App, item: Item, fx: &mut Vec<Effect>) {
    if let Choice::Named(key, word) = item.value
        && let Some(row) = settings::row(key)
    {
        app.set(row, Value::String(word.txt().exact().to_owned()), fx);
    }
}

fn words_in_force(app: &App, row: &Row) -> Vec<String> {
    let value = (row.get)(&app.settings);
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|v| v.as_str().map(str::to_owned))
        .collect()
}

/// The words an option can be.
pub fn words_of(app: &App, row: &Row) -> Vec<String> {
    let own = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    match row.kind {
        Kind::Choice(words) => own(words),
        Kind::Words(words) => {
            let mut all = own(words);
            all.extend(
                words_in_force(app, row)
                    .into_iter()
                    .filter(|w| !words.contains(&w.as_str())),
            );
            all
        }
        Kind::Theme => {
            let mut names = vec!["auto".to_owned()];
            names.extend(theme::BUILT_IN.iter().map(|(n, _)| (*n).to_owned()));
            names.extend(
                app.own_themes
                    .iter()
                    .map(|(n, _)| n.clone())
                    .filter(|n| !theme::BUILT_IN.iter().any(|(b, _)| b == n)),
            );
            names
        }
        Kind::View(tab) => {
            let views = app
                .panes
                .get(tab)
                .map(|p| views::all(app, p.spec.kind))
                .unwrap_or_default();
            std::iter::once(String::new())
                .chain(views.into_iter().map(|v| v.name))
                .collect()
        }
        Kind::Flag | Kind::Number { .. } | Kind::Elsewhere(_) => Vec::new(),
    }
}

impl App {
    /// Changes an option: in force at once, and kept. A value that does not fit is said.
    pub fn set(&mut self, row: &'static Row, value: Value, fx: &mut Vec<Effect>) {
        let before = (row.get)(&self.settings);
        if let Err(why) = self.settings.set(row, value) {
            self.toasts
                .push(self.now, Level::Warn, format!("{} {why}", row.key));
            return;
        }
        let value = (row.get)(&self.settings);
        if value == before {
            return;
        }
        fx.push(Effect::Keep(Setting {
            key: row.key,
            value: value.clone(),
        }));
        if let (Kind::View(tab), Some(name)) = (row.kind, value.as_str().filter(|n| !n.is_empty()))
            && let Some(kind) = self.panes.get(tab).map(|p| p.spec.kind)
        {
            views::show(self, kind, name, fx);
        }
        super::hunt::fields::flag(self, row.key);
        match row.touches {
            Touches::Screen => super::detail::resized(self),
            Touches::Outside => {}
            // the wait for the next poll has the old pace: ask now, then the new one holds
            Touches::Pace => {
                for kind in self.kinds() {
                    if let Some(ticket) = self.tickets.current(&Slot::Sync(kind)) {
                        fx.push(Effect::Ask(ticket, Request::Refresh { kind }));
                    }
                }
            }
            Touches::Theme => self.load_theme(),
            Touches::Mouse => fx.push(Effect::Mouse(self.settings.mouse)),
            Touches::Rows => {
                let kinds: Vec<_> = self.panes.iter().map(|p| p.spec.kind).collect();
                for kind in kinds {
                    self.compute(kind, fx);
                }
            }
        }
    }
}
