//! Who and what an alert is about, both ways, without telling its story each time.
//!
//! A scene always uses the same slots of its cast, so playing each scene once tells which: after that, the people and machines of
//! any alert are a matter of casting. The indexes from user and machine to alerts are built on first use.

use super::World;
use super::frame::Frame;
use super::stamp::Stamp;
use super::story::{Severity, Spec, Truth, attacks, noises, specials};
use std::collections::HashMap;

/// The slots that a scene uses, a bit each; the slot whose user signs in, if any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Touched {
    pub machines: u8,
    pub users: u8,
    pub signs_in: bool,
}

/// (user or machine, ordinal of the alert), sorted.
#[derive(Debug, Default)]
pub struct Links {
    pub users: Vec<(u32, u32)>,
    pub machines: Vec<(u32, u32)>,
    /// Machines with open alerts and the worst of them, sorted by machine.
    risks: Vec<(u32, Severity)>,
}

fn of(list: &[(u32, u32)], who: usize) -> impl Iterator<Item = u32> + '_ {
    let who = who as u32;
    let from = list.partition_point(|(w, _)| *w < who);
    list[from..]
        .iter()
        .take_while(move |(w, _)| *w == who)
        .map(|(_, ordinal)| *ordinal)
}

fn key(spec: &'static Spec) -> usize {
    std::ptr::from_ref(spec).addr()
}

impl World {
    /// What a scene uses.
    pub(super) fn touched(&self, spec: &'static Spec) -> Touched {
        let all = self.touches.get_or_init(|| {
            let mut all = HashMap::new();
            for template in attacks().iter().chain(noises()).copied().chain(specials()) {
                let frame = Frame::sample(template, self.now);
                for (spec, touched) in template.specs.iter().zip(self.rehearse(&frame)) {
                    all.insert(key(spec), touched);
                }
            }
            all
        });
        all.get(&key(spec)).copied().unwrap_or_default()
    }

    /// Machines and users of an alert.
    pub(super) fn alert_cast(&self, frame: &Frame, k: usize) -> (Vec<usize>, Vec<usize>) {
        let (spec, repeat) = frame.spec(k);
        let touched = self.touched(spec);
        let slots = |mask: u8| (0..8usize).filter(move |slot| mask >> slot & 1 == 1);
        let again = |slot: usize| if slot == 0 { repeat } else { 0 };
        let machines = slots(touched.machines)
            .filter_map(|slot| self.cast_machine(frame, slot, again(slot)))
            .collect();
        let users = slots(touched.users)
            .filter_map(|slot| self.cast_user(frame, slot, again(slot)))
            .collect();
        (machines, users)
    }

    fn links(&self) -> &Links {
        self.links.get_or_init(|| {
            let mut links = Links::default();
            let mut worst: HashMap<u32, Severity> = HashMap::new();
            for rank in 0..self.incident_count() {
                let frame = self.frame(rank);
                if frame.alerts() == 0 {
                    continue;
                }
                let flow = self.flow(&frame);
                for k in 0..frame.alerts() {
                    let ordinal = frame.ordinal(k) as u32;
                    let (machines, users) = self.alert_cast(&frame, k);
                    links
                        .users
                        .extend(users.into_iter().map(|u| (u as u32, ordinal)));
                    let open = self.alert_flow(&frame, &flow, k).status != "resolved";
                    for machine in machines {
                        links.machines.push((machine as u32, ordinal));
                        if open {
                            let severity = frame.spec(k).0.severity;
                            worst
                                .entry(machine as u32)
                                .and_modify(|s| *s = severity.max(*s))
                                .or_insert(severity);
                        }
                    }
                }
            }
            for list in [&mut links.users, &mut links.machines] {
                list.sort_unstable();
                list.dedup();
            }
            links.risks = worst.into_iter().collect();
            links.risks.sort_unstable_by_key(|(machine, _)| *machine);
            links
        })
    }

    /// The worst severity among the open alerts of a machine.
    pub(super) fn open_risk(&self, machine: usize) -> Option<Severity> {
        let risks = &self.links().risks;
        let at = risks
            .binary_search_by_key(&(machine as u32), |(m, _)| *m)
            .ok()?;
        Some(risks[at].1)
    }

    /// Indexes of the alerts of a machine, newest first.
    pub fn machine_alerts(&self, i: usize) -> Vec<usize> {
        self.places(of(&self.links().machines, i))
    }

    /// Indexes of the alerts that involve a user, newest first.
    pub fn user_alerts(&self, i: usize) -> Vec<usize> {
        self.places(of(&self.links().users, i))
    }

    /// Indexes of the incidents that involve a user, newest first.
    pub fn user_incidents(&self, i: usize) -> Vec<usize> {
        let mut ranks: Vec<usize> = self
            .user_frames(i)
            .map(|(frame, _)| frame.rank as usize)
            .collect();
        ranks.sort_unstable();
        ranks.dedup();
        ranks
    }

    /// Frames and places of the alerts that involve a user.
    pub(super) fn user_frames(&self, user: usize) -> impl Iterator<Item = (Frame, usize)> + '_ {
        of(&self.links().users, user)
            .filter_map(|ordinal| self.alert_place(ordinal))
            .map(|(rank, k)| (self.frame(rank), k))
    }

    /// Frame and place of every alert that involves some user, with the user.
    pub(super) fn all_user_frames(&self) -> impl Iterator<Item = (usize, Frame, usize)> + '_ {
        self.links().users.iter().filter_map(|&(user, ordinal)| {
            let (rank, k) = self.alert_place(ordinal)?;
            Some((user as usize, self.frame(rank), k))
        })
    }

    /// Applications that a user was talked into.
    pub(super) fn consented(&self, user: usize) -> Vec<usize> {
        let fell = self.user_frames(user).any(|(frame, _)| {
            frame.template.name == "consent-phish" && frame.template.truth == Truth::Attack
        });
        if fell {
            vec![super::apps::CONSENT_PHISH]
        } else {
            vec![]
        }
    }

    /// Sign-ins of a user that belong to stories: rank, number there, time.
    pub(super) fn story_sign_ins(&self, user: usize) -> Vec<(u32, u16, Stamp)> {
        let mut all = Vec::new();
        for (frame, k) in self.user_frames(user) {
            if !self.touched(frame.spec(k).0).signs_in {
                continue;
            }
            for (at, who, sign_in) in self.alert_sign_ins(&frame, k) {
                if who == user {
                    all.push((frame.rank, sign_in.n, at));
                }
            }
        }
        all
    }
}
