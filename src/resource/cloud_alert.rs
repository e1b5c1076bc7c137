//! Alerts of Defender for Cloud Apps by its own API, `api/defender.md` 16. Defender XDR shows the same alerts; here they
//! have the accounts, apps and policies that Cloud Apps names, and the state it gave them.
//!
//! Numbers stand for words on this wire, times are milliseconds, and a path without its final slash is not found.

use super::words::{CLOUD_STATUS, RESOLUTIONS, SEVERITY};
use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    title: "Cloud Apps alerts",
    one: "cloud alert",
    id: "_id",
    name_column: 3,
    sort: NEWEST,
    sections: detail::cloud_apps::ALERT,
    refs: detail::cloud_apps::alert_refs,
    portal: detail::cloud_apps::alert_portal,
    summary: detail::cloud_apps::alert_summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::CloudAlert, COLUMNS, decode, LISTING)
};

// rows do not tell when they changed
const LISTING: Listing = Listing::of(list, get).every(300);

/// Seeds and service spell it with different capitals; they are compared without.
pub const NEEDS: &[&str] = &["Investigation.Read", "Investigation.Manage"];

/// Rows a page, which is the most there is.
pub(super) const PAGE: u32 = 100;

const NEWEST: &[(&str, Direction)] = &[("timestamp", Direction::Down)];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("open", "st:open", &[("severity", Direction::Down), ("timestamp", Direction::Down)]),
    View::new("unread", "st:open read:no", NEWEST),
    View::new("new today", "age<24h", NEWEST),
    View::new("all", "", NEWEST),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "id of the alert in Cloud Apps").wide(8, 24),
    triage::SEVERITY.drop(0),
    Column::new("status", "status", Shape::Ranked(CLOUD_STATUS), "what became of it: st:open, st:tp").also(&["st"]).wide(6, 6).drop(0),
    Column::new("title", "title", Shape::Text(Meaning::Title), "title").also(&["name"]).wide(12, 44).grow(9).drop(0),
    Column::new("users", "accounts", Shape::Words(Meaning::Person), "accounts it names").also(&["user", "u", "account"]).wide(10, 20).drop(2),
    Column::new("apps", "apps", Shape::Words(Meaning::Plain), "cloud apps it names: app:dropbox").also(&["app", "service"]).wide(8, 18).drop(3),
    Column::new("timestamp", "age", Shape::Time, "when it was raised: age<4h").also(&["age", "created"]).wide(4, 4).drop(1),
    Column::new("policy", "policy", Shape::Text(Meaning::Plain), "policy that raised it").also(&["rule"]).wide(8, 22).drop(6),
    Column::new("ips", "addresses", Shape::Words(Meaning::Address), "addresses it names: ip:203.0.113.9").also(&["ip"]).wide(9, 18).drop(7),
    Column::new("handledByUser", "closed by", Shape::Text(Meaning::Person), "who closed it").also(&["by"]).wide(9, 18).drop(8),
    Column::new("closeTime", "closed", Shape::Time, "when it was closed").also(&["closed"]).wide(6, 6),
    Column::new("read", "read", Shape::Bool, "somebody opened it: read:no").wide(4, 4),
    Column::new("threatScore", "score", Shape::Int, "threat score of Cloud Apps: score>=40").also(&["score"]).wide(5, 5),
    Column::new("comment", "comment", Shape::Text(Meaning::Title), "what was said when it was closed").wide(8, 24),
];

fn list(_since: Option<Ticks>) -> Call {
    Call::get(Service::CloudApps, Path::new("/alerts/"))
        .query("sortField", "date")
        .query("sortDirection", "desc")
        .needs(NEEDS)
        // thirty calls a minute are all the tenant has
        .pages(Pages::Limit {
            limit: PAGE,
            at_most: 2_000,
        })
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new("/alerts").id(key.id.txt())?.then("/");
    Ok(Call::get(Service::CloudApps, path).needs(NEEDS))
}

/// An instant in milliseconds.
pub fn moment(row: Json<'_>, field: &str) -> Option<Ticks> {
    let ms = row.int(field).filter(|ms| *ms > 0)?;
    ms.checked_mul(10_000).map(Ticks)
}

/// The word of a number; a number that is new stays a number.
pub fn word_of(row: Json<'_>, field: &str, words: &[&str]) -> Option<String> {
    let n = row.int(field)?;
    let known = usize::try_from(n).ok().and_then(|n| words.get(n));
    Some(known.map_or_else(|| n.to_string(), |w| (*w).to_owned()))
}

/// `severityValue` by number.
const SEVERITIES: &[&str] = &["low", "medium", "high", "informational"];

pub fn severity(row: Json<'_>) -> Option<String> {
    word_of(row, "severityValue", SEVERITIES)
}

pub fn status(row: Json<'_>) -> Option<String> {
    word_of(row, "resolutionStatusValue", RESOLUTIONS)
}

/// What the alert's entities of this type are called. An account is named by its sign-in name where it has one.
pub fn entities(row: Json<'_>, kind: &str) -> Vec<String> {
    let all = row.list("entities").filter(|e| e.str("type") == Some(kind));
    let name = |e: Json<'_>| {
        let person = e.text("pa").or_else(|| e.text("em"));
        let name = person.or_else(|| e.text("label")).or_else(|| e.text("id"));
        name.map(|t| t.txt().exact().to_owned())
    };
    let mut out: Vec<String> = Vec::new();
    for name in all.filter_map(name) {
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.key(row, SPEC.id, "an alert of Cloud Apps")?;
    debug_assert_eq!(SEVERITY.len(), SEVERITIES.len() + 1, "all but the unknown");
    to.text("severity", severity(row).as_deref());
    to.text("status", status(row).as_deref());
    to.texts(row, &["title", "handledByUser", "comment"]);
    to.some_words("users", &entities(row, "account"));
    to.some_words("apps", &entities(row, "service"));
    to.some_words("ips", &entities(row, "ip"));
    to.text(
        "policy",
        entities(row, "policyRule").first().map(String::as_str),
    );
    to.time("timestamp", moment(row, "timestamp"));
    to.time("closeTime", moment(row, "closeTime"));
    // 0 is unread; archived ones were seen
    to.bool("read", row.int("statusValue").map(|n| n != 0));
    to.int("threatScore", row.int("threatScore"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn s3_7_numbers_become_words_and_new_ones_stay() {
        let row = json!({"severityValue": 3, "resolutionStatusValue": 5, "timestamp": 1_785_585_600_000_i64, "closeTime": null});
        let row = Json(&row);
        assert_eq!(severity(row).as_deref(), Some("informational"));
        assert_eq!(status(row).as_deref(), Some("truePositive"));
        assert_eq!(
            moment(row, "timestamp"),
            Ticks::parse("2026-08-01T12:00:00Z")
        );
        assert_eq!(moment(row, "closeTime"), None);
        let odd = json!({"severityValue": 9, "resolutionStatusValue": -1, "timestamp": 9_223_372_036_854_775_807_i64});
        assert_eq!(severity(Json(&odd)).as_deref(), Some("9"));
        assert_eq!(status(Json(&odd)).as_deref(), Some("-1"));
        assert_eq!(moment(Json(&odd), "timestamp"), None);
    }

    #[test]
    fn s3_7_the_listings_are_as_documented() {
        let call = list(None);
        assert_eq!(
            (call.service, call.path.as_str()),
            (Service::CloudApps, "/alerts/")
        );
        assert!(
            matches!(call.pages, Pages::Limit { limit: 100, at_most } if at_most <= 30 * PAGE),
            "no more calls than a minute has"
        );
        let one = get(&Key::new(Kind::CloudAlert, "5f0c")).unwrap();
        assert_eq!(
            one.path.as_str(),
            "/alerts/5f0c/",
            "without the slash it is not found"
        );
        assert!(get(&Key::new(Kind::CloudAlert, "..")).is_err());
        let call = (cloud_activity::SPEC.listing.list)(None);
        assert_eq!(call.path.as_str(), "/activities/");
        let filters = call.query.iter().find(|(n, _)| *n == "filters").unwrap();
        assert_eq!(filters.1, r#"{"date":{"gte_ndays":7}}"#);
    }
}
