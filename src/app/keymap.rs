//! From keys to actions and verbs: made from their rows and the person's `keymap.toml`.
//!
//! The file says `name = "key"`, `name = ["key", "key key"]` or `name = []`. A wrong line is reported and the default
//! stays. A disruptive verb cannot be put on one key; prompts read no keymap at all.

use super::action::{self, Action, Place};
use super::keys;
use crate::config::load::nearest;
use crate::model::Kind;
use crate::verb::{self, Verb};
use crossterm::event::KeyEvent;
use std::collections::BTreeMap;

/// Keys that terminals, multiplexers or text fields need for themselves (`ux.md` 2).
const NEVER: &[&str] = &[
    "Ctrl-b", "Ctrl-a", "Ctrl-s", "Ctrl-q", "Ctrl-\\", "Ctrl-i", "Ctrl-m", "Ctrl-h",
];
/// Keys whose meaning stays: the ways out.
const FIXED: &[&str] = &["Esc", "Ctrl-c"];
/// Verbs of this tier and above change what other people can do.
const DISRUPTIVE: u8 = 2;

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    Action(&'static Action),
    Verb(&'static Verb),
}

#[derive(Clone, Debug)]
pub struct Row {
    pub keys: Vec<KeyEvent>,
    pub bound: Bound,
}

#[derive(Debug)]
pub struct Keymap {
    rows: Vec<Row>,
}

#[derive(Debug, PartialEq)]
pub enum Found {
    Bound(Bound),
    /// More keys can complete it.
    Prefix,
    Nothing,
}

impl Bound {
    pub fn name(self) -> &'static str {
        match self {
            Self::Action(a) => a.name,
            Self::Verb(v) => v.name,
        }
    }

    pub fn help(self) -> &'static str {
        match self {
            Self::Action(a) => a.help,
            Self::Verb(v) => v.help,
        }
    }

    /// What is called so.
    pub fn named(name: &str) -> Option<Self> {
        let action = action::named(name).map(Self::Action);
        action.or_else(|| verb::named(name).map(Self::Verb))
    }

    /// Live for a person at `here` with something of this kind under the cursor.
    fn lives(self, here: Place, kind: Option<Kind>) -> bool {
        match self {
            Self::Action(a) => a.place.holds(here),
            Self::Verb(v) => {
                Place::Program.holds(here) && kind.is_some_and(|k| v.kinds.contains(&k))
            }
        }
    }

    /// Both can be live at once, so they need different keys.
    fn meets(self, other: Self) -> bool {
        match (self, other) {
            (Self::Verb(a), Self::Verb(b)) => a.kinds.iter().any(|k| b.kinds.contains(k)),
            (Self::Action(a), Self::Action(b)) => a.place.holds(b.place) || b.place.holds(a.place),
            (Self::Verb(_), Self::Action(_)) | (Self::Action(_), Self::Verb(_)) => true,
        }
    }

    fn defaults(self) -> Vec<Vec<KeyEvent>> {
        let texts: Vec<&str> = match self {
            Self::Action(a) => a.keys.to_vec(),
            Self::Verb(v) => v.key.into_iter().collect(),
        };
        texts
            .into_iter()
            .filter_map(|t| keys::parse(t).ok())
            .collect()
    }
}

impl Default for Keymap {
    fn default() -> Self {
        let mut rows = Vec::new();
        for bound in every() {
            rows.extend(bound.defaults().into_iter().map(|keys| Row { keys, bound }));
        }
        Self { rows }
    }
}

fn every() -> impl Iterator<Item = Bound> {
    action::all()
        .map(Bound::Action)
        .chain(verb::all().map(Bound::Verb))
}

impl Keymap {
    /// The defaults with a person's file over them, and a sentence for each line that was not taken.
    pub fn with_file(text: &str) -> (Self, Vec<String>) {
        let mut map = Self::default();
        let (lines, mut wrong) = read(text);
        // first everything that is moved leaves its default keys, so that two names can swap theirs
        let mut wanted = Vec::new();
        for (line, name, values) in lines {
            let place = format!("keymap.toml:{line}: ");
            let Some(bound) = Bound::named(&name) else {
                let known: Vec<&str> = every().map(Bound::name).collect();
                let hint = nearest(&name, &known)
                    .map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                wrong.push(format!("{place}there is no `{name}`{hint}"));
                continue;
            };
            match values
                .iter()
                .map(|v| allowed(bound, v))
                .collect::<Result<Vec<_>, _>>()
            {
                Ok(keys) => wanted.push((place, bound, keys)),
                Err(why) => wrong.push(format!("{place}{why}; the default stays")),
            }
        }
        for (_, bound, _) in &wanted {
            map.rows.retain(|r| r.bound != *bound || is_fixed(&r.keys));
        }
        let mut taken: Vec<Row> = Vec::new();
        for (place, bound, sequences) in wanted {
            for keys in sequences {
                let clash = taken.iter().find(|r| {
                    r.bound.meets(bound) && (r.keys.starts_with(&keys) || keys.starts_with(&r.keys))
                });
                if let Some(other) = clash {
                    wrong.push(format!(
                        "{place}`{}` is already `{}` in this file; not taken",
                        keys::print(&keys),
                        other.bound.name()
                    ));
                    continue;
                }
                let hidden: Vec<&str> = (map.rows.iter())
                    .filter(|r| {
                        r.bound.meets(bound)
                            && r.keys != keys
                            && (r.keys.starts_with(&keys) || keys.starts_with(&r.keys))
                    })
                    .map(|r| r.bound.name())
                    .collect();
                if !hidden.is_empty() {
                    wrong.push(format!(
                        "{place}`{}` would hide the keys of {}; not taken",
                        keys::print(&keys),
                        hidden.join(", ")
                    ));
                    continue;
                }
                map.rows
                    .retain(|r| !(r.bound.meets(bound) && r.keys == keys));
                taken.push(Row { keys, bound });
            }
        }
        taken.append(&mut map.rows);
        map.rows = taken;
        (map, wrong)
    }

    /// What the keys typed so far mean to a person at `here`.
    pub fn find(&self, typed: &[KeyEvent], here: Place, kind: Option<Kind>) -> Found {
        let typed: Vec<KeyEvent> = typed.iter().map(|k| keys::plain(*k)).collect();
        let mut prefix = false;
        for row in self
            .rows
            .iter()
            .filter(|r| r.keys.starts_with(&typed) && r.bound.lives(here, kind))
        {
            if row.keys.len() == typed.len() {
                return Found::Bound(row.bound);
            }
            prefix = true;
        }
        if prefix {
            Found::Prefix
        } else {
            Found::Nothing
        }
    }

    /// What can follow the keys typed so far: the rest of each sequence and what it does.
    pub fn after(
        &self,
        typed: &[KeyEvent],
        here: Place,
        kind: Option<Kind>,
    ) -> Vec<(String, Bound)> {
        let typed: Vec<KeyEvent> = typed.iter().map(|k| keys::plain(*k)).collect();
        (self.rows.iter())
            .filter(|r| {
                r.keys.len() > typed.len()
                    && r.keys.starts_with(&typed)
                    && r.bound.lives(here, kind)
            })
            .map(|r| (keys::short(&r.keys[typed.len()..]), r.bound))
            .collect()
    }

    /// The first key of something, as shown beside its name.
    pub fn key_of(&self, bound: Bound) -> Option<String> {
        self.rows
            .iter()
            .find(|r| r.bound == bound)
            .map(|r| keys::short(&r.keys))
    }

    /// The first key of an action by its name.
    pub fn key_named(&self, name: &str) -> Option<String> {
        self.key_of(Bound::named(name)?)
    }

    /// All keys of something.
    pub fn keys_of(&self, bound: Bound) -> Vec<String> {
        self.rows
            .iter()
            .filter(|r| r.bound == bound)
            .map(|r| keys::short(&r.keys))
            .collect()
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

/// Reads one binding and says why it cannot be.
fn allowed(bound: Bound, text: &str) -> Result<Vec<KeyEvent>, String> {
    let keys = keys::parse(text).map_err(|e| e.to_string())?;
    for key in &keys {
        let one = keys::print(std::slice::from_ref(key));
        if NEVER.contains(&one.as_str()) {
            return Err(format!(
                "`{one}` belongs to terminals, multiplexers or text fields and is never bound"
            ));
        }
        if FIXED.contains(&one.as_str()) {
            return Err(format!("`{one}` keeps its meaning"));
        }
    }
    if let Bound::Verb(v) = bound
        && v.tier >= DISRUPTIVE
        && keys.len() < 2
    {
        return Err(format!(
            "`{}` is disruptive: no single key may fire it",
            v.name
        ));
    }
    Ok(keys)
}

fn is_fixed(keys: &[KeyEvent]) -> bool {
    FIXED.contains(&keys::print(keys).as_str())
}

type Lines = Vec<(usize, String, Vec<String>)>;

/// The file's statements with their lines. Where the whole is not TOML, each line is tried by itself.
fn read(text: &str) -> (Lines, Vec<String>) {
    type Spanned<T> = toml::Spanned<T>;
    let parse = |text: &str| toml::from_str::<BTreeMap<Spanned<String>, toml::Value>>(text);
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    let mut take = |line: usize, name: String, value: toml::Value, wrong: &mut Vec<String>| {
        let texts = match value {
            toml::Value::String(s) => Some(vec![s]),
            toml::Value::Array(a) => a
                .into_iter()
                .map(|v| v.as_str().map(str::to_owned))
                .collect(),
            _ => None,
        };
        match texts {
            Some(texts) => lines.push((line, name, texts)),
            None => wrong.push(format!(
                "keymap.toml:{line}: `{name}` takes a key or a list of keys"
            )),
        }
    };
    match parse(text) {
        Ok(map) => {
            for (name, value) in map {
                let line = text[..name.span().start.min(text.len())]
                    .lines()
                    .count()
                    .max(1);
                let line = if text[..name.span().start].ends_with('\n') {
                    line + 1
                } else {
                    line
                };
                take(line, name.into_inner(), value, &mut wrong);
            }
        }
        Err(_) => {
            for (n, one) in text.lines().enumerate() {
                match parse(one) {
                    Ok(map) => {
                        for (name, value) in map {
                            take(n + 1, name.into_inner(), value, &mut wrong);
                        }
                    }
                    Err(e) => wrong.push(format!(
                        "keymap.toml:{}: {}; the line is left out",
                        n + 1,
                        e.message().trim_end_matches('\n')
                    )),
                }
            }
        }
    }
    lines.sort();
    (lines, wrong)
}

#[cfg(test)]
#[path = "keymap_tests.rs"]
mod tests;
