//! Regular expressions on long texts. A search is linear in the text as long as the automaton that is
//! made on the way stays small; where repeats are nested it does not, and each byte may cost as much as
//! the expression is large. So a long text is first walked by such an automaton that gives up then, and
//! the query ends with a sentence instead of after hours.

use super::guard::{Guard, Pace};
use regex::Regex;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::{Input, MatchErrorKind};

/// Texts up to this length are searched as they are; where the expression is large, up to the other.
const LONG: usize = 64 << 10;
pub(super) const LONG_FOR_LARGE: usize = 1 << 10;
/// An expression that takes more than this compiled is large.
const LARGE: usize = 64 << 10;
/// Steps that a search state by state may take: a few seconds.
const STEPS: usize = 1 << 30;

/// The automaton of an expression.
#[derive(Debug)]
struct Walk {
    dfa: DFA,
    cache: Cache,
    states: usize,
}

/// What is known of an expression beforehand.
#[derive(Debug)]
pub(super) struct Gate {
    large: bool,
    walk: Option<Option<Walk>>,
}

impl Gate {
    pub fn of(r: &Regex) -> Gate {
        let small = regex::RegexBuilder::new(r.as_str())
            .size_limit(LARGE)
            .build();
        Gate {
            large: small.is_err(),
            walk: None,
        }
    }
    /// Whether it is large.
    pub fn is_large(&self) -> bool {
        self.large
    }
    /// Whether a search of a text, with its groups if they are asked for, ends soon.
    pub fn passes(&mut self, r: &Regex, text: &str, groups: bool, guard: &Guard) -> bool {
        // the flag is looked at for each text where one may take as long as thousands
        if self.large && guard.step(1) {
            return false;
        }
        if text.len() <= if self.large { LONG_FOR_LARGE } else { LONG } {
            return true;
        }
        let walk = self.walk.get_or_insert_with(|| Walk::of(r.as_str()));
        let Some(walk) = walk else { return false };
        if !walk.is_linear(text, guard) {
            return false;
        }
        // groups are found state by state, within what was found
        let steps = |found: usize| found.saturating_mul(walk.states);
        let mut pace = Pace::default();
        let found = r
            .find_iter(text)
            .take_while(|m| !(pace.value(m.len()) && guard.step(pace.take())));
        !groups || steps(found.map(|m| m.len()).sum()) <= STEPS
    }
}

impl Walk {
    fn of(pattern: &str) -> Option<Walk> {
        let dfa = DFA::builder()
            .configure(
                DFA::config()
                    .cache_capacity(4 << 20)
                    .skip_cache_capacity_check(true)
                    .minimum_cache_clear_count(Some(3))
                    .minimum_bytes_per_state(Some(10))
                    .unicode_word_boundary(true),
            )
            .thompson(
                thompson::Config::new()
                    .nfa_size_limit(Some(8 << 20))
                    .which_captures(WhichCaptures::None),
            )
            .build(pattern)
            .ok()?;
        Some(Walk {
            cache: dfa.create_cache(),
            states: dfa.get_nfa().states().len(),
            dfa,
        })
    }
    fn is_linear(&mut self, text: &str, guard: &Guard) -> bool {
        let mut at = 0;
        while at <= text.len() {
            if guard.step(1) {
                return false;
            }
            let input = Input::new(text).span(at..text.len());
            match self.dfa.try_search_fwd(&mut self.cache, &input) {
                Ok(None) => return true,
                Ok(Some(end)) => {
                    at = end.offset().max(at + 1);
                    while at < text.len() && !text.is_char_boundary(at) {
                        at += 1;
                    }
                }
                // an end of a word beyond ASCII is not for this automaton
                Err(e) => {
                    let gave_up = matches!(e.kind(), MatchErrorKind::GaveUp { .. });
                    return !gave_up && text.len().saturating_mul(self.states) <= STEPS;
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use table::Cancel;

    fn passes(pattern: &str, text: &str) -> bool {
        let r = Regex::new(pattern).expect("an expression");
        let guard = Guard::new(Cancel::new(), 1 << 30);
        Gate::of(&r).passes(&r, text, true, &guard)
    }

    #[test]
    fn what_hunts_ask_is_let_through_and_nested_repeats_are_not() {
        let long = "powershell.exe -nop -w hidden -enc SQBFAFgA, ".repeat(20_000);
        for plain in [
            "(?i)powershell.*-enc",
            r"\d{1,3}(\.\d{1,3}){3}",
            "hidden$",
            r"-enc\s+([A-Za-z0-9+/=]{4,})",
            "[^a-z]",
        ] {
            assert!(passes(plain, &long), "{plain}");
        }
        // no two stretches alike, so that the automaton has no rest
        let mut dice = 7u64;
        let odd: String = (0..200_000)
            .map(|_| {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if dice >> 63 == 0 { 'a' } else { 'b' }
            })
            .collect();
        for nested in [
            "(([ab]{1,40}a){1,40}b){1,20}x",
            "(a|b)*a[ab]{300}[ab]{300}c",
        ] {
            assert!(!passes(nested, &odd), "{nested}");
            assert!(passes(nested, "abab"), "{nested}");
        }
    }
}
