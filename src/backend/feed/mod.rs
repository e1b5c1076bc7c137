//! The readers of the logs. Here that of the Office 365 activity feed: subscriptions, listings in windows of a day, blobs,
//! records; beside it run those of sign-ins and directory audits (`pages`) and of audit searches (`searches`).
//!
//! `follow` runs while somebody reads the logs: it lists every window of the last seven days from the newest, fetches the
//! blobs of each side by side, hands their records on in chunks, and lists again what is not complete. `book` knows what
//! was read, `wire` tries one read until it is whole, `decode` makes rows of a blob, `words` are the service's refusals.
//!
//! Records are told by their id: a blob may repeat those of another. Of their text only the columns stay in memory; who
//! opens one has its blob read again, which the service keeps for seven days. Nothing of it goes to the disk.

mod book;
mod decode;
mod pages;
mod searches;
mod telling;
mod wire;
pub mod words;

#[cfg(test)]
mod sources_tests;
#[cfg(test)]
mod tests;

pub use book::Book;
use book::Due;
use telling::{Pot, Telling};

use super::backoff::{Backoff, spread};
use super::budget::Class;
use super::call::How;
use super::core::{Core, lock};
use super::part::blocking;
use super::supervisor::{Nudge, Out};
use super::sync::parks;
use crate::model::feed::{Source, Standing};
use crate::model::time::{DAY, HOUR, SECOND};
use crate::model::{Call, Fault, FaultKind, Grant, Key, Kind, Path, Service, Ticks};
use crate::msg::{Body, Entity};
use crate::resource::log_search::Search;
use crate::resource::{feed, record};
use futures_util::StreamExt;
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use table::Text;
use tokio::sync::Notify;

/// Blobs fetched side by side; calls of people have lines of their own beside them.
const SIDE_BY_SIDE: usize = 6;
/// Between two looks for what is new.
const EVERY: Duration = Duration::from_secs(60);
/// A complete window is listed again so often.
const SWEEP: i64 = 6 * HOUR;
/// Nothing has more pages.
const MOST_PAGES: usize = 10_000;

/// Whether rows of this kind come from the feed.
pub fn is_fed(kind: Kind) -> bool {
    matches!(kind, Kind::Record | Kind::Feed)
}

/// Reads the feed and follows it. Ends only when it is dropped. Two lists hang on it; the one that came second only hears
/// what the first one reads.
pub async fn follow(core: Arc<Core>, kind: Kind, out: Out, nudge: Arc<Nudge>) -> Body {
    if kind == Kind::Record {
        // rows on their way to a list that was let go are lost: whoever begins anew reads everything anew
        let mut book = lock(&core.feed);
        let older = std::mem::take(&mut *book);
        *book = Book::of(lock(&core.span).clone()).with_searches_of(older);
        for name in book::KNOWN {
            book.kind(name);
        }
    }
    let telling = Telling::new(Arc::clone(&core), kind, out);
    let (again, more) = (Arc::new(Notify::new()), Arc::clone(&core.searched));
    let beside = [Pot::Pages, Pot::Searches].map(|pot| telling.beside(pot));
    let reader = Reader {
        core,
        telling,
        nudge,
        again: Arc::clone(&again),
        edge: 0,
    };
    match kind {
        Kind::Record => {
            // none of them ends, and none waits for another
            let feed = reader.run();
            let [pages, searches] = beside;
            let pages = pages::follow(pages, again);
            let searches = searches::follow(searches, more);
            let (body, (), ()) = tokio::join!(feed, pages, searches);
            body
        }
        _ => reader.run().await,
    }
}

/// Enters an audit search; the reader of the logs follows it.
pub fn search(core: &Core, words: &str) -> Body {
    let now = core.service_time();
    match Search::parse(words, now) {
        Ok(search) => {
            let words = search.words();
            lock(&core.feed).search(&words, search.from, search.to);
            core.searched.notify_one();
            Body::Done
        }
        Err(why) => Body::Fault(Fault::new(FaultKind::BadRequest, why)),
    }
}

struct Reader {
    core: Arc<Core>,
    telling: Telling,
    nudge: Arc<Nudge>,
    /// Tells the reader beside this one that somebody wants it now.
    again: Arc<Notify>,
    /// Seconds by which the oldest window begins later: the service's seven days may be a little shorter than ours.
    edge: i64,
}

impl Reader {
    async fn run(mut self) -> Body {
        let mut backoff = Backoff::new(Duration::from_secs(5), Duration::from_secs(300));
        loop {
            let asked = self.nudge.take();
            if asked {
                let mut book = lock(&self.core.feed);
                book.again();
                book.jobs_again();
                drop(book);
                self.again.notify_one();
                self.core.searched.notify_one();
            }
            let done = self.round(asked).await;
            lock(&self.core.feed).is_down = done.is_err();
            let wait = match done {
                Ok(()) => {
                    backoff.reset();
                    spread(EVERY, fastrand::f64())
                }
                Err(mut fault) if parks(fault.kind) => {
                    fault.retry_at = None;
                    self.refused(&fault);
                    self.telling.tell();
                    self.telling.out.say(Body::Fault(fault));
                    let another = self.core.tokens.another(self.core.scope(Service::Office));
                    tokio::select! {
                        () = another => {}
                        () = self.asked() => {}
                    }
                    continue;
                }
                Err(mut fault) => {
                    let wait = backoff.next(fastrand::f64());
                    fault.retry_at = Some(self.core.in_time(wait));
                    self.telling.tell();
                    self.telling.out.say(Body::Fault(fault));
                    wait
                }
            };
            tokio::select! {
                () = self.core.clock.sleep(wait) => {}
                () = self.asked() => {}
            }
        }
    }

    /// Nothing of the feed can be read with this sign-in: its types say so, beside sources that can.
    fn refused(&self, fault: &Fault) {
        let standing = match fault.kind {
            FaultKind::Forbidden => Standing::Forbidden,
            _ => Standing::Refused,
        };
        let said = fault.to_string();
        let mut book = lock(&self.core.feed);
        for name in book::KNOWN {
            let kind = book.kind(name);
            book.stand(kind, standing, &said);
        }
    }

    /// Somebody wants it now; who only joined is told where it stands.
    async fn asked(&self) {
        loop {
            self.nudge.tapped().await;
            if self.nudge.is_asked() {
                return;
            }
            self.telling.tell();
        }
    }

    /// One look at everything that is due.
    async fn round(&mut self, asked: bool) -> Result<(), Fault> {
        self.subscriptions(asked).await?;
        let now = self.core.service_time();
        let due = {
            let mut book = lock(&self.core.feed);
            book.windows(now);
            if self.telling.kind == Kind::Record {
                book.due(now, SWEEP)
            } else {
                Vec::new()
            }
        };
        self.telling.tell();
        let mut at = 0;
        // a day of all types, then its blobs: the newest are on screen before the rest is listed
        while at < due.len() {
            let day = due[at].to;
            let count = due[at..].iter().take_while(|d| d.to == day).count();
            let listings = due[at..at + count].iter().map(|d| self.list(*d));
            let listed = futures_util::future::join_all(listings).await;
            at += count;
            for edge in listed.into_iter().flatten() {
                self.edge = self.edge.max(edge);
            }
            self.telling.tell();
            self.fetch().await;
        }
        if self.telling.kind == Kind::Record {
            self.fetch().await;
            self.flush(true);
            lock(&self.core.feed).as_of = Some(self.core.wall());
        }
        self.telling.tell();
        Ok(())
    }

    /// Asks which types are subscribed to. Types of the documents that nobody subscribed to are kept as such.
    async fn subscriptions(&self, asked: bool) -> Result<(), Fault> {
        let call = feed::list(None);
        let origins = self.core.origins(Service::Office)?;
        let url = origins.url(&call)?;
        self.core.bearer(Service::Office, Class::Person).await?;
        if !asked && let Some(fault) = self.core.missing(Service::Office, record::NEEDS) {
            return Err(fault);
        }
        let whole = wire::read(&self.core, &url, record::NEEDS, Class::Person)
            .await
            .map_err(|m| self.remember(m.fault, record::NEEDS))?;
        let rows: Vec<Value> = serde_json::from_str(&whole.text).unwrap_or_default();
        let dlp = self.core.who.grant(Service::Office, record::NEEDS_DLP);
        let mut book = lock(&self.core.feed);
        for name in book::KNOWN {
            book.kind(name);
        }
        let mut told = vec![None; book.kinds() + rows.len()];
        for row in &rows {
            let Some(name) = row.get("contentType").and_then(Value::as_str) else {
                continue;
            };
            let on = row.get("status").and_then(Value::as_str) == Some("enabled");
            let kind = book.kind(name);
            if let Some(told) = told.get_mut(kind) {
                *told = Some(on);
            }
        }
        for kind in 0..book.kinds() {
            if book.source_of(kind) != Source::Feed {
                continue;
            }
            let name = book.name(kind);
            let name = name.txt();
            let is_dlp = feed::needs(name.exact()) == record::NEEDS_DLP;
            let refused = is_dlp && matches!(dlp, Grant::NotSeen | Grant::Denied) && !asked;
            let (standing, trouble) = match told.get(kind).copied().flatten() {
                _ if refused => (
                    Standing::Forbidden,
                    "the sign-in does not show ActivityFeed.ReadDlp, which these records take",
                ),
                Some(true) => (Standing::Enabled, ""),
                Some(false) => (
                    Standing::Disabled,
                    "somebody disabled the subscription; start it again",
                ),
                None => (Standing::None, "nothing subscribed to it; start it"),
            };
            book.stand(kind, standing, trouble);
        }
        Ok(())
    }

    /// A refusal for want of a permission is remembered, so that the background does not ask again.
    fn remember(&self, fault: Fault, needs: &'static [&'static str]) -> Fault {
        if fault.kind == FaultKind::Forbidden && !fault.permissions.is_empty() {
            self.core.who.denied(Service::Office, needs);
        }
        fault
    }

    /// Lists one window, page by page. `Some`: the service's memory is shorter by so many seconds than we took it to be.
    async fn list(&self, due: Due) -> Option<i64> {
        let core = &self.core;
        let name = lock(&core.feed).name(due.kind);
        let needs = feed::needs(name.txt().exact());
        let began = core.service_time();
        let mut retries = 0;
        let done = self.pages(due, &name, needs, began, &mut retries).await;
        let mut book = lock(&core.feed);
        match done {
            Ok(()) => book.swept(due, began, retries, None),
            Err(missed) => {
                retries += missed.retries;
                match missed.code.to_ascii_uppercase().as_str() {
                    words::DISABLED => {
                        book.stand(
                            due.kind,
                            Standing::Disabled,
                            "somebody disabled the subscription; start it again",
                        );
                    }
                    words::NO_SUBSCRIPTION => {
                        book.stand(
                            due.kind,
                            Standing::None,
                            "nothing subscribed to it; start it",
                        );
                    }
                    "AF10001" => {
                        core.who.denied(Service::Office, needs);
                        let trouble = format!("reading it takes {}", needs.join(" or "));
                        book.stand(due.kind, Standing::Forbidden, &trouble);
                    }
                    // the oldest window begins a moment too early
                    "AF20030" | "AF20055" if self.edge == 0 && self.is_oldest(due) => {
                        drop(book);
                        let later = Due {
                            from: Ticks(due.from.0 + 60 * SECOND),
                            ..due
                        };
                        let mut retries = 0;
                        let done = self.pages(later, &name, needs, began, &mut retries).await;
                        let broken = done.err().map(|m| m.fault.to_string());
                        lock(&core.feed).swept(due, began, retries, broken);
                        return Some(60);
                    }
                    _ => {}
                }
                book.swept(due, began, retries, Some(missed.fault.to_string()));
            }
        }
        None
    }

    fn is_oldest(&self, due: Due) -> bool {
        due.from.0 <= self.core.service_time().0 - book::WEEK + HOUR
    }

    async fn pages(
        &self,
        due: Due,
        name: &Text,
        needs: &'static [&'static str],
        began: Ticks,
        retries: &mut u32,
    ) -> Result<(), wire::Missed> {
        let core = &self.core;
        let stop = |fault: Fault| wire::Missed {
            fault: fault.on(Service::Office),
            code: String::new(),
            retries: 0,
        };
        let from = match self.is_oldest(due) {
            true => Ticks(due.from.0 + self.edge * SECOND),
            false => due.from,
        };
        // whole seconds, and to the end of the one in which we ask
        let to = due.to.0.min(began.0 + SECOND).min(from.0 + DAY);
        let call = Call::get(Service::Office, Path::new("/subscriptions/content"))
            .query("contentType", name.txt().exact())
            .query("startTime", zoneless(up(from)))
            .query("endTime", zoneless(up(Ticks(to))));
        let origins = core.origins(Service::Office).map_err(stop)?;
        let mut url = origins.url(&call).map_err(stop)?;
        let mut turned = std::collections::HashSet::new();
        for _ in 0..MOST_PAGES {
            let whole = wire::read(core, &url, needs, Class::Background).await?;
            *retries += whole.retries;
            self.listed(due.kind, &whole.text).map_err(stop)?;
            let Some(next) = whole.next else {
                return Ok(());
            };
            turned.insert(url);
            url = origins.link(&next).map_err(stop)?;
            if turned.contains(&url) {
                let what = "the listing came back to a page it had given before";
                return Err(stop(Fault::new(FaultKind::BadAnswer, what)));
            }
        }
        let what = "the listing does not end";
        Err(stop(Fault::new(FaultKind::BadAnswer, what)))
    }

    /// Takes the entries of a page. One that cannot be read breaks the listing: what it named would be missing unseen.
    fn listed(&self, kind: usize, text: &str) -> Result<(), Fault> {
        let rows: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
        let mut book = lock(&self.core.feed);
        for raw in rows {
            let row: Value = serde_json::from_str(raw.get()).unwrap_or_default();
            let text = |name: &str| row.get(name).and_then(Value::as_str);
            let created = text("contentCreated").and_then(Ticks::parse);
            match (text("contentId"), text("contentUri"), created) {
                (Some(id), Some(uri), Some(created)) => {
                    book.listed(kind, id, uri, created);
                }
                _ => {
                    let what = "an entry of the listing has no id, address or time";
                    return Err(Fault::new(FaultKind::BadAnswer, what));
                }
            }
        }
        Ok(())
    }

    /// Fetches every blob that waits.
    async fn fetch(&self) {
        let waiting = lock(&self.core.feed).waiting();
        let mut told = self.core.mono();
        let mut blobs = futures_util::stream::iter(waiting)
            .map(|at| self.blob(at))
            .buffer_unordered(SIDE_BY_SIDE);
        while blobs.next().await.is_some() {
            let now = self.core.mono();
            self.flush(false);
            if now.saturating_sub(told) >= Duration::from_millis(500) {
                told = now;
                self.telling.tell();
            }
        }
        drop(blobs);
        self.flush(true);
    }

    async fn blob(&self, at: u32) {
        let core = &self.core;
        let Some((uri, needs)) = ({
            let book = lock(&core.feed);
            book.blob(at).map(|b| {
                let needs = feed::needs(book.name(b.kind).txt().exact());
                (b.uri.to_string(), needs)
            })
        }) else {
            return;
        };
        let url = core.origins(Service::Office).and_then(|o| o.link(&uri));
        let url = match url {
            Ok(url) => url,
            Err(fault) => return lock(&core.feed).torn(at, fault.to_string(), 0),
        };
        match wire::read(core, &url, needs, Class::Background).await {
            Ok(whole) => {
                let (core2, telling) = (Arc::clone(core), self.telling.clone());
                let retries = whole.retries;
                let done = blocking(move || {
                    let rows = decode::rows(&whole.text);
                    let brought = decode::take(&core2.feed, telling.gathered(), at, rows);
                    lock(&core2.feed).whole(at, brought, retries);
                    Ok(())
                })
                .await;
                if let Err(fault) = done {
                    lock(&core.feed).torn(at, fault.to_string(), 0);
                }
            }
            Err(missed) => lock(&core.feed).torn(at, missed.fault.to_string(), missed.retries),
        }
    }

    /// Hands on what was gathered, where it is worth a page.
    fn flush(&self, all: bool) {
        self.telling.flush(all);
    }
}

/// The next whole second.
fn up(at: Ticks) -> Ticks {
    Ticks((at.0 + SECOND - 1).div_euclid(SECOND) * SECOND)
}

/// `YYYY-MM-DDTHH:MM:SS`: the service refuses a zone.
fn zoneless(at: Ticks) -> String {
    at.literal().trim_end_matches('Z').to_owned()
}

/// One record or content type. A record is read from its blob again.
pub async fn entity(core: &Arc<Core>, key: Key) -> Body {
    let found = match key.kind {
        Kind::Feed => content(core, &key),
        _ => match pages::entity(core, &key).await {
            Some(found) => found,
            None => one(core, &key).await,
        },
    };
    match found {
        Ok(json) => Body::Entity(Entity {
            key,
            json: Arc::new(json),
            as_of: core.wall(),
            cached: false,
        }),
        Err(fault) if fault.service.is_some() => Body::Fault(fault),
        Err(fault) => Body::Fault(fault.on(Service::Office)),
    }
}

fn content(core: &Core, key: &Key) -> Result<Value, Fault> {
    let ledger = lock(&core.feed).ledger();
    let same = |name: &Text| (name.txt().exact()).eq_ignore_ascii_case(key.id.txt().exact());
    let found = ledger.types.iter().find(|t| same(&t.name));
    found.map(feed::json).ok_or_else(|| {
        Fault::new(
            FaultKind::Gone,
            "the service does not list this content type",
        )
    })
}

async fn one(core: &Arc<Core>, key: &Key) -> Result<Value, Fault> {
    let gone = |what: &str| Fault::new(FaultKind::Gone, what);
    let id = key.id.txt().exact();
    let (uri, name, blob) = {
        let book = lock(&core.feed);
        let home = decode::blob_of(id).or_else(|| book.home(id));
        let blob = home.and_then(|at| book.blob(at));
        let blob = blob.ok_or_else(|| gone("the blob of this record is not known any more"))?;
        (
            blob.uri.to_string(),
            book.name(blob.kind),
            home.unwrap_or_default(),
        )
    };
    let url = core.origins(Service::Office)?.link(&uri)?;
    let needs = feed::needs(name.txt().exact());
    let whole = wire::read(core, &url, needs, How::PERSON.class)
        .await
        .map_err(|m| m.fault)?;
    let id = id.to_owned();
    blocking(move || {
        let mut rows = decode::objects(&whole.text, blob, &name);
        let at = rows.position(|row| {
            let own = row.get("Id").and_then(Value::as_str);
            own.is_some_and(|own| own.eq_ignore_ascii_case(&id))
        });
        let row = at.and_then(|at| decode::objects(&whole.text, blob, &name).nth(at));
        row.ok_or_else(|| gone("the record is not in its blob any more"))
    })
    .await
}
