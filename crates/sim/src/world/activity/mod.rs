//! The activity feed: audit records of seven days and of the days to come, in blobs, per content type.
//!
//! Sign-ins, directory audits, acts in clouds and alerts of the stories stand in it once each, in the blob that was written some
//! minutes (a few: many hours) after they happened; `kinds` fills the blobs up to the tenant's size. A blob is a function of its
//! content type and number, so a million records cost nothing until they are read. Some blobs repeat records of the one before.
//!
//! `facts` says what a record is about, `render` writes it; the audit log's search reads the same records.

mod acts;
mod facts;
mod kinds;
mod render;

use super::SignInKey;
use super::World;
use super::dice::{Dice, Guid, Topic, mix};
use super::hunting::CloudAct;
use super::stamp::{DAY, HOUR, MINUTE, Stamp};

pub use acts::Activity;
pub use facts::Fact;

/// How far back the feed reaches, in ticks.
pub const REACH: i64 = 7 * DAY;
/// Ticks in a millisecond, the grain of a blob's time.
const MILLI: i64 = 10_000;

/// What a listing is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    Directory,
    Exchange,
    SharePoint,
    General,
    Dlp,
    /// A type that the documents do not know.
    Unknown,
}

impl Content {
    /// All, in the order of the documents.
    pub const ALL: [Content; 6] = [
        Content::Directory,
        Content::Exchange,
        Content::SharePoint,
        Content::General,
        Content::Dlp,
        Content::Unknown,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Content::Directory => "Audit.AzureActiveDirectory",
            Content::Exchange => "Audit.Exchange",
            Content::SharePoint => "Audit.SharePoint",
            Content::General => "Audit.General",
            Content::Dlp => "DLP.All",
            Content::Unknown => "Audit.Holograms",
        }
    }

    /// The type of a name, in any case.
    pub fn named(name: &str) -> Option<Content> {
        Content::ALL
            .into_iter()
            .find(|c| c.name().eq_ignore_ascii_case(name))
    }

    /// Its part of all blobs and records, from one thousandth to another.
    const fn share(self) -> (u64, u64) {
        match self {
            Content::Directory => (0, 220),
            Content::Exchange => (220, 560),
            Content::SharePoint => (560, 840),
            Content::General => (840, 970),
            Content::Dlp => (970, 1000),
            // beside the others
            Content::Unknown => (1000, 1002),
        }
    }

    const fn place(self) -> usize {
        self as usize
    }
}

/// One record, by where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entry {
    /// Of a story, or told by another service too.
    Told(u32),
    /// A filler: content type, blob, number in it.
    Filler(u8, u32, u32),
}

/// Where a record that is told elsewhere comes from.
#[derive(Clone, Copy, Debug)]
enum Source {
    Act(u32),
    SignIn(SignInKey),
    Audit(u32),
    Alert(u32),
}

/// A record that is told elsewhere too.
#[derive(Clone, Copy, Debug)]
struct Told {
    at: Stamp,
    content: Content,
    source: Source,
}

/// What the stories left, and in which blob each is.
#[derive(Debug, Default)]
pub struct Feed {
    acts: Vec<CloudAct>,
    /// Newest first.
    told: Vec<Told>,
    /// Per content type: blob and record, sorted.
    slots: [Vec<(u32, u32)>; 6],
}

impl World {
    fn feed(&self) -> &Feed {
        self.feed.get_or_init(|| {
            let mut feed = Feed {
                acts: self.cloud_acts(),
                ..Feed::default()
            };
            // two acts of one person in the same instant would have one id
            feed.acts.sort_by_key(|a| (a.at, a.user));
            feed.acts.dedup_by_key(|a| (a.at, a.user));
            let mut told = Vec::new();
            for (n, act) in feed.acts.iter().enumerate() {
                told.push((act.at, facts::content_of(act.app), Source::Act(n as u32)));
            }
            for key in self.sign_ins() {
                let at = self.sign_in_row(*key).at;
                told.push((at, Content::Directory, Source::SignIn(*key)));
            }
            for i in 0..self.audit_count() {
                told.push((
                    self.audit_row(i).at,
                    Content::Directory,
                    Source::Audit(i as u32),
                ));
            }
            for i in 0..self.alert_count() {
                let row = self.alert_row(i);
                if facts::is_compliance(row.service_source) {
                    told.push((row.created, Content::General, Source::Alert(i as u32)));
                }
            }
            told.sort_by_key(|(at, _, _)| std::cmp::Reverse(*at));
            feed.told = told
                .into_iter()
                .map(|(at, content, source)| Told {
                    at,
                    content,
                    source,
                })
                .collect();
            for (n, told) in feed.told.iter().enumerate() {
                let seen = told.at.plus(lag(self.seed.hash(Topic::Feed, n as u64)));
                if let Some(slot) = self.slot_after(told.content, seen) {
                    feed.slots[told.content.place()].push((slot, n as u32));
                }
            }
            for slots in &mut feed.slots {
                slots.sort_unstable();
            }
            feed
        })
    }

    /// How many blobs a content type has in seven days.
    fn blobs(&self, content: Content) -> u64 {
        share(u64::from(self.size.blobs), content).max(1)
    }

    /// When a blob was written.
    pub fn blob_created(&self, content: Content, n: u32) -> Stamp {
        let period = REACH / self.blobs(content) as i64;
        let jitter = self.blob_hash(content, n) % (period as u64 * 4 / 5).max(1);
        let at = self.now.0 - REACH + i64::from(n) * period + jitter as i64;
        Stamp(at - at.rem_euclid(MILLI))
    }

    /// A number that is the blob's own.
    pub fn blob_hash(&self, content: Content, n: u32) -> u64 {
        self.seed.hash(
            Topic::Feed,
            (content.place() as u64 + 1) << 48 | u64::from(n),
        )
    }

    /// The first blob written at an instant or later; none before the feed begins.
    fn slot_after(&self, content: Content, at: Stamp) -> Option<u32> {
        let since = at.0 - (self.now.0 - REACH);
        if since < 0 {
            return None;
        }
        let period = REACH / self.blobs(content) as i64;
        let guess = u32::try_from(since / period).ok()?.saturating_sub(1);
        (guess..).find(|n| self.blob_created(content, *n) >= at)
    }

    /// Numbers of the blobs written in an interval, its end left out.
    pub fn blobs_between(&self, content: Content, from: Stamp, to: Stamp) -> std::ops::Range<u32> {
        let begin = Stamp(self.now.0 - REACH);
        let first = |at: Stamp| self.slot_after(content, at.max(begin)).unwrap_or(0);
        let from = first(from);
        from..first(to).max(from)
    }

    fn told_in(&self, content: Content, n: u32) -> &[(u32, u32)] {
        let slots = &self.feed().slots[content.place()];
        let from = slots.partition_point(|(slot, _)| *slot < n);
        let count = slots[from..].partition_point(|(slot, _)| *slot == n);
        &slots[from..from + count]
    }

    /// Records that a blob alone brings, in the order they came in.
    pub fn blob_own(&self, content: Content, n: u32) -> Vec<Entry> {
        let (blobs, records) = (
            self.blobs(content),
            share(u64::from(self.size.records), content),
        );
        let upto = |n: u64| records * n / blobs;
        let wanted = upto(u64::from(n) + 1) - upto(u64::from(n));
        let told = self.told_in(content, n);
        let filler = (wanted as usize).saturating_sub(told.len()) as u32;
        let told = told.iter().map(|(_, at)| Entry::Told(*at));
        told.chain((0..filler).map(|i| Entry::Filler(content.place() as u8, n, i)))
            .collect()
    }

    /// A blob as it is fetched: in no order, and now and then with records of the blob before.
    pub fn blob(&self, content: Content, n: u32) -> Vec<Entry> {
        let hash = self.blob_hash(content, n);
        let mut all = self.blob_own(content, n);
        if let Some(before) = n.checked_sub(1) {
            let again = match (hash >> 8) % 151 {
                7 => usize::MAX,
                h if h % 9 == 4 => 3,
                _ => 0,
            };
            if again > 0 {
                all.extend(self.blob_own(content, before).into_iter().take(again));
            }
        }
        all.sort_by_cached_key(|entry| {
            mix(hash
                ^ match entry {
                    Entry::Told(n) => u64::from(*n) << 20,
                    Entry::Filler(_, n, i) => u64::from(*n) << 32 | u64::from(*i) << 8 | 1,
                })
        });
        all
    }

    /// Everything that the audit log holds between two instants, newest first within each source. Fillers reach as far as the feed does.
    pub fn audit_log(&self, from: Stamp, to: Stamp, now: Stamp) -> Vec<Entry> {
        let feed = self.feed();
        let first = feed.told.partition_point(|t| t.at > to);
        let last = feed.told.partition_point(|t| t.at >= from);
        let mut all: Vec<Entry> = (first..last.max(first))
            .map(|n| Entry::Told(n as u32))
            .collect();
        for content in &Content::ALL[..5] {
            // what happened until `to` was written a day later at most
            let blobs = self.blobs_between(*content, from, to.plus(DAY).min(now));
            for n in blobs.rev() {
                let own = self.blob_own(*content, n).into_iter();
                all.extend(own.filter(|e| {
                    matches!(e, Entry::Filler(..)) && (from..=to).contains(&self.entry_at(*e))
                }));
            }
        }
        all
    }

    /// When a filler happened: some time before its blob was written.
    fn filler_at(&self, content: Content, n: u32, i: u32) -> Stamp {
        let hash = mix(self.blob_hash(content, n) ^ (u64::from(i) + 1) << 20);
        let spread = REACH / self.blobs(content) as i64;
        let ago = lag(hash) + (hash >> 24) as i64 % spread.max(1);
        self.blob_created(content, n).plus(-ago)
    }

    fn entry_at(&self, entry: Entry) -> Stamp {
        match entry {
            Entry::Told(n) => self.feed().told[n as usize].at,
            Entry::Filler(c, n, i) => self.filler_at(Content::ALL[usize::from(c)], n, i),
        }
    }

    fn filler_dice(&self, content: Content, n: u32, i: u32) -> Dice {
        Dice::of(mix(self.blob_hash(content, n)
            ^ (u64::from(i) + 1) << 20
            ^ 0x5eed))
    }

    /// The id of a record.
    pub fn entry_id(&self, entry: Entry) -> Guid {
        self.fact(entry).id
    }
}

/// A content type's part of a number.
fn share(whole: u64, content: Content) -> u64 {
    let (from, to) = content.share();
    whole * to / 1000 - whole * from / 1000
}

/// From an event to its being written: minutes, and for a few most of a day.
fn lag(hash: u64) -> i64 {
    let span = (hash >> 16) as i64 & 0x3fff_ffff_ffff;
    if hash.is_multiple_of(40) {
        5 * HOUR + span % (15 * HOUR)
    } else {
        3 * MINUTE + span % (22 * MINUTE)
    }
}
