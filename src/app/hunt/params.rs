//! Parameters of a query: what it is run on, what it asks for, and the text with values in their places.

use super::{Hunt, Query, running};
use crate::app::App;
use crate::app::ask::Ask;
use crate::app::overlay::Overlay;
use crate::model::time::{HOUR, MINUTE};
use crate::model::{Range, Ticks};
use crate::msg::{Effect, Level};
use kql::service::params;
use kql::types::Ty;
use std::collections::BTreeMap;
use table::Text;

pub use kql::service::params::{Unbound, Wanted, wanted};

/// Values by the names of their parameters, in capitals.
pub type Given = BTreeMap<String, String>;

/// Before the first and after the last activity of an alert, a query looks so much further.
const EITHER_SIDE: i64 = HOUR;

/// What a saved query is run on: a value, and when its alert was active.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subject {
    pub value: Text,
    /// First and last activity; none where no alert is known.
    pub active: Option<(Ticks, Ticks)>,
}

impl Subject {
    /// The values it gives: `ENTITY`, and `FROM` and `TO` with an hour either side.
    pub fn given(&self) -> Given {
        let mut given = Given::new();
        let value = self.value.txt().exact();
        given.insert("ENTITY".into(), value.to_owned());
        if let Some((first, last)) = self.active {
            let from = Ticks(first.0.saturating_sub(EITHER_SIDE));
            // the second that an instant is in counts
            let to = Ticks(last.0.max(first.0).saturating_add(EITHER_SIDE));
            given.insert("FROM".into(), from.literal());
            given.insert("TO".into(), to.literal());
        }
        given
    }
}

/// The text of a saved query run on something. `Err`: the first parameter that has no value, or the wrong one.
pub fn bind(text: &str, on: &Subject) -> Result<String, Unbound> {
    bind_with(text, &on.given())
}

/// The text with these values; what has a default may be missing.
pub fn bind_with(text: &str, given: &Given) -> Result<String, Unbound> {
    params::bind(text, &|name| given.get(&name.to_ascii_uppercase()).cloned())
}

impl Query {
    /// The values in force: the person's own, and the ends of the time range.
    pub fn given(&self, now: Ticks) -> Given {
        let mut given = self.params.clone();
        if let Some((from, to)) = self.range.bounds(now) {
            given.insert("FROM".into(), from.literal());
            given.insert("TO".into(), to.literal());
        }
        given
    }
}

/// Opens a tab with a query and its values, and runs it; what is missing is asked for.
pub fn open_on(app: &mut App, text: &str, on: &Subject, fx: &mut Vec<Effect>) {
    app.to_hunt(fx);
    if let Err(why) = app.hunt.open(text) {
        app.toasts.push(app.now, Level::Warn, why);
        return;
    }
    app.hunt.query_mut().params = on.given();
    app.keep_drafts(fx);
    running::run(app, fx);
}

/// A run that waits for values.
#[derive(Debug)]
pub struct Binding {
    tab: u64,
    left: Vec<Wanted>,
}

/// Asks for these one after the other, then runs.
pub fn ask(app: &mut App, mut left: Vec<Wanted>) {
    if left.is_empty() {
        return;
    }
    let first = left.remove(0);
    let query = app.hunt.query();
    let name = first.name.to_ascii_uppercase();
    let now = query.params.get(&name).cloned();
    let now = now.or(first.default.clone()).unwrap_or_default();
    let takes = match first.ty {
        Ty::DATETIME => {
            let keeps = super::ranges::keeps(&query.engine);
            format!("2026-08-01 12:00Z, or 7d for 7 days ago{keeps}")
        }
        ty => ty.name().to_owned(),
    };
    let mut title = String::new();
    table::Txt::new(&first.name).shown_fit(&mut title, 40);
    let title = format!("{title} ({takes})");
    left.insert(0, first);
    let tab = query.id;
    app.hunt.binding = Some(Binding { tab, left });
    app.push(Overlay::Ask(Ask::about("", title, &now, answered)));
}

fn answered(app: &mut App, _: &'static str, words: &str, fx: &mut Vec<Effect>) {
    let Some(Binding { tab, mut left }) = app.hunt.binding.take() else {
        return;
    };
    if app.hunt.query().id != tab || left.is_empty() {
        return;
    }
    let want = left.remove(0);
    let value = match want.ty {
        Ty::DATETIME => super::ranges::instant(words, app.now.wall, &app.zone)
            .map_or_else(|| words.to_owned(), Ticks::literal),
        _ => words.to_owned(),
    };
    let engine = &app.hunt.query().engine;
    let from = (want.ty == Ty::DATETIME)
        .then(|| Ticks::parse(&value))
        .flatten();
    let beyond =
        from.and_then(|at| Range::Between(at.0, app.now.wall.0).beyond(engine, app.now.wall));
    if let Some(why) = beyond {
        app.toasts.push(app.now, Level::Warn, why);
        left.insert(0, want);
        ask(app, left);
        return;
    }
    let name = want.name.to_ascii_uppercase();
    // the value is tried in a text of its own, so that what is wrong is said while it is asked for
    let probe = format!("{{{{{}:{}}}}}", want.name, want.ty.name());
    let alone = Given::from([(name.clone(), value.clone())]);
    if let Err(why) = bind_with(&probe, &alone) {
        app.toasts.push(app.now, Level::Warn, why.to_string());
        left.insert(0, want);
        ask(app, left);
        return;
    }
    app.hunt.query_mut().params.insert(name, value);
    app.keep_drafts(fx);
    if left.is_empty() {
        running::run(app, fx);
    } else {
        ask(app, left);
    }
}

/// Asks for every value of the query at the cursor anew.
pub fn ask_all(app: &mut App, fx: &mut Vec<Effect>) {
    app.hunted(fx);
    let query = app.hunt.query();
    let text = query.editor.text();
    let block = query.known.at(text, query.editor.cursor());
    let all = block.map_or_else(Vec::new, |(b, _)| wanted(&text[b]));
    let all: Vec<Wanted> = all
        .into_iter()
        .filter(|w| !is_bound_by_range(&app.hunt, &w.name))
        .collect();
    if all.is_empty() {
        let words = "the query at the cursor has no parameters; {{NAME}} or {{NAME:type}} is one";
        app.toasts.push(app.now, Level::Info, words.into());
        return;
    }
    ask(app, all);
}

fn is_bound_by_range(hunt: &Hunt, name: &str) -> bool {
    let end = name.eq_ignore_ascii_case("FROM") || name.eq_ignore_ascii_case("TO");
    end && hunt.query().range.bounds(Ticks(MINUTE)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_query_is_bound_to_a_value_and_the_time_of_its_alert() {
        let at = |t: &str| Ticks::parse(t).unwrap();
        let on = Subject {
            value: Text::from("ws\"042\\"),
            active: Some((at("2026-08-01T11:50:00Z"), at("2026-08-01T11:58:00Z"))),
        };
        let bound = bind(
            "T | where Timestamp between ({{FROM}} .. datetime({{TO}})) and A == '{{ENTITY}}'",
            &on,
        );
        assert_eq!(
            bound.unwrap(),
            "T | where Timestamp between (datetime(2026-08-01T10:50:00.0000000Z) .. datetime(2026-08-01T12:58:00.0000000Z)) and A == 'ws\\\"042\\\\'"
        );
        let no_time = Subject {
            value: Text::from("x"),
            active: None,
        };
        assert!(matches!(bind("{{FROM}}", &no_time), Err(Unbound::Missing(w)) if w.name == "FROM"));
    }
}
