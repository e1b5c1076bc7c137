//! A confirmed command, from fresh read to read-back. The order is the point: compare, record, send, read, record, tell.

use super::call::How;
use super::core::Core;
use super::part::{Fresh, blocking, fetch, keep};
use super::ports::{Entry, EntryRequest, EntryTarget, Stage};
use super::supervisor::Out;
use super::write::{Again, Sent, late};
use crate::confirm::{self, Command, Confirmed, Permit, Target, seen};
use crate::model::{Call, Fault, FaultKind, Json};
use crate::msg::{Body, Level, RunState};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// Reads back so often, with a growing pause: directories answer from a copy that lags behind.
const LOOKS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// Executes a confirmed command and says what became of each target. Never aborted once begun.
pub async fn run(core: &Arc<Core>, confirmed: Confirmed<Command>, out: &Out) {
    let (command, permits) = confirmed.permits();
    for permit in permits {
        let target = permit.index();
        let state = one(core, &command, permit, out).await;
        out.say(Body::Ran { target, state });
    }
}

async fn one(core: &Arc<Core>, command: &Command, permit: Permit, out: &Out) -> RunState {
    let (until, place) = (permit.until(), permit.index());
    let target = match permit.spend(core.mono()) {
        Ok(target) => target,
        Err(_) => return RunState::NotSent(late()),
    };
    let target = &target;
    if let Err(fault) = same_sign_in(core, command).await {
        return RunState::NotSent(fault);
    }
    let Fresh { json, .. } = match fetch(core, &target.key, How::WRITE).await {
        Ok(fresh) => fresh,
        Err(fault) => return RunState::NotSent(fault),
    };
    let now = confirm::state(&target.key, Json(&json), &[], command.verb);
    let changes = confirm::changed(&target.seen, &now);
    if !changes.is_empty() {
        return RunState::Changed(changes);
    }
    let me = command.me.txt();
    let calls = match (command.verb.plan)(&target.key, Json(&json), &command.args, me, &[]) {
        Ok(calls) if calls.iter().any(Call::is_read) || calls.is_empty() => {
            return RunState::NotSent(Fault::new(FaultKind::Internal, "the verb has no requests"));
        }
        Ok(calls) => calls,
        Err(why) => return RunState::NotSent(Fault::new(FaultKind::Refused, why)),
    };
    let paper = Paper::new(core, command, target, Json(&json), &calls);
    if let Err(fault) = paper.put(Stage::Intent, None, None).await {
        return RunState::NotSent(
            fault.next("nothing was sent; make the record writable, then confirm again"),
        );
    }
    let say = |state| {
        out.say(Body::Ran {
            target: place,
            state,
        })
    };
    say(RunState::Sent);
    let state = execute(core, command, target, &calls, &paper, until, &say, out).await;
    let (word, detail) = words(&state);
    if let Err(fault) = paper.put(Stage::Outcome, Some(word), detail).await {
        core.notice(
            Level::Error,
            format!(
                "what became of “{}” could not be recorded: {}",
                command.sentence, fault.what
            ),
        );
    }
    state
}

/// The sign-in that is about to act must be the one that the prompt was shown under.
async fn same_sign_in(core: &Arc<Core>, command: &Command) -> Result<(), Fault> {
    let service = match command.targets.first() {
        Some(target) => (command.verb.needs)(target.key.kind).service,
        None => return Err(Fault::new(FaultKind::Refused, "there is no target")),
    };
    core.bearer(service, How::WRITE.class).await?;
    let session = core.who.session();
    if let Some(why) = session.read_only {
        return Err(Fault::new(FaultKind::Refused, why));
    }
    if session.tenant_id != command.tenant_id || session.principal != command.principal {
        return Err(Fault::new(
            FaultKind::Refused,
            "the sign-in changed since this was confirmed; nothing was sent",
        )
        .next("look at it again, then confirm again"));
    }
    Ok(())
}

/// Sends the requests in order and reads back.
#[allow(clippy::too_many_arguments)]
async fn execute(
    core: &Arc<Core>,
    command: &Command,
    target: &Target,
    calls: &[Call],
    paper: &Paper,
    until: Duration,
    say: &(dyn Fn(RunState) + Sync),
    out: &Out,
) -> RunState {
    let mut doubt = None;
    for (n, call) in calls.iter().enumerate() {
        let again = paper.attempts();
        match core.write(call, &paper.entry.run, until, &*again).await {
            Sent::Accepted => {}
            Sent::Unknown(fault) => {
                // what follows may rest on this one: look first
                doubt = Some(fault);
                break;
            }
            Sent::NotExecuted(fault) if n == 0 => return RunState::NotSent(fault),
            Sent::NotExecuted(mut fault) | Sent::Refused(mut fault) => {
                if n > 0 {
                    fault.what = format!(
                        "{n} of {} requests were done, then: {}",
                        calls.len(),
                        fault.what
                    );
                    // for the list's sake; what it shows does not change what happened
                    let _ = read_back(core, command, target, out, 1).await;
                }
                return RunState::Failed(fault);
            }
        }
    }
    if doubt.is_none() {
        say(RunState::Accepted);
    }
    match (
        read_back(core, command, target, out, LOOKS.len()).await,
        doubt,
    ) {
        (Ok(Ok(())), None) => RunState::Succeeded,
        // seen with our own eyes; how it came about does not matter any more
        (Ok(Ok(())), Some(_)) if calls.len() == 1 => RunState::Succeeded,
        (Ok(Err(shows)), None) => RunState::Failed(
            Fault::new(
                FaultKind::Conflict,
                format!("it was accepted, but reading it back shows {shows}"),
            )
            .next("read it again in a minute"),
        ),
        (Ok(Err(shows)), Some(doubt)) => RunState::Unknown(Fault {
            next: format!("reading it shows {shows} for now; read it again before doing it again"),
            ..doubt
        }),
        (Ok(Ok(())) | Err(_), Some(doubt)) => RunState::Unknown(Fault {
            next: "read it again before doing it again".into(),
            ..doubt
        }),
        (Err(fault), None) => RunState::Unknown(Fault {
            what: format!(
                "it was accepted, but could not be read back: {}",
                fault.what
            ),
            next: "read it again".into(),
            ..fault
        }),
    }
}

/// Reads the target until it shows what was wanted, at most `looks` times; the last reading goes to list and cache.
async fn read_back(
    core: &Arc<Core>,
    command: &Command,
    target: &Target,
    out: &Out,
    looks: usize,
) -> Result<Result<(), String>, Fault> {
    let mut last = Err(Fault::new(FaultKind::Internal, "it was not read"));
    for pause in LOOKS.iter().take(looks) {
        if !pause.is_zero() {
            core.clock.sleep(*pause).await;
        }
        last = match fetch(core, &target.key, How::WRITE).await {
            Ok(fresh) => {
                let shows = (command.verb.verify)(
                    &target.key,
                    Json(&fresh.json),
                    &command.args,
                    command.me.txt(),
                    &serde_json::Value::Null,
                );
                keep(core, target.key.kind, fresh.text, out).await;
                if shows.is_ok() {
                    return Ok(shows);
                }
                Ok(shows)
            }
            Err(fault) => Err(fault),
        };
    }
    last
}

/// The words of the record for a state.
fn words(state: &RunState) -> (&'static str, Option<String>) {
    match state {
        RunState::Changed(_) => ("changed", None),
        RunState::Failed(f) | RunState::Unknown(f) | RunState::NotSent(f) => {
            (state.stand().word(), Some(f.to_string()))
        }
        other => (other.stand().word(), None),
    }
}

/// What goes on record about one command.
struct Paper {
    core: Arc<Core>,
    entry: Entry,
}

impl Paper {
    fn new(
        core: &Arc<Core>,
        command: &Command,
        target: &Target,
        now: Json<'_>,
        calls: &[Call],
    ) -> Self {
        let before = command
            .verb
            .writes
            .iter()
            .map(|field| (*field, seen(now, field)))
            .collect();
        Self {
            core: Arc::clone(core),
            entry: Entry {
                stage: Stage::Intent,
                run: uuid::Uuid::new_v4().to_string(),
                tenant: core.tenant.name.clone(),
                tenant_id: command.tenant_id.clone(),
                principal: command.principal.clone(),
                analyst: command.me.clone(),
                verb: command.verb.name,
                targets: vec![EntryTarget {
                    key: target.key.clone(),
                    name: target.name.clone(),
                    before,
                }],
                sentence: command.sentence.clone(),
                reason: command
                    .args
                    .reason
                    .clone()
                    .or_else(|| command.args.text.clone()),
                requests: calls
                    .iter()
                    .map(|c| EntryRequest {
                        service: c.service.name(),
                        method: c.method.name(),
                        path: c.path.as_str().to_owned(),
                        body: c.body.clone(),
                    })
                    .collect(),
                state: None,
                detail: None,
            },
        }
    }

    /// Appends a line; on the disk when this returns.
    fn put(
        &self,
        stage: Stage,
        state: Option<&'static str>,
        detail: Option<String>,
    ) -> BoxFuture<'static, Result<(), Fault>> {
        append(
            &self.core,
            Entry {
                stage,
                state,
                detail,
                ..self.entry.clone()
            },
        )
    }

    /// What puts a further try of the same intent on record.
    fn attempts(&self) -> Box<Again> {
        let (core, entry) = (Arc::clone(&self.core), self.entry.clone());
        Box::new(move |why| {
            append(
                &core,
                Entry {
                    stage: Stage::Attempt,
                    detail: Some(why),
                    ..entry.clone()
                },
            )
        })
    }
}

fn append(core: &Arc<Core>, entry: Entry) -> BoxFuture<'static, Result<(), Fault>> {
    let core = Arc::clone(core);
    blocking(move || core.record.append(core.wall(), &entry)).boxed()
}
