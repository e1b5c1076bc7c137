//! The exact request of each verb, what blocks it, what it says, and what counts as done.

use super::*;
use crate::confirm::Target;
use crate::verb::named;
use std::collections::HashSet;
use table::Text;

const ME: &str = "ana@contoso.com";

fn key(kind: Kind) -> Key {
    match kind {
        Kind::Incident => Key::new(kind, "4711"),
        _ => Key::new(kind, "da1_x"),
    }
}

fn verb(name: &str) -> &'static Verb {
    named(name).unwrap()
}

/// Method, path and body of each request.
fn plan(name: &str, kind: Kind, now: &Value, args: &Args) -> Result<Vec<(String, Value)>, String> {
    let calls = (verb(name).plan)(&key(kind), Json(now), args, Txt::new(ME), &[])?;
    Ok(calls
        .into_iter()
        .map(|c| {
            assert!(!c.needs.is_empty() && c.query.is_empty() && c.service == Service::Graph);
            (
                format!("{} {}", c.method.name(), c.path.as_str()),
                c.body.unwrap(),
            )
        })
        .collect())
}

fn one(name: &str, kind: Kind, now: &Value, args: &Args) -> (String, Value) {
    let mut calls = plan(name, kind, now, args).unwrap();
    assert_eq!(calls.len(), 1, "one request");
    calls.remove(0)
}

fn blocked(name: &str, kind: Kind, now: &Value) -> Option<String> {
    (verb(name).blocked)(kind, Json(now), Txt::new(ME))
}

fn verify(name: &str, kind: Kind, now: &Value, args: &Args) -> Result<(), String> {
    (verb(name).verify)(&key(kind), Json(now), args, Txt::new(ME), &Value::Null)
}

fn pair_args(c: &'static str, d: &'static str) -> Args {
    Args {
        pair: Some((c, d)),
        ..Args::default()
    }
}

fn text_args(text: &str) -> Args {
    Args {
        text: Some(Text::from(text)),
        ..Args::default()
    }
}

const INCIDENT: &str = "/security/incidents/4711";
const ALERT: &str = "/security/alerts_v2/da1_x";

#[test]
fn take_assigns_to_me_and_begins_what_nobody_began() {
    let none = Args::default();
    for (kind, path, status, moves) in [
        (Kind::Incident, INCIDENT, "active", true),
        (Kind::Incident, INCIDENT, "Active", true),
        (Kind::Incident, INCIDENT, "inProgress", false),
        (Kind::Incident, INCIDENT, "awaitingAction", false),
        (Kind::Incident, INCIDENT, "resolved", false),
        (Kind::Alert, ALERT, "new", true),
        (Kind::Alert, ALERT, "unknown", true),
        (Kind::Alert, ALERT, "inProgress", false),
    ] {
        let (to, body) = one("take", kind, &json!({"status": status}), &none);
        assert_eq!(to, format!("PATCH {path}"));
        let wanted = match moves {
            true => json!({"assignedTo": ME, "status": "inProgress"}),
            false => json!({"assignedTo": ME}),
        };
        assert_eq!(body, wanted, "{status}");
    }
}

#[test]
fn take_respects_an_owner_and_take_over_does_not() {
    let raj = json!({"status": "active", "assignedTo": "raj@contoso.com"});
    let mine = json!({"status": "inProgress", "assignedTo": "Ana@Contoso.com"});
    let mine_untouched = json!({"status": "active", "assignedTo": ME});
    assert_eq!(
        blocked("take", Kind::Incident, &raj).unwrap(),
        "raj@contoso.com has it: take over with T"
    );
    assert_eq!(blocked("take over", Kind::Incident, &raj), None);
    for name in ["take", "take over"] {
        assert_eq!(
            blocked(name, Kind::Incident, &mine).unwrap(),
            "you have it already"
        );
        assert_eq!(blocked(name, Kind::Incident, &mine_untouched), None);
        assert_eq!(blocked(name, Kind::Alert, &json!({"status": "new"})), None);
    }
}

#[test]
fn a_merged_incident_is_no_target_of_anything() {
    let gone = json!({"status": "redirected", "redirectIncidentId": "4700"});
    for verb in VERBS {
        let why = blocked(verb.name, Kind::Incident, &gone).unwrap();
        assert_eq!(
            why, "it was merged into incident 4700: open that one",
            "{}",
            verb.name
        );
        // and if that happened after the person looked, nothing is planned either
        let args = Args {
            pair: Some(("truePositive", "malware")),
            status: Some("resolved"),
            text: Some(Text::from("x")),
            add: vec![Text::from("x")],
            person: Some(Text::from("raj@contoso.com")),
            ..Args::default()
        };
        assert_eq!(
            plan(verb.name, Kind::Incident, &gone, &args).unwrap_err(),
            why,
            "{}",
            verb.name
        );
    }
}

#[test]
fn assign_to_a_person_and_to_nobody() {
    let to = |person: Option<&str>| Args {
        person: person.map(Text::from),
        ..Args::default()
    };
    let now = json!({"assignedTo": "raj@contoso.com"});
    let (path, body) = one("assign", Kind::Alert, &now, &to(Some("eve@contoso.com")));
    assert_eq!(
        (path.as_str(), body),
        (
            "PATCH /security/alerts_v2/da1_x",
            json!({"assignedTo": "eve@contoso.com"})
        )
    );
    let (_, body) = one("assign", Kind::Incident, &now, &to(None));
    assert_eq!(body, json!({"assignedTo": null}), "cleared with null");
    assert!(
        plan("assign", Kind::Alert, &now, &to(Some("RAJ@contoso.com")))
            .unwrap_err()
            .contains("already")
    );
    assert!(plan("assign", Kind::Alert, &json!({}), &to(None)).is_err());
    assert_eq!(
        verify("assign", Kind::Alert, &json!({"assignedTo": ""}), &to(None)),
        Ok(())
    );
    assert_eq!(
        verify("assign", Kind::Alert, &now, &to(Some("eve@contoso.com"))).unwrap_err(),
        "assignedTo raj@contoso.com"
    );
}

#[test]
fn status_of_each_kind_and_no_other_word() {
    let to = |status| Args {
        status: Some(status),
        ..Args::default()
    };
    for (kind, from, status) in [
        (Kind::Incident, "resolved", "active"),
        (Kind::Incident, "active", "resolved"),
        (Kind::Alert, "resolved", "new"),
        (Kind::Alert, "new", "inProgress"),
    ] {
        let (_, body) = one("status", kind, &json!({"status": from}), &to(status));
        assert_eq!(body, json!({"status": status}));
    }
    for (kind, status) in [
        (Kind::Incident, "new"),
        (Kind::Incident, "redirected"),
        (Kind::Alert, "active"),
        (Kind::Incident, "awaitingAction"),
    ] {
        assert!(
            plan("status", kind, &json!({}), &to(status)).is_err(),
            "{status}"
        );
    }
    assert_eq!(
        plan(
            "status",
            Kind::Alert,
            &json!({"status": "Resolved"}),
            &to("resolved")
        )
        .unwrap_err(),
        "it is resolved already"
    );
    assert_eq!(
        verify(
            "status",
            Kind::Alert,
            &json!({"status": "Resolved"}),
            &to("resolved")
        ),
        Ok(())
    );
    assert!(
        verify(
            "status",
            Kind::Alert,
            &json!({"status": "new"}),
            &to("resolved")
        )
        .is_err()
    );
}

#[test]
fn classify_leaves_the_status_and_every_pair_of_the_table_goes() {
    for (_, class, determination) in PAIRS {
        let known = |w: &str, all: &[&'static str]| *all.iter().find(|k| **k == w).unwrap();
        let classes: Vec<&'static str> = Classification::KNOWN.iter().map(|(w, _)| *w).collect();
        let determinations: Vec<&'static str> =
            Determination::KNOWN.iter().map(|(w, _)| *w).collect();
        let args = pair_args(
            known(class.word(), &classes),
            known(determination.word(), &determinations),
        );
        let (path, body) = one(
            "classify",
            Kind::Incident,
            &json!({"status": "active"}),
            &args,
        );
        assert_eq!(path, format!("PATCH {INCIDENT}"));
        assert_eq!(
            body,
            json!({"classification": class.word(), "determination": determination.word()})
        );
        assert_eq!(verify("classify", Kind::Incident, &body, &args), Ok(()));
    }
    let wrong = pair_args("falsePositive", "malware");
    assert!(plan("classify", Kind::Alert, &json!({}), &wrong).is_err());
}

#[test]
fn done_is_one_patch() {
    let args = pair_args("falsePositive", "notMalicious");
    let now = json!({"status": "active"});
    for (kind, path) in [(Kind::Incident, INCIDENT), (Kind::Alert, ALERT)] {
        let (to, body) = one("done", kind, &now, &args);
        assert_eq!(to, format!("PATCH {path}"));
        assert_eq!(
            body,
            json!({"status": "resolved", "classification": "falsePositive", "determination": "notMalicious"})
        );
    }
    let so =
        json!({"status": "resolved", "classification": "FalsePositive", "determination": "Clean"});
    assert!(
        plan("done", Kind::Incident, &so, &args)
            .unwrap_err()
            .contains("already")
    );
}

#[test]
fn done_with_words_says_them_where_the_service_has_a_place() {
    let args = Args {
        text: Some(Text::from("phish test")),
        ..pair_args("falsePositive", "notMalicious")
    };
    let (_, body) = one("done", Kind::Incident, &json!({}), &args);
    assert_eq!(body["resolvingComment"], "phish test");
    let calls = plan("done", Kind::Alert, &json!({}), &args).unwrap();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[1].0, format!("POST {ALERT}/comments"));
    assert_eq!(calls[1].1["comment"], "phish test");
}

#[test]
fn older_spellings_read_back_are_the_same() {
    for (old, new) in [
        ("compromisedUser", "compromisedAccount"),
        ("CompromisedUser", "compromisedAccount"),
        ("clean", "notMalicious"),
        ("InsufficientData", "notEnoughDataToValidate"),
        ("NoEnoughDataToValidate", "notEnoughDataToValidate"),
        ("confirmedUserActivity", "confirmedActivity"),
    ] {
        let class = PAIRS
            .iter()
            .find(|(_, _, d)| d.word() == new)
            .unwrap()
            .1
            .word();
        let class = Classification::KNOWN
            .iter()
            .find(|(w, _)| *w == class)
            .unwrap()
            .0;
        let now = json!({"classification": class, "determination": old, "status": "Resolved"});
        assert_eq!(
            verify("done", Kind::Incident, &now, &pair_args(class, new)),
            Ok(()),
            "{old}"
        );
    }
    let now =
        json!({"classification": "truePositive", "determination": "malware", "status": "active"});
    assert_eq!(
        verify(
            "done",
            Kind::Incident,
            &now,
            &pair_args("truePositive", "phishing")
        )
        .unwrap_err(),
        "classification truePositive, determination malware"
    );
    assert!(
        verify(
            "done",
            Kind::Incident,
            &now,
            &pair_args("truePositive", "malware")
        )
        .is_err(),
        "still active"
    );
}

#[test]
fn tags_are_changed_on_what_is_there_now() {
    let args = Args {
        add: vec![
            Text::from("vip"),
            Text::from("new\u{202e}"),
            Text::from(" "),
        ],
        remove: vec![Text::from("test")],
        ..Args::default()
    };
    let fresh = json!({"customTags": ["test", "added by someone meanwhile", "vip"]});
    let (_, body) = one("tag", Kind::Incident, &fresh, &args);
    assert_eq!(
        body,
        json!({"customTags": ["added by someone meanwhile", "vip", "new\u{202e}"]}),
        "exact text"
    );
    assert_eq!(
        verify(
            "tag",
            Kind::Incident,
            &json!({"customTags": ["vip", "new\u{202e}", " ", "other"]}),
            &args
        ),
        Ok(())
    );
    assert!(verify("tag", Kind::Incident, &fresh, &args).is_err());
    let same = Args {
        add: vec![Text::from("vip")],
        ..Args::default()
    };
    assert_eq!(
        plan("tag", Kind::Incident, &fresh, &same).unwrap_err(),
        "its tags are so already"
    );
    assert_eq!(
        verb("tag").kinds,
        [Kind::Incident],
        "an alert has no tags that could be written"
    );
    // what others added meanwhile is no reason to ask again, but the value before is on record
    let target = Target::of(
        key(Kind::Incident),
        Text::from("x"),
        Json(&fresh),
        verb("tag"),
    );
    // of what it writes nothing is frozen
    assert_eq!(target.seen, [("merged into", None)]);
    assert_eq!(verb("tag").writes, ["customTags"]);
}

#[test]
fn a_comment_is_sent_as_typed_and_signed_where_the_service_would_name_an_app() {
    let (to, body) = one(
        "comment",
        Kind::Incident,
        &json!({}),
        &text_args("seen it\n"),
    );
    assert_eq!(to, format!("POST {INCIDENT}/comments"));
    assert_eq!(
        body,
        json!({"@odata.type": "microsoft.graph.security.alertComment", "comment": "seen it"})
    );
    let signed = Args {
        signature: Some(Text::from(ME)),
        ..text_args("seen it")
    };
    let (to, body) = one("comment", Kind::Alert, &json!({}), &signed);
    assert_eq!(
        (to, body["comment"].as_str().unwrap()),
        (
            format!("POST {ALERT}/comments"),
            "seen it\n— ana@contoso.com"
        )
    );
    let back =
        json!({"comments": [{"comment": "old"}, {"comment": "seen it\r\n— ana@contoso.com "}]});
    assert_eq!(verify("comment", Kind::Alert, &back, &signed), Ok(()));
    assert_eq!(
        verify(
            "comment",
            Kind::Alert,
            &json!({"comments": [{"comment": "old"}]}),
            &signed
        )
        .unwrap_err(),
        "1 comments, this one not among them"
    );
    assert!(plan("comment", Kind::Alert, &json!({}), &text_args(" \n")).is_err());
}

#[test]
fn taking_is_done_when_it_is_mine_and_begun() {
    let none = Args::default();
    let ok = json!({"assignedTo": "ANA@contoso.com", "status": "inProgress"});
    assert_eq!(verify("take", Kind::Incident, &ok, &none), Ok(()));
    for now in [
        json!({"assignedTo": ME, "status": "active"}),
        json!({"assignedTo": "raj@contoso.com", "status": "inProgress"}),
        json!({}),
    ] {
        assert!(
            verify("take", Kind::Incident, &now, &none).is_err(),
            "{now}"
        );
    }
}

#[test]
fn sentences_name_target_and_consequence_and_are_safe_to_show() {
    let target = Target {
        key: key(Kind::Incident),
        handle: Text::from("Evil \u{1b}[2J title"),
        name: Text::from("Evil \u{1b}[2J title"),
        seen: vec![("assignedTo", Some(Text::from("raj@contoso.com")))],
    };
    let say = |name: &str, args: &Args| {
        (verb(name).sentence)(std::slice::from_ref(&target), args, Txt::new(ME))
    };
    let none = Args::default();
    assert_eq!(
        say("take over", &none),
        "take over incident 4711 “Evil ⟨001B⟩[2J title”: from raj@contoso.com to ana@contoso.com, set in progress"
    );
    assert!(
        say("done", &pair_args("truePositive", "multiStagedAttack"))
            .ends_with(": as true positive, multi staged attack; its alerts are resolved with it")
    );
    for verb in VERBS {
        assert!(!say(verb.name, &none).contains('\u{1b}'));
    }
    let three = vec![target.clone(), target.clone(), target];
    assert!((verb("take").sentence)(&three, &none, Txt::new(ME)).starts_with("take 3 incidents: "));
}

#[test]
fn rows_are_complete_and_keys_differ() {
    let (mut names, mut keys) = (HashSet::new(), HashSet::new());
    for verb in VERBS {
        assert!(
            names.insert(verb.name) && !verb.help.is_empty(),
            "{}",
            verb.name
        );
        assert!(verb.key.is_none_or(|k| keys.insert(k)), "{}", verb.name);
        assert!(verb.tier == 0 && !verb.kinds.is_empty());
        assert!(verb.merges.iter().all(|f| verb.writes.contains(f)));
        for kind in verb.kinds {
            let permissions = (verb.needs)(*kind).any;
            assert!(permissions.iter().all(|p| p.ends_with(".ReadWrite.All")));
        }
    }
    for key in ["t", "T", "A", "s", "c", "d", "#", "m"] {
        assert!(keys.contains(key), "{key}");
    }
}
