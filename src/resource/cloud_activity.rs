//! What accounts did in cloud apps, by the API of Defender for Cloud Apps, `api/defender.md` 16: the last days of it, and
//! more of one account by a search at the service. Hunts see the same in `CloudAppEvents`.

use super::cloud_alert::{NEEDS, PAGE, moment, word_of};
use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};
use serde_json::json;

pub static SPEC: Spec = Spec {
    title: "Cloud Apps activities",
    one: "cloud activity",
    id: "_id",
    name_column: 4,
    sort: NEWEST,
    sections: detail::cloud_apps::ACTIVITY,
    refs: detail::cloud_apps::activity_refs,
    summary: detail::cloud_apps::activity_summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::CloudActivity, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get).every(600).searched(search);

/// Days that are listed.
const DAYS: u32 = 7;
/// Days that the service has at hand; older ones come from its slow store.
const HOT_DAYS: u32 = 30;
/// Rows that are listed, so that others of the tenant have calls left.
const MOST: u32 = 1_000;

/// Where an activity was seen, by number; 4 is not documented.
const SOURCES: &[&str] = &[
    "accessControl",
    "sessionControl",
    "appConnector",
    "analysis",
    "4",
    "discovery",
    "mde",
];

const NEWEST: &[(&str, Direction)] = &[("timestamp", Direction::Down)];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("today", "age<24h", NEWEST),
    View::new("downloads and shares", "what:download,share,link", NEWEST),
    View::new("all", "", NEWEST),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "id of the activity in Cloud Apps").wide(8, 24),
    Column::new("timestamp", "age", Shape::Time, "when it was done: age<4h").also(&["age", "at"]).wide(4, 4).drop(0),
    Column::new("users", "account", Shape::Words(Meaning::Person), "who did it: user:ana").also(&["user", "u", "account"]).wide(8, 20).drop(0),
    Column::new("app", "app", Shape::Text(Meaning::Plain), "cloud app: app:sharepoint").also(&["service"]).wide(8, 20).drop(1),
    Column::new("description", "what", Shape::Text(Meaning::Title), "what was done to what").also(&["what"]).wide(12, 44).grow(9).drop(0),
    Column::new("action", "action", Shape::Text(Meaning::Word), "kind of activity: action:filedownloaded").also(&["op"]).wide(8, 18).drop(5),
    Column::new("ips", "address", Shape::Words(Meaning::Address), "address it was done from: ip:203.0.113.9").also(&["ip"]).wide(9, 16).drop(3),
    Column::new("country", "in", Shape::Text(Meaning::Word), "country of the address: in:DE").also(&["in"]).wide(2, 2).drop(4),
    Column::new("city", "city", Shape::Text(Meaning::Plain), "city of the address").wide(6, 14).drop(7),
    Column::new("source", "seen by", Shape::Text(Meaning::Word), "what saw it: a connector, a session control …").also(&["src"]).wide(7, 14).drop(8),
    Column::new("agent", "client", Shape::Text(Meaning::Plain), "program it was done with").wide(6, 18),
];

fn asked(filters: serde_json::Value, at_most: u32) -> Call {
    Call::get(Service::CloudApps, Path::new("/activities/"))
        .query("filters", filters.to_string())
        .query("sortField", "date")
        .query("sortDirection", "desc")
        .needs(NEEDS)
        .pages(Pages::Limit {
            limit: PAGE,
            at_most,
        })
}

fn list(_since: Option<Ticks>) -> Call {
    asked(json!({"date": {"gte_ndays": DAYS}}), MOST)
}

/// An account by its sign-in name, or words of the activity; further back than the list goes.
fn search(words: &str) -> Call {
    let words = words.trim();
    let date = json!({"gte_ndays": HOT_DAYS});
    let filters = match words.contains('@') {
        true => json!({"date": date, "user.username": {"eq": [words]}}),
        false => json!({"date": date, "text": {"text": [words]}}),
    };
    asked(filters, 3 * PAGE)
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new("/activities").id(key.id.txt())?.then("/");
    Ok(Call::get(Service::CloudApps, path).needs(NEEDS))
}

pub fn source(row: Json<'_>) -> Option<String> {
    word_of(row, "source", SOURCES)
}

/// What was done, in the service's word for people.
pub fn action(row: Json<'_>) -> Option<Text> {
    let main = row.at("mainInfo");
    let words = [
        row.text("eventTypeValue"),
        main.text("prettyOperationName"),
        main.text("rawOperationName"),
        row.text("eventTypeName"),
    ];
    words.into_iter().flatten().next()
}

pub fn who(row: Json<'_>) -> Option<Text> {
    let user = row.at("user").text("userName");
    user.or_else(|| row.at("resolvedActor").text("name"))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.key(row, SPEC.id, "an activity of Cloud Apps")?;
    to.time("timestamp", moment(row, "timestamp"));
    let one = |t: Option<Text>| -> Vec<String> {
        t.map(|t| t.txt().exact().to_owned()).into_iter().collect()
    };
    to.some_words("users", &one(who(row)));
    to.some_words("ips", &one(row.at("device").text("clientIP")));
    to.text("app", row.str("appName"));
    let action = action(row);
    let action = action.as_ref().map(|t| t.txt().exact());
    to.text("action", action);
    to.text("description", row.str("description").or(action));
    let place = row.at("location");
    let country = place.str("countryCode");
    to.text("country", country.or(row.at("device").str("countryCode")));
    to.text("city", place.str("city"));
    to.text("source", source(row).as_deref());
    to.text("agent", row.at("userAgent").str("name"));
    Ok(())
}
