//! What the reader of the feed knows: which blobs there are, how far each was read, and whose records were seen. Pure; the
//! numbers that the screen shows are made of it.

pub mod pages;

use crate::model::Ticks;
use crate::model::feed::{Content, Ledger, Source, Standing, Window};
use crate::model::span::Span;
use crate::model::time::{DAY, SECOND};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use table::Text;

/// The service keeps as much.
pub const WEEK: i64 = 7 * DAY;
/// A blob that could not be read so often is left until somebody asks.
const TRIES: u8 = 4;

/// The content types of the documents; more may come with the service's own list.
pub const KNOWN: [&str; 5] = [
    "Audit.AzureActiveDirectory",
    "Audit.Exchange",
    "Audit.SharePoint",
    "Audit.General",
    "DLP.All",
];

/// A record's identity: a GUID as a number, anything else by two keyed hashes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Id([u32; 4]);

/// A blob of the service.
#[derive(Debug)]
pub struct Blob {
    pub uri: Box<str>,
    pub created: Ticks,
    pub kind: usize,
    state: State,
    tries: u8,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Whole,
    Torn(String),
}

/// One content type as it is read.
#[derive(Debug, Default)]
struct Type {
    name: Text,
    standing: Standing,
    trouble: String,
    source: Source,
    /// What a search asked for.
    asked: String,
    /// By the window's end.
    windows: BTreeMap<i64, Window>,
    /// Blobs by record; of what is read in pages the page, where pages are remembered.
    seen: HashMap<Id, u32>,
    /// Addresses of pages that records may be read from again.
    pages: Vec<Box<str>>,
    /// Windows that could not be read to their end.
    broke: BTreeMap<i64, pages::Broke>,
}

impl std::fmt::Debug for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:x?}", self.0)
    }
}

/// Everything that is known.
#[derive(Debug, Default)]
pub struct Book {
    types: Vec<Type>,
    blobs: Vec<Blob>,
    by_id: HashMap<Box<str>, u32>,
    hashers: [RandomState; 2],
    /// What is wanted; nothing else is listed.
    span: Span,
    pub as_of: Option<Ticks>,
    /// When what is read in pages was last read as far as it can be.
    pub pages_as_of: Option<Ticks>,
    /// The feed as a whole cannot be read now, and the list says why.
    pub is_down: bool,
    /// Searches of the audit log, a window each.
    jobs: Vec<pages::Job>,
}

/// A window that is to be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub kind: usize,
    pub from: Ticks,
    /// The window's end, by which it is known; the listing ends now where this is still to come.
    pub to: Ticks,
}

/// What a blob brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    pub records: u32,
    pub duplicates: u32,
    pub timeless: u32,
    pub nameless: u32,
}

impl Book {
    /// Knows nothing yet of this part of the logs.
    pub fn of(span: Span) -> Self {
        Self {
            span,
            ..Self::default()
        }
    }

    /// The place of a content type, made where it is new.
    pub fn kind(&mut self, name: &str) -> usize {
        let at = self
            .types
            .iter()
            .position(|t| t.name.txt().exact().eq_ignore_ascii_case(name));
        at.unwrap_or_else(|| {
            self.types.push(Type {
                name: Text::from(name),
                ..Type::default()
            });
            self.types.len() - 1
        })
    }

    pub fn name(&self, kind: usize) -> Text {
        self.types
            .get(kind)
            .map(|t| t.name.clone())
            .unwrap_or_default()
    }

    pub fn kinds(&self) -> usize {
        self.types.len()
    }

    /// How a type stands, and what is in the way.
    pub fn stand(&mut self, kind: usize, standing: Standing, trouble: &str) {
        if let Some(t) = self.types.get_mut(kind) {
            t.standing = standing;
            trouble.clone_into(&mut t.trouble);
        }
    }

    /// The windows of seven days before `now`, a day each, for every type; those that were there stay. The oldest begins
    /// where the service's memory does.
    pub fn windows(&mut self, now: Ticks) {
        let reach = now.0 - WEEK;
        let midnight = now.0.div_euclid(DAY) * DAY;
        for t in &mut self.types {
            if t.source == Source::Search
                || t.standing != Standing::Enabled && t.windows.is_empty()
                || !self.span.wants(&t.name)
            {
                continue;
            }
            for n in 0..=7 {
                let to = midnight + DAY - n * DAY;
                if to > reach && self.span.touches(Ticks(to - DAY), Ticks(to)) {
                    t.windows.entry(to).or_insert_with(|| Window {
                        from: Ticks((to - DAY).max(reach)),
                        to: Ticks(to),
                        ..Window::default()
                    });
                }
            }
            for window in t.windows.values_mut() {
                window.past = window.to.0 <= reach;
            }
        }
    }

    /// Windows to be listed now, newest first: those that are not complete, and each now and then. `every`: how old the
    /// last listing of a complete one may be.
    pub fn due(&self, now: Ticks, every: i64) -> Vec<Due> {
        use crate::model::feed::Reach;
        let reach = now.0 - WEEK;
        let mut out: Vec<Due> = Vec::new();
        for (kind, t) in self.types.iter().enumerate() {
            if t.standing != Standing::Enabled || t.source != Source::Feed {
                continue;
            }
            for w in t.windows.values().filter(|w| !w.past) {
                let fresh = w.listed_at.is_some_and(|at| now.0 - at.0 < every);
                let sure = match w.reach() {
                    Reach::Complete => true,
                    // what could not be read is asked for again without a new listing
                    Reach::Gap | Reach::Reading => {
                        w.broken.is_none()
                            && w.listed_at
                                .is_some_and(|at| at.0 >= w.to.0 + crate::model::feed::SETTLE)
                    }
                    _ => false,
                };
                if !(fresh && sure) {
                    out.push(Due {
                        kind,
                        from: Ticks(w.from.0.max(reach)),
                        to: w.to,
                    });
                }
            }
        }
        out.sort_by_key(|d| (std::cmp::Reverse(d.to), d.kind));
        out
    }

    fn window(&mut self, kind: usize, to: Ticks) -> Option<&mut Window> {
        self.types.get_mut(kind)?.windows.get_mut(&to.0)
    }

    /// The window in which something was written.
    fn window_of(&mut self, kind: usize, created: Ticks) -> Option<&mut Window> {
        let windows = &mut self.types.get_mut(kind)?.windows;
        windows.range_mut(created.0 + 1..).next().map(|(_, w)| w)
    }

    /// Takes a listed blob; `true` where it is new.
    pub fn listed(&mut self, kind: usize, id: &str, uri: &str, created: Ticks) -> bool {
        if let Some(at) = self.by_id.get(id) {
            // its address may have moved
            if let Some(blob) = self.blobs.get_mut(*at as usize)
                && &*blob.uri != uri
            {
                blob.uri = uri.into();
            }
            return false;
        }
        let at = self.blobs.len() as u32;
        self.by_id.insert(id.into(), at);
        self.blobs.push(Blob {
            uri: uri.into(),
            created,
            kind,
            state: State::Waiting,
            tries: 0,
        });
        if let Some(w) = self.window_of(kind, created) {
            w.listed += 1;
            // a listing that began after it was written should have had it
            if w.listed_at.is_some_and(|at| at.0 > created.0 + SECOND) {
                w.late += 1;
            }
        }
        true
    }

    /// A listing of a window ended: well, or with this fault.
    pub fn swept(&mut self, due: Due, began: Ticks, retries: u32, broken: Option<String>) {
        if let Some(w) = self.window(due.kind, due.to) {
            w.retries += retries;
            if broken.is_none() {
                w.listed_at = Some(began);
            }
            w.broken = broken;
        }
    }

    /// Blobs that are to be fetched, newest first.
    pub fn waiting(&self) -> Vec<u32> {
        let mut out: Vec<u32> = (0..self.blobs.len() as u32)
            .filter(|n| {
                let blob = &self.blobs[*n as usize];
                match blob.state {
                    State::Waiting => true,
                    State::Torn(_) => blob.tries < TRIES,
                    State::Whole => false,
                }
            })
            .collect();
        out.sort_by_key(|n| std::cmp::Reverse(self.blobs[*n as usize].created));
        out
    }

    /// Somebody asks: what was given up is tried again.
    pub fn again(&mut self) {
        for blob in &mut self.blobs {
            if matches!(blob.state, State::Torn(_)) {
                blob.tries = 0;
            }
        }
    }

    pub fn blob(&self, at: u32) -> Option<&Blob> {
        self.blobs.get(at as usize)
    }

    /// A blob was read whole.
    pub fn whole(&mut self, at: u32, brought: Brought, retries: u32) {
        let Some(blob) = self.blobs.get_mut(at as usize) else {
            return;
        };
        let before = std::mem::replace(&mut blob.state, State::Whole);
        let (kind, created) = (blob.kind, blob.created);
        if let Some(w) = self.window_of(kind, created) {
            w.retries += retries;
            w.records += brought.records;
            w.duplicates += brought.duplicates;
            w.timeless += brought.timeless;
            w.nameless += brought.nameless;
            if before != State::Whole {
                w.fetched += 1;
            }
            if matches!(before, State::Torn(_)) {
                w.torn = w.torn.saturating_sub(1);
                if w.torn == 0 {
                    w.why = None;
                }
            }
        }
    }

    /// A blob could not be read.
    pub fn torn(&mut self, at: u32, why: String, retries: u32) {
        let Some(blob) = self.blobs.get_mut(at as usize) else {
            return;
        };
        blob.tries = blob.tries.saturating_add(1);
        let before = std::mem::replace(&mut blob.state, State::Torn(why.clone()));
        let (kind, created) = (blob.kind, blob.created);
        if let Some(w) = self.window_of(kind, created) {
            w.retries += retries;
            if before == State::Waiting {
                w.torn += 1;
            }
            w.why.get_or_insert(why);
        }
    }

    /// Whether a record is new to its content type; its blob is known from now on.
    pub fn is_new(&mut self, kind: usize, id: &str, blob: u32) -> bool {
        let id = self.id(id);
        match self.types.get_mut(kind) {
            Some(t) => t.seen.insert(id, blob).is_none(),
            None => false,
        }
    }

    /// The blob that brought a record last.
    pub fn home(&self, id: &str) -> Option<u32> {
        let id = self.id(id);
        let types = self.types.iter().filter(|t| t.source == Source::Feed);
        types.into_iter().find_map(|t| t.seen.get(&id).copied())
    }

    /// All records of all types.
    pub fn loaded(&self) -> u64 {
        self.types.iter().map(|t| t.seen.len() as u64).sum()
    }

    fn id(&self, id: &str) -> Id {
        let number = match uuid::Uuid::try_parse(id) {
            Ok(id) => id.as_u128(),
            Err(_) => {
                let [a, b] = &self.hashers;
                u128::from(a.hash_one(id)) << 64 | u128::from(b.hash_one(id))
            }
        };
        Id([
            (number >> 96) as u32,
            (number >> 64) as u32,
            (number >> 32) as u32,
            number as u32,
        ])
    }

    /// Every window of every type that is subscribed to is complete, but for those that have not settled.
    pub fn is_complete(&self) -> bool {
        use crate::model::feed::Reach;
        self.types
            .iter()
            .filter(|t| t.standing == Standing::Enabled)
            .all(|t| {
                t.windows
                    .values()
                    .all(|w| matches!(w.reach(), Reach::Complete | Reach::Settling))
            })
    }

    /// What the screen shows.
    pub fn ledger(&self) -> Ledger {
        Ledger {
            types: self
                .types
                .iter()
                .map(|t| Content {
                    name: t.name.clone(),
                    source: t.source,
                    asked: t.asked.clone(),
                    standing: t.standing,
                    trouble: t.trouble.clone(),
                    windows: t.windows.values().rev().cloned().collect(),
                })
                .collect(),
            as_of: self.as_of,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::feed::Reach;
    use crate::model::time::HOUR;

    fn noon() -> Ticks {
        Ticks(20_000 * DAY + 12 * HOUR)
    }

    fn book() -> Book {
        let mut book = Book::default();
        let kind = book.kind("Audit.Exchange");
        book.stand(kind, Standing::Enabled, "");
        book.windows(noon());
        book
    }

    #[test]
    fn seven_days_are_eight_windows_none_longer_than_a_day() {
        let book = book();
        let due = book.due(noon(), DAY);
        assert_eq!(due.len(), 8);
        assert_eq!(due[0].to.0, 20_001 * DAY, "newest first");
        assert_eq!(due[7].from.0, noon().0 - WEEK);
        assert!(due.iter().all(|d| d.to.0 - d.from.0 <= DAY));
        for pair in due.windows(2) {
            assert_eq!(pair[0].from, pair[1].to, "no time between two windows");
        }
    }

    #[test]
    fn s0_7_late_blobs_reopen_a_window_that_was_complete() {
        let mut book = book();
        let due = book.due(noon(), DAY)[3];
        book.listed(0, "a", "u", due.from);
        book.swept(due, noon(), 0, None);
        assert_eq!(book.ledger().types[0].windows[3].reach(), Reach::Reading);
        book.whole(
            0,
            Brought {
                records: 4,
                ..Brought::default()
            },
            1,
        );
        let window = book.ledger().types[0].windows[3].clone();
        assert_eq!(
            (window.reach(), window.records, window.retries),
            (Reach::Complete, 4, 1)
        );
        assert!(!book.due(noon(), DAY).contains(&due));
        assert!(
            !book.listed(0, "a", "u", due.from),
            "listed twice is one blob"
        );
        assert!(book.listed(0, "b", "u", due.from));
        let window = book.ledger().types[0].windows[3].clone();
        assert_eq!((window.late, window.reach()), (1, Reach::Reading));
    }

    #[test]
    fn a_blob_that_cannot_be_read_is_a_gap_until_it_can() {
        let mut book = book();
        let due = book.due(noon(), DAY)[2];
        book.listed(0, "a", "u", due.from);
        book.swept(due, noon(), 0, None);
        for _ in 0..TRIES {
            assert_eq!(book.waiting(), [0]);
            book.torn(0, "it is not JSON".into(), 0);
        }
        assert!(book.waiting().is_empty(), "not for ever");
        assert_eq!(book.ledger().types[0].windows[2].reach(), Reach::Gap);
        assert_eq!(book.ledger().gaps(), 1);
        book.again();
        assert_eq!(book.waiting(), [0]);
        book.whole(0, Brought::default(), 0);
        let window = &book.ledger().types[0].windows[2];
        assert_eq!((window.reach(), &window.why), (Reach::Complete, &None));
    }

    #[test]
    fn records_are_known_by_their_id_whatever_it_looks_like() {
        let mut book = book();
        let guid = "c1d2e3f4-0000-4000-8000-000000000001";
        assert!(book.is_new(0, guid, 3) && !book.is_new(0, &guid.to_uppercase(), 4));
        assert!(book.is_new(0, "not a guid", 5) && !book.is_new(0, "not a guid", 5));
        assert_eq!((book.home(guid), book.home("unseen")), (Some(4), None));
        assert_eq!(book.loaded(), 2);
    }
}
