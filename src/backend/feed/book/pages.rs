//! The books of what is read in pages: sign-ins, directory audits and searches. Their windows are of event time: one that
//! was read is read on from where it ended, with some overlap for what the service tells late, and once more whole when it
//! has settled.

use super::{Book, Brought, Due, Id, Type, WEEK};
use crate::model::Ticks;
use crate::model::feed::{Reach, SETTLE, Source, Standing, Window};
use crate::model::time::{DAY, MINUTE};
use std::collections::HashSet;

/// The service tells of an event some minutes after it happened: as far back every reading goes.
pub const OVERLAP: i64 = 15 * MINUTE;
/// A window that could not be read to its end is tried again after at least this, doubled each time.
const PATIENCE: (i64, i64) = (MINUTE, 30 * MINUTE);
/// Searches that failed so often are left until somebody asks.
pub const SEARCHES: u8 = 3;
/// One search covers no more, so that one that fails costs little.
pub const SPAN: i64 = 7 * DAY;

/// The ids that one reading brought, to tell what it brought twice.
#[derive(Default)]
pub struct Here(HashSet<Id>);

/// What is to be read of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub due: Due,
    /// Where this reading begins: with the window, or short before where the last one ended.
    pub from: Ticks,
    /// Up to now, or to the window's end.
    pub to: Ticks,
    /// All of the window as far as there is any.
    pub whole: bool,
}

/// A window that broke: how often in a row, and when it may be tried again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Broke {
    times: u32,
    after: Ticks,
}

/// A search of one window at the service.
#[derive(Clone, Debug, Default)]
pub struct Job {
    pub kind: usize,
    /// The window's end.
    pub to: Ticks,
    pub from: Ticks,
    /// The service's id of it, once it was taken.
    pub id: Option<String>,
    pub failed: u8,
    state: JobState,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum JobState {
    #[default]
    Waiting,
    UnderWay,
    Over,
    GivenUp,
}

impl Book {
    /// The place of a source that is read in pages, made where it is new.
    pub fn source(&mut self, name: &str, source: Source) -> usize {
        let at = self.kind(name);
        if let Some(t) = self.types.get_mut(at) {
            t.source = source;
            if t.asked.is_empty() {
                source.reaches().clone_into(&mut t.asked);
            }
        }
        at
    }

    pub fn source_of(&self, kind: usize) -> Source {
        self.types.get(kind).map(|t| t.source).unwrap_or_default()
    }

    /// The place of a source by its name.
    pub fn paged(&self, name: &str) -> Option<usize> {
        let same = |t: &Type| t.source != Source::Feed && t.name.txt().exact() == name;
        self.types.iter().position(same)
    }

    /// What of a source is to be read now, newest first. `asked`: what broke is not waited for.
    pub fn readings(&self, kind: usize, now: Ticks, asked: bool) -> Vec<Reading> {
        let Some(t) = self.types.get(kind) else {
            return Vec::new();
        };
        let oldest = now.0 - WEEK;
        let mut out = Vec::new();
        for w in t.windows.values().rev().filter(|w| !w.past) {
            let begin = w.from.0.max(oldest);
            let end = w.to.0.min(now.0);
            let all = Some((begin, true));
            let from = match w.listed_at {
                _ if w.broken.is_some() => {
                    let held = t.broke.get(&w.to.0).is_some_and(|b| b.after > now);
                    all.filter(|_| asked || !held)
                }
                None => all,
                Some(at) if at.0 >= w.to.0 + SETTLE => None,
                Some(_) if now.0 >= w.to.0 + SETTLE => all,
                // what was told late is looked for as long as it may come
                Some(at) if at.0 < w.to.0 + OVERLAP => Some((begin.max(at.0 - OVERLAP), false)),
                Some(_) => None,
            };
            if let Some((from, whole)) = from.filter(|(f, _)| *f < end) {
                out.push(Reading {
                    due: Due {
                        kind,
                        from: w.from,
                        to: w.to,
                    },
                    from: Ticks(from),
                    to: Ticks(end),
                    whole,
                });
            }
        }
        out
    }

    /// A page is about to be asked for.
    pub fn page_asked(&mut self, due: Due) {
        if let Some(w) = self.window(due.kind, due.to) {
            w.listed += 1;
        }
    }

    /// A page was read whole.
    pub fn page_read(&mut self, due: Due, brought: Brought, late: u32) {
        if let Some(w) = self.window(due.kind, due.to) {
            w.fetched += 1;
            w.records += brought.records;
            w.duplicates += brought.duplicates;
            w.timeless += brought.timeless;
            w.nameless += brought.nameless;
            w.late += late;
        }
    }

    pub fn retried(&mut self, due: Due, retries: u32) {
        if let Some(w) = self.window(due.kind, due.to) {
            w.retries += retries;
        }
    }

    /// A reading ended: well, or with this fault.
    pub fn read_to_end(&mut self, reading: Reading, began: Ticks, broken: Option<String>) {
        let due = reading.due;
        let Some(w) = self.window(due.kind, due.to) else {
            return;
        };
        let counts = reading.whole || w.broken.is_none();
        // a page that did not come is asked for again with the next reading
        w.listed = w.fetched;
        match broken {
            None if counts => {
                w.listed_at = Some(began);
                w.broken = None;
                if let Some(t) = self.types.get_mut(due.kind) {
                    t.broke.remove(&due.to.0);
                }
            }
            None => {}
            Some(why) => {
                w.broken = Some(why);
                if let Some(t) = self.types.get_mut(due.kind) {
                    let b = t.broke.entry(due.to.0).or_default();
                    let wait = PATIENCE.0.saturating_mul(1 << b.times.min(10));
                    b.times += 1;
                    b.after = Ticks(began.0 + wait.min(PATIENCE.1));
                }
            }
        }
    }

    /// A reading was refused: nothing of the window is known by it.
    pub fn left(&mut self, due: Due) {
        if let Some(w) = self.window(due.kind, due.to) {
            w.listed = w.fetched;
        }
    }

    /// Whether a record is new, in this reading and at all: `None` = it came in this reading before.
    pub fn sight(&mut self, kind: usize, id: &str, page: u32, here: &mut Here) -> Option<bool> {
        let known = self.id(id);
        if !here.0.insert(known) {
            return None;
        }
        let t = self.types.get_mut(kind)?;
        Some(t.seen.insert(known, page).is_none())
    }

    /// When a window was last read to its end.
    pub fn read_at(&self, due: Due) -> Option<Ticks> {
        let t = self.types.get(due.kind)?;
        t.windows.get(&due.to.0)?.listed_at
    }

    /// Remembers a page by its address; `sight` names it for its records.
    pub fn turned(&mut self, kind: usize, url: &str) -> u32 {
        match self.types.get_mut(kind) {
            Some(t) => {
                t.pages.push(url.into());
                t.pages.len() as u32 - 1
            }
            None => 0,
        }
    }

    /// The page that brought a record of a search.
    pub fn page_of(&self, kind: usize, id: &str) -> Option<&str> {
        let id = self.id(id);
        let t = self.types.get(kind)?;
        let page = t.seen.get(&id)?;
        t.pages.get(*page as usize).map(|p| &**p)
    }

    /// Enters a search of the audit log, cut into windows.
    pub fn search(&mut self, asked: &str, from: Ticks, to: Ticks) -> usize {
        let searches = self.types.iter().filter(|t| t.source == Source::Search);
        let name = format!("{}{}", Source::SEARCH, searches.count() + 1);
        let kind = self.source(&name, Source::Search);
        let Some(t) = self.types.get_mut(kind) else {
            return kind;
        };
        asked.clone_into(&mut t.asked);
        t.standing = Standing::Queued;
        let mut end = to.0;
        while end > from.0 {
            let begin = (end - SPAN).max(from.0);
            t.windows.insert(
                end,
                Window {
                    from: Ticks(begin),
                    to: Ticks(end),
                    ..Window::default()
                },
            );
            self.jobs.push(Job {
                kind,
                to: Ticks(end),
                from: Ticks(begin),
                ..Job::default()
            });
            end = begin;
        }
        kind
    }

    /// A search to be followed now, and what it asked for. It counts as under way from here on.
    pub fn next_job(&mut self) -> Option<(usize, Job, String)> {
        let at = self
            .jobs
            .iter()
            .position(|j| j.state == JobState::Waiting)?;
        let job = self.jobs.get_mut(at)?;
        job.state = JobState::UnderWay;
        let job = job.clone();
        let asked = self.types.get(job.kind)?.asked.clone();
        Some((at, job, asked))
    }

    /// The service took it under this id, or knows it no more.
    pub fn job_id(&mut self, at: usize, id: Option<String>) {
        if let Some(job) = self.jobs.get_mut(at) {
            job.id = id;
        }
    }

    /// How it stands, in the service's word.
    pub fn job_stands(&mut self, at: usize, word: &str) {
        let Some(job) = self.jobs.get(at).cloned() else {
            return;
        };
        if let Some(w) = self.window(job.kind, job.to) {
            word.clone_into(&mut w.job);
        }
        self.job_sum(job.kind);
    }

    /// It came to its end, or was given up for this reason.
    pub fn job_over(&mut self, at: usize, fault: Option<&str>) {
        let Some(job) = self.jobs.get_mut(at) else {
            return;
        };
        job.state = match fault {
            None => JobState::Over,
            Some(_) => JobState::GivenUp,
        };
        let job = job.clone();
        if let (Some(w), Some(why)) = (self.window(job.kind, job.to), fault) {
            w.listed = w.fetched;
            w.broken = Some(why.to_owned());
        }
        self.job_sum(job.kind);
    }

    /// The service failed it; `true`: it is asked for once more.
    pub fn job_failed(&mut self, at: usize) -> bool {
        let Some(job) = self.jobs.get_mut(at) else {
            return false;
        };
        job.failed += 1;
        job.id = None;
        job.failed < SEARCHES
    }

    fn job_sum(&mut self, kind: usize) {
        let of = |state: JobState| {
            let jobs = self.jobs.iter().filter(|j| j.kind == kind);
            jobs.filter(|j| j.state == state).count()
        };
        let (waits, runs, lost) = (
            of(JobState::Waiting),
            of(JobState::UnderWay),
            of(JobState::GivenUp),
        );
        if let Some(t) = self.types.get_mut(kind)
            && !matches!(t.standing, Standing::Forbidden | Standing::Unlicensed)
        {
            let begun = t.windows.values().any(|w| !w.job.is_empty());
            t.standing = match (waits + runs, lost) {
                (0, 0) => Standing::Succeeded,
                (0, _) => Standing::Failed,
                _ if begun => Standing::Running,
                _ => Standing::Queued,
            };
        }
    }

    /// Somebody asks: searches that were given up are tried again.
    pub fn jobs_again(&mut self) {
        let kinds: HashSet<usize> = {
            let lost = self.jobs.iter_mut();
            let lost = lost.filter(|j| j.state == JobState::GivenUp);
            lost.map(|j| {
                j.state = JobState::Waiting;
                j.failed = 0;
                j.kind
            })
            .collect()
        };
        for kind in kinds {
            self.stand(kind, Standing::Queued, "");
        }
    }

    /// The searches of an older reader, to be read again: what the service found is still there.
    pub fn with_searches_of(mut self, older: Book) -> Self {
        for t in older.types.iter().filter(|t| t.source == Source::Search) {
            let old = older.paged(t.name.txt().exact());
            let kind = self.source(t.name.txt().exact(), Source::Search);
            let jobs = older.jobs.iter().filter(|j| Some(j.kind) == old);
            let jobs: Vec<Job> = jobs
                .map(|j| Job {
                    kind,
                    state: JobState::Waiting,
                    ..j.clone()
                })
                .collect();
            if let Some(new) = self.types.get_mut(kind) {
                new.asked.clone_from(&t.asked);
                new.standing = Standing::Queued;
                for job in &jobs {
                    new.windows.insert(
                        job.to.0,
                        Window {
                            from: job.from,
                            to: job.to,
                            ..Window::default()
                        },
                    );
                }
            }
            self.jobs.extend(jobs);
        }
        self
    }

    /// Nothing of a source is missing but what may still be told late.
    pub fn is_read(&self, kind: usize) -> bool {
        self.types.get(kind).is_some_and(|t| {
            let whole = |w: &Window| matches!(w.reach(), Reach::Complete | Reach::Settling);
            !t.windows.is_empty() && t.windows.values().all(whole)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::HOUR;

    fn noon() -> Ticks {
        Ticks(20_000 * DAY + 12 * HOUR)
    }

    fn book() -> (Book, usize) {
        let mut book = Book::default();
        let kind = book.source(Source::SIGN_INS, Source::SignIns);
        book.stand(kind, Standing::Enabled, "");
        book.windows(noon());
        (book, kind)
    }

    fn reach(book: &Book, kind: usize) -> Vec<Reach> {
        let ledger = book.ledger();
        ledger.types[kind]
            .windows
            .iter()
            .map(Window::reach)
            .collect()
    }

    #[test]
    fn a_window_of_events_is_read_whole_then_on_and_whole_again_when_it_settled() {
        let (mut book, kind) = book();
        let all = book.readings(kind, noon(), false);
        assert_eq!(all.len(), 8);
        assert_eq!((all[0].from.0, all[0].to), (20_000 * DAY, noon()));
        assert!(book.due(noon(), 0).is_empty(), "it is no content type");
        for r in &all {
            book.page_asked(r.due);
            book.page_read(r.due, Brought::default(), 0);
            book.read_to_end(*r, noon(), None);
        }
        let marks = reach(&book, kind);
        assert_eq!(marks[0], Reach::Settling);
        assert!(
            marks[1..].iter().all(|r| *r == Reach::Complete),
            "{marks:?}"
        );
        assert!(book.is_read(kind));
        // only the open one is read on, from a little before
        let later = Ticks(noon().0 + 5 * MINUTE);
        let next = book.readings(kind, later, false);
        assert_eq!(next.len(), 1);
        assert_eq!(next[0].from.0, noon().0 - OVERLAP);
        book.read_to_end(next[0], later, None);
        // over midnight, and once more when it has settled
        let night = Ticks(20_001 * DAY + 20 * MINUTE);
        book.windows(night);
        let next = book.readings(kind, night, false);
        assert_eq!(next.len(), 2);
        for r in &next {
            book.read_to_end(*r, night, None);
        }
        let quiet = Ticks(20_001 * DAY + 2 * HOUR);
        assert_eq!(
            book.readings(kind, quiet, false).len(),
            1,
            "the new day alone"
        );
        let settled = Ticks(20_001 * DAY + SETTLE);
        let whole = book.readings(kind, settled, false);
        assert_eq!(whole[1].from.0, 20_000 * DAY);
        book.read_to_end(whole[1], settled, None);
        assert_eq!(reach(&book, kind)[1], Reach::Complete);
    }

    #[test]
    fn a_window_that_broke_is_a_gap_that_waits_and_is_read_from_its_beginning() {
        let (mut book, kind) = book();
        let r = book.readings(kind, noon(), false)[0];
        book.page_asked(r.due);
        assert_eq!(reach(&book, kind)[0], Reach::Waiting);
        book.read_to_end(r, noon(), Some("the service failed".into()));
        assert_eq!(reach(&book, kind)[0], Reach::Gap);
        let soon = Ticks(noon().0 + MINUTE / 2);
        assert_eq!(book.readings(kind, soon, false).len(), 7, "not at once");
        assert_eq!(book.readings(kind, soon, true).len(), 8, "but who asks");
        let later = Ticks(noon().0 + 2 * MINUTE);
        let again = book.readings(kind, later, false)[0];
        assert_eq!(again.from.0, 20_000 * DAY);
        book.read_to_end(again, later, None);
        assert_eq!(reach(&book, kind)[0], Reach::Settling);
    }

    #[test]
    fn twice_in_a_reading_is_again_and_in_the_next_one_known() {
        let (mut book, kind) = book();
        let mut here = Here::default();
        assert_eq!(book.sight(kind, "a", 0, &mut here), Some(true));
        assert_eq!(book.sight(kind, "a", 0, &mut here), None);
        assert_eq!(book.sight(kind, "a", 0, &mut Here::default()), Some(false));
    }

    #[test]
    fn a_search_is_cut_into_windows_and_given_up_only_after_three_failures() {
        let mut book = Book::default();
        let to = noon();
        let kind = book.search("op:New-InboxRule", Ticks(to.0 - 16 * DAY), to);
        let ledger = book.ledger();
        assert_eq!(ledger.types[kind].windows.len(), 3);
        assert_eq!(ledger.types[kind].standing, Standing::Queued);
        let (at, job, asked) = book.next_job().unwrap();
        assert_eq!((job.to, asked.as_str()), (to, "op:New-InboxRule"));
        book.job_stands(at, "running");
        assert_eq!(book.ledger().types[kind].standing, Standing::Running);
        assert!(book.job_failed(at) && book.job_failed(at) && !book.job_failed(at));
        book.job_over(at, Some("the search failed at the service"));
        assert_eq!(reach(&book, kind)[0], Reach::Gap);
        while let Some((at, job, _)) = book.next_job() {
            book.read_to_end(
                Reading {
                    due: Due {
                        kind,
                        from: job.from,
                        to: job.to,
                    },
                    from: job.from,
                    to: job.to,
                    whole: true,
                },
                to,
                None,
            );
            book.job_over(at, None);
        }
        assert_eq!(book.ledger().types[kind].standing, Standing::Failed);
        book.jobs_again();
        let (at, ..) = book.next_job().unwrap();
        book.job_id(at, Some("q-1".into()));
        // a reader that begins anew follows what the service has
        let mut anew = Book::default().with_searches_of(book);
        let ids: Vec<Option<String>> =
            std::iter::from_fn(|| anew.next_job().map(|(_, j, _)| j.id)).collect();
        assert_eq!(ids.len(), 3);
        assert!(ids.contains(&Some("q-1".to_owned())));
    }
}
