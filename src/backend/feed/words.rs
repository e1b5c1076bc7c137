//! The activity feed's own refusals as sentences a person can act on. Its statuses say little: throttling comes as 403, a
//! tenant whose audit log is off "does not exist".

use crate::model::{Fault, FaultKind};
use crate::resource::feed::SWITCH_ON;

/// The service's code for too many calls, whatever the status.
pub const THROTTLED: &str = "AF429";
/// There is no subscription.
pub const NO_SUBSCRIPTION: &str = "AF20022";
/// Somebody disabled it.
pub const DISABLED: &str = "AF20023";
/// It runs already: as good as a yes.
pub const ALREADY: &str = "AF20024";
/// The tenant "does not exist".
pub const NO_TENANT: &str = "AF20011";

/// The fault of a code of the feed; none = its status says it as well.
pub fn refusal(code: &str, needs: &[&str]) -> Option<Fault> {
    let fault = |kind, what: &str, next: &str| Some(Fault::new(kind, what).next(next));
    match code.to_ascii_uppercase().as_str() {
        THROTTLED => fault(
            FaultKind::Throttled,
            "the service asks us to wait (it says so with 403 and AF429)",
            "it is tried again by itself",
        ),
        // the message lists what the token has, not what it lacks
        "AF10001" => {
            let mut fault = Fault::new(
                FaultKind::Forbidden,
                "the application lacks an API permission",
            )
            .next("ask an administrator to add it and grant consent, then refresh");
            fault.permissions = needs.iter().map(|p| (*p).to_owned()).collect();
            Some(fault)
        }
        NO_TENANT => Some(
            Fault::new(
                FaultKind::Refused,
                "the service says that the tenant does not exist (AF20011), as it does where the unified audit log is switched off",
            )
            .next(format!(
                "an Exchange administrator switches it on with: {SWITCH_ON}"
            )),
        ),
        NO_SUBSCRIPTION => fault(
            FaultKind::Refused,
            "nothing subscribed to this content type",
            "start it in the list of content types",
        ),
        DISABLED => fault(
            FaultKind::Refused,
            "somebody disabled the subscription to this content type",
            "start it again in the list of content types",
        ),
        "AF20051" => fault(
            FaultKind::Gone,
            "the blob is older than seven days and gone from the service",
            "",
        ),
        "AF20020" => fault(
            FaultKind::BadRequest,
            "the service does not know this content type",
            "",
        ),
        "AF50000" => fault(
            FaultKind::Server,
            "the service failed (AF50000)",
            "it is tried again by itself",
        ),
        _ => None,
    }
}
