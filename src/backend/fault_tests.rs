//! Error bodies as the services write them, and the faults made of them.

use super::*;
use proptest::prelude::*;

fn asked(granted: bool, delegated: bool) -> Asked<'static> {
    Asked {
        service: Service::Graph,
        needs: &[
            "SecurityIncident.Read.All",
            "SecurityIncident.ReadWrite.All",
        ],
        granted,
        delegated,
    }
}

fn fault(status: u16, body: &str, asked: Asked<'_>) -> Fault {
    refusal(&Response::made(status, "graph.microsoft.com", body), asked)
}

#[test]
fn the_deepest_code_and_the_request_id_are_found() {
    let body = error_body(r#"{"error":{"code":"","message":"","innererror":{"request-id":"r-1","innerError":{"code":"Deep","message":"said below"}}}}"#).unwrap();
    assert_eq!(
        body,
        ErrorBody {
            code: "Deep".into(),
            message: "said below".into(),
            request_id: Some("r-1".into())
        }
    );
    let intune = error_body(r#"{"error":{"code":"BadRequest","message":"{\"_version\":3,\"Message\":\"the real words\"}"}}"#).unwrap();
    assert_eq!(intune.message, "the real words");
    let mde = error_body(
        r#"{"error":{"code":"NotFound","message":"m","target":"|1a2b3c4d5e6f7a8b.1.2."}}"#,
    )
    .unwrap();
    assert_eq!(mde.request_id.as_deref(), Some("|1a2b3c4d5e6f7a8b.1.2."));
    assert_eq!(error_body("<html>"), None);
}

#[test]
fn four_refusals_are_told_apart() {
    let missing = fault(
        403,
        r#"{"error":{"code":"Forbidden","message":"Missing application roles. API required roles: SecurityIncident.Read.All, SecurityIncident.ReadWrite.All, application roles: SecurityAlert.Read.All."}}"#,
        asked(false, false),
    );
    assert_eq!(missing.kind, FaultKind::Forbidden);
    assert_eq!(
        missing.permissions,
        [
            "SecurityIncident.Read.All",
            "SecurityIncident.ReadWrite.All"
        ]
    );
    let named = fault(
        403,
        r#"{"error":{"code":"Authentication_MSGraphPermissionMissing","message":"The principal does not have required Microsoft Graph permission(s): AuditLog.Read.All to call this API."}}"#,
        asked(true, true),
    );
    assert_eq!(named.permissions, ["AuditLog.Read.All"]);
    let role = fault(
        403,
        r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}"#,
        asked(true, true),
    );
    assert!(
        role.permissions.is_empty() && role.what.contains("role"),
        "{role}"
    );
    let licence = fault(
        403,
        r#"{"error":{"code":"Authentication_RequestFromNonPremiumTenantOrB2CTenant","message":"x"}}"#,
        asked(true, false),
    );
    assert_eq!(licence.kind, FaultKind::Licence);
    let off = fault(
        403,
        r#"{"error":{"code":"DisabledFeature","message":"x"}}"#,
        asked(true, false),
    );
    assert_eq!(off.kind, FaultKind::Refused);
}

/// S0-23, S2-26: without a licence the pane names it.
#[test]
fn a_licence_that_is_missing_is_named() {
    let of = |needs: &'static [&'static str], code: &str, message: &str| {
        let asked = Asked {
            needs,
            ..asked(true, false)
        };
        let body = serde_json::json!({"error": {"code": code, "message": message}});
        fault(403, &body.to_string(), asked)
    };
    let score = of(
        &["SecurityEvents.Read.All"],
        "Forbidden",
        "The tenant does not have a license that includes this feature.",
    );
    assert_eq!(score.kind, FaultKind::Licence);
    assert!(score.what.contains("Secure Score"), "{score}");
    let weak = of(
        &["Vulnerability.Read.All"],
        "DisabledFeature",
        "The tenant has no licence for vulnerability management.",
    );
    assert!(
        weak.what.contains("Defender Vulnerability Management"),
        "{weak}"
    );
}

#[test]
fn every_status_has_a_sentence_and_the_page_of_a_gateway_too() {
    let kinds = [
        (400, FaultKind::BadRequest),
        (401, FaultKind::SignIn),
        (404, FaultKind::Gone),
        (409, FaultKind::Conflict),
        (429, FaultKind::Throttled),
        (500, FaultKind::Server),
        (503, FaultKind::Server),
    ];
    for (status, kind) in kinds {
        let f = fault(status, "", asked(true, false));
        assert_eq!(f.kind, kind, "{status}");
        assert!(!f.what.is_empty() && f.status == status);
    }
    let page = fault(
        502,
        "<html><body>Bad gateway</body></html>",
        asked(true, false),
    );
    assert_eq!(page.kind, FaultKind::Server);
    assert!(page.what.contains("web page"), "{page}");
    let moved = refusal(
        &Response::made(307, "graph.microsoft.com", "")
            .with("location", "https://evil.example/x?y"),
        asked(true, false),
    );
    assert_eq!(moved.kind, FaultKind::ForeignLink);
    assert!(
        moved.what.contains("https://evil.example") && !moved.what.contains("?y"),
        "{moved}"
    );
}

#[test]
fn words_of_the_service_are_made_safe() {
    let f = fault(
        400,
        "{\"error\":{\"code\":\"x\",\"message\":\"a\\u001b]0;b\\u0007 \\u202e\"}}",
        asked(true, false),
    );
    assert!(
        !f.what.contains('\u{1b}') && !f.what.contains('\u{202e}'),
        "{f}"
    );
}

proptest! {
    #[test]
    fn any_body_is_answered(text in "\\PC{0,80}", status in 100u16..600) {
        let f = fault(status, &text, asked(false, true));
        prop_assert!(!f.what.is_empty());
        let _ = permissions_in(&text);
    }
}

#[test]
fn a_token_that_a_service_repeats_is_not_repeated_by_us() {
    let token = format!(
        "eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJl",
        "eyJhIjoiYiJ9".repeat(9)
    );
    let said = shown(&format!(
        "Bearer {token} is malformed; see eyJ and «{token}»."
    ));
    assert_eq!(said, "Bearer [token] is malformed; see eyJ and «[token]»");
    assert_eq!(shown("plain words"), "plain words");
}
