//! Each comparison with rows made by hand; the whole command runs against the simulated tenant in `tests/reconcile`.

use super::*;
use crate::backend::tests::hall::{self, Hall};
use crate::model::{Json, Key, Kind};
use crate::msg::RunState;
use serde_json::json;

fn count(part: &Part, verdict: Verdict) -> usize {
    part.findings
        .iter()
        .filter(|f| f.verdict == verdict)
        .count()
}

#[test]
fn what_is_there_and_not_here_and_what_is_here_and_not_there_is_listed() {
    let hall = Hall::new(0, |_, _, _| None);
    hall.things.lock().unwrap().course = vec!["Succeeded"];
    let done = hall.run(&hall::ISOLATE, vec![Hall::machine()]);
    assert_eq!(done, [RunState::Succeeded]);
    let record = crate::audit::Record::new(hall.dir.clone(), hall::writer());
    let past = Record::past(&record, Ticks(0)).unwrap();
    let now = Ticks(past[0].deed.at.0 + DAY);
    let mut actions = hall.things.lock().unwrap().actions.clone();
    let compared = |past: &[Past], actions: &[Value], now| {
        super::actions::compare(past, actions, now, Some("app-1"))
    };
    let good = compared(&past, &actions, now);
    assert!(good.findings.is_empty() && good.agree == 1, "{good:?}");
    // an action with our mark of which the record knows nothing: its line was taken out
    assert_eq!(count(&compared(&[], &actions, now), Verdict::NoIntent), 1);
    // the record was written anew: the hash in the service is the old line's
    let mut other = past.clone();
    other[0].hash = "f".repeat(64);
    assert_eq!(
        count(&compared(&other, &actions, now), Verdict::OtherHash),
        1
    );
    // it says that it was not sent
    let mut denied = past.clone();
    denied[0].deed.stand = Stand::NotSent;
    assert_eq!(
        count(&compared(&denied, &actions, now), Verdict::SentAfterAll),
        1
    );
    // by this app, and without a mark
    actions.push(json!({"id": "x", "type": "Isolate", "requestor": "app-1"}));
    assert_eq!(count(&compared(&past, &actions, now), Verdict::NoIntent), 1);
    assert_eq!(count(&compared(&past, &[], now), Verdict::NoTrace), 1);
    let young = compared(&past, &[], past[0].deed.at);
    assert_eq!(count(&young, Verdict::Young), 1);
}

/// A deed on one person, as the record tells it.
fn disabled(hall: &Hall) -> Vec<Past> {
    assert_eq!(
        hall.run(&hall::DISABLE, hall.people(0..1)),
        [RunState::Succeeded]
    );
    let record = crate::audit::Record::new(hall.dir.clone(), hall::writer());
    Record::past(&record, Ticks(0)).unwrap()
}

#[test]
fn the_directorys_audit_is_matched_by_our_id_and_else_by_account_and_time() {
    let hall = Hall::new(1, |_, _, _| None);
    let past = disabled(&hall);
    let now = Ticks(past[0].deed.at.0 + DAY);
    let line = |correlation: &str, user: &str, at: &str| {
        json!({"id": "a1", "correlationId": correlation, "activityDateTime": at, "activityDisplayName": "Disable account",
            "initiatedBy": {"app": {"appId": "app-1", "displayName": "Watchfloor"}}, "targetResources": [{"id": user, "userPrincipalName": "p@x"}]})
    };
    let person = hall::person(0);
    let compared = |lines: &[Value], now| audits::compare(&past, lines, now, Some("app-1"));
    let run = past[0].deed.run.clone();
    let good = compared(&[line(&run, &person, "2026-08-01T12:00:01Z")], now);
    assert!(good.findings.is_empty() && good.agree == 1, "{good:?}");
    // two lines of one deed are one deed, and what another request did meanwhile is none of ours
    let second = line(&run, &person, "2026-08-01T12:00:02Z");
    let two = [line(&run, &person, "2026-08-01T12:00:01Z"), second];
    assert_eq!(compared(&two, now).agree, 1);
    let foreign = line("other", &person, "2026-08-01T12:00:02Z");
    let two = [line(&run, &person, "2026-08-01T12:00:01Z"), foreign.clone()];
    assert_eq!(count(&compared(&two, now), Verdict::NoIntent), 1);
    // where the service names its own ids, account and time have to do
    let part = compared(&[foreign], now);
    assert!(part.findings.is_empty() && part.agree == 1, "{part:?}");
    // the same app, another account or another time: not ours
    for odd in [
        line("x", "somebody", "2026-08-01T12:00:01Z"),
        line("x", &person, "2026-08-01T15:00:00Z"),
    ] {
        let part = compared(&[odd, line(&run, &person, "2026-08-01T12:00:01Z")], now);
        assert_eq!(count(&part, Verdict::NoIntent), 1, "{part:?}");
        assert!(
            part.findings[0]
                .text
                .contains("Disable account on p@x by Watchfloor")
        );
    }
    assert_eq!(count(&compared(&[], now), Verdict::NoTrace), 1);
    assert_eq!(count(&compared(&[], past[0].deed.at), Verdict::Young), 1);
    let mut denied = past.clone();
    denied[0].deed.stand = Stand::NotSent;
    let part = audits::compare(
        &denied,
        &[line(&run, &person, "2026-08-01T12:00:01Z")],
        now,
        Some("app-1"),
    );
    assert_eq!(count(&part, Verdict::SentAfterAll), 1);
    // a person also works in the portal: only what is ours by its id is told
    let elsewhere = audits::compare(
        &past,
        &[line("x", "somebody", "2026-08-01T12:00:01Z")],
        past[0].deed.at,
        None,
    );
    assert_eq!(count(&elsewhere, Verdict::NoIntent), 0);
}

#[test]
fn rows_that_our_app_wrote_have_a_deed_or_are_listed() {
    let hall = Hall::new(1, |_, _, _| None);
    let mut past = disabled(&hall);
    past[0].deed.key = Key::new(Kind::Incident, "7");
    let [incidents, indicators] = authors::ALL else {
        panic!()
    };
    let row = |id: &str, by: &str, at: &str| json!({"id": id, "lastModifiedBy": by, "lastUpdateDateTime": at, "displayName": "x"});
    let from = Ticks::parse("2026-08-01T00:00:00Z").unwrap();
    let rows = [
        row("7", "API-App:app-1", "2026-08-01T12:00:00Z"),
        row("8", "API-App:app-1", "2026-08-01T12:00:00Z"),
        row("9", "raj@contoso.com", "2026-08-01T12:00:00Z"),
        row("10", "API-App:app-1", "2026-07-01T12:00:00Z"),
    ];
    let part = incidents.compare(&past, &rows, from, Some("app-1"));
    assert_eq!(
        (part.agree, count(&part, Verdict::NoIntent)),
        (1, 1),
        "{part:?}"
    );
    assert!(part.findings[0].text.contains("incident 8"));
    // an alert that was moved into it changed it, too
    past[0].args = json!({"incident": "8"});
    let part = incidents.compare(&past, &rows, from, Some("app-1"));
    assert_eq!((part.agree, part.findings.len()), (2, 0));
    let rows = [
        json!({"indicatorValue": "evil.example", "createdBy": "app-1", "lastUpdateTime": "2026-08-01T12:00:00Z", "title": "t"}),
    ];
    let part = indicators.compare(&past, &rows, from, Some("app-1"));
    assert_eq!(count(&part, Verdict::NoIntent), 1);
    let alone = indicators.compare(&past, &rows, from, None);
    assert!(
        alone.findings.is_empty() && alone.missing.is_some(),
        "{alone:?}"
    );
    let _ = Json(&Value::Null);
}
