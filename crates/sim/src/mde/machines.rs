//! `/machines` and what hangs on one machine.

use std::net::IpAddr;

use jiff::SignedDuration;

use super::list::{self, PAGE};
use super::marks::Marks;
use super::{Cx, Fault};
use crate::odata::check::{
    CONTAINS, ENDS, EQ, IN, Kind, NE, NOT, ORDER, Ops, Over, Rules, STARTS, field,
};
use crate::odata::eval::{Case, Cell, Lazy, Row};
use crate::odata::filter::time;
use crate::scenario::Settings;
use crate::wire::answer::Answer;
use crate::world::{MachineRow, Obj, World};

pub(super) const TEXT: Ops = EQ | NE | IN | ORDER | STARTS | ENDS | CONTAINS | NOT;
pub(super) const WHEN: Ops = EQ | NE | ORDER | NOT;

pub(super) const RULES: Rules = Rules {
    kind: "microsoft.windowsDefenderATP.api.Machine",
    filter: &[
        field("computerDnsName", Kind::Text, TEXT),
        field("id", Kind::Text, TEXT),
        field("version", Kind::Text, TEXT),
        field("deviceValue", Kind::Text, TEXT),
        field("aadDeviceId", Kind::Loose, EQ | NE | IN | NOT),
        field("machineTags", Kind::List(&[""]), NOT),
        field("lastSeen", Kind::Time, WHEN),
        field("exposureLevel", Kind::Text, TEXT),
        field("onboardingStatus", Kind::Text, TEXT),
        field("lastIpAddress", Kind::Text, TEXT),
        field("healthStatus", Kind::Text, TEXT),
        field("osPlatform", Kind::Text, TEXT),
        field("riskScore", Kind::Text, TEXT),
        field("rbacGroupId", Kind::Loose, EQ | NE | IN | NOT),
    ],
    select: &[],
    orderby: &["lastSeen", "firstSeen", "computerDnsName", "id"],
    expand: &[],
    top: PAGE,
    over: Over::Clamped,
    skip: true,
    count: true,
    search: false,
    advanced: false,
    case: Case::Exact,
};

/// Lists that hang on a machine: paged, nothing else.
const PART: Rules = Rules {
    filter: &[],
    orderby: &[],
    ..RULES
};

/// Does the device answer? Going by its health, and by what the scenario says.
pub(super) fn reachable(row: &MachineRow<'_>, settings: &Settings) -> bool {
    row.health == "Active" && !settings.is_offline(row.id, row.dns_name)
}

fn view<'a>(world: &'a World, marks: &'a Marks, i: usize) -> impl Row + 'a {
    let row = world.machine_row(i);
    let marked = marks.has(i);
    let quick = move |name: &str| {
        Some(match name {
            // what clients changed is in the entity only
            "deviceValue" | "onboardingStatus" | "healthStatus" if marked => return None,
            "computerDnsName" => Cell::from(row.dns_name),
            "id" => Cell::from(row.id),
            "version" => Cell::from(row.version),
            "deviceValue" => Cell::from(row.device_value),
            "lastSeen" => Cell::Time(row.last_seen.timestamp()),
            "firstSeen" => Cell::Time(row.first_seen.timestamp()),
            "exposureLevel" => Cell::from(row.exposure),
            "onboardingStatus" => Cell::from(row.onboarding),
            "lastIpAddress" => Cell::from(row.last_ip),
            "healthStatus" => Cell::from(row.health),
            "osPlatform" => Cell::from(row.os_platform),
            "riskScore" => Cell::from(row.risk),
            "rbacGroupId" => Cell::Int(i64::from(row.rbac_group_id)),
            _ => return None,
        })
    };
    Lazy::new(quick, move || marks.machine(world, i))
}

/// The machine a path names by id or by DNS name.
pub(super) fn find(cx: &Cx<'_>, key: &str) -> Result<usize, Fault> {
    let found = cx
        .world
        .machine_by_id(key)
        .or_else(|| cx.world.machines_by_name(key).first().copied());
    found.ok_or_else(|| Fault::none("Machine", key))
}

pub(super) fn answer(cx: &Cx<'_>, machines: &[usize]) -> Result<Answer, Fault> {
    list::checked(cx, &RULES)?;
    let marks = Marks::of(cx.tenant);
    let (page, count) = list::page(cx, &RULES, machines.iter().copied(), |i| {
        view(cx.world, &marks, i)
    });
    Ok(list::write(
        cx,
        "Machines",
        count,
        page.into_iter().map(|i| marks.machine(cx.world, i)),
    ))
}

/// `GET /machines`: an empty list is 404
pub(super) fn list(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    list::checked(cx, &RULES)?;
    let marks = Marks::of(cx.tenant);
    let (page, count) = list::page(cx, &RULES, 0..cx.world.machine_count(), |i| {
        view(cx.world, &marks, i)
    });
    if page.is_empty() {
        return Err(Fault::new(404, "NotFound", "No machines were found."));
    }
    Ok(list::write(
        cx,
        "Machines",
        count,
        page.into_iter().map(|i| marks.machine(cx.world, i)),
    ))
}

/// `GET /machines/{id}`
pub(super) fn get(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let i = find(cx, &path[1])?;
    Ok(list::entity(
        cx,
        "Machines/$entity",
        Marks::of(cx.tenant).machine(cx.world, i),
    ))
}

/// `GET /machines/findbyip(ip='…',timestamp=…)`
pub(super) fn by_ip(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let bad = |code, text: String| Fault::new(400, code, text);
    let inside = path[1]
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .unwrap_or_default();
    let value = |name: &str| {
        inside
            .split(',')
            .find_map(|p| p.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let text = value("ip").unwrap_or_default().trim_matches('\'');
    let ip: IpAddr = text.parse().map_err(|_| {
        bad(
            "InvalidIpAddress",
            format!("'{text}' is not a valid IP address."),
        )
    })?;
    let at = value("timestamp").and_then(time).ok_or_else(|| {
        bad(
            "MissingRequiredParameter",
            "timestamp is missing or malformed.".into(),
        )
    })?;
    if cx.tenant.clock.now().duration_since(at) > SignedDuration::from_hours(30 * 24) {
        return Err(bad(
            "InvalidInput",
            "The timestamp must be within the past 30 days.".into(),
        ));
    }
    let holds = |i: &usize| {
        cx.world
            .machine_row(*i)
            .last_ip
            .parse::<IpAddr>()
            .is_ok_and(|have| have == ip)
    };
    let found: Vec<usize> = (0..cx.world.machine_count()).filter(holds).collect();
    answer(cx, &found)
}

/// `GET /machines/findbytag?tag=…&useStartsWithFilter=…`
pub(super) fn by_tag(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let missing = || Fault::new(400, "MissingRequiredParameter", "tag is missing.");
    let tag = cx
        .options
        .plain("tag")
        .filter(|t| !t.is_empty())
        .ok_or_else(missing)?;
    let starts = cx
        .options
        .plain("useStartsWithFilter")
        .is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let fits = |have: &str| {
        if starts {
            have.starts_with(tag)
        } else {
            have == tag
        }
    };
    let marks = Marks::of(cx.tenant);
    let found: Vec<usize> = (0..cx.world.machine_count())
        .filter(|i| marks.tags(cx.world, *i).iter().any(|t| fits(t)))
        .collect();
    answer(cx, &found)
}

/// `GET /users/{account}/machines`: an unknown account has none
pub(super) fn of_user(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let found = cx
        .world
        .user_by_account(&path[1])
        .map(|u| cx.world.user_machines(u))
        .unwrap_or_default();
    answer(cx, &found)
}

/// `GET /machines/{id}/logonusers`
pub(super) fn logon_users(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let i = find(cx, &path[1])?;
    list::objects(cx, "Users", &PART, &cx.world.machine_logon_users(i))
}

/// `GET /machines/{id}/software`
pub(super) fn software(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let i = find(cx, &path[1])?;
    list::objects(cx, "Software", &PART, &cx.world.machine_software(i))
}

/// `GET /machines/{id}/vulnerabilities`
pub(super) fn vulnerabilities(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let i = find(cx, &path[1])?;
    let rows: Vec<Obj> = cx.world.machine_vulnerabilities(i);
    list::objects(cx, "Vulnerabilities", &PART, &rows)
}
