//! The string operators: `has` and its kin against one pattern.

use super::guard::{Guard, Pace};
use memchr::memmem;
use regex::Regex;
use std::sync::Arc;

/// Which string operator, its negation taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrOp {
    /// Equal.
    Equal,
    /// A whole term.
    Has,
    /// The beginning of a term.
    HasPrefix,
    /// The end of a term.
    HasSuffix,
    /// Anywhere.
    Contains,
    /// At the beginning.
    Starts,
    /// At the end.
    Ends,
    /// A regular expression.
    Regex,
    /// Wildcards.
    Like,
}

/// A pattern made ready.
#[derive(Debug)]
pub struct Matcher {
    op: StrOp,
    fold: bool,
    not: bool,
    /// As given, lower-case where case does not count.
    needle: String,
    ascii: bool,
    finder: Finder,
    regex: Option<Regex>,
    guard: Arc<Guard>,
}

/// Looks for the rarest byte of the pattern first.
#[derive(Debug)]
struct Finder {
    exact: memmem::Finder<'static>,
    rare: (usize, u8, u8),
}

/// How common a byte is in paths and command lines, about; low is rare.
fn commonness(b: u8) -> u8 {
    match b.to_ascii_lowercase() {
        b' ' | b'e' | b't' | b's' | b'i' | b'o' | b'r' | b'a' | b'n' => 250,
        b'\\' | b'.' | b'c' | b'l' | b'd' | b'm' | b'p' | b'x' => 200,
        b'w' | b'u' | b'h' | b'g' | b'f' | b'0'..=b'3' | b'"' | b'/' | b'-' | b':' => 150,
        b'y' | b'v' | b'k' | b'b' | b'4'..=b'9' | b'_' => 100,
        _ => 50,
    }
}

impl Finder {
    fn new(needle: &str) -> Finder {
        let rare = needle
            .bytes()
            .enumerate()
            .min_by_key(|(_, b)| commonness(*b))
            .map_or((0, 0, 0), |(i, b)| {
                (i, b.to_ascii_lowercase(), b.to_ascii_uppercase())
            });
        Finder {
            exact: memmem::Finder::new(needle.as_bytes()).into_owned(),
            rare,
        }
    }
    /// The first place of the pattern at or after `from`, ASCII case not counting if so asked.
    fn find(&self, hay: &[u8], from: usize, needle: &[u8], fold: bool) -> Option<usize> {
        if !fold {
            return self.exact.find(hay.get(from..)?).map(|i| i + from);
        }
        if needle.len() > SHORT && hay.len() > MANY {
            return self.find_long(hay, from, needle.len());
        }
        let (at, lo, up) = self.rare;
        let mut i = from + at;
        while let Some(n) = hay.get(i..).and_then(|h| {
            if lo == up {
                memchr::memchr(lo, h)
            } else {
                memchr::memchr2(lo, up, h)
            }
        }) {
            i += n;
            let start = i - at;
            if let Some(w) = hay.get(start..start + needle.len())
                && w.eq_ignore_ascii_case(needle)
            {
                return Some(start);
            }
            i += 1;
        }
        None
    }
    /// The same in time linear in the text, through a copy in lower case, window by window.
    fn find_long(&self, hay: &[u8], from: usize, needle: usize) -> Option<usize> {
        let wide = needle + needle.max(64 << 10);
        let mut low = Vec::new();
        let mut at = from;
        loop {
            let rest = hay.get(at..).filter(|r| r.len() >= needle)?;
            let window = rest.get(..wide).unwrap_or(rest);
            low.clear();
            low.extend(window.iter().map(u8::to_ascii_lowercase));
            if let Some(i) = self.exact.find(&low) {
                return Some(at + i);
            }
            at += window.len() - needle + 1;
        }
    }
}

/// Patterns up to this are compared at each place where their rarest byte is; longer ones are not where
/// the text is longer than the other: one alike in itself would be compared nearly whole at each place.
const SHORT: usize = 32;
const MANY: usize = 16 << 10;

fn is_term(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}

/// Whether the character before (or after) a place belongs to a term.
fn term_before(hay: &str, at: usize) -> bool {
    match at.checked_sub(1).and_then(|i| hay.as_bytes().get(i)) {
        None => false,
        Some(b) if b.is_ascii() => is_term(*b),
        Some(_) => hay
            .get(..at)
            .and_then(|s| s.chars().next_back())
            .is_some_and(char::is_alphanumeric),
    }
}
fn term_after(hay: &str, at: usize) -> bool {
    match hay.as_bytes().get(at) {
        None => false,
        Some(b) if b.is_ascii() => is_term(*b),
        Some(_) => hay
            .get(at..)
            .and_then(|s| s.chars().next())
            .is_some_and(char::is_alphanumeric),
    }
}

impl Matcher {
    /// For this operator and pattern; a bad regular expression gives the reason. Where the query is
    /// lost, long searches end early.
    pub(crate) fn new(
        op: StrOp,
        fold: bool,
        not: bool,
        pattern: &str,
        guard: &Arc<Guard>,
    ) -> Result<Matcher, String> {
        let needle = if fold {
            pattern.to_lowercase()
        } else {
            pattern.to_owned()
        };
        let regex = match op {
            StrOp::Regex => Some(
                super::expr::compile_regex(pattern)
                    .ok_or_else(|| "not a regular expression, or too large".to_owned())?,
            ),
            StrOp::Like => {
                let mut r = String::from(if fold { "(?is)^" } else { "(?s)^" });
                for c in pattern.chars() {
                    match c {
                        '*' => r.push_str(".*"),
                        '?' => r.push('.'),
                        c => r.push_str(&regex::escape(&c.to_string())),
                    }
                }
                r.push('$');
                super::expr::compile_regex(&r)
            }
            _ => None,
        };
        Ok(Matcher {
            op,
            fold,
            not,
            ascii: needle.is_ascii(),
            finder: Finder::new(&needle),
            needle,
            regex,
            guard: guard.clone(),
        })
    }
    /// The regular expression that it is, if it is one.
    #[inline]
    pub fn regex(&self) -> Option<&Regex> {
        self.regex.as_ref()
    }
    /// What it costs a row, about.
    pub fn cost(&self) -> u32 {
        match self.op {
            StrOp::Equal | StrOp::Starts | StrOp::Ends => 4,
            StrOp::Regex | StrOp::Like => 40,
            _ => 10,
        }
    }
    /// Whether the text meets it, the negation counted.
    #[inline]
    pub fn matches(&self, hay: &str) -> bool {
        self.found(hay) != self.not
    }
    /// The truths of many ASCII texts that lie one after the other, found in one go over all of
    /// them; nothing where the operator is no search.
    pub fn scan(&self, all: &[u8], offsets: &[u32]) -> Option<Vec<u8>> {
        let n = self.needle.as_bytes();
        let search = matches!(
            self.op,
            StrOp::Has | StrOp::HasPrefix | StrOp::HasSuffix | StrOp::Contains
        );
        if !search || n.is_empty() || n.len() > SHORT || !self.ascii || offsets.len() < 2 {
            return None;
        }
        let rows = offsets.len() - 1;
        let mut out = vec![u8::from(self.not); rows];
        let head = matches!(self.op, StrOp::Has | StrOp::HasPrefix) && is_term(n[0]);
        let tail = matches!(self.op, StrOp::Has | StrOp::HasSuffix) && is_term(n[n.len() - 1]);
        // the byte of the pattern that these texts have least of
        let mut seen = [0u32; 256];
        for b in all.iter().take(32_768) {
            seen[usize::from(b.to_ascii_lowercase())] += 1;
        }
        let at = (0..n.len())
            .min_by_key(|i| seen[usize::from(n[*i].to_ascii_lowercase())])
            .unwrap_or(0);
        let (lo, up) = if self.fold {
            (n[at].to_ascii_lowercase(), n[at].to_ascii_uppercase())
        } else {
            (n[at], n[at])
        };
        let mut row = 0;
        let mut i = at;
        while let Some(rest) = all.get(i..) {
            let hit = if lo == up {
                memchr::memchr(lo, rest)
            } else {
                memchr::memchr2(lo, up, rest)
            };
            let Some(hit) = hit else { break };
            i += hit;
            let start = i - at;
            i += 1;
            let Some(w) = all.get(start..start + n.len()) else {
                continue;
            };
            let same = if self.fold {
                w.eq_ignore_ascii_case(n)
            } else {
                w == n
            };
            if !same {
                continue;
            }
            // which text it is in
            if offsets[row + 1] as usize <= start {
                row += offsets[row + 1..].partition_point(|o| *o as usize <= start);
            }
            let (from, to) = (offsets[row] as usize, offsets[row + 1] as usize);
            let end = start + n.len();
            let inside = end <= to;
            let goes_on = head && start > from && is_term(all[start - 1])
                || tail && end < to && is_term(all[end]);
            if inside && !goes_on {
                out[row] = u8::from(!self.not);
                i = i.max(to + at);
            }
        }
        Some(out)
    }
    /// The same where the text is known to be ASCII.
    #[inline]
    pub fn matches_ascii(&self, hay: &str) -> bool {
        if self.regex.is_some() || (self.fold && !self.ascii) {
            return self.matches(hay);
        }
        self.plain(hay, self.fold) != self.not
    }
    fn found(&self, hay: &str) -> bool {
        if let Some(r) = &self.regex {
            return r.is_match(hay);
        }
        if self.fold && !(self.ascii && hay.is_ascii()) {
            // beyond ASCII: compare the lower-case forms
            let low = hay.to_lowercase();
            return self.plain(&low, false);
        }
        self.plain(hay, self.fold)
    }
    fn plain(&self, hay: &str, fold: bool) -> bool {
        let (h, n) = (hay.as_bytes(), self.needle.as_bytes());
        let same = |a: &[u8]| {
            if fold {
                a.eq_ignore_ascii_case(n)
            } else {
                a == n
            }
        };
        match self.op {
            StrOp::Equal => same(h),
            StrOp::Starts => h.get(..n.len()).is_some_and(same),
            StrOp::Ends => h
                .len()
                .checked_sub(n.len())
                .and_then(|i| h.get(i..))
                .is_some_and(same),
            StrOp::Contains => n.is_empty() || self.finder.find(h, 0, n, fold).is_some(),
            StrOp::Has | StrOp::HasPrefix | StrOp::HasSuffix => {
                if n.is_empty() {
                    return true;
                }
                // a pattern that begins or ends between terms needs no end of a term there
                let head = self.op != StrOp::HasSuffix && term_after(&self.needle, 0);
                let tail = self.op != StrOp::HasPrefix && term_before(&self.needle, n.len());
                let mut from = 0;
                let mut pace = Pace::default();
                while let Some(i) = self.finder.find(h, from, n, fold) {
                    if pace.value(n.len()) && self.guard.step(pace.take()) {
                        return false;
                    }
                    let inside =
                        head && term_before(hay, i) || tail && term_after(hay, i + n.len());
                    if !inside {
                        return true;
                    }
                    from = i + 1;
                }
                false
            }
            StrOp::Regex | StrOp::Like => false,
        }
    }
}
