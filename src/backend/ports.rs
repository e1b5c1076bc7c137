//! What the backend needs of the disk and of time, as traits: `store`, `audit` and `run` implement them, tests bring their own.
//!
//! `Store` and `Record` are plain blocking calls. The backend makes them on threads that may block, never on the one
//! that drives the network, and never aborts one that has begun.

use crate::model::{Fault, Key, Kind, Ticks};
use crate::msg::{Event, Now, Unfinished};
use crate::verb::Deed;
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use table::{Chunk, Text};

/// Where the backend's events go. May block while the screen is behind: pages are sent from threads that may.
pub type Events = Arc<dyn Fn(Event) + Send + Sync>;

/// Everything the backend does not own.
#[derive(Clone)]
pub struct Ports {
    pub events: Events,
    pub store: Arc<dyn Store>,
    pub record: Arc<dyn Record>,
    /// The same clock that stamps `app`'s events: a confirmation's life is measured on it.
    pub clock: Arc<dyn Clock>,
    /// Multiplies every budget of ours; 1 but for filling a large store from a simulator that does not throttle.
    pub budget_scale: f64,
}

/// Time, so that eight hours can be tested in milliseconds.
pub trait Clock: Send + Sync {
    fn now(&self) -> Now;
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;
}

/// The cache of one tenant: decoded rows and their exact texts.
pub trait Store: Send + Sync {
    /// Hands over every row last seen, in the order they should appear first, in chunks of the kind's schema, with what
    /// is known of the whole list. `each` answers `false` to stop. An unreadable cache is the store's to set aside; that is not a fault.
    fn load(
        &self,
        kind: Kind,
        each: &mut dyn FnMut(Arc<Chunk>, Seen) -> bool,
    ) -> Result<Seen, Fault>;

    /// Takes rows in, replacing older ones of the same id.
    fn take(&self, rows: Rows) -> Result<(), Fault>;

    /// The exact text of one entity.
    fn raw(&self, key: &Key) -> Result<Option<Raw>, Fault>;

    /// A sweep came to its end; every page of it was taken before, rows that did not change were not sent again. After a
    /// whole one, rows for whose id `listed` answers `false` are gone from the service: they are deleted here and their
    /// ids returned. Otherwise `listed` is not asked.
    fn finish(&self, sweep: Sweep, listed: &dyn Fn(&str) -> bool) -> Result<Vec<Text>, Fault>;

    /// Whether this instance polls a list, and what others wrote since `place`; without a place only where the cache
    /// stands. Takes the turn where it is free. A store that nobody shares is always ours.
    fn turn(&self, kind: Kind, place: Option<Place>) -> Result<Turn, Fault> {
        let _ = (kind, place);
        Ok(Turn {
            mine: true,
            ..Turn::default()
        })
    }

    /// Lets another instance poll a list.
    fn give(&self, kind: Kind) {
        let _ = kind;
    }
}

/// How far a cache was read: the last chunk and the last removal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub chunk: i64,
    pub gone: i64,
}

/// What `Store::turn` tells.
#[derive(Debug, Default)]
pub struct Turn {
    pub mine: bool,
    /// Where the cache stands now.
    pub place: Option<Place>,
    pub seen: Seen,
    /// Rows since, some of them perhaps unchanged.
    pub chunks: Vec<Arc<Chunk>>,
    /// Ids that went since.
    pub gone: Vec<Text>,
}

/// What the cache knows of a list beside its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// When the service was last asked.
    pub as_of: Option<Ticks>,
    /// Everything changed before this instant is in the rows; only after a whole sweep.
    pub watermark: Option<Ticks>,
    /// A whole sweep was finished at some time.
    pub complete: bool,
    pub total: Option<u64>,
}

/// Rows of one page: `raws[n]` is the text of the chunk's row `n`, repaired JSON, otherwise exact.
#[derive(Clone, Debug)]
pub struct Rows {
    pub kind: Kind,
    pub chunk: Arc<Chunk>,
    pub raws: Vec<Box<str>>,
    pub at: Ticks,
}

/// The end of a complete listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    pub kind: Kind,
    /// When its first page was asked for: what the list is "as of" from now on.
    pub began: Ticks,
    /// It listed everything, not only what changed since a watermark.
    pub whole: bool,
    /// The new watermark, if the kind has one.
    pub watermark: Option<Ticks>,
    pub total: Option<u64>,
}

/// One entity's text and when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    pub text: Box<str>,
    pub as_of: Ticks,
}

/// The record of everything sent: append-only.
pub trait Record: Send + Sync {
    /// Returns once the entry is on the disk (file and folder synced). After a fault nothing may be sent.
    fn append(&self, at: Ticks, entry: &Entry) -> Result<Receipt, Fault>;

    /// Where the record ends now: to be asked before a target is read for the last time. One that nobody shares has no end.
    fn mark(&self) -> Result<Mark, Fault> {
        Ok(Mark::default())
    }

    /// Puts an intent on record, unless these terms stand against it: then nothing was written, and the fault says why.
    fn intend(&self, at: Ticks, entry: &Entry, terms: &Terms) -> Result<Receipt, Fault>;

    /// Targets of tier 2 and above that were acted on in the ten minutes before, by every instance and the command line.
    fn recent(&self, at: Ticks) -> Result<usize, Fault>;

    /// Takes over what runs that are gone left without an end. Each is ours from now on, and on record as such.
    fn adopt(&self, at: Ticks) -> Result<Vec<Past>, Fault>;

    /// Everything since an instant, oldest first.
    fn past(&self, since: Ticks) -> Result<Vec<Past>, Fault>;

    /// Sets begun since an instant that ended before their end, oldest first.
    fn unfinished(&self, since: Ticks) -> Result<Vec<Unfinished>, Fault> {
        let _ = since;
        Ok(Vec::new())
    }
}

/// So long an intent of another run without an outcome keeps others off its target; after that nobody waits for it.
pub const UNDER_WAY: Duration = Duration::from_secs(600);

/// Where a record ended at some moment: what was written since can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Name of its last file, and that file's length in bytes.
    pub file: String,
    pub len: u64,
}

/// What must hold in the moment an intent is put on record: no other run is at its target, or was since it was read.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Where the record ended before the target was read.
    pub seen: Mark,
    /// The rate guard, where it counts.
    pub rate: Option<Rate>,
}

/// The time that the rate guard looks back.
pub const RATE_WINDOW: Duration = Duration::from_secs(600);

/// With these many targets of its own a command may not be on top of so many of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Targets of this command.
    pub own: usize,
    /// All together at most.
    pub most: usize,
}

/// An entry that is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Hex SHA-256 of its line.
    pub hash: String,
}

/// What a line of the record says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A request is about to leave.
    Intent,
    /// The same request is about to leave again: it is proven that the try before was not executed.
    Attempt,
    /// What became of it.
    Outcome,
    /// Confirmed, and taken back before anything was sent.
    Cancelled,
    /// A set begins, with all its targets.
    Began,
    /// The set ended early: nothing was sent to these.
    Rest,
    /// Read again after its end.
    Later,
}

/// What the backend puts on record; the writer adds sequence, chain, and who runs this program where.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub stage: Stage,
    /// One id for an intent, its attempts and its outcome; also the `client-request-id`.
    pub run: String,
    /// One id for all targets of a command.
    pub set: String,
    /// Our name of the tenant and its id.
    pub tenant: String,
    pub tenant_id: String,
    pub principal: Text,
    /// Who acts.
    pub analyst: Text,
    pub verb: String,
    /// The tier it was confirmed at.
    pub tier: u8,
    pub targets: Vec<EntryTarget>,
    pub sentence: String,
    /// The person's own words, where the verb has any.
    pub reason: Option<Text>,
    /// The answers to the verb's form (`verb::keep`), so that a later run can judge a read-back.
    pub args: Value,
    pub requests: Vec<EntryRequest>,
    /// The runs that its command takes back.
    pub undoes: Vec<String>,
    /// Outcomes: one word (`succeeded`, `failed`, `unknown`, `not sent`, `accepted`).
    pub state: Option<&'static str>,
    /// What was read back, or why it failed.
    pub detail: Option<String>,
    /// The service's own id of the action.
    pub action: Option<Text>,
    /// Nobody looks further.
    pub closed: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct EntryTarget {
    pub key: Key,
    /// The name that was on screen.
    pub name: Text,
    /// What the write replaces, as the verb's `before` told it.
    pub before: Value,
}

/// A request as it is sent, without its token and before the stamp.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryRequest {
    pub service: &'static str,
    pub method: &'static str,
    pub path: String,
    pub body: Option<Value>,
}

/// One run of the record and what became of it. A log, never an authority: nothing is sent because of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    pub deed: Deed,
    pub tier: u8,
    pub args: Value,
    pub tenant_id: String,
    pub principal: Text,
    /// Hex SHA-256 of the intent's line.
    pub hash: String,
    /// There was an intent: something may have been sent.
    pub intent: bool,
    pub closed: bool,
    pub undoes: Vec<String>,
    /// Paths of the requests of its intent.
    pub requests: Vec<String>,
    /// When the last word on it was written.
    pub ended: Option<Ticks>,
}
