//! The shared vocabulary of the two sides: what happens (`Event`), what is wanted (`Effect`, `Request`), what comes back
//! (`Reply`, `News`), and the tickets that keep late answers out.

mod set_up;
mod shelf;
mod tenants;
mod unfinished;

pub use set_up::{Answer as Typed, Question, SetUp, SettingUp};
pub use shelf::{Shelf, Shelved};
pub use tenants::{Elsewhere, Fan, Gathered};
pub use unfinished::{Doubt, Unfinished};

use crate::confirm::{Cancelled, Command, Confirmed};
use crate::model::draft::Drafts;
use crate::model::{
    Call, Engine, Fault, Grants, Key, Kind, Service, Session, Stand, Standing, Ticks,
};
use crate::resource::find::hits::{Hit, Looking};
use crate::resource::grouping::{self, Group};
use crate::resource::hunt_answer;
use crate::resource::hunt_work;
use crate::resource::{Answer, Column, Spec};
use crate::verb::{Args, Deed, Verb};
use crossterm::event::{KeyEvent, MouseEvent};
use kql::service::params;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use table::{Cancel, Chunk, Predicate, Selection, SortKey, Table, Text};

/// The time of an event: monotonic since the start, and the wall clock in UTC. `app` never reads a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    pub mono: Duration,
    pub wall: Ticks,
}

/// Everything that can happen to the screen's side.
#[derive(Debug)]
pub enum Event {
    Key(KeyPress),
    /// Bracketed paste, exactly as it came.
    Paste(Text),
    Mouse(MouseEvent),
    Resize(u16, u16),
    Focus(bool),
    /// The terminal answered for this frame: whatever is pressed from now on was pressed with it in sight.
    FrameSeen(u64),
    /// A frame was flushed; where the terminal does not answer, 400 ms later counts as seen.
    FrameFlushed(u64),
    /// A wish of `Effect::WakeAt` came due.
    Wake,
    Reply(Reply),
    News(News),
    /// The editor, clipboard or another local helper has something to say.
    Said(Said),
    /// The query texts of the last run.
    Drafts(Drafts),
    /// The text of a query tab as the person's own editor left it.
    Edited {
        tab: u64,
        text: String,
    },
    /// Kept hunts and the history of runs.
    Shelved(Shelved),
    /// How all tenants stand.
    Tenants(Vec<Standing>),
    /// Incidents of a tenant, for the queue of all.
    Gathered(Gathered),
    /// The form that sets up a tenant asks or says something.
    SettingUp(SettingUp),
    /// Another tenant comes to the front.
    Behind,
    /// SIGTERM, SIGHUP or a lost terminal: save and go.
    Hangup,
    /// About to be stopped from outside (SIGTSTP).
    Away,
    /// Back from Ctrl-z.
    Resumed,
}

/// A key with what the prompt needs to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPress {
    pub key: KeyEvent,
    /// Printable characters that came in the same read: four or more without bracketed paste smells of a paste.
    pub in_read: u16,
}

/// The outcome of a local effect, for a toast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Done(String),
    Failed(Fault),
}

/// What `app` wants done. A question may carry a confirmed write, which is large; effects are few.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub enum Effect {
    /// To the backend, by slot; a newer request in a slot replaces one still waiting.
    Ask(Ticket, Request),
    /// To the compute threads.
    Compute(Ticket, Job),
    /// To the compute threads: look through all lists.
    Look(Ticket, Looking),
    /// To the compute threads: a query's text to be understood.
    Think(Ticket, Think),
    /// To a thread of its own: a query that is answered on this machine.
    Local(Ticket, Local),
    /// The text of a query tab to the person's own editor; it comes back as `Event::Edited`.
    EditElsewhere {
        tab: u64,
        text: String,
    },
    /// To the compute threads: something about a query's result.
    Work(Ticket, Box<hunt_work::Work>),
    /// Query texts to be kept, and those of the last run to be read.
    Drafts(Drafts),
    ReadDrafts,
    /// Kept hunts and the history of runs.
    Shelf(Shelf),
    /// Forget this slot's running task.
    Drop(Slot),
    /// To the clipboard; the text is made safe already. The word says what it is ("summary").
    Copy {
        what: &'static str,
        text: String,
    },
    /// Write a text file the person asked for.
    Open {
        url: String,
    },
    /// What only whoever holds all tenants can do.
    Elsewhere(Elsewhere),
    /// To whoever sets up a tenant.
    SetUp(SetUp),
    /// Keep a setting.
    Keep(Setting),
    Title(String),
    /// One `Event::Wake` no later than this; the earliest wins.
    WakeAt(Duration),
    Mouse(bool),
    Repaint,
    Suspend,
    Quit,
}

/// A setting changed by the person: key and value as in `config.toml` (`settings` table).
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub key: &'static str,
    pub value: toml::Value,
}

/// Where an answer belongs. One question at a time stands in a slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// Fill and poll of a list: one task that goes on until dropped.
    Sync(Kind),
    Search(Kind),
    /// The entity itself (`section` = "") or a section of its detail.
    Part(Key, &'static str),
    /// A picked list for a form or prompt (people to assign to, entities found).
    Pick(&'static str),
    Compute(Kind),
    /// Find's look through the lists.
    Look,
    /// A query tab: its run, what is known of its text, the order of its result.
    Hunt(u64),
    Think(u64),
    Grid(u64),
    /// What else is worked out about the result of a query tab: its rows, a chart, an export.
    Work(u64, &'static str),
    Preview(u64),
    Run(u64),
    /// The package of an action, or the newest of a device.
    Fetch(Key),
    /// A source of a timeline, by its name.
    Timeline(&'static str),
    /// A step of signing in; the outcome is told as `News`.
    SignIn,
}

/// A numbered question. A reply whose number is not the slot's newest is dropped in one place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub slot: Slot,
    pub number: u64,
}

/// A question to the backend. A confirmed write is larger than the rest; requests are few, so nothing is boxed.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub enum Request {
    /// Fill the list of a kind and keep it fresh. Runs until dropped; replies are `Page`s, then polls.
    Sync { kind: Kind },
    /// Take in what waits and poll now.
    Refresh { kind: Kind },
    /// A search at the service; rows are taken into the same table.
    Search { kind: Kind, words: String },
    /// One entity by id: cache first, then the service when `fresh` or not cached.
    Entity { key: Key, fresh: bool },
    /// The calls of a section.
    Part {
        key: Key,
        section: &'static str,
        calls: Vec<Call>,
    },
    /// A hunting query, exactly as it is to be sent.
    Hunt {
        /// A service; what is answered here is `Effect::Local`.
        engine: Engine,
        query: Arc<str>,
        /// ISO 8601, where the person chose a range.
        timespan: Option<String>,
    },
    /// Calls of a pick list or of find.
    Pick { calls: Vec<Call> },
    /// Fresh reads of targets and of what their verb wants to know, for a prompt: `Body::Preview`.
    Preview {
        verb: &'static Verb,
        args: Args,
        keys: Vec<Key>,
    },
    /// The collected package of an action, or the newest of a device, into a new file of this name: `Body::Fetching` as it
    /// comes, then `Body::Fetched`. Dropping the slot removes what came.
    Fetch { key: Key, to: String },
    /// The one way to write: `Body::Ran` for each step of each target, then `Body::Done`.
    Run(Confirmed<Command>),
    /// In the slot of a `Run`: the request in flight is finished, the rest is *not sent*.
    Stop,
    /// What was answered and taken back, for the record.
    Cancelled(Cancelled),
    /// Device code, browser URL pasted back, or a retry of sign-in.
    SignIn(SignInStep),
}

/// Steps of a delegated sign-in that need the person.
#[derive(Debug)]
pub enum SignInStep {
    /// Begin, or begin again, by device code.
    DeviceCode,
    /// Begin in a browser elsewhere: the answer is a URL to open.
    Browser,
    /// The final URL, pasted back.
    FinalUrl(secrecy::SecretString),
    /// Nobody is here: tokens are dropped, and a person's session with them.
    Lock,
    /// Somebody is here again.
    Unlock,
    /// Another tenant is in front, or the shell: what only writes need is dropped.
    Away,
    /// A new token of this service, though the old one serves: it tells what was consented to meanwhile.
    Anew(Service),
}

/// An answer to a ticket. Every task sends exactly one final reply (`last`), also when aborted or panicked.
#[derive(Clone, Debug)]
pub struct Reply {
    pub ticket: Ticket,
    pub last: bool,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    Page(Page),
    /// A failed fill or poll; old rows stay. The task goes on where it can (`last` tells).
    Fault(Fault),
    Entity(Entity),
    Part(Vec<Answer>),
    Computed(Computed),
    Found(Vec<Hit>),
    Hunted(Hunted),
    Thought(Arc<Thought>),
    Worked(hunt_work::Done),
    Preview(Preview),
    /// Where one target of a `Run` stands, by its place in the command.
    Ran {
        target: usize,
        state: RunState,
    },
    /// Bytes of a file that are here, and how many there will be where that was said.
    Fetching {
        done: u64,
        total: Option<u64>,
    },
    Fetched(Fetched),
    /// Done, and there is nothing to hand over.
    Done,
    /// Cancelled or superseded.
    Dropped,
}

/// What a prompt is made of, target by target in the order asked.
#[derive(Clone, Debug)]
pub struct Preview {
    pub targets: Vec<Previewed>,
    /// Targets of tier 2 and above in the last ten minutes, counted in the record over all instances.
    pub recent: usize,
    /// When the first of the reads began.
    pub read_at: Ticks,
}

/// One target as it is now.
#[derive(Clone, Debug)]
pub struct Previewed {
    pub key: Key,
    /// The entity, or null where the verb's `read` found none.
    pub entity: Result<Arc<serde_json::Value>, Fault>,
    /// To the calls of the verb's `preview`, in their order.
    pub answers: Vec<Answer>,
}

/// Rows for a list.
#[derive(Clone, Debug)]
pub struct Page {
    pub kind: Kind,
    pub chunk: Option<Arc<Chunk>>,
    pub origin: Origin,
    pub progress: Progress,
    /// Rows of this page that could not be decoded, and the first reason.
    pub bad: u32,
    pub bad_why: Option<String>,
    /// Ids the service says are gone.
    pub removed: Vec<Text>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The last seen queue, from disk.
    Cache,
    /// The first fill.
    Fill,
    /// A later poll: new rows wait, they do not move the cursor.
    Poll,
    Search,
    /// Joined columns only, from the listing beside the list: id and some cells, all others null.
    Beside,
    /// The listing beside the list was read to its end: joined cells that are empty now are none. Without rows.
    BesideDone,
}

/// How much of a list is here, and of when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub loaded: u64,
    /// What the service says there is, where it says.
    pub total: Option<u64>,
    pub complete: bool,
    /// The instant of the last successful read.
    pub as_of: Option<Ticks>,
}

/// One entity, parsed. The raw text was kept exactly; this is its tree.
#[derive(Clone, Debug)]
pub struct Entity {
    pub key: Key,
    pub json: Arc<serde_json::Value>,
    pub as_of: Ticks,
    pub cached: bool,
}

/// A file that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where it lies.
    pub path: String,
    pub bytes: u64,
    /// Hex SHA-256 of what was written.
    pub sha256: String,
    /// It begins as a zip archive does.
    pub zip: bool,
}

/// What came of a hunting query.
#[derive(Clone, Debug)]
pub struct Hunted {
    pub answer: hunt_answer::Answer,
    /// Why these are not all rows.
    pub partial: Option<String>,
}

/// A query text to be understood.
#[derive(Clone, Debug)]
pub struct Think {
    pub text: Arc<str>,
    pub world: Arc<kql::bind::World>,
}

/// A query over files or lists of this machine.
#[derive(Clone, Debug)]
pub struct Local {
    pub query: Arc<str>,
    pub from: LocalSource,
    /// What `now()` gives.
    pub now: Ticks,
    pub cancel: Cancel,
}

/// What a local query reads.
#[derive(Clone, Debug)]
pub enum LocalSource {
    /// An archive by its name in the configuration.
    Archive(String),
    /// The same, found.
    Folder(PathBuf),
    Lists(Vec<ListTable>),
}

/// A list as a query can read it.
#[derive(Clone, Debug)]
pub struct ListTable {
    pub spec: &'static Spec,
    pub table: Table,
    /// The rows of it that are alive.
    pub live: Selection,
}

/// What was found out about one query text: colours, errors, result columns. Made in the key's frame or by a job.
#[derive(Debug)]
pub struct Thought {
    pub text: Arc<str>,
    pub analysis: kql::service::Analysis,
    pub colours: Vec<kql::service::Piece>,
    pub findings: Vec<kql::service::Finding>,
    /// How many of the findings are errors.
    pub errors: usize,
    pub columns: Vec<(String, kql::types::Ty)>,
}

impl Thought {
    pub fn about(text: Arc<str>, world: &kql::bind::World) -> Self {
        let analysis = kql::service::analyse(&params::mask(&text), world);
        let checked = kql::service::check(&analysis);
        let is_error = |f: &&kql::service::Finding| f.severity == kql::syntax::Severity::Error;
        Self {
            colours: params::coloured(&text, kql::service::classify(&analysis)),
            errors: checked.findings.iter().filter(is_error).count(),
            findings: checked.findings,
            columns: checked.columns,
            analysis,
            text,
        }
    }
}

/// Computing that may be too long for a frame: sort, filter, leave out, group.
#[derive(Clone, Debug)]
pub struct Job {
    pub table: Table,
    pub base: Selection,
    /// Empty: the base is in order already.
    pub sort: Vec<SortKey>,
    pub predicate: Predicate,
    /// What is left after the ignore lists and the look-back window; `All` where there are none.
    pub keep: Predicate,
    /// Column to group by.
    pub group: Option<(usize, &'static Column)>,
    pub cancel: Cancel,
}

#[derive(Clone, Debug)]
pub struct Computed {
    /// The whole base in the order asked for, where it was sorted.
    pub ordered: Option<Selection>,
    pub rows: Selection,
    /// Rows kept because a joined cell is not known yet.
    pub maybe: u32,
    /// Rows that match but are left out.
    pub hidden: u32,
    pub groups: Vec<Group>,
}

impl Job {
    /// Does it; `None` when cancelled.
    pub fn run(&self) -> Option<Computed> {
        let ordered = match self.sort.as_slice() {
            [] => None,
            keys => Some(table::sort(&self.table, &self.base, keys, &self.cancel)?),
        };
        let all = ordered.as_ref().unwrap_or(&self.base);
        let mut filtered = table::filter(&self.table, all, &self.predicate, &self.cancel)?;
        let matching = filtered.rows.len();
        if !matches!(self.keep, Predicate::All) {
            // both at once, so that a row that one of them is unsure of counts as such
            let both = Predicate::And(vec![self.predicate.clone(), self.keep.clone()]);
            filtered = table::filter(&self.table, &filtered.rows, &both, &self.cancel)?;
        }
        let groups = match self.group {
            Some((col, column)) => {
                grouping::groups(&self.table, &filtered.rows, col, column, &self.cancel)?
            }
            None => Vec::new(),
        };
        Some(Computed {
            ordered,
            hidden: (matching - filtered.rows.len()) as u32,
            rows: filtered.rows,
            maybe: filtered.maybe,
            groups,
        })
    }
}

/// What became of a write. Each state is on record before it is told.
#[derive(Clone, Debug, PartialEq)]
pub enum RunState {
    /// Read again: the target is not in the state the person saw; nothing was sent. What differs: field, seen, now.
    Changed(Vec<(String, String, String)>),
    /// The intent is on disk and the request goes out.
    Sent,
    Accepted,
    /// The service has it and has not begun.
    Pending,
    InProgress,
    /// Read back and as wanted.
    Succeeded,
    /// The service refused, or the read-back differs.
    Failed(Fault),
    /// Sent, and no one can tell yet.
    Unknown(Fault),
    /// Nothing left this machine.
    NotSent(Fault),
}

impl RunState {
    pub fn stand(&self) -> Stand {
        match self {
            Self::Sent => Stand::Sent,
            Self::Accepted => Stand::Accepted,
            Self::Pending => Stand::Pending,
            Self::InProgress => Stand::InProgress,
            Self::Succeeded => Stand::Succeeded,
            Self::Failed(_) => Stand::Failed,
            Self::Unknown(_) => Stand::Unknown,
            Self::Changed(_) | Self::NotSent(_) => Stand::NotSent,
        }
    }
}

/// What the backend tells unasked.
#[derive(Clone, Debug)]
pub enum News {
    /// Signed in (or roles changed).
    Session(Session, Grants),
    /// The person must act to sign in.
    SignIn(SignInPrompt),
    SignInFailed(Fault),
    /// Until when a service asks us to wait.
    Throttled {
        service: crate::model::Service,
        until: Ticks,
    },
    /// Calls a minute of our own, for the header.
    Rate {
        service: crate::model::Service,
        per_minute: u32,
    },
    /// What was read of the activity feed, window by window; replaces what was told before.
    Feed(Arc<crate::model::feed::Ledger>),
    /// What is on record of actions of ours, new or in a new state: at the start the last ones, then each as it goes.
    Deeds(Vec<Deed>),
    /// Sets that ended before their end, as the record and a fresh reading tell; replaces what was told before.
    Unfinished(Vec<Unfinished>),
    /// Devices isolated and users disabled by us for longer than the set time; replaces what was told before.
    Reminders(Vec<Deed>),
    /// The header's and toasts' plain news: the cache was set aside, an override is in force, …
    Notice {
        level: Level,
        text: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Info,
    Good,
    Warn,
    Error,
}

/// What the person needs for a delegated sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInPrompt {
    /// Open this page, type this code, by this instant.
    DeviceCode {
        url: String,
        code: String,
        until: Ticks,
    },
    /// Open this URL anywhere and paste the final one back; `redirect` is what must be registered.
    Browser { url: String, redirect: String },
}
