//! Vulnerabilities: the list, one CVE and its machines, and the combined list of machines with their weaknesses.

use super::list::{self, PAGE};
use super::machines::{TEXT, WHEN};
use super::{Cx, Fault};
use crate::odata::check::{EQ, Kind, NE, NOT, ORDER, Over, Rules, field};
use crate::odata::eval::{Case, Cell, Lazy};
use crate::wire::answer::Answer;
use crate::world::{Exposed, Obj, obj};
use serde_json::json;

const VULNERABILITIES: Rules = Rules {
    kind: "microsoft.windowsDefenderATP.api.PublicVulnerabilityDto",
    filter: &[
        field("id", Kind::Text, TEXT),
        field("name", Kind::Text, TEXT),
        field("description", Kind::Text, TEXT),
        field("cvssV3", Kind::Int, EQ | NE | ORDER | NOT),
        field("publishedOn", Kind::Time, WHEN),
        field("severity", Kind::Text, TEXT),
        field("updatedOn", Kind::Time, WHEN),
    ],
    select: &[],
    orderby: &["id", "publishedOn", "severity", "cvssV3", "updatedOn"],
    expand: &[],
    top: (8_000, 8_000),
    over: Over::Refused,
    skip: true,
    count: true,
    search: false,
    advanced: false,
    case: Case::Exact,
};

const ROWS: Rules = Rules {
    kind: "microsoft.windowsDefenderATP.api.PublicAssetVulnerabilityDto",
    filter: &[
        field("id", Kind::Text, TEXT),
        field("cveId", Kind::Text, TEXT),
        field("machineId", Kind::Text, TEXT),
        field("fixingKbId", Kind::Text, TEXT),
        field("productName", Kind::Text, TEXT),
        field("productVersion", Kind::Text, TEXT),
        field("severity", Kind::Text, TEXT),
        field("productVendor", Kind::Text, TEXT),
    ],
    orderby: &["id", "cveId", "machineId", "severity"],
    top: PAGE,
    over: Over::Clamped,
    ..VULNERABILITIES
};

/// Lists of machines that have something: paged, nothing else.
pub(super) const REFERENCES: Rules = Rules {
    kind: "microsoft.windowsDefenderATP.api.AssetPublicDto",
    filter: &[],
    orderby: &[],
    top: PAGE,
    over: Over::Clamped,
    ..VULNERABILITIES
};

fn find(cx: &Cx<'_>, cve: &str) -> Result<usize, Fault> {
    cx.world
        .weakness_by_id(cve)
        .ok_or_else(|| Fault::none("Vulnerability", cve))
}

/// Vulnerabilities by their numbers.
pub(super) fn of(cx: &Cx<'_>, weak: &[usize]) -> Result<Answer, Fault> {
    let rows: Vec<Obj> = weak
        .iter()
        .map(|n| cx.world.vulnerability_json(*n))
        .collect();
    list::objects(cx, "Vulnerabilities", &REFERENCES, &rows)
}

/// `GET /vulnerabilities`
pub(super) fn all(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    list::checked(cx, &VULNERABILITIES)?;
    let world = cx.world;
    let row = |n: usize| Lazy::new(|_: &str| None, move || world.vulnerability_json(n));
    let (page, count) = list::page(cx, &VULNERABILITIES, 0..world.weakness_count(), row);
    let rows = page.into_iter().map(|n| world.vulnerability_json(n));
    Ok(list::write(cx, "Vulnerabilities", count, rows))
}

/// `GET /vulnerabilities/{cve}`
pub(super) fn one(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let n = find(cx, &path[1])?;
    let row = cx.world.vulnerability_json(n);
    Ok(list::entity(cx, "Vulnerabilities/$entity", row))
}

/// `GET /vulnerabilities/{cve}/machineReferences`
pub(super) fn machines(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let n = find(cx, &path[1])?;
    references(cx, &cx.world.weakness_machines(n))
}

/// Machines as short references.
pub(super) fn references(cx: &Cx<'_>, machines: &[usize]) -> Result<Answer, Fault> {
    let rows: Vec<Obj> = machines
        .iter()
        .map(|i| {
            let row = cx.world.machine_row(*i);
            obj(json!({
                "id": row.id,
                "computerDnsName": row.dns_name,
                "osPlatform": row.os_platform,
                "rbacGroupName": row.rbac_group,
                "rbacGroupId": row.rbac_group_id,
            }))
        })
        .collect();
    list::objects(cx, "MachineReferences", &REFERENCES, &rows)
}

/// `GET /vulnerabilities/machinesVulnerabilities`
pub(super) fn machines_vulnerabilities(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    list::checked(cx, &ROWS)?;
    let world = cx.world;
    let demanded = |name: &str| cx.options.filter.as_ref().and_then(|f| f.demands(name));
    // a machine or a CVE by itself is looked up, not searched for
    let rows: Vec<Exposed> = match (demanded("machineId"), demanded("cveId")) {
        (Some(id), _) => world
            .machine_by_id(id)
            .map(|m| world.exposed_on(m).to_vec())
            .unwrap_or_default(),
        (None, Some(cve)) => {
            let n = world.weakness_by_id(cve);
            let all = world.exposed().iter();
            all.filter(|r| Some(usize::from(r.weakness)) == n)
                .copied()
                .collect()
        }
        _ => world.exposed().to_vec(),
    };
    let view = |p: usize| {
        let row = rows[p];
        let quick = move |name: &str| {
            let (cve, severity, vendor, _) = world.exposed_words(row);
            Some(match name {
                "cveId" => Cell::from(cve),
                "severity" => Cell::from(severity),
                "productVendor" => Cell::from(vendor),
                "machineId" => Cell::from(world.machine_row(row.machine as usize).id),
                _ => return None,
            })
        };
        Lazy::new(quick, move || world.exposed_json(row))
    };
    let (page, count) = list::page(cx, &ROWS, 0..rows.len(), view);
    let shown = page.into_iter().map(|p| world.exposed_json(rows[p]));
    Ok(list::write(
        cx,
        "Collection(Analytics.PublicAssetVulnerabilityDto)",
        count,
        shown,
    ))
}
