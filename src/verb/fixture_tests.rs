//! Every verb against the requests that the services' documents demand (`tests/fixtures/actions.toml`, written from those
//! alone), and what every row must keep to.

use super::*;
use crate::model::Method;
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

#[derive(Deserialize)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub verb: String,
    pub kind: String,
    pub id: String,
    pub now: String,
    #[serde(default)]
    pub answers: Vec<String>,
    #[serde(default)]
    pub args: Given,
    pub request: Vec<Wanted>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Given {
    status: Option<String>,
    choice: Option<String>,
    pair: Option<[String; 2]>,
    text: Option<String>,
    reason: Option<String>,
    incident: Option<String>,
    sha1: Option<String>,
    add: Vec<String>,
    remove: Vec<String>,
    mails: Vec<[String; 2]>,
    indicator: Option<Made>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    action: String,
    title: String,
    description: String,
    severity: String,
    alert: bool,
    expires: Option<String>,
    groups: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    pub method: String,
    /// Service and path.
    pub path: String,
    pub body: String,
    pub ok: Vec<u16>,
}

pub(crate) fn cases() -> Vec<Case> {
    let text = include_str!("../../tests/fixtures/actions.toml");
    toml::from_str::<File>(text).unwrap().case
}

/// Words of the table live as long as the test.
fn word(text: String) -> &'static str {
    text.leak()
}

pub(crate) fn args(given: Given) -> Args {
    let text = |t: Option<String>| t.map(Text::from);
    let texts = |list: Vec<String>| list.into_iter().map(Text::from).collect();
    Args {
        status: given.status.map(word),
        choice: given.choice.map(word),
        pair: given.pair.map(|[c, d]| (word(c), word(d))),
        text: text(given.text),
        reason: text(given.reason),
        incident: text(given.incident),
        sha1: text(given.sha1),
        add: texts(given.add),
        remove: texts(given.remove),
        mails: given
            .mails
            .into_iter()
            .map(|[m, r]| (m.into(), r.into()))
            .collect(),
        indicator: given.indicator.map(|i| Indicator {
            action: word(i.action),
            title: i.title.into(),
            description: i.description.into(),
            groups: texts(i.groups),
            expires: i.expires.and_then(|t| Ticks::parse(&t)),
            severity: word(i.severity),
            alert: i.alert,
        }),
        ..Args::default()
    }
}

/// Rows that are there, also those whose form is not.
fn row(name: &str) -> Option<&'static Verb> {
    named(name).or_else(|| waiting().find(|v| v.name == name))
}

fn waiting() -> impl Iterator<Item = &'static Verb> {
    [&devices::QUARANTINE]
        .into_iter()
        .filter(|v| named(v.name).is_none())
}

/// The body as it leaves us, without the run's mark, which is put on at sending.
fn unmarked(body: &str, verb: &Verb) -> Value {
    let mut body: Value = serde_json::from_str(body).unwrap();
    if let Some(stamp) = verb.stamp {
        if !stamp.comment.is_empty() {
            let comment = body[stamp.comment].as_str().unwrap_or_default().to_owned();
            assert!(comment.ends_with(" [wf {run}]"), "{}: {comment}", verb.name);
            body[stamp.comment] = comment.trim_end_matches(" [wf {run}]").into();
        }
        if !stamp.external.is_empty() {
            let external = body.as_object_mut().unwrap().remove(stamp.external);
            assert_eq!(external, Some("{run}".into()), "{}", verb.name);
        }
    }
    body
}

#[test]
fn every_request_is_the_documented_one() {
    let mut seen = 0;
    for case in cases() {
        let Some(verb) = row(&case.verb) else {
            continue;
        };
        let spec = crate::resource::ALL
            .iter()
            .find(|s| s.one == case.kind)
            .unwrap();
        assert!(verb.kinds.contains(&spec.kind), "{}", case.verb);
        let key = Key::new(spec.kind, case.id.as_str());
        let now: Value = serde_json::from_str(&case.now).unwrap();
        let answers: Vec<Answer> = (case.answers.iter())
            .map(|a| Answer::Got {
                body: Arc::new(serde_json::from_str(a).unwrap()),
                more: false,
            })
            .collect();
        let me = Text::from("ana@contoso.com");
        let calls = (verb.plan)(&key, Json(&now), &args(case.args), me.txt(), &answers);
        let calls = calls.unwrap_or_else(|why| panic!("{}: {why}", case.verb));
        assert_eq!(calls.len(), case.request.len(), "{}", case.verb);
        for (call, wanted) in calls.iter().zip(case.request) {
            let service = match call.service {
                Service::Graph => "graph",
                Service::Defender => "defender",
                Service::Office => "office",
                other => panic!("no verb writes to {}", other.name()),
            };
            let mut path = format!("{service} {}", call.path.as_str());
            if call.service == Service::Office {
                // the service takes what it is about in the address
                let words: Vec<String> =
                    call.query.iter().map(|(n, v)| format!("{n}={v}")).collect();
                path = format!("{path}?{}", words.join("&"));
            }
            assert_eq!(call.method.name(), wanted.method, "{}", case.verb);
            assert_eq!(path, wanted.path, "{}", case.verb);
            assert!(
                call.query.is_empty() || call.service == Service::Office,
                "{}",
                case.verb
            );
            match wanted.body.as_str() {
                "" => assert_eq!(call.body, None, "{}", case.verb),
                body => assert_eq!(call.body, Some(unmarked(body, verb)), "{}", case.verb),
            }
            assert!(
                !call.needs.is_empty() && call.method != Method::Get,
                "{}",
                case.verb
            );
            assert!(wanted.ok.iter().all(|s| (200..300).contains(s)));
        }
        seen += 1;
    }
    assert!(seen >= 30, "{seen}");
}

#[test]
fn every_row_is_whole() {
    let with_fixture: HashSet<String> = cases().into_iter().map(|c| c.verb).collect();
    let mut letters: BTreeMap<(Kind, char), &str> = BTreeMap::new();
    let mut names = HashSet::new();
    for verb in all().chain(waiting()) {
        let at = verb.name;
        assert!(names.insert(at), "{at} twice");
        assert!(!verb.help.is_empty() && !verb.help.ends_with('.'), "{at}");
        assert!(with_fixture.contains(at), "{at} has no fixture");
        assert!(verb.tier <= 3 && !verb.kinds.is_empty(), "{at}");
        // nothing that disrupts stands on a single key
        assert!(verb.tier == 0 || verb.key.is_none(), "{at}");
        assert!(
            verb.letter.is_some() || verb.key.is_some(),
            "{at} cannot be reached"
        );
        for kind in verb.kinds {
            assert!(
                !(verb.needs)(*kind).any.is_empty(),
                "{at} names no permission"
            );
            if let Some(letter) = verb.letter {
                let other = letters.insert((*kind, letter), at);
                assert_eq!(other, None, "{letter} of {at} is taken");
            }
        }
        if let Some(inverse) = verb.inverse {
            let back = row(inverse).unwrap_or_else(|| panic!("{at}: {inverse}"));
            assert!(back.kinds.iter().any(|k| verb.kinds.contains(k)), "{at}");
        }
        for field in verb.merges {
            assert!(verb.writes.contains(field), "{at}");
        }
        if let Some(follow) = verb.follow {
            let key = Key::new(verb.kinds[0], "x");
            assert!((follow.poll)(&key, Json(&Value::Null)).is_none(), "{at}");
        }
    }
}

/// Two rows that take each other back lead to each other; others may lead on only.
#[test]
fn opposites_are_each_others_inverse() {
    for (one, other) in [
        ("disable", "enable"),
        ("disable on premises", "enable on premises"),
        ("isolate", "release"),
        ("restrict apps", "unrestrict apps"),
    ] {
        assert_eq!(row(one).unwrap().inverse, Some(other));
        assert_eq!(row(other).unwrap().inverse, Some(one));
    }
}
