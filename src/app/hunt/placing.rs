//! Where in a query's text a service's complaint belongs.
//!
//! Services name a line and a column where they parse (`line [2,5]`, `line 2, position 5`), and only a name in quotes
//! where they bind. A message's words are shown whatever they are; nothing else depends on them.

use kql::syntax::{T, lex};
use std::ops::Range;

/// The bytes of the text that a message is about.
pub fn place(message: &str, text: &str) -> Option<Range<usize>> {
    numbered(message)
        .and_then(|(line, column)| at(text, line, column))
        .or_else(|| named(message, text))
}

/// Line and column, both from 1.
fn numbered(message: &str) -> Option<(usize, usize)> {
    let lower = message.to_ascii_lowercase();
    for (i, _) in lower.match_indices("line") {
        let rest = lower[i + 4..].trim_start_matches([':', ' ', '=', '[', '(']);
        let Some((line, rest)) = number(rest) else {
            continue;
        };
        let rest = rest.trim_start_matches([',', ' ', ';']);
        let rest = ["position", "column", "pos", "col", "char"]
            .iter()
            .find_map(|w| rest.strip_prefix(w))
            .unwrap_or(rest);
        let rest = rest.trim_start_matches([':', ' ', '=']);
        return Some((line, number(rest).map_or(1, |(n, _)| n)));
    }
    None
}

fn number(text: &str) -> Option<(usize, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// The token at a line and column; the line's end where there is none.
fn at(text: &str, line: usize, column: usize) -> Option<Range<usize>> {
    let mut start = 0;
    for _ in 1..line.max(1) {
        start += text[start..].find('\n')? + 1;
    }
    let end = text[start..].find('\n').map_or(text.len(), |n| start + n);
    let body = text.get(start..end)?;
    let within = body
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(body.trim_end().len(), |(i, _)| i);
    let at = start + within;
    let tokens = lex(text, &mut Vec::new());
    let n = tokens.partition_point(|t| (t.end as usize) <= at);
    let token = tokens
        .get(n)
        .filter(|t| t.kind != T::Eof && t.start as usize <= end);
    let token = token.map(|t| t.start as usize..t.end as usize);
    Some(token.unwrap_or_else(|| {
        let from = text[..at].char_indices().next_back().map_or(0, |(i, _)| i);
        from..at
    }))
}

/// The first token that is called as the message quotes.
fn named(message: &str, text: &str) -> Option<Range<usize>> {
    let tokens = lex(text, &mut Vec::new());
    // what follows `named` is meant; other quoted words are operators and the like
    let after = message.rfind("named ").map_or(0, |i| i + 6);
    for part in [&message[after..], message] {
        let mut words = part.split('\'').skip(1).step_by(2);
        let found = words.find_map(|word| {
            tokens
                .iter()
                .find(|t| text.get(t.start as usize..t.end as usize) == Some(word))
        });
        if let Some(token) = found.filter(|_| after > 0 || part.contains('\'')) {
            return Some(token.start as usize..token.end as usize);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_services_is_found() {
        let text = "AlertInfo\n| where Severtiy == 'High'\n| tkae 5";
        let found = |message: &str| place(message, text).map(|r| &text[r]);
        assert_eq!(
            found(
                "Query could not be parsed at 'tkae' on line [3,3]. Fix syntax errors in your query"
            ),
            Some("tkae")
        );
        assert_eq!(
            found("could not be parsed (line 3, position 3)"),
            Some("tkae")
        );
        assert_eq!(found("Syntax error on line 2"), Some("|"));
        assert_eq!(found("Line: 2, Position: 9 unexpected"), Some("Severtiy"));
        assert_eq!(
            found("'where' operator: Failed to resolve scalar expression named 'Severtiy'"),
            Some("Severtiy")
        );
        assert_eq!(
            found("Failed to resolve table or column expression named 'AlertInfo'"),
            Some("AlertInfo")
        );
        assert_eq!(found("the service took too long"), None);
        assert_eq!(found("line 99, position 1"), None);
        assert_eq!(found("'nothing of the text'"), None);
    }

    #[test]
    fn the_end_of_a_text_is_a_place_too() {
        let text = "AlertInfo |";
        assert_eq!(place("parsed at '' on line [1,12]", text), Some(10..11));
        assert_eq!(place("line [1,500]", "ä"), Some(0..2));
        assert_eq!(place("line [1,1]", ""), Some(0..0));
    }

    proptest::proptest! {
        #[test]
        fn places_are_in_the_text(message in "[a-z' \\[\\],:0-9]{0,40}", text in "[a-zä'|\\n ]{0,40}", line in 0usize..9, col in 0usize..30) {
            for m in [message, format!("line [{line},{col}]")] {
                if let Some(range) = place(&m, &text) {
                    proptest::prop_assert!(text.get(range).is_some());
                }
            }
        }
    }
}
