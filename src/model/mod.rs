//! Plain data that every layer shares: kinds, ids, enums that keep what they do not know, time, faults, calls.
//! No IO, no ratatui. Tenant text is `table::Text`, which cannot be printed by accident.

pub mod call;
pub mod draft;
pub mod enums;
pub mod fault;
pub mod feed;
pub mod grant;
pub mod guard;
pub mod hunt;
pub mod json;
pub mod key;
pub mod repair;
pub mod saved;
pub mod seat;
pub mod span;
pub mod time;

pub use call::{Call, Method, Pages, Path, Service};
pub use fault::{Fault, FaultKind};
pub use grant::{Grant, Grants, Mode, Session};
pub use guard::{Guards, Stand, Switch};
pub use hunt::{Engine, Range};
pub use json::Json;
pub use key::{EntityRef, Key, Kind};
pub use seat::{Health, Hue, Identity, Standing};
pub use time::Ticks;
