//! Our own actions at the service: the machine-action list holds the mark that each of our requests carried.

use super::call::How;
use super::core::Core;
use super::finish::Doing;
use crate::model::time::{DAY, MINUTE};
use crate::model::{Call, Fault, Json, Kind, Pages, Path, Service, Ticks};
use serde_json::Value;
use std::sync::Arc;
use table::Text;

/// Clocks differ, and the service's list has seconds only.
const SLACK: i64 = 5 * MINUTE;

/// Whether the service keeps a list where the request's mark can be found.
pub fn can(doing: &Doing) -> bool {
    doing.verb.stamp.is_some()
        && (doing.verb.needs)(doing.key.kind).service == Service::Defender
        && device(doing).is_some()
}

/// The machine that the action is on: the target, or the one that was picked for a file.
fn device(doing: &Doing) -> Option<&Text> {
    match (&doing.args.device, doing.key.kind) {
        (Some((key, _)), _) => Some(&key.id),
        (None, Kind::Device) => Some(&doing.key.id),
        _ => None,
    }
}

/// The action with our mark, if the list has it by now.
pub async fn find(doing: &Doing) -> Result<Option<Value>, Fault> {
    let Some(device) = device(doing) else {
        return Ok(None);
    };
    // the mark is ours alone: clocks may differ by as much as they like
    let from = Ticks(doing.paper.at.0 - DAY);
    let filter = format!(
        "machineId eq {} and creationDateTimeUtc ge {}",
        device.txt().odata_literal(),
        from.literal()
    );
    let rows = actions(&doing.core, filter, How::WRITE).await?;
    let run = &doing.paper.entry.run;
    Ok(rows
        .into_iter()
        .find(|row| marked(Json(row)).is_some_and(|m| m.run == *run)))
}

/// Actions of machines that a filter finds, newest first, at most 10,000.
pub async fn actions(core: &Arc<Core>, filter: String, how: How) -> Result<Vec<Value>, Fault> {
    let call = Call::get(Service::Defender, Path::new("/machineactions"))
        .query("$filter", filter)
        .query("$orderby", "creationDateTimeUtc desc")
        .needs(&["Machine.Read.All", "Machine.ReadWrite.All"])
        .pages(Pages::One)
        .none_is_404();
    let url = core.origins(call.service)?.url(&call)?;
    let json = match core.read(&call, &url, how).await? {
        Some(got) => got.body.value()?,
        None => Value::Null,
    };
    Ok(match json.get("value").cloned() {
        Some(Value::Array(rows)) => rows,
        _ => Vec::new(),
    })
}

/// The mark of one of our runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub run: String,
    /// First hex digits of the intent's hash.
    pub hash: String,
}

impl Mark {
    /// `<uuid>-<16 hex digits>`
    pub fn parse(text: &str) -> Option<Self> {
        let (run, hash) = text.rsplit_once('-')?;
        let fits = uuid::Uuid::parse_str(run).is_ok()
            && hash.len() == 16
            && hash.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| Self {
            run: run.to_owned(),
            hash: hash.to_owned(),
        })
    }
}

/// The mark that an action carries, as its external id or at the end of its comment.
pub fn marked(action: Json<'_>) -> Option<Mark> {
    let external = action
        .str("externalId")
        .or_else(|| action.str("externalID"));
    let comment = || {
        let comment = action.str("requestorComment")?.trim_end();
        comment
            .strip_suffix(']')?
            .rsplit_once("[wf ")
            .map(|(_, mark)| mark)
    };
    external
        .and_then(Mark::parse)
        .or_else(|| comment().and_then(Mark::parse))
}

/// A second request may be answered with the action that was running already: whose it is then.
pub fn foreign(doing: &Doing, action: Json<'_>) -> Option<String> {
    doing.verb.stamp?;
    if marked(action).is_some_and(|m| m.run == doing.paper.entry.run) {
        return None;
    }
    let made = action.time("creationDateTimeUtc")?;
    let before = made.0 < doing.paper.at.0 - SLACK || marked(action).is_some();
    before.then(|| {
        let by = action
            .text("requestor")
            .map_or_else(|| "somebody".to_owned(), |t| t.txt().shown().into_owned());
        format!(
            "one that {by} began at {} was running already: this is its course",
            made.literal()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_mark_is_found_where_it_was_put_and_nowhere_else() {
        let run = "0b1d2f5e-7a4c-4c0e-9c53-1f2e3d4c5b6a";
        let mark = format!("{run}-0123456789abcdef");
        for (action, found) in [
            (json!({"externalId": mark}), true),
            (
                json!({"externalId": null, "requestorComment": format!("why [wf {mark}]")}),
                true,
            ),
            (
                json!({"externalId": "TICKET-7", "requestorComment": format!("[wf {mark}] ")}),
                true,
            ),
            (
                json!({"requestorComment": format!("[wf {mark}] and more")}),
                false,
            ),
            (json!({"requestorComment": "why [wf nothing]"}), false),
            (json!({"requestorComment": "why"}), false),
        ] {
            assert_eq!(
                marked(Json(&action)).is_some_and(|m| m.run == run),
                found,
                "{action}"
            );
        }
    }
}
