//! Sets that ended before their end: what of them was never sent. Told so that going on can be offered; nothing read here is
//! enough to act on.

use super::line::Stage;
use super::port::{key, ticks};
use super::read::Run;
use crate::model::{Key, Stand};
use crate::msg::{Doubt, Unfinished};
use table::Text;

/// The sets among these runs that stopped, or whose program is gone (`gone`), with what is left of them. What was decided
/// later, by a request or by leaving it out, is not left.
pub fn unfinished(runs: &[Run], gone: impl Fn(&Run) -> bool) -> Vec<Unfinished> {
    let begun = runs.iter().enumerate();
    let begun = begun.filter(|(_, r)| r.entry().stage == Stage::Began);
    begun
        .filter_map(|(place, set)| left(&runs[place..], set, &gone))
        .collect()
}

fn left(runs: &[Run], set: &Run, gone: &impl Fn(&Run) -> bool) -> Option<Unfinished> {
    let entry = set.entry();
    let ours = |r: &&Run| r.entry().set.as_deref() == Some(entry.run.as_str());
    // stopped between its intent and its request: nothing was decided about it
    let held = |r: &Run| r.has_intent() && r.state.as_deref() == Some(Stand::NotSent.word());
    let same = runs.iter().filter(|r| r.entry().verb == entry.verb);
    let lines = same.filter(|r| matches!(r.entry().stage, Stage::Intent | Stage::Outcome));
    let of = |r: &Run| -> Vec<Key> { r.entry().targets.iter().filter_map(key).collect() };
    let touched: Vec<Key> = lines.clone().flat_map(of).collect();
    let decided: Vec<Key> = lines.filter(|r| !held(r)).flat_map(of).collect();
    let named: Vec<(Key, Text)> = entry
        .targets
        .iter()
        .filter_map(|t| Some((key(t)?, Text::from(t.name.as_str()))))
        .collect();
    let stopped = runs
        .iter()
        .filter(ours)
        .any(|r| r.entry().stage == Stage::Rest);
    let ended = stopped || (named.iter().any(|(k, _)| !touched.contains(k)) && gone(set));
    let rest: Vec<(Key, Text)> = named
        .into_iter()
        .filter(|(key, _)| !decided.contains(key))
        .collect();
    if rest.is_empty() || !ended {
        return None;
    }
    let unclear = |r: &&Run| {
        let stand = r.state.as_deref().and_then(Stand::parse);
        r.has_intent() && matches!(stand, None | Some(Stand::Sent | Stand::Unknown))
    };
    Some(Unfinished {
        set: entry.run.clone(),
        at: ticks(&set.line.time)?,
        verb: entry.verb.clone(),
        sentence: entry.sentence.clone(),
        analyst: entry.analyst.as_str().into(),
        tenant_id: entry.tenant_id.clone(),
        args: entry.args.clone().unwrap_or_default(),
        undoes: entry.undoes.clone(),
        count: entry.targets.len(),
        rest,
        doubt: runs
            .iter()
            .filter(ours)
            .filter(unclear)
            .flat_map(doubts)
            .collect(),
    })
}

fn doubts(run: &Run) -> impl Iterator<Item = Doubt> {
    let entry = run.entry();
    entry.targets.iter().filter_map(|t| {
        Some(Doubt {
            run: entry.run.clone(),
            key: key(t)?,
            name: t.name.as_str().into(),
            says: String::new(),
        })
    })
}
