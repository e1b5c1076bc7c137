//! Sources of the logs: content types of the activity feed, sign-ins, directory audits, audit searches; which bring something,
//! and how much of each was read. Rows are made by `backend::feed` of the service's list and of its own books; types that the
//! documents do not know are rows like the others.

use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};
use crate::model::feed::{Content, Reach, Source as From};
use serde_json::{Value, json};

pub static SPEC: Spec = Spec {
    kind: Kind::Feed,
    digit: ' ',
    title: "Content types",
    one: "content type",
    id: "contentType",
    columns: COLUMNS,
    name_column: 0,
    sort: &[("id", Direction::Up)],
    listing: Listing {
        list,
        watermark: None,
        every: 60,
        get,
        search: None,
        beside: None,
        then: &[],
    },
    decode,
    sections: detail::feed::SECTIONS,
    refs: |_| Vec::new(),
    portal: |_, _| None,
    summary: detail::feed::summary,
    views: &[View {
        name: "all",
        filter: "",
        sort: &[("id", Direction::Up)],
    }],
    needs: record::NEEDS,
};

/// What switches the audit log on (Exchange Online PowerShell).
pub const SWITCH_ON: &str = "Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true";

/// Whether the tenant's audit log is on, as far as the feed shows it: it lists subscriptions only where it is, and says that
/// the tenant does not exist where it is not.
pub fn is_audited(row: Json<'_>) -> Option<bool> {
    match row.str("status") {
        Some("enabled" | "disabled" | "notStarted") => Some(true),
        _ if row.str("trouble").is_some_and(|t| t.contains(SWITCH_ON)) => Some(false),
        _ => None,
    }
}

static COLUMNS: &[Column] = &[
    Column::new(
        "id",
        "content type",
        Shape::Text(Meaning::Title),
        "name at the service",
    )
    .also(&["contentType", "type"])
    .wide(14, 26)
    .grow(9)
    .drop(0),
    Column::new(
        "source",
        "source",
        Shape::Text(Meaning::Word),
        "feed (content types), signin, audit, search",
    )
    .also(&["src"])
    .wide(6, 6)
    .drop(5),
    Column::new(
        "status",
        "status",
        Shape::Text(Meaning::Word),
        "enabled, disabled, notStarted, forbidden, unlicensed; of searches queued, running, succeeded, failed",
    )
    .wide(8, 10)
    .drop(0),
    Column::new(
        "strip",
        "8 days",
        Shape::Text(Meaning::Word),
        "a mark a day, oldest first: # complete, ~ settling, … reading, ! gap, · waiting",
    )
    .wide(8, 8)
    .drop(0),
    Column::new("gaps", "gaps", Shape::Int, "windows with something missing")
        .wide(4, 4)
        .drop(1),
    Column::new("records", "records", Shape::Int, "distinct records")
        .wide(7, 9)
        .drop(1),
    Column::new("listed", "blobs", Shape::Int, "blobs that were listed, or pages")
        .wide(6, 6)
        .drop(3),
    Column::new("fetched", "read", Shape::Int, "blobs or pages that were read whole")
        .wide(6, 6)
        .drop(4),
    Column::new(
        "duplicates",
        "again",
        Shape::Int,
        "records that came more than once",
    )
    .wide(6, 6)
    .drop(5),
    Column::new("retries", "retries", Shape::Int, "tries beyond the first")
        .wide(7, 7)
        .drop(6),
    Column::new(
        "late",
        "late",
        Shape::Int,
        "blobs listed after a listing that should have had them",
    )
    .wide(4, 5)
    .drop(4),
    Column::new(
        "odd",
        "odd",
        Shape::Int,
        "records without a time or an id of their own",
    )
    .wide(4, 5)
    .drop(7),
    Column::new(
        "trouble",
        "trouble",
        Shape::Text(Meaning::Plain),
        "what stands in the way",
    )
    .wide(8, 40)
    .drop(8),
];

/// The service's own list.
pub fn list(_since: Option<Ticks>) -> Call {
    Call::get(Service::Office, Path::new("/subscriptions/list"))
        .needs(record::NEEDS)
        .pages(Pages::One)
}

fn get(_: &Key) -> Result<Call, BadPath> {
    Ok(list(None))
}

/// What reading a source takes: DLP takes a permission of its own, and what comes from Graph too.
pub fn needs(name: &str) -> &'static [&'static str] {
    match From::named(name) {
        From::SignIns | From::Audits => return record::NEEDS_AUDIT,
        From::Search => return record::NEEDS_SEARCH,
        From::Feed => {}
    }
    match name
        .get(..4)
        .is_some_and(|p| p.eq_ignore_ascii_case("DLP."))
    {
        true => record::NEEDS_DLP,
        false => record::NEEDS,
    }
}

/// A content type as its row and detail read it.
pub fn json(content: &Content) -> Value {
    json!({
        "contentType": content.name.txt().exact(),
        "source": content.source.word(),
        "parts": content.source.parts(),
        "asked": content.asked,
        "status": content.standing.word(),
        "strip": content.strip(),
        "gaps": content.count(Reach::Gap),
        "records": content.sum(|w| w.records),
        "listed": content.sum(|w| w.listed),
        "fetched": content.sum(|w| w.fetched),
        "duplicates": content.sum(|w| w.duplicates),
        "retries": content.sum(|w| w.retries),
        "late": content.sum(|w| w.late),
        "odd": content.sum(|w| w.timeless + w.nameless),
        "trouble": content.trouble,
        "windows": content.windows.iter().map(|w| json!({
            "from": w.from.literal(), "to": w.to.literal(), "reach": w.reach().word(),
            "listedAt": w.listed_at.map(Ticks::literal), "listed": w.listed, "fetched": w.fetched, "torn": w.torn,
            "records": w.records, "duplicates": w.duplicates, "retries": w.retries, "late": w.late,
            "timeless": w.timeless, "nameless": w.nameless, "job": w.job,
            "why": w.broken.as_ref().or(w.why.as_ref()),
        })).collect::<Vec<_>>(),
    })
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.key(row, SPEC.id, "a content type")?;
    to.texts(row, &["source", "status", "strip", "trouble"]);
    for name in [
        "gaps",
        "records",
        "listed",
        "fetched",
        "duplicates",
        "retries",
        "late",
        "odd",
    ] {
        to.int(name, row.int(name));
    }
    Ok(())
}
