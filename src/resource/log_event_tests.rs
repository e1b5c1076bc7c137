//! Rows of every source say the same in the same columns.

use super::*;
use serde_json::{Value, json};

fn of(row: &Value) -> LogEvent<'_> {
    LogEvent::of(Json(row))
}

fn sign_in_row(error: Option<i64>) -> Value {
    json!({
        "id": "s-1", "createdDateTime": "2026-08-19T10:00:00Z", "userPrincipalName": "ana@contoso.com", "userId": "u-1",
        "appDisplayName": "Azure Portal", "ipAddress": "203.0.113.7", "conditionalAccessStatus": "failure",
        "riskLevelDuringSignIn": "high", "status": {"errorCode": error},
        "deviceDetail": {"deviceId": "d-1", "displayName": "WS-7"},
    })
}

#[test]
fn s0_7_sign_ins_have_the_feeds_words_for_the_same_act() {
    let row = sign_in_row(Some(50126));
    let event = of(&row);
    assert_eq!(event.source, Source::SignIns);
    assert_eq!(event.at, Ticks::parse("2026-08-19T10:00:00Z"));
    assert_eq!(event.operation, Some("UserLoginFailed"));
    assert_eq!(event.result, Some("failed"));
    assert_eq!(event.about, Some("signin"));
    assert_eq!(
        event.changes,
        ["error:50126", "risk:high", "access:failure"]
    );
    assert_eq!(event.device_id, Some("d-1"));
    assert_eq!(event.people, ["ana@contoso.com"]);
    let row = sign_in_row(Some(0));
    assert_eq!(of(&row).operation, Some("UserLoggedIn"));
    let row = sign_in_row(None);
    assert_eq!(
        (of(&row).operation, of(&row).result),
        (Some("SignIn"), None)
    );
}

#[test]
fn s0_7_directory_audits_serve_the_presets_of_roles_and_consents() {
    let row = |activity: &str, category: &str, targets: Value| {
        json!({
            "id": "Directory_1", "activityDateTime": "2026-08-19T10:00:00.1234567Z", "activityDisplayName": activity,
            "category": category, "result": "success", "loggedByService": "Core Directory",
            "initiatedBy": {"app": null, "user": {"id": "u-9", "userPrincipalName": "desk@contoso.com", "ipAddress": "::1"}},
            "targetResources": targets,
        })
    };
    let person = json!({"id": "u-1", "displayName": "Ana", "userPrincipalName": "ana@contoso.com", "type": "User",
        "modifiedProperties": [{"displayName": "Role.DisplayName", "oldValue": "null", "newValue": "\"Reports Reader\""}]});
    let role = row("Add member to role", "RoleManagement", json!([person]));
    let event = of(&role);
    assert_eq!((event.source, event.about), (Source::Audits, Some("role")));
    assert_eq!(event.object.as_deref(), Some("Reports Reader"));
    assert_eq!(event.people, ["desk@contoso.com", "ana@contoso.com"]);
    assert_eq!(event.changes, ["Role.DisplayName"]);
    // a name of tomorrow, by its category
    let pim = row(
        "Add member to role in PIM requested (renew)",
        "RoleManagement",
        json!([]),
    );
    assert_eq!(of(&pim).about, Some("role"));
    let app = json!({"id": "a-1", "displayName": "MailMover", "Type": "ServicePrincipal", "userPrincipalName": null});
    let consent = row(
        "Consent to application",
        "ApplicationManagement",
        json!([app]),
    );
    let event = of(&consent);
    assert_eq!(
        (event.about, event.object.as_deref()),
        (Some("consent"), Some("MailMover"))
    );
    assert_eq!(event.target, None);
    // a group of which only the id stands among the targets has its name among what was changed
    let member = json!({"id": "u-1", "displayName": "Ana", "userPrincipalName": "ana@contoso.com", "type": "User",
        "modifiedProperties": [{"displayName": "Group.DisplayName", "oldValue": null, "newValue": "\"SG-VPN\""}]});
    let group = json!({"id": "596f36a5", "displayName": null, "type": "Group"});
    let joined = row(
        "Add member to group",
        "GroupManagement",
        json!([member, group]),
    );
    assert_eq!(of(&joined).object.as_deref(), Some("SG-VPN"));
    let nameless = row("Delete group", "GroupManagement", json!([group]));
    assert_eq!(of(&nameless).object.as_deref(), Some("596f36a5"));
    let person = row(
        "Reset user password",
        "UserManagement",
        json!([{"displayName": "Ana", "userPrincipalName": "ana@contoso.com"}]),
    );
    assert_eq!(of(&person).object.as_deref(), Some("Ana"));
    // an application did it
    let mut by_app = row("Update user", "UserManagement", json!([]));
    by_app["initiatedBy"] =
        json!({"user": null, "app": {"displayName": "HR sync", "servicePrincipalId": "p-1"}});
    assert_eq!(of(&by_app).user, Some("HR sync"));
    assert_eq!(of(&by_app).user_id, Some("p-1"));
}

#[test]
fn records_of_a_search_say_what_the_feed_says_of_them() {
    let inner = json!({
        "Id": "r-1", "RecordType": 1, "CreationTime": "2026-08-01T12:00:05", "Operation": "New-InboxRule",
        "UserId": "raj@contoso.com", "ClientIP": "203.0.113.7:51514", "Workload": "Exchange", "ResultStatus": "True",
        "Parameters": [{"Name": "ForwardTo", "Value": "drop@evil.example"}],
    });
    let shell = json!({
        "id": "r-1", "createdDateTime": "2026-08-01T12:00:05Z", "auditLogRecordType": "ExchangeAdmin",
        "operation": "New-InboxRule", "userPrincipalName": "raj@contoso.com", "service": "Exchange", "auditData": inner,
    });
    let (event, plain) = (of(&shell), of(&inner));
    assert_eq!((event.source, plain.source), (Source::Search, Source::Feed));
    assert_eq!(event.about, Some("forwarding"));
    let same = LogEvent {
        source: Source::Feed,
        kind: plain.kind.clone(),
        ..event.clone()
    };
    assert_eq!(same, plain);
    assert_eq!(event.kind.as_deref(), Some("ExchangeAdmin"));
    // without the record inside, the shell is enough
    let mut bare = shell.clone();
    bare["auditData"] = Value::Null;
    let event = of(&bare);
    assert_eq!(event.at, Ticks::parse("2026-08-01T12:00:05Z"));
    assert_eq!(
        (event.user, event.about),
        (Some("raj@contoso.com"), Some("rule"))
    );
}

#[test]
fn anything_at_all_can_be_read() {
    for row in [
        json!({}),
        json!({"@contentType": "signIns"}),
        json!({"@contentType": "directoryAudits", "initiatedBy": 7, "targetResources": ["x", null, {}]}),
        json!({"@contentType": "search 1", "auditData": "text"}),
        json!({"createdDateTime": 12, "status": []}),
    ] {
        let event = of(&row);
        assert_eq!(event.at, None, "{row}");
        assert_eq!(event.people, Vec::<String>::new(), "{row}");
    }
    assert_eq!(unquoted("[\"Sales\"]"), "Sales");
    assert_eq!(unquoted("not json"), "not json");
}
