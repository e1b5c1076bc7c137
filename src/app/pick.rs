//! A list to pick from: narrows while typing (best match first), or one letter picks. Used by the palette, choosers,
//! `g` with several targets, and forms. What the choice means is its owner's (`done`).

use super::App;
use super::action::Action;
use super::line::{Edit, Line};
use super::overlay::{Overlay, Step};
use crate::model::{EntityRef, Key, Kind};
use crate::msg::{Effect, KeyPress, Level};
use crate::verb::Verb;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use table::Text;

/// One choice. All words are safe for the screen already; exact values go into `value`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    pub label: String,
    /// Dim words after the label; they are searched too.
    pub note: String,
    /// Its key or letter, at the right edge or in front.
    pub key: String,
    /// Words that find it but are not shown (old names).
    pub also: &'static str,
    /// Why it cannot be had; greyed, and said when picked.
    pub grey: Option<String>,
    /// It is the one in force.
    pub on: bool,
    pub value: Value,
}

/// What a choice stands for.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    None,
    Index(usize),
    Name(&'static str),
    Text(Text),
    /// A word for something that has a name.
    Named(&'static str, Text),
    Key(Key),
    Entity(EntityRef),
    Action(&'static Action),
    Verb(&'static Verb),
    Tab(Kind),
}

/// What happens with the choice; the list is closed before.
pub type Done = fn(&mut App, Item, &mut Vec<Effect>);

/// A pick list.
#[derive(Debug)]
pub struct Pick {
    /// Tells lists apart; also the `Slot::Pick` of a list that is filled by the service.
    pub name: &'static str,
    pub title: String,
    pub line: Line,
    items: Vec<Item>,
    /// Places in `items` of what is shown, best first.
    order: Vec<usize>,
    pub cursor: usize,
    pub top: usize,
    pub done: Done,
    /// One letter (the first of `key`) picks; nothing is typed.
    pub letters: bool,
    /// Called after each change of the typed text, to ask a service for more.
    pub typed: Option<fn(&mut App, &str, &mut Vec<Effect>)>,
    /// A sentence under the list: what is loading, what is missing.
    pub note: String,
    /// A typed word that finds nothing is a choice too: `Value::Named(name, word)`.
    pub free: bool,
}

/// Rows of a pick list on screen at most.
pub const ROWS: usize = 14;

impl Pick {
    pub fn new(name: &'static str, title: impl Into<String>, items: Vec<Item>, done: Done) -> Self {
        let mut pick = Self {
            name,
            title: title.into(),
            line: Line::default(),
            items: Vec::new(),
            order: Vec::new(),
            cursor: 0,
            top: 0,
            done,
            letters: false,
            typed: None,
            note: String::new(),
            free: false,
        };
        pick.set_items(items);
        pick.cursor = pick.items.iter().position(|i| i.on).unwrap_or(0);
        pick.scroll();
        pick
    }

    /// A list where a letter picks at once.
    pub fn letters(
        name: &'static str,
        title: impl Into<String>,
        items: Vec<Item>,
        done: Done,
    ) -> Self {
        Self {
            letters: true,
            ..Self::new(name, title, items, done)
        }
    }

    /// Other choices for the same question; the typed text narrows them again, the cursor stays on its choice.
    pub fn set_items(&mut self, items: Vec<Item>) {
        let at = self.chosen().map(|i| i.value.clone());
        self.items = items;
        self.rank();
        if let Some(at) = at.filter(|v| *v != Value::None)
            && let Some(place) = self.order.iter().position(|i| self.items[*i].value == at)
        {
            self.cursor = place;
        }
        self.scroll();
    }

    /// The choices in the order shown.
    pub fn shown(&self) -> impl Iterator<Item = &Item> {
        self.order.iter().filter_map(|i| self.items.get(*i))
    }

    /// Every choice, typed text or not.
    pub fn all(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }

    /// How many choices are shown.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many there are, typed text or not.
    pub fn total(&self) -> usize {
        self.items.len()
    }

    /// The choice under the cursor.
    pub fn chosen(&self) -> Option<&Item> {
        self.order.get(self.cursor).and_then(|i| self.items.get(*i))
    }

    /// Takes a key: moves, narrows, picks or closes.
    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let key = press.key;
        match movement(key, self.letters) {
            Some(Go::By(n)) => self.go(self.cursor.saturating_add_signed(n)),
            Some(Go::To(n)) => self.go(n),
            None => match key.code {
                KeyCode::Esc => return Step::Close,
                KeyCode::Char('c')
                    if key.modifiers.contains(KeyModifiers::CONTROL) && self.line.is_empty() =>
                {
                    return Step::Close;
                }
                KeyCode::Enter => {
                    let at = self.cursor;
                    return self.pick(app, at);
                }
                KeyCode::Char(c)
                    if self.letters
                        && !key
                            .modifiers
                            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
                {
                    let place = self.shown().position(|i| i.key.starts_with(c));
                    match place {
                        Some(place) => return self.pick(app, place),
                        None if matches!(c, 'j' | 'k') => self.go(self
                            .cursor
                            .saturating_add_signed(if c == 'j' { 1 } else { -1 })),
                        None if c == 'q' => return Step::Close,
                        None => {}
                    }
                }
                _ if self.letters => return Step::Pass(Overlay::Pick(self)),
                _ => match self.line.key(key) {
                    Edit::Changed => self.narrowed(app, fx),
                    Edit::Moved => {}
                    Edit::Ignored => return Step::Pass(Overlay::Pick(self)),
                },
            },
        }
        Step::Stay(Overlay::Pick(self))
    }

    pub fn paste(mut self, app: &mut App, text: &Text, fx: &mut Vec<Effect>) -> Step {
        if !self.letters {
            self.line.insert(text.txt().exact());
            self.narrowed(app, fx);
        }
        Step::Stay(Overlay::Pick(self))
    }

    /// A click on the n-th visible row.
    pub fn click(self, app: &mut App, row: usize) -> Step {
        let place = self.top + row;
        if place < self.order.len() {
            self.pick(app, place)
        } else {
            Step::Stay(Overlay::Pick(self))
        }
    }

    fn narrowed(&mut self, app: &mut App, fx: &mut Vec<Effect>) {
        self.rank();
        self.go(0);
        if let Some(typed) = self.typed {
            typed(app, self.line.text(), fx);
        }
    }

    fn pick(mut self, app: &mut App, place: usize) -> Step {
        self.go(place);
        let chosen = match self.chosen() {
            None if self.free && !self.line.text().trim().is_empty() => {
                let word = Text::from(self.line.text().trim());
                Some(Item {
                    label: word.txt().shown().into_owned(),
                    value: Value::Named(self.name, word),
                    ..Item::default()
                })
            }
            chosen => chosen.cloned(),
        };
        match chosen {
            None => Step::Stay(Overlay::Pick(self)),
            Some(Item {
                grey: Some(why),
                label,
                ..
            }) => {
                app.toasts
                    .push(app.now, Level::Warn, format!("{label}: {why}"));
                Step::Stay(Overlay::Pick(self))
            }
            Some(item) => {
                let done = self.done;
                Step::Then(Box::new(move |app, fx| done(app, item, fx)))
            }
        }
    }

    /// Moves without a key.
    pub fn scroll_by(&mut self, by: isize) {
        self.go(self.cursor.saturating_add_signed(by));
    }

    fn go(&mut self, to: usize) {
        self.cursor = to.min(self.order.len().saturating_sub(1));
        self.scroll();
    }

    fn scroll(&mut self) {
        self.cursor = self.cursor.min(self.order.len().saturating_sub(1));
        if self.cursor < self.top {
            self.top = self.cursor;
        } else if self.cursor >= self.top + ROWS {
            self.top = self.cursor + 1 - ROWS;
        }
        self.top = self.top.min(self.order.len().saturating_sub(ROWS));
    }

    fn rank(&mut self) {
        let words = self.line.text();
        if words.trim().is_empty() || self.letters {
            self.order = (0..self.items.len()).collect();
            return;
        }
        // what is called like that comes before what only mentions it
        let by_name = rank(words, self.items.iter().map(|i| i.label.clone()));
        let by_all = rank(
            words,
            self.items
                .iter()
                .map(|i| format!("{} {} {}", i.label, i.also, i.note)),
        );
        let mut order: Vec<usize> = by_name.into_iter().map(|(n, _)| n).collect();
        for (n, _) in by_all {
            if !order.contains(&n) {
                order.push(n);
            }
        }
        self.order = order;
    }
}

/// Ranks texts against typed words: places and scores, best first, equal ones in their order.
pub fn rank(words: &str, texts: impl Iterator<Item = String>) -> Vec<(usize, u32)> {
    let pattern = Pattern::new(
        words,
        CaseMatching::Ignore,
        Normalization::Smart,
        AtomKind::Fuzzy,
    );
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buf = Vec::new();
    let mut ranked: Vec<(usize, u32)> = texts
        .enumerate()
        .filter_map(|(n, text)| {
            Some((
                n,
                pattern.score(Utf32Str::new(&text, &mut buf), &mut matcher)?,
            ))
        })
        .collect();
    ranked.sort_by_key(|r| std::cmp::Reverse(r.1));
    ranked
}

/// Where a key moves in a short list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    By(isize),
    To(usize),
}

/// The moves every short list shares. `letters`: nothing is typed, so Home and End belong to the list.
pub fn movement(key: KeyEvent, letters: bool) -> Option<Go> {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Down => Go::By(1),
        KeyCode::Up => Go::By(-1),
        KeyCode::Char('n') if ctrl => Go::By(1),
        KeyCode::Char('p') if ctrl => Go::By(-1),
        KeyCode::PageDown => Go::By(ROWS as isize - 1),
        KeyCode::PageUp => Go::By(1 - ROWS as isize),
        KeyCode::Home if letters => Go::To(0),
        KeyCode::End if letters => Go::To(usize::MAX),
        _ => return None,
    })
}
