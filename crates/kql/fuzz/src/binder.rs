//! Names, types, errors and colours of any text, with places inside it.
#![no_main]

use kql::bind::World;
use kql::schema::{Schema, Which};
use kql::service::{analyse, check, classify};
use std::sync::LazyLock;

static WORLD: LazyLock<World> = LazyLock::new(|| World::new(Schema::builtin(Which::Unified)));

libfuzzer_sys::fuzz_target!(|text: &str| {
    let analysis = analyse(text, &WORLD);
    for finding in check(&analysis).findings {
        assert!(finding.start <= finding.end && finding.end as usize <= text.len());
    }
    let mut end = 0;
    for piece in classify(&analysis) {
        assert!(piece.start >= end && piece.end > piece.start);
        end = piece.end;
    }
});
