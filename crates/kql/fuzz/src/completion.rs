//! Completion, hover and uses at any place: the first byte of the input says where.
#![no_main]

use kql::bind::World;
use kql::schema::{Schema, Which};
use kql::service::analyse;
use kql::service::complete::complete;
use kql::service::hover::{hover, references};
use std::sync::LazyLock;

static WORLD: LazyLock<World> = LazyLock::new(|| World::new(Schema::builtin(Which::Unified)));

libfuzzer_sys::fuzz_target!(|input: (u8, &str)| {
    let (place, text) = input;
    let mut offset = text.len() * usize::from(place) / 255;
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let _ = complete(text, offset, &WORLD);
    let analysis = analyse(text, &WORLD);
    let _ = hover(&analysis, offset, &WORLD);
    let _ = references(&analysis, offset);
});
