//! The cases that every row is led through: readings, answers, what the prompt says, what proves it, what takes it back.

use super::*;
use serde_json::json;

mod decided;

/// One way through a row.
pub struct Case {
    pub verb: &'static str,
    pub key: Key,
    pub now: Value,
    /// To `preview` and then `asides`.
    pub answers: Vec<Value>,
    pub args: Args,
    /// Words of the prompt.
    pub says: &'static [&'static str],
    /// Readings that prove it, and such that do not; none of either where the service's own course does.
    pub proves: Vec<Value>,
    pub disproves: Vec<Value>,
    /// What `witness` reads when it proves it, and when not.
    pub witness: Option<(Value, Value)>,
    /// The verb that takes it back, and the calls it makes on the reading that proved it.
    pub back: Option<(&'static str, Vec<&'static str>)>,
}

pub const U: &str = "u-1";

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
pub fn roles() -> Value {
    json!({"value": [{"id": "r-1", "displayName": "Global Administrator", "roleTemplateId": "62e90394-69f5-4237-9190-012177145e10"}]})
}

pub fn holders() -> Value {
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

pub fn machines() -> Vec<Case> {
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

pub fn people() -> Vec<Case> {
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
        json!({"host": "evil.example", "organizationPrevalence": 7}),
        json!({"schema": [], "results": [{"Told": 12, "Open": 5, "Names": ["ws1.contoso.com", "ws2\u{202e}.contoso.com"]}]}),
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

/// Subscriptions, found in the service's bare list.
fn subscriptions() -> Vec<Case> {
    let listed = |status: &str| json!([{"contentType": "Audit.General", "status": "enabled"}, {"contentType": "Audit.Exchange", "status": status}]);
    let key = Key::new(Kind::Feed, "Audit.Exchange");
    let none = json!([{"contentType": "Audit.General", "status": "enabled"}]);
    vec![
        Case {
            key: key.clone(),
            says: &["twelve hours"],
            proves: vec![listed("enabled")],
            disproves: vec![listed("disabled"), none.clone()],
            back: Some(("stop subscription", vec!["POST /subscriptions/stop"])),
            ..case("start subscription", Kind::Feed, none.clone())
        },
        Case {
            key,
            says: &["loses it too"],
            proves: vec![listed("disabled"), none],
            disproves: vec![listed("enabled")],
            back: Some(("start subscription", vec!["POST /subscriptions/start"])),
            ..case("stop subscription", Kind::Feed, listed("enabled"))
        },
    ]
}

pub fn cases() -> Vec<Case> {
    let all = [
        triage(),
        machines(),
        people(),
        values(),
        subscriptions(),
        decided::cases(),
    ];
    all.into_iter().flatten().collect()
}
