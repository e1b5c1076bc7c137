//! Every row from the question to the way back: what the prompt says of it, what proves it and what does not, and what
//! takes it back. The requests themselves are held against `tests/fixtures/actions.toml`.

use super::*;
use crate::model::guard::Here;
use crate::model::{EntityRef, Mode};
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;

/// Lists that are complete and name nothing.
struct Nothing;

impl Known for Nothing {
    fn alerts_of(&self, _: &EntityRef) -> Vec<Key> {
        Vec::new()
    }
    fn cell(&self, _: &Key, _: &str) -> Option<table::Value> {
        None
    }
    fn same_name(&self, _: Kind, _: &Text) -> Vec<Key> {
        Vec::new()
    }
    fn with(&self, _: Kind, _: &str, _: &Text) -> Vec<Key> {
        Vec::new()
    }
    fn complete(&self, _: Kind) -> bool {
        true
    }
}

/// One way through a row.
struct Case {
    verb: &'static str,
    key: Key,
    now: Value,
    /// To `preview` and then `asides`.
    answers: Vec<Value>,
    args: Args,
    /// Words of the prompt.
    says: &'static [&'static str],
    /// Readings that prove it, and such that do not; none of either where the service's own course does.
    proves: Vec<Value>,
    disproves: Vec<Value>,
    /// What `witness` reads when it proves it, and when not.
    witness: Option<(Value, Value)>,
    /// The verb that takes it back, and the calls it makes on the reading that proved it.
    back: Option<(&'static str, Vec<&'static str>)>,
}

const U: &str = "u-1";

fn case(verb: &'static str, kind: Kind, now: Value) -> Case {
    let id = Json(&now).str("id").unwrap_or("x").to_owned();
    Case {
        verb,
        key: Key::new(kind, id),
        now,
        answers: Vec::new(),
        args: Args::default(),
        says: &[],
        proves: Vec::new(),
        disproves: Vec::new(),
        witness: None,
        back: None,
    }
}

fn with(entity: &Value, field: &str, value: Value) -> Value {
    let mut out = entity.clone();
    out[field] = value;
    out
}

fn user() -> Value {
    json!({"id": U, "displayName": "Raj", "userPrincipalName": "raj@contoso.com", "accountEnabled": true, "userType": "Member",
        "signInSessionsValidFromDateTime": "2026-07-01T00:00:00Z", "lastPasswordChangeDateTime": "2026-07-01T00:00:00Z",
        "onPremisesSyncEnabled": true, "onPremisesSecurityIdentifier": "S-1-5-21-1"})
}

fn device() -> Value {
    json!({"id": "d-1", "computerDnsName": "srv-7.contoso.com", "osPlatform": "WindowsServer2022", "healthStatus": "Inactive",
        "lastSeen": "2026-07-31T12:00:00Z", "onboardingStatus": "Onboarded", "deviceValue": "Normal", "machineTags": ["a", "b"],
        "isPotentialDuplication": true, "ipAddresses": [{"macAddress": "00-0A-0b0c0d0e"}]})
}

fn incident() -> Value {
    json!({"id": "4711", "displayName": "Phish", "status": "active", "severity": "high", "assignedTo": null,
        "classification": null, "determination": null, "customTags": ["a"], "comments": []})
}

fn alert() -> Value {
    json!({"id": "a-1", "title": "Mail", "status": "new", "incidentId": "4711", "assignedTo": null,
        "evidence": [{"@odata.type": "#microsoft.graph.security.analyzedMessageEvidence", "networkMessageId": "n-1",
            "recipientEmailAddress": "raj@contoso.com", "subject": "Pay", "remediationStatus": "none"}]})
}

/// Roles, and who else is Global Administrator.
fn roles() -> Value {
    json!({"value": [{"id": "r-1", "displayName": "Global Administrator", "roleTemplateId": "62e90394-69f5-4237-9190-012177145e10"}]})
}

fn holders() -> Value {
    json!({"value": [{"id": U, "accountEnabled": true}, {"id": "u-2", "accountEnabled": true}, {"id": "u-3", "accountEnabled": false}]})
}

fn identity() -> Value {
    json!({"value": [{"id": "i-1", "onPremisesSecurityIdentifier": "S-1-5-21-1",
        "accounts": [{"identifier": "g-1", "identityProvider": "activeDirectory", "actions": []}]}]})
}

fn logons() -> Value {
    json!({"value": [{"id": "contoso\\raj", "lastSeen": "2026-08-01T11:00:00Z", "isDomainAdmin": true}]})
}

fn actions() -> Value {
    let row = |id: &str, kind: &str, status: &str, who: &str| json!({"id": id, "type": kind, "status": status, "requestor": who, "scope": "Full", "lastUpdateDateTimeUtc": "2026-08-01T10:00:00Z"});
    json!({"value": [
        row("m-1", "Isolate", "Succeeded", "mei@contoso.com"),
        row("m-2", "RestrictCodeExecution", "Succeeded", "mei@contoso.com"),
        row("m-3", "RunAntiVirusScan", "Pending", "mei@contoso.com"),
    ]})
}

fn traces() -> Value {
    json!({"schema": [], "results": [{"Trace": "virtual machines", "At": ""}, {"Trace": "proxy", "At": "10.0.0.9:8080"}]})
}

fn pair() -> Args {
    Args {
        pair: Some(("falsePositive", "notMalicious")),
        ..Args::default()
    }
}

fn choice(word: &'static str) -> Args {
    Args {
        choice: Some(word),
        ..Args::default()
    }
}

fn triage() -> Vec<Case> {
    let (inc, alerts) = (
        incident(),
        json!({"value": [{"id": "a-1", "status": "new", "classification": null, "determination": null}]}),
    );
    let mut done = with(&inc, "status", "resolved".into());
    done["classification"] = "falsePositive".into();
    done["determination"] = "notMalicious".into();
    let mine = with(
        &with(&inc, "assignedTo", "Ana@contoso.com".into()),
        "status",
        "inProgress".into(),
    );
    let back = || Some(("put back", vec!["PATCH /security/incidents/4711"]));
    let incident_of = |verb| case(verb, Kind::Incident, inc.clone());
    vec![
        Case {
            proves: vec![mine.clone()],
            disproves: vec![with(&inc, "assignedTo", "ana@contoso.com".into())],
            back: back(),
            ..incident_of("take")
        },
        Case {
            proves: vec![mine],
            disproves: vec![with(&inc, "status", "inProgress".into())],
            back: back(),
            ..incident_of("take over")
        },
        Case {
            args: Args {
                person: Some("mei@contoso.com".into()),
                ..Args::default()
            },
            proves: vec![with(&inc, "assignedTo", "MEI@contoso.com".into())],
            disproves: vec![with(&inc, "assignedTo", "raj@contoso.com".into())],
            back: back(),
            ..incident_of("assign")
        },
        Case {
            args: Args {
                status: Some("inProgress"),
                ..Args::default()
            },
            proves: vec![with(&inc, "status", "inProgress".into())],
            disproves: vec![with(&inc, "status", "resolved".into())],
            back: back(),
            ..incident_of("status")
        },
        Case {
            args: pair(),
            proves: vec![with(&done, "status", "active".into())],
            disproves: vec![with(&inc, "classification", "falsePositive".into())],
            back: back(),
            ..incident_of("classify")
        },
        Case {
            args: pair(),
            answers: vec![alerts.clone()],
            proves: vec![done.clone()],
            disproves: vec![with(&done, "status", "active".into())],
            back: None,
            ..incident_of("done")
        },
        Case {
            args: Args {
                add: vec!["b".into()],
                remove: vec!["a".into()],
                ..Args::default()
            },
            proves: vec![with(&inc, "customTags", json!(["b", "c"]))],
            disproves: vec![with(&inc, "customTags", json!(["a", "b"]))],
            back: back(),
            ..incident_of("tag")
        },
        Case {
            args: Args {
                text: Some("seen".into()),
                ..Args::default()
            },
            proves: vec![with(&inc, "comments", json!([{"comment": "seen\r\n"}]))],
            disproves: vec![with(&inc, "comments", json!([{"comment": "other"}]))],
            ..incident_of("comment")
        },
        Case {
            now: done.clone(),
            answers: vec![json!({"value": [{"id": "a-1", "status": "resolved"}]})],
            args: Args {
                restore: vec![(
                    Key::new(Kind::Incident, "4711"),
                    json!({"status": "active", "alerts": alerts["value"]}),
                )],
                ..Args::default()
            },
            says: &["comes back: status active", "each of 1 alerts"],
            proves: vec![inc.clone()],
            witness: Some((
                alerts,
                json!({"value": [{"id": "a-1", "status": "resolved"}]}),
            )),
            ..incident_of("put back")
        },
        Case {
            args: Args {
                incident: Some("4709".into()),
                choice: Some("sameActor"),
                ..Args::default()
            },
            answers: vec![
                json!({"id": "4709", "displayName": "Other", "status": "active", "severity": "high"}),
            ],
            says: &["“Other”", "the service chooses which"],
            proves: vec![inc.clone()],
            witness: Some((
                json!({"id": "4709", "status": "redirected", "redirectIncidentId": "4711"}),
                json!({"id": "4709", "status": "active", "lastUpdateDateTime": "2026-08-01T12:03:00Z"}),
            )),
            ..incident_of("merge incidents")
        },
        Case {
            args: Args {
                incident: Some("4709".into()),
                choice: Some("sameActor"),
                ..Args::default()
            },
            answers: vec![
                json!({"id": "4709", "displayName": "Other", "status": "active", "severity": "high"}),
            ],
            says: &["incident 4709: “Other”, high, active"],
            proves: vec![with(&alert(), "incidentId", "4709".into())],
            disproves: vec![alert()],
            back: None,
            ..case("move alert", Kind::Alert, alert())
        },
        Case {
            args: choice("softDelete"),
            says: &["1 messages: “Pay” to raj@contoso.com", "action center"],
            proves: vec![{
                let mut done = alert();
                done["evidence"][0]["remediationStatus"] = "remediated".into();
                done
            }],
            disproves: vec![alert()],
            ..case("remediate mail", Kind::Alert, alert())
        },
    ]
}

fn machines() -> Vec<Case> {
    let dev = device();
    let ordinary: &[&str] = &[
        "Inactive",
        "duplicate",
        "a server",
        "domain administrators used it",
        "RunAntiVirusScan is Pending",
    ];
    let of = |verb| Case {
        answers: vec![logons(), actions()],
        says: ordinary,
        ..case(verb, Kind::Device, dev.clone())
    };
    let to = |path: &'static str| vec![path];
    let isolated = |verb| Case {
        answers: vec![logons(), actions(), traces()],
        says: &[
            "isolated already",
            "Hyper-V virtual machines",
            "by a proxy (10.0.0.9:8080)",
            "VPN",
            "a server",
        ],
        back: Some(("release", to("POST /machines/d-1/unisolate"))),
        ..of(verb)
    };
    vec![
        isolated("isolate"),
        isolated("isolate selectively"),
        Case {
            says: &["mei@contoso.com isolated it, not you"],
            back: Some(("isolate", to("POST /machines/d-1/isolate"))),
            ..of("release")
        },
        Case {
            says: &["refuses a second one"],
            ..of("quick scan")
        },
        of("full scan"),
        Case {
            says: &["signed by Microsoft start"],
            back: Some((
                "unrestrict apps",
                to("POST /machines/d-1/unrestrictCodeExecution"),
            )),
            ..of("restrict apps")
        },
        Case {
            says: &["mei@contoso.com restricted it"],
            back: Some((
                "restrict apps",
                to("POST /machines/d-1/restrictCodeExecution"),
            )),
            ..of("unrestrict apps")
        },
        of("collect package"),
        Case {
            answers: Vec::new(),
            args: Args {
                add: vec!["c".into()],
                remove: vec!["a".into()],
                ..Args::default()
            },
            says: &["another device group"],
            proves: vec![with(&dev, "machineTags", json!(["b", "c"]))],
            disproves: vec![with(&dev, "machineTags", json!(["a", "b", "c"]))],
            back: Some((
                "tag device",
                vec!["POST /machines/d-1/tags", "POST /machines/d-1/tags"],
            )),
            ..of("tag device")
        },
        Case {
            answers: Vec::new(),
            args: choice("High"),
            says: &["exposure score"],
            proves: vec![with(&dev, "deviceValue", "High".into())],
            disproves: vec![with(&dev, "deviceValue", "Low".into())],
            back: Some(("device value", to("POST /machines/d-1/setDeviceValue"))),
            ..of("device value")
        },
        Case {
            says: &["not protected or seen"],
            ..of("offboard")
        },
        Case {
            args: Args {
                sha1: Some("da39a3ee5e6b4b0d3255bfef95601890afd80709".into()),
                ..Args::default()
            },
            says: &["every process of the file"],
            ..of("quarantine file")
        },
        Case {
            says: &["it has begun", "mei@contoso.com asked for it"],
            proves: vec![json!({"id": "m-3", "status": "Cancelled"})],
            disproves: vec![json!({"id": "m-3", "status": "Succeeded"})],
            ..case(
                "cancel",
                Kind::Action,
                json!({"id": "m-3", "status": "InProgress", "requestor": "mei@contoso.com"}),
            )
        },
    ]
}

fn people() -> Vec<Case> {
    let (on, later) = (user(), "2026-08-01T12:03:00Z");
    let off = with(&on, "accountEnabled", false.into());
    let of = |verb| Case {
        answers: vec![roles(), holders()],
        ..case(verb, Kind::User, on.clone())
    };
    let risk = |state: &str| json!({"id": U, "riskState": state, "riskLevel": "medium", "isProcessing": true});
    let judged = |verb, state: &str| Case {
        answers: vec![roles()],
        says: &[
            "risk medium now",
            "still being worked on",
            "it holds Global Administrator",
        ],
        proves: vec![risk(state)],
        disproves: vec![risk("atRisk")],
        ..case(verb, Kind::User, risk("atRisk"))
    };
    let premises = |verb| Case {
        answers: vec![roles(), identity(), holders()],
        ..of(verb)
    };
    let revoked = with(&on, "signInSessionsValidFromDateTime", later.into());
    let changed = with(&on, "lastPasswordChangeDateTime", later.into());
    vec![
        Case {
            says: &[
                "it holds Global Administrator",
                "one other enabled Global Administrator",
                "Active Directory owns it",
                "revoke sessions too",
                "never list",
            ],
            proves: vec![off.clone()],
            disproves: vec![on.clone()],
            back: Some(("enable", vec!["PATCH /users/u-1"])),
            ..of("disable")
        },
        Case {
            says: &[
                "one other enabled Global Administrator",
                "sessions that ended stay ended",
                "live on until they end",
            ],
            proves: vec![with(&off, "signInSessionsValidFromDateTime", later.into())],
            // one of the two is not both
            disproves: vec![off.clone(), revoked.clone()],
            back: Some(("enable", vec!["PATCH /users/u-1"])),
            ..of("disable and revoke")
        },
        Case {
            now: off.clone(),
            answers: vec![
                roles(),
                json!({"value": [{"activityDisplayName": "Disable account", "activityDateTime": later, "initiatedBy": {"user": {"userPrincipalName": "mei@contoso.com"}}}]}),
            ],
            says: &["mei@contoso.com disabled it, not you"],
            proves: vec![on.clone()],
            disproves: vec![off.clone()],
            back: Some(("disable", vec!["PATCH /users/u-1"])),
            ..of("enable")
        },
        Case {
            says: &["live on until they end", "stays enabled"],
            proves: vec![revoked],
            disproves: vec![on.clone()],
            ..of("revoke sessions")
        },
        Case {
            says: &["whoever knows the old password", "Active Directory's"],
            proves: vec![changed.clone()],
            disproves: vec![on.clone()],
            ..of("force password change")
        },
        Case {
            back: Some((
                "dismiss risk",
                vec!["POST /identityProtection/riskyUsers/dismiss"],
            )),
            ..judged("confirm compromised", "confirmedCompromised")
        },
        judged("confirm safe", "confirmedSafe"),
        judged("dismiss risk", "dismissed"),
        Case {
            says: &[
                "one other enabled Global Administrator",
                "next synchronization",
            ],
            proves: vec![off.clone()],
            disproves: vec![on.clone()],
            back: Some((
                "enable on premises",
                vec!["POST /security/identities/identityAccounts/i-1/invokeAction"],
            )),
            ..premises("disable on premises")
        },
        Case {
            now: off.clone(),
            says: &["next synchronization"],
            proves: vec![on.clone()],
            disproves: vec![off],
            back: Some((
                "disable on premises",
                vec!["POST /security/identities/identityAccounts/i-1/invokeAction"],
            )),
            ..premises("enable on premises")
        },
        Case {
            says: &["whoever knows the old password"],
            proves: vec![changed],
            disproves: vec![on.clone()],
            ..premises("force password change on premises")
        },
    ]
}

fn values() -> Vec<Case> {
    let row = json!({"id": "995", "indicatorValue": "evil.example", "indicatorType": "DomainName", "action": "Audit", "title": "Case 88",
        "description": "d", "createdByDisplayName": "mei@contoso.com", "rbacGroupNames": []});
    let key = Key::new(Kind::Indicator, "evil.example");
    let block = Args {
        indicator: Some(Indicator {
            action: "Block",
            ..Indicator::default()
        }),
        ..Args::default()
    };
    let checks = vec![
        json!({"value": [{"id": "t", "verifiedDomains": [{"name": "contoso.com"}]}]}),
        json!({}),
        json!({"schema": [], "results": [{"Told": 12, "Open": 5}]}),
    ];
    let blocked = with(&row, "action", "Block".into());
    vec![
        Case {
            key: key.clone(),
            now: row.clone(),
            answers: checks.clone(),
            args: block.clone(),
            says: &[
                "reaches every device",
                "never expires",
                "is overwritten: Audit “Case 88”",
                "5 of 12 devices",
                "made by mei@contoso.com",
            ],
            proves: vec![blocked.clone()],
            disproves: vec![row.clone(), Value::Null],
            back: Some(("indicate", vec!["POST /indicators"])),
            ..case("indicate", Kind::Indicator, row.clone())
        },
        // made anew: the way back is to delete it
        Case {
            key: key.clone(),
            now: Value::Null,
            answers: checks,
            args: block,
            says: &["no row with this value"],
            proves: vec![blocked],
            disproves: vec![Value::Null],
            back: Some(("delete indicator", vec!["DELETE /indicators/995"])),
            ..case("indicate", Kind::Indicator, row.clone())
        },
        Case {
            key,
            says: &["not watched any more", "Case 88"],
            proves: vec![Value::Null],
            disproves: vec![row.clone()],
            back: Some(("indicate", vec!["POST /indicators"])),
            ..case("delete indicator", Kind::Indicator, row)
        },
    ]
}

fn cases() -> Vec<Case> {
    let all = [triage(), machines(), people(), values()];
    all.into_iter().flatten().collect()
}

fn got(answers: &[Value]) -> Vec<Answer> {
    let one = |v: &Value| Answer::Got {
        body: Arc::new(v.clone()),
        more: false,
    };
    answers.iter().map(one).collect()
}

fn session(guards: Guards) -> Session {
    Session {
        tenant: "contoso".into(),
        tenant_id: "t".into(),
        mode: Mode::Delegated,
        principal: "p".into(),
        me: Some("ana@contoso.com".into()),
        demo: false,
        read_only: None,
        guards: Arc::new(guards),
    }
}

fn elsewhere() -> Guards {
    Guards {
        here: Some(Here {
            name: "desk".into(),
            cards: vec!["feedfacecafe".into()],
        }),
        ..Guards::default()
    }
}

fn told(case: &Case, verb: &'static Verb, answers: &[Answer], guards: Guards) -> Vec<Consequence> {
    let session = session(guards);
    (verb.consequences)(&About {
        verb,
        key: &case.key,
        entity: Json(&case.now),
        answers,
        args: &case.args,
        session: &session,
        now: Ticks::parse("2026-08-01T12:00:00Z").unwrap(),
        known: &Nothing,
    })
}

fn texts(all: &[Consequence]) -> String {
    all.iter()
        .map(|c| c.text.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

fn me() -> Text {
    "ana@contoso.com".into()
}

#[test]
fn every_row_has_its_case() {
    let with: HashSet<&str> = cases().iter().map(|c| c.verb).collect();
    for verb in all().chain(restore::VERBS) {
        assert!(with.contains(verb.name), "{} has no case here", verb.name);
    }
    for name in with {
        assert!(named(name).is_some(), "{name} is no verb");
    }
}

#[test]
fn the_prompt_says_what_follows_and_asks_by_reading_only() {
    for case in cases() {
        let verb = named(case.verb).unwrap();
        let said = texts(&told(&case, verb, &got(&case.answers), elsewhere()));
        for words in case.says {
            assert!(
                said.contains(words),
                "{}: no “{words}” in\n{said}",
                case.verb
            );
        }
        let mut calls = (verb.preview)(&case.key, Json(&case.now), &case.args);
        calls.extend((verb.asides)(&case.key, Json(&case.now), &case.args));
        for call in &calls {
            let hunts = call.path.as_str() == "/security/runHuntingQuery";
            assert!(
                call.is_read() || hunts,
                "{} would write: {call:?}",
                case.verb
            );
            assert!(
                !call.needs.is_empty(),
                "{}: {call:?} names no permission",
                case.verb
            );
        }
    }
}

#[test]
fn what_could_not_be_read_is_said_and_lowers_nothing() {
    for case in cases() {
        let verb = named(case.verb).unwrap();
        let mut calls = (verb.preview)(&case.key, Json(&case.now), &case.args);
        calls.extend((verb.asides)(&case.key, Json(&case.now), &case.args));
        let tier = |all: &[Consequence]| all.iter().filter_map(|c| c.raises).max().unwrap_or(0);
        let nothing = match case.answers.len() == calls.len() {
            true => got(&case.answers),
            false => got(&vec![json!({"value": []}); calls.len()]),
        };
        let best = told(&case, verb, &nothing, elsewhere());
        for lost in 0..calls.len() {
            let mut answers = nothing.clone();
            answers[lost] = Answer::Withheld(&["Some.Read.All"]);
            let worse = told(&case, verb, &answers, elsewhere());
            let unchecked = worse.iter().filter(|c| c.weight == Weight::Unchecked);
            // the alerts of an incident are for the record, not for the prompt
            let silent = matches!(case.verb, "done" | "put back");
            assert!(
                silent
                    || unchecked
                        .clone()
                        .any(|c| c.text.contains("that needs Some.Read.All")),
                "{} without answer {lost}:\n{}",
                case.verb,
                texts(&worse)
            );
            assert!(
                tier(&worse) >= tier(&best).min(2),
                "{} without answer {lost}",
                case.verb
            );
        }
    }
}

#[test]
fn only_the_right_reading_proves_it() {
    for case in cases() {
        let verb = named(case.verb).unwrap();
        let key = &case.key;
        let answers = got(&case.answers);
        let before = (verb.before)(verb, key, Json(&case.now), &answers);
        let me = me();
        let judge = |now: &Value| (verb.verify)(key, Json(now), &case.args, me.txt(), &before);
        for now in &case.proves {
            assert_eq!(judge(now), Ok(()), "{}", case.verb);
        }
        for now in &case.disproves {
            let why = judge(now).expect_err(case.verb);
            assert!(
                !why.is_empty() && !why.contains('\n'),
                "{}: {why}",
                case.verb
            );
        }
        match (verb.witness, &case.witness) {
            (Some(witness), Some((yes, no))) => {
                let now = Json(&case.proves[0]);
                assert_eq!((witness.calls)(key, &case.args).len(), 1, "{}", case.verb);
                let judge = |v: &Value| {
                    (witness.verify)(key, now, &case.args, &got(std::slice::from_ref(v)))
                };
                assert_eq!(judge(yes), Ok(()), "{}", case.verb);
                assert!(judge(no).is_err(), "{}", case.verb);
            }
            (None, None) => {}
            _ => panic!("{}: its witness is not heard", case.verb),
        }
        // what nothing of the target shows is proven by the course of the service's action
        let shown = !case.disproves.is_empty() || case.witness.is_some();
        assert!(
            shown || verb.follow.is_some(),
            "{} is proven by nothing",
            case.verb
        );
    }
}

#[test]
fn an_action_is_done_when_the_service_says_so_and_not_before() {
    for verb in all() {
        let Some(follow) = verb.follow else { continue };
        let poll = (follow.poll)(&Key::new(verb.kinds[0], "x"), Json(&json!({"id": "m-9"})));
        assert_eq!(
            poll.unwrap().path.as_str(),
            "/machineactions/m-9",
            "{}",
            verb.name
        );
        for (status, stand) in [
            ("Pending", Stand::Pending),
            ("InProgress", Stand::InProgress),
            ("Succeeded", Stand::Succeeded),
            ("Failed", Stand::Failed),
            ("TimeOut", Stand::Failed),
            ("Cancelled", Stand::Failed),
            ("SomethingNew", Stand::InProgress),
        ] {
            let course = (follow.course)(Json(&json!({"id": "m-9", "status": status})));
            assert_eq!(course.stand, stand, "{} {status}", verb.name);
        }
    }
}

#[test]
fn each_is_taken_back_by_what_the_prompt_names_or_cannot_be() {
    for case in cases() {
        let verb = named(case.verb).unwrap();
        let key = &case.key;
        let answers = got(&case.answers);
        let deed = Deed {
            run: "r".into(),
            set: "s".into(),
            at: Ticks(0),
            verb: case.verb.into(),
            key: key.clone(),
            name: "n".into(),
            sentence: String::new(),
            reason: None,
            before: (verb.before)(verb, key, Json(&case.now), &answers),
            stand: Stand::Succeeded,
            detail: String::new(),
            action: None,
            analyst: me(),
            undone: None,
        };
        let way = (verb.undo)(&deed);
        assert_eq!(
            way.is_some(),
            verb.inverse.is_some(),
            "{}: the prompt says otherwise",
            case.verb
        );
        let (Some((name, calls)), Some((back, args))) = (&case.back, way) else {
            continue;
        };
        assert_eq!(*name, back, "{}", case.verb);
        let back = named(back).unwrap();
        // where the target shows nothing it is as it was
        let now = case.proves.first().unwrap_or(&case.now);
        let made = (back.plan)(key, Json(now), &args, me().txt(), &answers);
        let made = made.unwrap_or_else(|why| panic!("{}: {why}", case.verb));
        let made: Vec<String> = (made.iter())
            .map(|c| format!("{} {}", c.method.name(), c.path.as_str()))
            .collect();
        assert_eq!(made, *calls, "{}", case.verb);
    }
}

/// The computer that the console runs on: refused by name and card together, raised by either.
#[test]
fn this_computer_is_not_cut_off_by_accident() {
    let case = &machines()[0];
    let here = |name: &str, card: &str| Guards {
        here: Some(Here {
            name: name.into(),
            cards: vec![card.into()],
        }),
        ..Guards::default()
    };
    let card = "000a0b0c0d0e";
    for (guards, refuses, raises) in [
        (here("srv-7", card), true, None),
        (here("srv-7", "feedfacecafe"), false, Some(3)),
        (here("desk", card), false, Some(3)),
    ] {
        for verb in [
            "isolate",
            "isolate selectively",
            "restrict apps",
            "offboard",
            "quarantine file",
        ] {
            let verb = named(verb).unwrap();
            let all = told(case, verb, &got(&case.answers), guards.clone());
            let found = all.iter().find(|c| c.text.contains("this runs on"));
            let found = found.unwrap_or_else(|| panic!("{}: {guards:?}", verb.name));
            assert_eq!(found.refuses.is_some(), refuses, "{}", verb.name);
            assert_eq!(found.raises, raises, "{}", verb.name);
        }
        // a scan cuts nobody off
        let all = told(
            case,
            named("quick scan").unwrap(),
            &got(&case.answers),
            guards,
        );
        assert!(!texts(&all).contains("this runs on"));
    }
    let unknown = told(
        case,
        named("isolate").unwrap(),
        &got(&case.answers),
        Guards::default(),
    );
    let unknown = unknown.iter().find(|c| c.text.contains("this runs on"));
    assert_eq!(unknown.unwrap().weight, Weight::Unchecked);
}

#[test]
fn nobody_disables_the_last_global_administrator() {
    let case = &people()[0];
    let on = |id: &str, on: Value| json!({"id": id, "accountEnabled": on});
    let no = json!({"value": []});
    for (roles, holders, refused) in [
        (
            roles(),
            json!({"value": [on(U, true.into()), on("u-2", false.into())]}),
            true,
        ),
        (roles(), holders(), false),
        (
            roles(),
            json!({"value": [on(U, true.into()), on("u-2", Value::Null)]}),
            false,
        ),
        (no, json!({"value": [on("u-2", false.into())]}), false),
    ] {
        for name in ["disable", "disable and revoke"] {
            let verb = named(name).unwrap();
            let all = told(
                case,
                verb,
                &got(&[roles.clone(), holders.clone()]),
                elsewhere(),
            );
            let found = all.iter().any(|c| c.refuses == Some("last-administrator"));
            assert_eq!(found, refused, "{name} {holders}:\n{}", texts(&all));
        }
    }
    // roles that may not be read may be that one
    let verb = named("disable").unwrap();
    let mut answers = got(&[json!({}), json!({"value": [on(U, true.into())]})]);
    answers[0] = Answer::Withheld(&["x"]);
    let all = told(case, verb, &answers, elsewhere());
    assert!(
        all.iter().any(|c| c.refuses == Some("last-administrator")),
        "{}",
        texts(&all)
    );
}
