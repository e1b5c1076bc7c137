//! The terminal: bytes to keys, guard, thrifty wire, capabilities, clipboard, title.
//!
//! Uses nothing of ours but `table`. Only `run` and the command line import it. What comes in are
//! [`Input`]s, in the order in which the terminal sent them (its replies among the keys); what goes
//! out is one `Vec<u8>` a frame, which the caller writes at once.

pub mod caps;
pub mod clipboard;
pub mod event;
pub mod frames;
pub mod guard;
pub mod input;
pub mod reader;
pub mod title;
pub mod wire;

pub use caps::{Caps, Depth};
pub use clipboard::{Clipboard, Copied};
pub use event::{Input, Key, Paste, Reply, Rgb, Signal};
pub use frames::Frames;
pub use guard::Guard;
pub use input::Source;
pub use reader::Parser;
pub use wire::Wire;
