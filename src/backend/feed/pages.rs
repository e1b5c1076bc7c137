//! Sign-ins and directory audits (`api/graph.md` 16) as sources of the logs: a day a window, read page by page to its end,
//! then read on. `book::pages` knows what is due; the feed's own reader runs beside and neither waits for the other.
//!
//! The service keeps them for thirty days, or seven without Entra ID P1; as far back as the feed goes, the list goes too.

use super::book::pages::{Here, Reading};
use super::book::{Brought, Due};
use super::decode;
use super::telling::Telling;
use crate::backend::answer::Envelope;
use crate::backend::backoff::{Backoff, spread};
use crate::backend::budget::Class;
use crate::backend::call::{Got, How};
use crate::backend::core::{Core, lock};
use crate::backend::paging::{End, Pager};
use crate::backend::part::blocking;
use crate::model::feed::{Source, Standing};
use crate::model::{Call, Fault, FaultKind, Key, Pages, Path, Service, Ticks};
use crate::resource::feed::needs;
use crate::resource::record::CONTENT;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use table::Txt;
use tokio::sync::Notify;
use url::Url;

/// Between two looks for what is new.
const EVERY: Duration = Duration::from_secs(60);
/// Tries of one page, beyond those that a read makes by itself, before its window counts as broken.
const TRIES: u32 = 4;

/// What the service refused for want of a licence is asked for again after this.
const HELD: Duration = Duration::from_secs(3600);

/// A source, its name, the field of its time, and what a tenant without the licence is told.
type Row = (Source, &'static str, &'static str, &'static str);

const SOURCES: [Row; 2] = [
    (
        Source::SignIns,
        Source::SIGN_INS,
        "createdDateTime",
        "sign-ins take the licence Microsoft Entra ID P1, which this tenant lacks",
    ),
    (
        Source::Audits,
        Source::AUDITS,
        "activityDateTime",
        "directory audits take a licence that this tenant lacks",
    ),
];

fn path(source: Source) -> Path {
    match source {
        Source::SignIns => Path::new("/auditLogs/signIns"),
        _ => Path::new("/auditLogs/directoryAudits"),
    }
}

/// Reads both and follows them. Ends only when it is dropped. `again`: somebody wants it now.
pub async fn follow(telling: Telling, again: Arc<Notify>) {
    let core = Arc::clone(&telling.core);
    let mut reader = Reader {
        telling,
        held: [None; 2],
    };
    let mut asked = false;
    loop {
        let parked = reader.round(asked).await;
        asked = false;
        let another = core.tokens.another(core.scope(Service::Graph));
        let wait = spread(EVERY, fastrand::f64());
        tokio::select! {
            // what only another token can help is not asked for with this one
            () = core.clock.sleep(wait), if !parked => {}
            () = another, if parked => reader.held = [None; 2],
            () = again.notified() => asked = true,
        }
    }
}

struct Reader {
    telling: Telling,
    /// When the service refused a source, which it is asked about again only much later.
    held: [Option<Duration>; 2],
}

impl Reader {
    /// One look at everything that is due, the newest day of both first; `true`: nothing of it can be read with this sign-in.
    async fn round(&mut self, asked: bool) -> bool {
        let core = Arc::clone(&self.telling.core);
        let mut parked = [false; 2];
        let mut due: Vec<(usize, Reading)> = Vec::new();
        for (at, (source, name, ..)) in SOURCES.iter().enumerate() {
            let kind = lock(&core.feed).source(name, *source);
            let now = core.mono();
            let held = self.held[at].is_some_and(|since| now.saturating_sub(since) < HELD);
            match self.may(kind, held, asked).await {
                Ok(readings) => due.extend(readings.into_iter().map(|r| (at, r))),
                Err(fault) => parked[at] = self.refused(at, kind, fault),
            }
        }
        self.telling.tell();
        due.sort_by_key(|(at, r)| (std::cmp::Reverse(r.due.to), *at));
        for (at, reading) in due {
            if parked[at] {
                continue;
            }
            let began = core.service_time();
            let done = self.window(reading, &SOURCES[at], asked).await;
            match done {
                Err(fault) if parks(fault.kind) => {
                    lock(&core.feed).left(reading.due);
                    parked[at] = self.refused(at, reading.due.kind, Some(fault));
                }
                done => {
                    let broken = done.err().map(|f| f.to_string());
                    lock(&core.feed).read_to_end(reading, began, broken);
                }
            }
            self.telling.tell();
        }
        let all = parked == [true; 2];
        if !all {
            lock(&core.feed).pages_as_of = Some(core.wall());
        }
        all
    }

    /// What is due of a source; a fault is one that stands against all of it, `None` one that was told before.
    async fn may(
        &self,
        kind: usize,
        held: bool,
        asked: bool,
    ) -> Result<Vec<Reading>, Option<Fault>> {
        let core = &self.telling.core;
        if held && !asked {
            return Err(None);
        }
        let needs = needs(lock(&core.feed).name(kind).txt().exact());
        core.bearer(Service::Graph, Class::Background).await?;
        if !asked && let Some(fault) = core.missing(Service::Graph, needs) {
            return Err(Some(fault));
        }
        let now = core.service_time();
        let mut book = lock(&core.feed);
        book.stand(kind, Standing::Enabled, "");
        book.windows(now);
        Ok(book.readings(kind, now, asked))
    }

    /// Notes what stands against a source; `true`: all of it.
    fn refused(&mut self, at: usize, kind: usize, fault: Option<Fault>) -> bool {
        let core = &self.telling.core;
        let Some(fault) = fault else {
            return true;
        };
        let (_, name, _, unlicensed) = SOURCES[at];
        if let Some((standing, trouble)) = standing(&fault, name, unlicensed) {
            lock(&core.feed).stand(kind, standing, &trouble);
        }
        // a missing permission is seen in the token, without asking the service
        if matches!(fault.kind, FaultKind::Licence | FaultKind::Refused) {
            self.held[at] = Some(core.mono());
        }
        parks(fault.kind)
    }

    async fn window(&self, reading: Reading, of: &Row, asked: bool) -> Result<(), Fault> {
        let (source, name, time, _) = *of;
        // the service compares with `ge` and `le` alone: what happened in the first second of the next window comes twice
        let filter = format!(
            "{time} ge {} and {time} le {}",
            reading.from.literal(),
            reading.to.literal()
        );
        let call = Call::get(Service::Graph, path(source))
            .query("$filter", filter)
            .needs(needs(name))
            .pages(Pages::Links { at_most: u32::MAX });
        let how = How {
            class: Class::Background,
            anyway: asked,
        };
        let all = Listing {
            telling: &self.telling,
            due: reading.due,
            how,
            found: false,
        };
        all.read(call).await
    }
}

/// Faults that stand against a source as a whole, or against everybody's reading.
fn parks(kind: FaultKind) -> bool {
    crate::backend::sync::parks(kind)
}

/// How a source stands after such a fault, in a sentence; none = it passes.
fn standing(fault: &Fault, name: &str, unlicensed: &str) -> Option<(Standing, String)> {
    match fault.kind {
        FaultKind::Licence => Some((Standing::Unlicensed, unlicensed.to_owned())),
        FaultKind::Forbidden if fault.permissions.is_empty() => {
            Some((Standing::Forbidden, fault.to_string()))
        }
        FaultKind::Forbidden => {
            let needs = needs(name).join(" or ");
            Some((
                Standing::Forbidden,
                format!("reading it takes {needs} (Microsoft Graph)"),
            ))
        }
        FaultKind::Refused => Some((Standing::Refused, fault.to_string())),
        _ => None,
    }
}

/// Everything that one call lists, page by page, into a window of the books.
pub struct Listing<'a> {
    pub telling: &'a Telling,
    pub due: Due,
    pub how: How,
    /// Rows that somebody asked for: their pages are remembered.
    pub found: bool,
}

impl Listing<'_> {
    pub async fn read(&self, call: Call) -> Result<(), Fault> {
        let core = &self.telling.core;
        let mut pager = Pager::new(call.clone(), core.origins(call.service)?)?;
        let here = Arc::new(Mutex::new(Here::default()));
        let before = lock(&core.feed).read_at(self.due);
        while let Some(url) = pager.url().cloned() {
            lock(&core.feed).page_asked(self.due);
            let taken = self.page(&call, &url, &here, before).await?;
            self.telling.flush(self.found);
            pager.turn(taken.rows, taken.next.as_deref());
        }
        match pager.end() {
            Some(End::Broken(fault)) => Err(fault.clone()),
            _ => Ok(()),
        }
    }

    /// One page, tried until it is whole.
    async fn page(
        &self,
        call: &Call,
        url: &Url,
        here: &Arc<Mutex<Here>>,
        before: Option<Ticks>,
    ) -> Result<Taken, Fault> {
        let core = &self.telling.core;
        let mut backoff = Backoff::new(Duration::from_millis(400), Duration::from_secs(60));
        let mut tries = 0;
        loop {
            tries += 1;
            let mut retries = u32::from(tries > 1);
            let read = core.read_counted(call, url, self.how, &mut retries).await;
            lock(&core.feed).retried(self.due, retries);
            let fault = match read {
                Ok(Some(got)) => match self.take(got, url, here, before).await {
                    Ok(taken) => return Ok(taken),
                    Err(fault) => fault,
                },
                Ok(None) => return Ok(Taken::default()),
                Err(fault) => fault,
            };
            let passes = match fault.kind {
                FaultKind::Network | FaultKind::Timeout | FaultKind::Server => true,
                FaultKind::BadAnswer => !fault.what.contains("larger than"),
                _ => false,
            };
            if !passes || tries >= TRIES {
                return Err(fault.on(call.service));
            }
            core.clock.sleep(backoff.next(fastrand::f64())).await;
        }
    }

    /// Takes a page's rows in, all of them or none: a page that breaks off is read again.
    async fn take(
        &self,
        got: Got,
        url: &Url,
        here: &Arc<Mutex<Here>>,
        before: Option<Ticks>,
    ) -> Result<Taken, Fault> {
        let (telling, here) = (self.telling.clone(), Arc::clone(here));
        let (due, url) = (self.due, self.found.then(|| url.to_string()));
        blocking(move || {
            let frame: Envelope<'_> = got.body.envelope()?;
            let rows = decode::raw_rows(&frame.value);
            let taken = Taken {
                rows: rows.len(),
                next: frame.next.map(std::borrow::Cow::into_owned),
            };
            let core = &telling.core;
            let page = match url {
                Some(url) => lock(&core.feed).turned(due.kind, &url),
                None => 0,
            };
            let (brought, late): (Brought, u32) = decode::take_page(
                &core.feed,
                telling.gathered(),
                (due, page, before),
                &here,
                rows,
            );
            lock(&core.feed).page_read(due, brought, late);
            Ok(taken)
        })
        .await
    }
}

#[derive(Default)]
struct Taken {
    rows: usize,
    next: Option<String>,
}

/// Reads a sign-in or directory audit again by its id, a record of a search from the page that brought it. `None`: the key
/// is none of these.
pub async fn entity(core: &Arc<Core>, key: &Key) -> Option<Result<Value, Fault>> {
    let (id, name) = key.id.txt().exact().rsplit_once('@')?;
    let (kind, source) = {
        let book = lock(&core.feed);
        let kind = book.paged(name)?;
        (kind, book.source_of(kind))
    };
    let name = name.to_owned();
    let read = match source {
        Source::Search => super::searches::record(core, kind, id, key).await,
        _ => one(core, source, &name, id).await,
    };
    Some(read.map(|row| named(row, &name)))
}

/// The row with our mark of where it came from.
fn named(mut row: Value, name: &str) -> Value {
    if let Value::Object(map) = &mut row {
        map.insert(CONTENT.to_owned(), name.into());
    }
    row
}

async fn one(core: &Arc<Core>, source: Source, name: &str, id: &str) -> Result<Value, Fault> {
    let path = path(source).id(Txt::new(id));
    let path = path.map_err(|e| Fault::new(FaultKind::BadAnswer, e.to_string()))?;
    let call = Call::get(Service::Graph, path).needs(needs(name));
    let url = core.origins(Service::Graph)?.url(&call)?;
    let got = core.read(&call, &url, How::PERSON).await?;
    match got {
        Some(got) => got.body.value(),
        None => Err(Fault::new(FaultKind::Gone, "it is not there any more")),
    }
}
