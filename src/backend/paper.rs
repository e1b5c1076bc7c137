//! What goes on record about one intent, and what the screen is told of it as a deed.

use super::core::Core;
use super::part::blocking;
use super::ports::{Entry, EntryRequest, EntryTarget, Past, Receipt, Stage, Terms};
use super::write::Again;
use crate::confirm::{Command, Target};
use crate::model::{Call, Fault, Stand, Ticks};
use crate::msg::{Level, News, RunState};
use crate::verb::{self, Deed};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use table::Text;

/// One intent's lines. Each is on the disk before anybody is told.
pub struct Paper {
    core: Arc<Core>,
    pub entry: Entry,
    /// When the intent was put on record.
    pub at: Ticks,
    /// Hex SHA-256 of the intent's line.
    pub hash: String,
    last: Mutex<Deed>,
}

impl Paper {
    /// The paper of a target that is about to be written to. Nothing is on record yet.
    pub fn new(
        core: &Arc<Core>,
        command: &Command,
        set: &str,
        target: &Target,
        before: Value,
        calls: &[Call],
    ) -> Self {
        let several = command.targets.len() > 1;
        let run = match several {
            true => uuid::Uuid::new_v4().to_string(),
            false => set.to_owned(),
        };
        let mut entry = blank(core, command, run, set);
        entry.args = verb::keep::write(&command.args);
        entry.targets = vec![EntryTarget {
            key: target.key.clone(),
            name: target.name.clone(),
            before,
        }];
        entry.requests = calls
            .iter()
            .map(|c| EntryRequest {
                service: c.service.name(),
                method: c.method.name(),
                path: c.path.as_str().to_owned(),
                body: c.body.clone(),
            })
            .collect();
        Self::of(core, entry, core.wall(), String::new(), None)
    }

    /// The paper of an intent that an earlier run left open.
    pub fn again(core: &Arc<Core>, past: &Past) -> Self {
        let deed = &past.deed;
        let entry = Entry {
            stage: Stage::Outcome,
            run: deed.run.clone(),
            set: deed.set.clone(),
            tenant: core.tenant.name.clone(),
            tenant_id: past.tenant_id.clone(),
            principal: past.principal.clone(),
            analyst: deed.analyst.clone(),
            verb: deed.verb.clone(),
            tier: past.tier,
            targets: vec![EntryTarget {
                key: deed.key.clone(),
                name: deed.name.clone(),
                before: deed.before.clone(),
            }],
            sentence: deed.sentence.clone(),
            reason: deed.reason.clone(),
            args: past.args.clone(),
            requests: Vec::new(),
            undoes: past.undoes.clone(),
            state: None,
            detail: None,
            action: deed.action.clone(),
            closed: false,
        };
        Self::of(core, entry, deed.at, past.hash.clone(), Some(deed.clone()))
    }

    fn of(core: &Arc<Core>, entry: Entry, at: Ticks, hash: String, deed: Option<Deed>) -> Self {
        let deed = deed.unwrap_or_else(|| deed_of(&entry, at));
        Self {
            core: Arc::clone(core),
            entry,
            at,
            hash,
            last: Mutex::new(deed),
        }
    }

    /// The same intent for another task.
    pub fn another(&self) -> Self {
        let deed = super::core::lock(&self.last).clone();
        Self::of(
            &self.core,
            self.entry.clone(),
            self.at,
            self.hash.clone(),
            Some(deed),
        )
    }

    /// Puts the intent on record, if the terms let it.
    pub async fn intent(&mut self, terms: Terms) -> Result<(), Fault> {
        let (core, entry) = (Arc::clone(&self.core), self.entry.clone());
        let receipt = blocking(move || core.record.intend(core.wall(), &entry, &terms)).await?;
        self.hash = receipt.hash;
        self.tell(|_| {});
        Ok(())
    }

    /// The run's mark, as it goes into the service.
    pub fn mark(&self) -> String {
        let short = self.hash.get(..16).unwrap_or(&self.hash);
        format!("{}-{short}", self.entry.run)
    }

    /// Puts where it stands on record and tells it. `closed`: nobody looks further.
    pub async fn stand(&self, state: &RunState, action: Option<&Text>, closed: bool) {
        let (word, detail) = words(state);
        self.put(Stage::Outcome, word, detail, action, closed).await;
    }

    /// As `stand`, for a reading long after.
    pub async fn later(&self, stand: Stand, detail: String) {
        self.put(Stage::Later, stand.word(), Some(detail), None, true)
            .await;
    }

    async fn put(
        &self,
        stage: Stage,
        word: &'static str,
        detail: Option<String>,
        action: Option<&Text>,
        closed: bool,
    ) {
        let done = append(
            &self.core,
            Entry {
                stage,
                state: Some(word),
                detail: detail.clone(),
                action: action.cloned(),
                closed,
                // the intent's line has them; a line more in their place proves nothing more
                args: Value::Null,
                requests: Vec::new(),
                ..self.entry.clone()
            },
        );
        if let Err(fault) = done.await {
            self.core.notice(
                Level::Error,
                format!(
                    "what became of “{}” ({word}) could not be recorded: {}",
                    self.entry.sentence, fault.what
                ),
            );
        }
        self.tell(|deed| {
            deed.stand = Stand::parse(word).unwrap_or(deed.stand);
            deed.detail = detail.unwrap_or_default();
            if let Some(action) = action {
                deed.action = Some(action.clone());
            }
        });
    }

    fn tell(&self, change: impl FnOnce(&mut Deed)) {
        let deed = {
            let mut deed = super::core::lock(&self.last);
            change(&mut deed);
            deed.clone()
        };
        self.core.news(News::Deeds(vec![deed]));
    }

    /// What puts a further try of the same intent on record.
    pub fn attempts(&self) -> Box<Again> {
        let (core, entry) = (Arc::clone(&self.core), self.entry.clone());
        Box::new(move |why| {
            let entry = Entry {
                stage: Stage::Attempt,
                detail: Some(why),
                args: Value::Null,
                ..entry.clone()
            };
            let done = append(&core, entry);
            async move { done.await.map(|_| ()) }.boxed()
        })
    }
}

/// An entry of a command without a target.
fn blank(core: &Arc<Core>, command: &Command, run: String, set: &str) -> Entry {
    Entry {
        stage: Stage::Intent,
        run,
        set: set.to_owned(),
        tenant: core.tenant.name.clone(),
        tenant_id: command.tenant_id.clone(),
        principal: command.principal.clone(),
        analyst: command.me.clone(),
        verb: command.verb.name.to_owned(),
        tier: command.tier,
        targets: Vec::new(),
        sentence: command.sentence.clone(),
        reason: command
            .args
            .reason
            .clone()
            .or_else(|| command.args.text.clone()),
        args: Value::Null,
        requests: Vec::new(),
        undoes: command.undoes.clone(),
        state: None,
        detail: None,
        action: None,
        closed: false,
    }
}

fn named<'a>(targets: impl Iterator<Item = &'a Target>) -> Vec<EntryTarget> {
    let named = |t: &Target| EntryTarget {
        key: t.key.clone(),
        name: t.name.clone(),
        before: Value::Null,
    };
    targets.map(named).collect()
}

/// Puts on record that a set begins, and on what: whatever ends it, it can be told what of it was never sent.
pub async fn began(core: &Arc<Core>, command: &Command, set: &str) -> Result<(), Fault> {
    let entry = Entry {
        stage: Stage::Began,
        targets: named(command.targets.iter()),
        args: verb::keep::write(&command.args),
        ..blank(core, command, set.to_owned(), set)
    };
    append(core, entry).await.map(|_| ())
}

/// Puts targets on record to which nothing was sent, all with one reason, in one line. `rest`: the set ended before them.
pub async fn not_sent(
    core: &Arc<Core>,
    command: &Command,
    set: &str,
    targets: &[&Target],
    why: &str,
    rest: bool,
) {
    let run = uuid::Uuid::new_v4().to_string();
    let entry = Entry {
        stage: match rest && command.targets.len() > 1 {
            true => Stage::Rest,
            false => Stage::Outcome,
        },
        targets: named(targets.iter().copied()),
        state: Some(Stand::NotSent.word()),
        detail: Some(why.to_owned()),
        closed: true,
        ..blank(core, command, run, set)
    };
    put_closed(core, entry).await;
}

/// Puts on record what was answered and taken back.
pub async fn cancelled(core: &Arc<Core>, cancelled: crate::confirm::Cancelled) {
    let run = uuid::Uuid::new_v4().to_string();
    let entry = Entry {
        stage: Stage::Cancelled,
        set: run.clone(),
        run,
        tenant: core.tenant.name.clone(),
        tenant_id: cancelled.tenant_id,
        principal: cancelled.principal,
        analyst: cancelled.me,
        verb: cancelled.verb.to_owned(),
        tier: 0,
        targets: cancelled
            .targets
            .into_iter()
            .map(|(key, name)| EntryTarget {
                key,
                name,
                before: Value::Null,
            })
            .collect(),
        sentence: cancelled.sentence,
        reason: cancelled.reason,
        args: Value::Null,
        requests: Vec::new(),
        undoes: Vec::new(),
        state: Some(Stand::NotSent.word()),
        detail: Some(cancelled.why.to_owned()),
        action: None,
        closed: true,
    };
    put_closed(core, entry).await;
}

async fn put_closed(core: &Arc<Core>, entry: Entry) {
    let (at, sentence) = (core.wall(), entry.sentence.clone());
    let deeds = entry
        .targets
        .iter()
        .map(|t| Deed {
            key: t.key.clone(),
            name: t.name.clone(),
            stand: Stand::NotSent,
            detail: entry.detail.clone().unwrap_or_default(),
            ..deed_of(&entry, at)
        })
        .collect();
    if let Err(fault) = append(core, entry).await {
        core.notice(
            Level::Error,
            format!(
                "that “{sentence}” was not sent could not be recorded: {}",
                fault.what
            ),
        );
    }
    core.news(News::Deeds(deeds));
}

fn deed_of(entry: &Entry, at: Ticks) -> Deed {
    let target = entry.targets.first();
    let key = target.map(|t| t.key.clone());
    Deed {
        run: entry.run.clone(),
        set: entry.set.clone(),
        at,
        verb: entry.verb.clone(),
        key: key.unwrap_or_else(|| crate::model::Key::new(crate::model::Kind::Incident, "")),
        name: target.map(|t| t.name.clone()).unwrap_or_default(),
        sentence: entry.sentence.clone(),
        reason: entry.reason.clone(),
        before: target.map(|t| t.before.clone()).unwrap_or_default(),
        stand: Stand::Sent,
        detail: String::new(),
        action: entry.action.clone(),
        analyst: entry.analyst.clone(),
        undone: None,
    }
}

/// The words of the record for a state.
fn words(state: &RunState) -> (&'static str, Option<String>) {
    match state {
        RunState::Changed(what) => {
            let what: Vec<String> = what
                .iter()
                .map(|(field, was, is)| format!("{field} was {was}, is {is}"))
                .collect();
            (Stand::NotSent.word(), Some(what.join("; ")))
        }
        RunState::Failed(f) | RunState::Unknown(f) | RunState::NotSent(f) => {
            (state.stand().word(), Some(f.to_string()))
        }
        other => (other.stand().word(), None),
    }
}

fn append(core: &Arc<Core>, entry: Entry) -> BoxFuture<'static, Result<Receipt, Fault>> {
    let core = Arc::clone(core);
    blocking(move || core.record.append(core.wall(), &entry)).boxed()
}
