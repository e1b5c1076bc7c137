//! Incidents and alerts as they are now: the world's, what arrived since, and what clients changed.
//!
//! Positions count from the newest: arrivals first, then the world's own order. They shift when something arrives, as on the real queue.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{RwLockReadGuard, RwLockWriteGuard};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::odata::eval::{Cell, Row};
use crate::tenant::Tenant;
use crate::world::stamp::Stamp;
use crate::world::{AlertRow, Arrival, IncidentRow, Obj, World};

/// What clients changed, and what arrived.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub incidents: HashMap<u64, Edit>,
    pub alerts: HashMap<String, Edit>,
    /// Alerts that are in another incident than the one they came in.
    pub moved: HashMap<String, u64>,
    /// Messages that were put elsewhere, by `mail_key`; the last word counts.
    pub mails: HashMap<(String, String), Vec<Moved>>,
    arrivals: Vec<Arrival>,
    /// Arrived alerts, oldest first: which arrival, which alert of it.
    arrived_alerts: Vec<(usize, usize)>,
    scheduled: u64,
}

/// A message was asked to be moved: when, and where it is then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moved {
    pub at: Timestamp,
    pub place: &'static str,
}

/// What tells a recipient's message from all others.
pub(crate) fn mail_key(network_id: &str, recipient: &str) -> (String, String) {
    (network_id.to_lowercase(), recipient.to_lowercase())
}

/// Changes of one entity.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edit {
    pub set: Obj,
    pub comments: Vec<Value>,
}

/// Where an incident or alert comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    World(usize),
    Arrived(usize, usize),
}

/// A readable view of the queue.
pub(crate) struct Queue<'a> {
    pub world: &'a World,
    pub state: RwLockReadGuard<'a, State>,
    /// Moves of messages from before this show.
    shown: Timestamp,
}

/// Opens the queue for reading, after letting in what is due.
pub(crate) fn read(tenant: &Tenant) -> Queue<'_> {
    due(tenant);
    let now = tenant.clock.told();
    Queue {
        shown: now
            .saturating_sub(tenant.settings().mail_lag())
            .unwrap_or(now),
        world: tenant.world(),
        state: tenant
            .state
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner),
    }
}

/// Opens the state for writing.
pub(crate) fn write(tenant: &Tenant) -> RwLockWriteGuard<'_, State> {
    tenant
        .state
        .write()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Lets in so many incidents at this moment.
pub(crate) fn arrive(tenant: &Tenant, count: u64) {
    let now = tenant.clock.now();
    let mut state = write(tenant);
    for _ in 0..count {
        state.let_in(tenant.world(), now);
    }
}

/// Opens an incident without alerts of its own; `fill` makes of the template what it is. Answers its number.
pub(crate) fn open(tenant: &Tenant, severity: &'static str, fill: impl FnOnce(&mut Obj)) -> u64 {
    let mut state = write(tenant);
    let mut arrival = tenant
        .world()
        .arrival(state.arrivals.len() as u64, tenant.clock.now());
    arrival.alerts.clear();
    arrival.row = IncidentRow {
        severity,
        status: "active",
        classification: None,
        determination: None,
        assigned_to: None,
        redirect: None,
        alerts: 0,
        ..arrival.row
    };
    fill(&mut arrival.incident);
    let number = arrival.row.id;
    state.arrivals.push(arrival);
    number
}

/// Lets in what the schedule says: evenly spaced, counted from the start.
fn due(tenant: &Tenant) {
    let rate = tenant.flags.arrivals;
    if !(rate.is_finite() && rate > 0.0) {
        return;
    }
    let minutes = tenant
        .clock
        .now()
        .duration_since(tenant.started)
        .as_secs_f64()
        / 60.0;
    let wanted = (minutes * rate) as u64;
    if tenant.state.read().is_ok_and(|s| s.scheduled >= wanted) {
        return;
    }
    let mut state = write(tenant);
    while state.scheduled < wanted {
        state.scheduled += 1;
        let offset = SignedDuration::from_secs_f64(state.scheduled as f64 / rate * 60.0);
        let at = tenant
            .started
            .saturating_add(offset)
            .unwrap_or(tenant.started);
        state.let_in(tenant.world(), at);
    }
}

impl State {
    fn let_in(&mut self, world: &World, at: Timestamp) {
        let number = self.arrivals.len();
        let arrival = world.arrival(number as u64, at);
        self.arrived_alerts
            .extend((0..arrival.alerts.len()).rev().map(|i| (number, i)));
        self.arrivals.push(arrival);
    }
}

impl Queue<'_> {
    /// When each arrival came, oldest first; its place is its number.
    pub fn arrival_times(&self) -> impl Iterator<Item = Stamp> + '_ {
        self.state.arrivals.iter().map(|a| a.row.created)
    }

    pub fn incident_count(&self) -> usize {
        self.state.arrivals.len() + self.world.incident_count()
    }

    /// The origin of the incident at a position below `incident_count`.
    pub fn incident_at(&self, position: usize) -> Origin {
        let arrived = self.state.arrivals.len();
        if position < arrived {
            Origin::Arrived(arrived - 1 - position, 0)
        } else {
            Origin::World(position - arrived)
        }
    }

    pub fn incident_of(&self, id: &str) -> Option<Origin> {
        let number: u64 = id.parse().ok()?;
        match self.state.arrivals.iter().position(|a| a.row.id == number) {
            Some(i) => Some(Origin::Arrived(i, 0)),
            None => self.world.incident_by_id(id).map(Origin::World),
        }
    }

    pub fn incident_row(&self, at: Origin) -> IncidentRow {
        match at {
            Origin::World(i) => self.world.incident_row(i),
            Origin::Arrived(i, _) => self.state.arrivals[i].row,
        }
    }

    /// The entity with its changes, without its alerts.
    pub fn incident_json(&self, at: Origin) -> Obj {
        let obj = match at {
            Origin::World(i) => self.world.incident_json(i),
            Origin::Arrived(i, _) => self.state.arrivals[i].incident.clone(),
        };
        edited(obj, self.state.incidents.get(&self.incident_row(at).id))
    }

    pub fn incident_view(&self, at: Origin) -> IncidentView<'_> {
        let row = self.incident_row(at);
        IncidentView {
            row,
            edit: self.state.incidents.get(&row.id),
        }
    }

    /// Alerts of an incident, newest first.
    pub fn alerts_of(&self, at: Origin) -> Vec<Origin> {
        let mut own = self.came_with(at);
        if self.state.moved.is_empty() {
            return own;
        }
        let number = self.incident_row(at).id;
        own.retain(|a| {
            let moved = self.state.moved.get(&*self.alert_id(*a));
            moved.is_none_or(|to| *to == number)
        });
        let here = self.state.moved.iter().filter(|(_, to)| **to == number);
        for alert in here.filter_map(|(id, _)| self.alert_of(id)) {
            if !own.contains(&alert) {
                own.push(alert);
            }
        }
        own.sort_by_cached_key(|a| {
            let row = self.alert_row(*a);
            (
                std::cmp::Reverse(row.created),
                self.alert_id(*a).into_owned(),
            )
        });
        own
    }

    /// Alerts that an incident had from the start.
    fn came_with(&self, at: Origin) -> Vec<Origin> {
        match at {
            Origin::World(i) => self
                .world
                .incident_alerts(i)
                .into_iter()
                .map(Origin::World)
                .collect(),
            Origin::Arrived(i, _) => (0..self.state.arrivals[i].alerts.len())
                .map(|a| Origin::Arrived(i, a))
                .collect(),
        }
    }

    pub fn alert_count(&self) -> usize {
        self.state.arrived_alerts.len() + self.world.alert_count()
    }

    /// The origin of the alert at a position below `alert_count`.
    pub fn alert_at(&self, position: usize) -> Origin {
        let arrived = self.state.arrived_alerts.len();
        if position < arrived {
            let (i, a) = self.state.arrived_alerts[arrived - 1 - position];
            Origin::Arrived(i, a)
        } else {
            Origin::World(position - arrived)
        }
    }

    pub fn alert_of(&self, id: &str) -> Option<Origin> {
        let arrived = self
            .state
            .arrived_alerts
            .iter()
            .find(|(i, a)| self.state.arrivals[*i].alerts[*a].id == id);
        match arrived {
            Some((i, a)) => Some(Origin::Arrived(*i, *a)),
            None => self.world.alert_by_id(id).map(Origin::World),
        }
    }

    pub fn alert_id(&self, at: Origin) -> Cow<'_, str> {
        match at {
            Origin::World(i) => Cow::Owned(self.world.alert_id(i)),
            Origin::Arrived(i, a) => Cow::Borrowed(&self.state.arrivals[i].alerts[a].id),
        }
    }

    pub fn alert_row(&self, at: Origin) -> AlertRow {
        let row = match at {
            Origin::World(i) => self.world.alert_row(i),
            Origin::Arrived(i, a) => self.state.arrivals[i].alerts[a].row,
        };
        let incident = self.moved_to(at).unwrap_or(row.incident);
        AlertRow { incident, ..row }
    }

    /// Where a message of an alert's evidence was put, once that shows.
    pub fn mail_now(&self, evidence: &Value) -> Option<&'static str> {
        let network = evidence["networkMessageId"].as_str()?;
        let recipient = evidence["recipientEmailAddress"].as_str()?;
        let moves = self.state.mails.get(&mail_key(network, recipient))?;
        let last = moves.iter().rev().find(|m| m.at <= self.shown)?;
        Some(last.place)
    }

    /// Alerts that arrived after the start, newest first.
    pub fn arrived(&self) -> impl Iterator<Item = Origin> + '_ {
        let arrived = self.state.arrived_alerts.iter().rev();
        arrived.map(|(i, a)| Origin::Arrived(*i, *a))
    }

    /// The incident an alert was moved to.
    pub fn moved_to(&self, at: Origin) -> Option<u64> {
        if self.state.moved.is_empty() {
            return None;
        }
        self.state.moved.get(&*self.alert_id(at)).copied()
    }

    /// The entity as it was raised.
    pub fn alert_made(&self, at: Origin) -> Obj {
        match at {
            Origin::World(i) => self.world.alert_json(i),
            Origin::Arrived(i, a) => self.state.arrivals[i].alerts[a].json.clone(),
        }
    }

    /// The entity with its changes.
    pub fn alert_json(&self, at: Origin) -> Obj {
        let obj = self.alert_made(at);
        if self.state.alerts.is_empty() && self.state.mails.is_empty() {
            return obj;
        }
        let mut obj = edited(obj, self.state.alerts.get(&*self.alert_id(at)));
        if !self.state.mails.is_empty() {
            let evidence = obj.get_mut("evidence").and_then(Value::as_array_mut);
            for item in evidence.into_iter().flatten() {
                if let Some(place) = self.mail_now(item) {
                    item["deliveryLocation"] = place.into();
                    item["remediationStatus"] = "remediated".into();
                }
            }
        }
        if let Some(number) = self.moved_to(at) {
            let address = format!(
                "https://security.microsoft.com/incident2/{number}/overview?tid={}",
                self.world.tenant_id()
            );
            obj.insert("incidentId".into(), Value::String(number.to_string()));
            obj.insert("incidentWebUrl".into(), Value::String(address));
        }
        obj
    }

    pub fn alert_view(&self, at: Origin) -> AlertView<'_> {
        let edit = if self.state.alerts.is_empty() {
            None
        } else {
            self.state.alerts.get(&*self.alert_id(at))
        };
        AlertView {
            queue: self,
            at,
            row: self.alert_row(at),
            edit,
        }
    }
}

fn edited(mut obj: Obj, edit: Option<&Edit>) -> Obj {
    let Some(edit) = edit else { return obj };
    for (key, value) in &edit.set {
        obj.insert(key.clone(), value.clone());
    }
    if !edit.comments.is_empty()
        && let Some(list) = obj
            .entry("comments")
            .or_insert_with(|| Value::Array(Vec::new()))
            .as_array_mut()
    {
        list.extend(edit.comments.iter().cloned());
    }
    obj
}

/// An incident as a filter sees it.
pub(crate) struct IncidentView<'a> {
    row: IncidentRow,
    edit: Option<&'a Edit>,
}

fn instant<'a>(at: Stamp) -> Cell<'a> {
    Cell::Time(at.timestamp())
}

impl Row for IncidentView<'_> {
    fn cell(&self, path: &[String]) -> Cell<'_> {
        let [name] = path else { return Cell::Null };
        if let Some(value) = self.edit.and_then(|e| e.set.get(name)) {
            return Cell::from(value);
        }
        let row = &self.row;
        match name.as_str() {
            "severity" => Cell::from(row.severity),
            "status" => Cell::from(row.status),
            "classification" => Cell::from(row.classification),
            "determination" => Cell::from(row.determination),
            "assignedTo" => Cell::from(row.assigned_to),
            "createdDateTime" => instant(row.created),
            "lastUpdateDateTime" => instant(row.updated),
            _ => Cell::Null,
        }
    }

    fn items(&self, _: &[String]) -> Vec<Value> {
        Vec::new()
    }
}

/// An alert as a filter sees it; its evidence is rendered only if a filter asks for it.
pub(crate) struct AlertView<'a> {
    queue: &'a Queue<'a>,
    at: Origin,
    row: AlertRow,
    edit: Option<&'a Edit>,
}

impl Row for AlertView<'_> {
    fn cell(&self, path: &[String]) -> Cell<'_> {
        let [name] = path else { return Cell::Null };
        if let Some(value) = self.edit.and_then(|e| e.set.get(name)) {
            return Cell::from(value);
        }
        let row = &self.row;
        match name.as_str() {
            "severity" => Cell::from(row.severity),
            "status" => Cell::from(row.status),
            "classification" => Cell::from(row.classification),
            "determination" => Cell::from(row.determination),
            "assignedTo" => Cell::from(row.assigned_to),
            "serviceSource" => Cell::from(row.service_source),
            "createdDateTime" => instant(row.created),
            "lastUpdateDateTime" => instant(row.updated),
            _ => Cell::Null,
        }
    }

    fn items(&self, path: &[String]) -> Vec<Value> {
        self.queue.alert_json(self.at).items(path)
    }
}
