//! Spans cover the text exactly, whatever the text.
#![no_main]

use kql::syntax::lex;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut diags = Vec::new();
    let mut at = 0;
    for t in lex(text, &mut diags) {
        assert!(t.start >= at && t.end >= t.start);
        assert!(text.is_char_boundary(t.start as usize) && text.is_char_boundary(t.end as usize));
        let gap = &text[at as usize..t.start as usize];
        assert!(
            gap.is_empty() || gap.contains("//") || gap.chars().all(kql::syntax::lexer::is_blank)
        );
        at = t.end;
    }
    assert_eq!(at as usize, text.len());
    for d in diags {
        assert!(d.start <= d.end && d.end as usize <= text.len());
    }
});
