//! A list that is filled and kept fresh, in one task that runs until its slot is dropped.
//!
//! First what the cache has, then the listing from its urgent end, page by page, polled for changes meanwhile; then only
//! polls. A watermark moves after a complete sweep and never otherwise. Between two polls nothing wakes. Of several
//! instances on one cache one does this; the others read what it wrote (`behind`).

mod behind;

use self::behind::Behind;
use super::backoff::{Backoff, spread};
use super::call::{Got, How};
use super::core::{Core, lock};
use super::origin::Origins;
use super::paging::{End, Pager};
use super::part::{Reading, blocking, read_all};
use super::poll::{Marks, due_first};
use super::ports::{Rows, Seen, Sweep};
use super::rows::{self, Known, Listed};
use super::supervisor::{Nudge, Out};
use crate::model::{Fault, FaultKind, Kind, Ticks};
use crate::msg::{Body, Origin, Page, Progress};
use crate::resource::{self, Spec};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use table::Text;

/// A listing that could not be followed to its end is not begun again before this.
const AGAIN: Duration = Duration::from_secs(600);

/// Fills and follows the list of a kind. Ends only when it is dropped.
pub async fn follow(core: Arc<Core>, kind: Kind, out: Out, nudge: Arc<Nudge>) -> Body {
    let mut follow = Follow::new(core, kind, out, nudge);
    follow.cached().await;
    follow.run().await
}

struct Follow {
    core: Arc<Core>,
    spec: &'static Spec,
    out: Out,
    nudge: Arc<Nudge>,
    known: Arc<Mutex<Known>>,
    progress: Progress,
    marks: Marks,
    /// The full listing under way.
    fill: Option<Listing>,
    /// When a full listing may begin.
    fill_after: Duration,
    /// When the next poll is due.
    due: Duration,
    /// The last fault told, not to say it twice.
    told: Option<Fault>,
    /// When the listing beside this one is due, and what it gave before.
    beside_due: Duration,
    beside_known: Arc<Mutex<Known>>,
    /// Whether another instance polls.
    behind: Behind,
}

/// One sweep under way.
struct Listing {
    pager: Pager,
    origin: Origin,
    /// It lists everything.
    whole: bool,
    began: Ticks,
    /// The service's clock at its first page.
    date: Option<Ticks>,
    mark: Option<Ticks>,
    listed: Arc<Mutex<Listed>>,
    /// Rows that could not be read: whose they were is not known.
    bad: u64,
    restarted: bool,
}

/// Stops a cache that is being handed over when its task is aborted.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Follow {
    fn new(core: Arc<Core>, kind: Kind, out: Out, nudge: Arc<Nudge>) -> Self {
        Self {
            core,
            spec: resource::spec(kind),
            out,
            nudge,
            known: Arc::default(),
            progress: Progress::default(),
            marks: Marks::default(),
            fill: None,
            fill_after: Duration::ZERO,
            due: Duration::ZERO,
            told: None,
            beside_due: match resource::spec(kind).listing.beside {
                Some(_) => Duration::ZERO,
                None => Duration::MAX,
            },
            beside_known: Arc::default(),
            behind: Behind::default(),
        }
    }

    /// Shows what was last seen, before any network.
    async fn cached(&mut self) {
        self.stand().await;
        let stop = Stop(Arc::default());
        let (core, out, known) = (
            Arc::clone(&self.core),
            self.out.clone(),
            Arc::clone(&self.known),
        );
        let (kind, stopped) = (self.spec.kind, Arc::clone(&stop.0));
        let seen = blocking(move || {
            core.store.load(kind, &mut |chunk, seen| {
                let loaded = {
                    let mut known = lock(&known);
                    known.cached(&chunk);
                    known.len() as u64
                };
                out.say(Body::Page(Page {
                    kind,
                    chunk: Some(chunk),
                    origin: Origin::Cache,
                    progress: told(&seen, loaded),
                    bad: 0,
                    bad_why: None,
                    removed: Vec::new(),
                }));
                !stopped.load(Ordering::Relaxed)
            })
        })
        .await;
        match seen {
            Ok(seen) => {
                let loaded = lock(&self.known).len() as u64;
                self.progress = told(&seen, loaded);
                self.marks = Marks::stored(seen.watermark.filter(|_| seen.complete));
                self.due = self.core.mono()
                    + due_first(&self.spec.listing, &seen, self.core.wall(), loaded);
                self.remember();
            }
            Err(fault) => self.core.store_failed(&fault),
        }
    }

    async fn run(&mut self) -> Body {
        let mut backoff = Backoff::new(Duration::from_secs(5), Duration::from_secs(300));
        loop {
            self.wait().await;
            let how = if self.nudge.take() {
                How::INSIST
            } else {
                How::BACKGROUND
            };
            let only_beside = !how.anyway && self.core.mono() < self.due_next();
            if only_beside {
                self.beside().await;
                continue;
            }
            // what a person asks for goes out, whoever polls
            if !how.anyway && self.look().await {
                continue;
            }
            match self.round(how).await {
                Ok(()) => {
                    backoff.reset();
                    self.told = None;
                    self.due = self.core.mono() + spread(self.every(), fastrand::f64());
                }
                Err(fault) => self.fail(fault, how, &mut backoff).await,
            }
        }
    }

    /// Reads the listing beside this one. A refusal leaves its columns unknown; it is no fault of the list.
    async fn beside(&mut self) {
        let Some(beside) = &self.spec.listing.beside else {
            return;
        };
        let call = (beside.list)();
        let reading = Reading::Beside(beside.decode);
        let (kind, known) = (self.spec.kind, Arc::clone(&self.beside_known));
        let read = read_all(&self.core, kind, call, reading, &known, &self.out).await;
        let every = Duration::from_secs(beside.every.max(1).into());
        if read.is_ok() {
            self.tell(Origin::BesideDone, Vec::new());
        }
        let wait = match read {
            // what may be over soon is tried sooner
            Err(f) if !parks(f.kind) => every.min(Duration::from_secs(60)),
            _ => every,
        };
        self.beside_due = self.core.mono() + spread(wait, fastrand::f64());
    }

    /// When the list itself wants something.
    fn due_next(&self) -> Duration {
        if self.wants_fill() {
            self.due.min(self.fill_after)
        } else {
            self.due
        }
    }

    /// The pace of polling: the person's own for what is followed by changes, the list's for inventories.
    fn every(&self) -> Duration {
        let own = self.core.pace.load(Ordering::Relaxed);
        let seconds = match self.spec.listing.watermark {
            Some(_) if own > 0 => own,
            _ => self.spec.listing.every.max(1),
        };
        Duration::from_secs(seconds.into())
    }

    fn wants_fill(&self) -> bool {
        self.spec.listing.watermark.is_some() && !self.progress.complete
    }

    /// Sleeps until the next poll, or until somebody taps.
    async fn wait(&mut self) {
        loop {
            // the list comes first: its rows are what the joined cells hang on
            let beside = self.beside_due.max(match self.progress.as_of {
                Some(_) => Duration::ZERO,
                None => self.due_next(),
            });
            let left = self.due_next().min(beside).saturating_sub(self.core.mono());
            if left.is_zero() || self.nudge.is_asked() {
                return;
            }
            tokio::select! {
                () = self.core.clock.sleep(left) => {}
                () = self.nudge.tapped() => {
                    // whoever joined gets to know where the list stands
                    self.tell(Origin::Poll, Vec::new());
                }
            }
        }
    }

    /// Says what went wrong and waits: for another token where only that can help, else for a while.
    async fn fail(&mut self, fault: Fault, how: How, backoff: &mut Backoff) {
        let parks = parks(fault.kind);
        let mut fault = fault;
        if parks {
            self.due = Duration::MAX;
            self.fill_after = Duration::MAX;
        } else {
            let wait = backoff.next(fastrand::f64());
            let asked = fault.retry_at.map(|at| {
                Duration::from_nanos(at.0.saturating_sub(self.core.wall().0).max(0) as u64 * 100)
            });
            let wait = wait.max(asked.unwrap_or_default());
            fault.retry_at = Some(self.core.in_time(wait));
            self.due = self.core.mono() + wait;
            self.fill_after = self.fill_after.max(self.due);
        }
        let same = self
            .told
            .as_ref()
            .is_some_and(|t| (t.kind, &t.what) == (fault.kind, &fault.what));
        if !same || !parks || how.anyway {
            self.out.say(Body::Fault(fault.clone()));
        }
        self.told = Some(fault);
        if parks {
            self.give_turn();
            let service = (self.spec.listing.list)(None).service;
            let another = self.core.tokens.another(self.core.scope(service));
            tokio::pin!(another);
            loop {
                tokio::select! {
                    () = &mut another => break,
                    () = self.nudge.tapped() => {
                        if self.nudge.is_asked() {
                            break;
                        }
                        self.tell(Origin::Poll, Vec::new());
                        if let Some(fault) = self.told.clone() {
                            self.out.say(Body::Fault(fault));
                        }
                    }
                }
            }
            self.due = self.core.mono();
            self.fill_after = self.due;
        }
    }

    /// Brings the list up to date: the rest of a full listing with polls between its pages, or one poll.
    async fn round(&mut self, how: How) -> Result<(), Fault> {
        let whole = self.spec.listing.watermark.is_none();
        if self.fill.is_none() {
            let now = self.core.mono();
            let may = now >= self.fill_after || (how.anyway && self.fill_after != Duration::MAX);
            let fills = whole || (self.wants_fill() && may);
            if !fills {
                return self.poll(how, Arc::default()).await;
            }
            let origin = if self.progress.complete {
                Origin::Poll
            } else {
                Origin::Fill
            };
            self.fill = Some(self.listing(None, origin)?);
        }
        let every = self.every();
        let mut next_poll = self.core.mono() + every;
        while let Some(mut fill) = self.fill.take() {
            let now = self.core.mono();
            if !whole && fill.pager.is_begun() && (now >= next_poll || self.nudge.take()) {
                next_poll = now + every;
                // what came since the listing began is not gone, though no page of it will show it
                let polled = self.poll(how, Arc::clone(&fill.listed)).await;
                if polled.is_err() {
                    self.fill = Some(fill);
                    return polled;
                }
            }
            match self.step(&mut fill, how).await {
                Ok(()) if fill.pager.end().is_some() => return self.finish(fill).await,
                Ok(()) => self.fill = Some(fill),
                // the service forgot where the listing was (an old page token): it begins again, once
                Err(fault) if fault.status == 400 && fill.pager.is_begun() && !fill.restarted => {
                    let mut again = self.listing(None, fill.origin)?;
                    again.restarted = true;
                    self.fill = Some(again);
                }
                Err(fault) => {
                    self.fill = Some(fill);
                    return Err(fault);
                }
            }
        }
        Ok(())
    }

    /// Asks for what changed since the watermark.
    async fn poll(&mut self, how: How, listed: Arc<Mutex<Listed>>) -> Result<(), Fault> {
        let since = self.marks.since();
        let mut sweep = self.listing(since, Origin::Poll)?;
        sweep.listed = listed;
        while sweep.pager.end().is_none() {
            self.step(&mut sweep, how).await?;
        }
        self.finish(sweep).await
    }

    fn listing(&self, since: Option<Ticks>, origin: Origin) -> Result<Listing, Fault> {
        let call = (self.spec.listing.list)(since);
        let origins: Origins = self.core.origins(call.service)?;
        // what changed since is told by the list's own call
        let then = match since {
            None => self.spec.listing.then,
            Some(_) => &[],
        };
        Ok(Listing {
            pager: Pager::new(call, origins)?.then(then),
            origin,
            whole: since.is_none(),
            began: self.core.wall(),
            date: None,
            mark: None,
            listed: Arc::default(),
            bad: 0,
            restarted: false,
        })
    }

    /// Fetches one page and hands it over. The next page is not asked for before the screen's side took this one.
    async fn step(&mut self, sweep: &mut Listing, how: How) -> Result<(), Fault> {
        let Some(url) = sweep.pager.url().cloned() else {
            return Ok(());
        };
        let call = sweep.pager.call().clone();
        let Some(got) = self.core.read(&call, &url, how).await? else {
            sweep.pager.nothing();
            return Ok(());
        };
        if !sweep.pager.is_begun() {
            sweep.date = got.date;
            if sweep.whole {
                self.marks.begin(got.date.unwrap_or(sweep.began));
            }
        }
        let taken = self.take(got, sweep).await?;
        sweep.bad += u64::from(taken.bad);
        sweep.mark = sweep.mark.max(taken.mark);
        self.progress = taken.progress;
        self.remember();
        sweep.pager.hear(taken.more);
        sweep.pager.turn(taken.rows, taken.link.as_deref());
        Ok(())
    }

    /// Decodes a page, shows it, and gives it to the store, on a thread that may block and is not aborted.
    async fn take(&self, got: Got, sweep: &Listing) -> Result<Taken, Fault> {
        let (core, out, known) = (
            Arc::clone(&self.core),
            self.out.clone(),
            Arc::clone(&self.known),
        );
        let call = sweep.pager.call();
        let (spec, service, pages) = (self.spec, call.service, call.pages);
        let (origin, whole, complete) = (sweep.origin, sweep.whole, self.progress.complete);
        let mut progress = self.progress;
        let listed = Arc::clone(&sweep.listed);
        blocking(move || {
            let frame = got.body.frame(pages).map_err(|f| f.on(service))?;
            let at = core.wall();
            let page = {
                let (mut known, mut listed) = (lock(&known), lock(&listed));
                let texts = frame.value.iter().map(|raw| raw.get());
                let page = rows::decode(spec, texts, &mut known, Some(&mut listed));
                progress.loaded = known.len() as u64;
                page
            };
            core.cut(page.cut);
            progress.as_of = Some(at);
            if whole && let Some(total) = frame.count {
                progress.total = Some(total);
            }
            progress.total = match (progress.total, complete) {
                (_, true) => Some(progress.loaded),
                (total, false) => total.map(|t| t.max(progress.loaded)),
            };
            let rows = frame.value.len();
            if page.chunk.is_some() || page.bad > 0 || origin == Origin::Fill {
                out.say(Body::Page(Page {
                    kind: spec.kind,
                    chunk: page.chunk.clone(),
                    origin,
                    progress,
                    bad: page.bad,
                    bad_why: page.bad_why,
                    removed: Vec::new(),
                }));
            }
            if let Some(chunk) = page.chunk {
                let raws = if spec.is_bare() {
                    Vec::new()
                } else {
                    page.raws
                };
                let rows = Rows {
                    kind: spec.kind,
                    chunk,
                    raws,
                    at,
                };
                if let Err(fault) = core.store.take(rows) {
                    core.store_failed(&fault);
                }
            }
            Ok(Taken {
                rows,
                bad: page.bad,
                link: frame.next.map(|n| n.into_owned()),
                more: frame.more,
                mark: page.mark,
                progress,
            })
        })
        .await
    }

    /// A sweep came to an end. Only a complete one moves the watermark and says what is gone.
    async fn finish(&mut self, sweep: Listing) -> Result<(), Fault> {
        let fault = match sweep.pager.end() {
            Some(End::Broken(fault)) => Some(fault.clone()),
            Some(End::Complete) | None => None,
            Some(End::Cut) => {
                // as much as is wanted of it; the rest is said in "loaded N of M"
                self.fill_after = Duration::MAX;
                self.tell(sweep.origin, Vec::new());
                return Ok(());
            }
        };
        if let Some(fault) = fault {
            if sweep.whole {
                self.fill_after = self.core.mono() + AGAIN;
            }
            self.tell(sweep.origin, Vec::new());
            self.told = Some(fault.clone());
            self.out.say(Body::Fault(fault));
            return Ok(());
        }
        self.marks.swept(
            sweep.mark,
            sweep.date.unwrap_or_else(|| self.core.service_time()),
        );
        if sweep.whole {
            self.progress.complete = true;
            self.progress.total = Some(lock(&sweep.listed).len() as u64 + sweep.bad);
        }
        self.progress.as_of = Some(sweep.began);
        let end = Sweep {
            kind: self.spec.kind,
            began: sweep.began,
            whole: sweep.whole,
            watermark: self
                .marks
                .stored_mark()
                .filter(|_| self.progress.complete && self.spec.listing.watermark.is_some()),
            total: self.progress.total,
        };
        let (core, known) = (Arc::clone(&self.core), Arc::clone(&self.known));
        // a row that could not be read may be any of those not listed
        let (listed, doubt) = (sweep.listed, sweep.bad > 0 || self.spec.keeps());
        let removed = blocking(move || {
            let gone = core.store.finish(end, &|id| {
                doubt || lock(&known).is_listed(&lock(&listed), id)
            });
            Ok(match gone {
                Ok(gone) => {
                    let mut known = lock(&known);
                    for id in &gone {
                        known.remove(id.txt().exact());
                    }
                    gone
                }
                Err(fault) => {
                    core.store_failed(&fault);
                    Vec::new()
                }
            })
        })
        .await?;
        self.progress.loaded = lock(&self.known).len() as u64;
        self.progress.total = self.progress.total.map(|t| t.max(self.progress.loaded));
        self.remember();
        self.tell(sweep.origin, removed);
        Ok(())
    }

    /// A page without rows: where the list stands.
    fn tell(&self, origin: Origin, removed: Vec<Text>) {
        self.out.say(Body::Page(Page {
            kind: self.spec.kind,
            chunk: None,
            origin,
            progress: self.progress,
            bad: 0,
            bad_why: None,
            removed,
        }));
    }

    fn remember(&self) {
        lock(&self.core.progress).insert(self.spec.kind, self.progress);
    }
}

/// What came of a page.
struct Taken {
    rows: usize,
    bad: u32,
    link: Option<String>,
    more: Option<bool>,
    mark: Option<Ticks>,
    progress: Progress,
}

/// Faults that only another token or the person can help.
pub(super) fn parks(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Forbidden
            | FaultKind::Licence
            | FaultKind::Refused
            | FaultKind::SignIn
            | FaultKind::Clock
    )
}

fn told(seen: &Seen, loaded: u64) -> Progress {
    Progress {
        loaded,
        total: seen.total.map(|t| t.max(loaded)),
        complete: seen.complete,
        as_of: seen.as_of,
    }
}
