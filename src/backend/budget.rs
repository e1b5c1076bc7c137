//! How many calls we allow ourselves, as pure functions of state and now.
//!
//! The documented limits hold for an application in a tenant, over all its instances. Background work starts at a quarter
//! of a limit, and grows to a half where nobody else seems to be; people's reads have a half; confirmed writes may draw on all of it. A call counts against its own lane and
//! the more modest ones, so what a person asks for takes from the background and never the other way round.

use crate::model::Service;
use std::time::Duration;

/// For whom a call is made; later members go ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Fills and polls.
    Background,
    /// Somebody looks at the place where the answer will stand.
    Person,
    /// A confirmed write and the reads that belong to it.
    Write,
}

const CLASSES: [Class; 3] = [Class::Background, Class::Person, Class::Write];

/// A part of a service with limits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Surface {
    /// Graph `/security`.
    Security,
    /// Identity Protection: one call a second for the whole tenant.
    Risk,
    /// Sign-ins and directory audits.
    Reports,
    /// Users, groups, devices, organization; counted in units.
    Directory,
    /// One endpoint of the Defender API.
    Defender(&'static str),
    /// Advanced hunting over Graph: so many calls a minute for the whole tenant.
    Hunting,
    /// Log Analytics, for a person.
    Workspaces,
    /// Data Explorer, whose clusters have limits of their own.
    Clusters,
    /// Cloud Apps: so many calls a minute for the whole tenant.
    CloudApps,
    /// The Office 365 activity feed.
    Activity,
}

/// So many units in so much time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Limit {
    units: f64,
    per: Duration,
}

const fn limit(units: f64, seconds: u64) -> Limit {
    Limit {
        units,
        per: Duration::from_secs(seconds),
    }
}

/// Endpoints of the Defender API with a limit of their own; the path's words with `{}` for ids.
const ENDPOINTS: &[(&str, &[Limit])] = &[
    ("machines", MDE),
    ("machines/{}", MDE),
    ("machines/{}/alerts", MDE),
    ("machines/{}/logonusers", MDE),
    ("machines/{}/software", MDE),
    ("machines/{}/recommendations", MDE),
    (
        "machines/{}/vulnerabilities",
        &[limit(50.0, 60), limit(1500.0, 3600)],
    ),
    ("alerts", MDE),
    ("alerts/{}", MDE),
    ("alerts/batchUpdate", &[limit(10.0, 60), limit(500.0, 3600)]),
    ("machines/{}/tags", MDE),
    ("machines/{}/setDeviceValue", MDE),
    ("machines/{}/isolate", MDE),
    ("machines/{}/unisolate", MDE),
    ("machines/{}/runAntiVirusScan", MDE),
    ("machines/{}/restrictCodeExecution", MDE),
    ("machines/{}/unrestrictCodeExecution", MDE),
    ("machines/{}/collectInvestigationPackage", MDE),
    ("machines/{}/StopAndQuarantineFile", MDE),
    ("machineactions", MDE),
    ("machineactions/{}", MDE),
    ("machineactions/{}/cancel", MDE),
    (
        "machineactions/{}/getPackageUri",
        &[limit(2.0, 60), limit(120.0, 3600)],
    ),
    ("indicators", MDE),
    ("indicators/{}", MDE),
    ("indicators/import", &[limit(30.0, 60)]),
    ("indicators/BatchDelete", &[limit(30.0, 60)]),
    ("users/{}/machines", MDE),
    ("users/{}/alerts", MDE),
];
const MDE: &[Limit] = &[limit(100.0, 60), limit(1500.0, 3600)];
const SECURITY: &[Limit] = &[limit(150.0, 60)];
const RISK: &[Limit] = &[limit(1.0, 1)];
const REPORTS: &[Limit] = &[limit(5.0, 10)];
const HUNTING: &[Limit] = &[limit(45.0, 60)];
const WORKSPACES: &[Limit] = &[limit(200.0, 30)];
const CLUSTERS: &[Limit] = &[limit(120.0, 60)];
const CLOUD_APPS: &[Limit] = &[limit(30.0, 60)];
/// The baseline; large tenants have more.
const ACTIVITY: &[Limit] = &[limit(2000.0, 60)];
/// Of the smallest tenants.
const DIRECTORY: &[Limit] = &[limit(3500.0, 10)];

impl Surface {
    /// Where a path below the service's root belongs.
    pub fn of(service: Service, path: &str) -> Self {
        let words: Vec<&str> = path.split('/').filter(|w| !w.is_empty()).collect();
        match service {
            Service::Graph => match words.first() {
                Some(w) if w.eq_ignore_ascii_case("security") => match words.get(1) {
                    Some(w) if w.eq_ignore_ascii_case("runHuntingQuery") => Self::Hunting,
                    _ => Self::Security,
                },
                Some(w) if w.eq_ignore_ascii_case("identityProtection") => Self::Risk,
                Some(w) if w.eq_ignore_ascii_case("auditLogs") => Self::Reports,
                _ => Self::Directory,
            },
            Service::Defender => Self::Defender(
                ENDPOINTS
                    .iter()
                    .map(|(name, _)| *name)
                    .filter(|name| {
                        let pattern: Vec<&str> = name.split('/').collect();
                        pattern.len() == words.len()
                            && pattern
                                .iter()
                                .zip(&words)
                                .all(|(p, w)| *p == "{}" || p.eq_ignore_ascii_case(w))
                    })
                    // a literal word is nearer than `{}`
                    .min_by_key(|name| name.matches("{}").count())
                    .unwrap_or("other"),
            ),
            Service::LogAnalytics => Self::Workspaces,
            Service::Explorer => Self::Clusters,
            Service::CloudApps => Self::CloudApps,
            Service::Office => Self::Activity,
        }
    }

    fn limits(self) -> &'static [Limit] {
        match self {
            Self::Security => SECURITY,
            Self::Risk => RISK,
            Self::Reports => REPORTS,
            Self::Directory => DIRECTORY,
            Self::Hunting => HUNTING,
            Self::Workspaces => WORKSPACES,
            Self::Clusters => CLUSTERS,
            Self::CloudApps => CLOUD_APPS,
            Self::Activity => ACTIVITY,
            Self::Defender(name) => ENDPOINTS
                .iter()
                .find(|(n, _)| *n == name)
                .map_or(MDE, |(_, limits)| limits),
        }
    }

    /// The units of a call: directory reads of collections cost two, the rest one.
    pub fn cost(self, path: &str) -> f64 {
        match self {
            Self::Directory if path.starts_with("/users") => 2.0,
            _ => 1.0,
        }
    }
}

/// One limit, and what is left of it for each class.
#[derive(Clone, Debug, PartialEq)]
struct Lane {
    limit: Limit,
    left: [f64; 3],
}

/// What is left of a surface's limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    lanes: Vec<Lane>,
    /// Multiplies every limit; 1 but for simulators that do not throttle.
    scale: f64,
    /// Background's part of its quarter: grows to twice that in a minute, halved by every refusal and then slow to grow.
    pace: f64,
    /// Refused or warned before: others share the limit.
    shared: bool,
    at: Duration,
    /// The service asked us to wait until then.
    closed_until: Duration,
}

impl Budget {
    pub fn new(surface: Surface, scale: f64, now: Duration) -> Self {
        let scale = if scale.is_finite() && scale > 0.0 {
            scale
        } else {
            1.0
        };
        let mut this = Self {
            lanes: surface
                .limits()
                .iter()
                .map(|&limit| Lane {
                    limit,
                    left: [0.0; 3],
                })
                .collect(),
            scale,
            pace: 1.0,
            shared: false,
            at: now,
            closed_until: Duration::ZERO,
        };
        for at in 0..this.lanes.len() {
            for class in CLASSES {
                this.lanes[at].left[class as usize] = this.cap(&this.lanes[at], class);
            }
        }
        this
    }

    fn share(&self, class: Class) -> f64 {
        match class {
            Class::Background => 0.25 * self.pace,
            Class::Person => 0.5,
            Class::Write => 1.0,
        }
    }

    /// What can be saved up: the class's share of one period, one call at least.
    fn cap(&self, lane: &Lane, class: Class) -> f64 {
        (lane.limit.units * self.scale * self.share(class)).max(1.0)
    }

    /// What can be saved up at the slowest pace: more than this no single call may need, or it might wait for ever.
    fn least_cap(&self, lane: &Lane, class: Class) -> f64 {
        let share = match class {
            Class::Background => 0.25 * 0.125,
            other => self.share(other),
        };
        (lane.limit.units * self.scale * share).max(1.0)
    }

    fn rate(&self, lane: &Lane, class: Class) -> f64 {
        lane.limit.units * self.scale * self.share(class) / lane.limit.per.as_secs_f64()
    }

    fn refill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.at = self.at.max(now);
        let (growth, most) = if self.shared {
            (600.0, 1.0)
        } else {
            (60.0, 2.0)
        };
        self.pace = (self.pace + passed / growth).min(self.pace.max(most));
        let mut lanes = std::mem::take(&mut self.lanes);
        for lane in &mut lanes {
            for class in CLASSES {
                let full = self.cap(lane, class);
                let more = lane.left[class as usize] + passed * self.rate(lane, class);
                lane.left[class as usize] = more.min(full);
            }
        }
        self.lanes = lanes;
    }

    /// Takes the units of one call, or says how long to wait before asking again.
    pub fn take(&mut self, now: Duration, class: Class, cost: f64) -> Result<(), Duration> {
        self.refill(now);
        if now < self.closed_until {
            return Err(self.closed_until - now);
        }
        let mut wait = 0.0f64;
        for lane in &self.lanes {
            let need = cost.min(self.least_cap(lane, class));
            let short = need - lane.left[class as usize];
            if short > 1e-9 {
                wait = wait.max(short / self.rate(lane, class));
            }
        }
        if wait > 0.0 {
            return Err(Duration::from_secs_f64(wait.min(3600.0)) + Duration::from_millis(1));
        }
        let mut lanes = std::mem::take(&mut self.lanes);
        for lane in &mut lanes {
            for lower in CLASSES.into_iter().filter(|c| *c <= class) {
                let floor = -self.cap(lane, lower);
                let left = &mut lane.left[lower as usize];
                *left = (*left - cost).max(floor);
            }
        }
        self.lanes = lanes;
        Ok(())
    }

    /// The service refused for too many calls: nobody asks before `wait` is over, and the background slows down.
    pub fn refused(&mut self, now: Duration, wait: Duration) {
        self.refill(now);
        self.closed_until = self.closed_until.max(now + wait);
        self.shared = true;
        self.pace = (self.pace / 2.0).clamp(0.125, 1.0);
    }

    /// The service warned that its quota is nearly used up.
    pub fn warned(&mut self, now: Duration) {
        self.refill(now);
        self.shared = true;
        self.pace = (self.pace * 0.75).clamp(0.125, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn in_an_hour(surface: Surface, class: Class) -> u32 {
        let mut b = Budget::new(surface, 1.0, Duration::ZERO);
        let (mut now, mut calls) = (Duration::ZERO, 0);
        while now < Duration::from_secs(3600) {
            match b.take(now, class, 1.0) {
                Ok(()) => calls += 1,
                Err(wait) => now += wait,
            }
        }
        calls
    }

    #[test]
    fn each_class_keeps_to_its_share() {
        // 150 a minute is 9,000 an hour; a full bucket comes on top
        let hour = |c| in_an_hour(Surface::Security, c);
        assert!((4_400..=4_600).contains(&hour(Class::Background)));
        assert!((4_450..=4_600).contains(&hour(Class::Person)));
        assert!((8_900..=9_200).contains(&hour(Class::Write)));
        // of two limits the tighter one holds: 1,500 an hour
        assert!((700..=1_200).contains(&in_an_hour(
            Surface::Defender("machines"),
            Class::Background
        )));
    }

    #[test]
    fn people_go_ahead_of_the_background_and_writes_ahead_of_both() {
        let mut b = Budget::new(Surface::Security, 1.0, Duration::ZERO);
        while b.take(Duration::ZERO, Class::Background, 1.0).is_ok() {}
        assert!(b.take(Duration::ZERO, Class::Person, 1.0).is_ok());
        while b.take(Duration::ZERO, Class::Person, 1.0).is_ok() {}
        assert!(b.take(Duration::ZERO, Class::Write, 1.0).is_ok());
        assert!(
            b.take(Duration::from_secs(5), Class::Background, 1.0)
                .is_err(),
            "people's calls are taken from the background"
        );
    }

    #[test]
    fn a_refusal_closes_the_surface_and_slows_the_background() {
        let mut b = Budget::new(Surface::Security, 1.0, Duration::ZERO);
        b.refused(Duration::ZERO, Duration::from_secs(7));
        assert_eq!(
            b.take(Duration::ZERO, Class::Write, 1.0),
            Err(Duration::from_secs(7))
        );
        assert!(b.take(Duration::from_secs(7), Class::Write, 1.0).is_ok());
        assert!(b.pace < 0.6);
        b.refill(Duration::from_secs(700));
        assert_eq!(b.pace, 1.0);
    }

    #[test]
    fn paths_find_their_surface() {
        let of = Surface::of;
        assert_eq!(
            of(Service::Graph, "/security/incidents/7"),
            Surface::Security
        );
        assert_eq!(
            of(Service::Graph, "/auditLogs/directoryaudits"),
            Surface::Reports
        );
        assert_eq!(
            of(Service::Graph, "/identityProtection/riskyUsers/x"),
            Surface::Risk
        );
        assert_eq!(of(Service::Graph, "/users/x/memberOf"), Surface::Directory);
        assert_eq!(
            of(Service::Defender, "/machines/ab/vulnerabilities"),
            Surface::Defender("machines/{}/vulnerabilities")
        );
        assert_eq!(
            of(Service::Defender, "/alerts/batchUpdate"),
            Surface::Defender("alerts/batchUpdate")
        );
        assert_eq!(
            of(Service::Defender, "/files/x"),
            Surface::Defender("other")
        );
    }

    proptest! {
        #[test]
        fn an_honoured_wait_is_enough_and_no_lane_overflows(steps in proptest::collection::vec((0u8..3, 0u64..4_000, 1u8..4), 1..200)) {
            let mut b = Budget::new(Surface::Reports, 1.0, Duration::ZERO);
            let mut now = Duration::ZERO;
            for (class, pause, cost) in steps {
                now += Duration::from_millis(pause);
                let class = CLASSES[class as usize];
                if let Err(wait) = b.take(now, class, cost.into()) {
                    let mut later = b.clone();
                    prop_assert!(later.take(now + wait, class, cost.into()).is_ok());
                }
                for lane in &b.lanes {
                    for c in CLASSES {
                        let (left, cap) = (lane.left[c as usize], b.cap(lane, c));
                        prop_assert!(left <= cap + 1e-6 && left >= -cap - 1e-6);
                    }
                }
            }
        }
    }
}
