//! Indicators, `api/defender.md` 8. A target is a value: the row with it is read first, shown before and after, and kept as
//! the way back, since the service overwrites what is there, whoever made it.
//!
//! Without device groups a row reaches every device, and without an expiry it stays for ever: both are said and raise the
//! prompt. Some values are refused whatever the person says, unless policy lifts the rule.

use super::common::{comment, is, list, sentence, shown};
use super::indicator_facts::{checks, making};
use super::{Args, Consequence, Fact, Form, Needs, Stamp, Verb, ioc};
use crate::model::{Call, Json, Key, Kind, Method, Path, Service};
use crate::resource::Answer;
use crate::resource::detail::indicator::scope_words;
use crate::resource::indicator::{NEEDS, Origin, by_value, groups, origin};
use serde_json::{Map, Value, json};
use std::time::Duration;
use table::Text;

/// What rows about indicators have in common.
const BASE: Verb = Verb {
    kinds: &[Kind::Indicator],
    needs: |_| Needs::any(Service::Defender, NEEDS).role("manage security settings (Defender)"),
    read: Some(|key, _| Ok(by_value(key.id.txt()))),
    state,
    before: |_, _, now, _| now.0.clone(),
    idempotent: true,
    number_raises: false,
    // 100 calls a minute: a read, a write and a read back
    pace: Duration::from_secs(2),
    ..super::BASE
};

pub static VERBS: &[Verb] = &[Verb {
    name: "delete indicator",
    letter: Some('d'),
    help: "take the indicator away: the value is neither blocked nor watched nor let through by it",
    also: "remove unblock ioc",
    consequences: |about| {
        let mut out = Vec::new();
        let row = about.entity;
        out.push(match row.str("action").unwrap_or_default() {
            "Allowed" => Consequence::warn("what it let through is judged by Defender again"),
            "Audit" => Consequence::note("it is not watched any more"),
            _ => Consequence::warn("what it blocked can be reached or run again"),
        });
        out.push(Consequence::note(was(row)));
        out.extend(pushed(row));
        out
    },
    sentence: |t, _, _| sentence("delete", t, ""),
    plan: |_, now, _, _, _| {
        let id = now.text("id").ok_or("there is no row with this value")?;
        let path = Path::new("/indicators")
            .id(id.txt())
            .map_err(|e| e.to_string())?;
        Ok(vec![Call {
            method: Method::Delete,
            needs: NEEDS,
            ..Call::get(Service::Defender, path)
        }])
    },
    verify: |_, now, _, _, _| match now.is_null() {
        true => Ok(()),
        false => Err(format!("the row is there: {}", was(now))),
    },
    ..BASE
}];

/// Makes rows, and changes those that are there.
pub static INDICATE: Verb = Verb {
    name: "indicate",
    letter: Some('n'),
    help: "block, watch or let through: make an indicator, or change the one that is there",
    also: "block allow audit warn ioc indicator",
    form: Form::Indicator,
    asides: |key, _, args| checks(key, args),
    consequences: making,
    sentence: |t, args, _| {
        let Some(i) = &args.indicator else {
            return sentence("indicate", t, "as it was before");
        };
        let scope = match i.groups.as_slice() {
            [] => "on every device".to_owned(),
            groups => {
                let names = groups.iter().map(|g| g.txt().shown().into_owned());
                format!("on {}", list(names, 4))
            }
        };
        let until = match i.expires {
            Some(at) => format!("until {}", at.literal()),
            None => "for ever".to_owned(),
        };
        sentence("indicate", t, &format!("{}, {scope}, {until}", i.action))
    },
    plan: |key, _, args, _, _| {
        let body = match args.restored(key) {
            Some(row) => again(Json(row))?,
            None => made(key, args)?,
        };
        let path = Path::new("/indicators");
        Ok(vec![
            Call::write(Service::Defender, Method::Post, path, body).needs(NEEDS),
        ])
    },
    // the run's mark goes into the id alone: the description is shown to people on the devices
    stamp: Some(Stamp {
        comment: "",
        external: "externalId",
    }),
    verify: |key, now, args, _, _| {
        let wanted = match args.restored(key) {
            Some(row) => Json(row).str("action").unwrap_or_default(),
            None => args.indicator.as_ref().map_or("", |i| i.action),
        };
        match is(now.str("action"), wanted) {
            true => Ok(()),
            false if now.is_null() => Err("no row with this value".to_owned()),
            false => Err(was(now)),
        }
    },
    inverse: Some("delete indicator"),
    undo: |deed| match deed.before.is_null() {
        true => Some(("delete indicator", Args::default())),
        false => {
            let restore = vec![(deed.key.clone(), deed.before.clone())];
            let args = Args {
                restore,
                ..Args::default()
            };
            Some(("indicate", args))
        }
    },
    ..BASE
};

/// The row as it stands, as far as a list tells it too: who changes it meanwhile makes another case of it.
fn state(_: &Key, now: Json<'_>, _: &[Answer]) -> Vec<Fact> {
    let field = |name| (name, now.text(name));
    vec![field("action"), field("title")]
}

/// One row in a sentence: `Block “Case 88” on every device, until …, made by Ana`.
pub(super) fn was(row: Json<'_>) -> String {
    let until = row.text("expirationTime");
    let until = until.map_or("for ever".to_owned(), |t| {
        format!("until {}", t.txt().shown())
    });
    let by = row
        .text("createdByDisplayName")
        .or_else(|| row.text("createdBy"));
    let by = by.map_or(String::new(), |b| format!(", made by {}", b.txt().shown()));
    format!(
        "{} “{}” on {}, {until}{by}",
        shown(row, "action"),
        shown(row, "title"),
        scope_words(row)
    )
}

pub(super) fn pushed(row: Json<'_>) -> Option<Consequence> {
    let what = match origin(row) {
        Origin::Hand => return None,
        Origin::Unsanctioned => "of an unsanctioned app",
        Origin::Risky => "of a risky app",
        Origin::CloudApps => "of Cloud Apps",
    };
    let text =
        format!("the row is {what}: Cloud Apps puts it back within hours; change the app there");
    Some(Consequence::warn(text))
}

// ---- what is sent

fn made(key: &Key, args: &Args) -> Result<Value, String> {
    let value = key.id.txt();
    let kind = ioc::kind(value.exact()).ok_or("the service has no indicator for such a value")?;
    let i = args
        .indicator
        .as_ref()
        .ok_or("what it is to do is missing")?;
    let or = |t: &Text, otherwise: &str| match t.txt().exact().trim() {
        "" => comment(args, otherwise),
        text => text.to_owned(),
    };
    let title = or(&i.title, "Made with Watchfloor");
    let description = or(&i.description, &title);
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("indicatorValue", value.exact().into());
    put("indicatorType", kind.into());
    put("action", i.action.into());
    put("title", title.into());
    put("description", description.into());
    if !i.severity.is_empty() {
        put("severity", i.severity.into());
    }
    // watching without an alert watches nothing
    put("generateAlert", (i.alert || i.action == "Audit").into());
    if let Some(at) = i.expires {
        put("expirationTime", at.literal().into());
    }
    if !i.groups.is_empty() {
        let names: Vec<&str> = i.groups.iter().map(|g| g.txt().exact()).collect();
        put("rbacGroupNames", json!(names));
    }
    Ok(body.into())
}

/// A row as it was on record, written again: what the service gives itself is left out.
fn again(row: Json<'_>) -> Result<Value, String> {
    let mut body = Map::new();
    for field in [
        "indicatorValue",
        "indicatorType",
        "action",
        "title",
        "description",
        "severity",
        "recommendedActions",
        "generateAlert",
        "expirationTime",
        "educateUrl",
    ] {
        let value = row.at(field);
        if !value.is_null() {
            body.insert(field.to_owned(), value.0.clone());
        }
    }
    let groups = groups(row);
    if !groups.is_empty() {
        body.insert("rbacGroupNames".to_owned(), json!(groups));
    }
    match body.contains_key("indicatorValue") {
        true => Ok(body.into()),
        false => Err("the row that was there is not on record".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overwritten_row_is_the_way_back() {
        let row = json!({"id": "995", "indicatorValue": "evil.example", "indicatorType": "DomainName", "action": "Audit",
            "title": "t", "description": "d", "rbacGroupNames": ["A"], "expirationTime": null, "createdBy": "x", "generateAlert": true});
        let key = Key::new(Kind::Indicator, "evil.example");
        let args = Args {
            restore: vec![(key.clone(), row)],
            ..Args::default()
        };
        let me = Text::from("x");
        let calls = (INDICATE.plan)(&key, Json(&Value::Null), &args, me.txt(), &[]).unwrap();
        assert_eq!(
            calls[0].body,
            Some(
                json!({"indicatorValue": "evil.example", "indicatorType": "DomainName", "action": "Audit", "title": "t",
                "description": "d", "generateAlert": true, "rbacGroupNames": ["A"]})
            )
        );
    }

    #[test]
    fn watching_always_raises_an_alert() {
        let key = Key::new(Kind::Indicator, "203.0.113.9");
        let args = Args {
            indicator: Some(crate::verb::Indicator {
                action: "Audit",
                title: "t".into(),
                description: "d".into(),
                ..crate::verb::Indicator::default()
            }),
            ..Args::default()
        };
        let body = made(&key, &args).unwrap();
        assert_eq!(body["generateAlert"], true);
        assert!(body.get("rbacGroupNames").is_none());
    }
}
