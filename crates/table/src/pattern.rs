//! Compiled text tests: case-insensitive, one compile for each keystroke.

use regex::{Regex, RegexBuilder};

/// How a text is compared; always without regard to case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    Equals,
    StartsWith,
    Contains,
    /// All characters in order, with anything between (`~word`).
    Subsequence,
    Regex,
}

/// A regular expression that does not compile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a regular expression: {reason}")]
pub struct BadPattern {
    /// What the compiler of expressions says, in one line.
    pub reason: String,
}

/// A compiled text test.
#[derive(Clone, Debug)]
pub struct Pattern {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Equals(String),
    StartsWith(String),
    Contains(String),
    Subsequence(String),
    OneOf(Vec<String>),
    Regex(Box<Regex>),
}

impl Pattern {
    /// Compiles a test; only `Regex` can fail.
    pub fn compile(how: Match, word: &str) -> Result<Pattern, BadPattern> {
        let kind = match how {
            Match::Equals => Kind::Equals(fold(word)),
            Match::StartsWith => Kind::StartsWith(fold(word)),
            Match::Contains => Kind::Contains(fold(word)),
            Match::Subsequence => Kind::Subsequence(fold(word)),
            Match::Regex => {
                let regex = RegexBuilder::new(word)
                    .case_insensitive(true)
                    .size_limit(1 << 20)
                    .build();
                Kind::Regex(Box::new(regex.map_err(|e| BadPattern {
                    reason: last_line(&e.to_string()),
                })?))
            }
        };
        Ok(Pattern { kind })
    }

    /// Equal to one of these words.
    pub fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Pattern {
        Pattern {
            kind: Kind::OneOf(words.into_iter().map(fold).collect()),
        }
    }

    /// Whether a text passes.
    pub fn matches(&self, text: &str) -> bool {
        if let Kind::Regex(regex) = &self.kind {
            return regex.is_match(text);
        }
        let text = fold(text);
        match &self.kind {
            Kind::Equals(word) => text == *word,
            Kind::StartsWith(word) => text.starts_with(word),
            Kind::Contains(word) => text.contains(word),
            Kind::Subsequence(word) => {
                let mut rest = text.chars();
                word.chars().all(|c| rest.any(|r| r == c))
            }
            Kind::OneOf(words) => words.contains(&text),
            Kind::Regex(_) => false,
        }
    }
}

/// Lower case, character by character.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}

fn last_line(text: &str) -> String {
    text.lines()
        .last()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .to_owned()
}
