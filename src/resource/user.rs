//! Incidents of Microsoft Graph (`security.incident`), `api/graph.md` 6.

use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub const SEVERITY: &[(&str, &str)] = &[
    ("unknown", "unk"),
    ("informational", "info"),
    ("low", "low"),
    ("medium", "med"),
    ("high", "high"),
];
pub const STATUS: &[(&str, &str)] = &[
    ("active", "active"),
    ("inProgress", "inProg"),
    ("awaitingAction", "await"),
    ("resolved", "done"),
    ("redirected", "merged"),
];

pub static SPEC: Spec = Spec {
    kind: Kind::User,
    digit: '4',
    title: "Users",
    one: "user",
    columns: COLUMNS,
    name_column: 4,
    sort: &[("lastUpdateDateTime", Direction::Down)],
    listing: Listing {
        list,
        watermark: Some("lastUpdateDateTime"),
        every: 30,
        get,
        search: None,
    },
    decode,
    sections: &[],
    refs: |_| Vec::new(),
    portal: |_, _| None,
    summary: |_| String::new(),
    views: &[],
    needs: &[
        "SecurityIncident.Read.All",
        "SecurityIncident.ReadWrite.All",
    ],
};

static COLUMNS: &[Column] = &[
    Column {
        name: "id",
        aliases: &["i"],
        head: "id",
        shape: Shape::Text(Meaning::Id),
        source: Source::Own,
        width: (4, 6),
        grow: 0,
        drop: 0,
        help: "number of the incident",
    },
    Column {
        name: "severity",
        aliases: &["sev"],
        head: "sev",
        shape: Shape::Ranked(SEVERITY),
        source: Source::Own,
        width: (4, 4),
        grow: 0,
        drop: 0,
        help: "severity",
    },
    Column {
        name: "status",
        aliases: &["st"],
        head: "status",
        shape: Shape::Ranked(STATUS),
        source: Source::Own,
        width: (6, 6),
        grow: 0,
        drop: 0,
        help: "status of the incident",
    },
    Column {
        name: "assignedTo",
        aliases: &["own"],
        head: "owner",
        shape: Shape::Text(Meaning::Person),
        source: Source::Own,
        width: (5, 8),
        grow: 0,
        drop: 3,
        help: "who has it; own:me, own:none",
    },
    Column {
        name: "displayName",
        aliases: &["title", "t"],
        head: "title",
        shape: Shape::Text(Meaning::Title),
        source: Source::Own,
        width: (20, 60),
        grow: 9,
        drop: 0,
        help: "title",
    },
    Column {
        name: "lastUpdateDateTime",
        aliases: &["age", "updated"],
        head: "upd",
        shape: Shape::Time,
        source: Source::Own,
        width: (4, 4),
        grow: 0,
        drop: 0,
        help: "last change; age<4h",
    },
];

fn list(since: Option<Ticks>) -> Call {
    let call = Call::get(Service::Graph, Path::new("/security/incidents"))
        .query("$top", "50")
        .pages(Pages::Links { at_most: 500_000 })
        .needs(SPEC.needs);
    match since {
        Some(t) => call.query("$filter", format!("lastUpdateDateTime ge {}", t.literal())),
        None => call,
    }
}

fn get(key: &Key) -> Result<Call, BadPath> {
    Ok(Call::get(
        Service::Graph,
        Path::new("/security/incidents").id(key.id.txt())?,
    )
    .needs(SPEC.needs))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.text(
        "id",
        Some(
            row.str("id")
                .ok_or_else(|| BadRow("an incident without id".into()))?,
        ),
    );
    for name in ["severity", "status", "assignedTo", "displayName"] {
        to.text(name, row.str(name));
    }
    to.time("lastUpdateDateTime", row.time("lastUpdateDateTime"));
    Ok(())
}
