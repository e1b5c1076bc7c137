//! Forms that ask in two steps: another incident and a reason, messages and a way, a file and the device it is on,
//! values and how they are to be blocked.

use super::TextForm;
use crate::app::act::{self, Frozen, Pending, act, refuse};
use crate::app::line::Line;
use crate::app::overlay::Overlay;
use crate::app::pick::{Item, Pick, Value};
use crate::app::{App, go, refs};
use crate::confirm::Target;
use crate::model::{EntityRef, Json, Key, Kind, Ticks};
use crate::msg::Effect;
use crate::resource::find;
use crate::verb::{Args, Choice, Form, Indicator, Verb};
use table::Text;

/// Asks which of several ways; the answers so far are kept beside.
pub fn ways(app: &mut App, title: String, choices: &'static [Choice], fx: &mut Vec<Effect>) {
    if choices.is_empty() {
        let args = std::mem::take(&mut app.verbs.args);
        return act(app, args, fx);
    }
    let item = |c: &Choice| Item {
        label: c.label.to_owned(),
        key: c.letter.to_string(),
        value: Value::Name(c.word),
        ..Item::default()
    };
    let items = choices.iter().map(item).collect();
    app.push(Overlay::Pick(Pick::letters(
        "choice",
        title,
        items,
        |app, item, fx| {
            if let Value::Name(word) = item.value {
                let mut args = std::mem::take(&mut app.verbs.args);
                args.choice = Some(word);
                act(app, args, fx);
            }
        },
    )));
}

/// The messages of an alert's evidence: network message id and recipient.
pub fn mails(entity: Json<'_>) -> Vec<(Text, Text)> {
    let mail = |e: Json<'_>| {
        Some((
            e.text("networkMessageId")?,
            e.text("recipientEmailAddress")?,
        ))
    };
    entity.list("evidence").filter_map(mail).collect()
}

/// The answer to a line of these forms; `Err` is what is wrong with it.
pub fn line(app: &mut App, text: &str, title: String, fx: &mut Vec<Effect>) -> Result<(), String> {
    let Some(verb) = app.verbs.pending.as_ref().map(|p| p.verb) else {
        return Ok(());
    };
    match verb.form {
        Form::Incident(choices) => {
            let number = text.trim().trim_start_matches('#');
            if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                return Err("the number of an incident is wanted".into());
            }
            app.verbs.args.incident = Some(number.into());
            ways(app, title, choices, fx);
            Ok(())
        }
        Form::Device => {
            let sha1 = text.trim();
            if sha1.len() != 40 || !sha1.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err("the SHA-1 of a file is wanted: 40 hex digits".into());
            }
            let mut args = std::mem::take(&mut app.verbs.args);
            args.sha1 = Some(sha1.into());
            act(app, args, fx);
            Ok(())
        }
        Form::Indicator => indicator(app, text, title),
        _ => Ok(()),
    }
}

/// The file under the cursor of a detail, by the hash that the service wants.
pub fn file(app: &App) -> Option<(Text, Text)> {
    let target = app
        .pane()
        .detail
        .as_ref()
        .filter(|_| app.pane().in_detail)?
        .target()?;
    match target {
        EntityRef::File {
            sha1: Some(sha1),
            name,
            ..
        } => Some((sha1.clone(), name.clone().unwrap_or_else(|| sha1.clone()))),
        _ => None,
    }
}

/// Quarantine of the file under the cursor: asks on which of the devices that the evidence names.
pub fn on_device(app: &mut App, verb: &'static Verb, fx: &mut Vec<Effect>) {
    let (Some((sha1, name)), Some(key)) = (file(app), app.subject()) else {
        return;
    };
    app.verbs.args = Args {
        sha1: Some(sha1),
        ..Args::default()
    };
    app.verbs.about = Some(verb);
    let mut items: Vec<Item> = Vec::new();
    for r in refs::refs_of(app, &key) {
        if let EntityRef::Device { name, .. } = &r
            && let go::Found::Key(device) = go::resolve(app, &r)
            && !items.iter().any(|i| i.value == Value::Key(device.clone()))
        {
            let label = name
                .as_ref()
                .unwrap_or(&device.id)
                .txt()
                .shown()
                .into_owned();
            items.push(Item {
                label,
                note: device.id.txt().shown().into_owned(),
                value: Value::Key(device),
                ..Item::default()
            });
        }
    }
    if items.is_empty() {
        return refuse(app, verb, "no device of this evidence is known here");
    }
    let title = format!("{} {}: on which device", verb.name, name.txt().shown());
    let _ = fx;
    app.push(Overlay::Pick(Pick::new(
        "device",
        title,
        items,
        |app, item, fx| {
            let (Value::Key(key), Some(verb)) = (item.value, app.verbs.about.take()) else {
                return;
            };
            let entity = act::seen_entity(app, &key);
            let name = act::name_of(&key, Json(&entity));
            let mut args = std::mem::take(&mut app.verbs.args);
            args.device = Some((key.clone(), name.clone()));
            let target = Target::of(key, name, Json(&entity), verb);
            app.verbs.pending = Some(Pending {
                verb,
                targets: vec![Frozen { target, entity }],
                left_out: Vec::new(),
                not_shown: 0,
                reach: None,
            });
            act(app, args, fx);
        },
    )));
}

/// Opens the line for values to block: what is under the cursor stands there already, and a text may be pasted.
pub fn values(app: &mut App, verb: &'static Verb) {
    let under = match app.pane().detail.as_ref().filter(|_| app.pane().in_detail) {
        Some(detail) => detail.target().and_then(|t| t.value()).cloned(),
        None => None,
    };
    let under = under.map_or(String::new(), |t| t.txt().exact().to_owned());
    app.verbs.args = Args::default();
    app.verbs.pending = Some(Pending {
        verb,
        targets: Vec::new(),
        left_out: Vec::new(),
        not_shown: 0,
        reach: None,
    });
    app.push(Overlay::Text(TextForm {
        title: format!("{}: addresses, domains, URLs, hashes", verb.name),
        line: Line::new(&under),
        hint: "type or paste, defanged or not, parted by blanks · Enter goes on",
    }));
}

/// What a pasted text holds: each value once, as the services write it. Words that are none are counted.
pub fn extract(text: &str) -> (Vec<Text>, usize) {
    let (mut out, mut strange): (Vec<Text>, usize) = (Vec::new(), 0);
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '<' | '>'))
    {
        let word = word.trim_matches(|c: char| matches!(c, '.' | '(' | ')' | '\'' | '`'));
        if word.is_empty() {
            continue;
        }
        // a file's hash may look like a device's id: what can be blocked goes first
        let value = find::classify(word).into_iter().find_map(|r| match r {
            EntityRef::Ip(v) | EntityRef::Domain(v) | EntityRef::Url(v) => Some(v),
            EntityRef::File {
                sha1, sha256, md5, ..
            } => sha256.or(sha1).or(md5),
            _ => None,
        });
        match value {
            Some(value) if !out.contains(&value) => out.push(value),
            Some(_) => {}
            None => strange += 1,
        }
    }
    (out, strange)
}

/// Days an indicator lives; none = for ever, which the prompt raises.
const DAYS: &[(char, Option<i64>, &str)] = &[
    ('1', Some(1), "1 day"),
    ('7', Some(7), "7 days"),
    ('3', Some(30), "30 days"),
    ('9', Some(90), "90 days"),
    ('n', None, "never: until it is deleted (tier 3)"),
];

/// What devices do with the values.
const DEEDS: &[(char, &str, &str)] = &[
    ('b', "Block", "block"),
    ('r', "BlockAndRemediate", "block, and put files away"),
    ('w', "Warn", "warn; the person may go on"),
    ('a', "Audit", "only note it"),
    ('l', "Allowed", "let it through (tier 3)"),
];

/// Asks what is done with them, once the values are there; then for how long and where.
fn indicator(app: &mut App, text: &str, title: String) -> Result<(), String> {
    let (values, strange) = extract(text);
    if values.is_empty() {
        return Err("no address, domain, URL or hash is in it".into());
    }
    let Some(pending) = &mut app.verbs.pending else {
        return Ok(());
    };
    let verb = pending.verb;
    let frozen = |value: Text| {
        let entity = serde_json::Value::Null;
        let key = Key::new(Kind::Indicator, value.clone());
        Frozen {
            target: Target::of(key, value, Json(&entity), verb),
            entity,
        }
    };
    pending.targets = values.into_iter().map(frozen).collect();
    if strange > 0 {
        let words = (
            format!("{strange} words"),
            "no value that can be blocked".into(),
        );
        pending.left_out.push(words);
    }
    let item = |(letter, word, label): &(char, &'static str, &str)| Item {
        label: (*label).to_owned(),
        key: letter.to_string(),
        value: Value::Name(word),
        ..Item::default()
    };
    let items = DEEDS.iter().map(item).collect();
    app.push(Overlay::Pick(Pick::letters(
        "deed",
        title,
        items,
        |app, item, _| {
            if let Value::Name(action) = item.value {
                app.verbs.args.indicator = Some(Indicator {
                    action,
                    severity: "Medium",
                    alert: true,
                    ..Indicator::default()
                });
                for_how_long(app);
            }
        },
    )));
    Ok(())
}

fn for_how_long(app: &mut App) {
    let item = |(letter, days, label): &(char, Option<i64>, &str)| Item {
        label: (*label).to_owned(),
        key: letter.to_string(),
        value: Value::Index(days.map_or(0, |d| d as usize)),
        ..Item::default()
    };
    let items = DAYS.iter().map(item).collect();
    app.push(Overlay::Pick(Pick::letters(
        "days",
        "For how long",
        items,
        |app, item, _| {
            let Value::Index(days) = item.value else {
                return;
            };
            let until = app.now.wall.0 + days as i64 * crate::model::time::DAY;
            if let Some(indicator) = &mut app.verbs.args.indicator {
                indicator.expires = (days > 0).then_some(Ticks(until));
            }
            app.push(Overlay::Ask(crate::app::ask::Ask::about(
                "groups",
                "Device groups, parted by commas; none = every device (tier 3)",
                "",
                |app, _, text, fx| {
                    let groups = text.split(',').map(str::trim).filter(|g| !g.is_empty());
                    let groups: Vec<Text> = groups.map(Text::from).collect();
                    let mut args = std::mem::take(&mut app.verbs.args);
                    if let Some(indicator) = &mut args.indicator {
                        indicator.groups = groups;
                    }
                    act(app, args, fx);
                },
            )));
        },
    )));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_out_of_pasted_text_each_once() {
        let text = "Block hxxps://evil[.]example/pay, evil[.]example; 203[.]0[.]113[.]7 and \
            da39a3ee5e6b4b0d3255bfef95601890afd80709 (see evil.example).";
        let (values, strange) = extract(text);
        let values: Vec<&str> = values.iter().map(|v| v.txt().exact()).collect();
        assert!(values.contains(&"203.0.113.7"), "{values:?}");
        assert!(values.contains(&"evil.example"), "{values:?}");
        assert!(
            values.contains(&"da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            "{values:?}"
        );
        assert_eq!(values.iter().filter(|v| **v == "evil.example").count(), 1);
        assert!(strange >= 3, "words of a sentence are no values");
    }
}
