//! The actions menu: everything that can be done to this row or to the marks, a letter each; what cannot be had is grey
//! and says what is missing.

use super::App;
use super::act;
use super::action;
use super::form::others;
use super::keymap::Bound;
use super::overlay::Overlay;
use super::pick::{Item, Pick, Value};
use crate::model::Kind;
use crate::msg::{Effect, Level};
use crate::resource::spec;
use crate::verb::{self, Form, Verb};

/// `a`: opens the menu.
pub fn open(app: &mut App) {
    let subjects = app.subjects();
    let Some(first) = subjects.first().cloned() else {
        return;
    };
    let title = match subjects.len() {
        1 => {
            let name = act::name_of(&first, crate::model::Json(&act::seen_entity(app, &first)));
            format!("Actions · {}", act::named(&first, &name))
        }
        n => {
            let (_, hidden) = app.pane().mark_count();
            let hidden = match hidden {
                0 => String::new(),
                n => format!(", {n} of them not shown"),
            };
            format!(
                "Actions · {n} {} marked{hidden}",
                spec(first.kind).title.to_lowercase()
            )
        }
    };
    let mut items = items(app, first.kind);
    if let Some((_, name)) = others::file(app) {
        // a file is acted on where it lies: the next list asks on which device
        for verb in verb::all().filter(|v| v.form == Form::Device) {
            let grey = app.why_not_for(verb, verb.kinds.first().copied());
            let mut one = item(verb, verb.letter.map(String::from), grey);
            one.label = format!("{} {}", verb.name, name.txt().shown());
            one.value = Value::Name(verb.name);
            items.retain(|i| i.key != one.key);
            items.insert(0, one);
        }
    }
    if items.is_empty() {
        // a record of what happened, an advisory: there is only what it names
        let one = spec(first.kind).one;
        let text = format!("nothing can be done to a {one} itself; p and g lead to what it names");
        return app.toasts.push(app.now, Level::Info, text);
    }
    app.push(Overlay::Pick(Pick::letters(
        "actions", title, items, chosen,
    )));
}

/// The lines for a kind, verbs with a letter of their own first.
fn items(app: &App, kind: Kind) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::new();
    let verbs = || verb::all().filter(|v| v.kinds.contains(&kind));
    for verb in verbs().filter(|v| v.letter.is_some() || matches!(v.form, Form::Choice(_))) {
        let grey = grey(app, verb);
        match verb.form {
            Form::Choice(ways) if verb.letter.is_none() => {
                for way in ways {
                    out.push(Item {
                        label: way.label.to_owned(),
                        note: note(verb, way.tier.max(verb.tier)),
                        key: way.letter.to_string(),
                        grey: grey.clone(),
                        value: Value::Named(verb.name, way.word.into()),
                        ..Item::default()
                    });
                }
            }
            _ => out.push(item(verb, verb.letter.map(String::from), grey)),
        }
    }
    // values of the evidence, or the one under the cursor
    if matches!(kind, Kind::Incident | Kind::Alert) {
        for verb in verb::all().filter(|v| v.form == Form::Indicator) {
            let grey = app.why_not(Bound::Verb(verb));
            let mut one = item(verb, verb.letter.map(String::from), grey);
            if let Some(value) = others::value(app) {
                let mut shown = String::new();
                value.txt().shown_fit(&mut shown, 24);
                one.label = format!("{} {shown}", verb.name);
            }
            out.push(one);
        }
    }
    // what is no change at the service, but belongs to this row
    for action in action::all() {
        let Some((letter, _)) = action.menu.filter(|(_, kinds)| kinds.contains(&kind)) else {
            continue;
        };
        out.push(Item {
            label: action.name.to_owned(),
            note: action.help.to_owned(),
            key: letter.to_string(),
            grey: app.why_not(Bound::Action(action)),
            value: Value::Action(action),
            ..Item::default()
        });
    }
    // verbs with a key of their own are here too, under that key where the letter is free
    for verb in verbs().filter(|v| v.letter.is_none() && v.key.is_some()) {
        let own = app.keymap.key_of(Bound::Verb(verb));
        let free = own.filter(|k| k.chars().count() == 1 && !out.iter().any(|i| i.key == *k));
        out.push(item(verb, free, grey(app, verb)));
    }
    out
}

fn item(verb: &'static Verb, letter: Option<String>, grey: Option<String>) -> Item {
    Item {
        label: verb.name.to_owned(),
        note: note(verb, verb.tier),
        key: letter.unwrap_or_default(),
        also: verb.also,
        grey,
        value: Value::Verb(verb),
        ..Item::default()
    }
}

fn note(verb: &Verb, tier: u8) -> String {
    format!("{} · tier {tier}", verb.help)
}

/// What is missing, or why what is in sight cannot have it.
fn grey(app: &App, verb: &'static Verb) -> Option<String> {
    app.why_not(Bound::Verb(verb))
        .or_else(|| act::pending(app, verb).err())
}

fn chosen(app: &mut App, item: Item, fx: &mut Vec<Effect>) {
    let (verb, way) = match &item.value {
        Value::Verb(verb) => (*verb, None),
        Value::Action(action) => return app.run(Bound::Action(action), fx),
        Value::Name(name) => {
            if let Some(verb) = verb::named(name) {
                others::on_device(app, verb, fx);
            }
            return;
        }
        Value::Named(name, word) => match verb::named(name) {
            Some(verb) => (verb, Some(word.txt().exact().to_owned())),
            None => return,
        },
        _ => return,
    };
    match way {
        None => app.run(Bound::Verb(verb), fx),
        Some(word) => {
            let ways = match verb.form {
                Form::Choice(ways) => ways,
                _ => &[],
            };
            if let Some(way) = ways.iter().find(|w| w.word == word) {
                app.run_way(verb, way.word, fx);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::entities::full;
    use crate::app::fixture::press;
    use crate::app::overlay::Overlay;

    #[test]
    fn s3_14_each_list_offers_what_can_be_done_to_its_rows_and_nothing_else() {
        for (tab, kind) in [
            ("1", Kind::Incident),
            ("2", Kind::Alert),
            ("3", Kind::Device),
            ("4", Kind::User),
        ] {
            let mut app = full(100, 30);
            press(&mut app, tab);
            press(&mut app, "a");
            let Some(Overlay::Pick(pick)) = app.overlays.last() else {
                panic!("no menu in {kind:?}");
            };
            let verbs: Vec<&Verb> = (pick.all())
                .filter_map(|i| match &i.value {
                    Value::Verb(v) => Some(*v),
                    Value::Named(name, _) => verb::named(name),
                    _ => None,
                })
                .collect();
            assert!(!verbs.is_empty(), "{kind:?}");
            for v in verbs {
                let fits = v.kinds.contains(&kind) || v.form == Form::Indicator;
                assert!(fits, "{} for {kind:?}", v.name);
            }
            for v in verb::all().filter(|v| v.kinds.contains(&kind)) {
                let offered = pick.all().any(|i| match &i.value {
                    Value::Verb(o) => o.name == v.name,
                    Value::Named(name, _) => *name == v.name,
                    _ => false,
                });
                assert!(offered, "{} is missing for {kind:?}", v.name);
            }
        }
    }
}
