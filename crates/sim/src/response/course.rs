//! The course of a machine action: how long it waits, how long it runs, how it ends.

use serde::Deserialize;

use crate::world::dice::Dice;

/// What can be done to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Isolate,
    Unisolate,
    Scan,
    Restrict,
    Unrestrict,
    Collect,
    Quarantine,
    Offboard,
}

impl Verb {
    /// As the entity's `type` writes it.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Isolate => "Isolate",
            Verb::Unisolate => "Unisolate",
            Verb::Scan => "RunAntiVirusScan",
            Verb::Restrict => "RestrictCodeExecution",
            Verb::Unrestrict => "UnrestrictCodeExecution",
            Verb::Collect => "CollectInvestigationPackage",
            Verb::Quarantine => "StopAndQuarantineFile",
            Verb::Offboard => "Offboard",
        }
    }

    /// The permission that starts it.
    pub fn permission(self) -> &'static [&'static [&'static str]] {
        match self {
            Verb::Isolate | Verb::Unisolate => &[&["Machine.Isolate"]],
            Verb::Scan => &[&["Machine.Scan"]],
            Verb::Restrict | Verb::Unrestrict => &[&["Machine.RestrictExecution"]],
            Verb::Collect => &[&["Machine.CollectForensics"]],
            Verb::Quarantine => &[&["Machine.StopAndQuarantine"]],
            Verb::Offboard => &[&["Machine.Offboard"]],
        }
    }

    /// Seconds it waits and seconds it runs, each from-to (assumed: no page gives a figure).
    fn times(self, scope: Option<&str>) -> ((i64, i64), (i64, i64)) {
        match self {
            Verb::Isolate | Verb::Unisolate => ((5, 20), (15, 60)),
            Verb::Scan if scope == Some("Full") => ((5, 20), (1_200, 3_600)),
            Verb::Scan => ((5, 20), (120, 420)),
            Verb::Restrict | Verb::Unrestrict => ((5, 15), (10, 40)),
            Verb::Collect => ((10, 30), (120, 300)),
            Verb::Quarantine => ((5, 15), (10, 45)),
            Verb::Offboard => ((30, 90), (20, 60)),
        }
    }
}

/// How an action ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum End {
    #[default]
    Succeeded,
    Failed,
    TimeOut,
    Cancelled,
}

impl End {
    pub fn name(self) -> &'static str {
        match self {
            End::Succeeded => "Succeeded",
            End::Failed => "Failed",
            End::TimeOut => "TimeOut",
            End::Cancelled => "Cancelled",
        }
    }

    /// `errorHResult`: 0 is fine.
    pub fn error(self) -> i64 {
        match self {
            End::Succeeded => 0,
            End::Failed => -2_147_024_894,
            End::TimeOut => -2_145_844_840,
            End::Cancelled => -2_147_467_260,
        }
    }
}

/// What a scenario wants of an action; all of it may be missing. Times in seconds of the tenant.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Wish {
    /// How it ends.
    pub end: Option<End>,
    /// How long it waits.
    pub pending: Option<i64>,
    /// How long it runs.
    pub running: Option<i64>,
    /// The device is not reachable now.
    #[serde(default)]
    pub offline: bool,
    /// An unreachable device comes back after so long.
    pub back_after: Option<i64>,
    /// `errorHResult` instead of the usual one.
    pub error: Option<i64>,
}

/// An unreachable device is waited for as long as this, then no more.
pub(crate) const PATIENCE: i64 = 72 * 3_600_000;

/// Milliseconds from the request to the beginning and to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Course {
    /// None: never begins.
    pub begins: Option<i64>,
    pub ends: i64,
    pub end: End,
    pub error: i64,
}

impl Course {
    /// The course of an action on a device that is reachable or not. `pace` stretches what was not wished for.
    pub fn of(
        verb: Verb,
        scope: Option<&str>,
        online: bool,
        wish: &Wish,
        pace: f64,
        dice: &mut Dice,
    ) -> Self {
        let ((w0, w1), (r0, r1)) = verb.times(scope);
        let stretched = |seconds: i64| (seconds as f64 * 1000.0 * pace) as i64;
        let wait = stretched(dice.range(w0, w1));
        let run = stretched(dice.range(r0, r1));
        let ms = |seconds: i64| seconds.saturating_mul(1000).max(0);
        let away = wish.offline || !online;
        let back = wish.back_after.map(ms);
        let end = wish.end.unwrap_or_default();
        let begins = match (wish.pending.map(ms), away, back) {
            (Some(at), ..) => Some(at),
            (None, true, Some(back)) => Some(back.saturating_add(wait)),
            (None, true, None) => None,
            (None, false, _) => Some(wait),
        };
        let runs = wish.running.map_or(run, ms);
        let timed_out = Self {
            begins: None,
            ends: PATIENCE,
            end: End::TimeOut,
            error: wish.error.unwrap_or(End::TimeOut.error()),
        };
        match begins {
            Some(begins) if begins < PATIENCE => Self {
                begins: Some(begins),
                // what times out does so when patience ends, unless the scenario says how long it runs
                ends: if end == End::TimeOut && wish.running.is_none() {
                    PATIENCE
                } else {
                    begins.saturating_add(runs)
                },
                end,
                error: wish.error.unwrap_or(end.error()),
            },
            _ => timed_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::dice::Seed;
    use crate::world::dice::Topic;

    fn course(verb: Verb, online: bool, wish: &Wish) -> Course {
        let mut dice = Seed(1).dice(Topic::Misc, 5);
        Course::of(verb, None, online, wish, 1.0, &mut dice)
    }

    #[test]
    fn an_unreachable_device_is_waited_for_three_days() {
        let lost = course(Verb::Isolate, false, &Wish::default());
        assert_eq!(
            (lost.begins, lost.ends, lost.end, lost.error),
            (None, 259_200_000, End::TimeOut, -2_145_844_840)
        );
        let back = Wish {
            back_after: Some(3600),
            ..Wish::default()
        };
        let back = course(Verb::Isolate, false, &back);
        assert!(back.begins.is_some_and(|b| b > 3_600_000));
        assert_eq!(back.end, End::Succeeded);
    }

    #[test]
    fn a_scenario_says_how_it_goes() {
        let wish = Wish {
            end: Some(End::Failed),
            pending: Some(10),
            running: Some(20),
            ..Wish::default()
        };
        let course = course(Verb::Collect, true, &wish);
        assert_eq!((course.begins, course.ends), (Some(10_000), 30_000));
        assert_eq!((course.end, course.error), (End::Failed, -2_147_024_894));
    }
}
