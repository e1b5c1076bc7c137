//! What clients did to the tenant, beside the queue: actions on machines, changes of accounts, indicators, mail.
//!
//! Nothing here ticks. Everything that takes time is kept as what was asked and when it will begin and end; what it looks like now is
//! worked out when somebody reads. `mde` and `graph` write here and read here; hunting tables read `machines::Book::standing`.

pub(crate) mod accounts;
pub(crate) mod course;
pub(crate) mod facts;
pub(crate) mod gates;
pub(crate) mod indicators;
pub(crate) mod machines;

use std::sync::{Mutex, OnceLock};

/// Everything clients did.
#[derive(Debug, Default)]
pub(crate) struct Responses {
    pub machines: Mutex<machines::Book>,
    pub accounts: Mutex<accounts::Accounts>,
    pub indicators: Mutex<indicators::Indicators>,
    /// Not done by clients, but gathered for what they ask before they do something.
    pub facts: OnceLock<facts::Facts>,
}
