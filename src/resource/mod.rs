//! Resources: what a list pane is made of. One file for each resource; a row in `ALL` makes it a tab, a filter
//! vocabulary, a palette entry, a detail and a cache table.
//!
//! Neighbours: `model` below, `verb` beside; `app` reads specs to decide, `backend` to fetch, `view` to draw.

pub mod action;
pub mod alert;
pub mod announcement;
pub mod cloud_activity;
pub mod cloud_alert;
pub mod column;
pub mod control;
pub mod detail;
pub mod device;
pub mod device_score;
pub mod doc;
pub mod evidence;
pub mod exposed;
pub mod feed;
pub mod filter;
pub mod find;
pub mod gathered;
pub mod grouping;
pub mod hunt_answer;
pub mod hunt_cell;
pub mod hunt_chart;
pub mod hunt_export;
pub mod hunt_fields;
pub mod hunt_frames;
pub mod hunt_lists;
pub mod hunt_merge;
mod hunt_pull;
pub mod hunt_work;
pub mod ignore;
pub mod incident;
pub mod indicator;
pub mod issue;
pub mod join;
pub mod ledger;
pub mod library;
pub mod licences;
pub mod log_event;
pub mod log_search;
pub mod neighbours;
pub mod plain;
pub mod posture;
pub mod profile;
pub mod recommendation;
pub mod record;
pub mod risk;
pub mod score;
pub mod software;
pub mod task;
pub mod timeline;
mod triage;
pub mod user;
pub mod vulnerability;
pub mod words;

use crate::model::{Call, EntityRef, Json, Key, Kind, Ticks};
pub use column::{Column, Meaning, Shape, Sink, Source};
pub use doc::Doc;
use std::sync::Arc;
use table::{Schema, SortKey, Text};

/// The number of the tab that several lists share.
pub const POSTURE: char = '7';

/// Every resource, in the order of the tabs.
pub static ALL: &[&Spec] = &[
    &incident::SPEC,
    &alert::SPEC,
    &device::SPEC,
    &user::SPEC,
    &action::SPEC,
    &indicator::SPEC,
    &cloud_alert::SPEC,
    &cloud_activity::SPEC,
    &record::SPEC,
    &feed::SPEC,
    &control::SPEC,
    &score::SPEC,
    &vulnerability::SPEC,
    &software::SPEC,
    &recommendation::SPEC,
    &exposed::SPEC,
    &task::SPEC,
    &device_score::SPEC,
    &issue::SPEC,
    &announcement::SPEC,
];

/// The spec of a kind.
pub fn spec(kind: Kind) -> &'static Spec {
    match kind {
        Kind::Incident => &incident::SPEC,
        Kind::Alert => &alert::SPEC,
        Kind::Device => &device::SPEC,
        Kind::User => &user::SPEC,
        Kind::Action => &action::SPEC,
        Kind::Indicator => &indicator::SPEC,
        Kind::Record => &record::SPEC,
        Kind::Feed => &feed::SPEC,
        Kind::Issue => &issue::SPEC,
        Kind::CloudAlert => &cloud_alert::SPEC,
        Kind::CloudActivity => &cloud_activity::SPEC,
        Kind::Control => &control::SPEC,
        Kind::Score => &score::SPEC,
        Kind::Vulnerability => &vulnerability::SPEC,
        Kind::Software => &software::SPEC,
        Kind::Recommendation => &recommendation::SPEC,
        Kind::Exposed => &exposed::SPEC,
        Kind::Task => &task::SPEC,
        Kind::DeviceScore => &device_score::SPEC,
        Kind::Announcement => &announcement::SPEC,
    }
}

/// Where else the same can be seen, for lists that many a tenant cannot have.
pub fn elsewhere(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::CloudAlert => {
            Some("the same alerts as Defender XDR has them are in Alerts: filter src:mdca")
        }
        Kind::CloudActivity => Some(
            "what Defender XDR has of them is in CloudAppEvents: p on a user, or the hunts of cloud apps",
        ),
        _ => None,
    }
}

/// A resource, as data and pure functions.
pub struct Spec {
    pub kind: Kind,
    /// The number key of its tab; a blank has no tab in the line and is gone to by name.
    pub digit: char,
    /// Tab title, plural: `Incidents`.
    pub title: &'static str,
    /// `incident`.
    pub one: &'static str,
    /// The field of a row by which its entity is named and read.
    pub id: &'static str,
    /// Column 0 is the id and the key of the table.
    pub columns: &'static [Column],
    /// Column of the text people know a row by (title, name).
    pub name_column: usize,
    /// First sort: column and direction.
    pub sort: &'static [(&'static str, Direction)],
    /// How the list is fetched and followed.
    pub listing: Listing,
    /// Decodes one row and pushes every own column into the sink; tolerant, typed.
    pub decode: fn(Json<'_>, &mut Sink<'_>) -> Result<(), BadRow>,
    /// The parts of the detail, in the order of its tabs.
    pub sections: &'static [Section],
    /// Everything this entity refers to, for `g` keys, pivots and the entity index; from its own JSON.
    pub refs: fn(Json<'_>) -> Vec<EntityRef>,
    /// The page in the portal, from the entity; https on a known host only.
    pub portal: fn(Json<'_>, &Tenant<'_>) -> Option<String>,
    /// A few lines for `ys` and comments: what a colleague needs to know.
    pub summary: fn(Json<'_>) -> String,
    /// Views that come with the program.
    pub views: &'static [View],
    /// Any one of these permissions lets the list be read.
    pub needs: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
}

/// A row that could not be taken; the page goes on without it and the count is shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadRow(pub String);

/// How a resource's list is fetched.
pub struct Listing {
    /// The first call of a full listing (newest or most urgent first). `since` narrows to a watermark or window.
    pub list: fn(since: Option<Ticks>) -> Call,
    /// The field that moves on every change, for polling by watermark; none = the list is read whole each time.
    pub watermark: Option<&'static str>,
    /// Seconds between polls while the tab is alive.
    pub every: u32,
    /// One entity by id.
    pub get: fn(&Key) -> Result<Call, crate::model::call::BadPath>,
    /// A search at the service, where the list here may be incomplete.
    pub search: Option<fn(&str) -> Call>,
    /// Another listing whose rows fill joined columns of this list.
    pub beside: Option<Beside>,
    /// Further calls whose rows are of the same list: what the service tells in several answers.
    pub then: &'static [fn() -> Call],
}

/// A listing of the same entities at another service, read whole now and then: risk of users.
///
/// Its rows are chunks of the list's own schema with the id and some joined columns, all others null; `join` takes
/// them in. A refusal leaves those columns unknown.
pub struct Beside {
    pub list: fn() -> Call,
    /// Seconds between readings.
    pub every: u32,
    pub decode: fn(Json<'_>, &mut Sink<'_>) -> Result<(), BadRow>,
    pub needs: &'static [&'static str],
}

/// A saved view: filter text and sort.
pub struct View {
    pub name: &'static str,
    pub filter: &'static str,
    pub sort: &'static [(&'static str, Direction)],
}

/// What portal links need.
pub struct Tenant<'a> {
    pub id: &'a str,
}

/// A part of a detail: its own calls, its own state, its own rendering to a `Doc`.
pub struct Section {
    pub id: &'static str,
    pub title: &'static str,
    /// The calls to make; none = rendered from the entity itself. Answers come in this order.
    pub calls: fn(&Subject<'_>) -> Vec<Call>,
    /// Asked for only when visible.
    pub costly: bool,
    /// The section whose answers it draws, where it makes no calls of its own.
    pub answers_of: Option<&'static str>,
    pub render: fn(&Subject<'_>, &[Answer], &mut Doc),
}

/// The entity a section is about.
pub struct Subject<'a> {
    pub key: &'a Key,
    pub entity: Json<'a>,
    pub now: Ticks,
    pub known: &'a dyn Known,
}

/// What the lists already hold, for sections that join (an incident's alerts, a user's incidents).
pub trait Known {
    /// The ids of alerts that mention this entity, newest first; `complete` is false while alerts still load.
    fn alerts_of(&self, entity: &EntityRef) -> Vec<Key>;
    /// A cell of a row in a list, by column name.
    fn cell(&self, key: &Key, column: &str) -> Option<table::Value>;
    /// Other rows of the kind with this name.
    fn same_name(&self, kind: Kind, name: &Text) -> Vec<Key>;
    /// Rows of the kind that have this in a column.
    fn with(&self, kind: Kind, column: &str, value: &Text) -> Vec<Key>;
    fn complete(&self, kind: Kind) -> bool;
    /// Every row of a kind, in no order.
    fn keys(&self, _kind: Kind) -> Vec<Key> {
        Vec::new()
    }
    /// The rows of a kind that the person marked, in the order of the list.
    fn marked(&self, _kind: Kind) -> Vec<Key> {
        Vec::new()
    }
}

/// One call's answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The entity or the `value` list of all pages, parsed. `more` = the limit of pages was reached.
    Got {
        body: Arc<serde_json::Value>,
        more: bool,
    },
    /// Documented 404 for "none".
    None,
    Failed(crate::model::Fault),
    /// Not asked: the permission is not there, and this is what it is called.
    Withheld(&'static [&'static str]),
}

impl Answer {
    /// The items of a list answer; none for anything else.
    pub fn items(&self) -> impl Iterator<Item = Json<'_>> {
        let list = match self {
            Self::Got { body, .. } => body
                .get("value")
                .unwrap_or(body)
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default(),
            _ => &[],
        };
        list.iter().map(Json)
    }

    pub fn entity(&self) -> Option<Json<'_>> {
        match self {
            Self::Got { body, .. } => Some(Json(body)),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Spec({})", self.title)
    }
}

impl Listing {
    /// Read whole every hour; the methods below say what is otherwise.
    pub const fn of(
        list: fn(Option<Ticks>) -> Call,
        get: fn(&Key) -> Result<Call, crate::model::call::BadPath>,
    ) -> Self {
        Self {
            list,
            watermark: None,
            every: 3_600,
            get,
            search: None,
            beside: None,
            then: &[],
        }
    }

    /// Seconds between polls.
    pub const fn every(self, every: u32) -> Self {
        Self { every, ..self }
    }

    /// Polled for what changed, by this field.
    pub const fn marked(self, field: &'static str) -> Self {
        Self {
            watermark: Some(field),
            ..self
        }
    }

    pub const fn searched(self, search: fn(&str) -> Call) -> Self {
        Self {
            search: Some(search),
            ..self
        }
    }

    pub const fn beside(self, beside: Beside) -> Self {
        Self {
            beside: Some(beside),
            ..self
        }
    }

    /// Read to their end after the list's own call, each in its turn.
    pub const fn then(self, then: &'static [fn() -> Call]) -> Self {
        Self { then, ..self }
    }
}

impl View {
    pub const fn new(
        name: &'static str,
        filter: &'static str,
        sort: &'static [(&'static str, Direction)],
    ) -> Self {
        Self { name, filter, sort }
    }
}

impl Spec {
    /// What most resources share: no tab of its own, named by its second column, `id` as the service's id. Titles, sort and
    /// permissions are each row's own.
    pub const fn of(
        kind: Kind,
        columns: &'static [Column],
        decode: fn(Json<'_>, &mut Sink<'_>) -> Result<(), BadRow>,
        listing: Listing,
    ) -> Self {
        Self {
            kind,
            digit: ' ',
            title: "",
            one: "",
            id: "id",
            columns,
            name_column: 1,
            sort: &[],
            listing,
            decode,
            sections: &[],
            refs: |_| Vec::new(),
            portal: |_, _| None,
            summary: |_| String::new(),
            views: &[],
            needs: &[],
        }
    }

    /// The service forgets rows of this list that are kept here all the same, and tells nothing new of a row that it told:
    /// scores of days long ago.
    pub fn keeps(&self) -> bool {
        matches!(self.kind, Kind::Score | Kind::DeviceScore)
    }

    /// The part of the program that it belongs to, in prompts and in `modules-off`: lists that share a tab, or a purpose, are
    /// had or left out together.
    pub fn module(&self) -> &'static str {
        match self.kind {
            Kind::Feed => record::SPEC.title,
            Kind::CloudAlert | Kind::CloudActivity => "Cloud Apps",
            Kind::Issue | Kind::Announcement => issue::SPEC.title,
            _ if self.digit == POSTURE => "Posture",
            _ => self.title,
        }
    }

    /// Its rows are kept as columns alone: there are so many that their texts would fill the disk.
    pub fn is_bare(&self) -> bool {
        self.kind == Kind::Exposed
    }

    /// The table schema: every column, own and joined, in order.
    pub fn schema(&self) -> Arc<Schema> {
        Arc::new(Schema::new(
            self.columns.iter().map(|c| (c.name, c.shape.storage())),
        ))
    }

    /// The index of a column by name or alias, in any case.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.is_called(name))
    }

    /// The key to sort a column by: words of an ordered set by their order, all else by value.
    pub fn sort_key(&self, col: usize, direction: Direction) -> SortKey {
        let key = SortKey::new(col, direction == Direction::Down);
        match self.columns.get(col).map(|c| c.shape) {
            Some(Shape::Ranked(words)) => key.ranked(words),
            _ => key,
        }
    }

    /// The keys of a sort given by column names; unknown names are passed over.
    pub fn sort_keys(&self, by: &[(&str, Direction)]) -> Vec<SortKey> {
        by.iter()
            .filter_map(|(name, dir)| self.column(name).map(|col| self.sort_key(col, *dir)))
            .collect()
    }
}

#[cfg(test)]
mod walk_tests;
