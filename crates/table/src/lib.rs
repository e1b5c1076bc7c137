//! Typed columns, selections and kernels, and tenant text that cannot be printed by accident.
//!
//! `text` holds what a tenant said, [`sinks`] are its only ways out. Rows enter through a
//! [`ChunkBuilder`], become immutable [`Chunk`]s and stand in a [`Table`] (or a [`Keyed`] one, where a
//! newer version of a row replaces the older). [`filter`], [`sort`] and [`group`] are pure functions over
//! a snapshot and a [`Selection`]. Nothing here does IO; the query engine and the client build on it.

#[cfg(test)]
mod arbitrary;
mod bits;
mod builder;
mod cancel;
mod cell;
mod chunk;
mod column;
mod encode;
mod filter;
mod group;
mod keyed;
mod pattern;
mod schema;
mod selection;
pub mod sinks;
mod sort;
mod strings;
mod table;
mod text;

pub use bits::Bits;
pub use builder::ChunkBuilder;
pub use cancel::Cancel;
pub use cell::{Cell, ListCells, Value};
pub use chunk::Chunk;
pub use column::{
    BoolColumn, Codes, Column, DictColumn, IntColumn, ListColumn, PackedColumn, RealColumn,
};
pub use encode::BadChunk;
pub use filter::{Cmp, Filtered, Predicate, Test, Truth, filter};
pub use group::group;
pub use keyed::{Changes, Keyed, Remap};
pub use pattern::{BadPattern, Match, Pattern};
pub use schema::{Schema, Type};
pub use selection::Selection;
pub use sinks::BadSegment;
pub use sort::{SortKey, compare, sort};
pub use strings::Strings;
pub use table::Table;
pub use text::{Text, Txt};
