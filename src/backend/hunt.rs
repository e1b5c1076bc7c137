//! A hunting query: sent once, and its answer read into a table away from the network's threads.

use super::call::How;
use super::core::Core;
use super::part::blocking;
use crate::model::{Call, Fault, FaultKind, Method, Path, Service};
use crate::msg::{Body, Hunted};
use crate::resource::hunt_answer::{self, Unreadable};
use serde_json::json;
use std::sync::Arc;

/// Runs a query at Graph. What came before a cut is kept and said to be partial.
pub async fn hunt(core: &Arc<Core>, query: &str, timespan: Option<&str>) -> Body {
    match ask(core, query, timespan).await {
        Ok(hunted) => Body::Hunted(hunted),
        Err(fault) => Body::Fault(fault),
    }
}

async fn ask(core: &Arc<Core>, query: &str, timespan: Option<&str>) -> Result<Hunted, Fault> {
    let mut body = json!({ "Query": query });
    if let Some(span) = timespan {
        body["Timespan"] = span.into();
    }
    let call = Call {
        method: Method::Post,
        body: Some(body),
        ..Call::get(Service::Graph, Path::new("/security/runHuntingQuery"))
    }
    .needs(&["ThreatHunting.Read.All"]);
    let url = core.origins(call.service)?.url(&call)?;
    let bad = |e: Unreadable| {
        Fault::new(FaultKind::BadAnswer, e.to_string())
            .on(Service::Graph)
            .next("run it again; the query's text is kept")
    };
    let Some(got) = core.read(&call, &url, How::PERSON).await? else {
        return Err(bad(Unreadable::NoSchema));
    };
    let text = got.body.text;
    let read = blocking(move || Ok(hunt_answer::read(&text))).await?;
    let (answer, cut) = read.map_err(bad)?;
    Ok(Hunted {
        answer,
        partial: cut.map(|e| e.to_string()),
    })
}
