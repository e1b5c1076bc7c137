//! The only ways out for tenant text. Each asks for the form its reader needs.
//!
//! `screen` for eyes (terminal, title, log, clipboard), `escape` for machines (JSON, CSV, KQL, OData, URL
//! paths), `scripts` for names that pretend to be others.

mod classes;
mod escape;
mod screen;
mod scripts;
#[cfg(test)]
mod tests;

pub use escape::BadSegment;
pub use screen::{MAX_SHOWN, agree_on_clusters, widths_agree};
