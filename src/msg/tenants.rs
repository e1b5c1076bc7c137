//! Several tenants: what one of them, in front, is told of the others, and what it may wish.

use crate::model::Key;
use std::sync::Arc;
use table::Chunk;

/// What only whoever holds all tenants can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// Bring that tenant to the front, and open this there.
    Switch { name: String, open: Option<Key> },
    /// Open all of them, and hand over their incidents from now on; or no more.
    Gather(bool),
}

/// Incidents of one tenant for the queue of all. Ids are those of `resource::gathered`, so that no two tenants share one.
#[derive(Clone, Debug)]
pub struct Gathered {
    pub rows: Arc<Chunk>,
    /// Nothing that came before of this tenant counts any more.
    pub anew: Option<String>,
}
