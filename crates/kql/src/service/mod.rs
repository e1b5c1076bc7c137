//! What an editor and a checker ask of a text: errors, colours, completion, hover, names,
//! a tidy form. Everything here takes a text and gives plain values; offsets are bytes.

pub mod check;
pub mod classify;
pub mod complete;
mod declared;
pub mod format;
pub mod hover;
pub mod params;
mod parents;
mod place;
mod rank;
pub mod utf16;
pub mod words;

pub use check::{Checked, Finding, check};
pub use classify::{Colour, Piece, classify};

use crate::bind::{Bound, World, bind};
use crate::syntax::{Parsed, parse};

/// A text parsed and bound.
#[derive(Debug)]
pub struct Analysis {
    /// Tree and syntax errors.
    pub parsed: Parsed,
    /// Names and types.
    pub bound: Bound,
}

/// Parses and binds a text.
pub fn analyse(text: &str, world: &World) -> Analysis {
    let parsed = parse(text);
    let bound = bind(&parsed.tree, world);
    Analysis { parsed, bound }
}
