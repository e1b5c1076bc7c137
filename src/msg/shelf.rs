//! What is wanted of kept hunts and the history on disk, and what is told of them.

use crate::model::saved::{Kept, Place, Ran, Saved};
use std::path::PathBuf;

/// To the thread that keeps them.
#[derive(Debug)]
pub enum Shelf {
    /// Look at the own folder and these; told where something changed.
    Read {
        folders: Vec<PathBuf>,
    },
    /// Read the history of this tenant.
    History,
    /// A run to be kept.
    Ran(Box<Ran>),
    /// Keep a hunt at a place, or under its title. A file that is there is asked about unless `over`.
    Save {
        saved: Box<Saved>,
        place: Option<Place>,
        /// The query tab it is from.
        tab: u64,
        over: bool,
    },
    /// Give a hunt another title, and its file the name that goes with it.
    Rename {
        from: Place,
        to: String,
    },
    Delete {
        place: Place,
    },
    /// Take the rules of Sentinel in a file or folder.
    Import {
        from: String,
    },
}

/// From it; what went well or wrong comes as news.
#[derive(Clone, Debug)]
pub enum Shelved {
    /// All hunts in folders, as they are now.
    Hunts(Vec<Kept>),
    /// All runs that are kept, oldest first.
    History(Vec<Ran>),
    Saved {
        place: Place,
        tab: u64,
    },
    /// There is a file of that name already; nothing was written.
    Exists {
        place: Place,
        tab: u64,
    },
}
