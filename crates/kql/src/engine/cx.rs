//! What functions know besides their arguments, and how they report what they do.

use super::gate::Gate;
use super::guard::{Guard, LONGEST, Pace};
use super::json;
use super::rel::PART_ROWS;
use super::value::Kind;
use hashbrown::HashMap;
use regex::Regex;
use std::cell::RefCell;
use std::sync::Arc;

/// Most regular expressions that one thread makes of a query's values.
const MOST_REGEXES: usize = 4096;

/// What functions may know besides their arguments; one a thread.
#[derive(Debug)]
pub struct Cx {
    /// The instant of the query.
    pub now: i64,
    /// The kind the function gives here.
    pub out: Kind,
    /// The kinds of its arguments.
    pub kinds: Vec<Kind>,
    /// Where random numbers come from.
    pub seed: u64,
    regexes: HashMap<String, Option<Arc<Regex>>>,
    /// How many of them were made.
    compiled: usize,
    /// What is known of expressions before long texts are searched, by where their text is kept.
    gates: RefCell<HashMap<usize, Gate>>,
    /// What stops the query.
    pub(crate) guard: Arc<Guard>,
    /// Bytes of columns that live no longer than the work on a part.
    passing: usize,
}

impl Cx {
    /// For a query that runs at this instant and stops when this says so.
    pub(crate) fn new(now: i64, guard: Arc<Guard>) -> Cx {
        Cx {
            guard,
            passing: 0,
            compiled: 0,
            gates: RefCell::default(),
            now,
            out: Kind::Dynamic,
            kinds: Vec::new(),
            seed: now as u64 ^ 0x9e37_79b9_7f4a_7c15,
            regexes: HashMap::new(),
        }
    }
    /// The regular expression, compiled once; none if it is none or too large.
    pub fn regex(&mut self, pattern: &str) -> Option<Arc<Regex>> {
        if let Some(r) = self.regexes.get(pattern) {
            return r.clone();
        }
        // patterns that are data: forget them rather than grow, and do not make them for ever
        if self.regexes.len() > 1024 {
            self.regexes.clear();
            self.gates.borrow_mut().clear();
        }
        self.compiled += 1;
        if self.compiled > MOST_REGEXES {
            let why = format!("the query makes more than {MOST_REGEXES} regular expressions");
            self.guard.refuse(why);
        }
        if self.guard.step(1) {
            return None;
        }
        let r = compile_regex(pattern).map(Arc::new);
        self.regexes.insert(pattern.to_owned(), r.clone());
        r
    }
    /// Whether a text may be searched with an expression, and its groups found where they are asked
    /// for; the query ends where that would take too long.
    pub(crate) fn searches(&self, r: &Regex, text: &str, groups: bool) -> bool {
        let mut gates = self.gates.borrow_mut();
        if gates.len() > 64 {
            gates.clear();
        }
        let gate = gates
            .entry(r.as_str().as_ptr() as usize)
            .or_insert_with(|| Gate::of(r));
        if !gate.passes(r, text, groups, &self.guard) {
            let kb = text.len().div_ceil(1 << 10);
            self.guard.refuse(format!(
                "a regular expression would take too long on a text of {kb} KB"
            ));
        }
        !self.guard.stopped()
    }
    /// Whether each search with an expression may take as long as thousands with others.
    pub(crate) fn is_large(&self, r: &Regex) -> bool {
        let mut gates = self.gates.borrow_mut();
        let gate = gates.entry(r.as_str().as_ptr() as usize);
        gate.or_insert_with(|| Gate::of(r)).is_large()
    }
    /// The expression, if this text may be searched with it.
    pub(crate) fn search(&mut self, pattern: &str, text: &str, groups: bool) -> Option<Arc<Regex>> {
        let r = self.regex(pattern)?;
        self.searches(&r, text, groups).then_some(r)
    }
    /// Whether a value of so many bytes may be made; the query ends where it may not.
    pub(crate) fn fits(&self, bytes: usize) -> bool {
        if bytes > LONGEST {
            let mb = LONGEST >> 20;
            self.guard.refuse(format!(
                "a function would give a value of more than {mb} MB"
            ));
        }
        !self.guard.stopped()
    }
    /// Whether to come back from a loop over the rows of a whole table, asked at each of them.
    #[inline]
    pub(crate) fn late(&self, row: usize) -> bool {
        row % PART_ROWS == PART_ROWS - 1 && self.guard.step(PART_ROWS as u64)
    }
    /// A value of JSON in memory, which takes much more there than its text does; none where that is
    /// more than may be held.
    pub(crate) fn parse(&mut self, text: &str) -> Option<json::Json> {
        let held = text.len().saturating_mul(12);
        (held < 1 << 20 || !self.passes(held)).then(|| json::parse(text))
    }
    /// Counts a piece of the work on one value; true where the query is lost and it is to come back.
    #[inline]
    pub(crate) fn lost(&self, pace: &mut Pace, bytes: usize) -> bool {
        pace.value(bytes) && self.guard.step(pace.take())
    }
    /// The same for a piece of a text that grows: true too where that is longer than values may be.
    #[inline]
    pub(crate) fn more(&self, pace: &mut Pace, bytes: usize, out: &str) -> bool {
        pace.value(bytes) && (self.guard.step(pace.take()) || !self.fits(out.len()))
    }
    /// What an expression matches one after the other, until the query is lost.
    pub(crate) fn matches<'r, 't>(
        &self,
        r: &'r Regex,
        text: &'t str,
    ) -> impl Iterator<Item = regex::Match<'t>> + use<'_, 'r, 't> {
        let mut pace = Pace::default();
        r.find_iter(text)
            .take_while(move |m| !self.lost(&mut pace, m.len()))
    }
    /// Reports what a loop did, and what it has made of its column; true where it is to come back.
    pub(crate) fn pause(&mut self, pace: &mut Pace, made: usize, known: &mut usize) -> bool {
        let grown = made.saturating_sub(*known);
        *known = made;
        self.passing += grown;
        self.guard.charge(grown) | self.guard.step(pace.take())
    }
    /// Counts bytes that are needed while a part is worked on; true where they may not be.
    pub(crate) fn passes(&mut self, bytes: usize) -> bool {
        if bytes > self.guard.room() {
            self.guard.overflow();
            return true;
        }
        self.passing += bytes;
        self.guard.charge(bytes)
    }
    /// What was made for a part and is no more: the columns that stay are counted by who keeps them.
    pub(crate) fn end_part(&mut self) {
        self.guard.release(std::mem::take(&mut self.passing));
    }
    /// A number nobody expects.
    pub fn random(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A pattern as Kusto reads it, within bounds of memory.
pub fn compile_regex(pattern: &str) -> Option<Regex> {
    regex::RegexBuilder::new(pattern)
        .size_limit(8 << 20)
        .dfa_size_limit(4 << 20)
        .build()
        .ok()
}
