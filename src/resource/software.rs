//! The software inventory: what is installed, how weak it is, on how many devices, `api/defender.md` 9.
//!
//! Whether its support has ended is told by the recommendations, and joined from there.

use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    digit: '7',
    title: "Software",
    one: "software",
    sort: WEAKEST,
    sections: detail::weak::SOFTWARE,
    portal: detail::weak::software_portal,
    summary: detail::weak::software_summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::Software, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get).every(14_400);

pub const NEEDS: &[&str] = &["Software.Read.All", "Software.Read"];

const WEAKEST: &[(&str, Direction)] = &[
    ("weaknesses", Direction::Down),
    ("exposedMachines", Direction::Down),
];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("weak", "weak>0", WEAKEST),
    View::new("out of support", "ended:yes", &[("exposedMachines", Direction::Down)]),
    View::new("exploited", "exploit:yes", WEAKEST),
    View::new("all", "", WEAKEST),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "the service's id: vendor and product").wide(8, 40),
    Column::new("name", "software", Shape::Text(Meaning::Title), "name of the product").also(&["software", "sw"]).wide(16, 40).grow(9).drop(0),
    Column::new("vendor", "vendor", Shape::Text(Meaning::Plain), "who makes it: vendor:microsoft").wide(8, 16).drop(3),
    Column::new("weaknesses", "weak", Shape::Int, "known vulnerabilities in it: weak>0").also(&["weak"]).wide(5, 5).drop(0),
    Column::new("exposedMachines", "exposed", Shape::Int, "devices with a vulnerable version").also(&["exposed"]).wide(7, 7).drop(0),
    Column::new("installedMachines", "devices", Shape::Int, "devices that have it, where the service tells").also(&["devices"]).wide(7, 7).drop(1),
    Column::new("supportEnded", "ended", Shape::Bool, "a version that is installed is out of support: ended:yes").also(&["ended", "eos"]).joined().wide(5, 5).drop(1),
    Column::new("publicExploit", "exploit", Shape::Bool, "a public exploit is known: exploit:yes").also(&["exploit"]).wide(7, 7).drop(2),
    Column::new("activeAlert", "alert", Shape::Bool, "an alert is active on it: alert:yes").also(&["alert"]).wide(5, 5).drop(4),
    Column::new("impactScore", "impact", Shape::Real, "what it adds to the exposure score").also(&["impact"]).wide(6, 6).drop(5),
    Column::new("isNormalized", "known", Shape::Bool, "the service knows the product by itself").wide(5, 5),
];

fn list(_since: Option<Ticks>) -> Call {
    Call::get(Service::Defender, Path::new("/Software"))
        .needs(NEEDS)
        .none_is_404()
        .pages(Pages::Skip {
            top: 10_000,
            at_most: 200_000,
        })
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new("/Software").id(key.id.txt())?;
    Ok(Call::get(Service::Defender, path).needs(NEEDS))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "a software")?;
    to.text("name", row.str("name").or(row.str("id")));
    to.texts(row, &["vendor"]);
    for name in ["weaknesses", "exposedMachines", "installedMachines"] {
        to.int(name, row.int(name));
    }
    for name in ["publicExploit", "activeAlert", "isNormalized"] {
        to.bool(name, row.bool(name));
    }
    to.real("impactScore", row.real("impactScore"));
    Ok(())
}
