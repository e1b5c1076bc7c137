//! Instants as words: UTC first, always with its zone.

use crate::model::Ticks;

/// `12:04Z`.
pub fn clock(at: Ticks) -> String {
    at.timestamp()
        .map_or_else(|| "--:--Z".into(), |t| t.strftime("%H:%MZ").to_string())
}
