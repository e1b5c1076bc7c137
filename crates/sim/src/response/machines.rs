//! What was done to machines: actions with their course, tags, device values. What a machine is like now is worked out from them.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::course::{Course, End, PATIENCE, Verb};

/// One action.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub id: String,
    pub verb: Verb,
    /// Index of the machine.
    pub machine: usize,
    pub requestor: String,
    /// `Portal` or `PublicApi`.
    pub source: &'static str,
    pub comment: String,
    pub external: Option<String>,
    pub scope: Option<String>,
    pub sha1: Option<String>,
    pub created: Timestamp,
    pub course: Course,
    pub cancel: Option<Cancel>,
    /// Some answers call the last change `lastUpdateTimeUtc`.
    pub odd: bool,
}

/// Somebody asked to call it off.
#[derive(Clone, Debug)]
pub(crate) struct Cancel {
    pub by: String,
    pub comment: String,
    pub at: Timestamp,
    /// It had not begun yet.
    pub in_time: bool,
}

/// Where an action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    pub status: &'static str,
    pub changed: Timestamp,
    pub error: i64,
    pub end: Option<End>,
}

fn later(at: Timestamp, ms: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_millis(ms))
        .unwrap_or(at)
}

impl Action {
    /// Its state at an instant.
    pub fn at(&self, now: Timestamp) -> Now {
        if let Some(cancel) = self.cancel.as_ref().filter(|c| c.in_time) {
            return Now {
                status: End::Cancelled.name(),
                changed: cancel.at,
                error: End::Cancelled.error(),
                end: Some(End::Cancelled),
            };
        }
        let ended = later(self.created, self.course.ends);
        let begun = self.course.begins.map(|ms| later(self.created, ms));
        if now >= ended {
            return Now {
                status: self.course.end.name(),
                changed: ended,
                error: self.course.error,
                end: Some(self.course.end),
            };
        }
        let (status, changed) = match begun.filter(|at| now >= *at) {
            Some(at) => ("InProgress", at),
            None => ("Pending", self.created),
        };
        Now {
            status,
            changed,
            error: 0,
            end: None,
        }
    }

    /// When it succeeded, if it has by then.
    pub fn succeeded(&self, now: Timestamp) -> Option<Timestamp> {
        let state = self.at(now);
        (state.end == Some(End::Succeeded)).then_some(state.changed)
    }
}

/// What the finished actions have made of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// With the scope of the isolation.
    pub isolated: Option<String>,
    pub restricted: bool,
    pub offboarded: bool,
}

impl Standing {
    /// `MitigationStatus` as the hunting table `DeviceInfo` holds it: JSON as text, empty where there is nothing.
    pub fn mitigation(&self) -> String {
        match (self.isolated.is_some(), self.restricted) {
            (false, false) => String::new(),
            (true, false) => r#"{"Isolated":"true"}"#.to_owned(),
            (false, true) => r#"{"RestrictedCodeExecution":"true"}"#.to_owned(),
            (true, true) => r#"{"Isolated":"true","RestrictedCodeExecution":"true"}"#.to_owned(),
        }
    }
}

/// All actions of the tenant, oldest first, and what was written on machines.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub actions: Vec<Action>,
    /// The past was entered.
    pub opened: bool,
    pub tags: HashMap<usize, Vec<String>>,
    pub values: HashMap<usize, &'static str>,
    /// Links to packages that were handed out: the action, and until when.
    pub links: HashMap<String, (String, Timestamp)>,
}

impl Book {
    pub fn find(&self, id: &str) -> Option<&Action> {
        self.actions.iter().find(|a| a.id.eq_ignore_ascii_case(id))
    }

    pub fn find_mut(&mut self, id: &str) -> Option<&mut Action> {
        self.actions
            .iter_mut()
            .find(|a| a.id.eq_ignore_ascii_case(id))
    }

    /// An action of the same kind on the same machine that is not over.
    pub fn running(&self, machine: usize, verb: Verb, now: Timestamp) -> Option<&Action> {
        self.actions
            .iter()
            .rev()
            .find(|a| a.machine == machine && a.verb == verb && a.at(now).end.is_none())
    }

    /// What a machine is like at an instant. What finished last counts, not what was asked last: an isolation that comes through after a
    /// release leaves the machine isolated.
    pub fn standing(&self, machine: usize, now: Timestamp) -> Standing {
        let mut done: Vec<(Timestamp, usize, &Action)> = self
            .actions
            .iter()
            .enumerate()
            .filter(|(_, a)| a.machine == machine)
            .filter_map(|(n, a)| Some((a.succeeded(now)?, n, a)))
            .collect();
        done.sort_by_key(|(at, n, _)| (*at, *n));
        let mut standing = Standing::default();
        for (_, _, action) in done {
            match action.verb {
                Verb::Isolate => {
                    standing.isolated =
                        Some(action.scope.clone().unwrap_or_else(|| "Full".to_owned()));
                }
                Verb::Unisolate => standing.isolated = None,
                Verb::Restrict => standing.restricted = true,
                Verb::Unrestrict => standing.restricted = false,
                Verb::Offboard => standing.offboarded = true,
                Verb::Scan | Verb::Collect | Verb::Quarantine => {}
            }
        }
        standing
    }

    /// Machines contained without being onboarded.
    pub fn contained(&self, now: Timestamp) -> usize {
        let mut machines: Vec<usize> = self
            .actions
            .iter()
            .filter(|a| a.scope.as_deref() == Some("UnManagedDevice"))
            .map(|a| a.machine)
            .collect();
        machines.sort_unstable();
        machines.dedup();
        machines
            .into_iter()
            .filter(|m| self.standing(*m, now).isolated.is_some())
            .count()
    }
}

/// An action that was over before the simulator started.
pub(crate) fn over(end: End, took: i64) -> Course {
    let ends = if end == End::TimeOut { PATIENCE } else { took };
    Course {
        begins: (end != End::TimeOut).then_some(took / 3),
        ends,
        end,
        error: end.error(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(verb: Verb, created: &str, begins: i64, ends: i64) -> Action {
        Action {
            id: format!("{verb:?}{created}"),
            verb,
            machine: 1,
            requestor: "ana@contoso.com".into(),
            source: "PublicApi",
            comment: "x".into(),
            external: None,
            scope: None,
            sha1: None,
            created: created.parse().unwrap(),
            course: Course {
                begins: Some(begins * 1000),
                ends: ends * 1000,
                end: End::Succeeded,
                error: 0,
            },
            cancel: None,
            odd: false,
        }
    }

    #[test]
    fn an_isolation_that_finishes_after_the_release_leaves_the_machine_isolated() {
        let book = Book {
            actions: vec![
                action(Verb::Isolate, "2026-08-20T12:00:00Z", 1, 5),
                action(Verb::Isolate, "2026-08-20T12:01:00Z", 1, 600),
                action(Verb::Unisolate, "2026-08-20T12:02:00Z", 1, 5),
            ],
            ..Book::default()
        };
        let at = |text: &str| book.standing(1, text.parse().unwrap()).isolated.is_some();
        assert!(!at("2026-08-20T12:00:04Z"));
        assert!(at("2026-08-20T12:00:06Z"));
        assert!(!at("2026-08-20T12:03:00Z"));
        assert!(at("2026-08-20T12:20:00Z"));
    }

    #[test]
    fn the_course_is_read_from_the_clock() {
        let one = action(Verb::Scan, "2026-08-20T12:00:00Z", 10, 60);
        let at = |text: &str| one.at(text.parse().unwrap()).status;
        assert_eq!(at("2026-08-20T12:00:09Z"), "Pending");
        assert_eq!(at("2026-08-20T12:00:10Z"), "InProgress");
        assert_eq!(at("2026-08-20T12:01:00Z"), "Succeeded");
    }
}
