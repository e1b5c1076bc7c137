//! Beta: `/security/dataDiscovery/cloudAppDiscovery/uploadedStreams`, the applications that were seen in use.

use serde_json::json;

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page;
use crate::odata::check::{EQ, IN, Kind, ORDER, Over, Rules, check, field};
use crate::odata::eval::Case;
use crate::tenant::guid;
use crate::wire::answer::Answer;
use crate::world::shadow::APPS;
use crate::world::{Obj, obj};

const STREAMS: Rules = Rules {
    kind: "microsoft.graph.security.cloudAppDiscoveryReport",
    filter: &[],
    select: &[],
    orderby: &[],
    expand: &[],
    top: (100, 100),
    over: Over::Clamped,
    skip: false,
    count: true,
    search: false,
    advanced: false,
    case: Case::Folded,
};

const DETAILS: Rules = Rules {
    kind: "microsoft.graph.security.discoveredCloudAppDetail",
    filter: &[
        field("displayName", Kind::Text, EQ | IN),
        field("category", Kind::Text, EQ | IN),
        field("riskScore", Kind::Int, EQ | ORDER),
        field("tags", Kind::List(&[""]), 0),
    ],
    orderby: &["riskScore", "userCount"],
    // a few pages (assumed)
    top: (5, 100),
    ..STREAMS
};

const ROOT: &str = "security/dataDiscovery/cloudAppDiscovery/uploadedStreams";

fn stream(cx: &Cx<'_>) -> Obj {
    obj(json!({
        "id": guid(cx.tenant.flags.seed, 0xd15c),
        "displayName": "Win10 Endpoint Users",
        "description": "Seen by devices",
        "logDataProvider": "microsoftDefenderForEndpoint",
        "logFileCount": 0,
        "lastDataReceivedDateTime": cx.world.now().whole_second().to_string(),
        "lastModifiedDateTime": cx.world.now().whole_second().to_string(),
        "receiverProtocol": "unknownFutureValue",
        "isSnapshotReport": false,
    }))
}

/// `GET …/uploadedStreams`
pub(super) fn streams(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &STREAMS, false).map_err(|r| Family::Security.refuse(r))?;
    page::objects(cx, ROOT, &STREAMS, &[stream(cx)])
}

/// `GET …/uploadedStreams/{id}/aggregatedAppsDetails(period=duration'P30D')`
pub(super) fn details(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &DETAILS, false).map_err(|r| Family::Security.refuse(r))?;
    let id = guid(cx.tenant.flags.seed, 0xd15c);
    if path.get(5).is_none_or(|p| !p.eq_ignore_ascii_case(&id)) {
        return Err(Fault::no_entity("Stream"));
    }
    let period = path.last().map(String::as_str).unwrap_or_default();
    let known = ["P7D", "P30D", "P90D"]
        .iter()
        .any(|p| period == format!("period=duration'{p}'"));
    if !known {
        return Err(Fault::bad("The period must be P7D, P30D or P90D."));
    }
    let rows: Vec<Obj> = (0..APPS.len())
        .map(|n| cx.world.discovered_json(n))
        .collect();
    let context = format!("{ROOT}('{id}')/aggregatedAppsDetails");
    page::objects(cx, &context, &DETAILS, &rows)
}
