use proptest::prelude::*;

use super::*;
use crate::arbitrary::text;

fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

proptest! {
    #![proptest_config(crate::arbitrary::cases(1500))]

    #[test]
    fn the_fast_ways_say_what_folding_says(word in text(), text in text(), glue in any::<bool>()) {
        // half of the time the word is there, in another case
        let text = if glue { format!("{text}{}{text}", word.to_uppercase()) } else { text };
        let (w, t) = (folded(&word), folded(&text));
        prop_assert_eq!(Pattern::equals(&word).matches(&text), t == w);
        prop_assert_eq!(Pattern::equals(&word).matches(&word.to_lowercase()), folded(&word.to_lowercase()) == w);
        prop_assert_eq!(Pattern::starts_with(&word).matches(&text), t.starts_with(&w));
        prop_assert_eq!(Pattern::contains(&word).matches(&text), t.contains(&w));
        let mut rest = t.chars();
        prop_assert_eq!(Pattern::subsequence(&word).matches(&text), w.chars().all(|c| rest.any(|r| r == c)));
        prop_assert_eq!(Pattern::one_of([word.as_str(), "zz"]).matches(&text), t == w || t == "zz");
    }
}

proptest! {
    #![proptest_config(crate::arbitrary::cases(1500))]

    #[test]
    fn all_in_one_go_is_what_one_by_one_says(
        texts in prop::collection::vec(prop_oneof![text(), "[aAbBkK]{0,4}"], 0..12),
        word in prop_oneof![text(), "[abk]{1,3}"],
        skip in 0usize..4,
    ) {
        let mut strings = Strings::default();
        texts.iter().for_each(|t| { strings.push(t); });
        let pattern = Pattern::contains(&word);
        let skip = skip.min(texts.len());
        let mut out = vec![9; texts.len() - skip];
        let ascii = strings.bytes().is_ascii();
        if pattern.mark_holding(&strings, skip, ascii, &mut out, 2) {
            let each: Vec<u8> = texts[skip..].iter().map(|t| u8::from(pattern.matches(t)) * 2).collect();
            prop_assert_eq!(out, each);
        } else {
            prop_assert!(out.iter().all(|o| *o == 9));
            let plain = word.is_ascii() && !word.is_empty() && ascii;
            prop_assert!(!plain, "a plain word has this way");
        }
    }
}

#[test]
fn letters_outside_of_ascii_that_fold_into_it_are_found() {
    assert!(Pattern::contains("kelvin").matches("\u{212A}ELVIN"));
    assert!(Pattern::starts_with("i").matches("\u{130}stanbul"));
    assert!(Pattern::equals("k").matches("\u{212A}"));
    assert!(Pattern::contains("\u{307}").matches("\u{130}"));
    assert!(Pattern::contains("ПРИ").matches("привет"));
    assert!(Pattern::contains("字").matches("漢字"));
}

#[test]
fn a_bad_expression_says_why_in_one_line() {
    let bad = Pattern::compile(Match::Regex, "(").unwrap_err();
    assert!(
        !bad.reason.is_empty() && !bad.reason.contains('\n'),
        "{bad}"
    );
    assert!(
        Pattern::compile(Match::Regex, r"(\w{1000}){1000}").is_err(),
        "an expression of gigabytes is refused"
    );
    assert!(
        Pattern::compile(Match::Regex, "^wks-\\d+$")
            .unwrap()
            .matches("WKS-014")
    );
}
