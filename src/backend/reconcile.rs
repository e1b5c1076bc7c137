//! The record against the services: what was done there with our sign-in and has no intent here, and what the record claims
//! and no service knows of. Reads only, and says what it could not compare.
//!
//! Each service keeps something else: machine actions carry our mark (`actions`), the directory's audit our request's id
//! (`audits`), indicators and incidents who wrote them last (`authors`); for all else the target itself is read (`states`).

mod actions;
mod audits;
mod authors;
mod states;

use super::call::How;
use super::core::Core;
use super::memory::{MemoryStore, SystemClock};
use super::part::answers;
use super::ports::{Past, Ports, Record};
use super::trace;
use crate::config::TenantConfig;
use crate::model::time::DAY;
use crate::model::{Call, Fault, FaultKind, Mode, Stand, Ticks};
use crate::resource::Answer;
use crate::verb::{self, Proof};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What does not fit, or cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Done at the service with our mark or sign-in, and no intent is on record.
    NoIntent,
    /// The mark's hash is not that of the intent's line: the record was rewritten since.
    OtherHash,
    /// On record as not sent, and there all the same.
    SentAfterAll,
    /// It should have left a trace, and there is none.
    NoTrace,
    /// The record says done, the target shows something else, and nobody else wrote to it.
    Contradicts,
    /// The target shows something else: somebody may have changed it since.
    Changed,
    /// Too young: lists lag.
    Young,
}

impl Verdict {
    /// Nothing is wrong by this.
    pub fn agrees(self) -> bool {
        matches!(self, Self::Changed | Self::Young)
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::NoIntent => {
                "DONE WITH OUR SIGN-IN, AND NO INTENT HERE (another computer or program of ours, or a missing line)"
            }
            Self::OtherHash => "THE INTENT'S LINE WAS CHANGED SINCE",
            Self::SentAfterAll => "ON RECORD AS NOT SENT, AND THERE",
            Self::NoTrace => "INTENTS WITHOUT A TRACE THERE",
            Self::Contradicts => "ON RECORD AS DONE, AND NOT SO, AND NOBODY ELSE WROTE TO IT",
            Self::Changed => "on record as done, and shows something else now",
            Self::Young => "unknown: too young, the service's list may lag",
        }
    }
}

/// One thing that does not fit; the sentence is safe for the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub verdict: Verdict,
    pub text: String,
}

/// One comparison.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// With what the record was compared: `machine actions`.
    pub name: &'static str,
    /// Rows looked at.
    pub looked: usize,
    /// Deeds of ours that fit.
    pub agree: usize,
    pub findings: Vec<Finding>,
    /// Why it could not be compared, or not wholly.
    pub missing: Option<String>,
}

impl Part {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    fn find(&mut self, verdict: Verdict, text: String) {
        self.findings.push(Finding { verdict, text });
    }

    /// One that could not be made.
    fn missing(name: &'static str, why: String) -> Self {
        Self {
            missing: Some(why),
            ..Self::new(name)
        }
    }
}

/// All comparisons.
#[derive(Clone, Debug, Default)]
pub struct Reconciled {
    pub parts: Vec<Part>,
    /// Verbs of which no service keeps anything that could be compared, and how many deeds there were.
    pub untold: BTreeMap<String, usize>,
}

impl Reconciled {
    /// Nothing contradicts, as far as it was compared.
    pub fn agrees(&self) -> bool {
        let mut all = self.parts.iter().flat_map(|p| &p.findings);
        all.all(|f| f.verdict.agrees())
    }
}

/// Asks the services and compares. Signs in by itself; a sign-in that needs a person is a fault.
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
    let mut past = core.record.past(from)?;
    past.retain(|p| p.tenant_id == core.tenant.tenant_id);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Fault::new(FaultKind::Internal, e.to_string()))?;
    runtime.block_on(all(&core, &past, from, now, &app))
}

async fn all(
    core: &Arc<Core>,
    past: &[Past],
    from: Ticks,
    now: Ticks,
    app: &str,
) -> Result<Reconciled, Fault> {
    let mut out = Reconciled::default();
    let filter = format!("creationDateTimeUtc ge {}", from.literal());
    // the first question shows whether there is a sign-in at all
    let known = trace::actions(core, filter, How::INSIST).await;
    // an app's deeds can be told from those of others by its id; a person also works elsewhere
    let app = (core.who.session().mode == Mode::AppOnly).then_some(app);
    out.parts.push(match known {
        Ok(rows) => actions::compare(past, &rows, now, app),
        Err(fault) if fault.kind == FaultKind::Forbidden => {
            Part::missing(actions::NAME, fault.to_string())
        }
        Err(fault) => return Err(fault),
    });
    let part = listed(core, audits::NAME, audits::calls(past, from, app)).await;
    out.parts
        .push(part.map_or_else(|p| p, |rows| audits::compare(past, &rows, now, app)));
    for author in authors::ALL {
        let part = listed(core, author.name, vec![(author.call)(from)]).await;
        out.parts
            .push(part.map_or_else(|p| p, |rows| author.compare(past, &rows, from, app)));
    }
    out.parts.push(states::compare(core, past).await);
    for p in past.iter().filter(|p| p.intent && claims(p)) {
        let told = actions::leaves(p) || audits::leaves(p) || states::leaves(p);
        if !told {
            *out.untold.entry(p.deed.verb.clone()).or_default() += 1;
        }
    }
    Ok(out)
}

/// The rows of some listings, or the part that says why there are none. What was cut off is said with what came.
async fn listed(
    core: &Arc<Core>,
    name: &'static str,
    calls: Vec<Call>,
) -> Result<Vec<Value>, Part> {
    let mut rows = Vec::new();
    for answer in answers(core, calls, How::INSIST).await {
        match &answer {
            Answer::Got { .. } => rows.extend(answer.items().map(|j| j.0.clone())),
            Answer::None => {}
            Answer::Failed(fault) => return Err(Part::missing(name, fault.to_string())),
            Answer::Withheld(needs) => {
                return Err(Part::missing(
                    name,
                    format!("it needs {}", needs.join(" or ")),
                ));
            }
        }
    }
    Ok(rows)
}

/// The record says that it was done, or that it may have been.
fn claims(p: &Past) -> bool {
    !matches!(p.deed.stand, Stand::NotSent | Stand::Failed)
}

/// Younger than this a missing row says nothing.
fn young(p: &Past, now: Ticks, lag: Duration) -> bool {
    let lag = i64::try_from(lag.as_nanos() / 100).unwrap_or(i64::MAX);
    now.0.saturating_sub(p.deed.at.0) < lag
}

/// What the record says of a deed, for a line.
fn here(p: &Past) -> String {
    let text = format!(
        "{} · {} · run {}",
        p.deed.at.literal(),
        p.deed.sentence,
        p.deed.run
    );
    table::Txt::new(&text).shown().into_owned()
}

/// Whether one of its requests went below this path.
fn below(p: &Past, path: &str) -> bool {
    p.requests.iter().any(|r| r.starts_with(path))
}

/// A verb whose target shows what became of it.
fn shows(p: &Past) -> bool {
    verb::named(&p.deed.verb).is_some_and(|v| v.proof == Proof::Entity)
}

#[cfg(test)]
mod tests;
