//! Indicators: files, addresses, names and certificates that the tenant blocks, watches or lets through,
//! `api/defender.md` 8. Active ones only; what is not for all devices names its device groups.
//!
//! Rows that Cloud Apps pushes are told by title and creator together, since anyone may reuse a title.

use super::words::{INDICATOR_ACTION, INDICATOR_ORIGIN, INDICATOR_SEVERITY};
use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    digit: '9',
    title: "Indicators",
    one: "indicator",
    // the service has no call for one row by its own id, and a value has one row at most
    id: "indicatorValue",
    name_column: 0,
    sort: NEWEST,
    sections: detail::indicator::SECTIONS,
    refs: detail::indicator::refs,
    portal: detail::indicator::portal,
    summary: detail::indicator::summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::Indicator, COLUMNS, decode, LISTING)
};

// rows that went are told by their absence only: the list is read whole
const LISTING: Listing = Listing::of(list, get).every(600);

/// No permission to read alone is documented. With the lesser one only the app's own rows are shown.
pub const NEEDS: &[&str] = &["Ti.ReadWrite.All", "Ti.ReadWrite"];

const PAGE: u32 = 5_000;

const NEWEST: &[(&str, Direction)] = &[("creationTimeDateTimeUtc", Direction::Down)];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("made by hand", "!by:mdca", NEWEST),
    View::new("unsanctioned apps", "origin:unsanctioned", &[("id", Direction::Up)]),
    View::new("risky apps", "origin:risky", &[("id", Direction::Up)]),
    View::new("on all devices", "everywhere:yes", NEWEST),
    View::new("allowed", "action:allowed", NEWEST),
    View::new("never expires", "forever:yes", NEWEST),
    View::new("all", "", NEWEST),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "value", Shape::Text(Meaning::Address), "what it is about: hash, address, name").also(&["value", "ioc", "indicatorValue"]).wide(16, 40).grow(9).drop(0),
    Column::new("action", "does", Shape::Ranked(INDICATOR_ACTION), "what it does: action:block, action>=warn").also(&["does"]).wide(7, 7).drop(0),
    Column::new("origin", "origin", Shape::Ranked(INDICATOR_ORIGIN), "made by hand, or pushed by Cloud Apps: unsanctioned (blocked), risky (watched)").wide(6, 6).drop(1),
    Column::new("indicatorType", "type", Shape::Text(Meaning::Word), "kind of value: type:domain").also(&["type"]).wide(10, 12).drop(3),
    Column::new("title", "title", Shape::Text(Meaning::Title), "title of the alerts it raises").wide(12, 30).drop(4),
    Column::new("creators", "by", Shape::Words(Meaning::Person), "who made it; mdca for Cloud Apps: by:mdca").also(&["by", "creator"]).wide(8, 20).drop(5),
    Column::new("rbacGroupNames", "scope", Shape::Words(Meaning::Tag), "device groups it is for; empty is every device").also(&["scope", "rbac"]).wide(8, 18).drop(6),
    Column::new("everywhere", "all dev", Shape::Bool, "it reaches every device: everywhere:yes").wide(7, 7).drop(2),
    Column::new("expirationTime", "expires", Shape::Time, "when it ends: expires<7d").also(&["expires", "exp"]).wide(7, 7).drop(2),
    Column::new("forever", "forever", Shape::Bool, "it never expires: forever:yes").wide(7, 7),
    Column::new("creationTimeDateTimeUtc", "age", Shape::Time, "when it was made: age<1d").also(&["age", "created"]).wide(4, 4).drop(3),
    Column::new("severity", "sev", Shape::Ranked(INDICATOR_SEVERITY), "severity of the alerts it raises").also(&["sev"]).wide(4, 4).drop(7),
    Column::new("generateAlert", "alerts", Shape::Bool, "it raises alerts: alerts:yes").also(&["alerts"]).wide(6, 6),
    Column::new("lastUpdateTime", "upd", Shape::Time, "when it last changed").also(&["upd"]).wide(4, 4),
    Column::new("lastUpdatedBy", "changed by", Shape::Text(Meaning::Person), "who changed it last").also(&["changedby"]).wide(10, 24),
    Column::new("application", "application", Shape::Text(Meaning::Plain), "application it was made for").also(&["app"]).wide(11, 18),
    Column::new("description", "description", Shape::Text(Meaning::Title), "why it is there").also(&["why"]).wide(11, 40),
    Column::new("number", "number", Shape::Text(Meaning::Id), "the service's own id of the row").wide(6, 10),
    Column::new("externalId", "our id", Shape::Text(Meaning::Id), "the id that the making program gave it").also(&["external"]).wide(8, 36),
];

fn list(_since: Option<Ticks>) -> Call {
    Call::get(Service::Defender, Path::new("/indicators"))
        .needs(NEEDS)
        .none_is_404()
        .pages(Pages::Skip {
            top: PAGE,
            at_most: 50_000,
        })
}

/// One row: a listing that its value narrows to itself.
fn get(key: &Key) -> Result<Call, BadPath> {
    Ok(by_value(key.id.txt()))
}

/// The row with this value, if there is one.
pub fn by_value(value: table::Txt<'_>) -> Call {
    let filter = format!("indicatorValue eq {}", value.odata_literal());
    Call::get(Service::Defender, Path::new("/indicators"))
        .query("$filter", filter)
        .needs(NEEDS)
        .none_is_404()
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Of an unsanctioned app: blocked.
    Unsanctioned,
    /// Of a risky app: watched.
    Risky,
    /// Pushed by Cloud Apps, for a reason this version does not know.
    CloudApps,
    /// Everyone else.
    Hand,
}

impl Origin {
    /// The word of the column.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unsanctioned => "unsanctioned",
            Self::Risky => "risky",
            Self::CloudApps => "cloudApps",
            Self::Hand => "hand",
        }
    }
}

const CLOUD_APPS: &[&str] = &[
    "defender for cloud apps",
    "cloud app security",
    "microsoftcloudappsecurity",
    "microsoftdefenderforcloudapps",
];

/// Told by creator first: a title alone is anybody's.
pub fn origin(row: Json<'_>) -> Origin {
    let pushed = ["createdByDisplayName", "createdBySource"]
        .iter()
        .filter_map(|f| row.str(f))
        .any(|by| {
            let by = by.to_lowercase();
            CLOUD_APPS.iter().any(|name| by.contains(name))
        });
    if !pushed {
        return Origin::Hand;
    }
    let title = row.str("title").unwrap_or_default().to_lowercase();
    if title.contains("unsanctioned") {
        Origin::Unsanctioned
    } else if title.contains("risky") {
        Origin::Risky
    } else {
        Origin::CloudApps
    }
}

/// Device groups; the field may come as a list or as one text with commas.
pub fn groups(row: Json<'_>) -> Vec<String> {
    let listed = row.list("rbacGroupNames").filter_map(Json::as_str);
    let one = row.str("rbacGroupNames").into_iter();
    let one = one.flat_map(|t| t.split(',')).map(str::trim);
    let all = listed.chain(one).filter(|g| !g.is_empty());
    all.map(str::to_owned).collect()
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.key(row, SPEC.id, "an indicator")?;
    to.ranked(row, "action", INDICATOR_ACTION);
    to.ranked(row, "severity", INDICATOR_SEVERITY);
    to.texts(
        row,
        &[
            "indicatorType",
            "title",
            "lastUpdatedBy",
            "application",
            "description",
        ],
    );
    to.text("number", row.text("id").as_ref().map(|t| t.txt().exact()));
    to.text(
        "externalId",
        row.str("externalId").or(row.str("externalID")),
    );
    to.times(
        row,
        &[
            "expirationTime",
            "creationTimeDateTimeUtc",
            "lastUpdateTime",
        ],
    );
    to.bool("generateAlert", row.bool("generateAlert"));
    let origin = origin(row);
    to.text("origin", Some(origin.word()));
    let mut by: Vec<String> = Vec::new();
    if origin != Origin::Hand {
        by.push("mdca".to_owned());
    }
    for field in ["createdByDisplayName", "createdBy"] {
        if let Some(name) = row.str(field) {
            by.push(name.to_owned());
            break;
        }
    }
    to.some_words("creators", &by);
    let groups = groups(row);
    to.bool("everywhere", Some(groups.is_empty()));
    to.some_words("rbacGroupNames", &groups);
    to.bool("forever", Some(row.str("expirationTime").is_none()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn s1_8_s1_9_rows_of_cloud_apps_are_told_by_title_and_creator() {
        let by = |creator: &str, title: &str| {
            origin(Json(
                &json!({"createdByDisplayName": creator, "title": title}),
            ))
        };
        let apps = "Microsoft Defender for Cloud Apps";
        let blocked = "Unsanctioned cloud app access was blocked";
        assert_eq!(by(apps, blocked), Origin::Unsanctioned);
        let risky = "Connection to a risky cloud application was detected";
        assert_eq!(by(apps, risky), Origin::Risky);
        assert_eq!(by(apps, "Something new"), Origin::CloudApps);
        assert_eq!(by("Eve", blocked), Origin::Hand, "anyone may reuse a title");
        assert_eq!(origin(Json(&json!({"title": blocked}))), Origin::Hand);
    }

    #[test]
    fn s1_10_groups_come_as_a_list_or_as_one_text() {
        let of = |v| groups(Json(&json!({"rbacGroupNames": v})));
        assert_eq!(of(json!(["A", "B"])), ["A", "B"]);
        assert_eq!(of(json!("A, B")), ["A", "B"]);
        assert!(of(json!([])).is_empty() && of(json!(null)).is_empty());
    }
}
