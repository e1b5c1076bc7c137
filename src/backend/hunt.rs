//! A hunting query: sent once to Defender, a workspace or a cluster, and its answer read into a table while it arrives, on
//! a thread of its own that the network never runs ahead of by more than a few pieces.
//!
//! Only Data Explorer can be told to stop; it is, when nobody waits any more.

use super::call::How;
use super::client::{Download, Response};
use super::core::Core;
use super::fault::{is_page, page_fault};
use super::part::apart;
use crate::model::{Call, Engine, Fault, FaultKind, Method, Path, Service};
use crate::msg::{Body, Hunted, Level};
use crate::resource::hunt_answer::{self, Framed, Unreadable};
use crate::resource::hunt_frames;
use bytes::Bytes;
use serde_json::json;
use std::io::Read;
use std::sync::Arc;
use table::Txt;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, channel};
use url::Url;

/// Where Graph takes queries.
pub const GRAPH: &str = "/security/runHuntingQuery";
/// The same of a cluster.
pub const EXPLORER: &str = "/v2/rest/query";

/// Most of an answer, after decompression: Graph and workspaces give less.
const MOST: usize = 64 << 20;
/// The same of a cluster, whose limit is its administrator's. None of it is held as text.
const MOST_OF_CLUSTER: usize = 256 << 20;
/// Pieces between the network and the reading thread.
const AHEAD: usize = 16;

/// Runs a query. What came before a cut is kept and said to be partial.
pub async fn hunt(core: &Arc<Core>, engine: &Engine, query: &str, timespan: Option<&str>) -> Body {
    let asked = match engine {
        Engine::Defender => defender(core, query, timespan).await,
        Engine::Workspace(name) => workspace(core, name, query, timespan).await,
        Engine::Explorer(name) => explorer(core, name, query).await,
        Engine::Archive(_) | Engine::Lists => Err(Fault::new(
            FaultKind::Internal,
            "a local query was sent to the network",
        )),
    };
    match asked {
        Ok(hunted) => Body::Hunted(hunted),
        Err(fault) => Body::Fault(in_time(fault)),
    }
}

/// Says what waiting is worth, where the service asks for it.
fn in_time(mut fault: Fault) -> Fault {
    if fault.kind == FaultKind::Throttled {
        fault.next = match fault.retry_at {
            Some(at) => format!("the next may go at {}", at.literal()),
            None => "the service does not say for how long; its quota counts minutes".into(),
        };
    }
    // a query goes out once, whatever becomes of it
    if matches!(fault.kind, FaultKind::Network | FaultKind::Timeout) {
        fault.next = AGAIN.into();
    }
    // what a service says of a query is about the query, and running it again gives the same
    if fault.kind == FaultKind::BadRequest {
        fault.what = fault
            .what
            .trim_start_matches("the service refused the request: ")
            .to_owned();
    }
    fault
}

async fn defender(core: &Arc<Core>, query: &str, timespan: Option<&str>) -> Result<Hunted, Fault> {
    let mut body = json!({ "Query": query });
    if let Some(span) = timespan {
        body["Timespan"] = span.into();
    }
    let call = Call {
        method: Method::Post,
        body: Some(body),
        ..Call::get(Service::Graph, Path::new(GRAPH))
    }
    .needs(&["ThreatHunting.Read.All"]);
    let url = core.origins(call.service)?.url(&call)?;
    ask(core, &call, &url, MOST, hunt_answer::arriving).await
}

async fn workspace(
    core: &Arc<Core>,
    name: &str,
    query: &str,
    timespan: Option<&str>,
) -> Result<Hunted, Fault> {
    let service = Service::LogAnalytics;
    let known = core.tenant.sources.workspaces.iter();
    let Some(space) = known.into_iter().find(|w| w.name == name) else {
        return Err(gone("workspace", name).on(service));
    };
    let mut body = json!({ "query": query });
    if let Some(span) = timespan {
        body["timespan"] = span.into();
    }
    let path = Path::new("/workspaces")
        .id(Txt::new(&space.id))
        .map_err(|e| Fault::new(FaultKind::BadRequest, e.to_string()).on(service))?
        .then("/query");
    let call = Call {
        method: Method::Post,
        body: Some(body),
        ..Call::get(service, path)
    }
    .needs(&["Data.Read"]);
    let url = core.origins(service)?.url(&call)?;
    ask(core, &call, &url, MOST, hunt_frames::workspace).await
}

async fn explorer(core: &Arc<Core>, name: &str, query: &str) -> Result<Hunted, Fault> {
    let service = Service::Explorer;
    let known = core.tenant.sources.clusters.iter();
    let Some(cluster) = known.into_iter().find(|c| c.name == name) else {
        return Err(gone("adx", name).on(service));
    };
    let origins = super::origin::Origins::cluster(&core.tenant, cluster)?;
    let id = format!("watchfloor;{}", uuid::Uuid::new_v4());
    let options =
        json!({"Options": {"results_progressive_enabled": true, "servertimeout": "00:10:00"}});
    let call = Call {
        method: Method::Post,
        body: Some(json!({"db": cluster.database, "csl": query, "properties": options})),
        id: Some(id.clone()),
        ..Call::get(service, Path::new(EXPLORER))
    };
    let url = origins.url(&call)?;
    let stop = json!({"db": cluster.database, "csl": format!(".cancel query {}", Txt::new(&id).kql_literal())});
    let stop = Call {
        method: Method::Post,
        body: Some(stop),
        ..Call::get(service, Path::new("/v1/rest/mgmt"))
    };
    let mut waiting = Waiting {
        core: Arc::clone(core),
        stop: Some((origins.url(&stop)?, stop)),
    };
    let asked = ask(core, &call, &url, MOST_OF_CLUSTER, hunt_frames::frames).await;
    // it has ended by itself
    waiting.stop = None;
    asked
}

/// Tells the cluster to stop when the task that waited is ended.
struct Waiting {
    core: Arc<Core>,
    stop: Option<(Url, Call)>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let (Some((url, call)), Ok(handle)) = (self.stop.take(), Handle::try_current()) else {
            return;
        };
        let core = Arc::clone(&self.core);
        handle.spawn(async move {
            let said = match core.read(&call, &url, How::PERSON).await {
                Ok(Some(got)) if got.body.text.contains("CancelRequested") => {
                    (Level::Info, "Data Explorer stops the query".to_owned())
                }
                Ok(_) => (
                    Level::Info,
                    "Data Explorer has no such query any more".to_owned(),
                ),
                Err(fault) => (
                    Level::Warn,
                    format!("Data Explorer could not be told to stop the query: {fault}"),
                ),
            };
            core.notice(said.0, said.1);
        });
    }
}

const AGAIN: &str = "run it again; the query's text is kept";

/// Sends a query and reads its answer while it comes, as `read` does. More than `most` bytes are not read.
async fn ask(
    core: &Arc<Core>,
    call: &Call,
    url: &Url,
    most: usize,
    read: fn(Feed) -> Result<Framed, Unreadable>,
) -> Result<Hunted, Fault> {
    let answer = core.read_as(call, url, How::PERSON, Ok).await?;
    let nothing = || unreadable(call.service, &Unreadable::NoSchema);
    let mut answer = answer.ok_or_else(nothing)?;
    let mut rest = answer.rest.take().ok_or_else(nothing)?;
    let on = |mut fault: Fault| {
        fault.request_id = answer.request_id();
        fault.on(call.service)
    };
    let first = begin(&answer, &mut rest).await.map_err(on)?;
    let (to, from) = channel(AHEAD);
    let feed = Feed {
        from,
        piece: first.clone(),
    };
    let host = rest.host.clone();
    let arrives = async move {
        let mut seen = first.len();
        loop {
            let piece = match rest.piece().await {
                Ok(None) => return,
                Ok(Some(piece)) => {
                    seen += piece.len();
                    match seen > most {
                        true => Err(format!(
                            "the answer of {host} is larger than {} MiB",
                            most >> 20
                        )),
                        false => Ok(piece),
                    }
                }
                Err(fault) => Err(fault.what),
            };
            let last = piece.is_err();
            // nobody reads on where the answer is at its end, or is none
            if to.send(piece).await.is_err() || last {
                return;
            }
        }
    };
    let (framed, ()) = tokio::join!(apart(move || read(feed)), arrives);
    let framed = framed?.map_err(|e| on(unreadable(call.service, &e)))?;
    core.repaired(framed.replaced);
    Ok(Hunted {
        answer: framed.answer,
        partial: framed.partial,
    })
}

/// The first piece; a web page is told from data by it.
async fn begin(answer: &Response, rest: &mut Download) -> Result<Bytes, Fault> {
    let piece = rest.piece().await.map_err(|f| f.next(AGAIN))?;
    let piece = piece.unwrap_or_default();
    let head = String::from_utf8_lossy(piece.get(..256).unwrap_or(&piece));
    if !head.is_empty() && is_page(answer.content_type(), &head) {
        return Err(page_fault(answer.status, &answer.host));
    }
    Ok(piece)
}

/// The answer's bytes for the thread that reads them.
struct Feed {
    from: Receiver<Result<Bytes, String>>,
    piece: Bytes,
}

impl Read for Feed {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        while self.piece.is_empty() {
            match self.from.blocking_recv() {
                Some(Ok(piece)) => self.piece = piece,
                Some(Err(why)) => return Err(std::io::Error::other(why)),
                None => return Ok(0),
            }
        }
        let n = self.piece.len().min(to.len());
        to[..n].copy_from_slice(&self.piece.split_to(n));
        Ok(n)
    }
}

fn unreadable(service: Service, e: &Unreadable) -> Fault {
    Fault::new(FaultKind::BadAnswer, e.to_string())
        .on(service)
        .next(AGAIN)
}

fn gone(sort: &str, name: &str) -> Fault {
    Fault::new(
        FaultKind::Refused,
        format!("`{sort}.{name}` is not in the configuration any more"),
    )
    .next("choose another place to run it")
}
