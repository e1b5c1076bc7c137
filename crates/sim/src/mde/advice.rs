//! Recommendations, the tasks made of them, and the two scores: exposure (higher is worse) and configuration (higher is better).

use serde_json::{Value, json};

use super::list::{self, PAGE};
use super::machines::TEXT;
use super::{Cx, Fault, exposure, machines};
use crate::clock::iso;
use crate::odata::check::{EQ, Kind, NE, NOT, ORDER, Over, Rules, field};
use crate::odata::eval::Case;
use crate::wire::answer::Answer;
use crate::world::indicators::DEVICE_GROUPS;
use crate::world::settings::SETTINGS;
use crate::world::stamp::DAY;
use crate::world::{Obj, World, obj};

const RULES: Rules = Rules {
    kind: "microsoft.windowsDefenderATP.api.Recommendation",
    filter: &[
        field("id", Kind::Text, TEXT),
        field("productName", Kind::Text, TEXT),
        field("vendor", Kind::Text, TEXT),
        field("recommendedVersion", Kind::Text, TEXT),
        field("recommendationCategory", Kind::Text, TEXT),
        field("subCategory", Kind::Text, TEXT),
        field("severityScore", Kind::Int, EQ | NE | ORDER | NOT),
        field("remediationType", Kind::Text, TEXT),
        field("recommendedProgram", Kind::Text, TEXT),
        field("recommendedVendor", Kind::Text, TEXT),
        field("status", Kind::Text, TEXT),
    ],
    select: &[],
    orderby: &["id", "severityScore", "status"],
    expand: &[],
    top: PAGE,
    over: Over::Clamped,
    skip: true,
    count: true,
    search: false,
    advanced: false,
    case: Case::Exact,
};

/// What a recommendation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// A software that is behind.
    Update(usize),
    /// A software whose oldest version is out of support.
    Ended(usize),
    /// A configuration.
    Setting(usize),
}

fn every(world: &World) -> Vec<About> {
    let mut all = Vec::new();
    for n in 0..world.software().len() {
        if !world.software_weaknesses(n).is_empty() {
            all.push(About::Update(n));
        }
        if world.software()[n]
            .machines
            .iter()
            .any(|(_, v)| world.software_version(n, *v).1)
        {
            all.push(About::Ended(n));
        }
    }
    let open = |n: &usize| !world.setting_machines(*n).1.is_empty();
    all.extend((0..SETTINGS.len()).filter(open).map(About::Setting));
    all
}

impl About {
    fn id(self, world: &World) -> String {
        match self {
            About::Update(n) => format!("va-_-{}", world.software_id(n)),
            About::Ended(n) => format!("va-_-{}-_-eos", world.software_id(n)),
            About::Setting(n) => format!("sca-_-{}", SETTINGS[n].id),
        }
    }

    /// Machines that it concerns, and those of them that should act.
    fn machines(self, world: &World) -> (Vec<usize>, Vec<usize>) {
        match self {
            About::Setting(n) => world.setting_machines(n),
            About::Update(n) | About::Ended(n) => {
                let least = match self {
                    About::Ended(_) => 2,
                    _ => 1,
                };
                let machines = &world.software()[n].machines;
                let all = machines.iter().map(|(m, _)| *m as usize).collect();
                let behind = machines.iter().filter(|(_, v)| *v >= least);
                (all, behind.map(|(m, _)| *m as usize).collect())
            }
        }
    }

    fn json(self, world: &World) -> Obj {
        let (all, open) = self.machines(world);
        let impact = (open.len() as f64 / all.len().max(1) as f64 * 100.0).round() / 10.0;
        let mut row = obj(json!({
            "id": self.id(world),
            "productName": null,
            "recommendationName": null,
            "weaknesses": 0,
            "vendor": null,
            "recommendedVersion": null,
            "recommendedVendor": "",
            "recommendedProgram": "",
            "recommendationCategory": "Application",
            "subCategory": "",
            "severityScore": impact * 1.3,
            "publicExploit": false,
            "activeAlert": false,
            "associatedThreats": [],
            "remediationType": "Update",
            "status": "Active",
            "configScoreImpact": 0.0,
            "exposureImpact": impact,
            "totalMachineCount": all.len(),
            "exposedMachinesCount": open.len(),
            "nonProductivityImpactedAssets": 0,
            "relatedComponent": null,
            "hasUnpatchableCve": false,
            "tags": [],
            "exposedCriticalDevices": 0,
        }));
        let mut set = |key: &str, value: Value| {
            row.insert(key.to_owned(), value);
        };
        match self {
            About::Update(n) | About::Ended(n) => {
                let (vendor, newest) = world.software_parts(n);
                let title = world.software_title(n);
                let weak = world.software_weaknesses(n);
                let known: Vec<Obj> = weak.iter().map(|w| world.vulnerability_json(*w)).collect();
                let ended = matches!(self, About::Ended(_));
                set("productName", json!(world.software()[n].name));
                set("vendor", json!(vendor));
                set("recommendedVersion", json!(newest));
                set("recommendedVendor", json!(vendor));
                set("recommendedProgram", json!(world.software()[n].name));
                set("weaknesses", json!(weak.len()));
                set(
                    "publicExploit",
                    json!(known.iter().any(|w| w["publicExploit"] == true)),
                );
                set(
                    "activeAlert",
                    json!(known.iter().any(|w| w["exploitInKit"] == true)),
                );
                set("relatedComponent", json!(title));
                if ended {
                    set(
                        "recommendationName",
                        json!(format!("Upgrade {title} to a supported version")),
                    );
                    set("remediationType", json!("Upgrade"));
                    set("tags", json!(["EOSVersion"]));
                } else {
                    set(
                        "recommendationName",
                        json!(format!("Update {title} to version {newest}")),
                    );
                }
                if n % 11 == 5 {
                    set("status", json!("Exception"));
                }
            }
            About::Setting(n) => {
                let setting = &SETTINGS[n];
                set("recommendationName", json!(setting.name));
                set("recommendationCategory", json!(setting.category));
                set("subCategory", json!(setting.sub));
                set("remediationType", json!("ConfigurationChange"));
                set("configScoreImpact", json!(setting.impact));
                set("exposureImpact", json!(0.0));
                set("relatedComponent", json!(setting.sub));
            }
        }
        row
    }
}

fn find(cx: &Cx<'_>, id: &str) -> Result<About, Fault> {
    every(cx.world)
        .into_iter()
        .find(|a| a.id(cx.world) == id)
        .ok_or_else(|| Fault::none("Recommendation", id))
}

/// `GET /recommendations`
pub(super) fn all(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let rows: Vec<Obj> = every(cx.world).iter().map(|a| a.json(cx.world)).collect();
    list::objects(cx, "Recommendations", &RULES, &rows)
}

/// `GET /recommendations/{id}`
pub(super) fn one(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let row = find(cx, &path[1])?.json(cx.world);
    Ok(list::entity(cx, "Recommendations/$entity", row))
}

/// `GET /recommendations/{id}/machineReferences`: those that should act
pub(super) fn references(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let (_, open) = find(cx, &path[1])?.machines(cx.world);
    exposure::references(cx, &open)
}

/// `GET /recommendations/{id}/software`
pub(super) fn software(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    match find(cx, &path[1])? {
        About::Update(n) | About::Ended(n) => Ok(list::entity(
            cx,
            "Analytics.Contracts.PublicAPI.PublicProductDto",
            cx.world.software_json(n),
        )),
        About::Setting(_) => Err(Fault::none("Software of recommendation", &path[1])),
    }
}

/// `GET /recommendations/{id}/vulnerabilities`
pub(super) fn vulnerabilities(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let weak = match find(cx, &path[1])? {
        About::Update(n) | About::Ended(n) => cx.world.software_weaknesses(n),
        About::Setting(_) => Vec::new(),
    };
    exposure::of(cx, &weak)
}

/// `GET /machines/{id}/recommendations`
pub(super) fn of_machine(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let i = machines::find(cx, &path[1])?;
    let rows: Vec<Obj> = every(cx.world)
        .into_iter()
        .filter(|a| a.machines(cx.world).1.contains(&i))
        .map(|a| a.json(cx.world))
        .collect();
    list::objects(cx, "Recommendations", &RULES, &rows)
}

/// How exposed some machines are: critical and exploited weaknesses weigh most.
fn exposed(world: &World, machines: impl Iterator<Item = usize>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for machine in machines {
        let row = world.machine_row(machine);
        if row.onboarding != "Onboarded" {
            continue;
        }
        count += 1.0;
        let worst = world
            .exposed_on(machine)
            .iter()
            .map(|r| match world.exposed_words(*r).1 {
                "Critical" => 90.0,
                "High" => 55.0,
                "Medium" => 25.0,
                _ => 5.0,
            });
        sum += worst.fold(0.0, f64::max);
    }
    let score: f64 = if count > 0.0 { sum / count } else { 0.0 };
    (score * 100.0).round() / 100.0
}

fn score(cx: &Cx<'_>, context: &str, score: f64) -> Answer {
    let row = obj(json!({"time": iso(cx.tenant.clock.told()), "score": score}));
    list::entity(cx, context, row)
}

/// `GET /exposureScore`
pub(super) fn exposure_score(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let all = exposed(cx.world, 0..cx.world.machine_count());
    Ok(score(cx, "ExposureScore/$entity", all))
}

/// `GET /exposureScore/ByMachineGroups`
pub(super) fn exposure_by_group(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let world = cx.world;
    let now = iso(cx.tenant.clock.told());
    let rows: Vec<Obj> = DEVICE_GROUPS
        .iter()
        .map(|(id, name)| {
            let of_group = (0..world.machine_count())
                .filter(|m| world.machine_row(*m).rbac_group_id == *id);
            obj(json!({"time": now, "score": exposed(world, of_group), "rbacGroupName": name, "rbacGroupId": id}))
        })
        .collect();
    list::objects(cx, "ExposureScore", &exposure::REFERENCES, &rows)
}

/// `GET /configurationScore`
pub(super) fn configuration_score(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let mut points = 0.0;
    for (n, setting) in SETTINGS.iter().enumerate() {
        let (all, open) = cx.world.setting_machines(n);
        points += setting.impact * 7.0 * (1.0 - open.len() as f64 / all.len().max(1) as f64);
    }
    Ok(score(
        cx,
        "ConfigurationScore/$entity",
        (points * 100.0).round() / 100.0,
    ))
}

fn tasks(cx: &Cx<'_>) -> Vec<Obj> {
    let world = cx.world;
    let all = every(world).into_iter().step_by(9).take(4);
    all.enumerate()
        .map(|(n, about)| {
            let json = about.json(world);
            let (_, open) = about.machines(world);
            let made = world.now().plus(-(n as i64 + 2) * 9 * DAY).whole_second();
            let by = world.user_row(world.analysts()[n % world.analysts().len()]);
            let done = n == 3;
            obj(json!({
                "id": crate::tenant::guid(cx.tenant.flags.seed, 0x7a5c + n as u64),
                "title": json["recommendationName"],
                "createdOn": made.to_string(),
                "requesterId": by.id.to_string(),
                "requesterEmail": by.upn,
                "status": if done { "Completed" } else { "Active" },
                "statusLastModifiedOn": made.plus(DAY).to_string(),
                "description": "Apply the change to every device.",
                "relatedComponent": json["relatedComponent"],
                "targetDevices": open.len(),
                "rbacGroupNames": ["Workstations"],
                "fixedDevices": if done { open.len() } else { open.len() / 3 },
                "requesterNotes": "From the monthly review.",
                "dueOn": made.plus(40 * DAY).to_string(),
                "category": if matches!(about, About::Setting(_)) { "SecurityConfiguration" } else { "Software" },
                "productivityImpactRemediationType": null,
                "priority": "Medium",
                "completionMethod": if done { json!("Automatic") } else { Value::Null },
                "completerId": null,
                "completerEmail": null,
                "scid": match about { About::Setting(n) => json!(SETTINGS[n].id), _ => Value::Null },
                "type": json["remediationType"],
                "productId": null,
                "vendorId": json["vendor"],
                "nameId": json["productName"],
                "recommendedVersion": json["recommendedVersion"],
                "recommendedVendor": json["recommendedVendor"],
                "recommendedProgram": json["recommendedProgram"],
            }))
        })
        .collect()
}

/// `GET /remediationtasks`
pub(super) fn all_tasks(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    list::objects(cx, "RemediationTasks", &exposure::REFERENCES, &tasks(cx))
}

fn task(cx: &Cx<'_>, id: &str) -> Result<(usize, Obj), Fault> {
    let found = tasks(cx).into_iter().enumerate();
    let mut found = found.filter(|(_, t)| t["id"].as_str() == Some(id));
    found
        .next()
        .ok_or_else(|| Fault::none("Remediation task", id))
}

/// `GET /remediationtasks/{id}`
pub(super) fn one_task(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let (_, row) = task(cx, &path[1])?;
    Ok(list::entity(cx, "RemediationTasks/$entity", row))
}

/// `GET /remediationtasks/{id}/machinereferences`
pub(super) fn task_machines(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let (n, _) = task(cx, &path[1])?;
    let about = every(cx.world).into_iter().step_by(9).nth(n);
    let open = about.map(|a| a.machines(cx.world).1).unwrap_or_default();
    exposure::references(cx, &open)
}
