//! Formatting twice is formatting once, and keeps the tokens of a text that parses.
#![no_main]

use kql::service::format::format;
use kql::syntax::{Severity, parse};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let once = format(text);
    assert_eq!(format(&once), once);
    let before = parse(text);
    if before.diags.iter().any(|d| d.severity == Severity::Error) {
        return;
    }
    let after = parse(&once);
    let kinds = |p: &kql::syntax::Parsed| p.tree.tokens.iter().map(|t| t.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&before), kinds(&after));
});
