//! Starting and cancelling actions on machines. Each answers with the action; its course is `response::course`.

use super::actions;
use super::body::Body;
use super::{Cx, Fault, list, machines};
use crate::response::course::{Course, Verb};
use crate::response::gates::{self, Gate};
use crate::response::machines::{Action, Cancel};
use crate::scenario::Duplicates;
use crate::tenant::guid;
use crate::wire::answer::Answer;
use crate::world::dice::{Seed, Topic};

/// Devices that are contained without being onboarded, at most.
const CONTAINED: usize = 100;

/// `POST /machines/{id}/isolate`
pub(super) fn isolate(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let body = read(cx, &["IsolationType"])?;
    let scope = body.member("IsolationType", &["Full", "Selective", "UnManagedDevice"])?;
    start(cx, path, Verb::Isolate, Some(scope), None, &body)
}

/// `POST /machines/{id}/unisolate`
pub(super) fn release(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    plain(cx, path, Verb::Unisolate)
}

/// `POST /machines/{id}/runAntiVirusScan`
pub(super) fn scan(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let body = read(cx, &["ScanType"])?;
    let scope = body.member("ScanType", &["Quick", "Full"])?;
    start(cx, path, Verb::Scan, Some(scope), None, &body)
}

/// `POST /machines/{id}/restrictCodeExecution`
pub(super) fn restrict(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    plain(cx, path, Verb::Restrict)
}

/// `POST /machines/{id}/unrestrictCodeExecution`
pub(super) fn unrestrict(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    plain(cx, path, Verb::Unrestrict)
}

/// `POST /machines/{id}/collectInvestigationPackage`
pub(super) fn collect(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    plain(cx, path, Verb::Collect)
}

/// `POST /machines/{id}/StopAndQuarantineFile`: SHA-1 only
pub(super) fn quarantine(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let body = read(cx, &["Sha1"])?;
    let sha1 = body.need("Sha1")?;
    if sha1.len() != 40 || !sha1.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Fault::new(
            400,
            "InvalidHashValue",
            format!("'{sha1}' is not a valid SHA1."),
        ));
    }
    start(cx, path, Verb::Quarantine, None, Some(sha1), &body)
}

/// `POST /machines/{id}/offboard`: the only one that answers 200
pub(super) fn offboard(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    plain(cx, path, Verb::Offboard)
}

fn plain(cx: &Cx<'_>, path: &[String], verb: Verb) -> Result<Answer, Fault> {
    let body = read(cx, &[])?;
    start(cx, path, verb, None, None, &body)
}

/// The body, with its comment looked at first. No page of an action names `ExternalId`; the entity's page does.
fn read(cx: &Cx<'_>, own: &[&str]) -> Result<Body, Fault> {
    let known: Vec<&str> = ["Comment"].iter().chain(own).copied().collect();
    let body = Body::read(cx, &known)?;
    body.need("Comment")?;
    Ok(body)
}

fn start(
    cx: &Cx<'_>,
    path: &[String],
    verb: Verb,
    scope: Option<&str>,
    sha1: Option<&str>,
    body: &Body,
) -> Result<Answer, Fault> {
    // an action takes the id, not the name (assumed; only reading is said to take both)
    let machine = cx
        .world
        .machine_by_id(&path[1])
        .ok_or_else(|| Fault::none("Machine", &path[1]))?;
    let settings = cx.tenant.settings();
    let row = cx.world.machine_row(machine);
    let now = cx.tenant.clock.told();
    let mut book = actions::book(cx.tenant);
    let standing = book.standing(machine, now);
    let onboarded = row.onboarding == "Onboarded" && !standing.offboarded;
    let containment = scope == Some("UnManagedDevice") || (verb == Verb::Unisolate && !onboarded);
    if containment && onboarded {
        return Err(Fault::new(
            400,
            "InvalidInput",
            "Containment is for devices that are not onboarded.",
        ));
    }
    if !containment && !onboarded {
        return Err(Fault::new(
            400,
            "InvalidInput",
            format!("Machine {} is not onboarded.", row.id),
        ));
    }
    if containment && verb == Verb::Isolate && book.contained(now) >= CONTAINED {
        return Err(Fault::new(
            400,
            "BadRequest",
            format!("No more than {CONTAINED} devices can be contained."),
        ));
    }
    if !containment {
        gates::admits(
            verb,
            scope,
            row.os_platform,
            row.version,
            settings.mac_isolation,
        )
        .map_err(|gate| match gate {
            Gate::Platform => Fault::new(
                400,
                "OsPlatformNotSupported",
                format!("{} is not supported on {}.", verb.name(), row.os_platform),
            ),
            Gate::Version => Fault::new(
                400,
                "ClientVersionNotSupported",
                format!(
                    "{} is not supported on this version of {}.",
                    verb.name(),
                    row.os_platform
                ),
            ),
        })?;
    }
    if let Some(running) = book.running(machine, verb, now) {
        // a second package is always refused; what the others do is said both ways
        if settings.duplicates == Duplicates::Existing && verb != Verb::Collect {
            let entity = actions::render(cx, running, now);
            return Ok(actions::made(cx, 201, entity));
        }
        return Err(Fault::new(
            400,
            "BadRequest",
            "Action is already in progress",
        ));
    }
    let n = book.actions.len() as u64;
    let seed = cx.tenant.flags.seed;
    let online = containment || machines::reachable(&row, &settings);
    let mut dice = Seed(seed).dice(Topic::Misc, 1 << 44 | n);
    let action = Action {
        id: guid(seed, 40_000 + n),
        verb,
        machine,
        requestor: cx.caller.name.clone(),
        source: "PublicApi",
        comment: body.need("Comment")?.to_owned(),
        external: body.text("ExternalId")?.map(str::to_owned),
        scope: scope.map(str::to_owned),
        sha1: sha1.map(str::to_ascii_lowercase),
        created: now,
        course: Course::of(
            verb,
            scope,
            online,
            &cx.ask.wish,
            settings.action_pace,
            &mut dice,
        ),
        cancel: None,
        odd: false,
    };
    let entity = actions::render(cx, &action, now);
    book.actions.push(action);
    let status = if verb == Verb::Offboard { 200 } else { 201 };
    Ok(actions::made(cx, status, entity))
}

/// `POST /machineactions/{id}/cancel`: sure to help only while it waits
pub(super) fn cancel(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let body = read(cx, &[])?;
    let comment = body.need("Comment")?.to_owned();
    let now = cx.tenant.clock.told();
    let mut book = actions::book(cx.tenant);
    let action = book
        .find_mut(&path[1])
        .ok_or_else(|| Fault::none("Machine action", &path[1]))?;
    if !cx.caller.may(action.verb.permission()) {
        return Err(super::forbidden(action.verb.permission(), &cx.caller));
    }
    let state = action.at(now);
    if state.end.is_some() {
        // what a cancelled or finished action answers is documented nowhere: assumed
        return Err(Fault::new(
            400,
            "InvalidInput",
            format!("The action is {} and cannot be cancelled.", state.status),
        ));
    }
    action.cancel = Some(Cancel {
        by: cx.caller.name.clone(),
        comment,
        at: now,
        in_time: state.status == "Pending",
    });
    let entity = actions::render(cx, action, now);
    drop(book);
    Ok(list::entity(cx, "MachineActions/$entity", entity))
}
