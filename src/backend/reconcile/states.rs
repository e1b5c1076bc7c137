//! What the targets themselves show: the last deed of each kind on each of them, judged as it was judged when it was read
//! back. That it shows something else is no proof of anything where somebody may have changed it since; where the service
//! tells who wrote last, and it was us, it is.

use super::{Part, Verdict, claims, here, shows};
use crate::backend::call::How;
use crate::backend::core::Core;
use crate::backend::part::target_of;
use crate::backend::ports::Past;
use crate::model::{FaultKind, Json, Kind, Mode, Stand};
use crate::verb::{self, Verb};
use std::sync::Arc;

const NAME: &str = "targets as they are";

/// So many targets are read.
const MOST: usize = 500;

/// Whether the target of a deed shows it.
pub fn leaves(p: &Past) -> bool {
    shows(p) && claims(p)
}

pub async fn compare(core: &Arc<Core>, past: &[Past]) -> Part {
    let mut out = Part::new(NAME);
    let done = |p: &&Past| p.intent && shows(p) && p.deed.stand == Stand::Succeeded;
    let all: Vec<&Past> = past.iter().filter(done).collect();
    let mut last: Vec<(&Past, &'static Verb)> = Vec::new();
    for (n, p) in all.iter().enumerate() {
        let Some(verb) = verb::named(&p.deed.verb) else {
            continue;
        };
        if !all.iter().skip(n + 1).any(|later| replaces(later, p, verb)) {
            last.push((p, verb));
        }
    }
    if last.len() > MOST {
        out.missing = Some(format!("only the last {MOST} of {} were read", last.len()));
    }
    let skip = last.len().saturating_sub(MOST);
    for (p, verb) in last.into_iter().skip(skip) {
        out.looked += 1;
        judge(core, p, verb, &mut out).await;
    }
    out
}

/// A later deed wrote to the same fields.
fn replaces(later: &Past, p: &Past, verb: &Verb) -> bool {
    let Some(other) = verb::named(&later.deed.verb) else {
        return false;
    };
    let shares = verb.writes.iter().any(|f| other.writes.contains(f));
    later.deed.key == p.deed.key && (shares || (other == verb && later.args == p.args))
}

async fn judge(core: &Arc<Core>, p: &Past, verb: &'static Verb, out: &mut Part) {
    let args = verb::keep::read(verb, &p.args);
    let fresh = match target_of(core, verb, &p.deed.key, &args, How::INSIST).await {
        Ok(fresh) => fresh,
        Err(fault) if fault.kind == FaultKind::Gone => {
            return out.find(
                Verdict::Changed,
                format!("{}: it is not there any more", here(p)),
            );
        }
        Err(fault) => {
            let why = format!("{}: it could not be read: {}", here(p), fault.what);
            out.missing.get_or_insert(why);
            return;
        }
    };
    let now = Json(&fresh.json);
    let me = p.deed.analyst.txt();
    let Err(shows) = (verb.verify)(&p.deed.key, now, &args, me, &p.deed.before) else {
        out.agree += 1;
        return;
    };
    let by = now.text("lastModifiedBy");
    let session = core.who.session();
    // a person also writes elsewhere; what an app wrote is on record, or somebody else has its secret
    let ours = session.mode == Mode::AppOnly
        && by.as_ref().is_some_and(|by| {
            let by = by.txt().exact();
            by.rsplit(':').next() == Some(session.principal.txt().exact())
        });
    let who = match (&by, p.deed.key.kind) {
        (Some(by), _) => format!("last changed by {}", by.txt().shown()),
        (None, Kind::User) => "the directory's audit has who changed it".to_owned(),
        (None, _) => "the service does not tell who changed it".to_owned(),
    };
    let text = format!("{}: it shows {shows}; {who}", here(p));
    out.find(
        if ours {
            Verdict::Contradicts
        } else {
            Verdict::Changed
        },
        text,
    );
}
