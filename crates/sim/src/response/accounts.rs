//! What was done to accounts: in the directory, in Active Directory behind it, and to their risk. What an account is like now is worked
//! out from that and from the clock: Active Directory is synchronized at fixed instants and overrules the directory then.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::clock::iso;
use crate::tenant::{Tenant, locked};
use crate::world::Obj;
use crate::world::stamp::{MINUTE, Stamp};

/// A word about a user's risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Compromised,
    Safe,
    Dismissed,
}

impl Word {
    /// Level, state and detail of a user after it.
    pub fn effect(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Word::Compromised => (
                "high",
                "confirmedCompromised",
                "adminConfirmedUserCompromised",
            ),
            Word::Safe => ("none", "confirmedSafe", "adminConfirmedAccountSafe"),
            Word::Dismissed => ("none", "dismissed", "adminDismissedAllRiskForUser"),
        }
    }
}

/// A word that was said.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub at: Timestamp,
    pub word: Word,
    pub by: String,
}

/// What was written on one user.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edit {
    /// `accountEnabled` as written in the directory.
    pub cloud: Vec<(Timestamp, bool)>,
    /// The same in Active Directory.
    pub premises: Vec<(Timestamp, bool)>,
    /// Password must be changed at the next sign-in; with a second factor too.
    pub force: Option<(Timestamp, bool, bool)>,
    /// The same asked for in Active Directory.
    pub premises_force: Option<Timestamp>,
    /// Last time somebody else set the password.
    pub password: Option<Timestamp>,
    /// Sessions from before this are over.
    pub revoked: Option<Timestamp>,
    /// How often.
    pub revocations: u32,
    pub risk: Vec<Said>,
}

/// Everything written on users.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    pub edits: HashMap<usize, Edit>,
    /// Users in the order in which they were written on.
    pub log: Vec<usize>,
    /// Lines of the directory's audit, oldest first: when, whom it is about, the line.
    pub audits: Vec<(Timestamp, usize, Obj)>,
}

impl Accounts {
    /// The record of a user, to be written on.
    pub fn edit(&mut self, user: usize) -> &mut Edit {
        self.log.push(user);
        self.edits.entry(user).or_default()
    }
}

/// When Active Directory is synchronized.
#[derive(Clone, Copy, Debug)]
struct Sync {
    first: Timestamp,
    interval: SignedDuration,
}

impl Sync {
    fn of(tenant: &Tenant) -> Self {
        let interval = tenant.settings().sync_interval;
        Self {
            // the world says that the last one was so long before the start
            first: Stamp::from(tenant.started)
                .plus(-17 * MINUTE)
                .whole_second()
                .timestamp(),
            interval: interval.max(SignedDuration::from_secs(1)),
        }
    }

    /// The last one at or before an instant.
    fn last(self, at: Timestamp) -> Timestamp {
        let since = at.duration_since(self.first).as_millis();
        let step = self.interval.as_millis().max(1);
        let whole = since.div_euclid(step) * step;
        let ms = i64::try_from(whole).unwrap_or(0);
        self.first
            .saturating_add(SignedDuration::from_millis(ms))
            .unwrap_or(self.first)
    }

    /// The first one after an instant.
    fn next(self, at: Timestamp) -> Timestamp {
        let last = self.last(at);
        last.saturating_add(self.interval).unwrap_or(last)
    }
}

fn latest(list: &[(Timestamp, bool)], until: Timestamp) -> Option<(Timestamp, bool)> {
    list.iter().rev().find(|(at, _)| *at <= until).copied()
}

/// `accountEnabled` as the directory says it at an instant. `lag` is how long a write takes to be read.
fn enabled_at(
    edit: &Edit,
    made: bool,
    synced: bool,
    sync: Sync,
    at: Timestamp,
    lag: SignedDuration,
) -> bool {
    let seen = at.saturating_sub(lag).unwrap_or(at);
    let cloud = latest(&edit.cloud, seen);
    if !synced {
        return cloud.map_or(made, |(_, on)| on);
    }
    let last = sync.last(at);
    match cloud.filter(|(when, _)| *when > last) {
        Some((_, on)) => on,
        None => latest(&edit.premises, last).map_or(made, |(_, on)| on),
    }
}

/// Is the account enabled, as the directory says now?
pub(crate) fn enabled(tenant: &Tenant, user: usize) -> bool {
    let row = tenant.world().user_row(user);
    let accounts = locked(&tenant.response.accounts);
    let Some(edit) = accounts.edits.get(&user) else {
        return row.enabled;
    };
    let lag = tenant.settings().directory_lag();
    enabled_at(
        edit,
        row.enabled,
        row.synced,
        Sync::of(tenant),
        tenant.clock.told(),
        lag,
    )
}

/// Is it enabled in Active Directory?
pub(crate) fn enabled_on_premises(tenant: &Tenant, user: usize) -> bool {
    let made = tenant.world().user_row(user).enabled;
    let accounts = locked(&tenant.response.accounts);
    let edit = accounts.edits.get(&user);
    edit.and_then(|e| latest(&e.premises, tenant.clock.told()))
        .map_or(made, |(_, on)| on)
}

/// Does the account differ from how it was made (or may it by now)?
pub(crate) fn touched(tenant: &Tenant, user: usize) -> bool {
    locked(&tenant.response.accounts).edits.contains_key(&user)
}

/// How often the sessions of an account were ended, counting its being disabled.
pub(crate) fn generation(tenant: &Tenant, user: usize) -> u64 {
    locked(&tenant.response.accounts)
        .edits
        .get(&user)
        .map_or(0, |e| u64::from(e.revocations))
}

/// Puts what was written on a user into the entity.
pub(crate) fn overlay(tenant: &Tenant, user: usize, entity: &mut Obj) {
    let row = tenant.world().user_row(user);
    let (now, sync) = (tenant.clock.told(), Sync::of(tenant));
    if row.synced {
        entity.insert(
            "onPremisesLastSyncDateTime".into(),
            json!(iso(sync.last(now))),
        );
    }
    let accounts = locked(&tenant.response.accounts);
    let Some(edit) = accounts.edits.get(&user) else {
        return;
    };
    let lag = tenant.settings().directory_lag();
    let seen = now.saturating_sub(lag).unwrap_or(now);
    let on = enabled_at(edit, row.enabled, row.synced, sync, now, lag);
    entity.insert("accountEnabled".into(), json!(on));
    let later = |at: &Option<Timestamp>| at.filter(|at| *at <= seen).map(whole);
    if let Some(at) = later(&edit.password) {
        entity.insert("lastPasswordChangeDateTime".into(), json!(at));
        entity.insert("signInSessionsValidFromDateTime".into(), json!(at));
    }
    if let Some(at) = later(&edit.revoked) {
        entity.insert("signInSessionsValidFromDateTime".into(), json!(at));
    }
    let forced = edit.force.filter(|(at, ..)| *at <= seen);
    let behind = edit.premises_force.is_some_and(|at| at <= sync.last(now));
    if forced.is_some() || behind {
        let (change, mfa) = forced.map_or((true, false), |(_, change, mfa)| (change, mfa));
        entity.insert(
            "passwordProfile".into(),
            json!({"forceChangePasswordNextSignIn": change, "forceChangePasswordNextSignInWithMfa": mfa, "password": null}),
        );
    }
}

fn whole(at: Timestamp) -> String {
    Stamp::from(at).whole_second().to_string()
}

/// What synchronization changed: when, whom, what it made of the account (none: only the password's flag).
pub(crate) fn synchronized(tenant: &Tenant) -> Vec<(Timestamp, usize, Option<bool>)> {
    let (now, sync) = (tenant.clock.told(), Sync::of(tenant));
    let world = tenant.world();
    let accounts = locked(&tenant.response.accounts);
    let mut all = Vec::new();
    for (user, edit) in &accounts.edits {
        let row = world.user_row(*user);
        if !row.synced {
            continue;
        }
        let written = edit.cloud.iter().chain(&edit.premises).map(|(at, _)| *at);
        let mut ticks: Vec<Timestamp> = written.map(|at| sync.next(at)).collect();
        ticks.sort_unstable();
        ticks.dedup();
        for tick in ticks.into_iter().filter(|t| *t <= now) {
            let just = SignedDuration::from_nanos(1);
            let before = tick.saturating_sub(just).unwrap_or(tick);
            let at = |when| enabled_at(edit, row.enabled, true, sync, when, SignedDuration::ZERO);
            if at(before) != at(tick) {
                all.push((tick, *user, Some(at(tick))));
            }
        }
        if let Some(tick) = edit
            .premises_force
            .map(|at| sync.next(at))
            .filter(|t| *t <= now)
        {
            all.push((tick, *user, None));
        }
    }
    all.sort_by_key(|(at, user, _)| (*at, *user));
    all
}

/// Where a delta query stands, and users changed since another such place.
pub(crate) fn changes(tenant: &Tenant, since: Option<(usize, i64)>) -> (usize, Vec<usize>) {
    let by_sync: Vec<usize> = match since {
        None => Vec::new(),
        Some((_, ms)) => synchronized(tenant)
            .into_iter()
            .filter(|(at, ..)| at.as_millisecond() > ms)
            .map(|(_, user, _)| user)
            .collect(),
    };
    let accounts = locked(&tenant.response.accounts);
    let from = since.map_or(accounts.log.len(), |(n, _)| n);
    let mut users: Vec<usize> = accounts
        .log
        .iter()
        .skip(from)
        .copied()
        .chain(by_sync)
        .collect();
    users.sort_unstable();
    users.dedup();
    (accounts.log.len(), users)
}

/// Words on a user's risk that took effect by now, oldest first, and whether another is being worked on.
pub(crate) fn risk(tenant: &Tenant, user: usize) -> (Vec<Said>, bool) {
    let lag = tenant.settings().risk_lag();
    let now = tenant.clock.told();
    let accounts = locked(&tenant.response.accounts);
    let all = accounts.edits.get(&user).map_or(&[][..], |e| &e.risk);
    let done = |said: &&Said| now.duration_since(said.at) >= lag;
    let effective: Vec<Said> = all.iter().filter(done).cloned().collect();
    let working = effective.len() < all.len();
    let moved = effective
        .into_iter()
        .map(|said| Said {
            at: said.at.saturating_add(lag).unwrap_or(said.at),
            ..said
        })
        .collect();
    (moved, working)
}

/// Users on whose risk something was said.
pub(crate) fn judged(tenant: &Tenant) -> Vec<usize> {
    let accounts = locked(&tenant.response.accounts);
    let mut users: Vec<usize> = accounts
        .edits
        .iter()
        .filter(|(_, e)| !e.risk.is_empty())
        .map(|(u, _)| *u)
        .collect();
    users.sort_unstable();
    users
}

/// A line of the directory's audit.
pub(crate) struct Line<'a> {
    pub activity: &'a str,
    pub category: &'a str,
    pub service: &'a str,
    /// The property that changed, before and after.
    pub change: Option<(&'a str, Value, Value)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_synced_account_flips_back_and_an_unsynced_one_does_not() {
        let sync = Sync {
            first: at("2026-08-20T11:43:00Z"),
            interval: SignedDuration::from_mins(30),
        };
        let edit = Edit {
            cloud: vec![(at("2026-08-20T12:00:00Z"), false)],
            ..Edit::default()
        };
        let lag = SignedDuration::from_secs(2);
        let read = |when, synced| enabled_at(&edit, true, synced, sync, at(when), lag);
        assert!(read("2026-08-20T12:00:01Z", true), "not read yet");
        assert!(!read("2026-08-20T12:00:02Z", true));
        assert!(!read("2026-08-20T12:12:59Z", true));
        assert!(read("2026-08-20T12:13:00Z", true), "synchronized");
        assert!(!read("2026-08-20T13:13:00Z", false));
        let edit = Edit {
            premises: vec![(at("2026-08-20T12:01:00Z"), false)],
            ..edit
        };
        let read = |when| enabled_at(&edit, true, true, sync, at(when), lag);
        assert!(!read("2026-08-20T12:20:00Z"), "off in both");
    }
}
