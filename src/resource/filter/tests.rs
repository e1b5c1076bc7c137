//! What each form of term finds, over small tables; and what wrong terms say.

use super::*;
use crate::model::Ticks;
use crate::resource::walk_tests::chunk;
use crate::resource::{ALL, Spec, alert, device, incident, user};
use serde_json::{Value, json};
use std::sync::Arc;
use table::{Cancel, Keyed, Text};

pub(super) fn now() -> Ticks {
    Ticks::parse("2026-08-01T12:00:00Z").unwrap()
}

fn env() -> Env {
    Env {
        now: now(),
        me: Some(Text::from("ana@contoso.com")),
        joined: true,
    }
}

fn rows(spec: &'static Spec, rows: Value) -> Keyed {
    let mut keyed = Keyed::new(spec.schema());
    keyed.upsert(Arc::new(chunk(spec, rows.as_array().unwrap()).unwrap()));
    keyed
}

/// The ids of the rows that a filter keeps.
fn found(spec: &Spec, keyed: &Keyed, text: &str) -> String {
    let parsed = parse(text, spec);
    assert_eq!(parsed.problems, [], "{text}");
    let predicate = compile(&parsed, spec, &env());
    let kept = table::filter(keyed.table(), &keyed.live(), &predicate, &Cancel::new()).unwrap();
    let ids: Vec<String> = kept
        .rows
        .iter()
        .map(|r| keyed.key(r).exact().to_owned())
        .collect();
    ids.join(" ")
}

fn incidents() -> Keyed {
    let mut keyed = rows(
        &incident::SPEC,
        json!([
            {"id": "1", "severity": "high", "status": "active", "displayName": "Invoice, fraud", "createdDateTime": "2026-08-01T11:00:00Z", "customTags": ["test"]},
            {"id": "2", "severity": "medium", "status": "inProgress", "assignedTo": "Ana@contoso.com", "displayName": "Lateral movement", "createdDateTime": "2026-08-01T03:00:00Z"},
            {"id": "3", "severity": "low", "status": "resolved", "assignedTo": "raj@contoso.com", "displayName": "i n v o i c e", "createdDateTime": "2026-07-31T23:59:59Z", "classification": "falsePositive"},
            {"id": "4", "severity": "catastrophic", "status": "paused", "displayName": "none of it", "createdDateTime": "2026-06-01T00:00:00Z", "priorityScore": 80},
            {"id": "5", "displayName": "me", "customTags": ["testing", "vip"], "priorityScore": 12, "redirectIncidentId": "1"},
        ]),
    );
    let col = |name| incident::SPEC.column(name).unwrap();
    let list = |words: &[&str]| table::Value::List(words.iter().map(|w| Text::from(*w)).collect());
    let edits = [
        (
            0u32,
            vec![
                (
                    col("src"),
                    list(&[
                        "microsoftDefenderForEndpoint",
                        "microsoftDefenderForOffice365",
                    ]),
                ),
                (col("mitre"), list(&["T1566.002", "T1021"])),
                (col("alerts"), table::Value::Int(7)),
            ],
        ),
        (
            1,
            vec![
                (col("src"), list(&["microsoftDefenderForToasters"])),
                (col("mitre"), list(&[])),
                (col("alerts"), table::Value::Int(2)),
            ],
        ),
    ];
    keyed.set_cells(edits);
    keyed
}

#[test]
fn terms_of_every_form_find_their_rows() {
    let keyed = incidents();
    for (text, ids) in [
        ("", "3 4 5 1 2"),
        // ordered words, short and whole, unknown members never below a known one
        ("sev>=med", "4 1 2"),
        ("severity>=Medium", "4 1 2"),
        ("sev:high", "1"),
        ("sev:high,low", "3 1"),
        ("sev<med", "3"),
        ("sev<=med", "3 2"),
        ("sev>high", "4"),
        ("sev=catastrophic", "4"),
        ("sev:low..med", "3 2"),
        ("sev:med..", "4 1 2"),
        ("!sev>=med", "3 5"),
        ("-sev:high", "3 4 5 2"),
        ("sev:none", "5"),
        ("sev:any", "3 4 1 2"),
        ("st:new", "1"),
        ("st:active,inProgress", "1 2"),
        ("st:done", "3"),
        ("st:inP", "2"),
        ("class:fp", "3"),
        // people
        ("own:me", "2"),
        ("own:none", "4 5 1"),
        ("own:any", "3 2"),
        ("own:raj", "3"),
        ("own=raj", ""),
        ("own!=raj@contoso.com", "4 5 1 2"),
        ("!own:me", "3 4 5 1"),
        // times
        ("age<4h", "1"),
        ("age:12h", "1 2"),
        ("age>1d", "4"),
        ("age:2h..2d", "3 2"),
        ("age:10d..", "4"),
        ("created>2026-07-31", "1 2"),
        ("created>=2026-07-31", "3 1 2"),
        ("created:2026-07", "3"),
        ("created:2026-07-31..2026-08-01", "3 1 2"),
        ("created:today", "1 2"),
        ("created:yesterday", "3"),
        ("created<2026-08-01T03:00", "3 4"),
        ("created:2026-08-01T03:00", "2"),
        ("created:none", "5"),
        // words of the row
        ("invoice", "1"),
        ("lateral move", "2"),
        ("fraud,movement", "1 2"),
        ("~invoice", "3 1"),
        ("~\"invoice\"", "3 1"),
        ("title:\"i n v\"", "3"),
        ("title:\"none of it\"", "4"),
        ("title:Lat*", "2"),
        ("title~ltrl", "2"),
        ("\"Invoice, fraud\"", "1"),
        ("\"me\"", "5 2"),
        ("title=me", "5"),
        // tags are whole words
        ("tag:test", "1"),
        ("tag:test*", "5 1"),
        ("!tag:test", "3 4 5 2"),
        ("tag:none", "3 4 2"),
        // ids
        ("id:4", "4"),
        ("id:1,2", "1 2"),
        ("into:any", "5"),
        // numbers
        ("prio>=80", "4"),
        ("prio:10..20", "5"),
        ("prio:20..10", "5"),
        ("alerts>3", "1"),
        // joined words
        ("src:mde", "1"),
        ("src:mdo", "1"),
        ("src:toasters", "2"),
        ("mitre:T1566", "1"),
        ("mitre:t1566.002", "1"),
        ("mitre:T1566.001", ""),
        ("mitre:any", "1"),
        ("T1021", "1"),
        (
            "sev>=med st:new own:none age<4h src:mde mitre:T1566 ~\"invoice\" tag:test",
            "1",
        ),
    ] {
        assert_eq!(found(&incident::SPEC, &keyed, text), ids, "{text}");
    }
}

#[test]
fn what_is_not_known_yet_hides_nothing_but_bare_words_still_filter() {
    let mut keyed = incidents();
    for (col, column) in incident::SPEC.columns.iter().enumerate() {
        keyed.set_pending(col, column.source == crate::resource::Source::Joined);
    }
    assert_eq!(found(&incident::SPEC, &keyed, "src:mde"), "3 4 5 1");
    assert_eq!(found(&incident::SPEC, &keyed, "!src:mde"), "3 4 5 2");
    assert_eq!(found(&incident::SPEC, &keyed, "mitre:none"), "3 4 5 2");
    let parsed = parse("lateral", &incident::SPEC);
    let waiting = Env {
        joined: false,
        ..env()
    };
    let predicate = compile(&parsed, &incident::SPEC, &waiting);
    let kept = table::filter(keyed.table(), &keyed.live(), &predicate, &Cancel::new()).unwrap();
    assert_eq!((kept.rows.len(), kept.maybe), (1, 0));
}

#[test]
fn s0_13_to_s0_21_every_source_has_its_word_and_new_ones_their_raw_name() {
    let sources = [
        ("S0-13", "mde", "microsoftDefenderForEndpoint"),
        ("S0-14", "mdi", "microsoftDefenderForIdentity"),
        ("S0-15", "mdca", "microsoftDefenderForCloudApps"),
        ("S0-16", "mdo", "microsoftDefenderForOffice365"),
        ("S0-17", "xdr", "microsoft365Defender"),
        ("S0-18", "eip", "azureAdIdentityProtection"),
        ("S0-19", "appgov", "microsoftAppGovernance"),
        ("S0-20", "dlp", "dataLossPrevention"),
        ("S0-21", "mdc", "microsoftDefenderForCloud"),
        (
            "S0-21",
            "microsoftDefenderForToasters",
            "microsoftDefenderForToasters",
        ),
    ];
    let json: Vec<Value> = sources
        .iter()
        .map(|(row, _, source)| json!({"id": format!("{row}-{source}"), "serviceSource": source}))
        .collect();
    let keyed = rows(&alert::SPEC, json.into());
    for (row, word, source) in sources {
        assert_eq!(
            found(&alert::SPEC, &keyed, &format!("src:{word}")),
            format!("{row}-{source}")
        );
    }
    assert_eq!(
        found(&alert::SPEC, &keyed, "src:\"Purview DLP\""),
        "S0-20-dataLossPrevention"
    );
}

#[test]
fn devices_by_risk_system_server_and_address() {
    let keyed = rows(
        &device::SPEC,
        json!([
            {"id": "a", "computerDnsName": "dc1.contoso.com", "riskScore": "High", "exposureLevel": "High", "osPlatform": "WindowsServer2022", "version": "21H2",
             "lastIpAddress": "10.0.0.4", "healthStatus": "Active", "vmMetadata": {"resourceId": "/subscriptions/1", "cloudProvider": "Azure"}},
            {"id": "b", "computerDnsName": "ws1", "riskScore": "None", "exposureLevel": "Low", "osPlatform": "Windows11", "version": "23H2",
             "lastIpAddress": "10.0.0.40", "healthStatus": "Inactive"},
            {"id": "c", "computerDnsName": "thing", "lastIpAddress": "192.10.0.4"},
        ]),
    );
    for (text, ids) in [
        ("risk>=med", "a"),
        ("risk:none", "b"),
        ("risk:empty", "c"),
        ("combined>=high", "a"),
        ("server:yes", "a"),
        ("server:no", "b"),
        ("server:none", "c"),
        ("cloud:any", "a"),
        ("os:windows", "a b"),
        ("profile:\"Windows 11\"", "b"),
        ("profile=\"unknown OS\"", "c"),
        ("ip:10.0.0.4", "a"),
        ("ip:10.0.", "a b"),
        ("health:active", "a"),
        ("health:inactive", "b"),
        ("10.0.0.4", "a b"),
    ] {
        assert_eq!(found(&device::SPEC, &keyed, text), ids, "{text}");
    }
}

#[test]
fn every_view_that_comes_with_the_program_reads_without_a_problem() {
    for spec in ALL {
        for view in spec.views {
            let parsed = parse(view.filter, spec);
            assert_eq!(parsed.problems, [], "{} of {}", view.name, spec.title);
        }
    }
}

#[test]
fn a_wrong_term_is_told_with_the_nearest_right_one_and_the_rest_applies() {
    let spec = &incident::SPEC;
    for (text, piece, sentence, near) in [
        (
            "sevirity:high st:new",
            "sevirity",
            "incidents have no field sevirity; did you mean severity?",
            Some("severity"),
        ),
        (
            "sev>=hgih st:new",
            "hgih",
            "severity has no hgih; did you mean high?",
            Some("high"),
        ),
        (
            "sev:zz st:new",
            "zz",
            "severity has no zz; there are unk, info, low, med, high",
            None,
        ),
        (
            "title>5 st:new",
            ">",
            "displayName has no order; use :, = or ~",
            Some(":"),
        ),
        (
            "prio:many st:new",
            "many",
            "priorityScore is a whole number",
            None,
        ),
        (
            "age<90 st:new",
            "90",
            "90 needs a unit: 90m, 90h or 90d",
            None,
        ),
        (
            "age<soonish st:new",
            "soonish",
            "a time is an age (30m, 4h, 7d), a day (2026-08-01), today or yesterday",
            None,
        ),
        (
            "prio:.. st:new",
            "..",
            "a range wants at least one end: 2..5, 2.., ..5",
            None,
        ),
        (
            "sev~h st:new",
            "~",
            "severity is no text; use : or a comparison",
            Some(":"),
        ),
        (
            "sev>=low,high st:new",
            "sev>=low,high",
            "sev>= takes one value",
            None,
        ),
        (
            "sev: st:new",
            "sev:",
            "sev: wants a value: severity: sev>=med",
            None,
        ),
        ("! st:new", "!", "a word to look for is missing", None),
        (
            "zq:x st:new",
            "zq",
            "incidents have no field zq; put the word in quotes to look for it",
            None,
        ),
    ] {
        let parsed = parse(text, spec);
        assert_eq!(parsed.terms.len(), 1, "{text}: the rest applies");
        let [problem] = parsed.problems.as_slice() else {
            panic!("{text}: {:?}", parsed.problems)
        };
        assert_eq!(&text[problem.span.clone()], piece, "{text}");
        assert_eq!(problem.sentence, sentence, "{text}");
        assert_eq!(problem.nearest.as_deref(), near, "{text}");
        assert!(!problem.unfinished, "{text}");
    }
    // of several values the good ones count
    let parsed = parse("st:active,nonsense", spec);
    assert_eq!((parsed.terms.len(), parsed.problems.len()), (1, 1));
    assert!(parsed.problems[0].unfinished, "it is still being typed");
}

#[test]
fn things_that_look_like_fields_are_words() {
    for text in [
        "https://evil.example/x",
        "C:\\Windows",
        "fe80::1",
        "10:30",
        "a_b:c",
        ":x",
        ">5",
    ] {
        let parsed = parse(text, &incident::SPEC);
        assert_eq!(parsed.problems, [], "{text}");
        assert_eq!(
            parsed.terms[0].what,
            What::Words {
                fuzzy: false,
                any: vec![text.to_owned()]
            }
        );
    }
}

#[test]
fn terms_that_move_with_time_say_so() {
    let spec = &incident::SPEC;
    for (text, moves) in [
        ("age<4h", true),
        ("created:today", true),
        ("sev>=med age:1h..4h", true),
        ("created>2026-08-01", false),
        ("own:me sev>=med", false),
    ] {
        assert_eq!(parse(text, spec).depends_on_now(), moves, "{text}");
    }
}

#[test]
fn explains_itself() {
    let me = Text::from("ana@contoso.com");
    for (text, sentence) in [
        ("", "all incidents"),
        (
            "sev>=med st:active,inProgress own:me age<4h",
            "incidents with severity medium or higher, and status active or inProgress, and me (ana@contoso.com) in assignedTo, and createdDateTime less than 4h ago",
        ),
        (
            "!tag:test own:none",
            "incidents with not: \"test\" in customTags, and no assignedTo",
        ),
        (
            "~inv",
            "incidents with the letters of \"inv\" in order in a text",
        ),
        (
            "created>2026-08-01 prio:2..5",
            "incidents with createdDateTime after 2026-08-01, and priorityScore from 2 to 5",
        ),
    ] {
        assert_eq!(
            explain(&parse(text, &incident::SPEC), &incident::SPEC, Some(&me)),
            sentence
        );
    }
}

#[test]
fn without_a_person_me_is_nobody() {
    let keyed = incidents();
    let nobody = Env { me: None, ..env() };
    let predicate = compile(&parse("own:me", &incident::SPEC), &incident::SPEC, &nobody);
    let kept = table::filter(keyed.table(), &keyed.live(), &predicate, &Cancel::new()).unwrap();
    assert!(kept.rows.is_empty());
}

#[test]
fn users_are_found_by_risk_state_and_name() {
    let keyed = rows(
        &user::SPEC,
        json!([
            {"id": "u1", "displayName": "Ana Pérez", "userPrincipalName": "ana@contoso.com", "accountEnabled": true, "userType": "Member"},
            {"id": "u2", "displayName": "Guest", "userPrincipalName": "x_evil.example#EXT#@contoso.com", "accountEnabled": false, "userType": "Guest"},
        ]),
    );
    for (text, ids) in [
        ("on:no", "u2"),
        ("type:guest", "u2"),
        ("pérez", "u1"),
        ("upn:ext", "u2"),
        ("id:u1", "u1"),
    ] {
        assert_eq!(found(&user::SPEC, &keyed, text), ids, "{text}");
    }
}
