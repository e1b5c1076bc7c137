//! The software inventory: what there is, in which versions, on which machines.

use super::list::{self, PAGE};
use super::machines::TEXT;
use super::{Cx, Fault, exposure, machines};
use crate::odata::check::{Kind, Over, Rules, field};
use crate::odata::eval::{Case, Lazy};
use crate::wire::answer::Answer;

const RULES: Rules = Rules {
    kind: "microsoft.windowsDefenderATP.api.PublicProductDto",
    filter: &[
        field("id", Kind::Text, TEXT),
        field("name", Kind::Text, TEXT),
        field("vendor", Kind::Text, TEXT),
    ],
    select: &[],
    orderby: &["id", "name", "vendor"],
    expand: &[],
    top: PAGE,
    over: Over::Clamped,
    skip: true,
    count: true,
    search: false,
    advanced: false,
    case: Case::Exact,
};

fn find(cx: &Cx<'_>, id: &str) -> Result<usize, Fault> {
    cx.world
        .software_by_id(id)
        .ok_or_else(|| Fault::none("Software", id))
}

/// `GET /Software`
pub(super) fn all(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    list::checked(cx, &RULES)?;
    let world = cx.world;
    let row = |n: usize| Lazy::new(|_: &str| None, move || world.software_json(n));
    let (page, count) = list::page(cx, &RULES, 0..world.software().len(), row);
    let rows = page.into_iter().map(|n| world.software_json(n));
    Ok(list::write(cx, "Software", count, rows))
}

/// `GET /Software/{id}`
pub(super) fn one(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let n = find(cx, &path[1])?;
    Ok(list::entity(
        cx,
        "Software/$entity",
        cx.world.software_json(n),
    ))
}

/// `GET /Software/{id}/distributions`
pub(super) fn distributions(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let n = find(cx, &path[1])?;
    let rows = cx.world.software_versions(n);
    list::objects(cx, "Distributions", &exposure::REFERENCES, &rows)
}

/// `GET /Software/{id}/machineReferences`
pub(super) fn references(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let n = find(cx, &path[1])?;
    let machines = &cx.world.software()[n].machines;
    let machines: Vec<usize> = machines.iter().map(|(m, _)| *m as usize).collect();
    exposure::references(cx, &machines)
}

/// `GET /Software/{id}/vulnerabilities`
pub(super) fn vulnerabilities(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let n = find(cx, &path[1])?;
    exposure::of(cx, &cx.world.software_weaknesses(n))
}

/// `GET /Software/{id}/getmissingkbs`
pub(super) fn kbs(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let n = find(cx, &path[1])?;
    let rows = cx.world.software_kbs(n);
    list::objects(cx, "PublicProductFixDto", &exposure::REFERENCES, &rows)
}

/// `GET /machines/{id}/getmissingkbs`
pub(super) fn machine_kbs(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let i = machines::find(cx, &path[1])?;
    let rows = cx.world.missing_kbs(i);
    list::objects(cx, "PublicProductFixDto", &exposure::REFERENCES, &rows)
}
