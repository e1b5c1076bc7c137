//! The record as the backend sees it: its entries become lines, and lines become what was done.

use super::file::{AuditFault, Record as File};
use super::line::{Entry as LineEntry, Line, RequestLine, Stage as LineStage, TargetLine};
use super::read::{self, Run};
use super::runs::Alive;
use super::{beside, sets, tail};
use crate::backend::ports::{Entry, Mark, Past, RATE_WINDOW, Rate, Receipt, Record, Stage, Terms};
use crate::model::{Fault, FaultKind, Key, Stand, Ticks};
use crate::msg::Unfinished;
use crate::verb::{self, Deed};
use crate::{model::FaultKind::Disk, resource};
use std::collections::HashMap;
use std::path::Path;
use std::sync::PoisonError;
use table::Text;

impl Record for File {
    fn append(&self, at: Ticks, entry: &Entry) -> Result<Receipt, Fault> {
        let written = self.append(time(at)?, &line(entry)).map_err(fault)?;
        Ok(Receipt { hash: written.hash })
    }

    fn mark(&self) -> Result<Mark, Fault> {
        beside::end(self.dir()).map_err(|e| unreadable(self.dir(), &e))
    }

    fn intend(&self, at: Ticks, entry: &Entry, terms: &Terms) -> Result<Receipt, Fault> {
        let (now, line) = (time(at)?, line(entry));
        let free = |dir: &Path| {
            let mut others = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
            others.stands_against(self, now, &line, &terms.seen)?;
            match terms.rate {
                Some(rate) => within(self, dir, now, &entry.set, rate),
                None => Ok(()),
            }
        };
        let written = self.append_if(now, &line, free).map_err(fault)?;
        Ok(Receipt { hash: written.hash })
    }

    fn recent(&self, at: Ticks) -> Result<usize, Fault> {
        counted(self, self.dir(), time(at)?, "").map_err(|e| unreadable(self.dir(), &e))
    }

    fn adopt(&self, at: Ticks) -> Result<Vec<Past>, Fault> {
        let bad = |e: std::io::Error| unreadable(self.dir(), &e);
        let now = time(at)?;
        let here = &self.writer().session;
        let orphans = |runs: Vec<Run>| {
            let open = runs.into_iter().filter(|r| r.has_intent() && !r.closed);
            // of another machine nobody here can say whether its run lives
            open.filter(|r| self.is_about(&r.owner))
                .filter(|r| r.line.host == self.writer().host && r.owner != *here)
                .collect::<Vec<_>>()
        };
        let mut gone: HashMap<String, Option<Alive>> = HashMap::new();
        let mut ours = Vec::new();
        for run in orphans(read::runs(self.dir()).map_err(bad)?) {
            let dead = gone
                .entry(run.owner.clone())
                .or_insert_with(|| Alive::take_over(self.dir(), &run.owner).unwrap_or(None));
            if dead.is_none() {
                continue;
            }
            // in the time between reading and locking another may have taken it, and be gone again
            let again = read::runs(self.dir()).map_err(bad)?;
            let still = |r: &&Run| r.entry().run == run.entry().run;
            if !again
                .iter()
                .find(still)
                .is_some_and(|r| r.owner == run.owner && !r.closed)
            {
                continue;
            }
            let adopted = LineEntry {
                stage: LineStage::Adopted,
                detail: Some(format!("the run {} is gone", run.owner)),
                args: None,
                requests: Vec::new(),
                state: None,
                ..run.entry().clone()
            };
            File::append(self, now, &adopted).map_err(fault)?;
            ours.push(run);
        }
        Ok(pasts(&ours))
    }

    fn past(&self, since: Ticks) -> Result<Vec<Past>, Fault> {
        Ok(pasts(&runs_since(self, since)?))
    }

    fn unfinished(&self, since: Ticks) -> Result<Vec<Unfinished>, Fault> {
        let runs = runs_since(self, since)?;
        let here = &self.writer().session;
        // whoever lives goes on with its set by itself; of another machine nobody here can say
        let gone = |run: &Run| {
            run.line.host == self.writer().host
                && run.owner != *here
                && matches!(Alive::take_over(self.dir(), &run.owner), Ok(Some(_)))
        };
        Ok(sets::unfinished(&runs, gone))
    }
}

fn runs_since(record: &File, since: Ticks) -> Result<Vec<Run>, Fault> {
    let from = time(since)?;
    let mut runs = read::runs(record.dir()).map_err(|e| unreadable(record.dir(), &e))?;
    runs.retain(|r| record.is_about(&r.line.session));
    runs.retain(|r| tail::at(&r.line).is_some_and(|t| t >= from));
    Ok(runs)
}

fn time(at: Ticks) -> Result<jiff::Timestamp, Fault> {
    at.timestamp()
        .ok_or_else(|| Fault::new(Disk, "the clock is outside the calendar"))
}

fn fault(e: AuditFault) -> Fault {
    match e {
        AuditFault::Refused(why) => *why,
        e => Fault::new(Disk, e.to_string()).next(
            "nothing is sent without a record: free the disk or mend the folder, then try again",
        ),
    }
}

pub(super) fn unreadable(dir: &Path, e: &dyn std::fmt::Display) -> Fault {
    Fault::new(
        Disk,
        format!("the record in {} cannot be read: {e}", dir.display()),
    )
    .next("see `watchfloor audit verify`")
}

/// The rate guard. A record that cannot be read cannot be counted: as unwritable as one that cannot be written.
fn within(
    record: &File,
    dir: &Path,
    now: jiff::Timestamp,
    set: &str,
    rate: Rate,
) -> Result<(), Fault> {
    let others = counted(record, dir, now, set).map_err(|e| unreadable(dir, &e))?;
    match others + rate.own > rate.most {
        true => {
            let what = format!("{others} others in the last ten minutes: together they are a set");
            Err(Fault::new(FaultKind::Refused, what).next("confirm it again, as a set"))
        }
        false => Ok(()),
    }
}

/// Intents of tier 2 and above within the window that are not of this set.
fn counted(record: &File, dir: &Path, now: jiff::Timestamp, set: &str) -> std::io::Result<usize> {
    let from = now - jiff::SignedDuration::try_from(RATE_WINDOW).unwrap_or_default();
    let counts = |line: &Line| {
        let e = &line.entry;
        record.is_about(&line.session)
            && e.stage == LineStage::Intent
            && e.tier >= 2
            && e.set.as_ref().unwrap_or(&e.run) != set
            && verb::named(&e.verb).is_none_or(|v| v.number_raises)
    };
    Ok(tail::since(dir, from)?.iter().filter(|l| counts(l)).count())
}

/// Exact text goes in: a record is evidence, and JSON escapes what a screen must not see.
fn line(entry: &Entry) -> LineEntry {
    LineEntry {
        stage: match entry.stage {
            Stage::Intent => LineStage::Intent,
            Stage::Attempt => LineStage::Attempt,
            Stage::Outcome => LineStage::Outcome,
            Stage::Cancelled => LineStage::Cancelled,
            Stage::Began => LineStage::Began,
            Stage::Rest => LineStage::Rest,
            Stage::Later => LineStage::Later,
        },
        run: entry.run.clone(),
        set: (entry.set != entry.run).then(|| entry.set.clone()),
        tenant: entry.tenant.clone(),
        tenant_id: entry.tenant_id.clone(),
        principal: exact(&entry.principal),
        analyst: exact(&entry.analyst),
        verb: entry.verb.clone(),
        tier: entry.tier,
        targets: entry
            .targets
            .iter()
            .map(|t| TargetLine {
                kind: resource::spec(t.key.kind).one.to_owned(),
                id: exact(&t.key.id),
                name: exact(&t.name),
                before: t.before.clone(),
            })
            .collect(),
        sentence: entry.sentence.clone(),
        reason: entry.reason.as_ref().map(exact),
        args: Some(entry.args.clone()).filter(|a| !a.is_null()),
        requests: entry
            .requests
            .iter()
            .map(|r| RequestLine {
                service: r.service.to_owned(),
                method: r.method.to_owned(),
                path: r.path.clone(),
                body: r.body.clone(),
            })
            .collect(),
        undoes: entry.undoes.clone(),
        state: entry.state.map(str::to_owned),
        detail: entry.detail.clone(),
        action: entry.action.as_ref().map(exact),
        closed: entry.closed,
    }
}

fn exact(text: &Text) -> String {
    text.txt().exact().to_owned()
}

/// Runs as what was done, target by target. A kind that this version does not know is left out: it cannot be shown.
fn pasts(runs: &[Run]) -> Vec<Past> {
    let done = runs.iter().filter(|r| r.entry().stage != LineStage::Began);
    let mut all: Vec<Past> = done.flat_map(past).collect();
    let undone: Vec<(String, Key, String)> = all
        .iter()
        .filter(|p| {
            !matches!(
                p.deed.stand,
                Stand::Failed | Stand::NotSent | Stand::Unknown
            )
        })
        .flat_map(|p| {
            let by = |run: &String| (run.clone(), p.deed.key.clone(), p.deed.run.clone());
            p.undoes.iter().map(by)
        })
        .collect();
    for p in &mut all {
        let by = undone
            .iter()
            .find(|(run, key, _)| *run == p.deed.run && *key == p.deed.key);
        p.deed.undone = by.map(|(.., by)| by.clone());
    }
    all
}

/// What a line names; none for a kind that this version does not know.
pub(super) fn key(target: &TargetLine) -> Option<Key> {
    let kind = resource::ALL.iter().find(|s| s.one == target.kind)?.kind;
    Some(Key::new(kind, target.id.as_str()))
}

/// When a line was written.
pub(super) fn ticks(time: &str) -> Option<Ticks> {
    time.parse().ok().map(Ticks::from_timestamp)
}

fn past(run: &Run) -> Vec<Past> {
    let entry = run.entry();
    let stand = match run.state.as_deref().and_then(Stand::parse) {
        Some(stand) => stand,
        None if run.has_intent() => Stand::Sent,
        None => Stand::NotSent,
    };
    let deed = |target: &TargetLine| {
        Some(Deed {
            run: entry.run.clone(),
            set: entry.set.clone().unwrap_or_else(|| entry.run.clone()),
            at: ticks(&run.line.time)?,
            verb: entry.verb.clone(),
            key: key(target)?,
            name: target.name.as_str().into(),
            sentence: entry.sentence.clone(),
            reason: entry.reason.as_deref().map(Text::from),
            before: target.before.clone(),
            stand,
            detail: run.detail.clone().unwrap_or_default(),
            action: run.action.as_deref().map(Text::from),
            analyst: entry.analyst.as_str().into(),
            undone: None,
        })
    };
    entry
        .targets
        .iter()
        .filter_map(deed)
        .map(|deed| Past {
            deed,
            tier: entry.tier,
            args: entry.args.clone().unwrap_or_default(),
            tenant_id: entry.tenant_id.clone(),
            principal: entry.principal.as_str().into(),
            hash: run.hash.clone(),
            intent: run.has_intent(),
            closed: run.closed,
            undoes: entry.undoes.clone(),
            requests: entry.requests.iter().map(|r| r.path.clone()).collect(),
            ended: run.ended.as_deref().and_then(ticks),
        })
        .collect()
}
