//! A confirmed command, target by target. The order is the point: compare, record, send, read, record, tell.
//!
//! Sending is one after the other, at the pace of the service; what became of each is found out beside it (`finish`), so
//! that a slow read-back does not use up the set's time. Whatever stops a set stops it between two targets: the request
//! in flight is finished and recorded, the rest is *not sent*.

use super::call::How;
use super::core::Core;
use super::finish::{self, Doing};
use super::hold::{self, Hold, Turn};
use super::paper::{self, Paper};
use super::part::{Fresh, answers, blocking, target_of};
use super::ports::{Mark, Rate, Terms};
use super::resume;
use super::supervisor::Out;
use super::write::{Sent, TRIES, late};
use crate::confirm::{self, Command, Confirmed, FEW, Permit, Target};
use crate::model::{Call, Fault, FaultKind, Json, Kind};
use crate::msg::{Body, RunState};
use crate::resource::Answer;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Says to a command under way that it is to stop.
#[derive(Clone, Debug)]
pub struct Halt(Arc<watch::Sender<bool>>);

impl Default for Halt {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Halt {
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is stopped.
    pub async fn stopped(&self) {
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }

    /// Whether both stop the same command.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What all targets of a command share.
struct Act {
    core: Arc<Core>,
    command: Command,
    set: String,
    halt: Halt,
    turn: Turn,
}

/// How far one target came.
enum Step {
    /// Nothing was sent, and nothing of it is on record yet.
    Left(RunState),
    /// It is over and on record.
    Over(RunState),
    /// Something was sent; what became of it is to be found out.
    Sent(Box<Doing>, Result<Value, Fault>),
}

/// The tasks that find out what became of what was sent.
pub type Endings = JoinSet<()>;

/// Executes a confirmed command and says what became of each target. Never aborted once begun. Comes back when nothing
/// more is to be sent; what is still to be found out goes on in the tasks it returns.
pub async fn run(
    core: &Arc<Core>,
    confirmed: Confirmed<Command>,
    out: &Out,
    halt: Halt,
    turn: Turn,
) -> Endings {
    let (command, permits) = confirmed.permits();
    let act = Arc::new(Act {
        core: Arc::clone(core),
        command,
        set: uuid::Uuid::new_v4().to_string(),
        halt,
        turn,
    });
    let mut endings = JoinSet::new();
    let count = act.command.targets.len();
    if count > 1
        && let Err(fault) = paper::began(core, &act.command, &act.set).await
    {
        let fault = unrecorded(fault);
        for target in 0..count {
            let state = RunState::NotSent(fault.clone());
            out.say(Body::Ran { target, state });
        }
        return endings;
    }
    for permit in permits {
        let place = permit.index();
        let tell = move |out: &Out, state| {
            out.say(Body::Ran {
                target: place,
                state,
            })
        };
        if let Err(fault) = act.may(permit.until()) {
            // whatever ended it ends it for all that follow: one line for the rest
            act.left(place..count, &fault.to_string(), true).await;
            for target in place..count {
                let state = RunState::NotSent(fault.clone());
                out.say(Body::Ran { target, state });
            }
            break;
        }
        match act.one(permit, out).await {
            Step::Left(state) => {
                act.left(place..place + 1, &reason(&state), false).await;
                tell(out, state);
            }
            Step::Over(state) => tell(out, state),
            Step::Sent(doing, yes) => {
                let (out, busy) = (out.clone(), core.settling.begin());
                endings.spawn(async move {
                    let _busy = busy;
                    let state = finish::finish(&doing, yes, &out, &|s| tell(&out, s)).await;
                    tell(&out, state);
                });
            }
        }
    }
    unfinished(core, count).await;
    endings
}

/// Nothing is sent of which nothing is on record.
fn unrecorded(fault: Fault) -> Fault {
    fault.next("nothing was sent; make the record writable, then confirm again")
}

/// What is left of sets after a command: it may have stopped one, or have gone on with one.
async fn unfinished(core: &Arc<Core>, count: usize) {
    if count > 1 || core.unfinished.load(Ordering::Relaxed) {
        resume::tell_unfinished(core).await;
    }
}

fn reason(state: &RunState) -> String {
    match state {
        RunState::Changed(what) => what
            .iter()
            .map(|(field, was, is)| format!("{field} was {was}, is {is}"))
            .collect::<Vec<_>>()
            .join("; "),
        RunState::NotSent(fault) => fault.to_string(),
        other => other.stand().word().to_owned(),
    }
}

impl Act {
    /// Puts on record that nothing was sent to these, all for one reason. `rest`: the set ended here.
    async fn left(&self, places: std::ops::Range<usize>, why: &str, rest: bool) {
        let targets: Vec<&Target> = self
            .command
            .targets
            .get(places)
            .into_iter()
            .flatten()
            .collect();
        let (core, command) = (&self.core, &self.command);
        paper::not_sent(core, command, &self.set, &targets, why, rest).await;
    }

    /// Whether anything may still leave for this command: asked before each target and before each try.
    fn may(&self, until: Duration) -> Result<(), Fault> {
        self.gate(until).check(&self.core)
    }

    fn gate(&self, until: Duration) -> Gate {
        Gate {
            halt: self.halt.clone(),
            tenant_id: self.command.tenant_id.clone(),
            principal: self.command.principal.clone(),
            until,
        }
    }

    async fn one(self: &Arc<Self>, permit: Permit, out: &Out) -> Step {
        let until = permit.until();
        let not_sent = |fault| Step::Left(RunState::NotSent(fault));
        let target = match permit.spend(self.core.mono()) {
            Ok(target) => target,
            Err(_) => return not_sent(late()),
        };
        let place = self
            .command
            .targets
            .iter()
            .position(|t| *t == target)
            .unwrap_or(0);
        let (core, command) = (&self.core, &self.command);
        let gate = self.gate(until);
        let mut hold = Hold::new(core, &gate, &self.turn, &command.sentence);
        let (mark, seen) = loop {
            let fault = match self.ready(&target, until).await {
                Ok((mark, Ok(seen))) => break (mark, seen),
                Ok((_, Err(changes))) => return Step::Left(RunState::Changed(changes)),
                Err(fault) => fault,
            };
            // nothing was sent yet: who signs in within its life finds it going on, from a fresh reading
            if let Err(fault) = hold.wait(fault).await {
                return not_sent(fault);
            }
        };
        let (json, now) = (&seen.json, Json(&seen.json));
        let me = command.me.txt();
        if !json.is_null()
            && let Some(why) = (command.verb.blocked)(target.key.kind, now, me)
        {
            return not_sent(Fault::new(FaultKind::Refused, why));
        }
        let calls = match (command.verb.plan)(&target.key, now, &command.args, me, &seen.answers) {
            Ok(calls) if calls.iter().any(Call::is_read) || calls.is_empty() => {
                return not_sent(Fault::new(FaultKind::Internal, "the verb has no requests"));
            }
            Ok(calls) => calls,
            Err(why) => return not_sent(Fault::new(FaultKind::Refused, why)),
        };
        let before = (command.verb.before)(command.verb, &target.key, now, &seen.answers);
        let mut paper = Paper::new(core, command, &self.set, &target, before, &calls);
        let rate = (command.tier == 2 && command.verb.number_raises).then_some(Rate {
            own: command.targets.len(),
            most: FEW,
        });
        // the last look before it is on record: an intent says that something is about to leave
        if let Err(fault) = self.may(until) {
            return not_sent(fault);
        }
        let terms = Terms { seen: mark, rate };
        if let Err(fault) = paper.intent(terms).await {
            return not_sent(match fault.kind {
                FaultKind::Refused => fault,
                _ => unrecorded(fault),
            });
        }
        out.say(Body::Ran {
            target: place,
            state: RunState::Sent,
        });
        let doing = Box::new(Doing {
            core: Arc::clone(core),
            verb: command.verb,
            key: target.key.clone(),
            args: command.args.clone(),
            me: command.me.clone(),
            synced: target.key.kind == Kind::User
                && now.at("onPremisesSyncEnabled").0.as_bool() == Some(true),
            paper,
        });
        self.send(doing, &target, calls, hold, out).await
    }

    /// The target as it is now, under the sign-in that is about to act, or what differs from what the person saw.
    async fn ready(
        &self,
        target: &Target,
        until: Duration,
    ) -> Result<(Mark, Result<Seen, Changes>), Fault> {
        self.admitted(target, until).await?;
        // what another run does from here on is not in what is read now
        let marked = {
            let core = Arc::clone(&self.core);
            blocking(move || core.record.mark()).await
        };
        let mark = marked.map_err(unrecorded)?;
        Ok((mark, self.compare(target).await?))
    }

    /// The sign-in that is about to act must be the one that the prompt was shown under, and our own rules still let it.
    async fn admitted(&self, target: &Target, until: Duration) -> Result<(), Fault> {
        let needs = (self.command.verb.needs)(target.key.kind);
        self.core.bearer(needs.service, How::WRITE.class).await?;
        let session = self.core.who.session();
        let refused = |why: String| Err(Fault::new(FaultKind::Refused, why));
        if let Some(rule) = session.guards.never(&target.key) {
            return refused(format!("the rule “{rule}” of the never list forbids it"));
        }
        if let Some(switch) = needs.switch.filter(|s| !session.guards.on(*s)) {
            return refused(session.guards.off(switch, &session.tenant));
        }
        self.may(until)
    }

    /// Reads the target again and compares it with what the person saw.
    async fn compare(&self, target: &Target) -> Result<Result<Seen, Changes>, Fault> {
        let (core, command) = (&self.core, &self.command);
        let Fresh { json, .. } =
            target_of(core, command.verb, &target.key, &command.args, How::WRITE).await?;
        let calls = (command.verb.preview)(&target.key, Json(&json), &command.args);
        let answers = answers(core, calls, How::WRITE).await;
        // a prompt on listings was made without them, and is compared without them
        let shown = match command.read_at {
            Some(_) => answers.as_slice(),
            None => &[],
        };
        let now = confirm::state(&target.key, Json(&json), shown, command.verb);
        let mut changes = confirm::changed(&target.seen, &now);
        changes.extend(renamed(target, Json(&json)));
        // the session ended between two of them: that is no change of the target
        let unread = answers.iter().find_map(|answer| match answer {
            Answer::Failed(fault) if hold::helps(core, fault) => Some(fault),
            _ => None,
        });
        if let (false, Some(fault)) = (changes.is_empty(), unread) {
            return Err(fault.clone());
        }
        Ok(match changes.is_empty() {
            true => Ok(Seen { json, answers }),
            false => Err(changes),
        })
    }

    /// Sends the requests in order, each stamped with the run's mark.
    async fn send(
        &self,
        doing: Box<Doing>,
        target: &Target,
        calls: Vec<Call>,
        mut hold: Hold<'_>,
        out: &Out,
    ) -> Step {
        let core = &self.core;
        let again = doing.paper.attempts();
        let gate = hold.gate();
        let count = calls.len();
        let mut yes = Value::Null;
        // fields that the requests before wrote: that they differ now is our own doing
        let mut ours: Vec<String> = Vec::new();
        for (n, mut call) in calls.into_iter().enumerate() {
            let plain = call.body.clone();
            stamp(&doing, &mut call, core.takes_external());
            let run = &doing.paper.entry.run;
            let mut tries = 0;
            let mut sent = loop {
                let mut fault = match core.write(&call, run, gate, &*again, &mut tries).await {
                    Sent::NotExecuted(fault) if tries < TRIES => fault,
                    sent => break sent,
                };
                // it met a session that is over: proven not executed, so it waits, is looked at anew, and goes on
                let why = format!("{fault}: sent again after the sign-in");
                let fresh = loop {
                    if let Err(fault) = hold.wait(fault).await {
                        break Err(fault);
                    }
                    match self.compare(target).await {
                        Ok(fresh) => break Ok(fresh),
                        Err(again) => fault = again,
                    }
                };
                match fresh {
                    Ok(Ok(_)) => {}
                    Ok(Err(mut changes)) => {
                        changes.retain(|(field, ..)| !ours.contains(field));
                        if !changes.is_empty() {
                            return self.differs(&doing, changes, n, count, out).await;
                        }
                    }
                    Err(fault) => break Sent::NotExecuted(fault),
                }
                if let Err(disk) = again(why).await {
                    break Sent::NotExecuted(disk);
                }
            };
            if let (Sent::Refused(fault), Some(body)) = (&sent, plain)
                && fault.status == 400
                && fault.what.contains("InvalidRequestBody")
                && doing.verb.stamp.is_some_and(|s| !s.external.is_empty())
                && core.takes_external()
            {
                // this service takes no id of ours; refused is proven not executed
                core.refuse_external();
                call.body = Some(body);
                stamp(&doing, &mut call, false);
                sent = match again(format!("{fault}: sent without an external id")).await {
                    Ok(()) => core.write(&call, run, gate, &*again, &mut tries).await,
                    Err(fault) => Sent::NotExecuted(fault),
                };
            }
            match sent {
                Sent::Accepted(words) => {
                    yes = words;
                    let body = call.body.as_ref().and_then(Value::as_object);
                    ours.extend(body.into_iter().flat_map(|b| b.keys().cloned()));
                }
                // what follows may rest on this one: look first
                Sent::Unknown(fault) => return Step::Sent(doing, Err(fault)),
                Sent::NotExecuted(fault) if n == 0 => {
                    let state = RunState::NotSent(fault);
                    doing.paper.stand(&state, None, true).await;
                    return Step::Over(state);
                }
                Sent::NotExecuted(fault) | Sent::Refused(fault) => {
                    return self.failed(&doing, fault, n, count, out).await;
                }
            }
        }
        Step::Sent(doing, Ok(yes))
    }

    /// The target is not any more what it was while the person was away.
    async fn differs(
        &self,
        doing: &Doing,
        changes: Changes,
        n: usize,
        count: usize,
        out: &Out,
    ) -> Step {
        let state = RunState::Changed(changes);
        if n > 0 {
            let what = format!("the target differs meanwhile: {}", reason(&state));
            let fault =
                Fault::new(FaultKind::Conflict, what).next("look at it, then confirm again");
            return self.failed(doing, fault, n, count, out).await;
        }
        doing.paper.stand(&state, None, true).await;
        Step::Over(state)
    }

    /// The service said no, or `n` of `count` requests were done and the rest cannot be sent.
    async fn failed(
        &self,
        doing: &Doing,
        mut fault: Fault,
        n: usize,
        count: usize,
        out: &Out,
    ) -> Step {
        if n > 0 {
            fault.what = format!("{n} of {count} requests were done, then: {}", fault.what);
            // for the list's sake; what it shows does not change what happened
            let _ = finish::look(doing, Some(out)).await;
        }
        let state = RunState::Failed(fault);
        doing.paper.stand(&state, None, true).await;
        Step::Over(state)
    }
}

type Changes = Vec<(String, String, String)>;

/// What a target was right before its write.
struct Seen {
    json: Value,
    answers: Vec<Answer>,
}

/// Asked before each target, and again right before each try.
pub struct Gate {
    pub halt: Halt,
    pub tenant_id: String,
    pub principal: table::Text,
    /// The end of the confirmation's life, on the monotonic clock.
    pub until: Duration,
}

impl Gate {
    /// Whether anything may still leave: not stopped, not late, and in the name it was confirmed in.
    pub fn check(&self, core: &Core) -> Result<(), Fault> {
        let refused = |what: &str, next: &str| Err(Fault::new(FaultKind::Refused, what).next(next));
        if self.halt.is_stopped() {
            let what = "stopped before this was sent";
            let fault = Fault::new(FaultKind::Cancelled, what);
            return Err(fault.next("read it again, then confirm again"));
        }
        let session = core.who.session();
        if let Some(why) = session.read_only {
            return refused(&why, "");
        }
        if session.tenant_id != self.tenant_id || *session.acting() != self.principal {
            return refused(
                "the sign-in changed since this was confirmed; nothing was sent",
                "look at it again, then confirm again",
            );
        }
        match core.mono() > self.until {
            true => Err(late()),
            false => Ok(()),
        }
    }
}

/// The name by which people know the target: another one under the same id is another thing to them.
fn renamed(target: &Target, now: Json<'_>) -> Option<(String, String, String)> {
    let (field, known) = match target.key.kind {
        Kind::Device => ("computerDnsName", true),
        Kind::User => (
            "userPrincipalName",
            target.handle.txt().exact().contains('@'),
        ),
        _ => return None,
    };
    let is = now.text(field).filter(|_| known)?;
    let differs = !is
        .txt()
        .exact()
        .eq_ignore_ascii_case(target.handle.txt().exact());
    let shown = |t: &table::Text| t.txt().shown().into_owned();
    differs.then(|| ("name".to_owned(), shown(&target.handle), shown(&is)))
}

/// Writes the run's mark into a body that has a place for it.
fn stamp(doing: &Doing, call: &mut Call, external: bool) {
    let (Some(stamp), Some(Value::Object(body))) = (doing.verb.stamp, &mut call.body) else {
        return;
    };
    let mark = doing.paper.mark();
    if let Some(Value::String(comment)) = body.get_mut(stamp.comment) {
        *comment = format!("{} [wf {mark}]", comment.trim_end());
    }
    if external && !stamp.external.is_empty() {
        body.insert(stamp.external.to_owned(), mark.into());
    }
}
