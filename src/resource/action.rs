//! Machine actions: everything that was asked of machines, by us and by everyone else, `api/defender.md` 5.
//!
//! The service keeps them for all who act on it: portal, automation, other instances. What we did to users, incidents
//! and indicators is in our own record, which `app` lists beside these.

use super::words::ACTION_STATUS;
use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    digit: '8',
    title: "Actions",
    one: "action",
    name_column: 3,
    sort: NEWEST,
    sections: detail::action::SECTIONS,
    refs: detail::action::refs,
    portal: detail::action::portal,
    summary: detail::action::summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::Action, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get)
    .marked("lastUpdateDateTimeUtc")
    .every(15);

pub const NEEDS: &[&str] = &[
    "Machine.Read.All",
    "Machine.ReadWrite.All",
    "Machine.Read",
    "Machine.ReadWrite",
];

/// Rows a page; the service would give 10,000 at once, which come late.
const PAGE: u32 = 1_000;

const NEWEST: &[(&str, Direction)] = &[("creationDateTimeUtc", Direction::Down)];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("in flight", "st:pending,inProgress", NEWEST),
    View::new("isolation", "type:isolate,unisolate", NEWEST),
    View::new("failed", "st:failed,timeout", NEWEST),
    View::new("all", "", NEWEST),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "id of the action").wide(8, 36),
    Column::new("status", "state", Shape::Ranked(ACTION_STATUS), "where it stands: st:pending, st:failed").also(&["st", "state"]).wide(7, 9).drop(0),
    Column::new("type", "action", Shape::Text(Meaning::Word), "what was asked: type:isolate").also(&["what"]).wide(10, 26).drop(0),
    Column::new("computerDnsName", "device", Shape::Text(Meaning::Host), "the device: dev:ws1").also(&["dev", "device", "host"]).wide(14, 30).grow(9).drop(0),
    Column::new("scope", "way", Shape::Text(Meaning::Word), "the way chosen: full, selective, quick").also(&["way"]).wide(9, 9).drop(4),
    Column::new("requestor", "by", Shape::Text(Meaning::Person), "who asked for it: by:ana").also(&["by", "who"]).wide(8, 24).drop(3),
    Column::new("requestorComment", "comment", Shape::Text(Meaning::Title), "why, in their words").also(&["comment", "why"]).wide(10, 40).drop(5),
    Column::new("creationDateTimeUtc", "age", Shape::Time, "when it was asked: age<1h").also(&["age", "created"]).wide(4, 4).drop(0),
    Column::new("lastUpdateDateTimeUtc", "upd", Shape::Time, "when it last moved: upd<1h").also(&["upd", "updated"]).wide(4, 4).drop(5),
    Column::new("requestSource", "from", Shape::Text(Meaning::Word), "where it was asked: portal, API").also(&["from"]).wide(8, 12).drop(7),
    Column::new("sha", "file", Shape::Text(Meaning::Id), "hash of the file that was stopped").also(&["file", "hash"]).wide(8, 40),
    Column::new("errorHResult", "error", Shape::Int, "the device's error code; 0 is fine").also(&["error"]).wide(5, 11),
    Column::new("cancellationRequestor", "cancelled by", Shape::Text(Meaning::Person), "who cancelled it").also(&["cancelledby"]).wide(12, 24),
    Column::new("machineId", "device id", Shape::Text(Meaning::Id), "Defender's id of the machine").also(&["machine"]).wide(9, 40),
    Column::new("externalId", "our id", Shape::Text(Meaning::Id), "the id that the asking program gave it").also(&["external", "run"]).wide(8, 36),
];

fn list(since: Option<Ticks>) -> Call {
    let call = Call::get(Service::Defender, Path::new("/machineactions"))
        .needs(NEEDS)
        .none_is_404();
    match since {
        Some(t) => call.query(
            "$filter",
            format!("lastUpdateDateTimeUtc ge {}", t.literal()),
        ),
        None => call,
    }
    // rows move while pages are turned: by a key that stays
    .query("$orderby", "creationDateTimeUtc desc")
    .pages(Pages::Skip {
        top: PAGE,
        at_most: 100_000,
    })
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new("/machineactions").id(key.id.txt())?;
    Ok(Call::get(Service::Defender, path).needs(NEEDS))
}

/// The newest actions of one machine: what runs on it, whether it is isolated.
pub fn of_machine(id: table::Txt<'_>) -> Call {
    Call::get(Service::Defender, Path::new("/machineactions"))
        .query("$filter", format!("machineId eq {}", id.odata_literal()))
        .query("$orderby", "creationDateTimeUtc desc")
        .query("$top", "100")
        .needs(NEEDS)
        .none_is_404()
}

/// Any one of these gives the link to a collected package; the last is a person's.
const PACKAGE: &[&str] = &[
    "Machine.Read.All",
    "Machine.ReadWrite.All",
    "Machine.CollectForensics",
];

/// The link to what a finished collection brought. It lives for minutes.
pub fn package_link(id: table::Txt<'_>) -> Result<Call, BadPath> {
    let path = Path::new("/machineactions").id(id)?;
    Ok(Call::get(Service::Defender, path.then("/getPackageUri")).needs(PACKAGE))
}

/// A collection whose package can be fetched; `Err` says why not.
pub fn has_package(action: Json<'_>) -> Result<(), String> {
    let is = |field: &str, word: &str| {
        let found = action.str(field);
        found.is_some_and(|s| s.eq_ignore_ascii_case(word))
    };
    if !is("type", "CollectInvestigationPackage") {
        return Err("only a collection of an investigation package brings one".to_owned());
    }
    match is("status", "Succeeded") {
        true => Ok(()),
        false => {
            let status = action.text("status").unwrap_or_default();
            let status = status.txt().shown().into_owned();
            Err(format!("there is no package: the collection is {status}"))
        }
    }
}

/// The newest collection among these that brought a package.
pub fn newest_package<'a>(actions: impl IntoIterator<Item = Json<'a>>) -> Option<Text> {
    let done = actions.into_iter().filter(|a| has_package(*a).is_ok());
    done.max_by_key(|a| moved(*a))?.text("id")
}

/// When it last moved; services differ in the name of the field.
pub fn moved(action: Json<'_>) -> Option<Ticks> {
    action
        .time("lastUpdateDateTimeUtc")
        .or_else(|| action.time("lastUpdateTimeUtc"))
        .or_else(|| action.time("creationDateTimeUtc"))
}

/// Neither done nor given up.
pub fn is_open(action: Json<'_>) -> bool {
    action.str("status").is_some_and(|s| {
        ["Pending", "InProgress"]
            .iter()
            .any(|o| s.eq_ignore_ascii_case(o))
    })
}

/// What is known of a machine's isolation. There is no field for it; it is told by the actions that ended well, and is
/// last known only: what someone does on the machine itself is not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    Unknown,
    No,
    Full,
    Selective,
}

/// Isolation from the machine's actions, in any order.
pub fn isolation<'a>(actions: impl IntoIterator<Item = Json<'a>>) -> Isolation {
    let is = |a: &Json<'_>, field: &str, word: &str| {
        a.str(field).is_some_and(|s| s.eq_ignore_ascii_case(word))
    };
    let last = actions
        .into_iter()
        .filter(|a| is(a, "type", "Isolate") || is(a, "type", "Unisolate"))
        .filter(|a| is(a, "status", "Succeeded"))
        .max_by_key(|a| moved(*a));
    match last {
        Some(a) if is(&a, "type", "Unisolate") => Isolation::No,
        Some(a) if is(&a, "scope", "Selective") => Isolation::Selective,
        Some(_) => Isolation::Full,
        None => Isolation::No,
    }
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "a machine action")?;
    to.ranked(row, "status", ACTION_STATUS);
    to.texts(
        row,
        &[
            "type",
            "computerDnsName",
            "scope",
            "requestor",
            "requestorComment",
            "requestSource",
            "cancellationRequestor",
            "machineId",
            "externalId",
        ],
    );
    to.times(row, &["creationDateTimeUtc"]);
    to.time("lastUpdateDateTimeUtc", moved(row));
    to.text("sha", row.at("relatedFileInfo").str("fileIdentifier"));
    to.int("errorHResult", row.int("errorHResult"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn isolation_is_told_by_the_last_action_that_ended_well() {
        let act = |kind: &str, status: &str, scope: &str, at: &str| json!({"type": kind, "status": status, "scope": scope, "lastUpdateTimeUtc": at});
        let of = |list: &[serde_json::Value]| isolation(list.iter().map(Json));
        assert_eq!(of(&[]), Isolation::No);
        let first = act("Isolate", "Succeeded", "Full", "2026-01-01T00:00:00Z");
        let freed = act("Unisolate", "Succeeded", "", "2026-01-02T00:00:00.1234567Z");
        let again = act("Isolate", "Pending", "Full", "2026-01-03T00:00:00Z");
        let soft = act("isolate", "succeeded", "Selective", "2026-01-04T00:00:00Z");
        assert_eq!(of(&[again.clone(), first.clone()]), Isolation::Full);
        assert_eq!(
            of(&[freed.clone(), first.clone(), again.clone()]),
            Isolation::No
        );
        assert_eq!(of(&[freed, first, again, soft]), Isolation::Selective);
    }

    #[test]
    fn s2_23_either_name_of_the_last_update_fills_its_column() {
        let at = "2026-01-01T00:00:00Z";
        for name in ["lastUpdateDateTimeUtc", "lastUpdateTimeUtc"] {
            assert_eq!(
                moved(Json(&json!({(name): at}))),
                Ticks::parse(at),
                "{name}"
            );
        }
    }
}
