//! Makes an answer's bytes into text that a JSON parser takes: what is not Unicode becomes U+FFFD, and is counted.
//!
//! Titles are written by whoever is being hunted; one lone surrogate must not hide the page it stands on.

use std::borrow::Cow;

/// Text fit for parsing, and how many places had to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    pub text: String,
    pub replaced: u32,
}

/// A piece of an answer as text: itself where nothing is wrong with it, and how many places had to be replaced.
pub fn piece(bytes: &[u8]) -> (Cow<'_, str>, u32) {
    match std::str::from_utf8(bytes) {
        Ok(text) if lone_surrogates(bytes).is_empty() => (Cow::Borrowed(text), 0),
        _ => {
            let repaired = repair(bytes.to_vec());
            (Cow::Owned(repaired.text), repaired.replaced)
        }
    }
}

/// Repairs invalid UTF-8 and escaped lone surrogates; removes a byte order mark. Nothing else changes.
pub fn repair(bytes: Vec<u8>) -> Repaired {
    let (mut text, mut replaced) = match String::from_utf8(bytes) {
        Ok(text) => (text, 0),
        Err(bad) => {
            let bytes = bad.into_bytes();
            let count = bytes
                .utf8_chunks()
                .filter(|c| !c.invalid().is_empty())
                .count();
            (String::from_utf8_lossy(&bytes).into_owned(), count as u32)
        }
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    let lone = lone_surrogates(text.as_bytes());
    if !lone.is_empty() {
        replaced += lone.len() as u32;
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for at in lone {
            out.push_str(&text[from..at]);
            out.push_str("\\uFFFD");
            from = at + 6;
        }
        out.push_str(&text[from..]);
        text = out;
    }
    Repaired { text, replaced }
}

/// Deeper than this no service nests anything, and parsers give up not far below.
const DEEPEST: usize = 100;

/// A text that is nested too deeply for a parser, with every value below `DEEPEST` replaced by null. `None`: nothing is
/// that deep.
pub fn shallow(text: &str) -> Option<String> {
    let mut out = String::new();
    let (mut depth, mut from) = (0usize, 0);
    let (mut inside, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            _ if inside => {}
            b'[' | b'{' => {
                depth += 1;
                if depth == DEEPEST + 1 {
                    out.push_str(text.get(from..at)?);
                    out.push_str("null");
                }
            }
            b']' | b'}' => {
                if depth == DEEPEST + 1 {
                    from = at + 1;
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
    if out.is_empty() {
        return None;
    }
    if depth <= DEEPEST {
        out.push_str(text.get(from..)?);
    }
    Some(out)
}

/// Where `\uD800`…`\uDFFF` stands without its other half. Backslashes occur in JSON only inside strings.
fn lone_surrogates(b: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(step) = b.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        at += step;
        match unit(b, at) {
            Some(0xD800..=0xDBFF) => {
                if matches!(unit(b, at + 6), Some(0xDC00..=0xDFFF)) {
                    at += 12;
                } else {
                    found.push(at);
                    at += 6;
                }
            }
            Some(0xDC00..=0xDFFF) => {
                found.push(at);
                at += 6;
            }
            Some(_) => at += 6,
            // another escape: its second character may be a backslash, too
            None => at += 2,
        }
    }
    found
}

/// The code unit of `\uXXXX` at this place.
fn unit(b: &[u8], at: usize) -> Option<u32> {
    let escape = b.get(at..at + 6)?;
    if !escape.starts_with(b"\\u") {
        return None;
    }
    escape[2..].iter().try_fold(0, |v, c| {
        (*c as char).to_digit(16).map(|digit| v * 16 + digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fixed(text: &str) -> (String, u32) {
        let r = repair(text.as_bytes().to_vec());
        (r.text, r.replaced)
    }

    #[test]
    fn lone_surrogates_become_replacement_characters_and_pairs_stay() {
        assert_eq!(
            fixed(r#"{"a":"\ud83d\ude00"}"#),
            (r#"{"a":"\ud83d\ude00"}"#.into(), 0)
        );
        assert_eq!(
            fixed(r#"{"a":"x\ud83d y"}"#),
            (r#"{"a":"x\uFFFD y"}"#.into(), 1)
        );
        assert_eq!(
            fixed(r#"["\ude00\ud83d\ud83d\ude00"]"#),
            (r#"["\uFFFD\uFFFD\ud83d\ude00"]"#.into(), 2)
        );
        // an escaped backslash before `ud83d` is text, not a surrogate
        assert_eq!(fixed(r#"["\\ud83d"]"#).1, 0);
        assert_eq!(fixed(r#"["\\\ud83d"]"#).1, 1);
    }

    #[test]
    fn bytes_that_are_no_text_are_counted_and_a_mark_is_removed() {
        let r = repair(b"\xef\xbb\xbf[\"a\xffb\xc3\"]".to_vec());
        assert_eq!(
            (r.text.as_str(), r.replaced),
            ("[\"a\u{fffd}b\u{fffd}\"]", 2)
        );
    }

    #[test]
    fn what_is_too_deep_becomes_null_and_the_rest_stays() {
        let deep = |n: usize| {
            format!(
                r#"{{"id":"1","x":{}1{},"t":"a]}}"}}"#,
                "[{\"a\":".repeat(n),
                "}]".repeat(n)
            )
        };
        assert_eq!(shallow(&deep(20)), None);
        let cut = shallow(&deep(10_000)).unwrap();
        let value: serde_json::Value = serde_json::from_str(&cut).unwrap();
        assert_eq!((&value["id"], &value["t"]), (&"1".into(), &"a]}".into()));
        assert!(value["x"][0]["a"][0]["a"].is_array());
    }

    proptest! {
        #[test]
        fn any_text_can_be_made_shallow(text in "[\\[\\]{}\"\\\\a1,:]{0,300}") {
            let _ = shallow(&text);
        }

        #[test]
        fn what_was_sound_stays_and_what_comes_out_parses(text in "\\PC{0,30}", cut in proptest::collection::vec(0u16..=0xffff, 0..6)) {
            let sound = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(fixed(&sound), (sound.clone(), 0));
            let units: String = cut.iter().map(|u| format!("\\u{u:04x}")).collect();
            let (fixed, _) = fixed(&format!("\"{units}\""));
            prop_assert!(serde_json::from_str::<String>(&fixed).is_ok(), "{}", fixed);
        }

        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..64)) { let _ = repair(bytes); }
    }
}
