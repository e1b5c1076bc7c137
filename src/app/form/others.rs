//! Forms that ask in two steps: another incident and a reason, messages and a way, a file and the device it is on,
//! values and how they are to be blocked.

use super::TextForm;
use crate::app::act::{self, Frozen, Pending, act, refuse};
use crate::app::ask::Ask;
use crate::app::line::Line;
use crate::app::overlay::Overlay;
use crate::app::pick::{Item, Pick, Value};
use crate::app::{App, go, refs};
use crate::confirm::Target;
use crate::model::{EntityRef, Json, Key, Kind, Ticks};
use crate::msg::Effect;
use crate::verb::{Args, Choice, Form, Indicator, Verb, indicator_facts, ioc};
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

/// A value that an indicator can be about.
fn value_of(r: &EntityRef) -> Option<Text> {
    match r {
        EntityRef::Ip(v) | EntityRef::Domain(v) | EntityRef::Url(v) => Some(v.clone()),
        EntityRef::File {
            sha1, sha256, md5, ..
        } => sha256.clone().or(sha1.clone()).or(md5.clone()),
        _ => None,
    }
}

/// The value under the cursor of a detail.
pub fn value(app: &App) -> Option<Text> {
    let pane = app.pane();
    let detail = pane.detail.as_ref().filter(|_| pane.in_detail)?;
    value_of(detail.target()?)
}

/// What an indicator may be made of here: the value under the cursor, else those of the rows and their evidence.
fn proposed(app: &App) -> Vec<Text> {
    if let Some(value) = value(app) {
        return vec![value];
    }
    let mut out: Vec<Text> = Vec::new();
    for key in app.subjects().into_iter().take(ROWS) {
        let found = match key.kind {
            Kind::Indicator => vec![key.id.clone()],
            _ => (refs::refs_of(app, &key).iter())
                .filter_map(value_of)
                .collect(),
        };
        for value in found {
            if !out.contains(&value) {
                out.push(value);
            }
        }
    }
    out
}

/// Rows whose values are proposed at most.
const ROWS: usize = 50;

/// Opens the line for values to block: what is under the cursor stands there already, and a text may be pasted.
pub fn values(app: &mut App, verb: &'static Verb) {
    let proposed = proposed(app);
    let proposed: Vec<&str> = proposed.iter().map(|t| t.txt().exact()).collect();
    let proposed = proposed.join(" ");
    app.verbs.args = Args {
        indicator: Some(Indicator {
            title: occasion(app).as_str().into(),
            ..Indicator::default()
        }),
        ..Args::default()
    };
    app.verbs.pending = Some(Pending {
        verb,
        targets: Vec::new(),
        left_out: Vec::new(),
        not_shown: 0,
        reach: None,
    });
    app.push(Overlay::Text(TextForm {
        title: format!("{}: addresses, domains, URLs, hashes", verb.name),
        line: Line::new(&proposed),
        hint: "type or paste, defanged or not, parted by blanks · Enter goes on",
    }));
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
pub const DEEDS: &[(char, &str, &str)] = &[
    ('b', "Block", "block"),
    ('r', "BlockAndRemediate", "block, and put files away"),
    ('w', "Warn", "warn; the person may go on"),
    ('a', "Audit", "only note it"),
    ('l', "Allowed", "let it through (tier 3)"),
];

/// Asks what is done with them, once the values are there; then for how long and where.
fn indicator(app: &mut App, text: &str, title: String) -> Result<(), String> {
    let found = ioc::extract(text);
    if found.iocs.is_empty() {
        return Err("no address, domain, URL or hash is in it".into());
    }
    let session = app.session.clone();
    let Some(pending) = &mut app.verbs.pending else {
        return Ok(());
    };
    let verb = pending.verb;
    pending.left_out.clear();
    let frozen = |value: Text| {
        let entity = serde_json::Value::Null;
        let key = Key::new(Kind::Indicator, value.clone());
        Frozen {
            target: Target::of(key, value, Json(&entity), verb),
            entity,
        }
    };
    // one alone is refused by its prompt; of several the rest may go
    let several = found.iocs.len() > 1;
    let rule = |value: &Text| {
        let broken = indicator_facts::refused(value.txt().exact()).filter(|_| several)?;
        let lifted = session.as_ref().is_some_and(|s| s.guards.lifts(broken.0));
        (!lifted).then(|| (value.txt().shown().into_owned(), broken.1.to_owned()))
    };
    let refused: Vec<_> = found.iocs.iter().filter_map(|i| rule(&i.value)).collect();
    pending.left_out.extend(refused);
    let kept = found.iocs.into_iter().filter(|i| rule(&i.value).is_none());
    pending.targets = kept.map(|i| frozen(i.value)).collect();
    if pending.targets.is_empty() {
        return Err(
            "every value in it is refused: addresses of local networks, Microsoft's names".into(),
        );
    }
    let left = found.left.iter().map(|word| {
        let why = "no value that can be blocked".to_owned();
        (word.txt().shown().into_owned(), why)
    });
    pending.left_out.extend(left);
    let item = |(letter, word, label): &(char, &'static str, &str)| Item {
        label: (*label).to_owned(),
        key: letter.to_string(),
        value: Value::Name(word),
        ..Item::default()
    };
    let title = match pending.targets.as_slice() {
        [_] => title,
        several => format!("What is done with {} values", several.len()),
    };
    let items = DEEDS.iter().map(item).collect();
    app.push(Overlay::Pick(Pick::letters(
        "deed",
        title,
        items,
        |app, item, _| {
            if let Value::Name(action) = item.value {
                let made = app.verbs.args.indicator.take();
                app.verbs.args.indicator = Some(Indicator {
                    action,
                    severity: "Medium",
                    alert: true,
                    ..made.unwrap_or_default()
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
            app.push(Overlay::Ask(Ask::about(
                "groups",
                "Device groups, parted by commas; none = every device (tier 3)",
                "",
                |app, _, text, _| {
                    let groups = text.split(',').map(str::trim).filter(|g| !g.is_empty());
                    let groups: Vec<Text> = groups.map(Text::from).collect();
                    if let Some(indicator) = &mut app.verbs.args.indicator {
                        indicator.groups = groups;
                    }
                    called(app);
                },
            )));
        },
    )));
}

/// Asks for the title that everybody sees in the list, and for the words beside it: proposed is what it was made from.
fn called(app: &mut App) {
    let title = app.verbs.args.indicator.as_ref();
    let title = title.map_or(String::new(), |i| i.title.txt().exact().to_owned());
    app.push(Overlay::Ask(Ask::about(
        "title",
        "Title, seen in the list of indicators",
        &title,
        |app, _, title, _| {
            let title = title.trim().to_owned();
            if let Some(indicator) = &mut app.verbs.args.indicator {
                indicator.title = title.as_str().into();
            }
            app.push(Overlay::Ask(Ask::about(
                "description",
                "Description, shown to people on the devices too",
                &title,
                |app, _, text, fx| {
                    let mut args = std::mem::take(&mut app.verbs.args);
                    if let Some(indicator) = &mut args.indicator {
                        indicator.description = text.trim().into();
                    }
                    act(app, args, fx);
                },
            )));
        },
    )));
}

/// What an indicator is made from: the incident, alert or other thing in sight. Empty where nothing is.
fn occasion(app: &App) -> String {
    let Some(key) = app.subject() else {
        return String::new();
    };
    let name = act::name_of(&key, Json(&act::seen_entity(app, &key)));
    let mut shown = String::new();
    name.txt().shown_fit(&mut shown, TITLE);
    match key.kind {
        Kind::Incident => format!("Incident {}: {shown}", key.id.txt().shown()),
        Kind::Alert => shown,
        // an address is no reason to block it
        _ => String::new(),
    }
}

/// Cells of a proposed title.
const TITLE: usize = 80;
