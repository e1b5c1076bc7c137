//! Security recommendations: updates, upgrades and changes of configuration with what they are worth, `api/defender.md` 9.

use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    digit: '7',
    title: "Recommendations",
    one: "recommendation",
    sort: WORTH,
    sections: detail::weak::RECOMMENDATION,
    portal: detail::weak::recommendation_portal,
    summary: detail::weak::recommendation_summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::Recommendation, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get).every(14_400);

pub const NEEDS: &[&str] = &[
    "SecurityRecommendation.Read.All",
    "SecurityRecommendation.Read",
];

const WORTH: &[(&str, Direction)] = &[
    ("exposureImpact", Direction::Down),
    ("configScoreImpact", Direction::Down),
    ("exposedMachinesCount", Direction::Down),
];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("out of support", "tag:eos", WORTH),
    View::new("configuration", "type:configuration", &[("configScoreImpact", Direction::Down)]),
    View::new("exploited", "exploit:yes", WORTH),
    View::new("exceptions", "st:exception", WORTH),
    View::new("all", "", WORTH),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "the service's id").wide(8, 40),
    Column::new("recommendationName", "recommendation", Shape::Text(Meaning::Title), "what to do").also(&["name", "title"]).wide(18, 60).grow(9).drop(0),
    Column::new("exposureImpact", "expos", Shape::Real, "points that the exposure score would fall").also(&["exposure"]).wide(5, 5).drop(0),
    Column::new("configScoreImpact", "confg", Shape::Real, "points that the configuration score would rise").also(&["config"]).wide(5, 5).drop(1),
    Column::new("exposedMachinesCount", "devices", Shape::Int, "devices that should act: devices>0").also(&["devices", "exposed"]).wide(7, 7).drop(0),
    Column::new("totalMachineCount", "of", Shape::Int, "devices it is about").also(&["of"]).wide(5, 6).drop(4),
    Column::new("weaknesses", "weak", Shape::Int, "vulnerabilities it would mend: weak>0").also(&["weak"]).wide(5, 5).drop(3),
    Column::new("publicExploit", "exploit", Shape::Bool, "a public exploit is known: exploit:yes").also(&["exploit"]).wide(7, 7).drop(2),
    Column::new("severityScore", "score", Shape::Real, "severity as the service scores it").also(&["score"]).wide(5, 6).drop(5),
    Column::new("remediationType", "type", Shape::Text(Meaning::Plain), "Update, Upgrade, ConfigurationChange: type:update").also(&["type"]).wide(7, 12).drop(6),
    Column::new("status", "status", Shape::Text(Meaning::Word), "Active, or Exception").also(&["st"]).wide(6, 9).drop(6),
    Column::new("activeAlert", "alert", Shape::Bool, "an alert is active on it: alert:yes").also(&["alert"]).wide(5, 5),
    Column::new("productName", "product", Shape::Text(Meaning::Plain), "product it is about").also(&["product", "sw"]).wide(7, 20),
    Column::new("vendor", "vendor", Shape::Text(Meaning::Plain), "who makes it").wide(6, 14),
    Column::new("recommendedVersion", "version", Shape::Text(Meaning::Word), "version to go to").also(&["ver"]).wide(7, 14),
    Column::new("recommendationCategory", "category", Shape::Text(Meaning::Plain), "category").also(&["category", "cat"]).wide(8, 14),
    Column::new("subCategory", "part", Shape::Text(Meaning::Plain), "category below it").wide(6, 16),
    Column::new("relatedComponent", "component", Shape::Text(Meaning::Plain), "component it is about").wide(9, 24),
    Column::new("tags", "tags", Shape::Words(Meaning::Tag), "the service's tags; EOS… is out of support: tag:eos").also(&["tag"]).wide(4, 16),
    Column::new("associatedThreats", "threats", Shape::Words(Meaning::Tag), "threats that use it").also(&["threat"]).wide(7, 24),
];

fn list(_since: Option<Ticks>) -> Call {
    Call::get(Service::Defender, Path::new("/recommendations"))
        .needs(NEEDS)
        .none_is_404()
        .pages(Pages::Skip {
            top: 10_000,
            at_most: 100_000,
        })
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new("/recommendations").id(key.id.txt())?;
    Ok(Call::get(Service::Defender, path).needs(NEEDS))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "a recommendation")?;
    let name = row.str("recommendationName").or(row.str("id"));
    to.text("recommendationName", name);
    to.texts(
        row,
        &[
            "remediationType",
            "status",
            "productName",
            "vendor",
            "recommendedVersion",
            "recommendationCategory",
            "subCategory",
            "relatedComponent",
        ],
    );
    for name in ["exposureImpact", "configScoreImpact", "severityScore"] {
        to.real(name, row.real(name));
    }
    for name in ["exposedMachinesCount", "totalMachineCount", "weaknesses"] {
        to.int(name, row.int(name));
    }
    for name in ["publicExploit", "activeAlert"] {
        to.bool(name, row.bool(name));
    }
    to.lists(row, &["tags", "associatedThreats"]);
    Ok(())
}
