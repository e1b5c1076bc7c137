//! A hunting query: sent once to Defender, a workspace or a cluster, and its answer read into a table away from the
//! network's threads.
//!
//! Only Data Explorer can be told to stop; it is, when nobody waits any more.

use super::call::How;
use super::core::Core;
use super::part::blocking;
use crate::model::{Call, Engine, Fault, FaultKind, Method, Path, Service};
use crate::msg::{Body, Hunted, Level};
use crate::resource::hunt_answer::{self, Unreadable};
use crate::resource::hunt_frames;
use serde_json::json;
use std::sync::Arc;
use table::Txt;
use tokio::runtime::Handle;
use url::Url;

/// Where Graph takes queries.
pub const GRAPH: &str = "/security/runHuntingQuery";

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
    let text = ask(core, &call, &url).await?;
    let read = blocking(move || Ok(hunt_answer::read(&text))).await?;
    let (answer, cut) = read.map_err(|e| unreadable(call.service, &e))?;
    Ok(Hunted {
        answer,
        partial: cut.map(|e| e.to_string()),
    })
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
    let text = ask(core, &call, &url).await?;
    let read = blocking(move || Ok(hunt_frames::workspace(&text))).await?;
    let framed = read.map_err(|e| unreadable(service, &e))?;
    Ok(Hunted {
        answer: framed.answer,
        partial: framed.partial,
    })
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
        ..Call::get(service, Path::new("/v2/rest/query"))
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
    let asked = ask(core, &call, &url).await;
    // it has ended by itself
    waiting.stop = None;
    let text = asked?;
    let read = blocking(move || Ok(hunt_frames::frames(&text))).await?;
    let framed = read.map_err(|e| unreadable(service, &e))?;
    Ok(Hunted {
        answer: framed.answer,
        partial: framed.partial,
    })
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

async fn ask(core: &Arc<Core>, call: &Call, url: &Url) -> Result<String, Fault> {
    match core.read(call, url, How::PERSON).await? {
        // Log Analytics answers a request it did not understand with an empty success
        Some(got) if got.body.text.trim().is_empty() => {
            Err(unreadable(call.service, &Unreadable::NoSchema))
        }
        Some(got) => Ok(got.body.text),
        None => Err(unreadable(call.service, &Unreadable::NoSchema)),
    }
}

fn unreadable(service: Service, e: &Unreadable) -> Fault {
    Fault::new(FaultKind::BadAnswer, e.to_string())
        .on(service)
        .next("run it again; the query's text is kept")
}

fn gone(sort: &str, name: &str) -> Fault {
    Fault::new(
        FaultKind::Refused,
        format!("`{sort}.{name}` is not in the configuration any more"),
    )
    .next("choose another place to run it")
}
