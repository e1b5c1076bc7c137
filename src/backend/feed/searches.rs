//! Audit searches (`api/graph.md` 9): each window of one is a job at the service, which is created, followed for minutes, and
//! read page by page when it has succeeded. One that fails is created anew, three times; what is given up then is a gap.
//!
//! A few run side by side, since the service runs only some at a time for the whole tenant. Nothing can stop or remove one.

use super::book::Due;
use super::book::pages::{Job, Reading, SEARCHES};
use super::pages::Listing;
use super::telling::Telling;
use crate::backend::budget::Class;
use crate::backend::call::How;
use crate::backend::core::{Core, lock};
use crate::backend::paging::Pager;
use crate::backend::part::blocking;
use crate::model::feed::Standing;
use crate::model::{Call, Fault, FaultKind, Key, Service};
use crate::resource::log_search::{self, Search};
use crate::resource::record::NEEDS_SEARCH;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Jobs of ours at a time; the service is said to run ten for everybody.
const SIDE_BY_SIDE: usize = 3;
/// Between two looks at a job.
const FIRST: Duration = Duration::from_secs(5);
const LATER: Duration = Duration::from_secs(30);
/// A job that is not over by then is given up.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// Follows every search that is entered. Ends only when it is dropped. `more`: one was entered.
pub async fn follow(telling: Telling, more: Arc<Notify>) {
    let core = Arc::clone(&telling.core);
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < SIDE_BY_SIDE {
            let Some((at, job, asked)) = lock(&core.feed).next_job() else {
                break;
            };
            under_way.push(run(telling.clone(), at, job, asked));
        }
        telling.tell();
        tokio::select! {
            Some(()) = under_way.next(), if !under_way.is_empty() => {}
            () = more.notified() => {}
        }
    }
}

fn how() -> How {
    How {
        class: Class::Background,
        // the person asked for it: the service decides
        anyway: true,
    }
}

/// One window of a search, from its creation to its last page.
async fn run(telling: Telling, at: usize, mut job: Job, asked: String) {
    let core = Arc::clone(&telling.core);
    loop {
        match once(&telling, at, &job, &asked).await {
            Ok(()) => {
                lock(&core.feed).job_over(at, None);
                return;
            }
            Err(Ended::Failed) if lock(&core.feed).job_failed(at) => {
                let due = due(&job);
                lock(&core.feed).retried(due, 1);
                job.id = None;
            }
            Err(ended) => {
                let why = match ended {
                    Ended::Failed => {
                        format!("the search failed at the service, {SEARCHES} times")
                    }
                    Ended::Fault(fault) => {
                        let mut book = lock(&core.feed);
                        match fault.kind {
                            FaultKind::Licence => {
                                let why = "audit searches take a licence that this tenant lacks";
                                book.stand(job.kind, Standing::Unlicensed, why);
                            }
                            FaultKind::Forbidden => {
                                let why = match fault.permissions.is_empty() {
                                    true => fault.to_string(),
                                    false => format!("a search takes {}", NEEDS_SEARCH[0]),
                                };
                                book.stand(job.kind, Standing::Forbidden, &why);
                            }
                            _ => {}
                        }
                        fault.to_string()
                    }
                };
                lock(&core.feed).job_over(at, Some(&why));
                return;
            }
        }
    }
}

fn due(job: &Job) -> Due {
    Due {
        kind: job.kind,
        from: job.from,
        to: job.to,
    }
}

enum Ended {
    /// The service says so.
    Failed,
    Fault(Fault),
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

async fn once(telling: &Telling, at: usize, job: &Job, asked: &str) -> Result<(), Ended> {
    let core = &telling.core;
    let id = match &job.id {
        Some(id) => id.clone(),
        None => create(core, job, asked).await?,
    };
    lock(&core.feed).job_id(at, Some(id.clone()));
    let begun = core.mono();
    let mut wait = Duration::ZERO;
    loop {
        core.clock.sleep(wait).await;
        let call = log_search::state(&id).map_err(bad)?;
        let word = status(&get(core, telling, job, &call).await?);
        lock(&core.feed).job_stands(at, &word);
        telling.tell();
        match word.as_str() {
            "succeeded" => break,
            "failed" | "cancelled" => return Err(Ended::Failed),
            // a word of tomorrow is waited for like these
            _ if core.mono().saturating_sub(begun) > LONGEST => {
                let what = format!("the search is {word} for six hours and was given up");
                return Err(Fault::new(FaultKind::Timeout, what).into());
            }
            _ => wait = (wait * 2).clamp(FIRST, LATER),
        }
    }
    let began = core.service_time();
    let listing = Listing {
        telling,
        due: due(job),
        how: how(),
        found: true,
    };
    listing.read(log_search::records(&id).map_err(bad)?).await?;
    let reading = Reading {
        due: due(job),
        from: job.from,
        to: job.to,
        whole: true,
    };
    lock(&core.feed).read_to_end(reading, began, None);
    Ok(())
}

fn bad(e: crate::model::call::BadPath) -> Fault {
    Fault::new(FaultKind::BadAnswer, e.to_string()).on(Service::Graph)
}

fn status(row: &Value) -> String {
    let word = row.get("status").and_then(Value::as_str);
    table::Txt::new(word.unwrap_or("unknown"))
        .shown()
        .into_owned()
}

/// Asks the service to search; its id of the search.
async fn create(core: &Arc<Core>, job: &Job, asked: &str) -> Result<String, Fault> {
    let search = Search::parse(asked, core.service_time())
        .map_err(|e| Fault::new(FaultKind::BadRequest, e))?;
    let call = search.create(job.from, job.to);
    let url = core.origins(Service::Graph)?.url(&call)?;
    let got = core.read(&call, &url, how()).await?;
    let row = got.map(|got| got.body.value()).transpose()?;
    let id = row.and_then(|r| r.get("id").and_then(Value::as_str).map(str::to_owned));
    id.ok_or_else(|| {
        let what = "the service took the search and gave it no id";
        Fault::new(FaultKind::BadAnswer, what).on(Service::Graph)
    })
}

/// One entity, tried again where that may help.
async fn get(core: &Arc<Core>, telling: &Telling, job: &Job, call: &Call) -> Result<Value, Fault> {
    let url = core.origins(Service::Graph)?.url(call)?;
    let mut tries = 0;
    loop {
        tries += 1;
        let mut retries = 0;
        let got = core.read_counted(call, &url, how(), &mut retries).await;
        lock(&telling.core.feed).retried(due(job), retries);
        let fault = match got.map(|got| got.map(|got| got.body.value())) {
            Ok(Some(Ok(row))) => return Ok(row),
            Ok(None) => return Err(Fault::new(FaultKind::Gone, "the search is not there")),
            Ok(Some(Err(fault))) | Err(fault) => fault,
        };
        let passes = matches!(
            fault.kind,
            FaultKind::Network | FaultKind::Timeout | FaultKind::Server | FaultKind::BadAnswer
        );
        if !passes || tries >= 10 {
            return Err(fault.on(Service::Graph));
        }
        core.clock.sleep(LATER).await;
    }
}

/// A record of a search, read again from the page that brought it.
pub async fn record(core: &Arc<Core>, kind: usize, id: &str, key: &Key) -> Result<Value, Fault> {
    let gone = || {
        let what = "the page that brought this record is gone: search again";
        Fault::new(FaultKind::Gone, what).on(Service::Graph)
    };
    let address = {
        let book = lock(&core.feed);
        book.page_of(kind, key.id.txt().exact()).map(str::to_owned)
    };
    let call = log_search::records("page").map_err(bad)?;
    let origins = core.origins(Service::Graph)?;
    let url = origins.link(&address.ok_or_else(gone)?)?;
    let mut pager = Pager::new(call.clone(), origins.clone())?;
    let mut url = Some(url);
    // its own page first; where its address is forgotten, the search is walked from its beginning
    let mut walked = false;
    while let Some(at) = url.take() {
        match core.read(&call, &at, How::PERSON).await {
            Ok(Some(got)) => {
                let wanted = id.to_owned();
                let (row, next) = blocking(move || {
                    let frame = got.body.envelope()?;
                    let rows = super::decode::raw_rows(&frame.value);
                    let own = |row: &Value| {
                        let id = row.get("id").and_then(Value::as_str);
                        id.is_some_and(|id| id.eq_ignore_ascii_case(&wanted))
                    };
                    let next = frame.next.map(std::borrow::Cow::into_owned);
                    Ok((rows.into_iter().find(own), next))
                })
                .await?;
                if let Some(row) = row {
                    return Ok(row);
                }
                if walked {
                    pager.turn(1, next.as_deref());
                    url = pager.url().cloned();
                }
            }
            Err(fault) if fault.status == 400 && !walked => {
                walked = true;
                let mut first = at;
                first.set_query(None);
                pager = Pager::new(call.clone(), origins.clone())?;
                url = Some(first);
            }
            Ok(None) => return Err(gone()),
            Err(fault) => return Err(fault),
        }
    }
    Err(gone())
}
