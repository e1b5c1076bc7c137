//! At the start: what earlier runs left without an end is taken over, looked up at the service, and closed honestly. Nothing
//! is sent because of a record. Then what is on record is told, and what was left in force for too long is brought to mind.

use super::core::Core;
use super::finish::{self, Doing, LAG, Owed, look, passes};
use super::paper::Paper;
use super::part::blocking;
use super::ports::Past;
use super::supervisor::Out;
use super::trace;
use crate::model::time::{DAY, HOUR};
use crate::model::{Fault, FaultKind, Kind, Stand, Ticks};
use crate::msg::{Level, News, RunState, Slot, Ticket, Unfinished};
use crate::verb::{self, Proof, Verb};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// So far back deeds are told.
const KNOWN: i64 = 30 * DAY;
/// How often it is looked whether something is overdue.
const REMIND: Duration = Duration::from_secs(3600);

/// Takes over, tells, and goes on reminding until the program ends.
pub async fn resume(core: Arc<Core>) {
    let adopted = {
        let core = Arc::clone(&core);
        blocking(move || core.record.adopt(core.wall())).await
    };
    // before anything of it is looked up: what was in doubt when the run ended is told as such, and read back for that
    let left = interrupted(&core).await;
    match adopted {
        Ok(open) => {
            if !open.is_empty() {
                let n = open.len();
                let text = format!(
                    "an earlier run left {n} actions without an end: they are looked up now"
                );
                core.notice(Level::Warn, text);
            }
            for past in open {
                let core = Arc::clone(&core);
                tokio::spawn(async move { settle(&core, &past).await });
            }
        }
        Err(fault) => core.notice(Level::Error, fault.to_string()),
    }
    match known(&core).await {
        Ok(known) if known.is_empty() => {}
        Ok(known) => core.news(News::Deeds(known.into_iter().map(|p| p.deed).collect())),
        Err(fault) => core.notice(Level::Error, fault.to_string()),
    }
    tell(&core, left).await;
    let mut told = 0;
    loop {
        // with nothing in force there is nothing to wait for
        let waiting = remind(&core, &mut told).await;
        match waiting {
            true => tokio::select! {
                () = core.clock.sleep(REMIND) => {}
                () = core.lasting.notified() => {}
            },
            false => core.lasting.notified().await,
        }
    }
}

/// Tells which sets ended before their end. What is in doubt of them is read back first.
pub async fn tell_unfinished(core: &Arc<Core>) {
    if !core.stopping.load(Ordering::SeqCst) {
        let sets = interrupted(core).await;
        tell(core, sets).await;
    }
}

/// Sets of the last day that ended before their end, as the record has them now.
async fn interrupted(core: &Arc<Core>) -> Result<Vec<Unfinished>, Fault> {
    let core = Arc::clone(core);
    blocking(move || core.record.unfinished(Ticks(core.wall().0 - DAY))).await
}

async fn tell(core: &Arc<Core>, sets: Result<Vec<Unfinished>, Fault>) {
    let mut sets = match sets {
        Ok(sets) => sets,
        Err(fault) => return core.notice(Level::Error, fault.to_string()),
    };
    sets.retain(|s| s.tenant_id == core.tenant.tenant_id);
    if sets.iter().any(|s| !s.doubt.is_empty()) {
        let known = known(core).await.unwrap_or_default();
        for doubt in sets.iter_mut().flat_map(|s| &mut s.doubt) {
            let past = known.iter().find(|p| p.deed.run == doubt.run);
            let doing = past.and_then(|p| Some(doing(core, verb::named(&p.deed.verb)?, p)));
            doubt.says = match doing {
                Some(doing) => match look(&doing, None).await {
                    Ok(Ok(())) => "in doubt; it shows what was wanted".to_owned(),
                    Ok(Err(shows)) => format!("in doubt; it shows {shows}"),
                    Err(fault) => format!("in doubt; it could not be read: {}", fault.what),
                },
                None => "in doubt; look at it".to_owned(),
            };
        }
    }
    let any = !sets.is_empty();
    if core.unfinished.swap(any, Ordering::Relaxed) || any {
        core.news(News::Unfinished(sets));
    }
}

/// What is needed to find out what became of an intent on record.
fn doing(core: &Arc<Core>, verb: &'static Verb, past: &Past) -> Doing {
    Doing {
        core: Arc::clone(core),
        verb,
        key: past.deed.key.clone(),
        args: verb::keep::read(verb, &past.args),
        me: past.deed.analyst.clone(),
        synced: false,
        paper: Paper::again(core, past),
    }
}

async fn known(core: &Arc<Core>) -> Result<Vec<Past>, Fault> {
    let core = Arc::clone(core);
    blocking(move || core.record.past(Ticks(core.wall().0 - KNOWN))).await
}

/// Finds out what became of one intent that nobody owned.
async fn settle(core: &Arc<Core>, past: &Past) {
    let _busy = core.settling.begin();
    let paper = Paper::again(core, past);
    let unknown = |what: &str| RunState::Unknown(Fault::new(FaultKind::Cancelled, what));
    let Some(verb) = verb::named(&past.deed.verb) else {
        let state = unknown("this version does not know the verb; look at the target");
        return paper.stand(&state, None, true).await;
    };
    if past.tenant_id != core.tenant.tenant_id {
        // the name was given to another tenant since: nothing here can be asked about it
        let state = unknown("this was done in another tenant of the same name; look at it there");
        return paper.stand(&state, None, true).await;
    }
    let doing = Doing {
        synced: past.deed.stand == Stand::Succeeded,
        paper,
        ..doing(core, verb, past)
    };
    // nobody asked for these: they are told as deeds
    let nobody = Out::new(
        Arc::new(|_| {}),
        Ticket {
            slot: Slot::Run(0),
            number: 0,
        },
    );
    if doing.synced || (verb.proof == Proof::Later && past.deed.stand == Stand::Accepted) {
        // it ended; only the look long after is still owed
        let due = finish::SYNC.saturating_sub(doing.age());
        let owed = match doing.synced {
            true => Owed::Sync,
            false => Owed::Proof,
        };
        return finish::look_later(&doing, owed, due);
    }
    if let (Some(follow), Some(action)) = (verb.follow, &past.deed.action) {
        let body = serde_json::json!({"id": action.txt().exact()});
        if (follow.poll)(&doing.key, crate::model::Json(&body)).is_some() {
            finish::resumed(&doing, follow, &body, &nobody).await;
            return;
        }
    }
    if trace::can(&doing) {
        let doubt = Fault::new(
            FaultKind::Cancelled,
            "the program ended while this was under way",
        );
        let (state, action) = finish::traced(&doing, Some(doubt), &nobody, &|_| {}).await;
        return doing.paper.stand(&state, action.as_ref(), true).await;
    }
    let state = shown(&doing).await;
    doing.paper.stand(&state, None, true).await;
}

/// What the target itself shows, until its list cannot lag any more.
async fn shown(doing: &Doing) -> RunState {
    let mut wait = Duration::from_secs(5);
    loop {
        let seen = look(doing, None).await;
        if let Ok(Ok(())) = seen
            && doing.verb.proof == Proof::Entity
        {
            return RunState::Succeeded;
        }
        let passing = matches!(&seen, Err(fault) if passes(fault));
        if doing.age() >= LAG && !passing {
            let what = "the program ended while this was under way";
            let next = match seen {
                Ok(Ok(())) => {
                    "its requests may have been done in part: look at it again".to_owned()
                }
                Ok(Err(shows)) => {
                    format!(
                        "ten minutes later the target shows {shows}: look before doing it again"
                    )
                }
                Err(fault) => format!(
                    "the target cannot be read ({}): look before doing it again",
                    fault.what
                ),
            };
            return RunState::Unknown(Fault::new(FaultKind::Cancelled, what).next(next));
        }
        let core = &doing.core;
        core.settling.aside(core.clock.sleep(wait)).await;
        wait = wait.mul_f64(1.5).min(Duration::from_secs(60));
    }
}

/// Tells what we left in force for longer than the set time, and nobody took back. `told`: so many were told last. Whether
/// anything is in force.
async fn remind(core: &Arc<Core>, told: &mut usize) -> bool {
    let hours = i64::from(core.remind.load(Ordering::Relaxed));
    let Ok(all) = known(core).await else {
        return false;
    };
    let until = core.wall().0 - hours * HOUR;
    let mut overdue = Vec::new();
    let mut waiting = false;
    for (n, past) in all.iter().enumerate() {
        let Some(verb) = verb::named(&past.deed.verb).filter(|v| lasts(v)) else {
            continue;
        };
        let replaced = all
            .iter()
            .skip(n + 1)
            .any(|later| replaces(later, past, verb));
        if past.deed.stand != Stand::Succeeded || past.deed.undone.is_some() || replaced {
            continue;
        }
        waiting = true;
        if hours == 0 || past.deed.at.0 > until {
            continue;
        }
        let doing = doing(core, verb, past);
        // somebody else may have taken it back; what cannot be read is brought to mind
        if !matches!(look(&doing, None).await, Ok(Err(_))) {
            overdue.push(past.deed.clone());
        }
    }
    if !overdue.is_empty() || *told > 0 {
        *told = overdue.len();
        core.news(News::Reminders(overdue));
    }
    waiting
}

/// A later deed of ours on the same target that took it back or did it again.
fn replaces(later: &Past, past: &Past, verb: &Verb) -> bool {
    later.deed.key == past.deed.key
        && (Some(later.deed.verb.as_str()) == verb.inverse || later.deed.verb == past.deed.verb)
        && matches!(
            later.deed.stand,
            Stand::Succeeded | Stand::Pending | Stand::InProgress
        )
}

/// Whether what a verb does to a device or person goes on until somebody takes it back.
fn lasts(verb: &Verb) -> bool {
    verb.tier >= 2
        && verb.inverse.is_some()
        && verb
            .kinds
            .iter()
            .any(|k| matches!(k, Kind::Device | Kind::User))
}
