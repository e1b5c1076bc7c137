//! The answers to a verb's form as JSON: put on record with the intent, so that a later run can judge what it reads back.
//! Nothing read here can be sent: only a prompt makes a command.

use super::{Args, Form, Indicator, Verb};
use crate::model::enums::{PAIRS, statuses};
use crate::model::{Key, Kind, Ticks};
use crate::resource::{self, spec};
use serde_json::{Value, json};
use table::Text;

/// Words of indicators; the wire has no others that we write.
const INDICATOR: &[&str] = &[
    "Alert",
    "AlertAndBlock",
    "Allowed",
    "Audit",
    "Block",
    "BlockAndRemediate",
    "Warn",
    "Informational",
    "Low",
    "Medium",
    "High",
];

/// The answers that were given; null where there are none.
pub fn write(args: &Args) -> Value {
    let mut out = serde_json::Map::new();
    let mut put = |name: &str, value: Value| {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !empty {
            out.insert(name.to_owned(), value);
        }
    };
    let text = |t: &Option<Text>| t.as_ref().map(exact);
    let texts = |t: &[Text]| t.iter().map(exact).collect::<Vec<_>>();
    put("pair", json!(args.pair));
    put("status", json!(args.status));
    put("choice", json!(args.choice));
    put("text", json!(text(&args.text)));
    put("add", json!(texts(&args.add)));
    put("remove", json!(texts(&args.remove)));
    put("person", json!(text(&args.person)));
    let device = args.device.as_ref();
    put(
        "device",
        json!(device.map(|(key, name)| [exact(&key.id), exact(name)])),
    );
    put("incident", json!(text(&args.incident)));
    put("sha1", json!(text(&args.sha1)));
    if let Some(i) = &args.indicator {
        put(
            "indicator",
            json!({
                "action": i.action, "title": exact(&i.title), "description": exact(&i.description),
                "groups": texts(&i.groups), "expires": i.expires.map(|t| t.0), "severity": i.severity, "alert": i.alert,
            }),
        );
    }
    let mails = args.mails.iter().map(|(m, r)| [exact(m), exact(r)]);
    put("mails", json!(mails.collect::<Vec<_>>()));
    let restore = args.restore.iter();
    let restore = restore.map(|(k, v)| json!([spec(k.kind).one, exact(&k.id), v]));
    put("restore", json!(restore.collect::<Vec<_>>()));
    put("signature", json!(text(&args.signature)));
    match out.is_empty() {
        true => Value::Null,
        false => Value::Object(out),
    }
}

/// The answers as they were given. What this version does not know is left out.
pub fn read(verb: &Verb, value: &Value) -> Args {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(Text::from);
    let texts = |value: Option<&Value>| -> Vec<Text> {
        let list = value.and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(Text::from).collect()
    };
    let two = |value: &Value| {
        let mut both = texts(Some(value)).into_iter();
        Some((both.next()?, both.next()?))
    };
    let known = |word: Option<&Value>, all: &[&'static str]| {
        let word = word.and_then(Value::as_str)?;
        all.iter().copied().find(|w| *w == word)
    };
    let kinds = [Kind::Incident, Kind::Alert];
    let all: Vec<&'static str> = kinds
        .iter()
        .flat_map(|k| statuses(*k))
        .map(|(_, s)| *s)
        .collect();
    let choices: Vec<&'static str> = match verb.form {
        Form::Choice(all) | Form::Mails(all) | Form::Incident(all) => {
            all.iter().map(|c| c.word).collect()
        }
        _ => Vec::new(),
    };
    let pair = value.get("pair").and_then(two).and_then(|(c, d)| {
        PAIRS
            .iter()
            .map(|(_, class, determination)| (class.word(), determination.word()))
            .find(|(class, determination)| c == **class && d == **determination)
    });
    let indicator = value.get("indicator").map(|i| Indicator {
        action: known(i.get("action"), INDICATOR).unwrap_or_default(),
        title: i
            .get("title")
            .and_then(Value::as_str)
            .map(Text::from)
            .unwrap_or_default(),
        description: i
            .get("description")
            .and_then(Value::as_str)
            .map(Text::from)
            .unwrap_or_default(),
        groups: texts(i.get("groups")),
        expires: i.get("expires").and_then(Value::as_i64).map(Ticks),
        severity: known(i.get("severity"), INDICATOR).unwrap_or_default(),
        alert: i.get("alert").and_then(Value::as_bool).unwrap_or_default(),
    });
    Args {
        pair,
        status: known(value.get("status"), &all),
        choice: known(value.get("choice"), &choices),
        text: text("text"),
        reason: None,
        add: texts(value.get("add")),
        remove: texts(value.get("remove")),
        person: text("person"),
        device: value.get("device").and_then(two).map(|(id, name)| {
            (
                Key {
                    kind: Kind::Device,
                    id,
                },
                name,
            )
        }),
        incident: text("incident"),
        sha1: text("sha1"),
        indicator,
        mails: value
            .get("mails")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(two)
            .collect(),
        restore: value
            .get("restore")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|row| {
                let kind = resource::ALL
                    .iter()
                    .find(|s| Some(s.one) == row[0].as_str())?
                    .kind;
                Some((Key::new(kind, row[1].as_str()?), row[2].clone()))
            })
            .collect(),
        signature: text("signature"),
    }
}

fn exact(text: &Text) -> String {
    text.txt().exact().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verb;

    #[test]
    fn answers_come_back_as_they_were_given() {
        let done = verb::named("done").unwrap();
        let (_, class, determination) = &PAIRS[0];
        let args = Args {
            pair: Some((class.word(), determination.word())),
            status: Some("resolved"),
            text: Some("so \u{202e} it was".into()),
            add: vec!["a".into()],
            device: Some((Key::new(Kind::Device, "d1"), "host".into())),
            indicator: Some(Indicator {
                action: "Block",
                severity: "High",
                groups: vec!["g".into()],
                expires: Some(Ticks(7)),
                ..Indicator::default()
            }),
            mails: vec![("m".into(), "r".into())],
            restore: vec![(Key::new(Kind::User, "u1"), json!({"x": [1, null]}))],
            ..Args::default()
        };
        assert_eq!(read(done, &write(&args)), args);
        assert_eq!(write(&Args::default()), Value::Null);
        assert_eq!(read(done, &Value::Null), Args::default());
        // a word of a newer version is no word of ours
        assert_eq!(read(done, &json!({"status": "frozen"})).status, None);
    }
}
