//! The logs on the screen: the list with its strip, a record, the content types and their windows.

use super::tests::screen;
use crate::app::fixture::press;
use crate::app::logs::tests::{answer, ledger, logs, record};

#[test]
fn the_logs_with_a_gap_at_two_sizes() {
    for (w, h) in [(80, 24), (120, 40)] {
        insta::assert_snapshot!(format!("logs_{w}x{h}"), screen(&logs(w, h, 1)));
    }
}

#[test]
fn a_record_and_the_content_types() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut app = logs(w, h, 1);
        press(&mut app, "Enter");
        let key = app.subject().unwrap();
        answer(&mut app, key, record());
        insta::assert_snapshot!(format!("logs_record_{w}x{h}"), screen(&app));
        let mut app = logs(w, h, 1);
        press(&mut app, "g k");
        insta::assert_snapshot!(format!("logs_types_{w}x{h}"), screen(&app));
        press(&mut app, "j Enter");
        let key = app.subject().unwrap();
        let types = ledger(1);
        let found = types.types.iter().find(|t| t.name == key.id).unwrap();
        answer(&mut app, key, crate::resource::feed::json(found));
        insta::assert_snapshot!(format!("logs_windows_{w}x{h}"), screen(&app));
    }
}

#[test]
fn a_sign_in_and_a_directory_audit_say_what_the_feed_does_not() {
    let sign_in = serde_json::json!({
        "@contentType": "signIns", "id": "s-1", "createdDateTime": "2026-08-01T12:00:05Z", "userId": "u-1",
        "userPrincipalName": "raj@contoso.com", "appDisplayName": "Azure Portal", "ipAddress": "203.0.113.7",
        "conditionalAccessStatus": "failure", "riskLevelDuringSignIn": "high", "clientAppUsed": "Browser",
        "status": {"errorCode": 53003, "failureReason": "Access has been blocked by Conditional Access policies."},
        "location": {"city": "Oslo", "countryOrRegion": "NO"},
        "deviceDetail": {"deviceId": "", "displayName": "WS-7\u{202e}", "operatingSystem": "Windows 11"},
        "appliedConditionalAccessPolicies": [{"displayName": "Block legacy authentication", "result": "failure"}],
    });
    let audit = serde_json::json!({
        "@contentType": "directoryAudits", "id": "Directory_1", "activityDateTime": "2026-08-01T12:00:05Z",
        "activityDisplayName": "Add member to role", "category": "RoleManagement", "result": "success",
        "loggedByService": "Core Directory", "initiatedBy": {"app": null, "user": {"userPrincipalName": "desk@contoso.com"}},
        "targetResources": [{"displayName": "Raj", "userPrincipalName": "raj@contoso.com", "type": "User", "id": "u-1",
            "modifiedProperties": [{"displayName": "Role.DisplayName", "oldValue": null, "newValue": "\"Global Administrator\""}]}],
        "additionalDetails": [{"key": "User-Agent", "value": "Azure-Portal"}],
    });
    for (name, json) in [("sign_in", sign_in), ("audit", audit)] {
        let mut app = logs(80, 24, 0);
        press(&mut app, "Enter");
        let key = app.subject().unwrap();
        answer(&mut app, key, json);
        insta::assert_snapshot!(format!("logs_{name}_80x24"), screen(&app));
    }
}

#[test]
fn s0_37_a_content_type_says_whether_auditing_is_on_and_the_command() {
    use crate::model::feed::Standing;
    let command = crate::resource::feed::SWITCH_ON;
    let detail = |standing, trouble: &str| {
        let mut app = logs(80, 24, 1);
        press(&mut app, "g k j Enter");
        let key = app.subject().unwrap();
        let types = ledger(1);
        let mut found = types
            .types
            .iter()
            .find(|t| t.name == key.id)
            .unwrap()
            .clone();
        (found.standing, found.trouble) = (standing, trouble.to_owned());
        answer(&mut app, key, crate::resource::feed::json(&found));
        screen(&app)
    };
    let on = detail(Standing::Enabled, "");
    assert!(on.contains("on: the service lists"), "{on}");
    assert!(!on.contains(command), "{on}");
    let off = detail(Standing::Refused, &format!("switch it on with: {command}"));
    assert!(off.contains("off: nothing is recorded"), "{off}");
    assert!(off.contains(command), "{off}");
    let unknown = detail(Standing::Forbidden, "not permitted");
    assert!(unknown.contains("not known"), "{unknown}");
}
