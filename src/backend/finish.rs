//! What became of a request: followed where the service works on it, read back, read again long after where something may
//! undo it. Reads only. Each state is on record before it is told, and nothing is called done that was not seen.

use super::call::How;
use super::core::Core;
use super::hold;
use super::paper::Paper;
use super::part::{answers, keep, target_of};
use super::supervisor::Out;
use super::trace;
use crate::model::{Call, Fault, FaultKind, Json, Key, Stand};
use crate::msg::{Level, RunState};
use crate::resource::Answer;
use crate::verb::{Args, Course, Follow, Proof, Verb};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use table::Text;

/// Reads back so often, with a growing pause: directories answer from a copy that lags behind.
const LOOKS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];
/// An action is asked for first after this, then ever more slowly.
const FIRST_POLL: Duration = Duration::from_secs(5);
const SLOWEST_POLL: Duration = Duration::from_secs(60);
/// For each action that is followed at the same time: half of the service's calls a minute stay for people.
const EACH: Duration = Duration::from_millis(1200);
/// The service tries for three days; then nobody waits any more.
const LONGEST: Duration = Duration::from_secs(80 * 3600);
/// A list may lag: not found in it is unknown for at least so long.
pub const LAG: Duration = Duration::from_secs(600);
/// When the directory's synchronization has surely run once more.
pub const SYNC: Duration = Duration::from_secs(35 * 60);

/// One request that was sent, and how to find out what became of it.
pub struct Doing {
    pub core: Arc<Core>,
    pub verb: &'static Verb,
    pub key: Key,
    pub args: Args,
    /// Who acts.
    pub me: Text,
    /// The target comes from Active Directory, which may take the change back.
    pub synced: bool,
    pub paper: Paper,
}

/// Tells a state on the way.
pub type Say<'a> = &'a (dyn Fn(RunState) + Send + Sync);

/// Finds out what became of it and puts that on record. `yes`: the service's words, or why there was no clear answer.
pub async fn finish(doing: &Doing, yes: Result<Value, Fault>, out: &Out, say: Say<'_>) -> RunState {
    let (state, action) = match (doing.verb.follow, yes) {
        (Some(follow), Ok(body)) if !body.is_null() => course(doing, follow, &body, out, say).await,
        // a yes without words, or none: the service's own list knows
        (Some(_), yes) if trace::can(doing) => traced(doing, yes.err(), out, say).await,
        (_, Ok(_)) => (accepted(doing, out, say).await, None),
        (_, Err(doubt)) => (doubted(doing, doubt, out).await, None),
    };
    settle(doing, &state, action.as_ref()).await;
    state
}

/// Puts the end on record; what may be taken back behind our back is read again later.
async fn settle(doing: &Doing, state: &RunState, action: Option<&Text>) {
    let later = match state {
        RunState::Succeeded if doing.synced => Some((Owed::Sync, SYNC)),
        RunState::Accepted => Some((Owed::Proof, SYNC)),
        // young enough that the next reading may settle it
        RunState::Unknown(_) if doing.age() < LAG => Some((Owed::Answer, LAG)),
        _ => None,
    };
    doing.paper.stand(state, action, later.is_none()).await;
    if *state == RunState::Succeeded {
        doing.core.lasting.notify_one();
    }
    if let Some((owed, wait)) = later {
        look_later(doing, owed, wait);
    }
}

/// Why it is read once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// Active Directory may take it back.
    Sync,
    /// It was accepted, and nothing has shown it yet.
    Proof,
    /// The service gave no clear answer, and the first readings did not settle it.
    Answer,
}

/// It may be over by itself: to be asked again, and no answer about the target.
pub fn passes(fault: &Fault) -> bool {
    use FaultKind::{Clock, Network, Server, SignIn, Throttled, Timeout, Tls};
    matches!(
        fault.kind,
        Network | Timeout | SignIn | Clock | Throttled | Server | Tls
    )
}

/// The service said yes and does it at once.
async fn accepted(doing: &Doing, out: &Out, say: Say<'_>) -> RunState {
    say(RunState::Accepted);
    if doing.verb.proof == Proof::Later {
        return RunState::Accepted;
    }
    match read_back(doing, out, LOOKS.len()).await {
        Ok(Ok(())) => RunState::Succeeded,
        Ok(Err(shows)) => RunState::Failed(
            Fault::new(
                FaultKind::Conflict,
                format!("it was accepted, but reading it back shows {shows}"),
            )
            .next("read it again in a minute"),
        ),
        Err(fault) => RunState::Unknown(Fault {
            what: format!(
                "it was accepted, but could not be read back: {}",
                fault.what
            ),
            next: "read it again".into(),
            ..fault
        }),
    }
}

/// No clear answer, and nothing to follow: the target itself is looked at.
async fn doubted(doing: &Doing, doubt: Fault, out: &Out) -> RunState {
    let one = doing.paper.entry.requests.len() == 1;
    match read_back(doing, out, LOOKS.len()).await {
        // seen with our own eyes; how it came about does not matter any more
        Ok(Ok(())) if one && doing.verb.proof == Proof::Entity => RunState::Succeeded,
        Ok(Err(shows)) => RunState::Unknown(Fault {
            next: format!("reading it shows {shows} for now; read it again before doing it again"),
            ..doubt
        }),
        Ok(Ok(())) | Err(_) => RunState::Unknown(Fault {
            next: "read it again before doing it again".into(),
            ..doubt
        }),
    }
}

/// Looks for the action at the service until it is there or the list cannot lag any more.
pub async fn traced(
    doing: &Doing,
    doubt: Option<Fault>,
    out: &Out,
    say: Say<'_>,
) -> (RunState, Option<Text>) {
    let core = &doing.core;
    let fault = doubt.unwrap_or_else(|| {
        Fault::new(
            FaultKind::BadAnswer,
            "it was accepted without a word of what was begun",
        )
    });
    let unknown = |next: String| {
        RunState::Unknown(Fault {
            next,
            ..fault.clone()
        })
    };
    let mut wait = FIRST_POLL;
    let mut told = false;
    loop {
        match trace::find(doing).await {
            Ok(Some(found)) => {
                return match doing.verb.follow {
                    Some(follow) => course(doing, follow, &found, out, say).await,
                    None => (unknown("it is at the service; read it again".into()), None),
                };
            }
            Ok(None) if doing.age() >= LAG => {
                let next = "ten minutes later the service's list does not have it: look at the target before doing it again";
                return (unknown(next.into()), None);
            }
            Err(broken) if doing.age() >= LAG && !passes(&broken) => {
                let next = format!(
                    "the service's list could not be read ({}): look before doing it again",
                    broken.what
                );
                return (unknown(next), None);
            }
            _ => {}
        }
        if !told {
            told = true;
            let state =
                unknown("the service's list may lag: it is looked for during ten minutes".into());
            doing.paper.stand(&state, None, false).await;
            say(state);
        }
        core.settling.aside(core.clock.sleep(wait)).await;
        wait = wait.mul_f64(1.5).min(SLOWEST_POLL);
    }
}

impl Doing {
    /// Since the intent was put on record.
    pub fn age(&self) -> Duration {
        let ticks = self.core.wall().0.saturating_sub(self.paper.at.0).max(0);
        Duration::from_nanos((ticks as u64).saturating_mul(100))
    }
}

/// Goes on following what an earlier run began.
pub async fn resumed(doing: &Doing, follow: Follow, body: &Value, out: &Out) {
    let (state, action) = course(doing, follow, body, out, &|_| {}).await;
    settle(doing, &state, action.as_ref()).await;
}

/// Follows what the service works on to its end, and then proves it.
async fn course(
    doing: &Doing,
    follow: Follow,
    body: &Value,
    out: &Out,
    say: Say<'_>,
) -> (RunState, Option<Text>) {
    let first = (follow.course)(Json(body));
    let action = first.action.clone();
    let foreign = trace::foreign(doing, Json(body));
    say(RunState::Accepted);
    let Some(call) = (follow.poll)(&doing.key, Json(body)) else {
        return (accepted(doing, out, say).await, action);
    };
    doing
        .paper
        .stand(&RunState::Accepted, action.as_ref(), false)
        .await;
    let end = followed(doing, follow, call, first, say).await;
    let with = |text: &str| match &foreign {
        Some(foreign) => format!("{foreign}; {text}"),
        None => text.to_owned(),
    };
    let state = match end.stand {
        Stand::Succeeded => match read_back(doing, out, LOOKS.len()).await {
            Ok(Ok(())) => RunState::Succeeded,
            Ok(Err(shows)) => RunState::Failed(
                Fault::new(
                    FaultKind::Conflict,
                    with(&format!(
                        "the service says it succeeded, but reading it back shows {shows}"
                    )),
                )
                .next("read it again in a minute"),
            ),
            Err(fault) => RunState::Unknown(Fault {
                what: with(&format!(
                    "the service says it succeeded, but the target could not be read back: {}",
                    fault.what
                )),
                next: "read it again".into(),
                ..fault
            }),
        },
        Stand::Failed | Stand::NotSent => RunState::Failed(Fault::new(
            FaultKind::Conflict,
            with(match end.detail.as_str() {
                "" => "the service gave up on it",
                detail => detail,
            }),
        )),
        _ => RunState::Unknown(
            Fault::new(
                FaultKind::Timeout,
                with("nobody can say any more what became of it"),
            )
            .next("read the target before doing it again"),
        ),
    };
    (state, end.action.or(action))
}

/// Polls until the end. Each new stand is on record before it is told.
async fn followed(
    doing: &Doing,
    follow: Follow,
    call: Call,
    first: Course,
    say: Say<'_>,
) -> Course {
    let core = &doing.core;
    let _one = Followed::new(core);
    let mut now = first;
    let mut last = Stand::Accepted;
    let mut wait = FIRST_POLL;
    loop {
        if now.stand.is_final() {
            return now;
        }
        if now.stand != last {
            last = now.stand;
            let state = match now.stand {
                Stand::Pending => RunState::Pending,
                Stand::InProgress => RunState::InProgress,
                _ => RunState::Accepted,
            };
            doing.paper.stand(&state, now.action.as_ref(), false).await;
            say(state);
        }
        if doing.age() > LONGEST {
            return Course {
                stand: Stand::Unknown,
                ..now
            };
        }
        let many = EACH * core.followed.load(Ordering::Relaxed);
        core.settling.aside(core.clock.sleep(wait.max(many))).await;
        wait = wait.mul_f64(1.5).min(SLOWEST_POLL);
        match read(core, &call).await {
            Ok(Some(json)) => now = (follow.course)(Json(&json)),
            // not there yet, or not there any more: a list that lags says the same
            Ok(None) if doing.age() >= LAG => {
                return Course {
                    stand: Stand::Unknown,
                    ..now
                };
            }
            // it will be asked again
            Ok(None) | Err(_) => {}
        }
    }
}

async fn read(core: &Arc<Core>, call: &Call) -> Result<Option<Value>, Fault> {
    let call = call.clone().none_is_404();
    let url = core.origins(call.service)?.url(&call)?;
    match core.read(&call, &url, How::BACKGROUND).await? {
        Some(got) => got.body.value().map(Some),
        None => Ok(None),
    }
}

/// Counts itself while it lives.
struct Followed(Arc<Core>);

impl Followed {
    fn new(core: &Arc<Core>) -> Self {
        core.followed.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(core))
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.0.followed.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Reads the target until it shows what was wanted, at most `looks` times; the last reading goes to list and cache.
pub async fn read_back(
    doing: &Doing,
    out: &Out,
    looks: usize,
) -> Result<Result<(), String>, Fault> {
    let core = &doing.core;
    let mut last = Err(Fault::new(FaultKind::Internal, "it was not read"));
    for pause in LOOKS.iter().take(looks) {
        if !pause.is_zero() {
            core.settling.aside(core.clock.sleep(*pause)).await;
        }
        last = look(doing, Some(out)).await;
        // it was sent under a session that is over now: the person is back soon, or it stays unknown
        if let Err(fault) = &last
            && hold::helps(core, fault)
            && core
                .settling
                .aside(hold::person(core, LAG.saturating_sub(doing.age())))
                .await
        {
            last = look(doing, Some(out)).await;
        }
        if matches!(last, Ok(Ok(()))) {
            break;
        }
    }
    last
}

/// One reading: whether the target shows what was wanted, or what it shows instead.
pub async fn look(doing: &Doing, out: Option<&Out>) -> Result<Result<(), String>, Fault> {
    let core = &doing.core;
    let fresh = target_of(core, doing.verb, &doing.key, &doing.args, How::WRITE).await?;
    let before = doing.paper.entry.targets.first().map(|t| &t.before);
    let shows = (doing.verb.verify)(
        &doing.key,
        Json(&fresh.json),
        &doing.args,
        doing.me.txt(),
        before.unwrap_or(&Value::Null),
    );
    let shows = match (shows, doing.verb.witness) {
        (Ok(()), Some(witness)) => {
            let calls = (witness.calls)(&doing.key, &doing.args);
            let answers = answers(core, calls, How::WRITE).await;
            if let Some(fault) = answers.iter().find_map(unread) {
                return Err(fault);
            }
            (witness.verify)(&doing.key, Json(&fresh.json), &doing.args, &answers)
        }
        (shows, _) => shows,
    };
    if let (Some(out), None) = (out, doing.verb.read) {
        keep(core, doing.key.kind, fresh.text, out).await;
    }
    Ok(shows)
}

/// Why an answer proves nothing.
fn unread(answer: &Answer) -> Option<Fault> {
    match answer {
        Answer::Failed(fault) => Some(fault.clone()),
        Answer::Withheld(needs) => {
            let mut fault = Fault::new(FaultKind::Forbidden, "what proves it may not be read");
            fault.permissions = needs.iter().map(|p| (*p).to_owned()).collect();
            Some(fault)
        }
        _ => None,
    }
}

/// Reads it once more after this time; a change that was taken back meanwhile is said aloud.
pub fn look_later(doing: &Doing, owed: Owed, wait: Duration) {
    let doing = Doing {
        core: Arc::clone(&doing.core),
        key: doing.key.clone(),
        args: doing.args.clone(),
        me: doing.me.clone(),
        paper: doing.paper.another(),
        ..*doing
    };
    tokio::spawn(async move {
        let mut wait = wait;
        loop {
            doing.core.clock.sleep(wait).await;
            match look(&doing, None).await {
                // not signed in, no network: nothing is known of the target by that
                Err(fault) if passes(&fault) && doing.age() < LONGEST => wait = SLOWEST_POLL,
                seen => return again(&doing, owed, seen).await,
            }
        }
    });
}

/// The reading long after.
async fn again(doing: &Doing, owed: Owed, seen: Result<Result<(), String>, Fault>) {
    let sentence = &doing.paper.entry.sentence;
    let minutes = doing.age().as_secs() / 60;
    let (stand, detail, alarm) = match (owed, seen) {
        (Owed::Answer, Ok(Ok(()))) if doing.paper.entry.requests.len() > 1 => {
            let detail = format!(
                "{minutes} min later it shows what was wanted; whether all was done is not known"
            );
            (Stand::Unknown, detail, false)
        }
        (Owed::Sync, Ok(Ok(()))) => (
            Stand::Succeeded,
            format!("{minutes} min later it is still so"),
            false,
        ),
        (_, Ok(Ok(()))) => (
            Stand::Succeeded,
            format!("{minutes} min later it shows what was wanted"),
            false,
        ),
        (Owed::Proof, Ok(Err(shows))) => (
            Stand::Accepted,
            format!("{minutes} min later it is not seen yet: {shows}"),
            false,
        ),
        (Owed::Answer, Ok(Err(shows))) => {
            let detail =
                format!("{minutes} min later it shows {shows}: look before doing it again");
            (Stand::Unknown, detail, true)
        }
        (Owed::Sync, Ok(Err(shows))) => {
            let why = "the directory's synchronization may have taken it back: change it in Active Directory";
            (
                Stand::Failed,
                format!("taken back: {minutes} min later it shows {shows}; {why}"),
                true,
            )
        }
        (_, Err(fault)) => {
            let detail = format!(
                "{minutes} min later it could not be read: {}; look at it again",
                fault.what
            );
            (Stand::Unknown, detail, true)
        }
    };
    if alarm {
        doing
            .core
            .notice(Level::Error, format!("“{sentence}”: {detail}"));
    }
    doing.paper.later(stand, detail).await;
}
