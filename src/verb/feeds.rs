//! Subscriptions to content types of the activity feed, `api/defender.md` 14: what is not subscribed to leaves no records.
//!
//! The service has no call for one type: its list is read, and the row found in it.

use super::common::{is, sentence};
use super::{Args, Consequence, Fact, Needs, Verb};
use crate::model::feed::Source;
use crate::model::{Call, Json, Key, Kind, Method, Path, Service};
use crate::resource::feed::{list, needs};
use crate::resource::{Answer, record};
use serde_json::json;
use table::Text;

/// What both have in common.
const BASE: Verb = Verb {
    kinds: &[Kind::Feed],
    needs: |_| Needs::any(Service::Office, record::NEEDS),
    read: Some(|_, _| Ok(list(None))),
    state,
    before: |_, key, now, _| json!({ "status": status(key, now) }),
    idempotent: true,
    ..super::BASE
};

pub static VERBS: &[Verb] = &[
    Verb {
        name: "start subscription",
        letter: Some('s'),
        help: "subscribe to this content type, so that the service lists its records",
        also: "feed audit enable content type logs",
        tier: 1,
        blocked: |_, row, _| match row.str("status") {
            _ if is_other(row) => Some(OTHER.to_owned()),
            Some("enabled") => Some("it is subscribed to already".to_owned()),
            _ => None,
        },
        consequences: |about| {
            let mut out = vec![Consequence::note(
                "the first records can take twelve hours; the service wants fifteen minutes between two starts",
            )];
            if needs(about.key.id.txt().exact()) == record::NEEDS_DLP {
                out.push(Consequence::note(
                    "reading them takes ActivityFeed.ReadDlp: they show what was found in documents and mails",
                ));
            }
            out
        },
        sentence: |t, _, _| sentence("start the subscription to", t, ""),
        plan: |key, _, _, _, _| call("/subscriptions/start", key),
        verify: |key, now, _, _, _| match status(key, now) {
            Some(word) if is(Some(word), "enabled") => Ok(()),
            other => Err(format!("it is {}", other.unwrap_or("not subscribed to"))),
        },
        inverse: Some("stop subscription"),
        undo: |_| Some(("stop subscription", Args::default())),
        ..BASE
    },
    Verb {
        name: "stop subscription",
        letter: Some('x'),
        help: "end the subscription: records of this type are not listed any more",
        also: "feed audit disable content type logs",
        tier: 2,
        blocked: |_, row, _| match row.str("status") {
            _ if is_other(row) => Some(OTHER.to_owned()),
            Some("enabled") | None => None,
            Some(_) => Some("nothing subscribed to it".to_owned()),
        },
        consequences: |_| {
            vec![
                Consequence::warn("whatever else reads the feed as this application loses it too"),
                Consequence::warn(
                    "new records of this type are not seen here until it is started again",
                ),
            ]
        },
        sentence: |t, _, _| sentence("stop the subscription to", t, ""),
        plan: |key, _, _, _, _| call("/subscriptions/stop", key),
        verify: |key, now, _, _, _| match status(key, now) {
            Some(word) if is(Some(word), "enabled") => Err("it is enabled".to_owned()),
            _ => Ok(()),
        },
        inverse: Some("start subscription"),
        undo: |_| Some(("start subscription", Args::default())),
        ..BASE
    },
];

const OTHER: &str = "only content types of the activity feed are subscribed to";

/// A source of the logs that is no content type.
fn is_other(row: Json<'_>) -> bool {
    row.str("source").is_some_and(|s| s != Source::Feed.word())
}

fn call(path: &'static str, key: &Key) -> Result<Vec<Call>, String> {
    let name = key.id.txt().exact();
    if Source::named(name) != Source::Feed {
        return Err(OTHER.to_owned());
    }
    Ok(vec![
        Call::write(Service::Office, Method::Post, Path::new(path), json!({}))
            .query("contentType", name)
            .needs(needs(name)),
    ])
}

/// How a type stands in the service's list; of a row, the row's own word.
fn status<'a>(key: &Key, now: Json<'a>) -> Option<&'a str> {
    let of = |row: &Json<'a>| is(row.str("contentType"), key.id.txt().exact());
    let listed = now.items().find(|row| of(row));
    listed.map_or_else(|| now.str("status"), |row| row.str("status"))
}

/// As it stood when the prompt was shown.
fn state(key: &Key, now: Json<'_>, _: &[Answer]) -> Vec<Fact> {
    let word = status(key, now).unwrap_or("notStarted");
    vec![("status", Some(Text::from(word)))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s0_11_only_content_types_are_subscribed_to() {
        for verb in VERBS {
            for name in [Source::SIGN_INS, Source::AUDITS, "search 1"] {
                let key = Key::new(Kind::Feed, name);
                let source = Source::named(name).word();
                let row = json!({"contentType": name, "source": source, "status": "enabled"});
                let blocked = (verb.blocked)(Kind::Feed, Json(&row), table::Txt::new(""));
                assert_eq!(blocked.as_deref(), Some(OTHER), "{name}");
                let args = Args::default();
                let planned = (verb.plan)(&key, Json(&row), &args, table::Txt::new(""), &[]);
                assert_eq!(planned.err().as_deref(), Some(OTHER), "{name}");
            }
        }
    }
}
