//! Several tenants: what one of them, in front, is told of the others, and what it may wish.

use super::{Slot, Ticket};
use crate::model::Key;
use std::sync::Arc;
use table::Chunk;

/// What only whoever holds all tenants can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// Bring that tenant to the front, and open this there.
    Switch { name: String, open: Option<Key> },
    /// Ask several tenants the query of a tab; the answer is one reply to its ticket.
    Hunt(Fan),
    /// Nobody waits for the query of this tab any more, wherever it was asked.
    Stop(Slot),
    /// Open all of them, and hand over their incidents from now on; or no more.
    Gather(bool),
}

/// A query for several tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fan {
    pub ticket: Ticket,
    pub query: Arc<str>,
    pub timespan: Option<String>,
    /// Names of our own, as configured.
    pub tenants: Vec<String>,
}

/// Incidents of one tenant for the queue of all. Ids are those of `resource::gathered`, so that no two tenants share one.
#[derive(Clone, Debug)]
pub struct Gathered {
    pub rows: Arc<Chunk>,
    /// Nothing that came before of this tenant counts any more.
    pub anew: Option<String>,
}
