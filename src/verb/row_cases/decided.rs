//! What is decided about controls of the secure score.

use super::*;

pub fn cases() -> Vec<Case> {
    let update = |state: &str, at: &str| json!({"state": state, "comment": "why", "updatedBy": "mei@contoso.com", "updatedDateTime": at});
    let control = json!({"id": "AdminMFAV2", "title": "MFA for administrators", "controlStateUpdates": [update("ThirdParty", "2026-07-01T00:00:00Z")],
        "vendorInformation": {"provider": "SecureScore", "vendor": "Microsoft"}});
    let after = with(
        &control,
        "controlStateUpdates",
        json!([
            update("ThirdParty", "2026-07-01T00:00:00Z"),
            update("Ignored", "2026-08-01T00:00:00Z")
        ]),
    );
    vec![Case {
        args: choice("Ignored"),
        says: &[
            "decided before by mei@contoso.com",
            "points stay lost",
            "Planned has no state here",
        ],
        proves: vec![after],
        disproves: vec![control.clone()],
        back: Some((
            "control state",
            vec!["PATCH /security/secureScoreControlProfiles/AdminMFAV2"],
        )),
        ..case("control state", Kind::Control, control)
    }]
}
