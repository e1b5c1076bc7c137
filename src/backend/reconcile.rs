//! The record against the service: actions of ours there that have no intent here, and intents here without a trace there.
//! Reads only. The machine-action list is the one place that keeps our marks; what else was written leaves none that can be
//! asked for, and is counted as such.

use super::call::How;
use super::core::Core;
use super::finish::LAG;
use super::memory::{MemoryStore, SystemClock};
use super::ports::{Past, Ports, Record};
use super::trace::{self, Mark};
use crate::config::TenantConfig;
use crate::model::time::DAY;
use crate::model::{Fault, FaultKind, Json, Kind, Mode, Service, Stand, Ticks};
use crate::verb;
use serde_json::Value;
use std::sync::Arc;
use std::time::Instant;
use table::Text;

/// An action at the service, as far as a line needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct There {
    pub id: Text,
    pub what: Text,
    pub machine: Text,
    pub requestor: Text,
    pub made: String,
}

/// What does not fit together, and how much was looked at.
#[derive(Clone, Debug, Default)]
pub struct Reconciled {
    /// Actions at the service within the time, anyone's.
    pub actions: usize,
    /// Intents whose trace was found, and whose hash agrees.
    pub agree: usize,
    /// They carry a mark of ours, or were asked for by this app, and no intent is on record.
    pub no_intent: Vec<There>,
    /// The mark's hash is not that of the intent's line: the record was rewritten since.
    pub other_hash: Vec<(String, There)>,
    /// On record as not sent, and there all the same.
    pub sent_after_all: Vec<(String, There)>,
    /// Intents that should have left a trace, and have none.
    pub no_trace: Vec<Past>,
    /// The same, but too young: a list may lag.
    pub unknown: Vec<Past>,
    /// Writes of kinds of which the service keeps no mark.
    pub unmarked: usize,
}

impl Reconciled {
    /// Nothing contradicts.
    pub fn agrees(&self) -> bool {
        self.no_intent.is_empty()
            && self.other_hash.is_empty()
            && self.sent_after_all.is_empty()
            && self.no_trace.is_empty()
    }
}

/// Asks the service and compares. Signs in by itself; a sign-in that needs a person is a fault.
pub fn reconcile(
    tenant: TenantConfig,
    record: Arc<dyn Record>,
    days: u16,
) -> Result<Reconciled, Fault> {
    let app = tenant.client_id.clone();
    let ports = Ports {
        events: Arc::new(|_| {}),
        store: Arc::new(MemoryStore::default()),
        record,
        clock: Arc::new(SystemClock::new(Instant::now(), 1.0)),
        budget_scale: 1.0,
    };
    let core = Arc::new(Core::new(tenant, ports));
    let now = core.wall();
    let from = Ticks(now.0 - i64::from(days) * DAY);
    let past = core.record.past(from)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Fault::new(FaultKind::Internal, e.to_string()))?;
    let filter = format!("creationDateTimeUtc ge {}", from.literal());
    let actions = runtime.block_on(trace::actions(&core, filter, How::INSIST))?;
    let app = (core.who.session().mode == Mode::AppOnly).then_some(app);
    Ok(compare(&past, &actions, now, app.as_deref()))
}

/// The comparison alone. `app`: the id under which an app's actions are listed.
pub fn compare(past: &[Past], actions: &[Value], now: Ticks, app: Option<&str>) -> Reconciled {
    let mut out = Reconciled {
        actions: actions.len(),
        ..Reconciled::default()
    };
    let mut traced = Vec::new();
    for action in actions.iter().map(Json) {
        let by_app = || app.is_some_and(|app| action.str("requestor") == Some(app));
        match trace::marked(action) {
            Some(Mark { run, hash }) => {
                match past.iter().find(|p| p.deed.run == run && p.intent) {
                    None => out.no_intent.push(there(action)),
                    Some(p) if !p.hash.starts_with(&hash) => {
                        out.other_hash.push((run.clone(), there(action)));
                    }
                    Some(p) if p.deed.stand == Stand::NotSent => {
                        out.sent_after_all.push((run.clone(), there(action)));
                    }
                    Some(_) => out.agree += 1,
                }
                traced.push(run);
            }
            None if by_app() => out.no_intent.push(there(action)),
            None => {}
        }
    }
    for p in past.iter().filter(|p| p.intent) {
        let marks = verb::named(&p.deed.verb).is_some_and(|v| {
            v.stamp.is_some()
                && (v.needs)(p.deed.key.kind).service == Service::Defender
                && (p.deed.key.kind == Kind::Device || p.args.get("device").is_some())
        });
        if !marks {
            out.unmarked += 1;
            continue;
        }
        // refused by the service, or proven not sent: there is nothing to find
        let nothing = match p.deed.stand {
            Stand::NotSent => true,
            Stand::Failed => p.deed.action.is_none(),
            _ => false,
        };
        if nothing || traced.contains(&p.deed.run) {
            continue;
        }
        let age = now.0.saturating_sub(p.deed.at.0);
        match age < i64::try_from(LAG.as_nanos() / 100).unwrap_or(i64::MAX) {
            true => out.unknown.push(p.clone()),
            false => out.no_trace.push(p.clone()),
        }
    }
    out
}

fn there(action: Json<'_>) -> There {
    let text = |name| action.text(name).unwrap_or_default();
    There {
        id: text("id"),
        what: text("type"),
        machine: match action.text("computerDnsName") {
            Some(name) => name,
            None => text("machineId"),
        },
        requestor: text("requestor"),
        made: action
            .time("creationDateTimeUtc")
            .map_or_else(String::new, Ticks::literal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::tests::hall::{self, Hall};
    use crate::msg::RunState;
    use serde_json::json;

    #[test]
    fn what_is_there_and_not_here_and_what_is_here_and_not_there_is_listed() {
        let hall = Hall::new(0, |_, _, _| None);
        hall.things.lock().unwrap().course = vec!["Succeeded"];
        let done = hall.run(&hall::ISOLATE, vec![Hall::machine()]);
        assert_eq!(done, [RunState::Succeeded]);
        let record = crate::audit::Record::new(hall.dir.clone(), hall::writer());
        let past = Record::past(&record, Ticks(0)).unwrap();
        let now = Ticks(past[0].deed.at.0 + DAY);
        let mut actions = hall.things.lock().unwrap().actions.clone();
        let agrees = |past: &[Past], actions: &[Value], now| {
            let found = compare(past, actions, now, Some("app-1"));
            (found.agrees(), found)
        };
        let (good, found) = agrees(&past, &actions, now);
        assert!(good && found.agree == 1, "{found:?}");
        // an action with our mark of which the record knows nothing: its line was taken out
        assert_eq!(agrees(&[], &actions, now).1.no_intent.len(), 1);
        // the record was written anew: the hash in the service is the old line's
        let mut other = past.clone();
        other[0].hash = "f".repeat(64);
        assert_eq!(agrees(&other, &actions, now).1.other_hash.len(), 1);
        // it says that it was not sent
        let mut denied = past.clone();
        denied[0].deed.stand = Stand::NotSent;
        assert_eq!(agrees(&denied, &actions, now).1.sent_after_all.len(), 1);
        // by this app, and without a mark
        actions.push(json!({"id": "x", "type": "Isolate", "requestor": "app-1"}));
        assert_eq!(agrees(&past, &actions, now).1.no_intent.len(), 1);
        // `isolate` is a verb of these tests unless the program has one of this name with a mark
        if verb::named("isolate").is_some_and(|v| v.stamp.is_some()) {
            assert_eq!(agrees(&past, &[], now).1.no_trace.len(), 1);
            let young = agrees(&past, &[], past[0].deed.at);
            assert!(young.0 && young.1.unknown.len() == 1);
        }
    }
}
