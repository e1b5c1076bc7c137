//! Compiled text tests: case-insensitive, compiled once for each keystroke.
//!
//! Case is ignored by lower-casing character by character. Nearly all text and nearly all words are ASCII,
//! so bytes are compared where that gives the same answer, and only the rest is folded.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use memchr::memmem::Finder;
use memchr::{memchr, memchr2};
use regex::{Regex, RegexBuilder};

use crate::strings::Strings;

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

/// A regular expression that does not compile, or would take too much memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a regular expression: {reason}")]
pub struct BadPattern {
    /// What is wrong with it, in one line; it may quote the expression.
    pub reason: String,
}

/// A compiled text test. Cloning is cheap beside compiling.
#[derive(Clone, Debug)]
pub struct Pattern {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Equals(Word),
    StartsWith(Word),
    Contains(Word),
    Subsequence(Word),
    OneOf(Vec<Word>),
    Regex(Box<Regex>),
}

/// A word in lower case, with what speeds its search.
#[derive(Clone, Debug)]
struct Word {
    folded: String,
    kind: WordKind,
}

#[derive(Clone, Debug)]
enum WordKind {
    /// `rare`: the place of the byte that is least likely in a text. `kelvin`: the word holds a letter
    /// that is also the lower case of a character outside of ASCII.
    Ascii {
        rare: usize,
        kelvin: bool,
    },
    /// No character has another case, as in Chinese: the exact bytes are searched.
    Caseless(Box<Finder<'static>>),
    Other,
}

impl Pattern {
    /// Compiles a test; only `Regex` can fail.
    pub fn compile(how: Match, word: &str) -> Result<Pattern, BadPattern> {
        let kind = match how {
            Match::Equals => Kind::Equals(Word::new(word)),
            Match::StartsWith => Kind::StartsWith(Word::new(word)),
            Match::Contains => Kind::Contains(Word::new(word)),
            Match::Subsequence => Kind::Subsequence(Word::new(word)),
            Match::Regex => Kind::Regex(Box::new(regex(word)?)),
        };
        Ok(Pattern { kind })
    }

    /// Equal to the word.
    pub fn equals(word: &str) -> Pattern {
        Pattern {
            kind: Kind::Equals(Word::new(word)),
        }
    }

    /// Begins with the word.
    pub fn starts_with(word: &str) -> Pattern {
        Pattern {
            kind: Kind::StartsWith(Word::new(word)),
        }
    }

    /// Holds the word.
    pub fn contains(word: &str) -> Pattern {
        Pattern {
            kind: Kind::Contains(Word::new(word)),
        }
    }

    /// Holds the word's characters in order, with anything between.
    pub fn subsequence(word: &str) -> Pattern {
        Pattern {
            kind: Kind::Subsequence(Word::new(word)),
        }
    }

    /// Equal to one of these words.
    pub fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Pattern {
        Pattern {
            kind: Kind::OneOf(words.into_iter().map(Word::new).collect()),
        }
    }

    /// Whether a text passes.
    pub fn matches(&self, text: &str) -> bool {
        match &self.kind {
            Kind::Equals(word) => word.equals(text),
            Kind::StartsWith(word) => word.starts(text),
            Kind::Contains(word) => word.is_in(text),
            Kind::Subsequence(word) => word.is_strewn_in(text),
            Kind::OneOf(words) => words.iter().any(|word| word.equals(text)),
            Kind::Regex(regex) => regex.is_match(text),
        }
    }

    /// Fills `out` for the strings from `from` on: `yes` where one holds the word, else 0. One pass over the text of all of
    /// them, which beats a look at each. `false`: this test has no such way, and nothing was filled.
    pub(crate) fn mark_holding(
        &self,
        strings: &Strings,
        from: usize,
        ascii: bool,
        out: &mut [u8],
        yes: u8,
    ) -> bool {
        let Kind::Contains(word) = &self.kind else {
            return false;
        };
        let WordKind::Ascii { rare, kelvin } = word.kind else {
            return false;
        };
        let (needle, text) = (word.folded.as_bytes(), strings.bytes().as_bytes());
        let Some(ends) = strings.offsets().get(from..=from + out.len()) else {
            return false;
        };
        let (Some(lower), Some(first), Some(last)) = (needle.get(rare), ends.first(), ends.last())
        else {
            return false;
        };
        // what folds to letters of ASCII is looked for string by string
        if kelvin && !ascii {
            return false;
        }
        out.fill(0);
        let upper = lower.to_ascii_uppercase();
        let (mut at, end, mut row) = (*first as usize, *last as usize, 0);
        while let Some(window) = text.get(at..end) {
            let hit = match *lower == upper {
                true => memchr(*lower, window),
                false => memchr2(*lower, upper, window),
            };
            let Some(hit) = hit else { break };
            let place = at + hit;
            at = place + 1;
            while ends.get(row + 1).is_some_and(|end| *end as usize <= place) {
                row += 1;
            }
            let (Some(begin), Some(from), Some(to), Some(mark)) = (
                place.checked_sub(rare),
                ends.get(row).map(|n| *n as usize),
                ends.get(row + 1).map(|n| *n as usize),
                out.get_mut(row),
            ) else {
                continue;
            };
            // a word that begins in one string and ends in the next is in neither
            let fits = begin >= from && begin + needle.len() <= to;
            if fits
                && text
                    .get(begin..begin + needle.len())
                    .is_some_and(|t| t.eq_ignore_ascii_case(needle))
            {
                *mark = yes;
                at = to;
            }
        }
        true
    }

    /// Rough cost of one look, to do the cheap tests first.
    pub(crate) fn cost(&self) -> u32 {
        match &self.kind {
            Kind::Equals(_) | Kind::StartsWith(_) => 2,
            Kind::OneOf(words) => 2 + words.len().min(100) as u32,
            Kind::Contains(_) => 4,
            Kind::Subsequence(_) => 8,
            Kind::Regex(_) => 200,
        }
    }
}

fn regex(word: &str) -> Result<Regex, BadPattern> {
    RegexBuilder::new(word)
        .case_insensitive(true)
        .size_limit(4 << 20)
        .build()
        .map_err(|e| {
            let text = e.to_string();
            let last = text.lines().last().unwrap_or_default();
            BadPattern {
                reason: last.trim_start_matches("error: ").to_owned(),
            }
        })
}

impl Word {
    fn new(word: &str) -> Self {
        let folded = fold(word).into_owned();
        let kind = if folded.is_ascii() {
            let rare = (0..folded.len())
                .min_by_key(|at| commonness(folded.as_bytes()[*at]))
                .unwrap_or(0);
            WordKind::Ascii {
                rare,
                kelvin: folded.contains(['k', 'i']),
            }
        } else if folded.chars().all(is_caseless) {
            WordKind::Caseless(Box::new(Finder::new(&folded).into_owned()))
        } else {
            WordKind::Other
        };
        Word { folded, kind }
    }

    fn equals(&self, text: &str) -> bool {
        match &self.kind {
            WordKind::Ascii { kelvin, .. } => {
                text.eq_ignore_ascii_case(&self.folded)
                    || self.folded_too(*kelvin, text, |t| t == self.folded)
            }
            WordKind::Caseless(_) => text == self.folded,
            WordKind::Other => !text.is_ascii() && fold(text) == self.folded,
        }
    }

    fn starts(&self, text: &str) -> bool {
        let word = self.folded.as_bytes();
        match &self.kind {
            WordKind::Ascii { kelvin, .. } => {
                text.as_bytes()
                    .get(..word.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(word))
                    || self.folded_too(*kelvin, text, |t| t.starts_with(&self.folded))
            }
            WordKind::Caseless(_) => text.starts_with(&self.folded),
            WordKind::Other => !text.is_ascii() && fold(text).starts_with(&self.folded),
        }
    }

    fn is_in(&self, text: &str) -> bool {
        match &self.kind {
            WordKind::Ascii { rare, kelvin } => {
                find_ascii(text.as_bytes(), self.folded.as_bytes(), *rare)
                    || self.folded_too(*kelvin, text, |t| t.contains(&self.folded))
            }
            WordKind::Caseless(finder) => finder.find(text.as_bytes()).is_some(),
            WordKind::Other => !text.is_ascii() && fold(text).contains(&self.folded),
        }
    }

    fn is_strewn_in(&self, text: &str) -> bool {
        match &self.kind {
            WordKind::Ascii { kelvin, .. } => {
                let mut rest = text.as_bytes().iter();
                self.folded
                    .bytes()
                    .all(|c| rest.any(|b| b.to_ascii_lowercase() == c))
                    || self.folded_too(*kelvin, text, |t| strewn(&self.folded, t))
            }
            WordKind::Caseless(_) => strewn(&self.folded, text),
            WordKind::Other => !text.is_ascii() && strewn(&self.folded, &fold(text)),
        }
    }

    /// The same question on the folded text, where a Kelvin sign or a dotted capital I could change the
    /// answer: both have lower-case letters of ASCII.
    fn folded_too(&self, kelvin: bool, text: &str, passes: impl Fn(&str) -> bool) -> bool {
        kelvin && !text.is_ascii() && text.contains(['\u{212A}', '\u{130}']) && passes(&fold(text))
    }
}

fn strewn(word: &str, text: &str) -> bool {
    let mut rest = text.chars();
    word.chars().all(|c| rest.any(|r| r == c))
}

/// Substring without regard to ASCII case: jumps along the word's rarest byte and then looks around it.
fn find_ascii(text: &[u8], word: &[u8], rare: usize) -> bool {
    let Some(lower) = word.get(rare).copied() else {
        return true;
    };
    let Some(last) = text.len().checked_sub(word.len()) else {
        return false;
    };
    // where the rare byte may stand for the word to fit
    let Some(mut window) = text.get(rare..=last + rare) else {
        return false;
    };
    let upper = lower.to_ascii_uppercase();
    let mut start = 0;
    loop {
        let hit = if lower == upper {
            memchr(lower, window)
        } else {
            memchr2(lower, upper, window)
        };
        let Some(at) = hit else { return false };
        start += at;
        if word.len() == 1
            || text
                .get(start..start + word.len())
                .is_some_and(|t| t.eq_ignore_ascii_case(word))
        {
            return true;
        }
        start += 1;
        window = window.get(at + 1..).unwrap_or_default();
    }
}

/// How common a byte is in titles, names and paths; only the order matters.
fn commonness(byte: u8) -> u32 {
    const ORDER: &[u8] = b"zqjxkvwybgp84576932fmuhcdl10_'@:(),/\\.-nosrtia e";
    ORDER
        .iter()
        .position(|b| *b == byte)
        .map_or(0, |at| at as u32 + 1)
}

/// No other character lower-cases to it, nor it to another.
fn is_caseless(c: char) -> bool {
    // the dot above is half of what a dotted capital I folds to
    c != '\u{307}' && !c.is_ascii() && c.to_lowercase().eq([c]) && c.to_uppercase().eq([c])
}

/// Lower case, character by character.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else {
            out.extend(c.to_lowercase());
        }
    }
    Cow::Owned(out)
}
