//! Exit codes (`design.md` 9), the same for all commands: 0 ok, 1 error, 2 usage, 3 partial result, 4 sign-in, 5 forbidden,
//! 6 throttled, 7 conflict, 8 refused by policy or not confirmed, 130 interrupted.

use crate::cli::choose::Refusal;
use crate::model::{Fault, FaultKind};

pub const USAGE: u8 = 2;
pub const PARTIAL: u8 = 3;
pub const CONFLICT: u8 = 7;
pub const REFUSED: u8 = 8;

/// The exit code of a fault.
pub fn code(kind: FaultKind) -> u8 {
    match kind {
        FaultKind::SignIn | FaultKind::Clock => 4,
        FaultKind::Forbidden | FaultKind::Licence => 5,
        FaultKind::Throttled => 6,
        FaultKind::Conflict | FaultKind::Gone => CONFLICT,
        FaultKind::Refused => REFUSED,
        FaultKind::Cancelled => 130,
        FaultKind::Network
        | FaultKind::Tls
        | FaultKind::Timeout
        | FaultKind::BadRequest
        | FaultKind::Server
        | FaultKind::BadAnswer
        | FaultKind::ForeignLink
        | FaultKind::Disk
        | FaultKind::Internal => 1,
    }
}

/// A fault as the end of a command.
pub fn ended(fault: &Fault) -> Refusal {
    (code(fault.kind), fault.to_string())
}
