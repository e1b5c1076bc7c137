//! Remediation tasks: what somebody asked the owners of devices to mend, until when, and how far it is, `api/defender.md` 9.

use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    digit: '7',
    title: "Tasks",
    one: "remediation task",
    sort: DUE,
    sections: detail::task::SECTIONS,
    summary: detail::task::summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::Task, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get).every(14_400);

pub const NEEDS: &[&str] = &["RemediationTasks.Read.All", "RemediationTasks.Read"];

const DUE: &[(&str, Direction)] = &[
    ("status", Direction::Up),
    ("dueOn", Direction::Up),
    ("left", Direction::Down),
];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("open", "!st:completed", DUE),
    View::new("completed", "st:completed", &[("statusLastModifiedOn", Direction::Down)]),
    View::new("all", "", DUE),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "the service's id").wide(8, 40),
    Column::new("title", "task", Shape::Text(Meaning::Title), "what is to be done").also(&["name"]).wide(18, 60).grow(9).drop(0),
    Column::new("status", "status", Shape::Text(Meaning::Word), "Active, Completed …: st:active").also(&["st"]).wide(6, 9).drop(0),
    Column::new("dueOn", "due", Shape::Time, "until when it is wanted").also(&["due"]).wide(4, 4).drop(0),
    Column::new("left", "left", Shape::Int, "devices on which it is not done: left>0").wide(5, 5).drop(0),
    Column::new("targetDevices", "of", Shape::Int, "devices it is about").also(&["of", "devices"]).wide(5, 6).drop(1),
    Column::new("priority", "prio", Shape::Text(Meaning::Word), "High, Medium, Low: prio:high").also(&["prio"]).wide(6, 6).drop(3),
    Column::new("requesterEmail", "asked by", Shape::Text(Meaning::Person), "who asked for it").also(&["by"]).wide(8, 24).drop(4),
    Column::new("rbacGroupNames", "groups", Shape::Words(Meaning::Tag), "device groups it is for").also(&["group"]).wide(6, 18).drop(5),
    Column::new("createdOn", "made", Shape::Time, "when it was asked for").also(&["made", "age"]).wide(4, 4).drop(6),
    Column::new("statusLastModifiedOn", "upd", Shape::Time, "when its status changed").also(&["upd"]).wide(4, 4),
    Column::new("fixedDevices", "done", Shape::Int, "devices on which it is done").also(&["done"]).wide(5, 5),
    Column::new("type", "type", Shape::Text(Meaning::Plain), "Update, Upgrade, ConfigurationChange").wide(7, 12),
    Column::new("category", "category", Shape::Text(Meaning::Plain), "Software or SecurityConfiguration").also(&["cat"]).wide(8, 14),
    Column::new("nameId", "product", Shape::Text(Meaning::Plain), "product it is about").also(&["product", "sw"]).wide(7, 20),
    Column::new("vendorId", "vendor", Shape::Text(Meaning::Plain), "who makes it").also(&["vendor"]).wide(6, 14),
    Column::new("relatedComponent", "component", Shape::Text(Meaning::Plain), "component it is about").wide(9, 24),
];

const ROOT: &str = "/remediationtasks";

fn list(_since: Option<Ticks>) -> Call {
    let pages = Pages::Skip {
        top: 10_000,
        at_most: 50_000,
    };
    let call = Call::get(Service::Defender, Path::new(ROOT)).needs(NEEDS);
    call.none_is_404().pages(pages)
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new(ROOT).id(key.id.txt())?;
    Ok(Call::get(Service::Defender, path).needs(NEEDS))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "a remediation task")?;
    to.text("title", row.str("title").or(row.str("id")));
    to.texts(
        row,
        &[
            "status",
            "priority",
            "requesterEmail",
            "type",
            "category",
            "nameId",
            "vendorId",
            "relatedComponent",
        ],
    );
    to.times(row, &["dueOn", "createdOn", "statusLastModifiedOn"]);
    let (all, done) = (row.int("targetDevices"), row.int("fixedDevices"));
    to.int("targetDevices", all);
    to.int("fixedDevices", done);
    // the service counts devices that went meanwhile among the mended ones
    to.int("left", all.zip(done).map(|(all, done)| (all - done).max(0)));
    to.lists(row, &["rbacGroupNames"]);
    Ok(())
}
