//! Tags and values that clients put on machines, and what offboarding leaves of one: the machine as it is read now.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::body::Body;
use super::{Cx, Fault, actions, list};
use crate::response::course::Verb;
use crate::response::machines::Book;
use crate::tenant::Tenant;
use crate::wire::answer::Answer;
use crate::world::{Obj, World};

const VALUES: &[&str] = &["Normal", "Low", "High"];
/// Machines in one request, at most.
const MANY: usize = 500;
/// Characters of a tag, at most (assumed).
const LENGTH: usize = 200;

/// What was changed on machines, as of one moment.
pub(super) struct Marks {
    tags: HashMap<usize, Vec<String>>,
    values: HashMap<usize, &'static str>,
    offboarded: HashSet<usize>,
}

impl Marks {
    pub fn of(tenant: &Tenant) -> Self {
        let now = tenant.clock.told();
        let book = actions::book(tenant);
        let left = book
            .actions
            .iter()
            .filter(|a| a.verb == Verb::Offboard && a.succeeded(now).is_some());
        Self {
            offboarded: left.map(|a| a.machine).collect(),
            tags: book.tags.clone(),
            values: book.values.clone(),
        }
    }

    /// Does the machine differ from how it was made?
    pub fn has(&self, i: usize) -> bool {
        self.tags.contains_key(&i) || self.values.contains_key(&i) || self.offboarded.contains(&i)
    }

    pub fn tags<'a>(&'a self, world: &World, i: usize) -> Vec<Cow<'a, str>> {
        match self.tags.get(&i) {
            Some(tags) => tags.iter().map(|t| Cow::Borrowed(t.as_str())).collect(),
            None => world
                .machine_row(i)
                .tags
                .iter()
                .map(|t| Cow::Borrowed(*t))
                .collect(),
        }
    }

    /// The entity.
    pub fn machine(&self, world: &World, i: usize) -> Obj {
        let mut machine = world.machine_json(i);
        if let Some(tags) = self.tags.get(&i) {
            machine.insert("machineTags".into(), json!(tags));
        }
        if let Some(value) = self.values.get(&i) {
            machine.insert("deviceValue".into(), json!(value));
        }
        if self.offboarded.contains(&i) {
            // what an offboarded machine reads like is documented nowhere: assumed
            machine.insert("onboardingStatus".into(), json!("CanBeOnboarded"));
            machine.insert("healthStatus".into(), json!("Inactive"));
        }
        machine
    }
}

fn find(cx: &Cx<'_>, id: &str) -> Result<usize, Fault> {
    cx.world
        .machine_by_id(id)
        .ok_or_else(|| Fault::none("Machine", id))
}

fn answer(cx: &Cx<'_>, i: usize) -> Answer {
    list::entity(
        cx,
        "Machines/$entity",
        Marks::of(cx.tenant).machine(cx.world, i),
    )
}

/// The tag and whether it is added.
fn change(body: &Body) -> Result<(&str, bool), Fault> {
    let tag = body.need("Value")?;
    if tag.chars().count() > LENGTH {
        return Err(Fault::new(
            400,
            "InvalidInput",
            format!("A tag has at most {LENGTH} characters."),
        ));
    }
    Ok((tag, body.member("Action", &["Add", "Remove"])? == "Add"))
}

fn mark(book: &mut Book, world: &World, i: usize, tag: &str, add: bool) {
    let tags = book.tags.entry(i).or_insert_with(|| {
        let made = world.machine_row(i).tags;
        made.iter().map(|t| (*t).to_owned()).collect()
    });
    let has = tags.iter().any(|t| t == tag);
    if add && !has {
        tags.push(tag.to_owned());
    } else if !add {
        tags.retain(|t| t != tag);
    }
}

/// `POST /machines/{id}/tags`
pub(super) fn tag(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let body = Body::read(cx, &["Value", "Action"])?;
    let (tag, add) = change(&body)?;
    let i = find(cx, &path[1])?;
    mark(&mut actions::book(cx.tenant), cx.world, i, tag, add);
    Ok(answer(cx, i))
}

/// `POST /machines/AddOrRemoveTagForMultipleMachines`: all or none (assumed)
pub(super) fn tag_many(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let body = Body::read(cx, &["Value", "Action", "MachineIds"])?;
    let (tag, add) = change(&body)?;
    let machines = body
        .texts("MachineIds", MANY)?
        .into_iter()
        .map(|id| find(cx, id))
        .collect::<Result<Vec<usize>, Fault>>()?;
    {
        let mut book = actions::book(cx.tenant);
        for i in &machines {
            mark(&mut book, cx.world, *i, tag, add);
        }
    }
    let marks = Marks::of(cx.tenant);
    let rows = machines.into_iter().map(|i| marks.machine(cx.world, i));
    Ok(list::write(cx, "Machines", None, rows))
}

/// `POST /machines/{id}/setDeviceValue`
pub(super) fn value(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let body = Body::read(cx, &["DeviceValue"])?;
    let value = body.member("DeviceValue", VALUES)?;
    let i = find(cx, &path[1])?;
    actions::book(cx.tenant).values.insert(i, value);
    Ok(answer(cx, i))
}

/// `PATCH /machines/{id}`: `machineTags` replaces every tag that is not repeated
pub(super) fn patch(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let body = Body::read(cx, &["machineTags", "deviceValue"])?;
    let value = match body.text("deviceValue")? {
        None => None,
        Some(_) => Some(body.member("deviceValue", VALUES)?),
    };
    let tags: Option<Vec<String>> = match body.0.get("machineTags") {
        None | Some(Value::Null) => None,
        Some(Value::Array(list)) => list
            .iter()
            .map(|t| t.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map(Some)
            .ok_or_else(|| Fault::new(400, "InvalidRequestBody", "A tag is a string."))?,
        Some(_) => {
            return Err(Fault::new(
                400,
                "InvalidRequestBody",
                "machineTags must be a list.",
            ));
        }
    };
    if value.is_none() && tags.is_none() {
        return Err(Fault::new(
            400,
            "MissingRequiredParameter",
            "At least one property to update is required.",
        ));
    }
    let i = find(cx, &path[1])?;
    {
        let mut book = actions::book(cx.tenant);
        if let Some(value) = value {
            book.values.insert(i, value);
        }
        if let Some(tags) = tags {
            book.tags.insert(i, tags);
        }
    }
    Ok(answer(cx, i))
}
